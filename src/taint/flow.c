#include "flow.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

uint32_t flow_node(struct flow *f)
{
	if (f->n_nodes == f->cap_nodes) {
		const uint32_t cap = f->cap_nodes + f->cap_nodes / 2 + 64;
		void *v = xt_reallocarray(f->head, cap, sizeof(*f->head));
		if (!v)
			return NONE;
		f->head = v;
		f->cap_nodes = cap;
	}
	f->head[f->n_nodes] = NONE;
	return f->n_nodes++;
}

uint32_t flow_arc(struct flow *f, uint32_t from, uint32_t to, uint64_t cap)
{
	if (from == NONE || to == NONE)
		return NONE;
	if (f->cap_arcs - f->n_arcs < 2) {
		const uint32_t want = f->cap_arcs + f->cap_arcs / 2 + 64;
		void *v = xt_reallocarray(f->arc, want, sizeof(*f->arc));
		if (!v)
			return NONE;
		f->arc = v;
		f->cap_arcs = want;
	}
	const uint32_t i = f->n_arcs;
	f->arc[i] = (struct flow_arc){ to, f->head[from], cap, cap };
	f->arc[i + 1] = (struct flow_arc){ from, f->head[to], 0, 0 };
	f->head[from] = i;
	f->head[to] = i + 1;
	f->n_arcs += 2;
	return i;
}

bool flow_ready(struct flow *f)
{
	f->level = xt_calloc(f->n_nodes, sizeof(*f->level));
	f->at = xt_calloc(f->n_nodes, sizeof(*f->at));
	f->queue = xt_calloc(f->n_nodes, sizeof(*f->queue));
	f->way = xt_calloc(f->n_nodes, sizeof(*f->way));
	return f->level && f->at && f->queue && f->way;
}

void flow_reset(struct flow *f)
{
	for (uint32_t i = 0; i < f->n_arcs; i++)
		f->arc[i].left = f->arc[i].cap;
}

/* Send what fits along the way found; returns it, and how far the way still stands. */
static uint64_t push(struct flow *f, uint32_t *depth)
{
	uint64_t x = UINT64_MAX;
	for (uint32_t k = 0; k < *depth; k++)
		if (f->arc[f->way[k]].left < x)
			x = f->arc[f->way[k]].left;
	uint32_t stand = *depth;
	for (uint32_t k = *depth; k-- > 0;) {
		f->arc[f->way[k]].left -= x;
		f->arc[f->way[k] ^ 1].left += x;
		if (!f->arc[f->way[k]].left)
			stand = k;
	}
	*depth = stand;
	return x;
}

/* One search, depth first with the way as its own stack: each way to the target is used as
 * it is found, and a node that led nowhere is not entered again (`level`: 1 it is on the way
 * or led nowhere). A node can be given up because its way led through one that was on the
 * stack, so that only a search without any gain proves that there is nothing left. Ways
 * through time are long and of all lengths: searching by length, as Dinic does, would need a
 * search for each of a thousand lengths. */
static uint64_t search(struct flow *f, uint32_t from, uint32_t to)
{
	uint64_t sum = 0;
	uint32_t depth = 0;
	uint32_t u = from;
	memset(f->level, 0, f->n_nodes * sizeof(*f->level));
	memcpy(f->at, f->head, f->n_nodes * sizeof(*f->at));
	f->level[from] = 1;
	while (f->work <= f->most) {
		if (u == to) {
			const uint32_t end = depth;
			f->work += depth;
			sum += push(f, &depth);
			/* Those behind the narrowest arc may lead there again. */
			for (uint32_t k = depth; k < end; k++)
				f->level[f->arc[f->way[k]].to] = 0;
			u = depth ? f->arc[f->way[depth - 1]].to : from;
			continue;
		}
		uint32_t i = f->at[u];
		while (i != NONE && (!f->arc[i].left || f->level[f->arc[i].to] != 0)) {
			i = f->arc[i].next;
			f->work++;
		}
		f->at[u] = i;
		f->work++;
		if (i != NONE) {
			f->way[depth++] = i;
			u = f->arc[i].to;
			f->level[u] = 1;
		} else if (!depth) {
			return sum;
		} else {
			depth--;
			u = depth ? f->arc[f->way[depth - 1]].to : from;
		}
	}
	return sum;
}

bool flow_max(struct flow *f, uint32_t from, uint32_t to, uint64_t *out)
{
	uint64_t sum = 0;
	uint64_t gain = 1;
	while (f->work <= f->most && gain > 0) {
		gain = search(f, from, to);
		sum += gain;
	}
	*out = sum;
	return f->work <= f->most;
}

void flow_release(struct flow *f)
{
	free(f->arc);
	free(f->head);
	free(f->level);
	free(f->at);
	free(f->queue);
	free(f->way);
}
