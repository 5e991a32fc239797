#include <xemtrace/analyse.h>

#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct found {
	uint32_t account, memo, event;
	uint64_t tainted;
};

static int by_place(const void *pa, const void *pb)
{
	const struct found *a = pa;
	const struct found *b = pb;

	if (a->account != b->account)
		return a->account < b->account ? -1 : 1;
	if (a->memo != b->memo)
		return a->memo < b->memo ? -1 : 1;
	return a->event < b->event ? -1 : a->event > b->event;
}

/* A row with what its place in the list hangs on. */
struct memo_sort {
	struct analyse_memo_row row;
	const struct graph_memo *memo;
	const char *sender; /* "" unless encrypted */
};
struct service_sort {
	struct analyse_service_row row; /* memo range: of the memo_sort array */
	const char *party;
};

static int by_memo(const void *pa, const void *pb)
{
	const struct memo_sort *a = pa;
	const struct memo_sort *b = pb;
	int c;

	if (a->row.tainted != b->row.tainted)
		return a->row.tainted > b->row.tainted ? -1 : 1;
	if (a->memo->kind != b->memo->kind)
		return a->memo->kind < b->memo->kind ? -1 : 1;
	c = strcmp(a->memo->text != NULL ? a->memo->text : "",
		   b->memo->text != NULL ? b->memo->text : "");
	return c != 0 ? c : strcmp(a->sender, b->sender);
}

static int by_service(const void *pa, const void *pb)
{
	const struct service_sort *a = pa;
	const struct service_sort *b = pb;

	if (a->row.tainted != b->row.tainted)
		return a->row.tainted > b->row.tainted ? -1 : 1;
	return strcmp(a->party, b->party);
}

/* The message belongs to the transfer; a levy or a rental fee that reaches a service
 * with the same transaction has none. */
static uint32_t memo_of(const struct graph *g, uint32_t event)
{
	switch (graph_kind(&g->events[event])) {
	case NEM_MOVE_TRANSFER:
	case NEM_MOVE_INNER:
		return g->txs[g->event_tx[event]].memo;
	case NEM_MOVE_FEE:
	case NEM_MOVE_RENTAL:
	case NEM_MOVE_CREATION:
	case NEM_MOVE_LEVY:
	case NEM_MOVE_HARVEST:
	case NEM_MOVE_OPENING:
		break;
	}
	return 0;
}

/* Tainted arrivals at services, sorted by account, memo, event. */
static enum xt_status find(struct found **out, size_t *n, const struct graph *g,
			   const struct taint_result *r, struct xt_err *err)
{
	struct found *v = xt_calloc(r->n_edges + 1, sizeof(*v));
	enum xt_status rc;
	struct moved m;
	size_t at = 0;
	size_t len = 0;

	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu deposits",
			       r->n_edges);
	while (analyse_next_moved(&m, &at, r, &rc, err)) {
		const struct graph_event *e = &g->events[m.event];

		if (analyse_arrives(e) && analyse_is_stop(g, r, e->to))
			v[len++] = (struct found){ e->to, memo_of(g, m.event), m.event,
						   m.tainted };
	}
	if (rc != XT_OK) {
		free(v);
		return rc;
	}
	qsort(v, len, sizeof(*v), by_place);
	*out = v;
	*n = len;
	return XT_OK;
}

/* One memo row of found[from..to), which share account and memo. */
static enum xt_status sum_memo(struct memo_sort *out, const struct graph *g,
			       const struct found *v, size_t from, size_t to,
			       struct xt_err *err)
{
	const struct graph_memo *memo = &g->memos[v[from].memo];
	struct analyse_memo_row row = {
		.account = v[from].account,
		.memo = v[from].memo,
		.count_known = true,
		.first = GRAPH_NONE,
		.last = GRAPH_NONE,
		.deposit_from = from,
		.deposit_to = to,
	};

	for (size_t i = from; i < to; i++) {
		const enum xt_status rc =
		    analyse_sum(&row.tainted, v[i].tainted, g, v[i].account, err);

		if (rc != XT_OK)
			return rc;
		row.amount += graph_amount(&g->events[v[i].event]);
		analyse_count(&row.count, &row.count_known, g, v[i].event);
		analyse_widen(&row.first, &row.last, g, v[i].event);
		analyse_basis_add(&row.basis, g, v[i].event, v[i].tainted);
	}
	out->row = row;
	out->memo = memo;
	out->sender = memo->kind == GRAPH_MEMO_ENCRYPTED && memo->sender < g->n_accounts
			  ? g->party[memo->sender].s
			  : "";
	return XT_OK;
}

/* Takes a memo row into its service's row. */
static enum xt_status add_memo(struct analyse_service_row *s,
			       const struct analyse_memo_row *m, const struct graph *g,
			       struct xt_err *err)
{
	enum xt_status rc = analyse_sum(&s->tainted, m->tainted, g, s->account, err);

	if (rc == XT_OK)
		rc = analyse_sum(&s->incomplete, m->incomplete, g, s->account, err);
	if (rc != XT_OK)
		return rc;
	s->amount += m->amount;
	s->count += m->count;
	s->count_known = s->count_known && m->count_known;
	analyse_widen(&s->first, &s->last, g, m->first);
	/* `last` may be another event than `first`, with an end of its own. */
	analyse_widen(&s->first, &s->last, g, m->last);
	for (size_t p = 0; p < XT_ARRAY_SIZE(s->basis.by); p++)
		s->basis.by[p] += m->basis.by[p];
	return XT_OK;
}

/* The sink that the run filled with the same deposits: both must say the same, and the
 * sink knows how much came through incomplete accounts. */
static enum xt_status check_sink(struct analyse_memo_row *m, uint32_t account,
				 const struct graph *g, const struct taint_result *r,
				 struct xt_err *err)
{
	size_t lo = 0;
	size_t hi = r->n_sink_totals;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const struct taint_sink *s = &r->sink_totals[mid];

		if (s->account < account ||
		    (s->account == account && s->memo < m->memo))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == r->n_sink_totals || r->sink_totals[lo].account != account ||
	    r->sink_totals[lo].memo != m->memo || r->sink_totals[lo].uxem != m->tainted)
		return xt_fail(
		    err, XT_E_BUG,
		    "%s: the deposits of memo %u add up to %llu uXEM, and the "
		    "taint run says otherwise",
		    g->party[account].s, m->memo, (unsigned long long)m->tainted);
	m->incomplete = r->sink_totals[lo].incomplete;
	return XT_OK;
}

struct work {
	struct found *found;
	size_t n_found;
	struct memo_sort *memos;
	size_t n_memos;
	struct service_sort *services;
	size_t n_services;
};

static enum xt_status group(struct work *w, const struct graph *g,
			    const struct taint_result *r, struct xt_err *err)
{
	const struct found *v = w->found;

	for (size_t from = 0; from < w->n_found;) {
		struct memo_sort *m = &w->memos[w->n_memos];
		struct service_sort *s =
		    w->n_services > 0 ? &w->services[w->n_services - 1] : NULL;
		size_t to = from;
		enum xt_status rc;

		while (to < w->n_found && v[to].account == v[from].account &&
		       v[to].memo == v[from].memo)
			to++;
		rc = sum_memo(m, g, v, from, to, err);
		if (rc != XT_OK)
			return rc;
		rc = check_sink(&m->row, v[from].account, g, r, err);
		if (rc != XT_OK)
			return rc;
		if (s == NULL || s->row.account != v[from].account) {
			s = &w->services[w->n_services++];
			s->party = g->party[v[from].account].s;
			s->row = (struct analyse_service_row){
				.account = v[from].account,
				.count_known = true,
				.first = GRAPH_NONE,
				.last = GRAPH_NONE,
				.memo_from = w->n_memos,
			};
		}
		rc = add_memo(&s->row, &m->row, g, err);
		if (rc != XT_OK)
			return rc;
		s->row.memo_to = ++w->n_memos;
		from = to;
	}
	return XT_OK;
}

/* Copies the three levels in their final order. */
static void emit(struct analyse_exchanges *e, struct work *w)
{
	qsort(w->services, w->n_services, sizeof(*w->services), by_service);
	for (size_t i = 0; i < w->n_services; i++) {
		const struct analyse_service_row *from = &w->services[i].row;
		struct analyse_service_row *s = &e->services[e->n_services++];

		qsort(&w->memos[from->memo_from], from->memo_to - from->memo_from,
		      sizeof(*w->memos), by_memo);
		*s = *from;
		s->memo_from = e->n_memos;
		for (size_t j = from->memo_from; j < from->memo_to; j++) {
			struct analyse_memo_row *m = &e->memos[e->n_memos++];

			*m = w->memos[j].row;
			m->deposit_from = e->n_deposits;
			for (size_t k = w->memos[j].row.deposit_from;
			     k < w->memos[j].row.deposit_to; k++)
				e->deposits[e->n_deposits++] =
				    (struct analyse_deposit){ w->found[k].event,
							      w->found[k].tainted };
			m->deposit_to = e->n_deposits;
		}
		s->memo_to = e->n_memos;
	}
}

enum xt_status analyse_exchanges(struct analyse_exchanges *out, const struct graph *g,
				 const struct taint_result *r, struct xt_err *err)
{
	struct analyse_exchanges e = { 0 };
	struct work w = { 0 };
	enum xt_status rc = analyse_need_edges(r, "the list of deposits", err);

	if (rc == XT_OK)
		rc = find(&w.found, &w.n_found, g, r, err);
	if (rc != XT_OK)
		return rc;
	/* There are at most as many memos as deposits, and as many services as memos.
	 */
	w.memos = xt_calloc(w.n_found + 1, sizeof(*w.memos));
	w.services = xt_calloc(w.n_found + 1, sizeof(*w.services));
	if (w.memos == NULL || w.services == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu deposits",
			     w.n_found);
		goto out;
	}
	rc = group(&w, g, r, err);
	if (rc != XT_OK)
		goto out;
	e.services = xt_calloc(w.n_services + 1, sizeof(*e.services));
	e.memos = xt_calloc(w.n_memos + 1, sizeof(*e.memos));
	e.deposits = xt_calloc(w.n_found + 1, sizeof(*e.deposits));
	if (e.services == NULL || e.memos == NULL || e.deposits == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu deposits",
			     w.n_found);
		goto out;
	}
	emit(&e, &w);
	*out = e;
	e = (struct analyse_exchanges){ 0 };
out:
	analyse_exchanges_release(&e);
	free(w.services);
	free(w.memos);
	free(w.found);
	return rc;
}

void analyse_exchanges_bounds(struct analyse_exchanges *e, const struct taint_bounds *b)
{
	for (size_t i = 0; i < e->n_services; i++) {
		struct analyse_service_row *s = &e->services[i];
		const struct taint_bound *at = taint_bound_find(b, s->account);

		s->has_bounds = true;
		s->low = at != NULL ? at->low : 0;
		s->high = at != NULL ? at->high : 0;
		s->bounds_exact = at == NULL || at->exact;
	}
}

struct analyse_value analyse_deposits_value(const struct analyse_exchanges *e,
					    const struct graph *g, size_t from,
					    size_t to)
{
	struct analyse_value v = analyse_value_none(e->prices);

	for (size_t i = from; i < to; i++)
		analyse_value_add(&v, e->prices, g, e->deposits[i].event,
				  e->deposits[i].tainted);
	return v;
}

/* ---- folding ----------------------------------------------------------------------- */

/* Services in the order of their groups: a group where its largest wallet is. */
struct folding {
	uint32_t head;
	size_t at;
};

static int by_head(const void *pa, const void *pb)
{
	const struct folding *a = pa;
	const struct folding *b = pb;

	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static enum xt_status add_service(struct analyse_service_row *s,
				  const struct analyse_service_row *part,
				  uint64_t stolen, const struct graph *g,
				  struct xt_err *err)
{
	enum xt_status rc = analyse_sum(&s->tainted, part->tainted, g, s->account, err);

	if (rc == XT_OK)
		rc = analyse_sum(&s->incomplete, part->incomplete, g, s->account, err);
	if (rc == XT_OK)
		rc = analyse_sum(&s->low, part->low, g, s->account, err);
	if (rc != XT_OK)
		return rc;
	/* Each is a bound of its own: their sum may pass what there is. */
	if (!xt_add(&s->high, s->high, part->high) || s->high > stolen)
		s->high = stolen;
	s->bounds_exact = false;
	s->amount += part->amount;
	s->count += part->count;
	s->count_known = s->count_known && part->count_known;
	analyse_widen(&s->first, &s->last, g, part->first);
	analyse_widen(&s->first, &s->last, g, part->last);
	for (size_t p = 0; p < XT_ARRAY_SIZE(s->basis.by); p++)
		s->basis.by[p] += part->basis.by[p];
	return XT_OK;
}

/* Sorted anew by what the folded rows say. */
static enum xt_status place(struct analyse_exchanges *e,
			    const struct analyse_service_row *rows, size_t n,
			    const struct graph *g, struct xt_err *err)
{
	struct service_sort *v = xt_calloc(n + 1, sizeof(*v));

	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu services", n);
	for (size_t i = 0; i < n; i++) {
		v[i].row = rows[i];
		v[i].party = rows[i].group != NULL ? rows[i].group->name
						   : g->party[rows[i].account].s;
	}
	qsort(v, n, sizeof(*v), by_service);
	for (size_t i = 0; i < n; i++)
		e->services[i] = v[i].row;
	e->n_services = n;
	free(v);
	return XT_OK;
}

enum xt_status analyse_exchanges_fold(struct analyse_exchanges *e,
				      const struct graph *g,
				      const struct taint_result *r,
				      const struct analyse_groups *fold,
				      struct xt_err *err)
{
	struct folding *v = xt_calloc(e->n_services + 1, sizeof(*v));
	struct analyse_memo_row *memos = xt_calloc(e->n_memos + 1, sizeof(*memos));
	struct analyse_service_row *rows = xt_calloc(e->n_services + 1, sizeof(*rows));
	enum xt_status rc = XT_OK;
	size_t n = 0;
	size_t n_memos = 0;
	uint64_t stolen = 0;

	for (uint32_t t = 0; t < r->n_thefts; t++)
		if (!xt_add(&stolen, stolen, r->seeded[t]))
			stolen = UINT64_MAX;
	if (v == NULL || memos == NULL || rows == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu services",
			     e->n_services);
		goto out;
	}
	for (size_t i = 0; i < e->n_services; i++)
		v[i] =
		    (struct folding){ analyse_fold(fold, e->services[i].account), i };
	qsort(v, e->n_services, sizeof(*v), by_head);
	for (size_t i = 0; i < e->n_services && rc == XT_OK; i++) {
		const struct analyse_service_row *s = &e->services[v[i].at];

		if (i == 0 || v[i].head != v[i - 1].head) {
			rows[n] = *s;
			rows[n].group = analyse_group_of(fold, s->account);
			rows[n].memo_from = n_memos;
			n++;
		} else {
			rc = add_service(&rows[n - 1], s, stolen, g, err);
		}
		for (size_t k = s->memo_from; k < s->memo_to; k++)
			memos[n_memos++] = e->memos[k];
		rows[n - 1].memo_to = n_memos;
	}
	if (rc == XT_OK)
		rc = place(e, rows, n, g, err);
	if (rc != XT_OK)
		goto out;
	free(e->memos);
	e->memos = memos;
	memos = NULL;
out:
	free(v);
	free(memos);
	free(rows);
	return rc;
}

void analyse_exchanges_release(struct analyse_exchanges *e)
{
	free(e->services);
	free(e->memos);
	free(e->deposits);
	*e = (struct analyse_exchanges){ 0 };
}
