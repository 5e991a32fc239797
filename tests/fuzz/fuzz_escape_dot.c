/* floor: export */
/* DOT: Graphviz itself reads the label back as it was meant, and nothing else with it.
 */
#include <xemtrace/export.h>

#include <cgraph.h>

#include "escaped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As Graphviz reads a label: \\ is a backslash, &amp; an ampersand; no other escape and
 * no other entity may be there. */
static void undo_label(struct xt_buf *out, const char *s)
{
	while (*s != '\0') {
		if (*s == '\\') {
			assert(s[1] == '\\');
			s++;
		} else if (*s == '&') {
			assert(strncmp(s, "&amp;", 5) == 0);
			assert(xt_buf_adds(out, "&", NULL) == XT_OK);
			s += 5;
			continue;
		}
		assert(xt_buf_add(out, s++, 1, NULL) == XT_OK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xt_buf dot;
	struct xt_buf text;
	struct xt_buf back;
	struct xt_buf want;
	Agraph_t *g;
	Agnode_t *node;
	char label[] = "label"; /* Graphviz takes no const */

	xt_buf_init(&dot, (size_t)1 << 24);
	xt_buf_init(&text, (size_t)1 << 24);
	xt_buf_init(&back, (size_t)1 << 24);
	xt_buf_init(&want, (size_t)1 << 24);
	assert(xt_buf_adds(&dot, "digraph g { a [label=\"", NULL) == XT_OK);
	assert(export_escape(&dot, EXPORT_DOT, (const char *)data, size, NULL) ==
	       XT_OK);
	assert(xt_buf_adds(&dot, "\"]; }", NULL) == XT_OK);
	escaped_is_harmless(dot.data, dot.len);
	g = agmemread(xt_buf_str(&dot));
	assert(g != NULL);
	assert(agnnodes(g) == 1 && agnedges(g) == 0);
	node = agfstnode(g);
	assert(strcmp(agnameof(node), "a") == 0);
	undo_label(&text, agget(node, label));
	escaped_undo(&back, xt_buf_str(&text));
	escaped_expected(&want, data, size);
	escaped_same(&back, &want);
	(void)agclose(g);
	xt_buf_release(&want);
	xt_buf_release(&back);
	xt_buf_release(&text);
	xt_buf_release(&dot);
	return 0;
}
