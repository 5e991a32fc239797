/* Tables of transfers and balances, against sums by hand. Ledgers are synthetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <xemtrace/analyse.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

/* A day of a hundred seconds. */
static int32_t day(int64_t t)
{
	return (int32_t)(t / 100);
}

static const char text[] = "opening a 10000\nservice s \"S\"\n"
			   "a -> b 1000 fee 10 @1 time 150 seed heist\n"
			   "b -> c 400 fee 10 @2 time 160\n"
			   "b -> s 300 fee 10 \"7\" @3 time 199\n"
			   "b -> s 100 fee 10 \"8\" @4 time 200\n"
			   "c -> s 390 fee 10 \"7\" @5 time 310\n";

struct fixture {
	struct graph *g;
	struct taint_result *r;
};

static int setup(void **state)
{
	static struct fixture f;

	f.g = sample_ledger(text);
	assert_int_equal(graph_index(f.g, NULL), XT_OK);
	f.r = sample_run(f.g, "fifo");
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	taint_result_free(f->r);
	graph_free(f->g);
	return 0;
}

static size_t table(const struct fixture *f, struct analyse_table_row **rows,
		    struct analyse_table_options o)
{
	struct xt_err err = { 0 };
	size_t n = 0;

	o.day = day;
	if (analyse_table(rows, &n, f->g, f->r, &o, &err) != XT_OK)
		fail_msg("%s", err.text);
	return n;
}

static void test_by(void **state)
{
	static const struct {
		enum analyse_by by;
		size_t rows;
	} want[] = {
		{ ANALYSE_TRANSFERS, 5 },      { ANALYSE_SENDERS, 3 },
		{ ANALYSE_RECIPIENTS, 3 },     { ANALYSE_PAIRS, 4 },
		{ ANALYSE_DAYS, 3 },           { ANALYSE_DAY_SENDERS, 4 },
		{ ANALYSE_DAY_RECIPIENTS, 5 }, { ANALYSE_SERVICE_DAYS, 3 },
	};
	const struct fixture *f = *state;

	for (size_t i = 0; i < XT_ARRAY_SIZE(want); i++) {
		struct analyse_table_row *rows;
		const size_t n =
		    table(f, &rows, (struct analyse_table_options){ .by = want[i].by });
		xt_u128 amount = 0;
		uint64_t count = 0;

		assert_int_equal(n, want[i].rows);
		for (size_t k = 0; k < n; k++) {
			amount += rows[k].amount;
			count += rows[k].count;
			assert_true(rows[k].tainted <= rows[k].amount);
		}
		/* Nothing is lost, nothing counts twice. */
		assert_int_equal(count, want[i].by == ANALYSE_SERVICE_DAYS ? 3 : 5);
		assert_true(amount ==
			    (want[i].by == ANALYSE_SERVICE_DAYS ? 790 : 2190));
		free(rows);
	}
}

static void test_service_days(void **state)
{
	const struct fixture *f = *state;
	struct analyse_table_row *rows;
	const size_t n = table(
	    f, &rows, (struct analyse_table_options){ .by = ANALYSE_SERVICE_DAYS });

	assert_int_equal(n, 3);
	assert_int_equal(rows[0].day, 1);
	assert_int_equal(rows[0].tainted, 300);
	assert_int_equal(rows[1].day, 2);
	assert_int_equal(rows[1].tainted, 100);
	assert_int_equal(rows[2].day, 3);
	assert_int_equal(rows[2].tainted, 390);
	free(rows);
}

static void test_filters(void **state)
{
	const struct fixture *f = *state;
	struct analyse_table_row *rows;
	struct analyse_table_options o = { .by = ANALYSE_TRANSFERS };
	uint8_t *mask = xt_calloc(f->g->n_accounts, 1);
	const uint32_t c = graph_find(f->g, "@c");

	mask[c] = 1;
	o.exclude = mask;
	assert_int_equal(table(f, &rows, o), 3);
	free(rows);
	o.exclude = NULL;
	o.either = mask;
	assert_int_equal(table(f, &rows, o), 2);
	free(rows);
	o.either = NULL;
	o.sender = mask;
	assert_int_equal(table(f, &rows, o), 1);
	free(rows);
	o.sender = NULL;
	o.has_from = true;
	o.from = 160;
	o.has_to = true;
	o.to = 199;
	assert_int_equal(table(f, &rows, o), 2);
	free(rows);
	free(mask);
}

/* A record of many that spans two days stands on neither, and is not inside a window
 * that ends before it. */
static void test_span(void **state)
{
	struct graph *g = sample_ledger("opening a 1000\na -> b 10 @1 time 150\n"
					"a -> b 20 @2 time 160\n");
	const struct fixture f = { g, NULL };
	struct analyse_table_options o = { .by = ANALYSE_DAYS };
	struct analyse_table_row *rows;

	(void)state;
	g->txs[1].time_last = 260;
	g->txs[1].count = 0;
	assert_int_equal(graph_index(g, NULL), XT_OK);
	assert_int_equal(table(&f, &rows, o), 2);
	assert_int_equal(rows[0].day, ANALYSE_NO_DAY);
	assert_true(rows[0].amount == 20);
	assert_false(rows[0].count_known);
	assert_int_equal(rows[1].day, 1);
	free(rows);
	o.has_to = true;
	o.to = 199;
	assert_int_equal(table(&f, &rows, o), 1);
	free(rows);
	graph_free(g);
}

static void test_balance(void **state)
{
	const struct fixture *f = *state;
	struct analyse_balance_row *rows;
	size_t n;

	assert_int_equal(
	    analyse_balance(&rows, &n, f->g, f->r, graph_find(f->g, "@b"), NULL),
	    XT_OK);
	assert_int_equal(n, 4);
	assert_int_equal(rows[0].balance, 1000);
	assert_int_equal(rows[0].tainted, 1000);
	assert_int_equal(rows[1].out, 410);
	assert_int_equal(rows[1].balance, 590);
	assert_int_equal(rows[3].balance, 170);
	assert_int_equal(rows[3].tainted, taint_held(f->r, graph_find(f->g, "@b")));
	free(rows);
	/* The robbed account: what it paid out was dirty only on arrival. */
	assert_int_equal(
	    analyse_balance(&rows, &n, f->g, f->r, graph_find(f->g, "@a"), NULL),
	    XT_OK);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].balance, 8990);
	assert_int_equal(rows[0].tainted, 0);
	free(rows);
}

/* Every account's last row says what the run says it holds, under every policy that
 * conserves. */
static void test_balance_sample(void **state)
{
	struct graph *g = sample_graph();

	(void)state;
	for (size_t p = 0; taint_policies[p] != NULL; p++) {
		struct taint_result *r;

		if (!taint_policies[p]->conserves)
			continue;
		r = sample_run(g, taint_policies[p]->name);
		for (uint32_t a = 0; a < g->n_accounts; a++) {
			struct analyse_balance_row *rows;
			size_t n;

			assert_int_equal(analyse_balance(&rows, &n, g, r, a, NULL),
					 XT_OK);
			if (n > 0 && rows[n - 1].taint_known)
				assert_int_equal(rows[n - 1].tainted, taint_held(r, a));
			free(rows);
		}
		taint_result_free(r);
	}
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by),      cmocka_unit_test(test_service_days),
		cmocka_unit_test(test_filters), cmocka_unit_test(test_span),
		cmocka_unit_test(test_balance), cmocka_unit_test(test_balance_sample),
	};

	return cmocka_run_group_tests_name("table", tests, setup, teardown);
}
