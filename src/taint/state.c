#include "policy.h"

#include <stdlib.h>
#include <string.h>

/* Services, and accounts whose whole history is not in the case. */
static void mark_accounts(struct taint_state *st, bool *any_incomplete)
{
	const struct graph *g = st->g;
	unsigned stop = GRAPH_SERVICE;
	if (st->opt.stop_at_probable)
		stop |= GRAPH_PROBABLE;
	*any_incomplete = false;
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		const bool service = g->flags[a] & stop;
		st->acct[a].balance = service ? TAINT_OUTSIDE : g->opening[a];
		st->acct[a].t = service ? TAINT_STOP : 0;
		if (!service && !(g->flags[a] & GRAPH_COMPLETE))
			*any_incomplete = true;
	}
}

static enum xt_status general(struct taint_state *st, struct xt_err *err)
{
	const struct graph *g = st->g;
	st->incomplete = xt_calloc((size_t)g->n_accounts + 1, 1);
	st->parcel.part = xt_calloc((size_t)st->n_thefts + 1, sizeof(*st->parcel.part));
	if (!st->incomplete || !st->parcel.part)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for %u accounts",
			       g->n_accounts);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		st->incomplete[a] =
		    st->acct[a].t != TAINT_STOP && !(g->flags[a] & GRAPH_COMPLETE);
	return XT_OK;
}

enum xt_status taint_state_new(struct taint_state **out, const struct graph *g,
			       const struct taint_policy *policy,
			       const struct taint_options *opt, struct xt_err *err)
{
	enum xt_status s;
	bool any_incomplete;
	struct taint_state *st = xt_calloc(1, sizeof(*st));
	if (!st)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory");
	st->g = g;
	st->policy = policy;
	st->loop = policy->ops;
	st->opt = *opt;
	st->opt.lineage = opt->lineage && policy->lots;
	if (!st->opt.edges_batch)
		st->opt.edges_batch = TAINT_EDGES_BATCH;
	st->n_thefts = g->n_thefts;
	struct taint_acct *nobody =
	    taint_table((size_t)g->n_accounts + 2, sizeof(*st->acct));
	if (nobody) {
		*nobody = (struct taint_acct){ TAINT_OUTSIDE, TAINT_STOP };
		st->acct = nobody + 1;
	}
	st->sums = xt_calloc((size_t)g->n_thefts + 1, sizeof(*st->sums));
	st->scratch = xt_calloc((size_t)g->n_thefts + 1, sizeof(*st->scratch));
	st->remainder = xt_calloc((size_t)g->n_thefts + 1, sizeof(*st->remainder));
	if (!st->acct || !st->sums || !st->scratch || !st->remainder) {
		s = xt_fail(err, XT_E_NOMEM, "taint: out of memory for %u accounts",
			    g->n_accounts);
		goto fail;
	}
	mark_accounts(st, &any_incomplete);
	st->simple = g->n_thefts == 1 && !any_incomplete;
	s = st->simple ? XT_OK : general(st, err);
	if (s == XT_OK)
		s = st->loop->ops->init(st, err);
	if (s == XT_OK)
		s = taint_actions(st, err);
	if (s != XT_OK)
		goto fail;
	*out = st;
	return XT_OK;
fail:
	taint_state_free(st);
	return s;
}

void taint_state_free(struct taint_state *st)
{
	if (!st)
		return;
	taint_table_free(st->acct ? st->acct - 1 : NULL, (size_t)st->g->n_accounts + 2,
			 sizeof(*st->acct));
	free(st->incomplete);
	free(st->sums);
	free(st->parcel.part);
	free(st->scratch);
	free(st->remainder);
	free(st->rows.of);
	free(st->rows.v);
	free(st->rows.free);
	taint_lots_free(st);
	free(st->mask);
	free(st->sinks.v);
	free(st->sinks.slot);
	free(st->edges);
	free(st->hops);
	free(st->changes);
	free(st->actions);
	free(st);
}
