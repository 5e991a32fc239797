/* show --file: one saved answer of a node, field by field. Opens no case. */
#include "cmd_show_file.h"

#include <xemtrace/evidence.h>
#include <xemtrace/limits.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct export_column columns[] = {
	{ "path", "field", EXPORT_WORDS },
	{ "value", "value", EXPORT_STR },
	{ "meaning", "meaning", EXPORT_STR },
	{ "holds", "holds", EXPORT_BOOL },
};

struct lines {
	struct export_table *t;
	enum xt_status rc;
	struct xt_err *err;
};

static bool each_line(void *ctx, const struct evidence_line *l)
{
	struct lines *w = ctx;
	const bool check = l->failed || strstr(l->path, " => ") != NULL;
	struct export_cell cells[] = {
		{ .absent = l->path[0] == '\0', .v.str = l->path },
		{ .v.str = l->value },
		{ .absent = l->meaning[0] == '\0', .v.str = l->meaning },
		{ .absent = !check, .v.b = !l->failed },
	};
	w->rc = export_table_row(w->t, NULL, cells, w->err);
	return w->rc == XT_OK;
}

static enum xt_status read_all(struct xt_buf *out, const char *path, struct xt_err *err)
{
	uint8_t part[65536];
	size_t n;
	enum xt_status rc = XT_OK;
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		return xt_fail(err, errno == ENOENT ? XT_E_NOTFOUND : XT_E_IO, "%s: %s",
			       path, strerror(errno));
	while (rc == XT_OK && (n = fread(part, 1, sizeof(part), f)) > 0)
		rc = xt_buf_add(out, part, n, err);
	if (rc == XT_E_LIMIT)
		rc = xt_fail(err, rc, "%s: larger than any answer (%u bytes)", path,
			     XT_MAX_BODY);
	else if (rc == XT_OK && ferror(f) != 0)
		rc = xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
	(void)fclose(f);
	return rc;
}

enum xt_status show_file(struct cli *c, const char *path, struct xt_err *err)
{
	struct lines w = { .err = err };
	struct xt_err why = { 0 };
	struct xt_buf b;
	enum xt_status judged;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc != XT_OK)
		return rc;
	xt_buf_init(&b, XT_MAX_BODY);
	rc = read_all(&b, path, err);
	if (rc == XT_OK)
		rc = export_table_new(&w.t, "answer", columns, XT_ARRAY_SIZE(columns),
				      err);
	if (rc != XT_OK) {
		xt_buf_release(&b);
		return rc;
	}
	judged = evidence_explain(b.data, b.len, each_line, &w, &why);
	xt_buf_release(&b);
	/* What was understood is shown also when something does not hold. */
	if (judged == XT_E_STOPPED && w.rc != XT_OK)
		rc = w.rc;
	else
		rc = cli_print(c, NULL, w.t, err);
	export_table_free(w.t);
	if (rc == XT_OK && judged != XT_OK)
		rc = xt_fail(err, judged, "%s: %s", path, why.text);
	return rc;
}
