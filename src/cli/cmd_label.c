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
	{ "confidence", 0, "N",
	  "label add: 0 to 100 (default 50), or an id of the TagPack scale (forensic, "
	  "web_crawl, ...)",
	  false },
	{ "actor", 0, "NAME", "label add: who is behind it", false },
	{ "all", 'a', NULL, "label export: imported labels too", false },
	{ "output", 'o', "FILE", "label export: write there, not to standard output",
	  false },
	{ 0 },
};

static enum xt_status import_files(struct cli *c, bool onchain, struct xt_err *err)
{
	struct label_report sum = { 0 };
	for (int i = 1; i < c->opts.n_operands; i++) {
		struct label_report r = { 0 };
		const char *path = c->opts.operands[i];
		enum xt_status rc =
		    onchain ? label_import_onchain(&r, c->store, path, &c->sink, err)
			    : label_import(&r, c->store, path, &c->sink, err);
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

/* A label as the case's log tells of it. */
static void describe(char *out, size_t n, const struct store_label *l)
{
	char label[204];
	char source[124];

	xt_utf8_cut(label, sizeof(label), l->label);
	xt_utf8_cut(source, sizeof(source), l->source);
	(void)snprintf(out, n, "%s \"%s\" (%s), confidence %u, source %s", l->party.s,
		       label, l->category, l->confidence, source);
}

static enum xt_status add(struct cli *c, struct xt_err *err)
{
	struct store_label l = { .own = true };
	const int64_t now = xt_clock_system()->unix_time(NULL);
	char text[480];
	const char *confidence = opts_str(&c->opts, "confidence");
	const char *actor = opts_str(&c->opts, "actor");
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
	if (rc == XT_OK && actor != NULL)
		rc = copy_text(l.actor, sizeof(l.actor), "actor", actor, err);
	if (rc == XT_OK && !label_confidence_of(&l.confidence, l.confidence_name,
						confidence != NULL ? confidence : "50"))
		rc = xt_fail(
		    err, XT_E_USAGE,
		    "--confidence: \"%s\" is neither 0 to 100 nor of the TagPack "
		    "scale",
		    confidence);
	if (rc != XT_OK)
		return rc;
	describe(text, sizeof(text), &l);
	rc = STORE_BEGIN(c->store, err);
	if (rc == XT_OK)
		rc = store_put_label(c->store, &l, now, err);
	if (rc == XT_OK)
		rc = store_log(c->store, now, "label add", text, err);
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
	{ "confidence_name", NULL, EXPORT_STR },
	{ "actor", "actor", EXPORT_STR },
	{ "concepts", NULL, EXPORT_STR },
	{ "abuse", NULL, EXPORT_STR },
	{ "pack", "file", EXPORT_STR },
	{ "rank", "rank", EXPORT_INT },
	{ "context", NULL, EXPORT_STR },
	{ "network", NULL, EXPORT_STR },
	{ "currency", NULL, EXPORT_STR },
	{ "lastmod", NULL, EXPORT_STR },
};

struct listing {
	struct export_table *t;
	const char *party; /* NULL: all */
	int64_t account;   /* of the row before */
	uint64_t rank;
	enum xt_status rc;
	struct xt_err *err;
};

static bool list_one(void *ctx, const struct store_label *s)
{
	struct listing *l = ctx;
	if (l->party != NULL && strcmp(l->party, s->party.s) != 0)
		return true;
	/* The best one first: own over imported, then the surer. */
	l->rank = s->account == l->account ? l->rank + 1 : 1;
	l->account = s->account;
	struct export_cell cells[] = {
		{ .v.u = (uint64_t)s->id },
		{ .v.str = s->party.s },
		{ .v.str = s->label },
		{ .v.str = s->category },
		{ .v.b = s->service },
		{ .v.u = s->confidence },
		{ .v.b = s->own },
		{ .absent = s->source[0] == '\0', .v.str = s->source },
		{ .absent = s->confidence_name[0] == '\0',
		  .v.str = s->confidence_name },
		{ .absent = s->actor[0] == '\0', .v.str = s->actor },
		{ .absent = s->concepts[0] == '\0', .v.str = s->concepts },
		{ .absent = s->abuse[0] == '\0', .v.str = s->abuse },
		{ .absent = s->pack[0] == '\0', .v.str = s->pack },
		{ .v.u = l->rank },
		{ .absent = s->context[0] == '\0', .v.str = s->context },
		{ .absent = s->network[0] == '\0', .v.str = s->network },
		{ .absent = s->currency[0] == '\0', .v.str = s->currency },
		{ .absent = s->lastmod[0] == '\0', .v.str = s->lastmod },
	};
	l->rc = export_table_row(l->t, NULL, cells, l->err);
	return l->rc == XT_OK;
}

static enum xt_status list(struct cli *c, struct xt_err *err)
{
	struct listing l = { .err = err };
	struct nem_party party;
	if (c->opts.n_operands == 2) {
		enum xt_status bad =
		    args_party(&party, "ADDRESS", c->opts.operands[1], err);
		if (bad != XT_OK)
			return bad;
		l.party = party.s;
	}
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

/* ---- export, remove, categories, history
 * ---------------------------------------------- */

static enum xt_status export_pack(struct cli *c, struct xt_err *err)
{
	const char *path = opts_str(&c->opts, "output");
	struct export_file file;
	uint64_t n;
	enum xt_status rc = export_file_open(&file, path != NULL ? path : "-", err);
	if (rc != XT_OK)
		return rc;
	rc = label_export(&n, c->store, file.f, opts_has(&c->opts, "all"), err);
	if (rc == XT_OK)
		rc = export_file_commit(&file, err);
	export_file_abort(&file);
	return rc;
}

struct seek {
	int64_t id;
	bool found;
	char text[480];
};

static bool seek_one(void *ctx, const struct store_label *l)
{
	struct seek *s = ctx;
	if (l->id == s->id) {
		s->found = true;
		describe(s->text, sizeof(s->text), l);
	}
	return true;
}

static enum xt_status commit_logged(struct cli *c, enum xt_status rc, const char *what,
				    const char *text, struct xt_err *err)
{
	if (rc == XT_OK)
		rc = store_log(c->store, xt_clock_system()->unix_time(NULL), what, text,
			       err);
	if (rc == XT_OK)
		rc = store_commit(c->store, err);
	if (rc != XT_OK)
		store_rollback(c->store);
	return rc;
}

static enum xt_status remove_one(struct cli *c, struct xt_err *err)
{
	struct seek s = { 0 };
	uint64_t id;
	enum xt_status rc = xt_parse_u64(&id, c->opts.operands[1], INT64_MAX, err);
	if (rc != XT_OK)
		return xt_fail(err, XT_E_USAGE, "ID: \"%.40s\" is no number",
			       c->opts.operands[1]);
	s.id = (int64_t)id;
	rc = store_each_label(c->store, seek_one, &s, err);
	if (rc == XT_OK)
		rc = STORE_BEGIN(c->store, err);
	if (rc != XT_OK)
		return rc;
	rc =
	    store_remove_label(c->store, s.id, xt_clock_system()->unix_time(NULL), err);
	rc = commit_logged(c, rc, "label remove", s.text, err);
	return rc == XT_OK ? cli_print_done(c, err, "removed: %s", s.text) : rc;
}

static enum xt_status category(struct cli *c, struct xt_err *err)
{
	const char *name = c->opts.operands[1];
	const char *what = c->opts.operands[2];
	char text[160];
	bool service = strcmp(what, "service") == 0;
	if (!service && strcmp(what, "plain") != 0)
		return xt_fail(err, XT_E_USAGE,
			       "label category: \"%.40s\" is none of service, plain",
			       what);
	if (name[0] == '\0' || !xt_utf8_valid((const uint8_t *)name, strlen(name)) ||
	    strlen(name) >= sizeof(((struct store_label *)0)->category))
		return xt_fail(err, XT_E_USAGE, "label category: \"%.80s\": no name",
			       name);
	(void)snprintf(text, sizeof(text), "%s: %s", name,
		       service ? "counts as a service" : "does not count as a service");
	enum xt_status rc = STORE_BEGIN(c->store, err);
	if (rc != XT_OK)
		return rc;
	rc = commit_logged(c, store_put_category(c->store, name, service, err),
			   "label category", text, err);
	return rc == XT_OK ? cli_print_done(c, err, "%s", text) : rc;
}

static const struct export_column category_columns[] = {
	{ "category", "category or concept", EXPORT_STR },
	{ "service", "service", EXPORT_BOOL },
	{ "labels", "labels", EXPORT_INT },
};

static bool category_one(void *ctx, const struct store_category *s)
{
	struct listing *l = ctx;
	struct export_cell cells[] = {
		{ .v.str = s->name },
		{ .v.b = s->service },
		{ .v.u = s->labels },
	};
	l->rc = export_table_row(l->t, NULL, cells, l->err);
	return l->rc == XT_OK;
}

static enum xt_status categories(struct cli *c, struct xt_err *err)
{
	struct listing l = { .err = err };
	enum xt_status rc = export_table_new(&l.t, "categories", category_columns,
					     XT_ARRAY_SIZE(category_columns), err);
	if (rc == XT_OK)
		rc = store_each_category(c->store, category_one, &l, err);
	if (rc == XT_E_STOPPED)
		rc = l.rc;
	if (rc == XT_OK)
		rc = cli_print(c, NULL, l.t, err);
	export_table_free(l.t);
	return rc;
}

static const struct export_column history_columns[] = {
	{ "time", "time", EXPORT_TIME },      { "what", "what", EXPORT_STR },
	{ "address", "address", EXPORT_STR }, { "label", "label", EXPORT_STR },
	{ "own", "own", EXPORT_BOOL },        { "pack", "file", EXPORT_STR },
	{ "source", "source", EXPORT_STR },   { "change", "change", EXPORT_WORDS },
	{ "text", "text", EXPORT_WORDS },
};

static bool change_one(void *ctx, const struct store_label_change *s)
{
	struct listing *l = ctx;
	struct export_cell cells[] = {
		{ .v.time = s->time },
		{ .v.str = s->what },
		{ .v.str = s->party },
		{ .v.str = s->label },
		{ .v.b = s->own },
		{ .absent = s->pack[0] == '\0', .v.str = s->pack },
		{ .absent = s->source[0] == '\0', .v.str = s->source },
		{ .absent = s->change[0] == '\0', .v.str = s->change },
		{ .absent = true },
	};
	l->rc = export_table_row(l->t, NULL, cells, l->err);
	return l->rc == XT_OK;
}

/* Imports as a whole, and which categories count as services. */
static bool log_one(void *ctx, const struct store_log_row *r)
{
	struct listing *l = ctx;
	struct export_cell cells[] = {
		{ .v.time = r->time }, { .v.str = r->what }, { .absent = true },
		{ .absent = true },    { .absent = true },   { .absent = true },
		{ .absent = true },    { .absent = true },   { .v.str = r->text },
	};
	if (strcmp(r->what, "label category") != 0 && strcmp(r->what, "labels") != 0)
		return true;
	l->rc = export_table_row(l->t, NULL, cells, l->err);
	return l->rc == XT_OK;
}

static enum xt_status history(struct cli *c, struct xt_err *err)
{
	struct listing l = { .err = err };
	struct nem_party party;
	enum xt_status rc = XT_OK;
	if (c->opts.n_operands == 2)
		rc = args_party(&party, "ADDRESS", c->opts.operands[1], err);
	if (rc != XT_OK)
		return rc;
	if (c->opts.n_operands == 2)
		l.party = party.s;
	rc = export_table_new(&l.t, "changes", history_columns,
			      XT_ARRAY_SIZE(history_columns), err);
	if (rc == XT_OK)
		rc = store_each_label_change(c->store, l.party, change_one, &l, err);
	if (rc == XT_OK && l.party == NULL)
		rc = store_each_log(c->store, log_one, &l, err);
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
		return import_files(c, false, err);
	if (strcmp(verb, "onchain") == 0 && c->opts.n_operands > 1)
		return import_files(c, true, err);
	if (strcmp(verb, "add") == 0 && c->opts.n_operands == 2)
		return add(c, err);
	if (strcmp(verb, "list") == 0 && c->opts.n_operands <= 2)
		return list(c, err);
	if (strcmp(verb, "export") == 0 && c->opts.n_operands == 1)
		return export_pack(c, err);
	if (strcmp(verb, "remove") == 0 && c->opts.n_operands == 2)
		return remove_one(c, err);
	if (strcmp(verb, "category") == 0 && c->opts.n_operands == 3)
		return category(c, err);
	if (strcmp(verb, "category") == 0 && c->opts.n_operands == 1)
		return categories(c, err);
	if (strcmp(verb, "history") == 0 && c->opts.n_operands <= 2)
		return history(c, err);
	return xt_fail(err, XT_E_USAGE, "label: usage: xemtrace label %s",
		       c->cmd->synopsis);
}

const struct cmd cmd_label = {
	.name = "label",
	.synopsis =
	    "import FILE... | onchain FILE... | export [-o FILE] [--all] | add ADDRESS --label TEXT "
	    "--category NAME | list [ADDRESS] | remove ID | category [NAME "
	    "service|plain] | history [ADDRESS]",
	.summary = "names of accounts; services among them are where taint stops",
	.description =
	    "FILE is a TagPack (.yaml) or CSV (.csv) with the columns address, label,\n"
	    "category and optionally source, confidence, actor, concepts, abuse, lastmod,\n"
	    "context, network, currency. A bad row (also an address of another network) is\n"
	    "named and left out; the others are kept (exit code 3). An account is a\n"
	    "service if the category or a concept of one of its labels is: `label category`\n"
	    "lists the words that are, and with NAME changes one. Of several labels the analyst's own come first, then the surer ones. export writes a\n"
	    "TagPack that reads back the same; history tells what each import and each edit\n"
	    "added, changed or removed, and when. onchain labels accounts that were sent one of\n"
	    "the mosaics of a list (fixtures/labels/onchain.csv): it is the sender's word, so\n"
	    "the confidence is low.",
	.options = options,
	.needs = CMD_CASE_CREATE,
	.run = run,
};
