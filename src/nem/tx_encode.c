#include <xemtrace/nem.h>

#include <xemtrace/limits.h>

#include "internal.h"

static void put_address(struct nem_writer *w, const struct nem_address *a)
{
	nem_put_bytes(w, a->s, sizeof(a->s) - 1);
}

static void put_text(struct nem_writer *w, const struct nem_bytes *b)
{
	nem_put_bytes(w, b->data, b->len);
}

static void put_id(struct nem_writer *w, const struct nem_mosaic_id *id)
{
	const size_t at = nem_put_open(w);

	put_text(w, &id->ns);
	put_text(w, &id->name);
	nem_put_close(w, at);
}

static void put_transfer(struct nem_writer *w, const struct nem_tx *tx)
{
	const struct nem_bytes *message = &tx->u.transfer.message;
	size_t at;

	put_address(w, &tx->u.transfer.recipient);
	nem_put_u64(w, tx->u.transfer.amount.uxem);
	at = nem_put_open(w);
	/* A message without a payload is no message: the node hashes it as none. */
	if (message->len > 0) {
		nem_put_u32(w, tx->u.transfer.message_type);
		put_text(w, message);
	}
	nem_put_close(w, at);
	if (nem_tx_entity_version(tx) < 2)
		return;
	nem_put_u32(w, tx->u.transfer.n_mosaics);
	for (uint32_t i = 0; i < tx->u.transfer.n_mosaics; i++) {
		at = nem_put_open(w);
		put_id(w, &tx->u.transfer.mosaics[i].id);
		nem_put_u64(w, tx->u.transfer.mosaics[i].quantity);
		nem_put_close(w, at);
	}
}

static void put_aggregate(struct nem_writer *w, const struct nem_tx *tx)
{
	size_t at;

	nem_put_u32(w, tx->u.aggregate.n_mods);
	for (uint32_t i = 0; i < tx->u.aggregate.n_mods; i++) {
		const struct nem_modification *m = &tx->u.aggregate.mods[i];

		at = nem_put_open(w);
		nem_put_u32(w, m->kind);
		nem_put_bytes(w, m->cosignatory.b, sizeof(m->cosignatory.b));
		nem_put_close(w, at);
	}
	if (nem_tx_entity_version(tx) < 2)
		return;
	at = nem_put_open(w);
	if (tx->u.aggregate.has_relative_change)
		nem_put_u32(w, (uint32_t)tx->u.aggregate.relative_change);
	nem_put_close(w, at);
}

static void put_cosignature(struct nem_writer *w, const struct nem_tx *tx)
{
	const struct nem_hash *hash = &tx->u.cosignature.other_hash;
	/* The hash is an object that holds bytes: two lengths. */
	const size_t at = nem_put_open(w);

	nem_put_bytes(w, hash->b, sizeof(hash->b));
	nem_put_close(w, at);
	put_address(w, &tx->u.cosignature.other_account);
}

static void put_namespace(struct nem_writer *w, const struct nem_tx *tx)
{
	put_address(w, &tx->u.ns.sink);
	nem_put_u64(w, tx->u.ns.rental_fee.uxem);
	put_text(w, &tx->u.ns.new_part);
	if (tx->u.ns.has_parent)
		put_text(w, &tx->u.ns.parent);
	else
		nem_put_u32(w, UINT32_MAX);
}

static void put_levy(struct nem_writer *w, const struct nem_levy *levy)
{
	const size_t at = nem_put_open(w);

	if (levy->kind != 0) {
		nem_put_u32(w, levy->kind);
		put_address(w, &levy->recipient);
		put_id(w, &levy->id);
		nem_put_u64(w, levy->fee);
	}
	nem_put_close(w, at);
}

static void put_mosaic(struct nem_writer *w, const struct nem_tx *tx)
{
	const struct nem_mosaic_definition *def = &tx->u.mosaic.def;
	const size_t at = nem_put_open(w);

	nem_put_bytes(w, def->creator.b, sizeof(def->creator.b));
	put_id(w, &def->id);
	put_text(w, &def->description);
	nem_put_u32(w, def->n_properties);
	for (uint32_t i = 0; i < def->n_properties; i++) {
		const size_t property = nem_put_open(w);

		put_text(w, &def->properties[i].name);
		put_text(w, &def->properties[i].value);
		nem_put_close(w, property);
	}
	put_levy(w, &def->levy);
	nem_put_close(w, at);
	put_address(w, &tx->u.mosaic.sink);
	nem_put_u64(w, tx->u.mosaic.creation_fee.uxem);
}

static void put_supply(struct nem_writer *w, const struct nem_tx *tx)
{
	put_id(w, &tx->u.supply.id);
	nem_put_u32(w, tx->u.supply.supply_kind);
	nem_put_u64(w, tx->u.supply.delta);
}

static void put_header(struct nem_writer *w, const struct nem_tx *tx,
		       enum nem_form form)
{
	nem_put_u32(w, tx->type);
	nem_put_u32(w, tx->version);
	nem_put_u32(w, tx->timestamp);
	nem_put_bytes(w, tx->signer.b, sizeof(tx->signer.b));
	if (form == NEM_FORM_SIGNED) {
		if (w->rc == XT_OK && !tx->has_signature)
			w->rc = xt_fail(w->err, XT_E_DATA, "signature: missing");
		nem_put_bytes(w, tx->signature.b, sizeof(tx->signature.b));
	}
	nem_put_u64(w, tx->fee.uxem);
	nem_put_u32(w, tx->deadline);
}

/* Any type but a multisig transaction. */
static void put_plain(struct nem_writer *w, const struct nem_tx *tx, enum nem_form form)
{
	put_header(w, tx, form);
	switch (tx->type) {
	case NEM_TX_TRANSFER:
		put_transfer(w, tx);
		break;
	case NEM_TX_IMPORTANCE:
		nem_put_u32(w, tx->u.importance.mode);
		nem_put_bytes(w, tx->u.importance.remote.b,
			      sizeof(tx->u.importance.remote.b));
		break;
	case NEM_TX_AGGREGATE:
		put_aggregate(w, tx);
		break;
	case NEM_TX_COSIGNATURE:
		put_cosignature(w, tx);
		break;
	case NEM_TX_NAMESPACE:
		put_namespace(w, tx);
		break;
	case NEM_TX_MOSAIC:
		put_mosaic(w, tx);
		break;
	case NEM_TX_SUPPLY:
		put_supply(w, tx);
		break;
	default:
		w->rc = xt_fail(w->err, XT_E_BUG,
				"type %u passed the check of its shape", tx->type);
	}
}

static void put_multisig(struct nem_writer *w, const struct nem_tx *tx,
			 enum nem_form form)
{
	size_t at;

	put_header(w, tx, form);
	at = nem_put_open(w);
	put_plain(w, tx->u.multisig.inner, NEM_FORM_UNSIGNED);
	nem_put_close(w, at);
	if (form == NEM_FORM_UNSIGNED)
		return;
	nem_put_u32(w, tx->u.multisig.n_cosignatures);
	for (uint32_t i = 0; i < tx->u.multisig.n_cosignatures; i++) {
		at = nem_put_open(w);
		put_plain(w, &tx->u.multisig.cosignatures[i], NEM_FORM_SIGNED);
		nem_put_close(w, at);
	}
}

enum xt_status nem_tx_encode(struct xt_buf *out, const struct nem_tx *tx,
			     enum nem_form form, struct xt_err *err)
{
	const size_t start = out->len;
	struct nem_writer w = { .out = out, .err = err };

	w.rc = nem_tx_shape(tx, err);
	if (w.rc != XT_OK)
		return w.rc;
	if (tx->type == NEM_TX_MULTISIG)
		put_multisig(&w, tx, form);
	else
		put_plain(&w, tx, form);
	if (w.rc != XT_OK)
		out->len = start;
	return w.rc;
}
