/* taint: policies and the replay engine. A pure function of a graph. The rules, with
 * their papers, are in docs/policies.md. */
#ifndef XEMTRACE_TAINT_H
#define XEMTRACE_TAINT_H

#include <xemtrace/graph.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct taint_state; /* private to src/taint */

/* A policy is data: a name, what it promises, and its replay. Adding one is one file in
 * src/taint/ and one row in taint_policies[] (docs/policies.md). */
struct taint_policy {
	const char *name;    /* "haircut", as --policy and stored runs spell it */
	const char *summary; /* one line for --help */
	bool conserves;      /* sum of taint, sinks and fees equals the seeded amount */
	bool lots;           /* keeps lots, so that lineage can be read (FIFO, LIFO) */
	const void *ops;     /* src/taint/policy.h */
};
extern const struct taint_policy *const taint_policies[]; /* NULL at the end */
const struct taint_policy *taint_policy_find(const char *name);

struct taint_edge;

enum taint_fee_rule {
	TAINT_FEE_CARRY, /* taint leaves with the fee by the policy's own rule */
	TAINT_FEE_ABSORB /* fees are paid with clean money first */
};

struct taint_options {
	enum taint_fee_rule fees;
	bool stop_at_probable; /* hubs without a label count as services */
	bool edges;            /* record the taint that each event moved */
	bool lineage;          /* record lots' origins (policies with lots) */
	uint32_t max_hops;     /* lineage: XT_E_LIMIT beyond; 0: TAINT_MAX_HOPS */
	/* With edges: where they go, in place of the result, in batches of edges_batch
	 * (0: TAINT_EDGES_BATCH; the last one has what is left); numbered from 0. False:
	 * stop (XT_E_STOPPED). A run that goes on from a checkpoint first names the
	 * batch that it begins with, with n = 0: those before are as they were. */
	bool (*edges_to)(void *ctx, uint32_t batch, const struct taint_edge *v,
			 size_t n);
	void *edges_ctx;
	uint32_t edges_batch;
	/* Most steps that taint_bounds_run() spends on exact bounds; 0:
	 * TAINT_BOUND_STEPS, half a second. */
	uint64_t bound_steps;
};
#define TAINT_BOUND_STEPS UINT64_C(200000000)
#define TAINT_EDGES_BATCH 16384
#define TAINT_MAX_HOPS    (UINT32_C(1) << 26) /* 1.5 GiB of hops */

/* In place of a theft: all of them together. Under a policy that conserves that is the
 * sum. Under poison thefts overlap, and it counts each unit once. */
#define TAINT_ALL UINT32_MAX
/* No hop, no event. */
#define TAINT_NONE UINT32_MAX

/* Who holds how much of which theft. Sparse: only amounts above 0. */
struct taint_holding {
	uint32_t account, theft;
	uint64_t uxem;
	uint64_t incomplete; /* of it, what is or was at an incomplete account: the
				split there rests on an assumed balance */
};
/* What reached a service: one per (service, memo, theft). */
struct taint_sink {
	uint32_t account, memo, theft;
	uint32_t count;       /* deposits with taint */
	uint64_t uxem;        /* tainted */
	uint64_t incomplete;  /* as in struct taint_holding */
	uint32_t first, last; /* event indices */
};
/* Taint that one event moved between two different accounts, or into a fee. */
struct taint_edge {
	uint32_t event, theft;
	uint64_t uxem;
};

/* Lineage: one lot's step. The chain by `parent` leads from a deposit or holding back
 * to the seed; each hop tells how many of the units its event carried. */
struct taint_hop {
	uint64_t uxem;
	uint32_t event;  /* TAINT_NONE: dirty where it lay (a balance seed) */
	uint32_t parent; /* index of the hop before; TAINT_NONE at the seed */
	uint32_t seed;   /* index into graph.seeds: where the chain begins */
	uint32_t theft;
};
/* A dirty lot that an account holds at the end: its last hop, and how much is left. */
struct taint_held_lot {
	uint32_t account, hop;
	uint64_t uxem;
};

/* Taint that a seed made, or a clean mark took: the rest of the story that edges tell.
 */
struct taint_change {
	uint32_t
	    event; /* right before it, or at it (`at_event`); n_events: after all */
	uint32_t account; /* at_event: who received it (GRAPH_NONE: a fee) */
	uint32_t theft;
	uint32_t seed; /* index into graph.seeds; TAINT_NONE: a clean mark */
	uint64_t uxem;
	bool at_event;
};

struct taint_result {
	const struct taint_policy *policy;
	struct taint_options options;
	uint64_t *seeded;   /* per theft; length n_thefts */
	uint64_t *refunded; /* per theft: the part of seeded that refund seeds made */
	uint64_t *fees;     /* per theft: the fee sink */
	uint64_t *cleaned;  /* per theft: what an analyst's clean marks took out */
	uint32_t n_thefts;
	struct taint_holding *holdings; /* by account, then theft */
	size_t n_holdings;
	struct taint_sink *sinks; /* by account, memo, theft */
	size_t n_sinks;
	struct taint_edge *edges; /* by event, then theft; NULL unless asked for */
	size_t n_edges;
	struct taint_change *changes; /* in order of events */
	size_t n_changes;
	struct taint_sink *sink_totals; /* by account, memo; theft is TAINT_ALL */
	size_t n_sink_totals;
	uint64_t fees_total; /* over all thefts; poison: each fee once */
	/* Taint that passed through accounts whose opening balance is an assumption: in
	 * sinks, holdings and fees together. */
	uint64_t through_incomplete;
	uint32_t peak_lots; /* policies with lots: the most at one time */
	/* options.lineage, policies with lots: in order of events. */
	struct taint_hop *hops;
	uint32_t n_hops;
	struct taint_held_lot *held_lots; /* by account, oldest first */
	size_t n_held_lots;
};

/* Replay every event in order under one policy.
 * Returns XT_OK; XT_E_NOMEM; XT_E_STOPPED (the sink asked); XT_E_VERIFY (an account
 * spends what it does not have: the event is named; call graph_assume_openings()
 * first); XT_E_DATA (a seed names more than was there); XT_E_BUG (conservation broke,
 * with the event). Cost: O(events), times the number of thefts for haircut. */
enum xt_status taint_run(struct taint_result **out, const struct graph *g,
			 const struct taint_policy *policy,
			 const struct taint_options *opt, const struct xt_sink *sink,
			 struct xt_err *err) XT_CHECKED;
void taint_result_free(struct taint_result *r);

/* What an account holds of all thefts together (TAINT_ALL); 0 if none. O(log n). */
uint64_t taint_held(const struct taint_result *r, uint32_t account);

/* ---- going on from a checkpoint ---------------------------------------------- */

/* As taint_run(), but starting from the state that an earlier run wrote to `save`, so
 * that only events after it are replayed; the result has the same bytes as a full
 * run's. The state is that of the last completed height: before the first event of the
 * graph's highest height, whose block may still grow. from, n: an earlier `save` (NULL:
 * from the start). It holds a fingerprint of policy, options and all that was replayed;
 * if the graph is not a continuation of it, the answer is XT_E_NOTFOUND and the caller
 * runs without it. save:    NULL, or where the new state is appended; its maximum must
 * be ample. */
enum xt_status taint_run_from(struct taint_result **out, struct xt_buf *save,
			      const struct graph *g, const struct taint_policy *policy,
			      const struct taint_options *opt, const uint8_t *from,
			      size_t n, const struct xt_sink *sink,
			      struct xt_err *err) XT_CHECKED;

/* How many batches of edges lie before a state (taint_options.edges_to); 0 for what is
 * no state. */
uint32_t taint_state_batches(const uint8_t *state, size_t n);

/* ---- bounds ------------------------------------------------------------------ */

/* What any policy that conserves can say, over all thefts together. `low` and `high`
 * are guaranteed: no choice of which units leave an account at an event gives a figure
 * outside. exact: both are reached by some choice (maximum flow). Else they may be
 * wide. */
struct taint_bound {
	uint32_t account;
	bool sink; /* what a service received; else what an account holds at the end */
	bool exact;
	uint64_t low, high;
	uint64_t poison; /* what poison reaches */
};
struct taint_bounds {
	struct taint_bound *v; /* by account; those with high or poison above 0 */
	size_t n;
};
enum xt_status taint_bounds_run(struct taint_bounds **out, const struct graph *g,
				const struct taint_options *opt,
				const struct xt_sink *sink,
				struct xt_err *err) XT_CHECKED;
void taint_bounds_free(struct taint_bounds *b);
/* O(log n); NULL if nothing can be there. */
const struct taint_bound *taint_bound_find(const struct taint_bounds *b,
					   uint32_t account);

/* ---- paths ------------------------------------------------------------------- */

/* Which chains of events to show. */
struct taint_path_query {
	uint32_t theft; /* TAINT_ALL: any */
	uint32_t
	    account;   /* where the money ended: a service or holder; GRAPH_NONE: any */
	uint32_t memo; /* of the deposit; TAINT_ALL: any, and holdings too */
	uint32_t via;  /* an account on the way (sender or receiver); GRAPH_NONE: any */
	size_t max;    /* paths to give */
};
/* One chain from a seed to where the money ended. Under fifo and lifo these very units;
 * under the pooling policies the share that pro rata within the dirty money gives. */
struct taint_path {
	uint64_t uxem;        /* that came all the way */
	uint32_t theft, seed; /* seed: index into graph.seeds */
	uint32_t account;     /* where it ended */
	bool held;            /* still there; else the last event is a deposit */
	uint32_t first, n;    /* events[first..first+n), oldest first; n may be 0 */
};
struct taint_paths {
	struct taint_path *v; /* largest first */
	size_t n;
	uint32_t *events;
	uint64_t
	    asked; /* what all ends of the query hold (all of them, without `via`) */
	uint64_t shown; /* sum of v */
};
/* Needs a run with options.lineage (policies with lots), or options.edges and a graph
 * with graph_index() (the others; not poison: XT_E_USAGE). Cost: with lots, O(hops);
 * else each path costs a walk over the events of the accounts on it, and small
 * remainders end up in asked - shown. */
enum xt_status taint_paths_find(struct taint_paths **out, const struct taint_result *r,
				const struct graph *g, const struct taint_path_query *q,
				struct xt_err *err) XT_CHECKED;
void taint_paths_free(struct taint_paths *p);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
