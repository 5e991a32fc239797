/* Requests, node URLs, what an answer means, and the replay of stored answers. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include <xemtrace/limits.h>

#define NODE "http://127.0.0.1:7890"

static struct nem_address address(void)
{
	struct nem_address a;

	assert_int_equal(nem_address_parse(&a, NEM_NEMESIS_ADDRESS, NULL), XT_OK);
	return a;
}

static void test_requests(void **state)
{
	const struct nem_address a = address();
	const struct nem_pubkey key = { { 0xC5, 0xF5 } };
	struct nis_request r = { .tag = 9 };

	(void)state;
	nis_req_transfers(&r, &a, NIS_ALL, 0);
	assert_string_equal(r.path,
			    "/account/transfers/all?address=" NEM_NEMESIS_ADDRESS
			    "&pageSize=100");
	assert_false(r.post);
	nis_req_transfers(&r, &a, NIS_OUTGOING, UINT64_MAX);
	assert_string_equal(r.path,
			    "/account/transfers/outgoing?address=" NEM_NEMESIS_ADDRESS
			    "&pageSize=100&id=18446744073709551615");
	nis_req_transfers(&r, &a, NIS_INCOMING, 5);
	assert_string_equal(r.path,
			    "/account/transfers/incoming?address=" NEM_NEMESIS_ADDRESS
			    "&pageSize=100&id=5");
	nis_req_harvests(&r, &a, 3);
	assert_string_equal(r.path, "/account/harvests?address=" NEM_NEMESIS_ADDRESS
				    "&pageSize=100&id=3");
	nis_req_account(&r, &a);
	assert_string_equal(r.path, "/account/get?address=" NEM_NEMESIS_ADDRESS);
	nis_req_account_forwarded(&r, &key);
	assert_string_equal(
	    r.path, "/account/get/forwarded/from-public-key?publicKey=c5f50000000000"
		    "00000000000000000000000000000000000000000000000000");
	nis_req_historical(&r, &a, 1, 90, 7);
	assert_string_equal(r.path,
			    "/account/historical/get?address=" NEM_NEMESIS_ADDRESS
			    "&startHeight=1&endHeight=90&increment=7");
	nis_req_block(&r, 243);
	assert_true(r.post);
	assert_string_equal(r.path, "/block/at/public");
	assert_string_equal(r.body, "{\"height\":243}");
	nis_req_blocks_after(&r, 1);
	assert_true(r.post);
	assert_string_equal(r.path, "/local/chain/blocks-after");
	nis_req_node_info(&r);
	assert_false(r.post);
	assert_string_equal(r.body, "");
	assert_string_equal(r.path, "/node/info");
	nis_req_status(&r);
	assert_string_equal(r.path, "/status");
	nis_req_height(&r);
	assert_string_equal(r.path, "/chain/height");
	nis_req_last_block(&r);
	assert_string_equal(r.path, "/chain/last-block");
	nis_req_peers(&r, NIS_PEERS_ALL);
	assert_string_equal(r.path, "/node/peer-list/all");
	assert_int_equal(r.tag, 9);
}

static void test_mosaic_request(void **state)
{
	char ns[] = "ts.a&id=1/\xc3\xa9";
	char name[] = "a b:c%'*";
	char longest[500];
	struct nem_mosaic_id id = {
		.ns = { .data = (uint8_t *)ns, .len = sizeof(ns) - 1 },
		.name = { .data = (uint8_t *)name, .len = sizeof(name) - 1 },
	};
	struct nis_request r = { .path = "/before" };
	struct xt_err err = { 0 };

	(void)state;
	assert_int_equal(nis_req_mosaic_definition(&r, &id, &err), XT_OK);
	assert_string_equal(r.path,
			    "/mosaic/definition?mosaicId=ts.a%26id%3D1%2F%C3%A9:"
			    "a%20b%3Ac%25%27%2A");
	memset(longest, '&', sizeof(longest));
	id.ns.data = (uint8_t *)longest;
	id.ns.len = 163;
	assert_int_equal(nis_req_mosaic_definition(&r, &id, &err), XT_E_LIMIT);
	assert_string_equal(err.text,
			    "mosaic id of 163 and 8 bytes: too long for a request");
	assert_memory_equal(r.path, "/mosaic/definition?mosaicId=ts", 30);
}

static void test_node_url(void **state)
{
	static const struct {
		const char *text;
		const char *url;   /* NULL: refused */
		const char *error; /* part of it */
	} rows[] = {
		{ "http://Alice2.NEM.ninja", "http://alice2.nem.ninja:7890", NULL },
		{ "http://10.0.0.1:7891/", "http://10.0.0.1:7891", NULL },
		{ "HTTPS://node.example", "https://node.example:443", NULL },
		{ "https://node.example:7891", "https://node.example:7891", NULL },
		{ "http://[2001:DB8::1]", "http://[2001:db8::1]:7890", NULL },
		{ "http://[::1]:80", "http://[::1]:80", NULL },
		{ "http://a_b.c", "http://a_b.c:7890", NULL },
		{ "", NULL, "must begin with http:// or https://" },
		{ "alice2.nem.ninja:7890", NULL, "must begin with http://" },
		{ "ftp://a", NULL, "must begin with http://" },
		{ "file:///etc/passwd", NULL, "must begin with http://" },
		{ "http://", NULL, "the host is missing" },
		{ "http://:7890", NULL, "the host is missing" },
		{ "http:///", NULL, "the host is missing" },
		{ "http://a:", NULL, "port: a number is missing" },
		{ "http://a:0", NULL, "port 0" },
		{ "http://a:65536", NULL, "larger than 65535" },
		{ "http://a:123456789", NULL, "is no port" },
		{ "http://a:78x", NULL, "is not a decimal number" },
		{ "http://a:-1", NULL, "is not a decimal number" },
		{ "http://a/path", NULL, "only host and port, no '/path'" },
		{ "http://a?x=1", NULL, "only host and port, no '?x=1'" },
		{ "http://a#f", NULL, "only host and port" },
		{ "http://user:secret@a", NULL, "no user or password" },
		{ "http://a b", NULL, "' ' does not belong in a host name" },
		{ "http://a\nb", NULL, "does not belong in a host name" },
		{ "http://a\\b", NULL, "does not belong in a host name" },
		{ "http://-a", NULL, "begins with a letter or digit" },
		{ "http://[::1", NULL, "']' is missing" },
		{ "http://[nem]", NULL, "'nem' is no IPv6 address" },
		{ "http://[]", NULL, "'' is no IPv6 address" },
		{ "http://[::1]x", NULL, "is no port" },
	};
	char longest[300];
	struct xt_err err = { 0 };
	char out[256] = "untouched";

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(rows); i++) {
		const enum xt_status rc = nis_node_url(out, rows[i].text, &err);

		if (rows[i].url != NULL) {
			assert_int_equal(rc, XT_OK);
			assert_string_equal(out, rows[i].url);
			/* What was normalised stays as it is. */
			assert_int_equal(nis_node_url(out, rows[i].url, &err), XT_OK);
			assert_string_equal(out, rows[i].url);
			continue;
		}
		assert_int_equal(rc, XT_E_USAGE);
		if (strstr(err.text, rows[i].error) == NULL)
			fail_msg("'%s': %s", rows[i].text, err.text);
		assert_null(strstr(err.text, "secret"));
	}
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "http://", 7);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(nis_node_url(out, longest, &err), XT_E_USAGE);
}

/* ---- verdicts
 * ------------------------------------------------------------------------ */

static enum nis_verdict judge(int http, const char *body, struct xt_err *err)
{
	struct nis_answer a = { .http = http, .len = strlen(body) };
	enum nis_verdict v;

	(void)snprintf(a.url, sizeof(a.url), "%s/x", NODE);
	a.body = (uint8_t *)strdup(body);
	v = nis_answer_verdict(&a, err);
	nis_answer_release(&a);
	return v;
}

static void test_recorded_errors(void **state)
{
	static const struct {
		const char *name;
		enum nis_verdict verdict;
		enum xt_status code;
		const char *text;
	} rows[] = {
		{ "insufficient", NIS_USE, XT_OK, "" },
		{ "badAddress", NIS_REFUSED, XT_E_USAGE,
		  NODE "/x: HTTP 400 Bad Request: address must be valid" },
		{ "unknownHash", NIS_ABSENT, XT_E_NOTFOUND,
		  NODE "/x: HTTP 400 Bad Request: Hash was not found in cache" },
		{ "noBlock", NIS_ABSENT, XT_E_NOTFOUND,
		  NODE "/x: HTTP 404 Not Found: block not found in the db '99999' "
		       "(org.nem.core.model.Block)" },
		{ "notFound", NIS_REFUSED, XT_E_USAGE, NODE "/x: HTTP 404 Not Found" },
		{ "missingParam", NIS_REFUSED, XT_E_USAGE,
		  NODE "/x: HTTP 400 Bad Request: encoded address cannot be null" },
		{ "badHeight", NIS_REFUSED, XT_E_USAGE,
		  NODE "/x: HTTP 400 Bad Request: height must be positive" },
	};
	json_t *all = fixture_load("fixtures/vectors/nis-recorded/errors.json");

	(void)state;
	assert_int_equal(json_object_size(all), XT_ARRAY_SIZE(rows));
	for (size_t i = 0; i < XT_ARRAY_SIZE(rows); i++) {
		const json_t *e = fixture_at(all, rows[i].name);
		const int http = (int)json_integer_value(fixture_at(e, "status"));
		struct xt_err err = { 0 };

		assert_int_equal(
		    judge(http, json_string_value(fixture_at(e, "text")), &err),
		    rows[i].verdict);
		assert_int_equal(err.code, rows[i].code);
		assert_string_equal(err.text, rows[i].text);
	}
	json_decref(all);
}

/* Synthetic, after the list of errors in docs/nis1.md. */
static void test_other_errors(void **state)
{
	static const struct {
		int http;
		const char *message; /* NULL: an HTML body */
		enum nis_verdict verdict;
		enum xt_status code;
	} rows[] = {
		{ 500, "this node does not support historical account data retrieval",
		  NIS_REFUSED, XT_E_USAGE },
		{ 500, "cannot serialize a entity without a signature", NIS_REFUSED,
		  XT_E_USAGE },
		{ 500, "expected value for property height, but none was found",
		  NIS_REFUSED, XT_E_USAGE },
		{ 500, "Request method 'GET' not supported", NIS_REFUSED, XT_E_USAGE },
		{ 500, "could not open connection", NIS_RETRY, XT_E_NET },
		{ 400,
		  "Neither transaction id was supplied nor hash was found in cache",
		  NIS_ABSENT, XT_E_NOTFOUND },
		{ 401, "remote 1.2.3.4 attempted to call local /x", NIS_REFUSED,
		  XT_E_USAGE },
		{ 429, "Too Many Requests", NIS_RETRY, XT_E_NET },
		{ 503, "NIS_ILLEGAL_STATE_LOADING_CHAIN", NIS_RETRY, XT_E_NET },
		{ 404, "transaction not found in the db '1'", NIS_ABSENT,
		  XT_E_NOTFOUND },
		{ 500, NULL, NIS_RETRY, XT_E_NET },
		{ 502, NULL, NIS_RETRY, XT_E_NET },
		{ 503, NULL, NIS_RETRY, XT_E_NET },
		{ 429, NULL, NIS_RETRY, XT_E_NET },
		{ 403, NULL, NIS_REFUSED, XT_E_DATA },
		{ 404, NULL, NIS_REFUSED, XT_E_DATA },
		{ 301, NULL, NIS_REFUSED, XT_E_DATA },
		{ 204, NULL, NIS_REFUSED, XT_E_DATA },
	};

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(rows); i++) {
		char body[300] = "<html>no</html>";
		struct xt_err err = { 0 };

		if (rows[i].message != NULL)
			(void)snprintf(
			    body, sizeof(body),
			    "{\"timeStamp\":1,\"error\":\"E\",\"message\":\"%s\","
			    "\"status\":%d}\r\n",
			    rows[i].message, rows[i].http);
		assert_int_equal(judge(rows[i].http, body, &err), rows[i].verdict);
		assert_int_equal(err.code, rows[i].code);
		if (rows[i].message != NULL)
			assert_non_null(strstr(err.text, rows[i].message));
		else
			assert_null(strstr(err.text, "<html>"));
	}
}

static void test_no_answer(void **state)
{
	struct nis_answer a = { .status = XT_E_NET };
	struct xt_err err = { 0 };

	(void)state;
	(void)xt_fail(&a.err, XT_E_NET, "http://n/x: timed out");
	assert_int_equal(nis_answer_verdict(&a, &err), NIS_RETRY);
	assert_int_equal(err.code, XT_E_NET);
	assert_string_equal(err.text, "http://n/x: timed out");
	/* A body whose status is not the one of the HTTP line is not the node's. */
	assert_int_equal(
	    judge(404,
		  "{\"timeStamp\":1,\"error\":\"E\",\"message\":\"block not "
		  "found\",\"status\":200}",
		  &err),
	    NIS_REFUSED);
	assert_int_equal(err.code, XT_E_DATA);
	/* Control bytes of the node's words do not reach a terminal. */
	assert_int_equal(
	    judge(400,
		  "{\"timeStamp\":1,\"error\":null,\"message\":\"a\\u001b[2J\","
		  "\"status\":400}",
		  &err),
	    NIS_REFUSED);
	assert_string_equal(err.text, NODE "/x: HTTP 400: a?[2J");
}

/* ---- replay
 * ---------------------------------------------------------------------------- */

static enum xt_status find(void *ctx, const struct nis_request *r, struct nis_answer *a,
			   struct xt_err *err)
{
	size_t *calls = ctx;

	(*calls)++;
	if (strcmp(r->path, "/chain/height") == 0) {
		a->http = 200;
		a->body = (uint8_t *)strdup("{\"height\":90}");
		a->len = 13;
		return XT_OK;
	}
	if (strcmp(r->path, "/large") == 0) {
		a->http = 200;
		a->body = calloc(1, XT_MAX_BODY + 1u);
		a->len = XT_MAX_BODY + 1u;
		return XT_OK;
	}
	if (strcmp(r->path, "/broken") == 0)
		return xt_fail(err, XT_E_IO, "disk is gone");
	return XT_E_NOTFOUND;
}

static void test_replay(void **state)
{
	struct nis_request r = { .node = NODE, .tag = 1 };
	struct nis_answer a = { 0 };
	struct nis_transport t = { 0 };
	struct xt_err err = { 0 };
	size_t calls = 0;
	bool got = true;

	(void)state;
	assert_int_equal(nis_transport_replay(&t, find, &calls, &err), XT_OK);
	assert_int_equal(t.wait(t.ctx, &a, &got, 1000, &err), XT_OK);
	assert_false(got);
	nis_req_height(&r);
	assert_int_equal(nis_call(&t, &r, &a, &err), XT_OK);
	assert_int_equal(a.tag, 1);
	assert_int_equal(a.status, XT_OK);
	assert_int_equal(a.http, 200);
	assert_string_equal(a.url, NODE "/chain/height");
	nis_answer_release(&a);
	nis_req_status(&r);
	assert_int_equal(nis_call(&t, &r, &a, &err), XT_OK);
	assert_int_equal(a.status, XT_E_NET);
	assert_string_equal(a.err.text, NODE "/status: no stored answer");
	nis_answer_release(&a);
	(void)snprintf(r.path, sizeof(r.path), "/large");
	assert_int_equal(nis_call(&t, &r, &a, &err), XT_OK);
	assert_int_equal(a.status, XT_E_LIMIT);
	assert_null(a.body);
	nis_answer_release(&a);
	/* First in, first out, also past the first size of the queue. */
	nis_req_height(&r);
	for (r.tag = 10; r.tag < 50; r.tag++)
		assert_int_equal(t.submit(t.ctx, &r, &err), XT_OK);
	assert_int_equal(t.in_flight(t.ctx), 40);
	assert_int_equal(nis_call(&t, &r, &a, &err), XT_E_USAGE);
	for (uint64_t tag = 10; tag < 50; tag++) {
		assert_int_equal(t.wait(t.ctx, &a, &got, 0, &err), XT_OK);
		assert_true(got);
		assert_int_equal(a.tag, tag);
		nis_answer_release(&a);
	}
	assert_int_equal(calls, 43);
	(void)snprintf(r.path, sizeof(r.path), "/broken");
	assert_int_equal(nis_call(&t, &r, &a, &err), XT_E_IO);
	assert_string_equal(err.text, "disk is gone");
	nis_transport_free(&t);
	nis_transport_free(&t);
}

/* A transport sends only what the checks have passed. */
static void test_bad_requests(void **state)
{
	static const struct {
		const char *node, *path;
	} rows[] = {
		{ "http://127.0.0.1", "/status" }, /* not the normalised form */
		{ "file:///etc", "/passwd" },
		{ "", "/status" },
		{ NODE, "" },
		{ NODE, "status" },
		{ NODE, "/a b" },
		{ NODE, "/a\r\nHost: x" },
		{ NODE, "/a#b" },
		{ NODE, "/\xc3\xa9" },
		{ "http://127.0.0.1:7890/x", "/status" },
	};
	struct nis_transport t[2] = { { 0 } };
	struct xt_err err = { 0 };
	size_t calls = 0;

	(void)state;
	assert_int_equal(nis_transport_replay(&t[0], find, &calls, &err), XT_OK);
	assert_int_equal(nis_transport_http(&t[1], NULL, &err), XT_OK);
	for (size_t i = 0; i < XT_ARRAY_SIZE(rows) * 2; i++) {
		const struct nis_transport *one = &t[i % 2];
		struct nis_request r = { .tag = 1 };

		(void)snprintf(r.node, sizeof(r.node), "%s", rows[i / 2].node);
		(void)snprintf(r.path, sizeof(r.path), "%s", rows[i / 2].path);
		assert_int_equal(one->submit(one->ctx, &r, &err), XT_E_USAGE);
		assert_int_equal(one->in_flight(one->ctx), 0);
	}
	nis_transport_free(&t[0]);
	nis_transport_free(&t[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_mosaic_request),
		cmocka_unit_test(test_node_url),
		cmocka_unit_test(test_recorded_errors),
		cmocka_unit_test(test_other_errors),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_bad_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
