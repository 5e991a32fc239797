/* Tables of transfers, and balances over time. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xemtrace/findings.h>

#include "findings_event.h"

static const struct export_column columns[] = {
	{ .key = "day", .title = "day", .kind = EXPORT_STR },
	{ .key = "sender", .title = "sender", .kind = EXPORT_STR },
	{ .key = "sender_label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "sender_confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "recipient", .title = "recipient", .kind = EXPORT_STR },
	{ .key = "recipient_label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "recipient_confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "count", .title = "transfers", .kind = EXPORT_INT },
	{ .key = "amount_volume", .title = "amount", .kind = EXPORT_VOLUME },
	{ .key = "tainted_volume", .title = "stolen", .kind = EXPORT_VOLUME },
	VALUE_COLUMNS,
	{ .key = "first", .title = "first", .kind = EXPORT_TIME },
	{ .key = "last", .title = "last", .kind = EXPORT_TIME },
	{ .key = "time_kind", .title = "time", .kind = EXPORT_STR },
	BASIS_COLUMNS,
	{ .key = "hash", .kind = EXPORT_STR },
	{ .key = "record", .kind = EXPORT_STR },
	{ .title = "hash or record", .kind = EXPORT_WORDS },
	{ .key = "sender_group", .kind = EXPORT_STR },
	{ .key = "sender_wallets", .title = "sender's wallets", .kind = EXPORT_INT },
	{ .key = "recipient_group", .kind = EXPORT_STR },
	{ .key = "recipient_wallets",
	  .title = "recipient's wallets",
	  .kind = EXPORT_INT },
};

static void party_cells(struct export_cell *c, const struct graph *g, uint32_t account,
			const struct analyse_group *group)
{
	const struct graph_label *l =
	    account != GRAPH_NONE ? ex_label_of(g, account) : NULL;

	if (group != NULL) {
		c[0] = ex_cell_none();
		c[1] = ex_cell_str(group->name);
		c[2] = ex_cell_group_confidence(group);
		return;
	}

	c[0] =
	    account != GRAPH_NONE ? ex_cell_str(g->party[account].s) : ex_cell_none();
	c[1] = ex_cell_str(l != NULL ? l->text : NULL);
	c[2] = l != NULL ? ex_cell_int(l->confidence) : ex_cell_none();
}

static void ref_cells(struct export_cell *c, const struct graph *g,
		      const struct analyse_table_row *row, bool one)
{
	const char *ref =
	    one && g->tx_ref != NULL ? g->tx_ref[g->event_tx[row->first]] : "";
	const bool hash = strlen(ref) == 64 && strspn(ref, "0123456789abcdef") == 64;

	c[0] = hash ? ex_cell_str(ref) : ex_cell_none();
	c[1] = hash ? ex_cell_none() : ex_cell_str(ref);
	c[2] = ex_cell_str(ref);
}

static enum xt_status add(struct export_table *t, const struct graph *g,
			  const struct analyse_table_row *row, bool one,
			  struct xt_buf *words, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(columns)];
	const struct graph_event *e = &g->events[row->first];
	char day[16];
	char value[64];
	enum xt_status rc;

	c[0] = ex_cell_none();
	if (row->day != ANALYSE_NO_DAY) {
		(void)snprintf(day, sizeof(day), "%04d-%02d-%02d", row->day / 10000,
			       row->day / 100 % 100, row->day % 100);
		c[0] = ex_cell_str(day);
	}
	party_cells(&c[1], g, one ? e->from : row->from, one ? NULL : row->from_group);
	party_cells(&c[4], g, one ? e->to : row->to, one ? NULL : row->to_group);
	c[7] = row->count_known ? ex_cell_int(row->count) : ex_cell_none();
	c[8] = ex_cell_volume(row->amount);
	c[9] = row->taint_known ? ex_cell_volume(row->tainted) : ex_cell_none();
	ex_cells_value(&c[10], value, &row->value);
	c[12] = ex_cell_time(g, row->first, false);
	c[13] = ex_cell_time(g, row->last, true);
	c[14] = ex_cell_time_kind(g, row->first, row->last);
	rc = ex_cells_basis(&c[15], words, &row->basis, err);
	if (rc != XT_OK)
		return rc;
	ref_cells(&c[15 + N_BASIS], g, row, one);
	ex_cells_group(&c[18 + N_BASIS], row->from_group);
	ex_cells_group(&c[20 + N_BASIS], row->to_group);
	return export_table_row(t, NULL, c, err);
}

enum xt_status export_timeline(struct export_table **out, const struct graph *g,
			       enum analyse_by by, const struct analyse_table_row *rows,
			       size_t n, struct xt_err *err)
{
	struct export_table *t;
	struct xt_buf words;
	enum xt_status rc =
	    export_table_new(&t, "rows", columns, XT_ARRAY_SIZE(columns), err);

	if (rc != XT_OK)
		return rc;
	xt_buf_init(&words, EXPORT_MAX_BYTES);
	for (size_t i = 0; i < n && rc == XT_OK; i++)
		rc = add(t, g, &rows[i], by == ANALYSE_TRANSFERS, &words, err);
	xt_buf_release(&words);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

static const struct export_column balance_columns[] = {
	{ .key = "time", .title = "time", .kind = EXPORT_TIME },
	{ .key = "time_last", .title = "until", .kind = EXPORT_TIME },
	{ .key = "time_kind", .kind = EXPORT_STR },
	{ .key = "height", .title = "height", .kind = EXPORT_INT },
	{ .key = "in_uxem", .title = "in", .kind = EXPORT_UXEM },
	{ .key = "out_uxem", .title = "out and fees", .kind = EXPORT_UXEM },
	{ .key = "balance_uxem", .title = "balance", .kind = EXPORT_UXEM },
	{ .key = "tainted_uxem", .title = "of it stolen", .kind = EXPORT_UXEM },
	{ .key = "reference", .title = "hash or record", .kind = EXPORT_WORDS },
};

enum xt_status export_balance(struct export_table **out, const struct graph *g,
			      const struct analyse_balance_row *rows, size_t n,
			      struct xt_err *err)
{
	struct export_table *t;
	enum xt_status rc = export_table_new(&t, "rows", balance_columns,
					     XT_ARRAY_SIZE(balance_columns), err);

	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < n && rc == XT_OK; i++) {
		const struct analyse_balance_row *row = &rows[i];
		const struct graph_tx *x = &g->txs[row->tx];
		const struct export_cell c[] = {
			ex_cell_time(g, row->event, false),
			x->time_last != x->time ? ex_cell_time(g, row->event, true)
						: ex_cell_none(),
			ex_cell_str(ex_time_kind_name(x->time_kind)),
			x->height_known != 0 ? ex_cell_int(x->height) : ex_cell_none(),
			ex_cell_uxem(row->in),
			ex_cell_uxem(row->out),
			ex_cell_uxem(row->balance),
			row->taint_known ? ex_cell_uxem(row->tainted) : ex_cell_none(),
			ex_cell_str(g->tx_ref != NULL ? g->tx_ref[row->tx] : ""),
		};

		rc = export_table_row(t, NULL, c, err);
	}
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

/* ---- back
 * ---------------------------------------------------------------------------- */

static const struct export_column back_columns[] = {
	{ .key = "hops", .title = "hops", .kind = EXPORT_INT },
	{ .key = "address", .title = "address", .kind = EXPORT_STR },
	{ .key = "label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "amount_volume",
	  .title = "paid on ways there",
	  .kind = EXPORT_VOLUME },
	{ .key = "direct_volume", .title = "paid directly", .kind = EXPORT_VOLUME },
	{ .key = "count", .title = "transfers", .kind = EXPORT_INT },
	{ .key = "first", .title = "first", .kind = EXPORT_TIME },
	{ .key = "last", .title = "last", .kind = EXPORT_TIME },
	{ .key = "time_kind", .kind = EXPORT_STR },
	{ .key = "origin", .title = "origin", .kind = EXPORT_STR },
};

static const char *origin_name(enum analyse_origin o)
{
	switch (o) {
	case ANALYSE_ORIGIN_NONE:
		return NULL;
	case ANALYSE_ORIGIN_OPENING:
		return "opening";
	case ANALYSE_ORIGIN_INCOMPLETE:
		return "incomplete";
	case ANALYSE_ORIGIN_SERVICE:
		return "service";
	}
	return NULL;
}

enum xt_status export_back(struct export_table **out, const struct graph *g,
			   const struct analyse_back_row *rows, size_t n,
			   struct xt_err *err)
{
	struct export_table *t;
	enum xt_status rc = export_table_new(&t, "accounts", back_columns,
					     XT_ARRAY_SIZE(back_columns), err);

	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < n && rc == XT_OK; i++) {
		const struct analyse_back_row *r = &rows[i];
		struct export_cell c[XT_ARRAY_SIZE(back_columns)];

		c[0] = ex_cell_int(r->hops);
		party_cells(&c[1], g, r->account, NULL);
		c[4] = ex_cell_volume(r->amount);
		c[5] = ex_cell_volume(r->direct);
		c[6] = r->count_known ? ex_cell_int(r->count) : ex_cell_none();
		c[7] = ex_cell_time(g, r->first, false);
		c[8] = ex_cell_time(g, r->last, true);
		c[9] = ex_cell_time_kind(g, r->first, r->last);
		c[10] = ex_cell_str(origin_name(r->origin));
		rc = export_table_row(t, NULL, c, err);
	}
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}
