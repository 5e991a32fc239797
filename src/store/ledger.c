#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define EVENT_COLUMNS                                                                  \
	"SELECT t.height, t.ord, t.tx, t.sub, t.kind, t.sender, t.recipient, t.amount" \
	" FROM transfer t"
#define EVENT_ORDER " ORDER BY t.height, t.ord, t.tx, t.sub"

/* The one loop that runs millions of times: columns straight from SQLite, one check. */
static enum xt_status read_event(struct stmt *q, struct store_event *e,
				 struct xt_err *err)
{
	sqlite3_stmt *st = q->st;
	e->height = sqlite3_column_int64(st, 0);
	e->ord = sqlite3_column_int64(st, 1);
	e->tx = sqlite3_column_int64(st, 2);
	const int64_t sub = sqlite3_column_int64(st, 3);
	const int64_t kind = sqlite3_column_int64(st, 4);
	e->from = sqlite3_column_int64(st, 5);
	e->to = sqlite3_column_int64(st, 6);
	const int64_t amount = sqlite3_column_int64(st, 7);
	e->sub = (uint32_t)sub;
	e->kind = (enum nem_movement_kind)kind;
	e->amount = (uint64_t)amount;
	if (kind < NEM_MOVE_TRANSFER || kind > NEM_MOVE_OPENING || e->height < 0 ||
	    e->height > UINT32_MAX || e->ord < 0 || e->tx <= 0 || e->from < 0 ||
	    e->to < 0 || (e->from == 0 && e->to == 0) || sub < 0 || sub > UINT32_MAX ||
	    amount < 0 || e->amount > STORE_MAX_UXEM) {
		q->bad = true;
		return db_row_ok(q, "transfer", e->tx, err);
	}
	return XT_OK;
}

static enum xt_status run_events(struct stmt *q,
				 bool (*each)(void *ctx, const struct store_event *e),
				 void *ctx, struct xt_err *err)
{
	struct store_event e;
	bool row;
	struct store *s = q->s;
	enum xt_status rc;
	while ((rc = db_step(q, &row, err)) == XT_OK && row) {
		rc = read_event(q, &e, err);
		if (rc != XT_OK)
			break;
		if (!each(ctx, &e)) {
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
			break;
		}
	}
	db_end(q);
	return rc;
}

enum xt_status store_each_event(struct store *s,
				bool (*each)(void *ctx, const struct store_event *e),
				void *ctx, struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc = db_prepare(&q, s, EVENT_COLUMNS EVENT_ORDER, err);
	return rc == XT_OK ? run_events(&q, each, ctx, err) : rc;
}

enum xt_status store_tx_events(struct store *s, int64_t tx,
			       bool (*each)(void *ctx, const struct store_event *e),
			       void *ctx, struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc = db_prepare(
	    &q, s,
	    EVENT_COLUMNS " JOIN tx x ON t.height = x.ledger_height AND t.ord = x.ord"
			  " AND t.tx = x.id WHERE x.id = ?1" EVENT_ORDER,
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, tx);
	return run_events(&q, each, ctx, err);
}

enum xt_status store_account_events(struct store *s, int64_t account,
				    bool (*each)(void *ctx,
						 const struct store_event *e),
				    void *ctx, struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT height, ord, tx, sub, kind, sender, recipient, amount FROM transfer"
	    " WHERE sender = ?1 UNION SELECT height, ord, tx, sub, kind, sender, recipient,"
	    " amount FROM transfer WHERE recipient = ?1 ORDER BY 1, 2, 3, 4",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, account);
	return run_events(&q, each, ctx, err);
}

enum xt_status store_read_begin(struct store *s, bool *began, struct xt_err *err)
{
	struct stmt q;
	int64_t n;
	*began = sqlite3_get_autocommit(s->db) != 0;
	if (!*began)
		return XT_OK;
	enum xt_status rc = db_exec(s, "BEGIN", err);
	/* The lock is taken by the first reading. */
	if (rc == XT_OK)
		rc = db_prepare(&q, s, "SELECT count(*) FROM seal", err);
	if (rc == XT_OK)
		rc = db_one(&q, &n, err);
	if (rc != XT_OK) {
		store_rollback(s);
		*began = false;
	}
	return rc;
}

void store_read_end(struct store *s, bool began)
{
	if (began)
		store_rollback(s);
}

/* The first holds a shared lock before the second takes its own: no commit can come
 * between what they see. One that writes would show the second what was before. */
enum xt_status store_twin_open(struct store **out, struct store *s, struct xt_err *err)
{
	struct store *twin = NULL;
	if (sqlite3_txn_state(s->db, NULL) != SQLITE_TXN_READ ||
	    sqlite3_threadsafe() == 0)
		return xt_fail(err, XT_E_USAGE, "%s: no second connection", s->path);
	enum xt_status rc = store_open(&twin, s->path, STORE_READ, err);
	/* It reads each page once. */
	if (rc == XT_OK)
		rc = store_cache(twin, STORE_CACHE_ONCE, err);
	if (rc == XT_OK)
		rc = db_exec(twin, "BEGIN", err);
	if (rc != XT_OK) {
		store_close(twin);
		return rc;
	}
	*out = twin;
	return XT_OK;
}

void store_twin_close(struct store *twin)
{
	store_close(twin);
}

static enum xt_status count(struct store *s, uint64_t *out, const char *sql,
			    struct xt_err *err)
{
	struct stmt q;
	int64_t n = 0;
	enum xt_status rc = db_prepare(&q, s, sql, err);
	if (rc == XT_OK)
		rc = db_one(&q, &n, err);
	if (rc == XT_OK)
		*out = n > 0 ? (uint64_t)n : 0;
	return rc;
}

enum xt_status store_sizes(struct store *s, struct store_sizes *out, struct xt_err *err)
{
	struct store_sizes z;
	uint64_t bytes = 0;
	enum xt_status rc = count(
	    s, &z.events,
	    "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'transfers'", err);
	if (rc == XT_OK)
		rc = count(s, &z.txs, "SELECT max(id) FROM tx", err);
	if (rc == XT_OK)
		rc = count(s, &z.accounts, "SELECT max(id) FROM account", err);
	if (rc == XT_OK)
		rc = count(s, &z.messages, "SELECT max(id) FROM message", err);
	if (rc == XT_OK)
		rc = count(s, &bytes,
			   "SELECT page_count * page_size FROM pragma_page_count,"
			   " pragma_page_size",
			   err);
	if (rc != XT_OK)
		return rc;
	/* Ids count up by one and a movement takes ten bytes: what claims more is
	 * damaged. */
	if (z.txs > bytes || z.accounts > bytes || z.messages > bytes ||
	    z.events > bytes)
		return xt_fail(err, XT_E_DATA,
			       "%s: damaged: row numbers beyond the file", s->path);
	*out = z;
	return XT_OK;
}

#define READ_ACCOUNTS "(2, 3)"
/* Heights at which two signed transactions of the case wait for their order, and an
 * account that was read has a part in both. */
#define WANTED                                                                             \
	"SELECT DISTINCT p.height FROM (SELECT t.height AS height, t.sender AS account,"   \
	" t.tx AS tx FROM transfer t WHERE t.height IN (SELECT height FROM tx"             \
	" WHERE idx IS NULL AND provenance IN (1, 5) GROUP BY height HAVING count(*) > 1)" \
	" AND t.sender IS NOT NULL UNION SELECT t.height, t.recipient, t.tx"               \
	" FROM transfer t WHERE t.height IN (SELECT height FROM tx WHERE idx IS NULL"      \
	" AND provenance IN (1, 5) GROUP BY height HAVING count(*) > 1)"                   \
	" AND t.recipient IS NOT NULL) p"                                                  \
	" JOIN account a ON a.id = p.account AND a.state IN " READ_ACCOUNTS                \
	" JOIN tx x ON x.id = p.tx AND x.idx IS NULL AND x.provenance IN (1, 5)"           \
	" GROUP BY p.height, p.account HAVING count(DISTINCT p.tx) > 1"
#define UNTIMED "SELECT DISTINCT height FROM tx WHERE time_kind = 2"

enum xt_status store_counts(struct store *s, struct store_counts *out,
			    struct xt_err *err)
{
	struct store_counts c;
	uint64_t max_tx, max_account, max_message;
	const struct {
		uint64_t *out;
		const char *sql;
	} list[] = {
		{ &c.events, "SELECT count(*) FROM transfer" },
		{ &c.txs, "SELECT count(*) FROM tx" },
		{ &c.accounts, "SELECT count(*) FROM account" },
		{ &c.messages, "SELECT count(*) FROM message" },
		{ &max_tx, "SELECT max(id) FROM tx" },
		{ &max_account, "SELECT max(id) FROM account" },
		{ &max_message, "SELECT max(id) FROM message" },
		/* Openings are balances, not transactions: they stand at height 0. */
		{ &c.openings, "SELECT count(*) FROM transfer WHERE height = 0" },
		{ &c.published,
		  "SELECT count(*) FROM tx WHERE provenance = 2 AND provenance <> 1"
		  " AND height IS NOT 0" },
		{ &c.aggregate,
		  "SELECT count(*) FROM tx WHERE provenance = 3 AND provenance <> 1"
		  " AND height IS NOT 0" },
		{ &c.inferred,
		  "SELECT count(*) FROM tx WHERE provenance = 4 AND provenance <> 1"
		  " AND height IS NOT 0" },
		{ &c.exempt,
		  "SELECT count(*) FROM tx WHERE provenance = 5 AND provenance <> 1" },
		{ &c.reported, "SELECT count(*) FROM tx WHERE provenance = 6"
			       " AND provenance <> 1 AND height IS NOT 0" },
		{ &c.assumed_order, "SELECT count(*) FROM (" WANTED ")" },
		{ &c.assumed_time, "SELECT count(*) FROM tx WHERE time_kind = 2" },
		{ &c.blocks, "SELECT count(*) FROM block" },
		{ &c.answers, "SELECT count(*) FROM answer" },
		{ &c.incidents, "SELECT count(*) FROM incident" },
	};
	for (size_t i = 0; i < XT_ARRAY_SIZE(list); i++) {
		const enum xt_status rc = count(s, list[i].out, list[i].sql, err);
		if (rc != XT_OK)
			return rc;
	}
	const uint64_t others =
	    c.openings + c.published + c.aggregate + c.inferred + c.exempt + c.reported;
	c.signed_txs = c.txs > others ? c.txs - others : 0;
	c.max_tx = (int64_t)max_tx;
	c.max_account = (int64_t)max_account;
	c.max_message = (int64_t)max_message;
	*out = c;
	return XT_OK;
}

enum xt_status store_heights_wanted(struct store *s, bool times, uint64_t **out,
				    size_t *n, struct xt_err *err)
{
	struct stmt q;
	bool row;
	uint64_t *v = NULL;
	size_t len = 0, cap = 0;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT height FROM (" WANTED
		       ") UNION SELECT height FROM (" UNTIMED ") WHERE ?1 ORDER BY 1",
		       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, times);
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

struct sums_ctx {
	struct store_sums sums;
	int64_t account;
	int64_t from, to;
};

static bool add_event(void *ctx, const struct store_event *e)
{
	struct sums_ctx *c = ctx;
	if (e->height < c->from || e->height > c->to)
		return true;
	if (e->from == c->account)
		c->sums.out += e->amount;
	if (e->to == c->account && e->kind == NEM_MOVE_HARVEST)
		c->sums.harvest += e->amount;
	else if (e->to == c->account && e->kind != NEM_MOVE_OPENING)
		c->sums.in += e->amount;
	c->sums.n_events++;
	return true;
}

enum xt_status store_account_sums(struct store *s, struct store_sums *out,
				  int64_t account, uint64_t up_to_height,
				  struct xt_err *err)
{
	return store_account_sums_from(s, out, account, 0, up_to_height, err);
}

enum xt_status store_account_sums_from(struct store *s, struct store_sums *out,
				       int64_t account, uint64_t from, uint64_t to,
				       struct xt_err *err)
{
	struct sums_ctx c = { .account = account,
			      .from = from > INT64_MAX ? INT64_MAX : (int64_t)from,
			      .to = to > INT64_MAX ? INT64_MAX : (int64_t)to };
	const enum xt_status rc = store_account_events(s, account, add_event, &c, err);
	if (rc == XT_OK)
		*out = c.sums;
	return rc;
}

enum xt_status store_each_message(struct store *s,
				  bool (*each)(void *ctx,
					       const struct store_message *m),
				  void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s, "SELECT id, type, payload, text FROM message ORDER BY id", err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		struct store_message m = {
			.id = db_col(&q, 0),
			.type = (uint32_t)db_ucol(&q, 1, UINT32_MAX),
			.payload = sqlite3_column_blob(q.st, 2),
			.n = (size_t)sqlite3_column_bytes(q.st, 2),
			.text = (const char *)sqlite3_column_text(q.st, 3),
		};
		q.bad |= m.text == NULL ||
			 strlen(m.text) != (size_t)sqlite3_column_bytes(q.st, 3);
		rc = db_row_ok(&q, "message", m.id, err);
		if (rc == XT_OK && !each(ctx, &m))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}
