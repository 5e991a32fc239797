#include "reference.h"

#include <assert.h>
#include <string.h>

/* A colour is 0 (clean) or theft + 1, plus TOUCHED once it was at an incomplete
 * account. */
#define TOUCHED 0x80

struct pile {
	uint32_t n;
	uint8_t unit[REF_UNITS]; /* oldest first */
};

struct ref {
	const struct graph *g;
	enum ref_policy policy;
	const struct taint_options *opt;
	struct ref_result *r;
	bool stop[REF_ACCOUNTS], cleaned[REF_ACCOUNTS];
	/* fifo, lifo */
	struct pile pile[REF_ACCOUNTS];
	struct pile parcel;
	/* the others: amounts a theft; poison: 1 if ever tainted */
	uint64_t t[REF_ACCOUNTS][REF_THEFTS];
	uint64_t moved[REF_THEFTS];
};

static bool queue(const struct ref *f)
{
	return f->policy == REF_FIFO || f->policy == REF_LIFO;
}

static uint64_t sum(const uint64_t *t)
{
	uint64_t s = 0;
	for (int j = 0; j < REF_THEFTS; j++)
		s += t[j];
	return s;
}

static void remove_unit(struct pile *p, uint32_t at)
{
	memmove(p->unit + at, p->unit + at + 1, p->n - at - 1);
	p->n--;
}

/* One unit leaves: which one? */
static uint32_t pick(const struct ref *f, const struct pile *p, bool absorb)
{
	const bool newest = f->policy == REF_LIFO;
	for (uint32_t k = 0; absorb && k < p->n; k++) {
		const uint32_t at = newest ? p->n - 1 - k : k;
		if (!p->unit[at])
			return at;
	}
	return newest ? p->n - 1 : 0;
}

static void take_units(struct ref *f, uint32_t a, uint64_t q, bool absorb)
{
	struct pile *p = &f->pile[a];
	struct pile *out = &f->parcel;
	out->n = 0;
	for (uint64_t i = 0; i < q; i++) {
		const uint32_t at = pick(f, p, absorb);
		out->unit[out->n++] = p->unit[at];
		remove_unit(p, at);
	}
	/* Newest first were picked; the parcel goes in order of receipt. */
	if (f->policy == REF_LIFO)
		for (uint32_t i = 0; i < out->n / 2; i++) {
			const uint8_t u = out->unit[i];
			out->unit[i] = out->unit[out->n - 1 - i];
			out->unit[out->n - 1 - i] = u;
		}
}

/* In proportion, a unit at a time to whom the most of it is owed, the earlier theft
 * first among equals: owed is x * t[j] / all minus what it has, compared as x * t[j] -
 * has * all. */
static void split(uint64_t *out, const uint64_t *t, uint64_t all, uint64_t x)
{
	for (int j = 0; j < REF_THEFTS; j++)
		out[j] = all ? x * t[j] / all : 0;
	while (sum(out) < x) {
		int best = -1;
		for (int j = 0; j < REF_THEFTS; j++)
			if (out[j] == x * t[j] / all &&
			    (best < 0 || x * t[j] % all > x * t[best] % all))
				best = j;
		out[best]++;
	}
}

/* Each theft by itself, rounded down. What is left must fit what is left of the
 * balance; as long as it does not, one unit more leaves, of the theft that lost most by
 * rounding. */
static void haircut(uint64_t *out, const uint64_t *t, uint64_t b, uint64_t q)
{
	for (int j = 0; j < REF_THEFTS; j++)
		out[j] = t[j] * q / b;
	while (sum(t) - sum(out) > b - q) {
		int best = -1;
		for (int j = 0; j < REF_THEFTS; j++)
			if (out[j] == t[j] * q / b &&
			    (best < 0 || t[j] * q % b > t[best] * q % b))
				best = j;
		out[best]++;
	}
}

static void take_share(struct ref *f, uint32_t a, uint64_t q, bool absorb)
{
	const uint64_t b = f->r->balance[a];
	uint64_t *t = f->t[a];
	const uint64_t all = sum(t);
	uint64_t x = 0;
	memset(f->moved, 0, sizeof(f->moved));
	if (f->policy == REF_POISON) {
		for (int j = 0; j < REF_THEFTS; j++)
			f->moved[j] = t[j] ? q : 0;
		return;
	}
	if (absorb || f->policy == REF_CLEAN)
		x = q > b - all ? q - (b - all) : 0;
	else if (f->policy == REF_DIRTY)
		x = all < q ? all : q;
	if (f->policy == REF_HAIRCUT && !absorb)
		haircut(f->moved, t, b, q);
	else
		split(f->moved, t, all, x);
	for (int j = 0; j < REF_THEFTS; j++)
		t[j] -= f->moved[j];
}

/* moved[] of a parcel of units */
static void count_units(struct ref *f)
{
	memset(f->moved, 0, sizeof(f->moved));
	for (uint32_t i = 0; i < f->parcel.n; i++)
		if (f->parcel.unit[i])
			f->moved[(f->parcel.unit[i] & ~TOUCHED) - 1]++;
}

static bool incomplete(const struct ref *f, uint32_t a)
{
	return !f->stop[a] && !(f->g->flags[a] & GRAPH_COMPLETE);
}

static bool seeds_event(const struct ref *f, const struct graph_seed *s, uint32_t event)
{
	const struct graph_event *e = &f->g->events[event];
	const struct graph_tx *tx = &f->g->txs[f->g->event_tx[event]];
	const enum nem_movement_kind k = graph_kind(e);
	if (s->kind == GRAPH_SEED_TX || s->kind == GRAPH_SEED_REFUND)
		return f->g->event_tx[event] == s->tx &&
		       (k == NEM_MOVE_TRANSFER || k == NEM_MOVE_INNER);
	return s->kind == GRAPH_SEED_WINDOW && e->to == s->account &&
	       e->from != GRAPH_NONE && tx->time >= s->from && tx->time <= s->to;
}

static void dirty_parcel(struct ref *f, const struct graph_seed *s, uint64_t q)
{
	uint64_t fresh;
	if (queue(f)) {
		fresh = 0;
		for (uint32_t i = 0; i < f->parcel.n; i++) {
			if (f->parcel.unit[i])
				continue;
			f->parcel.unit[i] = (uint8_t)(s->theft + 1);
			fresh++;
		}
		count_units(f);
	} else if (f->policy == REF_POISON) {
		fresh = q - f->moved[s->theft];
		f->moved[s->theft] = q;
	} else {
		fresh = q - sum(f->moved);
		f->moved[s->theft] += fresh;
	}
	f->r->seeded[s->theft] += fresh;
	if (s->kind == GRAPH_SEED_REFUND)
		f->r->refunded[s->theft] += fresh;
}

static void arrive(struct ref *f, uint32_t to, uint64_t q)
{
	if (f->cleaned[to]) {
		for (int j = 0; j < REF_THEFTS; j++)
			f->r->cleaned[j] += f->moved[j];
		memset(f->parcel.unit, 0, f->parcel.n);
		memset(f->moved, 0, sizeof(f->moved));
	}
	f->r->balance[to] += q;
	if (queue(f)) {
		struct pile *p = &f->pile[to];
		assert(p->n + f->parcel.n <= REF_UNITS);
		for (uint32_t i = 0; i < f->parcel.n; i++) {
			const uint8_t u = f->parcel.unit[i];
			p->unit[p->n++] = u && incomplete(f, to) ? u | TOUCHED : u;
		}
		return;
	}
	for (int j = 0; j < REF_THEFTS; j++) {
		if (f->policy == REF_POISON)
			f->t[to][j] |= f->moved[j] != 0;
		else
			f->t[to][j] += f->moved[j];
	}
}

static uint64_t touched(const struct pile *p)
{
	uint64_t n = 0;
	for (uint32_t i = 0; i < p->n; i++)
		n += (p->unit[i] & TOUCHED) != 0;
	return n;
}

static uint64_t largest(const uint64_t *t)
{
	uint64_t m = 0;
	for (int j = 0; j < REF_THEFTS; j++)
		m = t[j] > m ? t[j] : m;
	return m;
}

static void finish(struct ref *f, uint32_t event)
{
	const struct graph_event *e = &f->g->events[event];
	const struct graph_tx *tx = &f->g->txs[f->g->event_tx[event]];
	const enum nem_movement_kind k = graph_kind(e);
	struct ref_result *r = f->r;
	const uint64_t all =
	    f->policy == REF_POISON ? largest(f->moved) : sum(f->moved);
	memcpy(r->edge[event], f->moved, sizeof(f->moved));
	if (e->to == GRAPH_NONE || f->stop[e->to])
		r->incomplete += queue(f) ? touched(&f->parcel) : 0;
	if (e->to == GRAPH_NONE) {
		for (int j = 0; j < REF_THEFTS; j++)
			r->fees[j] += f->moved[j];
		r->fees_all += all;
	} else if (f->stop[e->to]) {
		const bool has = k == NEM_MOVE_TRANSFER || k == NEM_MOVE_INNER;
		const uint32_t memo = has ? tx->memo : 0;
		for (int j = 0; j < REF_THEFTS; j++) {
			r->sink[e->to][memo][j] += f->moved[j];
			r->count[e->to][memo][j] += f->moved[j] > 0;
		}
		r->sink_all[e->to][memo] += all;
	} else {
		arrive(f, e->to, graph_amount(e));
	}
}

static void step(struct ref *f, uint32_t event)
{
	const struct graph_event *e = &f->g->events[event];
	const uint64_t q = graph_amount(e);
	if (e->from == e->to)
		return;
	memset(f->moved, 0, sizeof(f->moved));
	f->parcel.n = (uint32_t)q;
	memset(f->parcel.unit, 0, q);
	if (e->from != GRAPH_NONE && !f->stop[e->from]) {
		const bool absorb =
		    e->to == GRAPH_NONE && f->opt->fees == TAINT_FEE_ABSORB;
		assert(f->r->balance[e->from] >= q);
		if (queue(f)) {
			take_units(f, e->from, q, absorb);
			count_units(f);
		} else if (q) {
			take_share(f, e->from, q, absorb);
		}
		f->r->balance[e->from] -= q;
	}
	for (uint32_t i = 0; i < f->g->n_seeds; i++)
		if (seeds_event(f, &f->g->seeds[i], event))
			dirty_parcel(f, &f->g->seeds[i], q);
	finish(f, event);
}

static void dirty_balance(struct ref *f, const struct graph_seed *s)
{
	struct ref_result *r = f->r;
	const uint32_t a = s->account;
	const uint64_t want = s->amount == GRAPH_SEED_ALL ? r->balance[a] : s->amount;
	if (f->stop[a] || want > r->balance[a]) {
		r->refused = true;
		return;
	}
	if (f->cleaned[a]) {
		r->seeded[s->theft] += want;
		r->cleaned[s->theft] += want;
		return;
	}
	if (f->policy == REF_POISON) {
		f->t[a][s->theft] |= want > 0;
		r->seeded[s->theft] += want;
		return;
	}
	if (!queue(f)) {
		const uint64_t clean = r->balance[a] - sum(f->t[a]);
		const uint64_t fresh = want < clean ? want : clean;
		f->t[a][s->theft] += fresh;
		r->seeded[s->theft] += fresh;
		return;
	}
	uint64_t left = want;
	for (uint32_t i = 0; i < f->pile[a].n && left; i++) {
		if (f->pile[a].unit[i])
			continue;
		f->pile[a].unit[i] =
		    (uint8_t)(s->theft + 1) | (incomplete(f, a) ? TOUCHED : 0);
		r->seeded[s->theft]++;
		left--;
	}
}

static void hold(const struct ref *f, uint32_t a, uint64_t *out)
{
	memset(out, 0, REF_THEFTS * sizeof(*out));
	for (uint32_t i = 0; queue(f) && i < f->pile[a].n; i++)
		if (f->pile[a].unit[i])
			out[(f->pile[a].unit[i] & ~TOUCHED) - 1]++;
	for (int j = 0; !queue(f) && j < REF_THEFTS; j++)
		out[j] = f->policy != REF_POISON ? f->t[a][j]
			 : f->t[a][j]            ? f->r->balance[a]
						 : 0;
}

static void declare_clean(struct ref *f, uint32_t a)
{
	uint64_t t[REF_THEFTS];
	if (f->stop[a] || f->cleaned[a])
		return;
	hold(f, a, t);
	for (int j = 0; j < REF_THEFTS; j++)
		f->r->cleaned[j] += t[j];
	memset(f->t[a], 0, sizeof(f->t[a]));
	memset(f->pile[a].unit, 0, sizeof(f->pile[a].unit));
	f->cleaned[a] = true;
}

static uint32_t height_of(const struct graph *g, uint32_t event)
{
	return g->txs[g->event_tx[event]].height;
}

/* Balance seeds between the heights of two events; marks from a time on. */
static void before(struct ref *f, uint32_t event)
{
	const struct graph *g = f->g;
	for (uint32_t i = 0; i < g->n_seeds && !f->r->refused; i++) {
		const struct graph_seed *s = &g->seeds[i];
		if (s->kind != GRAPH_SEED_BALANCE)
			continue;
		/* Due before the first event above its height; height 0 before all. */
		uint32_t due = 0;
		while (s->height && due < g->n_events && height_of(g, due) <= s->height)
			due++;
		if (due == event)
			dirty_balance(f, s);
	}
	for (uint32_t i = 0; i < g->n_cleans && event < g->n_events; i++)
		if (g->cleans[i].from <= g->txs[g->event_tx[event]].time)
			declare_clean(f, g->cleans[i].account);
}

void ref_run(struct ref_result *out, const struct graph *g, enum ref_policy policy,
	     const struct taint_options *opt)
{
	static struct ref f;
	assert(g->n_accounts <= REF_ACCOUNTS && g->n_thefts <= REF_THEFTS &&
	       g->n_memos <= REF_MEMOS && g->n_events <= REF_EVENTS);
	memset(&f, 0, sizeof(f));
	memset(out, 0, sizeof(*out));
	f.g = g;
	f.policy = policy;
	f.opt = opt;
	f.r = out;
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		f.stop[a] = g->flags[a] & GRAPH_SERVICE ||
			    (opt->stop_at_probable && g->flags[a] & GRAPH_PROBABLE);
		out->balance[a] = g->opening[a];
		f.pile[a].n = (uint32_t)g->opening[a];
	}
	for (uint32_t i = 0; i < g->n_events && !out->refused; i++) {
		before(&f, i);
		if (!out->refused)
			step(&f, i);
	}
	before(&f, g->n_events);
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		if (f.stop[a])
			continue;
		hold(&f, a, out->held[a]);
		out->incomplete += touched(&f.pile[a]);
	}
}
