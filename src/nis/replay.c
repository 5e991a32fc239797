#include "transport.h"

#include <stdlib.h>

#include <xemtrace/limits.h>

/* Requests wait in the order they came and are looked up one per wait(). */
struct replay {
	enum xt_status (*find)(void *ctx, const struct nis_request *r,
			       struct nis_answer *a, struct xt_err *err);
	void *ctx;
	struct nis_request *queue; /* ring of cap slots */
	size_t first, len, cap;
};

static enum xt_status grow(struct replay *p, struct xt_err *err)
{
	const size_t cap = p->cap == 0 ? 16 : p->cap * 2;
	struct nis_request *q = xt_calloc(cap, sizeof(*q));

	if (q == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for a request");
	for (size_t i = 0; i < p->len; i++)
		q[i] = p->queue[(p->first + i) % p->cap];
	free(p->queue);
	p->queue = q;
	p->first = 0;
	p->cap = cap;
	return XT_OK;
}

static enum xt_status replay_submit(void *ctx, const struct nis_request *r,
				    struct xt_err *err)
{
	struct replay *p = ctx;
	enum xt_status rc = nis_request_check(r, err);

	if (rc == XT_OK && p->len == p->cap)
		rc = grow(p, err);
	if (rc != XT_OK)
		return rc;
	p->queue[(p->first + p->len) % p->cap] = *r;
	p->len++;
	return XT_OK;
}

static void drop_body(struct nis_answer *a)
{
	free(a->body);
	a->body = NULL;
	a->len = 0;
	a->http = 0;
}

static enum xt_status replay_wait(void *ctx, struct nis_answer *out, bool *got,
				  int timeout_ms, struct xt_err *err)
{
	struct replay *p = ctx;
	struct nis_answer a;
	enum xt_status rc;

	(void)timeout_ms;
	if (p->len == 0) {
		*got = false;
		return XT_OK;
	}
	nis_answer_begin(&a, &p->queue[p->first]);
	rc = p->find(p->ctx, &p->queue[p->first], &a, err);
	if (rc != XT_OK && rc != XT_E_NOTFOUND) {
		drop_body(&a);
		return rc;
	}
	if (rc == XT_E_NOTFOUND) {
		drop_body(&a);
		a.status = xt_fail(&a.err, XT_E_NET, "%s: no stored answer", a.url);
	} else if (a.len > XT_MAX_BODY) {
		drop_body(&a);
		a.status = xt_fail(&a.err, XT_E_LIMIT, "%s: more than %u bytes", a.url,
				   XT_MAX_BODY);
	}
	p->first = (p->first + 1) % p->cap;
	p->len--;
	*out = a;
	*got = true;
	return XT_OK;
}

static size_t replay_in_flight(void *ctx)
{
	return ((const struct replay *)ctx)->len;
}

static void replay_free(void *ctx)
{
	struct replay *p = ctx;

	free(p->queue);
	free(p);
}

enum xt_status
nis_transport_replay(struct nis_transport *out,
		     enum xt_status (*find)(void *ctx, const struct nis_request *r,
					    struct nis_answer *a, struct xt_err *err),
		     void *ctx, struct xt_err *err)
{
	struct replay *p = xt_calloc(1, sizeof(*p));

	if (p == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for a transport");
	p->find = find;
	p->ctx = ctx;
	*out = (struct nis_transport){
		.submit = replay_submit,
		.wait = replay_wait,
		.in_flight = replay_in_flight,
		.free = replay_free,
		.ctx = p,
	};
	return XT_OK;
}
