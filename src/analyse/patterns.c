#include <xemtrace/analyse.h>

#include <assert.h>
#include <stdlib.h>

#include "patterns.h"

const char *analyse_pattern_name(enum analyse_pattern_kind k)
{
	static const char *const names[ANALYSE_PATTERNS] = {
		[ANALYSE_PASS_THROUGH] = "pass_through",
		[ANALYSE_PEEL] = "peel_chain",
		[ANALYSE_FAN_OUT] = "fan_out",
		[ANALYSE_FAN_IN] = "fan_in",
		[ANALYSE_ROUND_TRIP] = "round_trip",
		[ANALYSE_REFUND] = "refund",
		[ANALYSE_DORMANT] = "dormant",
		[ANALYSE_WOKEN] = "woken",
		[ANALYSE_DECOY] = "decoy_dust",
		[ANALYSE_CONVERSATION] = "conversation",
		[ANALYSE_COSIGNERS] = "shared_cosignatories",
	};

	return k < ANALYSE_PATTERNS ? names[k] : NULL;
}

void analyse_pattern_defaults(struct analyse_pattern_options *o)
{
	*o = (struct analyse_pattern_options){
		.pass_wait = 60,
		.pass_least = 1,
		.peel_percent = 10,
		.peel_least = 2,
		.fan_accounts = 10,
		.fan_window = 1440,
		.return_window = 720,
		.refund_window = 10080,
		.dormant_rest = 10080,
		.woken_rest = 10080,
		.woken_times = 3,
		.dust_uxem = 100000000,
		.dust_accounts = 5,
		.dust_window = 1440,
	};
}

struct analyse_pattern patterns_begin(const struct patterns *w,
				      enum analyse_pattern_kind kind, uint32_t account)
{
	return (struct analyse_pattern){ .kind = kind,
					 .account = account,
					 .other = GRAPH_NONE,
					 .event_from = w->events.n,
					 .member_from = w->members.n };
}

enum xt_status patterns_event(struct patterns *w, uint32_t event, struct xt_err *err)
{
	return analyse_push(&w->events, event, err);
}

enum xt_status patterns_member(struct patterns *w, uint32_t account, struct xt_err *err)
{
	return analyse_push(&w->members, account, err);
}

enum xt_status patterns_end(struct patterns *w, struct analyse_pattern *p,
			    struct xt_err *err)
{
	p->event_to = w->events.n;
	p->member_to = w->members.n;
	if (w->n == w->cap) {
		const size_t cap = w->cap == 0 ? 64 : w->cap * 2;
		struct analyse_pattern *v = xt_reallocarray(w->v, cap, sizeof(*v));

		if (v == NULL)
			return xt_fail(err, XT_E_NOMEM,
				       "out of memory for %zu patterns", cap);
		w->v = v;
		w->cap = cap;
	}
	w->v[w->n++] = *p;
	return XT_OK;
}

/* Who took part in a movement of stolen XEM. */
static enum xt_status touch(struct patterns *w, struct xt_err *err)
{
	const struct graph *g = w->g;
	enum xt_status rc = XT_OK;
	struct moved m;
	size_t at = 0;

	assert(w->touched != NULL);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		w->touched[a] = w->opt->all || w->r == NULL;
	if (w->r == NULL)
		return XT_OK;
	while (analyse_next_moved(&m, &at, w->r, &rc, err)) {
		const struct graph_event *e = &g->events[m.event];

		if (e->from != GRAPH_NONE)
			w->touched[e->from] = 1;
		if (e->to != GRAPH_NONE)
			w->touched[e->to] = 1;
	}
	for (size_t i = 0; i < w->r->n_holdings; i++)
		w->touched[w->r->holdings[i].account] = 1;
	return rc;
}

static int by_place(const void *pa, const void *pb)
{
	const struct analyse_pattern *a = pa;
	const struct analyse_pattern *b = pb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->event_from < b->event_from ? -1 : a->event_from > b->event_from;
}

static uint64_t count_not_read(const struct patterns *w)
{
	uint64_t n = 0;

	for (uint32_t a = 0; a < w->g->n_accounts; a++)
		n += w->touched[a] != 0 && !patterns_read(w->g, a) &&
		     !patterns_service(w->g, a);
	return n;
}

enum xt_status analyse_patterns(struct analyse_patterns *out, const struct graph *g,
				const struct taint_result *r,
				const struct analyse_pattern_options *opt,
				struct xt_err *err)
{
	static enum xt_status (*const finders[])(struct patterns * w,
						 struct xt_err * err) = {
		patterns_chains, patterns_peels, patterns_fans,      patterns_returns,
		patterns_rests,  patterns_talks, patterns_cosigners,
	};
	const size_t n = (size_t)g->n_accounts + 1;
	struct patterns w = { .g = g, .r = r, .opt = opt };
	enum xt_status rc = XT_OK;

	if (r != NULL)
		rc = analyse_need_edges(r, "a search for patterns", err);
	if (rc != XT_OK)
		return rc;
	w.touched = xt_calloc(n, 1);
	w.mark = xt_calloc(n, sizeof(*w.mark));
	if (w.touched == NULL || w.mark == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu accounts", n);
	if (rc == XT_OK)
		rc = touch(&w, err);
	for (size_t i = 0; i < XT_ARRAY_SIZE(finders) && rc == XT_OK; i++)
		rc = finders[i](&w, err);
	if (rc == XT_OK) {
		if (w.n > 0)
			qsort(w.v, w.n, sizeof(*w.v), by_place);
		*out = (struct analyse_patterns){ .v = w.v,
						  .n = w.n,
						  .events = w.events.v,
						  .members = w.members.v,
						  .n_events = w.events.n,
						  .n_members = w.members.n,
						  .not_judged = count_not_read(&w) };
	} else {
		free(w.v);
		free(w.events.v);
		free(w.members.v);
	}
	free(w.touched);
	free(w.mark);
	return rc;
}

void analyse_patterns_release(struct analyse_patterns *p)
{
	free(p->v);
	free(p->events);
	free(p->members);
	*p = (struct analyse_patterns){ 0 };
}
