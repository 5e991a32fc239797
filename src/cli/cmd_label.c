/* label: names of accounts, and which of them are services. */
#include "args.h"
#include "cmd.h"

#include <xemtrace/label.h>

#include <string.h>

static const struct opt options[] = {
	{ "label", 'l', "TEXT", "label add: the name", false },
	{ "category", 'c', "NAME",
	  "label add: exchange, payment-processor, swap-service, custodian, service (taint "
	  "stops there) or any other word",
	  false },
	{ "source", 's', "TEXT", "label add: where this is known from", false },
	{ "confidence", 0, "N", "label add: 0 to 100 (default 50)", false },
	{ 0 },
};

static enum xt_status import_files(struct cli *c, struct xt_err *err)
{
	struct label_report sum = { 0 };
	for (int i = 1; i < c->opts.n_operands; i++) {
		struct label_report r = { 0 };
		enum xt_status rc =
		    label_import(&r, c->store, c->opts.operands[i], &c->sink, err);
		if (rc != XT_OK)
			return rc;
		sum.imported += r.imported;
		sum.unchanged += r.unchanged;
		sum.refused += r.refused;
	}
	if (sum.refused != 0) {
		cli_warn(c, "refused", "%llu labels refused, see above",
			 (unsigned long long)sum.refused);
	}
	enum xt_status rc = cli_print_done(
	    c, err, "%llu labels imported, %llu unchanged, %llu refused",
	    (unsigned long long)sum.imported, (unsigned long long)sum.unchanged,
	    (unsigned long long)sum.refused);
	if (rc == XT_OK && sum.refused != 0)
		return xt_fail(err, XT_E_DATA, "%llu labels refused",
			       (unsigned long long)sum.refused);
	return rc;
}

static enum xt_status copy_text(char *out, size_t n, const char *what, const char *text,
				struct xt_err *err)
{
	if (text == NULL || text[0] == '\0')
		return xt_fail(err, XT_E_USAGE, "label add: --%s is needed", what);
	if (strlen(text) >= n)
		return xt_fail(err, XT_E_USAGE, "--%s: longer than %zu bytes", what,
			       n - 1);
	memcpy(out, text, strlen(text) + 1);
	return XT_OK;
}

static enum xt_status add(struct cli *c, struct xt_err *err)
{
	struct store_label l = { .own = true };
	uint64_t confidence = 0;
	const char *source = opts_str(&c->opts, "source");
	enum xt_status rc = args_party(&l.party, "ADDRESS", c->opts.operands[1], err);
	if (rc == XT_OK)
		rc = copy_text(l.label, sizeof(l.label), "label",
			       opts_str(&c->opts, "label"), err);
	if (rc == XT_OK)
		rc = copy_text(l.category, sizeof(l.category), "category",
			       opts_str(&c->opts, "category"), err);
	if (rc == XT_OK)
		rc = copy_text(l.source, sizeof(l.source), "source",
			       source != NULL ? source : "analyst", err);
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "confidence", &confidence, 50, 100, err);
	if (rc != XT_OK)
		return rc;
	l.confidence = (uint32_t)confidence;
	rc = STORE_BEGIN(c->store, err);
	if (rc == XT_OK)
		rc = store_put_label(c->store, &l, err);
	if (rc == XT_OK)
		rc = store_log(c->store, xt_clock_system()->unix_time(NULL),
			       "label add", l.party.s, err);
	if (rc == XT_OK)
		rc = store_commit(c->store, err);
	if (rc != XT_OK) {
		store_rollback(c->store);
		return rc;
	}
	return cli_print_done(c, err, "%s: labelled \"%s\" (%s)", l.party.s, l.label,
			      l.category);
}

static const struct export_column columns[] = {
	{ "id", "id", EXPORT_INT },
	{ "address", "address", EXPORT_STR },
	{ "label", "label", EXPORT_STR },
	{ "category", "category", EXPORT_STR },
	{ "service", "service", EXPORT_BOOL },
	{ "confidence", "confidence", EXPORT_INT },
	{ "own", "own", EXPORT_BOOL },
	{ "source", "source", EXPORT_STR },
};

struct listing {
	struct export_table *t;
	enum xt_status rc;
	struct xt_err *err;
};

static bool list_one(void *ctx, const struct store_label *s)
{
	struct listing *l = ctx;
	struct export_cell cells[] = {
		{ .v.u = (uint64_t)s->id },
		{ .v.str = s->party.s },
		{ .v.str = s->label },
		{ .v.str = s->category },
		{ .v.b = s->service },
		{ .v.u = s->confidence },
		{ .v.b = s->own },
		{ .absent = s->source[0] == '\0', .v.str = s->source },
	};
	l->rc = export_table_row(l->t, NULL, cells, l->err);
	return l->rc == XT_OK;
}

static enum xt_status list(struct cli *c, struct xt_err *err)
{
	struct listing l = { .err = err };
	enum xt_status rc =
	    export_table_new(&l.t, "labels", columns, XT_ARRAY_SIZE(columns), err);
	if (rc == XT_OK)
		rc = store_each_label(c->store, list_one, &l, err);
	if (rc == XT_E_STOPPED)
		rc = l.rc;
	if (rc == XT_OK)
		rc = cli_print(c, NULL, l.t, err);
	export_table_free(l.t);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	enum xt_status rc = cli_operands(c, 1, -1, err);
	if (rc != XT_OK)
		return rc;
	const char *verb = c->opts.operands[0];
	if (strcmp(verb, "import") == 0 && c->opts.n_operands > 1)
		return import_files(c, err);
	if (strcmp(verb, "add") == 0 && c->opts.n_operands == 2)
		return add(c, err);
	if (strcmp(verb, "list") == 0 && c->opts.n_operands == 1)
		return list(c, err);
	return xt_fail(err, XT_E_USAGE, "label: usage: xemtrace label %s",
		       c->cmd->synopsis);
}

const struct cmd cmd_label = {
	.name = "label",
	.synopsis = "import FILE... | add ADDRESS --label TEXT --category NAME | list",
	.summary = "names of accounts; services among them are where taint stops",
	.description =
	    "FILE is a TagPack (.yaml) or CSV (.csv) with the columns address, label,\n"
	    "category and optionally source, confidence, actor, concepts, abuse, lastmod. A\n"
	    "bad row is named and left out; the others are kept (exit code 3). An account is a\n"
	    "service if the category of one of its labels is (see v_label in the case).",
	.options = options,
	.needs = CMD_CASE_CREATE,
	.run = run,
};
