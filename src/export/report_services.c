/* Deposits of the report page: services and memos of each policy. */
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "report_put.h"

#define ALL (-2)

struct figures {
	uint64_t tainted, incomplete;
	xt_u128 amount;
	uint64_t count;
	bool count_known;
	uint32_t first, last;
	const struct analyse_basis *basis;
};

/* What it stands on: the number of the provenance if it is one alone, else all. */
static void put_basis(struct ex_json *j, const struct analyse_basis *b)
{
	static const enum nem_provenance order[] = { NEM_SIGNED,    NEM_PUBLISHED,
						     NEM_AGGREGATE, NEM_INFERRED,
						     NEM_EXEMPT,    NEM_REPORTED };
	size_t n = 0;
	size_t one = 0;

	for (size_t i = 0; i < XT_ARRAY_SIZE(order); i++) {
		if (b->by[order[i]] == 0)
			continue;
		one = i;
		n++;
	}
	if (n == 1) {
		ex_json_int(j, (int64_t)one);
		return;
	}
	ex_json_open(j, "[");
	for (size_t i = 0; i < XT_ARRAY_SIZE(order); i++)
		ex_json_amount(j, b->by[order[i]]);
	ex_json_close(j, "]");
}

/* Of it uncertain, all XEM (ALL: as much as was stolen), transfers, first, how much later
 * the last, what it stands on. */
static void put_figures(struct ex_json *j, const struct graph *g,
			const struct figures *f)
{
	const struct export_cell first = ex_cell_time(g, f->first, false);
	const struct export_cell last = ex_cell_time(g, f->last, true);

	ex_json_amount(j, f->tainted);
	ex_json_amount(j, f->incomplete);
	if (f->amount == f->tainted)
		ex_json_int(j, ALL);
	else
		ex_json_amount(j, f->amount);
	ex_json_count(j, f->count, f->count_known);
	ex_json_time(j, g, f->first, false);
	if (first.absent || last.absent)
		ex_json_time(j, g, f->last, true);
	else
		ex_json_int(j, last.v.time - first.v.time);
	put_basis(j, f->basis);
}

/* What the deposits of memos were worth, as a decimal text; null where not known. */
static void put_value(struct ex_json *j, const struct graph *g,
		      const struct analyse_exchanges *e, size_t memo_from,
		      size_t memo_to)
{
	struct analyse_value v = analyse_value_none(e->prices);
	struct export_cell cells[N_VALUE];
	char text[64];

	if (e->prices == NULL)
		return;
	for (size_t m = memo_from; m < memo_to; m++) {
		const struct analyse_value one = analyse_deposits_value(
		    e, g, e->memos[m].deposit_from, e->memos[m].deposit_to);

		analyse_value_sum(&v, &one);
	}
	ex_cells_value(cells, text, &v);
	if (cells[0].absent)
		ex_json_null(j);
	else
		ex_json_text(j, cells[0].v.str);
}

static struct figures figures_of(const struct analyse_memo_row *r)
{
	return (struct figures){ r->tainted,     r->incomplete, r->amount, r->count,
				 r->count_known, r->first,      r->last,   &r->basis };
}

static bool same(const struct analyse_memo_row *a, const struct analyse_memo_row *b)
{
	return a->tainted == b->tainted && a->incomplete == b->incomplete &&
	       a->amount == b->amount && a->count == b->count &&
	       a->count_known == b->count_known && a->first == b->first &&
	       a->last == b->last &&
	       memcmp(a->basis.by, b->basis.by, sizeof(a->basis.by)) == 0;
}

static const struct analyse_service_row *find(const struct analyse_exchanges *e,
					      uint32_t account)
{
	for (size_t i = 0; i < e->n_services; i++)
		if (e->services[i].account == account)
			return &e->services[i];
	return NULL;
}

/* Rows of a service's memos; the memo's number alone where the row is that of the policy
 * before. row: scratch, per memo, all 0. */
static void put_memo_rows(struct ex_json *j, const struct ex_report *x,
			  const struct analyse_exchanges *e,
			  const struct analyse_service_row *s,
			  const struct analyse_exchanges *before, size_t *row)
{
	const struct analyse_service_row *old =
	    before != NULL ? find(before, s->account) : NULL;

	for (size_t m = old != NULL ? old->memo_from : 0;
	     old != NULL && m < old->memo_to; m++)
		row[before->memos[m].memo] = m + 1;
	ex_json_open(j, "[");
	for (size_t m = s->memo_from; m < s->memo_to; m++) {
		const struct analyse_memo_row *r = &e->memos[m];
		const struct figures f = figures_of(r);
		const size_t at = row[r->memo];
		const int64_t memo = (int64_t)x->memo_place[r->memo] - 1;

		if (before != NULL && at > 0 && same(r, &before->memos[at - 1])) {
			ex_json_int(j, memo);
			continue;
		}
		ex_json_open(j, "[");
		ex_json_int(j, memo);
		put_figures(j, x->in->g, &f);
		put_value(j, x->in->g, e, m, m + 1);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
	for (size_t m = old != NULL ? old->memo_from : 0;
	     old != NULL && m < old->memo_to; m++)
		row[before->memos[m].memo] = 0;
}

void ex_report_services(struct ex_json *j, const struct ex_report *x, size_t k)
{
	const struct analyse_exchanges *e = &x->runs[k].exchanges;
	const struct analyse_exchanges *before =
	    k > 0 ? &x->runs[k - 1].exchanges : NULL;
	size_t *row = xt_calloc((size_t)x->in->g->n_memos + 1, sizeof(*row));

	if (row == NULL) {
		j->rc = xt_fail(j->err, XT_E_NOMEM, "out of memory for %u memos",
				x->in->g->n_memos);
		return;
	}
	ex_json_key(j, "services");
	ex_json_open(j, "[");
	for (size_t i = 0; i < e->n_services; i++) {
		const struct analyse_service_row *s = &e->services[i];
		const struct figures f = { s->tainted, s->incomplete,  s->amount,
					   s->count,   s->count_known, s->first,
					   s->last,    &s->basis };

		ex_json_open(j, "[");
		ex_json_int(j, (int64_t)x->place[s->account] - 1);
		put_figures(j, x->in->g, &f);
		put_memo_rows(j, x, e, s, before, row);
		put_value(j, x->in->g, e, s->memo_from, s->memo_to);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
	free(row);
}
