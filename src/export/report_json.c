/* What report/src/data.js reads; both change together. Rows are arrays, and what a reader
 * can work out is left out, so that a page of 50,000 transfers opens at once. */
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "report.h"
#include "report_put.h"

/* As under the policy before; as much as the whole of it. */
#define SAME (-1)
#define ALL  (-2)

static void put_part(struct ex_json *j, xt_u128 v, xt_u128 all)
{
	if (v == all)
		ex_json_int(j, ALL);
	else
		ex_json_amount(j, v);
}

/* ---- head, facts, seeds ----------------------------------------------------------- */

static uint64_t height_of(const struct graph *g)
{
	uint64_t height = 0;

	for (uint32_t i = 0; i < g->n_txs; i++)
		if (g->txs[i].height_known != 0 && g->txs[i].height > height)
			height = g->txs[i].height;
	return height;
}

/* What a XEM was worth on the day of each transfer: from which one on, and 10^-8 of the
 * currency; null: not known. */
static void put_prices(struct ex_json *j, const struct ex_report *x)
{
	struct analyse_value last = { .known = false };

	if (x->in->prices == NULL)
		return;
	ex_json_key(j, "prices");
	ex_json_open(j, "[");
	for (size_t i = 0; i < x->n_events; i++) {
		struct analyse_value v = analyse_value_none(x->in->prices);

		analyse_value_add(&v, x->in->prices, x->in->g, x->events[i], 1);
		if (i > 0 && v.known == last.known && v.e14 == last.e14)
			continue;
		last = v;
		ex_json_open(j, "[");
		ex_json_int(j, (int64_t)i);
		if (v.known)
			ex_json_amount(j, (uint64_t)v.e14);
		else
			ex_json_null(j);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
}

static void put_head(struct ex_json *j, const struct ex_report *x)
{
	const struct export_report *in = x->in;

	ex_json_key(j, "format_version");
	ex_json_int(j, 2);
	ex_json_key(j, "version");
	ex_json_text(j, xt_version());
	ex_json_key(j, "title");
	ex_json_text(j, in->title);
	ex_json_key(j, "lang");
	ex_json_text(j, in->lang);
	ex_json_key(j, "tz");
	ex_json_text(j, in->tz);
	ex_json_key(j, "height");
	ex_json_count(j, height_of(in->g), true);
	ex_json_key(j, "main");
	ex_json_int(j, (int64_t)in->main_run);
	ex_json_key(j, "currency");
	ex_json_text(j, in->prices != NULL ? in->prices->currency : NULL);
	ex_json_key(j, "transfers");
	ex_json_int(j, (int64_t)x->n_all);
}

static void put_facts(struct ex_json *j, const struct export_report *in)
{
	ex_json_key(j, "facts");
	ex_json_open(j, "[");
	for (size_t i = 0; i < in->n_facts; i++) {
		ex_json_open(j, "[");
		ex_json_text(j, in->facts[i].key);
		ex_json_text(j, in->facts[i].value);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
	ex_json_key(j, "warnings");
	ex_json_open(j, "[");
	for (size_t i = 0; i < in->n_warnings; i++) {
		ex_json_open(j, "[");
		ex_json_text(j, in->warning_codes[i]);
		ex_json_text(j, in->warning_texts[i]);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
}

static void put_place(struct ex_json *j, const struct ex_report *x, uint32_t account)
{
	if (account == GRAPH_NONE)
		ex_json_null(j);
	else
		ex_json_int(j, (int64_t)x->place[account] - 1);
}

/* Name, then what each policy counts as stolen. */
static void put_thefts(struct ex_json *j, const struct ex_report *x)
{
	ex_json_key(j, "thefts");
	ex_json_open(j, "[");
	for (uint32_t i = 0; i < x->in->g->n_thefts; i++) {
		ex_json_open(j, "[");
		ex_json_text(j, x->in->g->theft[i]);
		for (size_t k = 0; k < x->in->n_runs; k++)
			ex_json_amount(j, x->in->runs[k]->seeded[i]);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
}

/* Theft, kind, transaction or null, account or null, from, to, height, amount (null: all
 * of the balance). */
static void put_seeds(struct ex_json *j, const struct ex_report *x)
{
	static const char *const kinds[] = { "",        "tx",     "window",
					     "balance", "refund", "heights" };
	const struct graph *g = x->in->g;

	ex_json_key(j, "seeds");
	ex_json_open(j, "[");
	for (uint32_t i = 0; i < g->n_seeds; i++) {
		const struct graph_seed *s = &g->seeds[i];
		const bool by_tx =
		    s->kind == GRAPH_SEED_TX || s->kind == GRAPH_SEED_REFUND;
		const bool range =
		    s->kind == GRAPH_SEED_WINDOW || s->kind == GRAPH_SEED_HEIGHTS;
		const bool balance = s->kind == GRAPH_SEED_BALANCE;

		ex_json_open(j, "[");
		ex_json_int(j, s->theft);
		ex_json_text(j, kinds[s->kind]);
		if (by_tx)
			ex_json_text(j, g->tx_ref != NULL ? g->tx_ref[s->tx] : NULL);
		else
			ex_json_null(j);
		put_place(j, x, by_tx ? GRAPH_NONE : s->account);
		ex_json_count(j, (uint64_t)s->from, range && s->from >= 0);
		ex_json_count(j, (uint64_t)s->to, range && s->to < INT64_MAX);
		ex_json_count(j, s->height, balance);
		if (balance && s->amount != GRAPH_SEED_ALL)
			ex_json_amount(j, s->amount);
		else
			ex_json_null(j);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
}

/* ---- accounts --------------------------------------------------------------------- */

/* Numbers of the kinds and states stand for these names, told once. */
static const char *const states[] = { "complete", "incomplete", "unread", "service" };

static size_t state_of(const struct graph *g, uint32_t account)
{
	const char *s = ex_state_of(g, account);

	for (size_t i = 0; i < XT_ARRAY_SIZE(states); i++)
		if (strcmp(states[i], s) == 0)
			return i;
	return 0;
}

static void put_names(struct ex_json *j)
{
	ex_json_key(j, "kinds");
	ex_json_open(j, "[");
	for (int i = 0; i < N_LOOKS; i++)
		ex_json_text(j, ex_look_name((enum ex_look)i));
	ex_json_close(j, "]");
	ex_json_key(j, "states");
	ex_json_open(j, "[");
	for (size_t i = 0; i < XT_ARRAY_SIZE(states); i++)
		ex_json_text(j, states[i]);
	ex_json_close(j, "]");
}

/* Account, kind, state, hops, received, sent, assumed opening; then of the label: text,
 * category, confidence, source. */
static void put_account(struct ex_json *j, const struct ex_report *x, uint32_t a,
			const struct analyse_flow_node *node,
			const struct analyse_top_row *row)
{
	const struct graph *g = x->in->g;
	const struct graph_label *l = ex_label_of(g, a);
	const bool complete =
	    (g->flags[a] & (GRAPH_COMPLETE | GRAPH_SERVICE | GRAPH_PARTY)) != 0;
	const struct analyse_flow_node none = {
		.account = a,
		.depth = GRAPH_NONE,
		.service = (g->flags[a] & GRAPH_SERVICE) != 0,
	};

	ex_json_open(j, "[");
	ex_json_text(j, g->party[a].s);
	ex_json_int(j, ex_look_of(g, node != NULL ? node : &none));
	ex_json_int(j, (int64_t)state_of(g, a));
	ex_json_count(j, node != NULL ? node->depth : 0,
		      node != NULL && node->depth != GRAPH_NONE);
	ex_json_amount(j, row != NULL ? row->received : 0);
	ex_json_amount(j, row != NULL ? row->sent : 0);
	/* What the replay had to assume, so that nobody spends what is not there. */
	ex_json_amount(j, complete ? 0 : g->opening[a]);
	if (l != NULL) {
		ex_json_text(j, l->text);
		ex_json_text(j, l->category);
		ex_json_int(j, l->confidence);
		ex_json_text(j, l->source);
	}
	ex_json_close(j, "]");
}

static void put_accounts(struct ex_json *j, const struct ex_report *x)
{
	const size_t n = (size_t)x->in->g->n_accounts + 1;
	/* Arrays of pointers: NOLINTNEXTLINE(bugprone-sizeof-expression) */
	const struct analyse_flow_node **node = xt_calloc(n, sizeof(*node));
	/* NOLINTNEXTLINE(bugprone-sizeof-expression) */
	const struct analyse_top_row **row = xt_calloc(n, sizeof(*row));

	if (node == NULL || row == NULL) {
		j->rc =
		    xt_fail(j->err, XT_E_NOMEM, "out of memory for %zu accounts", n);
		goto out;
	}
	for (size_t i = 0; i < x->flow.n_nodes; i++)
		node[x->flow.nodes[i].account] = &x->flow.nodes[i];
	for (size_t i = 0; i < x->n_received; i++)
		row[x->received[i].account] = &x->received[i];
	ex_json_key(j, "accounts");
	ex_json_open(j, "[");
	for (uint32_t i = 0; i < x->n_accounts; i++) {
		const uint32_t a = x->accounts[i];

		put_account(j, x, a, node[a], row[a]);
	}
	ex_json_close(j, "]");
out:
	free(node);
	free(row);
}

/* Of each account the least and the most that any policy that conserves gives (least:
 * SAME as the main policy's figure; most: SAME as the least), and whose are not exact. */
static void put_bounds(struct ex_json *j, const struct ex_report *x)
{
	const uint64_t *held = x->runs[x->in->main_run].held;
	const struct taint_bound *b;

	if (x->in->bounds == NULL)
		return;
	ex_json_key(j, "low");
	ex_json_open(j, "[");
	for (uint32_t i = 0; i < x->n_accounts; i++) {
		b = taint_bound_find(x->in->bounds, x->accounts[i]);
		if ((b != NULL ? b->low : 0) == held[x->accounts[i]])
			ex_json_int(j, SAME);
		else
			ex_json_amount(j, b != NULL ? b->low : 0);
	}
	ex_json_close(j, "]");
	ex_json_key(j, "high");
	ex_json_open(j, "[");
	for (uint32_t i = 0; i < x->n_accounts; i++) {
		b = taint_bound_find(x->in->bounds, x->accounts[i]);
		if (b == NULL || b->high == b->low)
			ex_json_int(j, SAME);
		else
			ex_json_amount(j, b->high);
	}
	ex_json_close(j, "]");
	ex_json_key(j, "inexact");
	ex_json_open(j, "[");
	for (uint32_t i = 0; i < x->n_accounts; i++) {
		b = taint_bound_find(x->in->bounds, x->accounts[i]);
		if (b != NULL && !b->exact)
			ex_json_int(j, i);
	}
	ex_json_close(j, "]");
}

/* ---- transfers -------------------------------------------------------------------- */

static void put_memos(struct ex_json *j, const struct ex_report *x)
{
	static const char *const kinds[] = { "none", "plain", "encrypted" };

	ex_json_key(j, "memos");
	ex_json_open(j, "[");
	for (uint32_t i = 0; i < x->n_memos; i++) {
		const struct graph_memo *m = &x->in->g->memos[x->memos[i]];

		ex_json_open(j, "[");
		ex_json_text(j, kinds[m->kind]);
		ex_json_text(j, m->kind == GRAPH_MEMO_PLAIN ? m->text : NULL);
		put_place(j, x,
			  m->kind == GRAPH_MEMO_ENCRYPTED ? m->sender : GRAPH_NONE);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
}

/* The policies' figures of one thing, in the order of the runs; those at the end that
 * are as before are left out. */
static void put_taints(struct ex_json *j, const struct ex_report *x, uint32_t event,
		       uint64_t whole)
{
	const struct ex_run *runs = x->runs;
	size_t n = x->in->n_runs;

	while (n > 1 && runs[n - 1].moved[event] == runs[n - 2].moved[event])
		n--;
	for (size_t k = 0; k < n; k++) {
		const uint64_t v = runs[k].moved[event];

		if (k > 0 && v == runs[k - 1].moved[event])
			ex_json_int(j, SAME);
		else
			put_part(j, v, whole);
	}
}

/* From, to, amount, time (after the one before, null unknown), how much later its end,
 * count, memo, provenance * 4 + time kind, height, hash or record, then what each policy
 * says moved of the theft. */
static void put_transfer(struct ex_json *j, const struct ex_report *x, uint32_t event,
			 int64_t *before)
{
	const struct graph *g = x->in->g;
	const struct graph_event *e = &g->events[event];
	const uint32_t at = g->event_tx[event];
	const struct graph_tx *t = &g->txs[at];

	ex_json_open(j, "[");
	put_place(j, x, e->from);
	put_place(j, x, e->to);
	ex_json_amount(j, graph_amount(e));
	if (t->time_kind == GRAPH_TIME_NONE) {
		ex_json_null(j);
		ex_json_int(j, 0);
	} else {
		ex_json_int(j, t->time - *before);
		ex_json_int(j, t->time_last - t->time);
		*before = t->time;
	}
	ex_json_count(j, t->count, t->count > 0);
	ex_json_int(j, (int64_t)x->memo_place[t->memo] - 1);
	ex_json_int(j, t->provenance * 4 + t->time_kind);
	ex_json_count(j, t->height, t->height_known != 0);
	ex_json_text(j, g->tx_ref != NULL ? g->tx_ref[at] : NULL);
	put_taints(j, x, event, graph_amount(e));
	ex_json_close(j, "]");
}

static void put_transfers(struct ex_json *j, const struct ex_report *x)
{
	int64_t before = 0;

	/* By enum nem_provenance. */
	ex_json_key(j, "provenances");
	ex_json_open(j, "[");
	for (int i = 0; i <= NEM_REPORTED; i++)
		ex_json_text(j,
			     i == 0 ? "" : nem_provenance_name((enum nem_provenance)i));
	ex_json_close(j, "]");
	ex_json_key(j, "tx");
	ex_json_open(j, "[");
	for (size_t i = 0; i < x->n_events; i++)
		put_transfer(j, x, x->events[i], &before);
	ex_json_close(j, "]");
	put_prices(j, x);
}

/* ---- patterns --------------------------------------------------------------------- */

static int by_number(const void *pa, const void *pb)
{
	const uint32_t *a = pa;
	const uint32_t *b = pb;

	return *a < *b ? -1 : *a > *b;
}

/* The transfer's number on the page; its hash or record if it is not there. */
static void put_event(struct ex_json *j, const struct ex_report *x, uint32_t event)
{
	const struct graph *g = x->in->g;
	const uint32_t *at =
	    bsearch(&event, x->events, x->n_events, sizeof(event), by_number);

	if (at != NULL)
		ex_json_int(j, at - x->events);
	else
		ex_json_text(j,
			     g->tx_ref != NULL ? g->tx_ref[g->event_tx[event]] : NULL);
}

static void put_pattern(struct ex_json *j, const struct ex_report *x,
			const struct analyse_pattern *v)
{
	const struct analyse_patterns *p = x->in->patterns;
	const struct graph *g = x->in->g;
	const bool any = v->event_to > v->event_from;

	ex_json_open(j, "[");
	ex_json_text(j, analyse_pattern_name(v->kind));
	put_place(j, x, v->account);
	put_place(j, x, v->other);
	ex_json_amount(j, v->amount);
	ex_json_count(j, v->blocks, v->has_blocks);
	ex_json_time(j, g, any ? p->events[v->event_from] : GRAPH_NONE, false);
	ex_json_time(j, g, any ? p->events[v->event_to - 1] : GRAPH_NONE, true);
	ex_json_int(j, (int64_t)(v->event_to - v->event_from));
	ex_json_open(j, "[");
	for (size_t i = v->event_from;
	     i < v->event_to && i - v->event_from < EX_PATTERN_MEMBERS; i++)
		put_event(j, x, p->events[i]);
	ex_json_close(j, "]");
	ex_json_int(j, (int64_t)(v->member_to - v->member_from));
	ex_json_open(j, "[");
	for (size_t i = v->member_from;
	     i < v->member_to && i - v->member_from < EX_PATTERN_MEMBERS; i++)
		put_place(j, x, p->members[i]);
	ex_json_close(j, "]");
	ex_json_close(j, "]");
}

static void put_patterns(struct ex_json *j, const struct ex_report *x)
{
	const struct analyse_patterns *p = x->in->patterns;

	if (p == NULL)
		return;
	ex_json_key(j, "not_judged");
	ex_json_count(j, p->not_judged, true);
	ex_json_key(j, "all_patterns");
	ex_json_int(j, (int64_t)p->n);
	ex_json_key(j, "patterns");
	ex_json_open(j, "[");
	for (size_t i = 0; i < x->n_patterns; i++)
		put_pattern(j, x, &p->v[x->patterns[i]]);
	ex_json_close(j, "]");
}

/* ---- runs ------------------------------------------------------------------------- */

static void put_figure(struct ex_json *j, const struct ex_report *x, const char *name,
		       const uint64_t *v, const uint64_t *before)
{
	ex_json_key(j, name);
	ex_json_open(j, "[");
	for (uint32_t i = 0; i < x->n_accounts; i++) {
		const uint32_t a = x->accounts[i];

		if (before != NULL && v[a] == before[a] && v[a] > 0)
			ex_json_int(j, SAME);
		else
			ex_json_amount(j, v[a]);
	}
	ex_json_close(j, "]");
}

static void put_run(struct ex_json *j, const struct ex_report *x, size_t k)
{
	const struct ex_run *run = &x->runs[k];
	const struct ex_run *before = k > 0 ? &x->runs[k - 1] : NULL;
	const struct analyse_coverage *c = &run->coverage;
	const struct {
		const char *name;
		uint64_t v;
	} parts[] = {
		{ "seeded", c->seeded },
		{ "at_services", c->at_services },
		{ "fees", c->fees },
		{ "cleaned", c->cleaned },
		{ "held_complete", c->held_complete },
		{ "held_incomplete", c->held_incomplete },
		{ "held_unread", c->held_unread },
		{ "through_incomplete", c->through_incomplete },
	};

	ex_json_open(j, "{");
	ex_json_key(j, "policy");
	ex_json_text(j, run->r->policy->name);
	ex_json_key(j, "conserves");
	ex_json_bool(j, run->r->policy->conserves);
	for (size_t i = 0; i < XT_ARRAY_SIZE(parts); i++) {
		ex_json_key(j, parts[i].name);
		ex_json_amount(j, parts[i].v);
	}
	put_figure(j, x, "arrived", run->arrived, before ? before->arrived : NULL);
	put_figure(j, x, "held", run->held, before ? before->held : NULL);
	put_figure(j, x, "unsure", run->unsure, before ? before->unsure : NULL);
	put_figure(j, x, "behind", run->located.behind,
		   before ? before->located.behind : NULL);
	ex_report_located(j, run);
	ex_report_services(j, x, k);
	ex_json_close(j, "}");
}

enum xt_status ex_report_json(struct xt_buf *out, const struct ex_report *x,
			      struct xt_err *err)
{
	struct ex_json j = { .out = out, .err = err, .rc = XT_OK, .fresh = true };

	ex_json_open(&j, "{");
	put_head(&j, x);
	put_facts(&j, x->in);
	put_thefts(&j, x);
	put_seeds(&j, x);
	put_names(&j);
	put_accounts(&j, x);
	put_bounds(&j, x);
	ex_report_groups(&j, x);
	ex_report_stops(&j, x);
	put_memos(&j, x);
	put_transfers(&j, x);
	put_patterns(&j, x);
	ex_json_key(&j, "runs");
	ex_json_open(&j, "[");
	for (size_t k = 0; k < x->in->n_runs; k++)
		put_run(&j, x, k);
	ex_json_close(&j, "]");
	ex_json_close(&j, "}");
	return j.rc;
}
