#include "exclude.h"

#include <errno.h>
#include <string.h>

#define MAX_LINE 512

static enum xt_status take_line(uint8_t *mask, const struct graph *g, char *line,
				const char *path, unsigned n, struct xt_err *err)
{
	struct nem_party p;
	struct xt_err why;
	/* Some editors begin a file with a mark of its encoding. */
	if (n == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	line[strcspn(line, "#\r\n")] = '\0';
	line += strspn(line, " \t");
	size_t len = strlen(line);
	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		line[--len] = '\0';
	if (len == 0)
		return XT_OK;
	if (nem_party_parse(&p, line, &why) != XT_OK)
		return xt_fail(err, XT_E_DATA, "%s:%u: %.300s", path, n, why.text);
	const uint32_t a = graph_find(g, p.s);
	if (a != GRAPH_NONE)
		mask[a] = 1;
	return XT_OK;
}

/* Up to the end of the line; what does not fit, and a NUL, is said. False at the end. */
static bool next_line(FILE *f, char line[MAX_LINE], bool *bad)
{
	size_t n = 0;
	int c;
	*bad = false;
	while ((c = getc(f)) != EOF && c != '\n') {
		if (c == '\0' || n == MAX_LINE - 1)
			*bad = true;
		else
			line[n++] = (char)c;
	}
	line[n] = '\0';
	return c != EOF || n > 0 || *bad;
}

enum xt_status exclude_read(uint8_t **mask, const struct graph *g, const char *path,
			    struct xt_err *err)
{
	char line[MAX_LINE];
	enum xt_status rc = XT_OK;
	bool bad;
	if (*mask == NULL)
		*mask = xt_calloc((size_t)g->n_accounts + 1, 1);
	if (*mask == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory");
	FILE *f = fopen(path, "r");
	if (f == NULL)
		return xt_fail(err, XT_E_NOTFOUND, "--exclude: %s: %s", path,
			       strerror(errno));
	for (unsigned n = 1; rc == XT_OK && next_line(f, line, &bad); n++)
		rc = bad ? xt_fail(err, XT_E_DATA,
				   "%s:%u: longer than %d bytes, or a NUL in it", path,
				   n, MAX_LINE - 1)
			 : take_line(*mask, g, line, path, n, err);
	if (rc == XT_OK && ferror(f) != 0)
		rc = xt_fail(err, XT_E_IO, "--exclude: %s: read error", path);
	(void)fclose(f);
	return rc;
}
