/* exclude: a list of accounts that a table leaves out. */
#ifndef CLI_EXCLUDE_H
#define CLI_EXCLUDE_H

#include <xemtrace/graph.h>

/* One address or @name a line; # begins a comment. Marks them in *mask, one byte an
 * account (made if it is NULL; free it). Accounts that the graph does not know are excluded
 * already. XT_E_DATA names file, line and reason. */
enum xt_status exclude_read(uint8_t **mask, const struct graph *g, const char *path,
			    struct xt_err *err) XT_CHECKED;

#endif
