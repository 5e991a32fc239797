/* Shared by the files of export. */
#ifndef XT_EXPORT_INTERNAL_H
#define XT_EXPORT_INTERNAL_H

#include <xemtrace/export.h>

/* Services, memos, deposits: three levels are the most that is needed. */
#define EXPORT_MAX_LEVELS  4
#define EXPORT_MAX_COLUMNS 32
/* One whole output in memory: 2 GiB is some ten million rows. */
#define EXPORT_MAX_BYTES ((size_t)1 << 31)
/* Text form. Without a terminal nothing is wrapped, and EXPORT_STR and EXPORT_LABEL are
 * shortened to the first two (a hash has 64 columns, a message up to 1,024). On a terminal
 * that is too narrow they are wrapped: labels in columns of at least the third; other texts
 * at blanks, words of up to the fourth never broken, EXPORT_WORDS in columns of at least
 * the fifth; and after so many lines a cell ends with an ellipsis, EXPORT_WORDS never. */
#define EXPORT_STR_COLUMNS   72
#define EXPORT_LABEL_COLUMNS 36
#define EXPORT_LABEL_LEAST   12
#define EXPORT_UNBROKEN      64
#define EXPORT_WORDS_LEAST   40
#define EXPORT_CELL_LINES    6
/* Nothing fits less. */
#define EXPORT_LEAST_WIDTH 40

/* ---- text
 * ------------------------------------------------------------------------------ */

/* Writes 1 to 4 bytes. */
size_t ex_utf8_put(char out[4], uint32_t cp);
/* Columns of a terminal: 0 for marks that sit on a letter, 2 for wide East Asian ones.
 */
unsigned ex_utf8_width(uint32_t cp);
/* Columns of a whole text. */
size_t ex_utf8_columns(const char *s);
size_t ex_utf8_columns_n(const char *s, size_t n);
/* Appends s, shortened to `columns` with an ellipsis if it is wider. */
enum xt_status ex_add_short(struct xt_buf *out, const char *s, size_t columns,
			    struct xt_err *err) XT_CHECKED;

/* "1,234.567890", six decimals always; trim: "1,234.5", "1,234", still exact. */
enum xt_status ex_add_xem(struct xt_buf *out, xt_u128 uxem, bool trim,
			  struct xt_err *err) XT_CHECKED;

/* ---- tables
 * ---------------------------------------------------------------------------- */

/* The columns of one level, shared by all tables of that level. */
struct ex_shape {
	const char *key;
	struct export_column cols[EXPORT_MAX_COLUMNS];
	size_t n_cols;
};

/* Another table under a row of the outermost one. */
struct ex_adopted {
	size_t row;
	struct export_table *table;
};

struct export_table {
	struct export_table *root;
	struct export_table *next; /* all tables of a root, for freeing */
	size_t level;
	struct export_cell *cells; /* n_rows * n_cols; texts owned */
	size_t n_rows, cap;
	struct export_table *
	    *child; /* per row, NULL if none; NULL as long as no row has */
	size_t n_child;
	struct ex_shape *shapes;    /* root only: EXPORT_MAX_LEVELS */
	size_t n_shapes;            /* root only */
	struct ex_adopted *adopted; /* root only, in the order they came */
	size_t n_adopted;
};

static inline const struct ex_shape *ex_table_shape(const struct export_table *t)
{
	return &t->root->shapes[t->level];
}
static inline const struct export_cell *ex_table_cells(const struct export_table *t,
						       size_t row)
{
	return &t->cells[row * ex_table_shape(t)->n_cols];
}
/* The child of a row, NULL if it has none. */
const struct export_table *ex_table_child(const struct export_table *t, size_t row);

/* A walk over all rows of all levels, parents first. */
struct ex_walk {
	const struct export_table *table[EXPORT_MAX_LEVELS];
	size_t row[EXPORT_MAX_LEVELS];
	size_t level;
	bool begun;
};
void ex_walk_init(struct ex_walk *w, const struct export_table *t);
/* False at the end. Then table[level] and row[level] are the current row. */
bool ex_walk_next(struct ex_walk *w);

/* ---- writing
 * --------------------------------------------------------------------------- */

/* All of buf to f; XT_E_IO with the system's reason. */
enum xt_status ex_write_all(FILE *f, const struct xt_buf *buf,
			    struct xt_err *err) XT_CHECKED;

enum xt_status ex_write_text(struct xt_buf *out, const struct export_doc *doc,
			     struct xt_err *err) XT_CHECKED;
enum xt_status ex_write_json(struct xt_buf *out, const struct export_doc *doc,
			     struct xt_err *err) XT_CHECKED;
/* As it goes, a row at a time. */
enum xt_status ex_write_jsonl(FILE *f, const struct export_doc *doc,
			      struct xt_err *err) XT_CHECKED;
enum xt_status ex_write_csv(struct xt_buf *out, const struct export_doc *doc,
			    struct xt_err *err) XT_CHECKED;

/* ---- what the findings share
 * ------------------------------------------------------------ */

/* Cells are filled by name of the column's place; these make one of each kind. */
struct export_cell ex_cell_none(void);
struct export_cell ex_cell_str(const char *s); /* absent if NULL or "" */
struct export_cell ex_cell_int(uint64_t v);
struct export_cell ex_cell_uxem(uint64_t v);
struct export_cell ex_cell_volume(xt_u128 v);
struct export_cell ex_cell_bool(bool v);
/* The time of an event, its last moment if `end`; absent where none is known. */
struct export_cell ex_cell_time(const struct graph *g, uint32_t event, bool end);
/* "block", "signer", "published"; of two that differ "mixed". Absent if unknown. */
struct export_cell ex_cell_time_kind(const struct graph *g, uint32_t first,
				     uint32_t last);

const struct graph_label *ex_label_of(const struct graph *g, uint32_t account);
/* Two columns: the value in the currency, with two decimals, rounded down; the currency.
 * `text` must live until the row is added. */
#define VALUE_COLUMNS                                                                  \
	{ .key = "value", .title = "value", .kind = EXPORT_STR },                      \
	{                                                                              \
		.key = "currency", .title = "currency", .kind = EXPORT_STR             \
	}
#define N_VALUE 2
void ex_cells_value(struct export_cell *cells, char text[64],
		    const struct analyse_value *v);
/* Two columns: the group that a row is of, and how many wallets it has. */
#define GROUP_COLUMNS                                                                  \
	{ .key = "group", .kind = EXPORT_STR },                                        \
	{                                                                              \
		.key = "wallets", .title = "wallets", .kind = EXPORT_INT               \
	}
#define N_GROUP 2
void ex_cells_group(struct export_cell *cells, const struct analyse_group *group);
/* The group's own confidence, 0..100; absent if no label is among its reasons. */
struct export_cell ex_cell_group_confidence(const struct analyse_group *group);
/* Five cells: label, confidence, category, source, whether it is a service. A group has
 * its name for a label, and the confidence of its reasons. */
#define N_LABEL 5
void ex_cells_label(struct export_cell *cells, const struct graph *g, uint32_t account,
		    const struct analyse_group *group);
const char *ex_time_kind_name(uint8_t kind);
/* "service", "complete", "incomplete", "unread". */
const char *ex_state_of(const struct graph *g, uint32_t account);

/* Six columns of a basis for JSON and CSV, and one in words for text. */
#define BASIS_COLUMNS                                                                  \
	{ .key = "signed_volume", .kind = EXPORT_VOLUME },                             \
	    { .key = "published_volume", .kind = EXPORT_VOLUME },                      \
	    { .key = "aggregate_volume", .kind = EXPORT_VOLUME },                      \
	    { .key = "inferred_volume", .kind = EXPORT_VOLUME },                       \
	    { .key = "exempt_volume", .kind = EXPORT_VOLUME },                         \
	    { .key = "reported_volume", .kind = EXPORT_VOLUME },                       \
	{                                                                              \
		.title = "stands on", .kind = EXPORT_STR                               \
	}
#define N_BASIS 7
/* Fills N_BASIS cells. `text` takes the words and must live until the row is added. */
enum xt_status ex_cells_basis(struct export_cell *cells, struct xt_buf *text,
			      const struct analyse_basis *basis,
			      struct xt_err *err) XT_CHECKED;

#endif
