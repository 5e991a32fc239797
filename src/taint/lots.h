/* taint/lots: hooks of the policies whose account is a queue of lots. An account
 * without taint has no lots: all of its balance is one clean lot. Lots of an account
 * lie in one array, oldest first, so that moving many of them is reading memory in
 * order. */
#ifndef TAINT_LOTS_H
#define TAINT_LOTS_H

#include "replay.h"

TAINT_INLINE uint32_t taint_colour(uint32_t theft)
{
	return theft * 2 + 2;
}

TAINT_INLINE uint32_t taint_colour_theft(uint32_t colour)
{
	return colour / 2 - 1;
}

/* Room for one lot more; false, and st->fail, when there is none. */
bool taint_lots_room(struct taint_state *st, struct taint_queue *q);

/* Put a lot at the end; neighbours of one colour and history are one lot. */
TAINT_INLINE void taint_lots_push(struct taint_state *st, struct taint_queue *q,
				  const struct taint_lot *lot)
{
	if (q->n > q->head) {
		struct taint_lot *last = &q->v[q->n - 1];
		if (last->colour == lot->colour && last->hop == lot->hop) {
			last->amount += lot->amount;
			return;
		}
	}
	if (TAINT_RARE(q->n == q->cap) && !taint_lots_room(st, q))
		return;
	q->v[q->n++] = *lot;
	st->lots.live++;
}

/* Count a lot as having left for the parcel, and put it there; returns its taint. */
TAINT_INLINE uint64_t taint_lots_send(struct taint_state *st,
				      const struct taint_lot *lot, bool simple)
{
	taint_lots_push(st, &st->lots.parcel, lot);
	if (!lot->colour)
		return 0;
	const uint32_t j = taint_colour_theft(lot->colour);
	st->sums[j].held -= lot->amount;
	if (!simple) {
		const uint64_t u = lot->colour & 1 ? lot->amount : 0;
		st->parcel.part[j].t += lot->amount;
		st->parcel.part[j].u += u;
		st->parcel.part[st->n_thefts].t += lot->amount;
		st->parcel.part[st->n_thefts].u += u;
	}
	return lot->amount;
}

/* The oldest q units. */
TAINT_INLINE uint64_t taint_lots_oldest(struct taint_state *st, struct taint_queue *l,
					uint64_t q, bool simple)
{
	uint64_t x = 0;
	while (q) {
		struct taint_lot *lot = &l->v[l->head];
		if (lot->amount > q) {
			struct taint_lot part = *lot;
			part.amount = q;
			lot->amount -= q;
			return x + taint_lots_send(st, &part, simple);
		}
		q -= lot->amount;
		x += taint_lots_send(st, lot, simple);
		l->head++;
		st->lots.live--;
	}
	return x;
}

/* The newest q units, in their order of receipt. */
TAINT_INLINE uint64_t taint_lots_newest(struct taint_state *st, struct taint_queue *l,
					uint64_t q, bool simple)
{
	uint64_t x = 0;
	uint32_t i = l->n;
	while (q && l->v[i - 1].amount <= q)
		q -= l->v[--i].amount;
	if (q) {
		struct taint_lot part = l->v[i - 1];
		part.amount = q;
		l->v[i - 1].amount -= q;
		x = taint_lots_send(st, &part, simple);
	}
	for (uint32_t k = i; k < l->n; k++)
		x += taint_lots_send(st, &l->v[k], simple);
	st->lots.live -= l->n - i;
	l->n = i;
	return x;
}

void taint_lots_no_parts(struct taint_state *st);
/* An account lost its last taint, or its last clean unit: its lots go. */
void taint_lots_forget(struct taint_state *st, uint32_t a);
/* An account that holds taint and has no lots is dirty as a whole: give it the one lot
 * that says so. Such accounts are in plain runs alone (struct taint_lots). */
void taint_lots_open(struct taint_state *st, uint32_t a);
/* The other way round: `balance` is what the account holds when the event is over. */
TAINT_INLINE void taint_lots_close(struct taint_state *st, uint32_t a, uint64_t balance)
{
	if (!st->acct[a].t || (st->lots.plain && st->acct[a].t == balance))
		taint_lots_forget(st, a);
}
/* Clean lots first, for fees that are absorbed: returns how many units it found. */
uint64_t taint_lots_take_clean(struct taint_state *st, struct taint_queue *l,
			       uint64_t q, bool newest);
void taint_lots_drop(struct taint_state *st);

TAINT_INLINE uint64_t taint_lots_leave(struct taint_state *st, uint32_t a, uint64_t q,
				       bool absorb, bool simple, bool newest)
{
	struct taint_queue *l = &st->lots.of[a];
	const uint64_t left = st->acct[a].balance - q;

	taint_lots_open(st, a);
	if (!simple)
		taint_lots_no_parts(st);
	if (TAINT_RARE(absorb))
		q -= taint_lots_take_clean(st, l, q, newest);
	const uint64_t x = newest ? taint_lots_newest(st, l, q, simple)
				  : taint_lots_oldest(st, l, q, simple);
	st->acct[a].t -= x;
	taint_lots_close(st, a, left);
	if (!x)
		taint_lots_drop(st); /* a parcel without taint needs no lots */
	return x;
}

/* The hop of this event, for a dirty lot that goes on by it. */
void taint_lots_stamp(struct taint_state *st, struct taint_lot *lot);
/* Clean units as a lot. */
TAINT_INLINE void taint_lots_push_clean(struct taint_state *st, struct taint_queue *l,
					uint64_t amount)
{
	const struct taint_lot lot = { .amount = amount, .hop = TAINT_NIL };
	if (amount)
		taint_lots_push(st, l, &lot);
}

TAINT_INLINE void taint_lots_arrive(struct taint_state *st, uint32_t b, bool simple)
{
	struct taint_acct *acct = &st->acct[b];
	struct taint_queue *l = &st->lots.of[b];
	struct taint_queue *parcel = &st->lots.parcel;

	if (acct->t)
		taint_lots_open(st, b);
	else
		taint_lots_push_clean(st, l, acct->balance);
	if (!parcel->n)
		taint_lots_push_clean(st, l, st->parcel.q);
	for (uint32_t i = 0; i < parcel->n; i++) {
		struct taint_lot *lot = &parcel->v[i];
		if (lot->colour) {
			st->sums[taint_colour_theft(lot->colour)].held += lot->amount;
			acct->t += lot->amount;
			if (!simple && st->incomplete[b])
				lot->colour |= 1;
			if (st->opt.lineage)
				taint_lots_stamp(st, lot);
		}
		taint_lots_push(st, l, lot);
	}
	st->lots.live -= parcel->n;
	parcel->n = 0;
	taint_lots_close(st, b, acct->balance + st->parcel.q);
	if (st->lots.live > st->lots.peak)
		st->lots.peak = st->lots.live;
}

enum xt_status taint_lots_init(struct taint_state *st, struct xt_err *err);
uint64_t taint_lots_recolour(struct taint_state *st, uint32_t seed);
uint64_t taint_lots_seed(struct taint_state *st, uint32_t a, uint32_t seed,
			 uint64_t amount);
void taint_lots_clean(struct taint_state *st, uint32_t a);
void taint_lots_held(const struct taint_state *st, uint32_t a, struct taint_part *out);

/* What leaves is of one lot, in a plain run; between two accounts without marks, or
 * into a fee. */
TAINT_INLINE bool taint_lots_quick(struct taint_state *st, const struct graph_event *e,
				   struct taint_acct *a, struct taint_acct *b,
				   bool newest, uint64_t *moved)
{
	const uint64_t q = graph_amount(e);
	const bool fee = e->to == GRAPH_NONE;
	const uint64_t left = a->balance - q;
	const uint64_t got = b->balance + q;
	struct taint_lot *lot = NULL;
	struct taint_lot part = { .amount = q, .hop = TAINT_NIL };
	if (TAINT_RARE(TAINT_IS_MARK(a->t) || TAINT_IS_MARK(b->t)) || !q ||
	    e->from == GRAPH_NONE)
		return false;
	struct taint_queue *from = &st->lots.of[e->from];
	if (a->t == a->balance) {
		part.colour = taint_colour(0);
	} else if (a->t) {
		lot = &from->v[newest ? from->n - 1 : from->head];
		if (lot->amount < q)
			return false;
		part.colour = lot->colour;
	}
	const uint64_t x = part.colour ? q : 0;
	const uint64_t keeps = a->t - x;
	const uint64_t has = b->t + x;
	if (!taint_conserves(a, b, q, x, keeps, has))
		return false;
	*moved = x;
	if (lot && lot->amount == q) {
		from->n -= newest;
		from->head += !newest;
		st->lots.live--;
	} else if (lot) {
		lot->amount -= q;
	}
	a->t = keeps;
	if (lot && (!keeps || keeps == left))
		taint_lots_forget(st, e->from);
	if (!fee && has && has != got) {
		struct taint_queue *to = &st->lots.of[e->to];
		if (b->t)
			taint_lots_open(st, e->to);
		else
			taint_lots_push_clean(st, to, b->balance);
		taint_lots_push(st, to, &part);
		if (st->lots.live > st->lots.peak)
			st->lots.peak = st->lots.live;
	}
	b->t = has;
	return true;
}

#define TAINT_LOTS_OPS(name, last)                                                     \
	TAINT_INLINE bool name##_quick(                                                \
	    struct taint_state *st, const struct graph_event *e, struct taint_acct *a, \
	    struct taint_acct *b, uint64_t *moved)                                     \
	{                                                                              \
		return taint_lots_quick(st, e, a, b, last, moved);                     \
	}                                                                              \
	TAINT_INLINE uint64_t name##_leave(struct taint_state *st, uint32_t a,         \
					   uint64_t q, bool absorb, bool simple)       \
	{                                                                              \
		return taint_lots_leave(st, a, q, absorb, simple, last);               \
	}                                                                              \
	TAINT_INLINE void name##_arrive(struct taint_state *st, uint32_t b,            \
					bool simple)                                   \
	{                                                                              \
		taint_lots_arrive(st, b, simple);                                      \
	}                                                                              \
	static const struct taint_ops name##_ops = {                                   \
		.conserves = true,                                                     \
		.queue = true,                                                         \
		.newest = (last),                                                      \
		.quick = name##_quick,                                                 \
		.init = taint_lots_init,                                               \
		.leave = name##_leave,                                                 \
		.arrive = name##_arrive,                                               \
		.recolour = taint_lots_recolour,                                       \
		.drop = taint_lots_drop,                                               \
		.seed = taint_lots_seed,                                               \
		.clean = taint_lots_clean,                                             \
		.held = taint_lots_held,                                               \
	}

#endif
