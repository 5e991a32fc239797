/* What the files of import share. */
#ifndef XT_IMPORT_INTERNAL_H
#define XT_IMPORT_INTERNAL_H

#include <xemtrace/csv.h>
#include <xemtrace/import.h>

#define XT_INTERNAL __attribute__((visibility("hidden")))

/* The columns of the format, docs/import-format.md. */
enum column {
	COL_HEIGHT,
	COL_INDEX,
	COL_TIME,
	COL_SENDER,
	COL_RECIPIENT,
	COL_AMOUNT_XEM,
	COL_AMOUNT_UXEM,
	COL_FEE_UXEM,
	COL_MESSAGE,
	COL_HASH,
	COL_KIND,
	COL_COUNT,
	COL_FIRST,
	COL_LAST,
	COL_PROVENANCE,
	COL_NOTE,
	COLUMNS
};
extern XT_INTERNAL const char *const import_column[COLUMNS];

/* A file under way. */
struct import {
	const char *path; /* as the user gave it, for errors */
	const char *name; /* short, for references */
	struct csv *csv;
	int at[COLUMNS]; /* where a column stands, -1 nowhere */
};

/* Find the columns; an unknown one, or a needed one that is missing, refuses the file.
 */
XT_INTERNAL enum xt_status import_columns(struct import *in,
					  struct xt_err *err) XT_CHECKED;

/* One row, taken from its text. Errors name file, line, column and value. The message
 * points into `room`, the note into the file. */
struct import_row {
	struct store_record rec;
	bool aggregate;
	bool has_order_time; /* rec.order_time is set, possibly to 0 */
	uint8_t room[1024];
};
XT_INTERNAL enum xt_status import_row(struct import_row *out, const struct import *in,
				      size_t r, struct xt_err *err) XT_CHECKED;

/* Heights that rows of the file give together with a time: what a row with a time alone
 * is placed by. */
struct anchor {
	int64_t time;
	uint64_t height;
};
struct anchors {
	struct anchor *v;
	size_t n, cap;
};
XT_INTERNAL enum xt_status anchors_add(struct anchors *a, int64_t time, uint64_t height,
				       struct xt_err *err) XT_CHECKED;
/* Sort, and drop what contradicts the order of time. */
XT_INTERNAL void anchors_finish(struct anchors *a);
/* Never falls when `time` rises; 0 if the time is before the chain. */
XT_INTERNAL uint64_t anchors_height(const struct anchors *a, int64_t time);

/* Replay the ledger for the accounts that `wanted` marks (by row), and mark them
 * complete. */
XT_INTERNAL enum xt_status import_complete(struct store *s, const uint8_t *wanted,
					   size_t n, const struct import *in,
					   struct xt_err *err) XT_CHECKED;

#endif
