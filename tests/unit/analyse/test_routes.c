/* Ways that respect time; against all simple ways of small random ledgers, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <xemtrace/analyse.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

static struct analyse_route way(const struct graph *g, const char *from, const char *to,
				enum analyse_route_kind kind, enum xt_status want)
{
	struct analyse_route r = { 0 };

	assert_int_equal(analyse_route(&r, g, graph_find(g, from), graph_find(g, to),
				       kind, false, NULL),
			 want);
	/* A way is one: it begins and ends where it should, and each step follows. */
	for (size_t i = 0; i < r.n; i++) {
		const struct graph_event *e = &g->events[r.events[i]];

		assert_true(graph_amount(e) >= r.width);
		assert_string_equal(g->party[e->from].s,
				    i == 0 ? from
					   : g->party[g->events[r.events[i - 1]].to].s);
		assert_true(i == 0 || r.events[i] > r.events[i - 1]);
	}
	if (r.n > 0)
		assert_string_equal(g->party[g->events[r.events[r.n - 1]].to].s, to);
	return r;
}

static void test_kinds(void **state)
{
	struct graph *g = sample_ledger("opening a 1000\nopening b 100\nopening z 9\n"
					"service s\na -> b 500 @1\nb -> c 500 @2\n"
					"c -> z 400 @3\na -> z 10 @4\na -> d 450 @5\n"
					"d -> z 450 @6\nz -> y 1 @7\na -> s 5 @8\n"
					"s -> q 5 @9\n");
	struct analyse_route r = way(g, "@a", "@z", ANALYSE_EARLIEST, XT_OK);

	(void)state;
	assert_int_equal(r.n, 3);
	assert_int_equal(r.width, 400);
	analyse_route_release(&r);
	r = way(g, "@a", "@z", ANALYSE_SHORTEST, XT_OK);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.width, 10);
	analyse_route_release(&r);
	r = way(g, "@a", "@z", ANALYSE_WIDEST, XT_OK);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.width, 450);
	analyse_route_release(&r);
	/* Against time there is no way, and none through a service. */
	r = way(g, "@d", "@y", ANALYSE_SHORTEST, XT_OK);
	assert_int_equal(r.n, 2);
	analyse_route_release(&r);
	r = way(g, "@c", "@d", ANALYSE_SHORTEST, XT_E_NOTFOUND);
	r = way(g, "@a", "@q", ANALYSE_SHORTEST, XT_E_NOTFOUND);
	r = way(g, "@a", "@s", ANALYSE_SHORTEST, XT_OK);
	assert_int_equal(r.n, 1);
	analyse_route_release(&r);
	graph_free(g);
}

#define ACCOUNTS 6

struct all {
	unsigned hops;
	uint64_t width;
	uint32_t arrival;
	bool found;
};

/* Every way, by trying each later event from where one stands. */
static void try_all(struct all *best, const struct graph *g, uint32_t at, uint32_t to,
		    uint32_t start, uint32_t next, unsigned hops, uint64_t width)
{
	if (at == to) {
		best->hops = !best->found || hops < best->hops ? hops : best->hops;
		best->width = width > best->width ? width : best->width;
		best->arrival =
		    !best->found || next - 1 < best->arrival ? next - 1 : best->arrival;
		best->found = true;
		return;
	}
	for (uint32_t i = next; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];

		if (e->from == at && e->to != at && e->to != start)
			try_all(best, g, e->to, to, start, i + 1, hops + 1,
				graph_amount(e) < width ? graph_amount(e) : width);
	}
}

static void test_random(void **state)
{
	uint32_t x = 12345;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		char text[2048] = "";
		struct all best = { 0 };
		struct analyse_route r = { 0 };
		struct graph *g;
		uint32_t from, to;

		for (unsigned i = 0; i < ACCOUNTS; i++)
			(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
				       "opening n%u 100000\n", i);
		for (unsigned i = 0; i < 12; i++) {
			const uint32_t a = (x = x * 1664525 + 1013904223) >> 8;

			(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
				       "n%u -> n%u %u\n", a % ACCOUNTS,
				       a / ACCOUNTS % ACCOUNTS,
				       1 + a / (ACCOUNTS * ACCOUNTS) % 50);
		}
		g = sample_ledger(text);
		from = graph_find(g, "@n0");
		to = graph_find(g, "@n1");
		try_all(&best, g, from, to, from, 0, 0, UINT64_MAX);
		for (unsigned k = 0; k < 3; k++) {
			const enum xt_status rc = analyse_route(
			    &r, g, from, to, (enum analyse_route_kind)k, false, NULL);

			assert_int_equal(rc, best.found ? XT_OK : XT_E_NOTFOUND);
			if (rc != XT_OK)
				continue;
			if (k == ANALYSE_SHORTEST)
				assert_int_equal(r.n, best.hops);
			if (k == ANALYSE_WIDEST)
				assert_int_equal(r.width, best.width);
			if (k == ANALYSE_EARLIEST)
				assert_int_equal(r.events[r.n - 1], best.arrival);
			analyse_route_release(&r);
		}
		graph_free(g);
	}
}

static void test_back(void **state)
{
	struct graph *g = sample_ledger("service s\nopening a 1000\nopening late 50\n"
					"opening s 70\nincomplete u\nopening u 9\n"
					"u -> a 9 @1\na -> b 500 @2\nb -> t 300 @3\n"
					"late -> b 50 @4\ns -> t 70 @5\nc2 -> s 0 @6\n"
					"a -> t 5 @7\nt -> a 1 @8\n");
	struct analyse_back_row *rows;
	size_t n = 0;

	(void)state;
	assert_int_equal(
	    analyse_back(&rows, &n, g, graph_find(g, "@t"), 0, false, NULL), XT_OK);
	/* b, s and a pay directly; u only through a. What `late` paid came after b's
	 * payment, and what t sent is no origin. */
	assert_int_equal(n, 4);
	assert_string_equal(g->party[rows[0].account].s, "@a");
	assert_true(rows[0].amount == 505 && rows[0].direct == 5);
	assert_int_equal(rows[0].origin, ANALYSE_ORIGIN_OPENING);
	assert_string_equal(g->party[rows[1].account].s, "@b");
	assert_true(rows[1].amount == 300 && rows[1].origin == ANALYSE_ORIGIN_NONE);
	assert_string_equal(g->party[rows[2].account].s, "@s");
	assert_int_equal(rows[2].origin, ANALYSE_ORIGIN_SERVICE);
	assert_string_equal(g->party[rows[3].account].s, "@u");
	assert_int_equal(rows[3].hops, 2);
	assert_int_equal(rows[3].origin, ANALYSE_ORIGIN_INCOMPLETE);
	free(rows);
	assert_int_equal(
	    analyse_back(&rows, &n, g, graph_find(g, "@t"), 1, false, NULL), XT_OK);
	assert_int_equal(n, 3);
	free(rows);
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_back),
	};

	return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
