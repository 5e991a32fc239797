#include "finder.h"

#include <stdlib.h>
#include <string.h>

enum xt_status analyse_push(struct u32s *l, uint32_t v, struct xt_err *err)
{
	if (l->n == l->cap) {
		const size_t cap = l->cap == 0 ? 64 : l->cap * 2;
		uint32_t *p = xt_reallocarray(l->v, cap, sizeof(*p));

		if (p == NULL)
			return xt_fail(err, XT_E_NOMEM,
				       "out of memory for %zu findings", cap);
		l->v = p;
		l->cap = cap;
	}
	l->v[l->n++] = v;
	return XT_OK;
}

int analyse_by_u32(const void *pa, const void *pb)
{
	const uint32_t a = *(const uint32_t *)pa;
	const uint32_t b = *(const uint32_t *)pb;

	return a < b ? -1 : a > b;
}

size_t analyse_distinct(uint32_t *v, size_t n)
{
	size_t len = 0;

	if (n == 0)
		return 0;
	qsort(v, n, sizeof(*v), analyse_by_u32);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || v[i] != v[len - 1])
			v[len++] = v[i];
	return len;
}

enum xt_status analyse_taint_of(uint64_t *out, const struct taint_result *r,
				uint32_t event, struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	struct moved m;
	size_t lo = 0;
	size_t hi = r != NULL ? r->n_edges : 0;

	*out = 0;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (r->edges[mid].event < event)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (r == NULL || lo == r->n_edges || r->edges[lo].event != event)
		return XT_OK;
	if (analyse_next_moved(&m, &lo, r, &rc, err) && m.event == event)
		*out = m.tainted;
	return rc;
}

bool analyse_blocks_between(uint64_t *out, const struct graph *g, uint32_t from,
			    uint32_t to)
{
	const struct graph_tx *a = &g->txs[g->event_tx[from]];
	const struct graph_tx *b = &g->txs[g->event_tx[to]];

	if (a->height_known != 0 && b->height_known != 0 && b->height >= a->height) {
		*out = b->height - a->height;
		return true;
	}
	if (a->time_kind == GRAPH_TIME_NONE || b->time_kind == GRAPH_TIME_NONE ||
	    a->time != a->time_last || b->time != b->time_last || b->time < a->time)
		return false;
	*out = ((uint64_t)(b->time - a->time) + 59) / 60;
	return true;
}

struct steps analyse_steps(const struct graph *g, uint32_t account)
{
	return (struct steps){ .g = g,
			       .account = account,
			       .in = g->in_start[account],
			       .in_end = g->in_start[account + 1],
			       .out = g->out_start[account],
			       .out_end = g->out_start[account + 1] };
}

bool analyse_step(struct steps *s, uint32_t *event)
{
	const bool has_in = s->in < s->in_end;
	const bool has_out = s->out < s->out_end;
	const uint32_t in = has_in ? s->g->in_event[s->in] : GRAPH_NONE;
	const uint32_t out = has_out ? s->g->out_event[s->out] : GRAPH_NONE;

	if (!has_in && !has_out)
		return false;
	*event = in < out ? in : out;
	s->in += in == *event;
	s->out += out == *event;
	return true;
}

/* ---- a whole history ------------------------------------------------------------- */

/* What came in and has not left, first come first gone. */
struct queue {
	struct lot {
		uint64_t uxem;
		uint32_t event;
	} * v;
	size_t head, n;
};

static void spend(struct history *h, struct queue *q, const struct graph *g,
		  uint32_t event, bool payment)
{
	uint64_t left = graph_amount(&g->events[event]);

	while (left > 0 && q->head < q->n) {
		struct lot *l = &q->v[q->head];
		const uint64_t part = l->uxem < left ? l->uxem : left;
		uint64_t blocks = 0;

		if (payment) {
			if (!analyse_blocks_between(&blocks, g, l->event, event))
				h->wait_known = false;
			else if (blocks > h->wait)
				h->wait = blocks;
		}
		l->uxem -= part;
		left -= part;
		q->head += l->uxem == 0;
	}
}

static void walk(struct history *h, struct queue *q, const struct graph *g,
		 uint32_t account)
{
	struct steps s = analyse_steps(g, account);
	bool several = false;
	uint32_t event;

	while (analyse_step(&s, &event)) {
		const struct graph_event *e = &g->events[event];
		const uint64_t amount = graph_amount(e);

		if (e->from == e->to || amount == 0)
			continue;
		if (e->to == account) {
			h->in += amount;
			h->n_in++;
			if (h->n_in == 1)
				h->first_in = event;
			q->v[q->n++] = (struct lot){ amount, event };
			continue;
		}
		spend(h, q, g, event, e->to != GRAPH_NONE);
		if (e->to == GRAPH_NONE) {
			h->fees += amount;
			continue;
		}
		several = several || (h->to != GRAPH_NONE && h->to != e->to);
		h->to = e->to;
		h->out += amount;
		h->n_out++;
		h->last_out = event;
	}
	if (several)
		h->to = GRAPH_NONE;
}

enum xt_status analyse_history(struct history *out, const struct graph *g,
			       uint32_t account, struct xt_err *err)
{
	struct history h = { .to = GRAPH_NONE,
			     .first_in = GRAPH_NONE,
			     .last_out = GRAPH_NONE,
			     .wait_known = true };
	struct queue q = { 0 };

	h.judged = (g->flags[account] & GRAPH_COMPLETE) != 0 &&
		   (g->flags[account] & GRAPH_SERVICE) == 0 && g->opening[account] == 0;
	if (!h.judged) {
		*out = h;
		return XT_OK;
	}
	q.v = xt_calloc((size_t)(g->in_start[account + 1] - g->in_start[account]) + 1,
			sizeof(*q.v));
	if (q.v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for the history of %s",
			       g->party[account].s);
	walk(&h, &q, g, account);
	free(q.v);
	*out = h;
	return XT_OK;
}

bool analyse_passes_through(const struct history *h, uint64_t wait)
{
	return h->judged && h->n_in == 1 && h->n_out == 1 &&
	       h->in == h->out + h->fees && h->wait_known && h->wait <= wait;
}

bool analyse_same_service(const struct graph *g, uint32_t a, uint32_t b)
{
	const uint32_t la = g->label[a];
	const uint32_t lb = g->label[b];

	if (a == b)
		return true;
	return la != GRAPH_NONE && lb != GRAPH_NONE && g->labels[la].service &&
	       g->labels[lb].service &&
	       strcmp(g->labels[la].text, g->labels[lb].text) == 0;
}
