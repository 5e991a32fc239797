#include "internal.h"

/* Thefts share a movement under a policy that conserves; under poison they overlap,
 * each with the whole of it. */
static bool combine(uint64_t *all, uint64_t one, const struct taint_result *r)
{
	if (r->policy->conserves)
		return xt_add(all, *all, one);
	if (one > *all)
		*all = one;
	return true;
}

bool analyse_next_moved(struct moved *out, size_t *at, const struct taint_result *r,
			enum xt_status *rc, struct xt_err *err)
{
	*rc = XT_OK;
	while (*at < r->n_edges) {
		struct moved m = { .event = r->edges[*at].event };

		while (*at < r->n_edges && r->edges[*at].event == m.event) {
			if (!combine(&m.tainted, r->edges[*at].uxem, r)) {
				*rc = xt_fail(err, XT_E_LIMIT,
					      "taint of event %u does not fit 64 bits",
					      m.event);
				return false;
			}
			(*at)++;
		}
		if (m.tainted > 0) {
			*out = m;
			return true;
		}
	}
	return false;
}

bool analyse_next_held(struct held *out, size_t *at, const struct taint_result *r,
		       enum xt_status *rc, struct xt_err *err)
{
	struct held h = { 0 };

	*rc = XT_OK;
	if (*at >= r->n_holdings)
		return false;
	h.account = r->holdings[*at].account;
	while (*at < r->n_holdings && r->holdings[*at].account == h.account) {
		if (!combine(&h.tainted, r->holdings[*at].uxem, r) ||
		    !combine(&h.incomplete, r->holdings[*at].incomplete, r)) {
			*rc = xt_fail(err, XT_E_LIMIT,
				      "taint of account %u does not fit 64 bits",
				      h.account);
			return false;
		}
		(*at)++;
	}
	*out = h;
	return true;
}

enum xt_status analyse_need_edges(const struct taint_result *r, const char *what,
				  struct xt_err *err)
{
	/* A run that moved nothing has no array, and needs none. */
	if (r == NULL || !r->options.edges)
		return xt_fail(err, XT_E_USAGE,
			       "%s needs a taint run that recorded its edges", what);
	return XT_OK;
}

bool analyse_is_stop(const struct graph *g, const struct taint_result *r,
		     uint32_t account)
{
	const uint8_t flags = g->flags[account];

	return (flags & GRAPH_SERVICE) != 0 ||
	       (r != NULL && r->options.stop_at_probable &&
		(flags & GRAPH_PROBABLE) != 0);
}

enum xt_status analyse_sum(uint64_t *sum, uint64_t v, const struct graph *g,
			   uint32_t account, struct xt_err *err)
{
	if (!xt_add(sum, *sum, v))
		return xt_fail(err, XT_E_LIMIT,
			       "%s: the taint of all its transfers does "
			       "not fit 64 bits",
			       g->party[account].s);
	return XT_OK;
}

static const struct graph_tx *tx_of(const struct graph *g, uint32_t event)
{
	return &g->txs[g->event_tx[event]];
}

/* True if `a` is the better answer: a known time wins, then the smaller value. */
static bool earlier(bool a_known, int64_t a, bool b_known, int64_t b)
{
	if (a_known != b_known)
		return a_known;
	return a_known && a < b;
}

void analyse_widen(uint32_t *first, uint32_t *last, const struct graph *g,
		   uint32_t event)
{
	const struct graph_tx *t = tx_of(g, event);
	const bool known = t->time_kind != GRAPH_TIME_NONE;
	const struct graph_tx *f;
	const struct graph_tx *l;

	if (*first == GRAPH_NONE) {
		*first = event;
		*last = event;
		return;
	}
	f = tx_of(g, *first);
	l = tx_of(g, *last);
	if (earlier(known, t->time, f->time_kind != GRAPH_TIME_NONE, f->time))
		*first = event;
	/* Of two ends at one time, or of two unknown ones, the later in the ledger. */
	if (known ? l->time_kind == GRAPH_TIME_NONE || t->time_last >= l->time_last
		  : l->time_kind == GRAPH_TIME_NONE)
		*last = event;
}

void analyse_count(uint64_t *count, bool *known, const struct graph *g, uint32_t event)
{
	const uint32_t n = tx_of(g, event)->count;

	if (n == 0)
		*known = false;
	/* 2^32 events of at most 2^32 transfers each fit 64 bits. */
	*count += n == 0 ? 1 : n;
}

void analyse_basis_add(struct analyse_basis *b, const struct graph *g, uint32_t event,
		       xt_u128 amount)
{
	const uint8_t p = tx_of(g, event)->provenance;

	/* 0 is what a graph without provenance has: nothing is known of it. */
	b->by[p < XT_ARRAY_SIZE(b->by) ? p : 0] += amount;
}

/* ---- values ------------------------------------------------------------------------ */

struct analyse_value analyse_value_none(const struct analyse_prices *p)
{
	return (struct analyse_value){ .known = p != NULL,
				       .currency = p != NULL ? p->currency : NULL };
}

static void value_plus(struct analyse_value *v, xt_u128 e14)
{
	if (v->e14 + e14 < e14) {
		v->known = false;
		return;
	}
	v->e14 += e14;
}

int32_t analyse_day_of(const struct graph *g, uint32_t event,
		       int32_t (*day)(int64_t unix_time))
{
	const struct graph_tx *t = tx_of(g, event);
	int32_t first;

	if (t->time_kind == GRAPH_TIME_NONE)
		return ANALYSE_NO_DAY;
	first = day(t->time);
	/* A record of many that spans days belongs to none of them. */
	return first == day(t->time_last) ? first : ANALYSE_NO_DAY;
}

void analyse_value_add(struct analyse_value *v, const struct analyse_prices *p,
		       const struct graph *g, uint32_t event, uint64_t uxem)
{
	uint64_t price = 0;

	if (p == NULL || !p->price(p->ctx, analyse_day_of(g, event, p->day), &price))
		v->known = false;
	else
		value_plus(v, (xt_u128)uxem * price);
}

void analyse_value_sum(struct analyse_value *v, const struct analyse_value *part)
{
	v->known = v->known && part->known;
	value_plus(v, part->e14);
}

/* ---- folding ----------------------------------------------------------------------- */

bool analyse_fold_inside(const struct analyse_groups *fold,
			 struct analyse_inside *inside, const struct graph *g,
			 uint32_t event)
{
	const struct graph_event *e = &g->events[event];

	if (fold == NULL || !analyse_between(e) ||
	    analyse_fold(fold, e->from) != analyse_fold(fold, e->to))
		return false;
	if (inside != NULL) {
		analyse_count(&inside->count, &inside->count_known, g, event);
		inside->amount += graph_amount(e);
	}
	return true;
}
