/* The findings of analyse as tables. docs/output-schema.md names every column. */
#include <xemtrace/export.h>

#include <string.h>

#include <xemtrace/nem.h>

#include "internal.h"

struct export_cell ex_cell_none(void)
{
	return (struct export_cell){ .absent = true };
}

struct export_cell ex_cell_str(const char *s)
{
	return (struct export_cell){ .absent = s == NULL || s[0] == '\0', .v.str = s };
}

struct export_cell ex_cell_int(uint64_t v)
{
	return (struct export_cell){ .v.u = v };
}

struct export_cell ex_cell_uxem(uint64_t v)
{
	return (struct export_cell){ .v.u = v };
}

struct export_cell ex_cell_volume(xt_u128 v)
{
	return (struct export_cell){ .v.volume = v };
}

struct export_cell ex_cell_bool(bool v)
{
	return (struct export_cell){ .v.b = v };
}

static const struct graph_tx *tx_of(const struct graph *g, uint32_t event)
{
	return &g->txs[g->event_tx[event]];
}

struct export_cell ex_cell_time(const struct graph *g, uint32_t event, bool end)
{
	const struct graph_tx *t = event == GRAPH_NONE ? NULL : tx_of(g, event);

	if (t == NULL || t->time_kind == GRAPH_TIME_NONE)
		return ex_cell_none();
	return (struct export_cell){ .v.time = end ? t->time_last : t->time };
}

struct export_cell ex_cell_time_kind(const struct graph *g, uint32_t first,
				     uint32_t last)
{
	if (first == GRAPH_NONE || last == GRAPH_NONE)
		return ex_cell_none();
	if (tx_of(g, first)->time_kind != tx_of(g, last)->time_kind)
		return ex_cell_str("mixed");
	return ex_cell_str(ex_time_kind_name(tx_of(g, first)->time_kind));
}

const struct graph_label *ex_label_of(const struct graph *g, uint32_t account)
{
	const uint32_t l = g->label[account];

	return l == GRAPH_NONE ? NULL : &g->labels[l];
}

const char *ex_state_of(const struct graph *g, uint32_t account)
{
	const uint8_t flags = g->flags[account];

	/* Nobody reads on behind a service, so its history is never complete. */
	if ((flags & GRAPH_SERVICE) != 0)
		return "service";
	if ((flags & GRAPH_COMPLETE) != 0)
		return "complete";
	return (flags & GRAPH_EXPANDED) != 0 ? "incomplete" : "unread";
}

enum xt_status ex_cells_basis(struct export_cell *cells, struct xt_buf *text,
			      const struct analyse_basis *basis, struct xt_err *err)
{
	static const uint8_t order[N_BASIS - 1] = { NEM_SIGNED,    NEM_PUBLISHED,
						    NEM_AGGREGATE, NEM_INFERRED,
						    NEM_EXEMPT,    NEM_REPORTED };
	enum xt_status rc = XT_OK;
	size_t kinds = 0;

	for (size_t i = 0; i < N_BASIS - 1; i++) {
		cells[i] = ex_cell_volume(basis->by[order[i]]);
		kinds += basis->by[order[i]] > 0;
	}
	xt_buf_clear(text);
	for (size_t i = 0; i < N_BASIS - 1 && rc == XT_OK; i++) {
		if (basis->by[order[i]] == 0)
			continue;
		if (text->len > 0)
			rc = xt_buf_adds(text, "; ", err);
		if (rc == XT_OK)
			rc = xt_buf_adds(
			    text, nem_provenance_name((enum nem_provenance)order[i]),
			    err);
		/* Of one kind it is all of the figure, which stands beside it. */
		if (rc == XT_OK && kinds > 1) {
			rc = xt_buf_adds(text, " ", err);
			if (rc == XT_OK)
				rc = ex_add_xem(text, basis->by[order[i]], false, err);
		}
	}
	cells[N_BASIS - 1] = ex_cell_str(xt_buf_str(text));
	return rc;
}

void ex_cells_value(struct export_cell *cells, char text[64],
		    const struct analyse_value *v)
{
	const xt_u128 cents = v->e14 / 1000000000000U;
	char whole[40];

	cells[0] = ex_cell_none();
	cells[1] = ex_cell_none();
	if (!v->known || v->currency == NULL)
		return;
	xt_u128_format(whole, cents / 100);
	(void)snprintf(text, 64, "%s.%02u", whole, (unsigned)(cents % 100));
	cells[0] = ex_cell_str(text);
	cells[1] = ex_cell_str(v->currency);
}

void ex_cells_group(struct export_cell *cells, const struct analyse_group *group)
{
	cells[0] = ex_cell_str(group != NULL ? group->name : NULL);
	cells[1] = group != NULL ? ex_cell_int(group->member_to - group->member_from)
				 : ex_cell_none();
}

struct export_cell ex_cell_group_confidence(const struct analyse_group *group)
{
	return group->has_confidence ? ex_cell_int(group->confidence) : ex_cell_none();
}

/* ---- labels: five columns
 * ---------------------------------------------------------------- */

void ex_cells_label(struct export_cell *cells, const struct graph *g, uint32_t account,
		    const struct analyse_group *group)
{
	const struct graph_label *l = ex_label_of(g, account);

	if (group != NULL) {
		cells[0] = ex_cell_str(group->name);
		cells[1] = ex_cell_group_confidence(group);
		cells[2] = ex_cell_none();
		cells[3] = ex_cell_none();
		cells[4] = ex_cell_bool(group->service);
		return;
	}
	cells[0] = ex_cell_str(l != NULL ? l->text : NULL);
	cells[1] = l != NULL ? ex_cell_int(l->confidence) : ex_cell_none();
	cells[2] = ex_cell_str(l != NULL ? l->category : NULL);
	cells[3] = ex_cell_str(l != NULL ? l->source : NULL);
	cells[4] = ex_cell_bool((g->flags[account] & GRAPH_SERVICE) != 0);
}

/* ---- top
 * -------------------------------------------------------------------------------- */

static const struct export_column top_columns[] = {
	{ .key = "rank", .title = "#", .kind = EXPORT_INT },
	{ .key = "address", .title = "address", .kind = EXPORT_STR },
	{ .key = "label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "category", .title = "category", .kind = EXPORT_STR },
	{ .key = "label_source", .kind = EXPORT_STR },
	{ .key = "service", .kind = EXPORT_BOOL },
	{ .key = "state", .title = "state", .kind = EXPORT_STR },
	{ .key = "tainted_volume", .title = "tainted in", .kind = EXPORT_VOLUME },
	{ .key = "held_uxem", .title = "tainted now", .kind = EXPORT_UXEM },
	{ .key = "held_incomplete_uxem", .kind = EXPORT_UXEM },
	{ .key = "received_volume", .title = "received", .kind = EXPORT_VOLUME },
	{ .key = "sent_volume", .title = "sent", .kind = EXPORT_VOLUME },
	{ .key = "received_count", .title = "in", .kind = EXPORT_INT },
	{ .key = "sent_count", .title = "out", .kind = EXPORT_INT },
	{ .key = "first", .title = "first", .kind = EXPORT_TIME },
	{ .key = "last", .title = "last", .kind = EXPORT_TIME },
	{ .key = "time_kind", .title = "time", .kind = EXPORT_STR },
	BASIS_COLUMNS,
	VALUE_COLUMNS,
	GROUP_COLUMNS,
};

static const char *state_of(const struct graph *g, const struct analyse_top_row *r)
{
	if (r->group == NULL)
		return ex_state_of(g, r->account);
	return r->group->complete ? "complete" : "incomplete";
}

enum xt_status export_top(struct export_table **out, const struct graph *g,
			  const struct analyse_top_row *rows, size_t n,
			  struct xt_err *err)
{
	struct export_cell cells[XT_ARRAY_SIZE(top_columns)];
	struct export_table *t;
	struct xt_buf words;
	enum xt_status rc = export_table_new(&t, "accounts", top_columns,
					     XT_ARRAY_SIZE(top_columns), err);

	if (rc != XT_OK)
		return rc;
	xt_buf_init(&words, EXPORT_MAX_BYTES);
	for (size_t i = 0; i < n && rc == XT_OK; i++) {
		const struct analyse_top_row *r = &rows[i];
		struct export_cell *c = cells;
		char value[64];

		*c++ = ex_cell_int(i + 1);
		*c++ = r->group == NULL ? ex_cell_str(g->party[r->account].s)
					: ex_cell_none();
		ex_cells_label(c, g, r->account, r->group);
		c += N_LABEL;
		*c++ = ex_cell_str(state_of(g, r));
		*c++ = r->taint_known ? ex_cell_volume(r->tainted_in) : ex_cell_none();
		*c++ = r->taint_known ? ex_cell_uxem(r->held) : ex_cell_none();
		*c++ = r->taint_known ? ex_cell_uxem(r->incomplete) : ex_cell_none();
		*c++ = ex_cell_volume(r->received);
		*c++ = ex_cell_volume(r->sent);
		*c++ = r->in_known ? ex_cell_int(r->n_in) : ex_cell_none();
		*c++ = r->out_known ? ex_cell_int(r->n_out) : ex_cell_none();
		*c++ = ex_cell_time(g, r->first, false);
		*c++ = ex_cell_time(g, r->last, true);
		*c++ = ex_cell_time_kind(g, r->first, r->last);
		rc = ex_cells_basis(c, &words, &r->basis, err);
		ex_cells_value(c + N_BASIS, value, &r->value);
		ex_cells_group(c + N_BASIS + N_VALUE, r->group);
		if (rc == XT_OK)
			rc = export_table_row(t, NULL, cells, err);
	}
	xt_buf_release(&words);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}
