/* Chains: accounts used once to pass money on, and balances that shed small payments.
 */
#include <xemtrace/analyse.h>

#include <stdlib.h>

#include "patterns.h"

/* What a link of a chain did. */
struct link {
	uint32_t in, out; /* events; GRAPH_NONE: no link */
	uint64_t wait;
};

struct chains {
	struct link *link; /* per account */
	uint8_t *done;
};

static enum xt_status new_chains(struct chains *c, const struct graph *g,
				 struct xt_err *err)
{
	const size_t n = (size_t)g->n_accounts + 1;

	c->link = xt_calloc(n, sizeof(*c->link));
	c->done = xt_calloc(n, 1);
	if (c->link == NULL || c->done == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu accounts", n);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		c->link[a] = (struct link){ GRAPH_NONE, GRAPH_NONE, 0 };
	return XT_OK;
}

static void free_chains(struct chains *c)
{
	free(c->link);
	free(c->done);
}

/* Did another link hand this one its money? Then the chain begins further back. */
static bool has_link_before(const struct chains *c, const struct graph *g,
			    uint32_t account)
{
	const struct graph_event *in = &g->events[c->link[account].in];

	return in->from != GRAPH_NONE && c->link[in->from].in != GRAPH_NONE &&
	       g->events[c->link[in->from].out].to == account &&
	       c->link[in->from].out == c->link[account].in;
}

static enum xt_status tell(struct patterns *w, struct chains *c, uint32_t first,
			   enum analyse_pattern_kind kind, uint64_t least,
			   struct xt_err *err)
{
	const struct graph *g = w->g;
	struct analyse_pattern p = patterns_begin(w, kind, first);
	const size_t events = w->events.n;
	const size_t members = w->members.n;
	enum xt_status rc = patterns_event(w, c->link[first].in, err);
	bool touched = false;
	uint32_t a = first;

	p.amount = graph_amount(&g->events[c->link[first].in]);
	p.has_blocks = true;
	while (rc == XT_OK && c->link[a].in != GRAPH_NONE && c->done[a] == 0) {
		c->done[a] = 1;
		touched = touched || w->touched[a] != 0;
		p.blocks += c->link[a].wait;
		rc = patterns_member(w, a, err);
		if (rc == XT_OK)
			rc = patterns_event(w, c->link[a].out, err);
		p.other = g->events[c->link[a].out].to;
		if (c->link[p.other].in != c->link[a].out)
			break;
		a = p.other;
	}
	if (rc != XT_OK)
		return rc;
	if (touched && w->members.n - p.member_from >= least)
		return patterns_end(w, &p, err);
	/* Too short to tell. */
	w->events.n = events;
	w->members.n = members;
	return XT_OK;
}

static enum xt_status tell_all(struct patterns *w, struct chains *c,
			       enum analyse_pattern_kind kind, uint64_t least,
			       struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	/* Heads first; what is left then are rings. */
	for (unsigned round = 0; round < 2; round++)
		for (uint32_t a = 0; a < w->g->n_accounts && rc == XT_OK; a++)
			if (c->link[a].in != GRAPH_NONE && c->done[a] == 0 &&
			    (round == 1 || !has_link_before(c, w->g, a)))
				rc = tell(w, c, a, kind, least, err);
	return rc;
}

enum xt_status patterns_chains(struct patterns *w, struct xt_err *err)
{
	const struct graph *g = w->g;
	struct chains c = { 0 };
	enum xt_status rc = new_chains(&c, g, err);

	for (uint32_t a = 0; a < g->n_accounts && rc == XT_OK; a++) {
		struct history h;

		/* One in; one out and its fee. */
		if (g->in_start[a + 1] - g->in_start[a] != 1 ||
		    g->out_start[a] == g->out_start[a + 1])
			continue;
		rc = analyse_history(&h, g, a, err);
		if (rc == XT_OK && analyse_passes_through(&h, w->opt->pass_wait))
			c.link[a] = (struct link){ h.first_in, h.last_out, h.wait };
	}
	if (rc == XT_OK)
		rc = tell_all(w, &c, ANALYSE_PASS_THROUGH, w->opt->pass_least, err);
	free_chains(&c);
	return rc;
}

/* A link of a peel chain: one payment came in; small ones went out; the last that left
 * is the large rest: more than half of what came in. */
static bool peels(struct link *out, const struct graph *g, uint32_t account,
		  uint64_t percent)
{
	struct steps s = analyse_steps(g, account);
	uint32_t event, in = GRAPH_NONE, last = GRAPH_NONE;
	xt_u128 received = 0;
	xt_u128 largest = 0; /* of the small ones */
	unsigned n = 0;

	while (analyse_step(&s, &event)) {
		const struct graph_event *e = &g->events[event];

		if (!analyse_between(e) || graph_amount(e) == 0)
			continue;
		if (e->to == account) {
			if (in != GRAPH_NONE)
				return false;
			in = event;
			received = graph_amount(e);
			continue;
		}
		if (last != GRAPH_NONE) {
			const xt_u128 v = graph_amount(&g->events[last]);

			largest = v > largest ? v : largest;
			n++;
		}
		last = event;
	}
	if (in == GRAPH_NONE || n == 0 || last < in)
		return false;
	if (largest * 100 > received * percent ||
	    (xt_u128)graph_amount(&g->events[last]) * 2 <= received)
		return false;
	*out = (struct link){ in, last, 0 };
	return analyse_blocks_between(&out->wait, g, in, last);
}

enum xt_status patterns_peels(struct patterns *w, struct xt_err *err)
{
	const struct graph *g = w->g;
	struct chains c = { 0 };
	enum xt_status rc = new_chains(&c, g, err);

	for (uint32_t a = 0; a < g->n_accounts && rc == XT_OK; a++)
		if ((g->flags[a] & GRAPH_COMPLETE) != 0 && g->opening[a] == 0 &&
		    !patterns_service(g, a))
			if (!peels(&c.link[a], g, a, w->opt->peel_percent))
				c.link[a].in = GRAPH_NONE;
	if (rc == XT_OK)
		rc = tell_all(w, &c, ANALYSE_PEEL, w->opt->peel_least, err);
	free_chains(&c);
	return rc;
}
