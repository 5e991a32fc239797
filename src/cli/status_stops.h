/* status_stops: where the crawl stopped on purpose, why, and what lies behind. */
#ifndef CLI_STATUS_STOPS_H
#define CLI_STATUS_STOPS_H

#include "session.h"

/* Of one account, 0 where nothing was marked as stolen (`known` is false). */
struct status_amounts {
	bool known;
	uint64_t arrived, behind;
};
/* What the case says of each account. */
struct status_located {
	const struct graph *g;
	struct analyse_located v;
	bool known;
};
/* Runs the taint if something is marked as stolen. Release in any case. */
enum xt_status status_located(struct cli *c, struct session *s,
			      struct status_located *out,
			      struct xt_err *err) XT_CHECKED;
void status_located_release(struct status_located *l);
/* By the row of the account in the case. O(log n). */
struct status_amounts status_amounts(const struct status_located *l, int64_t account);

/* Tables: coverage, stops by kind, all stops. */
enum xt_status status_coverage(struct export_table **out, const struct session *s,
			       const struct status_located *l,
			       struct xt_err *err) XT_CHECKED;
enum xt_status status_stop_kinds(struct export_table **out, struct cli *c,
				 const struct status_located *l,
				 struct xt_err *err) XT_CHECKED;
enum xt_status status_stop_list(struct export_table **out, struct cli *c,
				const struct status_located *l,
				struct xt_err *err) XT_CHECKED;

#endif
