/* seed: what was stolen. */
#include "args.h"
#include "cmd.h"

#include <xemtrace/graph.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct opt options[] = {
	{ "theft", 't', "NAME",
	  "name of the theft (default: theft); several can be traced in "
	  "one case",
	  false },
	{ "tx", 0, "HASH",
	  "seed by transaction: what it carried is dirty when it arrives; a "
	  "hash, or FILE:LINE of an imported record; may be repeated",
	  true },
	{ "refund", 0, "HASH",
	  "a service's refund of stolen money: like --tx; may be repeated", true },
	{ "account", 0, "ADDRESS",
	  "seed by account: with --from/--to everything that arrived "
	  "in that window; with --height what it held then",
	  false },
	{ "from", 0, "TIME",
	  "begin of the window (time or height), inclusive; of `seed clean`: the moment",
	  false },
	{ "to", 0, "TIME",
	  "end of the window, inclusive; a date alone means its whole day", false },
	{ "height", 0, "H", "the balance after block H; 0: before the first event",
	  false },
	{ "amount", 0, "XEM",
	  "the part of that balance that is dirty (default: all of it)", false },
	{ "why", 0, "TEXT", "the reason of a clean mark (needed)", false },
	{ 0 },
};

static enum xt_status put(struct cli *c, struct store_seed *seed, const char *what,
			  struct xt_err *err)
{
	char text[400];
	enum xt_status rc = STORE_BEGIN(c->store, err);
	if (rc != XT_OK)
		return rc;
	rc = store_put_seed(c->store, &seed->id, seed, err);
	(void)snprintf(text, sizeof(text), "%" PRId64 " %s: %s", seed->id, seed->theft,
		       what);
	if (rc == XT_OK)
		rc = store_log(c->store, xt_clock_system()->unix_time(NULL), "seed add",
			       text, err);
	if (rc == XT_OK)
		rc = store_commit(c->store, err);
	if (rc != XT_OK)
		store_rollback(c->store);
	return rc;
}

/* The transaction must be in the case, or be a hash that a later crawl can bring. */
static enum xt_status add_txs(struct cli *c, const char *theft, const char *option,
			      int kind, size_t *added, struct xt_err *err)
{
	const char *text;
	for (size_t i = 0; (text = opts_nth(&c->opts, option, i)) != NULL; i++) {
		struct store_seed seed = { .kind = kind };
		struct store_tx tx;
		uint8_t raw[32];
		(void)snprintf(seed.theft, sizeof(seed.theft), "%s", theft);
		enum xt_status rc = store_tx_find(c->store, &tx, text, err);
		if (rc == XT_E_NOTFOUND &&
		    xt_hex_decode(raw, 32, text, NULL) == XT_OK) {
			cli_warn(
			    c, "seed_not_there",
			    "--%s %s: not in the case yet; replays refuse to run until "
			    "a crawl or an import brings it",
			    option, text);
			rc = XT_OK;
		} else if (rc == XT_OK) {
			seed.tx = tx.id;
		}
		if (rc == XT_E_NOTFOUND)
			return xt_fail(
			    err, rc,
			    "--%s: \"%s\": no such transaction or record row in %s",
			    option, text, c->case_path);
		if (rc != XT_OK)
			return rc;
		if (strlen(text) >= sizeof(seed.tx_text))
			return xt_fail(err, XT_E_USAGE, "--%s: \"%s\" is too long",
				       option, text);
		(void)snprintf(seed.tx_text, sizeof(seed.tx_text), "%s", text);
		rc = put(c, &seed, text, err);
		if (rc != XT_OK)
			return rc;
		(*added)++;
	}
	return XT_OK;
}

static enum xt_status set_window(struct cli *c, struct store_seed *seed,
				 struct xt_err *err)
{
	struct when from;
	struct when to;
	enum xt_status rc = args_when_opt(c, &from, "from", false, err);
	if (rc == XT_OK)
		rc = args_when_opt(c, &to, "to", true, err);
	if (rc != XT_OK)
		return rc;
	if (from.given && to.given && from.is_height != to.is_height)
		return xt_fail(err, XT_E_USAGE,
			       "--from and --to must both be times or both be heights");
	seed->kind =
	    from.is_height || to.is_height ? GRAPH_SEED_HEIGHTS : GRAPH_SEED_WINDOW;
	seed->has_from = from.given;
	seed->has_to = to.given;
	seed->from = from.is_height ? (int64_t)from.height : from.time;
	seed->to = to.is_height ? (int64_t)to.height : to.time;
	if (from.given && to.given && seed->from > seed->to)
		return xt_fail(err, XT_E_USAGE, "--from %s is after --to %s",
			       opts_str(&c->opts, "from"), opts_str(&c->opts, "to"));
	return XT_OK;
}

static enum xt_status add_account(struct cli *c, const char *theft, struct xt_err *err)
{
	struct store_seed seed = { 0 };
	const char *height = opts_str(&c->opts, "height");
	bool window = opts_has(&c->opts, "from") || opts_has(&c->opts, "to");
	enum xt_status rc =
	    args_party(&seed.account, "--account", opts_str(&c->opts, "account"), err);
	if (rc != XT_OK)
		return rc;
	(void)snprintf(seed.theft, sizeof(seed.theft), "%s", theft);
	if (window == (height != NULL))
		return xt_fail(
		    err, XT_E_USAGE,
		    "--account needs either a window (--from, --to) or --height");
	if (window && opts_has(&c->opts, "amount"))
		return xt_fail(err, XT_E_USAGE, "--amount goes with --height");
	if (window) {
		rc = set_window(c, &seed, err);
	} else {
		seed.kind = GRAPH_SEED_BALANCE;
		seed.all = !opts_has(&c->opts, "amount");
		rc = opts_u64(&c->opts, "height", &seed.height, 0, UINT32_MAX, err);
		if (rc == XT_OK)
			rc = args_amount_opt(c, &seed.amount_uxem, "amount", 0, err);
	}
	if (rc == XT_OK)
		rc = put(c, &seed, seed.account.s, err);
	return rc;
}

static enum xt_status add(struct cli *c, struct xt_err *err)
{
	const char *theft = opts_str(&c->opts, "theft");
	size_t added = 0;
	if (theft == NULL)
		theft = "theft";
	if (theft[0] == '\0' || strlen(theft) > 63)
		return xt_fail(err, XT_E_USAGE, "--theft: \"%s\": 1 to 63 bytes",
			       theft);
	enum xt_status rc = add_txs(c, theft, "tx", GRAPH_SEED_TX, &added, err);
	if (rc == XT_OK)
		rc = add_txs(c, theft, "refund", GRAPH_SEED_REFUND, &added, err);
	if (rc == XT_OK && opts_has(&c->opts, "account")) {
		rc = add_account(c, theft, err);
		added++;
	}
	if (rc != XT_OK)
		return rc;
	if (added == 0)
		return xt_fail(
		    err, XT_E_USAGE,
		    "seed add: name what was stolen with --tx, --refund or --account");
	return cli_print_done(c, err, "%zu seed%s added to theft \"%s\"", added,
			      added == 1 ? "" : "s", theft);
}

/* An analyst's word that an account's money is clean from a moment on. */
static enum xt_status mark_clean(struct cli *c, struct xt_err *err)
{
	struct store_clean mark = { 0 };
	struct when from;
	char text[260];
	const char *why = opts_str(&c->opts, "why");
	enum xt_status rc =
	    args_party(&mark.account, "seed clean", c->opts.operands[1], err);
	if (rc == XT_OK)
		rc = args_when_opt(c, &from, "from", false, err);
	if (rc != XT_OK)
		return rc;
	if (!from.given || from.is_height)
		return xt_fail(
		    err, XT_E_USAGE,
		    "seed clean: --from TIME is needed (a time, not a height)");
	if (why == NULL || why[0] == '\0' || strlen(why) >= sizeof(mark.why))
		return xt_fail(err, XT_E_USAGE,
			       "seed clean: --why needs a text of 1 to %zu bytes",
			       sizeof(mark.why) - 1);
	mark.from = from.time;
	(void)snprintf(mark.why, sizeof(mark.why), "%s", why);
	(void)snprintf(text, sizeof(text), "%s from %" PRId64 ": %s", mark.account.s,
		       mark.from, why);
	rc = STORE_BEGIN(c->store, err);
	if (rc == XT_OK)
		rc = store_put_clean(c->store, &mark, err);
	if (rc == XT_OK)
		rc = store_log(c->store, xt_clock_system()->unix_time(NULL),
			       "seed clean", text, err);
	if (rc == XT_OK)
		rc = store_commit(c->store, err);
	if (rc != XT_OK) {
		store_rollback(c->store);
		return rc;
	}
	return cli_print_done(c, err, "%s is clean from that moment on: %s",
			      mark.account.s, why);
}

static const struct export_column clean_columns[] = {
	{ "id", "id", EXPORT_INT },
	{ "account", "account", EXPORT_STR },
	{ "from", "clean from", EXPORT_TIME },
	{ "why", "why", EXPORT_WORDS },
};

static const struct export_column columns[] = {
	{ "id", "id", EXPORT_INT },
	{ "theft", "theft", EXPORT_STR },
	{ "kind", "kind", EXPORT_STR },
	{ "tx", "transaction", EXPORT_STR },
	{ "account", "account", EXPORT_STR },
	{ "from", "from", EXPORT_TIME },
	{ "to", "to", EXPORT_TIME },
	{ "from_height", "from height", EXPORT_INT },
	{ "to_height", "to height", EXPORT_INT },
	{ "height", "at height", EXPORT_INT },
	{ "amount_uxem", "amount XEM", EXPORT_UXEM },
	{ "all", "all", EXPORT_BOOL },
};

struct listing {
	struct export_table *t;
	enum xt_status rc;
	struct xt_err *err;
};

static bool list_one(void *ctx, const struct store_seed *s)
{
	struct listing *l = ctx;
	static const char *const kinds[] = { "",        "tx",     "window",
					     "balance", "refund", "heights" };
	bool heights = s->kind == GRAPH_SEED_HEIGHTS;
	bool window = s->kind == GRAPH_SEED_WINDOW || heights;
	bool balance = s->kind == GRAPH_SEED_BALANCE;
	struct export_cell cells[] = {
		{ .v.u = (uint64_t)s->id },
		{ .v.str = s->theft },
		{ .v.str = kinds[s->kind] },
		{ .absent = window || balance, .v.str = s->tx_text },
		{ .absent = !window && !balance, .v.str = s->account.s },
		{ .absent = !s->has_from || heights, .v.time = s->from },
		{ .absent = !s->has_to || heights, .v.time = s->to },
		{ .absent = !s->has_from || !heights, .v.u = (uint64_t)s->from },
		{ .absent = !s->has_to || !heights, .v.u = (uint64_t)s->to },
		{ .absent = !balance, .v.u = s->height },
		{ .absent = !balance || s->all, .v.u = s->amount_uxem },
		{ .absent = !balance, .v.b = s->all },
	};
	l->rc = export_table_row(l->t, NULL, cells, l->err);
	return l->rc == XT_OK;
}

static enum xt_status list(struct cli *c, struct xt_err *err)
{
	struct listing l = { .err = err };
	enum xt_status rc =
	    export_table_new(&l.t, "seeds", columns, XT_ARRAY_SIZE(columns), err);
	if (rc == XT_OK)
		rc = store_each_seed(c->store, list_one, &l, err);
	if (rc == XT_E_STOPPED)
		rc = l.rc;
	if (rc == XT_OK)
		rc = cli_print(c, NULL, l.t, err);
	export_table_free(l.t);
	return rc;
}

static bool list_clean(void *ctx, const struct store_clean *m)
{
	struct listing *l = ctx;
	struct export_cell cells[] = {
		{ .v.u = (uint64_t)m->id },
		{ .v.str = m->account.s },
		{ .v.time = m->from },
		{ .v.str = m->why },
	};
	l->rc = export_table_row(l->t, NULL, cells, l->err);
	return l->rc == XT_OK;
}

static enum xt_status list_cleans(struct cli *c, struct xt_err *err)
{
	struct listing l = { .err = err };
	enum xt_status rc = export_table_new(&l.t, "marks", clean_columns,
					     XT_ARRAY_SIZE(clean_columns), err);
	if (rc == XT_OK)
		rc = store_each_clean(c->store, list_clean, &l, err);
	if (rc == XT_E_STOPPED)
		rc = l.rc;
	if (rc == XT_OK)
		rc = cli_print(c, NULL, l.t, err);
	export_table_free(l.t);
	return rc;
}

static enum xt_status remove_seeds(struct cli *c, bool marks, struct xt_err *err)
{
	for (int i = 1; i < c->opts.n_operands; i++) {
		uint64_t id;
		struct xt_err why;
		const char *text = c->opts.operands[i];
		if (xt_parse_u64(&id, text, INT64_MAX, &why) != XT_OK)
			return xt_fail(err, XT_E_USAGE, "seed remove: %s", why.text);
		enum xt_status rc = STORE_BEGIN(c->store, err);
		if (rc == XT_OK)
			rc = marks ? store_remove_clean(c->store, (int64_t)id, err)
				   : store_remove_seed(c->store, (int64_t)id, err);
		if (rc == XT_OK)
			rc = store_log(c->store, xt_clock_system()->unix_time(NULL),
				       marks ? "seed unclean" : "seed remove", text,
				       err);
		if (rc == XT_OK)
			rc = store_commit(c->store, err);
		if (rc != XT_OK) {
			store_rollback(c->store);
			return rc;
		}
	}
	return cli_print_done(c, err, "%d removed", c->opts.n_operands - 1);
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	enum xt_status rc = cli_operands(c, 1, -1, err);
	if (rc != XT_OK)
		return rc;
	const char *verb = c->opts.operands[0];
	if (strcmp(verb, "add") == 0 && c->opts.n_operands == 1)
		return add(c, err);
	if (strcmp(verb, "list") == 0 && c->opts.n_operands == 1)
		return list(c, err);
	if (strcmp(verb, "remove") == 0 && c->opts.n_operands > 1)
		return remove_seeds(c, false, err);
	if (strcmp(verb, "clean") == 0 && c->opts.n_operands == 2)
		return mark_clean(c, err);
	if (strcmp(verb, "clean") == 0 && c->opts.n_operands == 1)
		return list_cleans(c, err);
	if (strcmp(verb, "unclean") == 0 && c->opts.n_operands > 1)
		return remove_seeds(c, true, err);
	return xt_fail(err, XT_E_USAGE, "seed: usage: xemtrace seed %s",
		       c->cmd->synopsis);
}

const struct cmd cmd_seed = {
	.name = "seed",
	.synopsis =
	    "add [--theft NAME] (--tx HASH... | --account ADDRESS ...) | list | "
	    "remove ID... | clean [ADDRESS --from TIME --why TEXT] | unclean ID...",
	.summary =
	    "what was stolen: transactions, accounts with a window, or a balance",
	.description =
	    "  seed add --tx HASH                       what this transaction carried\n"
	    "  seed add --account A --from T --to T     everything that arrived at A then\n"
	    "  seed add --account A --height H [--amount N]\n"
	    "                                           what A held after block H (N XEM of it)\n"
	    "  seed add --refund HASH                   a service paid stolen XEM back\n"
	    "  seed clean A --from TIME --why TEXT      what A holds then is clean: the analyst's\n"
	    "                                           word; `seed clean` lists, `seed unclean ID`\n"
	    "                                           takes it back\n"
	    "Best are the theft transactions themselves.",
	.options = options,
	.needs = CMD_CASE_WRITE,
	.run = run,
};
