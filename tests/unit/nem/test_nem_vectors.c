/* Every stored vector: bytes both ways, hashes, signatures, keys, blocks. */
#include "test.h"

#include <stdlib.h>

#define DIR "fixtures/vectors/"

static int setup(void **state)
{
	(void)state;
	return nem_crypto_init(NULL) == XT_OK ? 0 : -1;
}

static void assert_hash(const struct nem_hash *h, const char *hex)
{
	char text[65];

	xt_hex_encode(text, h->b, sizeof(h->b));
	assert_string_equal(text, hex);
}

/* encode gives these bytes; decode of these bytes gives them again. */
static void both_ways(const struct nem_tx *tx, enum nem_form form, const char *hex)
{
	struct xt_buf want;
	struct xt_buf got;
	struct nem_tx back;
	struct xt_err err;

	read_hex(&want, hex);
	xt_buf_init(&got, XT_MAX_TX_BYTES);
	assert_ok(nem_tx_encode(&got, tx, form, &err), err);
	assert_same(&got, &want);
	assert_ok(nem_tx_decode(&back, want.data, want.len, form, &err), err);
	xt_buf_clear(&got);
	assert_ok(nem_tx_encode(&got, &back, form, &err), err);
	assert_same(&got, &want);
	nem_tx_release(&back);
	xt_buf_release(&got);
	xt_buf_release(&want);
}

static void one_generated(const json_t *v)
{
	const struct nem_privkey key = privkey(text_of(v, "signer_private"));
	const json_t *cosigs = json_object_get(v, "cosignature_hashes");
	struct nem_signature made;
	struct nem_hash hash;
	struct nem_tx tx;
	struct nem_tx again;
	struct xt_buf b;
	struct xt_err err;

	read_tx(&tx, member(v, "json"));
	both_ways(&tx, NEM_FORM_UNSIGNED, text_of(v, "unsigned_bytes"));
	both_ways(&tx, NEM_FORM_SIGNED, text_of(v, "signed_bytes"));
	assert_ok(nem_tx_hash(&hash, &tx, &err), err);
	assert_hash(&hash, text_of(v, "hash"));
	read_hex(&b, text_of(v, "unsigned_bytes"));
	assert_true(nem_signature_check(&tx.signature, &tx.signer, b.data, b.len));
	nem_sign(&made, &key, b.data, b.len);
	assert_memory_equal(made.b, tx.signature.b, sizeof(made.b));
	xt_buf_release(&b);
	if (tx.type == NEM_TX_MULTISIG) {
		both_ways(tx.u.multisig.inner, NEM_FORM_UNSIGNED,
			  text_of(v, "inner_bytes"));
		assert_ok(nem_tx_hash(&hash, tx.u.multisig.inner, &err), err);
		assert_hash(&hash, text_of(v, "inner_hash"));
		assert_int_equal(json_array_size(cosigs), tx.u.multisig.n_cosignatures);
		for (uint32_t i = 0; i < tx.u.multisig.n_cosignatures; i++) {
			assert_ok(
			    nem_tx_hash(&hash, &tx.u.multisig.cosignatures[i], &err),
			    err);
			assert_hash(&hash,
				    json_string_value(json_array_get(cosigs, i)));
		}
	}
	read_tx(&again, member(v, "json"));
	{
		struct nem_checked_tx c = { 0 };

		assert_true(read_hash(&hash, v, "hash"));
		assert_ok(
		    nem_check_tx_take(&c, &again, NEM_MAINNET, 5, &hash, NULL, &err),
		    err);
		assert_int_equal(c.provenance, NEM_SIGNED);
		assert_int_equal(c.has_inner_hash, c.tx.type == NEM_TX_MULTISIG);
		assert_false(c.in_block);
		nem_checked_tx_release(&c);
	}
	nem_tx_release(&tx);
}

static void test_generated(void **state)
{
	json_t *all = read_json(DIR "nis1-generated.json");
	json_t *txs = member(all, "transactions");
	const char *name;
	json_t *v;
	size_t n = 0;

	(void)state;
	json_object_foreach(txs, name, v)
	{
		print_message("%s\n", name);
		one_generated(v);
		n++;
	}
	assert_int_equal(n, 13);
	json_decref(all);
}

static void test_keys(void **state)
{
	json_t *all = read_json(DIR "nis1-generated.json");
	const json_t *keys = member(all, "keys");
	size_t i;
	json_t *k;

	(void)state;
	assert_int_equal(json_array_size(keys), 8);
	json_array_foreach(keys, i, k)
	{
		const struct nem_privkey priv = privkey(text_of(k, "private"));
		const struct nem_pubkey want = pubkey(text_of(k, "public"));
		struct nem_pubkey pub;
		struct nem_address a;

		nem_pubkey_from_private(&pub, &priv);
		assert_memory_equal(pub.b, want.b, sizeof(pub.b));
		nem_address_from_pubkey(&a, NEM_MAINNET, &pub);
		assert_string_equal(a.s, text_of(k, "address_mainnet"));
		nem_address_from_pubkey(&a, NEM_TESTNET, &pub);
		assert_string_equal(a.s, text_of(k, "address_testnet"));
	}
	json_decref(all);
}

static void block_both_ways(const struct nem_block *b, enum nem_form form,
			    const char *hex)
{
	struct xt_buf want;
	struct xt_buf got;
	struct nem_block back;
	struct xt_err err;

	read_hex(&want, hex);
	xt_buf_init(&got, XT_MAX_BLOCK_BYTES);
	assert_ok(nem_block_encode(&got, b, form, &err), err);
	assert_same(&got, &want);
	assert_ok(nem_block_decode(&back, want.data, want.len, form, &err), err);
	assert_int_equal(back.n_txs, b->n_txs);
	xt_buf_clear(&got);
	assert_ok(nem_block_encode(&got, &back, form, &err), err);
	assert_same(&got, &want);
	nem_block_release(&back);
	xt_buf_release(&got);
	xt_buf_release(&want);
}

static void test_generated_block(void **state)
{
	json_t *all = read_json(DIR "nis1-generated.json");
	const json_t *v = member(all, "block");
	const json_t *names = member(v, "transactions");
	const struct nem_privkey key = privkey(text_of(v, "signer_private"));
	struct nem_checked_block c;
	struct nem_signature made;
	struct nem_block b;
	struct nem_hash hash;
	struct xt_buf raw;
	struct xt_err err;

	(void)state;
	read_block(&b, member(v, "header"));
	free(b.txs);
	b.n_txs = (uint32_t)json_array_size(names);
	b.txs = calloc(b.n_txs, sizeof(*b.txs));
	assert_non_null(b.txs);
	for (uint32_t i = 0; i < b.n_txs; i++)
		read_tx(&b.txs[i],
			member(member(member(all, "transactions"),
				      json_string_value(json_array_get(names, i))),
			       "json"));
	assert_int_equal(
	    xt_hex_decode(b.signature.b, 64, text_of(v, "signature"), NULL), XT_OK);
	block_both_ways(&b, NEM_FORM_UNSIGNED, text_of(v, "unsigned_bytes"));
	block_both_ways(&b, NEM_FORM_SIGNED, text_of(v, "signed_bytes"));
	assert_ok(nem_block_hash(&hash, &b, &err), err);
	assert_hash(&hash, text_of(v, "hash"));
	read_hex(&raw, text_of(v, "unsigned_bytes"));
	nem_sign(&made, &key, raw.data, raw.len);
	assert_memory_equal(made.b, b.signature.b, sizeof(made.b));
	xt_buf_release(&raw);
	hash = b.prev;
	assert_ok(nem_check_block_take(&c, &b, NEM_MAINNET, &hash, &err), err);
	assert_null(b.txs);
	assert_int_equal(c.n_txs, 2);
	assert_true(c.txs[1].in_block);
	assert_int_equal(c.txs[1].index, 1);
	assert_int_equal(c.txs[1].height, 2);
	assert_int_equal(c.txs[1].block_time, 90003600);
	assert_hash(&c.txs[1].hash,
		    text_of(member(member(all, "transactions"), "multisig"), "hash"));
	nem_checked_block_release(&c);
	json_decref(all);
}

static size_t n_checked;

/* {"meta": {"hash", "innerHash"}, "transaction"} as nodes answer it. */
static void one_pair(const json_t *pair)
{
	const json_t *meta = member(pair, "meta");
	struct nem_checked_tx c;
	struct nem_hash hash;
	struct nem_hash inner;
	struct nem_tx tx;
	struct xt_err err;
	const bool has_hash = read_hash(&hash, meta, "hash");
	const bool has_inner = read_hash(&inner, meta, "innerHash") ||
			       (!has_hash && read_hash(&inner, pair, "meta"));
	enum nem_network net;

	read_tx(&tx, member(pair, "transaction"));
	net = nem_tx_network(&tx);
	assert_ok(nem_check_tx_take(&c, &tx, net, 7, has_hash ? &hash : NULL,
				    has_inner ? &inner : NULL, &err),
		  err);
	assert_int_equal(c.has_inner_hash, c.tx.type == NEM_TX_MULTISIG);
	assert_int_equal(has_inner, c.tx.type == NEM_TX_MULTISIG);
	assert_true(has_hash || has_inner);
	n_checked++;
	nem_checked_tx_release(&c);
}

static void walk(const json_t *j)
{
	const char *key;
	json_t *v;
	size_t i;

	if (json_object_get(j, "transaction") != NULL &&
	    json_object_get(j, "meta") != NULL)
		one_pair(j);
	json_object_foreach((json_t *)(uintptr_t)j, key, v) walk(v);
	json_array_foreach(j, i, v) walk(v);
}

static void test_real(void **state)
{
	json_t *all = read_json(DIR "nis1-real-mainnet.json");

	(void)state;
	n_checked = 0;
	walk(all);
	assert_int_equal(n_checked, 12);
	json_decref(all);
}

static void test_recorded_accounts(void **state)
{
	json_t *all = read_json(DIR "nis-recorded/accounts.json");

	(void)state;
	n_checked = 0;
	walk(all);
	assert_int_equal(n_checked, 126);
	json_decref(all);
	all = read_json(DIR "nis-recorded/unconfirmedTransactions-cos1.json");
	n_checked = 0;
	walk(all);
	assert_int_equal(n_checked, 1);
	json_decref(all);
}

/* Checks a block and the link to the one before; *prev becomes its hash. */
static void link_block(struct nem_hash *prev, bool linked, const json_t *j,
		       const json_t *txes)
{
	struct nem_checked_block c;
	struct nem_block b;
	struct nem_hash hash;
	struct xt_err err;

	read_block(&b, j);
	assert_ok(nem_check_block_take(&c, &b, NEM_MAINNET, linked ? prev : NULL, &err),
		  err);
	for (uint32_t i = 0; txes != NULL && i < c.n_txs; i++) {
		assert_true(read_hash(&hash, json_array_get(txes, i), "hash"));
		assert_memory_equal(hash.b, c.txs[i].hash.b, sizeof(hash.b));
	}
	*prev = c.hash;
	nem_checked_block_release(&c);
}

static void test_recorded_blocks(void **state)
{
	json_t *all = read_json(DIR "nis-recorded/blocks.json");
	struct nem_hash prev;
	size_t i;
	json_t *j;

	(void)state;
	assert_int_equal(json_array_size(all), 12);
	json_array_foreach(all, i, j) link_block(&prev, i > 0, j, NULL);
	json_decref(all);
	all = read_json(DIR "nis-recorded/local-chain-blocks-after.json");
	assert_int_equal(json_array_size(member(all, "data")), 10);
	json_array_foreach(member(all, "data"), i, j)
	{
		struct nem_hash said;

		link_block(&prev, i > 0, member(j, "block"), member(j, "txes"));
		assert_true(read_hash(&said, j, "hash"));
		assert_memory_equal(said.b, prev.b, sizeof(said.b));
	}
	json_decref(all);
}

/* The 1,353 transactions that the chain began with. */
static void test_nemesis(void **state)
{
	json_t *all = read_json("fixtures/nis/mainnet-nemesis-block.json");
	const struct nem_hash zero = { { 0 } };
	struct nem_checked_block c;
	struct nem_block b;
	struct xt_buf raw;
	struct xt_buf again;
	struct xt_err err;
	uint64_t out = 0;
	size_t transfers = 0;

	(void)state;
	read_block(&b, all);
	assert_int_equal(b.n_txs, 1353);
	xt_buf_init(&raw, XT_MAX_BLOCK_BYTES);
	assert_ok(nem_block_encode(&raw, &b, NEM_FORM_UNSIGNED, &err), err);
	assert_int_equal(raw.len, 279718);
	xt_buf_clear(&raw);
	assert_ok(nem_block_encode(&raw, &b, NEM_FORM_SIGNED, &err), err);
	nem_block_release(&b);
	assert_ok(nem_block_decode(&b, raw.data, raw.len, NEM_FORM_SIGNED, &err), err);
	xt_buf_init(&again, XT_MAX_BLOCK_BYTES);
	assert_ok(nem_block_encode(&again, &b, NEM_FORM_SIGNED, &err), err);
	assert_same(&raw, &again);
	assert_ok(nem_check_block_take(&c, &b, NEM_MAINNET, &zero, &err), err);
	assert_hash(&c.hash,
		    "438cf6375dab5a0d32f9b7bf151d4539e00a590f7c022d5572c7d41815a24be4");
	assert_int_equal(c.n_txs, 1353);
	for (uint32_t i = 0; i < c.n_txs; i++) {
		struct nem_amount moved;

		assert_int_equal(c.txs[i].provenance, NEM_SIGNED);
		assert_int_equal(c.txs[i].index, i);
		if (c.txs[i].tx.type != NEM_TX_TRANSFER)
			continue;
		transfers++;
		assert_ok(nem_transfer_moves(&moved, &c.txs[i].tx, &err), err);
		assert_true(xt_add(&out, out, moved.uxem));
	}
	assert_int_equal(transfers, 1347);
	assert_int_equal(out, NEM_SUPPLY_UXEM);
	nem_checked_block_release(&c);
	xt_buf_release(&raw);
	xt_buf_release(&again);
	json_decref(all);
}

static void test_real_blocks(void **state)
{
	json_t *all = read_json(DIR "mainnet-blocks.json");
	size_t i;
	json_t *v;

	(void)state;
	assert_int_equal(json_array_size(all), 2);
	json_array_foreach(all, i, v)
	{
		struct nem_checked_block c;
		struct nem_block b;
		struct xt_err err;
		size_t k;
		json_t *h;

		read_block(&b, member(v, "block"));
		block_both_ways(&b, NEM_FORM_UNSIGNED, text_of(v, "unsigned_bytes"));
		assert_ok(nem_check_block_take(
			      &c, &b, (enum nem_network)(b.version >> 24), NULL, &err),
			  err);
		assert_hash(&c.hash, text_of(v, "hash"));
		assert_int_equal(json_array_size(member(v, "tx_hashes")), c.n_txs);
		json_array_foreach(member(v, "tx_hashes"), k, h)
		    assert_hash(&c.txs[k].hash, json_string_value(h));
		nem_checked_block_release(&c);
	}
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generated),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_generated_block),
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_recorded_accounts),
		cmocka_unit_test(test_recorded_blocks),
		cmocka_unit_test(test_nemesis),
		cmocka_unit_test(test_real_blocks),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
