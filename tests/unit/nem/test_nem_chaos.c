/* Every allocation fails in turn: the status says so, nothing leaks (the sanitizer
 * build looks), and the outputs stay as they were. */
#include "test.h"

#include <base/alloc_hook.h>

#define VECTORS "fixtures/vectors/nis1-generated.json"

static int setup(void **state)
{
	(void)state;
	return nem_crypto_init(NULL) == XT_OK ? 0 : -1;
}

static bool count_down(void *ctx)
{
	unsigned *left = ctx;

	if (*left == 0)
		return false;
	(*left)--;
	return true;
}

/* Decode, check, encode: all that a served transaction goes through. */
static enum xt_status whole_way(const struct xt_buf *raw, struct nem_checked_tx *c,
				struct xt_err *err)
{
	struct nem_tx tx = { 0 };
	struct xt_buf out;
	enum xt_status rc =
	    nem_tx_decode(&tx, raw->data, raw->len, NEM_FORM_SIGNED, err);

	if (rc != XT_OK)
		return rc;
	rc = nem_check_tx_take(c, &tx, NEM_MAINNET, 5, NULL, NULL, err);
	if (rc != XT_OK)
		return rc;
	xt_buf_init(&out, XT_MAX_TX_BYTES);
	rc = nem_tx_encode(&out, &c->tx, NEM_FORM_SIGNED, err);
	if (rc != XT_OK)
		nem_checked_tx_release(c);
	xt_buf_release(&out);
	return rc;
}

static void test_transactions(void **state)
{
	json_t *all = read_json(VECTORS);
	const char *name;
	json_t *v;

	(void)state;
	json_object_foreach(member(all, "transactions"), name, v)
	{
		struct nem_checked_tx c = { 0 };
		struct xt_buf raw;
		struct xt_err err;
		enum xt_status rc = XT_E_NOMEM;
		unsigned at;

		read_hex(&raw, text_of(v, "signed_bytes"));
		for (at = 0; rc != XT_OK; at++) {
			unsigned left = at;

			xt_alloc_hook_set(count_down, &left);
			rc = whole_way(&raw, &c, &err);
			xt_alloc_hook_set(NULL, NULL);
			if (rc != XT_OK) {
				assert_int_equal(rc, XT_E_NOMEM);
				assert_int_equal(err.code, XT_E_NOMEM);
				assert_int_equal(c.tx.type, 0);
			}
			assert_true(at < 1000);
		}
		assert_true(at > 2);
		nem_checked_tx_release(&c);
		xt_buf_release(&raw);
	}
	json_decref(all);
}

static void test_block(void **state)
{
	json_t *all = read_json(VECTORS);
	struct nem_checked_block c = { 0 };
	enum xt_status rc = XT_E_NOMEM;
	struct xt_buf raw;

	(void)state;
	read_hex(&raw, text_of(member(all, "block"), "signed_bytes"));
	for (unsigned at = 0; rc != XT_OK; at++) {
		struct nem_block b = { 0 };
		unsigned left = at;

		xt_alloc_hook_set(count_down, &left);
		rc = nem_block_decode(&b, raw.data, raw.len, NEM_FORM_SIGNED, NULL);
		if (rc == XT_OK)
			rc = nem_check_block_take(&c, &b, NEM_MAINNET, NULL, NULL);
		xt_alloc_hook_set(NULL, NULL);
		if (rc != XT_OK) {
			assert_int_equal(rc, XT_E_NOMEM);
			assert_null(c.txs);
		}
		assert_null(b.txs);
		assert_true(at < 1000);
	}
	assert_int_equal(c.n_txs, 2);
	nem_checked_block_release(&c);
	xt_buf_release(&raw);
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transactions),
		cmocka_unit_test(test_block),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
