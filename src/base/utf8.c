#include <xemtrace/base.h>

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

/* True for what would break a line or a terminal: C0, DEL, C1, U+2028, U+2029 and the
 * marks of writing direction (U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069). */
static bool is_unprintable(const uint8_t *p, size_t k)
{
	if (k == 1)
		return p[0] < 0x20 || p[0] == 0x7F;
	if (k == 2)
		return p[0] == 0xC2 && p[1] < 0xA0;
	if (k == 3 && p[0] == 0xE2 && p[1] == 0x80)
		return p[2] == 0x8E || p[2] == 0x8F || (p[2] >= 0xA8 && p[2] <= 0xAE);
	return k == 3 && p[0] == 0xE2 && p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9;
}

void xt_clean_line(char *s)
{
	uint8_t *in = (uint8_t *)s;
	uint8_t *out = in;
	size_t left = strlen(s);

	while (left > 0) {
		size_t k = xt_utf8_step(in, left);

		if (k == 0 || is_unprintable(in, k)) {
			*out++ = '?';
			k = k == 0 ? 1 : k;
		} else {
			memmove(out, in, k);
			out += k;
		}
		in += k;
		left -= k;
	}
	*out = '\0';
}
