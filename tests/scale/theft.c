/* January 2018: the theft, the first hop, small payments to bystanders, warnings; the
 * tables of the published record that these come from. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* ---- published tables ---- */

struct row *read_table(const char *dir, const char *file, size_t *n)
{
	char path[512];
	char *text;
	char *rest;
	char *line;
	struct row *v = NULL;
	size_t cap = 0;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, file);
	text = rest = fx_read_file(path, NULL);
	if (text == NULL)
		fx_die("%s: %s", path, strerror(errno));
	*n = 0;
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *cell;

		if (line[0] == '\0' || line[0] == '#')
			continue;
		v = fx_grow(v, &cap, *n, sizeof(*v));
		v[*n].n = 0;
		while ((cell = strsep(&line, ",")) != NULL && v[*n].n < 8) {
			cell[strcspn(cell, "\r")] = '\0';
			v[*n].cell[v[*n].n++] = fx_strdup(cell);
		}
		(*n)++;
	}
	free(text);
	if (*n < 2)
		fx_die("%s: no rows", path);
	/* The head is no row. */
	for (size_t i = 0; i < v[0].n; i++)
		free(v[0].cell[i]);
	memmove(v, v + 1, --*n * sizeof(*v));
	return v;
}

void free_table(struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < rows[i].n; k++)
			free(rows[i].cell[k]);
	free(rows);
}

uint64_t cell_uxem(const struct row *r, size_t column)
{
	struct nem_amount a;
	struct xt_err err;

	fx_must(nem_amount_parse_xem(&a, r->cell[column], &err), &err);
	return a.uxem;
}

/* ---- the theft ---- */

static void steal(struct model *m, const char *record, uint32_t victim, uint32_t thief)
{
	size_t n;
	struct row *v = read_table(record, "theft_transfers.csv", &n);

	for (size_t i = 0; i < n; i++) {
		struct tx *x = pay(m, victim, thief, cell_uxem(&v[i], 2),
				   jst(v[i].cell[1]) + 40, "theft", NULL);

		x->clock = true;
		x->theft = true;
	}
	free_table(v, n);
}

static void first_hops(struct model *m, const char *record, uint32_t thief)
{
	size_t n;
	struct row *v = read_table(record, "first_hop_transfers.csv", &n);
	uint32_t sleepers[16];
	size_t n_sleepers = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t w = wallet_new(m, "first hop", "thief", "hop%zu", i + 1);

		wallet_models(m, w, v[i].cell[3]);
		wallet_label(m, w, "theft-thief", false, "First hop %zu", i + 1);
		pay(m, thief, w, cell_uxem(&v[i], 1), jst(v[i].cell[0]) + 40,
		    "first hop", NULL)
		    ->clock = true;
		sleepers[n_sleepers++] = w;
	}
	/* The fourth never moves, the ninth pays on 1 February, the others rest. */
	for (size_t i = 0; i < n_sleepers; i++) {
		if (i == 3)
			fact(m, "dormant", sleepers[i], NOBODY, NULL, 0);
		else if (i != 8)
			fact(m, "woken", sleepers[i], NOBODY, NULL, 0);
	}
	free_table(v, n);
}

/* Small payments of 30 January: to people who had written, and to one who had not. */
static void decoys(struct model *m, const char *record, uint32_t thief)
{
	size_t n;
	struct row *v = read_table(record, "jan30_transfers.csv", &n);
	const int64_t from = jst("2018-01-30T22:33") + 40;
	uint32_t who[16];
	unsigned k = 0;

	for (size_t i = 0; i < n; i++) {
		const uint64_t total = cell_uxem(&v[i], 1);
		const unsigned count = (unsigned)(v[i].cell[2][0] - '0');
		const bool wrote = strncmp(v[i].cell[3], "yes", 3) == 0;
		uint32_t w = wallet_new(m, "bystander", NULL, "bystander%zu", i + 1);

		who[i] = w;
		wallet_models(m, w, v[i].cell[0]);
		m->w[w].opening = (50 + chance(m, 400)) * XEM;
		if (wrote) {
			struct memo memo = plain("give it back please %zu", i + 1);

			pay(m, w, thief, 0,
			    jst("2018-01-28T09:00") + between(m, 0, DAY), "wrote first",
			    &memo);
		}
		for (unsigned c = 0; c < count; c++) {
			/* 14 payments from 22:33 to 23:02 */
			pay(m, thief, w, c * 100 * XEM < total ? 100 * XEM : 0,
			    from + k * 29 / 13 * 60, "decoy", NULL)
			    ->clock = true;
			k++;
		}
		fact(m, wrote ? "wrote_first" : "dormant", w, NOBODY, NULL, 0);
	}
	fact(m, "decoy_dust", thief, NOBODY, who, n);
	free_table(v, n);
}

/* Volunteers mark accounts with a mosaic that says so. */
static void warnings(struct model *m, uint32_t thief)
{
	static const char ns[] = "coincheck_stolen_funds_do_not_accept_trades";
	static const char id[] =
	    "mizunashi.coincheck_stolen_funds_do_not_accept_trades:"
	    "owner_of_this_account_is_hacker";
	uint32_t tagger = wallet_new(m, "tagger", NULL, "tagger");
	uint32_t rent = wallet_new(m, "sink", "network", "namespace-sink");
	uint32_t make = wallet_new(m, "sink", "network", "mosaic-sink");
	int64_t t = jst("2018-01-26T18:00");

	/* The network's own sinks: no name's key. */
	fx_must(nem_address_parse(&m->w[rent].address,
				  "NAMESPACEWH4MKFMBCVFERDPOOP4FK7MTBXDPZZA", NULL),
		NULL);
	fx_must(nem_address_parse(&m->w[make].address,
				  "NBMOSAICOD4F54EE5CDMR23CCBGOAM2XSIUX6TRS", NULL),
		NULL);
	wallet_label(m, rent, "protocol-sink", false, "Namespace fees");
	wallet_label(m, make, "protocol-sink", false, "Mosaic fees");
	wallet_label(m, tagger, "tagger", false, "Sends warning mosaics");
	m->w[tagger].opening = 2000 * XEM;
	other_tx(m, tagger, rent, 100 * XEM, 150000, t, "namespace",
		 "namespace tagger mizunashi");
	other_tx(m, tagger, rent, 10 * XEM, 150000, t + 120, "namespace",
		 "namespace tagger mizunashi.%s", ns);
	other_tx(m, tagger, make, 10 * XEM, 150000, t + 300, "mosaic",
		 "mosaic tagger %s supply 9000", id);
	other_tx(m, tagger, thief, 0, 300000, t + 600, "warning",
		 "tagger -> thief 1 mosaics %s*1", id);
	for (unsigned i = 1; i <= 8; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "hop%u", i);
		other_tx(m, tagger, wallet_find(m, name), 0, 300000, t + 600 + i * 180,
			 "warning", "tagger -> %s 1 mosaics %s*1", name, id);
	}
}

/* 1 February: the smallest first hop pays services at once. */
static void first_deposits(struct model *m)
{
	static const struct {
		const char *service;
		unsigned xem;
	} to[] = { { "poloniex", 1000 },
		   { "cryptopia", 5500 },
		   { "appsolutely", 1000 },
		   { "changelly", 1170 } };
	uint32_t hop = wallet_find(m, "hop9");
	int64_t t = jst("2018-02-01T20:10");

	for (size_t i = 0; i < XT_ARRAY_SIZE(to); i++) {
		uint32_t service = wallet_find(m, to[i].service);
		struct memo memo = customer_memo(m, service, "thief");

		t += between(m, 300, 1800);
		pay(m, hop, service, to[i].xem * XEM, t, "deposit", &memo);
	}
	/* 7 February: a namespace. */
	other_tx(m, hop, wallet_find(m, "namespace-sink"), 100 * XEM, 150000,
		 jst("2018-02-07T15:30"), "namespace", "namespace hop9 modelspace");
}

/* There and back within ten minutes. */
static void round_trip(struct model *m)
{
	uint32_t hop = wallet_find(m, "hop8");
	uint32_t other = wallet_new(m, "friend of the thief", "thief", "turnaround");
	int64_t t = jst("2018-01-30T20:15");

	wallet_models(m, other, "NCF6IA5ZNKIUXE3COV7WK23EIOBEPDV5DJFZQTTH");
	pay(m, wallet_find(m, "binance"), other, 5 * XEM, t - DAY, "withdrawal", NULL);
	pay(m, hop, other, 1000 * XEM, t, "there", NULL);
	pay(m, other, hop, 1000 * XEM, t + 600, "and back", NULL);
	fact(m, "round_trip", hop, other, NULL, 0);
}

void story_theft(struct model *m, const char *record)
{
	uint32_t victim = wallet_new(m, "robbed", "exchange that was robbed", "victim");
	uint32_t thief = wallet_new(m, "thief", "thief", "thief");
	uint32_t beggar;
	struct memo memo;

	wallet_label(m, victim, "theft-victim", false, "Robbed wallet");
	wallet_label(m, thief, "theft-thief", false, "Where the theft arrived");
	wallet_models(m, thief, "NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG");
	m->w[victim].opening = 530000000 * XEM;
	steal(m, record, victim, thief);
	first_hops(m, record, thief);
	decoys(m, record, thief);
	warnings(m, thief);
	first_deposits(m);
	round_trip(m);
	/* 11 February: an answer. */
	beggar = wallet_new(m, "beggar", NULL, "beggar");
	wallet_models(m, beggar, "NC2C6WMPDEM3DG2NO6URCMLKGV7DYBAIRPKVDL7K");
	m->w[beggar].opening = 100 * XEM;
	memo = plain("please help me");
	pay(m, beggar, thief, 0, jst("2018-02-11T09:10"), "wrote", &memo);
	memo = plain("i cannot help you!! ok!!!!!!!!!!!!!");
	pay(m, thief, beggar, 0, jst("2018-02-11T12:00"), "answer", &memo);
}
