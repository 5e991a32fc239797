/* Many at once: fan-out, fan-in, and dust sent to many. */
#include <xemtrace/analyse.h>

#include <stdlib.h>

#include "patterns.h"

/* The payments of one account in one direction, and the window with the most different
 * counterparts. */
struct fan {
	struct u32s ev;
	size_t from, to;
	uint64_t accounts;
};

static uint32_t counterpart(const struct graph *g, uint32_t event, bool out)
{
	return out ? g->events[event].to : g->events[event].from;
}

/* A record of many cannot be placed in a window shorter than itself. */
static bool within(const struct graph *g, uint32_t a, uint32_t b, uint64_t window)
{
	const struct graph_tx *x = &g->txs[g->event_tx[a]];
	const struct graph_tx *y = &g->txs[g->event_tx[b]];
	uint64_t blocks;

	if (analyse_blocks_between(&blocks, g, a, b))
		return blocks <= window;
	return x->time_kind != GRAPH_TIME_NONE && y->time_kind != GRAPH_TIME_NONE &&
	       y->time_last >= x->time &&
	       ((uint64_t)(y->time_last - x->time) + 59) / 60 <= window;
}

static void widest(struct patterns *w, struct fan *f, bool out, uint64_t window)
{
	uint64_t distinct = 0;
	size_t to = 0;

	f->accounts = 0;
	for (size_t from = 0; from < f->ev.n; from++) {
		if (to < from)
			to = from;
		for (; to < f->ev.n && within(w->g, f->ev.v[from], f->ev.v[to], window);
		     to++)
			distinct += w->mark[counterpart(w->g, f->ev.v[to], out)]++ == 0;
		if (distinct > f->accounts) {
			f->accounts = distinct;
			f->from = from;
			f->to = to;
		}
		if (to > from)
			distinct -=
			    --w->mark[counterpart(w->g, f->ev.v[from], out)] == 0;
	}
	for (size_t i = 0; i < f->ev.n; i++)
		w->mark[counterpart(w->g, f->ev.v[i], out)] = 0;
}

/* `most`: uXEM a transfer, 0 no limit. */
static enum xt_status collect(struct patterns *w, struct fan *f, uint32_t account,
			      bool out, uint64_t most, struct xt_err *err)
{
	const struct graph *g = w->g;
	const uint32_t *start = out ? g->out_start : g->in_start;
	const uint32_t *list = out ? g->out_event : g->in_event;
	enum xt_status rc = XT_OK;

	f->ev.n = 0;
	for (uint32_t i = start[account]; i < start[account + 1] && rc == XT_OK; i++) {
		const struct graph_event *e = &g->events[list[i]];
		const uint32_t n = g->txs[g->event_tx[list[i]]].count;

		if (!analyse_is_payment(e) ||
		    (most > 0 &&
		     (xt_u128)graph_amount(e) > (xt_u128)most * (n > 0 ? n : 1)))
			continue;
		rc = analyse_push(&f->ev, list[i], err);
	}
	return rc;
}

/* Did `who` pay or write to `account` before this event? */
static bool wrote_before(const struct graph *g, uint32_t who, uint32_t account,
			 uint32_t event)
{
	for (uint32_t i = g->in_start[account];
	     i < g->in_start[account + 1] && g->in_event[i] < event; i++)
		if (g->events[g->in_event[i]].from == who)
			return true;
	return false;
}

static enum xt_status tell(struct patterns *w, const struct fan *f, uint32_t account,
			   enum analyse_pattern_kind kind, bool out, struct xt_err *err)
{
	const struct graph *g = w->g;
	struct analyse_pattern p = patterns_begin(w, kind, account);
	enum xt_status rc = XT_OK;

	for (size_t i = f->from; i < f->to && rc == XT_OK; i++) {
		const uint32_t event = f->ev.v[i];
		const uint32_t who = counterpart(g, event, out);

		p.amount += graph_amount(&g->events[event]);
		rc = patterns_event(w, event, err);
		if (rc != XT_OK || w->mark[who] != 0)
			continue;
		w->mark[who] = 1;
		rc = patterns_member(w, who, err);
		if (kind == ANALYSE_DECOY)
			p.wrote_first += wrote_before(g, who, account, event);
	}
	for (size_t i = f->from; i < f->to; i++)
		w->mark[counterpart(g, f->ev.v[i], out)] = 0;
	p.has_blocks =
	    analyse_blocks_between(&p.blocks, g, f->ev.v[f->from], f->ev.v[f->to - 1]);
	return rc == XT_OK ? patterns_end(w, &p, err) : rc;
}

enum xt_status patterns_fans(struct patterns *w, struct xt_err *err)
{
	const struct analyse_pattern_options *o = w->opt;
	const struct {
		enum analyse_pattern_kind kind;
		bool out;
		uint64_t window, accounts, most;
	} kinds[] = {
		{ ANALYSE_FAN_OUT, true, o->fan_window, o->fan_accounts, 0 },
		{ ANALYSE_FAN_IN, false, o->fan_window, o->fan_accounts, 0 },
		{ ANALYSE_DECOY, true, o->dust_window, o->dust_accounts, o->dust_uxem },
	};
	enum xt_status rc = XT_OK;
	struct fan f = { 0 };

	for (size_t k = 0; k < XT_ARRAY_SIZE(kinds); k++)
		for (uint32_t a = 0; a < w->g->n_accounts && rc == XT_OK; a++) {
			if (w->touched[a] == 0 || patterns_service(w->g, a))
				continue;
			rc = collect(w, &f, a, kinds[k].out, kinds[k].most, err);
			if (rc != XT_OK || f.ev.n < kinds[k].accounts || f.ev.n == 0)
				continue;
			widest(w, &f, kinds[k].out, kinds[k].window);
			if (f.accounts > 0 && f.accounts >= kinds[k].accounts)
				rc = tell(w, &f, a, kinds[k].kind, kinds[k].out, err);
		}
	free(f.ev.v);
	return rc;
}
