#include "txjson.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static enum xt_status bad(struct xt_err *err, const char *key, const char *what)
{
	return xt_fail(err, XT_E_DATA, "%s: %s", key, what);
}

static enum xt_status get_u64(uint64_t *out, const json_t *o, const char *key,
			      struct xt_err *err)
{
	const json_t *j = json_object_get(o, key);

	if (!json_is_integer(j) || json_integer_value(j) < 0)
		return bad(err, key, "not a number from 0");
	*out = (uint64_t)json_integer_value(j);
	return XT_OK;
}

/* Signed or unsigned 32 bits: NIS writes versions and block types as signed. */
static enum xt_status get_u32(uint32_t *out, const json_t *o, const char *key,
			      struct xt_err *err)
{
	const json_t *j = json_object_get(o, key);

	if (!json_is_integer(j) || json_integer_value(j) < INT32_MIN ||
	    json_integer_value(j) > UINT32_MAX)
		return bad(err, key, "not a 32-bit number");
	*out = (uint32_t)json_integer_value(j);
	return XT_OK;
}

static enum xt_status get_hex(uint8_t *out, size_t n, const json_t *o, const char *key,
			      struct xt_err *err)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (s == NULL || xt_hex_decode(out, n, s, NULL) != XT_OK)
		return bad(err, key, "not hex of the right length");
	return XT_OK;
}

static enum xt_status get_address(struct nem_address *out, const json_t *o,
				  const char *key, struct xt_err *err)
{
	const char *s = json_string_value(json_object_get(o, key));

	if (s == NULL)
		return bad(err, key, "not a string");
	if (nem_address_parse(out, s, err) != XT_OK)
		return bad(err, key, "not an address");
	return XT_OK;
}

static enum xt_status get_text(struct nem_bytes *out, const json_t *o, const char *key,
			       struct xt_err *err)
{
	const json_t *j = json_object_get(o, key);
	size_t n = json_string_length(j);

	if (!json_is_string(j))
		return bad(err, key, "not a string");
	out->data = fx_alloc(n + 1, 1);
	memcpy(out->data, json_string_value(j), n);
	out->len = (uint32_t)n;
	return XT_OK;
}

static enum xt_status get_mosaic_id(struct nem_mosaic_id *out, const json_t *o,
				    const char *key, struct xt_err *err)
{
	const json_t *j = json_object_get(o, key);
	enum xt_status st = get_text(&out->ns, j, "namespaceId", err);

	return st != XT_OK ? st : get_text(&out->name, j, "name", err);
}

static enum xt_status read_message(struct nem_tx *tx, const json_t *j,
				   struct xt_err *err)
{
	const json_t *m = json_object_get(j, "message");
	const char *s;
	size_t n;
	enum xt_status st;

	if (m == NULL || json_object_size(m) == 0)
		return XT_OK;
	st = get_u32(&tx->u.transfer.message_type, m, "type", err);
	if (st != XT_OK)
		return st;
	s = json_string_value(json_object_get(m, "payload"));
	if (s == NULL)
		return bad(err, "message.payload", "not a string");
	n = strlen(s) / 2;
	tx->u.transfer.message.data = fx_alloc(n + 1, 1);
	tx->u.transfer.message.len = (uint32_t)n;
	if (xt_hex_decode(tx->u.transfer.message.data, n, s, NULL) != XT_OK)
		return bad(err, "message.payload", "not hex");
	return XT_OK;
}

static enum xt_status read_transfer(struct nem_tx *tx, const json_t *j,
				    struct xt_err *err)
{
	const json_t *a = json_object_get(j, "mosaics");
	size_t n = json_array_size(a);
	enum xt_status st = get_address(&tx->u.transfer.recipient, j, "recipient", err);

	if (st == XT_OK)
		st = get_u64(&tx->u.transfer.amount.uxem, j, "amount", err);
	if (st == XT_OK)
		st = read_message(tx, j, err);
	if (st != XT_OK || n == 0)
		return st;
	tx->u.transfer.mosaics = fx_alloc(n, sizeof(*tx->u.transfer.mosaics));
	tx->u.transfer.n_mosaics = (uint32_t)n;
	for (size_t i = 0; i < n && st == XT_OK; i++) {
		const json_t *m = json_array_get(a, i);

		st = get_mosaic_id(&tx->u.transfer.mosaics[i].id, m, "mosaicId", err);
		if (st == XT_OK)
			st = get_u64(&tx->u.transfer.mosaics[i].quantity, m, "quantity",
				     err);
	}
	return st;
}

static enum xt_status read_aggregate(struct nem_tx *tx, const json_t *j,
				     struct xt_err *err)
{
	const json_t *a = json_object_get(j, "modifications");
	const json_t *min = json_object_get(j, "minCosignatories");
	size_t n = json_array_size(a);
	enum xt_status st = XT_OK;

	tx->u.aggregate.mods = fx_alloc(n, sizeof(*tx->u.aggregate.mods));
	tx->u.aggregate.n_mods = (uint32_t)n;
	for (size_t i = 0; i < n && st == XT_OK; i++) {
		const json_t *m = json_array_get(a, i);
		struct nem_modification *to = &tx->u.aggregate.mods[i];

		st = get_u32(&to->kind, m, "modificationType", err);
		if (st == XT_OK)
			st = get_hex(to->cosignatory.b, 32, m, "cosignatoryAccount",
				     err);
	}
	if (st == XT_OK && json_object_size(min) > 0) {
		uint32_t v = 0;

		st = get_u32(&v, min, "relativeChange", err);
		tx->u.aggregate.has_relative_change = true;
		tx->u.aggregate.relative_change = (int32_t)v;
	}
	return st;
}

static enum xt_status read_definition(struct nem_mosaic_definition *d, const json_t *j,
				      struct xt_err *err)
{
	const json_t *a = json_object_get(j, "properties");
	const json_t *levy = json_object_get(j, "levy");
	size_t n = json_array_size(a);
	enum xt_status st = get_hex(d->creator.b, 32, j, "creator", err);

	if (st == XT_OK)
		st = get_mosaic_id(&d->id, j, "id", err);
	if (st == XT_OK)
		st = get_text(&d->description, j, "description", err);
	d->properties = fx_alloc(n, sizeof(*d->properties));
	d->n_properties = (uint32_t)n;
	for (size_t i = 0; i < n && st == XT_OK; i++) {
		st =
		    get_text(&d->properties[i].name, json_array_get(a, i), "name", err);
		if (st == XT_OK)
			st = get_text(&d->properties[i].value, json_array_get(a, i),
				      "value", err);
	}
	if (st == XT_OK && json_object_size(levy) > 0) {
		st = get_u32(&d->levy.kind, levy, "type", err);
		if (st == XT_OK)
			st = get_address(&d->levy.recipient, levy, "recipient", err);
		if (st == XT_OK)
			st = get_mosaic_id(&d->levy.id, levy, "mosaicId", err);
		if (st == XT_OK)
			st = get_u64(&d->levy.fee, levy, "fee", err);
	}
	return st;
}

static enum xt_status read_namespace(struct nem_tx *tx, const json_t *j,
				     struct xt_err *err)
{
	enum xt_status st = get_address(&tx->u.ns.sink, j, "rentalFeeSink", err);

	if (st == XT_OK)
		st = get_u64(&tx->u.ns.rental_fee.uxem, j, "rentalFee", err);
	if (st == XT_OK)
		st = get_text(&tx->u.ns.new_part, j, "newPart", err);
	tx->u.ns.has_parent = json_is_string(json_object_get(j, "parent"));
	if (st == XT_OK && tx->u.ns.has_parent)
		st = get_text(&tx->u.ns.parent, j, "parent", err);
	return st;
}

static enum xt_status read_flat(struct nem_tx *out, const json_t *j,
				struct xt_err *err);

static enum xt_status read_multisig(struct nem_tx *tx, const json_t *j,
				    struct xt_err *err)
{
	const json_t *a = json_object_get(j, "signatures");
	size_t n = json_array_size(a);
	enum xt_status st;

	tx->u.multisig.inner = fx_alloc(1, sizeof(struct nem_tx));
	st = read_flat(tx->u.multisig.inner, json_object_get(j, "otherTrans"), err);
	if (st != XT_OK)
		return st;
	if (tx->u.multisig.inner->type == NEM_TX_MULTISIG)
		return bad(err, "otherTrans", "a multisig in a multisig");
	tx->u.multisig.cosignatures = fx_alloc(n, sizeof(struct nem_tx));
	tx->u.multisig.n_cosignatures = (uint32_t)n;
	for (size_t i = 0; i < n && st == XT_OK; i++) {
		st = read_flat(&tx->u.multisig.cosignatures[i], json_array_get(a, i),
			       err);
		if (st == XT_OK &&
		    tx->u.multisig.cosignatures[i].type != NEM_TX_COSIGNATURE)
			st = bad(err, "signatures", "not a cosignature");
	}
	return st;
}

/* The part of each type but 4100, which nests. */
static enum xt_status read_part(struct nem_tx *tx, const json_t *j, struct xt_err *err)
{
	enum xt_status st;

	switch (tx->type) {
	case NEM_TX_TRANSFER:
		return read_transfer(tx, j, err);
	case NEM_TX_IMPORTANCE:
		st = get_u32(&tx->u.importance.mode, j, "mode", err);
		return st != XT_OK ? st
				   : get_hex(tx->u.importance.remote.b, 32, j,
					     "remoteAccount", err);
	case NEM_TX_AGGREGATE:
		return read_aggregate(tx, j, err);
	case NEM_TX_COSIGNATURE:
		st = get_hex(tx->u.cosignature.other_hash.b, 32,
			     json_object_get(j, "otherHash"), "data", err);
		return st != XT_OK ? st
				   : get_address(&tx->u.cosignature.other_account, j,
						 "otherAccount", err);
	case NEM_TX_NAMESPACE:
		return read_namespace(tx, j, err);
	case NEM_TX_MOSAIC:
		st = read_definition(&tx->u.mosaic.def,
				     json_object_get(j, "mosaicDefinition"), err);
		if (st == XT_OK)
			st = get_address(&tx->u.mosaic.sink, j, "creationFeeSink", err);
		return st != XT_OK ? st
				   : get_u64(&tx->u.mosaic.creation_fee.uxem, j,
					     "creationFee", err);
	case NEM_TX_SUPPLY:
		st = get_mosaic_id(&tx->u.supply.id, j, "mosaicId", err);
		if (st == XT_OK)
			st = get_u32(&tx->u.supply.supply_kind, j, "supplyType", err);
		return st != XT_OK ? st : get_u64(&tx->u.supply.delta, j, "delta", err);
	case NEM_TX_MULTISIG:
		return XT_OK;
	default:
		return bad(err, "type", "unknown transaction type");
	}
}

/* On failure `out` still holds what was read: the caller releases. */
static enum xt_status read_flat(struct nem_tx *out, const json_t *j, struct xt_err *err)
{
	enum xt_status st = get_u32(&out->type, j, "type", err);

	if (st == XT_OK)
		st = get_u32(&out->version, j, "version", err);
	if (st == XT_OK)
		st = get_u32(&out->timestamp, j, "timeStamp", err);
	if (st == XT_OK)
		st = get_u32(&out->deadline, j, "deadline", err);
	if (st == XT_OK)
		st = get_hex(out->signer.b, 32, j, "signer", err);
	if (st == XT_OK)
		st = get_u64(&out->fee.uxem, j, "fee", err);
	out->has_signature = json_object_get(j, "signature") != NULL;
	if (st == XT_OK && out->has_signature)
		st = get_hex(out->signature.b, 64, j, "signature", err);
	return st != XT_OK ? st : read_part(out, j, err);
}

enum xt_status fx_tx_from_json(struct nem_tx *out, const json_t *j, struct xt_err *err)
{
	struct nem_tx tx;
	enum xt_status st;

	memset(&tx, 0, sizeof(tx));
	st = read_flat(&tx, j, err);
	if (st == XT_OK && tx.type == NEM_TX_MULTISIG)
		st = read_multisig(&tx, j, err);
	if (st != XT_OK) {
		nem_tx_release(&tx);
		return st;
	}
	*out = tx;
	return XT_OK;
}

enum xt_status fx_block_from_json(struct nem_block *out, const json_t *j,
				  struct xt_err *err)
{
	const json_t *a = json_object_get(j, "transactions");
	size_t n = json_array_size(a);
	struct nem_block b;
	enum xt_status st;

	memset(&b, 0, sizeof(b));
	st = get_u32(&b.type, j, "type", err);
	if (st == XT_OK)
		st = get_u32(&b.version, j, "version", err);
	if (st == XT_OK)
		st = get_u32(&b.timestamp, j, "timeStamp", err);
	if (st == XT_OK)
		st = get_hex(b.signer.b, 32, j, "signer", err);
	if (st == XT_OK)
		st = get_hex(b.signature.b, 64, j, "signature", err);
	if (st == XT_OK)
		st = get_hex(b.prev.b, 32, json_object_get(j, "prevBlockHash"), "data",
			     err);
	if (st == XT_OK)
		st = get_u64(&b.height, j, "height", err);
	if (st == XT_OK && !json_is_array(a))
		st = bad(err, "transactions", "not an array");
	b.txs = fx_alloc(n, sizeof(*b.txs));
	for (size_t i = 0; i < n && st == XT_OK; i++) {
		st = fx_tx_from_json(&b.txs[i], json_array_get(a, i), err);
		if (st == XT_OK)
			b.n_txs++;
		else
			xt_where(err, "height %llu, transaction %zu",
				 (unsigned long long)b.height, i);
	}
	if (st != XT_OK) {
		nem_block_release(&b);
		return st;
	}
	*out = b;
	return XT_OK;
}
