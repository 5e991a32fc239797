/* prices: what a XEM was worth, from a file or as one fixed rate. */
#ifndef CLI_PRICES_H
#define CLI_PRICES_H

#include "cmd.h"

struct prices {
	char currency[16]; /* "" none */
	struct price {
		int32_t day; /* 20180126 */
		uint64_t e8; /* 10^-8 of the currency for 1 XEM */
	} * v;               /* by day */
	size_t n;
	bool fixed;
	uint64_t rate_e8;
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
/* For struct analyse_table_options. */
bool prices_find(void *ctx, int32_t day, uint64_t *price_e8);
/* The calendar day in --tz as 20180126. */
int32_t prices_day(int64_t unix_time);

#endif
