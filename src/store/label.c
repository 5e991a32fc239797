#include "internal.h"

#include <string.h>

enum xt_status store_put_category(struct store *s, const char *category, bool service,
				  struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"INSERT INTO category (name, service) VALUES (?1, ?2)"
				" ON CONFLICT (name) DO UPDATE SET service = ?2",
				err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, category);
	db_int(&q, 2, service);
	return db_run(&q, err);
}

/* 0: not there, 1: the same, 2: there with other particulars. */
static enum xt_status find_label(struct store *s, int64_t *state, int64_t account,
				 const struct store_label *l, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT CASE WHEN category = ?6 AND confidence = ?7 AND confidence_name = ?8"
	    " AND actor = ?9 AND abuse = ?10 AND concepts = ?11 AND lastmod = ?12"
	    " THEN 1 ELSE 2 END FROM label WHERE account = ?1 AND label = ?2"
	    " AND source = ?3 AND pack = ?4 AND own = ?5",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, account);
	db_text(&q, 2, l->label);
	db_text(&q, 3, l->source);
	db_text(&q, 4, l->pack);
	db_int(&q, 5, l->own);
	db_text(&q, 6, l->category);
	db_int(&q, 7, l->confidence);
	db_text(&q, 8, l->confidence_name);
	db_text(&q, 9, l->actor);
	db_text(&q, 10, l->abuse);
	db_text(&q, 11, l->concepts);
	db_text(&q, 12, l->lastmod);
	return db_one(&q, state, err);
}

static enum xt_status ensure_category(struct store *s, const char *name,
				      struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc = db_prepare(
	    &q, s, "INSERT OR IGNORE INTO category (name, service) VALUES (?1, 0)",
	    err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, name);
	return db_run(&q, err);
}

static enum xt_status write_label(struct store *s, int64_t account,
				  const struct store_label *l, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "INSERT INTO label (account, label, source, pack, own, category, confidence,"
	    " confidence_name, actor, abuse, concepts, lastmod)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
	    " ON CONFLICT (account, label, source, pack, own) DO UPDATE SET"
	    " category = ?6, confidence = ?7, confidence_name = ?8, actor = ?9,"
	    " abuse = ?10, concepts = ?11, lastmod = ?12",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, account);
	db_text(&q, 2, l->label);
	db_text(&q, 3, l->source);
	db_text(&q, 4, l->pack);
	db_int(&q, 5, l->own);
	db_text(&q, 6, l->category);
	db_int(&q, 7, l->confidence);
	db_text(&q, 8, l->confidence_name);
	db_text(&q, 9, l->actor);
	db_text(&q, 10, l->abuse);
	db_text(&q, 11, l->concepts);
	db_text(&q, 12, l->lastmod);
	return db_run(&q, err);
}

enum xt_status store_put_label(struct store *s, const struct store_label *l,
			       struct xt_err *err)
{
	int64_t account = 0, moves, state = 0;
	if (l->label[0] == '\0')
		return xt_fail(err, XT_E_DATA, "label: empty");
	if (l->category[0] == '\0')
		return xt_fail(err, XT_E_DATA, "category: empty");
	if (l->confidence > 100)
		return xt_fail(err, XT_E_DATA, "confidence: %u: above 100",
			       l->confidence);
	enum xt_status rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	rc = store_account_id(s, &account, &l->party, err);
	if (rc == XT_OK)
		rc = find_label(s, &state, account, l, err);
	if (rc == XT_OK && state == 1)
		rc = xt_fail(err, XT_E_EXISTS,
			     "label \"%s\" of %s is in the case already", l->label,
			     l->party.s);
	if (rc == XT_OK)
		rc = ensure_category(s, l->category, err);
	if (rc == XT_OK)
		rc = write_label(s, account, l, err);
	return db_release(s, moves, rc, err);
}

static enum xt_status remove_row(struct store *s, const char *sql, const char *what,
				 int64_t id, struct xt_err *err)
{
	struct stmt q;
	int n;
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s, sql, err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, id);
	rc = db_changes(&q, &n, err);
	if (rc == XT_OK && n == 0)
		rc = xt_fail(err, XT_E_NOTFOUND, "%s: there is no %s %lld", s->path,
			     what, (long long)id);
	return rc;
}

enum xt_status store_remove_label(struct store *s, int64_t id, struct xt_err *err)
{
	return remove_row(s, "DELETE FROM label WHERE id = ?1", "label", id, err);
}

enum xt_status store_remove_seed(struct store *s, int64_t id, struct xt_err *err)
{
	return remove_row(s, "DELETE FROM seed WHERE id = ?1", "seed", id, err);
}

enum xt_status store_remove_clean(struct store *s, int64_t id, struct xt_err *err)
{
	return remove_row(s, "DELETE FROM clean WHERE id = ?1", "clean mark", id, err);
}

enum xt_status store_each_label(struct store *s,
				bool (*each)(void *ctx, const struct store_label *l),
				void *ctx, struct xt_err *err)
{
	struct stmt q;
	struct store_label l;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT l.id, a.party, l.label, l.category, l.source, l.actor, l.abuse,"
	    " l.concepts, l.lastmod, l.pack, l.confidence, l.confidence_name, l.own,"
	    " c.service, l.account FROM label l JOIN account a ON a.id = l.account"
	    " JOIN category c ON c.name = l.category"
	    " ORDER BY l.account, l.own DESC, l.confidence DESC, l.label, l.id",
	    err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		memset(&l, 0, sizeof(l));
		l.id = db_col(&q, 0);
		db_col_text(&q, 1, l.party.s, sizeof(l.party.s));
		db_col_text(&q, 2, l.label, sizeof(l.label));
		db_col_text(&q, 3, l.category, sizeof(l.category));
		db_col_text(&q, 4, l.source, sizeof(l.source));
		db_col_text(&q, 5, l.actor, sizeof(l.actor));
		db_col_text(&q, 6, l.abuse, sizeof(l.abuse));
		db_col_text(&q, 7, l.concepts, sizeof(l.concepts));
		db_col_text(&q, 8, l.lastmod, sizeof(l.lastmod));
		db_col_text(&q, 9, l.pack, sizeof(l.pack));
		l.confidence = (uint32_t)db_ucol(&q, 10, 100);
		db_col_text(&q, 11, l.confidence_name, sizeof(l.confidence_name));
		l.own = db_ucol(&q, 12, 1) != 0;
		l.service = db_ucol(&q, 13, 1) != 0;
		l.account = db_col(&q, 14);
		rc = db_row_ok(&q, "label", l.id, err);
		if (rc == XT_OK && !each(ctx, &l))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_is_service(struct store *s, bool *out, const struct nem_party *p,
				struct xt_err *err)
{
	struct stmt q;
	int64_t n;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT count(*) FROM account a JOIN label l ON l.account = a.id"
	    " JOIN category c ON c.name = l.category WHERE a.party = ?1 AND c.service = 1",
	    err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, p->s);
	rc = db_one(&q, &n, err);
	if (rc == XT_OK)
		*out = n > 0;
	return rc;
}
