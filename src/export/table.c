#include <xemtrace/export.h>

#include <stdlib.h>
#include <string.h>

#include "internal.h"

static enum xt_status set_shape(struct ex_shape *out, const char *key,
				const struct export_column *cols, size_t n_cols,
				struct xt_err *err)
{
	if (n_cols == 0 || n_cols > EXPORT_MAX_COLUMNS)
		return xt_fail(err, XT_E_USAGE, "table %s: %zu columns, 1 to %d can be",
			       key, n_cols, EXPORT_MAX_COLUMNS);
	out->key = key;
	memcpy(out->cols, cols, n_cols * sizeof(*cols));
	out->n_cols = n_cols;
	return XT_OK;
}

static bool same_shape(const struct ex_shape *s, const char *key,
		       const struct export_column *cols, size_t n_cols)
{
	if (strcmp(s->key, key) != 0 || s->n_cols != n_cols)
		return false;
	for (size_t i = 0; i < n_cols; i++) {
		const char *a = s->cols[i].key;
		const char *b = cols[i].key;

		if (s->cols[i].kind != cols[i].kind || (a == NULL) != (b == NULL) ||
		    (a != NULL && strcmp(a, b) != 0))
			return false;
	}
	return true;
}

enum xt_status export_table_new(struct export_table **out, const char *key,
				const struct export_column *cols, size_t n_cols,
				struct xt_err *err)
{
	struct export_table *t = xt_calloc(1, sizeof(*t));
	enum xt_status rc;

	if (t != NULL)
		t->shapes = xt_calloc(EXPORT_MAX_LEVELS, sizeof(*t->shapes));
	if (t == NULL || t->shapes == NULL) {
		free(t);
		return xt_fail(err, XT_E_NOMEM, "out of memory for table %s", key);
	}
	t->root = t;
	t->n_shapes = 1;
	rc = set_shape(&t->shapes[0], key, cols, n_cols, err);
	if (rc != XT_OK) {
		export_table_free(t);
		return rc;
	}
	*out = t;
	return XT_OK;
}

static bool has_text(enum export_cell_kind kind)
{
	return kind == EXPORT_STR || kind == EXPORT_LABEL || kind == EXPORT_WORDS;
}

/* Our copy of a text or list, given back as the const that a cell holds. */
static void free_cell(struct export_cell *c, enum export_cell_kind kind)
{
	union {
		const void *in;
		void *out;
	} p;

	if (c->absent)
		return;
	if (has_text(kind)) {
		p.in = c->v.str;
		free(p.out);
	} else if (kind == EXPORT_LIST) {
		for (size_t i = 0; i < c->v.list.n; i++) {
			p.in = c->v.list.v[i];
			free(p.out);
		}
		p.in = c->v.list.v;
		free(p.out);
	}
}

static void free_cells(const struct ex_shape *s, struct export_cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free_cell(&cells[i], s->cols[i % s->n_cols].kind);
}

/* A root and all tables of its levels. */
static void free_levels(struct export_table *t)
{
	struct ex_shape *shapes = t->shapes;

	while (t != NULL) {
		struct export_table *next = t->next;

		free_cells(&shapes[t->level], t->cells,
			   t->n_rows * shapes[t->level].n_cols);
		free(t->cells);
		free(t->child);
		free(t);
		t = next;
	}
	free(shapes);
}

void export_table_free(struct export_table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->n_adopted; i++)
		free_levels(t->adopted[i].table);
	free(t->adopted);
	free_levels(t);
}

enum xt_status export_table_adopt(struct export_table *t, size_t row,
				  struct export_table *other, struct xt_err *err)
{
	struct ex_adopted *p;

	if (t->level != 0 || row >= t->n_rows || other->level != 0 || other == t ||
	    other->n_adopted > 0)
		return xt_fail(err, XT_E_USAGE,
			       "table %s cannot stand under row %zu of %s",
			       ex_table_shape(other)->key, row, ex_table_shape(t)->key);
	p = xt_reallocarray(t->adopted, t->n_adopted + 1, sizeof(*p));
	if (p == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for table %s",
			       ex_table_shape(t)->key);
	t->adopted = p;
	t->adopted[t->n_adopted++] = (struct ex_adopted){ row, other };
	return XT_OK;
}

static bool copy_list(struct export_cell *out, const struct export_cell *c)
{
	char **v = xt_calloc(c->v.list.n + 1, sizeof(*v));

	if (v == NULL)
		return false;
	for (size_t i = 0; i < c->v.list.n; i++) {
		v[i] = xt_strdup(c->v.list.v[i]);
		if (v[i] == NULL) {
			while (i > 0)
				free(v[--i]);
			free(v);
			return false;
		}
	}
	out->v.list.v = (const char *const *)v;
	return true;
}

static bool copy_cell(struct export_cell *out, const struct export_cell *c,
		      enum export_cell_kind kind)
{
	*out = *c;
	if (c->absent)
		return true;
	if (has_text(kind)) {
		out->v.str = xt_strdup(c->v.str);
		return out->v.str != NULL;
	}
	return kind != EXPORT_LIST || copy_list(out, c);
}

enum xt_status export_table_row(struct export_table *t, size_t *row,
				const struct export_cell *cells, struct xt_err *err)
{
	const struct ex_shape *s = ex_table_shape(t);
	struct export_cell *to;

	if (t->n_rows == t->cap) {
		const size_t cap = t->cap == 0 ? 8 : t->cap * 2;
		struct export_cell *p = NULL;

		if (cap <= SIZE_MAX / s->n_cols)
			p = xt_reallocarray(t->cells, cap * s->n_cols, sizeof(*p));
		if (p == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory for table %s",
				       s->key);
		t->cells = p;
		t->cap = cap;
	}
	to = &t->cells[t->n_rows * s->n_cols];
	for (size_t i = 0; i < s->n_cols; i++) {
		if (copy_cell(&to[i], &cells[i], s->cols[i].kind))
			continue;
		free_cells(s, to, i);
		return xt_fail(err, XT_E_NOMEM, "out of memory for table %s", s->key);
	}
	if (row != NULL)
		*row = t->n_rows;
	t->n_rows++;
	return XT_OK;
}

enum xt_status export_table_child_shape(struct export_table *t, const char *key,
					const struct export_column *cols, size_t n_cols,
					struct xt_err *err)
{
	const size_t level = t->level + 1;
	struct export_table *root = t->root;
	enum xt_status rc;

	if (level < root->n_shapes) {
		if (same_shape(&root->shapes[level], key, cols, n_cols))
			return XT_OK;
		return xt_fail(err, XT_E_USAGE, "table %s: its children are %s, not %s",
			       ex_table_shape(t)->key, root->shapes[level].key, key);
	}
	if (level >= EXPORT_MAX_LEVELS)
		return xt_fail(err, XT_E_USAGE, "table %s: more than %d levels", key,
			       EXPORT_MAX_LEVELS);
	rc = set_shape(&root->shapes[level], key, cols, n_cols, err);
	if (rc == XT_OK)
		root->n_shapes = level + 1;
	return rc;
}

/* Room for the child of every row there is. */
static enum xt_status reserve_child(struct export_table *t, struct xt_err *err)
{
	struct export_table **p;

	if (t->n_child >= t->n_rows)
		return XT_OK;
	p = xt_reallocarray(t->child, t->cap, sizeof(struct export_table *));
	if (p == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for table %s",
			       ex_table_shape(t)->key);
	for (size_t i = t->n_child; i < t->cap; i++)
		p[i] = NULL;
	t->child = p;
	t->n_child = t->cap;
	return XT_OK;
}

enum xt_status export_table_child(struct export_table *t, size_t row,
				  struct export_table **child, const char *key,
				  const struct export_column *cols, size_t n_cols,
				  struct xt_err *err)
{
	struct export_table *c;
	enum xt_status rc;

	if (row >= t->n_rows)
		return xt_fail(err, XT_E_USAGE, "table %s: no row %zu",
			       ex_table_shape(t)->key, row);
	rc = export_table_child_shape(t, key, cols, n_cols, err);
	if (rc == XT_OK)
		rc = reserve_child(t, err);
	if (rc != XT_OK)
		return rc;
	if (t->child[row] != NULL)
		return xt_fail(err, XT_E_USAGE, "table %s: row %zu has its children",
			       ex_table_shape(t)->key, row);
	c = xt_calloc(1, sizeof(*c));
	if (c == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for table %s", key);
	c->root = t->root;
	c->level = t->level + 1;
	c->next = t->root->next;
	t->root->next = c;
	t->child[row] = c;
	*child = c;
	return XT_OK;
}

size_t export_table_rows(const struct export_table *t)
{
	return t->n_rows;
}

const struct export_table *ex_table_child(const struct export_table *t, size_t row)
{
	return row < t->n_child ? t->child[row] : NULL;
}

void ex_walk_init(struct ex_walk *w, const struct export_table *t)
{
	*w = (struct ex_walk){ .table = { t } };
}

bool ex_walk_next(struct ex_walk *w)
{
	if (!w->begun) {
		w->begun = true;
		return w->table[0]->n_rows > 0;
	}
	if (w->level + 1 < EXPORT_MAX_LEVELS) {
		const struct export_table *c =
		    ex_table_child(w->table[w->level], w->row[w->level]);

		if (c != NULL && c->n_rows > 0) {
			w->level++;
			w->table[w->level] = c;
			w->row[w->level] = 0;
			return true;
		}
	}
	while (++w->row[w->level] >= w->table[w->level]->n_rows) {
		if (w->level == 0)
			return false;
		w->level--;
	}
	return true;
}
