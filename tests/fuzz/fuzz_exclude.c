/* floor: graph store */
/* A list of accounts is read or refused with its name and line; what it marks are accounts
 * that stand in it. The program's own source: it is in no library. */
#include "case.h"

#include <cli/exclude.c>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct graph *known(void)
{
	static struct graph *g;
	static const char ledger[] = "opening a 10\na -> b 1\na -> pool 1\n";
	if (g == NULL) {
		const enum xt_status rc =
		    graph_parse_ledger(&g, ledger, sizeof(ledger) - 1, NULL);
		assert(rc == XT_OK);
	}
	return g;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct graph *g = known();
	uint8_t *mask = NULL;
	struct xt_err err;
	const enum xt_status rc =
	    exclude_read(&mask, g, fuzz_input("input.csv", data, size), &err);
	if (rc != XT_OK) {
		assert(rc == XT_E_DATA && strstr(err.text, "input.csv:"));
	} else {
		char *text = calloc(size + 1, 1);
		assert(text);
		memcpy(text, data, size);
		assert(strlen(text) == size);
		for (uint32_t a = 0; a < g->n_accounts; a++)
			assert(mask[a] == 0 || strstr(text, g->party[a].s));
		free(text);
	}
	free(mask);
	return 0;
}
