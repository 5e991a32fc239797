#include <xemtrace/nis.h>

#include <inttypes.h>
#include <stdlib.h>

#include <xemtrace/limits.h>

#include "tx.h"

#define NEMESIS_TYPE 0xFFFFFFFFU
/* What /local/chain/blocks-after gives at most. */
#define MAX_BLOCK_LIST 10U

static enum xt_status read_block_type(void *out, const json_t *v,
				      const struct js_at *at, struct xt_err *err)
{
	char shown[JS_SHOWN];
	int32_t type;
	const enum xt_status rc = js_read_i32(&type, v, at, err);

	if (rc != XT_OK)
		return rc;
	if (type != 1 && type != -1)
		return js_fail(at, err, "%s is neither 1 nor -1 (nemesis)",
			       js_show(shown, v));
	*(uint32_t *)out = (uint32_t)type;
	return XT_OK;
}

static enum xt_status read_txs(void *out, const json_t *v, const struct js_at *at,
			       struct xt_err *err)
{
	struct nem_block *b = out;
	size_t n;
	const enum xt_status rc = js_array(&n, v, XT_MAX_BLOCK_TXS, at, err);

	if (rc != XT_OK)
		return rc;
	b->txs = xt_calloc(n, sizeof(*b->txs));
	if (b->txs == NULL)
		return js_nomem(at, err);
	b->n_txs = (uint32_t)n;
	return js_each(b->txs, sizeof(*b->txs), n, nis_read_tx, v, at, err);
}

static enum xt_status check_version(const struct nem_block *b, const struct js_at *at,
				    struct xt_err *err)
{
	const struct js_at version = { .up = at, .name = "version" };
	const struct js_at type = { .up = at, .name = "type" };
	const struct js_at list = { .up = at, .name = "transactions" };

	if (!nis_version_known(b->version) || (b->version & 0xFFFFFFU) != 1)
		return js_fail(&version, err,
			       "%" PRId32 " is not version 1 of a known network",
			       (int32_t)b->version);
	if ((b->type == NEMESIS_TYPE) != (b->height == 1))
		return js_fail(&type, err, "%" PRId32 " at height %" PRIu64,
			       (int32_t)b->type, b->height);
	for (uint32_t i = 0; i < b->n_txs; i++) {
		const struct js_at here = { .up = &list, .index = i };

		if (b->txs[i].version >> 24 != b->version >> 24)
			return js_fail(&here, err, "of another network than its block");
	}
	return XT_OK;
}

enum xt_status nis_read_block(void *out, const json_t *v, const struct js_at *at,
			      struct xt_err *err)
{
	struct nem_block *b = out;
	const struct js_field f[] = {
		{ "height", js_read_height, &b->height },
		{ "type", read_block_type, &b->type },
		{ "version", js_read_version, &b->version },
		{ "timeStamp", js_read_u32, &b->timestamp },
		{ "signer", js_read_pubkey, &b->signer },
		{ "signature", js_read_signature, &b->signature },
		{ "prevBlockHash", js_read_hash, &b->prev },
		{ "transactions", read_txs, b },
	};
	const enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);

	if (rc != XT_OK)
		return rc;
	return check_version(b, at, err);
}

enum xt_status nis_decode_block(struct nem_block *out, const uint8_t *p, size_t n,
				struct xt_err *err)
{
	struct nem_block b = { 0 };
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = nis_read_block(&b, v, NULL, err);
	if (rc == XT_OK)
		*out = b;
	else
		nem_block_release(&b);
	json_decref(v);
	return rc;
}

/* ---- /local/chain/blocks-after ----------------------------------------------- */

void nis_block_list_release(struct nis_block_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		nem_block_release(&l->v[i]);
	free(l->v);
	free(l->hashes);
	free(l->beneficiaries);
	*l = (struct nis_block_list){ 0 };
}

/* A member that older nodes do not give. */
static enum xt_status read_beneficiary(struct nem_address *out, const json_t *block,
				       uint32_t network, const struct js_at *at,
				       struct xt_err *err)
{
	const json_t *v = json_object_get(block, "beneficiary");
	const struct js_at here = { .up = at, .name = "beneficiary" };
	enum xt_status rc;

	if (v == NULL || json_is_null(v))
		return XT_OK;
	rc = js_read_address(out, v, &here, err);
	if (rc == XT_OK && (uint32_t)nem_address_network(out) != network)
		rc = js_fail(&here, err, "%s is of another network than its block",
			     out->s);
	return rc;
}

/* Three arrays grow together: the element knows where it belongs by its index. */
static enum xt_status read_list(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	struct nis_block_list *l = out;
	size_t n;
	enum xt_status rc = js_array(&n, v, MAX_BLOCK_LIST, at, err);

	if (rc != XT_OK)
		return rc;
	l->v = xt_calloc(n, sizeof(*l->v));
	l->hashes = xt_calloc(n, sizeof(*l->hashes));
	l->beneficiaries = xt_calloc(n, sizeof(*l->beneficiaries));
	if (l->v == NULL || l->hashes == NULL || l->beneficiaries == NULL)
		return js_nomem(at, err);
	l->n = n;
	for (size_t i = 0; i < n && rc == XT_OK; i++) {
		const struct js_at here = { .up = at, .index = i };
		const struct js_at height = { .up = &here, .name = "block.height" };
		const struct js_field f[] = {
			{ "block", nis_read_block, &l->v[i] },
			{ "hash", js_read_hash_hex, &l->hashes[i] },
		};

		rc = js_fields(json_array_get(v, i), f, XT_ARRAY_SIZE(f), &here, err);
		if (rc == XT_OK && i > 0 && l->v[i].height != l->v[i - 1].height + 1)
			rc = js_fail(&height, err,
				     "%" PRIu64 " does not follow %" PRIu64,
				     l->v[i].height, l->v[i - 1].height);
		if (rc == XT_OK)
			rc =
			    read_beneficiary(&l->beneficiaries[i], json_array_get(v, i),
					     l->v[i].version >> 24, &here, err);
	}
	return rc;
}

enum xt_status nis_decode_blocks_after(struct nis_block_list *out, const uint8_t *p,
				       size_t n, struct xt_err *err)
{
	struct nis_block_list l = { 0 };
	const struct js_field f[] = { { "data", read_list, &l } };
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = js_fields(v, f, XT_ARRAY_SIZE(f), NULL, err);
	if (rc == XT_OK)
		*out = l;
	else
		nis_block_list_release(&l);
	json_decref(v);
	return rc;
}
