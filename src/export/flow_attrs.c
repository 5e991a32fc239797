#include "flow.h"

#include <string.h>

/* Amounts twice: the exact integer as text (a reader's double cannot hold every sum),
 * and XEM as a number to draw and filter by. */
const struct ex_attr_def ex_node_defs[EX_NODE_ATTRS] = {
	{ "label", "string" },
	{ "kind", "string" },
	{ "category", "string" },
	{ "confidence", "int" },
	{ "service", "boolean" },
	{ "state", "string" },
	{ "depth", "int" },
	{ "tainted_in_uxem", "string" },
	{ "tainted_in_xem", "double" },
	{ "held_uxem", "string" },
	{ "held_xem", "double" },
	{ "low_uxem", "string" },
	{ "low_xem", "double" },
	{ "high_uxem", "string" },
	{ "high_xem", "double" },
	{ "bounds_exact", "boolean" },
	{ "group", "string" },
	{ "wallets", "int" },
	{ "wallet_list", "string" },
	{ "group_reasons", "string" },
};

const struct ex_attr_def ex_edge_defs[EX_EDGE_ATTRS] = {
	{ "tainted_uxem", "string" },
	{ "tainted_xem", "double" },
	{ "amount_uxem", "string" },
	{ "amount_xem", "double" },
	{ "count", "long" },
	{ "first", "string" },
	{ "last", "string" },
	{ "time_kind", "string" },
	{ "stands_on", "string" },
	{ "signed_uxem", "string" },
	{ "published_uxem", "string" },
	{ "aggregate_uxem", "string" },
	{ "inferred_uxem", "string" },
	{ "exempt_uxem", "string" },
	{ "reported_uxem", "string" },
	{ "folded_edges", "long" },
};

static void put_text(struct ex_attrs *out, size_t at, const char *text)
{
	out->v[at] = text != NULL && text[0] != '\0' ? text : NULL;
}

static void put_number(struct ex_attrs *out, size_t at, uint64_t v)
{
	(void)snprintf(out->buf[at], sizeof(out->buf[at]), "%llu",
		       (unsigned long long)v);
	out->v[at] = out->buf[at];
}

static void put_exact(struct ex_attrs *out, size_t at, xt_u128 v)
{
	xt_u128_format(out->buf[at], v);
	out->v[at] = out->buf[at];
}

/* Two places: exact, then XEM. */
static void put_amount(struct ex_attrs *out, size_t at, xt_u128 v)
{
	char whole[40];

	put_exact(out, at, v);
	xt_u128_format(whole, v / 1000000);
	(void)snprintf(out->buf[at + 1], sizeof(out->buf[at + 1]), "%s.%06u", whole,
		       (unsigned)(v % 1000000));
	out->v[at + 1] = out->buf[at + 1];
}

void ex_attrs_init(struct ex_attrs *a)
{
	memset(a, 0, sizeof(*a));
	xt_buf_init(&a->wallets, EXPORT_MAX_BYTES);
	xt_buf_init(&a->reasons, EXPORT_MAX_BYTES);
}

void ex_attrs_release(struct ex_attrs *a)
{
	xt_buf_release(&a->wallets);
	xt_buf_release(&a->reasons);
}

static void clear(struct ex_attrs *a)
{
	memset(a->v, 0, sizeof(a->v));
	xt_buf_clear(&a->wallets);
	xt_buf_clear(&a->reasons);
}

static enum xt_status put_group(struct ex_attrs *out, const struct graph *g,
				const struct export_flow_info *info,
				const struct analyse_group *group, struct xt_err *err)
{
	enum xt_status rc = ex_add_wallets(&out->wallets, g, info, group, err);

	if (rc == XT_OK)
		rc = ex_add_reasons(&out->reasons, g, info, group, err);
	if (rc != XT_OK)
		return rc;
	put_text(out, 0, group->name);
	if (group->has_confidence)
		put_number(out, 3, group->confidence);
	put_text(out, 16, group->name);
	put_number(out, 17, group->member_to - group->member_from);
	put_text(out, 18, xt_buf_str(&out->wallets));
	put_text(out, 19, xt_buf_str(&out->reasons));
	return XT_OK;
}

enum xt_status ex_node_attrs(struct ex_attrs *out, const struct graph *g,
			     const struct export_flow_info *info,
			     const struct analyse_flow_node *n, struct xt_err *err)
{
	const struct graph_label *l = ex_label_of(g, n->account);
	struct taint_bound bound;

	clear(out);
	if (l != NULL && n->group == NULL) {
		put_text(out, 0, l->text);
		put_text(out, 2, l->category);
		put_number(out, 3, l->confidence);
	}
	put_text(out, 1, ex_look_name(ex_look_of(g, n)));
	out->v[4] = n->service ? "true" : "false";
	if (n->group == NULL)
		put_text(out, 5, ex_state_of(g, n->account));
	else
		put_text(out, 5, n->group->complete ? "complete" : "incomplete");
	if (n->depth != GRAPH_NONE)
		put_number(out, 6, n->depth);
	put_amount(out, 7, n->tainted_in);
	put_amount(out, 9, n->held);
	if (ex_node_bounds(&bound, info, n)) {
		put_amount(out, 11, bound.low);
		put_amount(out, 13, bound.high);
		out->v[15] = bound.exact ? "true" : "false";
	}
	return n->group != NULL ? put_group(out, g, info, n->group, err) : XT_OK;
}

void ex_rest_node_attrs(struct ex_attrs *out, const struct export_rest *r)
{
	clear(out);
	(void)snprintf(out->buf[0], sizeof(out->buf[0]), "%zu smaller flows, summed",
		       r->edges);
	out->v[0] = out->buf[0];
	put_text(out, 1, ex_look_name(LOOK_REST));
	out->v[4] = "false";
	put_amount(out, 7, r->tainted);
}

static void put_basis(struct ex_attrs *out, const struct analyse_basis *b)
{
	put_text(out, 8, ex_line_name(ex_line_of(b)));
	put_exact(out, 9, b->by[NEM_SIGNED]);
	put_exact(out, 10, b->by[NEM_PUBLISHED]);
	put_exact(out, 11, b->by[NEM_AGGREGATE]);
	put_exact(out, 12, b->by[NEM_INFERRED]);
	put_exact(out, 13, b->by[NEM_EXEMPT]);
	put_exact(out, 14, b->by[NEM_REPORTED]);
}

static void put_times(struct ex_attrs *out, const struct graph *g, uint32_t first,
		      uint32_t last)
{
	const struct export_cell kind = ex_cell_time_kind(g, first, last);

	ex_event_time(out->buf[5], g, first, false);
	put_text(out, 5, out->buf[5]);
	ex_event_time(out->buf[6], g, last, true);
	put_text(out, 6, out->buf[6]);
	put_text(out, 7, kind.absent ? NULL : kind.v.str);
}

void ex_edge_attrs(struct ex_attrs *out, const struct graph *g,
		   const struct analyse_flow_edge *e)
{
	clear(out);
	put_amount(out, 0, e->tainted);
	put_amount(out, 2, e->amount);
	if (e->count_known)
		put_number(out, 4, e->count);
	put_times(out, g, e->first, e->last);
	put_basis(out, &e->basis);
}

void ex_rest_edge_attrs(struct ex_attrs *out, const struct graph *g,
			const struct export_rest *r)
{
	clear(out);
	put_amount(out, 0, r->tainted);
	put_amount(out, 2, r->amount);
	if (r->count_known)
		put_number(out, 4, r->count);
	put_times(out, g, r->first, r->last);
	put_basis(out, &r->basis);
	put_number(out, 15, r->edges);
}
