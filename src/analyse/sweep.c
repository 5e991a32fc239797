/* Sweeps: accounts with payers of their own that are emptied into one. */
#include <xemtrace/analyse.h>

#include <stdlib.h>
#include <string.h>

#include "finder.h"

/* An account that a transfer left with nothing. */
struct emptied {
	uint32_t to, event, from;
};

static int by_place(const void *pa, const void *pb)
{
	const struct emptied *a = pa;
	const struct emptied *b = pb;

	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return a->event < b->event ? -1 : a->event > b->event;
}

struct work {
	struct rules *rules;
	struct emptied *v;
	size_t n, cap;
	uint32_t
	    *owner; /* per account: the member that it paid, 1 more; in one window */
	struct u32s marked;
	struct u32s members, events; /* of the window under way */
	uint32_t *seen; /* per account: how often it is in the sliding window */
};

static enum xt_status add(struct work *w, const struct emptied *e, struct xt_err *err)
{
	if (w->n == w->cap) {
		const size_t cap = w->cap == 0 ? 256 : w->cap * 2;
		struct emptied *p = xt_reallocarray(w->v, cap, sizeof(*p));

		if (p == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory for %zu sweeps",
				       cap);
		w->v = p;
		w->cap = cap;
	}
	w->v[w->n++] = *e;
	return XT_OK;
}

/* Every payment of an account after which, its fee paid, nothing was left. */
static enum xt_status empty_moments(struct work *w, uint32_t account,
				    struct xt_err *err)
{
	const struct graph *g = w->rules->g;
	struct steps s = analyse_steps(g, account);
	struct emptied last = { GRAPH_NONE, GRAPH_NONE, account };
	xt_u128 balance = 0;
	uint32_t tx = GRAPH_NONE;
	uint32_t event;
	enum xt_status rc = XT_OK;

	while (rc == XT_OK && analyse_step(&s, &event)) {
		const struct graph_event *e = &g->events[event];

		if (g->event_tx[event] != tx) {
			if (last.to != GRAPH_NONE && balance == 0)
				rc = add(w, &last, err);
			last.to = GRAPH_NONE;
			tx = g->event_tx[event];
		}
		if (e->from == e->to)
			continue;
		if (e->to == account) {
			balance += graph_amount(e);
			continue;
		}
		balance -= graph_amount(e);
		if (analyse_is_payment(e) && graph_amount(e) > 0) {
			last.to = e->to;
			last.event = event;
		}
	}
	if (rc == XT_OK && last.to != GRAPH_NONE && balance == 0)
		rc = add(w, &last, err);
	return rc;
}

static enum xt_status find(struct work *w, struct xt_err *err)
{
	const struct graph *g = w->rules->g;
	enum xt_status rc = XT_OK;

	for (uint32_t a = 0; a < g->n_accounts && rc == XT_OK; a++) {
		if ((g->flags[a] & GRAPH_COMPLETE) == 0 || g->opening[a] != 0 ||
		    g->label[a] != GRAPH_NONE || w->rules->pool[a] != 0 ||
		    g->out_start[a] == g->out_start[a + 1])
			continue;
		rc = empty_moments(w, a, err);
	}
	if (w->n > 0)
		qsort(w->v, w->n, sizeof(*w->v), by_place);
	return rc;
}

static bool within(const struct work *w, size_t from, size_t to)
{
	uint64_t blocks;

	return analyse_blocks_between(&blocks, w->rules->g, w->v[from].event,
				      w->v[to].event) &&
	       blocks <= w->rules->opt->sweep_window;
}

/* Takes the account as a member if its payers are its own: none of them paid another
 * member, is one, or is where it all goes. */
static enum xt_status try_member(struct work *w, const struct emptied *m,
				 struct xt_err *err)
{
	const struct graph *g = w->rules->g;
	const uint32_t me = m->from + 1;
	const size_t before = w->marked.n;
	bool ok = w->owner[m->from] == 0;
	bool fed = false;
	enum xt_status rc = XT_OK;

	for (uint32_t i = g->in_start[m->from]; i < g->in_start[m->from + 1] && ok;
	     i++) {
		const struct graph_event *e = &g->events[g->in_event[i]];

		if (g->in_event[i] > m->event || !analyse_between(e))
			continue;
		fed = true;
		if (analyse_same_service(g, e->from, m->to) ||
		    (w->owner[e->from] != 0 && w->owner[e->from] != me))
			ok = false;
		if (!ok || w->owner[e->from] == me)
			continue;
		w->owner[e->from] = me;
		rc = analyse_push(&w->marked, e->from, err);
		if (rc != XT_OK)
			return rc;
	}
	if (!ok || !fed) {
		while (w->marked.n > before)
			w->owner[w->marked.v[--w->marked.n]] = 0;
		return XT_OK;
	}
	w->owner[m->from] = me;
	rc = analyse_push(&w->marked, m->from, err);
	if (rc == XT_OK)
		rc = analyse_push(&w->members, m->from, err);
	return rc == XT_OK ? analyse_push(&w->events, m->event, err) : rc;
}

static enum xt_status emit(struct work *w, uint32_t to, struct xt_err *err)
{
	struct rules *r = w->rules;
	struct analyse_finding f = { .rule = ANALYSE_SWEEP,
				     .account = to,
				     .service = GRAPH_NONE,
				     .exact = true,
				     .grade_ppm = 1000000,
				     .senders = w->members.n,
				     .event_from = r->events.n,
				     .member_from = r->members.n };
	enum xt_status rc = XT_OK;

	for (size_t i = 0; i < w->members.n && rc == XT_OK; i++) {
		f.in += graph_amount(&r->g->events[w->events.v[i]]);
		rc = analyse_push(&r->events, w->events.v[i], err);
		if (rc == XT_OK)
			rc = analyse_push(&r->members, w->members.v[i], err);
	}
	if (rc != XT_OK)
		return rc;
	f.event_to = r->events.n;
	f.member_to = r->members.n;
	(void)analyse_blocks_between(&f.wait, r->g, w->events.v[0],
				     w->events.v[w->events.n - 1]);
	return analyse_rules_add(r, &f, err);
}

/* The window that begins at v[from]; *next: where to go on. */
static enum xt_status judge(struct work *w, size_t from, size_t end, size_t *next,
			    struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	size_t i = from;

	w->members.n = 0;
	w->events.n = 0;
	for (; i < end && rc == XT_OK && within(w, from, i); i++)
		rc = try_member(w, &w->v[i], err);
	while (w->marked.n > 0)
		w->owner[w->marked.v[--w->marked.n]] = 0;
	*next = from + 1;
	if (rc == XT_OK && w->members.n >= w->rules->opt->sweep_accounts &&
	    w->members.n > 0) {
		*next = i;
		rc = emit(w, w->v[from].to, err);
	}
	return rc;
}

/* All sweeps into one account: v[from..end). Only windows with enough different
 * accounts are looked at closely, so that a busy account costs one pass. */
static enum xt_status one_target(struct work *w, size_t from, size_t end,
				 struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	uint64_t distinct = 0;
	size_t to = from;

	for (size_t i = from; i < end && rc == XT_OK;) {
		size_t next = i + 1;

		for (; to < end && within(w, i, to); to++)
			distinct += w->seen[w->v[to].from]++ == 0;
		if (distinct >= w->rules->opt->sweep_accounts)
			rc = judge(w, i, end, &next, err);
		for (; i < next; i++) {
			if (i < to)
				distinct -= --w->seen[w->v[i].from] == 0;
			else
				to = i + 1;
		}
	}
	for (size_t i = from; i < end; i++)
		w->seen[w->v[i].from] = 0;
	return rc;
}

enum xt_status analyse_sweeps(struct rules *rules, struct xt_err *err)
{
	const size_t n = (size_t)rules->g->n_accounts + 1;
	struct work w = { .rules = rules,
			  .owner = xt_calloc(n, sizeof(*w.owner)),
			  .seen = xt_calloc(n, sizeof(*w.seen)) };
	enum xt_status rc = XT_OK;

	if (w.owner == NULL || w.seen == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu accounts", n);
	if (rc == XT_OK)
		rc = find(&w, err);
	for (size_t from = 0, to = 0; from < w.n && rc == XT_OK; from = to) {
		while (to < w.n && w.v[to].to == w.v[from].to)
			to++;
		rc = one_target(&w, from, to, err);
	}
	free(w.v);
	free(w.owner);
	free(w.seen);
	free(w.marked.v);
	free(w.members.v);
	free(w.events.v);
	return rc;
}
