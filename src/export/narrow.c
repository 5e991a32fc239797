#include <xemtrace/export.h>

#include <stdlib.h>
#include <string.h>

#include "flow.h"

/* Marks by account; a mark spreads along edges until a round changes nothing. */
struct work {
	struct analyse_flow *flow;
	const struct graph *g;
	uint8_t *mark;  /* per account */
	size_t *left;   /* per account: edges that may still be drawn */
	uint32_t *rest; /* per account: index into rest + 1 */
};

static void spread(struct work *w, bool backwards)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < w->flow->n_edges; i++) {
			const struct analyse_flow_edge *e = &w->flow->edges[i];
			const uint32_t a = backwards ? e->to : e->from;
			const uint32_t b = backwards ? e->from : e->to;

			if (w->mark[a] != 0 && w->mark[b] == 0) {
				w->mark[b] = 1;
				changed = true;
			}
		}
	}
}

/* Drops the edges whose `end` has no mark. */
static void keep_marked(struct work *w, bool backwards)
{
	struct analyse_flow *f = w->flow;
	size_t n = 0;

	for (size_t i = 0; i < f->n_edges; i++) {
		const struct analyse_flow_edge e = f->edges[i];

		if (w->mark[backwards ? e.to : e.from] != 0) {
			f->edges[n++] = e;
			continue;
		}
		f->cut_edges++;
		f->cut_uxem += e.tainted;
	}
	f->n_edges = n;
}

static bool earlier(const struct graph *g, uint32_t a, uint32_t b)
{
	const struct graph_tx *x = &g->txs[g->event_tx[a]];
	const struct graph_tx *y = &g->txs[g->event_tx[b]];

	if (x->time_kind == GRAPH_TIME_NONE || y->time_kind == GRAPH_TIME_NONE)
		return a < b;
	return x->time < y->time;
}

static bool later(const struct graph *g, uint32_t a, uint32_t b)
{
	const struct graph_tx *x = &g->txs[g->event_tx[a]];
	const struct graph_tx *y = &g->txs[g->event_tx[b]];

	if (x->time_kind == GRAPH_TIME_NONE || y->time_kind == GRAPH_TIME_NONE)
		return a > b;
	return x->time_last > y->time_last;
}

static void add_rest(struct export_rest *r, const struct graph *g,
		     const struct analyse_flow_edge *e)
{
	if (r->edges == 0) {
		r->from = e->from;
		r->count_known = true;
		r->first = e->first;
		r->last = e->last;
	}
	r->edges++;
	/* Each fits: it is a part of all taint that moved, which fitted. */
	r->tainted += e->tainted;
	r->amount += e->amount;
	r->count += e->count;
	r->count_known = r->count_known && e->count_known;
	if (earlier(g, e->first, r->first))
		r->first = e->first;
	if (later(g, e->last, r->last))
		r->last = e->last;
	for (size_t i = 0; i < XT_ARRAY_SIZE(r->basis.by); i++)
		r->basis.by[i] += e->basis.by[i];
}

/* Edges stand by taint, so the first of an account are its largest. One alone is not
 * folded: a node for one edge would only hide where it goes. */
static void fold(struct work *w, struct export_rest *rest, size_t *n_rest,
		 size_t per_account)
{
	struct analyse_flow *f = w->flow;
	size_t n = 0;

	for (size_t i = 0; i < f->n_edges; i++)
		w->left[f->edges[i].from]++;
	for (uint32_t a = 0; a < w->g->n_accounts; a++)
		if (w->left[a] > per_account + 1)
			w->left[a] = per_account;
	for (size_t i = 0; i < f->n_edges; i++) {
		const struct analyse_flow_edge e = f->edges[i];

		if (w->left[e.from] > 0) {
			w->left[e.from]--;
			f->edges[n++] = e;
			continue;
		}
		if (w->rest[e.from] == 0)
			w->rest[e.from] = (uint32_t)++ * n_rest;
		add_rest(&rest[w->rest[e.from] - 1], w->g, &e);
	}
	f->n_edges = n;
}

static void mark_roots(struct work *w)
{
	memset(w->mark, 0, w->g->n_accounts);
	for (size_t i = 0; i < w->flow->n_nodes; i++)
		if (w->flow->nodes[i].victim || w->flow->nodes[i].thief ||
		    w->flow->nodes[i].depth == 0)
			w->mark[w->flow->nodes[i].account] = 1;
}

static void drop_unreached(struct work *w, struct export_rest *rest, size_t *n_rest)
{
	size_t n = 0;

	mark_roots(w);
	spread(w, false);
	keep_marked(w, false);
	for (size_t i = 0; i < *n_rest; i++) {
		if (w->mark[rest[i].from] != 0) {
			rest[n++] = rest[i];
			continue;
		}
		w->flow->cut_edges += rest[i].edges;
		w->flow->cut_uxem += rest[i].tainted;
	}
	*n_rest = n;
}

static void drop_nodes(struct work *w)
{
	struct analyse_flow *f = w->flow;
	size_t n = 0;

	/* Reached, or a beginning; and with an edge unless a beginning. */
	mark_roots(w);
	for (size_t i = 0; i < f->n_edges; i++) {
		w->mark[f->edges[i].from] = 1;
		w->mark[f->edges[i].to] = 1;
	}
	for (size_t i = 0; i < f->n_nodes; i++)
		if (w->mark[f->nodes[i].account] != 0)
			f->nodes[n++] = f->nodes[i];
	f->n_nodes = n;
}

static int by_account(const void *pa, const void *pb)
{
	const struct export_rest *a = pa;
	const struct export_rest *b = pb;

	return a->from < b->from ? -1 : a->from > b->from;
}

enum xt_status export_narrow(struct export_rest **rest, size_t *n_rest,
			     struct analyse_flow *flow, const struct graph *g,
			     bool to_services, size_t per_account, struct xt_err *err)
{
	const size_t n = (size_t)g->n_accounts + 1;
	struct work w = { .flow = flow, .g = g };
	struct export_rest *r = xt_calloc(n, sizeof(*r));
	size_t n_r = 0;
	enum xt_status rc = XT_OK;

	w.mark = xt_calloc(n, sizeof(*w.mark));
	w.left = xt_calloc(n, sizeof(*w.left));
	w.rest = xt_calloc(n, sizeof(*w.rest));
	if (r == NULL || w.mark == NULL || w.left == NULL || w.rest == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu accounts", n);
		goto out;
	}
	if (to_services) {
		for (size_t i = 0; i < flow->n_nodes; i++)
			if (flow->nodes[i].stop)
				w.mark[flow->nodes[i].account] = 1;
		spread(&w, true);
		keep_marked(&w, true);
	}
	if (per_account > 0)
		fold(&w, r, &n_r, per_account);
	if (to_services || per_account > 0) {
		drop_unreached(&w, r, &n_r);
		drop_nodes(&w);
	}
	qsort(r, n_r, sizeof(*r), by_account);
	*rest = r;
	*n_rest = n_r;
	r = NULL;
out:
	free(r);
	free(w.mark);
	free(w.left);
	free(w.rest);
	return rc;
}
