/* floor: base */
/* A file that is read, written again with every field quoted and read again, holds the
 * same fields. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <xemtrace/csv.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(struct xt_buf *b, const char *p, size_t n)
{
	const enum xt_status rc = xt_buf_add(b, p, n, NULL);
	assert(rc == XT_OK);
}

static void write_field(struct xt_buf *b, const char *f, bool last)
{
	add(b, "\"", 1);
	for (; *f; f++) {
		add(b, f, 1);
		if (*f == '"')
			add(b, f, 1);
	}
	add(b, last ? "\"\r\n" : "\",", last ? 3 : 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv *a, *b;
	struct xt_buf out;
	struct xt_err err;
	if (csv_parse(&a, "f", data, size, &err) != XT_OK) {
		assert(strncmp(err.text, "f:", 2) == 0);
		return 0;
	}
	size_t n;
	const uint8_t *raw = csv_bytes(a, &n);
	assert(n == size && (n == 0 || memcmp(raw, data, n) == 0));
	const size_t columns = csv_columns(a), rows = csv_rows(a);
	xt_buf_init(&out, 8 * size + 64 * (columns + 1) * (rows + 2));
	for (size_t i = 0; i < columns; i++) {
		assert(csv_column(a, csv_header(a, i)) == (int)i);
		write_field(&out, csv_header(a, i), i + 1 == columns);
	}
	for (size_t r = 0; r < rows; r++) {
		assert(csv_line(a, r) > (r ? csv_line(a, r - 1) : 1));
		for (size_t i = 0; i < columns; i++)
			write_field(&out, csv_field(a, r, (int)i), i + 1 == columns);
	}
	const enum xt_status rc = csv_parse(&b, "g", out.data, out.len, &err);
	assert(rc == XT_OK);
	assert(csv_columns(b) == columns && csv_rows(b) == rows);
	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < columns; i++)
			assert(strcmp(csv_field(a, r, (int)i),
				      csv_field(b, r, (int)i)) == 0);
	csv_free(a);
	csv_free(b);
	xt_buf_release(&out);
	return 0;
}
