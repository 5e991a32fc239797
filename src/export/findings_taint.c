/* Findings of taint runs: policies side by side, and paths. */
#include <inttypes.h>
#include <string.h>

#include <xemtrace/export.h>

#include "internal.h"

/* ---- amounts in few digits
 * -------------------------------------------------------------------------- */

/* Two digits and more, one behind the point; what is cut off is rounded `up` or down.
 */
static enum xt_status add_short(struct xt_buf *out, uint64_t uxem, bool up,
				struct xt_err *err)
{
	static const struct {
		uint64_t tenth; /* uXEM */
		const char *name;
	} units[] = {
		{ UINT64_C(100000000000000), " billion" },
		{ UINT64_C(100000000000), " M" },
		{ UINT64_C(100000000), " k" },
		{ UINT64_C(100000), "" },
	};
	for (size_t i = 0; i < XT_ARRAY_SIZE(units); i++) {
		const uint64_t t = units[i].tenth;
		if (uxem < 10 * t)
			continue;
		const uint64_t v = uxem / t + (up && uxem % t != 0);
		return xt_buf_addf(out, err, "%" PRIu64 ".%" PRIu64 "%s", v / 10,
				   v % 10, units[i].name);
	}
	/* Below 1 XEM the digits are few as they are. */
	return ex_add_xem(out, uxem, true, err);
}

enum xt_status export_between(struct xt_buf *out, uint64_t low, uint64_t high,
			      const char *policy, uint64_t figure, struct xt_err *err)
{
	enum xt_status rc;

	if (low == high) {
		rc = xt_buf_adds(out, "exactly ", err);
		if (rc == XT_OK)
			rc = ex_add_xem(out, low, true, err);
		return rc == XT_OK ? xt_buf_adds(out, " XEM", err) : rc;
	}
	rc = xt_buf_adds(out, "between ", err);
	if (rc == XT_OK)
		rc = add_short(out, low, false, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(out, " and ", err);
	if (rc == XT_OK)
		rc = add_short(out, high, true, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(out, " XEM", err);
	if (rc == XT_OK && policy != NULL)
		rc = xt_buf_addf(out, err, ", %s ", policy);
	if (rc == XT_OK && policy != NULL)
		rc = add_short(out, figure, false, err);
	return rc;
}

/* ---- policies side by side
 * -------------------------------------------------------------------------- */

static const struct export_column before[] = {
	{ .key = "rank", .title = "#", .kind = EXPORT_INT },
	{ .key = "address", .title = "address", .kind = EXPORT_STR },
	{ .key = "label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "category", .kind = EXPORT_STR },
	{ .key = "service", .kind = EXPORT_BOOL },
	{ .key = "state", .title = "state", .kind = EXPORT_STR },
	{ .key = "figure", .title = "XEM", .kind = EXPORT_STR },
};

static const struct export_column after[] = {
	{ .key = "low_uxem", .kind = EXPORT_UXEM },
	{ .key = "high_uxem", .kind = EXPORT_UXEM },
	{ .key = "exact", .title = "exact", .kind = EXPORT_BOOL },
	{ .key = "reach_uxem", .kind = EXPORT_UXEM },
	{ .key = "bounds", .title = "bounds", .kind = EXPORT_WORDS },
};

#define N_BEFORE XT_ARRAY_SIZE(before)
#define N_AFTER  XT_ARRAY_SIZE(after)

struct comparing {
	const struct taint_policy *const *policies;
	size_t n;
	size_t haircut; /* the one that the bounds' sentence names; n: none */
};

static enum xt_status compare_row(struct export_table *t, const struct graph *g,
				  const struct comparing *k, size_t rank,
				  const struct export_compare_row *r,
				  struct xt_err *err)
{
	struct export_cell cells[N_BEFORE + EXPORT_MAX_POLICIES + N_AFTER];
	struct export_cell *c = cells;
	const struct graph_label *l = ex_label_of(g, r->account);
	const bool named = k->haircut < k->n;
	struct xt_buf text;
	enum xt_status rc = XT_OK;

	xt_buf_init(&text, 512);
	*c++ = ex_cell_int(rank);
	*c++ = ex_cell_str(g->party[r->account].s);
	*c++ = ex_cell_str(l != NULL ? l->text : NULL);
	*c++ = ex_cell_str(l != NULL ? l->category : NULL);
	*c++ = ex_cell_bool((g->flags[r->account] & GRAPH_SERVICE) != 0);
	*c++ = ex_cell_str(ex_state_of(g, r->account));
	*c++ = ex_cell_str(r->sink ? "received" : "held");
	for (size_t i = 0; i < k->n; i++)
		*c++ = ex_cell_uxem(r->by[i]);
	if (r->bounded)
		rc = export_between(&text, r->low, r->high,
				    named ? k->policies[k->haircut]->name : NULL,
				    named ? r->by[k->haircut] : 0, err);
	*c++ = r->bounded ? ex_cell_uxem(r->low) : ex_cell_none();
	*c++ = r->bounded ? ex_cell_uxem(r->high) : ex_cell_none();
	*c++ = r->bounded ? ex_cell_bool(r->exact) : ex_cell_none();
	*c++ = r->bounded ? ex_cell_uxem(r->poison) : ex_cell_none();
	*c++ = r->bounded ? ex_cell_str(xt_buf_str(&text)) : ex_cell_none();
	if (rc == XT_OK)
		rc = export_table_row(t, NULL, cells, err);
	xt_buf_release(&text);
	return rc;
}

/* Keys are borrowed for as long as the table lives: they are made once. */
static const char *key_of(size_t i, const char *policy)
{
	static _Thread_local char keys[EXPORT_MAX_POLICIES][40];
	(void)snprintf(keys[i], sizeof(keys[i]), "%.32s_uxem", policy);
	return keys[i];
}

enum xt_status export_compare(struct export_table **out, const struct graph *g,
			      const struct taint_policy *const *policies,
			      const struct export_compare_row *rows, size_t n,
			      struct xt_err *err)
{
	struct export_column cols[N_BEFORE + EXPORT_MAX_POLICIES + N_AFTER];
	struct comparing k = { .policies = policies };
	struct export_table *t;
	enum xt_status rc;
	size_t at = N_BEFORE;

	memcpy(cols, before, sizeof(before));
	while (policies[k.n] != NULL && k.n < EXPORT_MAX_POLICIES) {
		cols[at++] = (struct export_column){
			.key = key_of(k.n, policies[k.n]->name),
			.title = policies[k.n]->name,
			.kind = EXPORT_UXEM,
		};
		k.n++;
	}
	memcpy(cols + at, after, sizeof(after));
	at += N_AFTER;
	while (k.haircut < k.n && strcmp(policies[k.haircut]->name, "haircut") != 0)
		k.haircut++;
	rc = export_table_new(&t, "accounts", cols, at, err);
	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < n && rc == XT_OK; i++)
		rc = compare_row(t, g, &k, i + 1, &rows[i], err);
	if (rc != XT_OK) {
		export_table_free(t);
		return rc;
	}
	*out = t;
	return XT_OK;
}

/* ---- paths
 * -------------------------------------------------------------------------- */

static const struct export_column path_columns[] = {
	{ .key = "rank", .title = "#", .kind = EXPORT_INT },
	{ .key = "amount_uxem", .title = "came all the way", .kind = EXPORT_UXEM },
	{ .key = "theft", .title = "theft", .kind = EXPORT_STR },
	{ .key = "end", .title = "to", .kind = EXPORT_STR },
	{ .key = "end_label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "end_memo", .title = "memo", .kind = EXPORT_LABEL },
	{ .key = "held", .title = "still there", .kind = EXPORT_BOOL },
	{ .key = "hop_count", .title = "hops", .kind = EXPORT_INT },
	{ .key = "end_confidence", .title = "conf", .kind = EXPORT_INT },
	VALUE_COLUMNS,
};

static const struct export_column hop_columns[] = {
	{ .key = "number", .title = "hop", .kind = EXPORT_INT },
	{ .key = "time", .title = "time", .kind = EXPORT_TIME },
	{ .key = "time_last", .kind = EXPORT_TIME },
	{ .key = "time_kind", .title = "time by", .kind = EXPORT_STR },
	{ .key = "height", .title = "height", .kind = EXPORT_INT },
	{ .key = "movement", .kind = EXPORT_STR },
	{ .key = "sender", .title = "from", .kind = EXPORT_STR },
	{ .key = "sender_label", .kind = EXPORT_STR },
	{ .key = "recipient", .title = "to", .kind = EXPORT_STR },
	{ .key = "recipient_label", .kind = EXPORT_STR },
	{ .key = "amount_uxem", .title = "amount", .kind = EXPORT_UXEM },
	{ .key = "count", .kind = EXPORT_INT },
	{ .key = "provenance", .title = "stands on", .kind = EXPORT_STR },
	{ .key = "hash", .kind = EXPORT_STR },
	{ .key = "record", .kind = EXPORT_STR },
	{ .title = "hash or record", .kind = EXPORT_WORDS },
	{ .key = "sender_confidence", .kind = EXPORT_INT },
	{ .key = "recipient_confidence", .kind = EXPORT_INT },
};

static bool is_hash(const char *ref)
{
	return strspn(ref, "0123456789abcdef") == 64 && ref[64] == '\0';
}

static const char *ref_of(const struct graph *g, uint32_t event)
{
	return g->tx_ref != NULL ? g->tx_ref[g->event_tx[event]] : "";
}

static const char *party_of(const struct graph *g, uint32_t account)
{
	return account != GRAPH_NONE ? g->party[account].s : NULL;
}

static const char *label_text(const struct graph *g, uint32_t account)
{
	const struct graph_label *l =
	    account != GRAPH_NONE ? ex_label_of(g, account) : NULL;
	return l != NULL ? l->text : NULL;
}

static struct export_cell confidence_of(const struct graph *g, uint32_t account)
{
	const struct graph_label *l =
	    account != GRAPH_NONE ? ex_label_of(g, account) : NULL;
	return l != NULL ? ex_cell_int(l->confidence) : ex_cell_none();
}

static enum xt_status add_hop(struct export_table *t, const struct graph *g,
			      size_t number, uint32_t event, struct xt_err *err)
{
	const struct graph_event *e = &g->events[event];
	const struct graph_tx *x = &g->txs[g->event_tx[event]];
	const char *ref = ref_of(g, event);
	const struct export_cell cells[] = {
		ex_cell_int(number),
		ex_cell_time(g, event, false),
		x->time_last != x->time ? ex_cell_time(g, event, true) : ex_cell_none(),
		ex_cell_time_kind(g, event, event),
		x->height_known ? ex_cell_int(x->height) : ex_cell_none(),
		ex_cell_str(nem_movement_name(graph_kind(e))),
		ex_cell_str(party_of(g, e->from)),
		ex_cell_str(label_text(g, e->from)),
		ex_cell_str(party_of(g, e->to)),
		ex_cell_str(label_text(g, e->to)),
		ex_cell_uxem(graph_amount(e)),
		x->count > 0 ? ex_cell_int(x->count) : ex_cell_none(),
		x->provenance != 0 ? ex_cell_str(nem_provenance_name(
					 (enum nem_provenance)x->provenance))
				   : ex_cell_none(),
		is_hash(ref) ? ex_cell_str(ref) : ex_cell_none(),
		is_hash(ref) ? ex_cell_none() : ex_cell_str(ref),
		ex_cell_str(ref),
		confidence_of(g, e->from),
		confidence_of(g, e->to),
	};
	return export_table_row(t, NULL, cells, err);
}

/* What a path's amount was worth on the day that it arrived. */
static struct analyse_value worth(const struct graph *g, const struct taint_paths *p,
				  const struct taint_path *path,
				  const struct analyse_prices *prices)
{
	struct analyse_value v = analyse_value_none(prices);
	if (path->n == 0)
		v.known = false;
	else
		analyse_value_add(&v, prices, g, p->events[path->first + path->n - 1],
				  path->uxem);
	return v;
}

/* The message that tells a service's customers apart; NULL: none, or no deposit. */
static const char *memo_of(const struct graph *g, const struct taint_paths *p,
			   const struct taint_path *path)
{
	if (path->held || path->n == 0)
		return NULL;
	const uint32_t event = p->events[path->first + path->n - 1];
	const enum nem_movement_kind kind = graph_kind(&g->events[event]);
	const uint32_t memo = g->txs[g->event_tx[event]].memo;
	if (kind != NEM_MOVE_TRANSFER && kind != NEM_MOVE_INNER)
		return NULL;
	if (g->memos[memo].kind == GRAPH_MEMO_ENCRYPTED)
		return "(encrypted)";
	return g->memos[memo].text;
}

static enum xt_status add_path(struct export_table *t, const struct graph *g,
			       const struct taint_paths *p, size_t i,
			       const struct analyse_prices *prices, struct xt_err *err)
{
	const struct taint_path *path = &p->v[i];
	const struct analyse_value value = worth(g, p, path, prices);
	char text[64];
	struct export_cell cells[XT_ARRAY_SIZE(path_columns)] = {
		ex_cell_int(i + 1),
		ex_cell_uxem(path->uxem),
		ex_cell_str(g->theft[path->theft]),
		ex_cell_str(party_of(g, path->account)),
		ex_cell_str(label_text(g, path->account)),
		ex_cell_str(memo_of(g, p, path)),
		ex_cell_bool(path->held),
		ex_cell_int(path->n),
		confidence_of(g, path->account),
	};
	struct export_table *hops = NULL;
	size_t row = 0;
	enum xt_status rc;

	ex_cells_value(&cells[XT_ARRAY_SIZE(path_columns) - N_VALUE], text, &value);
	rc = export_table_row(t, &row, cells, err);
	if (rc == XT_OK)
		rc = export_table_child(t, row, &hops, "hops", hop_columns,
					XT_ARRAY_SIZE(hop_columns), err);
	for (uint32_t k = 0; k < path->n && rc == XT_OK; k++)
		rc = add_hop(hops, g, k + 1, p->events[path->first + k], err);
	return rc;
}

enum xt_status export_paths(struct export_table **out, const struct graph *g,
			    const struct taint_paths *p,
			    const struct analyse_prices *prices, struct xt_err *err)
{
	struct export_table *t;
	enum xt_status rc = export_table_new(&t, "paths", path_columns,
					     XT_ARRAY_SIZE(path_columns), err);
	if (rc != XT_OK)
		return rc;
	rc = export_table_child_shape(t, "hops", hop_columns,
				      XT_ARRAY_SIZE(hop_columns), err);
	for (size_t i = 0; i < p->n && rc == XT_OK; i++)
		rc = add_path(t, g, p, i, prices, err);
	if (rc != XT_OK) {
		export_table_free(t);
		return rc;
	}
	*out = t;
	return XT_OK;
}

/* ---- paths to be read aloud
 * -------------------------------------------------------------------------- */

struct words {
	struct xt_buf *out;
	const struct graph *g;
	enum xt_status rc;
	struct xt_err *err;
};

static void say(struct words *w, const char *text)
{
	if (w->rc == XT_OK)
		w->rc = xt_buf_adds(w->out, text, w->err);
}

/* Text from outside. */
static void quote(struct words *w, const char *text)
{
	if (w->rc == XT_OK)
		w->rc =
		    export_escape(w->out, EXPORT_TERMINAL, text, strlen(text), w->err);
}

static void say_xem(struct words *w, uint64_t uxem)
{
	if (w->rc == XT_OK)
		w->rc = ex_add_xem(w->out, uxem, true, w->err);
	say(w, " XEM");
}

static void say_who(struct words *w, uint32_t account)
{
	const char *label = label_text(w->g, account);
	if (account == GRAPH_NONE) {
		say(w, "the network (fees)");
		return;
	}
	if (label != NULL) {
		quote(w, label);
		say(w, " (");
	}
	say(w, party_of(w->g, account));
	/* A name is as sure as its label. */
	if (label != NULL && w->rc == XT_OK)
		w->rc = xt_buf_addf(w->out, w->err, ", label of confidence %u)",
				    ex_label_of(w->g, account)->confidence);
}

static void say_time(struct words *w, const struct graph_tx *x)
{
	char time[24];
	if (x->time_kind == GRAPH_TIME_NONE) {
		say(w, "At an unknown time ");
		return;
	}
	say(w, "On ");
	say(w, nem_time_format_utc(time, x->time));
	if (x->time_last != x->time) {
		say(w, " to ");
		say(w, nem_time_format_utc(time, x->time_last));
	}
	if (x->time_kind == GRAPH_TIME_SIGNER)
		say(w, " (the signer's word)");
	else if (x->time_kind == GRAPH_TIME_PUBLISHED)
		say(w, " (by the record)");
	say(w, " ");
}

static void say_hop(struct words *w, uint32_t event)
{
	const struct graph_event *e = &w->g->events[event];
	const struct graph_tx *x = &w->g->txs[w->g->event_tx[event]];
	const char *ref = ref_of(w->g, event);
	say(w, "   ");
	say_time(w, x);
	say_who(w, e->from);
	say(w, " sent ");
	say_xem(w, graph_amount(e));
	say(w, " to ");
	say_who(w, e->to);
	if (x->count > 1 && w->rc == XT_OK)
		w->rc =
		    xt_buf_addf(w->out, w->err, " in %" PRIu32 " transfers", x->count);
	say(w, is_hash(ref) ? ", transaction " : ", record ");
	quote(w, ref);
	say(w, ".\n");
}

static void say_path(struct words *w, const struct taint_paths *p, size_t i,
		     const struct analyse_prices *prices)
{
	const struct taint_path *path = &p->v[i];
	const struct analyse_value value = worth(w->g, p, path, prices);
	struct export_cell cells[N_VALUE];
	char text[64];
	const char *memo = memo_of(w->g, p, path);
	if (w->rc == XT_OK)
		w->rc = xt_buf_addf(w->out, w->err, "%zu. ", i + 1);
	say_xem(w, path->uxem);
	ex_cells_value(cells, text, &value);
	if (!cells[0].absent && w->rc == XT_OK)
		w->rc = xt_buf_addf(w->out, w->err, " (%s %s when it arrived)", text,
				    value.currency);
	say(w, " of the theft \"");
	quote(w, w->g->theft[path->theft]);
	say(w, path->held ? "\" is still held by " : "\" reached ");
	say_who(w, path->account);
	if (memo != NULL && memo[0] != '\0') {
		say(w, ", memo \"");
		quote(w, memo);
		say(w, "\"");
	}
	if (path->n == 0) {
		say(w, ": it never moved.\n");
		return;
	}
	if (w->rc == XT_OK)
		w->rc = xt_buf_addf(w->out, w->err, " by %" PRIu32 " transfer%s:\n",
				    path->n, path->n == 1 ? "" : "s");
	for (uint32_t k = 0; k < path->n; k++)
		say_hop(w, p->events[path->first + k]);
}

enum xt_status export_paths_text(struct xt_buf *out, const struct graph *g,
				 const struct taint_result *r,
				 const struct taint_paths *p,
				 const struct analyse_prices *prices,
				 struct xt_err *err)
{
	struct words w = { out, g, XT_OK, err };
	say(&w, "Under the policy ");
	say(&w, r->policy->name);
	say(&w, p->n == 0 ? " no stolen XEM came this way.\n" : ", the largest first");
	if (p->n != 0)
		say(&w, r->policy->lots
			    ? " (these very units):\n"
			    : " (shares, pro rata within the dirty money):\n");
	for (size_t i = 0; i < p->n; i++)
		say_path(&w, p, i, prices);
	if (p->n != 0) {
		say(&w, "Shown are ");
		say_xem(&w, p->shown);
		say(&w, " of ");
		say_xem(&w, p->asked);
		say(&w, " at the ends asked for.\n");
	}
	return w.rc;
}
