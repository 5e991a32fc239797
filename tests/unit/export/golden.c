#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "golden.h"

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../analyse/sample.h"

void golden_check(const char *name, const char *text, size_t n)
{
	char path[200];
	char *want;
	size_t m = 0;
	size_t line = 1;

	(void)snprintf(path, sizeof(path), "fixtures/golden/export/%s", name);
	if (getenv("XT_GOLDEN_UPDATE") != NULL) {
		FILE *f = fopen(path, "wb");

		assert_non_null(f);
		assert_int_equal(fwrite(text, 1, n, f), n);
		assert_int_equal(fclose(f), 0);
		return;
	}
	want = sample_read(path, &m);
	if (want == NULL)
		fail_msg("%s is not there", path);
	for (size_t i = 0; i < n && i < m && text[i] == want[i]; i++)
		line += text[i] == '\n';
	if (n != m || memcmp(text, want, n) != 0) {
		free(want);
		fail_msg("output differs from %s in line %zu (%zu bytes, not %zu)",
			 path, line, n, m);
	}
	free(want);
}

void golden_open(struct golden_file *g)
{
	*g = (struct golden_file){ 0 };
	g->f = open_memstream(&g->text, &g->n);
	assert_non_null(g->f);
}

void golden_close(struct golden_file *g)
{
	assert_int_equal(fclose(g->f), 0);
	g->f = NULL;
}

void golden_flow(const char *name, enum export_format format, const struct graph *g,
		 const struct analyse_flow *flow, const struct export_flow_info *info)
{
	struct export_doc doc = { .command = "graph",
				  .table = format == EXPORT_CSVF ? "edges" : NULL };
	struct export_table *t = NULL;
	struct golden_file o;

	assert_int_equal(export_flow(&t, g, flow, info, NULL), XT_OK);
	doc.body = t;
	golden_open(&o);
	assert_int_equal(export_doc_write(o.f, format, &doc, NULL), XT_OK);
	golden_close(&o);
	golden_check(name, o.text, o.n);
	free(o.text);
	export_table_free(t);
}
