/* What goes on beside the theft: people who pay each other, shops, exchanges that nobody
 * labelled, withdrawals; some of it meets stolen money. And small scenes between buyers. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define USERS     60
#define MERCHANTS 8

static uint32_t numbered(const struct model *m, const char *name, uint64_t i)
{
	char full[32];

	(void)snprintf(full, sizeof(full), "%s%llu", name, (unsigned long long)i);
	return wallet_find(m, full);
}

static uint32_t user(struct model *m)
{
	return numbered(m, "user", 1 + chance(m, USERS));
}

static uint32_t merchant(struct model *m)
{
	return numbered(m, "merchant", 1 + chance(m, MERCHANTS));
}

static uint64_t small(struct model *m)
{
	return (1 + chance(m, 9000)) * XEM / 100;
}

/* Exchanges without a label: customers' deposits, withdrawals, a wallet for the rest. */
static void pools(struct model *m)
{
	for (unsigned p = 1; p <= 2; p++) {
		uint32_t pool =
		    wallet_new(m, "exchange without a label", NULL, "pool%u", p);
		uint32_t cold = wallet_new(m, "store of an exchange", m->w[pool].name,
					   "pool%u-store", p);
		uint32_t both[2] = { pool, cold };

		m->w[pool].opening = 800000 * XEM;
		for (unsigned i = 0; i < 150; i++) {
			uint32_t from = user(m);
			struct memo memo = customer_memo(m, pool, m->w[from].name);

			if (chance(m, 12) == 0)
				memo = (struct memo){ .kind = MEMO_NONE };
			const int64_t t = between(m, START + DAY, END - DAY);
			const uint64_t amount = small(m);

			pay(m, from, pool, amount, t, "deposit", &memo);
		}
		for (unsigned i = 0; i < 120; i++) {
			const uint64_t amount = small(m);
			const uint32_t to = user(m);

			pay(m, pool, to, amount, START + DAY + (int64_t)i * 17 * HOUR,
			    "withdrawal", NULL);
		}
		for (unsigned i = 0; i < 5; i++)
			pay(m, pool, cold, 50000 * XEM,
			    jst("2018-02-15T04:00") + i * 6 * DAY, "to the store",
			    NULL);
		fact(m, "pool", pool, NOBODY, NULL, 0);
		fact(m, "fan_in", pool, NOBODY, NULL, 0);
		fact(m, "dormant", cold, NOBODY, NULL, 0);
		fact(m, "same_owner", pool, cold, both, 2);
	}
}

static void people(struct model *m)
{
	for (unsigned i = 1; i <= USERS; i++) {
		uint32_t w = wallet_new(m, "user", NULL, "user%u", i);

		m->w[w].opening = (20000 + chance(m, 100000)) * XEM;
	}
	for (unsigned i = 1; i <= MERCHANTS; i++) {
		uint32_t w = wallet_new(m, "merchant", NULL, "merchant%u", i);

		m->w[w].opening = 500 * XEM;
	}
}

static void daily_life(struct model *m)
{
	for (unsigned i = 0; i < 900; i++) {
		uint32_t from = user(m);
		uint32_t to = user(m);

		if (from != to) {
			const int64_t t = between(m, START + DAY, END - HOUR);
			const uint64_t amount = small(m);

			pay(m, from, to, amount, t, "among users", NULL);
		}
	}
	for (unsigned i = 0; i < 500; i++) {
		struct memo memo =
		    plain("order %llu", (unsigned long long)chance(m, 100000));

		const int64_t t = between(m, START + DAY, END - 2 * DAY);
		const uint64_t amount = small(m);
		const uint32_t to = merchant(m);
		const uint32_t from = user(m);

		pay(m, from, to, amount, t, "purchase", &memo);
	}
	for (unsigned i = 0; i < 250; i++) {
		const int64_t t = between(m, START + 3 * DAY, END - HOUR);
		const uint64_t amount = 10 * small(m);
		const uint32_t to = user(m);
		const char *from = chance(m, 3) == 0 ? "binance" : "zaif";

		pay(m, wallet_find(m, from), to, amount, t, "withdrawal", NULL);
	}
	for (unsigned i = 0; i < 250; i++) {
		uint32_t from = user(m);
		uint32_t to = some_exchange(m);
		struct memo memo = customer_memo(m, to, m->w[from].name);
		const int64_t t = between(m, START + DAY, END - HOUR);
		const uint64_t amount = small(m);

		pay(m, from, to, amount, t, "deposit", &memo);
	}
	/* A payroll that has nothing to do with it. */
	for (unsigned i = 1; i <= 30; i++)
		pay(m, wallet_find(m, "merchant1"), numbered(m, "user", i), 2 * XEM,
		    jst("2018-01-15T10:00") + i * 120, "payroll", NULL);
	fact(m, "fan_out", wallet_find(m, "merchant1"), NOBODY, NULL, 0);
}

static bool rich(const struct model *m, uint32_t w, int64_t t)
{
	return first_in(m, w) > 0 && balance_at(m, w, t) > 50000 * XEM;
}

/* Buyers spend a little, and get some clean money. */
static void spending(struct model *m)
{
	for (unsigned i = 1; i <= 120; i++) {
		const char *name = i % 2 == 0 ? "mid" : "bulk";
		uint32_t w = numbered(m, name, i);
		int64_t t = first_in(m, w) + between(m, 600, 3 * HOUR);

		if (first_in(m, w) == 0)
			continue;
		if (i % 5 == 0)
			pay(m, wallet_find(m, "zaif"), w, 50 * small(m), t - HOUR / 2,
			    "withdrawal", NULL);
		if (i % 3 == 0 && rich(m, w, t)) {
			struct memo memo = plain("order %u", i);
			const uint64_t amount = small(m);

			pay(m, w, merchant(m), amount, t, "purchase", &memo);
		}
	}
}

/* A friend gets something and returns it within hours. */
static void returns(struct model *m)
{
	for (unsigned i = 0; i < 4; i++) {
		uint32_t w = numbered(m, "mid", 20 + i * 9);
		uint32_t to = wallet_new(m, "friend", NULL, "friend%u", i + 1);
		int64_t t = first_in(m, w) + HOUR;

		if (first_in(m, w) == 0 || balance_at(m, w, t) < 2000 * XEM)
			continue;
		pay(m, w, to, (300 + i) * XEM, t, "there", NULL);
		pay_all(m, to, w, 0, t + between(m, HOUR, 11 * HOUR), "and back", NULL);
		fact(m, "round_trip", w, to, NULL, 0);
	}
}

/* A deposit that a service sends back. */
static void refunds(struct model *m)
{
	static const char *const names[] = { "zaif", "poloniex", "bittrex" };

	for (unsigned i = 0; i < XT_ARRAY_SIZE(names); i++) {
		uint32_t w = numbered(m, "bulk", 30 + i * 11);
		uint32_t service = wallet_find(m, names[i]);
		struct memo memo = plain("wrong memo");
		int64_t t = first_in(m, w) + HOUR;

		if (first_in(m, w) == 0 || balance_at(m, w, t) < 2000 * XEM)
			continue;
		pay(m, w, service, (700 + i) * XEM, t, "deposit", &memo);
		memo = plain("unknown memo, returned");
		pay(m, service, w, (700 + i) * XEM,
		    t + between(m, 20 * HOUR, 50 * HOUR), "refund", &memo);
		fact(m, "refund", w, service, NULL, 0);
	}
}

static void talks(struct model *m)
{
	for (unsigned i = 0; i < 3; i++) {
		uint32_t a = numbered(m, "bulk", 50 + i * 2);
		uint32_t b = numbered(m, "bulk", 51 + i * 2);
		int64_t t =
		    first_in(m, a) > first_in(m, b) ? first_in(m, a) : first_in(m, b);
		struct memo memo = plain("how much can you take?");

		if (first_in(m, a) == 0 || first_in(m, b) == 0 ||
		    balance_at(m, a, t + HOUR) < 100 * XEM ||
		    balance_at(m, b, t + HOUR) < 100 * XEM)
			continue;
		pay(m, a, b, 1 * XEM, t + HOUR, "talk", &memo);
		memo = plain("all of it, %u0 %% off", i + 1);
		pay(m, b, a, 2 * XEM, t + 2 * HOUR, "talk", &memo);
		fact(m, "conversation", a, b, NULL, 0);
	}
}

/* Merchants bring what they took to an exchange each week. */
static void takings(struct model *m)
{
	for (unsigned i = 1; i <= MERCHANTS; i++) {
		uint32_t w = numbered(m, "merchant", i);
		uint32_t to = some_exchange(m);
		struct memo memo = customer_memo(m, to, m->w[w].name);

		for (int64_t t = START + 6 * DAY; t < END; t += 6 * DAY + HOUR)
			if (balance_at(m, w, t) > 700 * XEM)
				pay_all(m, w, to, 500 * XEM, t + (int64_t)i * 300,
					"takings", &memo);
	}
}

/* Who signs blocks with fees in them. */
static void harvests(struct model *m)
{
	static const char *const names[] = { "whale1", "mid3",  "mid33", "bulk5",
					     "bulk14", "user1", "bulk41" };
	uint32_t remote = wallet_new(m, "remote harvester", "bulk41", "bulk41-remote");
	uint32_t owner = wallet_find(m, "bulk41");
	int64_t t = first_in(m, owner) + 2 * HOUR;

	if (first_in(m, owner) == 0)
		fx_die("bulk41 bought nothing");
	other_tx(m, owner, NOBODY, 0, 150000, t, "remote harvesting",
		 "remote bulk41 activate bulk41-remote");
	for (size_t i = 0; i < XT_ARRAY_SIZE(names); i++) {
		uint32_t w = wallet_find(m, names[i]);
		uint64_t from = height_of(first_in(m, w)) + (w == owner ? 540 : 10);

		for (unsigned k = 0; k < 12; k++) {
			uint64_t h = height_of(m->tx[chance(m, m->n_tx)].t);
			bool taken = h <= from;

			for (size_t j = 0; j < m->n_harvests; j++)
				taken = taken || m->harvests[j].height == h;
			if (taken)
				continue;
			m->harvests = fx_grow(m->harvests, &m->cap_harvests,
					      m->n_harvests, sizeof(*m->harvests));
			m->harvests[m->n_harvests++] =
			    (struct harvest){ h, w == owner ? remote : w, w };
		}
	}
}

void story_people(struct model *m)
{
	people(m);
	pools(m);
	daily_life(m);
}

void story_scenes(struct model *m)
{
	spending(m);
	returns(m);
	refunds(m);
	talks(m);
}

void story_rest(struct model *m)
{
	takings(m);
	harvests(m);
}
