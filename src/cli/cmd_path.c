/* path: which chain of transfers carried the stolen XEM. */
#include "args.h"
#include "cmd.h"
#include "prices.h"
#include "routes.h"
#include "say.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

static const struct opt options[] = {
	{ "from-theft", 0, NULL, "from the theft to wherever its money ended", false },
	{ "memo", 0, "TEXT", "only deposits with this message", false },
	ROUTE_OPTIONS,
	{ "limit", 'n', "N", "show so many paths (default 10; 0: all)", false },
	PRICE_OPTIONS,
	SESSION_THEFT,
	SESSION_OPTIONS,
	{ 0 },
};

static const struct export_column head_columns[] = {
	{ "policy", "policy", EXPORT_STR },
	{ "units", "paths are", EXPORT_STR },
	{ "asked_uxem", "at the ends asked for", EXPORT_UXEM },
	{ "shown_uxem", "shown", EXPORT_UXEM },
	{ "paths", "paths", EXPORT_INT },
};

static enum xt_status find_account(const struct cli *c, const struct graph *g,
				   uint32_t *out, const char *what, const char *text,
				   struct xt_err *err)
{
	struct nem_party p;
	const enum xt_status rc = args_party(&p, what, text, err);
	if (rc != XT_OK)
		return rc;
	*out = graph_find(g, p.s);
	if (*out == GRAPH_NONE)
		return xt_fail(err, XT_E_NOTFOUND, "%s: not in the case %s", p.s,
			       c->case_path);
	return XT_OK;
}

static enum xt_status find_memo(const struct cli *c, const struct graph *g,
				uint32_t *out, struct xt_err *err)
{
	const char *text = opts_str(&c->opts, "memo");
	*out = TAINT_ALL;
	if (text == NULL)
		return XT_OK;
	for (uint32_t m = 0; m < g->n_memos; m++)
		if (g->memos[m].kind != GRAPH_MEMO_ENCRYPTED &&
		    strcmp(g->memos[m].text, text) == 0)
			*out = m;
	return *out != TAINT_ALL
		   ? XT_OK
		   : xt_fail(err, XT_E_NOTFOUND,
			     "--memo: no transfer of the case has the message \"%s\"",
			     text);
}

static enum xt_status make_query(const struct cli *c, const struct graph *g,
				 struct taint_path_query *q, struct xt_err *err)
{
	const int n = c->opts.n_operands;
	uint64_t limit = 0;
	enum xt_status rc = opts_u64(&c->opts, "limit", &limit, 10, UINT32_MAX, err);
	*q = (struct taint_path_query){ .account = GRAPH_NONE, .via = GRAPH_NONE };
	q->max = limit == 0 ? SIZE_MAX : (size_t)limit;
	if (rc == XT_OK)
		rc = session_theft(c, g, &q->theft, err);
	if (rc == XT_OK)
		rc = find_memo(c, g, &q->memo, err);
	if (rc == XT_OK && n > 0)
		rc =
		    find_account(c, g, &q->account, "TO", c->opts.operands[n - 1], err);
	if (rc == XT_OK && n > 1)
		rc = find_account(c, g, &q->via, "FROM", c->opts.operands[0], err);
	return rc;
}

/* Is `from` before `to` on the path? */
static bool in_order(const struct graph *g, const struct taint_paths *p,
		     const struct taint_path *path, uint32_t from, uint32_t to)
{
	bool seen = false;
	for (uint32_t i = 0; i < path->n; i++) {
		const struct graph_event *e = &g->events[p->events[path->first + i]];
		seen = seen || e->from == from;
		if (seen && e->to == to)
			return true;
		seen = seen || e->to == from;
	}
	return false;
}

/* Nothing stayed at TO: show what went through it. */
static enum xt_status passing(struct cli *c, const struct session *s,
			      const struct taint_path_query *asked,
			      struct taint_paths **out, struct xt_err *err)
{
	struct taint_path_query q = *asked;
	struct taint_paths *p;
	q.account = GRAPH_NONE;
	q.via = asked->account;
	if (asked->via != GRAPH_NONE)
		q.max = SIZE_MAX;
	const enum xt_status rc = taint_paths_find(&p, s->r, s->g, &q, err);
	if (rc != XT_OK)
		return rc;
	if (asked->via != GRAPH_NONE) {
		size_t n = 0;
		p->shown = 0;
		for (size_t i = 0; i < p->n && n < asked->max; i++) {
			if (!in_order(s->g, p, &p->v[i], asked->via, asked->account))
				continue;
			p->shown += p->v[i].uxem;
			p->v[n++] = p->v[i];
		}
		p->n = n;
	}
	if (p->n > 0)
		cli_warn(c, "passed_through",
			 "no stolen XEM stayed at %s: these paths lead through it, and "
			 "their amounts are what came to their ends",
			 s->g->party[asked->account].s);
	*out = p;
	return XT_OK;
}

static enum xt_status print_text(struct cli *c, const struct session *s,
				 const struct taint_paths *p,
				 const struct analyse_prices *prices,
				 struct xt_err *err)
{
	struct xt_buf b;
	xt_buf_init(&b, SIZE_MAX / 4);
	enum xt_status rc = export_paths_text(&b, s->g, s->r, p, prices, err);
	if (rc == XT_OK)
		rc = cli_print_lines(c, xt_buf_str(&b), err);
	xt_buf_release(&b);
	return rc;
}

static enum xt_status print_tables(struct cli *c, const struct session *s,
				   const struct taint_paths *p,
				   const struct analyse_prices *prices,
				   struct xt_err *err)
{
	struct export_table *head = NULL;
	struct export_table *t = NULL;
	struct export_cell cells[] = {
		{ .v.str = s->r->policy->name },
		{ .v.str = s->r->policy->lots ? "lots" : "shares" },
		{ .v.u = p->asked },
		{ .v.u = p->shown },
		{ .v.u = p->n },
	};
	enum xt_status rc = export_table_new(&head, "summary", head_columns,
					     XT_ARRAY_SIZE(head_columns), err);
	if (rc == XT_OK)
		rc = export_table_row(head, NULL, cells, err);
	if (rc == XT_OK)
		rc = export_paths(&t, s->g, p, prices, err);
	if (rc == XT_OK)
		rc = cli_print(c, head, t, err);
	export_table_free(t);
	export_table_free(head);
	return rc;
}

static enum xt_status find_and_print(struct cli *c, const struct session *s,
				     const struct taint_path_query *q,
				     const struct analyse_prices *prices,
				     struct xt_err *err)
{
	struct taint_paths *p = NULL;
	enum xt_status rc = taint_paths_find(&p, s->r, s->g, q, err);
	if (rc == XT_OK && p->n == 0 && q->account != GRAPH_NONE &&
	    q->memo == TAINT_ALL && q->account != q->via) {
		taint_paths_free(p);
		p = NULL;
		rc = passing(c, s, q, &p, err);
	}
	if (rc == XT_OK)
		rc = c->format == EXPORT_TEXT ? print_text(c, s, p, prices, err)
					      : print_tables(c, s, p, prices, err);
	taint_paths_free(p);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct taint_path_query q;
	struct prices prices = { 0 };
	const bool theft = opts_has(&c->opts, "from-theft");
	if (opts_has(&c->opts, "route") &&
	    (opts_has(&c->opts, "price") || opts_has(&c->opts, "rate")))
		return xt_fail(err, XT_E_USAGE,
			       "--route: it carries no amount that could have a value: "
			       "leave --price and --rate out");
	if (opts_has(&c->opts, "route"))
		return routes_run(c, err);
	enum xt_status rc = cli_operands(c, theft ? 0 : 1, theft ? 1 : 2, err);
	if (rc == XT_OK)
		rc = prices_from_args(c, &prices, err);
	if (rc == XT_OK)
		rc = session_load(c, &s, LOAD_REFS | LOAD_INDEX, err);
	if (rc == XT_OK)
		rc = make_query(c, s.g, &q, err);
	if (rc == XT_OK)
		rc = session_lineage(c, &s, err);
	if (rc == XT_OK)
		rc = find_and_print(c, &s, &q, prices_view(&prices), err);
	session_release(&s);
	prices_release(&prices);
	return rc;
}

const struct cmd cmd_path = {
	.name = "path",
	.synopsis =
	    "[FROM] TO [--memo TEXT] [--policy NAME] | --from-theft [TO] | FROM TO "
	    "--route KIND",
	.summary = "the chains of transfers that carried the stolen XEM",
	.description =
	    "  path TO              from the thefts to what reached TO or is held there\n"
	    "  path FROM TO         the same, only by way of FROM\n"
	    "  path --from-theft    from the theft to wherever its money ended\n"
	    "  path FROM TO --route shortest|widest|earliest\n"
	    "                       a way by the ledger alone, whatever a policy says\n"
	    "Each path is told transfer by transfer, with time, amount and hash (or record\n"
	    "row), the largest first. Under fifo and lifo a path is the way of these very\n"
	    "units; under haircut, dirty_first and clean_first it is the share that the policy\n"
	    "gives this way. Poison says who could have received it, and has no paths. TO is a\n"
	    "service, or an account that still holds stolen XEM; for another account the paths\n"
	    "that lead through it are shown. A path's value is that of what came all the way, at\n"
	    "the price of the day on which it arrived.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
