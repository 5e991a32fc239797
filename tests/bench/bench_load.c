/* bench_load XEMTRACE CASE...: the whole `taint` command on a case file against a bare
 * SQLite scan of the columns that it needs, measured in one process: wall time and peak
 * memory. The command writes into the case: each run is on a copy of CASE beside it,
 * which is removed. Make a case with make_case. docs/bench.md has a table. */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <xemtrace/base.h>

static double now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of this process. */
static double cpu(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench_load: %s\n", what);
	exit(1);
}

/* Every row of `sql`, every column taken out; the number of rows. */
static uint64_t scan(sqlite3 *db, const char *sql, uint64_t *sum)
{
	sqlite3_stmt *st;
	uint64_t n = 0;
	must(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK,
	     sqlite3_errmsg(db));
	const int columns = sqlite3_column_count(st);
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < columns; i++)
			*sum += (uint64_t)sqlite3_column_int64(st, i);
		n++;
	}
	sqlite3_finalize(st);
	return n;
}

struct bound {
	double seconds, cpu;
	uint64_t moves, txs, accounts;
};

static struct bound bound_of(const char *path)
{
	struct bound b = { 0 };
	sqlite3 *db;
	uint64_t sum = 0;
	must(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK,
	     "cannot open the case");
	const double start = now();
	const double used = cpu();
	b.moves = scan(db,
		       "SELECT height, ord, tx, sub, kind, sender, recipient, amount"
		       " FROM transfer ORDER BY height, ord, tx, sub",
		       &sum);
	b.txs =
	    scan(db,
		 "SELECT id, height, idx, ledger_height, time, time_last, time_kind,"
		 " count, provenance, message FROM tx ORDER BY id",
		 &sum);
	b.accounts = scan(db, "SELECT id, state FROM account ORDER BY id", &sum);
	b.seconds = now() - start;
	b.cpu = cpu() - used;
	sqlite3_close(db);
	(void)fprintf(stderr, "(%" PRIu64 ")\n", sum % 10);
	return b;
}

static void copy(const char *from, const char *to)
{
	static char buf[1 << 20];
	size_t n;
	FILE *in = fopen(from, "rb");
	FILE *out = fopen(to, "wb");
	must(in && out, "cannot copy the case");
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		must(fwrite(buf, 1, n, out) == n, "cannot copy the case");
	must(fclose(out) == 0, "cannot copy the case");
	(void)fclose(in);
}

/* Seconds; of the processors; peak memory in kilobytes. */
static double command(const char *program, const char *path, const char *policy,
		      double *used, long *peak)
{
	struct rusage use;
	int status;
	const double start = now();
	const pid_t pid = fork();
	must(pid >= 0, "cannot fork");
	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout) == NULL)
			_exit(127);
		if (policy)
			execl(program, program, "--case", path, "taint", "-q",
			      "--policy", policy, (char *)NULL);
		else
			execl(program, program, "--case", path, "taint", "-q",
			      (char *)NULL);
		_exit(127);
	}
	must(wait4(pid, &status, 0, &use) == pid && status == 0, "taint failed");
	*peak = use.ru_maxrss;
	*used = seconds_of(use.ru_utime) + seconds_of(use.ru_stime);
	return now() - start;
}

static void measure(const char *program, const char *path)
{
	static const char *const policies[] = { "haircut", "fifo", NULL };
	char work[512];
	must(strlen(path) < sizeof(work) - 8, "the path is too long");
	(void)snprintf(work, sizeof(work), "%s.bench", path);
	(void)bound_of(path); /* into the page cache */
	struct bound best = bound_of(path);
	(void)printf("%s: %" PRIu64 " movements, %" PRIu64 " transactions, %" PRIu64
		     " accounts\n",
		     path, best.moves, best.txs, best.accounts);
	(void)fflush(stdout); /* else each child prints it again */
	struct {
		double seconds, cpu;
		long peak;
	} took[XT_ARRAY_SIZE(policies)];
	for (size_t i = 0; i < XT_ARRAY_SIZE(policies); i++) {
		took[i].seconds = took[i].cpu = 1e9;
		took[i].peak = 0;
		for (int k = 0; k < 2; k++) {
			double used;
			long peak = 0;
			/* In turn with the bound: the machine may have other work. */
			const struct bound b = bound_of(path);
			best.seconds =
			    b.seconds < best.seconds ? b.seconds : best.seconds;
			best.cpu = b.cpu < best.cpu ? b.cpu : best.cpu;
			copy(path, work);
			const double once =
			    command(program, work, policies[i], &used, &peak);
			if (once < took[i].seconds)
				took[i].seconds = once;
			if (used < took[i].cpu)
				took[i].cpu = used;
			if (peak > took[i].peak)
				took[i].peak = peak;
			(void)unlink(work);
		}
	}
	/* Against the best bound of the whole run, which is known only now. */
	for (size_t i = 0; i < XT_ARRAY_SIZE(policies); i++) {
		const double bytes = (double)took[i].peak * 1024;
		const double rest = bytes - 128.0 * (double)best.accounts;
		(void)printf("%-8s %7.2f s, ratio %.2f; processors %.2f s, ratio %.2f; "
			     "%.0f MB, %.1f bytes a transaction, %.1f a movement\n",
			     policies[i] ? policies[i] : "all six", took[i].seconds,
			     took[i].seconds / best.seconds, took[i].cpu,
			     took[i].cpu / best.cpu, bytes / 1e6,
			     rest / (double)best.txs, rest / (double)best.moves);
	}
	(void)printf("scan     %7.2f s; processors %.2f s\n", best.seconds, best.cpu);
}

int main(int argc, char **argv)
{
	must(argc >= 3, "usage: bench_load XEMTRACE CASE...");
	for (int i = 2; i < argc; i++)
		measure(argv[1], argv[i]);
	return 0;
}
