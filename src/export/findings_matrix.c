/* Senders against receivers: wide for people and spreadsheets, nested for programs. */
#include <xemtrace/findings.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Cells of a wide CSV: past this it is no table that anybody could open. */
#define MAX_CELLS ((uint64_t)1 << 26)

static const char *name_of(const struct graph *g, const struct analyse_matrix_side *s)
{
	return s->group != NULL ? s->group->name : g->party[s->account].s;
}

/* Address, label, confidence, group, wallets. */
#define N_SIDE 5
static void side_cells(struct export_cell *c, const struct graph *g,
		       const struct analyse_matrix_side *s)
{
	struct export_cell label[N_LABEL];

	ex_cells_label(label, g, s->account, s->group);
	c[0] = s->group == NULL ? ex_cell_str(g->party[s->account].s) : ex_cell_none();
	c[1] = label[0];
	c[2] = label[1];
	ex_cells_group(&c[3], s->group);
}

/* ---- for programs ------------------------------------------------------------------ */

static const struct export_column sender_columns[] = {
	{ .key = "sender", .kind = EXPORT_STR },
	{ .key = "sender_label", .kind = EXPORT_STR },
	{ .key = "sender_confidence", .kind = EXPORT_INT },
	{ .key = "sender_group", .kind = EXPORT_STR },
	{ .key = "sender_wallets", .kind = EXPORT_INT },
	{ .key = "total", .kind = EXPORT_BOOL },
	{ .key = "total_volume", .kind = EXPORT_VOLUME },
	{ .key = "count", .kind = EXPORT_INT },
};

static const struct export_column cell_columns[] = {
	{ .key = "recipient", .kind = EXPORT_STR },
	{ .key = "recipient_label", .kind = EXPORT_STR },
	{ .key = "recipient_confidence", .kind = EXPORT_INT },
	{ .key = "recipient_group", .kind = EXPORT_STR },
	{ .key = "recipient_wallets", .kind = EXPORT_INT },
	{ .key = "amount_volume", .kind = EXPORT_VOLUME },
	{ .key = "tainted_volume", .kind = EXPORT_VOLUME },
	{ .key = "count", .kind = EXPORT_INT },
	VALUE_COLUMNS,
};

static enum xt_status add_cell(struct export_table *t, const struct graph *g,
			       const struct analyse_matrix_side *to,
			       const struct analyse_table_row *row, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(cell_columns)];
	char value[64];

	side_cells(c, g, to);
	if (row == NULL) {
		c[5] = ex_cell_volume(to->total);
		c[6] = ex_cell_none();
		c[7] = to->count_known ? ex_cell_int(to->count) : ex_cell_none();
		c[8] = ex_cell_none();
		c[9] = ex_cell_none();
	} else {
		c[5] = ex_cell_volume(row->amount);
		c[6] = row->taint_known ? ex_cell_volume(row->tainted) : ex_cell_none();
		c[7] = row->count_known ? ex_cell_int(row->count) : ex_cell_none();
		ex_cells_value(&c[8], value, &row->value);
	}
	return export_table_row(t, NULL, c, err);
}

/* `sender` NULL: the totals of the receivers. *at: where its cells begin, then end. */
static enum xt_status add_sender(struct export_table *t, const struct graph *g,
				 const struct analyse_matrix *m,
				 const struct analyse_matrix_side *sender, size_t *at,
				 struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(sender_columns)];
	struct export_table *child = NULL;
	size_t row;
	enum xt_status rc;

	for (size_t i = 0; i < N_SIDE; i++)
		c[i] = ex_cell_none();
	if (sender != NULL)
		side_cells(c, g, sender);
	c[5] = ex_cell_bool(sender == NULL);
	c[6] = ex_cell_volume(sender != NULL ? sender->total : m->total);
	c[7] = sender != NULL && sender->count_known ? ex_cell_int(sender->count)
						     : ex_cell_none();
	rc = export_table_row(t, &row, c, err);
	if (rc == XT_OK)
		rc = export_table_child(t, row, &child, "cells", cell_columns,
					XT_ARRAY_SIZE(cell_columns), err);
	for (size_t i = 0; sender == NULL && i < m->n_recipients && rc == XT_OK; i++)
		rc = add_cell(child, g, &m->recipients[i], NULL, err);
	for (; sender != NULL && *at < m->n_cells && rc == XT_OK &&
	       &m->senders[m->cells[*at].sender] == sender;
	     (*at)++)
		rc = add_cell(child, g, &m->recipients[m->cells[*at].recipient],
			      &m->rows[m->cells[*at].row], err);
	return rc;
}

enum xt_status export_matrix(struct export_table **out, const struct graph *g,
			     const struct analyse_matrix *m, struct xt_err *err)
{
	struct export_table *t;
	size_t at = 0;
	enum xt_status rc = export_table_new(&t, "senders", sender_columns,
					     XT_ARRAY_SIZE(sender_columns), err);

	if (rc != XT_OK)
		return rc;
	rc = export_table_child_shape(t, "cells", cell_columns,
				      XT_ARRAY_SIZE(cell_columns), err);
	for (size_t i = 0; i < m->n_senders && rc == XT_OK; i++)
		rc = add_sender(t, g, m, &m->senders[i], &at, err);
	if (rc == XT_OK && m->n_cells > 0)
		rc = add_sender(t, g, m, NULL, &at, err);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

/* ---- for people -------------------------------------------------------------------- */

/* Sender, label and confidence before the receivers; the others and the total behind. */
#define BEFORE 3
#define BEHIND 2

static enum xt_status text_row(struct export_table *t, const struct graph *g,
			       const struct analyse_matrix *m,
			       const struct analyse_matrix_side *sender, size_t shown,
			       size_t *at, struct xt_err *err)
{
	struct export_cell c[EXPORT_MAX_COLUMNS];
	struct export_cell side[N_SIDE];
	xt_u128 others = 0;

	if (sender != NULL)
		side_cells(side, g, sender);
	c[0] = sender != NULL ? side[0] : ex_cell_str("total");
	c[1] = sender != NULL ? side[1] : ex_cell_none();
	c[2] = sender != NULL ? side[2] : ex_cell_none();
	for (size_t i = 0; i < shown; i++)
		c[BEFORE + i] = sender != NULL ? ex_cell_none()
					       : ex_cell_volume(m->recipients[i].total);
	for (size_t i = shown; sender == NULL && i < m->n_recipients; i++)
		others += m->recipients[i].total;
	for (; sender != NULL && *at < m->n_cells &&
	       &m->senders[m->cells[*at].sender] == sender;
	     (*at)++) {
		const struct analyse_matrix_cell *cell = &m->cells[*at];

		if (cell->recipient < shown)
			c[BEFORE + cell->recipient] =
			    ex_cell_volume(m->rows[cell->row].amount);
		else
			others += m->rows[cell->row].amount;
	}
	c[BEFORE + shown] =
	    shown < m->n_recipients ? ex_cell_volume(others) : ex_cell_none();
	c[BEFORE + shown + 1] =
	    ex_cell_volume(sender != NULL ? sender->total : m->total);
	return export_table_row(t, NULL, c, err);
}

static const struct export_column legend_columns[] = {
	{ .key = "column", .title = "column", .kind = EXPORT_STR },
	{ .key = "recipient", .title = "recipient", .kind = EXPORT_STR },
	{ .key = "label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "group", .kind = EXPORT_STR },
	{ .key = "wallets", .title = "wallets", .kind = EXPORT_INT },
	{ .key = "total_volume", .title = "received", .kind = EXPORT_VOLUME },
};

static enum xt_status legend(struct export_table **out, const struct graph *g,
			     const struct analyse_matrix *m, size_t shown,
			     struct xt_err *err)
{
	struct export_table *t;
	enum xt_status rc = export_table_new(&t, "recipients", legend_columns,
					     XT_ARRAY_SIZE(legend_columns), err);

	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < shown && rc == XT_OK; i++) {
		struct export_cell c[XT_ARRAY_SIZE(legend_columns)];
		char ref[8];

		(void)snprintf(ref, sizeof(ref), "[%u]", (unsigned)i + 1);
		c[0] = ex_cell_str(ref);
		side_cells(&c[1], g, &m->recipients[i]);
		c[6] = ex_cell_volume(m->recipients[i].total);
		rc = export_table_row(t, NULL, c, err);
	}
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

enum xt_status export_matrix_text(struct export_table **out, const struct graph *g,
				  const struct analyse_matrix *m, size_t columns,
				  struct xt_err *err)
{
	/* Titles are borrowed by the table: they outlive it. */
	static const char *const refs[EXPORT_MATRIX_COLUMNS] = {
		"[1]",  "[2]",  "[3]",  "[4]",  "[5]",  "[6]",  "[7]",  "[8]",
		"[9]",  "[10]", "[11]", "[12]", "[13]", "[14]", "[15]", "[16]",
		"[17]", "[18]", "[19]", "[20]", "[21]", "[22]", "[23]", "[24]",
	};
	struct export_column cols[EXPORT_MAX_COLUMNS] = {
		{ .title = "sender", .kind = EXPORT_STR },
		{ .title = "label", .kind = EXPORT_LABEL },
		{ .title = "conf", .kind = EXPORT_INT },
	};
	struct export_table *t;
	struct export_table *names = NULL;
	size_t at = 0;
	size_t shown = m->n_recipients < columns ? m->n_recipients : columns;
	enum xt_status rc;

	if (shown > EXPORT_MATRIX_COLUMNS)
		shown = EXPORT_MATRIX_COLUMNS;
	for (size_t i = 0; i < shown; i++)
		cols[BEFORE + i] =
		    (struct export_column){ .title = refs[i], .kind = EXPORT_VOLUME };
	cols[BEFORE + shown] =
	    (struct export_column){ .title = "others", .kind = EXPORT_VOLUME };
	cols[BEFORE + shown + 1] =
	    (struct export_column){ .title = "total", .kind = EXPORT_VOLUME };
	rc = export_table_new(&t, "senders", cols, BEFORE + shown + BEHIND, err);
	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < m->n_senders && rc == XT_OK; i++)
		rc = text_row(t, g, m, &m->senders[i], shown, &at, err);
	if (rc == XT_OK && m->n_cells > 0) {
		rc = text_row(t, g, m, NULL, shown, &at, err);
		if (rc == XT_OK)
			rc = legend(&names, g, m, shown, err);
		if (rc == XT_OK)
			rc = export_table_adopt(t, 0, names, err);
		if (rc != XT_OK)
			export_table_free(names);
	}
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

/* ---- for spreadsheets -------------------------------------------------------------- */

struct csv {
	struct xt_buf b, tmp;
	struct xt_err *err;
	enum xt_status rc;
};

static void put(struct csv *c, const char *text)
{
	if (c->rc == XT_OK)
		c->rc = xt_buf_adds(&c->b, text, c->err);
}

/* Quoted always: what a field holds then needs no second look. */
static void put_text(struct csv *c, const char *text)
{
	xt_buf_clear(&c->tmp);
	if (c->rc == XT_OK)
		c->rc = export_escape(&c->tmp, EXPORT_CSV, text, strlen(text), c->err);
	if (c->rc != XT_OK)
		return;
	put(c, "\"");
	for (const char *p = xt_buf_str(&c->tmp); *p != '\0' && c->rc == XT_OK; p++)
		c->rc = *p == '"' ? xt_buf_adds(&c->b, "\"\"", c->err)
				  : xt_buf_add(&c->b, p, 1, c->err);
	put(c, "\"");
}

static void put_volume(struct csv *c, xt_u128 v)
{
	char text[41];

	text[0] = ',';
	xt_u128_format(text + 1, v);
	if (c->rc == XT_OK)
		c->rc = xt_buf_adds(&c->b, text, c->err);
}

static void put_sender(struct csv *c, const struct graph *g,
		       const struct analyse_matrix *m, size_t s, size_t *at)
{
	const struct analyse_matrix_side *side = &m->senders[s];
	struct export_cell cells[N_SIDE];
	char confidence[16] = "";

	side_cells(cells, g, side);
	put_text(c, name_of(g, side));
	put(c, ",");
	put_text(c, cells[1].absent ? "" : cells[1].v.str);
	if (!cells[2].absent)
		(void)snprintf(confidence, sizeof(confidence), "%u",
			       (unsigned)cells[2].v.u);
	put(c, ",");
	put(c, confidence);
	for (size_t r = 0; r < m->n_recipients; r++) {
		const struct analyse_matrix_cell *cell = &m->cells[*at];

		if (*at < m->n_cells && cell->sender == s && cell->recipient == r) {
			put_volume(c, m->rows[cell->row].amount);
			(*at)++;
		} else {
			put_volume(c, 0);
		}
	}
	put_volume(c, side->total);
	put(c, "\n");
}

enum xt_status export_matrix_csv(FILE *f, const struct graph *g,
				 const struct analyse_matrix *m, struct xt_err *err)
{
	struct csv c = { .err = err, .rc = XT_OK };
	size_t at = 0;

	if ((uint64_t)m->n_senders * m->n_recipients > MAX_CELLS)
		return xt_fail(
		    err, XT_E_LIMIT,
		    "a matrix of %zu senders and %zu recipients is too wide: "
		    "narrow it, or take pairs",
		    m->n_senders, m->n_recipients);
	xt_buf_init(&c.b, EXPORT_MAX_BYTES);
	xt_buf_init(&c.tmp, EXPORT_MAX_BYTES);
	put(&c, "sender,sender_label,sender_confidence");
	for (size_t r = 0; r < m->n_recipients; r++) {
		put(&c, ",");
		put_text(&c, name_of(g, &m->recipients[r]));
	}
	put(&c, ",total\n");
	for (size_t s = 0; s < m->n_senders; s++)
		put_sender(&c, g, m, s, &at);
	put(&c, "total,,");
	for (size_t r = 0; r < m->n_recipients; r++)
		put_volume(&c, m->recipients[r].total);
	put_volume(&c, m->total);
	put(&c, "\n");
	if (c.rc == XT_OK)
		c.rc = ex_write_all(f, &c.b, err);
	xt_buf_release(&c.b);
	xt_buf_release(&c.tmp);
	return c.rc;
}
