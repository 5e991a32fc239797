#include <xemtrace/analyse.h>

#include <stdlib.h>

#include "internal.h"

struct work {
	const struct graph *g;
	const struct analyse_groups *fold;
	/* One for each two accounts between which taint moved, filtered or not: the
	 * depth of an account does not hang on the filter. Figures are of what is let
	 * in. */
	struct analyse_flow_edge *pairs;
	size_t n_pairs, cap;
	struct xt_map *index; /* (from, to) to pair */
	uint64_t *tainted_in; /* per account */
	uint64_t *held;       /* per account */
	uint32_t *depth;      /* per account; GRAPH_NONE: not reached */
	uint8_t *role;        /* per account: ROLE_ bits */
	uint64_t total;       /* taint of all pairs */
};

enum { ROLE_ARRIVAL = 1, ROLE_ROBBED = 2, ROLE_SHOWN = 4 };

/* Finds or makes the edge of two accounts; NULL if memory is out. */
static struct analyse_flow_edge *pair_of(struct work *w, uint32_t from, uint32_t to,
					 enum xt_status *rc, struct xt_err *err)
{
	const uint32_t key[2] = { from, to };
	uint32_t at;

	*rc = XT_OK;
	if (xt_map_get(w->index, &at, key, sizeof(key)))
		return &w->pairs[at];
	if (w->n_pairs == w->cap) {
		const size_t cap = w->cap == 0 ? 64 : w->cap * 2;
		struct analyse_flow_edge *p =
		    xt_reallocarray(w->pairs, cap, sizeof(*p));

		if (p == NULL) {
			*rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu edges",
				      cap);
			return NULL;
		}
		w->pairs = p;
		w->cap = cap;
	}
	*rc = xt_map_put(w->index, key, sizeof(key), (uint32_t)w->n_pairs, err);
	if (*rc != XT_OK)
		return NULL;
	w->pairs[w->n_pairs] = (struct analyse_flow_edge){
		.from = from,
		.to = to,
		.count_known = true,
		.first = GRAPH_NONE,
		.last = GRAPH_NONE,
	};
	return &w->pairs[w->n_pairs++];
}

/* An aggregate is inside if its period touches the wanted one. What has no time cannot
 * be said to be inside. */
static bool in_dates(const struct graph *g, uint32_t event,
		     const struct analyse_flow_options *opt)
{
	const struct graph_tx *t = &g->txs[g->event_tx[event]];

	if (!opt->has_from && !opt->has_to)
		return true;
	if (t->time_kind == GRAPH_TIME_NONE)
		return false;
	return (!opt->has_from || t->time_last >= opt->from) &&
	       (!opt->has_to || t->time <= opt->to);
}

static enum xt_status gather(struct work *w, const struct taint_result *r,
			     const struct analyse_flow_options *opt, struct xt_err *err)
{
	const struct graph *g = w->g;
	enum xt_status rc;
	struct moved m;
	size_t at = 0;

	while (analyse_next_moved(&m, &at, r, &rc, err)) {
		const struct graph_event *e = &g->events[m.event];
		const uint32_t from = analyse_fold(w->fold, e->from);
		const uint32_t to = analyse_fold(w->fold, e->to);
		struct analyse_flow_edge *edge;

		if (!analyse_arrives(e) ||
		    analyse_fold_inside(w->fold, opt->inside, g, m.event))
			continue;
		rc = analyse_sum(&w->tainted_in[to], m.tainted, g, e->to, err);
		if (rc != XT_OK)
			return rc;
		if (from == GRAPH_NONE)
			continue;
		if (!xt_add(&w->total, w->total, m.tainted))
			return xt_fail(
			    err, XT_E_LIMIT,
			    "the taint of all transfers does not fit 64 bits");
		edge = pair_of(w, from, to, &rc, err);
		if (edge == NULL)
			return rc;
		if (!in_dates(g, m.event, opt))
			continue;
		/* It fits: it is a part of what was summed above. */
		edge->tainted += m.tainted;
		edge->amount += graph_amount(e);
		analyse_count(&edge->count, &edge->count_known, g, m.event);
		analyse_widen(&edge->first, &edge->last, g, m.event);
		analyse_basis_add(&edge->basis, g, m.event, m.tainted);
	}
	return rc;
}

static enum xt_status ends(struct work *w, const struct taint_result *r,
			   struct xt_err *err)
{
	enum xt_status rc;
	struct held h;
	size_t at = 0;

	while (analyse_next_held(&h, &at, r, &rc, err)) {
		rc = analyse_sum(&w->held[analyse_fold(w->fold, h.account)], h.tainted,
				 w->g, h.account, err);
		if (rc != XT_OK)
			return rc;
	}
	for (size_t i = 0; i < r->n_sink_totals && rc == XT_OK; i++) {
		const struct taint_sink *s = &r->sink_totals[i];

		rc = analyse_sum(&w->held[analyse_fold(w->fold, s->account)], s->uxem,
				 w->g, s->account, err);
	}
	return rc;
}

static void mark(struct work *w, uint32_t account, uint8_t role)
{
	w->role[analyse_fold(w->fold, account)] |= role;
}

/* Who paid into the window. */
static void rob_by_window(struct work *w, const struct graph_seed *s)
{
	for (uint32_t i = 0; i < w->g->n_events; i++) {
		const struct graph_event *e = &w->g->events[i];

		if (e->to == s->account && analyse_between(e) &&
		    graph_seed_window(w->g, s, i))
			mark(w, e->from, ROLE_ROBBED);
	}
}

/* Where the thefts arrived, and from whom. */
static enum xt_status mark_seeds(struct work *w, struct xt_err *err)
{
	const struct graph *g = w->g;
	uint8_t *seeded = xt_calloc((size_t)g->n_txs + 1, 1);

	if (seeded == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u transactions",
			       g->n_txs);
	for (uint32_t i = 0; i < g->n_seeds; i++) {
		const struct graph_seed *s = &g->seeds[i];

		switch (s->kind) {
		case GRAPH_SEED_TX:
			seeded[s->tx] = 2;
			break;
		case GRAPH_SEED_REFUND:
			/* The service that pays back is nobody's victim. */
			if (seeded[s->tx] == 0)
				seeded[s->tx] = 1;
			break;
		case GRAPH_SEED_WINDOW:
		case GRAPH_SEED_HEIGHTS:
			mark(w, s->account, ROLE_ARRIVAL);
			rob_by_window(w, s);
			break;
		case GRAPH_SEED_BALANCE:
			mark(w, s->account, ROLE_ARRIVAL);
			break;
		}
	}
	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		const uint8_t how = seeded[g->event_tx[i]];

		if (how == 0 || !analyse_between(e))
			continue;
		mark(w, e->to, ROLE_ARRIVAL);
		if (how == 2)
			mark(w, e->from, ROLE_ROBBED);
	}
	free(seeded);
	return XT_OK;
}

/* Breadth first over all pairs that carried taint. */
static enum xt_status measure(struct work *w, struct xt_err *err)
{
	const size_t n = w->g->n_accounts;
	uint32_t *queue = xt_calloc(n + 1, sizeof(*queue));
	size_t *start = xt_calloc(n + 2, sizeof(*start));
	uint32_t *to = xt_calloc(w->n_pairs + 1, sizeof(*to));
	enum xt_status rc = XT_OK;
	size_t head = 0;
	size_t tail = 0;

	if (queue == NULL || start == NULL || to == NULL) {
		rc =
		    xt_fail(err, XT_E_NOMEM, "out of memory for %zu edges", w->n_pairs);
		goto out;
	}
	/* start[a + 1] counts, then runs along while the places are filled. */
	for (size_t i = 0; i < w->n_pairs; i++)
		start[w->pairs[i].from + 2]++;
	for (size_t a = 2; a < n + 2; a++)
		start[a] += start[a - 1];
	for (size_t i = 0; i < w->n_pairs; i++)
		to[start[w->pairs[i].from + 1]++] = w->pairs[i].to;
	for (uint32_t a = 0; a < n; a++) {
		w->depth[a] = GRAPH_NONE;
		if ((w->role[a] & ROLE_ARRIVAL) != 0) {
			w->depth[a] = 0;
			queue[tail++] = a;
		}
	}
	while (head < tail) {
		const uint32_t a = queue[head++];

		for (size_t i = start[a]; i < start[a + 1]; i++) {
			if (w->depth[to[i]] != GRAPH_NONE)
				continue;
			w->depth[to[i]] = w->depth[a] + 1;
			queue[tail++] = to[i];
		}
	}
out:
	free(to);
	free(start);
	free(queue);
	return rc;
}

static int by_taint(const void *pa, const void *pb)
{
	const struct analyse_flow_edge *a = pa;
	const struct analyse_flow_edge *b = pb;

	if (a->tainted != b->tainted)
		return a->tainted > b->tainted ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

static int by_depth(const void *pa, const void *pb)
{
	const struct analyse_flow_node *a = pa;
	const struct analyse_flow_node *b = pb;

	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	return a->account < b->account ? -1 : a->account > b->account;
}

/* The hop that leaves an account of depth d is hop d + 1; the theft itself is hop 0. */
static bool wanted(const struct work *w, const struct analyse_flow_edge *e,
		   const struct analyse_flow_options *opt)
{
	const bool theft = (w->role[e->from] & ROLE_ROBBED) != 0 &&
			   (w->role[e->to] & ROLE_ARRIVAL) != 0;

	return e->tainted > 0 && e->tainted >= opt->min_uxem &&
	       (opt->max_depth == 0 || theft || w->depth[e->from] < opt->max_depth);
}

static enum xt_status pick_edges(struct analyse_flow *f, const struct work *w,
				 const struct analyse_flow_options *opt,
				 struct xt_err *err)
{
	uint64_t kept = 0;

	f->edges = xt_calloc(w->n_pairs + 1, sizeof(*f->edges));
	if (f->edges == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu edges",
			       w->n_pairs);
	for (size_t i = 0; i < w->n_pairs; i++)
		if (wanted(w, &w->pairs[i], opt))
			f->edges[f->n_edges++] = w->pairs[i];
	qsort(f->edges, f->n_edges, sizeof(*f->edges), by_taint);
	if (opt->max_edges > 0 && f->n_edges > opt->max_edges)
		f->n_edges = opt->max_edges;
	for (size_t i = 0; i < f->n_edges; i++)
		kept += f->edges[i].tainted;
	f->cut_edges = w->n_pairs - f->n_edges;
	f->cut_uxem = w->total - kept;
	return XT_OK;
}

/* A group is what any of its wallets is. */
static bool is_stop(const struct work *w, const struct taint_result *r,
		    uint32_t account)
{
	const struct analyse_group *group = analyse_group_of(w->fold, account);
	bool stop = analyse_is_stop(w->g, r, account);

	for (size_t i = group != NULL ? group->member_from : 0;
	     group != NULL && i < group->member_to; i++)
		stop = stop || analyse_is_stop(w->g, r, w->fold->members[i]);
	return stop;
}

static struct analyse_flow_node node_of(const struct work *w,
					const struct taint_result *r, uint32_t account)
{
	const struct analyse_group *group = analyse_group_of(w->fold, account);
	const bool arrival = (w->role[account] & ROLE_ARRIVAL) != 0;
	/* Who passed stolen money on by a seeded transfer, having got it by another, was
	 * not robbed. */
	const bool victim = (w->role[account] & ROLE_ROBBED) != 0 && !arrival;
	const bool stop = is_stop(w, r, account);

	return (struct analyse_flow_node){
		.account = account,
		/* The robbed stand at the beginning, whatever came back. */
		.depth = victim ? 0 : w->depth[account],
		.tainted_in = w->tainted_in[account],
		.held = w->held[account],
		.victim = victim,
		.thief = arrival && !stop,
		.stop = stop,
		.service = group != NULL ? group->service
					 : (w->g->flags[account] & GRAPH_SERVICE) != 0,
		.group = group,
	};
}

static enum xt_status pick_nodes(struct analyse_flow *f, struct work *w,
				 const struct taint_result *r, struct xt_err *err)
{
	const struct graph *g = w->g;
	size_t n = 0;

	for (size_t i = 0; i < f->n_edges; i++) {
		w->role[f->edges[i].from] |= ROLE_SHOWN;
		w->role[f->edges[i].to] |= ROLE_SHOWN;
	}
	/* The beginning is part of every picture. */
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		if ((w->role[a] & ROLE_ARRIVAL) != 0)
			w->role[a] |= ROLE_SHOWN;
		n += (w->role[a] & ROLE_SHOWN) != 0;
	}
	f->nodes = xt_calloc(n + 1, sizeof(*f->nodes));
	if (f->nodes == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu nodes", n);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		if ((w->role[a] & ROLE_SHOWN) != 0)
			f->nodes[f->n_nodes++] = node_of(w, r, a);
	qsort(f->nodes, f->n_nodes, sizeof(*f->nodes), by_depth);
	return XT_OK;
}

enum xt_status analyse_flow(struct analyse_flow *out, const struct graph *g,
			    const struct taint_result *r,
			    const struct analyse_flow_options *opt, struct xt_err *err)
{
	const size_t n = (size_t)g->n_accounts + 1;
	struct work w = { .g = g, .fold = opt->fold };
	struct analyse_flow f = { 0 };
	enum xt_status rc = analyse_need_edges(r, "the flow graph", err);

	if (rc != XT_OK)
		return rc;
	if (opt->inside != NULL)
		*opt->inside = (struct analyse_inside){ .count_known = true };
	w.tainted_in = xt_calloc(n, sizeof(*w.tainted_in));
	w.held = xt_calloc(n, sizeof(*w.held));
	w.depth = xt_calloc(n, sizeof(*w.depth));
	w.role = xt_calloc(n, sizeof(*w.role));
	if (w.tainted_in == NULL || w.held == NULL || w.depth == NULL ||
	    w.role == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu accounts", n);
		goto out;
	}
	rc = xt_map_new(&w.index, err);
	if (rc == XT_OK)
		rc = gather(&w, r, opt, err);
	if (rc == XT_OK)
		rc = ends(&w, r, err);
	if (rc == XT_OK)
		rc = mark_seeds(&w, err);
	if (rc == XT_OK)
		rc = measure(&w, err);
	if (rc == XT_OK)
		rc = pick_edges(&f, &w, opt, err);
	if (rc == XT_OK)
		rc = pick_nodes(&f, &w, r, err);
	if (rc == XT_OK) {
		*out = f;
		f = (struct analyse_flow){ 0 };
	}
out:
	analyse_flow_release(&f);
	xt_map_free(w.index);
	free(w.pairs);
	free(w.tainted_in);
	free(w.held);
	free(w.depth);
	free(w.role);
	return rc;
}

void analyse_flow_release(struct analyse_flow *f)
{
	free(f->edges);
	free(f->nodes);
	*f = (struct analyse_flow){ 0 };
}
