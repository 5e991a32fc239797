/* GraphML, GEXF, Neo4j and folded pictures of the sample, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <xemtrace/export.h>

#include <cmocka.h>
#include <stdlib.h>

#include "../analyse/sample.h"
#include "golden.h"

struct fixture {
	struct graph *g;
	struct analyse_flow flow;
	struct export_rest *rest;
	struct export_flow_info info;
};

static void begin(struct fixture *f, bool to_services, size_t per_account)
{
	const struct analyse_flow_options opt = { 0 };
	struct taint_result *r;

	f->g = sample_graph();
	r = sample_run(f->g, "haircut");
	assert_int_equal(analyse_flow(&f->flow, f->g, r, &opt, NULL), XT_OK);
	taint_result_free(r);
	f->info = (struct export_flow_info){ .title = "<title> \"&\" \\N",
					     .policy = "haircut",
					     .height = 1500007,
					     .to_services = to_services,
					     .per_account = per_account };
	assert_int_equal(export_narrow(&f->rest, &f->info.n_rest, &f->flow, f->g,
				       to_services, per_account, NULL),
			 XT_OK);
	f->info.rest = f->rest;
}

static void end(struct fixture *f)
{
	free(f->rest);
	analyse_flow_release(&f->flow);
	graph_free(f->g);
}

typedef enum xt_status writer(FILE *, const struct graph *, const struct analyse_flow *,
			      const struct export_flow_info *, struct xt_err *);

static void check(const struct fixture *f, writer *write, const char *name)
{
	struct golden_file o;

	golden_open(&o);
	assert_int_equal(write(o.f, f->g, &f->flow, &f->info, NULL), XT_OK);
	golden_close(&o);
	golden_check(name, o.text, o.n);
	free(o.text);
}

static void test_whole(void **state)
{
	struct fixture f;
	struct golden_file nodes;
	struct golden_file edges;

	(void)state;
	begin(&f, false, 0);
	assert_int_equal(f.info.n_rest, 0);
	check(&f, export_graphml, "flow.graphml");
	check(&f, export_gexf, "flow.gexf");
	golden_open(&nodes);
	golden_open(&edges);
	assert_int_equal(export_neo4j(nodes.f, edges.f, f.g, &f.flow, &f.info, NULL),
			 XT_OK);
	golden_close(&nodes);
	golden_close(&edges);
	golden_check("flow-nodes.csv", nodes.text, nodes.n);
	golden_check("flow-relationships.csv", edges.text, edges.n);
	free(nodes.text);
	free(edges.text);
	end(&f);
}

/* What is folded and what is cut add up to what was there. */
static void test_narrow(void **state)
{
	struct fixture whole;
	struct fixture f;
	uint64_t all = 0;
	uint64_t now = 0;

	(void)state;
	begin(&whole, false, 0);
	begin(&f, true, 1);
	for (size_t i = 0; i < whole.flow.n_edges; i++)
		all += whole.flow.edges[i].tainted;
	for (size_t i = 0; i < f.flow.n_edges; i++)
		now += f.flow.edges[i].tainted;
	for (size_t i = 0; i < f.info.n_rest; i++)
		now += f.rest[i].tainted;
	assert_true(f.flow.n_edges < whole.flow.n_edges);
	assert_int_equal(all, now + f.flow.cut_uxem);
	check(&f, export_dot, "flow-folded.dot");
	check(&f, export_graphml, "flow-folded.graphml");
	end(&whole);
	end(&f);
}

static void tie(struct analyse_ties *t, const struct graph *g, const char *account)
{
	const struct analyse_tie v = { .ground = ANALYSE_GIVEN,
				       .account = graph_find(g, account),
				       .party = "A & B \"];<b>\xE2\x80\xAE",
				       .reason = "said =1+1 \x1b[31m & <i>" };

	assert_int_equal(analyse_tie_add(t, &v, NULL), XT_OK);
}

static void formats(const struct fixture *f)
{
	struct golden_file nodes;
	struct golden_file edges;

	check(f, export_dot, "flow-groups.dot");
	check(f, export_graphml, "flow-groups.graphml");
	check(f, export_gexf, "flow-groups.gexf");
	golden_flow("flow-groups.csv", EXPORT_CSVF, f->g, &f->flow, &f->info);
	golden_flow("flow-groups.json", EXPORT_JSON, f->g, &f->flow, &f->info);
	golden_open(&nodes);
	golden_open(&edges);
	assert_int_equal(export_neo4j(nodes.f, edges.f, f->g, &f->flow, &f->info, NULL),
			 XT_OK);
	golden_close(&nodes);
	golden_close(&edges);
	golden_check("flow-groups-nodes.csv", nodes.text, nodes.n);
	golden_check("flow-groups-relationships.csv", edges.text, edges.n);
	free(nodes.text);
	free(edges.text);
}

/* Three wallets as one party, with the bounds of every node. */
static void test_groups(void **state)
{
	const struct taint_options options = { 0 };
	struct analyse_groups groups = { 0 };
	struct analyse_inside inside = { 0 };
	const struct analyse_flow_options opt = { .fold = &groups, .inside = &inside };
	struct taint_bounds *bounds = NULL;
	struct analyse_ties ties = { 0 };
	struct taint_result *r;
	struct fixture whole;
	struct fixture f = { .g = sample_graph() };
	uint64_t held[2] = { 0 };

	(void)state;
	tie(&ties, f.g, HOP1);
	tie(&ties, f.g, HOP2);
	tie(&ties, f.g, HOP3);
	assert_int_equal(analyse_groups(&groups, f.g, &ties, NULL), XT_OK);
	assert_int_equal(groups.n, 1);
	assert_int_equal(taint_bounds_run(&bounds, f.g, &options, NULL, NULL), XT_OK);
	r = sample_run(f.g, "haircut");
	assert_int_equal(analyse_flow(&f.flow, f.g, r, &opt, NULL), XT_OK);
	taint_result_free(r);
	f.info = (struct export_flow_info){ .title = "groups",
					    .policy = "haircut",
					    .groups = &groups,
					    .inside = &inside,
					    .bounds = bounds };
	formats(&f);
	begin(&whole, false, 0);
	/* Nobody holds more or less for being folded. */
	for (size_t i = 0; i < whole.flow.n_nodes; i++)
		held[0] += whole.flow.nodes[i].held;
	for (size_t i = 0; i < f.flow.n_nodes; i++)
		held[1] += f.flow.nodes[i].held;
	assert_int_equal(held[0], held[1]);
	assert_true(f.flow.n_nodes < whole.flow.n_nodes);
	assert_true(inside.count > 0);
	end(&whole);
	taint_bounds_free(bounds);
	analyse_groups_release(&groups);
	analyse_ties_release(&ties);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_narrow),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
