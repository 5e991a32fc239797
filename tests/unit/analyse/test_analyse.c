/* The findings against the taint run that they come from: nothing is lost on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <xemtrace/analyse.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

static xt_u128 basis_sum(const struct analyse_basis *b)
{
	xt_u128 sum = 0;

	for (size_t i = 0; i < XT_ARRAY_SIZE(b->by); i++)
		sum += b->by[i];
	return sum;
}

static uint64_t sunk(const struct taint_result *r, uint32_t account)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < r->n_sink_totals; i++)
		if (account == GRAPH_NONE || r->sink_totals[i].account == account)
			sum += r->sink_totals[i].uxem;
	return sum;
}

/* What recorded edges carried into an account (GRAPH_NONE: between any two), as the
 * policy counts several thefts. */
static uint64_t arrived(const struct graph *g, const struct taint_result *r,
			uint32_t account)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		uint64_t here = 0;

		if (e->to == GRAPH_NONE || e->from == e->to ||
		    (account == GRAPH_NONE ? e->from == GRAPH_NONE : e->to != account))
			continue;
		for (size_t k = 0; k < r->n_edges; k++) {
			const uint64_t x = r->edges[k].uxem;

			if (r->edges[k].event != i)
				continue;
			if (r->policy->conserves)
				here += x;
			else if (x > here)
				here = x;
		}
		sum += here;
	}
	return sum;
}

/* ---- invariants, for any graph and policy
 * ------------------------------------------------ */

static void check_exchanges(const struct graph *g, const struct taint_result *r)
{
	struct analyse_exchanges e;
	uint64_t all = 0;
	size_t memos = 0;
	size_t deposits = 0;

	assert_int_equal(analyse_exchanges(&e, g, r, NULL), XT_OK);
	for (size_t i = 0; i < e.n_services; i++) {
		const struct analyse_service_row *s = &e.services[i];
		uint64_t of_memos = 0;
		uint64_t count = 0;

		assert_true(s->tainted == sunk(r, s->account));
		assert_true(basis_sum(&s->basis) == s->tainted);
		assert_true(s->amount >= s->tainted);
		assert_true(s->incomplete <= s->tainted);
		assert_int_equal(s->memo_from, memos);
		if (i > 0)
			assert_true(s[-1].tainted > s->tainted ||
				    (s[-1].tainted == s->tainted &&
				     strcmp(g->party[s[-1].account].s,
					    g->party[s->account].s) < 0));
		for (size_t j = s->memo_from; j < s->memo_to; j++) {
			const struct analyse_memo_row *m = &e.memos[j];
			uint64_t of_deposits = 0;

			assert_int_equal(m->deposit_from, deposits);
			assert_true(basis_sum(&m->basis) == m->tainted);
			if (j > s->memo_from)
				assert_true(m[-1].tainted >= m->tainted);
			for (size_t k = m->deposit_from; k < m->deposit_to; k++) {
				const struct analyse_deposit *d = &e.deposits[k];

				assert_int_equal(g->events[d->event].to, s->account);
				assert_true(d->tainted > 0);
				if (k > m->deposit_from)
					assert_true(d[-1].event < d->event);
				of_deposits += d->tainted;
			}
			assert_true(of_deposits == m->tainted);
			deposits = m->deposit_to;
			of_memos += m->tainted;
			count += m->count;
		}
		assert_true(of_memos == s->tainted);
		assert_true(count == s->count);
		memos = s->memo_to;
		all += s->tainted;
	}
	assert_int_equal(memos, e.n_memos);
	assert_int_equal(deposits, e.n_deposits);
	assert_true(all == sunk(r, GRAPH_NONE));
	analyse_exchanges_release(&e);
}

static void check_coverage(const struct graph *g, const struct taint_result *r)
{
	struct analyse_coverage c;
	uint64_t held = 0;

	assert_int_equal(analyse_coverage(&c, g, r, NULL), XT_OK);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		held += taint_held(r, a);
	assert_true(c.held_complete + c.held_incomplete + c.held_unread == held);
	assert_true(c.at_services == sunk(r, GRAPH_NONE));
	if (r->policy->conserves)
		assert_true(c.seeded == c.at_services + c.fees + c.cleaned + held);
}

/* By their own words: each unit of taint has one place. */
static void check_located(const struct graph *g, const struct taint_result *r)
{
	struct analyse_located v;
	uint64_t stolen = 0;
	uint64_t fees = 0;

	assert_int_equal(analyse_located(&v, g, r, NULL), XT_OK);
	assert_int_equal(v.n_thefts, g->n_thefts);
	for (uint32_t t = 0; t < v.n_thefts; t++) {
		const struct analyse_located_part *p = &v.theft[t];

		if (r->policy->conserves)
			assert_true(p->stolen == p->at_services + p->complete +
						     p->behind_stops + p->incomplete);
		assert_true(p->stolen + p->refunded == r->seeded[t]);
		assert_true(p->unread <= p->incomplete);
		assert_true(p->cleaned == r->cleaned[t]);
		stolen += p->stolen;
		fees += p->fees;
	}
	assert_true(v.all.stolen == stolen);
	if (r->policy->conserves) {
		assert_true(v.all.stolen == v.all.at_services + v.all.complete +
						v.all.behind_stops + v.all.incomplete);
		assert_true(v.all.fees == fees);
	}
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		assert_true(v.arrived[a] == arrived(g, r, a));
		if (r->policy->conserves)
			assert_true(v.behind[a] <=
				    v.arrived[a] + stolen + v.all.refunded);
	}
	analyse_located_release(&v);
	assert_null(v.theft);
}

static void check_top(const struct graph *g, const struct taint_result *r)
{
	struct analyse_top_row *rows;
	uint64_t sum = 0;
	size_t n;

	assert_int_equal(analyse_top(&rows, &n, g, r, ANALYSE_BY_TAINT, 0, NULL),
			 XT_OK);
	for (size_t i = 0; i < n; i++) {
		const struct analyse_top_row *t = &rows[i];

		assert_true(t->tainted_in == arrived(g, r, t->account));
		assert_true(t->held == taint_held(r, t->account) + sunk(r, t->account));
		assert_true(basis_sum(&t->basis) == t->tainted_in);
		assert_true(t->incomplete <= t->held);
		if (i > 0)
			assert_true(t[-1].tainted_in > t->tainted_in ||
				    (t[-1].tainted_in == t->tainted_in &&
				     strcmp(g->party[t[-1].account].s,
					    g->party[t->account].s) < 0));
		sum += t->tainted_in;
	}
	for (uint32_t a = 0; a < g->n_accounts; a++)
		sum -= arrived(g, r, a);
	assert_true(sum == 0);
	free(rows);
	assert_int_equal(analyse_top(&rows, &n, g, r, ANALYSE_BY_RECEIVED, 0, NULL),
			 XT_OK);
	for (size_t i = 0; i < n; i++)
		assert_true(basis_sum(&rows[i].basis) == rows[i].received);
	free(rows);
}

static void check_flow(const struct graph *g, const struct taint_result *r,
		       const struct analyse_flow_options *opt)
{
	struct analyse_flow f;
	uint64_t sum = 0;

	assert_int_equal(analyse_flow(&f, g, r, opt, NULL), XT_OK);
	for (size_t i = 0; i < f.n_edges; i++) {
		const struct analyse_flow_edge *e = &f.edges[i];

		assert_true(basis_sum(&e->basis) == e->tainted);
		assert_true(e->tainted > 0 && e->tainted >= opt->min_uxem);
		assert_true(e->amount >= e->tainted);
		assert_int_not_equal(e->from, e->to);
		if (i > 0)
			assert_true(e[-1].tainted >= e->tainted);
		sum += e->tainted;
	}
	assert_true(opt->max_edges == 0 || f.n_edges <= opt->max_edges);
	assert_true(sum + f.cut_uxem == arrived(g, r, GRAPH_NONE));
	for (size_t i = 0; i < f.n_nodes; i++) {
		const struct analyse_flow_node *n = &f.nodes[i];

		assert_true(n->tainted_in == arrived(g, r, n->account));
		if (i > 0)
			assert_true(
			    n[-1].depth < n->depth ||
			    (n[-1].depth == n->depth && n[-1].account < n->account));
		assert_false(n->victim && n->thief);
		if (opt->max_depth > 0)
			assert_true(n->depth <= opt->max_depth);
	}
	analyse_flow_release(&f);
}

static void check_graph(const struct graph *g)
{
	const struct analyse_flow_options flows[] = {
		{ 0 },
		{ .min_uxem = 50 },
		{ .max_depth = 1 },
		{ .max_depth = 2, .max_edges = 3 },
		{ .has_from = true, .from = 600, .has_to = true, .to = 1800 },
	};

	for (size_t p = 0; taint_policies[p] != NULL; p++) {
		struct taint_result *r = sample_run(g, taint_policies[p]->name);

		check_exchanges(g, r);
		check_coverage(g, r);
		check_located(g, r);
		check_top(g, r);
		for (size_t i = 0; i < XT_ARRAY_SIZE(flows); i++)
			check_flow(g, r, &flows[i]);
		taint_result_free(r);
	}
}

static void test_sample(void **state)
{
	struct graph *g = sample_graph();

	(void)state;
	check_graph(g);
	graph_free(g);
}

static uint32_t random_below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % n;
}

/* Two thefts, two services, levies, harvests, messages, returns: whatever comes. */
static void test_random(void **state)
{
	(void)state;
	for (uint64_t start = 1; start <= 60; start++) {
		uint64_t seed = start;
		uint64_t balance[8];
		char text[16384];
		size_t n;
		struct graph *g;

		n = (size_t)snprintf(text, sizeof(text), "service a6\nservice a7\n");
		for (unsigned a = 0; a < 8; a++) {
			balance[a] = a < 6 ? 1000 + random_below(&seed, 9000) : 0;
			n += (size_t)snprintf(text + n, sizeof(text) - n,
					      "opening a%u %llu\n", a,
					      (unsigned long long)balance[a]);
		}
		n += (size_t)snprintf(text + n, sizeof(text) - n, "seed one a0 %u\n",
				      500 + random_below(&seed, 400));
		for (unsigned i = 0; i < 60; i++) {
			const unsigned a = random_below(&seed, 8);
			const unsigned b = random_below(&seed, 8);
			const uint64_t q =
			    random_below(&seed, (uint32_t)balance[a] + 1);
			const uint64_t fee =
			    random_below(&seed, 4) == 0 && balance[a] > q;

			n += (size_t)snprintf(
			    text + n, sizeof(text) - n,
			    "a%u -> a%u %llu fee %llu%s%s\n", a, b,
			    (unsigned long long)q, (unsigned long long)fee,
			    random_below(&seed, 2) ? " \"m1\"" : "",
			    random_below(&seed, 12) == 0 && a < 6 && a != b
				? " seed two"
				: "");
			balance[a] -= q + fee;
			balance[b] += q;
		}
		assert_true(n < sizeof(text));
		g = sample_ledger(text);
		assert_int_equal(graph_index(g, NULL), XT_OK);
		check_graph(g);
		graph_free(g);
		/* The same with refunds, an account declared clean, and accounts that
		 * the crawl did not read. */
		for (char *s = text; (s = strstr(s, "a6 -> a")) != NULL;) {
			char *end = strchr(s, '\n');
			const char word[] = " refund one";

			if (random_below(&seed, 3) != 0) {
				s = end;
				continue;
			}
			memmove(end + sizeof(word) - 1, end, strlen(end) + 1);
			memcpy(end, word, sizeof(word) - 1);
			s = end + sizeof(word) - 1;
		}
		n = strlen(text);
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "clean a3 900\nincomplete a1\nincomplete a2\n");
		assert_true(n + 1 < sizeof(text));
		g = sample_ledger(text);
		g->flags[graph_find(g, "@a2")] |= GRAPH_STOPPED;
		g->flags[graph_find(g, "@a1")] &= (uint8_t)~GRAPH_EXPANDED;
		assert_int_equal(graph_index(g, NULL), XT_OK);
		check_graph(g);
		graph_free(g);
	}
}

/* ---- cases worked out by hand
 * ------------------------------------------------------------- */

static const struct analyse_memo_row *
memo_row(const struct graph *g, const struct analyse_exchanges *e, const char *text)
{
	for (size_t i = 0; i < e->n_memos; i++) {
		const struct graph_memo *m = &g->memos[e->memos[i].memo];

		if (text == NULL
			? m->kind == GRAPH_MEMO_NONE
			: m->kind == GRAPH_MEMO_PLAIN && strcmp(m->text, text) == 0)
			return &e->memos[i];
	}
	return NULL;
}

static void test_levy_has_no_memo(void **state)
{
	struct graph *g = sample_ledger("service x\nopening a 1000\nseed t a 1000\n"
					"a -> b 100 \"rent\" levy x 7\n"
					"a -> x 50 \"rent\"\n"
					"a -> x 20 \"rent\" inner\n");
	struct taint_result *r = sample_run(g, "haircut");
	struct analyse_exchanges e;

	(void)state;
	assert_int_equal(analyse_exchanges(&e, g, r, NULL), XT_OK);
	assert_int_equal(e.n_services, 1);
	assert_int_equal(e.n_memos, 2);
	assert_int_equal(memo_row(g, &e, NULL)->tainted, 7);
	assert_int_equal(memo_row(g, &e, NULL)->count, 1);
	assert_int_equal(memo_row(g, &e, "rent")->tainted, 70);
	assert_int_equal(memo_row(g, &e, "rent")->count, 2);
	analyse_exchanges_release(&e);
	taint_result_free(r);
	graph_free(g);
}

static void test_records(void **state)
{
	struct graph *g = sample_graph();
	struct taint_result *r = sample_run(g, "haircut");
	struct analyse_exchanges e;
	const struct analyse_memo_row *z;

	(void)state;
	assert_int_equal(analyse_exchanges(&e, g, r, NULL), XT_OK);
	/* 3,500,024.999999 signed of 12,499,575.022497 at the first. */
	assert_string_equal(g->party[e.services[0].account].s, ALPHA);
	assert_int_equal(e.services[0].tainted, 12499575022497);
	assert_true(e.services[0].basis.by[NEM_SIGNED] == 3500024999999);
	assert_true(e.services[0].basis.by[NEM_AGGREGATE] == 8999550022498);
	assert_int_equal(e.services[0].count, 91);
	assert_true(e.services[0].count_known);
	/* An inferred flow that does not say how many transfers it was. */
	z = memo_row(g, &e, "Z");
	assert_false(z->count_known);
	assert_int_equal(z->count, 1);
	assert_true(z->basis.by[NEM_INFERRED] == z->tainted);
	assert_int_equal(z->incomplete, z->tainted);
	assert_false(e.services[1].count_known);
	/* The last end is the aggregate's, although its row stands earlier. */
	assert_int_equal(g->txs[g->event_tx[e.services[0].last]].time_last, 1518500000);
	analyse_exchanges_release(&e);
	taint_result_free(r);
	graph_free(g);
}

static void test_poison_counts_once(void **state)
{
	struct graph *g = sample_ledger("service x\nopening a 100\nopening b 100\n"
					"seed one a 100\nseed two b 100\n"
					"a -> c 100\nb -> c 100\nc -> x 150\n");
	struct taint_result *r = sample_run(g, "poison");
	struct analyse_top_row *rows;
	struct analyse_exchanges e;
	size_t n;

	(void)state;
	assert_int_equal(analyse_exchanges(&e, g, r, NULL), XT_OK);
	assert_int_equal(e.services[0].tainted, 150);
	assert_int_equal(analyse_top(&rows, &n, g, r, ANALYSE_BY_HELD, 0, NULL), XT_OK);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].held, 150);
	assert_int_equal(rows[1].held, 50);
	free(rows);
	analyse_exchanges_release(&e);
	taint_result_free(r);
	graph_free(g);
}

static void test_ranks(void **state)
{
	struct graph *g = sample_graph();
	struct taint_result *r = sample_run(g, "haircut");
	struct analyse_top_row *rows;
	size_t n;

	(void)state;
	assert_int_equal(analyse_top(&rows, &n, g, r, ANALYSE_BY_TAINT, 0, NULL),
			 XT_OK);
	assert_int_equal(n, 9);
	assert_string_equal(g->party[rows[0].account].s, THIEF);
	for (size_t i = 0; i < n; i++) {
		assert_string_not_equal(g->party[rows[i].account].s, VICTIM);
		assert_string_not_equal(g->party[rows[i].account].s, CLEAN);
	}
	free(rows);
	assert_int_equal(analyse_top(&rows, &n, g, r, ANALYSE_BY_HELD, 2, NULL), XT_OK);
	assert_int_equal(n, 2);
	assert_string_equal(g->party[rows[0].account].s, THIEF);
	assert_string_equal(g->party[rows[1].account].s, HOP1);
	free(rows);
	assert_int_equal(analyse_top(&rows, &n, g, NULL, ANALYSE_BY_RECEIVED, 0, NULL),
			 XT_OK);
	assert_false(rows[0].taint_known);
	assert_true(rows[0].received == 526300020000000);
	assert_int_equal(rows[0].n_in, 2);
	free(rows);
	taint_result_free(r);
	graph_free(g);
}

static const struct analyse_flow_node *
node(const struct graph *g, const struct analyse_flow *f, const char *party)
{
	for (size_t i = 0; i < f->n_nodes; i++)
		if (strcmp(g->party[f->nodes[i].account].s, party) == 0)
			return &f->nodes[i];
	return NULL;
}

static void test_flow_roles(void **state)
{
	struct graph *g = sample_graph();
	struct taint_result *r = sample_run(g, "haircut");
	struct analyse_flow_options opt = { 0 };
	struct analyse_flow f;

	(void)state;
	assert_int_equal(analyse_flow(&f, g, r, &opt, NULL), XT_OK);
	assert_true(node(g, &f, VICTIM)->victim);
	assert_int_equal(node(g, &f, VICTIM)->depth, 0);
	assert_true(node(g, &f, THIEF)->thief);
	assert_int_equal(node(g, &f, THIEF)->depth, 0);
	assert_int_equal(node(g, &f, HOP1)->depth, 1);
	assert_int_equal(node(g, &f, ALPHA)->depth, 2);
	assert_true(node(g, &f, ALPHA)->stop);
	assert_int_equal(node(g, &f, "@buyers")->depth, 2);
	assert_null(node(g, &f, CLEAN));
	assert_int_equal(f.cut_edges, 0);
	assert_int_equal(f.cut_uxem, 0);
	analyse_flow_release(&f);

	/* One hop: the theft and what left the thief, 3 edges of 13. */
	opt.max_depth = 1;
	assert_int_equal(analyse_flow(&f, g, r, &opt, NULL), XT_OK);
	assert_int_equal(f.n_edges, 4);
	assert_int_equal(f.cut_edges, 9);
	assert_null(node(g, &f, ALPHA));
	analyse_flow_release(&f);

	/* Everything is below this: the beginning stays. */
	opt = (struct analyse_flow_options){ .min_uxem = UINT64_MAX };
	assert_int_equal(analyse_flow(&f, g, r, &opt, NULL), XT_OK);
	assert_int_equal(f.n_edges, 0);
	assert_int_equal(f.n_nodes, 1);
	assert_true(f.nodes[0].thief);
	assert_int_equal(f.cut_edges, 13);
	analyse_flow_release(&f);

	/* A day inside the aggregate's period takes in the aggregate. */
	opt = (struct analyse_flow_options){
		.has_from = true, .from = 1519000000, .has_to = true, .to = 1519000001
	};
	assert_int_equal(analyse_flow(&f, g, r, &opt, NULL), XT_OK);
	assert_int_equal(f.n_edges, 1);
	assert_string_equal(g->party[f.edges[0].from].s, "@shop");
	assert_int_equal(f.edges[0].count, 1234);
	analyse_flow_release(&f);
	taint_result_free(r);
	graph_free(g);
}

/* Stolen money that went straight to an exchange, and a seed in the middle of a chain.
 */
static void test_flow_seeds(void **state)
{
	struct graph *g = sample_ledger("service x\nopening v 1000\n"
					"v -> x 100 seed t\nv -> a 300 seed t\n"
					"a -> b 200 seed t\n");
	struct taint_result *r = sample_run(g, "haircut");
	const struct analyse_flow_options opt = { 0 };
	struct analyse_flow f;

	(void)state;
	assert_int_equal(analyse_flow(&f, g, r, &opt, NULL), XT_OK);
	assert_true(node(g, &f, "@v")->victim);
	assert_false(node(g, &f, "@x")->thief);
	assert_true(node(g, &f, "@x")->stop);
	assert_int_equal(node(g, &f, "@x")->depth, 0);
	assert_true(node(g, &f, "@a")->thief);
	assert_false(node(g, &f, "@a")->victim);
	assert_true(node(g, &f, "@b")->thief);
	analyse_flow_release(&f);
	taint_result_free(r);
	graph_free(g);
}

/* ---- refusals
 * ------------------------------------------------------------------------------ */

static void test_needs_edges(void **state)
{
	struct graph *g = sample_graph();
	const struct taint_options none = { 0 };
	const struct analyse_flow_options opt = { 0 };
	struct analyse_exchanges e = { 0 };
	struct analyse_flow f = { 0 };
	struct analyse_top_row *rows = NULL;
	struct taint_result *r;
	struct xt_err err = { 0 };
	size_t n = 77;

	(void)state;
	assert_int_equal(
	    taint_run(&r, g, taint_policy_find("haircut"), &none, NULL, NULL), XT_OK);
	assert_int_equal(analyse_top(&rows, &n, g, r, ANALYSE_BY_TAINT, 0, &err),
			 XT_E_USAGE);
	assert_int_equal(analyse_top(&rows, &n, g, NULL, ANALYSE_BY_HELD, 0, &err),
			 XT_E_USAGE);
	assert_null(rows);
	assert_int_equal(n, 77);
	assert_int_equal(analyse_exchanges(&e, g, r, &err), XT_E_USAGE);
	assert_null(e.services);
	assert_int_equal(analyse_flow(&f, g, r, &opt, &err), XT_E_USAGE);
	assert_null(f.edges);
	taint_result_free(r);
	graph_free(g);
}

/* A run and a graph that do not belong together are caught. */
static void test_sinks_must_agree(void **state)
{
	struct graph *g = sample_graph();
	struct taint_result *r = sample_run(g, "haircut");
	struct analyse_exchanges e = { 0 };
	struct xt_err err = { 0 };

	(void)state;
	r->sink_totals[0].uxem--;
	assert_int_equal(analyse_exchanges(&e, g, r, &err), XT_E_BUG);
	assert_non_null(strstr(err.text, "add up to"));
	assert_null(e.services);
	r->sink_totals[0].uxem++;
	taint_result_free(r);
	graph_free(g);
}

static void test_sum_too_large(void **state)
{
	struct graph *g = sample_graph();
	struct taint_result *r = sample_run(g, "haircut");
	struct analyse_top_row *rows = NULL;
	struct analyse_coverage c;
	struct xt_err err = { 0 };
	size_t n;

	(void)state;
	assert_true(r->n_edges > 2);
	r->edges[0].uxem = UINT64_MAX - 1;
	assert_int_equal(analyse_top(&rows, &n, g, r, ANALYSE_BY_TAINT, 0, &err),
			 XT_E_LIMIT);
	assert_non_null(strstr(err.text, THIEF));
	r->sink_totals[0].uxem = UINT64_MAX - 1;
	assert_int_equal(analyse_coverage(&c, g, r, &err), XT_E_LIMIT);
	taint_result_free(r);
	graph_free(g);
}

static void test_empty(void **state)
{
	struct graph *g = sample_ledger("opening a 5\n");

	(void)state;
	check_graph(g);
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sample),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_levy_has_no_memo),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_poison_counts_once),
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_flow_roles),
		cmocka_unit_test(test_flow_seeds),
		cmocka_unit_test(test_needs_edges),
		cmocka_unit_test(test_sinks_must_agree),
		cmocka_unit_test(test_sum_too_large),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
