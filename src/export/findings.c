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

static const char *time_kind_name(uint8_t kind)
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

struct export_cell ex_cell_time_kind(const struct graph *g, uint32_t first,
				     uint32_t last)
{
	if (first == GRAPH_NONE || last == GRAPH_NONE)
		return ex_cell_none();
	if (tx_of(g, first)->time_kind != tx_of(g, last)->time_kind)
		return ex_cell_str("mixed");
	return ex_cell_str(time_kind_name(tx_of(g, first)->time_kind));
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

/* ---- labels: five columns
 * ---------------------------------------------------------------- */

#define N_LABEL 5

static void cells_label(struct export_cell *cells, const struct graph *g,
			uint32_t account)
{
	const struct graph_label *l = ex_label_of(g, account);

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
};

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

		*c++ = ex_cell_int(i + 1);
		*c++ = ex_cell_str(g->party[r->account].s);
		cells_label(c, g, r->account);
		c += N_LABEL;
		*c++ = ex_cell_str(ex_state_of(g, r->account));
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

/* ---- exchanges
 * -------------------------------------------------------------------------------- */

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
				  const struct analyse_deposit *d, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(deposit_columns)];
	const struct graph_event *e = &g->events[d->event];
	const uint32_t tx = g->event_tx[d->event];
	const struct graph_tx *x = &g->txs[tx];
	const char *ref = g->tx_ref != NULL ? g->tx_ref[tx] : "";

	c[0] = ex_cell_time(g, d->event, false);
	c[1] =
	    x->time_last != x->time ? ex_cell_time(g, d->event, true) : ex_cell_none();
	c[2] = ex_cell_str(time_kind_name(x->time_kind));
	c[3] = x->height_known ? ex_cell_int(x->height) : ex_cell_none();
	c[4] = ex_cell_bool(x->order_known != 0);
	c[5] = ex_cell_str(nem_movement_name(graph_kind(e)));
	c[6] =
	    e->from != GRAPH_NONE ? ex_cell_str(g->party[e->from].s) : ex_cell_none();
	c[7] = ex_cell_uxem(graph_amount(e));
	c[8] = ex_cell_uxem(d->tainted);
	c[9] = x->count > 0 ? ex_cell_int(x->count) : ex_cell_none();
	c[10] =
	    x->provenance != 0
		? ex_cell_str(nem_provenance_name((enum nem_provenance)x->provenance))
		: ex_cell_none();
	c[11] = is_hash(ref) ? ex_cell_str(ref) : ex_cell_none();
	c[12] = is_hash(ref) ? ex_cell_none() : ex_cell_str(ref);
	c[13] = ex_cell_str(ref);
	return export_table_row(t, NULL, c, err);
}

static enum xt_status add_memo(struct export_table *t, const struct graph *g,
			       const struct analyse_exchanges *e,
			       const struct analyse_memo_row *m, struct xt_buf *words,
			       struct xt_err *err)
{
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
	c[17] = c[0].absent ? ex_cell_none() : ex_cell_int(strlen(memo->text));
	c[18] =
	    c[0].absent
		? ex_cell_none()
		: ex_cell_str(analyse_alphabet_name(analyse_alphabet_of(memo->text)));
	rc = export_table_row(t, &row, c, err);
	if (rc != XT_OK)
		return rc;
	rc = export_table_child(t, row, &child, "deposits", deposit_columns,
				XT_ARRAY_SIZE(deposit_columns), err);
	if (rc != XT_OK)
		return rc;
	for (size_t i = m->deposit_from; i < m->deposit_to && rc == XT_OK; i++)
		rc = add_deposit(child, g, &e->deposits[i], err);
	return rc;
}

static enum xt_status add_service(struct export_table *t, const struct graph *g,
				  const struct analyse_exchanges *e,
				  const struct analyse_service_row *s,
				  struct xt_buf *words, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(service_columns)];
	struct export_table *child;
	enum xt_status rc;
	size_t row;

	cells_label(c, g, s->account);
	c[5] = ex_cell_str(g->party[s->account].s);
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
	rc = export_table_row(t, &row, c, err);
	if (rc != XT_OK)
		return rc;
	rc = export_table_child(t, row, &child, "memos", memo_columns,
				XT_ARRAY_SIZE(memo_columns), err);
	if (rc != XT_OK)
		return rc;
	for (size_t i = s->memo_from; i < s->memo_to && rc == XT_OK; i++)
		rc = add_memo(child, g, e, &e->memos[i], words, err);
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

/* ---- edges
 * ------------------------------------------------------------------------------------
 */

static const struct export_column edge_columns[] = {
	{ .key = "from", .title = "from", .kind = EXPORT_STR },
	{ .key = "from_label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "to", .title = "to", .kind = EXPORT_STR },
	{ .key = "to_label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "to_service", .title = "service", .kind = EXPORT_BOOL },
	{ .key = "tainted_volume", .title = "tainted", .kind = EXPORT_VOLUME },
	{ .key = "amount_volume", .title = "amount", .kind = EXPORT_VOLUME },
	{ .key = "count", .title = "transfers", .kind = EXPORT_INT },
	{ .key = "first", .title = "first", .kind = EXPORT_TIME },
	{ .key = "last", .title = "last", .kind = EXPORT_TIME },
	{ .key = "time_kind", .title = "time", .kind = EXPORT_STR },
	BASIS_COLUMNS,
};

enum xt_status export_edges(struct export_table **out, const struct graph *g,
			    const struct analyse_flow *flow, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(edge_columns)];
	struct export_table *t;
	struct xt_buf words;
	enum xt_status rc = export_table_new(&t, "edges", edge_columns,
					     XT_ARRAY_SIZE(edge_columns), err);

	if (rc != XT_OK)
		return rc;
	xt_buf_init(&words, EXPORT_MAX_BYTES);
	for (size_t i = 0; i < flow->n_edges && rc == XT_OK; i++) {
		const struct analyse_flow_edge *e = &flow->edges[i];
		const struct graph_label *from = ex_label_of(g, e->from);
		const struct graph_label *to = ex_label_of(g, e->to);

		c[0] = ex_cell_str(g->party[e->from].s);
		c[1] = ex_cell_str(from != NULL ? from->text : NULL);
		c[2] = ex_cell_str(g->party[e->to].s);
		c[3] = ex_cell_str(to != NULL ? to->text : NULL);
		c[4] = ex_cell_bool((g->flags[e->to] & GRAPH_SERVICE) != 0);
		c[5] = ex_cell_volume(e->tainted);
		c[6] = ex_cell_volume(e->amount);
		c[7] = e->count_known ? ex_cell_int(e->count) : ex_cell_none();
		c[8] = ex_cell_time(g, e->first, false);
		c[9] = ex_cell_time(g, e->last, true);
		c[10] = ex_cell_time_kind(g, e->first, e->last);
		rc = ex_cells_basis(&c[11], &words, &e->basis, err);
		if (rc == XT_OK)
			rc = export_table_row(t, NULL, c, err);
	}
	xt_buf_release(&words);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

enum xt_status export_edges_csv(FILE *f, const struct graph *g,
				const struct analyse_flow *flow, struct xt_err *err)
{
	struct export_table *t;
	enum xt_status rc = export_edges(&t, g, flow, err);
	struct export_doc doc = { .command = "graph" };

	if (rc != XT_OK)
		return rc;
	doc.body = t;
	rc = export_doc_write(f, EXPORT_CSVF, &doc, err);
	export_table_free(t);
	return rc;
}
