/* A request to a service to preserve what it knows: plain text, one file a service. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include <xemtrace/findings.h>

#include "findings_event.h"

struct letter {
	struct xt_buf b;
	const struct export_request *q;
	struct xt_err *err;
	enum xt_status rc; /* the first failure; nothing is written after it */
};

static void put(struct letter *l, const char *text)
{
	if (l->rc == XT_OK)
		l->rc = xt_buf_adds(&l->b, text, l->err);
}

/* Text from outside. */
static void put_text(struct letter *l, const char *text)
{
	if (l->rc == XT_OK)
		l->rc =
		    export_escape(&l->b, EXPORT_TERMINAL, text, strlen(text), l->err);
}

static void put_xem(struct letter *l, xt_u128 uxem)
{
	if (l->rc == XT_OK)
		l->rc = ex_buf_xem(&l->b, uxem, l->err);
}

static void put_u64(struct letter *l, uint64_t v)
{
	if (l->rc == XT_OK)
		l->rc = xt_buf_addf(&l->b, l->err, "%" PRIu64, v);
}

/* "2018-01-26 00:02:13 +0900 (Asia/Tokyo)" */
static void put_local(struct letter *l, int64_t unix_time)
{
	const time_t t = (time_t)unix_time;
	struct tm tm;
	char text[64];

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &tm) == 0)
		return;
	put(l, " = ");
	put(l, text);
	put(l, " (");
	put_text(l, l->q->zone);
	put(l, ")");
}

static void put_moment(struct letter *l, int64_t unix_time)
{
	char text[24];

	put(l, nem_time_format_utc(text, unix_time));
	if (l->q->zone != NULL)
		put_local(l, unix_time);
}

static const struct graph_tx *tx_of(const struct letter *l, uint32_t event)
{
	return &l->q->g->txs[l->q->g->event_tx[event]];
}

static void put_time(struct letter *l, uint32_t event)
{
	const struct graph_tx *t = tx_of(l, event);

	if (t->time_kind == GRAPH_TIME_NONE) {
		put(l, "time not known");
		return;
	}
	put_moment(l, t->time);
	if (t->time_last != t->time) {
		put(l, " to ");
		put_moment(l, t->time_last);
	}
	if (t->time_kind == GRAPH_TIME_SIGNER)
		put(l, ", the signer's time");
	if (t->time_kind == GRAPH_TIME_PUBLISHED)
		put(l, ", by a published record");
}

static void put_ref(struct letter *l, uint32_t event)
{
	const char *ref = l->q->g->tx_ref[l->q->g->event_tx[event]];

	put(l, strlen(ref) == 64 ? "transaction " : "row ");
	put_text(l, ref);
}

/* ", worth 123.45 JPY": the stolen part of the deposits [from, to), each at the price of
 * its day; nothing where that is not known. */
static void put_worth(struct letter *l, size_t from, size_t to)
{
	const struct analyse_value v =
	    analyse_deposits_value(l->q->e, l->q->g, from, to);
	struct export_cell cells[N_VALUE];
	char text[64];

	ex_cells_value(cells, text, &v);
	if (cells[0].absent)
		return;
	put(l, ", worth ");
	put(l, text);
	put(l, " ");
	put_text(l, v.currency);
}

static void put_deposit(struct letter *l, size_t n, const struct analyse_deposit *d)
{
	const struct graph *g = l->q->g;
	const struct graph_event *e = &g->events[d->event];
	const struct graph_tx *t = tx_of(l, d->event);

	put(l, "  ");
	put_u64(l, n);
	put(l, ". ");
	put_ref(l, d->event);
	put(l, "\n     height ");
	if (t->height_known != 0)
		put_u64(l, t->height);
	else
		put(l, "not known");
	put(l, ", ");
	put_time(l, d->event);
	put(l, "\n     ");
	put_xem(l, graph_amount(e));
	put(l, " from ");
	put(l, e->from != GRAPH_NONE ? g->party[e->from].s : "(nobody: a harvest)");
	put(l, ", of it stolen ");
	put_xem(l, d->tainted);
	put_worth(l, (size_t)(d - l->q->e->deposits),
		  (size_t)(d - l->q->e->deposits) + 1);
	if (t->count != 1) {
		put(l, "\n     one row of a record for ");
		if (t->count > 1)
			put_u64(l, t->count);
		else
			put(l, "an unknown number of");
		put(l, " transfers");
	}
	if (t->provenance != 0) {
		put(l, "\n     stands on: ");
		put(l, nem_provenance_name((enum nem_provenance)t->provenance));
	}
	put(l, "\n");
}

static void put_way(struct letter *l, const struct taint_paths *p,
		    const struct taint_path *way)
{
	const struct graph *g = l->q->g;

	put(l, "   - ");
	put_xem(l, way->uxem);
	put(l, " of the theft \"");
	put_text(l, g->theft[way->theft]);
	put(l, "\":\n");
	for (uint32_t i = 0; i < way->n; i++) {
		const uint32_t event = p->events[way->first + i];
		const struct graph_event *e = &g->events[event];

		put(l, "       ");
		put_time(l, event);
		put(l, "\n         ");
		put(l, e->from != GRAPH_NONE ? g->party[e->from].s : "(nobody)");
		put(l, " -> ");
		put(l, e->to != GRAPH_NONE ? g->party[e->to].s : "(fee)");
		put(l, " ");
		put_xem(l, graph_amount(e));
		put(l, ", ");
		put_ref(l, event);
		put(l, "\n");
	}
}

static void put_ways(struct letter *l, uint32_t memo)
{
	const struct taint_path_query query = { .theft = TAINT_ALL,
						.account = l->q->service->account,
						.memo = memo,
						.via = GRAPH_NONE,
						.max = l->q->paths };
	struct taint_paths *p = NULL;

	if (l->rc != XT_OK || l->q->paths == 0)
		return;
	l->rc = taint_paths_find(&p, l->q->r, l->q->g, &query, l->err);
	if (l->rc != XT_OK)
		return;
	put(l, "  How it leads back to the theft (the largest ways; they carry ");
	put_xem(l, p->shown);
	put(l, " of ");
	put_xem(l, p->asked);
	put(l, "):\n");
	for (size_t i = 0; i < p->n; i++)
		put_way(l, p, &p->v[i]);
	taint_paths_free(p);
}

static void put_memo(struct letter *l, size_t n, const struct analyse_memo_row *m)
{
	const struct graph *g = l->q->g;
	const struct graph_memo *memo = &g->memos[m->memo];

	put(l, "\nCustomer ");
	put_u64(l, n);
	put(l, ": ");
	switch (memo->kind) {
	case GRAPH_MEMO_NONE:
		put(l, "deposits without a message");
		break;
	case GRAPH_MEMO_PLAIN:
		put(l, "deposits with the message \"");
		put_text(l, memo->text);
		put(l, "\"");
		break;
	case GRAPH_MEMO_ENCRYPTED:
		put(l, "deposits with an encrypted message, sent by ");
		put(l, memo->sender < g->n_accounts ? g->party[memo->sender].s
						    : "(unknown)");
		break;
	}
	put(l, "\n  stolen ");
	put_xem(l, m->tainted);
	put_worth(l, m->deposit_from, m->deposit_to);
	put(l, " in deposits of ");
	put_xem(l, m->amount);
	if (m->incomplete > 0) {
		put(l, "\n  of the stolen amount, ");
		put_xem(l, m->incomplete);
		put(l, " came through accounts whose whole history is not known");
	}
	put(l, "\n  Deposits:\n");
	for (size_t i = m->deposit_from; i < m->deposit_to; i++)
		put_deposit(l, i - m->deposit_from + 1, &l->q->e->deposits[i]);
	put_ways(l, m->memo);
}

static void put_label(struct letter *l)
{
	const struct graph *g = l->q->g;
	const struct graph_label *label = ex_label_of(g, l->q->service->account);

	if (label == NULL) {
		put(l, "Attributed to: nobody by name; it behaves like a service\n");
		return;
	}
	put(l, "Attributed to: ");
	put_text(l, label->text);
	put(l, " (");
	put_text(l, label->category);
	put(l, "), confidence ");
	put_u64(l, label->confidence);
	put(l, " of 100, source: ");
	put_text(l, label->source[0] != '\0' ? label->source : "not given");
	put(l, "\n");
}

static void put_method(struct letter *l)
{
	const struct export_request *q = l->q;

	put(l, "Stolen:        ");
	for (uint32_t t = 0; t < q->r->n_thefts; t++) {
		put(l, t > 0 ? "; " : "");
		put_text(l, q->g->theft[t]);
		put(l, ": ");
		put_xem(l, q->r->seeded[t]);
	}
	put(l, "\nReached it:    ");
	put_xem(l, q->service->tainted);
	put(l, " by the policy ");
	put(l, q->r->policy->name);
	/* The deposits of one service stand together. */
	if (q->service->memo_to > q->service->memo_from)
		put_worth(l, q->e->memos[q->service->memo_from].deposit_from,
			  q->e->memos[q->service->memo_to - 1].deposit_to);
	if (q->service->has_bounds) {
		put(l, "; under any policy that keeps amounts, between ");
		put_xem(l, q->service->low);
		put(l, " and ");
		put_xem(l, q->service->high);
	}
	put(l, "\n");
	if (q->height > 0) {
		put(l, "Known up to:   block ");
		put_u64(l, q->height);
		put(l, "\n");
	}
	put(l,
	    "\nWhere money of several sources meets in one account, a policy decides "
	    "which part of a\npayment counts as stolen. The amounts and transactions "
	    "do not depend on it. A deposit\nnamed here says where stolen money went, "
	    "not that its customer knew.\n");
	if (q->e->prices != NULL)
		put(l,
		    "What something is worth is the stolen part of each deposit at the "
		    "price of its day, added\nup exactly and rounded down to two "
		    "decimals.\n");
}

enum xt_status export_request(FILE *f, const struct export_request *q,
			      struct xt_err *err)
{
	struct letter l = { .q = q, .err = err };

	xt_buf_init(&l.b, EXPORT_MAX_BYTES);
	put(&l, EXPORT_REQUEST_HEAD "\n\nService account: ");
	put(&l, q->g->party[q->service->account].s);
	put(&l, "\n");
	put_label(&l);
	put_method(&l);
	put(&l,
	    "\nPlease preserve what is known of the customers whose deposits stand "
	    "below: identity,\nlog-ins, orders, withdrawals and remaining balances. "
	    "On NEM the message of a deposit\ntells which customer it is for.\n");
	for (size_t i = q->service->memo_from; i < q->service->memo_to; i++)
		put_memo(&l, i - q->service->memo_from + 1, &q->e->memos[i]);
	if (l.rc == XT_OK)
		l.rc = ex_write_all(f, &l.b, err);
	xt_buf_release(&l.b);
	return l.rc;
}
