#include <xemtrace/export.h>

#include <string.h>

#include "internal.h"

static enum xt_status put(struct xt_buf *out, uint32_t cp, struct xt_err *err)
{
	char s[4];

	return xt_buf_add(out, s, ex_utf8_put(s, cp), err);
}

/* Marks on one character; Vietnamese and pointed Hebrew have up to three. */
#define MOST_MARKS 8

/* What a spreadsheet reads as the start of a formula; the wide forms too, since some
 * read them the same. */
static bool needs_guard(uint32_t cp)
{
	switch (cp) {
	case '=':
	case '+':
	case '-':
	case '@':
	case '\'': /* so that a guard can be told from what it guards */
	case '\t':
	case '\r':
	case '\n':
	case 0xFF1D:
	case 0xFF0B:
	case 0xFF0D:
	case 0xFF20:
		return true;
	default:
		return false;
	}
}

/* One visible character, quoted as the target needs it. */
static enum xt_status put_quoted(struct xt_buf *out, enum export_target target,
				 uint32_t cp, struct xt_err *err)
{
	const bool markup = target == EXPORT_XML || target == EXPORT_HTML;

	switch (cp) {
	case '\\':
		/* Graphviz reads \N, \l and their like in labels. */
		return xt_buf_adds(out, target == EXPORT_DOT ? "\\\\" : "\\", err);
	case '"':
		if (target == EXPORT_DOT)
			return xt_buf_adds(out, "\\\"", err);
		return markup ? xt_buf_adds(out, "&quot;", err) : put(out, cp, err);
	case '&':
		/* Graphviz reads entities in labels. */
		return markup || target == EXPORT_DOT ? xt_buf_adds(out, "&amp;", err)
						      : put(out, cp, err);
	case '<':
		return markup ? xt_buf_adds(out, "&lt;", err) : put(out, cp, err);
	case '>':
		return markup ? xt_buf_adds(out, "&gt;", err) : put(out, cp, err);
	case '\'':
		return markup ? xt_buf_adds(out, "&#39;", err) : put(out, cp, err);
	default:
		return put(out, cp, err);
	}
}

/* ASCII that stands for a hostile character: \x1b, \u202e, \U000e0001. The backslash
 * itself is doubled, so that the text can be read back without doubt. */
static enum xt_status put_visible(struct xt_buf *out, enum export_target target,
				  uint32_t cp, struct xt_err *err)
{
	const char *bs = target == EXPORT_DOT ? "\\\\" : "\\";

	if (cp == '\\')
		return xt_buf_addf(out, err, "%s%s", bs, bs);
	if (cp < 0x100)
		return xt_buf_addf(out, err, "%sx%02x", bs, (unsigned)cp);
	if (cp < 0x10000)
		return xt_buf_addf(out, err, "%su%04x", bs, (unsigned)cp);
	return xt_buf_addf(out, err, "%sU%08x", bs, (unsigned)cp);
}

static bool is_space(uint32_t cp)
{
	return cp == 0x20 || cp == 0xA0 || cp == 0x1680 ||
	       (cp >= 0x2000 && cp <= 0x200A) || cp == 0x202F || cp == 0x205F ||
	       cp == 0x3000;
}

/* What one sees of a text, and what comes before. */
struct seen {
	size_t marks; /* in a row */
	bool space;
};

/* Must this one be made visible here? Two blanks part the columns of a table, so that no
 * text may have them; one at an end, or of another kind, is seen by nobody. */
static bool is_hidden(const struct seen *before, enum export_target target, uint32_t cp,
		      bool last)
{
	if (cp == '\\' || xt_utf8_is_hostile(cp))
		return true;
	if (ex_utf8_width(cp) == 0)
		return before->marks >= MOST_MARKS;
	if (target != EXPORT_TERMINAL || !is_space(cp))
		return false;
	return (cp != 0x20 && cp != 0x3000) || before->space || last;
}

enum xt_status export_escape(struct xt_buf *out, enum export_target target,
			     const char *text, size_t n, struct xt_err *err)
{
	const uint8_t *p = (const uint8_t *)text;
	const size_t length = out->len;
	enum xt_status rc = XT_OK;

	/* A mark without a letter sits on what stands before the text, and a pile of them
	 * covers the lines above. */
	struct seen before = { MOST_MARKS, true };

	for (size_t i = 0; i < n && rc == XT_OK;) {
		size_t len;
		const uint32_t cp = xt_utf8_next(&len, p + i, n - i);

		if (i == 0 && target == EXPORT_CSV && needs_guard(cp))
			rc = xt_buf_adds(out, "'", err);
		if (rc != XT_OK)
			break;
		if (is_hidden(&before, target, cp, i + len == n))
			rc = put_visible(out, target, cp, err);
		else
			rc = put_quoted(out, target, cp, err);
		before.marks = ex_utf8_width(cp) == 0 ? before.marks + 1 : 0;
		before.space = is_space(cp);
		i += len;
	}
	if (rc != XT_OK)
		out->len = length;
	return rc;
}
