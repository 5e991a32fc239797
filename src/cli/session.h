/* session: the case as a graph, and a policy replayed over it, for commands that show
 * results. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "cmd.h"

#include <xemtrace/load.h>
#include <xemtrace/taint.h>

struct session {
	struct graph *g;
	struct taint_result *r;
};

/* Options of every command that replays taint; put into its table. */
#define SESSION_OPTIONS                                                                   \
	{ "policy", 'p', "NAME",                                                          \
	  "taint policy: poison, haircut, fifo, lifo, dirty_first, clean_first (default " \
	  "haircut)",                                                                     \
	  false },                                                                        \
	    { "fees", 0, "RULE",                                                          \
	      "carry: taint leaves with fees by the policy's rule (default); absorb: "    \
	      "fees are paid with clean money first",                                     \
	      false },                                                                    \
	{                                                                                 \
		"stop-at-probable", 0, NULL,                                              \
		    "treat hubs without a label (probable services) as services",         \
		    false                                                                 \
	}

/* For commands that can show one theft of several. */
#define SESSION_THEFT                                                                  \
	{                                                                              \
		"theft", 0, "NAME", "only the money of this theft (default: all)",     \
		    false                                                              \
	}

/* Load the case. flags: enum load_flag. */
enum xt_status session_load(struct cli *c, struct session *s, unsigned flags,
			    struct xt_err *err) XT_CHECKED;
/* Options from the command line. */
enum xt_status session_options(const struct cli *c, struct taint_options *out,
			       struct xt_err *err) XT_CHECKED;
/* Replay the chosen policy with edges. XT_E_NOTFOUND if the case has no seeds. Warns
 * about what the figures stand on. */
enum xt_status session_taint(struct cli *c, struct session *s,
			     struct xt_err *err) XT_CHECKED;
/* The same with the origin of each lot (policies with lots), for paths. With --theft
 * the result is not narrowed. */
enum xt_status session_lineage(struct cli *c, struct session *s,
			       struct xt_err *err) XT_CHECKED;
/* The theft that --theft names; TAINT_ALL if it is not given. */
enum xt_status session_theft(const struct cli *c, const struct graph *g, uint32_t *out,
			     struct xt_err *err) XT_CHECKED;
/* Leave one theft's money in a result; TAINT_ALL: nothing happens. */
enum xt_status session_narrow(struct taint_result *r, uint32_t theft,
			      struct xt_err *err) XT_CHECKED;
/* Bounds under the options of the command line. steps: as in struct taint_options. */
enum xt_status session_bounds(struct cli *c, const struct session *s, uint64_t steps,
			      struct taint_bounds **out, struct xt_err *err) XT_CHECKED;
/* The bounds of one account, where they are cheap to have: *found is false in cases of more
 * than SESSION_CHEAP movements, without seeds, and where nothing can be there. */
#define SESSION_CHEAP 200000
enum xt_status session_bound(struct cli *c, const struct session *s, uint32_t account,
			     struct taint_bound *out, bool *found,
			     struct xt_err *err) XT_CHECKED;
/* The stored runs as a table, with `stale`: not of the case as it is now. */
enum xt_status session_runs(struct cli *c, const struct graph *g,
			    struct export_table **out, struct xt_err *err) XT_CHECKED;
void session_release(struct session *s);

/* Highest block height that is known; 0 if none is (records alone have times, and their
 * estimated heights are for order only). */
uint64_t session_height(const struct graph *g);

/* Warnings about incomplete accounts and assumed order or time. */
void session_warn(struct cli *c, const struct session *s);
/* The block up to which the chain cannot change any more, as far as crawls saw; 0: none is
 * known. */
enum xt_status session_final(struct cli *c, uint64_t *out,
			     struct xt_err *err) XT_CHECKED;

#endif
