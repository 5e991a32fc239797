/* floor: export */
/* Terminal and CSV: harmless, and the text can be read back. */
#include <xemtrace/export.h>

#include "escaped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(enum export_target target, const uint8_t *data, size_t size)
{
	struct xt_buf out;
	struct xt_buf back;
	struct xt_buf want;
	const char *s;

	xt_buf_init(&out, (size_t)1 << 24);
	xt_buf_init(&back, (size_t)1 << 24);
	xt_buf_init(&want, (size_t)1 << 24);
	assert(export_escape(&out, target, (const char *)data, size, NULL) == XT_OK);
	s = xt_buf_str(&out);
	escaped_is_harmless((const uint8_t *)s, out.len);
	escaped_expected(&want, data, size);
	if (target == EXPORT_CSV) {
		assert(strchr("=+-@", s[0]) == NULL || s[0] == '\0');
		if (s[0] == '\'')
			s++;
	}
	/* Two blanks part the columns of a table: no text has them. */
	if (target == EXPORT_TERMINAL)
		assert(s[0] != ' ' && strstr(s, "  ") == NULL &&
		       (out.len == 0 || s[out.len - 1] != ' '));
	escaped_undo(&back, s);
	escaped_same(&back, &want);
	xt_buf_release(&want);
	xt_buf_release(&back);
	xt_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(EXPORT_TERMINAL, data, size);
	check(EXPORT_CSV, data, size);
	return 0;
}
