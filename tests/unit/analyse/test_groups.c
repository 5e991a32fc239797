/* Groups: who is one party, why, and what keeps two apart. Ledgers are synthetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <xemtrace/analyse.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

static const char text[] = "opening a 100\na -> b 1\na -> c 1\na -> d 1\na -> e 1\n"
			   "a -> f 1\na -> h 1\n";

struct said {
	enum analyse_ground ground;
	const char *account, *party;
};

static void tie(struct analyse_ties *t, const struct graph *g, const struct said *s)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "@%s", s->account);
	const struct analyse_tie v = {
		.ground = s->ground,
		.account = graph_find(g, name),
		.confidence = s->ground == ANALYSE_ACTOR ? 50 : 0,
		.time = s->ground == ANALYSE_GIVEN ? 7 : 0,
		.party = s->party,
		.reason = "for a test",
	};
	assert_int_not_equal(v.account, GRAPH_NONE);
	assert_int_equal(analyse_tie_add(t, &v, NULL), XT_OK);
}

static struct analyse_groups group(const struct graph *g, const struct said *s,
				   size_t n)
{
	struct analyse_ties t = { 0 };
	struct analyse_groups out = { 0 };
	struct xt_err err = { 0 };

	for (size_t i = 0; i < n; i++)
		tie(&t, g, &s[i]);
	if (analyse_groups(&out, g, &t, &err) != XT_OK)
		fail_msg("%s", err.text);
	analyse_ties_release(&t);
	return out;
}

/* The members of the group that holds `account`, as "abc"; "" if it is in none. */
static void members(char out[16], const struct graph *g, const struct analyse_groups *s,
		    const char *account)
{
	const struct analyse_group *v = analyse_group_of(s, graph_find(g, account));
	size_t n = 0;

	for (size_t i = v != NULL ? v->member_from : 0; v != NULL && i < v->member_to;
	     i++) {
		assert_int_equal(analyse_fold(s, s->members[i]), v->head);
		out[n++] = g->party[s->members[i]].s[1];
	}
	out[n] = '\0';
}

#define GROUP(g, said) group((g), (said), XT_ARRAY_SIZE(said))
static void assert_members(const struct graph *g, const struct analyse_groups *s,
			   const char *account, const char *want)
{
	char have[16];

	members(have, g, s, account);
	assert_string_equal(have, want);
}

static void test_each_ground(void **state)
{
	struct graph *g = sample_ledger(text);

	(void)state;
	for (unsigned k = 0; k < ANALYSE_GROUNDS; k++) {
		const struct said said[] = { { (enum analyse_ground)k, "c", "p" },
					     { (enum analyse_ground)k, "b", "p" } };
		struct analyse_groups s = GROUP(g, said);

		assert_int_equal(s.n, 1);
		assert_members(g, &s, "@b", "bc");
		assert_members(g, &s, "@c", "bc");
		assert_members(g, &s, "@a", "");
		assert_string_equal(s.v[0].name, "p");
		assert_int_equal(s.v[0].ground, k);
		assert_int_equal(s.v[0].grounds, 1U << k);
		assert_int_equal(s.v[0].tie_to - s.v[0].tie_from, 2);
		assert_string_equal(g->party[s.v[0].head].s, "@b");
		analyse_groups_release(&s);
	}
	graph_free(g);
}

/* One account is a party only if the analyst said so. */
static void test_alone(void **state)
{
	struct graph *g = sample_ledger(text);
	const struct said said[] = { { ANALYSE_ACTOR, "b", "x" },
				     { ANALYSE_GIVEN, "c", "y" },
				     { ANALYSE_SWEPT, "d", "z" } };
	struct analyse_groups s = GROUP(g, said);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_int_equal(s.n_ties, 1);
	assert_members(g, &s, "@c", "c");
	assert_members(g, &s, "@b", "");
	analyse_groups_release(&s);
	graph_free(g);
}

/* A with B, B with C; a name given and a name of an actor are one name. */
static void test_chain(void **state)
{
	struct graph *g = sample_ledger(text);
	const struct said said[] = {
		{ ANALYSE_SWEPT, "d", "s" },    { ANALYSE_SWEPT, "e", "s" },
		{ ANALYSE_ACTOR, "c", "p" },    { ANALYSE_ACTOR, "d", "p" },
		{ ANALYSE_COSIGNED, "e", "k" }, { ANALYSE_COSIGNED, "f", "k" },
		{ ANALYSE_GIVEN, "b", "p" },
	};
	struct analyse_groups s = GROUP(g, said);

	(void)state;
	assert_int_equal(s.n, 1);
	assert_members(g, &s, "@f", "bcdef");
	assert_string_equal(s.v[0].name, "p");
	assert_int_equal(s.v[0].ground, ANALYSE_GIVEN);
	assert_int_equal(s.v[0].grounds, (1U << ANALYSE_GROUNDS) - 1);
	assert_int_equal(s.refused_from, s.n_ties);
	/* Each account's strongest reason comes first. */
	for (size_t i = s.v[0].tie_from + 1; i < s.v[0].tie_to; i++)
		if (s.ties[i].account == s.ties[i - 1].account)
			assert_true(s.ties[i - 1].ground <= s.ties[i].ground);
	analyse_groups_release(&s);
	graph_free(g);
}

/* What was named apart stays apart: the analyst before labels, labels before findings. */
static void test_told_apart(void **state)
{
	struct graph *g = sample_ledger(text);
	const struct said said[] = {
		{ ANALYSE_SWEPT, "b", "s" },     { ANALYSE_SWEPT, "c", "s" },
		{ ANALYSE_SWEPT, "e", "s" },     { ANALYSE_ACTOR, "b", "zaif" },
		{ ANALYSE_ACTOR, "d", "zaif" },  { ANALYSE_ACTOR, "c", "other" },
		{ ANALYSE_ACTOR, "f", "other" }, { ANALYSE_GIVEN, "d", "thief" },
	};
	struct analyse_groups s = GROUP(g, said);

	(void)state;
	/* d is the thief, whatever a label says; b alone would be no party, but the
	 * sweep joins e to it, not c. */
	assert_members(g, &s, "@d", "d");
	assert_members(g, &s, "@b", "be");
	assert_members(g, &s, "@c", "cf");
	assert_int_equal(s.n, 3);
	assert_string_equal(s.v[s.of[graph_find(g, "@b")]].name, "zaif");
	assert_int_equal(s.n_ties - s.refused_from, 2);
	for (size_t i = s.refused_from; i < s.n_ties; i++)
		assert_true(strcmp(s.ties[i].party, "zaif") == 0 ||
			    strcmp(s.ties[i].party, "s") == 0);
	analyse_groups_release(&s);
	graph_free(g);
}

/* Of two labels the better is believed: ties of one ground hold in their order. */
static void test_two_actors(void **state)
{
	struct graph *g = sample_ledger(text);
	const struct said said[] = { { ANALYSE_ACTOR, "b", "z" },
				     { ANALYSE_ACTOR, "b", "a" },
				     { ANALYSE_ACTOR, "c", "a" },
				     { ANALYSE_ACTOR, "d", "a" },
				     { ANALYSE_ACTOR, "e", "z" } };
	struct analyse_groups s = GROUP(g, said);

	(void)state;
	assert_members(g, &s, "@b", "be");
	assert_members(g, &s, "@c", "cd");
	assert_string_equal(s.v[0].name, "a");
	assert_int_equal(s.n_ties - s.refused_from, 1);
	analyse_groups_release(&s);
	graph_free(g);
}

/* Three accounts emptied into one are one party with it; into a service they are its
 * customers. */
static void test_swept(void **state)
{
	static const char sweep[] = "opening p 1000\nopening q 1000\nopening r 1000\n"
				    "p -> x 100\nq -> y 100\nr -> z 100\n"
				    "x -> t 90 fee 10\ny -> t 90 fee 10\n"
				    "z -> t 90 fee 10\n";

	(void)state;
	for (unsigned service = 0; service < 2; service++) {
		char buf[512];
		struct analyse_findings f = { 0 };
		struct analyse_ties t = { 0 };
		struct analyse_groups s = { 0 };
		struct analyse_rule_options o;

		(void)snprintf(buf, sizeof(buf), "%s%s", sweep,
			       service != 0 ? "service t \"T\"\n" : "");
		struct graph *g = sample_ledger(buf);
		analyse_rule_defaults(&o);
		assert_int_equal(graph_index(g, NULL), XT_OK);
		assert_int_equal(analyse_rules(&f, g, NULL, &o, NULL), XT_OK);
		assert_int_equal(f.n, service != 0 ? f.n : 1);
		assert_int_equal(analyse_ties_swept(&t, g, &f, NULL), XT_OK);
		assert_int_equal(analyse_groups(&s, g, &t, NULL), XT_OK);
		assert_members(g, &s, "@x", service != 0 ? "" : "txyz");
		analyse_groups_release(&s);
		analyse_ties_release(&t);
		analyse_findings_release(&f);
		graph_free(g);
	}
}

/* ---- folding ------------------------------------------------------------------------ */

static int32_t day(int64_t t)
{
	return (int32_t)(t / 100);
}

/* Day d: d units of the currency. Day 5 has no price. */
static bool price(void *ctx, int32_t d, uint64_t *e8)
{
	(void)ctx;
	if (d == ANALYSE_NO_DAY || d == 5)
		return false;
	*e8 = (uint64_t)d * 100000000;
	return true;
}

static const struct analyse_prices prices = { .day = day,
					      .price = price,
					      .currency = "ABC" };

static uint32_t next(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

/* Twelve accounts that pay each other at random; two of them services. */
static struct graph *random_ledger(uint32_t seed)
{
	struct xt_buf b;
	struct graph *g;

	xt_buf_init(&b, 1 << 20);
	for (unsigned i = 0; i < 12; i++)
		assert_int_equal(xt_buf_addf(&b, NULL, "opening n%u 1000000\n", i),
				 XT_OK);
	assert_int_equal(
	    xt_buf_adds(&b, "service n10 \"X\"\nservice n11 \"Y\"\n", NULL), XT_OK);
	for (unsigned i = 0; i < 60; i++)
		assert_int_equal(
		    xt_buf_addf(&b, NULL, "n%u -> n%u %u fee %u \"%u\" @%u time %u%s\n",
				next(&seed, 10), next(&seed, 12), 1 + next(&seed, 5000),
				next(&seed, 3), next(&seed, 4), i + 1, 100 + i * 7,
				i < 3 ? " seed heist" : ""),
		    XT_OK);
	g = sample_ledger(xt_buf_str(&b));
	xt_buf_release(&b);
	assert_int_equal(graph_index(g, NULL), XT_OK);
	return g;
}

static struct analyse_groups random_groups(const struct graph *g, uint32_t seed)
{
	struct analyse_ties t = { 0 };
	struct analyse_groups s = { 0 };

	for (unsigned i = 0; i < 12; i++) {
		static const char *const names[] = { "p", "q", "r", "s", "t" };
		char account[8];
		const uint32_t k = next(&seed, 5);

		(void)snprintf(account, sizeof(account), "@n%u", i);
		if (k == 4)
			continue;
		assert_int_equal(analyse_tie_add(&t,
						 &(struct analyse_tie){
						     .ground = ANALYSE_ACTOR,
						     .account = graph_find(g, account),
						     .party = names[k],
						     .reason = "" },
						 NULL),
				 XT_OK);
	}
	assert_int_equal(analyse_groups(&s, g, &t, NULL), XT_OK);
	analyse_ties_release(&t);
	return s;
}

static void check_top(const struct graph *g, const struct taint_result *r,
		      const struct analyse_groups *s)
{
	for (unsigned by = 0; by <= ANALYSE_BY_RECEIVED; by++) {
		struct analyse_inside inside;
		struct analyse_top_options o = { .by = (enum analyse_rank)by,
						 .prices = &prices };
		struct analyse_top_row *one;
		struct analyse_top_row *all;
		size_t n_one;
		size_t n_all;
		xt_u128 received = 0;
		xt_u128 ones_in = 0;
		uint64_t count = 0;

		assert_int_equal(analyse_top_with(&one, &n_one, g, r, &o, NULL), XT_OK);
		o.fold = s;
		o.inside = &inside;
		assert_int_equal(analyse_top_with(&all, &n_all, g, r, &o, NULL), XT_OK);
		for (size_t i = 0; i < n_all; i++)
			assert_true((all[i].group == NULL) ==
				    (s->of[all[i].account] == GRAPH_NONE));
		/* By hand, event by event. */
		for (size_t i = 0; i < n_all; i++) {
			xt_u128 in = 0;
			uint64_t tainted = 0;

			for (uint32_t e = 0; e < g->n_events; e++) {
				const struct graph_event *v = &g->events[e];

				if (v->to != GRAPH_NONE && v->from != GRAPH_NONE &&
				    v->from != v->to &&
				    analyse_fold(s, v->to) == all[i].account &&
				    analyse_fold(s, v->from) != all[i].account)
					in += graph_amount(v);
			}
			for (size_t k = 0; k < r->n_holdings; k++)
				if (analyse_fold(s, r->holdings[k].account) ==
				    all[i].account)
					tainted += r->holdings[k].uxem;
			for (size_t k = 0; k < r->n_sink_totals; k++)
				if (analyse_fold(s, r->sink_totals[k].account) ==
				    all[i].account)
					tainted += r->sink_totals[k].uxem;
			assert_true(in == all[i].received);
			assert_int_equal(tainted, all[i].held);
			if (by == ANALYSE_BY_RECEIVED)
				received += in;
			count += all[i].n_in;
		}
		for (size_t i = 0; i < n_one; i++)
			ones_in += by == ANALYSE_BY_RECEIVED ? one[i].received : 0;
		if (by == ANALYSE_BY_RECEIVED) {
			uint64_t ones = 0;

			for (size_t i = 0; i < n_one; i++)
				ones += one[i].n_in;
			assert_true(ones_in == received + inside.amount);
			assert_int_equal(ones, count + inside.count);
		}
		free(one);
		free(all);
	}
}

/* Each line and each column adds up to its total, and both to the same. */
static void check_matrix(const struct graph *g, const struct analyse_table_row *rows,
			 size_t n, xt_u128 total)
{
	struct analyse_matrix m;
	xt_u128 sums[2] = { 0, 0 };

	assert_int_equal(analyse_matrix(&m, g, rows, n, NULL), XT_OK);
	assert_int_equal(m.n_cells, n);
	assert_true(m.total == total);
	for (unsigned side = 0; side < 2; side++) {
		const struct analyse_matrix_side *v =
		    side == 0 ? m.senders : m.recipients;
		const size_t len = side == 0 ? m.n_senders : m.n_recipients;

		for (size_t i = 0; i < len; i++) {
			xt_u128 line = 0;

			for (size_t k = 0; k < m.n_cells; k++)
				if ((side == 0 ? m.cells[k].sender
					       : m.cells[k].recipient) == i)
					line += rows[m.cells[k].row].amount;
			assert_true(line == v[i].total);
			assert_true(i == 0 || v[i - 1].total >= v[i].total);
			sums[side] += line;
		}
	}
	assert_true(sums[0] == total && sums[1] == total);
	for (size_t k = 0; k < m.n_cells; k++) {
		const struct analyse_table_row *row = &rows[m.cells[k].row];

		assert_int_equal(m.senders[m.cells[k].sender].account, row->from);
		assert_int_equal(m.recipients[m.cells[k].recipient].account, row->to);
	}
	analyse_matrix_release(&m);
}

static void check_table(const struct graph *g, const struct taint_result *r,
			const struct analyse_groups *s)
{
	for (unsigned by = 0; by <= ANALYSE_DAY_RECIPIENTS; by++) {
		struct analyse_inside inside;
		struct analyse_table_options o = { .by = (enum analyse_by)by,
						   .day = day,
						   .prices = &prices };
		struct analyse_table_row *one;
		struct analyse_table_row *all;
		size_t n_one;
		size_t n_all;
		xt_u128 sums[2] = { 0, 0 };
		uint64_t counts[2] = { 0, 0 };
		xt_u128 values[2] = { 0, 0 };

		assert_int_equal(analyse_table(&one, &n_one, g, r, &o, NULL), XT_OK);
		o.fold = s;
		o.inside = &inside;
		assert_int_equal(analyse_table(&all, &n_all, g, r, &o, NULL), XT_OK);
		for (size_t i = 0; i < n_one; i++) {
			sums[0] += one[i].amount;
			counts[0] += one[i].count;
			values[0] += one[i].value.e14;
		}
		for (size_t i = 0; i < n_all; i++) {
			sums[1] += all[i].amount;
			counts[1] += all[i].count;
			values[1] += all[i].value.e14;
			assert_true(all[i].from == GRAPH_NONE ||
				    all[i].from != all[i].to);
		}
		assert_true(sums[0] == sums[1] + inside.amount);
		assert_int_equal(counts[0], counts[1] + inside.count);
		assert_true(values[1] <= values[0]);
		if (by == ANALYSE_PAIRS)
			check_matrix(g, all, n_all, sums[1]);
		free(one);
		free(all);
	}
}

static void check_exchanges(const struct graph *g, const struct taint_result *r,
			    const struct analyse_groups *s)
{
	struct analyse_exchanges e;
	struct taint_bounds *bounds;
	xt_u128 before = 0, after = 0, memos = 0;

	assert_int_equal(analyse_exchanges(&e, g, r, NULL), XT_OK);
	assert_int_equal(taint_bounds_run(&bounds, g, &r->options, NULL, NULL), XT_OK);
	analyse_exchanges_bounds(&e, bounds);
	for (size_t i = 0; i < e.n_services; i++)
		before += e.services[i].tainted;
	assert_int_equal(analyse_exchanges_fold(&e, g, r, s, NULL), XT_OK);
	for (size_t i = 0; i < e.n_services; i++) {
		const struct analyse_service_row *row = &e.services[i];
		uint64_t sum = 0;

		after += row->tainted;
		assert_true(i == 0 || e.services[i - 1].tainted >= row->tainted);
		assert_true(row->low <= row->tainted && row->tainted <= row->high);
		for (size_t k = row->memo_from; k < row->memo_to; k++) {
			assert_int_equal(analyse_fold(s, e.memos[k].account),
					 analyse_fold(s, row->account));
			sum += e.memos[k].tainted;
		}
		assert_int_equal(sum, row->tainted);
		memos += sum;
	}
	assert_true(before == after && after == memos);
	taint_bounds_free(bounds);
	analyse_exchanges_release(&e);
}

/* Folded figures are those of the wallets less what these paid each other: nothing is
 * lost and nothing counts twice, whatever the groups. */
static void test_folding(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 40; seed++) {
		struct graph *g = random_ledger(seed);
		struct taint_result *r = sample_run(g, "haircut");
		struct analyse_groups s = random_groups(g, seed * 77);

		check_top(g, r, &s);
		check_table(g, r, &s);
		check_exchanges(g, r, &s);
		analyse_groups_release(&s);
		taint_result_free(r);
		graph_free(g);
	}
}

/* Values by hand: each transfer at the price of its day; one without a price leaves its
 * row without a value. */
static void test_values(void **state)
{
	struct graph *g = sample_ledger("opening a 100000\n"
					"a -> b 1000 @1 time 150 seed heist\n"
					"a -> b 3 @2 time 299\n"
					"a -> c 7 @3 time 550\n"
					"a -> d 9 @4 time 200\n");
	struct taint_result *r = sample_run(g, "fifo");
	struct analyse_top_row *rows;
	const struct analyse_top_options o = { .by = ANALYSE_BY_RECEIVED,
					       .prices = &prices };
	const xt_u128 e8 = 100000000;
	size_t n;

	(void)state;
	assert_int_equal(analyse_top_with(&rows, &n, g, r, &o, NULL), XT_OK);
	assert_int_equal(n, 3);
	assert_true(rows[0].value.known);
	assert_true(rows[0].value.e14 == (1000 * 1 + 3 * 2) * e8);
	assert_string_equal(rows[0].value.currency, "ABC");
	assert_true(rows[1].value.known && rows[1].value.e14 == 9 * 2 * e8);
	assert_false(rows[2].value.known);
	free(rows);
	taint_result_free(r);
	graph_free(g);
}

/* A sum that does not fit is not known, never wrapped. */
static void test_value_limit(void **state)
{
	struct analyse_value sum = { .known = true, .e14 = ~(xt_u128)0 };
	const struct analyse_value one = { .known = true, .e14 = 1 };

	(void)state;
	analyse_value_sum(&sum, &one);
	assert_false(sum.known);
}

static void test_no_groups(void **state)
{
	struct graph *g = sample_ledger(text);
	struct analyse_groups s = group(g, NULL, 0);

	(void)state;
	assert_int_equal(s.n, 0);
	assert_int_equal(analyse_fold(&s, 3), 3);
	assert_int_equal(analyse_fold(NULL, 3), 3);
	assert_int_equal(analyse_fold(&s, GRAPH_NONE), GRAPH_NONE);
	assert_null(analyse_group_of(&s, 3));
	analyse_groups_release(&s);
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_ground), cmocka_unit_test(test_alone),
		cmocka_unit_test(test_chain),       cmocka_unit_test(test_told_apart),
		cmocka_unit_test(test_two_actors),  cmocka_unit_test(test_swept),
		cmocka_unit_test(test_no_groups),   cmocka_unit_test(test_folding),
		cmocka_unit_test(test_values),      cmocka_unit_test(test_value_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
