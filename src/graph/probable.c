#include "private.h"

#include <stdlib.h>
#include <string.h>

#define ONE_XEM UINT64_C(1000000)

/* Payments: plain and inner transfers from one account to another. */
static bool pays(const struct graph_event *e)
{
	const enum nem_movement_kind k = graph_kind(e);
	return (k == NEM_MOVE_TRANSFER || k == NEM_MOVE_INNER) &&
	       e->from != GRAPH_NONE && e->to != GRAPH_NONE && e->from != e->to &&
	       graph_amount(e) >= ONE_XEM;
}

/* An account's side of a payment, and the other's. */
struct dealing {
	uint32_t account, other;
	uint32_t in;
};

static int by_account(const void *a, const void *b)
{
	const struct dealing *x = a;
	const struct dealing *y = b;
	if (x->account != y->account)
		return x->account < y->account ? -1 : 1;
	if (x->in != y->in)
		return x->in < y->in ? -1 : 1;
	return x->other < y->other ? -1 : x->other > y->other;
}

static void mark(struct graph *g, const struct dealing *v, size_t n, uint32_t fan)
{
	for (size_t i = 0; i < n;) {
		const uint32_t a = v[i].account;
		uint32_t others[2] = { 0, 0 };
		for (size_t first = i; i < n && v[i].account == a; i++)
			others[v[i].in] += i == first || v[i].in != v[i - 1].in ||
					   v[i].other != v[i - 1].other;
		if (others[0] >= fan && others[1] >= fan)
			g->flags[a] |= GRAPH_PROBABLE;
	}
}

/* Where a theft begins is no hub. */
static void spare_seeds(const struct graph *g, uint32_t (*count)[2])
{
	for (uint32_t i = 0; i < g->n_seeds; i++)
		if (g->seeds[i].kind != GRAPH_SEED_TX &&
		    g->seeds[i].kind != GRAPH_SEED_REFUND)
			count[g->seeds[i].account][0] = 0;
}

enum xt_status graph_mark_probable(struct graph *g, uint32_t fan, struct xt_err *err)
{
	/* Only who pays and is paid often enough is looked at closely. */
	uint32_t(*count)[2] = xt_calloc((size_t)g->n_accounts + 1, sizeof(*count));
	struct dealing *v = NULL;
	size_t n = 0;
	if (!count)
		goto nomem;
	for (uint32_t i = 0; i < g->n_events; i++) {
		if (!pays(&g->events[i]))
			continue;
		count[g->events[i].from][0]++;
		count[g->events[i].to][1]++;
	}
	spare_seeds(g, count);
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		const bool may = count[a][0] >= fan && count[a][1] >= fan &&
				 !(g->flags[a] & GRAPH_SERVICE) &&
				 g->label[a] == GRAPH_NONE;
		if (may)
			n += (size_t)count[a][0] + count[a][1];
		else
			count[a][0] = 0;
	}
	v = xt_calloc(n + 1, sizeof(*v));
	if (!v)
		goto nomem;
	n = 0;
	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		if (!pays(e))
			continue;
		if (count[e->from][0])
			v[n++] = (struct dealing){ e->from, e->to, 0 };
		if (count[e->to][0])
			v[n++] = (struct dealing){ e->to, e->from, 1 };
	}
	qsort(v, n, sizeof(*v), by_account);
	mark(g, v, n, fan);
	free(count);
	free(v);
	return XT_OK;
nomem:
	free(count);
	return xt_fail(err, XT_E_NOMEM, "graph: out of memory for probable services");
}
