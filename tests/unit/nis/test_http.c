/* The HTTP client against a server that behaves and misbehaves, on this machine only.
 */
#include "fixture.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include <xemtrace/limits.h>

#define LIMIT_MS   20000u /* for what is to come, however busy the machine */
#define SHORT_MS   500u   /* for what is not */
#define MANY_MS    1500u
#define COUNTED_MS 160

struct server {
	struct MHD_Daemon *daemon;
	char node[256];
	atomic_uint now, most, connections;
	char seen[1024]; /* method, headers and body of the last /echo */
};

static void pause_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000,
				    .tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* ---- bodies
 * -------------------------------------------------------------------------- */

static ssize_t endless(void *ctx, uint64_t pos, char *buf, size_t max)
{
	(void)ctx;
	(void)pos;
	memset(buf, ' ', max);
	return (ssize_t)max;
}

static ssize_t largest(void *ctx, uint64_t pos, char *buf, size_t max)
{
	const size_t left = XT_MAX_BODY - (size_t)pos;

	if (left == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	return endless(ctx, pos, buf, max < left ? max : left);
}

/* Half of what was promised, then the line is dropped. */
static ssize_t half(void *ctx, uint64_t pos, char *buf, size_t max)
{
	return pos >= 50 ? MHD_CONTENT_READER_END_WITH_ERROR
			 : endless(ctx, pos, buf, max < 50 ? max : 50);
}

struct bits {
	uint8_t *p;
	size_t n; /* bits */
};

/* Huffman codes go into the stream with their highest bit first. */
static void put_code(struct bits *b, unsigned code, unsigned len)
{
	for (unsigned i = len; i > 0; i--, b->n++)
		if ((code >> (i - 1) & 1) != 0)
			b->p[b->n / 8] |= (uint8_t)(1u << b->n % 8);
}

/* A gzip stream of a space and "258 times the byte before", more than XT_MAX_BODY in
 * all. Unpacked a hundred and fifty times its size. */
static struct MHD_Response *gzip_bomb(void)
{
	static const uint8_t head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
	const size_t repeats = XT_MAX_BODY / 258 + 1000;
	const size_t size = sizeof(head) + repeats * 13 / 8 + 16;
	struct bits b = { .p = calloc(size, 1), .n = sizeof(head) * 8 };
	struct MHD_Response *r;

	if (b.p == NULL)
		return NULL;
	memcpy(b.p, head, sizeof(head));
	put_code(&b, 1, 1);          /* last block */
	put_code(&b, 2, 2);          /* fixed codes: 01, lowest bit first */
	put_code(&b, 0x30 + ' ', 8); /* the literal */
	for (size_t i = 0; i < repeats; i++) {
		put_code(&b, 0xC5, 8); /* length 258 */
		put_code(&b, 0, 5);    /* distance 1 */
	}
	put_code(&b, 0, 7); /* end of block */
	r = MHD_create_response_from_buffer(size, b.p, MHD_RESPMEM_MUST_FREE);
	(void)MHD_add_response_header(r, "Content-Encoding", "gzip");
	return r;
}

static struct MHD_Response *gzip_height(void)
{
	static uint8_t bytes[] = {
		0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab,
		0x56, 0xca, 0x48, 0xcd, 0x4c, 0xcf, 0x28, 0x51, 0xb2, 0xb2, 0x34,
		0xa8, 0x05, 0x00, 0x4f, 0x2a, 0x41, 0x87, 0x0d, 0x00, 0x00, 0x00,
	};
	struct MHD_Response *r = MHD_create_response_from_buffer(sizeof(bytes), bytes,
								 MHD_RESPMEM_MUST_COPY);

	(void)MHD_add_response_header(r, "Content-Encoding", "gzip");
	return r;
}

static struct MHD_Response *from_callback(uint64_t size, MHD_ContentReaderCallback read)
{
	return MHD_create_response_from_callback(size, 64u << 10, read, NULL, NULL);
}

static struct MHD_Response *from_text(const char *text)
{
	char *copy = strdup(text);

	return MHD_create_response_from_buffer(strlen(copy), copy,
					       MHD_RESPMEM_MUST_FREE);
}

/* ---- the server
 * ------------------------------------------------------------------------ */

static enum MHD_Result note_header(void *ctx, enum MHD_ValueKind kind, const char *key,
				   const char *value)
{
	struct server *s = ctx;
	const size_t n = strlen(s->seen);

	(void)kind;
	(void)snprintf(s->seen + n, sizeof(s->seen) - n, "%s: %s\n", key, value);
	return MHD_YES;
}

static struct MHD_Response *counted(struct server *s)
{
	const unsigned now = atomic_fetch_add(&s->now, 1) + 1;
	unsigned most = atomic_load(&s->most);

	while (now > most && !atomic_compare_exchange_weak(&s->most, &most, now))
		continue;
	pause_ms(COUNTED_MS);
	(void)atomic_fetch_sub(&s->now, 1);
	return from_text("{}");
}

static struct MHD_Response *answer(struct server *s, const char *url, unsigned *code)
{
	struct MHD_Response *r;

	if (strcmp(url, "/chain/height") == 0 || strcmp(url, "/echo") == 0)
		return from_text("{\"height\":90}\r\n");
	if (strcmp(url, "/count") == 0)
		return counted(s);
	if (strcmp(url, "/slow") == 0) {
		pause_ms(SHORT_MS + 150);
		return from_text("{}");
	}
	if (strcmp(url, "/half") == 0)
		return from_callback(100, half);
	if (strcmp(url, "/large") == 0)
		return from_callback(XT_MAX_BODY + 1u, endless);
	if (strcmp(url, "/largest") == 0)
		return from_callback(MHD_SIZE_UNKNOWN, largest);
	if (strcmp(url, "/endless") == 0)
		return from_callback(MHD_SIZE_UNKNOWN, endless);
	if (strcmp(url, "/bomb") == 0)
		return gzip_bomb();
	if (strcmp(url, "/gzip") == 0)
		return gzip_height();
	if (strcmp(url, "/busy") == 0) {
		*code = 429;
		return from_text("{\"timeStamp\":1,\"error\":\"Too Many Requests\","
				 "\"message\":null,\"status\":429}");
	}
	if (strcmp(url, "/loading") == 0) {
		*code = 503;
		return from_text("{\"timeStamp\":1,\"error\":\"Service Unavailable\","
				 "\"message\":\"NIS_ILLEGAL_STATE_LOADING_CHAIN\","
				 "\"status\":503}");
	}
	*code = strcmp(url, "/moved") == 0 ? 302 : 404;
	r = from_text("<html>gone</html>");
	if (*code == 302)
		(void)MHD_add_response_header(r, "Location", "/chain/height");
	return r;
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *url,
			      const char *method, const char *version,
			      const char *upload, size_t *upload_size, void **request)
{
	static int first;
	struct server *s = ctx;
	struct MHD_Response *r;
	enum MHD_Result rc;
	unsigned code = 200;

	(void)version;
	if (*request == NULL) {
		*request = &first;
		if (strcmp(url, "/echo") == 0) {
			(void)snprintf(s->seen, sizeof(s->seen), "%s\n", method);
			(void)MHD_get_connection_values(c, MHD_HEADER_KIND, note_header,
							s);
		}
		return MHD_YES;
	}
	if (*upload_size > 0) {
		const size_t n = strlen(s->seen);

		(void)snprintf(s->seen + n, sizeof(s->seen) - n, "[%.*s]\n",
			       (int)*upload_size, upload);
		*upload_size = 0;
		return MHD_YES;
	}
	r = answer(s, url, &code);
	if (r == NULL)
		return MHD_NO;
	rc = MHD_queue_response(c, code, r);
	MHD_destroy_response(r);
	return rc;
}

static void note_connection(void *ctx, struct MHD_Connection *c, void **socket_ctx,
			    enum MHD_ConnectionNotificationCode code)
{
	struct server *s = ctx;

	(void)c;
	(void)socket_ctx;
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		(void)atomic_fetch_add(&s->connections, 1);
}

static int start_server(void **state)
{
	static struct server s;
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) },
	};
	const union MHD_DaemonInfo *info;

	s.daemon = MHD_start_daemon(
	    MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL,
	    NULL, handle, &s, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at,
	    MHD_OPTION_NOTIFY_CONNECTION, note_connection, &s, MHD_OPTION_END);
	if (s.daemon == NULL)
		return -1;
	info = MHD_get_daemon_info(s.daemon, MHD_DAEMON_INFO_BIND_PORT);
	(void)snprintf(s.node, sizeof(s.node), "http://127.0.0.1:%u", info->port);
	*state = &s;
	return 0;
}

static int stop_server(void **state)
{
	struct server *s = *state;

	MHD_stop_daemon(s->daemon);
	return 0;
}

/* ---- the tests
 * ----------------------------------------------------------------------------- */

static struct nis_transport client(unsigned connections, unsigned limit_ms)
{
	const struct nis_http_options opt = { .connections = connections,
					      .connect_ms = limit_ms,
					      .total_ms = limit_ms };
	struct nis_transport t = { 0 };
	struct xt_err err = { 0 };

	assert_int_equal(nis_transport_http(&t, &opt, &err), XT_OK);
	return t;
}

static struct nis_request request(const struct server *s, const char *path)
{
	struct nis_request r = { .tag = 77 };

	(void)snprintf(r.node, sizeof(r.node), "%s", s->node);
	(void)snprintf(r.path, sizeof(r.path), "%s", path);
	return r;
}

static struct nis_answer call(const struct server *s, const char *path,
			      unsigned limit_ms)
{
	struct nis_transport t = client(0, limit_ms);
	const struct nis_request r = request(s, path);
	struct nis_answer a = { 0 };
	struct xt_err err = { 0 };

	assert_int_equal(nis_call(&t, &r, &a, &err), XT_OK);
	assert_int_equal(a.tag, 77);
	assert_int_equal(t.in_flight(t.ctx), 0);
	nis_transport_free(&t);
	return a;
}

static void test_get(void **state)
{
	struct server *s = *state;
	struct nis_answer a = call(s, "/echo", LIMIT_MS);
	uint64_t height = 0;

	assert_int_equal(a.status, XT_OK);
	assert_int_equal(a.http, 200);
	assert_int_equal(nis_decode_height(&height, a.body, a.len, NULL), XT_OK);
	assert_int_equal(height, 90);
	assert_memory_equal(s->seen, "GET\n", 4);
	assert_non_null(strstr(s->seen, "\nAccept: application/json\n"));
	assert_non_null(strstr(s->seen, "\nAccept-Encoding: gzip\n"));
	assert_non_null(strstr(s->seen, "\nUser-Agent: xemtrace/"));
	assert_string_equal(a.body_sent, "");
	nis_answer_release(&a);
}

static void test_post(void **state)
{
	struct server *s = *state;
	struct nis_transport t = client(0, LIMIT_MS);
	struct nis_request r = request(s, "");
	struct nis_answer a = { 0 };

	nis_req_block(&r, 243);
	(void)snprintf(r.path, sizeof(r.path), "/echo");
	assert_int_equal(nis_call(&t, &r, &a, NULL), XT_OK);
	assert_int_equal(a.http, 200);
	assert_memory_equal(s->seen, "POST\n", 5);
	assert_non_null(strstr(s->seen, "\nContent-Type: application/json\n"));
	assert_non_null(strstr(s->seen, "\n[{\"height\":243}]\n"));
	assert_null(strstr(s->seen, "Expect"));
	assert_string_equal(a.body_sent, "{\"height\":243}");
	nis_answer_release(&a);
	nis_transport_free(&t);
}

static void test_gzip(void **state)
{
	struct nis_answer a = call(*state, "/gzip", LIMIT_MS);

	assert_int_equal(a.status, XT_OK);
	assert_int_equal(a.len, 13);
	assert_memory_equal(a.body, "{\"height\":90}", 13);
	nis_answer_release(&a);
}

static void expect_failure(const struct server *s, const char *path,
			   enum xt_status status, const char *words)
{
	const bool slow = strcmp(path, "/slow") == 0;
	struct nis_answer a = call(s, path, slow ? SHORT_MS : LIMIT_MS);
	struct xt_err err = { 0 };

	assert_int_equal(a.status, status);
	assert_int_equal(a.err.code, status);
	assert_null(a.body);
	assert_int_equal(strncmp(a.err.text, s->node, strlen(s->node)), 0);
	if (strstr(a.err.text, words) == NULL)
		fail_msg("%s", a.err.text);
	assert_int_equal(nis_answer_verdict(&a, &err), NIS_RETRY);
	nis_answer_release(&a);
}

static void test_size_limit(void **state)
{
	struct nis_answer a = call(*state, "/largest", LIMIT_MS);

	assert_int_equal(a.status, XT_OK);
	assert_int_equal(a.len, XT_MAX_BODY);
	nis_answer_release(&a);
	expect_failure(*state, "/large", XT_E_LIMIT, "larger than 8388608 bytes");
	expect_failure(*state, "/endless", XT_E_LIMIT, "larger than 8388608 bytes");
	expect_failure(*state, "/bomb", XT_E_LIMIT, "larger than 8388608 bytes");
}

static void test_slow_and_cut(void **state)
{
	expect_failure(*state, "/slow", XT_E_NET, "timed out");
	expect_failure(*state, "/half", XT_E_NET, "/half: ");
}

static void test_unreachable(void **state)
{
	const struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) },
	};
	struct sockaddr_in got = { 0 };
	struct server nobody = { 0 };
	socklen_t n = sizeof(got);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	/* A port that is bound and does not listen: nobody else can get it meanwhile.
	 */
	assert_int_equal(bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&got, &n), 0);
	(void)snprintf(nobody.node, sizeof(nobody.node), "http://127.0.0.1:%u",
		       ntohs(got.sin_port));
	expect_failure(&nobody, "/status", XT_E_NET, "onnect");
	assert_int_equal(close(fd), 0);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *path;
		int http;
		enum nis_verdict verdict;
		const char *words;
	} rows[] = {
		{ "/busy", 429, NIS_RETRY, "/busy: HTTP 429 Too Many Requests" },
		{ "/loading", 503, NIS_RETRY, "NIS_ILLEGAL_STATE_LOADING_CHAIN" },
		{ "/moved", 302, NIS_REFUSED, "a redirect, which is not followed" },
		{ "/nowhere", 404, NIS_REFUSED, "no error of a NIS node" },
	};

	for (size_t i = 0; i < XT_ARRAY_SIZE(rows); i++) {
		struct nis_answer a = call(*state, rows[i].path, LIMIT_MS);
		struct xt_err err = { 0 };

		assert_int_equal(a.status, XT_OK);
		assert_int_equal(a.http, rows[i].http);
		assert_int_equal(nis_answer_verdict(&a, &err), rows[i].verdict);
		if (strstr(err.text, rows[i].words) == NULL)
			fail_msg("%s", err.text);
		nis_answer_release(&a);
	}
}

/* Twenty requests over two connections take longer than the time limit of one of them.
 */
static void test_many(void **state)
{
	struct server *s = *state;
	struct nis_transport t = client(2, MANY_MS);
	struct nis_request r = request(s, "/count");
	bool seen[20] = { false };
	bool got;

	atomic_store(&s->connections, 0);
	atomic_store(&s->most, 0);
	for (r.tag = 0; r.tag < XT_ARRAY_SIZE(seen); r.tag++)
		assert_int_equal(t.submit(t.ctx, &r, NULL), XT_OK);
	assert_int_equal(t.in_flight(t.ctx), XT_ARRAY_SIZE(seen));
	for (size_t i = 0; i < XT_ARRAY_SIZE(seen); i++) {
		struct nis_answer a = { 0 };

		assert_int_equal(t.wait(t.ctx, &a, &got, (int)LIMIT_MS, NULL), XT_OK);
		assert_true(got);
		assert_int_equal(a.status, XT_OK);
		assert_true(a.tag < XT_ARRAY_SIZE(seen) && !seen[a.tag]);
		seen[a.tag] = true;
		nis_answer_release(&a);
	}
	assert_int_equal(atomic_load(&s->most), 2);
	assert_int_equal(atomic_load(&s->connections), 2);
	assert_int_equal(t.in_flight(t.ctx), 0);
	nis_transport_free(&t);
}

static void test_wait_and_drop(void **state)
{
	struct nis_transport t = client(1, LIMIT_MS);
	const struct nis_request r = request(*state, "/slow");
	struct nis_answer a = { 0 };
	bool got = true;

	assert_int_equal(t.wait(t.ctx, &a, &got, 10000, NULL), XT_OK);
	assert_false(got);
	for (int i = 0; i < 3; i++)
		assert_int_equal(t.submit(t.ctx, &r, NULL), XT_OK);
	assert_int_equal(t.wait(t.ctx, &a, &got, 50, NULL), XT_OK);
	assert_false(got);
	assert_int_equal(t.in_flight(t.ctx), 3);
	/* One on its way, two that wait: all go with the transport. */
	nis_transport_free(&t);
}

static void test_no_proxy(void **state)
{
	struct nis_answer a;

	assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
	assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
	a = call(*state, "/chain/height", LIMIT_MS);
	assert_int_equal(a.status, XT_OK);
	nis_answer_release(&a);
	(void)unsetenv("http_proxy");
	(void)unsetenv("ALL_PROXY");
}

/* The socket is refused before it is opened: the server sees nothing. */
static void test_public_only(void **state)
{
	const struct server *s = *state;
	const unsigned before = atomic_load(&s->connections);
	struct nis_request r = { .public_only = true, .path = "/chain/height" };
	struct nis_answer a = { 0 };
	struct nis_transport t;

	memcpy(r.node, s->node, sizeof(r.node));
	assert_int_equal(nis_transport_http(&t, NULL, NULL), XT_OK);
	assert_int_equal(nis_call(&t, &r, &a, NULL), XT_OK);
	assert_int_equal(a.status, XT_E_NET);
	assert_non_null(strstr(a.err.text, "leads to a private address"));
	nis_answer_release(&a);
	nis_transport_free(&t);
	assert_int_equal(atomic_load(&s->connections), before);
}

static void test_max_body(void **state)
{
	const struct server *s = *state;
	struct nis_request r = { .max_body = 1000, .path = "/endless" };
	struct nis_answer a = { 0 };
	struct nis_transport t;

	memcpy(r.node, s->node, sizeof(r.node));
	assert_int_equal(nis_transport_http(&t, NULL, NULL), XT_OK);
	assert_int_equal(nis_call(&t, &r, &a, NULL), XT_OK);
	assert_int_equal(a.status, XT_E_LIMIT);
	assert_non_null(strstr(a.err.text, "larger than 1000 bytes"));
	nis_answer_release(&a);
	nis_transport_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_post),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_size_limit),
		cmocka_unit_test(test_slow_and_cut),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_wait_and_drop),
		cmocka_unit_test(test_no_proxy),
		cmocka_unit_test(test_public_only),
		cmocka_unit_test(test_max_body),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
