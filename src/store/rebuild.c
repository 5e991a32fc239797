/* A case beside the one that it is rebuilt from, which is attached as `origin`. */
#include "internal.h"

#include <string.h>

/* Rows of a published record and opening balances: what an import brings. */
#define IS_RECORD                                                                      \
	"(provenance IN (2, 3, 4) OR (provenance = 6 AND ref LIKE 'opening:%'))"
#define IS_DECLARED                                                                    \
	"state = 2 AND reason LIKE 'declared complete by %'"                           \
	" AND id NOT IN (SELECT account FROM origin.crawl)"
#define RECORDS "(SELECT id FROM origin.tx WHERE " IS_RECORD ")"

/* What people added, with the row ids that it has there. The state of an account that
 * no crawl has touched is an import's. */
static const char *const copies[] = {
	"DELETE FROM main.category",
	"INSERT INTO main.category SELECT * FROM origin.category",
	"INSERT INTO main.account (id, party) SELECT id, party FROM origin.account"
	" WHERE id IN (SELECT account FROM origin.label"
	"  UNION SELECT account FROM origin.seed"
	"  UNION SELECT account FROM origin.clean"
	"  UNION SELECT sender FROM origin.transfer WHERE tx IN " RECORDS
	"  UNION SELECT recipient FROM origin.transfer WHERE tx IN " RECORDS
	"  UNION SELECT id FROM origin.account WHERE " IS_DECLARED ")",
	"UPDATE main.account SET (key, state, depth, balance, balance_height, difference,"
	" reason) = (SELECT o.key, o.state, o.depth, o.balance, o.balance_height,"
	" o.difference, o.reason FROM origin.account o WHERE o.id = account.id)"
	" WHERE id IN (SELECT id FROM origin.account WHERE " IS_DECLARED ")",
	"INSERT INTO main.message SELECT * FROM origin.message WHERE id IN"
	" (SELECT message FROM origin.tx WHERE " IS_RECORD ")",
	"INSERT INTO main.tx SELECT * FROM origin.tx WHERE " IS_RECORD,
	"INSERT INTO main.transfer SELECT * FROM origin.transfer WHERE tx IN " RECORDS,
	"INSERT INTO main.source SELECT * FROM origin.source",
	"INSERT INTO main.label SELECT * FROM origin.label",
	"INSERT INTO main.seed SELECT * FROM origin.seed",
	"INSERT INTO main.clean SELECT * FROM origin.clean",
	"INSERT INTO main.log SELECT * FROM origin.log",
};

static enum xt_status attach(struct store *s, const char *path, struct xt_err *err)
{
	struct stmt q;
	char *name = sqlite3_mprintf("%s%s", path[0] == ':' ? "./" : "", path);
	if (!name)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", s->path);
	enum xt_status rc = db_prepare(&q, s, "ATTACH ?1 AS origin", err);
	if (rc == XT_OK) {
		db_text(&q, 1, name);
		rc = db_run(&q, err);
	}
	sqlite3_free(name);
	return rc;
}

enum xt_status store_rebuild_begin(struct store *s, const char *path,
				   struct xt_err *err)
{
	struct stmt q;
	int64_t moves = 0;
	enum xt_status rc = attach(s, path, err);
	if (rc == XT_OK)
		rc = STORE_BEGIN(s, err);
	for (size_t i = 0; rc == XT_OK && i < XT_ARRAY_SIZE(copies); i++)
		rc = db_exec(s, copies[i], err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s, "SELECT count(*) FROM main.transfer", err);
	if (rc == XT_OK)
		rc = db_one(&q, &moves, err);
	if (rc == XT_OK) {
		s->new_moves = moves;
		rc = store_commit(s, err);
	}
	if (rc != XT_OK)
		store_rollback(s);
	s->prefer = rc == XT_OK;
	return rc;
}

/* Rows as text, with keys that do not depend on the order of writing. "@" is the
 * schema; "tx ... b" is joined with its bytes. What an import wrote into a row that was
 * proven later (reference, note), and incidents about that, are not a crawl's. */
#define TX_KEY(id)                                                                     \
	"(SELECT coalesce(lower(hex(hash)), ref) FROM @.tx WHERE id = " id ")"
#define MOSAIC(id) "(SELECT ns || ':' || name FROM @.mosaic WHERE id = " id ")"
static const struct {
	const char *table, *rows;
} compared_rows[] = {
	{ "answer", "SELECT json_array(id, time, node, node_key, url, sent, http, size,"
		    " lower(hex(hash)), lower(hex(chain))) AS r FROM @.answer" },
	{ "session",
	  "SELECT json_array(id, time, nodes, seeds, max_depth, from_time, to_time,"
	  " min_amount, through_services, max_requests, quorum, blocks, answers_before,"
	  " answers_after, units, scan_from, scan_to) AS r FROM @.session" },
	/* One that nothing names is left from a label or seed that was removed. */
	{ "account",
	  "SELECT json_array(id, party, lower(hex(key)), state, depth, balance,"
	  " balance_height, difference, reason) AS r FROM @.account WHERE NOT"
	  " (state = 0 AND key IS NULL AND party NOT IN"
	  "  (SELECT party FROM main.account))" },
	{ "message", "SELECT json_array(type, lower(hex(payload)), text) AS r"
		     " FROM @.message" },
	{ "tx",
	  "SELECT json_array(lower(hex(x.hash)), lower(hex(x.inner_hash)),"
	  " CASE WHEN b.tx IS NULL THEN x.ref END, x.height, x.idx, x.ledger_height,"
	  " x.ord, x.time, x.time_last, x.time_kind, x.type, x.version, x.fee, x.count,"
	  " x.provenance, x.signer, m.type, lower(hex(m.payload)), x.answer,"
	  " CASE WHEN b.tx IS NULL THEN x.note END, lower(hex(b.bytes))) AS r"
	  " FROM @.tx x LEFT JOIN @.tx_bytes b ON b.tx = x.id"
	  " LEFT JOIN @.message m ON m.id = x.message" },
	{ "transfer", "SELECT json_array(height, ord, " TX_KEY(
			  "tx") ", sub, kind, sender,"
				" recipient, amount) AS r FROM @.transfer" },
	{ "block", "SELECT json_array(height, lower(hex(hash)), lower(hex(prev)), time,"
		   " lower(hex(signer)), lower(hex(txs)), answer, whole) AS r"
		   " FROM @.block" },
	{ "mosaic", "SELECT json_array(ns, name) AS r FROM @.mosaic" },
	{ "mosaic_definition",
	  "SELECT json_array(" MOSAIC(
	      "mosaic") ", height, lower(hex(creator)),"
			" levy_kind, levy_recipient, " MOSAIC(
			    "levy_mosaic") ", levy_fee,"
					   " provenance, answer) AS r FROM @.mosaic_definition" },
	{ "tx_mosaic", "SELECT json_array(" MOSAIC("mosaic") ", " TX_KEY(
			   "tx") ") AS r FROM @.tx_mosaic" },
	{ "crawl",
	  "SELECT json_array(account, depth, transfers_done, harvests_done, node,"
	  " transfers_next, harvests_next, top_height, pages, fan_in, fan_out,"
	  " from_height, opening, opening_way, want, known) AS r"
	  " FROM @.crawl" },
	{ "incident",
	  "SELECT json_array(time, node, url, what, account, text, answer) AS r"
	  " FROM @.incident WHERE what <> 'record'" },
	{ "rest",
	  "SELECT json_array(session, time, node, seconds, why) AS r FROM @.rest" },
	{ "orphan",
	  "SELECT json_array(lower(hex(hash)), height, idx, lower(hex(bytes)), brought,"
	  " gone, session, again) AS r FROM @.orphan" },
	{ "meta", "SELECT json_array(key, value) AS r FROM @.meta WHERE key IN"
		  " ('network', 'transfers', 'crawl_anchor',"
		  " 'crawl_anchor_node', 'crawl_confirmed', 'crawl_final')" },
};

/* `rows` with the schema put in, each different row once with its count. */
static enum xt_status add_rows(struct xt_buf *sql, const char *rows, const char *schema,
			       struct xt_err *err)
{
	enum xt_status rc = xt_buf_adds(sql, "SELECT r, count(*) AS n FROM (", err);
	for (const char *p = rows; rc == XT_OK && *p != '\0'; p++)
		rc = *p == '@' ? xt_buf_adds(sql, schema, err)
			       : xt_buf_add(sql, p, 1, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(sql, ") GROUP BY r", err);
	return rc;
}

static enum xt_status run_text(struct store *s, struct xt_buf *sql, struct stmt *q,
			       struct xt_err *err)
{
	*q = (struct stmt){ .s = s };
	const int rc = sqlite3_prepare_v2(s->db, xt_buf_str(sql), -1, &q->st, NULL);
	return rc == SQLITE_OK ? XT_OK : db_fail(s, rc, err);
}

struct differ {
	struct store *s;
	const char *table, *rows;
	bool rebuilt;
	bool (*each)(void *ctx, const char *table, bool rebuilt, const char *row);
	void *ctx;
};

static enum xt_status only_in(const struct differ *d, const char *a, const char *b,
			      struct xt_err *err)
{
	struct xt_buf sql;
	struct stmt q;
	bool row;
	xt_buf_init(&sql, 16384);
	enum xt_status rc = add_rows(&sql, d->rows, a, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(&sql, " EXCEPT ", err);
	if (rc == XT_OK)
		rc = add_rows(&sql, d->rows, b, err);
	if (rc == XT_OK)
		rc = run_text(d->s, &sql, &q, err);
	xt_buf_release(&sql);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		if (!d->each(d->ctx, d->table, d->rebuilt,
			     (const char *)sqlite3_column_text(q.st, 0))) {
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", d->s->path);
			break;
		}
	}
	db_end(&q);
	return rc;
}

static enum xt_status count_rows(const struct differ *d, uint64_t *n,
				 struct xt_err *err)
{
	struct xt_buf sql;
	struct stmt q;
	int64_t rows = 0;
	xt_buf_init(&sql, 16384);
	enum xt_status rc = xt_buf_adds(&sql, "SELECT coalesce(sum(n), 0) FROM (", err);
	if (rc == XT_OK)
		rc = add_rows(&sql, d->rows, "origin", err);
	if (rc == XT_OK)
		rc = xt_buf_adds(&sql, ")", err);
	if (rc == XT_OK)
		rc = run_text(d->s, &sql, &q, err);
	xt_buf_release(&sql);
	if (rc == XT_OK)
		rc = db_one(&q, &rows, err);
	if (rc == XT_OK)
		*n += (uint64_t)rows;
	return rc;
}

enum xt_status store_rebuild_compare(struct store *s, uint64_t *compared,
				     bool (*each)(void *ctx, const char *table,
						  bool rebuilt, const char *row),
				     void *ctx, struct xt_err *err)
{
	uint64_t n = 0;
	for (size_t i = 0; i < XT_ARRAY_SIZE(compared_rows); i++) {
		struct differ d = { .s = s,
				    .table = compared_rows[i].table,
				    .rows = compared_rows[i].rows,
				    .each = each,
				    .ctx = ctx };
		enum xt_status rc = count_rows(&d, &n, err);
		if (rc == XT_OK)
			rc = only_in(&d, "origin", "main", err);
		d.rebuilt = true;
		if (rc == XT_OK)
			rc = only_in(&d, "main", "origin", err);
		if (rc != XT_OK)
			return rc;
	}
	*compared = n;
	return XT_OK;
}
