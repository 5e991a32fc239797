/* main: common options, the table of commands, help, and what a command needs. */
#include "cmd.h"
#include "page.h"
#include "say.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const struct opt cli_common_options[] = {
	{ "case", 0, "FILE",
	  "the case file (default $XEMTRACE_CASE, else case.xemtrace)", false },
	{ "format", 0, "FORMAT", "text, json, jsonl or csv (default text)", false },
	{ "table", 0, "NAME",
	  "csv: which table of an output that has several, by its key in JSON (default "
	  "result: the outermost; summary: what stands before it)",
	  false },
	{ "tz", 0, "ZONE",
	  "show times in this zone, an IANA name such as Asia/Tokyo; times "
	  "given without a zone are read in it too (default UTC)",
	  false },
	{ "width", 0, "N",
	  "text: fit tables into N columns (default: the terminal's; 0, and where standard "
	  "output is no terminal: unlimited)",
	  false },
	{ "color", 0, "WHEN",
	  "text: colours auto (on a terminal, unless $NO_COLOR is set; default), always or "
	  "never",
	  false },
	{ "no-pager", 0, NULL,
	  "text: do not show what is longer than the terminal through $PAGER (default "
	  "less)",
	  false },
	{ "quiet", 'q', NULL, "no progress and no warnings on stderr", false },
	{ "verbose", 'v', NULL, "say more on stderr; twice: everything", true },
	{ "help", 'h', NULL, "this help", false },
	{ 0 },
};

static void put_overview(FILE *f)
{
	(void)fprintf(f,
		      "xemtrace %s: traces stolen XEM on the NEM (NIS1) blockchain.\n\n"
		      "Usage: xemtrace [--case FILE] COMMAND [ARGUMENTS]\n\n"
		      "Commands:\n",
		      xt_version());
	for (size_t i = 0; commands[i] != NULL; i++)
		(void)fprintf(f, "  %-10s %s\n", commands[i]->name,
			      commands[i]->summary);
	(void)fprintf(f, "\nOptions of every command:\n");
	opts_help(f, cli_common_options, NULL);
	(void)fprintf(
	    f,
	    "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 data refused or verification\n"
	    "failed, 75 temporary (run again), 130 interrupted (the case is consistent).\n"
	    "`xemtrace COMMAND --help` explains a command.\n");
}

static void put_command_help(FILE *f, const struct cmd *cmd)
{
	(void)fprintf(f, "Usage: xemtrace %s %s\n\n%s\n\n%s\n", cmd->name,
		      cmd->synopsis, cmd->summary, cmd->description);
	if (cmd->options != NULL && cmd->options[0].name != NULL) {
		(void)fprintf(f, "\nOptions:\n");
		opts_help(f, cmd->options, NULL);
	}
	(void)fprintf(f, "\nOptions of every command:\n");
	opts_help(f, cli_common_options, cmd->options);
}

static const struct cmd *find_command(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* glibc takes any TZ text silently: an unknown zone must not pass for UTC. */
static enum xt_status set_zone(struct cli *c, struct xt_err *err)
{
	const char *zone = opts_str(&c->opts, "tz");
	if (zone == NULL || strcmp(zone, "UTC") == 0) {
		c->tz = NULL;
		return setenv("TZ", "UTC0", 1) == 0
			   ? XT_OK
			   : xt_fail(err, XT_E_NOMEM, "out of memory");
	}
	char path[512];
	struct stat st;
	int n = snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone);
	if (zone[0] == '\0' || zone[0] == '/' || strstr(zone, "..") != NULL || n < 0 ||
	    (size_t)n >= sizeof(path) || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return xt_fail(err, XT_E_USAGE,
			       "--tz: \"%s\" is no IANA time zone known here", zone);
	c->tz = zone;
	if (setenv("TZ", zone, 1) != 0)
		return xt_fail(err, XT_E_NOMEM, "out of memory");
	tzset();
	return XT_OK;
}

static enum xt_status set_common(struct cli *c, struct xt_err *err)
{
	const char *format = opts_str(&c->opts, "format");
	if (format == NULL || strcmp(format, "text") == 0)
		c->format = EXPORT_TEXT;
	else if (strcmp(format, "json") == 0)
		c->format = EXPORT_JSON;
	else if (strcmp(format, "jsonl") == 0)
		c->format = EXPORT_JSONL;
	else if (strcmp(format, "csv") == 0)
		c->format = EXPORT_CSVF;
	else if (strcmp(c->cmd->name, "graph") != 0)
		return xt_fail(err, XT_E_USAGE,
			       "--format: \"%s\" is none of text, json, jsonl, csv",
			       format);
	c->quiet = opts_has(&c->opts, "quiet");
	c->verbose = opts_has(&c->opts, "verbose");
	c->debug = opts_nth(&c->opts, "verbose", 1) != NULL;
	say_init(c->quiet, c->verbose, c->debug);
	if (opts_str(&c->opts, "case") != NULL)
		c->case_path = opts_str(&c->opts, "case");
	if (opts_has(&c->opts, "table") && c->format != EXPORT_CSVF)
		return xt_fail(err, XT_E_USAGE, "--table goes with --format csv");
	enum xt_status rc = page_options(c, err);
	return rc == XT_OK ? set_zone(c, err) : rc;
}

static enum xt_status open_case(struct cli *c, struct xt_err *err)
{
	enum store_mode mode = STORE_READ;
	if (c->cmd->caseless != NULL && opts_has(&c->opts, c->cmd->caseless))
		return XT_OK;
	switch (c->cmd->needs) {
	case CMD_NO_CASE:
		return XT_OK;
	case CMD_CASE_READ:
		mode = STORE_READ;
		break;
	case CMD_CASE_WRITE:
		mode = STORE_WRITE;
		break;
	case CMD_CASE_CREATE:
		mode = STORE_CREATE;
		break;
	}
	enum xt_status rc = store_open(&c->store, c->case_path, mode, err);
	if (rc == XT_E_NOTFOUND)
		return xt_fail(
		    err, rc,
		    "%s: no such case (name one with --case FILE, or make one "
		    "with `xemtrace crawl` or `xemtrace import`)",
		    c->case_path);
	return rc;
}

static enum xt_status run_command(struct cli *c, int argc, char **argv, bool *helped,
				  struct xt_err *err)
{
	enum xt_status rc =
	    opts_parse(&c->opts, cli_common_options, c->cmd->options, argc, argv, err);
	if (rc != XT_OK)
		return rc;
	if (opts_has(&c->opts, "help")) {
		put_command_help(stdout, c->cmd);
		*helped = true;
		return XT_OK;
	}
	rc = set_common(c, err);
	if (rc == XT_OK)
		rc = open_case(c, err);
	/* A crawl shows more than that; a picture that goes to a terminal is in the way. */
	if (rc == XT_OK && !c->cmd->crawls &&
	    !(c->cmd->prints_file && isatty(STDOUT_FILENO) == 1))
		say_busy(c->cmd->name);
	if (rc == XT_OK)
		rc = c->cmd->run(c, err);
	say_idle();
	return rc;
}

static int finish(struct cli *c, enum xt_status rc, struct xt_err *err)
{
	struct xt_err why;
	say_clear();
	store_close(c->store);
	const enum xt_status shown = page_end(c, &why);
	if (shown != XT_OK && rc == XT_OK) {
		rc = shown;
		*err = why;
	}
	if (rc != XT_OK) {
		say(XT_LOG_ERROR, "%s", err->text);
		if (rc == XT_E_USAGE)
			(void)fprintf(stderr, "Try `xemtrace %s%s--help`.\n",
				      c->cmd != NULL ? c->cmd->name : "",
				      c->cmd != NULL ? " " : "");
	}
	opts_release(&c->opts);
	for (size_t i = 0; i < c->warnings.n; i++) {
		free(c->warnings.codes[i]);
		free(c->warnings.texts[i]);
	}
	free(c->warnings.codes);
	free(c->warnings.texts);
	/* A full disk or a closed pipe behind stdout must not look like success. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		say(XT_LOG_ERROR, "standard output: write error");
		return EXIT_FAILED;
	}
	return (int)cli_exit_of(rc);
}

/* What stands in front of the command is moved behind it, where the parser sees it. */
static int find_name(int argc, char **argv)
{
	int i = 1;
	while (i < argc && argv[i][0] == '-') {
		bool takes = false;
		for (const struct opt *o = cli_common_options; o->name != NULL; o++)
			takes = takes || (o->arg != NULL && argv[i][1] == '-' &&
					  strcmp(argv[i] + 2, o->name) == 0);
		i += takes ? 2 : 1;
	}
	return i;
}

int main(int argc, char **argv)
{
	struct cli c = { 0 };
	struct xt_err err = { 0 };
	bool helped = false;

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	c.sink = say_sink();
	xt_buf_init(&c.screen, SIZE_MAX / 4);
	c.case_path = getenv("XEMTRACE_CASE");
	if (c.case_path == NULL || c.case_path[0] == '\0')
		c.case_path = "case.xemtrace";
	int at = find_name(argc, argv);
	const char *name = at < argc ? argv[at] : NULL;
	bool wants_help = false;
	for (int i = 1; i < at && i < argc; i++) {
		if (strcmp(argv[i], "--version") == 0) {
			(void)printf("xemtrace %s\n", xt_version());
			return finish(&c, XT_OK, &err);
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			wants_help = true;
	}
	if (name != NULL && strcmp(name, "help") == 0) {
		wants_help = true;
		name = at + 1 < argc ? argv[at + 1] : NULL;
	}
	if (name == NULL) {
		put_overview(wants_help ? stdout : stderr);
		return wants_help ? finish(&c, XT_OK, &err) : EXIT_USAGE;
	}
	c.cmd = find_command(name);
	if (c.cmd == NULL) {
		(void)xt_fail(&err, XT_E_USAGE, "unknown command \"%s\"", name);
		return finish(&c, XT_E_USAGE, &err);
	}
	if (wants_help) {
		put_command_help(stdout, c.cmd);
		return finish(&c, XT_OK, &err);
	}
	/* [program, options before, name, rest] -> [name, options before, rest] */
	argv[0] = argv[at];
	memmove(&argv[at], &argv[at + 1], (size_t)(argc - at) * sizeof(*argv));
	enum xt_status rc = run_command(&c, argc - 1, argv, &helped, &err);
	return finish(&c, rc, &err);
}
