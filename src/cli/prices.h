/* prices: what a XEM was worth, from a file or as one fixed rate. */
#ifndef CLI_PRICES_H
#define CLI_PRICES_H

#include "cmd.h"

#include <xemtrace/analyse.h>

struct prices {
	char currency[16]; /* "" none */
	struct price {
		int32_t day; /* 20180126 */
		uint64_t e8; /* 10^-8 of the currency for 1 XEM */
	} * v;               /* by day */
	size_t n;
	bool fixed;
	uint64_t rate_e8;
	struct analyse_prices view; /* see prices_view() */
};

/* Options of commands that show values. */
#define PRICE_OPTIONS                                                                        \
	{ "price", 0, "FILE",                                                                \
	  "add values by a CSV file of daily prices with the columns date, currency, price", \
	  false },                                                                           \
	{                                                                                    \
		"rate", 0, "CURRENCY:PRICE",                                                 \
		    "add values by one fixed price of a XEM, such as JPY:88.549",            \
		    false                                                                    \
	}

enum xt_status prices_from_args(const struct cli *c, struct prices *out,
				struct xt_err *err) XT_CHECKED;
void prices_release(struct prices *p);
/* For what shows values; NULL if no prices were given. Borrowed from p. */
const struct analyse_prices *prices_view(struct prices *p);
/* Warns that so many rows have no value; 0: says nothing. */
void prices_warn(struct cli *c, uint64_t rows);
/* The calendar day in --tz as 20180126. */
int32_t prices_day(int64_t unix_time);

#endif
