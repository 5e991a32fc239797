#include <string.h>

#include "flow.h"

static enum xt_status add_xml(struct xt_buf *out, const char *s, struct xt_err *err)
{
	return export_escape(out, EXPORT_XML, s, strlen(s), err);
}

static enum xt_status add_defs(struct xt_buf *out, const struct ex_attr_def *defs,
			       size_t n, const char *what, struct xt_err *err)
{
	enum xt_status rc =
	    xt_buf_addf(out, err, "    <attributes class=\"%s\">\n", what);

	for (size_t i = 0; i < n && rc == XT_OK; i++)
		rc = xt_buf_addf(
		    out, err,
		    "      <attribute id=\"%zu\" title=\"%s\" type=\"%s\"/>\n", i,
		    defs[i].name,
		    strcmp(defs[i].type, "int") == 0 ? "integer" : defs[i].type);
	return rc == XT_OK ? xt_buf_adds(out, "    </attributes>\n", err) : rc;
}

static enum xt_status add_values(struct xt_buf *out, size_t n, const struct ex_attrs *a,
				 struct xt_err *err)
{
	enum xt_status rc = xt_buf_adds(out, "        <attvalues>\n", err);

	for (size_t i = 0; i < n && rc == XT_OK; i++) {
		if (a->v[i] == NULL)
			continue;
		rc = xt_buf_addf(out, err, "          <attvalue for=\"%zu\" value=\"",
				 i);
		if (rc == XT_OK)
			rc = add_xml(out, a->v[i], err);
		if (rc == XT_OK)
			rc = xt_buf_adds(out, "\"/>\n", err);
	}
	return rc == XT_OK ? xt_buf_adds(out, "        </attvalues>\n", err) : rc;
}

/* What Gephi shows beside a node: the label, else the account. */
static enum xt_status add_node(struct xt_buf *out, const char *id,
			       const struct ex_attrs *a, struct xt_err *err)
{
	enum xt_status rc = xt_buf_addf(out, err, "      <node id=\"%s\" label=\"", id);

	if (rc == XT_OK)
		rc = add_xml(out, a->v[0] != NULL ? a->v[0] : id, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(out, "\">\n", err);
	if (rc == XT_OK)
		rc = add_values(out, EX_NODE_ATTRS, a, err);
	return rc == XT_OK ? xt_buf_adds(out, "      </node>\n", err) : rc;
}

/* The second value is the tainted amount as a number: the weight of a line. */
static enum xt_status add_edge(struct xt_buf *out, size_t number, const char *from,
			       const char *to, const struct ex_attrs *a,
			       struct xt_err *err)
{
	enum xt_status rc = xt_buf_addf(out, err,
					"      <edge id=\"%zu\" source=\"%s\" "
					"target=\"%s\" weight=\"%s\">\n",
					number, from, to, a->v[1]);

	if (rc == XT_OK)
		rc = add_values(out, EX_EDGE_ATTRS, a, err);
	return rc == XT_OK ? xt_buf_adds(out, "      </edge>\n", err) : rc;
}

static enum xt_status add_head(struct xt_buf *out, const struct analyse_flow *flow,
			       const struct export_flow_info *info, struct xt_err *err)
{
	struct xt_buf words;
	enum xt_status rc =
	    xt_buf_adds(out,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<gexf xmlns=\"http://www.gexf.net/1.2draft\" "
			"version=\"1.2\">\n  <meta>\n    <creator>xemtrace</creator>\n"
			"    <description>",
			err);

	xt_buf_init(&words, EXPORT_MAX_BYTES);
	if (rc == XT_OK && info->title != NULL)
		rc = xt_buf_addf(&words, err, "%s: ", info->title);
	if (rc == XT_OK)
		rc = ex_add_filter(&words, info, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(&words, "; ", err);
	if (rc == XT_OK)
		rc = ex_add_size(&words, flow, info, err);
	if (rc == XT_OK)
		rc = add_xml(out, xt_buf_str(&words), err);
	xt_buf_release(&words);
	if (rc == XT_OK)
		rc = xt_buf_adds(out,
				 "</description>\n  </meta>\n"
				 "  <graph defaultedgetype=\"directed\" "
				 "mode=\"static\">\n",
				 err);
	if (rc == XT_OK)
		rc = add_defs(out, ex_node_defs, EX_NODE_ATTRS, "node", err);
	if (rc == XT_OK)
		rc = add_defs(out, ex_edge_defs, EX_EDGE_ATTRS, "edge", err);
	return rc;
}

static enum xt_status add_nodes(struct xt_buf *out, const struct graph *g,
				const struct analyse_flow *flow,
				const struct export_flow_info *info, struct xt_err *err)
{
	enum xt_status rc = xt_buf_adds(out, "    <nodes>\n", err);
	struct ex_attrs a;
	char id[EX_REST_ID];

	ex_attrs_init(&a);
	for (size_t i = 0; i < flow->n_nodes && rc == XT_OK; i++) {
		rc = ex_node_attrs(&a, g, info, &flow->nodes[i], err);
		ex_node_id(id, g, info, flow->nodes[i].account);
		if (rc == XT_OK)
			rc = add_node(out, id, &a, err);
	}
	for (size_t i = 0; i < info->n_rest && rc == XT_OK; i++) {
		ex_rest_node_attrs(&a, &info->rest[i]);
		ex_rest_id(id, g, info, &info->rest[i]);
		rc = add_node(out, id, &a, err);
	}
	ex_attrs_release(&a);
	return rc == XT_OK ? xt_buf_adds(out, "    </nodes>\n", err) : rc;
}

static enum xt_status add_edges(struct xt_buf *out, const struct graph *g,
				const struct analyse_flow *flow,
				const struct export_flow_info *info, struct xt_err *err)
{
	enum xt_status rc = xt_buf_adds(out, "    <edges>\n", err);
	struct ex_attrs a;
	char id[EX_REST_ID];
	char to[EX_NODE_ID];

	ex_attrs_init(&a);
	for (size_t i = 0; i < flow->n_edges && rc == XT_OK; i++) {
		const struct analyse_flow_edge *e = &flow->edges[i];

		ex_edge_attrs(&a, g, e);
		ex_node_id(id, g, info, e->from);
		ex_node_id(to, g, info, e->to);
		rc = add_edge(out, i, id, to, &a, err);
	}
	for (size_t i = 0; i < info->n_rest && rc == XT_OK; i++) {
		ex_rest_edge_attrs(&a, g, &info->rest[i]);
		ex_rest_id(id, g, info, &info->rest[i]);
		ex_node_id(to, g, info, info->rest[i].from);
		rc = add_edge(out, flow->n_edges + i, to, id, &a, err);
	}
	ex_attrs_release(&a);
	return rc == XT_OK ? xt_buf_adds(out, "    </edges>\n", err) : rc;
}

enum xt_status export_gexf(FILE *f, const struct graph *g,
			   const struct analyse_flow *flow,
			   const struct export_flow_info *info, struct xt_err *err)
{
	struct xt_buf out;
	enum xt_status rc;

	xt_buf_init(&out, EXPORT_MAX_BYTES);
	rc = add_head(&out, flow, info, err);
	if (rc == XT_OK)
		rc = add_nodes(&out, g, flow, info, err);
	if (rc == XT_OK)
		rc = add_edges(&out, g, flow, info, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(&out, "  </graph>\n</gexf>\n", err);
	if (rc == XT_OK)
		rc = ex_write_all(f, &out, err);
	xt_buf_release(&out);
	return rc;
}
