#include "private.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_BLOCK ((size_t)64 * 1024)

struct graph_text_block {
	struct graph_text_block *next;
	size_t used, cap;
	char text[];
};

const char *graph_text(struct graph *g, const char *s)
{
	struct graph_private *p = graph_private(g);
	const size_t n = strlen(s) + 1;
	struct graph_text_block *b = p->texts;
	if (!b || b->cap - b->used < n) {
		const size_t cap = n > TEXT_BLOCK ? n : TEXT_BLOCK;
		b = malloc(sizeof(*b) + cap);
		if (!b)
			return NULL;
		b->used = 0;
		b->cap = cap;
		b->next = p->texts;
		p->texts = b;
	}
	char *out = b->text + b->used;
	memcpy(out, s, n);
	b->used += n;
	return out;
}

void graph_texts_free(struct graph_private *p)
{
	while (p->texts) {
		struct graph_text_block *b = p->texts;
		p->texts = b->next;
		free(b);
	}
}

/* FNV-1a, then a mix, since the table uses the low bits. */
uint32_t graph_hash_bytes(const void *p, size_t n)
{
	const uint8_t *s = p;
	uint64_t h = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < n; i++)
		h = (h ^ s[i]) * UINT64_C(1099511628211);
	return (uint32_t)(h ^ (h >> 32));
}

void graph_hash_insert(struct graph_hash *h, uint32_t hash, uint32_t index)
{
	uint32_t i = hash & (h->cap - 1);
	while (h->slot[i])
		i = (i + 1) & (h->cap - 1);
	h->slot[i] = index + 1;
	h->len++;
}

bool graph_hash_room(struct graph_hash *h,
		     uint32_t (*hash_of)(const struct graph *, uint32_t),
		     const struct graph *g)
{
	if (h->cap && h->len < h->cap / 2)
		return true;
	if (h->cap > UINT32_MAX / 2)
		return false;
	struct graph_hash bigger = { .cap = h->cap ? h->cap * 2 : 64 };
	bigger.slot = xt_calloc(bigger.cap, sizeof(*bigger.slot));
	if (!bigger.slot)
		return false;
	for (uint32_t i = 0; i < h->cap; i++)
		if (h->slot[i])
			graph_hash_insert(&bigger, hash_of(g, h->slot[i] - 1),
					  h->slot[i] - 1);
	free(h->slot);
	*h = bigger;
	return true;
}

enum xt_status graph_grow(void **array, uint32_t *cap, uint32_t n, size_t size,
			  const char *what, struct xt_err *err)
{
	if (n < *cap)
		return XT_OK;
	if (n >= GRAPH_NONE - 1)
		return xt_fail(err, XT_E_LIMIT, "graph: more than %u %s",
			       GRAPH_NONE - 1, what);
	uint64_t want = (uint64_t)*cap + *cap / 2 + 16;
	if (want > GRAPH_NONE - 1)
		want = GRAPH_NONE - 1;
	void *p = xt_reallocarray(*array, (size_t)want, size);
	if (!p)
		return xt_fail(err, XT_E_NOMEM, "graph: out of memory for %u %s",
			       (uint32_t)want, what);
	*array = p;
	*cap = (uint32_t)want;
	return XT_OK;
}
