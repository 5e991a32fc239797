/* Money first: which account of the frontier is read next. By what it holds of the
 * stolen money as the case stands, then by depth, then by row. */
#include "internal.h"

#include <stdlib.h>

/* A case of so many movements is weighed anew whenever something came; a larger one
 * after each 50th part more. */
#define WEIGH_ALWAYS 20000u
#define WEIGH_PART   50u
/* An account that holds so much less than the first is not thought of while that one is
 * read: whom that one paid comes before it. */
#define MUCH_LESS 16u

static int by_account(const void *a, const void *b)
{
	const struct crawl_held *x = a, *y = b;

	return (x->account > y->account) - (x->account < y->account);
}

/* Did so much come since that it is worth the time? */
static enum xt_status is_due(struct crawl *c, bool *due, struct xt_err *err)
{
	const uint64_t came = c->rep.txs_new - c->weighed_txs;
	struct store_sizes sizes;
	enum xt_status rc;

	*due = !c->weighed;
	if (c->weighed && came == 0)
		return XT_OK;
	rc = store_sizes(c->s, &sizes, err);
	if (rc == XT_OK)
		*due = !c->weighed || sizes.events <= WEIGH_ALWAYS ||
		       came > sizes.events / WEIGH_PART;
	return rc;
}

static enum xt_status weigh(struct crawl *c, struct xt_err *err)
{
	const struct crawl_order *order = c->opt->order;
	struct crawl_held *held = NULL;
	struct crawl_sum sum = { 0 };
	bool due = false;
	size_t n = 0;
	enum xt_status rc;

	if (order == NULL || c->opt->replay != NULL)
		return XT_OK;
	rc = is_due(c, &due, err);
	if (rc != XT_OK || !due)
		return rc;
	rc = crawl_flush(c, err);
	if (rc == XT_OK)
		rc = order->held(order->ctx, c->s, &held, &n, &sum, err);
	if (rc != XT_OK)
		return rc;
	if (n > 0)
		qsort(held, n, sizeof(*held), by_account);
	free(c->held);
	c->held = held;
	c->n_held = n;
	c->sum = sum;
	c->weighed = true;
	c->weighed_txs = c->rep.txs_new;
	return XT_OK;
}

static uint64_t held_by(const struct crawl *c, int64_t account)
{
	const struct crawl_held key = { .account = account };
	const struct crawl_held *found =
	    c->n_held == 0
		? NULL
		: bsearch(&key, c->held, c->n_held, sizeof(*c->held), by_account);

	return found == NULL ? 0 : found->uxem;
}

/* ---- the frontier ---------------------------------------------------------------- */

struct waiting {
	struct store_crawl state;
	uint64_t uxem;
	size_t place; /* by depth, then row */
};

struct list {
	struct crawl *c;
	struct waiting *v;
	size_t n, cap, max;
	enum xt_status rc;
	struct xt_err *err;
};

static int by_money(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	if (x->uxem != y->uxem)
		return x->uxem < y->uxem ? 1 : -1;
	return (x->place > y->place) - (x->place < y->place);
}

static bool add_waiting(void *ctx, const struct store_crawl *s)
{
	struct list *l = ctx;

	if (l->n == l->cap) {
		const size_t cap = l->cap == 0 ? 256 : l->cap * 2;
		struct waiting *v = xt_reallocarray(l->v, cap, sizeof(*v));

		if (v == NULL) {
			l->rc =
			    xt_fail(l->err, XT_E_NOMEM, "out of memory for accounts");
			return false;
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n] = (struct waiting){
		.state = *s,
		.uxem = held_by(l->c, s->account),
		.place = l->n,
	};
	l->n++;
	/* Without money the order is that of the store. */
	return l->c->n_held > 0 || l->n < l->max;
}

enum xt_status crawl_frontier(struct crawl *c, size_t max, crawl_frontier_fn each,
			      void *ctx, struct xt_err *err)
{
	struct list l = { .c = c, .max = max, .rc = XT_OK, .err = err };
	enum xt_status rc = weigh(c, err);

	if (rc != XT_OK)
		return rc;
	rc = store_each_open(c->s, add_waiting, &l, err);
	if (rc == XT_E_STOPPED)
		rc = l.rc;
	if (rc == XT_OK && c->n_held > 0 && l.n > 1)
		qsort(l.v, l.n, sizeof(*l.v), by_money);
	for (size_t i = 0; rc == XT_OK && i < l.n && i < max; i++)
		if (l.v[i].uxem < l.v[0].uxem / MUCH_LESS || !each(ctx, &l.v[i].state))
			break;
	free(l.v);
	return rc;
}

/* A session that is repeated: the account that was asked about next, if it waits. */
enum xt_status crawl_recorded_pick(struct crawl *c, struct store_crawl *out,
				   bool *found, struct xt_err *err)
{
	const struct crawl_replay *r = c->opt->replay;
	struct store_account a;
	char address[41];
	enum xt_status rc;

	*found = false;
	if (r == NULL || r->next_account == NULL || !r->next_account(r->ctx, address))
		return XT_OK;
	rc = store_account_find(c->s, &a, address, err);
	if (rc == XT_E_NOTFOUND || (rc == XT_OK && a.state != STORE_OPEN))
		return XT_OK;
	if (rc == XT_OK)
		rc = store_crawl_get(c->s, out, a.id, err);
	*found = rc == XT_OK;
	return rc;
}
