#include "internal.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <zstd.h>

/* The largest answer that is kept or unpacked; nodes are held to the same. */
#define MAX_ANSWER XT_MAX_BODY
#define ZSTD_LEVEL 6

static enum xt_status start(struct xt_err *err)
{
	return sodium_init() < 0 ? xt_fail(err, XT_E_BUG, "libsodium does not start")
				 : XT_OK;
}

static void add_u64(crypto_generichash_state *h, uint64_t v)
{
	uint8_t b[8];
	for (int i = 0; i < 8; i++)
		b[i] = (uint8_t)(v >> (8 * i));
	crypto_generichash_update(h, b, sizeof(b));
}

static void add_text(crypto_generichash_state *h, const char *t)
{
	const size_t n = strlen(t);
	add_u64(h, n);
	crypto_generichash_update(h, (const uint8_t *)t, n);
}

/* docs/case-file.md, "The chain of answers": each text with its length in front, so
 * that no two different rows give the same bytes. */
void store_answer_chain(uint8_t out[32], const uint8_t prev[32],
			const struct store_answer *a)
{
	static const uint8_t tag[] = "xemtrace answer 1";
	crypto_generichash_state h;
	crypto_generichash_init(&h, NULL, 0, 32);
	crypto_generichash_update(&h, tag, sizeof(tag)); /* with its NUL: 18 bytes */
	crypto_generichash_update(&h, prev, 32);
	crypto_generichash_update(&h, a->hash, 32);
	add_u64(&h, (uint64_t)a->len);
	add_u64(&h, (uint64_t)a->time);
	add_u64(&h, (uint64_t)a->http);
	add_text(&h, a->url);
	add_text(&h, a->body_sent ? a->body_sent : "");
	add_text(&h, a->node);
	add_text(&h, a->node_key);
	crypto_generichash_final(&h, out, 32);
}

void store_answer_hash(uint8_t out[32], const uint8_t *body, size_t len)
{
	static const uint8_t nothing[1] = { 0 };
	crypto_generichash(out, 32, len != 0 ? body : nothing, len, NULL, 0);
}

static enum xt_status last_chain(struct store *s, uint8_t out[32], struct xt_err *err)
{
	struct stmt q;
	bool row;
	memset(out, 0, 32);
	enum xt_status rc = db_prepare(
	    &q, s, "SELECT id, chain FROM answer ORDER BY id DESC LIMIT 1", err);
	if (rc != XT_OK)
		return rc;
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row) {
		db_col_blob(&q, 1, out, 32);
		rc = db_row_ok(&q, "answer", db_col(&q, 0), err);
	}
	db_end(&q);
	return rc;
}

void answer_release(struct store *s)
{
	(void)ZSTD_freeCCtx(s->zstd);
	s->zstd = NULL;
}

static enum xt_status pack(struct store *s, uint8_t **out, size_t *n,
			   const struct store_answer *a, struct xt_err *err)
{
	const size_t room = ZSTD_compressBound(a->len);
	uint8_t *p = xt_calloc(1, room);
	if (!s->zstd)
		s->zstd = ZSTD_createCCtx();
	if (!p || !s->zstd) {
		free(p);
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", s->path);
	}
	const size_t len = ZSTD_compressCCtx(
	    s->zstd, p, room, a->len ? (const void *)a->body : "", a->len, ZSTD_LEVEL);
	if (ZSTD_isError(len)) {
		free(p);
		return xt_fail(err, XT_E_NOMEM, "%s: answer: %s", s->path,
			       ZSTD_getErrorName(len));
	}
	*out = p;
	*n = len;
	return XT_OK;
}

enum xt_status store_put_answer(struct store *s, int64_t *id,
				const struct store_answer *a, struct xt_err *err)
{
	struct stmt q;
	struct store_answer row = *a;
	uint8_t prev[32], *body = NULL;
	size_t n = 0;
	enum xt_status rc = start(err);
	if (rc == XT_OK)
		rc = db_need_tx(s, err);
	if (rc == XT_OK && a->len > MAX_ANSWER)
		rc = xt_fail(err, XT_E_LIMIT, "%s: an answer of %zu bytes is too large",
			     a->url, a->len);
	if (rc == XT_OK)
		rc = last_chain(s, prev, err);
	if (rc == XT_OK)
		rc = pack(s, &body, &n, a, err);
	if (rc != XT_OK)
		return rc;
	store_answer_hash(row.hash, a->body, a->len);
	store_answer_chain(row.chain, prev, &row);
	rc = db_prepare(
	    &q, s,
	    "INSERT INTO answer (time, node, node_key, url, sent, http, size, body,"
	    " hash, chain) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	    err);
	if (rc == XT_OK) {
		db_int(&q, 1, a->time);
		db_text(&q, 2, a->node);
		db_text(&q, 3, a->node_key);
		db_text(&q, 4, a->url);
		db_text(&q, 5, a->body_sent ? a->body_sent : "");
		db_int(&q, 6, a->http);
		db_int(&q, 7, (int64_t)a->len);
		db_blob(&q, 8, body, n);
		db_blob(&q, 9, row.hash, 32);
		db_blob(&q, 10, row.chain, 32);
		rc = db_run(&q, err);
	}
	free(body);
	if (rc == XT_OK && id)
		*id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

/* The body of the row under the cursor, unpacked into `buf`. */
static enum xt_status unpack(struct stmt *q, struct xt_buf *buf, struct store_answer *a,
			     int64_t size, struct xt_err *err)
{
	const void *p = sqlite3_column_blob(q->st, 10);
	const size_t n = (size_t)sqlite3_column_bytes(q->st, 10);
	if (size < 0 || size > (int64_t)MAX_ANSWER)
		return xt_fail(err, XT_E_VERIFY, "%s: answer %lld: size %lld",
			       q->s->path, (long long)a->id, (long long)size);
	uint8_t *room = xt_reallocarray(buf->data, (size_t)size + 1, 1);
	if (!room)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", q->s->path);
	buf->data = room;
	buf->cap = (size_t)size + 1;
	const size_t len = ZSTD_decompress(room, (size_t)size, p ? p : "", n);
	if (ZSTD_isError(len) || len != (size_t)size)
		return xt_fail(err, XT_E_VERIFY,
			       "%s: answer %lld: the body cannot be unpacked",
			       q->s->path, (long long)a->id);
	a->body = room;
	a->len = len;
	return XT_OK;
}

static enum xt_status read_answer(struct stmt *q, struct store_answer *a,
				  bool with_body, struct xt_buf *buf,
				  struct xt_err *err)
{
	memset(a, 0, sizeof(*a));
	a->id = db_col(q, 0);
	a->time = db_col(q, 1);
	db_col_text(q, 2, a->node, sizeof(a->node));
	db_col_text(q, 3, a->node_key, sizeof(a->node_key));
	db_col_text(q, 4, a->url, sizeof(a->url));
	a->body_sent = (const char *)sqlite3_column_text(q->st, 5);
	a->http = (int)db_ucol(q, 6, 999);
	const int64_t size = db_col(q, 7);
	db_col_blob(q, 8, a->hash, sizeof(a->hash));
	db_col_blob(q, 9, a->chain, sizeof(a->chain));
	q->bad |= a->body_sent == NULL ||
		  strlen(a->body_sent) != (size_t)sqlite3_column_bytes(q->st, 5);
	enum xt_status rc = db_row_ok(q, "answer", a->id, err);
	if (rc == XT_OK && with_body)
		rc = unpack(q, buf, a, size, err);
	else if (rc == XT_OK)
		a->len = size < 0 ? 0 : (size_t)size;
	return rc;
}

enum xt_status store_each_answer(struct store *s, bool with_body,
				 bool (*each)(void *ctx, const struct store_answer *a),
				 void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_answer a;
	struct xt_buf buf;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT id, time, node, node_key, url, sent, http, size, hash, chain,"
	    " CASE WHEN ?1 THEN body END FROM answer ORDER BY id",
	    err);
	if (rc != XT_OK)
		return rc;
	xt_buf_init(&buf, MAX_ANSWER + 1);
	db_int(&q, 1, with_body);
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		rc = read_answer(&q, &a, with_body, &buf, err);
		if (rc == XT_OK && !each(ctx, &a))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	xt_buf_release(&buf);
	return rc;
}

enum xt_status store_answer_get(struct store *s, struct store_answer *out, int64_t id,
				struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT id, time, node, node_key, url, sent, http, size, hash, chain, body"
	    " FROM answer WHERE id = ?1",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, id);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && !row)
		rc = xt_fail(err, XT_E_NOTFOUND, "%s: answer %lld is not in the case",
			     s->path, (long long)id);
	if (rc == XT_OK)
		rc = read_answer(&q, out, true, &s->answer, err);
	/* What was sent belongs to the row that is left now. */
	xt_buf_clear(&s->sent);
	if (rc == XT_OK)
		rc = xt_buf_adds(&s->sent, out->body_sent, err);
	if (rc == XT_OK)
		out->body_sent = xt_buf_str(&s->sent);
	db_end(&q);
	return rc;
}

struct check_ctx {
	struct store *s;
	struct xt_err *err;
	uint8_t prev[32];
	int64_t last_id;
	uint64_t n;
	enum xt_status rc;
};

static bool check_answer(void *ctx, const struct store_answer *a)
{
	struct check_ctx *c = ctx;
	uint8_t hash[32], chain[32];
	store_answer_hash(hash, a->body, a->len);
	store_answer_chain(chain, c->prev, a);
	if (a->id != c->last_id + 1)
		c->rc = xt_fail(c->err, XT_E_VERIFY, "%s: answer %lld is missing",
				c->s->path, (long long)c->last_id + 1);
	else if (memcmp(hash, a->hash, 32) != 0)
		c->rc =
		    xt_fail(c->err, XT_E_VERIFY,
			    "%s: answer %lld: the body does not have the stored hash",
			    c->s->path, (long long)a->id);
	else if (memcmp(chain, a->chain, 32) != 0)
		c->rc = xt_fail(c->err, XT_E_VERIFY,
				"%s: answer %lld: the chain of answers breaks here",
				c->s->path, (long long)a->id);
	memcpy(c->prev, a->chain, 32);
	c->last_id = a->id;
	c->n++;
	return c->rc == XT_OK;
}

enum xt_status store_check_answers(struct store *s, uint64_t *checked,
				   struct xt_err *err)
{
	struct xt_err found = { .code = XT_OK };
	struct check_ctx c = { .s = s, .err = &found };
	enum xt_status rc = start(err);
	if (rc == XT_OK)
		rc = store_each_answer(s, true, check_answer, &c, err);
	if (c.rc != XT_OK) {
		if (err)
			*err = found;
		return c.rc;
	}
	if (rc == XT_OK)
		*checked = c.n;
	return rc;
}
