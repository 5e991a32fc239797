#include "policy.h"

#include <stdlib.h>
#include <string.h>

static struct taint_part part_of(const struct taint_state *st, uint32_t theft)
{
	if (st->simple)
		return (struct taint_part){ .t = st->parcel.t };
	return st->parcel.part[theft == TAINT_ALL ? st->n_thefts : theft];
}

/* ---- sinks -------------------------------------------------------------------------
 */

static uint32_t sink_hash(uint32_t account, uint32_t memo, uint32_t theft)
{
	uint64_t h = (uint64_t)account << 32 | memo;
	h = (h ^ (uint64_t)theft * UINT64_C(0x9E3779B97F4A7C15)) *
	    UINT64_C(0xBF58476D1CE4E5B9);
	return (uint32_t)(h >> 32);
}

static void sink_insert(struct taint_sink_table *t, uint32_t index)
{
	const struct taint_sink *s = &t->v[index];
	uint32_t i = sink_hash(s->account, s->memo, s->theft) & (t->cap_slots - 1);
	while (t->slot[i])
		i = (i + 1) & (t->cap_slots - 1);
	t->slot[i] = index + 1;
}

static bool sink_room(struct taint_sink_table *t)
{
	if (t->n == t->cap) {
		const uint32_t cap = t->cap + t->cap / 2 + 64;
		void *v = xt_reallocarray(t->v, cap, sizeof(*t->v));
		if (!v)
			return false;
		t->v = v;
		t->cap = cap;
	}
	if (t->n < t->cap_slots / 2)
		return true;
	if (t->cap_slots > UINT32_MAX / 2)
		return false;
	const uint32_t cap = t->cap_slots ? t->cap_slots * 2 : 128;
	uint32_t *slot = xt_calloc(cap, sizeof(*slot));
	if (!slot)
		return false;
	free(t->slot);
	t->slot = slot;
	t->cap_slots = cap;
	for (uint32_t i = 0; i < t->n; i++)
		sink_insert(t, i);
	return true;
}

/* The sink of (account, memo, theft), made at its first deposit; NULL: no memory. */
static struct taint_sink *sink_of(struct taint_state *st, uint32_t account,
				  uint32_t memo, uint32_t theft, uint32_t event)
{
	struct taint_sink_table *t = &st->sinks;
	if (!sink_room(t)) {
		st->fail = XT_E_NOMEM;
		return NULL;
	}
	for (uint32_t i = sink_hash(account, memo, theft) & (t->cap_slots - 1);
	     t->slot[i]; i = (i + 1) & (t->cap_slots - 1)) {
		struct taint_sink *s = &t->v[t->slot[i] - 1];
		if (s->account == account && s->memo == memo && s->theft == theft)
			return s;
	}
	t->v[t->n] = (struct taint_sink){
		.account = account, .memo = memo, .theft = theft, .first = event
	};
	sink_insert(t, t->n);
	return &t->v[t->n++];
}

bool taint_sink_restore(struct taint_state *st, const struct taint_sink *s)
{
	struct taint_sink *mine = sink_of(st, s->account, s->memo, s->theft, s->first);
	if (mine)
		*mine = *s;
	return mine;
}

static void sink_add(struct taint_state *st, uint32_t account, uint32_t memo,
		     uint32_t theft, uint32_t event, struct taint_part part)
{
	struct taint_sink *s = sink_of(st, account, memo, theft, event);
	if (!s)
		return;
	s->uxem += part.t;
	s->incomplete += part.u;
	s->count++;
	s->last = event;
}

void taint_record_sink(struct taint_state *st, uint32_t event, uint32_t account)
{
	const struct graph *g = st->g;
	const enum nem_movement_kind kind = graph_kind(&g->events[event]);
	/* A message belongs to the transfer; a levy that arrives at a service has none.
	 */
	const bool message = kind == NEM_MOVE_TRANSFER || kind == NEM_MOVE_INNER;
	const uint32_t memo = message ? g->txs[g->event_tx[event]].memo : 0;
	for (uint32_t j = 0; j < st->n_thefts; j++) {
		const struct taint_part p = part_of(st, j);
		if (!p.t)
			continue;
		sink_add(st, account, memo, j, event, p);
		st->sums[j].sunk += p.t;
	}
	if (st->n_thefts > 1)
		sink_add(st, account, memo, TAINT_ALL, event, part_of(st, TAINT_ALL));
}

void taint_record_fee(struct taint_state *st)
{
	for (uint32_t j = 0; j < st->n_thefts; j++)
		st->sums[j].fees += part_of(st, j).t;
	st->fees_incomplete += part_of(st, TAINT_ALL).u;
	st->fees_total += st->parcel.t;
}

void taint_record_cleaned(struct taint_state *st)
{
	for (uint32_t j = 0; j < st->n_thefts; j++)
		st->sums[j].cleaned += part_of(st, j).t;
}

void taint_record_change(struct taint_state *st, const struct taint_change *c)
{
	if (!c->uxem)
		return;
	if (st->n_changes == st->cap_changes) {
		const size_t grown = st->cap_changes + st->cap_changes / 2 + 16;
		const size_t cap = st->cap_changes ? grown : st->n_actions + 16;
		void *v = xt_reallocarray(st->changes, cap, sizeof(*st->changes));
		if (!v) {
			st->fail = XT_E_NOMEM;
			return;
		}
		taint_wish_large(v, cap, sizeof(*st->changes));
		st->changes = v;
		st->cap_changes = cap;
	}
	st->changes[st->n_changes++] = *c;
}

/* ---- edges and hops
 * ------------------------------------------------------------------ */

bool taint_edges_flush(struct taint_state *st)
{
	if (!st->n_edges)
		return true;
	if (!st->opt.edges_to(st->opt.edges_ctx, st->batches, st->edges, st->n_edges)) {
		st->fail = XT_E_STOPPED;
		return false;
	}
	st->batches++;
	st->n_edges = 0;
	return true;
}

bool taint_edges_room(struct taint_state *st)
{
	const bool batches = st->opt.edges_to != NULL;
	if (batches && st->cap_edges)
		return taint_edges_flush(st);
	const size_t cap =
	    batches ? st->opt.edges_batch : st->cap_edges + st->cap_edges / 2 + 256;
	void *v = xt_reallocarray(st->edges, cap, sizeof(*st->edges));
	if (!v) {
		st->fail = XT_E_NOMEM;
		return false;
	}
	taint_wish_large(v, cap, sizeof(*st->edges));
	st->edges = v;
	st->cap_edges = cap;
	return true;
}

void taint_record_edges(struct taint_state *st, uint32_t event)
{
	for (uint32_t j = 0; j < st->n_thefts; j++) {
		const struct taint_edge e = { event, j, part_of(st, j).t };
		if (e.uxem && !taint_edge_add(st, &e))
			return;
	}
}

uint32_t taint_hop_add(struct taint_state *st, uint32_t event, uint32_t parent,
		       uint32_t seed, uint64_t uxem)
{
	const uint32_t max = st->opt.max_hops ? st->opt.max_hops : TAINT_MAX_HOPS;
	if (st->n_hops >= max) {
		st->fail = XT_E_LIMIT;
		return TAINT_NIL;
	}
	if (st->n_hops == st->cap_hops) {
		const uint64_t want = (uint64_t)st->cap_hops + st->cap_hops / 2 + 256;
		const uint32_t cap = want > max ? max : (uint32_t)want;
		void *v = xt_reallocarray(st->hops, cap, sizeof(*st->hops));
		if (!v) {
			st->fail = XT_E_NOMEM;
			return TAINT_NIL;
		}
		st->hops = v;
		st->cap_hops = cap;
	}
	st->hops[st->n_hops] = (struct taint_hop){ .uxem = uxem,
						   .event = event,
						   .parent = parent,
						   .seed = seed,
						   .theft = st->g->seeds[seed].theft };
	return st->n_hops++;
}

/* ---- errors
 * --------------------------------------------------------------------------- */

struct name {
	char s[200];
};

/* "transaction REF (event N, height H)" */
static struct name event_name(const struct graph *g, uint32_t event)
{
	struct name n;
	if (event >= g->n_events) {
		(void)snprintf(n.s, sizeof(n.s), "after the last event");
		return n;
	}
	const uint32_t tx = g->event_tx[event];
	if (g->tx_ref && g->tx_ref[tx][0])
		(void)snprintf(n.s, sizeof(n.s), "transaction %s (event %u, height %u)",
			       g->tx_ref[tx], event, g->txs[tx].height);
	else
		(void)snprintf(n.s, sizeof(n.s), "transaction %u (event %u, height %u)",
			       tx, event, g->txs[tx].height);
	return n;
}

enum xt_status taint_no_room(const struct taint_state *st, uint32_t event,
			     struct xt_err *err)
{
	const struct name n = event_name(st->g, event);
	if (st->fail == XT_E_STOPPED)
		return xt_fail(err, XT_E_STOPPED, "taint: stopped");
	if (st->fail == XT_E_LIMIT)
		return xt_fail(err, XT_E_LIMIT,
			       "%s: %s: more lots or hops than the limit", n.s,
			       st->policy->name);
	return xt_fail(err, st->fail, "%s: %s: out of memory", n.s, st->policy->name);
}

enum xt_status taint_broken(const struct taint_state *st, uint32_t event,
			    const char *what, struct xt_err *err)
{
	if (st->fail != XT_OK)
		return taint_no_room(st, event, err);
	return xt_fail(err, XT_E_BUG, "%s: %s does not conserve: %s",
		       event_name(st->g, event).s, st->policy->name, what);
}

enum xt_status taint_overdrawn(const struct taint_state *st, uint32_t event,
			       struct xt_err *err)
{
	const struct graph_event *e = &st->g->events[event];
	return xt_fail(err, XT_E_VERIFY,
		       "%s: account %s sends %llu uXEM and holds %llu",
		       event_name(st->g, event).s, st->g->party[e->from].s,
		       (unsigned long long)graph_amount(e),
		       (unsigned long long)st->acct[e->from].balance);
}

enum xt_status taint_too_much(const struct taint_state *st, uint32_t event,
			      struct xt_err *err)
{
	const struct graph_event *e = &st->g->events[event];
	return xt_fail(err, XT_E_DATA, "%s: account %s would hold more than 2^63 uXEM",
		       event_name(st->g, event).s, st->g->party[e->to].s);
}
