#include "internal.h"

#include <string.h>

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
				     uint32_t theft, uint64_t uxem, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = fits(s, uxem, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"INSERT INTO run_holding (run, account, theft, amount)"
				" VALUES (?1, ?2, ?3, ?4)",
				err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	db_int(&q, 2, account);
	db_int(&q, 3, theft);
	db_int(&q, 4, (int64_t)uxem);
	return db_run(&q, err);
}

enum xt_status store_run_put_sink(struct store *s, int64_t run, int64_t account,
				  const char *memo, uint32_t theft, uint64_t uxem,
				  uint32_t count, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = fits(s, uxem, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO run_sink (run, account, memo, theft, amount, count)"
		    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	db_int(&q, 2, account);
	db_text(&q, 3, memo);
	db_int(&q, 4, theft);
	db_int(&q, 5, (int64_t)uxem);
	db_int(&q, 6, count);
	return db_run(&q, err);
}

enum xt_status store_run_put_edge(struct store *s, int64_t run, int64_t tx,
				  uint32_t sub, uint32_t theft, uint64_t uxem,
				  struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = fits(s, uxem, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"INSERT INTO run_edge (run, tx, sub, theft, amount)"
				" VALUES (?1, ?2, ?3, ?4, ?5)",
				err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, run);
	db_int(&q, 2, tx);
	db_int(&q, 3, sub);
	db_int(&q, 4, theft);
	db_int(&q, 5, (int64_t)uxem);
	return db_run(&q, err);
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
				const char *policy, struct xt_err *err)
{
	struct stmt q;
	struct store_run r = { 0 };
	bool row = false;
	enum xt_status rc = db_prepare(
	    &q, s, RUN_COLUMNS " WHERE policy = ?1 ORDER BY id DESC LIMIT 1", err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, policy);
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
				" (SELECT max(id) FROM run GROUP BY policy)",
				err);
	return rc == XT_OK ? db_run(&q, err) : rc;
}
