/* Where an account's money can have come from: backwards in time over the ledger. */
#include <xemtrace/analyse.h>

#include <stdlib.h>
#include <string.h>

#include "finder.h"

static enum analyse_origin origin_of(const struct graph *g, uint32_t account)
{
	if ((g->flags[account] & GRAPH_SERVICE) != 0)
		return ANALYSE_ORIGIN_SERVICE;
	if ((g->flags[account] & GRAPH_COMPLETE) == 0)
		return ANALYSE_ORIGIN_INCOMPLETE;
	return g->opening[account] != 0 ? ANALYSE_ORIGIN_OPENING : ANALYSE_ORIGIN_NONE;
}

/* Backwards, so that an account is known as soon as a later payment of it leads on to
 * the target. Money does not lead back through a service. */
static void spread(struct analyse_back_row *rows, const struct graph *g,
		   uint32_t target, uint32_t max_hops, bool through_services)
{
	for (uint32_t i = g->n_events; i-- > 0;) {
		const struct graph_event *e = &g->events[i];
		struct analyse_back_row *row;
		uint32_t hops;

		if (!analyse_between(e) || graph_amount(e) == 0 || e->from == target)
			continue;
		if (e->to == target)
			hops = 1;
		else if (rows[e->to].hops != 0 &&
			 (through_services || (g->flags[e->to] & GRAPH_SERVICE) == 0))
			hops = rows[e->to].hops + 1;
		else
			continue;
		if (max_hops != 0 && hops > max_hops)
			continue;
		row = &rows[e->from];
		if (row->hops == 0 || hops < row->hops)
			row->hops = hops;
		row->amount += graph_amount(e);
		if (e->to == target)
			row->direct += graph_amount(e);
		analyse_count(&row->count, &row->count_known, g, i);
		analyse_widen(&row->first, &row->last, g, i);
	}
}

/* qsort() has no room for the graph. */
struct ordered {
	struct analyse_back_row row;
	const char *party;
};

static int by_order(const void *pa, const void *pb)
{
	const struct ordered *a = pa;
	const struct ordered *b = pb;

	if (a->row.hops != b->row.hops)
		return a->row.hops < b->row.hops ? -1 : 1;
	if (a->row.amount != b->row.amount)
		return a->row.amount > b->row.amount ? -1 : 1;
	return strcmp(a->party, b->party);
}

static enum xt_status pick(struct analyse_back_row **out, size_t *n,
			   const struct analyse_back_row *rows, const struct graph *g,
			   struct xt_err *err)
{
	struct ordered *v = xt_calloc((size_t)g->n_accounts + 1, sizeof(*v));
	struct analyse_back_row *picked = NULL;
	enum xt_status rc = XT_OK;
	size_t len = 0;

	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u accounts",
			       g->n_accounts);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		if (rows[a].hops != 0)
			v[len++] = (struct ordered){ rows[a], g->party[a].s };
	qsort(v, len, sizeof(*v), by_order);
	picked = xt_calloc(len + 1, sizeof(*picked));
	if (picked == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu rows", len);
	for (size_t i = 0; i < len && picked != NULL; i++)
		picked[i] = v[i].row;
	free(v);
	if (rc == XT_OK) {
		*out = picked;
		*n = len;
	}
	return rc;
}

enum xt_status analyse_back(struct analyse_back_row **out, size_t *n,
			    const struct graph *g, uint32_t account, uint32_t max_hops,
			    bool through_services, struct xt_err *err)
{
	struct analyse_back_row *rows =
	    xt_calloc((size_t)g->n_accounts + 1, sizeof(*rows));
	enum xt_status rc;

	if (rows == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u accounts",
			       g->n_accounts);
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		rows[a].account = a;
		rows[a].origin = origin_of(g, a);
		rows[a].count_known = true;
		rows[a].first = GRAPH_NONE;
		rows[a].last = GRAPH_NONE;
	}
	spread(rows, g, account, max_hops, through_services);
	rc = pick(out, n, rows, g, err);
	free(rows);
	return rc;
}
