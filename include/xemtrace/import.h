/* import: transfers from a published record or an exchange's list (CSV) into the case.
 * The format is a contract: docs/import-format.md. */
#ifndef XEMTRACE_IMPORT_H
#define XEMTRACE_IMPORT_H

#include <xemtrace/store.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct import_options {
	bool complete;    /* the file holds the whole history of its accounts */
	const char *name; /* short name for references; NULL: the file's base name */
};
struct import_report {
	uint64_t rows, transfers, openings, aggregates, inferred, known;
	uint64_t accounts;
};
/* All or nothing, in one transaction. Errors name file, line, column, value and reason.
 * With `complete` every account of the file is replayed in ledger order: one that would
 * spend more than it has refuses the file with the line named. XT_E_EXISTS: this very file
 * is in the case already. */
enum xt_status import_csv(struct import_report *out, struct store *s, const char *path,
			  const struct import_options *opt, const struct xt_sink *sink,
			  struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
