/* A crawl that is stopped after the n-th answer, for every n, and run again ends with
 * the same case as one that was not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "case.h"

#define XEM UINT64_C(1000000)

/* Two pages for the seed, a multisig account whose history is proven by its last page,
 * a levy, harvests, depths, a service, several events at one height. */
static void make_chain(struct fake_chain *c)
{
	fake_chain_init(c);
	fake_modify(c, 2, "vault", "boss");
	for (unsigned i = 0; i < 130; i++)
		fake_pay(c, 3 + i / 20, i % 3 == 0 ? "thief" : "bank",
			 i % 3 == 0 ? "vault" : "thief", (1000 - i) * XEM);
	fake_send_coin(c, 20, "thief", "friend");
	fake_pay(c, 20, "thief", "shop", 7 * XEM);
	fake_pay_multisig(c, 21, "vault", "boss", "shop", 3 * XEM);
	for (unsigned i = 0; i < 120; i++)
		fake_pay(c, 22 + i / 30, "bank", "vault", (i + 1) * XEM);
	fake_pay(c, 30, "friend", "shop", 1);
	c->harvests[c->n_harvests++] =
	    (struct fake_harvest){ fake_address("friend"), 15, 2 * XEM };
	c->harvests[c->n_harvests++] =
	    (struct fake_harvest){ fake_address("friend"), 16, 0 };
	c->height = 40;
}

static void crawl_with_stops(const struct fake_chain *chain, unsigned every,
			     char **dump, unsigned *answers, uint64_t *incidents)
{
	struct fake_net net;
	struct test_case k;
	enum xt_status rc;
	unsigned runs = 0;

	fake_net_init(&net, chain, 1);
	case_open(&k, &net);
	case_label(&k, "shop", "Shop");
	case_seed(&k, "thief");
	net.stop_after = every;
	while ((rc = case_crawl(&k, &net)) == XT_E_STOPPED) {
		net.stop = 0;
		net.answers = 0;
		/* Once stopped at n, then let through: the greeting alone takes three.
		 */
		net.stop_after = 0;
		assert_true(++runs < 3);
	}
	assert_int_equal(rc, XT_OK);
	*answers = net.answers;
	*incidents = k.rep.incidents;
	*dump = case_dump(&k);
	case_close(&k);
	fake_net_release(&net);
}

static void test_every_answer(void **state)
{
	struct fake_chain chain;
	char *whole, *again;
	unsigned total, n;
	uint64_t incidents;

	(void)state;
	make_chain(&chain);
	crawl_with_stops(&chain, 0, &whole, &total, &incidents);
	assert_int_equal(incidents, 0);
	assert_true(total > 25);
	for (unsigned i = 1; i <= total; i++) {
		crawl_with_stops(&chain, i, &again, &n, &incidents);
		assert_string_equal(again, whole);
		/* What was read is not asked again: greeting, and the account's links.
		 */
		assert_true(n <= total);
		free(again);
	}
	free(whole);
	fake_chain_release(&chain);
}

/* Stopped again and again, every few answers: it ends all the same. */
static void stop_often(unsigned connections, unsigned every)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	char *whole, *again;
	unsigned total, runs = 0;
	uint64_t incidents;
	enum xt_status rc;

	make_chain(&chain);
	crawl_with_stops(&chain, 0, &whole, &total, &incidents);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	k.opt.connections = connections;
	case_label(&k, "shop", "Shop");
	case_seed(&k, "thief");
	do {
		net.stop = 0;
		net.answers = 0;
		net.stop_after = every;
		rc = case_crawl(&k, &net);
		assert_true(++runs < 100);
	} while (rc == XT_E_STOPPED);
	assert_int_equal(rc, XT_OK);
	assert_true(runs > 1);
	again = case_dump(&k);
	assert_string_equal(again, whole);
	free(again);
	free(whole);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

static void test_many_stops(void **state)
{
	(void)state;
	stop_often(1, 8);
	stop_often(4, 20);
}

/* The node goes away in mid list; another takes over from the top, and a later run with
 * the first node alone finds nothing to do. */
static bool dies(void *ctx, const struct nis_request *r, struct nis_answer *a)
{
	(void)ctx;
	(void)a;
	return strstr(r->path, "&id=") == NULL;
}

static void test_other_node(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	make_chain(&chain);
	fake_net_init(&net, &chain, 2);
	net.nodes[0].lie = dies;
	case_open(&k, &net);
	case_seed(&k, "thief");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_true(k.rep.node_failed);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	assert_int_equal(case_number(&k, "SELECT count(*) FROM crawl WHERE node LIKE "
					 "'%node1%' AND transfers_done"),
			 0);
	/* Nobody answers: a failure that passes. */
	net.nodes[0].down = true;
	net.nodes[1].down = true;
	assert_int_equal(case_crawl(&k, &net), XT_E_NET);
	assert_int_equal(k.rep.accounts_open, 0);
	net.nodes[0].down = false;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.txs_new, 0);
	case_close(&k);

	/* The only node goes away in mid list: what is stored stays. */
	net.n = 1;
	case_open(&k, &net);
	case_seed(&k, "thief");
	assert_int_equal(case_crawl(&k, &net), XT_E_NET);
	assert_int_equal(case_account(&k, "thief").state, STORE_OPEN);
	assert_int_equal(case_number(&k, "SELECT count(*) FROM tx"), 100);
	net.nodes[0].lie = NULL;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_answer),
		cmocka_unit_test(test_many_stops),
		cmocka_unit_test(test_other_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
