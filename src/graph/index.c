#include <xemtrace/graph.h>

#include <stdlib.h>
#include <string.h>

#include "private.h"

static uint32_t name_hash_of(const struct graph *g, uint32_t a)
{
	return graph_hash_bytes(g->party[a].s, strlen(g->party[a].s));
}

/* Without memory for the index: the slow way, the same answer. */
static uint32_t find_slowly(const struct graph *g, const char *party)
{
	for (uint32_t a = 0; a < g->n_accounts; a++)
		if (!strcmp(g->party[a].s, party))
			return a;
	return GRAPH_NONE;
}

uint32_t graph_find(const struct graph *g, const char *party)
{
	struct graph_hash *h = &graph_private(g)->names;
	while (h->len < g->n_accounts) {
		if (!graph_hash_room(h, name_hash_of, g))
			return find_slowly(g, party);
		graph_hash_insert(h, name_hash_of(g, h->len), h->len);
	}
	if (!h->cap)
		return GRAPH_NONE;
	for (uint32_t i = graph_hash_bytes(party, strlen(party)) & (h->cap - 1);
	     h->slot[i]; i = (i + 1) & (h->cap - 1))
		if (!strcmp(g->party[h->slot[i] - 1].s, party))
			return h->slot[i] - 1;
	return GRAPH_NONE;
}

/* Counting sort of event numbers by one of their ends; stable, so order is kept. */
static void index_side(const struct graph *g, bool out, uint32_t *start, uint32_t *list)
{
	for (uint32_t i = 0; i < g->n_events; i++) {
		const uint32_t a = out ? g->events[i].from : g->events[i].to;
		if (a != GRAPH_NONE)
			start[a + 1]++;
	}
	for (uint32_t a = 0; a < g->n_accounts; a++)
		start[a + 1] += start[a];
	/* Fill from the back: start[a + 1] counts down to where a's list begins. */
	for (uint32_t i = g->n_events; i-- > 0;) {
		const uint32_t a = out ? g->events[i].from : g->events[i].to;
		if (a != GRAPH_NONE)
			list[--start[a + 1]] = i;
	}
	/* start[a + 1] is now the start of a; move down by one place. */
	memmove(start, start + 1, (size_t)g->n_accounts * sizeof(*start));
	uint32_t total = 0;
	for (uint32_t i = 0; i < g->n_events; i++)
		total += (out ? g->events[i].from : g->events[i].to) != GRAPH_NONE;
	start[g->n_accounts] = total;
}

enum xt_status graph_index(struct graph *g, struct xt_err *err)
{
	uint32_t *out_start = xt_calloc((size_t)g->n_accounts + 1, sizeof(uint32_t));
	uint32_t *in_start = xt_calloc((size_t)g->n_accounts + 1, sizeof(uint32_t));
	uint32_t *out_event = xt_calloc((size_t)g->n_events + 1, sizeof(uint32_t));
	uint32_t *in_event = xt_calloc((size_t)g->n_events + 1, sizeof(uint32_t));
	if (!out_start || !in_start || !out_event || !in_event) {
		free(out_start);
		free(in_start);
		free(out_event);
		free(in_event);
		return xt_fail(err, XT_E_NOMEM,
			       "graph: out of memory for the adjacency");
	}
	index_side(g, true, out_start, out_event);
	index_side(g, false, in_start, in_event);
	free(g->out_start);
	free(g->in_start);
	free(g->out_event);
	free(g->in_event);
	g->out_start = out_start;
	g->in_start = in_start;
	g->out_event = out_event;
	g->in_event = in_event;
	return XT_OK;
}

/* What an event takes from its sender beyond what that one has: the opening it lacks.
 */
static enum xt_status lacking(struct graph *g, uint32_t i, uint64_t *balance,
			      uint64_t *opening, struct xt_err *err)
{
	const struct graph_event *e = &g->events[i];
	const uint64_t q = graph_amount(e);
	const uint64_t lack = q - balance[e->from];
	const char *ref = g->tx_ref ? g->tx_ref[g->event_tx[i]] : "";
	if (g->flags[e->from] & GRAPH_COMPLETE)
		return xt_fail(
		    err, XT_E_VERIFY,
		    "transaction %s (event %u, height %u): account %s sends %llu "
		    "uXEM and holds %llu, though its history is complete",
		    ref, i, g->txs[g->event_tx[i]].height, g->party[e->from].s,
		    (unsigned long long)q, (unsigned long long)balance[e->from]);
	balance[e->from] = q;
	if (!xt_add(&opening[e->from], opening[e->from], lack) ||
	    opening[e->from] > GRAPH_AMOUNT_MASK)
		return xt_fail(
		    err, XT_E_DATA,
		    "transaction %s (event %u): account %s would need an opening "
		    "balance above 2^56 uXEM",
		    ref, i, g->party[e->from].s);
	return XT_OK;
}

/* How much was assumed, beyond the openings that were known. */
static enum xt_status sum_assumed(const struct graph *g, const uint64_t *opening,
				  uint32_t *accounts, uint64_t *uxem,
				  struct xt_err *err)
{
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		if (opening[a] == g->opening[a])
			continue;
		++*accounts;
		if (!xt_add(uxem, *uxem, opening[a] - g->opening[a]))
			return xt_fail(err, XT_E_DATA,
				       "graph: assumed openings pass 2^64 uXEM");
	}
	return XT_OK;
}

enum xt_status graph_assume_openings(struct graph *g, uint32_t *assumed_accounts,
				     uint64_t *assumed_uxem, struct xt_err *err)
{
	enum xt_status s = XT_OK;
	const size_t n = (size_t)g->n_accounts + 1;
	uint64_t *balance = xt_calloc(n, sizeof(*balance));
	uint64_t *opening = xt_calloc(n, sizeof(*opening));
	uint32_t accounts = 0;
	uint64_t uxem = 0;
	if (!balance || !opening) {
		s = xt_fail(err, XT_E_NOMEM, "graph: out of memory for balances");
		goto out;
	}
	if (g->n_accounts) {
		memcpy(balance, g->opening, (n - 1) * sizeof(*balance));
		memcpy(opening, g->opening, (n - 1) * sizeof(*opening));
	}
	for (uint32_t i = 0; i < g->n_events && s == XT_OK; i++) {
		const struct graph_event *e = &g->events[i];
		const uint64_t q = graph_amount(e);
		if (e->from == e->to)
			continue;
		/* Money inside a service is outside the model: it needs no opening. */
		if (e->from != GRAPH_NONE &&
		    (g->flags[e->from] & (GRAPH_SERVICE | GRAPH_COMPLETE)) !=
			GRAPH_SERVICE) {
			if (balance[e->from] < q)
				s = lacking(g, i, balance, opening, err);
			if (s == XT_OK)
				balance[e->from] -= q;
		}
		if (s == XT_OK && e->to != GRAPH_NONE &&
		    !xt_add(&balance[e->to], balance[e->to], q))
			s = xt_fail(err, XT_E_DATA,
				    "event %u: balance of %s passes 2^64 uXEM", i,
				    g->party[e->to].s);
	}
	if (s == XT_OK)
		s = sum_assumed(g, opening, &accounts, &uxem, err);
	if (s != XT_OK)
		goto out;
	if (g->n_accounts)
		memcpy(g->opening, opening, (n - 1) * sizeof(*opening));
	*assumed_accounts = accounts;
	*assumed_uxem = uxem;
out:
	free(balance);
	free(opening);
	return s;
}
