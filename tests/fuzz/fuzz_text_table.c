/* floor: export */
/* The text form on a terminal of any width: harmless, and no character of a text that is
 * never shortened is lost or changes its place. */
#include <xemtrace/export.h>

#include "escaped.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST_ROWS 40

/* Appends s without blanks and ends of lines. */
static void squeeze(struct xt_buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s != ' ' && *s != '\n')
			assert(xt_buf_add(out, s, 1, NULL) == XT_OK);
}

static void check_lines(const char *s)
{
	while (*s != '\0') {
		const size_t n = strcspn(s, "\n");

		escaped_is_harmless((const uint8_t *)s, n);
		assert(n == 0 || s[n - 1] != ' ');
		s += n;
		assert(*s++ == '\n');
	}
}

static char *written(const struct export_column *cols, size_t n_cols,
		     const char *const *texts, size_t n, unsigned width)
{
	struct export_doc doc = { .command = "x", .width = width };
	struct export_table *t = NULL;
	char *out = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&out, &len);

	assert(f != NULL);
	assert(export_table_new(&t, "rows", cols, n_cols, NULL) == XT_OK);
	for (size_t i = 0; i + n_cols <= n; i += n_cols) {
		struct export_cell cells[4];

		for (size_t c = 0; c < n_cols; c++)
			cells[c] = (struct export_cell){ .v.str = texts[i + c] };
		assert(export_table_row(t, NULL, cells, NULL) == XT_OK);
	}
	doc.body = t;
	assert(export_doc_write(f, EXPORT_TEXT, &doc, NULL) == XT_OK);
	assert(fclose(f) == 0);
	export_table_free(t);
	return out;
}

/* One column: its texts, one after the other. */
static void check_order(const char *const *texts, size_t n, unsigned width)
{
	static const struct export_column col = { "t", "title", EXPORT_WORDS };
	struct xt_buf want;
	struct xt_buf have;
	struct xt_buf one;
	char *out = written(&col, 1, texts, n, width);

	xt_buf_init(&want, (size_t)1 << 24);
	xt_buf_init(&have, (size_t)1 << 24);
	xt_buf_init(&one, (size_t)1 << 24);
	squeeze(&want, n > 0 ? "title" : "title(none)");
	for (size_t i = 0; i < n; i++) {
		xt_buf_clear(&one);
		assert(export_escape(&one, EXPORT_TERMINAL, texts[i], strlen(texts[i]),
				     NULL) == XT_OK);
		squeeze(&want, xt_buf_str(&one));
	}
	squeeze(&have, out);
	escaped_same(&have, &want);
	check_lines(out);
	xt_buf_release(&one);
	xt_buf_release(&have);
	xt_buf_release(&want);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct export_column cols[4] = {
		{ "a", "a", EXPORT_LABEL },
		{ "b", "b", EXPORT_STR },
		{ "c", "", EXPORT_WORDS },
		{ "d", "d", EXPORT_STR },
	};
	const char *texts[MOST_ROWS];
	char *copy;
	size_t n = 0;

	if (size < 1 || size > 20000)
		return 0;
	copy = malloc(size);
	assert(copy != NULL);
	memcpy(copy, data + 1, size - 1);
	copy[size - 1] = '\0';
	/* A line a text. */
	for (char *s = copy; n < MOST_ROWS && *s != '\0';) {
		const size_t len = strcspn(s, "\n");
		const bool last = s[len] == '\0';

		texts[n++] = s;
		s[len] = '\0';
		s += len + !last;
	}
	check_order(texts, n, data[0]);
	char *out = written(cols, 4, texts, n, data[0]);
	check_lines(out);
	free(out);
	free(copy);
	return 0;
}
