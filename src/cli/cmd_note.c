/* note: an analyst's notes on accounts and transactions, and the case's log. */
#include "args.h"
#include "cmd.h"

#include <string.h>

static const struct opt options[] = {
	{ 0 },
};

static const struct export_column columns[] = {
	{ "time", "time", EXPORT_TIME },
	{ "what", "what", EXPORT_STR },
	{ "about", "about", EXPORT_STR },
	{ "text", "text", EXPORT_WORDS },
};

/* A note is a row of the log: what "note", text "SUBJECT: words". */
struct listing {
	struct export_table *t;
	const char *about; /* NULL: all */
	bool all;          /* the whole log */
	enum xt_status rc;
	struct xt_err *err;
};

static bool list_one(void *ctx, const struct store_log_row *r)
{
	struct listing *l = ctx;
	const bool note = strcmp(r->what, "note") == 0;
	const char *colon = note ? strstr(r->text, ": ") : NULL;
	char about[80] = "";

	if (!note && !l->all)
		return true;
	if (colon != NULL && (size_t)(colon - r->text) < sizeof(about))
		memcpy(about, r->text, (size_t)(colon - r->text));
	if (l->about != NULL && strcmp(l->about, about) != 0)
		return true;
	const struct export_cell cells[] = {
		{ .v.time = r->time },
		{ .v.str = r->what },
		{ .absent = about[0] == '\0', .v.str = about },
		{ .v.str = about[0] != '\0' ? colon + 2 : r->text },
	};
	l->rc = export_table_row(l->t, NULL, cells, l->err);
	return l->rc == XT_OK;
}

/* An account as it is written in the case, or a transaction that the case has. */
static enum xt_status subject(struct cli *c, char out[80], const char *text,
			      struct xt_err *err)
{
	struct nem_party p;
	struct store_account a;
	struct store_tx t;
	enum xt_status rc;
	if (nem_party_parse(&p, text, NULL) == XT_OK) {
		rc = store_account_find(c->store, &a, p.s, err);
		(void)snprintf(out, 80, "%s", p.s);
		return rc;
	}
	rc = store_tx_find(c->store, &t, text, err);
	(void)snprintf(out, 80, "%.79s", text);
	return rc;
}

static enum xt_status list(struct cli *c, bool all, struct xt_err *err)
{
	struct listing l = { .all = all, .err = err };
	char about[80];
	enum xt_status rc = XT_OK;
	if (c->opts.n_operands == 2) {
		rc = subject(c, about, c->opts.operands[1], err);
		l.about = about;
	}
	if (rc != XT_OK)
		return rc;
	rc = export_table_new(&l.t, "entries", columns, XT_ARRAY_SIZE(columns), err);
	if (rc == XT_OK)
		rc = store_each_log(c->store, list_one, &l, err);
	if (rc == XT_E_STOPPED)
		rc = l.rc;
	if (rc == XT_OK)
		rc = cli_print(c, NULL, l.t, err);
	export_table_free(l.t);
	return rc;
}

static enum xt_status add(struct cli *c, struct xt_err *err)
{
	char about[80];
	char text[1100];
	enum xt_status rc = subject(c, about, c->opts.operands[1], err);
	if (rc != XT_OK)
		return rc;
	const char *words = c->opts.operands[2];
	if (words[0] == '\0' || strlen(words) > 1000 ||
	    !xt_utf8_valid((const uint8_t *)words, strlen(words)))
		return xt_fail(err, XT_E_USAGE,
			       "note add: a text of 1 to 1000 bytes of UTF-8");
	(void)snprintf(text, sizeof(text), "%s: %s", about, words);
	rc = STORE_BEGIN(c->store, err);
	if (rc == XT_OK)
		rc = store_log(c->store, xt_clock_system()->unix_time(NULL), "note",
			       text, err);
	if (rc == XT_OK)
		rc = store_commit(c->store, err);
	if (rc != XT_OK) {
		store_rollback(c->store);
		return rc;
	}
	return cli_print_done(c, err, "noted on %s", about);
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	enum xt_status rc = cli_operands(c, 1, 3, err);
	if (rc != XT_OK)
		return rc;
	const char *verb = c->opts.operands[0];
	if (strcmp(verb, "add") == 0 && c->opts.n_operands == 3)
		return add(c, err);
	if (strcmp(verb, "list") == 0 && c->opts.n_operands <= 2)
		return list(c, false, err);
	if (strcmp(verb, "log") == 0 && c->opts.n_operands == 1)
		return list(c, true, err);
	return xt_fail(err, XT_E_USAGE, "note: usage: xemtrace note %s",
		       c->cmd->synopsis);
}

const struct cmd cmd_note = {
	.name = "note",
	.synopsis = "add ADDRESS|HASH TEXT | list [ADDRESS|HASH] | log",
	.summary = "notes on accounts and transactions; the log of the case",
	.description =
	    "A note stands in the case's log with its time, beside everything that changed\n"
	    "results: imports, seeds, marks, labels. Nothing is removed from the log.",
	.options = options,
	.needs = CMD_CASE_WRITE,
	.run = run,
};
