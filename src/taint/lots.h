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
bool taint_lots_room(struct taint_state *st, struct taint_queue **l);

TAINT_INLINE struct taint_tag *taint_tags(struct taint_queue *q)
{
	return (struct taint_tag *)(q->v + q->cap);
}

TAINT_INLINE struct taint_lot taint_lot_at(const struct taint_state *st,
					   const struct taint_queue *q, uint32_t i)
{
	const uint64_t w = q->v[i];
	if (st->lots.plain)
		return (struct taint_lot){ w >> 1, w & 1 ? taint_colour(0) : 0,
					   TAINT_NIL };
	const struct taint_tag t = ((const struct taint_tag *)(q->v + q->cap))[i];
	return (struct taint_lot){ w >> 1, t.colour, t.hop };
}

/* Put a lot at the end; neighbours of one colour and history are one lot. This one in
 * plain runs. */
TAINT_INLINE void taint_lots_push_word(struct taint_state *st, struct taint_queue **l,
				       uint64_t w)
{
	struct taint_queue *q = *l;
	if (q->n > q->head && !((q->v[q->n - 1] ^ w) & 1)) {
		q->v[q->n - 1] += w & ~UINT64_C(1);
		return;
	}
	if (TAINT_RARE(q->n == q->cap)) {
		if (!taint_lots_room(st, l))
			return;
		q = *l;
	}
	q->v[q->n++] = w;
	st->lots.live++;
}

TAINT_INLINE void taint_lots_push(struct taint_state *st, struct taint_queue **l,
				  const struct taint_lot *lot)
{
	const uint64_t w = lot->amount << 1 | (lot->colour != 0);
	struct taint_queue *q = *l;
	if (st->lots.plain) {
		taint_lots_push_word(st, l, w);
		return;
	}
	if (q->n > q->head) {
		const struct taint_tag last = taint_tags(q)[q->n - 1];
		if (last.colour == lot->colour && last.hop == lot->hop) {
			q->v[q->n - 1] += lot->amount << 1;
			return;
		}
	}
	if (TAINT_RARE(q->n == q->cap)) {
		if (!taint_lots_room(st, l))
			return;
		q = *l;
	}
	q->v[q->n] = w;
	taint_tags(q)[q->n++] = (struct taint_tag){ lot->colour, lot->hop };
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
		struct taint_lot lot = taint_lot_at(st, l, l->head);
		if (lot.amount > q) {
			lot.amount = q;
			l->v[l->head] -= q << 1;
			return x + taint_lots_send(st, &lot, simple);
		}
		q -= lot.amount;
		x += taint_lots_send(st, &lot, simple);
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
	while (q && l->v[i - 1] >> 1 <= q)
		q -= l->v[--i] >> 1;
	if (q) {
		struct taint_lot part = taint_lot_at(st, l, i - 1);
		part.amount = q;
		l->v[i - 1] -= q << 1;
		x = taint_lots_send(st, &part, simple);
	}
	for (uint32_t k = i; k < l->n; k++) {
		const struct taint_lot lot = taint_lot_at(st, l, k);
		x += taint_lots_send(st, &lot, simple);
	}
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
uint64_t taint_lots_take_clean(struct taint_state *st, uint32_t a, uint64_t q,
			       bool newest);
void taint_lots_drop(struct taint_state *st);

TAINT_INLINE uint64_t taint_lots_leave(struct taint_state *st, uint32_t a, uint64_t q,
				       bool absorb, bool simple, bool newest)
{
	const uint64_t left = st->acct[a].balance - q;

	taint_lots_open(st, a);
	if (!simple)
		taint_lots_no_parts(st);
	if (TAINT_RARE(absorb))
		q -= taint_lots_take_clean(st, a, q, newest);
	struct taint_queue *l = st->lots.of[a];
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
TAINT_INLINE void taint_lots_push_clean(struct taint_state *st, struct taint_queue **l,
					uint64_t amount)
{
	const struct taint_lot lot = { .amount = amount, .hop = TAINT_NIL };
	if (amount)
		taint_lots_push(st, l, &lot);
}

TAINT_INLINE void taint_lots_arrive(struct taint_state *st, uint32_t b, bool simple)
{
	struct taint_acct *acct = &st->acct[b];
	struct taint_queue **l = &st->lots.of[b];
	struct taint_queue *parcel = st->lots.parcel;

	if (acct->t)
		taint_lots_open(st, b);
	else
		taint_lots_push_clean(st, l, acct->balance);
	if (!parcel->n)
		taint_lots_push_clean(st, l, st->parcel.q);
	for (uint32_t i = 0; i < parcel->n; i++) {
		struct taint_lot lot = taint_lot_at(st, parcel, i);
		if (lot.colour) {
			st->sums[taint_colour_theft(lot.colour)].held += lot.amount;
			acct->t += lot.amount;
			if (!simple && st->incomplete[b])
				lot.colour |= 1;
			if (st->opt.lineage)
				taint_lots_stamp(st, &lot);
		}
		taint_lots_push(st, l, &lot);
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

/* Where q units end that leave a queue of a plain run: whole lots from that end on, then
 * `rest` units of the lot `last` (all of it, perhaps). */
struct taint_cut {
	uint32_t last;
	uint64_t rest;
	uint64_t dirty; /* of the q */
};

TAINT_INLINE struct taint_cut taint_lots_cut(const struct taint_queue *l, uint64_t q,
					     bool newest)
{
	struct taint_cut c = { newest ? l->n - 1 : l->head, q, 0 };
	uint64_t w = l->v[c.last];
	while (TAINT_RARE(w >> 1 < c.rest)) {
		c.dirty += (w >> 1) & -(w & 1);
		c.rest -= w >> 1;
		c.last += newest ? UINT32_MAX : 1;
		w = l->v[c.last];
	}
	c.dirty += c.rest & -(w & 1);
	return c;
}

/* Those units put at the end of a queue, oldest first. */
TAINT_INLINE void taint_lots_copy(struct taint_state *st, const struct taint_queue *l,
				  const struct taint_cut *c, struct taint_queue **to,
				  bool newest)
{
	const uint64_t part = c->rest << 1 | (l->v[c->last] & 1);
	if (newest)
		taint_lots_push_word(st, to, part);
	for (uint32_t i = newest ? c->last + 1 : l->head; i < (newest ? l->n : c->last);
	     i++)
		taint_lots_push_word(st, to, l->v[i]);
	if (!newest)
		taint_lots_push_word(st, to, part);
}

/* Those units taken away. */
TAINT_INLINE void taint_lots_cut_off(struct taint_state *st, struct taint_queue *l,
				     const struct taint_cut *c, bool newest)
{
	const uint32_t lots = l->n - l->head;
	const bool all = l->v[c->last] >> 1 == c->rest;
	l->v[c->last] -= c->rest << 1;
	if (newest)
		l->n = c->last + !all;
	else
		l->head = c->last + all;
	st->lots.live -= lots - (l->n - l->head);
}

/* In a plain run, to an account without a mark, or into a fee. */
TAINT_INLINE bool taint_lots_quick(struct taint_state *st, const struct graph_event *e,
				   struct taint_acct *a, struct taint_acct *b,
				   bool newest, uint64_t *moved)
{
	const uint64_t q = graph_amount(e);
	const uint64_t got = b->balance + q;
	const bool mark = TAINT_IS_MARK(a->t); /* sends clean units */
	const bool mixed = !mark && a->t && a->t != a->balance;
	if (TAINT_RARE(TAINT_IS_MARK(b->t)) || !q)
		return false;
	struct taint_queue *from = mixed ? st->lots.of[e->from] : NULL;
	struct taint_cut cut = { 0, q, 0 };
	if (mixed)
		cut = taint_lots_cut(from, q, newest);
	else if (!mark && a->t)
		cut.dirty = q;
	const uint64_t x = cut.dirty;
	const uint64_t keeps = a->t - x;
	const uint64_t has = b->t + x;
	if (!mark && !taint_conserves(a, b, q, x, keeps, has))
		return false;
	*moved = x;
	if (e->to != GRAPH_NONE && has && has != got) {
		struct taint_queue **to = &st->lots.of[e->to];
		if ((*to)->n == (*to)->head && b->balance)
			taint_lots_push_word(st, to, b->balance << 1 | (b->t != 0));
		if (mixed)
			taint_lots_copy(st, from, &cut, to, newest);
		else
			taint_lots_push_word(st, to, q << 1 | (x != 0));
	}
	if (mixed) {
		taint_lots_cut_off(st, from, &cut, newest);
		if (!keeps || keeps == a->balance - q)
			taint_lots_forget(st, e->from);
	}
	if (st->lots.live > st->lots.peak)
		st->lots.peak = st->lots.live;
	a->t = keeps;
	b->t = has;
	return st->fail == XT_OK;
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
