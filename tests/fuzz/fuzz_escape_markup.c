/* floor: export */
/* XML and HTML: no character that opens anything, and the text can be read back. */
#include <xemtrace/export.h>

#include "escaped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void undo_entities(struct xt_buf *out, const char *s)
{
	static const struct {
		const char *entity;
		char c;
	} known[] = { { "&amp;", '&' },
		      { "&lt;", '<' },
		      { "&gt;", '>' },
		      { "&quot;", '"' },
		      { "&#39;", '\'' } };

	while (*s != '\0') {
		size_t i = 0;

		assert(strchr("<>\"'", *s) == NULL);
		if (*s != '&') {
			assert(xt_buf_add(out, s++, 1, NULL) == XT_OK);
			continue;
		}
		while (i < XT_ARRAY_SIZE(known) &&
		       strncmp(s, known[i].entity, strlen(known[i].entity)) != 0)
			i++;
		assert(i < XT_ARRAY_SIZE(known));
		assert(xt_buf_add(out, &known[i].c, 1, NULL) == XT_OK);
		s += strlen(known[i].entity);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum export_target targets[] = { EXPORT_XML, EXPORT_HTML };

	for (size_t i = 0; i < XT_ARRAY_SIZE(targets); i++) {
		struct xt_buf out;
		struct xt_buf text;
		struct xt_buf back;
		struct xt_buf want;

		xt_buf_init(&out, (size_t)1 << 24);
		xt_buf_init(&text, (size_t)1 << 24);
		xt_buf_init(&back, (size_t)1 << 24);
		xt_buf_init(&want, (size_t)1 << 24);
		assert(export_escape(&out, targets[i], (const char *)data, size,
				     NULL) == XT_OK);
		(void)xt_buf_str(&out);
		escaped_is_harmless(out.data, out.len);
		undo_entities(&text, xt_buf_str(&out));
		escaped_undo(&back, xt_buf_str(&text));
		escaped_expected(&want, data, size);
		escaped_same(&back, &want);
		xt_buf_release(&want);
		xt_buf_release(&back);
		xt_buf_release(&text);
		xt_buf_release(&out);
	}
	return 0;
}
