#include <xemtrace/nem.h>

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xemtrace/limits.h>

#include "internal.h"

const char *nem_provenance_name(enum nem_provenance p)
{
	switch (p) {
	case NEM_SIGNED:
		return "signed";
	case NEM_PUBLISHED:
		return "published";
	case NEM_AGGREGATE:
		return "aggregate";
	case NEM_INFERRED:
		return "inferred";
	case NEM_EXEMPT:
		return "exempt";
	case NEM_REPORTED:
		return "reported";
	}
	return "unknown";
}

void nem_checked_tx_release(struct nem_checked_tx *c)
{
	nem_tx_release(&c->tx);
	memset(c, 0, sizeof(*c));
}

void nem_checked_block_release(struct nem_checked_block *b)
{
	if (b->txs != NULL)
		for (uint32_t i = 0; i < b->n_txs; i++)
			nem_checked_tx_release(&b->txs[i]);
	free(b->txs);
	memset(b, 0, sizeof(*b));
}

static enum xt_status check_hash(const struct nem_hash *found,
				 const struct nem_hash *claimed, const char *what,
				 struct xt_err *err)
{
	char is[65];
	char should[65];

	if (claimed == NULL || memcmp(found->b, claimed->b, sizeof(found->b)) == 0)
		return XT_OK;
	xt_hex_encode(is, found->b, sizeof(found->b));
	xt_hex_encode(should, claimed->b, sizeof(claimed->b));
	return xt_fail(err, XT_E_VERIFY, "%s: claimed is %s, the content gives %s",
		       what, should, is);
}

static enum xt_status check_network(uint32_t found, enum nem_network net,
				    const char *what, struct xt_err *err)
{
	if (found == (uint32_t)net)
		return XT_OK;
	return xt_fail(err, XT_E_VERIFY,
		       "%s: belongs to network %02" PRIx32 ", this is %02x", what,
		       found, (unsigned)net);
}

/* Versions and addresses of one transaction without what is nested in it. */
static enum xt_status check_networks(const struct nem_tx *tx, enum nem_network net,
				     struct xt_err *err)
{
	const struct nem_address *a = NULL;
	const char *what = NULL;
	enum xt_status rc = check_network(tx->version >> 24, net, "version", err);

	switch (tx->type) {
	case NEM_TX_TRANSFER:
		a = &tx->u.transfer.recipient;
		what = "recipient";
		break;
	case NEM_TX_COSIGNATURE:
		a = &tx->u.cosignature.other_account;
		what = "otherAccount";
		break;
	case NEM_TX_NAMESPACE:
		a = &tx->u.ns.sink;
		what = "rentalFeeSink";
		break;
	case NEM_TX_MOSAIC:
		a = &tx->u.mosaic.sink;
		what = "creationFeeSink";
		break;
	default: /* the others name no address */
		break;
	}
	if (rc == XT_OK && a != NULL)
		rc = check_network((uint32_t)nem_address_network(a), net, what, err);
	if (rc == XT_OK && tx->type == NEM_TX_MOSAIC && tx->u.mosaic.def.levy.kind != 0)
		rc = check_network(
		    (uint32_t)nem_address_network(&tx->u.mosaic.def.levy.recipient),
		    net, "levy recipient", err);
	return rc;
}

/* The hash of a transaction against what is claimed. Leaves the hashed bytes in buf. */
static enum xt_status hash_into(struct xt_buf *buf, struct nem_hash *hash,
				const struct nem_tx *tx, const struct nem_hash *claimed,
				const char *hash_name, struct xt_err *err)
{
	const enum xt_status rc = nem_tx_encode(buf, tx, NEM_FORM_UNSIGNED, err);

	if (rc != XT_OK)
		return rc;
	nem_keccak256(hash->b, buf->data, buf->len);
	return check_hash(hash, claimed, hash_name, err);
}

static enum xt_status check_signature(const struct nem_tx *tx, const struct xt_buf *buf,
				      struct xt_err *err)
{
	if (!tx->has_signature)
		return xt_fail(err, XT_E_VERIFY, "signature: missing");
	if (!nem_signature_check(&tx->signature, &tx->signer, buf->data, buf->len))
		return xt_fail(err, XT_E_VERIFY, "signature: does not hold");
	return XT_OK;
}

static bool same_key(const struct nem_pubkey *a, const struct nem_pubkey *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static enum xt_status check_cosignature(const struct nem_tx *tx, uint32_t i,
					const struct nem_hash *inner_hash,
					const struct nem_address *account,
					enum nem_network net, struct xt_err *err)
{
	const struct nem_tx *c = &tx->u.multisig.cosignatures[i];
	struct nem_hash own;
	enum xt_status rc;

	assert(c != NULL); /* its list is there: the shape was checked */
	rc = check_networks(c, net, err);

	if (rc != XT_OK)
		return rc;
	rc = check_hash(inner_hash, &c->u.cosignature.other_hash, "otherHash", err);
	if (rc != XT_OK)
		return rc;
	if (!nem_address_equal(&c->u.cosignature.other_account, account))
		return xt_fail(err, XT_E_VERIFY,
			       "otherAccount: is %s, the multisig account is %s",
			       c->u.cosignature.other_account.s, account->s);
	/* The network drops a cosignature by the one who signed already. */
	if (same_key(&c->signer, &tx->signer))
		return xt_fail(err, XT_E_VERIFY, "signer: is the transaction's signer");
	for (uint32_t j = 0; j < i; j++)
		if (same_key(&c->signer, &tx->u.multisig.cosignatures[j].signer))
			return xt_fail(err, XT_E_VERIFY,
				       "signer: cosigned already, as number %" PRIu32,
				       j);
	struct xt_buf buf;

	xt_buf_init(&buf, XT_MAX_TX_BYTES);
	rc = hash_into(&buf, &own, c, NULL, "hash", err);
	if (rc == XT_OK)
		rc = check_signature(c, &buf, err);
	xt_buf_release(&buf);
	return rc;
}

static enum xt_status check_cosignatures(const struct nem_tx *tx,
					 const struct nem_hash *inner_hash,
					 enum nem_network net, struct xt_err *err)
{
	struct nem_address account;

	nem_address_from_pubkey(&account, net, &tx->u.multisig.inner->signer);
	for (uint32_t i = 0; i < tx->u.multisig.n_cosignatures; i++) {
		const enum xt_status rc =
		    check_cosignature(tx, i, inner_hash, &account, net, err);

		if (rc != XT_OK) {
			(void)xt_where(err, "signatures[%" PRIu32 "]", i);
			return rc;
		}
	}
	return XT_OK;
}

static enum xt_status check_inner(struct nem_hash *hash, const struct nem_tx *inner,
				  enum nem_network net, const struct nem_hash *claimed,
				  struct xt_err *err)
{
	struct xt_buf buf;
	enum xt_status rc = check_networks(inner, net, err);

	xt_buf_init(&buf, XT_MAX_TX_BYTES);
	if (rc == XT_OK && inner->has_signature)
		rc =
		    xt_fail(err, XT_E_VERIFY, "signature: present, where none belongs");
	if (rc == XT_OK)
		rc = hash_into(&buf, hash, inner, claimed, "innerHash", err);
	xt_buf_release(&buf);
	if (rc != XT_OK)
		(void)xt_where(err, "otherTrans");
	return rc;
}

/* The outer transaction: its hash, then its signature, unless it is one of those that
 * the network itself lists as exempt (exempt.c). */
static enum xt_status check_outer(struct nem_checked_tx *c, const struct nem_tx *tx,
				  enum nem_network net, const struct nem_hash *claimed,
				  struct xt_err *err)
{
	struct xt_buf buf;

	xt_buf_init(&buf, XT_MAX_TX_BYTES);
	enum xt_status rc = hash_into(&buf, &c->hash, tx, claimed, "hash", err);
	if (rc == XT_OK && nem_tx_exempt(net, c->height, &c->hash))
		c->provenance = NEM_EXEMPT;
	else if (rc == XT_OK)
		rc = check_signature(tx, &buf, err);
	xt_buf_release(&buf);
	return rc;
}

/* Fills all of *c but the transaction itself. */
static enum xt_status check_tx(struct nem_checked_tx *c, const struct nem_tx *tx,
			       enum nem_network net, const struct nem_hash *claimed,
			       const struct nem_hash *claimed_inner, struct xt_err *err)
{
	enum xt_status rc;

	if (tx->type == NEM_TX_COSIGNATURE)
		return xt_fail(err, XT_E_VERIFY,
			       "type: a cosignature does not stand alone");
	/* Shape first: all below may rely on it. */
	rc = nem_tx_shape(tx, err);
	if (rc == XT_OK)
		rc = check_networks(tx, net, err);
	if (rc == XT_OK)
		rc = check_outer(c, tx, net, claimed, err);
	if (rc != XT_OK)
		return rc;
	if (tx->type != NEM_TX_MULTISIG)
		return claimed_inner == NULL
			   ? XT_OK
			   : xt_fail(err, XT_E_VERIFY,
				     "innerHash: claimed for a transaction that "
				     "holds no other");
	c->has_inner_hash = true;
	rc = check_inner(&c->inner_hash, tx->u.multisig.inner, net, claimed_inner, err);
	if (rc == XT_OK && c->provenance == NEM_SIGNED)
		rc = check_cosignatures(tx, &c->inner_hash, net, err);
	return rc;
}

enum xt_status nem_check_tx_take(struct nem_checked_tx *out, struct nem_tx *tx,
				 enum nem_network net, uint64_t height,
				 const struct nem_hash *claimed,
				 const struct nem_hash *claimed_inner,
				 struct xt_err *err)
{
	struct nem_checked_tx c = { .height = height, .provenance = NEM_SIGNED };
	enum xt_status rc;

	rc = check_tx(&c, tx, net, claimed, claimed_inner, err);
	if (rc == XT_OK) {
		c.tx = *tx;
		*out = c;
		memset(tx, 0, sizeof(*tx));
	} else {
		nem_tx_release(tx);
	}
	return rc;
}

/* The block's own bytes: its hash and its signature. */
static enum xt_status check_block_itself(struct nem_hash *hash,
					 const struct nem_block *b, struct xt_err *err)
{
	struct xt_buf buf;
	enum xt_status rc;

	xt_buf_init(&buf, XT_MAX_BLOCK_BYTES);
	rc = nem_block_encode(&buf, b, NEM_FORM_UNSIGNED, err);
	if (rc == XT_OK) {
		nem_keccak256(hash->b, buf.data, buf.len);
		if (!nem_signature_check(&b->signature, &b->signer, buf.data, buf.len))
			rc = xt_fail(err, XT_E_VERIFY, "signature: does not hold");
	}
	xt_buf_release(&buf);
	return rc;
}

static enum xt_status check_block_txs(struct nem_checked_block *out,
				      struct nem_block *b, enum nem_network net,
				      struct xt_err *err)
{
	out->txs = xt_calloc(b->n_txs, sizeof(*out->txs));
	if (out->txs == NULL)
		return xt_fail(err, XT_E_NOMEM,
			       "out of memory for %" PRIu32 " transactions", b->n_txs);
	for (uint32_t i = 0; i < b->n_txs; i++) {
		struct nem_checked_tx *c = &out->txs[i];
		const enum xt_status rc =
		    nem_check_tx_take(c, &b->txs[i], net, b->height, NULL, NULL, err);

		if (rc != XT_OK) {
			(void)xt_where(err, "transactions[%" PRIu32 "]", i);
			return rc;
		}
		c->in_block = true;
		c->index = i;
		c->block_time = b->timestamp;
		out->n_txs = i + 1;
	}
	return XT_OK;
}

enum xt_status nem_check_block_take(struct nem_checked_block *out,
				    struct nem_block *block, enum nem_network net,
				    const struct nem_hash *prev, struct xt_err *err)
{
	const uint64_t height = block->height;
	struct nem_checked_block c = { .height = block->height,
				       .timestamp = block->timestamp,
				       .prev = block->prev,
				       .signer = block->signer };
	enum xt_status rc = check_block_itself(&c.hash, block, err);

	if (rc == XT_OK)
		rc = check_network(block->version >> 24, net, "version", err);
	if (rc == XT_OK && prev != NULL)
		rc = check_hash(prev, &block->prev, "prevBlockHash", err);
	if (rc == XT_OK)
		rc = check_block_txs(&c, block, net, err);
	nem_block_release(block);
	if (rc == XT_OK) {
		*out = c;
	} else {
		nem_checked_block_release(&c);
		(void)xt_where(err, "block %" PRIu64, height);
	}
	return rc;
}
