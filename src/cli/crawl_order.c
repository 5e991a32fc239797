#include "crawl_order.h"

#include "say.h"

#include <stdlib.h>

#include <xemtrace/analyse.h>
#include <xemtrace/load.h>
#include <xemtrace/taint.h>

/* No line of its own: the crawl shows one. */
static bool go_on(void *ctx, uint64_t done, uint64_t total, const char *text)
{
	(void)ctx;
	(void)done;
	(void)total;
	(void)text;
	return say_stop == 0;
}

static enum xt_status list_held(struct crawl_held **out, size_t *n,
				const struct graph *g, const struct taint_result *r,
				struct xt_err *err)
{
	struct crawl_held *v = xt_calloc((size_t)g->n_accounts + 1, sizeof(*v));

	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for accounts");
	*n = 0;
	for (uint32_t i = 0; i < g->n_accounts; i++) {
		const uint64_t uxem = taint_held(r, i);

		if (uxem > 0)
			v[(*n)++] = (struct crawl_held){ g->account_id[i], uxem };
	}
	*out = v;
	return XT_OK;
}

static bool count_seed(void *ctx, const struct store_seed *seed)
{
	(void)seed;
	++*(size_t *)ctx;
	return true;
}

static enum xt_status add_up(struct crawl_sum *sum, const struct graph *g,
			     const struct taint_result *r, struct xt_err *err)
{
	struct analyse_coverage cov;
	const enum xt_status rc = analyse_coverage(&cov, g, r, err);

	if (rc == XT_OK)
		*sum = (struct crawl_sum){ cov.seeded,
					   cov.at_services + cov.held_complete };
	return rc;
}

static enum xt_status held(void *ctx, struct store *s, struct crawl_held **out,
			   size_t *n, struct crawl_sum *sum, struct xt_err *err)
{
	const struct xt_sink sink = { .progress = go_on };
	const struct taint_options opt = { .fees = TAINT_FEE_CARRY };
	struct taint_result *r = NULL;
	struct graph *g = NULL;
	size_t seeds = 0;
	enum xt_status rc;

	(void)ctx;
	*out = NULL;
	*n = 0;
	rc = store_each_seed(s, count_seed, &seeds, err);
	if (rc != XT_OK || seeds == 0)
		return rc;
	rc = load_graph(&g, s, 0, &sink, err);
	if (rc == XT_OK && g->n_seeds > 0)
		rc = taint_run(&r, g, taint_policy_find("haircut"), &opt, &sink, err);
	if (rc == XT_OK && r != NULL)
		rc = list_held(out, n, g, r, err);
	if (rc == XT_OK && r != NULL)
		rc = add_up(sum, g, r, err);
	taint_result_free(r);
	graph_free(g);
	/* A seed that is not there yet, or that the case does not bear out yet, says
	 * nothing about the order. */
	return rc == XT_E_NOTFOUND || rc == XT_E_DATA || rc == XT_E_VERIFY ? XT_OK : rc;
}

const struct crawl_order crawl_money_first = { held, NULL };
