/* Openings of accounts that were not read from the beginning: docs/crawl.md. */
#include "internal.h"

#include <stdlib.h>

struct partial {
	uint32_t account;
	uint64_t from, opening;
	struct store_before before;
};

struct partials {
	struct graph *g;
	struct store *s;
	const uint32_t *account; /* row to number */
	uint64_t n_rows;
	struct partial *v;
	size_t n, cap;
	uint32_t *of; /* by account: index into v, plus one */
	enum xt_status rc;
	struct xt_err *err;
};

static bool add_partial(void *ctx, const struct store_crawl *c)
{
	struct partials *p = ctx;
	const uint32_t a = c->account > 0 && (uint64_t)c->account <= p->n_rows
			       ? p->account[c->account]
			       : GRAPH_NONE;
	if (a == GRAPH_NONE) {
		p->rc = xt_fail(p->err, XT_E_DATA,
				"%s: crawl names account %lld, not there",
				store_path(p->s), (long long)c->account);
		return false;
	}
	if (!c->has_opening)
		return true;
	if (p->n == p->cap) {
		const size_t cap = p->cap ? 2 * p->cap : 64;
		struct partial *v = xt_reallocarray(p->v, cap, sizeof(*v));
		if (!v) {
			p->rc = xt_fail(p->err, XT_E_NOMEM, "%s: out of memory",
					store_path(p->s));
			return false;
		}
		p->v = v;
		p->cap = cap;
	}
	p->v[p->n++] = (struct partial){ .account = a,
					 .from = c->from_height,
					 .opening = c->opening_uxem };
	return true;
}

static void add_before(struct partials *p, uint32_t account, uint64_t height, bool in,
		       uint64_t amount)
{
	if (account == GRAPH_NONE || p->of[account] == 0)
		return;
	struct partial *v = &p->v[p->of[account] - 1];
	if (height < v->from)
		store_before_add(&v->before, height, in, amount);
}

/* What it held at the height from which it is known is a fact; what it held before
 * everything follows from that and from the movements before that happen to be known. If
 * they do not fit, they are not all, and the account is not complete. */
static void derive(struct partials *p)
{
	struct graph *g = p->g;
	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		const uint64_t height = g->txs[g->event_tx[i]].height;
		if (e->from == e->to)
			continue;
		add_before(p, e->from, height, false, graph_amount(e));
		add_before(p, e->to, height, true, graph_amount(e));
	}
	for (size_t i = 0; i < p->n; i++) {
		const struct partial *v = &p->v[i];
		uint64_t opening = 0;
		if (store_before_end(&v->before, v->opening, &opening) &&
		    opening >= g->opening[v->account])
			g->opening[v->account] = opening;
		else
			g->flags[v->account] &= (uint8_t)~GRAPH_COMPLETE;
	}
}

enum xt_status load_partials(struct graph *g, struct store *s, const uint32_t *account,
			     uint64_t n_rows, struct xt_err *err)
{
	struct xt_err iter;
	struct partials p = {
		.g = g, .s = s, .account = account, .n_rows = n_rows, .err = err
	};
	enum xt_status rc = store_each_partial(s, add_partial, &p, &iter);
	if (p.rc != XT_OK)
		rc = p.rc; /* its own word goes before the iterator's "stopped" */
	else if (rc != XT_OK)
		*err = iter;
	if (rc != XT_OK || p.n == 0)
		goto out;
	p.of = xt_calloc((size_t)g->n_accounts + 1, sizeof(*p.of));
	if (!p.of) {
		rc = xt_fail(err, XT_E_NOMEM, "%s: out of memory", store_path(s));
		goto out;
	}
	for (size_t i = 0; i < p.n; i++)
		p.of[p.v[i].account] = (uint32_t)i + 1;
	derive(&p);
out:
	free(p.of);
	free(p.v);
	return rc;
}
