/* show: an account or a transaction in full. */
#include "cmd.h"
#include "cmd_show_file.h"
#include "session.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct opt options[] = {
	{ "limit", 'n', "N", "list so many transfers (default 50; 0: all)", false },
	{ "file", 0, "FILE",
	  "explain one saved answer of a node instead, and check what it proves",
	  false },
	SESSION_OPTIONS,
	{ 0 },
};

static const char *const state_names[] = { "seen", "open", "complete", "incomplete",
					   "stopped" };
static const char *const time_kinds[] = { "unknown", "block", "signer", "published" };

/* ---- an account -------------------------------------------------------------------
 */

static const struct export_column account_columns[] = {
	{ "address", "address", EXPORT_STR },
	{ "public_key", "public key", EXPORT_STR },
	{ "state", "state", EXPORT_STR },
	{ "reason", "reason", EXPORT_STR },
	{ "service", "service", EXPORT_BOOL },
	{ "depth", "hops from a seed", EXPORT_INT },
	{ "complete_from", "complete from height", EXPORT_INT },
	{ "held_before_uxem", "held before that height XEM", EXPORT_UXEM },
	{ "held_before_way", "known by", EXPORT_WORDS },
	{ "opening_uxem", "opening balance XEM", EXPORT_UXEM },
	{ "opening_assumed", "opening is assumed", EXPORT_BOOL },
	{ "in_volume", "in XEM", EXPORT_VOLUME },
	{ "out_volume", "out XEM (with fees)", EXPORT_VOLUME },
	{ "harvested_volume", "harvested XEM", EXPORT_VOLUME },
	{ "reported_balance_uxem", "balance a node reports XEM", EXPORT_UXEM },
	{ "reported_height", "at height", EXPORT_INT },
	{ "difference_uxem", "computed minus reported uXEM", EXPORT_STR },
	{ "policy", "policy", EXPORT_STR },
	{ "held_uxem", "stolen XEM held", EXPORT_UXEM },
	{ "low_uxem", NULL, EXPORT_UXEM },
	{ "high_uxem", NULL, EXPORT_UXEM },
	{ "exact", NULL, EXPORT_BOOL },
	{ "reach_uxem", NULL, EXPORT_UXEM },
	{ "bounds", "under any policy", EXPORT_WORDS },
};

/* What any policy that conserves can say, as five cells. */
static enum xt_status bound_cells(struct cli *c, const struct session *s,
				  uint32_t account, uint64_t figure,
				  struct export_cell *cells, struct xt_buf *text,
				  struct xt_err *err)
{
	struct taint_bound b = { 0 };
	bool found = false;
	enum xt_status rc = session_bound(c, s, account, &b, &found, err);
	assert(rc != XT_OK || !found || s->r != NULL);
	if (rc == XT_OK && found)
		rc = export_between(text, b.low, b.high, s->r->policy->name, figure,
				    err);
	cells[0] = (struct export_cell){ .absent = !found, .v.u = b.low };
	cells[1] = (struct export_cell){ .absent = !found, .v.u = b.high };
	cells[2] = (struct export_cell){ .absent = !found, .v.b = b.exact };
	cells[3] = (struct export_cell){ .absent = !found, .v.u = b.poison };
	cells[4] = (struct export_cell){ .absent = !found, .v.str = xt_buf_str(text) };
	return rc;
}

/* Held, or for a service what reached it. */
static uint64_t figure_of(const struct session *s, uint32_t account)
{
	if (s->r == NULL || account == GRAPH_NONE)
		return 0;
	uint64_t sum = taint_held(s->r, account);
	for (size_t i = 0; i < s->r->n_sink_totals; i++)
		if (s->r->sink_totals[i].account == account)
			sum += s->r->sink_totals[i].uxem;
	return sum;
}

static const struct export_column label_columns[] = {
	{ "label", "label", EXPORT_STR },
	{ "category", "category", EXPORT_STR },
	{ "confidence", "confidence", EXPORT_INT },
	{ "source", "source", EXPORT_STR },
};

static const struct export_column transfer_columns[] = {
	{ "time", "time", EXPORT_TIME },
	{ "time_kind", "time by", EXPORT_STR },
	{ "height", "height", EXPORT_INT },
	{ "kind", "kind", EXPORT_STR },
	{ "direction", "", EXPORT_STR },
	{ "counterparty", "counterparty", EXPORT_STR },
	{ "counterparty_label", "label", EXPORT_STR },
	{ "amount_uxem", "amount XEM", EXPORT_UXEM },
	{ "tainted_uxem", "stolen XEM", EXPORT_UXEM },
	{ "count", "n", EXPORT_INT },
	{ "memo", "memo", EXPORT_STR },
	{ "provenance", "provenance", EXPORT_STR },
	{ NULL, "transaction", EXPORT_STR },
	{ "hash", NULL, EXPORT_STR },
	{ "record", NULL, EXPORT_STR },
};

/* The finished list goes under the one row of the output, or is freed on failure. */
static enum xt_status adopt(struct export_table *t, struct export_table *list,
			    enum xt_status rc, struct xt_err *err)
{
	if (rc == XT_OK)
		rc = export_table_adopt(t, 0, list, err);
	if (rc != XT_OK)
		export_table_free(list);
	return rc;
}

struct label_walk {
	const char *party;
	struct export_table *t;
	enum xt_status rc;
	struct xt_err *err;
};

static bool each_label(void *ctx, const struct store_label *l)
{
	struct label_walk *w = ctx;
	if (strcmp(l->party.s, w->party) != 0)
		return true;
	struct export_cell cells[] = {
		{ .v.str = l->label },
		{ .v.str = l->category },
		{ .v.u = l->confidence },
		{ .absent = l->source[0] == '\0', .v.str = l->source },
	};
	w->rc = export_table_row(w->t, NULL, cells, w->err);
	return w->rc == XT_OK;
}

static enum xt_status add_labels(struct cli *c, struct export_table *t,
				 const char *party, struct xt_err *err)
{
	struct label_walk w = { .party = party, .err = err };
	enum xt_status rc = export_table_new(&w.t, "labels", label_columns,
					     XT_ARRAY_SIZE(label_columns), err);
	if (rc == XT_OK)
		rc = store_each_label(c->store, each_label, &w, err);
	return adopt(t, w.t, rc == XT_E_STOPPED ? w.rc : rc, err);
}

static uint64_t edge_taint(const struct taint_result *r, uint32_t event)
{
	if (r == NULL)
		return 0;
	size_t lo = 0;
	size_t hi = r->n_edges;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (r->edges[mid].event < event)
			lo = mid + 1;
		else
			hi = mid;
	}
	uint64_t sum = 0;
	for (; lo < r->n_edges && r->edges[lo].event == event; lo++)
		sum += r->edges[lo].uxem;
	return sum;
}

/* What a memo reads as; an encrypted one is told by its sender alone. */
static const char *memo_text(const struct graph *g, uint32_t memo)
{
	const struct graph_memo *m = &g->memos[memo];
	if (m->kind == GRAPH_MEMO_ENCRYPTED)
		return "(encrypted)";
	return m->text != NULL ? m->text : "";
}

static enum xt_status transfer_row(struct export_table *t, const struct session *s,
				   uint32_t event, uint32_t account, struct xt_err *err)
{
	const struct graph *g = s->g;
	const struct graph_event *e = &g->events[event];
	const struct graph_tx *tx = &g->txs[g->event_tx[event]];
	enum nem_movement_kind kind = graph_kind(e);
	bool self = e->from == e->to;
	uint32_t other = e->from == account ? e->to : e->from;
	uint32_t label = other != GRAPH_NONE ? g->label[other] : GRAPH_NONE;
	const char *ref = g->tx_ref[g->event_tx[event]];
	bool is_hash = strspn(ref, "0123456789abcdef") == 64;
	bool memo =
	    (kind == NEM_MOVE_TRANSFER || kind == NEM_MOVE_INNER) && tx->memo != 0;
	struct export_cell cells[] = {
		{ .absent = tx->time_kind == GRAPH_TIME_NONE, .v.time = tx->time },
		{ .v.str = time_kinds[tx->time_kind] },
		{ .absent = tx->height_known == 0, .v.u = tx->height },
		{ .v.str = nem_movement_name(kind) },
		{ .v.str = self                 ? "self"
			   : e->from == account ? "out"
						: "in" },
		{ .absent = other == GRAPH_NONE,
		  .v.str = other == GRAPH_NONE ? "" : g->party[other].s },
		{ .absent = label == GRAPH_NONE,
		  .v.str = label == GRAPH_NONE ? "" : g->labels[label].text },
		{ .v.u = graph_amount(e) },
		{ .absent = s->r == NULL, .v.u = edge_taint(s->r, event) },
		{ .absent = tx->count == 0, .v.u = tx->count },
		{ .absent = !memo, .v.str = memo ? memo_text(g, tx->memo) : "" },
		{ .v.str = nem_provenance_name(tx->provenance) },
		{ .v.str = ref },
		{ .absent = !is_hash, .v.str = ref },
		{ .absent = is_hash, .v.str = ref },
	};
	return export_table_row(t, NULL, cells, err);
}

static enum xt_status add_transfers(struct cli *c, struct export_table *t,
				    const struct session *s, uint32_t account,
				    struct xt_err *err)
{
	struct export_table *child = NULL;
	uint64_t limit = 0;
	const struct graph *g = s->g;
	enum xt_status rc = opts_u64(&c->opts, "limit", &limit, 50, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = export_table_new(&child, "transfers", transfer_columns,
				      XT_ARRAY_SIZE(transfer_columns), err);
	/* Known to the case, and in no transfer of it. */
	if (account == GRAPH_NONE)
		return adopt(t, child, rc, err);
	uint32_t o = g->out_start[account];
	uint32_t i = g->in_start[account];
	uint64_t n = 0;
	uint64_t left = 0;
	while (rc == XT_OK &&
	       (o < g->out_start[account + 1] || i < g->in_start[account + 1])) {
		uint32_t eo =
		    o < g->out_start[account + 1] ? g->out_event[o] : UINT32_MAX;
		uint32_t ei =
		    i < g->in_start[account + 1] ? g->in_event[i] : UINT32_MAX;
		uint32_t e = eo < ei ? eo : ei;
		o += eo == e;
		i += ei == e;
		if (limit != 0 && n >= limit) {
			left++;
			continue;
		}
		n++;
		rc = transfer_row(child, s, e, account, err);
	}
	if (left != 0)
		cli_warn(c, "limit",
			 "%" PRIu64 " more transfers are not shown (--limit 0: all)",
			 left);
	return adopt(t, child, rc, err);
}

static enum xt_status account_row(struct cli *c, struct export_table *t,
				  const struct session *s,
				  const struct store_account *a, uint32_t account,
				  struct xt_err *err)
{
	static const char *const ways[] = {
		[STORE_WAY_NONE] = "",
		[STORE_WAY_BALANCE] = "the balance that a node reports, less all since",
		[STORE_WAY_HISTORY] = "the history of a node",
	};
	struct store_crawl crawl = { .from_height = 0 };
	struct store_sums sums;
	char key[65] = "";
	enum xt_status rc =
	    store_account_sums(c->store, &sums, a->id, UINT64_MAX >> 1, err);
	if (rc != XT_OK)
		return rc;
	rc = store_crawl_get(c->store, &crawl, a->id, err);
	if (rc != XT_OK && rc != XT_E_NOTFOUND)
		return rc;
	const bool partial = crawl.from_height > 0 && crawl.has_opening;
	if (a->has_key)
		xt_hex_encode(key, a->key.b, 32);
	uint64_t opening = account != GRAPH_NONE ? s->g->opening[account] : 0;
	bool service =
	    account != GRAPH_NONE && (s->g->flags[account] & GRAPH_SERVICE) != 0;
	/* A complete account without an opening began with nothing: that is known. */
	bool complete =
	    account != GRAPH_NONE && (s->g->flags[account] & GRAPH_COMPLETE) != 0;
	bool assumed = !a->has_opening && !complete;
	uint64_t held =
	    s->r != NULL && account != GRAPH_NONE ? taint_held(s->r, account) : 0;
	struct export_cell cells[] = {
		{ .v.str = a->party.s },
		{ .absent = !a->has_key, .v.str = key },
		{ .v.str = state_names[a->state] },
		{ .absent = a->reason[0] == '\0', .v.str = a->reason },
		{ .v.b = service },
		{ .absent = a->depth == UINT32_MAX, .v.u = a->depth },
		{ .absent = !partial, .v.u = crawl.from_height },
		{ .absent = !partial, .v.u = crawl.opening_uxem },
		{ .absent = !partial, .v.str = ways[crawl.opening_way] },
		{ .v.u = opening },
		{ .v.b = assumed },
		{ .v.volume = sums.in },
		{ .v.volume = sums.out },
		{ .v.volume = sums.harvest },
		{ .absent = !a->has_balance, .v.u = a->balance_uxem },
		{ .absent = !a->has_balance, .v.u = a->balance_height },
		{ .absent = a->difference[0] == '\0', .v.str = a->difference },
		{ .absent = s->r == NULL,
		  .v.str = s->r != NULL ? s->r->policy->name : "" },
		{ .absent = s->r == NULL, .v.u = held },
		{ .absent = true },
		{ .absent = true },
		{ .absent = true },
		{ .absent = true },
		{ .absent = true },
	};
	struct xt_buf text;
	xt_buf_init(&text, 512);
	rc = bound_cells(c, s, account, figure_of(s, account),
			 cells + XT_ARRAY_SIZE(cells) - 5, &text, err);
	if (rc == XT_OK)
		rc = export_table_row(t, NULL, cells, err);
	xt_buf_release(&text);
	return rc;
}

static enum xt_status show_account(struct cli *c, const struct store_account *a,
				   struct xt_err *err)
{
	struct session s = { 0 };
	struct export_table *t = NULL;
	enum xt_status rc = session_load(c, &s, LOAD_REFS | LOAD_INDEX, err);
	uint32_t account = GRAPH_NONE;

	if (rc == XT_OK && s.g->n_seeds != 0)
		rc = session_taint(c, &s, err);
	if (rc == XT_OK) {
		account = graph_find(s.g, a->party.s);
		rc = export_table_new(&t, "account", account_columns,
				      XT_ARRAY_SIZE(account_columns), err);
	}
	if (rc == XT_OK)
		rc = account_row(c, t, &s, a, account, err);
	if (rc == XT_OK)
		rc = add_labels(c, t, a->party.s, err);
	if (rc == XT_OK)
		rc = add_transfers(c, t, &s, account, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	session_release(&s);
	return rc;
}

/* ---- a transaction ------------------------------------------------------------------
 */

static const struct export_column tx_columns[] = {
	{ NULL, "transaction", EXPORT_STR },
	{ "hash", NULL, EXPORT_STR },
	{ "record", NULL, EXPORT_STR },
	{ "inner_hash", "inner hash", EXPORT_STR },
	{ "type", "type", EXPORT_STR },
	{ "provenance", "provenance", EXPORT_STR },
	{ "height", "height", EXPORT_INT },
	{ "index", "index in block", EXPORT_INT },
	{ "time", "time", EXPORT_TIME },
	{ "time_last", "last time", EXPORT_TIME },
	{ "time_kind", "time by", EXPORT_STR },
	{ "signer", "signer", EXPORT_STR },
	{ "fee_uxem", "fee XEM", EXPORT_UXEM },
	{ "count", "stands for transfers", EXPORT_INT },
	{ "message", "message", EXPORT_WORDS },
	{ "note", "note", EXPORT_WORDS },
	{ "answer", "raw answer", EXPORT_INT },
	{ "bytes", NULL, EXPORT_STR },
};

static const struct export_column movement_columns[] = {
	{ "kind", "kind", EXPORT_STR },
	{ "sender", "from", EXPORT_STR },
	{ "recipient", "to", EXPORT_STR },
	{ "amount_uxem", "amount XEM", EXPORT_UXEM },
};

static const char *type_name(uint32_t type)
{
	switch (type) {
	case NEM_TX_TRANSFER:
		return "transfer (257)";
	case NEM_TX_IMPORTANCE:
		return "importance transfer (2049)";
	case NEM_TX_AGGREGATE:
		return "multisig aggregate modification (4097)";
	case NEM_TX_COSIGNATURE:
		return "multisig signature (4098)";
	case NEM_TX_MULTISIG:
		return "multisig (4100)";
	case NEM_TX_NAMESPACE:
		return "provision namespace (8193)";
	case NEM_TX_MOSAIC:
		return "mosaic definition (16385)";
	case NEM_TX_SUPPLY:
		return "mosaic supply change (16386)";
	default:
		return "record";
	}
}

struct movement_walk {
	struct cli *c;
	struct export_table *t;
	enum xt_status rc;
	struct xt_err *err;
};

static bool each_movement(void *ctx, const struct store_event *e)
{
	struct movement_walk *w = ctx;
	struct store_account from = { 0 };
	struct store_account to = { 0 };
	w->rc = XT_OK;
	if (e->from != 0)
		w->rc = store_account_get(w->c->store, &from, e->from, w->err);
	if (w->rc == XT_OK && e->to != 0)
		w->rc = store_account_get(w->c->store, &to, e->to, w->err);
	if (w->rc != XT_OK)
		return false;
	struct export_cell cells[] = {
		{ .v.str = nem_movement_name(e->kind) },
		{ .absent = e->from == 0, .v.str = from.party.s },
		{ .absent = e->to == 0, .v.str = to.party.s },
		{ .v.u = e->amount },
	};
	w->rc = export_table_row(w->t, NULL, cells, w->err);
	return w->rc == XT_OK;
}

struct message_walk {
	int64_t id;
	char *text;
};

static bool each_message(void *ctx, const struct store_message *m)
{
	struct message_walk *w = ctx;
	if (m->id != w->id)
		return true;
	w->text = xt_strdup(m->text);
	return false;
}

static enum xt_status tx_row(struct cli *c, struct export_table *t,
			     const struct store_tx *x, const char *hex,
			     struct xt_err *err)
{
	struct store_account signer = { 0 };
	struct message_walk msg = { .id = x->message };
	char hash[65];
	char inner[65];
	enum xt_status rc = XT_OK;
	if (x->signer != 0)
		rc = store_account_get(c->store, &signer, x->signer, err);
	if (rc == XT_OK && x->message != 0)
		rc = store_each_message(c->store, each_message, &msg, err);
	if (rc != XT_OK && rc != XT_E_STOPPED)
		return rc;
	xt_hex_encode(hash, x->hash.b, 32);
	xt_hex_encode(inner, x->inner_hash.b, 32);
	struct export_cell cells[] = {
		{ .v.str = x->has_hash ? hash : x->ref },
		{ .absent = !x->has_hash, .v.str = hash },
		{ .absent = x->has_hash, .v.str = x->ref },
		{ .absent = !x->has_inner_hash, .v.str = inner },
		{ .v.str = type_name(x->type) },
		{ .v.str = nem_provenance_name(x->provenance) },
		{ .absent = !x->height_known, .v.u = x->height },
		{ .absent = !x->order_known, .v.u = x->index },
		{ .absent = x->time_kind == STORE_TIME_NONE, .v.time = x->time },
		{ .absent = x->time_last == x->time, .v.time = x->time_last },
		{ .v.str = time_kinds[x->time_kind] },
		{ .absent = x->signer == 0, .v.str = signer.party.s },
		{ .v.u = x->fee },
		{ .absent = x->count == 0, .v.u = x->count },
		{ .absent = msg.text == NULL, .v.str = msg.text },
		{ .absent = x->note == NULL || x->note[0] == '\0', .v.str = x->note },
		{ .absent = x->answer == 0, .v.u = (uint64_t)x->answer },
		{ .absent = hex == NULL, .v.str = hex },
	};
	rc = export_table_row(t, NULL, cells, err);
	free(msg.text);
	return rc;
}

static enum xt_status show_tx(struct cli *c, const struct store_tx *found,
			      struct xt_err *err)
{
	struct export_table *t = NULL;
	struct store_tx x = *found;
	char *note = x.note != NULL ? xt_strdup(x.note) : NULL;
	char *hex = x.bytes != NULL ? xt_calloc(x.n_bytes + 1, 2) : NULL;
	if (hex != NULL)
		xt_hex_encode(hex, x.bytes, x.n_bytes);
	x.note = note; /* the store's pointers end with its next call */
	enum xt_status rc = export_table_new(&t, "transaction", tx_columns,
					     XT_ARRAY_SIZE(tx_columns), err);
	if (rc == XT_OK)
		rc = tx_row(c, t, &x, hex, err);
	struct movement_walk w = { .c = c, .err = err };
	if (rc == XT_OK)
		rc = export_table_new(&w.t, "movements", movement_columns,
				      XT_ARRAY_SIZE(movement_columns), err);
	if (rc == XT_OK)
		rc = store_tx_events(c->store, x.id, each_movement, &w, err);
	rc = adopt(t, w.t, rc == XT_E_STOPPED ? w.rc : rc, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	free(note);
	free(hex);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct store_account a;
	struct store_tx tx;
	const char *file = opts_str(&c->opts, "file");
	if (file != NULL)
		return show_file(c, file, err);
	enum xt_status rc = cli_operands(c, 1, 1, err);
	if (rc != XT_OK)
		return rc;
	const char *what = c->opts.operands[0];
	struct nem_party party;
	if (nem_party_parse(&party, what, NULL) == XT_OK) {
		rc = store_account_find(c->store, &a, party.s, err);
		if (rc == XT_E_NOTFOUND)
			return xt_fail(err, rc, "%s: not in the case %s", party.s,
				       c->case_path);
		return rc == XT_OK ? show_account(c, &a, err) : rc;
	}
	rc = store_tx_find(c->store, &tx, what, err);
	if (rc == XT_E_NOTFOUND)
		return xt_fail(
		    err, rc,
		    "%s: no address, and no transaction hash or record row of the "
		    "case %s",
		    what, c->case_path);
	return rc == XT_OK ? show_tx(c, &tx, err) : rc;
}

const struct cmd cmd_show = {
	.name = "show",
	.synopsis = "ADDRESS|HASH|FILE:LINE | --file FILE",
	.summary = "an account or a transaction in full",
	.description =
	    "An account with its labels, balance, state and transfers (and what of them was\n"
	    "stolen XEM, if the case has seeds), or a transaction with its movements, its\n"
	    "message and what it stands on. A transaction is named by its outer or inner hash,\n"
	    "a row of an imported record by FILE:LINE. With --file a saved answer of a node is\n"
	    "explained field by field, its hashes and signatures computed anew.",
	.options = options,
	.needs = CMD_CASE_READ,
	.caseless = "file",
	.run = run,
};
