/* completion: shell completion and the manual's pages, from the same tables as --help.
 */
#include "cmd.h"

#include <string.h>

#include <xemtrace/taint.h>

static const struct opt options[] = { { 0 } };

static const struct cmd *find(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* The words that an option takes, if they are few. */
static bool put_choices(FILE *f, const char *option, const char *cmd,
			const char *before, const char *after)
{
	static const struct {
		const char *cmd, *option, *words; /* cmd NULL: of every other */
	} few[] = {
		{ "graph", "format",
		  "dot svg png pdf csv json jsonl graphml gexf neo4j" },
		{ NULL, "format", "text json jsonl csv" },
		{ NULL, "color", "auto always never" },
		{ NULL, "fees", "carry absorb" },
		{ NULL, "lang", "en ja" },
	};
	if (strcmp(option, "policy") == 0) {
		(void)fputs(before, f);
		for (size_t i = 0; taint_policies[i] != NULL; i++)
			(void)fprintf(f, "%s%s", i > 0 ? " " : "",
				      taint_policies[i]->name);
		(void)fputs(after, f);
		return true;
	}
	for (size_t i = 0; i < XT_ARRAY_SIZE(few); i++) {
		if (strcmp(few[i].option, option) != 0 ||
		    (few[i].cmd != NULL &&
		     (cmd == NULL || strcmp(few[i].cmd, cmd) != 0)))
			continue;
		(void)fprintf(f, "%s%s%s", before, few[i].words, after);
		return true;
	}
	return false;
}

/* own: options of the command, which stand in the place of common ones; or NULL. */
static void put_words(FILE *f, const struct opt *t, const struct opt *own)
{
	for (; t != NULL && t->name != NULL; t++) {
		if (opts_named(own, t->name))
			continue;
		(void)fprintf(f, " --%s", t->name);
		if (t->letter != 0)
			(void)fprintf(f, " -%c", t->letter);
	}
}

/* ---- bash --------------------------------------------------------------------------
 */

static void put_bash_choices(FILE *f, const char *option, const char *cmd)
{
	(void)put_choices(f, option, cmd, "mapfile -t COMPREPLY < <(compgen -W \"",
			  cmd == NULL && strcmp(option, "format") != 0
			      ? "\" -- \"$cur\"); return ;;\n"
			      : "\" -- \"$cur\"); return\n");
}

static void put_bash(FILE *f)
{
	(void)fprintf(f, "# bash completion of xemtrace: xemtrace completion bash\n"
			 "_xemtrace() {\n"
			 "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS"
			 "[COMP_CWORD-1]} cmd= w\n"
			 "\tCOMPREPLY=()\n"
			 "\tcase $prev in\n"
			 "\t--policy | -p) ");
	put_bash_choices(f, "policy", NULL);
	(void)fputs("\t--color) ", f);
	put_bash_choices(f, "color", NULL);
	(void)fputs("\t--fees) ", f);
	put_bash_choices(f, "fees", NULL);
	(void)fputs("\t--lang) ", f);
	put_bash_choices(f, "lang", NULL);
	(void)fputs(
	    "\t--format)\n"
	    "\t\tif [[ \" ${COMP_WORDS[*]} \" == *\" graph \"* ]]; then\n\t\t\t",
	    f);
	put_bash_choices(f, "format", "graph");
	(void)fputs("\t\telse\n\t\t\t", f);
	put_bash_choices(f, "format", NULL);
	(void)fprintf(
	    f,
	    "\t\tfi ;;\n\t--output | -o | --case) mapfile -t COMPREPLY < <(compgen -f -- "
	    "\"$cur\"); return ;;\n"
	    "\tesac\n"
	    "\tfor w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
	    "\t\tcase $w in\n\t\t-*) ;;\n\t\t");
	for (size_t i = 0; commands[i] != NULL; i++)
		(void)fprintf(f, "%s%s", i > 0 ? " | " : "", commands[i]->name);
	(void)fprintf(f, ") cmd=$w; break ;;\n\t\tesac\n\tdone\n\tcase $cmd in\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		(void)fprintf(f, "\t%s) w=\"", commands[i]->name);
		put_words(f, commands[i]->options, NULL);
		put_words(f, cli_common_options, commands[i]->options);
		(void)fprintf(f, "\" ;;\n");
	}
	(void)fprintf(f, "\t*) w=\"");
	for (size_t i = 0; commands[i] != NULL; i++)
		(void)fprintf(f, "%s ", commands[i]->name);
	put_words(f, cli_common_options, NULL);
	(void)fprintf(f, " --version\" ;;\n\tesac\n"
			 "\tif [[ -n $cmd && $cur != -* ]]; then\n"
			 "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
			 "\telse\n"
			 "\t\tmapfile -t COMPREPLY < <(compgen -W \"$w\" -- \"$cur\")\n"
			 "\tfi\n}\n"
			 "complete -F _xemtrace xemtrace\n");
}

/* ---- zsh and fish -------------------------------------------------------------------
 */

/* Inside single quotes; zsh takes [ ] : and a backslash for itself. */
static void put_quoted(FILE *f, const char *s, bool zsh)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			(void)fputs(zsh ? "'\\''" : "\\'", f);
		else if (*s == '\\' || (zsh && strchr("[]:", *s) != NULL))
			(void)fprintf(f, "\\%c", *s);
		else
			(void)fputc(*s, f);
	}
}

static void put_zsh_options(FILE *f, const struct opt *t, const struct cmd *cmd,
			    const struct opt *own)
{
	for (; t != NULL && t->name != NULL; t++) {
		if (opts_named(own, t->name))
			continue;
		(void)fprintf(f, " \\\n\t\t\t'%s--%s%s[", t->repeats ? "*" : "",
			      t->name, t->arg != NULL ? "=" : "");
		put_quoted(f, t->help, true);
		(void)fputc(']', f);
		if (t->arg == NULL) {
			(void)fputc('\'', f);
			continue;
		}
		(void)fprintf(f, ":%s:", t->arg);
		if (!put_choices(f, t->name, cmd->name, "(", ")") &&
		    strstr(t->arg, "FILE") != NULL)
			(void)fputs("_files", f);
		(void)fputc('\'', f);
	}
}

static void put_zsh(FILE *f)
{
	(void)fprintf(f, "#compdef xemtrace\n"
			 "# zsh completion of xemtrace: xemtrace completion zsh\n"
			 "_xemtrace() {\n\tlocal -a commands\n\tcommands=(\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		(void)fprintf(f, "\t\t'%s:", commands[i]->name);
		put_quoted(f, commands[i]->summary, true);
		(void)fprintf(f, "'\n");
	}
	(void)fprintf(f, "\t)\n\tif (( CURRENT == 2 )); then\n"
			 "\t\t_describe command commands\n\t\treturn\n\tfi\n"
			 "\tlocal cmd=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n"
			 "\tcase $cmd in\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		(void)fprintf(f, "\t%s)\n\t\t_arguments", commands[i]->name);
		put_zsh_options(f, commands[i]->options, commands[i], NULL);
		put_zsh_options(f, cli_common_options, commands[i],
				commands[i]->options);
		(void)fprintf(f, " \\\n\t\t\t'*: :_files'\n\t\t;;\n");
	}
	(void)fprintf(f, "\tesac\n}\n_xemtrace \"$@\"\n");
}

/* A common option is not offered where a command has its own of that name. */
static void put_fish_others(FILE *f, const char *name)
{
	const char *before = " -n 'not __fish_seen_subcommand_from";
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (!opts_named(commands[i]->options, name))
			continue;
		(void)fprintf(f, "%s %s", before, commands[i]->name);
		before = "";
	}
	(void)fputs(before[0] == '\0' ? "'" : "", f);
}

static void put_fish_options(FILE *f, const struct opt *t, const char *cmd)
{
	for (; t != NULL && t->name != NULL; t++) {
		(void)fprintf(f, "complete -c xemtrace");
		if (cmd != NULL)
			(void)fprintf(f, " -n '__fish_seen_subcommand_from %s'", cmd);
		else
			put_fish_others(f, t->name);
		(void)fprintf(f, " -l %s", t->name);
		if (t->letter != 0)
			(void)fprintf(f, " -s %c", t->letter);
		if (t->arg != NULL)
			(void)fprintf(f, " -r");
		(void)put_choices(f, t->name, cmd, " -f -a '", "'");
		(void)fprintf(f, " -d '");
		put_quoted(f, t->help, false);
		(void)fprintf(f, "'\n");
	}
}

static void put_fish(FILE *f)
{
	(void)fprintf(f, "# fish completion of xemtrace: xemtrace completion fish\n");
	for (size_t i = 0; commands[i] != NULL; i++) {
		(void)fprintf(
		    f, "complete -c xemtrace -n __fish_use_subcommand -f -a %s -d '",
		    commands[i]->name);
		put_quoted(f, commands[i]->summary, false);
		(void)fprintf(f, "'\n");
		put_fish_options(f, commands[i]->options, commands[i]->name);
	}
	put_fish_options(f, cli_common_options, NULL);
}

/* ---- the manual, as scdoc reads it
 * ---------------------------------------------------- */

static void put_scd(FILE *f, const char *s)
{
	for (bool start = true; *s != '\0'; s++) {
		/* Lines of a description are wrapped again by the reader. */
		if (*s == '\n') {
			(void)fputs(s[1] == '\n' ? "\n" : "", f);
			(void)fputc('\n', f);
			s += s[1] == '\n';
			start = true;
			continue;
		}
		if (start && *s == ' ')
			continue;
		if (strchr("_*\\[]|<>#`+~", *s) != NULL || (start && *s == '-'))
			(void)fputc('\\', f);
		(void)fputc(*s, f);
		start = false;
	}
}

static void put_scd_options(FILE *f, const struct opt *t, const struct opt *own)
{
	for (; t != NULL && t->name != NULL; t++) {
		if (opts_named(own, t->name))
			continue;
		if (t->letter != 0)
			(void)fprintf(f, "*-%c*, ", t->letter);
		(void)fprintf(f, "*--");
		put_scd(f, t->name);
		(void)fprintf(f, "*");
		if (t->arg != NULL) {
			(void)fprintf(f, " _");
			put_scd(f, t->arg);
			(void)fprintf(f, "_");
		}
		(void)fprintf(f, "\n\t");
		put_scd(f, t->help);
		(void)fprintf(f, "\n\n");
	}
}

static void put_page(FILE *f, const struct cmd *cmd)
{
	(void)fprintf(f, "xemtrace-%s(1) \"xemtrace %s\"\n\n# NAME\n\n", cmd->name,
		      xt_version());
	(void)fprintf(f, "xemtrace-%s - ", cmd->name);
	put_scd(f, cmd->summary);
	(void)fprintf(f, "\n\n# SYNOPSIS\n\n*xemtrace %s* ", cmd->name);
	put_scd(f, cmd->synopsis);
	(void)fprintf(f, "\n\n# DESCRIPTION\n\n");
	put_scd(f, cmd->description);
	(void)fprintf(f, "\n\n# OPTIONS\n\n");
	put_scd_options(f, cmd->options, NULL);
	put_scd_options(f, cli_common_options, cmd->options);
	(void)fprintf(f, "# SEE ALSO\n\n*xemtrace*(1), *xemtrace-case*(5), "
			 "*xemtrace-output*(5), *xemtrace-policies*(7)\n");
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	const char *what;
	enum xt_status rc = cli_operands(c, 1, 2, err);

	if (rc != XT_OK)
		return rc;
	what = c->opts.operands[0];
	if (strcmp(what, "man") == 0 && c->opts.n_operands == 2) {
		const struct cmd *cmd = find(c->opts.operands[1]);
		if (cmd == NULL)
			return xt_fail(err, XT_E_USAGE, "unknown command \"%s\"",
				       c->opts.operands[1]);
		put_page(stdout, cmd);
		return XT_OK;
	}
	if (c->opts.n_operands != 1)
		return cli_operands(c, 1, 1, err);
	if (strcmp(what, "bash") == 0)
		put_bash(stdout);
	else if (strcmp(what, "zsh") == 0)
		put_zsh(stdout);
	else if (strcmp(what, "fish") == 0)
		put_fish(stdout);
	else if (strcmp(what, "commands") == 0)
		for (size_t i = 0; commands[i] != NULL; i++)
			(void)printf("%s\n", commands[i]->name);
	else
		return xt_fail(err, XT_E_USAGE,
			       "completion: \"%s\" is none of bash, zsh, fish, "
			       "commands, man",
			       what);
	return XT_OK;
}

const struct cmd cmd_completion = {
	.name = "completion",
	.synopsis = "bash | zsh | fish | commands | man COMMAND",
	.summary = "shell completion, and the manual's source",
	.description =
	    "Prints what a shell needs to complete commands and options:\n"
	    "`xemtrace completion bash > ~/.local/share/bash-completion/completions/xemtrace`.\n"
	    "`commands` lists the commands; `man COMMAND` prints its manual page for scdoc.\n"
	    "All of it is made from the tables that --help shows.",
	.options = options,
	.needs = CMD_NO_CASE,
	.run = run,
};
