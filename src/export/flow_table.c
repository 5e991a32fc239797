/* The flow graph as tables: edges for CSV, nodes and edges for JSON. */
#include <stdlib.h>

#include "flow.h"

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
	{ .key = "to_held_uxem", .kind = EXPORT_UXEM },
	{ .key = "to_low_uxem", .kind = EXPORT_UXEM },
	{ .key = "to_high_uxem", .kind = EXPORT_UXEM },
	{ .key = "to_bounds_exact", .kind = EXPORT_BOOL },
	{ .key = "from_group", .kind = EXPORT_STR },
	{ .key = "to_group", .kind = EXPORT_STR },
};

static const struct export_column node_columns[] = {
	{ .key = "id", .kind = EXPORT_STR },
	{ .key = "address", .kind = EXPORT_STR },
	{ .key = "label", .kind = EXPORT_LABEL },
	{ .key = "confidence", .kind = EXPORT_INT },
	{ .key = "category", .kind = EXPORT_STR },
	{ .key = "label_source", .kind = EXPORT_STR },
	{ .key = "service", .kind = EXPORT_BOOL },
	{ .key = "kind", .kind = EXPORT_STR },
	{ .key = "state", .kind = EXPORT_STR },
	{ .key = "depth", .kind = EXPORT_INT },
	{ .key = "tainted_volume", .kind = EXPORT_VOLUME },
	{ .key = "held_uxem", .kind = EXPORT_UXEM },
	{ .key = "low_uxem", .kind = EXPORT_UXEM },
	{ .key = "high_uxem", .kind = EXPORT_UXEM },
	{ .key = "bounds_exact", .kind = EXPORT_BOOL },
	{ .key = "group", .kind = EXPORT_STR },
	{ .key = "wallets", .kind = EXPORT_INT },
	{ .key = "wallet_list", .kind = EXPORT_LIST },
	{ .key = "group_reasons", .kind = EXPORT_STR },
};

static void put_bounds(struct export_cell *c, const struct export_flow_info *info,
		       const struct analyse_flow_node *n)
{
	struct taint_bound b;
	const bool known = n != NULL && ex_node_bounds(&b, info, n);

	c[0] = known ? ex_cell_uxem(b.low) : ex_cell_none();
	c[1] = known ? ex_cell_uxem(b.high) : ex_cell_none();
	c[2] = known ? ex_cell_bool(b.exact) : ex_cell_none();
}

/* The cell borrows the list, which is free()d by the caller. */
static enum xt_status put_wallets(struct export_cell *c, const char ***list,
				  const struct graph *g,
				  const struct export_flow_info *info,
				  const struct analyse_group *group, struct xt_err *err)
{
	const size_t n = group != NULL ? group->member_to - group->member_from : 0;

	*list = NULL;
	*c = ex_cell_none();
	if (group == NULL)
		return XT_OK;
	/* Of pointers: NOLINTNEXTLINE(bugprone-sizeof-expression) */
	*list = xt_calloc(n + 1, sizeof(**list));
	if (*list == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu wallets", n);
	for (size_t i = 0; i < n; i++)
		(*list)[i] = g->party[info->groups->members[group->member_from + i]].s;
	*c = (struct export_cell){ .v.list = { *list, n } };
	return XT_OK;
}

enum xt_status export_nodes(struct export_table **out, const struct graph *g,
			    const struct analyse_flow *flow,
			    const struct export_flow_info *info, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(node_columns)];
	struct export_table *t = NULL;
	struct ex_attrs a;
	const char **wallets;
	char id[EX_NODE_ID];
	enum xt_status rc = export_table_new(&t, "nodes", node_columns,
					     XT_ARRAY_SIZE(node_columns), err);

	ex_attrs_init(&a);
	for (size_t i = 0; i < flow->n_nodes && rc == XT_OK; i++) {
		const struct analyse_flow_node *n = &flow->nodes[i];

		rc = ex_node_attrs(&a, g, info, n, err);
		if (rc != XT_OK)
			break;
		ex_node_id(id, g, info, n->account);
		c[0] = ex_cell_str(id);
		c[1] = ex_cell_str(n->group == NULL ? id : NULL);
		ex_cells_label(&c[2], g, n->account, n->group);
		c[6] = ex_cell_bool(n->service);
		c[7] = ex_cell_str(ex_look_name(ex_look_of(g, n)));
		c[8] = ex_cell_str(a.v[5]);
		c[9] = n->depth != GRAPH_NONE ? ex_cell_int(n->depth) : ex_cell_none();
		c[10] = ex_cell_volume(n->tainted_in);
		c[11] = ex_cell_uxem(n->held);
		put_bounds(&c[12], info, n);
		ex_cells_group(&c[15], n->group);
		rc = put_wallets(&c[17], &wallets, g, info, n->group, err);
		c[18] = ex_cell_str(a.v[19]);
		if (rc == XT_OK)
			rc = export_table_row(t, NULL, c, err);
		free(wallets);
	}
	ex_attrs_release(&a);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

static enum xt_status add_edge(struct export_table *t, const struct graph *g,
			       const struct export_flow_info *info,
			       const struct analyse_flow_edge *e,
			       const struct analyse_flow_node *const *node,
			       struct xt_buf *words, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(edge_columns)];
	struct export_cell label[N_LABEL];
	const struct analyse_flow_node *to = node[e->to];
	const struct analyse_group *groups[] = {
		analyse_group_of(info->groups, e->from),
		analyse_group_of(info->groups, e->to)
	};
	char ids[2][EX_NODE_ID];
	enum xt_status rc;

	ex_node_id(ids[0], g, info, e->from);
	ex_node_id(ids[1], g, info, e->to);
	c[0] = ex_cell_str(ids[0]);
	ex_cells_label(label, g, e->from, groups[0]);
	c[1] = label[0];
	c[2] = ex_cell_str(ids[1]);
	ex_cells_label(label, g, e->to, groups[1]);
	c[3] = label[0];
	c[4] = ex_cell_bool(to != NULL && to->service);
	c[5] = ex_cell_volume(e->tainted);
	c[6] = ex_cell_volume(e->amount);
	c[7] = e->count_known ? ex_cell_int(e->count) : ex_cell_none();
	c[8] = ex_cell_time(g, e->first, false);
	c[9] = ex_cell_time(g, e->last, true);
	c[10] = ex_cell_time_kind(g, e->first, e->last);
	rc = ex_cells_basis(&c[11], words, &e->basis, err);
	if (rc != XT_OK)
		return rc;
	c[11 + N_BASIS] = to != NULL ? ex_cell_uxem(to->held) : ex_cell_none();
	put_bounds(&c[12 + N_BASIS], info, to);
	c[15 + N_BASIS] = ex_cell_str(groups[0] != NULL ? groups[0]->name : NULL);
	c[16 + N_BASIS] = ex_cell_str(groups[1] != NULL ? groups[1]->name : NULL);
	return export_table_row(t, NULL, c, err);
}

enum xt_status export_edges(struct export_table **out, const struct graph *g,
			    const struct analyse_flow *flow,
			    const struct export_flow_info *info, struct xt_err *err)
{
	struct export_table *t = NULL;
	struct xt_buf words;
	const struct analyse_flow_node **node =
	    /* An array of pointers: NOLINTNEXTLINE(bugprone-sizeof-expression) */
	    xt_calloc((size_t)g->n_accounts + 1, sizeof(*node));
	enum xt_status rc;

	if (node == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u accounts",
			       g->n_accounts);
	for (size_t i = 0; i < flow->n_nodes; i++)
		node[flow->nodes[i].account] = &flow->nodes[i];
	xt_buf_init(&words, EXPORT_MAX_BYTES);
	rc = export_table_new(&t, "edges", edge_columns, XT_ARRAY_SIZE(edge_columns),
			      err);
	for (size_t i = 0; i < flow->n_edges && rc == XT_OK; i++)
		rc = add_edge(t, g, info, &flow->edges[i], node, &words, err);
	xt_buf_release(&words);
	free(node);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

static const struct export_column head_columns[] = {
	{ .key = "policy", .kind = EXPORT_STR },
	{ .key = "height", .kind = EXPORT_INT },
	{ .key = "filter", .kind = EXPORT_STR },
	{ .key = "cut_edges", .kind = EXPORT_INT },
	{ .key = "cut_volume", .kind = EXPORT_VOLUME },
	{ .key = "inside_count", .kind = EXPORT_INT },
	{ .key = "inside_volume", .kind = EXPORT_VOLUME },
};

static enum xt_status make_head(struct export_table **out,
				const struct analyse_flow *flow,
				const struct export_flow_info *info,
				struct xt_buf *words, struct xt_err *err)
{
	const struct analyse_inside *in = info->inside;
	struct export_cell c[XT_ARRAY_SIZE(head_columns)];
	enum xt_status rc = export_table_new(out, "flows", head_columns,
					     XT_ARRAY_SIZE(head_columns), err);

	if (rc == XT_OK)
		rc = ex_add_filter(words, info, err);
	if (rc != XT_OK)
		return rc;
	c[0] = ex_cell_str(info->policy);
	c[1] = info->height > 0 ? ex_cell_int(info->height) : ex_cell_none();
	c[2] = ex_cell_str(xt_buf_str(words));
	c[3] = ex_cell_int(flow->cut_edges);
	c[4] = ex_cell_volume(flow->cut_uxem);
	c[5] = in != NULL && in->count_known ? ex_cell_int(in->count) : ex_cell_none();
	c[6] = in != NULL ? ex_cell_volume(in->amount) : ex_cell_none();
	return export_table_row(*out, NULL, c, err);
}

enum xt_status export_flow(struct export_table **out, const struct graph *g,
			   const struct analyse_flow *flow,
			   const struct export_flow_info *info, struct xt_err *err)
{
	struct export_table *t = NULL;
	struct export_table *nodes = NULL;
	struct export_table *edges = NULL;
	struct xt_buf words;
	enum xt_status rc;

	xt_buf_init(&words, EXPORT_MAX_BYTES);
	rc = make_head(&t, flow, info, &words, err);
	if (rc == XT_OK)
		rc = export_nodes(&nodes, g, flow, info, err);
	if (rc == XT_OK)
		rc = export_table_adopt(t, 0, nodes, err);
	if (rc == XT_OK) {
		nodes = NULL;
		rc = export_edges(&edges, g, flow, info, err);
	}
	if (rc == XT_OK)
		rc = export_table_adopt(t, 0, edges, err);
	if (rc == XT_OK) {
		edges = NULL;
		*out = t;
		t = NULL;
	}
	export_table_free(nodes);
	export_table_free(edges);
	export_table_free(t);
	xt_buf_release(&words);
	return rc;
}
