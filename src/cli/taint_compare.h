/* taint_compare: taint --compare. */
#ifndef CLI_TAINT_COMPARE_H
#define CLI_TAINT_COMPARE_H

#include "session.h"

/* Replays all policies and prints them side by side with bounds; nothing is stored. */
enum xt_status taint_compare(struct cli *c, struct session *s,
			     struct xt_err *err) XT_CHECKED;

#endif
