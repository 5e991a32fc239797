#include <xemtrace/nem.h>

#include <inttypes.h>
#include <string.h>

#include <xemtrace/limits.h>

#include "internal.h"

static enum xt_status out_of_range(struct xt_err *err, const char *what, uint64_t v,
				   uint64_t max)
{
	return xt_fail(err, XT_E_DATA,
		       "%s: %" PRIu64 " is out of range (at most %" PRIu64 ")", what, v,
		       max);
}

static enum xt_status check_max(uint64_t v, uint64_t max, const char *what,
				struct xt_err *err)
{
	return v <= max ? XT_OK : out_of_range(err, what, v, max);
}

/* A list of n elements: at most max, and there. */
static enum xt_status check_list(const void *list, uint32_t n, uint32_t max,
				 const char *what, struct xt_err *err)
{
	if (n > max)
		return xt_fail(err, XT_E_DATA, "%s: %" PRIu32 ", at most %" PRIu32,
			       what, n, max);
	if (n > 0 && list == NULL)
		return xt_fail(err, XT_E_DATA, "%s: missing", what);
	return XT_OK;
}

/* No account ever held more than the nemesis account did. */
static enum xt_status check_uxem(struct nem_amount a, const char *what,
				 struct xt_err *err)
{
	return check_max(a.uxem, NEM_SUPPLY_UXEM, what, err);
}

static enum xt_status check_one_or_two(uint32_t v, const char *what, struct xt_err *err)
{
	if (v == 1 || v == 2)
		return XT_OK;
	return xt_fail(err, XT_E_DATA, "%s: %" PRIu32 " is neither 1 nor 2", what, v);
}

static enum xt_status check_text(const struct nem_bytes *b, uint32_t max,
				 const char *what, struct xt_err *err)
{
	if (b->len > max)
		return xt_fail(err, XT_E_DATA,
			       "%s: %" PRIu32 " bytes, at most %" PRIu32, what, b->len,
			       max);
	if (b->len > 0 && (b->data == NULL || !xt_utf8_valid(b->data, b->len)))
		return xt_fail(err, XT_E_DATA, "%s: not UTF-8", what);
	return XT_OK;
}

static enum xt_status check_address(const struct nem_address *a, const char *what,
				    struct xt_err *err)
{
	struct nem_address parsed;

	if (memchr(a->s, '\0', sizeof(a->s)) == NULL)
		return xt_fail(err, XT_E_DATA, "%s: not 40 characters", what);
	if (nem_address_parse(&parsed, a->s, err) != XT_OK) {
		(void)xt_where(err, "%s", what);
		return XT_E_DATA;
	}
	if (memcmp(parsed.s, a->s, sizeof(a->s)) != 0)
		return xt_fail(err, XT_E_DATA, "%s: not in upper case without dashes",
			       what);
	return XT_OK;
}

static enum xt_status check_id(const struct nem_mosaic_id *id, struct xt_err *err)
{
	enum xt_status rc = check_text(&id->ns, XT_MAX_NAMESPACE, "namespaceId", err);

	if (rc == XT_OK)
		rc = check_text(&id->name, XT_MAX_MOSAIC_NAME, "mosaic name", err);
	return rc;
}

static enum xt_status check_message(const struct nem_tx *tx, struct xt_err *err)
{
	const uint32_t type = tx->u.transfer.message_type;
	const uint32_t len = tx->u.transfer.message.len;

	if (type > NEM_MSG_ENCRYPTED || (type == NEM_MSG_NONE && len > 0))
		return xt_fail(err, XT_E_DATA, "message: type %" PRIu32 " is unknown",
			       type);
	return check_list(tx->u.transfer.message.data, len, XT_MAX_MESSAGE,
			  "message length", err);
}

static enum xt_status check_transfer(const struct nem_tx *tx, struct xt_err *err)
{
	const uint32_t n = tx->u.transfer.n_mosaics;
	enum xt_status rc = check_address(&tx->u.transfer.recipient, "recipient", err);

	if (rc == XT_OK)
		rc = check_message(tx, err);
	if (rc != XT_OK)
		return rc;
	if (n > 0 && nem_tx_entity_version(tx) < 2)
		return xt_fail(err, XT_E_DATA, "mosaics: not in version 1");
	rc = check_list(tx->u.transfer.mosaics, n, XT_MAX_MOSAICS, "mosaics", err);
	if (rc != XT_OK)
		return rc;
	/* With mosaics the amount is a factor and may pass the supply. */
	rc = check_max(tx->u.transfer.amount.uxem, n > 0 ? INT64_MAX : NEM_SUPPLY_UXEM,
		       "amount", err);
	for (uint32_t i = 0; rc == XT_OK && i < n; i++) {
		rc = check_id(&tx->u.transfer.mosaics[i].id, err);
		if (rc == XT_OK)
			rc = check_max(tx->u.transfer.mosaics[i].quantity, INT64_MAX,
				       "quantity", err);
	}
	return rc;
}

static enum xt_status check_aggregate(const struct nem_tx *tx, struct xt_err *err)
{
	const uint32_t n = tx->u.aggregate.n_mods;
	enum xt_status rc = check_list(tx->u.aggregate.mods, n, XT_MAX_MODIFICATIONS,
				       "modifications", err);

	if (rc != XT_OK)
		return rc;
	if (tx->u.aggregate.has_relative_change && nem_tx_entity_version(tx) < 2)
		return xt_fail(err, XT_E_DATA, "minCosignatories: not in version 1");
	for (uint32_t i = 0; rc == XT_OK && i < n; i++)
		rc = check_one_or_two(tx->u.aggregate.mods[i].kind, "modificationType",
				      err);
	return rc;
}

static enum xt_status check_namespace(const struct nem_tx *tx, struct xt_err *err)
{
	enum xt_status rc = check_address(&tx->u.ns.sink, "rentalFeeSink", err);

	if (rc == XT_OK)
		rc = check_uxem(tx->u.ns.rental_fee, "rentalFee", err);
	if (rc == XT_OK)
		rc = check_text(&tx->u.ns.new_part, XT_MAX_NAMESPACE, "newPart", err);
	if (rc == XT_OK && tx->u.ns.has_parent)
		rc = check_text(&tx->u.ns.parent, XT_MAX_NAMESPACE, "parent", err);
	return rc;
}

static enum xt_status check_levy(const struct nem_levy *levy, struct xt_err *err)
{
	enum xt_status rc;

	if (levy->kind == 0)
		return XT_OK;
	rc = check_one_or_two(levy->kind, "levy type", err);
	if (rc == XT_OK)
		rc = check_address(&levy->recipient, "levy recipient", err);
	if (rc == XT_OK)
		rc = check_id(&levy->id, err);
	if (rc == XT_OK)
		rc = check_max(levy->fee, INT64_MAX, "levy fee", err);
	return rc;
}

static enum xt_status check_mosaic(const struct nem_tx *tx, struct xt_err *err)
{
	const struct nem_mosaic_definition *def = &tx->u.mosaic.def;
	enum xt_status rc = check_address(&tx->u.mosaic.sink, "creationFeeSink", err);

	if (rc == XT_OK)
		rc = check_uxem(tx->u.mosaic.creation_fee, "creationFee", err);
	if (rc == XT_OK)
		rc = check_id(&def->id, err);
	if (rc == XT_OK)
		rc = check_text(&def->description, XT_MAX_DESCRIPTION, "description",
				err);
	if (rc == XT_OK)
		rc = check_list(def->properties, def->n_properties, XT_MAX_PROPERTIES,
				"properties", err);
	for (uint32_t i = 0; rc == XT_OK && i < def->n_properties; i++) {
		rc = check_text(&def->properties[i].name, XT_MAX_PROPERTY,
				"property name", err);
		if (rc == XT_OK)
			rc = check_text(&def->properties[i].value, XT_MAX_PROPERTY,
					"property value", err);
	}
	if (rc == XT_OK)
		rc = check_levy(&def->levy, err);
	return rc;
}

static enum xt_status check_supply(const struct nem_tx *tx, struct xt_err *err)
{
	enum xt_status rc = check_id(&tx->u.supply.id, err);

	if (rc == XT_OK)
		rc = check_one_or_two(tx->u.supply.supply_kind, "supplyType", err);
	if (rc == XT_OK)
		rc = check_max(tx->u.supply.delta, INT64_MAX, "delta", err);
	return rc;
}

static uint32_t newest_version(uint32_t type)
{
	return type == NEM_TX_TRANSFER || type == NEM_TX_AGGREGATE ? 2 : 1;
}

static enum xt_status check_header(const struct nem_tx *tx, struct xt_err *err)
{
	const uint32_t v = nem_tx_entity_version(tx);
	enum xt_status rc;

	if (!nem_network_known(tx->version >> 24))
		return xt_fail(err, XT_E_DATA,
			       "version: network byte %02" PRIx32
			       " is none of 68 (mainnet), 98 (testnet), 60 (mijin)",
			       tx->version >> 24);
	if (v < 1 || v > newest_version(tx->type))
		return xt_fail(err, XT_E_DATA,
			       "version: %" PRIu32 " does not exist for type %" PRIu32,
			       v, tx->type);
	rc = check_max(tx->timestamp, INT32_MAX, "timeStamp", err);
	if (rc == XT_OK)
		rc = check_max(tx->deadline, INT32_MAX, "deadline", err);
	if (rc == XT_OK)
		rc = check_uxem(tx->fee, "fee", err);
	return rc;
}

/* Any type but a multisig transaction. */
static enum xt_status check_body(const struct nem_tx *tx, struct xt_err *err)
{
	switch (tx->type) {
	case NEM_TX_TRANSFER:
		return check_transfer(tx, err);
	case NEM_TX_IMPORTANCE:
		return check_one_or_two(tx->u.importance.mode, "mode", err);
	case NEM_TX_AGGREGATE:
		return check_aggregate(tx, err);
	case NEM_TX_COSIGNATURE:
		return check_address(&tx->u.cosignature.other_account, "otherAccount",
				     err);
	case NEM_TX_NAMESPACE:
		return check_namespace(tx, err);
	case NEM_TX_MOSAIC:
		return check_mosaic(tx, err);
	case NEM_TX_SUPPLY:
		return check_supply(tx, err);
	default:
		return xt_fail(err, XT_E_DATA, "type: %" PRIu32 " is unknown here",
			       tx->type);
	}
}

static enum xt_status check_plain(const struct nem_tx *tx, struct xt_err *err)
{
	const enum xt_status rc = check_header(tx, err);

	return rc == XT_OK ? check_body(tx, err) : rc;
}

static enum xt_status check_multisig(const struct nem_tx *tx, struct xt_err *err)
{
	const struct nem_tx *inner = tx->u.multisig.inner;
	const uint32_t n = tx->u.multisig.n_cosignatures;
	enum xt_status rc;

	if (inner == NULL)
		return xt_fail(err, XT_E_DATA, "otherTrans: missing");
	if (inner->type == NEM_TX_MULTISIG || inner->type == NEM_TX_COSIGNATURE)
		return xt_fail(err, XT_E_DATA,
			       "otherTrans: type %" PRIu32
			       " cannot stand inside a multisig transaction",
			       inner->type);
	rc = check_plain(inner, err);
	if (rc != XT_OK) {
		(void)xt_where(err, "otherTrans");
		return rc;
	}
	rc = check_list(tx->u.multisig.cosignatures, n, XT_MAX_COSIGNATURES,
			"signatures", err);
	if (rc != XT_OK)
		return rc;
	for (uint32_t i = 0; i < n; i++) {
		const struct nem_tx *c = &tx->u.multisig.cosignatures[i];

		if (c->type != NEM_TX_COSIGNATURE)
			rc = xt_fail(err, XT_E_DATA,
				     "type: %" PRIu32 " is not a cosignature", c->type);
		else
			rc = check_plain(c, err);
		if (rc != XT_OK) {
			(void)xt_where(err, "signatures[%" PRIu32 "]", i);
			return rc;
		}
	}
	return XT_OK;
}

enum xt_status nem_tx_shape(const struct nem_tx *tx, struct xt_err *err)
{
	enum xt_status rc;

	if (tx->type != NEM_TX_MULTISIG)
		return check_plain(tx, err);
	rc = check_header(tx, err);
	return rc == XT_OK ? check_multisig(tx, err) : rc;
}
