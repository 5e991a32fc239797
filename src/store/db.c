#include "internal.h"

#include <stdlib.h>
#include <string.h>

static enum xt_status status_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return XT_E_BUSY;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return XT_E_IO;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
	case SQLITE_MISMATCH:
	case SQLITE_CONSTRAINT:
	case SQLITE_ERROR: /* of our own SQL only when the schema is not ours */
		return XT_E_DATA;
	case SQLITE_NOMEM:
		return XT_E_NOMEM;
	case SQLITE_TOOBIG:
		return XT_E_LIMIT;
	case SQLITE_INTERRUPT:
		return XT_E_STOPPED;
	default:
		return XT_E_BUG;
	}
}

enum xt_status db_fail(struct store *s, int rc, struct xt_err *err)
{
	const char *path = s->path;
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return xt_fail(err, XT_E_BUSY,
			       "%s: in use by another process, run again", path);
	case SQLITE_FULL:
		return xt_fail(err, XT_E_IO, "%s: disk full", path);
	case SQLITE_READONLY:
		return xt_fail(err, XT_E_IO, "%s: cannot be written: read-only", path);
	case SQLITE_NOTADB:
		return xt_fail(err, XT_E_DATA,
			       "%s: not a case file: no SQLite database", path);
	case SQLITE_CORRUPT:
		return xt_fail(err, XT_E_DATA, "%s: the database is damaged", path);
	default:
		return xt_fail(err, status_of(rc), "%s: %s", path,
			       s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc));
	}
}

static struct stmt_slot *slot_of(struct store *s, const char *sql)
{
	size_t i = (size_t)(((uintptr_t)sql >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 40);
	for (size_t n = 0; n < STMT_SLOTS; n++, i++) {
		struct stmt_slot *t = &s->slot[i % STMT_SLOTS];
		if (t->sql == sql || t->sql == NULL)
			return t;
	}
	return NULL;
}

enum xt_status db_prepare(struct stmt *q, struct store *s, const char *sql,
			  struct xt_err *err)
{
	*q = (struct stmt){ .s = s };
	struct stmt_slot *slot = slot_of(s, sql);
	if (slot && slot->sql == sql && !slot->busy) {
		slot->busy = true;
		q->slot = slot;
		q->st = slot->st;
		return XT_OK;
	}
	int rc =
	    sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->st, NULL);
	if (rc != SQLITE_OK)
		return db_fail(s, rc, err);
	/* A statement that is in use (a verb called from its own callback) gets a twin.
	 */
	if (slot && slot->sql == NULL) {
		slot->sql = sql;
		slot->st = q->st;
		slot->busy = true;
		q->slot = slot;
	}
	return XT_OK;
}

static void note_bind(struct stmt *q, int rc)
{
	if (rc != SQLITE_OK && q->rc == SQLITE_OK)
		q->rc = rc;
}

void db_int(struct stmt *q, int pos, int64_t v)
{
	note_bind(q, sqlite3_bind_int64(q->st, pos, v));
}

void db_opt_int(struct stmt *q, int pos, bool has, int64_t v)
{
	note_bind(q, has ? sqlite3_bind_int64(q->st, pos, v)
			 : sqlite3_bind_null(q->st, pos));
}

void db_id(struct stmt *q, int pos, int64_t id)
{
	db_opt_int(q, pos, id != 0, id);
}

void db_text(struct stmt *q, int pos, const char *v)
{
	note_bind(q, v ? sqlite3_bind_text(q->st, pos, v, -1, SQLITE_TRANSIENT)
		       : sqlite3_bind_null(q->st, pos));
}

void db_textn(struct stmt *q, int pos, const uint8_t *p, size_t n)
{
	note_bind(q, sqlite3_bind_text64(q->st, pos, n ? (const char *)p : "", n,
					 SQLITE_TRANSIENT, SQLITE_UTF8));
}

void db_blob(struct stmt *q, int pos, const void *p, size_t n)
{
	note_bind(q, n ? sqlite3_bind_blob64(q->st, pos, p, n, SQLITE_TRANSIENT)
		       : sqlite3_bind_zeroblob(q->st, pos, 0));
}

void db_opt_blob(struct stmt *q, int pos, bool has, const void *p, size_t n)
{
	if (has)
		db_blob(q, pos, p, n);
	else
		note_bind(q, sqlite3_bind_null(q->st, pos));
}

enum xt_status db_step(struct stmt *q, bool *row, struct xt_err *err)
{
	*row = false;
	if (q->rc != SQLITE_OK)
		return db_fail(q->s, q->rc, err);
	int rc = sqlite3_step(q->st);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return db_fail(q->s, rc, err);
	*row = rc == SQLITE_ROW;
	return XT_OK;
}

void db_end(struct stmt *q)
{
	if (!q->st)
		return;
	if (q->slot) {
		sqlite3_reset(q->st);
		sqlite3_clear_bindings(q->st);
		q->slot->busy = false;
	} else {
		sqlite3_finalize(q->st);
	}
	q->st = NULL;
}

enum xt_status db_run(struct stmt *q, struct xt_err *err)
{
	bool row;
	enum xt_status rc;
	do
		rc = db_step(q, &row, err);
	while (rc == XT_OK && row);
	db_end(q);
	return rc;
}

enum xt_status db_changes(struct stmt *q, int *n, struct xt_err *err)
{
	struct store *s = q->s;
	enum xt_status rc = db_run(q, err);
	if (rc == XT_OK)
		*n = sqlite3_changes(s->db);
	return rc;
}

enum xt_status db_one(struct stmt *q, int64_t *out, struct xt_err *err)
{
	bool row;
	enum xt_status rc = db_step(q, &row, err);
	if (rc == XT_OK)
		*out = row ? sqlite3_column_int64(q->st, 0) : 0;
	db_end(q);
	return rc;
}

bool db_null(struct stmt *q, int col)
{
	return sqlite3_column_type(q->st, col) == SQLITE_NULL;
}

int64_t db_col(struct stmt *q, int col)
{
	return sqlite3_column_int64(q->st, col);
}

uint64_t db_ucol(struct stmt *q, int col, uint64_t max)
{
	const int64_t v = sqlite3_column_int64(q->st, col);
	if (v >= 0 && (uint64_t)v <= max)
		return (uint64_t)v;
	q->bad = true;
	return 0;
}

void db_col_text(struct stmt *q, int col, char *out, size_t n)
{
	const unsigned char *t = sqlite3_column_text(q->st, col);
	const size_t len = (size_t)sqlite3_column_bytes(q->st, col);
	if (!t) {
		out[0] = '\0';
		return;
	}
	if (len >= n || memchr(t, 0, len)) {
		q->bad = true;
		out[0] = '\0';
		return;
	}
	memcpy(out, t, len + 1);
}

void db_col_blob(struct stmt *q, int col, void *out, size_t n)
{
	const void *p = sqlite3_column_blob(q->st, col);
	if (!p || (size_t)sqlite3_column_bytes(q->st, col) != n) {
		q->bad = true;
		memset(out, 0, n);
		return;
	}
	memcpy(out, p, n);
}

enum xt_status db_row_ok(struct stmt *q, const char *table, int64_t row,
			 struct xt_err *err)
{
	if (!q->bad)
		return XT_OK;
	return xt_fail(err, XT_E_DATA, "%s: table %s, row %lld: holds what it must not",
		       q->s->path, table, (long long)row);
}

enum xt_status db_exec(struct store *s, const char *sql, struct xt_err *err)
{
	const int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? XT_OK : db_fail(s, rc, err);
}

enum xt_status db_need_tx(struct store *s, struct xt_err *err)
{
	if (!sqlite3_get_autocommit(s->db))
		return XT_OK;
	if (s->where)
		return xt_fail(err, XT_E_IO,
			       "%s: the transaction begun at %s was rolled back",
			       s->path, s->where);
	return xt_fail(err, XT_E_BUG, "%s: write outside a transaction", s->path);
}

enum xt_status db_savepoint(struct store *s, int64_t *moves, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s, "SAVEPOINT verb", err);
	if (rc == XT_OK)
		rc = db_run(&q, err);
	if (rc == XT_OK)
		*moves = s->new_moves;
	return rc;
}

enum xt_status db_release(struct store *s, int64_t moves, enum xt_status rc,
			  struct xt_err *err)
{
	struct stmt q;
	/* A full disk may have rolled back everything already: then nothing is left. */
	if (sqlite3_get_autocommit(s->db))
		return rc != XT_OK ? rc : db_need_tx(s, err);
	if (rc != XT_OK) {
		s->new_moves = moves;
		if (db_prepare(&q, s, "ROLLBACK TO verb", NULL) != XT_OK ||
		    db_run(&q, NULL) != XT_OK)
			sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	}
	if (!sqlite3_get_autocommit(s->db)) {
		enum xt_status end =
		    db_prepare(&q, s, "RELEASE verb", rc == XT_OK ? err : NULL);
		if (end == XT_OK)
			end = db_run(&q, rc == XT_OK ? err : NULL);
		if (rc == XT_OK)
			rc = end;
	}
	return rc;
}
