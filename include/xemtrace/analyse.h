/* analyse: findings from a graph and taint results. Pure functions; no store, no output. */
#ifndef XEMTRACE_ANALYSE_H
#define XEMTRACE_ANALYSE_H

#include <xemtrace/graph.h>
#include <xemtrace/taint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a figure stands on, in uXEM: the provenance of the transfers that carried it. The
 * members add up to the figure. 0 is for events without provenance (text ledgers). */
struct analyse_basis {
	xt_u128 by[8]; /* by enum nem_provenance */
};

/* In all that follows:
 *   - sums are exact; XT_E_LIMIT with the account's name where one does not fit;
 *   - a count adds up what the records say; one that does not say how many transfers it
 *     stands for counts as one, and the row's `known` flag is false: "at least";
 *   - `first` and `last` are the events with the earliest and the latest time (an
 *     aggregate has two ends), by ledger order where no time is known;
 *   - movements between two different accounts count: transfers, inner transfers,
 *     rental and creation fees, levies. Fees, harvests, openings and self transfers do
 *     not. */

/* ---- top ------------------------------------------------------------------------------ */

enum analyse_rank {
	ANALYSE_BY_TAINT,    /* tainted amount received over time (services: sunk) */
	ANALYSE_BY_HELD,     /* tainted amount held at the end (services: sunk) */
	ANALYSE_BY_RECEIVED  /* XEM received in all, tainted or not */
};
struct analyse_top_row {
	uint32_t account;
	uint64_t tainted_in;   /* taint that arrived, all thefts */
	uint64_t held;         /* taint at the end: held, or sunk at a service */
	uint64_t incomplete;   /* of held, what is or was at an incomplete account */
	xt_u128 received;      /* XEM in, tainted or not */
	xt_u128 sent;
	uint64_t n_in, n_out;  /* transfers behind received and sent */
	bool in_known, out_known; /* n_in, n_out are no "at least" */
	bool taint_known;      /* false: there was no run, tainted_in and held say nothing */
	uint32_t first, last;  /* events: first and last tainted arrival (by RECEIVED: of
				  any arrival); GRAPH_NONE if none */
	struct analyse_basis basis; /* of tainted_in (by RECEIVED: of received) */
};
/* Ranked by the chosen figure, falling, then by address text; rows where it is 0 are left
 * out (so the robbed account, unless taint came back to it). limit 0: all. r may be NULL
 * or without edges for ANALYSE_BY_RECEIVED, else it must have edges (XT_E_USAGE). Free
 * the array. O(events + accounts log accounts). */
enum xt_status analyse_top(struct analyse_top_row **out, size_t *n, const struct graph *g,
			   const struct taint_result *r, enum analyse_rank by, size_t limit,
			   struct xt_err *err) XT_CHECKED;

/* ---- exchanges: memo deposits at services ---------------------------------------------- */

struct analyse_deposit {
	uint32_t event;   /* its sender can be GRAPH_NONE (a seeded harvest) */
	uint64_t tainted; /* all thefts */
};
struct analyse_memo_row {
	uint32_t memo;
	uint64_t tainted;
	uint64_t incomplete; /* of it, what came through incomplete accounts: the split
				there rests on an assumed balance */
	xt_u128 amount;     /* XEM of these deposits, tainted or not */
	uint64_t count;     /* transfers with taint (aggregates count as they say) */
	bool count_known;   /* false if an aggregate does not say how many */
	uint32_t first, last; /* events */
	size_t deposit_from, deposit_to; /* range in deposits */
	struct analyse_basis basis;
};
struct analyse_service_row {
	uint32_t account;
	uint64_t tainted;
	uint64_t incomplete; /* as above */
	xt_u128 amount;
	uint64_t count;
	bool count_known;
	uint32_t first, last;
	size_t memo_from, memo_to; /* range in memos */
	struct analyse_basis basis;
};
struct analyse_exchanges {
	struct analyse_service_row *services; /* by tainted, falling, then address */
	size_t n_services;
	struct analyse_memo_row *memos;       /* by service, tainted falling, kind, text */
	size_t n_memos;
	struct analyse_deposit *deposits;     /* by memo row, in ledger order */
	size_t n_deposits;
};
/* Every tainted movement to a service (docs/policies.md, memo deposit). The memo is that of
 * a transfer or inner transfer; what else arrives has none. r needs edges. XT_E_BUG if the
 * deposits do not add up to the run's sinks. O(events + deposits log deposits). */
enum xt_status analyse_exchanges(struct analyse_exchanges *out, const struct graph *g,
				 const struct taint_result *r, struct xt_err *err)
	XT_CHECKED;
void analyse_exchanges_release(struct analyse_exchanges *e);

/* ---- coverage: where the stolen amount is -------------------------------------------------- */

struct analyse_coverage {
	/* Sums over all thefts (TAINT_ALL). For policies that conserve, seeded equals
	 * at_services + fees + cleaned + the three held. */
	uint64_t seeded;
	uint64_t at_services;   /* sunk */
	uint64_t fees, cleaned;
	/* held at the end: by accounts whose whole history is here, by those whose lists
	 * were read but do not add up, by those that were not read */
	uint64_t held_complete, held_incomplete, held_unread;
	uint64_t through_incomplete; /* of the whole: passed incomplete accounts */
};
enum xt_status analyse_coverage(struct analyse_coverage *out, const struct graph *g,
				const struct taint_result *r, struct xt_err *err) XT_CHECKED;

/* ---- flow: the part of the graph worth drawing ----------------------------------------------- */

struct analyse_flow_options {
	uint64_t min_uxem;   /* edges below are left out (and summed in `cut`) */
	uint32_t max_depth;  /* hops from where the theft arrived; 0: no limit */
	bool has_from, has_to;
	int64_t from, to;
	size_t max_edges;    /* largest are kept; 0: no limit */
};
/* All transfers from one account to another, taken together. */
struct analyse_flow_edge {
	uint32_t from, to;
	uint64_t tainted;
	xt_u128 amount;
	uint64_t count;
	bool count_known;
	uint32_t first, last;  /* events */
	struct analyse_basis basis;
};
struct analyse_flow_node {
	uint32_t account;
	uint32_t depth;        /* hops from the theft; 0: where it arrived; the robbed
				  account (sender of a seeding transaction) has depth 0 and
				  `victim` set */
	uint64_t tainted_in, held;
	bool victim;
	bool thief;            /* the theft arrived here: received seeded transfers, or
				  its window or balance is a seed; never a service */
	bool stop;             /* a service, or taken for one in this run */
};
struct analyse_flow {
	struct analyse_flow_edge *edges; /* by tainted falling, then from, to */
	size_t n_edges;
	struct analyse_flow_node *nodes; /* by depth, then account: ends of edges, and
					    always where the theft arrived */
	size_t n_nodes;
	/* Left out on purpose, and said in the picture: whole edges, and the taint of all
	 * that is not in `edges` (with dates also parts of edges that are). */
	uint64_t cut_edges, cut_uxem;
};
/* Depth is measured over all tainted movements, filtered or not; an edge that leaves depth
 * d is hop d + 1, the theft itself is always within max_depth. An event without a time is
 * outside any dates. O(events + edges log edges). */
enum xt_status analyse_flow(struct analyse_flow *out, const struct graph *g,
			    const struct taint_result *r,
			    const struct analyse_flow_options *opt, struct xt_err *err)
	XT_CHECKED;
void analyse_flow_release(struct analyse_flow *f);

#ifdef __cplusplus
}
#endif
#endif
