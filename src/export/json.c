#include "internal.h"

#include <jansson.h>
#include <string.h>

#include <xemtrace/nem.h>

/* A text as JSON: exact, but for bytes that are not UTF-8, which JSON cannot carry. */
static json_t *json_text(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;
	const size_t n = strlen(s);
	struct xt_buf b;
	json_t *j = NULL;
	enum xt_status rc = XT_OK;

	if (xt_utf8_valid(p, n))
		return json_stringn(s, n);
	xt_buf_init(&b, EXPORT_MAX_BYTES);
	for (size_t i = 0; i < n && rc == XT_OK;) {
		char c[4];
		size_t len;
		const uint32_t cp = xt_utf8_next(&len, p + i, n - i);

		rc = xt_buf_add(&b, c, ex_utf8_put(c, cp), NULL);
		i += len;
	}
	if (rc == XT_OK)
		j = json_stringn(xt_buf_str(&b), b.len);
	xt_buf_release(&b);
	return j;
}

static json_t *json_list(const struct export_cell *c)
{
	json_t *a = json_array();

	for (size_t i = 0; a != NULL && i < c->v.list.n; i++) {
		if (json_array_append_new(a, json_text(c->v.list.v[i])) != 0) {
			json_decref(a);
			return NULL;
		}
	}
	return a;
}

static json_t *json_cell(enum export_cell_kind kind, const struct export_cell *c)
{
	char s[40];

	switch (kind) {
	case EXPORT_STR:
	case EXPORT_LABEL:
	case EXPORT_WORDS:
		return json_text(c->v.str);
	case EXPORT_UXEM:
	case EXPORT_INT:
		return json_integer((json_int_t)c->v.u);
	case EXPORT_VOLUME:
		xt_u128_format(s, c->v.volume);
		return json_string(s);
	case EXPORT_TIME:
		return json_string(nem_time_format_utc(s, c->v.time));
	case EXPORT_BOOL:
		return json_boolean(c->v.b);
	case EXPORT_LIST:
		return json_list(c);
	}
	return NULL;
}

/* NULL on failure, with the reason in *rc. */
static json_t *json_row(const struct export_table *t, size_t row, enum xt_status *rc,
			struct xt_err *err)
{
	const struct ex_shape *s = ex_table_shape(t);
	const struct export_cell *cells = ex_table_cells(t, row);
	json_t *o = json_object();

	*rc = XT_OK;
	for (size_t i = 0; o != NULL && i < s->n_cols; i++) {
		const struct export_column *col = &s->cols[i];

		if (col->key == NULL || cells[i].absent)
			continue;
		if ((col->kind == EXPORT_UXEM || col->kind == EXPORT_INT) &&
		    cells[i].v.u > INT64_MAX) {
			json_decref(o);
			*rc = xt_fail(err, XT_E_LIMIT,
				      "%s: %llu does not fit a JSON integer", col->key,
				      (unsigned long long)cells[i].v.u);
			return NULL;
		}
		if (json_object_set_new(o, col->key, json_cell(col->kind, &cells[i])) !=
		    0) {
			json_decref(o);
			o = NULL;
		}
	}
	if (o == NULL)
		*rc = xt_fail(err, XT_E_NOMEM, "out of memory for a row of %s", s->key);
	return o;
}

/* One row and all below it; NULL on failure. */
static json_t *json_tree(const struct export_table *t, size_t row, enum xt_status *rc,
			 struct xt_err *err)
{
	const struct export_table *root = t->root;
	json_t *into[EXPORT_MAX_LEVELS + 1] = { NULL };
	json_t *top = NULL;
	struct ex_walk w;

	ex_walk_init(&w, t);
	w.begun = true;
	w.row[0] = row;
	do {
		json_t *o = json_row(w.table[w.level], w.row[w.level], rc, err);

		if (o == NULL)
			break;
		if (w.level == 0)
			top = o;
		else if (json_array_append_new(into[w.level], o) != 0)
			break;
		if (w.level + 1 >= root->n_shapes)
			continue;
		into[w.level + 1] = json_array();
		if (json_object_set_new(o, root->shapes[w.level + 1].key,
					into[w.level + 1]) != 0)
			break;
	} while (ex_walk_next(&w) && w.level > 0);
	if (w.level == 0 && w.row[0] > row)
		return top;
	if (*rc == XT_OK)
		*rc = xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
	json_decref(top);
	return NULL;
}

/* Rows of `t` and all below them into the array `result`. */
static enum xt_status json_rows(json_t *result, const struct export_table *t,
				struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; i < t->n_rows && rc == XT_OK; i++) {
		json_t *row = json_tree(t, i, &rc, err);

		if (row != NULL && json_array_append_new(result, row) != 0)
			rc = xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
	}
	return rc;
}

/* The tables that stand under rows of the outermost one. */
static enum xt_status json_adopted(json_t *result, const struct export_table *t,
				   struct xt_err *err)
{
	for (size_t i = 0; i < t->n_adopted; i++) {
		const struct export_table *a = t->adopted[i].table;
		json_t *rows = json_array();
		enum xt_status rc;

		if (json_object_set_new(json_array_get(result, t->adopted[i].row),
					ex_table_shape(a)->key, rows) != 0)
			return xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
		rc = json_rows(rows, a, err);
		if (rc != XT_OK)
			return rc;
	}
	return XT_OK;
}

static json_t *json_warnings(const struct export_doc *doc)
{
	json_t *a = json_array();

	for (size_t i = 0; a != NULL && i < doc->n_warnings; i++) {
		json_t *o = json_object();

		if (o == NULL ||
		    json_object_set_new(o, "code", json_text(doc->warning_codes[i])) !=
			0 ||
		    json_object_set_new(o, "text", json_text(doc->warning_texts[i])) !=
			0 ||
		    json_array_append(a, o) != 0) {
			json_decref(a);
			a = NULL;
		}
		json_decref(o);
	}
	return a;
}

/* What every document begins with. */
static enum xt_status json_begin(json_t *top, const struct export_doc *doc,
				 struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	if (json_object_set_new(top, "format_version", json_integer(1)) != 0 ||
	    json_object_set_new(top, "command", json_text(doc->command)) != 0)
		return xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
	if (doc->head != NULL && doc->head->n_rows > 0) {
		json_t *summary = json_row(doc->head, 0, &rc, err);

		if (summary != NULL &&
		    json_object_set_new(top, "summary", summary) != 0)
			rc = xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
	}
	return rc;
}

static enum xt_status json_end(json_t *top, const struct export_doc *doc,
			       struct xt_err *err)
{
	return json_object_set_new(top, "warnings", json_warnings(doc)) == 0
		   ? XT_OK
		   : xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
}

static enum xt_status json_doc(json_t *top, const struct export_doc *doc,
			       struct xt_err *err)
{
	enum xt_status rc = json_begin(top, doc, err);
	json_t *result;

	if (rc != XT_OK)
		return rc;
	result = json_array();
	if (json_object_set_new(top, "result", result) != 0)
		return xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
	if (doc->body != NULL)
		rc = json_rows(result, doc->body, err);
	if (rc == XT_OK && doc->body != NULL)
		rc = json_adopted(result, doc->body, err);
	return rc == XT_OK ? json_end(top, doc, err) : rc;
}

static int to_buf(const char *p, size_t n, void *data)
{
	return xt_buf_add(data, p, n, NULL) == XT_OK ? 0 : -1;
}

/* jansson writes everything above U+001F as it is. Outside strings there is only ASCII,
 * so what is hostile to a terminal can be replaced by its \u form wherever it stands.
 */
static enum xt_status add_harmless(struct xt_buf *out, const struct xt_buf *in,
				   struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	size_t from = 0;

	for (size_t i = 0; i < in->len && rc == XT_OK;) {
		size_t len = 1;
		uint32_t cp = in->data[i];

		if (cp >= 0x7F)
			cp = xt_utf8_next(&len, in->data + i, in->len - i);
		if (cp < 0x7F || !xt_utf8_is_hostile(cp)) {
			i += len;
			continue;
		}
		rc = xt_buf_add(out, in->data + from, i - from, err);
		if (rc == XT_OK && cp < 0x10000)
			rc = xt_buf_addf(out, err, "\\u%04X", (unsigned)cp);
		else if (rc == XT_OK)
			rc = xt_buf_addf(out, err, "\\u%04X\\u%04X",
					 (unsigned)(0xD7C0 + (cp >> 10)),
					 (unsigned)(0xDC00 + (cp & 0x3FF)));
		i += len;
		from = i;
	}
	if (rc == XT_OK)
		rc = xt_buf_add(out, in->data + from, in->len - from, err);
	return rc;
}

/* A whole value and the end of its line. */
static enum xt_status add_value(struct xt_buf *out, struct xt_buf *tmp, const json_t *v,
				size_t how, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	xt_buf_clear(tmp);
	if (json_dump_callback(v, to_buf, tmp, how) != 0)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
	if (rc == XT_OK)
		rc = add_harmless(out, tmp, err);
	return rc == XT_OK ? xt_buf_adds(out, "\n", err) : rc;
}

enum xt_status ex_write_json(struct xt_buf *out, const struct export_doc *doc,
			     struct xt_err *err)
{
	json_t *top = json_object();
	enum xt_status rc;
	struct xt_buf plain;

	xt_buf_init(&plain, EXPORT_MAX_BYTES);
	if (top == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
	else
		rc = json_doc(top, doc, err);
	if (rc == XT_OK)
		rc = add_value(out, &plain, top, JSON_INDENT(2), err);
	xt_buf_release(&plain);
	json_decref(top);
	return rc;
}

/* ---- lines -------------------------------------------------------------------------- */

struct lines {
	FILE *f;
	struct xt_buf out, tmp;
};

/* A value on a line of its own; `key`: as the only member of an object. */
static enum xt_status put_line(struct lines *l, const char *key, json_t *v,
			       struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	if (key != NULL) {
		json_t *o = json_object();

		if (json_object_set(o, key, v) != 0)
			rc = xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
		if (rc == XT_OK)
			rc = add_value(&l->out, &l->tmp, o, JSON_COMPACT, err);
		json_decref(o);
	} else {
		rc = add_value(&l->out, &l->tmp, v, JSON_COMPACT, err);
	}
	if (rc == XT_OK && l->out.len >= (1U << 20)) {
		rc = ex_write_all(l->f, &l->out, err);
		xt_buf_clear(&l->out);
	}
	return rc;
}

static enum xt_status put_rows(struct lines *l, const char *key,
			       const struct export_table *t, size_t from, size_t to,
			       struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = from; i < to && rc == XT_OK; i++) {
		json_t *row = json_tree(t, i, &rc, err);

		if (row != NULL)
			rc = put_line(l, key, row, err);
		json_decref(row);
	}
	return rc;
}

/* The rows; behind each the tables that stand under it. */
static enum xt_status put_body(struct lines *l, const struct export_table *t,
			       struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	if (t->n_adopted == 0)
		return put_rows(l, NULL, t, 0, t->n_rows, err);
	for (size_t i = 0; i < t->n_rows && rc == XT_OK; i++) {
		rc = put_rows(l, NULL, t, i, i + 1, err);
		for (size_t k = 0; k < t->n_adopted && rc == XT_OK; k++) {
			const struct export_table *a = t->adopted[k].table;

			if (t->adopted[k].row == i)
				rc = put_rows(l, ex_table_shape(a)->key, a, 0,
					      a->n_rows, err);
		}
	}
	return rc;
}

enum xt_status ex_write_jsonl(FILE *f, const struct export_doc *doc, struct xt_err *err)
{
	struct lines l = { .f = f };
	json_t *top = json_object();
	enum xt_status rc;

	xt_buf_init(&l.out, EXPORT_MAX_BYTES);
	xt_buf_init(&l.tmp, EXPORT_MAX_BYTES);
	if (top == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for JSON");
	else
		rc = json_begin(top, doc, err);
	if (rc == XT_OK)
		rc = json_end(top, doc, err);
	if (rc == XT_OK)
		rc = put_line(&l, NULL, top, err);
	json_decref(top);
	if (rc == XT_OK && doc->body != NULL)
		rc = put_body(&l, doc->body, err);
	if (rc == XT_OK)
		rc = ex_write_all(f, &l.out, err);
	xt_buf_release(&l.tmp);
	xt_buf_release(&l.out);
	return rc;
}
