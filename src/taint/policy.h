/* taint/policy: what a policy is made of, and the state that a replay works on. A
 * policy brings a struct taint_ops; replay.h turns it into a loop. */
#ifndef TAINT_POLICY_H
#define TAINT_POLICY_H

#include <xemtrace/taint.h>

#include "memory.h"

#define TAINT_NIL           UINT32_MAX
#define TAINT_SEEDS_AT_ONCE 64 /* seeds that may name the same event */

/* Two marks in place of an account's taint. A service has no balance in the model; an
 * account that an analyst declared clean keeps its balance and never holds taint. */
#define TAINT_STOP       UINT64_MAX
#define TAINT_CLEANED    (UINT64_MAX - 1)
#define TAINT_IS_MARK(t) ((t) >= TAINT_CLEANED)
/* In place of the balance of a service, or of nobody: it means nothing, and neither
 * runs dry nor over in the quick path. */
#define TAINT_OUTSIDE (UINT64_C(1) << 62)

/* All that a clean transfer touches: 16 bytes. */
struct taint_acct {
	uint64_t balance;
	uint64_t
	    t; /* taint of all thefts together (poison: 1 if ever tainted), or a mark */
};

/* A share of one theft, and how much of it has touched an incomplete account. */
struct taint_part {
	uint64_t t, u;
};

/* What one event carries. */
struct taint_parcel {
	uint64_t q; /* units moved */
	uint64_t t; /* of them tainted; what leave() and recolour() return */
	/* Per theft, and at [n_thefts] over all; unused (NULL) in a simple run. */
	struct taint_part *part;
};

/* Running sums of one theft. held is kept by the lowest routines that change an
 * account's state, the others by the replay loop: that they agree is the conservation
 * check. */
struct taint_sums {
	uint64_t seeded, held, sunk, fees, cleaned, refunded;
};

struct taint_state;

struct taint_ops {
	bool conserves;
	bool queue;  /* clean units have a place too: arrive() must see them */
	bool newest; /* a queue that is left at its newer end */
	/* An event from a to b in a simple run: moves taint (what it says), not balances,
	 * which fit. False if it is of a kind that is left to the
	 * hooks below, or must be refused; nothing was changed then. a and b are copies;
	 * a fee has an account of its own as b. May be NULL. */
	bool (*quick)(struct taint_state *st, const struct graph_event *e,
		      struct taint_acct *a, struct taint_acct *b, uint64_t *moved);
	enum xt_status (*init)(struct taint_state *st, struct xt_err *err);
	/* Take q <= balance units from an account that holds taint into st->parcel;
	 * returns how much of them is tainted. Lowers acct.t, not the balance. */
	uint64_t (*leave)(struct taint_state *st, uint32_t a, uint64_t q, bool absorb,
			  bool simple);
	/* Add st->parcel to an account. Raises acct.t, not the balance. */
	void (*arrive)(struct taint_state *st, uint32_t b, bool simple);
	/* The clean part of st->parcel becomes dirty; returns the parcel's whole taint.
	 */
	uint64_t (*recolour)(struct taint_state *st, uint32_t seed);
	/* Give back what a parcel that ended in a sink still occupies. May be NULL. */
	void (*drop)(struct taint_state *st);
	/* Of an account's clean units, up to `amount` become dirty; returns how many
	 * did. */
	uint64_t (*seed)(struct taint_state *st, uint32_t a, uint32_t seed,
			 uint64_t amount);
	/* Empty an account of its taint into st->parcel (parts only). */
	void (*clean)(struct taint_state *st, uint32_t a);
	/* Read an account's parts, [0..n_thefts]. */
	void (*held)(const struct taint_state *st, uint32_t a, struct taint_part *out);
};

/* What taint_policy.ops points to: the hooks, and the loop that was made with them
 * (TAINT_REPLAY in replay.h). */
struct taint_loop {
	const struct taint_ops *ops;
	/* Events [from, to), none of them a seed. */
	enum xt_status (*run)(struct taint_state *st, uint32_t from, uint32_t to,
			      struct xt_err *err);
	/* One event, and the seeds (of graph.seeds) that make it dirty. */
	enum xt_status (*one)(struct taint_state *st, uint32_t event,
			      const uint32_t *seeds, uint32_t n_seeds,
			      struct xt_err *err);
};

/* A lot as rules see it; see struct taint_queue for how it is kept. */
struct taint_lot {
	uint64_t amount;
	uint32_t colour; /* 0 clean; else theft * 2 + 2, + 1 if it touched incomplete */
	uint32_t hop;    /* TAINT_NIL for clean lots, and without lineage */
};

/* Lots of one account, all of its balance, oldest first: v[head..n), each its amount
 * times two, plus one if it is dirty. That says all in a plain run; in others colours and
 * hops follow after cap words, in the same order. A block of 64 << k bytes; the empty
 * queue has none (struct taint_lots.none, cap 0). */
struct taint_queue {
	uint32_t head, n, cap, k;
	uint64_t v[];
};
struct taint_tag {
	uint32_t colour, hop;
};

struct taint_lots {
	/* Per account, and [-1] for nobody, always empty; empty while it holds no taint. In a plain run, where every dirty
	 * lot is as every other, also while it holds nothing else. */
	struct taint_queue **of;
	bool plain;                 /* a simple run without lineage */
	struct taint_queue *parcel; /* empty: clean units without lots */
	struct taint_queue *none;   /* [0]: the empty queue */
	uint32_t live, peak;        /* lots of all accounts */
	struct taint_pool pool;     /* where queues lie */
};

/* Vectors of accounts that hold taint; an account's number of row, 0 for none. */
struct taint_rows {
	uint32_t *of;
	struct taint_part *v; /* rows of n_thefts parts */
	uint32_t n, cap;
	uint32_t *free;
	uint32_t n_free, cap_free;
};

struct taint_sink_table {
	struct taint_sink *v;
	uint32_t n, cap;
	uint32_t *slot; /* index + 1 */
	uint32_t cap_slots;
};

enum taint_action_kind { TAINT_ACT_BALANCE, TAINT_ACT_CLEAN, TAINT_ACT_SEED };

/* Something that happens before (BALANCE, CLEAN) or at (SEED) an event. */
struct taint_action {
	uint32_t event;
	uint32_t kind;  /* enum taint_action_kind */
	uint32_t index; /* of the seed or clean mark */
};

struct taint_state {
	const struct graph *g;
	const struct taint_policy *policy;
	const struct taint_loop *loop;
	struct taint_options opt;
	uint32_t n_thefts;
	bool simple;         /* one theft, every account complete: shares are acct.t */
	uint32_t event;      /* being replayed; n_events after the last */
	enum xt_status fail; /* set by routines without a status of their own */
	struct taint_acct *acct; /* [-1]: nobody, for fees and harvests */
	uint8_t *incomplete;     /* per account; NULL in a simple run */
	struct taint_sums *sums; /* per theft */
	uint64_t fees_incomplete;
	uint64_t fees_total; /* events of several thefts counted once (poison) */
	struct taint_parcel parcel;
	struct taint_part *scratch; /* n_thefts + 1 */
	uint64_t *remainder;        /* n_thefts */
	struct taint_rows rows;
	struct taint_lots lots;
	uint64_t *mask; /* poison: thefts, then thefts through incomplete; words per
			   account */
	uint32_t mask_words;
	struct taint_sink_table sinks;
	struct taint_edge *edges; /* those not handed over yet */
	size_t n_edges, cap_edges;
	uint32_t batches; /* of edges, handed over */
	struct taint_hop *hops;
	uint32_t n_hops, cap_hops;
	struct taint_change *changes;
	size_t n_changes, cap_changes;
	struct taint_action *actions;
	size_t n_actions, next_action;
	uint32_t next_event;
};

/* state.c */
enum xt_status taint_state_new(struct taint_state **out, const struct graph *g,
			       const struct taint_policy *policy,
			       const struct taint_options *opt,
			       struct xt_err *err) XT_CHECKED;
void taint_state_free(struct taint_state *st);

/* lots.c */
void taint_lots_free(struct taint_state *st);

/* actions.c */
/* The first event above a height; n_events if there is none. */
uint32_t taint_after_height(const struct graph *g, uint32_t height);
/* Seeds and clean marks as a list in order of events. */
enum xt_status taint_actions(struct taint_state *st, struct xt_err *err) XT_CHECKED;
/* A balance seed or clean mark; seeds at an event go through ops->one. */
enum xt_status taint_act(struct taint_state *st, const struct taint_action *a,
			 struct xt_err *err) XT_CHECKED;

/* record.c: what the replay writes down. */
void taint_record_sink(struct taint_state *st, uint32_t event, uint32_t account);
void taint_record_fee(struct taint_state *st);
void taint_record_cleaned(struct taint_state *st);
void taint_record_change(struct taint_state *st, const struct taint_change *c);
void taint_record_edges(struct taint_state *st, uint32_t event);
/* Room for one edge more; false, and st->fail, when there is none. */
bool taint_edges_room(struct taint_state *st);
static inline bool taint_edge_add(struct taint_state *st, const struct taint_edge *e)
{
	if (__builtin_expect(st->n_edges == st->cap_edges, 0) && !taint_edges_room(st))
		return false;
	st->edges[st->n_edges++] = *e;
	return true;
}
/* Hand over what was not handed over yet (taint_options.edges_to). */
bool taint_edges_flush(struct taint_state *st);
/* Whether held + sunk + fees + cleaned == seeded: for one theft, for each. */
static inline bool taint_sums_hold_for(const struct taint_sums *s)
{
	return s->seeded == s->held + s->sunk + s->fees + s->cleaned;
}
static inline bool taint_sums_hold(const struct taint_state *st)
{
	bool hold = true;
	for (uint32_t j = 0; j < st->n_thefts; j++)
		hold = hold && taint_sums_hold_for(&st->sums[j]);
	return hold;
}
enum xt_status taint_broken(const struct taint_state *st, uint32_t event,
			    const char *what, struct xt_err *err);
enum xt_status taint_overdrawn(const struct taint_state *st, uint32_t event,
			       struct xt_err *err);
enum xt_status taint_no_room(const struct taint_state *st, uint32_t event,
			     struct xt_err *err);
enum xt_status taint_too_much(const struct taint_state *st, uint32_t event,
			      struct xt_err *err);

/* Lineage. A hop of a dirty lot; TAINT_NIL (and st->fail) when there is no room. */
uint32_t taint_hop_add(struct taint_state *st, uint32_t event, uint32_t parent,
		       uint32_t seed, uint64_t uxem);

/* taint.c: go on up to, not including, an event and what comes right before it. */
enum xt_status taint_replay(struct taint_state *st, uint32_t to,
			    const struct xt_sink *sink, struct xt_err *err) XT_CHECKED;

/* checkpoint.c: the state before next_event, as bytes and back. */
enum xt_status taint_checkpoint_save(const struct taint_state *st, struct xt_buf *b,
				     struct xt_err *err) XT_CHECKED;
enum xt_status taint_checkpoint_load(struct taint_state *st, const uint8_t *p, size_t n,
				     struct xt_err *err) XT_CHECKED;
bool taint_sink_restore(struct taint_state *st, const struct taint_sink *s);

/* result.c */
enum xt_status taint_result_make(struct taint_result **out, struct taint_state *st,
				 struct xt_err *err) XT_CHECKED;

extern const struct taint_policy taint_poison, taint_haircut, taint_fifo, taint_lifo,
    taint_dirty_first, taint_clean_first;

#endif
