/* What the files of label share. */
#ifndef XT_LABEL_INTERNAL_H
#define XT_LABEL_INTERNAL_H

#include <xemtrace/label.h>

/* The fields of a label, as texts. */
enum label_field {
	LABEL_ADDRESS,
	LABEL_LABEL,
	LABEL_CATEGORY,
	LABEL_SOURCE,
	LABEL_CONFIDENCE,
	LABEL_ACTOR,
	LABEL_CONCEPTS,
	LABEL_ABUSE,
	LABEL_LASTMOD,
	LABEL_CONTEXT,
	LABEL_NETWORK,
	LABEL_CURRENCY,
	LABEL_FIELDS
};
extern const char *const label_field_name[LABEL_FIELDS];

/* One tag of a file, before anything is believed. NULL or "": not given. */
struct label_text {
	uint64_t line;
	const char *v[LABEL_FIELDS];
};

/* A file under way. */
struct label_file {
	const char *path;
	const char *pack;
	struct store *s;
	const struct xt_sink *sink;
	struct xt_map *seen; /* address, label, source: line */
	struct label_report rep;
	bool need_source;
	int64_t time;             /* of the import, for the history */
	enum nem_network network; /* that addresses must be of */
};

enum xt_status label_begin(struct label_file *f, struct store *s, const char *path,
			   const struct xt_sink *sink, struct xt_err *err) XT_CHECKED;
/* Check one tag and store it; a bad one is told, counted, and XT_OK. */
enum xt_status label_put(struct label_file *f, const struct label_text *t,
			 struct xt_err *err) XT_CHECKED;
/* Commit if rc is XT_OK, else roll back; hand out the report. */
enum xt_status label_end(struct label_file *f, struct label_report *out,
			 enum xt_status rc, struct xt_err *err) XT_CHECKED;
/* Tell of a tag that is refused. */
void label_refuse(struct label_file *f, uint64_t line, const char *why);

/* ---- nested.c: a mapping or list as one line of JSON --------------------------- */

#define LABEL_NESTED_DEPTH 16
struct label_nested {
	struct xt_buf b;
	size_t depth; /* open brackets */
	bool is_map[LABEL_NESTED_DEPTH];
	size_t count[LABEL_NESTED_DEPTH]; /* values in it so far, keys too */
};
void label_nested_begin(struct label_nested *n);
void label_nested_release(struct label_nested *n);
/* plain: not in quotes, so that a number is one. XT_E_LIMIT: longer than 4 KB. */
enum xt_status label_nested_scalar(struct label_nested *n, const char *text, bool plain,
				   struct xt_err *err) XT_CHECKED;
enum xt_status label_nested_open(struct label_nested *n, bool map,
				 struct xt_err *err) XT_CHECKED;
enum xt_status label_nested_close(struct label_nested *n, bool *done,
				  struct xt_err *err) XT_CHECKED;

/* Level of a confidence id of the TagPack scale, or of a number. False: none. */
bool label_confidence(uint32_t *level, char name[48], const char *text);

#endif
