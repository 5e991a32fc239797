/* Money first: which account of the frontier is read next. By what it holds of the
 * stolen money as the case stands, then by depth, then by row. */
#include "internal.h"

#include <inttypes.h>
#include <stdlib.h>

/* A case of so many transactions is weighed anew whenever something came; a larger one
 * after each 50th part more. */
#define WEIGH_ALWAYS 10000u
#define WEIGH_PART   50u
/* An account that holds so much less than the first is not thought of while that one is
 * read: whom that one paid comes before it. */
#define MUCH_LESS 16u

static int by_account(const void *a, const void *b)
{
	const struct crawl_held *x = a, *y = b;

	return (x->account > y->account) - (x->account < y->account);
}

/* ---- a large case: what was weighed is kept in the file ------------------------------ */

/* Between two weighings the order rests on the one before. A crawl that is killed and run
 * again must go on in the same order, so that one is kept: transactions, seeds, and who held
 * how much. Not part of what is rebuilt: there the answers say the order. */
#define KEPT "crawl_order"

struct seeds {
	uint64_t n, sum;
};

static bool add_seed(void *ctx, const struct store_seed *s)
{
	struct seeds *x = ctx;

	x->n++;
	x->sum += (uint64_t)s->id;
	return true;
}

static enum xt_status keep_text(struct crawl *c, const char *text, struct xt_err *err)
{
	enum xt_status rc = crawl_flush(c, err);

	/* No unit of progress: those are counted, and repeated by evidence. */
	if (rc == XT_OK)
		rc = STORE_BEGIN(c->s, err);
	if (rc != XT_OK)
		return rc;
	rc = store_meta_set(c->s, KEPT, text, err);
	if (rc == XT_OK)
		rc = store_commit(c->s, err);
	if (rc != XT_OK)
		store_rollback(c->s);
	return rc;
}

static enum xt_status keep(struct crawl *c, uint64_t size, struct xt_err *err)
{
	struct seeds seeds = { 0, 0 };
	struct xt_buf b;
	enum xt_status rc = store_each_seed(c->s, add_seed, &seeds, err);

	xt_buf_init(&b, SIZE_MAX / 2);
	if (rc == XT_OK)
		rc = xt_buf_addf(&b, err, "%" PRIu64 " %" PRIu64 " %" PRIu64, size,
				 seeds.n, seeds.sum);
	for (size_t i = 0; rc == XT_OK && i < c->n_held; i++)
		rc = xt_buf_addf(&b, err, " %" PRId64 " %" PRIu64, c->held[i].account,
				 c->held[i].uxem);
	if (rc == XT_OK)
		rc = keep_text(c, xt_buf_str(&b), err);
	xt_buf_release(&b);
	return rc;
}

/* The next number of the text; false at its end. */
static bool number(const char **p, uint64_t *v)
{
	char *end;

	if (**p < '0' || **p > '9')
		return false;
	*v = strtoull(*p, &end, 10);
	*p = *end == ' ' ? end + 1 : end;
	return true;
}

static enum xt_status take_kept(struct crawl *c, const char *p, struct xt_err *err)
{
	struct seeds seeds = { 0, 0 }, was;
	struct crawl_held *v = NULL;
	uint64_t size, account, uxem;
	size_t n = 0, cap = 0;
	enum xt_status rc = store_each_seed(c->s, add_seed, &seeds, err);

	/* Other seeds, another order. */
	if (rc != XT_OK || !number(&p, &size) || !number(&p, &was.n) ||
	    !number(&p, &was.sum) || was.n != seeds.n || was.sum != seeds.sum)
		return rc;
	while (number(&p, &account) && number(&p, &uxem)) {
		if (n == cap) {
			struct crawl_held *more;

			cap = cap == 0 ? 1024 : cap * 2;
			more = xt_reallocarray(v, cap, sizeof(*v));
			if (more == NULL) {
				free(v);
				return xt_fail(err, XT_E_NOMEM,
					       "out of memory for accounts");
			}
			v = more;
		}
		v[n++] = (struct crawl_held){ (int64_t)account, uxem };
	}
	free(c->held);
	c->held = v;
	c->n_held = n;
	c->weighed = true;
	c->weighed_size = size;
	return XT_OK;
}

static enum xt_status recall(struct crawl *c, struct xt_err *err)
{
	struct xt_buf b;
	enum xt_status rc;

	xt_buf_init(&b, SIZE_MAX / 2);
	rc = store_meta_long(c->s, &b, KEPT, err);
	if (rc == XT_OK && b.len > 0)
		rc = take_kept(c, xt_buf_str(&b), err);
	xt_buf_release(&b);
	return rc;
}

/* ---- weighing ---------------------------------------------------------------------- */

/* When the next account is chosen, what it is chosen by must follow from the case alone: a
 * small one is weighed as it stands. While an account is read, for guesses alone: if
 * transactions came. */
static enum xt_status is_due(struct crawl *c, bool *due, uint64_t *size,
			     struct xt_err *err)
{
	const bool choosing = c->job == NULL;
	struct store_sizes sizes;
	enum xt_status rc;

	*due = false;
	if (c->weighed && (c->units == c->weighed_units ||
			   (!choosing && c->rep.txs_new == c->weighed_txs)))
		return XT_OK;
	rc = store_sizes(c->s, &sizes, err);
	if (rc != XT_OK)
		return rc;
	*size = sizes.txs;
	if (sizes.txs <= WEIGH_ALWAYS) {
		*due = true;
		return XT_OK;
	}
	if (!c->weighed)
		rc = recall(c, err);
	/* The first weighing of a large case is one that is kept. */
	*due = choosing && (!c->weighed || c->weighed_size == 0 ||
			    sizes.txs - c->weighed_size > sizes.txs / WEIGH_PART);
	return rc;
}

static enum xt_status weigh(struct crawl *c, struct xt_err *err)
{
	const struct crawl_order *order = c->opt->order;
	struct crawl_held *held = NULL;
	struct crawl_sum sum = { 0 };
	uint64_t size = 0;
	bool due = false;
	size_t n = 0;
	enum xt_status rc;

	if (order == NULL || c->opt->replay != NULL)
		return XT_OK;
	rc = is_due(c, &due, &size, err);
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
	c->weighed_units = c->units;
	c->weighed_txs = c->rep.txs_new;
	c->weighed_size = size > WEIGH_ALWAYS ? size : 0;
	return c->weighed_size > 0 ? keep(c, size, err) : XT_OK;
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
	bool begun; /* reading it was interrupted */
	uint64_t uxem;
	size_t place; /* by depth, then row */
};

struct list {
	struct crawl *c;
	struct waiting *v;
	size_t n, cap, max;
	bool all; /* to be sorted: not the first `max` alone */
	enum xt_status rc;
	struct xt_err *err;
};

static int by_money(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	if (x->begun != y->begun)
		return x->begun ? -1 : 1;
	if (x->uxem != y->uxem)
		return x->uxem < y->uxem ? 1 : -1;
	return (x->place > y->place) - (x->place < y->place);
}

static bool is_begun(const struct store_crawl *s)
{
	return s->node[0] != '\0' && s->top_height > 0;
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
		.begun = is_begun(s),
		.uxem = held_by(l->c, s->account),
		.place = l->n,
	};
	l->n++;
	/* Without money the order is that of the store. */
	return l->all || l->n < l->max;
}

static bool find_begun(void *ctx, const struct store_crawl *s)
{
	*(bool *)ctx = is_begun(s);
	return !is_begun(s);
}

/* The first choice of a run: an account that the run before was reading goes on, and
 * nothing is weighed before it is done, as nothing was then. */
static enum xt_status prepare_choice(struct crawl *c, bool *begun, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	*begun = false;
	if (!c->weighed && c->job == NULL && c->opt->order != NULL)
		rc = store_each_open(c->s, find_begun, begun, err);
	if (rc == XT_E_STOPPED)
		rc = XT_OK;
	return rc == XT_OK && !*begun ? weigh(c, err) : rc;
}

enum xt_status crawl_frontier(struct crawl *c, size_t max, crawl_frontier_fn each,
			      void *ctx, struct xt_err *err)
{
	struct list l = { .c = c, .max = max, .rc = XT_OK, .err = err };
	bool begun;
	enum xt_status rc = prepare_choice(c, &begun, err);

	if (rc != XT_OK)
		return rc;
	l.all = begun || c->n_held > 0;
	rc = store_each_open(c->s, add_waiting, &l, err);
	if (rc == XT_E_STOPPED)
		rc = l.rc;
	if (rc == XT_OK && l.all && l.n > 1)
		qsort(l.v, l.n, sizeof(*l.v), by_money);
	/* Nobody waits: the next crawl of the case weighs it anew. */
	if (rc == XT_OK && l.n == 0 && c->job == NULL && c->weighed_size > 0) {
		c->weighed_size = 0;
		rc = keep_text(c, "", err);
	}
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
