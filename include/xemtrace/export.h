/* export: findings to text, JSON, CSV, DOT and pictures. Writers are pure: they take
 * finished results, check each write and print no clock. The frame makes files atomic.
 * docs/output-schema.md is the contract for JSON and CSV. */
#ifndef XEMTRACE_EXPORT_H
#define XEMTRACE_EXPORT_H

#include <xemtrace/analyse.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- escaping: text from the chain is hostile in every output ---------------- */

enum export_target {
	EXPORT_TERMINAL, /* control, bidirectional and zero-width characters made visible */
	EXPORT_CSV, /* quoting is the writer's; this puts ' before what begins with = + - @
			    ', a control, or a wide = + - @ */
	EXPORT_DOT, /* inside double quotes */
	EXPORT_XML, /* text and attribute values */
	EXPORT_HTML
};
/* Append `text` (n bytes, perhaps not UTF-8) so that it is harmless and readable there.
 * Each byte that is not UTF-8 becomes U+FFFD. Controls, line separators, marks of
 * direction and characters without width or shape become visible ASCII in every target
 * (\x1b, \u202e, \U000e0001); a backslash is doubled, so that nothing is ambiguous. Then
 * the target's own quoting. JSON is not here: it carries the exact text. On failure `out`
 * is as before. O(n). */
enum xt_status export_escape(struct xt_buf *out, enum export_target target,
			     const char *text, size_t n, struct xt_err *err) XT_CHECKED;

/* ---- tables: described once, written as text, CSV or JSON -------------------- */

enum export_format {
	EXPORT_TEXT,
	EXPORT_JSON,
	EXPORT_CSVF,
	EXPORT_JSONL /* an object a line: the document without its rows, then each row */
};
enum export_cell_kind {
	EXPORT_STR,  /* hostile text */
	EXPORT_UXEM, /* amount: text "1,234.567890", JSON integer, key ends in _uxem */
	EXPORT_VOLUME, /* sum that can pass 2^53: JSON decimal string, key ends in _volume */
	EXPORT_INT,
	EXPORT_TIME, /* unix seconds; JSON "2018-01-25T15:02:13Z" */
	EXPORT_BOOL,
	EXPORT_LIST,  /* list of strings: JSON array, else joined by a space */
	EXPORT_LABEL, /* like STR; text without a width shortens it to 36 columns */
	EXPORT_WORDS  /* like STR; text never shortens it (STR: to 72 columns) */
};
/* Borrowed texts: literals. Keys of amounts end in _uxem, of volumes in _volume. */
struct export_column {
	const char *key;   /* JSON and CSV name, snake_case; NULL: text form only */
	const char *title; /* text heading; NULL: not in the text form */
	enum export_cell_kind kind;
};
struct export_cell {
	bool absent; /* JSON omits the key, text shows "-", CSV an empty field */
	union {
		const char *str;
		uint64_t u;
		int64_t time;
		xt_u128 volume;
		bool b;
		struct {
			const char *const *v;
			size_t n;
		} list;
	} v;
};
/* A table under construction; rows may carry child rows (memos under a service, deposits
 * under a memo), which JSON nests under the child table's key, text indents, and CSV
 * writes as one flat table of the deepest level with the parents' columns repeated. */
struct export_table;
/* key: a plural, "services"; CSV of a table with children puts "service_" before its
 * columns. JSON calls the outermost table "result". At most 32 columns, 4 levels. */
enum xt_status export_table_new(struct export_table **out, const char *key,
				const struct export_column *cols, size_t n_cols,
				struct xt_err *err) XT_CHECKED;
void export_table_free(struct export_table *t);
/* Copies the cells. Returns the row's number through `row` (may be NULL). */
enum xt_status export_table_row(struct export_table *t, size_t *row,
				const struct export_cell *cells,
				struct xt_err *err) XT_CHECKED;
/* Says what the children of `t` will look like, so that a table without rows has the same
 * CSV header and every row the same JSON keys. Fine to repeat with the same shape. */
enum xt_status export_table_child_shape(struct export_table *t, const char *key,
					const struct export_column *cols, size_t n_cols,
					struct xt_err *err) XT_CHECKED;
/* Child table of one row; owned by the parent. All children of a table have one shape.
 * One per row (XT_E_USAGE). */
enum xt_status export_table_child(struct export_table *t, size_t row,
				  struct export_table **child, const char *key,
				  const struct export_column *cols, size_t n_cols,
				  struct xt_err *err) XT_CHECKED;

size_t export_table_rows(const struct export_table *t);
/* Puts a whole other table under one row of an outermost table: several findings in one
 * output. JSON has it in that row under its key, text after all rows under its key; CSV is
 * one table of them, as export_doc says. On success `other` belongs to `t`. `other` may have
 * children, but has adopted nothing itself. */
enum xt_status export_table_adopt(struct export_table *t, size_t row,
				  struct export_table *other,
				  struct xt_err *err) XT_CHECKED;

/* Writes one command's whole output: {"format_version":1,"command":...,"result":[...],
 * "warnings":[...]} plus "summary":{...} from `head` (may be NULL). Text ends with the
 * warnings. CSV is one table: the body's rows (without a body: the head), or the one that
 * `table` names; its warnings must be told elsewhere. Nothing is written if anything but a
 * write fails, but for JSON lines, which are written as they go. */
struct export_doc {
	const char *command;
	const struct export_table *head; /* one row */
	const struct export_table *body; /* may be NULL: an empty result */
	const char *lines; /* text only: instead of tables; escaped already */
	const char *const *warning_codes; /* n_warnings each */
	const char *const *warning_texts;
	size_t n_warnings;
	const char *table; /* CSV only: "summary" for the head, the key of an adopted
			      table, or NULL */
	int tz_known; /* text only: times in local zone of the process (TZ), else UTC */
	/* Text only: columns of the terminal, 0 unlimited. Texts are wrapped in their
	 * columns, and a row that is still wider goes on in further lines. */
	unsigned width;
	bool color; /* text only: titles, labels and zeros by SGR sequences too */
};
enum xt_status export_doc_write(FILE *f, enum export_format format,
				const struct export_doc *doc,
				struct xt_err *err) XT_CHECKED;

/* "result, summary, labels": what `table` can be. */
enum xt_status export_doc_tables(struct xt_buf *out, const struct export_doc *doc,
				 struct xt_err *err) XT_CHECKED;

/* ---- the findings as tables -------------------------------------------------- */

enum xt_status export_top(struct export_table **out, const struct graph *g,
			  const struct analyse_top_row *rows, size_t n,
			  struct xt_err *err) XT_CHECKED;
/* One table of services, with memos, with deposits. */
enum xt_status export_exchanges(struct export_table **out, const struct graph *g,
				const struct analyse_exchanges *e,
				struct xt_err *err) XT_CHECKED;

/* One account under all policies. */
#define EXPORT_MAX_POLICIES 16
struct export_compare_row {
	uint32_t account;
	bool sink;    /* what a service received; else what the account holds */
	bool bounded; /* the four below are known */
	bool exact;
	uint64_t low, high, poison;
	uint64_t by[EXPORT_MAX_POLICIES]; /* per policy, in their order */
};
/* policies: NULL at the end, at most EXPORT_MAX_POLICIES; their names are borrowed. */
enum xt_status export_compare(struct export_table **out, const struct graph *g,
			      const struct taint_policy *const *policies,
			      const struct export_compare_row *rows, size_t n,
			      struct xt_err *err) XT_CHECKED;
/* "between 8.1 M and 9.9 M XEM, haircut 9.2 M"; low is rounded down, high up, the figure of
 * the policy down. policy may be NULL. */
enum xt_status export_between(struct xt_buf *out, uint64_t low, uint64_t high,
			      const char *policy, uint64_t figure,
			      struct xt_err *err) XT_CHECKED;
/* Paths with their hops, oldest first. Needs refs in the graph. prices: a path is worth
 * what its amount was on the day that it arrived; NULL: no values. */
enum xt_status export_paths(struct export_table **out, const struct graph *g,
			    const struct taint_paths *p,
			    const struct analyse_prices *prices,
			    struct xt_err *err) XT_CHECKED;
/* The same as sentences to be read aloud. */
enum xt_status export_paths_text(struct xt_buf *out, const struct graph *g,
				 const struct taint_result *r,
				 const struct taint_paths *p,
				 const struct analyse_prices *prices,
				 struct xt_err *err) XT_CHECKED;

/* ---- flow graph -------------------------------------------------------------- */

struct export_rest;
struct export_flow_info {
	const char *title; /* "Coincheck: flow of 526,300,010 XEM" */
	const char *policy;
	uint64_t height; /* of the case; 0 unknown */
	uint64_t min_uxem;
	uint32_t max_depth;
	bool has_from, has_to; /* dates of the filter */
	int64_t from, to;
	size_t max_edges;  /* 0: no limit */
	const char *theft; /* only this one's money; NULL: all */
	bool to_services;  /* as given to export_narrow() */
	size_t per_account;
	const struct export_rest *rest; /* what export_narrow() folded */
	size_t n_rest;
	const struct analyse_groups
	    *groups; /* as given to analyse_flow(); NULL: none */
	const struct analyse_inside *inside; /* what it left out for them; NULL: none */
	const struct taint_bounds *bounds;   /* NULL: not known */
};
/* The flows of one account that are not drawn one by one: a node of their own, with the
 * id "rest:" and the account's name. */
struct export_rest {
	uint32_t from;
	size_t edges; /* 1 or more */
	uint64_t tainted;
	xt_u128 amount;
	uint64_t count;
	bool count_known;
	uint32_t first, last; /* events */
	struct analyse_basis basis;
};
/* Makes a flow smaller on purpose, in this order: keeps only edges on a way to a service
 * (to_services); of each account the `per_account` largest edges (0: all), the others
 * summed in `rest`, by account; drops what then hangs together no longer with where the
 * theft arrived or who was robbed. What is dropped is added to the flow's cut. Free
 * `rest`. O(edges + nodes) a round, and at most depth rounds. */
enum xt_status export_narrow(struct export_rest **rest, size_t *n_rest,
			     struct analyse_flow *flow, const struct graph *g,
			     bool to_services, size_t per_account,
			     struct xt_err *err) XT_CHECKED;
/* DOT: left to right, nodes labelled, services, thief's wallets and victims told apart by
 * shape as well as colour, edge width by tainted amount, amounts and dates on edges, dashed
 * for aggregate and dotted for inferred (the weakest that an edge stands on), legend with
 * policy, height and filter. A node's id is its address. Same input, same bytes. */
enum xt_status export_dot(FILE *f, const struct graph *g,
			  const struct analyse_flow *flow,
			  const struct export_flow_info *info,
			  struct xt_err *err) XT_CHECKED;
/* DOT text to "svg", "png" or "pdf" by Graphviz's library. XT_E_USAGE for another format,
 * XT_E_DATA with Graphviz's words if the text is not DOT. Not for two threads at once. */
enum xt_status export_render(FILE *f, const char *dot, size_t n, const char *format,
			     struct xt_err *err) XT_CHECKED;
/* GraphML and GEXF 1.2: the same nodes and edges, for Gephi, NetworkX, igraph. Amounts are
 * exact strings of micro-XEM (*_uxem) and, for drawing, numbers of XEM (*_xem). */
enum xt_status export_graphml(FILE *f, const struct graph *g,
			      const struct analyse_flow *flow,
			      const struct export_flow_info *info,
			      struct xt_err *err) XT_CHECKED;
enum xt_status export_gexf(FILE *f, const struct graph *g,
			   const struct analyse_flow *flow,
			   const struct export_flow_info *info,
			   struct xt_err *err) XT_CHECKED;
/* Two CSV files as neo4j-admin imports them: nodes, then relationships. */
enum xt_status export_neo4j(FILE *nodes, FILE *edges, const struct graph *g,
			    const struct analyse_flow *flow,
			    const struct export_flow_info *info,
			    struct xt_err *err) XT_CHECKED;
/* Nodes and edges as tables, edges largest first. A node of a group has the id "group:"
 * and its head's account. */
enum xt_status export_nodes(struct export_table **out, const struct graph *g,
			    const struct analyse_flow *flow,
			    const struct export_flow_info *info,
			    struct xt_err *err) XT_CHECKED;
enum xt_status export_edges(struct export_table **out, const struct graph *g,
			    const struct analyse_flow *flow,
			    const struct export_flow_info *info,
			    struct xt_err *err) XT_CHECKED;
/* Both in one table of one row (policy, filter, what is left out), as its lists "nodes" and
 * "edges": what JSON has, and CSV by export_doc.table. */
enum xt_status export_flow(struct export_table **out, const struct graph *g,
			   const struct analyse_flow *flow,
			   const struct export_flow_info *info,
			   struct xt_err *err) XT_CHECKED;

/* ---- the report page --------------------------------------------------------- */

/* One line of the evidence section; keys that report/src/i18n.js knows are translated. */
struct export_fact {
	const char *key, *value;
};
/* Why an account's history is not in the case. */
struct export_stop {
	uint32_t account;
	char kind
	    [40]; /* the word that the reason begins with; "" it is not on purpose */
	char reason[160];
};
struct export_report {
	const char *title; /* NULL: the page's own, in its language */
	const char *lang;  /* "en", "ja": what the page begins with */
	const char *tz;    /* IANA name that times begin in */
	const struct graph *g;
	const struct taint_result *const *runs; /* with edges; of one graph */
	size_t n_runs, main_run;
	const struct analyse_patterns
	    *patterns;                       /* of the main run; NULL: not looked for */
	const struct taint_bounds *bounds;   /* NULL: not known */
	const struct analyse_groups *groups; /* NULL: none */
	const struct analyse_prices *prices; /* NULL: no values */
	const struct export_stop *stops; /* accounts that are not complete, and why */
	size_t n_stops;
	const struct export_fact *facts;
	size_t n_facts;
	const char *const *warning_codes, *const *warning_texts; /* n_warnings each */
	size_t n_warnings;
	size_t max_transfers; /* the largest are kept, and the page says so; 0: all */
};
/* One HTML file that needs nothing else: no request leaves it, which its
 * Content-Security-Policy holds it to. Text from the chain is data there, never markup.
 * Nothing is written if anything but a write fails. */
enum xt_status export_report(FILE *f, const struct export_report *in,
			     struct xt_err *err) XT_CHECKED;

/* ---- atomic files ------------------------------------------------------------ */

/* A file that appears under its name only when all was written: temp file beside it, fsync,
 * rename. path "-" is stdout. A symbolic link is followed; what is no regular file (a pipe,
 * /dev/null) is written directly. */
struct export_file {
	FILE *f;
	char *path, *temp;
};
enum xt_status export_file_open(struct export_file *o, const char *path,
				struct xt_err *err) XT_CHECKED;
enum xt_status export_file_commit(struct export_file *o, struct xt_err *err) XT_CHECKED;
void export_file_abort(struct export_file *o); /* fine after commit */

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
