/* routes: ways from one account to another by the ledger alone, for `path --route`. */
#ifndef CLI_ROUTES_H
#define CLI_ROUTES_H

#include "cmd.h"

#define ROUTE_OPTIONS                                                                  \
	{ "route", 0, "KIND",                                                          \
	  "FROM TO: shortest (fewest transfers), widest (largest smallest amount) or " \
	  "earliest way in order of time; says nothing about whose money went it",     \
	  false },                                                                     \
	{                                                                              \
		"through-services", 0, NULL, "route: also through labelled services",  \
		    false                                                              \
	}

/* `trace` has --depth and --through-services already. */
#define BACK_OPTIONS                                                                            \
	{                                                                                       \
		"back", 0, "ADDRESS",                                                           \
		    "instead: from whom this account's money can have come, backwards in time", \
		    false                                                                       \
	}

/* `trace --back`. */
enum xt_status routes_back(struct cli *c, struct xt_err *err) XT_CHECKED;
enum xt_status routes_run(struct cli *c, struct xt_err *err) XT_CHECKED;

#endif
