/* Opening and closing: what a case file is, and everything that is none. */
#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include <store/internal.h>

static struct store *none;

static enum xt_status try_open(const char *path, enum store_mode mode,
			       struct xt_err *err)
{
	struct store *s = none;
	const enum xt_status rc = store_open(&s, path, mode, err);
	if (rc == XT_OK)
		store_close(s);
	else
		assert_ptr_equal(s, none); /* outputs are untouched on failure */
	return rc;
}

static void creates_and_opens_again(void **state)
{
	struct xt_err err;
	char v[64];
	struct store *s = open_case(state, STORE_CREATE);
	assert_string_equal(store_path(s), in_folder(state, "case.xemtrace"));
	begin(s);
	assert_ok(store_meta_set(s, "network", "mainnet", &err), err);
	commit(s);
	store_close(s);
	/* One file: nothing stands beside a closed case. */
	assert_int_not_equal(access(in_folder(state, "case.xemtrace-journal"), F_OK),
			     0);
	assert_int_not_equal(access(in_folder(state, "case.xemtrace-wal"), F_OK), 0);
	s = open_case(state, STORE_READ);
	assert_ok(store_meta_get(s, v, sizeof(v), "network", &err), err);
	assert_string_equal(v, "mainnet");
	assert_ok(store_meta_get(s, v, sizeof(v), "created_with", &err), err);
	assert_string_equal(v, xt_version());
	assert_ok(store_meta_get(s, v, sizeof(v), "absent", &err), err);
	assert_string_equal(v, "");
	store_close(s);
	store_close(NULL);
}

static void every_table_is_strict(void **state)
{
	const char *path = in_folder(state, "case.xemtrace");
	store_close(open_case(state, STORE_CREATE));
	assert_sql(path, "PRAGMA application_id", "1480936788");
	char version[16];
	snprintf(version, sizeof(version), "%u", store_schema_version());
	assert_sql(path, "PRAGMA user_version", version);
	assert_sql(path,
		   "SELECT name FROM sqlite_schema WHERE type = 'table'"
		   " AND sql NOT LIKE '%STRICT%'",
		   "");
	assert_sql(
	    path, "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY 1",
	    "v_account;v_group;v_incident;v_label;v_orphan;v_run;v_run_edge;v_seed;v_transfer");
	assert_sql(path, "PRAGMA foreign_key_check", "");
	assert_sql(path, "PRAGMA integrity_check", "ok");
}

static void missing_file(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "absent");
	assert_fails(try_open(path, STORE_READ, &err), XT_E_NOTFOUND, err, path);
	assert_fails(try_open(path, STORE_WRITE, &err), XT_E_NOTFOUND, err, path);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_fails(try_open(in_folder(state, "no/such"), STORE_CREATE, &err), XT_E_IO,
		     err, "no/such");
	assert_fails(try_open("", STORE_CREATE, &err), XT_E_USAGE, err, "empty path");
}

static void not_a_database(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "text");
	write_file(path,
		   "Dear Sir or Madam, this is a letter and by no means a database.\n");
	for (int mode = STORE_READ; mode <= STORE_CREATE; mode++)
		assert_fails(try_open(path, (enum store_mode)mode, &err), XT_E_DATA,
			     err, "text: not a case file");
	const char *zero = in_folder(state, "zero");
	write_file(zero, "");
	assert_fails(try_open(zero, STORE_READ, &err), XT_E_DATA, err,
		     "zero: not a case");
	assert_fails(try_open(zero, STORE_WRITE, &err), XT_E_DATA, err,
		     "zero: not a case");
	/* mktemp's way of reserving a name. */
	assert_ok(try_open(zero, STORE_CREATE, &err), err);
}

static void a_folder_and_a_pipe(void **state)
{
	struct xt_err err;
	assert_fails(try_open(*state, STORE_READ, &err), XT_E_DATA, err, "a folder");
	assert_fails(try_open(*state, STORE_CREATE, &err), XT_E_DATA, err, "a folder");
	const char *fifo = in_folder(state, "fifo");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_fails(try_open(fifo, STORE_READ, &err), XT_E_DATA, err,
		     "not a regular file");
}

static void anothers_database(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "other.db");
	sql_run(path, "CREATE TABLE t (x); PRAGMA application_id = 252006674");
	for (int mode = STORE_READ; mode <= STORE_CREATE; mode++)
		assert_fails(try_open(path, (enum store_mode)mode, &err), XT_E_DATA,
			     err, "another program");
	const char *plain = in_folder(state, "plain.db");
	sql_run(plain, "CREATE TABLE t (x)");
	assert_fails(try_open(plain, STORE_CREATE, &err), XT_E_DATA, err,
		     "another program");
	assert_sql(plain, "SELECT count(*) FROM sqlite_schema", "1");
}

static void a_newer_schema(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "case.xemtrace");
	store_close(open_case(state, STORE_CREATE));
	sql_run(path, "PRAGMA user_version = 99");
	for (int mode = STORE_READ; mode <= STORE_CREATE; mode++) {
		assert_fails(try_open(path, (enum store_mode)mode, &err), XT_E_VERIFY,
			     err, "schema 99 is newer than this program knows (");
		assert_non_null(strstr(err.text, path));
	}
}

static void a_changed_schema(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "case.xemtrace");
	store_close(open_case(state, STORE_CREATE));
	sql_run(path, "CREATE TABLE mine (x); CREATE VIEW v_mine AS SELECT 1");
	assert_ok(try_open(path, STORE_READ, &err), err); /* an analyst's own things */
	sql_run(path,
		"DROP VIEW v_account; CREATE VIEW v_account AS SELECT 1 AS address");
	assert_fails(try_open(path, STORE_READ, &err), XT_E_DATA, err,
		     "view v_account");
}

static void damaged_inside(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "case.xemtrace");
	store_close(open_case(state, STORE_CREATE));
	assert_int_equal(truncate(path, 5000), 0);
	assert_int_not_equal(try_open(path, STORE_READ, &err), XT_OK);
	assert_int_equal(err.code, XT_E_DATA);
	assert_non_null(strstr(err.text, path));
}

static void not_writable(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "case.xemtrace");
	store_close(open_case(state, STORE_CREATE));
	/* The superuser writes everywhere: the test then runs as somebody else. */
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(*state, 0555), 0);
	const pid_t child = fork();
	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(9);
		if (try_open(path, STORE_WRITE, &err) != XT_E_IO ||
		    !strstr(err.text, path))
			_exit(1);
		_exit(try_open(path, STORE_READ, &err) == XT_OK ? 0 : 2);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(*state, 0700), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A crawl at work must not change what a command reads from one reading to the next. */
static void one_view(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "case.xemtrace");
	struct store *s = open_case(state, STORE_CREATE), *twin = NULL;
	bool began = false, again = true;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_fails(store_twin_open(&twin, s, &err), XT_E_USAGE, err, path);
	assert_int_equal(store_read_begin(s, &began, NULL), XT_OK);
	assert_true(began);
	assert_int_equal(store_read_begin(s, &again, NULL), XT_OK);
	assert_false(again);
	assert_int_equal(store_twin_open(&twin, s, NULL), XT_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN; DELETE FROM meta", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_BUSY);
	store_read_end(s, again);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_BUSY);
	store_twin_close(twin);
	store_read_end(s, began);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	store_close(s);
}

static void in_use(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "case.xemtrace");
	struct store *s = open_case(state, STORE_CREATE);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_busy_timeout(s->db, 10);
	assert_fails(STORE_BEGIN(s, &err), XT_E_BUSY, err, path);
	assert_non_null(strstr(err.text, "in use by another process"));
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	begin(s);
	commit(s);
	/* Opening for writing finds out as well. */
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
			 SQLITE_OK);
	assert_fails(try_open(path, STORE_WRITE, &err), XT_E_BUSY, err, path);
	assert_ok(try_open(path, STORE_READ, &err), err);
	sqlite3_close(db);
	store_close(s);
}

static void full_disk(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "case.xemtrace");
	char text[512];
	struct store *s = open_case(state, STORE_CREATE);
	begin(s);
	assert_ok(store_log(s, 1, "first", "kept", &err), err);
	commit(s);
	/* SQLite's own limit answers as a full disk does. */
	assert_int_equal(
	    sqlite3_exec(s->db, "PRAGMA max_page_count = 1", NULL, NULL, NULL),
	    SQLITE_OK);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	begin(s);
	enum xt_status rc = XT_OK;
	for (int i = 0; i < 1000 && rc == XT_OK; i++)
		rc = store_log(s, i, "more", text, &err);
	if (rc == XT_OK)
		rc = store_commit(s, &err);
	assert_fails(rc, XT_E_IO, err, "disk full");
	assert_non_null(strstr(err.text, path));
	store_rollback(s);
	store_close(s);
	assert_sql(path, "SELECT count(*), min(what) FROM log", "1|first");
	assert_sql(path, "PRAGMA integrity_check", "ok");
}

static void transactions_are_asked_for(void **state)
{
	struct xt_err err;
	struct store *s = open_case(state, STORE_CREATE);
	assert_fails(store_log(s, 1, "a", "b", &err), XT_E_BUG, err,
		     "outside a transaction");
	begin(s);
	assert_fails(store_begin(s, "second", &err), XT_E_BUG, err,
		     "second: a transaction");
	assert_fails(store_begin(s, "second", &err), XT_E_BUG, err, "support");
	store_rollback(s);
	store_rollback(s);
	assert_int_not_equal(store_commit(s, &err), XT_OK);
	store_close(s);
}

/* A writer is killed in the middle of a transaction, at every one of some moments: what
 * was committed is there, what was not is gone, and the next one finds a sound file. */
static void killed_while_writing(void **state)
{
	struct xt_err err;
	const char *path = in_folder(state, "case.xemtrace");
	store_close(open_case(state, STORE_CREATE));
	for (int round = 0; round < 5; round++) {
		int ready[2];
		char byte;
		assert_int_equal(pipe(ready), 0);
		const pid_t child = fork();
		if (child == 0) {
			struct store *s;
			if (store_open(&s, path, STORE_WRITE, NULL) != XT_OK ||
			    STORE_BEGIN(s, NULL) != XT_OK ||
			    store_log(s, round, "committed", "", NULL) != XT_OK ||
			    store_commit(s, NULL) != XT_OK ||
			    STORE_BEGIN(s, NULL) != XT_OK)
				_exit(1);
			/* So much that pages go to the file before the commit. */
			sqlite3_exec(s->db, "PRAGMA cache_size = 5", NULL, NULL, NULL);
			for (int i = 0; i < 2000 * round; i++)
				if (store_log(s, i, "lost",
					      "some text that fills pages",
					      NULL) != XT_OK)
					_exit(2);
			if (write(ready[1], "x", 1) != 1)
				_exit(3);
			pause();
		}
		assert_int_equal(read(ready[0], &byte, 1), 1);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		close(ready[0]);
		close(ready[1]);
		/* Also a reader must get over the journal that is left. */
		assert_ok(try_open(path, STORE_READ, &err), err);
		char want[32];
		snprintf(want, sizeof(want), "%d|0", round + 1);
		assert_sql(
		    path, "SELECT sum(what = 'committed'), sum(what = 'lost') FROM log",
		    want);
	}
	assert_sql(path, "PRAGMA integrity_check", "ok");
}

/* A future step, tried on the mechanism that will run it. */
static void migrations_run_in_order(void **state)
{
	struct xt_err err;
	static const char *const one[] = { "CREATE TABLE a (x INTEGER) STRICT", NULL };
	static const char *const two[] = {
		"INSERT INTO a VALUES (7)",
		"ALTER TABLE a ADD COLUMN y TEXT DEFAULT 'new'", NULL
	};
	static const char *const bad[] = { "INSERT INTO a VALUES (8, 'z')",
					   "INSERT INTO absent VALUES (1)", NULL };
	const struct migration steps[] = { { one }, { two }, { bad } };
	struct store s = { .path = (char *)(uintptr_t) "mem" };
	assert_int_equal(sqlite3_open(":memory:", &s.db), SQLITE_OK);
	assert_ok(schema_migrate(&s, steps, 0, 1, &err), err);
	assert_ok(schema_migrate(&s, steps, 1, 2, &err), err);
	assert_int_equal(sqlite3_exec(s.db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
	assert_fails(schema_migrate(&s, steps, 2, 3, &err), XT_E_DATA, err, "schema 3");
	assert_int_equal(sqlite3_exec(s.db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_stmt *st;
	assert_int_equal(
	    sqlite3_prepare_v2(s.db,
			       "SELECT count(*), max(x), max(y), (SELECT"
			       " user_version FROM pragma_user_version) FROM a",
			       -1, &st, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(st, 0), 1);
	assert_int_equal(sqlite3_column_int(st, 1), 7);
	assert_string_equal((const char *)sqlite3_column_text(st, 2), "new");
	assert_int_equal(sqlite3_column_int(st, 3), 2);
	sqlite3_finalize(st);
	sqlite3_close(s.db);
	(void)state;
}

/* A case of each schema version that there ever was opens, is brought up to date and
 * holds what it held, whoever opens it. fixtures/store/README.md says how they are
 * made. */
static void old_cases_open(void **state)
{
	struct xt_err err;
	for (unsigned v = 1; v < store_schema_version(); v++) {
		for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
			char from[64], want[64];
			const char *path = in_folder(state, "old.xemtrace");
			struct store_counts c;
			struct store *s;
			snprintf(from, sizeof(from), "fixtures/store/v%u.db", v);
			copy_file(from, path);
			/* Before version 3 a movement of a run was a row. */
			if (v < 3)
				sql_run(path,
					"INSERT INTO run VALUES (1, 0, 'fifo', '{}', 0,"
					" 0, zeroblob(32), '', '');"
					"INSERT INTO run_edge VALUES (1, 2, 1, 0, 5),"
					" (1, 1, 0, 0, 7), (1, 2, 0, 1, 6)");
			assert_ok(store_open(&s, path, (enum store_mode)mode, &err),
				  err);
			assert_ok(store_counts(s, &c, &err), err);
			assert_int_equal(c.txs, 6);
			assert_int_equal(c.events, 10);
			store_close(s);
			assert_sql(path, "SELECT address, label FROM v_label",
				   "@shop|Shop");
			assert_sql(path,
				   "SELECT kind, amount_xem, message FROM v_transfer"
				   " WHERE ref = 'record.csv:2'",
				   "transfer|12.000000|for you;fee|0.100000|");
			snprintf(want, sizeof(want), "schema %u to %u by version %s", v,
				 store_schema_version(), xt_version());
			assert_sql(path, "SELECT text FROM log WHERE what = 'upgrade'",
				   want);
			if (v < 3)
				assert_sql(
				    path,
				    "SELECT group_concat(run || ',' || tx || ','"
				    " || sub || ',' || theft || ',' || amount, ' ')"
				    " FROM v_run_edge",
				    "1,1,0,0,7 1,2,0,1,6 1,2,1,0,5");
			assert_sql(path, "PRAGMA integrity_check", "ok");
			remove(path);
		}
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_remove)
	const struct CMUnitTest tests[] = {
		T(creates_and_opens_again),
		T(every_table_is_strict),
		T(missing_file),
		T(not_a_database),
		T(a_folder_and_a_pipe),
		T(anothers_database),
		T(a_newer_schema),
		T(a_changed_schema),
		T(damaged_inside),
		T(not_writable),
		T(one_view),
		T(in_use),
		T(full_disk),
		T(transactions_are_asked_for),
		T(killed_while_writing),
		T(migrations_run_in_order),
		T(old_cases_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
