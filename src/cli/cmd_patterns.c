/* patterns: what looks deliberate, each with its transactions and a plain sentence. */
#include "args.h"
#include "cmd.h"
#include "multisigs.h"
#include "session.h"

#include <string.h>

#include <xemtrace/findings.h>

static const struct opt options[] = {
	{ "pattern", 'k', "NAME",
	  "only this one, may be given several times: pass_through, peel_chain, fan_out, "
	  "fan_in, round_trip, refund, dormant, woken, decoy_dust, conversation, "
	  "shared_cosignatories",
	  true },
	{ "all", 'a', NULL, "also accounts that no stolen XEM touched", false },
	{ "evidence", 0, "N",
	  "list so many transactions a pattern (default 100; 0: all)", false },
	{ "pass-wait", 0, "BLOCKS", "pass_through: rests at most so long (default 60)",
	  false },
	{ "pass-least", 0, "N", "pass_through: so many accounts in a row (default 1)",
	  false },
	{ "peel-percent", 0, "N",
	  "peel_chain: each small payment at most so much of 100 (default 10)", false },
	{ "peel-least", 0, "N", "peel_chain: so many accounts in a row (default 2)",
	  false },
	{ "fan-accounts", 0, "N", "fan_out, fan_in: so many accounts (default 10)",
	  false },
	{ "fan-window", 0, "BLOCKS", "fan_out, fan_in: within so long (default 1440)",
	  false },
	{ "return-window", 0, "BLOCKS", "round_trip: within so long (default 720)",
	  false },
	{ "refund-window", 0, "BLOCKS", "refund: within so long (default 10080)",
	  false },
	{ "dormant-rest", 0, "BLOCKS", "dormant: for so long (default 10080)", false },
	{ "woken-rest", 0, "BLOCKS", "woken: after so long (default 10080)", false },
	{ "woken-times", 0, "N",
	  "woken: and so many times its usual rest, where it has paid often (default 3; 0: any)",
	  false },
	{ "dust", 0, "XEM", "decoy_dust: at most so much a transfer (default 100)",
	  false },
	{ "dust-accounts", 0, "N", "decoy_dust: so many accounts (default 5)", false },
	{ "dust-window", 0, "BLOCKS", "decoy_dust: within so long (default 1440)",
	  false },
	SESSION_OPTIONS,
	{ 0 },
};

static enum xt_status thresholds(const struct cli *c, struct analyse_pattern_options *o,
				 struct xt_err *err)
{
	analyse_pattern_defaults(o);
	const struct {
		const char *name;
		uint64_t *v, max;
	} t[] = {
		{ "pass-wait", &o->pass_wait, UINT32_MAX },
		{ "pass-least", &o->pass_least, UINT32_MAX },
		{ "peel-percent", &o->peel_percent, 100 },
		{ "peel-least", &o->peel_least, UINT32_MAX },
		{ "fan-accounts", &o->fan_accounts, UINT32_MAX },
		{ "fan-window", &o->fan_window, UINT32_MAX },
		{ "return-window", &o->return_window, UINT32_MAX },
		{ "refund-window", &o->refund_window, UINT32_MAX },
		{ "dormant-rest", &o->dormant_rest, UINT32_MAX },
		{ "woken-rest", &o->woken_rest, UINT32_MAX },
		{ "woken-times", &o->woken_times, 1000 },
		{ "dust-accounts", &o->dust_accounts, UINT32_MAX },
		{ "dust-window", &o->dust_window, UINT32_MAX },
	};
	enum xt_status rc = XT_OK;
	for (size_t i = 0; i < XT_ARRAY_SIZE(t) && rc == XT_OK; i++)
		rc = opts_u64(&c->opts, t[i].name, t[i].v, *t[i].v, t[i].max, err);
	if (rc == XT_OK)
		rc = args_amount_opt(c, &o->dust_uxem, "dust", o->dust_uxem, err);
	o->all = opts_has(&c->opts, "all");
	return rc;
}

static enum xt_status kinds(const struct cli *c, unsigned *out, struct xt_err *err)
{
	unsigned bits = 0;
	const char *name;
	for (size_t i = 0; (name = opts_nth(&c->opts, "pattern", i)) != NULL; i++) {
		unsigned k = 0;
		while (k < ANALYSE_PATTERNS &&
		       strcmp(name,
			      analyse_pattern_name((enum analyse_pattern_kind)k)) != 0)
			k++;
		if (k == ANALYSE_PATTERNS)
			return xt_fail(err, XT_E_USAGE,
				       "--pattern: there is no pattern \"%s\"", name);
		bits |= 1U << k;
	}
	*out = bits != 0 ? bits : (1U << ANALYSE_PATTERNS) - 1;
	return XT_OK;
}

static const struct export_column head_columns[] = {
	{ "policy", "policy", EXPORT_STR },
	{ "patterns", "patterns", EXPORT_INT },
	{ "not_judged", "accounts not judged", EXPORT_INT },
};

static enum xt_status print(struct cli *c, const struct session *s,
			    const struct analyse_patterns *p, unsigned bits,
			    uint64_t evidence, struct xt_err *err)
{
	struct export_table *head = NULL;
	struct export_table *t = NULL;
	enum xt_status rc = export_patterns(&t, s->g, p, bits, (size_t)evidence, err);
	if (rc == XT_OK)
		rc = export_table_new(&head, "summary", head_columns,
				      XT_ARRAY_SIZE(head_columns), err);
	if (rc == XT_OK) {
		struct export_cell cells[] = {
			{ .absent = s->r == NULL,
			  .v.str = s->r != NULL ? s->r->policy->name : NULL },
			{ .v.u = export_table_rows(t) },
			{ .v.u = p->not_judged },
		};
		rc = export_table_row(head, NULL, cells, err);
	}
	if (rc == XT_OK && p->not_judged > 0)
		cli_warn(
		    c, "not_judged",
		    "%llu accounts were not judged by patterns that need their whole "
		    "history: it is not in the case",
		    (unsigned long long)p->not_judged);
	if (rc == XT_OK)
		rc = cli_print(c, head, t, err);
	export_table_free(t);
	export_table_free(head);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct analyse_patterns p = { 0 };
	struct analyse_pattern_options o;
	struct multisigs m = { 0 };
	uint64_t evidence = 0;
	unsigned bits = 0;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK)
		rc = thresholds(c, &o, err);
	if (rc == XT_OK)
		rc = kinds(c, &bits, err);
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "evidence", &evidence, 100, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = session_load(c, &s, LOAD_REFS | LOAD_INDEX, err);
	if (rc == XT_OK && s.g->n_seeds > 0)
		rc = session_taint(c, &s, err);
	if (rc == XT_OK && (bits & 1U << ANALYSE_COSIGNERS) != 0)
		rc = multisigs_find(c, s.g, &m, err);
	o.multisigs = m.v;
	o.n_multisigs = m.n;
	if (rc == XT_OK)
		rc = analyse_patterns(&p, s.g, s.r, &o, err);
	if (rc == XT_OK)
		rc = print(c, &s, &p, bits, evidence, err);
	analyse_patterns_release(&p);
	multisigs_release(&m);
	session_release(&s);
	return rc;
}

const struct cmd cmd_patterns = {
	.name = "patterns",
	.synopsis = "[--pattern NAME]... [--all]",
	.summary =
	    "what looks deliberate: chains, fans, returns, rests, decoys, messages, keys",
	.description =
	    "Each pattern with its transactions, its figures and a plain sentence, among the\n"
	    "accounts that stolen XEM touched (with --all, or without seeds, among all). Every\n"
	    "threshold is an option. A pattern is a reason to look, and says nothing about\n"
	    "guilt; who got decoys is named as a bystander. docs/patterns.md has each one's\n"
	    "meaning and limits.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
