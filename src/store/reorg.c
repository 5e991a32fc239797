/* What a reorganisation took out of the chain leaves the ledger and stays as evidence. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* ?1 is the height, ?2 whether all accounts beyond it are read again. */
#define GONE                                                                           \
	"(SELECT id FROM tx WHERE height > ?1 AND (provenance IN (1, 5)"               \
	" OR (provenance = 6 AND ref LIKE 'harvest:%')))"
#define TOUCHED                                                                        \
	"(SELECT sender FROM transfer WHERE height > ?1 AND sender IS NOT NULL"        \
	" UNION SELECT recipient FROM transfer WHERE height > ?1"                      \
	" AND recipient IS NOT NULL)"
#define RESET                                                                          \
	"UPDATE crawl SET transfers_done = 0, harvests_done = 0, node = '',"           \
	" transfers_next = 0, harvests_next = 0, top_height = 0, "

static const char *const steps[] = {
	/* Read to the end, beyond the height: again, down to it. One whose sums differ,
	 * down to the first. */
	RESET
	"known = CASE (SELECT state FROM account WHERE id = crawl.account)"
	" WHEN 2 THEN ?1 ELSE 0 END WHERE transfers_done = 1 AND harvests_done = 1"
	" AND (?2 OR account IN " TOUCHED ") AND (top_height > ?1 OR EXISTS"
	" (SELECT 1 FROM account a WHERE a.id = crawl.account"
	"  AND a.balance_height > ?1))"
	" AND EXISTS (SELECT 1 FROM account a WHERE a.id = crawl.account"
	"  AND a.state IN (2, 3))",
	/* Interrupted, or given up: from the top. */
	RESET "known = min(known, ?1) WHERE (transfers_done = 0 OR harvests_done = 0)"
	      " AND (?2 OR account IN " TOUCHED ")",
	"UPDATE account SET state = 1, balance = NULL, balance_height = NULL,"
	" difference = '', reason = '' WHERE state IN (1, 2, 3) AND id IN"
	" (SELECT account FROM crawl WHERE top_height = 0 AND transfers_done = 0"
	"  AND node = '') AND (state <> 3 OR ?2 OR id IN " TOUCHED ")",
	/* Nothing of theirs is beyond: what they had at the height, they had after it. */
	"UPDATE account SET balance_height = ?1 WHERE balance_height > ?1"
	" AND state IN (2, 3) AND id IN (SELECT account FROM crawl)",
	"UPDATE crawl SET top_height = ?1 WHERE top_height > ?1 AND account IN"
	" (SELECT id FROM account WHERE state IN (2, 3))",
	/* Complete since all blocks were read. */
	"INSERT INTO crawl (account, depth, transfers_done, harvests_done, node,"
	" transfers_next, harvests_next, top_height, pages, known)"
	" SELECT id, depth, 0, 0, '', 0, 0, 0, 0, ?1 FROM account WHERE"
	" reason LIKE 'scan: blocks 1 to %' AND CAST(substr(reason, 19) AS INTEGER) > ?1"
	" AND depth IS NOT NULL AND state IN (2, 3) AND balance IS NULL"
	" AND id NOT IN (SELECT account FROM crawl)",
	"UPDATE account SET state = depth IS NOT NULL, reason = '', difference = ''"
	" WHERE reason LIKE 'scan: blocks 1 to %'"
	" AND CAST(substr(reason, 19) AS INTEGER) > ?1 AND state IN (2, 3)"
	" AND balance IS NULL",
	"INSERT INTO orphan (hash, height, idx, bytes, brought, gone, session, ref, note)"
	" SELECT x.hash, x.height, x.idx, b.bytes, x.answer, ?3, ?4, x.ref, x.note"
	" FROM tx x JOIN tx_bytes b ON b.tx = x.id WHERE x.height > ?1"
	" AND x.provenance IN (1, 5) ORDER BY x.id",
	"DELETE FROM tx_mosaic WHERE tx IN " GONE,
	"DELETE FROM tx_bytes WHERE tx IN " GONE,
	"DELETE FROM transfer WHERE height > ?1 AND tx IN " GONE,
	"DELETE FROM tx WHERE id IN " GONE,
	"DELETE FROM mosaic_definition WHERE height > ?1 AND provenance IN (1, 5)",
	"DELETE FROM block WHERE height > ?1",
};

/* Whom money of the accounts that are read leads to, from the seeds on. */
#define REACHED                                                                               \
	"(WITH RECURSIVE r(id) AS (SELECT id FROM account WHERE depth = 0"                    \
	" UNION SELECT t.recipient FROM r JOIN account a ON a.id = r.id"                      \
	" AND a.state IN (1, 2, 3) JOIN transfer t ON t.sender = r.id WHERE t.kind IN (1, 2)" \
	" AND t.amount > 0) SELECT id FROM r)"
static const char *const let_go[] = {
	"UPDATE account SET state = 0, depth = NULL, reason = '', balance = NULL,"
	" balance_height = NULL WHERE state IN (1, 4) AND depth > 0 AND id NOT IN " REACHED,
	"DELETE FROM crawl WHERE account IN (SELECT id FROM account WHERE state = 0)",
};

static enum xt_status step(struct store *s, const char *sql,
			   const struct store_rewind *r, int *n, struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc = db_prepare(&q, s, sql, err);
	if (rc != XT_OK)
		return rc;
	const int params = sqlite3_bind_parameter_count(q.st);
	if (params >= 1)
		db_int(&q, 1, (int64_t)r->height);
	if (params >= 2)
		db_int(&q, 2, r->deep);
	if (params >= 4) {
		db_int(&q, 3, r->answer);
		db_int(&q, 4, r->session);
	}
	return db_changes(&q, n, err);
}

static enum xt_status rewind_all(struct store *s, const struct store_rewind *r,
				 uint64_t *orphans, struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	int n = 0;
	for (size_t i = 0; rc == XT_OK && i < XT_ARRAY_SIZE(steps); i++) {
		rc = step(s, steps[i], r, &n, err);
		if (rc == XT_OK && strncmp(steps[i], "INSERT INTO orphan", 18) == 0)
			*orphans = (uint64_t)n;
		if (rc == XT_OK && strncmp(steps[i], "DELETE FROM transfer", 20) == 0)
			s->new_moves -= n;
	}
	for (size_t i = 0; rc == XT_OK && r->deep && i < XT_ARRAY_SIZE(let_go); i++)
		rc = step(s, let_go[i], r, &n, err);
	return rc;
}

enum xt_status store_rewind(struct store *s, const struct store_rewind *r,
			    uint64_t *orphans, struct xt_err *err)
{
	int64_t moves;
	*orphans = 0;
	enum xt_status rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	rc = rewind_all(s, r, orphans, err);
	return db_release(s, moves, rc, err);
}

enum xt_status store_above(struct store *s, bool *out, uint64_t height,
			   struct xt_err *err)
{
	struct stmt q;
	int64_t found = 0;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT EXISTS (SELECT 1 FROM transfer t JOIN tx x ON x.id = t.tx"
	    " WHERE t.height > ?1 AND (x.provenance IN (1, 5)"
	    "  OR (x.provenance = 6 AND x.ref LIKE 'harvest:%')))"
	    " OR EXISTS (SELECT 1 FROM block WHERE height > ?1)"
	    " OR EXISTS (SELECT 1 FROM crawl WHERE top_height > ?1)",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)height);
	rc = db_one(&q, &found, err);
	*out = found != 0;
	return rc;
}

enum xt_status store_ancestors(struct store *s, uint64_t from, uint64_t anchor,
			       int64_t seen, uint64_t **out, size_t *n,
			       struct xt_err *err)
{
	struct stmt q;
	uint64_t *v = NULL;
	size_t len = 0, cap = 0;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT height FROM block WHERE height >= ?1 AND height < ?2 AND"
	    " (answer <= ?3 OR answer < (SELECT answer FROM block WHERE height = ?2))"
	    " ORDER BY height",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)from);
	db_int(&q, 2, (int64_t)anchor);
	db_int(&q, 3, seen);
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		if (len == cap) {
			cap = cap ? 2 * cap : 64;
			uint64_t *more = xt_reallocarray(v, cap, sizeof(*v));
			if (!more) {
				rc = xt_fail(err, XT_E_NOMEM, "%s: out of memory",
					     s->path);
				break;
			}
			v = more;
		}
		v[len++] = db_ucol(&q, 0, UINT32_MAX);
	}
	db_end(&q);
	if (rc != XT_OK) {
		free(v);
		return rc;
	}
	*out = v;
	*n = len;
	return XT_OK;
}

static enum xt_status take_back(struct store *s, int64_t orphan, bool moved,
				uint64_t height, struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc =
	    moved ? db_prepare(&q, s, "UPDATE orphan SET again = ?2 WHERE id = ?1", err)
		  : db_prepare(&q, s, "DELETE FROM orphan WHERE id = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, orphan);
	if (moved)
		db_int(&q, 2, (int64_t)height);
	return db_run(&q, err);
}

/* What an import had said of it before. */
static enum xt_status restore_ref(struct store *s, int64_t orphan, int64_t tx,
				  struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc =
	    db_prepare(&q, s,
		       "UPDATE tx SET ref = o.ref, note = o.note FROM orphan o"
		       " WHERE tx.id = ?2 AND o.id = ?1 AND o.ref IS NOT NULL",
		       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, orphan);
	db_int(&q, 2, tx);
	return db_run(&q, err);
}

enum xt_status orphan_back(struct store *s, const struct nem_hash *hash,
			   uint64_t height, int64_t tx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	int64_t id = 0;
	uint64_t was = 0;
	enum xt_status rc = db_prepare(&q, s,
				       "SELECT id, height FROM orphan WHERE hash = ?1"
				       " AND again IS NULL ORDER BY id DESC LIMIT 1",
				       err);
	if (rc != XT_OK)
		return rc;
	db_blob(&q, 1, hash->b, sizeof(hash->b));
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row) {
		id = db_col(&q, 0);
		was = db_ucol(&q, 1, UINT32_MAX);
	}
	db_end(&q);
	if (rc != XT_OK || id == 0)
		return rc;
	rc = restore_ref(s, id, tx, err);
	if (rc == XT_OK)
		rc = take_back(s, id, was != height, height, err);
	return rc;
}

enum xt_status store_each_orphan(struct store *s,
				 bool (*each)(void *ctx, const struct store_orphan *o),
				 void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT id, hash, height, idx, bytes, brought, gone, session,"
		       " again FROM orphan ORDER BY id",
		       err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		struct store_orphan o = {
			.id = db_col(&q, 0),
			.height = db_ucol(&q, 2, UINT32_MAX),
			.has_index = !db_null(&q, 3),
			.index = (uint32_t)db_ucol(&q, 3, UINT32_MAX),
			.bytes = sqlite3_column_blob(q.st, 4),
			.n_bytes = (size_t)sqlite3_column_bytes(q.st, 4),
			.brought = db_col(&q, 5),
			.gone = db_col(&q, 6),
			.session = db_col(&q, 7),
			.again = db_ucol(&q, 8, UINT32_MAX),
		};
		db_col_blob(&q, 1, o.hash.b, sizeof(o.hash.b));
		rc = db_row_ok(&q, "orphan", o.id, err);
		if (rc == XT_OK && !each(ctx, &o))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}
