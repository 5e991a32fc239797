#include "node_health.h"

#include <stdlib.h>

#include <xemtrace/nis.h>

#define FEATURE_HISTORY 2u

static const struct export_column columns[] = {
	{ "node", "node", EXPORT_WORDS },
	{ "accounts", "accounts", EXPORT_INT },
	{ "answers", "answers", EXPORT_INT },
	{ "useful", "useful", EXPORT_INT },
	{ "busy", "429", EXPORT_INT },
	{ "unavailable", "503", EXPORT_INT },
	{ "refused", "other 4xx", EXPORT_INT },
	{ "broken", "other 5xx", EXPORT_INT },
	{ "other", "other", EXPORT_INT },
	{ "none", "no answer", EXPORT_INT },
	{ "last_useful", "last useful", EXPORT_TIME },
	{ "last_height", "height then", EXPORT_INT },
	{ "history", "history", EXPORT_BOOL },
	{ "incidents", "incidents", EXPORT_INT },
	{ "rests", "rests", EXPORT_INT },
	{ "given_up", "given up", EXPORT_INT },
	{ "last_rest", "last rest", EXPORT_TIME },
	{ "last_rest_reason", "why", EXPORT_WORDS },
};

struct walk {
	struct store_node *v;
	size_t n, cap;
	enum xt_status rc;
	struct xt_err *err;
};

static bool keep(void *ctx, const struct store_node *n)
{
	struct walk *w = ctx;

	if (w->n == w->cap) {
		const size_t cap = w->cap == 0 ? 16 : w->cap * 2;
		struct store_node *v = xt_reallocarray(w->v, cap, sizeof(*v));

		if (v == NULL) {
			w->rc = xt_fail(w->err, XT_E_NOMEM, "out of memory for nodes");
			return false;
		}
		w->v = v;
		w->cap = cap;
	}
	w->v[w->n++] = *n;
	return true;
}

/* The height and the features as the last answers about them say; what cannot be read
 * any more is left out. */
static enum xt_status read_last(struct cli *c, const struct store_node *n,
				uint64_t *height, bool *known, bool *history,
				struct xt_err *err)
{
	struct store_answer a;
	struct nis_node_info info = { 0 };
	enum xt_status rc = XT_OK;

	if (n->height_row != 0)
		rc = store_answer_get(c->store, &a, n->height_row, err);
	if (rc == XT_OK && n->height_row != 0 &&
	    nis_decode_height(height, a.body, a.len, NULL) != XT_OK)
		*height = 0;
	if (rc == XT_OK && n->info_row != 0)
		rc = store_answer_get(c->store, &a, n->info_row, err);
	if (rc == XT_OK && n->info_row != 0)
		*known = nis_decode_node_info(&info, a.body, a.len, NULL) == XT_OK;
	if (*known)
		*history = (info.features & FEATURE_HISTORY) != 0;
	return rc;
}

static enum xt_status add(struct cli *c, struct export_table *t,
			  const struct store_node *n, struct xt_err *err)
{
	uint64_t height = 0;
	bool known = false, history = false;
	enum xt_status rc = read_last(c, n, &height, &known, &history, err);
	const struct export_cell cells[] = {
		{ .v.str = n->node },
		{ .v.u = n->accounts },
		{ .v.u = n->answers },
		{ .v.u = n->useful },
		{ .v.u = n->busy },
		{ .v.u = n->unavailable },
		{ .v.u = n->refused },
		{ .v.u = n->broken },
		{ .v.u = n->other },
		{ .v.u = n->none },
		{ .absent = n->last_time == 0, .v.time = n->last_time },
		{ .absent = height == 0, .v.u = height },
		{ .absent = !known, .v.b = history },
		{ .v.u = n->incidents },
		{ .v.u = n->rests },
		{ .v.u = n->given_up },
		{ .absent = n->rest_time == 0, .v.time = n->rest_time },
		{ .absent = n->rest_time == 0, .v.str = n->rest_why },
	};

	return rc == XT_OK ? export_table_row(t, NULL, cells, err) : rc;
}

enum xt_status node_health(struct cli *c, struct export_table **out, struct xt_err *err)
{
	struct walk w = { .rc = XT_OK, .err = err };
	struct export_table *t = NULL;
	enum xt_status rc = store_each_node(c->store, keep, &w, err);

	if (rc == XT_E_STOPPED)
		rc = w.rc;
	if (rc == XT_OK)
		rc =
		    export_table_new(&t, "nodes", columns, XT_ARRAY_SIZE(columns), err);
	for (size_t i = 0; rc == XT_OK && i < w.n; i++)
		rc = add(c, t, &w.v[i], err);
	free(w.v);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}
