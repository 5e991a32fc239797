/* Encrypted messages. The first vector is public: symbol/symbol,
 * tests/vectors/nem/crypto/4.test-cipher-deprecated.json, first entry. */
#include "test.h"

static const char payload[] =
    "AC6C43D4ECB3E9BC1753218D5C5AD0B91B053A2B7FFA3A0E0E65D0085FB38D79"
    "F15E192B633554AFDC2EDA91FC1EAD4E"
    "ECFB59733E063F2C2666E1FA77CE6449E8540B74F398395E9F06A683B72C246E";

static enum xt_status decrypt(const char *private_hex, const char *public_hex,
			      const uint8_t *p, uint32_t n, char *hex)
{
	struct nem_privkey key;
	struct nem_pubkey other;
	struct nem_bytes m = { .data = (uint8_t *)(uintptr_t)p, .len = n };
	struct xt_err err = { 0 };
	struct xt_buf out;
	enum xt_status rc;

	assert_int_equal(xt_hex_decode(key.b, 32, private_hex, &err), XT_OK);
	assert_int_equal(xt_hex_decode(other.b, 32, public_hex, &err), XT_OK);
	xt_buf_init(&out, 1024);
	rc = nem_message_decrypt(&out, &key, &other, &m, &err);
	if (rc == XT_OK)
		xt_hex_encode(hex, out.data, out.len);
	else
		assert_int_equal(out.len, 0);
	xt_buf_release(&out);
	return rc;
}

#define MINE  "3140F94C79F249787D1EC75A97A885980EB8F0A7D9B7AA03E7200296E422B2B6"
#define OTHER "9791ECCFA059DC3AAF27189A18B130FB592159BB8E87491640C30F0945B0433C"

static void test_vector(void **state)
{
	uint8_t p[80];
	char hex[200];

	(void)state;
	assert_int_equal(xt_hex_decode(p, sizeof(p), payload, NULL), XT_OK);
	assert_int_equal(decrypt(MINE, OTHER, p, sizeof(p), hex), XT_OK);
	assert_string_equal(
	    hex, "86ddb9e713a8ebf67a51830eff03b837e147c20d75e67b2a54aa29e98c");
}

static void test_refused(void **state)
{
	uint8_t p[80];
	char hex[200];

	(void)state;
	assert_int_equal(xt_hex_decode(p, sizeof(p), payload, NULL), XT_OK);
	/* Cut, and of another length than whole blocks. */
	assert_int_equal(decrypt(MINE, OTHER, p, 0, hex), XT_E_DATA);
	assert_int_equal(decrypt(MINE, OTHER, p, 48, hex), XT_E_DATA);
	assert_int_equal(decrypt(MINE, OTHER, p, 79, hex), XT_E_DATA);
	/* Another key; a point of small order. */
	assert_int_equal(
	    decrypt("3140F94C79F249787D1EC75A97A885980EB8F0A7D9B7AA03E7200296E422B2B7",
		    OTHER, p, sizeof(p), hex),
	    XT_E_VERIFY);
	assert_int_equal(
	    decrypt(MINE,
		    "0100000000000000000000000000000000000000000000000000000000000000",
		    p, sizeof(p), hex),
	    XT_E_VERIFY);
	/* A changed byte of the last block but one garbles the padding's block. */
	p[sizeof(p) - 17] ^= 1;
	assert_int_equal(decrypt(MINE, OTHER, p, sizeof(p), hex), XT_E_VERIFY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_refused),
	};

	assert_int_equal(nem_crypto_init(NULL), XT_OK);
	return cmocka_run_group_tests_name("nem_cipher", tests, NULL, NULL);
}
