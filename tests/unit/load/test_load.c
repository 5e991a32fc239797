/* Case file to graph. Synthetic, but for the nemesis block. */
#include "support.h"

#include <stdio.h>

#include <xemtrace/import.h>
#include <xemtrace/load.h>

#define CASE in_folder(state, "case.xemtrace")

static struct graph *load(struct store *s, unsigned flags)
{
	struct xt_err err;
	struct graph *g;
	assert_ok(load_graph(&g, s, flags, NULL, &err), err);
	return g;
}

static void import_text(void **state, struct store *s, const char *name,
			const char *text, bool complete)
{
	struct xt_err err;
	struct import_report rep;
	const struct import_options opt = { .complete = complete };
	write_file(in_folder(state, name), text);
	assert_ok(import_csv(&rep, s, in_folder(state, name), &opt, NULL, &err), err);
}

static const char *name_of(const struct graph *g, uint32_t a)
{
	return a == GRAPH_NONE ? "-" : g->party[a].s;
}

/* The events as text, one form for graphs of either making. */
static char *events_text(const struct graph *g)
{
	struct xt_buf b;
	xt_buf_init(&b, 1 << 20);
	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		const struct graph_tx *t = &g->txs[g->event_tx[i]];
		assert_int_equal(xt_buf_addf(&b, NULL, "%u:%d:%s>%s:%llu:%s ",
					     t->height, (int)graph_kind(e),
					     name_of(g, e->from), name_of(g, e->to),
					     (unsigned long long)graph_amount(e),
					     g->memos[t->memo].text),
				 XT_OK);
	}
	char *text = xt_strdup(xt_buf_str(&b));
	xt_buf_release(&b);
	return text;
}

/* The same story told as a text ledger and as an imported record is the same graph. */
static void equals_a_text_ledger(void **state)
{
	struct xt_err err;
	struct graph *want;
	static const char ledger[] = "opening alice 1000\n"
				     "opening carol 7\n"
				     "service shop\n"
				     "alice -> bob 600 fee 5 @10.0\n"
				     "bob -> shop 100 fee 1 \"id 1\" @10.3\n"
				     "bob -> bob 50 fee 1 @11.0\n"
				     "bob -> shop 200 \"id 2\" @12.0\n"
				     "shop -> alice 30 \"id 1\" @13.0\n";
	struct store *s = open_case(state, STORE_CREATE);
	import_text(state, s, "l.csv",
		    "height,index,sender,recipient,amount_uxem,fee_uxem,message,kind\n"
		    "13,0,@shop,@alice,30,,id 1,\n"
		    "10,3,@bob,@shop,100,1,id 1,\n"
		    ",,,@carol,7,,,opening\n"
		    "12,0,@bob,@shop,200,,id 2,\n"
		    "10,0,@alice,@bob,600,5,,\n"
		    ",,,@alice,1000,,,opening\n"
		    "11,0,@bob,@bob,50,1,,\n",
		    true);
	struct store_label l = { .party = party_of("@shop"),
				 .label = "Shop",
				 .category = "exchange",
				 .confidence = 50 };
	begin(s);
	assert_ok(store_put_label(s, &l, 7, &err), err);
	commit(s);
	struct graph *g = load(s, LOAD_REFS | LOAD_INDEX);
	assert_ok(graph_parse_ledger(&want, ledger, strlen(ledger), &err), err);
	char *a = events_text(g), *b = events_text(want);
	assert_string_equal(a, b);
	free(a);
	free(b);
	assert_int_equal(g->n_accounts, want->n_accounts);
	for (uint32_t i = 0; i < want->n_accounts; i++) {
		const uint32_t k = graph_find(g, want->party[i].s);
		assert_int_not_equal(k, GRAPH_NONE);
		assert_int_equal(g->opening[k], want->opening[i]);
		assert_int_equal(g->flags[k] & GRAPH_SERVICE,
				 want->flags[i] & GRAPH_SERVICE);
		assert_true(g->flags[k] & GRAPH_COMPLETE && g->flags[k] & GRAPH_PARTY);
	}
	assert_int_equal(g->height, 13);
	assert_string_equal(g->tx_ref[0], "l.csv:6");
	assert_string_equal(g->tx_ref[g->n_txs - 1], "l.csv:2");
	assert_string_equal(g->labels[g->label[graph_find(g, "@shop")]].text, "Shop");
	assert_non_null(g->out_start);
	graph_free(g);
	graph_free(want);
	store_close(s);
}

static struct nem_checked_tx encrypted(unsigned from, unsigned to, uint32_t time)
{
	struct nem_tx tx = { .type = NEM_TX_TRANSFER,
			     .version = (uint32_t)NEM_MAINNET << 24 | 1,
			     .timestamp = time,
			     .deadline = time + 60,
			     .signer = pubkey_number(from),
			     .fee = { 50000 } };
	tx.u.transfer.recipient = address_number(to);
	tx.u.transfer.amount.uxem = 10;
	tx.u.transfer.message_type = NEM_MSG_ENCRYPTED;
	tx.u.transfer.message.data = (uint8_t *)xt_strdup("0123456789abcdef");
	tx.u.transfer.message.len = 16;
	return sign_take(&tx, from, 100 + time);
}

/* Memos: the decoded text, however often it is used; an encrypted one by its sender;
 * none. */
static void memos(void **state)
{
	struct xt_err err;
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx c[6] = {
		transfer(1, 9, 10, 50000, 0, "id", 100),
		transfer(2, 9, 10, 50000, 1, "id", 101),
		encrypted(1, 9, 2),
		encrypted(2, 9, 3),
		encrypted(1, 8, 4),
		transfer(1, 9, 10, 50000, 5, NULL, 105),
	};
	begin(s);
	for (int i = 0; i < 6; i++) {
		assert_ok(store_put_tx(s, NULL, NULL, &c[i], 0, &err), err);
		nem_checked_tx_release(&c[i]);
	}
	commit(s);
	struct graph *g = load(s, LOAD_REFS);
	assert_int_equal(g->n_txs, 6);
	assert_int_equal(g->txs[0].memo, g->txs[1].memo);
	assert_string_equal(g->memos[g->txs[0].memo].text, "id");
	assert_int_equal(g->memos[g->txs[0].memo].kind, GRAPH_MEMO_PLAIN);
	assert_int_not_equal(g->txs[2].memo, g->txs[3].memo);
	assert_int_equal(g->txs[2].memo, g->txs[4].memo);
	assert_int_equal(g->memos[g->txs[3].memo].kind, GRAPH_MEMO_ENCRYPTED);
	const struct nem_address two = address_number(2);
	assert_int_equal(g->memos[g->txs[3].memo].sender, graph_find(g, two.s));
	assert_int_equal(g->txs[5].memo, 0);
	assert_int_equal(g->txs[5].time_kind, GRAPH_TIME_SIGNER);
	assert_true(g->txs[5].height_known && !g->txs[5].order_known);
	assert_int_equal(g->txs[5].provenance, NEM_SIGNED);
	assert_int_equal(strlen(g->tx_ref[5]), 64);
	assert_int_equal(g->tx_id[5], 6);
	/* Nobody's history is complete here: the smallest sufficient openings are
	 * assumed. */
	const struct nem_address one = address_number(1);
	assert_int_equal(g->opening[graph_find(g, one.s)], 4 * 10 + 4 * 50000);
	graph_free(g);
	store_close(s);
}

static void seeds_and_marks(void **state)
{
	struct xt_err err;
	struct graph *g;
	struct store *s = open_case(state, STORE_CREATE);
	import_text(state, s, "l.csv",
		    "height,sender,recipient,amount_uxem\n10,@a,@b,5\n11,@b,@c,5\n",
		    false);
	struct store_seed d[5] = {
		{ .theft = "x", .kind = GRAPH_SEED_TX, .tx_text = "l.csv:3" },
		{ .theft = "y", .kind = GRAPH_SEED_WINDOW, .account = party_of("@b") },
		{ .theft = "x",
		  .kind = GRAPH_SEED_BALANCE,
		  .account = party_of("@c"),
		  .height = 11,
		  .all = true },
		{ .theft = "x", .kind = GRAPH_SEED_REFUND, .tx_text = "l.csv:2" },
		{ .theft = "z", .kind = GRAPH_SEED_TX, .tx_text = "l.csv:99" },
	};
	const struct store_clean clean = { .account = party_of("@c"), .from = 5 };
	begin(s);
	for (int i = 0; i < 4; i++)
		assert_ok(store_put_seed(s, NULL, &d[i], &err), err);
	assert_ok(store_put_clean(s, &clean, &err), err);
	commit(s);
	g = load(s, 0);
	assert_null(g->tx_ref);
	assert_int_equal(g->n_thefts, 2);
	assert_string_equal(g->theft[0], "x");
	assert_string_equal(g->theft[1], "y");
	assert_int_equal(g->n_seeds, 4);
	assert_true(g->seeds[0].theft == 0 && g->seeds[0].tx == 1);
	assert_true(g->seeds[1].theft == 1 && g->seeds[1].from == INT64_MIN &&
		    g->seeds[1].to == INT64_MAX &&
		    g->seeds[1].account == graph_find(g, "@b"));
	assert_true(g->seeds[2].amount == GRAPH_SEED_ALL && g->seeds[2].height == 11);
	assert_true(g->seeds[3].kind == GRAPH_SEED_REFUND && g->seeds[3].tx == 0);
	assert_int_equal(g->n_cleans, 1);
	assert_true(g->cleans[0].from == 5 &&
		    g->cleans[0].account == graph_find(g, "@c"));
	graph_free(g);
	begin(s);
	assert_ok(store_put_seed(s, NULL, &d[4], &err), err);
	commit(s);
	g = NULL;
	assert_fails(load_graph(&g, s, 0, NULL, &err), XT_E_NOTFOUND, err,
		     "theft \"z\": transaction l.csv:99 is not in the case");
	assert_null(g);
	store_close(s);
}

static void digest_of(struct store *s, uint8_t out[32])
{
	struct graph *g = load(s, LOAD_REFS);
	memcpy(out, g->digest, 32);
	graph_free(g);
}

/* The digest changes with everything that a run depends on, and with nothing else. */
static void the_digest(void **state)
{
	struct xt_err err;
	uint8_t before[32], after[32];
	struct store *s = open_case(state, STORE_CREATE);
	const struct store_seed seed = { .theft = "x",
					 .kind = GRAPH_SEED_TX,
					 .tx_text = "l.csv:2" };
	const struct store_clean clean = { .account = party_of("@b"), .from = 5 };
	struct store_label own = { .party = party_of("@b"),
				   .label = "L",
				   .category = "fund" };
	import_text(state, s, "l.csv",
		    "height,sender,recipient,amount_uxem\n10,@a,@b,5\n11,@b,@c,5\n",
		    false);
	digest_of(s, before);
	digest_of(s, after);
	assert_memory_equal(before, after, 32);
	begin(s);
	assert_ok(store_put_label(s, &own, 7, &err), err);
	assert_ok(store_meta_set(s, "k", "v", &err), err);
	commit(s);
	digest_of(s, after);
	assert_memory_equal(before, after, 32); /* a name moves no taint */
	for (int step = 0; step < 5; step++) {
		struct store_account a;
		begin(s);
		switch (step) {
		case 0:
			assert_ok(store_put_category(s, "fund", true, &err), err);
			break;
		case 1:
			assert_ok(store_put_seed(s, NULL, &seed, &err), err);
			break;
		case 2:
			assert_ok(store_put_clean(s, &clean, &err), err);
			break;
		case 3:
			assert_ok(store_account_find(s, &a, "@c", &err), err);
			a.state = STORE_COMPLETE;
			assert_ok(store_account_update(s, &a, &err), err);
			break;
		default:
			store_rollback(s);
			import_text(state, s, "m.csv",
				    "height,sender,recipient,amount_uxem\n12,@c,@a,1\n",
				    false);
			begin(s);
			break;
		}
		commit(s);
		digest_of(s, after);
		assert_memory_not_equal(before, after, 32);
		memcpy(before, after, 32);
	}
	store_close(s);
}

/* Large cases are read by two threads on two connections; inside a transaction, where a
 * second connection would see another case, by one. Rows stand in an order that has
 * nothing to do with the ledger's. */
static void two_threads_read_the_same(void **state)
{
	const uint32_t n = 60011; /* a prime, above MANY_ROWS of load.c */
	struct xt_err err;
	struct xt_buf b;
	struct store *s = open_case(state, STORE_CREATE);
	xt_buf_init(&b, 16 << 20);
	assert_ok(
	    xt_buf_adds(&b, "height,sender,recipient,amount_uxem,message\n", &err),
	    err);
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t k = (uint32_t)((uint64_t)i * 7919 % n);
		assert_ok(xt_buf_addf(&b, &err, "%u,@a%u,@a%u,%u,memo %u\n",
				      100 + k / 3, k % 97, (k * 31 + 1) % 97, k + 1,
				      k % 1000),
			  err);
	}
	import_text(state, s, "large.csv", xt_buf_str(&b), false);
	xt_buf_release(&b);
	struct graph *two = load(s, LOAD_REFS);
	begin(s);
	struct graph *one = load(s, LOAD_REFS);
	store_rollback(s);
	assert_int_equal(two->n_events, n);
	assert_int_equal(two->n_txs, n);
	assert_memory_equal(one->digest, two->digest, sizeof(one->digest));
	assert_memory_equal(one->txs, two->txs, n * sizeof(*one->txs));
	assert_memory_equal(one->tx_id, two->tx_id, n * sizeof(*one->tx_id));
	assert_memory_equal(one->events, two->events, n * sizeof(*one->events));
	for (uint32_t i = 0; i < n; i++) {
		const struct graph_tx *t = &two->txs[two->event_tx[i]];
		const uint64_t k = graph_amount(&two->events[i]) - 1;
		char memo[20];
		assert_string_equal(one->tx_ref[i], two->tx_ref[i]);
		assert_int_equal(t->height, 100 + k / 3);
		snprintf(memo, sizeof(memo), "memo %u", (unsigned)(k % 1000));
		assert_string_equal(two->memos[t->memo].text, memo);
	}
	/* The case can be written again afterwards. */
	begin(s);
	assert_ok(store_meta_set(s, "k", "v", &err), err);
	commit(s);
	graph_free(one);
	graph_free(two);
	store_close(s);
}

/* Only what was raised to make the sums hold is an assumption. */
static void assumed_openings_are_marked(void **state)
{
	struct store *s = open_case(state, STORE_CREATE);
	import_text(state, s, "l.csv",
		    "height,sender,recipient,amount_uxem,kind\n"
		    ",,@known,100,opening\n10,@known,@b,60,\n11,@unknown,@b,5,\n",
		    false);
	struct graph *g = load(s, 0);
	assert_false(g->flags[graph_find(g, "@known")] & GRAPH_ASSUMED);
	assert_int_equal(g->opening[graph_find(g, "@known")], 100);
	assert_true(g->flags[graph_find(g, "@unknown")] & GRAPH_ASSUMED);
	assert_false(g->flags[graph_find(g, "@b")] & GRAPH_ASSUMED);
	graph_free(g);
	store_close(s);
}

static void the_nemesis_block(void **state)
{
	struct xt_err err;
	struct nem_checked_block b;
	struct nem_address a;
	struct store *s = open_case(state, STORE_CREATE);
	nemesis(&b);
	assert_ok(nem_address_parse(&a, NEM_NEMESIS_ADDRESS, &err), err);
	begin(s);
	assert_ok(store_put_block(s, &b, true, &a, 0, &err), err);
	commit(s);
	nem_checked_block_release(&b);
	struct graph *g = load(s, LOAD_REFS | LOAD_INDEX);
	const uint32_t n = graph_find(g, NEM_NEMESIS_ADDRESS);
	assert_int_equal(g->opening[n], NEM_SUPPLY_UXEM);
	assert_int_equal(g->n_txs, 1354); /* and the harvest */
	uint64_t balance = g->opening[n];
	for (uint32_t i = 0; i < g->n_events; i++) {
		if (g->events[i].from == n)
			balance -= graph_amount(&g->events[i]);
		if (g->events[i].to == n)
			balance += graph_amount(&g->events[i]);
	}
	assert_int_equal(balance, 240000000);
	for (uint32_t i = 0; i < g->n_txs; i++)
		assert_true(g->txs[i].order_known &&
			    g->txs[i].time_kind == GRAPH_TIME_BLOCK);
	assert_string_equal(g->tx_ref[g->n_txs - 1], "harvest:1");
	graph_free(g);
	store_close(s);
}

/* A database that says what it must not is refused, wherever it says it. */
static void damaged_cases(void **state)
{
	static const char *const edits[] = {
		"UPDATE transfer SET amount = -1",
		"UPDATE transfer SET amount = 72057594037927936",
		"UPDATE transfer SET sender = 99",
		"UPDATE transfer SET tx = 99",
		"UPDATE transfer SET kind = 9",
		"UPDATE transfer SET sender = NULL, recipient = NULL",
		"UPDATE tx SET provenance = 0",
		"UPDATE tx SET message = 77",
		"UPDATE tx SET ledger_height = 5",
		"UPDATE account SET id = 1000000000 WHERE id = 2",
		"UPDATE account SET party = 'NOTANADDRESS' WHERE id = 1",
	};
	for (size_t i = 0; i < XT_ARRAY_SIZE(edits); i++) {
		struct xt_err err;
		struct graph *g;
		char text[256];
		struct store *s = open_case(state, STORE_CREATE);
		import_text(
		    state, s, "l.csv",
		    "height,sender,recipient,amount_uxem,message\n10,@a,@b,5,hi\n",
		    false);
		store_close(s);
		snprintf(
		    text, sizeof(text),
		    "PRAGMA ignore_check_constraints = 1; PRAGMA foreign_keys = 0; %s",
		    edits[i]);
		sql_run(CASE, text);
		s = open_case(state, STORE_READ);
		const enum xt_status rc = load_graph(&g, s, LOAD_REFS, NULL, &err);
		if (rc != XT_E_DATA)
			fail_msg("not refused: %s (%s)", edits[i], xt_status_name(rc));
		assert_non_null(strstr(err.text, "case.xemtrace"));
		store_close(s);
		remove(CASE);
	}
}

static bool stop(void *ctx, uint64_t done, uint64_t total, const char *text)
{
	(void)ctx;
	(void)done;
	(void)total;
	(void)text;
	return false;
}

static void an_empty_case(void **state)
{
	struct xt_err err;
	const struct xt_sink sink = { .progress = stop };
	struct store *s = open_case(state, STORE_CREATE);
	struct graph *g;
	assert_ok(load_graph(&g, s, LOAD_REFS | LOAD_INDEX, &sink, &err), err);
	assert_true(g->n_accounts == 0 && g->n_events == 0 && g->n_memos == 1);
	graph_free(g);
	store_close(s);
}

/* That an account is a service stands on a label that says so: that label is shown, with
 * its confidence, though others of the account are surer, or the analyst's own. */
static void the_label_of_a_service(void **state)
{
	struct store *s = open_case(state, STORE_CREATE);
	struct xt_err err;
	const struct store_label labels[] = {
		{ .party = party_of("@a"),
		  .label = "weak",
		  .category = "exchange",
		  .confidence = 5 },
		{ .party = party_of("@a"),
		  .label = "better",
		  .category = "exchange",
		  .confidence = 20 },
		{ .party = party_of("@a"),
		  .label = "surest",
		  .category = "fund",
		  .confidence = 100 },
		{ .party = party_of("@a"),
		  .label = "own",
		  .category = "person",
		  .confidence = 50,
		  .own = true },
		{ .party = party_of("@b"),
		  .label = "sure",
		  .category = "fund",
		  .confidence = 100 },
		{ .party = party_of("@b"),
		  .label = "own",
		  .category = "person",
		  .confidence = 50,
		  .own = true },
	};

	import_text(state, s, "l.csv",
		    "height,sender,recipient,amount_uxem\n10,@a,@b,5\n", false);
	begin(s);
	for (size_t i = 0; i < XT_ARRAY_SIZE(labels); i++)
		assert_ok(store_put_label(s, &labels[i], 7, &err), err);
	commit(s);
	struct graph *g = load(s, 0);
	const uint32_t a = graph_find(g, "@a");
	const uint32_t b = graph_find(g, "@b");
	assert_true(g->flags[a] & GRAPH_SERVICE);
	assert_string_equal(g->labels[g->label[a]].text, "better");
	assert_int_equal(g->labels[g->label[a]].confidence, 20);
	assert_false(g->flags[b] & GRAPH_SERVICE);
	assert_string_equal(g->labels[g->label[b]].text, "own");
	graph_free(g);
	store_close(s);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_remove)
	const struct CMUnitTest tests[] = {
		T(the_label_of_a_service),
		T(equals_a_text_ledger),
		T(memos),
		T(seeds_and_marks),
		T(the_digest),
		T(two_threads_read_the_same),
		T(assumed_openings_are_marked),
		T(the_nemesis_block),
		T(damaged_cases),
		T(an_empty_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
