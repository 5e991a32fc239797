/* JSON for the report page: small, and harmless inside a script element. */
#ifndef XT_EXPORT_REPORT_PUT_H
#define XT_EXPORT_REPORT_PUT_H

#include "internal.h"

#pragma GCC visibility push(hidden)

/* An open JSON text: `rc` keeps the first failure, so that each line need not. */
struct ex_json {
	struct xt_buf *out;
	struct xt_err *err;
	enum xt_status rc;
	bool fresh; /* nothing yet in this array or object */
};

void ex_json_open(struct ex_json *j, const char *bracket);
void ex_json_close(struct ex_json *j, const char *bracket);
/* Keys are literals of ours. */
void ex_json_key(struct ex_json *j, const char *name);
/* Controls and what could mislead as visible escapes; then no "<", ">", "&" or quote in
 * it. NULL: "". */
void ex_json_text(struct ex_json *j, const char *s);
void ex_json_int(struct ex_json *j, int64_t v);
void ex_json_null(struct ex_json *j);
void ex_json_bool(struct ex_json *j, bool v);
/* null unless known. */
void ex_json_count(struct ex_json *j, uint64_t n, bool known);
/* Micro-XEM: a string where a double would not hold it. */
void ex_json_amount(struct ex_json *j, xt_u128 v);
/* Unix seconds of an event, its last moment if `end`; null where no time is known. */
void ex_json_time(struct ex_json *j, const struct graph *g, uint32_t event, bool end);

#pragma GCC visibility pop
#endif
