/* floor: analyse store */
/* A list of prices is read or refused with its name; what was read is found again by its
 * day, is below the limit, and nothing is found on other days. The program's own source: it
 * is in no library. */
#include "case.h"

#include <cli/price_file.c>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prices p = { 0 };
	struct xt_err err;
	const enum xt_status rc =
	    prices_read(&p, fuzz_input("input.csv", data, size), NULL, &err);
	if (rc != XT_OK) {
		assert(rc == XT_E_DATA || rc == XT_E_LIMIT);
		assert(strstr(err.text, "input.csv"));
		assert(p.v == NULL);
		return 0;
	}
	assert(p.n > 0 && p.currency[0] != '\0');
	for (size_t i = 0; i < p.n; i++) {
		uint64_t e8;
		bool found = prices_find(&p, p.v[i].day, &e8);
		assert(found && e8 == p.v[i].e8 && e8 <= PRICE_MAX_E8);
		assert(i == 0 || p.v[i - 1].day < p.v[i].day);
		found = prices_find(&p, p.v[p.n - 1].day + 1, &e8);
		assert(!found);
	}
	prices_release(&p);
	return 0;
}
