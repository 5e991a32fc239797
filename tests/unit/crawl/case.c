#include "case.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void case_open(struct test_case *k, const struct fake_net *net)
{
	const char *tmp = getenv("TMPDIR");

	memset(k, 0, sizeof(*k));
	(void)snprintf(k->folder, sizeof(k->folder), "%s/xemtrace-crawl-XXXXXX",
		       tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(k->folder) == NULL)
		abort();
	(void)snprintf(k->path, sizeof(k->path), "%s/case", k->folder);
	if (store_open(&k->s, k->path, STORE_CREATE, &k->err) != XT_OK) {
		(void)fprintf(stderr, "%s\n", k->err.text);
		abort();
	}
	crawl_options_init(&k->opt);
	k->opt.rate = 0;
	k->opt.nodes = k->nodes;
	k->opt.seeds = k->seeds;
	k->opt.n_nodes = net->n;
	for (size_t i = 0; i < net->n; i++)
		k->nodes[i] = net->nodes[i].url;
}

void case_close(struct test_case *k)
{
	store_close(k->s);
	(void)unlink(k->path);
	(void)rmdir(k->folder);
}

void case_seed(struct test_case *k, const char *name)
{
	struct nem_address *a = &k->seeds[k->opt.n_seeds++];

	if (nem_address_parse(a, name, NULL) != XT_OK)
		*a = fake_address(name);
}

static void say(void *ctx, enum xt_log_level level, const char *text)
{
	(void)ctx;
	if (getenv("XEMTRACE_TEST_LOG") != NULL)
		(void)fprintf(stderr, "log %d: %s\n", (int)level, text);
}

const struct xt_sink *case_sink(void)
{
	static const struct xt_sink sink = { .log = say };

	return &sink;
}

enum xt_status case_crawl(struct test_case *k, struct fake_net *net)
{
	enum xt_status rc;

	k->opt.stop = &net->stop;
	rc = crawl_run(&k->rep, k->s, &net->transport, &k->opt, fake_clock(),
		       case_sink(), &k->err);
	if (rc != XT_OK)
		say(NULL, XT_LOG_ERROR, k->err.text);
	return rc;
}

struct store_account case_account(struct test_case *k, const char *name)
{
	struct store_account a = { .id = 0 };
	struct nem_address addr;

	if (nem_address_parse(&addr, name, NULL) != XT_OK)
		addr = fake_address(name);
	if (store_account_find(k->s, &a, addr.s, &k->err) != XT_OK)
		a.id = 0;
	return a;
}

struct dump {
	char *text;
	size_t len, cap;
};

static int add_row(void *ctx, int n, char **values, char **names)
{
	struct dump *d = ctx;

	(void)names;
	for (int i = 0; i < n; i++) {
		const char *v = values[i] == NULL ? "NULL" : values[i];
		const size_t len = strlen(v) + 1;

		if (d->len + len + 1 > d->cap) {
			d->cap = (d->len + len + 1) * 2;
			d->text = realloc(d->text, d->cap);
			if (d->text == NULL)
				abort();
		}
		memcpy(d->text + d->len, v, len - 1);
		d->len += len;
		d->text[d->len - 1] = i + 1 < n ? '|' : '\n';
		d->text[d->len] = '\0';
	}
	return 0;
}

static sqlite3 *open_db(const struct test_case *k)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(k->path, &db) != SQLITE_OK)
		abort();
	return db;
}

char *case_dump(const struct test_case *k)
{
	static const char *const queries[] = {
		"SELECT key, value FROM meta WHERE key <> 'crawl_confirmed' ORDER BY key",
		"SELECT id, party, hex(key), state, depth, balance, balance_height, "
		"difference, reason FROM account ORDER BY id",
		"SELECT id, hex(hash), hex(inner_hash), ref, height, idx, ledger_height, ord, "
		"time, time_kind, type, version, fee, count, provenance, signer, message "
		"FROM tx ORDER BY id",
		"SELECT tx, hex(bytes) FROM tx_bytes ORDER BY tx",
		"SELECT * FROM transfer ORDER BY height, ord, tx, sub",
		"SELECT id, type, hex(payload), text FROM message ORDER BY id",
		"SELECT height, hex(hash), hex(prev), time, hex(signer), hex(txs) FROM block",
		"SELECT * FROM mosaic ORDER BY id",
		"SELECT mosaic, height, hex(creator), levy_kind, levy_recipient, levy_mosaic, "
		"levy_fee, provenance FROM mosaic_definition ORDER BY mosaic, height",
		"SELECT * FROM tx_mosaic ORDER BY mosaic, tx",
		"SELECT account, depth, transfers_done, harvests_done, node, top_height "
		"FROM crawl ORDER BY account",
		"SELECT node, url, what, account, text FROM incident ORDER BY id",
	};
	struct dump d = { 0 };
	sqlite3 *db = open_db(k);

	for (size_t i = 0; i < XT_ARRAY_SIZE(queries); i++) {
		char *why = NULL;

		if (sqlite3_exec(db, queries[i], add_row, &d, &why) != SQLITE_OK) {
			(void)fprintf(stderr, "%s: %s\n", queries[i], why);
			abort();
		}
	}
	sqlite3_close(db);
	return d.text;
}

int64_t case_number(const struct test_case *k, const char *sql)
{
	sqlite3 *db = open_db(k);
	sqlite3_stmt *q = NULL;
	int64_t v;

	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK ||
	    sqlite3_step(q) != SQLITE_ROW) {
		(void)fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
		abort();
	}
	v = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return v;
}

void case_label(struct test_case *k, const char *name, const char *label)
{
	struct store_label l = { .confidence = 100, .own = true };
	const struct nem_address a = fake_address(name);

	memcpy(l.party.s, a.s, sizeof(l.party.s));
	(void)snprintf(l.label, sizeof(l.label), "%s", label);
	(void)snprintf(l.category, sizeof(l.category), "exchange");
	(void)snprintf(l.source, sizeof(l.source), "test");
	(void)snprintf(l.confidence_name, sizeof(l.confidence_name), "override");
	if (store_begin(k->s, "label", &k->err) != XT_OK ||
	    store_put_label(k->s, &l, 7, &k->err) != XT_OK ||
	    store_commit(k->s, &k->err) != XT_OK) {
		(void)fprintf(stderr, "%s\n", k->err.text);
		abort();
	}
}
