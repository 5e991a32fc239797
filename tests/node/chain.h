/* A chain in memory: blocks as NIS writes them, their hashes, and the row ids that a
 * node would have given to their transactions. Read-only once it is loaded. */
#ifndef XEMTRACE_TESTS_NODE_CHAIN_H
#define XEMTRACE_TESTS_NODE_CHAIN_H

#include <jansson.h>

#include <xemtrace/nem.h>

struct fx_tx {
	const struct nem_tx *tx; /* in its block */
	json_t *json;            /* borrowed from the block's JSON */
	struct nem_hash hash, inner_hash;
	bool has_inner;
	uint64_t height;
	uint64_t id; /* row id on this node */
};

struct fx_block {
	struct nem_block b;
	json_t *json; /* NULL: an empty block that the file leaves out */
	struct nem_hash hash;
	uint64_t id;     /* row id on this node */
	size_t first_tx; /* in fx_chain.txs, in block order */
};

struct fx_chain {
	json_t *root; /* keeps all JSON alive */
	uint8_t network;
	struct fx_block *blocks; /* consecutive heights */
	size_t n_blocks;
	uint64_t base; /* height of blocks[0], 1 for a whole chain */
	struct fx_tx *txs;
	size_t n_txs;
	uint32_t *by_id;        /* numbers in txs, ids ascending */
	struct xt_map *by_hash; /* outer hash -> number in txs */
	uint64_t last_id;
	/* Empty blocks that the file leaves out: who signs them, and when. */
	struct nem_privkey empty_priv;
	struct nem_pubkey empty_pub;
	uint32_t empty_start, empty_spacing; /* spacing 0: none are left out */
};

/* Load a chain file: {"network","nemesis","blocks"}, one block, or an array of blocks.
 * With "empty":{"harvester","start","spacing","tip"} beside the blocks, those that are
 * missing among them and up to the tip are made: empty, by that name's key, a spacing apart.
 * `id_seed` makes the row ids: from one sequence that inner transactions and
 * cosignatures share; within a block by table as a NIS stores them, not in block order;
 * a seed other than 0 moves the start and puts gaps in between. `older` (may be NULL):
 * a chain that this one replaces: common blocks keep their ids, the rest gets ids above
 * all of `older`'s. */
enum xt_status fx_chain_load(struct fx_chain **out, const char *path, uint64_t id_seed,
			     const struct fx_chain *older, struct xt_err *err);
void fx_chain_free(struct fx_chain *c);

uint64_t fx_chain_tip(const struct fx_chain *c);
/* NULL if the chain has no such block. */
const struct fx_block *fx_chain_block(const struct fx_chain *c, uint64_t height);
/* As a node writes it; a new reference. Signs a block that was left out. */
json_t *fx_chain_block_json(const struct fx_chain *c, const struct fx_block *b);

#endif
