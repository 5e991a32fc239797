/* report: the whole finding as one HTML page. */
#include "args.h"
#include "cmd.h"
#include "groups.h"
#include "multisigs.h"
#include "prices.h"

#include <stdlib.h>
#include <string.h>

#define MAX_RUNS  16
#define MAX_FACTS 16

static const struct opt options[] = {
	{ "output", 'o', "FILE", "write to FILE (default standard output)", false },
	{ "title", 0, "TEXT", "title of the page", false },
	{ "lang", 0, "LANG", "what the page begins in: en (default) or ja", false },
	{ "max-transfers", 0, "N",
	  "put the largest N transfers into the page (default 60000; 0: all)", false },
	PRICE_OPTIONS,
	SESSION_OPTIONS,
	{ 0 },
};

struct page {
	struct session s;
	const struct taint_result *runs[MAX_RUNS];
	struct taint_result *own[MAX_RUNS]; /* all but the main one */
	size_t n_runs, main_run;
	struct analyse_patterns patterns;
	struct multisigs multisigs; /* the patterns name them */
	struct taint_bounds *bounds;
	struct analyse_groups groups;
	struct prices prices;
	struct export_stop *stops;
	size_t n_stops, cap_stops;
	struct export_fact facts[MAX_FACTS];
	char text[MAX_FACTS][160];
	size_t n_facts;
};

static void add_fact(struct page *p, const char *key, const char *value)
{
	(void)snprintf(p->text[p->n_facts], sizeof(p->text[0]), "%s", value);
	p->facts[p->n_facts] =
	    (struct export_fact){ .key = key, .value = p->text[p->n_facts] };
	p->n_facts++;
}

static void add_number(struct page *p, const char *key, uint64_t v)
{
	char s[24];
	(void)snprintf(s, sizeof(s), "%llu", (unsigned long long)v);
	add_fact(p, key, s);
}

/* The main policy is run by the session, with its warnings; the others beside it. */
static enum xt_status run_policies(struct cli *c, struct page *p, struct xt_err *err)
{
	struct analyse_pattern_options o;
	enum xt_status rc = session_taint(c, &p->s, err);

	analyse_pattern_defaults(&o);
	if (rc == XT_OK)
		rc = multisigs_find(c, p->s.g, &p->multisigs, err);
	o.multisigs = p->multisigs.v;
	o.n_multisigs = p->multisigs.n;
	if (rc == XT_OK)
		rc = analyse_patterns(&p->patterns, p->s.g, p->s.r, &o, err);
	if (rc == XT_OK)
		rc = taint_bounds_run(&p->bounds, p->s.g, &p->s.r->options, &c->sink,
				      err);
	for (size_t i = 0; rc == XT_OK && taint_policies[i] != NULL && i < MAX_RUNS;
	     i++) {
		if (taint_policies[i] == p->s.r->policy) {
			p->main_run = i;
			p->runs[i] = p->s.r;
		} else {
			rc = taint_run(&p->own[i], p->s.g, taint_policies[i],
				       &p->s.r->options, &c->sink, err);
			p->runs[i] = p->own[i];
		}
		p->n_runs = i + 1;
	}
	return rc;
}

struct stopping {
	struct page *p;
	uint32_t next; /* accounts stand in the order of their rows */
	enum xt_status rc;
	struct xt_err *err;
};

static bool each_account(void *ctx, const struct store_account *a)
{
	struct stopping *s = ctx;
	struct page *p = s->p;
	const struct graph *g = p->s.g;

	while (s->next < g->n_accounts && g->account_id[s->next] < a->id)
		s->next++;
	if (s->next == g->n_accounts || g->account_id[s->next] != a->id ||
	    a->reason[0] == '\0' || a->state == STORE_COMPLETE)
		return true;
	if (p->n_stops == p->cap_stops) {
		const size_t cap = p->cap_stops * 2 + 64;
		struct export_stop *v =
		    xt_reallocarray(p->stops, cap, sizeof(*p->stops));

		if (v == NULL) {
			s->rc = xt_fail(s->err, XT_E_NOMEM,
					"out of memory for %zu accounts", cap);
			return false;
		}
		p->stops = v;
		p->cap_stops = cap;
	}
	struct export_stop *stop = &p->stops[p->n_stops++];
	*stop = (struct export_stop){ .account = s->next };
	if (!store_stop_kind(stop->kind, a))
		stop->kind[0] = '\0';
	(void)snprintf(stop->reason, sizeof(stop->reason), "%s", a->reason);
	return true;
}

/* What the page says beside the runs: owners, values, why accounts are not complete. */
static enum xt_status find_more(struct cli *c, struct page *p, struct xt_err *err)
{
	struct stopping s = { .p = p, .rc = XT_OK, .err = err };
	enum xt_status rc = prices_from_args(c, &p->prices, err);

	if (rc == XT_OK)
		rc = groups_find(c, &p->s, (1U << ANALYSE_GROUNDS) - 1, &p->multisigs,
				 &p->groups, err);
	if (rc == XT_OK)
		rc = store_each_account(c->store, each_account, &s, err);
	return rc == XT_E_STOPPED ? s.rc : rc;
}

struct head {
	uint64_t n;
	uint8_t chain[32];
};

static bool each_answer(void *ctx, const struct store_answer *a)
{
	struct head *h = ctx;
	h->n++;
	memcpy(h->chain, a->chain, sizeof(h->chain));
	return true;
}

static bool each_seal(void *ctx, const struct store_seal *seal)
{
	struct store_seal *last = ctx;
	*last = *seal;
	last->parts = NULL; /* borrowed until the next */
	return true;
}

static enum xt_status add_evidence(struct cli *c, struct page *p, struct xt_err *err)
{
	struct head h = { 0 };
	struct store_seal seal = { 0 };
	char hex[65];
	char when[24];
	char words[160];
	enum xt_status rc = store_each_answer(c->store, false, each_answer, &h, err);

	if (rc == XT_OK)
		rc = store_each_seal(c->store, each_seal, &seal, err);
	if (rc != XT_OK)
		return rc;
	add_number(p, "answers", h.n);
	if (h.n > 0) {
		xt_hex_encode(hex, h.chain, sizeof(h.chain));
		add_fact(p, "head", hex);
	}
	if (seal.id == 0)
		return XT_OK;
	nem_time_format_utc(when, seal.time);
	(void)snprintf(words, sizeof(words), "%s, %s", when, seal.name);
	add_fact(p, "seal", words);
	xt_hex_encode(hex, seal.key.b, sizeof(seal.key.b));
	add_fact(p, "sealed_by", hex);
	return XT_OK;
}

static enum xt_status add_facts(struct cli *c, struct page *p, struct xt_err *err)
{
	const char *slash = strrchr(c->case_path, '/');
	const struct taint_options *o = &p->s.r->options;
	char hex[65];
	enum xt_status rc;

	add_fact(p, "case", slash != NULL ? slash + 1 : c->case_path);
	add_number(p, "schema", store_schema_version());
	add_fact(p, "fees_rule", o->fees == TAINT_FEE_ABSORB ? "absorb" : "carry");
	add_fact(p, "stop_at_probable", o->stop_at_probable ? "yes" : "no");
	add_number(p, "seeds", p->s.g->n_seeds);
	add_number(p, "movements", p->s.g->n_events);
	add_number(p, "accounts_fact", p->s.g->n_accounts);
	rc = add_evidence(c, p, err);
	xt_hex_encode(hex, p->s.g->digest, sizeof(p->s.g->digest));
	add_fact(p, "digest", hex);
	return rc;
}

static enum xt_status write_page(struct cli *c, struct page *p, const char *lang,
				 uint64_t max, struct xt_err *err)
{
	const char *path = opts_str(&c->opts, "output");
	struct export_file out = { 0 };
	const struct export_report report = {
		.title = opts_str(&c->opts, "title"),
		.lang = lang,
		.tz = c->tz != NULL ? c->tz : "UTC",
		.g = p->s.g,
		.runs = p->runs,
		.n_runs = p->n_runs,
		.main_run = p->main_run,
		.patterns = &p->patterns,
		.bounds = p->bounds,
		.groups = &p->groups,
		.prices = prices_view(&p->prices),
		.stops = p->stops,
		.n_stops = p->n_stops,
		.facts = p->facts,
		.n_facts = p->n_facts,
		.warning_codes = (const char *const *)c->warnings.codes,
		.warning_texts = (const char *const *)c->warnings.texts,
		.n_warnings = c->warnings.n,
		.max_transfers = (size_t)max,
	};
	enum xt_status rc = export_file_open(&out, path != NULL ? path : "-", err);

	if (rc == XT_OK)
		rc = export_report(out.f, &report, err);
	if (rc == XT_OK)
		rc = export_file_commit(&out, err);
	export_file_abort(&out);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct page p = { 0 };
	uint64_t max = 0;
	bool began = false;
	const char *lang = opts_str(&c->opts, "lang");
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (lang == NULL)
		lang = "en";
	if (rc == XT_OK && strcmp(lang, "en") != 0 && strcmp(lang, "ja") != 0)
		rc = xt_fail(err, XT_E_USAGE, "--lang: \"%s\" is none of en, ja", lang);
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "max-transfers", &max, 60000, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = session_load(c, &p.s, LOAD_REFS | LOAD_INDEX, err);
	if (rc == XT_OK)
		rc = run_policies(c, &p, err);
	/* Thousands of small readings under one lock, and of one moment; not for as long as
	 * policies are replayed, since a crawl that is at work waits. */
	if (rc == XT_OK)
		rc = store_read_begin(c->store, &began, err);
	if (rc == XT_OK)
		rc = find_more(c, &p, err);
	if (rc == XT_OK)
		rc = add_facts(c, &p, err);
	store_read_end(c->store, began);
	if (rc == XT_OK)
		rc = write_page(c, &p, lang, max, err);
	for (size_t i = 0; i < MAX_RUNS; i++)
		taint_result_free(p.own[i]);
	analyse_patterns_release(&p.patterns);
	multisigs_release(&p.multisigs);
	taint_bounds_free(p.bounds);
	analyse_groups_release(&p.groups);
	prices_release(&p.prices);
	free(p.stops);
	session_release(&p.s);
	return rc;
}

const struct cmd cmd_report = {
	.name = "report",
	.synopsis = "[-o FILE.html] [--lang en|ja] [--policy NAME]",
	.summary = "the whole finding as one HTML page",
	.description =
	    "Writes one file that opens from a disk and asks nothing of any network: summary,\n"
	    "flow pictures, timeline, deposits per service and memo, accounts, open ends,\n"
	    "method, evidence. The page holds all policies (--policy is what it begins with),\n"
	    "English and Japanese, and any time zone (--tz is what it begins with). Where it\n"
	    "holds the largest transfers only, it says so.",
	.options = options,
	.needs = CMD_CASE_READ,
	.prints_file = true,
	.run = run,
};
