/* The engine against a slow second implementation, and the nine properties that hold
 * for any ledger, over seeded random ledgers. Synthetic throughout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "random_ledger.h"
#include "reference.h"

/* The whole program stays below 20 s in a Debug build; sanitizers are slower. */
#if defined(__SANITIZE_ADDRESS__)
#define LEDGERS 1500
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEDGERS 1500
#endif
#endif
#ifndef LEDGERS
#define LEDGERS 30000
#endif

#define POLICIES 6
static const enum ref_policy ref_of[POLICIES] = { REF_POISON, REF_HAIRCUT, REF_FIFO,
						  REF_LIFO,   REF_DIRTY,   REF_CLEAN };

static struct taint_options options(const struct r_ledger *l)
{
	return (struct taint_options){ .fees = l->fees,
				       .stop_at_probable = l->stop_at_probable,
				       .edges = true };
}

/* Where a failure happened: the ledger's number is enough to make it again. */
static uint32_t current;
static const char *policy_name = "";

#define CHECK(cond)                                                                    \
	do {                                                                           \
		if (!(cond))                                                           \
			fail_msg("ledger %u, %s: %s", current, policy_name, #cond);    \
	} while (0)

/* NULL if a seed was refused. */
static struct taint_result *run(const struct graph *g, size_t policy,
				const struct taint_options *opt)
{
	struct taint_result *r = NULL;
	struct xt_err err = { 0 };
	policy_name = taint_policies[policy]->name;
	const enum xt_status s =
	    taint_run(&r, g, taint_policies[policy], opt, NULL, &err);
	if (s != XT_OK && s != XT_E_DATA)
		fail_msg("ledger %u, %s: %s", current, policy_name, err.text);
	return s == XT_OK ? r : NULL;
}

static uint64_t held(const struct taint_result *r, uint32_t account, uint32_t theft)
{
	for (size_t i = 0; i < r->n_holdings; i++)
		if (r->holdings[i].account == account && r->holdings[i].theft == theft)
			return r->holdings[i].uxem;
	return 0;
}

static const struct taint_sink *sink(const struct taint_sink *v, size_t n,
				     uint32_t account, uint32_t memo, uint32_t theft)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].account == account && v[i].memo == memo && v[i].theft == theft)
			return &v[i];
	return NULL;
}

static uint64_t sunk(const struct taint_result *r, uint32_t account, uint32_t memo,
		     uint32_t theft)
{
	const struct taint_sink *s = sink(r->sinks, r->n_sinks, account, memo, theft);
	return s ? s->uxem : 0;
}

static uint64_t edge(const struct taint_result *r, uint32_t event, uint32_t theft)
{
	for (size_t i = 0; i < r->n_edges; i++)
		if (r->edges[i].event == event && r->edges[i].theft == theft)
			return r->edges[i].uxem;
	return 0;
}

/* ---- against the second implementation
 * -------------------------------------------------- */

static void same_sinks(const struct graph *g, const struct taint_result *r,
		       const struct ref_result *w)
{
	size_t n = 0;
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		for (uint32_t m = 0; m < g->n_memos; m++) {
			const struct taint_sink *all =
			    sink(r->sink_totals, r->n_sink_totals, a, m, TAINT_ALL);
			CHECK((all ? all->uxem : 0) == w->sink_all[a][m]);
			for (uint32_t j = 0; j < g->n_thefts; j++) {
				const struct taint_sink *s =
				    sink(r->sinks, r->n_sinks, a, m, j);
				n += w->sink[a][m][j] > 0;
				CHECK((s ? s->uxem : 0) == w->sink[a][m][j]);
				CHECK((s ? s->count : 0) == w->count[a][m][j]);
			}
		}
	}
	CHECK(r->n_sinks == n);
}

static void same(const struct graph *g, const struct taint_result *r,
		 const struct ref_result *w, bool queue)
{
	size_t n = 0;
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		uint64_t all = 0;
		for (uint32_t j = 0; j < g->n_thefts; j++) {
			CHECK(held(r, a, j) == w->held[a][j]);
			n += w->held[a][j] > 0;
			if (r->policy->conserves)
				all += w->held[a][j];
			else if (w->held[a][j])
				all = w->held[a][j];
		}
		CHECK(taint_held(r, a) == all);
		CHECK(all <= w->balance[a]);
	}
	CHECK(r->n_holdings == n);
	same_sinks(g, r, w);
	n = 0;
	for (uint32_t i = 0; i < g->n_events; i++)
		for (uint32_t j = 0; j < g->n_thefts; j++) {
			CHECK(edge(r, i, j) == w->edge[i][j]);
			n += w->edge[i][j] > 0;
		}
	CHECK(r->n_edges == n);
	for (uint32_t j = 0; j < g->n_thefts; j++) {
		CHECK(r->seeded[j] == w->seeded[j]);
		CHECK(r->refunded[j] == w->refunded[j]);
		CHECK(r->fees[j] == w->fees[j]);
		CHECK(r->cleaned[j] == w->cleaned[j]);
	}
	CHECK(r->fees_total == w->fees_all);
	if (queue)
		CHECK(r->through_incomplete == w->incomplete);
}

/* Property 1, from the result alone. */
static void conserves(const struct taint_result *r)
{
	for (uint32_t j = 0; j < r->n_thefts; j++) {
		uint64_t all = r->fees[j] + r->cleaned[j];
		for (size_t i = 0; i < r->n_holdings; i++)
			all += r->holdings[i].theft == j ? r->holdings[i].uxem : 0;
		for (size_t i = 0; i < r->n_sinks; i++)
			all += r->sinks[i].theft == j ? r->sinks[i].uxem : 0;
		CHECK(all == r->seeded[j]);
	}
}

/* The same but for what was not asked for: runs that record nothing take quicker ways
 * through the replay. */
static void same_without_edges(const struct graph *g, size_t p,
			       const struct taint_options *opt,
			       const struct taint_result *r)
{
	struct taint_options bare = *opt;
	bare.edges = false;
	struct taint_result *b = run(g, p, &bare);
	CHECK(b && !b->edges && b->n_holdings == r->n_holdings &&
	      b->n_sinks == r->n_sinks && b->n_changes == r->n_changes);
	if (!b)
		return;
	for (size_t i = 0; i < r->n_holdings; i++)
		CHECK(!memcmp(&b->holdings[i], &r->holdings[i], sizeof(*r->holdings)));
	for (size_t i = 0; i < r->n_sinks; i++)
		CHECK(!memcmp(&b->sinks[i], &r->sinks[i], sizeof(*r->sinks)));
	for (uint32_t j = 0; j < r->n_thefts; j++)
		CHECK(b->seeded[j] == r->seeded[j] && b->fees[j] == r->fees[j] &&
		      b->cleaned[j] == r->cleaned[j]);
	CHECK(b->fees_total == r->fees_total &&
	      b->through_incomplete == r->through_incomplete);
	taint_result_free(b);
}

static void test_reference(void **state)
{
	static struct ref_result want;
	uint64_t prng = 20180126;
	uint32_t refused = 0;
	uint32_t sinks = 0;
	uint32_t several = 0;
	(void)state;
	for (current = 0; current < LEDGERS; current++) {
		struct r_ledger l;
		r_make(&l, &prng);
		struct graph *g = r_graph(&l, NULL, 1);
		const struct taint_options opt = options(&l);
		for (size_t p = 0; p < POLICIES; p++) {
			ref_run(&want, g, ref_of[p], &opt);
			struct taint_result *r = run(g, p, &opt);
			CHECK(!r == want.refused);
			if (!r) {
				refused++;
				continue;
			}
			same(g, r, &want, taint_policies[p]->lots);
			if (r->policy->conserves)
				conserves(r);
			same_without_edges(g, p, &opt, r);
			sinks += r->n_sinks > 0;
			several += r->n_thefts > 1;
			taint_result_free(r);
		}
		graph_free(g);
	}
	/* The generator does reach what it is for. */
	print_message("%u runs refused, %u with sinks, %u with several thefts\n",
		      refused, sinks, several);
	assert_true(refused < 2 * LEDGERS && sinks > LEDGERS / 2 && several > LEDGERS);
}

/* ---- the other properties
 * ---------------------------------------------------------------- */

/* 3. Every policy's tainted accounts and sinks are inside poison's. */
static void inside_poison(const struct taint_result *r,
			  const struct taint_result *poison)
{
	for (size_t i = 0; i < r->n_holdings; i++)
		CHECK(held(poison, r->holdings[i].account, r->holdings[i].theft) >=
		      r->holdings[i].uxem);
	for (size_t i = 0; i < r->n_sinks; i++)
		CHECK(sunk(poison, r->sinks[i].account, r->sinks[i].memo,
			   r->sinks[i].theft) >= r->sinks[i].uxem);
	for (size_t i = 0; i < r->n_edges; i++)
		CHECK(edge(poison, r->edges[i].event, r->edges[i].theft) >=
		      r->edges[i].uxem);
}

/* 8. The same case gives the same bytes twice. */
static void same_bytes(const struct taint_result *a, const struct taint_result *b)
{
	CHECK(a->n_holdings == b->n_holdings && a->n_sinks == b->n_sinks &&
	      a->n_edges == b->n_edges);
	for (size_t i = 0; i < a->n_holdings; i++)
		CHECK(a->holdings[i].account == b->holdings[i].account &&
		      a->holdings[i].theft == b->holdings[i].theft &&
		      a->holdings[i].uxem == b->holdings[i].uxem &&
		      a->holdings[i].incomplete == b->holdings[i].incomplete);
	for (size_t i = 0; i < a->n_sinks; i++)
		CHECK(a->sinks[i].account == b->sinks[i].account &&
		      a->sinks[i].memo == b->sinks[i].memo &&
		      a->sinks[i].uxem == b->sinks[i].uxem &&
		      a->sinks[i].last == b->sinks[i].last);
	for (size_t i = 0; i < a->n_edges; i++)
		CHECK(a->edges[i].event == b->edges[i].event &&
		      a->edges[i].theft == b->edges[i].theft &&
		      a->edges[i].uxem == b->edges[i].uxem);
	CHECK(a->through_incomplete == b->through_incomplete);
}

/* 5. Renaming accounts changes nothing. */
static void renamed(const struct r_ledger *l, const struct taint_result *r, size_t p,
		    uint64_t *prng)
{
	uint32_t order[R_ACCOUNTS];
	for (uint32_t a = 0; a < l->n_accounts; a++)
		order[a] = a;
	for (uint32_t a = l->n_accounts; a > 1; a--) {
		const uint32_t b = r_below(prng, a);
		const uint32_t t = order[a - 1];
		order[a - 1] = order[b];
		order[b] = t;
	}
	const struct taint_options opt = options(l);
	struct graph *g = r_graph(l, order, 1);
	struct taint_result *o = run(g, p, &opt);
	CHECK(o != NULL);
	if (o) {
		CHECK(o->n_holdings == r->n_holdings && o->n_sinks == r->n_sinks);
		for (size_t i = 0; i < r->n_holdings; i++)
			CHECK(held(o, order[r->holdings[i].account],
				   r->holdings[i].theft) == r->holdings[i].uxem);
		for (size_t i = 0; i < r->n_sinks; i++)
			CHECK(sunk(o, order[r->sinks[i].account], r->sinks[i].memo,
				   r->sinks[i].theft) == r->sinks[i].uxem);
	}
	taint_result_free(o);
	graph_free(g);
}

static uint64_t edge_all(const struct taint_result *r, uint32_t event)
{
	uint64_t s = 0;
	for (uint32_t j = 0; j < r->n_thefts; j++)
		s += edge(r, event, j);
	return s;
}

/* 6. Splitting a transfer into two adjacent ones. */
static void split(const struct r_ledger *l, const struct taint_result *r, size_t p,
		  uint64_t *prng)
{
	struct r_ledger s = *l;
	const uint32_t at = r_below(prng, l->n_events);
	if (l->n_events == R_EVENTS || l->e[at].q < 2)
		return;
	memmove(&s.e[at + 1], &s.e[at], (l->n_events - at) * sizeof(s.e[0]));
	s.n_events++;
	s.e[at].q = 1 + r_below(prng, (uint32_t)l->e[at].q - 1);
	s.e[at + 1].q = l->e[at].q - s.e[at].q;
	const struct taint_options opt = options(l);
	struct graph *g = r_graph(&s, NULL, 1);
	struct taint_result *o = run(g, p, &opt);
	CHECK(o != NULL);
	const bool haircut = !strcmp(taint_policies[p]->name, "haircut");
	const bool poison = !taint_policies[p]->conserves;
	const uint64_t one = edge_all(r, at);
	const uint64_t two = o ? edge_all(o, at) + edge_all(o, at + 1) : 0;
	const uint64_t apart = one > two ? one - two : two - one;
	/* Haircut: one unit for each theft. */
	CHECK(apart <= (haircut ? r->n_thefts : 0U));
	/* Under lifo two parcels lie in another order at the receiver than one does. */
	const bool exact =
	    !haircut && !poison && strcmp(taint_policies[p]->name, "lifo") != 0;
	for (uint32_t a = 0; exact && a < l->n_accounts; a++)
		CHECK(taint_held(o, a) == taint_held(r, a));
	taint_result_free(o);
	graph_free(g);
}

/* 7. A clean chain of transfers between fresh accounts changes nothing elsewhere. */
static void clean_chain(const struct r_ledger *l, const struct taint_result *r,
			size_t p, uint64_t *prng)
{
	struct r_ledger s = *l;
	const uint32_t at = r_below(prng, l->n_events);
	const uint32_t a = l->n_accounts;
	if (l->n_events + 3 > R_EVENTS || a + 3 > R_ACCOUNTS)
		return;
	s.n_accounts += 3;
	for (uint32_t i = 0; i < 3; i++)
		s.flags[a + i] = GRAPH_COMPLETE;
	s.opening[a] = 30;
	memmove(&s.e[at + 2], &s.e[at], (l->n_events - at) * sizeof(s.e[0]));
	s.n_events += 2;
	for (uint32_t i = 0; i < 2; i++) {
		s.e[at + i] = l->e[at];
		s.e[at + i].kind = NEM_MOVE_TRANSFER;
		s.e[at + i].from = a + i;
		s.e[at + i].to = a + i + 1;
		s.e[at + i].q = 20 - i;
	}
	/* A transaction of its own, before that of the event. */
	for (uint32_t i = at; i < s.n_events; i++)
		s.e[i].tx += i < at + 2 ? i - at : 2;
	if (at && l->e[at - 1].tx == l->e[at].tx)
		return; /* would tear a transaction apart */
	for (uint32_t i = 0; i < s.n_seeds; i++)
		s.seed[i].tx += s.seed[i].tx >= l->e[at].tx ? 2 : 0;
	s.n_txs += 2;
	const struct taint_options opt = options(l);
	struct graph *g = r_graph(&s, NULL, 1);
	struct taint_result *o = run(g, p, &opt);
	CHECK(o != NULL);
	if (o) {
		CHECK(o->n_holdings == r->n_holdings && o->n_sinks == r->n_sinks &&
		      o->n_edges == r->n_edges);
		for (size_t i = 0; i < r->n_holdings; i++)
			CHECK(held(o, r->holdings[i].account, r->holdings[i].theft) ==
			      r->holdings[i].uxem);
		for (size_t i = 0; i < r->n_edges; i++)
			CHECK(o->edges[i].uxem == r->edges[i].uxem);
	}
	taint_result_free(o);
	graph_free(g);
}

/* Policies that never round scale with the unit: amounts near 2^53 and beyond. */
static void scaled(const struct r_ledger *l, const struct taint_result *r, size_t p)
{
	const uint64_t scale = UINT64_C(1) << 44;
	if (l->n_thefts > 1 || !strcmp(taint_policies[p]->name, "haircut"))
		return;
	const struct taint_options opt = options(l);
	struct graph *g = r_graph(l, NULL, scale);
	struct taint_result *o = run(g, p, &opt);
	CHECK(o != NULL);
	for (size_t i = 0; o && i < r->n_holdings; i++)
		CHECK(held(o, r->holdings[i].account, 0) ==
		      r->holdings[i].uxem * scale);
	for (size_t i = 0; o && i < r->n_sinks; i++)
		CHECK(sunk(o, r->sinks[i].account, r->sinks[i].memo, 0) ==
		      r->sinks[i].uxem * scale);
	CHECK(o && o->n_edges == r->n_edges && o->fees[0] == r->fees[0] * scale);
	taint_result_free(o);
	graph_free(g);
}

static void test_properties(void **state)
{
	uint64_t prng = 526300010;
	uint64_t other = 7;
	(void)state;
	for (current = 0; current < LEDGERS; current++) {
		struct r_ledger l;
		r_make(&l, &prng);
		struct graph *g = r_graph(&l, NULL, 1);
		const struct taint_options opt = options(&l);
		struct taint_result *poison = run(g, 0, &opt);
		for (size_t p = 0; poison && p < POLICIES; p++) {
			struct taint_result *r = run(g, p, &opt);
			CHECK(r != NULL);
			if (!r)
				continue;
			if (r->policy->conserves)
				inside_poison(r, poison);
			struct taint_result *again = run(g, p, &opt);
			same_bytes(r, again);
			taint_result_free(again);
			renamed(&l, r, p, &other);
			split(&l, r, p, &other);
			clean_chain(&l, r, p, &other);
			scaled(&l, r, p);
			taint_result_free(r);
		}
		taint_result_free(poison);
		graph_free(g);
	}
}

/* ---- long ledgers of one theft and complete accounts: most events take the quick way
 * ---- */

#define LONG_ACCOUNTS 24
#define LONG_EVENTS   2500

/* One event of a long ledger; keeps the balances that make it possible. */
static void long_event(struct graph *g, uint64_t *balance, uint64_t *prng, uint32_t i)
{
	struct xt_err err = { 0 };
	const struct graph_tx tx = { .height = i / 3 + 1,
				     .time = i,
				     .time_last = i,
				     .time_kind = GRAPH_TIME_BLOCK };
	const uint32_t from = r_below(prng, LONG_ACCOUNTS);
	const uint32_t what = r_below(prng, 16);
	const uint32_t to = r_below(prng, LONG_ACCOUNTS);
	const bool outside = g->flags[from] & GRAPH_SERVICE;
	const uint64_t have = outside ? 1000000 : balance[from];
	uint64_t q = what % 4 == 0 ? have : have >> (1 + r_below(prng, 8));
	uint32_t t;
	assert_int_equal(graph_add_tx(g, &t, &tx, 0, NULL, &err), XT_OK);
	if (what == 15) {
		q = r_below(prng, 1000);
		balance[to] += q;
		assert_int_equal(
		    graph_add_event(g, t, NEM_MOVE_HARVEST, GRAPH_NONE, to, q, &err),
		    XT_OK);
		return;
	}
	const bool fee = what % 3 == 0;
	if (from != to || fee)
		balance[from] -= outside ? 0 : q;
	if (!fee && from != to)
		balance[to] += q;
	assert_int_equal(graph_add_event(g, t, fee ? NEM_MOVE_FEE : NEM_MOVE_TRANSFER,
					 from, fee ? GRAPH_NONE : to, fee ? q / 64 : q,
					 &err),
			 XT_OK);
	if (fee && !outside)
		balance[from] += q - q / 64;
}

static struct graph *long_ledger(uint64_t *prng)
{
	struct graph *g;
	struct xt_err err = { 0 };
	uint64_t balance[LONG_ACCOUNTS];
	uint32_t out;
	assert_int_equal(graph_new(&g, &err), XT_OK);
	assert_int_equal(graph_add_theft(g, &out, "theft", &err), XT_OK);
	for (uint32_t a = 0; a < LONG_ACCOUNTS; a++) {
		struct nem_party p = { { 0 } };
		(void)snprintf(p.s, sizeof(p.s), "@a%u", a);
		const unsigned flags = GRAPH_COMPLETE | (a < 2 ? GRAPH_SERVICE : 0U);
		/* Small, and so large that products pass 64 bits. */
		balance[a] = r_below(prng, 1000000)
			     << (r_below(prng, 2) ? 30 : r_below(prng, 8));
		assert_int_equal(
		    graph_add_account(g, &out, &p, (uint8_t)flags, balance[a], 0, &err),
		    XT_OK);
		const uint32_t seed = r_below(prng, 4);
		if (a < 2 || !seed)
			continue;
		const struct graph_seed s = { .kind = GRAPH_SEED_BALANCE,
					      .account = a,
					      .height = seed == 3 ? 90 : 0,
					      .amount = seed == 1 ? balance[a] / 3
								  : GRAPH_SEED_ALL };
		assert_int_equal(graph_add_seed(g, &s, &err), XT_OK);
	}
	for (uint32_t i = 0; i < LONG_EVENTS; i++)
		long_event(g, balance, prng, i);
	assert_int_equal(graph_add_clean(g, 5, 1000, &err), XT_OK);
	return g;
}

static void test_long(void **state)
{
	uint64_t prng = 4;
	(void)state;
	for (current = 0; current < 60; current++) {
		struct graph *g = long_ledger(&prng);
		const struct taint_options opt = { .edges = true,
						   .fees = current % 2
							       ? TAINT_FEE_ABSORB
							       : TAINT_FEE_CARRY };
		for (size_t p = 0; p < POLICIES; p++) {
			struct taint_result *r = run(g, p, &opt);
			CHECK(r && r->n_sinks && r->n_edges > 100 && r->n_holdings);
			if (r)
				same_without_edges(g, p, &opt, r);
			taint_result_free(r);
		}
		graph_free(g);
	}
}

/* 9. A seed of 0 gives an empty result. */
static void test_no_seed(void **state)
{
	uint64_t prng = 9;
	(void)state;
	for (current = 0; current < LEDGERS / 10; current++) {
		struct r_ledger l;
		r_make(&l, &prng);
		for (uint32_t i = 0; i < l.n_seeds; i++)
			l.seed[i] = (struct graph_seed){ .kind = GRAPH_SEED_BALANCE,
							 .account = l.seed[i].account };
		for (uint32_t a = 0; a < l.n_accounts; a++)
			l.flags[a] &= (uint8_t) ~(GRAPH_SERVICE | GRAPH_PROBABLE);
		struct graph *g = r_graph(&l, NULL, 1);
		const struct taint_options opt = options(&l);
		for (size_t p = 0; p < POLICIES; p++) {
			struct taint_result *r = run(g, p, &opt);
			CHECK(r && !r->n_holdings && !r->n_sinks && !r->n_edges &&
			      !r->fees_total && !r->seeded[0] &&
			      !r->through_incomplete);
			taint_result_free(r);
		}
		graph_free(g);
	}
}

/* 4. One account with the same inflows, dirty and clean, and the same payments to
 * others: what it holds under dirty-first <= any conserving policy <= clean-first. */
static void test_order(void **state)
{
	uint64_t prng = 4;
	(void)state;
	for (current = 0; current < LEDGERS / 2; current++) {
		struct r_ledger l;
		memset(&l, 0, sizeof(l));
		l.n_accounts = 3; /* source, hub, rest */
		l.n_thefts = 1;
		for (uint32_t a = 0; a < 3; a++)
			l.flags[a] = GRAPH_COMPLETE;
		l.opening[0] = 2000;
		l.opening[1] = r_below(&prng, 40);
		uint64_t have = l.opening[1];
		const uint32_t n = 2 + r_below(&prng, 30);
		for (uint32_t i = 0; i < n; i++) {
			struct r_event *e = &l.e[l.n_events++];
			*e = (struct r_event){ .kind = NEM_MOVE_TRANSFER,
					       .tx = i,
					       .height = i + 1 };
			const bool in = r_below(&prng, 2);
			e->from = in ? 0 : 1;
			e->to = in ? 1 : 2;
			e->q = r_below(&prng, in ? 40 : (uint32_t)have + 1);
			have = in ? have + e->q : have - e->q;
			if (in && l.n_seeds < R_SEEDS && r_below(&prng, 2))
				l.seed[l.n_seeds++] =
				    (struct graph_seed){ .kind = GRAPH_SEED_TX,
							 .tx = i };
		}
		l.n_txs = n;
		struct graph *g = r_graph(&l, NULL, 1);
		const struct taint_options opt = options(&l);
		uint64_t at[POLICIES];
		for (size_t p = 0; p < POLICIES; p++) {
			struct taint_result *r = run(g, p, &opt);
			CHECK(r != NULL);
			at[p] = r ? held(r, 1, 0) : 0;
			taint_result_free(r);
		}
		for (size_t p = 1; p < POLICIES; p++)
			CHECK(at[4] <= at[p] && at[p] <= at[5] && at[p] <= at[0]);
		graph_free(g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference), cmocka_unit_test(test_properties),
		cmocka_unit_test(test_long),      cmocka_unit_test(test_no_seed),
		cmocka_unit_test(test_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
