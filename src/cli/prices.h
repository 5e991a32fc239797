/* prices: what a XEM was worth, from a file or as one fixed rate. */
#ifndef CLI_PRICES_H
#define CLI_PRICES_H

#include "cmd.h"
#include "price_file.h"

/* Options of commands that show values. */
#define PRICE_OPTIONS                                                                        \
	{ "price", 0, "FILE",                                                                \
	  "add values by a CSV file of daily prices with the columns date, currency, price", \
	  false },                                                                           \
	    { "currency", 0, "NAME",                                                         \
	      "of a --price file with several currencies: the one to show", false },         \
	{                                                                                    \
		"rate", 0, "CURRENCY:PRICE",                                                 \
		    "add values by one fixed price of a XEM, such as JPY:88.549",            \
		    false                                                                    \
	}

enum xt_status prices_from_args(const struct cli *c, struct prices *out,
				struct xt_err *err) XT_CHECKED;
/* For what shows values; NULL if no prices were given. Borrowed from p. */
const struct analyse_prices *prices_view(struct prices *p);
/* Warns that so many rows have no value; 0: says nothing. */
void prices_warn(struct cli *c, uint64_t rows);

#endif
