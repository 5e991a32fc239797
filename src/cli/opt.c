#include "opt.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

bool opts_named(const struct opt *own, const char *name)
{
	for (; own != NULL && own->name != NULL; own++)
		if (strcmp(own->name, name) == 0)
			return true;
	return false;
}

static size_t add_table(struct opts *o, const struct opt *t, const struct opt *own)
{
	for (; t != NULL && t->name != NULL; t++) {
		if (opts_named(own, t->name))
			continue;
		assert(o->n_table < OPT_MAX);
		o->table[o->n_table++] = t;
	}
	return o->n_table;
}

/* getopt_long takes any unambiguous prefix; we do not. */
static bool spelled_in_full(const char *word, const char *name)
{
	size_t n = strlen(name);
	return strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, n) == 0 &&
	       (word[2 + n] == '\0' || word[2 + n] == '=');
}

static enum xt_status take(struct opts *o, size_t i, const char *value,
			   struct xt_err *err)
{
	const struct opt *opt = o->table[i];
	if (!opt->repeats && opts_has(o, opt->name))
		return xt_fail(err, XT_E_USAGE, "--%s is given twice", opt->name);
	/* Words go into the case and into every output; names of files are bytes. */
	if (opt->arg != NULL &&
	    (strcmp(opt->arg, "TEXT") == 0 || strcmp(opt->arg, "NAME") == 0) &&
	    !xt_utf8_valid((const uint8_t *)value, strlen(value)))
		return xt_fail(err, XT_E_USAGE, "--%s: \"%.200s\" is not UTF-8",
			       opt->name, value);
	o->given[o->n_given].opt = opt;
	o->given[o->n_given].value = value != NULL ? value : "";
	o->n_given++;
	return XT_OK;
}

static void make_getopt(const struct opts *o, struct option *longs, char *shorts)
{
	size_t s = 0;
	shorts[s++] = ':';
	for (size_t i = 0; i < o->n_table; i++) {
		const struct opt *t = o->table[i];
		longs[i] = (struct option){ .name = t->name,
					    .has_arg = t->arg != NULL,
					    .flag = NULL,
					    .val = 256 + (int)i };
		if (t->letter != 0) {
			shorts[s++] = t->letter;
			if (t->arg != NULL)
				shorts[s++] = ':';
		}
	}
	shorts[s] = '\0';
	longs[o->n_table] = (struct option){ 0 };
}

static enum xt_status one(struct opts *o, int c, char **argv, struct xt_err *err)
{
	const char *word = argv[optind - 1];
	if (c == '?' || c == ':') {
		if (c == ':')
			return xt_fail(err, XT_E_USAGE, "%s needs a value", word);
		if (strncmp(word, "--", 2) == 0 && strchr(word, '=') != NULL &&
		    optopt != 0)
			return xt_fail(err, XT_E_USAGE, "%s takes no value", word);
		if (optopt > 0 && optopt < 256)
			return xt_fail(err, XT_E_USAGE, "unknown option -%c", optopt);
		return xt_fail(err, XT_E_USAGE, "unknown option %s", word);
	}
	if (c < 256) {
		for (size_t i = 0; i < o->n_table; i++)
			if (o->table[i]->letter == (char)c)
				return take(o, i, optarg, err);
		return xt_fail(err, XT_E_USAGE, "unknown option -%c", c);
	}
	size_t i = (size_t)(c - 256);
	if (!spelled_in_full(word, o->table[i]->name) &&
	    !(optind >= 2 && spelled_in_full(argv[optind - 2], o->table[i]->name)))
		return xt_fail(err, XT_E_USAGE,
			       "unknown option %s (write --%s in full)", word,
			       o->table[i]->name);
	return take(o, i, optarg, err);
}

enum xt_status opts_parse(struct opts *o, const struct opt *common,
			  const struct opt *own, int argc, char **argv,
			  struct xt_err *err)
{
	struct option longs[OPT_MAX + 1];
	char shorts[2 * OPT_MAX + 2];
	enum xt_status rc = XT_OK;

	memset(o, 0, sizeof(*o));
	add_table(o, own, NULL);
	add_table(o, common, own);
	o->given = xt_calloc((size_t)argc + 1, sizeof(*o->given));
	if (o->given == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory");
	make_getopt(o, longs, shorts);
	optind = 0;
	opterr = 0;
	int c;
	while (rc == XT_OK && (c = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
		rc = one(o, c, argv, err);
	o->operands = argv + optind;
	o->n_operands = argc - optind;
	return rc;
}

void opts_release(struct opts *o)
{
	free(o->given);
	memset(o, 0, sizeof(*o));
}

/* A name that no table has is a mistake in our own code. */
static void assert_known(const struct opts *o, const char *name)
{
	for (size_t i = 0; i < o->n_table; i++)
		if (strcmp(o->table[i]->name, name) == 0)
			return;
	fprintf(stderr, "option %s is in no table\n", name);
	abort();
}

const char *opts_nth(const struct opts *o, const char *name, size_t n)
{
	for (size_t i = 0; i < o->n_given; i++)
		if (strcmp(o->given[i].opt->name, name) == 0 && n-- == 0)
			return o->given[i].value;
	return NULL;
}

bool opts_has(const struct opts *o, const char *name)
{
	assert_known(o, name);
	return opts_nth(o, name, 0) != NULL;
}

const char *opts_str(const struct opts *o, const char *name)
{
	assert_known(o, name);
	const char *last = NULL;
	for (size_t i = 0; i < o->n_given; i++)
		if (strcmp(o->given[i].opt->name, name) == 0)
			last = o->given[i].value;
	return last;
}

enum xt_status opts_u64(const struct opts *o, const char *name, uint64_t *out,
			uint64_t def, uint64_t max, struct xt_err *err)
{
	const char *s = opts_str(o, name);
	if (s == NULL) {
		*out = def;
		return XT_OK;
	}
	struct xt_err why;
	if (xt_parse_u64(out, s, max, &why) != XT_OK)
		return xt_fail(err, XT_E_USAGE, "--%s: %s", name, why.text);
	return XT_OK;
}

static void put_wrapped(FILE *f, const char *text, int indent, int width)
{
	int col = indent;
	while (*text != '\0') {
		size_t n = strcspn(text, " ");
		if (col > indent && col + 1 + (int)n > width) {
			(void)fprintf(f, "\n%*s", indent, "");
			col = indent;
		} else if (col > indent) {
			(void)fputc(' ', f);
			col++;
		}
		(void)fprintf(f, "%.*s", (int)n, text);
		col += (int)n;
		text += n;
		while (*text == ' ')
			text++;
	}
	(void)fputc('\n', f);
}

void opts_help(FILE *f, const struct opt *table, const struct opt *own)
{
	for (const struct opt *t = table; t != NULL && t->name != NULL; t++) {
		if (opts_named(own, t->name))
			continue;
		char left[64];
		int n = snprintf(
		    left, sizeof(left), "  %c%c%c --%s%s%s", t->letter != 0 ? '-' : ' ',
		    t->letter != 0 ? t->letter : ' ', t->letter != 0 ? ',' : ' ',
		    t->name, t->arg != NULL ? " " : "", t->arg != NULL ? t->arg : "");
		if (n > 27)
			(void)fprintf(f, "%s\n%28s", left, "");
		else
			(void)fprintf(f, "%-28s", left);
		put_wrapped(f, t->help, 28, 84);
	}
}
