#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A writer waits this long for another process before it says "run again". */
#define BUSY_MS 3000
/* The longest stored text or blob: a raw answer. Guards against damaged files. */
#define MAX_VALUE (64 << 20)

static void free_store(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < STMT_SLOTS; i++)
		sqlite3_finalize(s->slot[i].st);
	sqlite3_close(s->db);
	answer_release(s);
	xt_buf_release(&s->answer);
	xt_buf_release(&s->sent);
	xt_buf_release(&s->scratch);
	free(s->path);
	free(s);
}

/* The kind of thing at `path`, before SQLite touches it: it would wait on a FIFO, and
 * tells a folder from a missing file by nothing. */
static enum xt_status look(bool *exists, bool *empty, const char *path,
			   struct xt_err *err)
{
	struct stat st;
	if (path[0] == '\0')
		return xt_fail(err, XT_E_USAGE, "case file: empty path");
	if (stat(path, &st) != 0) {
		if (errno != ENOENT)
			return xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
		*exists = false;
		*empty = true;
		return XT_OK;
	}
	if (S_ISDIR(st.st_mode))
		return xt_fail(err, XT_E_DATA, "%s: a folder, not a case file", path);
	if (!S_ISREG(st.st_mode))
		return xt_fail(err, XT_E_DATA, "%s: not a regular file", path);
	*exists = true;
	*empty = st.st_size == 0;
	return XT_OK;
}

static enum xt_status pragma_int(struct store *s, int64_t *out, const char *sql,
				 struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc = db_prepare(&q, s, sql, err);
	return rc == XT_OK ? db_one(&q, out, err) : rc;
}

enum xt_status store_cache(struct store *s, unsigned kib, struct xt_err *err)
{
	char sql[64];
	(void)snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%u", kib);
	return db_exec(s, sql, err);
}

/* One file: a rollback journal exists only inside a transaction, so that a closed case
 * can be copied and mailed as it is and opened from a read-only medium, which WAL's two
 * side files do not allow. EXTRA also syncs the folder after the journal is removed: a
 * committed unit survives a power cut. */
static enum xt_status configure(struct store *s, struct xt_err *err)
{
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, MAX_VALUE);
	/* A case file may come from a stranger: nothing in it may act. */
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	const enum xt_status rc = store_cache(s, STORE_CACHE, err);
	if (rc != XT_OK)
		return rc;
	return db_exec(s,
		       "PRAGMA cell_size_check = ON; PRAGMA foreign_keys = ON;"
		       "PRAGMA temp_store = MEMORY; PRAGMA synchronous = EXTRA",
		       err);
}

/* Whose database it is. fresh: nothing in it at all. */
static enum xt_status identify(struct store *s, bool *fresh, unsigned *version,
			       struct xt_err *err)
{
	int64_t app = 0, ver = 0, objects = 0;
	enum xt_status rc = pragma_int(s, &app, "PRAGMA application_id", err);
	if (rc == XT_OK)
		rc = pragma_int(s, &ver, "PRAGMA user_version", err);
	if (rc == XT_OK)
		rc = pragma_int(s, &objects, "SELECT count(*) FROM sqlite_schema", err);
	if (rc != XT_OK)
		return rc;
	*fresh = app == 0 && ver == 0 && objects == 0;
	*version = 0;
	if (*fresh)
		return XT_OK;
	if (app != STORE_APPLICATION_ID)
		return xt_fail(err, XT_E_DATA,
			       "%s: not a case file: a database of another program"
			       " (application id %lld)",
			       s->path, (long long)app);
	if (ver < 1)
		return xt_fail(err, XT_E_DATA, "%s: damaged case file: schema %lld",
			       s->path, (long long)ver);
	if (ver > (int64_t)store_schema_version())
		return xt_fail(err, XT_E_VERIFY,
			       "%s: schema %lld is newer than this program knows (%u)",
			       s->path, (long long)ver, store_schema_version());
	*version = (unsigned)ver;
	return XT_OK;
}

static enum xt_status create(struct store *s, struct xt_err *err)
{
	char pragma[64];
	snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d",
		 STORE_APPLICATION_ID);
	enum xt_status rc = STORE_BEGIN(s, err);
	if (rc == XT_OK)
		rc = db_exec(s, pragma, err);
	if (rc == XT_OK)
		rc = schema_upgrade(s, 0, err);
	if (rc == XT_OK)
		rc = store_meta_set(s, "created_with", xt_version(), err);
	if (rc == XT_OK)
		rc = store_commit(s, err);
	return rc;
}

static enum xt_status upgrade(struct store *s, unsigned version, struct xt_err *err)
{
	char text[80];
	const struct xt_clock *clock = xt_clock_system();
	snprintf(text, sizeof(text), "schema %u to %u by version %s", version,
		 store_schema_version(), xt_version());
	enum xt_status rc = STORE_BEGIN(s, err);
	if (rc == XT_OK)
		rc = schema_upgrade(s, version, err);
	if (rc == XT_OK)
		rc = store_log(s, clock->unix_time(clock->ctx), "upgrade", text, err);
	if (rc == XT_OK)
		rc = store_commit(s, err);
	return rc;
}

/* Writers find out at once whether they may write. */
static enum xt_status writable(struct store *s, struct xt_err *err)
{
	if (sqlite3_db_readonly(s->db, "main") == 1)
		return xt_fail(err, XT_E_IO, "%s: cannot be written: read-only",
			       s->path);
	enum xt_status rc = db_exec(s, "PRAGMA journal_mode = DELETE", err);
	if (rc == XT_OK)
		rc = STORE_BEGIN(s, err);
	store_rollback(s);
	return rc;
}

static enum xt_status connect_to(struct store *s, int flags, struct xt_err *err)
{
	/* ":memory:" and the like are names of files here. */
	char *name = sqlite3_mprintf("%s%s", s->path[0] == ':' ? "./" : "", s->path);
	if (!name)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", s->path);
	const int rc = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	sqlite3_free(name);
	if (rc != SQLITE_OK)
		return db_fail(s, rc, err);
	return configure(s, err);
}

/* old: a reader met an older schema; nothing is open for it then. */
static enum xt_status open_for(struct store *s, bool empty, bool *old,
			       struct xt_err *err)
{
	bool fresh = false;
	unsigned version = 0;
	enum xt_status rc = connect_to(s,
				       s->mode == STORE_READ ? SQLITE_OPEN_READONLY
				       : s->mode == STORE_CREATE
					   ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
					   : SQLITE_OPEN_READWRITE,
				       err);
	if (rc == XT_OK)
		rc = identify(s, &fresh, &version, err);
	if (rc != XT_OK)
		return rc;
	if (fresh && !(s->mode == STORE_CREATE && empty))
		return xt_fail(err, XT_E_DATA, "%s: not a case file: empty", s->path);
	if (s->mode != STORE_READ)
		rc = writable(s, err);
	if (rc == XT_OK && fresh)
		rc = create(s, err);
	else if (rc == XT_OK && version < store_schema_version()) {
		*old = s->mode == STORE_READ;
		if (!*old)
			rc = upgrade(s, version, err);
	}
	if (rc == XT_OK && !fresh && !*old)
		rc = schema_check(s, err);
	return rc;
}

/* A writer that was killed leaves a journal that has to be played back before anybody
 * reads: that needs the right to write, for this moment. */
static enum xt_status recover(const char *path, struct xt_err *err)
{
	struct store tmp = { .mode = STORE_WRITE };
	int64_t n;
	tmp.path = xt_strdup(path);
	if (!tmp.path)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", path);
	enum xt_status rc = connect_to(&tmp, SQLITE_OPEN_READWRITE, err);
	if (rc == XT_OK)
		rc = pragma_int(&tmp, &n, "SELECT count(*) FROM sqlite_schema", err);
	for (size_t i = 0; i < STMT_SLOTS; i++)
		sqlite3_finalize(tmp.slot[i].st);
	sqlite3_close(tmp.db);
	free(tmp.path);
	return rc;
}

static bool journal_left(const char *path)
{
	struct stat st;
	char *name = sqlite3_mprintf("%s-journal", path);
	const bool left = name && stat(name, &st) == 0 && st.st_size > 0;
	sqlite3_free(name);
	return left;
}

static enum xt_status open_as(struct store **out, const char *path,
			      enum store_mode mode, bool *old, struct xt_err *err)
{
	bool exists = false, empty = true;
	enum xt_status rc = look(&exists, &empty, path, err);
	if (rc != XT_OK)
		return rc;
	if (!exists && mode != STORE_CREATE)
		return xt_fail(err, XT_E_NOTFOUND, "%s: no such case file", path);
	if (mode == STORE_READ && journal_left(path)) {
		rc = recover(path, err);
		if (rc != XT_OK)
			return rc;
	}
	struct store *s = xt_calloc(1, sizeof(*s));
	if (!s || !(s->path = xt_strdup(path))) {
		free(s);
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", path);
	}
	s->mode = mode;
	xt_buf_init(&s->answer, MAX_VALUE);
	xt_buf_init(&s->sent, XT_MAX_BODY);
	xt_buf_init(&s->scratch, MAX_VALUE);
	rc = open_for(s, empty, old, err);
	if (rc != XT_OK || *old) {
		store_rollback(s);
		free_store(s);
		/* What this call made and could not finish goes away again. */
		if (!exists)
			(void)unlink(path);
		return rc;
	}
	*out = s;
	return XT_OK;
}

enum xt_status store_open(struct store **out, const char *path, enum store_mode mode,
			  struct xt_err *err)
{
	bool old = false;
	struct store *s = NULL;
	enum xt_status rc = open_as(&s, path, mode, &old, err);
	if (rc == XT_OK && old) {
		/* A reader cannot use an older schema: it is brought up to date first.
		 */
		old = false;
		rc = open_as(&s, path, STORE_WRITE, &old, err);
		if (rc != XT_OK)
			return xt_where(err, "schema of an older version");
		store_close(s);
		rc = open_as(&s, path, mode, &old, err);
	}
	if (rc == XT_OK)
		*out = s;
	return rc;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_rollback(s);
	free_store(s);
}

const char *store_path(const struct store *s)
{
	return s->path;
}

enum xt_status store_begin(struct store *s, const char *where, struct xt_err *err)
{
	struct stmt q;
	if (!sqlite3_get_autocommit(s->db))
		return xt_fail(err, XT_E_BUG, "%s: %s: a transaction is open since %s",
			       s->path, where, s->where ? s->where : "?");
	enum xt_status rc = db_prepare(&q, s, "BEGIN IMMEDIATE", err);
	if (rc == XT_OK)
		rc = db_run(&q, err);
	if (rc == XT_OK) {
		s->where = where;
		s->new_moves = 0;
	}
	return rc;
}

/* The number of movements is kept, since counting them means reading the whole ledger.
 */
static enum xt_status flush_counter(struct store *s, struct xt_err *err)
{
	struct stmt q;
	if (s->new_moves == 0)
		return XT_OK;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "INSERT INTO meta (key, value) VALUES ('transfers', CAST(?1 AS TEXT))"
	    " ON CONFLICT (key) DO UPDATE"
	    " SET value = CAST(CAST(value AS INTEGER) + ?1 AS TEXT)",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, s->new_moves);
	return db_run(&q, err);
}

enum xt_status store_commit(struct store *s, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = flush_counter(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s, "COMMIT", err);
	if (rc == XT_OK)
		rc = db_run(&q, err);
	if (rc != XT_OK)
		store_rollback(s);
	s->where = NULL;
	s->new_moves = 0;
	return rc;
}

void store_rollback(struct store *s)
{
	if (s->db && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->where = NULL;
	s->new_moves = 0;
}

enum xt_status store_meta_set(struct store *s, const char *key, const char *value,
			      struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"INSERT INTO meta (key, value) VALUES (?1, ?2)"
				" ON CONFLICT (key) DO UPDATE SET value = ?2",
				err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, key);
	db_text(&q, 2, value);
	return db_run(&q, err);
}

enum xt_status store_meta_get(struct store *s, char *out, size_t n, const char *key,
			      struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s, "SELECT value FROM meta WHERE key = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, key);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row) {
		const char *v = (const char *)sqlite3_column_text(q.st, 0);
		if (!v || strlen(v) >= n)
			rc = xt_fail(err, XT_E_DATA, "%s: setting %s is too long",
				     s->path, key);
		else
			memcpy(out, v, strlen(v) + 1);
	} else if (rc == XT_OK) {
		out[0] = '\0';
	}
	db_end(&q);
	return rc;
}

enum xt_status store_meta_long(struct store *s, struct xt_buf *out, const char *key,
			       struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s, "SELECT value FROM meta WHERE key = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, key);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row)
		rc = xt_buf_add(out, sqlite3_column_text(q.st, 0),
				(size_t)sqlite3_column_bytes(q.st, 0), err);
	db_end(&q);
	return rc;
}

enum xt_status store_log(struct store *s, int64_t time, const char *what,
			 const char *text, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s, "INSERT INTO log (time, what, text) VALUES (?1, ?2, ?3)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, time);
	db_text(&q, 2, what);
	db_text(&q, 3, text);
	return db_run(&q, err);
}
