#include <string.h>

#include "flow.h"

static enum xt_status add_xml(struct xt_buf *out, const char *s, struct xt_err *err)
{
	return export_escape(out, EXPORT_XML, s, strlen(s), err);
}

static enum xt_status add_data(struct xt_buf *out, const char *key, const char *value,
			       struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	if (value == NULL)
		return XT_OK;
	rc = xt_buf_addf(out, err, "      <data key=\"%s\">", key);
	if (rc == XT_OK)
		rc = add_xml(out, value, err);
	return rc == XT_OK ? xt_buf_adds(out, "</data>\n", err) : rc;
}

/* The key of a definition is its letter and its name: "n_label", "e_count". */
static enum xt_status add_keys(struct xt_buf *out, const struct ex_attr_def *defs,
			       size_t n, const char *what, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; i < n && rc == XT_OK; i++)
		rc = xt_buf_addf(out, err,
				 "  <key id=\"%c_%s\" for=\"%s\" attr.name=\"%s\" "
				 "attr.type=\"%s\"/>\n",
				 what[0], defs[i].name, what, defs[i].name,
				 defs[i].type);
	return rc;
}

static enum xt_status add_values(struct xt_buf *out, const struct ex_attr_def *defs,
				 size_t n, char letter, const struct ex_attrs *a,
				 struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	char key[40];

	for (size_t i = 0; i < n && rc == XT_OK; i++) {
		(void)snprintf(key, sizeof(key), "%c_%s", letter, defs[i].name);
		rc = add_data(out, key, a->v[i], err);
	}
	return rc;
}

static enum xt_status add_node(struct xt_buf *out, const char *id,
			       const struct ex_attrs *a, struct xt_err *err)
{
	enum xt_status rc = xt_buf_addf(out, err, "    <node id=\"%s\">\n", id);

	if (rc == XT_OK)
		rc = add_values(out, ex_node_defs, EX_NODE_ATTRS, 'n', a, err);
	return rc == XT_OK ? xt_buf_adds(out, "    </node>\n", err) : rc;
}

static enum xt_status add_edge(struct xt_buf *out, size_t number, const char *from,
			       const char *to, const struct ex_attrs *a,
			       struct xt_err *err)
{
	enum xt_status rc = xt_buf_addf(
	    out, err, "    <edge id=\"e%zu\" source=\"%s\" target=\"%s\">\n", number,
	    from, to);

	if (rc == XT_OK)
		rc = add_values(out, ex_edge_defs, EX_EDGE_ATTRS, 'e', a, err);
	return rc == XT_OK ? xt_buf_adds(out, "    </edge>\n", err) : rc;
}

static enum xt_status add_head(struct xt_buf *out, const struct analyse_flow *flow,
			       const struct export_flow_info *info, struct xt_err *err)
{
	struct xt_buf words;
	enum xt_status rc =
	    xt_buf_adds(out,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"
			"  <key id=\"g_title\" for=\"graph\" attr.name=\"title\" "
			"attr.type=\"string\"/>\n"
			"  <key id=\"g_filter\" for=\"graph\" attr.name=\"filter\" "
			"attr.type=\"string\"/>\n"
			"  <key id=\"g_size\" for=\"graph\" attr.name=\"size\" "
			"attr.type=\"string\"/>\n",
			err);

	xt_buf_init(&words, EXPORT_MAX_BYTES);
	if (rc == XT_OK)
		rc = add_keys(out, ex_node_defs, EX_NODE_ATTRS, "node", err);
	if (rc == XT_OK)
		rc = add_keys(out, ex_edge_defs, EX_EDGE_ATTRS, "edge", err);
	if (rc == XT_OK)
		rc = xt_buf_adds(
		    out, "  <graph id=\"flow\" edgedefault=\"directed\">\n", err);
	if (rc == XT_OK)
		rc = add_data(out, "g_title", info->title, err);
	if (rc == XT_OK)
		rc = ex_add_filter(&words, info, err);
	if (rc == XT_OK)
		rc = add_data(out, "g_filter", xt_buf_str(&words), err);
	xt_buf_clear(&words);
	if (rc == XT_OK)
		rc = ex_add_size(&words, flow, info, err);
	if (rc == XT_OK)
		rc = add_data(out, "g_size", xt_buf_str(&words), err);
	xt_buf_release(&words);
	return rc;
}

enum xt_status export_graphml(FILE *f, const struct graph *g,
			      const struct analyse_flow *flow,
			      const struct export_flow_info *info, struct xt_err *err)
{
	struct ex_attrs a;
	struct xt_buf out;
	char id[EX_REST_ID];
	char to[EX_NODE_ID];
	enum xt_status rc;

	ex_attrs_init(&a);
	xt_buf_init(&out, EXPORT_MAX_BYTES);
	rc = add_head(&out, flow, info, err);
	for (size_t i = 0; i < flow->n_nodes && rc == XT_OK; i++) {
		rc = ex_node_attrs(&a, g, info, &flow->nodes[i], err);
		ex_node_id(id, g, info, flow->nodes[i].account);
		if (rc == XT_OK)
			rc = add_node(&out, id, &a, err);
	}
	for (size_t i = 0; i < info->n_rest && rc == XT_OK; i++) {
		ex_rest_node_attrs(&a, &info->rest[i]);
		ex_rest_id(id, g, info, &info->rest[i]);
		rc = add_node(&out, id, &a, err);
	}
	for (size_t i = 0; i < flow->n_edges && rc == XT_OK; i++) {
		const struct analyse_flow_edge *e = &flow->edges[i];

		ex_edge_attrs(&a, g, e);
		ex_node_id(id, g, info, e->from);
		ex_node_id(to, g, info, e->to);
		rc = add_edge(&out, i, id, to, &a, err);
	}
	for (size_t i = 0; i < info->n_rest && rc == XT_OK; i++) {
		ex_rest_edge_attrs(&a, g, &info->rest[i]);
		ex_rest_id(id, g, info, &info->rest[i]);
		ex_node_id(to, g, info, info->rest[i].from);
		rc = add_edge(&out, flow->n_edges + i, to, id, &a, err);
	}
	if (rc == XT_OK)
		rc = xt_buf_adds(&out, "  </graph>\n</graphml>\n", err);
	if (rc == XT_OK)
		rc = ex_write_all(f, &out, err);
	ex_attrs_release(&a);
	xt_buf_release(&out);
	return rc;
}
