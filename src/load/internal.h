/* What the files of load share. */
#ifndef XT_LOAD_INTERNAL_H
#define XT_LOAD_INTERNAL_H

#include <xemtrace/load.h>

/* Fill g->digest. */
enum xt_status load_digest(struct graph *g, struct xt_err *err) XT_CHECKED;

#endif
