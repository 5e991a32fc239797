#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include <xemtrace/nis.h>

int folder_make(void **state)
{
	char name[] = "xemtrace-test-XXXXXX";
	char path[256];
	const char *tmp = getenv("TMPDIR");
	snprintf(path, sizeof(path), "%s/%s", tmp ? tmp : P_tmpdir, name);
	if (!mkdtemp(path))
		return -1;
	*state = xt_strdup(path);
	return *state ? 0 : -1;
}

int folder_remove(void **state)
{
	DIR *d = opendir(*state);
	struct dirent *e;
	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			remove(in_folder(state, e->d_name));
	if (d)
		closedir(d);
	rmdir(*state);
	free(*state);
	return 0;
}

const char *in_folder(void **state, const char *name)
{
	static char path[8][512];
	static unsigned n;
	char *p = path[n++ % 8];
	snprintf(p, sizeof(path[0]), "%s/%s", (const char *)*state, name);
	return p;
}

void write_bytes(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

void write_file(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

void copy_file(const char *from, const char *to)
{
	static char buf[1 << 22];
	FILE *f = fopen(from, "rb");
	if (!f)
		fail_msg("%s cannot be opened", from);
	const size_t n = fread(buf, 1, sizeof(buf), f);
	assert_true(n < sizeof(buf));
	fclose(f);
	write_bytes(to, buf, n);
}

struct store *open_case(void **state, enum store_mode mode)
{
	struct xt_err err;
	struct store *s;
	assert_ok(store_open(&s, in_folder(state, "case.xemtrace"), mode, &err), err);
	return s;
}

void begin(struct store *s)
{
	struct xt_err err;
	assert_ok(STORE_BEGIN(s, &err), err);
}

void commit(struct store *s)
{
	struct xt_err err;
	assert_ok(store_commit(s, &err), err);
}

char *sql(const char *path, const char *query)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	struct xt_buf out;
	bool first = true;
	int rc;
	xt_buf_init(&out, 1 << 22);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL),
			 SQLITE_OK);
	if (sqlite3_prepare_v2(db, query, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", query, sqlite3_errmsg(db));
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(st); i++) {
			const char *t = (const char *)sqlite3_column_text(st, i);
			assert_int_equal(xt_buf_addf(&out, NULL, "%s%s",
						     i       ? "|"
						     : first ? ""
							     : ";",
						     t ? t : ""),
					 XT_OK);
		}
		first = false;
	}
	if (rc != SQLITE_DONE)
		fail_msg("%s: %s", query, sqlite3_errmsg(db));
	sqlite3_finalize(st);
	sqlite3_close(db);
	char *text = xt_strdup(xt_buf_str(&out));
	xt_buf_release(&out);
	return text;
}

void sql_run(const char *path, const char *statement)
{
	sqlite3 *db;
	char *why = NULL;
	assert_int_equal(sqlite3_open_v2(path, &db,
					 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
					 NULL),
			 SQLITE_OK);
	if (sqlite3_exec(db, statement, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", statement, why);
	sqlite3_close(db);
}

void append(char *to, const char *text)
{
	const size_t have = strlen(to), n = strlen(text);
	assert_true(have + n < 256);
	memcpy(to + have, text, n + 1);
}

struct nem_privkey key_number(unsigned n)
{
	struct nem_privkey k = { { 0 } };
	k.b[0] = 0x42;
	k.b[30] = (uint8_t)(n >> 8);
	k.b[31] = (uint8_t)n;
	return k;
}

struct nem_pubkey pubkey_number(unsigned n)
{
	struct xt_err err;
	struct nem_pubkey p;
	const struct nem_privkey k = key_number(n);
	assert_ok(nem_crypto_init(&err), err);
	nem_pubkey_from_private(&p, &k);
	return p;
}

struct nem_address address_number(unsigned n)
{
	struct nem_address a;
	const struct nem_pubkey p = pubkey_number(n);
	nem_address_from_pubkey(&a, NEM_MAINNET, &p);
	return a;
}

struct nem_party party_of(const char *text)
{
	struct xt_err err;
	struct nem_party p;
	assert_ok(nem_party_parse(&p, text, &err), err);
	return p;
}

struct nem_checked_tx sign_take(struct nem_tx *tx, unsigned n, uint64_t height)
{
	struct xt_err err;
	struct xt_buf b;
	struct nem_checked_tx c;
	const struct nem_privkey k = key_number(n);
	xt_buf_init(&b, 1 << 16);
	assert_ok(nem_tx_encode(&b, tx, NEM_FORM_UNSIGNED, &err), err);
	nem_sign(&tx->signature, &k, b.data, b.len);
	tx->has_signature = true;
	xt_buf_release(&b);
	assert_ok(nem_check_tx_take(&c, tx, NEM_MAINNET, height, NULL, NULL, &err),
		  err);
	return c;
}

struct nem_checked_tx transfer(unsigned from, unsigned to, uint64_t uxem, uint64_t fee,
			       uint32_t timestamp, const char *message, uint64_t height)
{
	struct nem_tx tx = { .type = NEM_TX_TRANSFER,
			     .version = (uint32_t)NEM_MAINNET << 24 | 1,
			     .timestamp = timestamp,
			     .deadline = timestamp + 3600,
			     .signer = pubkey_number(from),
			     .fee = { fee } };
	tx.u.transfer.recipient = address_number(to);
	tx.u.transfer.amount.uxem = uxem;
	if (message) {
		tx.u.transfer.message_type = NEM_MSG_PLAIN;
		tx.u.transfer.message.data = (uint8_t *)xt_strdup(message);
		tx.u.transfer.message.len = (uint32_t)strlen(message);
	}
	return sign_take(&tx, from, height);
}

void prove(struct nem_checked_tx *c, uint32_t index, uint32_t block_time)
{
	c->in_block = true;
	c->index = index;
	c->block_time = block_time;
}

void nemesis(struct nem_checked_block *b)
{
	static uint8_t buf[2 << 20];
	struct xt_err err;
	struct nem_block block;
	FILE *f = fopen("fixtures/nis/mainnet-nemesis-block.json", "rb");
	assert_non_null(f);
	const size_t n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	assert_true(n > 0 && n < sizeof(buf));
	assert_ok(nem_crypto_init(&err), err);
	assert_ok(nis_decode_block(&block, buf, n, &err), err);
	assert_ok(nem_check_block_take(b, &block, NEM_MAINNET, NULL, &err), err);
}
