#include "internal.h"

#include <string.h>
#include <time.h>

/* Longest sleep before the stop flag is looked at again. */
#define SLICE_MS         50u
#define BACKOFF_FIRST_MS 500u
#define BACKOFF_MAX_MS   30000u

uint64_t crawl_now_ms(const struct crawl *c)
{
	return c->clock->monotonic_ms(c->clock->ctx);
}

uint64_t crawl_backoff_ms(uint64_t tag, unsigned tries)
{
	uint64_t ms = BACKOFF_MAX_MS;
	uint64_t x = tag * UINT64_C(0x9E3779B97F4A7C15) + tries;

	if (tries < 6)
		ms = (uint64_t)BACKOFF_FIRST_MS << tries;
	/* splitmix64: spreads neighbouring tags. */
	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	x ^= x >> 31;
	return ms / 2 + x % (ms / 2 + 1);
}

/* ---- nodes
 * --------------------------------------------------------------------------- */

/* Time here is that of the answers, so that a session can be repeated from them. */
bool crawl_usable(const struct crawl *c, size_t node)
{
	const struct crawl_node *n = &c->nodes[node];

	return n->live && (!n->resting || c->now >= n->rest_until);
}

size_t crawl_live_nodes(const struct crawl *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_nodes; i++)
		n += crawl_usable(c, i);
	return n;
}

bool crawl_other_node(const struct crawl *c, size_t *node, uint64_t tried)
{
	for (size_t i = 0; i < c->n_nodes; i++) {
		if (!crawl_usable(c, i) || (tried >> i & 1) != 0)
			continue;
		*node = i;
		return true;
	}
	return false;
}

static size_t usable_from(const struct crawl *c, uint64_t height)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_nodes; i++)
		n += crawl_usable(c, i) && c->nodes[i].height >= height;
	return n;
}

bool crawl_node_for(const struct crawl *c, size_t *node, uint64_t key, uint64_t height)
{
	size_t n = usable_from(c, height), skip;

	if (n == 0) {
		height = 0;
		n = usable_from(c, height);
	}
	if (n == 0)
		return false;
	skip = (size_t)(key % n);
	for (size_t i = 0; i < c->n_nodes; i++) {
		if (!crawl_usable(c, i) || c->nodes[i].height < height || skip-- > 0)
			continue;
		*node = i;
		break;
	}
	return true;
}

/* For `status`; a unit of its own. */
static enum xt_status keep_rest(struct crawl *c, const struct crawl_node *n,
				int64_t seconds, const char *why, struct xt_err *err)
{
	struct store_rest row = {
		.session = c->session,
		.time = c->now,
		.seconds = n->resting ? (uint64_t)seconds : 0,
	};
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	memcpy(row.node, n->url, sizeof(row.node));
	(void)snprintf(row.why, sizeof(row.why), "%s", why);
	rc = store_put_rest(c->s, &row, err);
	return crawl_end(c, rc, err);
}

enum xt_status crawl_drop_node(struct crawl *c, size_t node, const char *why,
			       struct xt_err *err)
{
	struct crawl_node *n = &c->nodes[node];
	const int64_t rest = (int64_t)CRAWL_REST_S << n->rests;
	enum xt_status rc;

	if (!crawl_usable(c, node))
		return XT_OK;
	n->resting = n->greeted && ++n->rests <= CRAWL_RESTS;
	n->live = n->resting;
	n->rest_until = c->now + rest;
	c->rep.node_failed = true;
	rc = keep_rest(c, n, rest, why, err);
	if (rc != XT_OK)
		return rc;
	(void)xt_fail(&c->last, XT_E_NET, "%s", why);
	if (crawl_live_nodes(c) == 0)
		return xt_fail(err, XT_E_NET, "no node is left: %s", why);
	if (n->resting)
		xt_log(c->sink, XT_LOG_WARN, "node %s rests for %lld seconds: %s",
		       n->url, (long long)rest, why);
	else
		xt_log(c->sink, XT_LOG_WARN, "node %s is given up for this run: %s",
		       n->url, why);
	crawl_ahead_prune(c);
	return XT_OK;
}

enum xt_status crawl_elsewhere(struct crawl *c, struct job *j, const char *what,
			       const char *why, struct xt_err *err)
{
	size_t node;

	j->tried |= UINT64_C(1) << j->node;
	j->tries = 0;
	j->wait_until = 0;
	j->has_request = false;
	if (!crawl_other_node(c, &node, j->tried)) {
		j->done = true;
		return j->ops->give_up(c, j, what, why, err);
	}
	j->node = node;
	return j->ops->moved(c, j, err);
}

/* ---- stop
 * -------------------------------------------------------------------- */

enum xt_status crawl_check_stop(struct crawl *c, struct xt_err *err)
{
	if (c->opt->stop != NULL && *c->opt->stop != 0)
		return xt_fail(err, XT_E_STOPPED,
			       "stopped; the case is consistent, run again to go on");
	return XT_OK;
}

/* ---- the job
 * ---------------------------------------------------------------------------- */

static void sleep_ms(uint64_t ms)
{
	const struct timespec t = { .tv_sec = (time_t)(ms / 1000),
				    .tv_nsec = (long)(ms % 1000) * 1000000L };

	(void)nanosleep(&t, NULL);
}

/* Say what the job wants to ask, unless it must wait: then *wait is lowered. */
static enum xt_status ask(struct crawl *c, struct job *j, uint64_t *wait,
			  struct xt_err *err)
{
	const uint64_t now = crawl_now_ms(c);
	bool more = true;
	enum xt_status rc;

	if (!j->has_request) {
		memset(&j->request, 0, sizeof(j->request));
		rc = j->ops->ask(c, j, &j->request, &more, err);
		if (rc != XT_OK)
			return rc;
		j->done = j->done || !more;
		if (j->done)
			return XT_OK;
		j->has_request = true;
		j->tries = 0;
		j->wait_until = 0;
	}
	if (j->wait_until > now) {
		if (j->wait_until - now < *wait)
			*wait = j->wait_until - now;
		return XT_OK;
	}
	j->in_flight = true;
	return crawl_demand(c, j, err);
}

/* The node will not give this: the job must go elsewhere. */
static enum xt_status refused(struct crawl *c, struct job *j,
			      const struct nis_answer *a, const char *why,
			      struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	bool handled = false;

	if (j->ops->refused != NULL)
		rc = j->ops->refused(c, j, &handled, err);
	if (rc != XT_OK || handled)
		return rc;
	if (c->nodes[j->node].greeted)
		rc = crawl_refuse(c, j->node, a, "refused", NULL, why, err);
	if (rc != XT_OK)
		return rc;
	return crawl_elsewhere(c, j, "refused", why, err);
}

/* An answer that may be better later: wait, and in the end let the node rest. */
static enum xt_status retry(struct crawl *c, struct job *j, const struct nis_answer *a,
			    const char *why, struct xt_err *err)
{
	struct crawl_node *n = &c->nodes[j->node];
	const bool others = crawl_live_nodes(c) > 1;
	unsigned limit = !n->greeted || others ? CRAWL_TRIES_OTHERS : CRAWL_TRIES;
	enum xt_status rc;

	/* Half a minute was lost, and nobody else worked meanwhile. */
	if (nis_answer_timed_out(a))
		limit = others ? 1 : CRAWL_TRIES_OTHERS;
	j->tries++;
	if (j->tries < limit) {
		const uint64_t ms = crawl_backoff_ms(a->tag, j->tries - 1);

		xt_log(c->sink, XT_LOG_INFO, "%s; again in %llu ms", why,
		       (unsigned long long)ms);
		j->wait_until = crawl_now_ms(c) + ms;
		/* A 500 may be about this question alone. */
		if (a->http != 500)
			crawl_pause(c, j->node, ms);
		return XT_OK;
	}
	/* A node that fails on one thing after the other is out of order. */
	if (n->greeted && a->http == 500 && ++n->fails < CRAWL_NODE_FAILS)
		return refused(c, j, a, why, err);
	rc = crawl_drop_node(c, j->node, why, err);
	if (rc != XT_OK)
		return rc;
	return crawl_elsewhere(c, j, "node", why, err);
}

static enum xt_status receive(struct crawl *c, struct job *j, struct nis_answer *a,
			      int64_t came, struct xt_err *err)
{
	struct xt_err why = { .code = XT_OK };
	struct crawl_node *n = &c->nodes[j->node];
	enum nis_verdict verdict;

	j->in_flight = false;
	c->answer_time = came;
	if (c->now < came)
		c->now = came;
	c->kept = 0;
	c->keeping = 0;
	verdict = nis_answer_verdict(a, &why);
	/* An answer without end would be without end again. */
	if (a->status == XT_E_LIMIT)
		verdict = NIS_REFUSED;
	/* What is of no use is kept all the same: it steers the run. */
	if (verdict == NIS_RETRY || verdict == NIS_REFUSED) {
		const enum xt_status rc = crawl_keep_alone(c, j->node, a, err);

		if (rc != XT_OK)
			return rc;
	}
	if (verdict == NIS_RETRY)
		return retry(c, j, a, why.text, err);
	j->has_request = false;
	if (verdict == NIS_REFUSED)
		return refused(c, j, a, why.text, err);
	n->fails = 0;
	n->resting = false;
	n->rests = 0;
	return j->ops->take(c, j, a, verdict, err);
}

/* ---- the loop
 * ----------------------------------------------------------------------------- */

static void release(struct crawl *c)
{
	crawl_ahead_clear(c);
	if (c->job != NULL)
		c->job->ops->free(c->job);
	c->job = NULL;
}

static enum xt_status peek(struct crawl *c, const struct crawl_source *source,
			   struct xt_err *err)
{
	if (!c->look || !crawl_ahead_wants(c))
		return XT_OK;
	c->look = false;
	return source->peek(c, source->ctx, err);
}

/* The next job; what it will ask is guessed first. */
static enum xt_status begin_job(struct crawl *c, const struct crawl_source *source,
				struct xt_err *err)
{
	enum xt_status rc;

	c->look = true;
	rc = peek(c, source, err);
	if (rc == XT_OK)
		rc = source->next(c, source->ctx, &c->job, err);
	if (rc == XT_OK && c->job != NULL)
		crawl_ahead_begin(c, c->job);
	return rc;
}

static enum xt_status end_job(struct crawl *c)
{
	c->job->ops->free(c->job);
	c->job = NULL;
	return XT_OK;
}

/* Bring the job on as far as it goes without waiting. */
static enum xt_status advance(struct crawl *c, uint64_t *ms, struct xt_err *err)
{
	struct nis_answer a = { 0 };
	struct job *j = c->job;
	int64_t came;
	enum xt_status rc = XT_OK;

	if (!j->in_flight)
		rc = ask(c, j, ms, err);
	if (rc != XT_OK || j->done) {
		*ms = 0;
		return rc != XT_OK ? rc : end_job(c);
	}
	if (!crawl_taken(c, &a, &came))
		return XT_OK;
	*ms = 0;
	rc = receive(c, j, &a, came, err);
	nis_answer_release(&a);
	if (rc == XT_OK && j->done)
		return end_job(c);
	return rc;
}

enum xt_status crawl_pump(struct crawl *c, const struct crawl_source *source,
			  struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	while (rc == XT_OK) {
		uint64_t ms = SLICE_MS;

		rc = crawl_check_stop(c, err);
		if (rc == XT_OK)
			rc = crawl_show(c, false, err);
		if (rc == XT_OK && c->job == NULL)
			rc = begin_job(c, source, err);
		if (rc != XT_OK || c->job == NULL)
			break;
		rc = advance(c, &ms, err);
		if (rc == XT_OK)
			rc = peek(c, source, err);
		if (rc == XT_OK)
			rc = crawl_send(c, &ms, err);
		if (rc == XT_OK && ms > 0 && c->unflushed > 0 &&
		    crawl_now_ms(c) - c->flushed_at >= CRAWL_FLUSH_MS)
			rc = crawl_flush(c, err);
		if (rc != XT_OK || c->budget_spent)
			break;
		if (c->wire == NULL)
			sleep_ms(ms);
		else
			rc = crawl_collect(c, ms, err);
	}
	release(c);
	return rc == XT_OK ? crawl_flush(c, err) : rc;
}
