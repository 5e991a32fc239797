/* floor: label */
/* A pack is read or refused with its name; the same pack again changes nothing. */
#include "case.h"

#include <xemtrace/label.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xt_err err;
	struct label_report a, b;
	struct store *s = fuzz_store();
	const char *path = fuzz_input("input.yaml", data, size);
	enum xt_status rc = label_import_tagpack(&a, s, path, NULL, &err);
	if (rc != XT_OK) {
		assert(rc == XT_E_DATA);
		assert(strstr(err.text, "input.yaml"));
		return 0;
	}
	assert(a.imported + a.refused > 0 && a.unchanged == 0);
	assert(fuzz_count("SELECT count(*) FROM v_label") == (int64_t)a.imported);
	assert(fuzz_count(
		   "SELECT count(*) FROM label WHERE label = '' OR source = ''") == 0);
	rc = label_import_tagpack(&b, s, path, NULL, &err);
	assert(rc == XT_OK);
	assert(b.imported == 0 && b.unchanged == a.imported && b.refused == a.refused);
	fuzz_empty();
	return 0;
}
