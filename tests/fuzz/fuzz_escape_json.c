/* floor: export */
/* JSON and JSON lines: a parser gets the exact text, and the bytes are harmless on a
 * terminal. */
#include <xemtrace/export.h>

#include <jansson.h>

#include "escaped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The second of two lines is the row, and says the same. */
static void check_lines(const struct export_doc *doc, const char *want)
{
	char *out = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&out, &n);
	json_t *row;
	char *end;

	assert(f != NULL);
	assert(export_doc_write(f, EXPORT_JSONL, doc, NULL) == XT_OK);
	assert(fclose(f) == 0);
	end = strchr(out, '\n');
	assert(end != NULL && strchr(end + 1, '\n') == out + n - 1);
	out[n - 1] = '\0';
	escaped_is_harmless((const uint8_t *)end + 1, strlen(end + 1));
	row = json_loads(end + 1, JSON_REJECT_DUPLICATES, NULL);
	assert(row != NULL && json_object_size(row) == 1);
	assert(strcmp(json_string_value(json_object_get(row, "text")), want) == 0);
	json_decref(row);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct export_column cols[] = {
		{ .key = "text", .title = "text", .kind = EXPORT_STR }
	};
	struct export_table *t;
	struct export_cell cell = { 0 };
	struct export_doc doc = { .command = "fuzz" };
	struct xt_buf want;
	char *copy = calloc(size + 1, 1);
	char *out = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&out, &n);
	json_t *json;
	const char *got;

	assert(copy != NULL && f != NULL);
	/* A cell is a C string. */
	for (size_t i = 0; i < size; i++)
		copy[i] = (char)(data[i] == 0 ? 1 : data[i]);
	cell.v.str = copy;
	assert(export_table_new(&t, "rows", cols, 1, NULL) == XT_OK);
	assert(export_table_row(t, NULL, &cell, NULL) == XT_OK);
	doc.body = t;
	assert(export_doc_write(f, EXPORT_JSON, &doc, NULL) == XT_OK);
	assert(fclose(f) == 0);
	json = json_loads(out, JSON_REJECT_DUPLICATES, NULL);
	assert(json != NULL);
	got = json_string_value(json_object_get(
	    json_array_get(json_object_get(json, "result"), 0), "text"));
	xt_buf_init(&want, (size_t)1 << 24);
	escaped_expected(&want, (const uint8_t *)copy, size);
	assert(strcmp(got, xt_buf_str(&want)) == 0);
	check_lines(&doc, got);
	for (size_t i = 0; i < n; i++)
		if (out[i] == '\n')
			out[i] = ' ';
	escaped_is_harmless((const uint8_t *)out, n);
	xt_buf_release(&want);
	json_decref(json);
	export_table_free(t);
	free(out);
	free(copy);
	return 0;
}
