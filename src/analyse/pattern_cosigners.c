/* Multisig accounts with the same cosignatories. */
#include <xemtrace/analyse.h>

#include <stdlib.h>
#include <string.h>

#include "patterns.h"

struct entry {
	const struct analyse_multisig *m;
	const char *party;
};

static int by_set(const void *pa, const void *pb)
{
	const struct entry *a = pa;
	const struct entry *b = pb;
	const int c = strcmp(a->m->cosignatories, b->m->cosignatories);

	return c != 0 ? c : strcmp(a->party, b->party);
}

/* v[from..to) have one set. */
static enum xt_status tell(struct patterns *w, const struct entry *v, size_t from,
			   size_t to, struct xt_err *err)
{
	struct analyse_pattern p =
	    patterns_begin(w, ANALYSE_COSIGNERS, v[from].m->account);
	bool touched = false;
	bool services = true;
	enum xt_status rc = XT_OK;

	for (size_t i = from; i < to; i++) {
		touched = touched || w->touched[v[i].m->account] != 0;
		services = services && patterns_service(w->g, v[i].m->account);
	}
	/* That one service has several wallets is no news. */
	if (!touched || services)
		return XT_OK;
	p.cosignatories = v[from].m->cosignatories;
	for (size_t i = from; i < to && rc == XT_OK; i++) {
		p.answers += v[i].m->answer != 0;
		rc = patterns_member(w, v[i].m->account, err);
		for (size_t k = 0; k < v[i].m->n_events && rc == XT_OK; k++)
			rc = patterns_event(w, v[i].m->events[k], err);
	}
	if (rc != XT_OK)
		return rc;
	if (w->events.n > p.event_from)
		qsort(&w->events.v[p.event_from], w->events.n - p.event_from,
		      sizeof(*w->events.v), analyse_by_u32);
	return patterns_end(w, &p, err);
}

enum xt_status patterns_cosigners(struct patterns *w, struct xt_err *err)
{
	const size_t n = w->opt->n_multisigs;
	struct entry *v = xt_calloc(n + 1, sizeof(*v));
	enum xt_status rc = XT_OK;

	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu accounts", n);
	for (size_t i = 0; i < n; i++) {
		v[i].m = &w->opt->multisigs[i];
		v[i].party = w->g->party[v[i].m->account].s;
	}
	qsort(v, n, sizeof(*v), by_set);
	for (size_t from = 0, to = 0; from < n && rc == XT_OK; from = to) {
		for (to = from; to < n && strcmp(v[to].m->cosignatories,
						 v[from].m->cosignatories) == 0;)
			to++;
		if (to - from > 1)
			rc = tell(w, v, from, to, err);
	}
	free(v);
	return rc;
}
