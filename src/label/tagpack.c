#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <yaml.h>

/* Bytes of a TagPack, and depth of its YAML: the largest public one has 30 MB, and a
 * real one is a mapping of a list of mappings of lists. */
#define MAX_BYTES (64 << 20)
#define MAX_DEPTH 16

/* Fields of the TagPack schema that a case has no use for. */
static const char *const unused[] = {
	"title",    "creator",   "description",
	"owner",    "is_public", "is_cluster_definer",
	"tag_type", "tx_hash",   "uri",
	"tags",
};

/* The texts of one mapping: the header or a tag. */
struct texts {
	uint64_t line;
	char *v[LABEL_FIELDS];
	char bad[100]; /* what makes this tag unusable; "" nothing */
};

/* The pack as it is read: one event at a time, no recursion. */
struct pack {
	const char *path;
	const struct xt_sink *sink;
	struct texts header;
	struct texts *tag;
	size_t n_tags, cap_tags;
	size_t depth;
	enum { IN_NOTHING, IN_HEADER, IN_TAGS, IN_TAG } place;
	int field;       /* that the next value belongs to; -1 none */
	bool want_value; /* a key was read */
	size_t skip;     /* depth of something that is not ours, 0 none */
	bool listing;    /* inside the list of a field (concepts) */
	bool nesting;    /* inside the mapping or list of a context */
	struct label_nested nested;
	bool tags_next, has_tags, twice;
};

static void texts_release(struct texts *t)
{
	for (size_t i = 0; i < LABEL_FIELDS; i++)
		free(t->v[i]);
}

static void pack_release(struct pack *p)
{
	label_nested_release(&p->nested);
	texts_release(&p->header);
	for (size_t i = 0; i < p->n_tags; i++)
		texts_release(&p->tag[i]);
	free(p->tag);
}

static uint64_t line_of(const yaml_event_t *e)
{
	return e->start_mark.line + 1;
}

static enum xt_status fail(const struct pack *p, const yaml_event_t *e,
			   struct xt_err *err, const char *why)
{
	return xt_fail(err, XT_E_DATA, "%s:%llu: %s", p->path,
		       (unsigned long long)line_of(e), why);
}

/* What is wrong with one tag costs that tag; with the header, the pack. */
static enum xt_status spoilt(struct pack *p, const yaml_event_t *e, struct xt_err *err,
			     const char *why)
{
	if (p->place == IN_HEADER)
		return fail(p, e, err, why);
	snprintf(p->tag[p->n_tags - 1].bad, sizeof(p->tag->bad), "%s", why);
	return XT_OK;
}

static struct texts *current(struct pack *p)
{
	return p->place == IN_TAG ? &p->tag[p->n_tags - 1] : &p->header;
}

static int field_of(const char *key)
{
	for (int i = 0; i < LABEL_FIELDS; i++)
		if (strcmp(key, label_field_name[i]) == 0)
			return i;
	return -1;
}

static void read_key(struct pack *p, const yaml_event_t *e, const char *key)
{
	bool known = false;
	p->want_value = true;
	p->field = field_of(key);
	p->tags_next = p->place == IN_HEADER && strcmp(key, "tags") == 0;
	for (size_t i = 0; i < XT_ARRAY_SIZE(unused); i++)
		known |= strcmp(key, unused[i]) == 0;
	if (p->field < 0 && !known)
		xt_log(p->sink, XT_LOG_WARN,
		       "%s:%llu: %.60s: no field of a TagPack, ignored", p->path,
		       (unsigned long long)line_of(e), key);
}

/* A value of the field under way; those of a list are joined by commas. */
static enum xt_status read_value(struct pack *p, const yaml_event_t *e,
				 struct xt_err *err)
{
	const char *text = (const char *)e->data.scalar.value;
	const size_t len = e->data.scalar.length;
	struct texts *t = current(p);
	if (p->field < 0)
		return XT_OK;
	if (strlen(text) != len)
		return spoilt(p, e, err, "NUL character in a text");
	char **slot = &t->v[p->field];
	if (*slot && !p->listing) {
		char why[96];
		snprintf(why, sizeof(why), "%s: stands there twice",
			 label_field_name[p->field]);
		return spoilt(p, e, err, why);
	}
	const size_t have = *slot ? strlen(*slot) : 0;
	char *joined = xt_reallocarray(*slot, have + len + 3, 1);
	if (!joined)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", p->path);
	if (have) {
		joined[have] = ',';
		joined[have + 1] = ' ';
	}
	memcpy(joined + have + (have ? 2 : 0), text, len + 1);
	*slot = joined;
	return XT_OK;
}

static enum xt_status new_tag(struct pack *p, const yaml_event_t *e, struct xt_err *err)
{
	if (p->n_tags == p->cap_tags) {
		const size_t cap = p->cap_tags ? 2 * p->cap_tags : 64;
		struct texts *v = xt_reallocarray(p->tag, cap, sizeof(*v));
		if (!v)
			return xt_fail(err, XT_E_NOMEM, "%s: out of memory", p->path);
		p->tag = v;
		p->cap_tags = cap;
	}
	memset(&p->tag[p->n_tags], 0, sizeof(*p->tag));
	p->tag[p->n_tags++].line = line_of(e);
	p->place = IN_TAG;
	p->want_value = false;
	return XT_OK;
}

/* An entry of the list that is no tag at all. */
static enum xt_status odd_entry(struct pack *p, const yaml_event_t *e,
				struct xt_err *err)
{
	enum xt_status rc = new_tag(p, e, err);
	if (rc == XT_OK)
		rc = spoilt(p, e, err, "an entry of tags that is not a mapping");
	p->place = IN_TAGS;
	return rc;
}

static enum xt_status on_scalar(struct pack *p, const yaml_event_t *e,
				struct xt_err *err)
{
	const char *text = (const char *)e->data.scalar.value;
	enum xt_status rc;
	if (p->skip)
		return XT_OK;
	switch (p->place) {
	case IN_NOTHING:
		return fail(p, e, err,
			    "not a TagPack: a mapping with title, creator, tags");
	case IN_TAGS:
		return odd_entry(p, e, err);
	case IN_HEADER:
	case IN_TAG:
		break;
	}
	if (p->listing)
		return read_value(p, e, err);
	if (!p->want_value) {
		read_key(p, e, text);
		return XT_OK;
	}
	if (p->tags_next) {
		/* "tags:" with nothing behind it is an empty list. */
		p->tags_next = false;
		p->want_value = false;
		p->has_tags = true;
		return text[0] == '\0' ? XT_OK : fail(p, e, err, "tags: not a list");
	}
	rc = read_value(p, e, err);
	p->want_value = false;
	return rc;
}

static enum xt_status nest_begin(struct pack *p, const yaml_event_t *e,
				 struct xt_err *err)
{
	if (current(p)->v[p->field] != NULL) {
		p->skip = p->depth;
		return spoilt(p, e, err, "context: stands there twice");
	}
	p->nesting = true;
	label_nested_begin(&p->nested);
	return label_nested_open(&p->nested, e->type == YAML_MAPPING_START_EVENT, err);
}

static enum xt_status on_start(struct pack *p, const yaml_event_t *e,
			       struct xt_err *err)
{
	const bool map = e->type == YAML_MAPPING_START_EVENT;
	if (++p->depth > MAX_DEPTH)
		return fail(p, e, err, "nested too deeply");
	if (p->skip)
		return XT_OK;
	if (p->place == IN_NOTHING) {
		if (!map)
			return fail(
			    p, e, err,
			    "not a TagPack: a mapping with title, creator, tags");
		p->place = IN_HEADER;
		p->header.line = line_of(e);
		return XT_OK;
	}
	if (p->place == IN_TAGS && map)
		return new_tag(p, e, err);
	if (p->place == IN_TAGS) {
		p->skip = p->depth;
		return odd_entry(p, e, err);
	}
	if (!p->want_value)
		return fail(p, e, err, "a key that is not a text");
	if (p->tags_next) {
		if (map)
			return fail(p, e, err, "tags: not a list");
		p->tags_next = false;
		p->has_tags = true;
		p->place = IN_TAGS;
		return XT_OK;
	}
	if (!map && p->field == LABEL_CONCEPTS && !p->listing) {
		p->listing = true;
		return XT_OK;
	}
	if (p->field == LABEL_CONTEXT && !p->listing)
		return nest_begin(p, e, err);
	p->skip = p->depth;
	return p->field < 0
		   ? XT_OK
		   : spoilt(p, e, err, "a list or mapping where a text belongs");
}

static void on_end(struct pack *p)
{
	const size_t depth = p->depth--;
	if (p->skip) {
		if (p->skip == depth) {
			p->skip = 0;
			p->want_value &= p->listing;
		}
		return;
	}
	if (p->listing) {
		p->listing = false;
		p->want_value = false;
	} else if (p->place == IN_TAG) {
		p->place = IN_TAGS;
	} else if (p->place == IN_TAGS) {
		p->place = IN_HEADER;
		p->want_value = false;
	} else {
		p->place = IN_NOTHING;
	}
}

/* ---- contexts that are a mapping or a list ------------------------------------------- */

/* One event inside; the last bracket makes it the text of the field. */
static enum xt_status nest(struct pack *p, const yaml_event_t *e, struct xt_err *err)
{
	struct xt_err why;
	bool done = false;
	enum xt_status rc = XT_OK;
	if (e->type == YAML_SCALAR_EVENT) {
		rc = label_nested_scalar(
		    &p->nested, (const char *)e->data.scalar.value,
		    e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE, &why);
	} else if (e->type == YAML_MAPPING_START_EVENT ||
		   e->type == YAML_SEQUENCE_START_EVENT) {
		p->depth++;
		rc = label_nested_open(&p->nested, e->type == YAML_MAPPING_START_EVENT,
				       &why);
	} else if (e->type == YAML_ALIAS_EVENT) {
		return fail(p, e, err, "aliases are not read");
	} else {
		rc = label_nested_close(&p->nested, &done, &why);
		p->depth--;
	}
	if (rc != XT_OK)
		return fail(p, e, err, why.text);
	if (!done)
		return XT_OK;
	current(p)->v[p->field] = xt_strdup(xt_buf_str(&p->nested.b));
	label_nested_release(&p->nested);
	p->nesting = false;
	p->want_value = false;
	return current(p)->v[p->field] != NULL
		   ? XT_OK
		   : xt_fail(err, XT_E_NOMEM, "%s: out of memory", p->path);
}

static enum xt_status on_event(struct pack *p, const yaml_event_t *e,
			       struct xt_err *err)
{
	if (p->nesting)
		return nest(p, e, err);
	switch (e->type) {
	case YAML_ALIAS_EVENT:
		return fail(p, e, err, "aliases are not read");
	case YAML_SCALAR_EVENT:
		return on_scalar(p, e, err);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return on_start(p, e, err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		on_end(p);
		return XT_OK;
	case YAML_DOCUMENT_START_EVENT:
		if (p->twice)
			return fail(p, e, err, "more than one document");
		p->twice = true;
		return XT_OK;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return XT_OK;
	}
	return XT_OK;
}

static enum xt_status parse(struct pack *p, FILE *in, struct xt_err *err)
{
	yaml_parser_t y;
	yaml_event_t e;
	bool end = false;
	enum xt_status rc = XT_OK;
	if (!yaml_parser_initialize(&y))
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", p->path);
	yaml_parser_set_input_file(&y, in);
	while (rc == XT_OK && !end) {
		if (!yaml_parser_parse(&y, &e)) {
			rc = xt_fail(
			    err, y.error == YAML_MEMORY_ERROR ? XT_E_NOMEM : XT_E_DATA,
			    "%s:%zu: not YAML: %s", p->path,
			    (y.error == YAML_READER_ERROR ? y.mark.line
							  : y.problem_mark.line) +
				1,
			    y.problem ? y.problem : "cannot be read");
			break;
		}
		end = e.type == YAML_STREAM_END_EVENT;
		rc = on_event(p, &e, err);
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&y);
	if (rc == XT_OK && !p->has_tags)
		rc = xt_fail(err, XT_E_DATA, "%s: not a TagPack: no tags", p->path);
	else if (rc == XT_OK && p->n_tags == 0)
		rc = xt_fail(err, XT_E_DATA, "%s: a TagPack without a tag", p->path);
	return rc;
}

static const char *inherited(const struct pack *p, const struct texts *t, int field)
{
	return t->v[field] ? t->v[field] : p->header.v[field];
}

static enum xt_status put_tags(struct label_file *f, const struct pack *p,
			       struct xt_err *err)
{
	for (size_t i = 0; i < p->n_tags; i++) {
		const struct texts *tag = &p->tag[i];
		struct label_text t = { .line = tag->line };
		char first[64];
		if (tag->bad[0]) {
			label_refuse(f, t.line, tag->bad);
			continue;
		}
		for (int k = 0; k < LABEL_FIELDS; k++)
			t.v[k] = inherited(p, tag, k);
		if (!t.v[LABEL_CATEGORY]) {
			const char *c =
			    t.v[LABEL_CONCEPTS] ? t.v[LABEL_CONCEPTS] : "unknown";
			snprintf(first, sizeof(first), "%.*s", (int)strcspn(c, ","), c);
			t.v[LABEL_CATEGORY] = first;
		}
		const enum xt_status rc = label_put(f, &t, err);
		if (rc != XT_OK)
			return rc;
	}
	return XT_OK;
}

static enum xt_status open_pack(FILE **out, const char *path, struct xt_err *err)
{
	struct stat st;
	FILE *in = fopen(path, "rb");
	if (!in)
		return xt_fail(err, errno == ENOENT ? XT_E_NOTFOUND : XT_E_IO, "%s: %s",
			       path, strerror(errno));
	if (fstat(fileno(in), &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)fclose(in);
		return xt_fail(err, XT_E_DATA, "%s: not a regular file", path);
	}
	if (st.st_size > MAX_BYTES) {
		(void)fclose(in);
		return xt_fail(err, XT_E_LIMIT, "%s: larger than %d bytes", path,
			       MAX_BYTES);
	}
	*out = in;
	return XT_OK;
}

enum xt_status label_import_tagpack(struct label_report *out, struct store *s,
				    const char *path, const struct xt_sink *sink,
				    struct xt_err *err)
{
	struct pack p = { .path = path, .sink = sink, .field = -1 };
	struct label_file f;
	FILE *in = NULL;
	enum xt_status rc = open_pack(&in, path, err);
	if (rc != XT_OK)
		return rc;
	rc = parse(&p, in, err);
	(void)fclose(in);
	if (rc == XT_OK)
		rc = label_begin(&f, s, path, sink, err);
	if (rc == XT_OK) {
		f.need_source = true;
		rc = put_tags(&f, &p, err);
		rc = label_end(&f, out, rc, err);
	}
	pack_release(&p);
	return rc;
}
