/* What the files of load share. */
#ifndef XT_LOAD_INTERNAL_H
#define XT_LOAD_INTERNAL_H

#include <xemtrace/load.h>

/* The number in the graph of a row of the case; GRAPH_NONE: there is none. */
static inline uint32_t load_row(const uint32_t *map, uint64_t n, int64_t row)
{
	return row > 0 && (uint64_t)row <= n ? map[row] : GRAPH_NONE;
}

/* A graph that has its accounts and transactions, and by which row of the case each is known:
 * rows 1 to n_accounts and n_txs. */
struct load_rows {
	struct store *s;
	struct graph *g;
	const uint32_t *account, *tx;
	uint64_t n_accounts, n_txs;
};
/* What the analyst said, marks.c: what is stolen, who is who, what is clean. Only seeds need
 * `tx`. */
enum xt_status load_seeds(const struct load_rows *rows, struct xt_err *err) XT_CHECKED;
enum xt_status load_labels(const struct load_rows *rows, struct xt_err *err) XT_CHECKED;
enum xt_status load_cleans(const struct load_rows *rows, struct xt_err *err) XT_CHECKED;

/* Fill g->digest. */
enum xt_status load_digest(struct graph *g, struct xt_err *err) XT_CHECKED;

/* Openings of accounts that are known from a height on only, from what they held there
 * and the movements before that are known. `account`: row to number; rows 1 to n_rows. One
 * pass over the events if there are such accounts. */
enum xt_status load_partials(struct graph *g, struct store *s, const uint32_t *account,
			     uint64_t n_rows, struct xt_err *err) XT_CHECKED;

#endif
