/* Whole blocks of a window of heights, from a node of one's own ten at a time, else one
 * by one: every account's transactions in it, in their order, with their times. */
#include "internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What a node gives at once. */
#define CHUNK 10u

struct scan {
	struct store_span *gaps;
	size_t n_gaps, at;
	uint64_t next; /* of gaps[at]; 0: its first */
	bool from_1;   /* every importance transaction below is known */
	uint64_t failed;
};

struct scan_job {
	struct job base; /* first */
	struct scan *scan;
	uint64_t next, last;
	bool local; /* the present request is one for several blocks */
};

static bool asks_several(const struct crawl *c, size_t node, uint64_t next)
{
	/* Nothing comes before block 1: it cannot be asked for as the one after. */
	return c->nodes[node].local != LOCAL_NO && next > 1;
}

static enum xt_status scan_ask(struct crawl *c, struct job *j, struct nis_request *r,
			       bool *more, struct xt_err *err)
{
	struct scan_job *b = (struct scan_job *)j;

	(void)err;
	if (b->next > b->last) {
		*more = false;
		return XT_OK;
	}
	b->local = asks_several(c, j->node, b->next);
	if (b->local)
		nis_req_blocks_after(r, b->next - 1);
	else
		nis_req_block(r, b->next);
	return XT_OK;
}

static enum xt_status scan_refused(struct crawl *c, struct job *j, bool *handled,
				   struct xt_err *err)
{
	const struct scan_job *b = (const struct scan_job *)j;

	(void)err;
	*handled = b->local;
	if (!b->local)
		return XT_OK;
	c->nodes[j->node].local = LOCAL_NO;
	xt_log(c->sink, XT_LOG_INFO,
	       "%s gives lists of blocks to its own machine only: one by one",
	       c->nodes[j->node].url);
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

/* ---- blocks of an answer -------------------------------------------------------- */

struct blocks {
	struct nem_checked_block v[CHUNK];
	struct nem_address beneficiaries[CHUNK]; /* "" unknown */
	size_t n;
};

static void release_blocks(struct blocks *b)
{
	for (size_t i = 0; i < b->n; i++)
		nem_checked_block_release(&b->v[i]);
	b->n = 0;
}

/* The hash that a neighbour of the case wants the block to have or to name. */
static enum xt_status link_below(struct crawl *c, uint64_t height,
				 const struct blocks *have, struct nem_hash *out,
				 bool *found, struct xt_err *err)
{
	if (have->n > 0) {
		*out = have->v[have->n - 1].hash;
		*found = true;
		return XT_OK;
	}
	*found = false;
	return height == 1 ? XT_OK
			   : store_block_hash(c->s, height - 1, out, found, err);
}

/* Takes `raw`. What is wrong with the block is in `why`. */
static enum xt_status check_one(struct crawl *c, const struct scan_job *b,
				struct blocks *out, struct nem_block *raw,
				const struct nem_hash *claimed, struct xt_err *why,
				struct xt_err *err)
{
	const uint64_t height = raw->height;
	struct nem_hash below;
	bool linked = false;
	enum xt_status rc;

	if (height != b->next + out->n) {
		nem_block_release(raw);
		return xt_fail(why, XT_E_VERIFY,
			       "height: %" PRIu64
			       " was asked for, the block says %" PRIu64,
			       b->next + out->n, height);
	}
	rc = link_below(c, height, out, &below, &linked, err);
	if (rc != XT_OK) {
		nem_block_release(raw);
		return rc;
	}
	rc = nem_check_block_take(&out->v[out->n], raw, c->net, linked ? &below : NULL,
				  why);
	if (rc != XT_OK)
		return rc;
	out->n++;
	if (claimed == NULL ||
	    memcmp(claimed->b, out->v[out->n - 1].hash.b, sizeof(claimed->b)) == 0)
		return XT_OK;
	return xt_fail(why, XT_E_VERIFY,
		       "block %" PRIu64 ": hash: not that of its content", height);
}

static enum xt_status read_several(struct crawl *c, const struct scan_job *b,
				   struct blocks *out, const struct nis_answer *a,
				   struct xt_err *why, struct xt_err *err)
{
	struct nis_block_list list = { 0 };
	enum xt_status rc = nis_decode_blocks_after(&list, a->body, a->len, why);

	if (rc == XT_OK && list.n == 0)
		rc = xt_fail(why, XT_E_VERIFY, "data: no block after %" PRIu64,
			     b->next - 1);
	for (size_t i = 0; rc == XT_OK && i < list.n && b->next + i <= b->last; i++) {
		out->beneficiaries[i] = list.beneficiaries[i];
		rc = check_one(c, b, out, &list.v[i], &list.hashes[i], why, err);
	}
	nis_block_list_release(&list);
	return rc;
}

static enum xt_status read_answer(struct crawl *c, const struct scan_job *b,
				  struct blocks *out, const struct nis_answer *a,
				  struct xt_err *why, struct xt_err *err)
{
	struct nem_block raw = { 0 };
	enum xt_status rc;

	if (b->local)
		return read_several(c, b, out, a, why, err);
	rc = nis_decode_block(&raw, a->body, a->len, why);
	if (rc != XT_OK)
		return rc;
	return check_one(c, b, out, &raw, NULL, why, err);
}

/* ---- storing -------------------------------------------------------------------- */

/* Whom the fees went to: by a link that the case proves; by the node's word; the signer,
 * if every link there was is known. Else unknown, and not booked. */
static bool beneficiary(const struct crawl *c, const struct scan *scan,
			const struct nem_checked_block *b,
			const struct nem_address *claimed, struct nem_address *out)
{
	const struct nem_address *owner;
	struct nem_address signer;

	nem_address_from_pubkey(&signer, c->net, &b->signer);
	owner = crawl_links_owner(&c->links, &signer, b->height);
	if (owner != NULL)
		*out = *owner;
	else if (scan->from_1)
		*out = signer;
	else if (claimed->s[0] != '\0')
		*out = *claimed;
	else
		return false;
	return true;
}

static enum xt_status store_blocks(struct crawl *c, const struct scan_job *b,
				   const struct blocks *blocks,
				   const struct nis_answer *a, struct xt_err *err)
{
	int64_t id = 0;
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = crawl_keep(c, b->base.node, a, &id, err);
	for (size_t i = 0; rc == XT_OK && i < blocks->n; i++) {
		const struct nem_checked_block *v = &blocks->v[i];
		struct nem_address who;
		const bool known =
		    beneficiary(c, b->scan, v, &blocks->beneficiaries[i], &who);

		rc = store_put_block(c->s, v, true, known ? &who : NULL, id, err);
		for (uint32_t k = 0; rc == XT_OK && k < v->n_txs; k++)
			rc = crawl_links_add(&c->links, &v->txs[k].tx, v->height, err);
		c->rep.txs_new += v->n_txs;
		c->rep.blocks++;
	}
	return crawl_end(c, rc, err);
}

static enum xt_status scan_take(struct crawl *c, struct job *j,
				const struct nis_answer *a, enum nis_verdict verdict,
				struct xt_err *err)
{
	struct scan_job *b = (struct scan_job *)j;
	struct xt_err why = { .code = XT_OK };
	struct blocks blocks = { .n = 0 };
	enum xt_status rc;

	if (verdict != NIS_USE)
		return refuse(c, j, a, "absent", "the node has no block of that height",
			      err);
	rc = read_answer(c, b, &blocks, a, &why, err);
	if (rc == XT_OK) {
		if (b->local)
			c->nodes[j->node].local = LOCAL_YES;
		rc = store_blocks(c, b, &blocks, a, err);
		if (crawl_is_conflict(rc)) {
			why = *err;
			(void)snprintf(why.text, sizeof(why.text), "%s",
				       crawl_reason(c, err));
		}
	}
	if (rc == XT_OK) {
		b->next += blocks.n;
		c->scan_done += blocks.n;
	}
	release_blocks(&blocks);
	if (rc == XT_OK || why.code == XT_OK)
		return rc;
	if (rc == XT_E_NOMEM || rc == XT_E_BUG)
		return xt_fail(err, rc, "%s", why.text);
	return refuse(c, j, a, rc == XT_E_DATA ? "decode" : "block", why.text, err);
}

static enum xt_status scan_moved(struct crawl *c, struct job *j, struct xt_err *err)
{
	(void)c;
	(void)j;
	(void)err;
	return XT_OK;
}

static enum xt_status scan_give_up(struct crawl *c, struct job *j, const char *what,
				   const char *why, struct xt_err *err)
{
	struct scan_job *b = (struct scan_job *)j;

	(void)err;
	b->scan->failed += b->last - b->next + 1;
	/* Whom later blocks belong to may stand in those that are missing. */
	b->scan->from_1 = false;
	xt_log(c->sink, XT_LOG_WARN, "blocks %" PRIu64 " to %" PRIu64 ": %s: %s",
	       b->next, b->last, what, why);
	return XT_OK;
}

static void scan_free(struct job *j)
{
	free(j);
}

static const struct job_ops scan_ops = {
	.what = "blocks",
	.refused = scan_refused,
	.ask = scan_ask,
	.take = scan_take,
	.moved = scan_moved,
	.give_up = scan_give_up,
	.free = scan_free,
};

/* ---- the window ----------------------------------------------------------------- */

/* The chunk that begins at `next`, of gap `at`; both go on to the one after. */
static bool next_chunk(const struct scan *s, size_t *at, uint64_t *next,
		       struct store_span *out)
{
	if (*at == s->n_gaps)
		return false;
	out->first = *next == 0 ? s->gaps[*at].first : *next;
	/* Block 1 has a way of its own. */
	out->last = out->first == 1 ? 1 : out->first + CHUNK - 1;
	*next = out->last + 1;
	if (out->last >= s->gaps[*at].last) {
		out->last = s->gaps[*at].last;
		*next = 0;
		++*at;
	}
	return true;
}

static enum xt_status scan_next(struct crawl *c, void *ctx, struct job **job,
				struct xt_err *err)
{
	struct scan *s = ctx;
	struct store_span chunk;
	struct scan_job *b;

	if (!next_chunk(s, &s->at, &s->next, &chunk))
		return XT_OK;
	b = xt_calloc(1, sizeof(*b));
	if (b == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for blocks");
	b->base.ops = &scan_ops;
	b->base.key = (int64_t)chunk.first;
	b->scan = s;
	b->next = chunk.first;
	b->last = chunk.last;
	if (!crawl_node_for(c, &b->base.node, chunk.first / CHUNK, chunk.last)) {
		free(b);
		return xt_fail(err, XT_E_NET, "no node is left: %s", c->last.text);
	}
	*job = &b->base;
	return XT_OK;
}

static bool scan_foresee(const struct crawl *c, struct ahead *a,
			 const struct nis_answer *last, struct nis_request *out)
{
	const uint64_t next = a->value, end = a->state.top_height;

	(void)last;
	if (next > end || c->nodes[a->node].local == LOCAL_UNKNOWN)
		return false;
	if (asks_several(c, a->node, next)) {
		nis_req_blocks_after(out, next - 1);
		a->value = end + 1;
	} else {
		nis_req_block(out, next);
		a->value++;
	}
	return true;
}

static enum xt_status scan_peek(struct crawl *c, void *ctx, struct xt_err *err)
{
	const struct scan *s = ctx;
	struct store_span chunk;
	size_t at = s->at;
	uint64_t next = s->next;
	enum xt_status rc = XT_OK;

	while (rc == XT_OK && crawl_ahead_wants(c) &&
	       next_chunk(s, &at, &next, &chunk)) {
		struct ahead plan = {
			.key = (int64_t)chunk.first,
			.foresee = scan_foresee,
			.value = chunk.first,
			.state = { .top_height = chunk.last },
		};

		if (!crawl_node_for(c, &plan.node, chunk.first / CHUNK, chunk.last) ||
		    c->nodes[plan.node].local == LOCAL_UNKNOWN)
			break;
		rc = crawl_ahead_add(c, &plan, err);
	}
	return rc;
}

/* ---- what follows from whole blocks --------------------------------------------- */

/* Every link of a chain that is known from block 1 on is known: what could not be booked
 * when later blocks came first is booked now. */
static enum xt_status book(struct crawl *c, uint64_t last, struct xt_err *err)
{
	struct store_unbooked *v = NULL;
	size_t n = 0;
	enum xt_status rc = store_unbooked(c->s, last, &v, &n, err);

	for (size_t i = 0; rc == XT_OK && i < n; i++) {
		const struct nem_address *owner;
		struct nem_address signer;

		nem_address_from_pubkey(&signer, c->net, &v[i].signer);
		owner = crawl_links_owner(&c->links, &signer, v[i].height);
		rc = store_put_harvest(c->s, owner != NULL ? owner : &signer,
				       v[i].height, v[i].nem_time, v[i].fees,
				       v[i].answer, err);
	}
	free(v);
	return rc;
}

struct finish {
	struct store_account *v;
	size_t n, cap;
	enum xt_status rc;
	struct xt_err *err;
};

static bool is_ours(const struct store_account *a)
{
	return strncmp(a->reason, CRAWL_WHOLE, sizeof(CRAWL_WHOLE) - 1) == 0;
}

static bool add_account(void *ctx, const struct store_account *a)
{
	struct finish *f = ctx;

	if (!nem_party_is_address(&a->party) ||
	    (!a->has_balance && !is_ours(a) &&
	     (a->state == STORE_COMPLETE || a->state == STORE_INCOMPLETE)) ||
	    (a->has_balance && a->state == STORE_COMPLETE))
		return true;
	if (f->n == f->cap) {
		const size_t cap = f->cap == 0 ? 256 : f->cap * 2;
		struct store_account *v = xt_reallocarray(f->v, cap, sizeof(*v));

		if (v == NULL) {
			f->rc =
			    xt_fail(f->err, XT_E_NOMEM, "out of memory for accounts");
			return false;
		}
		f->v = v;
		f->cap = cap;
	}
	f->v[f->n++] = *a;
	return true;
}

/* Signed difference of two sums, "" if there is none. */
static void difference(char out[44], xt_u128 have, xt_u128 want)
{
	char number[40];

	out[0] = '\0';
	if (have == want)
		return;
	xt_u128_format(number, have < want ? want - have : have - want);
	(void)snprintf(out, 44, "%s%s", have < want ? "-" : "", number);
}

static enum xt_status finish_account(struct crawl *c, struct store_account *a,
				     uint64_t last, struct xt_err *err)
{
	const bool pinned = a->has_balance;
	const bool waited = a->state == STORE_OPEN;
	struct store_sums sums;
	xt_u128 have, want;
	enum xt_status rc;

	/* A balance that belongs to a height beyond: the list will have to do. */
	if (pinned && a->balance_height > last)
		return XT_OK;
	rc = store_account_sums(c->s, &sums, a->id, pinned ? a->balance_height : last,
				err);
	if (rc != XT_OK)
		return rc;
	have = sums.in + sums.harvest + (a->has_opening ? a->opening_uxem : 0);
	want = sums.out + (pinned ? a->balance_uxem : 0);
	a->difference[0] = '\0';
	a->reason[0] = '\0';
	a->state = STORE_COMPLETE;
	if (pinned ? have != want : have < want) {
		a->state = STORE_INCOMPLETE;
		difference(a->difference, have, want);
	}
	if (!pinned)
		(void)snprintf(a->reason, sizeof(a->reason),
			       CRAWL_WHOLE "%" PRIu64 "%s", last,
			       a->state == STORE_COMPLETE
				   ? ""
				   : ": it paid more than it got: it held something "
				     "before block 1");
	else if (a->state == STORE_INCOMPLETE)
		(void)snprintf(a->reason, sizeof(a->reason),
			       "sums: against the balance, with all blocks up to "
			       "%" PRIu64,
			       last);
	if (waited)
		c->accounts_waiting--;
	return store_account_update(c->s, a, err);
}

/* The chain is known from block 1 to `last`: so is every account. */
static enum xt_status finish_accounts(struct crawl *c, uint64_t last,
				      struct xt_err *err)
{
	struct finish f = { .rc = XT_OK, .err = err };
	enum xt_status rc = store_each_account(c->s, add_account, &f, err);

	if (f.rc != XT_OK)
		rc = f.rc;
	for (size_t i = 0; rc == XT_OK && i < f.n; i++)
		rc = finish_account(c, &f.v[i], last, err);
	free(f.v);
	return rc;
}

static enum xt_status conclude(struct crawl *c, uint64_t from, uint64_t to,
			       struct xt_err *err)
{
	uint64_t last = 0;
	enum xt_status rc = store_whole_chain(c->s, &last, err);

	if (rc == XT_OK)
		rc = CRAWL_BEGIN(c, err);
	if (rc != XT_OK)
		return rc;
	if (last >= from) {
		rc = book(c, last, err);
		if (rc == XT_OK)
			rc = finish_accounts(c, last, err);
	} else {
		rc = store_note_window(c->s, from, to, err);
	}
	return crawl_end(c, rc, err);
}

static uint64_t highest(const struct crawl *c)
{
	uint64_t h = 0;

	for (size_t i = 0; i < c->n_nodes; i++)
		if (crawl_usable(c, i) && c->nodes[i].height > h)
			h = c->nodes[i].height;
	return h;
}

enum xt_status crawl_scan(struct crawl *c, struct xt_err *err)
{
	struct scan s = { .at = 0 };
	const struct crawl_source source = { scan_next, scan_peek, &s };
	const uint64_t from = c->opt->scan_from, top = highest(c);
	uint64_t to = c->opt->scan_to, whole = 0, missing = 0;
	enum xt_status rc;

	if (from == 0)
		return XT_OK;
	if (to == 0 || to > top)
		to = top;
	if (c->opt->scan_to > to || from > to)
		xt_log(c->sink, XT_LOG_WARN, "the chain ends with block %" PRIu64, top);
	if (from > to)
		return XT_OK;
	rc = store_whole_chain(c->s, &whole, err);
	if (rc == XT_OK)
		rc = store_block_gaps(c->s, from, to, &s.gaps, &s.n_gaps, err);
	s.from_1 = whole + 1 >= from;
	for (size_t i = 0; i < s.n_gaps; i++)
		missing += s.gaps[i].last - s.gaps[i].first + 1;
	c->scan_total = to - from + 1;
	c->scan_done = c->scan_total - missing;
	if (rc == XT_OK)
		rc = crawl_pump(c, &source, err);
	if (rc == XT_OK && !c->budget_spent)
		(void)crawl_show(c, true, NULL);
	c->scan_total = 0;
	if (rc == XT_OK && !c->budget_spent)
		rc = conclude(c, from, to, err);
	free(s.gaps);
	return rc;
}
