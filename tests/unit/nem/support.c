#include "test.h"

#include <stdlib.h>

json_t *read_json(const char *path)
{
	json_error_t e;
	json_t *j = json_load_file(path, 0, &e);

	if (j == NULL)
		fail_msg("%s:%d: %s", path, e.line, e.text);
	return j;
}

json_t *member(const json_t *obj, const char *key)
{
	json_t *j = json_object_get(obj, key);

	if (j == NULL)
		fail_msg("no member '%s'", key);
	return j;
}

const char *text_of(const json_t *obj, const char *key)
{
	const char *s = json_string_value(member(obj, key));

	assert_non_null(s);
	return s;
}

static uint64_t number(const json_t *obj, const char *key)
{
	const json_t *j = member(obj, key);

	assert_true(json_is_integer(j));
	return (uint64_t)json_integer_value(j);
}

static uint32_t number32(const json_t *obj, const char *key)
{
	return (uint32_t)number(obj, key);
}

void read_hex(struct xt_buf *b, const char *hex)
{
	const size_t n = strlen(hex) / 2;
	uint8_t *p = calloc(n + 1, 1);

	assert_non_null(p);
	assert_int_equal(xt_hex_decode(p, n, hex, NULL), XT_OK);
	xt_buf_init(b, XT_MAX_BLOCK_BYTES);
	assert_int_equal(xt_buf_add(b, p, n, NULL), XT_OK);
	free(p);
}

static void fixed(uint8_t *out, size_t n, const char *hex)
{
	assert_int_equal(xt_hex_decode(out, n, hex, NULL), XT_OK);
}

void assert_same(const struct xt_buf *a, const struct xt_buf *b)
{
	assert_true(a->len == b->len);
	if (a->len > 0)
		assert_memory_equal(a->data, b->data, a->len);
}

struct nem_privkey privkey(const char *hex)
{
	struct nem_privkey k;

	fixed(k.b, sizeof(k.b), hex);
	return k;
}

struct nem_pubkey pubkey(const char *hex)
{
	struct nem_pubkey k;

	fixed(k.b, sizeof(k.b), hex);
	return k;
}

struct nem_address address(const char *text)
{
	struct nem_address a;

	assert_int_equal(nem_address_parse(&a, text, NULL), XT_OK);
	return a;
}

struct nem_privkey key_number(unsigned n)
{
	struct nem_privkey k = { { 0 } };

	k.b[0] = 0x11;
	k.b[30] = (uint8_t)(n >> 8);
	k.b[31] = (uint8_t)n;
	return k;
}

struct nem_pubkey pubkey_number(unsigned n)
{
	const struct nem_privkey k = key_number(n);
	struct nem_pubkey p;

	nem_pubkey_from_private(&p, &k);
	return p;
}

struct nem_address address_number(unsigned n)
{
	const struct nem_pubkey p = pubkey_number(n);
	struct nem_address a;

	nem_address_from_pubkey(&a, NEM_MAINNET, &p);
	return a;
}

struct nem_bytes bytes(const char *text)
{
	const size_t n = strlen(text);
	struct nem_bytes b = { .len = (uint32_t)n };

	if (n > 0) {
		b.data = malloc(n);
		assert_non_null(b.data);
		memcpy(b.data, text, n);
	}
	return b;
}

static void read_id(struct nem_mosaic_id *id, const json_t *j)
{
	id->ns = bytes(text_of(j, "namespaceId"));
	id->name = bytes(text_of(j, "name"));
}

static void *array(const json_t *list, uint32_t *n, size_t size)
{
	void *p;

	*n = (uint32_t)json_array_size(list);
	p = calloc(*n + 1, size);
	assert_non_null(p);
	return p;
}

static void read_transfer(struct nem_tx *tx, const json_t *j)
{
	const json_t *message = member(j, "message");
	const json_t *mosaics = json_object_get(j, "mosaics");
	struct xt_buf b;

	tx->u.transfer.recipient = address(text_of(j, "recipient"));
	tx->u.transfer.amount.uxem = number(j, "amount");
	if (json_object_size(message) > 0) {
		tx->u.transfer.message_type = number32(message, "type");
		read_hex(&b, text_of(message, "payload"));
		tx->u.transfer.message.data = b.data;
		tx->u.transfer.message.len = (uint32_t)b.len;
	}
	if (mosaics == NULL)
		return;
	tx->u.transfer.mosaics =
	    array(mosaics, &tx->u.transfer.n_mosaics, sizeof(*tx->u.transfer.mosaics));
	for (uint32_t i = 0; i < tx->u.transfer.n_mosaics; i++) {
		const json_t *m = json_array_get(mosaics, i);

		read_id(&tx->u.transfer.mosaics[i].id, member(m, "mosaicId"));
		tx->u.transfer.mosaics[i].quantity = number(m, "quantity");
	}
}

static void read_aggregate(struct nem_tx *tx, const json_t *j)
{
	const json_t *list = member(j, "modifications");
	const json_t *min = json_object_get(j, "minCosignatories");

	tx->u.aggregate.mods =
	    array(list, &tx->u.aggregate.n_mods, sizeof(*tx->u.aggregate.mods));
	for (uint32_t i = 0; i < tx->u.aggregate.n_mods; i++) {
		const json_t *m = json_array_get(list, i);

		tx->u.aggregate.mods[i].kind = number32(m, "modificationType");
		tx->u.aggregate.mods[i].cosignatory =
		    pubkey(text_of(m, "cosignatoryAccount"));
	}
	if (json_object_size(min) > 0) {
		tx->u.aggregate.has_relative_change = true;
		tx->u.aggregate.relative_change =
		    (int32_t)json_integer_value(member(min, "relativeChange"));
	}
}

static void read_definition(struct nem_mosaic_definition *def, const json_t *j)
{
	const json_t *list = member(j, "properties");
	const json_t *levy = member(j, "levy");

	def->creator = pubkey(text_of(j, "creator"));
	read_id(&def->id, member(j, "id"));
	def->description = bytes(text_of(j, "description"));
	def->properties = array(list, &def->n_properties, sizeof(*def->properties));
	for (uint32_t i = 0; i < def->n_properties; i++) {
		const json_t *p = json_array_get(list, i);

		def->properties[i].name = bytes(text_of(p, "name"));
		def->properties[i].value = bytes(text_of(p, "value"));
	}
	if (json_object_size(levy) == 0)
		return;
	def->levy.kind = number32(levy, "type");
	def->levy.recipient = address(text_of(levy, "recipient"));
	read_id(&def->levy.id, member(levy, "mosaicId"));
	def->levy.fee = number(levy, "fee");
}

static void read_header(struct nem_tx *tx, const json_t *j)
{
	const char *signature = json_string_value(json_object_get(j, "signature"));

	memset(tx, 0, sizeof(*tx));
	tx->type = number32(j, "type");
	tx->version = number32(j, "version");
	tx->timestamp = number32(j, "timeStamp");
	tx->deadline = number32(j, "deadline");
	tx->fee.uxem = number(j, "fee");
	tx->signer = pubkey(text_of(j, "signer"));
	tx->has_signature = signature != NULL;
	if (signature != NULL)
		fixed(tx->signature.b, sizeof(tx->signature.b), signature);
}

static void read_plain(struct nem_tx *tx, const json_t *j)
{
	const json_t *parent;

	read_header(tx, j);
	switch (tx->type) {
	case NEM_TX_TRANSFER:
		read_transfer(tx, j);
		break;
	case NEM_TX_IMPORTANCE:
		tx->u.importance.mode = number32(j, "mode");
		tx->u.importance.remote = pubkey(text_of(j, "remoteAccount"));
		break;
	case NEM_TX_AGGREGATE:
		read_aggregate(tx, j);
		break;
	case NEM_TX_COSIGNATURE:
		assert_true(read_hash(&tx->u.cosignature.other_hash, j, "otherHash"));
		tx->u.cosignature.other_account = address(text_of(j, "otherAccount"));
		break;
	case NEM_TX_NAMESPACE:
		tx->u.ns.sink = address(text_of(j, "rentalFeeSink"));
		tx->u.ns.rental_fee.uxem = number(j, "rentalFee");
		tx->u.ns.new_part = bytes(text_of(j, "newPart"));
		parent = member(j, "parent");
		tx->u.ns.has_parent = !json_is_null(parent);
		if (tx->u.ns.has_parent)
			tx->u.ns.parent = bytes(json_string_value(parent));
		break;
	case NEM_TX_MOSAIC:
		read_definition(&tx->u.mosaic.def, member(j, "mosaicDefinition"));
		tx->u.mosaic.sink = address(text_of(j, "creationFeeSink"));
		tx->u.mosaic.creation_fee.uxem = number(j, "creationFee");
		break;
	case NEM_TX_SUPPLY:
		read_id(&tx->u.supply.id, member(j, "mosaicId"));
		tx->u.supply.supply_kind = number32(j, "supplyType");
		tx->u.supply.delta = number(j, "delta");
		break;
	default:
		fail_msg("type %u", tx->type);
	}
}

void read_tx(struct nem_tx *tx, const json_t *j)
{
	const json_t *list;

	if (number32(j, "type") != NEM_TX_MULTISIG) {
		read_plain(tx, j);
		return;
	}
	read_header(tx, j);
	tx->u.multisig.inner = calloc(1, sizeof(*tx->u.multisig.inner));
	assert_non_null(tx->u.multisig.inner);
	read_plain(tx->u.multisig.inner, member(j, "otherTrans"));
	list = member(j, "signatures");
	tx->u.multisig.cosignatures = array(list, &tx->u.multisig.n_cosignatures,
					    sizeof(*tx->u.multisig.cosignatures));
	for (uint32_t i = 0; i < tx->u.multisig.n_cosignatures; i++)
		read_plain(&tx->u.multisig.cosignatures[i], json_array_get(list, i));
}

void read_block(struct nem_block *b, const json_t *j)
{
	const json_t *list = json_object_get(j, "transactions");

	memset(b, 0, sizeof(*b));
	b->type = number32(j, "type");
	b->version = number32(j, "version");
	b->timestamp = number32(j, "timeStamp");
	b->signer = pubkey(text_of(j, "signer"));
	if (json_object_get(j, "signature") != NULL)
		fixed(b->signature.b, sizeof(b->signature.b), text_of(j, "signature"));
	assert_true(read_hash(&b->prev, j, "prevBlockHash"));
	b->height = number(j, "height");
	b->txs = array(list, &b->n_txs, sizeof(*b->txs));
	for (uint32_t i = 0; i < b->n_txs; i++)
		read_tx(&b->txs[i], json_array_get(list, i));
}

bool read_hash(struct nem_hash *h, const json_t *obj, const char *key)
{
	const json_t *j = json_object_get(obj, key);

	if (json_is_object(j))
		j = json_object_get(j, "data");
	if (!json_is_string(j))
		return false;
	fixed(h->b, sizeof(h->b), json_string_value(j));
	return true;
}

void sign_tx(struct nem_tx *tx, const struct nem_privkey *key)
{
	struct xt_buf b;
	struct xt_err err;

	xt_buf_init(&b, XT_MAX_TX_BYTES);
	assert_ok(nem_tx_encode(&b, tx, NEM_FORM_UNSIGNED, &err), err);
	nem_sign(&tx->signature, key, b.data, b.len);
	tx->has_signature = true;
	xt_buf_release(&b);
}
