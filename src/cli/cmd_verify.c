/* verify: check everything in a case anew, without a network. */
#include "cmd.h"

#include <xemtrace/evidence.h>

#include <inttypes.h>
#include <string.h>

static const struct opt options[] = {
	{ "public-key", 0, "HEX",
	  "the sealing key as it is known from elsewhere: the last seal must be by it",
	  false },
	{ "export-answers", 0, "FOLDER",
	  "also write each raw answer to a file in FOLDER, for checks by other programs",
	  false },
	{ "limit", 'n', "N", "list so many findings (default 100; 0: all)", false },
	{ 0 },
};

static const struct export_column columns[] = {
	{ "case", "case", EXPORT_WORDS },
	{ "answers", "raw answers in the chain", EXPORT_INT },
	{ "answer_bytes", "  bytes", EXPORT_INT },
	{ "signed_transactions", "signed transactions", EXPORT_INT },
	{ "signatures", "  signatures checked", EXPORT_INT },
	{ "exempt", "exempt (block 3,481,580)", EXPORT_INT },
	{ "published", "rows without signature: published", EXPORT_INT },
	{ "aggregate", "  aggregate", EXPORT_INT },
	{ "inferred", "  inferred", EXPORT_INT },
	{ "reported", "  reported by a node", EXPORT_INT },
	{ "movements", "movements computed anew", EXPORT_INT },
	{ "harvests", "harvests found in their answers", EXPORT_INT },
	{ "orphans", "transactions that left the chain", EXPORT_INT },
	{ "blocks", "blocks", EXPORT_INT },
	{ "links", "  links between neighbours", EXPORT_INT },
	{ "reconciled", "accounts whose sums give the balance", EXPORT_INT },
	{ "declared", "accounts complete by an import's word", EXPORT_INT },
	{ "seals", "seals", EXPORT_INT },
	{ "findings", "findings", EXPORT_INT },
};

static const struct export_column finding_columns[] = {
	{ "what", "what", EXPORT_STR },     { "where", "where", EXPORT_WORDS },
	{ "field", "field", EXPORT_STR },   { "expected", "expected", EXPORT_WORDS },
	{ "found", "found", EXPORT_WORDS },
};

struct findings {
	struct export_table *t;
	uint64_t limit, n;
	char first[700];
	enum xt_status rc;
	struct xt_err *err;
};

static bool each_finding(void *ctx, const struct evidence_finding *f)
{
	struct findings *w = ctx;
	struct export_cell cells[] = {
		{ .v.str = f->what },     { .v.str = f->where }, { .v.str = f->field },
		{ .v.str = f->expected }, { .v.str = f->found },
	};
	if (w->n++ == 0)
		(void)snprintf(w->first, sizeof(w->first),
			       "%s %s: %s: %s was expected, "
			       "found %s",
			       f->what, f->where, f->field, f->expected, f->found);
	if (w->limit != 0 && w->n > w->limit)
		return true;
	w->rc = export_table_row(w->t, NULL, cells, w->err);
	return w->rc == XT_OK;
}

static enum xt_status add_counts(struct cli *c, struct export_table *t,
				 const struct evidence_counts *n, struct xt_err *err)
{
	struct export_cell cells[] = {
		{ .v.str = c->case_path },  { .v.u = n->answers },
		{ .v.u = n->answer_bytes }, { .v.u = n->signed_txs },
		{ .v.u = n->signatures },   { .v.u = n->exempt },
		{ .v.u = n->published },    { .v.u = n->aggregate },
		{ .v.u = n->inferred },     { .v.u = n->reported },
		{ .v.u = n->movements },    { .v.u = n->harvests },
		{ .v.u = n->orphans },      { .v.u = n->blocks },
		{ .v.u = n->links },        { .v.u = n->reconciled },
		{ .v.u = n->declared },     { .v.u = n->seals },
		{ .v.u = n->findings },
	};
	return export_table_row(t, NULL, cells, err);
}

static enum xt_status print(struct cli *c, const struct evidence_counts *n,
			    struct findings *w, struct xt_err *err)
{
	struct export_table *t = NULL;
	enum xt_status rc =
	    export_table_new(&t, "verification", columns, XT_ARRAY_SIZE(columns), err);
	if (rc == XT_OK)
		rc = add_counts(c, t, n, err);
	if (rc == XT_OK)
		rc = export_table_adopt(t, 0, w->t, err);
	if (rc == XT_OK)
		w->t = NULL; /* t's now */
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	return rc;
}

static void warn(struct cli *c, const struct evidence_counts *n,
		 const struct findings *w)
{
	const uint64_t unproven = n->published + n->aggregate + n->inferred;
	if (unproven != 0)
		cli_warn(c, "unsigned",
			 "%" PRIu64
			 " rows are of published records: nothing signs them, "
			 "and nothing here proves them",
			 unproven);
	if (n->seals == 0)
		cli_warn(
		    c, "no_seal",
		    "the case has no seal: it is consistent, but nobody vouches for "
		    "when and by whom it was made (xemtrace seal)");
	if (w->limit != 0 && w->n > w->limit)
		cli_warn(c, "limit",
			 "%" PRIu64 " more findings are not shown (--limit 0: "
			 "all)",
			 w->n - w->limit);
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	const char *hex = opts_str(&c->opts, "public-key");
	const char *folder = opts_str(&c->opts, "export-answers");
	struct findings w = { .err = err };
	struct evidence_counts n;
	struct nem_pubkey key;
	uint64_t exported;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK && hex != NULL &&
	    xt_hex_decode(key.b, sizeof(key.b), hex, NULL) != XT_OK)
		rc = xt_fail(err, XT_E_USAGE, "--public-key: 64 hex digits are needed");
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "limit", &w.limit, 100, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = export_table_new(&w.t, "finding_list", finding_columns,
				      XT_ARRAY_SIZE(finding_columns), err);
	if (rc == XT_OK && folder != NULL)
		rc = evidence_export_answers(c->store, folder, &exported, err);
	if (rc == XT_OK)
		rc = evidence_verify(&n, c->store, hex != NULL ? &key : NULL,
				     each_finding, &w, &c->sink, err);
	if (rc == XT_OK)
		warn(c, &n, &w);
	if (rc == XT_OK)
		rc = print(c, &n, &w, err);
	export_table_free(w.t);
	if (rc == XT_OK && w.n > 0)
		rc =
		    xt_fail(err, XT_E_VERIFY, "%s: %" PRIu64 " findings, the first: %s",
			    c->case_path, w.n, w.first);
	return rc;
}

const struct cmd cmd_verify = {
	.name = "verify",
	.synopsis = "[--public-key HEX] [--export-answers FOLDER]",
	.summary = "check everything in the case anew, without a network",
	.description =
	    "Computes again the chain of raw answers, every transaction's bytes, hash and\n"
	    "signatures, its movements, the blocks and their links, the sums of accounts\n"
	    "against the balances that nodes reported, and the seal. Names what does not hold\n"
	    "(exit code 3) and counts what was checked. What has no signature is counted as\n"
	    "such. docs/evidence.md describes all formats for checks by other programs.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
