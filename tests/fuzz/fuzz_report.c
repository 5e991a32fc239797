/* floor: export */
/* Any text as label, message, theft and title: the report's data stays inside its
 * element and is JSON that gives the text back; GraphML and GEXF hold no character of
 * their own markup from it. */
#include <xemtrace/export.h>

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "escaped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char ledger[] = "opening a 100\n"
			     "service x\n"
			     "a -> b 60 seed t\n"
			     "b -> x 50 \"memo\"\n"
			     "b -> a 5\n";

struct case_ {
	struct graph *g;
	struct taint_result *r;
	char *text;
};

static void set_up(struct case_ *c, const uint8_t *data, size_t size)
{
	const struct taint_options options = { .edges = true };
	struct graph_label l = { .category = "exchange", .source = "s" };

	c->text = malloc(size + 1);
	assert(c->text != NULL);
	memcpy(c->text, data, size);
	c->text[size] = '\0';
	l.text = c->text;
	assert(graph_parse_ledger(&c->g, ledger, strlen(ledger), NULL) == XT_OK);
	assert(graph_add_label(c->g, graph_find(c->g, "@b"), &l, NULL) == XT_OK);
	for (uint32_t i = 0; i < c->g->n_memos; i++)
		if (c->g->memos[i].kind == GRAPH_MEMO_PLAIN)
			c->g->memos[i].text = c->text;
	(void)snprintf(c->g->theft[0], sizeof(c->g->theft[0]), "%s", c->text);
	assert(taint_run(&c->r, c->g, taint_policy_find("haircut"), &options, NULL,
			 NULL) == XT_OK);
}

static void check_data(const char *page, const char *text)
{
	static const char begin[] = "id=\"data\">";
	const char *from = strstr(page, begin);
	const char *end;
	struct xt_buf want;
	json_t *j;

	assert(from != NULL);
	from += sizeof(begin) - 1;
	end = strchr(from, '<');
	assert(end != NULL && strncmp(end, "</script>", 9) == 0);
	for (const char *p = from; p < end; p++)
		assert((unsigned char)*p >= 0x20 && *p != 0x7F && *p != '>' &&
		       *p != '&');
	j = json_loadb(from, (size_t)(end - from), 0, NULL);
	assert(j != NULL);
	xt_buf_init(&want, (size_t)1 << 24);
	assert(export_escape(&want, EXPORT_TERMINAL, text, strlen(text), NULL) ==
	       XT_OK);
	assert(strcmp(json_string_value(json_object_get(j, "title")),
		      xt_buf_str(&want)) == 0);
	xt_buf_release(&want);
	json_decref(j);
}

static char *print(const struct case_ *c, int what, size_t *n)
{
	const struct taint_result *runs[] = { c->r };
	const struct export_report report = { .title = c->text,
					      .lang = "en",
					      .tz = c->text,
					      .g = c->g,
					      .runs = runs,
					      .n_runs = 1 };
	const struct export_flow_info info = { .title = c->text,
					       .policy = "haircut",
					       .theft = c->text };
	const struct analyse_flow_options all = { 0 };
	struct analyse_flow flow = { 0 };
	char *out = NULL;
	FILE *f = open_memstream(&out, n);

	assert(f != NULL);
	assert(analyse_flow(&flow, c->g, c->r, &all, NULL) == XT_OK);
	if (what == 0)
		assert(export_report(f, &report, NULL) == XT_OK);
	else if (what == 1)
		assert(export_graphml(f, c->g, &flow, &info, NULL) == XT_OK);
	else
		assert(export_gexf(f, c->g, &flow, &info, NULL) == XT_OK);
	assert(fclose(f) == 0);
	analyse_flow_release(&flow);
	return out;
}

static size_t brackets(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '<' || *s == '>';
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* An empty text is no label: the markup differs then. */
	static const uint8_t plain[] = "plain";
	struct case_ c = { 0 };
	struct case_ simple = { 0 };
	size_t n = 0;

	if (size == 0 || data[0] == '\0' || size > 4096)
		return 0;
	set_up(&c, data, size);
	set_up(&simple, plain, sizeof(plain) - 1);
	for (int what = 0; what < 3; what++) {
		char *s = print(&c, what, &n);
		char *t = print(&simple, what, &n);

		if (what == 0)
			check_data(s, c.text);
		else
			assert(brackets(s) == brackets(t));
		free(s);
		free(t);
	}
	taint_result_free(c.r);
	taint_result_free(simple.r);
	graph_free(c.g);
	graph_free(simple.g);
	free(c.text);
	free(simple.text);
	return 0;
}
