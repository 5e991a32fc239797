/* Seeds, labels and clean marks: what the case was told, beside what it was shown. */
#include <string.h>

#include "internal.h"

struct marks {
	const struct load_rows *rows;
	enum xt_status rc; /* what a callback ran into */
	struct xt_err *err;
};

/* A callback's own error goes before the iterator's "stopped". */
static enum xt_status outcome(const struct marks *m, enum xt_status rc,
			      const struct xt_err *iter)
{
	if (m->rc != XT_OK)
		return m->rc;
	if (rc != XT_OK)
		*m->err = *iter;
	return rc;
}

static bool add_label(void *ctx, const struct store_label *row)
{
	struct marks *m = ctx;
	const struct load_rows *r = m->rows;
	struct graph *g = r->g;
	const uint32_t a = load_row(r->account, r->n_accounts, row->account);
	if (a == GRAPH_NONE) {
		m->rc =
		    xt_fail(m->err, XT_E_DATA,
			    "%s: account %lld is not there, or not what it should be",
			    store_path(r->s), (long long)row->account);
		return false;
	}
	const uint32_t old = g->label[a];
	if (row->service)
		g->flags[a] |= GRAPH_SERVICE;
	/* The best one comes first; but that an account is a service stands on a label that
	 * says so, and that one is shown with its confidence. */
	if (old != GRAPH_NONE && (g->labels[old].service || !row->service))
		return true;
	const struct graph_label label = {
		.text = row->label,
		.category = row->category,
		.source = row->source,
		.confidence = (uint8_t)row->confidence,
		.service = row->service,
	};
	m->rc = graph_add_label(g, a, &label, m->err);
	if (m->rc == XT_OK)
		g->label[a] = g->n_labels - 1;
	return m->rc == XT_OK;
}

static enum xt_status theft_of(const struct marks *m, uint32_t *out, const char *name)
{
	struct graph *g = m->rows->g;
	for (uint32_t i = 0; i < g->n_thefts; i++) {
		if (strcmp(g->theft[i], name) == 0) {
			*out = i;
			return XT_OK;
		}
	}
	return graph_add_theft(g, out, name, m->err);
}

static enum xt_status party_of(const struct marks *m, uint32_t *out,
			       const struct nem_party *p)
{
	const struct load_rows *r = m->rows;
	struct store_account a;
	const enum xt_status rc = store_account_find(r->s, &a, p->s, m->err);
	if (rc == XT_OK)
		*out = load_row(r->account, r->n_accounts, a.id);
	return rc;
}

static bool add_seed(void *ctx, const struct store_seed *d)
{
	struct marks *m = ctx;
	const struct load_rows *r = m->rows;
	struct graph_seed seed = {
		.kind = (enum graph_seed_kind)d->kind,
		.tx = GRAPH_NONE,
		.account = GRAPH_NONE,
		.from = d->has_from ? d->from : INT64_MIN,
		.to = d->has_to ? d->to : INT64_MAX,
		.height = (uint32_t)d->height,
		.amount = d->all ? GRAPH_SEED_ALL : d->amount_uxem,
	};
	m->rc = theft_of(m, &seed.theft, d->theft);
	if (m->rc != XT_OK)
		return false;
	if (d->kind == GRAPH_SEED_TX || d->kind == GRAPH_SEED_REFUND) {
		seed.tx = load_row(r->tx, r->n_txs, d->tx);
		if (seed.tx == GRAPH_NONE)
			m->rc = xt_fail(
			    m->err, XT_E_NOTFOUND,
			    "%s: seed %lld of theft \"%s\": transaction %s %s",
			    store_path(r->s), (long long)d->id, d->theft, d->tx_text,
			    d->tx ? "moves no XEM" : "is not in the case");
	} else {
		m->rc = party_of(m, &seed.account, &d->account);
	}
	if (m->rc == XT_OK)
		m->rc = graph_add_seed(r->g, &seed, m->err);
	return m->rc == XT_OK;
}

static bool add_clean(void *ctx, const struct store_clean *c)
{
	struct marks *m = ctx;
	uint32_t a;
	m->rc = party_of(m, &a, &c->account);
	if (m->rc == XT_OK)
		m->rc = graph_add_clean(m->rows->g, a, c->from, m->err);
	return m->rc == XT_OK;
}

enum xt_status load_seeds(const struct load_rows *rows, struct xt_err *err)
{
	struct marks m = { rows, XT_OK, err };
	struct xt_err iter = { 0 };
	return outcome(&m, store_each_seed(rows->s, add_seed, &m, &iter), &iter);
}

enum xt_status load_labels(const struct load_rows *rows, struct xt_err *err)
{
	struct marks m = { rows, XT_OK, err };
	struct xt_err iter = { 0 };
	return outcome(&m, store_each_label(rows->s, add_label, &m, &iter), &iter);
}

enum xt_status load_cleans(const struct load_rows *rows, struct xt_err *err)
{
	struct marks m = { rows, XT_OK, err };
	struct xt_err iter = { 0 };
	return outcome(&m, store_each_clean(rows->s, add_clean, &m, &iter), &iter);
}
