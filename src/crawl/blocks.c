/* Blocks for order and time: those that the store wants, once the accounts are read. */
#include "internal.h"

#include <inttypes.h>
#include <stdlib.h>

struct heights {
	uint64_t *v;
	size_t n, next;
	/* The block before, for the link, if it was the one below. */
	bool has_prev;
	uint64_t prev_height;
	struct nem_hash prev;
};

struct block_job {
	struct job base; /* first */
	struct heights *all;
	uint64_t height;
	bool taken;
};

static enum xt_status block_ask(struct crawl *c, struct job *j, struct nis_request *r,
				bool *more, struct xt_err *err)
{
	const struct block_job *b = (const struct block_job *)j;

	(void)c;
	(void)err;
	if (b->taken)
		*more = false;
	else
		nis_req_block(r, b->height);
	return XT_OK;
}

static enum xt_status refuse(struct crawl *c, struct job *j, const struct nis_answer *a,
			     const char *what, const char *why, struct xt_err *err)
{
	const enum xt_status rc = crawl_refuse(c, j->node, a, what, NULL, why, err);

	if (rc != XT_OK)
		return rc;
	return crawl_elsewhere(c, j, what, why, err);
}

static enum xt_status store_block(struct crawl *c, size_t node,
				  const struct nis_answer *a,
				  const struct nem_checked_block *b, struct xt_err *err)
{
	int64_t id;
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = crawl_keep(c, node, a, &id, err);
	if (rc == XT_OK)
		rc = store_put_block(c->s, b, false, NULL, id, err);
	return crawl_end(c, rc, err);
}

static enum xt_status block_take(struct crawl *c, struct job *j,
				 const struct nis_answer *a, enum nis_verdict verdict,
				 struct xt_err *err)
{
	struct block_job *b = (struct block_job *)j;
	struct heights *all = b->all;
	struct nem_checked_block checked = { 0 };
	struct xt_err why = { .code = XT_OK };
	struct nem_block block = { 0 };
	char text[120];
	enum xt_status rc;

	if (verdict != NIS_USE)
		return refuse(c, j, a, "absent", "the node has no block of that height",
			      err);
	rc = nis_decode_block(&block, a->body, a->len, &why);
	if (rc != XT_OK)
		return refuse(c, j, a, "decode", why.text, err);
	if (block.height != b->height) {
		(void)snprintf(text, sizeof(text),
			       "height: %" PRIu64
			       " was asked for, the block says %" PRIu64,
			       b->height, block.height);
		nem_block_release(&block);
		return refuse(c, j, a, "block", text, err);
	}
	rc = nem_check_block_take(
	    &checked, &block, c->net,
	    all->has_prev && all->prev_height + 1 == b->height ? &all->prev : NULL,
	    &why);
	if (rc == XT_E_NOMEM || rc == XT_E_BUG)
		return xt_fail(err, rc, "%s", why.text);
	if (rc != XT_OK)
		return refuse(c, j, a, "block", why.text, err);
	rc = store_block(c, j->node, a, &checked, err);
	all->has_prev = rc == XT_OK;
	all->prev_height = checked.height;
	all->prev = checked.hash;
	nem_checked_block_release(&checked);
	if (crawl_is_conflict(rc)) {
		why = *err;
		return refuse(c, j, a, "block", crawl_reason(c, &why), err);
	}
	b->taken = true;
	c->rep.blocks++;
	return rc;
}

static enum xt_status block_moved(struct crawl *c, struct job *j, struct xt_err *err)
{
	(void)c;
	(void)j;
	(void)err;
	return XT_OK;
}

static enum xt_status block_give_up(struct crawl *c, struct job *j, const char *what,
				    const char *why, struct xt_err *err)
{
	(void)err;
	xt_log(c->sink, XT_LOG_WARN,
	       "block %" PRIu64 ": %s: %s; its order and time stay assumed",
	       ((const struct block_job *)j)->height, what, why);
	return XT_OK;
}

static void block_free(struct job *j)
{
	free(j);
}

static const struct job_ops block_ops = {
	.what = "block",
	.ask = block_ask,
	.take = block_take,
	.moved = block_moved,
	.give_up = block_give_up,
	.free = block_free,
};

static enum xt_status block_source(struct crawl *c, void *ctx, struct job **job,
				   struct xt_err *err)
{
	struct heights *all = ctx;
	struct block_job *b;

	if (all->next == all->n)
		return XT_OK;
	b = xt_calloc(1, sizeof(*b));
	if (b == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for a block");
	b->base.ops = &block_ops;
	b->all = all;
	b->height = all->v[all->next++];
	b->base.key = (int64_t)b->height;
	if (!crawl_node_for(c, &b->base.node, b->height, b->height)) {
		free(b);
		return xt_fail(err, XT_E_NET, "no node is left: %s", c->last.text);
	}
	*job = &b->base;
	return XT_OK;
}

static bool block_foresee(const struct crawl *c, struct ahead *a,
			  const struct nis_answer *last, struct nis_request *out)
{
	(void)c;
	if (last != NULL)
		return false;
	nis_req_block(out, (uint64_t)a->key);
	return true;
}

static enum xt_status block_peek(struct crawl *c, void *ctx, struct xt_err *err)
{
	const struct heights *all = ctx;
	enum xt_status rc = XT_OK;

	for (size_t i = all->next; rc == XT_OK && i < all->n; i++) {
		struct ahead plan = {
			.key = (int64_t)all->v[i],
			.foresee = block_foresee,
		};

		if (!crawl_ahead_wants(c) ||
		    !crawl_node_for(c, &plan.node, all->v[i], all->v[i]))
			break;
		rc = crawl_ahead_add(c, &plan, err);
	}
	return rc;
}

enum xt_status crawl_blocks(struct crawl *c, struct xt_err *err)
{
	struct heights all = { 0 };
	const struct crawl_source source = { block_source, block_peek, &all };
	enum xt_status rc;

	if (c->opt->blocks == CRAWL_BLOCKS_NONE)
		return XT_OK;
	rc = store_heights_wanted(c->s, c->opt->blocks == CRAWL_BLOCKS_NEEDED, &all.v,
				  &all.n, err);
	if (rc == XT_OK)
		rc = crawl_pump(c, &source, err);
	free(all.v);
	return rc;
}
