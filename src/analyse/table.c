/* Transfers in tables: by sender, by recipient, by pair, by day. */
#include <xemtrace/analyse.h>

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "finder.h"

struct keyed {
	uint32_t day; /* see day_key() */
	uint32_t from, to, event;
	uint64_t tainted;
};

/* Days as numbers that sort alike without a sign. */
static uint32_t day_key(int32_t day)
{
	return (uint32_t)day ^ UINT32_C(0x80000000);
}

static int32_t key_day(uint32_t key)
{
	return (int32_t)(key ^ UINT32_C(0x80000000));
}

static bool in_window(const struct graph_tx *t, const struct analyse_table_options *o)
{
	if (!o->has_from && !o->has_to)
		return true;
	if (t->time_kind == GRAPH_TIME_NONE)
		return false;
	return (!o->has_from || t->time >= o->from) &&
	       (!o->has_to || t->time_last <= o->to);
}

static bool masked(const uint8_t *mask, uint32_t account)
{
	return mask == NULL || mask[account] != 0;
}

static bool wanted(const struct graph *g, uint32_t event, const struct taint_result *r,
		   const struct analyse_table_options *o)
{
	const struct graph_event *e = &g->events[event];

	if (!analyse_between(e) || !in_window(&g->txs[g->event_tx[event]], o))
		return false;
	if (o->exclude != NULL && (o->exclude[e->from] != 0 || o->exclude[e->to] != 0))
		return false;
	if (o->by == ANALYSE_SERVICE_DAYS && !analyse_is_stop(g, r, e->to))
		return false;
	return masked(o->sender, e->from) && masked(o->recipient, e->to) &&
	       (masked(o->either, e->from) || masked(o->either, e->to));
}

static void key_of(struct keyed *k, const struct graph *g,
		   const struct analyse_table_options *o)
{
	const struct graph_event *e = &g->events[k->event];
	const uint32_t from = analyse_fold(o->fold, e->from);
	const uint32_t to = analyse_fold(o->fold, e->to);

	k->day = day_key(ANALYSE_NO_DAY);
	k->from = GRAPH_NONE;
	k->to = GRAPH_NONE;
	switch (o->by) {
	case ANALYSE_TRANSFERS:
		return;
	case ANALYSE_SENDERS:
		k->from = from;
		return;
	case ANALYSE_RECIPIENTS:
		k->to = to;
		return;
	case ANALYSE_PAIRS:
		k->from = from;
		k->to = to;
		return;
	case ANALYSE_DAYS:
		k->day = day_key(analyse_day_of(g, k->event, o->day));
		return;
	case ANALYSE_DAY_SENDERS:
		k->day = day_key(analyse_day_of(g, k->event, o->day));
		k->from = from;
		return;
	case ANALYSE_DAY_RECIPIENTS:
	case ANALYSE_SERVICE_DAYS:
		k->day = day_key(analyse_day_of(g, k->event, o->day));
		k->to = to;
		return;
	}
}

static enum xt_status gather(struct keyed **out, size_t *n, const struct graph *g,
			     const struct taint_result *r,
			     const struct analyse_table_options *o, struct xt_err *err)
{
	struct keyed *v;
	enum xt_status rc = XT_OK;
	struct moved m = { .event = GRAPH_NONE };
	size_t at = 0;
	size_t len = 0;
	bool more = r != NULL && analyse_next_moved(&m, &at, r, &rc, err);

	for (uint32_t i = 0; i < g->n_events; i++)
		len += wanted(g, i, r, o);
	v = xt_calloc(len + 1, sizeof(*v));
	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu transfers", len);
	len = 0;
	for (uint32_t i = 0; i < g->n_events && rc == XT_OK; i++) {
		struct keyed k = { .event = i };

		while (more && m.event < i)
			more = analyse_next_moved(&m, &at, r, &rc, err);
		if (more && m.event == i)
			k.tainted = m.tainted;
		if ((o->tainted && k.tainted == 0) || !wanted(g, i, r, o) ||
		    analyse_fold_inside(o->fold, o->inside, g, i))
			continue;
		key_of(&k, g, o);
		v[len++] = k;
	}
	if (rc != XT_OK) {
		free(v);
		return rc;
	}
	*out = v;
	*n = len;
	return XT_OK;
}

static bool same_key(const struct keyed *a, const struct keyed *b)
{
	return a->day == b->day && a->from == b->from && a->to == b->to;
}

static bool starts_row(const struct keyed *v, size_t i,
		       const struct analyse_table_options *o)
{
	return i == 0 || o->by == ANALYSE_TRANSFERS || !same_key(&v[i], &v[i - 1]);
}

static enum xt_status sum(struct analyse_table_row *row, const struct graph *g,
			  const struct keyed *k, const struct analyse_table_options *o,
			  struct xt_err *err)
{
	const struct graph_event *e = &g->events[k->event];

	analyse_value_add(&row->value, o->prices, g, k->event, graph_amount(e));
	row->amount += graph_amount(e);
	analyse_count(&row->count, &row->count_known, g, k->event);
	analyse_widen(&row->first, &row->last, g, k->event);
	analyse_basis_add(&row->basis, g, k->event, graph_amount(e));
	return analyse_sum(&row->tainted, k->tainted, g, e->to, err);
}

/* qsort() has no room for the graph, and rows are too wide to be moved about. */
struct ordered {
	xt_u128 amount;
	const char *from, *to;
	size_t row;
	int32_t day;
};

static int by_order(const void *pa, const void *pb)
{
	const struct ordered *a = pa;
	const struct ordered *b = pb;
	int c;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->amount != b->amount)
		return a->amount > b->amount ? -1 : 1;
	c = strcmp(a->from, b->from);
	return c != 0 ? c : strcmp(a->to, b->to);
}

/* Rows go to their places in cycles: there may be no room for a second copy. */
static void permute(struct analyse_table_row *rows, struct ordered *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct analyse_table_row first = rows[i];
		size_t at = i;

		while (v[at].row != i) {
			const size_t next = v[at].row;

			rows[at] = rows[next];
			v[at].row = at;
			at = next;
		}
		rows[at] = first;
		v[at].row = at;
	}
}

static enum xt_status sort(struct analyse_table_row *rows, size_t n,
			   const struct graph *g, struct xt_err *err)
{
	struct ordered *v = xt_calloc(n + 1, sizeof(*v));

	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu rows", n);
	for (size_t i = 0; i < n; i++) {
		const struct analyse_table_row *r = &rows[i];

		v[i] = (struct ordered){ .amount = r->amount, .row = i, .day = r->day };
		v[i].from = r->from != GRAPH_NONE ? g->party[r->from].s : "";
		v[i].to = r->to != GRAPH_NONE ? g->party[r->to].s : "";
	}
	qsort(v, n, sizeof(*v), by_order);
	permute(rows, v, n);
	free(v);
	return XT_OK;
}

static struct analyse_table_row new_row(const struct graph *g,
					const struct taint_result *r,
					const struct keyed *k,
					const struct analyse_table_options *o)
{
	const struct graph_event *e = &g->events[k->event];
	const bool one = o->by == ANALYSE_TRANSFERS;

	return (struct analyse_table_row){
		.from = k->from,
		.to = k->to,
		.from_group = analyse_group_of(o->fold, one ? e->from : k->from),
		.to_group = analyse_group_of(o->fold, one ? e->to : k->to),
		.day = key_day(k->day),
		.taint_known = r != NULL,
		.count_known = true,
		.value = analyse_value_none(o->prices),
		.first = GRAPH_NONE,
		.last = GRAPH_NONE,
	};
}

enum xt_status analyse_table(struct analyse_table_row **out, size_t *n,
			     const struct graph *g, const struct taint_result *r,
			     const struct analyse_table_options *opt,
			     struct xt_err *err)
{
	/* Events are in their order already. */
	static const size_t keys[] = { offsetof(struct keyed, day),
				       offsetof(struct keyed, from),
				       offsetof(struct keyed, to) };
	struct analyse_table_row *rows = NULL;
	struct keyed *v = NULL;
	size_t len = 0;
	size_t n_rows = 0;
	enum xt_status rc = XT_OK;

	if (r != NULL || opt->tainted)
		rc = analyse_need_edges(r, "a table of stolen XEM", err);
	if (opt->inside != NULL)
		*opt->inside = (struct analyse_inside){ .count_known = true };
	if (rc == XT_OK)
		rc = gather(&v, &len, g, r, opt, err);
	if (rc != XT_OK)
		return rc;
	assert(v != NULL);
	if (opt->by != ANALYSE_TRANSFERS)
		rc = analyse_radix(v, len, sizeof(*v), keys, XT_ARRAY_SIZE(keys), err);
	for (size_t i = 0; i < len; i++)
		n_rows += starts_row(v, i, opt);
	rows = xt_calloc(n_rows + 1, sizeof(*rows));
	n_rows = 0;
	if (rc == XT_OK && rows == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu rows", len);
	for (size_t i = 0; i < len && rc == XT_OK; i++) {
		assert(rows != NULL);
		if (starts_row(v, i, opt))
			rows[n_rows++] = new_row(g, r, &v[i], opt);
		assert(n_rows > 0);
		rc = sum(&rows[n_rows - 1], g, &v[i], opt, err);
	}
	free(v);
	if (rc == XT_OK && opt->by != ANALYSE_TRANSFERS)
		rc = sort(rows, n_rows, g, err);
	if (rc != XT_OK) {
		free(rows);
		return rc;
	}
	*out = rows;
	*n = n_rows;
	return XT_OK;
}

/* ---- an account's balance over time
 * ------------------------------------------------------ */

/* What seeds made dirty there before the event, and clean marks took: the rest of what
 * edges tell. */
static enum xt_status changed(uint64_t *held, size_t *at, const struct graph *g,
			      const struct taint_result *r, uint32_t account,
			      uint32_t event, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (; *at < r->n_changes && r->changes[*at].event <= event && rc == XT_OK;
	     (*at)++) {
		const struct taint_change *c = &r->changes[*at];

		if (c->account != account || c->at_event)
			continue;
		if (c->seed != TAINT_NONE)
			rc = analyse_sum(held, c->uxem, g, account, err);
		else if (!xt_sub(held, *held, c->uxem))
			rc = xt_fail(err, XT_E_BUG,
				     "%s: a clean mark took more than was there",
				     g->party[account].s);
	}
	return rc;
}

/* What the event itself made dirty: it arrived as taint, and left none behind. */
static uint64_t fresh(const struct taint_result *r, uint32_t event)
{
	assert(r != NULL);
	uint64_t sum = 0;
	size_t lo = 0;
	size_t hi = r->n_changes;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (r->changes[mid].event < event)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < r->n_changes && r->changes[lo].event == event; lo++)
		if (r->changes[lo].at_event)
			sum += r->changes[lo].uxem;
	return sum;
}

struct balance {
	struct analyse_balance_row *v;
	size_t n;
	uint64_t balance, held;
	size_t change;
	bool taint;
};

static enum xt_status step(struct balance *b, const struct graph *g,
			   const struct taint_result *r, uint32_t account,
			   uint32_t event, struct xt_err *err)
{
	const struct graph_event *e = &g->events[event];
	struct analyse_balance_row *row = &b->v[b->n - 1];
	uint64_t tainted = 0;
	enum xt_status rc = XT_OK;

	assert(r != NULL || !b->taint);
	row->event = event;
	if (b->taint) {
		rc = changed(&b->held, &b->change, g, r, account, event, err);
		if (rc == XT_OK)
			rc = analyse_taint_of(&tainted, r, event, err);
	}
	if (rc != XT_OK || e->from == e->to)
		return rc;
	if (e->to == account) {
		row->in += graph_amount(e);
		if (!xt_add(&b->balance, b->balance, graph_amount(e)))
			return xt_fail(err, XT_E_LIMIT, "%s: balance passes 64 bits",
				       g->party[account].s);
		return analyse_sum(&b->held, tainted, g, account, err);
	}
	row->out += graph_amount(e);
	if (!xt_sub(&b->balance, b->balance, graph_amount(e)))
		return xt_fail(err, XT_E_VERIFY,
			       "%s: pays %llu uXEM out of %llu; its opening balance is "
			       "not known",
			       g->party[account].s, (unsigned long long)graph_amount(e),
			       (unsigned long long)b->balance);
	if (b->taint && !xt_sub(&b->held, b->held, tainted - fresh(r, event)))
		return xt_fail(err, XT_E_BUG,
			       "%s: event %u takes more stolen XEM than was there",
			       g->party[account].s, event);
	return XT_OK;
}

enum xt_status analyse_balance(struct analyse_balance_row **out, size_t *n,
			       const struct graph *g, const struct taint_result *r,
			       uint32_t account, struct xt_err *err)
{
	struct steps s = analyse_steps(g, account);
	struct balance b = { .balance = g->opening[account] };
	const size_t most = (size_t)(s.in_end - s.in) + (s.out_end - s.out);
	enum xt_status rc = XT_OK;
	uint32_t event;

	if (r != NULL)
		rc = analyse_need_edges(r, "a balance of stolen XEM", err);
	if (rc != XT_OK)
		return rc;
	b.taint = r != NULL && r->policy->conserves && !analyse_is_stop(g, r, account);
	b.v = xt_calloc(most + 1, sizeof(*b.v));
	if (b.v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu rows", most);
	while (rc == XT_OK && analyse_step(&s, &event)) {
		if (b.n == 0 || b.v[b.n - 1].tx != g->event_tx[event])
			b.v[b.n++].tx = g->event_tx[event];
		rc = step(&b, g, r, account, event, err);
		b.v[b.n - 1].balance = b.balance;
		b.v[b.n - 1].tainted = b.held;
		b.v[b.n - 1].taint_known = b.taint;
	}
	if (rc != XT_OK) {
		free(b.v);
		return rc;
	}
	*out = b.v;
	*n = b.n;
	return XT_OK;
}
