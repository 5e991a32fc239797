/* The text ledger: what it makes, and one test a way to fail. Synthetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <xemtrace/graph.h>

static struct graph *parse(const char *text)
{
	struct graph *g = NULL;
	struct xt_err err = { 0 };
	if (graph_parse_ledger(&g, text, strlen(text), &err) != XT_OK)
		fail_msg("%s", err.text);
	return g;
}

static void is_event(const struct graph *g, uint32_t i, enum nem_movement_kind kind,
		     const char *from, const char *to, uint64_t amount)
{
	const struct graph_event *e = &g->events[i];
	assert_int_equal(graph_kind(e), kind);
	assert_int_equal(graph_amount(e), amount);
	assert_int_equal(e->from, from ? graph_find(g, from) : GRAPH_NONE);
	assert_int_equal(e->to, to ? graph_find(g, to) : GRAPH_NONE);
}

static void test_transfers(void **state)
{
	struct graph *g =
	    parse("# a comment\n"
		  "\n"
		  "a -> b 10 fee 2 levy c 3 \"say \\\"hi\\\" \\\\\" @7.2 # rest\r\n"
		  "a -> b 1 @7\n"
		  "  @b\t->  a   4 inner encrypted\n"
		  "harvest a 5 time 99\n"
		  "NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5 -> a 1");
	(void)state;
	assert_int_equal(g->n_events, 7);
	assert_int_equal(g->n_txs, 5);
	is_event(g, 0, NEM_MOVE_TRANSFER, "@a", "@b", 10);
	is_event(g, 1, NEM_MOVE_LEVY, "@a", "@c", 3);
	is_event(g, 2, NEM_MOVE_FEE, "@a", NULL, 2);
	is_event(g, 3, NEM_MOVE_TRANSFER, "@a", "@b", 1);
	is_event(g, 4, NEM_MOVE_INNER, "@b", "@a", 4);
	is_event(g, 5, NEM_MOVE_HARVEST, NULL, "@a", 5);
	is_event(g, 6, NEM_MOVE_TRANSFER, NEM_NEMESIS_ADDRESS, "@a", 1);
	assert_string_equal(g->memos[g->txs[0].memo].text, "say \"hi\" \\");
	assert_int_equal(g->memos[g->txs[2].memo].kind, GRAPH_MEMO_ENCRYPTED);
	assert_int_equal(g->memos[g->txs[2].memo].sender, graph_find(g, "@b"));
	assert_int_equal(g->txs[0].height, 7);
	assert_int_equal(g->txs[1].height, 7);
	assert_int_equal(g->txs[2].height, 8);
	assert_int_equal(g->txs[2].time, 480);
	assert_int_equal(g->txs[3].time, 99);
	assert_string_equal(g->tx_ref[0], "line 3");
	assert_int_equal(g->height, 10);
	assert_int_equal(g->flags[graph_find(g, "@a")],
			 GRAPH_COMPLETE | GRAPH_EXPANDED | GRAPH_PARTY);
	assert_int_equal(g->flags[graph_find(g, NEM_NEMESIS_ADDRESS)],
			 GRAPH_COMPLETE | GRAPH_EXPANDED);
	graph_free(g);
}

static void test_statements(void **state)
{
	struct graph *g =
	    parse("opening a 10\nopening a 5\nservice ex \"The Exchange\"\n"
		  "service other\nprobable hub\nincomplete hub\n"
		  "seed t1 a 3\nseed t2 a all\nbalance t1 a 4 7\nbalance t1 a 4 all\n"
		  "window t2 b 100 200\nclean b 300\n"
		  "a -> b 1 seed t3\nex -> b 1 refund t1\n");
	(void)state;
	assert_int_equal(g->opening[graph_find(g, "@a")], 15);
	const uint32_t ex = graph_find(g, "@ex");
	assert_true(g->flags[ex] & GRAPH_SERVICE);
	assert_string_equal(g->labels[g->label[ex]].text, "The Exchange");
	assert_true(g->flags[graph_find(g, "@hub")] & GRAPH_PROBABLE);
	assert_false(g->flags[graph_find(g, "@hub")] & GRAPH_COMPLETE);
	assert_int_equal(g->n_thefts, 3);
	assert_string_equal(g->theft[2], "t3");
	assert_int_equal(g->n_seeds, 7);
	assert_int_equal(g->seeds[0].kind, GRAPH_SEED_BALANCE);
	assert_int_equal(g->seeds[0].height, 0);
	assert_int_equal(g->seeds[0].amount, 3);
	assert_true(g->seeds[1].amount == GRAPH_SEED_ALL);
	assert_int_equal(g->seeds[2].height, 4);
	assert_int_equal(g->seeds[4].kind, GRAPH_SEED_WINDOW);
	assert_int_equal(g->seeds[4].to, 200);
	assert_int_equal(g->seeds[5].kind, GRAPH_SEED_TX);
	assert_int_equal(g->seeds[6].kind, GRAPH_SEED_REFUND);
	assert_int_equal(g->seeds[6].tx, 1);
	assert_int_equal(g->cleans[0].from, 300);
	graph_free(g);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text, *part;
	} cases[] = {
		{ "x\n", "line 1: not a statement of the ledger: \"x\"" },
		{ "\nopening a\n", "line 2: wrong number of words" },
		{ "opening a -1\n", "not an amount in uXEM: \"-1\"" },
		{ "opening a 1.5\n", "not an amount" },
		{ "opening a 007\n", "not an amount" },
		{ "opening a 72057594037927936\n", "not an amount" },
		{ "opening a 72057594037927935\nopening a 1\n", "add up to too much" },
		{ "opening A 1\n", "a name is" },
		{ "opening @ 1\n", "a name is" },
		{ "opening aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1\n", "a name is" },
		{ "opening NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT4 1\n", "line 1" },
		{ "a -> b\n", "not a statement" },
		{ "a -> b 1 fee\n", "not a word of the ledger: \"fee\"" },
		{ "a -> b 1 @0\n", "ledger order" },
		{ "a -> b 1 @x\n", "not a height" },
		{ "a -> b 1 @5\na -> b 1 @4\n", "line 2: lines stand in ledger order" },
		{ "a -> b 1 @5.3\na -> b 1 @5.3\n", "ledger order" },
		{ "a -> b 1 @4294967295\na -> b 1\n", "no height left" },
		{ "a -> b 1 \"open\n", "closing quote" },
		{ "a -> b 1 \"x\"y\n", "a blank must follow" },
		{ "a -> b 1 colour red\n", "not a word of the ledger: \"colour\"" },
		{ "harvest a 1 fee 2\n", "a harvest has" },
		{ "seed t a -\n", "not an amount" },
		{ "balance t a x 1\n", "not a height" },
		{ "window t a 9 x\n", "not a time" },
		{ "seed 0123456789012345678901234567890123456789012345678901234567890123 a 1\n",
		  "theft name" },
		{ "a b c d e f g h i j k l m n o p q r s t u v w x y\n",
		  "too many words" },
	};
	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(cases); i++) {
		struct graph *g = NULL;
		struct xt_err err = { 0 };
		assert_int_equal(
		    graph_parse_ledger(&g, cases[i].text, strlen(cases[i].text), &err),
		    XT_E_DATA);
		assert_null(g);
		if (!strstr(err.text, cases[i].part))
			fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].part);
	}
}

static void test_long_and_binary(void **state)
{
	static char text[2000];
	struct graph *g = NULL;
	struct xt_err err = { 0 };
	(void)state;
	memset(text, ' ', sizeof(text));
	assert_int_equal(graph_parse_ledger(&g, text, 1023, &err), XT_OK);
	graph_free(g);
	g = NULL;
	assert_int_equal(graph_parse_ledger(&g, text, 1024, &err), XT_E_DATA);
	text[5] = '\0';
	assert_int_equal(graph_parse_ledger(&g, text, 100, &err), XT_E_DATA);
	assert_null(g);
	assert_int_equal(graph_parse_ledger(&g, "", 0, &err), XT_OK);
	assert_int_equal(g->n_events, 0);
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transfers),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_long_and_binary),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
