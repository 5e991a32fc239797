#include "internal.h"

#include <string.h>

#include <xemtrace/nem.h>

/* A finished field, quoted if RFC 4180 wants it, or if a reader might trim it or take a
 * semicolon for the separator. */
static enum xt_status add_field(struct xt_buf *out, const char *s, struct xt_err *err)
{
	const size_t n = strlen(s);
	const bool quote =
	    n > 0 && (strpbrk(s, "\",;\r\n") != NULL || s[0] == ' ' || s[n - 1] == ' ');
	enum xt_status rc;

	if (!quote)
		return xt_buf_add(out, s, n, err);
	rc = xt_buf_adds(out, "\"", err);
	for (size_t i = 0; i < n && rc == XT_OK; i++) {
		if (s[i] == '"')
			rc = xt_buf_adds(out, "\"", err);
		if (rc == XT_OK)
			rc = xt_buf_add(out, &s[i], 1, err);
	}
	return rc == XT_OK ? xt_buf_adds(out, "\"", err) : rc;
}

static enum xt_status add_text(struct xt_buf *out, struct xt_buf *tmp, const char *s,
			       struct xt_err *err)
{
	enum xt_status rc;

	xt_buf_clear(tmp);
	rc = export_escape(tmp, EXPORT_CSV, s, strlen(s), err);
	return rc == XT_OK ? add_field(out, xt_buf_str(tmp), err) : rc;
}

static enum xt_status add_list(struct xt_buf *out, struct xt_buf *tmp,
			       const struct export_cell *c, struct xt_err *err)
{
	struct xt_buf all;
	enum xt_status rc = XT_OK;

	xt_buf_init(&all, EXPORT_MAX_BYTES);
	for (size_t i = 0; i < c->v.list.n && rc == XT_OK; i++) {
		if (i > 0)
			rc = xt_buf_adds(&all, " ", err);
		if (rc == XT_OK)
			rc = xt_buf_adds(&all, c->v.list.v[i], err);
	}
	if (rc == XT_OK)
		rc = add_text(out, tmp, xt_buf_str(&all), err);
	xt_buf_release(&all);
	return rc;
}

static enum xt_status add_cell(struct xt_buf *out, struct xt_buf *tmp,
			       enum export_cell_kind kind, const struct export_cell *c,
			       struct xt_err *err)
{
	char s[40];

	if (c->absent)
		return XT_OK;
	switch (kind) {
	case EXPORT_STR:
	case EXPORT_LABEL:
	case EXPORT_WORDS:
		return add_text(out, tmp, c->v.str, err);
	case EXPORT_UXEM:
	case EXPORT_INT:
		return xt_buf_addf(out, err, "%llu", (unsigned long long)c->v.u);
	case EXPORT_VOLUME:
		xt_u128_format(s, c->v.volume);
		return xt_buf_adds(out, s, err);
	case EXPORT_TIME:
		return xt_buf_adds(out, nem_time_format_utc(s, c->v.time), err);
	case EXPORT_BOOL:
		return xt_buf_adds(out, c->v.b ? "true" : "false", err);
	case EXPORT_LIST:
		return add_list(out, tmp, c, err);
	}
	return xt_fail(err, XT_E_BUG, "a column of kind %d", (int)kind);
}

/* "services" gives "service_". */
static enum xt_status add_prefix(struct xt_buf *out, const char *key,
				 struct xt_err *err)
{
	size_t n = strlen(key);

	if (n > 0 && key[n - 1] == 's')
		n--;
	return xt_buf_addf(out, err, "%.*s_", (int)n, key);
}

static enum xt_status add_header(struct xt_buf *out, const struct export_table *root,
				 struct xt_err *err)
{
	const size_t start = out->len;
	enum xt_status rc = XT_OK;

	for (size_t l = 0; l < root->n_shapes; l++) {
		const struct ex_shape *s = &root->shapes[l];

		for (size_t i = 0; i < s->n_cols && rc == XT_OK; i++) {
			if (s->cols[i].key == NULL)
				continue;
			if (out->len > start)
				rc = xt_buf_adds(out, ",", err);
			if (rc == XT_OK && root->n_shapes > 1)
				rc = add_prefix(out, s->key, err);
			if (rc == XT_OK)
				rc = xt_buf_adds(out, s->cols[i].key, err);
		}
	}
	return rc == XT_OK ? xt_buf_adds(out, "\n", err) : rc;
}

/* The current row with its parents; columns of deeper levels stay empty. */
static enum xt_status add_line(struct xt_buf *out, struct xt_buf *tmp,
			       const struct ex_walk *w, struct xt_err *err)
{
	const struct export_table *root = w->table[0]->root;
	enum xt_status rc = XT_OK;
	bool first = true;

	for (size_t l = 0; l < root->n_shapes; l++) {
		const struct ex_shape *s = &root->shapes[l];

		for (size_t i = 0; i < s->n_cols && rc == XT_OK; i++) {
			if (s->cols[i].key == NULL)
				continue;
			if (!first)
				rc = xt_buf_adds(out, ",", err);
			first = false;
			if (rc == XT_OK && l <= w->level)
				rc = add_cell(
				    out, tmp, s->cols[i].kind,
				    &ex_table_cells(w->table[l], w->row[l])[i], err);
		}
	}
	return rc == XT_OK ? xt_buf_adds(out, "\n", err) : rc;
}

static enum xt_status choose_table(const struct export_table **out,
				   const struct export_doc *doc, struct xt_err *err)
{
	const struct export_table *body = doc->body;
	enum xt_status rc;
	struct xt_buf names;

	*out = NULL;
	if (doc->table == NULL || strcmp(doc->table, "result") == 0) {
		*out = body != NULL ? body : doc->head;
		return XT_OK;
	}
	if (strcmp(doc->table, "summary") == 0)
		*out = doc->head;
	for (size_t i = 0; body != NULL && i < body->n_adopted; i++)
		if (strcmp(doc->table, ex_table_shape(body->adopted[i].table)->key) ==
		    0)
			*out = body->adopted[i].table;
	if (*out != NULL)
		return XT_OK;
	xt_buf_init(&names, EXPORT_MAX_BYTES);
	rc = export_doc_tables(&names, doc, err);
	if (rc == XT_OK)
		rc = xt_fail(err, XT_E_USAGE, "%s: table \"%.80s\" is none of %s",
			     doc->command, doc->table, xt_buf_str(&names));
	xt_buf_release(&names);
	return rc;
}

enum xt_status ex_write_csv(struct xt_buf *out, const struct export_doc *doc,
			    struct xt_err *err)
{
	const struct export_table *body;
	enum xt_status rc = choose_table(&body, doc, err);
	struct xt_buf tmp;
	struct ex_walk w;

	if (rc != XT_OK || body == NULL)
		return rc;
	xt_buf_init(&tmp, EXPORT_MAX_BYTES);
	rc = add_header(out, body->root, err);
	ex_walk_init(&w, body);
	while (rc == XT_OK && ex_walk_next(&w)) {
		const struct export_table *c =
		    ex_table_child(w.table[w.level], w.row[w.level]);

		/* A parent stands in the lines of its children. */
		if (c == NULL || c->n_rows == 0)
			rc = add_line(out, &tmp, &w, err);
	}
	xt_buf_release(&tmp);
	return rc;
}
