#include <xemtrace/nem.h>

#include <inttypes.h>
#include <string.h>

#define UXEM_PER_XEM UINT64_C(1000000)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of the digits at s. */
static size_t digits(const char *s)
{
	size_t n = 0;

	while (is_digit(s[n]))
		n++;
	return n;
}

static bool add_digits(uint64_t *v, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (__builtin_mul_overflow(*v, UINT64_C(10), v) ||
		    __builtin_add_overflow(*v, (uint64_t)(s[i] - '0'), v))
			return false;
	return true;
}

/* The whole XEM: "0", "1234" or "1,234". Returns what follows, NULL if malformed;
 * *fits is false if the value passes 64 bits. */
static const char *parse_whole(uint64_t *v, bool *fits, const char *s)
{
	size_t n = digits(s);
	const bool grouped = s[n] == ',';

	if (n == 0 || (s[0] == '0' && (n > 1 || grouped)) || (grouped && n > 3))
		return NULL;
	*fits = add_digits(v, s, n);
	s += n;
	while (*s == ',') {
		n = digits(s + 1);
		if (n != 3)
			return NULL;
		*fits = *fits && add_digits(v, s + 1, n);
		s += 1 + n;
	}
	return s;
}

enum xt_status nem_amount_parse_xem(struct nem_amount *out, const char *text,
				    struct xt_err *err)
{
	uint64_t v = 0;
	bool fits = false;
	size_t n = 0;
	const char *s = parse_whole(&v, &fits, text);

	if (s == NULL)
		goto malformed;
	if (*s == '.') {
		n = digits(++s);
		if (n == 0)
			goto malformed;
		if (n > 6)
			return xt_fail(err, XT_E_DATA,
				       "'%.40s': more than six decimals", text);
		fits = fits && add_digits(&v, s, n);
		s += n;
	}
	if (*s != '\0')
		goto malformed;
	for (; n < 6; n++)
		fits = fits && !__builtin_mul_overflow(v, UINT64_C(10), &v);
	if (!fits || v > INT64_MAX)
		return xt_fail(err, XT_E_DATA, "'%.40s': more XEM than can exist",
			       text);
	out->uxem = v;
	return XT_OK;
malformed:
	return xt_fail(err, XT_E_DATA,
		       "'%.40s' is not an amount in XEM such as 1234.567890", text);
}

char *nem_amount_format(char out[32], struct nem_amount a, bool grouped)
{
	char whole[24];
	size_t n = 0;
	size_t len;

	(void)snprintf(whole, sizeof(whole), "%" PRIu64, a.uxem / UXEM_PER_XEM);
	len = strlen(whole);
	for (size_t i = 0; i < len; i++) {
		if (grouped && i > 0 && (len - i) % 3 == 0)
			out[n++] = ',';
		out[n++] = whole[i];
	}
	(void)snprintf(out + n, 32 - n, ".%06" PRIu64, a.uxem % UXEM_PER_XEM);
	return out;
}
