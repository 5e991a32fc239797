#include <string.h>

#include <xemtrace/findings.h>

#include "findings_event.h"

const struct export_column ex_event_columns[EX_EVENT_COLUMNS] = {
	{ .key = "time", .title = "time", .kind = EXPORT_TIME },
	{ .key = "time_last", .title = "until", .kind = EXPORT_TIME },
	{ .key = "time_kind", .kind = EXPORT_STR },
	{ .key = "height", .title = "height", .kind = EXPORT_INT },
	{ .key = "order_known", .kind = EXPORT_BOOL },
	{ .key = "movement", .kind = EXPORT_STR },
	{ .key = "sender", .title = "sender", .kind = EXPORT_STR },
	{ .key = "recipient", .title = "recipient", .kind = EXPORT_STR },
	{ .key = "amount_uxem", .title = "amount", .kind = EXPORT_UXEM },
	{ .key = "tainted_uxem", .title = "tainted", .kind = EXPORT_UXEM },
	{ .key = "count", .title = "transfers", .kind = EXPORT_INT },
	{ .key = "memo", .title = "memo", .kind = EXPORT_LABEL },
	{ .key = "provenance", .title = "stands on", .kind = EXPORT_STR },
	{ .key = "hash", .kind = EXPORT_STR },
	{ .key = "record", .kind = EXPORT_STR },
	{ .title = "hash or record", .kind = EXPORT_WORDS },
};

const char *ex_time_kind_name(uint8_t kind)
{
	switch ((enum graph_time_kind)kind) {
	case GRAPH_TIME_NONE:
		return NULL;
	case GRAPH_TIME_BLOCK:
		return "block";
	case GRAPH_TIME_SIGNER:
		return "signer";
	case GRAPH_TIME_PUBLISHED:
		return "published";
	}
	return NULL;
}

static struct export_cell party(const struct graph *g, uint32_t account)
{
	return account != GRAPH_NONE ? ex_cell_str(g->party[account].s)
				     : ex_cell_none();
}

static bool carries(const struct graph_event *e)
{
	return graph_kind(e) == NEM_MOVE_TRANSFER || graph_kind(e) == NEM_MOVE_INNER;
}

enum xt_status ex_add_event(struct export_table *t, const struct graph *g,
			    uint32_t event, const uint64_t *tainted, struct xt_err *err)
{
	struct export_cell c[EX_EVENT_COLUMNS];
	const struct graph_event *e = &g->events[event];
	const uint32_t tx = g->event_tx[event];
	const struct graph_tx *x = &g->txs[tx];
	const struct graph_memo *m = &g->memos[x->memo];
	const char *ref = g->tx_ref != NULL ? g->tx_ref[tx] : "";
	const bool hash = strlen(ref) == 64 && strspn(ref, "0123456789abcdef") == 64;

	c[0] = ex_cell_time(g, event, false);
	c[1] = x->time_last != x->time ? ex_cell_time(g, event, true) : ex_cell_none();
	c[2] = ex_cell_str(ex_time_kind_name(x->time_kind));
	c[3] = x->height_known != 0 ? ex_cell_int(x->height) : ex_cell_none();
	c[4] = ex_cell_bool(x->order_known != 0);
	c[5] = ex_cell_str(nem_movement_name(graph_kind(e)));
	c[6] = party(g, e->from);
	c[7] = party(g, e->to);
	c[8] = ex_cell_uxem(graph_amount(e));
	c[9] = tainted != NULL ? ex_cell_uxem(*tainted) : ex_cell_none();
	c[10] = x->count > 0 ? ex_cell_int(x->count) : ex_cell_none();
	c[11] = carries(e) && m->kind == GRAPH_MEMO_PLAIN
		    ? (struct export_cell){ .v.str = m->text }
		    : ex_cell_none();
	c[12] =
	    x->provenance != 0
		? ex_cell_str(nem_provenance_name((enum nem_provenance)x->provenance))
		: ex_cell_none();
	c[13] = hash ? ex_cell_str(ref) : ex_cell_none();
	c[14] = hash ? ex_cell_none() : ex_cell_str(ref);
	c[15] = ex_cell_str(ref);
	return export_table_row(t, NULL, c, err);
}

enum xt_status ex_add_evidence(struct export_table *t, size_t row,
			       const struct graph *g, const uint32_t *v, size_t from,
			       size_t to, size_t limit, struct xt_err *err)
{
	struct export_table *child;
	enum xt_status rc = export_table_child(t, row, &child, "transactions",
					       ex_event_columns, EX_EVENT_COLUMNS, err);

	if (limit > 0 && to - from > limit)
		to = from + limit;
	for (size_t i = from; i < to && rc == XT_OK; i++)
		rc = ex_add_event(child, g, v[i], NULL, err);
	return rc;
}

enum xt_status ex_add_name(struct xt_buf *b, const struct graph *g, uint32_t account,
			   struct xt_err *err)
{
	const struct graph_label *l = ex_label_of(g, account);

	if (l == NULL)
		return xt_buf_adds(b, g->party[account].s, err);
	return xt_buf_addf(b, err, "%.256s (label, confidence %u)", l->text,
			   l->confidence);
}

enum xt_status ex_buf_xem(struct xt_buf *b, xt_u128 uxem, struct xt_err *err)
{
	const enum xt_status rc = ex_add_xem(b, uxem, true, err);

	return rc == XT_OK ? xt_buf_adds(b, " XEM", err) : rc;
}

enum xt_status export_events(struct export_table **out, const struct graph *g,
			     const uint32_t *events, size_t n, struct xt_err *err)
{
	struct export_table *t;
	enum xt_status rc = export_table_new(&t, "transactions", ex_event_columns,
					     EX_EVENT_COLUMNS, err);

	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < n && rc == XT_OK; i++)
		rc = ex_add_event(t, g, events[i], NULL, err);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}
