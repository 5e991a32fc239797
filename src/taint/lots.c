#include "lots.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct taint_tag) == sizeof(uint64_t), "a tag for each word");

enum xt_status taint_lots_init(struct taint_state *st, struct xt_err *err)
{
	struct taint_lots *l = &st->lots;
	const size_t n = (size_t)st->g->n_accounts + 1;
	struct taint_queue **of = taint_table(n, sizeof(struct taint_queue *));
	l->none = xt_calloc(1, sizeof(*l->none) + sizeof(uint64_t));
	if (of)
		l->of = of + 1;
	if (!of || !l->none)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for lots");
	for (size_t i = 0; i < n; i++)
		of[i] = l->none;
	l->plain = st->simple && !st->opt.lineage;
	l->parcel = l->none;
	return XT_OK;
}

void taint_lots_free(struct taint_state *st)
{
	taint_table_free(st->lots.of ? st->lots.of - 1 : NULL,
			 (size_t)st->g->n_accounts + 1, sizeof(struct taint_queue *));
	free(st->lots.none);
	taint_pool_release(&st->lots.pool);
}

void taint_lots_open(struct taint_state *st, uint32_t a)
{
	struct taint_queue **l = &st->lots.of[a];
	const struct taint_lot all = { .amount = st->acct[a].t,
				       .colour = taint_colour(0),
				       .hop = TAINT_NIL };
	if ((*l)->n == (*l)->head)
		taint_lots_push(st, l, &all);
}

/* The lots of a queue, to the beginning of another, or of itself. */
static void move_to(const struct taint_state *st, struct taint_queue *q,
		    struct taint_queue *to)
{
	const uint32_t n = q->n - q->head;
	memmove(to->v, q->v + q->head, n * sizeof(*q->v));
	if (!st->lots.plain)
		memmove(taint_tags(to), taint_tags(q) + q->head,
			n * sizeof(struct taint_tag));
	to->head = 0;
	to->n = n;
}

static void give_back(struct taint_state *st, struct taint_queue *q)
{
	if (q->cap)
		taint_pool_put(&st->lots.pool, q, q->k);
}

#define BLOCKS_MAX 28 /* the largest: 64 << 28 bytes, where counts fit 32 bits */

bool taint_lots_room(struct taint_state *st, struct taint_queue **l)
{
	struct taint_queue *q = *l;
	/* What left at the front is room, once it is worth the moving. */
	if (q->head > q->cap / 2) {
		move_to(st, q, q);
		return true;
	}
	const uint32_t k = q->cap ? q->k + 1 : 0;
	struct taint_queue *to =
	    k > BLOCKS_MAX ? NULL : taint_pool_get(&st->lots.pool, k);
	if (!to) {
		st->fail = k > BLOCKS_MAX ? XT_E_LIMIT : XT_E_NOMEM;
		return false;
	}
	const size_t words = (((size_t)64 << k) - sizeof(*to)) / sizeof(uint64_t);
	to->k = k;
	to->cap = (uint32_t)(st->lots.plain ? words : words / 2);
	move_to(st, q, to);
	give_back(st, q);
	*l = to;
	return true;
}

void taint_lots_no_parts(struct taint_state *st)
{
	memset(st->parcel.part, 0, (st->n_thefts + 1) * sizeof(*st->parcel.part));
}

void taint_lots_forget(struct taint_state *st, uint32_t a)
{
	struct taint_queue *q = st->lots.of[a];
	st->lots.live -= q->n - q->head;
	give_back(st, q);
	st->lots.of[a] = st->lots.none;
}

/* Take clean units out of [head, n), from one end, in place. */
uint64_t taint_lots_take_clean(struct taint_state *st, uint32_t a, uint64_t q,
			       bool newest)
{
	struct taint_queue *l = st->lots.of[a];
	uint64_t found = 0;
	const uint32_t n = l->n;
	for (uint32_t k = 0; k < n - l->head && found < q; k++) {
		uint64_t *w = &l->v[newest ? n - 1 - k : l->head + k];
		if (*w & 1)
			continue;
		const uint64_t x = *w >> 1 < q - found ? *w >> 1 : q - found;
		*w -= x << 1;
		found += x;
	}
	taint_lots_push_clean(st, &st->lots.parcel, found);
	/* Close up: emptied lots go, and others may have become neighbours. */
	st->lots.live -= n - l->head;
	l->n = l->head;
	for (uint32_t i = l->head; i < n; i++) {
		const struct taint_lot lot = taint_lot_at(st, l, i);
		if (lot.amount)
			taint_lots_push(st, &st->lots.of[a], &lot);
	}
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
	uint64_t fresh = 0;

	if (!st->parcel.q)
		return 0;
	if (!st->lots.parcel->n)
		taint_lots_push_clean(st, &st->lots.parcel, st->parcel.q);
	struct taint_queue *parcel = st->lots.parcel;
	for (uint32_t i = 0; i < parcel->n; i++) {
		uint64_t *w = &parcel->v[i];
		if (*w & 1)
			continue;
		fresh += *w >> 1;
		if (!st->lots.plain)
			taint_tags(parcel)[i] =
			    (struct taint_tag){ taint_colour(s->theft),
						st->opt.lineage
						    ? taint_hop_add(st, st->event,
								    TAINT_NIL, seed,
								    *w >> 1)
						    : TAINT_NIL };
		*w |= 1;
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
	struct taint_queue *parcel = st->lots.parcel;
	if (st->opt.lineage && st->parcel.t)
		for (uint32_t i = 0; i < parcel->n; i++) {
			struct taint_lot lot = taint_lot_at(st, parcel, i);
			if (lot.colour)
				taint_lots_stamp(st, &lot);
		}
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
	struct taint_queue *out = st->lots.none;
	uint64_t fresh = 0;

	if (!amount || st->acct[a].t == st->acct[a].balance)
		return 0;
	if (st->lots.plain && !st->acct[a].t && amount >= st->acct[a].balance) {
		st->acct[a].t = st->acct[a].balance;
		st->sums[theft].held += st->acct[a].t;
		return st->acct[a].t;
	}
	if (!st->acct[a].t)
		taint_lots_push_clean(st, &st->lots.of[a], st->acct[a].balance);
	const struct taint_queue *l = st->lots.of[a];
	for (uint32_t i = l->head; i < l->n; i++) {
		struct taint_lot lot = taint_lot_at(st, l, i);
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
	st->lots.of[a] = out;
	st->acct[a].t += fresh;
	st->sums[theft].held += fresh;
	taint_lots_close(st, a, st->acct[a].balance);
	if (st->lots.live > st->lots.peak)
		st->lots.peak = st->lots.live;
	return fresh;
}

void taint_lots_held(const struct taint_state *st, uint32_t a, struct taint_part *out)
{
	const struct taint_queue *l = st->lots.of[a];
	for (uint32_t j = 0; j <= st->n_thefts; j++)
		out[j] = (struct taint_part){ 0, 0 };
	if (st->lots.plain) {
		out[0].t = out[1].t = st->acct[a].t;
		return;
	}
	for (uint32_t i = l->head; i < l->n; i++) {
		const struct taint_lot lot = taint_lot_at(st, l, i);
		if (!lot.colour)
			continue;
		const uint64_t u = lot.colour & 1 ? lot.amount : 0;
		out[taint_colour_theft(lot.colour)].t += lot.amount;
		out[taint_colour_theft(lot.colour)].u += u;
		out[st->n_thefts].t += lot.amount;
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
