#include <xemtrace/nem.h>

#include <string.h>

#include "internal.h"

#define TEXT_LEN 40
#define RAW_LEN  25 /* network byte, 20 bytes of hash, 4 bytes of checksum */
#define SUM_AT   21

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

bool nem_network_known(uint32_t byte)
{
	return byte == NEM_MAINNET || byte == NEM_TESTNET || byte == NEM_MIJIN;
}

static void base32_encode(char out[TEXT_LEN + 1], const uint8_t raw[RAW_LEN])
{
	for (unsigned i = 0; i < TEXT_LEN; i++) {
		const unsigned bit = i * 5;
		unsigned v = (unsigned)raw[bit / 8] << 8;

		if (bit / 8 + 1 < RAW_LEN)
			v |= raw[bit / 8 + 1];
		out[i] = alphabet[(v >> (11 - bit % 8)) & 31];
	}
	out[TEXT_LEN] = '\0';
}

/* -1 if c is not of the alphabet (upper case). */
static int base32_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

static void base32_decode(uint8_t raw[RAW_LEN], const char *text)
{
	unsigned bits = 0;
	unsigned have = 0;
	size_t n = 0;

	for (size_t i = 0; i < TEXT_LEN; i++) {
		bits = (bits << 5 | (unsigned)base32_value(text[i])) & 0xFFFF;
		have += 5;
		if (have >= 8) {
			have -= 8;
			raw[n++] = (uint8_t)(bits >> have);
		}
	}
}

void nem_address_from_pubkey(struct nem_address *out, enum nem_network net,
			     const struct nem_pubkey *key)
{
	uint8_t hash[32];
	uint8_t raw[RAW_LEN];

	nem_keccak256(hash, key->b, sizeof(key->b));
	raw[0] = (uint8_t)net;
	nem_ripemd160(raw + 1, hash, sizeof(hash));
	nem_keccak256(hash, raw, SUM_AT);
	memcpy(raw + SUM_AT, hash, RAW_LEN - SUM_AT);
	base32_encode(out->s, raw);
}

static char upper(char c)
{
	if (c >= 'a' && c <= 'z')
		return alphabet[c - 'a'];
	return c;
}

/* Copies the characters without dashes, in upper case. A dash stands between two
 * characters, as people write it. */
static enum xt_status strip(char s[TEXT_LEN + 1], const char *text, struct xt_err *err)
{
	size_t n = 0;

	for (const char *c = text; *c != '\0'; c++) {
		const char up = upper(*c);

		if (*c == '-' && c != text && c[1] != '\0' && c[1] != '-')
			continue;
		if (base32_value(up) < 0)
			return xt_fail(err, XT_E_DATA,
				       "address '%.60s': character '%.1s' at place %zu "
				       "does not belong in an address",
				       text, c, (size_t)(c - text) + 1);
		if (n == TEXT_LEN)
			return xt_fail(err, XT_E_DATA,
				       "address '%.60s': longer than 40 characters",
				       text);
		s[n++] = up;
	}
	if (n != TEXT_LEN)
		return xt_fail(err, XT_E_DATA,
			       "address '%.60s': %zu characters where 40 belong", text,
			       n);
	s[n] = '\0';
	return XT_OK;
}

enum xt_status nem_address_parse(struct nem_address *out, const char *text,
				 struct xt_err *err)
{
	struct nem_address a = { "" };
	uint8_t raw[RAW_LEN];
	uint8_t hash[32];
	const enum xt_status rc = strip(a.s, text, err);

	if (rc != XT_OK)
		return rc;
	base32_decode(raw, a.s);
	if (!nem_network_known(raw[0]))
		return xt_fail(err, XT_E_DATA,
			       "address '%.60s': network byte %02x is none of 68 "
			       "(mainnet), 98 (testnet), 60 (mijin)",
			       text, raw[0]);
	nem_keccak256(hash, raw, SUM_AT);
	if (memcmp(hash, raw + SUM_AT, RAW_LEN - SUM_AT) != 0)
		return xt_fail(err, XT_E_DATA,
			       "address '%.60s': checksum does not hold", text);
	*out = a;
	return XT_OK;
}

enum nem_network nem_address_network(const struct nem_address *a)
{
	if (a->s[0] == 'T')
		return NEM_TESTNET;
	return a->s[0] == 'M' ? NEM_MIJIN : NEM_MAINNET;
}

void nem_address_format_dashed(char out[47], const struct nem_address *a)
{
	size_t n = 0;

	for (size_t i = 0; i < TEXT_LEN && a->s[i] != '\0'; i++) {
		if (i > 0 && i % 6 == 0)
			out[n++] = '-';
		out[n++] = a->s[i];
	}
	out[n] = '\0';
}

bool nem_address_equal(const struct nem_address *a, const struct nem_address *b)
{
	return memcmp(a->s, b->s, TEXT_LEN) == 0;
}
