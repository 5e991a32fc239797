/* The thread pool, the waits, and remote harvesting, each on its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <crawl/internal.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#define N_CHECKS 100

/* Results stand where the work stood, whatever the threads do; each fault is found. */
static void pool_with(unsigned threads, const struct fake_chain *chain, bool spoil)
{
	static struct crawl_check v[N_CHECKS];
	static struct nem_tx txs[N_CHECKS];
	struct crawl_pool *pool;
	struct xt_err err;

	assert_int_equal(crawl_pool_new(&pool, threads, &err), XT_OK);
	for (size_t i = 0; i < N_CHECKS; i++) {
		const struct fake_tx *t = &chain->txs[i];
		const size_t n = strlen(t->json);

		assert_int_equal(
		    nis_decode_tx(&txs[i], (const uint8_t *)t->json, n, &err), XT_OK);
		if (spoil && i % 7 == 0)
			txs[i].signature.b[3] ^= 1;
		v[i] = (struct crawl_check){ .tx = &txs[i],
					     .net = NEM_MAINNET,
					     .height = 1 + i,
					     .hash = &t->hash };
	}
	crawl_pool_run(pool, v, N_CHECKS);
	for (size_t i = 0; i < N_CHECKS; i++) {
		const bool bad = spoil && i % 7 == 0;

		assert_int_equal(v[i].status, bad ? XT_E_VERIFY : XT_OK);
		if (bad)
			continue;
		assert_memory_equal(&v[i].checked.hash, &chain->txs[i].hash, 32);
		assert_int_equal(v[i].checked.height, 1 + i);
		nem_checked_tx_release(&v[i].checked);
	}
	/* Nothing to do is done at once. */
	crawl_pool_run(pool, v, 0);
	crawl_pool_free(pool);
}

static void test_pool(void **state)
{
	struct fake_chain chain;

	(void)state;
	fake_nemesis(&chain);
	for (unsigned threads = 0; threads <= 5; threads++) {
		pool_with(threads, &chain, false);
		pool_with(threads, &chain, true);
	}
	fake_chain_release(&chain);
}

static void test_backoff(void **state)
{
	uint64_t last = 0, sum = 0;

	(void)state;
	for (unsigned tries = 0; tries < 12; tries++) {
		for (uint64_t tag = 1; tag <= 50; tag++) {
			const uint64_t ms = crawl_backoff_ms(tag, tries);
			const uint64_t full =
			    tries < 6 ? UINT64_C(500) << tries : 30000;

			assert_true(ms >= full / 2 && ms <= full);
			assert_int_equal(ms, crawl_backoff_ms(tag, tries));
			sum += ms != last;
			last = ms;
		}
	}
	/* Neighbours wait different times. */
	assert_true(sum > 500);
}

static void test_remote_heights(void **state)
{
	struct fake_chain chain;
	struct crawl c = { .net = NEM_MAINNET };
	const struct nem_address remote = fake_address("remote");
	const struct nem_address owner = fake_address("owner");
	struct xt_err err;

	(void)state;
	fake_chain_init(&chain);
	fake_lend(&chain, 100, "owner", "remote", 1);
	fake_lend(&chain, 1000, "owner", "remote", 2);
	/* Lists go from new to old, and a row may come twice. */
	for (size_t i = chain.n; i-- > 0;)
		for (int k = 0; k < 2; k++)
			assert_int_equal(crawl_links_add(&c.links, &chain.txs[i].tx,
							 chain.txs[i].height, &err),
					 XT_OK);
	assert_int_equal(c.links.n, 2);
	assert_false(crawl_was_remote(&c, &remote, 99));
	assert_false(crawl_was_remote(&c, &remote, 459));
	assert_true(crawl_was_remote(&c, &remote, 460));
	assert_true(crawl_was_remote(&c, &remote, 1359));
	assert_false(crawl_was_remote(&c, &remote, 1360));
	assert_false(crawl_was_remote(&c, &owner, 500));
	assert_true(crawl_has_link(&c, &owner));
	crawl_links_free(&c.links);
	fake_chain_release(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_remote_heights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
