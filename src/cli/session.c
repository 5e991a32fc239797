#include "session.h"

#include <string.h>

enum xt_status session_load(struct cli *c, struct session *s, unsigned flags,
			    struct xt_err *err)
{
	return load_graph(&s->g, c->store, flags, &c->sink, err);
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
		if ((s->g->flags[i] & GRAPH_COMPLETE) == 0 && s->g->opening[i] != 0)
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

enum xt_status session_taint(struct cli *c, struct session *s, struct xt_err *err)
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
	o.edges = true;
	rc = taint_run(&s->r, s->g, policy, &o, &c->sink, err);
	if (rc != XT_OK)
		return rc;
	session_warn(c, s);
	warn_assumed(c, s->g);
	return XT_OK;
}

void session_release(struct session *s)
{
	taint_result_free(s->r);
	graph_free(s->g);
	memset(s, 0, sizeof(*s));
}
