/* Money that came back, money that rests, and accounts that write to each other. */
#include <xemtrace/analyse.h>

#include <stddef.h>
#include <stdlib.h>

#include "patterns.h"

/* ---- round trips and refunds
 * ---------------------------------------------------------- */

/* The same amount, or less by the fee of sending it back. */
static bool same_amount(const struct graph *g, uint32_t there, uint32_t back)
{
	const uint64_t a = graph_amount(&g->events[there]);
	const uint64_t b = graph_amount(&g->events[back]);
	const uint32_t tx = g->event_tx[back];
	uint64_t fee = 0;

	if (a == b)
		return a > 0;
	if (b > a || b == 0)
		return false;
	for (uint32_t i = back + 1; i < g->n_events && g->event_tx[i] == tx; i++)
		if (g->events[i].to == GRAPH_NONE &&
		    g->events[i].from == g->events[back].from)
			fee += graph_amount(&g->events[i]);
	return a - b == fee;
}

/* Payments between one pair, both ways: the answer to each is the first fitting one
 * after it that answers no other. */
struct trip {
	uint32_t low, high; /* the pair */
	uint32_t event;
};

/* Events come in their order, and keep it. */
static enum xt_status by_pair(struct trip *v, size_t n, struct xt_err *err)
{
	static const size_t keys[] = { offsetof(struct trip, low),
				       offsetof(struct trip, high) };

	return analyse_radix(v, n, sizeof(*v), keys, XT_ARRAY_SIZE(keys), err);
}

static enum xt_status tell_trip(struct patterns *w, uint32_t there, uint32_t back,
				uint64_t blocks, struct xt_err *err)
{
	const struct graph_event *e = &w->g->events[there];
	const bool service = patterns_service(w->g, e->to);
	struct analyse_pattern p =
	    patterns_begin(w, service ? ANALYSE_REFUND : ANALYSE_ROUND_TRIP, e->from);
	enum xt_status rc = patterns_event(w, there, err);

	p.other = e->to;
	p.amount = graph_amount(e);
	p.blocks = blocks;
	p.has_blocks = true;
	if (rc == XT_OK)
		rc = patterns_event(w, back, err);
	return rc == XT_OK ? patterns_end(w, &p, err) : rc;
}

/* v[from..to): one pair, in ledger order. */
static enum xt_status match(struct patterns *w, struct trip *v, size_t from, size_t to,
			    struct xt_err *err)
{
	const struct graph *g = w->g;
	enum xt_status rc = XT_OK;

	for (size_t i = from; i < to && rc == XT_OK; i++) {
		const struct graph_event *e;
		uint64_t window;

		if (v[i].event == GRAPH_NONE)
			continue;
		e = &g->events[v[i].event];
		if (patterns_service(g, e->from))
			continue; /* what a service sends out is nobody's trip */
		window = patterns_service(g, e->to) ? w->opt->refund_window
						    : w->opt->return_window;
		for (size_t k = i + 1; k < to; k++) {
			const uint32_t back = v[k].event;
			uint64_t blocks;

			if (back == GRAPH_NONE)
				continue;
			if (!analyse_blocks_between(&blocks, g, v[i].event, back))
				continue;
			if (blocks > window)
				break;
			if (g->events[back].from != e->to ||
			    !same_amount(g, v[i].event, back))
				continue;
			rc = tell_trip(w, v[i].event, back, blocks, err);
			v[k].event = GRAPH_NONE;
			break;
		}
	}
	return rc;
}

enum xt_status patterns_returns(struct patterns *w, struct xt_err *err)
{
	const struct graph *g = w->g;
	struct trip *v = NULL;
	enum xt_status rc = XT_OK;
	size_t n = 0;

	for (uint32_t i = 0; i < g->n_events; i++)
		n += analyse_is_payment(&g->events[i]) &&
		     (w->touched[g->events[i].from] | w->touched[g->events[i].to]) != 0;
	v = xt_calloc(n + 1, sizeof(*v));
	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu payments", n);
	n = 0;
	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];

		if (!analyse_is_payment(e) ||
		    (w->touched[e->from] | w->touched[e->to]) == 0)
			continue;
		v[n++] = e->from < e->to ? (struct trip){ e->from, e->to, i }
					 : (struct trip){ e->to, e->from, i };
	}
	rc = by_pair(v, n, err);
	for (size_t from = 0, to = 0; from < n && rc == XT_OK; from = to) {
		bool both = false;

		for (; to < n && v[to].low == v[from].low && v[to].high == v[from].high;
		     to++)
			both = both || g->events[v[to].event].from !=
					   g->events[v[from].event].from;
		if (both)
			rc = match(w, v, from, to, err);
	}
	free(v);
	return rc;
}

/* ---- dormant and woken
 * ---------------------------------------------------------------- */

static bool arrives(const struct graph *g, uint32_t event, uint32_t account)
{
	return analyse_between(&g->events[event]) && g->events[event].to == account &&
	       graph_amount(&g->events[event]) > 0;
}

/* Received and never moved: until the last event of the case. */
static enum xt_status dormant(struct patterns *w, uint32_t account, struct xt_err *err)
{
	const struct graph *g = w->g;
	struct analyse_pattern p = patterns_begin(w, ANALYSE_DORMANT, account);
	uint32_t last = GRAPH_NONE;
	enum xt_status rc = XT_OK;

	for (uint32_t i = g->in_start[account]; i < g->in_start[account + 1]; i++)
		if (arrives(g, g->in_event[i], account))
			last = g->in_event[i];
	if (last == GRAPH_NONE || g->opening[account] != 0 ||
	    !analyse_blocks_between(&p.blocks, g, last, g->n_events - 1) ||
	    p.blocks < w->opt->dormant_rest)
		return XT_OK;
	p.has_blocks = true;
	for (uint32_t i = g->in_start[account];
	     i < g->in_start[account + 1] && rc == XT_OK; i++)
		if (arrives(g, g->in_event[i], account)) {
			p.amount += graph_amount(&g->events[g->in_event[i]]);
			rc = patterns_event(w, g->in_event[i], err);
		}
	return rc == XT_OK ? patterns_end(w, &p, err) : rc;
}

/* The rests of an account before its payments: before the first one since something came
 * in, before each other one since the payment before it. */
struct rest {
	uint64_t blocks;   /* 0: nobody knows */
	uint32_t from, to; /* events */
};
struct rests {
	uint64_t *v;                /* blocks of each */
	size_t n, at;               /* at: place of the longest */
	struct rest first, longest; /* the first of equal ones */
};

static void rests_of(struct rests *r, const struct graph *g, uint32_t account)
{
	struct steps s = analyse_steps(g, account);
	uint32_t since = GRAPH_NONE, event;

	while (analyse_step(&s, &event)) {
		const struct graph_event *e = &g->events[event];
		struct rest rest = { 0, since, event };

		if (!analyse_between(e) || graph_amount(e) == 0)
			continue;
		if (e->to == account) {
			since = since == GRAPH_NONE ? event : since;
			continue;
		}
		if (since != GRAPH_NONE) {
			if (!analyse_blocks_between(&rest.blocks, g, since, event))
				rest.blocks = 0;
			if (g->events[since].to == account)
				r->first = rest;
			if (rest.blocks > r->longest.blocks) {
				r->longest = rest;
				r->at = r->n;
			}
			r->v[r->n++] = rest.blocks;
		}
		since = event;
	}
}

static int by_blocks(const void *pa, const void *pb)
{
	const uint64_t a = *(const uint64_t *)pa;
	const uint64_t b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* Who pays every fortnight is not woken by the next payment: three other rests are a habit,
 * and the longest stands out of it if it is so many times what nine of ten of them are. Sorts
 * r->v. */
static bool stands_out(struct rests *r, uint64_t times)
{
	const size_t n = r->n - 1;

	if (n < 3)
		return true;
	r->v[r->at] = r->v[n];
	qsort(r->v, n, sizeof(*r->v), by_blocks);
	return (xt_u128)r->v[(n * 9 + 9) / 10 - 1] * times <= r->longest.blocks;
}

/* The longest rest; where that is a habit the one before the first payment, since before that
 * there was none. */
static enum xt_status woken(struct patterns *w, uint32_t account, struct xt_err *err)
{
	const struct graph *g = w->g;
	struct analyse_pattern p = patterns_begin(w, ANALYSE_WOKEN, account);
	struct rests r = { 0 };
	struct rest rest;
	enum xt_status rc;

	r.v = xt_calloc((size_t)(g->out_start[account + 1] - g->out_start[account]) + 1,
			sizeof(*r.v));
	if (r.v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for the rests of %s",
			       g->party[account].s);
	rests_of(&r, g, account);
	rest = r.longest;
	if (rest.blocks > 0 && !stands_out(&r, w->opt->woken_times))
		rest = r.first;
	free(r.v);
	if (rest.blocks == 0 || rest.blocks < w->opt->woken_rest)
		return XT_OK;
	p.blocks = rest.blocks;
	p.has_blocks = true;
	p.amount = graph_amount(&g->events[rest.to]);
	p.other = g->events[rest.to].to;
	rc = patterns_event(w, rest.from, err);
	if (rc == XT_OK)
		rc = patterns_event(w, rest.to, err);
	return rc == XT_OK ? patterns_end(w, &p, err) : rc;
}

enum xt_status patterns_rests(struct patterns *w, struct xt_err *err)
{
	const struct graph *g = w->g;
	enum xt_status rc = XT_OK;

	for (uint32_t a = 0; a < g->n_accounts && rc == XT_OK; a++) {
		if (w->touched[a] == 0 || !patterns_read(g, a) ||
		    patterns_service(g, a) || g->in_start[a] == g->in_start[a + 1])
			continue;
		rc = g->out_start[a] == g->out_start[a + 1] ? dormant(w, a, err)
							    : woken(w, a, err);
	}
	return rc;
}

/* ---- conversations
 * --------------------------------------------------------------------- */

static enum xt_status tell_talk(struct patterns *w, const struct trip *v, size_t from,
				size_t to, struct xt_err *err)
{
	const struct graph *g = w->g;
	const struct graph_event *first = &g->events[v[from].event];
	struct analyse_pattern p = patterns_begin(w, ANALYSE_CONVERSATION, first->from);
	enum xt_status rc = XT_OK;

	p.other = first->to;
	for (size_t i = from; i < to && rc == XT_OK; i++) {
		p.amount += graph_amount(&g->events[v[i].event]);
		rc = patterns_event(w, v[i].event, err);
	}
	p.has_blocks =
	    analyse_blocks_between(&p.blocks, g, v[from].event, v[to - 1].event);
	return rc == XT_OK ? patterns_end(w, &p, err) : rc;
}

static bool talks(const struct patterns *w, const struct graph_event *e, uint32_t memo)
{
	return memo != 0 && analyse_is_payment(e) && w->touched[e->from] != 0 &&
	       w->touched[e->to] != 0 && !patterns_service(w->g, e->from) &&
	       !patterns_service(w->g, e->to);
}

enum xt_status patterns_talks(struct patterns *w, struct xt_err *err)
{
	const struct graph *g = w->g;
	struct trip *v = NULL;
	enum xt_status rc = XT_OK;
	size_t n = 0;

	for (uint32_t i = 0; i < g->n_events; i++)
		n += talks(w, &g->events[i], g->txs[g->event_tx[i]].memo);
	v = xt_calloc(n + 1, sizeof(*v));
	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu messages", n);
	n = 0;
	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];

		if (talks(w, e, g->txs[g->event_tx[i]].memo))
			v[n++] = e->from < e->to ? (struct trip){ e->from, e->to, i }
						 : (struct trip){ e->to, e->from, i };
	}
	rc = by_pair(v, n, err);
	for (size_t from = 0, to = 0; from < n && rc == XT_OK; from = to) {
		bool both = false;

		for (; to < n && v[to].low == v[from].low && v[to].high == v[from].high;
		     to++)
			both = both || g->events[v[to].event].from !=
					   g->events[v[from].event].from;
		if (both)
			rc = tell_talk(w, v, from, to, err);
	}
	free(v);
	return rc;
}
