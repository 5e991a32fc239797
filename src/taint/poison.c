/* poison: an account that ever held taint sends nothing clean again. Answers who could
 * have; thefts overlap, nothing is conserved. acct.t is 1 once tainted. */
#include "replay.h"

#include <string.h>

static enum xt_status poison_init(struct taint_state *st, struct xt_err *err)
{
	if (st->simple)
		return XT_OK;
	/* Bits of thefts, then the same for those that came through incomplete
	 * accounts. */
	st->mask_words = 2 * ((st->n_thefts + 63) / 64);
	st->mask = xt_calloc((size_t)st->g->n_accounts + 1,
			     st->mask_words * sizeof(*st->mask));
	if (!st->mask)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for poison");
	return XT_OK;
}

static uint64_t *mask_of(const struct taint_state *st, uint32_t a)
{
	return st->mask + (size_t)a * st->mask_words;
}

static bool has(const uint64_t *mask, uint32_t j)
{
	return mask[j / 64] >> (j % 64) & 1;
}

static void set(uint64_t *mask, uint32_t j)
{
	mask[j / 64] |= UINT64_C(1) << (j % 64);
}

/* Parts as if q units of the account were all that each of its thefts could be. */
static void poison_parts(const struct taint_state *st, uint32_t a, uint64_t q,
			 struct taint_part *out)
{
	const uint64_t *m = mask_of(st, a);
	const uint64_t *through = m + st->mask_words / 2;
	struct taint_part all = { 0, 0 };
	for (uint32_t j = 0; j < st->n_thefts; j++) {
		out[j].t = has(m, j) ? q : 0;
		out[j].u = has(through, j) ? q : 0;
		all.t |= out[j].t;
		all.u |= out[j].u;
	}
	out[st->n_thefts] = all;
}

TAINT_INLINE uint64_t poison_leave(struct taint_state *st, uint32_t a, uint64_t q,
				   bool absorb, bool simple)
{
	(void)absorb; /* a poisoned account has no clean money to pay fees with */
	if (!simple)
		poison_parts(st, a, q, st->parcel.part);
	return q;
}

TAINT_INLINE void poison_arrive(struct taint_state *st, uint32_t b, bool simple)
{
	st->acct[b].t = 1;
	if (simple)
		return;
	uint64_t *m = mask_of(st, b);
	for (uint32_t j = 0; j < st->n_thefts; j++) {
		if (!st->parcel.part[j].t)
			continue;
		set(m, j);
		if (st->parcel.part[j].u || st->incomplete[b])
			set(m + st->mask_words / 2, j);
	}
}

TAINT_INLINE bool poison_quick(struct taint_state *st, const struct graph_event *e,
			       struct taint_acct *a, struct taint_acct *b,
			       uint64_t *moved)
{
	(void)st;
	if (TAINT_RARE((a->t | b->t) >> 63))
		return false;
	const uint64_t x = graph_amount(e) & -a->t;
	if (e->to == GRAPH_NONE)
		b->t += x;
	else
		b->t |= x != 0;
	*moved = x;
	return true;
}

static uint64_t poison_recolour(struct taint_state *st, uint32_t seed)
{
	const struct graph_seed *s = &st->g->seeds[seed];
	const uint64_t q = st->parcel.q;
	const uint64_t fresh =
	    q - (st->simple ? st->parcel.t : st->parcel.part[s->theft].t);
	st->sums[s->theft].seeded += fresh;
	if (s->kind == GRAPH_SEED_REFUND)
		st->sums[s->theft].refunded += fresh;
	if (!st->simple)
		st->parcel.part[s->theft].t = st->parcel.part[st->n_thefts].t = q;
	return q;
}

static uint64_t poison_seed(struct taint_state *st, uint32_t a, uint32_t seed,
			    uint64_t amount)
{
	const uint32_t theft = st->g->seeds[seed].theft;
	if (!amount)
		return 0;
	st->acct[a].t = 1;
	if (st->simple)
		return amount;
	set(mask_of(st, a), theft);
	if (st->incomplete[a])
		set(mask_of(st, a) + st->mask_words / 2, theft);
	return amount;
}

static void poison_held(const struct taint_state *st, uint32_t a,
			struct taint_part *out)
{
	if (st->simple)
		out[0] = out[1] =
		    (struct taint_part){ .t = st->acct[a].t == 1 ? st->acct[a].balance
								 : 0 };
	else
		poison_parts(st, a, st->acct[a].balance, out);
}

static void poison_clean(struct taint_state *st, uint32_t a)
{
	st->parcel.q = st->acct[a].balance;
	st->parcel.t = st->acct[a].t ? st->parcel.q : 0;
	if (!st->simple) {
		poison_held(st, a, st->parcel.part);
		memset(mask_of(st, a), 0, st->mask_words * sizeof(*st->mask));
	}
	st->acct[a].t = 0;
}

static const struct taint_ops poison_ops = {
	.conserves = false,
	.quick = poison_quick,
	.init = poison_init,
	.leave = poison_leave,
	.arrive = poison_arrive,
	.recolour = poison_recolour,
	.seed = poison_seed,
	.clean = poison_clean,
	.held = poison_held,
};
TAINT_REPLAY(poison);

const struct taint_policy taint_poison = {
	.name = "poison",
	.summary = "everything that a once tainted account sends: who could have",
	.conserves = false,
	.ops = &poison_loop,
};
