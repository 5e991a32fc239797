#include "internal.h"

#include <string.h>

#define CRAWL_COLUMNS                                                                  \
	"SELECT c.account, c.depth, c.transfers_done, c.harvests_done, c.node,"        \
	" c.transfers_next, c.harvests_next, c.top_height, c.pages, c.fan_in,"         \
	" c.fan_out, c.from_height, c.opening, c.opening_way, c.want, c.known"         \
	" FROM crawl c"

static enum xt_status read_crawl(struct stmt *q, struct store_crawl *c,
				 struct xt_err *err)
{
	memset(c, 0, sizeof(*c));
	c->account = db_col(q, 0);
	c->depth = (uint32_t)db_ucol(q, 1, UINT32_MAX);
	c->transfers_done = db_ucol(q, 2, 1) != 0;
	c->harvests_done = db_ucol(q, 3, 1) != 0;
	db_col_text(q, 4, c->node, sizeof(c->node));
	c->transfers_next = db_ucol(q, 5, INT64_MAX);
	c->harvests_next = db_ucol(q, 6, INT64_MAX);
	c->top_height = db_ucol(q, 7, INT64_MAX);
	c->pages = db_ucol(q, 8, INT64_MAX);
	c->fan_in = (uint32_t)db_ucol(q, 9, UINT32_MAX);
	c->fan_out = (uint32_t)db_ucol(q, 10, UINT32_MAX);
	c->from_height = db_ucol(q, 11, INT64_MAX);
	c->has_opening = !db_null(q, 12);
	c->opening_uxem = c->has_opening ? db_ucol(q, 12, STORE_MAX_UXEM) : 0;
	c->opening_way = (enum store_opening_way)db_ucol(q, 13, STORE_WAY_HISTORY);
	c->has_want = !db_null(q, 14);
	c->want = c->has_want ? db_ucol(q, 14, INT64_MAX) : 0;
	c->known = db_ucol(q, 15, UINT32_MAX);
	return db_row_ok(q, "crawl", c->account, err);
}

enum xt_status store_crawl_get(struct store *s, struct store_crawl *out,
			       int64_t account, struct xt_err *err)
{
	struct stmt q;
	struct store_crawl c = { 0 };
	bool row = false;
	enum xt_status rc =
	    db_prepare(&q, s, CRAWL_COLUMNS " WHERE c.account = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, account);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row)
		rc = read_crawl(&q, &c, err);
	db_end(&q);
	if (rc == XT_OK && !row)
		return xt_fail(err, XT_E_NOTFOUND,
			       "%s: account row %lld was never read", s->path,
			       (long long)account);
	if (rc == XT_OK)
		*out = c;
	return rc;
}

enum xt_status store_crawl_put(struct store *s, const struct store_crawl *c,
			       struct xt_err *err)
{
	struct stmt q;
	if (c->from_height > INT64_MAX || c->want > INT64_MAX ||
	    c->opening_uxem > STORE_MAX_UXEM)
		return xt_fail(err, XT_E_DATA, "%s: opening of row %lld: out of range",
			       s->path, (long long)c->account);
	if (c->transfers_next > INT64_MAX || c->harvests_next > INT64_MAX ||
	    c->top_height > INT64_MAX || c->pages > INT64_MAX)
		return xt_fail(err, XT_E_DATA,
			       "%s: crawl state of row %lld: out of range", s->path,
			       (long long)c->account);
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT OR REPLACE INTO crawl (account, depth, transfers_done,"
		    " harvests_done, node, transfers_next, harvests_next,"
		    " top_height, pages, fan_in, fan_out, from_height, opening,"
		    " opening_way, want, known) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
		    " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, c->account);
	db_int(&q, 2, c->depth);
	db_int(&q, 3, c->transfers_done);
	db_int(&q, 4, c->harvests_done);
	db_text(&q, 5, c->node);
	db_int(&q, 6, (int64_t)c->transfers_next);
	db_int(&q, 7, (int64_t)c->harvests_next);
	db_int(&q, 8, (int64_t)c->top_height);
	db_int(&q, 9, (int64_t)c->pages);
	db_int(&q, 10, c->fan_in);
	db_int(&q, 11, c->fan_out);
	db_int(&q, 12, (int64_t)c->from_height);
	db_opt_int(&q, 13, c->has_opening, (int64_t)c->opening_uxem);
	db_int(&q, 14, c->opening_way);
	db_opt_int(&q, 15, c->has_want, (int64_t)c->want);
	db_int(&q, 16, (int64_t)c->known);
	return db_run(&q, err);
}

enum xt_status store_each_open(struct store *s,
			       bool (*each)(void *ctx, const struct store_crawl *c),
			       void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_crawl c;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       CRAWL_COLUMNS " JOIN account a ON a.id = c.account"
				     " WHERE a.state = 1 ORDER BY c.depth, c.account",
		       err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		rc = read_crawl(&q, &c, err);
		if (rc == XT_OK && !each(ctx, &c))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_each_partial(struct store *s,
				  bool (*each)(void *ctx, const struct store_crawl *c),
				  void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_crawl c;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s, CRAWL_COLUMNS " WHERE c.from_height > 0 ORDER BY c.account", err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		rc = read_crawl(&q, &c, err);
		if (rc == XT_OK && !each(ctx, &c))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

void store_before_add(struct store_before *b, uint64_t height, bool in, uint64_t amount)
{
	if (height != b->height)
		b->in_below = b->in;
	b->height = height;
	if (in)
		b->in += amount;
	else
		b->out += amount;
	/* The order within a block may be assumed: what is paid comes first. */
	if (b->out > b->in_below && b->out - b->in_below > b->need)
		b->need = b->out - b->in_below;
}

bool store_before_end(const struct store_before *b, uint64_t opening, uint64_t *out)
{
	const xt_u128 have = opening + b->out;
	if (have < b->in || have - b->in < b->need || have - b->in > STORE_MAX_UXEM)
		return false;
	*out = (uint64_t)(have - b->in);
	return true;
}

enum xt_status store_put_incident(struct store *s, const struct store_incident *i,
				  struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO incident (time, node, url, what, account, text,"
		    " answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, i->time);
	db_text(&q, 2, i->node);
	db_text(&q, 3, i->url);
	db_text(&q, 4, i->what);
	db_text(&q, 5, i->account.s);
	db_text(&q, 6, i->text);
	db_id(&q, 7, i->answer);
	return db_run(&q, err);
}

enum xt_status store_each_incident(struct store *s,
				   bool (*each)(void *ctx,
						const struct store_incident *i),
				   void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_incident i;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT id, time, node, url, what, account, text, answer"
		       " FROM incident ORDER BY id",
		       err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		memset(&i, 0, sizeof(i));
		i.id = db_col(&q, 0);
		i.time = db_col(&q, 1);
		db_col_text(&q, 2, i.node, sizeof(i.node));
		db_col_text(&q, 3, i.url, sizeof(i.url));
		db_col_text(&q, 4, i.what, sizeof(i.what));
		db_col_text(&q, 5, i.account.s, sizeof(i.account.s));
		db_col_text(&q, 6, i.text, sizeof(i.text));
		i.answer = db_col(&q, 7);
		rc = db_row_ok(&q, "incident", i.id, err);
		if (rc == XT_OK && !each(ctx, &i))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_unit_begin(struct store *s, int64_t *mark, const char *where,
				struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	if (sqlite3_get_autocommit(s->db))
		rc = store_begin(s, where, err);
	if (rc == XT_OK)
		rc = db_exec(s, "SAVEPOINT unit", err);
	if (rc == XT_OK)
		*mark = s->new_moves;
	return rc;
}

enum xt_status store_unit_end(struct store *s, int64_t mark, bool keep,
			      struct xt_err *err)
{
	/* After some failures SQLite has rolled back everything by itself. */
	if (!keep && sqlite3_get_autocommit(s->db))
		return XT_OK;
	if (!keep) {
		const enum xt_status rc = db_exec(s, "ROLLBACK TO unit", err);
		if (rc != XT_OK)
			return rc;
		s->new_moves = mark;
	}
	return db_exec(s, "RELEASE unit", err);
}

bool store_unit_open(const struct store *s)
{
	return !sqlite3_get_autocommit(s->db);
}
