#include "internal.h"

#include <stdlib.h>
#include <string.h>

static enum xt_status mosaic_row(struct store *s, int64_t *id,
				 const struct nem_mosaic_id *m, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc =
	    db_prepare(&q, s, "SELECT id FROM mosaic WHERE ns = ?1 AND name = ?2", err);
	if (rc != XT_OK)
		return rc;
	db_textn(&q, 1, m->ns.data, m->ns.len);
	db_textn(&q, 2, m->name.data, m->name.len);
	rc = db_one(&q, id, err);
	if (rc != XT_OK || *id != 0)
		return rc;
	rc = db_prepare(&q, s, "INSERT INTO mosaic (ns, name) VALUES (?1, ?2)", err);
	if (rc != XT_OK)
		return rc;
	db_textn(&q, 1, m->ns.data, m->ns.len);
	db_textn(&q, 2, m->name.data, m->name.len);
	rc = db_run(&q, err);
	if (rc == XT_OK)
		*id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

static bool is_xem(const struct nem_mosaic_id *m)
{
	return m->ns.len == 3 && m->name.len == 3 &&
	       memcmp(m->ns.data, "nem", 3) == 0 && memcmp(m->name.data, "xem", 3) == 0;
}

/* Which mosaics a transfer moves: a definition that arrives later finds it by them. */
enum xt_status put_mosaics(struct store *s, int64_t id, const struct nem_tx *tx,
			   struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	if (tx->type != NEM_TX_TRANSFER || nem_tx_entity_version(tx) < 2)
		return XT_OK;
	for (uint32_t i = 0; rc == XT_OK && i < tx->u.transfer.n_mosaics; i++) {
		const struct nem_mosaic_id *m = &tx->u.transfer.mosaics[i].id;
		int64_t mosaic;
		struct stmt q;
		if (is_xem(m))
			continue;
		rc = mosaic_row(s, &mosaic, m, err);
		if (rc == XT_OK)
			rc = db_prepare(&q, s,
					"INSERT OR IGNORE INTO tx_mosaic (mosaic, tx)"
					" VALUES (?1, ?2)",
					err);
		if (rc != XT_OK)
			break;
		db_int(&q, 1, mosaic);
		db_int(&q, 2, id);
		rc = db_run(&q, err);
	}
	return rc;
}

/* Movements of one stored transaction anew, from its own signed bytes. */
static enum xt_status move_again(struct store *s, int64_t id, struct xt_err *err)
{
	struct stmt q;
	struct nem_tx tx;
	bool row, decoded = false;
	uint64_t height = 0;
	int64_t ord = 0;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT b.bytes, x.ledger_height, x.ord FROM tx x"
		       " JOIN tx_bytes b ON b.tx = x.id WHERE x.id = ?1",
		       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, id);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row) {
		const uint8_t *p = sqlite3_column_blob(q.st, 0);
		height = db_ucol(&q, 1, UINT32_MAX);
		ord = db_col(&q, 2);
		rc = nem_tx_decode(&tx, p, (size_t)sqlite3_column_bytes(q.st, 0),
				   NEM_FORM_SIGNED, err);
		decoded = rc == XT_OK;
	}
	db_end(&q);
	if (!decoded)
		return rc;
	rc = row_delete_moves(s, id, err);
	if (rc == XT_OK)
		rc = put_movements(s, id, &tx, height, ord, err);
	nem_tx_release(&tx);
	return rc;
}

static enum xt_status apply_levies(struct store *s, int64_t mosaic, uint64_t height,
				   struct xt_err *err)
{
	struct stmt q;
	int64_t id = 0;
	enum xt_status rc;
	/* One at a time: the rows behind an open cursor are about to change. */
	for (;;) {
		rc = db_prepare(
		    &q, s,
		    "SELECT t.tx FROM tx_mosaic t JOIN tx x ON x.id = t.tx"
		    " WHERE t.mosaic = ?1 AND t.tx > ?2 AND x.ledger_height >= ?3"
		    " ORDER BY t.tx LIMIT 1",
		    err);
		if (rc != XT_OK)
			return rc;
		db_int(&q, 1, mosaic);
		db_int(&q, 2, id);
		db_int(&q, 3, (int64_t)height);
		rc = db_one(&q, &id, err);
		if (rc != XT_OK || id == 0)
			return rc;
		rc = move_again(s, id, err);
		if (rc != XT_OK)
			return rc;
	}
}

struct levy_row {
	uint32_t kind;
	int64_t recipient, mosaic;
	uint64_t fee;
};

/* Whether this definition stands there already; one that differs is a contradiction,
 * unless what stood there was only a node's word. */
static enum xt_status compare_definition(struct store *s, bool *known, int64_t mosaic,
					 uint64_t height, const struct levy_row *l,
					 enum nem_provenance provenance,
					 struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(&q, s,
				       "SELECT levy_kind, levy_recipient, levy_mosaic,"
				       " levy_fee, provenance FROM mosaic_definition"
				       " WHERE mosaic = ?1 AND height = ?2",
				       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, mosaic);
	db_int(&q, 2, (int64_t)height);
	rc = db_step(&q, &row, err);
	*known = false;
	if (rc == XT_OK && row) {
		const bool same =
		    db_col(&q, 0) == l->kind && db_col(&q, 1) == l->recipient &&
		    db_col(&q, 2) == l->mosaic && db_col(&q, 3) == (int64_t)l->fee;
		const bool weaker = db_col(&q, 4) == NEM_REPORTED;
		const bool stronger = weaker && provenance != NEM_REPORTED;
		*known = same && !stronger;
		if (!same && !stronger)
			rc = xt_fail(
			    err, XT_E_VERIFY,
			    "%s: mosaic definition at height %llu: its levy differs"
			    " from the one stored",
			    s->path, (unsigned long long)height);
	}
	db_end(&q);
	return rc;
}

enum xt_status put_definition(struct store *s, const struct nem_mosaic_definition *d,
			      uint64_t height, enum nem_provenance provenance,
			      int64_t answer, struct xt_err *err)
{
	int64_t mosaic;
	struct stmt q;
	bool known = false;
	struct levy_row l = { .kind = d->levy.kind, .fee = d->levy.fee };
	if (l.kind > 2 || l.fee > INT64_MAX)
		return xt_fail(err, XT_E_DATA,
			       "%s: levy: kind %u, fee %llu: out of range", s->path,
			       l.kind, (unsigned long long)l.fee);
	enum xt_status rc = mosaic_row(s, &mosaic, &d->id, err);
	if (rc == XT_OK && l.kind != 0)
		rc = account_of(s, &l.recipient, &d->levy.recipient, err);
	if (rc == XT_OK && l.kind != 0)
		rc = mosaic_row(s, &l.mosaic, &d->levy.id, err);
	if (rc == XT_OK)
		rc = compare_definition(s, &known, mosaic, height, &l, provenance, err);
	if (rc != XT_OK || known)
		return rc;
	rc = db_prepare(
	    &q, s,
	    "INSERT OR REPLACE INTO mosaic_definition (mosaic, height, creator,"
	    " levy_kind, levy_recipient, levy_mosaic, levy_fee, provenance, answer)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, mosaic);
	db_int(&q, 2, (int64_t)height);
	db_blob(&q, 3, d->creator.b, sizeof(d->creator.b));
	db_int(&q, 4, l.kind);
	db_id(&q, 5, l.recipient);
	db_id(&q, 6, l.mosaic);
	db_int(&q, 7, (int64_t)l.fee);
	db_int(&q, 8, provenance);
	db_id(&q, 9, answer);
	rc = db_run(&q, err);
	return rc == XT_OK ? apply_levies(s, mosaic, height, err) : rc;
}

enum xt_status store_put_mosaic_definition(struct store *s,
					   const struct nem_mosaic_definition *d,
					   uint64_t height,
					   enum nem_provenance provenance,
					   int64_t answer_id, struct xt_err *err)
{
	int64_t moves;
	enum xt_status rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	rc = put_definition(s, d, height, provenance, answer_id, err);
	return db_release(s, moves, rc, err);
}

enum xt_status store_each_unknown_mosaic(struct store *s,
					 bool (*each)(void *ctx,
						      const struct nem_mosaic_id *id),
					 void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT CAST(m.ns AS BLOB), CAST(m.name AS BLOB) FROM mosaic m WHERE EXISTS"
	    " (SELECT 1 FROM tx_mosaic t WHERE t.mosaic = m.id) AND NOT EXISTS"
	    " (SELECT 1 FROM mosaic_definition d WHERE d.mosaic = m.id) ORDER BY m.id",
	    err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		uint8_t ns[XT_MAX_NAMESPACE], name[XT_MAX_MOSAIC_NAME];
		const size_t n_ns = (size_t)sqlite3_column_bytes(q.st, 0);
		const size_t n_name = (size_t)sqlite3_column_bytes(q.st, 1);
		if (n_ns > sizeof(ns) || n_name > sizeof(name)) {
			q.bad = true;
			rc = db_row_ok(&q, "mosaic", 0, err);
			break;
		}
		if (n_ns)
			memcpy(ns, sqlite3_column_blob(q.st, 0), n_ns);
		if (n_name)
			memcpy(name, sqlite3_column_blob(q.st, 1), n_name);
		const struct nem_mosaic_id id = { .ns = { ns, (uint32_t)n_ns },
						  .name = { name, (uint32_t)n_name } };
		if (!each(ctx, &id)) {
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
			break;
		}
	}
	db_end(&q);
	return rc;
}
