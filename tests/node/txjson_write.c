#include "txjson.h"

#include <stdlib.h>
#include <string.h>

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

static json_t *hex(const uint8_t *p, size_t n)
{
	char *s = fx_alloc(2 * n + 1, 1);
	json_t *j;

	xt_hex_encode(s, p, n);
	j = json_string(s);
	free(s);
	return j;
}

static json_t *text(const struct nem_bytes *b)
{
	return json_stringn_nocheck(b->data == NULL ? "" : (const char *)b->data,
				    b->len);
}

json_t *fx_hash_to_json(const struct nem_hash *h)
{
	json_t *o = json_object();

	put(o, "data", hex(h->b, sizeof(h->b)));
	return o;
}

json_t *fx_mosaic_id_to_json(const struct nem_mosaic_id *id)
{
	json_t *o = json_object();

	put(o, "namespaceId", text(&id->ns));
	put(o, "name", text(&id->name));
	return o;
}

json_t *fx_definition_to_json(const struct nem_mosaic_definition *d)
{
	json_t *o = json_object();
	json_t *a = json_array();
	json_t *levy = json_object();

	put(o, "creator", hex(d->creator.b, 32));
	put(o, "description", text(&d->description));
	put(o, "id", fx_mosaic_id_to_json(&d->id));
	for (uint32_t i = 0; i < d->n_properties; i++) {
		json_t *p = json_object();

		put(p, "name", text(&d->properties[i].name));
		put(p, "value", text(&d->properties[i].value));
		json_array_append_new(a, p);
	}
	put(o, "properties", a);
	if (d->levy.kind != 0) {
		put(levy, "fee", u64(d->levy.fee));
		put(levy, "recipient", json_string(d->levy.recipient.s));
		put(levy, "type", u64(d->levy.kind));
		put(levy, "mosaicId", fx_mosaic_id_to_json(&d->levy.id));
	}
	put(o, "levy", levy);
	return o;
}

static json_t *mosaics_to_json(const struct nem_tx *tx)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < tx->u.transfer.n_mosaics; i++) {
		const struct nem_mosaic *m = &tx->u.transfer.mosaics[i];
		json_t *o = json_object();

		put(o, "quantity", u64(m->quantity));
		put(o, "mosaicId", fx_mosaic_id_to_json(&m->id));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *message_to_json(const struct nem_tx *tx)
{
	json_t *o = json_object();

	if (tx->u.transfer.message_type != NEM_MSG_NONE) {
		put(o, "payload",
		    hex(tx->u.transfer.message.data, tx->u.transfer.message.len));
		put(o, "type", u64(tx->u.transfer.message_type));
	}
	return o;
}

static json_t *modifications_to_json(const struct nem_tx *tx)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < tx->u.aggregate.n_mods; i++) {
		const struct nem_modification *m = &tx->u.aggregate.mods[i];
		json_t *o = json_object();

		put(o, "modificationType", u64(m->kind));
		put(o, "cosignatoryAccount", hex(m->cosignatory.b, 32));
		json_array_append_new(a, o);
	}
	return a;
}

/* What stands before "signature", by type. */
static void put_head(json_t *o, const struct nem_tx *tx)
{
	switch (tx->type) {
	case NEM_TX_TRANSFER:
		put(o, "amount", u64(tx->u.transfer.amount.uxem));
		break;
	case NEM_TX_IMPORTANCE:
		put(o, "mode", u64(tx->u.importance.mode));
		break;
	case NEM_TX_COSIGNATURE:
		put(o, "otherHash", fx_hash_to_json(&tx->u.cosignature.other_hash));
		put(o, "otherAccount", json_string(tx->u.cosignature.other_account.s));
		break;
	case NEM_TX_NAMESPACE:
		put(o, "parent",
		    tx->u.ns.has_parent ? text(&tx->u.ns.parent) : json_null());
		break;
	case NEM_TX_MOSAIC:
		put(o, "creationFee", u64(tx->u.mosaic.creation_fee.uxem));
		put(o, "mosaicDefinition", fx_definition_to_json(&tx->u.mosaic.def));
		break;
	default:
		break;
	}
}

/* What stands between "fee" and "type". */
static void put_middle(json_t *o, const struct nem_tx *tx)
{
	switch (tx->type) {
	case NEM_TX_TRANSFER:
		put(o, "recipient", json_string(tx->u.transfer.recipient.s));
		if (nem_tx_entity_version(tx) >= 2)
			put(o, "mosaics", mosaics_to_json(tx));
		break;
	case NEM_TX_IMPORTANCE:
		put(o, "remoteAccount", hex(tx->u.importance.remote.b, 32));
		break;
	case NEM_TX_AGGREGATE:
		if (nem_tx_entity_version(tx) >= 2) {
			json_t *min = json_object();

			if (tx->u.aggregate.has_relative_change)
				put(min, "relativeChange",
				    json_integer(tx->u.aggregate.relative_change));
			put(o, "minCosignatories", min);
		}
		break;
	case NEM_TX_NAMESPACE:
		put(o, "rentalFeeSink", json_string(tx->u.ns.sink.s));
		put(o, "rentalFee", u64(tx->u.ns.rental_fee.uxem));
		put(o, "newPart", text(&tx->u.ns.new_part));
		break;
	case NEM_TX_MOSAIC:
		put(o, "creationFeeSink", json_string(tx->u.mosaic.sink.s));
		break;
	case NEM_TX_SUPPLY:
		put(o, "supplyType", u64(tx->u.supply.supply_kind));
		put(o, "delta", u64(tx->u.supply.delta));
		break;
	default:
		break;
	}
}

/* One transaction without what is nested in a multisig. */
static json_t *flat_to_json(const struct nem_tx *tx)
{
	json_t *o = json_object();

	put(o, "timeStamp", u64(tx->timestamp));
	put_head(o, tx);
	if (tx->has_signature)
		put(o, "signature", hex(tx->signature.b, 64));
	put(o, "fee", u64(tx->fee.uxem));
	put_middle(o, tx);
	put(o, "type", u64(tx->type));
	put(o, "deadline", u64(tx->deadline));
	if (tx->type == NEM_TX_TRANSFER)
		put(o, "message", message_to_json(tx));
	if (tx->type == NEM_TX_SUPPLY)
		put(o, "mosaicId", fx_mosaic_id_to_json(&tx->u.supply.id));
	put(o, "version", json_integer((int32_t)tx->version));
	return o;
}

json_t *fx_tx_to_json(const struct nem_tx *tx)
{
	json_t *o = flat_to_json(tx);

	if (tx->type == NEM_TX_MULTISIG) {
		json_t *a = json_array();

		for (uint32_t i = 0; i < tx->u.multisig.n_cosignatures; i++) {
			const struct nem_tx *c = &tx->u.multisig.cosignatures[i];
			json_t *j = flat_to_json(c);

			put(j, "signer", hex(c->signer.b, 32));
			json_array_append_new(a, j);
		}
		put(o, "signatures", a);
	}
	put(o, "signer", hex(tx->signer.b, 32));
	if (tx->type == NEM_TX_AGGREGATE)
		put(o, "modifications", modifications_to_json(tx));
	if (tx->type == NEM_TX_MULTISIG) {
		const struct nem_tx *inner = tx->u.multisig.inner;
		json_t *j = flat_to_json(inner);

		put(j, "signer", hex(inner->signer.b, 32));
		if (inner->type == NEM_TX_AGGREGATE)
			put(j, "modifications", modifications_to_json(inner));
		put(o, "otherTrans", j);
	}
	return o;
}

json_t *fx_block_to_json(const struct nem_block *b)
{
	json_t *o = json_object();
	json_t *a = json_array();

	put(o, "timeStamp", u64(b->timestamp));
	put(o, "signature", hex(b->signature.b, 64));
	put(o, "prevBlockHash", fx_hash_to_json(&b->prev));
	put(o, "type", json_integer((int32_t)b->type));
	for (uint32_t i = 0; i < b->n_txs; i++)
		json_array_append_new(a, fx_tx_to_json(&b->txs[i]));
	put(o, "transactions", a);
	put(o, "version", json_integer((int32_t)b->version));
	put(o, "signer", hex(b->signer.b, 32));
	put(o, "height", u64(b->height));
	return o;
}
