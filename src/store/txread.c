#include "internal.h"

#include <string.h>

#define TX_COLUMNS                                                                     \
	"SELECT x.id, x.hash, x.inner_hash, x.ref, x.height, x.idx, x.ledger_height,"  \
	" x.ord, x.time, x.time_last, x.time_kind, x.type, x.version, x.fee, x.count," \
	" x.provenance, x.signer, x.message, x.answer, x.note"

static enum xt_status read_tx(struct stmt *q, struct store_tx *t, bool with_bytes,
			      struct xt_err *err)
{
	memset(t, 0, sizeof(*t));
	t->id = db_col(q, 0);
	t->has_hash = !db_null(q, 1);
	if (t->has_hash)
		db_col_blob(q, 1, t->hash.b, sizeof(t->hash.b));
	t->has_inner_hash = !db_null(q, 2);
	if (t->has_inner_hash)
		db_col_blob(q, 2, t->inner_hash.b, sizeof(t->inner_hash.b));
	if (!db_null(q, 3))
		db_col_text(q, 3, t->ref, sizeof(t->ref));
	t->height_known = !db_null(q, 4);
	t->height = db_ucol(q, 6, UINT32_MAX);
	/* Openings and harvests stand before and after all others by rule. */
	t->order_known =
	    !db_null(q, 5) || t->height == 0 || db_col(q, 7) == ORD_HARVEST;
	t->index = (uint32_t)db_ucol(q, 5, UINT32_MAX);
	t->time = db_col(q, 8);
	t->time_last = db_null(q, 9) ? t->time : db_col(q, 9);
	t->time_kind = (enum store_time_kind)db_ucol(q, 10, STORE_TIME_PUBLISHED);
	t->type = (uint32_t)db_ucol(q, 11, UINT32_MAX);
	t->version = (uint32_t)db_ucol(q, 12, UINT32_MAX);
	t->fee = db_ucol(q, 13, INT64_MAX);
	t->count = (uint32_t)db_ucol(q, 14, UINT32_MAX);
	t->provenance = (enum nem_provenance)db_ucol(q, 15, NEM_REPORTED);
	t->signer = db_col(q, 16);
	t->message = db_col(q, 17);
	t->answer = db_col(q, 18);
	t->note = (const char *)sqlite3_column_text(q->st, 19);
	if (with_bytes) {
		t->bytes = sqlite3_column_blob(q->st, 20);
		t->n_bytes = (size_t)sqlite3_column_bytes(q->st, 20);
	}
	q->bad |= t->id <= 0 || t->provenance == 0 || t->signer < 0 || t->message < 0;
	return q->bad ? db_row_ok(q, "tx", t->id, err) : XT_OK;
}

static enum xt_status each_row(struct stmt *q, struct store *s, bool with_bytes,
			       bool (*each)(void *ctx, const struct store_tx *t),
			       void *ctx, struct xt_err *err)
{
	struct store_tx t;
	bool row;
	enum xt_status rc;
	while ((rc = db_step(q, &row, err)) == XT_OK && row) {
		rc = read_tx(q, &t, with_bytes, err);
		if (rc == XT_OK && !each(ctx, &t))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(q);
	return rc;
}

enum xt_status store_each_tx(struct store *s, bool with_bytes,
			     bool (*each)(void *ctx, const struct store_tx *t),
			     void *ctx, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc =
	    with_bytes
		? db_prepare(&q, s,
			     TX_COLUMNS ", b.bytes FROM tx x LEFT JOIN tx_bytes b"
					" ON b.tx = x.id ORDER BY x.id",
			     err)
		: db_prepare(&q, s, TX_COLUMNS " FROM tx x ORDER BY x.id", err);
	return rc == XT_OK ? each_row(&q, s, with_bytes, each, ctx, err) : rc;
}

enum xt_status store_each_tx_typed(struct store *s, const uint32_t types[2],
				   bool (*each)(void *ctx, const struct store_tx *t),
				   void *ctx, struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc =
	    db_prepare(&q, s,
		       TX_COLUMNS ", b.bytes FROM tx x JOIN tx_bytes b ON b.tx = x.id"
				  " WHERE x.type IN (?1, ?2) ORDER BY x.id",
		       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, types[0]);
	db_int(&q, 2, types[1]);
	return each_row(&q, s, true, each, ctx, err);
}

/* What a graph needs, and no more columns than that. */
static enum xt_status read_place(struct stmt *q, struct store_tx *t, bool refs,
				 struct xt_err *err)
{
	sqlite3_stmt *st = q->st;
	t->id = sqlite3_column_int64(st, 0);
	t->height_known = sqlite3_column_type(st, 1) != SQLITE_NULL;
	t->order_known = sqlite3_column_type(st, 2) != SQLITE_NULL;
	t->height = db_ucol(q, 3, UINT32_MAX);
	if (!t->order_known)
		t->order_known =
		    t->height == 0 || sqlite3_column_int64(st, 4) == ORD_HARVEST;
	t->time = sqlite3_column_int64(st, 5);
	t->time_last = sqlite3_column_int64(st, 6);
	if (t->time_last == 0)
		t->time_last = t->time;
	t->time_kind = (enum store_time_kind)db_ucol(q, 7, STORE_TIME_PUBLISHED);
	t->count = (uint32_t)db_ucol(q, 8, UINT32_MAX);
	t->provenance = (enum nem_provenance)db_ucol(q, 9, NEM_REPORTED);
	t->message = sqlite3_column_int64(st, 10);
	if (refs) {
		t->has_hash = !db_null(q, 11);
		if (t->has_hash)
			db_col_blob(q, 11, t->hash.b, sizeof(t->hash.b));
		db_col_text(q, 12, t->ref, sizeof(t->ref));
	}
	q->bad |= t->id <= 0 || t->provenance == 0 || t->message < 0;
	return q->bad ? db_row_ok(q, "tx", t->id, err) : XT_OK;
}

#define PLACE_COLUMNS                                                                    \
	"SELECT id, height, idx, ledger_height, ord, time, time_last, time_kind, count," \
	" provenance, message"

enum xt_status store_each_tx_place(struct store *s, bool refs,
				   bool (*each)(void *ctx, const struct store_tx *t),
				   void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_tx t;
	bool row;
	enum xt_status rc =
	    refs ? db_prepare(&q, s, PLACE_COLUMNS ", hash, ref FROM tx ORDER BY id",
			      err)
		 : db_prepare(&q, s, PLACE_COLUMNS " FROM tx ORDER BY id", err);
	if (rc != XT_OK)
		return rc;
	memset(&t, 0, sizeof(t));
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		rc = read_place(&q, &t, refs, err);
		if (rc == XT_OK && !each(ctx, &t))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

/* Keep what the row points to until the next call. */
static enum xt_status keep(struct store *s, struct store_tx *t, struct xt_err *err)
{
	const size_t n_note = t->note ? strlen(t->note) + 1 : 0;
	xt_buf_clear(&s->scratch);
	enum xt_status rc = XT_OK;
	if (t->n_bytes)
		rc = xt_buf_add(&s->scratch, t->bytes, t->n_bytes, err);
	if (rc == XT_OK && n_note)
		rc = xt_buf_add(&s->scratch, t->note, n_note, err);
	if (rc != XT_OK)
		return rc;
	t->bytes = t->n_bytes ? s->scratch.data : NULL;
	t->note = n_note ? (const char *)s->scratch.data + t->n_bytes : NULL;
	return XT_OK;
}

enum xt_status store_tx_find(struct store *s, struct store_tx *out,
			     const char *hash_or_ref, struct xt_err *err)
{
	struct stmt q;
	struct nem_hash h;
	struct store_tx t = { 0 };
	bool row = false;
	const bool is_hash =
	    xt_hex_decode(h.b, sizeof(h.b), hash_or_ref, NULL) == XT_OK;
	enum xt_status rc = db_prepare(
	    &q, s,
	    TX_COLUMNS ", b.bytes FROM tx x LEFT JOIN tx_bytes b ON b.tx = x.id"
		       " WHERE x.hash = ?1 OR x.ref = ?2 OR x.inner_hash = ?1"
		       " ORDER BY x.hash IS ?1 DESC, x.id LIMIT 1",
	    err);
	if (rc != XT_OK)
		return rc;
	db_opt_blob(&q, 1, is_hash, h.b, sizeof(h.b));
	db_text(&q, 2, hash_or_ref);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row)
		rc = read_tx(&q, &t, true, err);
	if (rc == XT_OK && row)
		rc = keep(s, &t, err);
	db_end(&q);
	if (rc == XT_OK && !row)
		return xt_fail(err, XT_E_NOTFOUND,
			       "%s: transaction %s is not in the case", s->path,
			       hash_or_ref);
	if (rc == XT_OK)
		*out = t;
	return rc;
}
