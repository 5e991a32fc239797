/* top: who received the most. */
#include "cmd.h"
#include "groups.h"
#include "prices.h"

#include <stdlib.h>
#include <string.h>

static const struct opt options[] = {
	{ "by", 'b', "WHAT",
	  "taint: stolen XEM received (default); held: stolen XEM held at the end; received: "
	  "XEM received in all (needs no seeds)",
	  false },
	{ "limit", 'n', "N", "show so many (default 20; 0: all)", false },
	FOLD_OPTION,
	PRICE_OPTIONS,
	SESSION_THEFT,
	SESSION_OPTIONS,
	{ 0 },
};

static enum xt_status print_rows(struct cli *c, const struct session *s,
				 const struct analyse_top_options *asked,
				 struct xt_err *err)
{
	struct analyse_top_options o = *asked;
	struct analyse_top_row *rows = NULL;
	struct analyse_groups groups = { 0 };
	struct analyse_inside inside = { 0 };
	struct export_table *t = NULL;
	struct prices prices = { 0 };
	bool folded = false;
	uint64_t without = 0;
	size_t n = 0;
	enum xt_status rc = prices_from_args(c, &prices, err);

	if (rc == XT_OK)
		rc = groups_from_args(c, s, &groups, &folded, err);
	o.prices = prices_view(&prices);
	o.fold = folded ? &groups : NULL;
	o.inside = &inside;
	if (rc == XT_OK)
		rc = analyse_top_with(&rows, &n, s->g, s->r, &o, err);
	for (size_t i = 0; rc == XT_OK && o.prices != NULL && i < n; i++)
		without += !rows[i].value.known;
	prices_warn(c, without);
	groups_warn_inside(c, &inside);
	if (rc == XT_OK)
		rc = export_top(&t, s->g, rows, n, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	free(rows);
	analyse_groups_release(&groups);
	prices_release(&prices);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct analyse_top_options o = { .by = ANALYSE_BY_TAINT };
	uint64_t limit = 0;
	const char *what = opts_str(&c->opts, "by");
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "limit", &limit, 20, UINT32_MAX, err);
	if (rc != XT_OK)
		return rc;
	if (what != NULL && strcmp(what, "held") == 0)
		o.by = ANALYSE_BY_HELD;
	else if (what != NULL && strcmp(what, "received") == 0)
		o.by = ANALYSE_BY_RECEIVED;
	else if (what != NULL && strcmp(what, "taint") != 0)
		return xt_fail(err, XT_E_USAGE,
			       "--by: \"%s\" is none of taint, held, received", what);
	o.limit = (size_t)limit;
	rc = session_load(c, &s, 0, err);
	if (rc == XT_OK && (o.by != ANALYSE_BY_RECEIVED || s.g->n_seeds != 0))
		rc = session_taint(c, &s, err);
	if (rc == XT_OK)
		rc = print_rows(c, &s, &o, err);
	session_release(&s);
	return rc;
}

const struct cmd cmd_top = {
	.name = "top",
	.synopsis = "[--by taint|held|received] [-n N] [--policy NAME]",
	.summary = "downstream recipients, ranked",
	.description =
	    "Ranks accounts by the stolen XEM that reached them under a taint policy, by what\n"
	    "they still hold of it, or by all XEM they received. Each figure says how much of\n"
	    "it stands on signed transactions, published, aggregate and inferred rows. A value\n"
	    "is that of the stolen XEM received (by received: of all), each transfer at the\n"
	    "price of its day, added up exactly and rounded down to two decimals.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
