#include "internal.h"

#include <xemtrace/csv.h>

static enum xt_status find_columns(int at[LABEL_FIELDS], const struct csv *c,
				   const char *path, struct xt_err *err)
{
	for (size_t k = 0; k < LABEL_FIELDS; k++)
		at[k] = csv_column(c, label_field_name[k]);
	for (size_t i = 0; i < csv_columns(c); i++) {
		bool known = false;
		for (size_t k = 0; k < LABEL_FIELDS; k++)
			known |= at[k] == (int)i;
		if (!known)
			return xt_fail(err, XT_E_DATA, "%s:1: unknown column \"%s\"",
				       path, csv_header(c, i));
	}
	for (size_t k = LABEL_ADDRESS; k <= LABEL_CATEGORY; k++)
		if (at[k] < 0)
			return xt_fail(err, XT_E_DATA,
				       "%s:1: the column \"%s\" is missing", path,
				       label_field_name[k]);
	if (csv_rows(c) == 0)
		return xt_fail(err, XT_E_DATA, "%s: no rows below the header", path);
	return XT_OK;
}

static enum xt_status put_rows(struct label_file *f, const struct csv *c,
			       const int at[LABEL_FIELDS], struct xt_err *err)
{
	for (size_t r = 0; r < csv_rows(c); r++) {
		struct label_text t = { .line = csv_line(c, r) };
		if (csv_width(c, r) != csv_columns(c)) {
			char why[96];
			snprintf(why, sizeof(why), "%zu fields, the header has %zu",
				 csv_width(c, r), csv_columns(c));
			label_refuse(f, t.line, why);
			continue;
		}
		for (size_t k = 0; k < LABEL_FIELDS; k++)
			t.v[k] = csv_field(c, r, at[k]);
		const enum xt_status rc = label_put(f, &t, err);
		if (rc != XT_OK)
			return rc;
	}
	return XT_OK;
}

enum xt_status label_import_csv(struct label_report *out, struct store *s,
				const char *path, const struct xt_sink *sink,
				struct xt_err *err)
{
	struct csv *c;
	struct label_file f;
	int at[LABEL_FIELDS];
	enum xt_status rc = csv_read_loose(&c, path, err);
	if (rc != XT_OK)
		return rc;
	rc = find_columns(at, c, path, err);
	if (rc == XT_OK)
		rc = label_begin(&f, s, path, sink, err);
	if (rc == XT_OK) {
		rc = put_rows(&f, c, at, err);
		rc = label_end(&f, out, rc, err);
	}
	csv_free(c);
	return rc;
}
