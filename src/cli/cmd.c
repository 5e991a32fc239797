/* The table of commands and what they share. */
#include "cmd.h"
#include "page.h"
#include "say.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct cmd cmd_trace, cmd_crawl, cmd_import, cmd_seed, cmd_label,
    cmd_taint, cmd_path, cmd_top, cmd_exchanges, cmd_show, cmd_graph, cmd_status,
    cmd_verify, cmd_replay, cmd_seal;

extern const struct cmd cmd_patterns, cmd_timeline, cmd_messages, cmd_note, cmd_group;
extern const struct cmd cmd_report, cmd_completion, cmd_export, cmd_nodes;

const struct cmd *const commands[] = {
	&cmd_trace,  &cmd_crawl,    &cmd_import,   &cmd_seed,       &cmd_label,
	&cmd_group,  &cmd_taint,    &cmd_path,     &cmd_top,        &cmd_exchanges,
	&cmd_show,   &cmd_graph,    &cmd_status,   &cmd_verify,     &cmd_replay,
	&cmd_seal,   &cmd_patterns, &cmd_timeline, &cmd_messages,   &cmd_note,
	&cmd_report, &cmd_export,   &cmd_nodes,    &cmd_completion, NULL,
};

void cli_warn(struct cli *c, const char *code, const char *fmt, ...)
{
	char text[600];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Text and JSON carry their warnings; a picture and CSV cannot. */
	if (c->format == EXPORT_CSVF || c->cmd->prints_file)
		say(XT_LOG_WARN, "%s", text);
	struct warnings *w = &c->warnings;
	char **codes = xt_reallocarray(w->codes, w->n + 1, sizeof(*codes));
	if (codes == NULL)
		return;
	w->codes = codes;
	char **texts = xt_reallocarray(w->texts, w->n + 1, sizeof(*texts));
	if (texts == NULL)
		return;
	w->texts = texts;
	codes[w->n] = xt_strdup(code);
	texts[w->n] = xt_strdup(text);
	if (codes[w->n] == NULL || texts[w->n] == NULL) {
		free(codes[w->n]);
		free(texts[w->n]);
		return;
	}
	w->n++;
}

/* One table hides the others: that must be known. */
static void say_tables(const struct export_doc *doc)
{
	struct xt_buf names;
	xt_buf_init(&names, 4096);
	/* A summary alone is left out of CSV as a rule. */
	if (doc->table == NULL && export_doc_tables(&names, doc, NULL) == XT_OK &&
	    strchr(xt_buf_str(&names), ',') != NULL &&
	    strcmp(xt_buf_str(&names), "result, summary") != 0)
		say(XT_LOG_WARN, "csv is one table of %s: choose with --table",
		    xt_buf_str(&names));
	xt_buf_release(&names);
}

static enum xt_status print_doc(struct cli *c, const struct export_doc *part,
				struct xt_err *err)
{
	struct export_doc doc = *part;
	char *text = NULL;
	size_t n = 0;
	doc.command = c->cmd->name;
	doc.warning_codes = (const char *const *)c->warnings.codes;
	doc.warning_texts = (const char *const *)c->warnings.texts;
	doc.n_warnings = c->warnings.n;
	doc.tz_known = c->tz != NULL;
	doc.width = c->width;
	doc.color = c->color;
	doc.table = opts_str(&c->opts, "table");
	/* Text for a terminal is kept until the end; anything else appears there now. */
	if (c->format != EXPORT_TEXT && isatty(STDOUT_FILENO) == 1)
		say_idle();
	say_clear();
	if (c->format == EXPORT_CSVF)
		say_tables(&doc);
	if (c->format != EXPORT_TEXT)
		return export_doc_write(stdout, c->format, &doc, err);
	FILE *f = open_memstream(&text, &n);
	if (f == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for the output");
	enum xt_status rc = export_doc_write(f, EXPORT_TEXT, &doc, err);
	if (fclose(f) != 0 && rc == XT_OK)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for the output");
	if (rc == XT_OK)
		rc = page_put(c, text, n, err);
	free(text);
	return rc;
}

enum xt_status cli_print(struct cli *c, const struct export_table *head,
			 const struct export_table *body, struct xt_err *err)
{
	const struct export_doc doc = { .head = head, .body = body };
	return print_doc(c, &doc, err);
}

enum xt_status cli_print_lines(struct cli *c, const char *lines, struct xt_err *err)
{
	const struct export_doc doc = { .lines = lines };
	return print_doc(c, &doc, err);
}

static enum xt_status print_sentence(struct cli *c, const char *text,
				     struct xt_err *err)
{
	struct xt_buf b;
	xt_buf_init(&b, 1U << 20);
	enum xt_status rc = export_escape(&b, EXPORT_TERMINAL, text, strlen(text), err);
	if (rc == XT_OK)
		rc = xt_buf_adds(&b, "\n", err);
	if (rc == XT_OK)
		rc = cli_print_lines(c, xt_buf_str(&b), err);
	xt_buf_release(&b);
	return rc;
}

enum xt_status cli_print_done(struct cli *c, struct xt_err *err, const char *fmt, ...)
{
	char text[600];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (c->format == EXPORT_TEXT)
		return print_sentence(c, text, err);
	static const struct export_column cols[] = { { "text", "", EXPORT_STR } };
	struct export_table *t = NULL;
	struct export_cell cell = { .v.str = text };
	enum xt_status rc = export_table_new(&t, "result", cols, 1, err);
	if (rc == XT_OK)
		rc = export_table_row(t, NULL, &cell, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	return rc;
}

enum xt_status cli_operands(const struct cli *c, int min, int max, struct xt_err *err)
{
	int n = c->opts.n_operands;
	if (n < min || (max >= 0 && n > max))
		return xt_fail(err, XT_E_USAGE, "%s: usage: xemtrace %s %s",
			       c->cmd->name, c->cmd->name, c->cmd->synopsis);
	return XT_OK;
}
