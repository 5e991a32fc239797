/* floor: nis */
/* A file of nodes: what was read and is written again reads as the same; an error names
 * file and line, in one line. */
#include <xemtrace/nis.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct nis_file first, second;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xt_buf b;
	struct xt_err err = { 0 };

	if (nis_file_parse(&first, "f", data, size, &err) != XT_OK) {
		assert(strncmp(err.text, "f:", 2) == 0);
		for (const char *c = err.text; *c != '\0'; c++)
			assert((uint8_t)*c >= ' ' && *c != 0x7F);
		return 0;
	}
	assert(first.n <= NIS_FILE_MAX_NODES);
	xt_buf_init(&b, NIS_FILE_MAX_BYTES);
	for (size_t i = 0; i < first.n; i++)
		assert(xt_buf_addf(&b, NULL, "%s %s\n", first.v[i].url,
				   first.v[i].name) == XT_OK);
	assert(nis_file_parse(&second, "f", b.data, b.len, NULL) == XT_OK);
	assert(second.n == first.n);
	for (size_t i = 0; i < first.n; i++) {
		assert(strcmp(first.v[i].url, second.v[i].url) == 0);
		assert(strcmp(first.v[i].name, second.v[i].name) == 0);
	}
	xt_buf_release(&b);
	return 0;
}
