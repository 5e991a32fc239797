#include "status_stops.h"

#include <stdlib.h>
#include <string.h>

enum xt_status status_located(struct cli *c, struct session *s,
			      struct status_located *out, struct xt_err *err)
{
	enum xt_status rc;

	*out = (struct status_located){ .g = s->g };
	if (s->g->n_seeds == 0)
		return XT_OK;
	rc = session_taint(c, s, err);
	if (rc == XT_OK)
		rc = analyse_located(&out->v, s->g, s->r, err);
	out->known = rc == XT_OK;
	return rc;
}

void status_located_release(struct status_located *l)
{
	if (l->known)
		analyse_located_release(&l->v);
	l->known = false;
}

struct status_amounts status_amounts(const struct status_located *l, int64_t account)
{
	const struct graph *g = l->g;
	uint32_t low = 0, high = g->n_accounts;

	if (!l->known)
		return (struct status_amounts){ .known = false };
	/* Accounts stand in the order of their rows. */
	while (low < high) {
		const uint32_t mid = low + (high - low) / 2;

		if (g->account_id[mid] < account)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == g->n_accounts || g->account_id[low] != account)
		return (struct status_amounts){ .known = true };
	return (struct status_amounts){ true, l->v.arrived[low], l->v.behind[low] };
}

/* ---- coverage -------------------------------------------------------------------- */

static const struct export_column coverage_columns[] = {
	{ "policy", "policy", EXPORT_STR },
	{ "theft", "theft", EXPORT_STR },
	{ "stolen_uxem", "stolen XEM", EXPORT_UXEM },
	{ "at_services_uxem", "at services", EXPORT_UXEM },
	{ "complete_uxem", "at complete accounts", EXPORT_UXEM },
	{ "behind_stops_uxem", "behind stops", EXPORT_UXEM },
	{ "incomplete_uxem", "at incomplete accounts", EXPORT_UXEM },
	{ "fees_uxem", "of these: fees", EXPORT_UXEM },
	{ "cleaned_uxem", "declared clean", EXPORT_UXEM },
	{ "unread_uxem", "not read", EXPORT_UXEM },
	{ "refunded_uxem", "in none: refunded", EXPORT_UXEM },
};

static enum xt_status coverage_row(struct export_table *t, const struct session *s,
				   const char *theft,
				   const struct analyse_located_part *p,
				   struct xt_err *err)
{
	const struct export_cell cells[] = {
		{ .v.str = s->r->policy->name },
		{ .absent = theft == NULL, .v.str = theft },
		{ .v.u = p->stolen },
		{ .v.u = p->at_services },
		{ .v.u = p->complete },
		{ .v.u = p->behind_stops },
		{ .v.u = p->incomplete },
		{ .v.u = p->fees },
		{ .v.u = p->cleaned },
		{ .v.u = p->unread },
		{ .v.u = p->refunded },
	};

	return export_table_row(t, NULL, cells, err);
}

enum xt_status status_coverage(struct export_table **out, const struct session *s,
			       const struct status_located *l, struct xt_err *err)
{
	struct export_table *t = NULL;
	enum xt_status rc = export_table_new(&t, "coverage", coverage_columns,
					     XT_ARRAY_SIZE(coverage_columns), err);

	if (rc == XT_OK && l->known)
		rc = coverage_row(t, s, NULL, &l->v.all, err);
	for (uint32_t i = 0; rc == XT_OK && l->known && i < l->v.n_thefts; i++)
		rc = coverage_row(t, s, s->g->theft[i], &l->v.theft[i], err);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

/* ---- stops ----------------------------------------------------------------------- */

struct stop {
	struct store_account a;
	char kind[40];
	struct status_amounts amounts;
};

struct stops {
	const struct status_located *l;
	struct stop *v;
	size_t n, cap;
	enum xt_status rc;
	struct xt_err *err;
};

static bool add_stop(void *ctx, const struct store_account *a)
{
	struct stops *s = ctx;
	struct stop x = { .a = *a };

	if (!store_stop_kind(x.kind, a))
		return true;
	if (s->n == s->cap) {
		const size_t cap = s->cap == 0 ? 64 : s->cap * 2;
		struct stop *v = xt_reallocarray(s->v, cap, sizeof(*v));

		if (v == NULL) {
			s->rc = xt_fail(s->err, XT_E_NOMEM, "out of memory for stops");
			return false;
		}
		s->v = v;
		s->cap = cap;
	}
	x.amounts = status_amounts(s->l, a->id);
	s->v[s->n++] = x;
	return true;
}

static enum xt_status find_stops(struct stops *s, struct cli *c)
{
	const enum xt_status rc = store_each_account(c->store, add_stop, s, s->err);

	return rc == XT_E_STOPPED ? s->rc : rc;
}

static int by_amount(const void *a, const void *b)
{
	const struct stop *x = a, *y = b;

	if (x->amounts.behind != y->amounts.behind)
		return x->amounts.behind < y->amounts.behind ? 1 : -1;
	if (x->amounts.arrived != y->amounts.arrived)
		return x->amounts.arrived < y->amounts.arrived ? 1 : -1;
	return strcmp(x->a.party.s, y->a.party.s);
}

static int by_kind(const void *a, const void *b)
{
	const struct stop *x = a, *y = b;
	const int k = strcmp(x->kind, y->kind);

	return k != 0 ? k : by_amount(a, b);
}

static const struct export_column list_columns[] = {
	{ "address", "address", EXPORT_STR },
	{ "kind", "kind", EXPORT_STR },
	{ "depth", "depth", EXPORT_INT },
	{ "arrived_uxem", "arrived", EXPORT_UXEM },
	{ "behind_uxem", "lies behind", EXPORT_UXEM },
	{ "reason", "reason", EXPORT_STR },
};

enum xt_status status_stop_list(struct export_table **out, struct cli *c,
				const struct status_located *l, struct xt_err *err)
{
	struct stops s = { .l = l, .rc = XT_OK, .err = err };
	struct export_table *t = NULL;
	enum xt_status rc = find_stops(&s, c);

	if (rc == XT_OK)
		rc = export_table_new(&t, "stops", list_columns,
				      XT_ARRAY_SIZE(list_columns), err);
	if (s.n > 0)
		qsort(s.v, s.n, sizeof(*s.v), by_amount);
	for (size_t i = 0; rc == XT_OK && i < s.n; i++) {
		const struct stop *x = &s.v[i];
		const struct export_cell cells[] = {
			{ .v.str = x->a.party.s },
			{ .v.str = x->kind },
			{ .absent = x->a.depth == UINT32_MAX, .v.u = x->a.depth },
			{ .absent = !x->amounts.known, .v.u = x->amounts.arrived },
			{ .absent = !x->amounts.known, .v.u = x->amounts.behind },
			{ .v.str = x->a.reason },
		};

		rc = export_table_row(t, NULL, cells, err);
	}
	free(s.v);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}

static const struct export_column kind_columns[] = {
	{ "kind", "kind", EXPORT_STR },
	{ "accounts", "accounts", EXPORT_INT },
	{ "behind_uxem", "lies behind", EXPORT_UXEM },
};

/* Rows of one kind, from v[i] on; the next i. */
static enum xt_status kind_row(struct export_table *t, const struct stops *s, size_t *i)
{
	const struct stop *first = &s->v[*i];
	uint64_t behind = 0, n = 0;

	for (; *i < s->n && strcmp(s->v[*i].kind, first->kind) == 0; ++*i, n++)
		if (!xt_add(&behind, behind, s->v[*i].amounts.behind))
			return xt_fail(s->err, XT_E_LIMIT,
				       "the sum behind stops (%s) does not fit 64 bits",
				       first->kind);
	const struct export_cell cells[] = {
		{ .v.str = first->kind },
		{ .v.u = n },
		{ .absent = !first->amounts.known, .v.u = behind },
	};

	return export_table_row(t, NULL, cells, s->err);
}

enum xt_status status_stop_kinds(struct export_table **out, struct cli *c,
				 const struct status_located *l, struct xt_err *err)
{
	struct stops s = { .l = l, .rc = XT_OK, .err = err };
	struct export_table *t = NULL;
	enum xt_status rc = find_stops(&s, c);

	if (rc == XT_OK)
		rc = export_table_new(&t, "stops", kind_columns,
				      XT_ARRAY_SIZE(kind_columns), err);
	if (s.n > 0)
		qsort(s.v, s.n, sizeof(*s.v), by_kind);
	for (size_t i = 0; rc == XT_OK && i < s.n;)
		rc = kind_row(t, &s, &i);
	free(s.v);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}
