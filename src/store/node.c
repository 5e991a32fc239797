/* Nodes as the case knows them. */
#include "internal.h"

#include <string.h>

enum xt_status store_put_rest(struct store *s, const struct store_rest *r,
			      struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"INSERT INTO rest (session, time, node, seconds, why)"
				" VALUES (?1, ?2, ?3, ?4, ?5)",
				err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, r->session);
	db_int(&q, 2, r->time);
	db_text(&q, 3, r->node);
	db_opt_int(&q, 4, r->seconds != 0, (int64_t)r->seconds);
	db_text(&q, 5, r->why);
	return db_run(&q, err);
}

/* Columns before the body alone: its pages are not read. */
static const char each_node[] =
    "SELECT a.node, count(*), sum(http = 200), sum(http = 429), sum(http = 503),"
    " sum(http BETWEEN 400 AND 499 AND http <> 429),"
    " sum(http BETWEEN 500 AND 999 AND http <> 503),"
    " sum(http BETWEEN 1 AND 399 AND http <> 200), sum(http = 0),"
    " max(CASE http WHEN 200 THEN a.time END),"
    " max(CASE WHEN http = 200 AND url = a.node || '/chain/height' THEN a.id END),"
    " max(CASE WHEN http = 200 AND url = a.node || '/node/info' THEN a.id END),"
    " (SELECT count(*) FROM incident i WHERE i.node = a.node),"
    " (SELECT count(seconds) FROM rest r WHERE r.node = a.node),"
    " (SELECT count(*) - count(seconds) FROM rest r WHERE r.node = a.node),"
    " (SELECT max(id) FROM rest r WHERE r.node = a.node),"
    " (SELECT count(*) FROM crawl l WHERE l.node = a.node)"
    " FROM answer a GROUP BY a.node ORDER BY a.node";

static enum xt_status read_rest(struct store *s, struct store_node *n, int64_t id,
				struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s, "SELECT time, why FROM rest WHERE id = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, id);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row) {
		n->rest_time = db_col(&q, 0);
		db_col_text(&q, 1, n->rest_why, sizeof(n->rest_why));
		rc = db_row_ok(&q, "rest", id, err);
	}
	db_end(&q);
	return rc;
}

static enum xt_status read_node(struct stmt *q, struct store_node *n,
				struct xt_err *err)
{
	uint64_t *const count[] = { &n->answers, &n->useful, &n->busy,  &n->unavailable,
				    &n->refused, &n->broken, &n->other, &n->none };
	memset(n, 0, sizeof(*n));
	db_col_text(q, 0, n->node, sizeof(n->node));
	for (size_t i = 0; i < XT_ARRAY_SIZE(count); i++)
		*count[i] = db_ucol(q, (int)i + 1, INT64_MAX);
	n->last_time = db_null(q, 9) ? 0 : db_col(q, 9);
	n->height_row = db_null(q, 10) ? 0 : db_col(q, 10);
	n->info_row = db_null(q, 11) ? 0 : db_col(q, 11);
	n->incidents = db_ucol(q, 12, INT64_MAX);
	n->rests = db_ucol(q, 13, INT64_MAX);
	n->given_up = db_ucol(q, 14, INT64_MAX);
	n->accounts = db_ucol(q, 16, INT64_MAX);
	const int64_t rest = db_null(q, 15) ? 0 : db_col(q, 15);
	enum xt_status rc = db_row_ok(q, "answer", 0, err);
	if (rc == XT_OK && rest != 0)
		rc = read_rest(q->s, n, rest, err);
	return rc;
}

enum xt_status store_each_node(struct store *s,
			       bool (*each)(void *ctx, const struct store_node *n),
			       void *ctx, struct xt_err *err)
{
	struct store_node n;
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(&q, s, each_node, err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		rc = read_node(&q, &n, err);
		if (rc == XT_OK && !each(ctx, &n))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}
