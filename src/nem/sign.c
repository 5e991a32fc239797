#include <xemtrace/nem.h>

#include <string.h>

#include <sodium.h>

#include "internal.h"

/* docs/nis1.md section 5.5: Ed25519 with Keccak-512 in the place of SHA-512, the
 * private key hashed in reverse byte order. */

/* The group order L, little-endian. */
static const uint8_t order[32] = { 0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58,
				   0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
				   0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
				   0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10 };

/* The neutral element as a point encodes it: x = 0, y = 1. */
static const uint8_t neutral[32] = { 1 };

bool nem_is_zero(const uint8_t *p, size_t n)
{
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= p[i];
	return any == 0;
}

enum xt_status nem_crypto_init(struct xt_err *err)
{
	static const uint8_t empty[4] = { 0xC5, 0xD2, 0x46, 0x01 };
	uint8_t hash[32];

	if (sodium_init() < 0)
		return xt_fail(err, XT_E_BUG, "libsodium does not start");
	/* Guards against a nettle whose permutation works on another state. */
	nem_keccak256(hash, "", 0);
	if (memcmp(hash, empty, sizeof(empty)) != 0)
		return xt_fail(err, XT_E_BUG, "Keccak-256 gives a wrong answer");
	return XT_OK;
}

static bool scalar_is_canonical(const uint8_t s[32])
{
	for (size_t i = 32; i-- > 0;)
		if (s[i] != order[i])
			return s[i] < order[i];
	return false;
}

static void hash_scalar(uint8_t out[32], struct nem_keccak *k)
{
	uint8_t wide[64];

	nem_keccak_final(k, wide);
	crypto_core_ed25519_scalar_reduce(out, wide);
	sodium_memzero(wide, sizeof(wide));
}

/* h * A for keys that libsodium's own multiplication refuses: of small order, outside
 * the main subgroup, or not encoded canonically. NIS takes them all. A = P + T with P
 * in the main subgroup and 8 * T neutral, so P = (1/8) * (8 * A) and h * A = h * P + (h
 * mod 8) * T. False if A is not a point. */
static bool multiply_odd_key(uint8_t out[32], const uint8_t h[32], const uint8_t a[32])
{
	static const uint8_t eight[32] = { 8 };
	uint8_t inverse[32];
	uint8_t p[32];
	uint8_t t[32];
	uint8_t sum[32];

	memcpy(p, a, sizeof(p));
	for (unsigned i = 0; i < 3; i++)
		if (crypto_core_ed25519_add(p, p, p) != 0)
			return false;
	memcpy(sum, neutral, sizeof(sum));
	if (memcmp(p, neutral, sizeof(p)) != 0) {
		if (crypto_core_ed25519_scalar_invert(inverse, eight) != 0 ||
		    crypto_scalarmult_ed25519_noclamp(p, inverse, p) != 0 ||
		    (!nem_is_zero(h, 32) &&
		     crypto_scalarmult_ed25519_noclamp(sum, h, p) != 0))
			return false;
	}
	if (crypto_core_ed25519_sub(t, a, p) != 0)
		return false;
	for (unsigned i = h[0] & 7; i > 0; i--)
		if (crypto_core_ed25519_add(sum, sum, t) != 0)
			return false;
	memcpy(out, sum, sizeof(sum));
	return true;
}

bool nem_signature_check(const struct nem_signature *sig, const struct nem_pubkey *key,
			 const uint8_t *msg, size_t n)
{
	const uint8_t *r = sig->b;
	const uint8_t *s = sig->b + 32;
	struct nem_keccak k;
	uint8_t h[32];
	uint8_t sb[32];
	uint8_t ha[32];
	uint8_t sum[32];

	if (nem_is_zero(s, 32) || !scalar_is_canonical(s) || nem_is_zero(key->b, 32))
		return false;
	nem_keccak512_init(&k);
	nem_keccak_update(&k, r, 32);
	nem_keccak_update(&k, key->b, 32);
	nem_keccak_update(&k, msg, n);
	hash_scalar(h, &k);
	/* Cannot fail: 0 < S < L, so S * B is never the neutral element. */
	if (crypto_scalarmult_ed25519_base_noclamp(sb, s) != 0)
		return false;
	/* Refuses odd keys and h = 0, which the slow way handles. */
	if (crypto_scalarmult_ed25519_noclamp(ha, h, key->b) != 0 &&
	    !multiply_odd_key(ha, h, key->b))
		return false;
	if (crypto_core_ed25519_sub(sum, sb, ha) != 0)
		return false;
	return memcmp(sum, r, 32) == 0;
}

/* k = Keccak-512 of the reversed key: its first half clamped is the secret scalar. */
void nem_expand_key(uint8_t k[64], const struct nem_privkey *key)
{
	uint8_t reversed[32];

	for (size_t i = 0; i < 32; i++)
		reversed[i] = key->b[31 - i];
	nem_keccak512(k, reversed, sizeof(reversed));
	k[0] &= 0xF8;
	k[31] &= 0x7F;
	k[31] |= 0x40;
	sodium_memzero(reversed, sizeof(reversed));
}

void nem_pubkey_from_private(struct nem_pubkey *out, const struct nem_privkey *key)
{
	uint8_t k[64];

	nem_expand_key(k, key);
	/* Cannot fail: a clamped scalar is no multiple of L. */
	(void)crypto_scalarmult_ed25519_base_noclamp(out->b, k);
	sodium_memzero(k, sizeof(k));
}

void nem_sign(struct nem_signature *out, const struct nem_privkey *key,
	      const uint8_t *msg, size_t n)
{
	struct nem_pubkey pub;
	struct nem_keccak state;
	uint8_t k[64];
	uint8_t r[32];
	uint8_t h[32];

	nem_pubkey_from_private(&pub, key);
	nem_expand_key(k, key);
	nem_keccak512_init(&state);
	nem_keccak_update(&state, k + 32, 32);
	nem_keccak_update(&state, msg, n);
	hash_scalar(r, &state);
	(void)crypto_scalarmult_ed25519_base_noclamp(out->b, r);
	nem_keccak512_init(&state);
	nem_keccak_update(&state, out->b, 32);
	nem_keccak_update(&state, pub.b, 32);
	nem_keccak_update(&state, msg, n);
	hash_scalar(h, &state);
	crypto_core_ed25519_scalar_mul(h, h, k);
	crypto_core_ed25519_scalar_add(out->b + 32, h, r);
	sodium_memzero(k, sizeof(k));
	sodium_memzero(r, sizeof(r));
	sodium_memzero(&state, sizeof(state));
}
