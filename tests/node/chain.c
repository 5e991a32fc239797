#include "chain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "txjson.h"
#include "util.h"

uint64_t fx_chain_tip(const struct fx_chain *c)
{
	return c->base + c->n_blocks - 1;
}

const struct fx_block *fx_chain_block(const struct fx_chain *c, uint64_t height)
{
	if (height < c->base || height > fx_chain_tip(c))
		return NULL;
	return &c->blocks[height - c->base];
}

void fx_chain_free(struct fx_chain *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_blocks; i++)
		nem_block_release(&c->blocks[i].b);
	free(c->blocks);
	free(c->txs);
	free(c->by_id);
	xt_map_free(c->by_hash);
	json_decref(c->root);
	free(c);
}

/* The blocks in the file, whichever of the three forms it has. Borrowed. */
static json_t *find_blocks(json_t *root, json_t *one)
{
	if (json_is_array(root))
		return root;
	if (json_is_array(json_object_get(root, "blocks")))
		return json_object_get(root, "blocks");
	if (!json_is_array(json_object_get(root, "transactions")))
		return NULL;
	json_array_append(one, root);
	return one;
}

static enum xt_status read_block(struct fx_chain *c, size_t i, json_t *j,
				 struct xt_err *err)
{
	struct fx_block *b = &c->blocks[i];
	enum xt_status st;

	/* A field that some records carry beside NIS's own; a node would not. */
	json_object_del(j, "hash");
	st = fx_block_from_json(&b->b, j, err);
	if (st != XT_OK)
		return st;
	c->n_blocks++;
	b->json = j;
	if (i == 0)
		c->base = b->b.height;
	else if (b->b.height != c->base + i)
		return xt_fail(err, XT_E_DATA, "height %llu does not follow %llu",
			       (unsigned long long)b->b.height,
			       (unsigned long long)(c->base + i - 1));
	b->first_tx = c->n_txs;
	c->n_txs += b->b.n_txs;
	return nem_block_hash(&b->hash, &b->b, err);
}

static enum xt_status index_block(struct fx_chain *c, const struct fx_block *b,
				  struct xt_err *err)
{
	json_t *a = json_object_get(b->json, "transactions");

	for (uint32_t i = 0; i < b->b.n_txs; i++) {
		struct fx_tx *t = &c->txs[b->first_tx + i];
		enum xt_status st;

		t->tx = &b->b.txs[i];
		t->json = json_array_get(a, i);
		t->height = b->b.height;
		st = nem_tx_hash(&t->hash, t->tx, err);
		if (st == XT_OK && t->tx->type == NEM_TX_MULTISIG) {
			t->has_inner = true;
			st = nem_tx_hash(&t->inner_hash, t->tx->u.multisig.inner, err);
		}
		if (st != XT_OK)
			return st;
		fx_must(xt_map_put(c->by_hash, t->hash.b, 32,
				   (uint32_t)(b->first_tx + i), err),
			err);
	}
	return XT_OK;
}

/* ---- row ids ---- */

/* The order in which a NIS stores the tables of a block (seen in recorded answers). */
static uint32_t table_rank(uint32_t type)
{
	switch (type) {
	case NEM_TX_IMPORTANCE:
		return 0;
	case NEM_TX_MOSAIC:
		return 1;
	case NEM_TX_SUPPLY:
		return 2;
	case NEM_TX_AGGREGATE:
		return 3;
	case NEM_TX_MULTISIG:
		return 4;
	case NEM_TX_NAMESPACE:
		return 5;
	default:
		return 6;
	}
}

/* splitmix64: the same gaps for the same seed, everywhere. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* How many leading blocks the two chains share. */
static size_t shared_blocks(const struct fx_chain *c, const struct fx_chain *older)
{
	size_t n = 0;

	if (older == NULL || older->base != c->base)
		return 0;
	while (n < c->n_blocks && n < older->n_blocks &&
	       memcmp(c->blocks[n].hash.b, older->blocks[n].hash.b, 32) == 0)
		n++;
	return n;
}

struct numbering {
	uint64_t seed, random, next;
	size_t at; /* in fx_chain.by_id */
};

static void number_row(struct fx_tx *t, struct numbering *n)
{
	t->id = n->next++;
	if (t->tx->type == NEM_TX_MULTISIG)
		n->next += 1 + t->tx->u.multisig.n_cosignatures;
	if (n->seed != 0)
		n->next += next_random(&n->random) % 3;
}

static void number_block(struct fx_chain *c, const struct fx_block *b,
			 struct numbering *n)
{
	for (uint32_t rank = 0; rank <= 6; rank++) {
		for (uint32_t k = 0; k < b->b.n_txs; k++) {
			size_t i = b->first_tx + k;

			if (table_rank(c->txs[i].tx->type) != rank)
				continue;
			c->by_id[n->at++] = (uint32_t)i;
			number_row(&c->txs[i], n);
		}
	}
}

static void number_rows(struct fx_chain *c, uint64_t seed, const struct fx_chain *older)
{
	struct numbering n = { seed, seed, 1, 0 };
	size_t shared = shared_blocks(c, older);
	uint64_t block_shift = 0;

	if (seed != 0) {
		n.next = 1 + next_random(&n.random) % 1000000;
		block_shift = next_random(&n.random) % 1000;
	}
	for (size_t i = 0; i < c->n_blocks; i++) {
		struct fx_block *b = &c->blocks[i];

		if (i == shared && older != NULL) {
			n.next = older->last_id + 1;
			block_shift += older->n_blocks;
		}
		b->id = b->b.height + block_shift;
		number_block(c, b, &n);
		/* What the older chain has too was stored then. */
		if (i < shared) {
			b->id = older->blocks[i].id;
			for (uint32_t k = 0; k < b->b.n_txs; k++)
				c->txs[b->first_tx + k].id =
				    older->txs[b->first_tx + k].id;
		}
	}
	c->last_id = n.next;
	if (older != NULL && older->last_id > c->last_id)
		c->last_id = older->last_id;
}

enum xt_status fx_chain_load(struct fx_chain **out, const char *path, uint64_t id_seed,
			     const struct fx_chain *older, struct xt_err *err)
{
	struct fx_chain *c = fx_alloc(1, sizeof(*c));
	json_t *one = json_array();
	json_t *blocks;
	json_t *root = NULL;
	json_error_t je;
	size_t len = 0;
	size_t n;
	char *text = fx_read_file(path, &len);
	enum xt_status st = XT_OK;

	if (text == NULL) {
		st = xt_fail(err, XT_E_IO, "%s", strerror(errno));
		goto out;
	}
	root = json_loadb(text, len, JSON_ALLOW_NUL, &je);
	if (root == NULL) {
		st = xt_fail(err, XT_E_DATA, "line %d: %s", je.line, je.text);
		goto out;
	}
	blocks = find_blocks(root, one);
	n = json_array_size(blocks);
	if (n == 0) {
		st =
		    xt_fail(err, XT_E_DATA, "neither a chain, nor a block, nor blocks");
		goto out;
	}
	c->root = json_incref(root);
	c->blocks = fx_alloc(n, sizeof(*c->blocks));
	for (size_t i = 0; i < n && st == XT_OK; i++)
		st = read_block(c, i, json_array_get(blocks, i), err);
	if (st != XT_OK)
		goto out;
	c->network = (uint8_t)(c->blocks[0].b.version >> 24);
	c->txs = fx_alloc(c->n_txs, sizeof(*c->txs));
	c->by_id = fx_alloc(c->n_txs, sizeof(*c->by_id));
	fx_must(xt_map_new(&c->by_hash, err), err);
	for (size_t i = 0; i < n && st == XT_OK; i++)
		st = index_block(c, &c->blocks[i], err);
	if (st == XT_OK) {
		number_rows(c, id_seed, older);
		*out = c;
		c = NULL;
	}
out:
	if (st != XT_OK)
		xt_where(err, "%s", path);
	json_decref(one);
	json_decref(root);
	free(text);
	fx_chain_free(c);
	return st;
}
