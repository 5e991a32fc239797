/* Checkpoints, bounds and paths over seeded random ledgers; conservation breaks that
 * must be found; results that a caller reads. Synthetic throughout. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "random_ledger.h"
#include "taint/replay.h"

#define LEDGERS 10000

static uint32_t current;
static const char *policy_name = "";

#define CHECK(cond)                                                                    \
	do {                                                                           \
		if (!(cond))                                                           \
			fail_msg("ledger %u, %s: %s", current, policy_name, #cond);    \
	} while (0)

static struct taint_options options(const struct r_ledger *l)
{
	return (struct taint_options){ .fees = l->fees,
				       .stop_at_probable = l->stop_at_probable,
				       .edges = true,
				       .lineage = true };
}

static struct taint_result *run(const struct graph *g, const struct taint_policy *p,
				const struct taint_options *opt)
{
	struct taint_result *r = NULL;
	struct xt_err err = { 0 };
	policy_name = p->name;
	const enum xt_status s = taint_run(&r, g, p, opt, NULL, &err);
	if (s != XT_OK && s != XT_E_DATA)
		fail_msg("ledger %u, %s: %s", current, policy_name, err.text);
	return s == XT_OK ? r : NULL;
}

/* ---- checkpoints
 * ---------------------------------------------------------------------------- */

#define SAME(n, v, size)                                                               \
	(a->n == b->n && (!a->n || !memcmp(a->v, b->v, (size_t)a->n * (size))))

static void same_bytes(const struct taint_result *a, const struct taint_result *b)
{
	CHECK(SAME(n_holdings, holdings, sizeof(*a->holdings)));
	CHECK(SAME(n_sinks, sinks, sizeof(*a->sinks)));
	CHECK(SAME(n_sink_totals, sink_totals, sizeof(*a->sinks)));
	CHECK(SAME(n_edges, edges, sizeof(*a->edges)));
	CHECK(SAME(n_hops, hops, sizeof(*a->hops)));
	CHECK(SAME(n_held_lots, held_lots, sizeof(*a->held_lots)));
	CHECK(SAME(n_thefts, seeded, sizeof(uint64_t)));
	CHECK(SAME(n_thefts, refunded, sizeof(uint64_t)));
	CHECK(SAME(n_thefts, fees, sizeof(uint64_t)));
	CHECK(SAME(n_thefts, cleaned, sizeof(uint64_t)));
	CHECK(a->n_changes == b->n_changes && a->fees_total == b->fees_total);
	CHECK(a->through_incomplete == b->through_incomplete &&
	      a->peak_lots == b->peak_lots);
}

/* The ledger's first events only, cut between two transactions; seeds that both have.
 */
static bool cut(struct r_ledger *whole, struct r_ledger *part, uint64_t *prng)
{
	const uint32_t at = r_below(prng, whole->n_events);
	uint32_t n = 0;
	*part = *whole;
	part->n_events = at;
	while (part->n_events && part->e[part->n_events - 1].tx == whole->e[at].tx)
		part->n_events--;
	if (!part->n_events)
		return false;
	part->n_txs = part->e[part->n_events - 1].tx + 1;
	for (uint32_t i = 0; i < whole->n_seeds; i++)
		if (whole->seed[i].tx < part->n_txs)
			whole->seed[n++] = whole->seed[i];
	whole->n_seeds = part->n_seeds = n;
	memcpy(part->seed, whole->seed, sizeof(part->seed));
	return true;
}

/* Edges handed over in batches, as one list. */
struct batches {
	struct taint_edge *v;
	size_t n;
	uint32_t size, next;
};

static bool take_batch(void *ctx, uint32_t batch, const struct taint_edge *v, size_t n)
{
	struct batches *b = ctx;
	if (!n) {
		/* Going on: what lies before this batch stays. */
		CHECK(batch <= b->next);
		b->next = batch;
		b->n = (size_t)batch * b->size;
		return true;
	}
	CHECK(batch == b->next++ && n <= b->size && b->n % b->size == 0);
	b->v = xt_reallocarray(b->v, b->n + n, sizeof(*v));
	assert_non_null(b->v);
	memcpy(b->v + b->n, v, n * sizeof(*v));
	b->n += n;
	return true;
}

static bool refuse_batch(void *ctx, uint32_t batch, const struct taint_edge *v,
			 size_t n)
{
	(void)ctx, (void)batch, (void)v, (void)n;
	return false;
}

/* A run whose edges are handed over gives the same ones, from the start as well as from
 * a checkpoint, and can be stopped there. */
static void streamed(const struct graph *first, const struct graph *second,
		     const struct taint_policy *p, const struct taint_options *opt)
{
	struct taint_options o = *opt;
	struct xt_err err = { 0 };
	struct batches b = { .size = 1 + current % 7 };
	struct taint_result *r = NULL;
	struct xt_buf save;
	o.edges = true;
	struct taint_result *full = run(second, p, &o);
	o.edges_to = take_batch;
	o.edges_ctx = &b;
	o.edges_batch = b.size;
	xt_buf_init(&save, 1 << 20);
	if (full &&
	    taint_run_from(&r, &save, first, p, &o, NULL, 0, NULL, &err) == XT_OK) {
		CHECK(!r->n_edges);
		taint_result_free(r);
		r = NULL;
		if (taint_run_from(&r, NULL, second, p, &o, save.data, save.len, NULL,
				   &err) != XT_OK) {
			b.n = b.next = 0;
			assert_int_equal(taint_run(&r, second, p, &o, NULL, &err),
					 XT_OK);
		}
		CHECK(b.n == full->n_edges &&
		      (!b.n || !memcmp(b.v, full->edges, b.n * sizeof(*b.v))));
		/* Another size of batches is another state. */
		struct taint_result *bad = NULL;
		o.edges_batch++;
		CHECK(taint_run_from(&bad, NULL, second, p, &o, save.data, save.len,
				     NULL, &err) == XT_E_NOTFOUND);
		o.edges_to = refuse_batch;
		if (full->n_edges)
			CHECK(taint_run(&bad, second, p, &o, NULL, &err) ==
			      XT_E_STOPPED);
	}
	free(b.v);
	taint_result_free(r);
	taint_result_free(full);
	xt_buf_release(&save);
}

/* Returns whether the checkpoint was used. */
static bool resumed(const struct graph *first, const struct graph *second,
		    const struct taint_policy *p, const struct taint_options *opt)
{
	struct xt_err err = { 0 };
	struct taint_result *early = NULL;
	struct taint_result *late = NULL;
	struct xt_buf save;
	struct xt_buf again;
	xt_buf_init(&save, 1 << 20);
	xt_buf_init(&again, 1 << 20);
	bool used = false;
	struct taint_result *full = run(second, p, opt);
	if (full && taint_run_from(&early, &save, first, p, opt, NULL, 0, NULL, &err) ==
			XT_OK) {
		const enum xt_status s = taint_run_from(
		    &late, &again, second, p, opt, save.data, save.len, NULL, &err);
		if (s != XT_OK && s != XT_E_NOTFOUND)
			fail_msg("ledger %u, %s: %s", current, policy_name, err.text);
		used = s == XT_OK;
		if (used)
			same_bytes(late, full);
		/* One byte that is not as it was: refused, whatever it is. */
		save.data[current % save.len] ^= 1;
		struct taint_result *bad = NULL;
		CHECK(taint_run_from(&bad, NULL, second, p, opt, save.data, save.len,
				     NULL, &err) == XT_E_NOTFOUND);
	}
	taint_result_free(early);
	taint_result_free(late);
	taint_result_free(full);
	xt_buf_release(&save);
	xt_buf_release(&again);
	return used;
}

static void test_checkpoint(void **state)
{
	uint64_t prng = 11;
	uint64_t other = 12;
	uint32_t used = 0;
	(void)state;
	for (current = 0; current < LEDGERS; current++) {
		struct r_ledger whole;
		struct r_ledger part;
		r_make(&whole, &prng);
		if (!cut(&whole, &part, &other))
			continue;
		struct graph *first = r_graph(&part, NULL, 1);
		struct graph *second = r_graph(&whole, NULL, 1);
		struct taint_options opt = options(&whole);
		opt.edges = current & 1;
		opt.lineage = current & 2;
		for (size_t p = 0; taint_policies[p]; p++)
			used += resumed(first, second, taint_policies[p], &opt);
		for (size_t p = 0; taint_policies[p] && current % 4 == 0; p++)
			streamed(first, second, taint_policies[p], &opt);
		graph_free(first);
		graph_free(second);
	}
	assert_true(used > LEDGERS);
}

/* The sum at the end of a checkpoint, made anew as src/taint/checkpoint.c does. */
static void sum_step(uint64_t m[2], uint64_t w)
{
	m[0] = (m[0] ^ w) * UINT64_C(0x9E3779B97F4A7C15);
	m[0] ^= m[0] >> 29;
	m[1] = (m[1] + w) * UINT64_C(0xD6E8FEB86659FD93);
	m[1] ^= m[1] >> 32;
}

static void sum_again(uint8_t *p, size_t n)
{
	uint64_t m[2] = { 3, 4 };
	size_t i = 0;
	uint64_t w;
	for (; n - 16 - i >= 8; i += 8) {
		memcpy(&w, p + i, 8);
		sum_step(m, w);
	}
	w = n - 16 - i;
	for (; i < n - 16; i++)
		w = w << 8 | p[i];
	sum_step(m, w);
	for (unsigned k = 0; k < 16; k++)
		p[n - 16 + k] = (uint8_t)(m[k / 8] >> (8 * (k % 8)));
}

/* A case file from somebody else: each bit of a checkpoint is flipped under a sum that fits.
 * Lots that are not all of a balance would run out in the middle of a payment, a hop that is
 * none would be read beyond the list. */
static void test_forged_checkpoint(void **state)
{
	static const char one[] =
	    "opening a 10\nopening b 3\nseed t a 7\na -> b 5\nb -> c 6\na -> c 1\n";
	static const char more[] = "opening a 10\nopening b 3\nseed t a 7\na -> b 5\n"
				   "b -> c 6\na -> c 1\na -> c 4\nb -> a 2\nc -> a 7\n";
	const struct taint_policy *const policies[] = { &taint_fifo, &taint_lifo };
	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		const struct taint_options opt = { .lineage = k & 1 };
		struct graph *g[2];
		struct taint_result *r = NULL;
		struct xt_buf save;
		struct xt_err err = { 0 };
		unsigned refused = 0;
		assert_int_equal(graph_parse_ledger(&g[0], one, strlen(one), &err),
				 XT_OK);
		assert_int_equal(graph_parse_ledger(&g[1], more, strlen(more), &err),
				 XT_OK);
		xt_buf_init(&save, 1 << 16);
		assert_int_equal(taint_run_from(&r, &save, g[0], policies[k / 2], &opt,
						NULL, 0, NULL, &err),
				 XT_OK);
		taint_result_free(r);
		r = NULL;
		sum_again(save.data, save.len);
		assert_int_equal(taint_run_from(&r, NULL, g[1], policies[k / 2], &opt,
						save.data, save.len, NULL, &err),
				 XT_OK);
		taint_result_free(r);
		for (size_t bit = 0; bit < 8 * (save.len - 16); bit++) {
			save.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
			sum_again(save.data, save.len);
			r = NULL;
			if (taint_run_from(&r, NULL, g[1], policies[k / 2], &opt,
					   save.data, save.len, NULL, &err) == XT_OK)
				taint_result_free(r);
			else
				refused++;
			save.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		assert_true(refused > 4 * (save.len - 16));
		xt_buf_release(&save);
		graph_free(g[0]);
		graph_free(g[1]);
	}
}

static void test_checkpoint_of_another_case(void **state)
{
	static const char one[] = "opening a 10\nseed t a 10\na -> b 5\nb -> c 5\n";
	static const char more[] =
	    "opening a 10\nseed t a 10\na -> b 5\nb -> c 5\nc -> d 1\n";
	static const char other[] =
	    "opening a 10\nseed t a 9\na -> b 5\nb -> c 5\nc -> d 1\n";
	const struct taint_options opt = { .edges = true };
	const struct taint_options absorb = { .edges = true, .fees = TAINT_FEE_ABSORB };
	struct graph *g[3];
	struct taint_result *r = NULL;
	struct xt_buf save;
	struct xt_err err = { 0 };
	(void)state;
	assert_int_equal(graph_parse_ledger(&g[0], one, strlen(one), &err), XT_OK);
	assert_int_equal(graph_parse_ledger(&g[1], more, strlen(more), &err), XT_OK);
	assert_int_equal(graph_parse_ledger(&g[2], other, strlen(other), &err), XT_OK);
	xt_buf_init(&save, 1 << 16);
	assert_int_equal(
	    taint_run_from(&r, &save, g[0], &taint_fifo, &opt, NULL, 0, NULL, &err),
	    XT_OK);
	taint_result_free(r);
	r = NULL;
	/* Another seed, policy or option: not a continuation. The same, longer: used.
	 */
	assert_int_equal(taint_run_from(&r, NULL, g[2], &taint_fifo, &opt, save.data,
					save.len, NULL, &err),
			 XT_E_NOTFOUND);
	assert_int_equal(taint_run_from(&r, NULL, g[1], &taint_lifo, &opt, save.data,
					save.len, NULL, &err),
			 XT_E_NOTFOUND);
	assert_int_equal(taint_run_from(&r, NULL, g[1], &taint_fifo, &absorb, save.data,
					save.len, NULL, &err),
			 XT_E_NOTFOUND);
	assert_int_equal(taint_run_from(&r, NULL, g[1], &taint_fifo, &opt, save.data,
					save.len - 1, NULL, &err),
			 XT_E_NOTFOUND);
	assert_null(r);
	assert_int_equal(taint_run_from(&r, NULL, g[1], &taint_fifo, &opt, save.data,
					save.len, NULL, &err),
			 XT_OK);
	assert_int_equal(taint_held(r, graph_find(g[1], "@d")), 1);
	taint_result_free(r);
	xt_buf_release(&save);
	for (int i = 0; i < 3; i++)
		graph_free(g[i]);
}

/* ---- bounds
 * -----------------------------------------------------------------------------------
 */

static uint64_t sunk(const struct taint_result *r, uint32_t account)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < r->n_sink_totals; i++)
		sum +=
		    r->sink_totals[i].account == account ? r->sink_totals[i].uxem : 0;
	return sum;
}

static void enclosed(const struct taint_bounds *b, const struct taint_result *r,
		     uint32_t n)
{
	for (uint32_t a = 0; a < n; a++) {
		const struct taint_bound *v = taint_bound_find(b, a);
		const uint64_t x = taint_held(r, a) + sunk(r, a);
		if (!v) {
			CHECK(!x);
			continue;
		}
		if (r->policy->conserves)
			CHECK(v->low <= x && x <= v->high);
		else
			CHECK(v->poison == x);
	}
}

static void test_bounds(void **state)
{
	uint64_t prng = 21;
	uint32_t exact = 0;
	uint32_t all = 0;
	(void)state;
	for (current = 0; current < LEDGERS; current++) {
		struct r_ledger l;
		r_make(&l, &prng);
		struct graph *g = r_graph(&l, NULL, 1);
		const struct taint_options opt = options(&l);
		struct taint_bounds *b = NULL;
		struct xt_err err = { 0 };
		const enum xt_status s = taint_bounds_run(&b, g, &opt, NULL, &err);
		for (size_t p = 0; taint_policies[p]; p++) {
			struct taint_result *r = run(g, taint_policies[p], &opt);
			CHECK(!r == (s != XT_OK));
			if (r)
				enclosed(b, r, g->n_accounts);
			taint_result_free(r);
		}
		for (size_t i = 0; b && i < b->n; i++) {
			exact += b->v[i].exact;
			CHECK(b->v[i].low <= b->v[i].high);
		}
		all += b ? (uint32_t)b->n : 0;
		taint_bounds_free(b);
		graph_free(g);
	}
	assert_true(exact > all / 3);
}

/* Every way to choose what leaves, by hand: the least and the most of each account. */
struct every {
	const struct graph *g;
	uint64_t balance[R_ACCOUNTS];
	uint64_t low[R_ACCOUNTS], high[R_ACCOUNTS];
};

static void try_all(struct every *v, const uint64_t *t, const uint64_t *balance,
		    uint32_t i)
{
	const struct graph *g = v->g;
	if (i == g->n_events) {
		for (uint32_t a = 0; a < g->n_accounts; a++) {
			v->low[a] = t[a] < v->low[a] ? t[a] : v->low[a];
			v->high[a] = t[a] > v->high[a] ? t[a] : v->high[a];
		}
		return;
	}
	const struct graph_event *e = &g->events[i];
	const uint64_t q = graph_amount(e);
	const bool service = g->flags[e->from] & GRAPH_SERVICE;
	for (uint64_t x = 0; x <= q; x++) {
		uint64_t t2[R_ACCOUNTS];
		uint64_t b2[R_ACCOUNTS];
		memcpy(t2, t, sizeof(t2));
		memcpy(b2, balance, sizeof(b2));
		if (e->from != e->to) {
			if (service ? x > 0 : x > t[e->from])
				break;
			if (!service && t[e->from] - x > balance[e->from] - q)
				continue;
			if (!service) {
				t2[e->from] -= x;
				b2[e->from] -= q;
			}
			t2[e->to] += x;
			b2[e->to] += g->flags[e->to] & GRAPH_SERVICE ? 0 : q;
		}
		try_all(v, t2, b2, i + 1);
		if (e->from == e->to)
			break;
	}
}

static void test_bounds_exact(void **state)
{
	uint64_t prng = 31;
	(void)state;
	for (current = 0; current < 400; current++) {
		struct r_ledger l;
		memset(&l, 0, sizeof(l));
		l.n_accounts = 4;
		l.n_thefts = 1;
		uint64_t balance[R_ACCOUNTS] = { 0 };
		uint64_t t[R_ACCOUNTS] = { 0 };
		for (uint32_t a = 0; a < 4; a++) {
			l.flags[a] = GRAPH_COMPLETE | (a == 3 ? GRAPH_SERVICE : 0);
			l.opening[a] = a == 3 ? 0 : r_below(&prng, 5);
			balance[a] = l.opening[a];
			if (a == 3 || !l.opening[a])
				continue;
			t[a] = r_below(&prng, (uint32_t)l.opening[a] + 1);
			l.seed[l.n_seeds++] = (struct graph_seed){
				.kind = GRAPH_SEED_BALANCE, .account = a, .amount = t[a]
			};
		}
		for (uint32_t i = 0; i < 7; i++) {
			const uint32_t from = r_below(&prng, 3);
			const uint32_t to = r_below(&prng, 4);
			const uint64_t q = r_below(&prng, (uint32_t)balance[from] + 1);
			l.e[l.n_events++] = (struct r_event){ .kind = NEM_MOVE_TRANSFER,
							      .from = from,
							      .to = to,
							      .q = q,
							      .tx = i,
							      .height = i + 1 };
			if (from != to) {
				balance[from] -= q;
				balance[to] += q;
			}
		}
		l.n_txs = l.n_events;
		struct graph *g = r_graph(&l, NULL, 1);
		struct every v = { .g = g };
		memset(v.low, 0xFF, sizeof(v.low));
		try_all(&v, t, g->opening, 0);
		const struct taint_options opt = { .fees = TAINT_FEE_CARRY };
		struct taint_bounds *b = NULL;
		struct xt_err err = { 0 };
		assert_int_equal(taint_bounds_run(&b, g, &opt, NULL, &err), XT_OK);
		for (uint32_t a = 0; a < 4; a++) {
			const struct taint_bound *w = taint_bound_find(b, a);
			CHECK((w ? w->low : 0) == v.low[a]);
			CHECK((w ? w->high : 0) == v.high[a]);
			CHECK(!w || w->exact);
		}
		taint_bounds_free(b);
		graph_free(g);
	}
}

/* ---- paths
 * ---------------------------------------------------------------------------------------
 */

static bool seeds_it(const struct graph *g, const struct taint_path *p,
		     const uint32_t *events)
{
	const struct graph_seed *s = &g->seeds[p->seed];
	const uint32_t first = p->n ? events[p->first] : 0;
	if (s->theft != p->theft)
		return false;
	if (s->kind == GRAPH_SEED_BALANCE)
		return s->account == (p->n ? g->events[first].from : p->account);
	if (!p->n)
		return false;
	if (s->kind == GRAPH_SEED_WINDOW)
		return g->events[first].to == s->account;
	return g->event_tx[first] == s->tx;
}

static void check_paths(const struct graph *g, const struct taint_result *r,
			const struct taint_paths *p)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct taint_path *v = &p->v[i];
		CHECK(v->uxem && (!i || v->uxem <= p->v[i - 1].uxem));
		CHECK(seeds_it(g, v, p->events));
		for (uint32_t k = v->first + 1; k < v->first + v->n; k++) {
			CHECK(p->events[k - 1] < p->events[k]);
			CHECK(g->events[p->events[k - 1]].to ==
			      g->events[p->events[k]].from);
			CHECK(graph_amount(&g->events[p->events[k]]) >= v->uxem);
		}
		if (v->n)
			CHECK(g->events[p->events[v->first + v->n - 1]].to ==
			      v->account);
		CHECK(v->held || v->n);
		sum += v->uxem;
	}
	CHECK(sum == p->shown && sum <= p->asked);
	uint64_t ends = 0;
	for (size_t i = 0; i < r->n_holdings; i++)
		ends += r->holdings[i].uxem;
	for (size_t i = 0; i < r->n_sinks; i++)
		ends += r->sinks[i].uxem;
	CHECK(ends == p->asked);
}

static void test_paths(void **state)
{
	uint64_t prng = 41;
	const uint64_t scale = UINT64_C(1) << 40;
	const struct taint_path_query all = { .theft = TAINT_ALL,
					      .account = GRAPH_NONE,
					      .memo = TAINT_ALL,
					      .via = GRAPH_NONE,
					      .max = 100000 };
	uint64_t paths = 0;
	(void)state;
	for (current = 0; current < LEDGERS; current++) {
		struct r_ledger l;
		struct xt_err err = { 0 };
		r_make(&l, &prng);
		if (l.n_events > 24)
			l.n_events = 24;
		l.n_txs = l.e[l.n_events - 1].tx + 1;
		for (uint32_t i = 0; i < l.n_seeds; i++)
			if (l.seed[i].tx >= l.n_txs)
				l.seed[i].tx = 0;
		struct graph *g = r_graph(&l, NULL, scale);
		assert_int_equal(graph_index(g, &err), XT_OK);
		const struct taint_options opt = options(&l);
		for (size_t i = 1; taint_policies[i]; i++) {
			struct taint_result *r = run(g, taint_policies[i], &opt);
			struct taint_paths *p = NULL;
			if (!r)
				continue;
			assert_int_equal(taint_paths_find(&p, r, g, &all, &err), XT_OK);
			check_paths(g, r, p);
			/* Lots are complete. Pools lose less than a unit a step. */
			if (r->policy->lots)
				CHECK(p->shown == p->asked);
			else if (p->n < all.max)
				CHECK(p->asked - p->shown < scale / 1024);
			paths += p->n;
			taint_paths_free(p);
			taint_result_free(r);
		}
		graph_free(g);
	}
	assert_true(paths > LEDGERS);
}

/* ---- a policy that breaks its promise is found at the very event
 * ------------------------------- */

static uint64_t bad_leave(struct taint_state *st, uint32_t a, uint64_t q, bool absorb,
			  bool simple)
{
	const uint64_t x = taint_haircut.ops == NULL ? 0
			   : st->acct[a].t < q       ? st->acct[a].t
						     : q;
	(void)absorb;
	(void)simple;
	/* The second payment of account 1 forgets a unit. */
	st->acct[a].t -= x;
	st->sums[0].held -= a == 1 ? x - 1 : x;
	return x;
}

static void bad_arrive(struct taint_state *st, uint32_t b, bool simple)
{
	(void)simple;
	st->acct[b].t += st->parcel.t;
	st->sums[0].held += st->parcel.t;
}

static uint64_t bad_seed(struct taint_state *st, uint32_t a, uint32_t seed,
			 uint64_t amount)
{
	(void)seed;
	st->acct[a].t += amount;
	st->sums[0].held += amount;
	return amount;
}

static enum xt_status bad_init(struct taint_state *st, struct xt_err *err)
{
	(void)st;
	(void)err;
	return XT_OK;
}

static void bad_held(const struct taint_state *st, uint32_t a, struct taint_part *out)
{
	out[0] = out[1] = (struct taint_part){ .t = st->acct[a].t };
}

static const struct taint_ops sums_ops = { .conserves = true,
					   .init = bad_init,
					   .leave = bad_leave,
					   .arrive = bad_arrive,
					   .seed = bad_seed,
					   .held = bad_held };
TAINT_REPLAY(sums);

/* Takes more than it lowers the account by. */
static uint64_t greedy_leave(struct taint_state *st, uint32_t a, uint64_t q,
			     bool absorb, bool simple)
{
	(void)absorb;
	(void)simple;
	const uint64_t x = st->acct[a].t < q ? st->acct[a].t : q;
	st->acct[a].t -= x;
	st->sums[0].held -= x;
	return a == 1 ? x + 1 : x;
}

static const struct taint_ops greedy_ops = { .conserves = true,
					     .init = bad_init,
					     .leave = greedy_leave,
					     .arrive = bad_arrive,
					     .seed = bad_seed,
					     .held = bad_held };
TAINT_REPLAY(greedy);

/* Leaves more taint with an account than its balance can hold. */
static uint64_t hoard_leave(struct taint_state *st, uint32_t a, uint64_t q, bool absorb,
			    bool simple)
{
	(void)absorb;
	(void)simple;
	if (a == 1)
		return 0;
	const uint64_t x = st->acct[a].t < q ? st->acct[a].t : q;
	st->acct[a].t -= x;
	st->sums[0].held -= x;
	return x;
}

static const struct taint_ops hoard_ops = { .conserves = true,
					    .init = bad_init,
					    .leave = hoard_leave,
					    .arrive = bad_arrive,
					    .seed = bad_seed,
					    .held = bad_held };
TAINT_REPLAY(hoard);

static void test_broken_policies(void **state)
{
	static const char text[] = "opening a 10\nseed t a 10\na -> b 8\nb -> c 5\n";
	const struct taint_loop *const bad[] = { &sums_loop, &greedy_loop,
						 &hoard_loop };
	struct graph *g;
	struct xt_err err = { 0 };
	(void)state;
	assert_int_equal(graph_parse_ledger(&g, text, strlen(text), &err), XT_OK);
	for (size_t i = 0; i < XT_ARRAY_SIZE(bad); i++) {
		const struct taint_policy p = { .name = "broken",
						.conserves = true,
						.ops = bad[i] };
		const struct taint_options opt = { .fees = TAINT_FEE_CARRY };
		struct taint_result *r = NULL;
		assert_int_equal(taint_run(&r, g, &p, &opt, NULL, &err), XT_E_BUG);
		assert_null(r);
		assert_non_null(strstr(err.text, "line 4 (event 1, height 2)"));
		assert_non_null(strstr(err.text, "broken"));
	}
	graph_free(g);
}

/* ---- refusals
 * -------------------------------------------------------------------------------------
 */

static void refused(const char *text, enum xt_status want, const char *part)
{
	struct graph *g;
	struct xt_err err = { 0 };
	if (graph_parse_ledger(&g, text, strlen(text), &err) != XT_OK)
		fail_msg("%s", err.text);
	for (size_t p = 0; taint_policies[p]; p++) {
		const struct taint_options opt = { .fees = TAINT_FEE_CARRY };
		struct taint_result *r = NULL;
		assert_int_equal(taint_run(&r, g, taint_policies[p], &opt, NULL, &err),
				 want);
		assert_null(r);
		if (!strstr(err.text, part))
			fail_msg("\"%s\" does not say \"%s\"", err.text, part);
	}
	graph_free(g);
}

static void test_refusals(void **state)
{
	(void)state;
	refused("opening a 10\nseed t a 10\na -> b 11\n", XT_E_VERIFY,
		"line 3 (event 0, height 1): account @a sends 11 uXEM and holds 10");
	refused("opening a 10\na -> b 4\nbalance t a 1 7\n", XT_E_DATA,
		"account @a at height 1: 7 uXEM are to be dirty, and it held 6");
	refused("opening a 10\nservice a\na -> b 4\nbalance t a 1 2\n", XT_E_DATA,
		"account @a is a service");
}

static bool stop_at_once(void *ctx, uint64_t done, uint64_t total, const char *text)
{
	(void)ctx;
	(void)done;
	(void)total;
	(void)text;
	return false;
}

static void test_stop(void **state)
{
	struct graph *g;
	struct xt_err err = { 0 };
	uint32_t a;
	uint32_t tx;
	(void)state;
	assert_int_equal(graph_new(&g, &err), XT_OK);
	for (int i = 0; i < 2; i++) {
		struct nem_party p = { { 0 } };
		(void)snprintf(p.s, sizeof(p.s), "@s%d", i);
		assert_int_equal(
		    graph_add_account(g, &a, &p, GRAPH_COMPLETE, 5, 0, &err), XT_OK);
	}
	const struct graph_tx t = { .height = 1 };
	assert_int_equal(graph_add_tx(g, &tx, &t, 0, NULL, &err), XT_OK);
	for (uint32_t i = 0; i < 1200000; i++)
		assert_int_equal(graph_add_event(g, tx, NEM_MOVE_TRANSFER, i % 2,
						 1 - i % 2, 1, &err),
				 XT_OK);
	const struct xt_sink sink = { .progress = stop_at_once };
	const struct taint_options opt = { .fees = TAINT_FEE_CARRY };
	struct taint_result *r = NULL;
	assert_int_equal(taint_run(&r, g, &taint_haircut, &opt, &sink, &err),
			 XT_E_STOPPED);
	assert_null(r);
	graph_free(g);
}

static void test_names(void **state)
{
	(void)state;
	assert_ptr_equal(taint_policy_find("clean-first"), &taint_clean_first);
	assert_ptr_equal(taint_policy_find("clean_first"), &taint_clean_first);
	assert_null(taint_policy_find("clean"));
	assert_null(taint_policy_find("haircutt"));
	assert_null(taint_policy_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checkpoint),
		cmocka_unit_test(test_forged_checkpoint),
		cmocka_unit_test(test_checkpoint_of_another_case),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_bounds_exact),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_broken_policies),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
