#include "routes.h"

#include <stdlib.h>
#include <string.h>

#include <xemtrace/findings.h>

#include "args.h"
#include "session.h"

static enum xt_status find(const struct graph *g, uint32_t *out, const char *what,
			   const char *text, struct xt_err *err)
{
	struct nem_party p;
	enum xt_status rc = args_party(&p, what, text, err);
	if (rc != XT_OK)
		return rc;
	*out = graph_find(g, p.s);
	return *out != GRAPH_NONE ? XT_OK
				  : xt_fail(err, XT_E_NOTFOUND,
					    "%s: %s is not in the case", what, p.s);
}

static const struct export_column columns[] = {
	{ "route", "route", EXPORT_STR },
	{ "transfers", "transfers", EXPORT_INT },
	{ "width_uxem", "smallest amount", EXPORT_UXEM },
};

static enum xt_status print(struct cli *c, const struct graph *g,
			    const struct analyse_route *r, struct xt_err *err)
{
	struct export_table *head = NULL;
	struct export_table *t = NULL;
	const struct export_cell cells[] = {
		{ .v.str = opts_str(&c->opts, "route") },
		{ .v.u = r->n },
		{ .v.u = r->width },
	};
	enum xt_status rc =
	    export_table_new(&head, "summary", columns, XT_ARRAY_SIZE(columns), err);
	if (rc == XT_OK)
		rc = export_table_row(head, NULL, cells, err);
	if (rc == XT_OK)
		rc = export_events(&t, g, r->events, r->n, err);
	if (rc == XT_OK)
		rc = cli_print(c, head, t, err);
	export_table_free(t);
	export_table_free(head);
	return rc;
}

enum xt_status routes_run(struct cli *c, struct xt_err *err)
{
	static const struct {
		const char *name;
		enum analyse_route_kind kind;
	} kinds[] = { { "shortest", ANALYSE_SHORTEST },
		      { "earliest", ANALYSE_EARLIEST },
		      { "widest", ANALYSE_WIDEST } };
	const char *name = opts_str(&c->opts, "route");
	const size_t n = XT_ARRAY_SIZE(kinds);
	struct analyse_route r = { 0 };
	struct session s = { 0 };
	uint32_t from = GRAPH_NONE;
	uint32_t to = GRAPH_NONE;
	size_t k = 0;
	enum xt_status rc = cli_operands(c, 2, 2, err);

	while (k < n && strcmp(name, kinds[k].name) != 0)
		k++;
	if (rc == XT_OK && k == n)
		rc = xt_fail(err, XT_E_USAGE,
			     "--route: \"%s\" is none of shortest, earliest, widest",
			     name);
	if (rc == XT_OK)
		rc = session_load(c, &s, LOAD_REFS, err);
	if (rc == XT_OK)
		rc = find(s.g, &from, "FROM", c->opts.operands[0], err);
	if (rc == XT_OK)
		rc = find(s.g, &to, "TO", c->opts.operands[1], err);
	if (rc == XT_OK)
		rc = analyse_route(&r, s.g, from, to, kinds[k].kind,
				   opts_has(&c->opts, "through-services"), err);
	if (rc == XT_OK)
		rc = print(c, s.g, &r, err);
	analyse_route_release(&r);
	session_release(&s);
	return rc;
}

enum xt_status routes_back(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct analyse_back_row *rows = NULL;
	struct export_table *t = NULL;
	uint64_t depth = 0;
	uint32_t account = GRAPH_NONE;
	size_t n = 0;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "depth", &depth, 0, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = session_load(c, &s, 0, err);
	if (rc == XT_OK)
		rc = find(s.g, &account, "--back", opts_str(&c->opts, "back"), err);
	if (rc == XT_OK && (s.g->flags[account] & GRAPH_COMPLETE) == 0)
		cli_warn(
		    c, "incomplete_history",
		    "%s: its whole history is not in the case: others can have paid "
		    "it too",
		    s.g->party[account].s);
	if (rc == XT_OK)
		rc = analyse_back(&rows, &n, s.g, account, (uint32_t)depth,
				  opts_has(&c->opts, "through-services"), err);
	if (rc == XT_OK)
		rc = export_back(&t, s.g, rows, n, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	free(rows);
	session_release(&s);
	return rc;
}
