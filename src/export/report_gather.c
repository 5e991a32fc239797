#include "report.h"

#include <stdlib.h>
#include <string.h>

static enum xt_status no_room(const struct graph *g, struct xt_err *err)
{
	return xt_fail(err, XT_E_NOMEM, "out of memory for %u movements", g->n_events);
}

/* Thefts share what moved under a policy that conserves, and overlap under poison. */
static bool combine(uint64_t *all, uint64_t one, bool conserves)
{
	if (conserves)
		return xt_add(all, *all, one);
	if (one > *all)
		*all = one;
	return true;
}

static enum xt_status too_much(const char *what, struct xt_err *err)
{
	return xt_fail(err, XT_E_LIMIT, "the taint of %s does not fit 64 bits", what);
}

static enum xt_status sum_moved(struct ex_run *run, const struct graph *g,
				struct xt_err *err)
{
	const struct taint_result *r = run->r;

	for (size_t i = 0; i < r->n_edges; i++) {
		const struct graph_event *e = &g->events[r->edges[i].event];

		if (e->to == GRAPH_NONE || e->to == e->from)
			continue;
		if (!combine(&run->moved[r->edges[i].event], r->edges[i].uxem,
			     r->policy->conserves))
			return too_much("a movement", err);
	}
	for (uint32_t i = 0; i < g->n_events; i++)
		if (run->moved[i] > 0 &&
		    !xt_add(&run->arrived[g->events[i].to],
			    run->arrived[g->events[i].to], run->moved[i]))
			return too_much(g->party[g->events[i].to].s, err);
	return XT_OK;
}

static enum xt_status sum_held(struct ex_run *run, const struct graph *g,
			       struct xt_err *err)
{
	const struct taint_result *r = run->r;

	for (size_t i = 0; i < r->n_holdings; i++) {
		const struct taint_holding *h = &r->holdings[i];

		if (!combine(&run->held[h->account], h->uxem, r->policy->conserves) ||
		    !combine(&run->unsure[h->account], h->incomplete,
			     r->policy->conserves))
			return too_much(g->party[h->account].s, err);
	}
	for (size_t i = 0; i < r->n_sink_totals; i++) {
		const struct taint_sink *s = &r->sink_totals[i];

		if (!xt_add(&run->held[s->account], run->held[s->account], s->uxem) ||
		    !xt_add(&run->unsure[s->account], run->unsure[s->account],
			    s->incomplete))
			return too_much(g->party[s->account].s, err);
	}
	return XT_OK;
}

static enum xt_status gather_run(struct ex_run *run, const struct graph *g,
				 const struct taint_result *r, struct xt_err *err)
{
	enum xt_status rc;

	run->r = r;
	run->moved = xt_calloc((size_t)g->n_events + 1, sizeof(*run->moved));
	run->arrived = xt_calloc((size_t)g->n_accounts + 1, sizeof(*run->arrived));
	run->held = xt_calloc((size_t)g->n_accounts + 1, sizeof(*run->held));
	run->unsure = xt_calloc((size_t)g->n_accounts + 1, sizeof(*run->unsure));
	if (run->moved == NULL || run->arrived == NULL || run->held == NULL ||
	    run->unsure == NULL)
		return no_room(g, err);
	rc = sum_moved(run, g, err);
	if (rc == XT_OK)
		rc = sum_held(run, g, err);
	if (rc == XT_OK)
		rc = analyse_coverage(&run->coverage, g, r, err);
	if (rc == XT_OK)
		rc = analyse_located(&run->located, g, r, err);
	if (rc == XT_OK)
		rc = analyse_exchanges(&run->exchanges, g, r, err);
	return rc;
}

/* ---- what the page shows ----------------------------------------------------------
 */

/* For qsort, which has no context: the figure stands beside the event. */
struct sized {
	uint64_t uxem;
	uint32_t event;
};

static int by_size(const void *pa, const void *pb)
{
	const struct sized *a = pa;
	const struct sized *b = pb;

	if (a->uxem != b->uxem)
		return a->uxem > b->uxem ? -1 : 1;
	return a->event < b->event ? -1 : a->event > b->event;
}

static int by_event(const void *pa, const void *pb)
{
	const uint32_t *a = pa;
	const uint32_t *b = pb;

	return *a < *b ? -1 : *a > *b;
}

/* Movements that any policy gives taint, the largest by the main policy first where
 * there are too many. */
static enum xt_status pick_events(struct ex_report *x, struct xt_err *err)
{
	const struct graph *g = x->in->g;
	const size_t max = x->in->max_transfers;
	struct sized *s = xt_calloc((size_t)g->n_events + 1, sizeof(*s));
	size_t n = 0;

	x->events = xt_calloc((size_t)g->n_events + 1, sizeof(*x->events));
	if (s == NULL || x->events == NULL) {
		free(s);
		return no_room(g, err);
	}
	for (uint32_t i = 0; i < g->n_events; i++) {
		bool any = false;

		for (size_t k = 0; k < x->in->n_runs; k++)
			any = any || x->runs[k].moved[i] > 0;
		if (any)
			s[n++] = (struct sized){ x->runs[x->in->main_run].moved[i], i };
	}
	x->n_all = n;
	qsort(s, n, sizeof(*s), by_size);
	if (max > 0 && n > max)
		n = max;
	for (size_t i = 0; i < n; i++)
		x->events[i] = s[i].event;
	free(s);
	qsort(x->events, n, sizeof(*x->events), by_event);
	x->n_events = n;
	return XT_OK;
}

static void take_account(struct ex_report *x, uint32_t account)
{
	if (account == GRAPH_NONE || x->place[account] != 0)
		return;
	x->accounts[x->n_accounts] = account;
	x->place[account] = ++x->n_accounts;
}

static void take_memo(struct ex_report *x, uint32_t memo)
{
	if (x->memo_place[memo] != 0)
		return;
	x->memos[x->n_memos] = memo;
	x->memo_place[memo] = ++x->n_memos;
	if (x->in->g->memos[memo].kind == GRAPH_MEMO_ENCRYPTED)
		take_account(x, x->in->g->memos[memo].sender);
}

static enum xt_status pick_patterns(struct ex_report *x, struct xt_err *err)
{
	const struct analyse_patterns *p = x->in->patterns;
	const size_t n = p != NULL ? p->n : 0;
	struct sized *s = xt_calloc(n + 1, sizeof(*s));

	x->patterns = xt_calloc(n + 1, sizeof(*x->patterns));
	if (s == NULL || x->patterns == NULL) {
		free(s);
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu patterns", n);
	}
	for (size_t i = 0; i < n; i++)
		s[i] = (struct sized){ p->v[i].amount > UINT64_MAX
					   ? UINT64_MAX
					   : (uint64_t)p->v[i].amount,
				       (uint32_t)i };
	qsort(s, n, sizeof(*s), by_size);
	x->n_patterns = n < EX_PATTERNS ? n : EX_PATTERNS;
	for (size_t i = 0; i < x->n_patterns; i++)
		x->patterns[i] = s[i].event;
	free(s);
	qsort(x->patterns, x->n_patterns, sizeof(*x->patterns), by_event);
	return XT_OK;
}

static void take_patterns(struct ex_report *x)
{
	const struct analyse_patterns *p = x->in->patterns;

	for (size_t i = 0; i < x->n_patterns; i++) {
		const struct analyse_pattern *v = &p->v[x->patterns[i]];

		take_account(x, v->account);
		take_account(x, v->other);
		for (size_t m = v->member_from; m < v->member_to; m++)
			if (m - v->member_from < EX_PATTERN_MEMBERS)
				take_account(x, p->members[m]);
	}
}

/* All wallets of a group of which one is on the page. */
static void take_groups(struct ex_report *x)
{
	const struct analyse_groups *s = x->in->groups;

	for (size_t k = 0; s != NULL && k < s->n; k++) {
		bool any = false;

		for (size_t i = s->v[k].member_from; i < s->v[k].member_to; i++)
			any = any || x->place[s->members[i]] != 0;
		for (size_t i = s->v[k].member_from; any && i < s->v[k].member_to; i++)
			take_account(x, s->members[i]);
	}
}

static enum xt_status pick_accounts(struct ex_report *x, struct xt_err *err)
{
	const struct graph *g = x->in->g;
	const size_t n = (size_t)g->n_accounts + 1;

	x->place = xt_calloc(n, sizeof(*x->place));
	x->accounts = xt_calloc(n, sizeof(*x->accounts));
	x->memo_place = xt_calloc((size_t)g->n_memos + 1, sizeof(*x->memo_place));
	x->memos = xt_calloc((size_t)g->n_memos + 1, sizeof(*x->memos));
	if (x->place == NULL || x->accounts == NULL || x->memo_place == NULL ||
	    x->memos == NULL)
		return no_room(g, err);
	for (size_t i = 0; i < x->flow.n_nodes; i++)
		take_account(x, x->flow.nodes[i].account);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		for (size_t k = 0; k < x->in->n_runs; k++)
			if (x->runs[k].arrived[a] > 0 || x->runs[k].held[a] > 0)
				take_account(x, a);
	for (size_t i = 0; i < x->n_events; i++) {
		const uint32_t e = x->events[i];

		take_account(x, g->events[e].from);
		take_memo(x, g->txs[g->event_tx[e]].memo);
	}
	for (size_t k = 0; k < x->in->n_runs; k++)
		for (size_t i = 0; i < x->runs[k].exchanges.n_memos; i++)
			take_memo(x, x->runs[k].exchanges.memos[i].memo);
	take_patterns(x);
	take_groups(x);
	for (uint32_t i = 0; i < g->n_seeds; i++)
		if (g->seeds[i].kind != GRAPH_SEED_TX &&
		    g->seeds[i].kind != GRAPH_SEED_REFUND)
			take_account(x, g->seeds[i].account);
	return XT_OK;
}

enum xt_status ex_report_gather(struct ex_report *out, const struct export_report *in,
				struct xt_err *err)
{
	const struct analyse_flow_options all = { 0 };
	struct ex_report x = { .in = in };
	enum xt_status rc = XT_OK;

	x.runs = xt_calloc(in->n_runs, sizeof(*x.runs));
	if (x.runs == NULL)
		return no_room(in->g, err);
	for (size_t i = 0; i < in->n_runs && rc == XT_OK; i++)
		rc = gather_run(&x.runs[i], in->g, in->runs[i], err);
	for (size_t i = 0; i < in->n_runs; i++)
		x.runs[i].exchanges.prices = in->prices;
	if (rc == XT_OK)
		rc = analyse_flow(&x.flow, in->g, in->runs[in->main_run], &all, err);
	if (rc == XT_OK)
		rc = analyse_top(&x.received, &x.n_received, in->g,
				 in->runs[in->main_run], ANALYSE_BY_RECEIVED, 0, err);
	if (rc == XT_OK)
		rc = pick_events(&x, err);
	if (rc == XT_OK)
		rc = pick_patterns(&x, err);
	if (rc == XT_OK)
		rc = pick_accounts(&x, err);
	if (rc == XT_OK)
		*out = x;
	else
		ex_report_release(&x);
	return rc;
}

void ex_report_release(struct ex_report *x)
{
	for (size_t i = 0; x->runs != NULL && i < x->in->n_runs; i++) {
		analyse_exchanges_release(&x->runs[i].exchanges);
		analyse_located_release(&x->runs[i].located);
		free(x->runs[i].moved);
		free(x->runs[i].arrived);
		free(x->runs[i].held);
		free(x->runs[i].unsure);
	}
	free(x->runs);
	analyse_flow_release(&x->flow);
	free(x->received);
	free(x->place);
	free(x->accounts);
	free(x->memo_place);
	free(x->memos);
	free(x->events);
	free(x->patterns);
	memset(x, 0, sizeof(*x));
}
