/* Requests on their way. The crawl itself is one sequence: it asks, takes the answer,
 * decides. What it will ask next is guessed here and asked beforehand, on as many
 * connections as allowed, so that the answer is at hand when its turn comes. A guess
 * changes nothing but time: an answer that nobody asks for is thrown away, and an
 * answer that is of no use is asked for again. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Answers at hand that nobody took yet. */
#define AHEAD_MAX_BYTES   (UINT64_C(64) << 20)
#define AHEAD_MAX_ANSWERS 64u
#define AHEAD_MAX         256u
/* Requests that an ordinary account takes, and a few more. */
#define AHEAD_COST 8u
/* A guess is repeated so often; then it is left to the job. */
#define AHEAD_TRIES 3u
/* A user's limit is kept also by the clock of the node, which counts arrivals. */
#define RATE_PERCENT 95u

static void fetch_free(struct fetch *f)
{
	nis_answer_release(&f->answer);
	free(f);
}

static struct fetch *fetch_new(size_t node, const struct nis_request *r,
			       struct xt_err *err)
{
	struct fetch *f = xt_calloc(1, sizeof(*f));

	if (f == NULL) {
		(void)xt_fail(err, XT_E_NOMEM, "out of memory for a request");
		return NULL;
	}
	f->request = *r;
	f->node = node;
	return f;
}

/* One that is on the wire stays until its answer comes. */
static void fetch_drop(struct fetch *f)
{
	f->ahead = NULL;
	if (f->state == FETCH_SENT)
		f->orphan = true;
	else
		fetch_free(f);
}

/* ---- guesses -------------------------------------------------------------------- */

static void ahead_free(struct crawl *c, struct ahead *a)
{
	while (a->first != NULL) {
		struct fetch *f = a->first;

		a->first = f->next;
		if (f->state == FETCH_DONE)
			c->buffered -= f->answer.len;
		fetch_drop(f);
	}
	if (c->demand != NULL && c->demand->ahead == a)
		c->demand->ahead = NULL;
	free(a);
}

void crawl_ahead_drop(struct crawl *c, struct ahead *a)
{
	if (a != NULL)
		ahead_free(c, a);
}

void crawl_ahead_clear(struct crawl *c)
{
	crawl_ahead_drop(c, c->own);
	c->own = NULL;
	while (c->ahead != NULL) {
		struct ahead *a = c->ahead;

		c->ahead = a->next;
		ahead_free(c, a);
	}
	c->n_ahead = 0;
	if (c->demand != NULL)
		fetch_drop(c->demand);
	c->demand = NULL;
}

/* What is wanted after `last`; NULL at the beginning. */
static enum xt_status guess(struct crawl *c, struct ahead *a,
			    const struct nis_answer *last, struct xt_err *err)
{
	do {
		struct nis_request r = { 0 };
		struct fetch *f;

		a->more = false;
		if (a->ended || !a->foresee(c, a, last, &r))
			return XT_OK;
		f = fetch_new(a->node, &r, err);
		if (f == NULL)
			return XT_E_NOMEM;
		f->ahead = a;
		f->step = a->step;
		if (a->last == NULL)
			a->first = f;
		else
			a->last->next = f;
		a->last = f;
		a->n++;
		last = NULL;
	} while (a->more);
	return XT_OK;
}

static bool spent(const struct crawl *c)
{
	return c->opt->max_requests != 0 && c->rep.requests >= c->opt->max_requests;
}

bool crawl_ahead_wants(const struct crawl *c)
{
	size_t most = 4 * (size_t)c->opt->connections * crawl_live_nodes(c);

	if (c->opt->replay != NULL || c->opt->connections < 2)
		return false;
	if (most > AHEAD_MAX)
		most = AHEAD_MAX;
	/* What is left of a budget should finish accounts, not begin them. */
	if (c->opt->max_requests != 0) {
		const uint64_t left =
		    spent(c) ? 0 : c->opt->max_requests - c->rep.requests;

		if (most > left / AHEAD_COST)
			most = (size_t)(left / AHEAD_COST);
	}
	return c->n_ahead < most;
}

enum xt_status crawl_ahead_add(struct crawl *c, const struct ahead *plan,
			       struct xt_err *err)
{
	struct ahead **end = &c->ahead;
	struct ahead *a;

	if (c->job != NULL && c->job->key == plan->key)
		return XT_OK;
	for (; *end != NULL; end = &(*end)->next)
		if ((*end)->key == plan->key)
			return XT_OK;
	a = xt_calloc(1, sizeof(*a));
	if (a == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for a request");
	*a = *plan;
	*end = a;
	c->n_ahead++;
	return guess(c, a, NULL, err);
}

/* Guesses for nodes that are of no use now are made anew. */
void crawl_ahead_prune(struct crawl *c)
{
	for (struct ahead **p = &c->ahead; *p != NULL;) {
		struct ahead *a = *p;

		if (crawl_usable(c, a->node)) {
			p = &a->next;
			continue;
		}
		*p = a->next;
		c->n_ahead--;
		ahead_free(c, a);
	}
}

void crawl_ahead_begin(struct crawl *c, const struct job *j)
{
	crawl_ahead_drop(c, c->own);
	c->own = NULL;
	for (struct ahead **p = &c->ahead; *p != NULL; p = &(*p)->next) {
		struct ahead *a = *p;

		if (a->key != j->key)
			continue;
		*p = a->next;
		a->next = NULL;
		c->n_ahead--;
		c->own = a;
		return;
	}
}

/* ---- the rate of a node
 * --------------------------------------------------------------------- */

/* Milliseconds until the node may be asked again; 0 takes the right to ask now. */
static uint64_t bucket_take(struct crawl *c, struct crawl_node *n, uint64_t now)
{
	const uint64_t rate = c->opt->rate;
	const uint64_t per_ms = rate * 10 * RATE_PERCENT / 100; /* 1/10000 request */
	const uint64_t full =
	    10000 + rate * 200; /* what 20 ms bring, for late clocks */
	uint64_t since = now - n->credit_at;

	if (rate == 0)
		return 0;
	if (since > 1000)
		since = 1000;
	n->credit += since * per_ms;
	n->credit_at = now;
	if (n->credit > full)
		n->credit = full;
	if (n->credit < 10000)
		return (10000 - n->credit + per_ms - 1) / per_ms;
	n->credit -= 10000;
	return 0;
}

/* May this one go now? Lowers *wait if it must wait for the clock alone. */
static bool may_send(struct crawl *c, const struct fetch *f, uint64_t *wait)
{
	struct crawl_node *n = &c->nodes[f->node];
	const uint64_t now = crawl_now_ms(c);
	uint64_t ms = 0;

	if (n->in_flight > 0 && n->in_flight >= c->opt->connections)
		return false;
	if (n->pause_until > now)
		ms = n->pause_until - now;
	else
		ms = bucket_take(c, n, now);
	if (ms > 0 && ms < *wait)
		*wait = ms;
	return ms == 0;
}

static enum xt_status send(struct crawl *c, struct fetch *f, struct xt_err *err)
{
	enum xt_status rc;

	f->request.tag = ++c->next_tag;
	memcpy(f->request.node, c->nodes[f->node].url, sizeof(f->request.node));
	rc = c->t->submit(c->t->ctx, &f->request, err);
	if (rc != XT_OK)
		return rc;
	f->state = FETCH_SENT;
	f->wire = c->wire;
	c->wire = f;
	c->nodes[f->node].in_flight++;
	c->nodes[f->node].sent++;
	c->rep.requests++;
	return XT_OK;
}

static enum xt_status send_row(struct crawl *c, const struct ahead *a, uint64_t *wait,
			       struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (struct fetch *f = a->first; rc == XT_OK && f != NULL; f = f->next) {
		if (f->state != FETCH_WAITS)
			continue;
		if (spent(c) || a->n >= AHEAD_MAX_ANSWERS || !may_send(c, f, wait))
			break;
		rc = send(c, f, err);
	}
	return rc;
}

enum xt_status crawl_send(struct crawl *c, uint64_t *wait, struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	struct ahead *a = c->own;

	if (c->demand != NULL && c->demand->state == FETCH_WAITS) {
		if (spent(c)) {
			c->budget_spent = true;
			return XT_OK;
		}
		if (may_send(c, c->demand, wait))
			rc = send(c, c->demand, err);
	}
	if (a == NULL)
		a = c->ahead;
	while (rc == XT_OK && a != NULL && c->buffered <= AHEAD_MAX_BYTES) {
		rc = send_row(c, a, wait, err);
		a = a == c->own ? c->ahead : a->next;
	}
	return rc;
}

/* ---- answers
 * -------------------------------------------------------------------------------- */

static void unwire(struct crawl *c, struct fetch *f)
{
	struct fetch **p = &c->wire;

	while (*p != f)
		p = &(*p)->wire;
	*p = f->wire;
	f->wire = NULL;
	c->nodes[f->node].in_flight--;
}

void crawl_pause(struct crawl *c, size_t node, uint64_t ms)
{
	const uint64_t until = crawl_now_ms(c) + ms;

	if (c->nodes[node].pause_until < until)
		c->nodes[node].pause_until = until;
}

/* An answer that nobody waits for yet and that may be better later. */
static void again(struct crawl *c, struct fetch *f)
{
	struct ahead *a = f->ahead;
	struct fetch **p = &a->first;

	crawl_pause(c, f->node, crawl_backoff_ms(f->request.tag, f->tries));
	nis_answer_release(&f->answer);
	f->state = FETCH_WAITS;
	if (++f->tries < AHEAD_TRIES)
		return;
	a->ended = true;
	while (*p != f)
		p = &(*p)->next;
	*p = f->next;
	a->last = NULL;
	for (struct fetch *g = a->first; g != NULL; g = g->next)
		a->last = g;
	a->n--;
	fetch_free(f);
}

static enum xt_status arrived(struct crawl *c, struct fetch *f, struct xt_err *err)
{
	struct ahead *a = f->ahead;
	enum nis_verdict verdict = nis_answer_verdict(&f->answer, NULL);

	f->state = FETCH_DONE;
	f->came = c->clock->unix_time(c->clock->ctx);
	if (f->answer.status == XT_E_LIMIT)
		verdict = NIS_REFUSED;
	/* One that took all its time is not tried again before its turn: there it says
	 * at once what another try would say later. */
	if (f != c->demand && verdict == NIS_RETRY &&
	    !nis_answer_timed_out(&f->answer)) {
		again(c, f);
		return XT_OK;
	}
	if (f != c->demand)
		c->buffered += f->answer.len;
	if (a == NULL)
		return XT_OK;
	if (verdict != NIS_USE)
		a->ended = true;
	a->step = f->step;
	return guess(c, a, &f->answer, err);
}

enum xt_status crawl_collect(struct crawl *c, uint64_t ms, struct xt_err *err)
{
	bool got = true;
	enum xt_status rc = XT_OK;

	while (rc == XT_OK && got && c->wire != NULL) {
		struct nis_answer a = { 0 };
		struct fetch *f = c->wire;

		rc = c->t->wait(c->t->ctx, &a, &got, (int)ms, err);
		if (rc != XT_OK || !got)
			break;
		ms = 0;
		while (f != NULL && f->request.tag != a.tag)
			f = f->wire;
		if (f == NULL) {
			nis_answer_release(&a);
			continue;
		}
		unwire(c, f);
		c->rep.answers_bytes += a.len;
		f->answer = a;
		if (f->orphan)
			fetch_free(f);
		else
			rc = arrived(c, f, err);
	}
	return rc;
}

/* ---- what a job asks
 * ------------------------------------------------------------------------- */

static bool same(const struct nis_request *a, const struct nis_request *b)
{
	return a->post == b->post && strcmp(a->path, b->path) == 0 &&
	       strcmp(a->body, b->body) == 0;
}

enum xt_status crawl_demand(struct crawl *c, const struct job *j, struct xt_err *err)
{
	struct ahead *a = c->own;

	if (a != NULL && a->first != NULL && a->node == j->node &&
	    same(&a->first->request, &j->request)) {
		struct fetch *f = a->first;

		a->first = f->next;
		if (a->first == NULL)
			a->last = NULL;
		a->n--;
		f->next = NULL;
		if (f->state == FETCH_DONE) {
			c->buffered -= f->answer.len;
			f->ahead = NULL;
		}
		c->demand = f;
		return XT_OK;
	}
	/* It asks something else than was foreseen. */
	crawl_ahead_drop(c, a);
	c->own = NULL;
	c->demand = fetch_new(j->node, &j->request, err);
	return c->demand == NULL ? XT_E_NOMEM : XT_OK;
}

bool crawl_taken(struct crawl *c, struct nis_answer *out, int64_t *came)
{
	struct fetch *f = c->demand;

	if (f == NULL || f->state != FETCH_DONE)
		return false;
	*out = f->answer;
	*came = f->came;
	f->answer = (struct nis_answer){ 0 };
	c->demand = NULL;
	fetch_free(f);
	return true;
}

void crawl_wire_release(struct crawl *c)
{
	while (c->wire != NULL) {
		struct fetch *f = c->wire;

		c->wire = f->wire;
		fetch_free(f);
	}
}
