#include "multisigs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <xemtrace/evidence.h>

/* Rows of the case file to transactions of the graph. */
struct row {
	int64_t id;
	uint32_t tx;
};

static int by_id(const void *pa, const void *pb)
{
	const struct row *a = pa;
	const struct row *b = pb;

	return a->id < b->id ? -1 : a->id > b->id;
}

/* The first event of a transaction, by row; what moves no XEM has none. */
static uint32_t event_of(const struct graph *g, const struct row *rows, int64_t id)
{
	const struct row key = { .id = id };
	const struct row *at = bsearch(&key, rows, g->n_txs, sizeof(*rows), by_id);
	uint32_t lo = 0;
	uint32_t hi = g->n_events;

	if (at == NULL)
		return GRAPH_NONE;
	/* Transactions are numbered in the order of their first event. */
	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;

		if (g->event_tx[mid] < at->tx)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->n_events && g->event_tx[lo] == at->tx ? lo : GRAPH_NONE;
}

static enum xt_status set_of(struct analyse_multisig *out,
			     const struct evidence_multisig *m, struct xt_err *err)
{
	const size_t size = m->n * sizeof(m->cosignatories[0].s) + 1;
	char *text = xt_calloc(size, 1);
	size_t len = 0;

	if (text == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu cosignatories",
			       m->n);
	for (size_t i = 0; i < m->n; i++) {
		(void)snprintf(text + len, size - len, "%s%s", i > 0 ? " " : "",
			       m->cosignatories[i].s);
		len += strlen(text + len);
	}
	out->cosignatories = text;
	out->n = m->n;
	return XT_OK;
}

static enum xt_status take(struct multisigs *out, const struct graph *g,
			   const struct row *rows, const struct evidence_multisig *m,
			   struct xt_err *err)
{
	struct analyse_multisig *v = &out->v[out->n];
	const uint32_t account = graph_find(g, m->account.s);
	uint32_t *events;
	enum xt_status rc;

	if (account == GRAPH_NONE)
		return XT_OK;
	assert(v != NULL);
	*v = (struct analyse_multisig){ .account = account,
					.answer =
					    m->reported ? (uint64_t)m->answer : 0 };
	rc = set_of(v, m, err);
	if (rc != XT_OK)
		return rc;
	out->n++;
	events = xt_calloc(m->n_txs + 1, sizeof(*events));
	if (events == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu transactions",
			       m->n_txs);
	v->events = events;
	for (size_t i = 0; i < m->n_txs; i++) {
		const uint32_t e = event_of(g, rows, m->txs[i]);

		if (e != GRAPH_NONE)
			events[v->n_events++] = e;
	}
	return XT_OK;
}

enum xt_status multisigs_find(struct cli *c, const struct graph *g,
			      struct multisigs *out, struct xt_err *err)
{
	struct evidence_multisigs all = { 0 };
	struct multisigs m = { 0 };
	struct row *rows = NULL;
	bool began = false;
	enum xt_status rc = store_read_begin(c->store, &began, err);

	/* Thousands of small readings under one lock. */
	if (rc == XT_OK)
		rc = evidence_multisig_accounts(&all, c->store, err);
	store_read_end(c->store, began);
	if (rc != XT_OK || all.n == 0)
		goto out;
	rows = xt_calloc((size_t)g->n_txs + 1, sizeof(*rows));
	m.v = xt_calloc(all.n + 1, sizeof(*m.v));
	if (rows == NULL || m.v == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for multisig accounts");
	assert(rc != XT_OK || (rows != NULL && m.v != NULL));
	for (uint32_t t = 0; t < g->n_txs && rc == XT_OK; t++)
		rows[t] = (struct row){ g->tx_id[t], t };
	if (rc == XT_OK)
		qsort(rows, g->n_txs, sizeof(*rows), by_id);
	for (size_t i = 0; i < all.n && rc == XT_OK; i++)
		rc = take(&m, g, rows, &all.v[i], err);
out:
	free(rows);
	evidence_multisigs_release(&all);
	if (rc == XT_OK)
		*out = m;
	else
		multisigs_release(&m);
	return rc;
}

void multisigs_release(struct multisigs *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free((void *)(uintptr_t)m->v[i].cosignatories);
		free((void *)(uintptr_t)m->v[i].events);
	}
	free(m->v);
	memset(m, 0, sizeof(*m));
}
