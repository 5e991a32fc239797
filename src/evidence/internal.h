/* What the files of the check share. */
#ifndef XEMTRACE_EVIDENCE_INTERNAL_H
#define XEMTRACE_EVIDENCE_INTERNAL_H

#include <xemtrace/evidence.h>

/* Accounts and messages by row id, since every other table speaks of them so. */
struct audit_message {
	int64_t id;
	uint32_t type;
	uint8_t hash[32]; /* Keccak-256 of the payload */
};

struct audit_block {
	uint64_t height;
	struct nem_hash hash, prev;
	uint32_t time;
	struct nem_pubkey signer;
	struct nem_hash *txs;
	size_t n_txs;
	int64_t answer;
	bool whole;     /* the case has all its transactions */
	bool proven;    /* its answer was decoded and holds */
	size_t present; /* transactions of it that the case has */
};

struct audit {
	struct store *s;
	struct evidence_counts counts;
	bool (*each)(void *ctx, const struct evidence_finding *f);
	void *ctx;
	const struct xt_sink *sink;
	bool has_net;
	enum nem_network net;
	struct crawl_pool *pool;

	struct store_account *accounts; /* by id, ids are 1.. without gaps */
	size_t n_accounts, cap_accounts;
	struct audit_message *messages;
	size_t n_messages, cap_messages;
	struct audit_block *blocks; /* by height */
	size_t n_blocks, cap_blocks;
	uint64_t whole_chain; /* blocks 1 to this are whole */
	struct crawl_links links;
	uint64_t n_orphans;
	/* Everything that answers tell, as keys: see the seen_* functions. */
	struct xt_map *seen;
	uint8_t head[32]; /* chain of the last answer */
	uint64_t rows_seen;
	enum xt_status rc; /* of a callback */
	struct xt_err err;
};

/* Report something that does not hold. False if the caller wants no more. */
bool audit_find(struct audit *a, const char *what, const char *where, const char *field,
		const char *expected, const char *found);
bool audit_find_u64(struct audit *a, const char *what, const char *where,
		    const char *field, uint64_t expected, uint64_t found);
bool audit_find_hex(struct audit *a, const char *what, const char *where,
		    const char *field, const uint8_t *expected, const uint8_t *found,
		    size_t n);
/* The account of a row id, NULL if there is none. */
const struct store_account *audit_account(const struct audit *a, int64_t id);
struct audit_block *audit_block_at(const struct audit *a, uint64_t height);
/* XT_OK, or what a callback ended with. */
enum xt_status audit_result(struct audit *a, enum xt_status rc, struct xt_err *err);

/* Keys of what answers tell: `put` remembers, else the result says whether it is known.
 * One buffer, used by the next call. */
enum seen_what {
	SEEN_TX = 1,     /* hash, answer, height */
	SEEN_BYTES,      /* hash, Keccak-256 of the signed bytes */
	SEEN_HARVEST,    /* address, height, fee, time, answer */
	SEEN_BALANCE,    /* address, balance */
	SEEN_HISTORY,    /* address, height, balance */
	SEEN_DEFINITION, /* text */
	/* Only if something left the chain: */
	SEEN_ORPHAN, /* hash, answer, height: in a block that the case has not */
	SEEN_ROW,    /* hash, height (0: any): a transaction of the case */
	SEEN_LEFT,   /* hash, height: it left the chain there */
};
struct seen_key {
	uint8_t b[600];
	size_t n;
};
void seen_begin(struct seen_key *k, enum seen_what what);
void seen_bytes(struct seen_key *k, const void *p, size_t n);
void seen_u64(struct seen_key *k, uint64_t v);
bool seen_has(const struct audit *a, const struct seen_key *k);
bool seen_put(struct audit *a, const struct seen_key *k);
/* A definition's levy as the case stores it; answer 0 for one that a transaction makes.
 */
void seen_definition(struct seen_key *k, const struct nem_mosaic_definition *d,
		     uint64_t height, int64_t answer);

enum xt_status audit_answers(struct audit *a, struct xt_err *err);
enum xt_status audit_txs(struct audit *a, struct xt_err *err);
/* Before anything else: what left the chain, and where. */
enum xt_status audit_load_orphans(struct audit *a, struct xt_err *err);
/* Of each transaction of the case. False when memory is out. */
bool audit_note_row(struct audit *a, const struct nem_hash *hash, uint64_t height);
enum xt_status audit_orphans(struct audit *a, struct xt_err *err);
enum xt_status audit_blocks(struct audit *a, struct xt_err *err);
enum xt_status audit_accounts(struct audit *a, struct xt_err *err);
enum xt_status audit_definitions(struct audit *a, struct xt_err *err);
enum xt_status audit_seals(struct audit *a, const struct nem_pubkey *key,
			   struct xt_err *err);

#endif
