/* Answers of real nodes, decoded: what comes out must hash to what the node claims. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include <base/alloc_hook.h>
#include <xemtrace/limits.h>

#define RECORDED "fixtures/vectors/nis-recorded/"

static void check_round_trip(const struct nem_tx *tx)
{
	const enum nem_form form =
	    tx->has_signature ? NEM_FORM_SIGNED : NEM_FORM_UNSIGNED;
	struct nem_tx again = { 0 };
	struct xt_buf a;
	struct xt_buf b;

	xt_buf_init(&a, XT_MAX_TX_BYTES);
	xt_buf_init(&b, XT_MAX_TX_BYTES);
	assert_int_equal(nem_tx_encode(&a, tx, form, NULL), XT_OK);
	assert_int_equal(nem_tx_decode(&again, a.data, a.len, form, NULL), XT_OK);
	assert_int_equal(nem_tx_encode(&b, &again, form, NULL), XT_OK);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	nem_tx_release(&again);
	xt_buf_release(&a);
	xt_buf_release(&b);
}

static void check_hash(const struct nem_tx *tx, const struct nem_hash *claimed)
{
	struct nem_hash h;

	assert_int_equal(nem_tx_hash(&h, tx, NULL), XT_OK);
	assert_memory_equal(h.b, claimed->b, sizeof(h.b));
}

static size_t check_page(const json_t *v)
{
	struct nis_tx_page page = { 0 };
	struct xt_err err = { 0 };
	char *text = fixture_dump(v);
	size_t n;

	if (nis_decode_transfers(&page, (const uint8_t *)text, strlen(text), &err) !=
	    XT_OK)
		fail_msg("%s", err.text);
	n = page.n;
	assert_int_equal(n, json_array_size(json_object_get(v, "data")));
	for (size_t i = 0; i < n; i++) {
		check_hash(&page.v[i].tx, &page.v[i].hash);
		check_round_trip(&page.v[i].tx);
		if (page.v[i].has_inner_hash)
			check_hash(page.v[i].tx.u.multisig.inner,
				   &page.v[i].inner_hash);
	}
	nis_tx_page_release(&page);
	free(text);
	return n;
}

static void test_recorded_pages(void **state)
{
	static const char *const lists[] = { "incoming", "outgoing", "all" };
	json_t *accounts = fixture_load(RECORDED "accounts.json");
	const char *name;
	json_t *account;
	size_t total = 0;

	(void)state;
	json_object_foreach(accounts, name, account)
	{
		for (size_t i = 0; i < XT_ARRAY_SIZE(lists); i++) {
			json_t *page;
			size_t k;

			json_array_foreach(fixture_at(account, lists[i]), k, page)
			    total += check_page(page);
		}
	}
	assert_int_equal(total, 126);
	json_decref(accounts);
}

static void test_real_mainnet(void **state)
{
	json_t *list = fixture_load("fixtures/vectors/nis1-real-mainnet.json");
	json_t *entry;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(list), 12);
	json_array_foreach(list, i, entry)
	{
		json_t *page = json_pack("{s:[O]}", "data", entry);

		assert_int_equal(check_page(page), 1);
		json_decref(page);
	}
	json_decref(list);
}

/* Every type there is, with the bytes that other libraries make of it. */
static void test_every_type(void **state)
{
	json_t *v = fixture_load("fixtures/vectors/nis1-generated.json");
	const char *name;
	json_t *t;
	size_t n = 0;

	(void)state;
	json_object_foreach(fixture_at(v, "transactions"), name, t)
	{
		const char *hex = json_string_value(fixture_at(t, "signed_bytes"));
		const struct nem_hash claimed = fixture_hash(fixture_at(t, "hash"));
		char *text = fixture_dump(fixture_at(t, "json"));
		struct nem_tx tx = { 0 };
		struct xt_err err = { 0 };
		struct xt_buf bytes;
		char *got;

		if (nis_decode_tx(&tx, (uint8_t *)text, strlen(text), &err) != XT_OK)
			fail_msg("%s: %s", name, err.text);
		check_hash(&tx, &claimed);
		xt_buf_init(&bytes, XT_MAX_TX_BYTES);
		assert_int_equal(nem_tx_encode(&bytes, &tx, NEM_FORM_SIGNED, NULL),
				 XT_OK);
		got = calloc(bytes.len * 2 + 1, 1);
		assert_non_null(got);
		xt_hex_encode(got, bytes.data, bytes.len);
		assert_string_equal(got, hex);
		free(got);
		xt_buf_release(&bytes);
		nem_tx_release(&tx);
		free(text);
		n++;
	}
	assert_int_equal(n, 13);
	json_decref(v);
}

static struct nem_block decode_block(const json_t *v)
{
	struct nem_block b = { 0 };
	struct xt_err err = { 0 };
	char *text = fixture_dump(v);

	if (nis_decode_block(&b, (uint8_t *)text, strlen(text), &err) != XT_OK)
		fail_msg("%s", err.text);
	free(text);
	return b;
}

static void test_block_chain(void **state)
{
	json_t *list = fixture_load(RECORDED "blocks.json");
	struct nem_hash before = { { 0 } };
	json_t *v;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(list), 12);
	json_array_foreach(list, i, v)
	{
		struct nem_block b = decode_block(v);

		assert_int_equal(b.height, i + 1);
		assert_int_equal(b.type, i == 0 ? 0xFFFFFFFFu : 1u);
		/* Before the nemesis block there is a hash of zeros. */
		assert_memory_equal(b.prev.b, before.b, sizeof(before.b));
		assert_int_equal(nem_block_hash(&before, &b, NULL), XT_OK);
		nem_block_release(&b);
	}
	json_decref(list);
}

static void test_known_blocks(void **state)
{
	json_t *nemesis = fixture_load("fixtures/nis/mainnet-nemesis-block.json");
	json_t *list = fixture_load("fixtures/vectors/mainnet-blocks.json");
	struct nem_hash want = fixture_hash(fixture_at(nemesis, "hash"));
	struct nem_block b = decode_block(nemesis);
	struct nem_hash h;
	json_t *v;
	size_t i;

	(void)state;
	assert_int_equal(b.n_txs, 1353);
	assert_int_equal(nem_block_hash(&h, &b, NULL), XT_OK);
	assert_memory_equal(h.b, want.b, sizeof(h.b));
	nem_block_release(&b);
	json_array_foreach(list, i, v)
	{
		b = decode_block(fixture_at(v, "block"));
		want = fixture_hash(fixture_at(v, "hash"));
		assert_int_equal(nem_block_hash(&h, &b, NULL), XT_OK);
		assert_memory_equal(h.b, want.b, sizeof(h.b));
		nem_block_release(&b);
	}
	json_decref(list);
	json_decref(nemesis);
}

static void test_blocks_after(void **state)
{
	json_t *v = fixture_load(RECORDED "local-chain-blocks-after.json");
	char *text = fixture_dump(v);
	struct nis_block_list list = { 0 };
	struct xt_err err = { 0 };
	size_t n_txs = 0;

	(void)state;
	if (nis_decode_blocks_after(&list, (uint8_t *)text, strlen(text), &err) !=
	    XT_OK)
		fail_msg("%s", err.text);
	assert_int_equal(list.n, json_array_size(fixture_at(v, "data")));
	assert_int_equal(list.v[0].height, 2);
	for (size_t i = 0; i < list.n; i++) {
		struct nem_hash h;

		assert_int_equal(nem_block_hash(&h, &list.v[i], NULL), XT_OK);
		assert_memory_equal(h.b, list.hashes[i].b, sizeof(h.b));
		n_txs += list.v[i].n_txs;
	}
	assert_true(n_txs > 0);
	nis_block_list_release(&list);
	free(text);
	json_decref(v);
}

static void test_accounts(void **state)
{
	json_t *v = fixture_load(RECORDED "accounts.json");
	struct nis_account a = { 0 };
	struct xt_err err = { 0 };
	const char *name;
	json_t *account;
	char *text;

	(void)state;
	json_object_foreach(v, name, account)
	{
		text = fixture_dump(fixture_at(account, "get"));
		if (nis_decode_account(&a, (uint8_t *)text, strlen(text), &err) !=
		    XT_OK)
			fail_msg("%s: %s", name, err.text);
		if (strcmp(name, "msig") == 0) {
			assert_true(a.is_multisig);
			assert_int_equal(a.min_cosignatories, 2);
			assert_int_equal(a.n_cosignatories, 3);
			assert_string_equal(a.cosignatories[2].s,
					    "NCKLPIECMRYRW6GMAIPK7N4AFREDIABBGYIBFDRO");
			assert_int_equal(a.balance.uxem, UINT64_C(31877540400000));
		} else if (strcmp(name, "cos1") == 0) {
			assert_false(a.is_multisig);
			assert_int_equal(a.n_cosignatory_of, 1);
			assert_string_equal(a.remote_status, "INACTIVE");
		}
		assert_true(a.has_key);
		nis_account_release(&a);
		free(text);
	}
	json_decref(v);
	/* An account of which the chain knows nothing but the address. */
	text =
	    strdup("{\"meta\":{\"cosignatories\":[],\"cosignatoryOf\":[],\"status\":"
		   "\"LOCKED\",\"remoteStatus\":\"INACTIVE\"},\"account\":{\"address\":"
		   "\"NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5\",\"harvestedBlocks\":0,"
		   "\"balance\":0,\"importance\":1.2E-5,\"vestedBalance\":0,"
		   "\"publicKey\":null,\"label\":null,\"multisigInfo\":{}}}\r\n");
	assert_int_equal(nis_decode_account(&a, (uint8_t *)text, strlen(text), &err),
			 XT_OK);
	assert_false(a.has_key);
	assert_false(a.is_multisig);
	nis_account_release(&a);
	free(text);
}

static char *misc(const json_t *all, const char *path)
{
	return fixture_dump(fixture_at(fixture_at(all, path), "json"));
}

static void test_node_answers(void **state)
{
	json_t *v = fixture_load(RECORDED "misc.json");
	struct nis_node_info info = { 0 };
	struct nis_peers peers = { 0 };
	uint64_t height = 0;
	uint32_t code = 0;
	char *text = misc(v, "/node/info");

	(void)state;
	assert_int_equal(
	    nis_decode_node_info(&info, (uint8_t *)text, strlen(text), NULL), XT_OK);
	assert_int_equal(info.network, NEM_MAINNET);
	assert_int_equal(info.features, 1);
	assert_string_equal(info.version, "0.6.0-DEVELOPER BUILD");
	assert_string_equal(info.host, "127.0.0.1");
	assert_int_equal(info.port, 7890);
	assert_true(info.has_key);
	free(text);
	text = misc(v, "/chain/height");
	assert_int_equal(
	    nis_decode_height(&height, (uint8_t *)text, strlen(text), NULL), XT_OK);
	assert_int_equal(height, 90);
	free(text);
	text = misc(v, "/status");
	assert_int_equal(nis_decode_status(&code, (uint8_t *)text, strlen(text), NULL),
			 XT_OK);
	assert_int_equal(code, 6);
	free(text);
	text = misc(v, "/node/peer-list/all");
	assert_int_equal(nis_decode_peers(&peers, (uint8_t *)text, strlen(text), NULL),
			 XT_OK);
	assert_int_equal(peers.n, 1);
	assert_int_equal(peers.bad, 0);
	nis_peers_release(&peers);
	free(text);
	json_decref(v);
}

/* Testnet says -104. */
static void test_testnet_node(void **state)
{
	static const char text[] =
	    "{\"metaData\":{\"features\":7,\"application\":null,\"networkId\":-104,"
	    "\"version\":\"0.6.102\",\"platform\":null},\"endpoint\":{\"protocol\":"
	    "\"http\",\"port\":7890,\"host\":\"n\"},\"identity\":{\"name\":null,"
	    "\"public-key\":null}}";
	struct nis_node_info info = { 0 };

	(void)state;
	assert_int_equal(
	    nis_decode_node_info(&info, (const uint8_t *)text, strlen(text), NULL),
	    XT_OK);
	assert_int_equal(info.network, NEM_TESTNET);
	assert_string_equal(info.name, "");
	assert_false(info.has_key);
}

static void test_harvests_and_definitions(void **state)
{
	json_t *v = fixture_load(RECORDED "misc.json");
	char *text = misc(v, "/account/harvests?address="
			     "NA2FE3JTRX5HJDV7KDEUBWLGT3P5VG2W7HQ3MS4E");
	struct nis_harvest_page page = { 0 };
	json_t *defs = fixture_at(fixture_at(v, "/namespace/mosaic/definition/"
						"page?namespace=ts"),
				  "json");
	json_t *d;
	size_t i;

	(void)state;
	assert_int_equal(
	    nis_decode_harvests(&page, (uint8_t *)text, strlen(text), NULL), XT_OK);
	assert_true(page.n > 3);
	assert_int_equal(page.v[0].height, 90);
	assert_int_equal(page.v[2].fee.uxem, 80300000);
	assert_int_equal(page.v[1].timestamp, 367736826);
	nis_harvest_page_release(&page);
	free(text);
	json_array_foreach(fixture_at(defs, "data"), i, d)
	{
		struct nem_mosaic_definition def = { 0 };

		text = fixture_dump(fixture_at(d, "mosaic"));
		assert_int_equal(nis_decode_mosaic_definition(&def, (uint8_t *)text,
							      strlen(text), NULL),
				 XT_OK);
		assert_int_equal(def.n_properties, 4);
		assert_memory_equal(def.properties[0].name.data, "divisibility", 12);
		nem_mosaic_definition_release(&def);
		free(text);
	}
	assert_true(i > 0);
	json_decref(v);
}

/* Synthetic, in the shape of nis1.md 1.3: no recorded node kept history. */
static void test_historical(void **state)
{
	static const char text[] =
	    "{\"data\":[{\"pageRank\":0.0,\"address\":"
	    "\"NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5\",\"balance\":7,"
	    "\"importance\":0.1,\"vestedBalance\":1,\"unvestedBalance\":6,\"height\":5},"
	    "{\"pageRank\":0.0,\"address\":\"NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5\","
	    "\"balance\":9000000240000000,\"importance\":0.1,\"height\":6}]}";
	struct nis_historical *v = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(
	    nis_decode_historical(&v, &n, (const uint8_t *)text, strlen(text), NULL),
	    XT_OK);
	assert_int_equal(n, 2);
	assert_int_equal(v[1].height, 6);
	assert_int_equal(v[1].balance.uxem, NEM_SUPPLY_UXEM);
	free(v);
}

/* The two ways a node writes "no message", and both cases of hex. */
static void test_empty_message(void **state)
{
	json_t *all = fixture_load("fixtures/vectors/nis1-generated.json");
	json_t *tx = fixture_at(
	    fixture_at(fixture_at(all, "transactions"), "transfer_v1_nomessage"),
	    "json");
	const struct nem_hash want = fixture_hash(fixture_at(
	    fixture_at(fixture_at(all, "transactions"), "transfer_v1_nomessage"),
	    "hash"));
	struct nem_tx out = { 0 };
	char *text;

	(void)state;
	assert_int_equal(
	    json_object_set_new(tx, "message",
				json_pack("{s:i,s:s}", "type", 1, "payload", "")),
	    0);
	assert_int_equal(
	    json_object_set_new(tx, "signer",
				json_string("C5F54BA980FCBB657DBAAA42700539B207873E134D"
					    "2375EFEAB5F1AB52F87844")),
	    0);
	text = fixture_dump(tx);
	assert_int_equal(nis_decode_tx(&out, (uint8_t *)text, strlen(text), NULL),
			 XT_OK);
	assert_int_equal(out.u.transfer.message_type, NEM_MSG_NONE);
	check_hash(&out, &want);
	nem_tx_release(&out);
	free(text);
	json_decref(all);
}

/* ---- every allocation fails once
 * ------------------------------------------------------ */

static size_t allowed;

static bool countdown(void *ctx)
{
	(void)ctx;
	if (allowed == 0)
		return false;
	allowed--;
	return true;
}

static void test_out_of_memory(void **state)
{
	json_t *all = fixture_load("fixtures/vectors/nis1-generated.json");
	const char *name;
	json_t *t;

	(void)state;
	json_object_foreach(fixture_at(all, "transactions"), name, t)
	{
		json_t *page = fixture_page(fixture_at(t, "json"));
		char *text = fixture_dump(page);
		enum xt_status rc = XT_E_NOMEM;
		size_t n = 0;

		for (; rc != XT_OK && n < 1000; n++) {
			struct nis_tx_page out = { 0 };
			struct xt_err err = { 0 };

			allowed = n;
			xt_alloc_hook_set(countdown, NULL);
			rc = nis_decode_transfers(&out, (uint8_t *)text, strlen(text),
						  &err);
			xt_alloc_hook_set(NULL, NULL);
			if (rc != XT_OK) {
				assert_int_equal(rc, XT_E_NOMEM);
				assert_int_equal(err.code, XT_E_NOMEM);
				assert_null(out.v);
			}
			nis_tx_page_release(&out);
		}
		assert_int_equal(rc, XT_OK);
		assert_true(n > 1);
		free(text);
		json_decref(page);
	}
	json_decref(all);
}

static void *counted_malloc(size_t n)
{
	return countdown(NULL) ? malloc(n) : NULL;
}

/* The same for the allocations of the JSON parser. It calls some of its failures a
 * wrong token; none may pass for an answer. */
static void test_parser_out_of_memory(void **state)
{
	json_t *all = fixture_load("fixtures/vectors/nis1-generated.json");
	json_t *t = fixture_at(fixture_at(all, "transactions"), "multisig");
	char *text = fixture_dump(fixture_at(t, "json"));
	enum xt_status rc = XT_E_NOMEM;
	size_t n = 0;
	size_t named = 0;

	(void)state;
	for (; rc != XT_OK && n < 10000; n++) {
		struct nem_tx tx = { 0 };
		struct xt_err err = { 0 };

		allowed = n;
		json_set_alloc_funcs(counted_malloc, free);
		rc = nis_decode_tx(&tx, (uint8_t *)text, strlen(text), &err);
		json_set_alloc_funcs(malloc, free);
		assert_true(rc == XT_OK || rc == XT_E_NOMEM || rc == XT_E_DATA);
		assert_true(rc == XT_OK || err.text[0] != '\0');
		named += rc == XT_E_NOMEM;
		nem_tx_release(&tx);
	}
	assert_int_equal(rc, XT_OK);
	assert_true(n > 50 && named > n / 2);
	free(text);
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_pages),
		cmocka_unit_test(test_real_mainnet),
		cmocka_unit_test(test_every_type),
		cmocka_unit_test(test_block_chain),
		cmocka_unit_test(test_known_blocks),
		cmocka_unit_test(test_blocks_after),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_node_answers),
		cmocka_unit_test(test_testnet_node),
		cmocka_unit_test(test_harvests_and_definitions),
		cmocka_unit_test(test_historical),
		cmocka_unit_test(test_empty_message),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_parser_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
