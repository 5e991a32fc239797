/* A text ledger made into signed blocks. README.md has the grammar. */
#ifndef XEMTRACE_TESTS_NODE_LEDGER_H
#define XEMTRACE_TESTS_NODE_LEDGER_H

#include "state.h"
#include "util.h"

struct ledger_name {
	char *name;
	struct nem_privkey priv;
	struct nem_pubkey pub;
	struct nem_address address;
	bool introduced; /* named as a receiver, cosignatory, remote or in an opening */
};

struct ledger {
	const char *path;
	bool allow_invalid;
	bool sparse;   /* empty blocks of the first harvester stay unsigned */
	unsigned line; /* where we are */
	struct ledger_name *names;
	size_t n_names, cap_names;
	struct xt_map *by_name;
	struct nem_block *blocks;
	size_t n_blocks, cap_blocks;
	unsigned **lines; /* for each block, the line of each transaction */
	size_t cap_lines;
	/* The block in the making. */
	struct nem_tx *txs;
	unsigned *tx_lines;
	size_t n_txs, cap_txs, cap_tx_lines;
	uint64_t height;         /* of the block in the making; 1 for openings */
	uint64_t wanted;         /* of the last `height` line: the chain reaches it */
	uint32_t start, spacing; /* NEM time of block 1, seconds between blocks */
	uint64_t clock_height;   /* this block has a time of its own; 0: none */
	uint32_t clock;          /* NEM time */
	uint32_t harvester;
	struct xt_map *hashes; /* of all transactions, to keep them distinct */
	struct fx_state *state;
	struct nem_hash last_hash;
	uint32_t last_time;
};

/* Read and sign. Dies with "file:line: reason". */
void ledger_read(struct ledger *l, const char *path, bool allow_invalid, bool sparse);
/* A block that --sparse leaves out: whoever reads the chain makes it again. */
bool ledger_left_out(const struct ledger *l, const struct nem_block *b);
#define LEDGER_HARVESTER "harvester"
void ledger_release(struct ledger *l);
_Noreturn void ledger_refuse(const struct ledger *l, const char *fmt, ...)
    FX_PRINTF(2, 3);

/* The parts of a line, for the modules of the ledger (ledger_tx.c). */
struct words {
	char *text[64];
	bool quoted[64];
	size_t n, at;
};

/* Number of a name, made when it is new. */
uint32_t ledger_name(struct ledger *l, const char *name);
/* A name that must have come up before: as sender, signer, cosigner. */
uint32_t ledger_known(struct ledger *l, const char *name);
/* Put a transaction line's transaction into the block in the making. */
void ledger_tx_line(struct ledger *l, struct words *w);
/* Finish the block in the making and all empty ones until `height` is being made. */
void ledger_advance(struct ledger *l, uint64_t height);
/* Sign what the names' keys sign. */
void ledger_sign(struct ledger *l, struct nem_tx *tx, uint32_t signer);
uint32_t ledger_time(const struct ledger *l, uint64_t height);

#define LEDGER_MAX_COSIGNERS 32
#define LEDGER_NETWORK_BYTE  0x68000000U

/* One line's transaction before it is signed. */
struct ledger_draft {
	struct nem_tx tx; /* the transaction itself, or the inner one of a multisig */
	uint32_t signer;
	uint32_t cosigners[LEDGER_MAX_COSIGNERS]; /* the first one initiates */
	size_t n_cosigners;
	bool has_fee, has_skew, bad_signature;
	struct nem_amount outer_fee, cosign_fee;
	int64_t skew;
	uint64_t lifetime; /* deadline - timestamp */
	uint64_t height;   /* 0: the next one */
};

/* Check who signs, sign, and put it into the block in the making (ledger_sign.c). */
void ledger_finish_tx(struct ledger *l, struct ledger_draft *d);

#endif
