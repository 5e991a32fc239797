#include <xemtrace/base.h>

#include <inttypes.h>
#include <string.h>

enum xt_status xt_parse_u64(uint64_t *out, const char *s, uint64_t max,
			    struct xt_err *err)
{
	uint64_t v = 0;

	if (s[0] == '\0')
		return xt_fail(err, XT_E_DATA, "a number is missing");
	if (s[0] == '0' && s[1] != '\0')
		return xt_fail(err, XT_E_DATA,
			       "'%.40s' is not a decimal number without leading zeros",
			       s);
	for (const char *c = s; *c != '\0'; c++) {
		if (*c < '0' || *c > '9')
			return xt_fail(err, XT_E_DATA,
				       "'%.40s' is not a decimal number", s);
		if (__builtin_mul_overflow(v, UINT64_C(10), &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*c - '0'), &v) || v > max)
			return xt_fail(err, XT_E_DATA,
				       "'%.40s' is larger than %" PRIu64, s, max);
	}
	*out = v;
	return XT_OK;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

enum xt_status xt_hex_decode(uint8_t *out, size_t n, const char *hex,
			     struct xt_err *err)
{
	const size_t len = strlen(hex);

	if (len % 2 != 0 || len / 2 != n)
		return xt_fail(err, XT_E_DATA, "%zu hex digits where %zu belong", len,
			       n * 2);
	for (size_t i = 0; i < len; i++)
		if (hex_digit(hex[i]) < 0)
			return xt_fail(err, XT_E_DATA,
				       "'%c' at place %zu is not a hex digit", hex[i],
				       i + 1);
	for (size_t i = 0; i < n; i++)
		out[i] =
		    (uint8_t)(hex_digit(hex[2 * i]) * 16 + hex_digit(hex[2 * i + 1]));
	return XT_OK;
}

void xt_hex_encode(char *out, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

bool xt_muldiv(uint64_t *out, uint64_t a, uint64_t b, uint64_t den)
{
	xt_u128 q;

	if (den == 0)
		return false;
	q = (xt_u128)a * b / den;
	if (q > UINT64_MAX)
		return false;
	*out = (uint64_t)q;
	return true;
}

bool xt_add(uint64_t *out, uint64_t a, uint64_t b)
{
	uint64_t v;

	if (__builtin_add_overflow(a, b, &v))
		return false;
	*out = v;
	return true;
}

bool xt_sub(uint64_t *out, uint64_t a, uint64_t b)
{
	if (b > a)
		return false;
	*out = a - b;
	return true;
}

void xt_u128_format(char out[40], xt_u128 v)
{
	char digits[40];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + (int)(v % 10));
		v /= 10;
	} while (v > 0);
	for (size_t i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	out[n] = '\0';
}
