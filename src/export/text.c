#include "internal.h"

#include <string.h>
#include <time.h>

#include <xemtrace/nem.h>

#define INDENT 2
#define GAP    2

/* What one output needs besides its data. */
struct text {
	struct xt_buf *out;
	struct xt_buf cell; /* one cell, escaped and cut */
	struct xt_buf raw;  /* the same before it is cut */
	const struct export_doc *doc;
	size_t limit[EXPORT_MAX_LEVELS][EXPORT_MAX_COLUMNS]; /* of labels; 0: none */
	size_t width[EXPORT_MAX_LEVELS][EXPORT_MAX_COLUMNS];
	/* A column that says nothing in any row is left out, unless there are no rows. */
	bool shown[EXPORT_MAX_LEVELS][EXPORT_MAX_COLUMNS];
};

static bool is_right(enum export_cell_kind kind)
{
	return kind == EXPORT_UXEM || kind == EXPORT_VOLUME || kind == EXPORT_INT;
}

/* "2018-01-25 15:02:13Z", or with the distance to UTC in the process's zone. */
static enum xt_status add_time(struct xt_buf *out, int64_t t, bool local,
			       struct xt_err *err)
{
	char utc[24];
	char s[40];
	const time_t clock = (time_t)t;
	struct tm tm;

	if (!local) {
		nem_time_format_utc(utc, t);
		utc[10] = ' ';
		return xt_buf_adds(out, utc, err);
	}
	if (localtime_r(&clock, &tm) == NULL ||
	    strftime(s, sizeof(s), "%Y-%m-%d %H:%M:%S%z", &tm) == 0)
		return xt_fail(err, XT_E_DATA, "time %lld has no date in this zone",
			       (long long)t);
	/* +0900 to +09:00 */
	return xt_buf_addf(out, err, "%.*s:%s", (int)strlen(s) - 2, s,
			   s + strlen(s) - 2);
}

static enum xt_status add_escaped(struct xt_buf *out, const char *s, struct xt_err *err)
{
	return export_escape(out, EXPORT_TERMINAL, s, strlen(s), err);
}

static enum xt_status add_list(struct xt_buf *out, const struct export_cell *c,
			       struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; i < c->v.list.n && rc == XT_OK; i++) {
		if (i > 0)
			rc = xt_buf_adds(out, " ", err);
		if (rc == XT_OK)
			rc = add_escaped(out, c->v.list.v[i], err);
	}
	return rc;
}

/* The cell in full into t->raw. */
static enum xt_status render(struct text *t, enum export_cell_kind kind,
			     const struct export_cell *c, struct xt_err *err)
{
	struct xt_buf *out = &t->raw;

	xt_buf_clear(out);
	if (c->absent)
		return xt_buf_adds(out, "-", err);
	switch (kind) {
	case EXPORT_STR:
	case EXPORT_LABEL:
	case EXPORT_WORDS:
		return add_escaped(out, c->v.str, err);
	case EXPORT_UXEM:
		return ex_add_xem(out, c->v.u, false, err);
	case EXPORT_VOLUME:
		return ex_add_xem(out, c->v.volume, false, err);
	case EXPORT_INT:
		return xt_buf_addf(out, err, "%llu", (unsigned long long)c->v.u);
	case EXPORT_TIME:
		return add_time(out, c->v.time, t->doc->tz_known != 0, err);
	case EXPORT_BOOL:
		return xt_buf_adds(out, c->v.b ? "yes" : "no", err);
	case EXPORT_LIST:
		return add_list(out, c, err);
	}
	return xt_fail(err, XT_E_BUG, "a column of kind %d", (int)kind);
}

/* The cell as the table shows it, into t->cell. */
static enum xt_status render_cut(struct text *t, size_t level, size_t col,
				 enum export_cell_kind kind,
				 const struct export_cell *c, struct xt_err *err)
{
	const size_t limit = t->limit[level][col];
	enum xt_status rc = render(t, kind, c, err);

	if (rc != XT_OK)
		return rc;
	xt_buf_clear(&t->cell);
	if (limit == 0)
		return xt_buf_add(&t->cell, t->raw.data, t->raw.len, err);
	return ex_add_short(&t->cell, xt_buf_str(&t->raw), limit, err);
}

static enum xt_status add_spaces(struct xt_buf *out, size_t n, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	while (n > 0 && rc == XT_OK) {
		rc = xt_buf_adds(out, " ", err);
		n--;
	}
	return rc;
}

/* Ends a line without blanks before its end. */
static enum xt_status end_line(struct xt_buf *out, struct xt_err *err)
{
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->len--;
	return xt_buf_adds(out, "\n", err);
}

static enum xt_status add_padded(struct text *t, size_t level, size_t col,
				 const char *s, bool right, struct xt_err *err)
{
	const size_t have = ex_utf8_columns(s);
	const size_t want = t->width[level][col];
	const size_t pad = want > have ? want - have : 0;
	enum xt_status rc = add_spaces(t->out, right ? pad : 0, err);

	if (rc == XT_OK)
		rc = xt_buf_adds(t->out, s, err);
	if (rc == XT_OK)
		rc = add_spaces(t->out, (right ? 0 : pad) + GAP, err);
	return rc;
}

/* Which columns have something to say in some row. */
static void choose_columns(struct text *t, const struct export_table *body)
{
	const struct export_table *root = body->root;
	struct ex_walk w;

	for (size_t l = 0; l < root->n_shapes; l++)
		for (size_t c = 0; c < root->shapes[l].n_cols; c++)
			t->shown[l][c] =
			    body->n_rows == 0 && root->shapes[l].cols[c].title != NULL;
	ex_walk_init(&w, body);
	while (ex_walk_next(&w)) {
		const struct export_table *table = w.table[w.level];
		const struct ex_shape *s = ex_table_shape(table);
		const struct export_cell *cells = ex_table_cells(table, w.row[w.level]);

		for (size_t c = 0; c < s->n_cols; c++)
			if (s->cols[c].title != NULL && !cells[c].absent)
				t->shown[w.level][c] = true;
	}
}

/* Widths of all columns of all levels. */
static enum xt_status measure(struct text *t, const struct export_table *body,
			      struct xt_err *err)
{
	const struct export_table *root = body->root;
	struct ex_walk w;

	for (size_t l = 0; l < root->n_shapes; l++) {
		const struct ex_shape *s = &root->shapes[l];

		for (size_t c = 0; c < s->n_cols; c++)
			t->width[l][c] = s->cols[c].title != NULL
					     ? ex_utf8_columns(s->cols[c].title)
					     : 0;
	}
	ex_walk_init(&w, body);
	while (ex_walk_next(&w)) {
		const struct export_table *table = w.table[w.level];
		const struct ex_shape *s = ex_table_shape(table);
		const struct export_cell *cells = ex_table_cells(table, w.row[w.level]);

		for (size_t c = 0; c < s->n_cols; c++) {
			enum xt_status rc;
			size_t n;

			if (!t->shown[w.level][c])
				continue;
			rc = render_cut(t, w.level, c, s->cols[c].kind, &cells[c], err);
			if (rc != XT_OK)
				return rc;
			n = ex_utf8_columns(xt_buf_str(&t->cell));
			if (n > t->width[w.level][c])
				t->width[w.level][c] = n;
		}
	}
	return XT_OK;
}

static void first_limits(struct text *t, const struct export_table *root)
{
	for (size_t l = 0; l < root->n_shapes; l++) {
		const struct ex_shape *s = &root->shapes[l];

		for (size_t c = 0; c < s->n_cols; c++) {
			const enum export_cell_kind kind = s->cols[c].kind;

			t->limit[l][c] = kind == EXPORT_LABEL ? EXPORT_LABEL_COLUMNS
					 : kind == EXPORT_STR ? EXPORT_STR_COLUMNS
							      : 0;
		}
	}
}

/* How many columns a label can give. */
static size_t spare(const struct text *t, const struct ex_shape *s, size_t level,
		    size_t col)
{
	const struct export_column *c = &s->cols[col];
	size_t least = EXPORT_LABEL_LEAST;

	if (c->kind != EXPORT_LABEL || !t->shown[level][col])
		return 0;
	if (ex_utf8_columns(c->title) > least)
		least = ex_utf8_columns(c->title);
	return t->width[level][col] > least ? t->width[level][col] - least : 0;
}

/* Takes from the labels what a line has too much for the terminal. What cannot be cut
 * without loss (addresses, hashes, figures) stays, and the line wraps. */
static void fit(struct text *t, const struct export_table *root)
{
	for (size_t l = 0; l < root->n_shapes; l++) {
		const struct ex_shape *s = &root->shapes[l];
		size_t line = l * INDENT;

		for (size_t c = 0; c < s->n_cols; c++)
			if (t->shown[l][c])
				line += t->width[l][c] + GAP;
		line -= line > l * INDENT ? GAP : 0;
		for (size_t c = 0; c < s->n_cols && line > t->doc->width; c++) {
			const size_t over = line - t->doc->width;
			const size_t can = spare(t, s, l, c);
			const size_t give = can < over ? can : over;

			if (give == 0)
				continue;
			t->width[l][c] -= give;
			t->limit[l][c] = t->width[l][c];
			line -= give;
		}
	}
}

static enum xt_status add_titles(struct text *t, const struct export_table *root,
				 struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t l = 0; l < root->n_shapes && rc == XT_OK; l++) {
		const struct ex_shape *s = &root->shapes[l];

		rc = add_spaces(t->out, l * INDENT, err);
		for (size_t c = 0; c < s->n_cols && rc == XT_OK; c++)
			if (t->shown[l][c])
				rc = add_padded(t, l, c, s->cols[c].title,
						is_right(s->cols[c].kind), err);
		if (rc == XT_OK)
			rc = end_line(t->out, err);
	}
	return rc;
}

static enum xt_status add_row(struct text *t, const struct ex_walk *w,
			      struct xt_err *err)
{
	const struct export_table *table = w->table[w->level];
	const struct ex_shape *s = ex_table_shape(table);
	const struct export_cell *cells = ex_table_cells(table, w->row[w->level]);
	enum xt_status rc = add_spaces(t->out, w->level * INDENT, err);

	for (size_t c = 0; c < s->n_cols && rc == XT_OK; c++) {
		if (!t->shown[w->level][c])
			continue;
		rc = render_cut(t, w->level, c, s->cols[c].kind, &cells[c], err);
		if (rc == XT_OK)
			rc = add_padded(t, w->level, c, xt_buf_str(&t->cell),
					is_right(s->cols[c].kind), err);
	}
	return rc == XT_OK ? end_line(t->out, err) : rc;
}

static enum xt_status add_body(struct text *t, const struct export_table *body,
			       struct xt_err *err)
{
	enum xt_status rc;
	struct ex_walk w;

	first_limits(t, body->root);
	choose_columns(t, body);
	rc = measure(t, body, err);
	if (rc != XT_OK)
		return rc;
	if (t->doc->width > 0)
		fit(t, body->root);
	rc = add_titles(t, body->root, err);
	ex_walk_init(&w, body);
	while (rc == XT_OK && ex_walk_next(&w)) {
		if (w.level == 0 && body->root->n_shapes > 1)
			rc = xt_buf_adds(t->out, "\n", err);
		if (rc == XT_OK)
			rc = add_row(t, &w, err);
	}
	if (rc == XT_OK && body->n_rows == 0)
		rc = xt_buf_adds(t->out, "(none)\n", err);
	return rc;
}

/* "seeded    526,300,010.000000", a line a figure. */
static enum xt_status add_head(struct text *t, const struct export_table *head,
			       struct xt_err *err)
{
	const struct ex_shape *s = ex_table_shape(head);
	const struct export_cell *cells;
	enum xt_status rc = XT_OK;
	size_t widest = 0;

	if (head->n_rows == 0)
		return XT_OK;
	cells = ex_table_cells(head, 0);
	for (size_t c = 0; c < s->n_cols; c++) {
		const char *title = s->cols[c].title;

		if (title != NULL && ex_utf8_columns(title) > widest)
			widest = ex_utf8_columns(title);
	}
	for (size_t c = 0; c < s->n_cols && rc == XT_OK; c++) {
		const char *title = s->cols[c].title;

		if (title == NULL)
			continue;
		rc = xt_buf_adds(t->out, title, err);
		if (rc == XT_OK)
			rc = add_spaces(t->out, widest - ex_utf8_columns(title) + GAP,
					err);
		if (rc == XT_OK)
			rc = render(t, s->cols[c].kind, &cells[c], err);
		if (rc == XT_OK)
			rc = xt_buf_add(t->out, t->raw.data, t->raw.len, err);
		if (rc == XT_OK)
			rc = end_line(t->out, err);
	}
	return rc;
}

enum xt_status ex_write_text(struct xt_buf *out, const struct export_doc *doc,
			     struct xt_err *err)
{
	struct text t = { .out = out, .doc = doc };
	enum xt_status rc = XT_OK;

	xt_buf_init(&t.cell, EXPORT_MAX_BYTES);
	xt_buf_init(&t.raw, EXPORT_MAX_BYTES);
	if (doc->head != NULL)
		rc = add_head(&t, doc->head, err);
	if (rc == XT_OK && doc->head != NULL && doc->body != NULL)
		rc = xt_buf_adds(out, "\n", err);
	/* One row with lists under it (an account and its transfers) reads down, not across. */
	if (rc == XT_OK && doc->body != NULL && doc->body->n_adopted > 0 &&
	    doc->body->n_rows == 1)
		rc = add_head(&t, doc->body, err);
	else if (rc == XT_OK && doc->body != NULL)
		rc = add_body(&t, doc->body, err);
	for (size_t i = 0; doc->body != NULL && i < doc->body->n_adopted && rc == XT_OK;
	     i++) {
		const struct export_table *a = doc->body->adopted[i].table;

		rc = xt_buf_addf(out, err, "\n%s:\n", ex_table_shape(a)->key);
		if (rc == XT_OK)
			rc = add_body(&t, a, err);
	}
	if (rc == XT_OK && doc->n_warnings > 0 && out->len > 0)
		rc = xt_buf_adds(out, "\n", err);
	for (size_t i = 0; i < doc->n_warnings && rc == XT_OK; i++) {
		rc = xt_buf_adds(out, "warning: ", err);
		if (rc == XT_OK)
			rc = add_escaped(out, doc->warning_texts[i], err);
		if (rc == XT_OK)
			rc = xt_buf_adds(out, "\n", err);
	}
	xt_buf_release(&t.raw);
	xt_buf_release(&t.cell);
	return rc;
}
