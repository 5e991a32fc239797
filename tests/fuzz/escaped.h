/* The way back from what export_escape() makes visible, written apart from it. */
#ifndef TESTS_FUZZ_ESCAPED_H
#define TESTS_FUZZ_ESCAPED_H

#include <xemtrace/base.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static inline void escaped_put(struct xt_buf *b, uint32_t cp)
{
	uint8_t s[4];
	size_t n = 0;

	if (cp < 0x80) {
		s[n++] = (uint8_t)cp;
	} else if (cp < 0x800) {
		s[n++] = (uint8_t)(0xC0 | cp >> 6);
		s[n++] = (uint8_t)(0x80 | (cp & 0x3F));
	} else if (cp < 0x10000) {
		s[n++] = (uint8_t)(0xE0 | cp >> 12);
		s[n++] = (uint8_t)(0x80 | (cp >> 6 & 0x3F));
		s[n++] = (uint8_t)(0x80 | (cp & 0x3F));
	} else {
		s[n++] = (uint8_t)(0xF0 | cp >> 18);
		s[n++] = (uint8_t)(0x80 | (cp >> 12 & 0x3F));
		s[n++] = (uint8_t)(0x80 | (cp >> 6 & 0x3F));
		s[n++] = (uint8_t)(0x80 | (cp & 0x3F));
	}
	assert(xt_buf_add(b, s, n, NULL) == XT_OK);
}

/* The text that must come back: each byte that is not UTF-8 is U+FFFD. */
static inline void escaped_expected(struct xt_buf *out, const uint8_t *p, size_t n)
{
	while (n > 0) {
		size_t k = 1;

		while (k <= 4 && k <= n && !xt_utf8_valid(p, k))
			k++;
		if (k > 4 || k > n) {
			escaped_put(out, 0xFFFD);
			k = 1;
		} else {
			assert(xt_buf_add(out, p, k, NULL) == XT_OK);
		}
		p += k;
		n -= k;
	}
}

/* \\, \xNN, \uNNNN, \UNNNNNNNN to what they stand for; nothing else begins with one. */
static inline void escaped_undo(struct xt_buf *out, const char *s)
{
	while (*s != '\0') {
		char hex[9] = { 0 };
		size_t digits;

		if (*s != '\\') {
			assert(xt_buf_add(out, s++, 1, NULL) == XT_OK);
			continue;
		}
		s++;
		if (*s == '\\') {
			escaped_put(out, (uint8_t)*s++);
			continue;
		}
		digits = *s == 'x' ? 2 : *s == 'u' ? 4 : *s == 'U' ? 8 : 0;
		assert(digits > 0 && strlen(s + 1) >= digits);
		memcpy(hex, s + 1, digits);
		assert(strspn(hex, "0123456789abcdef") == digits);
		escaped_put(out, (uint32_t)strtoul(hex, NULL, 16));
		s += 1 + digits;
	}
}

/* UTF-8, and nothing that a terminal, an editor or a reader could take for anything
 * else than what it shows. */
static inline void escaped_is_harmless(const uint8_t *p, size_t n)
{
	static const char *const never[] = {
		"\xD8\x9C",     "\xE2\x80\x8B",     "\xE2\x80\x8C", "\xE2\x80\x8D",
		"\xE2\x80\x8E", "\xE2\x80\x8F",     "\xE2\x80\xA8", "\xE2\x80\xA9",
		"\xE2\x80\xAA", "\xE2\x80\xAB",     "\xE2\x80\xAC", "\xE2\x80\xAD",
		"\xE2\x80\xAE", "\xE2\x81\xA0",     "\xE2\x81\xA6", "\xE2\x81\xA7",
		"\xE2\x81\xA8", "\xE2\x81\xA9",     "\xEF\xBB\xBF", "\xEF\xBF\xBE",
		"\xEF\xBF\xBF", "\xF3\xA0\x80\x81",
	};

	assert(xt_utf8_valid(p, n));
	for (size_t i = 0; i < n; i++) {
		assert(p[i] >= 0x20 && p[i] != 0x7F);
		assert(!(p[i] == 0xC2 && p[i + 1] < 0xA0));
		for (size_t k = 0; k < XT_ARRAY_SIZE(never); k++)
			assert(n - i < strlen(never[k]) ||
			       memcmp(p + i, never[k], strlen(never[k])) != 0);
	}
}

static inline void escaped_same(struct xt_buf *a, struct xt_buf *b)
{
	assert(a->len == b->len);
	assert(a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

#endif
