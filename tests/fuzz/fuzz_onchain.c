/* floor: label */
/* A list of mosaics is read or refused with its name; a case without transactions gets no
 * label from it, and stays as it was. */
#include "case.h"

#include <xemtrace/label.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct label_report r;
	struct xt_err err;
	struct store *s = fuzz_store();
	const enum xt_status rc = label_import_onchain(
	    &r, s, fuzz_input("input.csv", data, size), NULL, &err);
	if (rc != XT_OK) {
		assert(rc == XT_E_DATA || rc == XT_E_LIMIT);
		assert(strstr(err.text, "input.csv"));
	} else {
		assert(r.imported == 0 && r.refused == 0);
	}
	assert(fuzz_count("SELECT count(*) FROM label") == 0);
	fuzz_empty();
	return 0;
}
