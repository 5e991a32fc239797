/* The model as a ledger of mkchain, its truth as JSON, its labels as a TagPack. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

static const char *xem(char buf[32], uint64_t uxem)
{
	struct nem_amount a = { uxem };

	return nem_amount_format(buf, a, false);
}

/* Texts of the model have nothing that a ledger or JSON would have to escape but these. */
static void quote(FILE *f, const char *s)
{
	(void)fputc('"', f);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			(void)fputc('\\', f);
		(void)fputc(*s, f);
	}
	(void)fputc('"', f);
}

/* ---- the ledger ---- */

static void write_memo(FILE *f, const struct memo *memo)
{
	if (memo->kind == MEMO_NONE)
		return;
	(void)fputs(memo->kind == MEMO_ENCRYPTED ? " encrypted " : " ", f);
	quote(f, memo->text);
}

static void write_tx(FILE *f, const struct model *m, const struct tx *x)
{
	const struct wallet *from = &m->w[x->from];
	char buf[32];

	if (x->cosigned > 0) {
		for (unsigned i = 0; i < x->cosigned; i++)
			(void)fprintf(f, "%s%s", i == 0 ? "" : ",",
				      m->w[from->cosigners[i]].name);
		(void)fputs(": ", f);
	}
	if (x->kind == TX_TRANSFER) {
		(void)fprintf(f, "%s -> %s %s", from->name, m->w[x->to].name,
			      xem(buf, x->amount));
		write_memo(f, &x->memo);
	} else if (x->kind == TX_MAKE_MULTISIG) {
		(void)fprintf(f, "multisig %s = %s,%s,%s min %u", from->name,
			      m->w[from->cosigners[0]].name,
			      m->w[from->cosigners[1]].name,
			      m->w[from->cosigners[2]].name, from->min);
	} else {
		(void)fputs(x->text, f);
	}
	(void)fprintf(f, " fee %s", xem(buf, x->fee));
	if (x->cosigned > 0)
		(void)fprintf(f, " outer-fee %s cosign-fee 0.15",
			      xem(buf, x->outer_fee));
	(void)fprintf(f, " @%llu%s\n", (unsigned long long)x->height,
		      x->prompt ? " at 0" : "");
}

static const struct harvest *harvest_of(const struct model *m, uint64_t height)
{
	for (size_t i = 0; i < m->n_harvests; i++)
		if (m->harvests[i].height == height)
			return &m->harvests[i];
	return NULL;
}

/* What must stand before the first transaction of a block. Returns the lines written. */
static uint32_t open_block(FILE *f, const struct model *m, size_t i, bool *harvested)
{
	const uint64_t height = m->tx[i].height;
	const struct harvest *h = harvest_of(m, height);
	int64_t clock = 0;
	uint32_t lines = 0;
	char buf[24];

	for (size_t k = i; k < m->n_tx && m->tx[k].height == height; k++) {
		if (!m->tx[k].clock)
			continue;
		if (clock != 0 && clock != m->tx[k].t)
			fx_die("block %llu would have two times",
			       (unsigned long long)height);
		clock = m->tx[k].t;
	}
	if (clock != 0) {
		(void)fprintf(f, "clock %llu %s\n", (unsigned long long)height,
			      nem_time_format_utc(buf, clock));
		lines++;
	}
	*harvested = h != NULL;
	if (h != NULL) {
		(void)fprintf(f, "height %llu\nharvester %s\n",
			      (unsigned long long)height, m->w[h->signer].name);
		lines += 2;
	}
	return lines;
}

void write_ledger(FILE *f, struct model *m)
{
	char buf[32];
	uint32_t line = 3;
	bool harvested = false;

	(void)fprintf(
	    f,
	    "# Synthetic: a scale model of the Coincheck case, seed %llu.\n"
	    "# Made by tests/scale/mkscale. Names, keys and most amounts are made up.\n"
	    "start %s\n",
	    (unsigned long long)m->seed, nem_time_format_utc(buf, START));
	for (size_t i = 0; i < m->n_w; i++)
		if (m->w[i].opening > 0) {
			(void)fprintf(f, "opening %s %s\n", m->w[i].name,
				      xem(buf, m->w[i].opening));
			line++;
		}
	for (size_t i = 0; i < m->n_tx; i++) {
		if (i == 0 || m->tx[i - 1].height != m->tx[i].height) {
			if (harvested) {
				(void)fputs("harvester harvester\n", f);
				line++;
			}
			line += open_block(f, m, i, &harvested);
		}
		m->tx[i].line = ++line;
		write_tx(f, m, &m->tx[i]);
	}
	if (harvested)
		(void)fputs("harvester harvester\n", f);
	(void)fprintf(f, "height %llu\n", (unsigned long long)height_of(END));
}

/* ---- the truth ---- */

static void write_wallets(FILE *f, const struct model *m)
{
	(void)fputs("\"wallets\":[\n", f);
	for (size_t i = 0; i < m->n_w; i++) {
		const struct wallet *w = &m->w[i];

		(void)fprintf(f,
			      "%s{\"name\":\"%s\",\"address\":\"%s\",\"role\":\"%s\","
			      "\"owner\":\"%s\"",
			      i == 0 ? "" : ",\n", w->name, w->address.s, w->role,
			      w->owner);
		if (w->models[0] != '\0')
			(void)fprintf(f, ",\"models\":\"%s\"", w->models);
		if (w->label[0] != '\0') {
			(void)fputs(",\"label\":", f);
			quote(f, w->label);
			(void)fprintf(f, ",\"category\":\"%s\"", w->category);
		}
		(void)fprintf(
		    f,
		    ",\"service\":%s,\"touched\":%s,\"balance_uxem\":\"%llu\","
		    "\"tainted_uxem\":\"%llu\"}",
		    w->service ? "true" : "false", w->touched ? "true" : "false",
		    (unsigned long long)w->balance, (unsigned long long)w->taint);
	}
	(void)fputs("\n],\n", f);
}

static void write_transfers(FILE *f, const struct model *m)
{
	bool first = true;

	(void)fputs("\"transfers\":[\n", f);
	for (size_t i = 0; i < m->n_tx; i++) {
		const struct tx *x = &m->tx[i];

		if (x->to == NOBODY ||
		    (x->kind == TX_OTHER && strstr(x->text, "->") == NULL))
			continue;
		(void)fprintf(
		    f,
		    "%s{\"line\":%u,\"height\":%llu,\"index\":%u,\"time\":%lld,"
		    "\"from\":\"%s\",\"to\":\"%s\",\"amount_uxem\":\"%llu\","
		    "\"fee_uxem\":\"%llu\",\"tainted_uxem\":\"%llu\","
		    "\"role\":\"%s\"",
		    first ? "" : ",\n", x->line, (unsigned long long)x->height,
		    x->index, (long long)x->t, m->w[x->from].name, m->w[x->to].name,
		    (unsigned long long)x->amount, (unsigned long long)x->fee,
		    (unsigned long long)x->tainted, x->role);
		if (x->cosigned > 0)
			(void)fprintf(f, ",\"cosigned\":%u", x->cosigned);
		if (x->memo.kind == MEMO_PLAIN)
			(void)fputs(",\"memo\":", f), quote(f, x->memo.text);
		if (x->memo.kind == MEMO_ENCRYPTED)
			(void)fputs(",\"encrypted\":true", f);
		(void)fputc('}', f);
		first = false;
	}
	(void)fputs("\n],\n", f);
}

/* A deposit is (service, memo); an encrypted one is known by its sender. */
struct deposit {
	uint32_t service, sender; /* sender: NOBODY unless encrypted */
	const struct memo *memo;
	uint64_t amount, tainted, count;
	int64_t first, last;
};

static int by_identity(const void *pa, const void *pb)
{
	const struct deposit *a = pa;
	const struct deposit *b = pb;
	int c;

	if (a->service != b->service)
		return a->service < b->service ? -1 : 1;
	if (a->memo->kind != b->memo->kind)
		return a->memo->kind < b->memo->kind ? -1 : 1;
	if (a->sender != b->sender)
		return a->sender < b->sender ? -1 : 1;
	c = a->sender == NOBODY ? strcmp(a->memo->text, b->memo->text) : 0;
	if (c != 0)
		return c;
	return a->first < b->first ? -1 : a->first > b->first;
}

static bool same_identity(const struct deposit *a, const struct deposit *b)
{
	return a->service == b->service && a->memo->kind == b->memo->kind &&
	       a->sender == b->sender &&
	       (a->sender != NOBODY || strcmp(a->memo->text, b->memo->text) == 0);
}

/* Each transfer of stolen XEM into a service; sorted, so that identities are together. */
static struct deposit *collect_deposits(const struct model *m, size_t *n)
{
	struct deposit *v = fx_alloc(m->n_tx, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < m->n_tx; i++) {
		const struct tx *x = &m->tx[i];

		if (x->kind != TX_TRANSFER || !m->w[x->to].service || x->tainted == 0)
			continue;
		v[(*n)++] = (struct deposit){
			x->to,      x->memo.kind == MEMO_ENCRYPTED ? x->from : NOBODY,
			&x->memo,   x->amount,
			x->tainted, 1,
			x->t,       x->t
		};
	}
	qsort(v, *n, sizeof(*v), by_identity);
	return v;
}

static void write_deposits(FILE *f, const struct model *m)
{
	size_t n;
	struct deposit *v = collect_deposits(m, &n);

	(void)fputs("\"deposits\":[\n", f);
	for (size_t i = 0, k = 0; i < n; i = k) {
		struct deposit *d = &v[i];

		for (k = i + 1; k < n && same_identity(d, &v[k]); k++) {
			d->amount += v[k].amount;
			d->tainted += v[k].tainted;
			d->count++;
			d->last = v[k].last;
		}
		(void)fprintf(f, "%s{\"service\":\"%s\",\"kind\":\"%s\"",
			      i == 0 ? "" : ",\n", m->w[d->service].name,
			      d->memo->kind == MEMO_NONE    ? "none"
			      : d->memo->kind == MEMO_PLAIN ? "plain"
							    : "encrypted");
		if (d->memo->kind == MEMO_PLAIN)
			(void)fputs(",\"memo\":", f), quote(f, d->memo->text);
		if (d->sender != NOBODY)
			(void)fprintf(f, ",\"sender\":\"%s\"", m->w[d->sender].name);
		(void)fprintf(f,
			      ",\"count\":%llu,\"amount_uxem\":\"%llu\","
			      "\"tainted_uxem\":\"%llu\",\"first\":%lld,\"last\":%lld}",
			      (unsigned long long)d->count,
			      (unsigned long long)d->amount,
			      (unsigned long long)d->tainted, (long long)d->first,
			      (long long)d->last);
	}
	(void)fputs("\n],\n", f);
	free(v);
}

static void write_facts(FILE *f, const struct model *m)
{
	(void)fputs("\"facts\":[\n", f);
	for (size_t i = 0; i < m->n_facts; i++) {
		const struct fact *x = &m->facts[i];

		(void)fprintf(f, "%s{\"kind\":\"%s\"", i == 0 ? "" : ",\n", x->kind);
		if (x->who != NOBODY)
			(void)fprintf(f, ",\"who\":\"%s\"", m->w[x->who].name);
		if (x->other != NOBODY)
			(void)fprintf(f, ",\"other\":\"%s\"", m->w[x->other].name);
		(void)fputs(",\"members\":[", f);
		for (size_t k = 0; k < x->n; k++)
			(void)fprintf(f, "%s\"%s\"", k == 0 ? "" : ",",
				      m->w[x->members[k]].name);
		(void)fputs("]}", f);
	}
	(void)fputs("\n]", f);
}

void write_truth(FILE *f, const struct model *m)
{
	uint64_t held = m->stolen - m->at_services - m->fee_taint;

	(void)fprintf(
	    f,
	    "{\"about\":\"synthetic: a scale model of the Coincheck case; nothing "
	    "in it happened\",\n\"seed\":%llu,\"start\":%lld,\"tip\":%llu,\n"
	    "\"taint\":{\"policy\":\"haircut\",\"seeded_uxem\":\"%llu\","
	    "\"at_services_uxem\":\"%llu\",\"fees_uxem\":\"%llu\","
	    "\"held_uxem\":\"%llu\"},\n",
	    (unsigned long long)m->seed, (long long)START,
	    (unsigned long long)height_of(END), (unsigned long long)m->stolen,
	    (unsigned long long)m->at_services, (unsigned long long)m->fee_taint,
	    (unsigned long long)held);
	write_wallets(f, m);
	write_transfers(f, m);
	write_deposits(f, m);
	write_facts(f, m);
	(void)fputs("}\n", f);
}

void write_labels(FILE *f, const struct model *m)
{
	(void)fputs(
	    "title: Labels of the scale model\n"
	    "creator: xemtrace tests\n"
	    "description: Synthetic. Made with a synthetic chain.\n"
	    "lastmod: 2018-03-24\ncurrency: XEM\nnetwork: XEM\nis_public: true\n"
	    "source: tests/scale\ntags:\n",
	    f);
	for (size_t i = 0; i < m->n_w; i++) {
		const struct wallet *w = &m->w[i];

		if (w->label[0] == '\0')
			continue;
		(void)fprintf(f, "- address: %s\n  label: ", w->address.s);
		quote(f, w->label);
		(void)fprintf(f, "\n  category: \"%s\"\n  confidence: \"%s\"\n",
			      w->category, w->service ? "service_data" : "heuristic");
	}
}
