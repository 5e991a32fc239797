/* Where the stolen amount is, in four parts that add up to it. */
#include <xemtrace/analyse.h>

#include "internal.h"

#include <stdlib.h>

enum place { PLACE_SERVICE, PLACE_COMPLETE, PLACE_STOP, PLACE_INCOMPLETE };

struct counting {
	struct analyse_located *out;
	const struct graph *g;
	const struct taint_result *r;
	struct xt_err *err;
};

static enum place place_of(const struct graph *g, uint32_t account)
{
	const uint8_t flags = g->flags[account];

	if ((flags & GRAPH_SERVICE) != 0)
		return PLACE_SERVICE;
	if ((flags & GRAPH_COMPLETE) != 0)
		return PLACE_COMPLETE;
	return (flags & GRAPH_STOPPED) != 0 ? PLACE_STOP : PLACE_INCOMPLETE;
}

static enum xt_status add(uint64_t *sum, uint64_t v, struct xt_err *err)
{
	if (!xt_add(sum, *sum, v))
		return xt_fail(err, XT_E_LIMIT,
			       "the sum of where the stolen amount is does not fit "
			       "64 bits");
	return XT_OK;
}

static uint64_t *part(struct analyse_located_part *p, enum place place)
{
	switch (place) {
	case PLACE_SERVICE:
		return &p->at_services;
	case PLACE_COMPLETE:
		return &p->complete;
	case PLACE_STOP:
		return &p->behind_stops;
	case PLACE_INCOMPLETE:
		break;
	}
	return &p->incomplete;
}

/* What is held, or was paid in fees, by an account. */
static enum xt_status add_at(const struct counting *c, struct analyse_located_part *p,
			     uint32_t account, uint64_t v)
{
	const enum place place = place_of(c->g, account);
	enum xt_status rc = add(part(p, place), v, c->err);

	if (rc == XT_OK && place == PLACE_INCOMPLETE &&
	    (c->g->flags[account] & GRAPH_EXPANDED) == 0)
		rc = add(&p->unread, v, c->err);
	return rc;
}

/* ---- by theft -------------------------------------------------------------------- */

static enum xt_status by_theft(const struct counting *c)
{
	const struct taint_result *r = c->r;
	struct analyse_located_part *of = c->out->theft;
	enum xt_status rc = XT_OK;

	for (uint32_t t = 0; t < r->n_thefts; t++) {
		of[t].stolen = r->seeded[t];
		of[t].behind_stops = r->cleaned[t];
		of[t].cleaned = r->cleaned[t];
	}
	for (size_t i = 0; rc == XT_OK && i < r->n_holdings; i++)
		rc = add_at(c, &of[r->holdings[i].theft], r->holdings[i].account,
			    r->holdings[i].uxem);
	for (size_t i = 0; rc == XT_OK && i < r->n_sinks; i++)
		rc = add(&of[r->sinks[i].theft].at_services, r->sinks[i].uxem, c->err);
	for (size_t i = 0; rc == XT_OK && i < r->n_edges; i++) {
		const struct graph_event *e = &c->g->events[r->edges[i].event];

		if (e->to != GRAPH_NONE || e->from == GRAPH_NONE)
			continue;
		rc = add_at(c, &of[r->edges[i].theft], e->from, r->edges[i].uxem);
		if (rc == XT_OK)
			rc = add(&of[r->edges[i].theft].fees, r->edges[i].uxem, c->err);
	}
	return rc;
}

/* ---- refunds ----------------------------------------------------------------------
 *
 * What a service sent back was counted when it arrived there and again when it came
 * back: it is taken off both, as far as it had arrived. */

struct refund {
	uint32_t service, theft;
	uint64_t uxem;
};

static int by_service(const void *a, const void *b)
{
	const struct refund *x = a, *y = b;

	if (x->service != y->service)
		return x->service < y->service ? -1 : 1;
	return (x->theft > y->theft) - (x->theft < y->theft);
}

static uint64_t arrived_at(const struct taint_result *r, const struct refund *v)
{
	uint64_t sum = 0;

	/* Part of a sum that was made without overflow. */
	for (size_t i = 0; i < r->n_sinks; i++)
		if (r->sinks[i].account == v->service && r->sinks[i].theft == v->theft)
			sum += r->sinks[i].uxem;
	return sum;
}

static size_t gather_refunds(const struct counting *c, struct refund *v)
{
	size_t n = 0, m = 0;

	for (size_t i = 0; i < c->r->n_changes; i++) {
		const struct taint_change *k = &c->r->changes[i];

		if (k->seed == TAINT_NONE || k->event >= c->g->n_events ||
		    c->g->seeds[k->seed].kind != GRAPH_SEED_REFUND ||
		    c->g->events[k->event].from == GRAPH_NONE)
			continue;
		v[n++] =
		    (struct refund){ c->g->events[k->event].from, k->theft, k->uxem };
	}
	if (n > 0)
		qsort(v, n, sizeof(*v), by_service);
	for (size_t i = 0; i < n; i++) {
		if (m > 0 && by_service(&v[m - 1], &v[i]) == 0)
			v[m - 1].uxem += v[i].uxem;
		else
			v[m++] = v[i];
	}
	return m;
}

static enum xt_status take_refunds(const struct counting *c)
{
	struct refund *v = xt_calloc(c->r->n_changes + 1, sizeof(*v));
	const size_t n = v == NULL ? 0 : gather_refunds(c, v);

	if (v == NULL)
		return xt_fail(c->err, XT_E_NOMEM, "out of memory for refunds");
	for (size_t i = 0; i < n; i++) {
		struct analyse_located_part *p = &c->out->theft[v[i].theft];
		const uint64_t came = arrived_at(c->r, &v[i]);
		const uint64_t back = v[i].uxem < came ? v[i].uxem : came;

		p->stolen -= back;
		p->at_services -= back;
		p->refunded += back;
		c->out->behind[v[i].service] -= back;
	}
	free(v);
	return XT_OK;
}

/* ---- by account ------------------------------------------------------------------ */

static enum xt_status by_account(const struct counting *c)
{
	const struct taint_result *r = c->r;
	uint64_t *arrived = c->out->arrived;
	uint64_t *behind = c->out->behind;
	enum xt_status rc = XT_OK;
	struct moved m;
	struct held h;
	size_t at = 0;

	while (rc == XT_OK && analyse_next_held(&h, &at, r, &rc, c->err))
		rc = add(&behind[h.account], h.tainted, c->err);
	for (size_t i = 0; rc == XT_OK && i < r->n_sink_totals; i++) {
		const struct taint_sink *s = &r->sink_totals[i];

		rc = add(&behind[s->account], s->uxem, c->err);
	}
	at = 0;
	while (rc == XT_OK && analyse_next_moved(&m, &at, r, &rc, c->err)) {
		const struct graph_event *e = &c->g->events[m.event];

		if (e->to == GRAPH_NONE && e->from != GRAPH_NONE)
			rc = add(&behind[e->from], m.tainted, c->err);
		else if (analyse_arrives(e))
			rc = add(&arrived[e->to], m.tainted, c->err);
	}
	return rc;
}

/* Over all thefts: sums, or for a policy under which they overlap the union. */
static enum xt_status over_all(const struct counting *c)
{
	struct analyse_located_part *all = &c->out->all;
	enum xt_status rc = XT_OK;

	for (uint32_t t = 0; rc == XT_OK && t < c->out->n_thefts; t++) {
		const struct analyse_located_part *p = &c->out->theft[t];

		rc = add(&all->stolen, p->stolen, c->err);
		if (rc == XT_OK)
			rc = add(&all->cleaned, p->cleaned, c->err);
		if (rc == XT_OK)
			rc = add(&all->refunded, p->refunded, c->err);
	}
	all->fees = c->r->fees_total;
	all->behind_stops = all->cleaned;
	for (uint32_t a = 0; rc == XT_OK && a < c->g->n_accounts; a++)
		if (analyse_is_stop(c->g, c->r, a))
			rc = add(&all->at_services, c->out->behind[a], c->err);
		else
			rc = add_at(c, all, a, c->out->behind[a]);
	return rc;
}

static enum xt_status check(const struct counting *c,
			    const struct analyse_located_part *p)
{
	uint64_t sum = p->at_services;

	if (!c->r->policy->conserves)
		return XT_OK;
	if (xt_add(&sum, sum, p->complete) && xt_add(&sum, sum, p->behind_stops) &&
	    xt_add(&sum, sum, p->incomplete) && sum == p->stolen)
		return XT_OK;
	return xt_fail(c->err, XT_E_BUG,
		       "where the stolen amount is: the parts do not add up to it");
}

void analyse_located_release(struct analyse_located *v)
{
	free(v->theft);
	free(v->arrived);
	free(v->behind);
	*v = (struct analyse_located){ 0 };
}

enum xt_status analyse_located(struct analyse_located *out, const struct graph *g,
			       const struct taint_result *r, struct xt_err *err)
{
	struct analyse_located v = { .n_thefts = r->n_thefts };
	const struct counting c = { &v, g, r, err };
	enum xt_status rc = analyse_need_edges(r, "coverage", err);

	if (rc != XT_OK)
		return rc;
	v.theft = xt_calloc((size_t)r->n_thefts + 1, sizeof(*v.theft));
	v.arrived = xt_calloc((size_t)g->n_accounts + 1, sizeof(*v.arrived));
	v.behind = xt_calloc((size_t)g->n_accounts + 1, sizeof(*v.behind));
	if (v.theft == NULL || v.arrived == NULL || v.behind == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %u accounts",
			     g->n_accounts);
		goto out;
	}
	rc = by_theft(&c);
	if (rc == XT_OK)
		rc = by_account(&c);
	if (rc == XT_OK)
		rc = take_refunds(&c);
	if (rc == XT_OK)
		rc = over_all(&c);
	for (uint32_t t = 0; rc == XT_OK && t < v.n_thefts; t++)
		rc = check(&c, &v.theft[t]);
	if (rc == XT_OK)
		rc = check(&c, &v.all);
out:
	if (rc == XT_OK)
		*out = v;
	else
		analyse_located_release(&v);
	return rc;
}
