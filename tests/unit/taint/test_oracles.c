/* The twelve published ledgers of fixtures/vectors/taint-oracles.json, under each
 * policy: taint left per account, sinks, fee sink, and the taint that each event moved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <jansson.h>
#include <string.h>
#include <xemtrace/taint.h>

static json_t *oracles;

static int load(void **state)
{
	json_error_t e;
	(void)state;
	oracles = json_load_file("fixtures/vectors/taint-oracles.json", 0, &e);
	return oracles ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	json_decref(oracles);
	return 0;
}

static const char *lower(char out[40], const char *s)
{
	size_t i = 0;
	for (; s[i] && i < 39; i++)
		out[i] = (char)tolower((unsigned char)s[i]);
	out[i] = '\0';
	return out;
}

static void add(struct xt_buf *b, const char *key, const json_t *event,
		const char *after)
{
	char n[40];
	assert_int_equal(
	    xt_buf_addf(b, NULL, "%s%s",
			lower(n, json_string_value(json_object_get(event, key))),
			after),
	    XT_OK);
}

static long long number(const json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}

/* An oracle as a text ledger: one theft named "seed". */
static struct graph *graph_of(json_t *o)
{
	struct xt_buf b;
	struct xt_err err = { 0 };
	struct graph *g = NULL;
	const char *key;
	json_t *v;
	size_t i;
	char n[40];

	xt_buf_init(&b, 1 << 20);
	json_object_foreach(json_object_get(o, "opening"), key, v)
	    assert_int_equal(xt_buf_addf(&b, NULL, "opening %s %lld\n", lower(n, key),
					 (long long)json_integer_value(v)),
			     XT_OK);
	json_object_foreach(json_object_get(o, "seed"), key, v)
	    assert_int_equal(xt_buf_addf(&b, NULL, "seed seed %s %lld\n", lower(n, key),
					 (long long)json_integer_value(v)),
			     XT_OK);
	json_array_foreach(json_object_get(o, "services"), i, v) assert_int_equal(
	    xt_buf_addf(&b, NULL, "service %s\n", lower(n, json_string_value(v))),
	    XT_OK);
	json_array_foreach(json_object_get(o, "events"), i, v)
	{
		add(&b, "src", v, " -> ");
		add(&b, "dst", v, " ");
		assert_int_equal(xt_buf_addf(&b, NULL, "%lld fee %lld @%lld.%lld\n",
					     number(v, "q"), number(v, "fee"),
					     number(v, "h"), number(v, "i")),
				 XT_OK);
	}
	if (graph_parse_ledger(&g, xt_buf_str(&b), b.len, &err) != XT_OK)
		fail_msg("%s", err.text);
	xt_buf_release(&b);
	return g;
}

static void check_sinks(const struct graph *g, const struct taint_result *r,
			json_t *want, const char *where)
{
	size_t sinks = 0;
	uint64_t fees = 0;
	const char *key;
	json_t *v;
	json_object_foreach(want, key, v)
	{
		if (!strcmp(key, "@fees")) {
			fees = (uint64_t)json_integer_value(v);
			continue;
		}
		char name[41] = "@";
		lower(name + 1, key);
		uint64_t got = 0;
		for (size_t i = 0; i < r->n_sinks; i++)
			if (r->sinks[i].account == graph_find(g, name))
				got += r->sinks[i].uxem;
		if (got != (uint64_t)json_integer_value(v))
			fail_msg("%s: sink %s holds %llu", where, key,
				 (unsigned long long)got);
		sinks++;
	}
	if (r->n_sinks != sinks)
		fail_msg("%s: %zu sinks instead of %zu", where, r->n_sinks, sinks);
	if (r->fees[0] != fees || r->fees_total != fees)
		fail_msg("%s: fees %llu instead of %llu", where,
			 (unsigned long long)r->fees[0], (unsigned long long)fees);
}

static void check_edges(const struct graph *g, const struct taint_result *r,
			json_t *want, const char *where)
{
	size_t n = 0;
	size_t edge = 0;
	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		uint64_t got = 0;
		while (edge < r->n_edges && r->edges[edge].event == i)
			got += r->edges[edge++].uxem;
		/* The file lists no edge for what a service sends: it is outside the
		 * model. */
		if (e->to == GRAPH_NONE || e->from == e->to ||
		    (g->flags[e->from] & GRAPH_SERVICE))
			continue;
		const json_t *w = json_array_get(want, n++);
		if (!w || got != (uint64_t)json_integer_value(w))
			fail_msg("%s: edge %zu moved %llu", where, n - 1,
				 (unsigned long long)got);
	}
	assert_int_equal(edge, r->n_edges);
	assert_int_equal(n, json_array_size(want));
}

static void check(const struct graph *g, const struct taint_policy *p, json_t *want,
		  const char *name)
{
	const struct taint_options opt = { .edges = true };
	struct taint_result *r = NULL;
	struct xt_err err = { 0 };
	char where[200];
	const char *key;
	json_t *v;

	(void)snprintf(where, sizeof(where), "%s, %s", name, p->name);
	if (taint_run(&r, g, p, &opt, NULL, &err) != XT_OK)
		fail_msg("%s: %s", where, err.text);
	json_object_foreach(json_object_get(want, "taint"), key, v)
	{
		char party[41] = "@";
		lower(party + 1, key);
		const uint64_t got = taint_held(r, graph_find(g, party));
		if (got != (uint64_t)json_integer_value(v))
			fail_msg("%s: %s holds %llu", where, key,
				 (unsigned long long)got);
	}
	if (r->n_holdings != json_object_size(json_object_get(want, "taint")))
		fail_msg("%s: %zu accounts hold taint", where, r->n_holdings);
	check_sinks(g, r, json_object_get(want, "sinks"), where);
	check_edges(g, r, json_object_get(want, "edges"), where);
	taint_result_free(r);
}

static void test_oracles(void **state)
{
	size_t i;
	json_t *o;
	int ledgers = 0;
	(void)state;
	json_array_foreach(oracles, i, o)
	{
		struct graph *g = graph_of(o);
		int policies = 0;
		for (size_t p = 0; taint_policies[p]; p++) {
			json_t *want = json_object_get(json_object_get(o, "expect"),
						       taint_policies[p]->name);
			assert_non_null(want);
			check(g, taint_policies[p], want,
			      json_string_value(json_object_get(o, "name")));
			policies++;
		}
		assert_int_equal(policies, 6);
		graph_free(g);
		ledgers++;
	}
	assert_int_equal(ledgers, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_oracles) };
	return cmocka_run_group_tests(tests, load, unload);
}
