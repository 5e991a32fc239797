/* Reading one account: balance, lists, comparison, definitions, sums. One commit per
 * answer, so that a crawl that is killed goes on where it was. */
#include "account.h"

#include <stdlib.h>
#include <string.h>

/* ---- life of the job
 * ------------------------------------------------------------------- */

static void drop_held(struct account_job *a)
{
	for (size_t i = 0; i < a->n_held; i++)
		nem_checked_tx_release(&a->held[i].tx);
	a->n_held = 0;
}

static void account_free(struct job *j)
{
	struct account_job *a = (struct account_job *)j;

	drop_held(a);
	free(a->held);
	free(a->listed);
	free(a->multisigs.v);
	free(a->cosignatories.v);
	xt_map_free(a->by_hash);
	nis_account_release(&a->info);
	free(a);
}

/* Start from the top on the node that the job is with. Nothing that was stored is lost:
 * known transactions are passed over by the store. */
static enum xt_status restart(struct crawl *c, struct account_job *a,
			      struct xt_err *err)
{
	struct xt_map *map;
	enum xt_status rc = xt_map_new(&map, err);

	if (rc != XT_OK)
		return rc;
	xt_map_free(a->by_hash);
	a->by_hash = map;
	a->n_listed = 0;
	drop_held(a);
	a->multisigs.n = 0;
	a->cosignatories.n = 0;
	nis_account_release(&a->info);
	a->state = (struct store_crawl){
		.account = a->row.id,
		.depth = a->row.depth,
		.known = a->state.known,
		.has_want = a->kept.has_want,
		.want = a->kept.want,
	};
	memcpy(a->state.node, c->nodes[a->base.node].url, sizeof(a->state.node));
	a->from = 0;
	a->history_known = false;
	if (a->update || a->keeps)
		account_restore(a);
	a->primary = a->base.node;
	a->resumed = false;
	a->step = a->update ? AT_PROBE : AT_HEIGHT;
	a->pins = 0;
	a->unpinned = false;
	a->before = 0;
	a->last_height = UINT64_MAX;
	a->harvests_listed = 0;
	a->quorum_top = 0;
	a->compared = 0;
	return XT_OK;
}

void account_restore(struct account_job *a)
{
	a->from = a->kept.from_height;
	a->state.fan_in = a->kept.fan_in;
	a->state.fan_out = a->kept.fan_out;
	a->state.from_height = a->kept.from_height;
	a->state.has_opening = a->kept.has_opening;
	a->state.opening_uxem = a->kept.opening_uxem;
	a->state.opening_way = a->kept.opening_way;
}

void account_after_lists(const struct crawl *c, struct account_job *a)
{
	const bool asks =
	    a->from > 1 && !a->update && !a->keeps && c->nodes[a->base.node].history;

	a->step = asks ? AT_HISTORY : AT_MOSAICS;
}

bool account_quorum_on(const struct crawl *c)
{
	return c->opt->quorum >= 2 && c->n_nodes >= 2;
}

/* Cursors are worth something with the node that gave them. A comparison needs the
 * whole list at hand, and starts anew. */
static bool can_resume(const struct crawl *c, const struct store_crawl *s, size_t *node)
{
	if (s->node[0] == '\0' || s->top_height == 0 || account_quorum_on(c))
		return false;
	for (size_t i = 0; i < c->n_nodes; i++) {
		if (!crawl_usable(c, i) || strcmp(c->nodes[i].url, s->node) != 0)
			continue;
		*node = i;
		return true;
	}
	return false;
}

static enum xt_status account_ask(struct crawl *c, struct job *j, struct nis_request *r,
				  bool *more, struct xt_err *err)
{
	struct account_job *a = (struct account_job *)j;

	switch (a->step) {
	case AT_HEIGHT:
	case AT_HEIGHT_AGAIN:
	case AT_QUORUM_HEIGHT:
		nis_req_height(r);
		return XT_OK;
	case AT_ACCOUNT:
	case AT_ACCOUNT_RESUMED:
		nis_req_account(r, &a->address);
		return XT_OK;
	case AT_PROBE:
	case AT_TRANSFERS:
	case AT_QUORUM_TRANSFERS:
		nis_req_transfers(r, &a->address, NIS_ALL, a->before);
		return XT_OK;
	case AT_HARVESTS:
		nis_req_harvests(r, &a->address, a->before);
		return XT_OK;
	case AT_HISTORY:
		history_ask(a, r);
		return XT_OK;
	case AT_MOSAICS:
		return mosaics_ask(c, a, r, more, err);
	case AT_END:
		break;
	}
	*more = false;
	return XT_OK;
}

static enum xt_status account_moved(struct crawl *c, struct job *j, struct xt_err *err)
{
	struct account_job *a = (struct account_job *)j;

	switch (a->step) {
	case AT_QUORUM_HEIGHT:
	case AT_QUORUM_TRANSFERS:
		a->step = AT_QUORUM_HEIGHT;
		return XT_OK;
	case AT_HISTORY:
		/* It is no second source of another node's lists. */
		a->step = AT_MOSAICS;
		return XT_OK;
	case AT_MOSAICS:
	case AT_END:
		return XT_OK;
	default:
		return restart(c, a, err);
	}
}

/* The account is left as it is, with the reason. What was read stays; a later run
 * starts it anew. */
static enum xt_status leave_incomplete(struct crawl *c, struct account_job *a,
				       const char *what, const char *why,
				       struct xt_err *err)
{
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	a->row.state = STORE_INCOMPLETE;
	a->row.difference[0] = '\0';
	(void)snprintf(a->row.reason, sizeof(a->row.reason), "%s: %s", what, why);
	a->state = (struct store_crawl){
		.account = a->row.id,
		.depth = a->row.depth,
		.known = a->state.known,
		.has_want = a->kept.has_want,
		.want = a->kept.want,
	};
	rc = store_account_update(c->s, &a->row, err);
	if (rc == XT_OK)
		rc = store_crawl_put(c->s, &a->state, err);
	rc = crawl_end(c, rc, err);
	if (rc != XT_OK)
		return rc;
	c->accounts_done++;
	c->accounts_waiting--;
	xt_log(c->sink, XT_LOG_WARN, "account %s is incomplete: %s", a->address.s,
	       a->row.reason);
	return XT_OK;
}

static enum xt_status account_give_up(struct crawl *c, struct job *j, const char *what,
				      const char *why, struct xt_err *err)
{
	struct account_job *a = (struct account_job *)j;

	if (a->update && a->step < AT_QUORUM_HEIGHT) {
		/* What it was complete for, it is still. */
		xt_log(c->sink, XT_LOG_WARN, "account %s: what is new was not read: %s",
		       a->address.s, why);
		return XT_OK;
	}
	if (a->step < AT_QUORUM_HEIGHT)
		return leave_incomplete(c, a, what, why, err);
	/* The account itself was read: only this part of the work is left undone. */
	j->done = false;
	j->tried = 0;
	if (a->step == AT_HISTORY) {
		a->step = AT_MOSAICS;
	} else if (a->step == AT_MOSAICS) {
		xt_log(c->sink, XT_LOG_WARN, "mosaic %s: %s", a->mosaic, why);
	} else {
		xt_log(c->sink, XT_LOG_WARN,
		       "account %s: compared with %u further nodes, not %u: %s",
		       a->address.s, a->compared, c->opt->quorum - 1, why);
		account_after_lists(c, a);
	}
	j->node = a->primary;
	if (!crawl_usable(c, j->node) && !crawl_other_node(c, &j->node, 0))
		return xt_fail(err, XT_E_NET, "no node is left: %s", why);
	return XT_OK;
}

/* ---- refusing an answer ----------------------------------------------------- */

enum xt_status account_refuse(struct crawl *c, struct account_job *a,
			      const struct nis_answer *answer, const char *what,
			      const char *why, struct xt_err *err)
{
	enum xt_status rc =
	    crawl_refuse(c, a->base.node, answer, what, &a->address, why, err);

	if (rc != XT_OK)
		return rc;
	return crawl_elsewhere(c, &a->base, what, why, err);
}

enum xt_status account_conflict(struct crawl *c, struct account_job *a,
				const struct nis_answer *answer, struct xt_err *err)
{
	const struct xt_err why = *err;

	return account_refuse(c, a, answer, "conflict", crawl_reason(c, &why), err);
}

/* ---- end
 * ---------------------------------------------------------------------------------------------
 */

/* What was read before a reorganisation does not go with what was read after it - the
 * balance came from one chain, the list from the other: nothing of it is relied on. */
static enum xt_status read_anew(struct crawl *c, struct account_job *a,
				struct xt_err *err)
{
	const struct store_crawl state = {
		.account = a->row.id,
		.depth = a->row.depth,
		.has_want = a->kept.has_want,
		.want = a->kept.want,
	};
	enum xt_status rc;

	a->row.has_balance = false;
	a->row.difference[0] = '\0';
	rc = store_crawl_put(c->s, &state, err);
	if (rc != XT_OK)
		return rc;
	/* It waits as before. */
	c->accounts_waiting--;
	return crawl_open_account(c, &a->row, a->row.depth, err);
}

static enum xt_status finish(struct crawl *c, struct account_job *a, struct xt_err *err)
{
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = reconcile(c, a, err);
	if (rc == XT_OK && a->row.state == STORE_INCOMPLETE && a->since > 0 &&
	    !a->update)
		return crawl_end(c, read_anew(c, a, err), err);
	a->state.known = 0;
	if (rc == XT_OK)
		rc = store_account_update(c->s, &a->row, err);
	if (rc == XT_OK)
		rc = store_crawl_put(c->s, &a->state, err);
	/* Something that came meanwhile may need it from an earlier height on. */
	if (rc == XT_OK)
		rc = crawl_reach_fresh(c, err);
	if (rc == XT_OK)
		rc = account_deepen(c, a->row.id, err);
	/* Its list goes from new to old: when the newer pages came, it was not known yet
	 * that the payments on them matter. */
	if (rc == XT_OK && crawl_reach_of(c, a->row.id) < a->reached)
		rc = crawl_follow_known(c, a->row.id, err);
	rc = crawl_end(c, rc, err);
	if (rc != XT_OK)
		return rc;
	/* Pages of an earlier run were followed with the depth of that time. */
	c->lowered = c->lowered || a->resumed || a->since > 0;
	c->accounts_done++;
	if (!a->update)
		c->accounts_waiting--;
	if (a->row.state == STORE_INCOMPLETE)
		xt_log(c->sink, XT_LOG_WARN, "account %s is incomplete: %s",
		       a->address.s, a->row.reason);
	return XT_OK;
}

static enum xt_status account_ask_or_end(struct crawl *c, struct job *j,
					 struct nis_request *r, bool *more,
					 struct xt_err *err)
{
	struct account_job *a = (struct account_job *)j;
	enum xt_status rc = account_ask(c, j, r, more, err);

	/* Nothing was new: that is stored. */
	if (rc == XT_OK && !*more && !a->quiet)
		rc = finish(c, a, err);
	return rc;
}

static enum xt_status account_take(struct crawl *c, struct job *j,
				   const struct nis_answer *answer,
				   enum nis_verdict verdict, struct xt_err *err)
{
	struct account_job *a = (struct account_job *)j;

	if (a->step == AT_MOSAICS)
		return mosaics_take(c, a, answer, verdict, err);
	if (a->step == AT_HISTORY)
		return history_take(c, a, answer, verdict, err);
	/* An account that nobody heard of is answered with zeros: nothing here can be
	 * absent. */
	if (verdict != NIS_USE)
		return account_refuse(c, a, answer, "refused",
				      "the node says that it is absent", err);
	switch (a->step) {
	case AT_PROBE:
		return update_take_probe(c, a, answer, err);
	case AT_HEIGHT:
		return balance_take_height(c, a, answer, err);
	case AT_ACCOUNT:
	case AT_ACCOUNT_RESUMED:
		return balance_take_account(c, a, answer, err);
	case AT_HEIGHT_AGAIN:
		return balance_take_height_again(c, a, answer, err);
	case AT_TRANSFERS:
		return lists_take_transfers(c, a, answer, err);
	case AT_HARVESTS:
		return lists_take_harvests(c, a, answer, err);
	case AT_QUORUM_HEIGHT:
		return quorum_take_height(c, a, answer, err);
	case AT_QUORUM_TRANSFERS:
		return quorum_take_page(c, a, answer, err);
	case AT_HISTORY:
	case AT_MOSAICS:
	case AT_END:
		break;
	}
	return xt_fail(err, XT_E_BUG, "an answer without a question");
}

/* A node may offer histories and not give this one: kept as an answer, and no more. */
static enum xt_status account_refused(struct crawl *c, struct job *j, bool *handled,
				      struct xt_err *err)
{
	struct account_job *a = (struct account_job *)j;

	(void)c;
	(void)err;
	*handled = a->step == AT_HISTORY;
	if (*handled)
		a->step = AT_MOSAICS;
	return XT_OK;
}

static const struct job_ops account_ops = {
	.what = "account",
	.refused = account_refused,
	.ask = account_ask_or_end,
	.take = account_take,
	.moved = account_moved,
	.give_up = account_give_up,
	.free = account_free,
};

bool account_is_job(const struct crawl *c, int64_t account)
{
	return c->job != NULL && c->job->ops == &account_ops && c->job->key == account;
}

/* ---- the frontier
 * ---------------------------------------------------------------------------------------
 */

struct pick {
	struct crawl *c;
	struct store_crawl best;
	bool found;
	const char *node; /* only what is read from there; NULL: from any */
	enum xt_status rc;
	struct xt_err *err;
};

static bool pick_first(void *ctx, const struct store_crawl *s)
{
	struct pick *p = ctx;
	size_t node = 0;

	if (p->node != NULL &&
	    (!crawl_node_for(p->c, &node, (uint64_t)s->account - 1, 0) ||
	     strcmp(p->c->nodes[node].url, p->node) != 0))
		return true;
	p->best = *s;
	p->found = true;
	return false;
}

static enum xt_status begin_account(struct crawl *c, struct account_job *a,
				    const struct store_crawl *s, struct xt_err *err)
{
	struct xt_err why;
	size_t node = 0;
	enum xt_status rc = store_account_get(c->s, &a->row, s->account, err);

	if (rc != XT_OK)
		return rc;
	rc = nem_address_parse(&a->address, a->row.party.s, &why);
	if (rc != XT_OK)
		return xt_fail(err, XT_E_BUG, "account %s waits to be read: %s",
			       a->row.party.s, why.text);
	a->base.ops = &account_ops;
	a->base.key = s->account;
	a->kept = *s;
	a->reached = crawl_reach_of(c, s->account);
	if (!crawl_node_for(c, &a->base.node, (uint64_t)s->account - 1, 0))
		return xt_fail(err, XT_E_NET, "no node is left: %s", c->last.text);
	a->state.known = s->known;
	/* A comparison needs the whole list. */
	a->since = account_quorum_on(c) || s->from_height > s->known ? 0 : s->known;
	/* After a reorganisation: what it held before its lists begin stands. */
	a->keeps = a->since > 0 && s->from_height > 0 && s->has_opening;
	if (!can_resume(c, s, &node))
		return restart(c, a, err);
	a->base.node = node;
	rc = restart(c, a, err);
	if (rc != XT_OK)
		return rc;
	a->state = *s;
	a->from = s->transfers_done || a->keeps ? s->from_height : 0;
	a->resumed = true;
	a->step = AT_ACCOUNT_RESUMED;
	return XT_OK;
}

enum xt_status account_new(struct crawl *c, struct account_job **out,
			   const struct store_crawl *s, struct xt_err *err)
{
	struct account_job *a = xt_calloc(1, sizeof(*a));
	enum xt_status rc;

	if (a == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for an account");
	rc = begin_account(c, a, s, err);
	if (rc == XT_OK)
		*out = a;
	else
		account_free(&a->base);
	return rc;
}

static enum xt_status account_next(struct crawl *c, void *ctx, struct job **job,
				   struct xt_err *err)
{
	const struct crawl_replay *r = c->opt->replay;
	struct pick p = { .c = c };
	struct account_job *a = NULL;
	char node[256];
	enum xt_status rc;

	(void)ctx;
	rc = crawl_reach_fresh(c, err);
	if (rc != XT_OK)
		return rc;
	rc = crawl_recorded_pick(c, &p.best, &p.found, err);
	if (rc == XT_OK && !p.found && r != NULL && r->next_node != NULL &&
	    r->next_node(r->ctx, node)) {
		p.node = node;
		rc = crawl_frontier(c, SIZE_MAX, pick_first, &p, err);
		p.node = NULL;
	}
	if (rc == XT_OK && !p.found)
		rc = crawl_frontier(c, 1, pick_first, &p, err);
	if (rc != XT_OK || !p.found)
		return rc;
	rc = account_new(c, &a, &p.best, err);
	if (rc == XT_OK)
		*job = &a->base;
	return rc;
}

static bool peek_one(void *ctx, const struct store_crawl *s)
{
	struct pick *p = ctx;
	struct ahead plan = { .key = s->account, .foresee = account_foresee };
	struct store_account row;

	if (!crawl_ahead_wants(p->c))
		return false;
	p->rc = store_account_get(p->c->s, &row, s->account, p->err);
	if (p->rc != XT_OK)
		return false;
	if (nem_address_parse(&plan.address, row.party.s, NULL) != XT_OK ||
	    !crawl_node_for(p->c, &plan.node, (uint64_t)s->account - 1, 0))
		return true;
	plan.state.depth = s->depth;
	plan.state.has_want = s->has_want;
	plan.state.want = s->want;
	if (can_resume(p->c, s, &plan.node))
		plan.state = *s;
	p->rc = crawl_ahead_add(p->c, &plan, p->err);
	return p->rc == XT_OK;
}

static enum xt_status account_peek(struct crawl *c, void *ctx, struct xt_err *err)
{
	struct pick p = { .c = c, .rc = XT_OK, .err = err };
	const enum xt_status rc = crawl_frontier(c, CRAWL_PEEK, peek_one, &p, err);

	(void)ctx;
	return p.rc != XT_OK ? p.rc : rc;
}

const struct crawl_source crawl_accounts = { account_next, account_peek, NULL };
