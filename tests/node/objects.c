/* The JSON objects of a node's answers, with the keys and in the order of a real one.
 */
#include "node.h"

#include <stdlib.h>
#include <string.h>

#include "txjson.h"
#include "util.h"

static void put(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new(o, key, value) != 0)
		fx_die("out of memory");
}

static json_t *u64(uint64_t v)
{
	return json_integer((json_int_t)v);
}

static json_t *key_hex(const uint8_t *p, size_t n)
{
	char s[129];

	xt_hex_encode(s, p, n);
	return json_string(s);
}

json_t *node_tx_pair(const struct fx_tx *t)
{
	json_t *o = json_object();
	json_t *meta = json_object();

	put(meta, "innerHash",
	    t->has_inner ? fx_hash_to_json(&t->inner_hash) : json_object());
	put(meta, "id", u64(t->id));
	put(meta, "hash", fx_hash_to_json(&t->hash));
	put(meta, "height", u64(t->height));
	put(o, "meta", meta);
	put(o, "transaction", json_incref(t->json));
	return o;
}

/* A share of the supply, not the node's importance: nothing may rest on it. */
static json_t *importance(const struct node *n, int64_t vested)
{
	if (vested < INT64_C(10000000000) || n->state->supply <= 0)
		return json_real(0.0);
	return json_real((double)vested / (double)n->state->supply);
}

json_t *node_account_info(const struct node *n, const struct nem_address *address)
{
	static const struct fx_account nobody;
	const struct fx_account *a = fx_state_find(n->state, address->s);
	json_t *o = json_object();
	json_t *multisig = json_object();

	if (a == NULL)
		a = &nobody;
	put(o, "address", json_string(address->s));
	put(o, "harvestedBlocks", u64(a->harvested));
	put(o, "balance", json_integer(a->balance < 0 ? 0 : a->balance));
	put(o, "importance", importance(n, a->vested));
	put(o, "vestedBalance", json_integer(a->vested));
	put(o, "publicKey", a->has_key ? key_hex(a->key.b, 32) : json_null());
	put(o, "label", json_null());
	if (a->n_cosignatories > 0) {
		put(multisig, "cosignatoriesCount", u64(a->n_cosignatories));
		put(multisig, "minCosignatories", json_integer(a->min_cosignatories));
	}
	put(o, "multisigInfo", multisig);
	return o;
}

static const char *remote_status(const struct node *n, const struct fx_account *a)
{
	bool effective;

	if (a == NULL || !a->has_link)
		return "INACTIVE";
	effective = n->state->height >= a->link_height + FX_REMOTE_DELAY;
	if (!a->link_is_owner)
		return a->link_mode == 2 && effective ? "INACTIVE" : "REMOTE";
	if (a->link_mode == 1)
		return effective ? "ACTIVE" : "ACTIVATING";
	return effective ? "INACTIVE" : "DEACTIVATING";
}

static json_t *infos(const struct node *n, const uint32_t *who, size_t count)
{
	json_t *a = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(
		    a, node_account_info(n, &n->state->accounts[who[i]].address));
	return a;
}

json_t *node_account_meta(const struct node *n, const struct nem_address *address)
{
	const struct fx_account *a = fx_state_find(n->state, address->s);
	json_t *o = json_object();

	put(o, "cosignatories",
	    a == NULL ? json_array() : infos(n, a->cosignatories, a->n_cosignatories));
	put(o, "cosignatoryOf",
	    a == NULL ? json_array()
		      : infos(n, a->cosignatory_of, a->n_cosignatory_of));
	put(o, "status", json_string("LOCKED"));
	put(o, "remoteStatus", json_string(remote_status(n, a)));
	return o;
}

json_t *node_account_pair(const struct node *n, const struct nem_address *address)
{
	json_t *o = json_object();

	put(o, "meta", node_account_meta(n, address));
	put(o, "account", node_account_info(n, address));
	return o;
}

uint64_t node_difficulty(uint64_t height)
{
	/* Of the right size, and told apart by height; nothing is mined here. */
	return UINT64_C(100000000000000) - height % 1000 * UINT64_C(10000000000);
}

json_t *node_explorer_block(const struct node *n, const struct fx_block *b)
{
	json_t *o = json_object();
	json_t *txes = json_array();
	size_t i = (size_t)(b->b.height - n->chain->base);

	put(o, "difficulty", u64(node_difficulty(b->b.height)));
	for (uint32_t k = 0; k < b->b.n_txs; k++) {
		const struct fx_tx *t = &n->chain->txs[b->first_tx + k];
		json_t *e = json_object();

		put(e, "tx", json_incref(t->json));
		put(e, "hash", key_hex(t->hash.b, 32));
		if (t->has_inner)
			put(e, "innerHash", key_hex(t->inner_hash.b, 32));
		json_array_append_new(txes, e);
	}
	put(o, "txes", txes);
	put(o, "beneficiary",
	    json_string(n->state->accounts[n->state->beneficiary[i]].address.s));
	put(o, "totalFee", u64(n->state->fees[i]));
	put(o, "block", fx_chain_block_json(n->chain, b));
	put(o, "hash", key_hex(b->hash.b, 32));
	return o;
}

json_t *node_harvest(const struct node *n, uint32_t block)
{
	const struct fx_block *b = &n->chain->blocks[block];
	json_t *o = json_object();

	put(o, "timeStamp", u64(b->b.timestamp));
	put(o, "difficulty", u64(node_difficulty(b->b.height)));
	put(o, "totalFee", u64(n->state->fees[block]));
	put(o, "id", u64(b->id));
	put(o, "height", u64(b->b.height));
	return o;
}

static json_t *node_object(json_t *meta, const char *host, int port, const char *name,
			   const struct nem_pubkey *key)
{
	json_t *o = json_object();
	json_t *endpoint = json_object();
	json_t *identity = json_object();

	put(o, "metaData", meta);
	put(endpoint, "protocol", json_string("http"));
	put(endpoint, "port", json_integer(port));
	put(endpoint, "host", json_string(host));
	put(o, "endpoint", endpoint);
	put(identity, "name", json_string(name));
	put(identity, "public-key", key_hex(key->b, 32));
	put(o, "identity", identity);
	return o;
}

json_t *node_identity(const struct node *n)
{
	json_t *meta = json_object();
	int network = n->opt.network != 0 ? n->opt.network : (int8_t)n->chain->network;

	put(meta, "features", json_integer(n->opt.features));
	put(meta, "application", json_null());
	put(meta, "networkId", json_integer(network));
	put(meta, "version", json_string(n->opt.version));
	put(meta, "platform", json_string("Debian (17.0.15) on Linux"));
	return node_object(meta, "127.0.0.1", n->opt.port, n->opt.name, &n->key);
}

/* "host:port", as a node lists its peers: what they are made of it may not know. */
json_t *node_peer(const char *host_port)
{
	const char *colon = strrchr(host_port, ':');
	json_t *meta = json_object();
	json_t *o;
	struct nem_privkey priv;
	struct nem_pubkey key;
	char *host = fx_strdup(host_port);

	if (colon != NULL)
		host[colon - host_port] = '\0';
	fx_key_from_name(&priv, &key, host_port);
	put(meta, "features", json_integer(0));
	put(meta, "application", json_null());
	put(meta, "networkId", json_integer(0));
	put(meta, "version", json_string("0.0.0"));
	put(meta, "platform", json_null());
	o = node_object(meta, host,
			colon != NULL ? (int)strtol(colon + 1, NULL, 10) : 7890,
			host_port, &key);
	free(host);
	return o;
}

json_t *node_historical(const struct node *n, const struct nem_address *address,
			uint64_t height)
{
	const struct fx_account *a = fx_state_find(n->state, address->s);
	struct fx_point p = { height, 0, 0 };
	json_t *o = json_object();

	if (a != NULL)
		p = fx_account_at(a, height);
	put(o, "pageRank", json_real(0.0));
	put(o, "address", json_string(address->s));
	put(o, "balance", json_integer(p.balance));
	put(o, "importance", importance(n, p.vested));
	put(o, "vestedBalance", json_integer(p.vested));
	put(o, "unvestedBalance", json_integer(p.balance - p.vested));
	put(o, "height", u64(height));
	return o;
}
