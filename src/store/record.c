#include "internal.h"

#include <string.h>

/* What a movement of the record says, against the transaction that the case has. */
static enum xt_status compare(struct store *s, int64_t id, const struct store_record *r,
			      int64_t sender, int64_t recipient, int64_t message,
			      struct xt_err *err)
{
	struct stmt q;
	bool row;
	const char *field = NULL;
	char hex[65];
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT t.sender, t.recipient, t.amount, x.message, x.height,"
	    " (SELECT coalesce(sum(f.amount), 0) FROM transfer f WHERE f.height = t.height"
	    " AND f.ord = t.ord AND f.tx = t.tx AND f.kind = 3)"
	    " FROM tx x JOIN transfer t ON t.tx = x.id AND t.height = x.ledger_height"
	    " AND t.ord = x.ord AND t.kind IN (1, 2) WHERE x.id = ?1",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, id);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && !row)
		field = "kind";
	else if (rc == XT_OK && db_col(&q, 0) != sender)
		field = "sender";
	else if (rc == XT_OK && db_col(&q, 1) != recipient)
		field = "recipient";
	else if (rc == XT_OK && db_col(&q, 2) != (int64_t)r->amount.uxem)
		field = "amount";
	else if (rc == XT_OK && message != 0 && db_col(&q, 3) != message)
		field = "message";
	else if (rc == XT_OK && r->has_height && !db_null(&q, 4) &&
		 db_col(&q, 4) != (int64_t)r->height)
		field = "height";
	else if (rc == XT_OK && r->fee.uxem != 0 &&
		 db_col(&q, 5) != (int64_t)r->fee.uxem)
		field = "fee";
	db_end(&q);
	if (rc != XT_OK)
		return rc;
	xt_hex_encode(hex, r->hash.b, sizeof(r->hash.b));
	if (field)
		return xt_fail(err, XT_E_VERIFY,
			       "hash: transaction %s is in the case with another %s",
			       hex, field);
	return xt_fail(err, XT_E_EXISTS, "hash: transaction %s is in the case already",
		       hex);
}

static enum xt_status order_of(const struct store_record *r, uint64_t *height,
			       int64_t *ord, struct xt_err *err)
{
	const int64_t when = r->order_time ? r->order_time : r->time;
	uint32_t t = 0;
	const bool timed = r->has_time || r->order_time;
	if (timed && !nem_time_from_unix(&t, when)) {
		char text[24];
		return xt_fail(err, XT_E_DATA, "time: %s is not a time of this chain",
			       nem_time_format_utc(text, when));
	}
	if (r->has_index && !r->has_height)
		return xt_fail(err, XT_E_DATA, "index: %u without a height", r->index);
	*height = r->has_height     ? r->height
		  : r->order_height ? r->order_height
		  : timed           ? nem_height_estimate(when)
				    : 0;
	if (*height < 1 || *height > UINT32_MAX)
		return r->has_height
			   ? xt_fail(err, XT_E_DATA, "height: %llu: out of range",
				     (unsigned long long)*height)
			   : xt_fail(err, XT_E_DATA,
				     "height: neither height nor time: the order is"
				     " unknown");
	/* Rows of one height stand in line order; estimated places go by time first. */
	*ord = r->has_index ? (int64_t)r->index
			    : ord_assumed(r->has_height ? 0 : t, (uint32_t)r->line);
	return XT_OK;
}

static enum xt_status check_record(const struct store_record *r, struct xt_err *err)
{
	if (r->amount.uxem > STORE_MAX_RECORD_UXEM)
		return xt_fail(err, XT_E_DATA,
			       "amount: %llu uXEM: more than 10,000,000,000 XEM",
			       (unsigned long long)r->amount.uxem);
	if (r->fee.uxem > NEM_SUPPLY_UXEM)
		return xt_fail(err, XT_E_DATA, "fee_uxem: %llu: more than there is",
			       (unsigned long long)r->fee.uxem);
	if (r->provenance != NEM_PUBLISHED && r->provenance != NEM_AGGREGATE &&
	    r->provenance != NEM_INFERRED)
		return xt_fail(err, XT_E_USAGE, "provenance %d is not a record's",
			       (int)r->provenance);
	return XT_OK;
}

static enum xt_status unused_ref(struct store *s, const char *ref, struct xt_err *err)
{
	struct stmt q;
	int64_t id;
	enum xt_status rc = db_prepare(&q, s, "SELECT id FROM tx WHERE ref = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, ref);
	rc = db_one(&q, &id, err);
	if (rc == XT_OK && id != 0)
		return xt_fail(
		    err, XT_E_VERIFY,
		    "reference %s is in the case already: import under another name",
		    ref);
	return rc;
}

static enum xt_status put_opening(struct store *s, int64_t *tx,
				  const struct store_record *r, struct xt_err *err)
{
	struct store_account a;
	int64_t id;
	enum xt_status rc = store_account_id(s, &id, &r->recipient, err);
	if (rc == XT_OK)
		rc = store_account_get(s, &a, id, err);
	if (rc != XT_OK)
		return rc;
	if (a.has_opening)
		return xt_fail(
		    err, XT_E_VERIFY,
		    "recipient: account %s has an opening balance in the case"
		    " already",
		    r->recipient.s);
	return row_opening(s, tx, id, r->amount.uxem, r->ref, r->provenance, r->note,
			   err);
}

static enum xt_status write_moves(struct store *s, int64_t tx,
				  const struct store_record *r, uint64_t height,
				  int64_t ord, int64_t sender, int64_t recipient,
				  struct xt_err *err)
{
	struct move_row m = { .height = height,
			      .ord = ord,
			      .tx = tx,
			      .kind = NEM_MOVE_TRANSFER,
			      .from = sender,
			      .to = recipient,
			      .amount = r->amount.uxem };
	enum xt_status rc = row_insert_move(s, &m, err);
	if (rc != XT_OK || r->fee.uxem == 0)
		return rc;
	m.sub = 1;
	m.kind = NEM_MOVE_FEE;
	m.to = 0;
	m.amount = r->fee.uxem;
	return row_insert_move(s, &m, err);
}

static enum xt_status known_hash(struct store *s, int64_t *id,
				 const struct store_record *r, struct xt_err *err)
{
	struct stmt q;
	*id = 0;
	if (!r->has_hash)
		return XT_OK;
	enum xt_status rc = db_prepare(&q, s, "SELECT id FROM tx WHERE hash = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_blob(&q, 1, r->hash.b, sizeof(r->hash.b));
	return db_one(&q, id, err);
}

static enum xt_status put_transfer(struct store *s, int64_t *tx,
				   const struct store_record *r, struct xt_err *err)
{
	int64_t sender = 0, recipient = 0, message = 0, known = 0, ord = 0;
	uint64_t height = 0;
	enum xt_status rc = order_of(r, &height, &ord, err);
	if (rc == XT_OK)
		rc = store_account_id(s, &sender, &r->sender, err);
	if (rc == XT_OK)
		rc = store_account_id(s, &recipient, &r->recipient, err);
	if (rc == XT_OK)
		rc = row_message(s, &message, r->message_type, &r->message, err);
	if (rc == XT_OK)
		rc = known_hash(s, &known, r, err);
	if (rc != XT_OK)
		return rc;
	if (known)
		return compare(s, known, r, sender, recipient, message, err);
	rc = unused_ref(s, r->ref, err);
	if (rc != XT_OK)
		return rc;
	const struct tx_row row = {
		.hash = r->has_hash ? &r->hash : NULL,
		.ref = r->ref,
		.has_height = r->has_height,
		.height = r->height,
		.has_index = r->has_index,
		.index = r->index,
		.ledger_height = height,
		.ord = ord,
		.has_time = r->has_time,
		.time = r->time,
		.has_last = r->has_time && r->time_last > r->time,
		.time_last = r->time_last,
		.time_kind = r->has_time ? STORE_TIME_PUBLISHED : STORE_TIME_NONE,
		.fee = r->fee.uxem,
		.count = r->count,
		.provenance = r->provenance,
		.signer = sender,
		.message = message,
		.note = r->note,
	};
	rc = row_insert_tx(s, tx, &row, err);
	return rc == XT_OK ? write_moves(s, *tx, r, height, ord, sender, recipient, err)
			   : rc;
}

enum xt_status store_put_record(struct store *s, int64_t *tx_id,
				const struct store_record *r, struct xt_err *err)
{
	int64_t moves = 0, tx = 0;
	enum xt_status rc = check_record(r, err);
	if (rc == XT_OK)
		rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	if (r->kind == NEM_MOVE_OPENING)
		rc = unused_ref(s, r->ref, err);
	if (rc == XT_OK && r->kind == NEM_MOVE_OPENING)
		rc = put_opening(s, &tx, r, err);
	else if (rc == XT_OK)
		rc = put_transfer(s, &tx, r, err);
	rc = db_release(s, moves, rc, err);
	if (rc == XT_OK && tx_id)
		*tx_id = tx;
	return rc;
}

enum xt_status store_put_source(struct store *s, const char *name,
				const uint8_t hash[32], uint64_t rows, int64_t time,
				struct xt_err *err)
{
	struct stmt q;
	int64_t id;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s, "SELECT id FROM source WHERE hash = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_blob(&q, 1, hash, 32);
	rc = db_one(&q, &id, err);
	if (rc != XT_OK)
		return rc;
	if (id != 0)
		return xt_fail(err, XT_E_EXISTS,
			       "%s: this very file is in the case already", name);
	rc = db_prepare(
	    &q, s,
	    "INSERT INTO source (hash, name, rows, time) VALUES (?1, ?2, ?3, ?4)", err);
	if (rc != XT_OK)
		return rc;
	db_blob(&q, 1, hash, 32);
	db_text(&q, 2, name);
	db_int(&q, 3, (int64_t)rows);
	db_int(&q, 4, time);
	return db_run(&q, err);
}
