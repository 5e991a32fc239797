/* taint/flow: maximum flow on a small network (augmenting ways), for exact bounds. */
#ifndef TAINT_FLOW_H
#define TAINT_FLOW_H

#include <xemtrace/base.h>

struct flow_arc {
	uint32_t to, next; /* arcs come in pairs: i and i ^ 1 */
	uint64_t left;
};
struct flow {
	struct flow_arc *arc;
	uint32_t n_arcs, cap_arcs;
	uint32_t *head; /* first arc of a node */
	uint32_t n_nodes, cap_nodes;
	uint64_t work, most; /* arcs looked at so far, and when to give up */
	/* work space of the searches */
	uint32_t *seen, *at, *way;
	uint32_t round;
};

/* Both return UINT32_MAX when memory is out. */
uint32_t flow_node(struct flow *f);
uint32_t flow_arc(struct flow *f, uint32_t from, uint32_t to, uint64_t cap);
/* Lets x of an arc's room be used. The caller sees to it that what enters a node leaves it.
 */
void flow_use(struct flow *f, uint32_t arc, uint64_t x);
/* Room for the searches, after the last node. */
bool flow_ready(struct flow *f);
/* Makes the flow that stands the largest one, and adds to *sum what was gained. Sums must stay
 * below 2^64. False once `work` passes `most`: then the flow stands, perhaps not as the largest.
 * The same network gives up at the same arc, on every machine. */
bool flow_max(struct flow *f, uint32_t from, uint32_t to, uint64_t *sum);
/* The most, and the least, that an arc into the target has in any largest flow, while such a
 * flow stands; another one stands afterwards. `enough`: it is known that there is not more, or
 * less. Both look no further than what is exchanged: cheap where little is. False as above. */
bool flow_most(struct flow *f, uint32_t arc, uint64_t enough, uint64_t *out);
bool flow_least(struct flow *f, uint32_t arc, uint64_t enough, uint64_t *out);
void flow_release(struct flow *f);

#endif
