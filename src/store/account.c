#include "internal.h"

#include <string.h>

static enum xt_status nemesis_opening(struct store *s, int64_t account,
				      struct xt_err *err)
{
	int64_t tx;
	return row_opening(
	    s, &tx, account, NEM_SUPPLY_UXEM, "opening:nemesis", NEM_PUBLISHED,
	    "constant of the network: what the nemesis account holds before"
	    " block 1",
	    err);
}

/* A case that is rebuilt gives accounts the ids that they have in the original: the
 * frontier of the crawl is ordered by them. */
#define INSERT_PREFERRED                                                               \
	"INSERT INTO account (id, party) VALUES"                                       \
	" ((SELECT id FROM origin.account WHERE party = ?1), ?1)"

enum xt_status store_account_id(struct store *s, int64_t *id, const struct nem_party *p,
				struct xt_err *err)
{
	struct stmt q;
	int64_t found;
	enum xt_status rc =
	    db_prepare(&q, s, "SELECT id FROM account WHERE party = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, p->s);
	rc = db_one(&q, &found, err);
	if (rc != XT_OK)
		return rc;
	if (found == 0) {
		rc = db_need_tx(s, err);
		if (rc == XT_OK)
			rc = db_prepare(&q, s,
					s->prefer
					    ? INSERT_PREFERRED
					    : "INSERT INTO account (party) VALUES (?1)",
					err);
		if (rc != XT_OK)
			return rc;
		db_text(&q, 1, p->s);
		rc = db_run(&q, err);
		if (rc != XT_OK)
			return rc;
		found = sqlite3_last_insert_rowid(s->db);
		if (strcmp(p->s, NEM_NEMESIS_ADDRESS) == 0)
			rc = nemesis_opening(s, found, err);
	}
	if (rc == XT_OK)
		*id = found;
	return rc;
}

enum xt_status account_of(struct store *s, int64_t *id, const struct nem_address *a,
			  struct xt_err *err)
{
	struct nem_party p;
	memcpy(p.s, a->s, sizeof(p.s));
	return store_account_id(s, id, &p, err);
}

enum xt_status account_key(struct store *s, int64_t *id, const struct nem_pubkey *key,
			   enum nem_network net, struct xt_err *err)
{
	struct nem_address a;
	struct stmt q;
	nem_address_from_pubkey(&a, net, key);
	enum xt_status rc = account_of(s, id, &a, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s, "UPDATE account SET key = ?2 WHERE id = ?1 AND key IS NULL",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, *id);
	db_blob(&q, 2, key->b, sizeof(key->b));
	return db_run(&q, err);
}

#define ACCOUNT_COLUMNS                                                                \
	"SELECT a.id, a.party, a.key, a.state, a.depth, a.balance, a.balance_height,"  \
	" a.difference, a.reason, o.amount FROM account a"
#define ONE_OPENING " LEFT JOIN transfer o ON o.recipient = a.id AND o.height = 0"
/* Openings are few: one small table for all accounts instead of a search for each. */
#define ALL_OPENINGS                                                                   \
	" LEFT JOIN (SELECT recipient, amount FROM transfer WHERE height = 0) o"       \
	" ON o.recipient = a.id"

/* The shape of a party. The checksum held when it was written and is not recomputed at
 * every reading. */
static bool party_shape(const char *p)
{
	const bool name = p[0] == '@';
	const size_t n = strlen(p);
	if (name ? n < 2 : n != 40)
		return false;
	for (p += name; *p; p++) {
		const bool lower =
		    (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-';
		const bool base32 =
		    (*p >= 'A' && *p <= 'Z') || (*p >= '2' && *p <= '7');
		if (name ? !lower : !base32)
			return false;
	}
	return true;
}

static enum xt_status read_account(struct stmt *q, struct store_account *a,
				   struct xt_err *err)
{
	memset(a, 0, sizeof(*a));
	a->id = db_col(q, 0);
	db_col_text(q, 1, a->party.s, sizeof(a->party.s));
	a->has_key = !db_null(q, 2);
	if (a->has_key)
		db_col_blob(q, 2, a->key.b, sizeof(a->key.b));
	a->state = (enum store_account_state)db_ucol(q, 3, STORE_STOPPED);
	a->depth = db_null(q, 4) ? UINT32_MAX : (uint32_t)db_ucol(q, 4, UINT32_MAX - 1);
	a->has_balance = !db_null(q, 5);
	if (a->has_balance) {
		a->balance_uxem = db_ucol(q, 5, INT64_MAX);
		a->balance_height = db_ucol(q, 6, INT64_MAX);
	}
	db_col_text(q, 7, a->difference, sizeof(a->difference));
	db_col_text(q, 8, a->reason, sizeof(a->reason));
	a->has_opening = !db_null(q, 9);
	if (a->has_opening)
		a->opening_uxem = db_ucol(q, 9, STORE_MAX_UXEM);
	q->bad |= a->id <= 0 || !party_shape(a->party.s);
	return db_row_ok(q, "account", a->id, err);
}

static enum xt_status one_account(struct stmt *q, struct store_account *out,
				  const char *what, struct xt_err *err)
{
	bool row = false;
	struct store_account a = { 0 };
	struct store *s = q->s;
	enum xt_status rc = db_step(q, &row, err);
	if (rc == XT_OK && row)
		rc = read_account(q, &a, err);
	db_end(q);
	if (rc == XT_OK && !row)
		return xt_fail(err, XT_E_NOTFOUND, "%s: account %s is not in the case",
			       s->path, what);
	if (rc == XT_OK)
		*out = a;
	return rc;
}

enum xt_status store_account_find(struct store *s, struct store_account *out,
				  const char *party, struct xt_err *err)
{
	struct nem_party p;
	struct stmt q;
	enum xt_status rc = nem_party_parse(&p, party, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				ACCOUNT_COLUMNS ONE_OPENING " WHERE a.party = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, p.s);
	return one_account(&q, out, p.s, err);
}

enum xt_status store_account_get(struct store *s, struct store_account *out, int64_t id,
				 struct xt_err *err)
{
	struct stmt q;
	char what[32];
	snprintf(what, sizeof(what), "row %lld", (long long)id);
	enum xt_status rc =
	    db_prepare(&q, s, ACCOUNT_COLUMNS ONE_OPENING " WHERE a.id = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, id);
	return one_account(&q, out, what, err);
}

/* An opening that a caller sets becomes a row of the ledger like any other. */
static enum xt_status update_opening(struct store *s, const struct store_account *a,
				     struct xt_err *err)
{
	struct store_account now = { 0 };
	int64_t tx;
	char ref[65];
	enum xt_status rc = store_account_get(s, &now, a->id, err);
	if (rc != XT_OK || !a->has_opening)
		return rc;
	if (now.has_opening && now.opening_uxem == a->opening_uxem)
		return XT_OK;
	if (now.has_opening)
		return xt_fail(
		    err, XT_E_EXISTS,
		    "%s: account %s: the case has an opening balance already", s->path,
		    now.party.s);
	snprintf(ref, sizeof(ref), "opening:%s", now.party.s);
	return row_opening(s, &tx, a->id, a->opening_uxem, ref, NEM_REPORTED, NULL,
			   err);
}

enum xt_status store_account_update(struct store *s, const struct store_account *a,
				    struct xt_err *err)
{
	struct stmt q;
	int n;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = update_opening(s, a, err);
	if (rc == XT_OK)
		rc =
		    db_prepare(&q, s,
			       "UPDATE account SET key = coalesce(?2, key), state = ?3,"
			       " depth = ?4, balance = ?5, balance_height = ?6,"
			       " difference = ?7, reason = ?8 WHERE id = ?1",
			       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, a->id);
	db_opt_blob(&q, 2, a->has_key, a->key.b, sizeof(a->key.b));
	db_int(&q, 3, a->state);
	db_opt_int(&q, 4, a->depth != UINT32_MAX, a->depth);
	db_opt_int(&q, 5, a->has_balance, (int64_t)a->balance_uxem);
	db_opt_int(&q, 6, a->has_balance, (int64_t)a->balance_height);
	db_text(&q, 7, a->difference);
	db_text(&q, 8, a->reason);
	rc = db_changes(&q, &n, err);
	if (rc == XT_OK && n != 1)
		rc = xt_fail(err, XT_E_NOTFOUND,
			     "%s: account row %lld is not in the case", s->path,
			     (long long)a->id);
	return rc;
}

enum xt_status store_each_account(struct store *s,
				  bool (*each)(void *ctx,
					       const struct store_account *a),
				  void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_account a;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s, ACCOUNT_COLUMNS ALL_OPENINGS " ORDER BY a.id", err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		rc = read_account(&q, &a, err);
		if (rc != XT_OK)
			break;
		if (!each(ctx, &a)) {
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
			break;
		}
	}
	db_end(&q);
	return rc;
}

enum xt_status store_each_account_place(struct store *s,
					bool (*each)(void *ctx,
						     const struct store_account *a),
					void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_account a;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT id, party, state, CASE WHEN state IN (1, 4) THEN reason"
		       " ELSE '' END FROM account ORDER BY id",
		       err);
	if (rc != XT_OK)
		return rc;
	memset(&a, 0, sizeof(a));
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		a.id = db_col(&q, 0);
		db_col_text(&q, 1, a.party.s, sizeof(a.party.s));
		a.state = (enum store_account_state)db_ucol(&q, 2, STORE_STOPPED);
		db_col_text(&q, 3, a.reason, sizeof(a.reason));
		q.bad |= a.id <= 0 || !party_shape(a.party.s);
		rc = db_row_ok(&q, "account", a.id, err);
		if (rc == XT_OK && !each(ctx, &a))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

bool store_stop_kind(char kind[40], const struct store_account *a)
{
	const size_t n = strcspn(a->reason, ":");
	if (a->state != STORE_STOPPED &&
	    (a->state != STORE_OPEN || a->reason[0] == '\0'))
		return false;
	if (kind)
		snprintf(kind, 40, "%.*s", n < 39 ? (int)n : 39, a->reason);
	return true;
}
