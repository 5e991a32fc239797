/* opt: one option table a command, which parses the command line and prints the help,
 * so that the two cannot differ. getopt_long does the splitting; long options must be
 * spelled in full, so that adding one never changes an old command's meaning. */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <xemtrace/base.h>

struct opt {
	const char *name; /* long option, without dashes */
	char letter;      /* short form, 0 if none */
	const char *arg;  /* what it takes ("FILE"), NULL for a flag */
	const char *help;
	bool repeats; /* may be given several times */
};

#define OPT_MAX 48 /* options of one command, with the common ones */

struct opts {
	const struct opt *table[OPT_MAX];
	size_t n_table;
	/* given values, in order */
	struct {
		const struct opt *opt;
		const char *value;
	} * given;
	size_t n_given;
	char **operands;
	int n_operands;
};

/* argv[0] is the command's name. XT_E_USAGE names the option. Options may stand before
 * or after operands; "--" ends them. Release with opts_release(). */
enum xt_status opts_parse(struct opts *o, const struct opt *common,
			  const struct opt *own, int argc, char **argv,
			  struct xt_err *err) XT_CHECKED;
void opts_release(struct opts *o);

bool opts_has(const struct opts *o, const char *name);
/* Last value given, or NULL. */
const char *opts_str(const struct opts *o, const char *name);
/* The n-th value given, from 0, or NULL. */
const char *opts_nth(const struct opts *o, const char *name, size_t n);
/* Strict number, `def` if not given. */
enum xt_status opts_u64(const struct opts *o, const char *name, uint64_t *out,
			uint64_t def, uint64_t max, struct xt_err *err) XT_CHECKED;

/* Whether a table has this name. A command's own option stands in the place of a common one
 * of the same name. own may be NULL. */
bool opts_named(const struct opt *own, const char *name);
/* "  -n, --limit N    text", aligned and wrapped. Tables end with a zeroed entry. What `own`
 * names is left out. */
void opts_help(FILE *f, const struct opt *table, const struct opt *own);

#endif
