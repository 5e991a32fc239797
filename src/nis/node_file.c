#include <xemtrace/nis.h>

#include <string.h>

struct line {
	const char *file;
	size_t number;
	const uint8_t *p;
	size_t n;
};

/* The line as an error shows it: what is not plain ASCII as '?'. */
static void show(char out[80], const struct line *l)
{
	size_t n = l->n < 72 ? l->n : 72;

	for (size_t i = 0; i < n; i++) {
		out[i] = '?';
		if (l->p[i] >= ' ' && l->p[i] <= '~')
			out[i] = (char)l->p[i];
	}
	memcpy(out + n, n < l->n ? "..." : "", n < l->n ? 4 : 1);
}

static enum xt_status bad(const struct line *l, struct xt_err *err, const char *why)
{
	char text[80];

	show(text, l);
	return xt_fail(err, XT_E_DATA, "%s:%zu: \"%s\": %s", l->file, l->number, text,
		       why);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static void trim(struct line *l)
{
	while (l->n > 0 && is_blank(l->p[0])) {
		l->p++;
		l->n--;
	}
	while (l->n > 0 && is_blank(l->p[l->n - 1]))
		l->n--;
}

/* Up to a "#" that stands first or after a blank. */
static void cut_comment(struct line *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->p[i] == '#' && (i == 0 || is_blank(l->p[i - 1])))
			l->n = i;
}

static enum xt_status check_bytes(const struct line *l, struct xt_err *err)
{
	if (!xt_utf8_valid(l->p, l->n))
		return bad(l, err, "not UTF-8");
	for (size_t i = 0; i < l->n; i++)
		if ((l->p[i] < ' ' && l->p[i] != '\t') || l->p[i] == 0x7F)
			return bad(l, err, "a control character");
	return XT_OK;
}

static enum xt_status read_name(struct nis_file_node *node, const struct line *l,
				size_t from, struct xt_err *err)
{
	size_t n;

	while (from < l->n && is_blank(l->p[from]))
		from++;
	n = l->n - from;
	if (n >= sizeof(node->name))
		return bad(l, err, "a name has at most 63 bytes");
	memcpy(node->name, l->p + from, n);
	node->name[n] = '\0';
	/* Names stand where URLs stand, too. */
	if (strstr(node->name, "://") != NULL)
		return bad(l, err, "one node a line: a URL and perhaps a name");
	return XT_OK;
}

static enum xt_status read_node(struct nis_file *f, const struct line *l,
				struct xt_err *err)
{
	struct nis_file_node node = { .name = "" };
	struct xt_err why;
	char text[300];
	size_t n = 0;
	enum xt_status rc;

	while (n < l->n && !is_blank(l->p[n]))
		n++;
	if (n >= sizeof(text))
		return bad(l, err, "a node's URL has at most 255 bytes");
	memcpy(text, l->p, n);
	text[n] = '\0';
	if (nis_node_url(node.url, text, &why) != XT_OK)
		return bad(l, err, why.text);
	rc = read_name(&node, l, n, err);
	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->v[i].url, node.url) == 0)
			return bad(l, err, "this node stands above already");
		if (node.name[0] != '\0' && strcmp(f->v[i].name, node.name) == 0)
			return bad(l, err, "this name stands above already");
	}
	if (f->n == NIS_FILE_MAX_NODES)
		return bad(l, err, "more than 64 nodes");
	f->v[f->n++] = node;
	return XT_OK;
}

enum xt_status nis_file_parse(struct nis_file *out, const char *file,
			      const uint8_t *text, size_t n, struct xt_err *err)
{
	struct line l = { .file = file };
	enum xt_status rc = XT_OK;
	size_t at = 0;

	out->n = 0;
	if (n > NIS_FILE_MAX_BYTES)
		return xt_fail(err, XT_E_DATA, "%s: larger than %u bytes", file,
			       NIS_FILE_MAX_BYTES);
	if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		at = 3;
	while (rc == XT_OK && at < n) {
		const uint8_t *end = memchr(text + at, '\n', n - at);

		l.number++;
		l.p = text + at;
		l.n = end == NULL ? n - at : (size_t)(end - l.p);
		at += l.n + 1;
		if (l.n > 0 && l.p[l.n - 1] == '\r')
			l.n--;
		rc = check_bytes(&l, err);
		cut_comment(&l);
		trim(&l);
		if (rc == XT_OK && l.n > 0)
			rc = read_node(out, &l, err);
	}
	return rc;
}
