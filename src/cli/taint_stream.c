#include "taint_stream.h"

#include <pthread.h>
#include <stdlib.h>

/* [tx,sub,theft,amount], at most */
#define EDGE_TEXT  64
#define BATCH_TEXT ((size_t)(TAINT_EDGES_BATCH + 1) * EDGE_TEXT)
#define SLOTS      4U

struct slot {
	char *text;
	size_t n;
	uint32_t batch;
};

struct taint_stream {
	const struct graph *g;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct slot slot[SLOTS];
	uint32_t put, got; /* so many in all; got: and given back */
	bool held;         /* the slot at `got` is being read */
	bool ended, stopped;
};

enum xt_status taint_stream_new(struct taint_stream **out, const struct graph *g,
				struct xt_err *err)
{
	struct taint_stream *t = xt_calloc(1, sizeof(*t));
	if (t == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for movements");
	t->g = g;
	(void)pthread_mutex_init(&t->lock, NULL);
	(void)pthread_cond_init(&t->moved, NULL);
	for (unsigned i = 0; i < SLOTS; i++) {
		t->slot[i].text = xt_calloc(1, BATCH_TEXT);
		if (t->slot[i].text == NULL) {
			taint_stream_free(t);
			return xt_fail(err, XT_E_NOMEM, "out of memory for movements");
		}
	}
	*out = t;
	return XT_OK;
}

void taint_stream_free(struct taint_stream *t)
{
	if (t == NULL)
		return;
	for (unsigned i = 0; i < SLOTS; i++)
		free(t->slot[i].text);
	(void)pthread_cond_destroy(&t->moved);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

/* Millions of these: digits by hand. */
static char *put_number(char *p, uint64_t v)
{
	char digits[24];
	size_t n = 0;
	do
		digits[n++] = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	while (n > 0)
		*p++ = digits[--n];
	return p;
}

static char *put_edge(char *p, const struct graph *g, const struct taint_edge *e)
{
	/* The place of the event in its transaction. */
	const uint32_t tx = g->event_tx[e->event];
	uint32_t sub = 0;
	while (e->event > sub && g->event_tx[e->event - sub - 1] == tx)
		sub++;
	*p++ = '[';
	p = put_number(p, g->tx_id[tx]);
	*p++ = ',';
	p = put_number(p, sub);
	*p++ = ',';
	p = put_number(p, e->theft);
	*p++ = ',';
	p = put_number(p, e->uxem);
	*p++ = ']';
	return p;
}

static size_t put_batch(char *text, const struct graph *g, const struct taint_edge *v,
			size_t n)
{
	char *p = text;
	for (size_t i = 0; i < n; i++) {
		*p++ = i == 0 ? '[' : ',';
		p = put_edge(p, g, &v[i]);
	}
	*p++ = ']';
	return (size_t)(p - text);
}

bool taint_stream_put(void *ctx, uint32_t batch, const struct taint_edge *v, size_t n)
{
	struct taint_stream *t = ctx;
	if (n == 0)
		return true;
	(void)pthread_mutex_lock(&t->lock);
	while (t->put - t->got == SLOTS && !t->stopped)
		(void)pthread_cond_wait(&t->moved, &t->lock);
	const bool stopped = t->stopped;
	struct slot *s = &t->slot[t->put % SLOTS];
	(void)pthread_mutex_unlock(&t->lock);
	if (stopped)
		return false;
	s->batch = batch;
	s->n = put_batch(s->text, t->g, v, n);
	(void)pthread_mutex_lock(&t->lock);
	t->put++;
	(void)pthread_cond_signal(&t->moved);
	(void)pthread_mutex_unlock(&t->lock);
	return true;
}

void taint_stream_end(struct taint_stream *t)
{
	(void)pthread_mutex_lock(&t->lock);
	t->ended = true;
	(void)pthread_cond_signal(&t->moved);
	(void)pthread_mutex_unlock(&t->lock);
}

bool taint_stream_get(struct taint_stream *t, uint32_t *batch, const char **text,
		      size_t *n)
{
	(void)pthread_mutex_lock(&t->lock);
	if (t->held) {
		t->got++;
		t->held = false;
		(void)pthread_cond_signal(&t->moved);
	}
	while (t->put == t->got && !t->ended)
		(void)pthread_cond_wait(&t->moved, &t->lock);
	if (t->put != t->got) {
		const struct slot *s = &t->slot[t->got % SLOTS];
		t->held = true;
		*batch = s->batch;
		*text = s->text;
		*n = s->n;
	}
	const bool any = t->held;
	(void)pthread_mutex_unlock(&t->lock);
	return any;
}

void taint_stream_stop(struct taint_stream *t)
{
	(void)pthread_mutex_lock(&t->lock);
	t->stopped = true;
	(void)pthread_cond_signal(&t->moved);
	(void)pthread_mutex_unlock(&t->lock);
}
