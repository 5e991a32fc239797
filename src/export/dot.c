#include <xemtrace/export.h>

#include <string.h>

#include <xemtrace/nem.h>

#include "dot.h"

#define FONT "DejaVu Sans,Verdana,sans-serif"
#define BOUNDS_LEGEND                                                                  \
	"\\lbetween A and B: what any policy that keeps amounts says at least and at " \
	"most;\\lan account without it has the same figure under each of them\\l"
/* From so many edges on the layout may stop before it is the best. */
#define MANY_EDGES 150
/* Tenths of a point from which a line is as thick as its text is near. */
#define THICK 20

static enum xt_status add_date(struct xt_buf *out, int64_t t, struct xt_err *err)
{
	char s[24];

	nem_time_format_utc(s, t);
	s[10] = '\0';
	return xt_buf_adds(out, s, err);
}

static const struct graph_tx *tx_of(const struct graph *g, uint32_t event)
{
	return &g->txs[g->event_tx[event]];
}

/* "2018-01-26..2018-02-03", "2018-01-26", "date unknown". */
static enum xt_status add_dates(struct xt_buf *out, const struct graph *g,
				uint32_t from, uint32_t to, struct xt_err *err)
{
	const struct graph_tx *first = tx_of(g, from);
	const struct graph_tx *last = tx_of(g, to);
	char a[24];
	char b[24];
	enum xt_status rc;

	if (first->time_kind == GRAPH_TIME_NONE || last->time_kind == GRAPH_TIME_NONE)
		return xt_buf_adds(out, "date unknown", err);
	nem_time_format_utc(a, first->time);
	nem_time_format_utc(b, last->time_last);
	rc = add_date(out, first->time, err);
	if (rc == XT_OK && strncmp(a, b, 10) != 0) {
		rc = xt_buf_adds(out, "..", err);
		if (rc == XT_OK)
			rc = add_date(out, last->time_last, err);
	}
	return rc;
}

/* ---- edges
 * ------------------------------------------------------------------------------------
 */

/* Logarithm to the base 2 in sixteenths, good enough for a pen and the same everywhere.
 */
static unsigned log_16(uint64_t v)
{
	const unsigned bit = 63 - (unsigned)__builtin_clzll(v);
	const uint64_t rest = v - (UINT64_C(1) << bit);

	return bit * 16 + (unsigned)(bit >= 4 ? rest >> (bit - 4) : rest << (4 - bit));
}

/* Tenths of a point: 8 for the smallest edge of the picture, 50 for the largest. */
static unsigned pen_of(const struct analyse_flow *f, uint64_t v)
{
	const unsigned most = log_16(f->edges[0].tainted);
	const unsigned least = log_16(f->edges[f->n_edges - 1].tainted);

	if (most == least)
		return 20;
	return 8 + 42 * (log_16(v) - least) / (most - least);
}

static enum xt_status add_edge(struct xt_buf *out, const struct graph *g,
			       const struct analyse_flow *f,
			       const struct export_flow_info *info,
			       const struct analyse_flow_edge *e, struct xt_err *err)
{
	const unsigned pen = pen_of(f, e->tainted);
	char from[EX_NODE_ID];
	char to[EX_NODE_ID];
	enum xt_status rc;

	ex_node_id(from, g, info, e->from);
	ex_node_id(to, g, info, e->to);
	rc = xt_buf_addf(out, err, "\t\"%s\" -> \"%s\" [label=\"", from, to);
	if (rc == XT_OK)
		rc = ex_add_xem(out, e->tainted, true, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(out, " XEM\\n", err);
	if (rc == XT_OK)
		rc = add_dates(out, g, e->first, e->last, err);
	if (rc == XT_OK && e->count_known)
		rc = xt_buf_addf(out, err, " (%llu)", (unsigned long long)e->count);
	else if (rc == XT_OK)
		rc = xt_buf_adds(out, " (?)", err);
	/* A thick line would run through the lower line of its text. */
	if (rc == XT_OK && pen >= THICK)
		rc = xt_buf_adds(out, "\\n ", err);
	if (rc == XT_OK)
		rc = xt_buf_addf(out, err, "\" tooltip=\"%s to %s, moved in all ", from,
				 to);
	if (rc == XT_OK)
		rc = ex_add_xem(out, e->amount, true, err);
	if (rc == XT_OK)
		rc = xt_buf_addf(out, err, " XEM\" penwidth=%u.%u %s];\n", pen / 10,
				 pen % 10, ex_dot_lines[ex_line_of(&e->basis)].attrs);
	return rc;
}

/* The node of what was folded, and the edge to it. */
static enum xt_status add_rest(struct xt_buf *out, const struct graph *g,
			       const struct export_flow_info *info,
			       const struct export_rest *r, struct xt_err *err)
{
	char id[EX_REST_ID];
	char from[EX_NODE_ID];
	enum xt_status rc;

	ex_node_id(from, g, info, r->from);
	ex_rest_id(id, g, info, r);
	rc = xt_buf_addf(out, err,
			 "\t\"%s\" [label=\"%zu smaller flows\\nsummed\" "
			 "tooltip=\"%s\" %s];\n\t\"%s\" -> \"%s\" [label=\"",
			 id, r->edges, id, ex_dot_looks[LOOK_REST].attrs, from, id);
	if (rc == XT_OK)
		rc = ex_add_xem(out, r->tainted, true, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(out, " XEM\\n", err);
	if (rc == XT_OK)
		rc = add_dates(out, g, r->first, r->last, err);
	if (rc == XT_OK && r->count_known)
		rc = xt_buf_addf(out, err, " (%llu)", (unsigned long long)r->count);
	else if (rc == XT_OK)
		rc = xt_buf_adds(out, " (?)", err);
	if (rc == XT_OK)
		rc = xt_buf_addf(out, err, "\" penwidth=1.5 %s];\n",
				 ex_dot_lines[ex_line_of(&r->basis)].attrs);
	return rc;
}

/* ---- title and legend
 * --------------------------------------------------------------------------- */

static enum xt_status add_title(struct xt_buf *out, const struct analyse_flow *f,
				const struct export_flow_info *info, struct xt_err *err)
{
	enum xt_status rc = xt_buf_adds(out, "\tlabel=\"", err);
	struct xt_buf words;

	xt_buf_init(&words, EXPORT_MAX_BYTES);
	if (rc == XT_OK && info->title != NULL)
		rc = ex_dot_text(out, info->title, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(out, "\\l", err);
	if (rc == XT_OK)
		rc = ex_add_filter(&words, info, err);
	if (rc == XT_OK)
		rc = ex_dot_text(out, xt_buf_str(&words), err);
	if (rc == XT_OK)
		rc = xt_buf_adds(out, "\\l", err);
	if (rc == XT_OK)
		rc = ex_add_size(out, f, info, err);
	xt_buf_release(&words);
	return rc == XT_OK ? xt_buf_adds(out, "\\l\";\n", err) : rc;
}

/* Only what the picture has, and in a cluster of its own. */
static enum xt_status add_legend(struct xt_buf *out, const struct graph *g,
				 const struct analyse_flow *f,
				 const struct export_flow_info *info,
				 struct xt_err *err)
{
	bool has_look[N_LOOKS] = { false };
	bool has_line[N_LINES] = { false };
	enum xt_status rc;

	for (size_t i = 0; i < f->n_nodes; i++)
		has_look[ex_look_of(g, &f->nodes[i])] = true;
	for (size_t i = 0; i < f->n_edges; i++)
		has_line[ex_line_of(&f->edges[i].basis)] = true;
	for (size_t i = 0; i < info->n_rest; i++) {
		has_look[LOOK_REST] = true;
		has_line[ex_line_of(&info->rest[i].basis)] = true;
	}
	rc = xt_buf_addf(
	    out, err,
	    "\tsubgraph cluster_legend {\n"
	    "\t\tlabel=\"Legend (amounts: tainted XEM; width of a line: its "
	    "logarithm; times: UTC)%s\";\n"
	    "\t\tlabeljust=l; fontsize=10; style=filled; fillcolor=\"#FAFAFA\"; "
	    "color=\"#BBBBBB\";\n"
	    "\t\tnode [fontsize=9 margin=\"0.12,0.04\" height=0.3];\n",
	    info->bounds != NULL ? BOUNDS_LEGEND : "");
	for (size_t i = 0; i < N_LOOKS && rc == XT_OK; i++)
		if (has_look[i])
			rc = xt_buf_addf(
			    out, err, "\t\t\"legend node %zu\" [label=\"%s\" %s];\n", i,
			    ex_dot_looks[i].legend, ex_dot_looks[i].attrs);
	/* The words stand behind the line: a sloping line would run through them. */
	for (size_t i = 0; i < N_LINES && rc == XT_OK; i++)
		if (has_line[i])
			rc = xt_buf_addf(
			    out, err,
			    "\t\t\"legend line %zu\" [label=\"\" shape=point "
			    "width=0.05 height=0.05];\n"
			    "\t\t\"legend end %zu\" [label=\"%s\" shape=plaintext];\n"
			    "\t\t\"legend line %zu\" -> \"legend end %zu\" "
			    "[penwidth=2 weight=50 %s];\n",
			    i, i, ex_dot_lines[i].legend, i, i, ex_dot_lines[i].attrs);
	return rc == XT_OK ? xt_buf_adds(out, "\t}\n", err) : rc;
}

enum xt_status export_dot(FILE *f, const struct graph *g,
			  const struct analyse_flow *flow,
			  const struct export_flow_info *info, struct xt_err *err)
{
	enum xt_status rc;
	struct xt_buf out;

	xt_buf_init(&out, EXPORT_MAX_BYTES);
	rc = xt_buf_adds(&out,
			 "digraph flow {\n"
			 "\tgraph [rankdir=LR charset=\"UTF-8\" fontname=\"" FONT
			 "\" fontsize=14 labelloc=t labeljust=l nodesep=0.28 "
			 "ranksep=0.9 bgcolor=white pad=0.3 tooltip=\" \"];\n"
			 "\tnode [fontname=\"" FONT
			 "\" fontsize=11 margin=\"0.14,0.07\"];\n"
			 "\tedge [fontname=\"" FONT
			 "\" fontsize=9 arrowsize=0.7 fontcolor=\"#222222\"];\n",
			 err);
	if (rc == XT_OK && flow->n_edges > MANY_EDGES)
		rc = xt_buf_adds(&out, "\tgraph [nslimit=2 nslimit1=2];\n", err);
	if (rc == XT_OK)
		rc = add_title(&out, flow, info, err);
	for (size_t i = 0; i < flow->n_nodes && rc == XT_OK; i++)
		rc = ex_dot_node(&out, g, info, &flow->nodes[i], err);
	for (size_t i = 0; i < flow->n_edges && rc == XT_OK; i++)
		rc = add_edge(&out, g, flow, info, &flow->edges[i], err);
	for (size_t i = 0; i < info->n_rest && rc == XT_OK; i++)
		rc = add_rest(&out, g, info, &info->rest[i], err);
	if (rc == XT_OK)
		rc = add_legend(&out, g, flow, info, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(&out, "}\n", err);
	if (rc == XT_OK)
		rc = ex_write_all(f, &out, err);
	xt_buf_release(&out);
	return rc;
}
