#include <xemtrace/nem.h>

#include <inttypes.h>

#include <xemtrace/limits.h>

#include "tx.h"

/* ---- small readers ----------------------------------------------------------- */

/* Modes, kinds and directions are 1 or 2 throughout. */
static enum xt_status read_one_or_two(void *out, const json_t *v,
				      const struct js_at *at, struct xt_err *err)
{
	int64_t n;
	const enum xt_status rc = js_integer_in(&n, 1, 2, v, at, err);

	if (rc == XT_OK)
		*(uint32_t *)out = (uint32_t)n;
	return rc;
}

static enum xt_status read_payload(void *out, const json_t *v, const struct js_at *at,
				   struct xt_err *err)
{
	struct nem_bytes *b = out;
	struct xt_err why;
	char shown[JS_SHOWN];
	size_t digits;

	if (!json_is_string(v))
		return js_fail(at, err, "%s is not a string", js_show(shown, v));
	digits = json_string_length(v);
	if (digits % 2 != 0)
		return js_fail(at, err, "%zu hex digits, an odd number: %s", digits,
			       js_show(shown, v));
	if (digits / 2 > XT_MAX_MESSAGE)
		return js_fail(at, err, "%zu bytes, a message has at most %u",
			       digits / 2, XT_MAX_MESSAGE);
	b->data = xt_calloc(digits / 2 + 1, 1);
	if (b->data == NULL)
		return js_nomem(at, err);
	b->len = (uint32_t)(digits / 2);
	if (xt_hex_decode(b->data, b->len, json_string_value(v), &why) != XT_OK)
		return js_fail(at, err, "%s: %s", why.text, js_show(shown, v));
	return XT_OK;
}

/* {} is no message, and so is an empty payload: the node hashes both alike. */
static enum xt_status read_message(void *out, const json_t *v, const struct js_at *at,
				   struct xt_err *err)
{
	struct nem_tx *tx = out;
	const struct js_field f[] = {
		{ "type", read_one_or_two, &tx->u.transfer.message_type },
		{ "payload", read_payload, &tx->u.transfer.message },
	};
	bool given;
	enum xt_status rc = js_given(&given, v, at, err);

	if (rc != XT_OK || !given)
		return rc;
	rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
	if (rc == XT_OK && tx->u.transfer.message.len == 0)
		tx->u.transfer.message_type = NEM_MSG_NONE;
	return rc;
}

static enum xt_status read_attached(void *out, const json_t *v, const struct js_at *at,
				    struct xt_err *err)
{
	struct nem_mosaic *m = out;
	const struct js_field f[] = {
		{ "mosaicId", nis_read_mosaic_id, &m->id },
		{ "quantity", js_read_u64, &m->quantity },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_mosaics(void *out, const json_t *v, const struct js_at *at,
				   struct xt_err *err)
{
	struct nem_tx *tx = out;
	size_t n;
	const enum xt_status rc = js_array(&n, v, XT_MAX_MOSAICS, at, err);

	if (rc != XT_OK)
		return rc;
	tx->u.transfer.mosaics = xt_calloc(n, sizeof(*tx->u.transfer.mosaics));
	if (tx->u.transfer.mosaics == NULL)
		return js_nomem(at, err);
	tx->u.transfer.n_mosaics = (uint32_t)n;
	return js_each(tx->u.transfer.mosaics, sizeof(*tx->u.transfer.mosaics), n,
		       read_attached, v, at, err);
}

static enum xt_status read_modification(void *out, const json_t *v,
					const struct js_at *at, struct xt_err *err)
{
	struct nem_modification *m = out;
	const struct js_field f[] = {
		{ "modificationType", read_one_or_two, &m->kind },
		{ "cosignatoryAccount", js_read_pubkey, &m->cosignatory },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_modifications(void *out, const json_t *v,
					 const struct js_at *at, struct xt_err *err)
{
	struct nem_tx *tx = out;
	size_t n;
	const enum xt_status rc = js_array(&n, v, XT_MAX_MODIFICATIONS, at, err);

	if (rc != XT_OK)
		return rc;
	tx->u.aggregate.mods = xt_calloc(n, sizeof(*tx->u.aggregate.mods));
	if (tx->u.aggregate.mods == NULL)
		return js_nomem(at, err);
	tx->u.aggregate.n_mods = (uint32_t)n;
	return js_each(tx->u.aggregate.mods, sizeof(*tx->u.aggregate.mods), n,
		       read_modification, v, at, err);
}

static enum xt_status read_min_cosignatories(void *out, const json_t *v,
					     const struct js_at *at, struct xt_err *err)
{
	struct nem_tx *tx = out;
	const struct js_field f[] = {
		{ "relativeChange", js_read_i32, &tx->u.aggregate.relative_change },
	};
	const enum xt_status rc =
	    js_given(&tx->u.aggregate.has_relative_change, v, at, err);

	if (rc != XT_OK || !tx->u.aggregate.has_relative_change)
		return rc;
	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_namespace_part(void *out, const json_t *v,
					  const struct js_at *at, struct xt_err *err)
{
	return js_bytes(out, XT_MAX_NAMESPACE, v, at, err);
}

static enum xt_status read_parent(void *out, const json_t *v, const struct js_at *at,
				  struct xt_err *err)
{
	struct nem_tx *tx = out;

	if (json_is_null(v))
		return XT_OK;
	tx->u.ns.has_parent = true;
	return js_bytes(&tx->u.ns.parent, XT_MAX_NAMESPACE, v, at, err);
}

/* ---- networks ---------------------------------------------------------------- */

static const char *network_name(uint32_t byte)
{
	switch ((enum nem_network)byte) {
	case NEM_MAINNET:
		return "mainnet";
	case NEM_TESTNET:
		return "testnet";
	case NEM_MIJIN:
		return "mijin";
	}
	return "unknown";
}

bool nis_version_known(uint32_t version)
{
	const uint32_t net = version >> 24;

	return net == NEM_MAINNET || net == NEM_TESTNET || net == NEM_MIJIN;
}

enum xt_status nis_same_network(const struct nem_address *a, uint32_t version,
				const char *name, const struct js_at *at,
				struct xt_err *err)
{
	const struct js_at here = { .up = at, .name = name };
	const uint32_t net = (uint32_t)nem_address_network(a);

	if (net == version >> 24)
		return XT_OK;
	return js_fail(&here, err, "an address of %s in a transaction of %s: \"%s\"",
		       network_name(net), network_name(version >> 24), a->s);
}

/* ---- the types --------------------------------------------------------------- */

static enum xt_status read_transfer(struct nem_tx *tx, const json_t *v,
				    const struct js_at *at, struct xt_err *err)
{
	const struct js_at amount = { .up = at, .name = "amount" };
	/* The list is the last field: version 1 has none. */
	const struct js_field f[] = {
		{ "recipient", js_read_address, &tx->u.transfer.recipient },
		{ "amount", js_read_amount, &tx->u.transfer.amount },
		{ "message", read_message, tx },
		{ "mosaics", read_mosaics, tx },
	};
	const size_t n = XT_ARRAY_SIZE(f) - (nem_tx_entity_version(tx) == 1 ? 1 : 0);
	const enum xt_status rc = js_fields(v, f, n, at, err);

	if (rc != XT_OK)
		return rc;
	/* With mosaics the amount is a multiplier and may be anything. */
	if (tx->u.transfer.n_mosaics == 0 &&
	    tx->u.transfer.amount.uxem > NEM_SUPPLY_UXEM)
		return js_fail(&amount, err,
			       "%" PRIu64 " is out of range, 0 to %" PRIu64,
			       tx->u.transfer.amount.uxem, NEM_SUPPLY_UXEM);
	return nis_same_network(&tx->u.transfer.recipient, tx->version, "recipient", at,
				err);
}

static enum xt_status read_importance(struct nem_tx *tx, const json_t *v,
				      const struct js_at *at, struct xt_err *err)
{
	const struct js_field f[] = {
		{ "mode", read_one_or_two, &tx->u.importance.mode },
		{ "remoteAccount", js_read_pubkey, &tx->u.importance.remote },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_aggregate(struct nem_tx *tx, const json_t *v,
				     const struct js_at *at, struct xt_err *err)
{
	const struct js_field f[] = {
		{ "modifications", read_modifications, tx },
		{ "minCosignatories", read_min_cosignatories, tx },
	};
	const size_t n = XT_ARRAY_SIZE(f) - (nem_tx_entity_version(tx) == 1 ? 1 : 0);

	return js_fields(v, f, n, at, err);
}

enum xt_status nis_read_cosignature_part(struct nem_tx *tx, const json_t *v,
					 const struct js_at *at, struct xt_err *err)
{
	const struct js_field f[] = {
		{ "otherHash", js_read_hash, &tx->u.cosignature.other_hash },
		{ "otherAccount", js_read_address, &tx->u.cosignature.other_account },
	};
	const enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);

	if (rc != XT_OK)
		return rc;
	return nis_same_network(&tx->u.cosignature.other_account, tx->version,
				"otherAccount", at, err);
}

static enum xt_status read_ns(struct nem_tx *tx, const json_t *v,
			      const struct js_at *at, struct xt_err *err)
{
	const struct js_field f[] = {
		{ "rentalFeeSink", js_read_address, &tx->u.ns.sink },
		{ "rentalFee", js_read_money, &tx->u.ns.rental_fee },
		{ "newPart", read_namespace_part, &tx->u.ns.new_part },
		{ "parent", read_parent, tx },
	};
	const enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);

	if (rc != XT_OK)
		return rc;
	return nis_same_network(&tx->u.ns.sink, tx->version, "rentalFeeSink", at, err);
}

static enum xt_status read_mosaic(struct nem_tx *tx, const json_t *v,
				  const struct js_at *at, struct xt_err *err)
{
	const struct js_field f[] = {
		{ "mosaicDefinition", nis_read_mosaic_definition, &tx->u.mosaic.def },
		{ "creationFeeSink", js_read_address, &tx->u.mosaic.sink },
		{ "creationFee", js_read_money, &tx->u.mosaic.creation_fee },
	};
	const struct js_at def = { .up = at, .name = "mosaicDefinition" };
	enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);

	if (rc == XT_OK && tx->u.mosaic.def.levy.kind != 0)
		rc = nis_same_network(&tx->u.mosaic.def.levy.recipient, tx->version,
				      "levy.recipient", &def, err);
	if (rc != XT_OK)
		return rc;
	return nis_same_network(&tx->u.mosaic.sink, tx->version, "creationFeeSink", at,
				err);
}

static enum xt_status read_supply(struct nem_tx *tx, const json_t *v,
				  const struct js_at *at, struct xt_err *err)
{
	const struct js_field f[] = {
		{ "mosaicId", nis_read_mosaic_id, &tx->u.supply.id },
		{ "supplyType", read_one_or_two, &tx->u.supply.supply_kind },
		{ "delta", js_read_u64, &tx->u.supply.delta },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

enum xt_status nis_read_part(struct nem_tx *tx, const json_t *v, const struct js_at *at,
			     struct xt_err *err)
{
	const struct js_at kind = { .up = at, .name = "type" };

	switch ((enum nem_tx_type)tx->type) {
	case NEM_TX_TRANSFER:
		return read_transfer(tx, v, at, err);
	case NEM_TX_IMPORTANCE:
		return read_importance(tx, v, at, err);
	case NEM_TX_AGGREGATE:
		return read_aggregate(tx, v, at, err);
	case NEM_TX_NAMESPACE:
		return read_ns(tx, v, at, err);
	case NEM_TX_MOSAIC:
		return read_mosaic(tx, v, at, err);
	case NEM_TX_SUPPLY:
		return read_supply(tx, v, at, err);
	case NEM_TX_COSIGNATURE:
		return js_fail(&kind, err,
			       "4098: a cosignature stands in \"signatures\" only");
	case NEM_TX_MULTISIG:
		return js_fail(&kind, err,
			       "4100: a multisig transaction in another one");
	}
	return js_fail(&kind, err, "%" PRIu32 " is not a type of transaction",
		       tx->type);
}
