/* top: who received the most. */
#include "cmd.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

static const struct opt options[] = {
	{ "by", 'b', "WHAT",
	  "taint: stolen XEM received (default); held: stolen XEM held at the end; received: "
	  "XEM received in all (needs no seeds)",
	  false },
	{ "limit", 'n', "N", "show so many (default 20; 0: all)", false },
	SESSION_THEFT,
	SESSION_OPTIONS,
	{ 0 },
};

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct analyse_top_row *rows = NULL;
	struct export_table *t = NULL;
	enum analyse_rank by = ANALYSE_BY_TAINT;
	uint64_t limit = 0;
	size_t n = 0;
	const char *what = opts_str(&c->opts, "by");
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "limit", &limit, 20, UINT32_MAX, err);
	if (rc != XT_OK)
		return rc;
	if (what != NULL && strcmp(what, "held") == 0)
		by = ANALYSE_BY_HELD;
	else if (what != NULL && strcmp(what, "received") == 0)
		by = ANALYSE_BY_RECEIVED;
	else if (what != NULL && strcmp(what, "taint") != 0)
		return xt_fail(err, XT_E_USAGE,
			       "--by: \"%s\" is none of taint, held, received", what);
	rc = session_load(c, &s, 0, err);
	if (rc == XT_OK && (by != ANALYSE_BY_RECEIVED || s.g->n_seeds != 0))
		rc = session_taint(c, &s, err);
	if (rc == XT_OK)
		rc = analyse_top(&rows, &n, s.g, s.r, by, (size_t)limit, err);
	if (rc == XT_OK)
		rc = export_top(&t, s.g, rows, n, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	free(rows);
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
	    "it stands on signed transactions, published, aggregate and inferred rows.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
