/* The fixture node against recorded answers of a real NIS, against the real nemesis
 * block, and a small synthetic chain against balances worked out by hand; mkchain's
 * refusals; each misbehaviour once. HTTP by libcurl, the programs as processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "node/txjson.h"
#include "node/util.h"

#define SMALL     "fixtures/nis/theft-small.ledger"
#define NEMESIS   "fixtures/nis/mainnet-nemesis-block.json"
#define JSON_TYPE "Content-Type: application/json"

static char dir[64];   /* of this run */
static char small[96]; /* chain file of SMALL */

/* ---- processes ---- */

static char *path_in(char out[96], const char *name)
{
	(void)snprintf(out, 96, "%s/%s", dir, name);
	return out;
}

/* Run a program; stderr goes to `dir`/stderr, stdout to `out` (NULL: nowhere). */
static pid_t spawn(const char *const *argv, const char *out)
{
	char err_path[96];
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	/* A test that fails leaves its node behind: it goes when we go. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (freopen(out == NULL ? "/dev/null" : out, "w", stdout) == NULL ||
	    freopen(path_in(err_path, "stderr"), "w", stderr) == NULL)
		_exit(126);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int mkchain(const char *option, const char *ledger, const char *out)
{
	const char *argv[] = { MKCHAIN, ledger, option, NULL };

	return wait_for(spawn(argv, out));
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

struct node {
	pid_t pid;
	unsigned port;
};

/* Start a node; the arguments up to NULL follow. */
static struct node start(const char *first, ...)
{
	const char *argv[32] = { FIXTURE_NODE, "--port-file", NULL, first };
	char port_file[96];
	struct node n;
	size_t i = 4;
	va_list ap;
	char *text = NULL;

	argv[2] = path_in(port_file, "port");
	unlink(port_file);
	va_start(ap, first);
	while ((argv[i] = va_arg(ap, const char *)) != NULL && i < 30)
		i++;
	va_end(ap);
	n.pid = spawn(argv, NULL);
	for (int k = 0; k < 1000 && text == NULL; k++) {
		struct timespec t = { 0, 20000000 };

		text = fx_read_file(port_file, NULL);
		if (text == NULL)
			nanosleep(&t, NULL);
	}
	assert_non_null(text);
	n.port = (unsigned)strtoul(text, NULL, 10);
	free(text);
	return n;
}

static void stop(struct node n)
{
	(void)kill(n.pid, SIGTERM);
	assert_int_equal(wait_for(n.pid), 0);
}

/* ---- HTTP ---- */

struct answer {
	CURLcode code;
	long status;
	struct xt_buf body, head;
};

static size_t collect(char *p, size_t size, size_t n, void *to)
{
	return xt_buf_add(to, p, size * n, NULL) == XT_OK ? size * n : 0;
}

static CURL *curl; /* one connection for all, as a client would */

static struct answer fetch(struct node n, const char *path, const char *post)
{
	struct curl_slist *headers = curl_slist_append(NULL, JSON_TYPE);
	struct answer a = { .status = 0 };
	char url[512];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", n.port, path);
	xt_buf_init(&a.body, 1 << 26);
	xt_buf_init(&a.head, 1 << 16);
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &a.body);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &a.head);
	if (post != NULL) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post);
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	}
	a.code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &a.status);
	curl_slist_free_all(headers);
	(void)xt_buf_str(&a.body);
	return a;
}

static void release(struct answer *a)
{
	xt_buf_release(&a->body);
	xt_buf_release(&a->head);
}

static json_t *get_status(struct node n, long status, const char *path,
			  const char *post)
{
	struct answer a = fetch(n, path, post);
	json_t *j;

	assert_int_equal(a.code, CURLE_OK);
	assert_int_equal(a.status, status);
	assert_true(a.body.len > 2);
	assert_memory_equal(a.body.data + a.body.len - 2, "\r\n", 2);
	assert_non_null(
	    strstr(xt_buf_str(&a.head), "Content-Type: application/json\r\n"));
	j = json_loadb((const char *)a.body.data, a.body.len, 0, NULL);
	assert_non_null(j);
	release(&a);
	return j;
}

static json_t *get(struct node n, const char *path)
{
	return get_status(n, 200, path, NULL);
}

static json_t *post_height(struct node n, const char *path, uint64_t height)
{
	char body[64];

	(void)snprintf(body, sizeof(body), "{\"height\":%llu}",
		       (unsigned long long)height);
	return get_status(n, 200, path, body);
}

static const char *address_of(const char *name)
{
	static char s[41];
	struct nem_privkey priv;
	struct nem_pubkey pub;
	struct nem_address a;

	fx_key_from_name(&priv, &pub, name);
	nem_address_from_pubkey(&a, NEM_MAINNET, &pub);
	memcpy(s, a.s, sizeof(s));
	return s;
}

/* PATH?address=...&MORE */
static json_t *get_of(struct node n, const char *path, const char *address,
		      const char *more)
{
	char url[400];

	(void)snprintf(url, sizeof(url), "%s?address=%s%s", path, address, more);
	return get(n, url);
}

static json_int_t integer(const json_t *o, const char *a, const char *b)
{
	const json_t *j = json_object_get(json_object_get(o, a), b);

	assert_true(json_is_integer(j));
	return json_integer_value(j);
}

static json_int_t balance_of(struct node n, const char *address)
{
	json_t *j = get_of(n, "/account/get", address, "");
	json_int_t v = integer(j, "account", "balance");

	json_decref(j);
	return v;
}

/* ---- recorded answers ---- */

static json_t *load(const char *path)
{
	json_error_t e;
	json_t *j = json_load_file(path, 0, &e);

	if (j == NULL)
		fail_msg("%s:%d: %s", path, e.line, e.text);
	return j;
}

/* The keys of an object must be those of another, and the kinds of their values, where
 * a string may be null. */
static void same_shape(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *v;

	assert_true(json_is_object(a) && json_is_object(b));
	assert_int_equal(json_object_size(a), json_object_size(b));
	json_object_foreach((json_t *)(uintptr_t)a, key, v)
	{
		const json_t *w = json_object_get(b, key);

		if (w == NULL)
			fail_msg("key %s", key);
		if (json_is_number(v))
			assert_true(json_is_number(w));
		else if (json_is_string(v) || json_is_null(v))
			assert_true(json_is_string(w) || json_is_null(w));
		else
			assert_int_equal(json_typeof(v), json_typeof(w));
	}
}

static void test_error_bodies(void **state)
{
	static const struct {
		const char *name, *path, *post;
	} cases[] = {
		{ "badAddress", "/account/get?address=NOTANADDRESS", NULL },
		{ "unknownHash",
		  "/transaction/get?hash="
		  "00000000000000000000000000000000000000000000000000000000000000aa",
		  NULL },
		{ "noBlock", "/block/at/public", "{\"height\":99999}" },
		{ "notFound", "/no/such/path", NULL },
		{ "missingParam", "/account/get", NULL },
		{ "badHeight", "/block/at/public", "{\"height\":0}" },
	};
	json_t *recorded = load("fixtures/vectors/nis-recorded/errors.json");
	struct node n = start(small, NULL);

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(cases); i++) {
		const json_t *r = json_object_get(recorded, cases[i].name);
		const char *text = json_string_value(json_object_get(r, "text"));
		const char *from;
		struct answer a = fetch(n, cases[i].path, cases[i].post);

		assert_int_equal(a.status,
				 json_integer_value(json_object_get(r, "status")));
		/* Byte for byte but for the time stamp, which comes first. */
		from = strchr(text, ',');
		assert_string_equal(strchr(xt_buf_str(&a.body), ','), from);
		assert_int_equal(strncmp(xt_buf_str(&a.body), "{\"timeStamp\":", 13),
				 0);
		release(&a);
	}
	json_decref(recorded);
	stop(n);
}

/* What the recorded chain's pages hold up to height 12 must come out the same from the
 * recorded blocks: ids, order, hashes, who sees what. */
static size_t compare_account(struct node n, const json_t *account)
{
	size_t rows = 0;
	static const char *const lists[] = { "all", "incoming", "outgoing" };
	const char *address = json_string_value(json_object_get(
	    json_object_get(json_object_get(account, "get"), "account"), "address"));

	for (size_t i = 0; i < 3; i++) {
		json_t *want = json_array();
		json_t *page;
		json_t *have;
		const json_t *pages = json_object_get(account, lists[i]);
		char path[64];
		size_t p;
		size_t k;
		json_t *v;

		(void)snprintf(path, sizeof(path), "/account/transfers/%s", lists[i]);
		json_array_foreach((json_t *)(uintptr_t)pages, p, page)
		    json_array_foreach(json_object_get(page, "data"), k,
				       v) if (integer(v, "meta", "height") <= 12)
			json_array_append(want, v);
		have = get_of(n, path, address, "&pageSize=100");
		if (!json_equal(json_object_get(have, "data"), want)) {
			json_dumpf(have, stderr, JSON_COMPACT);
			fail_msg("%s of %s differs", lists[i], address);
		}
		rows += json_array_size(want);
		json_decref(want);
		json_decref(have);
	}
	return rows;
}

static void test_recorded_chain(void **state)
{
	struct node n = start("fixtures/vectors/nis-recorded/blocks.json", NULL);
	json_t *accounts = load("fixtures/vectors/nis-recorded/accounts.json");
	json_t *want =
	    load("fixtures/vectors/nis-recorded/local-chain-blocks-after.json");
	json_t *have = post_height(n, "/local/chain/blocks-after", 1);
	json_t *v;
	size_t i;
	size_t compared = 0;
	size_t rows = 0;
	const char *key;

	(void)state;
	/* Hashes, beneficiaries, fees, order: all but the difficulty, which is made up.
	 */
	assert_int_equal(json_array_size(json_object_get(have, "data")), 10);
	json_array_foreach(json_object_get(want, "data"), i, v)
	{
		json_t *h = json_array_get(json_object_get(have, "data"), i);

		same_shape(h, v);
		json_object_del(v, "difficulty");
		json_object_del(h, "difficulty");
		assert_true(json_equal(h, v));
		compared++;
	}
	assert_int_equal(compared, 10);
	json_object_foreach(accounts, key, v)
	{
		rows += compare_account(n, v);
	}
	assert_int_equal(rows, 24);
	json_decref(have);
	json_decref(want);
	json_decref(accounts);
	stop(n);
}

static void test_shapes(void **state)
{
	struct node n =
	    start("--features", "3", "--peer", "127.0.0.1:7890", small, NULL);
	json_t *misc = load("fixtures/vectors/nis-recorded/misc.json");
	json_t *accounts = load("fixtures/vectors/nis-recorded/accounts.json");
	const json_t *r = json_object_get(json_object_get(accounts, "msig"), "get");
	json_t *j = get_of(n, "/account/get", address_of("safe"), "");
	static const char *const same[] = {
		"/node/info",   "/node/extended-info", "/chain/height",
		"/chain/score", "/chain/last-block",   "/status",
		"/heartbeat",   "/node/peer-list/all"
	};

	(void)state;
	same_shape(j, r);
	same_shape(json_object_get(j, "meta"), json_object_get(r, "meta"));
	same_shape(json_object_get(j, "account"), json_object_get(r, "account"));
	same_shape(json_object_get(json_object_get(j, "account"), "multisigInfo"),
		   json_object_get(json_object_get(r, "account"), "multisigInfo"));
	assert_int_equal(json_array_size(json_object_get(json_object_get(j, "meta"),
							 "cosignatories")),
			 3);
	json_decref(j);
	for (size_t i = 0; i < XT_ARRAY_SIZE(same); i++) {
		r = json_object_get(json_object_get(misc, same[i]), "json");
		j = get(n, same[i]);
		same_shape(j, r);
		if (strcmp(same[i], "/node/info") == 0) {
			same_shape(json_object_get(j, "metaData"),
				   json_object_get(r, "metaData"));
			same_shape(json_object_get(j, "endpoint"),
				   json_object_get(r, "endpoint"));
			same_shape(json_object_get(j, "identity"),
				   json_object_get(r, "identity"));
		}
		if (strcmp(same[i], "/status") == 0 ||
		    strcmp(same[i], "/heartbeat") == 0)
			assert_true(json_equal(j, r));
		json_decref(j);
	}
	j = get(n, "/namespace?namespace=marks");
	same_shape(
	    j, json_object_get(json_object_get(misc, "/namespace?namespace=mizunashi"),
			       "json"));
	json_decref(j);
	j = get(n, "/mosaic/supply?mosaicId=marks:levied");
	assert_int_equal(json_integer_value(json_object_get(j, "supply")), 1500);
	json_decref(j);
	json_decref(misc);
	json_decref(accounts);
	stop(n);
}

/* ---- the chains themselves ---- */

/* Every block verifies and links; every transaction too. Returns their number. */
static size_t check_blocks(struct node n, uint64_t tip)
{
	struct nem_hash prev;
	size_t txs = 0;

	memset(&prev, 0, sizeof(prev));
	for (uint64_t h = 1; h <= tip; h++) {
		json_t *j = post_height(n, "/block/at/public", h);
		struct nem_checked_block checked;
		struct nem_block b;
		struct xt_err err;

		assert_int_equal(json_object_size(j), 8);
		if (fx_block_from_json(&b, j, &err) != XT_OK ||
		    nem_check_block_take(&checked, &b, NEM_MAINNET, &prev, &err) !=
			XT_OK)
			fail_msg("height %llu: %s", (unsigned long long)h, err.text);
		prev = checked.hash;
		txs += checked.n_txs;
		nem_checked_block_release(&checked);
		json_decref(j);
	}
	return txs;
}

/* Verify one {meta, transaction}; returns its id. */
static json_int_t check_pair(const json_t *pair)
{
	const char *hex = json_string_value(json_object_get(
	    json_object_get(json_object_get(pair, "meta"), "hash"), "data"));
	const char *inner_hex = json_string_value(json_object_get(
	    json_object_get(json_object_get(pair, "meta"), "innerHash"), "data"));
	struct nem_hash hash;
	struct nem_hash inner;
	struct nem_checked_tx checked;
	struct nem_tx tx;
	struct xt_err err;

	assert_int_equal(xt_hex_decode(hash.b, 32, hex, NULL), XT_OK);
	if (inner_hex != NULL)
		assert_int_equal(xt_hex_decode(inner.b, 32, inner_hex, NULL), XT_OK);
	if (fx_tx_from_json(&tx, json_object_get(pair, "transaction"), &err) != XT_OK ||
	    nem_check_tx_take(&checked, &tx, NEM_MAINNET,
			      (uint64_t)integer(pair, "meta", "height"), &hash,
			      inner_hex == NULL ? NULL : &inner, &err) != XT_OK)
		fail_msg("%s: %s", hex, err.text);
	nem_checked_tx_release(&checked);
	return integer(pair, "meta", "id");
}

/* Page through a list; ids must fall all the way. Returns the number of rows; adds up
 * the amounts of plain transfers. */
static size_t walk(struct node n, const char *address, json_int_t *amounts)
{
	json_int_t before = INT64_MAX;
	size_t rows = 0;
	size_t got;

	do {
		char more[64];
		json_t *page;
		json_t *v;
		size_t i;

		(void)snprintf(more, sizeof(more), "&pageSize=100&id=%lld",
			       (long long)before);
		page = get_of(n, "/account/transfers/all", address, more);
		got = json_array_size(json_object_get(page, "data"));
		json_array_foreach(json_object_get(page, "data"), i, v)
		{
			const json_t *amount = json_object_get(
			    json_object_get(v, "transaction"), "amount");
			json_int_t id = check_pair(v);

			assert_true(id < before);
			before = id;
			*amounts += json_integer_value(amount);
		}
		rows += got;
		json_decref(page);
	} while (got == 100);
	return rows;
}

static void test_nemesis(void **state)
{
	struct node n = start(NEMESIS, NULL);
	json_int_t amounts = 0;

	(void)state;
	assert_int_equal(check_blocks(n, 1), 1353);
	assert_int_equal(walk(n, NEM_NEMESIS_ADDRESS, &amounts), 1347);
	assert_int_equal(amounts, 9000000240000000);
	assert_int_equal(balance_of(n, NEM_NEMESIS_ADDRESS), 240000000);
	stop(n);
}

/* Worked out by hand from theft-small.ledger, in uXEM. */
static void test_balances(void **state)
{
	static const struct {
		const char *name;
		json_int_t uxem;
	} balances[] = {
		{ "victim", 99800000 },
		/* 900 - 400.1 - 200.1 - 0.1 (to itself) - 10.223456 + 2 x 3.5 - 1.2
		   - 1.3 */
		{ "thief", 293976544 },
		/* 400 - 300.1 - 0.5 x 7 - 0.1 - 4.1 */
		{ "mule1", 92200000 },
		/* 200 + 100 - 150.1 - 20.6 */
		{ "mule2", 129300000 },
		/* 20 - 0.5 + 300 - 250 - (0.1 + 0.15 + 0.15): it pays for all */
		{ "safe", 69100000 },
		{ "ann", 10000000 },
		{ "hop3", 49900000 },
		{ "exchange-one", 350000000 },
		{ "exchange-two", 20500000 },
		{ "buyer", 17623456 },
		/* 300 - 100.15 - 10.15 - 0.15 - 0.2 - 5 - 0.2 - 5 - 7 */
		{ "tagger", 172150000 },
		{ "levyman", 10000000 },
		/* 500 - 100.1 - 0.15 + 0.3 of block 376, signed by proxy */
		{ "clean", 400050000 },
		/* fees of block 375, before the link took effect */
		{ "proxy", 200000 },
		{ "harvester", 3200000 },
		{ "mule3", 2000000 },
		{ "nemesis", 0 },
	};
	struct node n = start(small, NULL);
	json_int_t sum = 110000000; /* both sinks */

	(void)state;
	assert_int_equal(balance_of(n, "NAMESPACEWH4MKFMBCVFERDPOOP4FK7MTBXDPZZA"),
			 100000000);
	assert_int_equal(balance_of(n, "NBMOSAICOD4F54EE5CDMR23CCBGOAM2XSIUX6TRS"),
			 10000000);
	for (size_t i = 0; i < XT_ARRAY_SIZE(balances); i++) {
		json_int_t have = balance_of(n, address_of(balances[i].name));

		if (have != balances[i].uxem)
			fail_msg("%s: %lld", balances[i].name, (long long)have);
		sum += have;
	}
	/* bob, cat, fan keep theirs; nothing is lost. */
	assert_int_equal(sum + 10000000 + 10000000 + 5000000, 1855000000);
	assert_int_equal(check_blocks(n, 380), 31);
	stop(n);
}

static size_t rows_of(struct node n, const char *list, const char *name)
{
	char path[64];
	json_t *j;
	size_t rows;

	(void)snprintf(path, sizeof(path), "/account/transfers/%s", list);
	j = get_of(n, path, address_of(name), "&pageSize=100");
	rows = json_array_size(json_object_get(j, "data"));
	json_decref(j);
	return rows;
}

static void test_lists(void **state)
{
	struct node n = start(small, NULL);
	json_t *j;

	(void)state;
	/* The self transfer stands once in all, and in both others. */
	assert_int_equal(rows_of(n, "outgoing", "thief"), 6);
	assert_int_equal(rows_of(n, "incoming", "thief"), 4);
	assert_int_equal(rows_of(n, "all", "thief"), 9);
	/* Cosignatories see the multisig, whether they signed or not (cat did not). */
	assert_int_equal(rows_of(n, "outgoing", "cat"), 1);
	assert_int_equal(rows_of(n, "outgoing", "ann"), 1);
	assert_int_equal(rows_of(n, "incoming", "cat"), 2);
	/* Levies are listed nowhere. */
	assert_int_equal(rows_of(n, "all", "levyman"), 0);
	j = get_of(n, "/account/transfers/all",
		   "NBMOSAICOD4F54EE5CDMR23CCBGOAM2XSIUX6TRS", "");
	assert_int_equal(json_array_size(json_object_get(j, "data")), 0);
	json_decref(j);
	j = get_of(n, "/account/transfers/incoming",
		   "NAMESPACEWH4MKFMBCVFERDPOOP4FK7MTBXDPZZA", "");
	assert_int_equal(json_array_size(json_object_get(j, "data")), 1);
	json_decref(j);
	/* The remote's harvests: it signed; the owner's: what it was credited with. */
	j = get_of(n, "/account/harvests", address_of("clean"), "&pageSize=100");
	assert_int_equal(json_array_size(json_object_get(j, "data")), 5);
	json_decref(j);
	j = get_of(n, "/account/get/forwarded", address_of("proxy"), "");
	assert_string_equal(json_string_value(json_object_get(
				json_object_get(j, "account"), "address")),
			    address_of("clean"));
	json_decref(j);
	stop(n);
}

static void make_many(void)
{
	char ledger[96];
	char chain[96];
	FILE *f = fopen(path_in(ledger, "many.ledger"), "w");

	assert_non_null(f);
	(void)fputs("opening a 100000\nopening b 100000\n", f);
	for (int i = 0; i < 260; i++)
		(void)fprintf(f, "a -> b 1 @%d\n", 2 + i / 3);
	(void)fclose(f);
	assert_int_equal(mkchain(NULL, ledger, path_in(chain, "many.json")), 0);
}

static void test_paging(void **state)
{
	char chain[96];
	struct node n;
	struct node m;
	json_t *first;
	json_t *second;
	json_t *other;
	json_int_t amounts = 0;
	json_int_t last;
	char more[80];

	(void)state;
	make_many();
	n = start(path_in(chain, "many.json"), NULL);
	m = start("--id-seed", "7", path_in(chain, "many.json"), NULL);
	assert_int_equal(walk(n, address_of("b"), &amounts), 261);
	assert_int_equal(amounts, 100000000000 + INT64_C(260) * 1000000);
	/* 25 by default, forced into 5..100; an unknown parameter is ignored. */
	first = get_of(n, "/account/transfers/all", address_of("b"), "&pagesize=50");
	assert_int_equal(json_array_size(json_object_get(first, "data")), 25);
	last =
	    integer(json_array_get(json_object_get(first, "data"), 24), "meta", "id");
	other = get_of(m, "/account/transfers/all", address_of("b"), "");
	assert_false(json_equal(first, other));
	assert_true(json_equal(
	    json_object_get(json_array_get(json_object_get(first, "data"), 0),
			    "transaction"),
	    json_object_get(json_array_get(json_object_get(other, "data"), 0),
			    "transaction")));
	json_decref(other);
	other = get_of(n, "/account/transfers/all", address_of("b"), "&pageSize=1");
	assert_int_equal(json_array_size(json_object_get(other, "data")), 5);
	json_decref(other);
	other = get_of(n, "/account/transfers/all", address_of("b"), "&pageSize=500");
	assert_int_equal(json_array_size(json_object_get(other, "data")), 100);
	json_decref(other);
	/* The id is exclusive; the hash of the same row means the same. */
	(void)snprintf(more, sizeof(more), "&id=%lld", (long long)last);
	second = get_of(n, "/account/transfers/all", address_of("b"), more);
	assert_true(integer(json_array_get(json_object_get(second, "data"), 0), "meta",
			    "id") < last);
	(void)snprintf(
	    more, sizeof(more), "&hash=%.64s",
	    json_string_value(json_object_get(
		json_object_get(
		    json_object_get(json_array_get(json_object_get(first, "data"), 24),
				    "meta"),
		    "hash"),
		"data")));
	other = get_of(n, "/account/transfers/all", address_of("b"), more);
	assert_true(json_equal(second, other));
	json_decref(first);
	json_decref(second);
	json_decref(other);
	json_decref(get_status(n, 400,
			       "/account/transfers/all?pageSize=abc&address="
			       "NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5",
			       NULL));
	json_decref(get_status(
	    n, 400,
	    "/account/get?address=NANEMO-ABLAGR-72AZ2R-V3V4ZH-DCXW25-XQ73O7-OBT5",
	    NULL));
	/* Lower case is taken. */
	json_decref(get_status(
	    n, 200, "/account/get?address=nanemoablagr72az2rv3v4zhdcxw25xq73o7obt5",
	    NULL));
	json_decref(get_status(n, 500, "/transaction/get?hash=zz", NULL));
	json_decref(get_status(n, 500, "/block/at/public", "{\"height\":\"2\"}"));
	stop(n);
	stop(m);
}

/* ---- mkchain's refusals ---- */

static void refused(const char *text, const char *want)
{
	char ledger[96];
	char err_path[96];
	char *err;

	write_text(path_in(ledger, "bad.ledger"), text);
	assert_int_equal(mkchain(NULL, ledger, NULL), 3);
	err = fx_read_file(path_in(err_path, "stderr"), NULL);
	if (err == NULL || strstr(err, want) == NULL)
		fail_msg("wanted \"%s\", got \"%s\"", want, err == NULL ? "" : err);
	free(err);
}

static void test_refusals(void **state)
{
	char ledger[96];

	(void)state;
	refused("opening a 10\na -> b 10\n",
		"bad.ledger:2: an account would go below zero");
	refused("opening a 10\nnobody -> a 1\n", "bad.ledger:2: nobody: unknown name");
	refused("opening a 10\na -> b 1.1234567\n", "bad.ledger:2: ");
	refused("opening a 10\na -> b\n", "bad.ledger:2: amount is missing");
	refused("opening a 10\na -> b 1 @5\na -> b 1 @4\n", "bad.ledger:3: height 4");
	refused("opening a 10\na -> b 1 \"x\n", "bad.ledger:2: a quote");
	refused("opening a 10\na -> b 1 nonsense\n", "bad.ledger:2: nonsense");
	refused("opening a 10\nopening b 1\nopening c 1\nmultisig a = b,c min 2 @2\n"
		"b: a -> c 1\n",
		"bad.ledger:5: 1 of 2 signatures");
	refused("opening a 10\nopening b 1\nmultisig a = b min 1 @2\na -> b 1\n",
		"bad.ledger:4: a is a multisig account");
	refused("# nothing\n", "no opening");
	/* On demand it makes them all the same. */
	write_text(path_in(ledger, "bad.ledger"),
		   "opening a 10\na -> b 100 bad-signature\n");
	assert_int_equal(mkchain("--allow-invalid", ledger, NULL), 0);
}

/* ---- misbehaviour ---- */

static void test_spoiled(void **state)
{
	struct node good = start(small, NULL);
	struct node bad;
	struct answer a;
	struct answer b;
	size_t differing = 0;

	(void)state;
	bad = start("--flip", "10:3@/chain/height#2", "--edit", "synced=>x", "--edit",
		    "status=>stAtus@/status", "--truncate", "9", "--only", "/heartbeat",
		    small, NULL);
	a = fetch(good, "/chain/height", NULL);
	b = fetch(bad, "/chain/height", NULL);
	assert_memory_equal(a.body.data, b.body.data, a.body.len);
	release(&b);
	b = fetch(bad, "/chain/height", NULL);
	assert_int_equal(a.body.len, b.body.len);
	for (size_t i = 0; i < a.body.len; i++)
		if (a.body.data[i] != b.body.data[i]) {
			assert_int_equal(i, 10);
			assert_int_equal(a.body.data[i] ^ b.body.data[i], 8);
			differing++;
		}
	assert_int_equal(differing, 1);
	release(&a);
	release(&b);
	a = fetch(bad, "/status", NULL);
	assert_non_null(strstr(xt_buf_str(&a.body), "stAtus"));
	release(&a);
	a = fetch(bad, "/heartbeat", NULL);
	assert_int_equal(a.body.len, 9);
	release(&a);
	stop(bad);
	bad = start("--cut", "20", small, NULL);
	a = fetch(bad, "/node/info", NULL);
	assert_int_not_equal(a.code, CURLE_OK);
	assert_int_equal(a.body.len, 20);
	release(&a);
	stop(bad);
	bad = start("--oversize", "300000", "--from", "2", small, NULL);
	a = fetch(bad, "/node/info", NULL);
	assert_true(a.body.len < 1000);
	release(&a);
	a = fetch(bad, "/node/info", NULL);
	assert_int_equal(a.body.len, 300000);
	release(&a);
	stop(bad);
	stop(good);
}

static void test_refusing(void **state)
{
	struct node n = start("--rate", "3", small, NULL);
	struct answer a;
	long status[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		a = fetch(n, "/chain/height", NULL);
		status[i] = a.status;
		if (a.status == 429)
			assert_non_null(
			    strstr(xt_buf_str(&a.head), "DoSFilter: unavailable"));
		release(&a);
	}
	assert_int_equal(status[0], 200);
	assert_int_equal(status[2], 200);
	assert_int_equal(status[3], 429);
	stop(n);
	n = start("--fail", "503:2", small, NULL);
	json_decref(get(n, "/chain/height"));
	json_decref(get_status(n, 503, "/chain/height", NULL));
	json_decref(get(n, "/chain/height"));
	stop(n);
	n = start("--loading", "--no-local", small, NULL);
	json_decref(get(n, "/chain/height"));
	json_decref(get_status(n, 503, "/node/info", NULL));
	stop(n);
	n = start("--no-local", small, NULL);
	json_decref(get_status(n, 401, "/local/block/at", "{\"height\":2}"));
	stop(n);
	n = start("--drop-after", "1", small, NULL);
	json_decref(get(n, "/chain/height"));
	a = fetch(n, "/chain/height", NULL);
	assert_int_not_equal(a.code, CURLE_OK);
	release(&a);
	stop(n);
	n = start("--exit-after", "2", small, NULL);
	json_decref(get(n, "/chain/height"));
	json_decref(get(n, "/chain/height"));
	assert_int_equal(wait_for(n.pid), 0);
}

/* The node kills the process of the file after the third answer from then on. */
static void test_kill(void **state)
{
	char pid_file[96];
	char text[32];
	struct node n;
	pid_t victim = fork();

	(void)state;
	if (victim == 0) {
		for (;;)
			pause();
	}
	(void)snprintf(text, sizeof(text), "%ld 3\n", (long)victim);
	n = start("--kill-file", path_in(pid_file, "pid"), small, NULL);
	json_decref(get(n, "/chain/height"));
	write_text(pid_file, text);
	json_decref(get(n, "/chain/height"));
	json_decref(get(n, "/chain/height"));
	assert_int_equal(waitpid(victim, NULL, WNOHANG), 0);
	json_decref(get(n, "/chain/height"));
	assert_int_equal(wait_for(victim), 128 + SIGKILL);
	assert_int_not_equal(access(pid_file, F_OK), 0);
	stop(n);
}

static void test_changing_chain(void **state)
{
	char ledger[96];
	char old_chain[96];
	char new_chain[96];
	char height[96];
	char reorg[128];
	struct node n;
	json_t *j;

	(void)state;
	write_text(path_in(ledger, "x.ledger"),
		   "opening a 10\na -> b 1 @2\na -> c 1 @3\na -> d 1 @4\n");
	assert_int_equal(mkchain(NULL, ledger, path_in(old_chain, "old.json")), 0);
	write_text(path_in(ledger, "x.ledger"),
		   "opening a 10\na -> b 1 @2\na -> d 1 @3\nheight 5\n");
	assert_int_equal(mkchain(NULL, ledger, path_in(new_chain, "new.json")), 0);
	(void)snprintf(reorg, sizeof(reorg), "2:%s", new_chain);
	n = start("--reorg-after", reorg, old_chain, NULL);
	j = get(n, "/chain/height");
	assert_int_equal(json_integer_value(json_object_get(j, "height")), 4);
	json_decref(j);
	assert_int_equal(balance_of(n, address_of("c")), 1000000);
	assert_int_equal(balance_of(n, address_of("c")), 0);
	/* What stayed keeps its id, what came anew has one above all of the old chain.
	 */
	j = get_of(n, "/account/transfers/all", address_of("a"), "");
	assert_int_equal(json_array_size(json_object_get(j, "data")), 3);
	assert_int_equal(
	    integer(json_array_get(json_object_get(j, "data"), 1), "meta", "id"), 2);
	assert_true(
	    integer(json_array_get(json_object_get(j, "data"), 0), "meta", "id") > 4);
	json_decref(j);
	stop(n);
	write_text(path_in(height, "height"), "2\n");
	n = start("--height-file", height, old_chain, NULL);
	assert_int_equal(balance_of(n, address_of("d")), 0);
	json_decref(get_status(n, 404, "/block/at/public", "{\"height\":3}"));
	write_text(height, "4\n");
	assert_int_equal(balance_of(n, address_of("d")), 1000000);
	write_text(height, "3\n");
	assert_int_equal(balance_of(n, address_of("d")), 0);
	assert_int_equal(balance_of(n, address_of("c")), 1000000);
	stop(n);
}

/* ---- main
 * ---------------------------------------------------------------------------------------------
 */

static int set_up(void **state)
{
	struct xt_err err;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/xemtrace-node-XXXXXX", P_tmpdir);
	if (mkdtemp(dir) == NULL || nem_crypto_init(&err) != XT_OK)
		return -1;
	curl = curl_easy_init();
	return curl == NULL || mkchain(NULL, SMALL, path_in(small, "small.json")) != 0
		   ? -1
		   : 0;
}

static int tear_down(void **state)
{
	static const char *const files[] = { "small.json", "stderr",      "port",
					     "bad.ledger", "many.ledger", "many.json",
					     "x.ledger",   "old.json",    "new.json",
					     "height",     "pid" };
	char path[96];

	(void)state;
	curl_easy_cleanup(curl);
	for (size_t i = 0; i < XT_ARRAY_SIZE(files); i++)
		unlink(path_in(path, files[i]));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_error_bodies),
		cmocka_unit_test(test_recorded_chain),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_nemesis),
		cmocka_unit_test(test_balances),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_paging),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_spoiled),
		cmocka_unit_test(test_refusing),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_changing_chain),
	};

	return cmocka_run_group_tests_name("node", tests, set_up, tear_down);
}
