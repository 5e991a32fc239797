/* nem: the NEM NIS1 chain, as data. Addresses, keys, amounts, time, transactions and
 * blocks, their canonical bytes, hashes, signatures, and what they do to balances.
 * Knows no network and no database. Rules: docs/nis1.md. */
#ifndef XEMTRACE_NEM_H
#define XEMTRACE_NEM_H

#include <xemtrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- types for each meaning -------------------------------------------------- */

struct nem_pubkey {
	uint8_t b[32];
};
/* As NEM writes it: a big-endian number. */
struct nem_privkey {
	uint8_t b[32];
};
struct nem_hash {
	uint8_t b[32];
};
struct nem_signature {
	uint8_t b[64];
};
/* 40 base32 characters and NUL; the checksum holds. */
struct nem_address {
	char s[41];
};
/* In micro-XEM: 1 XEM = 1,000,000. */
struct nem_amount {
	uint64_t uxem;
};

enum nem_network { NEM_MAINNET = 0x68, NEM_TESTNET = 0x98, NEM_MIJIN = 0x60 };

/* What the nemesis account held before block 1, and all that there is. */
#define NEM_SUPPLY_UXEM     UINT64_C(9000000240000000)
#define NEM_NEMESIS_ADDRESS "NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5"
/* Mainnet: the network itself skips the signatures of this block. */
#define NEM_EXEMPT_HEIGHT 3481580u

/* ---- hashing (nettle's permutation and RIPEMD-160) --------------------------- */

/* Original Keccak padding (0x01), not SHA-3's. Streaming form for signatures. */
struct nem_keccak {
	uint64_t state[25];
	uint8_t block[144];
	uint32_t pos, rate;
};
void nem_keccak256_init(struct nem_keccak *k);
void nem_keccak512_init(struct nem_keccak *k);
void nem_keccak_update(struct nem_keccak *k, const void *p, size_t n);
/* Writes 32 or 64 bytes, by the init that was called. */
void nem_keccak_final(struct nem_keccak *k, uint8_t *out);
void nem_keccak256(uint8_t out[32], const void *p, size_t n);
void nem_keccak512(uint8_t out[64], const void *p, size_t n);
void nem_ripemd160(uint8_t out[20], const void *p, size_t n);

/* ---- addresses --------------------------------------------------------------- */

/* Address of a public key on a network. docs/nis1.md section 4. */
void nem_address_from_pubkey(struct nem_address *out, enum nem_network net,
			     const struct nem_pubkey *key);
/* Text to address: 40 base32 characters, dashes allowed, either case. XT_E_DATA with
 * the reason: length, character, network byte, checksum. Any of the three networks. */
enum xt_status nem_address_parse(struct nem_address *out, const char *text,
				 struct xt_err *err) XT_CHECKED;
/* Which network a valid address belongs to. */
enum nem_network nem_address_network(const struct nem_address *a);
/* NDD2CT-6LQLIY-...: 46 characters and NUL. */
void nem_address_format_dashed(char out[47], const struct nem_address *a);
bool nem_address_equal(const struct nem_address *a, const struct nem_address *b);

/* A party of a ledger: an address, or "@name" (a-z, 0-9, '-', at most 39 characters)
 * where a record tells of somebody without giving an address. Never the latter on the
 * chain. */
struct nem_party {
	char s[41];
};
enum xt_status nem_party_parse(struct nem_party *out, const char *text,
			       struct xt_err *err) XT_CHECKED;
bool nem_party_is_address(const struct nem_party *p);

/* ---- amounts ----------------------------------------------------------------- */

/* "1234.567890" or "1,234.5" or "1234": at most six decimals, at most 2^63-1 uXEM. */
enum xt_status nem_amount_parse_xem(struct nem_amount *out, const char *text,
				    struct xt_err *err) XT_CHECKED;
/* Six decimals; grouped: "1,234.567890". Needs 32 bytes. Returns out. */
char *nem_amount_format(char out[32], struct nem_amount a, bool grouped);

/* ---- time -------------------------------------------------------------------- */

#define NEM_EPOCH_UNIX INT64_C(1427587585) /* 2015-03-29T00:06:25Z */

int64_t nem_time_to_unix(uint32_t nem_seconds);
/* False before the epoch or past 32 bits. */
bool nem_time_from_unix(uint32_t *out, int64_t unix_seconds);
/* "2018-01-25T15:02:13Z"; "out of range" outside the years 1 to 9999. Needs 24 bytes.
 * Returns out. */
char *nem_time_format_utc(char out[24], int64_t unix_seconds);
/* "2018-01-26" (midnight UTC), "2018-01-26T00:02", "...T00:02:13", each with an
 * optional "Z" or "+09:00"; without a zone: UTC. */
enum xt_status nem_time_parse(int64_t *unix_seconds, const char *text,
			      struct xt_err *err) XT_CHECKED;
/* Where a block of that time would stand if all blocks took the mean time (60.52 s): an
 * estimate for ordering records that give no height. */
uint32_t nem_height_estimate(int64_t unix_seconds);

/* ---- transactions ------------------------------------------------------------ */

enum nem_tx_type {
	NEM_TX_TRANSFER = 0x0101,
	NEM_TX_IMPORTANCE = 0x0801,
	NEM_TX_AGGREGATE = 0x1001, /* multisig aggregate modification */
	NEM_TX_COSIGNATURE = 0x1002,
	NEM_TX_MULTISIG = 0x1004,
	NEM_TX_NAMESPACE = 0x2001,
	NEM_TX_MOSAIC = 0x4001,
	NEM_TX_SUPPLY = 0x4002
};

enum nem_message_type { NEM_MSG_NONE = 0, NEM_MSG_PLAIN = 1, NEM_MSG_ENCRYPTED = 2 };

/* A text whose length counts; not NUL-terminated by contract. */
struct nem_bytes {
	uint8_t *data;
	uint32_t len;
};

struct nem_mosaic_id {
	struct nem_bytes ns, name;
};

struct nem_mosaic {
	struct nem_mosaic_id id;
	uint64_t quantity;
};

struct nem_modification {
	uint32_t kind; /* 1 add, 2 delete */
	struct nem_pubkey cosignatory;
};

struct nem_property {
	struct nem_bytes name, value;
};

struct nem_levy {
	uint32_t kind; /* 0 none, 1 absolute, 2 percentile */
	struct nem_address recipient;
	struct nem_mosaic_id id;
	uint64_t fee;
};

struct nem_mosaic_definition {
	struct nem_pubkey creator;
	struct nem_mosaic_id id;
	struct nem_bytes description;
	struct nem_property *properties;
	uint32_t n_properties;
	struct nem_levy levy;
};

/* Frees what it points to; leaves it zeroed. */
void nem_mosaic_definition_release(struct nem_mosaic_definition *def);

/* One transaction, decoded, only its shape checked. Owns what it points to. */
struct nem_tx {
	uint32_t type;                /* enum nem_tx_type */
	uint32_t version;             /* network byte << 24 | entity version */
	uint32_t timestamp, deadline; /* NEM time, the signer's claim */
	struct nem_pubkey signer;
	struct nem_amount fee;
	bool has_signature; /* false for the inner transaction of a multisig */
	struct nem_signature signature;
	union {
		struct {
			struct nem_address recipient;
			struct nem_amount amount;
			uint32_t message_type; /* NEM_MSG_NONE if there is none */
			struct nem_bytes message;
			struct nem_mosaic *mosaics; /* version 2 */
			uint32_t n_mosaics;
		} transfer;
		struct {
			uint32_t mode; /* 1 activate, 2 deactivate */
			struct nem_pubkey remote;
		} importance;
		struct {
			struct nem_modification *mods;
			uint32_t n_mods;
			bool has_relative_change; /* version 2 */
			int32_t relative_change;
		} aggregate;
		struct {
			struct nem_hash other_hash; /* the inner hash */
			struct nem_address other_account;
		} cosignature;
		struct {
			struct nem_tx *inner;        /* one, heap */
			struct nem_tx *cosignatures; /* array */
			uint32_t n_cosignatures;
		} multisig;
		struct {
			struct nem_address sink;
			struct nem_amount rental_fee;
			struct nem_bytes new_part;
			bool has_parent;
			struct nem_bytes parent;
		} ns;
		struct {
			struct nem_mosaic_definition def;
			struct nem_address sink;
			struct nem_amount creation_fee;
		} mosaic;
		struct {
			struct nem_mosaic_id id;
			uint32_t supply_kind; /* 1 create, 2 delete */
			uint64_t delta;       /* whole units */
		} supply;
	} u;
};

void nem_tx_release(struct nem_tx *tx);
enum nem_network nem_tx_network(const struct nem_tx *tx);
/* Version without the network byte: 1 or 2. */
uint32_t nem_tx_entity_version(const struct nem_tx *tx);

enum nem_form { NEM_FORM_UNSIGNED, NEM_FORM_SIGNED };

/* Canonical bytes, appended to `out`, if the transaction has the shape of one: known
 * type and version, values in range, texts in UTF-8, lists within limits.h; else
 * XT_E_DATA. A message without a payload is written as none, as the node does. Keeps
 * the order of mosaics, modifications and cosignatures as given. docs/nis1.md
 * section 5. */
enum xt_status nem_tx_encode(struct xt_buf *out, const struct nem_tx *tx,
			     enum nem_form form, struct xt_err *err) XT_CHECKED;
/* The reverse; refuses trailing bytes, wrong lengths, unknown types and versions.
 * nem_tx_encode() of the result gives the same bytes. Release `out`. */
enum xt_status nem_tx_decode(struct nem_tx *out, const uint8_t *p, size_t n,
			     enum nem_form form, struct xt_err *err) XT_CHECKED;
/* Keccak-256 of the unsigned form. For the inner hash pass u.multisig.inner. */
enum xt_status nem_tx_hash(struct nem_hash *out, const struct nem_tx *tx,
			   struct xt_err *err) XT_CHECKED;

/* ---- blocks ------------------------------------------------------------------ */

struct nem_block {
	uint32_t type, version; /* nemesis type is 0xFFFFFFFF */
	uint32_t timestamp;
	struct nem_pubkey signer; /* may be a remote key */
	struct nem_signature signature;
	struct nem_hash prev;
	uint64_t height;
	struct nem_tx *txs; /* in block order */
	uint32_t n_txs;
};
void nem_block_release(struct nem_block *b);
enum xt_status nem_block_encode(struct xt_buf *out, const struct nem_block *b,
				enum nem_form form, struct xt_err *err) XT_CHECKED;
enum xt_status nem_block_decode(struct nem_block *out, const uint8_t *p, size_t n,
				enum nem_form form, struct xt_err *err) XT_CHECKED;
enum xt_status nem_block_hash(struct nem_hash *out, const struct nem_block *b,
			      struct xt_err *err) XT_CHECKED;

/* ---- signatures: Ed25519 over Keccak-512 (libsodium's group operations) ------ */

/* Call once before the others; safe to repeat. XT_E_BUG if libsodium does not start. */
enum xt_status nem_crypto_init(struct xt_err *err) XT_CHECKED;
bool nem_signature_check(const struct nem_signature *sig, const struct nem_pubkey *key,
			 const uint8_t *msg, size_t n);
void nem_pubkey_from_private(struct nem_pubkey *out, const struct nem_privkey *key);
/* For chains that tests make. */
void nem_sign(struct nem_signature *out, const struct nem_privkey *key,
	      const uint8_t *msg, size_t n);

/* ---- verification: the only maker of checked things -------------------------- */

/* What a stored fact stands on. */
enum nem_provenance {
	NEM_SIGNED = 1,    /* hash and signature hold */
	NEM_PUBLISHED = 2, /* a published record gives this very transfer, unsigned */
	NEM_AGGREGATE = 3, /* one row of a record stands for n transfers */
	NEM_INFERRED = 4,  /* the record implies a flow but not its pieces */
	NEM_EXEMPT = 5,    /* block 3,481,580: on the network's own list of transactions
				 whose signatures it skips */
	NEM_REPORTED = 6   /* a node's word that nothing signs: harvest lists */
};
const char *nem_provenance_name(enum nem_provenance p);

/* A transaction whose hash and signatures hold. Made by nem_check_tx_take() alone. */
struct nem_checked_tx {
	struct nem_tx tx;
	struct nem_hash hash; /* outer hash: the identity */
	bool has_inner_hash;
	struct nem_hash inner_hash; /* multisig only */
	uint64_t height;            /* as the node claims */
	bool in_block;       /* true: position and time below are a signed block's */
	uint32_t index;      /* position in the block */
	uint32_t block_time; /* NEM time */
	enum nem_provenance provenance; /* NEM_SIGNED or NEM_EXEMPT */
};
void nem_checked_tx_release(struct nem_checked_tx *c);

/* Check one transaction: the network is `net`; the hash is `claimed` (unless NULL), the
 * inner hash is `claimed_inner` (unless NULL); the signature holds; a multisig's inner
 * transaction is not 4098/4100, its cosignatures name the inner hash and the multisig
 * account, hold, and are by distinct keys. Takes `tx` in every case (zeroed after).
 * Signatures of the 53 transactions that the network lists for block 3,481,580 of
 * mainnet are not checked (docs/nis1.md section 8); any other that claims that height
 * is checked. XT_E_VERIFY says which of these fails. Cost: one signature check per
 * signature. */
enum xt_status nem_check_tx_take(struct nem_checked_tx *out, struct nem_tx *tx,
				 enum nem_network net, uint64_t height,
				 const struct nem_hash *claimed,
				 const struct nem_hash *claimed_inner,
				 struct xt_err *err) XT_CHECKED;

/* A block whose own signature and every transaction hold. */
struct nem_checked_block {
	uint64_t height;
	uint32_t timestamp;
	struct nem_hash hash, prev;
	struct nem_pubkey signer;
	struct nem_checked_tx *txs; /* in_block is true for each */
	uint32_t n_txs;
};
void nem_checked_block_release(struct nem_checked_block *b);
/* Takes `block` in every case. If `prev` is not NULL the block must link to it. */
enum xt_status nem_check_block_take(struct nem_checked_block *out,
				    struct nem_block *block, enum nem_network net,
				    const struct nem_hash *prev,
				    struct xt_err *err) XT_CHECKED;

/* ---- what a transaction does to balances ------------------------------------- */

enum nem_movement_kind {
	NEM_MOVE_TRANSFER = 1, /* plain transfer of XEM */
	NEM_MOVE_INNER = 2,    /* transfer inside a multisig */
	NEM_MOVE_FEE = 3,      /* to the fee sink: no recipient */
	NEM_MOVE_RENTAL = 4,   /* namespace rental fee */
	NEM_MOVE_CREATION = 5, /* mosaic creation fee */
	NEM_MOVE_LEVY = 6,     /* mosaic levy in XEM */
	NEM_MOVE_HARVEST = 7,  /* fees of a block: no sender */
	NEM_MOVE_OPENING = 8   /* held before the account's first event: no sender */
};
const char *nem_movement_name(enum nem_movement_kind k);

struct nem_movement {
	enum nem_movement_kind kind;
	bool has_from, has_to;
	struct nem_address from, to;
	struct nem_amount amount;
	bool carries_message; /* the movement that the message belongs to */
};

/* Levy in force for a mosaic at a height, for XEM levies: returns false if none is
 * known. May be NULL: then no levies are found. */
struct nem_levy_lookup {
	bool (*find)(void *ctx, struct nem_levy *out, const struct nem_mosaic_id *id,
		     uint64_t height);
	void *ctx;
};

#define NEM_MAX_MOVEMENTS 64 /* 10 mosaics + levies + 32 cosignatures + fees */

/* The movements of XEM of one transaction, in the order of the ledger: a multisig's
 * cosignature fees, then the transfer or rental/creation fee (also when it moves 0: so
 * that a message has its row), levies, the fee, the outer fee. Zero fees are left out.
 * Transactions signed by the nemesis account pay no fee. docs/nis1.md section 6. */
enum xt_status nem_tx_movements(struct nem_movement *out, size_t *n, size_t max,
				const struct nem_tx *tx, uint64_t height,
				const struct nem_levy_lookup *levies,
				struct xt_err *err) XT_CHECKED;

/* XEM moved by a transfer itself or inside a multisig (not fee, not levy). XT_E_USAGE
 * if it is no transfer, XT_E_DATA if it would move more than there is. */
enum xt_status nem_transfer_moves(struct nem_amount *out, const struct nem_tx *tx,
				  struct xt_err *err) XT_CHECKED;

/* Every account that a transaction names: signer, recipient, inner parties, sinks,
 * cosigners, remote and modified cosignatories. Calls `each` once per mention. */
void nem_tx_parties(const struct nem_tx *tx,
		    void (*each)(void *ctx, const struct nem_address *a), void *ctx);

/* The transaction that carries the transfer: a multisig's inner one, else itself. */
const struct nem_tx *nem_tx_core(const struct nem_tx *tx);

/* A message as people read it: plain UTF-8 as text; a payload that starts with 0xFE or
 * is not UTF-8 as "hex:..."; encrypted as "encrypted:" + hex. Appends to `out`. Not
 * escaped: hostile. */
enum xt_status nem_message_text(struct xt_buf *out, uint32_t type,
				const struct nem_bytes *m,
				struct xt_err *err) XT_CHECKED;

/* An encrypted message with the key of one of its two parties and the public key of the
 * other. Appends the clear bytes, which can be anything. XT_E_VERIFY: not encrypted
 * between these two (the padding does not fit; one wrong pair in 256 passes that test).
 * XT_E_DATA: no encrypted message. */
enum xt_status nem_message_decrypt(struct xt_buf *out, const struct nem_privkey *mine,
				   const struct nem_pubkey *other,
				   const struct nem_bytes *m,
				   struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
