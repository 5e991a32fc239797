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

/* The blocks that the file leaves out, up to the one below `height`. */
static enum xt_status fill_blocks(struct fx_chain *c, uint64_t height,
				  struct xt_err *err)
{
	while (c->empty_spacing > 0 && c->n_blocks > 0 &&
	       c->base + c->n_blocks < height) {
		const struct fx_block *before = &c->blocks[c->n_blocks - 1];
		struct fx_block *b = &c->blocks[c->n_blocks];
		enum xt_status st;

		b->b.type = 1;
		b->b.version = before->b.version;
		b->b.height = c->base + c->n_blocks;
		b->b.timestamp =
		    c->empty_start + (uint32_t)(b->b.height - 1) * c->empty_spacing;
		if (b->b.timestamp <= before->b.timestamp)
			b->b.timestamp = before->b.timestamp + 1;
		b->b.signer = c->empty_pub;
		b->b.prev = before->hash;
		b->b.txs = fx_alloc(1, sizeof(*b->b.txs));
		b->first_tx = c->n_txs;
		c->n_blocks++;
		st = nem_block_hash(&b->hash, &b->b, err);
		if (st != XT_OK)
			return st;
	}
	return XT_OK;
}

static enum xt_status read_block(struct fx_chain *c, size_t most, json_t *j,
				 struct xt_err *err)
{
	struct nem_block read;
	struct fx_block *b;
	enum xt_status st;

	/* A field that some records carry beside NIS's own; a node would not. */
	json_object_del(j, "hash");
	st = fx_block_from_json(&read, j, err);
	if (st != XT_OK)
		return st;
	if (c->n_blocks == 0)
		c->base = read.height;
	if (read.height - c->base >= most)
		st = xt_fail(err, XT_E_DATA, "height %llu is past the last one",
			     (unsigned long long)read.height);
	else
		st = fill_blocks(c, read.height, err);
	if (st == XT_OK && read.height != c->base + c->n_blocks)
		st = xt_fail(err, XT_E_DATA, "height %llu does not follow %llu",
			     (unsigned long long)read.height,
			     (unsigned long long)(c->base + c->n_blocks - 1));
	if (st != XT_OK) {
		nem_block_release(&read);
		return st;
	}
	b = &c->blocks[c->n_blocks++];
	b->b = read;
	b->json = j;
	b->first_tx = c->n_txs;
	c->n_txs += b->b.n_txs;
	return nem_block_hash(&b->hash, &b->b, err);
}

/* How many blocks there will be, in the file or not. */
static enum xt_status read_empty(struct fx_chain *c, size_t *most, const json_t *root,
				 struct xt_err *err)
{
	const json_t *o = json_object_get(root, "empty");
	const char *name = json_string_value(json_object_get(o, "harvester"));
	json_int_t start = json_integer_value(json_object_get(o, "start"));
	json_int_t spacing = json_integer_value(json_object_get(o, "spacing"));
	json_int_t tip = json_integer_value(json_object_get(o, "tip"));

	if (o == NULL)
		return XT_OK;
	if (name == NULL || start < 0 || start > UINT32_MAX || spacing < 1 ||
	    spacing > 86400 || tip < (json_int_t)*most || tip > 10000000)
		return xt_fail(err, XT_E_DATA, "empty: harvester, start, spacing, tip");
	fx_key_from_name(&c->empty_priv, &c->empty_pub, name);
	c->empty_start = (uint32_t)start;
	c->empty_spacing = (uint32_t)spacing;
	*most = (size_t)tip;
	return XT_OK;
}

static enum xt_status read_blocks(struct fx_chain *c, const json_t *root,
				  const json_t *blocks, struct xt_err *err)
{
	size_t most = json_array_size(blocks);
	enum xt_status st = read_empty(c, &most, root, err);

	if (st != XT_OK)
		return st;
	c->blocks = fx_alloc(most, sizeof(*c->blocks));
	for (size_t i = 0; i < json_array_size(blocks) && st == XT_OK; i++)
		st = read_block(c, most, json_array_get(blocks, i), err);
	return st == XT_OK ? fill_blocks(c, c->base + most, err) : st;
}

json_t *fx_chain_block_json(const struct fx_chain *c, const struct fx_block *b)
{
	struct nem_block copy = b->b;
	struct xt_buf bytes;
	struct xt_err err;

	if (b->json != NULL)
		return json_incref(b->json);
	xt_buf_init(&bytes, 65536);
	fx_must(nem_block_encode(&bytes, &copy, NEM_FORM_UNSIGNED, &err), &err);
	nem_sign(&copy.signature, &c->empty_priv, bytes.data, bytes.len);
	xt_buf_release(&bytes);
	return fx_block_to_json(&copy);
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
	if (json_array_size(blocks) == 0) {
		st =
		    xt_fail(err, XT_E_DATA, "neither a chain, nor a block, nor blocks");
		goto out;
	}
	c->root = json_incref(root);
	st = read_blocks(c, root, blocks, err);
	if (st != XT_OK)
		goto out;
	c->network = (uint8_t)(c->blocks[0].b.version >> 24);
	c->txs = fx_alloc(c->n_txs, sizeof(*c->txs));
	c->by_id = fx_alloc(c->n_txs, sizeof(*c->by_id));
	fx_must(xt_map_new(&c->by_hash, err), err);
	for (size_t i = 0; i < c->n_blocks && st == XT_OK; i++)
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
