/* node_health: what the case's answers say about the nodes, for status. */
#ifndef CLI_NODE_HEALTH_H
#define CLI_NODE_HEALTH_H

#include "cmd.h"

/* A table "nodes"; empty in a case without answers. Free with export_table_free(). */
enum xt_status node_health(struct cli *c, struct export_table **out,
			   struct xt_err *err) XT_CHECKED;

#endif
