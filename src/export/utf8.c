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

/* Length by the first byte, 0 if no character starts with it. */
static size_t length_of(uint8_t b)
{
	if (b < 0x80)
		return 1;
	if (b < 0xC2)
		return 0;
	if (b < 0xE0)
		return 2;
	if (b < 0xF0)
		return 3;
	return b < 0xF5 ? 4 : 0;
}

uint32_t ex_utf8_next(size_t *len, const uint8_t *p, size_t n)
{
	static const uint8_t mask[5] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	const size_t k = length_of(p[0]);
	uint32_t cp;

	if (k == 0 || k > n || !xt_utf8_valid(p, k)) {
		*len = 1;
		return 0xFFFD;
	}
	cp = p[0] & mask[k];
	for (size_t i = 1; i < k; i++)
		cp = cp << 6 | (p[i] & 0x3FU);
	*len = k;
	return cp;
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

/* Sorted. C0, DEL and C1; soft hyphen; joiners, fillers and marks of direction; line
 * and paragraph separators; interlinear, hieroglyphic and musical controls; surrogates,
 * private use and non-characters of the first plane (XML refuses them); tags. */
static const struct ex_range hostile[] = {
	{ 0x0000, 0x001F },   { 0x007F, 0x009F },   { 0x00AD, 0x00AD },
	{ 0x034F, 0x034F },   { 0x061C, 0x061C },   { 0x115F, 0x1160 },
	{ 0x17B4, 0x17B5 },   { 0x180B, 0x180F },   { 0x200B, 0x200F },
	{ 0x2028, 0x202E },   { 0x2060, 0x206F },   { 0x2800, 0x2800 },
	{ 0x3164, 0x3164 },   { 0xD800, 0xF8FF },   { 0xFDD0, 0xFDEF },
	{ 0xFEFF, 0xFEFF },   { 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFFB },
	{ 0xFFFE, 0xFFFF },   { 0x13430, 0x1345F }, { 0x1BCA0, 0x1BCA3 },
	{ 0x1D173, 0x1D17A }, { 0xE0000, 0xE00FF }, { 0xE01F0, 0x10FFFF },
};

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

		columns += ex_utf8_width(ex_utf8_next(&len, p, n));
		p += len;
		n -= len;
	}
	return columns;
}

bool ex_utf8_is_hostile(uint32_t cp)
{
	return in_ranges(cp, hostile, XT_ARRAY_SIZE(hostile));
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
		const unsigned w = ex_utf8_width(ex_utf8_next(&len, p, left));

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
