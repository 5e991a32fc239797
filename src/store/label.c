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

static void bind_key(struct stmt *q, int64_t account, const struct store_label *l)
{
	db_int(q, 1, account);
	db_text(q, 2, l->label);
	db_text(q, 3, l->source);
	db_text(q, 4, l->pack);
	db_int(q, 5, l->own);
}

static void bind_label(struct stmt *q, int64_t account, const struct store_label *l)
{
	bind_key(q, account, l);
	db_text(q, 6, l->category);
	db_int(q, 7, l->confidence);
	db_text(q, 8, l->confidence_name);
	db_text(q, 9, l->actor);
	db_text(q, 10, l->abuse);
	db_text(q, 11, l->concepts);
	db_text(q, 12, l->lastmod);
	db_text(q, 13, l->context);
	db_text(q, 14, l->network);
	db_text(q, 15, l->currency);
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
	    " AND context = ?13 AND network = ?14 AND currency = ?15"
	    " THEN 1 ELSE 2 END FROM label WHERE account = ?1 AND label = ?2"
	    " AND source = ?3 AND pack = ?4 AND own = ?5",
	    err);
	if (rc != XT_OK)
		return rc;
	bind_label(&q, account, l);
	return db_one(&q, state, err);
}

/* The list has each word that came up. TagPacks write mixing_service, others
 * mixing-service: a new word begins as its twin is. */
static enum xt_status ensure_category(struct store *s, const char *name,
				      struct xt_err *err)
{
	struct stmt q;
	const enum xt_status rc = db_prepare(
	    &q, s,
	    "INSERT OR IGNORE INTO category (name, service) VALUES (?1, coalesce("
	    "(SELECT service FROM category WHERE name = replace(?1, '_', '-')), 0))",
	    err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, name);
	return db_run(&q, err);
}

/* "a, b": each of them. */
static enum xt_status ensure_concepts(struct store *s, const char *concepts,
				      struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	char name[sizeof(((struct store_label *)0)->category)];
	for (const char *p = concepts; *p != '\0' && rc == XT_OK;) {
		size_t n;
		p += strspn(p, ", ");
		n = strcspn(p, ",");
		while (n > 0 && p[n - 1] == ' ')
			n--;
		if (n > 0 && n < sizeof(name)) {
			memcpy(name, p, n);
			name[n] = '\0';
			for (char *c = name; *c != '\0'; c++)
				if (*c >= 'A' && *c <= 'Z')
					*c = (char)(*c + 32);
			rc = ensure_category(s, name, err);
		}
		p += strcspn(p, ",");
	}
	return rc;
}

static enum xt_status write_label(struct store *s, int64_t account,
				  const struct store_label *l, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "INSERT INTO label (account, label, source, pack, own, category, confidence,"
	    " confidence_name, actor, abuse, concepts, lastmod, context, network,"
	    " currency)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
	    " ON CONFLICT (account, label, source, pack, own) DO UPDATE SET"
	    " category = ?6, confidence = ?7, confidence_name = ?8, actor = ?9,"
	    " abuse = ?10, concepts = ?11, lastmod = ?12, context = ?13, network = ?14,"
	    " currency = ?15",
	    err);
	if (rc != XT_OK)
		return rc;
	bind_label(&q, account, l);
	return db_run(&q, err);
}

/* ---- history ----------------------------------------------------------------------- */

/* A label's columns as a JSON object; l is the row. */
#define LABEL_JSON                                                                        \
	"json_object('label', l.label, 'source', l.source, 'pack', l.pack, 'own', l.own," \
	" 'category', l.category, 'confidence', l.confidence, 'confidence_name',"         \
	" l.confidence_name, 'actor', l.actor, 'abuse', l.abuse, 'concepts',"             \
	" l.concepts, 'lastmod', l.lastmod, 'context', l.context, 'network',"             \
	" l.network, 'currency', l.currency)"

/* Before a label is changed or removed: the row says what it was. */
static enum xt_status note_before(struct store *s, int64_t label, int64_t time,
				  struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "INSERT INTO label_change (time, account, before)"
	    " SELECT ?2, l.account, " LABEL_JSON " FROM label l WHERE l.id = ?1",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, label);
	db_int(&q, 2, time);
	return db_run(&q, err);
}

/* After it was written: `change` is the row that note_before() made, 0 if it is new. */
static enum xt_status note_after(struct store *s, int64_t label, int64_t time,
				 int64_t change, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc =
	    change != 0
		? db_prepare(&q, s,
			     "UPDATE label_change SET after = (SELECT " LABEL_JSON
			     " FROM label l WHERE l.id = ?1) WHERE id = ?3 AND ?2 = ?2",
			     err)
		: db_prepare(&q, s,
			     "INSERT INTO label_change (time, account, after)"
			     " SELECT ?2, l.account, " LABEL_JSON
			     " FROM label l WHERE l.id = ?1 AND ?3 = 0",
			     err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, label);
	db_int(&q, 2, time);
	db_int(&q, 3, change);
	return db_run(&q, err);
}

static enum xt_status label_row(struct store *s, int64_t *row, int64_t account,
				const struct store_label *l, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT id FROM label WHERE account = ?1 AND label = ?2"
		       " AND source = ?3 AND pack = ?4 AND own = ?5",
		       err);
	if (rc != XT_OK)
		return rc;
	bind_key(&q, account, l);
	return db_one(&q, row, err);
}

static enum xt_status write_with_history(struct store *s, int64_t account,
					 const struct store_label *l, bool there,
					 int64_t time, struct xt_err *err)
{
	int64_t row = 0;
	int64_t change = 0;
	enum xt_status rc = XT_OK;
	if (there) {
		rc = label_row(s, &row, account, l, err);
		if (rc == XT_OK)
			rc = note_before(s, row, time, err);
		change = sqlite3_last_insert_rowid(s->db);
	}
	if (rc == XT_OK)
		rc = write_label(s, account, l, err);
	if (rc == XT_OK && !there)
		row = sqlite3_last_insert_rowid(s->db);
	return rc == XT_OK ? note_after(s, row, time, change, err) : rc;
}

/* A text of the row, "" for NULL; until the next step. */
static const char *borrowed(struct stmt *q, int col)
{
	const unsigned char *text = sqlite3_column_text(q->st, col);
	return text != NULL ? (const char *)text : "";
}

/* The particulars that differ, or all there are; what names the label stands apart. */
#define CHANGED                                                                          \
	"(SELECT group_concat(k || ': ' || CASE WHEN h.before IS NULL THEN n"            \
	" WHEN h.after IS NULL THEN o ELSE coalesce(nullif(o, ''), '-') || ' -> ' ||"    \
	" coalesce(nullif(n, ''), '-') END, '; ') FROM"                                  \
	" (SELECT e.key AS k, CAST(json_extract(h.before, '$.' || e.key) AS TEXT) AS o," \
	" CAST(json_extract(h.after, '$.' || e.key) AS TEXT) AS n"                       \
	" FROM json_each(coalesce(h.after, h.before)) e"                                 \
	" WHERE e.key NOT IN ('label', 'source', 'pack', 'own'))"                        \
	" WHERE coalesce(o, '') <> coalesce(n, ''))"

enum xt_status store_each_label_change(struct store *s, const char *party,
				       bool (*each)(void *ctx,
						    const struct store_label_change *c),
				       void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s,
	    "SELECT h.id, h.time, CASE WHEN h.before IS NULL THEN 'added'"
	    " WHEN h.after IS NULL THEN 'removed' ELSE 'changed' END, a.party,"
	    " coalesce(h.after, h.before) ->> '$.label',"
	    " coalesce(h.after, h.before) ->> '$.source',"
	    " coalesce(h.after, h.before) ->> '$.pack',"
	    " coalesce(h.after, h.before) ->> '$.own', " CHANGED
	    " FROM label_change h JOIN account a ON a.id = h.account"
	    " WHERE ?1 IS NULL OR a.party = ?1 ORDER BY h.id",
	    err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, party);
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		struct store_label_change c = {
			.id = db_col(&q, 0),
			.time = db_col(&q, 1),
			.what = borrowed(&q, 2),
			.party = borrowed(&q, 3),
			.label = borrowed(&q, 4),
			.source = borrowed(&q, 5),
			.pack = borrowed(&q, 6),
			.own = db_ucol(&q, 7, 1) != 0,
			.change = borrowed(&q, 8),
		};
		rc = db_row_ok(&q, "label_change", c.id, err);
		if (rc == XT_OK && !each(ctx, &c))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_put_label(struct store *s, const struct store_label *l,
			       int64_t time, struct xt_err *err)
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
	if (rc == XT_OK && state == 1) {
		char shown[200];
		xt_utf8_cut(shown, sizeof(shown), l->label);
		rc = xt_fail(err, XT_E_EXISTS,
			     "label \"%s\" of %s is in the case already", shown,
			     l->party.s);
	}
	if (rc == XT_OK)
		rc = ensure_category(s, l->category, err);
	if (rc == XT_OK)
		rc = ensure_concepts(s, l->concepts, err);
	if (rc == XT_OK)
		rc = write_with_history(s, account, l, state == 2, time, err);
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

enum xt_status store_remove_label(struct store *s, int64_t id, int64_t time,
				  struct xt_err *err)
{
	int64_t moves;
	enum xt_status rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	rc = note_before(s, id, time, err);
	if (rc == XT_OK)
		rc = remove_row(s, "DELETE FROM label WHERE id = ?1", "label", id, err);
	return db_release(s, moves, rc, err);
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
	    " " LABEL_SERVICE ", l.account, l.context, l.network, l.currency"
	    " FROM label l JOIN account a ON a.id = l.account"
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
		db_col_text(&q, 15, l.context, sizeof(l.context));
		db_col_text(&q, 16, l.network, sizeof(l.network));
		db_col_text(&q, 17, l.currency, sizeof(l.currency));
		rc = db_row_ok(&q, "label", l.id, err);
		if (rc == XT_OK && !each(ctx, &l))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}

enum xt_status store_each_category(struct store *s,
				   bool (*each)(void *ctx,
						const struct store_category *c),
				   void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT c.name, c.service, count(l.id) FROM category c LEFT JOIN"
		       " label l ON l.category = c.name GROUP BY c.name"
		       " ORDER BY c.service DESC, c.name",
		       err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		const struct store_category c = {
			.name = borrowed(&q, 0),
			.service = db_ucol(&q, 1, 1) != 0,
			.labels = (uint64_t)db_col(&q, 2),
		};
		rc = db_row_ok(&q, "category", 0, err);
		if (rc == XT_OK && !each(ctx, &c))
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
	enum xt_status rc =
	    db_prepare(&q, s,
		       "SELECT count(*) FROM account a JOIN label l ON l.account = a.id"
		       " WHERE a.party = ?1 AND " LABEL_SERVICE,
		       err);
	if (rc != XT_OK)
		return rc;
	db_text(&q, 1, p->s);
	rc = db_one(&q, &n, err);
	if (rc == XT_OK)
		*out = n > 0;
	return rc;
}
