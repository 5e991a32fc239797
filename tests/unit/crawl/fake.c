#include "fake.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- keys -------------------------------------------------------------------------
 */

struct nem_privkey fake_key(const char *name)
{
	struct nem_privkey k;

	nem_keccak256(k.b, name, strlen(name));
	return k;
}

static struct nem_pubkey pubkey(const char *name)
{
	const struct nem_privkey k = fake_key(name);
	struct nem_pubkey p;

	nem_pubkey_from_private(&p, &k);
	return p;
}

struct nem_address fake_address(const char *name)
{
	const struct nem_pubkey p = pubkey(name);
	struct nem_address a;

	nem_address_from_pubkey(&a, NEM_MAINNET, &p);
	return a;
}

/* ---- chain -------------------------------------------------------------------------
 */

void fake_chain_init(struct fake_chain *c)
{
	struct xt_err err;

	if (nem_crypto_init(&err) != XT_OK)
		abort();
	*c = (struct fake_chain){ .height = 1 };
}

void fake_chain_release(struct fake_chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->txs[i].json);
		nem_tx_release(&c->txs[i].tx);
	}
	free(c->txs);
	free(c->block_1);
	free(c->mosaic);
	*c = (struct fake_chain){ 0 };
}

/* Takes json. */
static struct fake_tx *append(struct fake_chain *c, uint64_t height, char *json)
{
	struct xt_err err;
	struct fake_tx *t;

	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 64 : c->cap * 2;
		c->txs = xt_reallocarray(c->txs, c->cap, sizeof(*c->txs));
		if (c->txs == NULL)
			abort();
	}
	t = &c->txs[c->n++];
	*t = (struct fake_tx){ .json = json, .height = height };
	if (nis_decode_tx(&t->tx, (const uint8_t *)json, strlen(json), &err) != XT_OK ||
	    nem_tx_hash(&t->hash, &t->tx, &err) != XT_OK) {
		(void)fprintf(stderr, "fake: %s\n%s\n", err.text, json);
		abort();
	}
	t->has_inner = t->tx.type == NEM_TX_MULTISIG;
	if (t->has_inner &&
	    nem_tx_hash(&t->inner_hash, t->tx.u.multisig.inner, &err) != XT_OK)
		abort();
	if (height > c->height)
		c->height = height;
	return t;
}

void fake_nemesis(struct fake_chain *c)
{
	json_error_t e;
	json_t *block =
	    json_load_file("fixtures/nis/mainnet-nemesis-block.json", 0, &e);
	json_t *tx;
	size_t i;

	fake_chain_init(c);
	if (block == NULL)
		abort();
	json_array_foreach(json_object_get(block, "transactions"), i, tx)(void)
	    append(c, 1, json_dumps(tx, JSON_COMPACT));
	c->block_1 = json_dumps(block, JSON_COMPACT);
	json_decref(block);
	c->harvests[c->n_harvests++] = (struct fake_harvest){
		.height = 1,
		.fee = 240000000,
	};
	memcpy(c->harvests[0].account.s, NEM_NEMESIS_ADDRESS,
	       sizeof(NEM_NEMESIS_ADDRESS));
}

/* ---- making transactions
 * ------------------------------------------------------------- */

static void hex_field(struct xt_buf *b, const char *name, const uint8_t *p, size_t n)
{
	char hex[2 * 64 + 1];

	xt_hex_encode(hex, p, n);
	if (xt_buf_addf(b, NULL, ",\"%s\":\"%s\"", name, hex) != XT_OK)
		abort();
}

static void addf(struct xt_buf *b, const char *name, uint64_t v)
{
	if (xt_buf_addf(b, NULL, ",\"%s\":%" PRIu64, name, v) != XT_OK)
		abort();
}

static void adds(struct xt_buf *b, const char *s)
{
	if (xt_buf_adds(b, s, NULL) != XT_OK)
		abort();
}

static void write_transfer(struct xt_buf *b, const struct nem_tx *t)
{
	addf(b, "amount", t->u.transfer.amount.uxem);
	if (xt_buf_addf(b, NULL, ",\"recipient\":\"%s\",\"message\":{}",
			t->u.transfer.recipient.s) != XT_OK)
		abort();
	if (nem_tx_entity_version(t) < 2)
		return;
	adds(b, ",\"mosaics\":[");
	for (uint32_t i = 0; i < t->u.transfer.n_mosaics; i++) {
		const struct nem_mosaic *m = &t->u.transfer.mosaics[i];

		if (xt_buf_addf(b, NULL,
				"%s{\"quantity\":%" PRIu64
				",\"mosaicId\":{\"namespaceId\":"
				"\"%.*s\",\"name\":\"%.*s\"}}",
				i == 0 ? "" : ",", m->quantity, (int)m->id.ns.len,
				(const char *)m->id.ns.data, (int)m->id.name.len,
				(const char *)m->id.name.data) != XT_OK)
			abort();
	}
	adds(b, "]");
}

static void write_body(struct xt_buf *b, const struct nem_tx *t)
{
	if (xt_buf_addf(b, NULL, "{\"type\":%u", (unsigned)t->type) != XT_OK)
		abort();
	addf(b, "version", t->version);
	addf(b, "timeStamp", t->timestamp);
	addf(b, "deadline", t->deadline);
	addf(b, "fee", t->fee.uxem);
	hex_field(b, "signer", t->signer.b, sizeof(t->signer.b));
	if (t->has_signature)
		hex_field(b, "signature", t->signature.b, sizeof(t->signature.b));
	switch (t->type) {
	case NEM_TX_TRANSFER:
		write_transfer(b, t);
		break;
	case NEM_TX_IMPORTANCE:
		addf(b, "mode", t->u.importance.mode);
		hex_field(b, "remoteAccount", t->u.importance.remote.b, 32);
		break;
	case NEM_TX_AGGREGATE:
		adds(b, ",\"modifications\":[");
		for (uint32_t i = 0; i < t->u.aggregate.n_mods; i++) {
			if (xt_buf_addf(b, NULL, "%s{\"modificationType\":%u",
					i == 0 ? "" : ",",
					(unsigned)t->u.aggregate.mods[i].kind) != XT_OK)
				abort();
			hex_field(b, "cosignatoryAccount",
				  t->u.aggregate.mods[i].cosignatory.b, 32);
			adds(b, "}");
		}
		adds(b, "]");
		break;
	default:
		abort();
	}
	adds(b, "}");
}

static void write_tx(struct xt_buf *b, const struct nem_tx *t)
{
	if (t->type != NEM_TX_MULTISIG) {
		write_body(b, t);
		return;
	}
	if (xt_buf_addf(b, NULL, "{\"type\":%u", (unsigned)t->type) != XT_OK)
		abort();
	addf(b, "version", t->version);
	addf(b, "timeStamp", t->timestamp);
	addf(b, "deadline", t->deadline);
	addf(b, "fee", t->fee.uxem);
	hex_field(b, "signer", t->signer.b, sizeof(t->signer.b));
	hex_field(b, "signature", t->signature.b, sizeof(t->signature.b));
	adds(b, ",\"signatures\":[],\"otherTrans\":");
	write_body(b, t->u.multisig.inner);
	adds(b, "}");
}

static void dress(struct nem_tx *tx, uint64_t height, uint32_t entity)
{
	tx->version = (uint32_t)NEM_MAINNET << 24 | entity;
	tx->timestamp = (uint32_t)height * 60;
	tx->deadline = tx->timestamp + 3600;
}

struct fake_tx *fake_add(struct fake_chain *c, uint64_t height, const char *signer,
			 struct nem_tx *tx)
{
	const struct nem_privkey key = fake_key(signer);
	struct xt_buf b;
	struct xt_err err;
	char *json;

	tx->signer = pubkey(signer);
	tx->has_signature = true;
	xt_buf_init(&b, 1u << 16);
	if (nem_tx_encode(&b, tx, NEM_FORM_UNSIGNED, &err) != XT_OK) {
		(void)fprintf(stderr, "fake: %s\n", err.text);
		abort();
	}
	nem_sign(&tx->signature, &key, b.data, b.len);
	xt_buf_clear(&b);
	write_tx(&b, tx);
	json = xt_strdup(xt_buf_str(&b));
	xt_buf_release(&b);
	if (json == NULL)
		abort();
	return append(c, height, json);
}

struct fake_tx *fake_pay(struct fake_chain *c, uint64_t height, const char *from,
			 const char *to, uint64_t uxem)
{
	struct nem_tx tx = { .type = NEM_TX_TRANSFER, .fee = { 50000 } };

	dress(&tx, height, 1);
	/* Two equal payments at one height would be one transaction. */
	tx.timestamp += (uint32_t)c->n;
	tx.u.transfer.recipient = fake_address(to);
	tx.u.transfer.amount.uxem = uxem;
	return fake_add(c, height, from, &tx);
}

struct fake_tx *fake_pay_multisig(struct fake_chain *c, uint64_t height,
				  const char *multisig, const char *initiator,
				  const char *to, uint64_t uxem)
{
	struct nem_tx inner = { .type = NEM_TX_TRANSFER, .fee = { 50000 } };
	struct nem_tx tx = { .type = NEM_TX_MULTISIG, .fee = { 150000 } };

	dress(&inner, height, 1);
	inner.signer = pubkey(multisig);
	inner.u.transfer.recipient = fake_address(to);
	inner.u.transfer.amount.uxem = uxem;
	dress(&tx, height, 1);
	tx.u.multisig.inner = &inner;
	return fake_add(c, height, initiator, &tx);
}

struct fake_tx *fake_modify(struct fake_chain *c, uint64_t height, const char *account,
			    const char *cosignatory)
{
	struct nem_modification m = { .kind = 1, .cosignatory = pubkey(cosignatory) };
	struct nem_tx tx = { .type = NEM_TX_AGGREGATE, .fee = { 500000 } };

	dress(&tx, height, 1);
	tx.u.aggregate.mods = &m;
	tx.u.aggregate.n_mods = 1;
	return fake_add(c, height, account, &tx);
}

struct fake_tx *fake_lend(struct fake_chain *c, uint64_t height, const char *owner,
			  const char *remote, uint32_t mode)
{
	struct nem_tx tx = { .type = NEM_TX_IMPORTANCE, .fee = { 150000 } };

	dress(&tx, height, 1);
	tx.u.importance.mode = mode;
	tx.u.importance.remote = pubkey(remote);
	return fake_add(c, height, owner, &tx);
}

struct fake_tx *fake_send_coin(struct fake_chain *c, uint64_t height, const char *from,
			       const char *to)
{
	static uint8_t ns[] = "fake", name[] = "coin";
	struct nem_mosaic m = { .id = { { ns, 4 }, { name, 4 } }, .quantity = 1 };
	struct nem_tx tx = { .type = NEM_TX_TRANSFER, .fee = { 50000 } };

	dress(&tx, height, 2);
	tx.u.transfer.recipient = fake_address(to);
	tx.u.transfer.amount.uxem = 1000000;
	tx.u.transfer.mosaics = &m;
	tx.u.transfer.n_mosaics = 1;
	return fake_add(c, height, from, &tx);
}

int64_t fake_balance(const struct fake_chain *c, const struct nem_address *a)
{
	int64_t sum =
	    strcmp(a->s, NEM_NEMESIS_ADDRESS) == 0 ? (int64_t)NEM_SUPPLY_UXEM : 0;

	for (size_t i = 0; i < c->n; i++) {
		struct nem_movement m[NEM_MAX_MOVEMENTS];
		struct xt_err err;
		size_t n;

		if (nem_tx_movements(
			m, &n, NEM_MAX_MOVEMENTS, &c->txs[i].tx, c->txs[i].height,
			c->levies.find == NULL ? NULL : &c->levies, &err) != XT_OK)
			abort();
		for (size_t k = 0; k < n; k++) {
			if (m[k].has_from && nem_address_equal(&m[k].from, a))
				sum -= (int64_t)m[k].amount.uxem;
			if (m[k].has_to && nem_address_equal(&m[k].to, a))
				sum += (int64_t)m[k].amount.uxem;
		}
	}
	for (size_t i = 0; i < c->n_harvests; i++)
		if (nem_address_equal(&c->harvests[i].account, a))
			sum += (int64_t)c->harvests[i].fee;
	return sum;
}

/* ---- answering
 * -------------------------------------------------------------------------- */

void fake_body(struct nis_answer *a, int http, const char *body)
{
	free(a->body);
	a->body = (uint8_t *)xt_strdup(body);
	if (a->body == NULL)
		abort();
	a->len = strlen(body);
	a->http = http;
}

bool fake_is(const struct nis_request *r, const char *what, const struct nem_address *a)
{
	return strncmp(r->path, what, strlen(what)) == 0 &&
	       (a == NULL || strstr(r->path, a->s) != NULL);
}

struct find {
	const struct nem_address *a;
	bool found;
};

static void look(void *ctx, const struct nem_address *a)
{
	struct find *f = ctx;

	f->found = f->found || nem_address_equal(a, f->a);
}

static bool is_listed(const struct fake_tx *t, const struct nem_address *a)
{
	struct find f = { .a = a };

	nem_tx_parties(&t->tx, look, &f);
	return f.found || (t->has_also && nem_address_equal(&t->also, a));
}

/* The query's number after `key`, or 0. */
static uint64_t query_number(const char *path, const char *key)
{
	const char *p = strstr(path, key);

	return p == NULL ? 0 : strtoull(p + strlen(key), NULL, 10);
}

static struct nem_address query_address(const char *path)
{
	struct nem_address a = { "" };
	const char *p = strstr(path, "address=");

	if (p != NULL)
		(void)snprintf(a.s, sizeof(a.s), "%.40s", p + 8);
	return a;
}

static void answer_transfers(struct xt_buf *b, const struct fake_node *n,
			     const char *path)
{
	const struct nem_address a = query_address(path);
	const uint64_t before = query_number(path, "&id=");
	size_t given = 0;

	adds(b, "{\"data\":[");
	for (size_t i = n->chain->n; i-- > 0 && given < NIS_PAGE_SIZE;) {
		const struct fake_tx *t = &n->chain->txs[i];
		const uint64_t id = n->first_id + i;
		char hash[65], inner[65];

		if ((before != 0 && id >= before) || !is_listed(t, &a))
			continue;
		xt_hex_encode(hash, t->hash.b, 32);
		xt_hex_encode(inner, t->inner_hash.b, 32);
		if (xt_buf_addf(b, NULL,
				"%s{\"meta\":{\"innerHash\":%s%s%s,\"id\":%" PRIu64
				",\"hash\":{\"data\":\"%s\"},\"height\":%" PRIu64
				"},\"transaction\":",
				given == 0 ? "" : ",",
				t->has_inner ? "{\"data\":\"" : "{",
				t->has_inner ? inner : "", t->has_inner ? "\"}" : "}",
				id, hash, t->height) != XT_OK)
			abort();
		adds(b, t->json);
		adds(b, "}");
		given++;
	}
	adds(b, "]}\r\n");
}

static void answer_harvests(struct xt_buf *b, const struct fake_node *n,
			    const char *path)
{
	const struct nem_address a = query_address(path);
	const uint64_t before = query_number(path, "&id=");
	size_t given = 0;

	adds(b, "{\"data\":[");
	for (size_t i = n->chain->n_harvests; i-- > 0;) {
		const struct fake_harvest *h = &n->chain->harvests[i];

		if (!nem_address_equal(&h->account, &a) ||
		    (before != 0 && i + 1 >= before))
			continue;
		if (xt_buf_addf(b, NULL,
				"%s{\"timeStamp\":%" PRIu64
				",\"id\":%zu,\"difficulty\":1,"
				"\"totalFee\":%" PRIu64 ",\"height\":%" PRIu64 "}",
				given++ == 0 ? "" : ",",
				h->height == 1 ? 0 : h->height * 60 + 30, i + 1, h->fee,
				h->height) != XT_OK)
			abort();
	}
	adds(b, "]}\r\n");
}

static void answer_account(struct xt_buf *b, const struct fake_node *n,
			   const char *path)
{
	static const char blank[] =
	    "{\"address\":\"%s\",\"harvestedBlocks\":0,\"balance\":0,\"importance\":0.0,"
	    "\"vestedBalance\":0,\"publicKey\":null,\"label\":null,\"multisigInfo\":{}}";
	const struct fake_chain *c = n->chain;
	const struct nem_address a = query_address(path);
	const bool is_multisig = c->has_link && nem_address_equal(&a, &c->multisig);
	const bool is_cosigner = c->has_link && nem_address_equal(&a, &c->cosignatory);
	char link[300];
	size_t harvested = 0;

	for (size_t i = 0; i < c->n_harvests; i++)
		harvested += nem_address_equal(&c->harvests[i].account, &a);
	if (xt_buf_addf(
		b, NULL,
		"{\"account\":{\"address\":\"%s\",\"harvestedBlocks\":%zu,"
		"\"balance\":%" PRId64 ",\"importance\":1.0E-5,\"vestedBalance\":0,"
		"\"publicKey\":null,\"label\":null,\"multisigInfo\":%s},\"meta\":{"
		"\"status\":\"LOCKED\",\"remoteStatus\":\"INACTIVE\",",
		a.s, harvested, fake_balance(c, &a),
		is_multisig ? "{\"cosignatoriesCount\":1,\"minCosignatories\":1}"
			    : "{}") != XT_OK)
		abort();
	(void)snprintf(link, sizeof(link), blank,
		       is_multisig ? c->cosignatory.s : c->multisig.s);
	if (xt_buf_addf(b, NULL, "\"cosignatories\":[%s],\"cosignatoryOf\":[%s]}}",
			is_multisig ? link : "", is_cosigner ? link : "") != XT_OK)
		abort();
}

#define MAX_BLOCK 64

/* A block of the synthetic chain: its transactions in reverse order of the lists' ids,
 * so that the assumed order is wrong. Gives its hash. */
static struct nem_hash make_block(struct nem_block *block, struct nem_tx *txs,
				  const struct fake_chain *c, uint64_t height,
				  const struct nem_hash *prev)
{
	const struct nem_privkey key = fake_key("harvester");
	struct nem_hash hash;
	struct xt_buf bytes;

	*block = (struct nem_block){
		.type = 1,
		.version = (uint32_t)NEM_MAINNET << 24 | 1,
		.timestamp = (uint32_t)height * 60 + 30,
		.signer = pubkey("harvester"),
		.prev = *prev,
		.height = height,
		.txs = txs,
	};
	for (size_t i = c->n; i-- > 0;) {
		if (c->txs[i].height != height)
			continue;
		if (block->n_txs == MAX_BLOCK)
			abort();
		txs[block->n_txs++] = c->txs[i].tx;
	}
	xt_buf_init(&bytes, 1u << 20);
	if (nem_block_encode(&bytes, block, NEM_FORM_UNSIGNED, NULL) != XT_OK ||
	    nem_block_hash(&hash, block, NULL) != XT_OK)
		abort();
	nem_sign(&block->signature, &key, bytes.data, bytes.len);
	xt_buf_release(&bytes);
	return hash;
}

static void answer_block(struct xt_buf *b, const struct fake_node *n, uint64_t height)
{
	struct nem_tx txs[MAX_BLOCK];
	struct nem_hash prev = { { 0 } };
	struct nem_block block;
	const struct fake_chain *c = n->blocks != NULL ? n->blocks : n->chain;
	bool first = true;

	for (uint64_t h = 2; h < height; h++)
		prev = make_block(&block, txs, c, h, &prev);
	(void)make_block(&block, txs, c, height, &prev);
	if (xt_buf_addf(
		b, NULL,
		"{\"type\":1,\"version\":1744830465,\"timeStamp\":%u,\"height\":%" PRIu64,
		(unsigned)block.timestamp, height) != XT_OK)
		abort();
	hex_field(b, "signer", block.signer.b, 32);
	hex_field(b, "signature", block.signature.b, 64);
	adds(b, ",\"prevBlockHash\":{\"x\":0");
	hex_field(b, "data", block.prev.b, 32);
	adds(b, "},\"transactions\":[");
	for (size_t i = c->n; i-- > 0;) {
		if (c->txs[i].height != height)
			continue;
		adds(b, first ? "" : ",");
		adds(b, c->txs[i].json);
		first = false;
	}
	adds(b, "]}");
}

static enum xt_status answer(struct fake_node *n, const struct nis_request *r,
			     struct nis_answer *a)
{
	const uint64_t height = n->height != 0 ? n->height : n->chain->height;
	struct xt_buf b;
	int http = 200;

	xt_buf_init(&b, 8u << 20);
	if (fake_is(r, "/node/info", NULL)) {
		if (xt_buf_addf(
			&b, NULL,
			"{\"metaData\":{\"features\":1,\"application\":null,"
			"\"networkId\":%d,\"version\":\"0.6.102\",\"platform\":\"x\"},"
			"\"endpoint\":{\"protocol\":\"http\",\"port\":7890,\"host\":"
			"\"127.0.0.1\"},\"identity\":{\"name\":\"fake\",\"public-key\":"
			"\"30f7d263547b78113e37c596797e5389ca8e091f602bca157596e302b4a7dce"
			"9\"}}",
			n->network) != XT_OK)
			abort();
	} else if (fake_is(r, "/status", NULL)) {
		if (xt_buf_addf(&b, NULL,
				"{\"code\":%u,\"type\":4,\"message\":\"status\"}",
				(unsigned)n->status) != XT_OK)
			abort();
	} else if (fake_is(r, "/chain/height", NULL)) {
		if (xt_buf_addf(&b, NULL, "{\"height\":%" PRIu64 "}", height) != XT_OK)
			abort();
	} else if (fake_is(r, "/account/get", NULL)) {
		answer_account(&b, n, r->path);
	} else if (fake_is(r, "/account/transfers/all", NULL)) {
		answer_transfers(&b, n, r->path);
	} else if (fake_is(r, "/account/harvests", NULL)) {
		answer_harvests(&b, n, r->path);
	} else if (fake_is(r, "/block/at/public", NULL) && n->chain->block_1 != NULL &&
		   strcmp(r->body, "{\"height\":1}") == 0) {
		adds(&b, n->chain->block_1);
	} else if (fake_is(r, "/block/at/public", NULL) &&
		   strtoull(r->body + strlen("{\"height\":"), NULL, 10) <= height) {
		answer_block(&b, n,
			     strtoull(r->body + strlen("{\"height\":"), NULL, 10));
	} else if (fake_is(r, "/mosaic/definition?mosaicId=fake:coin", NULL) &&
		   n->chain->mosaic != NULL) {
		adds(&b, n->chain->mosaic);
	} else {
		http = 404;
		adds(
		    &b,
		    "{\"timeStamp\":1,\"error\":\"Not Found\",\"message\":\"not found in "
		    "the db\",\"status\":404}");
	}
	fake_body(a, http, xt_buf_str(&b));
	xt_buf_release(&b);
	return XT_OK;
}

static enum xt_status find(void *ctx, const struct nis_request *r, struct nis_answer *a,
			   struct xt_err *err)
{
	struct fake_net *net = ctx;

	for (size_t i = 0; i < net->n; i++) {
		struct fake_node *n = &net->nodes[i];

		if (strcmp(n->url, r->node) != 0)
			continue;
		if (++net->answers == net->stop_after)
			net->stop = 1;
		n->asked++;
		if (n->down || answer(n, r, a) != XT_OK ||
		    (n->lie != NULL && !n->lie(n->ctx, r, a)))
			return xt_fail(err, XT_E_NOTFOUND, "no answer");
		return XT_OK;
	}
	return xt_fail(err, XT_E_BUG, "no such node: %s", r->node);
}

void fake_net_init(struct fake_net *net, const struct fake_chain *chain, size_t n_nodes)
{
	struct xt_err err;

	*net = (struct fake_net){ .n = n_nodes };
	for (size_t i = 0; i < n_nodes; i++) {
		struct fake_node *n = &net->nodes[i];

		(void)snprintf(n->url, sizeof(n->url), "http://node%zu.test:7890",
			       i + 1);
		n->chain = chain;
		n->network = 104;
		n->status = 6;
		n->first_id = 1000 * (i + 1);
	}
	if (nis_transport_replay(&net->transport, find, net, &err) != XT_OK)
		abort();
}

void fake_net_release(struct fake_net *net)
{
	nis_transport_free(&net->transport);
}

/* ---- clock
 * -------------------------------------------------------------------------------- */

static int64_t unix_time(void *ctx)
{
	(void)ctx;
	return 1517000000;
}

static uint64_t monotonic_ms(void *ctx)
{
	uint64_t *t = ctx;

	return *t += 1000;
}

const struct xt_clock *fake_clock(void)
{
	static uint64_t t;
	static const struct xt_clock clock = { unix_time, monotonic_ms, &t };

	return &clock;
}
