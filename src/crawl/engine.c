#include "internal.h"

#include <string.h>
#include <time.h>

/* Longest sleep before the stop flag is looked at again. */
#define SLICE_MS         50u
#define BACKOFF_FIRST_MS 500u
#define BACKOFF_MAX_MS   30000u
/* A line of progress at most so often. */
#define SHOW_EVERY_MS 200u
#define RATE_SPAN_MS  2000u

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

size_t crawl_live_nodes(const struct crawl *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_nodes; i++)
		n += c->nodes[i].live;
	return n;
}

bool crawl_other_node(const struct crawl *c, size_t *node, uint64_t tried)
{
	for (size_t i = 0; i < c->n_nodes; i++) {
		if (!c->nodes[i].live || (tried >> i & 1) != 0)
			continue;
		*node = i;
		return true;
	}
	return false;
}

enum xt_status crawl_drop_node(struct crawl *c, size_t node, const char *why,
			       struct xt_err *err)
{
	if (!c->nodes[node].live)
		return XT_OK;
	c->nodes[node].live = false;
	c->rep.node_failed = true;
	(void)xt_fail(&c->last, XT_E_NET, "%s", why);
	if (crawl_live_nodes(c) == 0)
		return xt_fail(err, XT_E_NET, "no node is left: %s", why);
	xt_log(c->sink, XT_LOG_WARN, "node %s is given up for this run: %s",
	       c->nodes[node].url, why);
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

/* ---- stop, progress
 * -------------------------------------------------------------------- */

enum xt_status crawl_check_stop(struct crawl *c, struct xt_err *err)
{
	if (c->opt->stop != NULL && *c->opt->stop != 0)
		return xt_fail(err, XT_E_STOPPED,
			       "stopped; the case is consistent, run again to go on");
	return XT_OK;
}

static void format_count(char out[32], uint64_t v)
{
	char digits[24];
	const int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
	size_t o = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[o++] = ',';
		out[o++] = digits[i];
	}
	out[o] = '\0';
}

static const char *host_of(const char *url)
{
	const char *p = strstr(url, "://");

	return p == NULL ? url : p + 3;
}

enum xt_status crawl_show(struct crawl *c, bool last, struct xt_err *err)
{
	const uint64_t now = crawl_now_ms(c);
	char txs[32];

	if (now - c->rate_at >= RATE_SPAN_MS) {
		c->rate_now =
		    (c->rep.requests - c->rate_from) * 1000 / (now - c->rate_at);
		c->rate_at = now;
		c->rate_from = c->rep.requests;
	}
	if (!last && now - c->shown_at < SHOW_EVERY_MS)
		return XT_OK;
	c->shown_at = now;
	format_count(txs, c->rep.txs_new + c->rep.txs_known);
	if (!xt_progress(
		c->sink, c->accounts_done, c->accounts_done + c->accounts_waiting,
		"accounts %llu done, %llu waiting | transactions %s | "
		"%llu requests/s | %s",
		(unsigned long long)c->accounts_done,
		(unsigned long long)c->accounts_waiting, txs,
		(unsigned long long)c->rate_now, host_of(c->nodes[c->shown_node].url)))
		return xt_fail(err, XT_E_STOPPED,
			       "stopped; the case is consistent, run again to go on");
	return XT_OK;
}

/* ---- requests
 * ---------------------------------------------------------------------------- */

/* Milliseconds until the node may be asked again; 0 takes the right to ask now. */
static uint64_t bucket_take(struct crawl *c, struct crawl_node *n, uint64_t now)
{
	const uint64_t rate = c->opt->rate;
	const uint64_t full =
	    1000 + rate * 100; /* a tenth of a second's worth in one go */
	uint64_t since = now - n->credit_at;

	if (rate == 0)
		return 0;
	if (since > 1000)
		since = 1000;
	n->credit += since * rate;
	n->credit_at = now;
	if (n->credit > full)
		n->credit = full;
	if (n->credit < 1000)
		return (1000 - n->credit + rate - 1) / rate;
	n->credit -= 1000;
	return 0;
}

static void sleep_ms(uint64_t ms)
{
	const struct timespec t = { .tv_sec = (time_t)(ms / 1000),
				    .tv_nsec = (long)(ms % 1000) * 1000000L };

	(void)nanosleep(&t, NULL);
}

/* Send what a job wants to ask, unless it must wait: then *wait is lowered. */
static enum xt_status send(struct crawl *c, struct job *j, uint64_t *wait,
			   struct xt_err *err)
{
	const uint64_t now = crawl_now_ms(c);
	uint64_t ms = 0;
	bool more = true;
	enum xt_status rc;

	if (!c->nodes[j->node].live) {
		/* Another job found that this node is gone. */
		rc = crawl_elsewhere(c, j, "node", "the node was given up", err);
		if (rc != XT_OK || j->done)
			return rc;
	}
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
	if (j->wait_until > now)
		ms = j->wait_until - now;
	else
		ms = bucket_take(c, &c->nodes[j->node], now);
	if (ms > 0) {
		if (ms < *wait)
			*wait = ms;
		return XT_OK;
	}
	if (c->opt->max_requests != 0 && c->rep.requests >= c->opt->max_requests) {
		c->budget_spent = true;
		return XT_OK;
	}
	j->tag = ++c->next_tag;
	j->request.tag = j->tag;
	memcpy(j->request.node, c->nodes[j->node].url, sizeof(j->request.node));
	rc = c->t->submit(c->t->ctx, &j->request, err);
	if (rc != XT_OK)
		return rc;
	j->in_flight = true;
	c->rep.requests++;
	return XT_OK;
}

/* The node will not give this: the job must go elsewhere. */
static enum xt_status refused(struct crawl *c, struct job *j,
			      const struct nis_answer *a, const char *why,
			      struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	if (c->nodes[j->node].greeted)
		rc = crawl_refuse(c, j->node, a, "refused", NULL, why, err);
	if (rc != XT_OK)
		return rc;
	return crawl_elsewhere(c, j, "refused", why, err);
}

/* An answer that may be better later: wait, and in the end give the node up. */
static enum xt_status retry(struct crawl *c, struct job *j, const struct nis_answer *a,
			    const char *why, struct xt_err *err)
{
	struct crawl_node *n = &c->nodes[j->node];
	const unsigned limit = n->greeted ? CRAWL_TRIES : CRAWL_GREET_TRIES;
	enum xt_status rc;

	j->tries++;
	if (j->tries < limit) {
		const uint64_t ms = crawl_backoff_ms(j->tag, j->tries - 1);

		xt_log(c->sink, XT_LOG_INFO, "%s; again in %llu ms", why,
		       (unsigned long long)ms);
		j->wait_until = crawl_now_ms(c) + ms;
		return XT_OK;
	}
	/* A 500 may be about this question alone. A node that fails on one thing after
	 * the other is out of order. */
	if (n->greeted && a->http == 500 && ++n->fails < CRAWL_NODE_FAILS)
		return refused(c, j, a, why, err);
	rc = crawl_drop_node(c, j->node, why, err);
	if (rc != XT_OK)
		return rc;
	return crawl_elsewhere(c, j, "node", why, err);
}

static enum xt_status receive(struct crawl *c, struct job *j, struct nis_answer *a,
			      struct xt_err *err)
{
	struct xt_err why = { .code = XT_OK };
	enum nis_verdict verdict;

	j->in_flight = false;
	c->rep.answers_bytes += a->len;
	c->answer_time = c->clock->unix_time(c->clock->ctx);
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
	c->nodes[j->node].fails = 0;
	return j->ops->take(c, j, a, verdict, err);
}

/* Wait for one answer, or for `ms`. */
static enum xt_status wait(struct crawl *c, uint64_t ms, struct xt_err *err)
{
	struct nis_answer a = { 0 };
	bool got = false;
	enum xt_status rc;

	if (ms > SLICE_MS)
		ms = SLICE_MS;
	if (c->t->in_flight(c->t->ctx) == 0) {
		sleep_ms(ms);
		return XT_OK;
	}
	rc = c->t->wait(c->t->ctx, &a, &got, (int)ms, err);
	if (rc != XT_OK || !got)
		return rc;
	for (size_t i = 0; i < CRAWL_WINDOW; i++) {
		struct job *j = c->slots[i];

		if (j == NULL || !j->in_flight || j->tag != a.tag)
			continue;
		c->shown_node = j->node;
		rc = receive(c, j, &a, err);
		if (rc == XT_OK)
			rc = crawl_show(c, false, err);
		break;
	}
	nis_answer_release(&a);
	return rc;
}

static void free_slots(struct crawl *c)
{
	for (size_t i = 0; i < CRAWL_WINDOW; i++) {
		if (c->slots[i] != NULL)
			c->slots[i]->ops->free(c->slots[i]);
		c->slots[i] = NULL;
	}
}

/* Let every job that is not waiting for an answer go on, and fill free places. */
static enum xt_status turn(struct crawl *c, crawl_source source, void *ctx, bool *any,
			   uint64_t *ms, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	*any = false;
	for (size_t i = 0; rc == XT_OK && i < CRAWL_WINDOW; i++) {
		struct job **j = &c->slots[i];

		if (*j == NULL)
			rc = source(c, ctx, j, err);
		if (rc != XT_OK || *j == NULL)
			continue;
		*any = true;
		if (!(*j)->in_flight && !(*j)->done)
			rc = send(c, *j, ms, err);
		if (rc == XT_OK && (*j)->done) {
			(*j)->ops->free(*j);
			*j = NULL;
			*ms = 0;
		}
	}
	return rc;
}

enum xt_status crawl_pump(struct crawl *c, crawl_source source, void *ctx,
			  struct xt_err *err)
{
	bool any = true;
	enum xt_status rc;

	for (;;) {
		uint64_t ms = SLICE_MS;

		rc = crawl_check_stop(c, err);
		if (rc == XT_OK)
			rc = turn(c, source, ctx, &any, &ms, err);
		if (rc != XT_OK || !any || c->budget_spent)
			break;
		if (ms > 0)
			rc = wait(c, ms, err);
		if (rc != XT_OK)
			break;
	}
	free_slots(c);
	return rc;
}
