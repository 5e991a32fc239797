/* graph/private: what struct graph keeps behind `arena`: capacities, texts and the hash
 * indices over arrays that the graph holds anyway (no keys are copied). */
#ifndef GRAPH_PRIVATE_H
#define GRAPH_PRIVATE_H

#include <xemtrace/graph.h>

/* Open addressing; a slot is index + 1, 0 is empty. */
struct graph_hash {
	uint32_t *slot;
	uint32_t cap, len; /* cap is a power of two */
};

struct graph_text_block;

struct graph_private {
	struct graph_text_block *texts;
	struct graph_hash names; /* over party, as far as names.len */
	struct graph_hash memos; /* over memos */
	uint32_t cap_accounts, cap_txs, cap_events;
	uint32_t cap_memos, cap_labels, cap_thefts, cap_seeds, cap_cleans;
	bool refs;
};

static inline struct graph_private *graph_private(const struct graph *g)
{
	return g->arena;
}

/* Copy of a text that lives as long as the graph; NULL when memory is out. */
const char *graph_text(struct graph *g, const char *s);
void graph_texts_free(struct graph_private *p);

uint32_t graph_hash_bytes(const void *p, size_t n);
/* Room for one more entry at a load of at most one half; rehash by `hash_of`. */
bool graph_hash_room(struct graph_hash *h,
		     uint32_t (*hash_of)(const struct graph *, uint32_t),
		     const struct graph *g);
void graph_hash_insert(struct graph_hash *h, uint32_t hash, uint32_t index);

/* One element more in *array of `size` bytes each: grows by half, within 32 bits. */
enum xt_status graph_grow(void **array, uint32_t *cap, uint32_t n, size_t size,
			  const char *what, struct xt_err *err) XT_CHECKED;

#endif
