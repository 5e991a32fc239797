/* Shared by the rules of deposits and the patterns. */
#ifndef XT_ANALYSE_FINDER_H
#define XT_ANALYSE_FINDER_H

#include "internal.h"

/* A growing list of events or accounts. */
struct u32s {
	uint32_t *v;
	size_t n, cap;
};
enum xt_status analyse_push(struct u32s *l, uint32_t v, struct xt_err *err) XT_CHECKED;

/* Sorts records by uint32_t members at these offsets, the most significant first; equal
 * ones keep their order. O(n), with a second copy of the records. */
enum xt_status analyse_radix(void *records, size_t n, size_t size,
			     const size_t *offsets, size_t n_offsets,
			     struct xt_err *err) XT_CHECKED;
int analyse_by_u32(const void *pa, const void *pb);
/* Sorts, drops doubles, returns how many are left. */
size_t analyse_distinct(uint32_t *v, size_t n);

/* The taint that one event moved; 0 without a run. O(log edges). */
enum xt_status analyse_taint_of(uint64_t *out, const struct taint_result *r,
				uint32_t event, struct xt_err *err) XT_CHECKED;

/* Blocks between two events: by their heights where both are known, else by their times
 * at a minute a block, rounded up. False where neither says. */
bool analyse_blocks_between(uint64_t *out, const struct graph *g, uint32_t from,
			    uint32_t to);

/* The events of one account in ledger order, a self transfer once. */
struct steps {
	const struct graph *g;
	uint32_t account, in, in_end, out, out_end;
};
struct steps analyse_steps(const struct graph *g, uint32_t account);
bool analyse_step(struct steps *s, uint32_t *event);

/* A transfer that carries XEM and may carry a message. */
static inline bool analyse_is_payment(const struct graph_event *e)
{
	return analyse_between(e) &&
	       (graph_kind(e) == NEM_MOVE_TRANSFER || graph_kind(e) == NEM_MOVE_INNER);
}

/* What a whole history adds up to. */
struct history {
	bool judged; /* complete, nothing before its first event, no
			     service */
	uint32_t to; /* the one receiver of all that it sent; GRAPH_NONE: none or
			several */
	uint32_t n_in, n_out;
	uint32_t first_in, last_out; /* events */
	xt_u128 in, out, fees;
	uint64_t wait; /* the longest that a unit stayed before it went to `to`, first
			  come first gone; blocks */
	bool wait_known;
};
/* Needs graph_index(). O(events of the account). */
enum xt_status analyse_history(struct history *out, const struct graph *g,
			       uint32_t account, struct xt_err *err) XT_CHECKED;
/* Got one transfer, sent it on whole in one transfer within `wait` blocks, and nothing
 * else ever happened there. */
bool analyse_passes_through(const struct history *h, uint64_t wait);
/* Does the account's label, or the other's, say that both are wallets of one service?
 */
bool analyse_same_service(const struct graph *g, uint32_t a, uint32_t b);

/* One rule's work: src/analyse/rules.c. */
struct rules {
	const struct graph *g;
	const struct taint_result *r;
	const struct analyse_rule_options *opt;
	struct analyse_finding *v;
	size_t n, cap;
	struct u32s events, members;
	uint8_t *pool; /* per account: found by the pool rule */
};
enum xt_status analyse_rules_add(struct rules *w, const struct analyse_finding *f,
				 struct xt_err *err) XT_CHECKED;
enum xt_status analyse_pools(struct rules *w, struct xt_err *err) XT_CHECKED;
enum xt_status analyse_forwards(struct rules *w, struct xt_err *err) XT_CHECKED;
enum xt_status analyse_sweeps(struct rules *rules, struct xt_err *err) XT_CHECKED;

#endif
