/* A finished case again: only what is new is asked for, and what new money reaches is
 * read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "case.h"

#define XEM UINT64_C(1000000)

/* Twelve accounts; one has three pages. */
static void make_chain(struct fake_chain *c)
{
	char to[16];

	fake_chain_init(c);
	fake_pay(c, 2, "bank", "thief", 100000 * XEM);
	for (unsigned i = 0; i < 11; i++) {
		(void)snprintf(to, sizeof(to), "mule%u", i);
		fake_pay(c, 3 + i, "thief", to, 100 * XEM);
	}
	for (unsigned i = 0; i < 230; i++)
		fake_pay(c, 20 + i / 20, "bank", "mule3", (i + 1) * XEM);
	c->harvests[c->n_harvests++] =
	    (struct fake_harvest){ fake_address("mule3"), 35, 2 * XEM };
	c->height = 40;
}

/* New: a payment on, a payment in, a harvest. */
static void grow(struct fake_chain *c)
{
	fake_pay(c, 45, "mule3", "further", 500 * XEM);
	fake_pay(c, 46, "further", "shop", 400 * XEM);
	fake_pay(c, 47, "bank", "mule5", 1 * XEM);
	c->harvests[c->n_harvests++] =
	    (struct fake_harvest){ fake_address("mule3"), 48, 3 * XEM };
	c->height = 50;
}

static void test_quiet(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	make_chain(&chain);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "thief");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.accounts_complete, 12);
	/* No block more: the greeting, whether the newest block still stands, and nothing
	 * else. */
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.requests, 4);
	/* Ten blocks that concern nobody: a page for each account, once. */
	chain.height = 50;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.requests, 4 + 12 + 2);
	assert_int_equal(k.rep.txs_new, 0);
	assert_int_equal(k.rep.accounts_complete, 12);
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.requests, 4);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

/* The case as it is after an update that was stopped after `stop` answers (0: never)
 * and run again. */
static char *updated(unsigned stop, unsigned *answers)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	char *dump;
	enum xt_status rc;

	make_chain(&chain);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_label(&k, "shop", "Shop");
	case_seed(&k, "thief");
	k.opt.blocks = CRAWL_BLOCKS_NONE;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.accounts_complete, 12);
	grow(&chain);
	net.answers = 0;
	net.stop_after = stop;
	rc = case_crawl(&k, &net);
	if (stop != 0 && rc == XT_E_STOPPED) {
		net.stop = 0;
		net.stop_after = 0;
		rc = case_crawl(&k, &net);
	}
	assert_int_equal(rc, XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(k.rep.accounts_incomplete, 0);
	assert_int_equal(k.rep.accounts_complete, 13);
	assert_int_equal(case_account(&k, "mule3").balance_height, 50);
	assert_int_equal(case_account(&k, "mule5").balance_height, 50);
	assert_int_equal(case_account(&k, "mule4").balance_height, 40);
	assert_int_equal(case_account(&k, "further").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "further").depth, 2);
	assert_string_equal(case_account(&k, "shop").reason, "service: Shop");
	*answers = net.answers;
	dump = case_dump(&k);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
	return dump;
}

static void test_new(void **state)
{
	unsigned total, n;
	char *whole = updated(0, &total);

	(void)state;
	/* The greeting, the newest blocks of then and now, the latter once more at the
	 * end; a page each of 12; of two with something new the balance, one
	 * page and the harvests; and the account that is new. */
	assert_int_equal(total, 3 + 12 + 2 * 5 + 5 + 3);
	for (unsigned i = 1; i <= total; i++) {
		char *again = updated(i, &n);

		assert_string_equal(again, whole);
		free(again);
	}
	free(whole);
}

/* A node that lies about what is new takes nothing away. */
static bool flip(void *ctx, const struct nis_request *r, struct nis_answer *a)
{
	static const char key[] = "\"signature\":\"";
	char *p;

	if (!*(bool *)ctx || !fake_is(r, "/account/transfers", NULL) || a->body == NULL)
		return true;
	p = strstr((char *)a->body, key);
	if (p != NULL)
		p[sizeof(key) - 1] = p[sizeof(key) - 1] == '0' ? '1' : '0';
	return true;
}

static void test_lie(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	bool lies = false;

	(void)state;
	make_chain(&chain);
	fake_net_init(&net, &chain, 1);
	net.nodes[0].lie = flip;
	net.nodes[0].ctx = &lies;
	case_open(&k, &net);
	case_seed(&k, "thief");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	grow(&chain);
	lies = true;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 2);
	assert_int_equal(k.rep.txs_new, 0);
	assert_int_equal(k.rep.accounts_complete, 12);
	assert_int_equal(case_account(&k, "mule3").balance_height, 40);
	/* Honest again: nothing was missed. */
	lies = false;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "mule3").balance_height, 50);
	assert_int_equal(case_account(&k, "further").state, STORE_COMPLETE);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
