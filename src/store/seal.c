/* Digests of tables, byte by byte as docs/evidence.md says, and seals. */
#include "internal.h"

#include <string.h>

#include <sodium.h>

struct part {
	const char *table, *sql;
	enum store_part part;
};

#define PART(table, key, part)                                                         \
	{                                                                              \
#table, "SELECT * FROM " #table " ORDER BY " key, part                 \
	}

/* In the order of the seal. */
static const struct part parts[] = {
	PART(answer, "id", STORE_PART_EVIDENCE),
	PART(tx, "id", STORE_PART_EVIDENCE),
	PART(tx_bytes, "tx", STORE_PART_EVIDENCE),
	PART(transfer, "height, ord, tx, sub", STORE_PART_EVIDENCE),
	PART(block, "height", STORE_PART_EVIDENCE),
	PART(orphan, "id", STORE_PART_EVIDENCE),
	PART(message, "id", STORE_PART_EVIDENCE),
	PART(account, "id", STORE_PART_EVIDENCE),
	PART(mosaic, "id", STORE_PART_EVIDENCE),
	PART(mosaic_definition, "mosaic, height", STORE_PART_EVIDENCE),
	PART(tx_mosaic, "mosaic, tx", STORE_PART_EVIDENCE),
	PART(crawl, "account", STORE_PART_EVIDENCE),
	PART(incident, "id", STORE_PART_EVIDENCE),
	PART(session, "id", STORE_PART_EVIDENCE),
	PART(session_service, "session, party", STORE_PART_EVIDENCE),
	PART(session_mark, "session, n", STORE_PART_EVIDENCE),
	PART(rest, "id", STORE_PART_EVIDENCE),
	PART(meta, "key", STORE_PART_EVIDENCE),
	PART(source, "id", STORE_PART_ANALYST),
	PART(category, "name", STORE_PART_ANALYST),
	PART(label, "id", STORE_PART_ANALYST),
	PART(label_change, "id", STORE_PART_ANALYST),
	PART(seed, "id", STORE_PART_ANALYST),
	PART(clean, "id", STORE_PART_ANALYST),
	PART(group_member, "account", STORE_PART_ANALYST),
	PART(log, "id", STORE_PART_ANALYST),
	PART(run, "id", STORE_PART_RESULTS),
	PART(run_holding, "run, account, theft", STORE_PART_RESULTS),
	PART(run_sink, "run, account, memo, theft", STORE_PART_RESULTS),
	PART(run_theft, "run, theft", STORE_PART_RESULTS),
	PART(run_edges, "run, part", STORE_PART_RESULTS),
	PART(run_state, "run, part", STORE_PART_RESULTS),
};

const char *store_part_name(enum store_part p)
{
	switch (p) {
	case STORE_PART_EVIDENCE:
		return "evidence";
	case STORE_PART_ANALYST:
		return "the analyst's notes";
	case STORE_PART_RESULTS:
		return "results";
	}
	return "?";
}

static void add_u64(crypto_generichash_state *h, uint64_t v)
{
	uint8_t b[8];
	for (int i = 0; i < 8; i++)
		b[i] = (uint8_t)(v >> (8 * i));
	crypto_generichash_update(h, b, sizeof(b));
}

static void add_bytes(crypto_generichash_state *h, uint8_t tag, const void *p, size_t n)
{
	crypto_generichash_update(h, &tag, 1);
	add_u64(h, n);
	if (n > 0)
		crypto_generichash_update(h, p, n);
}

static void add_column(crypto_generichash_state *h, sqlite3_stmt *st, int col)
{
	const uint8_t tag_null = 'N', tag_int = 'I';
	switch (sqlite3_column_type(st, col)) {
	case SQLITE_NULL:
		crypto_generichash_update(h, &tag_null, 1);
		break;
	case SQLITE_INTEGER:
		crypto_generichash_update(h, &tag_int, 1);
		add_u64(h, (uint64_t)sqlite3_column_int64(st, col));
		break;
	case SQLITE_BLOB: {
		const void *p = sqlite3_column_blob(st, col);
		add_bytes(h, 'B', p, (size_t)sqlite3_column_bytes(st, col));
		break;
	}
	default: { /* tables are STRICT, and none has a column of reals */
		const void *p = sqlite3_column_text(st, col);
		add_bytes(h, 'T', p, (size_t)sqlite3_column_bytes(st, col));
		break;
	}
	}
}

static enum xt_status digest(struct store *s, const struct part *p, uint64_t *rows,
			     uint8_t out[32], struct xt_err *err)
{
	static const uint8_t tag[] = "xemtrace table 1", row_tag = 'R';
	crypto_generichash_state h;
	struct stmt q;
	bool row;
	*rows = 0;
	enum xt_status rc = db_prepare(&q, s, p->sql, err);
	if (rc != XT_OK)
		return rc;
	crypto_generichash_init(&h, NULL, 0, 32);
	crypto_generichash_update(&h, tag, sizeof(tag)); /* with its NUL: 17 bytes */
	add_bytes(&h, 'T', p->table, strlen(p->table));
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		const int n = sqlite3_column_count(q.st);
		crypto_generichash_update(&h, &row_tag, 1);
		for (int i = 0; i < n; i++)
			add_column(&h, q.st, i);
		++*rows;
	}
	db_end(&q);
	crypto_generichash_final(&h, out, 32);
	return rc;
}

enum xt_status store_each_digest(struct store *s,
				 bool (*each)(void *ctx, const char *table,
					      enum store_part part, uint64_t rows,
					      const uint8_t digest[32]),
				 void *ctx, struct xt_err *err)
{
	uint8_t hash[32];
	uint64_t rows;
	if (sodium_init() < 0)
		return xt_fail(err, XT_E_BUG, "libsodium does not start");
	for (size_t i = 0; i < XT_ARRAY_SIZE(parts); i++) {
		const enum xt_status rc = digest(s, &parts[i], &rows, hash, err);
		if (rc != XT_OK)
			return rc;
		if (!each(ctx, parts[i].table, parts[i].part, rows, hash))
			return xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
	}
	return XT_OK;
}

enum xt_status store_put_seal(struct store *s, const struct store_seal *seal,
			      struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"INSERT INTO seal (time, name, key, answers, head,"
				" parts, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
				" ?7)",
				err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, seal->time);
	db_text(&q, 2, seal->name);
	db_blob(&q, 3, seal->key.b, sizeof(seal->key.b));
	db_int(&q, 4, (int64_t)seal->answers);
	db_blob(&q, 5, seal->head, sizeof(seal->head));
	db_text(&q, 6, seal->parts);
	db_blob(&q, 7, seal->signature, sizeof(seal->signature));
	return db_run(&q, err);
}

enum xt_status store_each_seal(struct store *s,
			       bool (*each)(void *ctx, const struct store_seal *seal),
			       void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT id, time, name, key, answers, head, parts, signature"
		       " FROM seal ORDER BY id",
		       err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		struct store_seal v = { .id = db_col(&q, 0), .time = db_col(&q, 1) };
		db_col_text(&q, 2, v.name, sizeof(v.name));
		db_col_blob(&q, 3, v.key.b, sizeof(v.key.b));
		v.answers = db_ucol(&q, 4, INT64_MAX);
		db_col_blob(&q, 5, v.head, sizeof(v.head));
		v.parts = (const char *)sqlite3_column_text(q.st, 6);
		db_col_blob(&q, 7, v.signature, sizeof(v.signature));
		q.bad |= v.parts == NULL;
		rc = db_row_ok(&q, "seal", v.id, err);
		if (rc == XT_OK && !each(ctx, &v))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}
