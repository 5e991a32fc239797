/* Ways through the graph that respect time, whatever a policy says. */
#include <xemtrace/analyse.h>

#include <assert.h>
#include <stdlib.h>

#include "finder.h"

/* A way to where `event` arrived: it came on by the step before. */
struct step {
	uint32_t event, before; /* GRAPH_NONE: it began at the start */
	uint32_t hops;
	uint64_t width;
};

struct search {
	const struct graph *g;
	enum analyse_route_kind kind;
	struct step *steps;
	size_t n, cap;
	uint32_t *best; /* per account: its best step so far; GRAPH_NONE */
};

/* Is the new way better than the best so far? What is as good and earlier stays. */
static bool better(const struct search *s, const struct step *a, uint32_t old)
{
	const struct step *b;

	if (old == GRAPH_NONE)
		return true;
	assert(s->steps != NULL);
	b = &s->steps[old];
	switch (s->kind) {
	case ANALYSE_EARLIEST:
		return false;
	case ANALYSE_SHORTEST:
		return a->hops < b->hops;
	case ANALYSE_WIDEST:
		return a->width > b->width;
	}
	return false;
}

static enum xt_status add(struct search *s, const struct step *step, struct xt_err *err)
{
	if (s->n == s->cap) {
		const size_t cap = s->cap == 0 ? 1024 : s->cap * 2;
		struct step *p = xt_reallocarray(s->steps, cap, sizeof(*p));

		if (p == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory for %zu steps",
				       cap);
		s->steps = p;
		s->cap = cap;
	}
	s->steps[s->n++] = *step;
	return XT_OK;
}

/* One pass in ledger order: what an account was reached by is all that a later payment
 * of it can go on from. */
static enum xt_status spread(struct search *s, uint32_t from, uint32_t to,
			     bool through_services, struct xt_err *err)
{
	const struct graph *g = s->g;
	enum xt_status rc = XT_OK;

	for (uint32_t i = 0; i < g->n_events && rc == XT_OK; i++) {
		const struct graph_event *e = &g->events[i];
		struct step step = { .event = i,
				     .before = GRAPH_NONE,
				     .hops = 1,
				     .width = graph_amount(e) };

		if (!analyse_between(e) || graph_amount(e) == 0 || e->to == from ||
		    e->from == to)
			continue;
		if (e->from != from) {
			const uint32_t before = s->best[e->from];

			if (before == GRAPH_NONE ||
			    (!through_services &&
			     (g->flags[e->from] & GRAPH_SERVICE) != 0))
				continue;
			assert(s->steps != NULL);
			step.before = before;
			step.hops += s->steps[before].hops;
			if (s->steps[before].width < step.width)
				step.width = s->steps[before].width;
		}
		if (!better(s, &step, s->best[e->to]))
			continue;
		rc = add(s, &step, err);
		if (rc == XT_OK)
			s->best[e->to] = (uint32_t)(s->n - 1);
	}
	return rc;
}

static enum xt_status emit(struct analyse_route *out, const struct search *s,
			   uint32_t to, struct xt_err *err)
{
	const struct step *last;
	uint32_t at = s->best[to];

	if (at == GRAPH_NONE)
		return xt_fail(err, XT_E_NOTFOUND,
			       "no transfers lead there in order of time");
	assert(s->steps != NULL);
	last = &s->steps[at];
	out->events = xt_calloc(last->hops, sizeof(*out->events));
	if (out->events == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u transfers",
			       last->hops);
	out->n = last->hops;
	out->width = last->width;
	for (uint32_t i = last->hops; i-- > 0; at = s->steps[at].before)
		out->events[i] = s->steps[at].event;
	return XT_OK;
}

enum xt_status analyse_route(struct analyse_route *out, const struct graph *g,
			     uint32_t from, uint32_t to, enum analyse_route_kind kind,
			     bool through_services, struct xt_err *err)
{
	struct search s = { .g = g, .kind = kind };
	enum xt_status rc;

	if (from == to)
		return xt_fail(err, XT_E_USAGE, "a way from an account to itself");
	s.best = xt_calloc((size_t)g->n_accounts + 1, sizeof(*s.best));
	if (s.best == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u accounts",
			       g->n_accounts);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		s.best[a] = GRAPH_NONE;
	rc = spread(&s, from, to, through_services, err);
	if (rc == XT_OK)
		rc = emit(out, &s, to, err);
	free(s.best);
	free(s.steps);
	return rc;
}

void analyse_route_release(struct analyse_route *r)
{
	free(r->events);
	*r = (struct analyse_route){ 0 };
}
