#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <xemtrace/limits.h>

const char *const label_field_name[LABEL_FIELDS] = {
	[LABEL_ADDRESS] = "address",       [LABEL_LABEL] = "label",
	[LABEL_CATEGORY] = "category",     [LABEL_SOURCE] = "source",
	[LABEL_CONFIDENCE] = "confidence", [LABEL_ACTOR] = "actor",
	[LABEL_CONCEPTS] = "concepts",     [LABEL_ABUSE] = "abuse",
	[LABEL_LASTMOD] = "lastmod",       [LABEL_CONTEXT] = "context",
	[LABEL_NETWORK] = "network",       [LABEL_CURRENCY] = "currency",
};

void label_refuse(struct label_file *f, uint64_t line, const char *why)
{
	f->rep.refused++;
	xt_log(f->sink, XT_LOG_WARN, "%s:%llu: %s", f->path, (unsigned long long)line,
	       why);
}

static const struct {
	enum nem_network network;
	const char *name;
} networks[] = { { NEM_MAINNET, "mainnet" },
		 { NEM_TESTNET, "testnet" },
		 { NEM_MIJIN, "mijin" } };

static const char *network_name(enum nem_network n)
{
	for (size_t i = 0; i < XT_ARRAY_SIZE(networks); i++)
		if (networks[i].network == n)
			return networks[i].name;
	return "unknown";
}

/* The network that the case was begun on; the main one before it was. */
static enum xt_status case_network(enum nem_network *out, struct store *s,
				   struct xt_err *err)
{
	char name[32];
	const enum xt_status rc = store_meta_get(s, name, sizeof(name), "network", err);
	*out = NEM_MAINNET;
	for (size_t i = 0; rc == XT_OK && i < XT_ARRAY_SIZE(networks); i++)
		if (strcmp(name, networks[i].name) == 0)
			*out = networks[i].network;
	return rc;
}

enum xt_status label_begin(struct label_file *f, struct store *s, const char *path,
			   const struct xt_sink *sink, struct xt_err *err)
{
	const char *slash = strrchr(path, '/');
	const struct xt_clock *clock = xt_clock_system();
	*f = (struct label_file){ .path = path,
				  .pack = slash ? slash + 1 : path,
				  .s = s,
				  .sink = sink,
				  .time = clock->unix_time(clock->ctx) };
	enum xt_status rc = case_network(&f->network, s, err);
	if (rc == XT_OK)
		rc = STORE_BEGIN(s, err);
	if (rc == XT_OK)
		rc = xt_map_new(&f->seen, err);
	if (rc != XT_OK)
		store_rollback(s);
	return rc;
}

enum xt_status label_end(struct label_file *f, struct label_report *out,
			 enum xt_status rc, struct xt_err *err)
{
	char text[256];
	if (rc == XT_OK) {
		snprintf(text, sizeof(text), "%.100s: %llu imported, %llu refused",
			 f->pack, (unsigned long long)f->rep.imported,
			 (unsigned long long)f->rep.refused);
		rc = store_log(f->s, f->time, "labels", text, err);
	}
	if (rc == XT_OK)
		rc = store_commit(f->s, err);
	else
		store_rollback(f->s);
	xt_map_free(f->seen);
	f->seen = NULL;
	if (rc == XT_OK)
		*out = f->rep;
	return rc;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copy without the white space around it. False: does not fit, or is not UTF-8. */
static bool trim(char *out, size_t n, const char *text, bool *spaces)
{
	if (!text)
		text = "";
	const char *begin = text;
	while (is_space(*text))
		text++;
	size_t len = strlen(text);
	*spaces = text != begin;
	while (len && is_space(text[len - 1])) {
		len--;
		*spaces = true;
	}
	if (len >= n || !xt_utf8_valid((const uint8_t *)text, len))
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

static void lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s + 32);
}

static bool known_date(const char *text)
{
	int64_t t;
	return text[0] == '\0' || nem_time_parse(&t, text, NULL) == XT_OK;
}

/* An address of another network is another account, or a slip. */
static bool of_network(const struct nem_party *p, enum nem_network net, char *why,
		       size_t n_why)
{
	struct nem_address a;
	if (p->s[0] == '@' || nem_address_parse(&a, p->s, NULL) != XT_OK ||
	    nem_address_network(&a) == net)
		return true;
	snprintf(why, n_why, "address: '%s' is of the network %s, the case is of %s",
		 p->s, network_name(nem_address_network(&a)), network_name(net));
	return false;
}

/* How packs call the chain; not given is fine. */
static bool is_xem(const char *text)
{
	return text[0] == '\0' || strcasecmp(text, "XEM") == 0 ||
	       strcasecmp(text, "NEM") == 0;
}

/* Fill `l`, or say what is wrong. */
static bool read_label(struct store_label *l, const struct label_file *f,
		       const struct label_text *t, char *why, size_t n_why)
{
	char address[128], confidence[64];
	struct xt_err err;
	const struct {
		enum label_field field;
		char *out;
		size_t n;
		bool needed;
	} copy[] = {
		{ LABEL_ADDRESS, address, sizeof(address), true },
		{ LABEL_LABEL, l->label, sizeof(l->label), true },
		{ LABEL_CATEGORY, l->category, sizeof(l->category), true },
		{ LABEL_SOURCE, l->source, sizeof(l->source), f->need_source },
		{ LABEL_CONFIDENCE, confidence, sizeof(confidence), false },
		{ LABEL_ACTOR, l->actor, sizeof(l->actor), false },
		{ LABEL_CONCEPTS, l->concepts, sizeof(l->concepts), false },
		{ LABEL_ABUSE, l->abuse, sizeof(l->abuse), false },
		{ LABEL_LASTMOD, l->lastmod, sizeof(l->lastmod), false },
		{ LABEL_CONTEXT, l->context, sizeof(l->context), false },
		{ LABEL_NETWORK, l->network, sizeof(l->network), false },
		{ LABEL_CURRENCY, l->currency, sizeof(l->currency), false },
	};
	memset(l, 0, sizeof(*l));
	for (size_t i = 0; i < XT_ARRAY_SIZE(copy); i++) {
		const char *name = label_field_name[copy[i].field];
		char shown[64];
		bool spaces;
		if (!trim(copy[i].out, copy[i].n, t->v[copy[i].field], &spaces)) {
			xt_utf8_cut(shown, sizeof(shown), t->v[copy[i].field]);
			snprintf(why, n_why,
				 "%s: '%s': longer than %zu bytes, or not UTF-8", name,
				 shown, copy[i].n - 1);
			return false;
		}
		if (spaces &&
		    (copy[i].field == LABEL_ADDRESS || copy[i].field == LABEL_LABEL)) {
			xt_utf8_cut(shown, sizeof(shown), copy[i].out);
			xt_log(f->sink, XT_LOG_WARN,
			       "%s:%llu: %s: white space around '%s' left out", f->path,
			       (unsigned long long)t->line, name, shown);
		}
		if (copy[i].needed && copy[i].out[0] == '\0') {
			snprintf(why, n_why, "%s: missing", name);
			return false;
		}
	}
	lower(l->category);
	if (nem_party_parse(&l->party, address, &err) != XT_OK) {
		snprintf(why, n_why, "address: %.400s", err.text);
		return false;
	}
	if (!of_network(&l->party, f->network, why, n_why))
		return false;
	if (!is_xem(l->network) || !is_xem(l->currency)) {
		snprintf(why, n_why, "%s: '%.31s': not XEM",
			 is_xem(l->network) ? "currency" : "network",
			 is_xem(l->network) ? l->currency : l->network);
		return false;
	}
	if (!label_confidence(&l->confidence, l->confidence_name, confidence)) {
		snprintf(why, n_why, "confidence: '%s': not of the TagPack scale",
			 confidence);
		return false;
	}
	if (!known_date(l->lastmod)) {
		snprintf(why, n_why, "lastmod: '%s': not a date", l->lastmod);
		return false;
	}
	snprintf(l->pack, sizeof(l->pack), "%.127s", f->pack);
	return true;
}

static enum xt_status seen_before(struct label_file *f, uint32_t *line, bool *seen,
				  const struct store_label *l, uint64_t now,
				  struct xt_err *err)
{
	char key[sizeof(l->party.s) + sizeof(l->label) + sizeof(l->source) + 4];
	/* A tab cannot stand at the edge of a trimmed text or in an address. */
	const int n = snprintf(key, sizeof(key), "%s\t%zu\t%s%s", l->party.s,
			       strlen(l->label), l->label, l->source);
	const size_t len = n < 0                     ? 0
			   : (size_t)n < sizeof(key) ? (size_t)n
						     : sizeof(key) - 1;
	*seen = xt_map_get(f->seen, line, key, len);
	if (*seen)
		return XT_OK;
	return xt_map_put(f->seen, key, len,
			  now > UINT32_MAX ? UINT32_MAX : (uint32_t)now, err);
}

enum xt_status label_put(struct label_file *f, const struct label_text *t,
			 struct xt_err *err)
{
	struct store_label l;
	char why[480];
	uint32_t line;
	bool seen;
	if (!read_label(&l, f, t, why, sizeof(why))) {
		label_refuse(f, t->line, why);
		return XT_OK;
	}
	enum xt_status rc = seen_before(f, &line, &seen, &l, t->line, err);
	if (rc != XT_OK)
		return rc;
	if (seen) {
		char shown[64];
		xt_utf8_cut(shown, sizeof(shown), l.label);
		snprintf(why, sizeof(why),
			 "label: '%s' of %s stands on line %u already", shown,
			 l.party.s, line);
		label_refuse(f, t->line, why);
		return XT_OK;
	}
	rc = store_put_label(f->s, &l, f->time, err);
	if (rc == XT_E_EXISTS) {
		f->rep.unchanged++;
		return XT_OK;
	}
	if (rc == XT_OK)
		f->rep.imported++;
	return rc;
}

static bool ends_with(const char *s, const char *end)
{
	const size_t n = strlen(s), m = strlen(end);
	return n >= m && strcmp(s + n - m, end) == 0;
}

enum xt_status label_import(struct label_report *out, struct store *s, const char *path,
			    const struct xt_sink *sink, struct xt_err *err)
{
	if (ends_with(path, ".csv"))
		return label_import_csv(out, s, path, sink, err);
	if (ends_with(path, ".yaml") || ends_with(path, ".yml"))
		return label_import_tagpack(out, s, path, sink, err);
	return xt_fail(err, XT_E_USAGE, "%s: label files end in .csv, .yaml or .yml",
		       path);
}
