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
		cmocka_unit_test(test_no_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
