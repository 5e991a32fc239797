#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <base/alloc_hook.h>
#include <xemtrace/base.h>
#include <xemtrace/limits.h>

static bool never(void *ctx)
{
	(void)ctx;
	return false;
}

/* ---- status and error text --------------------------------------------------------
 */

static void test_fail(void **state)
{
	struct xt_err err = { XT_OK, "" };
	char longer[600];

	(void)state;
	assert_int_equal(xt_fail(&err, XT_E_DATA, "%s:%d", "a", 3), XT_E_DATA);
	assert_int_equal(err.code, XT_E_DATA);
	assert_string_equal(err.text, "a:3");
	assert_int_equal(xt_fail(NULL, XT_E_IO, "x"), XT_E_IO);
	/* An argument may be the old text itself. */
	assert_int_equal(xt_fail(&err, XT_E_IO, "b: %s", err.text), XT_E_IO);
	assert_string_equal(err.text, "b: a:3");
	/* Control bytes, broken UTF-8 and direction marks do not pass; letters do. */
	(void)xt_fail(&err, XT_E_DATA,
		      "1\n2\x1B[3\x7F"
		      "4\xC2\x9B"
		      "5\xFF"
		      "6\xE2\x80\xAE"
		      "7\xE2\x80\xA8"
		      "8\xC3\xA4\xE2\x82\xAC");
	assert_string_equal(err.text, "1?2?[3?4?5?6?7?8\xC3\xA4\xE2\x82\xAC");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	(void)xt_fail(&err, XT_E_DATA, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_string_equal(err.text + sizeof(err.text) - 5, "x...");
}

static void test_where(void **state)
{
	struct xt_err err = { XT_OK, "" };

	(void)state;
	(void)xt_fail(&err, XT_E_DATA, "fee: missing");
	assert_int_equal(xt_where(&err, "page %d", 3), XT_E_DATA);
	assert_string_equal(err.text, "page 3: fee: missing");
	assert_int_equal(err.code, XT_E_DATA);
	assert_int_equal(xt_where(NULL, "page"), XT_E_BUG);
	err.code = XT_OK;
	assert_int_equal(xt_where(&err, "page"), XT_E_BUG);
}

static void test_status_names(void **state)
{
	(void)state;
	assert_string_equal(xt_status_name(XT_OK), "ok");
	assert_string_equal(xt_status_name(XT_E_DATA), "data");
	assert_string_equal(xt_status_name(XT_E_VERIFY), "verify");
	for (int i = XT_OK; i <= XT_E_BUG; i++) {
		assert_string_not_equal(xt_status_name((enum xt_status)i), "unknown");
		for (int k = XT_OK; k < i; k++)
			assert_string_not_equal(xt_status_name((enum xt_status)i),
						xt_status_name((enum xt_status)k));
	}
}

/* ---- memory -----------------------------------------------------------------------
 */

static void test_alloc(void **state)
{
	uint32_t *p = xt_calloc(0, sizeof(*p));
	char *s;

	(void)state;
	assert_non_null(p);
	p = xt_reallocarray(p, 4, sizeof(*p));
	assert_non_null(p);
	assert_null(xt_reallocarray(p, SIZE_MAX / 2, sizeof(*p)));
	assert_null(xt_calloc(SIZE_MAX / 2, sizeof(*p)));
	s = xt_strdup("abc");
	assert_string_equal(s, "abc");
	xt_alloc_hook_set(never, NULL);
	assert_null(xt_calloc(1, 1));
	assert_null(xt_reallocarray(p, 1, 1));
	assert_null(xt_strdup("abc"));
	xt_alloc_hook_set(NULL, NULL);
	free(p);
	free(s);
}

static void test_buf(void **state)
{
	static const uint8_t le[] = { 4,    3,    2,    1,    0x88, 0x77,
				      0x66, 0x55, 0x44, 0x33, 0x22, 0x11 };
	struct xt_buf b;
	struct xt_err err;

	(void)state;
	xt_buf_init(&b, 16);
	assert_string_equal(xt_buf_str(&b), "");
	assert_int_equal(xt_buf_add(&b, NULL, 0, &err), XT_OK);
	assert_int_equal(xt_buf_adds(&b, "abc", &err), XT_OK);
	assert_int_equal(xt_buf_addf(&b, &err, "-%d-", 42), XT_OK);
	assert_string_equal(xt_buf_str(&b), "abc-42-");
	assert_int_equal(b.len, 7);
	/* Full to the last byte, and not one more. */
	assert_int_equal(xt_buf_adds(&b, "123456789", &err), XT_OK);
	assert_int_equal(b.len, 16);
	assert_string_equal(xt_buf_str(&b), "abc-42-123456789");
	assert_int_equal(xt_buf_adds(&b, "x", &err), XT_E_LIMIT);
	assert_int_equal(xt_buf_addf(&b, &err, "%s", "x"), XT_E_LIMIT);
	assert_int_equal(xt_buf_add(&b, "x", SIZE_MAX, &err), XT_E_LIMIT);
	assert_int_equal(b.len, 16);
	xt_buf_clear(&b);
	assert_int_equal(b.len, 0);
	assert_int_equal(xt_buf_u32(&b, 0x01020304, &err), XT_OK);
	assert_int_equal(xt_buf_u64(&b, UINT64_C(0x1122334455667788), &err), XT_OK);
	assert_memory_equal(b.data, le, sizeof(le));
	xt_buf_release(&b);
	xt_buf_release(&b);
	xt_buf_init(&b, SIZE_MAX);
	xt_alloc_hook_set(never, NULL);
	assert_int_equal(xt_buf_adds(&b, "x", &err), XT_E_NOMEM);
	xt_alloc_hook_set(NULL, NULL);
	assert_int_equal(xt_buf_add(&b, "x", SIZE_MAX, &err), XT_E_LIMIT);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(xt_buf_add(&b, &i, 1, &err), XT_OK);
	assert_int_equal(b.len, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.data[i], i & 0xFF);
	xt_buf_release(&b);
}

/* ---- numbers ----------------------------------------------------------------------
 */

static void test_parse(void **state)
{
	static const char *const bad[] = { "",
					   "00",
					   "01",
					   "-1",
					   "+1",
					   " 1",
					   "1 ",
					   "1a",
					   "0x1",
					   "1.0",
					   "1e3",
					   "101",
					   "18446744073709551616",
					   "\xD9\xA1",
					   "1\n" };
	uint64_t v = 9;
	struct xt_err err;

	(void)state;
	assert_int_equal(xt_parse_u64(&v, "0", 0, &err), XT_OK);
	assert_int_equal(v, 0);
	assert_int_equal(xt_parse_u64(&v, "100", 100, &err), XT_OK);
	assert_int_equal(v, 100);
	assert_int_equal(xt_parse_u64(&v, "18446744073709551615", UINT64_MAX, &err),
			 XT_OK);
	assert_true(v == UINT64_MAX);
	assert_int_equal(xt_parse_u64(&v, "18446744073709551616", UINT64_MAX, &err),
			 XT_E_DATA);
	for (size_t i = 0; i < XT_ARRAY_SIZE(bad); i++) {
		v = 9;
		assert_int_equal(xt_parse_u64(&v, bad[i], 100, &err), XT_E_DATA);
		assert_int_equal(v, 9);
	}
}

static void test_hex(void **state)
{
	uint8_t raw[3] = { 1, 2, 3 };
	char text[7];

	(void)state;
	assert_int_equal(xt_hex_decode(raw, 3, "00fFa9", NULL), XT_OK);
	assert_int_equal(raw[0], 0);
	assert_int_equal(raw[1], 0xFF);
	assert_int_equal(raw[2], 0xA9);
	xt_hex_encode(text, raw, 3);
	assert_string_equal(text, "00ffa9");
	assert_int_equal(xt_hex_decode(raw, 3, "00ffa", NULL), XT_E_DATA);
	assert_int_equal(xt_hex_decode(raw, 3, "00ffa900", NULL), XT_E_DATA);
	assert_int_equal(xt_hex_decode(raw, 3, "11ffg9", NULL), XT_E_DATA);
	assert_int_equal(xt_hex_decode(raw, 3, "0x11ff", NULL), XT_E_DATA);
	assert_int_equal(raw[0], 0);
	assert_int_equal(xt_hex_decode(raw, 0, "", NULL), XT_OK);
}

static void test_arithmetic(void **state)
{
	uint64_t v = 7;
	char text[40];

	(void)state;
	assert_true(xt_muldiv(&v, 10, 10, 3));
	assert_int_equal(v, 33);
	assert_true(xt_muldiv(&v, UINT64_MAX, UINT64_MAX, UINT64_MAX));
	assert_true(v == UINT64_MAX);
	v = 7;
	assert_false(xt_muldiv(&v, UINT64_MAX, 2, 1));
	assert_false(xt_muldiv(&v, 1, 1, 0));
	assert_false(xt_add(&v, UINT64_MAX, 1));
	assert_false(xt_sub(&v, 1, 2));
	assert_int_equal(v, 7);
	assert_true(xt_add(&v, UINT64_MAX - 1, 1));
	assert_true(v == UINT64_MAX);
	assert_true(xt_sub(&v, 5, 5));
	assert_int_equal(v, 0);
	xt_u128_format(text, 0);
	assert_string_equal(text, "0");
	xt_u128_format(text, (xt_u128)UINT64_MAX * 10);
	assert_string_equal(text, "184467440737095516150");
	xt_u128_format(text, ~(xt_u128)0);
	assert_string_equal(text, "340282366920938463463374607431768211455");
}

static bool utf8(const char *s)
{
	return xt_utf8_valid((const uint8_t *)s, strlen(s));
}

static void test_utf8_cut(void **state)
{
	static const char kana[] = "コインチェック"; /* seven of three bytes each */
	char out[22];

	(void)state;
	for (size_t n = 4; n <= sizeof(out); n++) {
		xt_utf8_cut(out, n, kana);
		assert_true(strlen(out) < n);
		assert_true(utf8(out));
		/* As many whole ones as leave room for the mark. */
		const size_t whole = n == sizeof(out) ? 21 : (n - 4) / 3 * 3;
		assert_memory_equal(out, kana, whole);
		assert_string_equal(out + whole, n == sizeof(out) ? "" : "…");
	}
	xt_utf8_cut(out, 4, "abc");
	assert_string_equal(out, "abc");
	xt_utf8_cut(out, 6, "abcdef");
	assert_string_equal(out, "ab…");
	xt_utf8_cut(out, 8, "\x80\x80\x80\x80\x80\x80\x80\x80\x80");
	assert_int_equal(strlen(out), 4);
}

static void test_utf8(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xC0\x80",
		"\xC1\xBF",
		"\xC2",
		"\xC2\x41",
		"\xE0\x9F\xBF",
		"\xED\xA0\x80",
		"\xED\xBF\xBF",
		"\xE2\x82",
		"\xE2\x82\x41",
		"\xF0\x8F\xBF\xBF",
		"\xF4\x90\x80\x80",
		"\xF5\x80\x80\x80",
		"\xF0\x9F\x98",
		"\xFE",
		"\xFF",
		"a\xF8\x88\x80\x80\x80",
	};

	(void)state;
	assert_true(utf8(""));
	assert_true(utf8("abc"));
	assert_true(xt_utf8_valid((const uint8_t *)"a\0b", 3));
	assert_true(utf8("\xC2\x80\xDF\xBF"));
	assert_true(utf8("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"));
	assert_true(utf8("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
	for (size_t i = 0; i < XT_ARRAY_SIZE(bad); i++)
		assert_false(utf8(bad[i]));
}

/* ---- containers -------------------------------------------------------------------
 */

static void test_map(void **state)
{
	struct xt_map *m = NULL;
	struct xt_err err;
	uint32_t v = 0;
	char key[32];

	(void)state;
	assert_int_equal(xt_map_new(&m, &err), XT_OK);
	assert_false(xt_map_get(m, &v, "a", 1));
	assert_int_equal(xt_map_put(m, "", 0, 5, &err), XT_OK);
	assert_int_equal(xt_map_put(m, "a", 1, 6, &err), XT_OK);
	assert_int_equal(xt_map_put(m, "a\0", 2, 7, &err), XT_OK);
	assert_true(xt_map_get(m, &v, "", 0) && v == 5);
	assert_true(xt_map_get(m, &v, "a", 1) && v == 6);
	assert_true(xt_map_get(m, &v, "a\0", 2) && v == 7);
	assert_int_equal(xt_map_put(m, "a", 1, UINT32_MAX, &err), XT_OK);
	assert_true(xt_map_get(m, &v, "a", 1) && v == UINT32_MAX);
	assert_int_equal(xt_map_count(m), 3);
	for (uint32_t i = 0; i < 20000; i++) {
		const int n = snprintf(key, sizeof(key), "key %u", i * 7919);

		assert_int_equal(xt_map_put(m, key, (size_t)n, i, &err), XT_OK);
	}
	assert_int_equal(xt_map_count(m), 20003);
	for (uint32_t i = 0; i < 20000; i++) {
		const int n = snprintf(key, sizeof(key), "key %u", i * 7919);

		assert_true(xt_map_get(m, &v, key, (size_t)n));
		assert_int_equal(v, i);
	}
	assert_false(xt_map_get(m, &v, "key", 3));
	xt_map_free(m);
	xt_map_free(NULL);
}

static bool every_third(void *ctx)
{
	unsigned *n = ctx;

	return ++*n % 3 != 0;
}

/* A put that fails for memory leaves the map as it was, and can be tried again. */
static void test_map_chaos(void **state)
{
	struct xt_map *m = NULL;
	struct xt_err err;
	unsigned calls = 0;
	unsigned failures = 0;
	uint32_t v;

	(void)state;
	xt_alloc_hook_set(never, NULL);
	assert_int_equal(xt_map_new(&m, &err), XT_E_NOMEM);
	assert_null(m);
	xt_alloc_hook_set(NULL, NULL);
	assert_int_equal(xt_map_new(&m, &err), XT_OK);
	xt_alloc_hook_set(every_third, &calls);
	for (uint32_t i = 0; i < 5000; i++)
		while (xt_map_put(m, &i, sizeof(i), i, &err) != XT_OK) {
			assert_int_equal(err.code, XT_E_NOMEM);
			assert_int_equal(xt_map_count(m), i);
			assert_false(xt_map_get(m, &v, &i, sizeof(i)));
			failures++;
		}
	xt_alloc_hook_set(NULL, NULL);
	assert_true(failures > 3);
	for (uint32_t i = 0; i < 5000; i++) {
		assert_true(xt_map_get(m, &v, &i, sizeof(i)));
		assert_int_equal(v, i);
	}
	xt_map_free(m);
}

static bool in_order(const struct xt_heap_item *a, const struct xt_heap_item *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->tie != b->tie ? a->tie < b->tie : a->id <= b->id;
}

static void test_heap(void **state)
{
	struct xt_heap h;
	struct xt_heap_item last = { UINT64_MAX, 0, 0 };
	struct xt_heap_item item;
	struct xt_err err;
	uint64_t x = 1;
	size_t n = 0;

	(void)state;
	xt_heap_init(&h);
	assert_false(xt_heap_pop(&h, &item));
	for (uint64_t i = 0; i < 3000; i++) {
		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		item = (struct xt_heap_item){ x >> 61, x >> 33 & 3, i % 1500 };
		assert_int_equal(xt_heap_push(&h, item, &err), XT_OK);
	}
	while (xt_heap_pop(&h, &item)) {
		assert_true(in_order(&last, &item));
		last = item;
		n++;
	}
	assert_int_equal(n, 3000);
	xt_heap_release(&h);
	xt_alloc_hook_set(never, NULL);
	assert_int_equal(xt_heap_push(&h, item, &err), XT_E_NOMEM);
	xt_alloc_hook_set(NULL, NULL);
	assert_int_equal(h.len, 0);
	xt_heap_release(&h);
}

/* ---- seams ------------------------------------------------------------------------
 */

struct heard {
	enum xt_log_level level;
	char text[XT_MAX_LINE];
	uint64_t done, total;
	bool answer;
};

static void hear_log(void *ctx, enum xt_log_level level, const char *text)
{
	struct heard *h = ctx;

	h->level = level;
	memcpy(h->text, text, strlen(text) + 1);
}

static bool hear_progress(void *ctx, uint64_t done, uint64_t total, const char *text)
{
	struct heard *h = ctx;

	h->done = done;
	h->total = total;
	memcpy(h->text, text, strlen(text) + 1);
	return h->answer;
}

static void test_sinks(void **state)
{
	struct heard h = { .answer = false };
	const struct xt_sink s = { hear_log, hear_progress, &h };
	const struct xt_sink deaf = { 0 };

	(void)state;
	xt_log(&s, XT_LOG_WARN, "name '%s'", "a\nb");
	assert_int_equal(h.level, XT_LOG_WARN);
	assert_string_equal(h.text, "name 'a?b'");
	assert_false(xt_progress(&s, 3, 9, "%d blocks", 3));
	assert_string_equal(h.text, "3 blocks");
	(void)xt_progress(&s, 0, 0, "%s", "a\x1b[m\nb\r\n");
	assert_string_equal(h.text, "a?[m\nb?\n");
	(void)xt_progress(&s, 3, 9, "%d blocks", 3);
	assert_int_equal(h.done, 3);
	assert_int_equal(h.total, 9);
	h.answer = true;
	assert_true(xt_progress(&s, 4, 9, "x"));
	xt_log(NULL, XT_LOG_ERROR, "x");
	xt_log(&deaf, XT_LOG_ERROR, "x");
	assert_true(xt_progress(NULL, 1, 2, "x"));
	assert_true(xt_progress(&deaf, 1, 2, "x"));
}

static void test_clock(void **state)
{
	const struct xt_clock *c = xt_clock_system();
	const uint64_t start = c->monotonic_ms(c->ctx);

	(void)state;
	assert_true(c->unix_time(c->ctx) > INT64_C(1500000000));
	assert_true(c->monotonic_ms(c->ctx) >= start);
	assert_true(xt_version()[0] >= '0' && xt_version()[0] <= '9');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fail),         cmocka_unit_test(test_where),
		cmocka_unit_test(test_status_names), cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_buf),          cmocka_unit_test(test_parse),
		cmocka_unit_test(test_hex),          cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_utf8),         cmocka_unit_test(test_utf8_cut),
		cmocka_unit_test(test_map),          cmocka_unit_test(test_map_chaos),
		cmocka_unit_test(test_heap),         cmocka_unit_test(test_sinks),
		cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
