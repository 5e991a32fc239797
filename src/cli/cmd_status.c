/* status: what the case holds, what is complete, what is open and why. */
#include "cmd.h"
#include "node_health.h"
#include "session.h"
#include "status_stops.h"

#include <inttypes.h>
#include <string.h>

static const struct opt options[] = {
	{ "stops", 0, NULL,
	  "list where the crawl stopped on purpose, and what lies behind, alone",
	  false },
	SESSION_OPTIONS,
	{ 0 },
};

static const struct export_column columns[] = {
	{ "case", "case", EXPORT_STR },
	{ "network", "network", EXPORT_STR },
	{ "schema", "schema", EXPORT_INT },
	{ "height", "highest height", EXPORT_INT },
	{ "final_height", "final up to block", EXPORT_INT },
	{ "accounts", "accounts", EXPORT_INT },
	{ "accounts_complete", "  complete", EXPORT_INT },
	{ "accounts_incomplete", "  incomplete", EXPORT_INT },
	{ "accounts_stopped", "  stopped on purpose", EXPORT_INT },
	{ "accounts_open", "  open", EXPORT_INT },
	{ "accounts_seen", "  only mentioned", EXPORT_INT },
	{ "transactions", "transactions", EXPORT_INT },
	{ "signed", "  signed", EXPORT_INT },
	{ "published", "  published", EXPORT_INT },
	{ "aggregate", "  aggregate", EXPORT_INT },
	{ "inferred", "  inferred", EXPORT_INT },
	{ "reported", "  reported by a node", EXPORT_INT },
	{ "exempt", "  exempt (block 3,481,580)", EXPORT_INT },
	{ "movements", "movements of XEM", EXPORT_INT },
	{ "assumed_order_heights", "heights with assumed order", EXPORT_INT },
	{ "signer_time_transactions", "transactions with the signer's time only",
	  EXPORT_INT },
	{ "blocks", "blocks", EXPORT_INT },
	{ "answers", "raw answers", EXPORT_INT },
	{ "incidents", "incidents", EXPORT_INT },
	{ "orphans", "transactions that left the chain", EXPORT_INT },
	{ "seeds", "seeds", EXPORT_INT },
	{ "seals", "seals", EXPORT_INT },
	{ "sealed_at", "  the last one", EXPORT_TIME },
	{ "seal_key", "  by the key", EXPORT_WORDS },
};

static const struct export_column open_columns[] = {
	{ "address", "address", EXPORT_STR },
	{ "state", "state", EXPORT_STR },
	{ "depth", "depth", EXPORT_INT },
	{ "difference_uxem", "difference uXEM", EXPORT_STR },
	{ "located_uxem", "stolen XEM there", EXPORT_UXEM },
	{ "reason", "reason", EXPORT_STR },
};

static const struct export_column incident_columns[] = {
	{ "time", "time", EXPORT_TIME },
	{ "what", "what", EXPORT_STR },
	{ "node", "node", EXPORT_STR },
	{ "account", "account", EXPORT_STR },
	{ "url", NULL, EXPORT_STR },
	{ "answer", "answer", EXPORT_INT },
	{ "text", "expected and found", EXPORT_STR },
};

struct states {
	uint64_t n[5];
	struct export_table *open; /* where rows go; NULL: only count */
	const struct status_located *located;
	enum xt_status rc;
	struct xt_err *err;
};

static bool each_account(void *ctx, const struct store_account *a)
{
	struct states *s = ctx;
	static const char *const names[] = { "seen", "open", "complete", "incomplete",
					     "stopped" };
	s->n[a->state]++;
	if (s->open == NULL || a->state == STORE_SEEN || a->state == STORE_COMPLETE)
		return true;
	const struct status_amounts amounts = status_amounts(s->located, a->id);
	struct export_cell cells[] = {
		{ .v.str = a->party.s },
		{ .v.str = names[a->state] },
		{ .absent = a->depth == UINT32_MAX, .v.u = a->depth },
		{ .absent = a->difference[0] == '\0', .v.str = a->difference },
		{ .absent = !amounts.known, .v.u = amounts.behind },
		{ .absent = a->reason[0] == '\0', .v.str = a->reason },
	};
	s->rc = export_table_row(s->open, NULL, cells, s->err);
	return s->rc == XT_OK;
}

static enum xt_status walk_accounts(struct cli *c, struct states *s, struct xt_err *err)
{
	memset(s->n, 0, sizeof(s->n));
	enum xt_status rc = store_each_account(c->store, each_account, s, err);
	return rc == XT_E_STOPPED ? s->rc : rc;
}

static bool each_incident(void *ctx, const struct store_incident *i)
{
	struct states *s = ctx;
	struct export_cell cells[] = {
		{ .v.time = i->time },
		{ .v.str = i->what },
		{ .v.str = i->node },
		{ .absent = i->account.s[0] == '\0', .v.str = i->account.s },
		{ .v.str = i->url },
		{ .absent = i->answer == 0, .v.u = (uint64_t)i->answer },
		{ .v.str = i->text },
	};
	s->rc = export_table_row(s->open, NULL, cells, s->err);
	return s->rc == XT_OK;
}

/* Whether it still holds is what `verify` finds out. */
struct seals {
	uint64_t n;
	int64_t time;
	char key[65];
};

static bool each_seal(void *ctx, const struct store_seal *v)
{
	struct seals *s = ctx;
	s->n++;
	s->time = v->time;
	xt_hex_encode(s->key, v->key.b, sizeof(v->key.b));
	return true;
}

static bool each_orphan(void *ctx, const struct store_orphan *o)
{
	if (o->again == 0)
		++*(uint64_t *)ctx;
	return true;
}

static enum xt_status add_row(struct cli *c, struct export_table *t,
			      const struct session *ses, struct xt_err *err)
{
	struct store_counts n;
	struct states st = { 0 };
	char network[32];
	struct seals seal = { 0 };
	uint64_t final = 0;
	uint64_t orphans = 0;
	st.err = err;
	enum xt_status rc = store_counts(c->store, &n, err);
	if (rc == XT_OK)
		rc = store_meta_get(c->store, network, sizeof(network), "network", err);
	if (rc == XT_OK)
		rc = walk_accounts(c, &st, err);
	if (rc == XT_OK)
		rc = store_each_seal(c->store, each_seal, &seal, err);
	if (rc == XT_OK)
		rc = session_final(c, &final, err);
	if (rc == XT_OK)
		rc = store_each_orphan(c->store, each_orphan, &orphans, err);
	if (rc != XT_OK)
		return rc;
	uint64_t height = session_height(ses->g);
	struct export_cell cells[] = {
		{ .v.str = c->case_path },
		{ .absent = network[0] == '\0', .v.str = network },
		{ .v.u = store_schema_version() },
		{ .absent = height == 0, .v.u = height },
		{ .absent = final == 0, .v.u = final },
		{ .v.u = n.accounts },
		{ .v.u = st.n[STORE_COMPLETE] },
		{ .v.u = st.n[STORE_INCOMPLETE] },
		{ .v.u = st.n[STORE_STOPPED] },
		{ .v.u = st.n[STORE_OPEN] },
		{ .v.u = st.n[STORE_SEEN] },
		{ .v.u = n.txs },
		{ .v.u = n.signed_txs },
		{ .v.u = n.published },
		{ .v.u = n.aggregate },
		{ .v.u = n.inferred },
		{ .v.u = n.reported },
		{ .v.u = n.exempt },
		{ .v.u = n.events },
		{ .v.u = n.assumed_order },
		{ .v.u = n.assumed_time },
		{ .v.u = n.blocks },
		{ .v.u = n.answers },
		{ .v.u = n.incidents },
		{ .v.u = orphans },
		{ .v.u = ses->g->n_seeds },
		{ .v.u = seal.n },
		{ .absent = seal.n == 0, .v.time = seal.time },
		{ .absent = seal.n == 0, .v.str = seal.key },
	};
	return export_table_row(t, NULL, cells, err);
}

/* The finished list goes under the one row of the status, or is freed on failure. */
static enum xt_status adopt(struct export_table *t, struct export_table *list,
			    enum xt_status rc, struct xt_err *err)
{
	if (rc == XT_OK)
		rc = export_table_adopt(t, 0, list, err);
	if (rc != XT_OK)
		export_table_free(list);
	return rc;
}

static enum xt_status add_coverage(struct cli *c, struct export_table *t,
				   const struct session *s,
				   const struct status_located *l, struct xt_err *err)
{
	struct export_table *child = NULL;
	enum xt_status rc = status_coverage(&child, s, l, err);
	if (rc == XT_OK)
		rc = adopt(t, child, rc, err);
	if (rc == XT_OK)
		rc = status_stop_kinds(&child, c, l, err);
	return rc == XT_OK ? adopt(t, child, rc, err) : rc;
}

static enum xt_status add_runs(struct cli *c, struct export_table *t,
			       const struct session *s, struct xt_err *err)
{
	struct export_table *list = NULL;
	const enum xt_status rc = session_runs(c, s->g, &list, err);
	return rc == XT_OK ? adopt(t, list, rc, err) : rc;
}

static enum xt_status add_lists(struct cli *c, struct export_table *t,
				const struct status_located *l, struct xt_err *err)
{
	struct states st = { .located = l, .err = err };
	enum xt_status rc =
	    export_table_new(&st.open, "accounts_not_complete", open_columns,
			     XT_ARRAY_SIZE(open_columns), err);
	if (rc == XT_OK)
		rc = walk_accounts(c, &st, err);
	rc = adopt(t, st.open, rc, err);
	st.open = NULL;
	if (rc == XT_OK)
		rc = export_table_new(&st.open, "incident_list", incident_columns,
				      XT_ARRAY_SIZE(incident_columns), err);
	if (rc == XT_OK)
		rc = store_each_incident(c->store, each_incident, &st, err);
	return adopt(t, st.open, rc == XT_E_STOPPED ? st.rc : rc, err);
}

static enum xt_status add_nodes(struct cli *c, struct export_table *t,
				struct xt_err *err)
{
	struct export_table *list = NULL;
	const enum xt_status rc = node_health(c, &list, err);
	return rc == XT_OK ? adopt(t, list, rc, err) : rc;
}

static enum xt_status summary(struct export_table **out, struct cli *c,
			      struct session *s, const struct status_located *l,
			      struct xt_err *err)
{
	struct export_table *t = NULL;
	enum xt_status rc =
	    export_table_new(&t, "status", columns, XT_ARRAY_SIZE(columns), err);

	if (rc == XT_OK)
		rc = add_row(c, t, s, err);
	if (rc == XT_OK)
		rc = add_coverage(c, t, s, l, err);
	if (rc == XT_OK)
		rc = add_runs(c, t, s, err);
	if (rc == XT_OK)
		rc = add_nodes(c, t, err);
	if (rc == XT_OK)
		rc = add_lists(c, t, l, err);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	const bool list = opts_has(&c->opts, "stops");
	struct session s = { 0 };
	struct status_located l = { .known = false };
	struct export_table *t = NULL;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK)
		rc = session_load(c, &s, 0, err);
	if (rc == XT_OK)
		rc = status_located(c, &s, &l, err);
	if (rc == XT_OK)
		rc = list ? status_stop_list(&t, c, &l, err)
			  : summary(&t, c, &s, &l, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	status_located_release(&l);
	session_release(&s);
	return rc;
}

const struct cmd cmd_status = {
	.name = "status",
	.synopsis = "[--stops] [--policy NAME]",
	.summary = "coverage: what is complete, what is open and why",
	.description =
	    "Counts what the case holds and what each part stands on, where the stolen amount\n"
	    "is located (at services, at complete accounts, behind stops, at incomplete accounts:\n"
	    "the four add up to the whole), which accounts are open, incomplete or stopped and\n"
	    "why, how each node did (answers by kind, rests, the last height it gave), and which\n"
	    "answers of nodes were refused. With --stops: each account where the crawl\n"
	    "stopped on purpose, the reason, and how much of the stolen amount lies there.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
