#include <xemtrace/nem.h>

#include "internal.h"

struct visit {
	void (*each)(void *ctx, const struct nem_address *a);
	void *ctx;
	enum nem_network net;
};

static void key(const struct visit *v, const struct nem_pubkey *k)
{
	struct nem_address a;

	nem_address_from_pubkey(&a, v->net, k);
	v->each(v->ctx, &a);
}

/* Signer and what the body names, for any type but a multisig transaction. */
static void plain(const struct visit *v, const struct nem_tx *tx)
{
	key(v, &tx->signer);
	switch (tx->type) {
	case NEM_TX_TRANSFER:
		v->each(v->ctx, &tx->u.transfer.recipient);
		break;
	case NEM_TX_IMPORTANCE:
		key(v, &tx->u.importance.remote);
		break;
	case NEM_TX_AGGREGATE:
		for (uint32_t i = 0; i < tx->u.aggregate.n_mods; i++)
			key(v, &tx->u.aggregate.mods[i].cosignatory);
		break;
	case NEM_TX_COSIGNATURE:
		v->each(v->ctx, &tx->u.cosignature.other_account);
		break;
	case NEM_TX_NAMESPACE:
		v->each(v->ctx, &tx->u.ns.sink);
		break;
	case NEM_TX_MOSAIC:
		key(v, &tx->u.mosaic.def.creator);
		v->each(v->ctx, &tx->u.mosaic.sink);
		if (tx->u.mosaic.def.levy.kind != 0)
			v->each(v->ctx, &tx->u.mosaic.def.levy.recipient);
		break;
	default: /* a supply change names its signer alone */
		break;
	}
}

void nem_tx_parties(const struct nem_tx *tx,
		    void (*each)(void *ctx, const struct nem_address *a), void *ctx)
{
	const struct visit v = { .each = each, .ctx = ctx, .net = nem_tx_network(tx) };

	plain(&v, tx);
	if (tx->type != NEM_TX_MULTISIG || tx->u.multisig.inner == NULL)
		return;
	plain(&v, tx->u.multisig.inner);
	for (uint32_t i = 0; i < tx->u.multisig.n_cosignatures; i++)
		plain(&v, &tx->u.multisig.cosignatures[i]);
}
