/* fixture_node: a NIS1 node for tests. HTTP by libmicrohttpd, a thread a connection,
 * the answers made under one lock; waiting happens outside of it. */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "node.h"
#include "util.h"

#define MAX_BODY 65536

struct request {
	char *uri; /* path and query as sent */
	char *body;
	size_t body_len, body_cap;
	bool begun;
	uint64_t number;
	bool answered;
	bool counts; /* for the kill file */
};

struct server {
	struct node node;
	pthread_mutex_t lock;
	uint64_t requests; /* begun */
	uint64_t *stamps;  /* of the last `rate` requests, milliseconds */
	size_t next_stamp;
	size_t next_reorg;
	uint64_t under_way; /* requests with an answer that is not sent yet */
	long victim;        /* of the kill file; 0: none */
	uint64_t kill_in;   /* answers */
};

/* The body on its way out. */
struct stream {
	char *body;
	size_t len;
	uint64_t stop; /* close after this many bytes */
	long drip_ms;
	bool endless;
};

static uint64_t monotonic_ms(void)
{
	return xt_clock_system()->monotonic_ms(xt_clock_system()->ctx);
}

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		;
}

/* ---- sending ---- */

static ssize_t read_stream(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = cls;
	size_t n;

	if (pos >= s->stop)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (pos >= s->len && s->endless) {
		memset(buf, ' ', max);
		return (ssize_t)max;
	}
	if (pos >= s->len)
		return MHD_CONTENT_READER_END_OF_STREAM;
	n = s->len - (size_t)pos;
	if (n > max)
		n = max;
	if (n > s->stop - pos)
		n = (size_t)(s->stop - pos);
	if (s->drip_ms > 0) {
		sleep_ms(s->drip_ms);
		n = 1;
	}
	memcpy(buf, s->body + pos, n);
	return (ssize_t)n;
}

static void free_stream(void *cls)
{
	struct stream *s = cls;

	free(s->body);
	free(s);
}

/* Takes reply->body. */
static enum MHD_Result send_reply(struct MHD_Connection *c, const struct server *s,
				  struct node_reply *reply, const struct request *r)
{
	const struct node_options *o = &s->node.opt;
	bool applies = node_applies(&s->node, r->uri, r->number);
	struct stream *st = fx_alloc(1, sizeof(*st));
	bool redirect = applies && o->redirect != NULL;
	struct MHD_Response *res;
	enum MHD_Result ok;

	st->body = reply->body;
	st->len = reply->len;
	st->stop = applies && o->cut > 0 ? o->cut - 1 : UINT64_MAX;
	st->drip_ms = applies ? o->drip_ms : 0;
	st->endless = applies && o->endless;
	res = MHD_create_response_from_callback(
	    o->content_length && !st->endless ? st->len : MHD_SIZE_UNKNOWN, 65536,
	    read_stream, st, free_stream);
	if (res == NULL)
		fx_die("out of memory");
	MHD_add_response_header(res, "Content-Type",
				applies && o->html ? "text/html" : "application/json");
	MHD_add_response_header(res, "Access-Control-Allow-Origin", "*");
	MHD_add_response_header(res, "Access-Control-Allow-Headers", "Content-Type");
	MHD_add_response_header(res, "Allow", "GET, HEAD, POST, OPTIONS");
	MHD_add_response_header(res, "Server", "Jetty(9.4.57.v20241219)");
	if (reply->status == 429)
		MHD_add_response_header(res, "DoSFilter", "unavailable");
	if (redirect)
		MHD_add_response_header(res, "Location", o->redirect);
	ok = MHD_queue_response(c, redirect ? 302U : (unsigned)reply->status, res);
	MHD_destroy_response(res);
	return ok;
}

/* ---- deciding ---- */

/* As Jetty's DoSFilter counts: refused requests count too. */
static bool over_rate(struct server *s)
{
	uint64_t at = monotonic_ms() + 1;
	uint64_t before;

	if (s->node.opt.rate == 0)
		return false;
	before = s->stamps[s->next_stamp];
	s->stamps[s->next_stamp] = at;
	s->next_stamp = (s->next_stamp + 1) % s->node.opt.rate;
	return before != 0 && at - before < 1000;
}

static uint64_t wanted_height(const struct server *s)
{
	uint64_t h = s->node.opt.height;
	uint64_t tip = fx_chain_tip(s->node.chain);
	uint64_t v;
	char *text;

	if (s->node.opt.height_file != NULL) {
		text = fx_read_file(s->node.opt.height_file, NULL);
		if (text != NULL) {
			text[strcspn(text, "\r\n")] = '\0';
			if (xt_parse_u64(&v, text, INT64_MAX, NULL) == XT_OK)
				h = v;
			free(text);
		}
	}
	if (h == 0 || h > tip)
		return tip;
	return h < s->node.chain->base ? s->node.chain->base : h;
}

static bool is_due(const struct node_reorg *r, uint64_t number)
{
	return r->flag != NULL ? access(r->flag, F_OK) == 0 : number > r->after;
}

/* Chain and height for request `number`. */
static void settle(struct server *s, uint64_t number)
{
	struct node *n = &s->node;

	while (s->next_reorg < n->opt.n_reorgs &&
	       is_due(&n->opt.reorgs[s->next_reorg], number)) {
		n->chain = n->chains[++s->next_reorg];
		fx_state_free(n->state);
		n->state = NULL;
	}
	fx_state_seek(&n->state, n->chain, wanted_height(s));
}

struct lookup {
	const char *name, *value;
};

static enum MHD_Result match_arg(void *cls, enum MHD_ValueKind kind, const char *key,
				 const char *value)
{
	struct lookup *l = cls;

	(void)kind;
	if (strcmp(key, l->name) != 0)
		return MHD_YES;
	l->value = value == NULL ? "" : value;
	return MHD_NO;
}

/* Names count with their case, to NIS; libmicrohttpd's own lookup takes either. */
static const char *query_arg(void *ctx, const char *name)
{
	struct lookup l = { name, NULL };

	MHD_get_connection_values(ctx, MHD_GET_ARGUMENT_KIND, match_arg, &l);
	return l.value;
}

/* Everything that needs the lock. */
static void make_reply(struct server *s, struct node_reply *out, struct request *r,
		       struct MHD_Connection *c, const char *method, const char *path)
{
	struct node *n = &s->node;
	const struct node_options *o = &n->opt;
	struct node_request q = { .method = method,
				  .path = path,
				  .body = r->body == NULL ? "" : r->body,
				  .body_len = r->body_len,
				  .arg = query_arg,
				  .ctx = c };

	q.content_type =
	    MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Type");
	settle(s, r->number);
	if (over_rate(s)) {
		node_error(n, out, 429, NULL);
	} else if (o->fail_every > 0 && r->number % o->fail_every == 0 &&
		   node_applies(n, r->uri, r->number)) {
		node_error(n, out, o->fail_status, NULL);
	} else {
		node_answer(n, out, &q);
		node_spoil(n, out, r->uri, r->number);
	}
	if (o->log != NULL)
		(void)fprintf(o->log, "%llu %s %s %d %llu\n",
			      (unsigned long long)r->number, method, r->uri,
			      out->status, (unsigned long long)s->under_way);
}

/* The file stands there before its process asks for anything: requests that find it count.
 * True if this one does. */
static bool read_kill_file(struct server *s)
{
	const char *path = s->node.opt.kill_file;
	char *text = path == NULL ? NULL : fx_read_file(path, NULL);
	char *rest;
	long pid;

	if (text == NULL)
		return false;
	pid = strtol(text, &rest, 10);
	if (pid != s->victim) {
		s->victim = pid;
		s->kill_in = strtoull(rest, NULL, 10);
	}
	free(text);
	return true;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version,
				  const char *upload, size_t *upload_size,
				  void **con_cls)
{
	struct server *s = cls;
	struct request *r = *con_cls;
	const struct node_options *o = &s->node.opt;
	struct node_reply reply = { 0, NULL, 0 };

	(void)version;
	if (!r->begun) {
		r->begun = true;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		if (r->body_len + *upload_size > MAX_BODY)
			return MHD_NO;
		if (r->body == NULL)
			r->body = fx_alloc(MAX_BODY + 1, 1);
		memcpy(r->body + r->body_len, upload, *upload_size);
		r->body_len += *upload_size;
		*upload_size = 0;
		return MHD_YES;
	}
	pthread_mutex_lock(&s->lock);
	r->number = ++s->requests;
	if ((o->drop_after > 0 && r->number >= o->drop_after) ||
	    (o->exit_after > 0 && r->number > o->exit_after)) {
		if (o->log != NULL)
			(void)fprintf(o->log, "%llu %s %s dropped\n",
				      (unsigned long long)r->number, method, r->uri);
		pthread_mutex_unlock(&s->lock);
		return MHD_NO;
	}
	s->under_way++;
	r->answered = true;
	r->counts = read_kill_file(s);
	make_reply(s, &reply, r, c, method, url);
	pthread_mutex_unlock(&s->lock);
	if (o->slow_ms > 0)
		sleep_ms(o->slow_ms);
	return send_reply(c, s, &reply, r);
}

/* ---- after the answer ---- */

static void count_down(struct server *s)
{
	if (s->kill_in == 0 || --s->kill_in > 0)
		return;
	(void)unlink(s->node.opt.kill_file);
	/* Never a group, never everything. */
	if (s->victim > 1)
		(void)kill((pid_t)s->victim, SIGKILL);
	s->victim = 0;
}

static void on_completed(void *cls, struct MHD_Connection *c, void **con_cls,
			 enum MHD_RequestTerminationCode code)
{
	struct server *s = cls;
	struct request *r = *con_cls;
	const struct node_options *o = &s->node.opt;

	(void)c;
	(void)code;
	if (r == NULL)
		return;
	if (r->answered) {
		pthread_mutex_lock(&s->lock);
		s->under_way--;
		if (r->counts)
			count_down(s);
		pthread_mutex_unlock(&s->lock);
		if (o->exit_after > 0 && r->number == o->exit_after)
			_exit(0);
	}
	free(r->uri);
	free(r->body);
	free(r);
	*con_cls = NULL;
}

/* Called first, with the whole request line's URI. Its result is *con_cls. */
static void *on_uri(void *cls, const char *uri, struct MHD_Connection *c)
{
	struct request *r = fx_alloc(1, sizeof(*r));

	(void)cls;
	(void)c;
	r->uri = fx_strdup(uri);
	return r;
}

/* ---- main ---- */

static void write_port(const char *path, unsigned port)
{
	size_t n = strlen(path) + 5;
	char *tmp = fx_alloc(n, 1);
	FILE *f;

	(void)snprintf(tmp, n, "%s.tmp", path);
	f = fopen(tmp, "we");
	if (f == NULL || fprintf(f, "%u\n", port) < 0 || fclose(f) != 0 ||
	    rename(tmp, path) != 0)
		fx_die("%s: %s", path, strerror(errno));
	free(tmp);
}

static void load_chains(struct node *n, const char *path)
{
	struct xt_err err;
	const struct fx_chain *older = NULL;

	for (size_t i = 0; i <= n->opt.n_reorgs; i++) {
		if (fx_chain_load(&n->chains[i],
				  i == 0 ? path : n->opt.reorgs[i - 1].path,
				  n->opt.id_seed, older, &err) != XT_OK)
			fx_die("%s", err.text);
		older = n->chains[i];
	}
	n->chain = n->chains[0];
}

static struct MHD_Daemon *listen_on(struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(s->node.opt.port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *d = MHD_start_daemon(
	    MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL,
	    NULL, on_request, s, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at,
	    MHD_OPTION_URI_LOG_CALLBACK, on_uri, s, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, s, MHD_OPTION_CONNECTION_TIMEOUT, 30U,
	    MHD_OPTION_CONNECTION_LIMIT, 500U, MHD_OPTION_END);

	if (d == NULL)
		fx_die("port %u: cannot listen", s->node.opt.port);
	info = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT);
	if (info != NULL)
		s->node.opt.port = info->port;
	return d;
}

static void release(struct server *s)
{
	struct node_options *o = &s->node.opt;

	fx_state_free(s->node.state);
	for (size_t i = 0; i <= o->n_reorgs; i++)
		fx_chain_free(s->node.chains[i]);
	for (size_t i = 0; i < o->n_flips; i++)
		free(o->flips[i].prefix);
	for (size_t i = 0; i < o->n_reorgs; i++)
		free(o->reorgs[i].flag);
	for (size_t i = 0; i < o->n_edits; i++) {
		free(o->edits[i].prefix);
		free(o->edits[i].find);
		free(o->edits[i].replace);
	}
	free(s->stamps);
	if (o->log != NULL)
		(void)fclose(o->log);
	pthread_mutex_destroy(&s->lock);
}

int main(int argc, char **argv)
{
	static struct server s;
	struct nem_privkey priv;
	struct MHD_Daemon *d;
	struct xt_err err;
	sigset_t set;
	int at;
	int sig;

	fx_program = "fixture_node";
	at = node_options_parse(&s.node.opt, argc, argv);
	fx_must(nem_crypto_init(&err), &err);
	fx_key_from_name(&priv, &s.node.key, s.node.opt.name);
	load_chains(&s.node, argv[at]);
	s.stamps = fx_alloc(s.node.opt.rate, sizeof(*s.stamps));
	pthread_mutex_init(&s.lock, NULL);
	settle(&s, 0);
	/* The threads inherit the mask: only sigwait() below hears of these. */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	d = listen_on(&s);
	if (s.node.opt.port_file != NULL)
		write_port(s.node.opt.port_file, s.node.opt.port);
	(void)printf("listening on http://127.0.0.1:%u, height %llu\n", s.node.opt.port,
		     (unsigned long long)s.node.state->height);
	(void)fflush(stdout);
	sigwait(&set, &sig);
	MHD_stop_daemon(d);
	release(&s);
	return 0;
}
