/* Pairs of senders and receivers as a matrix, with totals. */
#include <xemtrace/analyse.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* qsort() has no room for the graph. */
struct placed {
	xt_u128 total;
	const char *name;
	uint32_t side; /* before sorting */
};

static int by_total(const void *pa, const void *pb)
{
	const struct placed *a = pa;
	const struct placed *b = pb;

	if (a->total != b->total)
		return a->total > b->total ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int by_place(const void *pa, const void *pb)
{
	const struct analyse_matrix_cell *a = pa;
	const struct analyse_matrix_cell *b = pb;

	if (a->sender != b->sender)
		return a->sender < b->sender ? -1 : 1;
	return a->recipient < b->recipient ? -1 : a->recipient > b->recipient;
}

/* The parties of one side, found through `index` (per account: place and 1, or 0). */
static enum xt_status gather(struct analyse_matrix_side **out, size_t *n,
			     uint32_t *index, const struct analyse_table_row *rows,
			     size_t n_rows, bool senders, struct xt_err *err)
{
	struct analyse_matrix_side *v = xt_calloc(n_rows + 1, sizeof(*v));

	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu parties",
			       n_rows);
	assert(index != NULL);
	for (size_t i = 0; i < n_rows; i++) {
		const uint32_t account = senders ? rows[i].from : rows[i].to;
		struct analyse_matrix_side *side;

		if (index[account] == 0) {
			v[*n] = (struct analyse_matrix_side){
				.account = account,
				.group =
				    senders ? rows[i].from_group : rows[i].to_group,
				.count_known = true,
			};
			index[account] = (uint32_t)++ * n;
		}
		side = &v[index[account] - 1];
		side->total += rows[i].amount;
		side->count += rows[i].count;
		side->count_known = side->count_known && rows[i].count_known;
	}
	*out = v;
	return XT_OK;
}

/* The largest first; index then says the new places. */
static enum xt_status sort(struct analyse_matrix_side **sides, size_t n,
			   uint32_t *index, const struct graph *g, struct xt_err *err)
{
	struct placed *order = xt_calloc(n + 1, sizeof(*order));
	struct analyse_matrix_side *v = xt_calloc(n + 1, sizeof(*v));

	if (order == NULL || v == NULL) {
		free(order);
		free(v);
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu parties", n);
	}
	for (size_t i = 0; i < n; i++)
		order[i] =
		    (struct placed){ (*sides)[i].total, g->party[(*sides)[i].account].s,
				     (uint32_t)i };
	qsort(order, n, sizeof(*order), by_total);
	for (size_t i = 0; i < n; i++) {
		v[i] = (*sides)[order[i].side];
		index[v[i].account] = (uint32_t)i + 1;
	}
	free(order);
	free(*sides);
	*sides = v;
	return XT_OK;
}

enum xt_status analyse_matrix(struct analyse_matrix *out, const struct graph *g,
			      const struct analyse_table_row *rows, size_t n,
			      struct xt_err *err)
{
	const size_t accounts = (size_t)g->n_accounts + 1;
	struct analyse_matrix m = { .rows = rows };
	uint32_t *from = xt_calloc(accounts, sizeof(*from));
	uint32_t *to = xt_calloc(accounts, sizeof(*to));
	enum xt_status rc = XT_OK;

	m.cells = xt_calloc(n + 1, sizeof(*m.cells));
	if (from == NULL || to == NULL || m.cells == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu pairs", n);
	if (rc == XT_OK)
		rc = gather(&m.senders, &m.n_senders, from, rows, n, true, err);
	if (rc == XT_OK)
		rc = gather(&m.recipients, &m.n_recipients, to, rows, n, false, err);
	if (rc == XT_OK)
		rc = sort(&m.senders, m.n_senders, from, g, err);
	if (rc == XT_OK)
		rc = sort(&m.recipients, m.n_recipients, to, g, err);
	for (size_t i = 0; i < n && rc == XT_OK; i++) {
		assert(from != NULL && to != NULL && m.cells != NULL);
		m.cells[i] = (struct analyse_matrix_cell){ from[rows[i].from] - 1,
							   to[rows[i].to] - 1, i };
		m.total += rows[i].amount;
	}
	free(from);
	free(to);
	if (rc != XT_OK) {
		analyse_matrix_release(&m);
		return rc;
	}
	m.n_cells = n;
	assert(m.cells != NULL);
	qsort(m.cells, n, sizeof(*m.cells), by_place);
	*out = m;
	return XT_OK;
}

void analyse_matrix_release(struct analyse_matrix *m)
{
	free(m->senders);
	free(m->recipients);
	free(m->cells);
	*m = (struct analyse_matrix){ 0 };
}
