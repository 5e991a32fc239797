/* DOT as Graphviz reads it, and pictures as its library draws them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <xemtrace/export.h>

#include <cgraph.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../analyse/sample.h"
#include "golden.h"

struct fixture {
	struct graph *g;
	struct analyse_flow flow;
	struct golden_file dot;
	Agraph_t *ag;
};

static int setup(void **state)
{
	static struct fixture f;
	const struct analyse_flow_options opt = { 0 };
	const struct export_flow_info info = { .title = "\"title\" \\N",
					       .policy = "haircut",
					       .height = 1500007 };
	struct taint_result *r;

	f.g = sample_graph();
	r = sample_run(f.g, "haircut");
	assert_int_equal(analyse_flow(&f.flow, f.g, r, &opt, NULL), XT_OK);
	taint_result_free(r);
	golden_open(&f.dot);
	assert_int_equal(export_dot(f.dot.f, f.g, &f.flow, &info, NULL), XT_OK);
	golden_close(&f.dot);
	f.ag = agmemread(f.dot.text);
	assert_non_null(f.ag);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)agclose(f->ag);
	free(f->dot.text);
	analyse_flow_release(&f->flow);
	graph_free(f->g);
	return 0;
}

static const char *attr(void *thing, const char *name)
{
	char key[32];

	(void)snprintf(key, sizeof(key), "%s", name);
	return agget(thing, key);
}

static Agnode_t *node(const struct fixture *f, const char *party)
{
	char key[64];

	(void)snprintf(key, sizeof(key), "%s", party);
	return agnode(f->ag, key, 0);
}

static void test_nodes(void **state)
{
	const struct fixture *f = *state;
	static const struct {
		const char *party, *shape, *peripheries;
	} want[] = { { VICTIM, "house", "" },  { THIEF, "octagon", "" },
		     { ALPHA, "box", "2" },    { KOUZA, "box", "2" },
		     { HOP1, "ellipse", "" },  { HOP2, "box", "" },
		     { "@buyers", "note", "" } };

	for (size_t i = 0; i < XT_ARRAY_SIZE(want); i++) {
		Agnode_t *n = node(f, want[i].party);

		assert_non_null(n);
		assert_string_equal(attr(n, "shape"), want[i].shape);
		assert_string_equal(attr(n, "peripheries"), want[i].peripheries);
		assert_int_equal(
		    strncmp(attr(n, "tooltip"), want[i].party, strlen(want[i].party)),
		    0);
	}
	assert_string_equal(attr(node(f, ALPHA), "label"),
			    "Alpha Exchange\\nTBPRKM\xE2\x80\xA6T6IPP\\n"
			    "in 12,499,575.022497");
	assert_null(node(f, CLEAN));
	/* The escape of a label is text, also to Graphviz. */
	assert_non_null(strstr(attr(node(f, HOP2), "label"), "two words\\\\x1b[31m"));
}

static void test_edges(void **state)
{
	const struct fixture *f = *state;
	int edges = 0;
	double before = 100;

	for (size_t i = 0; i < f->flow.n_edges; i++) {
		const struct analyse_flow_edge *e = &f->flow.edges[i];
		Agedge_t *ae = agedge(f->ag, node(f, f->g->party[e->from].s),
				      node(f, f->g->party[e->to].s), NULL, 0);
		const double pen = ae != NULL ? strtod(attr(ae, "penwidth"), NULL) : 0;

		assert_non_null(ae);
		assert_true(pen > 0.5 && pen <= before);
		before = pen;
		edges++;
	}
	/* The rest are the legend's three lines. */
	assert_int_equal(agnedges(f->ag), edges + 3);
	assert_string_equal(
	    attr(agedge(f->ag, node(f, "@shop"), node(f, "@buyers"), NULL, 0), "label"),
	    "14,999,250.037498 XEM\\n2018-02-07..2018-03-13 (1234)\\n ");
	assert_string_equal(
	    attr(agedge(f->ag, node(f, "@shop"), node(f, "@buyers"), NULL, 0), "style"),
	    "dashed");
	assert_string_equal(
	    attr(agedge(f->ag, node(f, "@buyers"), node(f, KOUZA), NULL, 0), "style"),
	    "dotted");
}

static void test_title(void **state)
{
	const struct fixture *f = *state;
	const char *label = attr(f->ag, "label");

	assert_non_null(strstr(label, "\"title\" \\\\\\\\N\\l"));
	assert_non_null(strstr(label, "policy haircut, case up to height 1500007"));
	assert_null(strstr(label, "cut by the filter"));
	assert_non_null(agsubg(f->ag, (char[]){ "cluster_legend" }, 0));
}

static void test_formats(void **state)
{
	const struct fixture *f = *state;
	static const struct {
		const char *format, *begin;
	} want[] = { { "svg", "<?xml" }, { "png", "\x89PNG" }, { "pdf", "%PDF" } };

	for (size_t i = 0; i < XT_ARRAY_SIZE(want); i++) {
		struct golden_file o;
		struct xt_err err = { 0 };

		golden_open(&o);
		if (export_render(o.f, f->dot.text, f->dot.n, want[i].format, &err) !=
		    XT_OK)
			fail_msg("%s", err.text);
		golden_close(&o);
		assert_true(o.n > 1000);
		assert_memory_equal(o.text, want[i].begin, strlen(want[i].begin));
		if (i == 0) {
			/* Shown as text, not run as markup. */
			assert_non_null(strstr(o.text, "&lt;script&gt;"));
			assert_null(strstr(o.text, "<script"));
			assert_non_null(strstr(o.text, "Alpha Exchange"));
			assert_non_null(strstr(o.text, "two words\\x1b[31m"));
			assert_non_null(strstr(o.text, "</svg>"));
		}
		free(o.text);
	}
}

static void test_refusals(void **state)
{
	struct golden_file o;
	struct xt_err err = { 0 };

	(void)state;
	golden_open(&o);
	assert_int_equal(export_render(o.f, "digraph {", 9, "svg", &err), XT_E_DATA);
	print_message("%s\n", err.text);
	assert_non_null(strstr(err.text, "syntax error"));
	assert_int_equal(export_render(o.f, "digraph {}\0", 11, "svg", &err),
			 XT_E_DATA);
	assert_int_equal(export_render(o.f, "", 0, "svg", &err), XT_E_DATA);
	assert_int_equal(export_render(o.f, "digraph {}", 10, "dot", &err), XT_E_USAGE);
	golden_close(&o);
	assert_int_equal(o.n, 0);
	free(o.text);
}

/* A case without a theft is a picture too. */
static void test_empty(void **state)
{
	struct graph *g = sample_ledger("opening a 5\n");
	struct taint_result *r = sample_run(g, "haircut");
	const struct analyse_flow_options opt = { 0 };
	const struct export_flow_info info = { 0 };
	struct analyse_flow flow;
	struct golden_file o;
	struct golden_file svg;

	(void)state;
	assert_int_equal(analyse_flow(&flow, g, r, &opt, NULL), XT_OK);
	golden_open(&o);
	assert_int_equal(export_dot(o.f, g, &flow, &info, NULL), XT_OK);
	golden_close(&o);
	golden_open(&svg);
	assert_int_equal(export_render(svg.f, o.text, o.n, "svg", NULL), XT_OK);
	golden_close(&svg);
	free(svg.text);
	free(o.text);
	analyse_flow_release(&flow);
	taint_result_free(r);
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes),    cmocka_unit_test(test_edges),
		cmocka_unit_test(test_title),    cmocka_unit_test(test_formats),
		cmocka_unit_test(test_refusals), cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
