#include "policy.h"

#include <stdlib.h>
#include <string.h>

uint32_t taint_after_height(const struct graph *g, uint32_t height)
{
	uint32_t lo = 0;
	uint32_t hi = g->n_events;
	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;
		if (g->txs[g->event_tx[mid]].height <= height)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The first event of a transaction; event_tx never falls. */
static uint32_t first_of_tx(const struct graph *g, uint32_t tx)
{
	uint32_t lo = 0;
	uint32_t hi = g->n_events;
	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;
		if (g->event_tx[mid] < tx)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct list {
	struct taint_action *v;
	size_t n, cap;
	bool mixed; /* not in order */
};

static int by_event(const void *a, const void *b)
{
	const struct taint_action *x = a;
	const struct taint_action *y = b;
	if (x->event != y->event)
		return x->event < y->event ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static bool room(struct list *l, size_t cap)
{
	void *v = xt_reallocarray(l->v, cap, sizeof(*l->v));
	if (!v)
		return false;
	taint_wish_large(v, cap, sizeof(*l->v));
	l->v = v;
	l->cap = cap;
	return true;
}

static bool add(struct list *l, uint32_t event, enum taint_action_kind kind,
		uint32_t index)
{
	if (l->n == l->cap && !room(l, l->cap + l->cap / 2 + 16))
		return false;
	l->v[l->n] = (struct taint_action){ event, kind, index };
	if (l->n && by_event(&l->v[l->n - 1], &l->v[l->n]) > 0)
		l->mixed = true;
	l->n++;
	return true;
}

/* What a transaction itself carries: not its levies and fees. */
static bool carries(enum nem_movement_kind k)
{
	return k == NEM_MOVE_TRANSFER || k == NEM_MOVE_INNER || k == NEM_MOVE_OPENING;
}

static bool add_tx_seed(struct list *l, const struct graph *g, uint32_t index)
{
	const uint32_t tx = g->seeds[index].tx;
	for (uint32_t i = first_of_tx(g, tx); i < g->n_events && g->event_tx[i] == tx;
	     i++)
		if (carries(graph_kind(&g->events[i])) &&
		    !add(l, i, TAINT_ACT_SEED, index))
			return false;
	return true;
}

/* All windows in one pass; a bit per account keeps it to the events that matter. */
static bool add_windows(struct list *l, const struct graph *g)
{
	bool ok = true;
	uint8_t *watched = NULL;
	for (uint32_t i = 0; i < g->n_seeds; i++) {
		if (g->seeds[i].kind != GRAPH_SEED_WINDOW &&
		    g->seeds[i].kind != GRAPH_SEED_HEIGHTS)
			continue;
		if (!watched && !(watched = xt_calloc((size_t)g->n_accounts + 1, 1)))
			return false;
		watched[g->seeds[i].account] = 1;
	}
	if (!watched)
		return true;
	for (uint32_t i = 0; i < g->n_events && ok; i++) {
		if (g->events[i].to == GRAPH_NONE || !watched[g->events[i].to])
			continue;
		for (uint32_t k = 0; k < g->n_seeds && ok; k++)
			if (graph_seed_window(g, &g->seeds[k], i))
				ok = add(l, i, TAINT_ACT_SEED, k);
	}
	free(watched);
	return ok;
}

static int by_from(const void *a, const void *b)
{
	const struct graph_clean *const *x = a;
	const struct graph_clean *const *y = b;
	if ((*x)->from != (*y)->from)
		return (*x)->from < (*y)->from ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

/* A mark holds from before the first event whose time is not earlier. */
static bool add_cleans(struct list *l, const struct graph *g)
{
	if (!g->n_cleans)
		return true;
	bool ok = true;
	const struct graph_clean **order =
	    xt_calloc(g->n_cleans, sizeof(struct graph_clean *));
	if (!order)
		return false;
	for (uint32_t i = 0; i < g->n_cleans; i++)
		order[i] = &g->cleans[i];
	qsort(order, g->n_cleans, sizeof(struct graph_clean *), by_from);
	uint32_t k = 0;
	for (uint32_t i = 0; i < g->n_events && k < g->n_cleans && ok; i++) {
		const struct graph_tx *tx = &g->txs[g->event_tx[i]];
		if (tx->time_kind == GRAPH_TIME_NONE)
			continue;
		for (; k < g->n_cleans && order[k]->from <= tx->time && ok; k++)
			ok = add(l, i, TAINT_ACT_CLEAN,
				 (uint32_t)(order[k] - g->cleans));
	}
	free(order);
	return ok;
}

enum xt_status taint_actions(struct taint_state *st, struct xt_err *err)
{
	const struct graph *g = st->g;
	struct list l = { NULL, 0, 0, false };
	bool ok = room(&l, (size_t)g->n_seeds + 16);
	for (uint32_t i = 0; i < g->n_seeds && ok; i++) {
		const struct graph_seed *s = &g->seeds[i];
		if (s->kind == GRAPH_SEED_TX || s->kind == GRAPH_SEED_REFUND)
			ok = add_tx_seed(&l, g, i);
		else if (s->kind == GRAPH_SEED_BALANCE)
			ok = add(&l, s->height ? taint_after_height(g, s->height) : 0,
				 TAINT_ACT_BALANCE, i);
	}
	ok = ok && add_windows(&l, g) && add_cleans(&l, g);
	if (!ok) {
		free(l.v);
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for seeds");
	}
	if (l.mixed)
		qsort(l.v, l.n, sizeof(*l.v), by_event);
	st->actions = l.v;
	st->n_actions = l.n;
	return XT_OK;
}

static enum xt_status act_balance(struct taint_state *st, uint32_t event,
				  uint32_t index, struct xt_err *err)
{
	const struct graph *g = st->g;
	const struct graph_seed *s = &g->seeds[index];
	const struct taint_acct *acct = &st->acct[s->account];
	if (acct->t == TAINT_STOP)
		return xt_fail(
		    err, XT_E_DATA,
		    "seed %s: account %s is a service, whose balance is not traced: "
		    "name the transactions instead",
		    g->theft[s->theft], g->party[s->account].s);
	const uint64_t want = s->amount == GRAPH_SEED_ALL ? acct->balance : s->amount;
	if (want > acct->balance)
		return xt_fail(
		    err, XT_E_DATA,
		    "seed %s: account %s at height %u: %llu uXEM are to be dirty, and "
		    "it held %llu",
		    g->theft[s->theft], g->party[s->account].s, s->height,
		    (unsigned long long)want, (unsigned long long)acct->balance);
	if (acct->t == TAINT_CLEANED) {
		st->sums[s->theft].seeded += want;
		st->sums[s->theft].cleaned += want;
		return XT_OK;
	}
	const uint64_t fresh = st->loop->ops->seed(st, s->account, index, want);
	st->sums[s->theft].seeded += fresh;
	taint_record_change(st, &(struct taint_change){ .event = event,
							.account = s->account,
							.theft = s->theft,
							.seed = index,
							.uxem = fresh });
	if (st->fail != XT_OK)
		return taint_no_room(st, st->event, err);
	return XT_OK;
}

static void act_clean(struct taint_state *st, uint32_t event, uint32_t account)
{
	struct taint_acct *acct = &st->acct[account];
	if (TAINT_IS_MARK(acct->t))
		return;
	if (acct->t) {
		st->loop->ops->clean(st, account);
		taint_record_cleaned(st);
		for (uint32_t j = 0; j < st->n_thefts; j++)
			taint_record_change(
			    st, &(struct taint_change){
				    .event = event,
				    .account = account,
				    .theft = j,
				    .seed = TAINT_NONE,
				    .uxem = st->simple ? st->parcel.t
						       : st->parcel.part[j].t });
	}
	acct->t = TAINT_CLEANED;
}

enum xt_status taint_act(struct taint_state *st, const struct taint_action *a,
			 struct xt_err *err)
{
	if (a->kind == TAINT_ACT_BALANCE) {
		const enum xt_status s = act_balance(st, a->event, a->index, err);
		if (s != XT_OK)
			return s;
	} else {
		act_clean(st, a->event, st->g->cleans[a->index].account);
	}
	if (st->fail != XT_OK)
		return taint_no_room(st, a->event, err);
	if (st->loop->ops->conserves && !taint_sums_hold(st))
		return taint_broken(st, a->event,
				    "a seed or clean mark lost or made taint", err);
	return XT_OK;
}
