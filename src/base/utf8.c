#include <xemtrace/base.h>

#include <stdio.h>
#include <string.h>

#include "internal.h"

static bool is_tail(uint8_t b)
{
	return (b & 0xC0) == 0x80;
}

static size_t step_three(const uint8_t *p, size_t n)
{
	if (n < 3 || !is_tail(p[1]) || !is_tail(p[2]))
		return 0;
	/* E0 80..9F is a longer form of something short; ED A0..BF is a surrogate. */
	if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F))
		return 0;
	return 3;
}

static size_t step_four(const uint8_t *p, size_t n)
{
	if (n < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
		return 0;
	/* F0 80..8F is a longer form; F4 90.. is past U+10FFFF. */
	if ((p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
		return 0;
	return 4;
}

size_t xt_utf8_step(const uint8_t *p, size_t n)
{
	const uint8_t a = p[0];

	if (a < 0x80)
		return 1;
	if (a >= 0xC2 && a <= 0xDF)
		return n >= 2 && is_tail(p[1]) ? 2 : 0;
	if (a >= 0xE0 && a <= 0xEF)
		return step_three(p, n);
	return a >= 0xF0 && a <= 0xF4 ? step_four(p, n) : 0;
}

bool xt_utf8_valid(const uint8_t *p, size_t n)
{
	while (n > 0) {
		const size_t k = xt_utf8_step(p, n);

		if (k == 0)
			return false;
		p += k;
		n -= k;
	}
	return true;
}

uint32_t xt_utf8_next(size_t *len, const uint8_t *p, size_t n)
{
	static const uint8_t mask[5] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	const size_t k = xt_utf8_step(p, n);
	uint32_t cp;

	if (k == 0) {
		*len = 1;
		return 0xFFFD;
	}
	cp = p[0] & mask[k];
	for (size_t i = 1; i < k; i++)
		cp = cp << 6 | (p[i] & 0x3FU);
	*len = k;
	return cp;
}

void xt_utf8_cut(char *out, size_t n, const char *s)
{
	static const char mark[] = "\u2026";
	size_t k = strlen(s);

	if (k < n) {
		memcpy(out, s, k + 1);
		return;
	}
	k = n - sizeof(mark);
	/* A character has three tails at most; more are none. */
	for (int i = 0; i < 3 && k > 0 && is_tail((uint8_t)s[k]); i++)
		k--;
	(void)snprintf(out, n, "%.*s%s", (int)k, s, mark);
}

struct range {
	uint32_t first, last;
};

/* Sorted. C0, DEL and C1; soft hyphen; joiners, fillers and marks of direction; line
 * and paragraph separators; interlinear, hieroglyphic and musical controls; surrogates,
 * private use and non-characters of the first plane (XML refuses them); tags. */
static const struct range hostile[] = {
	{ 0x0000, 0x001F },   { 0x007F, 0x009F },   { 0x00AD, 0x00AD },
	{ 0x034F, 0x034F },   { 0x061C, 0x061C },   { 0x115F, 0x1160 },
	{ 0x17B4, 0x17B5 },   { 0x180B, 0x180F },   { 0x200B, 0x200F },
	{ 0x2028, 0x202E },   { 0x2060, 0x206F },   { 0x2800, 0x2800 },
	{ 0x3164, 0x3164 },   { 0xD800, 0xF8FF },   { 0xFDD0, 0xFDEF },
	{ 0xFEFF, 0xFEFF },   { 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFFB },
	{ 0xFFFE, 0xFFFF },   { 0x13430, 0x1345F }, { 0x1BCA0, 0x1BCA3 },
	{ 0x1D173, 0x1D17A }, { 0xE0000, 0xE00FF }, { 0xE01F0, 0x10FFFF },
};

bool xt_utf8_is_hostile(uint32_t cp)
{
	size_t lo = 0;
	size_t hi = XT_ARRAY_SIZE(hostile);

	if (cp >= 0x20 && cp < 0x7F)
		return false;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (cp > hostile[mid].last)
			lo = mid + 1;
		else if (cp < hostile[mid].first)
			hi = mid;
		else
			return true;
	}
	return false;
}

void xt_clean_line(char *s)
{
	uint8_t *in = (uint8_t *)s;
	uint8_t *out = in;
	size_t left = strlen(s);

	while (left > 0) {
		size_t k;
		const uint32_t cp = xt_utf8_next(&k, in, left);

		if ((cp == 0xFFFD && k == 1) || xt_utf8_is_hostile(cp)) {
			*out++ = '?';
		} else {
			memmove(out, in, k);
			out += k;
		}
		in += k;
		left -= k;
	}
	*out = '\0';
}
