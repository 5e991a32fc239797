#include "taint_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void run_params(char out[400], const struct taint_options *o)
{
	char fan[24] = "";
	if (o->stop_at_probable)
		(void)snprintf(fan, sizeof(fan), ",\"fan\":%d", GRAPH_FAN);
	(void)snprintf(out, 400, "{\"fees\":\"%s\",\"stop_at_probable\":%s%s}",
		       o->fees == TAINT_FEE_CARRY ? "carry" : "absorb",
		       o->stop_at_probable ? "true" : "false", fan);
}

enum xt_status run_standing(struct cli *c, struct store_run *out, const struct graph *g,
			    const struct taint_policy *policy,
			    const struct taint_options *o, struct xt_err *err)
{
	struct store_run run;
	char params[400];
	run_params(params, o);
	const enum xt_status rc =
	    store_run_latest(c->store, &run, policy->name, params, err);
	if (rc != XT_OK)
		return rc;
	if (memcmp(run.digest, g->digest, sizeof(run.digest)) != 0 ||
	    strcmp(run.program, xt_version()) != 0)
		return xt_fail(err, XT_E_NOTFOUND, "run %" PRId64 " is stale", run.id);
	*out = run;
	return XT_OK;
}

enum xt_status run_state(struct cli *c, struct xt_buf *out, int64_t *from,
			 const struct taint_policy *policy,
			 const struct taint_options *o, struct xt_err *err)
{
	struct store_run run;
	char params[400];
	uint32_t parts = 0;
	xt_buf_clear(out);
	run_params(params, o);
	enum xt_status rc = store_run_latest(c->store, &run, policy->name, params, err);
	/* Another version of the program may have counted in another way. */
	if (rc == XT_OK && strcmp(run.program, xt_version()) == 0)
		rc = store_run_get_state(c->store, out, run.id, err);
	if (rc == XT_OK && out->len > 0)
		rc = store_run_count_edges(c->store, run.id, &parts, err);
	if (rc == XT_E_NOTFOUND || rc == XT_E_DATA ||
	    (rc == XT_OK && parts < taint_state_batches(out->data, out->len))) {
		/* A shortcut that is not there, or damaged: the long way is as good. */
		xt_buf_clear(out);
		rc = XT_OK;
	}
	if (rc == XT_OK && out->len > 0)
		*from = run.id;
	return rc;
}

static const char *const sum_names[] = {
	"seeded",        "refunded",        "at_services",
	"held_complete", "held_incomplete", "held_unread",
	"fees",          "cleaned",         "through_incomplete",
};
#define N_SUMS XT_ARRAY_SIZE(sum_names)

/* Its members in the order of sum_names. */
_Static_assert(sizeof(struct run_sums) == N_SUMS * sizeof(uint64_t), "nine numbers");

static enum xt_status sums_text(char *out, size_t n, const struct graph *g,
				const struct taint_result *r, struct xt_err *err)
{
	struct analyse_coverage cov;
	size_t at = 0;
	uint64_t refunded = 0;
	const enum xt_status rc = analyse_coverage(&cov, g, r, err);
	if (rc != XT_OK)
		return rc;
	for (uint32_t t = 0; t < r->n_thefts; t++)
		refunded += r->refunded[t];
	const uint64_t v[N_SUMS] = {
		cov.seeded,
		refunded,
		cov.at_services,
		cov.held_complete,
		cov.held_incomplete,
		cov.held_unread,
		cov.fees,
		cov.cleaned,
		cov.through_incomplete,
	};
	for (size_t i = 0; i < N_SUMS; i++)
		at += (size_t)snprintf(out + at, n - at, "%c\"%s\":%" PRIu64,
				       i == 0 ? '{' : ',', sum_names[i], v[i]);
	(void)snprintf(out + at, n - at, "}");
	return XT_OK;
}

static enum xt_status read_sum(uint64_t *out, const char *text, const char *name)
{
	char key[40];
	char digits[24];
	const int n = snprintf(key, sizeof(key), "\"%s\":", name);
	const char *at = strstr(text, key);
	if (at == NULL)
		return XT_E_DATA;
	at += n;
	const size_t len = strspn(at, "0123456789");
	if (len >= sizeof(digits))
		return XT_E_DATA;
	memcpy(digits, at, len);
	digits[len] = '\0';
	return xt_parse_u64(out, digits, UINT64_MAX, NULL);
}

enum xt_status run_sums(struct run_sums *out, const struct store_run *run,
			struct xt_err *err)
{
	uint64_t v[N_SUMS];
	for (size_t i = 0; i < N_SUMS; i++)
		if (read_sum(&v[i], run->summary, sum_names[i]) != XT_OK)
			return xt_fail(err, XT_E_DATA,
				       "run %" PRId64 ": its summary has no \"%s\"",
				       run->id, sum_names[i]);
	memcpy(out, v, sizeof(*out));
	return XT_OK;
}

/* What tells customers apart, as one text: two different memos never have the same. */
static enum xt_status memo_text(struct xt_buf *out, const struct graph *g,
				uint32_t memo, struct xt_err *err)
{
	static const char by[] = "encrypted by ";
	const struct graph_memo *m = &g->memos[memo];
	const char *text = m->text != NULL ? m->text : "";
	xt_buf_clear(out);
	if (m->kind == GRAPH_MEMO_ENCRYPTED)
		return xt_buf_addf(out, err, "%s%s", by, g->party[m->sender].s);
	enum xt_status rc = XT_OK;
	if (text[0] == '\'' || strncmp(text, by, strlen(by)) == 0)
		rc = xt_buf_adds(out, "'", err);
	return rc == XT_OK ? xt_buf_adds(out, text, err) : rc;
}

static enum xt_status put_thefts(struct cli *c, int64_t run, const struct graph *g,
				 const struct taint_result *r, struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	for (uint32_t t = 0; rc == XT_OK && t < r->n_thefts; t++) {
		const struct store_run_theft row = {
			.theft = t,
			.name = g->theft[t],
			.seeded = r->seeded[t],
			.refunded = r->refunded[t],
			.fees = r->fees[t],
			.cleaned = r->cleaned[t],
		};
		rc = store_run_put_theft(c->store, run, &row, err);
	}
	return rc;
}

static enum xt_status put_accounts(struct cli *c, int64_t run, const struct graph *g,
				   const struct taint_result *r, struct xt_err *err)
{
	struct xt_buf memo;
	enum xt_status rc = XT_OK;
	for (size_t i = 0; rc == XT_OK && i < r->n_holdings; i++)
		rc = store_run_put_holding(c->store, run,
					   g->account_id[r->holdings[i].account],
					   r->holdings[i].theft, r->holdings[i].uxem,
					   r->holdings[i].incomplete, err);
	xt_buf_init(&memo, 1U << 20);
	for (size_t i = 0; rc == XT_OK && i < r->n_sinks; i++) {
		const struct taint_sink *k = &r->sinks[i];
		rc = memo_text(&memo, g, k->memo, err);
		if (rc == XT_OK)
			rc = store_run_put_sink(
			    c->store, run, g->account_id[k->account], xt_buf_str(&memo),
			    k->theft, k->uxem, k->incomplete, k->count, err);
	}
	xt_buf_release(&memo);
	return rc;
}

enum xt_status run_write_edges(struct cli *c, struct run_write *w, struct xt_err *err)
{
	struct store_run *run = &w->run;
	const char *text;
	uint32_t part;
	size_t n;
	*run = (struct store_run){
		.time = xt_clock_system()->unix_time(NULL),
		.height = session_height(w->g),
		.events = w->g->n_events,
	};
	(void)snprintf(run->policy, sizeof(run->policy), "%s", w->policy->name);
	(void)snprintf(run->program, sizeof(run->program), "%s", xt_version());
	run_params(run->params, w->options);
	memcpy(run->digest, w->g->digest, sizeof(run->digest));
	enum xt_status rc = STORE_BEGIN(c->store, err);
	if (rc == XT_OK)
		rc = store_run_new(c->store, &run->id, run, err);
	while (rc == XT_OK && taint_stream_get(w->edges, &part, &text, &n))
		rc = store_run_put_edges(c->store, run->id, part, text, n, err);
	return rc;
}

enum xt_status run_write_rest(struct cli *c, struct run_write *w,
			      const struct taint_result *r, const struct xt_buf *state,
			      int64_t from, uint32_t kept, struct xt_err *err)
{
	struct store_run *run = &w->run;
	const int64_t id = run->id;
	enum xt_status rc = sums_text(run->summary, sizeof(run->summary), w->g, r, err);
	if (rc == XT_OK)
		rc = store_run_set_summary(c->store, id, run->summary, err);
	if (rc == XT_OK)
		rc = put_thefts(c, id, w->g, r, err);
	if (rc == XT_OK)
		rc = put_accounts(c, id, w->g, r, err);
	if (rc == XT_OK && kept > 0)
		rc = store_run_take_edges(c->store, from, id, kept, err);
	if (rc == XT_OK && state->len > 0)
		rc = store_run_put_state(c->store, id, state->data, state->len, err);
	if (rc == XT_OK)
		rc = store_run_prune(c->store, err);
	return rc == XT_OK ? store_commit(c->store, err) : rc;
}
