#include <xemtrace/crawl.h>

#include <stdlib.h>
#include <string.h>

#include "internal.h"

void crawl_options_init(struct crawl_options *o)
{
	*o = (struct crawl_options){
		.max_depth = 3,
		.fan = CRAWL_FAN,
		.rate = 20,
		.connections = 4,
		.blocks = CRAWL_BLOCKS_NEEDED,
	};
}

static enum xt_status take_nodes(struct crawl *c, struct xt_err *err)
{
	const struct crawl_options *o = c->opt;

	if (o->n_nodes == 0)
		return xt_fail(err, XT_E_USAGE, "no node is given");
	if (o->n_nodes > CRAWL_MAX_NODES)
		return xt_fail(err, XT_E_USAGE, "%zu nodes are given, %u are the most",
			       o->n_nodes, CRAWL_MAX_NODES);
	c->nodes = xt_calloc(o->n_nodes, sizeof(*c->nodes));
	if (c->nodes == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for nodes");
	for (size_t i = 0; i < o->n_nodes; i++) {
		struct crawl_node *n = &c->nodes[c->n_nodes];
		const enum xt_status rc = nis_node_url(n->url, o->nodes[i], err);
		bool twice = false;

		if (rc != XT_OK)
			return rc;
		/* Two answers of one node are not two witnesses. */
		for (size_t k = 0; k < c->n_nodes; k++)
			twice = twice || strcmp(c->nodes[k].url, n->url) == 0;
		if (twice)
			continue;
		n->live = true;
		n->credit = 10000;
		n->credit_at = crawl_now_ms(c);
		c->n_nodes++;
	}
	return XT_OK;
}

static enum xt_status prepare(struct crawl *c, struct xt_err *err)
{
	enum xt_status rc = nem_crypto_init(err);

	if (rc == XT_OK)
		rc = take_nodes(c, err);
	if (rc == XT_OK)
		rc = xt_map_new(&c->services, err);
	if (rc == XT_OK)
		rc = xt_map_new(&c->mosaics_asked, err);
	if (rc == XT_OK)
		rc = xt_map_new(&c->scanned_tried, err);
	if (rc == XT_OK)
		rc = crawl_pool_new(&c->pool, 0, err);
	if (rc == XT_OK)
		rc = crawl_load_services(c, err);
	if (rc == XT_OK)
		rc = crawl_links_load(&c->links, c->s, err);
	if (rc == XT_OK)
		rc = crawl_reach_load(c, err);
	return rc;
}

static void release(struct crawl *c)
{
	crawl_wire_release(c);
	crawl_pool_free(c->pool);
	crawl_reach_release(c);
	xt_map_free(c->services);
	xt_map_free(c->mosaics_asked);
	xt_map_free(c->scanned_tried);
	free(c->service_names);
	free(c->service_parties);
	crawl_links_free(&c->links);
	free(c->held);
	free(c->nodes);
}

/* ---- where to begin
 * ------------------------------------------------------------------------ */

/* A seed is read even when it is a service; one that was read stays so, but what it
 * paid counts from here. */
static enum xt_status open_seed(struct crawl *c, const struct nem_address *seed,
				struct xt_err *err)
{
	struct store_account a;
	struct nem_party p;
	int64_t id;
	enum xt_status rc;

	memcpy(p.s, seed->s, sizeof(p.s));
	rc = store_account_id(c->s, &id, &p, err);
	if (rc == XT_OK)
		rc = store_account_get(c->s, &a, id, err);
	if (rc != XT_OK)
		return rc;
	if (a.state == STORE_SEEN || a.state == STORE_STOPPED || a.state == STORE_OPEN)
		return crawl_open_account(c, &a, 0, err);
	a.depth = 0;
	return store_account_update(c->s, &a, err);
}

struct again {
	int64_t *v;
	size_t n, cap;
	enum xt_status rc;
	struct xt_err *err;
};

static bool add_incomplete(void *ctx, const struct store_account *a)
{
	struct again *g = ctx;

	if (a->state != STORE_INCOMPLETE || !nem_party_is_address(&a->party))
		return true;
	if (g->n == g->cap) {
		const size_t cap = g->cap == 0 ? 64 : g->cap * 2;
		int64_t *v = xt_reallocarray(g->v, cap, sizeof(*v));

		if (v == NULL) {
			g->rc =
			    xt_fail(g->err, XT_E_NOMEM, "out of memory for accounts");
			return false;
		}
		g->v = v;
		g->cap = cap;
	}
	g->v[g->n++] = a->id;
	return true;
}

/* An account that no node gave, or whose sums differ, is tried again: in the latter
 * case only if this run has another node than the one that gave it. */
static bool worth_again(const struct crawl *c, const struct store_crawl *s)
{
	if (!s->transfers_done || !s->harvests_done)
		return true;
	for (size_t i = 0; i < c->n_nodes; i++)
		if (c->nodes[i].live && strcmp(c->nodes[i].url, s->node) != 0)
			return true;
	return false;
}

static enum xt_status open_again(struct crawl *c, struct xt_err *err)
{
	struct again g = { .rc = XT_OK, .err = err };
	enum xt_status rc = store_each_account(c->s, add_incomplete, &g, err);

	if (g.rc != XT_OK)
		rc = g.rc;
	for (size_t i = 0; rc == XT_OK && i < g.n; i++) {
		struct store_account a;
		struct store_crawl s;

		/* Accounts of an import have no such row, and are no business of ours.
		 */
		rc = store_crawl_get(c->s, &s, g.v[i], err);
		if (rc == XT_E_NOTFOUND) {
			rc = XT_OK;
			continue;
		}
		if (rc == XT_OK)
			rc = store_account_get(c->s, &a, g.v[i], err);
		if (rc != XT_OK || !worth_again(c, &s))
			continue;
		s = (struct store_crawl){
			.account = a.id,
			.depth = a.depth,
			.known = s.known,
		};
		rc = store_crawl_put(c->s, &s, err);
		if (rc == XT_OK)
			rc = crawl_open_account(c, &a, a.depth, err);
	}
	free(g.v);
	return rc;
}

static enum xt_status open_accounts(struct crawl *c, struct xt_err *err)
{
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = open_again(c, err);
	for (size_t i = 0; rc == XT_OK && i < c->opt->n_seeds; i++)
		rc = open_seed(c, &c->opt->seeds[i], err);
	return crawl_end(c, rc, err);
}

/* ---- the run
 * ---------------------------------------------------------------------------------- */

static bool any_open(void *ctx, const struct store_crawl *s)
{
	(void)s;
	*(bool *)ctx = true;
	return false;
}

/* Nothing waits. An account that came nearer to a seed, or was reached earlier, may reach
 * further; accounts may be needed from an earlier height on. */
static enum xt_status at_rest(struct crawl *c, bool *more, struct xt_err *err)
{
	bool opened = false;
	enum xt_status rc = XT_OK;

	if (c->lowered)
		rc = crawl_refollow(c, err);
	if (rc == XT_OK)
		rc = store_each_open(c->s, any_open, more, err);
	if (rc == XT_E_STOPPED && *more)
		return XT_OK;
	if (rc == XT_OK)
		rc = crawl_update_scanned(c, more, err);
	if (rc != XT_OK || *more || c->budget_spent || c->reach == NULL)
		return rc;
	rc = crawl_deepen_rest(c, &opened, err);
	if (rc == XT_OK)
		rc = crawl_refollow(c, err);
	if (rc != XT_OK)
		return rc;
	rc = store_each_open(c->s, any_open, more, err);
	return rc == XT_E_STOPPED && *more ? XT_OK : rc;
}

/* Whole blocks, accounts, blocks that are needed: until nothing waits. */
static enum xt_status read_all(struct crawl *c, struct xt_err *err)
{
	bool more = true;
	enum xt_status rc = crawl_scan(c, err);

	if (rc == XT_OK && !c->budget_spent)
		rc = open_accounts(c, err);
	if (rc == XT_OK && !c->budget_spent)
		rc = crawl_refollow(c, err);
	if (rc == XT_OK && !c->budget_spent)
		rc = crawl_update(c, err);
	while (rc == XT_OK && !c->budget_spent && more) {
		more = false;
		c->lowered = false;
		rc = crawl_pump(c, &crawl_accounts, err);
		if (rc == XT_OK && !c->budget_spent)
			rc = at_rest(c, &more, err);
	}
	if (rc == XT_OK && !c->budget_spent)
		rc = crawl_blocks(c, err);
	return rc;
}

static enum xt_status run(struct crawl *c, struct xt_err *err)
{
	bool again = true;
	enum xt_status rc = crawl_session_begin(c, err);

	if (rc == XT_OK)
		rc = crawl_greet(c, err);
	if (rc == XT_OK && !c->budget_spent)
		rc = crawl_anchor(c, err);
	for (unsigned i = 0; rc == XT_OK && !c->budget_spent && again; i++) {
		again = false;
		rc = read_all(c, err);
		if (rc == XT_OK && !c->budget_spent && i < CRAWL_REORGS)
			rc = crawl_confirm(c, &again, err);
	}
	/* All is done: a wish to stop comes too late. */
	if (rc == XT_OK)
		(void)crawl_show(c, true, NULL);
	return rc;
}

static bool count_state(void *ctx, const struct store_account *a)
{
	struct crawl_report *r = ctx;

	switch (a->state) {
	case STORE_COMPLETE:
		r->accounts_complete++;
		break;
	case STORE_INCOMPLETE:
		r->accounts_incomplete++;
		break;
	case STORE_STOPPED:
		r->accounts_stopped++;
		break;
	case STORE_OPEN:
		r->accounts_open++;
		break;
	case STORE_SEEN:
		break;
	}
	return true;
}

enum xt_status crawl_run(struct crawl_report *out, struct store *s,
			 struct nis_transport *transport,
			 const struct crawl_options *opt, const struct xt_clock *clock,
			 const struct xt_sink *sink, struct xt_err *err)
{
	struct crawl c = {
		.s = s,
		.t = transport,
		.opt = opt,
		.clock = clock != NULL ? clock : xt_clock_system(),
		.sink = sink,
	};
	struct xt_err own;
	enum xt_status rc, counted;

	if (err == NULL)
		err = &own; /* parts of the crawl read what went wrong */
	*out = (struct crawl_report){ 0 };
	c.rate_at = crawl_now_ms(&c);
	rc = crawl_lock(&c, err);
	if (rc != XT_OK)
		return rc;
	rc = prepare(&c, err);
	if (rc == XT_OK)
		rc = run(&c, err);
	crawl_session_end(&c, rc);
	/* Also after a failure: what was done is in the case, and can be told. */
	counted = store_each_account(s, count_state, &c.rep, rc == XT_OK ? err : &own);
	if (rc == XT_OK)
		rc = counted;
	*out = c.rep;
	release(&c);
	crawl_unlock(&c);
	return rc;
}
