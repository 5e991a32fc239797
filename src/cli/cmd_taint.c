/* taint: replay policies over the case and store the runs. */
#include "cmd.h"
#include "session.h"
#include "taint_compare.h"
#include "taint_store.h"

#include <pthread.h>
#include <stdlib.h>
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
	{ "compare", 0, NULL,
	  "all policies in columns for each service and account, with the bounds that hold "
	  "for any policy; stores nothing",
	  false },
	{ "runs", 0, NULL, "list the stored runs, and whether they are stale", false },
	{ "limit", 'n', "N", "--compare: show so many accounts (default 20; 0: all)",
	  false },
	SESSION_THEFT,
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
	{ "theft", "theft", EXPORT_STR },
	{ "refunded_uxem", NULL, EXPORT_UXEM },
	{ "held_uxem", "held", EXPORT_UXEM },
	{ "through_incomplete_uxem", "through incomplete", EXPORT_UXEM },
	{ "incomplete_error", "error there", EXPORT_STR },
	{ "how", "how", EXPORT_STR },
};

/* What a true opening balance that is larger than the assumed one would do to the
 * figures behind an incomplete account. */
static const char *error_there(const struct taint_policy *p)
{
	static const struct {
		const char *policy, *error;
	} list[] = {
		{ "haircut", "too high" },     { "fifo", "too high" },
		{ "clean_first", "too high" }, { "lifo", "none" },
		{ "dirty_first", "none" },     { "poison", "none" },
	};
	for (size_t i = 0; i < XT_ARRAY_SIZE(list); i++)
		if (strcmp(list[i].policy, p->name) == 0)
			return list[i].error;
	return "unknown";
}

static enum xt_status add_run(struct export_table *t, const struct taint_policy *policy,
			      const struct store_run *run, const char *how,
			      struct xt_err *err)
{
	struct run_sums v;
	const enum xt_status rc = run_sums(&v, run, err);
	if (rc != XT_OK)
		return rc;
	const bool touched = v.through_incomplete != 0;
	struct export_cell cells[] = {
		{ .v.str = policy->name },
		{ .v.b = policy->conserves },
		{ .v.u = v.seeded },
		{ .v.u = v.at_services },
		{ .v.u = v.held_complete },
		{ .v.u = v.held_incomplete },
		{ .v.u = v.held_unread },
		{ .v.u = v.fees },
		{ .v.u = v.cleaned },
		{ .v.u = (uint64_t)run->id },
		{ .absent = true },
		{ .v.u = v.refunded },
		{ .absent = true },
		{ .v.u = v.through_incomplete },
		{ .absent = !touched, .v.str = error_there(policy) },
		{ .v.str = how },
	};
	return export_table_row(t, NULL, cells, err);
}

struct theft_rows {
	struct export_table *t;
	const struct taint_policy *policy;
	const char *only; /* NULL: all */
	int64_t run;
	enum xt_status rc;
	struct xt_err *err;
};

static bool theft_row(void *ctx, const struct store_run_theft *row)
{
	struct theft_rows *w = ctx;
	if (w->only != NULL && strcmp(w->only, row->name) != 0)
		return true;
	struct export_cell cells[] = {
		{ .v.str = w->policy->name }, { .v.b = w->policy->conserves },
		{ .v.u = row->seeded },       { .v.u = row->sunk },
		{ .absent = true },           { .absent = true },
		{ .absent = true },           { .v.u = row->fees },
		{ .v.u = row->cleaned },      { .v.u = (uint64_t)w->run },
		{ .v.str = row->name },       { .v.u = row->refunded },
		{ .v.u = row->held },         { .absent = true },
		{ .absent = true },           { .absent = true },
	};
	w->rc = export_table_row(w->t, NULL, cells, w->err);
	return w->rc == XT_OK;
}

/* Over all thefts, then each of several. */
static enum xt_status add_rows(struct cli *c, struct export_table *t,
			       const struct graph *g, const struct taint_policy *policy,
			       const struct store_run *run, const char *how,
			       struct xt_err *err)
{
	struct theft_rows w = { .t = t,
				.policy = policy,
				.only = opts_str(&c->opts, "theft"),
				.run = run->id,
				.err = err };
	enum xt_status rc = XT_OK;
	if (w.only == NULL)
		rc = add_run(t, policy, run, how, err);
	if (rc == XT_OK && (g->n_thefts > 1 || w.only != NULL))
		rc = store_each_run_theft(c->store, run->id, theft_row, &w, err);
	return rc == XT_E_STOPPED && w.rc != XT_OK ? w.rc : rc;
}

/* ---- replays, stored while they go on, the next one ready to
 * -------------------------------------------------------------------------------- */

/* Accounts and their lots: some ten megabytes for a case of the size of the whole
 * network. */
#define MAX_STATE (SIZE_MAX / 4)

struct job {
	struct taint_options options;
	const struct xt_sink *sink;
	struct run_write write;
	struct xt_buf from, state;
	int64_t from_run;
	uint32_t kept; /* batches of movements before `from` */
	struct taint_result *r;
	enum xt_status rc;
	struct xt_err err;
	bool stands, continued, started;
	pthread_t thread;
};

static void *replay(void *ctx)
{
	struct job *j = ctx;
	const struct run_write *w = &j->write;
	j->rc = XT_E_NOTFOUND;
	if (j->from.len > 0)
		j->rc = taint_run_from(&j->r, &j->state, w->g, w->policy, &j->options,
				       j->from.data, j->from.len, j->sink, &j->err);
	j->continued = j->rc == XT_OK;
	if (j->continued)
		j->kept = taint_state_batches(j->from.data, j->from.len);
	xt_buf_release(&j->from);
	if (j->rc == XT_E_NOTFOUND) {
		xt_buf_clear(&j->state);
		j->rc = taint_run_from(&j->r, &j->state, w->g, w->policy, &j->options,
				       NULL, 0, j->sink, &j->err);
	}
	taint_stream_end(w->edges);
	return NULL;
}

static enum xt_status start(struct cli *c, struct job *j, struct xt_err *err)
{
	struct run_write *w = &j->write;
	enum xt_status rc = run_standing(c, &w->run, w->g, w->policy, &j->options, err);
	j->stands = rc == XT_OK;
	if (rc != XT_E_NOTFOUND)
		return rc;
	xt_buf_init(&j->from, MAX_STATE);
	xt_buf_init(&j->state, MAX_STATE);
	rc = run_state(c, &j->from, &j->from_run, w->policy, &j->options, err);
	if (rc == XT_OK)
		rc = taint_stream_new(&w->edges, w->g, err);
	if (rc != XT_OK)
		return rc;
	w->options = &j->options;
	j->options.edges_to = taint_stream_put;
	j->options.edges_ctx = w->edges;
	j->started = pthread_create(&j->thread, NULL, replay, j) == 0;
	return j->started ? XT_OK
			  : xt_fail(err, XT_E_NOMEM, "taint: no thread for the replay");
}

static void finish(struct job *j)
{
	if (j->started)
		(void)pthread_join(j->thread, NULL);
	j->started = false;
}

static void release(struct job *j)
{
	if (j->started)
		taint_stream_stop(j->write.edges);
	finish(j);
	taint_result_free(j->r);
	xt_buf_release(&j->from);
	xt_buf_release(&j->state);
	taint_stream_free(j->write.edges);
	j->write.edges = NULL;
	j->r = NULL;
}

static enum xt_status keep(struct cli *c, struct job *j, struct xt_err *err)
{
	if (j->stands)
		return XT_OK;
	enum xt_status rc = run_write_edges(c, &j->write, err);
	if (rc != XT_OK)
		taint_stream_stop(j->write.edges);
	finish(j);
	if (rc == XT_OK && j->rc != XT_OK) {
		rc = j->rc;
		*err = j->err;
	}
	if (rc == XT_OK)
		rc = run_write_rest(c, &j->write, j->r, &j->state, j->from_run, j->kept,
				    err);
	if (rc != XT_OK)
		store_rollback(c->store);
	return rc;
}

#define MAX_JOBS 32

static enum xt_status choose(struct cli *c, struct job *jobs, size_t *n,
			     struct xt_err *err)
{
	const char *name;
	size_t k = 0;
	for (size_t i = 0; (name = opts_nth(&c->opts, "policy", i)) != NULL; i++) {
		const struct taint_policy *p = taint_policy_find(name);
		size_t same = 0;
		if (p == NULL)
			return xt_fail(err, XT_E_USAGE,
				       "--policy: there is no policy \"%s\"", name);
		while (same < k && jobs[same].write.policy != p)
			same++;
		if (same == MAX_JOBS)
			return xt_fail(err, XT_E_USAGE, "--policy: given too often");
		jobs[same].write.policy = p;
		k += same == k;
	}
	if (k == 0)
		for (; k < MAX_JOBS && taint_policies[k] != NULL; k++)
			jobs[k].write.policy = taint_policies[k];
	*n = k;
	return XT_OK;
}

static enum xt_status run_policies(struct cli *c, struct session *s,
				   struct export_table *t, struct xt_err *err)
{
	struct job jobs[MAX_JOBS] = { 0 };
	struct taint_options o;
	size_t n = 0;
	enum xt_status rc = session_options(c, &o, err);
	if (rc == XT_OK)
		rc = choose(c, jobs, &n, err);
	if (rc != XT_OK)
		return rc;
	o.edges = true;
	/* Rows are written in order. */
	rc = store_cache(c->store, STORE_CACHE_ONCE, err);
	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < n; i++) {
		jobs[i].write.g = s->g;
		jobs[i].options = o;
		jobs[i].sink = &c->sink;
	}
	rc = start(c, &jobs[0], err);
	for (size_t i = 0; rc == XT_OK && i < n; i++) {
		struct job *j = &jobs[i];
		if (i + 1 < n)
			rc = start(c, &jobs[i + 1], err);
		if (rc == XT_OK)
			rc = keep(c, j, err);
		if (rc == XT_OK)
			rc = add_rows(c, t, s->g, j->write.policy, &j->write.run,
				      j->stands      ? "stands"
				      : j->continued ? "continued"
						     : "replayed",
				      err);
		if (rc == XT_OK)
			release(j);
	}
	for (size_t i = 0; i < n; i++)
		release(&jobs[i]);
	return rc;
}

/* ---- stored runs
 * -------------------------------------------------------------------------------- */

static const struct export_column run_columns[] = {
	{ "run", "run", EXPORT_INT },
	{ "policy", "policy", EXPORT_STR },
	{ "params", "parameters", EXPORT_WORDS },
	{ "time", "time", EXPORT_TIME },
	{ "height", "height", EXPORT_INT },
	{ "events", "movements", EXPORT_INT },
	{ "digest", NULL, EXPORT_STR },
	{ "program", "program", EXPORT_STR },
	{ "stale", "stale", EXPORT_BOOL },
};

struct run_rows {
	struct export_table *t;
	const struct graph *g;
	enum xt_status rc;
	struct xt_err *err;
};

static bool run_row(void *ctx, const struct store_run *r)
{
	struct run_rows *w = ctx;
	char digest[65];
	xt_hex_encode(digest, r->digest, sizeof(r->digest));
	struct export_cell cells[] = {
		{ .v.u = (uint64_t)r->id },
		{ .v.str = r->policy },
		{ .v.str = r->params },
		{ .v.time = r->time },
		{ .absent = r->height == 0, .v.u = r->height },
		{ .v.u = r->events },
		{ .v.str = digest },
		{ .v.str = r->program },
		{ .v.b = memcmp(r->digest, w->g->digest, sizeof(r->digest)) != 0 },
	};
	w->rc = export_table_row(w->t, NULL, cells, w->err);
	return w->rc == XT_OK;
}

enum xt_status session_runs(struct cli *c, const struct graph *g,
			    struct export_table **out, struct xt_err *err)
{
	struct run_rows w = { .g = g, .err = err };
	enum xt_status rc = export_table_new(&w.t, "runs", run_columns,
					     XT_ARRAY_SIZE(run_columns), err);
	if (rc == XT_OK)
		rc = store_each_run(c->store, run_row, &w, err);
	if (rc == XT_E_STOPPED && w.rc != XT_OK)
		rc = w.rc;
	if (rc == XT_OK)
		*out = w.t;
	else
		export_table_free(w.t);
	return rc;
}

static enum xt_status list_runs(struct cli *c, struct session *s, struct xt_err *err)
{
	struct export_table *t = NULL;
	enum xt_status rc = session_runs(c, s->g, &t, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	return rc;
}

static enum xt_status run_and_print(struct cli *c, struct session *s,
				    struct xt_err *err)
{
	struct export_table *t = NULL;
	uint32_t theft;
	enum xt_status rc = session_theft(c, s->g, &theft, err);
	if (rc == XT_OK)
		rc = export_table_new(&t, "policies", columns, XT_ARRAY_SIZE(columns),
				      err);
	if (rc == XT_OK)
		rc = run_policies(c, s, t, err);
	if (rc == XT_OK) {
		session_warn(c, s);
		rc = cli_print(c, NULL, t, err);
	}
	export_table_free(t);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	enum xt_status rc = cli_operands(c, 0, 0, err);
	if (rc == XT_OK && opts_has(&c->opts, "compare") &&
	    (opts_has(&c->opts, "policy") || opts_has(&c->opts, "runs")))
		rc = xt_fail(err, XT_E_USAGE,
			     "--compare takes all policies: without --policy, --runs");
	if (rc == XT_OK)
		rc = session_load(c, &s, 0, err);
	if (rc == XT_OK && opts_has(&c->opts, "runs"))
		rc = list_runs(c, &s, err);
	else if (rc == XT_OK && s.g->n_seeds == 0)
		rc = xt_fail(
		    err, XT_E_NOTFOUND,
		    "%s: nothing was marked as stolen yet: use `xemtrace seed add`",
		    c->case_path);
	else if (rc == XT_OK && opts_has(&c->opts, "compare"))
		rc = taint_compare(c, &s, err);
	else if (rc == XT_OK)
		rc = run_and_print(c, &s, err);
	session_release(&s);
	return rc;
}

const struct cmd cmd_taint = {
	.name = "taint",
	.synopsis =
	    "[--policy NAME]... [--fees carry|absorb] [--stop-at-probable]\n"
	    "              [--theft NAME] | --compare [-n N] [--theft NAME] | --runs",
	.summary = "replay the case under taint policies and store the runs",
	.description =
	    "No policy is the legally right one everywhere, so all are computed over the same\n"
	    "events, in exact integers. For every policy but poison the parts add up to what\n"
	    "was stolen. Poison does not conserve: it says who could have received any of it,\n"
	    "and its figures count the same XEM at each stop. See docs/policies.md.\n"
	    "A run is stored with its parameters and a digest of the case. While neither\n"
	    "changes it stands and is not replayed; where only new transfers came at the end\n"
	    "the replay goes on from its last state. --compare shows all policies side by side\n"
	    "and, for each account, the smallest and largest figure that any policy that\n"
	    "conserves can give.",
	.options = options,
	.needs = CMD_CASE_WRITE,
	.run = run,
};
