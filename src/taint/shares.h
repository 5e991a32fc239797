/* taint/shares: hooks of the policies whose account is a pool: taint is an amount a
 * theft without a place. What differs is the rule for how much leaves. */
#ifndef TAINT_SHARES_H
#define TAINT_SHARES_H

#include "replay.h"

enum taint_share_rule { TAINT_SHARE_HAIRCUT, TAINT_SHARE_DIRTY, TAINT_SHARE_CLEAN };

/* floor(a * b / den) for a <= den or b <= den, den > 0: so the result fits, which the
 * compiler cannot know and the processor's own division needs. */
TAINT_INLINE uint64_t taint_muldiv(uint64_t a, uint64_t b, uint64_t den)
{
	const xt_u128 p = (xt_u128)a * b;
#if defined(__x86_64__)
	uint64_t quotient;
	uint64_t rest;
	__asm__("divq %4"
		: "=a"(quotient), "=d"(rest)
		: "a"((uint64_t)p), "d"((uint64_t)(p >> 64)), "r"(den)
		: "cc");
	return quotient;
#else
	return p >> 64 ? (uint64_t)(p / den) : (uint64_t)p / den;
#endif
}

/* How much of t leaves with q of a balance. q <= balance, t <= balance, 0 < balance. */
TAINT_INLINE uint64_t taint_share(enum taint_share_rule rule, uint64_t balance,
				  uint64_t t, uint64_t q)
{
	/* Below 2^63 all: a top bit is a difference below zero. No branches, since
	 * which way they go is chance. */
	const uint64_t more = t - q;
	const uint64_t over = q - (balance - t);
	switch (rule) {
	case TAINT_SHARE_HAIRCUT:
		return taint_muldiv(t, q, balance);
	case TAINT_SHARE_DIRTY:
		return q + (more & -(more >> 63));
	case TAINT_SHARE_CLEAN:
		break;
	}
	return over & ((over >> 63) - 1);
}

/* Move part of an account's row into the parcel. */
TAINT_INLINE void taint_move_part(struct taint_state *st, struct taint_part *row,
				  uint32_t j, uint64_t x)
{
	const uint64_t u = row->u == row->t ? x : taint_muldiv(row->u, x, row->t);
	row->t -= x;
	row->u -= u;
	st->parcel.part[j].t += x;
	st->parcel.part[j].u += u;
	st->parcel.part[st->n_thefts].t += x;
	st->parcel.part[st->n_thefts].u += u;
	st->sums[j].held -= x;
}

void taint_shares_release(struct taint_state *st, uint32_t a);
struct taint_part *taint_shares_row(struct taint_state *st, uint32_t a);

enum xt_status taint_shares_init(struct taint_state *st, struct xt_err *err);
uint64_t taint_shares_recolour(struct taint_state *st, uint32_t seed);
uint64_t taint_shares_seed(struct taint_state *st, uint32_t a, uint32_t seed,
			   uint64_t amount);
void taint_shares_clean(struct taint_state *st, uint32_t a);
void taint_shares_held(const struct taint_state *st, uint32_t a,
		       struct taint_part *out);
void taint_shares_arrive_parts(struct taint_state *st, uint32_t b);
uint64_t taint_shares_leave_parts(struct taint_state *st, enum taint_share_rule rule,
				  uint32_t a, uint64_t q);

TAINT_INLINE uint64_t taint_shares_leave(struct taint_state *st,
					 enum taint_share_rule rule, uint32_t a,
					 uint64_t q, bool absorb, bool simple)
{
	if (TAINT_RARE(absorb))
		rule = TAINT_SHARE_CLEAN;
	if (!simple)
		return taint_shares_leave_parts(st, rule, a, q);
	struct taint_acct *acct = &st->acct[a];
	const uint64_t x = taint_share(rule, acct->balance, acct->t, q);
	acct->t -= x;
	st->sums[0].held -= x;
	return x;
}

TAINT_INLINE void taint_shares_arrive(struct taint_state *st, uint32_t b, bool simple)
{
	if (!simple) {
		taint_shares_arrive_parts(st, b);
		return;
	}
	st->acct[b].t += st->parcel.t;
	st->sums[0].held += st->parcel.t;
}

TAINT_INLINE bool taint_shares_quick(enum taint_share_rule rule, uint64_t q,
				     struct taint_acct *a, struct taint_acct *b,
				     uint64_t *moved)
{
	if (TAINT_RARE((a->t | b->t) >> 63))
		return false;
	/* An empty account sends nothing of nothing, but divides. */
	const uint64_t x = taint_share(rule, a->balance + !a->balance, a->t, q);
	const uint64_t keeps = a->t - x;
	const uint64_t has = b->t + x;
	if (!taint_conserves(a, b, q, x, keeps, has))
		return false;
	a->t = keeps;
	b->t = has;
	*moved = x;
	return true;
}

#define TAINT_SHARES_OPS(name, rule)                                                   \
	TAINT_INLINE bool name##_quick(                                                \
	    struct taint_state *st, const struct graph_event *e, struct taint_acct *a, \
	    struct taint_acct *b, uint64_t *moved)                                     \
	{                                                                              \
		(void)st;                                                              \
		return taint_shares_quick(rule, graph_amount(e), a, b, moved);         \
	}                                                                              \
	TAINT_INLINE uint64_t name##_leave(struct taint_state *st, uint32_t a,         \
					   uint64_t q, bool absorb, bool simple)       \
	{                                                                              \
		return taint_shares_leave(st, rule, a, q, absorb, simple);             \
	}                                                                              \
	TAINT_INLINE void name##_arrive(struct taint_state *st, uint32_t b,            \
					bool simple)                                   \
	{                                                                              \
		taint_shares_arrive(st, b, simple);                                    \
	}                                                                              \
	static const struct taint_ops name##_ops = {                                   \
		.conserves = true,                                                     \
		.quick = name##_quick,                                                 \
		.init = taint_shares_init,                                             \
		.leave = name##_leave,                                                 \
		.arrive = name##_arrive,                                               \
		.recolour = taint_shares_recolour,                                     \
		.seed = taint_shares_seed,                                             \
		.clean = taint_shares_clean,                                           \
		.held = taint_shares_held,                                             \
	}

#endif
