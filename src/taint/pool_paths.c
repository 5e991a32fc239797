/* Paths under the policies that pool. What an account sends of a theft is a share of
 * all of that theft it holds, so it comes from what it had received in proportion to
 * what is left of each. Walking back through the account's own events: of the part not
 * yet placed, an inflow of x that made the taint T placed x / T; an outflow changes no
 * proportion. Shares are rounded down; the oldest inflow takes the rest. */
#include <stdlib.h>
#include <string.h>

#include "paths.h"
#include "policy.h"

/* Steps over events of accounts, and partial paths, before the search ends. */
#define MAX_STEPS UINT64_C(50000000)
#define MAX_ITEMS UINT32_C(2000000)

/* A part of an end that came this way: by an edge, or from a seed (then it is
 * complete). */
struct item {
	uint64_t uxem;
	uint32_t event; /* TAINT_NONE: held at the end, or a seed where the money lay */
	uint32_t parent;
	uint32_t theft, seed; /* seed: TAINT_NONE while the path goes on */
};

/* What changed an account's taint of one theft, in order: an event, or (event
 * TAINT_NONE) a seed or clean mark right before event `at`. */
struct entry {
	uint64_t uxem, after;
	uint32_t event, seed, at;
	bool in;
};

/* All of an account's entries of one theft, read when they are first asked for. */
struct history {
	size_t first;
	uint32_t n;
	bool read;
};

struct search {
	const struct taint_result *r;
	const struct graph *g;
	struct item *items;
	uint32_t n, cap;
	struct xt_heap heap;
	struct entry *entries;
	size_t n_entries, cap_entries;
	struct history *histories; /* by account, and theft */
	uint32_t *chain;
	uint32_t cap_chain;
	uint64_t steps;
	struct xt_err *err;
};

static enum xt_status nomem(struct search *s)
{
	return xt_fail(s->err, XT_E_NOMEM, "taint: out of memory for paths");
}

static enum xt_status push(struct search *s, const struct item *item)
{
	if (!item->uxem || s->n >= MAX_ITEMS)
		return XT_OK;
	if (s->n == s->cap) {
		const uint32_t cap = s->cap + s->cap / 2 + 256;
		void *v = xt_reallocarray(s->items, cap, sizeof(*s->items));
		if (!v)
			return nomem(s);
		s->items = v;
		s->cap = cap;
	}
	s->items[s->n] = *item;
	const struct xt_heap_item h = { item->uxem, s->n, s->n };
	const enum xt_status st = xt_heap_push(&s->heap, h, s->err);
	if (st == XT_OK)
		s->n++;
	return st;
}

/* Edges stand by event and theft. */
static uint64_t edge_of(const struct taint_result *r, uint32_t event, uint32_t theft)
{
	size_t lo = 0;
	size_t hi = r->n_edges;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const struct taint_edge *e = &r->edges[mid];
		if (e->event < event || (e->event == event && e->theft < theft))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < r->n_edges && r->edges[lo].event == event &&
	    r->edges[lo].theft == theft)
		return r->edges[lo].uxem;
	return 0;
}

/* The first change at or after an event. */
static size_t change_from(const struct taint_result *r, uint32_t event)
{
	size_t lo = 0;
	size_t hi = r->n_changes;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (r->changes[mid].event < event)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* How much of an edge its own seeds made: the first of them, and the sum. */
static uint64_t fresh_at(const struct taint_result *r, uint32_t event, uint32_t theft,
			 uint32_t *seed)
{
	uint64_t sum = 0;
	for (size_t i = change_from(r, event);
	     i < r->n_changes && r->changes[i].event == event; i++) {
		const struct taint_change *c = &r->changes[i];
		if (!c->at_event || c->theft != theft)
			continue;
		if (!sum)
			*seed = c->seed;
		sum += c->uxem;
	}
	return sum;
}

static enum xt_status entry(struct search *s, const struct history *h, struct entry e)
{
	if (!e.uxem)
		return XT_OK;
	if (s->n_entries == s->cap_entries) {
		const size_t cap = s->cap_entries + s->cap_entries / 2 + 64;
		void *v = xt_reallocarray(s->entries, cap, sizeof(*s->entries));
		if (!v)
			return nomem(s);
		s->entries = v;
		s->cap_entries = cap;
	}
	const uint64_t before =
	    s->n_entries > h->first ? s->entries[s->n_entries - 1].after : 0;
	e.after = e.in ? before + e.uxem : before - e.uxem;
	s->entries[s->n_entries++] = e;
	return XT_OK;
}

/* Changes of an account up to and right before an event. */
static enum xt_status changes(struct search *s, const struct history *h,
			      uint32_t account, uint32_t theft, size_t *at,
			      uint32_t event)
{
	const struct taint_result *r = s->r;
	enum xt_status st = XT_OK;
	for (; *at < r->n_changes && r->changes[*at].event <= event && st == XT_OK;
	     (*at)++) {
		const struct taint_change *c = &r->changes[*at];
		if (c->at_event || c->account != account || c->theft != theft)
			continue;
		st = entry(s, h,
			   (struct entry){ .uxem = c->uxem,
					   .event = TAINT_NONE,
					   .seed = c->seed,
					   .at = c->event,
					   .in = c->seed != TAINT_NONE });
	}
	return st;
}

/* All that moved an account's taint of a theft. */
static enum xt_status read_history(struct search *s, struct history *h, uint32_t a,
				   uint32_t theft)
{
	const struct graph *g = s->g;
	uint32_t i = g->in_start[a];
	uint32_t o = g->out_start[a];
	size_t c = 0;
	enum xt_status st = XT_OK;
	h->first = s->n_entries;
	while (st == XT_OK) {
		const uint32_t in =
		    i < g->in_start[a + 1] ? g->in_event[i] : TAINT_NONE;
		const uint32_t out =
		    o < g->out_start[a + 1] ? g->out_event[o] : TAINT_NONE;
		const uint32_t e = in < out ? in : out;
		if (e == TAINT_NONE)
			break;
		i += in == e;
		o += out == e;
		s->steps++;
		st = changes(s, h, a, theft, &c, e);
		if (st != XT_OK || in == out)
			continue;
		/* What a seed made dirty on the way was not the sender's taint. */
		uint32_t seed = TAINT_NONE;
		const uint64_t x = edge_of(s->r, e, theft);
		const uint64_t fresh =
		    e == out && x ? fresh_at(s->r, e, theft, &seed) : 0;
		st = entry(s, h,
			   (struct entry){ .uxem = x - fresh,
					   .event = e,
					   .seed = TAINT_NONE,
					   .at = e,
					   .in = e == in });
	}
	if (st == XT_OK)
		st = changes(s, h, a, theft, &c, g->n_events);
	h->n = (uint32_t)(s->n_entries - h->first);
	h->read = true;
	return st;
}

/* How many of them come before an event. */
static uint32_t entries_before(const struct entry *v, uint32_t n, uint32_t event)
{
	uint32_t lo = 0;
	uint32_t hi = n;
	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;
		if (v[mid].at < event ||
		    (v[mid].at == event && v[mid].event == TAINT_NONE))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Share `uxem` of an account's taint before an event among where it came from. */
static enum xt_status expand(struct search *s, uint32_t account, uint32_t theft,
			     uint32_t before, uint64_t uxem, uint32_t parent)
{
	struct history *h = &s->histories[(size_t)account * s->g->n_thefts + theft];
	enum xt_status st = XT_OK;
	if (!h->read && (st = read_history(s, h, account, theft)) != XT_OK)
		return st;
	const struct entry *v = s->entries + h->first;
	for (uint32_t i = entries_before(v, h->n, before);
	     i-- > 0 && uxem && st == XT_OK;) {
		const struct entry e = v[i];
		uint64_t part;
		s->steps++;
		if (!e.in || !xt_muldiv(&part, uxem, e.uxem, e.after))
			continue;
		uxem -= part;
		st = push(s, &(struct item){ .uxem = part,
					     .event = e.event,
					     .parent = parent,
					     .theft = theft,
					     .seed = e.seed });
	}
	return st;
}

static enum xt_status go_back(struct search *s, uint32_t index)
{
	const struct item it = s->items[index];
	const uint64_t whole = edge_of(s->r, it.event, it.theft);
	uint32_t seed = TAINT_NONE;
	const uint64_t fresh = fresh_at(s->r, it.event, it.theft, &seed);
	uint64_t part = 0;
	enum xt_status st = XT_OK;
	if (fresh && xt_muldiv(&part, it.uxem, fresh, whole))
		st = push(s, &(struct item){ .uxem = part,
					     .event = TAINT_NONE,
					     .parent = index,
					     .theft = it.theft,
					     .seed = seed });
	const uint32_t from = s->g->events[it.event].from;
	if (st == XT_OK && it.uxem > part && from != GRAPH_NONE && fresh < whole)
		st = expand(s, from, it.theft, it.event, it.uxem - part, index);
	return st;
}

/* A path that reached its seed: newest event first. */
static enum xt_status complete(struct search *s, struct taint_paths *out,
			       const struct taint_path_query *q, uint32_t index)
{
	const struct item *it = &s->items[index];
	struct taint_path p = { .uxem = it->uxem,
				.theft = it->theft,
				.seed = it->seed };
	uint32_t n = 0;
	uint32_t root = index;
	for (uint32_t k = index; k != TAINT_NONE; k = s->items[k].parent) {
		root = k;
		n += s->items[k].event != TAINT_NONE;
	}
	if (n > s->cap_chain || !s->chain) {
		void *v =
		    xt_reallocarray(s->chain, (size_t)n * 2 + 16, sizeof(*s->chain));
		if (!v)
			return nomem(s);
		s->chain = v;
		s->cap_chain = n * 2 + 16;
	}
	uint32_t at = n;
	for (uint32_t k = index; k != TAINT_NONE; k = s->items[k].parent)
		if (s->items[k].event != TAINT_NONE)
			s->chain[--at] = s->items[k].event;
	p.held = s->items[root].event == TAINT_NONE;
	p.account =
	    p.held ? s->items[root].seed : s->g->events[s->items[root].event].to;
	if (!taint_paths_via(s->g, q, p.held ? p.account : GRAPH_NONE, s->chain, n))
		return XT_OK;
	return taint_paths_add(out, &p, s->chain, n) ? XT_OK : nomem(s);
}

/* The ends: deposits as edges; holdings as roots whose `seed` is the account. */
static enum xt_status ends(struct search *s, struct taint_paths *out,
			   const struct taint_path_query *q)
{
	enum xt_status st = XT_OK;
	for (size_t i = 0; i < s->r->n_edges && st == XT_OK; i++) {
		const struct taint_edge *e = &s->r->edges[i];
		if (!taint_paths_wants(q, e->theft) ||
		    !taint_paths_deposit(s->g, &s->r->options, q, e->event))
			continue;
		out->asked += e->uxem;
		st = push(s, &(struct item){ .uxem = e->uxem,
					     .event = e->event,
					     .parent = TAINT_NONE,
					     .theft = e->theft,
					     .seed = TAINT_NONE });
	}
	for (size_t i = 0; i < s->r->n_holdings && st == XT_OK && q->memo == TAINT_ALL;
	     i++) {
		const struct taint_holding *h = &s->r->holdings[i];
		if (!taint_paths_wants(q, h->theft) ||
		    (q->account != GRAPH_NONE && q->account != h->account))
			continue;
		out->asked += h->uxem;
		st = push(s, &(struct item){ .uxem = h->uxem,
					     .event = TAINT_NONE,
					     .parent = TAINT_NONE,
					     .theft = h->theft,
					     .seed = h->account });
	}
	return st;
}

enum xt_status taint_pool_paths(struct taint_paths *out, const struct taint_result *r,
				const struct graph *g, const struct taint_path_query *q,
				struct xt_err *err)
{
	struct search s = { .r = r, .g = g, .err = err };
	struct xt_heap_item top;
	xt_heap_init(&s.heap);
	s.histories =
	    xt_calloc((size_t)g->n_accounts * g->n_thefts + 1, sizeof(*s.histories));
	enum xt_status st = s.histories ? ends(&s, out, q) : nomem(&s);
	while (st == XT_OK && out->n < q->max && s.steps < MAX_STEPS &&
	       xt_heap_pop(&s.heap, &top)) {
		const uint32_t index = (uint32_t)top.id;
		const struct item it = s.items[index];
		if (it.parent == TAINT_NONE && it.event == TAINT_NONE)
			st = expand(&s, it.seed, it.theft, g->n_events, it.uxem, index);
		else if (it.seed != TAINT_NONE)
			st = complete(&s, out, q, index);
		else
			st = go_back(&s, index);
	}
	xt_heap_release(&s.heap);
	free(s.items);
	free(s.entries);
	free(s.histories);
	free(s.chain);
	return st;
}
