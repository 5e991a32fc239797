#include "internal.h"

#include <string.h>
#include <time.h>

#include <xemtrace/nem.h>

#include "layout.h"

#define GAP EX_GAP

/* What one output needs besides its data. */
struct text {
	struct xt_buf *out;
	struct xt_buf raw; /* one cell, escaped */
	struct xt_buf row; /* the cells of one row, each ended by a zero */
	const struct export_doc *doc;
	unsigned width; /* 0: unlimited */
	struct ex_layout at;
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

/* Without a terminal nothing is wrapped, and what is very long is shortened. */
static size_t limit_of(const struct text *t, enum export_cell_kind kind)
{
	if (t->width > 0)
		return 0;
	return kind == EXPORT_LABEL ? EXPORT_LABEL_COLUMNS
	       : kind == EXPORT_STR ? EXPORT_STR_COLUMNS
				    : 0;
}

/* The cell as the table shows it, put behind what t->row has. */
static enum xt_status add_cell(struct text *t, enum export_cell_kind kind,
			       const struct export_cell *c, struct xt_err *err)
{
	const size_t limit = limit_of(t, kind);
	enum xt_status rc = render(t, kind, c, err);

	if (rc == XT_OK && limit > 0)
		rc = ex_add_short(&t->row, xt_buf_str(&t->raw), limit, err);
	else if (rc == XT_OK)
		rc = xt_buf_add(&t->row, t->raw.data, t->raw.len, err);
	return rc == XT_OK ? xt_buf_add(&t->row, "", 1, err) : rc;
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

/* SGR parameters; NULL: plain. What a colour says is said in words or figures too. */
static const char *paint_of(enum export_cell_kind kind, const struct export_cell *c)
{
	if (c->absent)
		return "2";
	if ((kind == EXPORT_UXEM && c->v.u == 0) ||
	    (kind == EXPORT_VOLUME && c->v.volume == 0))
		return "2";
	return kind == EXPORT_LABEL ? "36" : NULL;
}

static enum xt_status add_painted(struct text *t, const char *paint, const char *s,
				  size_t n, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	if (!t->doc->color)
		paint = NULL;
	if (paint != NULL && n > 0)
		rc = xt_buf_addf(t->out, err, "\x1b[%sm", paint);
	if (rc == XT_OK)
		rc = xt_buf_add(t->out, s, n, err);
	if (rc == XT_OK && paint != NULL && n > 0)
		rc = xt_buf_adds(t->out, "\x1b[0m", err);
	return rc;
}

/* Something to be written in a column, as many lines as it takes. */
struct cell {
	const char *rest;
	const char *paint;
	size_t width;
	bool right;
	bool whole; /* never shortened, however many lines it takes */
};

/* The next piece of a cell, padded. */
static enum xt_status add_piece(struct text *t, struct cell *c, size_t nth,
				struct xt_err *err)
{
	size_t n = ex_wrap(c->rest, c->width);
	const bool cut =
	    !c->whole && nth + 1 == EXPORT_CELL_LINES && c->rest[n] != '\0';
	const char *piece = c->rest;
	enum xt_status rc = XT_OK;
	size_t pad;

	xt_buf_clear(&t->raw);
	if (cut) {
		rc = ex_add_short(&t->raw, c->rest, c->width, err);
		piece = xt_buf_str(&t->raw);
		n = t->raw.len;
		c->rest = "";
	} else {
		c->rest += n;
		c->rest += strspn(c->rest, " ");
	}
	pad = ex_utf8_columns_n(piece, n);
	pad = c->width > pad ? c->width - pad : 0;
	if (rc == XT_OK)
		rc = add_spaces(t->out, c->right ? pad : 0, err);
	if (rc == XT_OK)
		rc = add_painted(t, c->paint, piece, n, err);
	return rc == XT_OK ? add_spaces(t->out, (c->right ? 0 : pad) + GAP, err) : rc;
}

/* Cells beside each other, wrapped each in its column. */
static enum xt_status add_line(struct text *t, struct cell *cells, size_t n,
			       size_t indent, struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	bool more = n > 0;

	for (size_t nth = 0; more && rc == XT_OK; nth++) {
		more = false;
		rc = add_spaces(t->out, indent, err);
		for (size_t i = 0; i < n && rc == XT_OK; i++) {
			rc = add_piece(t, &cells[i], nth, err);
			more = more || cells[i].rest[0] != '\0';
		}
		if (rc == XT_OK)
			rc = end_line(t->out, err);
	}
	return rc;
}

/* Which columns have something to say in some row. */
static void choose_columns(struct text *t, const struct export_table *body)
{
	const struct export_table *root = body->root;
	struct ex_walk w;

	for (size_t l = 0; l < root->n_shapes; l++)
		for (size_t c = 0; c < root->shapes[l].n_cols; c++)
			t->at.shown[l][c] =
			    body->n_rows == 0 && root->shapes[l].cols[c].title != NULL;
	ex_walk_init(&w, body);
	while (ex_walk_next(&w)) {
		const struct export_table *table = w.table[w.level];
		const struct ex_shape *s = ex_table_shape(table);
		const struct export_cell *cells = ex_table_cells(table, w.row[w.level]);

		for (size_t c = 0; c < s->n_cols; c++)
			if (s->cols[c].title != NULL && !cells[c].absent)
				t->at.shown[w.level][c] = true;
	}
}

/* What the columns of all levels need. */
static enum xt_status measure(struct text *t, const struct export_table *body,
			      struct xt_err *err)
{
	const struct export_table *root = body->root;
	enum xt_status rc = XT_OK;
	struct ex_walk w;

	for (size_t l = 0; l < root->n_shapes; l++)
		for (size_t c = 0; c < root->shapes[l].n_cols; c++)
			if (t->at.shown[l][c])
				ex_layout_see(&t->at, l, c,
					      root->shapes[l].cols[c].title);
	ex_walk_init(&w, body);
	while (rc == XT_OK && ex_walk_next(&w)) {
		const struct export_table *table = w.table[w.level];
		const struct ex_shape *s = ex_table_shape(table);
		const struct export_cell *cells = ex_table_cells(table, w.row[w.level]);

		for (size_t c = 0; c < s->n_cols && rc == XT_OK; c++) {
			if (!t->at.shown[w.level][c])
				continue;
			xt_buf_clear(&t->row);
			rc = add_cell(t, s->cols[c].kind, &cells[c], err);
			if (rc == XT_OK)
				ex_layout_see(&t->at, w.level, c, xt_buf_str(&t->row));
		}
	}
	return rc;
}

/* "title: value" where the line stands; `n` columns for the first and its colon. */
static enum xt_status add_titled(struct text *t, const char *title, size_t n,
				 struct cell *v, size_t indent, struct xt_err *err)
{
	const size_t room = t->width - indent;
	const size_t word = ex_longest_word(v->rest);
	enum xt_status rc = XT_OK;

	if (n > 0)
		rc = add_painted(t, "1", title, strlen(title), err);
	if (rc == XT_OK && n > 0)
		rc = xt_buf_adds(t->out, ": ", err);
	if (rc != XT_OK)
		return rc;
	if (n + v->width <= room)
		return add_piece(t, v, 0, err);
	/* It has lines of its own; a hash that fits one is not broken. */
	if (n + EXPORT_LABEL_LEAST < room &&
	    (n + word <= room || word > EXPORT_UNBROKEN)) {
		v->width = room - n;
		rc = add_piece(t, v, 0, err);
	}
	if (rc == XT_OK)
		rc = end_line(t->out, err);
	v->width = word > room - 2 && word <= EXPORT_UNBROKEN ? word : room - 2;
	if (rc == XT_OK && v->rest[0] != '\0')
		rc = add_line(t, v, 1, indent + 2, err);
	/* Whoever comes next ends this line: `used` says that nothing fits on it. */
	if (rc == XT_OK)
		t->out->len--;
	return rc;
}

/* What did not fit on the line of its row: "title: value", one behind the other. */
static enum xt_status add_below(struct text *t, const struct ex_shape *s, size_t level,
				const struct export_cell *cells, struct xt_err *err)
{
	const size_t indent = level * EX_INDENT + EX_FURTHER;
	const size_t room = t->width - indent;
	enum xt_status rc = XT_OK;
	size_t used = 0;

	for (size_t c = 0; c < s->n_cols && rc == XT_OK; c++) {
		struct cell v = { .whole = s->cols[c].kind == EXPORT_WORDS };
		const char *title = s->cols[c].title;
		size_t n = title == NULL ? 0 : ex_utf8_columns(title);

		n += n > 0 ? 2 : 0;
		if (!t->at.shown[level][c] || t->at.width[level][c] > 0)
			continue;
		xt_buf_clear(&t->row);
		rc = add_cell(t, s->cols[c].kind, &cells[c], err);
		if (rc != XT_OK)
			break;
		v.rest = (const char *)t->row.data;
		v.paint = paint_of(s->cols[c].kind, &cells[c]);
		v.width = ex_utf8_columns(v.rest);
		if (used > 0 && used + EX_GAP + n + v.width > room) {
			rc = end_line(t->out, err);
			used = 0;
		}
		if (rc == XT_OK && used == 0)
			rc = add_spaces(t->out, indent, err);
		used += (used > 0 ? EX_GAP : 0) + n + v.width;
		if (rc == XT_OK)
			rc = add_titled(t, title, n, &v, indent, err);
	}
	return rc == XT_OK && used > 0 ? end_line(t->out, err) : rc;
}

/* The cells of one level, or its titles if `cells` is NULL. */
static enum xt_status add_level(struct text *t, const struct ex_shape *s, size_t level,
				const struct export_cell *cells, struct xt_err *err)
{
	struct cell line[EXPORT_MAX_COLUMNS];
	enum xt_status rc = XT_OK;
	size_t n = 0;

	xt_buf_clear(&t->row);
	for (size_t c = 0; c < s->n_cols && rc == XT_OK; c++) {
		const enum export_cell_kind kind = s->cols[c].kind;

		if (!t->at.shown[level][c] || t->at.width[level][c] == 0)
			continue;
		line[n++] = (struct cell){
			.rest = s->cols[c].title,
			.paint = cells == NULL ? "1" : paint_of(kind, &cells[c]),
			.width = t->at.width[level][c],
			.right = is_right(kind),
			.whole = kind == EXPORT_WORDS,
		};
		if (cells != NULL)
			rc = add_cell(t, kind, &cells[c], err);
	}
	/* The buffer has grown to its end: now its texts have their places. */
	for (size_t i = 0, offset = 0; cells != NULL && rc == XT_OK && i < n; i++) {
		line[i].rest = (const char *)t->row.data + offset;
		offset += strlen(line[i].rest) + 1;
	}
	if (rc == XT_OK)
		rc = add_line(t, line, n, level * EX_INDENT, err);
	if (rc == XT_OK && cells != NULL && t->at.below[level])
		rc = add_below(t, s, level, cells, err);
	return rc;
}

static enum xt_status add_body(struct text *t, const struct export_table *body,
			       struct xt_err *err)
{
	const struct export_table *root = body->root;
	enum xt_status rc;
	struct ex_walk w;

	memset(&t->at, 0, sizeof(t->at));
	choose_columns(t, body);
	rc = measure(t, body, err);
	ex_layout_fit(&t->at, root, t->width);
	for (size_t l = 0; l < root->n_shapes && rc == XT_OK; l++)
		rc = add_level(t, &root->shapes[l], l, NULL, err);
	ex_walk_init(&w, body);
	while (rc == XT_OK && ex_walk_next(&w)) {
		const struct export_table *table = w.table[w.level];

		/* Rows that stand in several lines must be told apart. */
		if (w.level == 0 && (root->n_shapes > 1 || t->at.below[0]))
			rc = xt_buf_adds(t->out, "\n", err);
		if (rc == XT_OK)
			rc = add_level(t, ex_table_shape(table), w.level,
				       ex_table_cells(table, w.row[w.level]), err);
	}
	if (rc == XT_OK && body->n_rows == 0)
		rc = xt_buf_adds(t->out, "(none)\n", err);
	return rc;
}

/* One figure of a head. What does not fit beside its title stands below it. */
static enum xt_status add_figure(struct text *t, const char *title, size_t widest,
				 const struct export_column *col,
				 const struct export_cell *cell, struct xt_err *err)
{
	const size_t width = t->width;
	struct cell line[2] = {
		{ .rest = title, .width = widest, .whole = true },
		{ .paint = paint_of(col->kind, cell), .whole = true },
	};
	enum xt_status rc = render(t, col->kind, cell, err);
	size_t n = 2;

	xt_buf_clear(&t->row);
	if (rc == XT_OK)
		rc = xt_buf_add(&t->row, t->raw.data, t->raw.len, err);
	if (rc != XT_OK)
		return rc;
	line[1].rest = xt_buf_str(&t->row);
	line[1].width = ex_utf8_columns(line[1].rest);
	if (width > 0 && widest + GAP + line[1].width > width) {
		const size_t word = ex_longest_word(line[1].rest);
		const size_t beside = width > widest + GAP ? width - widest - GAP : 0;
		const bool below = beside < word || beside < EXPORT_WORDS_LEAST;
		const size_t room = below ? width - EX_FURTHER : beside;

		line[1].width = room < word && word <= EXPORT_UNBROKEN ? word : room;
		if (below) {
			rc = add_line(t, line, 1, 0, err);
			n = 1;
		}
	}
	if (rc == XT_OK)
		rc = n == 2 ? add_line(t, line, 2, 0, err)
			    : add_line(t, &line[1], 1, EX_FURTHER, err);
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
	for (size_t c = 0; c < s->n_cols && rc == XT_OK; c++)
		if (s->cols[c].title != NULL)
			rc = add_figure(t, s->cols[c].title, widest, &s->cols[c],
					&cells[c], err);
	return rc;
}

static enum xt_status add_warning(struct text *t, const char *text, struct xt_err *err)
{
	static const char sign[] = "warning: ";
	const size_t n = sizeof(sign) - 1;
	struct cell line = { .whole = true };
	enum xt_status rc = add_painted(t, "33", sign, n - 1, err);

	xt_buf_clear(&t->row);
	if (rc == XT_OK)
		rc = xt_buf_adds(t->out, " ", err);
	if (rc == XT_OK)
		rc = add_escaped(&t->row, text, err);
	if (rc != XT_OK)
		return rc;
	line.rest = xt_buf_str(&t->row);
	line.width = t->width > 2 * n ? t->width - n : ex_utf8_columns(line.rest);
	rc = add_piece(t, &line, 0, err);
	if (rc == XT_OK)
		rc = end_line(t->out, err);
	return rc == XT_OK && line.rest[0] != '\0' ? add_line(t, &line, 1, n, err) : rc;
}

/* Lines as they are, or wrapped below where each begins. */
static enum xt_status add_lines(struct text *t, const char *lines, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	while (*lines != '\0' && rc == XT_OK) {
		const size_t n = strcspn(lines, "\n");
		size_t indent = strspn(lines, " ");
		struct cell cell = { .whole = true };

		xt_buf_clear(&t->row);
		rc = xt_buf_add(&t->row, lines + indent, n - indent, err);
		if (rc != XT_OK)
			break;
		cell.rest = xt_buf_str(&t->row);
		cell.width = ex_utf8_columns(cell.rest);
		if (t->width > 0 && indent + cell.width > t->width) {
			indent = indent > t->width / 2 ? t->width / 2 : indent;
			cell.width = t->width - indent;
		}
		rc = add_spaces(t->out, indent, err);
		if (rc == XT_OK)
			rc = add_piece(t, &cell, 0, err);
		if (rc == XT_OK)
			rc = end_line(t->out, err);
		if (rc == XT_OK && cell.rest[0] != '\0') {
			cell.width -= EX_FURTHER;
			rc = add_line(t, &cell, 1, indent + EX_FURTHER, err);
		}
		lines += n + (lines[n] == '\n');
	}
	return rc;
}

enum xt_status ex_write_text(struct xt_buf *out, const struct export_doc *doc,
			     struct xt_err *err)
{
	struct text t = { .out = out, .doc = doc, .width = doc->width };
	enum xt_status rc = XT_OK;

	if (t.width > 0 && t.width < EXPORT_LEAST_WIDTH)
		t.width = EXPORT_LEAST_WIDTH;
	xt_buf_init(&t.row, EXPORT_MAX_BYTES);
	xt_buf_init(&t.raw, EXPORT_MAX_BYTES);
	if (doc->lines != NULL)
		rc = add_lines(&t, doc->lines, err);
	if (rc == XT_OK && doc->head != NULL)
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
	for (size_t i = 0; i < doc->n_warnings && rc == XT_OK; i++)
		rc = add_warning(&t, doc->warning_texts[i], err);
	xt_buf_release(&t.raw);
	xt_buf_release(&t.row);
	return rc;
}
