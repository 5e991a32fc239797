/* taint/replay: the one replay loop. Each policy's file instantiates it with its own
 * constant hooks (TAINT_REPLAY), so that the compiler inlines the policy's rule. */
#ifndef TAINT_REPLAY_H
#define TAINT_REPLAY_H

#include "policy.h"

#define TAINT_INLINE  static inline __attribute__((always_inline))
#define TAINT_RARE(x) __builtin_expect(!!(x), 0)

/* Above this, amounts stop making sense and sums could overflow. */
#define TAINT_BALANCE_MAX ((uint64_t)INT64_MAX)

/* st->parcel as a clean sender hands it over. */
TAINT_INLINE void taint_clean_parcel(struct taint_state *st, uint64_t q)
{
	st->parcel.q = q;
	st->parcel.t = 0;
	st->lots.parcel.n = 0;
}

/* The sender's side, for one that holds taint. The balance is lowered by the caller. */
TAINT_INLINE enum xt_status taint_leave(struct taint_state *st,
					const struct taint_ops *ops, bool simple,
					uint32_t event, uint64_t q, struct xt_err *err)
{
	const struct graph_event *e = &st->g->events[event];
	struct taint_acct *a = &st->acct[e->from];
	const uint64_t before = a->t;
	const bool absorb = e->to == GRAPH_NONE && st->opt.fees == TAINT_FEE_ABSORB;

	taint_clean_parcel(st, q);
	st->event = event;
	const uint64_t x = st->parcel.t = ops->leave(st, e->from, q, absorb, simple);
	if (ops->conserves &&
	    TAINT_RARE(x > q || a->t != before - x || a->t > a->balance - q))
		return taint_broken(st, event, "taint that left is not what was held",
				    err);
	return XT_OK;
}

/* The receiver's side, where taint arrives or is held, or the receiver is marked. */
TAINT_INLINE enum xt_status taint_arrive(struct taint_state *st,
					 const struct taint_ops *ops, bool simple,
					 uint32_t event, struct xt_err *err)
{
	const uint32_t to = st->g->events[event].to;
	struct taint_acct *b = &st->acct[to];
	const uint64_t q = st->parcel.q;
	const uint64_t x = st->parcel.t;

	if (b->t != TAINT_STOP && TAINT_RARE(q > TAINT_BALANCE_MAX - b->balance))
		return taint_too_much(st, event, err);
	if (TAINT_IS_MARK(b->t)) {
		if (x && b->t == TAINT_STOP)
			taint_record_sink(st, event, to);
		else if (x)
			taint_record_cleaned(st);
		if (x && ops->drop)
			ops->drop(st);
		if (b->t != TAINT_STOP)
			b->balance += q;
		return XT_OK;
	}
	if (x || ops->queue) {
		const uint64_t before = b->t;
		ops->arrive(st, to, simple);
		if (ops->conserves && TAINT_RARE(b->t != before + x))
			return taint_broken(
			    st, event, "taint that arrived is not what was sent", err);
	}
	b->balance += q;
	if (ops->conserves && TAINT_RARE(b->t > b->balance))
		return taint_broken(st, event,
				    "more taint than balance at the receiver", err);
	return XT_OK;
}

TAINT_INLINE void taint_pay_fee(struct taint_state *st, bool simple)
{
	if (!simple) {
		taint_record_fee(st);
		return;
	}
	st->sums[0].fees += st->parcel.t;
	st->fees_total += st->parcel.t;
}

/* After an event that moved taint: what is written down, and the sums. */
TAINT_INLINE enum xt_status taint_settle(struct taint_state *st,
					 const struct taint_ops *ops, bool simple,
					 uint32_t event, struct xt_err *err)
{
	if (st->opt.edges && st->parcel.t)
		taint_record_edges(st, event);
	if (TAINT_RARE(st->fail != XT_OK))
		return taint_no_room(st, event, err);
	if (ops->conserves && TAINT_RARE(simple ? !taint_sums_hold_for(&st->sums[0])
						: !taint_sums_hold(st)))
		return taint_broken(st, event, "taint was lost or made", err);
	return XT_OK;
}

/* Seeds at an event: the clean part of what it carries becomes dirty. */
TAINT_INLINE void taint_recolour(struct taint_state *st, const struct taint_ops *ops,
				 bool simple, uint32_t event, bool parcel,
				 const uint32_t *seeds, uint32_t n_seeds)
{
	st->event = event;
	if (!parcel) {
		taint_clean_parcel(st, graph_amount(&st->g->events[event]));
		for (uint32_t j = 0; !simple && j <= st->n_thefts; j++)
			st->parcel.part[j] = (struct taint_part){ 0, 0 };
	}
	for (uint32_t i = 0; i < n_seeds; i++) {
		const uint32_t theft = st->g->seeds[seeds[i]].theft;
		const uint64_t before = st->sums[theft].seeded;
		st->parcel.t = ops->recolour(st, seeds[i]);
		taint_record_change(
		    st, &(struct taint_change){ .event = event,
						.account = st->g->events[event].to,
						.theft = theft,
						.seed = seeds[i],
						.uxem = st->sums[theft].seeded - before,
						.at_event = true });
	}
}

TAINT_INLINE enum xt_status taint_step(struct taint_state *st,
				       const struct taint_ops *ops, bool simple,
				       uint32_t event, const uint32_t *seeds,
				       uint32_t n_seeds, struct xt_err *err)
{
	const struct graph_event *e = &st->g->events[event];
	const uint64_t q = graph_amount(e);
	bool parcel = false; /* st->parcel is this event's */
	enum xt_status s;

	/* A transfer to oneself moves nothing. */
	if (e->from == e->to)
		return XT_OK;
	struct taint_acct *a = e->from == GRAPH_NONE ? NULL : &st->acct[e->from];
	if (a && a->t != TAINT_STOP) {
		if (TAINT_RARE(a->balance < q))
			return taint_overdrawn(st, event, err);
		if (a->t && a->t != TAINT_CLEANED) {
			s = taint_leave(st, ops, simple, event, q, err);
			if (s != XT_OK)
				return s;
			parcel = true;
		}
		a->balance -= q;
	}
	if (n_seeds) {
		taint_recolour(st, ops, simple, event, parcel, seeds, n_seeds);
		parcel = true;
	}
	const uint64_t x = parcel ? st->parcel.t : 0;
	if (e->to == GRAPH_NONE) {
		if (!x)
			return XT_OK;
		taint_pay_fee(st, simple);
		if (ops->drop)
			ops->drop(st);
		return taint_settle(st, ops, simple, event, err);
	}
	struct taint_acct *b = &st->acct[e->to];
	if (!(x | b->t)) {
		if (TAINT_RARE(q > TAINT_BALANCE_MAX - b->balance))
			return taint_too_much(st, event, err);
		b->balance += q;
		return XT_OK;
	}
	if (!parcel)
		taint_clean_parcel(st, q);
	s = taint_arrive(st, ops, simple, event, err);
	if (s != XT_OK || !(x || ops->queue))
		return s;
	return taint_settle(st, ops, simple, event, err);
}

/* Accounts are met in no order of memory: ask for them some events ahead. Far enough
 * that they arrive in time, near enough that they are still there (measured: 100 to
 * 400). */
#define TAINT_AHEAD 256
TAINT_INLINE void taint_prefetch(const struct taint_state *st, uint32_t event)
{
	const struct graph_event *e = &st->g->events[event];
	/* GRAPH_NONE asks for an address that is never read, which is harmless. */
	const uintptr_t base = (uintptr_t)st->acct;
	__builtin_prefetch((const void *)(base + e->from * sizeof(*st->acct)), 1);
	__builtin_prefetch((const void *)(base + e->to * sizeof(*st->acct)), 1);
}

/* Nearer, where the account is at hand: its queue, then (`lots`) both ends of it. */
TAINT_INLINE void taint_prefetch_queue(const struct taint_state *st, uint32_t account,
				       bool lots)
{
	if (account == GRAPH_NONE || !st->acct[account].t)
		return;
	const struct taint_queue *q = &st->lots.of[account];
	if (!lots) {
		__builtin_prefetch(q, 1);
	} else if (q->v) {
		__builtin_prefetch(q->v + q->head, 1);
		__builtin_prefetch(q->v + q->n, 1);
	}
}

TAINT_INLINE void taint_prefetch_queues(const struct taint_state *st, uint32_t event,
					bool lots)
{
	const struct graph_event *e = &st->g->events[event];
	taint_prefetch_queue(st, e->from, lots);
	taint_prefetch_queue(st, e->to, lots);
}

/* An event between accounts where no taint can move and nobody is marked: balances
 * alone. False: it is not such an event, or must be refused; nothing was changed. */
TAINT_INLINE bool taint_clean_event(const struct taint_ops *ops,
				    struct taint_acct *acct,
				    const struct graph_event *e)
{
	const uint64_t q = graph_amount(e);
	if (e->from == e->to)
		return true;
	if (e->from == GRAPH_NONE || e->to == GRAPH_NONE) {
		struct taint_acct *a = &acct[e->to == GRAPH_NONE ? e->from : e->to];
		if (e->to != GRAPH_NONE || a->t || a->balance < q)
			return false;
		a->balance -= q;
		return true;
	}
	struct taint_acct *a = &acct[e->from];
	struct taint_acct *b = &acct[e->to];
	/* A pool that is paid with clean units does not change; a queue does. */
	if (a->t || a->balance < q || (ops->queue ? b->t != 0 : TAINT_IS_MARK(b->t)) ||
	    q > TAINT_BALANCE_MAX - b->balance)
		return false;
	a->balance -= q;
	b->balance += q;
	return true;
}

/* All events but seeds; `step` is taint_step() for these ops. */
TAINT_INLINE enum xt_status taint_events(
    struct taint_state *st, const struct taint_ops *ops,
    enum xt_status (*step)(struct taint_state *st, uint32_t event, struct xt_err *err),
    uint32_t from, uint32_t to, struct xt_err *err)
{
	const struct graph_event *events = st->g->events;
	struct taint_acct *acct = st->acct;
	const uint32_t last = st->g->n_events - 1;
	for (uint32_t i = from; i < to; i++) {
		taint_prefetch(st, last - i < TAINT_AHEAD ? last : i + TAINT_AHEAD);
		if (ops->queue && last - i >= TAINT_AHEAD / 2) {
			taint_prefetch_queues(st, i + TAINT_AHEAD / 2, false);
			taint_prefetch_queues(st, i + TAINT_AHEAD / 4, true);
		}
		if (taint_clean_event(ops, acct, &events[i]))
			continue;
		const enum xt_status s = step(st, i, err);
		if (TAINT_RARE(s != XT_OK))
			return s;
	}
	return XT_OK;
}

/* NAME_loop, made of the constant struct taint_ops NAME_ops. */
#define TAINT_REPLAY(name)                                                             \
	static __attribute__((noinline)) enum xt_status name##_simple(                 \
	    struct taint_state *st, uint32_t event, struct xt_err *err)                \
	{                                                                              \
		return taint_step(st, &name##_ops, true, event, NULL, 0, err);         \
	}                                                                              \
	static __attribute__((noinline)) enum xt_status name##_general(                \
	    struct taint_state *st, uint32_t event, struct xt_err *err)                \
	{                                                                              \
		return taint_step(st, &name##_ops, false, event, NULL, 0, err);        \
	}                                                                              \
	static enum xt_status name##_run(struct taint_state *st, uint32_t from,        \
					 uint32_t to, struct xt_err *err)              \
	{                                                                              \
		if (st->simple)                                                        \
			return taint_events(st, &name##_ops, name##_simple, from, to,  \
					    err);                                      \
		return taint_events(st, &name##_ops, name##_general, from, to, err);   \
	}                                                                              \
	static enum xt_status name##_one(struct taint_state *st, uint32_t event,       \
					 const uint32_t *seeds, uint32_t n_seeds,      \
					 struct xt_err *err)                           \
	{                                                                              \
		return taint_step(st, &name##_ops, st->simple, event, seeds, n_seeds,  \
				  err);                                                \
	}                                                                              \
	static const struct taint_loop name##_loop = { &name##_ops, name##_run,        \
						       name##_one }

#endif
