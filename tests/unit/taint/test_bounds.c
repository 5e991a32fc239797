/* Exact bounds against the slow and obvious way: for each account a flow from nothing, to it
 * alone and then to all others. Seeded random ledgers and networks; synthetic throughout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "random_ledger.h"
#include "taint/flow.h"
#include "taint/replay.h"

#define LEDGERS 3000
#define NONE    UINT32_MAX

static uint32_t current;

#define CHECK(cond)                                                                    \
	do {                                                                           \
		if (!(cond))                                                           \
			fail_msg("network %u: %s", current, #cond);                    \
	} while (0)

/* ---- the obvious way: shortest ways, one after the other
 * ----------------------------------------------------------------------------- */

#define ARCS  20000
#define NODES 4000

struct net {
	struct {
		uint32_t to, next;
		uint64_t cap, left;
	} arc[ARCS];
	uint32_t head[NODES], by[NODES], queue[NODES];
	uint32_t n_nodes, n_arcs;
};

static uint32_t add_node(struct net *n)
{
	assert_true(n->n_nodes < NODES);
	n->head[n->n_nodes] = NONE;
	return n->n_nodes++;
}

static uint32_t add_arc(struct net *n, uint32_t from, uint32_t to, uint64_t cap)
{
	const uint32_t i = n->n_arcs;
	assert_true(i + 2 <= ARCS);
	n->arc[i].to = to;
	n->arc[i].next = n->head[from];
	n->arc[i].cap = cap;
	n->arc[i + 1].to = from;
	n->arc[i + 1].next = n->head[to];
	n->arc[i + 1].cap = 0;
	n->head[from] = i;
	n->head[to] = i + 1;
	n->n_arcs += 2;
	return i;
}

/* The arc by which a shortest way enters each node. */
static bool find_way(struct net *n, uint32_t from, uint32_t to)
{
	uint32_t len = 0;
	memset(n->by, 0xFF, sizeof(n->by));
	n->queue[len++] = from;
	for (uint32_t k = 0; k < len && n->by[to] == NONE; k++)
		for (uint32_t i = n->head[n->queue[k]]; i != NONE; i = n->arc[i].next) {
			const uint32_t v = n->arc[i].to;
			if (!n->arc[i].left || v == from || n->by[v] != NONE)
				continue;
			n->by[v] = i;
			n->queue[len++] = v;
		}
	return n->by[to] != NONE;
}

/* Ends other than those that are `open` are closed: NONE opens all but `shut`. */
static uint64_t largest(struct net *n, uint32_t from, uint32_t to, uint32_t open,
			uint32_t shut)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < n->n_arcs; i++) {
		const bool end = !(i & 1) && n->arc[i].to == to;
		n->arc[i].left = n->arc[i].cap;
		if (end && ((open != NONE && i != open) || i == shut))
			n->arc[i].left = 0;
	}
	while (find_way(n, from, to)) {
		uint64_t x = UINT64_MAX;
		for (uint32_t v = to; v != from; v = n->arc[n->by[v] ^ 1].to)
			x = n->arc[n->by[v]].left < x ? n->arc[n->by[v]].left : x;
		for (uint32_t v = to; v != from; v = n->arc[n->by[v] ^ 1].to) {
			n->arc[n->by[v]].left -= x;
			n->arc[n->by[v] ^ 1].left += x;
		}
		sum += x;
	}
	return sum;
}

/* ---- networks of any shape
 * ----------------------------------------------------------------------------- */

static struct net net;

/* Nodes in the order of time, arcs to later ones; each may end. What flows at first is
 * nothing, or what a careless first policy gives: as much as fits, in the order of arcs. */
static void make_network(struct flow *f, uint64_t *p, uint32_t *end, uint32_t n,
			 bool begun)
{
	uint64_t in[128] = { 0 };
	net.n_nodes = net.n_arcs = 0;
	const uint64_t unit = r_below(p, 2) ? 1 : UINT64_C(1) << 50;
	for (uint32_t i = 0; i < n + 2; i++)
		assert_int_equal(flow_node(f), add_node(&net));
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t out = r_below(p, 5);
		if (i < 3 || r_below(p, 9) == 0) {
			const uint64_t cap = (1 + r_below(p, 60)) * unit;
			uint32_t a = flow_arc(f, 0, i + 2, cap);
			(void)add_arc(&net, 0, i + 2, cap);
			if (begun)
				flow_use(f, a, cap);
			in[i] += begun ? cap : 0;
		}
		for (uint32_t k = 0; k < out && i + 1 < n; k++) {
			const uint32_t to = i + 1 + r_below(p, n - i - 1);
			const uint64_t cap = r_below(p, 30) * unit;
			const uint64_t x = in[i] < cap ? in[i] : cap;
			if (!cap)
				continue;
			flow_use(f, flow_arc(f, i + 2, to + 2, cap), x);
			(void)add_arc(&net, i + 2, to + 2, cap);
			in[i] -= x;
			in[to] += x;
		}
		end[i] = flow_arc(f, i + 2, 1, UINT64_MAX);
		assert_int_equal(end[i], add_arc(&net, i + 2, 1, UINT64_MAX));
		flow_use(f, end[i], in[i]);
	}
}

static void test_networks(void **state)
{
	uint64_t prng = 77;
	uint32_t between = 0;
	(void)state;
	for (current = 0; current < 600; current++) {
		struct flow f = { .most = UINT64_MAX - 1 };
		uint32_t end[128];
		uint64_t sum = 0;
		const uint32_t n = 4 + r_below(&prng, 120);
		const bool begun = r_below(&prng, 2);
		make_network(&f, &prng, end, n, begun);
		assert_true(flow_ready(&f));
		for (uint32_t i = 0; i < n; i++)
			sum += f.arc[end[i] ^ 1].left;
		const uint64_t all = largest(&net, 0, 1, NONE, NONE);
		CHECK(flow_max(&f, 0, 1, &sum));
		CHECK(sum == all);
		for (uint32_t k = 0; k < n; k++) {
			const uint32_t i = r_below(&prng, n);
			const uint64_t high = largest(&net, 0, 1, end[i], NONE);
			const uint64_t low = all - largest(&net, 0, 1, NONE, end[i]);
			const bool told = r_below(&prng, 2);
			uint64_t x = 0;
			CHECK(flow_most(&f, end[i], told ? high : UINT64_MAX, &x));
			CHECK(x == high);
			CHECK(flow_least(&f, end[i], told ? low : 0, &x));
			CHECK(x == low);
			between += low < high;
		}
		flow_release(&f);
	}
	assert_true(between > 10000);
}

/* What gives up says nothing, and the flow that stands is one still. */
static void test_gives_up(void **state)
{
	uint64_t prng = 5;
	uint32_t gave_up = 0;
	(void)state;
	for (current = 0; current < 300; current++) {
		struct flow f = { .most = UINT64_MAX - 1 };
		uint32_t end[128];
		uint64_t sum = 0;
		uint64_t x = 0;
		const uint32_t n = 100;
		make_network(&f, &prng, end, n, true);
		assert_true(flow_ready(&f));
		for (uint32_t i = 0; i < n; i++)
			sum += f.arc[end[i] ^ 1].left;
		CHECK(flow_max(&f, 0, 1, &sum));
		for (uint32_t i = 0; i < n; i++) {
			f.most = f.work + r_below(&prng, 60);
			gave_up += !flow_most(&f, end[i], UINT64_MAX, &x);
			f.most = f.work + r_below(&prng, 60);
			gave_up += !flow_least(&f, end[i], 0, &x);
		}
		f.most = UINT64_MAX - 1;
		uint64_t again = 0;
		for (uint32_t i = 0; i < n; i++)
			again += f.arc[end[i] ^ 1].left;
		CHECK(again == sum);
		CHECK(flow_max(&f, 0, 1, &again) && again == sum);
		CHECK(flow_most(&f, end[n - 1], UINT64_MAX, &x));
		CHECK(x == largest(&net, 0, 1, end[n - 1], NONE));
		flow_release(&f);
	}
	assert_true(gave_up > 1000);
}

/* ---- ledgers
 * ----------------------------------------------------------------------------- */

struct world {
	const struct graph *g;
	struct taint_state *st;
	uint64_t balance[R_ACCOUNTS];
	uint32_t node[R_ACCOUNTS]; /* of what an account holds now */
	bool cleaned[R_ACCOUNTS];
	uint32_t fees, clean; /* nodes */
	uint64_t seeded;
	bool marked; /* a seed whose new part depends on the policy: not asked here */
};

/* An account of the way to a payment has three nodes: before, what goes, what stays. */
static bool pay(struct world *w, const struct graph_event *e, bool seeded)
{
	const uint64_t q = graph_amount(e);
	const bool stop = e->from == GRAPH_NONE || w->st->acct[e->from].t == TAINT_STOP;
	const uint32_t goes = add_node(&net);
	if (e->from == e->to)
		return true;
	if (!stop) {
		if (w->balance[e->from] < q)
			return false;
		const uint32_t stays = add_node(&net);
		w->balance[e->from] -= q;
		/* A seed's payment is all new only where nothing older can be in it. */
		if (seeded && q > 0)
			w->marked = true;
		(void)add_arc(&net, w->node[e->from], goes, q);
		(void)add_arc(&net, w->node[e->from], stays, w->balance[e->from]);
		w->node[e->from] = stays;
	}
	if (seeded && stop) {
		(void)add_arc(&net, 0, goes, q);
		w->seeded += q;
	}
	if (e->to == GRAPH_NONE) {
		(void)add_arc(&net, goes, w->fees, q);
		return true;
	}
	if (w->st->acct[e->to].t != TAINT_STOP)
		w->balance[e->to] += q;
	(void)add_arc(&net, goes, w->cleaned[e->to] ? w->clean : w->node[e->to], q);
	return true;
}

static void act(struct world *w, const struct taint_action *a)
{
	const struct graph *g = w->g;
	if (a->kind == TAINT_ACT_CLEAN) {
		const uint32_t k = g->cleans[a->index].account;
		if (w->st->acct[k].t == TAINT_STOP || w->cleaned[k])
			return;
		(void)add_arc(&net, w->node[k], w->clean, w->balance[k]);
		w->node[k] = add_node(&net);
		w->cleaned[k] = true;
		return;
	}
	const struct graph_seed *s = &g->seeds[a->index];
	const uint64_t x =
	    s->amount < w->balance[s->account] ? s->amount : w->balance[s->account];
	if (w->cleaned[s->account]) {
		(void)add_arc(&net, 0, w->clean, x);
		w->seeded += x;
		return;
	}
	/* Whether something is dirty already: then how much is new is open. */
	for (uint32_t i = 0; i < net.n_arcs; i++)
		net.arc[i].left = net.arc[i].cap;
	if (find_way(&net, 0, w->node[s->account]))
		w->marked = w->marked || x > 0;
	(void)add_arc(&net, 0, w->node[s->account], x);
	w->seeded += x;
}

static bool replay(struct world *w)
{
	size_t k = 0;
	for (uint32_t i = 0; i <= w->g->n_events; i++) {
		bool seeded = false;
		for (; k < w->st->n_actions && w->st->actions[k].event == i; k++) {
			if (w->st->actions[k].kind == TAINT_ACT_BALANCE ||
			    w->st->actions[k].kind == TAINT_ACT_CLEAN)
				act(w, &w->st->actions[k]);
			else
				seeded = true;
		}
		if (i < w->g->n_events && !pay(w, &w->g->events[i], seeded))
			return false;
	}
	return true;
}

static void compare(const struct world *w, const struct taint_bounds *b)
{
	uint32_t end[R_ACCOUNTS];
	const uint32_t n = w->g->n_accounts;
	for (uint32_t a = 0; a < n; a++)
		end[a] = add_arc(&net, w->node[a], 1, UINT64_MAX);
	(void)add_arc(&net, w->fees, 1, UINT64_MAX);
	(void)add_arc(&net, w->clean, 1, UINT64_MAX);
	for (uint32_t a = 0; a < n; a++) {
		const struct taint_bound *v = taint_bound_find(b, a);
		const uint64_t high = largest(&net, 0, 1, end[a], NONE);
		const uint64_t low = w->seeded - largest(&net, 0, 1, NONE, end[a]);
		CHECK((v ? v->high : 0) == high);
		CHECK((v ? v->low : 0) == low);
		CHECK(!v || v->exact);
	}
}

static void test_ledgers(void **state)
{
	uint64_t prng = 41;
	uint32_t compared = 0;
	(void)state;
	for (current = 0; current < LEDGERS; current++) {
		struct r_ledger l;
		struct taint_bounds *b = NULL;
		struct xt_err err = { 0 };
		r_make(&l, &prng);
		const struct taint_options opt = { .stop_at_probable =
						       l.stop_at_probable };
		struct graph *g = r_graph(&l, NULL, 1);
		struct world w = { .g = g };
		net.n_nodes = net.n_arcs = 0;
		(void)add_node(&net);
		(void)add_node(&net);
		w.fees = add_node(&net);
		w.clean = add_node(&net);
		for (uint32_t a = 0; a < g->n_accounts; a++) {
			w.node[a] = add_node(&net);
			w.balance[a] = g->opening[a];
		}
		assert_int_equal(taint_state_new(&w.st, g, &taint_poison, &opt, &err),
				 XT_OK);
		const bool whole = replay(&w);
		const enum xt_status s = taint_bounds_run(&b, g, &opt, NULL, &err);
		CHECK(whole || s != XT_OK);
		if (s == XT_OK && !w.marked) {
			compare(&w, b);
			compared++;
		}
		taint_bounds_free(b);
		taint_state_free(w.st);
		graph_free(g);
	}
	assert_true(compared > LEDGERS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_gives_up),
		cmocka_unit_test(test_ledgers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
