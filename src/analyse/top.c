#include <xemtrace/analyse.h>

#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* qsort() has no room for the graph: what it compares stands in the item. */
struct ranked {
	xt_u128 figure;
	const char *party;
	uint32_t account;
};

static int by_rank(const void *pa, const void *pb)
{
	const struct ranked *a = pa;
	const struct ranked *b = pb;

	if (a->figure != b->figure)
		return a->figure > b->figure ? -1 : 1;
	return strcmp(a->party, b->party);
}

static void flows(struct analyse_top_row *rows, const struct graph *g,
		  const struct analyse_top_options *o)
{
	const bool basis = o->by == ANALYSE_BY_RECEIVED;

	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		const uint64_t amount = graph_amount(e);
		struct analyse_top_row *to;
		struct analyse_top_row *from;

		if (!analyse_between(e) ||
		    analyse_fold_inside(o->fold, o->inside, g, i))
			continue;
		to = &rows[analyse_fold(o->fold, e->to)];
		from = &rows[analyse_fold(o->fold, e->from)];
		to->received += amount;
		from->sent += amount;
		analyse_count(&to->n_in, &to->in_known, g, i);
		analyse_count(&from->n_out, &from->out_known, g, i);
		if (!basis)
			continue;
		analyse_widen(&to->first, &to->last, g, i);
		analyse_basis_add(&to->basis, g, i, amount);
		if (o->prices != NULL)
			analyse_value_add(&to->value, o->prices, g, i, amount);
	}
}

static enum xt_status taints(struct analyse_top_row *rows, const struct graph *g,
			     const struct taint_result *r,
			     const struct analyse_top_options *o, struct xt_err *err)
{
	enum xt_status rc;
	struct moved m;
	size_t at = 0;

	while (analyse_next_moved(&m, &at, r, &rc, err)) {
		const struct graph_event *e = &g->events[m.event];
		struct analyse_top_row *to;

		if (!analyse_arrives(e) ||
		    analyse_fold_inside(o->fold, NULL, g, m.event))
			continue;
		to = &rows[analyse_fold(o->fold, e->to)];
		rc = analyse_sum(&to->tainted_in, m.tainted, g, e->to, err);
		if (rc != XT_OK)
			return rc;
		if (o->by == ANALYSE_BY_RECEIVED)
			continue;
		analyse_widen(&to->first, &to->last, g, m.event);
		analyse_basis_add(&to->basis, g, m.event, m.tainted);
		if (o->prices != NULL)
			analyse_value_add(&to->value, o->prices, g, m.event, m.tainted);
	}
	return rc;
}

static enum xt_status add_held(struct analyse_top_row *row, uint64_t uxem,
			       uint64_t incomplete, const struct graph *g,
			       uint32_t account, struct xt_err *err)
{
	const enum xt_status rc = analyse_sum(&row->held, uxem, g, account, err);

	return rc == XT_OK ? analyse_sum(&row->incomplete, incomplete, g, account, err)
			   : rc;
}

/* What everybody has at the end: held, or sunk with them. */
static enum xt_status ends(struct analyse_top_row *rows, const struct graph *g,
			   const struct taint_result *r,
			   const struct analyse_groups *fold, struct xt_err *err)
{
	enum xt_status rc;
	struct held h;
	size_t at = 0;

	while (analyse_next_held(&h, &at, r, &rc, err)) {
		rc = add_held(&rows[analyse_fold(fold, h.account)], h.tainted,
			      h.incomplete, g, h.account, err);
		if (rc != XT_OK)
			return rc;
	}
	for (size_t i = 0; i < r->n_sink_totals && rc == XT_OK; i++) {
		const struct taint_sink *s = &r->sink_totals[i];

		rc = add_held(&rows[analyse_fold(fold, s->account)], s->uxem,
			      s->incomplete, g, s->account, err);
	}
	return rc;
}

static xt_u128 figure(const struct analyse_top_row *row, enum analyse_rank by)
{
	switch (by) {
	case ANALYSE_BY_TAINT:
		return row->tainted_in;
	case ANALYSE_BY_HELD:
		return row->held;
	case ANALYSE_BY_RECEIVED:
		return row->received;
	}
	return 0;
}

/* Picks the rows with something to show, in order. */
static enum xt_status rank(struct analyse_top_row **out, size_t *n,
			   const struct analyse_top_row *rows, const struct graph *g,
			   enum analyse_rank by, size_t limit, struct xt_err *err)
{
	struct ranked *order = xt_calloc((size_t)g->n_accounts + 1, sizeof(*order));
	struct analyse_top_row *v = NULL;
	enum xt_status rc = XT_OK;
	size_t len = 0;

	if (order == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u accounts",
			       g->n_accounts);
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		const xt_u128 f = figure(&rows[a], by);

		if (f > 0)
			order[len++] = (struct ranked){ f, g->party[a].s, a };
	}
	qsort(order, len, sizeof(*order), by_rank);
	if (limit > 0 && len > limit)
		len = limit;
	v = xt_calloc(len + 1, sizeof(*v));
	if (v == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu rows", len);
		goto out;
	}
	for (size_t i = 0; i < len; i++)
		v[i] = rows[order[i].account];
	*out = v;
	*n = len;
out:
	free(order);
	return rc;
}

enum xt_status analyse_top_with(struct analyse_top_row **out, size_t *n,
				const struct graph *g, const struct taint_result *r,
				const struct analyse_top_options *o, struct xt_err *err)
{
	struct analyse_top_row *rows;
	enum xt_status rc = XT_OK;

	if (o->by != ANALYSE_BY_RECEIVED || (r != NULL && r->options.edges))
		rc = analyse_need_edges(r, "a rank by taint", err);
	if (rc != XT_OK)
		return rc;
	rows = xt_calloc((size_t)g->n_accounts + 1, sizeof(*rows));
	if (rows == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u accounts",
			       g->n_accounts);
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		rows[a].account = a;
		rows[a].first = GRAPH_NONE;
		rows[a].last = GRAPH_NONE;
		rows[a].in_known = true;
		rows[a].out_known = true;
		rows[a].taint_known = r != NULL && r->options.edges;
		rows[a].value = analyse_value_none(o->prices);
		rows[a].group = analyse_group_of(o->fold, a);
	}
	if (o->inside != NULL)
		*o->inside = (struct analyse_inside){ .count_known = true };
	flows(rows, g, o);
	if (r != NULL)
		rc = ends(rows, g, r, o->fold, err);
	if (rc == XT_OK && r != NULL && r->options.edges)
		rc = taints(rows, g, r, o, err);
	if (rc == XT_OK)
		rc = rank(out, n, rows, g, o->by, o->limit, err);
	free(rows);
	return rc;
}

enum xt_status analyse_top(struct analyse_top_row **out, size_t *n,
			   const struct graph *g, const struct taint_result *r,
			   enum analyse_rank by, size_t limit, struct xt_err *err)
{
	const struct analyse_top_options o = { .by = by, .limit = limit };

	return analyse_top_with(out, n, g, r, &o, err);
}
