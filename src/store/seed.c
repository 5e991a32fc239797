#include "internal.h"

#include <string.h>

/* enum graph_seed_kind, which this floor does not see. */
enum {
	SEED_TX = 1,
	SEED_WINDOW = 2,
	SEED_BALANCE = 3,
	SEED_REFUND = 4,
	SEED_HEIGHTS = 5
};

/* Kinds with a window, of time or of heights. */
static bool is_window(int kind)
{
	return kind == SEED_WINDOW || kind == SEED_HEIGHTS;
}

static enum xt_status check_seed(const struct store_seed *d, struct xt_err *err)
{
	if (d->theft[0] == '\0')
		return xt_fail(err, XT_E_DATA, "seed: the theft has no name");
	if (d->kind < SEED_TX || d->kind > SEED_HEIGHTS)
		return xt_fail(err, XT_E_USAGE, "seed: unknown kind %d", d->kind);
	if (d->kind == SEED_TX || d->kind == SEED_REFUND)
		return d->tx_text[0] != '\0'
			   ? XT_OK
			   : xt_fail(err, XT_E_DATA, "seed: no transaction named");
	if (d->account.s[0] == '\0')
		return xt_fail(err, XT_E_DATA, "seed: no account named");
	if (is_window(d->kind) && d->has_from && d->has_to && d->from > d->to)
		return xt_fail(err, XT_E_DATA,
			       "seed: the window ends before it begins");
	if (d->height > UINT32_MAX)
		return xt_fail(err, XT_E_DATA, "seed: height %llu: out of range",
			       (unsigned long long)d->height);
	if (d->amount_uxem > STORE_MAX_UXEM)
		return xt_fail(err, XT_E_DATA,
			       "seed: amount %llu uXEM: more than there is",
			       (unsigned long long)d->amount_uxem);
	return XT_OK;
}

static void bind_seed(struct stmt *q, const struct store_seed *d, int64_t account)
{
	const bool tx = d->kind == SEED_TX || d->kind == SEED_REFUND;
	char lower[sizeof(d->tx_text)];
	struct nem_hash h;
	memcpy(lower, d->tx_text, sizeof(lower));
	/* One spelling for a hash, so that it is not seeded twice. */
	if (xt_hex_decode(h.b, sizeof(h.b), d->tx_text, NULL) == XT_OK)
		xt_hex_encode(lower, h.b, sizeof(h.b));
	db_text(q, 1, d->theft);
	db_int(q, 2, d->kind);
	db_text(q, 3, tx ? lower : NULL);
	db_id(q, 4, account);
	db_opt_int(q, 5, is_window(d->kind) && d->has_from, d->from);
	db_opt_int(q, 6, is_window(d->kind) && d->has_to, d->to);
	db_int(q, 7, d->kind == SEED_BALANCE ? (int64_t)d->height : 0);
	db_int(q, 8, d->kind == SEED_BALANCE && d->all);
	db_int(q, 9, d->kind == SEED_BALANCE && !d->all ? (int64_t)d->amount_uxem : 0);
}

static enum xt_status seed_known(struct store *s, const struct store_seed *d,
				 int64_t account, struct xt_err *err)
{
	struct stmt q;
	int64_t id = 0;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT id FROM seed WHERE theft = ?1 AND kind = ?2 AND tx_text IS ?3"
	    " AND account IS ?4 AND from_time IS ?5 AND to_time IS ?6 AND height = ?7"
	    " AND whole = ?8 AND amount = ?9",
	    err);
	if (rc != XT_OK)
		return rc;
	bind_seed(&q, d, account);
	rc = db_one(&q, &id, err);
	if (rc == XT_OK && id != 0)
		rc = xt_fail(err, XT_E_EXISTS, "seed %lld of theft \"%s\" is the same",
			     (long long)id, d->theft);
	return rc;
}

enum xt_status store_put_seed(struct store *s, int64_t *id,
			      const struct store_seed *seed, struct xt_err *err)
{
	struct stmt q;
	int64_t account = 0, moves = 0;
	enum xt_status rc = check_seed(seed, err);
	if (rc == XT_OK)
		rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	if (is_window(seed->kind) || seed->kind == SEED_BALANCE)
		rc = store_account_id(s, &account, &seed->account, err);
	if (rc == XT_OK)
		rc = seed_known(s, seed, account, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO seed (theft, kind, tx_text, account, from_time,"
		    " to_time, height, whole, amount) VALUES (?1, ?2, ?3, ?4, ?5,"
		    " ?6, ?7, ?8, ?9)",
		    err);
	if (rc == XT_OK) {
		bind_seed(&q, seed, account);
		rc = db_run(&q, err);
	}
	const int64_t row = sqlite3_last_insert_rowid(s->db);
	rc = db_release(s, moves, rc, err);
	if (rc == XT_OK && id)
		*id = row;
	return rc;
}

/* The row that a hash, an inner hash or a reference means; 0 if it is not there yet. */
static enum xt_status resolve(struct store *s, int64_t *tx, const char *text,
			      struct xt_err *err)
{
	struct stmt q;
	struct nem_hash h;
	const bool is_hash = xt_hex_decode(h.b, sizeof(h.b), text, NULL) == XT_OK;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT id FROM tx WHERE hash = ?1 OR inner_hash = ?1"
		       " OR ref = ?2 ORDER BY hash IS ?1 DESC, id LIMIT 1",
		       err);
	if (rc != XT_OK)
		return rc;
	db_opt_blob(&q, 1, is_hash, h.b, sizeof(h.b));
	db_text(&q, 2, text);
	return db_one(&q, tx, err);
}

enum xt_status store_each_seed(struct store *s,
			       bool (*each)(void *ctx, const struct store_seed *seed),
			       void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_seed d;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT d.id, d.theft, d.kind, d.tx_text, a.party, d.from_time, d.to_time,"
	    " d.height, d.whole, d.amount"
	    " FROM seed d LEFT JOIN account a ON a.id = d.account ORDER BY d.id",
	    err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		memset(&d, 0, sizeof(d));
		d.id = db_col(&q, 0);
		db_col_text(&q, 1, d.theft, sizeof(d.theft));
		d.kind = (int)db_ucol(&q, 2, SEED_HEIGHTS);
		db_col_text(&q, 3, d.tx_text, sizeof(d.tx_text));
		db_col_text(&q, 4, d.account.s, sizeof(d.account.s));
		d.has_from = !db_null(&q, 5);
		d.from = db_col(&q, 5);
		d.has_to = !db_null(&q, 6);
		d.to = db_col(&q, 6);
		d.height = db_ucol(&q, 7, UINT32_MAX);
		d.all = db_ucol(&q, 8, 1) != 0;
		d.amount_uxem = db_ucol(&q, 9, STORE_MAX_UXEM);
		q.bad |= d.kind == 0;
		rc = db_row_ok(&q, "seed", d.id, err);
		if (rc == XT_OK && d.tx_text[0] != '\0')
			rc = resolve(s, &d.tx, d.tx_text, err);
		if (rc == XT_OK && !each(ctx, &d))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_put_clean(struct store *s, const struct store_clean *c,
			       struct xt_err *err)
{
	struct stmt q;
	int64_t account, moves;
	enum xt_status rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	rc = store_account_id(s, &account, &c->account, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "INSERT INTO clean (account, from_time, why)"
		    " VALUES (?1, ?2, ?3)"
		    " ON CONFLICT (account, from_time) DO UPDATE SET why = ?3",
		    err);
	if (rc == XT_OK) {
		db_int(&q, 1, account);
		db_int(&q, 2, c->from);
		db_text(&q, 3, c->why);
		rc = db_run(&q, err);
	}
	return db_release(s, moves, rc, err);
}

enum xt_status store_each_clean(struct store *s,
				bool (*each)(void *ctx, const struct store_clean *c),
				void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_clean c;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT c.id, a.party, c.from_time, c.why FROM clean c"
		       " JOIN account a ON a.id = c.account ORDER BY c.id",
		       err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		memset(&c, 0, sizeof(c));
		c.id = db_col(&q, 0);
		db_col_text(&q, 1, c.account.s, sizeof(c.account.s));
		c.from = db_col(&q, 2);
		db_col_text(&q, 3, c.why, sizeof(c.why));
		rc = db_row_ok(&q, "clean", c.id, err);
		if (rc == XT_OK && !each(ctx, &c))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}
