/* taint_store: runs in the case: what they hold, whether they stand, going on from one.
 */
#ifndef CLI_TAINT_STORE_H
#define CLI_TAINT_STORE_H

#include "session.h"
#include "taint_stream.h"

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
/* The state of the latest run of this policy and these options, of whatever case, and
 * that run's number; empty if there is none that can be used. */
enum xt_status run_state(struct cli *c, struct xt_buf *out, int64_t *from,
			 const struct taint_policy *policy,
			 const struct taint_options *o, struct xt_err *err) XT_CHECKED;

/* A run that is being stored while it goes on. */
struct run_write {
	const struct graph *g;
	const struct taint_policy *policy;
	const struct taint_options *options;
	struct taint_stream *edges;
	struct store_run run;
};
/* Begin a transaction, and write the run and its movements as they come, to the last. */
enum xt_status run_write_edges(struct cli *c, struct run_write *w,
			       struct xt_err *err) XT_CHECKED;
/* Its other rows and its state; where it went on from another run, that one's first
 * `kept` parts of movements. Drops the run that it takes the place of, and commits. */
enum xt_status run_write_rest(struct cli *c, struct run_write *w,
			      const struct taint_result *r, const struct xt_buf *state,
			      int64_t from, uint32_t kept,
			      struct xt_err *err) XT_CHECKED;
/* XT_E_DATA: not what run_write_rest() writes. */
enum xt_status run_sums(struct run_sums *out, const struct store_run *run,
			struct xt_err *err) XT_CHECKED;

#endif
