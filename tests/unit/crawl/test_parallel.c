/* Many requests under way: the case does not depend on the order in which answers come,
 * nodes rest and come back, and one crawl at a time works on a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "case.h"

#define XEM         UINT64_C(1000000)
#define MAX_PENDING 256

/* Many requests at once, answered in an order of chance. */
struct shuffle {
	struct fake_net *net;
	struct nis_request pending[MAX_PENDING];
	size_t n, most;
	uint64_t random;
};

static uint64_t next_random(struct shuffle *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random;
}

static enum xt_status shuffle_submit(void *ctx, const struct nis_request *r,
				     struct xt_err *err)
{
	struct shuffle *s = ctx;

	(void)err;
	assert_true(s->n < MAX_PENDING);
	s->pending[s->n++] = *r;
	if (s->n > s->most)
		s->most = s->n;
	return XT_OK;
}

static enum xt_status shuffle_wait(void *ctx, struct nis_answer *out, bool *got,
				   int timeout_ms, struct xt_err *err)
{
	struct shuffle *s = ctx;
	const struct nis_transport *t = &s->net->transport;
	enum xt_status rc;
	size_t i;

	*got = false;
	/* Now and then nothing comes. */
	if (s->n == 0 || next_random(s) % 4 == 0)
		return XT_OK;
	i = (size_t)(next_random(s) % s->n);
	rc = t->submit(t->ctx, &s->pending[i], err);
	s->pending[i] = s->pending[--s->n];
	return rc != XT_OK ? rc : t->wait(t->ctx, out, got, timeout_ms, err);
}

static size_t shuffle_in_flight(void *ctx)
{
	return ((const struct shuffle *)ctx)->n;
}

/* A clock whose seconds pass, too: one each time that somebody looks. */
static int64_t passing_time(void *ctx)
{
	return ++*(int64_t *)ctx;
}

static uint64_t passing_ms(void *ctx)
{
	static uint64_t ms;

	(void)ctx;
	return ms += 500;
}

static enum xt_status crawl_shuffled(struct test_case *k, struct fake_net *net,
				     uint64_t seed, size_t *most)
{
	static struct shuffle s;
	static int64_t now = 1517000000;
	const struct xt_clock clock = { passing_time, passing_ms, &now };
	struct nis_transport t = {
		.submit = shuffle_submit,
		.wait = shuffle_wait,
		.in_flight = shuffle_in_flight,
		.ctx = &s,
	};

	memset(&s, 0, sizeof(s));
	s.net = net;
	s.random = seed;
	k->opt.stop = &net->stop;
	*most = 0;
	const enum xt_status rc =
	    crawl_run(&k->rep, k->s, &t, &k->opt, &clock, case_sink(), &k->err);
	*most = s.most;
	return rc;
}

/* A tree of 40 accounts, some with several pages. */
static void make_tree(struct fake_chain *c)
{
	char from[16], to[16];

	fake_chain_init(c);
	fake_pay(c, 2, "bank", "a0", 100000 * XEM);
	for (unsigned i = 1; i < 40; i++) {
		(void)snprintf(from, sizeof(from), "a%u", (i - 1) / 3);
		(void)snprintf(to, sizeof(to), "a%u", i);
		fake_pay(c, 2 + i, "bank", to, 5000 * XEM);
		fake_pay(c, 2 + i, from, to, (1000 - 10 * i) * XEM);
	}
	for (unsigned i = 0; i < 230; i++)
		fake_pay(c, 50 + i / 20, "bank", i % 2 == 0 ? "a5" : "a17",
			 (i + 1) * XEM);
	c->height = 70;
}

/* ---- the rate ---- */

#define RATE 100u

static uint64_t looked; /* what the crawl's clock last said */
static uint64_t sent_at[4096];
static size_t n_sent;

static int64_t any_time(void *ctx)
{
	(void)ctx;
	return 1517000000;
}

static uint64_t looked_ms(void *ctx)
{
	const struct xt_clock *c = xt_clock_system();

	(void)ctx;
	looked = c->monotonic_ms(c->ctx);
	return looked;
}

static enum xt_status timed_submit(void *ctx, const struct nis_request *r,
				   struct xt_err *err)
{
	assert_true(n_sent < XT_ARRAY_SIZE(sent_at));
	sent_at[n_sent++] = looked;
	return shuffle_submit(ctx, r, err);
}

/* In no second does a node get more requests than the rate, however many may be under way.
 * By the clock of the crawl itself, so that a busy machine changes nothing. */
static void test_rate(void **state)
{
	static struct shuffle s;
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	const struct xt_clock clock = { any_time, looked_ms, NULL };
	struct nis_transport t = {
		.submit = timed_submit,
		.wait = shuffle_wait,
		.in_flight = shuffle_in_flight,
		.ctx = &s,
	};

	(void)state;
	make_tree(&chain);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "a0");
	k.opt.max_depth = 10;
	k.opt.connections = 16;
	k.opt.rate = RATE;
	s.net = &net;
	s.random = 88172645463325252U;
	n_sent = 0;
	assert_int_equal(
	    crawl_run(&k.rep, k.s, &t, &k.opt, &clock, case_sink(), &k.err), XT_OK);
	assert_true(n_sent > RATE);
	for (size_t i = 0; i + RATE < n_sent; i++)
		assert_true(sent_at[i + RATE] - sent_at[i] >= 1000);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

static void test_any_order(void **state)
{
	struct fake_chain chain;
	char *whole = NULL;

	(void)state;
	make_tree(&chain);
	for (unsigned i = 0; i < 12; i++) {
		struct fake_net net;
		struct test_case k;
		size_t most;
		char *dump;

		fake_net_init(&net, &chain, i < 6 ? 1 : 3);
		case_open(&k, &net);
		case_seed(&k, "a0");
		k.opt.max_depth = 10;
		k.opt.connections = i % 6 == 0 ? 1 : 1 + 3 * (i % 6);
		assert_int_equal(
		    crawl_shuffled(&k, &net, 88172645463325252U + i, &most), XT_OK);
		assert_int_equal(k.rep.incidents, 0);
		assert_int_equal(k.rep.accounts_incomplete, 0);
		assert_true(k.rep.accounts_complete >= 40);
		/* As many as allowed, and no more, and none in vain. */
		assert_true(most <= k.opt.connections * net.n);
		assert_true(most >= (k.opt.connections < 8 ? k.opt.connections : 8));
		dump = case_dump(&k);
		if (whole != NULL)
			assert_string_equal(dump, whole);
		free(whole);
		whole = dump;
		/* Three nodes: another node stands with each account. */
		if (i == 5) {
			free(whole);
			whole = NULL;
		}
		case_close(&k);
		fake_net_release(&net);
	}
	free(whole);
	fake_chain_release(&chain);
}

static void test_no_waste(void **state)
{
	struct fake_chain chain;
	uint64_t requests[2];

	(void)state;
	make_tree(&chain);
	for (unsigned i = 0; i < 2; i++) {
		struct fake_net net;
		struct test_case k;
		size_t most;

		fake_net_init(&net, &chain, 1);
		case_open(&k, &net);
		case_seed(&k, "a0");
		k.opt.max_depth = 10;
		k.opt.connections = i == 0 ? 1 : 16;
		assert_int_equal(crawl_shuffled(&k, &net, 7, &most), XT_OK);
		requests[i] = k.rep.requests;
		case_close(&k);
		fake_net_release(&net);
	}
	assert_int_equal(requests[0], requests[1]);
	fake_chain_release(&chain);
}

/* ---- sick nodes ----------------------------------------------------------------- */

struct sick {
	unsigned from, to; /* answers that do not come */
	unsigned n;
	int http;
};

static bool be_sick(void *ctx, const struct nis_request *r, struct nis_answer *a)
{
	struct sick *s = ctx;
	const unsigned n = s->n++;

	(void)r;
	if (n < s->from || n >= s->to)
		return true;
	if (s->http == 0)
		return false;
	fake_body(a, s->http,
		  s->http == 429
		      ? "{\"timeStamp\":1,\"error\":\"busy\",\"message\":\"many\","
			"\"status\":429}"
		      : "<html>busy</html>");
	return true;
}

/* One of two nodes fails for a while: it rests, the other does the work, and the first
 * one is asked again later. */
static void test_rest(void **state)
{
	static const int http[] = { 0, 429, 503 };
	struct fake_chain chain;

	(void)state;
	make_tree(&chain);
	for (size_t i = 0; i < XT_ARRAY_SIZE(http); i++) {
		struct sick sick = { .from = 12, .to = 26, .http = http[i] };
		struct fake_net net;
		struct test_case k;
		size_t most;

		fake_net_init(&net, &chain, 2);
		net.nodes[0].lie = be_sick;
		net.nodes[0].ctx = &sick;
		case_open(&k, &net);
		case_seed(&k, "a0");
		k.opt.max_depth = 10;
		assert_int_equal(crawl_shuffled(&k, &net, 99 + i, &most), XT_OK);
		assert_int_equal(k.rep.incidents, 0);
		assert_int_equal(k.rep.accounts_open, 0);
		assert_int_equal(k.rep.accounts_incomplete, 0);
		assert_true(k.rep.accounts_complete >= 40);
		assert_true(sick.n > sick.to);
		assert_int_equal(case_number(&k,
					     "SELECT count(*) FROM crawl WHERE node "
					     "LIKE '%node1%'") > 0,
				 1);
		case_close(&k);
		fake_net_release(&net);
	}
	fake_chain_release(&chain);
}

/* A node that falls behind is left for the other one. */
static void test_behind(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	size_t most;

	(void)state;
	make_tree(&chain);
	fake_net_init(&net, &chain, 2);
	net.nodes[0].height = 30;
	case_open(&k, &net);
	case_seed(&k, "a0");
	k.opt.max_depth = 10;
	assert_int_equal(crawl_shuffled(&k, &net, 5, &most), XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(k.rep.accounts_incomplete, 0);
	assert_int_equal(case_number(&k, "SELECT count(*) FROM account WHERE state = 2 "
					 "AND balance_height <> 70"),
			 0);
	case_close(&k);
	/* Alone, it will do. */
	net.n = 1;
	case_open(&k, &net);
	case_seed(&k, "a0");
	k.opt.max_depth = 0;
	assert_int_equal(crawl_shuffled(&k, &net, 6, &most), XT_OK);
	assert_int_equal(case_number(&k, "SELECT balance_height FROM account WHERE "
					 "depth = 0"),
			 30);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

/* ---- one crawl at a time -------------------------------------------------------- */

struct second {
	struct test_case *k;
	struct fake_net *net;
	enum xt_status rc;
	bool done;
};

static bool crawl_again(void *ctx, const struct nis_request *r, struct nis_answer *a)
{
	struct second *s = ctx;

	(void)r;
	(void)a;
	if (!s->done) {
		struct crawl_report rep;
		struct store *other = NULL;
		struct xt_err err;

		s->done = true;
		assert_int_equal(store_open(&other, s->k->path, STORE_WRITE, &err),
				 XT_OK);
		s->rc = crawl_run(&rep, other, &s->net->transport, &s->k->opt,
				  fake_clock(), NULL, &err);
		assert_non_null(strstr(err.text, "another crawl"));
		store_close(other);
	}
	return true;
}

static void test_lock(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	struct second second = { .k = &k, .net = &net };

	(void)state;
	make_tree(&chain);
	fake_net_init(&net, &chain, 1);
	net.nodes[0].lie = crawl_again;
	net.nodes[0].ctx = &second;
	case_open(&k, &net);
	case_seed(&k, "a0");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_true(second.done);
	assert_int_equal(second.rc, XT_E_BUSY);
	/* And after it, another may. */
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate),     cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_no_waste), cmocka_unit_test(test_rest),
		cmocka_unit_test(test_behind),   cmocka_unit_test(test_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
