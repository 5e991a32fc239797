#include <xemtrace/nem.h>

#include <inttypes.h>
#include <string.h>

#include "internal.h"

#define MULTIPLIER_ONE 1000000u /* amount that stands for "times one" over mosaics */
#define LEVY_WHOLE     10000u   /* a percentile levy of 100 % */

/* The nemesis account of the testnet that began with version 0.6.102. */
#define TESTNET_NEMESIS_ADDRESS "TAUKHZ5VAUMJ7WG6CZLTVEJERBUZ3Y5EL7SXZVJP"

const char *nem_movement_name(enum nem_movement_kind k)
{
	switch (k) {
	case NEM_MOVE_TRANSFER:
		return "transfer";
	case NEM_MOVE_INNER:
		return "inner";
	case NEM_MOVE_FEE:
		return "fee";
	case NEM_MOVE_RENTAL:
		return "rental";
	case NEM_MOVE_CREATION:
		return "creation";
	case NEM_MOVE_LEVY:
		return "levy";
	case NEM_MOVE_HARVEST:
		return "harvest";
	case NEM_MOVE_OPENING:
		return "opening";
	}
	return "unknown";
}

/* Units of one mosaic that a transfer moves. */
static enum xt_status mosaic_moves(uint64_t *out, const struct nem_tx *tx,
				   const struct nem_mosaic *m, struct xt_err *err)
{
	if (!xt_muldiv(out, tx->u.transfer.amount.uxem, m->quantity, MULTIPLIER_ONE))
		return xt_fail(err, XT_E_DATA,
			       "quantity: %" PRIu64 " times %" PRIu64
			       " passes any supply",
			       m->quantity, tx->u.transfer.amount.uxem);
	return XT_OK;
}

enum xt_status nem_transfer_moves(struct nem_amount *out, const struct nem_tx *tx,
				  struct xt_err *err)
{
	uint64_t sum = 0;

	tx = nem_tx_core(tx);
	if (tx->type != NEM_TX_TRANSFER)
		return xt_fail(err, XT_E_USAGE, "type: %" PRIu32 " is not a transfer",
			       tx->type);
	if (tx->u.transfer.n_mosaics == 0)
		sum = tx->u.transfer.amount.uxem;
	for (uint32_t i = 0; i < tx->u.transfer.n_mosaics; i++) {
		const struct nem_mosaic *m = &tx->u.transfer.mosaics[i];
		uint64_t moved;
		enum xt_status rc;

		if (!nem_is_xem(&m->id))
			continue;
		rc = mosaic_moves(&moved, tx, m, err);
		if (rc != XT_OK)
			return rc;
		/* Saturate: the check below refuses it. */
		if (!xt_add(&sum, sum, moved))
			sum = UINT64_MAX;
	}
	if (sum > NEM_SUPPLY_UXEM)
		return xt_fail(
		    err, XT_E_DATA,
		    "amount: moves %" PRIu64 " micro-XEM, more than there are", sum);
	out->uxem = sum;
	return XT_OK;
}

/* The list that is being made. */
struct list {
	struct nem_movement v[NEM_MAX_MOVEMENTS];
	size_t n, max;
	struct nem_address
	    payer; /* who signs the core transaction pays for everything */
	struct xt_err *err;
	enum xt_status rc;
};

static struct nem_movement *add(struct list *l, enum nem_movement_kind kind,
				struct nem_amount amount)
{
	struct nem_movement *m;

	if (l->rc == XT_OK && l->n >= l->max)
		l->rc = xt_fail(l->err, XT_E_LIMIT, "more than %zu movements", l->max);
	if (l->rc != XT_OK)
		return NULL;
	m = &l->v[l->n++];
	*m = (struct nem_movement){
		.kind = kind, .has_from = true, .from = l->payer, .amount = amount
	};
	return m;
}

static void add_to(struct list *l, enum nem_movement_kind kind,
		   struct nem_amount amount, const struct nem_address *to,
		   bool carries_message)
{
	struct nem_movement *m = add(l, kind, amount);

	if (m != NULL) {
		m->has_to = true;
		m->to = *to;
		m->carries_message = carries_message;
	}
}

/* What is signed by the nemesis account pays no fee, whatever it says. */
static bool pays_fee(const struct nem_tx *tx)
{
	struct nem_address signer;

	if (tx->fee.uxem == 0)
		return false;
	nem_address_from_pubkey(&signer, nem_tx_network(tx), &tx->signer);
	return strcmp(signer.s, NEM_NEMESIS_ADDRESS) != 0 &&
	       strcmp(signer.s, TESTNET_NEMESIS_ADDRESS) != 0;
}

static void add_fee(struct list *l, const struct nem_tx *tx)
{
	if (pays_fee(tx))
		(void)add(l, NEM_MOVE_FEE, tx->fee);
}

static void add_transfer(struct list *l, const struct nem_tx *core, bool is_inner)
{
	struct nem_amount moved = { 0 };

	if (l->rc == XT_OK)
		l->rc = nem_transfer_moves(&moved, core, l->err);
	if (l->rc == XT_OK)
		add_to(l, is_inner ? NEM_MOVE_INNER : NEM_MOVE_TRANSFER, moved,
		       &core->u.transfer.recipient, core->u.transfer.message.len > 0);
}

/* The levy of one mosaic, if it is paid in XEM. */
static void add_levy(struct list *l, const struct nem_tx *core,
		     const struct nem_mosaic *m, const struct nem_levy *levy)
{
	uint64_t amount = levy->fee;

	if (l->rc != XT_OK || levy->kind == 0 || !nem_is_xem(&levy->id))
		return;
	if (levy->kind == 2) {
		uint64_t moved = 0;

		l->rc = mosaic_moves(&moved, core, m, l->err);
		if (l->rc == XT_OK && !xt_muldiv(&amount, moved, levy->fee, LEVY_WHOLE))
			amount = UINT64_MAX;
	}
	if (l->rc == XT_OK && amount > NEM_SUPPLY_UXEM)
		l->rc =
		    xt_fail(l->err, XT_E_DATA,
			    "levy: %" PRIu64 " micro-XEM, more than there are", amount);
	if (l->rc == XT_OK && amount > 0)
		add_to(l, NEM_MOVE_LEVY, (struct nem_amount){ amount },
		       &levy->recipient, false);
}

static void add_levies(struct list *l, const struct nem_tx *core, uint64_t height,
		       const struct nem_levy_lookup *levies)
{
	if (levies == NULL || levies->find == NULL)
		return;
	for (uint32_t i = 0; i < core->u.transfer.n_mosaics; i++) {
		const struct nem_mosaic *m = &core->u.transfer.mosaics[i];
		struct nem_levy levy = { 0 };

		if (levies->find(levies->ctx, &levy, &m->id, height))
			add_levy(l, core, m, &levy);
	}
}

enum xt_status nem_tx_movements(struct nem_movement *out, size_t *n, size_t max,
				const struct nem_tx *tx, uint64_t height,
				const struct nem_levy_lookup *levies,
				struct xt_err *err)
{
	const struct nem_tx *core = nem_tx_core(tx);
	const bool is_inner = core != tx;
	struct list l = { .max = max, .err = err };

	if (l.max > XT_ARRAY_SIZE(l.v))
		l.max = XT_ARRAY_SIZE(l.v);
	nem_address_from_pubkey(&l.payer, nem_tx_network(core), &core->signer);
	for (uint32_t i = 0; is_inner && i < tx->u.multisig.n_cosignatures; i++)
		add_fee(&l, &tx->u.multisig.cosignatures[i]);
	switch (core->type) {
	case NEM_TX_TRANSFER:
		add_transfer(&l, core, is_inner);
		add_levies(&l, core, height, levies);
		break;
	case NEM_TX_NAMESPACE:
		add_to(&l, NEM_MOVE_RENTAL, core->u.ns.rental_fee, &core->u.ns.sink,
		       false);
		break;
	case NEM_TX_MOSAIC:
		add_to(&l, NEM_MOVE_CREATION, core->u.mosaic.creation_fee,
		       &core->u.mosaic.sink, false);
		break;
	default: /* the others move nothing but their fees */
		break;
	}
	add_fee(&l, core);
	if (is_inner)
		add_fee(&l, tx);
	if (l.rc != XT_OK)
		return l.rc;
	memcpy(out, l.v, l.n * sizeof(*out));
	*n = l.n;
	return XT_OK;
}
