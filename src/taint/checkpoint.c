/* The engine's state as bytes. Layout: a head with policy, options and a fingerprint of
 * all that was replayed; the state in the order of accounts; a checksum. Numbers have
 * seven bits a byte, the lowest first, the top bit set on all but the last; those of the
 * checksum eight bytes.
 * A checkpoint is a shortcut, never a source: whatever does not fit is XT_E_NOTFOUND.
 */
#include <stdlib.h>
#include <string.h>

#include "lots.h"
#include "shares.h"

/* "1XTTCPT2": a state of another format is no state, and the run starts anew. */
#define MAGIC UINT64_C(0x3254504354545831)

/* ---- fingerprint: two lanes of multiply and fold, for mistakes, not for enemies
 * ---------- */

struct mix {
	uint64_t a, b;
};

static void mix(struct mix *m, uint64_t w)
{
	m->a = (m->a ^ w) * UINT64_C(0x9E3779B97F4A7C15);
	m->a ^= m->a >> 29;
	m->b = (m->b + w) * UINT64_C(0xD6E8FEB86659FD93);
	m->b ^= m->b >> 32;
}

static void mix_bytes(struct mix *m, const void *p, size_t n)
{
	const uint8_t *s = p;
	for (; n >= 8; s += 8, n -= 8) {
		uint64_t w;
		memcpy(&w, s, 8);
		mix(m, w);
	}
	uint64_t w = n;
	for (size_t i = 0; i < n; i++)
		w = w << 8 | s[i];
	mix(m, w);
}

static void mix_seeds(struct mix *m, const struct graph *g)
{
	for (uint32_t j = 0; j < g->n_thefts; j++)
		mix_bytes(m, g->theft[j], strlen(g->theft[j]));
	mix(m, g->n_seeds);
	for (uint32_t i = 0; i < g->n_seeds; i++) {
		const struct graph_seed *s = &g->seeds[i];
		mix(m, (uint64_t)s->kind << 32 | s->theft);
		mix(m, (uint64_t)s->tx << 32 | s->account);
		mix(m, (uint64_t)s->from);
		mix(m, (uint64_t)s->to);
		mix(m, s->height);
		mix(m, s->amount);
	}
	mix(m, g->n_cleans);
	for (uint32_t i = 0; i < g->n_cleans; i++) {
		mix(m, g->cleans[i].account);
		mix(m, (uint64_t)g->cleans[i].from);
	}
}

/* All that the state before `event` came from. */
static struct mix fingerprint(const struct taint_state *st, uint32_t accounts,
			      uint32_t memos, uint32_t event)
{
	const struct graph *g = st->g;
	struct mix m = { 1, 2 };
	unsigned flags = GRAPH_SERVICE | GRAPH_COMPLETE;
	if (st->opt.stop_at_probable)
		flags |= GRAPH_PROBABLE;
	mix_bytes(&m, st->policy->name, strlen(st->policy->name));
	mix(&m, (uint64_t)st->opt.fees << 3 | (uint64_t)st->opt.stop_at_probable << 2 |
		    (uint64_t)st->opt.edges << 1 | st->opt.lineage);
	mix(&m, (uint64_t)st->simple << 32 | st->opt.max_hops);
	mix_seeds(&m, g);
	for (uint32_t a = 0; a < accounts; a++) {
		mix_bytes(&m, g->party[a].s, strlen(g->party[a].s));
		mix(&m, g->opening[a]);
		mix(&m, g->flags[a] & flags);
	}
	for (uint32_t i = 0; i < memos; i++) {
		mix(&m, (uint64_t)g->memos[i].kind << 32 | g->memos[i].sender);
		mix_bytes(&m, g->memos[i].text, strlen(g->memos[i].text));
	}
	for (uint32_t i = 0; i < event; i++) {
		const struct graph_tx *tx = &g->txs[g->event_tx[i]];
		mix(&m, (uint64_t)g->events[i].from << 32 | g->events[i].to);
		mix(&m, g->events[i].w);
		mix(&m, (uint64_t)tx->height << 32 | tx->memo);
		mix(&m, (uint64_t)tx->time * 4 + tx->time_kind);
	}
	return m;
}

/* ---- writing
 * -------------------------------------------------------------------------------- */

struct out {
	struct xt_buf *b;
	struct xt_err *err;
	enum xt_status s;
};

static void put(struct out *o, uint64_t v)
{
	uint8_t bytes[10];
	size_t n = 0;
	for (; v > 0x7f; v >>= 7)
		bytes[n++] = (uint8_t)(v | 0x80);
	bytes[n++] = (uint8_t)v;
	if (o->s == XT_OK)
		o->s = xt_buf_add(o->b, bytes, n, o->err);
}

static void put2(struct out *o, uint32_t a, uint32_t b)
{
	put(o, a);
	put(o, b);
}

static void put_account(struct out *o, const struct taint_state *st, uint32_t a)
{
	const struct taint_acct *acct = &st->acct[a];
	put(o, acct->t == TAINT_STOP ? st->g->opening[a] : acct->balance);
	put(o, acct->t);
	if (!acct->t || TAINT_IS_MARK(acct->t))
		return;
	if (st->lots.of) {
		const struct taint_queue *q = st->lots.of[a];
		put(o, q->n - q->head);
		for (uint32_t i = q->head; i < q->n; i++) {
			const struct taint_lot lot = taint_lot_at(st, q, i);
			put(o, lot.amount);
			put2(o, lot.colour, lot.hop);
		}
	} else if (st->mask) {
		for (uint32_t k = 0; k < st->mask_words; k++)
			put(o, st->mask[(size_t)a * st->mask_words + k]);
	} else if (st->rows.of) {
		const struct taint_part *row =
		    st->rows.v + (size_t)(st->rows.of[a] - 1) * st->n_thefts;
		for (uint32_t j = 0; j < st->n_thefts; j++) {
			put(o, row[j].t);
			put(o, row[j].u);
		}
	}
}

static void put_records(struct out *o, const struct taint_state *st)
{
	put(o, st->sinks.n);
	for (uint32_t i = 0; i < st->sinks.n; i++) {
		const struct taint_sink *s = &st->sinks.v[i];
		put2(o, s->account, s->memo);
		put2(o, s->theft, s->count);
		put2(o, s->first, s->last);
		put(o, s->uxem);
		put(o, s->incomplete);
	}
	put(o, st->n_edges);
	for (size_t i = 0; i < st->n_edges; i++) {
		put2(o, st->edges[i].event, st->edges[i].theft);
		put(o, st->edges[i].uxem);
	}
	put(o, st->n_hops);
	for (uint32_t i = 0; i < st->n_hops; i++) {
		put2(o, st->hops[i].event, st->hops[i].parent);
		put2(o, st->hops[i].seed, 0);
		put(o, st->hops[i].uxem);
	}
	put(o, st->n_changes);
	for (size_t i = 0; i < st->n_changes; i++) {
		const struct taint_change *c = &st->changes[i];
		put2(o, c->event, c->account);
		put2(o, c->theft, c->seed);
		put(o, c->uxem);
		put(o, c->at_event);
	}
}

enum xt_status taint_checkpoint_save(const struct taint_state *st, struct xt_buf *b,
				     struct xt_err *err)
{
	struct out o = { b, err, XT_OK };
	const size_t start = b->len;
	const struct graph *g = st->g;
	const struct mix m = fingerprint(st, g->n_accounts, g->n_memos, st->next_event);
	put(&o, MAGIC);
	put2(&o, st->opt.edges_to ? st->opt.edges_batch : 0, st->batches);
	put2(&o, g->n_accounts, g->n_memos);
	put2(&o, st->n_thefts, st->next_event);
	put(&o, m.a);
	put(&o, m.b);
	for (uint32_t j = 0; j < st->n_thefts; j++) {
		const struct taint_sums *s = &st->sums[j];
		put(&o, s->seeded);
		put(&o, s->held);
		put(&o, s->sunk);
		put(&o, s->fees);
		put(&o, s->cleaned);
		put(&o, s->refunded);
	}
	put(&o, st->fees_incomplete);
	put(&o, st->fees_total);
	put(&o, st->lots.peak);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		put_account(&o, st, a);
	put_records(&o, st);
	if (o.s == XT_OK) {
		struct mix sum = { 3, 4 };
		mix_bytes(&sum, b->data + start, b->len - start);
		o.s = xt_buf_u64(b, sum.a, err);
		if (o.s == XT_OK)
			o.s = xt_buf_u64(b, sum.b, err);
	}
	return o.s;
}

/* ---- reading
 * -------------------------------------------------------------------------------- */

struct in {
	const uint8_t *p;
	size_t left;
	bool bad;
};

static uint64_t get(struct in *in)
{
	uint64_t v = 0;
	for (unsigned shift = 0; in->left && shift < 64; shift += 7) {
		const uint8_t byte = *in->p++;
		in->left--;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
	in->bad = true;
	return 0;
}

static uint32_t get32(struct in *in)
{
	const uint64_t v = get(in);
	in->bad |= v > UINT32_MAX;
	return (uint32_t)v;
}

static void get2(struct in *in, uint32_t *a, uint32_t *b)
{
	*a = get32(in);
	*b = get32(in);
}

/* Lots that are all of the balance, and the dirty ones all of the taint: a queue that
 * held less would run out in the middle of a payment. */
static void get_lots(struct in *in, struct taint_state *st, uint32_t a)
{
	const struct taint_acct *acct = &st->acct[a];
	uint64_t sum = 0;
	uint64_t dirty = 0;
	uint64_t n = get(in);
	const bool whole = !n && st->lots.plain && acct->t == acct->balance;
	for (; n && !in->bad && st->fail == XT_OK; n--) {
		struct taint_lot lot;
		lot.amount = get(in);
		get2(in, &lot.colour, &lot.hop);
		if (lot.amount > acct->balance - sum || lot.colour == 1 ||
		    lot.colour >= taint_colour(st->n_thefts)) {
			in->bad = true;
			return;
		}
		sum += lot.amount;
		dirty += lot.colour ? lot.amount : 0;
		taint_lots_push(st, &st->lots.of[a], &lot);
	}
	if (!whole && (sum != acct->balance || dirty != acct->t))
		in->bad = true;
}

/* Whether each dirty lot has a hop where there is lineage, and each hop an earlier one. */
static bool hops_hold(const struct taint_state *st)
{
	for (uint32_t i = 0; i < st->n_hops; i++)
		if (st->hops[i].parent != TAINT_NIL && st->hops[i].parent >= i)
			return false;
	for (uint32_t a = 0; st->opt.lineage && a < st->g->n_accounts; a++) {
		const struct taint_queue *q = st->lots.of[a];
		for (uint32_t i = q->head; i < q->n; i++) {
			const struct taint_lot lot = taint_lot_at(st, q, i);
			if (lot.colour && lot.hop >= st->n_hops)
				return false;
		}
	}
	return true;
}

static void get_account(struct in *in, struct taint_state *st, uint32_t a)
{
	struct taint_acct *acct = &st->acct[a];
	acct->balance = get(in);
	acct->t = get(in);
	if (acct->t == TAINT_STOP)
		acct->balance = TAINT_OUTSIDE;
	if (!acct->t || TAINT_IS_MARK(acct->t))
		return;
	if (acct->balance > TAINT_BALANCE_MAX ||
	    (st->loop->ops->conserves && acct->t > acct->balance)) {
		in->bad = true;
		return;
	}
	if (st->lots.of) {
		get_lots(in, st, a);
	} else if (st->mask) {
		for (uint32_t k = 0; k < st->mask_words; k++)
			st->mask[(size_t)a * st->mask_words + k] = get(in);
	} else if (st->rows.of) {
		struct taint_part *row = taint_shares_row(st, a);
		for (uint32_t j = 0; row && j < st->n_thefts; j++) {
			row[j].t = get(in);
			row[j].u = get(in);
		}
	}
}

/* False: no memory. */
static bool get_records(struct in *in, struct taint_state *st)
{
	for (uint64_t n = get(in); n && !in->bad; n--) {
		struct taint_sink s = { 0 };
		get2(in, &s.account, &s.memo);
		get2(in, &s.theft, &s.count);
		get2(in, &s.first, &s.last);
		s.uxem = get(in);
		s.incomplete = get(in);
		if (!in->bad && !taint_sink_restore(st, &s))
			return false;
	}
	const uint64_t edges = get(in);
	if (in->bad || edges > in->left / 3 ||
	    (st->opt.edges_to && edges > st->opt.edges_batch)) {
		in->bad = true;
		return true;
	}
	for (uint64_t i = 0; i < edges; i++) {
		struct taint_edge e;
		get2(in, &e.event, &e.theft);
		e.uxem = get(in);
		if (!taint_edge_add(st, &e))
			return false;
	}
	for (uint64_t n = get(in); n && !in->bad; n--) {
		uint32_t event;
		uint32_t parent;
		uint32_t seed;
		uint32_t none;
		get2(in, &event, &parent);
		get2(in, &seed, &none);
		const uint64_t uxem = get(in);
		if (in->bad || seed >= st->g->n_seeds) {
			in->bad = true;
			return true;
		}
		if (taint_hop_add(st, event, parent, seed, uxem) == TAINT_NIL)
			return false;
	}
	for (uint64_t n = get(in); n && !in->bad; n--) {
		struct taint_change c;
		get2(in, &c.event, &c.account);
		get2(in, &c.theft, &c.seed);
		c.uxem = get(in);
		c.at_event = get(in);
		taint_record_change(st, &c);
	}
	return true;
}

static bool sum_holds(const uint8_t *p, size_t n)
{
	struct mix sum = { 3, 4 };
	if (n < 16)
		return false;
	mix_bytes(&sum, p, n - 16);
	uint8_t tail[16];
	for (unsigned i = 0; i < 8; i++) {
		tail[i] = (uint8_t)(sum.a >> (8 * i));
		tail[8 + i] = (uint8_t)(sum.b >> (8 * i));
	}
	return memcmp(p + n - sizeof(tail), tail, sizeof(tail)) == 0;
}

enum xt_status taint_checkpoint_load(struct taint_state *st, const uint8_t *p, size_t n,
				     struct xt_err *err)
{
	const struct graph *g = st->g;
	struct in in = { p, n - (n < 16 ? n : 16), !sum_holds(p, n) };
	uint32_t batch;
	uint32_t accounts;
	uint32_t memos;
	uint32_t thefts;
	uint32_t event;
	if (in.bad || get(&in) != MAGIC)
		return xt_fail(err, XT_E_NOTFOUND, "taint: this is no checkpoint");
	get2(&in, &batch, &st->batches);
	if (batch != (st->opt.edges_to ? st->opt.edges_batch : 0))
		return xt_fail(err, XT_E_NOTFOUND,
			       "taint: the checkpoint has other batches of edges");
	get2(&in, &accounts, &memos);
	get2(&in, &thefts, &event);
	const uint64_t a = get(&in);
	const uint64_t b = get(&in);
	if (accounts > g->n_accounts || memos > g->n_memos || thefts != g->n_thefts ||
	    event > g->n_events)
		return xt_fail(err, XT_E_NOTFOUND,
			       "taint: the checkpoint is of another case");
	const struct mix m = fingerprint(st, accounts, memos, event);
	if (m.a != a || m.b != b)
		return xt_fail(
		    err, XT_E_NOTFOUND,
		    "taint: the case is not a continuation of the checkpoint");
	for (uint32_t j = 0; j < thefts; j++) {
		struct taint_sums *s = &st->sums[j];
		s->seeded = get(&in);
		s->held = get(&in);
		s->sunk = get(&in);
		s->fees = get(&in);
		s->cleaned = get(&in);
		s->refunded = get(&in);
	}
	st->fees_incomplete = get(&in);
	st->fees_total = get(&in);
	const uint32_t peak = (uint32_t)get(&in);
	for (uint32_t i = 0; i < accounts && !in.bad && st->fail == XT_OK; i++)
		get_account(&in, st, i);
	st->lots.peak = peak;
	if (!get_records(&in, st) || st->fail != XT_OK)
		return xt_fail(err, XT_E_NOMEM,
			       "taint: out of memory for the checkpoint");
	if (in.bad || in.left || !hops_hold(st))
		return xt_fail(err, XT_E_NOTFOUND, "taint: the checkpoint is damaged");
	st->next_event = event;
	while (st->next_action < st->n_actions &&
	       st->actions[st->next_action].event < event)
		st->next_action++;
	return XT_OK;
}

uint32_t taint_state_batches(const uint8_t *state, size_t n)
{
	struct in in = { state, n, false };
	uint32_t batch;
	uint32_t batches;
	const uint64_t magic = get(&in);
	get2(&in, &batch, &batches);
	return in.bad || magic != MAGIC ? 0 : batches;
}
