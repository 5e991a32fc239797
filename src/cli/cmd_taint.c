/* taint: replay policies over the case and store the runs. */
#include "cmd.h"
#include "say.h"
#include "session.h"

#include <inttypes.h>
#include <string.h>

static const struct opt options[] = {
	{ "policy", 'p', "NAME",
	  "poison, haircut, fifo, lifo, dirty_first or clean_first; may be repeated (default: "
	  "all)",
	  true },
	{ "fees", 0, "RULE",
	  "carry: taint leaves with fees by the policy's rule (default); absorb: fees are "
	  "paid with clean money first",
	  false },
	{ "stop-at-probable", 0, NULL,
	  "treat hubs without a label (probable services) as services", false },
	{ 0 },
};

static const struct export_column columns[] = {
	{ "policy", "policy", EXPORT_STR },
	{ "conserves", NULL, EXPORT_BOOL },
	{ "seeded_uxem", "stolen", EXPORT_UXEM },
	{ "at_services_uxem", "at services", EXPORT_UXEM },
	{ "held_complete_uxem", "held, complete", EXPORT_UXEM },
	{ "held_incomplete_uxem", "held, incomplete", EXPORT_UXEM },
	{ "held_unread_uxem", "held, not read", EXPORT_UXEM },
	{ "fees_uxem", "fees", EXPORT_UXEM },
	{ "cleaned_uxem", "declared clean", EXPORT_UXEM },
	{ "run", "run", EXPORT_INT },
};

static enum xt_status put_results(struct cli *c, int64_t run, const struct graph *g,
				  const struct taint_result *r, struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	for (size_t i = 0; rc == XT_OK && i < r->n_holdings; i++)
		rc = store_run_put_holding(
		    c->store, run, g->account_id[r->holdings[i].account],
		    r->holdings[i].theft, r->holdings[i].uxem, err);
	for (size_t i = 0; rc == XT_OK && i < r->n_sinks; i++) {
		const struct taint_sink *k = &r->sinks[i];
		const struct graph_memo *m = &g->memos[k->memo];
		char memo[64];
		const char *text = m->text != NULL ? m->text : "";
		if (m->kind == GRAPH_MEMO_ENCRYPTED) {
			(void)snprintf(memo, sizeof(memo), "encrypted by %s",
				       g->party[m->sender].s);
			text = memo;
		}
		rc = store_run_put_sink(c->store, run, g->account_id[k->account], text,
					k->theft, k->uxem, k->count, err);
	}
	uint32_t tx = GRAPH_NONE;
	uint32_t sub = 0;
	size_t e = 0;
	for (uint32_t i = 0; rc == XT_OK && e < r->n_edges && i < g->n_events; i++) {
		sub = g->event_tx[i] == tx ? sub + 1 : 0;
		tx = g->event_tx[i];
		for (; rc == XT_OK && e < r->n_edges && r->edges[e].event == i; e++)
			rc = store_run_put_edge(c->store, run, g->tx_id[tx], sub,
						r->edges[e].theft, r->edges[e].uxem,
						err);
	}
	return rc;
}

static enum xt_status store_result(struct cli *c, int64_t *id, const struct graph *g,
				   const struct taint_result *r, struct xt_err *err)
{
	struct store_run run = {
		.time = xt_clock_system()->unix_time(NULL),
		.height = session_height(g),
		.events = g->n_events,
	};
	(void)snprintf(run.policy, sizeof(run.policy), "%s", r->policy->name);
	(void)snprintf(run.params, sizeof(run.params),
		       "{\"fees\":\"%s\",\"stop_at_probable\":%s}",
		       r->options.fees == TAINT_FEE_CARRY ? "carry" : "absorb",
		       r->options.stop_at_probable ? "true" : "false");
	(void)snprintf(run.program, sizeof(run.program), "%s", xt_version());
	size_t at = 0;
	for (uint32_t t = 0; t < r->n_thefts && at + 120 < sizeof(run.summary); t++)
		at += (size_t)snprintf(
		    run.summary + at, sizeof(run.summary) - at,
		    "%s{\"seeded_uxem\":%" PRIu64 ",\"fees_uxem\":%" PRIu64
		    ",\"cleaned_uxem\":%" PRIu64 "}",
		    t == 0 ? "[" : ",", r->seeded[t], r->fees[t], r->cleaned[t]);
	(void)snprintf(run.summary + at, sizeof(run.summary) - at, "%s",
		       at == 0 ? "[]" : "]");
	memcpy(run.digest, g->digest, sizeof(run.digest));
	enum xt_status rc = STORE_BEGIN(c->store, err);
	if (rc == XT_OK)
		rc = store_run_new(c->store, id, &run, err);
	if (rc == XT_OK)
		rc = put_results(c, *id, g, r, err);
	if (rc == XT_OK)
		rc = store_run_prune(c->store, err);
	if (rc == XT_OK)
		rc = store_commit(c->store, err);
	if (rc != XT_OK)
		store_rollback(c->store);
	return rc;
}

static enum xt_status one_policy(struct cli *c, struct session *s,
				 struct export_table *t,
				 const struct taint_policy *policy,
				 const struct taint_options *o, struct xt_err *err)
{
	struct analyse_coverage cov;
	int64_t run = 0;
	taint_result_free(s->r);
	s->r = NULL;
	enum xt_status rc = taint_run(&s->r, s->g, policy, o, &c->sink, err);
	if (rc == XT_OK)
		rc = analyse_coverage(&cov, s->g, s->r, err);
	if (rc == XT_OK)
		rc = store_result(c, &run, s->g, s->r, err);
	if (rc != XT_OK)
		return rc;
	struct export_cell cells[] = {
		{ .v.str = policy->name },    { .v.b = policy->conserves },
		{ .v.u = cov.seeded },        { .v.u = cov.at_services },
		{ .v.u = cov.held_complete }, { .v.u = cov.held_incomplete },
		{ .v.u = cov.held_unread },   { .v.u = cov.fees },
		{ .v.u = cov.cleaned },       { .v.u = (uint64_t)run },
	};
	return export_table_row(t, NULL, cells, err);
}

static enum xt_status run_policies(struct cli *c, struct session *s,
				   struct export_table *t, struct xt_err *err)
{
	struct taint_options o;
	enum xt_status rc = session_options(c, &o, err);
	o.edges = true;
	if (opts_has(&c->opts, "policy")) {
		const char *name;
		for (size_t i = 0;
		     rc == XT_OK && (name = opts_nth(&c->opts, "policy", i)) != NULL;
		     i++) {
			const struct taint_policy *p = taint_policy_find(name);
			if (p == NULL)
				return xt_fail(err, XT_E_USAGE,
					       "--policy: there is no policy \"%s\"",
					       name);
			rc = one_policy(c, s, t, p, &o, err);
		}
		return rc;
	}
	for (size_t i = 0; rc == XT_OK && taint_policies[i] != NULL; i++)
		rc = one_policy(c, s, t, taint_policies[i], &o, err);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct export_table *t = NULL;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK)
		rc = session_load(c, &s, 0, err);
	if (rc == XT_OK && s.g->n_seeds == 0)
		rc = xt_fail(
		    err, XT_E_NOTFOUND,
		    "%s: nothing was marked as stolen yet: use `xemtrace seed add`",
		    c->case_path);
	if (rc == XT_OK)
		rc = export_table_new(&t, "policies", columns, XT_ARRAY_SIZE(columns),
				      err);
	if (rc == XT_OK)
		rc = run_policies(c, &s, t, err);
	if (rc == XT_OK) {
		session_warn(c, &s);
		rc = cli_print(c, NULL, t, err);
	}
	export_table_free(t);
	session_release(&s);
	return rc;
}

const struct cmd cmd_taint = {
	.name = "taint",
	.synopsis = "[--policy NAME]... [--fees carry|absorb] [--stop-at-probable]",
	.summary = "replay the case under taint policies and store the runs",
	.description =
	    "No policy is the legally right one everywhere, so all are computed over the same\n"
	    "events, in exact integers. For every policy but poison the parts add up to what\n"
	    "was stolen. Poison does not conserve: it says who could have received any of it,\n"
	    "and its figures count the same XEM at each stop. See docs/policies.md.",
	.options = options,
	.needs = CMD_CASE_WRITE,
	.run = run,
};
