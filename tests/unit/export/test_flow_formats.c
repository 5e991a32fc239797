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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_narrow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
