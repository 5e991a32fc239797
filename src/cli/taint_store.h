/* taint_store: runs in the case: what they hold, whether they stand, going on from one.
 */
#ifndef CLI_TAINT_STORE_H
#define CLI_TAINT_STORE_H

#include "session.h"

/* What a run came to over all thefts, as it is stored with it. */
struct run_sums {
	uint64_t seeded, refunded, at_services;
	uint64_t held_complete, held_incomplete, held_unread;
	uint64_t fees, cleaned, through_incomplete;
};

/* Parameters as they are stored: the same options, the same text. */
void run_params(char out[400], const struct taint_options *o);
/* The stored run of this policy and these options, if it is of the case as it is now
 * and of this version of the program: XT_E_NOTFOUND if there is none. */
enum xt_status run_standing(struct cli *c, struct store_run *out, const struct graph *g,
			    const struct taint_policy *policy,
			    const struct taint_options *o,
			    struct xt_err *err) XT_CHECKED;
/* The state of the latest run of this policy and these options, of whatever case; empty
 * if there is none that can be used. */
enum xt_status run_state(struct cli *c, struct xt_buf *out,
			 const struct taint_policy *policy,
			 const struct taint_options *o, struct xt_err *err) XT_CHECKED;
/* Write a run with its rows and its state, and drop the one that it takes the place of.
 */
enum xt_status run_put(struct cli *c, struct store_run *out, const struct graph *g,
		       const struct taint_result *r, const struct xt_buf *state,
		       struct xt_err *err) XT_CHECKED;
/* XT_E_DATA: not what run_put() writes. */
enum xt_status run_sums(struct run_sums *out, const struct store_run *run,
			struct xt_err *err) XT_CHECKED;

#endif
