/* make_case CASE TRANSFERS [ACCOUNTS [SPREAD]]: a case file of so many transfers,
 * written directly (synthetic: parties without addresses, rows of a record that never
 * was). Each transfer has a fee, a quarter of them a message, every hundredth account
 * is seeded with half of its opening balance. Without SPREAD seeded accounts deal among
 * themselves and with services, with it with everybody. For bench_load. */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include <xemtrace/store.h>

#define FEE     UINT64_C(50000)
#define OPENING UINT64_C(1000000000)

static uint64_t prng = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t next(void)
{
	prng ^= prng >> 12;
	prng ^= prng << 25;
	prng ^= prng >> 27;
	return prng * UINT64_C(2685821657736338717);
}

/* A few accounts are in most transfers. */
static uint32_t power_law(uint32_t n)
{
	const uint64_t a = next() >> 32;
	const uint64_t b = next() >> 32;
	return (uint32_t)((((a * b) >> 32) * n) >> 32);
}

static uint64_t payment(uint64_t have)
{
	const uint64_t r = next() >> 32;
	return r % 8 == 0 ? have : have >> (1 + (r >> 8) % 12);
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "make_case: %s\n", what);
	exit(1);
}

static sqlite3 *db;

static void sql(const char *text)
{
	must(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(const char *text)
{
	sqlite3_stmt *st;
	must(sqlite3_prepare_v2(db, text, -1, &st, NULL) == SQLITE_OK,
	     sqlite3_errmsg(db));
	return st;
}

static void step(sqlite3_stmt *st)
{
	must(sqlite3_step(st) == SQLITE_DONE, sqlite3_errmsg(db));
	sqlite3_reset(st);
}

static bool is_service(uint32_t a)
{
	return a < 100 && a % 10 == 9;
}

static void put_accounts(uint32_t accounts)
{
	char name[32];
	sqlite3_stmt *st =
	    prepare("INSERT INTO account (id, party, state) VALUES (?1, ?2, ?3)");
	sqlite3_stmt *label =
	    prepare("INSERT INTO label (account, label, category, source, confidence,"
		    " confidence_name, actor, abuse, concepts, lastmod, pack, own)"
		    " VALUES (?1, ?2, 'exchange', '', 80, '', '', '', '', '', '', 1)");
	sqlite3_stmt *seed =
	    prepare("INSERT INTO seed (theft, kind, account, height, whole, amount)"
		    " VALUES ('theft', 3, ?1, 0, 0, ?2)");
	sqlite3_stmt *tx = prepare(
	    "INSERT INTO tx (id, ref, height, ledger_height, ord, time_kind, type,"
	    " version, fee, count, provenance) VALUES (?1, ?2, 0, 0, ?1, 0, 0, 0, 0,"
	    " 1, 2)");
	sqlite3_stmt *move =
	    prepare("INSERT INTO transfer (height, ord, tx, sub, kind, recipient,"
		    " amount) VALUES (0, ?1, ?1, 0, 8, ?1, ?2)");
	for (uint32_t a = 0; a < accounts; a++) {
		(void)snprintf(name, sizeof(name), "@a%u", a);
		sqlite3_bind_int64(st, 1, a + 1);
		sqlite3_bind_text(st, 2, name, -1, SQLITE_TRANSIENT);
		/* Nobody reads on behind a service: stopped. The others are complete.
		 */
		sqlite3_bind_int(st, 3, is_service(a) ? 4 : 2);
		step(st);
		(void)snprintf(name, sizeof(name), "opening:@a%u", a);
		sqlite3_bind_int64(tx, 1, a + 1);
		sqlite3_bind_text(tx, 2, name, -1, SQLITE_TRANSIENT);
		step(tx);
		sqlite3_bind_int64(move, 1, a + 1);
		sqlite3_bind_int64(move, 2, (int64_t)OPENING);
		step(move);
		if (is_service(a)) {
			(void)snprintf(name, sizeof(name), "Exchange %u", a);
			sqlite3_bind_int64(label, 1, a + 1);
			sqlite3_bind_text(label, 2, name, -1, SQLITE_TRANSIENT);
			step(label);
		} else if (a % 100 == 50) {
			sqlite3_bind_int64(seed, 1, a + 1);
			sqlite3_bind_int64(seed, 2, (int64_t)OPENING / 2);
			step(seed);
		}
	}
	sqlite3_finalize(st);
	sqlite3_finalize(label);
	sqlite3_finalize(seed);
	sqlite3_finalize(tx);
	sqlite3_finalize(move);
}

static void put_messages(uint32_t n)
{
	char text[32];
	sqlite3_stmt *st = prepare(
	    "INSERT INTO message (id, type, payload, text) VALUES (?1, 1, ?2, ?3)");
	for (uint32_t i = 1; i <= n; i++) {
		(void)snprintf(text, sizeof(text), "cust-%u", i);
		sqlite3_bind_int64(st, 1, i);
		sqlite3_bind_blob(st, 2, text, (int)strlen(text), SQLITE_TRANSIENT);
		sqlite3_bind_text(st, 3, text, -1, SQLITE_TRANSIENT);
		step(st);
	}
	sqlite3_finalize(st);
}

static void put_move(sqlite3_stmt *st, int64_t height, int64_t ord, int64_t tx, int sub,
		     int kind, int64_t from, int64_t to, uint64_t amount)
{
	sqlite3_bind_int64(st, 1, height);
	sqlite3_bind_int64(st, 2, ord);
	sqlite3_bind_int64(st, 3, tx);
	sqlite3_bind_int(st, 4, sub);
	sqlite3_bind_int(st, 5, kind);
	sqlite3_bind_int64(st, 6, from);
	if (to)
		sqlite3_bind_int64(st, 7, to);
	else
		sqlite3_bind_null(st, 7);
	sqlite3_bind_int64(st, 8, (int64_t)amount);
	step(st);
}

static uint64_t put_transfers(uint32_t transfers, uint32_t accounts, uint32_t messages,
			      bool spread)
{
	uint64_t rows = 0;
	uint64_t *balance = calloc(accounts, sizeof(*balance));
	must(balance != NULL, "out of memory");
	sqlite3_stmt *tx = prepare(
	    "INSERT INTO tx (id, hash, height, idx, ledger_height, ord, time, time_kind,"
	    " type, version, fee, count, provenance, signer, message) VALUES (?1, ?2,"
	    " ?3, ?4, ?3, ?4, ?5, 1, 257, 1744830465, 50000, 1, 2, ?6, ?7)");
	sqlite3_stmt *move =
	    prepare("INSERT INTO transfer (height, ord, tx, sub, kind, sender,"
		    " recipient, amount) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
	for (uint32_t a = 0; a < accounts; a++)
		balance[a] = OPENING;
	for (uint32_t i = 0; i < transfers; i++) {
		uint64_t hash[4] = { (uint64_t)i << 32, i, 7, 9 };
		const int64_t id = (int64_t)accounts + i + 1, height = i / 4 + 1;
		const uint32_t from = power_law(accounts);
		uint32_t to = power_law(accounts);
		if (!spread && !is_service(to) && (from % 100 == 50 || to % 100 == 50))
			to = from % 100 == 50 ? to / 100 * 100 + 50 : to - 1;
		to = to < accounts ? to : from;
		const uint64_t have =
		    is_service(from) ? UINT64_C(1) << 40 : balance[from];
		const uint64_t q = have > FEE ? payment(have - FEE) : 0;
		const uint64_t word = next() >> 32;
		sqlite3_bind_int64(tx, 1, id);
		sqlite3_bind_blob(tx, 2, hash, sizeof(hash), SQLITE_TRANSIENT);
		sqlite3_bind_int64(tx, 3, height);
		sqlite3_bind_int64(tx, 4, i % 4);
		sqlite3_bind_int64(tx, 5, INT64_C(1427587585) + height * 60);
		sqlite3_bind_int64(tx, 6, from + 1);
		if (word % 4 == 0)
			sqlite3_bind_int64(tx, 7, (int64_t)(word / 4 % messages) + 1);
		else
			sqlite3_bind_null(tx, 7);
		step(tx);
		put_move(move, height, i % 4, id, 0, 1, from + 1, to + 1, q);
		rows++;
		if (have > FEE) {
			put_move(move, height, i % 4, id, 1, 3, from + 1, 0, FEE);
			rows++;
		}
		if (!is_service(from) && from != to)
			balance[from] -= q;
		if (!is_service(from) && have > FEE)
			balance[from] -= FEE;
		if (from != to && !is_service(to))
			balance[to] += q;
	}
	sqlite3_finalize(tx);
	sqlite3_finalize(move);
	free(balance);
	return rows;
}

int main(int argc, char **argv)
{
	struct xt_err err;
	struct store *s;
	uint64_t transfers = 0, accounts = 0;
	char text[128];
	must(argc >= 3 && xt_parse_u64(&transfers, argv[2], 100000000, NULL) == XT_OK,
	     "usage: make_case CASE TRANSFERS [ACCOUNTS [SPREAD]]");
	accounts = transfers / 11 + 100;
	if (argc > 3)
		must(xt_parse_u64(&accounts, argv[3], 100000000, NULL) == XT_OK,
		     "ACCOUNTS is no number");
	accounts = accounts < 100 ? 100 : accounts;
	must(store_open(&s, argv[1], STORE_CREATE, &err) == XT_OK, err.text);
	store_close(s);
	must(sqlite3_open(argv[1], &db) == SQLITE_OK, "cannot open the case");
	sql("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size ="
	    " -1000000; BEGIN");
	const uint32_t messages = (uint32_t)transfers / 50 + 1;
	put_accounts((uint32_t)accounts);
	put_messages(messages);
	const uint64_t rows =
	    accounts +
	    put_transfers((uint32_t)transfers, (uint32_t)accounts, messages, argc > 4);
	(void)snprintf(text, sizeof(text),
		       "INSERT INTO meta (key, value) VALUES ('transfers', '%" PRIu64
		       "') ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		       rows);
	sql(text);
	sql("COMMIT");
	sqlite3_close(db);
	(void)printf("%" PRIu64 " transactions, %" PRIu64 " movements, %" PRIu64
		     " accounts\n",
		     transfers + accounts, rows, accounts);
	return 0;
}
