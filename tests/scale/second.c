/* Where the largest buyers and the whales sent it: published amounts and counts; and then
 * what all buyers and their receivers do. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define LARGE 95

/* `total` in `n` payments up to `end`, as the money comes in: what is not there yet is paid
 * after the last payment in. */
static void send(struct model *m, uint32_t from, uint32_t to, uint64_t total, size_t n,
		 int64_t begin, int64_t end, bool with_memo, const char *role)
{
	struct memo memo = customer_memo(m, to, m->w[from].owner);
	uint64_t *v = parts(m, total, n, 4);
	int64_t last = last_in(m, from) + 180;

	if (last >= end)
		fx_die("%s gets its money too late", m->w[from].name);
	for (size_t i = 0; i < n; i++) {
		int64_t t = between(m, begin, end);

		if (t < last)
			t = between(m, last, end);
		pay(m, from, to, v[i], t, role, with_memo ? &memo : NULL);
	}
	free(v);
}

/* ---- the five largest ---- */

static void top_five(struct model *m, const char *record)
{
	static const size_t count[5] = { 60, 50, 20, 0, 15 };
	const int64_t end = jst("2018-02-10T23:50");
	uint32_t keeper = wallet_new(m, "second hop", NULL, "second-keeper");
	uint32_t top;
	size_t n;
	struct row *v = read_table(record, "buyers_top5.csv", &n);

	for (size_t i = 0; i < 5; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "top%zu", i + 1);
		top = wallet_find(m, name);
		if (count[i] > 0)
			send(m, top, wallet_find(m, "yobit"), cell_uxem(&v[i], 2),
			     count[i], last_in(m, top) - 30 * HOUR, end, true,
			     "deposit");
	}
	wallet_models(m, keeper, "NCGNOKGD5A3EM7QWG4NSHV24YS5KUJWKI4WC5XF3");
	send(m, wallet_find(m, "top4"), keeper, 463971 * XEM, 2, end, end + 20 * HOUR,
	     false, "second hop");
	free_table(v, n);
	behave(m, keeper, HABIT_PEEL);
}

/* ---- the other 95 of the largest hundred ---- */

struct slice {
	uint32_t from;
	uint64_t uxem;
};

struct target {
	uint32_t w;
	uint64_t uxem;
	size_t n; /* payments */
	bool with_memo;
};

/* Cut the largest slice until there are as many as there were payments. */
static void cut(struct model *m, struct slice *v, size_t n, size_t wanted)
{
	if (n > wanted)
		fx_die("more senders than payments");
	for (; n < wanted; n++) {
		size_t most = 0;
		uint64_t part;

		for (size_t i = 1; i < n; i++)
			if (v[i].uxem > v[most].uxem)
				most = i;
		part = v[most].uxem * (30 + chance(m, 41)) / 100 / XEM * XEM;
		v[n] = (struct slice){ v[most].from, part };
		v[most].uxem -= part;
	}
}

/* Pour what the buyers have, one after the other, into one target after the other. */
static void pour(struct model *m, const struct target *to, size_t n_to,
		 struct slice *has, size_t n_has)
{
	const int64_t end = jst("2018-02-12T23:50");
	struct slice v[300];
	size_t at = 0;

	for (size_t i = 0; i < n_to; i++) {
		uint64_t left = to[i].uxem;
		size_t n = 0;

		while (left > 0) {
			uint64_t q = has[at].uxem < left ? has[at].uxem : left;

			v[n++] = (struct slice){ has[at].from, q };
			left -= q;
			has[at].uxem -= q;
			if (has[at].uxem == 0 && ++at == n_has && left > 0)
				fx_die("the large buyers have too little");
		}
		cut(m, v, n, to[i].n);
		for (size_t k = 0; k < to[i].n; k++) {
			struct memo memo =
			    customer_memo(m, to[i].w, m->w[v[k].from].owner);
			int64_t t = between(m, last_in(m, v[k].from) + 600, end);

			pay(m, v[k].from, to[i].w, v[k].uxem, t,
			    to[i].with_memo ? "deposit" : "second hop",
			    to[i].with_memo ? &memo : NULL);
		}
	}
}

/* What each of the 95 passes on: all but a little, and that adds up exactly. */
static void shares(const struct model *m, struct slice *has, uint64_t total)
{
	uint64_t sum = 0;
	uint64_t keep;

	for (size_t i = 0; i < LARGE; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "large%zu", i + 6);
		has[i].from = wallet_find(m, name);
		has[i].uxem = balance_at(m, has[i].from, END);
		sum += has[i].uxem;
	}
	if (sum < total)
		fx_die("the large buyers have bought too little");
	keep = (sum - total) / LARGE;
	for (size_t i = 0; i < LARGE; i++) {
		uint64_t mine = i + 1 < LARGE ? keep : sum - total - keep * (LARGE - 1);

		has[i].uxem -= mine;
	}
}

static void largest_hundred(struct model *m, const char *record)
{
	struct target to[44];
	struct slice has[LARGE];
	uint32_t order[LARGE];
	struct slice shuffled[LARGE];
	size_t n;
	struct row *v = read_table(record, "second_recipients.csv", &n);
	uint64_t total = 0;
	uint64_t *others = parts(m, cell_uxem(&v[5], 2), 40, 6);
	uint64_t yobit5 = 0;
	size_t n5;
	struct row *five = read_table(record, "buyers_top5.csv", &n5);

	for (size_t i = 0; i < n5; i++)
		yobit5 += cell_uxem(&five[i], 2);
	free_table(five, n5);
	to[0] = (struct target){ wallet_find(m, "yobit"), cell_uxem(&v[0], 2) - yobit5,
				 269 - 145, true };
	to[1] =
	    (struct target){ wallet_find(m, "hitbtc"), cell_uxem(&v[1], 2), 66, true };
	to[2] =
	    (struct target){ wallet_find(m, "pool1"), cell_uxem(&v[2], 2), 20, true };
	to[3] = (struct target){ wallet_new(m, "second hop", NULL, "second-both"),
				 cell_uxem(&v[4], 2), 21, false };
	wallet_models(m, to[2].w, v[2].cell[0]);
	wallet_models(m, to[3].w, v[4].cell[0]);
	for (size_t i = 0; i < 40; i++)
		to[4 + i] = (struct target){ wallet_new(m, "second hop", NULL,
							"second%zu", i + 1),
					     others[i], i < 20 ? 4 : 5, false };
	for (size_t i = 0; i < 44; i++)
		total += to[i].uxem;
	shares(m, has, total);
	for (uint32_t i = 0; i < LARGE; i++)
		order[i] = i;
	shuffle(m, order, LARGE);
	for (size_t i = 0; i < LARGE; i++)
		shuffled[i] = has[order[i]];
	pour(m, to, 44, shuffled, LARGE);
	free(others);
	free_table(v, n);
}

/* ---- whales ---- */

static void whale_talk(struct model *m, uint32_t a, uint32_t b)
{
	struct memo memo = plain("С Новым годом!");

	pay(m, a, b, 1010 * XEM, jst("2017-12-24T18:30"), "greeting", &memo);
	memo = plain("as agreed");
	pay(m, b, a, 1010 * XEM, jst("2018-02-14T10:05"), "talk", &memo);
	memo = plain("thanks");
	pay(m, a, b, 1010 * XEM, jst("2018-02-15T12:40"), "talk", &memo);
	fact(m, "conversation", a, b, NULL, 0);
	fact(m, "woken", a, NOBODY, NULL, 0);
	fact(m, "woken", b, NOBODY, NULL, 0);
}

static uint32_t by_published(const struct model *m, const char *address)
{
	for (uint32_t i = 0; i < m->n_w; i++)
		if (strcmp(m->w[i].models, address) == 0)
			return i;
	return NOBODY;
}

/* The text lost which whale paid eight of ten receivers: the model lets the first pay six
 * and the second two. */
static void whales(struct model *m, const char *record)
{
	uint32_t whale[2] = { wallet_find(m, "whale1"), wallet_find(m, "whale2") };
	const int64_t from = jst("2018-02-15T18:00");
	const int64_t end = jst("2018-02-17T23:50");
	size_t n;
	struct row *v = read_table(record, "whale_second_hop.csv", &n);
	uint32_t fresh[10];
	size_t n_fresh = 0;

	whale_talk(m, whale[0], whale[1]);
	for (size_t i = 0; i < n; i++) {
		uint32_t to = by_published(m, v[i].cell[0]);
		bool second = strcmp(v[i].cell[1], "185919") == 0 ||
			      strcmp(v[i].cell[1], "90788") == 0;
		bool memo = to != NOBODY && m->w[to].service;

		if (to == NOBODY) {
			to = wallet_new(m, "second hop", NULL, "whalehop%zu", i + 1);
			wallet_models(m, to, v[i].cell[0]);
			fresh[n_fresh++] = to;
		}
		send(m, whale[second ? 1 : 0], to, cell_uxem(&v[i], 1),
		     3 + (size_t)chance(m, 8), from, end, memo,
		     memo ? "deposit" : "second hop");
		if (v[i].cell[2][0] != '\0')
			send(m, whale[1], to, cell_uxem(&v[i], 2),
			     3 + (size_t)chance(m, 8), from, end, memo, "deposit");
	}
	free_table(v, n);
	for (size_t i = 0; i < 2; i++) {
		struct memo memo =
		    customer_memo(m, wallet_find(m, "zaif"), m->w[whale[i]].name);

		for (unsigned k = 0; k < 6; k++)
			pay(m, whale[i], wallet_find(m, "zaif"),
			    balance_at(m, whale[i], END) / (8 - k) / XEM * XEM,
			    end + (k + 1) * 9 * HOUR, "deposit", &memo);
	}
	for (size_t i = 0; i < n_fresh; i++)
		behave(m, fresh[i], HABIT_DEPOSIT);
	behave(m, wallet_find(m, "second-both"), HABIT_DEPOSIT);
}

/* ---- all others ---- */

struct habits {
	enum habit habit;
	unsigned of_hundred;
};

static void live(struct model *m, const char *name, unsigned first, unsigned n,
		 const struct habits *h)
{
	unsigned sum = 0;

	for (const struct habits *x = h; x->of_hundred > 0; x++)
		sum += x->of_hundred;
	for (unsigned i = 0; i < n; i++) {
		char full[32];
		unsigned at = (i * 37 + 11) % sum; /* spread over all sizes */
		const struct habits *x = h;

		(void)snprintf(full, sizeof(full), "%s%u", name, first + i);
		for (; at >= x->of_hundred; x++)
			at -= x->of_hundred;
		behave(m, wallet_find(m, full), x->habit);
	}
}

/* Wallets of the processor, in the order in which they got their money: what came within
 * a day is emptied into one at the end of it. */
static void sweep(struct model *m)
{
	uint32_t collect = wallet_new(m, "processor without a label", "processor",
				      "processor-collect");
	uint32_t v[200];
	size_t n = 0;

	for (uint32_t i = 0; i < m->n_w && n < 200; i++)
		if (strcmp(m->w[i].role, "address of a processor") == 0 &&
		    first_in(m, i) > 0)
			v[n++] = i;
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && last_in(m, v[k]) < last_in(m, v[k - 1]);
		     k--) {
			uint32_t x = v[k];

			v[k] = v[k - 1];
			v[k - 1] = x;
		}
	for (size_t from = 0, to = 0; from < n; from = to) {
		int64_t t = last_in(m, v[from]) + 20 * HOUR;

		while (to < n && last_in(m, v[to]) < t)
			to++;
		for (size_t i = from; i < to; i++)
			pay_all(m, v[i], collect, 0,
				t + HOUR + (int64_t)(i - from) * 90, "swept", NULL);
	}
	fact(m, "sweep", collect, NOBODY, v, n);
	behave(m, collect, HABIT_DEPOSIT);
	fact(m, "same_owner", collect, NOBODY, v, n);
}

void story_late(struct model *m, const char *record)
{
	static const struct habits early[] = {
		{ HABIT_DEPOSIT, 45 }, { HABIT_DRAIN, 10 }, { HABIT_FORWARD, 12 },
		{ HABIT_POOL, 8 },     { HABIT_HOLD, 15 },  { HABIT_SLEEP, 8 },
		{ HABIT_CHAIN, 2 },    { HABIT_HOLD, 0 },
	};
	static const struct habits late[] = {
		{ HABIT_DEPOSIT, 38 }, { HABIT_DRAIN, 6 },  { HABIT_FORWARD, 10 },
		{ HABIT_POOL, 8 },     { HABIT_CHAIN, 8 },  { HABIT_PEEL, 4 },
		{ HABIT_MULTISIG, 4 }, { HABIT_SWEPT, 16 }, { HABIT_SPLIT, 2 },
		{ HABIT_SLEEP, 2 },    { HABIT_HOLD, 2 },   { HABIT_HOLD, 0 },
	};
	static const struct habits second[] = {
		{ HABIT_DEPOSIT, 50 }, { HABIT_DRAIN, 10 }, { HABIT_FORWARD, 20 },
		{ HABIT_HOLD, 20 },    { HABIT_HOLD, 0 },
	};

	top_five(m, record);
	largest_hundred(m, record);
	whales(m, record);
	live(m, "second", 1, 40, second);
	live(m, "small", 1, 160, early);
	live(m, "mid", 1, 120, late);
	live(m, "bulk", 1, 130, late);
	sweep(m);
}
