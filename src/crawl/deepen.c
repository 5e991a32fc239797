/* Accounts that were read from a height on, and are needed from an earlier one. */
#include "account.h"

#include <stdlib.h>

uint64_t account_floor(const struct crawl *c, const struct store_account *a,
		       const struct store_crawl *s)
{
	uint64_t floor = crawl_reach_floor(c, a->id, a->depth == 0);

	/* What it held before everything is known from elsewhere. */
	if (a->has_opening)
		return 0;
	if (s->has_want && s->want < floor)
		floor = s->want;
	return floor;
}

/* The cursors are kept: the lists are read on from there. */
static enum xt_status read_on(struct crawl *c, struct store_account *a,
			      struct store_crawl *s, struct xt_err *err)
{
	enum xt_status rc;

	s->transfers_done = false;
	s->harvests_done = false;
	s->from_height = 0;
	s->has_opening = false;
	s->opening_uxem = 0;
	s->opening_way = STORE_WAY_NONE;
	rc = store_crawl_put(c->s, s, err);
	return rc == XT_OK ? crawl_open_account(c, a, a->depth, err) : rc;
}

static enum xt_status look(struct crawl *c, int64_t account, struct store_account *a,
			   struct store_crawl *s, bool *partial, struct xt_err *err)
{
	enum xt_status rc = store_crawl_get(c->s, s, account, err);

	*partial = false;
	if (rc == XT_E_NOTFOUND)
		return XT_OK;
	if (rc == XT_OK)
		rc = store_account_get(c->s, a, account, err);
	if (rc == XT_OK)
		*partial = s->from_height > 0 &&
			   (a->state == STORE_COMPLETE || a->state == STORE_INCOMPLETE);
	return rc;
}

enum xt_status account_deepen(struct crawl *c, int64_t account, struct xt_err *err)
{
	struct store_account a;
	struct store_crawl s;
	bool partial = false;
	const enum xt_status rc = look(c, account, &a, &s, &partial, err);

	if (rc != XT_OK || !partial || account_floor(c, &a, &s) >= s.from_height)
		return rc;
	return read_on(c, &a, &s, err);
}

enum xt_status crawl_deepen_if(struct crawl *c, int64_t account, struct xt_err *err)
{
	/* The one that is being read sees to it at its end. */
	return account_is_job(c, account) ? XT_OK : account_deepen(c, account, err);
}

struct list {
	int64_t *v;
	size_t n, cap;
	enum xt_status rc;
	struct xt_err *err;
};

static bool add_partial(void *ctx, const struct store_crawl *s)
{
	struct list *l = ctx;

	if (l->n == l->cap) {
		const size_t cap = l->cap == 0 ? 256 : l->cap * 2;
		int64_t *v = xt_reallocarray(l->v, cap, sizeof(*v));

		if (v == NULL) {
			l->rc =
			    xt_fail(l->err, XT_E_NOMEM, "out of memory for accounts");
			return false;
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = s->account;
	return true;
}

typedef enum xt_status (*each_fn)(struct crawl *c, int64_t account, struct xt_err *err);

static enum xt_status each_partial(struct crawl *c, each_fn each, struct xt_err *err)
{
	struct list l = { .rc = XT_OK, .err = err };
	enum xt_status rc = store_each_partial(c->s, add_partial, &l, err);

	if (l.rc != XT_OK)
		rc = l.rc;
	for (size_t i = 0; rc == XT_OK && i < l.n; i++)
		rc = each(c, l.v[i], err);
	free(l.v);
	return rc;
}

enum xt_status crawl_deepen_all(struct crawl *c, struct xt_err *err)
{
	return each_partial(c, crawl_deepen_if, err);
}

/* ---- movements from before that do not fit --------------------------------------- */

struct known {
	struct store_before before;
	const struct store_crawl *s;
	uint64_t first; /* height of the first; 0: there is none */
};

static bool add_known(void *ctx, const struct store_event *e)
{
	struct known *k = ctx;
	const uint64_t height = (uint64_t)e->height;

	if (e->kind == NEM_MOVE_OPENING || e->from == e->to ||
	    height >= k->s->from_height)
		return true;
	if (k->first == 0)
		k->first = height;
	store_before_add(&k->before, height, e->to == k->s->account, e->amount);
	return true;
}

/* Lists of others show movements from before, but not all: then its own list must be
 * read down to the first of them. */
static enum xt_status check_before(struct crawl *c, int64_t account, struct xt_err *err)
{
	struct store_account a;
	struct store_crawl s;
	struct known k = { .s = &s };
	bool partial = false;
	uint64_t opening;
	enum xt_status rc = look(c, account, &a, &s, &partial, err);

	if (rc != XT_OK || !partial || !s.has_opening)
		return rc;
	rc = store_account_events(c->s, account, add_known, &k, err);
	if (rc != XT_OK || store_before_end(&k.before, s.opening_uxem, &opening))
		return rc;
	s.has_want = true;
	s.want = k.first;
	return read_on(c, &a, &s, err);
}

enum xt_status crawl_deepen_rest(struct crawl *c, bool *more, struct xt_err *err)
{
	const uint64_t waiting = c->accounts_waiting;
	bool sources = false;
	enum xt_status rc = CRAWL_BEGIN(c, err);

	*more = false;
	if (rc != XT_OK)
		return rc;
	/* What came by other ways than lists is looked at now. */
	crawl_reach_stale(c);
	rc = crawl_reach_fresh(c, err);
	if (rc == XT_OK)
		rc = crawl_reach_sources(c, &sources, err);
	if (rc == XT_OK)
		rc = crawl_reach_fresh(c, err);
	if (rc == XT_OK)
		rc = crawl_deepen_all(c, err);
	if (rc == XT_OK && c->accounts_waiting == waiting)
		rc = each_partial(c, check_before, err);
	rc = crawl_end(c, rc, err);
	*more = sources || c->accounts_waiting > waiting;
	return rc;
}
