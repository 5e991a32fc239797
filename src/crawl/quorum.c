/* The same list on further nodes: what one leaves out, the other shows. Row ids differ
 * between nodes, the top moves, and lists of cosignatories may differ
 * (docs/nis1.md 1.4): these are no differences. */
#include "account.h"

#include <inttypes.h>
#include <string.h>

/* When two nodes stand at different heights the newest blocks may still change. */
#define QUORUM_TIP 3u
/* Differences told in full, for one account and node; the rest is counted. */
#define QUORUM_TOLD 50u

static const char *url_of(const struct crawl *c, size_t node)
{
	return c->nodes[node].url;
}

/* Inside a transaction. */
static enum xt_status differ(struct crawl *c, struct account_job *a, const char *url,
			     int64_t answer, const char *text, struct xt_err *err)
{
	c->rep.differences++;
	if (a->differences++ >= QUORUM_TOLD)
		return XT_OK;
	return crawl_incident(c, a->base.node, url, answer, "quorum", &a->address, text,
			      err);
}

enum xt_status quorum_next(struct crawl *c, struct account_job *a, struct xt_err *err)
{
	struct job *j = &a->base;
	size_t node;

	(void)err;
	j->tried |= UINT64_C(1) << j->node;
	if (a->compared + 1 < c->opt->quorum && crawl_other_node(c, &node, j->tried)) {
		j->node = node;
		a->step = AT_QUORUM_HEIGHT;
		return XT_OK;
	}
	if (a->compared + 1 < c->opt->quorum)
		xt_log(c->sink, XT_LOG_WARN,
		       "account %s: compared with %u further nodes, not %u",
		       a->address.s, a->compared, c->opt->quorum - 1);
	j->tried = 0;
	j->node = a->primary;
	if (!crawl_usable(c, j->node))
		(void)crawl_other_node(c, &j->node, 0);
	account_after_lists(c, a);
	return XT_OK;
}

enum xt_status quorum_take_height(struct crawl *c, struct account_job *a,
				  const struct nis_answer *answer, struct xt_err *err)
{
	struct xt_err why = { .code = XT_OK };
	const uint64_t top = a->state.top_height;
	uint64_t h = 0;
	enum xt_status rc = nis_decode_height(&h, answer->body, answer->len, &why);

	if (rc != XT_OK)
		return account_refuse(c, a, answer, "decode", why.text, err);
	c->nodes[a->base.node].height = h;
	a->quorum_top = h;
	a->quorum_cut = h < top ? h : top;
	if (h != top)
		a->quorum_cut =
		    a->quorum_cut > QUORUM_TIP ? a->quorum_cut - QUORUM_TIP : 0;
	a->step = AT_QUORUM_TRANSFERS;
	a->before = 0;
	a->last_height = UINT64_MAX;
	a->differences = 0;
	return crawl_keep_alone(c, a->base.node, answer, err);
}

/* A row that the list had: the heights must agree, where both are settled. */
static enum xt_status compare_row(struct crawl *c, struct account_job *a,
				  struct listed_tx *l, const struct nis_tx_entry *e,
				  struct xt_err *err)
{
	char hex[65], text[480];

	l->seen_by = a->base.node + 1;
	if (l->height == e->height ||
	    (l->height > a->quorum_cut && e->height > a->quorum_cut))
		return XT_OK;
	xt_hex_encode(hex, l->hash.b, sizeof(l->hash.b));
	(void)snprintf(
	    text, sizeof(text),
	    "transaction %s: height %" PRIu64 " at %.120s, %" PRIu64 " at %.120s", hex,
	    l->height, url_of(c, a->primary), e->height, url_of(c, a->base.node));
	return differ(c, a, url_of(c, a->base.node), 0, text, err);
}

/* Rows that only this node shows: they are proven, so they are kept. */
static enum xt_status store_extra(struct crawl *c, struct account_job *a,
				  const struct proven_page *p,
				  const struct nis_answer *answer, int64_t id,
				  struct xt_err *err)
{
	char hex[65], text[480];
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < p->n; i++) {
		const struct nem_checked_tx *tx = &p->v[i].checked;

		if (tx->height > a->quorum_cut || tx->height < a->from ||
		    page_concern(a, &tx->tx) == CONCERN_LATER)
			continue;
		rc = page_store_tx(c, a, tx, id, err);
		if (rc == XT_OK)
			rc = page_learn(a, &tx->tx, err);
		if (rc == XT_OK)
			rc = list_tx(a, &tx->hash, tx->height,
				     page_compares(a, &tx->tx), a->base.node + 1, err);
		if (rc != XT_OK || !page_compares(a, &tx->tx))
			continue;
		xt_hex_encode(hex, tx->hash.b, sizeof(tx->hash.b));
		(void)snprintf(text, sizeof(text),
			       "transaction %s at height %" PRIu64
			       ": %.120s lists it, %.120s does not",
			       hex, tx->height, url_of(c, a->base.node),
			       url_of(c, a->primary));
		rc = differ(c, a, answer->url, id, text, err);
	}
	return rc;
}

/* Rows that this node does not show. */
static enum xt_status tell_missing(struct crawl *c, struct account_job *a,
				   struct xt_err *err)
{
	char hex[65], text[480];
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < a->n_listed; i++) {
		const struct listed_tx *l = &a->listed[i];

		if (!l->compare || l->height > a->quorum_cut || l->height < a->from ||
		    l->seen_by == a->base.node + 1)
			continue;
		xt_hex_encode(hex, l->hash.b, sizeof(l->hash.b));
		(void)snprintf(text, sizeof(text),
			       "transaction %s at height %" PRIu64
			       ": %.120s lists it, %.120s does not",
			       hex, l->height,
			       url_of(c, l->seen_by != 0 ? l->seen_by - 1 : a->primary),
			       url_of(c, a->base.node));
		rc = differ(c, a, url_of(c, a->base.node), 0, text, err);
	}
	if (rc == XT_OK && a->differences > QUORUM_TOLD) {
		(void)snprintf(text, sizeof(text),
			       "and %u further differences to %.200s",
			       a->differences - QUORUM_TOLD, url_of(c, a->base.node));
		rc = crawl_incident(c, a->base.node, url_of(c, a->base.node), 0,
				    "quorum", &a->address, text, err);
	}
	return rc;
}

static enum xt_status store_comparison(struct crawl *c, struct account_job *a,
				       const struct proven_page *p,
				       const struct nis_answer *answer,
				       struct xt_err *err)
{
	int64_t id;
	enum xt_status rc = crawl_keep(c, a->base.node, answer, &id, err);

	if (rc == XT_OK)
		rc = store_extra(c, a, p, answer, id, err);
	if (rc == XT_OK && !p->full)
		rc = tell_missing(c, a, err);
	return rc;
}

enum xt_status quorum_take_page(struct crawl *c, struct account_job *a,
				const struct nis_answer *answer, struct xt_err *err)
{
	const unsigned differences = a->differences;
	struct fault fault = { .what = "" };
	struct proven_page page = { 0 };
	bool full = false;
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = page_prove(c, a, &page, answer, compare_row, &fault, err);
	if (rc == XT_OK && a->last_height < a->from)
		page.full = false;
	if (rc == XT_OK)
		rc = store_comparison(c, a, &page, answer, err);
	rc = crawl_end(c, rc, err);
	if (rc != XT_OK)
		a->differences = differences;
	full = page.full;
	a->before = page.last_id;
	proven_page_release(&page);
	if (rc != XT_OK && fault.what[0] != '\0')
		return account_refuse(c, a, answer, fault.what, fault.why.text, err);
	if (crawl_is_conflict(rc))
		return account_conflict(c, a, answer, err);
	if (rc != XT_OK || full)
		return rc;
	a->compared++;
	return quorum_next(c, a, err);
}
