/* analyse: findings from a graph and taint results. Pure functions; no store, no output. */
#ifndef XEMTRACE_ANALYSE_H
#define XEMTRACE_ANALYSE_H

#include <xemtrace/graph.h>
#include <xemtrace/taint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

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

/* ---- values ------------------------------------------------------------------ */

#define ANALYSE_NO_DAY INT32_MIN
/* What a XEM was worth, by day. */
struct analyse_prices {
	int32_t (*day)(int64_t unix_time); /* the calendar day, as 20180126 */
	/* Price of 1 XEM in 10^-8 of the currency, below 10^15; false: not known. `day` is
	 * ANALYSE_NO_DAY where a record spans days or has no time. */
	bool (*price)(void *ctx, int32_t day, uint64_t *price_e8);
	void *ctx;
	const char *currency;
};
/* A sum of amounts, each at the price of its own day. Exact: outputs alone round. */
struct analyse_value {
	xt_u128 e14;          /* 10^-14 of the currency: uXEM times price_e8 */
	bool known;           /* every amount had a price */
	const char *currency; /* of the prices; NULL without */
};
/* An empty sum; prices may be NULL: then nothing is known. */
struct analyse_value analyse_value_none(const struct analyse_prices *p);
/* Adds uxem at the day of the event. What does not fit is not known. */
void analyse_value_add(struct analyse_value *v, const struct analyse_prices *p,
		       const struct graph *g, uint32_t event, uint64_t uxem);
void analyse_value_sum(struct analyse_value *v, const struct analyse_value *part);

struct analyse_group;
struct analyse_groups;
/* What folding left out: movements between wallets of one group. */
struct analyse_inside {
	uint64_t count;
	bool count_known;
	xt_u128 amount;
};

/* ---- top --------------------------------------------------------------------- */

enum analyse_rank {
	ANALYSE_BY_TAINT,   /* tainted amount received over time (services: sunk) */
	ANALYSE_BY_HELD,    /* tainted amount held at the end (services: sunk) */
	ANALYSE_BY_RECEIVED /* XEM received in all, tainted or not */
};
struct analyse_top_row {
	uint32_t account;
	uint64_t tainted_in; /* taint that arrived, all thefts */
	uint64_t held;       /* taint at the end: held, or sunk at a service */
	uint64_t incomplete; /* of held, what is or was at an incomplete account */
	xt_u128 received;    /* XEM in, tainted or not */
	xt_u128 sent;
	uint64_t n_in, n_out;     /* transfers behind received and sent */
	bool in_known, out_known; /* n_in, n_out are no "at least" */
	bool taint_known; /* false: there was no run, tainted_in and held say nothing */
	uint32_t first, last; /* events: first and last tainted arrival (by RECEIVED: of
				  any arrival); GRAPH_NONE if none */
	struct analyse_basis basis; /* of tainted_in (by RECEIVED: of received) */
	struct analyse_value value; /* of the same */
	const struct analyse_group
	    *group; /* the row is of this group; NULL: of account */
};
/* Ranked by the chosen figure, falling, then by address text; rows where it is 0 are left
 * out (so the robbed account, unless taint came back to it). limit 0: all. r may be NULL
 * or without edges for ANALYSE_BY_RECEIVED, else it must have edges (XT_E_USAGE). Free
 * the array. O(events + accounts log accounts). */
enum xt_status analyse_top(struct analyse_top_row **out, size_t *n,
			   const struct graph *g, const struct taint_result *r,
			   enum analyse_rank by, size_t limit,
			   struct xt_err *err) XT_CHECKED;
/* The same with values, or with groups folded into a row each: sums over their wallets
 * without what these paid each other, which is told in *inside. All may be NULL. */
struct analyse_top_options {
	enum analyse_rank by;
	size_t limit;
	const struct analyse_prices *prices;
	const struct analyse_groups *fold;
	struct analyse_inside *inside; /* filled in */
};
enum xt_status analyse_top_with(struct analyse_top_row **out, size_t *n,
				const struct graph *g, const struct taint_result *r,
				const struct analyse_top_options *o,
				struct xt_err *err) XT_CHECKED;

/* ---- exchanges: memo deposits at services ------------------------------------ */

struct analyse_deposit {
	uint32_t event;   /* its sender can be GRAPH_NONE (a seeded harvest) */
	uint64_t tainted; /* all thefts */
};
struct analyse_memo_row {
	uint32_t account; /* the service's wallet */
	uint32_t memo;
	uint64_t tainted;
	uint64_t incomplete;  /* of it, what came through incomplete accounts: the split
				there rests on an assumed balance */
	xt_u128 amount;       /* XEM of these deposits, tainted or not */
	uint64_t count;       /* transfers with taint (aggregates count as they say) */
	bool count_known;     /* false if an aggregate does not say how many */
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
	/* what no policy that conserves can contradict (analyse_exchanges_bounds()) */
	bool has_bounds, bounds_exact;
	uint64_t low, high;
	const struct analyse_group
	    *group; /* the row is of this group; NULL: of account */
};
struct analyse_exchanges {
	struct analyse_service_row *services; /* by tainted, falling, then address */
	size_t n_services;
	struct analyse_memo_row *memos; /* by service, tainted falling, kind, text */
	size_t n_memos;
	struct analyse_deposit *deposits; /* by memo row, in ledger order */
	size_t n_deposits;
	/* Borrowed, set by the caller where outputs are to show values; else NULL. */
	const struct analyse_prices *prices;
};
/* What the deposits [from, to) were worth, by their stolen parts. */
struct analyse_value analyse_deposits_value(const struct analyse_exchanges *e,
					    const struct graph *g, size_t from,
					    size_t to);
/* Every tainted movement to a service (docs/policies.md, memo deposit). The memo is that of
 * a transfer or inner transfer; what else arrives has none. r needs edges. XT_E_BUG if the
 * deposits do not add up to the run's sinks. O(events + deposits log deposits). */
enum xt_status analyse_exchanges(struct analyse_exchanges *out, const struct graph *g,
				 const struct taint_result *r,
				 struct xt_err *err) XT_CHECKED;
/* Fills in what any policy that conserves can say of each service. */
void analyse_exchanges_bounds(struct analyse_exchanges *e,
			      const struct taint_bounds *b);
/* Makes one row of the services of one group; their memos stay apart by wallet. Bounds
 * that are there already are added up, which holds, but is not exact any more. Only
 * services are folded: what others pay them is a deposit whoever they belong to. */
enum xt_status analyse_exchanges_fold(struct analyse_exchanges *e,
				      const struct graph *g,
				      const struct taint_result *r,
				      const struct analyse_groups *fold,
				      struct xt_err *err) XT_CHECKED;
void analyse_exchanges_release(struct analyse_exchanges *e);

/* ---- coverage: where the stolen amount is ------------------------------------ */

struct analyse_coverage {
	/* Sums over all thefts (TAINT_ALL). For policies that conserve, seeded equals
	 * at_services + fees + cleaned + the three held. */
	uint64_t seeded;
	uint64_t at_services; /* sunk */
	uint64_t fees, cleaned;
	/* held at the end: by accounts whose whole history is here, by those whose lists
	 * were read but do not add up, by those that were not read */
	uint64_t held_complete, held_incomplete, held_unread;
	uint64_t through_incomplete; /* of the whole: passed incomplete accounts */
};
enum xt_status analyse_coverage(struct analyse_coverage *out, const struct graph *g,
				const struct taint_result *r,
				struct xt_err *err) XT_CHECKED;

/* The same as a crawl sees it. The four add up to `stolen` for policies that conserve,
 * in each theft and over all: at_services + complete + behind_stops + incomplete. */
struct analyse_located_part {
	uint64_t stolen; /* less what services sent back (`refunded`) */
	uint64_t at_services;
	/* Held, or paid in fees, by accounts whose whole history is known; */
	uint64_t complete;
	/* by accounts that are not read on purpose, and what was declared clean; */
	uint64_t behind_stops;
	uint64_t incomplete; /* by all others. */
	/* Of these four: */
	uint64_t fees;    /* paid in fees */
	uint64_t cleaned; /* of behind_stops: declared clean */
	uint64_t unread;  /* of incomplete: at accounts that were not read */
	/* In none: what arrived at a service, was sent back by it and marked as a
	 * refund, as far as it had arrived. Counted once, where it is now. */
	uint64_t refunded;
};
struct analyse_located {
	struct analyse_located_part all; /* TAINT_ALL */
	struct analyse_located_part *theft;
	uint32_t n_thefts;
	/* By account, all thefts: tainted XEM that arrived by transfers; and what of it
	 * is located there (held, sunk, paid in fees). */
	uint64_t *arrived, *behind;
};
/* Needs a run with edges. XT_E_LIMIT: a sum does not fit. XT_E_BUG: the parts do not
 * add up. Cost: O(accounts + edges). */
enum xt_status analyse_located(struct analyse_located *out, const struct graph *g,
			       const struct taint_result *r,
			       struct xt_err *err) XT_CHECKED;
void analyse_located_release(struct analyse_located *v);

/* ---- flow: the part of the graph worth drawing ------------------------------- */

struct analyse_flow_options {
	uint64_t min_uxem;  /* edges below are left out (and summed in `cut`) */
	uint32_t max_depth; /* hops from where the theft arrived; 0: no limit */
	bool has_from, has_to;
	int64_t from, to;
	size_t max_edges; /* largest are kept; 0: no limit */
	/* Accounts of one group are one node, its head's; what they paid each other is
	 * no edge, and told in *inside. NULL: none. */
	const struct analyse_groups *fold;
	struct analyse_inside *inside; /* filled in; may be NULL */
};
/* All transfers from one account to another, taken together. */
struct analyse_flow_edge {
	uint32_t from, to;
	uint64_t tainted;
	xt_u128 amount;
	uint64_t count;
	bool count_known;
	uint32_t first, last; /* events */
	struct analyse_basis basis;
};
struct analyse_flow_node {
	uint32_t account;
	uint32_t depth; /* hops from the theft; 0: where it arrived; the robbed
				  account (sender of a seeding transaction) has depth 0 and
				  `victim` set */
	uint64_t tainted_in, held;
	bool victim;
	bool thief;   /* the theft arrived here: received seeded transfers, or
				  its window or balance is a seed; never a service */
	bool stop;    /* a service, or taken for one in this run */
	bool service; /* labelled as a service; of a group: one of its wallets is */
	const struct analyse_group *group; /* the node is of this group; NULL: alone */
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
			    const struct analyse_flow_options *opt,
			    struct xt_err *err) XT_CHECKED;
void analyse_flow_release(struct analyse_flow *f);

/* ---- deposits beyond memos: pools, forwarding accounts, sweeps --------------- */

/* The rules and their thresholds are in docs/deposits.md. */
enum analyse_rule {
	/* a service without a label: many senders, memos of one shape */
	ANALYSE_POOL = 2,
	ANALYSE_FORWARD = 3, /* a deposit address: passes all on to one service */
	ANALYSE_SWEEP = 4    /* accounts emptied into one */
};
enum analyse_alphabet {
	ANALYSE_DIGITS,
	ANALYSE_HEX_LOWER,
	ANALYSE_HEX_UPPER,
	ANALYSE_LOWER,
	ANALYSE_UPPER,
	ANALYSE_DIGITS_LOWER,
	ANALYSE_DIGITS_UPPER,
	ANALYSE_ALNUM,
	ANALYSE_WORD,
	ANALYSE_NO_ALPHABET
};
const char *analyse_alphabet_name(enum analyse_alphabet a);
/* The narrowest alphabet that `text` is written in; "" has none. */
enum analyse_alphabet analyse_alphabet_of(const char *text);

struct analyse_rule_options {
	uint64_t pool_senders, pool_memos, pool_percent;
	uint64_t forward_wait;   /* blocks */
	uint64_t forward_excess; /* uXEM that may be left, with `loose` */
	bool loose;
	bool forward_silent; /* only accounts whose payments on carry no message */
	uint64_t sweep_accounts, sweep_window; /* blocks */
};
void analyse_rule_defaults(struct analyse_rule_options *o);

struct analyse_finding {
	enum analyse_rule rule;
	uint32_t account;     /* the pool, the deposit address, where the sweep went */
	uint32_t service;     /* FORWARD: where it all goes; else GRAPH_NONE */
	bool service_is_pool; /* ... which is itself a finding, not labelled */
	bool exact;           /* FORWARD: in minus out equals the fees */
	uint32_t grade_ppm;   /* 1,000,000: the rule holds to the unit */
	uint64_t senders; /* distinct; FORWARD: who paid in; SWEEP: emptied accounts */
	uint64_t memos;   /* POOL: distinct memos of the shape */
	/* POOL: incoming, and those with a message; FORWARD: those that it sent on. A
	 * message there tells a customer of the service from others. */
	uint64_t transfers, with_message;
	uint32_t length; /* POOL: of the memos */
	enum analyse_alphabet alphabet;
	xt_u128 in, out, fees; /* uXEM; POOL, SWEEP: in alone, of the evidence */
	uint64_t excess;       /* FORWARD: in - out - fees */
	uint64_t wait;         /* FORWARD: the longest, SWEEP: first to last; blocks */
	uint64_t tainted;      /* of the evidence's transfers into it, under the run */
	size_t event_from, event_to;   /* evidence: range in events */
	size_t member_from, member_to; /* SWEEP: the emptied accounts */
};
struct analyse_findings {
	struct analyse_finding *v; /* by rule, then address */
	size_t n;
	uint32_t *events, *members;
	size_t n_events, n_members;
	uint64_t
	    not_judged; /* accounts whose history is not complete: no rule that needs
				the whole of it was tried */
};
/* g needs graph_index(). r may be NULL (no taint), else needs edges. O(events log
 * events). */
enum xt_status analyse_rules(struct analyse_findings *out, const struct graph *g,
			     const struct taint_result *r,
			     const struct analyse_rule_options *opt,
			     struct xt_err *err) XT_CHECKED;
void analyse_findings_release(struct analyse_findings *f);

/* ---- groups: wallets of one owner as one party ------------------------------- */

/* Why an account is taken for a wallet of a party (docs/groups.md); the strongest
 * first. The first two are somebody's word and name the party; the others are findings. */
enum analyse_ground {
	ANALYSE_GIVEN,    /* the analyst said so */
	ANALYSE_ACTOR,    /* a label names the actor behind it */
	ANALYSE_COSIGNED, /* multisig accounts with the same cosignatories */
	ANALYSE_SWEPT,    /* emptied together into one account */
	ANALYSE_GROUNDS
};
const char *analyse_ground_name(enum analyse_ground k);

/* One reason: "account is a wallet of `party`". Ties with equal names are of one party. */
struct analyse_tie {
	enum analyse_ground ground;
	uint32_t account;
	uint32_t confidence; /* ACTOR: of the label, 0..100 */
	int64_t time;        /* GIVEN: when it was said; else 0 */
	const char *party, *reason;
};
struct analyse_ties {
	struct analyse_tie *v;
	size_t n, cap;
};
/* Copies the two texts. */
enum xt_status analyse_tie_add(struct analyse_ties *t, const struct analyse_tie *tie,
			       struct xt_err *err) XT_CHECKED;
/* Ties from sweeps: the emptied accounts and where they were emptied into, unless that is
 * a service or a pool, where the money of many customers goes. */
enum xt_status analyse_ties_swept(struct analyse_ties *t, const struct graph *g,
				  const struct analyse_findings *f,
				  struct xt_err *err) XT_CHECKED;
/* Ties of multisig accounts with the same cosignatories. */
struct analyse_multisig;
enum xt_status analyse_ties_cosigned(struct analyse_ties *t,
				     const struct analyse_multisig *v, size_t n,
				     struct xt_err *err) XT_CHECKED;
void analyse_ties_release(struct analyse_ties *t);

struct analyse_group {
	const char *name; /* of its strongest tie; no two groups have the same */
	enum analyse_ground ground; /* of its strongest tie */
	unsigned grounds;           /* bits 1 << enum analyse_ground */
	uint32_t head; /* the member that stands for it: the first by address */
	size_t member_from, member_to; /* range in members, by address */
	size_t tie_from, tie_to;       /* range in ties, by address, then strength */
	bool has_confidence;           /* a label is among its reasons */
	uint32_t confidence;           /* of the least sure of them */
	bool service;                  /* one of its wallets is a service */
	bool complete; /* every wallet's whole history is in the case, or it is one */
};
struct analyse_groups {
	struct analyse_group *v; /* by name */
	size_t n;
	uint32_t *of; /* per account: index into v, GRAPH_NONE if alone */
	uint32_t *members;
	size_t n_members;
	/* Own texts. Behind those of the groups stand the refused ones: weaker ties that
	 * would have made one party of two that were told apart by name. */
	struct analyse_tie *ties;
	size_t n_ties, refused_from;
	uint32_t n_accounts;
};
/* An account is in one group at most: stronger ties first, of equal ones the earlier in
 * `t`. Groups have at least two accounts, or one that the analyst put there. Ties hold
 * from one to the next (A with B, B with C: one party of three). O(accounts + ties log
 * ties). */
enum xt_status analyse_groups(struct analyse_groups *out, const struct graph *g,
			      const struct analyse_ties *t,
			      struct xt_err *err) XT_CHECKED;
void analyse_groups_release(struct analyse_groups *s);
/* The account that stands for `account` when groups are folded: the group's head, or
 * itself. s may be NULL: nothing is folded. */
static inline uint32_t analyse_fold(const struct analyse_groups *s, uint32_t account)
{
	if (s == NULL || account == GRAPH_NONE || s->of[account] == GRAPH_NONE)
		return account;
	return s->v[s->of[account]].head;
}
/* The group that `account` is in; NULL if none. s may be NULL. */
static inline const struct analyse_group *
analyse_group_of(const struct analyse_groups *s, uint32_t account)
{
	if (s == NULL || account == GRAPH_NONE || s->of[account] == GRAPH_NONE)
		return NULL;
	return &s->v[s->of[account]];
}

/* ---- patterns ---------------------------------------------------------------- */

/* What each means, and what it does not, is in docs/patterns.md. */
enum analyse_pattern_kind {
	ANALYSE_PASS_THROUGH,
	ANALYSE_PEEL,
	ANALYSE_FAN_OUT,
	ANALYSE_FAN_IN,
	ANALYSE_ROUND_TRIP,
	ANALYSE_REFUND,
	ANALYSE_DORMANT,
	ANALYSE_WOKEN,
	ANALYSE_DECOY,
	ANALYSE_CONVERSATION,
	ANALYSE_COSIGNERS,
	ANALYSE_PATTERNS
};
const char *analyse_pattern_name(enum analyse_pattern_kind k);

/* A multisig account, and who can sign for it. Borrowed. */
struct analyse_multisig {
	uint32_t account;
	/* Addresses, ascending, joined by a blank: equal texts are equal sets. */
	const char *cosignatories;
	size_t n;
	const uint32_t *events; /* of the transactions that made it so: their fees */
	size_t n_events;
	uint64_t
	    answer; /* of a node, which nothing signs; 0: the transactions say so */
};

struct analyse_pattern_options {
	/* For shared_cosignatories; none: it is not looked for. */
	const struct analyse_multisig *multisigs;
	size_t n_multisigs;
	bool all;            /* also accounts that no stolen XEM touched */
	uint64_t pass_wait;  /* blocks */
	uint64_t pass_least; /* accounts of a chain */
	uint64_t peel_percent, peel_least;
	uint64_t fan_accounts, fan_window;
	uint64_t return_window, refund_window;
	uint64_t dormant_rest, woken_rest;
	uint64_t woken_times; /* so many times what the account's other rests are */
	uint64_t dust_uxem, dust_accounts, dust_window;
};
void analyse_pattern_defaults(struct analyse_pattern_options *o);

struct analyse_pattern {
	enum analyse_pattern_kind kind;
	uint32_t account; /* whose pattern; of a chain the first */
	uint32_t other;   /* the second party, the end of a chain; GRAPH_NONE: none */
	xt_u128 amount;   /* uXEM of what docs/patterns.md says */
	uint64_t blocks;  /* how long; see has_blocks */
	bool has_blocks;
	uint64_t wrote_first; /* DECOY: receivers that had written to it before */
	size_t event_from, event_to; /* its transactions: range in events */
	size_t member_from,
	    member_to; /* accounts: links of a chain, receivers, senders */
	const char
	    *cosignatories; /* COSIGNERS: the set, as in the options; else NULL */
	uint64_t answers;   /* COSIGNERS: members whose set is a node's word */
};
struct analyse_patterns {
	struct analyse_pattern *v; /* by kind, then the first event */
	size_t n;
	uint32_t *events, *members;
	size_t n_events, n_members;
	uint64_t not_judged; /* accounts looked at whose history is not complete */
};
/* g needs graph_index(); r may be NULL (then `all` holds), else needs edges. */
enum xt_status analyse_patterns(struct analyse_patterns *out, const struct graph *g,
				const struct taint_result *r,
				const struct analyse_pattern_options *opt,
				struct xt_err *err) XT_CHECKED;
void analyse_patterns_release(struct analyse_patterns *p);

/* ---- tables of transfers ----------------------------------------------------- */

enum analyse_by {
	ANALYSE_TRANSFERS, /* one row an event */
	ANALYSE_SENDERS,
	ANALYSE_RECIPIENTS,
	ANALYSE_PAIRS,
	ANALYSE_DAYS,
	ANALYSE_DAY_SENDERS,
	ANALYSE_DAY_RECIPIENTS,
	ANALYSE_SERVICE_DAYS /* recipients where taint stops, a day */
};
struct analyse_table_options {
	enum analyse_by by;
	/* One byte an account; NULL: all, none. */
	const uint8_t *sender, *recipient, *either, *exclude;
	bool has_from, has_to;
	int64_t from, to; /* unix; a transfer without a time is outside any window, a
			       record of many inside it only with both its ends */
	bool tainted;     /* only transfers that moved stolen XEM */
	int32_t (*day)(int64_t unix_time);   /* the calendar day, as 20180126 */
	const struct analyse_prices *prices; /* NULL: no values */
	/* Accounts of one group are one party; what these paid each other is left out
	 * and told in *inside. NULL: none. Masks are of accounts all the same. */
	const struct analyse_groups *fold;
	struct analyse_inside *inside; /* filled in; may be NULL */
};
struct analyse_table_row {
	uint32_t from, to; /* GRAPH_NONE: not part of the key; a group's head */
	const struct analyse_group *from_group, *to_group; /* NULL: accounts alone */
	int32_t day; /* ANALYSE_NO_DAY: not part of the key, or the record spans days,
			      or there is no time */
	xt_u128 amount;
	uint64_t tainted;
	bool taint_known;
	uint64_t count;
	bool count_known;
	uint32_t first, last;
	struct analyse_basis basis; /* of amount */
	struct analyse_value value; /* of amount */
};
/* Rows by day, then amount falling, then address; transfers in ledger order. r may be NULL
 * (SERVICE_DAYS: labelled services). O(events + rows log rows). */
enum xt_status analyse_table(struct analyse_table_row **out, size_t *n,
			     const struct graph *g, const struct taint_result *r,
			     const struct analyse_table_options *opt,
			     struct xt_err *err) XT_CHECKED;
/* The same by pair as a matrix: who paid whom. */
struct analyse_matrix_side {
	uint32_t account; /* of a group: its head */
	const struct analyse_group *group;
	xt_u128 total;
	uint64_t count;
	bool count_known;
};
struct analyse_matrix_cell {
	uint32_t sender, recipient; /* places in the two lists */
	size_t row;                 /* of the table by pair */
};
struct analyse_matrix {
	/* By total falling, then address. */
	struct analyse_matrix_side *senders, *recipients;
	size_t n_senders, n_recipients;
	struct analyse_matrix_cell
	    *cells; /* those that are not empty; by sender, recipient */
	size_t n_cells;
	xt_u128 total; /* of the senders, of the recipients, of the cells */
	const struct analyse_table_row *rows; /* borrowed */
};
/* rows: of analyse_table() by ANALYSE_PAIRS; they must outlive the matrix.
 * O(rows log rows). */
enum xt_status analyse_matrix(struct analyse_matrix *out, const struct graph *g,
			      const struct analyse_table_row *rows, size_t n,
			      struct xt_err *err) XT_CHECKED;
void analyse_matrix_release(struct analyse_matrix *m);

/* An account's balance after each transaction that changed it. */
struct analyse_balance_row {
	uint32_t tx, event; /* its last event */
	uint64_t in, out;   /* uXEM of this transaction, fees in out */
	uint64_t balance;
	uint64_t tainted; /* held after it */
	bool taint_known; /* false: no run, or a service, where taint stops */
};
/* The opening is not a row. g needs graph_index(). O(the account's events log edges). */
enum xt_status analyse_balance(struct analyse_balance_row **out, size_t *n,
			       const struct graph *g, const struct taint_result *r,
			       uint32_t account, struct xt_err *err) XT_CHECKED;

/* ---- ways from one account to another ---------------------------------------- */

/* What the ledger alone says: each transfer of a way comes after the one before. Whether
 * the same money took it is for taint_paths_find(). */
enum analyse_route_kind {
	ANALYSE_SHORTEST, /* fewest transfers; of equal ones the earliest to arrive */
	ANALYSE_EARLIEST, /* arrives first */
	ANALYSE_WIDEST    /* the largest smallest amount */
};
struct analyse_route {
	uint32_t *events; /* in order */
	size_t n;
	uint64_t width; /* uXEM: the smallest of its amounts */
};
/* A service on the way mixes its customers' money: the way ends there unless
 * through_services. XT_E_NOTFOUND: there is none. One pass over the events. */
enum xt_status analyse_route(struct analyse_route *out, const struct graph *g,
			     uint32_t from, uint32_t to, enum analyse_route_kind kind,
			     bool through_services, struct xt_err *err) XT_CHECKED;
void analyse_route_release(struct analyse_route *r);

/* ---- where an account's money can have come from ----------------------------- */

enum analyse_origin {
	ANALYSE_ORIGIN_NONE, /* all it had came from others in the list, or harvests */
	ANALYSE_ORIGIN_OPENING,    /* it held something before the case begins */
	ANALYSE_ORIGIN_INCOMPLETE, /* what else it got is not known */
	ANALYSE_ORIGIN_SERVICE /* a service: whose money it was is for the service to say */
};
struct analyse_back_row {
	uint32_t account;
	uint32_t hops;  /* fewest transfers to the account asked for */
	xt_u128 amount; /* uXEM it paid on ways that lead there in order of time */
	xt_u128 direct; /* of it, to the account itself */
	uint64_t count;
	bool count_known;
	uint32_t first, last; /* events */
	enum analyse_origin origin;
};
/* Everybody from whom money can have come, by hops, then amount falling. An upper bound:
 * the same XEM counts at each account that it passed. Not back through services unless
 * asked. max_hops 0: no limit. Free the array. One pass over the events. */
enum xt_status analyse_back(struct analyse_back_row **out, size_t *n,
			    const struct graph *g, uint32_t account, uint32_t max_hops,
			    bool through_services, struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
