/* Reorganisations. Every block names the one before it, so one block that still stands
 * proves that all below it do: the newest block is noted when a run begins and asked for
 * again when it ends, and when the next one begins. If another one stands there, what
 * the case has above the fork is taken out and read again. docs/crawl.md. */
#include "poll.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Heights that fall while they are asked for: the newest block is sought so often. */
#define TRIES 3u

#define META_ANCHOR "crawl_anchor"
#define META_NODE   "crawl_anchor_node"
#define META_FINAL  "crawl_final"
/* The answer that last showed the anchor to stand: what came before it is of its chain. */
#define META_SEEN "crawl_confirmed"

/* ---- what the case says of itself ------------------------------------------------ */

static enum xt_status get_number(struct crawl *c, const char *key, uint64_t *out,
				 struct xt_err *err)
{
	char text[24];
	const enum xt_status rc = store_meta_get(c->s, text, sizeof(text), key, err);

	*out = 0;
	if (rc != XT_OK || text[0] == '\0')
		return rc;
	return xt_parse_u64(out, text, UINT32_MAX, err);
}

static enum xt_status set_number(struct crawl *c, const char *key, uint64_t v,
				 struct xt_err *err)
{
	char text[24] = "";

	if (v != 0)
		(void)snprintf(text, sizeof(text), "%" PRIu64, v);
	return store_meta_set(c->s, key, text, err);
}

/* Block `stands` does while the chain is `chain_end` blocks long: what is 360 blocks below
 * its end stays. */
static enum xt_status set_final(struct crawl *c, uint64_t stands, uint64_t chain_end,
				struct xt_err *err)
{
	const uint64_t below =
	    chain_end > CRAWL_REWRITE_LIMIT ? chain_end - CRAWL_REWRITE_LIMIT : 0;
	const uint64_t final = stands < below ? stands : below;
	uint64_t now = 0;
	enum xt_status rc = get_number(c, META_FINAL, &now, err);

	if (rc != XT_OK || final <= now)
		return rc;
	return set_number(c, META_FINAL, final, err);
}

/* ---- taking out ----------------------------------------------------------------- */

static bool count_open(void *ctx, const struct store_crawl *s)
{
	(void)s;
	*(bool *)ctx = true;
	return false;
}

static enum xt_status tell(struct crawl *c, const struct store_rewind *r,
			   uint64_t anchor, uint64_t orphans, struct xt_err *err)
{
	struct store_incident i = { .time = c->answer_time, .answer = r->answer };

	(void)snprintf(i.what, sizeof(i.what), "reorganisation");
	(void)snprintf(i.text, sizeof(i.text),
		       "block %" PRIu64 " is another one now: what the case has above "
		       "block %" PRIu64 " (%" PRIu64 " transactions) is read again",
		       anchor, r->height, orphans);
	xt_log(c->sink, XT_LOG_WARN, "%s", i.text);
	return store_put_incident(c->s, &i, err);
}

static enum xt_status rewind_unit(struct crawl *c, const struct store_rewind *r,
				  uint64_t anchor, struct xt_err *err)
{
	struct nem_hash hash;
	bool waits = false, stands = false;
	uint64_t orphans = 0;
	enum xt_status rc = store_each_open(c->s, count_open, &waits, err);

	if (rc == XT_E_STOPPED)
		rc = XT_OK;
	if (rc == XT_OK)
		rc = store_rewind(c->s, r, &orphans, err);
	if (rc == XT_OK)
		rc = store_block_hash(c->s, r->height, &hash, &stands, err);
	if (rc == XT_OK)
		rc = set_number(c, META_ANCHOR, stands ? r->height : 0, err);
	/* The case was finished: what is new is looked for, although accounts wait. */
	if (rc == XT_OK && !waits)
		rc = store_meta_set(c->s, "crawl_update", "under way", err);
	if (rc == XT_OK && r->deep)
		rc = tell(c, r, anchor, orphans, err);
	return rc;
}

static enum xt_status take_out(struct crawl *c, uint64_t height, bool deep,
			       uint64_t anchor, int64_t answer, struct xt_err *err)
{
	const struct store_rewind r = {
		.height = height,
		.deep = deep,
		.answer = answer,
		.session = c->session,
	};
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = rewind_unit(c, &r, anchor, err);
	rc = crawl_end(c, rc, err);
	if (rc != XT_OK)
		return rc;
	crawl_links_free(&c->links);
	xt_map_free(c->scanned_tried);
	c->scanned_tried = NULL;
	rc = xt_map_new(&c->scanned_tried, err);
	if (rc != XT_OK)
		return rc;
	c->weighed = false;
	/* What was refused of the old chain is looked at again on the new one. */
	if (deep)
		c->rep.incidents = 0;
	crawl_reach_stale(c);
	return crawl_links_load(&c->links, c->s, err);
}

/* Does the node have the block that the case has there? */
static enum xt_status stands_at(struct crawl *c, size_t node, uint64_t height,
				bool *out, struct xt_err *err)
{
	struct nem_hash ours;
	bool found = false;
	struct poll p = { .votes = NULL };
	enum xt_status rc = store_block_hash(c->s, height, &ours, &found, err);

	if (rc == XT_OK)
		rc = crawl_poll(c, &p, height, node, err);
	*out = rc == XT_OK && found && crawl_votes_for(&p.votes[node], &ours);
	crawl_poll_release(&p);
	return rc;
}

/* The highest block below `anchor` that the case and the node have in common, or the
 * depth at which nothing changes any more. */
static enum xt_status find_fork(struct crawl *c, size_t node, uint64_t anchor,
				uint64_t *out, struct xt_err *err)
{
	const uint64_t limit =
	    anchor > CRAWL_REWRITE_LIMIT ? anchor - CRAWL_REWRITE_LIMIT : 0;
	uint64_t *v = NULL, seen = 0;
	size_t lo = 0, n = 0, hi;
	enum xt_status rc = get_number(c, META_SEEN, &seen, err);

	if (rc == XT_OK)
		rc = store_ancestors(c->s, limit == 0 ? 1 : limit, anchor,
				     (int64_t)seen, &v, &n, err);

	hi = n;
	/* v[0..lo) stand, v[hi..n) do not. */
	while (rc == XT_OK && !c->budget_spent && lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		bool stands = false;

		rc = stands_at(c, node, v[mid], &stands, err);
		if (stands)
			lo = mid + 1;
		else
			hi = mid;
	}
	*out = lo > 0 ? v[lo - 1] : limit;
	if (rc == XT_OK && lo == 0 && n > 0 && limit > 0 && v[0] == limit &&
	    !c->budget_spent)
		rc = xt_fail(err, XT_E_VERIFY,
			     "%s: block %" PRIu64 " is another one than the case's, "
			     "further down than a chain may be rewritten",
			     c->nodes[node].url, limit);
	free(v);
	return rc;
}

/* The block at `anchor` does not stand at `node`. */
static enum xt_status reorganise(struct crawl *c, uint64_t anchor, size_t node,
				 int64_t answer, struct xt_err *err)
{
	uint64_t fork = 0;
	enum xt_status rc = find_fork(c, node, anchor, &fork, err);

	if (rc != XT_OK || c->budget_spent)
		return rc;
	return take_out(c, fork, true, anchor, answer, err);
}

/* ---- the beginning of a run ------------------------------------------------------- */

/* The anchor of an earlier run, by the nodes of today; `newest` may be about it already.
 * *gone: it was, and is not. */
static enum xt_status check_old(struct crawl *c, uint64_t anchor, bool lower,
				const struct poll *newest, bool *gone,
				struct xt_err *err)
{
	struct poll asked = { .votes = NULL };
	const struct poll *p = newest->height == anchor ? newest : &asked;
	char had[256];
	struct nem_hash ours;
	struct count n;
	bool found = false, above = false;
	enum xt_status rc = store_block_hash(c->s, anchor, &ours, &found, err);

	*gone = false;
	if (rc != XT_OK || !found)
		return rc;
	rc = store_meta_get(c->s, had, sizeof(had), META_NODE, err);
	if (rc == XT_OK && p == &asked)
		rc = crawl_poll(c, &asked, anchor, SIZE_MAX, err);
	if (rc != XT_OK || c->budget_spent)
		goto out;
	n = crawl_votes_count(c, p, &ours, had);
	*gone = n.other > n.same;
	if (n.same > 0 && n.other > 0)
		rc = crawl_drop_fork(c, p, &ours, *gone, err);
	if (rc == XT_OK && *gone)
		rc = reorganise(c, anchor, n.first_other, n.answer, err);
	else if (rc == XT_OK && n.same > 0 && !lower)
		rc = store_above(c->s, &above, anchor, err);
	/* What came after that block while it was the newest was never confirmed. */
	if (rc == XT_OK && above)
		rc = take_out(c, anchor, false, anchor, n.answer, err);
out:
	crawl_poll_release(&asked);
	return rc;
}

static enum xt_status put_anchor(struct crawl *c, const struct vote *v, size_t node,
				 uint64_t old, bool is_new, struct xt_err *err)
{
	const uint64_t height = v->block.height;
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = store_put_block(c->s, &v->block, false, NULL, v->answer, err);
	if (rc == XT_OK)
		rc = set_number(c, META_ANCHOR, height, err);
	if (rc == XT_OK)
		rc = store_meta_set(c->s, META_NODE, c->nodes[node].url, err);
	if (rc == XT_OK && old != 0)
		rc = set_final(c, old, height, err);
	rc = crawl_end(c, rc, err);
	if (crawl_is_conflict(rc)) {
		const struct xt_err why = *err;

		/* The case has something at that height which the block does not. */
		rc = CRAWL_BEGIN(c, err);
		if (rc != XT_OK)
			return rc;
		rc = crawl_incident(c, node, c->nodes[node].url, v->answer, "block",
				    NULL, crawl_reason(c, &why), err);
		return crawl_end(c, rc, err);
	}
	if (rc != XT_OK)
		return rc;
	c->anchor = height;
	c->anchored = c->n_kept;
	c->rep.blocks += is_new;
	return XT_OK;
}

/* The nodes of today end below the anchor: the highest block under it that they should
 * have. 0: the case has none. */
static enum xt_status lower_anchor(struct crawl *c, uint64_t anchor, uint64_t top,
				   uint64_t *out, struct xt_err *err)
{
	uint64_t *v = NULL, seen = 0;
	size_t n = 0;
	enum xt_status rc = get_number(c, META_SEEN, &seen, err);

	if (rc == XT_OK)
		rc = store_ancestors(c->s, 1, anchor, (int64_t)seen, &v, &n, err);
	while (n > 0 && v[n - 1] > top)
		n--;
	*out = n > 0 ? v[n - 1] : 0;
	free(v);
	return rc;
}

/* One try; *done: there is nothing more to try. */
static enum xt_status try_anchor(struct crawl *c, bool *done, struct xt_err *err)
{
	struct poll p = { .votes = NULL };
	struct nem_hash ours;
	bool has_ours = false, gone = false, lower;
	const uint64_t top = crawl_lowest(c);
	uint64_t old = 0;
	size_t best;
	enum xt_status rc = get_number(c, META_ANCHOR, &old, err);

	if (rc == XT_OK)
		rc = store_block_hash(c->s, top, &ours, &has_ours, err);
	if (rc == XT_OK)
		rc = crawl_poll(c, &p, top, SIZE_MAX, err);
	if (rc != XT_OK || c->budget_spent)
		goto out;
	best = crawl_votes_winner(c, &p, &ours, has_ours);
	if (best == SIZE_MAX) {
		/* The chain became shorter meanwhile, or no node gives blocks. */
		struct poll heights = { .votes = NULL };

		rc = crawl_poll(c, &heights, 0, SIZE_MAX, err);
		*done = crawl_lowest(c) == top;
		goto out;
	}
	lower = old > top;
	if (old != 0)
		rc = check_old(c, old, lower, &p, &gone, err);
	if (rc == XT_OK && lower && !gone)
		rc = lower_anchor(c, old, top, &old, err);
	if (rc == XT_OK && lower && !gone && old != 0)
		rc = check_old(c, old, lower, &p, &gone, err);
	if (rc != XT_OK || gone || c->budget_spent)
		goto out;
	rc = crawl_drop_fork(c, &p, &p.votes[best].block.hash, false, err);
	if (rc != XT_OK)
		goto out;
	*done = true;
	for (size_t i = 0; i < c->n_nodes; i++)
		c->nodes[i].anchored =
		    !lower && crawl_votes_for(&p.votes[i], &p.votes[best].block.hash);
	/* A node that is behind the one of the last time: that one's block is kept. */
	if (lower) {
		c->anchor = old;
		c->anchored = c->n_kept;
	} else {
		rc = put_anchor(c, &p.votes[best], best, old, !has_ours, err);
	}
out:
	crawl_poll_release(&p);
	return rc;
}

enum xt_status crawl_anchor(struct crawl *c, struct xt_err *err)
{
	bool done = false;
	enum xt_status rc = XT_OK;

	c->anchor = 0;
	for (unsigned i = 0; rc == XT_OK && !done && i < TRIES && !c->budget_spent; i++)
		rc = try_anchor(c, &done, err);
	return rc;
}

/* ---- the end ------------------------------------------------------------------------
 */

static enum xt_status confirm_final(struct crawl *c, int64_t answer, struct xt_err *err)
{
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = set_final(c, c->anchor, crawl_lowest(c), err);
	if (rc == XT_OK)
		rc = set_number(c, META_SEEN, (uint64_t)answer, err);
	return crawl_end(c, rc, err);
}

enum xt_status crawl_confirm(struct crawl *c, bool *again, struct xt_err *err)
{
	struct poll p = { .votes = NULL };
	struct poll heights = { .votes = NULL };
	struct nem_hash ours;
	struct count n;
	bool found = false;
	enum xt_status rc;

	/* Nothing came since. */
	if (c->anchor == 0 || c->n_kept == c->anchored)
		return XT_OK;
	rc = store_block_hash(c->s, c->anchor, &ours, &found, err);
	if (rc == XT_OK)
		rc = crawl_poll(c, &p, c->anchor, SIZE_MAX, err);
	if (rc != XT_OK || c->budget_spent)
		goto out;
	n = crawl_votes_count(c, &p, &ours, NULL);
	if (n.other == 0) {
		rc = n.same > 0 ? confirm_final(c, n.answer, err) : XT_OK;
		goto out;
	}
	/* Also if most still have it: the others gave a part of what was read. */
	rc = reorganise(c, c->anchor, n.first_other, n.answer, err);
	if (rc == XT_OK && n.same > 0)
		rc = crawl_drop_fork(c, &p, &ours, n.other > n.same, err);
	if (rc == XT_OK && !c->budget_spent)
		rc = crawl_poll(c, &heights, 0, SIZE_MAX, err);
	if (rc == XT_OK && !c->budget_spent)
		rc = crawl_anchor(c, err);
	*again = rc == XT_OK;
out:
	crawl_poll_release(&p);
	return rc;
}
