#include <xemtrace/analyse.h>

#include <stdlib.h>
#include <string.h>

#include "finder.h"

void analyse_rule_defaults(struct analyse_rule_options *o)
{
	*o = (struct analyse_rule_options){
		.pool_senders = 20,
		.pool_memos = 20,
		.pool_percent = 80,
		.forward_wait = 780,
		.forward_excess = 2000000,
		.sweep_accounts = 3,
		.sweep_window = 1440,
	};
}

enum xt_status analyse_rules_add(struct rules *w, const struct analyse_finding *f,
				 struct xt_err *err)
{
	if (w->n == w->cap) {
		const size_t cap = w->cap == 0 ? 16 : w->cap * 2;
		struct analyse_finding *p = xt_reallocarray(w->v, cap, sizeof(*p));

		if (p == NULL)
			return xt_fail(err, XT_E_NOMEM,
				       "out of memory for %zu findings", cap);
		w->v = p;
		w->cap = cap;
	}
	w->v[w->n] = *f;
	for (size_t i = f->event_from; i < f->event_to; i++) {
		struct analyse_finding *at = &w->v[w->n];
		uint64_t tainted;
		enum xt_status rc;

		/* A deposit address counts what came in: what it sent on is the same.
		 */
		if (w->g->events[w->events.v[i]].to != f->account)
			continue;
		rc = analyse_taint_of(&tainted, w->r, w->events.v[i], err);
		if (rc == XT_OK)
			rc = analyse_sum(&at->tainted, tainted, w->g, f->account, err);
		if (rc != XT_OK)
			return rc;
	}
	w->n++;
	return XT_OK;
}

static uint64_t count_not_judged(const struct graph *g)
{
	uint64_t n = 0;

	for (uint32_t a = 0; a < g->n_accounts; a++)
		n += (g->flags[a] & GRAPH_SERVICE) == 0 && g->label[a] == GRAPH_NONE &&
		     ((g->flags[a] & GRAPH_COMPLETE) == 0 || g->opening[a] != 0);
	return n;
}

/* qsort() has no room for the graph. */
struct sorted {
	struct analyse_finding f;
	const char *party;
};

static int by_place(const void *pa, const void *pb)
{
	const struct sorted *a = pa;
	const struct sorted *b = pb;
	int c;

	if (a->f.rule != b->f.rule)
		return a->f.rule < b->f.rule ? -1 : 1;
	c = strcmp(a->party, b->party);
	if (c != 0)
		return c;
	return a->f.event_from < b->f.event_from ? -1
						 : a->f.event_from > b->f.event_from;
}

static enum xt_status sort(struct rules *w, struct xt_err *err)
{
	struct sorted *s = xt_calloc(w->n + 1, sizeof(*s));

	if (s == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu findings", w->n);
	for (size_t i = 0; i < w->n; i++)
		s[i] = (struct sorted){ w->v[i], w->g->party[w->v[i].account].s };
	qsort(s, w->n, sizeof(*s), by_place);
	for (size_t i = 0; i < w->n; i++)
		w->v[i] = s[i].f;
	free(s);
	return XT_OK;
}

enum xt_status analyse_rules(struct analyse_findings *out, const struct graph *g,
			     const struct taint_result *r,
			     const struct analyse_rule_options *opt, struct xt_err *err)
{
	struct rules w = { .g = g, .r = r, .opt = opt };
	enum xt_status rc = XT_OK;

	if (r != NULL)
		rc = analyse_need_edges(r, "a search for deposits", err);
	if (rc != XT_OK)
		return rc;
	w.pool = xt_calloc((size_t)g->n_accounts + 1, 1);
	if (w.pool == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u accounts",
			       g->n_accounts);
	rc = analyse_pools(&w, err);
	if (rc == XT_OK)
		rc = analyse_forwards(&w, err);
	if (rc == XT_OK)
		rc = analyse_sweeps(&w, err);
	if (rc == XT_OK)
		rc = sort(&w, err);
	free(w.pool);
	if (rc == XT_OK) {
		*out = (struct analyse_findings){ .v = w.v,
						  .n = w.n,
						  .events = w.events.v,
						  .members = w.members.v,
						  .n_events = w.events.n,
						  .n_members = w.members.n,
						  .not_judged = count_not_judged(g) };
		return XT_OK;
	}
	free(w.v);
	free(w.events.v);
	free(w.members.v);
	return rc;
}

void analyse_findings_release(struct analyse_findings *f)
{
	free(f->v);
	free(f->events);
	free(f->members);
	*f = (struct analyse_findings){ 0 };
}
