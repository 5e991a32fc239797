/* Which chains of events carried the money: lots by their hops, pools by sharing what
 * an account paid among what it had received, backwards and the largest share first. */
#include "paths.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

bool taint_paths_add(struct taint_paths *out, const struct taint_path *p,
		     const uint32_t *newest_first, uint32_t n)
{
	const size_t used =
	    out->n ? (size_t)out->v[out->n - 1].first + out->v[out->n - 1].n : 0;
	if (n > TAINT_NONE - 1 - used)
		return false;
	void *v = xt_reallocarray(out->v, out->n + 1, sizeof(*out->v));
	if (v)
		out->v = v;
	void *e =
	    v ? xt_reallocarray(out->events, used + n + 1, sizeof(*out->events)) : NULL;
	if (!e)
		return false;
	out->events = e;
	for (uint32_t i = 0; i < n; i++)
		out->events[used + i] = newest_first[n - 1 - i];
	out->v[out->n] = *p;
	out->v[out->n].first = (uint32_t)used;
	out->v[out->n].n = n;
	out->n++;
	out->shown += p->uxem;
	return true;
}

bool taint_paths_via(const struct graph *g, const struct taint_path_query *q,
		     uint32_t held_by, const uint32_t *events, uint32_t n)
{
	if (q->via == GRAPH_NONE || q->via == held_by)
		return true;
	for (uint32_t i = 0; i < n; i++)
		if (g->events[events[i]].from == q->via ||
		    g->events[events[i]].to == q->via)
			return true;
	return false;
}

bool taint_paths_deposit(const struct graph *g, const struct taint_options *opt,
			 const struct taint_path_query *q, uint32_t event)
{
	const struct graph_event *e = &g->events[event];
	const enum nem_movement_kind kind = graph_kind(e);
	const bool message = kind == NEM_MOVE_TRANSFER || kind == NEM_MOVE_INNER;
	const uint32_t memo = message ? g->txs[g->event_tx[event]].memo : 0;
	unsigned stop = GRAPH_SERVICE;
	if (opt->stop_at_probable)
		stop |= GRAPH_PROBABLE;
	return e->to != GRAPH_NONE && (g->flags[e->to] & stop) &&
	       (q->account == GRAPH_NONE || q->account == e->to) &&
	       (q->memo == TAINT_ALL || q->memo == memo);
}

bool taint_paths_wants(const struct taint_path_query *q, uint32_t theft)
{
	return q->theft == TAINT_ALL || q->theft == theft;
}

/* ---- lots
 * ---------------------------------------------------------------------------------- */

struct end {
	uint64_t uxem;
	uint32_t hop, account;
	bool held;
};

static int by_size(const void *a, const void *b)
{
	const struct end *x = a;
	const struct end *y = b;
	if (x->uxem != y->uxem)
		return x->uxem > y->uxem ? -1 : 1;
	if (x->hop != y->hop)
		return x->hop < y->hop ? -1 : 1;
	return x->account < y->account ? -1 : x->account > y->account;
}

static size_t lot_ends(const struct taint_result *r, const struct graph *g,
		       const struct taint_path_query *q, struct end *out)
{
	size_t n = 0;
	assert(r->hops != NULL || (r->n_hops == 0 && r->n_held_lots == 0));
	for (uint32_t h = 0; h < r->n_hops; h++) {
		const struct taint_hop *hop = &r->hops[h];
		if (hop->event == TAINT_NONE ||
		    !taint_paths_wants(q, g->seeds[hop->seed].theft) ||
		    !taint_paths_deposit(g, &r->options, q, hop->event))
			continue;
		if (out)
			out[n] = (struct end){ hop->uxem, h, g->events[hop->event].to,
					       false };
		n++;
	}
	for (size_t i = 0; i < r->n_held_lots && q->memo == TAINT_ALL; i++) {
		const struct taint_held_lot *l = &r->held_lots[i];
		if ((q->account != GRAPH_NONE && q->account != l->account) ||
		    !taint_paths_wants(q, g->seeds[r->hops[l->hop].seed].theft))
			continue;
		if (out)
			out[n] = (struct end){ l->uxem, l->hop, l->account, true };
		n++;
	}
	return n;
}

static enum xt_status lot_paths(struct taint_paths *out, const struct taint_result *r,
				const struct graph *g, const struct taint_path_query *q,
				struct xt_err *err)
{
	enum xt_status s = XT_OK;
	const size_t n = lot_ends(r, g, q, NULL);
	struct end *ends = xt_calloc(n + 1, sizeof(*ends));
	uint32_t *chain = xt_calloc((size_t)r->n_hops + 1, sizeof(*chain));
	if (!ends || !chain) {
		s = xt_fail(err, XT_E_NOMEM, "taint: out of memory for paths");
		goto out;
	}
	(void)lot_ends(r, g, q, ends);
	qsort(ends, n, sizeof(*ends), by_size);
	for (size_t i = 0; i < n; i++)
		out->asked += ends[i].uxem;
	for (size_t i = 0; i < n && out->n < q->max; i++) {
		uint32_t k = 0;
		for (uint32_t h = ends[i].hop; h != TAINT_NONE; h = r->hops[h].parent)
			if (r->hops[h].event != TAINT_NONE)
				chain[k++] = r->hops[h].event;
		const uint32_t seed = r->hops[ends[i].hop].seed;
		const struct taint_path p = { .uxem = ends[i].uxem,
					      .theft = g->seeds[seed].theft,
					      .seed = seed,
					      .account = ends[i].account,
					      .held = ends[i].held };
		if (!taint_paths_via(g, q, ends[i].held ? ends[i].account : GRAPH_NONE,
				     chain, k))
			continue;
		if (!taint_paths_add(out, &p, chain, k)) {
			s = xt_fail(err, XT_E_NOMEM, "taint: out of memory for paths");
			break;
		}
	}
out:
	free(ends);
	free(chain);
	return s;
}

enum xt_status taint_paths_find(struct taint_paths **out, const struct taint_result *r,
				const struct graph *g, const struct taint_path_query *q,
				struct xt_err *err)
{
	if (!r->policy->conserves)
		return xt_fail(
		    err, XT_E_USAGE,
		    "paths: %s says who could have, not which money went where",
		    r->policy->name);
	if (r->policy->lots ? !r->hops && !r->options.lineage
			    : !r->edges || !g->in_start)
		return xt_fail(
		    err, XT_E_USAGE, "paths: the %s run has no %s", r->policy->name,
		    r->policy->lots ? "lineage" : "edges, or the graph no index");
	struct taint_paths *p = xt_calloc(1, sizeof(*p));
	if (!p)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for paths");
	const enum xt_status s = r->policy->lots ? lot_paths(p, r, g, q, err)
						 : taint_pool_paths(p, r, g, q, err);
	if (s != XT_OK) {
		taint_paths_free(p);
		return s;
	}
	*out = p;
	return XT_OK;
}

void taint_paths_free(struct taint_paths *p)
{
	if (!p)
		return;
	free(p->v);
	free(p->events);
	free(p);
}
