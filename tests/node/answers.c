/* The endpoints: one function each, in a table. */
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "txjson.h"

typedef void handler(struct node *n, struct answers_result *out,
		     const struct node_request *r);

/* ---- the node itself ---- */

static void request_result(struct answers_result *out, int type, int code,
			   const char *message)
{
	json_t *o = json_object();

	answers_put(o, "code", json_integer(code));
	answers_put(o, "type", json_integer(type));
	answers_put(o, "message", json_string(message));
	answers_json(out, o);
}

static void on_heartbeat(struct node *n, struct answers_result *out,
			 const struct node_request *r)
{
	(void)n;
	(void)r;
	request_result(out, 2, 1, "ok");
}

static void on_status(struct node *n, struct answers_result *out,
		      const struct node_request *r)
{
	(void)r;
	request_result(out, 4, n->opt.loading ? 8 : n->opt.status_code, "status");
}

static void on_info(struct node *n, struct answers_result *out,
		    const struct node_request *r)
{
	(void)r;
	answers_json(out, node_identity(n));
}

/* The time of the last block stands for now, so that runs repeat. */
static uint32_t now(const struct node *n)
{
	const struct fx_block *b = fx_chain_block(n->chain, n->state->height);

	return b == NULL ? 0 : b->b.timestamp;
}

static void on_extended_info(struct node *n, struct answers_result *out,
			     const struct node_request *r)
{
	json_t *o = json_object();
	json_t *nis = json_object();

	(void)r;
	answers_put(o, "node", node_identity(n));
	answers_put(nis, "currentTime", json_integer(now(n)));
	answers_put(nis, "application", json_string("NEM"));
	answers_put(nis, "startTime", json_integer(0));
	answers_put(nis, "version", json_string(n->opt.version));
	answers_put(nis, "signer", json_null());
	answers_put(o, "nisInfo", nis);
	answers_json(out, o);
}

static json_t *peers(const struct node *n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n->opt.n_peers; i++)
		json_array_append_new(a, node_peer(n->opt.peers[i]));
	return a;
}

static void on_peers_all(struct node *n, struct answers_result *out,
			 const struct node_request *r)
{
	json_t *o = json_object();

	(void)r;
	answers_put(o, "inactive", json_array());
	answers_put(o, "failure", json_array());
	answers_put(o, "busy", json_array());
	answers_put(o, "active", peers(n));
	answers_json(out, o);
}

static void on_peers(struct node *n, struct answers_result *out,
		     const struct node_request *r)
{
	(void)r;
	answers_data(out, peers(n));
}

static void on_height(struct node *n, struct answers_result *out,
		      const struct node_request *r)
{
	json_t *o = json_object();

	(void)r;
	answers_put(o, "height", json_integer((json_int_t)n->state->height));
	answers_json(out, o);
}

static void on_score(struct node *n, struct answers_result *out,
		     const struct node_request *r)
{
	char hex[20];
	json_t *o = json_object();

	(void)r;
	(void)snprintf(hex, sizeof(hex), "%014llx",
		       (unsigned long long)n->state->height * node_difficulty(0));
	answers_put(o, "score", json_string(hex));
	answers_json(out, o);
}

/* ---- blocks ---- */

static void on_last_block(struct node *n, struct answers_result *out,
			  const struct node_request *r)
{
	(void)r;
	answers_json(out, fx_chain_block_json(
			      n->chain, fx_chain_block(n->chain, n->state->height)));
}

static void no_block(struct answers_result *out, uint64_t height)
{
	answers_refuse(out, 404,
		       "block not found in the db '%llu' (org.nem.core.model.Block)",
		       (unsigned long long)height);
}

static void on_block_at(struct node *n, struct answers_result *out,
			const struct node_request *r)
{
	const struct fx_block *b;
	uint64_t height;

	if (!answers_body_height(&height, out, r))
		return;
	b = answers_served_block(n, height);
	if (b == NULL)
		no_block(out, height);
	else
		answers_json(out, fx_chain_block_json(n->chain, b));
}

static bool local_allowed(const struct node *n, struct answers_result *out,
			  const struct node_request *r)
{
	if (n->opt.no_local)
		answers_refuse(out, 401, "remote 127.0.0.1 attempted to call local %s",
			       r->path);
	return !n->opt.no_local;
}

static void on_local_block_at(struct node *n, struct answers_result *out,
			      const struct node_request *r)
{
	const struct fx_block *b;
	uint64_t height;

	if (!local_allowed(n, out, r) || !answers_body_height(&height, out, r))
		return;
	b = answers_served_block(n, height);
	if (b == NULL)
		no_block(out, height);
	else
		answers_json(out, node_explorer_block(n, b));
}

static void on_blocks_after(struct node *n, struct answers_result *out,
			    const struct node_request *r)
{
	json_t *a;
	uint64_t height;

	if (!local_allowed(n, out, r) || !answers_body_height(&height, out, r))
		return;
	if (n->opt.no_blocks) {
		no_block(out, height);
		return;
	}
	a = json_array();
	for (uint64_t h = height + 1; h <= height + 10; h++) {
		const struct fx_block *b = answers_served_block(n, h);

		if (b != NULL)
			json_array_append_new(a, node_explorer_block(n, b));
	}
	answers_data(out, a);
}

/* ---- mosaics and namespaces ---- */

static json_t *split_id(const char *id)
{
	const char *colon = strchr(id, ':');
	json_t *o = json_object();

	answers_put(o, "namespaceId", json_stringn(id, (size_t)(colon - id)));
	answers_put(o, "name", json_string(colon + 1));
	return o;
}

static json_t *owned(const char *id, uint64_t quantity)
{
	json_t *o = json_object();

	answers_put(o, "quantity", json_integer((json_int_t)quantity));
	answers_put(o, "mosaicId", split_id(id));
	return o;
}

static void on_owned(struct node *n, struct answers_result *out,
		     const struct node_request *r)
{
	struct nem_address address;
	const struct fx_account *a;
	json_t *list;

	if (!answers_arg_address(n, &address, out, r))
		return;
	a = fx_state_find(n->state, address.s);
	list = json_array();
	if (a != NULL && a->balance > 0)
		json_array_append_new(list, owned("nem:xem", (uint64_t)a->balance));
	for (size_t i = 0; a != NULL && i < a->n_holdings; i++)
		if (a->holdings[i].quantity > 0)
			json_array_append_new(
			    list, owned(n->state->mosaics[a->holdings[i].mosaic].id,
					a->holdings[i].quantity));
	answers_data(out, list);
}

static const struct fx_mosaic *arg_mosaic(const struct node *n,
					  struct answers_result *out,
					  const struct node_request *r)
{
	const char *id = r->arg(r->ctx, "mosaicId");
	const struct fx_mosaic *m;

	if (id == NULL || strchr(id, ':') == NULL) {
		answers_refuse(out, 400, "mosaic id is not valid");
		return NULL;
	}
	m = fx_state_mosaic(n->state, id);
	if (m == NULL || m->n_defs == 0) {
		answers_refuse(out, 404, "mosaic not found in the db '%.60s'", id);
		return NULL;
	}
	return m;
}

static void on_definition(struct node *n, struct answers_result *out,
			  const struct node_request *r)
{
	const struct fx_mosaic *m = arg_mosaic(n, out, r);

	if (m != NULL)
		answers_json(out, fx_definition_to_json(m->defs[m->n_defs - 1].def));
}

static void on_supply(struct node *n, struct answers_result *out,
		      const struct node_request *r)
{
	const struct fx_mosaic *m = arg_mosaic(n, out, r);
	json_t *o;

	if (m == NULL)
		return;
	o = json_object();
	answers_put(o, "mosaicId", split_id(m->id));
	answers_put(o, "supply", json_integer((json_int_t)m->supply));
	answers_json(out, o);
}

static void on_namespace(struct node *n, struct answers_result *out,
			 const struct node_request *r)
{
	const char *fqn = r->arg(r->ctx, "namespace");
	const struct fx_namespace *ns =
	    fqn == NULL ? NULL : fx_state_namespace(n->state, fqn);
	json_t *o;

	if (ns == NULL) {
		answers_refuse(out, 404, "namespace not found in the db '%.60s'",
			       fqn == NULL ? "" : fqn);
		return;
	}
	o = json_object();
	answers_put(o, "owner", json_string(n->state->accounts[ns->owner].address.s));
	answers_put(o, "fqn", json_string(ns->fqn));
	answers_put(o, "height", json_integer((json_int_t)ns->height));
	answers_json(out, o);
}

/* The definitions of one namespace, newest first. */
static void on_definitions(struct node *n, struct answers_result *out,
			   const struct node_request *r)
{
	const char *fqn = r->arg(r->ctx, "namespace");
	size_t len = fqn == NULL ? 0 : strlen(fqn);
	size_t size;
	int64_t before;
	json_t *a;

	if (!answers_arg_number(&before, out, r, "id", INT64_MAX, INT64_MAX) ||
	    !answers_arg_page_size(&size, out, r))
		return;
	a = json_array();
	for (size_t i = n->state->n_mosaics; i > 0 && json_array_size(a) < size; i--) {
		const struct fx_mosaic *m = &n->state->mosaics[i - 1];
		json_t *o;
		json_t *meta;

		if (m->n_defs == 0 ||
		    strncmp(m->id, fqn == NULL ? "" : fqn, len) != 0 ||
		    m->id[len] != ':' || (int64_t)m->defs[m->n_defs - 1].id >= before)
			continue;
		o = json_object();
		meta = json_object();
		answers_put(meta, "id",
			    json_integer((json_int_t)m->defs[m->n_defs - 1].id));
		answers_put(o, "meta", meta);
		answers_put(o, "mosaic",
			    fx_definition_to_json(m->defs[m->n_defs - 1].def));
		json_array_append_new(a, o);
	}
	answers_data(out, a);
}

/* ---- one transaction ---- */

/* Is it the hash of an inner transaction (1) or of a cosignature (2)? */
static int inner_kind(const struct node *n, const struct nem_hash *hash)
{
	for (size_t i = 0; i < n->chain->n_txs; i++) {
		const struct fx_tx *t = &n->chain->txs[i];

		if (!t->has_inner)
			continue;
		if (memcmp(t->inner_hash.b, hash->b, 32) == 0)
			return 1;
		for (uint32_t k = 0; k < t->tx->u.multisig.n_cosignatures; k++) {
			struct nem_hash h;

			if (nem_tx_hash(&h, &t->tx->u.multisig.cosignatures[k], NULL) ==
				XT_OK &&
			    memcmp(h.b, hash->b, 32) == 0)
				return 2;
		}
	}
	return 0;
}

static void on_transaction(struct node *n, struct answers_result *out,
			   const struct node_request *r)
{
	const char *hex = r->arg(r->ctx, "hash");
	struct nem_hash hash;
	uint32_t i;
	int kind;

	if (!answers_hash_lookup(n, out))
		return;
	if (hex == NULL || xt_hex_decode(hash.b, 32, hex, NULL) != XT_OK) {
		answers_refuse(
		    out, 500,
		    "org.nem.core.crypto.CryptoException: hash is not valid hex");
		return;
	}
	if (xt_map_get(n->chain->by_hash, &i, hash.b, 32) &&
	    n->chain->txs[i].height <= n->state->height && !answers_omitted(n, &hash)) {
		answers_json(out, node_tx_pair(&n->chain->txs[i]));
		return;
	}
	kind = inner_kind(n, &hash);
	if (kind == 1)
		answers_refuse(out, 500,
			       "cannot serialize a entity without a signature");
	else if (kind == 2)
		answers_refuse(out, 404, "transaction not found in the db '%.64s'",
			       hex);
	else
		answers_refuse(out, 400, "Hash was not found in cache");
}

/* ---- dispatch
 * ------------------------------------------------------------------------------------
 */

static const struct {
	const char *method, *path;
	handler *call;
} endpoints[] = {
	{ "GET", "/heartbeat", on_heartbeat },
	{ "GET", "/status", on_status },
	{ "GET", "/node/info", on_info },
	{ "GET", "/node/extended-info", on_extended_info },
	{ "GET", "/node/peer-list/all", on_peers_all },
	{ "GET", "/node/peer-list/reachable", on_peers },
	{ "GET", "/node/peer-list/active", on_peers },
	{ "GET", "/chain/height", on_height },
	{ "GET", "/chain/score", on_score },
	{ "GET", "/chain/last-block", on_last_block },
	{ "POST", "/block/at/public", on_block_at },
	{ "POST", "/local/block/at", on_local_block_at },
	{ "POST", "/local/chain/blocks-after", on_blocks_after },
	{ "GET", "/account/get", answers_on_account },
	{ "GET", "/account/get/from-public-key", answers_on_account_key },
	{ "GET", "/account/get/forwarded", answers_on_forwarded },
	{ "GET", "/account/get/forwarded/from-public-key", answers_on_forwarded_key },
	{ "POST", "/account/get/batch", answers_on_batch },
	{ "GET", "/account/status", answers_on_account_status },
	{ "GET", "/account/transfers/all", answers_on_all },
	{ "GET", "/account/transfers/incoming", answers_on_incoming },
	{ "GET", "/account/transfers/outgoing", answers_on_outgoing },
	{ "GET", "/account/unconfirmedTransactions", answers_on_unconfirmed },
	{ "GET", "/account/harvests", answers_on_harvests },
	{ "GET", "/account/historical/get", answers_on_historical },
	{ "GET", "/account/mosaic/owned", on_owned },
	{ "GET", "/mosaic/definition", on_definition },
	{ "GET", "/mosaic/definition/last", on_definition },
	{ "GET", "/mosaic/supply", on_supply },
	{ "GET", "/namespace", on_namespace },
	{ "GET", "/namespace/mosaic/definition/page", on_definitions },
	{ "GET", "/transaction/get", on_transaction },
};

static const char *reason(int status)
{
	switch (status) {
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 404:
		return "Not Found";
	case 429:
		return "Too Many Requests";
	case 500:
		return "Internal Server Error";
	case 502:
		return "Bad Gateway";
	case 503:
		return "Service Unavailable";
	default:
		return NULL;
	}
}

/* One line of JSON with "\/", CR LF behind it, as NIS sends it. Takes `json`. */
static void dump(struct node_reply *out, int status, json_t *json)
{
	char *s = json_dumps(json, JSON_COMPACT | JSON_ESCAPE_SLASH);
	size_t n;

	if (s == NULL)
		fx_die("out of memory");
	n = strlen(s);
	out->body = fx_alloc(n + 3, 1);
	memcpy(out->body, s, n);
	memcpy(out->body + n, "\r\n", 2);
	out->len = n + 2;
	out->status = status;
	free(s);
	json_decref(json);
}

void node_error(const struct node *n, struct node_reply *out, int status,
		const char *message)
{
	json_t *o = json_object();

	answers_put(o, "timeStamp", json_integer(now(n)));
	answers_put(o, "error",
		    reason(status) == NULL ? json_null() : json_string(reason(status)));
	answers_put(o, "message", message == NULL ? json_null() : json_string(message));
	answers_put(o, "status", json_integer(status));
	dump(out, status, o);
}

void node_answer(struct node *n, struct node_reply *out, const struct node_request *r)
{
	struct answers_result res = { NULL, 0, "" };
	size_t i = 0;

	while (i < XT_ARRAY_SIZE(endpoints) && strcmp(endpoints[i].path, r->path) != 0)
		i++;
	if (i == XT_ARRAY_SIZE(endpoints)) {
		node_error(n, out, 404, NULL);
		return;
	}
	if (n->opt.loading && endpoints[i].call != on_status &&
	    endpoints[i].call != on_height)
		answers_refuse(&res, 503, "NIS_ILLEGAL_STATE_LOADING_CHAIN");
	else if (strcmp(endpoints[i].method, r->method) != 0)
		answers_refuse(&res, 500, "Request method '%.10s' not supported",
			       r->method);
	else
		endpoints[i].call(n, &res, r);
	if (res.status == 200)
		dump(out, 200, res.json);
	else
		node_error(n, out, res.status, res.message);
}
