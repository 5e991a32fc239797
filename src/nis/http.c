#include "transport.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#include <curl/curl.h>

#include <xemtrace/limits.h>

#define DEFAULT_CONNECTIONS 4U
#define DEFAULT_CONNECT_MS  5000U
#define DEFAULT_TOTAL_MS    30000U
/* A node closes an idle connection after 30 s: do not race it. */
#define MAX_IDLE_S 25L

/* One request from submit() to the end of its answer. Lists are single-linked. */
struct job {
	struct job *next;
	struct nis_request req;
	struct nis_answer answer;
	struct xt_buf body;
	enum xt_status refused; /* why the body was not taken: LIMIT or NOMEM */
	bool private_host;      /* the name led to an address that is not allowed */
	CURL *easy;
	char reason[CURL_ERROR_SIZE];
};

struct list {
	struct job *first, *last;
};

struct http {
	CURLM *multi;
	unsigned connections;
	long connect_ms, total_ms;
	char *user_agent, *proxy;
	struct curl_slist *get_headers, *post_headers;
	struct list waiting; /* submitted, their node has enough connections */
	struct list running;
	struct list done;
	size_t n_jobs; /* in all three lists */
	bool global;   /* curl_global_init() was done */
};

static void list_add(struct list *l, struct job *j)
{
	j->next = NULL;
	if (l->last == NULL)
		l->first = j;
	else
		l->last->next = j;
	l->last = j;
}

static void list_drop(struct list *l, const struct job *j)
{
	struct job *before = NULL;

	for (struct job *k = l->first; k != j; k = k->next)
		before = k;
	if (before == NULL)
		l->first = j->next;
	else
		before->next = j->next;
	if (l->last == j)
		l->last = before;
}

static void job_free(struct http *h, struct job *j)
{
	if (j->easy != NULL) {
		(void)curl_multi_remove_handle(h->multi, j->easy);
		curl_easy_cleanup(j->easy);
	}
	xt_buf_release(&j->body);
	nis_answer_release(&j->answer);
	free(j);
}

static void list_free(struct http *h, struct list *l)
{
	while (l->first != NULL) {
		struct job *j = l->first;

		list_drop(l, j);
		job_free(h, j);
	}
}

/* ---- sending ----------------------------------------------------------------- */

static uint32_t max_body(const struct nis_request *r)
{
	return r->max_body == 0 ? XT_MAX_BODY : r->max_body;
}

/* curl hands over what it has already unpacked, so this bounds gzip as well. */
static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct job *j = ctx;

	j->refused = xt_buf_add(&j->body, p, size * n, NULL);
	return j->refused == XT_OK ? size * n : 0;
}

/* After the name was looked up: a public name can point at our own net. */
static curl_socket_t open_public(void *ctx, curlsocktype purpose,
				 struct curl_sockaddr *a)
{
	struct job *j = ctx;

	(void)purpose;
	if (nis_sockaddr_is_private(&a->addr)) {
		j->private_host = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static CURLcode set_proxy(const struct http *h, struct job *j)
{
	CURL *e = j->easy;
	/* None from the environment, and none of its exceptions: the record says which
	 * node answered, and the user who else could see it. */
	CURLcode rc =
	    curl_easy_setopt(e, CURLOPT_PROXY, h->proxy == NULL ? "" : h->proxy);

	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_NOPROXY, "");
	if (rc != CURLE_OK || h->proxy != NULL || !j->req.public_only)
		return rc;
	rc = curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_public);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, j);
	return rc;
}

static CURLcode set_limits(const struct http *h, struct job *j)
{
	CURL *e = j->easy;
	CURLcode rc = curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);

	/* A name that is still being looked up does not hold up the end. */
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, h->connect_ms);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_TIMEOUT_MS,
				      j->req.total_ms == 0 ? h->total_ms
							   : (long)j->req.total_ms);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, MAX_IDLE_S);
	/* Refuses by Content-Length before a byte is received. */
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE,
				      (curl_off_t)max_body(&j->req));
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	/* A redirect would let one node answer for another. */
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	if (rc == CURLE_OK)
		rc = set_proxy(h, j);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
				      (long)CURL_HTTP_VERSION_1_1);
	return rc;
}

static CURLcode set_request(const struct http *h, struct job *j)
{
	CURL *e = j->easy;
	CURLcode rc = curl_easy_setopt(e, CURLOPT_URL, j->answer.url);

	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_USERAGENT, h->user_agent);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip");
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_ERRORBUFFER, j->reason);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_PRIVATE, (char *)j);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_WRITEDATA, j);
	if (rc == CURLE_OK)
		rc = curl_easy_setopt(e, CURLOPT_HTTPHEADER,
				      j->req.post ? h->post_headers : h->get_headers);
	if (rc == CURLE_OK && j->req.post)
		rc = curl_easy_setopt(e, CURLOPT_POSTFIELDS, j->req.body);
	return rc;
}

static size_t running_on(const struct http *h, const char *node)
{
	size_t n = 0;

	for (const struct job *j = h->running.first; j != NULL; j = j->next)
		n += strcmp(j->req.node, node) == 0;
	return n;
}

/* Not left to curl: there, the time in its queue counts against the total timeout. */
static enum xt_status start_waiting(struct http *h, struct xt_err *err)
{
	struct job *next;

	for (struct job *j = h->waiting.first; j != NULL; j = next) {
		CURLMcode rc;

		next = j->next;
		if (running_on(h, j->req.node) >= h->connections)
			continue;
		rc = curl_multi_add_handle(h->multi, j->easy);
		if (rc != CURLM_OK)
			return xt_fail(
			    err, rc == CURLM_OUT_OF_MEMORY ? XT_E_NOMEM : XT_E_BUG,
			    "%s: %s", j->answer.url, curl_multi_strerror(rc));
		list_drop(&h->waiting, j);
		list_add(&h->running, j);
	}
	return XT_OK;
}

static enum xt_status http_submit(void *ctx, const struct nis_request *r,
				  struct xt_err *err)
{
	struct http *h = ctx;
	struct job *j;
	CURLcode rc;
	enum xt_status ok = nis_request_check(r, err);

	if (ok != XT_OK)
		return ok;
	j = xt_calloc(1, sizeof(*j));
	if (j == NULL)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", r->node);
	j->req = *r;
	nis_answer_begin(&j->answer, r);
	xt_buf_init(&j->body, max_body(r));
	j->easy = curl_easy_init();
	rc = j->easy == NULL ? CURLE_OUT_OF_MEMORY : set_limits(h, j);
	if (rc == CURLE_OK)
		rc = set_request(h, j);
	if (rc != CURLE_OK) {
		ok = xt_fail(err, rc == CURLE_OUT_OF_MEMORY ? XT_E_NOMEM : XT_E_BUG,
			     "%s: %s", j->answer.url, curl_easy_strerror(rc));
		job_free(h, j);
		return ok;
	}
	list_add(&h->waiting, j);
	h->n_jobs++;
	return XT_OK;
}

/* ---- receiving --------------------------------------------------------------- */

static void finish(struct job *j, CURLcode rc)
{
	struct nis_answer *a = &j->answer;
	curl_off_t us = 0;
	long http = 0;

	(void)curl_easy_getinfo(j->easy, CURLINFO_TOTAL_TIME_T, &us);
	(void)curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &http);
	a->elapsed_ms = us < 0 ? 0 : (uint64_t)us / 1000;
	if (rc == CURLE_OK) {
		a->http = (int)http;
		a->body = j->body.data;
		a->len = j->body.len;
		j->body = (struct xt_buf){ 0 };
		return;
	}
	if (rc == CURLE_FILESIZE_EXCEEDED ||
	    (rc == CURLE_WRITE_ERROR && j->refused == XT_E_LIMIT))
		a->status = xt_fail(&a->err, XT_E_LIMIT,
				    "%s: the answer is larger than %u bytes", a->url,
				    max_body(&j->req));
	else if (j->private_host)
		a->status = xt_fail(&a->err, XT_E_NET,
				    "%s: the name leads to a private address", a->url);
	else if (rc == CURLE_OUT_OF_MEMORY ||
		 (rc == CURLE_WRITE_ERROR && j->refused == XT_E_NOMEM))
		a->status = xt_fail(&a->err, XT_E_NOMEM, "%s: out of memory", a->url);
	else
		a->status =
		    xt_fail(&a->err, XT_E_NET, "%s%s: %s", a->url,
			    rc == CURLE_OPERATION_TIMEDOUT ? NIS_TIMED_OUT : "",
			    j->reason[0] == '\0' ? curl_easy_strerror(rc) : j->reason);
}

static void collect(struct http *h)
{
	const CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		const CURLcode rc = m->data.result;
		struct job *j = NULL;

		if (m->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&j) !=
			CURLE_OK ||
		    j == NULL)
			continue;
		finish(j, rc);
		list_drop(&h->running, j);
		/* The connection stays with the multi handle for the next request. */
		(void)curl_multi_remove_handle(h->multi, j->easy);
		curl_easy_cleanup(j->easy);
		j->easy = NULL;
		list_add(&h->done, j);
	}
}

/* Move what can be moved without waiting. */
static enum xt_status pump(struct http *h, struct xt_err *err)
{
	enum xt_status rc = start_waiting(h, err);
	CURLMcode m;
	int running;

	if (rc != XT_OK)
		return rc;
	m = curl_multi_perform(h->multi, &running);
	if (m != CURLM_OK)
		return xt_fail(err, m == CURLM_OUT_OF_MEMORY ? XT_E_NOMEM : XT_E_BUG,
			       "transport: %s", curl_multi_strerror(m));
	collect(h);
	return XT_OK;
}

static void give(struct http *h, struct nis_answer *out)
{
	struct job *j = h->done.first;

	list_drop(&h->done, j);
	h->n_jobs--;
	*out = j->answer;
	j->answer = (struct nis_answer){ 0 };
	job_free(h, j);
}

static enum xt_status http_wait(void *ctx, struct nis_answer *out, bool *got,
				int timeout_ms, struct xt_err *err)
{
	const struct xt_clock *clock = xt_clock_system();
	const uint64_t start = clock->monotonic_ms(clock->ctx);
	const uint64_t limit = timeout_ms < 0 ? 0 : (uint64_t)timeout_ms;
	struct http *h = ctx;

	for (;;) {
		const enum xt_status rc = pump(h, err);
		uint64_t gone;
		CURLMcode m;

		if (rc != XT_OK)
			return rc;
		if (h->done.first != NULL) {
			give(h, out);
			*got = true;
			return XT_OK;
		}
		gone = clock->monotonic_ms(clock->ctx) - start;
		if (h->n_jobs == 0 || gone >= limit) {
			*got = false;
			return XT_OK;
		}
		m = curl_multi_poll(
		    h->multi, NULL, 0,
		    limit - gone > INT_MAX ? INT_MAX : (int)(limit - gone), NULL);
		if (m != CURLM_OK)
			return xt_fail(err, XT_E_BUG, "transport: %s",
				       curl_multi_strerror(m));
	}
}

static size_t http_in_flight(void *ctx)
{
	return ((const struct http *)ctx)->n_jobs;
}

/* ---- life -------------------------------------------------------------------- */

static void http_free(void *ctx)
{
	struct http *h = ctx;

	list_free(h, &h->waiting);
	list_free(h, &h->running);
	list_free(h, &h->done);
	if (h->multi != NULL)
		(void)curl_multi_cleanup(h->multi);
	curl_slist_free_all(h->get_headers);
	curl_slist_free_all(h->post_headers);
	free(h->user_agent);
	free(h->proxy);
	if (h->global)
		curl_global_cleanup();
	free(h);
}

static bool add_header(struct curl_slist **list, const char *line)
{
	struct curl_slist *l = curl_slist_append(*list, line);

	if (l == NULL)
		return false;
	*list = l;
	return true;
}

static long or_default(unsigned v, unsigned otherwise)
{
	return (long)(v == 0 ? otherwise : v);
}

static bool prepare(struct http *h, const struct nis_http_options *opt)
{
	char agent[64];

	h->connections = opt->connections == 0 ? DEFAULT_CONNECTIONS : opt->connections;
	h->connect_ms = or_default(opt->connect_ms, DEFAULT_CONNECT_MS);
	h->total_ms = or_default(opt->total_ms, DEFAULT_TOTAL_MS);
	(void)snprintf(agent, sizeof(agent), "xemtrace/%s", xt_version());
	h->user_agent = xt_strdup(opt->user_agent == NULL ? agent : opt->user_agent);
	if (opt->proxy != NULL) {
		h->proxy = xt_strdup(opt->proxy);
		if (h->proxy == NULL)
			return false;
	}
	h->global = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	if (h->user_agent == NULL || !h->global)
		return false;
	h->multi = curl_multi_init();
	/* Anything but JSON would be the node's binary protocol. An empty Expect spares
	 * a round trip before each POST. */
	return h->multi != NULL &&
	       add_header(&h->get_headers, "Accept: application/json") &&
	       add_header(&h->post_headers, "Accept: application/json") &&
	       add_header(&h->post_headers, "Content-Type: application/json") &&
	       add_header(&h->post_headers, "Expect:");
}

enum xt_status nis_transport_http(struct nis_transport *out,
				  const struct nis_http_options *opt,
				  struct xt_err *err)
{
	static const struct nis_http_options defaults = { 0 };
	struct http *h = xt_calloc(1, sizeof(*h));

	if (h == NULL || !prepare(h, opt == NULL ? &defaults : opt)) {
		if (h != NULL)
			http_free(h);
		return xt_fail(err, XT_E_NOMEM, "out of memory for the HTTP client");
	}
	*out = (struct nis_transport){
		.submit = http_submit,
		.wait = http_wait,
		.in_flight = http_in_flight,
		.free = http_free,
		.ctx = h,
	};
	return XT_OK;
}
