/* Hashes against known answers, and signatures at their edges. */
#include "test.h"

#include <sodium.h>

static int setup(void **state)
{
	(void)state;
	return nem_crypto_init(NULL) == XT_OK ? 0 : -1;
}

static void assert_hex(const uint8_t *p, size_t n, const char *hex)
{
	char text[129];

	xt_hex_encode(text, p, n);
	assert_string_equal(text, hex);
}

static void test_hashes(void **state)
{
	uint8_t out[64];

	(void)state;
	nem_keccak256(out, "", 0);
	assert_hex(out, 32,
		   "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
	nem_keccak256(out, "abc", 3);
	assert_hex(out, 32,
		   "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
	nem_keccak512(out, "", 0);
	assert_hex(out, 64,
		   "0eab42de4c3ceb9235fc91acffe746b29c29a8c366b7c60e4e67c466f36a4304"
		   "c00fa9caf9d87976ba469bcbe06713b435f091ef2769fb160cdab33d3670680e");
	nem_ripemd160(out, "", 0);
	assert_hex(out, 20, "9c1185a5c5e9fc54612808977ee8f548b2258d31");
	nem_ripemd160(out, "abc", 3);
	assert_hex(out, 20, "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
}

/* All lengths around the block sizes, cut at every place. */
static void test_keccak_split(void **state)
{
	uint8_t data[300];
	uint8_t whole[64];
	uint8_t cut[64];
	struct nem_keccak k;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + 1);
	for (size_t n = 0; n <= sizeof(data); n += n % 8 == 0 ? 1 : 7)
		for (size_t at = 0; at <= n; at++) {
			nem_keccak256(whole, data, n);
			nem_keccak256_init(&k);
			nem_keccak_update(&k, data, at);
			nem_keccak_update(&k, data + at, n - at);
			nem_keccak_final(&k, cut);
			assert_memory_equal(whole, cut, 32);
			nem_keccak512(whole, data, n);
			nem_keccak512_init(&k);
			nem_keccak_update(&k, data, at);
			nem_keccak_update(&k, data + at, n - at);
			nem_keccak_final(&k, cut);
			assert_memory_equal(whole, cut, 64);
		}
}

static void test_sign_and_check(void **state)
{
	static const uint8_t msg[] = "what was sent";

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		const struct nem_privkey priv = key_number(i);
		const struct nem_pubkey pub = pubkey_number(i);
		const struct nem_pubkey other = pubkey_number(i + 1);
		struct nem_signature sig;

		nem_sign(&sig, &priv, msg, sizeof(msg) - i % 3);
		assert_true(nem_signature_check(&sig, &pub, msg, sizeof(msg) - i % 3));
		assert_false(
		    nem_signature_check(&sig, &other, msg, sizeof(msg) - i % 3));
		assert_false(
		    nem_signature_check(&sig, &pub, msg, sizeof(msg) - i % 3 - 1));
	}
}

/* Each of the 512 + 256 bits of signature and key counts. */
static void test_flip_bits(void **state)
{
	static const uint8_t msg[] = "bits";
	const struct nem_privkey priv = key_number(3);
	struct nem_pubkey pub = pubkey_number(3);
	struct nem_signature sig;

	(void)state;
	nem_sign(&sig, &priv, msg, sizeof(msg));
	for (unsigned bit = 0; bit < 512; bit++) {
		sig.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(nem_signature_check(&sig, &pub, msg, sizeof(msg)));
		sig.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (unsigned bit = 0; bit < 256; bit++) {
		pub.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(nem_signature_check(&sig, &pub, msg, sizeof(msg)));
		pub.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_true(nem_signature_check(&sig, &pub, msg, sizeof(msg)));
}

/* S + L signs the same for a verifier that does not look: it is refused here. */
static void test_malleable(void **state)
{
	static const uint8_t order[32] = { 0xED, 0xD3, 0xF5, 0x5C, 0x1A,       0x63,
					   0x12, 0x58, 0xD6, 0x9C, 0xF7,       0xA2,
					   0xDE, 0xF9, 0xDE, 0x14, [31] = 0x10 };
	static const uint8_t msg[] = "once";
	const struct nem_privkey priv = key_number(4);
	const struct nem_pubkey pub = pubkey_number(4);
	struct nem_signature sig;
	unsigned carry = 0;

	(void)state;
	nem_sign(&sig, &priv, msg, sizeof(msg));
	for (size_t i = 0; i < 32; i++) {
		carry += (unsigned)sig.b[32 + i] + order[i];
		sig.b[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	assert_false(nem_signature_check(&sig, &pub, msg, sizeof(msg)));
	memcpy(sig.b + 32, order, 32);
	assert_false(nem_signature_check(&sig, &pub, msg, sizeof(msg)));
	memset(sig.b + 32, 0, 32);
	assert_false(nem_signature_check(&sig, &pub, msg, sizeof(msg)));
}

/* R = S * B holds for a key of order n where h is a multiple of n. */
static unsigned count_accepted(const struct nem_pubkey *pub, unsigned tries)
{
	unsigned n = 0;

	for (unsigned i = 0; i < tries; i++) {
		struct nem_signature sig = { { 0 } };
		uint8_t msg[1] = { (uint8_t)i };

		sig.b[32] = 9;
		assert_int_equal(
		    crypto_scalarmult_ed25519_base_noclamp(sig.b, sig.b + 32), 0);
		if (nem_signature_check(&sig, pub, msg, sizeof(msg)))
			n++;
	}
	return n;
}

/* NIS looks neither at the order of a key nor at its encoding, only that it is a point
 * and not all zero. */
static void test_odd_keys(void **state)
{
	const struct nem_pubkey order_eight =
	    pubkey("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
	struct nem_pubkey zero = { { 0 } };
	struct nem_pubkey neutral = { { 1 } };
	struct nem_pubkey order_two; /* (0, -1): y = p - 1 */
	struct nem_pubkey no_point = { { 2 } };
	struct nem_pubkey
	    long_form; /* y = p + 1: the neutral element, written longer */
	unsigned n;

	(void)state;
	memset(order_two.b, 0xFF, 32);
	order_two.b[0] = 0xEC;
	order_two.b[31] = 0x7F;
	long_form = order_two;
	long_form.b[0] = 0xEE;
	assert_int_equal(count_accepted(&zero, 8), 0);
	assert_int_equal(count_accepted(&no_point, 8), 0);
	assert_int_equal(count_accepted(&neutral, 8), 8);
	assert_int_equal(count_accepted(&long_form, 8), 8);
	n = count_accepted(&order_two, 32);
	assert_in_range(n, 6, 26);
	/* Of order eight: one in eight. */
	n = count_accepted(&order_eight, 250);
	assert_in_range(n, 10, 60);
}

/* A key outside the main subgroup: the honest key plus the point of order two. A
 * signature made for it with the honest scalar holds where h is even. */
static void test_mixed_key(void **state)
{
	const struct nem_privkey priv = key_number(5);
	struct nem_pubkey mixed = pubkey_number(5);
	uint8_t order_two[32];
	uint8_t reversed[32];
	uint8_t k[64];
	unsigned accepted = 0;
	unsigned even = 0;

	(void)state;
	memset(order_two, 0xFF, 32);
	order_two[0] = 0xEC;
	order_two[31] = 0x7F;
	assert_int_equal(crypto_core_ed25519_add(mixed.b, mixed.b, order_two), 0);
	for (size_t i = 0; i < 32; i++)
		reversed[i] = priv.b[31 - i];
	nem_keccak512(k, reversed, 32);
	k[0] &= 0xF8;
	k[31] = (uint8_t)((k[31] & 0x7F) | 0x40);
	for (unsigned i = 0; i < 24; i++) {
		struct nem_signature sig;
		struct nem_keccak state2;
		uint8_t msg[1] = { (uint8_t)i };
		uint8_t r[32] = { 77, (uint8_t)i };
		uint8_t wide[64];
		uint8_t h[32];

		assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(sig.b, r), 0);
		nem_keccak512_init(&state2);
		nem_keccak_update(&state2, sig.b, 32);
		nem_keccak_update(&state2, mixed.b, 32);
		nem_keccak_update(&state2, msg, 1);
		nem_keccak_final(&state2, wide);
		crypto_core_ed25519_scalar_reduce(h, wide);
		crypto_core_ed25519_scalar_mul(sig.b + 32, h, k);
		crypto_core_ed25519_scalar_add(sig.b + 32, sig.b + 32, r);
		even += h[0] % 2 == 0;
		if (nem_signature_check(&sig, &mixed, msg, 1)) {
			assert_int_equal(h[0] % 2, 0);
			accepted++;
		}
	}
	assert_int_equal(accepted, even);
	assert_in_range(even, 3, 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_keccak_split),
		cmocka_unit_test(test_sign_and_check),
		cmocka_unit_test(test_flip_bits),
		cmocka_unit_test(test_malleable),
		cmocka_unit_test(test_odd_keys),
		cmocka_unit_test(test_mixed_key),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
