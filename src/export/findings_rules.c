/* Pools, forwarding accounts and sweeps as a table. */
#include <xemtrace/findings.h>

#include <stdlib.h>

#include "findings_event.h"

static const struct export_column columns[] = {
	{ .key = "rule", .title = "rule", .kind = EXPORT_STR },
	{ .key = "address", .title = "address", .kind = EXPORT_STR },
	{ .key = "label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "service", .kind = EXPORT_STR },
	{ .key = "service_label", .title = "service", .kind = EXPORT_LABEL },
	{ .key = "service_confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "service_found_as", .kind = EXPORT_STR },
	{ .key = "form", .title = "form", .kind = EXPORT_STR },
	{ .key = "grade_ppm", .title = "grade ppm", .kind = EXPORT_INT },
	{ .key = "tainted_uxem", .title = "tainted", .kind = EXPORT_UXEM },
	{ .key = "senders", .title = "senders", .kind = EXPORT_INT },
	{ .key = "memos", .title = "memos", .kind = EXPORT_INT },
	{ .key = "memo_length", .kind = EXPORT_INT },
	{ .key = "memo_alphabet", .kind = EXPORT_STR },
	{ .key = "transfers", .kind = EXPORT_INT },
	{ .key = "with_message", .kind = EXPORT_INT },
	{ .key = "in_volume", .title = "in", .kind = EXPORT_VOLUME },
	{ .key = "out_volume", .kind = EXPORT_VOLUME },
	{ .key = "fees_volume", .kind = EXPORT_VOLUME },
	{ .key = "excess_uxem", .kind = EXPORT_UXEM },
	{ .key = "wait_blocks", .title = "blocks", .kind = EXPORT_INT },
	{ .key = "members", .kind = EXPORT_LIST },
	{ .key = "evidence", .kind = EXPORT_INT },
	{ .key = "sentence", .title = "what it says", .kind = EXPORT_WORDS },
	{ .key = "confidence", .title = "conf of label", .kind = EXPORT_INT },
};

static const char *rule_name(enum analyse_rule r)
{
	switch (r) {
	case ANALYSE_POOL:
		return "pool";
	case ANALYSE_FORWARD:
		return "forwarding";
	case ANALYSE_SWEEP:
		return "sweep";
	}
	return NULL;
}

static enum xt_status say_pool(struct xt_buf *b, const struct analyse_finding *f,
			       struct xt_err *err)
{
	return xt_buf_addf(
	    b, err,
	    "%llu senders paid in with %llu different messages of %u characters (%s); "
	    "%llu of %llu incoming transfers have a message: it looks like a service that "
	    "tells its customers apart by message",
	    (unsigned long long)f->senders, (unsigned long long)f->memos, f->length,
	    analyse_alphabet_name(f->alphabet), (unsigned long long)f->with_message,
	    (unsigned long long)f->transfers);
}

static enum xt_status say_forward(struct xt_buf *b, const struct graph *g,
				  const struct analyse_finding *f, struct xt_err *err)
{
	enum xt_status rc = xt_buf_adds(b, "all of ", err);

	if (rc == XT_OK)
		rc = ex_buf_xem(b, f->in, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(b, " that came in went on to ", err);
	if (rc == XT_OK)
		rc = ex_add_name(b, g, f->service, err);
	if (rc == XT_OK)
		rc = xt_buf_addf(b, err, " within %llu blocks, ",
				 (unsigned long long)f->wait);
	if (rc == XT_OK)
		rc = f->exact ? xt_buf_adds(b, "less its fees to the unit", err)
			      : ex_buf_xem(b, f->excess, err);
	if (rc == XT_OK && !f->exact)
		rc = xt_buf_adds(b, " stayed behind", err);
	if (rc == XT_OK)
		rc = xt_buf_adds(
		    b, ": it looks like a deposit address of one customer there", err);
	if (rc == XT_OK && f->with_message > 0)
		rc = xt_buf_addf(b, err,
				 ", or like a customer's own wallet: %llu of its %llu "
				 "payments there carry a message",
				 (unsigned long long)f->with_message,
				 (unsigned long long)f->transfers);
	return rc;
}

static enum xt_status say_sweep(struct xt_buf *b, const struct graph *g,
				const struct analyse_finding *f, struct xt_err *err)
{
	const bool service = (g->flags[f->account] & GRAPH_SERVICE) != 0;
	enum xt_status rc = xt_buf_addf(
	    b, err,
	    "%llu accounts with payers of their own sent their whole balance here, ",
	    (unsigned long long)f->senders);

	if (rc == XT_OK)
		rc = ex_buf_xem(b, f->in, err);
	return rc == XT_OK
		   ? xt_buf_addf(
			 b, err,
			 " within %llu blocks: they look like accounts of one owner%s",
			 (unsigned long long)f->wait,
			 service ? ", or customers of this service" : "")
		   : rc;
}

static enum xt_status say(struct xt_buf *b, const struct graph *g,
			  const struct analyse_finding *f, struct xt_err *err)
{
	xt_buf_clear(b);
	switch (f->rule) {
	case ANALYSE_POOL:
		return say_pool(b, f, err);
	case ANALYSE_FORWARD:
		return say_forward(b, g, f, err);
	case ANALYSE_SWEEP:
		return say_sweep(b, g, f, err);
	}
	return XT_OK;
}

/* The addresses of members, in a growing array that the caller frees. */
static enum xt_status members(const char ***v, const struct graph *g,
			      const struct analyse_findings *all,
			      const struct analyse_finding *f, struct xt_err *err)
{
	const size_t n = f->member_to - f->member_from;
	const char **p = xt_calloc(n + 1, sizeof(*p));

	if (p == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu accounts", n);
	for (size_t i = 0; i < n; i++)
		p[i] = g->party[all->members[f->member_from + i]].s;
	*v = p;
	return XT_OK;
}

static void fill(struct export_cell *c, const struct graph *g,
		 const struct analyse_finding *f)
{
	const struct graph_label *l = ex_label_of(g, f->account);
	const struct graph_label *s =
	    f->service != GRAPH_NONE ? ex_label_of(g, f->service) : NULL;
	const bool pool = f->rule == ANALYSE_POOL;
	const bool forward = f->rule == ANALYSE_FORWARD;

	c[0] = ex_cell_str(rule_name(f->rule));
	c[1] = ex_cell_str(g->party[f->account].s);
	c[2] = ex_cell_str(l != NULL ? l->text : NULL);
	c[3] = forward ? ex_cell_str(g->party[f->service].s) : ex_cell_none();
	c[4] = ex_cell_str(s != NULL ? s->text : NULL);
	c[5] = s != NULL ? ex_cell_int(s->confidence) : ex_cell_none();
	c[6] = forward ? ex_cell_str(f->service_is_pool ? "pool" : "label")
		       : ex_cell_none();
	c[7] = ex_cell_str(f->exact ? "exact" : "loose");
	c[8] = ex_cell_int(f->grade_ppm);
	c[9] = ex_cell_uxem(f->tainted);
	c[10] = ex_cell_int(f->senders);
	c[11] = pool ? ex_cell_int(f->memos) : ex_cell_none();
	c[12] = pool ? ex_cell_int(f->length) : ex_cell_none();
	c[13] = pool ? ex_cell_str(analyse_alphabet_name(f->alphabet)) : ex_cell_none();
	c[14] = pool || forward ? ex_cell_int(f->transfers) : ex_cell_none();
	c[15] = pool || forward ? ex_cell_int(f->with_message) : ex_cell_none();
	c[16] = ex_cell_volume(f->in);
	c[17] = forward ? ex_cell_volume(f->out) : ex_cell_none();
	c[18] = forward ? ex_cell_volume(f->fees) : ex_cell_none();
	c[19] = forward ? ex_cell_uxem(f->excess) : ex_cell_none();
	c[20] = pool ? ex_cell_none() : ex_cell_int(f->wait);
	c[22] = ex_cell_int(f->event_to - f->event_from);
	c[24] = l != NULL ? ex_cell_int(l->confidence) : ex_cell_none();
}

static enum xt_status add(struct export_table *t, const struct graph *g,
			  const struct analyse_findings *all,
			  const struct analyse_finding *f, size_t limit, bool taint,
			  struct xt_buf *words, struct xt_err *err)
{
	struct export_cell c[XT_ARRAY_SIZE(columns)];
	const char **v = NULL;
	size_t row = 0;
	enum xt_status rc = say(words, g, f, err);

	if (rc == XT_OK)
		rc = members(&v, g, all, f, err);
	if (rc != XT_OK)
		return rc;
	fill(c, g, f);
	if (!taint)
		c[9] = ex_cell_none();
	c[21] = (struct export_cell){ .absent = f->member_to == f->member_from };
	c[21].v.list.v = v;
	c[21].v.list.n = f->member_to - f->member_from;
	c[23] = ex_cell_str(xt_buf_str(words));
	rc = export_table_row(t, &row, c, err);
	free(v);
	if (rc == XT_OK)
		rc = ex_add_evidence(t, row, g, all->events, f->event_from, f->event_to,
				     limit, err);
	return rc;
}

enum xt_status export_rules(struct export_table **out, const struct graph *g,
			    const struct analyse_findings *all, unsigned rules,
			    bool taint, size_t evidence, struct xt_err *err)
{
	struct export_table *t;
	struct xt_buf words;
	enum xt_status rc =
	    export_table_new(&t, "findings", columns, XT_ARRAY_SIZE(columns), err);

	if (rc != XT_OK)
		return rc;
	xt_buf_init(&words, EXPORT_MAX_BYTES);
	rc = export_table_child_shape(t, "transactions", ex_event_columns,
				      EX_EVENT_COLUMNS, err);
	for (size_t i = 0; i < all->n && rc == XT_OK; i++)
		if ((rules & (1U << all->v[i].rule)) != 0)
			rc = add(t, g, all, &all->v[i], evidence, taint, &words, err);
	xt_buf_release(&words);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}
