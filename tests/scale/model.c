#include "model.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- chance ---- */

static uint64_t next_random(struct model *m)
{
	uint64_t z = (m->random += UINT64_C(0x9E3779B97F4A7C15)); /* splitmix64 */

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

uint64_t chance(struct model *m, uint64_t below)
{
	return below == 0 ? 0 : next_random(m) % below;
}

int64_t between(struct model *m, int64_t from, int64_t to)
{
	return to <= from ? from : from + (int64_t)chance(m, (uint64_t)(to - from) + 1);
}

uint64_t *parts(struct model *m, uint64_t total, size_t n, uint64_t spread)
{
	uint64_t *v = fx_alloc(n, sizeof(*v));
	uint64_t sum = 0;
	uint64_t left = total;

	if (n == 0 || total < n)
		fx_die("%llu cannot be cut into %zu parts", (unsigned long long)total,
		       n);
	for (size_t i = 0; i < n; i++)
		sum += v[i] = 1000 + chance(m, 1000 * spread - 999);
	for (size_t i = 0; i < n; i++) {
		v[i] = 1 + (uint64_t)((xt_u128)(total - n) * v[i] / sum);
		left -= v[i];
	}
	v[chance(m, n)] += left;
	return v;
}

void shuffle(struct model *m, uint32_t *v, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)chance(m, i);
		uint32_t x = v[i - 1];

		v[i - 1] = v[k];
		v[k] = x;
	}
}

/* ---- time ---- */

int64_t jst(const char *text)
{
	struct xt_err err;
	int64_t t;

	fx_must(nem_time_parse(&t, text, &err), &err);
	return t - JST;
}

uint64_t height_of(int64_t t)
{
	return 1 + (uint64_t)(t - START + 30) / 60;
}

/* ---- wallets ---- */

uint32_t wallet_new(struct model *m, const char *role, const char *owner,
		    const char *fmt, ...)
{
	const uint32_t n = (uint32_t)m->n_w;
	struct nem_privkey priv;
	struct nem_pubkey pub;
	struct wallet *w;
	va_list ap;

	if (m->n_w == MAX_WALLETS)
		fx_die("more than %d wallets", MAX_WALLETS);
	w = &m->w[m->n_w++];
	memset(w, 0, sizeof(*w));
	va_start(ap, fmt);
	(void)vsnprintf(w->name, sizeof(w->name), fmt, ap);
	va_end(ap);
	w->role = role;
	(void)snprintf(w->owner, sizeof(w->owner), "%s",
		       owner == NULL ? w->name : owner);
	fx_key_from_name(&priv, &pub, w->name);
	nem_address_from_pubkey(&w->address, NEM_MAINNET, &pub);
	if (wallet_find(m, w->name) != NOBODY)
		fx_die("%s: twice", w->name);
	fx_must(xt_map_put(m->by_name, w->name, strlen(w->name), n, NULL), NULL);
	return n;
}

uint32_t wallet_find(const struct model *m, const char *name)
{
	uint32_t n;

	return xt_map_get(m->by_name, &n, name, strlen(name)) ? n : NOBODY;
}

void wallet_models(struct model *m, uint32_t w, const char *address)
{
	(void)snprintf(m->w[w].models, sizeof(m->w[w].models), "%s", address);
}

void wallet_label(struct model *m, uint32_t w, const char *category, bool service,
		  const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(m->w[w].label, sizeof(m->w[w].label), fmt, ap);
	va_end(ap);
	m->w[w].category = category;
	m->w[w].service = service;
}

static uint64_t costs(const struct tx *t)
{
	return t->fee + t->outer_fee +
	       (t->cosigned > 0 ? (t->cosigned - 1) * t->cosign_fee : 0);
}

uint64_t balance_at(const struct model *m, uint32_t w, int64_t t)
{
	uint64_t in = m->w[w].opening;
	uint64_t out = 0;

	for (size_t i = 0; i < m->w[w].n_txs; i++) {
		const struct tx *x = &m->tx[m->w[w].txs[i]];

		if (x->t > t)
			continue;
		if (x->to == w)
			in += x->amount;
		if (x->from == w)
			out += x->amount + costs(x);
	}
	if (out > in)
		fx_die("%s has spent what it does not have", m->w[w].name);
	return in - out;
}

int64_t first_in(const struct model *m, uint32_t w)
{
	int64_t t = 0;

	for (size_t i = 0; i < m->w[w].n_txs; i++) {
		const struct tx *x = &m->tx[m->w[w].txs[i]];

		if (x->to == w && x->amount > 0 && (t == 0 || x->t < t))
			t = x->t;
	}
	return t;
}

int64_t last_in(const struct model *m, uint32_t w)
{
	int64_t t = 0;

	for (size_t i = 0; i < m->w[w].n_txs; i++) {
		const struct tx *x = &m->tx[m->w[w].txs[i]];

		if (x->to == w && x->amount > 0 && x->t > t)
			t = x->t;
	}
	return t;
}

/* ---- transactions ---- */

struct memo plain(const char *fmt, ...)
{
	struct memo memo = { .kind = MEMO_PLAIN };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(memo.text, sizeof(memo.text), fmt, ap);
	va_end(ap);
	return memo;
}

/* Nobody can open it: what it says is chance. */
struct memo encrypted(struct model *m)
{
	struct memo memo = { .kind = MEMO_ENCRYPTED };

	for (size_t i = 0; i < 128; i++)
		memo.text[i] = "0123456789abcdef"[chance(m, 16)];
	return memo;
}

/* 0.05 XEM each 10,000, at most 1.25, and 0.05 for each 32 bytes of message begun. */
uint64_t usual_fee(uint64_t amount, const struct memo *memo)
{
	uint64_t units = amount / (10000 * XEM);
	size_t len = memo == NULL || memo->kind == MEMO_NONE ? 0 : strlen(memo->text);

	units = units < 1 ? 1 : units > 25 ? 25 : units;
	if (len > 0)
		units += (memo->kind == MEMO_ENCRYPTED ? len / 2 : len) / 32 + 1;
	return units * 50000;
}

static void touch(struct model *m, uint32_t w, size_t tx)
{
	struct wallet *x = &m->w[w];

	x->txs = fx_grow(x->txs, &x->cap_txs, x->n_txs, sizeof(*x->txs));
	x->txs[x->n_txs++] = (uint32_t)tx;
}

static struct tx *plan(struct model *m, enum tx_kind kind, uint32_t from, uint32_t to,
		       uint64_t uxem, int64_t t, const char *role)
{
	struct tx *x;

	if (t <= START + 120 || t >= END)
		fx_die("%s of %s: outside of the model's time", role, m->w[from].name);
	m->tx = fx_grow(m->tx, &m->cap_tx, m->n_tx, sizeof(*m->tx));
	x = &m->tx[m->n_tx];
	memset(x, 0, sizeof(*x));
	x->kind = kind;
	x->t = t;
	x->seq = m->n_tx;
	x->from = from;
	x->to = to;
	x->amount = uxem;
	x->role = role;
	touch(m, from, m->n_tx);
	if (to != NOBODY && to != from)
		touch(m, to, m->n_tx);
	m->n_tx++;
	return x;
}

struct tx *pay(struct model *m, uint32_t from, uint32_t to, uint64_t uxem, int64_t t,
	       const char *role, const struct memo *memo)
{
	struct tx *x = plan(m, TX_TRANSFER, from, to, uxem, t, role);

	if (memo != NULL)
		x->memo = *memo;
	x->fee = usual_fee(uxem, memo);
	if (m->w[from].n_cosigners > 0) {
		x->cosigned = m->w[from].min;
		x->outer_fee = x->cosign_fee = 150000;
	}
	return x;
}

struct tx *pay_all(struct model *m, uint32_t from, uint32_t to, uint64_t keep,
		   int64_t t, const char *role, const struct memo *memo)
{
	uint64_t has = balance_at(m, from, t);
	uint64_t extra =
	    keep + (m->w[from].n_cosigners > 0 ? m->w[from].min * 150000 : 0);
	uint64_t fee = usual_fee(has, memo);
	struct tx *x;

	if (has <= extra + fee)
		return NULL;
	/* The fee of all of it is enough for a little less. */
	x = pay(m, from, to, has - extra - fee, t, role, memo);
	x->fee = fee;
	return x;
}

void make_multisig(struct model *m, uint32_t w, const uint32_t cosigners[3],
		   unsigned min, int64_t t)
{
	struct tx *x =
	    plan(m, TX_MAKE_MULTISIG, w, NOBODY, 0, t, "made a multisig account");

	x->fee = 500000;
	memcpy(m->w[w].cosigners, cosigners, sizeof(m->w[w].cosigners));
	m->w[w].n_cosigners = 3;
	m->w[w].min = min;
}

void other_tx(struct model *m, uint32_t from, uint32_t to, uint64_t uxem, uint64_t fee,
	      int64_t t, const char *role, const char *fmt, ...)
{
	struct tx *x = plan(m, TX_OTHER, from, to, uxem, t, role);
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	x->text = fx_strdup(text);
	x->fee = fee;
}

void fact(struct model *m, const char *kind, uint32_t who, uint32_t other,
	  const uint32_t *members, size_t n)
{
	struct fact *f;

	m->facts = fx_grow(m->facts, &m->cap_facts, m->n_facts, sizeof(*m->facts));
	f = &m->facts[m->n_facts++];
	*f = (struct fact){ kind, who, other, fx_alloc(n, sizeof(*members)), n };
	if (n > 0)
		memcpy(f->members, members, n * sizeof(*members));
}

/* ---- the whole ---- */

struct model *model_new(uint64_t seed)
{
	struct model *m = fx_alloc(1, sizeof(*m));
	struct xt_err err;

	m->seed = m->random = seed;
	m->w = fx_alloc(MAX_WALLETS, sizeof(*m->w));
	fx_must(xt_map_new(&m->by_name, &err), &err);
	return m;
}

void model_free(struct model *m)
{
	for (size_t i = 0; i < m->n_w; i++)
		free(m->w[i].txs);
	for (size_t i = 0; i < m->n_tx; i++)
		free(m->tx[i].text);
	for (size_t i = 0; i < m->n_facts; i++)
		free(m->facts[i].members);
	free(m->w);
	free(m->tx);
	free(m->facts);
	free(m->harvests);
	xt_map_free(m->by_name);
	free(m);
}

static int by_place(const void *pa, const void *pb)
{
	const struct tx *a = pa;
	const struct tx *b = pb;

	if (a->height != b->height)
		return a->height < b->height ? -1 : 1;
	if (a->t != b->t)
		return a->t < b->t ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

void model_sort(struct model *m)
{
	for (size_t i = 0; i < m->n_tx; i++)
		m->tx[i].height = height_of(m->tx[i].t);
	qsort(m->tx, m->n_tx, sizeof(*m->tx), by_place);
	for (size_t i = 0; i < m->n_tx; i++)
		m->tx[i].index = i > 0 && m->tx[i - 1].height == m->tx[i].height
				     ? m->tx[i - 1].index + 1
				     : 0;
	/* The lists by wallet are those of the plan: of no use any more. */
	for (size_t i = 0; i < m->n_w; i++)
		m->w[i].n_txs = 0;
}
