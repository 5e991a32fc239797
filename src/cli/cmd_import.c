/* import: transfers from a published record or an exchange's list. */
#include "cmd.h"

#include <xemtrace/import.h>

static const struct opt options[] = {
	{ "complete", 0, NULL,
	  "the file holds the whole history of its accounts: balances are exact, and a file "
	  "in which an account spends more than it has is refused",
	  false },
	{ "name", 0, "TEXT",
	  "name of the source in references (default: the file's name)", false },
	{ 0 },
};

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct import_options opt = {
		.complete = opts_has(&c->opts, "complete"),
		.name = opts_str(&c->opts, "name"),
	};
	struct import_report rep;
	enum xt_status rc = cli_operands(c, 1, 1, err);
	if (rc != XT_OK)
		return rc;
	const char *path = c->opts.operands[0];
	rc = import_csv(&rep, c->store, path, &opt, &c->sink, err);
	if (rc == XT_E_EXISTS) {
		cli_warn(c, "known", "%s", err->text);
		return cli_print_done(c, err, "%s: imported before, nothing to do",
				      path);
	}
	if (rc != XT_OK)
		return rc;
	return cli_print_done(
	    c, err,
	    "%s: %llu rows: %llu transfers, %llu openings, %llu aggregates, %llu inferred; "
	    "%llu known before; %llu accounts",
	    path, (unsigned long long)rep.rows, (unsigned long long)rep.transfers,
	    (unsigned long long)rep.openings, (unsigned long long)rep.aggregates,
	    (unsigned long long)rep.inferred, (unsigned long long)rep.known,
	    (unsigned long long)rep.accounts);
}

const struct cmd cmd_import = {
	.name = "import",
	.synopsis = "FILE [--complete] [--name TEXT]",
	.summary = "transfers from a published record or an exchange's list (CSV)",
	.description =
	    "FILE is CSV with a header; columns by name, in any order: height, index, time,\n"
	    "sender, recipient, amount_xem or amount_uxem, fee_uxem, message, hash, kind\n"
	    "(transfer, opening, aggregate), count, first, last, provenance (published,\n"
	    "aggregate, inferred), note. All of the file is imported, or nothing. Each row is\n"
	    "later referred to by its hash or by FILE:LINE. See docs/import-format.md.",
	.options = options,
	.needs = CMD_CASE_CREATE,
	.run = run,
};
