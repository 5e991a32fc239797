/* A case built again from its own stored answers. A session asks as it did the first
 * time; each request must be the one whose answer comes next in the chain. */
#include "internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- sessions ---------------------------------------------------------------- */

struct session {
	struct store_session row; /* nodes and seeds point into `text` */
	char *text;
	const char **nodes;
	size_t n_nodes;
	struct nem_address *seeds;
	size_t n_seeds;
	struct crawl_service *services;
	size_t n_services, cap_services;
	struct store_seed *marks;
	size_t n_marks, cap_marks;
};

struct replay {
	struct store *origin, *s;
	struct session *v;
	size_t n, cap;
	enum xt_status rc;
	struct xt_err err;

	/* The transport. */
	const struct store_session *now;
	int64_t next; /* answer */
	int64_t time;
	bool waiting;
	struct nis_request request;
	uint64_t ms;
	uint64_t served;
	bool diverged;
	struct xt_err why;

	bool (*each)(void *ctx, const struct evidence_difference *d);
	void *ctx;
	uint64_t differences;
};

static void release_sessions(struct replay *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].text);
		free(r->v[i].nodes);
		free(r->v[i].seeds);
		free(r->v[i].services);
		free(r->v[i].marks);
	}
	free(r->v);
}

static enum xt_status split_nodes(struct session *s, char *text, struct xt_err *err)
{
	char *save = NULL;

	s->nodes = xt_calloc(strlen(text) + 1, sizeof(*s->nodes));
	if (s->nodes == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for nodes");
	for (char *p = strtok_r(text, "\n", &save); p != NULL;
	     p = strtok_r(NULL, "\n", &save))
		s->nodes[s->n_nodes++] = p;
	return XT_OK;
}

static enum xt_status split_seeds(struct session *s, char *text, struct xt_err *err)
{
	char *save = NULL;
	enum xt_status rc = XT_OK;

	s->seeds = xt_calloc(strlen(text) / 40 + 1, sizeof(*s->seeds));
	if (s->seeds == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for seeds");
	for (char *p = strtok_r(text, "\n", &save); rc == XT_OK && p != NULL;
	     p = strtok_r(NULL, "\n", &save))
		rc = nem_address_parse(&s->seeds[s->n_seeds++], p, err);
	return rc;
}

static bool add_session(void *ctx, const struct store_session *row)
{
	struct replay *r = ctx;
	struct session *s;
	const size_t n = strlen(row->nodes) + 1, m = strlen(row->seeds) + 1;

	if (r->n == r->cap) {
		const size_t cap = r->cap == 0 ? 8 : r->cap * 2;
		struct session *v = xt_reallocarray(r->v, cap, sizeof(*v));

		if (v == NULL) {
			r->rc =
			    xt_fail(&r->err, XT_E_NOMEM, "out of memory for sessions");
			return false;
		}
		r->v = v;
		r->cap = cap;
	}
	s = &r->v[r->n++];
	*s = (struct session){ .row = *row, .text = xt_calloc(n + m, 1) };
	if (s->text == NULL) {
		r->rc = xt_fail(&r->err, XT_E_NOMEM, "out of memory for sessions");
		return false;
	}
	memcpy(s->text, row->nodes, n);
	memcpy(s->text + n, row->seeds, m);
	s->row.nodes = NULL;
	s->row.seeds = NULL;
	r->rc = split_nodes(s, s->text, &r->err);
	if (r->rc == XT_OK)
		r->rc = split_seeds(s, s->text + n, &r->err);
	return r->rc == XT_OK;
}

static bool add_service(void *ctx, const char *party, const char *label)
{
	struct session *s = ctx;

	if (s->n_services == s->cap_services) {
		const size_t cap = s->cap_services == 0 ? 64 : s->cap_services * 2;
		struct crawl_service *v = xt_reallocarray(s->services, cap, sizeof(*v));

		if (v == NULL)
			return false;
		s->services = v;
		s->cap_services = cap;
	}
	(void)snprintf(s->services[s->n_services].party, sizeof(s->services->party),
		       "%s", party);
	(void)snprintf(s->services[s->n_services].label, sizeof(s->services->label),
		       "%s", label);
	s->n_services++;
	return true;
}

static bool add_mark(void *ctx, const struct store_seed *m)
{
	struct session *s = ctx;

	if (s->n_marks == s->cap_marks) {
		const size_t cap = s->cap_marks == 0 ? 16 : s->cap_marks * 2;
		struct store_seed *v = xt_reallocarray(s->marks, cap, sizeof(*v));

		if (v == NULL)
			return false;
		s->marks = v;
		s->cap_marks = cap;
	}
	s->marks[s->n_marks++] = *m;
	return true;
}

static enum xt_status load_sessions(struct replay *r, struct xt_err *err)
{
	enum xt_status rc = store_each_session(r->origin, add_session, r, err);

	if (r->rc != XT_OK) {
		*err = r->err;
		return r->rc;
	}
	for (size_t i = 0; rc == XT_OK && i < r->n; i++) {
		rc = store_each_session_service(r->origin, r->v[i].row.id, add_service,
						&r->v[i], err);
		if (rc == XT_OK)
			rc = store_each_session_mark(r->origin, r->v[i].row.id,
						     add_mark, &r->v[i], err);
		if (rc == XT_E_STOPPED)
			rc = xt_fail(err, XT_E_NOMEM, "out of memory for labels");
	}
	return rc;
}

/* ---- clock and transport ----------------------------------------------------- */

static int64_t replay_time(void *ctx)
{
	return ((const struct replay *)ctx)->time;
}

/* Nobody waits: each look at the clock is a minute later. */
static uint64_t replay_ms(void *ctx)
{
	struct replay *r = ctx;

	r->ms += 60000;
	return r->ms;
}

static enum xt_status diverge(struct replay *r, struct xt_err *err, const char *what)
{
	r->diverged = true;
	(void)xt_fail(&r->why, XT_E_VERIFY,
		      "session %" PRId64 ", answer %" PRId64 ": %.100s%.200s was asked"
		      " for, %s",
		      r->now->id, r->next, r->request.node, r->request.path, what);
	return xt_fail(err, XT_E_STOPPED, "%s", r->why.text);
}

static enum xt_status replay_submit(void *ctx, const struct nis_request *q,
				    struct xt_err *err)
{
	struct replay *r = ctx;

	r->request = *q;
	/* The answer to the last request of a session may not have come. */
	if (r->next > r->now->answers_after)
		return xt_fail(err, XT_E_STOPPED,
			       "the answers of the session end here");
	r->waiting = true;
	return XT_OK;
}

static enum xt_status fill(struct replay *r, struct nis_answer *out,
			   const struct store_answer *a, struct xt_err *err)
{
	*out = (struct nis_answer){ .tag = r->request.tag, .http = a->http };
	memcpy(out->url, a->url, sizeof(out->url));
	if (r->request.post)
		memcpy(out->body_sent, r->request.body, sizeof(out->body_sent));
	if (a->http == 0)
		return crawl_failure_read(out, a->body, a->len, err);
	out->body = xt_calloc(a->len + 1, 1);
	if (out->body == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for an answer");
	if (a->len > 0)
		memcpy(out->body, a->body, a->len);
	out->len = a->len;
	return XT_OK;
}

static enum xt_status replay_wait(void *ctx, struct nis_answer *out, bool *got,
				  int timeout_ms, struct xt_err *err)
{
	struct replay *r = ctx;
	struct store_answer a;
	char url[sizeof(a.url)];
	enum xt_status rc;

	(void)timeout_ms;
	*got = false;
	if (!r->waiting)
		return XT_OK;
	rc = store_answer_get(r->origin, &a, r->next, err);
	if (rc == XT_E_NOTFOUND || rc == XT_E_VERIFY || rc == XT_E_DATA)
		return diverge(r, err, err->text);
	if (rc != XT_OK)
		return rc;
	(void)snprintf(url, sizeof(url), "%s%s", r->request.node, r->request.path);
	if (strcmp(url, a.url) != 0 ||
	    (r->request.post && strcmp(r->request.body, a.body_sent) != 0))
		return diverge(r, err, "another question was answered");
	rc = fill(r, out, &a, err);
	if (rc == XT_E_DATA)
		return diverge(r, err, "the stored failure cannot be read");
	if (rc != XT_OK)
		return rc;
	r->waiting = false;
	r->time = a.time;
	r->next++;
	r->served++;
	*got = true;
	return XT_OK;
}

static size_t replay_in_flight(void *ctx)
{
	return ((const struct replay *)ctx)->waiting;
}

/* The address in the next question about an account. */
static bool replay_next_account(void *ctx, char address[41])
{
	static const char key[] = "address=";
	struct replay *r = ctx;

	for (int64_t id = r->next; id <= r->now->answers_after; id++) {
		struct store_answer a;
		const char *p;

		if (store_answer_get(r->origin, &a, id, NULL) != XT_OK)
			return false;
		p = strstr(a.url, key);
		if (p == NULL || strlen(p + sizeof(key) - 1) < 40)
			continue;
		memcpy(address, p + sizeof(key) - 1, 40);
		address[40] = '\0';
		return true;
	}
	return false;
}

static bool replay_next_node(void *ctx, char url[256])
{
	struct replay *r = ctx;
	struct store_answer a;

	if (r->next > r->now->answers_after ||
	    store_answer_get(r->origin, &a, r->next, NULL) != XT_OK)
		return false;
	(void)snprintf(url, 256, "%s", a.node);
	return true;
}

/* ---- one session ------------------------------------------------------------- */

static enum xt_status run_session(struct replay *r, const struct session *v,
				  struct xt_err *err)
{
	const struct xt_clock clock = { replay_time, replay_ms, r };
	const struct crawl_replay replay = {
		.units = v->row.units,
		.services = v->services,
		.n_services = v->n_services,
		.next_account = replay_next_account,
		.next_node = replay_next_node,
		.ctx = r,
		.marks = v->marks,
		.n_marks = v->n_marks,
		.budget = strcmp(v->row.ended, STORE_ENDED_BUDGET) == 0,
	};
	struct nis_transport t = { .submit = replay_submit,
				   .wait = replay_wait,
				   .in_flight = replay_in_flight,
				   .ctx = r };
	struct crawl_report rep;
	struct crawl_options o;
	enum xt_status rc;

	crawl_options_init(&o);
	o.nodes = v->nodes;
	o.n_nodes = v->n_nodes;
	o.seeds = v->seeds;
	o.n_seeds = v->n_seeds;
	o.max_depth = v->row.max_depth;
	o.has_from = v->row.has_from;
	o.from = v->row.from;
	o.has_to = v->row.has_to;
	o.to = v->row.to;
	o.min_uxem = v->row.min_uxem;
	o.through_services = v->row.through_services;
	o.max_requests = v->row.max_requests;
	o.rate = 0; /* nobody is asked */
	o.quorum = v->row.quorum;
	o.blocks = (enum crawl_blocks)v->row.blocks;
	o.scan_from = v->row.scan_from;
	o.scan_to = v->row.scan_to;
	o.fan = v->row.fan;
	o.full_history = v->row.full_history;
	o.replay = &replay;
	r->now = &v->row;
	r->time = v->row.time;
	r->waiting = false;
	if (r->next != v->row.answers_before + 1)
		return xt_fail(err, XT_E_NOTFOUND,
			       "answers %" PRId64 " to %" PRId64
			       " are of no recorded session: the case was begun by an"
			       " older version",
			       r->next, v->row.answers_before);
	rc = crawl_run(&rep, r->s, &t, &o, &clock, NULL, err);
	/* How a session ended the first time it ends again. */
	if (rc == XT_OK || rc == XT_E_STOPPED || rc == XT_E_NET || rc == XT_E_VERIFY)
		rc = XT_OK;
	if (rc == XT_OK && r->diverged)
		return xt_fail(err, XT_E_VERIFY, "%s", r->why.text);
	return rc;
}

static bool count_answers(void *ctx, const struct store_answer *a)
{
	*(int64_t *)ctx = a->id;
	return true;
}

static bool differ(void *ctx, const char *table, bool rebuilt, const char *row)
{
	struct replay *r = ctx;
	const struct evidence_difference d = { table, rebuilt, row };

	r->differences++;
	return r->each(r->ctx, &d);
}

static enum xt_status run_all(struct replay *r, const struct xt_sink *sink,
			      struct xt_err *err)
{
	int64_t last = 0;
	enum xt_status rc =
	    store_each_answer(r->origin, false, count_answers, &last, err);

	for (size_t i = 0; rc == XT_OK && i < r->n; i++) {
		rc = run_session(r, &r->v[i], err);
		if (rc == XT_OK && !xt_progress(sink, i + 1, r->n, "sessions"))
			rc = xt_fail(err, XT_E_STOPPED, "stopped");
	}
	if (rc == XT_OK && r->n == 0 && last > 0)
		rc = xt_fail(err, XT_E_NOTFOUND,
			     "%" PRId64 " answers are of no recorded session: the case"
			     " was made by an older version",
			     last);
	return rc;
}

enum xt_status
evidence_replay(struct evidence_replay *out, struct store *s, const char *path,
		bool (*each)(void *ctx, const struct evidence_difference *d), void *ctx,
		const struct xt_sink *sink, struct xt_err *err)
{
	struct replay r = { .s = s, .next = 1, .each = each, .ctx = ctx };
	struct xt_err own;
	uint64_t rows = 0;
	enum xt_status rc;

	if (err == NULL)
		err = &own;
	rc = store_open(&r.origin, path, STORE_READ, err);
	if (rc != XT_OK)
		return rc;
	rc = load_sessions(&r, err);
	if (rc == XT_OK)
		rc = store_rebuild_begin(s, path, err);
	if (rc == XT_OK)
		rc = run_all(&r, sink, err);
	if (rc == XT_OK)
		rc = store_rebuild_compare(s, &rows, differ, &r, err);
	if (rc == XT_OK)
		*out = (struct evidence_replay){ .sessions = r.n,
						 .answers = r.served,
						 .rows = rows,
						 .differences = r.differences };
	store_close(r.origin);
	release_sessions(&r);
	return rc;
}
