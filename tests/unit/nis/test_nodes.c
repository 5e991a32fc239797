/* Which nodes are asked: peer lists, files of nodes, addresses that are closed, proxies,
 * and a survey over a transport that answers by itself. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

/* ---- files of nodes --------------------------------------------------------------- */

static enum xt_status parse(struct nis_file *f, const char *text, struct xt_err *err)
{
	return nis_file_parse(f, "my nodes", (const uint8_t *)text, strlen(text), err);
}

static void test_file(void **state)
{
	static struct nis_file f;

	(void)state;
	assert_int_equal(parse(&f,
			       "\xEF\xBB\xBF# mine\n"
			       "http://A.example\t home \r\n"
			       "\n"
			       "  https://b.example:8443 the other one # slow\n"
			       "http://[2001:DB8::1]",
			       NULL),
			 XT_OK);
	assert_int_equal(f.n, 3);
	assert_string_equal(f.v[0].url, "http://a.example:7890");
	assert_string_equal(f.v[0].name, "home");
	assert_string_equal(f.v[1].url, "https://b.example:8443");
	assert_string_equal(f.v[1].name, "the other one");
	assert_string_equal(f.v[2].url, "http://[2001:db8::1]:7890");
	assert_string_equal(f.v[2].name, "");
	assert_int_equal(parse(&f, "", NULL), XT_OK);
	assert_int_equal(f.n, 0);
}

static void test_file_errors(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "http://a\nftp://b\n",
		  "my nodes:2: \"ftp://b\": node 'ftp://b': must begin with" },
		{ "mine http://a\n", "my nodes:1: \"mine http://a\": node 'mine'" },
		{ "http://a http://b\n",
		  "my nodes:1: \"http://a http://b\": one node" },
		{ "http://a\n#\nhttp://A:7890 x\n",
		  "my nodes:3: \"http://A:7890 x\": this node stands above" },
		{ "http://a x\nhttp://b x\n", "my nodes:2: \"http://b x\": this name" },
		{ "http://a \x1b[31m\n",
		  "my nodes:1: \"http://a ?[31m\": a control character" },
		{ "http://a \xFF\n", "my nodes:1: \"http://a ?\": not UTF-8" },
		{ "http://u:p@a\n", "a node's URL has no user or password" },
		{ "http://a/x\n", "only host and port" },
		{ "http://a:99999\n", "port" },
	};
	static struct nis_file f;
	char text[NIS_FILE_MAX_NODES * 32 + 64] = "";
	struct xt_err err;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse(&f, bad[i].text, &err), XT_E_DATA);
		assert_non_null(strstr(err.text, bad[i].why));
	}
	for (unsigned i = 0; i <= NIS_FILE_MAX_NODES; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "http://n%u\n", i);
	assert_int_equal(parse(&f, text, &err), XT_E_DATA);
	assert_non_null(strstr(err.text, "my nodes:65: "));
	/* A NUL is a control character, and no end. */
	assert_int_equal(
	    nis_file_parse(&f, "f", (const uint8_t *)"http://a\n\0x", 11, &err),
	    XT_E_DATA);
}

/* ---- addresses and proxies -------------------------------------------------------- */

static void test_private(void **state)
{
	static const char *const closed[] = {
		"http://127.0.0.1:7890",       "http://10.1.2.3:7890",
		"http://172.31.0.1:7890",      "http://192.168.1.1:7890",
		"http://169.254.169.254:80",   "http://100.64.0.1:7890",
		"http://0.0.0.0:7890",         "http://224.0.0.1:7890",
		"http://255.255.255.255:7890", "http://198.19.0.1:7890",
		"http://[::1]:7890",           "http://[::]:7890",
		"http://[fe80::1]:7890",       "http://[fd00::1]:7890",
		"http://[ff02::1]:7890",       "http://[::ffff:10.0.0.1]:7890",
		"http://[64:ff9b::a00:1]:80",  "http://[2002:a00:1::]:7890",
		"http://[2001:db8::1]:7890",
	};
	static const char *const open[] = {
		"http://8.8.8.8:7890",         "http://172.32.0.1:7890",
		"http://100.128.0.1:7890",     "http://[2a00:1450::1]:7890",
		"http://[::ffff:8.8.8.8]:80",  "http://name.example:7890",
		"http://127.0.0.1.example:80", "http://223.255.255.1:7890",
	};
	const struct sockaddr other = { .sa_family = AF_UNIX };
	struct sockaddr_in v4 = { .sin_family = AF_INET };

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(closed); i++)
		assert_true(nis_url_is_private(closed[i]));
	for (size_t i = 0; i < XT_ARRAY_SIZE(open); i++)
		assert_false(nis_url_is_private(open[i]));
	assert_true(nis_sockaddr_is_private(&other));
	assert_int_equal(inet_pton(AF_INET, "192.168.0.9", &v4.sin_addr), 1);
	assert_true(nis_sockaddr_is_private((const struct sockaddr *)&v4));
	assert_int_equal(inet_pton(AF_INET, "9.9.9.9", &v4.sin_addr), 1);
	assert_false(nis_sockaddr_is_private((const struct sockaddr *)&v4));
}

static void test_proxy(void **state)
{
	static const char *const good[] = { "http://127.0.0.1:3128",
					    "socks5h://localhost:9050",
					    "HTTPS://u:secret@p.example:443/",
					    "socks5://[::1]:1080" };
	static const char *const bad[] = {
		"127.0.0.1:3128",
		"ftp://a:1",
		"http://a",
		"http://:80",
		"http://a:0",
		"http://a:1/x",
		"http://u:secret@a b:1",
		"",
		"socks5h://a:b",
	};
	struct xt_err err;

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(good); i++)
		assert_int_equal(nis_proxy_url(good[i], NULL), XT_OK);
	for (size_t i = 0; i < XT_ARRAY_SIZE(bad); i++) {
		assert_int_equal(nis_proxy_url(bad[i], &err), XT_E_USAGE);
		assert_null(strstr(err.text, "secret"));
	}
}

/* ---- peer lists ------------------------------------------------------------------- */

static void test_peers(void **state)
{
	static const char text[] =
	    "{\"data\":["
	    "{\"endpoint\":{\"protocol\":\"http\",\"port\":7890,\"host\":\"A.example\"}},"
	    "{\"endpoint\":{\"protocol\":\"http\",\"port\":7890,\"host\":\"a.example\"}},"
	    "{\"endpoint\":{\"protocol\":\"file\",\"port\":7890,\"host\":\"b\"}},"
	    "{\"endpoint\":{\"protocol\":\"http\",\"port\":7890,\"host\":\"c@d\"}},"
	    "{\"endpoint\":{\"protocol\":\"http\",\"port\":7890,\"host\":\"\\u001b[1m\"}},"
	    "{\"endpoint\":{\"protocol\":\"http\",\"port\":1.5,\"host\":\"e\"}},"
	    "{\"endpoint\":{\"protocol\":\"http\",\"port\":70000,\"host\":\"e\"}},"
	    "{\"endpoint\":{\"protocol\":\"http\",\"port\":1,\"host\":\"e:2/\"}},"
	    "{\"endpoint\":{\"protocol\":\"https\",\"port\":443,\"host\":\"2a00::1\"}},"
	    "7, null, []]}";
	struct nis_peers l = { 0 };
	struct xt_err err;

	(void)state;
	assert_int_equal(
	    nis_decode_peers(&l, (const uint8_t *)text, strlen(text), NULL), XT_OK);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.url[0], "http://a.example:7890");
	assert_string_equal(l.url[1], "https://[2a00::1]:443");
	assert_int_equal(l.bad, 9);
	nis_peers_release(&l);
	assert_int_equal(
	    nis_decode_peers(&l, (const uint8_t *)"{\"data\":5}", 10, &err), XT_E_DATA);
	assert_non_null(strstr(err.text, "no list of peers"));
}

/* Larger than any node's: what is beyond the limit is counted and not looked at. */
static void test_many_peers(void **state)
{
	const size_t most = NIS_MAX_PEERS + 7;
	struct nis_peers l = { 0 };
	struct xt_buf b;

	(void)state;
	xt_buf_init(&b, 8u << 20);
	assert_int_equal(xt_buf_adds(&b, "{\"data\":[", NULL), XT_OK);
	for (size_t i = 0; i < most; i++)
		assert_int_equal(xt_buf_addf(&b, NULL,
					     "%s{\"endpoint\":{\"protocol\":\"http\","
					     "\"port\":7890,\"host\":\"n%zu\"}}",
					     i == 0 ? "" : ",", i),
				 XT_OK);
	assert_int_equal(xt_buf_adds(&b, "]}", NULL), XT_OK);
	assert_int_equal(nis_decode_peers(&l, b.data, b.len, NULL), XT_OK);
	assert_int_equal(l.n, NIS_MAX_PEERS);
	assert_int_equal(l.more, 7);
	nis_peers_release(&l);
	xt_buf_release(&b);
}

/* ---- a survey --------------------------------------------------------------------- */

/* Answers for hosts that begin with "good"; nobody else does. */
struct world {
	unsigned asked[3]; /* given, good peer, bad peer */
	bool public_only;  /* of the last peer */
	const char *list;
};

static enum xt_status say_answer(struct nis_answer *a, const char *text)
{
	a->http = 200;
	a->len = strlen(text);
	a->body = malloc(a->len + 1);
	assert_non_null(a->body);
	memcpy(a->body, text, a->len + 1);
	return XT_OK;
}

static enum xt_status find(void *ctx, const struct nis_request *r, struct nis_answer *a,
			   struct xt_err *err)
{
	struct world *w = ctx;
	const bool given = strcmp(r->node, "http://given:7890") == 0;
	const bool good = strncmp(r->node, "http://good", 11) == 0;

	w->asked[given ? 0 : good ? 1 : 2]++;
	if (!given)
		w->public_only = r->public_only;
	assert_true(r->max_body > 0 && r->max_body <= 4u << 20);
	if (!given && !good)
		return xt_fail(err, XT_E_NOTFOUND, "nobody");
	if (strcmp(r->path, "/node/info") == 0)
		return say_answer(
		    a,
		    "{\"metaData\":{\"features\":3,\"application\":null,"
		    "\"networkId\":104,\"version\":\"0.6.102\",\"platform\":null},"
		    "\"endpoint\":{\"protocol\":\"http\",\"port\":7890,\"host\":\"n\"},"
		    "\"identity\":{\"name\":null,\"public-key\":null}}");
	if (strcmp(r->path, "/status") == 0)
		return say_answer(a, "{\"type\":4,\"code\":6,\"message\":\"status\"}");
	if (strcmp(r->path, "/chain/height") == 0)
		return say_answer(a, "{\"height\":77}");
	/* Only this one of the three lists. */
	if (strcmp(r->path, "/node/peer-list/active") == 0)
		return say_answer(a, w->list);
	return xt_fail(err, XT_E_NOTFOUND, "not here");
}

#define PEER(host, port)                                                               \
	"{\"endpoint\":{\"protocol\":\"http\",\"port\":" #port ",\"host\":\"" host     \
	"\"}}"

static void test_survey(void **state)
{
	struct world w = {
		.list = "{\"data\":[" PEER("good", 7890) "," PEER("bad", 7890) "," PEER(
		    "10.0.0.1", 7890) "," PEER("good.mail", 25) "," PEER("given",
									 7890) ","
									       "3]}",
	};
	const char *const nodes[] = { "http://given:7890", "http://given:7890" };
	struct nis_survey_options opt = { .nodes = nodes,
					  .n_nodes = 2,
					  .max_peers = 10 };
	struct nis_survey s = { 0 };
	struct nis_transport t;

	(void)state;
	assert_int_equal(nis_transport_replay(&t, find, &w, NULL), XT_OK);
	assert_int_equal(nis_survey(&s, &t, &opt, NULL, NULL, NULL), XT_OK);
	assert_int_equal(s.n, 3);
	assert_true(s.v[0].given && s.v[0].answered);
	assert_string_equal(s.v[1].url, "http://good:7890");
	assert_true(s.v[1].answered && !s.v[1].given);
	assert_int_equal(s.v[1].height, 77);
	assert_int_equal(s.v[1].info.features, 3);
	assert_false(s.v[2].answered);
	assert_non_null(strstr(s.v[2].why.text, "http://bad:7890/node/info"));
	assert_int_equal(s.listed, 6);
	assert_int_equal(s.bad, 1);
	assert_int_equal(s.closed, 2);
	assert_false(s.timed_out);
	assert_int_equal(w.asked[0], 5);
	assert_int_equal(w.asked[1], 3);
	assert_int_equal(w.asked[2], 1);
	assert_true(w.public_only);
	nis_survey_release(&s);

	/* No peers wanted: none asked, and no list. */
	memset(w.asked, 0, sizeof(w.asked));
	opt.max_peers = 0;
	assert_int_equal(nis_survey(&s, &t, &opt, NULL, NULL, NULL), XT_OK);
	assert_int_equal(s.n, 1);
	assert_int_equal(w.asked[0], 3);
	nis_survey_release(&s);

	/* One too many; and one's own net, if one says so. */
	opt.max_peers = 2;
	opt.private_peers = true;
	assert_int_equal(nis_survey(&s, &t, &opt, NULL, NULL, NULL), XT_OK);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.over, 1);
	assert_int_equal(s.closed, 1);
	assert_false(w.public_only);
	nis_survey_release(&s);
	nis_transport_free(&t);
}

/* A list that names one host a thousand times does not make us knock a thousand times. */
static void test_one_host(void **state)
{
	const char *const nodes[] = { "http://given:7890" };
	const struct nis_survey_options opt = { .nodes = nodes,
						.n_nodes = 1,
						.max_peers = 500 };
	struct nis_survey s = { 0 };
	struct nis_transport t;
	struct world w = { 0 };
	struct xt_buf b;

	(void)state;
	xt_buf_init(&b, 1u << 20);
	assert_int_equal(xt_buf_adds(&b, "{\"data\":[5", NULL), XT_OK);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(xt_buf_addf(&b, NULL,
					     ",{\"endpoint\":{\"protocol\":\"http\","
					     "\"port\":%d,\"host\":\"victim\"}}",
					     2000 + i),
				 XT_OK);
	assert_int_equal(xt_buf_adds(&b, "]}", NULL), XT_OK);
	w.list = xt_buf_str(&b);
	assert_int_equal(nis_transport_replay(&t, find, &w, NULL), XT_OK);
	assert_int_equal(nis_survey(&s, &t, &opt, NULL, NULL, NULL), XT_OK);
	assert_int_equal(w.asked[2], NIS_SURVEY_PER_HOST);
	assert_int_equal(s.over, 1000 - NIS_SURVEY_PER_HOST);
	nis_survey_release(&s);
	nis_transport_free(&t);
	xt_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),    cmocka_unit_test(test_file_errors),
		cmocka_unit_test(test_private), cmocka_unit_test(test_proxy),
		cmocka_unit_test(test_peers),   cmocka_unit_test(test_many_peers),
		cmocka_unit_test(test_survey),  cmocka_unit_test(test_one_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
