/* Whole blocks: which are in the case, and what they leave to do. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum xt_status store_block_hash(struct store *s, uint64_t height, struct nem_hash *out,
				bool *found, struct xt_err *err)
{
	struct stmt q;
	enum xt_status rc =
	    db_prepare(&q, s, "SELECT hash FROM block WHERE height = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)height);
	rc = db_step(&q, found, err);
	if (rc == XT_OK && *found) {
		db_col_blob(&q, 0, out->b, sizeof(out->b));
		rc = db_row_ok(&q, "block", (int64_t)height, err);
	}
	db_end(&q);
	return rc;
}

struct spans {
	struct store *s;
	struct store_span *v;
	size_t n, cap;
};

static enum xt_status add_span(struct spans *l, uint64_t first, uint64_t last,
			       struct xt_err *err)
{
	if (l->n == l->cap) {
		const size_t cap = l->cap ? 2 * l->cap : 64;
		struct store_span *v = xt_reallocarray(l->v, cap, sizeof(*v));
		if (!v)
			return xt_fail(err, XT_E_NOMEM, "%s: out of memory",
				       l->s->path);
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = (struct store_span){ first, last };
	return XT_OK;
}

enum xt_status store_block_gaps(struct store *s, uint64_t from, uint64_t to,
				struct store_span **out, size_t *n, struct xt_err *err)
{
	struct stmt q;
	struct spans l = { .s = s };
	uint64_t next = from;
	bool row;
	enum xt_status rc = db_prepare(&q, s,
				       "SELECT height FROM block WHERE whole = 1"
				       " AND height BETWEEN ?1 AND ?2 ORDER BY height",
				       err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)from);
	db_int(&q, 2, (int64_t)to);
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		const uint64_t height = db_ucol(&q, 0, UINT32_MAX);
		if (height > next)
			rc = add_span(&l, next, height - 1, err);
		if (rc != XT_OK)
			break;
		next = height + 1;
	}
	db_end(&q);
	if (rc == XT_OK && next <= to)
		rc = add_span(&l, next, to, err);
	if (rc != XT_OK) {
		free(l.v);
		return rc;
	}
	*out = l.v;
	*n = l.n;
	return XT_OK;
}

enum xt_status store_whole_chain(struct store *s, uint64_t *last, struct xt_err *err)
{
	struct stmt q;
	uint64_t n = 0;
	bool row;
	enum xt_status rc = db_prepare(
	    &q, s, "SELECT height FROM block WHERE whole = 1 ORDER BY height", err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row &&
	       db_ucol(&q, 0, UINT32_MAX) == n + 1)
		n++;
	db_end(&q);
	if (rc == XT_OK)
		*last = n;
	return rc;
}

#define UNBOOKED                                                                       \
	"SELECT b.height, b.time, b.signer, b.answer, (SELECT sum(f.amount)"           \
	" FROM transfer f WHERE f.height = b.height AND f.kind = 3) AS fees"           \
	" FROM block b WHERE b.whole = 1 AND b.height <= ?1 AND fees > 0"              \
	" AND NOT EXISTS (SELECT 1 FROM transfer h WHERE h.height = b.height"          \
	" AND h.kind = 7) ORDER BY b.height"

enum xt_status store_unbooked(struct store *s, uint64_t up_to,
			      struct store_unbooked **out, size_t *n,
			      struct xt_err *err)
{
	struct stmt q;
	struct store_unbooked *v = NULL;
	size_t len = 0, cap = 0;
	bool row;
	enum xt_status rc = db_prepare(&q, s, UNBOOKED, err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)up_to);
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		if (len == cap) {
			cap = cap ? 2 * cap : 64;
			struct store_unbooked *more =
			    xt_reallocarray(v, cap, sizeof(*v));
			if (!more) {
				rc = xt_fail(err, XT_E_NOMEM, "%s: out of memory",
					     s->path);
				break;
			}
			v = more;
		}
		struct store_unbooked *u = &v[len++];
		*u = (struct store_unbooked){
			.height = db_ucol(&q, 0, UINT32_MAX),
			.nem_time = (uint32_t)db_ucol(&q, 1, UINT32_MAX),
			.answer = db_col(&q, 3),
			.fees = { db_ucol(&q, 4, STORE_MAX_UXEM) },
		};
		db_col_blob(&q, 2, u->signer.b, sizeof(u->signer.b));
		rc = db_row_ok(&q, "block", (int64_t)u->height, err);
		if (rc != XT_OK)
			break;
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

enum xt_status store_note_window(struct store *s, uint64_t from, uint64_t to,
				 struct xt_err *err)
{
	struct stmt q;
	char text[160];
	enum xt_status rc = db_need_tx(s, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "UPDATE account SET reason = ?3 WHERE state = 0 AND id IN"
		    " (SELECT sender FROM transfer WHERE height BETWEEN ?1 AND ?2"
		    "  UNION SELECT recipient FROM transfer"
		    "  WHERE height BETWEEN ?1 AND ?2)",
		    err);
	if (rc != XT_OK)
		return rc;
	snprintf(
	    text, sizeof(text),
	    "window: blocks %llu to %llu were read; what it held before is unknown",
	    (unsigned long long)from, (unsigned long long)to);
	db_int(&q, 1, (int64_t)from);
	db_int(&q, 2, (int64_t)to);
	db_text(&q, 3, text);
	return db_run(&q, err);
}
