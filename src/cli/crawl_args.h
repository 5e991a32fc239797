/* crawl_args: a crawl as the command line asks for it; shared by crawl and trace. */
#ifndef CLI_CRAWL_ARGS_H
#define CLI_CRAWL_ARGS_H

#include "cmd.h"
#include "node_args.h"

#include <xemtrace/crawl.h>

#define CRAWL_OPTIONS                                                                            \
	NODE_OPTIONS,                                                                            \
	    { "depth", 'd', "N",                                                                 \
	      "expand accounts up to N hops from a seed (default 3)", false },                   \
	    { "from", 0, "TIME", "follow only transfers from this time on", false },             \
	    { "to", 0, "TIME",                                                                   \
	      "follow only transfers up to this time; a date alone means its whole day",         \
	      false },                                                                           \
	    { "min", 'm', "XEM", "follow only transfers of at least this", false },              \
	    { "through-services", 0, NULL, "expand labelled services too", false },              \
	    { "fan", 0, "N",                                                                     \
	      "stop at accounts that N others pay and that pay N, by their newest page: "        \
	      "probable services (default 20; 0: off)",                                          \
	      false },                                                                           \
	    { "full-history", 0, NULL,                                                           \
	      "read accounts from block 1 on, not from their first stolen XEM on",               \
	      false },                                                                           \
	    { "max-requests", 0, "N",                                                            \
	      "stop after so many requests (default: no limit)", false },                        \
	    { "rate", 0, "N", "requests a second to each node (default 20)", false },            \
	    { "connections", 0, "N", "requests under way at each node (default 4)",              \
	      false },                                                                           \
	    { "quorum", 0, "N", "ask N nodes for each account and compare", false },             \
	{                                                                                        \
		"blocks", 0, "WHICH",                                                            \
		    "blocks to fetch for proven order and time: needed (default), order, none; " \
		    "or FROM..TO: read whole blocks of these heights first",                     \
		    false                                                                        \
	}

/* Crawl with the options given and the operands as seeds; prints the report if `print`.
 * XT_E_VERIFY at the end if answers were refused, XT_E_NET if nodes failed. */
enum xt_status crawl_from_args(struct cli *c, struct crawl_report *rep, bool print,
			       struct xt_err *err) XT_CHECKED;

#endif
