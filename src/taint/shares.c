#include "shares.h"

#include <stdlib.h>
#include <string.h>

enum xt_status taint_shares_init(struct taint_state *st, struct xt_err *err)
{
	if (st->simple)
		return XT_OK;
	st->rows.of = xt_calloc((size_t)st->g->n_accounts + 1, sizeof(*st->rows.of));
	if (!st->rows.of)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for shares");
	return XT_OK;
}

/* The row of an account, made if it has none. NULL, and st->fail, when memory is out.
 */
struct taint_part *taint_shares_row(struct taint_state *st, uint32_t a)
{
	struct taint_rows *r = &st->rows;
	if (r->of[a])
		return r->v + (size_t)(r->of[a] - 1) * st->n_thefts;
	uint32_t row;
	if (r->n_free) {
		row = r->free[--r->n_free];
	} else {
		if (r->n == r->cap) {
			const uint32_t cap = r->cap ? r->cap + r->cap / 2 : 64;
			void *v = xt_reallocarray(r->v, (size_t)cap * st->n_thefts,
						  sizeof(*r->v));
			if (v)
				r->v = v;
			void *f =
			    v ? xt_reallocarray(r->free, cap, sizeof(*r->free)) : NULL;
			if (!f) {
				st->fail = XT_E_NOMEM;
				return NULL;
			}
			r->free = f;
			r->cap = cap;
		}
		row = r->n++;
	}
	r->of[a] = row + 1;
	struct taint_part *v = r->v + (size_t)row * st->n_thefts;
	memset(v, 0, st->n_thefts * sizeof(*v));
	return v;
}

void taint_shares_release(struct taint_state *st, uint32_t a)
{
	if (!st->rows.of[a])
		return;
	st->rows.free[st->rows.n_free++] = st->rows.of[a] - 1;
	st->rows.of[a] = 0;
}

/* Move floor(t_j * num / den) of each theft, then one unit more of those whose floor
 * cut off most, the earlier theft first among equals, until `want` units have moved, or
 * all that the floors gave if that is more. */
static void split(struct taint_state *st, struct taint_part *row, uint64_t num,
		  uint64_t den, uint64_t want)
{
	uint64_t *rest = st->remainder;
	uint64_t moved = 0;
	for (uint32_t j = 0; j < st->n_thefts; j++) {
		const uint64_t x = taint_muldiv(row[j].t, num, den);
		/* Exact modulo 2^64, since the remainder is below den. */
		rest[j] = row[j].t * num - x * den;
		moved += x;
		st->scratch[j].t = x;
	}
	while (moved < want) {
		uint32_t best = 0;
		for (uint32_t j = 1; j < st->n_thefts; j++)
			if (rest[j] > rest[best])
				best = j;
		if (!rest[best])
			break; /* cannot be: see docs/policies.md */
		rest[best] = 0;
		st->scratch[best].t++;
		moved++;
	}
	for (uint32_t j = 0; j < st->n_thefts; j++)
		if (st->scratch[j].t)
			taint_move_part(st, &row[j], j, st->scratch[j].t);
}

uint64_t taint_shares_leave_parts(struct taint_state *st, enum taint_share_rule rule,
				  uint32_t a, uint64_t q)
{
	struct taint_acct *acct = &st->acct[a];
	struct taint_part *row =
	    st->rows.v + (size_t)(st->rows.of[a] - 1) * st->n_thefts;
	memset(st->parcel.part, 0, (st->n_thefts + 1) * sizeof(*st->parcel.part));
	/* At least what the rest of the balance cannot hold: floors of several thefts
	 * may add up to less. */
	const uint64_t least =
	    taint_share(TAINT_SHARE_CLEAN, acct->balance, acct->t, q);
	if (!q) {
		/* Nothing leaves; the balance may be 0 only without taint. */
	} else if (rule == TAINT_SHARE_HAIRCUT) {
		split(st, row, q, acct->balance, least);
	} else {
		const uint64_t x = taint_share(rule, acct->balance, acct->t, q);
		if (x)
			split(st, row, x, acct->t, x);
	}
	const uint64_t x = st->parcel.part[st->n_thefts].t;
	acct->t -= x;
	if (!acct->t)
		taint_shares_release(st, a);
	return x;
}

void taint_shares_arrive_parts(struct taint_state *st, uint32_t b)
{
	if (!st->parcel.t)
		return;
	struct taint_part *row = taint_shares_row(st, b);
	if (!row)
		return;
	for (uint32_t j = 0; j < st->n_thefts; j++) {
		const struct taint_part p = st->parcel.part[j];
		row[j].t += p.t;
		row[j].u += st->incomplete[b] ? p.t : p.u;
		st->acct[b].t += p.t;
		st->sums[j].held += p.t;
	}
}

uint64_t taint_shares_recolour(struct taint_state *st, uint32_t seed)
{
	const struct graph_seed *s = &st->g->seeds[seed];
	const uint64_t fresh = st->parcel.q - st->parcel.t;
	st->sums[s->theft].seeded += fresh;
	if (s->kind == GRAPH_SEED_REFUND)
		st->sums[s->theft].refunded += fresh;
	if (!st->simple) {
		st->parcel.part[s->theft].t += fresh;
		st->parcel.part[st->n_thefts].t += fresh;
	}
	return st->parcel.q;
}

uint64_t taint_shares_seed(struct taint_state *st, uint32_t a, uint32_t seed,
			   uint64_t amount)
{
	const uint32_t theft = st->g->seeds[seed].theft;
	const uint64_t clean = st->acct[a].balance - st->acct[a].t;
	const uint64_t fresh = amount < clean ? amount : clean;
	if (!fresh)
		return 0;
	if (!st->simple) {
		struct taint_part *row = taint_shares_row(st, a);
		if (!row)
			return 0;
		row[theft].t += fresh;
		if (st->incomplete[a])
			row[theft].u += fresh;
	}
	st->acct[a].t += fresh;
	st->sums[theft].held += fresh;
	return fresh;
}

void taint_shares_clean(struct taint_state *st, uint32_t a)
{
	struct taint_acct *acct = &st->acct[a];
	st->parcel.q = acct->balance;
	st->parcel.t = acct->t;
	if (st->simple) {
		st->sums[0].held -= acct->t;
	} else if (acct->t) {
		taint_shares_held(st, a, st->parcel.part);
		for (uint32_t j = 0; j < st->n_thefts; j++)
			st->sums[j].held -= st->parcel.part[j].t;
		taint_shares_release(st, a);
	}
	acct->t = 0;
}

void taint_shares_held(const struct taint_state *st, uint32_t a, struct taint_part *out)
{
	if (st->simple) {
		out[0] = out[1] = (struct taint_part){ .t = st->acct[a].t };
		return;
	}
	const struct taint_part *row =
	    st->rows.of[a] ? st->rows.v + (size_t)(st->rows.of[a] - 1) * st->n_thefts
			   : NULL;
	struct taint_part all = { 0, 0 };
	for (uint32_t j = 0; j < st->n_thefts; j++) {
		out[j] = row ? row[j] : (struct taint_part){ 0, 0 };
		all.t += out[j].t;
		all.u += out[j].u;
	}
	out[st->n_thefts] = all;
}
