#include <xemtrace/nem.h>

#include <stdlib.h>
#include <string.h>

#include <xemtrace/limits.h>

#include "internal.h"

static void release_id(struct nem_mosaic_id *id)
{
	free(id->ns.data);
	free(id->name.data);
}

static void release_transfer(struct nem_tx *tx)
{
	free(tx->u.transfer.message.data);
	if (tx->u.transfer.mosaics != NULL)
		for (uint32_t i = 0; i < tx->u.transfer.n_mosaics; i++)
			release_id(&tx->u.transfer.mosaics[i].id);
	free(tx->u.transfer.mosaics);
}

void nem_mosaic_definition_release(struct nem_mosaic_definition *def)
{
	release_id(&def->id);
	free(def->description.data);
	if (def->properties != NULL)
		for (uint32_t i = 0; i < def->n_properties; i++) {
			free(def->properties[i].name.data);
			free(def->properties[i].value.data);
		}
	free(def->properties);
	release_id(&def->levy.id);
	memset(def, 0, sizeof(*def));
}

/* Everything but a multisig transaction. Leaves the struct zeroed. */
static void release_plain(struct nem_tx *tx)
{
	switch (tx->type) {
	case NEM_TX_TRANSFER:
		release_transfer(tx);
		break;
	case NEM_TX_AGGREGATE:
		free(tx->u.aggregate.mods);
		break;
	case NEM_TX_NAMESPACE:
		free(tx->u.ns.new_part.data);
		free(tx->u.ns.parent.data);
		break;
	case NEM_TX_MOSAIC:
		nem_mosaic_definition_release(&tx->u.mosaic.def);
		break;
	case NEM_TX_SUPPLY:
		release_id(&tx->u.supply.id);
		break;
	default: /* importance, cosignature: own nothing */
		break;
	}
	memset(tx, 0, sizeof(*tx));
}

/* A loop and not a recursion, however deep someone nested the structs. */
void nem_tx_release(struct nem_tx *tx)
{
	struct nem_tx *owned = NULL;

	while (tx != NULL) {
		struct nem_tx *inner = NULL;

		if (tx->type == NEM_TX_MULTISIG) {
			inner = tx->u.multisig.inner;
			if (tx->u.multisig.cosignatures != NULL)
				for (uint32_t i = 0; i < tx->u.multisig.n_cosignatures;
				     i++)
					release_plain(&tx->u.multisig.cosignatures[i]);
			free(tx->u.multisig.cosignatures);
			memset(tx, 0, sizeof(*tx));
		} else {
			release_plain(tx);
		}
		free(owned);
		owned = inner;
		tx = inner;
	}
}

enum nem_network nem_tx_network(const struct nem_tx *tx)
{
	return (enum nem_network)(tx->version >> 24);
}

uint32_t nem_tx_entity_version(const struct nem_tx *tx)
{
	return tx->version & 0xFFFFFF;
}

const struct nem_tx *nem_tx_core(const struct nem_tx *tx)
{
	if (tx->type == NEM_TX_MULTISIG && tx->u.multisig.inner != NULL)
		return tx->u.multisig.inner;
	return tx;
}

static bool bytes_are(const struct nem_bytes *b, const char *text)
{
	const size_t n = strlen(text);

	return b->len == n && memcmp(b->data, text, n) == 0;
}

bool nem_is_xem(const struct nem_mosaic_id *id)
{
	return bytes_are(&id->ns, "nem") && bytes_are(&id->name, "xem");
}

enum xt_status nem_tx_hash(struct nem_hash *out, const struct nem_tx *tx,
			   struct xt_err *err)
{
	struct xt_buf buf;
	enum xt_status rc;

	xt_buf_init(&buf, XT_MAX_TX_BYTES);
	rc = nem_tx_encode(&buf, tx, NEM_FORM_UNSIGNED, err);
	if (rc == XT_OK)
		nem_keccak256(out->b, buf.data, buf.len);
	xt_buf_release(&buf);
	return rc;
}
