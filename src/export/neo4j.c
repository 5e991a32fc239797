#include "flow.h"

/* Columns as neo4j-admin reads them: ":ID", ":LABEL", ":START_ID", ":END_ID", ":TYPE",
 * and a type behind each property's name. */
static const struct export_column node_columns[] = {
	{ .key = "address:ID", .kind = EXPORT_STR },
	{ .key = "label", .kind = EXPORT_STR },
	{ .key = "kind", .kind = EXPORT_STR },
	{ .key = "category", .kind = EXPORT_STR },
	{ .key = "confidence:int", .kind = EXPORT_STR },
	{ .key = "service:boolean", .kind = EXPORT_STR },
	{ .key = "state", .kind = EXPORT_STR },
	{ .key = "depth:int", .kind = EXPORT_STR },
	{ .key = "tainted_in_uxem", .kind = EXPORT_STR },
	{ .key = "tainted_in_xem:double", .kind = EXPORT_STR },
	{ .key = "held_uxem", .kind = EXPORT_STR },
	{ .key = "held_xem:double", .kind = EXPORT_STR },
	{ .key = "low_uxem", .kind = EXPORT_STR },
	{ .key = "low_xem:double", .kind = EXPORT_STR },
	{ .key = "high_uxem", .kind = EXPORT_STR },
	{ .key = "high_xem:double", .kind = EXPORT_STR },
	{ .key = "bounds_exact:boolean", .kind = EXPORT_STR },
	{ .key = "group", .kind = EXPORT_STR },
	{ .key = "wallets:int", .kind = EXPORT_STR },
	{ .key = "wallet_list", .kind = EXPORT_STR },
	{ .key = "group_reasons", .kind = EXPORT_STR },
	{ .key = ":LABEL", .kind = EXPORT_STR },
};
static const struct export_column edge_columns[] = {
	{ .key = ":START_ID", .kind = EXPORT_STR },
	{ .key = "tainted_uxem", .kind = EXPORT_STR },
	{ .key = "tainted_xem:double", .kind = EXPORT_STR },
	{ .key = "amount_uxem", .kind = EXPORT_STR },
	{ .key = "amount_xem:double", .kind = EXPORT_STR },
	{ .key = "count:long", .kind = EXPORT_STR },
	{ .key = "first:datetime", .kind = EXPORT_STR },
	{ .key = "last:datetime", .kind = EXPORT_STR },
	{ .key = "time_kind", .kind = EXPORT_STR },
	{ .key = "stands_on", .kind = EXPORT_STR },
	{ .key = "signed_uxem", .kind = EXPORT_STR },
	{ .key = "published_uxem", .kind = EXPORT_STR },
	{ .key = "aggregate_uxem", .kind = EXPORT_STR },
	{ .key = "inferred_uxem", .kind = EXPORT_STR },
	{ .key = "exempt_uxem", .kind = EXPORT_STR },
	{ .key = "reported_uxem", .kind = EXPORT_STR },
	{ .key = "folded_edges:long", .kind = EXPORT_STR },
	{ .key = ":END_ID", .kind = EXPORT_STR },
	{ .key = ":TYPE", .kind = EXPORT_STR },
};

static enum xt_status node_row(struct export_table *t, const char *id,
			       const struct ex_attrs *a, const char *label,
			       struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(node_columns)];

	c[0] = ex_cell_str(id);
	for (size_t i = 0; i < EX_NODE_ATTRS; i++)
		c[i + 1] = ex_cell_str(a->v[i]);
	c[EX_NODE_ATTRS + 1] = ex_cell_str(label);
	return export_table_row(t, NULL, c, err);
}

static enum xt_status edge_row(struct export_table *t, const char *from, const char *to,
			       const struct ex_attrs *a, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(edge_columns)];

	c[0] = ex_cell_str(from);
	for (size_t i = 0; i < EX_EDGE_ATTRS; i++)
		c[i + 1] = ex_cell_str(a->v[i]);
	c[EX_EDGE_ATTRS + 1] = ex_cell_str(to);
	c[EX_EDGE_ATTRS + 2] = ex_cell_str("SENT");
	return export_table_row(t, NULL, c, err);
}

static enum xt_status write_table(FILE *f, const struct export_table *t,
				  struct xt_err *err)
{
	const struct export_doc doc = { .command = "graph", .body = t };

	return export_doc_write(f, EXPORT_CSVF, &doc, err);
}

/* Labels as neo4j-admin reads them. */
static const char *kind_of(const struct analyse_flow_node *n)
{
	if (n->group != NULL)
		return n->service ? "Group;Service" : "Group";
	return n->service ? "Account;Service" : "Account";
}

static enum xt_status write_nodes(FILE *f, const struct graph *g,
				  const struct analyse_flow *flow,
				  const struct export_flow_info *info,
				  struct xt_err *err)
{
	struct export_table *t = NULL;
	struct ex_attrs a;
	char id[EX_REST_ID];
	enum xt_status rc = export_table_new(&t, "nodes", node_columns,
					     XT_ARRAY_SIZE(node_columns), err);

	ex_attrs_init(&a);
	for (size_t i = 0; i < flow->n_nodes && rc == XT_OK; i++) {
		const struct analyse_flow_node *n = &flow->nodes[i];

		rc = ex_node_attrs(&a, g, info, n, err);
		ex_node_id(id, g, info, n->account);
		if (rc == XT_OK)
			rc = node_row(t, id, &a, kind_of(n), err);
	}
	for (size_t i = 0; i < info->n_rest && rc == XT_OK; i++) {
		ex_rest_node_attrs(&a, &info->rest[i]);
		ex_rest_id(id, g, info, &info->rest[i]);
		rc = node_row(t, id, &a, "Rest", err);
	}
	if (rc == XT_OK)
		rc = write_table(f, t, err);
	ex_attrs_release(&a);
	export_table_free(t);
	return rc;
}

static enum xt_status write_edges(FILE *f, const struct graph *g,
				  const struct analyse_flow *flow,
				  const struct export_flow_info *info,
				  struct xt_err *err)
{
	struct export_table *t = NULL;
	struct ex_attrs a;
	char id[EX_REST_ID];
	char to[EX_NODE_ID];
	enum xt_status rc = export_table_new(&t, "edges", edge_columns,
					     XT_ARRAY_SIZE(edge_columns), err);

	ex_attrs_init(&a);
	for (size_t i = 0; i < flow->n_edges && rc == XT_OK; i++) {
		const struct analyse_flow_edge *e = &flow->edges[i];

		ex_edge_attrs(&a, g, e);
		ex_node_id(id, g, info, e->from);
		ex_node_id(to, g, info, e->to);
		rc = edge_row(t, id, to, &a, err);
	}
	for (size_t i = 0; i < info->n_rest && rc == XT_OK; i++) {
		ex_rest_edge_attrs(&a, g, &info->rest[i]);
		ex_rest_id(id, g, info, &info->rest[i]);
		ex_node_id(to, g, info, info->rest[i].from);
		rc = edge_row(t, to, id, &a, err);
	}
	if (rc == XT_OK)
		rc = write_table(f, t, err);
	ex_attrs_release(&a);
	export_table_free(t);
	return rc;
}

enum xt_status export_neo4j(FILE *nodes, FILE *edges, const struct graph *g,
			    const struct analyse_flow *flow,
			    const struct export_flow_info *info, struct xt_err *err)
{
	const enum xt_status rc = write_nodes(nodes, g, flow, info, err);

	return rc == XT_OK ? write_edges(edges, g, flow, info, err) : rc;
}
