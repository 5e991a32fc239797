/* graph: the transfer graph of a case in memory, read-only once built. Events stand in
 * ledger order; accounts, transactions and memos are dense numbers. Built by load from
 * a case file, or by tests from a text ledger. */
#ifndef XEMTRACE_GRAPH_H
#define XEMTRACE_GRAPH_H

#include <xemtrace/nem.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define GRAPH_NONE                                                                     \
	UINT32_MAX /* no account (fees go to nobody, harvests come from nobody) */

/* One movement of XEM: 16 bytes. The kind sits above the amount, which needs 54 bits.
 */
struct graph_event {
	uint32_t from, to;
	uint64_t w;
};
#define GRAPH_AMOUNT_MASK ((UINT64_C(1) << 56) - 1)
static inline uint64_t graph_amount(const struct graph_event *e)
{
	return e->w & GRAPH_AMOUNT_MASK;
}
static inline enum nem_movement_kind graph_kind(const struct graph_event *e)
{
	return (enum nem_movement_kind)(e->w >> 56);
}

enum graph_account_flag {
	GRAPH_SERVICE = 1 << 0,  /* labelled as a service: taint stops here */
	GRAPH_COMPLETE = 1 << 1, /* whole history in the case, reconciled or declared */
	GRAPH_PROBABLE = 1 << 2, /* hub without a label: probable service */
	GRAPH_EXPANDED = 1 << 3, /* its own lists were read (complete or not) */
	GRAPH_PARTY = 1 << 4,    /* "@name": not an address */
	GRAPH_ASSUMED = 1 << 5,  /* its opening balance is an assumption (load) */
	GRAPH_STOPPED = 1 << 6   /* not read on purpose: a limit of the crawl */
};

enum graph_time_kind {
	GRAPH_TIME_NONE = 0,
	GRAPH_TIME_BLOCK = 1,    /* proven by the block */
	GRAPH_TIME_SIGNER = 2,   /* the signer's claim */
	GRAPH_TIME_PUBLISHED = 3 /* a record's word */
};

/* A transaction, harvest or record row that events belong to: 20 bytes. Times are unix
 * seconds from 1970 to 2106, which all of the network's time stamps are. */
#define GRAPH_TIME_MAX ((int64_t)UINT32_MAX)
#define GRAPH_COUNT_MAX                                                                \
	((UINT32_C(1) << 24) - 1) /* above all transfers there ever were */
struct graph_tx {
	uint32_t height;    /* ledger height; an estimate if height_known is 0 */
	uint32_t memo;      /* index into memos; 0 is "none" */
	uint32_t time;      /* for aggregates the first */
	uint32_t time_last; /* equals time unless an aggregate */
	unsigned
	    count : 24; /* 1, or how many transfers an aggregate stands for; 0 unknown
			      */
	unsigned time_kind : 2;  /* enum graph_time_kind */
	unsigned provenance : 3; /* enum nem_provenance */
	unsigned height_known : 1;
	unsigned order_known : 1; /* 0: the order within the height is assumed */
	unsigned spare : 1;       /* 0: equal records are equal bytes */
};

enum graph_memo_kind { GRAPH_MEMO_NONE, GRAPH_MEMO_PLAIN, GRAPH_MEMO_ENCRYPTED };

/* What tells a service's customers apart: the decoded message; for an encrypted one its
 * sender. memos[0] is "none". */
struct graph_memo {
	enum graph_memo_kind kind;
	uint32_t sender;  /* account, for encrypted */
	const char *text; /* plain: as nem_message_text() gives it; NUL-terminated */
};

struct graph_label {
	const char *text, *category, *source;
	uint8_t confidence; /* 0..100 */
	bool service;
};

/* How a theft is told to the engine. */
enum graph_seed_kind {
	GRAPH_SEED_TX = 1, /* what one transaction carried is dirty when it arrives */
	GRAPH_SEED_WINDOW = 2,  /* everything that arrived at an account from..to */
	GRAPH_SEED_BALANCE = 3, /* `amount` of what an account held after block `height`
				  (GRAPH_SEED_ALL: all it held); height 0: of its opening */
	GRAPH_SEED_REFUND = 4,  /* like TX: a service's refund of stolen money */
	GRAPH_SEED_HEIGHTS = 5  /* like WINDOW, from..to are block heights */
};
#define GRAPH_SEED_ALL UINT64_MAX
struct graph_seed {
	uint32_t theft; /* index into theft names: seeds of one theft are one colour */
	enum graph_seed_kind kind;
	uint32_t tx;      /* TX, REFUND */
	uint32_t account; /* WINDOW, BALANCE */
	int64_t from, to; /* WINDOW: unix seconds; HEIGHTS: block heights; inclusive */
	uint32_t height;  /* BALANCE */
	uint64_t amount;  /* BALANCE */
};

/* An account declared clean from a time on: what it holds then, and all that it
 * receives later, loses its taint (docs/policies.md). */
struct graph_clean {
	uint32_t account;
	int64_t from;
};

struct graph {
	/* accounts */
	uint32_t n_accounts;
	struct nem_party *party;
	uint8_t *flags;       /* enum graph_account_flag */
	uint64_t *opening;    /* uXEM before the first event; clean unless seeded */
	uint32_t *label;      /* index into labels, GRAPH_NONE if none: the best one */
	uint32_t *account_id; /* row in the case file; 0 in tests */
	/* events in ledger order: (height, index in block, place in transaction) */
	uint32_t n_events;
	struct graph_event *events;
	uint32_t *event_tx;
	/* transactions, in the order of their first event */
	uint32_t n_txs;
	struct graph_tx *txs;
	uint32_t *tx_id; /* row in the case file */
	/* optional, GRAPH_WITH_REFS: 65 bytes each, a hash in hex or a record's
	 * "file:line" */
	char (*tx_ref)[65];
	/* memos, labels, seeds */
	uint32_t n_memos;
	struct graph_memo *memos;
	uint32_t n_labels;
	struct graph_label *labels;
	uint32_t n_thefts;
	char (*theft)[64]; /* names */
	uint32_t n_seeds;
	struct graph_seed *seeds;
	uint32_t n_cleans;
	struct graph_clean *cleans;
	/* adjacency, made by graph_index(): events of an account, both ways, in order
	 */
	uint32_t *out_start, *out_event; /* n_accounts + 1, n */
	uint32_t *in_start, *in_event;
	/* state of the case that this graph was made from */
	uint64_t height; /* highest ledger height of an event */
	uint8_t
	    digest[32]; /* BLAKE2b over events, openings, seeds and services, by load */
	void *arena;    /* private: texts, capacities, the index of graph_find() */
};

/* Build: new, then add accounts, transactions, events in order, then finish. */
enum xt_status graph_new(struct graph **out, struct xt_err *err) XT_CHECKED;
void graph_free(struct graph *g);

/* Make room once, so that adding does not reallocate (sizes are exact or upper bounds).
 */
enum xt_status graph_reserve(struct graph *g, uint32_t accounts, uint32_t txs,
			     uint32_t events, bool refs, struct xt_err *err) XT_CHECKED;
/* Give back what of that was not needed. */
void graph_trim(struct graph *g);
enum xt_status graph_add_account(struct graph *g, uint32_t *out,
				 const struct nem_party *party, uint8_t flags,
				 uint64_t opening, int64_t id,
				 struct xt_err *err) XT_CHECKED;
/* ref may be NULL; it is kept if graph_reserve() asked for references. id fits 32
 * bits, as that of an account. */
enum xt_status graph_add_tx(struct graph *g, uint32_t *out, const struct graph_tx *tx,
			    int64_t id, const char *ref, struct xt_err *err) XT_CHECKED;
/* Neither the height nor the number of the transaction may fall from event to event:
 * XT_E_USAGE. */
enum xt_status graph_add_event(struct graph *g, uint32_t tx,
			       enum nem_movement_kind kind, uint32_t from, uint32_t to,
			       uint64_t amount, struct xt_err *err) XT_CHECKED;
/* Finds or adds; texts are copied. memo 0 exists from the start. */
enum xt_status graph_add_memo(struct graph *g, uint32_t *out, enum graph_memo_kind kind,
			      uint32_t sender, const char *text,
			      struct xt_err *err) XT_CHECKED;
enum xt_status graph_add_label(struct graph *g, uint32_t account,
			       const struct graph_label *label,
			       struct xt_err *err) XT_CHECKED;
enum xt_status graph_add_theft(struct graph *g, uint32_t *out, const char *name,
			       struct xt_err *err) XT_CHECKED;
enum xt_status graph_add_seed(struct graph *g, const struct graph_seed *seed,
			      struct xt_err *err) XT_CHECKED;
/* Did this event bring stolen XEM by a seed that is a window (WINDOW, HEIGHTS)?
 * Openings and harvests never do; nor does an estimated height, which is for order
 * alone. */
bool graph_seed_window(const struct graph *g, const struct graph_seed *seed,
		       uint32_t event);
enum xt_status graph_add_clean(struct graph *g, uint32_t account, int64_t from,
			       struct xt_err *err) XT_CHECKED;

/* Account by party text, or GRAPH_NONE. O(1) after the first call. */
uint32_t graph_find(const struct graph *g, const char *party);

/* Make the adjacency. O(accounts + events). */
enum xt_status graph_index(struct graph *g, struct xt_err *err) XT_CHECKED;

/* Give each incomplete account the smallest opening balance with which it never spends
 * what it does not have, and count them; a complete account that would go below zero is
 * XT_E_VERIFY with the transaction named. The assumption is part of every result
 * (docs/policies.md). One pass. */
enum xt_status graph_assume_openings(struct graph *g, uint32_t *assumed_accounts,
				     uint64_t *assumed_uxem,
				     struct xt_err *err) XT_CHECKED;

/* Mark hubs without a label (GRAPH_PROBABLE): `fan` accounts or more paid one of them 1 XEM
 * or more each, and it paid as many; but for accounts that a seed names. Two passes over
 * the events, and a sort of what such accounts dealt. */
#define GRAPH_FAN 20
enum xt_status graph_mark_probable(struct graph *g, uint32_t fan,
				   struct xt_err *err) XT_CHECKED;

/* A small text ledger, one event a line, for tests, docs and tools (docs/ledger.md):
 *   opening NAME AMOUNT          account NAME holds AMOUNT before everything (uXEM)
 *   service NAME [label]         taint stops there
 *   seed THEFT NAME AMOUNT       of NAME's opening, AMOUNT is dirty (height 0)
 *   NAME -> NAME AMOUNT [fee N] ["memo"] [@HEIGHT[.INDEX]] [seed THEFT]
 * and more. Names become parties "@name"; missing heights count up by one; an account
 * is complete unless "incomplete NAME" says otherwise; references are "line N". */
enum xt_status graph_parse_ledger(struct graph **out, const char *text, size_t n,
				  struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
