#include "internal.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

enum xt_status store_run_new(struct store *s, int64_t *id, const struct store_run *r,
			     struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO run (time, policy, params, height, events, digest,"
		    " program, summary) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, r->time);
	db_text(&q, 2, r->policy);
	db_text(&q, 3, r->params);
	db_int(&q, 4, (int64_t)r->height);
	db_int(&q, 5, (int64_t)r->events);
	db_blob(&q, 6, r->digest, sizeof(r->digest));
	db_text(&q, 7, r->program);
	db_text(&q, 8, r->summary);
	rc = db_run(&q, err);
	if (rc == XT_OK)
		*id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

static enum xt_status fits(struct store *s, uint64_t uxem, struct xt_err *err)
{
	return uxem <= INT64_MAX
		   ? XT_OK
		   : xt_fail(err, XT_E_DATA, "%s: run: %llu uXEM: out of range",
			     s->path, (unsigned long long)uxem);
}

enum xt_status store_run_put_holding(struct store *s, int64_t run, int64_t account,
				     uint32_t theft, uint64_t uxem, uint64_t incomplete,
				     struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = fits(s, uxem, err);
	if (rc == XT_OK)
		rc = fits(s, incomplete, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO run_holding (run, account, theft, amount, incomplete)"
		    " VALUES (?1, ?2, ?3, ?4, ?5)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	db_int(&q, 2, account);
	db_int(&q, 3, theft);
	db_int(&q, 4, (int64_t)uxem);
	db_int(&q, 5, (int64_t)incomplete);
	return db_run(&q, err);
}

enum xt_status store_run_put_sink(struct store *s, int64_t run, int64_t account,
				  const char *memo, uint32_t theft, uint64_t uxem,
				  uint64_t incomplete, uint32_t count,
				  struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = fits(s, uxem, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO run_sink (run, account, memo, theft, amount, count,"
		    " incomplete) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	db_int(&q, 2, account);
	db_text(&q, 3, memo);
	db_int(&q, 4, theft);
	db_int(&q, 5, (int64_t)uxem);
	db_int(&q, 6, count);
	db_int(&q, 7, (int64_t)incomplete);
	return db_run(&q, err);
}

enum xt_status store_run_put_theft(struct store *s, int64_t run,
				   const struct store_run_theft *t, struct xt_err *err)
{
	struct stmt q;
	const uint64_t v[] = { t->seeded, t->refunded, t->fees, t->cleaned };
	enum xt_status rc = db_need_tx(s, err);
	for (size_t i = 0; rc == XT_OK && i < XT_ARRAY_SIZE(v); i++)
		rc = fits(s, v[i], err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO run_theft (run, theft, name, seeded, refunded, fees,"
		    " cleaned) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	db_int(&q, 2, t->theft);
	db_text(&q, 3, t->name);
	for (int i = 0; i < (int)XT_ARRAY_SIZE(v); i++)
		db_int(&q, 4 + i, (int64_t)v[i]);
	return db_run(&q, err);
}

/* Sums whose parts cannot overflow 64 bits. */
#define PARTS(table)                                                                   \
	"coalesce((SELECT sum(amount / 1000000) FROM " table                           \
	" x WHERE x.run = t.run AND x.theft = t.theft), 0),"                           \
	" coalesce((SELECT sum(amount % 1000000) FROM " table                          \
	" x WHERE x.run = t.run AND x.theft = t.theft), 0)"

static uint64_t two_parts(struct stmt *q, int col)
{
	uint64_t v = 0;
	if (!xt_muldiv(&v, db_ucol(q, col, INT64_MAX), 1000000, 1) ||
	    !xt_add(&v, v, db_ucol(q, col + 1, INT64_MAX)))
		v = UINT64_MAX;
	return v;
}

enum xt_status store_each_run_theft(struct store *s, int64_t run,
				    bool (*each)(void *ctx,
						 const struct store_run_theft *t),
				    void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT theft, name, seeded, refunded, fees, cleaned, " PARTS(
		"run_sink") ", " PARTS("run_holding") " FROM run_theft t WHERE run = ?1"
						      " ORDER BY theft",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		const struct store_run_theft t = {
			.theft = (uint32_t)db_ucol(&q, 0, UINT32_MAX),
			.name = (const char *)sqlite3_column_text(q.st, 1),
			.seeded = db_ucol(&q, 2, INT64_MAX),
			.refunded = db_ucol(&q, 3, INT64_MAX),
			.fees = db_ucol(&q, 4, INT64_MAX),
			.cleaned = db_ucol(&q, 5, INT64_MAX),
			.sunk = two_parts(&q, 6),
			.held = two_parts(&q, 8),
		};
		q.bad |= t.name == NULL;
		rc = db_row_ok(&q, "run_theft", run, err);
		if (rc == XT_OK && (t.sunk == UINT64_MAX || t.held == UINT64_MAX))
			rc = xt_fail(err, XT_E_LIMIT,
				     "%s: run %lld: a sum does not fit 64 bits",
				     s->path, (long long)run);
		if (rc == XT_OK && !each(ctx, &t))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_run_put_edges(struct store *s, int64_t run, uint32_t part,
				   const char *json, size_t n, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO run_edges (run, part, edges) VALUES (?1, ?2, ?3)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	db_int(&q, 2, part);
	db_textn(&q, 3, (const uint8_t *)json, n);
	return db_run(&q, err);
}

enum xt_status store_run_count_edges(struct store *s, int64_t run, uint32_t *n,
				     struct xt_err *err)
{
	struct stmt q;
	int64_t parts = 0;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT CASE WHEN count(*) = max(part) + 1 THEN count(*) ELSE 0"
		       " END FROM run_edges WHERE run = ?1",
		       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	rc = db_one(&q, &parts, err);
	if (rc == XT_OK)
		*n = parts < UINT32_MAX ? (uint32_t)parts : 0;
	return rc;
}

enum xt_status store_run_take_edges(struct store *s, int64_t from, int64_t to,
				    uint32_t n, struct xt_err *err)
{
	struct stmt q;
	int moved = 0;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s, "UPDATE run_edges SET run = ?2 WHERE run = ?1 AND part < ?3",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, from);
	db_int(&q, 2, to);
	db_int(&q, 3, n);
	rc = db_changes(&q, &moved, err);
	if (rc == XT_OK && moved != (int64_t)n)
		rc =
		    xt_fail(err, XT_E_DATA, "%s: run %lld: not all movements are there",
			    s->path, (long long)from);
	return rc;
}

enum xt_status store_run_set_summary(struct store *s, int64_t run, const char *summary,
				     struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc =
		    db_prepare(&q, s, "UPDATE run SET summary = ?2 WHERE id = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	db_text(&q, 2, summary);
	return db_run(&q, err);
}

/* A part of the state, unpacked: small, since it is held three times when it is written. */
#define STATE_PART ((size_t)2 << 20)
#define STATE_ZSTD 1

static enum xt_status put_part(struct store *s, int64_t run, uint32_t part,
			       const uint8_t *p, size_t n, uint8_t *packed, size_t room,
			       struct xt_err *err)
{
	struct stmt q;
	const size_t len = ZSTD_compress(packed, room, p, n, STATE_ZSTD);
	if (ZSTD_isError(len))
		return xt_fail(err, XT_E_NOMEM, "%s: run: %s", s->path,
			       ZSTD_getErrorName(len));
	const enum xt_status rc = db_prepare(
	    &q, s,
	    "INSERT INTO run_state (run, part, size, state) VALUES (?1, ?2, ?3, ?4)",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	db_int(&q, 2, part);
	db_int(&q, 3, (int64_t)n);
	db_blob(&q, 4, packed, len);
	return db_run(&q, err);
}

enum xt_status store_run_put_state(struct store *s, int64_t run, const uint8_t *p,
				   size_t n, struct xt_err *err)
{
	const size_t room = ZSTD_compressBound(n < STATE_PART ? n : STATE_PART);
	enum xt_status rc = db_need_tx(s, err);
	if (rc != XT_OK)
		return rc;
	uint8_t *packed = xt_calloc(1, room);
	if (!packed)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", s->path);
	uint32_t part = 0;
	for (size_t at = 0; rc == XT_OK && at < n; at += STATE_PART)
		rc = put_part(s, run, part++, p + at,
			      n - at < STATE_PART ? n - at : STATE_PART, packed, room,
			      err);
	free(packed);
	return rc;
}

static enum xt_status get_part(struct stmt *q, struct xt_buf *out, uint8_t *raw,
			       uint32_t part, struct xt_err *err)
{
	const uint64_t want = db_ucol(q, 1, STATE_PART);
	const void *packed = sqlite3_column_blob(q->st, 2);
	const size_t len = (size_t)sqlite3_column_bytes(q->st, 2);
	q->bad |= db_ucol(q, 0, UINT32_MAX) != part || !packed;
	if (!q->bad)
		q->bad = ZSTD_decompress(raw, STATE_PART, packed, len) != want;
	const enum xt_status rc = db_row_ok(q, "run_state", part, err);
	return rc == XT_OK ? xt_buf_add(out, raw, (size_t)want, err) : rc;
}

enum xt_status store_run_get_state(struct store *s, struct xt_buf *out, int64_t run,
				   struct xt_err *err)
{
	struct stmt q;
	bool row = false;
	uint32_t part = 0;
	uint8_t *raw = xt_calloc(1, STATE_PART);
	if (!raw)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", s->path);
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT part, size, state FROM run_state WHERE run = ?1 ORDER BY part",
	    err);
	if (rc == XT_OK) {
		db_int(&q, 1, run);
		while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
			rc = get_part(&q, out, raw, part++, err);
			if (rc != XT_OK)
				break;
		}
		db_end(&q);
	}
	free(raw);
	if (rc == XT_OK && part == 0)
		return xt_fail(err, XT_E_NOTFOUND, "%s: run %lld: no state is stored",
			       s->path, (long long)run);
	return rc;
}

#define RUN_COLUMNS                                                                    \
	"SELECT id, time, policy, params, height, events, digest, program, summary FROM run"

static enum xt_status read_run(struct stmt *q, struct store_run *r, struct xt_err *err)
{
	memset(r, 0, sizeof(*r));
	r->id = db_col(q, 0);
	r->time = db_col(q, 1);
	db_col_text(q, 2, r->policy, sizeof(r->policy));
	db_col_text(q, 3, r->params, sizeof(r->params));
	r->height = db_ucol(q, 4, INT64_MAX);
	r->events = db_ucol(q, 5, INT64_MAX);
	db_col_blob(q, 6, r->digest, sizeof(r->digest));
	db_col_text(q, 7, r->program, sizeof(r->program));
	db_col_text(q, 8, r->summary, sizeof(r->summary));
	return db_row_ok(q, "run", r->id, err);
}

enum xt_status store_run_latest(struct store *s, struct store_run *out,
				const char *policy, const char *params,
				struct xt_err *err)
{
	struct stmt q;
	struct store_run r = { 0 };
	bool row = false;
	enum xt_status rc =
	    db_prepare(&q, s,
		       RUN_COLUMNS " WHERE policy = ?1 AND (?2 IS NULL OR params = ?2)"
				   " ORDER BY id DESC LIMIT 1",
		       err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, policy);
	db_text(&q, 2, params);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row)
		rc = read_run(&q, &r, err);
	db_end(&q);
	if (rc == XT_OK && !row)
		return xt_fail(err, XT_E_NOTFOUND, "%s: no run of policy %s is stored",
			       s->path, policy);
	if (rc == XT_OK)
		*out = r;
	return rc;
}

enum xt_status store_each_run(struct store *s,
			      bool (*each)(void *ctx, const struct store_run *r),
			      void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_run r;
	bool row;
	enum xt_status rc = db_prepare(&q, s, RUN_COLUMNS " ORDER BY id", err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		rc = read_run(&q, &r, err);
		if (rc == XT_OK && !each(ctx, &r))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_run_prune(struct store *s, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"DELETE FROM run WHERE id NOT IN"
				" (SELECT max(id) FROM run GROUP BY policy, params)",
				err);
	return rc == XT_OK ? db_run(&q, err) : rc;
}
