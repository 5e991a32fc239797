#include "internal.h"

#include <string.h>

struct ex_range {
	uint32_t first, last;
};

/* The locale is not asked: the same table must come out everywhere. */
#include "width_table.h"

static bool in_ranges(uint32_t cp, const struct ex_range *r, size_t n)
{
	size_t lo = 0;
	size_t hi = n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (cp > r[mid].last)
			lo = mid + 1;
		else if (cp < r[mid].first)
			hi = mid;
		else
			return true;
	}
	return false;
}

size_t ex_utf8_put(char out[4], uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

unsigned ex_utf8_width(uint32_t cp)
{
	/* Nothing below is in a table, and nearly everything is below. */
	if (cp < 0x300)
		return 1;
	if (in_ranges(cp, ex_zero, XT_ARRAY_SIZE(ex_zero)))
		return 0;
	return in_ranges(cp, ex_wide, XT_ARRAY_SIZE(ex_wide)) ? 2 : 1;
}

size_t ex_utf8_columns(const char *s)
{
	return ex_utf8_columns_n(s, strlen(s));
}

size_t ex_utf8_columns_n(const char *s, size_t n)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t columns = 0;

	while (n > 0) {
		size_t len;

		columns += ex_utf8_width(xt_utf8_next(&len, p, n));
		p += len;
		n -= len;
	}
	return columns;
}

enum xt_status ex_add_short(struct xt_buf *out, const char *s, size_t columns,
			    struct xt_err *err)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t left = strlen(s);
	size_t used = 0;
	enum xt_status rc;

	if (ex_utf8_columns(s) <= columns)
		return xt_buf_adds(out, s, err);
	while (left > 0) {
		size_t len;
		const unsigned w = ex_utf8_width(xt_utf8_next(&len, p, left));

		if (used + w + 1 > columns)
			break;
		rc = xt_buf_add(out, p, len, err);
		if (rc != XT_OK)
			return rc;
		used += w;
		p += len;
		left -= len;
	}
	return xt_buf_adds(out, "\xE2\x80\xA6", err);
}
