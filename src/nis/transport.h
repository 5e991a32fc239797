/* What the transports share. */
#ifndef XT_NIS_TRANSPORT_H
#define XT_NIS_TRANSPORT_H

#include <xemtrace/nis.h>

/* Stands in the text of a failure for lack of time alone. */
#define NIS_TIMED_OUT ": no answer in time"

/* A new answer to `r` with tag, URL and sent body filled in. */
void nis_answer_begin(struct nis_answer *a, const struct nis_request *r);
/* The request is one that a transport may send: a checked node URL and a plain path. */
enum xt_status nis_request_check(const struct nis_request *r,
				 struct xt_err *err) XT_CHECKED;

#endif
