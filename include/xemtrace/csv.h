/* csv: RFC 4180 reading, for imports and labels. Part of base. */
#ifndef XEMTRACE_CSV_H
#define XEMTRACE_CSV_H

#include <xemtrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Largest file, in bytes: some five million rows; the whole of it is kept in memory. */
#define XT_CSV_MAX_BYTES (1u << 30)
/* Fields of a row: the widest format that is read has 17. */
#define XT_CSV_MAX_FIELDS 256u

/* A whole file in memory, rows of fields. Quotes, doubled quotes, CRLF, a UTF-8 byte
 * order mark; no NUL bytes; a row with another number of fields than the header is an
 * error with its line. Limits: XT_CSV_MAX_BYTES, XT_CSV_MAX_FIELDS. Blank lines below
 * the header are skipped. XT_E_NOTFOUND: no such file. */
struct csv;
enum xt_status csv_read_file(struct csv **out, const char *path,
			     struct xt_err *err) XT_CHECKED;
enum xt_status csv_parse(struct csv **out, const char *name, const uint8_t *p, size_t n,
			 struct xt_err *err) XT_CHECKED;
/* The same, but a row with another number of fields is kept: csv_width() tells, fields that
 * it lacks are "", those beyond the header are dropped. */
enum xt_status csv_read_loose(struct csv **out, const char *path,
			      struct xt_err *err) XT_CHECKED;
void csv_free(struct csv *c);
/* The raw bytes, for hashing. */
const uint8_t *csv_bytes(const struct csv *c, size_t *n);
size_t csv_rows(const struct csv *c); /* without the header */
/* Line of the file on which row r begins; the header is on line 1. */
uint64_t csv_line(const struct csv *c, size_t r);
/* Fields that row r has in the file. */
size_t csv_width(const struct csv *c, size_t r);
/* Column by header name (exact, after trimming), or -1. */
int csv_column(const struct csv *c, const char *name);
size_t csv_columns(const struct csv *c);
const char *csv_header(const struct csv *c, size_t column);
/* Field, "" for column -1. Borrowed. */
const char *csv_field(const struct csv *c, size_t r, int column);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
