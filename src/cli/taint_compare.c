#include "taint_compare.h"

#include <stdlib.h>
#include <string.h>

struct comparison {
	const struct graph *g;
	struct export_compare_row *rows; /* one an account */
	size_t n_policies, ranking;      /* the policy that ranks */
};

static enum xt_status take_result(struct comparison *k, size_t policy,
				  const struct taint_result *r, struct xt_err *err)
{
	for (size_t i = 0; i < r->n_sink_totals; i++) {
		const struct taint_sink *sink = &r->sink_totals[i];
		struct export_compare_row *row = &k->rows[sink->account];
		row->sink = true;
		if (!xt_add(&row->by[policy], row->by[policy], sink->uxem))
			return xt_fail(err, XT_E_LIMIT,
				       "account %s: the sum does not fit 64 bits",
				       k->g->party[sink->account].s);
	}
	for (size_t i = 0; i < r->n_holdings; i++) {
		const uint32_t a = r->holdings[i].account;
		if (!k->rows[a].sink)
			k->rows[a].by[policy] = taint_held(r, a);
	}
	return XT_OK;
}

static enum xt_status run_all(struct cli *c, struct session *s, struct comparison *k,
			      struct xt_err *err)
{
	struct taint_options o;
	uint32_t theft = TAINT_ALL;
	enum xt_status rc = session_options(c, &o, err);
	if (rc == XT_OK)
		rc = session_theft(c, s->g, &theft, err);
	for (size_t i = 0; rc == XT_OK && taint_policies[i] != NULL; i++) {
		if (i == EXPORT_MAX_POLICIES)
			return xt_fail(err, XT_E_BUG, "more than %d policies",
				       EXPORT_MAX_POLICIES);
		taint_result_free(s->r);
		s->r = NULL;
		rc = taint_run(&s->r, s->g, taint_policies[i], &o, &c->sink, err);
		if (rc == XT_OK)
			rc = session_narrow(s->r, theft, err);
		if (rc == XT_OK)
			rc = take_result(k, i, s->r, err);
		if (strcmp(taint_policies[i]->name, "haircut") == 0)
			k->ranking = i;
		k->n_policies = i + 1;
	}
	return rc;
}

/* Some seconds: who compares wants to know how far policies can be apart, exactly. */
#define COMPARE_STEPS UINT64_C(2000000000)

/* Bounds are over all thefts together: with one theft of several there are none. */
static enum xt_status take_bounds(struct cli *c, const struct session *s,
				  struct comparison *k, struct xt_err *err)
{
	struct taint_bounds *b = NULL;
	uint32_t theft = TAINT_ALL;
	enum xt_status rc = session_theft(c, s->g, &theft, err);
	if (rc != XT_OK || (theft != TAINT_ALL && s->g->n_thefts > 1))
		return rc;
	rc = session_bounds(c, s, COMPARE_STEPS, &b, err);
	for (size_t i = 0; rc == XT_OK && i < b->n; i++) {
		struct export_compare_row *row = &k->rows[b->v[i].account];
		row->bounded = true;
		row->sink = b->v[i].sink;
		row->exact = b->v[i].exact;
		row->low = b->v[i].low;
		row->high = b->v[i].high;
		row->poison = b->v[i].poison;
	}
	taint_bounds_free(b);
	return rc;
}

static bool any_figure(const struct export_compare_row *r)
{
	bool any = r->high > 0;
	for (size_t i = 0; i < EXPORT_MAX_POLICIES; i++)
		any = any || r->by[i] > 0;
	return any;
}

/* qsort takes no context: the figure that ranks stands in front. */
struct ranked {
	uint64_t figure;
	const char *party;
	uint32_t account;
	bool sink;
};

static int by_figure(const void *a, const void *b)
{
	const struct ranked *x = a;
	const struct ranked *y = b;
	if (x->sink != y->sink)
		return x->sink ? -1 : 1;
	if (x->figure != y->figure)
		return x->figure > y->figure ? -1 : 1;
	return strcmp(x->party, y->party);
}

/* The first n accounts: services, then others, by the ranking policy's figure. */
static enum xt_status choose(struct comparison *k, struct export_compare_row **out,
			     size_t *n_out, size_t *left, size_t limit,
			     struct xt_err *err)
{
	size_t n = 0;
	const struct graph *g = k->g;
	struct ranked *v = xt_calloc((size_t)g->n_accounts + 1, sizeof(*v));
	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for the comparison");
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		const struct export_compare_row *r = &k->rows[a];
		if (any_figure(r))
			v[n++] = (struct ranked){ r->by[k->ranking], g->party[a].s, a,
						  r->sink };
	}
	qsort(v, n, sizeof(*v), by_figure);
	*left = limit != 0 && n > limit ? n - limit : 0;
	n -= *left;
	struct export_compare_row *rows = xt_calloc(n + 1, sizeof(*rows));
	if (rows == NULL) {
		free(v);
		return xt_fail(err, XT_E_NOMEM, "out of memory for the comparison");
	}
	for (size_t i = 0; i < n; i++) {
		rows[i] = k->rows[v[i].account];
		rows[i].account = v[i].account;
	}
	free(v);
	*out = rows;
	*n_out = n;
	return XT_OK;
}

static const char *name_of(const struct graph *g, uint32_t account)
{
	const uint32_t l = g->label[account];
	return l != GRAPH_NONE ? g->labels[l].text : g->party[account].s;
}

/* Why a policy ranks in another order than the one that ranks: by the pair that it
 * turns round the most. One note a policy. */
static void explain_order(struct cli *c, const struct comparison *k, size_t policy,
			  const struct export_compare_row *rows, size_t n)
{
	uint64_t most = 0;
	size_t up = 0;
	size_t down = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n; j++) {
			if (rows[i].sink != rows[j].sink ||
			    rows[i].by[k->ranking] == rows[j].by[k->ranking] ||
			    rows[j].by[policy] <= rows[i].by[policy])
				continue;
			const uint64_t d = rows[j].by[policy] - rows[i].by[policy];
			if (d > most) {
				most = d;
				up = j;
				down = i;
			}
		}
	}
	if (most == 0)
		return;
	char a[4][32];
	const uint64_t v[4] = { rows[up].by[policy], rows[down].by[policy],
				rows[up].by[k->ranking], rows[down].by[k->ranking] };
	for (size_t i = 0; i < 4; i++)
		(void)nem_amount_format(a[i], (struct nem_amount){ v[i] }, true);
	const struct taint_policy *p = taint_policies[policy];
	cli_warn(c, "order_differs",
		 "note: %s puts %.60s (%s XEM) before %.60s (%s XEM), %s the other way "
		 "round (%s and %s): %s means %s",
		 p->name, name_of(k->g, rows[up].account), a[0],
		 name_of(k->g, rows[down].account), a[1],
		 taint_policies[k->ranking]->name, a[2], a[3], p->name, p->summary);
}

#define MOST_EXPLAINED 2000 /* rows: pairs are looked at one by one */

static enum xt_status print(struct cli *c, const struct comparison *k, uint64_t limit,
			    struct xt_err *err)
{
	struct export_compare_row *rows = NULL;
	struct export_table *t = NULL;
	size_t n = 0;
	size_t left = 0;
	struct comparison copy = *k;
	enum xt_status rc = choose(&copy, &rows, &n, &left, (size_t)limit, err);
	if (rc == XT_OK)
		rc = export_compare(&t, k->g, taint_policies, rows, n, err);
	for (size_t i = 0; rc == XT_OK && i < k->n_policies; i++)
		if (i != k->ranking)
			explain_order(c, k, i, rows,
				      n < MOST_EXPLAINED ? n : MOST_EXPLAINED);
	if (left != 0)
		cli_warn(c, "limit", "%zu more accounts are not shown (--limit 0: all)",
			 left);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	free(rows);
	return rc;
}

enum xt_status taint_compare(struct cli *c, struct session *s, struct xt_err *err)
{
	struct comparison k = { .g = s->g };
	uint64_t limit = 0;
	enum xt_status rc = opts_u64(&c->opts, "limit", &limit, 20, UINT32_MAX, err);
	if (rc != XT_OK)
		return rc;
	k.rows = xt_calloc((size_t)s->g->n_accounts + 1, sizeof(*k.rows));
	if (k.rows == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for the comparison");
	rc = run_all(c, s, &k, err);
	if (rc == XT_OK)
		rc = take_bounds(c, s, &k, err);
	if (rc == XT_OK) {
		session_warn(c, s);
		rc = print(c, &k, limit, err);
	}
	free(k.rows);
	return rc;
}
