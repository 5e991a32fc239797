/* layout: how the columns of a table stand on a terminal. */
#ifndef XT_EXPORT_LAYOUT_H
#define XT_EXPORT_LAYOUT_H

#include "internal.h"

#define EX_INDENT  2 /* of each level of a table */
#define EX_GAP     2 /* between columns */
#define EX_FURTHER 4 /* more, of what a row says below its line */

struct ex_layout {
	bool shown[EXPORT_MAX_LEVELS][EXPORT_MAX_COLUMNS];
	/* Columns of the terminal: of the widest cell, and of its longest word. */
	size_t natural[EXPORT_MAX_LEVELS][EXPORT_MAX_COLUMNS];
	size_t word[EXPORT_MAX_LEVELS][EXPORT_MAX_COLUMNS];
	/* What came of it: each column's width; 0: it is said below the row's line. */
	size_t width[EXPORT_MAX_LEVELS][EXPORT_MAX_COLUMNS];
	bool below[EXPORT_MAX_LEVELS]; /* any is */
};

/* A text that is to stand in a column. */
void ex_layout_see(struct ex_layout *at, size_t level, size_t col, const char *text);
/* Where a level's rows are wider than `width`, texts get narrower columns; where that is
 * not enough, the last columns go below the row's line. Figures, times, addresses and
 * hashes are never narrowed. At least EXPORT_LEAST_WIDTH; 0: no limit. */
void ex_layout_fit(struct ex_layout *at, const struct export_table *root,
		   unsigned width);

/* Bytes of s that fit `width`: whole words if one fits, else as many characters; 1 or more
 * if there is anything. Blanks behind them belong to nobody. */
size_t ex_wrap(const char *s, size_t width);
/* Columns of the longest word. */
size_t ex_longest_word(const char *s);

#endif
