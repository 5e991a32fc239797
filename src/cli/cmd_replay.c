/* replay: build the case again from its own stored answers and compare. */
#include "cmd.h"

#include <xemtrace/evidence.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct opt options[] = {
	{ "output", 'o', "FILE", "keep the rebuilt case in FILE, which must not exist",
	  false },
	{ "limit", 'n', "N", "list so many differences (default 100; 0: all)", false },
	{ 0 },
};

static const struct export_column columns[] = {
	{ "case", "case", EXPORT_WORDS },
	{ "sessions", "sessions", EXPORT_INT },
	{ "answers", "answers", EXPORT_INT },
	{ "rows", "rows compared", EXPORT_INT },
	{ "differences", "differences", EXPORT_INT },
};

static const struct export_column difference_columns[] = {
	{ "table", "table", EXPORT_STR },
	{ "in", "only in", EXPORT_STR },
	{ "row", "row", EXPORT_WORDS },
};

struct differences {
	struct export_table *t;
	uint64_t limit, n;
	char first[400];
	enum xt_status rc;
	struct xt_err *err;
};

static bool each_difference(void *ctx, const struct evidence_difference *d)
{
	struct differences *w = ctx;
	struct export_cell cells[] = {
		{ .v.str = d->table },
		{ .v.str = d->rebuilt ? "rebuilt" : "case" },
		{ .v.str = d->row },
	};
	if (w->n++ == 0)
		(void)snprintf(w->first, sizeof(w->first),
			       "table %s, only in the %s: %.300s", d->table,
			       d->rebuilt ? "rebuilt case" : "case", d->row);
	if (w->limit != 0 && w->n > w->limit)
		return true;
	w->rc = export_table_row(w->t, NULL, cells, w->err);
	return w->rc == XT_OK;
}

static enum xt_status print(struct cli *c, const struct evidence_replay *r,
			    struct differences *w, struct xt_err *err)
{
	struct export_table *t = NULL;
	struct export_cell cells[] = {
		{ .v.str = c->case_path }, { .v.u = r->sessions },
		{ .v.u = r->answers },     { .v.u = r->rows },
		{ .v.u = r->differences },
	};
	enum xt_status rc =
	    export_table_new(&t, "replay", columns, XT_ARRAY_SIZE(columns), err);
	if (rc == XT_OK)
		rc = export_table_row(t, NULL, cells, err);
	if (rc == XT_OK)
		rc = export_table_adopt(t, 0, w->t, err);
	if (rc == XT_OK)
		w->t = NULL; /* t's now */
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	return rc;
}

/* A name for a case that is thrown away; the file itself is the store's to make. */
static enum xt_status temp_name(char out[4096], struct xt_err *err)
{
	const char *dir = getenv("TMPDIR");
	const int n = snprintf(out, 4096, "%s/xemtrace-replay-XXXXXX",
			       dir != NULL && dir[0] != '\0' ? dir : "/tmp");
	if (n < 0 || n >= 4096)
		return xt_fail(err, XT_E_IO, "TMPDIR: path too long");
	const int fd = mkstemp(out);
	if (fd < 0)
		return xt_fail(err, XT_E_IO, "%s: a temporary file cannot be made",
			       out);
	(void)close(fd);
	return XT_OK;
}

static enum xt_status rebuild(struct cli *c, struct evidence_replay *r,
			      struct differences *w, struct xt_err *err)
{
	const char *output = opts_str(&c->opts, "output");
	struct store *s = NULL;
	char name[4096];
	enum xt_status rc = XT_OK;

	if (output != NULL && access(output, F_OK) == 0)
		return xt_fail(err, XT_E_EXISTS, "%s: there already", output);
	if (output == NULL)
		rc = temp_name(name, err);
	if (rc != XT_OK)
		return rc;
	rc = store_open(&s, output != NULL ? output : name, STORE_CREATE, err);
	if (rc == XT_OK)
		rc = evidence_replay(r, s, store_path(c->store), each_difference, w,
				     &c->sink, err);
	store_close(s);
	if (output == NULL || (rc != XT_OK && s != NULL))
		(void)unlink(output != NULL ? output : name);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct differences w = { .err = err };
	struct evidence_replay r;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "limit", &w.limit, 100, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = export_table_new(&w.t, "difference_list", difference_columns,
				      XT_ARRAY_SIZE(difference_columns), err);
	if (rc == XT_OK)
		rc = rebuild(c, &r, &w, err);
	if (rc == XT_OK)
		rc = print(c, &r, &w, err);
	export_table_free(w.t);
	if (rc == XT_OK && w.n > 0)
		rc = xt_fail(err, XT_E_VERIFY,
			     "%s: %" PRIu64 " rows differ, the first: %s", c->case_path,
			     w.n, w.first);
	return rc;
}

const struct cmd cmd_replay = {
	.name = "replay",
	.synopsis = "[--output FILE]",
	.summary = "rebuild the case from its own stored answers and compare",
	.description =
	    "Repeats every crawl of the case against its stored answers, without a network,\n"
	    "and compares the outcome with the case row by row. What people added (labels,\n"
	    "seeds, imports) is taken over first. Differences are named; exit code 3.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
