#include "session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAMED 10

/* Where the run stops without a label that says so. */
static void warn_probable(struct cli *c, const struct graph *g)
{
	char names[NAMED * 48] = "";
	size_t at = 0;
	uint32_t n = 0;
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		if (!(g->flags[a] & GRAPH_PROBABLE) || (g->flags[a] & GRAPH_SERVICE))
			continue;
		if (n++ < NAMED)
			at +=
			    (size_t)snprintf(names + at, sizeof(names) - at, "%s%.45s",
					     at ? ", " : "", g->party[a].s);
	}
	if (n != 0)
		cli_warn(c, "probable_services",
			 "%" PRIu32
			 " account%s without a label look%s like a service (at "
			 "least %d others paid it 1 XEM or more, and it paid as many), "
			 "where the run stops: %s%s",
			 n, n == 1 ? "" : "s", n == 1 ? "s" : "", GRAPH_FAN, names,
			 n > NAMED ? ", ..." : "");
}

enum xt_status session_load(struct cli *c, struct session *s, unsigned flags,
			    struct xt_err *err)
{
	enum xt_status rc = load_graph(&s->g, c->store, flags, &c->sink, err);
	if (rc == XT_OK && opts_has(&c->opts, "stop-at-probable"))
		rc = graph_mark_probable(s->g, GRAPH_FAN, err);
	if (rc == XT_OK && opts_has(&c->opts, "stop-at-probable"))
		warn_probable(c, s->g);
	return rc;
}

enum xt_status session_options(const struct cli *c, struct taint_options *out,
			       struct xt_err *err)
{
	struct taint_options o = { 0 };
	const char *fees = opts_str(&c->opts, "fees");
	if (fees == NULL || strcmp(fees, "carry") == 0)
		o.fees = TAINT_FEE_CARRY;
	else if (strcmp(fees, "absorb") == 0)
		o.fees = TAINT_FEE_ABSORB;
	else
		return xt_fail(err, XT_E_USAGE,
			       "--fees: \"%s\" is none of carry, absorb", fees);
	o.stop_at_probable = opts_has(&c->opts, "stop-at-probable");
	*out = o;
	return XT_OK;
}

uint64_t session_height(const struct graph *g)
{
	uint64_t h = 0;
	for (uint32_t i = 0; i < g->n_txs; i++)
		if (g->txs[i].height_known != 0 && g->txs[i].height > h)
			h = g->txs[i].height;
	return h;
}

void session_warn(struct cli *c, const struct session *s)
{
	uint32_t n = 0;
	char amount[32];
	for (uint32_t i = 0; i < s->g->n_accounts; i++)
		if ((s->g->flags[i] & GRAPH_ASSUMED) != 0)
			n++;
	if (n == 0)
		return;
	cli_warn(
	    c, "assumed_opening",
	    "%u incomplete account%s spend%s more than the case shows them receiving: "
	    "the smallest clean opening balance that allows it is assumed; a clean "
	    "balance that is too small makes haircut too high",
	    n, n == 1 ? "" : "s", n == 1 ? "s" : "");
	if (s->r != NULL && s->r->through_incomplete != 0)
		cli_warn(
		    c, "through_incomplete",
		    "tainted movements of %s XEM in all went out of accounts whose "
		    "opening balance is not known",
		    nem_amount_format(
			amount, (struct nem_amount){ s->r->through_incomplete }, true));
}

static void warn_assumed(struct cli *c, const struct graph *g)
{
	uint64_t signer = 0;
	uint64_t order = 0;
	uint64_t heightless = 0;
	for (uint32_t i = 0; i < g->n_txs; i++) {
		signer += g->txs[i].time_kind == GRAPH_TIME_SIGNER;
		order += g->txs[i].order_known == 0 && g->txs[i].height_known != 0;
		heightless += g->txs[i].height_known == 0;
	}
	if (signer != 0)
		cli_warn(
		    c, "signer_time",
		    "%llu transactions have only the signer's time: their blocks were "
		    "not fetched",
		    (unsigned long long)signer);
	if (order != 0)
		cli_warn(
		    c, "assumed_order",
		    "%llu transactions stand in an assumed order within their block",
		    (unsigned long long)order);
	if (heightless != 0)
		cli_warn(
		    c, "no_height",
		    "%llu rows of published records have no height: ordered by their "
		    "time",
		    (unsigned long long)heightless);
}

/* What the network may still take back. */
static enum xt_status warn_soft(struct cli *c, const struct graph *g,
				struct xt_err *err)
{
	uint64_t final = 0;
	uint64_t n = 0;
	enum xt_status rc = session_final(c, &final, err);
	if (rc != XT_OK)
		return rc;
	for (uint32_t i = 0; i < g->n_txs; i++)
		n += g->txs[i].provenance == NEM_SIGNED && g->txs[i].height > final;
	if (n == 0)
		return XT_OK;
	if (final == 0)
		cli_warn(c, "soft",
			 "no block of the case is known to be final: the last 360 of a "
			 "chain may be replaced; a later crawl checks them again");
	else
		cli_warn(
		    c, "soft",
		    "final up to block %llu: %llu transactions above it may still "
		    "be taken back by the network; a later crawl checks them again",
		    (unsigned long long) final, (unsigned long long)n);
	return XT_OK;
}

enum xt_status session_final(struct cli *c, uint64_t *out, struct xt_err *err)
{
	char text[24];
	enum xt_status rc =
	    store_meta_get(c->store, text, sizeof(text), "crawl_final", err);
	*out = 0;
	if (rc == XT_OK && text[0] != '\0')
		rc = xt_parse_u64(out, text, UINT32_MAX, err);
	return rc;
}

enum xt_status session_theft(const struct cli *c, const struct graph *g, uint32_t *out,
			     struct xt_err *err)
{
	/* Not every command has this option. */
	const char *name = opts_nth(&c->opts, "theft", 0);
	*out = TAINT_ALL;
	if (name == NULL)
		return XT_OK;
	for (uint32_t i = 0; i < g->n_thefts; i++)
		if (strcmp(g->theft[i], name) == 0)
			*out = i;
	return *out != TAINT_ALL ? XT_OK
				 : xt_fail(err, XT_E_NOTFOUND,
					   "--theft: no theft is called \"%s\"", name);
}

static void narrow_lists(struct taint_result *r, uint32_t theft)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n_edges; i++)
		if (r->edges[i].theft == theft)
			r->edges[n++] = r->edges[i];
	r->n_edges = n;
	n = 0;
	for (size_t i = 0; i < r->n_changes; i++)
		if (r->changes[i].theft == theft)
			r->changes[n++] = r->changes[i];
	r->n_changes = n;
	n = 0;
	for (size_t i = 0; i < r->n_holdings; i++)
		if (r->holdings[i].theft == theft)
			r->holdings[n++] = r->holdings[i];
	r->n_holdings = n;
	n = 0;
	for (size_t i = 0; i < r->n_sinks; i++)
		if (r->sinks[i].theft == theft)
			r->sinks[n++] = r->sinks[i];
	r->n_sinks = n;
}

/* What is left of `through_incomplete` is without the part in fees, which is not told
 * apart by theft. */
enum xt_status session_narrow(struct taint_result *r, uint32_t theft,
			      struct xt_err *err)
{
	if (theft == TAINT_ALL)
		return XT_OK;
	narrow_lists(r, theft);
	struct taint_sink *totals = xt_calloc(r->n_sinks + 1, sizeof(*totals));
	if (totals == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for deposits");
	free(r->sink_totals);
	r->sink_totals = totals;
	r->n_sink_totals = r->n_sinks;
	r->through_incomplete = 0;
	for (size_t i = 0; i < r->n_sinks; i++) {
		totals[i] = r->sinks[i];
		totals[i].theft = TAINT_ALL;
		r->through_incomplete += r->sinks[i].incomplete;
	}
	for (size_t i = 0; i < r->n_holdings; i++)
		r->through_incomplete += r->holdings[i].incomplete;
	for (uint32_t t = 0; t < r->n_thefts; t++) {
		if (t == theft)
			continue;
		r->seeded[t] = 0;
		r->refunded[t] = 0;
		r->fees[t] = 0;
		r->cleaned[t] = 0;
	}
	r->fees_total = r->fees[theft];
	return XT_OK;
}

enum xt_status session_bounds(struct cli *c, const struct session *s, uint64_t steps,
			      struct taint_bounds **out, struct xt_err *err)
{
	struct taint_options o;
	const enum xt_status rc = session_options(c, &o, err);
	o.bound_steps = steps;
	return rc == XT_OK ? taint_bounds_run(out, s->g, &o, &c->sink, err) : rc;
}

enum xt_status session_bound(struct cli *c, const struct session *s, uint32_t account,
			     struct taint_bound *out, bool *found, struct xt_err *err)
{
	struct taint_bounds *b = NULL;
	*found = false;
	if (s->r == NULL || account == GRAPH_NONE || s->g->n_events > SESSION_CHEAP)
		return XT_OK;
	const enum xt_status rc = session_bounds(c, s, 0, &b, err);
	if (rc != XT_OK)
		return rc;
	const struct taint_bound *v = taint_bound_find(b, account);
	*found = v != NULL;
	if (v != NULL)
		*out = *v;
	taint_bounds_free(b);
	return XT_OK;
}

static enum xt_status replay(struct cli *c, struct session *s, bool lineage,
			     struct xt_err *err)
{
	struct taint_options o;
	const char *name = opts_str(&c->opts, "policy");
	const struct taint_policy *policy =
	    taint_policy_find(name != NULL ? name : "haircut");
	if (policy == NULL)
		return xt_fail(err, XT_E_USAGE, "--policy: there is no policy \"%s\"",
			       name);
	if (s->g->n_seeds == 0)
		return xt_fail(
		    err, XT_E_NOTFOUND,
		    "%s: nothing was marked as stolen yet: use `xemtrace seed "
		    "add`",
		    c->case_path);
	enum xt_status rc = session_options(c, &o, err);
	if (rc != XT_OK)
		return rc;
	uint32_t theft = TAINT_ALL;
	rc = session_theft(c, s->g, &theft, err);
	if (rc != XT_OK)
		return rc;
	o.edges = !lineage || !policy->lots;
	o.lineage = lineage && policy->lots;
	rc = taint_run(&s->r, s->g, policy, &o, &c->sink, err);
	if (rc == XT_OK && !lineage)
		rc = session_narrow(s->r, theft, err);
	if (rc != XT_OK)
		return rc;
	session_warn(c, s);
	warn_assumed(c, s->g);
	return warn_soft(c, s->g, err);
}

enum xt_status session_taint(struct cli *c, struct session *s, struct xt_err *err)
{
	return replay(c, s, false, err);
}

enum xt_status session_lineage(struct cli *c, struct session *s, struct xt_err *err)
{
	return replay(c, s, true, err);
}

void session_release(struct session *s)
{
	taint_result_free(s->r);
	graph_free(s->g);
	memset(s, 0, sizeof(*s));
}
