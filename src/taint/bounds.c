/* Bounds over every policy that conserves. Two ways, both over the same events:
 *
 * Intervals: for each account the least and the most taint it can hold, whatever left
 * it before. One pass, always a valid enclosure, wide where money splits and meets
 * again.
 *
 * Flow: dirty units are a flow through time: an arc per transfer (capacity: its amount)
 * and per stay between two of an account's payments (capacity: the balance then).
 * Policies that conserve and flows that empty the seeds are the same thing, so maximum
 * flows give the largest and smallest figure exactly. For small cases. One policy, the
 * dirty units first, is such a flow while the network is made; from there each account's
 * figures are a matter of what it can exchange with the others. */
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "policy.h"

#define FLOW_ARCS UINT32_C(2000000)

struct range {
	uint64_t low, high;
};

struct bounds {
	const struct graph *g;
	struct taint_state *st; /* for marks and actions; replayed by our own rules */
	bool absorb;
	uint64_t steps; /* beyond, the remaining accounts have intervals only */
	uint64_t *balance;
	struct range *t;    /* held */
	struct range *sunk; /* per account */
	struct range fees, cleaned;
	uint64_t fresh_high; /* sum of what seeds can have made dirty */
	/* flow */
	struct flow flow;
	bool flow_on; /* memory and size allow it */
	bool fixed;   /* what each seed adds does not depend on the policy */
	uint32_t source, target, fee_node, cleaned_node;
	uint32_t *node;  /* of an account now; TAINT_NIL: cannot hold taint */
	uint32_t *end;   /* arc from an account's last node or sink to the target */
	uint64_t *flows; /* into an account's node of now, dirty units first */
	uint64_t fee_flows, cleaned_flows;
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t beyond(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* ---- the network
 * -------------------------------------------------------------------------- */

static uint32_t arc(struct bounds *b, uint32_t from, uint32_t to, uint64_t cap,
		    uint64_t flows)
{
	if (!b->flow_on || !cap)
		return TAINT_NIL;
	const uint32_t i = flow_arc(&b->flow, from, to, cap);
	if (i == TAINT_NIL || b->flow.n_arcs > FLOW_ARCS)
		b->flow_on = false;
	else
		flow_use(&b->flow, i, flows);
	return i;
}

/* The node of what an account holds now. */
static uint32_t node_of(struct bounds *b, uint32_t a)
{
	if (b->flow_on && b->node[a] == TAINT_NIL)
		b->node[a] = flow_node(&b->flow);
	return b->node[a];
}

/* The node of whoever receives, and the sum of what flows into it. */
static uint32_t receiver(struct bounds *b, uint32_t to, uint64_t **flows)
{
	if (to == GRAPH_NONE) {
		*flows = &b->fee_flows;
		return b->fee_node;
	}
	if (b->st->acct[to].t == TAINT_CLEANED) {
		*flows = &b->cleaned_flows;
		return b->cleaned_node;
	}
	*flows = &b->flows[to];
	return node_of(b, to);
}

/* A payment of an account that can hold taint: what stays goes on in a node of its own.
 * Returns what flows with the payment. */
static uint64_t flow_pay(struct bounds *b, uint32_t from, uint32_t to_node, uint64_t q,
			 uint64_t rest)
{
	const uint32_t u = b->node[from];
	const uint64_t x = least(q, b->flows[from]);
	(void)arc(b, u, to_node, q, x);
	b->node[from] = TAINT_NIL;
	b->flows[from] -= x;
	if (rest)
		(void)arc(b, u, node_of(b, from), rest, b->flows[from]);
	return x;
}

static void flow_event(struct bounds *b, const struct graph_event *e, bool seeded)
{
	const uint64_t q = graph_amount(e);
	const bool dirty = e->from != GRAPH_NONE &&
			   b->st->acct[e->from].t != TAINT_STOP &&
			   b->node[e->from] != TAINT_NIL;
	uint64_t *flows = NULL;
	if (!b->flow_on || (!dirty && !seeded) || !q)
		return;
	const uint32_t to = receiver(b, e->to, &flows);
	if (!dirty) {
		(void)arc(b, b->source, to, q, q);
		*flows += q;
		return;
	}
	const uint64_t rest = b->balance[e->from] - q;
	if (!seeded) {
		*flows += flow_pay(b, e->from, to, q, rest);
		return;
	}
	/* What it carried of older taint keeps its seed: how much is new is open. */
	const uint32_t parcel = flow_node(&b->flow);
	const uint64_t older = flow_pay(b, e->from, parcel, q, rest);
	b->fixed = false;
	(void)arc(b, b->source, parcel, q, q - older);
	(void)arc(b, parcel, to, q, q);
	*flows += q;
}

/* ---- intervals
 * ----------------------------------------------------------------------------- */

static struct range leave(struct bounds *b, const struct graph_event *e)
{
	const uint64_t q = graph_amount(e);
	const uint64_t have = b->balance[e->from];
	struct range *t = &b->t[e->from];
	/* At least what the rest cannot hold; at most all. */
	struct range x = { beyond(q, have - t->low), least(t->high, q) };
	struct range rest = { beyond(t->low, q), least(t->high, have - q) };
	if (b->absorb && e->to == GRAPH_NONE) {
		x.high = beyond(q, have - t->high);
		rest.low = least(t->low, have - q);
	}
	*t = rest;
	return x;
}

static void add_range(struct range *r, struct range x, uint64_t max)
{
	r->low += x.low;
	r->high = r->high > max - least(max, x.high) ? max : r->high + x.high;
}

static enum xt_status event(struct bounds *b, uint32_t i, bool seeded,
			    struct xt_err *err)
{
	const struct graph_event *e = &b->g->events[i];
	const struct taint_acct *acct = b->st->acct;
	const uint64_t q = graph_amount(e);
	struct range x = { 0, 0 };
	if (e->from == e->to)
		return XT_OK;
	const bool stop = e->from == GRAPH_NONE || acct[e->from].t == TAINT_STOP;
	if (!stop && b->balance[e->from] < q) {
		b->st->acct[e->from].balance = b->balance[e->from];
		return taint_overdrawn(b->st, i, err);
	}
	flow_event(b, e, seeded);
	if (!stop) {
		x = leave(b, e);
		b->balance[e->from] -= q;
	}
	if (seeded) {
		b->fresh_high += q - x.low;
		x = (struct range){ q, q };
	}
	if (e->to == GRAPH_NONE) {
		add_range(&b->fees, x, UINT64_MAX);
	} else if (acct[e->to].t == TAINT_STOP) {
		add_range(&b->sunk[e->to], x, UINT64_MAX);
	} else {
		if (!xt_add(&b->balance[e->to], b->balance[e->to], q))
			return taint_too_much(b->st, i, err);
		if (acct[e->to].t == TAINT_CLEANED)
			add_range(&b->cleaned, x, UINT64_MAX);
		else
			add_range(&b->t[e->to], x, b->balance[e->to]);
	}
	return XT_OK;
}

static void seed_balance(struct bounds *b, const struct graph_seed *s)
{
	const uint32_t a = s->account;
	const uint64_t want = least(s->amount, b->balance[a]);
	if (b->st->acct[a].t == TAINT_CLEANED) {
		b->cleaned.low += want;
		b->cleaned.high += want;
		b->fresh_high += want;
		(void)arc(b, b->source, b->cleaned_node, want, want);
		b->cleaned_flows += want;
		return;
	}
	/* What is dirty already keeps its seed; the rest of the balance can become
	 * dirty. */
	const uint64_t fresh = least(want, b->balance[a] - b->t[a].low);
	b->fresh_high += fresh;
	if (b->flow_on && fresh) {
		if (b->t[a].low != b->t[a].high)
			b->fixed = false;
		const uint64_t x = least(fresh, b->balance[a] - b->flows[a]);
		(void)arc(b, b->source, node_of(b, a), fresh, x);
		b->flows[a] += x;
	}
	b->t[a].low = least(b->t[a].low + want, b->balance[a]);
	b->t[a].high = least(b->t[a].high + want, b->balance[a]);
}

static void clean_mark(struct bounds *b, uint32_t a)
{
	if (TAINT_IS_MARK(b->st->acct[a].t))
		return;
	if (b->node[a] != TAINT_NIL)
		(void)arc(b, b->node[a], b->cleaned_node, b->balance[a], b->flows[a]);
	b->cleaned_flows += b->flows[a];
	b->flows[a] = 0;
	b->node[a] = TAINT_NIL;
	add_range(&b->cleaned, b->t[a], UINT64_MAX);
	b->t[a] = (struct range){ 0, 0 };
	b->st->acct[a].t = TAINT_CLEANED;
}

static enum xt_status replay(struct bounds *b, const struct xt_sink *sink,
			     struct xt_err *err)
{
	const struct taint_state *st = b->st;
	size_t k = 0;
	enum xt_status s = XT_OK;
	for (uint32_t i = 0; i <= b->g->n_events && s == XT_OK; i++) {
		bool seeded = false;
		for (; k < st->n_actions && st->actions[k].event == i; k++) {
			const struct taint_action *a = &st->actions[k];
			if (a->kind == TAINT_ACT_BALANCE)
				seed_balance(b, &b->g->seeds[a->index]);
			else if (a->kind == TAINT_ACT_CLEAN)
				clean_mark(b, b->g->cleans[a->index].account);
			else
				seeded = true;
		}
		if (i < b->g->n_events)
			s = event(b, i, seeded, err);
		if (s == XT_OK && i % 1048576 == 1048575 &&
		    !xt_progress(sink, i, b->g->n_events, "taint bounds"))
			s = xt_fail(err, XT_E_STOPPED, "taint: stopped");
	}
	return s;
}

/* ---- answers
 * -------------------------------------------------------------------------------- */

static uint64_t poison_of(const struct taint_result *p, uint32_t a, bool stop)
{
	uint64_t sum = 0;
	if (!stop)
		return taint_held(p, a);
	for (size_t i = 0; i < p->n_sink_totals; i++)
		if (p->sink_totals[i].account == a)
			sum += p->sink_totals[i].uxem;
	return sum;
}

static void by_flow(struct bounds *b, struct taint_bound *v)
{
	const uint32_t end = b->end[v->account];
	uint64_t x = 0;
	if (end == TAINT_NIL)
		return;
	if (!flow_most(&b->flow, end, v->high, &x))
		return;
	v->high = least(v->high, x);
	if (!b->fixed || !flow_least(&b->flow, end, v->low, &x))
		return;
	if (x > v->low)
		v->low = x;
	v->exact = !b->absorb;
}

/* Every end is open, and the flow that stands is made the largest one. */
static void finish_flow(struct bounds *b)
{
	uint64_t more = 0;
	b->flow.most = b->steps;
	for (uint32_t a = 0; a < b->g->n_accounts && b->flow_on; a++)
		if (b->node[a] != TAINT_NIL)
			b->end[a] =
			    arc(b, b->node[a], b->target, UINT64_MAX, b->flows[a]);
	(void)arc(b, b->fee_node, b->target, UINT64_MAX, b->fee_flows);
	(void)arc(b, b->cleaned_node, b->target, UINT64_MAX, b->cleaned_flows);
	b->flow_on = b->flow_on && flow_ready(&b->flow) &&
		     (b->fixed || flow_max(&b->flow, b->source, b->target, &more));
}

static enum xt_status answers(struct bounds *b, struct taint_bounds *out,
			      const struct taint_result *poison,
			      const struct xt_sink *sink, struct xt_err *err)
{
	const struct graph *g = b->g;
	uint64_t lows = b->fees.low + b->cleaned.low;
	out->v = xt_calloc((size_t)g->n_accounts + 1, sizeof(*out->v));
	if (!out->v)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for bounds");
	for (uint32_t a = 0; a < g->n_accounts; a++)
		lows += b->sunk[a].low + b->t[a].low;
	finish_flow(b);
	/* Services first, while there is work to spend on flows. */
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t a = 0; a < g->n_accounts; a++) {
			const bool stop = b->st->acct[a].t == TAINT_STOP;
			const struct range r = stop ? b->sunk[a] : b->t[a];
			struct taint_bound v = { .account = a, .sink = stop };
			if (stop != !pass)
				continue;
			v.low = r.low;
			/* Never more than the seeds gave and nobody else surely has. */
			v.high = least(r.high, beyond(b->fresh_high, lows - r.low));
			v.poison = poison_of(poison, a, stop);
			if (!v.high && !v.poison)
				continue;
			if (v.low < v.high && b->flow_on && b->flow.work < b->flow.most)
				by_flow(b, &v);
			if (!xt_progress(sink, b->flow.work, b->flow.most,
					 "taint bounds"))
				return xt_fail(err, XT_E_STOPPED, "taint: stopped");
			if (v.low == v.high)
				v.exact = true;
			out->v[out->n++] = v;
		}
	}
	return XT_OK;
}

static int by_account(const void *a, const void *b)
{
	const struct taint_bound *x = a;
	const struct taint_bound *y = b;
	return x->account < y->account ? -1 : x->account > y->account;
}

static enum xt_status prepare(struct bounds *b, struct xt_err *err)
{
	const size_t n = (size_t)b->g->n_accounts + 1;
	b->balance = xt_calloc(n, sizeof(*b->balance));
	b->t = xt_calloc(n, sizeof(*b->t));
	b->sunk = xt_calloc(n, sizeof(*b->sunk));
	b->node = xt_calloc(n, sizeof(*b->node));
	b->end = xt_calloc(n, sizeof(*b->end));
	b->flows = xt_calloc(n, sizeof(*b->flows));
	if (!b->balance || !b->t || !b->sunk || !b->node || !b->end || !b->flows)
		return xt_fail(err, XT_E_NOMEM, "taint: out of memory for bounds");
	memset(b->node, 0xFF, n * sizeof(*b->node));
	memset(b->end, 0xFF, n * sizeof(*b->end));
	for (uint32_t a = 0; a < b->g->n_accounts; a++)
		b->balance[a] = b->g->opening[a];
	b->source = flow_node(&b->flow);
	b->target = flow_node(&b->flow);
	b->fee_node = flow_node(&b->flow);
	b->cleaned_node = flow_node(&b->flow);
	b->flow_on = b->cleaned_node != TAINT_NIL;
	b->fixed = true;
	return XT_OK;
}

enum xt_status taint_bounds_run(struct taint_bounds **out, const struct graph *g,
				const struct taint_options *opt,
				const struct xt_sink *sink, struct xt_err *err)
{
	struct bounds b = {
		.g = g,
		.absorb = opt->fees == TAINT_FEE_ABSORB,
		.steps = opt->bound_steps != 0 ? opt->bound_steps : TAINT_BOUND_STEPS,
	};
	struct taint_options plain = *opt;
	struct taint_result *poison = NULL;
	struct taint_bounds *r = NULL;
	plain.edges = plain.lineage = false;
	/* The poison run also refuses what a replay must refuse. */
	enum xt_status s = taint_run(&poison, g, &taint_poison, &plain, sink, err);
	if (s == XT_OK)
		s = taint_state_new(&b.st, g, &taint_poison, &plain, err);
	if (s == XT_OK)
		s = prepare(&b, err);
	if (s == XT_OK)
		s = replay(&b, sink, err);
	if (s != XT_OK)
		goto out;
	r = xt_calloc(1, sizeof(*r));
	if (!r) {
		s = xt_fail(err, XT_E_NOMEM, "taint: out of memory for bounds");
		goto out;
	}
	s = answers(&b, r, poison, sink, err);
	if (s != XT_OK)
		goto out;
	qsort(r->v, r->n, sizeof(*r->v), by_account);
	*out = r;
	r = NULL;
out:
	taint_bounds_free(r);
	taint_result_free(poison);
	taint_state_free(b.st);
	flow_release(&b.flow);
	free(b.balance);
	free(b.t);
	free(b.sunk);
	free(b.node);
	free(b.end);
	free(b.flows);
	return s;
}

void taint_bounds_free(struct taint_bounds *b)
{
	if (!b)
		return;
	free(b->v);
	free(b);
}

const struct taint_bound *taint_bound_find(const struct taint_bounds *b,
					   uint32_t account)
{
	const struct taint_bound key = { .account = account };
	return b->n ? bsearch(&key, b->v, b->n, sizeof(*b->v), by_account) : NULL;
}
