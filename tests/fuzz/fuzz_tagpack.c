/* floor: label */
/* A pack is read or refused with its name; the same pack again changes nothing; written
 * out and read back it says the same. */
#include "case.h"

#include <xemtrace/label.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void there_and_back(struct store *s, uint64_t labels)
{
	struct label_report r;
	struct xt_err err;
	char *text = NULL;
	size_t len = 0;
	uint64_t n = 0;
	FILE *f = open_memstream(&text, &len);
	assert(f);
	enum xt_status rc = label_export(&n, s, f, true, &err);
	(void)fclose(f);
	assert(rc == XT_OK && n == labels);
	rc = label_import_tagpack(
	    &r, s, fuzz_input("output.yaml", (const uint8_t *)text, len), NULL, &err);
	free(text);
	assert(rc == XT_OK && r.imported == labels && r.refused == 0);
	assert(
	    fuzz_count("SELECT count(*) FROM label a JOIN label b USING (account,"
		       " label, source, category, confidence, confidence_name, actor,"
		       " abuse, concepts, lastmod, context, network, currency)"
		       " WHERE a.pack < b.pack") == (int64_t)labels);
}

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
	/* Each label has its one line of history. */
	assert(fuzz_count("SELECT count(*) FROM label_change") == (int64_t)a.imported);
	if (a.imported > 0)
		there_and_back(s, a.imported);
	fuzz_empty();
	return 0;
}
