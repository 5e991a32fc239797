/* What the writers of the flow graph share: what a node and an edge are, in words. */
#ifndef XT_EXPORT_FLOW_H
#define XT_EXPORT_FLOW_H

#include "internal.h"

enum ex_look {
	LOOK_VICTIM,
	LOOK_SERVICE,
	LOOK_PROBABLE,
	LOOK_THIEF,
	LOOK_HELD,
	LOOK_PARTY,
	LOOK_NAMED,
	LOOK_PLAIN,
	LOOK_GROUP,
	LOOK_REST,
	N_LOOKS
};
enum ex_look ex_look_of(const struct graph *g, const struct analyse_flow_node *n);
/* The account, or "group:" and the head of the group that it stands for. */
#define EX_NODE_ID 80
void ex_node_id(char out[EX_NODE_ID], const struct graph *g,
		const struct export_flow_info *info, uint32_t account);
/* What any policy that conserves can say of a node's `held`. Of a group the sums over its
 * wallets, which hold, but need not be reached. False: not known. */
bool ex_node_bounds(struct taint_bound *out, const struct export_flow_info *info,
		    const struct analyse_flow_node *n);
/* Wallets of a group, joined by blanks; its reasons, joined by "; ". Not escaped. */
enum xt_status ex_add_wallets(struct xt_buf *out, const struct graph *g,
			      const struct export_flow_info *info,
			      const struct analyse_group *group,
			      struct xt_err *err) XT_CHECKED;
enum xt_status ex_add_reasons(struct xt_buf *out, const struct graph *g,
			      const struct export_flow_info *info,
			      const struct analyse_group *group,
			      struct xt_err *err) XT_CHECKED;
/* "robbed", "service", ... : stable, for GraphML, GEXF and Neo4j. */
const char *ex_look_name(enum ex_look look);

/* The weakest that a figure stands on. */
enum ex_line { LINE_SOLID, LINE_DASHED, LINE_DOTTED, N_LINES };
enum ex_line ex_line_of(const struct analyse_basis *basis);
const char *ex_line_name(enum ex_line line);

/* "rest:" and the id of the node whose flows it sums. */
#define EX_REST_ID 96
void ex_rest_id(char out[EX_REST_ID], const struct graph *g,
		const struct export_flow_info *info, const struct export_rest *rest);

/* "2018-01-26T00:02:13Z"; "" where no time is known. */
void ex_event_time(char out[24], const struct graph *g, uint32_t event, bool end);

/* Policy, height and filter in words: "policy haircut, case up to height 5, edges from
 * 10 XEM". Not escaped: the text may hold the name of a theft. */
enum xt_status ex_add_filter(struct xt_buf *out, const struct export_flow_info *info,
			     struct xt_err *err) XT_CHECKED;
/* "3 accounts, 4 edges; cut by the filter: ..." */
enum xt_status ex_add_size(struct xt_buf *out, const struct analyse_flow *flow,
			   const struct export_flow_info *info,
			   struct xt_err *err) XT_CHECKED;

/* ---- what GraphML, GEXF and Neo4j say of a node and an edge, described once
 * ---------- */

struct ex_attr_def {
	const char *name, *type; /* type: of GraphML and GEXF */
};
#define EX_NODE_ATTRS 20
#define EX_EDGE_ATTRS 16
extern const struct ex_attr_def ex_node_defs[EX_NODE_ATTRS];
extern const struct ex_attr_def ex_edge_defs[EX_EDGE_ATTRS];
/* Values in the order of the definitions; NULL where nothing is known. The texts are
 * borrowed from the graph or kept in `buf`. */
#define EX_ATTRS 20
struct ex_attrs {
	const char *v[EX_ATTRS];
	char buf[EX_ATTRS][48];
	struct xt_buf wallets, reasons;
};
void ex_attrs_init(struct ex_attrs *a);
void ex_attrs_release(struct ex_attrs *a);
/* Each fills all places anew; the texts stand until the next. */
enum xt_status ex_node_attrs(struct ex_attrs *out, const struct graph *g,
			     const struct export_flow_info *info,
			     const struct analyse_flow_node *n,
			     struct xt_err *err) XT_CHECKED;
void ex_rest_node_attrs(struct ex_attrs *out, const struct export_rest *r);
void ex_edge_attrs(struct ex_attrs *out, const struct graph *g,
		   const struct analyse_flow_edge *e);
void ex_rest_edge_attrs(struct ex_attrs *out, const struct graph *g,
			const struct export_rest *r);

#endif
