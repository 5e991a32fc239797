/* Deposits at services as a table. docs/output-schema.md names every column. */
#include <xemtrace/export.h>

#include <string.h>

#include "internal.h"

static const struct export_column service_columns[] = {
	{ .key = "name", .title = "service", .kind = EXPORT_LABEL },
	{ .key = "confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "category", .title = "category", .kind = EXPORT_STR },
	{ .key = "label_source", .kind = EXPORT_STR },
	{ .key = "service", .kind = EXPORT_BOOL },
	{ .key = "address", .title = "address", .kind = EXPORT_STR },
	{ .key = "tainted_volume", .title = "tainted", .kind = EXPORT_VOLUME },
	{ .key = "incomplete_volume", .title = "uncertain", .kind = EXPORT_VOLUME },
	{ .key = "amount_volume", .title = "amount", .kind = EXPORT_VOLUME },
	{ .key = "count", .title = "transfers", .kind = EXPORT_INT },
	{ .key = "first", .title = "first", .kind = EXPORT_TIME },
	{ .key = "last", .title = "last", .kind = EXPORT_TIME },
	{ .key = "time_kind", .title = "time", .kind = EXPORT_STR },
	BASIS_COLUMNS,
	{ .key = "low_uxem", .title = "at least", .kind = EXPORT_UXEM },
	{ .key = "high_uxem", .title = "at most", .kind = EXPORT_UXEM },
	{ .key = "bounds_exact", .kind = EXPORT_BOOL },
	VALUE_COLUMNS,
	GROUP_COLUMNS,
};
static const struct export_column memo_columns[] = {
	{ .key = "text", .title = "memo", .kind = EXPORT_LABEL },
	{ .key = "kind", .title = "kind", .kind = EXPORT_STR },
	{ .key = "sender", .title = "encrypted by", .kind = EXPORT_STR },
	{ .key = "tainted_volume", .title = "tainted", .kind = EXPORT_VOLUME },
	{ .key = "incomplete_volume", .title = "uncertain", .kind = EXPORT_VOLUME },
	{ .key = "amount_volume", .title = "amount", .kind = EXPORT_VOLUME },
	{ .key = "count", .title = "transfers", .kind = EXPORT_INT },
	{ .key = "first", .title = "first", .kind = EXPORT_TIME },
	{ .key = "last", .title = "last", .kind = EXPORT_TIME },
	{ .key = "time_kind", .title = "time", .kind = EXPORT_STR },
	BASIS_COLUMNS,
	{ .key = "length", .kind = EXPORT_INT },
	{ .key = "alphabet", .title = "written in", .kind = EXPORT_STR },
	VALUE_COLUMNS,
	/* of a group's wallet; else the service has them */
	{ .key = "address", .title = "wallet", .kind = EXPORT_STR },
	{ .key = "confidence", .title = "conf", .kind = EXPORT_INT },
};
static const struct export_column deposit_columns[] = {
	{ .key = "time", .title = "deposit", .kind = EXPORT_TIME },
	{ .key = "time_last", .title = "until", .kind = EXPORT_TIME },
	{ .key = "time_kind", .title = "time", .kind = EXPORT_STR },
	{ .key = "height", .title = "height", .kind = EXPORT_INT },
	{ .key = "order_known", .kind = EXPORT_BOOL },
	{ .key = "movement", .kind = EXPORT_STR },
	{ .key = "sender", .title = "sender", .kind = EXPORT_STR },
	{ .key = "amount_uxem", .title = "amount", .kind = EXPORT_UXEM },
	{ .key = "tainted_uxem", .title = "tainted", .kind = EXPORT_UXEM },
	{ .key = "count", .title = "transfers", .kind = EXPORT_INT },
	{ .key = "provenance", .title = "stands on", .kind = EXPORT_STR },
	{ .key = "hash", .kind = EXPORT_STR },
	{ .key = "record", .kind = EXPORT_STR },
	{ .title = "hash or record", .kind = EXPORT_WORDS },
	VALUE_COLUMNS,
};

static const char *memo_kind_name(enum graph_memo_kind kind)
{
	switch (kind) {
	case GRAPH_MEMO_NONE:
		return "none";
	case GRAPH_MEMO_PLAIN:
		return "plain";
	case GRAPH_MEMO_ENCRYPTED:
		return "encrypted";
	}
	return NULL;
}

static bool is_hash(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

static enum xt_status add_deposit(struct export_table *t, const struct graph *g,
				  const struct analyse_exchanges *e, size_t at,
				  struct xt_err *err)
{
	const struct analyse_deposit *d = &e->deposits[at];
	const struct analyse_value worth = analyse_deposits_value(e, g, at, at + 1);
	char value[64];
	struct export_cell c[XT_ARRAY_SIZE(deposit_columns)];
	const struct graph_event *moved = &g->events[d->event];
	const uint32_t tx = g->event_tx[d->event];
	const struct graph_tx *x = &g->txs[tx];
	const char *ref = g->tx_ref != NULL ? g->tx_ref[tx] : "";

	c[0] = ex_cell_time(g, d->event, false);
	c[1] =
	    x->time_last != x->time ? ex_cell_time(g, d->event, true) : ex_cell_none();
	c[2] = ex_cell_str(ex_time_kind_name(x->time_kind));
	c[3] = x->height_known ? ex_cell_int(x->height) : ex_cell_none();
	c[4] = ex_cell_bool(x->order_known != 0);
	c[5] = ex_cell_str(nem_movement_name(graph_kind(moved)));
	c[6] = moved->from != GRAPH_NONE ? ex_cell_str(g->party[moved->from].s)
					 : ex_cell_none();
	c[7] = ex_cell_uxem(graph_amount(moved));
	c[8] = ex_cell_uxem(d->tainted);
	c[9] = x->count > 0 ? ex_cell_int(x->count) : ex_cell_none();
	c[10] =
	    x->provenance != 0
		? ex_cell_str(nem_provenance_name((enum nem_provenance)x->provenance))
		: ex_cell_none();
	c[11] = is_hash(ref) ? ex_cell_str(ref) : ex_cell_none();
	c[12] = is_hash(ref) ? ex_cell_none() : ex_cell_str(ref);
	c[13] = ex_cell_str(ref);
	ex_cells_value(&c[14], value, &worth);
	return export_table_row(t, NULL, c, err);
}

static enum xt_status add_memo(struct export_table *t, const struct graph *g,
			       const struct analyse_exchanges *e,
			       const struct analyse_memo_row *m, bool folded,
			       struct xt_buf *words, struct xt_err *err)
{
	const struct analyse_value worth =
	    analyse_deposits_value(e, g, m->deposit_from, m->deposit_to);
	const struct graph_label *l = ex_label_of(g, m->account);
	char value[64];
	struct export_cell c[XT_ARRAY_SIZE(memo_columns)];
	const struct graph_memo *memo = &g->memos[m->memo];
	const bool encrypted = memo->kind == GRAPH_MEMO_ENCRYPTED;
	struct export_table *child;
	enum xt_status rc;
	size_t row;

	/* An empty plain text is a text; an encrypted one has none that we could read.
	 */
	c[0] = memo->kind == GRAPH_MEMO_PLAIN && memo->text != NULL
		   ? (struct export_cell){ .v.str = memo->text }
		   : ex_cell_none();
	c[1] = ex_cell_str(memo_kind_name(memo->kind));
	c[2] = encrypted && memo->sender < g->n_accounts
		   ? ex_cell_str(g->party[memo->sender].s)
		   : ex_cell_none();
	c[3] = ex_cell_volume(m->tainted);
	c[4] = ex_cell_volume(m->incomplete);
	c[5] = ex_cell_volume(m->amount);
	c[6] = m->count_known ? ex_cell_int(m->count) : ex_cell_none();
	c[7] = ex_cell_time(g, m->first, false);
	c[8] = ex_cell_time(g, m->last, true);
	c[9] = ex_cell_time_kind(g, m->first, m->last);
	rc = ex_cells_basis(&c[10], words, &m->basis, err);
	if (rc != XT_OK)
		return rc;
	c[17] = c[0].absent || memo->text == NULL ? ex_cell_none()
						  : ex_cell_int(strlen(memo->text));
	c[18] =
	    c[0].absent
		? ex_cell_none()
		: ex_cell_str(analyse_alphabet_name(analyse_alphabet_of(memo->text)));
	ex_cells_value(&c[19], value, &worth);
	c[21] = folded ? ex_cell_str(g->party[m->account].s) : ex_cell_none();
	c[22] = folded && l != NULL ? ex_cell_int(l->confidence) : ex_cell_none();
	rc = export_table_row(t, &row, c, err);
	if (rc != XT_OK)
		return rc;
	rc = export_table_child(t, row, &child, "deposits", deposit_columns,
				XT_ARRAY_SIZE(deposit_columns), err);
	if (rc != XT_OK)
		return rc;
	for (size_t i = m->deposit_from; i < m->deposit_to && rc == XT_OK; i++)
		rc = add_deposit(child, g, e, i, err);
	return rc;
}

/* A folded row stands on the reasons of its group, and on the label of each wallet. */
static struct export_cell least_confidence(const struct graph *g,
					   const struct analyse_exchanges *e,
					   const struct analyse_service_row *s)
{
	uint32_t least = s->group->has_confidence ? s->group->confidence : UINT32_MAX;

	for (size_t i = s->memo_from; i < s->memo_to; i++) {
		const struct graph_label *l = ex_label_of(g, e->memos[i].account);

		if (l != NULL && l->confidence < least)
			least = l->confidence;
	}
	return least != UINT32_MAX ? ex_cell_int(least) : ex_cell_none();
}

static enum xt_status add_service(struct export_table *t, const struct graph *g,
				  const struct analyse_exchanges *e,
				  const struct analyse_service_row *s,
				  struct xt_buf *words, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(service_columns)];
	struct analyse_value worth = analyse_value_none(e->prices);
	struct export_table *child;
	char value[64];
	enum xt_status rc;
	size_t row;

	ex_cells_label(c, g, s->account, s->group);
	c[5] = ex_cell_str(g->party[s->account].s);
	if (s->group != NULL) {
		c[1] = least_confidence(g, e, s);
		c[5] = ex_cell_none();
	}
	c[6] = ex_cell_volume(s->tainted);
	c[7] = ex_cell_volume(s->incomplete);
	c[8] = ex_cell_volume(s->amount);
	c[9] = s->count_known ? ex_cell_int(s->count) : ex_cell_none();
	c[10] = ex_cell_time(g, s->first, false);
	c[11] = ex_cell_time(g, s->last, true);
	c[12] = ex_cell_time_kind(g, s->first, s->last);
	rc = ex_cells_basis(&c[13], words, &s->basis, err);
	if (rc != XT_OK)
		return rc;
	c[20] = s->has_bounds ? ex_cell_uxem(s->low) : ex_cell_none();
	c[21] = s->has_bounds ? ex_cell_uxem(s->high) : ex_cell_none();
	c[22] = s->has_bounds ? ex_cell_bool(s->bounds_exact) : ex_cell_none();
	for (size_t i = s->memo_from; i < s->memo_to; i++) {
		const struct analyse_value part = analyse_deposits_value(
		    e, g, e->memos[i].deposit_from, e->memos[i].deposit_to);

		analyse_value_sum(&worth, &part);
	}
	ex_cells_value(&c[23], value, &worth);
	ex_cells_group(&c[25], s->group);
	rc = export_table_row(t, &row, c, err);
	if (rc != XT_OK)
		return rc;
	rc = export_table_child(t, row, &child, "memos", memo_columns,
				XT_ARRAY_SIZE(memo_columns), err);
	if (rc != XT_OK)
		return rc;
	for (size_t i = s->memo_from; i < s->memo_to && rc == XT_OK; i++)
		rc = add_memo(child, g, e, &e->memos[i], s->group != NULL, words, err);
	return rc;
}

/* The shapes of memos and deposits stand even where there is no service to show. */
static enum xt_status exchange_shapes(struct export_table *t, struct xt_err *err)
{
	struct export_table level = { .root = t, .level = 1 };
	enum xt_status rc = export_table_child_shape(t, "memos", memo_columns,
						     XT_ARRAY_SIZE(memo_columns), err);

	if (rc == XT_OK)
		rc = export_table_child_shape(&level, "deposits", deposit_columns,
					      XT_ARRAY_SIZE(deposit_columns), err);
	return rc;
}

enum xt_status export_exchanges(struct export_table **out, const struct graph *g,
				const struct analyse_exchanges *e, struct xt_err *err)
{
	struct export_table *t;
	struct xt_buf words;
	enum xt_status rc = export_table_new(&t, "services", service_columns,
					     XT_ARRAY_SIZE(service_columns), err);

	if (rc != XT_OK)
		return rc;
	xt_buf_init(&words, EXPORT_MAX_BYTES);
	rc = exchange_shapes(t, err);
	for (size_t i = 0; i < e->n_services && rc == XT_OK; i++)
		rc = add_service(t, g, e, &e->services[i], &words, err);
	xt_buf_release(&words);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}
