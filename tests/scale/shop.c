/* The shop: 14 wallets with the published numbers of payments, sums, first and last, and
 * whom they paid. What a sale's amount was is made up; what each group of buyers got in all,
 * and until when, is the published figure. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define SHOPS 14

/* Payments of one wallet that share a purpose. */
struct bucket {
	uint64_t xem;
	unsigned n;
	int64_t latest; /* 0: as long as the wallet pays */
	const char *role;
	uint32_t *to; /* whom: one after the other, or by weight */
	size_t n_to;
	uint64_t spread;
	bool by_window; /* whoever buys at that time */
};

struct slot {
	int64_t t;
	uint64_t xem;
	uint32_t to;
	const char *role;
	bool used;
};

struct shop {
	uint32_t w;
	uint64_t xem;
	unsigned n;
	int64_t first, last;
	struct slot *slot;  /* by time */
	uint64_t allowance; /* fees at most, uXEM */
};

/* A buyer of February or March: a time of his own, and how much he takes of it. */
struct buyer {
	uint32_t w;
	int64_t from, to;
	uint64_t weight;
};

struct buyers {
	struct buyer *v;
	size_t n;
};

struct sales {
	struct shop shop[SHOPS];
	uint32_t top[5], large[95], small[160], whale[2];
	uint64_t top_xem[5];
	struct buyers mid, bulk;
	size_t next_large, next_small;
};

/* ---- slots ---- */

static int by_time(const void *pa, const void *pb)
{
	const int64_t *a = pa;
	const int64_t *b = pb;

	return *a < *b ? -1 : *a > *b;
}

static void make_slots(struct model *m, struct shop *s)
{
	int64_t *t = fx_alloc(s->n, sizeof(*t));

	t[0] = s->first;
	t[s->n - 1] = s->last;
	/* A block of their own for the first and the last, whose times are published. */
	for (unsigned i = 1; i + 1 < s->n; i++)
		t[i] = between(m, s->first + 90, s->last - 90);
	if (s->n > 2)
		qsort(t + 1, s->n - 2, sizeof(*t), by_time);
	s->slot = fx_alloc(s->n, sizeof(*s->slot));
	for (unsigned i = 0; i < s->n; i++)
		s->slot[i].t = t[i];
	free(t);
}

static void use_slot(struct shop *s, unsigned i, uint64_t xem, uint32_t to,
		     const char *role)
{
	if (i >= s->n || s->slot[i].used)
		fx_die("a payment of the shop has no place");
	s->slot[i].used = true;
	s->slot[i].xem = xem;
	s->slot[i].to = to;
	s->slot[i].role = role;
}

static uint32_t by_window(struct model *m, const struct buyers *b, int64_t t)
{
	uint64_t sum = 0;
	uint64_t at;

	for (size_t i = 0; i < b->n; i++)
		sum += b->v[i].from <= t && t <= b->v[i].to ? b->v[i].weight : 0;
	if (sum == 0)
		fx_die("nobody buys");
	at = chance(m, sum);
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].from > t || t > b->v[i].to)
			continue;
		if (at < b->v[i].weight)
			return b->v[i].w;
		at -= b->v[i].weight;
	}
	return b->v[0].w;
}

/* Free slots until `latest`, in random order. Returns their number. */
static size_t free_slots(struct model *m, const struct shop *s, int64_t latest,
			 uint32_t *out)
{
	size_t n = 0;

	for (unsigned i = 0; i < s->n; i++)
		if (!s->slot[i].used && (latest == 0 || s->slot[i].t <= latest))
			out[n++] = i;
	shuffle(m, out, n);
	return n;
}

static void fill_bucket(struct model *m, struct shop *s, const struct bucket *b,
			const struct buyers *windows, size_t *next)
{
	uint32_t *at = fx_alloc(s->n, sizeof(*at));
	size_t n = free_slots(m, s, b->latest, at);
	uint64_t *xem = parts(m, b->xem, b->n, b->spread);

	if (n < b->n)
		fx_die("%s: %zu payments until then, not %u", m->w[s->w].name, n, b->n);
	for (unsigned i = 0; i < b->n; i++) {
		uint32_t to = b->by_window ? by_window(m, windows, s->slot[at[i]].t)
					   : b->to[(*next)++ % b->n_to];

		use_slot(s, at[i], xem[i], to, b->role);
	}
	free(xem);
	free(at);
}

/* ---- buyers ---- */

static void name_buyers(struct model *m, struct sales *x, const char *record)
{
	size_t n;
	struct row *v = read_table(record, "buyers_top5.csv", &n);

	for (size_t i = 0; i < 5; i++) {
		x->top[i] = wallet_new(m, "large buyer", NULL, "top%zu", i + 1);
		x->top_xem[i] = cell_uxem(&v[i], 1) / XEM;
		wallet_models(m, x->top[i], v[i].cell[0]);
		wallet_label(m, x->top[i], "theft-buyer", false, "Buyer %zu", i + 1);
	}
	free_table(v, n);
	for (size_t i = 0; i < 95; i++)
		x->large[i] = wallet_new(m, "large buyer", NULL, "large%zu", i + 6);
	for (size_t i = 0; i < 160; i++)
		x->small[i] = wallet_new(m, "small buyer", NULL, "small%zu", i + 1);
	v = read_table(record, "whales.csv", &n);
	for (size_t i = 0; i < 2; i++) {
		x->whale[i] = wallet_new(m, "whale", NULL, "whale%zu", i + 1);
		wallet_models(m, x->whale[i], v[i].cell[0]);
		wallet_label(m, x->whale[i], "theft-buyer", false, "Whale %zu", i + 1);
		m->w[x->whale[i]].opening = 5000 * XEM;
	}
	free_table(v, n);
}

/* Buyers with times of their own, at most six days, the sizes far apart; somebody is always
 * there. */
static void windows(struct model *m, struct buyers *b, size_t n, const char *role,
		    const char *name, int64_t from, int64_t to)
{
	b->n = n;
	b->v = fx_alloc(n, sizeof(*b->v));
	for (size_t i = 0; i < n; i++) {
		struct buyer *x = &b->v[i];
		int64_t length = between(m, DAY, 6 * DAY);
		int64_t at =
		    from - 3 * DAY + (to - from + 3 * DAY) / (int64_t)n * (int64_t)i;

		x->w = wallet_new(m, role, NULL, "%s%zu", name, i + 1);
		x->from = at;
		x->to = at + length;
		if (i == 0 || i + 1 == n || i % 12 == 0) {
			/* No hour without a buyer. */
			x->to = at + 6 * DAY;
		}
		x->weight = 100000 / (100 + chance(m, 3000));
	}
	b->v[n - 1].to = to;
}

/* ---- what each wallet sells ---- */

static void sell(struct model *m, struct sales *x, unsigned shop,
		 const struct bucket *b, const struct buyers *w, size_t *next)
{
	size_t unused = 0;

	fill_bucket(m, &x->shop[shop - 1], b, w, next == NULL ? &unused : next);
}

static void sell_top(struct model *m, struct sales *x, unsigned shop,
		     const uint64_t xem[5], const unsigned n[5], int64_t latest)
{
	for (unsigned i = 0; i < 5; i++) {
		struct bucket b = { xem[i],     n[i], latest, "sale",
				    &x->top[i], 1,    4,      false };

		if (n[i] > 0)
			sell(m, x, shop, &b, NULL, NULL);
	}
}

static void sell_large(struct model *m, struct sales *x, unsigned shop, uint64_t xem,
		       unsigned n, int64_t latest)
{
	struct bucket b = { xem, n, latest, "sale", x->large, 95, 2, false };

	sell(m, x, shop, &b, NULL, &x->next_large);
}

/* All that is left of a wallet's payments. */
static void sell_rest(struct model *m, struct sales *x, unsigned shop,
		      const struct buyers *w)
{
	const struct shop *s = &x->shop[shop - 1];
	struct bucket b = { s->xem, s->n, 0, "sale", x->small, 160, 3, w != NULL };

	for (unsigned i = 0; i < s->n; i++) {
		b.xem -= s->slot[i].xem;
		b.n -= s->slot[i].used;
	}
	if (w != NULL)
		b.spread = 12;
	if (b.n > 0)
		sell(m, x, shop, &b, w, &x->next_small);
}

static void sell_whale(struct model *m, struct sales *x, unsigned shop, unsigned whale,
		       uint64_t xem, unsigned n, int64_t latest)
{
	struct bucket b = { xem, n, latest, "sale", &x->whale[whale], 1, 3, false };

	sell(m, x, shop, &b, NULL, NULL);
}

/* The last payment of a wallet: its rest, to the next one. */
static void pass_rest(struct sales *x, unsigned shop, uint64_t xem, unsigned next)
{
	struct shop *s = &x->shop[shop - 1];

	use_slot(s, s->n - 1, xem, x->shop[next - 1].w, "rest");
}

/* A buyer pays the shop by mistake, asks for it, and gets it back about six hours later. */
static void refund(struct model *m, struct sales *x)
{
	struct shop *s = &x->shop[2];
	struct memo memo = plain("sorry, sent by mistake, please return 37258");
	unsigned i = 0;

	while (s->slot[i].used || s->slot[i].t < jst("2018-02-10T15:00"))
		i++;
	pay(m, wallet_find(m, "binance"), x->top[2], 37300 * XEM,
	    jst("2018-02-07T12:00"), "withdrawal", NULL);
	pay(m, wallet_find(m, "binance"), x->top[4], 20 * XEM, jst("2018-02-07T13:00"),
	    "withdrawal", NULL);
	pay(m, x->top[2], s->w, 37258 * XEM, s->slot[i].t - 6 * HOUR - 240, "mistake",
	    &memo);
	use_slot(s, i, 37258, x->top[2], "refund");
	fact(m, "round_trip", x->top[2], s->w, NULL, 0);
}

static void early_sales(struct model *m, struct sales *x)
{
	const int64_t feb10 = jst("2018-02-10T22:00");
	const int64_t feb12 = jst("2018-02-12T21:00");
	const uint64_t refunded = 37258;
	uint64_t xem[5];
	unsigned n1[5] = { 0, 1, 0, 0, 0 };
	unsigned n2[5] = { 26, 20, 5, 4, 3 };
	unsigned n3[5] = { 22, 16, 4, 4, 3 };
	uint64_t x1[5] = { 0, 20000, 0, 0, 0 };

	pass_rest(x, 1, 754, 2);
	sell_top(m, x, 1, x1, n1, 0);
	sell_rest(m, x, 1, NULL);
	pass_rest(x, 2, 23382, 3);
	for (unsigned i = 0; i < 5; i++)
		xem[i] = x->top_xem[i] * 2 / 5;
	sell_top(m, x, 2, xem, n2, 0);
	sell_large(m, x, 2, 1500000, 110, 0);
	sell_rest(m, x, 2, NULL);
	pass_rest(x, 3, 142526, 4);
	refund(m, x);
	for (unsigned i = 0; i < 5; i++)
		xem[i] = x->top_xem[i] - xem[i] - x1[i] - (i == 2 ? refunded : 0);
	sell_top(m, x, 3, xem, n3, feb10);
	sell_large(m, x, 3, 1900000, 90, 0);
	sell_rest(m, x, 3, NULL);
	pass_rest(x, 4, 12627, 7);
	sell_large(m, x, 4, 790000, 60, 0);
	sell_rest(m, x, 4, NULL);
	pass_rest(x, 5, 68717, 6);
	sell_large(m, x, 5, 1760000, 80, 0);
	sell_rest(m, x, 5, NULL);
	pass_rest(x, 6, 9943, 7);
	sell_large(m, x, 6, 170000, 40, 0);
	sell_rest(m, x, 6, NULL);
	pass_rest(x, 7, 19278, 8);
	sell_large(m, x, 7, 650000, 60, 0);
	sell_rest(m, x, 7, NULL);
	pass_rest(x, 8, 36534, 9);
	sell_large(m, x, 8, 90000, 40, feb12);
	sell_rest(m, x, 8, NULL);
}

static void late_sales(struct model *m, struct sales *x, uint64_t rest11)
{
	const int64_t feb17 = jst("2018-02-17T22:00");

	pass_rest(x, 9, 42879, 10);
	sell_rest(m, x, 9, &x->mid);
	pass_rest(x, 10, 2332830, 11);
	sell_whale(m, x, 10, 0, 14000000, 150, 0);
	sell_whale(m, x, 10, 1, 5000000, 90, 0);
	sell_rest(m, x, 10, &x->mid);
	pass_rest(x, 11, rest11, 14);
	sell_whale(m, x, 11, 0, 36773293 - 14000000, 160, feb17);
	sell_whale(m, x, 11, 1, 13498773 - 5000000, 80, feb17);
	sell_rest(m, x, 11, &x->mid);
	use_slot(&x->shop[11], 0, 1000000, x->mid.v[x->mid.n / 2].w, "sale");
	sell_rest(m, x, 12, &x->mid);
	pass_rest(x, 13, 66368, 14);
	sell_rest(m, x, 13, &x->mid);
	sell_rest(m, x, 14, &x->bulk);
	/* It got its first money on 21 February and paid on 2 March. */
	fact(m, "woken", x->shop[13].w, NOBODY, NULL, 0);
}

/* ---- where the shop's money came from ---- */

struct purse {
	uint32_t hop[8];
	size_t n, at;
	uint64_t left; /* of hop[at], uXEM */
};

/* `uxem` into a wallet at `t`, from the first-hop wallets one after the other. */
static void draw(struct model *m, struct purse *p, uint32_t to, uint64_t uxem,
		 int64_t t)
{
	const uint64_t margin = 200 * XEM; /* for fees */

	while (uxem > 0) {
		uint64_t q;

		while (p->left <= margin) {
			if (++p->at == p->n)
				fx_die("the first-hop wallets are empty");
			p->left = balance_at(m, p->hop[p->at], END);
		}
		q = p->left - margin < uxem ? p->left - margin : uxem;
		pay(m, p->hop[p->at], to, q, t, "fill", NULL);
		p->left -= q;
		uxem -= q;
		t += 60;
	}
}

/* Fill wallet `s` in `n` steps, each before the payments that it is for; `has`: what comes
 * from elsewhere. */
static void fill(struct model *m, struct purse *p, const struct shop *s, unsigned n,
		 uint64_t has)
{
	unsigned at = 0;

	for (unsigned i = 0; i < n; i++) {
		const unsigned end = s->n * (i + 1) / n;
		uint64_t need = s->allowance / n;
		int64_t t = s->slot[at].t - between(m, 900, 2400);

		for (; at < end; at++)
			need += s->slot[at].xem * XEM;
		if (has >= need) {
			has -= need;
			continue;
		}
		draw(m, p, s->w, need - has, t);
		has = 0;
	}
}

static uint64_t in_steps(const struct shop *s)
{
	return s->allowance + s->xem * XEM;
}

static void fill_all(struct model *m, struct sales *x)
{
	static const char *const order[] = { "hop1", "hop5", "hop3", "hop6",
					     "hop7", "hop8", "hop2" };
	struct purse p = { .n = XT_ARRAY_SIZE(order) };
	struct shop *s = x->shop;
	int64_t t = jst("2018-02-09T19:05");
	uint64_t part;

	for (size_t i = 0; i < p.n; i++)
		p.hop[i] = wallet_find(m, order[i]);
	/* 9 February: the others wake, each with a part of the third wallet's money. The
	 * mistaken payment of 37,258 comes in and goes out; the second wallet's rest too. */
	part = (in_steps(&s[2]) - (37258 + 23382) * XEM) / 6 + 1;
	for (size_t i = 1; i < p.n; i++)
		pay(m, p.hop[i], s[2].w, part, t + (int64_t)i * 300, "fill", NULL);
	/* 21 February: 20 million twice. */
	pay(m, p.hop[6], s[11].w, 20000000 * XEM, jst("2018-02-21T02:21"), "refill",
	    NULL);
	pay(m, p.hop[6], s[11].w, 20000000 * XEM, jst("2018-02-21T03:01"), "refill",
	    NULL);
	p.left = balance_at(m, p.hop[0], END);
	fill(m, &p, &s[0], 1, 0);
	fill(m, &p, &s[1], 5, 0);
	fill(m, &p, &s[3], 1, 142526 * XEM);
	fill(m, &p, &s[4], 1, 0);
	fill(m, &p, &s[5], 1, 68717 * XEM);
	fill(m, &p, &s[6], 1, (9943 + 12627) * XEM);
	fill(m, &p, &s[7], 1, 19278 * XEM);
	fill(m, &p, &s[8], 1, 36534 * XEM);
	fill(m, &p, &s[9], 4, 42879 * XEM);
	fill(m, &p, &s[10], 8, 2332830 * XEM);
	fill(m, &p, &s[12], 1, 0);
	fill(m, &p, &s[13], 24, s[10].slot[s[10].n - 1].xem * XEM + 66368 * XEM);
}

/* What the eleventh wallet must pass on so that the last one can pay all it paid: the
 * published sums are larger than what was stolen, so some was counted twice. */
static uint64_t needed_rest(const struct model *m, const struct sales *x)
{
	uint64_t need = 0;
	uint64_t has = 0;
	char name[32];

	for (unsigned i = 0; i < SHOPS; i++)
		if (i != 11)
			need += in_steps(&x->shop[i]) / XEM + 1;
	need +=
	    40000000 + 40000; /* the twelfth; fees and remainders of the first hops */
	/* rests of the others, the mistake */
	has = 23382 + 142526 + 12627 + 68717 + 9943 + 19278 + 36534 + 42879 + 2332830 +
	      66368 + 37258;
	for (unsigned i = 1; i <= 8; i++) {
		if (i == 4)
			continue;
		(void)snprintf(name, sizeof(name), "hop%u", i);
		has += balance_at(m, wallet_find(m, name), END) / XEM;
	}
	if (need <= has)
		fx_die("the shop has more than it sells");
	return need - has;
}

/* ---- the whole ---- */

static void read_shops(struct model *m, struct sales *x, const char *record)
{
	size_t n;
	struct row *v = read_table(record, "darkweb_shop_wallets.csv", &n);

	for (unsigned i = 0; i < SHOPS; i++) {
		struct shop *s = &x->shop[i];

		s->w = wallet_new(m, "shop", "thief", "shop%u", i + 1);
		wallet_models(m, s->w, v[i].cell[0]);
		wallet_label(m, s->w, "theft-shop", false, "Shop %u", i + 1);
		s->n = (unsigned)(cell_uxem(&v[i], 1) / XEM);
		s->xem = cell_uxem(&v[i], 2) / XEM;
		s->first = jst(v[i].cell[3]);
		s->last = jst(v[i].cell[4]);
		s->allowance = s->xem * XEM / 150000 + s->n * XEM / 5 + 50 * XEM;
		make_slots(m, s);
		if (s->n > 100)
			fact(m, "fan_out", s->w, NOBODY, NULL, 0);
	}
	free_table(v, n);
}

static void pay_out(struct model *m, const struct sales *x)
{
	for (unsigned k = 0; k < SHOPS; k++) {
		const struct shop *s = &x->shop[k];

		for (unsigned i = 0; i < s->n; i++) {
			const struct slot *a = &s->slot[i];
			struct tx *t;

			if (!a->used)
				fx_die("%s: a payment without a purpose",
				       m->w[s->w].name);
			t = pay(m, s->w, a->to, a->xem * XEM, a->t, a->role, NULL);
			t->clock = t->prompt = i == 0 || i + 1 == s->n;
		}
	}
}

static void advertise(struct model *m)
{
	uint32_t ad = wallet_new(m, "advertiser of the shop", "thief", "advert");
	uint32_t who[40];
	struct memo memo = plain("XEM -15%% cheaper, BTC and LTC, see model.example");

	wallet_label(m, ad, "theft-excluded", false, "Advertised the shop");
	pay(m, wallet_find(m, "hop9"), ad, 50 * XEM, jst("2018-02-06T18:00"), "fill",
	    NULL);
	for (size_t i = 0; i < XT_ARRAY_SIZE(who); i++) {
		who[i] = wallet_new(m, "bystander", NULL, "reader%zu", i + 1);
		m->w[who[i]].opening = 10 * XEM;
		pay(m, ad, who[i], 0, jst("2018-02-06T19:00") + (int64_t)i * 120,
		    "advertising", &memo);
	}
	fact(m, "fan_out", ad, NOBODY, NULL, 0);
	fact(m, "decoy_dust", ad, NOBODY, who, XT_ARRAY_SIZE(who));
}

void story_shop(struct model *m, const char *record)
{
	static struct sales x;

	memset(&x, 0, sizeof(x));
	read_shops(m, &x, record);
	name_buyers(m, &x, record);
	windows(m, &x.mid, 120, "buyer of February", "mid", x.shop[8].first,
		x.shop[12].last);
	windows(m, &x.bulk, 130, "buyer of March", "bulk", x.shop[13].first,
		x.shop[13].last);
	advertise(m);
	early_sales(m, &x);
	late_sales(m, &x, needed_rest(m, &x));
	fill_all(m, &x);
	pay_out(m, &x);
	for (unsigned i = 0; i < SHOPS; i++)
		free(x.shop[i].slot);
	free(x.mid.v);
	free(x.bulk.v);
}
