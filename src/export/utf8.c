#include "internal.h"

#include <string.h>

struct range {
	uint32_t first, last;
};

static bool in_ranges(uint32_t cp, const struct range *r, size_t n)
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

/* East_Asian_Width W and F of Unicode 14, neighbouring blocks taken together. The
 * locale is not asked: the same table must come out everywhere. */
static const struct range wide[] = {
	{ 0x1100, 0x115F },   { 0x231A, 0x231B },   { 0x2329, 0x232A },
	{ 0x23E9, 0x23EC },   { 0x23F0, 0x23F0 },   { 0x23F3, 0x23F3 },
	{ 0x25FD, 0x25FE },   { 0x2614, 0x2615 },   { 0x2648, 0x2653 },
	{ 0x267F, 0x267F },   { 0x2693, 0x2693 },   { 0x26A1, 0x26A1 },
	{ 0x26AA, 0x26AB },   { 0x26BD, 0x26BE },   { 0x26C4, 0x26C5 },
	{ 0x26CE, 0x26CE },   { 0x26D4, 0x26D4 },   { 0x26EA, 0x26EA },
	{ 0x26F2, 0x26F3 },   { 0x26F5, 0x26F5 },   { 0x26FA, 0x26FA },
	{ 0x26FD, 0x26FD },   { 0x2705, 0x2705 },   { 0x270A, 0x270B },
	{ 0x2728, 0x2728 },   { 0x274C, 0x274C },   { 0x274E, 0x274E },
	{ 0x2753, 0x2755 },   { 0x2757, 0x2757 },   { 0x2795, 0x2797 },
	{ 0x27B0, 0x27B0 },   { 0x27BF, 0x27BF },   { 0x2B1B, 0x2B1C },
	{ 0x2B50, 0x2B50 },   { 0x2B55, 0x2B55 },   { 0x2E80, 0x3029 },
	{ 0x302E, 0x303E },   { 0x3041, 0x3096 },   { 0x309B, 0x3247 },
	{ 0x3250, 0x4DBF },   { 0x4E00, 0xA4CF },   { 0xA960, 0xA97F },
	{ 0xAC00, 0xD7A3 },   { 0xF900, 0xFAFF },   { 0xFE10, 0xFE19 },
	{ 0xFE30, 0xFE6F },   { 0xFF01, 0xFF60 },   { 0xFFE0, 0xFFE6 },
	{ 0x16FE0, 0x16FE3 }, { 0x17000, 0x18D08 }, { 0x1AFF0, 0x1B2FB },
	{ 0x1F004, 0x1F004 }, { 0x1F0CF, 0x1F0CF }, { 0x1F18E, 0x1F18E },
	{ 0x1F191, 0x1F19A }, { 0x1F200, 0x1F320 }, { 0x1F32D, 0x1F335 },
	{ 0x1F337, 0x1F37C }, { 0x1F37E, 0x1F393 }, { 0x1F3A0, 0x1F3CA },
	{ 0x1F3CF, 0x1F3D3 }, { 0x1F3E0, 0x1F3F0 }, { 0x1F3F4, 0x1F3F4 },
	{ 0x1F3F8, 0x1F43E }, { 0x1F440, 0x1F440 }, { 0x1F442, 0x1F4FC },
	{ 0x1F4FF, 0x1F53D }, { 0x1F54B, 0x1F54E }, { 0x1F550, 0x1F567 },
	{ 0x1F57A, 0x1F57A }, { 0x1F595, 0x1F596 }, { 0x1F5A4, 0x1F5A4 },
	{ 0x1F5FB, 0x1F64F }, { 0x1F680, 0x1F6C5 }, { 0x1F6CC, 0x1F6CC },
	{ 0x1F6D0, 0x1F6D2 }, { 0x1F6D5, 0x1F6D7 }, { 0x1F6DD, 0x1F6DF },
	{ 0x1F6EB, 0x1F6EC }, { 0x1F6F4, 0x1F6FC }, { 0x1F7E0, 0x1F7F0 },
	{ 0x1F90C, 0x1F93A }, { 0x1F93C, 0x1F945 }, { 0x1F947, 0x1F9FF },
	{ 0x1FA70, 0x1FAFF }, { 0x20000, 0x3FFFD },
};

/* Marks that take no column of their own: the common part of the categories Mn and Me.
 */
static const struct range marks[] = {
	{ 0x0300, 0x036F },   { 0x0483, 0x0489 },   { 0x0591, 0x05BD },
	{ 0x05BF, 0x05BF },   { 0x05C1, 0x05C2 },   { 0x05C4, 0x05C5 },
	{ 0x05C7, 0x05C7 },   { 0x0610, 0x061A },   { 0x064B, 0x065F },
	{ 0x0670, 0x0670 },   { 0x06D6, 0x06DC },   { 0x06DF, 0x06E4 },
	{ 0x06E7, 0x06E8 },   { 0x06EA, 0x06ED },   { 0x0711, 0x0711 },
	{ 0x0730, 0x074A },   { 0x0900, 0x0902 },   { 0x093A, 0x093A },
	{ 0x093C, 0x093C },   { 0x0941, 0x0948 },   { 0x094D, 0x094D },
	{ 0x0951, 0x0957 },   { 0x0E31, 0x0E31 },   { 0x0E34, 0x0E3A },
	{ 0x0E47, 0x0E4E },   { 0x0EB1, 0x0EB1 },   { 0x0EB4, 0x0EBC },
	{ 0x0EC8, 0x0ECD },   { 0x135D, 0x135F },   { 0x1AB0, 0x1ACE },
	{ 0x1DC0, 0x1DFF },   { 0x20D0, 0x20F0 },   { 0x302A, 0x302D },
	{ 0x3099, 0x309A },   { 0xFE00, 0xFE0F },   { 0xFE20, 0xFE2F },
	{ 0x1F3FB, 0x1F3FF }, { 0xE0100, 0xE01EF },
};

/* Sorted. C0, DEL and C1; soft hyphen; joiners, fillers and marks of direction; line
 * and paragraph separators; interlinear and musical controls; surrogates and
 * non-characters of the first plane (XML refuses them); tags. */
static const struct range hostile[] = {
	{ 0x0000, 0x001F },   { 0x007F, 0x009F },    { 0x00AD, 0x00AD },
	{ 0x034F, 0x034F },   { 0x061C, 0x061C },    { 0x115F, 0x1160 },
	{ 0x17B4, 0x17B5 },   { 0x180B, 0x180F },    { 0x200B, 0x200F },
	{ 0x2028, 0x202E },   { 0x2060, 0x206F },    { 0x2800, 0x2800 },
	{ 0x3164, 0x3164 },   { 0xD800, 0xDFFF },    { 0xFDD0, 0xFDEF },
	{ 0xFEFF, 0xFEFF },   { 0xFFA0, 0xFFA0 },    { 0xFFF0, 0xFFFB },
	{ 0xFFFE, 0xFFFF },   { 0x1BCA0, 0x1BCA3 },  { 0x1D173, 0x1D17A },
	{ 0xE0000, 0xE00FF }, { 0xE01F0, 0x10FFFF },
};

unsigned ex_utf8_width(uint32_t cp)
{
	if (in_ranges(cp, marks, XT_ARRAY_SIZE(marks)))
		return 0;
	return in_ranges(cp, wide, XT_ARRAY_SIZE(wide)) ? 2 : 1;
}

size_t ex_utf8_columns(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t left = strlen(s);
	size_t columns = 0;

	while (left > 0) {
		size_t len;

		columns += ex_utf8_width(ex_utf8_next(&len, p, left));
		p += len;
		left -= len;
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
