#include <xemtrace/graph.h>

#include <stdlib.h>
#include <string.h>

#include "private.h"

enum xt_status graph_new(struct graph **out, struct xt_err *err)
{
	struct graph *g = xt_calloc(1, sizeof(*g));
	struct graph_private *p = xt_calloc(1, sizeof(*p));
	if (!g || !p)
		goto nomem;
	g->arena = p;
	uint32_t none;
	if (graph_add_memo(g, &none, GRAPH_MEMO_NONE, GRAPH_NONE, "", NULL) != XT_OK)
		goto nomem;
	*out = g;
	return XT_OK;
nomem:
	if (g && g->arena)
		graph_free(g);
	else {
		free(g);
		free(p);
	}
	return xt_fail(err, XT_E_NOMEM, "graph: out of memory");
}

void graph_free(struct graph *g)
{
	if (!g)
		return;
	struct graph_private *p = graph_private(g);
	graph_texts_free(p);
	free(p->names.slot);
	free(p->memos.slot);
	free(p);
	free(g->party);
	free(g->flags);
	free(g->opening);
	free(g->label);
	free(g->account_id);
	free(g->events);
	free(g->event_tx);
	free(g->txs);
	free(g->tx_id);
	free(g->tx_ref);
	free(g->memos);
	free(g->labels);
	free(g->theft);
	free(g->seeds);
	free(g->cleans);
	free(g->out_start);
	free(g->out_event);
	free(g->in_start);
	free(g->in_event);
	free(g);
}

/* Set the capacity of parallel arrays; a failure leaves capacities as they were, which
 * is safe since each array is at least as large as before. */
static enum xt_status room_accounts(struct graph *g, uint32_t want, struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	void *v;
	if (!(v = xt_reallocarray(g->party, want, sizeof(*g->party))))
		goto nomem;
	g->party = v;
	if (!(v = xt_reallocarray(g->flags, want, sizeof(*g->flags))))
		goto nomem;
	g->flags = v;
	if (!(v = xt_reallocarray(g->opening, want, sizeof(*g->opening))))
		goto nomem;
	g->opening = v;
	if (!(v = xt_reallocarray(g->label, want, sizeof(*g->label))))
		goto nomem;
	g->label = v;
	if (!(v = xt_reallocarray(g->account_id, want, sizeof(*g->account_id))))
		goto nomem;
	g->account_id = v;
	p->cap_accounts = want;
	return XT_OK;
nomem:
	return xt_fail(err, XT_E_NOMEM, "graph: out of memory for %u accounts", want);
}

static enum xt_status room_txs(struct graph *g, uint32_t want, struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	void *v;
	if (!(v = xt_reallocarray(g->txs, want, sizeof(*g->txs))))
		goto nomem;
	g->txs = v;
	if (!(v = xt_reallocarray(g->tx_id, want, sizeof(*g->tx_id))))
		goto nomem;
	g->tx_id = v;
	if (p->refs) {
		if (!(v = xt_reallocarray(g->tx_ref, want, sizeof(*g->tx_ref))))
			goto nomem;
		g->tx_ref = v;
	}
	p->cap_txs = want;
	return XT_OK;
nomem:
	return xt_fail(err, XT_E_NOMEM, "graph: out of memory for %u transactions",
		       want);
}

static enum xt_status room_events(struct graph *g, uint32_t want, struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	void *v;
	if (!(v = xt_reallocarray(g->events, want, sizeof(*g->events))))
		goto nomem;
	g->events = v;
	if (!(v = xt_reallocarray(g->event_tx, want, sizeof(*g->event_tx))))
		goto nomem;
	g->event_tx = v;
	p->cap_events = want;
	return XT_OK;
nomem:
	return xt_fail(err, XT_E_NOMEM, "graph: out of memory for %u events", want);
}

enum xt_status graph_reserve(struct graph *g, uint32_t accounts, uint32_t txs,
			     uint32_t events, bool refs, struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	enum xt_status s = XT_OK;
	if (refs && !p->refs && g->n_txs)
		return xt_fail(
		    err, XT_E_USAGE,
		    "graph: references asked for after transactions were added");
	if (refs && !p->refs) {
		p->refs = true;
		p->cap_txs = 0;
	}
	if (accounts > p->cap_accounts)
		s = room_accounts(g, accounts, err);
	if (s == XT_OK && txs > p->cap_txs)
		s = room_txs(g, txs, err);
	if (s == XT_OK && events > p->cap_events)
		s = room_events(g, events, err);
	return s;
}

void graph_trim(struct graph *g)
{
	const struct graph_private *p = graph_private(g);
	/* To make less of something may fail: then it stays as it is. */
	if (g->n_txs < p->cap_txs)
		(void)room_txs(g, g->n_txs, NULL);
	if (g->n_events < p->cap_events)
		(void)room_events(g, g->n_events, NULL);
}

/* The next capacity, within 32-bit numbers with GRAPH_NONE left free; 0: there is none.
 */
static uint32_t next_cap(uint32_t cap)
{
	if (cap >= GRAPH_NONE - 1)
		return 0;
	const uint64_t want = (uint64_t)cap + cap / 2 + 64;
	return want > GRAPH_NONE - 1 ? GRAPH_NONE - 1 : (uint32_t)want;
}

static enum xt_status full(const char *what, struct xt_err *err)
{
	return xt_fail(err, XT_E_LIMIT, "graph: more than %u %s", GRAPH_NONE - 1, what);
}

enum xt_status graph_add_account(struct graph *g, uint32_t *out,
				 const struct nem_party *party, uint8_t flags,
				 uint64_t opening, int64_t id, struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	if (opening > GRAPH_AMOUNT_MASK)
		return xt_fail(
		    err, XT_E_DATA,
		    "account %s: opening balance %llu uXEM is above the limit of 2^56",
		    party->s, (unsigned long long)opening);
	if (id < 0 || id > UINT32_MAX)
		return xt_fail(err, XT_E_LIMIT, "graph: account row %lld",
			       (long long)id);
	if (g->n_accounts == p->cap_accounts) {
		const uint32_t want = next_cap(p->cap_accounts);
		const enum xt_status s =
		    want ? room_accounts(g, want, err) : full("accounts", err);
		if (s != XT_OK)
			return s;
	}
	const uint32_t a = g->n_accounts++;
	g->party[a] = *party;
	g->flags[a] = flags;
	g->opening[a] = opening;
	g->label[a] = GRAPH_NONE;
	g->account_id[a] = (uint32_t)id;
	*out = a;
	return XT_OK;
}

enum xt_status graph_add_tx(struct graph *g, uint32_t *out, const struct graph_tx *tx,
			    int64_t id, const char *ref, struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	if (tx->memo >= g->n_memos)
		return xt_fail(err, XT_E_USAGE, "graph: transaction with memo %u of %u",
			       tx->memo, g->n_memos);
	if (id < 0 || id > UINT32_MAX)
		return xt_fail(err, XT_E_LIMIT, "graph: transaction row %lld",
			       (long long)id);
	if (ref && strlen(ref) >= sizeof(*g->tx_ref))
		return xt_fail(err, XT_E_USAGE,
			       "graph: reference %.80s... is longer than 64", ref);
	if (g->n_txs == p->cap_txs) {
		const uint32_t want = next_cap(p->cap_txs);
		const enum xt_status s =
		    want ? room_txs(g, want, err) : full("transactions", err);
		if (s != XT_OK)
			return s;
	}
	const uint32_t t = g->n_txs++;
	g->txs[t] = *tx;
	g->tx_id[t] = (uint32_t)id;
	if (p->refs) {
		memset(g->tx_ref[t], 0, sizeof(*g->tx_ref));
		if (ref)
			memcpy(g->tx_ref[t], ref, strlen(ref));
	}
	*out = t;
	return XT_OK;
}

enum xt_status graph_add_event(struct graph *g, uint32_t tx,
			       enum nem_movement_kind kind, uint32_t from, uint32_t to,
			       uint64_t amount, struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	if (tx >= g->n_txs || (from != GRAPH_NONE && from >= g->n_accounts) ||
	    (to != GRAPH_NONE && to >= g->n_accounts) ||
	    (from == GRAPH_NONE && to == GRAPH_NONE))
		return xt_fail(err, XT_E_USAGE,
			       "graph: event %u names what is not there", g->n_events);
	if (kind < NEM_MOVE_TRANSFER || kind > NEM_MOVE_OPENING)
		return xt_fail(err, XT_E_USAGE, "graph: event %u of unknown kind %d",
			       g->n_events, (int)kind);
	if (amount > GRAPH_AMOUNT_MASK)
		return xt_fail(
		    err, XT_E_DATA,
		    "transaction %s: amount %llu uXEM is above the limit of 2^56",
		    g->tx_ref ? g->tx_ref[tx] : "", (unsigned long long)amount);
	if (g->n_events && tx < g->event_tx[g->n_events - 1])
		return xt_fail(err, XT_E_USAGE,
			       "graph: event %u of transaction %u after one of %u",
			       g->n_events, tx, g->event_tx[g->n_events - 1]);
	if (g->txs[tx].height < g->height)
		return xt_fail(err, XT_E_USAGE,
			       "graph: event %u at height %u after one at height %llu",
			       g->n_events, g->txs[tx].height,
			       (unsigned long long)g->height);
	if (g->n_events == p->cap_events) {
		const uint32_t want = next_cap(p->cap_events);
		const enum xt_status s =
		    want ? room_events(g, want, err) : full("events", err);
		if (s != XT_OK)
			return s;
	}
	struct graph_event *e = &g->events[g->n_events];
	e->from = from;
	e->to = to;
	e->w = amount | (uint64_t)kind << 56;
	g->event_tx[g->n_events++] = tx;
	g->height = g->txs[tx].height;
	return XT_OK;
}

static uint32_t memo_hash(enum graph_memo_kind kind, uint32_t sender, const char *text)
{
	return graph_hash_bytes(text, strlen(text)) ^ (sender * UINT32_C(2654435761)) ^
	       (uint32_t)kind;
}

static uint32_t memo_hash_of(const struct graph *g, uint32_t i)
{
	return memo_hash(g->memos[i].kind, g->memos[i].sender, g->memos[i].text);
}

enum xt_status graph_add_memo(struct graph *g, uint32_t *out, enum graph_memo_kind kind,
			      uint32_t sender, const char *text, struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	if (!text || kind == GRAPH_MEMO_NONE)
		text = "";
	if (kind != GRAPH_MEMO_ENCRYPTED)
		sender = GRAPH_NONE;
	if (!graph_hash_room(&p->memos, memo_hash_of, g))
		return xt_fail(err, XT_E_NOMEM, "graph: out of memory for memos");
	const uint32_t h = memo_hash(kind, sender, text);
	for (uint32_t i = h & (p->memos.cap - 1); p->memos.slot[i];
	     i = (i + 1) & (p->memos.cap - 1)) {
		const uint32_t m = p->memos.slot[i] - 1;
		if (g->memos[m].kind == kind && g->memos[m].sender == sender &&
		    !strcmp(g->memos[m].text, text)) {
			*out = m;
			return XT_OK;
		}
	}
	void *v = g->memos;
	const enum xt_status s =
	    graph_grow(&v, &p->cap_memos, g->n_memos, sizeof(*g->memos), "memos", err);
	g->memos = v;
	if (s != XT_OK)
		return s;
	const char *copy = graph_text(g, text);
	if (!copy)
		return xt_fail(err, XT_E_NOMEM, "graph: out of memory for memos");
	g->memos[g->n_memos] =
	    (struct graph_memo){ .kind = kind, .sender = sender, .text = copy };
	graph_hash_insert(&p->memos, h, g->n_memos);
	*out = g->n_memos++;
	return XT_OK;
}

enum xt_status graph_add_label(struct graph *g, uint32_t account,
			       const struct graph_label *label, struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	if (account >= g->n_accounts)
		return xt_fail(err, XT_E_USAGE, "graph: label for account %u of %u",
			       account, g->n_accounts);
	void *v = g->labels;
	const enum xt_status s = graph_grow(&v, &p->cap_labels, g->n_labels,
					    sizeof(*g->labels), "labels", err);
	g->labels = v;
	if (s != XT_OK)
		return s;
	struct graph_label copy = *label;
	copy.text = graph_text(g, label->text ? label->text : "");
	copy.category = graph_text(g, label->category ? label->category : "");
	copy.source = graph_text(g, label->source ? label->source : "");
	if (!copy.text || !copy.category || !copy.source)
		return xt_fail(err, XT_E_NOMEM, "graph: out of memory for labels");
	const uint32_t i = g->n_labels++;
	g->labels[i] = copy;
	/* The surest label speaks for the account; of two equals the first. */
	const uint32_t old = g->label[account];
	if (old == GRAPH_NONE || g->labels[old].confidence < copy.confidence)
		g->label[account] = i;
	if (copy.service)
		g->flags[account] |= GRAPH_SERVICE;
	return XT_OK;
}

enum xt_status graph_add_theft(struct graph *g, uint32_t *out, const char *name,
			       struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	if (!name[0] || strlen(name) >= sizeof(*g->theft))
		return xt_fail(err, XT_E_DATA,
			       "theft name \"%.80s\": 1 to %zu bytes are allowed", name,
			       sizeof(*g->theft) - 1);
	for (uint32_t i = 0; i < g->n_thefts; i++) {
		if (!strcmp(g->theft[i], name)) {
			*out = i;
			return XT_OK;
		}
	}
	void *v = g->theft;
	const enum xt_status s = graph_grow(&v, &p->cap_thefts, g->n_thefts,
					    sizeof(*g->theft), "thefts", err);
	g->theft = v;
	if (s != XT_OK)
		return s;
	memset(g->theft[g->n_thefts], 0, sizeof(*g->theft));
	memcpy(g->theft[g->n_thefts], name, strlen(name));
	*out = g->n_thefts++;
	return XT_OK;
}

enum xt_status graph_add_seed(struct graph *g, const struct graph_seed *seed,
			      struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	const bool by_tx =
	    seed->kind == GRAPH_SEED_TX || seed->kind == GRAPH_SEED_REFUND;
	const bool known = by_tx || seed->kind == GRAPH_SEED_WINDOW ||
			   seed->kind == GRAPH_SEED_HEIGHTS ||
			   seed->kind == GRAPH_SEED_BALANCE;
	if (!known || seed->theft >= g->n_thefts || (by_tx && seed->tx >= g->n_txs) ||
	    (!by_tx && seed->account >= g->n_accounts))
		return xt_fail(err, XT_E_USAGE,
			       "graph: seed %u names what is not there", g->n_seeds);
	void *v = g->seeds;
	const enum xt_status s =
	    graph_grow(&v, &p->cap_seeds, g->n_seeds, sizeof(*g->seeds), "seeds", err);
	g->seeds = v;
	if (s != XT_OK)
		return s;
	g->seeds[g->n_seeds++] = *seed;
	return XT_OK;
}

bool graph_seed_window(const struct graph *g, const struct graph_seed *seed,
		       uint32_t event)
{
	const struct graph_tx *tx = &g->txs[g->event_tx[event]];
	const struct graph_event *e = &g->events[event];

	if (e->to != seed->account || e->from == GRAPH_NONE)
		return false;
	if (seed->kind == GRAPH_SEED_HEIGHTS)
		return tx->height_known && tx->height >= seed->from &&
		       tx->height <= seed->to;
	return seed->kind == GRAPH_SEED_WINDOW && tx->time_kind != GRAPH_TIME_NONE &&
	       tx->time >= seed->from && tx->time <= seed->to;
}

enum xt_status graph_add_clean(struct graph *g, uint32_t account, int64_t from,
			       struct xt_err *err)
{
	struct graph_private *p = graph_private(g);
	if (account >= g->n_accounts)
		return xt_fail(err, XT_E_USAGE,
			       "graph: clean mark for account %u of %u", account,
			       g->n_accounts);
	void *v = g->cleans;
	const enum xt_status s = graph_grow(&v, &p->cap_cleans, g->n_cleans,
					    sizeof(*g->cleans), "clean marks", err);
	g->cleans = v;
	if (s != XT_OK)
		return s;
	g->cleans[g->n_cleans++] =
	    (struct graph_clean){ .account = account, .from = from };
	return XT_OK;
}
