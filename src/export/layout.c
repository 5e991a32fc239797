#include "layout.h"

#include <string.h>

size_t ex_wrap(const char *s, size_t width)
{
	const uint8_t *p = (const uint8_t *)s;
	const size_t n = strlen(s);
	size_t used = 0;
	size_t space = 0; /* the last that a word stands before */
	bool word = false;

	for (size_t i = 0; i < n;) {
		size_t len;
		const unsigned w = ex_utf8_width(xt_utf8_next(&len, p + i, n - i));

		if (s[i] == ' ' && word)
			space = i;
		else if (s[i] != ' ')
			word = true;
		if (used + w > width && s[i] != ' ' && i > 0)
			return space > 0 ? space : i;
		used += w;
		i += len;
	}
	return n;
}

size_t ex_longest_word(const char *s)
{
	size_t longest = 0;

	while (*s != '\0') {
		const size_t n = strcspn(s, " ");
		const size_t columns = ex_utf8_columns_n(s, n);

		longest = columns > longest ? columns : longest;
		s += n;
		s += strspn(s, " ");
	}
	return longest;
}

void ex_layout_see(struct ex_layout *at, size_t level, size_t col, const char *text)
{
	const size_t columns = ex_utf8_columns(text);
	const size_t word = ex_longest_word(text);

	if (columns > at->natural[level][col])
		at->natural[level][col] = columns;
	if (word > at->word[level][col])
		at->word[level][col] = word;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The narrowest that a column can be. */
static size_t least_of(const struct ex_layout *at, const struct export_column *col,
		       size_t level, size_t c)
{
	const size_t natural = at->natural[level][c];
	const size_t word = smaller(at->word[level][c], EXPORT_UNBROKEN);

	switch (col->kind) {
	case EXPORT_UXEM:
	case EXPORT_VOLUME:
	case EXPORT_INT:
	case EXPORT_TIME:
	case EXPORT_BOOL:
		break;
	case EXPORT_LABEL:
		return smaller(larger(EXPORT_LABEL_LEAST, ex_utf8_columns(col->title)),
			       natural);
	case EXPORT_STR:
	case EXPORT_LIST:
		return smaller(word, natural);
	case EXPORT_WORDS:
		return smaller(larger(word, EXPORT_WORDS_LEAST), natural);
	}
	return natural;
}

/* Gives what the line has left to the columns that want more, one by one in turn. */
static void fill(struct ex_layout *at, const struct ex_shape *s, size_t level,
		 size_t room)
{
	bool any = true;

	while (room > 0 && any) {
		any = false;
		for (size_t c = 0; c < s->n_cols && room > 0; c++) {
			if (at->width[level][c] == 0 ||
			    at->width[level][c] >= at->natural[level][c])
				continue;
			at->width[level][c]++;
			room--;
			any = true;
		}
	}
}

static void fit_level(struct ex_layout *at, const struct ex_shape *s, size_t level,
		      size_t width)
{
	size_t used = level * EX_INDENT;
	bool first = true;

	for (size_t c = 0; c < s->n_cols; c++) {
		const size_t gap = first ? 0 : EX_GAP;
		size_t least;

		at->width[level][c] = 0;
		if (!at->shown[level][c])
			continue;
		least = least_of(at, &s->cols[c], level, c);
		/* The order of the columns stays. One is there, however wide. */
		if (!first && used + gap + least > width)
			at->below[level] = true;
		if (at->below[level])
			continue;
		at->width[level][c] = least;
		used += gap + least;
		first = false;
	}
	fill(at, s, level, width > used ? width - used : 0);
}

void ex_layout_fit(struct ex_layout *at, const struct export_table *root,
		   unsigned width)
{
	for (size_t l = 0; l < root->n_shapes; l++) {
		const struct ex_shape *s = &root->shapes[l];
		size_t all = l * EX_INDENT;

		for (size_t c = 0; c < s->n_cols; c++) {
			at->width[l][c] = at->natural[l][c];
			if (at->shown[l][c])
				all += at->natural[l][c] + EX_GAP;
		}
		/* Behind the last column is no gap. */
		if (width > 0 && all > (size_t)width + EX_GAP)
			fit_level(at, s, l, width);
	}
}
