#include "internal.h"

#include <pthread.h>
#include <string.h>

#include <sodium.h>

/* Everything a taint run depends on, in one unambiguous byte string: little-endian
 * numbers, texts with their length in front. Labels count only by what they make of an
 * account. */
struct digest {
	crypto_generichash_state h;
	uint8_t buf[1U << 14];
	size_t n;
};

static void flush(struct digest *d)
{
	crypto_generichash_update(&d->h, d->buf, d->n);
	d->n = 0;
}

static void put(struct digest *d, uint64_t v, unsigned bytes)
{
	if (d->n + 8 > sizeof(d->buf))
		flush(d);
	for (unsigned i = 0; i < bytes; i++)
		d->buf[d->n++] = (uint8_t)(v >> (8 * i));
}

static void text(struct digest *d, const char *t)
{
	const size_t n = strlen(t);
	put(d, n, 4);
	if (n > sizeof(d->buf) - d->n) {
		flush(d);
		crypto_generichash_update(&d->h, (const uint8_t *)t, n);
		return;
	}
	memcpy(d->buf + d->n, t, n);
	d->n += n;
}

/* Arrays whose memory is the wanted byte string already on a little-endian machine. */
static bool little_endian(void)
{
	const uint16_t one = 1;
	uint8_t first;
	memcpy(&first, &one, 1);
	return first == 1;
}

static void put_bytes(struct digest *d, const void *p, size_t n)
{
	flush(d);
	if (n)
		crypto_generichash_update(&d->h, p, n);
}

_Static_assert(sizeof(struct graph_event) == 16,
	       "hashed as they stand in memory: no padding");

static void put_events(struct digest *d, const struct graph *g)
{
	put(d, g->n_events, 4);
	if (little_endian()) {
		put_bytes(d, g->events, g->n_events * sizeof(*g->events));
		put_bytes(d, g->event_tx, g->n_events * sizeof(*g->event_tx));
		return;
	}
	for (uint32_t i = 0; i < g->n_events; i++) {
		put(d, g->events[i].from, 4);
		put(d, g->events[i].to, 4);
		put(d, g->events[i].w, 8);
	}
	for (uint32_t i = 0; i < g->n_events; i++)
		put(d, g->event_tx[i], 4);
}

/* One transaction as it is hashed; millions of them. */
struct tx_bytes {
	uint32_t height, memo;
	uint64_t time, time_last;
	uint32_t count;
	uint8_t kind, provenance, height_known, order_known;
};
_Static_assert(sizeof(struct tx_bytes) == 32, "no padding");

static void put_txs(struct digest *d, const struct graph *g)
{
	const bool little = little_endian();
	put(d, g->n_txs, 4);
	for (uint32_t i = 0; i < g->n_txs; i++) {
		const struct graph_tx *t = &g->txs[i];
		const struct tx_bytes w = { t->height,
					    t->memo,
					    t->time,
					    t->time_last,
					    t->count,
					    (uint8_t)t->time_kind,
					    (uint8_t)t->provenance,
					    (uint8_t)t->height_known,
					    (uint8_t)t->order_known };
		if (d->n + sizeof(w) > sizeof(d->buf))
			flush(d);
		if (little) {
			memcpy(d->buf + d->n, &w, sizeof(w));
			d->n += sizeof(w);
			continue;
		}
		put(d, w.height, 4);
		put(d, w.memo, 4);
		put(d, w.time, 8);
		put(d, w.time_last, 8);
		put(d, w.count, 4);
		put(d, w.kind, 1);
		put(d, w.provenance, 1);
		put(d, w.height_known, 1);
		put(d, w.order_known, 1);
	}
}

static void put_seeds(struct digest *d, const struct graph *g)
{
	put(d, g->n_thefts, 4);
	for (uint32_t i = 0; i < g->n_thefts; i++)
		text(d, g->theft[i]);
	put(d, g->n_seeds, 4);
	for (uint32_t i = 0; i < g->n_seeds; i++) {
		const struct graph_seed *s = &g->seeds[i];
		put(d, s->theft, 4);
		put(d, s->kind, 4);
		put(d, s->tx, 4);
		put(d, s->account, 4);
		put(d, (uint64_t)s->from, 8);
		put(d, (uint64_t)s->to, 8);
		put(d, s->height, 4);
		put(d, s->amount, 8);
	}
	put(d, g->n_cleans, 4);
	for (uint32_t i = 0; i < g->n_cleans; i++) {
		put(d, g->cleans[i].account, 4);
		put(d, (uint64_t)g->cleans[i].from, 8);
	}
}

/* The events have a digest of their own, so that a second core can compute it. */
struct events {
	const struct graph *g;
	uint8_t hash[32];
};

static void *hash_events(void *ctx)
{
	struct events *e = ctx;
	struct digest d = { .n = 0 };
	crypto_generichash_init(&d.h, NULL, 0, sizeof(e->hash));
	put_events(&d, e->g);
	flush(&d);
	crypto_generichash_final(&d.h, e->hash, sizeof(e->hash));
	return NULL;
}

/* Below this a thread costs more than it saves. */
#define MANY_EVENTS 100000

enum xt_status load_digest(struct graph *g, struct xt_err *err)
{
	struct digest d = { .n = 0 };
	struct events e = { .g = g };
	pthread_t thread = pthread_self();
	if (sodium_init() < 0)
		return xt_fail(err, XT_E_BUG, "libsodium does not start");
	const bool other = g->n_events > MANY_EVENTS &&
			   pthread_create(&thread, NULL, hash_events, &e) == 0;
	crypto_generichash_init(&d.h, NULL, 0, sizeof(g->digest));
	text(&d, "xemtrace ledger 2");
	put(&d, g->n_accounts, 4);
	for (uint32_t i = 0; i < g->n_accounts; i++) {
		text(&d, g->party[i].s);
		put(&d, g->flags[i] & (GRAPH_SERVICE | GRAPH_COMPLETE | GRAPH_PROBABLE),
		    1);
		put(&d, g->opening[i], 8);
	}
	put_txs(&d, g);
	put(&d, g->n_memos, 4);
	for (uint32_t i = 0; i < g->n_memos; i++) {
		put(&d, g->memos[i].kind, 4);
		put(&d, g->memos[i].sender, 4);
		text(&d, g->memos[i].text);
	}
	put_seeds(&d, g);
	flush(&d);
	if (other)
		(void)pthread_join(thread, NULL);
	else
		(void)hash_events(&e);
	crypto_generichash_update(&d.h, e.hash, sizeof(e.hash));
	crypto_generichash_final(&d.h, g->digest, sizeof(g->digest));
	return XT_OK;
}
