#include <xemtrace/taint.h>

#include <string.h>

#include "policy.h"

/* The order in which policies are listed and compared. */
const struct taint_policy *const taint_policies[] = {
	&taint_poison,      &taint_haircut,     &taint_fifo, &taint_lifo,
	&taint_dirty_first, &taint_clean_first, NULL,
};

/* "clean-first" is "clean_first". */
static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return *a == *b;
}

const struct taint_policy *taint_policy_find(const char *name)
{
	for (size_t i = 0; taint_policies[i]; i++)
		if (same_name(taint_policies[i]->name, name))
			return taint_policies[i];
	return NULL;
}

#define CHUNK UINT32_C(1048576) /* events between two calls of the progress sink */

static enum xt_status plain_events(struct taint_state *st, uint32_t from, uint32_t to,
				   const struct xt_sink *sink, struct xt_err *err)
{
	while (from < to) {
		const uint32_t end = to - from > CHUNK ? from + CHUNK : to;
		const enum xt_status s = st->loop->run(st, from, end, err);
		if (s != XT_OK)
			return s;
		if (end / CHUNK != from / CHUNK &&
		    !xt_progress(sink, end, st->g->n_events, "taint %s",
				 st->policy->name))
			return xt_fail(err, XT_E_STOPPED, "taint: stopped");
		from = end;
	}
	return XT_OK;
}

/* All actions of one event, and the event itself if one of them seeds it. */
static enum xt_status act_at(struct taint_state *st, uint32_t event, bool *done,
			     struct xt_err *err)
{
	enum xt_status s = XT_OK;
	uint32_t seeds[TAINT_SEEDS_AT_ONCE];
	uint32_t n = 0;
	*done = false;
	while (s == XT_OK && st->next_action < st->n_actions &&
	       st->actions[st->next_action].event == event) {
		const struct taint_action *a = &st->actions[st->next_action++];
		if (a->kind != TAINT_ACT_SEED)
			s = taint_act(st, a, err);
		else if (n < TAINT_SEEDS_AT_ONCE)
			seeds[n++] = a->index;
		else
			s = xt_fail(err, XT_E_LIMIT,
				    "taint: event %u is seeded more than %d times",
				    event, TAINT_SEEDS_AT_ONCE);
	}
	if (s == XT_OK && n) {
		*done = true;
		s = st->loop->one(st, event, seeds, n, err);
	}
	return s;
}

enum xt_status taint_replay(struct taint_state *st, uint32_t to,
			    const struct xt_sink *sink, struct xt_err *err)
{
	enum xt_status s = XT_OK;
	while (s == XT_OK && st->next_event < to) {
		bool done;
		s = act_at(st, st->next_event, &done, err);
		if (s != XT_OK)
			break;
		if (done)
			st->next_event++;
		uint32_t end = to;
		if (st->next_action < st->n_actions &&
		    st->actions[st->next_action].event < end)
			end = st->actions[st->next_action].event;
		if (end <= st->next_event)
			continue;
		s = plain_events(st, st->next_event, end, sink, err);
		st->next_event = end;
	}
	return s;
}

enum xt_status taint_run_from(struct taint_result **out, struct xt_buf *save,
			      const struct graph *g, const struct taint_policy *policy,
			      const struct taint_options *opt, const uint8_t *from,
			      size_t n, const struct xt_sink *sink, struct xt_err *err)
{
	struct taint_state *st;
	bool done;
	enum xt_status s = taint_state_new(&st, g, policy, opt, err);
	if (s != XT_OK)
		return s;
	if (from)
		s = taint_checkpoint_load(st, from, n, err);
	if (s == XT_OK && from && st->opt.edges_to &&
	    !st->opt.edges_to(st->opt.edges_ctx, st->batches, NULL, 0))
		s = xt_fail(err, XT_E_STOPPED, "taint: stopped");
	if (s == XT_OK && save) {
		const uint32_t top = (uint32_t)g->height;
		const uint32_t last = top ? taint_after_height(g, top - 1) : 0;
		s = taint_replay(st, last, sink, err);
		if (s == XT_OK)
			s = taint_checkpoint_save(st, save, err);
	}
	if (s == XT_OK)
		s = taint_replay(st, g->n_events, sink, err);
	if (s == XT_OK)
		s = act_at(st, g->n_events, &done, err);
	if (s == XT_OK && st->opt.edges_to && !taint_edges_flush(st))
		s = taint_no_room(st, g->n_events, err);
	if (s == XT_OK)
		s = taint_result_make(out, st, err);
	taint_state_free(st);
	return s;
}

enum xt_status taint_run(struct taint_result **out, const struct graph *g,
			 const struct taint_policy *policy,
			 const struct taint_options *opt, const struct xt_sink *sink,
			 struct xt_err *err)
{
	return taint_run_from(out, NULL, g, policy, opt, NULL, 0, sink, err);
}
