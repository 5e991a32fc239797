/* A finished case again: of accounts that are complete up to a height, what came after
 * it. One page tells whether there is anything. */
#include "account.h"

#include <stdlib.h>
#include <string.h>

struct complete {
	struct store_crawl *v;
	size_t n, cap, next;
	bool scanned; /* those that whole blocks made known, and no others */
	struct crawl *c;
	enum xt_status rc;
	struct xt_err *err;
};

/* Known by whole blocks up to a height, never by its list; 0: it is not. */
static uint64_t scanned_to(const struct store_account *a)
{
	const size_t n = sizeof(CRAWL_WHOLE) - 1;

	if (a->has_balance || strncmp(a->reason, CRAWL_WHOLE, n) != 0)
		return 0;
	return strtoull(a->reason + n, NULL, 10);
}

static bool is_wanted(const struct complete *l, const struct store_account *a)
{
	const bool read = a->state == STORE_COMPLETE || a->state == STORE_INCOMPLETE;

	/* Of all accounts of the chain, those that money leads to. */
	if (l->scanned)
		return read && a->depth != UINT32_MAX && scanned_to(a) > 0;
	/* Also if its sums differ: what it paid since then is none the less so. */
	return read && a->has_balance;
}

static bool add_complete(void *ctx, const struct store_account *a)
{
	struct complete *l = ctx;

	if (!nem_party_is_address(&a->party) || !is_wanted(l, a))
		return true;
	if (l->n == l->cap) {
		const size_t cap = l->cap == 0 ? 64 : l->cap * 2;
		struct store_crawl *v = xt_reallocarray(l->v, cap, sizeof(*v));

		if (v == NULL) {
			l->rc =
			    xt_fail(l->err, XT_E_NOMEM, "out of memory for accounts");
			return false;
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = (struct store_crawl){
		.account = a->id,
		.depth = a->depth,
		.top_height = scanned_to(a),
	};
	return true;
}

/* Once in a run: what no node gives stays as it was. */
static bool is_tried(const struct crawl *c, int64_t account)
{
	uint32_t known;

	return xt_map_get(c->scanned_tried, &known, &account, sizeof(account));
}

/* Those that were read, and not up to the height of the node that would be asked. */
static enum xt_status sort_out(struct complete *l, struct xt_err *err)
{
	struct crawl *c = l->c;
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct store_crawl s = l->v[i];
		size_t node = 0;
		enum xt_status rc = XT_OK;

		if (!l->scanned)
			rc = store_crawl_get(c->s, &s, l->v[i].account, err);
		/* An account of an import. */
		if (rc == XT_E_NOTFOUND)
			continue;
		if (rc != XT_OK)
			return rc;
		/* One that was given up is read from the top. */
		if (l->scanned ? is_tried(c, s.account)
			       : !s.transfers_done || !s.harvests_done)
			continue;
		if (!crawl_node_for(c, &node, (uint64_t)s.account - 1, 0) ||
		    c->nodes[node].height <= s.top_height)
			continue;
		l->v[n++] = s;
	}
	l->n = n;
	return XT_OK;
}

static enum xt_status update_next(struct crawl *c, void *ctx, struct job **job,
				  struct xt_err *err)
{
	struct complete *l = ctx;
	const struct store_crawl *s;
	struct account_job *a = NULL;
	struct store_crawl fresh;
	enum xt_status rc;

	if (l->next == l->n)
		return XT_OK;
	s = &l->v[l->next++];
	fresh = *s;
	fresh.node[0] = '\0';
	fresh.top_height = 0;
	rc = account_new(c, &a, &fresh, err);
	if (rc != XT_OK)
		return rc;
	a->update = true;
	account_restore(a);
	/* A comparison needs the whole list. */
	a->since = account_quorum_on(c) ? (a->from > 0 ? a->from - 1 : 0)
		   : l->scanned         ? s->top_height
					: a->row.balance_height;
	a->probed = s->top_height;
	a->step = AT_PROBE;
	*job = &a->base;
	if (!l->scanned)
		return XT_OK;
	return xt_map_put(c->scanned_tried, &s->account, sizeof(s->account), 1, err);
}

static enum xt_status update_peek(struct crawl *c, void *ctx, struct xt_err *err)
{
	const struct complete *l = ctx;
	enum xt_status rc = XT_OK;

	for (size_t i = l->next; rc == XT_OK && i < l->n; i++) {
		struct ahead plan = { .key = l->v[i].account,
				      .foresee = account_foresee };
		struct store_account row;

		if (!crawl_ahead_wants(c))
			break;
		rc = store_account_get(c->s, &row, plan.key, err);
		if (rc != XT_OK)
			break;
		if (nem_address_parse(&plan.address, row.party.s, NULL) != XT_OK ||
		    !crawl_node_for(c, &plan.node, (uint64_t)plan.key - 1, 0))
			continue;
		account_foresee_probe(&plan);
		rc = crawl_ahead_add(c, &plan, err);
	}
	return rc;
}

static enum xt_status store_quiet(struct crawl *c, struct account_job *a,
				  const struct nis_answer *answer, struct xt_err *err)
{
	struct store_crawl s;
	int64_t id;
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = crawl_keep(c, a->base.node, answer, &id, err);
	if (rc == XT_OK)
		rc = store_crawl_get(c->s, &s, a->row.id, err);
	if (rc == XT_OK) {
		/* The height that the node had before it was asked. */
		s.top_height = c->nodes[a->base.node].greeted_height;
		rc = store_crawl_put(c->s, &s, err);
	}
	return crawl_end(c, rc, err);
}

enum xt_status update_take_probe(struct crawl *c, struct account_job *a,
				 const struct nis_answer *answer, struct xt_err *err)
{
	struct xt_err why = { .code = XT_OK };
	struct nis_tx_page page = { 0 };
	enum xt_status rc =
	    nis_decode_transfers(&page, answer->body, answer->len, &why);

	if (rc != XT_OK)
		return account_refuse(c, a, answer, "decode", why.text, err);
	/* The newest row stands first. */
	a->quiet = page.n == 0 || page.v[0].height <= a->probed;
	/* Nobody was asked for its balance yet: now it is one that was read. */
	a->quiet = a->quiet && a->row.has_balance;
	nis_tx_page_release(&page);
	if (a->quiet) {
		a->step = AT_END;
		return store_quiet(c, a, answer, err);
	}
	a->step = AT_HEIGHT;
	return crawl_keep_alone(c, a->base.node, answer, err);
}

/* An update that was interrupted is gone on with, even if by then accounts wait. */
static enum xt_status mark(struct crawl *c, const char *value, struct xt_err *err)
{
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = store_meta_set(c->s, "crawl_update", value, err);
	return crawl_end(c, rc, err);
}

enum xt_status crawl_update(struct crawl *c, struct xt_err *err)
{
	struct complete l = { .c = c, .rc = XT_OK, .err = err };
	const struct crawl_source source = { update_next, update_peek, &l };
	char marked[16];
	enum xt_status rc =
	    store_meta_get(c->s, marked, sizeof(marked), "crawl_update", err);

	if (rc != XT_OK || (c->accounts_waiting > 0 && marked[0] == '\0'))
		return rc;
	rc = store_each_account(c->s, add_complete, &l, err);
	if (l.rc != XT_OK)
		rc = l.rc;
	if (rc == XT_OK)
		rc = sort_out(&l, err);
	if (rc == XT_OK && l.n > 0 && marked[0] == '\0')
		rc = mark(c, "under way", err);
	if (rc == XT_OK)
		rc = crawl_pump(c, &source, err);
	if (rc == XT_OK && !c->budget_spent && (l.n > 0 || marked[0] != '\0'))
		rc = mark(c, "", err);
	free(l.v);
	return rc;
}

enum xt_status crawl_update_scanned(struct crawl *c, bool *any, struct xt_err *err)
{
	struct complete l = { .scanned = true, .c = c, .rc = XT_OK, .err = err };
	const struct crawl_source source = { update_next, update_peek, &l };
	enum xt_status rc = store_each_account(c->s, add_complete, &l, err);

	if (l.rc != XT_OK)
		rc = l.rc;
	if (rc == XT_OK)
		rc = sort_out(&l, err);
	*any = rc == XT_OK && l.n > 0;
	if (*any)
		rc = crawl_pump(c, &source, err);
	free(l.v);
	return rc;
}
