#include <xemtrace/load.h>

#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Not a memo: "encrypted, the sender is found at the end". */
#define MEMO_ENCRYPTED (UINT32_MAX - 1)
#define MEMO_ABSENT    UINT32_MAX /* what map_of() fills in */
/* Rows between two looks at the sink. */
#define PROGRESS_ROWS (1u << 18)

struct loader {
	struct store *s;
	struct graph *g;
	const struct xt_sink *sink;
	struct xt_err *err; /* the caller's, or `own` */
	struct xt_err own;
	struct xt_err
	    iter; /* what an iterator says; a callback's own word goes before */
	enum xt_status rc; /* what a callback ran into */
	bool refs, encrypted;
	struct store_sizes sizes;
	uint64_t rows;
	uint32_t *account; /* row to number, GRAPH_NONE: no such row */
	uint32_t *tx;
	uint32_t *memo;
};

static uint32_t *map_of(uint64_t n)
{
	uint32_t *m = xt_calloc((size_t)n + 1, sizeof(*m));
	if (m)
		memset(m, 0xff, ((size_t)n + 1) * sizeof(*m));
	return m;
}

static uint32_t look(const uint32_t *map, uint64_t n, int64_t row)
{
	return row > 0 && (uint64_t)row <= n ? map[row] : GRAPH_NONE;
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
	if (xt_progress(l->sink, l->rows, l->sizes.events + l->sizes.txs, "%s", what))
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
	l->rc = graph_add_account(l->g, &n, &a->party, flags, a->opening_uxem, a->id,
				  l->err);
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

static bool add_event(void *ctx, const struct store_event *e)
{
	struct loader *l = ctx;
	uint32_t from = GRAPH_NONE, to = GRAPH_NONE;
	if (e->kind == NEM_MOVE_OPENING)
		return true; /* came with its account */
	if (e->from &&
	    (from = look(l->account, l->sizes.accounts, e->from)) == GRAPH_NONE)
		return fail_row(l, "account", e->from);
	if (e->to && (to = look(l->account, l->sizes.accounts, e->to)) == GRAPH_NONE)
		return fail_row(l, "account", e->to);
	if ((uint64_t)e->tx > l->sizes.txs)
		return fail_row(l, "transaction", e->tx);
	if (l->tx[e->tx] == GRAPH_NONE) {
		/* The rest is filled in when the transactions are read, in their own
		 * order. */
		const struct graph_tx t = { .height = (uint32_t)e->height };
		l->rc = graph_add_tx(l->g, &l->tx[e->tx], &t, e->tx, NULL, l->err);
	}
	if (l->rc == XT_OK)
		l->rc = graph_add_event(l->g, l->tx[e->tx], e->kind, from, to,
					e->amount, l->err);
	return l->rc == XT_OK && tick(l, "reading transfers");
}

static bool fill_tx(void *ctx, const struct store_tx *t)
{
	struct loader *l = ctx;
	const uint32_t n = look(l->tx, l->sizes.txs, t->id);
	if (n == GRAPH_NONE)
		return true; /* moves no XEM */
	struct graph_tx *g = &l->g->txs[n];
	if (t->height != g->height)
		return fail_row(l, "transaction", t->id);
	g->memo = 0;
	if (t->message) {
		if ((uint64_t)t->message > l->sizes.messages ||
		    l->memo[t->message] == MEMO_ABSENT)
			return fail_row(l, "message", t->message);
		g->memo = l->memo[t->message];
		l->encrypted |= g->memo == MEMO_ENCRYPTED;
	}
	g->time = t->time;
	g->time_last = t->time_last;
	g->count = t->count;
	g->time_kind = (uint8_t)t->time_kind;
	g->provenance = (uint8_t)t->provenance;
	g->height_known = t->height_known;
	g->order_known = t->order_known;
	if (l->refs && t->has_hash)
		xt_hex_encode(l->g->tx_ref[n], t->hash.b, sizeof(t->hash.b));
	else if (l->refs)
		memcpy(l->g->tx_ref[n], t->ref, sizeof(t->ref));
	return tick(l, "reading transactions");
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

static bool add_label(void *ctx, const struct store_label *row)
{
	struct loader *l = ctx;
	const uint32_t a = look(l->account, l->sizes.accounts, row->account);
	if (a == GRAPH_NONE)
		return fail_row(l, "account", row->account);
	if (row->service)
		l->g->flags[a] |= GRAPH_SERVICE;
	/* The best one comes first. */
	if (l->g->label[a] != GRAPH_NONE)
		return true;
	const struct graph_label label = {
		.text = row->label,
		.category = row->category,
		.source = row->source,
		.confidence = (uint8_t)row->confidence,
		.service = row->service,
	};
	l->rc = graph_add_label(l->g, a, &label, l->err);
	return l->rc == XT_OK;
}

static enum xt_status theft_of(struct loader *l, uint32_t *out, const char *name)
{
	for (uint32_t i = 0; i < l->g->n_thefts; i++) {
		if (strcmp(l->g->theft[i], name) == 0) {
			*out = i;
			return XT_OK;
		}
	}
	return graph_add_theft(l->g, out, name, l->err);
}

static enum xt_status party_of(struct loader *l, uint32_t *out,
			       const struct nem_party *p)
{
	struct store_account a;
	const enum xt_status rc = store_account_find(l->s, &a, p->s, l->err);
	if (rc == XT_OK)
		*out = look(l->account, l->sizes.accounts, a.id);
	return rc;
}

static bool add_seed(void *ctx, const struct store_seed *d)
{
	struct loader *l = ctx;
	struct graph_seed seed = {
		.kind = (enum graph_seed_kind)d->kind,
		.tx = GRAPH_NONE,
		.account = GRAPH_NONE,
		.from = d->has_from ? d->from : INT64_MIN,
		.to = d->has_to ? d->to : INT64_MAX,
		.height = (uint32_t)d->height,
		.amount = d->all ? GRAPH_SEED_ALL : d->amount_uxem,
	};
	l->rc = theft_of(l, &seed.theft, d->theft);
	if (l->rc != XT_OK)
		return false;
	if (d->kind == GRAPH_SEED_TX || d->kind == GRAPH_SEED_REFUND) {
		seed.tx = look(l->tx, l->sizes.txs, d->tx);
		if (seed.tx == GRAPH_NONE)
			l->rc = xt_fail(
			    l->err, XT_E_NOTFOUND,
			    "%s: seed %lld of theft \"%s\": transaction %s %s",
			    store_path(l->s), (long long)d->id, d->theft, d->tx_text,
			    d->tx ? "moves no XEM" : "is not in the case");
	} else {
		l->rc = party_of(l, &seed.account, &d->account);
	}
	if (l->rc == XT_OK)
		l->rc = graph_add_seed(l->g, &seed, l->err);
	return l->rc == XT_OK;
}

static bool add_clean(void *ctx, const struct store_clean *c)
{
	struct loader *l = ctx;
	uint32_t a;
	l->rc = party_of(l, &a, &c->account);
	if (l->rc == XT_OK)
		l->rc = graph_add_clean(l->g, a, c->from, l->err);
	return l->rc == XT_OK;
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
	return graph_reserve(l->g, (uint32_t)z->accounts, (uint32_t)z->txs,
			     (uint32_t)z->events, l->refs, l->err);
}

static enum xt_status read_case(struct loader *l)
{
	struct store *s = l->s;
	enum xt_status rc = outcome(l, store_each_account(s, add_account, l, &l->iter));
	if (rc == XT_OK)
		rc = outcome(l, store_each_message(s, add_message, l, &l->iter));
	if (rc == XT_OK)
		rc = outcome(l, store_each_event(s, add_event, l, &l->iter));
	if (rc == XT_OK)
		rc = outcome(l, store_each_tx_place(s, l->refs, fill_tx, l, &l->iter));
	if (rc == XT_OK && l->encrypted)
		rc = encrypted_memos(l);
	if (rc == XT_OK)
		rc = outcome(l, store_each_label(s, add_label, l, &l->iter));
	if (rc == XT_OK)
		rc = outcome(l, store_each_seed(s, add_seed, l, &l->iter));
	if (rc == XT_OK)
		rc = outcome(l, store_each_clean(s, add_clean, l, &l->iter));
	return rc;
}

static enum xt_status assume(struct loader *l)
{
	uint32_t accounts = 0;
	uint64_t uxem = 0;
	char text[32];
	const enum xt_status rc = graph_assume_openings(l->g, &accounts, &uxem, l->err);
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
	rc = reserve(&l);
	if (rc == XT_OK)
		rc = read_case(&l);
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
