/* cmd: commands are data. Each cmd_x.c exports one struct cmd; main opens what it
 * needs. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "exit.h"
#include "opt.h"

#include <xemtrace/export.h>
#include <xemtrace/store.h>

enum cmd_needs {
	CMD_NO_CASE,    /* opens nothing */
	CMD_CASE_READ,  /* the case must exist */
	CMD_CASE_WRITE, /* the case must exist */
	CMD_CASE_CREATE /* made if missing */
};

/* What a command runs in. */
struct cli {
	const struct cmd *cmd;
	struct opts opts;
	struct store *store; /* opened by main, by `needs` */
	const char *case_path;
	enum export_format format;
	const char *tz; /* NULL: UTC */
	bool quiet, verbose, debug, color;
	unsigned width;       /* of the text form, 0 unlimited */
	struct xt_buf screen; /* what a terminal is to show at the end */
	struct xt_sink sink;  /* log and progress of the library */
	struct warnings {     /* go into the output's "warnings" */
		char **codes, **texts;
		size_t n;
	} warnings;
};

struct cmd {
	const char *name;
	const char *synopsis;    /* "SEED... [--node URL]..." */
	const char *summary;     /* one line for the list */
	const char *description; /* a paragraph or two for --help */
	const struct opt *options;
	enum cmd_needs needs;
	const char *caseless; /* option that does without the case; NULL */
	bool prints_file;     /* output is a file format: warnings go to stderr */
	bool crawls;          /* asks nodes, and shows how far it is */
	enum xt_status (*run)(struct cli *c, struct xt_err *err);
};

extern const struct cmd *const commands[]; /* NULL at the end */
/* Options of every command. */
extern const struct opt cli_common_options[];

/* Remember a warning for the output; said on stderr where the output cannot carry it.
 */
void cli_warn(struct cli *c, const char *code, const char *fmt, ...) XT_PRINTF(3, 4);

/* Write a document on stdout in the chosen format. */
enum xt_status cli_print(struct cli *c, const struct export_table *head,
			 const struct export_table *body,
			 struct xt_err *err) XT_CHECKED;

/* The same with lines in place of tables in the text form; the tables may be NULL there. Text
 * from outside in them is escaped already. */
enum xt_status cli_print_lines(struct cli *c, const char *lines,
			       struct xt_err *err) XT_CHECKED;

/* One line on stdout, for commands whose whole result is one sentence. In JSON it is
 * the document {"result":[{"text":...}]}. */
enum xt_status cli_print_done(struct cli *c, struct xt_err *err, const char *fmt, ...)
    XT_PRINTF(3, 4) XT_CHECKED;

/* Operand count check: XT_E_USAGE with the synopsis. */
enum xt_status cli_operands(const struct cli *c, int min, int max,
			    struct xt_err *err) XT_CHECKED;

#endif
