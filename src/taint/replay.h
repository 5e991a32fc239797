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
	if (st->lots.parcel)
		st->lots.parcel->n = 0;
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
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): an element of acct[] */
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
TAINT_INLINE void taint_prefetch(const struct taint_acct *nobody,
				 const struct graph_event *e)
{
	__builtin_prefetch(&nobody[(uint32_t)(e->from + 1)], 1);
	__builtin_prefetch(&nobody[(uint32_t)(e->to + 1)], 1);
}

/* Queues: where they are, as far as that where many are dirty, else nearer and only where
 * the account, which is at hand then, has taint; nearer still their first line, then the
 * end that the event will touch. */
#define TAINT_AHEAD_QUEUE 48
#define TAINT_AHEAD_LOTS  24
#define TAINT_AHEAD_END   8
TAINT_INLINE void taint_prefetch_queue(const struct taint_state *st, bool level,
				       const struct taint_acct *nobody,
				       uint32_t account)
{
	if (level || (account != GRAPH_NONE && nobody[(size_t)account + 1].t))
		__builtin_prefetch(&(st->lots.of - 1)[(uint32_t)(account + 1)], 1);
}

TAINT_INLINE void taint_prefetch_lots(const struct taint_state *st, bool level,
				      const struct taint_acct *nobody, uint32_t account)
{
	if (level || (account != GRAPH_NONE && nobody[(size_t)account + 1].t))
		__builtin_prefetch((st->lots.of - 1)[(uint32_t)(account + 1)], 1);
}

TAINT_INLINE void taint_prefetch_end(const struct taint_state *st, uint32_t account,
				     bool oldest)
{
	const struct taint_queue *q = (st->lots.of - 1)[(uint32_t)(account + 1)];
	__builtin_prefetch(q->v + (oldest ? q->head : q->n), 1);
}

/* Whether an account holds taint: neither none nor a mark. */
TAINT_INLINE bool taint_dirty(const struct taint_acct *a)
{
	return a->t - 1 < TAINT_CLEANED - 1;
}

/* Nobody's account stands before the first: see state.c. */
TAINT_INLINE struct taint_acct *taint_acct_of(struct taint_acct *nobody, uint32_t a)
{
	return &nobody[(uint32_t)(a + 1)];
}

/* What quick events pay in fees gathers in an account of its own; its taint is a mark
 * where fees are not quick. */
TAINT_INLINE struct taint_acct taint_fees_begin(const struct taint_state *st,
						bool quick)
{
	return (struct taint_acct){ TAINT_OUTSIDE,
				    quick ? st->sums[0].fees : TAINT_STOP };
}

/* It was held before. */
TAINT_INLINE void taint_fees_end(struct taint_state *st, const struct taint_acct *fees)
{
	if (TAINT_IS_MARK(fees->t))
		return;
	const uint64_t paid = fees->t - st->sums[0].fees;
	st->sums[0].fees += paid;
	st->fees_total += paid;
	if (st->loop->ops->conserves)
		st->sums[0].held -= paid;
}

/* Whether a quick event of q units fits and conserves, as it would leave two accounts:
 * they hold together what they held before, so that the equation over all accounts stays
 * as it was. */
TAINT_INLINE bool taint_conserves(const struct taint_acct *a,
				  const struct taint_acct *b, uint64_t q, uint64_t x,
				  uint64_t keeps, uint64_t has)
{
	const uint64_t below =
	    keeps | (a->balance - q - keeps) | (b->balance + q - has) | (q - x);
	return !TAINT_RARE(below > TAINT_BALANCE_MAX) &&
	       !TAINT_RARE(keeps + has != a->t + b->t);
}

TAINT_INLINE void taint_prefetch_all(const struct taint_state *st,
				     const struct taint_ops *ops, bool level,
				     const struct taint_acct *nobody,
				     const struct graph_event *e)
{
	const uint32_t far = (level ? 2 : 1) * TAINT_AHEAD_QUEUE;
	taint_prefetch(nobody, e + (ops->queue ? 2 * TAINT_AHEAD_QUEUE : TAINT_AHEAD));
	if (!ops->queue)
		return;
	taint_prefetch_queue(st, level, nobody, e[far].from);
	taint_prefetch_queue(st, level, nobody, e[far].to);
	taint_prefetch_lots(st, level, nobody, e[TAINT_AHEAD_LOTS].from);
	taint_prefetch_lots(st, level, nobody, e[TAINT_AHEAD_LOTS].to);
	if (!level)
		return;
	taint_prefetch_end(st, e[TAINT_AHEAD_END].from, !ops->newest);
	taint_prefetch_end(st, e[TAINT_AHEAD_END].to, false);
}

/* An event that moves no taint is a test and two sums: a clean sender, whose payment
 * fits both accounts. A pool that is paid with clean units does not change; a queue
 * does. Balances lie below 2^63, so that a top bit is an overdraft or too much. */
TAINT_INLINE bool taint_clean(const struct taint_ops *ops, struct taint_acct *a,
			      struct taint_acct *b, uint64_t q)
{
	const uint64_t left = a->balance - q;
	const uint64_t got = b->balance + q;
	if (TAINT_RARE(a == b) || TAINT_RARE((left | got) > TAINT_BALANCE_MAX) ||
	    TAINT_RARE(taint_dirty(a)) || (ops->queue && TAINT_RARE(taint_dirty(b))))
		return false;
	a->balance = left;
	b->balance = got;
	return true;
}

/* One event between copies of two accounts. False: it is left to taint_step(), and
 * nothing was changed; or st->fail says why. */
TAINT_INLINE bool taint_quick(struct taint_state *st, const struct taint_ops *ops,
			      const struct graph_event *e, struct taint_acct *a,
			      struct taint_acct *b)
{
	const uint64_t q = graph_amount(e);
	const uint64_t left = a->balance - q;
	const uint64_t got = b->balance + q;
	uint64_t x = 0;
	if (TAINT_RARE((left | got) > TAINT_BALANCE_MAX) ||
	    !ops->quick(st, e, a, b, &x))
		return false;
	if (TAINT_RARE(st->opt.edges && x) &&
	    !taint_edge_add(
		st, &(struct taint_edge){ .event = (uint32_t)(e - st->g->events),
					  .uxem = x }))
		return false;
	a->balance = left;
	b->balance = got;
	return true;
}

/* The fee of the transfer `e`, if it is the next event: of the same sender, to nobody.
 * Whether it was done. */
TAINT_INLINE bool taint_quick_fee(struct taint_state *st, const struct taint_ops *ops,
				  bool level, const struct taint_acct *nobody,
				  bool ahead, const struct graph_event *e,
				  struct taint_acct *a, struct taint_acct *fees)
{
	if (e[1].to != GRAPH_NONE || e[1].from != e->from)
		return false;
	if (ahead)
		taint_prefetch_all(st, ops, level, nobody, e + 1);
	return taint_quick(st, ops, e + 1, a, fees);
}

/* All events but seeds; `step` is taint_step() for these ops. `level`: clean senders are
 * as rare as dirty ones, and are not asked for first. `ahead`: there are TAINT_AHEAD
 * events after the last. A transfer that moves taint and its fee are done in one, so that
 * what the sender has left is not read back from where it was just written. */
TAINT_INLINE enum xt_status taint_span(
    struct taint_state *st, const struct taint_ops *ops, bool simple, bool level,
    bool ahead,
    enum xt_status (*step)(struct taint_state *st, uint32_t event, struct xt_err *err),
    uint32_t from, uint32_t to, struct xt_err *err)
{
	const struct graph_event *events = st->g->events;
	const struct graph_event *end = events + to;
	struct taint_acct *nobody = st->acct - 1;
	const bool quick = simple && ops->quick && (!ops->queue || st->lots.plain);
	const bool quick_fees = quick && st->opt.fees == TAINT_FEE_CARRY;
	struct taint_acct fees = taint_fees_begin(st, quick_fees);
	for (const struct graph_event *e = events + from; e < end; e++) {
		struct taint_acct *pa = taint_acct_of(nobody, e->from);
		struct taint_acct *pb = taint_acct_of(nobody, e->to);
		if (ahead)
			taint_prefetch_all(st, ops, level, nobody, e);
		if (!level && taint_clean(ops, pa, pb, graph_amount(e)))
			continue;
		struct taint_acct a = *pa;
		struct taint_acct b = *pb;
		if (quick && !TAINT_RARE(pa == pb) && taint_quick(st, ops, e, &a, &b)) {
			*pb = b;
			if (e + 1 < end)
				e += taint_quick_fee(st, ops, level, nobody, ahead, e,
						     &a, &fees);
			*pa = a;
			continue;
		}
		if (TAINT_RARE(st->fail != XT_OK))
			return taint_no_room(st, (uint32_t)(e - events), err);
		if (level && taint_clean(ops, pa, pb, graph_amount(e)))
			continue;
		taint_fees_end(st, &fees);
		const enum xt_status s = step(st, (uint32_t)(e - events), err);
		if (TAINT_RARE(s != XT_OK))
			return s;
		fees = taint_fees_begin(st, quick_fees);
	}
	taint_fees_end(st, &fees);
	return XT_OK;
}

/* Whether more than one in eight of the senders is dirty, by a sample: then to ask at
 * each event costs more, in branches that the processor guesses wrong, than to treat all
 * alike. What comes out is the same. */
#define TAINT_SAMPLE 256
TAINT_INLINE bool taint_many_dirty(const struct taint_state *st, uint32_t from,
				   uint32_t to)
{
	uint32_t dirty = 0;
	if (to - from < 64 * TAINT_SAMPLE)
		return false;
	for (uint32_t k = 0; k < TAINT_SAMPLE; k++) {
		const struct graph_event *e =
		    &st->g->events[from + k * ((to - from) / TAINT_SAMPLE)];
		dirty += taint_dirty(taint_acct_of(st->acct - 1, e->from));
	}
	return dirty > TAINT_SAMPLE / 8;
}

TAINT_INLINE enum xt_status taint_events(
    struct taint_state *st, const struct taint_ops *ops, bool simple, bool level,
    enum xt_status (*step)(struct taint_state *st, uint32_t event, struct xt_err *err),
    uint32_t from, uint32_t to, struct xt_err *err)
{
	const uint32_t all = st->g->n_events;
	const uint32_t far = all > TAINT_AHEAD ? all - TAINT_AHEAD : 0;
	const uint32_t mid = far < from ? from : far > to ? to : far;
	const enum xt_status s =
	    taint_span(st, ops, simple, level, true, step, from, mid, err);
	if (s != XT_OK)
		return s;
	return taint_span(st, ops, simple, level, false, step, mid, to, err);
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
		if (!st->simple)                                                       \
			return taint_events(st, &name##_ops, false, false,             \
					    name##_general, from, to, err);            \
		if (taint_many_dirty(st, from, to))                                    \
			return taint_events(st, &name##_ops, true, true,               \
					    name##_simple, from, to, err);             \
		return taint_events(st, &name##_ops, true, false, name##_simple, from, \
				    to, err);                                          \
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
