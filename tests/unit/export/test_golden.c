/* Every output of the sample, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <xemtrace/export.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../analyse/sample.h"
#include "golden.h"

struct fixture {
	struct graph *g;
	struct taint_result *r;
};

static int setup(void **state)
{
	static struct fixture f;

	f.g = sample_graph();
	f.r = sample_run(f.g, "haircut");
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

/* All formats of one table, with a summary and a warning. */
static void check_all(const char *name, const char *command,
		      const struct export_table *t)
{
	static const struct export_column head_cols[] = {
		{ .key = "seeded_uxem", .title = "stolen", .kind = EXPORT_UXEM },
		{ .key = "policy", .title = "policy", .kind = EXPORT_STR },
		{ .key = "height", .title = "height", .kind = EXPORT_INT },
	};
	const struct export_cell head_cells[] = { { .v.u = 526300020000000 },
						  { .v.str = "haircut" },
						  { .absent = true } };
	static const struct {
		enum export_format format;
		const char *suffix;
		unsigned width;
	} forms[] = { { EXPORT_TEXT, "txt", 0 },
		      { EXPORT_TEXT, "narrow.txt", 120 },
		      { EXPORT_JSON, "json", 0 },
		      { EXPORT_JSONL, "jsonl", 0 },
		      { EXPORT_CSVF, "csv", 0 } };
	const char *const codes[] = { "assumed" };
	const char *const texts[] = { "an opening balance was \x1b assumed" };
	struct export_table *head;
	struct export_doc doc = { .command = command,
				  .body = t,
				  .warning_codes = codes,
				  .warning_texts = texts,
				  .n_warnings = 1 };

	assert_int_equal(export_table_new(&head, "summary", head_cols, 3, NULL), XT_OK);
	assert_int_equal(export_table_row(head, NULL, head_cells, NULL), XT_OK);
	doc.head = head;
	for (size_t i = 0; i < XT_ARRAY_SIZE(forms); i++) {
		struct golden_file again;
		struct golden_file o;
		char file[64];

		doc.width = forms[i].width;
		golden_open(&o);
		assert_int_equal(export_doc_write(o.f, forms[i].format, &doc, NULL),
				 XT_OK);
		golden_close(&o);
		(void)snprintf(file, sizeof(file), "%s.%s", name, forms[i].suffix);
		golden_check(file, o.text, o.n);
		golden_open(&again);
		assert_int_equal(export_doc_write(again.f, forms[i].format, &doc, NULL),
				 XT_OK);
		golden_close(&again);
		assert_int_equal(again.n, o.n);
		assert_memory_equal(again.text, o.text, o.n);
		free(again.text);
		free(o.text);
	}
	export_table_free(head);
}

static void test_top(void **state)
{
	const struct fixture *f = *state;
	static const struct {
		enum analyse_rank by;
		const char *name;
	} ranks[] = { { ANALYSE_BY_TAINT, "top-taint" },
		      { ANALYSE_BY_HELD, "top-held" },
		      { ANALYSE_BY_RECEIVED, "top-received" } };

	for (size_t i = 0; i < XT_ARRAY_SIZE(ranks); i++) {
		struct analyse_top_row *rows;
		struct export_table *t;
		size_t n;

		assert_int_equal(
		    analyse_top(&rows, &n, f->g, f->r, ranks[i].by, 0, NULL), XT_OK);
		assert_int_equal(export_top(&t, f->g, rows, n, NULL), XT_OK);
		check_all(ranks[i].name, "top", t);
		export_table_free(t);
		free(rows);
	}
}

static void test_top_without_run(void **state)
{
	const struct fixture *f = *state;
	struct analyse_top_row *rows;
	struct export_table *t;
	size_t n;

	assert_int_equal(
	    analyse_top(&rows, &n, f->g, NULL, ANALYSE_BY_RECEIVED, 3, NULL), XT_OK);
	assert_int_equal(n, 3);
	assert_int_equal(export_top(&t, f->g, rows, n, NULL), XT_OK);
	check_all("top-no-run", "top", t);
	export_table_free(t);
	free(rows);
}

static void test_exchanges(void **state)
{
	const struct fixture *f = *state;
	struct analyse_exchanges e;
	struct export_table *t;

	assert_int_equal(analyse_exchanges(&e, f->g, f->r, NULL), XT_OK);
	assert_int_equal(export_exchanges(&t, f->g, &e, NULL), XT_OK);
	check_all("exchanges", "exchanges", t);
	export_table_free(t);
	analyse_exchanges_release(&e);
}

static void test_nothing(void **state)
{
	const struct fixture *f = *state;
	struct analyse_exchanges e = { 0 };
	struct export_table *t;

	assert_int_equal(export_exchanges(&t, f->g, &e, NULL), XT_OK);
	check_all("exchanges-none", "exchanges", t);
	export_table_free(t);
}

static void check_flow(const struct fixture *f, const char *name,
		       const struct analyse_flow_options *opt)
{
	const struct export_flow_info info = {
		.title = "Sample: flow of 526,300,020 XEM \"stolen\" \\N & <more>\x1b",
		.policy = "haircut",
		.height = f->g->height,
		.min_uxem = opt->min_uxem,
		.max_depth = opt->max_depth,
		.has_from = opt->has_from,
		.has_to = opt->has_to,
		.from = opt->from,
		.to = opt->to,
		.max_edges = opt->max_edges,
	};
	struct analyse_flow flow;
	struct golden_file o;
	char file[64];

	assert_int_equal(analyse_flow(&flow, f->g, f->r, opt, NULL), XT_OK);
	golden_open(&o);
	assert_int_equal(export_dot(o.f, f->g, &flow, &info, NULL), XT_OK);
	golden_close(&o);
	(void)snprintf(file, sizeof(file), "%s.dot", name);
	golden_check(file, o.text, o.n);
	free(o.text);
	(void)snprintf(file, sizeof(file), "%s.edges.csv", name);
	golden_flow(file, EXPORT_CSVF, f->g, &flow, &info);
	analyse_flow_release(&flow);
}

static void test_flow(void **state)
{
	const struct analyse_flow_options all = { 0 };
	const struct analyse_flow_options some = { .min_uxem = 1000000000,
						   .max_depth = 2,
						   .has_from = true,
						   .from = 1516892533,
						   .has_to = true,
						   .to = 1517999999,
						   .max_edges = 5 };

	check_flow(*state, "flow", &all);
	check_flow(*state, "flow-some", &some);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_top_without_run),
		cmocka_unit_test(test_exchanges),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_flow),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
