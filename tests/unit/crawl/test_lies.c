/* The crawl over nodes that lie, break, limit and go away: nothing wrong is stored, the
 * lie is recorded with its answer, and the run goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

#define XEM UINT64_C(1000000)

static void make_chain(struct fake_chain *c)
{
	fake_chain_init(c);
	fake_pay(c, 10, "victim", "thief", 1000 * XEM);
	for (unsigned i = 0; i < 110; i++)
		fake_pay(c, 11 + i / 10, "thief", "mule", (i + 1) * 100000);
	fake_pay(c, 30, "thief", "other", XEM);
	fake_pay(c, 31, "stranger", "nobody", XEM);
	c->height = 40;
}

struct lie {
	const char *where; /* start of the path */
	const char *also;  /* must be in the path too; NULL */
	const char *name;  /* the account in question; NULL any */
	void (*change)(struct lie *l, const struct nis_request *r,
		       struct nis_answer *a);
	unsigned times; /* how often; 0 always */
	unsigned told;
	const char *text; /* for change */
	const struct fake_chain *chain;
	bool drop;
};

static bool tell(void *ctx, const struct nis_request *r, struct nis_answer *a)
{
	struct lie *l = ctx;
	struct nem_address who;

	if (l->name != NULL)
		who = fake_address(l->name);
	if (!fake_is(r, l->where, l->name != NULL ? &who : NULL) ||
	    (l->also != NULL && strstr(r->path, l->also) == NULL) ||
	    (l->times != 0 && l->told >= l->times))
		return true;
	l->told++;
	if (l->drop)
		return false;
	l->change(l, r, a);
	return true;
}

/* Flip one hex digit after the first `text`. */
static void flip(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	char *p = strstr((char *)a->body, l->text);

	(void)r;
	if (p == NULL)
		abort();
	p += strlen(l->text) + 9;
	*p = *p == '0' ? '1' : '0';
}

static void say_text(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	(void)r;
	fake_body(a, 200, l->text);
}

static void cut(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	(void)l;
	(void)r;
	a->len /= 2;
}

static void limit(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	(void)l;
	(void)r;
	fake_body(a, 429, "<html><body>Too Many Requests</body></html>");
}

static void refuse(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	(void)l;
	(void)r;
	fake_body(a, 401,
		  "{\"timeStamp\":1,\"error\":\"Unauthorized\",\"message\":\"no\","
		  "\"status\":401}");
}

static void broken(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	(void)l;
	(void)r;
	fake_body(a, 500,
		  "{\"timeStamp\":1,\"error\":\"Internal Server Error\",\"message\":"
		  "\"oops\",\"status\":500}");
}

/* The page of an honest node for another question. */
static void swap_page(struct lie *l, const struct nis_request *r, struct nis_answer *a,
		      const char *path, uint64_t first_id)
{
	struct nis_request other = *r;
	struct fake_net net;
	struct nis_answer b;
	struct xt_err err;

	fake_net_init(&net, l->chain, 1);
	net.nodes[0].first_id = first_id;
	memcpy(other.node, net.nodes[0].url, sizeof(other.node));
	(void)snprintf(other.path, sizeof(other.path), "%s", path);
	if (nis_call(&net.transport, &other, &b, &err) != XT_OK)
		abort();
	fake_body(a, 200, (const char *)b.body);
	nis_answer_release(&b);
	fake_net_release(&net);
}

static void foreign(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	char path[200];

	(void)snprintf(path, sizeof(path),
		       "/account/transfers/all?address=%s&pageSize=100",
		       fake_address("stranger").s);
	swap_page(l, r, a, path, 1000);
}

static void first_page(struct lie *l, const struct nis_request *r, struct nis_answer *a,
		       uint64_t first_id)
{
	char path[200];

	(void)snprintf(path, sizeof(path),
		       "/account/transfers/all?address=%s&pageSize=100",
		       fake_address("thief").s);
	swap_page(l, r, a, path, first_id);
}

/* The first page once more. */
static void repeat(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	first_page(l, r, a, 1000);
}

/* The last row of the first page, as if it stood on the second: id and height are fine,
 * the hash is not new. */
static void repeat_row(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	json_t *page, *row;
	char *text;

	first_page(l, r, a, 1000);
	page = json_loadb((const char *)a->body, a->len, 0, NULL);
	row = json_deep_copy(json_array_get(json_object_get(page, "data"), 99));
	json_object_set_new(json_object_get(row, "meta"), "id", json_integer(1));
	json_array_clear(json_object_get(page, "data"));
	json_array_append_new(json_object_get(page, "data"), row);
	text = json_dumps(page, 0);
	if (text == NULL)
		abort();
	fake_body(a, 200, text);
	free(text);
	json_decref(page);
}

static void replace_all(struct nis_answer *a, const char *from, const char *to)
{
	struct xt_buf b;
	const char *p = (const char *)a->body;
	const char *hit;

	xt_buf_init(&b, 8u << 20);
	while ((hit = strstr(p, from)) != NULL) {
		if (xt_buf_add(&b, p, (size_t)(hit - p), NULL) != XT_OK ||
		    xt_buf_adds(&b, to, NULL) != XT_OK)
			abort();
		p = hit + strlen(from);
	}
	if (xt_buf_adds(&b, p, NULL) != XT_OK)
		abort();
	fake_body(a, a->http, xt_buf_str(&b));
	xt_buf_release(&b);
}

static void rise(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	(void)l;
	(void)r;
	replace_all(a, "\"height\":15}", "\"height\":35}");
}

static void beyond(struct lie *l, const struct nis_request *r, struct nis_answer *a)
{
	(void)l;
	(void)r;
	replace_all(a, "\"height\":30}", "\"height\":9000000}");
}

static void other_account(struct lie *l, const struct nis_request *r,
			  struct nis_answer *a)
{
	(void)r;
	replace_all(a, fake_address(l->name).s, fake_address("stranger").s);
}

/* ---- one lie about one account, with one node
 * ---------------------------------------- */

static void one_lie(struct lie lie, const char *what)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	char sql[200], *dump;

	make_chain(&chain);
	lie.chain = &chain;
	fake_net_init(&net, &chain, 1);
	net.nodes[0].lie = tell;
	net.nodes[0].ctx = &lie;
	case_open(&k, &net);
	case_seed(&k, "thief");
	case_seed(&k, "nobody");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_true(lie.told > 0);
	assert_int_equal(k.rep.incidents, 1);
	assert_int_equal(case_account(&k, "thief").state, STORE_INCOMPLETE);
	assert_memory_equal(case_account(&k, "thief").reason, what, strlen(what));
	/* The rest of the run was done. */
	assert_int_equal(case_account(&k, "nobody").state, STORE_COMPLETE);
	(void)snprintf(
	    sql, sizeof(sql),
	    "SELECT count(*) FROM incident i JOIN answer a ON a.id = i.answer "
	    "WHERE i.what = '%s' AND a.url = i.url",
	    what);
	assert_int_equal(case_number(&k, sql), 1);
	/* Only what was signed is in the case. */
	assert_int_equal(
	    case_number(&k, "SELECT count(*) FROM tx WHERE provenance <> 1"), 0);
	assert_true(case_number(&k, "SELECT count(*) FROM tx") <= (int64_t)chain.n);

	/* Told the truth the next time, the case becomes what it should be. */
	net.nodes[0].lie = NULL;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	assert_int_equal(case_account(&k, "mule").state, STORE_COMPLETE);
	dump = case_dump(&k);
	free(dump);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

#define PAGE "/account/transfers/all"

static void test_hash(void **state)
{
	(void)state;
	one_lie((struct lie){ .where = PAGE,
			      .name = "thief",
			      .change = flip,
			      .text = "\"hash\":{\"data\":\"" },
		"hash");
}

static void test_signature(void **state)
{
	(void)state;
	one_lie((struct lie){ .where = PAGE,
			      .name = "thief",
			      .change = flip,
			      .text = "\"signature\":\"" },
		"signature");
}

/* A changed amount changes the hash. */
static void test_amount(void **state)
{
	(void)state;
	one_lie(
	    (struct lie){
		.where = PAGE, .name = "thief", .change = flip, .text = ",\"amou" },
	    "hash");
}

static void test_foreign(void **state)
{
	(void)state;
	one_lie((struct lie){ .where = PAGE, .name = "thief", .change = foreign },
		"foreign");
}

static void test_repeat(void **state)
{
	(void)state;
	one_lie(
	    (struct lie){
		.where = PAGE, .also = "&id=", .name = "thief", .change = repeat },
	    "order");
	one_lie(
	    (struct lie){
		.where = PAGE, .also = "&id=", .name = "thief", .change = repeat_row },
	    "duplicate");
}

static void test_order(void **state)
{
	(void)state;
	one_lie((struct lie){ .where = PAGE, .name = "thief", .change = rise },
		"order");
	one_lie((struct lie){ .where = PAGE, .name = "thief", .change = beyond },
		"order");
}

static void test_decode(void **state)
{
	(void)state;
	one_lie((struct lie){ .where = PAGE, .name = "thief", .change = cut },
		"decode");
	one_lie((struct lie){ .where = PAGE,
			      .name = "thief",
			      .change = say_text,
			      .text = "<html>hello</html>" },
		"decode");
	one_lie((struct lie){ .where = PAGE,
			      .name = "thief",
			      .change = say_text,
			      .text = "{\"data\":7}" },
		"decode");
	one_lie((struct lie){ .where = "/account/harvests",
			      .name = "thief",
			      .change = cut },
		"decode");
	one_lie((struct lie){ .where = "/account/get", .name = "thief", .change = cut },
		"decode");
	one_lie((struct lie){ .where = "/account/get",
			      .name = "thief",
			      .change = other_account },
		"account");
}

static void test_refused(void **state)
{
	(void)state;
	one_lie((struct lie){ .where = PAGE, .name = "thief", .change = refuse },
		"refused");
	one_lie((struct lie){ .where = PAGE, .name = "thief", .change = broken },
		"refused");
}

/* ---- passing troubles
 * --------------------------------------------------------------------- */

static void passing(struct lie lie)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	make_chain(&chain);
	fake_net_init(&net, &chain, 1);
	net.nodes[0].lie = tell;
	net.nodes[0].ctx = &lie;
	case_open(&k, &net);
	case_seed(&k, "thief");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(lie.told, lie.times);
	assert_int_equal(k.rep.incidents, 0);
	assert_false(k.rep.node_failed);
	assert_int_equal(k.rep.accounts_incomplete, 0);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

static void test_passing(void **state)
{
	(void)state;
	passing((struct lie){ .where = PAGE, .change = limit, .times = 3 });
	passing((struct lie){ .where = "/", .change = broken, .times = 2 });
	passing((struct lie){ .where = "/account", .drop = true, .times = 4 });
}

/* ---- nodes
 * ---------------------------------------------------------------------------------- */

static void test_nodes(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	make_chain(&chain);
	fake_net_init(&net, &chain, 3);

	/* Down, loading, of another network: the third does the work. */
	net.nodes[0].down = true;
	net.nodes[1].status = 8;
	case_open(&k, &net);
	case_seed(&k, "thief");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_true(k.rep.node_failed);
	assert_int_equal(k.rep.accounts_incomplete, 0);
	assert_int_equal(k.rep.incidents, 0);
	case_close(&k);

	case_open(&k, &net);
	case_seed(&k, "thief");
	net.nodes[2].network = -104;
	assert_int_equal(case_crawl(&k, &net), XT_E_VERIFY);
	assert_non_null(strstr(k.err.text, "http://node3.test:7890"));
	assert_non_null(strstr(k.err.text, "network"));
	assert_int_equal(case_number(&k, "SELECT count(*) FROM tx"), 0);

	net.nodes[2].down = true;
	assert_int_equal(case_crawl(&k, &net), XT_E_NET);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

/* One node lies, the other does not: the account is complete, the lie is on record. */
static void test_second_node(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;
	struct lie lie = { .where = PAGE,
			   .name = "thief",
			   .change = flip,
			   .text = "\"signature\":\"" };

	(void)state;
	make_chain(&chain);
	fake_net_init(&net, &chain, 2);
	net.nodes[0].lie = tell;
	net.nodes[0].ctx = &lie;
	case_open(&k, &net);
	case_seed(&k, "thief");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 1);
	assert_int_equal(k.rep.accounts_incomplete, 0);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	assert_int_equal(case_number(&k,
				     "SELECT count(*) FROM incident WHERE node LIKE "
				     "'%node1%' AND what = 'signature'"),
			 1);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

/* ---- what sums and further nodes find
 * ------------------------------------------------------- */

/* A chain like another, without one of its transactions. */
static void leave_out(struct fake_chain *out, const struct fake_chain *c,
		      size_t without)
{
	*out = *c;
	out->txs = xt_calloc(c->n, sizeof(*out->txs));
	if (out->txs == NULL)
		abort();
	out->n = 0;
	for (size_t i = 0; i < c->n; i++)
		if (i != without)
			out->txs[out->n++] = c->txs[i];
}

/* The balance of the true chain. */
static void true_balance(struct lie *l, const struct nis_request *r,
			 struct nis_answer *a)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s", r->path);
	swap_page(l, r, a, path, 1000);
}

static void test_left_out(void **state)
{
	struct fake_chain chain, less;
	struct fake_net net;
	struct test_case k;
	struct lie lie = { .where = "/account/get", .change = true_balance };

	(void)state;
	make_chain(&chain);
	leave_out(&less, &chain, 50);
	lie.chain = &chain;
	fake_net_init(&net, &less, 1);
	net.nodes[0].lie = tell;
	net.nodes[0].ctx = &lie;
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 0;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_account(&k, "thief").state, STORE_INCOMPLETE);
	/* Row 50 is the 50th payment to the mule: 5.0 XEM and the fee. */
	assert_string_equal(case_account(&k, "thief").difference, "5050000");
	assert_non_null(strstr(case_account(&k, "thief").reason, "leaves out"));
	case_close(&k);
	fake_net_release(&net);

	/* Two nodes: the difference is found, named, and what is proven is stored. */
	fake_net_init(&net, &chain, 2);
	net.nodes[0].chain = &less;
	net.nodes[0].blocks = &chain; /* else it were on another fork */
	net.nodes[0].lie = tell;
	net.nodes[0].ctx = &lie;
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 0;
	k.opt.quorum = 2;
	k.opt.blocks = CRAWL_BLOCKS_NONE;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.differences, 1);
	assert_int_equal(k.rep.incidents, 1);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	assert_int_equal(
	    case_number(&k, "SELECT count(*) FROM incident WHERE what = 'quorum' "
			    "AND text LIKE '%node2.test:7890 lists it%node1%does "
			    "not'"),
	    1);
	case_close(&k);
	fake_net_release(&net);

	/* The same from the other side: the second node leaves it out. */
	fake_net_init(&net, &chain, 2);
	net.nodes[1].chain = &less;
	net.nodes[1].blocks = &chain;
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 0;
	k.opt.quorum = 2;
	k.opt.blocks = CRAWL_BLOCKS_NONE;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.differences, 1);
	assert_int_equal(case_number(&k,
				     "SELECT count(*) FROM incident WHERE text LIKE "
				     "'%node1.test:7890 lists it%node2%does not'"),
			 1);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	case_close(&k);
	fake_net_release(&net);
	free(less.txs);
	fake_chain_release(&chain);
}

/* Other row ids, a lower top, and a cosignatory's list are no differences. */
static void test_quorum_tolerates(void **state)
{
	struct fake_chain chain, less;
	struct fake_net net;
	struct test_case k;
	struct fake_tx *t;

	(void)state;
	make_chain(&chain);
	fake_modify(&chain, 32, "vault", "thief");
	fake_modify(&chain, 33, "vault", "boss");
	t = fake_pay_multisig(&chain, 34, "vault", "boss", "shop", XEM);
	t->has_also = true;
	t->also = fake_address("thief");
	fake_pay(&chain, 40, "victim", "thief", XEM);
	leave_out(&less, &chain, chain.n - 1);
	less.height = 39;
	less.txs[less.n - 1].has_also = false;
	fake_net_init(&net, &chain, 2);
	net.nodes[1].chain = &less;
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 0;
	k.opt.quorum = 2;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.differences, 0);
	assert_int_equal(k.rep.incidents, 0);
	assert_true(net.nodes[1].asked > 3);
	assert_int_equal(case_account(&k, "thief").state, STORE_COMPLETE);
	case_close(&k);
	fake_net_release(&net);
	free(less.txs);
	fake_chain_release(&chain);
}

/* Anyone can sign a multisig transaction "of" somebody else's account. */
static void test_forged_multisig(void **state)
{
	struct fake_chain chain;
	struct fake_net net;
	struct test_case k;

	(void)state;
	make_chain(&chain);
	fake_pay_multisig(&chain, 35, "thief", "mallory", "scapegoat", 3 * XEM);
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "thief");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_number(&k, "SELECT count(*) FROM incident WHERE what = "
					 "'cosignatory'"),
			 1);
	assert_int_equal(case_account(&k, "thief").state, STORE_INCOMPLETE);
	assert_int_equal(case_account(&k, "scapegoat").id, 0);
	assert_int_equal(
	    case_number(&k, "SELECT count(*) FROM transfer WHERE kind = 2"), 0);
	case_close(&k);

	/* One that has nothing to do with the account at all. */
	case_open(&k, &net);
	chain.txs[chain.n - 1].has_also = true;
	chain.txs[chain.n - 1].also = fake_address("other");
	case_seed(&k, "other");
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_number(&k, "SELECT count(*) FROM incident WHERE what = "
					 "'foreign'"),
			 1);
	assert_int_equal(case_account(&k, "other").state, STORE_INCOMPLETE);
	case_close(&k);
	fake_net_release(&net);
	fake_chain_release(&chain);
}

/* ---- blocks
 * ------------------------------------------------------------------------------------
 */

static void other_block(struct lie *l, const struct nis_request *r,
			struct nis_answer *a)
{
	(void)l;
	(void)r;
	replace_all(a, "\"height\":11,", "\"height\":12,");
}

static void test_blocks(void **state)
{
	struct fake_chain chain, less;
	struct fake_net net;
	struct test_case k;
	struct lie lie = { .where = "/block/at/public", .change = other_block };

	(void)state;
	make_chain(&chain);
	lie.chain = &chain;
	fake_net_init(&net, &chain, 1);
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 0;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(case_number(&k, "SELECT count(*) FROM tx WHERE idx IS NULL"),
			 0);
	case_close(&k);

	/* Where order matters only: not the heights with one payment. */
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 0;
	k.opt.blocks = CRAWL_BLOCKS_ORDER;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	/* And the newest one. */
	assert_int_equal(k.rep.blocks, 11 + 1);
	case_close(&k);

	/* A block of another height. */
	net.nodes[0].lie = tell;
	net.nodes[0].ctx = &lie;
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 0;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(case_number(&k, "SELECT count(*) FROM incident WHERE what = "
					 "'block'"),
			 1);
	assert_int_equal(
	    case_number(&k, "SELECT count(*) FROM tx WHERE height = 11 AND idx "
			    "IS NOT NULL"),
	    0);
	assert_true(case_number(&k, "SELECT count(*) FROM tx WHERE idx IS NOT NULL") >
		    90);
	case_close(&k);
	fake_net_release(&net);

	/* A block that lacks a transaction which the list has at that height. */
	leave_out(&less, &chain, 5);
	fake_net_init(&net, &chain, 1);
	lie = (struct lie){ .where = "/block/at/public", .change = true_balance };
	lie.chain = &less;
	net.nodes[0].lie = tell;
	net.nodes[0].ctx = &lie;
	case_open(&k, &net);
	case_seed(&k, "thief");
	k.opt.max_depth = 0;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 1);
	assert_int_equal(
	    case_number(&k, "SELECT count(*) FROM incident WHERE what = 'block' "
			    "AND text LIKE '%does not hold transaction%'"),
	    1);
	case_close(&k);
	fake_net_release(&net);
	free(less.txs);
	fake_chain_release(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_signature),
		cmocka_unit_test(test_amount),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_repeat),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_passing),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_second_node),
		cmocka_unit_test(test_left_out),
		cmocka_unit_test(test_quorum_tolerates),
		cmocka_unit_test(test_forged_multisig),
		cmocka_unit_test(test_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
