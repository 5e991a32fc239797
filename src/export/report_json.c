#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "report.h"

/* An open JSON text: `rc` keeps the first failure, so that each line need not. */
struct json {
	struct xt_buf *out;
	struct xt_err *err;
	enum xt_status rc;
	bool fresh; /* nothing yet in this array or object */
};

static void put(struct json *j, const char *s)
{
	if (j->rc == XT_OK)
		j->rc = xt_buf_adds(j->out, s, j->err);
}

static void next(struct json *j)
{
	if (!j->fresh)
		put(j, ",");
	j->fresh = false;
}

static void open_at(struct json *j, const char *bracket)
{
	next(j);
	put(j, bracket);
	j->fresh = true;
}

static void close_at(struct json *j, const char *bracket)
{
	put(j, bracket);
	j->fresh = false;
}

/* Keys are literals of ours. */
static void key(struct json *j, const char *name)
{
	next(j);
	put(j, "\"");
	put(j, name);
	put(j, "\":");
	j->fresh = true;
}

/* What must not stand in a script element, or in a string of JSON. Controls were made
 * visible before. */
static void put_byte(struct json *j, uint8_t c)
{
	const char plain[2] = { (char)c, '\0' };
	char hex[8];

	if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == '"' || c == '\\' ||
	    c == 0x7F) {
		(void)snprintf(hex, sizeof(hex), "\\u%04x", c);
		put(j, hex);
		return;
	}
	put(j, plain);
}

static void text(struct json *j, const char *s)
{
	struct xt_buf b;

	next(j);
	put(j, "\"");
	xt_buf_init(&b, EXPORT_MAX_BYTES);
	if (s != NULL && j->rc == XT_OK)
		j->rc = export_escape(&b, EXPORT_TERMINAL, s, strlen(s), j->err);
	for (size_t i = 0; i < b.len; i++)
		put_byte(j, b.data[i]);
	xt_buf_release(&b);
	put(j, "\"");
}

static void number(struct json *j, uint64_t v)
{
	char s[24];

	(void)snprintf(s, sizeof(s), "%llu", (unsigned long long)v);
	next(j);
	put(j, s);
}

/* Micro-XEM: a string where a double would not hold it. */
static void amount(struct json *j, xt_u128 v)
{
	char s[40];

	xt_u128_format(s, v);
	next(j);
	if (v < ((xt_u128)1 << 53)) {
		put(j, s);
		return;
	}
	put(j, "\"");
	put(j, s);
	put(j, "\"");
}

static void nothing(struct json *j)
{
	next(j);
	put(j, "null");
}

static void moment(struct json *j, const struct graph *g, uint32_t event, bool end)
{
	const struct export_cell c = ex_cell_time(g, event, end);
	char s[24];

	if (c.absent) {
		nothing(j);
		return;
	}
	(void)snprintf(s, sizeof(s), "%lld", (long long)c.v.time);
	next(j);
	put(j, s);
}

static void count(struct json *j, uint64_t n, bool known)
{
	if (known)
		number(j, n);
	else
		nothing(j);
}

static void put_basis(struct json *j, const struct analyse_basis *b)
{
	open_at(j, "[");
	amount(j, b->by[NEM_SIGNED]);
	amount(j, b->by[NEM_PUBLISHED]);
	amount(j, b->by[NEM_AGGREGATE]);
	amount(j, b->by[NEM_INFERRED]);
	amount(j, b->by[NEM_EXEMPT]);
	amount(j, b->by[NEM_REPORTED]);
	close_at(j, "]");
}

/* ---- the sections -----------------------------------------------------------------
 */

static void put_head(struct json *j, const struct ex_report *x)
{
	const struct export_report *in = x->in;
	uint64_t height = 0;

	for (uint32_t i = 0; i < in->g->n_txs; i++)
		if (in->g->txs[i].height_known != 0 && in->g->txs[i].height > height)
			height = in->g->txs[i].height;
	key(j, "format_version");
	number(j, 1);
	key(j, "version");
	text(j, xt_version());
	key(j, "title");
	text(j, in->title);
	key(j, "lang");
	text(j, in->lang);
	key(j, "tz");
	text(j, in->tz);
	key(j, "height");
	number(j, height);
	key(j, "main");
	number(j, in->main_run);
	key(j, "transfers");
	number(j, x->n_all);
	key(j, "thefts");
	open_at(j, "[");
	for (uint32_t i = 0; i < in->g->n_thefts; i++)
		text(j, in->g->theft[i]);
	close_at(j, "]");
}

static void put_facts(struct json *j, const struct export_report *in)
{
	key(j, "facts");
	open_at(j, "[");
	for (size_t i = 0; i < in->n_facts; i++) {
		open_at(j, "[");
		text(j, in->facts[i].key);
		text(j, in->facts[i].value);
		close_at(j, "]");
	}
	close_at(j, "]");
	key(j, "warnings");
	open_at(j, "[");
	for (size_t i = 0; i < in->n_warnings; i++) {
		open_at(j, "[");
		text(j, in->warning_codes[i]);
		text(j, in->warning_texts[i]);
		close_at(j, "]");
	}
	close_at(j, "]");
}

static void put_account(struct json *j, const struct ex_report *x, uint32_t a,
			const struct analyse_flow_node *node,
			const struct analyse_top_row *row)
{
	const struct graph *g = x->in->g;
	const struct graph_label *l = ex_label_of(g, a);
	const bool complete =
	    (g->flags[a] & (GRAPH_COMPLETE | GRAPH_SERVICE | GRAPH_PARTY)) != 0;
	const struct analyse_flow_node none = { .account = a, .depth = GRAPH_NONE };

	open_at(j, "[");
	text(j, g->party[a].s);
	text(j, l != NULL ? l->text : NULL);
	text(j, l != NULL ? l->category : NULL);
	count(j, l != NULL ? l->confidence : 0, l != NULL);
	text(j, l != NULL ? l->source : NULL);
	text(j, ex_look_name(ex_look_of(g, node != NULL ? node : &none)));
	text(j, ex_state_of(g, a));
	count(j, node != NULL ? node->depth : 0,
	      node != NULL && node->depth != GRAPH_NONE);
	amount(j, row != NULL ? row->received : 0);
	amount(j, row != NULL ? row->sent : 0);
	/* What the replay had to assume, so that nobody spends what is not there. */
	amount(j, complete ? 0 : g->opening[a]);
	close_at(j, "]");
}

static void put_accounts(struct json *j, const struct ex_report *x)
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
	key(j, "accounts");
	open_at(j, "[");
	for (uint32_t i = 0; i < x->n_accounts; i++) {
		const uint32_t a = x->accounts[i];

		put_account(j, x, a, node[a], row[a]);
	}
	close_at(j, "]");
out:
	free(node);
	free(row);
}

static void put_place(struct json *j, const struct ex_report *x, uint32_t account)
{
	if (account == GRAPH_NONE)
		nothing(j);
	else
		number(j, x->place[account] - 1);
}

static void put_memos(struct json *j, const struct ex_report *x)
{
	static const char *const kinds[] = { "none", "plain", "encrypted" };

	key(j, "memos");
	open_at(j, "[");
	for (uint32_t i = 0; i < x->n_memos; i++) {
		const struct graph_memo *m = &x->in->g->memos[x->memos[i]];

		open_at(j, "[");
		text(j, kinds[m->kind]);
		text(j, m->kind == GRAPH_MEMO_PLAIN ? m->text : NULL);
		put_place(j, x,
			  m->kind == GRAPH_MEMO_ENCRYPTED ? m->sender : GRAPH_NONE);
		close_at(j, "]");
	}
	close_at(j, "]");
}

/* A transfer: from, to, amount, first and last time, count, memo, provenance, time
 * kind, height, hash or record, then the taint of each policy. */
static void put_transfer(struct json *j, const struct ex_report *x, uint32_t event)
{
	const struct graph *g = x->in->g;
	const struct graph_event *e = &g->events[event];
	const uint32_t at = g->event_tx[event];
	const struct graph_tx *t = &g->txs[at];

	open_at(j, "[");
	put_place(j, x, e->from);
	put_place(j, x, e->to);
	amount(j, graph_amount(e));
	moment(j, g, event, false);
	moment(j, g, event, true);
	count(j, t->count, t->count > 0);
	number(j, x->memo_place[t->memo] - 1);
	number(j, t->provenance);
	number(j, t->time_kind);
	count(j, t->height, t->height_known != 0);
	text(j, g->tx_ref != NULL ? g->tx_ref[at] : NULL);
	for (size_t k = 0; k < x->in->n_runs; k++)
		amount(j, x->runs[k].moved[event]);
	close_at(j, "]");
}

static void put_transfers(struct json *j, const struct ex_report *x)
{
	/* By enum nem_provenance and enum graph_time_kind. */
	key(j, "provenances");
	open_at(j, "[");
	for (int i = 0; i <= NEM_REPORTED; i++)
		text(j, i == 0 ? "" : nem_provenance_name((enum nem_provenance)i));
	close_at(j, "]");
	key(j, "tx");
	open_at(j, "[");
	for (size_t i = 0; i < x->n_events; i++)
		put_transfer(j, x, x->events[i]);
	close_at(j, "]");
}

static void put_pattern(struct json *j, const struct ex_report *x,
			const struct analyse_pattern *v)
{
	const struct analyse_patterns *p = x->in->patterns;
	const struct graph *g = x->in->g;
	const bool any = v->event_to > v->event_from;

	open_at(j, "[");
	text(j, analyse_pattern_name(v->kind));
	put_place(j, x, v->account);
	put_place(j, x, v->other);
	amount(j, v->amount);
	count(j, v->blocks, v->has_blocks);
	moment(j, g, any ? p->events[v->event_from] : GRAPH_NONE, false);
	moment(j, g, any ? p->events[v->event_to - 1] : GRAPH_NONE, true);
	number(j, v->event_to - v->event_from);
	open_at(j, "[");
	for (size_t i = v->event_from; i < v->event_to && g->tx_ref != NULL &&
				       i - v->event_from < EX_PATTERN_MEMBERS;
	     i++)
		text(j, g->tx_ref[g->event_tx[p->events[i]]]);
	close_at(j, "]");
	number(j, v->member_to - v->member_from);
	open_at(j, "[");
	for (size_t i = v->member_from;
	     i < v->member_to && i - v->member_from < EX_PATTERN_MEMBERS; i++)
		put_place(j, x, p->members[i]);
	close_at(j, "]");
	close_at(j, "]");
}

static void put_patterns(struct json *j, const struct ex_report *x)
{
	const struct analyse_patterns *p = x->in->patterns;

	if (p == NULL)
		return;
	key(j, "not_judged");
	number(j, p->not_judged);
	key(j, "all_patterns");
	number(j, p->n);
	key(j, "patterns");
	open_at(j, "[");
	for (size_t i = 0; i < x->n_patterns; i++)
		put_pattern(j, x, &p->v[x->patterns[i]]);
	close_at(j, "]");
}

static void put_exchanges(struct json *j, const struct ex_report *x,
			  const struct analyse_exchanges *e)
{
	key(j, "services");
	open_at(j, "[");
	for (size_t i = 0; i < e->n_services; i++) {
		const struct analyse_service_row *s = &e->services[i];

		open_at(j, "[");
		put_place(j, x, s->account);
		amount(j, s->tainted);
		amount(j, s->incomplete);
		amount(j, s->amount);
		count(j, s->count, s->count_known);
		moment(j, x->in->g, s->first, false);
		moment(j, x->in->g, s->last, true);
		put_basis(j, &s->basis);
		open_at(j, "[");
		for (size_t m = s->memo_from; m < s->memo_to; m++) {
			const struct analyse_memo_row *r = &e->memos[m];

			open_at(j, "[");
			number(j, x->memo_place[r->memo] - 1);
			amount(j, r->tainted);
			amount(j, r->incomplete);
			amount(j, r->amount);
			count(j, r->count, r->count_known);
			moment(j, x->in->g, r->first, false);
			moment(j, x->in->g, r->last, true);
			put_basis(j, &r->basis);
			close_at(j, "]");
		}
		close_at(j, "]");
		close_at(j, "]");
	}
	close_at(j, "]");
}

static void put_figure(struct json *j, const struct ex_report *x, const char *name,
		       const uint64_t *v)
{
	key(j, name);
	open_at(j, "[");
	for (uint32_t i = 0; i < x->n_accounts; i++)
		amount(j, v[x->accounts[i]]);
	close_at(j, "]");
}

static void put_run(struct json *j, const struct ex_report *x, const struct ex_run *run)
{
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

	open_at(j, "{");
	key(j, "policy");
	text(j, run->r->policy->name);
	key(j, "conserves");
	put(j, run->r->policy->conserves ? "true" : "false");
	j->fresh = false;
	for (size_t i = 0; i < XT_ARRAY_SIZE(parts); i++) {
		key(j, parts[i].name);
		amount(j, parts[i].v);
	}
	put_figure(j, x, "arrived", run->arrived);
	put_figure(j, x, "held", run->held);
	put_figure(j, x, "unsure", run->unsure);
	put_exchanges(j, x, &run->exchanges);
	close_at(j, "}");
}

enum xt_status ex_report_json(struct xt_buf *out, const struct ex_report *x,
			      struct xt_err *err)
{
	struct json j = { .out = out, .err = err, .rc = XT_OK, .fresh = true };

	open_at(&j, "{");
	put_head(&j, x);
	put_facts(&j, x->in);
	put_accounts(&j, x);
	put_memos(&j, x);
	put_transfers(&j, x);
	put_patterns(&j, x);
	key(&j, "runs");
	open_at(&j, "[");
	for (size_t i = 0; i < x->in->n_runs; i++)
		put_run(&j, x, &x->runs[i]);
	close_at(&j, "]");
	close_at(&j, "}");
	return j.rc;
}
