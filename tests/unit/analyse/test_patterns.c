/* The patterns: one ledger that shows each, and each way in which one does not. All
 * ledgers are synthetic. */
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

struct seen {
	size_t n;                 /* findings of the kind */
	struct analyse_pattern p; /* the first */
	size_t events, members;
	char account[48], other[48];
};

static struct seen look_with(const char *text, enum analyse_pattern_kind kind,
			     const struct analyse_pattern_options *o)
{
	struct graph *g = sample_ledger(text);
	struct analyse_patterns f = { 0 };
	struct xt_err err = { 0 };
	struct seen s = { 0 };

	assert_int_equal(graph_index(g, NULL), XT_OK);
	if (analyse_patterns(&f, g, NULL, o, &err) != XT_OK)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < f.n; i++) {
		const struct analyse_pattern *p = &f.v[i];

		/* Every finding has its transactions, in ledger order. */
		assert_true(p->event_to > p->event_from);
		for (size_t k = p->event_from + 1; k < p->event_to; k++)
			assert_true(f.events[k] >= f.events[k - 1]);
		if (p->kind != kind || s.n++ > 0)
			continue;
		s.p = *p;
		s.events = p->event_to - p->event_from;
		s.members = p->member_to - p->member_from;
		(void)snprintf(s.account, sizeof(s.account), "%s",
			       g->party[p->account].s);
		if (p->other != GRAPH_NONE)
			(void)snprintf(s.other, sizeof(s.other), "%s",
				       g->party[p->other].s);
	}
	analyse_patterns_release(&f);
	graph_free(g);
	return s;
}

static struct seen look(const char *text, enum analyse_pattern_kind kind)
{
	struct analyse_pattern_options o;

	analyse_pattern_defaults(&o);
	return look_with(text, kind, &o);
}

static void test_pass_through(void **state)
{
	const enum analyse_pattern_kind kind = ANALYSE_PASS_THROUGH;
	struct seen s = look("opening a 100000\na -> m1 1000 @10\n"
			     "m1 -> m2 990 fee 10 @20\nm2 -> m3 980 fee 10 @80\n"
			     "m3 -> z 970 fee 10 @90\n",
			     kind);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_string_equal(s.account, "@m1");
	assert_string_equal(s.other, "@z");
	assert_int_equal(s.members, 3);
	assert_int_equal(s.events, 4);
	assert_int_equal(s.p.blocks, 80);
	/* A unit stays; a block too long; used twice; its history is not all there. */
	assert_int_equal(
	    look("opening a 9000\na -> m 1000 @10\nm -> z 989 fee 10 @20\n", kind).n,
	    0);
	assert_int_equal(
	    look("opening a 9000\na -> m 1000 @10\nm -> z 990 fee 10 @71\n", kind).n,
	    0);
	assert_int_equal(look("opening a 9000\na -> m 1000 @10\nm -> z 990 fee 10 @20\n"
			      "a -> m 1000 @30\nm -> z 990 fee 10 @40\n",
			      kind)
			     .n,
			 0);
	assert_int_equal(look("incomplete m\nopening a 9000\na -> m 1000 @10\n"
			      "m -> z 990 fee 10 @20\n",
			      kind)
			     .n,
			 0);
	/* A service is no mule. */
	assert_int_equal(look("service m\nopening a 9000\na -> m 1000 @10\n"
			      "m -> z 990 fee 10 @20\n",
			      kind)
			     .n,
			 0);
}

static void test_peel(void **state)
{
	const enum analyse_pattern_kind kind = ANALYSE_PEEL;
	struct seen s = look("opening a 100000\na -> p1 10000 @10\np1 -> x 500 @11\n"
			     "p1 -> y 1000 @12\np1 -> p2 8500 @13\np2 -> x 700 @14\n"
			     "p2 -> p3 7800 @15\np3 -> keep 1 @16\n",
			     kind);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_string_equal(s.account, "@p1");
	assert_string_equal(s.other, "@p3");
	assert_int_equal(s.members, 2);
	/* One link alone is no chain; a payment above a tenth is not small. */
	assert_int_equal(look("opening a 100000\na -> p1 10000 @10\np1 -> x 500 @11\n"
			      "p1 -> p2 9500 @13\n",
			      kind)
			     .n,
			 0);
	assert_int_equal(look("opening a 100000\na -> p1 10000 @10\np1 -> x 1001 @11\n"
			      "p1 -> p2 8500 @13\np2 -> x 700 @14\n"
			      "p2 -> p3 7800 @15\n",
			      kind)
			     .n,
			 0);
	/* The rest is not large. */
	assert_int_equal(look("opening a 100000\na -> p1 10000 @10\np1 -> x 500 @11\n"
			      "p1 -> p2 5000 @13\np2 -> x 100 @14\n"
			      "p2 -> p3 4000 @15\n",
			      kind)
			     .n,
			 0);
}

/* `n` payments between hub and others, `step` blocks apart, `amount` each. */
static char *star(unsigned n, unsigned step, const char *amount, bool out, bool wrote)
{
	static char text[8192];
	size_t len = 0;

	len += (size_t)snprintf(text, sizeof(text), "opening hub 900000000000\n");
	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"opening u%u 900000000000\n", i);
	if (wrote)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"u0 -> hub 0 \"please\" @1\n");
	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					out ? "hub -> u%u %s @%u\n"
					    : "u%u -> hub %s @%u\n",
					i, amount, 10 + i * step);
	return text;
}

static void test_fans(void **state)
{
	struct seen s = look(star(10, 160, "500000000", true, false), ANALYSE_FAN_OUT);

	(void)state;
	/* The first and the tenth are 9 * 160 = 1,440 blocks apart: just inside. */
	assert_int_equal(s.n, 1);
	assert_string_equal(s.account, "@hub");
	assert_int_equal(s.members, 10);
	assert_true(s.p.amount == (xt_u128)5000000000);
	assert_int_equal(s.p.blocks, 1440);
	assert_int_equal(
	    look(star(9, 160, "500000000", true, false), ANALYSE_FAN_OUT).n, 0);
	assert_int_equal(
	    look(star(10, 161, "500000000", true, false), ANALYSE_FAN_OUT).n, 0);
	s = look(star(10, 160, "500000000", false, false), ANALYSE_FAN_IN);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.account, "@hub");
	assert_int_equal(
	    look(star(9, 160, "500000000", false, false), ANALYSE_FAN_IN).n, 0);
	/* Many payments to one are no fan. */
	assert_int_equal(look("opening hub 99\nhub -> u 1 @1\nhub -> u 1 @2\n"
			      "hub -> u 1 @3\nhub -> u 1 @4\nhub -> u 1 @5\n"
			      "hub -> u 1 @6\nhub -> u 1 @7\nhub -> u 1 @8\n"
			      "hub -> u 1 @9\nhub -> u 1 @10\n",
			      ANALYSE_FAN_OUT)
			     .n,
			 0);
}

static void test_decoy(void **state)
{
	struct seen s = look(star(5, 360, "100000000", true, true), ANALYSE_DECOY);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_int_equal(s.members, 5);
	assert_int_equal(s.p.wrote_first, 1);
	/* An account too few, a unit too much, a block too long. */
	assert_int_equal(look(star(4, 360, "100000000", true, true), ANALYSE_DECOY).n,
			 0);
	assert_int_equal(look(star(5, 360, "100000001", true, true), ANALYSE_DECOY).n,
			 0);
	assert_int_equal(look(star(5, 361, "100000000", true, true), ANALYSE_DECOY).n,
			 0);
}

static void test_round_trip(void **state)
{
	const enum analyse_pattern_kind kind = ANALYSE_ROUND_TRIP;
	struct seen s =
	    look("opening a 9000\na -> b 1000 @10\nb -> a 1000 @730\n", kind);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_string_equal(s.account, "@a");
	assert_string_equal(s.other, "@b");
	/* Less by the fee of sending it back is the same amount. */
	assert_int_equal(
	    look("opening a 9000\na -> b 1000 @10\nb -> a 950 fee 50 @20\n", kind).n,
	    1);
	assert_int_equal(
	    look("opening a 9000\na -> b 1000 @10\nb -> a 949 fee 50 @20\n", kind).n,
	    0);
	assert_int_equal(
	    look("opening a 9000\na -> b 1000 @10\nb -> a 1000 @731\n", kind).n, 0);
	/* One answer answers one payment. */
	assert_int_equal(
	    look("opening a 9000\na -> b 1000 @10\na -> b 1000 @11\nb -> a 1000 @12\n",
		 kind)
		.n,
	    1);
	/* A third party, and a payment before, are no return. */
	assert_int_equal(look("opening a 9000\na -> b 1000 @10\nb -> c 1000 @11\n"
			      "c -> d 1000 @12\n",
			      kind)
			     .n,
			 0);
}

static void test_refund(void **state)
{
	struct seen s = look("service s \"S\"\nopening a 9000\na -> s 1000 \"x\" @10\n"
			     "s -> a 1000 @5000\n",
			     ANALYSE_REFUND);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_string_equal(s.account, "@a");
	assert_string_equal(s.other, "@s");
	assert_int_equal(look("service s \"S\"\nopening a 9000\na -> s 1000 \"x\" @10\n"
			      "s -> a 1000 @10091\n",
			      ANALYSE_REFUND)
			     .n,
			 0);
	assert_int_equal(look("service s \"S\"\nopening a 9000\na -> s 1000 \"x\" @10\n"
			      "s -> a 999 @20\n",
			      ANALYSE_REFUND)
			     .n,
			 0);
	/* A withdrawal that comes back in is the customer's, not the service's. */
	assert_int_equal(look("service s \"S\"\nopening s 5000\ns -> a 1000 @10\n"
			      "a -> s 1000 @20\n",
			      ANALYSE_REFUND)
			     .n,
			 0);
}

static void test_rests(void **state)
{
	struct seen s;

	(void)state;
	s = look("opening a 9000\na -> d 1000 @10\na -> z 1 @10090\n", ANALYSE_DORMANT);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.account, "@d");
	assert_true(s.p.amount == 1000);
	/* Not long enough; it moved. */
	assert_int_equal(
	    look("opening a 9000\na -> d 1000 @10\na -> z 1 @10089\n", ANALYSE_DORMANT)
		.n,
	    0);
	assert_int_equal(
	    look("service y\nopening a 9000\na -> d 1000 @10\nd -> y 1 @11\n"
		 "a -> z 1 @20090\n",
		 ANALYSE_DORMANT)
		.n,
	    0);
	/* Its history is not all here: it may have moved where nobody looked. */
	assert_int_equal(look("incomplete d\nopening a 9000\na -> d 1000 @10\n"
			      "a -> z 1 @10090\n",
			      ANALYSE_DORMANT)
			     .n,
			 0);
	s = look("opening a 9000\na -> d 1000 @10\nd -> y 700 @10090\n", ANALYSE_WOKEN);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.account, "@d");
	assert_int_equal(s.p.blocks, 10080);
	assert_int_equal(
	    look("opening a 9000\na -> d 1000 @10\nd -> y 700 @10089\n", ANALYSE_WOKEN)
		.n,
	    0);
	/* A rest that is a habit wakes nobody; one that is four times as long does. With three
	 * rests in all nobody has a habit; before its first payment neither. */
#define OFTEN                                                                          \
	"opening a 9000\na -> d 1000 @10\nd -> y 1 @20\nd -> y 1 @10120\nd -> y 1 "    \
	"@20220\n"
	assert_int_equal(look(OFTEN, ANALYSE_WOKEN).p.blocks, 10100);
	assert_int_equal(look(OFTEN "d -> y 1 @30320\n", ANALYSE_WOKEN).n, 0);
	assert_int_equal(
	    look(OFTEN "d -> y 1 @30320\nd -> y 1 @60619\n", ANALYSE_WOKEN).n, 0);
	s = look(OFTEN "d -> y 1 @30320\nd -> y 1 @60620\n", ANALYSE_WOKEN);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.p.blocks, 30300);
	s = look("opening a 9000\na -> d 1000 @10\nd -> y 1 @10100\nd -> y 1 @20220\n"
		 "d -> y 1 @30320\nd -> y 1 @40420\n",
		 ANALYSE_WOKEN);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.p.blocks, 10090);
	/* Dust in between does not end a rest. */
	s = look("opening a 9000\na -> d 1000 @10\na -> d 1 @9000\nd -> y 700 @10090\n",
		 ANALYSE_WOKEN);
	assert_int_equal(s.n, 1);
}

static void test_conversation(void **state)
{
	const enum analyse_pattern_kind kind = ANALYSE_CONVERSATION;
	struct seen s = look("opening a 9000\nopening b 9000\na -> b 1 \"hi\" @10\n"
			     "b -> a 1 encrypted @11\na -> b 1 @12\n",
			     kind);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_int_equal(s.events, 2);
	/* One writes alone; both pay without words; one is a service. */
	assert_int_equal(look("opening a 9000\nopening b 9000\na -> b 1 \"hi\" @10\n"
			      "a -> b 1 \"you?\" @11\nb -> a 1 @12\n",
			      kind)
			     .n,
			 0);
	assert_int_equal(look("service b\nopening a 9000\nopening b 9000\n"
			      "a -> b 1 \"77\" @10\nb -> a 1 \"out\" @11\n",
			      kind)
			     .n,
			 0);
}

/* Without --all only who handled stolen money is looked at. */
static void test_touched(void **state)
{
	struct graph *g = sample_ledger(
	    "opening v 9000\nopening c 9000\nv -> t 1000 @10 seed heist\n"
	    "t -> u 1000 @20\nu -> t 1000 @30\nc -> d 1000 @40\nd -> c 1000 @50\n");
	struct taint_result *r = sample_run(g, "haircut");
	struct analyse_pattern_options o;
	struct analyse_patterns f = { 0 };
	size_t trips[2] = { 0, 0 };

	(void)state;
	assert_int_equal(graph_index(g, NULL), XT_OK);
	for (unsigned all = 0; all < 2; all++) {
		analyse_pattern_defaults(&o);
		o.all = all != 0;
		assert_int_equal(analyse_patterns(&f, g, r, &o, NULL), XT_OK);
		for (size_t i = 0; i < f.n; i++)
			trips[all] += f.v[i].kind == ANALYSE_ROUND_TRIP;
		analyse_patterns_release(&f);
	}
	assert_int_equal(trips[0], 1);
	assert_int_equal(trips[1], 2);
	taint_result_free(r);
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pass_through),
		cmocka_unit_test(test_peel),
		cmocka_unit_test(test_fans),
		cmocka_unit_test(test_decoy),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refund),
		cmocka_unit_test(test_rests),
		cmocka_unit_test(test_conversation),
		cmocka_unit_test(test_touched),
	};

	return cmocka_run_group_tests_name("patterns", tests, NULL, NULL);
}
