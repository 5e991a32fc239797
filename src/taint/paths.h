/* taint/paths: what the two ways of finding paths share. */
#ifndef TAINT_PATHS_H
#define TAINT_PATHS_H

#include <xemtrace/taint.h>

/* One path more; events are given newest first. False: no memory. */
bool taint_paths_add(struct taint_paths *out, const struct taint_path *p,
		     const uint32_t *newest_first, uint32_t n);
/* Whether the path passes the account that the query asks for. */
bool taint_paths_via(const struct graph *g, const struct taint_path_query *q,
		     uint32_t held_by, const uint32_t *events, uint32_t n);
/* Whether an event is a deposit that the query asks for. */
bool taint_paths_deposit(const struct graph *g, const struct taint_options *opt,
			 const struct taint_path_query *q, uint32_t event);
bool taint_paths_wants(const struct taint_path_query *q, uint32_t theft);

/* pool_paths.c */
enum xt_status taint_pool_paths(struct taint_paths *out, const struct taint_result *r,
				const struct graph *g, const struct taint_path_query *q,
				struct xt_err *err) XT_CHECKED;

#endif
