/* What a node knows after the blocks up to a height: balances with their history, the
 * lists of each account, harvests, multisig and remote links, namespaces, mosaics.
 * Blocks are applied one after the other with nem_tx_movements(). */
#ifndef XEMTRACE_TESTS_NODE_STATE_H
#define XEMTRACE_TESTS_NODE_STATE_H

#include "chain.h"

#define FX_REMOTE_DELAY 360 /* blocks until a remote link takes effect */

enum { FX_OUT = 1, FX_IN = 2 };

struct fx_entry {
	uint32_t tx; /* number in fx_chain.txs */
	uint8_t dir; /* FX_OUT, FX_IN or both */
};

struct fx_point {
	uint64_t height;
	int64_t balance, vested;
};

struct fx_holding {
	uint32_t mosaic; /* number in fx_state.mosaics */
	uint64_t quantity;
};

struct fx_account {
	struct nem_address address;
	struct nem_pubkey key;
	bool has_key;
	int64_t balance; /* below 0 only in invalid chains and in parts of chains */
	int64_t vested;  /* see README: an approximation of the node's rule */
	struct fx_point *points; /* after each height where it changed */
	size_t n_points, cap_points;
	struct fx_entry *entries; /* ids ascending */
	size_t n_entries, cap_entries;
	uint32_t
	    *harvests; /* numbers in fx_chain.blocks, ascending: signed or credited */
	size_t n_harvests, cap_harvests;
	uint32_t harvested;      /* credited */
	uint32_t *cosignatories; /* account numbers */
	size_t n_cosignatories, cap_cosignatories;
	int32_t min_cosignatories;
	uint32_t *cosignatory_of;
	size_t n_cosignatory_of, cap_cosignatory_of;
	/* The last link, as owner or as remote: the other's number. */
	bool has_link, link_is_owner;
	uint32_t link_other, link_mode;
	uint64_t link_height;
	struct fx_holding *holdings;
	size_t n_holdings, cap_holdings;
};

struct fx_definition {
	uint64_t height;
	const struct nem_mosaic_definition *def;
	uint64_t id; /* row id */
};

struct fx_mosaic {
	char *id; /* "ns:name" */
	struct fx_definition *defs;
	size_t n_defs, cap_defs;
	uint64_t supply; /* whole units */
	uint32_t creator;
};

struct fx_namespace {
	char *fqn;
	uint32_t owner;
	uint64_t height;
};

struct fx_state {
	uint64_t height; /* 0: nothing applied */
	struct fx_account *accounts;
	size_t n_accounts, cap_accounts;
	struct xt_map *by_address, *by_key;
	struct fx_mosaic *mosaics;
	size_t n_mosaics, cap_mosaics;
	struct xt_map *by_mosaic;
	struct fx_namespace *namespaces;
	size_t n_namespaces, cap_namespaces;
	struct xt_map *by_fqn;
	uint64_t *fees;        /* total fee of each applied block */
	uint32_t *beneficiary; /* account number, of each applied block */
	size_t n_fees, cap_fees, cap_beneficiary;
	int64_t supply; /* uXEM in all accounts after block 1 */
	uint64_t next_definition;
};

struct fx_state *fx_state_new(void);
void fx_state_free(struct fx_state *s);

/* Apply one block. `chain_first` is the number of its first transaction in the chain
 * (for the lists), `order` their numbers in id order, or NULL for none. XT_E_VERIFY: an
 * account goes below zero; *bad_tx tells at which transaction (index in the block); the
 * block is still applied to its end. XT_E_DATA: movements could not be told. */
enum xt_status fx_state_apply(struct fx_state *s, uint32_t *bad_tx,
			      const struct nem_block *b, size_t chain_first,
			      const uint32_t *order, struct xt_err *err);
/* Bring `*s` to `height` of a chain: forward, or anew from the first block. */
void fx_state_seek(struct fx_state **s, const struct fx_chain *c, uint64_t height);

/* NULL if the state has not heard of it. */
const struct fx_account *fx_state_find(const struct fx_state *s,
				       const char address[40]);
uint32_t fx_state_number(const struct fx_state *s, const struct fx_account *a);
const struct fx_mosaic *fx_state_mosaic(const struct fx_state *s, const char *id);
const struct fx_namespace *fx_state_namespace(const struct fx_state *s,
					      const char *fqn);
/* Balance of an account after a height. */
struct fx_point fx_account_at(const struct fx_account *a, uint64_t height);
/* The owner if `a` is a remote in force for a block of that height, else `a`. */
const struct fx_account *fx_state_beneficiary(const struct fx_state *s,
					      const struct fx_account *a,
					      uint64_t height);

#endif
