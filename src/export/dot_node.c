/* Nodes of the DOT text, and what kinds of nodes and lines look like. */
#include "dot.h"

#include <string.h>

/* Columns of a label in a node: what keeps nodes from pushing the edges apart. */
#define NODE_COLUMNS 28
/* Of a tooltip: a group can have hundreds of wallets. */
#define TOOLTIP_COLUMNS 2000

/* ---- looks: shape, line and fill say the same, so that colour is never alone
 * ------------- */

/* Fills are light tints of Okabe and Ito's colours, which colour-blind readers tell
 * apart. */
const struct ex_dot_style ex_dot_looks[N_LOOKS] = {
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
	[LOOK_GROUP] = { "shape=folder style=filled fillcolor=\"#E4E7F7\" "
			 "color=\"#3F4FA8\" penwidth=1.5",
			 "group: wallets of one owner as one party" },
	[LOOK_REST] = { "shape=box3d style=filled fillcolor=\"#EEEEEE\" "
			"color=\"#555555\"",
			"the smaller flows of an account, summed" },
};

const struct ex_dot_style ex_dot_lines[N_LINES] = {
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

enum xt_status ex_dot_text(struct xt_buf *out, const char *s, struct xt_err *err)
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
		return ex_dot_text(out, p->s, err);
	return xt_buf_addf(out, err, "%.6s\xE2\x80\xA6%s", p->s, p->s + n - 5);
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

/* The label's or the group's name, then the account or how many there are. */
static enum xt_status add_name(struct xt_buf *out, const struct graph *g,
			       const struct analyse_flow_node *n, struct xt_err *err)
{
	const struct graph_label *l = ex_label_of(g, n->account);
	enum xt_status rc = XT_OK;

	if (n->group != NULL) {
		rc = add_cut(out, n->group->name, NODE_COLUMNS, err);
		if (rc == XT_OK)
			rc = xt_buf_addf(
			    out, err, "\\ngroup, %zu wallet%s",
			    n->group->member_to - n->group->member_from,
			    n->group->member_to - n->group->member_from == 1 ? ""
									     : "s");
		return rc;
	}
	if (l != NULL) {
		rc = add_cut(out, l->text, NODE_COLUMNS, err);
		if (rc == XT_OK)
			rc = xt_buf_adds(out, "\\n", err);
	}
	return rc == XT_OK ? add_short_party(out, &g->party[n->account], err) : rc;
}

static enum xt_status add_node_text(struct xt_buf *out, const struct graph *g,
				    const struct export_flow_info *info,
				    const struct analyse_flow_node *n,
				    enum ex_look look, struct xt_err *err)
{
	const bool service = look == LOOK_SERVICE || look == LOOK_PROBABLE;
	struct taint_bound b;
	enum xt_status rc = add_name(out, g, n, err);

	if (rc == XT_OK && n->tainted_in > 0)
		rc = add_figure(out, "in", n->tainted_in, err);
	if (rc == XT_OK && !service && n->held > 0)
		rc = add_figure(out, "holds", n->held, err);
	if (rc != XT_OK || !ex_node_bounds(&b, info, n) || b.low == b.high)
		return rc;
	rc = xt_buf_adds(out, service ? "\\n" : "\\nholds ", err);
	return rc == XT_OK ? export_between(out, b.low, b.high, NULL, 0, err) : rc;
}

/* Exact, where the text of the node rounds. */
static enum xt_status add_bounds(struct xt_buf *out,
				 const struct export_flow_info *info,
				 const struct analyse_flow_node *n, struct xt_err *err)
{
	struct taint_bound b;
	enum xt_status rc;

	if (!ex_node_bounds(&b, info, n))
		return XT_OK;
	rc = xt_buf_adds(out, "; under any policy at least ", err);
	if (rc == XT_OK)
		rc = ex_add_xem(out, b.low, true, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(out, ", at most ", err);
	if (rc == XT_OK)
		rc = ex_add_xem(out, b.high, true, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(out,
				 b.exact ? " XEM"
					 : " XEM (guaranteed, perhaps wider than need "
					   "be)",
				 err);
	return rc;
}

/* A group's wallets and reasons; the label of an account. */
static enum xt_status add_about(struct xt_buf *out, const struct graph *g,
				const struct export_flow_info *info,
				const struct analyse_flow_node *n, struct xt_err *err)
{
	const struct graph_label *l = ex_label_of(g, n->account);
	enum xt_status rc = XT_OK;
	struct xt_buf words;

	xt_buf_init(&words, EXPORT_MAX_BYTES);
	if (n->group != NULL) {
		rc = xt_buf_addf(&words, err, " %s: ", n->group->name);
		if (rc == XT_OK)
			rc = ex_add_wallets(&words, g, info, n->group, err);
		if (rc == XT_OK)
			rc = xt_buf_adds(&words, "; one party because ", err);
		if (rc == XT_OK)
			rc = ex_add_reasons(&words, g, info, n->group, err);
	} else if (l != NULL) {
		rc = xt_buf_addf(&words, err, " %s", l->text);
		if (rc == XT_OK && l->category != NULL && l->category[0] != '\0')
			rc = xt_buf_addf(&words, err, " (%s)", l->category);
	}
	if (rc == XT_OK)
		rc = add_cut(out, xt_buf_str(&words), TOOLTIP_COLUMNS, err);
	xt_buf_release(&words);
	return rc;
}

enum xt_status ex_dot_node(struct xt_buf *out, const struct graph *g,
			   const struct export_flow_info *info,
			   const struct analyse_flow_node *n, struct xt_err *err)
{
	const enum ex_look look = ex_look_of(g, n);
	char id[EX_NODE_ID];
	enum xt_status rc;

	ex_node_id(id, g, info, n->account);
	rc = xt_buf_addf(out, err, "\t\"%s\" [label=\"", id);
	if (rc == XT_OK)
		rc = add_node_text(out, g, info, n, look, err);
	if (rc == XT_OK)
		rc = xt_buf_addf(out, err, "\" tooltip=\"%s", id);
	if (rc == XT_OK)
		rc = add_about(out, g, info, n, err);
	if (rc == XT_OK)
		rc = add_bounds(out, info, n, err);
	return rc == XT_OK
		   ? xt_buf_addf(out, err, "\" %s];\n", ex_dot_looks[look].attrs)
		   : rc;
}
