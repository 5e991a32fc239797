/* floor: evidence */
/* The explanation of a saved answer: every line has its three texts, paths and values
 * end; what fails says so in the end. */
#include <xemtrace/evidence.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	unsigned lines, failed;
};

static bool each(void *ctx, const struct evidence_line *l)
{
	struct seen *s = ctx;

	assert(l->path != NULL && l->value != NULL && l->meaning != NULL);
	assert(strlen(l->path) < 1024);
	s->lines++;
	s->failed += l->failed;
	return s->lines < 5000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen s = { 0 };
	struct xt_err err = { 0 };
	const enum xt_status rc = evidence_explain(data, size, each, &s, &err);

	assert((rc == XT_OK) == (err.text[0] == '\0'));
	if (rc == XT_OK)
		assert(s.lines > 0 && s.failed == 0);
	if (rc == XT_E_VERIFY)
		assert(s.failed > 0);
	return 0;
}
