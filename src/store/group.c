/* Groups that an analyst made: wallets of one owner. */
#include "internal.h"

#include <string.h>

static bool read_member(struct stmt *q, struct store_member *m)
{
	memset(m, 0, sizeof(*m));
	m->row = db_col(q, 0);
	db_col_text(q, 1, m->account.s, sizeof(m->account.s));
	db_col_text(q, 2, m->party, sizeof(m->party));
	db_col_text(q, 3, m->reason, sizeof(m->reason));
	m->time = db_col(q, 4);
	return m->party[0] != '\0';
}

/* *found false: the account is in no group. */
static enum xt_status find_member(struct store *s, struct store_member *out,
				  bool *found, const struct nem_party *account,
				  struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT m.account, a.party, m.party, m.reason, m.time"
		       " FROM group_member m JOIN account a ON a.id = m.account"
		       " WHERE a.party = ?1",
		       err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, account->s);
	rc = db_step(&q, found, err);
	if (rc == XT_OK && *found) {
		q.bad |= !read_member(&q, out);
		rc = db_row_ok(&q, "group_member", out->row, err);
	}
	db_end(&q);
	return rc;
}

static enum xt_status check_member(const struct store_member *m, struct xt_err *err)
{
	if (m->party[0] == '\0')
		return xt_fail(err, XT_E_DATA, "group: it has no name");
	if (m->reason[0] == '\0')
		return xt_fail(err, XT_E_DATA, "group \"%s\": no reason for %s",
			       m->party, m->account.s);
	return XT_OK;
}

static enum xt_status insert(struct store *s, const struct store_member *m,
			     struct xt_err *err)
{
	struct stmt q;
	int64_t account = 0;
	enum xt_status rc = store_account_id(s, &account, &m->account, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"INSERT INTO group_member (account, party, reason,"
				" time) VALUES (?1, ?2, ?3, ?4)",
				err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, account);
	db_text(&q, 2, m->party);
	db_text(&q, 3, m->reason);
	db_int(&q, 4, m->time);
	return db_run(&q, err);
}

enum xt_status store_put_member(struct store *s, const struct store_member *m,
				struct xt_err *err)
{
	struct store_member old = { 0 };
	bool found = false;
	int64_t moves = 0;
	enum xt_status rc = check_member(m, err);
	if (rc == XT_OK)
		rc = find_member(s, &old, &found, &m->account, err);
	if (rc == XT_OK && found)
		rc = xt_fail(err, XT_E_EXISTS, "%s is in the group \"%s\" already: %s",
			     m->account.s, old.party, old.reason);
	if (rc == XT_OK)
		rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	return db_release(s, moves, insert(s, m, err), err);
}

enum xt_status store_remove_member(struct store *s, struct store_member *out,
				   const struct nem_party *account, struct xt_err *err)
{
	struct store_member old = { 0 };
	struct stmt q;
	bool found = false;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = find_member(s, &old, &found, account, err);
	if (rc == XT_OK && !found)
		rc = xt_fail(err, XT_E_NOTFOUND, "%s is in no group", account->s);
	if (rc == XT_OK)
		rc = db_prepare(&q, s, "DELETE FROM group_member WHERE account = ?1",
				err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, old.row);
	rc = db_run(&q, err);
	if (rc == XT_OK)
		*out = old;
	return rc;
}

enum xt_status store_each_member(struct store *s,
				 bool (*each)(void *ctx, const struct store_member *m),
				 void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT m.account, a.party, m.party, m.reason, m.time"
		       " FROM group_member m JOIN account a ON a.id = m.account"
		       " ORDER BY m.party, a.party",
		       err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		struct store_member m;
		q.bad |= !read_member(&q, &m);
		rc = db_row_ok(&q, "group_member", m.row, err);
		if (rc == XT_OK && !each(ctx, &m))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}
