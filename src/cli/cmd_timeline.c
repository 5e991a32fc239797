/* timeline: transfers in tables, as a record of the case is kept. */
#include "args.h"
#include "cmd.h"
#include "exclude.h"
#include "groups.h"
#include "prices.h"
#include "say.h"

#include <stdlib.h>
#include <string.h>

#include <xemtrace/findings.h>

static const struct opt options[] = {
	{ "by", 'b', "WHAT",
	  "transfer (default), sender, recipient, pair, matrix (senders against "
	  "recipients), day, day-sender, day-recipient, service-day, balance (of one "
	  "--account)",
	  false },
	{ "columns", 0, "N",
	  "matrix, as text: show so many recipients, the others as one (default 6, at most "
	  "24)",
	  false },
	{ "sender", 0, "PARTY", "only what this account paid; may be repeated", true },
	{ "recipient", 0, "PARTY", "only what this account got; may be repeated",
	  true },
	{ "account", 0, "PARTY", "only what it paid or got; may be repeated", true },
	{ "sender-category", 0, "NAME",
	  "only what accounts of this label category paid; may be repeated", true },
	{ "recipient-category", 0, "NAME",
	  "only what accounts of this label category got; may be repeated", true },
	{ "exclude", 'x', "FILE",
	  "leave out transfers from and to these accounts: one a line, # begins a comment",
	  false },
	{ "from", 0, "TIME", "not before this time (with a date: that day in --tz)",
	  false },
	{ "to", 0, "TIME", "not after this time", false },
	{ "tainted", 0, NULL, "only transfers that moved stolen XEM", false },
	FOLD_OPTION,
	PRICE_OPTIONS,
	SESSION_OPTIONS,
	{ 0 },
};

struct masks {
	uint8_t *sender, *recipient, *either, *exclude;
};

static enum xt_status mark(uint8_t **mask, const struct graph *g, uint32_t account,
			   struct xt_err *err)
{
	if (*mask == NULL)
		*mask = xt_calloc((size_t)g->n_accounts + 1, 1);
	if (*mask == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory");
	if (account != GRAPH_NONE)
		(*mask)[account] = 1;
	return XT_OK;
}

/* Parties named one by one. One that the case does not know is a mistake worth telling.
 */
static enum xt_status by_name(const struct cli *c, uint8_t **mask,
			      const struct graph *g, const char *option,
			      struct xt_err *err)
{
	const char *text;
	enum xt_status rc = XT_OK;
	for (size_t i = 0;
	     rc == XT_OK && (text = opts_nth(&c->opts, option, i)) != NULL; i++) {
		struct nem_party p;
		rc = args_party(&p, option, text, err);
		if (rc != XT_OK)
			break;
		uint32_t a = graph_find(g, p.s);
		if (a == GRAPH_NONE)
			return xt_fail(err, XT_E_NOTFOUND,
				       "--%s: %s is not in the case", option, p.s);
		rc = mark(mask, g, a, err);
	}
	return rc;
}

static enum xt_status by_category(const struct cli *c, uint8_t **mask,
				  const struct graph *g, const char *option,
				  struct xt_err *err)
{
	const char *name;
	enum xt_status rc = XT_OK;
	for (size_t i = 0;
	     rc == XT_OK && (name = opts_nth(&c->opts, option, i)) != NULL; i++) {
		rc = mark(mask, g, GRAPH_NONE, err);
		for (uint32_t a = 0; rc == XT_OK && a < g->n_accounts; a++)
			if (g->label[a] != GRAPH_NONE &&
			    strcmp(g->labels[g->label[a]].category, name) == 0)
				rc = mark(mask, g, a, err);
	}
	return rc;
}

static enum xt_status excluded(const struct cli *c, uint8_t **mask,
			       const struct graph *g, struct xt_err *err)
{
	const char *path = opts_str(&c->opts, "exclude");
	return path != NULL ? exclude_read(mask, g, path, err) : XT_OK;
}

static enum xt_status make_masks(const struct cli *c, struct masks *m,
				 const struct graph *g, struct xt_err *err)
{
	enum xt_status rc = by_name(c, &m->sender, g, "sender", err);
	if (rc == XT_OK)
		rc = by_category(c, &m->sender, g, "sender-category", err);
	if (rc == XT_OK)
		rc = by_name(c, &m->recipient, g, "recipient", err);
	if (rc == XT_OK)
		rc = by_category(c, &m->recipient, g, "recipient-category", err);
	if (rc == XT_OK)
		rc = by_name(c, &m->either, g, "account", err);
	return rc == XT_OK ? excluded(c, &m->exclude, g, err) : rc;
}

static enum xt_status window(const struct cli *c, struct analyse_table_options *o,
			     struct xt_err *err)
{
	struct when from;
	struct when to;
	enum xt_status rc = args_when_opt(c, &from, "from", false, err);
	if (rc == XT_OK)
		rc = args_when_opt(c, &to, "to", true, err);
	if (rc != XT_OK)
		return rc;
	if (from.is_height || to.is_height)
		return xt_fail(err, XT_E_USAGE,
			       "--from, --to: a timeline takes times, not heights");
	o->has_from = from.given;
	o->from = from.time;
	o->has_to = to.given;
	o->to = to.time;
	return XT_OK;
}

static bool is_matrix(const struct cli *c)
{
	const char *by = opts_str(&c->opts, "by");
	return by != NULL && strcmp(by, "matrix") == 0;
}

static enum xt_status print_matrix(struct cli *c, const struct session *s,
				   const struct analyse_table_row *rows, size_t n,
				   struct xt_err *err)
{
	struct analyse_matrix m = { 0 };
	struct export_table *t = NULL;
	uint64_t columns = 0;
	enum xt_status rc =
	    opts_u64(&c->opts, "columns", &columns, 6, EXPORT_MATRIX_COLUMNS, err);

	if (rc == XT_OK)
		rc = analyse_matrix(&m, s->g, rows, n, err);
	if (rc == XT_OK && c->format == EXPORT_CSVF) {
		say_clear();
		rc = export_matrix_csv(stdout, s->g, &m, err);
	} else {
		if (rc == XT_OK)
			rc =
			    c->format == EXPORT_TEXT
				? export_matrix_text(&t, s->g, &m, (size_t)columns, err)
				: export_matrix(&t, s->g, &m, err);
		if (rc == XT_OK)
			rc = cli_print(c, NULL, t, err);
	}
	export_table_free(t);
	analyse_matrix_release(&m);
	return rc;
}

static enum xt_status print_rows(struct cli *c, const struct session *s,
				 const struct analyse_table_options *asked,
				 struct xt_err *err)
{
	struct analyse_table_options o = *asked;
	struct analyse_table_row *rows = NULL;
	struct analyse_groups groups = { 0 };
	struct analyse_inside inside = { 0 };
	struct export_table *t = NULL;
	struct prices prices = { 0 };
	struct masks m = { 0 };
	bool folded = false;
	uint64_t without = 0;
	size_t n = 0;
	enum xt_status rc = prices_from_args(c, &prices, err);

	if (rc == XT_OK)
		rc = make_masks(c, &m, s->g, err);
	if (rc == XT_OK)
		rc = groups_from_args(c, s, &groups, &folded, err);
	o.sender = m.sender;
	o.recipient = m.recipient;
	o.either = m.either;
	o.exclude = m.exclude;
	o.tainted = opts_has(&c->opts, "tainted");
	o.day = prices_day;
	o.prices = prices_view(&prices);
	o.fold = folded ? &groups : NULL;
	o.inside = &inside;
	if (rc == XT_OK)
		rc = analyse_table(&rows, &n, s->g, s->r, &o, err);
	for (size_t i = 0; rc == XT_OK && o.prices != NULL && i < n; i++)
		without += !rows[i].value.known;
	prices_warn(c, without);
	groups_warn_inside(c, &inside);
	if (rc == XT_OK && is_matrix(c))
		rc = print_matrix(c, s, rows, n, err);
	else if (rc == XT_OK)
		rc = export_timeline(&t, s->g, o.by, rows, n, err);
	if (rc == XT_OK && t != NULL)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	free(rows);
	free(m.sender);
	free(m.recipient);
	free(m.either);
	free(m.exclude);
	analyse_groups_release(&groups);
	prices_release(&prices);
	return rc;
}

static enum xt_status print_balance(struct cli *c, const struct session *s,
				    struct xt_err *err)
{
	struct analyse_balance_row *rows = NULL;
	struct export_table *t = NULL;
	struct nem_party p;
	size_t n = 0;
	const char *text = opts_str(&c->opts, "account");
	if (text == NULL || opts_nth(&c->opts, "account", 1) != NULL)
		return xt_fail(err, XT_E_USAGE,
			       "--by balance needs exactly one --account");
	enum xt_status rc = args_party(&p, "account", text, err);
	if (rc != XT_OK)
		return rc;
	uint32_t a = graph_find(s->g, p.s);
	if (a == GRAPH_NONE)
		return xt_fail(err, XT_E_NOTFOUND, "--account: %s is not in the case",
			       p.s);
	if (s->g->opening[a] != 0)
		cli_warn(c, "opening_balance",
			 "%s: the balance begins with %llu uXEM from before the first "
			 "transfer of the case%s",
			 p.s, (unsigned long long)s->g->opening[a],
			 (s->g->flags[a] & GRAPH_COMPLETE) != 0 ? "" : ", assumed");
	if ((s->g->flags[a] & GRAPH_COMPLETE) == 0)
		cli_warn(
		    c, "incomplete_history",
		    "%s: its whole history is not in the case: the true balance can "
		    "be another",
		    p.s);
	rc = analyse_balance(&rows, &n, s->g, s->r, a, err);
	if (rc == XT_OK)
		rc = export_balance(&t, s->g, rows, n, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	free(rows);
	return rc;
}

static const struct {
	const char *name;
	enum analyse_by by;
} tables[] = {
	{ "transfer", ANALYSE_TRANSFERS },
	{ "sender", ANALYSE_SENDERS },
	{ "recipient", ANALYSE_RECIPIENTS },
	{ "pair", ANALYSE_PAIRS },
	{ "matrix", ANALYSE_PAIRS },
	{ "day", ANALYSE_DAYS },
	{ "day-sender", ANALYSE_DAY_SENDERS },
	{ "day-recipient", ANALYSE_DAY_RECIPIENTS },
	{ "service-day", ANALYSE_SERVICE_DAYS },
};

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct analyse_table_options o = { 0 };
	const char *by = opts_str(&c->opts, "by");
	const bool balance = by != NULL && strcmp(by, "balance") == 0;
	bool found = balance || by == NULL;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	for (size_t i = 0; !found && i < XT_ARRAY_SIZE(tables); i++)
		if (strcmp(by, tables[i].name) == 0) {
			o.by = tables[i].by;
			found = true;
		}
	if (rc == XT_OK && !found)
		rc = xt_fail(err, XT_E_USAGE,
			     "--by: there is no table \"%s\": see --help", by);
	if (rc == XT_OK)
		rc = window(c, &o, err);
	if (rc == XT_OK)
		rc = session_load(c, &s, LOAD_REFS | (balance ? LOAD_INDEX : 0U), err);
	if (rc == XT_OK && (s.g->n_seeds > 0 || opts_has(&c->opts, "tainted")))
		rc = session_taint(c, &s, err);
	if (rc == XT_OK)
		rc = balance ? print_balance(c, &s, err) : print_rows(c, &s, &o, err);
	session_release(&s);
	return rc;
}

const struct cmd cmd_timeline = {
	.name = "timeline",
	.synopsis = "[--by WHAT] [--sender PARTY]... [--recipient PARTY]... [--from T] "
		    "[--to T]",
	.summary = "tables of transfers: per wallet, per day, into services, balances",
	.description =
	    "Transfers one by one or summed up: their number, amount, stolen part, first and\n"
	    "last time. Days are those of --tz. A record of many transfers that spans several\n"
	    "days stands in a row without a day. All filters must hold together; several\n"
	    "values of one filter are alternatives. A matrix is wide in CSV (a column a\n"
	    "recipient) and nested in JSON; every line and column adds up to its total.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
