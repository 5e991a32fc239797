/* trace: the whole job: crawl, taint, summary. */
#include "args.h"
#include "cmd.h"
#include "crawl_args.h"
#include "prices.h"
#include "routes.h"
#include "say.h"
#include "session.h"

#include <xemtrace/graph.h>

#include <stdlib.h>
#include <string.h>

static const struct opt options[] = {
	CRAWL_OPTIONS,
	PRICE_OPTIONS,
	SESSION_OPTIONS,
	{ "limit", 'n', "N", "list so many top recipients (default 10)", false },
	BACK_OPTIONS,
	{ 0 },
};

struct counting {
	uint64_t n;
};

static bool count_seed(void *ctx, const struct store_seed *s)
{
	struct counting *n = ctx;
	(void)s;
	n->n++;
	return true;
}

/* One seed with its entry in the log, or neither. */
static enum xt_status put_seed(struct store *s, struct store_seed *seed,
			       struct xt_err *err)
{
	enum xt_status rc = STORE_BEGIN(s, err);
	if (rc == XT_OK)
		rc = store_put_seed(s, &seed->id, seed, err);
	if (rc == XT_OK)
		rc = store_log(s, xt_clock_system()->unix_time(NULL), "seed add",
			       seed->account.s, err);
	if (rc == XT_OK)
		rc = store_commit(s, err);
	if (rc != XT_OK)
		store_rollback(s);
	return rc;
}

/* Without seeds of its own, the case takes what arrived at each SEED in the window. */
static enum xt_status default_seeds(struct cli *c, struct xt_err *err)
{
	struct counting have = { 0 };
	struct when from;
	struct when to;
	enum xt_status rc = store_each_seed(c->store, count_seed, &have, err);
	if (rc != XT_OK || have.n != 0)
		return rc;
	rc = args_when_opt(c, &from, "from", false, err);
	if (rc == XT_OK)
		rc = args_when_opt(c, &to, "to", true, err);
	for (int i = 0; rc == XT_OK && i < c->opts.n_operands; i++) {
		struct nem_address a;
		struct store_seed seed = { .kind = GRAPH_SEED_WINDOW };
		rc = args_address(&a, "SEED", c->opts.operands[i], err);
		if (rc != XT_OK)
			return rc;
		(void)snprintf(seed.theft, sizeof(seed.theft), "theft");
		(void)snprintf(seed.account.s, sizeof(seed.account.s), "%s", a.s);
		if (from.is_height || to.is_height)
			seed.kind = GRAPH_SEED_HEIGHTS;
		seed.has_from = from.given;
		seed.has_to = to.given;
		seed.from = from.is_height ? (int64_t)from.height : from.time;
		seed.to = to.is_height ? (int64_t)to.height : to.time;
		rc = put_seed(c->store, &seed, err);
		if (rc == XT_OK)
			cli_warn(
			    c, "default_seed",
			    "nothing was marked as stolen: everything that arrived at %s%s "
			    "is taken as stolen (see `xemtrace seed`)",
			    a.s, from.given || to.given ? " in the window" : "");
	}
	return rc;
}

static const struct export_column columns[] = {
	{ "policy", "policy", EXPORT_STR },
	{ "seeded_uxem", "stolen XEM", EXPORT_UXEM },
	{ "at_services_uxem", "at services", EXPORT_UXEM },
	{ "held_complete_uxem", "held, complete", EXPORT_UXEM },
	{ "held_incomplete_uxem", "held, incomplete", EXPORT_UXEM },
	{ "held_unread_uxem", "held, not read", EXPORT_UXEM },
	{ "fees_uxem", "fees", EXPORT_UXEM },
};

static enum xt_status summary(struct export_table **out, const struct session *s,
			      struct xt_err *err)
{
	struct analyse_coverage cov;
	enum xt_status rc = analyse_coverage(&cov, s->g, s->r, err);
	if (rc != XT_OK)
		return rc;
	struct export_cell cells[] = {
		{ .v.str = s->r->policy->name },
		{ .v.u = cov.seeded },
		{ .v.u = cov.at_services },
		{ .v.u = cov.held_complete },
		{ .v.u = cov.held_incomplete },
		{ .v.u = cov.held_unread },
		{ .v.u = cov.fees },
	};
	rc = export_table_new(out, "result", columns, XT_ARRAY_SIZE(columns), err);
	if (rc == XT_OK)
		rc = export_table_row(*out, NULL, cells, err);
	return rc;
}

static enum xt_status print_trace(struct cli *c, const struct session *s,
				  uint64_t limit, const struct analyse_prices *prices,
				  struct xt_err *err)
{
	struct export_table *t = NULL;
	struct export_table *top = NULL;
	struct export_table *ex = NULL;
	struct analyse_top_row *rows = NULL;
	struct analyse_exchanges e = { 0 };
	struct analyse_top_options o = { .by = ANALYSE_BY_TAINT,
					 .limit = (size_t)limit,
					 .prices = prices };
	size_t n = 0;
	enum xt_status rc = summary(&t, s, err);

	if (rc == XT_OK)
		rc = analyse_top_with(&rows, &n, s->g, s->r, &o, err);
	if (rc == XT_OK)
		rc = export_top(&top, s->g, rows, n, err);
	if (rc == XT_OK)
		rc = analyse_exchanges(&e, s->g, s->r, err);
	e.prices = prices;
	if (rc == XT_OK)
		rc = export_exchanges(&ex, s->g, &e, err);
	if (rc == XT_OK)
		rc = export_table_adopt(t, 0, top, err);
	if (rc == XT_OK) {
		top = NULL; /* t's now */
		rc = export_table_adopt(t, 0, ex, err);
	}
	if (rc == XT_OK) {
		ex = NULL;
		rc = cli_print(c, NULL, t, err);
	}
	export_table_free(t);
	export_table_free(top);
	export_table_free(ex);
	free(rows);
	analyse_exchanges_release(&e);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct crawl_report rep;
	uint64_t limit = 0;
	struct xt_err refused = { 0 };
	struct prices prices = { 0 };
	enum xt_status judged = XT_OK;
	if (opts_has(&c->opts, "back") &&
	    (opts_has(&c->opts, "price") || opts_has(&c->opts, "rate")))
		return xt_fail(
		    err, XT_E_USAGE,
		    "--back: its amounts are upper bounds and have no value: "
		    "leave --price and --rate out");
	if (opts_has(&c->opts, "back"))
		return routes_back(c, err);
	enum xt_status rc = cli_operands(c, 1, -1, err);

	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "limit", &limit, 10, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = prices_from_args(c, &prices, err);
	if (rc != XT_OK)
		return rc;
	if (opts_has(&c->opts, "node") || opts_has(&c->opts, "nodes")) {
		/* What was refused is told at the end: the rest is still worth showing.
		 */
		judged = crawl_from_args(c, &rep, false, &refused);
		if (judged != XT_OK && judged != XT_E_VERIFY && judged != XT_E_NET) {
			*err = refused;
			prices_release(&prices);
			return judged;
		}
	}
	rc = default_seeds(c, err);
	if (rc == XT_OK)
		rc = session_load(c, &s, LOAD_REFS, err);
	if (rc == XT_OK)
		rc = session_taint(c, &s, err);
	if (rc == XT_OK)
		rc = print_trace(c, &s, limit, prices_view(&prices), err);
	session_release(&s);
	prices_release(&prices);
	if (judged != XT_OK && (rc == XT_OK || rc == XT_E_NOTFOUND)) {
		*err = refused;
		return judged;
	}
	return rc;
}

const struct cmd cmd_trace = {
	.name = "trace",
	.synopsis =
	    "SEED... [--node URL]... [--from T] [--to T] [--policy NAME] | --back "
	    "ADDRESS [--depth N]",
	.summary = "the whole job: crawl, taint, summary",
	.description =
	    "Crawls from each SEED address (if nodes are given; without --node it works on\n"
	    "what the case holds), replays taint and prints where the stolen XEM is, the top\n"
	    "recipients and the deposits at exchanges. If the case has no seeds yet,\n"
	    "everything that arrived at SEED between --from and --to is taken as stolen.\n\n"
	    "With --back it lists, from what the case holds, everybody from whom ADDRESS's\n"
	    "money can have come in order of time: an upper bound, for the same XEM counts at\n"
	    "each account that it passed; origin says where the trail ends.",
	.options = options,
	.needs = CMD_CASE_CREATE,
	.crawls = true,
	.run = run,
};
