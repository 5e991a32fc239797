#include "lots.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct taint_lot) == 16, "four in a line of the cache");

enum xt_status taint_lots_init(struct taint_state *st, struct xt_err *err)
{
	st->lots.of = taint_table((size_t)st->g->n_accounts + 1, sizeof(*st->lots.of));
	if (!st->lots.of)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for lots");
	st->lots.plain = st->simple && !st->opt.lineage;
	return XT_OK;
}

void taint_lots_open(struct taint_state *st, uint32_t a)
{
	struct taint_queue *l = &st->lots.of[a];
	const struct taint_lot all = { .amount = st->acct[a].t,
				       .colour = taint_colour(0),
				       .hop = TAINT_NIL };
	if (l->n == l->head)
		taint_lots_push(st, l, &all);
}

/* cap is 4 << k. */
static unsigned block_of(uint32_t cap)
{
	return (unsigned)__builtin_ctz(cap) - 2;
}

bool taint_lots_room(struct taint_state *st, struct taint_queue *q)
{
	/* What left at the front is room, once it is worth the moving. */
	if (q->head > q->cap / 2) {
		memmove(q->v, q->v + q->head, (q->n - q->head) * sizeof(*q->v));
		q->n -= q->head;
		q->head = 0;
		return true;
	}
	const uint32_t cap = q->cap ? q->cap * 2 : 4;
	struct taint_lot *v = q->cap > UINT32_MAX / 4
				  ? NULL
				  : taint_pool_get(&st->lots.pool, block_of(cap));
	if (!v) {
		st->fail = q->cap > UINT32_MAX / 4 ? XT_E_LIMIT : XT_E_NOMEM;
		return false;
	}
	if (q->cap) {
		memcpy(v, q->v + q->head, (q->n - q->head) * sizeof(*v));
		taint_pool_put(&st->lots.pool, q->v, block_of(q->cap));
	}
	q->n -= q->head;
	q->head = 0;
	q->v = v;
	q->cap = cap;
	return true;
}

void taint_lots_no_parts(struct taint_state *st)
{
	memset(st->parcel.part, 0, (st->n_thefts + 1) * sizeof(*st->parcel.part));
}

void taint_lots_forget(struct taint_state *st, uint32_t a)
{
	struct taint_queue *l = &st->lots.of[a];
	st->lots.live -= l->n - l->head;
	if (l->cap)
		taint_pool_put(&st->lots.pool, l->v, block_of(l->cap));
	*l = (struct taint_queue){ NULL, 0, 0, 0 };
}

/* Take clean units out of [head, n), from one end, in place. */
uint64_t taint_lots_take_clean(struct taint_state *st, struct taint_queue *l,
			       uint64_t q, bool newest)
{
	uint64_t found = 0;
	const uint32_t n = l->n - l->head;
	for (uint32_t k = 0; k < n && found < q; k++) {
		struct taint_lot *lot = &l->v[newest ? l->n - 1 - k : l->head + k];
		if (lot->colour)
			continue;
		const uint64_t x = lot->amount < q - found ? lot->amount : q - found;
		lot->amount -= x;
		found += x;
	}
	taint_lots_push_clean(st, &st->lots.parcel, found);
	/* Close up: emptied lots go, and others may have become neighbours. */
	struct taint_queue out = { l->v, l->head, l->head, l->cap };
	st->lots.live -= n;
	for (uint32_t i = l->head; i < l->n; i++) {
		const struct taint_lot lot = l->v[i];
		if (lot.amount)
			taint_lots_push(st, &out, &lot);
	}
	*l = out;
	return found;
}

void taint_lots_stamp(struct taint_state *st, struct taint_lot *lot)
{
	const uint32_t parent = lot->hop;
	if (parent == TAINT_NIL)
		return; /* for want of room: st->fail is set */
	/* A lot that this very event seeded has its hop already. */
	if (st->hops[parent].event == st->event)
		return;
	lot->hop =
	    taint_hop_add(st, st->event, parent, st->hops[parent].seed, lot->amount);
}

uint64_t taint_lots_recolour(struct taint_state *st, uint32_t seed)
{
	const struct graph_seed *s = &st->g->seeds[seed];
	struct taint_queue *parcel = &st->lots.parcel;
	uint64_t fresh = 0;

	if (!st->parcel.q)
		return 0;
	if (!parcel->n)
		taint_lots_push_clean(st, parcel, st->parcel.q);
	for (uint32_t i = 0; i < parcel->n; i++) {
		struct taint_lot *lot = &parcel->v[i];
		if (lot->colour)
			continue;
		fresh += lot->amount;
		lot->colour = taint_colour(s->theft);
		if (st->opt.lineage)
			lot->hop =
			    taint_hop_add(st, st->event, TAINT_NIL, seed, lot->amount);
	}
	st->sums[s->theft].seeded += fresh;
	if (s->kind == GRAPH_SEED_REFUND)
		st->sums[s->theft].refunded += fresh;
	if (!st->simple) {
		st->parcel.part[s->theft].t += fresh;
		st->parcel.part[st->n_thefts].t += fresh;
	}
	return st->parcel.q;
}

/* Lots that end in a sink: their last hop is the deposit. */
void taint_lots_drop(struct taint_state *st)
{
	struct taint_queue *parcel = &st->lots.parcel;
	if (st->opt.lineage && st->parcel.t)
		for (uint32_t i = 0; i < parcel->n; i++)
			if (parcel->v[i].colour)
				taint_lots_stamp(st, &parcel->v[i]);
	st->lots.live -= parcel->n;
	parcel->n = 0;
}

/* Clean units become dirty from the oldest on: an opening that is dirty in part has its
 * dirty lot first. */
uint64_t taint_lots_seed(struct taint_state *st, uint32_t a, uint32_t seed,
			 uint64_t amount)
{
	const uint32_t theft = st->g->seeds[seed].theft;
	const bool incomplete = !st->simple && st->incomplete[a];
	struct taint_queue *l = &st->lots.of[a];
	struct taint_queue out = { NULL, 0, 0, 0 };
	uint64_t fresh = 0;

	if (!amount || st->acct[a].t == st->acct[a].balance)
		return 0;
	if (!st->acct[a].t)
		taint_lots_push_clean(st, l, st->acct[a].balance);
	for (uint32_t i = l->head; i < l->n; i++) {
		struct taint_lot lot = l->v[i];
		if (!lot.colour && fresh < amount) {
			struct taint_lot dirty = lot;
			if (dirty.amount > amount - fresh)
				dirty.amount = amount - fresh;
			dirty.colour = taint_colour(theft) | incomplete;
			if (st->opt.lineage)
				dirty.hop = taint_hop_add(st, TAINT_NIL, TAINT_NIL,
							  seed, dirty.amount);
			fresh += dirty.amount;
			lot.amount -= dirty.amount;
			taint_lots_push(st, &out, &dirty);
		}
		if (lot.amount)
			taint_lots_push(st, &out, &lot);
	}
	taint_lots_forget(st, a);
	*l = out;
	st->acct[a].t += fresh;
	st->sums[theft].held += fresh;
	taint_lots_close(st, a, st->acct[a].balance);
	if (st->lots.live > st->lots.peak)
		st->lots.peak = st->lots.live;
	return fresh;
}

void taint_lots_held(const struct taint_state *st, uint32_t a, struct taint_part *out)
{
	const struct taint_queue *l = &st->lots.of[a];
	for (uint32_t j = 0; j <= st->n_thefts; j++)
		out[j] = (struct taint_part){ 0, 0 };
	if (st->lots.plain) {
		out[0].t = out[1].t = st->acct[a].t;
		return;
	}
	for (uint32_t i = l->head; i < l->n; i++) {
		const struct taint_lot *lot = &l->v[i];
		if (!lot->colour)
			continue;
		const uint64_t u = lot->colour & 1 ? lot->amount : 0;
		out[taint_colour_theft(lot->colour)].t += lot->amount;
		out[taint_colour_theft(lot->colour)].u += u;
		out[st->n_thefts].t += lot->amount;
		out[st->n_thefts].u += u;
	}
}

void taint_lots_clean(struct taint_state *st, uint32_t a)
{
	struct taint_part *part = st->simple ? st->scratch : st->parcel.part;
	taint_lots_held(st, a, part);
	for (uint32_t j = 0; j < st->n_thefts; j++)
		st->sums[j].held -= part[j].t;
	st->parcel.q = st->acct[a].balance;
	st->parcel.t = st->acct[a].t;
	st->acct[a].t = 0;
	taint_lots_forget(st, a);
}
