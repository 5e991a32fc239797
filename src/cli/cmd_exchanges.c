/* exchanges: deposits of stolen XEM per service and memo; services and deposit
 * addresses that nobody labelled; requests to services. */
#include "args.h"
#include "cmd.h"
#include "groups.h"
#include "prices.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <xemtrace/findings.h>

static const struct opt options[] = {
	{ "rule", 'r', "NAME",
	  "memo: deposits at labelled services (default); pool: services that nobody "
	  "labelled; forwarding: deposit addresses; sweep: accounts emptied into one; found: "
	  "the last three",
	  false },
	{ "requests", 0, "DIR",
	  "write one file a service into DIR: a request to preserve records, with every "
	  "deposit and how it leads back to the theft",
	  false },
	{ "ways", 0, "N", "requests: ways back to the theft a customer (default 3)",
	  false },
	{ "evidence", 0, "N",
	  "list so many transactions a finding (default 100; 0: all)", false },
	{ "pool-senders", 0, "N", "pool: at least so many senders (default 20)",
	  false },
	{ "pool-memos", 0, "N",
	  "pool: at least so many different messages of one shape (default 20)",
	  false },
	{ "pool-percent", 0, "N",
	  "pool: at least so many of 100 transfers have a message (default 80)",
	  false },
	{ "wait", 0, "BLOCKS", "forwarding: at most so many blocks (default 780)",
	  false },
	{ "loose", 0, NULL, "forwarding: also where a little stays behind, graded",
	  false },
	{ "without-message", 0, NULL,
	  "forwarding: only where nothing that was sent on carries a message (a service's "
	  "own address has no customer to name)",
	  false },
	{ "excess", 0, "XEM", "forwarding, loose: at most so much (default 2)", false },
	{ "sweep-accounts", 0, "N", "sweep: at least so many accounts (default 3)",
	  false },
	{ "sweep-window", 0, "BLOCKS", "sweep: within so many blocks (default 1440)",
	  false },
	FOLD_OPTION,
	PRICE_OPTIONS,
	SESSION_THEFT,
	SESSION_OPTIONS,
	{ 0 },
};

static const struct export_column head_columns[] = {
	{ "policy", "policy", EXPORT_STR },
	{ "seeded_uxem", "stolen XEM", EXPORT_UXEM },
	{ "at_services_uxem", "reached services XEM", EXPORT_UXEM },
	{ "services", "services", EXPORT_INT },
	{ "deposits", "deposits", EXPORT_INT },
	{ "requests", "requests written", EXPORT_INT },
};

static enum xt_status make_head(struct export_table **out, const struct session *s,
				const struct analyse_exchanges *e, bool requests,
				struct xt_err *err)
{
	struct analyse_coverage cov;
	enum xt_status rc = analyse_coverage(&cov, s->g, s->r, err);
	if (rc != XT_OK)
		return rc;
	struct export_cell cells[] = {
		{ .v.str = s->r->policy->name },
		{ .v.u = cov.seeded },
		{ .v.u = cov.at_services },
		{ .v.u = e->n_services },
		{ .v.u = e->n_deposits },
		{ .absent = !requests, .v.u = e->n_services },
	};
	rc = export_table_new(out, "summary", head_columns, XT_ARRAY_SIZE(head_columns),
			      err);
	if (rc == XT_OK)
		rc = export_table_row(*out, NULL, cells, err);
	return rc;
}

/* ---- requests ----------------------------------------------------------------------
 */

/* A party without an address is "@name": a fine file name without the sign. */
static enum xt_status request_path(char *out, size_t n, const char *dir,
				   const struct session *s,
				   const struct analyse_exchanges *e, size_t i,
				   struct xt_err *err)
{
	const char *name = s->g->party[e->services[i].account].s;
	const int len =
	    snprintf(out, n, "%s/%s.txt", dir, name[0] == '@' ? name + 1 : name);
	if (len < 0 || (size_t)len >= n)
		return xt_fail(err, XT_E_USAGE, "--requests: %.200s: name too long",
			       dir);
	return XT_OK;
}

/* What stands under this name; *ours: a request that a run wrote. */
static bool stands(const char *path, bool *ours)
{
	char head[sizeof(EXPORT_REQUEST_HEAD) - 1];
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		return false;
	*ours = fread(head, 1, sizeof(head), f) == sizeof(head) &&
		memcmp(head, EXPORT_REQUEST_HEAD, sizeof(head)) == 0;
	(void)fclose(f);
	return true;
}

/* Nobody's file is replaced but a request; before any is written. */
static enum xt_status check_requests(const struct session *s,
				     const struct analyse_exchanges *e, const char *dir,
				     struct xt_err *err)
{
	char path[1024];
	bool ours = false;
	enum xt_status rc = XT_OK;
	for (size_t i = 0; i < e->n_services && rc == XT_OK; i++) {
		rc = request_path(path, sizeof(path), dir, s, e, i, err);
		if (rc == XT_OK && stands(path, &ours) && !ours)
			rc = xt_fail(err, XT_E_EXISTS,
				     "--requests: %.900s is a file of another kind: "
				     "move it away",
				     path);
	}
	return rc;
}

static bool is_written(const struct session *s, const struct analyse_exchanges *e,
		       const char *name)
{
	for (size_t i = 0; i < e->n_services; i++) {
		const char *party = s->g->party[e->services[i].account].s;
		const size_t n = strlen(party += party[0] == '@');
		if (strncmp(name, party, n) == 0 && strcmp(name + n, ".txt") == 0)
			return true;
	}
	return false;
}

/* Requests of an earlier run, to services that this one does not name. */
static void warn_old(struct cli *c, const struct session *s,
		     const struct analyse_exchanges *e, const char *dir)
{
	char path[1024], first[256] = "";
	unsigned long old = 0;
	const struct dirent *d;
	DIR *open = opendir(dir);
	if (open == NULL)
		return;
	while ((d = readdir(open)) != NULL) {
		bool ours = false;
		const int n = snprintf(path, sizeof(path), "%s/%s", dir, d->d_name);
		if (n < 0 || (size_t)n >= sizeof(path) || is_written(s, e, d->d_name) ||
		    !stands(path, &ours) || !ours)
			continue;
		if (old++ == 0 || strcmp(d->d_name, first) < 0)
			(void)snprintf(first, sizeof(first), "%s", d->d_name);
	}
	(void)closedir(open);
	if (old > 0)
		cli_warn(c, "old_requests",
			 "%lu requests of an earlier run are in the folder still, to "
			 "services that this run does not name: %s%s",
			 old, first, old > 1 ? ", ..." : "");
}

static enum xt_status one_request(struct cli *c, const struct session *s,
				  const struct analyse_exchanges *e, size_t i,
				  uint64_t ways, const char *dir, struct xt_err *err)
{
	const struct export_request q = {
		.g = s->g,
		.r = s->r,
		.e = e,
		.service = &e->services[i],
		.has_bounds = true,
		.paths = (size_t)ways,
		.zone = c->tz,
		.height = session_height(s->g),
	};
	struct export_file file;
	char path[1024];
	enum xt_status rc = request_path(path, sizeof(path), dir, s, e, i, err);
	if (rc == XT_OK)
		rc = export_file_open(&file, path, err);
	if (rc != XT_OK)
		return rc;
	rc = export_request(file.f, &q, err);
	if (rc == XT_OK)
		rc = export_file_commit(&file, err);
	export_file_abort(&file);
	return rc;
}

/* Ways back need lots where the policy has them, and the adjacency where it has not. */
static enum xt_status prepare_ways(struct cli *c, struct session *s, struct xt_err *err)
{
	const struct taint_policy *policy = s->r->policy;
	struct taint_options o;
	if (!policy->conserves)
		return xt_fail(err, XT_E_USAGE,
			       "--requests: under %s no amount leads back to a theft: "
			       "choose another --policy",
			       policy->name);
	if (!policy->lots)
		return XT_OK;
	enum xt_status rc = session_options(c, &o, err);
	if (rc != XT_OK)
		return rc;
	o.edges = true;
	o.lineage = true;
	taint_result_free(s->r);
	s->r = NULL;
	return taint_run(&s->r, s->g, policy, &o, &c->sink, err);
}

static enum xt_status write_requests(struct cli *c, struct session *s,
				     const struct analyse_exchanges *e,
				     struct xt_err *err)
{
	const char *dir = opts_str(&c->opts, "requests");
	uint64_t ways = 0;
	enum xt_status rc = opts_u64(&c->opts, "ways", &ways, 3, 1000, err);
	if (rc != XT_OK || dir == NULL)
		return rc;
	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return xt_fail(err, XT_E_IO, "--requests: %s: %s", dir,
			       strerror(errno));
	rc = check_requests(s, e, dir, err);
	for (size_t i = 0; i < e->n_services && rc == XT_OK; i++)
		rc = one_request(c, s, e, i, ways, dir, err);
	if (rc == XT_OK)
		warn_old(c, s, e, dir);
	return rc;
}

static void warn_values(struct cli *c, const struct session *s,
			const struct analyse_exchanges *e)
{
	uint64_t without = 0;
	for (size_t i = 0; e->prices != NULL && i < e->n_deposits; i++)
		without += !analyse_deposits_value(e, s->g, i, i + 1).known;
	prices_warn(c, without);
}

/* Requests go to services as they are; tables can fold them. */
static enum xt_status print_exchanges(struct cli *c, const struct session *s,
				      struct analyse_exchanges *e,
				      const struct export_table *head,
				      struct xt_err *err)
{
	struct analyse_groups groups = { 0 };
	struct export_table *t = NULL;
	bool folded = false;
	enum xt_status rc = groups_from_args(c, s, &groups, &folded, err);
	if (rc == XT_OK && folded)
		rc = analyse_exchanges_fold(e, s->g, s->r, &groups, err);
	if (rc == XT_OK)
		rc = export_exchanges(&t, s->g, e, err);
	if (rc == XT_OK)
		rc = cli_print(c, head, t, err);
	export_table_free(t);
	analyse_groups_release(&groups);
	return rc;
}

static enum xt_status memo_deposits(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct analyse_exchanges e = { 0 };
	struct export_table *head = NULL;
	struct taint_bounds *bounds = NULL;
	struct prices prices = { 0 };
	const bool requests = opts_has(&c->opts, "requests");
	const char *fold = opts_str(&c->opts, "fold");
	unsigned grounds;
	enum xt_status rc = prices_from_args(c, &prices, err);

	/* Before letters are written. */
	if (rc == XT_OK && fold != NULL)
		rc = groups_parse(&grounds, "--fold", fold, err);

	if (rc == XT_OK)
		rc = session_load(c, &s, LOAD_REFS | (requests ? LOAD_INDEX : 0U), err);
	if (rc == XT_OK)
		rc = session_taint(c, &s, err);
	if (rc == XT_OK && requests)
		rc = prepare_ways(c, &s, err);
	if (rc == XT_OK)
		rc = analyse_exchanges(&e, s.g, s.r, err);
	if (rc == XT_OK)
		rc = taint_bounds_run(&bounds, s.g, &s.r->options, &c->sink, err);
	if (rc == XT_OK) {
		analyse_exchanges_bounds(&e, bounds);
		e.prices = prices_view(&prices);
		warn_values(c, &s, &e);
		rc = write_requests(c, &s, &e, err);
	}
	if (rc == XT_OK)
		rc = make_head(&head, &s, &e, requests, err);
	if (rc == XT_OK)
		rc = print_exchanges(c, &s, &e, head, err);
	export_table_free(head);
	taint_bounds_free(bounds);
	analyse_exchanges_release(&e);
	session_release(&s);
	prices_release(&prices);
	return rc;
}

/* ---- what nobody labelled
 * ------------------------------------------------------------- */

static enum xt_status thresholds(const struct cli *c, struct analyse_rule_options *o,
				 struct xt_err *err)
{
	analyse_rule_defaults(o);
	const struct {
		const char *name;
		uint64_t *v, max;
	} t[] = {
		{ "pool-senders", &o->pool_senders, UINT32_MAX },
		{ "pool-memos", &o->pool_memos, UINT32_MAX },
		{ "pool-percent", &o->pool_percent, 100 },
		{ "wait", &o->forward_wait, UINT32_MAX },
		{ "sweep-accounts", &o->sweep_accounts, UINT32_MAX },
		{ "sweep-window", &o->sweep_window, UINT32_MAX },
	};
	enum xt_status rc = XT_OK;
	for (size_t i = 0; i < XT_ARRAY_SIZE(t) && rc == XT_OK; i++)
		rc = opts_u64(&c->opts, t[i].name, t[i].v, *t[i].v, t[i].max, err);
	if (rc == XT_OK)
		rc = args_amount_opt(c, &o->forward_excess, "excess", o->forward_excess,
				     err);
	o->loose = opts_has(&c->opts, "loose");
	o->forward_silent = opts_has(&c->opts, "without-message");
	return rc;
}

static const struct export_column found_columns[] = {
	{ "policy", "policy", EXPORT_STR },
	{ "findings", "findings", EXPORT_INT },
	{ "not_judged", "accounts not judged", EXPORT_INT },
};

static enum xt_status print_found(struct cli *c, const struct session *s,
				  const struct analyse_findings *f, unsigned rules,
				  struct xt_err *err)
{
	struct export_table *head = NULL;
	struct export_table *t = NULL;
	uint64_t evidence = 0;
	enum xt_status rc =
	    opts_u64(&c->opts, "evidence", &evidence, 100, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = export_rules(&t, s->g, f, rules, s->r != NULL, (size_t)evidence,
				  err);
	if (rc == XT_OK)
		rc = export_table_new(&head, "summary", found_columns,
				      XT_ARRAY_SIZE(found_columns), err);
	if (rc == XT_OK) {
		struct export_cell cells[] = {
			{ .absent = s->r == NULL,
			  .v.str = s->r != NULL ? s->r->policy->name : NULL },
			{ .v.u = export_table_rows(t) },
			{ .v.u = f->not_judged },
		};
		rc = export_table_row(head, NULL, cells, err);
	}
	if (rc == XT_OK && f->not_judged > 0)
		cli_warn(c, "not_judged",
			 "%llu accounts were not judged by the rules forwarding and "
			 "sweep: their whole history is not in the case",
			 (unsigned long long)f->not_judged);
	if (rc == XT_OK)
		rc = cli_print(c, head, t, err);
	export_table_free(t);
	export_table_free(head);
	return rc;
}

static enum xt_status found(struct cli *c, unsigned rules, struct xt_err *err)
{
	struct session s = { 0 };
	struct analyse_findings f = { 0 };
	struct analyse_rule_options o;
	enum xt_status rc = thresholds(c, &o, err);

	if (rc == XT_OK && opts_has(&c->opts, "requests"))
		rc = xt_fail(err, XT_E_USAGE,
			     "--requests goes with --rule memo alone: label the "
			     "services that were found first");
	if (rc == XT_OK)
		rc = session_load(c, &s, LOAD_REFS | LOAD_INDEX, err);
	if (rc == XT_OK && s.g->n_seeds > 0)
		rc = session_taint(c, &s, err);
	if (rc == XT_OK)
		rc = analyse_rules(&f, s.g, s.r, &o, err);
	if (rc == XT_OK)
		rc = print_found(c, &s, &f, rules, err);
	analyse_findings_release(&f);
	session_release(&s);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	static const struct {
		const char *name;
		unsigned bits;
	} rules[] = {
		{ "memo", 0 },
		{ "pool", 1U << ANALYSE_POOL },
		{ "forwarding", 1U << ANALYSE_FORWARD },
		{ "sweep", 1U << ANALYSE_SWEEP },
		{ "found",
		  1U << ANALYSE_POOL | 1U << ANALYSE_FORWARD | 1U << ANALYSE_SWEEP },
	};
	const char *name = opts_str(&c->opts, "rule");
	enum xt_status rc = cli_operands(c, 0, 0, err);
	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < XT_ARRAY_SIZE(rules); i++)
		if (strcmp(name != NULL ? name : "memo", rules[i].name) == 0)
			return rules[i].bits == 0 ? memo_deposits(c, err)
						  : found(c, rules[i].bits, err);
	return xt_fail(err, XT_E_USAGE,
		       "--rule: \"%s\" is none of memo, pool, forwarding, sweep, found",
		       name);
}

const struct cmd cmd_exchanges = {
	.name = "exchanges",
	.synopsis = "[--rule NAME] [--requests DIR] [--policy NAME]",
	.summary =
	    "deposits per service and memo: who must be asked for which customer",
	.description =
	    "Every transfer of stolen XEM to an account labelled as a service, grouped by\n"
	    "service and by the message that tells its customers apart: amounts, counts, first\n"
	    "and last time, and each transaction's hash (or record row). An encrypted message\n"
	    "is told by its sender; a missing one is shown as none. The confidence of the\n"
	    "label is shown, because the conclusion stands on it; so is what any policy that\n"
	    "keeps amounts would say at least and at most. A value is that of the stolen XEM,\n"
	    "each deposit at the price of its day, added up exactly and rounded down to two\n"
	    "decimals. With --fold the services of one owner are one row.\n\n"
	    "With --rule it finds services, deposit addresses and sweeps that nobody labelled\n"
	    "(docs/deposits.md has each rule, its thresholds and its limits).",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
