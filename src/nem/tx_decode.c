#include <xemtrace/nem.h>

#include <stdlib.h>
#include <string.h>

#include <xemtrace/limits.h>

#include "internal.h"

static void get_id(struct nem_reader *r, struct nem_mosaic_id *id)
{
	const uint8_t *end = nem_get_open(r, "mosaicId");

	nem_get_bytes(r, &id->ns, XT_MAX_NAMESPACE, "namespaceId");
	nem_get_bytes(r, &id->name, XT_MAX_MOSAIC_NAME, "mosaic name");
	nem_get_close(r, end, "mosaicId");
}

/* An array of n elements; NULL with the status set when memory is out. */
static void *get_array(struct nem_reader *r, uint32_t n, size_t size)
{
	void *p = NULL;

	if (r->rc == XT_OK && n > 0) {
		p = xt_calloc(n, size);
		if (p == NULL)
			r->rc = xt_fail(r->err, XT_E_NOMEM, "out of memory for a list");
	}
	return p;
}

static void get_message(struct nem_reader *r, struct nem_tx *tx)
{
	const uint8_t *end = nem_get_open(r, "message");

	if (r->rc == XT_OK && r->p != r->end) {
		tx->u.transfer.message_type = nem_get_u32(r, "message type");
		nem_get_bytes(r, &tx->u.transfer.message, XT_MAX_MESSAGE, "message");
		/* The node writes no message in that case: these bytes hash to nothing
		 * that it knows. */
		if (r->rc == XT_OK && tx->u.transfer.message.len == 0)
			(void)nem_get_fail(r, "message", "present, but empty");
		if (r->rc == XT_OK && tx->u.transfer.message_type == NEM_MSG_NONE)
			(void)nem_get_fail(r, "message", "type 0 is unknown");
	}
	nem_get_close(r, end, "message");
}

static void get_transfer(struct nem_reader *r, struct nem_tx *tx)
{
	uint32_t n;

	nem_get_address(r, &tx->u.transfer.recipient, "recipient");
	tx->u.transfer.amount.uxem = nem_get_u64(r, "amount");
	get_message(r, tx);
	if (nem_tx_entity_version(tx) < 2)
		return;
	n = nem_get_count(r, XT_MAX_MOSAICS, "mosaics");
	tx->u.transfer.mosaics = get_array(r, n, sizeof(*tx->u.transfer.mosaics));
	if (tx->u.transfer.mosaics == NULL)
		return;
	tx->u.transfer.n_mosaics = n;
	for (uint32_t i = 0; i < n; i++) {
		struct nem_mosaic *m = &tx->u.transfer.mosaics[i];
		const uint8_t *end = nem_get_open(r, "mosaic");

		get_id(r, &m->id);
		m->quantity = nem_get_u64(r, "quantity");
		nem_get_close(r, end, "mosaic");
	}
}

static void get_aggregate(struct nem_reader *r, struct nem_tx *tx)
{
	const uint32_t n = nem_get_count(r, XT_MAX_MODIFICATIONS, "modifications");
	const uint8_t *end;

	tx->u.aggregate.mods = get_array(r, n, sizeof(*tx->u.aggregate.mods));
	if (tx->u.aggregate.mods != NULL)
		tx->u.aggregate.n_mods = n;
	for (uint32_t i = 0; i < tx->u.aggregate.n_mods; i++) {
		struct nem_modification *m = &tx->u.aggregate.mods[i];

		end = nem_get_open(r, "modification");
		m->kind = nem_get_u32(r, "modificationType");
		nem_get_fixed(r, m->cosignatory.b, sizeof(m->cosignatory.b),
			      "cosignatoryAccount");
		nem_get_close(r, end, "modification");
	}
	if (nem_tx_entity_version(tx) < 2)
		return;
	end = nem_get_open(r, "minCosignatories");
	if (r->rc == XT_OK && r->p != r->end) {
		const uint32_t raw = nem_get_u32(r, "relativeChange");

		tx->u.aggregate.has_relative_change = true;
		memcpy(&tx->u.aggregate.relative_change, &raw, sizeof(raw));
	}
	nem_get_close(r, end, "minCosignatories");
}

static void get_cosignature(struct nem_reader *r, struct nem_tx *tx)
{
	const uint8_t *end = nem_get_open(r, "otherHash");

	nem_get_fixed(r, tx->u.cosignature.other_hash.b,
		      sizeof(tx->u.cosignature.other_hash.b), "otherHash");
	nem_get_close(r, end, "otherHash");
	nem_get_address(r, &tx->u.cosignature.other_account, "otherAccount");
}

static void get_namespace(struct nem_reader *r, struct nem_tx *tx)
{
	nem_get_address(r, &tx->u.ns.sink, "rentalFeeSink");
	tx->u.ns.rental_fee.uxem = nem_get_u64(r, "rentalFee");
	nem_get_bytes(r, &tx->u.ns.new_part, XT_MAX_NAMESPACE, "newPart");
	tx->u.ns.has_parent =
	    nem_get_optional(r, &tx->u.ns.parent, XT_MAX_NAMESPACE, "parent");
}

static void get_levy(struct nem_reader *r, struct nem_levy *levy)
{
	const uint8_t *end = nem_get_open(r, "levy");

	if (r->rc == XT_OK && r->p != r->end) {
		levy->kind = nem_get_u32(r, "levy type");
		/* 0 is how the struct says "no levy", and no levy has it. */
		if (r->rc == XT_OK && levy->kind == 0)
			(void)nem_get_fail(r, "levy type", "0 is unknown");
		nem_get_address(r, &levy->recipient, "levy recipient");
		get_id(r, &levy->id);
		levy->fee = nem_get_u64(r, "levy fee");
	}
	nem_get_close(r, end, "levy");
}

static void get_properties(struct nem_reader *r, struct nem_mosaic_definition *def)
{
	const uint32_t n = nem_get_count(r, XT_MAX_PROPERTIES, "properties");

	def->properties = get_array(r, n, sizeof(*def->properties));
	if (def->properties == NULL)
		return;
	def->n_properties = n;
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *end = nem_get_open(r, "property");

		nem_get_bytes(r, &def->properties[i].name, XT_MAX_PROPERTY,
			      "property name");
		nem_get_bytes(r, &def->properties[i].value, XT_MAX_PROPERTY,
			      "property value");
		nem_get_close(r, end, "property");
	}
}

static void get_mosaic(struct nem_reader *r, struct nem_tx *tx)
{
	struct nem_mosaic_definition *def = &tx->u.mosaic.def;
	const uint8_t *end = nem_get_open(r, "mosaicDefinition");

	nem_get_fixed(r, def->creator.b, sizeof(def->creator.b), "creator");
	get_id(r, &def->id);
	nem_get_bytes(r, &def->description, XT_MAX_DESCRIPTION, "description");
	get_properties(r, def);
	get_levy(r, &def->levy);
	nem_get_close(r, end, "mosaicDefinition");
	nem_get_address(r, &tx->u.mosaic.sink, "creationFeeSink");
	tx->u.mosaic.creation_fee.uxem = nem_get_u64(r, "creationFee");
}

static void get_supply(struct nem_reader *r, struct nem_tx *tx)
{
	get_id(r, &tx->u.supply.id);
	tx->u.supply.supply_kind = nem_get_u32(r, "supplyType");
	tx->u.supply.delta = nem_get_u64(r, "delta");
}

static void get_header(struct nem_reader *r, struct nem_tx *tx, enum nem_form form)
{
	tx->type = nem_get_u32(r, "type");
	tx->version = nem_get_u32(r, "version");
	tx->timestamp = nem_get_u32(r, "timeStamp");
	nem_get_fixed(r, tx->signer.b, sizeof(tx->signer.b), "signer");
	if (form == NEM_FORM_SIGNED) {
		nem_get_fixed(r, tx->signature.b, sizeof(tx->signature.b), "signature");
		tx->has_signature = true;
	}
	tx->fee.uxem = nem_get_u64(r, "fee");
	tx->deadline = nem_get_u32(r, "deadline");
}

/* The part behind the header, for any type but a multisig transaction. */
static void get_body(struct nem_reader *r, struct nem_tx *tx)
{
	switch (tx->type) {
	case NEM_TX_TRANSFER:
		get_transfer(r, tx);
		break;
	case NEM_TX_IMPORTANCE:
		tx->u.importance.mode = nem_get_u32(r, "mode");
		nem_get_fixed(r, tx->u.importance.remote.b,
			      sizeof(tx->u.importance.remote.b), "remoteAccount");
		break;
	case NEM_TX_AGGREGATE:
		get_aggregate(r, tx);
		break;
	case NEM_TX_COSIGNATURE:
		get_cosignature(r, tx);
		break;
	case NEM_TX_NAMESPACE:
		get_namespace(r, tx);
		break;
	case NEM_TX_MOSAIC:
		get_mosaic(r, tx);
		break;
	case NEM_TX_SUPPLY:
		get_supply(r, tx);
		break;
	default:
		(void)nem_get_fail(r, "type", "unknown here");
	}
}

static void get_multisig(struct nem_reader *r, struct nem_tx *tx, enum nem_form form)
{
	const uint8_t *end;
	uint32_t n;

	tx->u.multisig.inner = get_array(r, 1, sizeof(*tx->u.multisig.inner));
	if (tx->u.multisig.inner == NULL)
		return;
	end = nem_get_open(r, "otherTrans");
	get_header(r, tx->u.multisig.inner, NEM_FORM_UNSIGNED);
	get_body(r, tx->u.multisig.inner);
	nem_get_close(r, end, "otherTrans");
	if (form == NEM_FORM_UNSIGNED)
		return;
	n = nem_get_count(r, XT_MAX_COSIGNATURES, "signatures");
	tx->u.multisig.cosignatures =
	    get_array(r, n, sizeof(*tx->u.multisig.cosignatures));
	if (tx->u.multisig.cosignatures == NULL)
		return;
	tx->u.multisig.n_cosignatures = n;
	for (uint32_t i = 0; i < n; i++) {
		struct nem_tx *c = &tx->u.multisig.cosignatures[i];

		end = nem_get_open(r, "cosignature");
		get_header(r, c, NEM_FORM_SIGNED);
		get_body(r, c);
		nem_get_close(r, end, "cosignature");
	}
}

enum xt_status nem_tx_decode(struct nem_tx *out, const uint8_t *p, size_t n,
			     enum nem_form form, struct xt_err *err)
{
	struct nem_tx tx = { 0 };
	struct nem_reader r;

	if (n > XT_MAX_TX_BYTES)
		return xt_fail(err, XT_E_DATA, "a transaction of %zu bytes, at most %u",
			       n, XT_MAX_TX_BYTES);
	nem_reader_init(&r, p, n, err);
	get_header(&r, &tx, form);
	if (tx.type == NEM_TX_MULTISIG)
		get_multisig(&r, &tx, form);
	else
		get_body(&r, &tx);
	nem_get_close(&r, r.end, "transaction");
	if (r.rc == XT_OK)
		r.rc = nem_tx_shape(&tx, err);
	if (r.rc != XT_OK) {
		nem_tx_release(&tx);
		return r.rc;
	}
	*out = tx;
	return XT_OK;
}
