/* Labels out of the case as a TagPack. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A YAML scalar in double quotes: what a YAML file may not hold, and what nobody would see,
 * is escaped, so that any text comes back as it was. */
static void put_scalar(FILE *f, const char *text)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t left = strlen(text);

	(void)fputc('"', f);
	while (left > 0) {
		size_t n;
		const uint32_t cp = xt_utf8_next(&n, p, left);

		if (cp == '"' || cp == '\\')
			(void)fprintf(f, "\\%c", (int)cp);
		else if (cp == 0xFFFD || (xt_utf8_is_hostile(cp) && cp < 0x10000))
			(void)fprintf(f, cp < 0x100 ? "\\x%02X" : "\\u%04X",
				      (unsigned)cp);
		else if (xt_utf8_is_hostile(cp))
			(void)fprintf(f, "\\U%08X", (unsigned)cp);
		else
			(void)fwrite(p, 1, n, f);
		p += n;
		left -= n;
	}
	(void)fputs("\"\n", f);
}

static void put_field(FILE *f, const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	(void)fprintf(f, "  %s: ", name);
	put_scalar(f, text);
}

/* The case keeps a list as one text. */
static void put_concepts(FILE *f, const char *text)
{
	const size_t len = strlen(text);

	/* What is no list comes back as it is. */
	if (len < 3 || strncmp(text, ", ", 2) == 0 || strstr(text, ", , ") != NULL ||
	    strcmp(text + len - 2, ", ") == 0) {
		put_field(f, label_field_name[LABEL_CONCEPTS], text);
		return;
	}
	(void)fputs("  concepts:\n", f);
	while (*text != '\0') {
		const char *end = strstr(text, ", ");
		const size_t n = end != NULL ? (size_t)(end - text) : strlen(text);
		char one[sizeof(((struct store_label *)0)->concepts)];

		memcpy(one, text, n);
		one[n] = '\0';
		(void)fputs("  - ", f);
		put_scalar(f, one);
		text += n + (end != NULL ? 2 : 0);
	}
}

struct writing {
	FILE *f;
	bool all;
	uint64_t n;
};

static bool put_label(void *ctx, const struct store_label *l)
{
	struct writing *w = ctx;
	char confidence[48];

	if (!l->own && !w->all)
		return true;
	w->n++;
	(void)snprintf(confidence, sizeof(confidence), "%u", l->confidence);
	(void)fputs("- address: ", w->f);
	put_scalar(w->f, l->party.s);
	put_field(w->f, label_field_name[LABEL_LABEL], l->label);
	put_field(w->f, label_field_name[LABEL_CATEGORY], l->category);
	/* A TagPack needs a source; the case lets an analyst leave it out. */
	put_field(w->f, label_field_name[LABEL_SOURCE],
		  l->source[0] != '\0' ? l->source : "unknown");
	put_field(w->f, label_field_name[LABEL_CONFIDENCE],
		  l->confidence_name[0] != '\0' ? l->confidence_name : confidence);
	put_field(w->f, label_field_name[LABEL_ACTOR], l->actor);
	put_field(w->f, label_field_name[LABEL_ABUSE], l->abuse);
	put_concepts(w->f, l->concepts);
	put_field(w->f, label_field_name[LABEL_LASTMOD], l->lastmod);
	put_field(w->f, label_field_name[LABEL_CONTEXT], l->context);
	put_field(w->f, label_field_name[LABEL_NETWORK], l->network);
	put_field(w->f, label_field_name[LABEL_CURRENCY], l->currency);
	return true;
}

enum xt_status label_export(uint64_t *n, struct store *s, FILE *f, bool all,
			    struct xt_err *err)
{
	struct writing w = { .f = f, .all = all };
	enum xt_status rc;

	(void)fputs("title: Labels of a case\ncreator: xemtrace\n"
		    "description: Labels of accounts on the NEM (NIS1) main network\n"
		    "is_public: false\ntags:\n",
		    f);
	rc = store_each_label(s, put_label, &w, err);
	if (rc == XT_OK && ferror(f) != 0)
		rc = xt_fail(err, XT_E_IO, "labels: write error: %s", strerror(errno));
	if (rc == XT_OK && w.n == 0)
		rc = xt_fail(err, XT_E_NOTFOUND, "there is no label to export%s",
			     all ? "" : " (the imported ones go with --all)");
	if (rc == XT_OK)
		*n = w.n;
	return rc;
}

bool label_confidence_of(uint32_t *level, char name[48], const char *text)
{
	return label_confidence(level, name, text);
}
