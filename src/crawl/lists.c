/* The lists of an account, page by page: transfers, then harvests. */
#include "account.h"

#include <string.h>

/* ---- transfers ------------------------------------------------------------------ */

static enum xt_status hold(struct account_job *a, struct crawl_check *k, int64_t answer,
			   struct xt_err *err)
{
	if (a->n_held == a->cap_held) {
		const size_t cap = a->cap_held == 0 ? 16 : a->cap_held * 2;
		struct held_tx *v = xt_reallocarray(a->held, cap, sizeof(*v));

		if (v == NULL)
			return xt_fail(err, XT_E_NOMEM,
				       "out of memory for transactions");
		a->held = v;
		a->cap_held = cap;
	}
	a->held[a->n_held++] = (struct held_tx){ .tx = k->checked, .answer = answer };
	memset(&k->checked, 0, sizeof(k->checked));
	return XT_OK;
}

/* Store what the links learnt by now prove, the oldest first. */
static enum xt_status settle_held(struct crawl *c, struct account_job *a,
				  struct xt_err *err)
{
	for (size_t i = a->n_held; i-- > 0;) {
		struct held_tx *h = &a->held[i];
		enum xt_status rc;

		if (page_concern(a, &h->tx.tx) == CONCERN_LATER)
			continue;
		rc = page_store_tx(c, a, &h->tx, h->answer, err);
		if (rc == XT_OK)
			rc = page_learn(a, &h->tx.tx, err);
		if (rc != XT_OK)
			return rc;
		nem_checked_tx_release(&h->tx);
		memmove(h, h + 1, (a->n_held - i - 1) * sizeof(*h));
		a->n_held--;
	}
	return XT_OK;
}

static enum xt_status store_page(struct crawl *c, struct account_job *a,
				 struct proven_page *p, const struct nis_answer *answer,
				 struct xt_err *err)
{
	int64_t id;
	enum xt_status rc = crawl_keep(c, a->base.node, answer, &id, err);

	for (size_t i = 0; rc == XT_OK && i < p->n; i++) {
		struct nem_checked_tx *tx = &p->v[i].checked;

		rc = list_tx(a, &tx->hash, tx->height, page_compares(a, &tx->tx), 0,
			     err);
		if (rc != XT_OK)
			break;
		if (page_concern(a, &tx->tx) == CONCERN_LATER) {
			rc = hold(a, &p->v[i], id, err);
			continue;
		}
		rc = page_store_tx(c, a, tx, id, err);
		if (rc == XT_OK)
			rc = page_learn(a, &tx->tx, err);
	}
	/* A further reading ends where the earlier reading began, unless a link is unproven. */
	if (rc == XT_OK && a->since > 0 && p->n > 0 && a->last_height <= a->since &&
	    a->n_held == 0)
		p->full = false;
	if (rc == XT_OK)
		rc = crawl_reach_settle(c, err);
	/* So does one of an account that nothing stolen had reached before. The rest of
	 * that block may stand on the next page. */
	if (rc == XT_OK && !a->update && a->since == 0 && p->full && p->n > 0 &&
	    a->n_held == 0 && a->last_height < account_floor(c, &a->row, &a->state)) {
		p->full = false;
		a->from = a->last_height + 1;
	}
	if (rc == XT_OK && !p->full)
		rc = settle_held(c, a, err);
	if (rc != XT_OK)
		return rc;
	a->before = p->last_id;
	/* While a transaction is held in memory alone, the stored cursor stays above
	 * it. */
	if (a->n_held == 0)
		a->state.transfers_next = p->last_id;
	a->state.pages++;
	a->state.transfers_done = !p->full && a->n_held == 0;
	if (a->state.transfers_done && !a->update)
		a->state.from_height = a->from;
	return a->update ? XT_OK : store_crawl_put(c->s, &a->state, err);
}

/* Nothing in the whole list proves that these belong to the account. */
static enum xt_status refuse_held(struct crawl *c, struct account_job *a,
				  const struct nis_answer *answer, struct xt_err *err)
{
	const struct held_tx *h = &a->held[a->n_held - 1];
	const struct nem_tx *core = nem_tx_core(&h->tx.tx);
	struct nem_address multisig;
	char hex[65], text[400];
	bool own;

	nem_address_from_pubkey(&multisig, c->net, &core->signer);
	own = nem_address_equal(&multisig, &a->address);
	xt_hex_encode(hex, h->tx.hash.b, sizeof(h->tx.hash.b));
	(void)snprintf(text, sizeof(text),
		       own ? "transaction %s (one of %zu) spends from %s, signed by an "
			     "account that was never its cosignatory"
			   : "transaction %s (one of %zu) does not concern account %s",
		       hex, a->n_held, a->address.s);
	return account_refuse(c, a, answer, own ? "cosignatory" : "foreign", text, err);
}

/* The newest page tells a hub. Nothing of the page is stored then: who pays it and whom
 * it pays is no business of the thief's. */
static enum xt_status stop_hub(struct crawl *c, struct account_job *a,
			       const struct nis_answer *answer, const char *reason,
			       struct xt_err *err)
{
	int64_t id;
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	a->row.state = STORE_STOPPED;
	(void)snprintf(a->row.reason, sizeof(a->row.reason), "%s", reason);
	a->state = (struct store_crawl){
		.account = a->row.id,
		.depth = a->row.depth,
		.fan_in = a->state.fan_in,
		.fan_out = a->state.fan_out,
	};
	rc = crawl_keep(c, a->base.node, answer, &id, err);
	if (rc == XT_OK)
		rc = store_account_update(c->s, &a->row, err);
	if (rc == XT_OK)
		rc = store_crawl_put(c->s, &a->state, err);
	rc = crawl_end(c, rc, err);
	if (rc != XT_OK)
		return rc;
	a->quiet = true;
	a->step = AT_END;
	c->accounts_done++;
	c->accounts_waiting--;
	xt_log(c->sink, XT_LOG_INFO, "account %s: %s", a->address.s, reason);
	return XT_OK;
}

/* "" if it is none. */
static void look_for_hub(struct crawl *c, struct account_job *a,
			 const struct proven_page *p, char reason[160])
{
	struct fan f = { .n_in = 0 };

	reason[0] = '\0';
	if (a->before != 0 || a->update)
		return;
	for (size_t i = 0; i < p->n; i++)
		page_fan(&f, &a->address, &p->v[i].checked.tx, p->v[i].checked.height);
	a->state.fan_in = f.n_in;
	a->state.fan_out = f.n_out;
	if (a->row.depth != 0 && !crawl_reach_marked(c, a->row.id))
		crawl_fan_reason(c, &a->state, reason);
}

enum xt_status lists_take_transfers(struct crawl *c, struct account_job *a,
				    const struct nis_answer *answer, struct xt_err *err)
{
	struct fault fault = { .what = "" };
	struct proven_page page;
	char reason[160];
	bool full;
	enum xt_status rc = page_prove(c, a, &page, answer, NULL, &fault, err);

	if (rc != XT_OK && fault.what[0] != '\0')
		return account_refuse(c, a, answer, fault.what, fault.why.text, err);
	if (rc != XT_OK)
		return rc;
	look_for_hub(c, a, &page, reason);
	if (reason[0] != '\0') {
		proven_page_release(&page);
		return stop_hub(c, a, answer, reason, err);
	}
	rc = CRAWL_BEGIN(c, err);
	if (rc == XT_OK) {
		rc = crawl_reach_fresh(c, err);
		if (rc == XT_OK)
			rc = store_page(c, a, &page, answer, err);
		rc = crawl_end(c, rc, err);
	}
	full = page.full;
	proven_page_release(&page);
	if (crawl_is_conflict(rc))
		return account_conflict(c, a, answer, err);
	if (rc != XT_OK || full)
		return rc;
	if (a->n_held > 0)
		return refuse_held(c, a, answer, err);
	a->step = AT_HARVESTS;
	a->before = 0;
	a->last_height = UINT64_MAX;
	return XT_OK;
}

/* ---- harvests
 * ----------------------------------------------------------------------------------------
 */

static enum xt_status check_harvests(const struct account_job *a,
				     const struct nis_harvest_page *p,
				     struct xt_err *why)
{
	for (size_t i = 0; i < p->n; i++) {
		const uint64_t h = p->v[i].height;

		/* The decoder saw that heights fall within the page. */
		if (h >= a->last_height)
			return xt_fail(
			    why, XT_E_VERIFY,
			    "data[%zu].height: %llu is not below the page before", i,
			    (unsigned long long)h);
		if (h == 0 || h > a->state.top_height + CRAWL_HEIGHT_SLACK)
			return xt_fail(
			    why, XT_E_VERIFY,
			    "data[%zu].height: %llu is beyond the node's own", i,
			    (unsigned long long)h);
	}
	return XT_OK;
}

static enum xt_status store_harvests(struct crawl *c, struct account_job *a,
				     const struct nis_harvest_page *p,
				     const struct nis_answer *answer,
				     struct xt_err *err)
{
	uint64_t next = a->before; /* after the last row that is booked */
	bool below = false;
	int64_t id;
	enum xt_status rc = crawl_keep(c, a->base.node, answer, &id, err);

	for (size_t i = 0; rc == XT_OK && i < p->n; i++) {
		const struct nis_harvest *h = &p->v[i];

		below = h->height < a->from;
		if (below)
			break;
		next = h->id;
		/* Signed as somebody's remote key: the fees are the owner's. */
		if (crawl_was_remote(c, &a->address, h->height))
			continue;
		a->harvests_listed++;
		if (h->fee.uxem == 0)
			continue;
		rc = store_put_harvest(c->s, &a->address, h->height, h->timestamp,
				       h->fee, id, err);
	}
	if (rc != XT_OK)
		return rc;
	a->before = p->n > 0 ? p->v[p->n - 1].id : 0;
	a->state.harvests_next = below ? next : a->before;
	a->state.pages++;
	a->state.harvests_done = below || p->n < NIS_PAGE_SIZE ||
				 (a->since > 0 && p->v[p->n - 1].height <= a->since);
	return a->update ? XT_OK : store_crawl_put(c->s, &a->state, err);
}

enum xt_status lists_take_harvests(struct crawl *c, struct account_job *a,
				   const struct nis_answer *answer, struct xt_err *err)
{
	struct xt_err why = { .code = XT_OK };
	struct nis_harvest_page page = { 0 };
	enum xt_status rc = nis_decode_harvests(&page, answer->body, answer->len, &why);

	if (rc != XT_OK)
		return account_refuse(c, a, answer, "decode", why.text, err);
	rc = check_harvests(a, &page, &why);
	if (rc != XT_OK) {
		nis_harvest_page_release(&page);
		return account_refuse(c, a, answer, "order", why.text, err);
	}
	rc = CRAWL_BEGIN(c, err);
	if (rc == XT_OK) {
		rc = store_harvests(c, a, &page, answer, err);
		rc = crawl_end(c, rc, err);
	}
	if (rc == XT_OK && page.n > 0)
		a->last_height = page.v[page.n - 1].height;
	nis_harvest_page_release(&page);
	if (crawl_is_conflict(rc))
		return account_conflict(c, a, answer, err);
	if (rc != XT_OK || !a->state.harvests_done)
		return rc;
	if (account_quorum_on(c))
		return quorum_next(c, a, err);
	account_after_lists(c, a);
	return XT_OK;
}
