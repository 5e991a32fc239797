#include <xemtrace/export.h>

#include <errno.h>
#include <gvc.h>
#include <string.h>

#include "internal.h"

/* What Graphviz said; it has no other way to tell than a function without context,
 * which it calls with one piece of a line after the other. */
static char complaint[300];

static int remember(char *text)
{
	const size_t n = strlen(complaint);

	(void)snprintf(complaint + n, sizeof(complaint) - n, "%s", text);
	return 0;
}

/* The first line, without the word that the caller says already. */
static const char *said(void)
{
	static const char word[] = "Error: ";

	complaint[strcspn(complaint, "\n")] = '\0';
	if (strncmp(complaint, word, sizeof(word) - 1) == 0)
		return complaint + sizeof(word) - 1;
	return complaint[0] != '\0' ? complaint : "no reason given";
}

static bool format_is_known(const char *format)
{
	return strcmp(format, "svg") == 0 || strcmp(format, "png") == 0 ||
	       strcmp(format, "pdf") == 0;
}

static enum xt_status draw(FILE *f, GVC_t *gvc, const char *dot, const char *format,
			   struct xt_err *err)
{
	Agraph_t *g = agmemread(dot);
	enum xt_status rc = XT_OK;
	char *data = NULL;
	unsigned len = 0;

	if (g == NULL)
		return xt_fail(err, XT_E_DATA, "graph could not be read: %s", said());
	if (gvLayout(gvc, g, "dot") != 0) {
		rc = xt_fail(err, XT_E_DATA, "graph could not be laid out: %s", said());
		goto close;
	}
	if (gvRenderData(gvc, g, format, &data, &len) != 0 || data == NULL) {
		rc = xt_fail(err, XT_E_DATA, "graph could not be drawn as %s: %s",
			     format, said());
		goto layout;
	}
	errno = 0;
	if (fwrite(data, 1, len, f) != len)
		rc = xt_fail(err, XT_E_IO, "picture could not be written: %s",
			     errno != 0 ? strerror(errno) : "short write");
layout:
	gvFreeRenderData(data);
	(void)gvFreeLayout(gvc, g);
close:
	(void)agclose(g);
	return rc;
}

/* One context for the whole process. Graphviz's text plugin remembers the last font by
 * a pointer into the context's own table, so a second context after the first was freed
 * reads freed memory (Graphviz 2.42). */
static GVC_t *context(void)
{
	static GVC_t *gvc;

	if (gvc == NULL)
		gvc = gvContext();
	return gvc;
}

enum xt_status export_render(FILE *f, const char *dot, size_t n, const char *format,
			     struct xt_err *err)
{
	enum xt_status rc;
	struct xt_buf text;
	GVC_t *gvc;

	if (!format_is_known(format))
		return xt_fail(err, XT_E_USAGE,
			       "format %s: svg, png or pdf can be drawn", format);
	xt_buf_init(&text, EXPORT_MAX_BYTES);
	rc = xt_buf_add(&text, dot, n, err);
	if (rc != XT_OK)
		goto out;
	if (memchr(dot, '\0', n) != NULL) {
		rc = xt_fail(err, XT_E_DATA,
			     "graph could not be read: a NUL byte in it");
		goto out;
	}
	complaint[0] = '\0';
	(void)agseterrf(remember);
	gvc = context();
	if (gvc == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "Graphviz does not start: %s", said());
	else
		rc = draw(f, gvc, xt_buf_str(&text), format, err);
	(void)agseterrf(NULL);
out:
	xt_buf_release(&text);
	return rc;
}
