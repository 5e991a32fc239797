/* Files appear whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <xemtrace/export.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../analyse/sample.h"

struct folder {
	char path[64];
	char file[96];
};

static int setup(void **state)
{
	static struct folder d;

	(void)snprintf(d.path, sizeof(d.path), "export-test-XXXXXX");
	if (mkdtemp(d.path) == NULL)
		return -1;
	(void)snprintf(d.file, sizeof(d.file), "%s/out.json", d.path);
	*state = &d;
	return 0;
}

static size_t entries(const char *path, bool remove)
{
	DIR *dir = opendir(path);
	const struct dirent *e;
	size_t n = 0;

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		char full[400];

		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(full, sizeof(full), "%s/%s", path, e->d_name);
		if (remove)
			(void)unlink(full);
		n++;
	}
	(void)closedir(dir);
	return n;
}

static int teardown(void **state)
{
	const struct folder *d = *state;

	(void)entries(d->path, true);
	return rmdir(d->path);
}

static void check_content(const char *path, const char *want)
{
	size_t n;
	char *got = sample_read(path, &n);

	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void put(const char *path, const char *text)
{
	struct export_file o;

	assert_int_equal(export_file_open(&o, path, NULL), XT_OK);
	assert_true(fputs(text, o.f) >= 0);
	assert_int_equal(export_file_commit(&o, NULL), XT_OK);
	export_file_abort(&o);
}

static void test_commit(void **state)
{
	const struct folder *d = *state;
	struct export_file o;
	const mode_t mask = umask(022);
	struct stat st;

	assert_int_equal(export_file_open(&o, d->file, NULL), XT_OK);
	assert_true(fputs("new", o.f) >= 0);
	assert_int_equal(access(d->file, F_OK), -1);
	assert_int_equal(export_file_commit(&o, NULL), XT_OK);
	check_content(d->file, "new");
	assert_int_equal(entries(d->path, false), 1);
	assert_int_equal(stat(d->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	(void)umask(mask);
}

static void test_abort_keeps_old(void **state)
{
	const struct folder *d = *state;
	struct export_file o;

	put(d->file, "old");
	assert_int_equal(export_file_open(&o, d->file, NULL), XT_OK);
	assert_true(fputs("half", o.f) >= 0);
	export_file_abort(&o);
	export_file_abort(&o);
	check_content(d->file, "old");
	assert_int_equal(entries(d->path, false), 1);
}

static void test_failed_write_keeps_old(void **state)
{
	const struct folder *d = *state;
	struct export_file o;
	struct xt_err err = { 0 };
	FILE *full;

	put(d->file, "old");
	assert_int_equal(export_file_open(&o, d->file, NULL), XT_OK);
	full = freopen("/dev/full", "w", o.f);
	assert_non_null(full);
	assert_true(fputs("new", full) >= 0);
	assert_int_equal(export_file_commit(&o, &err), XT_E_IO);
	assert_non_null(strstr(err.text, "out.json"));
	check_content(d->file, "old");
	assert_int_equal(entries(d->path, false), 1);
}

static void test_link_stays(void **state)
{
	const struct folder *d = *state;
	char link[128];
	struct stat st;

	(void)snprintf(link, sizeof(link), "%s/link", d->path);
	put(d->file, "old");
	assert_int_equal(symlink("out.json", link), 0);
	put(link, "new");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	check_content(d->file, "new");
}

static void test_no_file(void **state)
{
	const struct folder *d = *state;
	struct export_file o = { 0 };
	struct xt_err err = { 0 };
	struct stat st;
	char path[128];

	assert_int_equal(export_file_open(&o, d->path, &err), XT_E_IO);
	assert_non_null(strstr(err.text, "folder"));
	(void)snprintf(path, sizeof(path), "%s/no/where", d->path);
	assert_int_equal(export_file_open(&o, path, &err), XT_E_IO);
	assert_null(o.f);
	assert_non_null(strstr(err.text, "no/where"));
	put("/dev/null", "gone");
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_commit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abort_keeps_old, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failed_write_keeps_old, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_link_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
