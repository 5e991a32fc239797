/* One case file for all inputs of a fuzz target, on fast settings, emptied between
 * inputs; and a file that holds the input. Both go away at exit. */
#ifndef FUZZ_CASE_H
#define FUZZ_CASE_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <store/internal.h>

static char fuzz_dir[256];
static struct store *fuzz_case;

static const char *fuzz_path(const char *name)
{
	static char path[4][320];
	static unsigned n;
	char *p = path[n++ % 4];
	snprintf(p, sizeof(path[0]), "%s/%s", fuzz_dir, name);
	return p;
}

static void fuzz_clean(void)
{
	static const char *const names[] = { "case", "case-journal", "input.csv",
					     "input.yaml", "output.yaml" };
	store_close(fuzz_case);
	for (size_t i = 0; i < XT_ARRAY_SIZE(names); i++)
		unlink(fuzz_path(names[i]));
	rmdir(fuzz_dir);
}

static void fuzz_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	if (fuzz_dir[0])
		return;
	snprintf(fuzz_dir, sizeof(fuzz_dir), "%s/xemtrace-fuzz-XXXXXX",
		 tmp ? tmp : P_tmpdir);
	char *made = mkdtemp(fuzz_dir);
	assert(made);
	atexit(fuzz_clean);
}

static const char *fuzz_input(const char *name, const uint8_t *data, size_t size)
{
	fuzz_folder();
	const char *path = fuzz_path(name);
	FILE *f = fopen(path, "wb");
	assert(f);
	const size_t n = size ? fwrite(data, 1, size, f) : 0;
	assert(n == size);
	const int rc = fclose(f);
	assert(rc == 0);
	return path;
}

static inline struct store *fuzz_store(void)
{
	fuzz_folder();
	if (!fuzz_case) {
		const enum xt_status rc =
		    store_open(&fuzz_case, fuzz_path("case"), STORE_CREATE, NULL);
		assert(rc == XT_OK);
		const int ok = sqlite3_exec(
		    fuzz_case->db,
		    "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY", NULL,
		    NULL, NULL);
		assert(ok == SQLITE_OK);
	}
	return fuzz_case;
}

static inline int64_t fuzz_count(const char *query)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(fuzz_case->db, query, -1, &st, NULL);
	assert(rc == SQLITE_OK);
	rc = sqlite3_step(st);
	assert(rc == SQLITE_ROW);
	const int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

static inline void fuzz_empty(void)
{
	const int rc = sqlite3_exec(
	    fuzz_case->db,
	    "BEGIN; DELETE FROM transfer; DELETE FROM tx; DELETE FROM label;"
	    "DELETE FROM label_change;"
	    "DELETE FROM account; DELETE FROM message; DELETE FROM source; DELETE FROM log;"
	    "DELETE FROM meta WHERE key = 'transfers'; COMMIT",
	    NULL, NULL, NULL);
	assert(rc == SQLITE_OK);
}

#endif
