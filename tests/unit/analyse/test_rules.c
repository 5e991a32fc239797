/* The rules of deposits: one ledger that fits, and each way in which one does not. All
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

static struct graph *ledger(const char *text)
{
	struct graph *g = sample_ledger(text);

	assert_int_equal(graph_index(g, NULL), XT_OK);
	return g;
}

static struct analyse_findings rules(const struct graph *g,
				     const struct analyse_rule_options *o)
{
	struct analyse_rule_options def;
	struct analyse_findings f = { 0 };
	struct xt_err err = { 0 };

	analyse_rule_defaults(&def);
	if (analyse_rules(&f, g, NULL, o != NULL ? o : &def, &err) != XT_OK)
		fail_msg("%s", err.text);
	return f;
}

static const struct analyse_finding *find(const struct analyse_findings *f,
					  const struct graph *g, enum analyse_rule rule,
					  const char *party)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].rule == rule &&
		    strcmp(g->party[f->v[i].account].s, party) == 0)
			return &f->v[i];
	return NULL;
}

/* ---- memo pool ------------------------------------------------------------------- */

struct pool_shape {
	unsigned senders, memos, silent; /* silent: transfers without a message */
	const char *format;              /* of a memo */
	bool labelled, mixed; /* mixed: every second memo has another length */
};

static struct graph *pool(const struct pool_shape *s)
{
	struct xt_buf b;
	struct graph *g;

	xt_buf_init(&b, 1 << 20);
	for (unsigned i = 0; i < s->senders; i++)
		assert_int_equal(xt_buf_addf(&b, NULL, "opening s%u 10000000\n", i),
				 XT_OK);
	if (s->labelled)
		assert_int_equal(xt_buf_adds(&b, "service hub \"Hub\"\n", NULL), XT_OK);
	for (unsigned i = 0; i < s->memos || i < s->senders; i++) {
		char memo[40];

		(void)snprintf(memo, sizeof(memo), "%s%u",
			       s->mixed && i % 2 != 0 ? "7" : "", 10000 + i % s->memos);
		if (s->format != NULL)
			(void)snprintf(memo, sizeof(memo), "%s%c", s->format,
				       (char)('a' + i % s->memos));
		assert_int_equal(xt_buf_addf(&b, NULL, "s%u -> hub 1000 \"%s\"\n",
					     i % s->senders, memo),
				 XT_OK);
	}
	for (unsigned i = 0; i < s->silent; i++)
		assert_int_equal(
		    xt_buf_addf(&b, NULL, "s%u -> hub 1000\n", i % s->senders), XT_OK);
	g = ledger(xt_buf_str(&b));
	xt_buf_release(&b);
	return g;
}

static bool is_pool(struct pool_shape s)
{
	struct graph *g = pool(&s);
	struct analyse_findings f = rules(g, NULL);
	const struct analyse_finding *p = find(&f, g, ANALYSE_POOL, "@hub");
	const bool found = p != NULL;

	if (found) {
		assert_true(p->senders >= 20 && p->memos >= 20);
		assert_int_equal(p->event_to - p->event_from, s.memos);
		assert_true(p->in == (xt_u128)1000 * s.memos);
	}
	analyse_findings_release(&f);
	graph_free(g);
	return found;
}

static void test_pool(void **state)
{
	(void)state;
	assert_true(is_pool((struct pool_shape){ 20, 20, 5, NULL, false, false }));
	/* One sender too few, one memo too few, one transfer in 26 too many without. */
	assert_false(is_pool((struct pool_shape){ 19, 20, 0, NULL, false, false }));
	assert_false(is_pool((struct pool_shape){ 20, 19, 0, NULL, false, false }));
	assert_false(is_pool((struct pool_shape){ 20, 20, 6, NULL, false, false }));
	/* Ten of each length: no shape has twenty. */
	assert_false(is_pool((struct pool_shape){ 20, 20, 0, NULL, false, true }));
	/* Sentences are of no alphabet. */
	assert_false(is_pool((struct pool_shape){ 20, 20, 0, "hi to ", false, false }));
	/* A label says more than the rule. */
	assert_false(is_pool((struct pool_shape){ 20, 20, 0, NULL, true, false }));
}

static void test_pool_shape(void **state)
{
	struct pool_shape s = { 20, 20, 0, NULL, false, false };
	struct graph *g = pool(&s);
	struct analyse_rule_options o;
	struct analyse_findings f = rules(g, NULL);
	const struct analyse_finding *p = find(&f, g, ANALYSE_POOL, "@hub");

	(void)state;
	assert_non_null(p);
	assert_int_equal(p->length, 5);
	assert_int_equal(p->alphabet, ANALYSE_DIGITS);
	assert_int_equal(p->grade_ppm, 1000000);
	analyse_findings_release(&f);
	analyse_rule_defaults(&o);
	o.pool_memos = 21;
	f = rules(g, &o);
	assert_null(find(&f, g, ANALYSE_POOL, "@hub"));
	analyse_findings_release(&f);
	graph_free(g);
	assert_int_equal(analyse_alphabet_of("0019"), ANALYSE_DIGITS);
	assert_int_equal(analyse_alphabet_of("00ff"), ANALYSE_HEX_LOWER);
	assert_int_equal(analyse_alphabet_of("00FF"), ANALYSE_HEX_UPPER);
	assert_int_equal(analyse_alphabet_of("qz"), ANALYSE_LOWER);
	assert_int_equal(analyse_alphabet_of("Qz9"), ANALYSE_ALNUM);
	assert_int_equal(analyse_alphabet_of("Qz-9"), ANALYSE_WORD);
	assert_int_equal(analyse_alphabet_of("a b"), ANALYSE_NO_ALPHABET);
	assert_int_equal(analyse_alphabet_of(""), ANALYSE_NO_ALPHABET);
	assert_int_equal(analyse_alphabet_of("入金"), ANALYSE_NO_ALPHABET);
}

/* ---- forwarding account -------------------------------------------------------------
 */

#define PAYERS "opening alice 100000000\nopening bob 100000000\nservice ex \"Ex\"\n"

static uint32_t forward(const char *text, bool loose)
{
	struct graph *g = ledger(text);
	struct analyse_rule_options o;
	struct analyse_findings f;
	const struct analyse_finding *d;
	uint32_t grade = 0;

	analyse_rule_defaults(&o);
	o.loose = loose;
	f = rules(g, &o);
	d = find(&f, g, ANALYSE_FORWARD, "@dep");
	if (d != NULL) {
		grade = d->grade_ppm;
		assert_string_equal(g->party[d->service].s, "@ex");
		assert_true(d->in == d->out + d->fees + d->excess);
		assert_true(d->exact == (d->excess == 0));
		assert_int_equal(d->event_to - d->event_from, 3);
	}
	analyse_findings_release(&f);
	graph_free(g);
	return grade;
}

static void test_forward(void **state)
{
	(void)state;
	/* In 5,000,000, out 4,950,000 and a fee of 50,000, after exactly 780 blocks. */
	assert_int_equal(forward(PAYERS "alice -> dep 3000000 @100\n"
					"bob -> dep 2000000 @200\n"
					"dep -> ex 4950000 fee 50000 @880\n",
				 false),
			 1000000);
	/* One block too long. */
	assert_int_equal(forward(PAYERS "alice -> dep 3000000 @100\n"
					"bob -> dep 2000000 @200\n"
					"dep -> ex 4950000 fee 50000 @881\n",
				 true),
			 0);
	/* The fee is off by one unit. */
	assert_int_equal(forward(PAYERS "alice -> dep 3000000 @100\n"
					"bob -> dep 2000000 @200\n"
					"dep -> ex 4950000 fee 49999 @880\n",
				 false),
			 0);
}

static void test_forward_loose(void **state)
{
	(void)state;
	/* 1 - 0.5 * 1/2,000,000 - 0.5 * 780/780, rounded down in millionths */
	assert_int_equal(forward(PAYERS "alice -> dep 3000000 @100\n"
					"bob -> dep 2000000 @200\n"
					"dep -> ex 4950000 fee 49999 @880\n",
				 true),
			 500000);
	/* 1 - 0.5 * 1/2 - 0.5 * 390/780 */
	assert_int_equal(forward(PAYERS "alice -> dep 3000000 @490\n"
					"bob -> dep 2000000 @490\n"
					"dep -> ex 3950000 fee 50000 @880\n",
				 true),
			 500000);
	/* 2,000,000 left is the limit, one more is too much. */
	assert_int_equal(forward(PAYERS "alice -> dep 3000000 @880\n"
					"bob -> dep 2000000 @880\n"
					"dep -> ex 2950000 fee 50000 @880\n",
				 true),
			 500000);
	assert_int_equal(forward(PAYERS "alice -> dep 3000000 @880\n"
					"bob -> dep 2000000 @880\n"
					"dep -> ex 2949999 fee 50000 @880\n",
				 true),
			 0);
}

/* A message on the way on names a customer: it is counted, and can be asked to be absent. */
static void test_forward_message(void **state)
{
	static const char *const memos[] = { "", "\"77\" " };

	(void)state;
	for (unsigned memo = 0; memo < 2; memo++)
		for (unsigned silent = 0; silent < 2; silent++) {
			struct analyse_rule_options o;
			struct analyse_findings f;
			char text[400];

			(void)snprintf(text, sizeof(text),
				       PAYERS "alice -> dep 3000000 \"in\" @100\n"
					      "dep -> ex 1000000 %s@101\n"
					      "dep -> ex 1950000 fee 50000 @102\n",
				       memos[memo]);
			struct graph *g = ledger(text);

			analyse_rule_defaults(&o);
			o.forward_silent = silent != 0;
			f = rules(g, &o);
			const struct analyse_finding *d =
			    find(&f, g, ANALYSE_FORWARD, "@dep");
			assert_true((d != NULL) == (memo == 0 || silent == 0));
			if (d != NULL) {
				assert_int_equal(d->transfers, 2);
				assert_int_equal(d->with_message, memo);
			} else {
				assert_int_equal(f.n_events, 0);
			}
			analyse_findings_release(&f);
			graph_free(g);
		}
}

static void test_forward_not(void **state)
{
	(void)state;
	/* A second destination, be it by one unit. */
	assert_int_equal(forward(PAYERS "alice -> dep 5000001 @100\n"
					"dep -> carol 1 @101\n"
					"dep -> ex 4950000 fee 50000 @102\n",
				 true),
			 0);
	/* Two services. */
	assert_int_equal(forward(PAYERS "service ey\nalice -> dep 5000000 @100\n"
					"dep -> ey 1000000 @101\n"
					"dep -> ex 3950000 fee 50000 @102\n",
				 true),
			 0);
	/* No service. */
	assert_int_equal(forward(PAYERS "alice -> dep 5000000 @100\n"
					"dep -> carol 4950000 fee 50000 @102\n",
				 true),
			 0);
	/* The account is labelled itself: a service's move between its wallets. */
	assert_int_equal(forward(PAYERS "service dep\nalice -> dep 5000000 @100\n"
					"dep -> ex 4950000 fee 50000 @102\n",
				 true),
			 0);
	/* The service paid it: a refund that went back, a wallet of its own. */
	assert_int_equal(forward(PAYERS "bob -> ex 9000000 @99\n"
					"ex -> dep 5000000 @100\n"
					"dep -> ex 4950000 fee 50000 @102\n",
				 true),
			 0);
	/* So did another wallet with the label of the service. */
	assert_int_equal(forward(PAYERS "service ex2 \"Ex\"\nbob -> ex2 9000000 @99\n"
					"ex2 -> dep 5000000 @100\n"
					"dep -> ex 4950000 fee 50000 @102\n",
				 true),
			 0);
	/* Its history is not all there, or it held something before. */
	assert_int_equal(forward(PAYERS "incomplete dep\nalice -> dep 3000000 @100\n"
					"bob -> dep 2000000 @100\n"
					"dep -> ex 4950000 fee 50000 @102\n",
				 true),
			 0);
	assert_int_equal(forward(PAYERS "opening dep 1\nalice -> dep 3000000 @100\n"
					"bob -> dep 2000000 @100\n"
					"dep -> ex 4950001 fee 50000 @102\n",
				 true),
			 0);
}

static void test_forward_pass_through(void **state)
{
	(void)state;
	/* Only a pass-through account pays it: a link of a chain. */
	assert_int_equal(forward(PAYERS "alice -> mid 5000000 @100\n"
					"mid -> dep 4950000 fee 50000 @101\n"
					"dep -> ex 4900000 fee 50000 @102\n",
				 true),
			 0);
	/* The same with a second payment through the middle: used twice, so no
	 * pass-through (three movements of dep: two in, one out). */
	assert_int_equal(forward(PAYERS "alice -> mid 5000000 @100\n"
					"mid -> dep 2000000 @101\n"
					"mid -> dep 2950000 fee 50000 @101\n"
					"dep -> ex 4900000 fee 50000 @102\n",
				 false),
			 1000000);
}

/* ---- sweep -------------------------------------------------------------------------
 */

static size_t sweep(const char *text)
{
	struct graph *g = ledger(text);
	struct analyse_findings f = rules(g, NULL);
	const struct analyse_finding *s = find(&f, g, ANALYSE_SWEEP, "@hot");
	size_t n = 0;

	if (s != NULL) {
		n = s->member_to - s->member_from;
		assert_int_equal(s->event_to - s->event_from, n);
		for (size_t i = s->event_from; i < s->event_to; i++)
			assert_string_equal(g->party[g->events[f.events[i]].to].s,
					    "@hot");
	}
	analyse_findings_release(&f);
	graph_free(g);
	return n;
}

#define FOUR                                                                           \
	"opening a 100000000\nopening b 100000000\nopening c 100000000\n"              \
	"opening d 100000000\n"

static void test_sweep(void **state)
{
	(void)state;
	assert_int_equal(sweep(FOUR
			       "a -> w1 1000 @1\nb -> w2 2000 @2\nc -> w3 3000 @3\n"
			       "w1 -> hot 950 fee 50 @100\n"
			       "w2 -> hot 1950 fee 50 @100\n"
			       "w3 -> hot 2950 fee 50 @1540\n"),
			 3);
	/* One block after the window. */
	assert_int_equal(sweep(FOUR
			       "a -> w1 1000 @1\nb -> w2 2000 @2\nc -> w3 3000 @3\n"
			       "w1 -> hot 950 fee 50 @100\n"
			       "w2 -> hot 1950 fee 50 @100\n"
			       "w3 -> hot 2950 fee 50 @1541\n"),
			 0);
	/* One unit stays behind: not the whole balance. */
	assert_int_equal(sweep(FOUR
			       "a -> w1 1000 @1\nb -> w2 2000 @2\nc -> w3 3001 @3\n"
			       "w1 -> hot 950 fee 50 @100\n"
			       "w2 -> hot 1950 fee 50 @100\n"
			       "w3 -> hot 2950 fee 50 @101\n"),
			 0);
	/* Two of the three have the same payer. */
	assert_int_equal(sweep(FOUR
			       "a -> w1 1000 @1\nb -> w2 2000 @2\nb -> w3 3000 @3\n"
			       "w1 -> hot 950 fee 50 @100\n"
			       "w2 -> hot 1950 fee 50 @100\n"
			       "w3 -> hot 2950 fee 50 @101\n"),
			 0);
	/* The target filled one of them: its own money comes back. */
	assert_int_equal(sweep(FOUR
			       "opening hot 9000\na -> w1 1000 @1\nb -> w2 2000 @2\n"
			       "hot -> w3 3000 @3\nw1 -> hot 950 fee 50 @100\n"
			       "w2 -> hot 1950 fee 50 @100\n"
			       "w3 -> hot 2950 fee 50 @101\n"),
			 0);
	/* An early account does not hide the window that begins after it. */
	assert_int_equal(sweep(FOUR "d -> w0 500 @1\na -> w1 1000 @1\nb -> w2 2000 @2\n"
				    "c -> w3 3000 @3\nw0 -> hot 450 fee 50 @4\n"
				    "w1 -> hot 950 fee 50 @1400\n"
				    "w2 -> hot 1950 fee 50 @1500\n"
				    "w3 -> hot 2950 fee 50 @2000\n"),
			 3);
}

/* ---- taint of the evidence
 * ------------------------------------------------------------- */

static void test_taint(void **state)
{
	struct graph *g = ledger("opening victim 10000000\nservice ex \"Ex\"\n"
				 "opening clean 1000000\n"
				 "victim -> thief 4000000 @10 seed heist\n"
				 "thief -> dep 4000000 @20\nclean -> dep 1000000 @21\n"
				 "dep -> ex 4950000 fee 50000 \"77\" @30\n");
	struct taint_result *r = sample_run(g, "fifo");
	struct analyse_rule_options o;
	struct analyse_findings f = { 0 };
	const struct analyse_finding *d;

	(void)state;
	analyse_rule_defaults(&o);
	assert_int_equal(analyse_rules(&f, g, r, &o, NULL), XT_OK);
	d = find(&f, g, ANALYSE_FORWARD, "@dep");
	assert_non_null(d);
	assert_int_equal(d->tainted, 4000000);
	analyse_findings_release(&f);
	taint_result_free(r);
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_pool_shape),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_forward_loose),
		cmocka_unit_test(test_forward_message),
		cmocka_unit_test(test_forward_not),
		cmocka_unit_test(test_forward_pass_through),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_taint),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
