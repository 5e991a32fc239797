/* messages: what accounts wrote to each other. */
#include "args.h"
#include "cmd.h"
#include "letters.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include <xemtrace/findings.h>

static const struct opt options[] = {
	{ "search", 's', "TEXT",
	  "only messages that hold this text (case matters not for "
	  "ASCII letters)",
	  false },
	{ "account", 0, "PARTY", "only what it wrote or got; may be repeated", true },
	{ "conversations", 0, NULL,
	  "only between accounts that stolen XEM touched and that wrote to each other, pair "
	  "by pair",
	  false },
	{ "key-file", 0, "FILE",
	  "open encrypted messages with the private key in FILE (64 hex digits), whose owner "
	  "sent or got them",
	  false },
	SESSION_OPTIONS,
	{ 0 },
};

static const struct export_column columns[] = {
	{ "conversation", "talk", EXPORT_INT },
	{ "time", "time", EXPORT_TIME },
	{ "height", "height", EXPORT_INT },
	{ "sender", "sender", EXPORT_STR },
	{ "sender_label", "label", EXPORT_LABEL },
	{ "recipient", "recipient", EXPORT_STR },
	{ "recipient_label", "label", EXPORT_LABEL },
	{ "amount_uxem", "amount", EXPORT_UXEM },
	{ "kind", "kind", EXPORT_STR },
	{ "decrypted", NULL, EXPORT_BOOL },
	{ "text", "message", EXPORT_WORDS },
	{ "reference", "hash or record", EXPORT_WORDS },
};

struct work {
	struct session s;
	struct letters letters;
	struct export_table *t;
	uint8_t *account; /* NULL: all */
	const char *search;
	struct xt_buf text;
	uint64_t closed;
};

static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c + 32);
	return c;
}

static bool holds(const char *text, const char *what)
{
	const size_t n = strlen(what);
	for (size_t i = 0, len = strlen(text); i + n <= len; i++) {
		size_t k = 0;
		while (k < n && fold(text[i + k]) == fold(what[k]))
			k++;
		if (k == n)
			return true;
	}
	return n == 0;
}

static const char *label_of(const struct graph *g, uint32_t account)
{
	return g->label[account] != GRAPH_NONE ? g->labels[g->label[account]].text
					       : NULL;
}

static enum xt_status add(struct work *w, uint32_t event, uint64_t talk,
			  struct xt_err *err)
{
	const struct graph *g = w->s.g;
	const struct graph_event *e = &g->events[event];
	const struct graph_tx *x = &g->txs[g->event_tx[event]];
	const struct graph_memo *m = &g->memos[x->memo];
	const bool encrypted = m->kind == GRAPH_MEMO_ENCRYPTED;
	const char *text = m->kind == GRAPH_MEMO_PLAIN ? m->text : NULL;
	bool opened = false;

	if (encrypted) {
		xt_buf_clear(&w->text);
		enum xt_status rc =
		    letters_read(&w->letters, &w->text, &opened, g, event, err);
		if (rc != XT_OK)
			return rc;
		w->closed += !opened;
		text = opened ? xt_buf_str(&w->text) : NULL;
	}
	if (w->search != NULL && (text == NULL || !holds(text, w->search)))
		return XT_OK;
	const struct export_cell cells[] = {
		{ .absent = talk == 0, .v.u = talk },
		{ .absent = x->time_kind == GRAPH_TIME_NONE, .v.time = x->time },
		{ .absent = x->height_known == 0, .v.u = x->height },
		{ .v.str = g->party[e->from].s },
		{ .absent = label_of(g, e->from) == NULL,
		  .v.str = label_of(g, e->from) },
		{ .v.str = g->party[e->to].s },
		{ .absent = label_of(g, e->to) == NULL, .v.str = label_of(g, e->to) },
		{ .v.u = graph_amount(e) },
		{ .v.str = encrypted ? "encrypted" : "plain" },
		{ .absent = !encrypted, .v.b = opened },
		{ .absent = text == NULL, .v.str = text },
		{ .v.str = g->tx_ref[g->event_tx[event]] },
	};
	return export_table_row(w->t, NULL, cells, err);
}

static enum xt_status list_all(struct work *w, struct xt_err *err)
{
	const struct graph *g = w->s.g;
	enum xt_status rc = XT_OK;
	for (uint32_t i = 0; i < g->n_events && rc == XT_OK; i++) {
		const struct graph_event *e = &g->events[i];
		const enum nem_movement_kind kind = graph_kind(e);
		if ((kind != NEM_MOVE_TRANSFER && kind != NEM_MOVE_INNER) ||
		    e->from == GRAPH_NONE || e->to == GRAPH_NONE ||
		    g->txs[g->event_tx[i]].memo == 0)
			continue;
		if (w->account == NULL || w->account[e->from] != 0 ||
		    w->account[e->to] != 0)
			rc = add(w, i, 0, err);
	}
	return rc;
}

static enum xt_status list_talks(struct work *w, struct xt_err *err)
{
	const struct graph *g = w->s.g;
	struct analyse_patterns p = { 0 };
	struct analyse_pattern_options o;
	uint64_t talk = 0;
	analyse_pattern_defaults(&o);
	enum xt_status rc = analyse_patterns(&p, g, w->s.r, &o, err);
	for (size_t i = 0; i < p.n && rc == XT_OK; i++) {
		const struct analyse_pattern *v = &p.v[i];
		if (v->kind != ANALYSE_CONVERSATION ||
		    (w->account != NULL && w->account[v->account] == 0 &&
		     w->account[v->other] == 0))
			continue;
		talk++;
		for (size_t k = v->event_from; k < v->event_to && rc == XT_OK; k++)
			rc = add(w, p.events[k], talk, err);
	}
	analyse_patterns_release(&p);
	return rc;
}

static enum xt_status mark_accounts(struct cli *c, struct work *w, struct xt_err *err)
{
	const char *text;
	for (size_t i = 0; (text = opts_nth(&c->opts, "account", i)) != NULL; i++) {
		struct nem_party p;
		enum xt_status rc = args_party(&p, "account", text, err);
		if (rc != XT_OK)
			return rc;
		uint32_t a = graph_find(w->s.g, p.s);
		if (a == GRAPH_NONE)
			return xt_fail(err, XT_E_NOTFOUND,
				       "--account: %s is not in the case", p.s);
		if (w->account == NULL)
			w->account = xt_calloc((size_t)w->s.g->n_accounts + 1, 1);
		if (w->account == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory");
		w->account[a] = 1;
	}
	return XT_OK;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	const bool talks = opts_has(&c->opts, "conversations");
	struct work w = { .search = opts_str(&c->opts, "search") };
	enum xt_status rc = cli_operands(c, 0, 0, err);
	if (rc != XT_OK)
		return rc;
	xt_buf_init(&w.text, 1U << 20);
	rc = letters_open(c, &w.letters, opts_str(&c->opts, "key-file"), err);
	if (rc == XT_OK)
		rc = session_load(c, &w.s, LOAD_REFS | (talks ? LOAD_INDEX : 0U), err);
	if (rc == XT_OK && talks && w.s.g->n_seeds > 0)
		rc = session_taint(c, &w.s, err);
	if (rc == XT_OK)
		rc = mark_accounts(c, &w, err);
	if (rc == XT_OK)
		rc = export_table_new(&w.t, "messages", columns, XT_ARRAY_SIZE(columns),
				      err);
	if (rc == XT_OK)
		rc = talks ? list_talks(&w, err) : list_all(&w, err);
	if (rc == XT_OK && w.closed > 0)
		cli_warn(
		    c, "encrypted",
		    "%llu messages are encrypted and stay closed: --key-file opens "
		    "those that the key's owner sent or got",
		    (unsigned long long)w.closed);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, w.t, err);
	export_table_free(w.t);
	xt_buf_release(&w.text);
	free(w.account);
	letters_release(&w.letters);
	session_release(&w.s);
	return rc;
}

const struct cmd cmd_messages = {
	.name = "messages",
	.synopsis =
	    "[--search TEXT] [--account PARTY]... [--conversations] [--key-file FILE]",
	.summary = "what accounts wrote to each other, in order",
	.description =
	    "Every message in ledger order, decoded: text, hex:... for bytes that are no\n"
	    "text, and encrypted ones as such. With the private key of one of the two parties\n"
	    "(from a file, never an argument; it is not stored) encrypted messages are opened.\n"
	    "Messages are hostile text: what they say is somebody's word.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
