#include <xemtrace/load.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Not a memo: "encrypted, the sender is found at the end". */
#define MEMO_ENCRYPTED (UINT32_MAX - 1)
#define MEMO_ABSENT    UINT32_MAX /* what map_of() fills in */
/* Rows between two looks at the sink. */
#define PROGRESS_ROWS (1u << 18)
/* Below this a second connection costs more than it saves. */
#define MANY_ROWS 50000

struct steps {
	uint8_t *v;
	uint32_t *far;
	uint32_t cap, n_far, cap_far;
	uint32_t height; /* of the last */
};

struct loader {
	struct store *s;
	struct graph *g;
	const struct xt_sink *sink;
	struct xt_err *err; /* the caller's, or `own` */
	struct xt_err own;
	struct xt_err
	    iter; /* what an iterator says; a callback's own word goes before */
	enum xt_status rc; /* what a callback ran into */
	bool refs;
	struct store_sizes sizes;
	uint64_t rows;
	uint64_t room;     /* events that there is memory for */
	uint32_t *account; /* row to number, GRAPH_NONE: no such row */
	uint32_t *tx;
	uint32_t *memo;
	struct steps steps;
};

static uint32_t *map_of(uint64_t n)
{
	uint32_t *m = xt_calloc((size_t)n + 1, sizeof(*m));
	if (m)
		memset(m, 0xff, ((size_t)n + 1) * sizeof(*m));
	return m;
}

static bool fail_row(struct loader *l, const char *what, int64_t row)
{
	l->rc = xt_fail(l->err, XT_E_DATA,
			"%s: %s %lld is not there, or not what it should be",
			store_path(l->s), what, (long long)row);
	return false;
}

static bool tick(struct loader *l, const char *what)
{
	if (++l->rows % PROGRESS_ROWS != 0)
		return true;
	if (xt_progress(l->sink, l->rows, l->sizes.events, "%s", what))
		return true;
	l->rc = xt_fail(l->err, XT_E_STOPPED, "%s: stopped", store_path(l->s));
	return false;
}

/* A callback's own error goes before the iterator's "stopped". */
static enum xt_status outcome(struct loader *l, enum xt_status rc)
{
	if (l->rc != XT_OK)
		return l->rc;
	if (rc != XT_OK)
		*l->err = l->iter;
	return rc;
}

static bool add_account(void *ctx, const struct store_account *a)
{
	struct loader *l = ctx;
	uint8_t flags = 0;
	uint32_t n;
	if ((uint64_t)a->id > l->sizes.accounts)
		return fail_row(l, "account", a->id);
	if (a->state == STORE_COMPLETE)
		flags |= GRAPH_COMPLETE;
	if (a->state == STORE_COMPLETE || a->state == STORE_INCOMPLETE)
		flags |= GRAPH_EXPANDED;
	if (a->party.s[0] == '@')
		flags |= GRAPH_PARTY;
	if (store_stop_kind(NULL, a))
		flags |= GRAPH_STOPPED;
	if (a->state == STORE_STOPPED &&
	    strncmp(a->reason, STORE_PROBABLE, sizeof(STORE_PROBABLE) - 1) == 0)
		flags |= GRAPH_PROBABLE;
	l->rc = graph_add_account(l->g, &n, &a->party, flags, 0, a->id, l->err);
	if (l->rc == XT_OK)
		l->account[a->id] = n;
	return l->rc == XT_OK;
}

static bool add_message(void *ctx, const struct store_message *m)
{
	struct loader *l = ctx;
	if ((uint64_t)m->id > l->sizes.messages)
		return fail_row(l, "message", m->id);
	if (m->type == NEM_MSG_ENCRYPTED)
		l->memo[m->id] = MEMO_ENCRYPTED;
	else
		l->rc = graph_add_memo(l->g, &l->memo[m->id], GRAPH_MEMO_PLAIN,
				       GRAPH_NONE, m->text, l->err);
	return l->rc == XT_OK;
}

/* ---- events and transactions -------------------------------------------------------
 *
 * The two large tables are read by two threads on two connections. Neither knows the
 * other's half: events number the transactions in the order of the ledger, transactions
 * come in the order of their rows. So row r is put at place r - 1 first, and both are
 * brought together at the end.
 */

/* Until then the heights of the numbered transactions, as the events have them: steps
 * from one to the next, a byte each. A step of FAR is in a list of its own. */
#define FAR UINT8_MAX

static bool add_step(struct loader *l, uint32_t n, uint32_t height)
{
	struct steps *t = &l->steps;
	const uint32_t step = height - t->height;
	t->height = height;
	if (n == t->cap) {
		const size_t cap = (size_t)t->cap + t->cap / 2 + 4096;
		void *v = cap < GRAPH_NONE ? xt_reallocarray(t->v, cap, 1) : NULL;
		if (!v)
			return false;
		t->v = v;
		t->cap = (uint32_t)cap;
	}
	t->v[n] = step < FAR ? (uint8_t)step : FAR;
	if (step < FAR)
		return true;
	if (t->n_far == t->cap_far) {
		const uint32_t cap = t->cap_far + t->cap_far / 2 + 1024;
		void *v = xt_reallocarray(t->far, cap, sizeof(*t->far));
		if (!v)
			return false;
		t->far = v;
		t->cap_far = cap;
	}
	t->far[t->n_far++] = step;
	return true;
}

/* The counter that sizes the array is of the case file and may be wrong. */
static bool more_events(struct loader *l)
{
	const uint64_t want = l->room + l->room / 2 + 64;
	if (want >= GRAPH_NONE) {
		l->rc = xt_fail(l->err, XT_E_LIMIT, "%s: too large to load",
				store_path(l->s));
		return false;
	}
	l->rc = graph_reserve(l->g, 0, 0, (uint32_t)want, l->refs, l->err);
	l->room = want;
	return l->rc == XT_OK;
}

/* Is this the first event of its transaction? Which transaction is it, then: the next.
 * That is kept in a bit of the event, and written out as graph.event_tx when the map of
 * the rows, which is half as large, is not needed any more. */
#define FIRST (UINT64_C(1) << 63)

static bool number_tx(struct loader *l, bool *first, const struct store_event *e)
{
	struct graph *g = l->g;
	const uint32_t n = l->tx[e->tx];
	*first = n == GRAPH_NONE;
	if (*first) {
		const uint32_t fresh = g->n_txs++;
		l->tx[e->tx] = fresh;
		g->tx_id[fresh] = (uint32_t)e->tx;
		if (!add_step(l, fresh, (uint32_t)e->height)) {
			l->rc = xt_fail(l->err, XT_E_NOMEM, "%s: out of memory",
					store_path(l->s));
			return false;
		}
	} else if (n + 1 != g->n_txs || l->steps.height != e->height) {
		return fail_row(l, "transaction", e->tx);
	}
	return true;
}

static void write_event_txs(struct graph *g)
{
	uint32_t n = UINT32_MAX; /* before the first */
	for (uint32_t i = 0; i < g->n_events; i++) {
		n += (g->events[i].w & FIRST) != 0;
		g->events[i].w &= ~FIRST;
		g->event_tx[i] = n;
	}
}

/* What an account held before everything. */
static bool add_opening(struct loader *l, const struct store_event *e)
{
	const uint32_t a = load_row(l->account, l->sizes.accounts, e->to);
	if (a == GRAPH_NONE)
		return fail_row(l, "account", e->to);
	uint64_t *opening = &l->g->opening[a];
	if (!xt_add(opening, *opening, e->amount) || *opening > GRAPH_AMOUNT_MASK) {
		l->rc = xt_fail(l->err, XT_E_DATA,
				"%s: account %s: its opening balances add up to more "
				"than 2^56 uXEM",
				store_path(l->s), l->g->party[a].s);
		return false;
	}
	return true;
}

static bool add_event(void *ctx, const struct store_event *e)
{
	struct loader *l = ctx;
	struct graph *g = l->g;
	uint32_t from = GRAPH_NONE, to = GRAPH_NONE;
	bool first = false;
	if (e->kind == NEM_MOVE_OPENING)
		return add_opening(l, e);
	if (e->from &&
	    (from = load_row(l->account, l->sizes.accounts, e->from)) == GRAPH_NONE)
		return fail_row(l, "account", e->from);
	if (e->to &&
	    (to = load_row(l->account, l->sizes.accounts, e->to)) == GRAPH_NONE)
		return fail_row(l, "account", e->to);
	if ((uint64_t)e->tx > l->sizes.txs || (uint64_t)e->height < g->height ||
	    (uint64_t)e->height > UINT32_MAX)
		return fail_row(l, "transaction", e->tx);
	if (g->n_events == l->room && !more_events(l))
		return false;
	if (!number_tx(l, &first, e))
		return false;
	g->events[g->n_events++] =
	    (struct graph_event){ .from = from,
				  .to = to,
				  .w = e->amount | (uint64_t)e->kind << 56 |
				       (first ? FIRST : 0) };
	g->height = (uint64_t)e->height;
	return tick(l, "reading transfers");
}

/* What the reader of transactions has; nothing of it is the other thread's. */
struct tx_reader {
	struct loader *l; /* sizes and the maps of messages: read only */
	struct store *s;
	struct graph_tx *txs; /* by row, less one */
	char (*refs)[65];     /* NULL: not asked for */
	int64_t last;         /* the last row */
	bool encrypted;
	_Atomic bool stop;
	enum xt_status rc;
	struct xt_err err, iter;
};

static bool bad_row(struct tx_reader *r, const char *what, int64_t row)
{
	r->rc = xt_fail(&r->err, XT_E_DATA,
			"%s: %s %lld is not there, or not what it should be",
			store_path(r->s), what, (long long)row);
	return false;
}

/* A row that is not there has no provenance. */
static void no_rows(struct tx_reader *r, int64_t until)
{
	for (; r->last < until; r->last++)
		r->txs[r->last] = (struct graph_tx){ .provenance = 0 };
}

static bool fill_tx(void *ctx, const struct store_tx *t)
{
	struct tx_reader *r = ctx;
	const struct loader *l = r->l;
	if (t->id <= r->last || (uint64_t)t->id > l->sizes.txs)
		return bad_row(r, "transaction", t->id);
	if (t->time < 0 || t->time > GRAPH_TIME_MAX || t->time_last < t->time ||
	    t->time_last > GRAPH_TIME_MAX || t->count > GRAPH_COUNT_MAX ||
	    t->time_kind > STORE_TIME_PUBLISHED || t->provenance > NEM_REPORTED)
		return bad_row(r, "transaction", t->id);
	no_rows(r, t->id - 1);
	struct graph_tx *g = &r->txs[t->id - 1];
	*g = (struct graph_tx){
		.height = (uint32_t)t->height,
		.time = (uint32_t)t->time,
		.time_last = (uint32_t)t->time_last,
		.count = t->count & GRAPH_COUNT_MAX,
		.time_kind = (unsigned)t->time_kind & 3,
		.provenance = (unsigned)t->provenance & 7,
		.height_known = t->height_known,
		.order_known = t->order_known,
	};
	if (t->message) {
		if ((uint64_t)t->message > l->sizes.messages ||
		    l->memo[t->message] == MEMO_ABSENT)
			return bad_row(r, "message", t->message);
		g->memo = l->memo[t->message];
		r->encrypted |= g->memo == MEMO_ENCRYPTED;
	}
	if (r->refs) {
		char *ref = r->refs[t->id - 1];
		if (t->has_hash)
			xt_hex_encode(ref, t->hash.b, sizeof(t->hash.b));
		else
			memcpy(ref, t->ref, sizeof(t->ref));
	}
	r->last = t->id;
	return !r->stop;
}

static void *read_txs(void *ctx)
{
	struct tx_reader *r = ctx;
	const enum xt_status rc =
	    store_each_tx_place(r->s, r->refs != NULL, fill_tx, r, &r->iter);
	if (r->rc == XT_OK && rc != XT_OK) {
		r->rc = rc;
		r->err = r->iter;
	}
	if (r->rc == XT_OK)
		no_rows(r, (int64_t)r->l->sizes.txs);
	return NULL;
}

static void swap_txs(struct graph *g, uint32_t a, uint32_t b)
{
	const struct graph_tx t = g->txs[a];
	g->txs[a] = g->txs[b];
	g->txs[b] = t;
	if (g->tx_ref) {
		char ref[65];
		memcpy(ref, g->tx_ref[a], sizeof(ref));
		memcpy(g->tx_ref[a], g->tx_ref[b], sizeof(ref));
		memcpy(g->tx_ref[b], ref, sizeof(ref));
	}
}

/* Each row goes to its number, in place; rows without events (what moves no XEM,
 * openings) end up behind the last. l->tx is used up, and made anew from tx_id. */
static bool join_txs(struct loader *l)
{
	struct graph *g = l->g;
	const uint32_t rows = (uint32_t)l->sizes.txs;
	uint32_t *place = l->tx + 1;
	uint32_t behind = g->n_txs;
	for (uint32_t i = 0; i < rows; i++)
		if (place[i] == GRAPH_NONE)
			place[i] = behind++;
	for (uint32_t i = 0; i < rows; i++) {
		while (place[i] != i) {
			const uint32_t k = place[i];
			swap_txs(g, i, k);
			place[i] = place[k];
			place[k] = k;
		}
	}
	memset(place, 0xff, (size_t)rows * sizeof(*place));
	uint32_t height = 0;
	uint32_t far = 0;
	for (uint32_t n = 0; n < g->n_txs; n++) {
		const uint8_t step = l->steps.v[n];
		height += step == FAR ? l->steps.far[far++] : step;
		if (g->txs[n].provenance == 0 || g->txs[n].height != height)
			return fail_row(l, "transaction", g->tx_id[n]);
		l->tx[g->tx_id[n]] = n;
	}
	return true;
}

static enum xt_status read_both(struct loader *l, bool *encrypted)
{
	struct tx_reader r = { .l = l, .s = l->s, .txs = l->g->txs };
	struct store *twin = NULL;
	pthread_t thread = pthread_self();
	bool other = false;
	if (l->refs)
		r.refs = l->g->tx_ref;
	if (l->sizes.events > MANY_ROWS &&
	    store_twin_open(&twin, l->s, NULL) == XT_OK) {
		r.s = twin;
		other = pthread_create(&thread, NULL, read_txs, &r) == 0;
	}
	enum xt_status rc = outcome(l, store_each_event(l->s, add_event, l, &l->iter));
	if (rc != XT_OK)
		r.stop = true;
	if (other)
		(void)pthread_join(thread, NULL);
	else if (rc == XT_OK)
		(void)read_txs(&r);
	store_twin_close(twin);
	if (rc == XT_OK && r.rc != XT_OK) {
		rc = r.rc;
		*l->err = r.err;
	}
	if (rc == XT_OK && !join_txs(l))
		rc = l->rc;
	free(l->steps.v);
	free(l->steps.far);
	l->steps = (struct steps){ 0 };
	*encrypted = r.encrypted;
	return rc;
}

/* An encrypted message tells customers apart by its sender: the one whose money moves.
 */
static enum xt_status encrypted_memos(struct loader *l)
{
	struct graph *g = l->g;
	for (uint32_t i = 0; i < g->n_events; i++) {
		const enum nem_movement_kind kind = graph_kind(&g->events[i]);
		struct graph_tx *t = &g->txs[g->event_tx[i]];
		if (t->memo != MEMO_ENCRYPTED ||
		    (kind != NEM_MOVE_TRANSFER && kind != NEM_MOVE_INNER))
			continue;
		const enum xt_status rc = graph_add_memo(
		    g, &t->memo, GRAPH_MEMO_ENCRYPTED, g->events[i].from, "", l->err);
		if (rc != XT_OK)
			return rc;
	}
	for (uint32_t i = 0; i < g->n_txs; i++)
		if (g->txs[i].memo == MEMO_ENCRYPTED)
			g->txs[i].memo = 0;
	return XT_OK;
}

static enum xt_status reserve(struct loader *l)
{
	enum xt_status rc = store_sizes(l->s, &l->sizes, l->err);
	const struct store_sizes *z = &l->sizes;
	if (rc != XT_OK)
		return rc;
	if (z->events >= GRAPH_NONE || z->txs >= GRAPH_NONE ||
	    z->accounts >= GRAPH_NONE)
		return xt_fail(l->err, XT_E_LIMIT, "%s: too large to load",
			       store_path(l->s));
	l->account = map_of(z->accounts);
	l->tx = map_of(z->txs);
	l->memo = map_of(z->messages);
	if (!l->account || !l->tx || !l->memo)
		return xt_fail(l->err, XT_E_NOMEM, "%s: out of memory",
			       store_path(l->s));
	l->room = z->events;
	return graph_reserve(l->g, (uint32_t)z->accounts, (uint32_t)z->txs,
			     (uint32_t)z->events, l->refs, l->err);
}

static enum xt_status read_case(struct loader *l)
{
	struct store *s = l->s;
	const struct load_rows rows = { .s = s,
					.g = l->g,
					.account = l->account,
					.tx = l->tx,
					.n_accounts = l->sizes.accounts,
					.n_txs = l->sizes.txs };
	enum xt_status rc =
	    outcome(l, store_each_account_place(s, add_account, l, &l->iter));
	if (rc == XT_OK)
		rc = outcome(l, store_each_message(s, add_message, l, &l->iter));
	bool encrypted = false;
	if (rc == XT_OK)
		rc = read_both(l, &encrypted);
	if (rc == XT_OK)
		rc = load_seeds(&rows, l->err);
	free(l->tx); /* no more needed, and large */
	l->tx = NULL;
	graph_trim(l->g);
	if (rc == XT_OK)
		write_event_txs(l->g);
	if (rc == XT_OK && encrypted)
		rc = encrypted_memos(l);
	if (rc == XT_OK)
		rc = load_labels(&rows, l->err);
	if (rc == XT_OK)
		rc = load_cleans(&rows, l->err);
	return rc;
}

static enum xt_status assume(struct loader *l)
{
	uint32_t accounts = 0;
	uint64_t uxem = 0;
	char text[32];
	struct graph *g = l->g;
	uint64_t *known = xt_calloc((size_t)g->n_accounts + 1, sizeof(*known));
	if (!known)
		return xt_fail(l->err, XT_E_NOMEM, "%s: out of memory",
			       store_path(l->s));
	if (g->n_accounts)
		memcpy(known, g->opening, g->n_accounts * sizeof(*known));
	const enum xt_status rc = graph_assume_openings(g, &accounts, &uxem, l->err);
	for (uint32_t a = 0; rc == XT_OK && a < g->n_accounts; a++)
		if (g->opening[a] != known[a])
			g->flags[a] |= GRAPH_ASSUMED;
	free(known);
	if (rc == XT_OK && accounts)
		xt_log(
		    l->sink, XT_LOG_INFO,
		    "%u accounts whose history is not complete spend more than the case has"
		    " for them: %s XEM of opening balances are assumed",
		    accounts,
		    nem_amount_format(text, (struct nem_amount){ uxem }, true));
	return rc;
}

enum xt_status load_graph(struct graph **out, struct store *s, unsigned flags,
			  const struct xt_sink *sink, struct xt_err *err)
{
	struct loader l = { .s = s, .sink = sink, .refs = (flags & LOAD_REFS) != 0 };
	l.err = err ? err : &l.own;
	enum xt_status rc = graph_new(&l.g, l.err);
	if (rc != XT_OK)
		return rc;
	bool began = false;
	rc = store_cache(s, STORE_CACHE_ONCE, l.err);
	if (rc == XT_OK)
		rc = store_read_begin(s, &began, l.err);
	if (rc == XT_OK)
		rc = reserve(&l);
	if (rc == XT_OK)
		rc = read_case(&l);
	if (rc == XT_OK)
		rc = load_partials(l.g, s, l.account, l.sizes.accounts, l.err);
	store_read_end(s, began);
	if (rc == XT_OK)
		rc = store_cache(s, STORE_CACHE, l.err);
	free(l.account);
	free(l.tx);
	free(l.memo);
	if (rc == XT_OK)
		rc = assume(&l);
	if (rc == XT_OK)
		rc = load_digest(l.g, l.err);
	if (rc == XT_OK && (flags & LOAD_INDEX))
		rc = graph_index(l.g, l.err);
	if (rc != XT_OK) {
		graph_free(l.g);
		return rc;
	}
	*out = l.g;
	return XT_OK;
}
