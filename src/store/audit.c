/* What a check of a case reads beside the ordinary verbs. */
#include "internal.h"

#include <string.h>

static enum xt_status each_text(struct store *s, const char *what, const char *sql,
				bool (*each)(void *ctx, const char *what,
					     const char *text),
				void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(&q, s, sql, err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		const char *text = (const char *)sqlite3_column_text(q.st, 0);
		if (text != NULL && strcmp(text, "ok") != 0 && !each(ctx, what, text)) {
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
			break;
		}
	}
	db_end(&q);
	return rc;
}

enum xt_status store_check_file(struct store *s,
				bool (*each)(void *ctx, const char *what,
					     const char *text),
				void *ctx, struct xt_err *err)
{
	enum xt_status rc =
	    each_text(s, "integrity", "PRAGMA integrity_check(20)", each, ctx, err);
	if (rc == XT_OK)
		rc = each_text(s, "foreign key",
			       "SELECT \"table\" || ' row ' || coalesce(rowid, '?') ||"
			       " ': no such row in ' || parent"
			       " FROM pragma_foreign_key_check LIMIT 20",
			       each, ctx, err);
	return rc;
}

enum xt_status store_each_block(struct store *s,
				bool (*each)(void *ctx, const struct store_block *b),
				void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT height, hash, prev, time, signer, txs, answer, whole FROM block"
	    " ORDER BY height",
	    err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		struct store_block b = { .height = db_ucol(&q, 0, UINT32_MAX) };
		db_col_blob(&q, 1, b.hash.b, sizeof(b.hash.b));
		db_col_blob(&q, 2, b.prev.b, sizeof(b.prev.b));
		b.time = (uint32_t)db_ucol(&q, 3, UINT32_MAX);
		db_col_blob(&q, 4, b.signer.b, sizeof(b.signer.b));
		b.txs = sqlite3_column_blob(q.st, 5);
		b.n_txs = (size_t)sqlite3_column_bytes(q.st, 5) / 32;
		b.answer = db_col(&q, 6);
		b.whole = db_ucol(&q, 7, 1) != 0;
		rc = db_row_ok(&q, "block", (int64_t)b.height, err);
		if (rc == XT_OK && !each(ctx, &b))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_expected_movements(struct store *s, struct nem_movement *out,
					size_t *n, size_t max, const struct nem_tx *tx,
					uint64_t height, struct xt_err *err)
{
	struct levy_ctx ctx = { .s = s };
	const struct nem_levy_lookup levies = { levy_find, &ctx };
	const enum xt_status rc =
	    nem_tx_movements(out, n, max, tx, height, &levies, err);
	if (ctx.rc == XT_OK)
		return rc;
	if (err)
		*err = ctx.err;
	return ctx.rc;
}

enum xt_status store_each_definition(struct store *s,
				     bool (*each)(void *ctx,
						  const struct store_definition *d),
				     void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT m.ns, m.name, d.height, d.creator, d.levy_kind, a.party, l.ns,"
	    " l.name, d.levy_fee, d.provenance, d.answer FROM mosaic_definition d"
	    " JOIN mosaic m ON m.id = d.mosaic"
	    " LEFT JOIN account a ON a.id = d.levy_recipient"
	    " LEFT JOIN mosaic l ON l.id = d.levy_mosaic ORDER BY m.id, d.height",
	    err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		struct store_definition d = { .height = db_ucol(&q, 2, UINT32_MAX) };
		d.ns = (const char *)sqlite3_column_text(q.st, 0);
		d.name = (const char *)sqlite3_column_text(q.st, 1);
		db_col_blob(&q, 3, d.creator.b, sizeof(d.creator.b));
		d.levy_kind = (uint32_t)db_ucol(&q, 4, 2);
		db_col_text(&q, 5, d.levy_recipient.s, sizeof(d.levy_recipient.s));
		d.levy_ns = (const char *)sqlite3_column_text(q.st, 6);
		d.levy_name = (const char *)sqlite3_column_text(q.st, 7);
		d.levy_fee = db_ucol(&q, 8, INT64_MAX);
		d.provenance = (enum nem_provenance)db_ucol(&q, 9, NEM_REPORTED);
		d.answer = db_col(&q, 10);
		rc = db_row_ok(&q, "mosaic_definition", 0, err);
		if (rc == XT_OK && !each(ctx, &d))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_counted_movements(struct store *s, uint64_t *counted,
				       uint64_t *found, struct xt_err *err)
{
	struct stmt q;
	int64_t have = 0, kept = 0;
	enum xt_status rc = db_prepare(&q, s, "SELECT count(*) FROM transfer", err);
	if (rc == XT_OK)
		rc = db_one(&q, &have, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"SELECT CAST(value AS INTEGER) FROM meta"
				" WHERE key = 'transfers'",
				err);
	if (rc == XT_OK)
		rc = db_one(&q, &kept, err);
	if (rc != XT_OK)
		return rc;
	*counted = (uint64_t)kept;
	*found = (uint64_t)have;
	return XT_OK;
}
