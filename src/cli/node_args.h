/* node_args: which nodes a command is to ask, and how it reaches them. */
#ifndef CLI_NODE_ARGS_H
#define CLI_NODE_ARGS_H

#include "cmd.h"

#include <xemtrace/nis.h>

#define NODE_OPTIONS                                                                    \
	{ "node", 'N', "URL",                                                           \
	  "a NIS1 node, http://HOST:7890, or its name in the file of nodes; may be "    \
	  "repeated",                                                                   \
	  true },                                                                       \
	    { "nodes", 0, "FILE",                                                       \
	      "nodes, a line each: URL and perhaps a name (default without --node: "    \
	      "xemtrace/nodes in $XDG_CONFIG_HOME, else in ~/.config)",                 \
	      false },                                                                  \
	{                                                                               \
		"proxy", 0, "URL",                                                      \
		    "ask through this proxy, http://HOST:PORT or socks5h://HOST:PORT; " \
		    "one of the environment is never used",                             \
		    false                                                               \
	}

struct node_args {
	const char **url; /* what crawl_options and nis_survey_options take */
	size_t n;
	/* Of these members: */
	struct nis_file *file;
	char (*own)[256];
};
/* `operands`: URLs and names that stand there instead of --node. They, --node and
 * --nodes add up; the user's own file counts when none of them is given. XT_E_USAGE if
 * there is no node at all. */
enum xt_status node_args_read(struct cli *c, struct node_args *out, bool operands,
			      struct xt_err *err) XT_CHECKED;
void node_args_release(struct node_args *a);
/* --proxy, NULL if it is not given. XT_E_USAGE. */
enum xt_status node_args_proxy(const struct cli *c, const char **out,
			       struct xt_err *err) XT_CHECKED;
/* A file of nodes; XT_E_NOTFOUND: there is none. */
enum xt_status node_file_read(struct nis_file *out, const char *path,
			      struct xt_err *err) XT_CHECKED;

#endif
