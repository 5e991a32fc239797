/* Patterns as a table of plain sentences. */
#include <stdlib.h>

#include <xemtrace/findings.h>

#include "findings_event.h"

static const struct export_column columns[] = {
	{ .key = "pattern", .title = "pattern", .kind = EXPORT_STR },
	{ .key = "address", .title = "address", .kind = EXPORT_STR },
	{ .key = "label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "other", .title = "other party", .kind = EXPORT_STR },
	{ .key = "other_label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "other_confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "amount_volume", .title = "amount", .kind = EXPORT_VOLUME },
	{ .key = "blocks", .title = "blocks", .kind = EXPORT_INT },
	{ .key = "wrote_first", .kind = EXPORT_INT },
	{ .key = "bystanders", .kind = EXPORT_BOOL },
	{ .key = "members", .kind = EXPORT_LIST },
	{ .key = "evidence", .kind = EXPORT_INT },
	{ .key = "sentence", .title = "what happened", .kind = EXPORT_WORDS },
	{ .key = "cosignatories", .kind = EXPORT_STR },
	{ .key = "answers", .kind = EXPORT_INT },
};

/* What each pattern says; $A account, $O other, $X amount, $N members, $E transactions,
 * $B blocks, $W who wrote first, $S a set of
 * cosignatories, $R what no transaction says. Nothing here says who is guilty. */
static const char *const sentences[ANALYSE_PATTERNS] = {
	[ANALYSE_PASS_THROUGH] =
	    "$X went through $N account(s), each used once and left with nothing, to $O; "
	    "it rested $B blocks in all",
	[ANALYSE_PEEL] = "a balance of $X shed small payments and moved on through $N "
			 "accounts to $O within $B blocks",
	[ANALYSE_FAN_OUT] =
	    "$A paid $X to $N accounts in $E transactions within $B blocks",
	[ANALYSE_FAN_IN] =
	    "$A received $X from $N accounts in $E transactions within $B "
	    "blocks",
	[ANALYSE_ROUND_TRIP] =
	    "$A sent $X to $O, and the same amount came back after $B "
	    "blocks",
	[ANALYSE_REFUND] =
	    "$O, a service, paid $X back to $A after $B blocks: a refund",
	[ANALYSE_DORMANT] = "$A received $X and has not moved anything since; the last "
			    "arrival is $B blocks before the end of the case",
	[ANALYSE_WOKEN] = "$A rested for $B blocks and then paid $X to $O",
	[ANALYSE_DECOY] =
	    "$A sent tiny amounts, $X in all, to $N accounts, $W of which had written to "
	    "it before: they are bystanders, and what they got says nothing about them",
	[ANALYSE_CONVERSATION] =
	    "$A and $O wrote to each other: $E messages, $X with them",
	[ANALYSE_COSIGNERS] =
	    "$N multisig accounts have the same cosignatories ($S): who signs for one of "
	    "them can sign for the others$R",
};

/* What of it no transaction says. */
static enum xt_status reported(struct xt_buf *b, const struct analyse_pattern *p,
			       struct xt_err *err)
{
	if (p->answers == 0)
		return XT_OK;
	return xt_buf_addf(b, err, "; of %llu accounts this is a node's word",
			   (unsigned long long)p->answers);
}

static enum xt_status word(struct xt_buf *b, char what, const struct graph *g,
			   const struct analyse_pattern *p, struct xt_err *err)
{
	switch (what) {
	case 'A':
		return ex_add_name(b, g, p->account, err);
	case 'O':
		return p->other != GRAPH_NONE ? ex_add_name(b, g, p->other, err)
					      : xt_buf_adds(b, "nobody", err);
	case 'S':
		return xt_buf_adds(b, p->cosignatories, err);
	case 'R':
		return reported(b, p, err);
	case 'X':
		return ex_buf_xem(b, p->amount, err);
	case 'N':
		return xt_buf_addf(b, err, "%zu", p->member_to - p->member_from);
	case 'E':
		return xt_buf_addf(b, err, "%zu", p->event_to - p->event_from);
	case 'W':
		return xt_buf_addf(b, err, "%llu", (unsigned long long)p->wrote_first);
	case 'B':
		if (!p->has_blocks)
			return xt_buf_adds(b, "an unknown number of", err);
		return xt_buf_addf(b, err, "%llu", (unsigned long long)p->blocks);
	default:
		return xt_fail(err, XT_E_BUG, "a sentence has no word %c", what);
	}
}

/* What a record only implies must not read like what it says. */
static enum xt_status caveat(struct xt_buf *b, const struct graph *g,
			     const struct analyse_patterns *all,
			     const struct analyse_pattern *p, struct xt_err *err)
{
	if ((g->flags[p->account] & GRAPH_PARTY) != 0) {
		const enum xt_status rc = xt_buf_adds(
		    b, " (a name that may stand for more than one account)", err);

		if (rc != XT_OK)
			return rc;
	}
	for (size_t i = p->event_from; i < p->event_to; i++)
		if (g->txs[g->event_tx[all->events[i]]].provenance == NEM_INFERRED)
			return xt_buf_adds(b, " (stands on inferred rows)", err);
	return XT_OK;
}

static enum xt_status say(struct xt_buf *b, const struct graph *g,
			  const struct analyse_pattern *p, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	xt_buf_clear(b);
	for (const char *s = sentences[p->kind]; *s != '\0' && rc == XT_OK; s++) {
		if (*s == '$')
			rc = word(b, *++s, g, p, err);
		else
			rc = xt_buf_add(b, s, 1, err);
	}
	return rc;
}

static void label_cells(struct export_cell *c, const struct graph *g, uint32_t account)
{
	const struct graph_label *l =
	    account != GRAPH_NONE ? ex_label_of(g, account) : NULL;

	c[0] =
	    account != GRAPH_NONE ? ex_cell_str(g->party[account].s) : ex_cell_none();
	c[1] = ex_cell_str(l != NULL ? l->text : NULL);
	c[2] = l != NULL ? ex_cell_int(l->confidence) : ex_cell_none();
}

static enum xt_status add(struct export_table *t, const struct graph *g,
			  const struct analyse_patterns *all,
			  const struct analyse_pattern *p, size_t evidence,
			  struct xt_buf *words, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(columns)];
	const size_t n = p->member_to - p->member_from;
	const char **members = xt_calloc(n + 1, sizeof(*members));
	size_t row = 0;
	enum xt_status rc;

	if (members == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu accounts", n);
	for (size_t i = 0; i < n; i++)
		members[i] = g->party[all->members[p->member_from + i]].s;
	c[0] = ex_cell_str(analyse_pattern_name(p->kind));
	label_cells(&c[1], g, p->account);
	label_cells(&c[4], g, p->other);
	/* No money moves where keys are shared. */
	c[7] =
	    p->kind != ANALYSE_COSIGNERS ? ex_cell_volume(p->amount) : ex_cell_none();
	c[8] = p->has_blocks ? ex_cell_int(p->blocks) : ex_cell_none();
	c[9] = p->kind == ANALYSE_DECOY ? ex_cell_int(p->wrote_first) : ex_cell_none();
	c[10] = p->kind == ANALYSE_DECOY ? ex_cell_bool(true) : ex_cell_none();
	c[11] = (struct export_cell){ .absent = n == 0 };
	c[11].v.list.v = members;
	c[11].v.list.n = n;
	c[12] = ex_cell_int(p->event_to - p->event_from);
	rc = say(words, g, p, err);
	if (rc == XT_OK)
		rc = caveat(words, g, all, p, err);
	c[13] = ex_cell_str(xt_buf_str(words));
	c[14] = ex_cell_str(p->cosignatories);
	c[15] = p->kind == ANALYSE_COSIGNERS ? ex_cell_int(p->answers) : ex_cell_none();
	if (rc == XT_OK)
		rc = export_table_row(t, &row, c, err);
	free(members);
	if (rc == XT_OK)
		rc = ex_add_evidence(t, row, g, all->events, p->event_from, p->event_to,
				     evidence, err);
	return rc;
}

enum xt_status export_patterns(struct export_table **out, const struct graph *g,
			       const struct analyse_patterns *all, unsigned kinds,
			       size_t evidence, struct xt_err *err)
{
	struct export_table *t;
	struct xt_buf words;
	enum xt_status rc =
	    export_table_new(&t, "patterns", columns, XT_ARRAY_SIZE(columns), err);

	if (rc != XT_OK)
		return rc;
	xt_buf_init(&words, EXPORT_MAX_BYTES);
	rc = export_table_child_shape(t, "transactions", ex_event_columns,
				      EX_EVENT_COLUMNS, err);
	for (size_t i = 0; i < all->n && rc == XT_OK; i++)
		if ((kinds & (1U << all->v[i].kind)) != 0)
			rc = add(t, g, all, &all->v[i], evidence, &words, err);
	xt_buf_release(&words);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}
