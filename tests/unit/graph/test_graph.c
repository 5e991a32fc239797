/* The graph: building it, finding, the adjacency, assumed openings. Synthetic. */
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

static void test_event_packing(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct graph_event), 16);
	struct graph *g =
	    parse("opening a 72057594037927935\na -> b 72057594037927935\n");
	assert_int_equal(graph_amount(&g->events[0]), GRAPH_AMOUNT_MASK);
	assert_int_equal(graph_kind(&g->events[0]), NEM_MOVE_TRANSFER);
	graph_free(g);
}

static void test_build_refuses(void **state)
{
	struct graph *g;
	struct xt_err err = { 0 };
	uint32_t a;
	uint32_t tx;
	const struct nem_party p = { "@a" };
	(void)state;
	assert_int_equal(graph_new(&g, &err), XT_OK);
	assert_int_equal(graph_add_account(g, &a, &p, 0, UINT64_C(1) << 56, 0, &err),
			 XT_E_DATA);
	assert_non_null(strstr(err.text, "@a"));
	assert_int_equal(graph_add_account(g, &a, &p, 0, 5, 77, &err), XT_OK);
	assert_int_equal(g->account_id[a], 77);
	const struct graph_tx later = { .height = 9 };
	const struct graph_tx early = { .height = 8 };
	const struct graph_tx no_memo = { .height = 9, .memo = 1 };
	assert_int_equal(graph_add_tx(g, &tx, &no_memo, 0, NULL, &err), XT_E_USAGE);
	assert_int_equal(graph_add_tx(g, &tx, &later, 0, NULL, &err), XT_OK);
	assert_int_equal(graph_add_event(g, 1, NEM_MOVE_TRANSFER, a, a, 1, &err),
			 XT_E_USAGE);
	assert_int_equal(graph_add_event(g, tx, NEM_MOVE_TRANSFER, a, 1, 1, &err),
			 XT_E_USAGE);
	assert_int_equal(
	    graph_add_event(g, tx, NEM_MOVE_FEE, GRAPH_NONE, GRAPH_NONE, 1, &err),
	    XT_E_USAGE);
	assert_int_equal(
	    graph_add_event(g, tx, (enum nem_movement_kind)0, a, a, 1, &err),
	    XT_E_USAGE);
	assert_int_equal(
	    graph_add_event(g, tx, NEM_MOVE_TRANSFER, a, a, UINT64_C(1) << 56, &err),
	    XT_E_DATA);
	assert_int_equal(graph_add_event(g, tx, NEM_MOVE_TRANSFER, a, a, 1, &err),
			 XT_OK);
	assert_int_equal(graph_add_tx(g, &tx, &early, 0, NULL, &err), XT_OK);
	assert_int_equal(graph_add_event(g, tx, NEM_MOVE_TRANSFER, a, a, 1, &err),
			 XT_E_USAGE);
	assert_int_equal(graph_add_tx(g, &tx, &later, 0, NULL, &err), XT_OK);
	assert_int_equal(graph_add_event(g, tx, NEM_MOVE_TRANSFER, a, a, 1, &err),
			 XT_OK);
	/* Back to an earlier transaction. */
	assert_int_equal(graph_add_event(g, 0, NEM_MOVE_TRANSFER, a, a, 1, &err),
			 XT_E_USAGE);
	assert_int_equal(g->n_events, 2);
	const struct graph_seed seed = { .kind = GRAPH_SEED_TX, .tx = 0 };
	assert_int_equal(graph_add_seed(g, &seed, &err), XT_E_USAGE);
	assert_int_equal(graph_add_clean(g, 1, 0, &err), XT_E_USAGE);
	assert_int_equal(graph_add_theft(g, &tx, "", &err), XT_E_DATA);
	graph_free(g);
	graph_free(NULL);
}

static void test_reserve(void **state)
{
	struct graph *g;
	struct xt_err err = { 0 };
	uint32_t id;
	(void)state;
	assert_int_equal(graph_new(&g, &err), XT_OK);
	assert_int_equal(graph_reserve(g, 3, 2, 5, true, &err), XT_OK);
	const void *events = NULL;
	const struct nem_party p = { "@x" };
	assert_int_equal(graph_add_account(g, &id, &p, 0, 0, 0, &err), XT_OK);
	const struct graph_tx tx = { .height = 1 };
	char longest[66];
	memset(longest, 'f', sizeof(longest));
	longest[64] = '\0';
	assert_int_equal(graph_add_tx(g, &id, &tx, 12, longest, &err), XT_OK);
	assert_string_equal(g->tx_ref[id], longest);
	longest[64] = 'f';
	longest[65] = '\0';
	assert_int_equal(graph_add_tx(g, &id, &tx, 12, longest, &err), XT_E_USAGE);
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(
		    graph_add_event(g, 0, NEM_MOVE_TRANSFER, 0, 0, i, &err), XT_OK);
		if (!i)
			events = g->events;
	}
	assert_ptr_equal(events, g->events);
	/* More than was reserved is possible; references cannot be had later. */
	for (uint32_t i = 0; i < 500; i++)
		assert_int_equal(
		    graph_add_event(g, 0, NEM_MOVE_TRANSFER, 0, 0, i, &err), XT_OK);
	assert_int_equal(graph_amount(&g->events[504]), 499);
	graph_free(g);
	assert_int_equal(graph_new(&g, &err), XT_OK);
	assert_int_equal(graph_add_tx(g, &id, &tx, 0, "ignored", &err), XT_OK);
	assert_null(g->tx_ref);
	assert_int_equal(graph_reserve(g, 0, 9, 0, true, &err), XT_E_USAGE);
	graph_free(g);
}

static void test_memos(void **state)
{
	struct graph *g;
	struct xt_err err = { 0 };
	uint32_t m[6];
	char big[70000];
	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(graph_new(&g, &err), XT_OK);
	assert_int_equal(g->n_memos, 1);
	assert_int_equal(graph_add_memo(g, &m[0], GRAPH_MEMO_NONE, 3, "whatever", &err),
			 XT_OK);
	assert_int_equal(m[0], 0);
	assert_int_equal(graph_add_memo(g, &m[1], GRAPH_MEMO_PLAIN, 1, "42", &err),
			 XT_OK);
	assert_int_equal(graph_add_memo(g, &m[2], GRAPH_MEMO_PLAIN, 2, "42", &err),
			 XT_OK);
	assert_int_equal(m[1], m[2]); /* a plain text is the same whoever sends it */
	assert_int_equal(graph_add_memo(g, &m[3], GRAPH_MEMO_ENCRYPTED, 1, "42", &err),
			 XT_OK);
	assert_int_equal(graph_add_memo(g, &m[4], GRAPH_MEMO_ENCRYPTED, 2, "42", &err),
			 XT_OK);
	assert_int_not_equal(m[3], m[1]);
	assert_int_not_equal(m[3], m[4]);
	assert_int_equal(graph_add_memo(g, &m[5], GRAPH_MEMO_PLAIN, 0, big, &err),
			 XT_OK);
	for (int i = 0; i < 3000; i++) {
		char text[16];
		uint32_t id;
		(void)snprintf(text, sizeof(text), "%d", i % 1000);
		assert_int_equal(
		    graph_add_memo(g, &id, GRAPH_MEMO_PLAIN, 0, text, &err), XT_OK);
		assert_string_equal(g->memos[id].text, text);
	}
	assert_int_equal(g->n_memos, 1 + 1 + 2 + 1 + 999);
	assert_string_equal(g->memos[m[5]].text, big);
	graph_free(g);
}

static void test_labels(void **state)
{
	struct graph *g = parse("opening a 1\n");
	struct xt_err err = { 0 };
	struct graph_label l = { .text = "weak", .confidence = 20 };
	(void)state;
	assert_int_equal(g->label[0], GRAPH_NONE);
	assert_int_equal(graph_add_label(g, 0, &l, &err), XT_OK);
	l = (struct graph_label){ .text = "strong", .confidence = 90, .service = true };
	assert_int_equal(graph_add_label(g, 0, &l, &err), XT_OK);
	l = (struct graph_label){ .text = "same", .confidence = 90 };
	assert_int_equal(graph_add_label(g, 0, &l, &err), XT_OK);
	assert_string_equal(g->labels[g->label[0]].text, "strong");
	assert_string_equal(g->labels[g->label[0]].source, "");
	assert_true(g->flags[0] & GRAPH_SERVICE);
	assert_int_equal(graph_add_label(g, 1, &l, &err), XT_E_USAGE);
	graph_free(g);
}

static void test_find(void **state)
{
	struct graph *g;
	struct xt_err err = { 0 };
	uint32_t id;
	(void)state;
	assert_int_equal(graph_new(&g, &err), XT_OK);
	assert_int_equal(graph_find(g, "@a0"), GRAPH_NONE);
	for (uint32_t i = 0; i < 5000; i++) {
		struct nem_party p = { { 0 } };
		(void)snprintf(p.s, sizeof(p.s), "@a%u", i);
		assert_int_equal(graph_add_account(g, &id, &p, 0, 0, 0, &err), XT_OK);
		if (i % 700 == 0)
			assert_int_equal(graph_find(g, p.s), i);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		char name[16];
		(void)snprintf(name, sizeof(name), "@a%u", i);
		assert_int_equal(graph_find(g, name), i);
	}
	assert_int_equal(graph_find(g, "@a5000"), GRAPH_NONE);
	assert_int_equal(graph_find(g, ""), GRAPH_NONE);
	graph_free(g);
}

static void test_index(void **state)
{
	struct graph *g = parse("opening a 50\n"
				"a -> b 10 fee 1\n" /* events 0, 1 */
				"b -> a 3\n"        /* 2 */
				"a -> a 2\n"        /* 3 */
				"harvest b 4\n"     /* 4 */
				"b -> c 5\n"        /* 5 */
				"opening d 1\n");
	struct xt_err err = { 0 };
	static const uint32_t out_start[] = { 0, 3, 5, 5, 5 };
	static const uint32_t out_event[] = { 0, 1, 3, 2, 5 };
	static const uint32_t in_start[] = { 0, 2, 4, 5, 5 };
	static const uint32_t in_event[] = { 2, 3, 0, 4, 5 };
	(void)state;
	assert_int_equal(g->n_accounts, 4);
	/* Twice: the second replaces the first. */
	assert_int_equal(graph_index(g, &err), XT_OK);
	assert_int_equal(graph_index(g, &err), XT_OK);
	assert_memory_equal(g->out_start, out_start, sizeof(out_start));
	assert_memory_equal(g->out_event, out_event, sizeof(out_event));
	assert_memory_equal(g->in_start, in_start, sizeof(in_start));
	assert_memory_equal(g->in_event, in_event, sizeof(in_event));
	graph_free(g);
	g = parse("");
	assert_int_equal(graph_index(g, &err), XT_OK);
	assert_int_equal(g->out_start[0], 0);
	graph_free(g);
}

static void test_assume(void **state)
{
	struct graph *g =
	    parse("incomplete a\nincomplete b\nservice ex\nincomplete ex\n"
		  "opening a 5\n"
		  "a -> b 20\n"  /* a lacks 15 */
		  "b -> a 10\n"  /* fine */
		  "a -> c 12\n"  /* a lacks 2 more */
		  "a -> a 99\n"  /* moves nothing */
		  "ex -> c 50\n" /* a service needs none */
		  "c -> b 62 fee 0\n");
	struct xt_err err = { 0 };
	uint32_t accounts = 9;
	uint64_t uxem = 9;
	(void)state;
	assert_int_equal(graph_assume_openings(g, &accounts, &uxem, &err), XT_OK);
	assert_int_equal(accounts, 1);
	assert_int_equal(uxem, 17);
	assert_int_equal(g->opening[graph_find(g, "@a")], 22);
	assert_int_equal(g->opening[graph_find(g, "@b")], 0);
	assert_int_equal(g->opening[graph_find(g, "@ex")], 0);
	/* It is the smallest: nothing more to assume. */
	assert_int_equal(graph_assume_openings(g, &accounts, &uxem, &err), XT_OK);
	assert_int_equal(accounts, 0);
	assert_int_equal(uxem, 0);
	graph_free(g);

	g = parse("incomplete b\nopening a 5\nb -> a 1\na -> b 7\n");
	accounts = 9;
	assert_int_equal(graph_assume_openings(g, &accounts, &uxem, &err), XT_E_VERIFY);
	assert_int_equal(accounts, 9);
	assert_int_equal(g->opening[graph_find(g, "@b")], 0);
	assert_non_null(strstr(err.text, "line 4"));
	assert_non_null(strstr(err.text, "@a sends 7 uXEM and holds 6"));
	graph_free(g);
}

/* n payers and m payees of one account, `more` of them again, with what each pays. */
static bool is_hub(int payers, int payees, unsigned long long each, const char *more)
{
	char text[8192];
	size_t at = 0;
	struct xt_err err = { 0 };
	struct graph *g;
	at += (size_t)snprintf(text, sizeof(text),
			       "opening hub 1000000000\nopening twice 1000000000\n");
	for (int i = 0; i < payers; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "opening p%d 1000000000\np%d -> hub %llu\n", i,
				       i, each);
	for (int i = 0; i < payees; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "hub -> q%d %llu\n", i, each);
	(void)snprintf(text + at, sizeof(text) - at, "%s", more);
	assert_int_equal(graph_parse_ledger(&g, text, strlen(text), &err), XT_OK);
	assert_int_equal(graph_mark_probable(g, 3, &err), XT_OK);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		assert_true(a == graph_find(g, "@hub") ||
			    !(g->flags[a] & GRAPH_PROBABLE));
	const bool hub = g->flags[graph_find(g, "@hub")] & GRAPH_PROBABLE;
	graph_free(g);
	return hub;
}

static void test_mark_probable(void **state)
{
	(void)state;
	assert_true(is_hub(3, 3, 1000000, ""));
	assert_false(is_hub(2, 3, 1000000, ""));
	assert_false(is_hub(3, 2, 1000000, ""));
	assert_false(is_hub(3, 3, 999999, ""));
	/* One account that pays twice is one; oneself is none. */
	assert_false(is_hub(2, 3, 1000000, "p0 -> hub 1000000\n"));
	assert_false(is_hub(2, 3, 1000000, "hub -> hub 1000000\n"));
	assert_true(is_hub(2, 3, 1000000, "twice -> hub 1000000\n"));
	/* A service has its label; where a theft begins is no hub. */
	assert_false(is_hub(3, 3, 1000000, "service hub\n"));
	assert_false(is_hub(3, 3, 1000000, "seed t hub 5\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mark_probable),
		cmocka_unit_test(test_event_packing),
		cmocka_unit_test(test_build_refuses),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_memos),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_assume),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
