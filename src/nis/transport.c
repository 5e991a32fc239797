#include "transport.h"

#include <stdlib.h>
#include <string.h>

void nis_answer_release(struct nis_answer *a)
{
	free(a->body);
	*a = (struct nis_answer){ 0 };
}

bool nis_answer_timed_out(const struct nis_answer *a)
{
	return a->status == XT_E_NET && strstr(a->err.text, NIS_TIMED_OUT) != NULL;
}

void nis_transport_free(struct nis_transport *t)
{
	if (t->free != NULL)
		t->free(t->ctx);
	*t = (struct nis_transport){ 0 };
}

void nis_answer_begin(struct nis_answer *a, const struct nis_request *r)
{
	*a = (struct nis_answer){ .tag = r->tag };
	(void)snprintf(a->url, sizeof(a->url), "%s%s", r->node, r->path);
	if (r->post)
		memcpy(a->body_sent, r->body, sizeof(a->body_sent));
}

enum xt_status nis_request_check(const struct nis_request *r, struct xt_err *err)
{
	char url[sizeof(r->node)];
	const enum xt_status rc = nis_node_url(url, r->node, err);

	if (rc != XT_OK)
		return rc;
	if (strcmp(url, r->node) != 0)
		return xt_fail(err, XT_E_USAGE,
			       "node '%.200s': the checked form is '%s'", r->node, url);
	if (r->path[0] != '/')
		return xt_fail(err, XT_E_USAGE, "%s: no path in the request", r->node);
	for (const char *c = r->path; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || *c == '#')
			return xt_fail(err, XT_E_USAGE,
				       "%s: the path of a request has a byte 0x%02x",
				       r->node, (unsigned)(uint8_t)*c);
	return XT_OK;
}

enum xt_status nis_call(struct nis_transport *t, const struct nis_request *r,
			struct nis_answer *out, struct xt_err *err)
{
	bool got = false;
	enum xt_status rc;

	if (t->in_flight(t->ctx) > 0)
		return xt_fail(err, XT_E_USAGE, "%s%s: other requests are in flight",
			       r->node, r->path);
	rc = t->submit(t->ctx, r, err);
	while (rc == XT_OK && !got) {
		rc = t->wait(t->ctx, out, &got, 1000, err);
		if (rc == XT_OK && !got && t->in_flight(t->ctx) == 0)
			return xt_fail(err, XT_E_BUG, "%s%s: the request was lost",
				       r->node, r->path);
	}
	return rc;
}
