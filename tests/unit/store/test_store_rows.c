/* The smaller tables: labels, seeds, marks, crawl state, answers, incidents, runs. */
#include "support.h"

#include <stdio.h>

#include <sqlite3.h>

#define CASE in_folder(state, "case.xemtrace")

static struct store_label label(const char *party, const char *text,
				const char *category, uint32_t confidence)
{
	struct store_label l = { .party = party_of(party), .confidence = confidence };
	snprintf(l.label, sizeof(l.label), "%s", text);
	snprintf(l.category, sizeof(l.category), "%s", category);
	return l;
}

static bool list_label(void *ctx, const struct store_label *l)
{
	append(ctx, l->label);
	append(ctx, l->service ? "+ " : "- ");
	return true;
}

static void labels(void **state)
{
	struct xt_err err;
	bool service;
	char text[256] = "";
	struct store *s = open_case(state, STORE_CREATE);
	struct store_label own = label("@shop", "mine", "suspect", 0);
	struct store_label a = label("@shop", "Shop", "exchange", 50);
	struct store_label b = label("@shop", "A shop", "theft-shop", 50);
	struct store_label c = label("@shop", "Best", "theft-shop", 90);
	own.own = true;
	begin(s);
	assert_ok(store_put_label(s, &a, 7, &err), err);
	assert_ok(store_put_label(s, &b, 7, &err), err);
	assert_ok(store_put_label(s, &c, 7, &err), err);
	assert_ok(store_put_label(s, &own, 7, &err), err);
	assert_fails(store_put_label(s, &a, 7, &err), XT_E_EXISTS, err,
		     "\"Shop\" of @shop");
	a.confidence = 51;
	assert_ok(store_put_label(s, &a, 7, &err), err);
	a.label[0] = '\0';
	assert_fails(store_put_label(s, &a, 7, &err), XT_E_DATA, err, "label: empty");
	c.category[0] = '\0';
	assert_fails(store_put_label(s, &c, 7, &err), XT_E_DATA, err,
		     "category: empty");
	b.confidence = 101;
	assert_fails(store_put_label(s, &b, 7, &err), XT_E_DATA, err, "101: above 100");
	commit(s);
	assert_ok(store_each_label(s, list_label, text, &err), err);
	assert_string_equal(text, "mine- Best- Shop+ A shop- ");
	const struct nem_party shop = party_of("@shop"), other = party_of("@other");
	assert_ok(store_is_service(s, &service, &shop, &err), err);
	assert_true(service);
	assert_ok(store_is_service(s, &service, &other, &err), err);
	assert_false(service);
	begin(s);
	assert_ok(store_put_category(s, "exchange", false, &err), err);
	assert_ok(store_put_category(s, "new", true, &err), err);
	assert_ok(store_remove_label(s, 4, 7, &err), err);
	assert_fails(store_remove_label(s, 4, 7, &err), XT_E_NOTFOUND, err,
		     "no label 4");
	commit(s);
	assert_ok(store_is_service(s, &service, &shop, &err), err);
	assert_false(service);
	store_close(s);
	assert_sql(CASE, "SELECT address, label, service, confidence FROM v_label",
		   "@shop|Best|no|90;@shop|Shop|no|51;@shop|A shop|no|50");
	assert_sql(CASE, "SELECT label, category FROM v_account", "Best|theft-shop");
}

static bool list_seed(void *ctx, const struct store_seed *d)
{
	char one[160];
	snprintf(one, sizeof(one), "%lld:%s:%d:%lld:%s:%d%d:%llu:%d:%llu ",
		 (long long)d->id, d->theft, d->kind, (long long)d->tx, d->account.s,
		 d->has_from, d->has_to, (unsigned long long)d->height, d->all,
		 (unsigned long long)d->amount_uxem);
	append(ctx, one);
	return true;
}

static bool list_clean(void *ctx, const struct store_clean *c)
{
	snprintf(ctx, 256, "%s %lld %s", c->account.s, (long long)c->from, c->why);
	return true;
}

static void seeds(void **state)
{
	struct xt_err err;
	char text[1024] = "", hex[65];
	int64_t id;
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx c = transfer(1, 2, 7, 50000, 10, NULL, 5);
	struct store_seed tx = { .theft = "heist", .kind = 1 };
	struct store_seed window = { .theft = "heist",
				     .kind = 2,
				     .account = party_of("@a"),
				     .has_from = true,
				     .from = 1516892520 };
	struct store_seed balance = { .theft = "old",
				      .kind = 3,
				      .account = party_of("@b"),
				      .height = 9,
				      .amount_uxem = 1500000 };
	xt_hex_encode(hex, c.hash.b, 32);
	for (char *p = hex; *p; p++)
		if (*p >= 'a')
			*p = (char)(*p - 32); /* either case is the same hash */
	snprintf(tx.tx_text, sizeof(tx.tx_text), "%s", hex);
	begin(s);
	assert_ok(store_put_seed(s, &id, &tx, &err), err);
	assert_int_equal(id, 1);
	assert_ok(store_put_seed(s, &id, &window, &err), err);
	assert_ok(store_put_seed(s, &id, &balance, &err), err);
	assert_fails(store_put_seed(s, &id, &balance, &err), XT_E_EXISTS, err,
		     "is the same");
	balance.all = true;
	assert_ok(store_put_seed(s, &id, &balance, &err), err);
	window.has_to = true;
	window.to = window.from - 1;
	assert_fails(store_put_seed(s, &id, &window, &err), XT_E_DATA, err,
		     "ends before");
	tx.tx_text[0] = '\0';
	assert_fails(store_put_seed(s, &id, &tx, &err), XT_E_DATA, err,
		     "no transaction");
	tx.theft[0] = '\0';
	assert_fails(store_put_seed(s, &id, &tx, &err), XT_E_DATA, err, "no name");
	commit(s);
	assert_ok(store_each_seed(s, list_seed, text, &err), err);
	assert_string_equal(text, "1:heist:1:0::00:0:0:0 2:heist:2:0:@a:10:0:0:0 "
				  "3:old:3:0:@b:00:9:0:1500000 4:old:3:0:@b:00:9:1:0 ");
	/* The row is found as soon as the transaction is there. */
	begin(s);
	assert_ok(store_put_tx(s, NULL, NULL, &c, 0, &err), err);
	assert_ok(store_remove_seed(s, 2, &err), err);
	assert_fails(store_remove_seed(s, 2, &err), XT_E_NOTFOUND, err, "no seed 2");
	struct store_clean clean = { .account = party_of("@a"),
				     .from = 77,
				     .why = "court" };
	assert_ok(store_put_clean(s, &clean, &err), err);
	commit(s);
	text[0] = '\0';
	assert_ok(store_each_seed(s, list_seed, text, &err), err);
	assert_memory_equal(text, "1:heist:1:1:", 12);
	assert_ok(store_each_clean(s, list_clean, text, &err), err);
	assert_string_equal(text, "@a 77 court");
	begin(s);
	assert_ok(store_remove_clean(s, 1, &err), err);
	assert_fails(store_remove_clean(s, 1, &err), XT_E_NOTFOUND, err,
		     "no clean mark");
	commit(s);
	store_close(s);
	nem_checked_tx_release(&c);
	assert_sql(CASE,
		   "SELECT theft, kind, account, height, amount_xem FROM v_seed"
		   " WHERE id > 1",
		   "old|balance|@b|9|1.500000;old|balance|@b|9|all");
}

static void accounts(void **state)
{
	struct xt_err err;
	struct store_account a, b;
	int64_t id, again;
	struct store *s = open_case(state, STORE_CREATE);
	const struct nem_address addr = address_number(1);
	const struct nem_party p = party_of(addr.s);
	begin(s);
	assert_ok(store_account_id(s, &id, &p, &err), err);
	assert_ok(store_account_id(s, &again, &p, &err), err);
	assert_int_equal(id, again);
	assert_ok(store_account_get(s, &a, id, &err), err);
	assert_int_equal(a.depth, UINT32_MAX);
	assert_int_equal(a.state, STORE_SEEN);
	assert_false(a.has_key || a.has_balance || a.has_opening);
	a.state = STORE_INCOMPLETE;
	a.depth = 3;
	a.has_key = true;
	a.key = pubkey_number(1);
	a.has_balance = true;
	a.balance_uxem = UINT64_C(8999999999000001);
	a.balance_height = 100;
	a.has_opening = true;
	a.opening_uxem = 42;
	snprintf(a.difference, sizeof(a.difference), "-17");
	snprintf(a.reason, sizeof(a.reason), "a levy is missing");
	assert_ok(store_account_update(s, &a, &err), err);
	assert_ok(store_account_update(s, &a, &err), err);
	a.opening_uxem = 43;
	assert_fails(store_account_update(s, &a, &err), XT_E_EXISTS, err,
		     "opening balance");
	a.opening_uxem = 42;
	commit(s);
	assert_ok(store_account_find(s, &b, addr.s, &err), err);
	assert_memory_equal(&a.key, &b.key, sizeof(a.key));
	assert_true(b.depth == 3 && b.balance_uxem == a.balance_uxem &&
		    b.opening_uxem == 42 && b.has_opening &&
		    b.state == STORE_INCOMPLETE);
	assert_string_equal(b.difference, "-17");
	assert_fails(store_account_get(s, &b, 99, &err), XT_E_NOTFOUND, err, "row 99");
	store_close(s);
	assert_sql(CASE,
		   "SELECT state, balance_xem, opening_xem, reason FROM v_account",
		   "incomplete|8999999999.000001|0.000042|a levy is missing");
	/* A state that does not exist is not believed. */
	sql_run(CASE,
		"PRAGMA ignore_check_constraints = 1; UPDATE account SET state = 7");
	s = open_case(state, STORE_READ);
	assert_fails(store_account_get(s, &b, 1, &err), XT_E_DATA, err,
		     "table account, row 1");
	store_close(s);
}

static bool list_crawl(void *ctx, const struct store_crawl *c)
{
	char one[64];
	snprintf(one, sizeof(one), "%lld@%u ", (long long)c->account, c->depth);
	append(ctx, one);
	return true;
}

static void crawl_state(void **state)
{
	struct xt_err err;
	char text[256] = "";
	struct store_crawl c;
	struct store *s = open_case(state, STORE_CREATE);
	begin(s);
	for (unsigned i = 1; i <= 4; i++) {
		struct store_account a;
		char name[8];
		int64_t id;
		snprintf(name, sizeof(name), "@p%u", i);
		const struct nem_party p = party_of(name);
		assert_ok(store_account_id(s, &id, &p, &err), err);
		assert_ok(store_account_get(s, &a, id, &err), err);
		a.state = i == 3 ? STORE_COMPLETE : STORE_OPEN;
		assert_ok(store_account_update(s, &a, &err), err);
		c = (struct store_crawl){ .account = id,
					  .depth = 4 - i,
					  .node = "http://127.0.0.1:7890",
					  .transfers_next = 12345 + i,
					  .harvests_done = true,
					  .top_height = 99,
					  .pages = i };
		assert_ok(store_crawl_put(s, &c, &err), err);
		assert_ok(store_crawl_put(s, &c, &err), err);
	}
	c.account = 77; /* no such account: a foreign key */
	assert_fails(store_crawl_put(s, &c, &err), XT_E_DATA, err, "FOREIGN KEY");
	commit(s);
	assert_ok(store_each_open(s, list_crawl, text, &err), err);
	assert_string_equal(text, "4@0 2@2 1@3 ");
	assert_ok(store_crawl_get(s, &c, 2, &err), err);
	assert_true(c.transfers_next == 12347 && c.pages == 2 && c.harvests_done &&
		    !c.transfers_done && c.top_height == 99);
	assert_string_equal(c.node, "http://127.0.0.1:7890");
	assert_fails(store_crawl_get(s, &c, 77, &err), XT_E_NOTFOUND, err,
		     "never read");
	store_close(s);
}

static bool see_answer(void *ctx, const struct store_answer *a)
{
	struct store_answer *want = ctx;
	assert_int_equal(a->len, want[a->id - 1].len);
	if (a->body)
		assert_memory_equal(a->body, want[a->id - 1].body, a->len);
	assert_string_equal(a->url, want[a->id - 1].url);
	assert_string_equal(a->body_sent, want[a->id - 1].body_sent);
	return true;
}

static void answers_are_chained(void **state)
{
	struct xt_err err;
	static uint8_t big[300000];
	uint64_t checked;
	struct store_answer v[3] = {
		{ .time = 1600000000,
		  .node = "http://n:7890",
		  .node_key = "ab",
		  .url = "http://n:7890/chain/height",
		  .body_sent = "",
		  .http = 200,
		  .body = (const uint8_t *)"{\"height\":7}",
		  .len = 12 },
		{ .time = 1600000001,
		  .node = "http://n:7890",
		  .url = "http://n:7890/block/at/public",
		  .body_sent = "{\"height\":7}",
		  .http = 404 },
		{ .url = "u",
		  .node = "n",
		  .body_sent = "",
		  .body = big,
		  .len = sizeof(big) },
	};
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 31 >> 3);
	struct store *s = open_case(state, STORE_CREATE);
	begin(s);
	for (int i = 0; i < 3; i++) {
		int64_t id;
		assert_ok(store_put_answer(s, &id, &v[i], &err), err);
		assert_int_equal(id, i + 1);
	}
	commit(s);
	assert_ok(store_each_answer(s, true, see_answer, v, &err), err);
	assert_ok(store_each_answer(s, false, see_answer, v, &err), err);
	assert_ok(store_check_answers(s, &checked, &err), err);
	assert_int_equal(checked, 3);
	store_close(s);
	/* The first link, by Python: hashlib.blake2b(b"xemtrace answer 1\0" + bytes(32)
	 * + body_hash + u64(12) + u64(1600000000) + u64(200) + four texts,
	 * digest_size=32). */
	assert_sql(
	    CASE, "SELECT lower(hex(hash)), lower(hex(chain)) FROM answer WHERE id = 1",
	    "e7eba170082b21b61f0ae3ee0fc49dee35cca84352e6f1a698bb41001b75dc2b"
	    "|e1ca499dab7615c1e79e7746d897e6d7e2596de5f0c88fad83865dc1c2b7b371");
}

/* Each field of each row, changed behind our back, is found out. */
static void an_edited_answer_is_found(void **state)
{
	struct xt_err err;
	uint64_t checked;
	static const char *const edits[] = {
		"UPDATE answer SET time = time + 1 WHERE id = 2",
		"UPDATE answer SET node = 'x' WHERE id = 2",
		"UPDATE answer SET node_key = 'x' WHERE id = 2",
		"UPDATE answer SET url = 'x' WHERE id = 2",
		"UPDATE answer SET sent = 'x' WHERE id = 2",
		"UPDATE answer SET http = 201 WHERE id = 2",
		"UPDATE answer SET size = 11 WHERE id = 2",
		"UPDATE answer SET body = (SELECT body FROM answer WHERE id = 1) WHERE id = 2",
		"UPDATE answer SET body = x'00' WHERE id = 2",
		"UPDATE answer SET hash = zeroblob(32) WHERE id = 2",
		"UPDATE answer SET chain = zeroblob(32) WHERE id = 2",
		"UPDATE answer SET url = sent, sent = url WHERE id = 2",
		"DELETE FROM answer WHERE id = 1",
		"DELETE FROM answer WHERE id = 2",
	};
	for (size_t i = 0; i < XT_ARRAY_SIZE(edits); i++) {
		struct store *s = open_case(state, STORE_CREATE);
		begin(s);
		for (int k = 0; k < 3; k++) {
			char body[32];
			snprintf(body, sizeof(body), "body number %d", k);
			const struct store_answer a = { .time = k,
							.node = "n",
							.node_key = "k",
							.url = "http://n/a",
							.body_sent = "{}",
							.http = 200,
							.body = (const uint8_t *)body,
							.len = strlen(body) };
			assert_ok(store_put_answer(s, NULL, &a, &err), err);
		}
		commit(s);
		store_close(s);
		sql_run(CASE, edits[i]);
		s = open_case(state, STORE_READ);
		if (store_check_answers(s, &checked, &err) != XT_E_VERIFY)
			fail_msg("not found: %s", edits[i]);
		assert_non_null(strstr(err.text, "answer "));
		store_close(s);
		remove(CASE);
	}
}

static bool see_incident(void *ctx, const struct store_incident *i)
{
	snprintf(ctx, 2048, "%lld %s %s %s %s", (long long)i->time, i->node, i->what,
		 i->account.s, i->text);
	return true;
}

static void incidents(void **state)
{
	struct xt_err err;
	char text[2048];
	struct store *s = open_case(state, STORE_CREATE);
	struct store_incident i = { .time = 5,
				    .node = "n",
				    .url = "u",
				    .what = "hash",
				    .account = party_of("@a"),
				    .text = "expected 1, found 2" };
	begin(s);
	assert_ok(store_put_incident(s, &i, &err), err);
	i.answer = 9;
	assert_fails(store_put_incident(s, &i, &err), XT_E_DATA, err, "FOREIGN KEY");
	commit(s);
	assert_ok(store_each_incident(s, see_incident, text, &err), err);
	assert_string_equal(text, "5 n hash @a expected 1, found 2");
	store_close(s);
	assert_sql(CASE, "SELECT time, what FROM v_incident",
		   "1970-01-01T00:00:05Z|hash");
}

static bool count_run(void *ctx, const struct store_run *r)
{
	*(int64_t *)ctx += r->id;
	return true;
}

/* More than one part, and bytes that do not compress to nothing. */
static void state_comes_back(struct store *s, int64_t run)
{
	struct xt_err err;
	const size_t n = ((size_t)33 << 20) + 5;
	struct xt_buf b;
	uint8_t *p = xt_calloc(n, 1);
	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i * i >> 7);
	xt_buf_init(&b, n);
	assert_fails(store_run_get_state(s, &b, run, &err), XT_E_NOTFOUND, err,
		     "no state");
	assert_ok(store_run_put_state(s, run, p, n, &err), err);
	assert_ok(store_run_get_state(s, &b, run, &err), err);
	assert_int_equal(b.len, n);
	assert_memory_equal(b.data, p, n);
	xt_buf_release(&b);
	free(p);
}

static void runs(void **state)
{
	struct xt_err err;
	struct store_run r = { .time = 1600000000,
			       .policy = "haircut",
			       .params = "{\"fee\":\"carry\"}",
			       .height = 10,
			       .events = 20,
			       .digest = { 1, 2, 3 },
			       .program = "0.1.0",
			       .summary = "{}" };
	struct store_run got;
	int64_t id, a, sum = 0;
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx c = transfer(1, 2, 7, 50000, 10, NULL, 5);
	begin(s);
	assert_ok(store_put_tx(s, NULL, NULL, &c, 0, &err), err);
	assert_ok(store_run_new(s, &id, &r, &err), err);
	assert_ok(store_run_new(s, &id, &r, &err), err);
	const struct nem_party p = party_of("@a");
	assert_ok(store_account_id(s, &a, &p, &err), err);
	assert_ok(store_run_put_holding(s, id, a, 0, 55, 5, &err), err);
	assert_ok(store_run_put_sink(s, id, a, "memo", 0, 66, 6, 2, &err), err);
	assert_ok(store_run_put_edges(s, id, 0, "[[1,0,0,7],[1,1,0,8]]", 21, &err),
		  err);
	assert_fails(store_run_put_edges(s, id, 0, "[]", 2, &err), XT_E_DATA, err,
		     "UNIQUE");
	assert_fails(store_run_put_holding(s, id, a, 1, UINT64_MAX, 0, &err), XT_E_DATA,
		     err, "out of range");
	const struct store_run_theft t = {
		.name = "heist", .seeded = 100, .refunded = 10, .fees = 3, .cleaned = 4
	};
	assert_ok(store_run_put_theft(s, id, &t, &err), err);
	state_comes_back(s, id);
	snprintf(r.policy, sizeof(r.policy), "poison");
	assert_ok(store_run_new(s, &id, &r, &err), err);
	assert_ok(store_run_latest(s, &got, "haircut", NULL, &err), err);
	assert_int_equal(got.id, 2);
	assert_memory_equal(got.digest, r.digest, 32);
	assert_fails(store_run_latest(s, &got, "fifo", NULL, &err), XT_E_NOTFOUND, err,
		     "fifo");
	assert_fails(store_run_latest(s, &got, "haircut", "{}", &err), XT_E_NOTFOUND,
		     err, "haircut");
	assert_ok(store_run_prune(s, &err), err);
	commit(s);
	assert_ok(store_each_run(s, count_run, &sum, &err), err);
	assert_int_equal(sum, 2 + 3);
	assert_sql(CASE,
		   "SELECT group_concat(tx || ',' || sub || ',' || theft || ',' ||"
		   " amount, ' ') FROM v_run_edge WHERE run = 2",
		   "1,0,0,7 1,1,0,8");
	begin(s);
	snprintf(r.policy, sizeof(r.policy), "haircut");
	assert_ok(store_run_new(s, &id, &r, &err), err);
	assert_ok(store_run_prune(s, &err), err); /* rows of the old run go with it */
	commit(s);
	store_close(s);
	nem_checked_tx_release(&c);
	assert_sql(CASE,
		   "SELECT (SELECT count(*) FROM run_holding),"
		   " (SELECT count(*) FROM run_sink), (SELECT count(*) FROM run_edges)",
		   "0|0|0");
	assert_sql(CASE,
		   "SELECT time, policy, height FROM v_run WHERE policy = 'haircut'",
		   "2020-09-13T12:26:40Z|haircut|10");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_remove)
	const struct CMUnitTest tests[] = {
		T(labels),
		T(seeds),
		T(accounts),
		T(crawl_state),
		T(answers_are_chained),
		T(an_edited_answer_is_found),
		T(incidents),
		T(runs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
