/* Labels that somebody hung on accounts by sending them a mosaic. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#include <xemtrace/csv.h>
#include <xemtrace/limits.h>

/* What the sender of a mosaic says is anybody's word. */
#define DEFAULT_CONFIDENCE "heuristic"

struct rule {
	const char *ns, *name; /* borrowed from `id` */
	char *id;
	const char *label, *category, *confidence;
	uint64_t line;
};

/* An account that a rule names, with the earliest transaction that says so. */
struct tagged {
	char party[sizeof(((struct nem_party *)0)->s)];
	uint32_t rule;
	int64_t time;
	char hash[65];
};

struct work {
	struct rule *rules;
	size_t n_rules;
	struct tagged *v;
	size_t n, cap;
	struct xt_map *index; /* rule and party: place in v */
	enum xt_status rc;
	struct xt_err *err;
};

static bool same(const struct nem_bytes *b, const char *text)
{
	return b->len == strlen(text) && memcmp(b->data, text, b->len) == 0;
}

static enum xt_status found(struct work *w, uint32_t rule, const char *party,
			    const struct store_tx *t)
{
	struct tagged new = { .rule = rule, .time = t->time };
	char key[64];
	uint32_t at;
	const int n = snprintf(key, sizeof(key), "%u %s", rule, party);

	snprintf(new.party, sizeof(new.party), "%s", party);
	xt_hex_encode(new.hash, t->hash.b, sizeof(t->hash.b));
	if (xt_map_get(w->index, &at, key, (size_t)n)) {
		struct tagged *old = &w->v[at];

		if (new.time < old->time ||
		    (new.time == old->time &&strcmp(new.hash, old->hash) < 0))
			*old = new;
		return XT_OK;
	}
	if (w->n == w->cap) {
		const size_t cap = w->cap == 0 ? 64 : w->cap * 2;
		struct tagged *p = xt_reallocarray(w->v, cap, sizeof(*p));

		if (p == NULL)
			return xt_fail(w->err, XT_E_NOMEM,
				       "out of memory for %zu labels", cap);
		w->v = p;
		w->cap = cap;
	}
	w->v[w->n] = new;
	return xt_map_put(w->index, key, (size_t)n, (uint32_t)w->n++, w->err);
}

static bool look(void *ctx, const struct store_tx *t)
{
	struct work *w = ctx;
	struct nem_tx tx;
	const struct nem_tx *core;

	if (t->bytes == NULL || !t->has_hash)
		return true;
	w->rc = nem_tx_decode(&tx, t->bytes, t->n_bytes, NEM_FORM_SIGNED, w->err);
	if (w->rc != XT_OK)
		return false;
	core = nem_tx_core(&tx);
	if (core->type == NEM_TX_TRANSFER)
		for (uint32_t m = 0; m < core->u.transfer.n_mosaics; m++) {
			const struct nem_mosaic *mosaic = &core->u.transfer.mosaics[m];

			for (size_t r = 0; r < w->n_rules && w->rc == XT_OK; r++)
				if (mosaic->quantity > 0 &&
				    same(&mosaic->id.ns, w->rules[r].ns) &&
				    same(&mosaic->id.name, w->rules[r].name))
					w->rc = found(w, (uint32_t)r,
						      core->u.transfer.recipient.s, t);
		}
	nem_tx_release(&tx);
	return w->rc == XT_OK;
}

static enum xt_status read_rules(struct work *w, const struct csv *c, const char *path,
				 struct xt_err *err)
{
	static const char *const names[] = { "mosaic", "label", "category",
					     "confidence" };
	const int at[] = { csv_column(c, names[0]), csv_column(c, names[1]),
			   csv_column(c, names[2]), csv_column(c, names[3]) };

	for (size_t i = 0; i < 3; i++)
		if (at[i] < 0)
			return xt_fail(err, XT_E_DATA,
				       "%s:1: the column \"%s\" is missing", path,
				       names[i]);
	w->rules = xt_calloc(csv_rows(c) + 1, sizeof(*w->rules));
	if (w->rules == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory");
	for (size_t r = 0; r < csv_rows(c); r++) {
		struct rule *rule = &w->rules[w->n_rules];
		char *colon;

		rule->line = csv_line(c, r);
		rule->label = csv_field(c, r, at[1]);
		rule->category = csv_field(c, r, at[2]);
		rule->confidence = csv_field(c, r, at[3]);
		if (rule->confidence[0] == '\0')
			rule->confidence = DEFAULT_CONFIDENCE;
		rule->id = xt_strdup(csv_field(c, r, at[0]));
		if (rule->id == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory");
		w->n_rules++;
		colon = strchr(rule->id, ':');
		if (colon == NULL || colon == rule->id || colon[1] == '\0')
			return xt_fail(err, XT_E_DATA,
				       "%s:%llu: mosaic: '%.80s' is not "
				       "namespace:name",
				       path, (unsigned long long)rule->line, rule->id);
		*colon = '\0';
		rule->ns = rule->id;
		rule->name = colon + 1;
	}
	return w->n_rules > 0
		   ? XT_OK
		   : xt_fail(err, XT_E_DATA, "%s: no rows below the header", path);
}

static enum xt_status put_all(struct work *w, struct label_file *f, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; i < w->n && rc == XT_OK; i++) {
		const struct tagged *t = &w->v[i];
		const struct rule *r = &w->rules[t->rule];
		char source[512];
		struct label_text text = { .line = r->line };

		snprintf(source, sizeof(source), "mosaic %.200s:%.200s, transaction %s",
			 r->ns, r->name, t->hash);
		text.v[LABEL_ADDRESS] = t->party;
		text.v[LABEL_LABEL] = r->label;
		text.v[LABEL_CATEGORY] = r->category;
		text.v[LABEL_CONFIDENCE] = r->confidence;
		text.v[LABEL_SOURCE] = source;
		rc = label_put(f, &text, err);
	}
	return rc;
}

enum xt_status label_import_onchain(struct label_report *out, struct store *s,
				    const char *path, const struct xt_sink *sink,
				    struct xt_err *err)
{
	struct work w = { .err = err };
	struct label_file f;
	struct csv *c;
	enum xt_status rc = csv_read_file(&c, path, err);

	if (rc != XT_OK)
		return rc;
	rc = read_rules(&w, c, path, err);
	if (rc == XT_OK)
		rc = xt_map_new(&w.index, err);
	if (rc == XT_OK) {
		rc = store_each_tx(s, true, look, &w, err);
		if (rc == XT_E_STOPPED)
			rc = w.rc;
	}
	if (rc == XT_OK)
		rc = label_begin(&f, s, path, sink, err);
	if (rc == XT_OK) {
		rc = put_all(&w, &f, err);
		rc = label_end(&f, out, rc, err);
	}
	for (size_t i = 0; i < w.n_rules; i++)
		free(w.rules[i].id);
	free(w.rules);
	free(w.v);
	xt_map_free(w.index);
	csv_free(c);
	return rc;
}
