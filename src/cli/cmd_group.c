/* group: wallets of one owner as one party, and why. */
#include "args.h"
#include "cmd.h"
#include "groups.h"

#include <assert.h>
#include <string.h>

#include <xemtrace/findings.h>
#include <xemtrace/load.h>

static const struct opt options[] = {
	{ "reason", 'r', "TEXT",
	  "group add: why these wallets are of one owner (needed)", false },
	{ "by", 'b', "GROUNDS",
	  "group list: only by these grounds joined by commas: given, actor, "
	  "cosignatories, sweep, all (default all)",
	  false },
	{ 0 },
};

static enum xt_status check_name(const char *name, struct xt_err *err)
{
	if (name[0] == '\0' || strlen(name) > 63 ||
	    !xt_utf8_valid((const uint8_t *)name, strlen(name)))
		return xt_fail(err, XT_E_USAGE,
			       "NAME: a group's name has 1 to 63 bytes of UTF-8");
	return XT_OK;
}

static enum xt_status add_one(struct cli *c, struct store_member *m, const char *text,
			      struct xt_err *err)
{
	char said[560];
	enum xt_status rc = args_party(&m->account, "ADDRESS", text, err);
	if (rc == XT_OK)
		rc = store_put_member(c->store, m, err);
	if (rc != XT_OK)
		return rc;
	(void)snprintf(said, sizeof(said), "%s into \"%s\": %s", m->account.s, m->party,
		       m->reason);
	return store_log(c->store, m->time, "group add", said, err);
}

static enum xt_status finish(struct cli *c, enum xt_status rc, struct xt_err *err)
{
	if (rc == XT_OK)
		rc = store_commit(c->store, err);
	if (rc != XT_OK)
		store_rollback(c->store);
	return rc;
}

static enum xt_status add(struct cli *c, struct xt_err *err)
{
	const char *name = c->opts.operands[1];
	const char *reason = opts_str(&c->opts, "reason");
	struct store_member m = { .time = xt_clock_system()->unix_time(NULL) };
	enum xt_status rc = check_name(name, err);
	if (rc == XT_OK && (reason == NULL || reason[0] == '\0' ||
			    strlen(reason) >= sizeof(m.reason) ||
			    !xt_utf8_valid((const uint8_t *)reason, strlen(reason))))
		rc = xt_fail(err, XT_E_USAGE,
			     "group add: --reason needs a text of 1 to %zu bytes of "
			     "UTF-8",
			     sizeof(m.reason) - 1);
	if (rc != XT_OK)
		return rc;
	assert(reason != NULL);
	memcpy(m.party, name, strlen(name) + 1);
	memcpy(m.reason, reason, strlen(reason) + 1);
	rc = STORE_BEGIN(c->store, err);
	for (int i = 2; i < c->opts.n_operands && rc == XT_OK; i++)
		rc = add_one(c, &m, c->opts.operands[i], err);
	rc = finish(c, rc, err);
	return rc == XT_OK ? cli_print_done(c, err, "\"%s\": %d accounts added", name,
					    c->opts.n_operands - 2)
			   : rc;
}

static enum xt_status remove_all(struct cli *c, struct xt_err *err)
{
	enum xt_status rc = STORE_BEGIN(c->store, err);
	for (int i = 1; i < c->opts.n_operands && rc == XT_OK; i++) {
		struct nem_party p;
		struct store_member m;
		char said[560];
		rc = args_party(&p, "ADDRESS", c->opts.operands[i], err);
		if (rc == XT_OK)
			rc = store_remove_member(c->store, &m, &p, err);
		if (rc != XT_OK)
			break;
		(void)snprintf(said, sizeof(said), "%s out of \"%s\": %s", p.s, m.party,
			       m.reason);
		rc = store_log(c->store, xt_clock_system()->unix_time(NULL),
			       "group remove", said, err);
	}
	rc = finish(c, rc, err);
	return rc == XT_OK ? cli_print_done(c, err, "%d accounts removed",
					    c->opts.n_operands - 1)
			   : rc;
}

/* A group's name, or a member's address. */
static bool wanted(const struct graph *g, const struct analyse_groups *s,
		   const struct analyse_group *group, const char *what)
{
	if (what == NULL || strcmp(group->name, what) == 0)
		return true;
	for (size_t i = group->member_from; i < group->member_to; i++)
		if (strcmp(g->party[s->members[i]].s, what) == 0)
			return true;
	return false;
}

static enum xt_status list(struct cli *c, struct xt_err *err)
{
	const char *by = opts_str(&c->opts, "by");
	const char *what = c->opts.n_operands == 2 ? c->opts.operands[1] : NULL;
	struct session s = { 0 };
	struct analyse_groups all = { 0 };
	struct export_table *t = NULL;
	struct nem_party p;
	unsigned grounds = 0;
	enum xt_status rc =
	    groups_parse(&grounds, "--by", by != NULL ? by : "all", err);

	/* Addresses are written in several ways. */
	if (what != NULL && nem_party_parse(&p, what, NULL) == XT_OK)
		what = p.s;
	if (rc == XT_OK)
		rc = load_graph(&s.g, c->store, 0, &c->sink, err);
	if (rc == XT_OK)
		rc = groups_find(c, &s, grounds, NULL, &all, err);
	if (rc == XT_OK) {
		size_t n = 0;

		for (size_t i = 0; i < all.n; i++)
			if (wanted(s.g, &all, &all.v[i], what))
				all.v[n++] = all.v[i];
		all.n = n;
		if (what != NULL && n == 0)
			rc = xt_fail(err, XT_E_NOTFOUND,
				     "there is no group \"%.80s\", and none with such "
				     "an account",
				     what);
	}
	if (rc == XT_OK)
		rc = export_groups(&t, s.g, &all, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	analyse_groups_release(&all);
	session_release(&s);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	enum xt_status rc = cli_operands(c, 1, -1, err);
	if (rc != XT_OK)
		return rc;
	const char *verb = c->opts.operands[0];
	if (strcmp(verb, "add") == 0 && c->opts.n_operands > 2)
		return add(c, err);
	if (strcmp(verb, "remove") == 0 && c->opts.n_operands > 1)
		return remove_all(c, err);
	if (strcmp(verb, "list") == 0 && c->opts.n_operands <= 2)
		return list(c, err);
	return xt_fail(err, XT_E_USAGE, "group: usage: xemtrace group %s",
		       c->cmd->synopsis);
}

const struct cmd cmd_group = {
	.name = "group",
	.synopsis = "add NAME ADDRESS... --reason TEXT | remove ADDRESS... | "
		    "list [NAME|ADDRESS] [--by GROUNDS]",
	.summary = "wallets of one owner as one party, each with its reason",
	.description =
	    "Which wallets are of one owner: by the analyst's word (add), by the actor that\n"
	    "labels name, by the same cosignatories of multisig accounts, by the sweep rule. list\n"
	    "shows each group with every reason, the label's confidence where a label is the\n"
	    "reason, and the time of what the analyst said. A word goes before a finding, and\n"
	    "the analyst's before a label's: a finding never makes one party of two that were\n"
	    "named apart. Tables and graphs show groups as one party with --fold.",
	.options = options,
	.needs = CMD_CASE_WRITE,
	.run = run,
};
