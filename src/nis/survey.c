/* Who answers: nodes that the user named, and those that they name. Everything that
 * comes is a stranger's word: the number of nodes, of requests, the time and the size of
 * answers are bounded, and nobody is sent into our own net. */
#include <xemtrace/nis.h>

#include <stdlib.h>
#include <string.h>

#define DEFAULT_IN_FLIGHT 32u
#define DEFAULT_TOTAL_MS  60000u
#define SLICE_MS          50u
#define ANSWER_BYTES      (64u << 10)
#define LIST_BYTES        (4u << 20)
/* Ports that no node has and other services have: a list is no way to knock there. */
#define LOWEST_PORT 1024

enum step {
	ASK_INFO,
	ASK_STATUS,
	ASK_HEIGHT,
	ASK_REACHABLE, /* and from here on only of the given */
	ASK_ACTIVE,
	ASK_ALL,
	ASK_END
};

struct survey {
	struct nis_survey out;
	size_t cap;
	enum step *step; /* per node, as the next two */
	bool *asked;
	size_t in_flight, peers;
	struct xt_map *urls;  /* to its place */
	struct xt_map *hosts; /* of peers: how many */
	struct nis_transport *t;
	const struct nis_survey_options *opt;
	const struct xt_clock *clock;
	const struct xt_sink *sink;
};

static enum xt_status grow(struct survey *s, struct xt_err *err)
{
	const size_t cap = s->cap == 0 ? 64 : s->cap * 2;
	struct nis_surveyed *v = xt_reallocarray(s->out.v, cap, sizeof(*v));
	enum step *step;
	bool *asked;

	if (v != NULL)
		s->out.v = v;
	step = xt_reallocarray(s->step, cap, sizeof(*step));
	if (step != NULL)
		s->step = step;
	asked = xt_reallocarray(s->asked, cap, sizeof(*asked));
	if (asked != NULL)
		s->asked = asked;
	if (v == NULL || step == NULL || asked == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for nodes");
	s->cap = cap;
	return XT_OK;
}

static enum xt_status add_node(struct survey *s, const char *url, bool given,
			       struct xt_err *err)
{
	const size_t i = s->out.n;
	enum xt_status rc = i < s->cap ? XT_OK : grow(s, err);

	if (rc == XT_OK)
		rc = xt_map_put(s->urls, url, strlen(url), (uint32_t)i, err);
	if (rc != XT_OK)
		return rc;
	s->out.v[i] = (struct nis_surveyed){ .given = given };
	(void)snprintf(s->out.v[i].url, sizeof(s->out.v[i].url), "%s", url);
	s->step[i] = ASK_INFO;
	s->asked[i] = false;
	s->out.n++;
	return XT_OK;
}

/* ---- what a list names ----------------------------------------------------------- */

static bool is_closed(const struct survey *s, const char *url)
{
	const char *colon = strrchr(url, ':');
	const long port = colon == NULL ? 0 : strtol(colon + 1, NULL, 10);

	if (port < LOWEST_PORT && port != 80 && port != 443)
		return true;
	return !s->opt->private_peers && nis_url_is_private(url);
}

static enum xt_status add_peer(struct survey *s, const char *url, struct xt_err *err)
{
	const size_t host = (size_t)(strrchr(url, ':') - url);
	uint32_t at, n = 0;
	enum xt_status rc;

	if (xt_map_get(s->urls, &at, url, strlen(url)))
		return XT_OK;
	if (is_closed(s, url)) {
		s->out.closed++;
		return XT_OK;
	}
	(void)xt_map_get(s->hosts, &n, url, host);
	if (s->peers >= s->opt->max_peers || n >= NIS_SURVEY_PER_HOST) {
		s->out.over++;
		return XT_OK;
	}
	rc = xt_map_put(s->hosts, url, host, n + 1, err);
	if (rc != XT_OK)
		return rc;
	s->peers++;
	return add_node(s, url, false, err);
}

/* Which list has something in it? The next is asked only if this one has not. */
static enum xt_status take_list(struct survey *s, size_t i, const struct nis_answer *a,
				struct xt_err *err)
{
	struct nis_peers l = { 0 };
	enum xt_status rc = XT_OK;
	struct xt_err why;

	s->step[i]++;
	if (nis_answer_verdict(a, &why) != NIS_USE ||
	    nis_decode_peers(&l, a->body, a->len, &why) != XT_OK) {
		xt_log(s->sink, XT_LOG_INFO, "%s", why.text);
		return XT_OK;
	}
	if (l.n + l.bad > 0)
		s->step[i] = ASK_END;
	s->out.listed += l.n + l.bad + l.more;
	s->out.bad += l.bad;
	s->out.over += l.more;
	for (size_t k = 0; rc == XT_OK && k < l.n; k++)
		rc = add_peer(s, l.url[k], err);
	nis_peers_release(&l);
	return rc;
}

/* ---- who one is ------------------------------------------------------------------ */

static void take_fact(struct survey *s, size_t i, const struct nis_answer *a)
{
	struct nis_surveyed *n = &s->out.v[i];
	enum xt_status rc = XT_OK;
	struct xt_err why;

	if (nis_answer_verdict(a, &n->why) != NIS_USE)
		rc = XT_E_NET;
	else if (s->step[i] == ASK_INFO)
		rc = nis_decode_node_info(&n->info, a->body, a->len, &why);
	else if (s->step[i] == ASK_STATUS)
		rc = nis_decode_status(&n->status, a->body, a->len, &why);
	else
		rc = nis_decode_height(&n->height, a->body, a->len, &why);
	if (rc != XT_OK && rc != XT_E_NET)
		(void)xt_fail(&n->why, rc, "%s: %s", a->url, why.text);
	if (rc != XT_OK) {
		s->step[i] = ASK_END;
		return;
	}
	if (s->step[i] == ASK_HEIGHT) {
		n->answered = true;
		n->latency_ms = a->elapsed_ms;
	}
	s->step[i]++;
	if (s->step[i] == ASK_REACHABLE && (!n->given || s->opt->max_peers == 0))
		s->step[i] = ASK_END;
}

static enum xt_status send(struct survey *s, size_t i, struct xt_err *err)
{
	struct nis_request r = {
		.tag = (uint64_t)i + 1,
		.public_only = !s->out.v[i].given && !s->opt->private_peers,
		.max_body = s->step[i] < ASK_REACHABLE ? ANSWER_BYTES : LIST_BYTES,
	};

	memcpy(r.node, s->out.v[i].url, sizeof(r.node));
	switch (s->step[i]) {
	case ASK_INFO:
		nis_req_node_info(&r);
		break;
	case ASK_STATUS:
		nis_req_status(&r);
		break;
	case ASK_HEIGHT:
		nis_req_height(&r);
		break;
	case ASK_REACHABLE:
		nis_req_peers(&r, NIS_PEERS_REACHABLE);
		break;
	case ASK_ACTIVE:
		nis_req_peers(&r, NIS_PEERS_ACTIVE);
		break;
	case ASK_ALL:
	case ASK_END:
		nis_req_peers(&r, NIS_PEERS_ALL);
		break;
	}
	s->asked[i] = true;
	s->in_flight++;
	return s->t->submit(s->t->ctx, &r, err);
}

static enum xt_status send_all(struct survey *s, struct xt_err *err)
{
	const size_t most =
	    s->opt->in_flight == 0 ? DEFAULT_IN_FLIGHT : s->opt->in_flight;
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < s->out.n && s->in_flight < most; i++)
		if (!s->asked[i] && s->step[i] != ASK_END)
			rc = send(s, i, err);
	return rc;
}

static enum xt_status receive(struct survey *s, const struct nis_answer *a,
			      struct xt_err *err)
{
	const size_t i = (size_t)a->tag - 1;

	if (i >= s->out.n || !s->asked[i])
		return xt_fail(err, XT_E_BUG, "%s: nobody asked for this", a->url);
	s->asked[i] = false;
	s->in_flight--;
	if (s->step[i] >= ASK_REACHABLE)
		return take_list(s, i, a, err);
	take_fact(s, i, a);
	return XT_OK;
}

static void show(struct survey *s)
{
	uint64_t ended = 0;

	for (size_t i = 0; i < s->out.n; i++)
		ended += s->step[i] == ASK_END;
	(void)xt_progress(s->sink, ended, s->out.n, "nodes: %llu of %zu asked",
			  (unsigned long long)ended, s->out.n);
}

/* Those that are not done when the time is over. */
static void end_rest(struct survey *s)
{
	for (size_t i = 0; i < s->out.n; i++) {
		struct nis_surveyed *n = &s->out.v[i];

		if (s->step[i] == ASK_END)
			continue;
		s->out.timed_out = true;
		if (!n->answered)
			(void)xt_fail(&n->why, XT_E_NET, "%s: no answer in time",
				      n->url);
	}
}

static enum xt_status run(struct survey *s, struct xt_err *err)
{
	const uint64_t total =
	    s->opt->total_ms == 0 ? DEFAULT_TOTAL_MS : s->opt->total_ms;
	const uint64_t begin = s->clock->monotonic_ms(s->clock->ctx);
	enum xt_status rc = send_all(s, err);

	while (rc == XT_OK && s->in_flight > 0) {
		struct nis_answer a = { 0 };
		bool got = false;

		if (s->opt->stop != NULL && *s->opt->stop != 0)
			return xt_fail(err, XT_E_STOPPED, "stopped");
		if (s->clock->monotonic_ms(s->clock->ctx) - begin >= total)
			break;
		rc = s->t->wait(s->t->ctx, &a, &got, (int)SLICE_MS, err);
		if (rc == XT_OK && got)
			rc = receive(s, &a, err);
		nis_answer_release(&a);
		if (rc == XT_OK)
			rc = send_all(s, err);
		show(s);
	}
	end_rest(s);
	return rc;
}

enum xt_status nis_survey(struct nis_survey *out, struct nis_transport *t,
			  const struct nis_survey_options *opt,
			  const struct xt_clock *clock, const struct xt_sink *sink,
			  struct xt_err *err)
{
	struct survey s = {
		.t = t,
		.opt = opt,
		.clock = clock != NULL ? clock : xt_clock_system(),
		.sink = sink,
	};
	enum xt_status rc = xt_map_new(&s.urls, err);

	if (rc == XT_OK)
		rc = xt_map_new(&s.hosts, err);
	for (size_t i = 0; rc == XT_OK && i < opt->n_nodes; i++) {
		uint32_t at;

		if (!xt_map_get(s.urls, &at, opt->nodes[i], strlen(opt->nodes[i])))
			rc = add_node(&s, opt->nodes[i], true, err);
	}
	if (rc == XT_OK)
		rc = run(&s, err);
	if (rc == XT_OK)
		*out = s.out;
	else
		nis_survey_release(&s.out);
	free(s.step);
	free(s.asked);
	xt_map_free(s.urls);
	xt_map_free(s.hosts);
	return rc;
}

void nis_survey_release(struct nis_survey *s)
{
	free(s->v);
	*s = (struct nis_survey){ 0 };
}
