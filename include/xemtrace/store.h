/* store: the case file, one SQLite database. All SQL of the project lives here, behind
 * typed verbs. The schema is described in docs/case-file.md; people may read it with the
 * sqlite3 shell (views v_transfer, v_account, v_label, v_seed, v_group, v_run, v_run_edge,
 * v_incident).
 *
 * Writing happens inside store_begin()/store_commit(): one transaction per unit of
 * progress. What is stored was checked before: transactions come in as
 * struct nem_checked_tx, or as records of a published source with their provenance. */
#ifndef XEMTRACE_STORE_H
#define XEMTRACE_STORE_H

#include <xemtrace/nem.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct store;

enum store_mode {
	STORE_READ,  /* must exist; an old schema is migrated first, which writes */
	STORE_WRITE, /* must exist; old schema versions are migrated */
	STORE_CREATE /* made if missing, else as STORE_WRITE */
};

/* XT_E_NOTFOUND: no such file. XT_E_DATA: not a case file (another program's database, or
 * no database). XT_E_VERIFY: a newer schema than this program knows, both numbers named.
 * XT_E_BUSY: another process writes. XT_E_IO: disk. All name the path. */
enum xt_status store_open(struct store **out, const char *path, enum store_mode mode,
			  struct xt_err *err) XT_CHECKED;
void store_close(struct store *s);
const char *store_path(const struct store *s);
/* Schema version that this program writes. */
unsigned store_schema_version(void);

#define STORE_STR2(x)       #x
#define STORE_STR(x)        STORE_STR2(x)
#define STORE_BEGIN(s, err) store_begin((s), __FILE__ ":" STORE_STR(__LINE__), (err))
enum xt_status store_begin(struct store *s, const char *where,
			   struct xt_err *err) XT_CHECKED;
enum xt_status store_commit(struct store *s, struct xt_err *err) XT_CHECKED;
void store_rollback(struct store *s); /* fine when no transaction is open */

/* Small settings: "network", "created_with", ... value "" if absent. */
enum xt_status store_meta_set(struct store *s, const char *key, const char *value,
			      struct xt_err *err) XT_CHECKED;
enum xt_status store_meta_get(struct store *s, char *out, size_t n, const char *key,
			      struct xt_err *err) XT_CHECKED;
/* Of any length; appended to `out`, nothing if it is not set. */
enum xt_status store_meta_long(struct store *s, struct xt_buf *out, const char *key,
			       struct xt_err *err) XT_CHECKED;
/* The case's log: everything that changes results (seeds, labels, stops, imports). */
enum xt_status store_log(struct store *s, int64_t time, const char *what,
			 const char *text, struct xt_err *err) XT_CHECKED;
struct store_log_row {
	int64_t id, time;
	char what[40], text[1200];
};
/* The log in the order in which it was written. */
enum xt_status store_each_log(struct store *s,
			      bool (*each)(void *ctx, const struct store_log_row *l),
			      void *ctx, struct xt_err *err) XT_CHECKED;

/* ---- accounts ---------------------------------------------------------------- */

enum store_account_state {
	STORE_SEEN = 0,       /* only mentioned by others */
	STORE_OPEN = 1,       /* waits in the frontier, or is being read */
	STORE_COMPLETE = 2,   /* history read and reconciled, or declared by import */
	STORE_INCOMPLETE = 3, /* history read, sums differ: see reason, difference */
	/* not expanded on purpose: see reason (service, depth, ...) */
	STORE_STOPPED = 4
};

struct store_account {
	int64_t id;
	struct nem_party party;
	bool has_key;
	struct nem_pubkey key;
	enum store_account_state state;
	uint32_t depth; /* hops from the nearest seed; UINT32_MAX unknown */
	bool has_opening;
	uint64_t opening_uxem;
	bool has_balance; /* what the node reports */
	uint64_t balance_uxem;
	uint64_t balance_height;
	char difference[44]; /* computed minus reported, signed decimal uXEM; "" if 0 */
	char reason[160];
};

/* The reason of a probable service begins with this. */
#define STORE_PROBABLE "probable service: "
/* Is the account stopped on purpose: by a limit or a rule, or waiting because the
 * requests of a run were used up? `kind`, if not NULL: the word of the reason. */
bool store_stop_kind(char kind[40], const struct store_account *a);

/* Find or create; returns its row. */
enum xt_status store_account_id(struct store *s, int64_t *id, const struct nem_party *p,
				struct xt_err *err) XT_CHECKED;
enum xt_status store_account_find(struct store *s, struct store_account *out,
				  const char *party, struct xt_err *err) XT_CHECKED;
enum xt_status store_account_get(struct store *s, struct store_account *out, int64_t id,
				 struct xt_err *err) XT_CHECKED;
/* Writes state, depth, key, balance, difference, reason of a->id. An opening balance that
 * the case does not have yet becomes a row of the ledger ("opening:ADDRESS", REPORTED);
 * another one than the case has is XT_E_EXISTS. */
enum xt_status store_account_update(struct store *s, const struct store_account *a,
				    struct xt_err *err) XT_CHECKED;
/* All accounts by id. `each` returns false to stop (then XT_E_STOPPED). */
enum xt_status store_each_account(struct store *s,
				  bool (*each)(void *ctx,
					       const struct store_account *a),
				  void *ctx, struct xt_err *err) XT_CHECKED;

/* The same for building graphs: of each account only id, party, state and why it is
 * stopped; openings are among the events. Ten times as fast. */
enum xt_status store_each_account_place(struct store *s,
					bool (*each)(void *ctx,
						     const struct store_account *a),
					void *ctx, struct xt_err *err) XT_CHECKED;

/* ---- transactions and transfers ---------------------------------------------- */

/* Stored; equals enum graph_time_kind. */
enum store_time_kind {
	STORE_TIME_NONE = 0,
	STORE_TIME_BLOCK = 1,
	STORE_TIME_SIGNER = 2,
	STORE_TIME_PUBLISHED = 3
};

/* Store a checked transaction with its movements, parties, message, canonical bytes.
 * Known already: nothing is duplicated; position and block time are filled in if this
 * one, or a block of the case, proves them; a published row with the same hash is replaced
 * by the proven one (and an incident kept if they differ). A definition (16385) is
 * put as by store_put_mosaic_definition().
 * XEM levies are found among the mosaic definitions of the case. XT_E_VERIFY: it contradicts
 * what is proven (another height or index, other cosignatures, a block of the case that
 * does not hold it); nothing is written then. tx_id and is_new may be NULL. */
enum xt_status store_put_tx(struct store *s, int64_t *tx_id, bool *is_new,
			    const struct nem_checked_tx *tx, int64_t answer_id,
			    struct xt_err *err) XT_CHECKED;
/* A checked block: its row, and the true order and time of those of its transactions that
 * are in the case; with `all` every transaction is stored (the block is then whole), and
 * the harvest is booked to `beneficiary` if not NULL. XT_E_VERIFY, and nothing is written: another block of that
 * height is stored, or the case has a signed transaction at that height which the block
 * does not hold (named). */
enum xt_status store_put_block(struct store *s, const struct nem_checked_block *b,
			       bool all, const struct nem_address *beneficiary,
			       int64_t answer_id, struct xt_err *err) XT_CHECKED;
/* The hash of the case's block at a height; *found false if there is none. */
enum xt_status store_block_hash(struct store *s, uint64_t height, struct nem_hash *out,
				bool *found, struct xt_err *err) XT_CHECKED;
/* Heights of from..to, inclusive, that are not whole blocks of the case. Ascending;
 * free() *out. O(whole blocks). */
struct store_span {
	uint64_t first, last;
};
enum xt_status store_block_gaps(struct store *s, uint64_t from, uint64_t to,
				struct store_span **out, size_t *n,
				struct xt_err *err) XT_CHECKED;
/* Whole blocks 1 to *last are in the case without a gap; 0: not even block 1. */
enum xt_status store_whole_chain(struct store *s, uint64_t *last,
				 struct xt_err *err) XT_CHECKED;
/* Whole blocks up to a height whose fees were not booked to anybody. free() *out. */
struct store_unbooked {
	uint64_t height;
	uint32_t nem_time;
	struct nem_pubkey signer;
	struct nem_amount fees;
	int64_t answer;
};
enum xt_status store_unbooked(struct store *s, uint64_t up_to,
			      struct store_unbooked **out, size_t *n,
			      struct xt_err *err) XT_CHECKED;
/* With each account that moved XEM in these blocks and was never read: that they were,
 * and no others. */
enum xt_status store_note_window(struct store *s, uint64_t from, uint64_t to,
				 struct xt_err *err) XT_CHECKED;
/* Fees of a block to an account: after all transactions of that height. Idempotent. */
enum xt_status store_put_harvest(struct store *s, const struct nem_address *a,
				 uint64_t height, uint32_t nem_time,
				 struct nem_amount fee, int64_t answer_id,
				 struct xt_err *err) XT_CHECKED;

/* Most that one row may say, 10,000,000,000 XEM: above the supply, because a total of
 * transfers counts the same XEM each time it moves; below, a slip of the unit shows. */
#define STORE_MAX_RECORD_UXEM UINT64_C(10000000000000000)
/* A row of a published record. ref is "file:line". */
struct store_record {
	enum nem_movement_kind kind;        /* NEM_MOVE_TRANSFER or NEM_MOVE_OPENING */
	struct nem_party sender, recipient; /* sender unused for an opening */
	struct nem_amount amount, fee;
	bool has_height, has_index, has_time, has_hash;
	uint64_t height;
	uint32_t index;
	int64_t time, time_last; /* unix; for aggregates first and last */
	uint32_t count;          /* 1; aggregates: n, 0 if the record does not say */
	struct nem_hash hash;
	uint32_t message_type;
	struct nem_bytes message;
	enum nem_provenance provenance; /* PUBLISHED, AGGREGATE, INFERRED */
	char ref[65];
	uint64_t line;
	const char *note; /* may be NULL */
	/* Place in the ledger where the record itself does not give it: a height that is used
	 * for ordering only when has_height is false (0: estimated from the time), and the
	 * moment that orders an aggregate (0: its first). */
	uint64_t order_height;
	int64_t order_time;
};
/* XT_E_EXISTS if the hash is known with the same content (nothing is done); XT_E_VERIFY if
 * it is known with other content (named). */
enum xt_status store_put_record(struct store *s, int64_t *tx_id,
				const struct store_record *r,
				struct xt_err *err) XT_CHECKED;
/* A file that was imported: refuses the same content twice (XT_E_EXISTS). */
enum xt_status store_put_source(struct store *s, const char *name,
				const uint8_t hash[32], uint64_t rows, int64_t time,
				struct xt_err *err) XT_CHECKED;

/* One movement, in ledger order. */
struct store_event {
	int64_t height; /* ledger height, estimated when the transaction's is unknown */
	int64_t ord; /* order within the height: index, or an assumed order after it */
	int64_t tx;
	int64_t from, to; /* 0: none */
	uint64_t amount;
	uint32_t sub;
	enum nem_movement_kind kind;
};
/* The whole ledger in order; one pass over a clustered table. */
enum xt_status store_each_event(struct store *s,
				bool (*each)(void *ctx, const struct store_event *e),
				void *ctx, struct xt_err *err) XT_CHECKED;
/* For sizing arrays: the number of movements, and the largest row ids (no row of these
 * tables is ever removed but what a reorganisation took away). O(1). */
struct store_sizes {
	uint64_t events, txs, accounts, messages;
};
enum xt_status store_sizes(struct store *s, struct store_sizes *out,
			   struct xt_err *err) XT_CHECKED;
/* What the case holds. Reads whole indexes: for status, not for loops. */
struct store_counts {
	uint64_t events, txs, accounts, messages;
	int64_t max_tx, max_account, max_message;
	uint64_t
	    openings; /* balances before the first event; in none of the next six */
	uint64_t signed_txs, published, aggregate, inferred, exempt, reported;
	uint64_t
	    assumed_order; /* heights of expanded accounts whose order is assumed and
				   holds more than one event */
	uint64_t assumed_time; /* transactions with the signer's time only */
	uint64_t blocks, answers, incidents;
};
enum xt_status store_counts(struct store *s, struct store_counts *out,
			    struct xt_err *err) XT_CHECKED;

/* One view of the case for all that is read until store_read_end(): no commit of another
 * program (a crawl at work) comes between. *began: false if a transaction is open already,
 * which then is the view. */
enum xt_status store_read_begin(struct store *s, bool *began,
				struct xt_err *err) XT_CHECKED;
void store_read_end(struct store *s, bool began);

/* A second connection on the same file, for another thread, with the view of the first,
 * which must have begun one. XT_E_USAGE: there can be none. Close it before the view
 * ends. */
enum xt_status store_twin_open(struct store **out, struct store *s,
			       struct xt_err *err) XT_CHECKED;
void store_twin_close(struct store *twin);
/* How many kilobytes of the file are kept in memory (64 MiB without this). What is read
 * or written from one end to the other needs few. */
#define STORE_CACHE      65536U
#define STORE_CACHE_ONCE 2048U
enum xt_status store_cache(struct store *s, unsigned kib,
			   struct xt_err *err) XT_CHECKED;

struct store_tx {
	int64_t id;
	bool has_hash, has_inner_hash;
	struct nem_hash hash, inner_hash;
	char ref[65]; /* records: "file:line"; harvests: "harvest:HEIGHT" */
	bool height_known, order_known;
	uint64_t height;
	uint32_t index;
	int64_t time, time_last; /* unix; 0 if none */
	enum store_time_kind time_kind;
	uint32_t type; /* NIS1 type; 0 for records, harvests and openings */
	uint32_t version;
	uint64_t fee;
	uint32_t count;
	enum nem_provenance provenance;
	int64_t signer;       /* account row, 0 none */
	int64_t message;      /* 0 none */
	int64_t answer;       /* raw answer that it came with; 0 none */
	const uint8_t *bytes; /* signed canonical bytes; NULL for records; borrowed */
	size_t n_bytes;
	const char *note; /* records; borrowed, may be NULL */
};
/* All transactions by id. with_bytes: also canonical bytes. */
enum xt_status store_each_tx(struct store *s, bool with_bytes,
			     bool (*each)(void *ctx, const struct store_tx *t),
			     void *ctx, struct xt_err *err) XT_CHECKED;
/* Those of two types alone, with their bytes: reads no others' bytes. */
enum xt_status store_each_tx_typed(struct store *s, const uint32_t types[2],
				   bool (*each)(void *ctx, const struct store_tx *t),
				   void *ctx, struct xt_err *err) XT_CHECKED;
/* The same for building graphs: of each transaction only id, height, what of it is known,
 * times, count, provenance and message, with refs also hash and ref. Twice as fast. */
enum xt_status store_each_tx_place(struct store *s, bool refs,
				   bool (*each)(void *ctx, const struct store_tx *t),
				   void *ctx, struct xt_err *err) XT_CHECKED;
/* By outer or inner hash in hex, or by record reference. Pointers in `out` live until the
 * next call on `s`. */
enum xt_status store_tx_find(struct store *s, struct store_tx *out,
			     const char *hash_or_ref, struct xt_err *err) XT_CHECKED;
/* Movements of one transaction / of one account, in ledger order. */
enum xt_status store_tx_events(struct store *s, int64_t tx,
			       bool (*each)(void *ctx, const struct store_event *e),
			       void *ctx, struct xt_err *err) XT_CHECKED;
enum xt_status store_account_events(struct store *s, int64_t account,
				    bool (*each)(void *ctx,
						 const struct store_event *e),
				    void *ctx, struct xt_err *err) XT_CHECKED;

struct store_message {
	int64_t id;
	uint32_t type; /* enum nem_message_type */
	const uint8_t *payload;
	size_t n;
	const char *text; /* nem_message_text(); hostile */
};
enum xt_status store_each_message(struct store *s,
				  bool (*each)(void *ctx,
					       const struct store_message *m),
				  void *ctx, struct xt_err *err) XT_CHECKED;

/* Heights where an account that was read has two or more events whose order is assumed, or
 * (times) a transaction without a proven time: the blocks worth fetching. Ascending. */
enum xt_status store_heights_wanted(struct store *s, bool times, uint64_t **out,
				    size_t *n, struct xt_err *err) XT_CHECKED;
/* Sums of one account up to a height: in, out (fees included), harvested. Openings are
 * in none. */
struct store_sums {
	xt_u128 in, out, harvest;
	uint64_t n_events;
};
enum xt_status store_account_sums(struct store *s, struct store_sums *out,
				  int64_t account, uint64_t up_to_height,
				  struct xt_err *err) XT_CHECKED;
/* The same from one height to another, both included. */
enum xt_status store_account_sums_from(struct store *s, struct store_sums *out,
				       int64_t account, uint64_t from, uint64_t to,
				       struct xt_err *err) XT_CHECKED;

/* ---- mosaics (for levies) ---------------------------------------------------- */

/* A definition in force from `height` on (from a 16385 transaction, or a node's answer with
 * provenance REPORTED). Transactions of that mosaic stored before get their levies. */
enum xt_status
store_put_mosaic_definition(struct store *s, const struct nem_mosaic_definition *d,
			    uint64_t height, enum nem_provenance provenance,
			    int64_t answer_id, struct xt_err *err) XT_CHECKED;
/* Mosaics moved in the case whose definition is not known yet: "ns:name" each. */
enum xt_status store_each_unknown_mosaic(struct store *s,
					 bool (*each)(void *ctx,
						      const struct nem_mosaic_id *id),
					 void *ctx, struct xt_err *err) XT_CHECKED;

/* ---- labels, seeds, marks ---------------------------------------------------- */

struct store_label {
	int64_t id;
	struct nem_party party;
	char label[1025], category[64], source[1024], actor[64], abuse[64],
	    concepts[1024], lastmod[32], pack[128], context[4096], network[32],
	    currency[32];
	uint32_t confidence; /* 0..100 */
	char confidence_name[48];
	bool own;        /* the analyst's own, above imported ones */
	bool service;    /* by its category or one of its concepts; read only */
	int64_t account; /* row of the party; read only */
};
/* A label is known by account, text, source, pack and whether it is own: the same with
 * other particulars is changed. XT_E_EXISTS: it is there with just these. time: for the
 * history, as in store_remove_label(). */
enum xt_status store_put_label(struct store *s, const struct store_label *l,
			       int64_t time, struct xt_err *err) XT_CHECKED;
enum xt_status store_remove_label(struct store *s, int64_t id, int64_t time,
				  struct xt_err *err) XT_CHECKED;
/* One change of a label, in the order in which they came. Borrowed, hostile texts. */
struct store_label_change {
	int64_t id, time;
	const char *what; /* "added", "changed", "removed" */
	const char *party, *label, *source, *pack;
	bool own;
	const char
	    *change; /* "confidence: 5 -> 50; actor: -> x"; added: all that it has */
};
/* party: of this account alone; NULL: all. */
enum xt_status store_each_label_change(struct store *s, const char *party,
				       bool (*each)(void *ctx,
						    const struct store_label_change *c),
				       void *ctx, struct xt_err *err) XT_CHECKED;
/* Best label of each account first: own, then confidence, then text. */
enum xt_status store_each_label(struct store *s,
				bool (*each)(void *ctx, const struct store_label *l),
				void *ctx, struct xt_err *err) XT_CHECKED;
/* Whether a category (a concept is a word of the same list) counts as a service is data of
 * the case. A new word counts as it does with `-` in the place of `_`, if that is known. */
enum xt_status store_put_category(struct store *s, const char *category, bool service,
				  struct xt_err *err) XT_CHECKED;
/* One word of the list; borrowed. `labels`: of so many it is the category. */
struct store_category {
	const char *name;
	bool service;
	uint64_t labels;
};
enum xt_status store_each_category(struct store *s,
				   bool (*each)(void *ctx,
						const struct store_category *c),
				   void *ctx, struct xt_err *err) XT_CHECKED;
/* Is any label of this account a service? */
enum xt_status store_is_service(struct store *s, bool *out, const struct nem_party *p,
				struct xt_err *err) XT_CHECKED;

struct store_seed {
	int64_t id;
	char theft[64];
	int kind;         /* enum graph_seed_kind: 1 tx, 2 window, 3 balance,
			      4 refund, 5 heights */
	int64_t tx;       /* row; 0 none */
	char tx_text[72]; /* hash or reference, also when the row is not there yet */
	struct nem_party account;
	bool has_from, has_to;
	int64_t from, to; /* window: unix seconds; kind 5: heights; inclusive */
	uint64_t height;
	bool all; /* balance: everything it held */
	uint64_t amount_uxem;
};
enum xt_status store_put_seed(struct store *s, int64_t *id,
			      const struct store_seed *seed,
			      struct xt_err *err) XT_CHECKED;
enum xt_status store_remove_seed(struct store *s, int64_t id,
				 struct xt_err *err) XT_CHECKED;
enum xt_status store_each_seed(struct store *s,
			       bool (*each)(void *ctx, const struct store_seed *seed),
			       void *ctx, struct xt_err *err) XT_CHECKED;
/* An account declared clean from a time on. */
struct store_clean {
	int64_t id;
	struct nem_party account;
	int64_t from;
	char why[160];
};
enum xt_status store_put_clean(struct store *s, const struct store_clean *c,
			       struct xt_err *err) XT_CHECKED;
enum xt_status store_remove_clean(struct store *s, int64_t id,
				  struct xt_err *err) XT_CHECKED;
enum xt_status store_each_clean(struct store *s,
				bool (*each)(void *ctx, const struct store_clean *c),
				void *ctx, struct xt_err *err) XT_CHECKED;

/* Wallets that an analyst says are of one party (docs/groups.md). */
struct store_member {
	struct nem_party account;
	char party[64];   /* the group's name */
	char reason[401]; /* needed */
	int64_t time;     /* unix, by our clock: when it was said */
	int64_t row;      /* of the account; read only */
};
/* An account is in one such group at most: XT_E_EXISTS names the one it is in (the same
 * name with another reason too: remove it first, so that the log tells of it). */
enum xt_status store_put_member(struct store *s, const struct store_member *m,
				struct xt_err *err) XT_CHECKED;
/* Takes the account out; *out: what was said. XT_E_NOTFOUND if it is in none. */
enum xt_status store_remove_member(struct store *s, struct store_member *out,
				   const struct nem_party *account,
				   struct xt_err *err) XT_CHECKED;
/* By group's name, then address. */
enum xt_status store_each_member(struct store *s,
				 bool (*each)(void *ctx, const struct store_member *m),
				 void *ctx, struct xt_err *err) XT_CHECKED;

/* ---- crawl state ------------------------------------------------------------- */

enum store_crawl_list { STORE_LIST_TRANSFERS = 0, STORE_LIST_HARVESTS = 1 };

enum store_opening_way {
	STORE_WAY_NONE = 0,
	STORE_WAY_BALANCE = 1, /* the balance of today less all that came since */
	STORE_WAY_HISTORY = 2  /* the same, and the node's history says so, too */
};
/* Where the reading of one account stands. Cursor ids are valid for `node` only. */
struct store_crawl {
	int64_t account;
	uint32_t depth;
	bool transfers_done, harvests_done;
	char node[256];          /* base URL that the cursors belong to; "" none */
	uint64_t transfers_next; /* meta.id of the last row read, 0: from the top */
	uint64_t harvests_next;
	uint64_t top_height; /* height of the node when the reading began */
	uint64_t pages;
	/* Accounts that paid it, and that it paid, on its newest page; 0: not looked */
	uint32_t fan_in, fan_out;
	uint64_t known; /* rows up to this height were read before, and stand */
	/* Its lists were read from this height on; 0: all of them. What it held after the
	 * block before is `opening`, once that is known. */
	uint64_t from_height;
	bool has_opening;
	uint64_t opening_uxem;
	enum store_opening_way opening_way;
	bool has_want; /* to be read down to this height, whatever else */
	uint64_t want;
};
enum xt_status store_crawl_get(struct store *s, struct store_crawl *out,
			       int64_t account,
			       struct xt_err *err) XT_CHECKED; /* XT_E_NOTFOUND */
enum xt_status store_crawl_put(struct store *s, const struct store_crawl *c,
			       struct xt_err *err) XT_CHECKED;
/* ---- reorganisations --------------------------------------------------------- */

/* The chain above `height` is another one (`deep`), or what the case has of it was never
 * confirmed. Takes its signed transactions, harvests, definitions and blocks out of the
 * case; transactions become rows of `orphan`. Accounts that were read beyond that height
 * wait to be read again down to it: all of them if `deep`, else those with such
 * transactions. If `deep`, accounts that no payment leads to any more are let go. O(case).
 */
struct store_rewind {
	uint64_t height;
	bool deep;
	int64_t answer; /* that shows it */
	int64_t session;
};
enum xt_status store_rewind(struct store *s, const struct store_rewind *r,
			    uint64_t *orphans, struct xt_err *err) XT_CHECKED;
/* Does the case have anything from nodes above that height? */
enum xt_status store_above(struct store *s, bool *out, uint64_t height,
			   struct xt_err *err) XT_CHECKED;
/* Heights from `from` on of blocks below the one at `anchor` that came before it, or
 * before the answer `seen` that showed it again: those it stands on. Blocks that came
 * later may be of a chain that replaced it. Ascending; free() *out. */
enum xt_status store_ancestors(struct store *s, uint64_t from, uint64_t anchor,
			       int64_t seen, uint64_t **out, size_t *n,
			       struct xt_err *err) XT_CHECKED;
/* Transactions that left the chain: `again` is the height where one stands now, 0: it is
 * gone. */
struct store_orphan {
	int64_t id;
	struct nem_hash hash;
	uint64_t height;
	bool has_index;
	uint32_t index;
	const uint8_t *bytes; /* signed; borrowed */
	size_t n_bytes;
	int64_t brought, gone, session; /* answers; session */
	uint64_t again;
};
enum xt_status store_each_orphan(struct store *s,
				 bool (*each)(void *ctx, const struct store_orphan *o),
				 void *ctx, struct xt_err *err) XT_CHECKED;

/* Those whose account is STORE_OPEN, by depth, then id. */
enum xt_status store_each_open(struct store *s,
			       bool (*each)(void *ctx, const struct store_crawl *c),
			       void *ctx, struct xt_err *err) XT_CHECKED;

/* Those that were not read from the beginning, by account. */
enum xt_status store_each_partial(struct store *s,
				  bool (*each)(void *ctx, const struct store_crawl *c),
				  void *ctx, struct xt_err *err) XT_CHECKED;

/* What an account must have held before everything, so that it held `opening` after the
 * block before `from_height`, by the movements that are known from before. Those are in
 * part only: they may not fit. Feed it the account's movements with heights below
 * from_height, in order, and without the opening itself. */
struct store_before {
	xt_u128 in, out;
	xt_u128 in_below; /* at lower heights than the last movement */
	xt_u128 need;     /* the least that lets it pay at each height */
	uint64_t height;
};
void store_before_add(struct store_before *b, uint64_t height, bool in,
		      uint64_t amount);
/* False: by what is known the account cannot have held `opening` then. */
bool store_before_end(const struct store_before *b, uint64_t opening, uint64_t *out);

/* Units of progress within one transaction, so that several cost one write to the disk.
 * A unit begins the transaction if none is open; store_commit() ends it. A unit that is
 * not kept leaves no trace, those before it stay. `mark` goes from begin to end. */
enum xt_status store_unit_begin(struct store *s, int64_t *mark, const char *where,
				struct xt_err *err) XT_CHECKED;
enum xt_status store_unit_end(struct store *s, int64_t mark, bool keep,
			      struct xt_err *err) XT_CHECKED;
/* Is a transaction open? */
bool store_unit_open(const struct store *s);

/* ---- evidence ---------------------------------------------------------------- */

struct store_answer {
	int64_t id;
	int64_t time;      /* unix, by our clock */
	char node[256];    /* base URL */
	char node_key[65]; /* identity the node gave, hex; "" unknown */
	char url[768];
	const char *body_sent; /* POST body; "" for GET; borrowed */
	int http;
	const uint8_t *body; /* raw; borrowed */
	size_t len;
	uint8_t hash[32];  /* BLAKE2b-256 of body */
	uint8_t chain[32]; /* of this row and the chain before: docs/evidence.md */
};
/* Compresses, hashes, chains. hash and chain of `a` are ignored. */
enum xt_status store_put_answer(struct store *s, int64_t *id,
				const struct store_answer *a,
				struct xt_err *err) XT_CHECKED;
enum xt_status store_each_answer(struct store *s, bool with_body,
				 bool (*each)(void *ctx, const struct store_answer *a),
				 void *ctx, struct xt_err *err) XT_CHECKED;
/* One answer with its body, which is borrowed until the next call of this. XT_E_VERIFY:
 * the body cannot be unpacked (the rest is filled in). */
enum xt_status store_answer_get(struct store *s, struct store_answer *out, int64_t id,
				struct xt_err *err) XT_CHECKED;
/* Recompute every hash and link. XT_E_VERIFY names the first row that fails. */
enum xt_status store_check_answers(struct store *s, uint64_t *checked,
				   struct xt_err *err) XT_CHECKED;

/* The hash of a body, and the link that follows `prev` (32 zero bytes for the first
 * answer): what the stored ones must be. */
void store_answer_hash(uint8_t out[32], const uint8_t *body, size_t len);
void store_answer_chain(uint8_t out[32], const uint8_t prev[32],
			const struct store_answer *a);

struct store_incident {
	int64_t id, time, answer; /* answer row, 0 none */
	char node[256], url[768],
	    what[40];             /* "hash", "signature", "page", "decode", ... */
	struct nem_party account; /* "" if none */
	char text[480];           /* expected and found */
};
enum xt_status store_put_incident(struct store *s, const struct store_incident *i,
				  struct xt_err *err) XT_CHECKED;
enum xt_status store_each_incident(struct store *s,
				   bool (*each)(void *ctx,
						const struct store_incident *i),
				   void *ctx, struct xt_err *err) XT_CHECKED;

/* ---- taint runs -------------------------------------------------------------- */

struct store_run {
	int64_t id, time;
	char policy[24];
	char params[400]; /* JSON, canonical */
	uint64_t height, events;
	uint8_t digest[32]; /* of the case's ledger, seeds and services: graph.digest */
	char program[24];
	char summary[400]; /* JSON: seeded, fees, cleaned per theft */
};
enum xt_status store_run_new(struct store *s, int64_t *id, const struct store_run *r,
			     struct xt_err *err) XT_CHECKED;
/* `incomplete`: of the amount, what is or was at an incomplete account. */
enum xt_status store_run_put_holding(struct store *s, int64_t run, int64_t account,
				     uint32_t theft, uint64_t uxem, uint64_t incomplete,
				     struct xt_err *err) XT_CHECKED;
enum xt_status store_run_put_sink(struct store *s, int64_t run, int64_t account,
				  const char *memo, uint32_t theft, uint64_t uxem,
				  uint64_t incomplete, uint32_t count,
				  struct xt_err *err) XT_CHECKED;
/* What one theft came to in a run. */
struct store_run_theft {
	uint32_t theft;
	const char *name; /* borrowed */
	uint64_t seeded, refunded, fees, cleaned;
	uint64_t sunk, held; /* sums of the run's rows; read only */
};
enum xt_status store_run_put_theft(struct store *s, int64_t run,
				   const struct store_run_theft *t,
				   struct xt_err *err) XT_CHECKED;
/* XT_E_LIMIT: a sum passes 64 bits (poison counts the same XEM at each stop). */
enum xt_status store_each_run_theft(struct store *s, int64_t run,
				    bool (*each)(void *ctx,
						 const struct store_run_theft *t),
				    void *ctx, struct xt_err *err) XT_CHECKED;
/* Taint of movements: a JSON list of [tx, sub, theft, amount] (docs/case-file.md), in
 * parts from 0 on. The view v_run_edge reads them as rows. */
enum xt_status store_run_put_edges(struct store *s, int64_t run, uint32_t part,
				   const char *json, size_t n,
				   struct xt_err *err) XT_CHECKED;
/* How many parts of a run are there, if they are 0 to n-1; else 0. */
enum xt_status store_run_count_edges(struct store *s, int64_t run, uint32_t *n,
				     struct xt_err *err) XT_CHECKED;
/* The first n parts of one run become another's: the run that goes on from the first and
 * takes its place. XT_E_DATA if they are not there. */
enum xt_status store_run_take_edges(struct store *s, int64_t from, int64_t to,
				    uint32_t n, struct xt_err *err) XT_CHECKED;
/* What a run came to, when it is known. */
enum xt_status store_run_set_summary(struct store *s, int64_t run, const char *summary,
				     struct xt_err *err) XT_CHECKED;
/* The state that a later run can go on from, compressed. get: appends to `out`;
 * XT_E_NOTFOUND: none is stored; XT_E_DATA: damaged. */
enum xt_status store_run_put_state(struct store *s, int64_t run, const uint8_t *p,
				   size_t n, struct xt_err *err) XT_CHECKED;
enum xt_status store_run_get_state(struct store *s, struct xt_buf *out, int64_t run,
				   struct xt_err *err) XT_CHECKED;
/* Latest run of a policy, XT_E_NOTFOUND if none; with these parameters if not NULL. */
enum xt_status store_run_latest(struct store *s, struct store_run *out,
				const char *policy, const char *params,
				struct xt_err *err) XT_CHECKED;
enum xt_status store_each_run(struct store *s,
			      bool (*each)(void *ctx, const struct store_run *r),
			      void *ctx, struct xt_err *err) XT_CHECKED;
/* Keep only the latest run of each policy and parameters. */
enum xt_status store_run_prune(struct store *s, struct xt_err *err) XT_CHECKED;

/* ---- sessions of the crawl --------------------------------------------------- */

/* One crawl as it was asked for, and how far it came: with the stored answers it can be
 * repeated. */
struct store_session {
	int64_t id, time;
	char program[24];
	const char *nodes, *seeds; /* one a line; borrowed */
	uint32_t max_depth;
	bool has_from, has_to;
	int64_t from, to;
	uint64_t min_uxem;
	bool through_services;
	uint64_t max_requests;
	uint32_t quorum;
	uint32_t blocks;                       /* enum crawl_blocks */
	uint64_t scan_from, scan_to;           /* heights; from 0: none, to 0: tip */
	uint32_t fan;                          /* limit of probable services; 0 none */
	bool full_history;                     /* accounts were read from block 1 on */
	int64_t answers_before, answers_after; /* it brought the answers between */
	uint64_t units;                        /* commits; with them it ended */
	char ended[24]; /* "done", STORE_ENDED_BUDGET, or why; "" it was killed */
};
#define STORE_ENDED_BUDGET "requests used up"
/* answers_before and _after are set to the last answer. */
enum xt_status store_session_new(struct store *s, int64_t *id,
				 const struct store_session *v,
				 struct xt_err *err) XT_CHECKED;
/* A service label that was in force in the session. */
enum xt_status store_session_service(struct store *s, int64_t session,
				     const char *party, const char *label,
				     struct xt_err *err) XT_CHECKED;
/* A seed that was in force in the session: `n` counts from 1. Of `m` id, theft, tx,
 * all and amount are no part of it. */
enum xt_status store_session_mark(struct store *s, int64_t session, uint32_t n,
				  const struct store_seed *m,
				  struct xt_err *err) XT_CHECKED;
enum xt_status store_each_session_mark(struct store *s, int64_t session,
				       bool (*each)(void *ctx,
						    const struct store_seed *m),
				       void *ctx, struct xt_err *err) XT_CHECKED;
/* One more unit: to be called inside of each transaction of the session. */
enum xt_status store_session_unit(struct store *s, int64_t session,
				  struct xt_err *err) XT_CHECKED;
enum xt_status store_session_end(struct store *s, int64_t session, const char *how,
				 struct xt_err *err) XT_CHECKED;
enum xt_status store_each_session(struct store *s,
				  bool (*each)(void *ctx,
					       const struct store_session *v),
				  void *ctx, struct xt_err *err) XT_CHECKED;
enum xt_status store_each_session_service(struct store *s, int64_t session,
					  bool (*each)(void *ctx, const char *party,
						       const char *label),
					  void *ctx, struct xt_err *err) XT_CHECKED;

/* A node had to rest in a session, or was given up for it (seconds 0). */
struct store_rest {
	int64_t session, time;
	char node[256];
	uint64_t seconds;
	char why[512];
};
enum xt_status store_put_rest(struct store *s, const struct store_rest *r,
			      struct xt_err *err) XT_CHECKED;

/* What the stored answers, incidents and rests say about a node. */
struct store_node {
	char node[256];
	uint64_t answers;             /* what failed included; of them: */
	uint64_t useful;              /* HTTP 200 */
	uint64_t busy, unavailable;   /* 429, 503 */
	uint64_t refused, broken;     /* other 4xx; other 5xx */
	uint64_t other;               /* 1xx, 3xx, other 2xx */
	uint64_t none;                /* no answer: timeout, cut off, too large */
	int64_t last_time;            /* of a useful one; 0 none */
	int64_t height_row, info_row; /* last useful answers about these; 0 none */
	uint64_t accounts;            /* whose lists were read there last */
	uint64_t incidents, rests, given_up;
	int64_t rest_time; /* the last one; 0 none */
	char rest_why[512];
};
/* By URL. One pass over the answers, without their bodies. */
enum xt_status store_each_node(struct store *s,
			       bool (*each)(void *ctx, const struct store_node *n),
			       void *ctx, struct xt_err *err) XT_CHECKED;

/* ---- to check a case --------------------------------------------------------- */

/* The file itself: what SQLite's integrity_check and foreign_key_check find, one text
 * each. */
enum xt_status store_check_file(struct store *s,
				bool (*each)(void *ctx, const char *what,
					     const char *text),
				void *ctx, struct xt_err *err) XT_CHECKED;
struct store_block {
	uint64_t height;
	struct nem_hash hash, prev;
	uint32_t time; /* NEM time */
	struct nem_pubkey signer;
	const uint8_t *txs; /* 32 bytes each; borrowed */
	size_t n_txs;
	int64_t answer;
	bool whole; /* all its transactions are in the case */
};
enum xt_status store_each_block(struct store *s,
				bool (*each)(void *ctx, const struct store_block *b),
				void *ctx, struct xt_err *err) XT_CHECKED;
/* The movements that the transaction must have in this case, with the levies in force
 * by the case's definitions. */
enum xt_status store_expected_movements(struct store *s, struct nem_movement *out,
					size_t *n, size_t max, const struct nem_tx *tx,
					uint64_t height, struct xt_err *err) XT_CHECKED;
/* Definitions that stand on an answer, not on a signed transaction. */
struct store_definition {
	const char *ns, *name; /* borrowed */
	uint64_t height;
	struct nem_pubkey creator;
	uint32_t levy_kind;
	struct nem_party levy_recipient; /* "" none */
	const char *levy_ns, *levy_name; /* NULL none; borrowed */
	uint64_t levy_fee;
	enum nem_provenance provenance;
	int64_t answer;
};
enum xt_status store_each_definition(struct store *s,
				     bool (*each)(void *ctx,
						  const struct store_definition *d),
				     void *ctx, struct xt_err *err) XT_CHECKED;
/* Movements as the case counts them for itself (meta). */
enum xt_status store_counted_movements(struct store *s, uint64_t *counted,
				       uint64_t *found, struct xt_err *err) XT_CHECKED;

/* ---- digests and seals ------------------------------------------------------- */

enum store_part {
	STORE_PART_EVIDENCE, /* what came from nodes and follows from it */
	STORE_PART_ANALYST,  /* labels, seeds, marks, imports, log */
	STORE_PART_RESULTS   /* taint runs */
};
const char *store_part_name(enum store_part p);
/* BLAKE2b-256 over the content of each table but `seal`, byte by byte as
 * docs/evidence.md describes it. In the order of the seal. */
enum xt_status store_each_digest(struct store *s,
				 bool (*each)(void *ctx, const char *table,
					      enum store_part part, uint64_t rows,
					      const uint8_t digest[32]),
				 void *ctx, struct xt_err *err) XT_CHECKED;
struct store_seal {
	int64_t id, time;
	char name[128];
	struct nem_pubkey key; /* an ordinary Ed25519 key, not one of NEM */
	uint64_t answers;
	uint8_t head[32];  /* chain of the last answer; zeros if there is none */
	const char *parts; /* lines "table digest"; borrowed */
	uint8_t signature[64];
};
enum xt_status store_put_seal(struct store *s, const struct store_seal *seal,
			      struct xt_err *err) XT_CHECKED;
enum xt_status store_each_seal(struct store *s,
			       bool (*each)(void *ctx, const struct store_seal *seal),
			       void *ctx, struct xt_err *err) XT_CHECKED;

/* ---- rebuilding -------------------------------------------------------------- */

/* Into the empty case `s`: what people added to the case at `path` (labels, seeds, marks,
 * imports, log), and from here on new accounts get the ids that they have there. */
enum xt_status store_rebuild_begin(struct store *s, const char *path,
				   struct xt_err *err) XT_CHECKED;
/* Rows that differ between `s` and the case that it is rebuilt from; `rebuilt`: the row
 * is in `s` alone. `compared` counts rows. */
enum xt_status store_rebuild_compare(struct store *s, uint64_t *compared,
				     bool (*each)(void *ctx, const char *table,
						  bool rebuilt, const char *row),
				     void *ctx, struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
