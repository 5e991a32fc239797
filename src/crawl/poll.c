/* The poll of nodes about one block: asking them, counting what they say, giving up those
 * of another fork. docs/crawl.md. */
#include "poll.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct poll_job {
	struct job base; /* first */
	struct poll *poll;
	bool taken;
};

/* ---- asking --------------------------------------------------------------------- */

static enum xt_status poll_ask(struct crawl *c, struct job *j, struct nis_request *r,
			       bool *more, struct xt_err *err)
{
	const struct poll_job *b = (const struct poll_job *)j;

	(void)c;
	(void)err;
	if (b->taken)
		*more = false;
	else if (b->poll->height == 0)
		nis_req_height(r);
	else
		nis_req_block(r, b->poll->height);
	return XT_OK;
}

static enum xt_status refuse(struct crawl *c, struct poll_job *b,
			     const struct nis_answer *a, const char *what,
			     const char *why, struct xt_err *err)
{
	b->taken = true;
	return crawl_refuse(c, b->base.node, a, what, NULL, why, err);
}

static enum xt_status take_height(struct crawl *c, struct poll_job *b,
				  const struct nis_answer *a, struct xt_err *err)
{
	struct crawl_node *n = &c->nodes[b->base.node];
	struct xt_err why = { .code = XT_OK };

	if (nis_decode_height(&n->height, a->body, a->len, &why) != XT_OK)
		return refuse(c, b, a, "decode", why.text, err);
	n->greeted_height = n->height;
	b->taken = true;
	return crawl_keep_alone(c, b->base.node, a, err);
}

static enum xt_status take_block(struct crawl *c, struct poll_job *b,
				 const struct nis_answer *a, struct xt_err *err)
{
	struct vote *v = &b->poll->votes[b->base.node];
	struct xt_err why = { .code = XT_OK };
	struct nem_block raw = { 0 };
	enum xt_status rc = nis_decode_block(&raw, a->body, a->len, &why);

	if (rc == XT_OK && raw.height != b->poll->height) {
		rc = xt_fail(&why, XT_E_VERIFY,
			     "height: %" PRIu64
			     " was asked for, the block says %" PRIu64,
			     b->poll->height, raw.height);
		nem_block_release(&raw);
	} else if (rc == XT_OK) {
		rc = nem_check_block_take(&v->block, &raw, c->net, NULL, &why);
	}
	if (rc == XT_E_NOMEM || rc == XT_E_BUG)
		return xt_fail(err, rc, "%s", why.text);
	if (rc != XT_OK)
		return refuse(c, b, a, rc == XT_E_DATA ? "decode" : "block", why.text,
			      err);
	b->taken = true;
	rc = crawl_keep_alone(c, b->base.node, a, err);
	v->kind = VOTE_BLOCK;
	v->answer = c->kept;
	return rc;
}

static enum xt_status poll_take(struct crawl *c, struct job *j,
				const struct nis_answer *a, enum nis_verdict verdict,
				struct xt_err *err)
{
	struct poll_job *b = (struct poll_job *)j;
	struct vote *v = b->poll->votes == NULL ? NULL : &b->poll->votes[j->node];
	enum xt_status rc;

	if (verdict == NIS_USE)
		return v == NULL ? take_height(c, b, a, err) : take_block(c, b, a, err);
	b->taken = true;
	rc = crawl_keep_alone(c, j->node, a, err);
	if (v != NULL) {
		v->kind = VOTE_ABSENT;
		v->answer = c->kept;
	}
	return rc;
}

static enum xt_status poll_refused(struct crawl *c, struct job *j, bool *handled,
				   struct xt_err *err)
{
	(void)c;
	(void)err;
	((struct poll_job *)j)->taken = true;
	*handled = true;
	return XT_OK;
}

static enum xt_status poll_moved(struct crawl *c, struct job *j, struct xt_err *err)
{
	(void)c;
	return xt_fail(err, XT_E_BUG, "job '%s' was sent to another node",
		       j->ops->what);
}

static enum xt_status poll_give_up(struct crawl *c, struct job *j, const char *what,
				   const char *why, struct xt_err *err)
{
	(void)c;
	(void)j;
	(void)what;
	(void)why;
	(void)err;
	return XT_OK;
}

static void poll_free(struct job *j)
{
	free(j);
}

static const struct job_ops poll_ops = {
	.what = "newest block",
	.refused = poll_refused,
	.ask = poll_ask,
	.take = poll_take,
	.moved = poll_moved,
	.give_up = poll_give_up,
	.free = poll_free,
};

static enum xt_status poll_next(struct crawl *c, void *ctx, struct job **job,
				struct xt_err *err)
{
	struct poll *p = ctx;
	struct poll_job *b;

	while (p->next < p->last && !crawl_usable(c, p->next))
		p->next++;
	if (p->next >= p->last)
		return XT_OK;
	b = xt_calloc(1, sizeof(*b));
	if (b == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for a block");
	b->base.ops = &poll_ops;
	b->base.node = p->next++;
	b->base.key = (int64_t)b->base.node;
	b->base.tried = UINT64_MAX; /* each node is to say it itself */
	b->poll = p;
	*job = &b->base;
	return XT_OK;
}

static enum xt_status poll_peek(struct crawl *c, void *ctx, struct xt_err *err)
{
	(void)c;
	(void)ctx;
	(void)err;
	return XT_OK;
}

void crawl_poll_release(struct poll *p)
{
	for (size_t i = 0; p->votes != NULL && i < CRAWL_MAX_NODES; i++)
		nem_checked_block_release(&p->votes[i].block);
	free(p->votes);
	p->votes = NULL;
}

/* Ask `node`, or all of them (SIZE_MAX). */
enum xt_status crawl_poll(struct crawl *c, struct poll *p, uint64_t height, size_t node,
			  struct xt_err *err)
{
	const struct crawl_source source = { poll_next, poll_peek, p };

	*p = (struct poll){
		.height = height,
		.next = node == SIZE_MAX ? 0 : node,
		.last = node == SIZE_MAX ? c->n_nodes : node + 1,
	};
	if (height != 0) {
		p->votes = xt_calloc(CRAWL_MAX_NODES, sizeof(*p->votes));
		if (p->votes == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory for blocks");
	}
	return crawl_pump(c, &source, err);
}

/* ---- counting ------------------------------------------------------------------- */

bool crawl_votes_for(const struct vote *v, const struct nem_hash *h)
{
	return v->kind == VOTE_BLOCK && memcmp(v->block.hash.b, h->b, 32) == 0;
}

/* Who has the block with this hash? That a node has none counts against it if the node
 * had it before: in this run (`had` NULL), or that with this URL. */
struct count crawl_votes_count(const struct crawl *c, const struct poll *p,
			       const struct nem_hash *h, const char *had)
{
	struct count n = { .first_other = SIZE_MAX };

	for (size_t i = 0; i < c->n_nodes; i++) {
		const struct vote *v = &p->votes[i];
		const bool same = crawl_votes_for(v, h);

		if (v->kind == VOTE_NONE ||
		    (v->kind == VOTE_ABSENT &&
		     (had != NULL ? strcmp(had, c->nodes[i].url) != 0
				  : !c->nodes[i].anchored)))
			continue;
		n.same += same;
		n.other += !same;
		if (n.answer == 0 || (!same && n.first_other == SIZE_MAX))
			n.answer = v->answer;
		if (!same && n.first_other == SIZE_MAX)
			n.first_other = i;
	}
	return n;
}

/* The block that most nodes have; of two that as many have, the case's, then the first.
 * SIZE_MAX: none has any. */
size_t crawl_votes_winner(const struct crawl *c, const struct poll *p,
			  const struct nem_hash *ours, bool has_ours)
{
	size_t best = SIZE_MAX, most = 0;

	for (size_t i = 0; i < c->n_nodes; i++) {
		size_t n = 0;
		const struct vote *v = &p->votes[i];

		if (v->kind != VOTE_BLOCK)
			continue;
		for (size_t k = 0; k < c->n_nodes; k++)
			n += crawl_votes_for(&p->votes[k], &v->block.hash);
		n = 2 * n + (has_ours && crawl_votes_for(v, ours));
		if (n > most) {
			most = n;
			best = i;
		}
	}
	return best;
}

/* The node is of another chain than the rest: named, and not asked any more. */
static enum xt_status drop_one(struct crawl *c, size_t node, const struct vote *v,
			       struct xt_err *err)
{
	struct store_incident i = { .time = c->answer_time, .answer = v->answer };
	struct crawl_node *n = &c->nodes[node];
	char hex[65];
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	xt_hex_encode(hex, v->block.hash.b, 32);
	memcpy(i.node, n->url, sizeof(i.node));
	(void)snprintf(i.what, sizeof(i.what), "fork");
	(void)snprintf(i.text, sizeof(i.text),
		       "the node is on another fork than most: block %" PRIu64 " is %s "
		       "there",
		       v->block.height, hex);
	rc = store_put_incident(c->s, &i, err);
	rc = crawl_end(c, rc, err);
	if (rc != XT_OK)
		return rc;
	xt_log(c->sink, XT_LOG_WARN, "node %s is given up for this run: %s", n->url,
	       i.text);
	n->live = false;
	c->rep.node_failed = true;
	return XT_OK;
}

/* Nodes that have another block there (`with` false) or this one. */
enum xt_status crawl_drop_fork(struct crawl *c, const struct poll *p,
			       const struct nem_hash *h, bool with, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < c->n_nodes; i++) {
		const struct vote *v = &p->votes[i];

		if (v->kind == VOTE_BLOCK && crawl_votes_for(v, h) == with &&
		    c->nodes[i].live)
			rc = drop_one(c, i, v, err);
	}
	crawl_ahead_prune(c);
	return rc;
}

/* What all nodes have that did not fall behind. */
uint64_t crawl_lowest(const struct crawl *c)
{
	uint64_t h = 0, top = 0;

	for (size_t i = 0; i < c->n_nodes; i++)
		if (crawl_usable(c, i) && c->nodes[i].height > top)
			top = c->nodes[i].height;
	for (size_t i = 0; i < c->n_nodes; i++)
		if (crawl_usable(c, i) && c->nodes[i].height + CRAWL_BEHIND >= top &&
		    (h == 0 || c->nodes[i].height < h))
			h = c->nodes[i].height;
	return h;
}
