#include <xemtrace/nis.h>

#include <inttypes.h>

#include <xemtrace/limits.h>

#include "tx.h"

/* Which entity versions a type has; 0 for a type that does not exist. */
static uint32_t max_version(uint32_t type)
{
	switch ((enum nem_tx_type)type) {
	case NEM_TX_TRANSFER:
	case NEM_TX_AGGREGATE:
		return 2;
	case NEM_TX_IMPORTANCE:
	case NEM_TX_COSIGNATURE:
	case NEM_TX_MULTISIG:
	case NEM_TX_NAMESPACE:
	case NEM_TX_MOSAIC:
	case NEM_TX_SUPPLY:
		return 1;
	}
	return 0;
}

/* What all types have, but for the signature. Sets the type last: until then there is
 * nothing of the union to release. */
static enum xt_status read_common(struct nem_tx *tx, const json_t *v,
				  const struct js_at *at, struct xt_err *err)
{
	const struct js_at version = { .up = at, .name = "version" };
	const struct js_at kind = { .up = at, .name = "type" };
	uint32_t type;
	const struct js_field f[] = {
		{ "type", js_read_u32, &type },
		{ "version", js_read_version, &tx->version },
		{ "timeStamp", js_read_u32, &tx->timestamp },
		{ "deadline", js_read_u32, &tx->deadline },
		{ "signer", js_read_pubkey, &tx->signer },
		{ "fee", js_read_money, &tx->fee },
	};
	const enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
	uint32_t entity;

	if (rc != XT_OK)
		return rc;
	entity = tx->version & 0xFFFFFFU;
	if (max_version(type) == 0)
		return js_fail(&kind, err, "%" PRIu32 " is not a type of transaction",
			       type);
	if (!nis_version_known(tx->version))
		return js_fail(&version, err,
			       "%" PRId32 " is of no known network (byte 0x%02x)",
			       (int32_t)tx->version, (unsigned)(tx->version >> 24));
	if (entity == 0 || entity > max_version(type))
		return js_fail(&version, err,
			       "%" PRId32 " is version %" PRIu32 ", type %" PRIu32
			       " has at most %" PRIu32,
			       (int32_t)tx->version, entity, type, max_version(type));
	tx->type = type;
	return XT_OK;
}

static enum xt_status read_own_signature(struct nem_tx *tx, const json_t *v,
					 const struct js_at *at, struct xt_err *err)
{
	const struct js_field f[] = {
		{ "signature", js_read_signature, &tx->signature },
	};
	const enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);

	tx->has_signature = rc == XT_OK;
	return rc;
}

static enum xt_status read_cosignature(void *out, const json_t *v,
				       const struct js_at *at, struct xt_err *err)
{
	const struct js_at kind = { .up = at, .name = "type" };
	struct nem_tx *tx = out;
	enum xt_status rc = read_common(tx, v, at, err);

	if (rc == XT_OK)
		rc = read_own_signature(tx, v, at, err);
	if (rc != XT_OK)
		return rc;
	if (tx->type != NEM_TX_COSIGNATURE) {
		const uint32_t type = tx->type;

		tx->type = 0;
		return js_fail(&kind, err,
			       "%" PRIu32 " where a cosignature (4098) belongs", type);
	}
	return nis_read_cosignature_part(tx, v, at, err);
}

static enum xt_status read_signatures(void *out, const json_t *v,
				      const struct js_at *at, struct xt_err *err)
{
	struct nem_tx *tx = out;
	size_t n;
	const enum xt_status rc = js_array(&n, v, XT_MAX_COSIGNATURES, at, err);

	if (rc != XT_OK)
		return rc;
	tx->u.multisig.cosignatures = xt_calloc(n, sizeof(*tx));
	if (tx->u.multisig.cosignatures == NULL)
		return js_nomem(at, err);
	tx->u.multisig.n_cosignatures = (uint32_t)n;
	return js_each(tx->u.multisig.cosignatures, sizeof(*tx), n, read_cosignature, v,
		       at, err);
}

/* The inner transaction has no signature of its own: the cosigners answer for it. */
static enum xt_status read_inner(void *out, const json_t *v, const struct js_at *at,
				 struct xt_err *err)
{
	struct nem_tx *tx = out;
	enum xt_status rc;

	tx->u.multisig.inner = xt_calloc(1, sizeof(*tx));
	if (tx->u.multisig.inner == NULL)
		return js_nomem(at, err);
	rc = read_common(tx->u.multisig.inner, v, at, err);
	if (rc != XT_OK)
		return rc;
	return nis_read_part(tx->u.multisig.inner, v, at, err);
}

static enum xt_status check_networks(const struct nem_tx *tx, const struct js_at *at,
				     struct xt_err *err)
{
	const struct js_at inner = { .up = at, .name = "otherTrans" };
	const struct js_at list = { .up = at, .name = "signatures" };
	const uint32_t net = tx->version >> 24;

	if (tx->u.multisig.inner->version >> 24 != net)
		return js_fail(&inner, err, "of another network than the outer one");
	for (uint32_t i = 0; i < tx->u.multisig.n_cosignatures; i++) {
		const struct js_at here = { .up = &list, .index = i };

		if (tx->u.multisig.cosignatures[i].version >> 24 != net)
			return js_fail(&here, err,
				       "of another network than the transaction");
	}
	return XT_OK;
}

static enum xt_status read_multisig(struct nem_tx *tx, const json_t *v,
				    const struct js_at *at, struct xt_err *err)
{
	const struct js_field f[] = {
		{ "otherTrans", read_inner, tx },
		{ "signatures", read_signatures, tx },
	};
	const enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);

	if (rc != XT_OK)
		return rc;
	return check_networks(tx, at, err);
}

enum xt_status nis_read_tx(void *out, const json_t *v, const struct js_at *at,
			   struct xt_err *err)
{
	struct nem_tx *tx = out;
	enum xt_status rc = read_common(tx, v, at, err);

	if (rc == XT_OK)
		rc = read_own_signature(tx, v, at, err);
	if (rc != XT_OK)
		return rc;
	if (tx->type == NEM_TX_MULTISIG)
		return read_multisig(tx, v, at, err);
	return nis_read_part(tx, v, at, err);
}

enum xt_status nis_decode_tx(struct nem_tx *out, const uint8_t *p, size_t n,
			     struct xt_err *err)
{
	struct nem_tx tx = { 0 };
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = nis_read_tx(&tx, v, NULL, err);
	if (rc == XT_OK)
		*out = tx;
	else
		nem_tx_release(&tx);
	json_decref(v);
	return rc;
}
