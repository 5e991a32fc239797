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
	f->arc[i] = (struct flow_arc){ to, f->head[from], cap };
	f->arc[i + 1] = (struct flow_arc){ from, f->head[to], 0 };
	f->head[from] = i;
	f->head[to] = i + 1;
	f->n_arcs += 2;
	return i;
}

void flow_use(struct flow *f, uint32_t arc, uint64_t x)
{
	f->arc[arc].left -= x;
	f->arc[arc ^ 1].left += x;
}

bool flow_ready(struct flow *f)
{
	f->seen = xt_calloc(f->n_nodes, sizeof(*f->seen));
	f->at = xt_calloc(f->n_nodes, sizeof(*f->at));
	f->way = xt_calloc(f->n_nodes, sizeof(*f->way));
	return f->seen && f->at && f->way;
}

/* A search. Backwards (back: 1) it goes against the arcs: then the arc meant by each of a
 * node's list is the one of the pair that leads to the node. */
struct search {
	struct flow *f;
	uint32_t from, to, back;
	uint64_t want; /* most to send */
};

/* Send what fits along the way found; returns it, and how far the way still stands. */
static uint64_t push(const struct search *s, uint32_t *depth)
{
	struct flow *f = s->f;
	uint64_t x = s->want;
	for (uint32_t k = 0; k < *depth; k++)
		if (f->arc[f->way[k] ^ s->back].left < x)
			x = f->arc[f->way[k] ^ s->back].left;
	uint32_t stand = *depth;
	for (uint32_t k = *depth; k-- > 0;) {
		const uint32_t i = f->way[k] ^ s->back;
		f->arc[i].left -= x;
		f->arc[i ^ 1].left += x;
		if (!f->arc[i].left)
			stand = k;
	}
	*depth = stand;
	return x;
}

/* How far each node is from the first, as far as the target is: seen[u] less that of the first.
 * Each node that is reached gets its list anew. False: the target is not reached. */
static bool reach(const struct search *s)
{
	struct flow *f = s->f;
	uint32_t n = 0;
	const uint32_t first = ++f->round;
	f->seen[s->from] = first;
	f->at[s->from] = f->head[s->from];
	f->way[n++] = s->from;
	for (uint32_t k = 0; k < n; k++) {
		const uint32_t u = f->way[k];
		for (uint32_t i = f->head[u]; i != NONE; i = f->arc[i].next) {
			const uint32_t v = f->arc[i].to;
			f->work++;
			if (!f->arc[i ^ s->back].left || f->seen[v] >= first)
				continue;
			f->round = f->seen[v] = f->seen[u] + 1;
			f->at[v] = f->head[v];
			if (v == s->to)
				return true;
			f->way[n++] = v;
		}
	}
	return false;
}

/* The next arc of a node that has room and may be entered: the next step of a shortest way
 * (`open` 0), or a node that is `open`. */
static uint32_t next_arc(const struct search *s, uint32_t u, uint32_t open)
{
	struct flow *f = s->f;
	uint32_t i = f->at[u];
	for (; i != NONE; i = f->arc[i].next, f->work++) {
		const uint32_t seen = f->seen[f->arc[i].to];
		if (f->arc[i ^ s->back].left &&
		    (open ? seen <= open : seen == f->seen[u] + 1))
			break;
	}
	f->at[u] = i;
	f->work++;
	return i;
}

static void enter(struct flow *f, uint32_t u, uint32_t open)
{
	if (f->seen[u] < open)
		f->at[u] = f->head[u];
	if (open)
		f->seen[u] = open + 1;
}

/* One round, depth first with the way as its own stack: each way to the target is used as it
 * is found. Along shortest ways, as reach() has found them (`open` 0); or along any, and then
 * a node that led nowhere is not entered again. `seen`: below `open` not in this round, `open`
 * may be entered (again), above it is on the way or led nowhere. */
static uint64_t round_of(struct search *s, uint32_t open)
{
	struct flow *f = s->f;
	uint64_t sum = 0;
	uint32_t depth = 0;
	uint32_t u = s->from;
	while (f->work <= f->most && s->want > 0) {
		if (u == s->to) {
			const uint32_t end = depth;
			f->work += depth;
			const uint64_t x = push(s, &depth);
			sum += x;
			s->want -= x;
			/* Those behind the narrowest arc may lead there again. */
			for (uint32_t k = depth; open && k < end; k++)
				f->seen[f->arc[f->way[k]].to] = open;
			u = depth ? f->arc[f->way[depth - 1]].to : s->from;
			continue;
		}
		const uint32_t i = next_arc(s, u, open);
		if (i != NONE) {
			f->way[depth++] = i;
			u = f->arc[i].to;
			enter(f, u, open);
		} else if (!depth) {
			return sum;
		} else {
			u = f->arc[f->way[--depth] ^ 1].to;
			f->at[u] = f->arc[f->at[u]].next;
		}
	}
	return sum;
}

static uint64_t any_ways(struct search *s)
{
	struct flow *f = s->f;
	const uint32_t open = f->round + 1;
	f->round += 2;
	f->seen[s->from] = open + 1;
	f->at[s->from] = f->head[s->from];
	return round_of(s, open);
}

/* Ways through time are long and of all lengths: going by length from the start, as Dinic
 * does, would need a round for each of a thousand lengths. Ways of any length find nearly all in
 * a round or two. But there a node can be given up because its way led through one that was on
 * the stack, and where everybody pays everybody the rest would come in a thousand rounds: it is
 * sought by length. A round without any gain, of either kind, proves that nothing is left. */
#define ANY_ROUNDS 4

static bool send(struct search *s, uint64_t *sum)
{
	struct flow *f = s->f;
	uint64_t gain = 1;
	for (unsigned i = 0; f->work <= f->most && gain > 0 && s->want > 0; i++) {
		if (f->round > UINT32_MAX / 2) {
			memset(f->seen, 0, f->n_nodes * sizeof(*f->seen));
			f->round = 0;
		}
		gain = 0;
		if (i < ANY_ROUNDS)
			gain = any_ways(s);
		else if (reach(s))
			gain = round_of(s, 0);
		*sum += gain;
	}
	return f->work <= f->most;
}

bool flow_max(struct flow *f, uint32_t from, uint32_t to, uint64_t *sum)
{
	struct search s = { f, from, to, 0, UINT64_MAX };
	return send(&s, sum);
}

/* What the arc has more, or less, the other arcs into the target have less, or more: sent
 * between the arc's node and the target with the arc itself taken out. */
static bool exchange(struct flow *f, uint32_t arc, uint32_t back, uint64_t want,
		     uint64_t *moved)
{
	const struct flow_arc there = f->arc[arc];
	const struct flow_arc twin = f->arc[arc ^ 1];
	struct search s = { f, twin.to, there.to, back, want };
	*moved = 0;
	f->arc[arc].left = f->arc[arc ^ 1].left = 0;
	const bool done = send(&s, moved);
	f->arc[arc].left = there.left;
	f->arc[arc ^ 1].left = twin.left;
	return done;
}

bool flow_most(struct flow *f, uint32_t arc, uint64_t enough, uint64_t *out)
{
	const uint64_t now = f->arc[arc ^ 1].left;
	uint64_t more;
	const bool done = exchange(f, arc, 1, enough > now ? enough - now : 0, &more);
	flow_use(f, arc, more);
	*out = now + more;
	return done;
}

bool flow_least(struct flow *f, uint32_t arc, uint64_t enough, uint64_t *out)
{
	const uint64_t now = f->arc[arc ^ 1].left;
	uint64_t less;
	const bool done = exchange(f, arc, 0, enough < now ? now - enough : 0, &less);
	f->arc[arc].left += less;
	f->arc[arc ^ 1].left -= less;
	*out = now - less;
	return done;
}

void flow_release(struct flow *f)
{
	free(f->arc);
	free(f->head);
	free(f->seen);
	free(f->at);
	free(f->way);
}
