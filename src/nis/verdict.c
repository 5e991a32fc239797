#include <xemtrace/nis.h>

#include <string.h>

#include <xemtrace/limits.h>

#include "json.h"

/* The error body of a node: {"timeStamp","error","message","status"}. */
struct words {
	char error[XT_MAX_NODE_TEXT + 1];   /* "" if null */
	char message[XT_MAX_NODE_TEXT + 1]; /* "" if null */
	uint32_t status;
};

struct text {
	char *out;
	size_t size;
};

static enum xt_status read_text(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	const struct text *t = out;

	if (json_is_null(v))
		return XT_OK;
	return js_text_copy(t->out, t->size, v, at, err);
}

static bool read_words(struct words *w, const struct nis_answer *a)
{
	struct text error = { w->error, sizeof(w->error) };
	struct text message = { w->message, sizeof(w->message) };
	const struct js_field f[] = {
		{ "status", js_read_u32, &w->status },
		{ "error", read_text, &error },
		{ "message", read_text, &message },
	};
	json_t *v = NULL;
	bool ok;

	*w = (struct words){ .status = 0 };
	if (js_open(&v, a->body, a->len, NULL) != XT_OK)
		return false;
	ok = js_fields(v, f, XT_ARRAY_SIZE(f), NULL, NULL) == XT_OK &&
	     w->status == (uint32_t)a->http;
	json_decref(v);
	return ok;
}

static bool has_any(const char *message, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(message, words[i]) != NULL)
			return true;
	return false;
}

/* 400 says two things: a wrong request, and a hash that the node has forgotten. */
static enum nis_verdict judge_400(const char *message)
{
	static const char *const absent[] = { "not found in cache",
					      "hash was found in cache" };

	return has_any(message, absent, XT_ARRAY_SIZE(absent)) ? NIS_ABSENT
							       : NIS_REFUSED;
}

/* 500 is the node's word for everything else. What will fail again in the same way is
 * known by its text; the rest may be a passing trouble of the node. */
static enum nis_verdict judge_500(const char *message)
{
	static const char *const lasting[] = {
		"does not support",   "not supported", "cannot serialize",
		"expected value for", "hexadecimal",   "DecoderException",
	};

	return has_any(message, lasting, XT_ARRAY_SIZE(lasting)) ? NIS_REFUSED
								 : NIS_RETRY;
}

static enum nis_verdict judge(const struct words *w, int http)
{
	switch (http) {
	case 400:
		return judge_400(w->message);
	case 404:
		/* Without a message the URL itself is unknown to the node. */
		return w->message[0] == '\0' ? NIS_REFUSED : NIS_ABSENT;
	case 500:
		return judge_500(w->message);
	case 408:
	case 429:
	case 502:
	case 503:
	case 504:
		return NIS_RETRY;
	default:
		return NIS_REFUSED;
	}
}

/* Not NIS that speaks, but something before it. */
static enum nis_verdict judge_stranger(int http)
{
	switch (http) {
	case 408:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
		return NIS_RETRY;
	default:
		return NIS_REFUSED;
	}
}

static enum xt_status code_of(enum nis_verdict v, bool by_node)
{
	switch (v) {
	case NIS_USE:
		return XT_OK;
	case NIS_RETRY:
		return XT_E_NET;
	case NIS_ABSENT:
		return XT_E_NOTFOUND;
	case NIS_REFUSED:
		return by_node ? XT_E_USAGE : XT_E_DATA;
	}
	return XT_E_BUG;
}

enum nis_verdict nis_answer_verdict(const struct nis_answer *a, struct xt_err *err)
{
	struct words w;
	enum nis_verdict v;

	if (a->status != XT_OK) {
		(void)xt_fail(err, a->status, "%s", a->err.text);
		return NIS_RETRY;
	}
	if (a->http == 200)
		return NIS_USE;
	if (read_words(&w, a)) {
		v = judge(&w, a->http);
		(void)xt_fail(err, code_of(v, true), "%s: HTTP %d%s%s%s%s", a->url,
			      a->http, w.error[0] == '\0' ? "" : " ", w.error,
			      w.message[0] == '\0' ? "" : ": ", w.message);
		return v;
	}
	v = judge_stranger(a->http);
	(void)xt_fail(err, code_of(v, false), "%s: HTTP %d, %s", a->url, a->http,
		      a->http >= 300 && a->http < 400
			  ? "a redirect, which is not followed"
			  : "and the body is no error of a NIS node");
	return v;
}
