/* What the files of load share. */
#ifndef XT_LOAD_INTERNAL_H
#define XT_LOAD_INTERNAL_H

#include <xemtrace/load.h>

/* Fill g->digest. */
enum xt_status load_digest(struct graph *g, struct xt_err *err) XT_CHECKED;

/* Openings of accounts that are known from a height on only, from what they held there
 * and the movements before that are known. `account`: row to number; rows 1 to n_rows. One
 * pass over the events if there are such accounts. */
enum xt_status load_partials(struct graph *g, struct store *s, const uint32_t *account,
			     uint64_t n_rows, struct xt_err *err) XT_CHECKED;

#endif
