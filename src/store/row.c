#include "internal.h"

#include <string.h>

int64_t ord_assumed(uint32_t nem_time, uint32_t tie)
{
	return ORD_ASSUMED | (int64_t)nem_time << ORD_TIE_BITS |
	       (int64_t)(tie & ((1U << ORD_TIE_BITS) - 1));
}

enum xt_status row_insert_tx(struct store *s, int64_t *id, const struct tx_row *r,
			     struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO tx (hash, inner_hash, ref, height, idx, ledger_height,"
		    " ord, time, time_last, time_kind, type, version, fee, count,"
		    " provenance, signer, message, answer, note) VALUES (?1, ?2, ?3, ?4,"
		    " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
		    " ?19)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_opt_blob(&q, 1, r->hash != NULL, r->hash, 32);
	db_opt_blob(&q, 2, r->inner_hash != NULL, r->inner_hash, 32);
	db_text(&q, 3, r->ref);
	db_opt_int(&q, 4, r->has_height, (int64_t)r->height);
	db_opt_int(&q, 5, r->has_index, r->index);
	db_int(&q, 6, (int64_t)r->ledger_height);
	db_int(&q, 7, r->ord);
	db_opt_int(&q, 8, r->has_time, r->time);
	db_opt_int(&q, 9, r->has_last, r->time_last);
	db_int(&q, 10, r->time_kind);
	db_int(&q, 11, r->type);
	db_int(&q, 12, r->version);
	db_int(&q, 13, (int64_t)r->fee);
	db_int(&q, 14, r->count);
	db_int(&q, 15, r->provenance);
	db_id(&q, 16, r->signer);
	db_id(&q, 17, r->message);
	db_id(&q, 18, r->answer);
	db_text(&q, 19, r->note);
	rc = db_run(&q, err);
	if (rc == XT_OK)
		*id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

enum xt_status row_insert_move(struct store *s, const struct move_row *m,
			       struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "INSERT INTO transfer (height, ord, tx, sub, kind, sender, recipient, amount)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)m->height);
	db_int(&q, 2, m->ord);
	db_int(&q, 3, m->tx);
	db_int(&q, 4, m->sub);
	db_int(&q, 5, m->kind);
	db_id(&q, 6, m->from);
	db_id(&q, 7, m->to);
	db_int(&q, 8, (int64_t)m->amount);
	rc = db_run(&q, err);
	if (rc == XT_OK)
		s->new_moves++;
	return rc;
}

enum xt_status row_delete_moves(struct store *s, int64_t tx, struct xt_err *err)
{
	struct stmt q;
	int n;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "DELETE FROM transfer WHERE (height, ord, tx) ="
		       " (SELECT ledger_height, ord, id FROM tx WHERE id = ?1)",
		       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, tx);
	rc = db_changes(&q, &n, err);
	if (rc == XT_OK)
		s->new_moves -= n;
	return rc;
}

static enum xt_status find_message(struct store *s, int64_t *id, uint32_t type,
				   const struct nem_bytes *m, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_prepare(
	    &q, s, "SELECT id FROM message WHERE type = ?1 AND payload = ?2", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, type);
	db_blob(&q, 2, m->data, m->len);
	return db_one(&q, id, err);
}

static enum xt_status message_text(struct xt_buf *text, uint32_t type,
				   const struct nem_bytes *m, struct xt_err *err)
{
	enum xt_status rc = nem_message_text(text, type, m, err);
	if (rc == XT_OK && text->len == 0)
		return xt_buf_adds(text, "encrypted:", err);
	if (rc != XT_OK || !memchr(text->data, 0, text->len))
		return rc;
	/* A text that C strings would cut short is shown as the bytes it is. */
	xt_buf_clear(text);
	rc = xt_buf_adds(text, "hex:", err);
	for (uint32_t i = 0; rc == XT_OK && i < m->len; i++)
		rc = xt_buf_addf(text, err, "%02x", m->data[i]);
	return rc;
}

enum xt_status row_message(struct store *s, int64_t *id, uint32_t type,
			   const struct nem_bytes *m, struct xt_err *err)
{
	struct stmt q;
	struct xt_buf text;
	if (type == NEM_MSG_NONE || (type == NEM_MSG_PLAIN && m->len == 0)) {
		*id = 0;
		return XT_OK;
	}
	enum xt_status rc = find_message(s, id, type, m, err);
	if (rc != XT_OK || *id != 0)
		return rc;
	xt_buf_init(&text, (size_t)16 * XT_MAX_MESSAGE);
	rc = message_text(&text, type, m, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO message (type, payload, text) VALUES (?1, ?2, ?3)",
		    err);
	if (rc == XT_OK) {
		db_int(&q, 1, type);
		db_blob(&q, 2, m->data, m->len);
		db_textn(&q, 3, text.data, text.len);
		rc = db_run(&q, err);
	}
	if (rc == XT_OK)
		*id = sqlite3_last_insert_rowid(s->db);
	xt_buf_release(&text);
	return rc;
}

enum xt_status row_opening(struct store *s, int64_t *tx, int64_t account,
			   uint64_t amount, const char *ref,
			   enum nem_provenance provenance, const char *note,
			   struct xt_err *err)
{
	const struct tx_row r = {
		.ref = ref,
		.has_height = true,
		.ord = ORD_ASSUMED,
		.count = 1,
		.provenance = provenance,
		.note = note,
	};
	if (amount > STORE_MAX_UXEM)
		return xt_fail(err, XT_E_DATA,
			       "%s: %s: amount is above the limit of 2^56 uXEM",
			       s->path, ref);
	enum xt_status rc = row_insert_tx(s, tx, &r, err);
	if (rc != XT_OK)
		return rc;
	const struct move_row m = {
		.ord = ORD_ASSUMED,
		.tx = *tx,
		.kind = NEM_MOVE_OPENING,
		.to = account,
		.amount = amount,
	};
	return row_insert_move(s, &m, err);
}
