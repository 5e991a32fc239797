/* One transfer as a row, wherever findings list their transactions. */
#ifndef XT_EXPORT_FINDINGS_EVENT_H
#define XT_EXPORT_FINDINGS_EVENT_H

#include "internal.h"

#define EX_EVENT_COLUMNS 16
extern const struct export_column ex_event_columns[EX_EVENT_COLUMNS];
/* tainted: of this movement; NULL without a run. */
enum xt_status ex_add_event(struct export_table *t, const struct graph *g,
			    uint32_t event, const uint64_t *tainted,
			    struct xt_err *err) XT_CHECKED;
/* A child table of at most `limit` events (0: all) of v[from..to). */
enum xt_status ex_add_evidence(struct export_table *t, size_t row,
			       const struct graph *g, const uint32_t *v, size_t from,
			       size_t to, size_t limit, struct xt_err *err) XT_CHECKED;

/* How a sentence calls an account: "Yobit (presumed) (label, confidence 50)", for a name
 * is as sure as its label, or the address. */
enum xt_status ex_add_name(struct xt_buf *b, const struct graph *g, uint32_t account,
			   struct xt_err *err) XT_CHECKED;
enum xt_status ex_buf_xem(struct xt_buf *b, xt_u128 uxem,
			  struct xt_err *err) XT_CHECKED;

#endif
