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
void session_release(struct session *s);

/* Highest block height that is known; 0 if none is (records alone have times, and their
 * estimated heights are for order only). */
uint64_t session_height(const struct graph *g);

/* Warnings about incomplete accounts and assumed order or time. */
void session_warn(struct cli *c, const struct session *s);

#endif
