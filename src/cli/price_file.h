/* price_file: daily prices of a XEM from a CSV file. */
#ifndef CLI_PRICE_FILE_H
#define CLI_PRICE_FILE_H

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

/* CSV with the columns date (2018-01-26), currency (capitals and digits), price (up to eight
 * decimals, below 10,000,000). Of several currencies those rows are taken that are in
 * `currency`; NULL: all must be in one. XT_E_DATA names file, line and field. */
enum xt_status prices_read(struct prices *out, const char *path, const char *currency,
			   struct xt_err *err) XT_CHECKED;
void prices_release(struct prices *p);
bool prices_currency(char out[16], const char *text, size_t n);
bool prices_parse(uint64_t *price_e8, const char *text);
/* For struct analyse_prices: the price of a day; ctx is a struct prices. */
bool prices_find(void *ctx, int32_t day, uint64_t *price_e8);
/* The calendar day in the process's zone as 20180126. */
int32_t prices_day(int64_t unix_time);

#endif
