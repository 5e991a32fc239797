/* Forwarding accounts: deposit addresses that pass all on to one service. */
#include <xemtrace/analyse.h>

#include <stdlib.h>

#include "finder.h"

/* Grade 1 - 0.5 * excess / limit - 0.5 * wait / limit, in millionths. */
static uint32_t grade(const struct analyse_rule_options *o, uint64_t excess,
		      uint64_t wait)
{
	uint64_t a = 0;
	uint64_t b = 0;

	if (o->forward_excess > 0)
		(void)xt_muldiv(&a, 500000, excess, o->forward_excess);
	if (o->forward_wait > 0)
		(void)xt_muldiv(&b, 500000, wait, o->forward_wait);
	return (uint32_t)(1000000 - a - b);
}

static bool fits(struct analyse_finding *f, const struct history *h,
		 const struct analyse_rule_options *o)
{
	const xt_u128 gone = h->out + h->fees;

	if (h->n_in == 0 || h->n_out == 0 || !h->wait_known ||
	    h->wait > o->forward_wait || gone > h->in)
		return false;
	if (h->in == gone) {
		f->exact = true;
		f->grade_ppm = 1000000;
		return true;
	}
	if (!o->loose || h->in - gone > o->forward_excess)
		return false;
	f->excess = (uint64_t)(h->in - gone);
	f->grade_ppm = grade(o, f->excess, h->wait);
	return true;
}

/* Who paid in. False in *ok if one of them is the service itself: its own wallets, or a
 * refund that went back. */
static enum xt_status senders(struct rules *w, struct analyse_finding *f,
			      uint32_t *only, bool *ok, struct xt_err *err)
{
	const struct graph *g = w->g;
	const uint32_t from = g->in_start[f->account];
	const uint32_t to = g->in_start[f->account + 1];
	uint32_t *v = xt_calloc((size_t)(to - from) + 1, sizeof(*v));
	size_t n = 0;

	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u senders",
			       to - from);
	*ok = true;
	for (uint32_t i = from; i < to; i++) {
		const struct graph_event *e = &g->events[g->in_event[i]];

		if (!analyse_between(e))
			continue;
		*ok = *ok && !analyse_same_service(g, e->from, f->service);
		v[n++] = e->from;
	}
	n = analyse_distinct(v, n);
	*only = n == 1 ? v[0] : GRAPH_NONE;
	*ok = *ok && n > 0;
	f->senders = n;
	free(v);
	return XT_OK;
}

static enum xt_status evidence(struct rules *w, struct analyse_finding *f,
			       struct xt_err *err)
{
	struct steps s = analyse_steps(w->g, f->account);
	enum xt_status rc = XT_OK;
	uint32_t event;

	f->event_from = w->events.n;
	while (rc == XT_OK && analyse_step(&s, &event)) {
		const struct graph_event *e = &w->g->events[event];
		const struct graph_tx *t = &w->g->txs[w->g->event_tx[event]];

		if (!analyse_between(e))
			continue;
		rc = analyse_push(&w->events, event, err);
		if (e->from != f->account || !analyse_is_payment(e))
			continue;
		f->transfers += t->count > 0 ? t->count : 1;
		if (t->memo != 0)
			f->with_message += t->count > 0 ? t->count : 1;
	}
	f->event_to = w->events.n;
	return rc;
}

static enum xt_status judge(struct rules *w, uint32_t account, struct xt_err *err)
{
	const struct graph *g = w->g;
	struct analyse_finding f = { .rule = ANALYSE_FORWARD, .account = account };
	struct history h;
	uint32_t only = GRAPH_NONE;
	bool ok = false;
	enum xt_status rc;

	if (g->label[account] != GRAPH_NONE)
		return XT_OK;
	rc = analyse_history(&h, g, account, err);
	if (rc != XT_OK || !h.judged || h.to == GRAPH_NONE || w->pool[account] != 0)
		return rc;
	f.service = h.to;
	f.service_is_pool = w->pool[h.to] != 0;
	if ((g->flags[h.to] & GRAPH_SERVICE) == 0 && !f.service_is_pool)
		return XT_OK;
	if (!fits(&f, &h, w->opt))
		return XT_OK;
	rc = senders(w, &f, &only, &ok, err);
	if (rc != XT_OK || !ok)
		return rc;
	if (only != GRAPH_NONE) {
		struct history before;

		rc = analyse_history(&before, g, only, err);
		if (rc != XT_OK ||
		    analyse_passes_through(&before, w->opt->forward_wait))
			return rc;
	}
	f.in = h.in;
	f.out = h.out;
	f.fees = h.fees;
	f.wait = h.wait;
	rc = evidence(w, &f, err);
	if (rc != XT_OK || (w->opt->forward_silent && f.with_message > 0)) {
		w->events.n = f.event_from;
		return rc;
	}
	return analyse_rules_add(w, &f, err);
}

enum xt_status analyse_forwards(struct rules *w, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (uint32_t a = 0; a < w->g->n_accounts && rc == XT_OK; a++)
		if (w->g->out_start[a] < w->g->out_start[a + 1])
			rc = judge(w, a, err);
	return rc;
}
