/* The crawl over honest nodes: the real nemesis block, and small synthetic chains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "case.h"

#define XEM UINT64_C(1000000)

static void test_nemesis(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	struct store_account a;

	(void)state;
	fake_nemesis(&chain);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, NEM_NEMESIS_ADDRESS);
	k.opt.max_depth = 0;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(k.rep.txs_new, 1347);
	assert_int_equal(k.rep.txs_known, 0);
	assert_int_equal(k.rep.accounts_complete, 1);
	assert_int_equal(k.rep.accounts_open, 0);
	/* greeting 3, block 1, balance 3, 14 pages, 1 page of harvests, block 1 again */
	assert_int_equal(k.rep.blocks, 1);
	assert_int_equal(k.rep.requests, 3 + 1 + 3 + 14 + 1 + 1);
	a = case_account(&k, NEM_NEMESIS_ADDRESS);
	assert_int_equal(a.state, STORE_COMPLETE);
	assert_int_equal(a.balance_uxem, 240 * XEM);
	assert_string_equal(a.difference, "");
	assert_string_equal(a.reason, "");
	/* The block gave the order of all, and their time. */
	assert_int_equal(case_number(&k,
				     "SELECT count(*) FROM tx WHERE idx IS NOT NULL "
				     "AND time_kind = 1 AND provenance = 1"),
			 1347);
	assert_int_equal(
	    case_number(&k, "SELECT count(*) FROM account WHERE state = 4 AND "
			    "reason LIKE 'depth:%'"),
	    case_number(&k, "SELECT count(DISTINCT recipient) FROM transfer "
			    "WHERE kind = 1"));
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

/* thief -> mule -> exchange, with payments in and dust out. */
static void small_chain(struct fake_chain *c)
{
	fake_chain_init(c);
	fake_pay(c, 10, "victim", "thief", 1000 * XEM);
	fake_pay(c, 12, "thief", "mule", 600 * XEM);
	fake_pay(c, 12, "thief", "dust", 5 * XEM);
	fake_pay(c, 13, "mule", "mule", 1 * XEM);
	fake_pay(c, 14, "mule", "shop", 500 * XEM);
	fake_pay(c, 15, "shop", "end", 400 * XEM);
	fake_pay(c, 16, "end", "far", 300 * XEM);
	c->height = 20;
}

static void test_depths(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	small_chain(&chain);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 2;
	k.opt.blocks = CRAWL_BLOCKS_NONE;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "thief").depth, 0);
	assert_int_equal(case_account(&k, "mule").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "mule").depth, 1);
	assert_int_equal(case_account(&k, "shop").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "shop").depth, 2);
	assert_int_equal(case_account(&k, "end").state, STORE_STOPPED);
	assert_string_equal(case_account(&k, "end").reason,
			    "depth: more than 2 hops from a seed");
	assert_int_equal(case_account(&k, "victim").state, STORE_SEEN);
	assert_int_equal(case_account(&k, "far").id, 0);

	/* A greater depth goes on from there, without reading again what was read. */
	k.opt.max_depth = 3;
	net.answers = 0;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "end").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "far").state, STORE_STOPPED);
	/* The newest block at the beginning and at the end. */
	assert_int_equal(net.answers, 3 + 5 + 2);

	/* A second seed brings what hangs on it nearer: now `far` is within reach. */
	case_seed(&k, "shop");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "shop").depth, 0);
	assert_int_equal(case_account(&k, "end").depth, 1);
	assert_int_equal(case_account(&k, "far").depth, 2);
	assert_int_equal(case_account(&k, "far").state, STORE_COMPLETE);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

static void test_limits(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	small_chain(&chain);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "thief");
	case_label(&k, "shop", "Zaif");
	k.opt.min_uxem = 10 * XEM;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "dust").state, STORE_STOPPED);
	assert_string_equal(case_account(&k, "dust").reason,
			    "amount: no payment of 10.000000 XEM or more");
	assert_int_equal(case_account(&k, "shop").state, STORE_STOPPED);
	assert_string_equal(case_account(&k, "shop").reason, "service: Zaif");
	assert_int_equal(case_account(&k, "end").id, 0);

	/* Limits are those of the run. */
	k.opt.min_uxem = 0;
	k.opt.through_services = true;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "dust").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "shop").state, STORE_COMPLETE);
	case_close(&k);

	/* A labelled seed is read all the same. */
	case_open(&k, &net);
	case_label(&k, "thief", "Somewhere");
	case_seed(&k, "thief");
	k.opt.has_to = true;
	k.opt.to = nem_time_to_unix(13 * 60);
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "mule").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "shop").state, STORE_STOPPED);
	assert_string_equal(case_account(&k, "shop").reason,
			    "date: paid after 2015-03-29T00:19:25Z");
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

static void test_budget(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	small_chain(&chain);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_requests = 10;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.requests, 10);
	assert_int_equal(net.answers, 10);
	assert_true(k.rep.accounts_open > 0);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

/* A multisig account pays all fees; its cosignatory's list shows what is not its own.
 */
static void test_multisig(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	struct fake_tx *t;

	(void)state;
	fake_chain_init(&chain);
	fake_pay(&chain, 2, "bank", "vault", 1000 * XEM);
	fake_pay(&chain, 2, "bank", "clerk", 10 * XEM);
	fake_pay(&chain, 2, "bank", "boss", 10 * XEM);
	fake_modify(&chain, 3, "vault", "boss");
	fake_modify(&chain, 4, "vault", "clerk");
	t = fake_pay_multisig(&chain, 5, "vault", "boss", "shop", 100 * XEM);
	t->has_also = true; /* the clerk sees it, though he signed nothing */
	t->also = fake_address("clerk");
	chain.height = 9;
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "vault");
	case_seed(&k, "clerk");
	k.opt.max_depth = 0;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	/* Neither account says today that it is linked: the transactions 4097 do. */
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(case_account(&k, "vault").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "clerk").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "clerk").balance_uxem, 10 * XEM);
	assert_int_equal(case_account(&k, "vault").balance_uxem,
			 900 * XEM - 2 * 500000 - 50000 - 150000);
	case_close(&k);

	/* Linked today: no need to look for more. */
	chain.has_link = true;
	chain.multisig = fake_address("vault");
	chain.cosignatory = fake_address("boss");
	case_open(&k, &net);
	case_seed(&k, "boss");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(case_account(&k, "boss").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "shop").id != 0, 1);
	/* The shop was paid by the vault, not by the boss. */
	assert_int_equal(case_account(&k, "shop").state, STORE_SEEN);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

static bool coin_levy(void *ctx, struct nem_levy *out, const struct nem_mosaic_id *id,
		      uint64_t height)
{
	(void)ctx;
	(void)id;
	(void)height;
	*out = (struct nem_levy){ .kind = 1,
				  .recipient = fake_address("levier"),
				  .fee = 7 * XEM };
	out->id.ns = (struct nem_bytes){ (uint8_t *)(uintptr_t) "nem", 3 };
	out->id.name = (struct nem_bytes){ (uint8_t *)(uintptr_t) "xem", 3 };
	return true;
}

static void test_levy(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	char json[900];

	(void)state;
	fake_chain_init(&chain);
	fake_pay(&chain, 2, "bank", "sender", 100 * XEM);
	fake_send_coin(&chain, 3, "sender", "friend");
	chain.levies.find = coin_levy;
	chain.height = 9;
	fake_net_init(&net, &chain, 1);

	/* No node knows the definition: the difference has a name. */
	case_open(&k, &net);
	case_seed(&k, "sender");
	k.opt.blocks = CRAWL_BLOCKS_NONE;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "sender").state, STORE_INCOMPLETE);
	assert_string_equal(case_account(&k, "sender").difference, "7000000");
	assert_string_equal(
	    case_account(&k, "sender").reason,
	    "sums: +7.000000 XEM against the balance: levies of 1 mosaics are "
	    "unknown");
	assert_int_equal(net.answers, 3 + 3 + 1 + 1 + 1 + 2);
	case_close(&k);

	(void)snprintf(
	    json, sizeof(json),
	    "{\"creator\":"
	    "\"30f7d263547b78113e37c596797e5389ca8e091f602bca157596e302b4a7dce9\","
	    "\"description\":\"x\",\"id\":{\"namespaceId\":\"fake\",\"name\":"
	    "\"coin\"},\"properties\":[{\"name\":\"divisibility\",\"value\":\"0\"},"
	    "{\"name\":\"initialSupply\",\"value\":\"10\"},{\"name\":"
	    "\"supplyMutable\",\"value\":\"false\"},{\"name\":\"transferable\","
	    "\"value\":\"true\"}],\"levy\":{\"type\":1,\"recipient\":\"%s\","
	    "\"mosaicId\":{\"namespaceId\":\"nem\",\"name\":\"xem\"},\"fee\":"
	    "7000000}}",
	    fake_address("levier").s);
	chain.mosaic = xt_strdup(json);
	case_open(&k, &net);
	case_seed(&k, "sender");
	k.opt.blocks = CRAWL_BLOCKS_NONE;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(case_account(&k, "sender").state, STORE_COMPLETE);
	assert_string_equal(case_account(&k, "sender").difference, "");
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

/* A block that was signed with a borrowed importance is listed for both, and paid to
 * the owner. */
static void test_remote(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	fake_chain_init(&chain);
	fake_pay(&chain, 2, "bank", "owner", 100000 * XEM);
	fake_lend(&chain, 10, "owner", "remote", 1);
	chain.harvests[chain.n_harvests++] =
	    (struct fake_harvest){ fake_address("owner"), 500, 3 * XEM };
	chain.height = 600;
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "owner");
	case_seed(&k, "remote");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(case_account(&k, "owner").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "remote").state, STORE_COMPLETE);
	assert_int_equal(
	    case_number(&k, "SELECT count(*) FROM transfer WHERE kind = 7"), 1);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

/* New blocks while the account is read: stored, not summed. */
struct growth {
	struct fake_node *node;
	unsigned heights;
};

static bool grow(void *ctx, const struct nis_request *r, struct nis_answer *a)
{
	struct growth *g = ctx;

	(void)a;
	if (fake_is(r, "/chain/height", NULL))
		g->heights++;
	/* The greeting asks once, the account before and after: after that it grows. */
	if (g->heights == 2 && fake_is(r, "/account/get", NULL))
		g->node->height = 21;
	return true;
}

static void test_growing(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	struct growth g;

	(void)state;
	small_chain(&chain);
	fake_net_init(&net, &chain, 1);
	net.nodes[0].height = 20;
	g = (struct growth){ &net.nodes[0], 0 };
	net.nodes[0].lie = grow;
	net.nodes[0].ctx = &g;
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 0;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "thief").balance_height, 21);
	case_close(&k);

	/* The list runs ahead of the balance: rows above its height do not count. */
	fake_net_release(&net);
	fake_net_init(&net, &chain, 1);
	net.nodes[0].height = 11;
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 0;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_number(&k, "SELECT count(*) FROM tx"), 3);
	/* fake_balance() is that of the end of the chain: the difference is what came
	 * after height 11. */
	assert_string_equal(case_account(&k, "thief").difference, "605100000");
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

static void test_empty_account(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	small_chain(&chain);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "nobody");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "nobody").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "nobody").balance_uxem, 0);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

/* An exact number of pages: the empty one after the last full one ends the list. */
static void test_full_pages(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	fake_chain_init(&chain);
	for (unsigned i = 0; i < 200; i++)
		fake_pay(&chain, 2 + i / 10, "bank", "thief", (i + 1) * XEM);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.blocks = CRAWL_BLOCKS_NONE;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.txs_new, 200);
	assert_int_equal(k.rep.requests, 3 + 3 + 3 + 1 + 2);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

static void test_usage(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	small_chain(&chain);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	k.opt.n_nodes = 0;
	assert_int_equal(case_crawl(&k, &net), XT_E_USAGE);
	k.opt.n_nodes = 1;
	k.nodes[0] = "ftp://node";
	assert_int_not_equal(case_crawl(&k, &net), XT_OK);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nemesis),       cmocka_unit_test(test_depths),
		cmocka_unit_test(test_limits),        cmocka_unit_test(test_budget),
		cmocka_unit_test(test_multisig),      cmocka_unit_test(test_levy),
		cmocka_unit_test(test_remote),        cmocka_unit_test(test_growing),
		cmocka_unit_test(test_empty_account), cmocka_unit_test(test_full_pages),
		cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
