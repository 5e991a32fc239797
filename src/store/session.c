#include "internal.h"

#include <string.h>

static enum xt_status last_answer(struct store *s, int64_t *out, struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc =
	    db_prepare(&q, s, "SELECT coalesce(max(id), 0) FROM answer", err);
	return rc == XT_OK ? db_one(&q, out, err) : rc;
}

enum xt_status store_session_new(struct store *s, int64_t *id,
				 const struct store_session *v, struct xt_err *err)
{
	struct stmt q;
	int64_t last = 0;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = last_answer(s, &last, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO session (time, program, nodes, seeds, max_depth,"
		    " from_time, to_time, min_amount, through_services, max_requests,"
		    " quorum, blocks, answers_before, answers_after, units, ended,"
		    " scan_from, scan_to, fan, full_history)"
		    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
		    " ?13, 0, '', ?14, ?15, ?16, ?17)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, v->time);
	db_text(&q, 2, v->program);
	db_text(&q, 3, v->nodes);
	db_text(&q, 4, v->seeds);
	db_int(&q, 5, v->max_depth);
	db_opt_int(&q, 6, v->has_from, v->from);
	db_opt_int(&q, 7, v->has_to, v->to);
	/* More than there can be is as good as the most that fits. */
	db_int(&q, 8, v->min_uxem > INT64_MAX ? INT64_MAX : (int64_t)v->min_uxem);
	db_int(&q, 9, v->through_services);
	db_int(&q, 10,
	       v->max_requests > INT64_MAX ? INT64_MAX : (int64_t)v->max_requests);
	db_int(&q, 11, v->quorum);
	db_int(&q, 12, v->blocks);
	db_int(&q, 13, last);
	db_opt_int(&q, 14, v->scan_from != 0, (int64_t)v->scan_from);
	db_opt_int(&q, 15, v->scan_from != 0, (int64_t)v->scan_to);
	db_int(&q, 16, v->fan);
	db_int(&q, 17, v->full_history);
	rc = db_run(&q, err);
	if (rc == XT_OK)
		*id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

enum xt_status store_session_service(struct store *s, int64_t session,
				     const char *party, const char *label,
				     struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"INSERT INTO session_service (session, party, label)"
				" VALUES (?1, ?2, ?3)",
				err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, session);
	db_text(&q, 2, party);
	db_text(&q, 3, label);
	return db_run(&q, err);
}

enum xt_status store_session_mark(struct store *s, int64_t session, uint32_t n,
				  const struct store_seed *m, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"INSERT INTO session_mark (session, n, kind, tx, party,"
				" from_time, to_time, height) VALUES (?1, ?2, ?3, ?4,"
				" ?5, ?6, ?7, ?8)",
				err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, session);
	db_int(&q, 2, n);
	db_int(&q, 3, m->kind);
	db_text(&q, 4, m->tx_text);
	db_text(&q, 5, m->account.s);
	db_opt_int(&q, 6, m->has_from, m->from);
	db_opt_int(&q, 7, m->has_to, m->to);
	db_int(&q, 8, (int64_t)m->height);
	return db_run(&q, err);
}

enum xt_status store_each_session_mark(struct store *s, int64_t session,
				       bool (*each)(void *ctx,
						    const struct store_seed *m),
				       void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT kind, tx, party, from_time, to_time, height, n"
		       " FROM session_mark WHERE session = ?1 ORDER BY n",
		       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, session);
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		struct store_seed m = { .kind = (int)db_ucol(&q, 0, 5) };
		db_col_text(&q, 1, m.tx_text, sizeof(m.tx_text));
		db_col_text(&q, 2, m.account.s, sizeof(m.account.s));
		m.has_from = !db_null(&q, 3);
		m.from = db_col(&q, 3);
		m.has_to = !db_null(&q, 4);
		m.to = db_col(&q, 4);
		m.height = db_ucol(&q, 5, UINT32_MAX);
		rc = db_row_ok(&q, "session_mark", db_col(&q, 6), err);
		if (rc == XT_OK && !each(ctx, &m))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_session_unit(struct store *s, int64_t session, struct xt_err *err)
{
	struct stmt q;
	int64_t last = 0;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = last_answer(s, &last, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"UPDATE session SET units = units + 1,"
				" answers_after = ?2 WHERE id = ?1",
				err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, session);
	db_int(&q, 2, last);
	return db_run(&q, err);
}

enum xt_status store_session_end(struct store *s, int64_t session, const char *how,
				 struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s, "UPDATE session SET ended = ?2 WHERE id = ?1",
				err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, session);
	db_text(&q, 2, how);
	return db_run(&q, err);
}

static enum xt_status read_session(struct stmt *q, struct store_session *v,
				   struct xt_err *err)
{
	memset(v, 0, sizeof(*v));
	v->id = db_col(q, 0);
	v->time = db_col(q, 1);
	db_col_text(q, 2, v->program, sizeof(v->program));
	v->nodes = (const char *)sqlite3_column_text(q->st, 3);
	v->seeds = (const char *)sqlite3_column_text(q->st, 4);
	v->max_depth = (uint32_t)db_ucol(q, 5, UINT32_MAX);
	v->has_from = !db_null(q, 6);
	v->from = db_col(q, 6);
	v->has_to = !db_null(q, 7);
	v->to = db_col(q, 7);
	v->min_uxem = db_ucol(q, 8, INT64_MAX);
	v->through_services = db_ucol(q, 9, 1) != 0;
	v->max_requests = db_ucol(q, 10, INT64_MAX);
	v->quorum = (uint32_t)db_ucol(q, 11, UINT32_MAX);
	v->blocks = (uint32_t)db_ucol(q, 12, 2);
	v->answers_before = db_col(q, 13);
	v->answers_after = db_col(q, 14);
	v->units = db_ucol(q, 15, INT64_MAX);
	db_col_text(q, 16, v->ended, sizeof(v->ended));
	v->scan_from = db_ucol(q, 17, UINT32_MAX);
	v->scan_to = db_ucol(q, 18, UINT32_MAX);
	v->fan = (uint32_t)db_ucol(q, 19, UINT32_MAX);
	v->full_history = db_ucol(q, 20, 1) != 0;
	q->bad |= v->nodes == NULL || v->seeds == NULL;
	return db_row_ok(q, "session", v->id, err);
}

enum xt_status store_each_session(struct store *s,
				  bool (*each)(void *ctx,
					       const struct store_session *v),
				  void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_session v;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT id, time, program, nodes, seeds, max_depth, from_time, to_time,"
	    " min_amount, through_services, max_requests, quorum, blocks,"
	    " answers_before, answers_after, units, ended, scan_from, scan_to,"
	    " fan, full_history FROM session ORDER BY id",
	    err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		rc = read_session(&q, &v, err);
		if (rc == XT_OK && !each(ctx, &v))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_each_session_service(struct store *s, int64_t session,
					  bool (*each)(void *ctx, const char *party,
						       const char *label),
					  void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT party, label FROM session_service WHERE session = ?1"
		       " ORDER BY party",
		       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, session);
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		if (!each(ctx, (const char *)sqlite3_column_text(q.st, 0),
			  (const char *)sqlite3_column_text(q.st, 1))) {
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
			break;
		}
	}
	db_end(&q);
	return rc;
}
