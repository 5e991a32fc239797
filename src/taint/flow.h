/* taint/flow: maximum flow on a small network (augmenting ways), for exact bounds. */
#ifndef TAINT_FLOW_H
#define TAINT_FLOW_H

#include <xemtrace/base.h>

struct flow_arc {
	uint32_t to, next; /* arcs come in pairs: i and i ^ 1 */
	uint64_t cap, left;
};
struct flow {
	struct flow_arc *arc;
	uint32_t n_arcs, cap_arcs;
	uint32_t *head; /* first arc of a node */
	uint32_t n_nodes, cap_nodes;
	uint32_t *level, *at, *queue, *way; /* work space of flow_max() */
	uint64_t work, most; /* arcs looked at so far, and when to give up */
};

/* Both return UINT32_MAX when memory is out. */
uint32_t flow_node(struct flow *f);
uint32_t flow_arc(struct flow *f, uint32_t from, uint32_t to, uint64_t cap);
/* Room for flow_max(), after the last node. */
bool flow_ready(struct flow *f);
/* Every arc empty again. */
void flow_reset(struct flow *f);
/* Largest flow. Sums must stay below 2^64. False once `work` passes `most`: then *out says
 * nothing. The same network gives up at the same arc, on every machine. */
bool flow_max(struct flow *f, uint32_t from, uint32_t to, uint64_t *out);
void flow_release(struct flow *f);

#endif
