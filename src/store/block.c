#include "internal.h"

#include <string.h>

static enum xt_status block_row(struct store *s, const struct nem_checked_block *b,
				int64_t answer, struct xt_err *err)
{
	struct stmt q;
	struct xt_buf txs;
	bool row, known = false;
	enum xt_status rc =
	    db_prepare(&q, s, "SELECT hash FROM block WHERE height = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)b->height);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row) {
		struct nem_hash have;
		db_col_blob(&q, 0, have.b, sizeof(have.b));
		known = memcmp(have.b, b->hash.b, sizeof(have.b)) == 0;
		if (!known)
			rc = xt_fail(
			    err, XT_E_VERIFY,
			    "%s: block %llu: another block of that height is stored",
			    s->path, (unsigned long long)b->height);
	}
	db_end(&q);
	if (rc != XT_OK || known)
		return rc;
	xt_buf_init(&txs, (size_t)32 * XT_MAX_BLOCK_TXS);
	for (uint32_t i = 0; rc == XT_OK && i < b->n_txs; i++)
		rc = xt_buf_add(&txs, b->txs[i].hash.b, 32, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO block (height, hash, prev, time, signer, txs,"
		    " answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		    err);
	if (rc == XT_OK) {
		db_int(&q, 1, (int64_t)b->height);
		db_blob(&q, 2, b->hash.b, 32);
		db_blob(&q, 3, b->prev.b, 32);
		db_int(&q, 4, b->timestamp);
		db_blob(&q, 5, b->signer.b, 32);
		db_blob(&q, 6, txs.data, txs.len);
		db_id(&q, 7, answer);
		rc = db_run(&q, err);
	}
	xt_buf_release(&txs);
	return rc;
}

static enum xt_status mark_whole(struct store *s, uint64_t height, struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc =
	    db_prepare(&q, s, "UPDATE block SET whole = 1 WHERE height = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)height);
	return db_run(&q, err);
}

static enum xt_status in_case(struct store *s, bool *out, const struct nem_hash *h,
			      struct xt_err *err)
{
	struct stmt q;
	int64_t id = 0;
	enum xt_status rc = db_prepare(&q, s, "SELECT id FROM tx WHERE hash = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_blob(&q, 1, h->b, sizeof(h->b));
	rc = db_one(&q, &id, err);
	*out = id != 0;
	return rc;
}

/* A signed transaction of the case that claims this height and is not in its block. */
static enum xt_status find_stranger(struct store *s, uint64_t height,
				    struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT lower(hex(hash)) FROM tx WHERE height = ?1 AND idx IS NULL"
	    " AND provenance IN (1, 5) ORDER BY id LIMIT 1",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)height);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row)
		rc = xt_fail(
		    err, XT_E_VERIFY,
		    "%s: block %llu: does not hold transaction %s, which the case has"
		    " at that height",
		    s->path, (unsigned long long)height,
		    (const char *)sqlite3_column_text(q.st, 0));
	db_end(&q);
	return rc;
}

/* A harvest that a node reported for this height: the block knows its time. */
static enum xt_status prove_harvest(struct store *s, const struct nem_checked_block *b,
				    struct xt_err *err)
{
	struct stmt q;
	char ref[65];
	int64_t wrong = 0;
	snprintf(ref, sizeof(ref), "harvest:%llu", (unsigned long long)b->height);
	enum xt_status rc = db_prepare(
	    &q, s, "SELECT count(*) FROM tx WHERE ref = ?1 AND time <> ?2", err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, ref);
	db_int(&q, 2, nem_time_to_unix(b->timestamp));
	rc = db_one(&q, &wrong, err);
	if (rc == XT_OK && wrong)
		return xt_fail(
		    err, XT_E_VERIFY,
		    "%s: harvest of block %llu: its time in the case is not the"
		    " block's",
		    s->path, (unsigned long long)b->height);
	if (rc == XT_OK)
		rc = db_prepare(&q, s, "UPDATE tx SET time_kind = 1 WHERE ref = ?1",
				err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, ref);
	return db_run(&q, err);
}

static enum xt_status block_fees(struct nem_amount *out,
				 const struct nem_checked_block *b, struct xt_err *err)
{
	struct nem_movement v[NEM_MAX_MOVEMENTS];
	uint64_t sum = 0;
	for (uint32_t i = 0; i < b->n_txs; i++) {
		size_t n;
		const enum xt_status rc = nem_tx_movements(
		    v, &n, XT_ARRAY_SIZE(v), &b->txs[i].tx, b->height, NULL, err);
		if (rc != XT_OK)
			return rc;
		for (size_t k = 0; k < n; k++)
			if (v[k].kind == NEM_MOVE_FEE &&
			    !xt_add(&sum, sum, v[k].amount.uxem))
				return xt_fail(err, XT_E_DATA,
					       "block %llu: fees overflow",
					       (unsigned long long)b->height);
	}
	out->uxem = sum;
	return XT_OK;
}

static enum xt_status put_harvest(struct store *s, const struct nem_address *a,
				  uint64_t height, uint32_t nem_time,
				  struct nem_amount fee, int64_t answer,
				  struct xt_err *err);

static enum xt_status put_block(struct store *s, const struct nem_checked_block *b,
				bool all, const struct nem_address *beneficiary,
				int64_t answer, struct xt_err *err)
{
	enum xt_status rc = block_row(s, b, answer, err);
	if (rc == XT_OK && all)
		rc = mark_whole(s, b->height, err);
	for (uint32_t i = 0; rc == XT_OK && i < b->n_txs; i++) {
		bool wanted = all;
		if (!all)
			rc = in_case(s, &wanted, &b->txs[i].hash, err);
		if (rc == XT_OK && wanted)
			rc = put_checked(s, NULL, NULL, &b->txs[i], answer, err);
	}
	if (rc == XT_OK)
		rc = find_stranger(s, b->height, err);
	if (rc == XT_OK)
		rc = prove_harvest(s, b, err);
	if (rc == XT_OK && beneficiary) {
		struct nem_amount fee = { 0 };
		rc = block_fees(&fee, b, err);
		if (rc == XT_OK)
			rc = put_harvest(s, beneficiary, b->height, b->timestamp, fee,
					 answer, err);
	}
	return rc;
}

enum xt_status store_put_block(struct store *s, const struct nem_checked_block *b,
			       bool all, const struct nem_address *beneficiary,
			       int64_t answer_id, struct xt_err *err)
{
	int64_t moves;
	if (b->height < 1 || b->height > UINT32_MAX)
		return xt_fail(err, XT_E_DATA, "%s: block %llu: height out of range",
			       s->path, (unsigned long long)b->height);
	enum xt_status rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	rc = put_block(s, b, all, beneficiary, answer_id, err);
	return db_release(s, moves, rc, err);
}

/* What is known of a harvest at that height: one block, one harvester. */
static enum xt_status known_harvest(struct store *s, bool *known, int64_t account,
				    uint64_t height, struct nem_amount fee,
				    struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT t.recipient, t.amount, a.party FROM transfer t"
		       " JOIN account a ON a.id = t.recipient"
		       " WHERE t.height = ?1 AND t.ord = ?2",
		       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)height);
	db_int(&q, 2, ORD_HARVEST);
	rc = db_step(&q, &row, err);
	*known = rc == XT_OK && row;
	if (*known && (db_col(&q, 0) != account || db_col(&q, 1) != (int64_t)fee.uxem))
		rc = xt_fail(
		    err, XT_E_VERIFY,
		    "%s: harvest of block %llu: the case has %lld uXEM to %s, now"
		    " %llu uXEM",
		    s->path, (unsigned long long)height, (long long)db_col(&q, 1),
		    (const char *)sqlite3_column_text(q.st, 2),
		    (unsigned long long)fee.uxem);
	db_end(&q);
	return rc;
}

static enum xt_status block_time(struct store *s, bool *known, uint64_t height,
				 uint32_t nem_time, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s, "SELECT time FROM block WHERE height = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)height);
	rc = db_step(&q, &row, err);
	*known = rc == XT_OK && row;
	if (*known && db_col(&q, 0) != nem_time)
		rc = xt_fail(
		    err, XT_E_VERIFY,
		    "%s: harvest of block %llu: time %u, but its block says %lld",
		    s->path, (unsigned long long)height, nem_time,
		    (long long)db_col(&q, 0));
	db_end(&q);
	return rc;
}

static enum xt_status put_harvest(struct store *s, const struct nem_address *a,
				  uint64_t height, uint32_t nem_time,
				  struct nem_amount fee, int64_t answer,
				  struct xt_err *err)
{
	int64_t account, tx;
	bool timed = false, known = false;
	char ref[65];
	if (height < 1 || height > UINT32_MAX || fee.uxem > STORE_MAX_UXEM)
		return xt_fail(
		    err, XT_E_DATA, "%s: harvest: height %llu, fee %llu: out of range",
		    s->path, (unsigned long long)height, (unsigned long long)fee.uxem);
	enum xt_status rc = account_of(s, &account, a, err);
	if (rc == XT_OK)
		rc = block_time(s, &timed, height, nem_time, err);
	if (rc == XT_OK)
		rc = known_harvest(s, &known, account, height, fee, err);
	/* Most blocks hold no fee: a harvest of 0 moves nothing. */
	if (rc != XT_OK || known || fee.uxem == 0)
		return rc;
	snprintf(ref, sizeof(ref), "harvest:%llu", (unsigned long long)height);
	const struct tx_row r = {
		.ref = ref,
		.has_height = true,
		.height = height,
		.ledger_height = height,
		.ord = ORD_HARVEST,
		.has_time = true,
		.time = nem_time_to_unix(nem_time),
		.time_kind = timed ? STORE_TIME_BLOCK : STORE_TIME_PUBLISHED,
		.count = 1,
		.provenance = NEM_REPORTED,
		.answer = answer,
	};
	rc = row_insert_tx(s, &tx, &r, err);
	if (rc != XT_OK)
		return rc;
	const struct move_row m = { .height = height,
				    .ord = ORD_HARVEST,
				    .tx = tx,
				    .kind = NEM_MOVE_HARVEST,
				    .to = account,
				    .amount = fee.uxem };
	return row_insert_move(s, &m, err);
}

enum xt_status store_put_harvest(struct store *s, const struct nem_address *a,
				 uint64_t height, uint32_t nem_time,
				 struct nem_amount fee, int64_t answer_id,
				 struct xt_err *err)
{
	int64_t moves;
	enum xt_status rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	rc = put_harvest(s, a, height, nem_time, fee, answer_id, err);
	return db_release(s, moves, rc, err);
}
