/* floor: import */
/* A file is imported wholly or not at all; what is imported adds up, and the same file
 * is known the second time. */
#include "case.h"

#include <xemtrace/import.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xt_err err;
	struct import_report rep;
	struct store *s = fuzz_store();
	const char *path = fuzz_input("input.csv", data, size);
	const struct import_options opt = { .complete = size % 2 };
	enum xt_status rc = import_csv(&rep, s, path, &opt, NULL, &err);
	if (rc != XT_OK) {
		assert(rc == XT_E_DATA || rc == XT_E_VERIFY || rc == XT_E_LIMIT);
		assert(strstr(err.text, "input.csv"));
		assert(fuzz_count(
			   "SELECT (SELECT count(*) FROM tx) + (SELECT count(*) FROM"
			   " transfer) + (SELECT count(*) FROM account)") == 0);
		return 0;
	}
	assert(rep.rows == rep.transfers + rep.openings + rep.aggregates + rep.known);
	assert(fuzz_count("SELECT count(*) FROM tx WHERE ref <> 'opening:nemesis'") ==
	       (int64_t)(rep.rows - rep.known));
	assert(fuzz_count("SELECT count(*) FROM v_transfer WHERE kind <> 'fee'"
			  " AND ref IS NOT 'opening:nemesis'") ==
	       (int64_t)(rep.rows - rep.known));
	assert(
	    fuzz_count("SELECT CAST(value AS INTEGER) - (SELECT count(*) FROM transfer)"
		       " FROM meta WHERE key = 'transfers'") == 0);
	assert(fuzz_count("SELECT count(*) FROM pragma_foreign_key_check") == 0);
	rc = import_csv(&rep, s, path, &opt, NULL, &err);
	assert(rc == XT_E_EXISTS);
	fuzz_empty();
	return 0;
}
