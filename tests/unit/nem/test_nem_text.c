/* Text both ways: addresses, amounts, times, messages. */
#include "test.h"

struct key_row {
	const char *priv, *pub, *mainnet, *testnet;
};

/* clang-format off */
static const struct key_row keys[] = {
	{ "575dbb3062267eff57c970a336ebbc8fbcfe12c5bd3ed7bc11eb0481d7704ced",
	  "c5f54ba980fcbb657dbaaa42700539b207873e134d2375efeab5f1ab52f87844",
	  "NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4", "TDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5KZPFMK2" },
	{ "5b0e3fa5d3b49a79022d7c1e121ba1cbbf4db5821f47ab8c708ef88defc29bfe",
	  "96eb2a145211b1b7ab5f0d4b14f8abc8d695c7aee31a3cfc2d4881313c68eea3",
	  "NABHFGE5ORQD3LE4O6B7JUFN47ECOFBFASC3SCAC", "TABHFGE5ORQD3LE4O6B7JUFN47ECOFBFATE53N2I" },
	{ "738ba9bb9110aea8f15caa353aca5653b4bdfca1db9f34d0efed2ce1325aeeda",
	  "2d8425e4ca2d8926346c7a7ca39826acd881a8639e81bd68820409c6e30d142a",
	  "NAVOZX4HDVOAR4W6K4WJHWPD3MOFU27DFHC7KZOZ", "TAVOZX4HDVOAR4W6K4WJHWPD3MOFU27DFEJDR2PR" },
	{ "e8bf9bc0f35c12d8c8bf94dd3a8b5b4034f1063948e3cc5304e55e31aa4b95a6",
	  "4feed486777ed38e44c489c7c4e93a830e4c4a907fa19a174e630ef0f6ed0409",
	  "NBZ6JK5YOCU6UPSSZ5D3G27UHAPHTY5HDQMGE6TT", "TBZ6JK5YOCU6UPSSZ5D3G27UHAPHTY5HDQCDS5YA" },
	{ "c325ea529674396db5675939e7988883d59a5fc17a28ca977e3ba85370232a83",
	  "83ee32e4e145024d29bca54f71fa335a98b3e68283f1a3099c4d4ae113b53e54",
	  "NCQW2P5DNZ5BBXQVGS367DQ4AHC3RXOEVGRCLY6V", "TCQW2P5DNZ5BBXQVGS367DQ4AHC3RXOEVFZOQCJ6" },
};
/* clang-format on */

static int setup(void **state)
{
	(void)state;
	return nem_crypto_init(NULL) == XT_OK ? 0 : -1;
}

static void test_address_of_key(void **state)
{
	const struct nem_pubkey nemesis =
	    pubkey("8d07f90fb4bbe7715fa327c926770166a11be2e494a970605f2e12557f66c9b9");
	struct nem_address a;

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(keys); i++) {
		const struct nem_privkey priv = privkey(keys[i].priv);
		const struct nem_pubkey want = pubkey(keys[i].pub);
		struct nem_pubkey pub;

		nem_pubkey_from_private(&pub, &priv);
		assert_memory_equal(pub.b, want.b, sizeof(pub.b));
		nem_address_from_pubkey(&a, NEM_MAINNET, &pub);
		assert_string_equal(a.s, keys[i].mainnet);
		nem_address_from_pubkey(&a, NEM_TESTNET, &pub);
		assert_string_equal(a.s, keys[i].testnet);
		if (i == 0) {
			nem_address_from_pubkey(&a, NEM_MIJIN, &pub);
			assert_string_equal(a.s,
					    "MDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5LDT7JHT");
		}
	}
	nem_address_from_pubkey(&a, NEM_MAINNET, &nemesis);
	assert_string_equal(a.s, NEM_NEMESIS_ADDRESS);
}

static void refuse_address(const char *text, const char *reason)
{
	struct nem_address a = { "untouched" };
	struct xt_err err = { XT_OK, "" };

	assert_int_equal(nem_address_parse(&a, text, &err), XT_E_DATA);
	assert_int_equal(err.code, XT_E_DATA);
	if (strstr(err.text, reason) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, reason);
	assert_string_equal(a.s, "untouched");
}

static void test_address_parse(void **state)
{
	static const char full[] = "NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4";
	struct nem_address a;
	struct nem_address b;
	char dashed[47];
	char changed[41];

	(void)state;
	a = address(full);
	assert_int_equal(nem_address_network(&a), NEM_MAINNET);
	nem_address_format_dashed(dashed, &a);
	assert_string_equal(dashed, "NDD2CT-6LQLIY-Q56KIX-I3ENTM-6EK3D4-4P5JFX-J4R4");
	b = address(dashed);
	assert_true(nem_address_equal(&a, &b));
	b = address("ndd2ct-6lqliy-q56kix-i3entm-6ek3d4-4p5jfx-j4r4");
	assert_true(nem_address_equal(&a, &b));
	b = address("TDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5KZPFMK2");
	assert_int_equal(nem_address_network(&b), NEM_TESTNET);
	assert_false(nem_address_equal(&a, &b));
	b = address("MDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5LDT7JHT");
	assert_int_equal(nem_address_network(&b), NEM_MIJIN);
	refuse_address("", "0 characters");
	refuse_address("NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R", "39 characters");
	refuse_address("NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R44", "longer");
	refuse_address("NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R5", "checksum");
	refuse_address("NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R1", "place 40");
	refuse_address("0DD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4", "place 1");
	refuse_address(" NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4", "place 1");
	refuse_address("NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4 ", "place 41");
	refuse_address("-NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4", "place 1");
	refuse_address("NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4-", "place 41");
	refuse_address("NDD2CT--6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4", "place 7");
	refuse_address("ADD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4", "network byte");
	refuse_address("N\xC3\xA9", "place 2");
	/* No single character can change unseen. */
	for (size_t i = 0; i < 40; i++) {
		memcpy(changed, full, sizeof(changed));
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_int_equal(nem_address_parse(&b, changed, NULL), XT_E_DATA);
	}
}

static void test_party(void **state)
{
	static const char *const bad[] = {
		"",
		"@",
		"@A",
		"@a b",
		"@a_b",
		"@@",
		"name",
		"@\xC3\xA4",
		"@a123456789b123456789c123456789d123456789",
		"NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R5",
	};
	struct nem_party p = { "untouched" };
	struct xt_err err;

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(bad); i++) {
		assert_int_equal(nem_party_parse(&p, bad[i], &err), XT_E_DATA);
		assert_string_equal(p.s, "untouched");
	}
	assert_ok(nem_party_parse(&p, "@a123456789b123456789c123456789d12345678", &err),
		  err);
	assert_int_equal(strlen(p.s), 40);
	assert_false(nem_party_is_address(&p));
	assert_ok(nem_party_parse(&p, "@dark-shop-1", &err), err);
	assert_string_equal(p.s, "@dark-shop-1");
	assert_ok(
	    nem_party_parse(&p, "ndd2ct-6lqliy-q56kix-i3entm-6ek3d4-4p5jfx-j4r4", &err),
	    err);
	assert_string_equal(p.s, "NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4");
	assert_true(nem_party_is_address(&p));
}

static void amount_is(const char *text, uint64_t uxem)
{
	struct nem_amount a = { 1 };
	struct xt_err err;

	assert_ok(nem_amount_parse_xem(&a, text, &err), err);
	assert_int_equal(a.uxem, uxem);
}

static void refuse_amount(const char *text)
{
	struct nem_amount a = { 77 };
	struct xt_err err = { XT_OK, "" };

	if (nem_amount_parse_xem(&a, text, &err) != XT_E_DATA)
		fail_msg("'%s' was taken for %llu", text, (unsigned long long)a.uxem);
	assert_int_equal(a.uxem, 77);
	assert_true(err.text[0] != '\0');
}

static void test_amount(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"-1",
		"+1",
		"1.",
		".5",
		"1.1234567",
		"1,23",
		"12,34",
		"1234,567",
		",123",
		"1,,234",
		"1,234,",
		"1,2345",
		"01",
		"00",
		"0,123",
		"1 000",
		"1e3",
		"0x1",
		"1.5 ",
		" 1",
		"1.2.3",
		"1.,2",
		"1.123,4",
		"XEM",
		"1XEM",
		"9223372036854.775808",
		"9223372036855",
		"18446744073709551616",
		"99999999999999999999999999999999",
		"1,000,00",
		"1\n",
	};
	char text[32];

	(void)state;
	amount_is("0", 0);
	amount_is("0.0", 0);
	amount_is("0.000001", 1);
	amount_is("1", 1000000);
	amount_is("1234", UINT64_C(1234000000));
	amount_is("1,234.5", UINT64_C(1234500000));
	amount_is("1234.567890", UINT64_C(1234567890));
	amount_is("526,300,010", UINT64_C(526300010000000));
	amount_is("9,000,000,240", NEM_SUPPLY_UXEM);
	amount_is("9223372036854.775807", INT64_MAX);
	for (size_t i = 0; i < XT_ARRAY_SIZE(bad); i++)
		refuse_amount(bad[i]);
	assert_string_equal(nem_amount_format(text, (struct nem_amount){ 0 }, true),
			    "0.000000");
	assert_string_equal(
	    nem_amount_format(text, (struct nem_amount){ 1234567890 }, true),
	    "1,234.567890");
	assert_string_equal(
	    nem_amount_format(text, (struct nem_amount){ 1234567890 }, false),
	    "1234.567890");
	assert_string_equal(
	    nem_amount_format(text, (struct nem_amount){ 123000001 }, true),
	    "123.000001");
	assert_string_equal(
	    nem_amount_format(text, (struct nem_amount){ UINT64_MAX }, true),
	    "18,446,744,073,709.551615");
}

static void time_is(const char *text, int64_t want)
{
	int64_t t = 0;
	struct xt_err err;

	assert_ok(nem_time_parse(&t, text, &err), err);
	if (t != want)
		fail_msg("'%s' is %lld, not %lld", text, (long long)t, (long long)want);
}

static void test_time(void **state)
{
	static const char *const bad[] = {
		"",
		"2018",
		"2018-01",
		"2018-1-26",
		"18-01-26",
		"2018-13-01",
		"2018-00-01",
		"2018-01-00",
		"2018-01-32",
		"2018-02-29",
		"1900-02-29",
		"2018-04-31",
		"0000-01-01",
		"2018-01-26T",
		"2018-01-26T24:00",
		"2018-01-26T00:60",
		"2018-01-26T00:00:60",
		"2018-01-26T0:02",
		"2018-01-26T00",
		"2018-01-26T00:02:",
		"2018-01-26 00:02",
		"2018-01-26T00:02z",
		"2018-01-26T00:02Z ",
		" 2018-01-26",
		"2018-01-26T00:02+9",
		"2018-01-26T00:02+0900",
		"2018-01-26T00:02+14:01",
		"2018-01-26T00:02+09:60",
		"2018-01-26T00:02:13.5",
		"2018-01-26T00:02Z+09:00",
		"-018-01-26",
		"1516924800",
	};
	char text[24];
	uint32_t n;

	(void)state;
	time_is("2015-03-29T00:06:25Z", NEM_EPOCH_UNIX);
	time_is("2018-01-26", 1516924800);
	time_is("2018-01-26Z", 1516924800);
	time_is("2018-01-26T00:02", 1516924920);
	time_is("2018-01-26T00:02Z", 1516924920);
	time_is("2018-01-26T00:02:13+09:00", 1516924933 - 9 * 3600);
	time_is("2018-01-26T00:02-05:30", 1516924920 + 19800);
	time_is("2018-01-26+09:00", 1516924800 - 9 * 3600);
	time_is("2016-02-29", 1456704000);
	time_is("2000-02-29", 951782400);
	time_is("1970-01-01", 0);
	time_is("1969-12-31T23:59:59", -1);
	time_is("9999-12-31T23:59:59", INT64_C(253402300799));
	time_is("0001-01-01", INT64_C(-62135596800));
	for (size_t i = 0; i < XT_ARRAY_SIZE(bad); i++) {
		int64_t t = 5;
		struct xt_err err = { XT_OK, "" };

		if (nem_time_parse(&t, bad[i], &err) != XT_E_DATA)
			fail_msg("'%s' was taken for %lld", bad[i], (long long)t);
		assert_int_equal(t, 5);
	}
	assert_string_equal(nem_time_format_utc(text, nem_time_to_unix(73532)),
			    "2015-03-29T20:31:57Z");
	assert_string_equal(nem_time_format_utc(text, nem_time_to_unix(94577007)),
			    "2018-03-27T15:29:52Z");
	assert_string_equal(nem_time_format_utc(text, nem_time_to_unix(UINT32_MAX)),
			    "2151-05-05T06:34:40Z");
	assert_string_equal(nem_time_format_utc(text, -1), "1969-12-31T23:59:59Z");
	assert_string_equal(nem_time_format_utc(text, INT64_C(-62135596801)),
			    "out of range");
	assert_string_equal(nem_time_format_utc(text, INT64_MAX), "out of range");
	assert_string_equal(nem_time_format_utc(text, INT64_MIN), "out of range");
	assert_true(nem_time_from_unix(&n, NEM_EPOCH_UNIX));
	assert_int_equal(n, 0);
	assert_false(nem_time_from_unix(&n, NEM_EPOCH_UNIX - 1));
	assert_true(nem_time_from_unix(&n, NEM_EPOCH_UNIX + UINT32_MAX));
	assert_false(nem_time_from_unix(&n, NEM_EPOCH_UNIX + UINT32_MAX + 1));
	/* Every day over eight centuries, in a row. */
	for (int64_t day = -200000; day < 100000; day++) {
		int64_t back;

		nem_time_format_utc(text, day * 86400 + 3723);
		assert_int_equal(nem_time_parse(&back, text, NULL), XT_OK);
		assert_true(back == day * 86400 + 3723);
	}
}

static void test_height_estimate(void **state)
{
	(void)state;
	assert_int_equal(nem_height_estimate(0), 1);
	assert_int_equal(nem_height_estimate(INT64_MIN), 1);
	assert_int_equal(nem_height_estimate(NEM_EPOCH_UNIX), 1);
	assert_int_equal(nem_height_estimate(NEM_EPOCH_UNIX + 6052), 101);
	assert_int_equal(nem_height_estimate(INT64_MAX), UINT32_MAX);
	/* 2021-11-15T01:01:22Z was height 3,459,465. */
	assert_in_range(nem_height_estimate(1636938082), 3459465 - 300, 3459465 + 300);
}

static void message_is(uint32_t type, const char *payload, size_t n, const char *want)
{
	uint8_t copy[64];
	struct nem_bytes m = { .data = n > 0 ? copy : NULL, .len = (uint32_t)n };
	struct xt_buf out;
	struct xt_err err;

	if (n > 0)
		memcpy(copy, payload, n);
	xt_buf_init(&out, 200);
	assert_ok(xt_buf_adds(&out, ">", &err), err);
	assert_ok(nem_message_text(&out, type, &m, &err), err);
	assert_string_equal(xt_buf_str(&out) + 1, want);
	xt_buf_release(&out);
}

static void test_message(void **state)
{
	uint8_t raw[40] = { 0xFF };
	const struct nem_bytes m = { .data = raw, .len = sizeof(raw) };
	struct xt_buf out;

	(void)state;
	message_is(NEM_MSG_NONE, "", 0, "");
	message_is(NEM_MSG_PLAIN, "", 0, "");
	message_is(NEM_MSG_PLAIN, "Hello NEM", 9, "Hello NEM");
	message_is(NEM_MSG_PLAIN, "\xE2\x82\xAC\xF0\x9F\x98\x80", 7,
		   "\xE2\x82\xAC\xF0\x9F\x98\x80");
	message_is(NEM_MSG_PLAIN, "\xFE\x4E\x54", 3, "hex:fe4e54");
	message_is(NEM_MSG_PLAIN, "\xFE", 1, "hex:fe");
	message_is(NEM_MSG_PLAIN, "ab\xFF", 3, "hex:6162ff");
	message_is(NEM_MSG_PLAIN, "\xC0\x80", 2, "hex:c080");
	message_is(NEM_MSG_PLAIN, "\xED\xA0\x80", 3, "hex:eda080");
	message_is(NEM_MSG_PLAIN, "\x1B[31m", 5, "\x1B[31m");
	message_is(NEM_MSG_ENCRYPTED, "abc", 3, "encrypted:616263");
	/* Nothing is left behind when it does not fit. */
	xt_buf_init(&out, 20);
	assert_int_equal(nem_message_text(&out, NEM_MSG_PLAIN, &m, NULL), XT_E_LIMIT);
	assert_int_equal(out.len, 0);
	assert_int_equal(nem_message_text(&out, 9, &m, NULL), XT_E_DATA);
	xt_buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address_of_key),
		cmocka_unit_test(test_address_parse),
		cmocka_unit_test(test_party),
		cmocka_unit_test(test_amount),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_height_estimate),
		cmocka_unit_test(test_message),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
