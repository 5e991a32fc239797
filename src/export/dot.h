/* Shared by the files that write DOT. */
#ifndef XT_EXPORT_DOT_H
#define XT_EXPORT_DOT_H

#include "flow.h"

#pragma GCC visibility push(hidden)

struct ex_dot_style {
	const char *attrs, *legend;
};
extern const struct ex_dot_style ex_dot_looks[N_LOOKS];
extern const struct ex_dot_style ex_dot_lines[N_LINES];

/* Inside double quotes. */
enum xt_status ex_dot_text(struct xt_buf *out, const char *s,
			   struct xt_err *err) XT_CHECKED;
enum xt_status ex_dot_node(struct xt_buf *out, const struct graph *g,
			   const struct export_flow_info *info,
			   const struct analyse_flow_node *n,
			   struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#endif
