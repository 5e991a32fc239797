#include "lots.h"

#include <stdlib.h>
#include <string.h>

void taint_result_free(struct taint_result *r)
{
	if (!r)
		return;
	free(r->seeded);
	free(r->refunded);
	free(r->fees);
	free(r->cleaned);
	free(r->holdings);
	free(r->sinks);
	free(r->sink_totals);
	free(r->edges);
	free(r->hops);
	free(r->changes);
	free(r->held_lots);
	free(r);
}

/* Writes what an account holds to `out` (NULL: counts only); returns how many. */
static size_t account_holdings(const struct taint_state *st, uint32_t a,
			       struct taint_holding *out)
{
	if (!st->acct[a].t || TAINT_IS_MARK(st->acct[a].t))
		return 0;
	/* Poison may mark an account that holds nothing now. */
	if (!out && st->n_thefts == 1 && st->policy->conserves)
		return 1;
	if (st->simple && st->policy->conserves) {
		if (out)
			*out = (struct taint_holding){ .account = a,
						       .uxem = st->acct[a].t };
		return 1;
	}
	size_t n = 0;
	st->loop->ops->held(st, a, st->scratch);
	for (uint32_t j = 0; j < st->n_thefts; j++) {
		const struct taint_part p = st->scratch[j];
		if (!p.t)
			continue;
		if (out)
			out[n] = (struct taint_holding){ a, j, p.t, p.u };
		n++;
	}
	return n;
}

static enum xt_status make_holdings(struct taint_result *r, struct taint_state *st,
				    struct xt_err *err)
{
	size_t n = 0;
	for (uint32_t a = 0; a < st->g->n_accounts; a++)
		n += account_holdings(st, a, NULL);
	r->holdings = xt_calloc(n + 1, sizeof(*r->holdings));
	if (!r->holdings)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for results");
	taint_wish_large(r->holdings, n, sizeof(*r->holdings));
	for (uint32_t a = 0; a < st->g->n_accounts; a++) {
		const size_t k = account_holdings(st, a, r->holdings + r->n_holdings);
		r->n_holdings += k;
		if (k && !st->simple)
			r->through_incomplete += st->scratch[st->n_thefts].u;
	}
	if (!st->policy->conserves)
		return XT_OK;
	/* The running sums against a recount of every account. */
	for (size_t i = 0; i < r->n_holdings; i++)
		st->sums[r->holdings[i].theft].held -= r->holdings[i].uxem;
	for (uint32_t j = 0; j < st->n_thefts; j++)
		if (st->sums[j].held)
			return taint_broken(st, st->g->n_events,
					    "accounts do not add up to what is held",
					    err);
	return XT_OK;
}

static int by_key(const void *a, const void *b)
{
	const struct taint_sink *x = a;
	const struct taint_sink *y = b;
	if (x->account != y->account)
		return x->account < y->account ? -1 : 1;
	if (x->memo != y->memo)
		return x->memo < y->memo ? -1 : 1;
	return x->theft < y->theft ? -1 : x->theft > y->theft;
}

/* The table holds sinks per theft and, if there are several, over all of them. */
static enum xt_status make_sinks(struct taint_result *r, const struct taint_state *st,
				 struct xt_err *err)
{
	const struct taint_sink_table *t = &st->sinks;
	r->sinks = xt_calloc((size_t)t->n + 1, sizeof(*r->sinks));
	r->sink_totals = xt_calloc((size_t)t->n + 1, sizeof(*r->sink_totals));
	if (!r->sinks || !r->sink_totals)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for results");
	for (uint32_t i = 0; i < t->n; i++) {
		if (t->v[i].theft != TAINT_ALL)
			r->sinks[r->n_sinks++] = t->v[i];
		if (t->v[i].theft == TAINT_ALL || st->n_thefts == 1) {
			r->sink_totals[r->n_sink_totals] = t->v[i];
			r->sink_totals[r->n_sink_totals++].theft = TAINT_ALL;
			r->through_incomplete += t->v[i].incomplete;
		}
	}
	qsort(r->sinks, r->n_sinks, sizeof(*r->sinks), by_key);
	qsort(r->sink_totals, r->n_sink_totals, sizeof(*r->sink_totals), by_key);
	return XT_OK;
}

static size_t account_lots(const struct taint_state *st, uint32_t a,
			   struct taint_held_lot *out)
{
	if (!st->acct[a].t || TAINT_IS_MARK(st->acct[a].t))
		return 0;
	const struct taint_queue *q = st->lots.of[a];
	size_t n = 0;
	for (uint32_t i = q->head; i < q->n; i++) {
		const struct taint_lot lot = taint_lot_at(st, q, i);
		if (!lot.colour)
			continue;
		if (out)
			out[n] = (struct taint_held_lot){ a, lot.hop, lot.amount };
		n++;
	}
	return n;
}

static enum xt_status make_lots(struct taint_result *r, struct taint_state *st,
				struct xt_err *err)
{
	if (!st->opt.lineage)
		return XT_OK;
	size_t n = 0;
	for (uint32_t a = 0; a < st->g->n_accounts; a++)
		n += account_lots(st, a, NULL);
	r->held_lots = xt_calloc(n + 1, sizeof(*r->held_lots));
	if (!r->held_lots)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for results");
	for (uint32_t a = 0; a < st->g->n_accounts; a++)
		r->n_held_lots += account_lots(st, a, r->held_lots + r->n_held_lots);
	r->hops = st->hops;
	r->n_hops = st->n_hops;
	st->hops = NULL;
	return XT_OK;
}

static enum xt_status make_sums(struct taint_result *r, const struct taint_state *st,
				struct xt_err *err)
{
	const size_t n = (size_t)st->n_thefts + 1;
	r->n_thefts = st->n_thefts;
	r->seeded = xt_calloc(n, sizeof(*r->seeded));
	r->refunded = xt_calloc(n, sizeof(*r->refunded));
	r->fees = xt_calloc(n, sizeof(*r->fees));
	r->cleaned = xt_calloc(n, sizeof(*r->cleaned));
	if (!r->seeded || !r->refunded || !r->fees || !r->cleaned)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for results");
	for (uint32_t j = 0; j < st->n_thefts; j++) {
		r->seeded[j] = st->sums[j].seeded;
		r->refunded[j] = st->sums[j].refunded;
		r->fees[j] = st->sums[j].fees;
		r->cleaned[j] = st->sums[j].cleaned;
	}
	r->fees_total = st->fees_total;
	r->through_incomplete = st->fees_incomplete;
	return XT_OK;
}

enum xt_status taint_result_make(struct taint_result **out, struct taint_state *st,
				 struct xt_err *err)
{
	struct taint_result *r = xt_calloc(1, sizeof(*r));
	if (!r)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for results");
	enum xt_status s;
	r->policy = st->policy;
	r->options = st->opt;
	r->peak_lots = st->lots.peak;
	r->changes = st->changes;
	r->n_changes = st->n_changes;
	st->changes = NULL;
	if ((s = make_sums(r, st, err)) || (s = make_holdings(r, st, err)) ||
	    (s = make_sinks(r, st, err)) || (s = make_lots(r, st, err))) {
		taint_result_free(r);
		return s;
	}
	if (st->opt.edges) {
		r->edges = st->edges ? st->edges : xt_calloc(1, sizeof(*r->edges));
		r->n_edges = st->n_edges;
		st->edges = NULL;
		if (!r->edges) {
			taint_result_free(r);
			return xt_fail(err, XT_E_NOMEM,
				       "taint: out of memory for results");
		}
	}
	*out = r;
	return XT_OK;
}

uint64_t taint_held(const struct taint_result *r, uint32_t account)
{
	size_t lo = 0;
	size_t hi = r->n_holdings;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (r->holdings[mid].account < account)
			lo = mid + 1;
		else
			hi = mid;
	}
	uint64_t sum = 0;
	for (; lo < r->n_holdings && r->holdings[lo].account == account; lo++) {
		const uint64_t x = r->holdings[lo].uxem;
		if (r->policy->conserves)
			sum += x;
		else if (x > sum)
			sum = x;
	}
	return sum;
}
