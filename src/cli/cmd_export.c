/* export: what the other commands show, as files in one folder. */
#include "cmd.h"
#include "say.h"
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_WORDS 12

static const struct opt options[] = {
	{ "all", 0, "DIR", "write everything into this folder, made if missing",
	  false },
	SESSION_OPTIONS,
	{ 0 },
};

extern const struct cmd cmd_top, cmd_exchanges, cmd_status, cmd_seed, cmd_label,
    cmd_group, cmd_taint, cmd_timeline, cmd_patterns, cmd_messages, cmd_note, cmd_graph,
    cmd_report;

/* A file, and the command whose standard output it is. */
struct piece {
	const char *file;
	const struct cmd *cmd;
	const char *words[5]; /* after the command's name; NULL at the end */
	bool csv;             /* without it: JSON, or what --format says */
};
static const struct piece pieces[] = {
	{ "accounts.json", &cmd_top, { "--limit", "0" }, false },
	{ "accounts.csv", &cmd_top, { "--limit", "0" }, true },
	{ "services.json", &cmd_exchanges, { NULL }, false },
	{ "services.csv", &cmd_exchanges, { NULL }, true },
	{ "timeline.json", &cmd_timeline, { NULL }, false },
	{ "timeline.csv", &cmd_timeline, { NULL }, true },
	{ "patterns.json", &cmd_patterns, { NULL }, false },
	{ "patterns.csv", &cmd_patterns, { NULL }, true },
	{ "messages.json", &cmd_messages, { NULL }, false },
	{ "messages.csv", &cmd_messages, { NULL }, true },
	{ "conversations.json", &cmd_messages, { "--conversations" }, false },
	{ "conversations.csv", &cmd_messages, { "--conversations" }, true },
	{ "groups.json", &cmd_group, { "list" }, false },
	{ "groups.csv", &cmd_group, { "list" }, true },
	{ "notes.json", &cmd_note, { "list" }, false },
	{ "notes.csv", &cmd_note, { "list" }, true },
	{ "log.json", &cmd_note, { "log" }, false },
	{ "log.csv", &cmd_note, { "log" }, true },
	{ "status.json", &cmd_status, { NULL }, false },
	{ "status.csv", &cmd_status, { NULL }, true },
	{ "stops.json", &cmd_status, { "--stops" }, false },
	{ "stops.csv", &cmd_status, { "--stops" }, true },
	{ "runs.json", &cmd_taint, { "--runs" }, false },
	{ "runs.csv", &cmd_taint, { "--runs" }, true },
	{ "seeds.json", &cmd_seed, { "list" }, false },
	{ "seeds.csv", &cmd_seed, { "list" }, true },
	{ "clean.json", &cmd_seed, { "clean" }, false },
	{ "clean.csv", &cmd_seed, { "clean" }, true },
	{ "labels.json", &cmd_label, { "list" }, false },
	{ "labels.csv", &cmd_label, { "list" }, true },
	{ "label_history.json", &cmd_label, { "history" }, false },
	{ "label_history.csv", &cmd_label, { "history" }, true },
	{ "categories.json", &cmd_label, { "category" }, false },
	{ "categories.csv", &cmd_label, { "category" }, true },
	{ "flow.json", &cmd_graph, { "--max-edges", "0", "--format", "json" }, false },
	{ "flow.csv", &cmd_graph, { "--max-edges", "0", "--format", "csv" }, false },
	{ "flow.dot", &cmd_graph, { "--format", "dot" }, false },
	{ "flow.svg", &cmd_graph, { "--format", "svg" }, false },
	{ "flow.graphml",
	  &cmd_graph,
	  { "--max-edges", "0", "--format", "graphml" },
	  false },
	{ "flow.gexf", &cmd_graph, { "--max-edges", "0", "--format", "gexf" }, false },
	{ "report.html", &cmd_report, { NULL }, false },
};

/* The words of a piece, with the options of this command that it has too. */
static int make_words(char **argv, const struct cli *c, const struct piece *p)
{
	static const char *const passed[] = { "policy", "fees" };
	static char names[XT_ARRAY_SIZE(passed)][16];
	static char stop[] = "--stop-at-probable";
	int n = 0;

	argv[n++] = (char *)(uintptr_t)p->cmd->name;
	for (size_t i = 0; i < XT_ARRAY_SIZE(p->words) && p->words[i] != NULL; i++)
		argv[n++] = (char *)(uintptr_t)p->words[i];
	for (size_t i = 0; i < XT_ARRAY_SIZE(passed); i++) {
		const char *value = opts_str(&c->opts, passed[i]);

		if (value == NULL || !opts_named(p->cmd->options, passed[i]))
			continue;
		(void)snprintf(names[i], sizeof(names[i]), "--%s", passed[i]);
		argv[n++] = names[i];
		argv[n++] = (char *)(uintptr_t)value;
	}
	if (opts_has(&c->opts, "stop-at-probable") &&
	    opts_named(p->cmd->options, "stop-at-probable"))
		argv[n++] = stop;
	argv[n] = NULL;
	return n;
}

static void drop_warnings(struct warnings *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->codes[i]);
		free(w->texts[i]);
	}
	free(w->codes);
	free(w->texts);
	memset(w, 0, sizeof(*w));
}

static enum xt_status run_piece(const struct cli *c, const struct piece *p,
				struct xt_err *err)
{
	char *argv[MAX_WORDS + 1];
	struct cli sub = *c;
	enum xt_status rc;

	memset(&sub.opts, 0, sizeof(sub.opts));
	memset(&sub.warnings, 0, sizeof(sub.warnings));
	sub.cmd = p->cmd;
	sub.format = p->csv ? EXPORT_CSVF : EXPORT_JSON;
	rc = opts_parse(&sub.opts, cli_common_options, p->cmd->options,
			make_words(argv, c, p), argv, err);
	if (rc == XT_OK)
		rc = p->cmd->run(&sub, err);
	opts_release(&sub.opts);
	drop_warnings(&sub.warnings);
	return rc;
}

/* Standard output goes to the file while the command runs, and back. */
static enum xt_status write_piece(const struct cli *c, const char *dir,
				  const struct piece *p, struct xt_err *err)
{
	struct export_file out = { 0 };
	char path[4096];
	int saved = -1;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, p->file);
	enum xt_status rc;

	if (n < 0 || (size_t)n >= sizeof(path))
		return xt_fail(err, XT_E_USAGE, "--all: the name is too long");
	rc = export_file_open(&out, path, err);
	if (rc != XT_OK)
		return rc;
	saved = fflush(stdout) == 0 ? dup(STDOUT_FILENO) : -1;
	if (saved < 0 || dup2(fileno(out.f), STDOUT_FILENO) < 0) {
		rc = xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
		goto out;
	}
	say_busy(p->file);
	rc = run_piece(c, p, err);
	say_idle();
	if (fflush(stdout) != 0 && rc == XT_OK)
		rc = xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
	if (dup2(saved, STDOUT_FILENO) < 0 && rc == XT_OK)
		rc = xt_fail(err, XT_E_IO, "standard output: %s", strerror(errno));
	if (rc == XT_OK)
		rc = export_file_commit(&out, err);
	else
		(void)xt_where(err, "%s", p->file);
out:
	if (saved >= 0)
		(void)close(saved);
	export_file_abort(&out);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	const char *dir = opts_str(&c->opts, "all");
	size_t done = 0;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK && dir == NULL)
		rc = xt_fail(err, XT_E_USAGE, "export: name a folder with --all DIR");
	if (rc == XT_OK && dir != NULL && mkdir(dir, 0777) != 0 && errno != EEXIST)
		rc = xt_fail(err, XT_E_IO, "%s: %s", dir, strerror(errno));
	/* Warnings stand in the JSON files; once each on stderr is no help. */
	say_errors_only();
	for (size_t i = 0; rc == XT_OK && i < XT_ARRAY_SIZE(pieces); i++) {
		rc = write_piece(c, dir, &pieces[i], err);
		done += rc == XT_OK;
	}
	say_init(c->quiet, c->verbose, c->debug);
	if (rc == XT_OK)
		rc = cli_print_done(c, err, "%zu files written to %s", done, dir);
	return rc;
}

const struct cmd cmd_export = {
	.name = "export",
	.synopsis = "--all DIR [--policy NAME]",
	.summary = "everything that the commands show, as files in a folder",
	.description =
	    "Writes accounts, services with memos and deposits, timeline, patterns, messages,\n"
	    "conversations, groups, notes, the log, status, stops, taint runs, seeds, clean\n"
	    "marks, labels, their history and categories as JSON and CSV, the flow graph as\n"
	    "JSON, CSV, DOT, SVG, GraphML and GEXF, and the report page. Each file appears\n"
	    "whole or not at all, and has the bytes that its command prints. Warnings stand in\n"
	    "the JSON files. CSV is one table: of status the first, the others are in JSON.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
