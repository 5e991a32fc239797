/* What the files of the store share: the connection and one statement wrapper, so that
 * no verb touches sqlite3_bind_* or sqlite3_column_* itself. */
#ifndef XT_STORE_INTERNAL_H
#define XT_STORE_INTERNAL_H

#include <xemtrace/limits.h>
#include <xemtrace/store.h>

#include <sqlite3.h>

#define XT_INTERNAL __attribute__((visibility("hidden")))

/* "XEMT": PRAGMA application_id of a case file. */
#define STORE_APPLICATION_ID 0x58454d54

/* Order within a height (transfer.ord, 63 bits, docs/case-file.md):
 *   index in the block            proven, or a record's word
 *   2^62 + time * 2^29 + tie      assumed: the signer's time, then the hash's first
 * bits 2^62 + 2^61                   harvested fees: after all transactions */
#define ORD_ASSUMED  (INT64_C(1) << 62)
#define ORD_HARVEST  (ORD_ASSUMED | (INT64_C(1) << 61))
#define ORD_TIE_BITS 29

/* Largest amount of one movement: the graph keeps 56 bits. */
#define STORE_MAX_UXEM ((UINT64_C(1) << 56) - 1)

#define STMT_SLOTS 256u /* power of two, over twice the number of statements */

struct stmt_slot {
	const char *sql; /* the literal's address is the key */
	sqlite3_stmt *st;
	bool busy;
};

struct store {
	sqlite3 *db;
	char *path;
	enum store_mode mode;
	const char *where; /* who began the transaction */
	bool prefer;       /* store_rebuild_begin(): origin's account ids */
	int64_t new_moves; /* movements added since the last commit */
	struct stmt_slot slot[STMT_SLOTS];
	void *zstd;            /* context of store_put_answer(): 1 MB, made once */
	struct xt_buf answer;  /* body of store_answer_get() */
	struct xt_buf sent;    /* and what was sent for it */
	struct xt_buf scratch; /* borrowed texts of store_tx_find() */
};

struct stmt {
	struct store *s;
	sqlite3_stmt *st;
	struct stmt_slot *slot; /* NULL: not cached, finalised at the end */
	int rc;                 /* first failure of a bind */
	bool bad;               /* a column held what it must not */
};

/* ---- db.c -------------------------------------------------------------------- */

/* Status and text for the last SQLite failure `rc`, with the path of the case. */
XT_INTERNAL enum xt_status db_fail(struct store *s, int rc, struct xt_err *err);
/* `sql` must be a literal or static: its address is the cache key. */
XT_INTERNAL enum xt_status db_prepare(struct stmt *q, struct store *s, const char *sql,
				      struct xt_err *err) XT_CHECKED;
XT_INTERNAL void db_int(struct stmt *q, int pos, int64_t v);
XT_INTERNAL void db_opt_int(struct stmt *q, int pos, bool has, int64_t v);
/* A row id, NULL for 0. */
XT_INTERNAL void db_id(struct stmt *q, int pos, int64_t id);
XT_INTERNAL void db_text(struct stmt *q, int pos, const char *v); /* NULL: SQL NULL */
XT_INTERNAL void db_textn(struct stmt *q, int pos, const uint8_t *p, size_t n);
XT_INTERNAL void db_blob(struct stmt *q, int pos, const void *p, size_t n);
XT_INTERNAL void db_opt_blob(struct stmt *q, int pos, bool has, const void *p,
			     size_t n);
XT_INTERNAL enum xt_status db_step(struct stmt *q, bool *row,
				   struct xt_err *err) XT_CHECKED;
/* Run to the end and release. */
XT_INTERNAL enum xt_status db_run(struct stmt *q, struct xt_err *err) XT_CHECKED;
XT_INTERNAL void db_end(struct stmt *q);
/* The id of the first column of the first row, 0 if there is none; releases. */
XT_INTERNAL enum xt_status db_one(struct stmt *q, int64_t *out,
				  struct xt_err *err) XT_CHECKED;
/* Step and count of changes; releases. */
XT_INTERNAL enum xt_status db_changes(struct stmt *q, int *n,
				      struct xt_err *err) XT_CHECKED;

/* Columns. What does not fit sets q->bad and gives 0 or "". */
XT_INTERNAL bool db_null(struct stmt *q, int col);
XT_INTERNAL int64_t db_col(struct stmt *q, int col);
XT_INTERNAL uint64_t db_ucol(struct stmt *q, int col, uint64_t max);
XT_INTERNAL void db_col_text(struct stmt *q, int col, char *out, size_t n);
XT_INTERNAL void db_col_blob(struct stmt *q, int col, void *out, size_t n);
/* XT_E_DATA naming table and row if a column of this row was bad. */
XT_INTERNAL enum xt_status db_row_ok(struct stmt *q, const char *table, int64_t row,
				     struct xt_err *err) XT_CHECKED;

XT_INTERNAL enum xt_status db_exec(struct store *s, const char *sql,
				   struct xt_err *err) XT_CHECKED;
/* XT_E_BUG if no transaction is open. */
XT_INTERNAL enum xt_status db_need_tx(struct store *s, struct xt_err *err) XT_CHECKED;
/* A verb of several rows: all of it or nothing, inside the caller's transaction. */
XT_INTERNAL enum xt_status db_savepoint(struct store *s, int64_t *moves,
					struct xt_err *err) XT_CHECKED;
XT_INTERNAL enum xt_status db_release(struct store *s, int64_t moves, enum xt_status rc,
				      struct xt_err *err) XT_CHECKED;

/* ---- answer.c ------------------------------------------------------------------------ */

XT_INTERNAL void answer_release(struct store *s);

/* ---- schema.c ---------------------------------------------------------------- */

struct migration {
	const char *const *sql; /* statements, NULL at the end */
};
/* Run steps from..n in the open transaction and set user_version to n. */
XT_INTERNAL enum xt_status schema_migrate(struct store *s, const struct migration *m,
					  unsigned from, unsigned n,
					  struct xt_err *err) XT_CHECKED;
XT_INTERNAL enum xt_status schema_upgrade(struct store *s, unsigned from,
					  struct xt_err *err) XT_CHECKED;
/* Every object of ours is there with the text that we gave it. */
XT_INTERNAL enum xt_status schema_check(struct store *s, struct xt_err *err) XT_CHECKED;

/* ---- ledger rows (put.c) ----------------------------------------------------- */

/* One row of `tx`, as written. */
struct tx_row {
	const struct nem_hash *hash, *inner_hash; /* NULL none */
	const char *ref;                          /* NULL none */
	bool has_height, has_index;
	uint64_t height;
	uint32_t index;
	uint64_t ledger_height;
	int64_t ord;
	bool has_time, has_last;
	int64_t time, time_last;
	enum store_time_kind time_kind;
	uint32_t type, version;
	uint64_t fee;
	uint32_t count;
	enum nem_provenance provenance;
	int64_t signer, message, answer;
	const char *note;
};
XT_INTERNAL enum xt_status row_insert_tx(struct store *s, int64_t *id,
					 const struct tx_row *r,
					 struct xt_err *err) XT_CHECKED;
struct move_row {
	uint64_t height;
	int64_t ord, tx;
	uint32_t sub;
	enum nem_movement_kind kind;
	int64_t from, to; /* 0 none */
	uint64_t amount;
};
XT_INTERNAL enum xt_status row_insert_move(struct store *s, const struct move_row *m,
					   struct xt_err *err) XT_CHECKED;
XT_INTERNAL enum xt_status row_delete_moves(struct store *s, int64_t tx,
					    struct xt_err *err) XT_CHECKED;
/* Find or create; 0 for NEM_MSG_NONE and for an empty plain message. */
XT_INTERNAL enum xt_status row_message(struct store *s, int64_t *id, uint32_t type,
				       const struct nem_bytes *m,
				       struct xt_err *err) XT_CHECKED;
XT_INTERNAL int64_t ord_assumed(uint32_t nem_time, uint32_t tie);
/* What an account held before everything: a row at height 0. */
XT_INTERNAL enum xt_status row_opening(struct store *s, int64_t *tx, int64_t account,
				       uint64_t amount, const char *ref,
				       enum nem_provenance provenance, const char *note,
				       struct xt_err *err) XT_CHECKED;

XT_INTERNAL enum xt_status account_of(struct store *s, int64_t *id,
				      const struct nem_address *a,
				      struct xt_err *err) XT_CHECKED;
XT_INTERNAL enum xt_status account_key(struct store *s, int64_t *id,
				       const struct nem_pubkey *key,
				       enum nem_network net,
				       struct xt_err *err) XT_CHECKED;
/* Signature-carrying transaction into the ledger; no savepoint of its own. */
XT_INTERNAL enum xt_status put_checked(struct store *s, int64_t *tx_id, bool *is_new,
				       const struct nem_checked_tx *tx, int64_t answer,
				       struct xt_err *err) XT_CHECKED;
/* A transaction that had left the chain is in it again, as row `tx`. */
XT_INTERNAL enum xt_status orphan_back(struct store *s, const struct nem_hash *hash,
				       uint64_t height, int64_t tx,
				       struct xt_err *err) XT_CHECKED;
/* Movements of a transaction, with the levies that the case knows; writes their rows.
 */
XT_INTERNAL enum xt_status put_movements(struct store *s, int64_t id,
					 const struct nem_tx *tx, uint64_t height,
					 int64_t ord, struct xt_err *err) XT_CHECKED;
XT_INTERNAL enum xt_status put_mosaics(struct store *s, int64_t id,
				       const struct nem_tx *tx,
				       struct xt_err *err) XT_CHECKED;
XT_INTERNAL enum xt_status
put_definition(struct store *s, const struct nem_mosaic_definition *d, uint64_t height,
	       enum nem_provenance provenance, int64_t answer,
	       struct xt_err *err) XT_CHECKED;

/* Of a row `l` of `label`: its category or one of its concepts counts as a service. */
#define LABEL_SERVICE                                                                   \
	"EXISTS (SELECT 1 FROM category k WHERE k.service = 1 AND (k.name = l.category" \
	" OR instr(',' || replace(lower(l.concepts), ' ', '') || ',',"                  \
	" ',' || k.name || ',') > 0))"

/* Levies known to the case, for nem_tx_movements(). */
struct levy_ctx {
	struct store *s;
	struct xt_err err;
	enum xt_status rc;
};
XT_INTERNAL bool levy_find(void *ctx, struct nem_levy *out,
			   const struct nem_mosaic_id *id, uint64_t height);

#endif
