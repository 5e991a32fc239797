#include "one_theft.h"

#include <stdlib.h>
#include <string.h>

static bool find_theft(uint32_t *out, const struct graph *g, const char *name)
{
	for (uint32_t i = 0; i < g->n_thefts; i++) {
		if (strcmp(g->theft[i], name) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static enum xt_status make_room(struct one_theft *v, const struct graph *g,
				const struct taint_result *r, struct xt_err *err)
{
	v->g.seeds = xt_calloc((size_t)g->n_seeds + 1, sizeof(*v->g.seeds));
	v->r.edges = xt_calloc(r->n_edges + 1, sizeof(*v->r.edges));
	v->r.holdings = xt_calloc(r->n_holdings + 1, sizeof(*v->r.holdings));
	v->r.sinks = xt_calloc(r->n_sinks + 1, sizeof(*v->r.sinks));
	v->r.sink_totals = xt_calloc(r->n_sinks + 1, sizeof(*v->r.sink_totals));
	if (v->g.seeds == NULL || v->r.edges == NULL || v->r.holdings == NULL ||
	    v->r.sinks == NULL || v->r.sink_totals == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu movements",
			       r->n_edges);
	return XT_OK;
}

enum xt_status one_theft_view(struct one_theft *out, const struct graph *g,
			      const struct taint_result *r, const char *name,
			      struct xt_err *err)
{
	struct one_theft v = { .g = *g, .r = *r };
	uint32_t theft;
	enum xt_status rc;

	if (!find_theft(&theft, g, name))
		return xt_fail(err, XT_E_NOTFOUND, "--theft: no theft is called \"%s\"",
			       name);
	rc = make_room(&v, g, r, err);
	if (rc != XT_OK) {
		one_theft_release(&v);
		return rc;
	}
	v.g.n_seeds = 0;
	for (uint32_t i = 0; i < g->n_seeds; i++)
		if (g->seeds[i].theft == theft)
			v.g.seeds[v.g.n_seeds++] = g->seeds[i];
	v.r.n_edges = 0;
	for (size_t i = 0; i < r->n_edges; i++)
		if (r->edges[i].theft == theft)
			v.r.edges[v.r.n_edges++] = r->edges[i];
	v.r.n_holdings = 0;
	for (size_t i = 0; i < r->n_holdings; i++)
		if (r->holdings[i].theft == theft)
			v.r.holdings[v.r.n_holdings++] = r->holdings[i];
	v.r.n_sinks = 0;
	for (size_t i = 0; i < r->n_sinks; i++) {
		if (r->sinks[i].theft != theft)
			continue;
		v.r.sinks[v.r.n_sinks] = r->sinks[i];
		v.r.sink_totals[v.r.n_sinks] = r->sinks[i];
		v.r.sink_totals[v.r.n_sinks++].theft = TAINT_ALL;
	}
	v.r.n_sink_totals = v.r.n_sinks;
	*out = v;
	return XT_OK;
}

void one_theft_release(struct one_theft *v)
{
	free(v->g.seeds);
	free(v->r.edges);
	free(v->r.holdings);
	free(v->r.sinks);
	free(v->r.sink_totals);
	memset(v, 0, sizeof(*v));
}
