/* What buyers do with what they bought. Each habit leaves something true behind it: a
 * deposit address, a chain, a sweep. Called once all payments into a wallet are planned. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* Times of the payments into a wallet, ascending. */
static int by_time(const void *pa, const void *pb)
{
	const int64_t *a = pa;
	const int64_t *b = pb;

	return *a < *b ? -1 : *a > *b;
}

static int64_t *times_in(const struct model *m, uint32_t w, size_t *n)
{
	int64_t *t = fx_alloc(m->w[w].n_txs + 1, sizeof(*t));

	*n = 0;
	for (size_t i = 0; i < m->w[w].n_txs; i++) {
		const struct tx *x = &m->tx[m->w[w].txs[i]];

		if (x->to == w && x->amount > 0)
			t[(*n)++] = x->t;
	}
	qsort(t, *n, sizeof(*t), by_time);
	return t;
}

/* Moments to pay at: after one payment in or several, the last after all of them. Returns
 * their number. */
static size_t rounds(struct model *m, uint32_t w, size_t most, int64_t **out)
{
	size_t n;
	int64_t *in = times_in(m, w, &n);
	int64_t *t = fx_alloc(most + 1, sizeof(*t));
	size_t k = 0;
	size_t count = n < most ? n : most;

	for (size_t i = 0; i < count; i++) {
		size_t after = n * (i + 1) / count - 1;
		int64_t at = in[after] + between(m, 600, 15 * HOUR);

		if (after + 1 < n && at >= in[after + 1])
			at = in[after] + (in[after + 1] - in[after]) / 2;
		if (k > 0 && at < t[k - 1] + 180)
			at = t[k - 1] + 180;
		if (at < END - 6 * HOUR)
			t[k++] = at;
	}
	free(in);
	*out = t;
	return k;
}

/* A deposit of `share` of ten of what the wallet has at t. */
static bool deposit(struct model *m, uint32_t w, uint32_t to, const char *owner,
		    unsigned share, uint64_t keep, int64_t t)
{
	struct memo memo = customer_memo(m, to, owner);
	uint64_t has = balance_at(m, w, t);

	/* Some write the memo so that nobody else can read it, few write none. */
	if (chance(m, 40) == 0)
		memo = encrypted(m);
	else if (chance(m, 60) == 0)
		memo = (struct memo){ .kind = MEMO_NONE };
	if (share >= 10)
		return pay_all(m, w, to, keep, t, "deposit", &memo) != NULL;
	if (has < 100 * XEM)
		return false;
	pay(m, w, to, has / 10 * share / XEM * XEM, t, "deposit", &memo);
	return true;
}

static void deposits(struct model *m, uint32_t w, uint32_t to, const char *owner,
		     size_t most, uint64_t keep)
{
	uint32_t other = chance(m, 4) == 0 ? some_exchange(m) : to;
	int64_t *t;
	size_t n = rounds(m, w, most, &t);

	for (size_t i = 0; i < n; i++)
		deposit(m, w, i % 2 == 0 ? to : other, owner,
			i + 1 < n ? 6 + (unsigned)chance(m, 4) : 10, keep, t[i]);
	free(t);
}

/* ---- one habit after the other ---- */

/* Deposit addresses pass all on within 780 blocks. */
static void forward(struct model *m, uint32_t w)
{
	static const char *const names[] = { "changelly", "cryptopia" };
	uint32_t service = wallet_find(m, names[chance(m, 2)]);
	uint32_t at = wallet_new(m, "deposit address", m->w[service].name, "%s-for-%s",
				 m->w[service].name, m->w[w].name);
	int64_t *t;
	size_t n = rounds(m, w, 1 + (size_t)chance(m, 4), &t);
	bool once = n == 1;
	int64_t wait = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t has = balance_at(m, w, t[i]);

		if (has < 20 * XEM)
			continue;
		wait = between(m, 120, 300 * 60);
		if (i + 1 < n && t[i] + wait >= t[i + 1])
			wait = (t[i + 1] - t[i]) / 2;
		if (wait < 120)
			continue; /* goes with the next */
		pay_all(m, w, at, 5 * XEM, t[i], "to a deposit address", NULL);
		pay_all(m, at, service, 0, t[i] + wait, "forwarded", NULL);
	}
	free(t);
	if (m->w[at].n_txs == 0)
		return;
	fact(m, "forwarding", at, service, NULL, 0);
	fact(m, "sweep", service, NOBODY, &at, 1);
	if (once && wait <= 59 * 60)
		fact(m, "pass_through", at, service, &at, 1);
}

/* Wallets used once, one behind the other, to the processor. */
static void chain(struct model *m, uint32_t w)
{
	uint32_t processor = wallet_find(m, "coinpayments");
	struct memo memo = customer_memo(m, processor, m->w[w].owner);
	int64_t *t;
	size_t n = rounds(m, w, 2, &t);

	for (size_t i = 0; i < n; i++) {
		uint32_t link[4];
		size_t length = 2 + (size_t)chance(m, 3);
		int64_t at = t[i];
		uint32_t from = w;

		if (balance_at(m, w, at) < 100 * XEM)
			continue;
		for (size_t k = 0; k < length; k++) {
			link[k] = wallet_new(m, "link of a chain", m->w[w].owner,
					     "chain-%s-%zu-%zu", m->w[w].name, i, k);
			pay_all(m, from, link[k], k == 0 ? 10 * XEM : 0, at, "chain",
				NULL);
			from = link[k];
			at += between(m, 180, 50 * 60);
		}
		pay_all(m, from, processor, 0, at, "deposit", &memo);
		fact(m, "pass_through", link[0], processor, link, length);
	}
	free(t);
}

/* A large balance sheds small payments and moves on. */
static void peel(struct model *m, uint32_t w)
{
	uint32_t link[5];
	size_t length = 3 + (size_t)chance(m, 3);
	uint32_t from = w;
	int64_t t = last_in(m, w) + between(m, HOUR, 12 * HOUR);
	struct memo memo;
	uint32_t to;

	if (t + 4 * DAY > END)
		return;
	for (size_t k = 0; k < length; k++) {
		uint64_t has;

		link[k] = wallet_new(m, "link of a peel chain", m->w[w].owner,
				     "peel-%s-%zu", m->w[w].name, k);
		pay_all(m, from, link[k], k == 0 ? 20 * XEM : 0, t, "peel chain", NULL);
		from = link[k];
		has = balance_at(m, from, t);
		for (uint64_t i = 2 + chance(m, 3); i > 0; i--) {
			t += between(m, 600, 2 * HOUR);
			to = some_exchange(m);
			memo = customer_memo(m, to, m->w[w].owner);
			pay(m, from, to, has / 100 * (2 + chance(m, 5)) / XEM * XEM, t,
			    "peeled", &memo);
		}
		t += between(m, 600, 2 * HOUR);
	}
	to = some_exchange(m);
	memo = customer_memo(m, to, m->w[w].owner);
	pay_all(m, from, to, 0, t, "deposit", &memo);
	fact(m, "peel_chain", link[0], to, link, length);
}

/* A wallet that needs two of three keys; two such wallets share them. */
static void multisig(struct model *m, uint32_t w)
{
	static uint32_t keys[3];
	static uint32_t sharer;
	static const struct model *of;
	int64_t t = first_in(m, w);

	if (of == m && sharer != NOBODY) {
		uint32_t both[2] = { sharer, w };

		fact(m, "shared_cosignatories", sharer, w, both, 2);
		sharer = NOBODY;
	} else {
		for (unsigned i = 0; i < 3; i++)
			keys[i] = wallet_new(m, "cosigner", m->w[w].owner, "key%u-%s",
					     i + 1, m->w[w].name);
		of = m;
		sharer = w;
	}
	(void)snprintf(m->w[w].owner, sizeof(m->w[w].owner), "%s", m->w[keys[0]].owner);
	/* Its first money is clean and makes it what it is. */
	pay(m, wallet_find(m, "binance"), w, 5 * XEM, t - DAY, "withdrawal", NULL);
	make_multisig(m, w, keys, 2, t - DAY / 2);
	/* What it was to pay already needs the keys, too. */
	for (size_t i = 0; i < m->w[w].n_txs; i++) {
		struct tx *x = &m->tx[m->w[w].txs[i]];

		if (x->from == w && x->kind == TX_TRANSFER) {
			x->cosigned = 2;
			x->outer_fee = x->cosign_fee = 150000;
		}
	}
	deposits(m, w, some_exchange(m), m->w[w].owner, 4, 30 * XEM);
}

/* Addresses of an unlabelled processor, one a customer, emptied into one each day. */
static void swept(struct model *m, uint32_t w)
{
	uint32_t at = wallet_new(m, "address of a processor", "processor",
				 "processor-for-%s", m->w[w].name);
	int64_t t = last_in(m, w) + between(m, 600, 4 * HOUR);

	if (t > END - DAY)
		t = END - DAY;
	pay_all(m, w, at, 5 * XEM, t, "to a processor", NULL);
}

/* Into many wallets of his own; each deposits for him. */
static void split(struct model *m, uint32_t w)
{
	uint32_t to = some_exchange(m);
	int64_t t = last_in(m, w) + between(m, HOUR, 6 * HOUR);
	uint64_t n = 12 + chance(m, 4);
	uint64_t each = balance_at(m, w, t) / n / XEM * XEM;
	const bool exact = strcmp(m->w[w].name, "mid40") < 0;
	uint32_t own[16];

	if (each < 100 * XEM || t > END - DAY)
		return;
	for (size_t i = 0; i < n; i++) {
		struct memo memo = customer_memo(m, to, m->w[w].owner);
		int64_t at = t + (int64_t)i * between(m, 300, 900);

		own[i] = wallet_new(m, "wallet of a splitter", m->w[w].owner,
				    "split-%s-%zu", m->w[w].name, i);
		pay(m, w, own[i], i + 1 < n ? each : each - 50 * XEM, at, "split",
		    NULL);
		pay_all(m, own[i], to, exact ? 0 : 2 * XEM,
			at + between(m, 240, 50 * 60), "deposit", &memo);
		if (exact)
			fact(m, "pass_through", own[i], to, &own[i], 1);
	}
	fact(m, "fan_out", w, NOBODY, NULL, 0);
	fact(m, "same_owner", w, NOBODY, own, (size_t)n);
}

static void hold(struct model *m, uint32_t w)
{
	for (size_t i = 0; i < m->w[w].n_txs; i++)
		if (m->tx[m->w[w].txs[i]].from == w)
			return; /* it paid something in another scene */
	if (last_in(m, w) < END - 7 * DAY - DAY / 2)
		fact(m, "dormant", w, NOBODY, NULL, 0);
}

static void sleep_long(struct model *m, uint32_t w)
{
	uint32_t to = some_exchange(m);
	int64_t t = last_in(m, w) + between(m, 8 * DAY, 14 * DAY);

	if (t > END - DAY) {
		hold(m, w);
		return;
	}
	deposit(m, w, to, m->w[w].owner, 10, 40 * XEM, t);
	fact(m, "woken", w, NOBODY, NULL, 0);
}

void behave(struct model *m, uint32_t w, enum habit h)
{
	uint32_t to = some_exchange(m);

	if (first_in(m, w) == 0)
		return;
	switch (h) {
	case HABIT_DEPOSIT: {
		const uint64_t keep = (1 + chance(m, 200)) * XEM;

		deposits(m, w, to, m->w[w].owner, 1 + (size_t)chance(m, 6), keep);
		break;
	}
	case HABIT_DRAIN:
		deposits(m, w, to, m->w[w].owner, 2, 0);
		if (m->w[w].n_txs == 2 &&
		    m->tx[m->w[w].txs[1]].t - m->tx[m->w[w].txs[0]].t < 59 * 60)
			fact(m, "pass_through", w, m->tx[m->w[w].txs[1]].to, &w, 1);
		break;
	case HABIT_FORWARD:
		forward(m, w);
		break;
	case HABIT_POOL:
		to = wallet_find(m, chance(m, 2) == 0 ? "pool1" : "pool2");
		deposits(m, w, to, m->w[w].owner, 3, 3 * XEM);
		break;
	case HABIT_CHAIN:
		chain(m, w);
		break;
	case HABIT_PEEL:
		peel(m, w);
		break;
	case HABIT_MULTISIG:
		multisig(m, w);
		break;
	case HABIT_SWEPT:
		swept(m, w);
		break;
	case HABIT_SPLIT:
		split(m, w);
		break;
	case HABIT_SLEEP:
		sleep_long(m, w);
		break;
	case HABIT_HOLD:
	case HABITS:
		hold(m, w);
		break;
	}
}
