#include <xemtrace/export.h>

#include <string.h>

#include <xemtrace/nem.h>

#include "flow.h"

#define FONT "DejaVu Sans,Verdana,sans-serif"
/* Columns of a label in a node: what keeps nodes from pushing the edges apart. */
#define NODE_COLUMNS 28
/* Tenths of a point from which a line is as thick as its text is near. */
#define THICK 20

/* ---- looks: shape, line and fill say the same, so that colour is never alone
 * ------------- */

/* Fills are light tints of Okabe and Ito's colours, which colour-blind readers tell
 * apart. */
static const struct {
	const char *attrs, *legend;
} looks[N_LOOKS] = {
	[LOOK_VICTIM] = { "shape=house style=filled fillcolor=\"#D3E8F6\" "
			  "color=\"#0072B2\" penwidth=2",
			  "robbed account" },
	[LOOK_SERVICE] = { "shape=box peripheries=2 style=filled "
			   "fillcolor=\"#D0EDE3\" color=\"#007A5A\" penwidth=1.5",
			   "exchange or other service: the trace stops" },
	[LOOK_PROBABLE] = { "shape=box style=\"filled,dashed\" fillcolor=\"#E8F4F0\" "
			    "color=\"#007A5A\" penwidth=1.5",
			    "probable service: the trace stops" },
	[LOOK_THIEF] = { "shape=octagon style=filled fillcolor=\"#F9D9C4\" "
			 "color=\"#B84A00\" penwidth=2",
			 "the theft arrived here" },
	[LOOK_HELD] = { "shape=hexagon style=filled fillcolor=\"#FCEBDD\" "
			"color=\"#B84A00\" penwidth=1.5",
			"labelled as the thief's wallet or shop" },
	[LOOK_PARTY] = { "shape=note style=filled fillcolor=\"#FBF6C8\" "
			 "color=\"#8A7A00\"",
			 "named by a record without an address" },
	[LOOK_NAMED] = { "shape=box style=\"filled,rounded\" fillcolor=\"#F1E3EC\" "
			 "color=\"#95507A\"",
			 "labelled account" },
	[LOOK_PLAIN] = { "shape=ellipse style=filled fillcolor=\"#FFFFFF\" "
			 "color=\"#555555\"",
			 "account without a label" },
	[LOOK_REST] = { "shape=box3d style=filled fillcolor=\"#EEEEEE\" "
			"color=\"#555555\"",
			"the smaller flows of an account, summed" },
};

static const struct {
	const char *attrs, *legend;
} lines[N_LINES] = {
	[LINE_SOLID] = { "style=solid color=\"#37474F\"",
			 "transfers signed or published "
			 "one by one" },
	[LINE_DASHED] = { "style=dashed color=\"#0B5A8A\"",
			  "some known as totals of a record only" },
	[LINE_DOTTED] = { "style=dotted color=\"#9A3B00\"",
			  "some inferred from a record" },
};

/* ---- pieces of text
 * ------------------------------------------------------------------------ */

static enum xt_status add_escaped(struct xt_buf *out, const char *s, struct xt_err *err)
{
	return export_escape(out, EXPORT_DOT, s, strlen(s), err);
}

/* The text is cut before it is escaped, so that no escape is cut in two. */
static enum xt_status add_cut(struct xt_buf *out, const char *s, size_t columns,
			      struct xt_err *err)
{
	struct xt_buf b;
	enum xt_status rc;

	xt_buf_init(&b, EXPORT_MAX_BYTES);
	rc = ex_add_short(&b, s, columns, err);
	if (rc == XT_OK)
		rc = export_escape(out, EXPORT_DOT, xt_buf_str(&b), b.len, err);
	xt_buf_release(&b);
	return rc;
}

/* NC4C6P...N77OG of an address; a party's name in full. */
static enum xt_status add_short_party(struct xt_buf *out, const struct nem_party *p,
				      struct xt_err *err)
{
	const size_t n = strlen(p->s);

	if (p->s[0] == '@' || n < 16)
		return add_escaped(out, p->s, err);
	return xt_buf_addf(out, err, "%.6s\xE2\x80\xA6%s", p->s, p->s + n - 5);
}

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

/* ---- nodes
 * ------------------------------------------------------------------------------------
 */

static enum xt_status add_figure(struct xt_buf *out, const char *what, xt_u128 v,
				 struct xt_err *err)
{
	enum xt_status rc = xt_buf_addf(out, err, "\\n%s ", what);

	return rc == XT_OK ? ex_add_xem(out, v, true, err) : rc;
}

static enum xt_status add_node_text(struct xt_buf *out, const struct graph *g,
				    const struct analyse_flow_node *n,
				    enum ex_look look, struct xt_err *err)
{
	const struct graph_label *l = ex_label_of(g, n->account);
	enum xt_status rc = XT_OK;

	if (l != NULL) {
		rc = add_cut(out, l->text, NODE_COLUMNS, err);
		if (rc == XT_OK)
			rc = xt_buf_adds(out, "\\n", err);
	}
	if (rc == XT_OK)
		rc = add_short_party(out, &g->party[n->account], err);
	if (rc == XT_OK && n->tainted_in > 0)
		rc = add_figure(out, "in", n->tainted_in, err);
	if (rc != XT_OK || look == LOOK_SERVICE || look == LOOK_PROBABLE)
		return rc;
	if (n->held > 0)
		return add_figure(out, "holds", n->held, err);
	return rc;
}

static enum xt_status add_node(struct xt_buf *out, const struct graph *g,
			       const struct analyse_flow_node *n, struct xt_err *err)
{
	const struct graph_label *l = ex_label_of(g, n->account);
	const enum ex_look look = ex_look_of(g, n);
	const char *party = g->party[n->account].s;
	enum xt_status rc = xt_buf_addf(out, err, "\t\"%s\" [label=\"", party);

	if (rc == XT_OK)
		rc = add_node_text(out, g, n, look, err);
	if (rc == XT_OK)
		rc = xt_buf_addf(out, err, "\" tooltip=\"%s", party);
	if (rc == XT_OK && l != NULL) {
		rc = xt_buf_adds(out, " ", err);
		if (rc == XT_OK)
			rc = add_escaped(out, l->text, err);
		if (rc == XT_OK && l->category != NULL && l->category[0] != '\0') {
			rc = xt_buf_adds(out, " (", err);
			if (rc == XT_OK)
				rc = add_escaped(out, l->category, err);
			if (rc == XT_OK)
				rc = xt_buf_adds(out, ")", err);
		}
	}
	if (rc == XT_OK)
		rc = xt_buf_addf(out, err, "\" %s];\n", looks[look].attrs);
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
			       const struct analyse_flow_edge *e, struct xt_err *err)
{
	const unsigned pen = pen_of(f, e->tainted);
	enum xt_status rc;

	rc = xt_buf_addf(out, err, "\t\"%s\" -> \"%s\" [label=\"", g->party[e->from].s,
			 g->party[e->to].s);
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
		rc = xt_buf_addf(out, err, "\" tooltip=\"%s to %s, moved in all ",
				 g->party[e->from].s, g->party[e->to].s);
	if (rc == XT_OK)
		rc = ex_add_xem(out, e->amount, true, err);
	if (rc == XT_OK)
		rc = xt_buf_addf(out, err, " XEM\" penwidth=%u.%u %s];\n", pen / 10,
				 pen % 10, lines[ex_line_of(&e->basis)].attrs);
	return rc;
}

/* The node of what was folded, and the edge to it. */
static enum xt_status add_rest(struct xt_buf *out, const struct graph *g,
			       const struct export_rest *r, struct xt_err *err)
{
	char id[EX_REST_ID];
	enum xt_status rc;

	ex_rest_id(id, g, r);
	rc = xt_buf_addf(out, err,
			 "\t\"%s\" [label=\"%zu smaller flows\\nsummed\" "
			 "tooltip=\"%s\" %s];\n\t\"%s\" -> \"%s\" [label=\"",
			 id, r->edges, id, looks[LOOK_REST].attrs, g->party[r->from].s,
			 id);
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
				 lines[ex_line_of(&r->basis)].attrs);
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
		rc = add_escaped(out, info->title, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(out, "\\l", err);
	if (rc == XT_OK)
		rc = ex_add_filter(&words, info, err);
	if (rc == XT_OK)
		rc = add_escaped(out, xt_buf_str(&words), err);
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
	rc = xt_buf_adds(
	    out,
	    "\tsubgraph cluster_legend {\n"
	    "\t\tlabel=\"Legend (amounts: tainted XEM; width of a line: its "
	    "logarithm; times: UTC)\";\n"
	    "\t\tfontsize=10; style=filled; fillcolor=\"#FAFAFA\"; "
	    "color=\"#BBBBBB\";\n"
	    "\t\tnode [fontsize=9 margin=\"0.12,0.04\" height=0.3];\n",
	    err);
	for (size_t i = 0; i < N_LOOKS && rc == XT_OK; i++)
		if (has_look[i])
			rc = xt_buf_addf(out, err,
					 "\t\t\"legend node %zu\" [label=\"%s\" %s];\n",
					 i, looks[i].legend, looks[i].attrs);
	for (size_t i = 0; i < N_LINES && rc == XT_OK; i++)
		if (has_line[i])
			rc = xt_buf_addf(
			    out, err,
			    "\t\t\"legend line %zu\" [label=\"\" shape=point "
			    "width=0.05 height=0.05];\n"
			    "\t\t\"legend end %zu\" [label=\"\" shape=point "
			    "width=0.05 height=0.05];\n"
			    "\t\t\"legend line %zu\" -> \"legend end %zu\" "
			    "[label=\"%s\" penwidth=2 weight=50 %s];\n",
			    i, i, i, i, lines[i].legend, lines[i].attrs);
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
	if (rc == XT_OK)
		rc = add_title(&out, flow, info, err);
	for (size_t i = 0; i < flow->n_nodes && rc == XT_OK; i++)
		rc = add_node(&out, g, &flow->nodes[i], err);
	for (size_t i = 0; i < flow->n_edges && rc == XT_OK; i++)
		rc = add_edge(&out, g, flow, &flow->edges[i], err);
	for (size_t i = 0; i < info->n_rest && rc == XT_OK; i++)
		rc = add_rest(&out, g, &info->rest[i], err);
	if (rc == XT_OK)
		rc = add_legend(&out, g, flow, info, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(&out, "}\n", err);
	if (rc == XT_OK)
		rc = ex_write_all(f, &out, err);
	xt_buf_release(&out);
	return rc;
}
