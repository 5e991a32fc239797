#include "internal.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define PROGRESS_ROWS 4096u

/* The accounts that the file speaks of, by row of the case. */
struct touched {
	uint8_t *v;
	size_t n;
	uint64_t count;
};

static enum xt_status touch(struct touched *t, struct store *s,
			    const struct nem_party *p, struct xt_err *err)
{
	int64_t id;
	const enum xt_status rc = store_account_id(s, &id, p, err);
	if (rc != XT_OK)
		return rc;
	if ((size_t)id >= t->n) {
		const size_t n = 2 * (size_t)id + 64;
		uint8_t *v = xt_reallocarray(t->v, n, 1);
		if (!v)
			return xt_fail(err, XT_E_NOMEM, "import: out of memory");
		memset(v + t->n, 0, n - t->n);
		t->v = v;
		t->n = n;
	}
	t->count += !t->v[id];
	t->v[id] = 1;
	return XT_OK;
}

static enum xt_status put_row(struct import_report *rep, struct touched *t,
			      struct store *s, const struct import_row *row,
			      struct xt_err *err)
{
	const struct store_record *r = &row->rec;
	enum xt_status rc = store_put_record(s, NULL, r, err);
	if (rc == XT_E_EXISTS) {
		rep->known++;
		rc = XT_OK;
	} else if (rc == XT_OK) {
		rep->transfers += r->kind != NEM_MOVE_OPENING && !row->aggregate;
		rep->openings += r->kind == NEM_MOVE_OPENING;
		rep->aggregates += row->aggregate;
		rep->inferred += r->provenance == NEM_INFERRED;
	}
	if (rc == XT_OK && r->kind != NEM_MOVE_OPENING)
		rc = touch(t, s, &r->sender, err);
	if (rc == XT_OK)
		rc = touch(t, s, &r->recipient, err);
	return rc;
}

static enum xt_status find_anchors(struct anchors *a, const struct import *in,
				   struct xt_err *err)
{
	struct import_row row;
	const size_t rows = csv_rows(in->csv);
	enum xt_status rc = XT_OK;
	for (size_t r = 0; rc == XT_OK && r < rows; r++) {
		rc = import_row(&row, in, r, err);
		if (rc == XT_OK && row.rec.has_height && row.has_order_time)
			rc = anchors_add(a, row.rec.order_time, row.rec.height, err);
	}
	anchors_finish(a);
	return rc;
}

static enum xt_status put_rows(struct import_report *rep, struct touched *t,
			       struct store *s, const struct import *in,
			       const struct anchors *a, const struct xt_sink *sink,
			       struct xt_err *err)
{
	struct import_row row;
	const size_t rows = csv_rows(in->csv);
	for (size_t r = 0; r < rows; r++) {
		enum xt_status rc = import_row(&row, in, r, err);
		if (rc != XT_OK)
			return rc;
		if (!row.rec.has_height && row.has_order_time)
			row.rec.order_height = anchors_height(a, row.rec.order_time);
		rc = put_row(rep, t, s, &row, err);
		if (rc != XT_OK) {
			/* The store's own failures (disk, memory) name the case, not a
			 * line. */
			return rc == XT_E_DATA || rc == XT_E_VERIFY
				   ? xt_where(err, "%s:%llu", in->path,
					      (unsigned long long)row.rec.line)
				   : rc;
		}
		if (r % PROGRESS_ROWS == 0 && !xt_progress(sink, r, rows, "importing"))
			return xt_fail(err, XT_E_STOPPED, "%s: stopped", in->path);
	}
	rep->rows = rows;
	return XT_OK;
}

static enum xt_status put_source(struct store *s, const struct import *in, int64_t now,
				 struct xt_err *err)
{
	uint8_t hash[32];
	size_t n;
	const uint8_t *p = csv_bytes(in->csv, &n);
	if (sodium_init() < 0)
		return xt_fail(err, XT_E_BUG, "libsodium does not start");
	crypto_generichash(hash, sizeof(hash), p, n, NULL, 0);
	return store_put_source(s, in->name, hash, csv_rows(in->csv), now, err);
}

static enum xt_status import_all(struct import_report *rep, struct store *s,
				 const struct import *in,
				 const struct import_options *opt,
				 const struct xt_sink *sink, struct xt_err *err)
{
	struct anchors a = { 0 };
	struct touched t = { 0 };
	char text[256];
	char name[104];
	const struct xt_clock *clock = xt_clock_system();
	const int64_t now = clock->unix_time(clock->ctx);
	enum xt_status rc = put_source(s, in, now, err);
	if (rc == XT_OK)
		rc = find_anchors(&a, in, err);
	if (rc == XT_OK)
		rc = put_rows(rep, &t, s, in, &a, sink, err);
	if (rc == XT_OK && opt && opt->complete)
		rc = import_complete(s, t.v, t.n, in, err);
	if (rc == XT_OK) {
		xt_utf8_cut(name, sizeof(name), in->name);
		snprintf(text, sizeof(text), "%s: %llu rows%s", name,
			 (unsigned long long)rep->rows,
			 opt && opt->complete ? ", complete" : "");
		rc = store_log(s, now, "import", text, err);
	}
	rep->accounts = t.count;
	free(a.v);
	free(t.v);
	return rc;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

enum xt_status import_csv(struct import_report *out, struct store *s, const char *path,
			  const struct import_options *opt, const struct xt_sink *sink,
			  struct xt_err *err)
{
	struct import in = { .path = path,
			     .name = opt && opt->name ? opt->name : base_name(path) };
	struct import_report rep = { 0 };
	enum xt_status rc = csv_read_file(&in.csv, path, err);
	if (rc != XT_OK)
		return rc;
	rc = import_columns(&in, err);
	if (rc == XT_OK && csv_rows(in.csv) == 0)
		rc = xt_fail(err, XT_E_DATA, "%s: no rows below the header", path);
	if (rc == XT_OK)
		rc = STORE_BEGIN(s, err);
	if (rc == XT_OK) {
		rc = import_all(&rep, s, &in, opt, sink, err);
		if (rc == XT_OK)
			rc = store_commit(s, err);
		else
			store_rollback(s);
	}
	csv_free(in.csv);
	if (rc == XT_OK)
		*out = rep;
	return rc;
}
