/* A line's transaction: who may sign it, its times, its fee, its signatures. */
#include <string.h>

#include "ledger.h"
#include "util.h"

/* What the network asked for from height 1,250,000 on, near enough: fees are free here.
 */
static struct nem_amount usual_fee(const struct nem_tx *tx)
{
	struct nem_amount fee = { 150000 };
	uint64_t units;

	if (tx->type == NEM_TX_AGGREGATE)
		fee.uxem = 500000;
	if (tx->type != NEM_TX_TRANSFER)
		return fee;
	units = tx->u.transfer.amount.uxem / UINT64_C(10000000000);
	units = units < 1 ? 1 : units > 25 ? 25 : units;
	if (tx->u.transfer.n_mosaics > 0)
		units = tx->u.transfer.n_mosaics;
	if (tx->u.transfer.message_type != NEM_MSG_NONE)
		units += tx->u.transfer.message.len / 32 + 1;
	fee.uxem = 50000 * units;
	return fee;
}

static void set_times(const struct ledger *l, struct ledger_draft *d, struct nem_tx *tx)
{
	int64_t t = (int64_t)ledger_time(l, l->height) +
		    (d->has_skew ? d->skew : -(int64_t)(l->spacing / 2));

	if (t < 0 || t > UINT32_MAX - 86400)
		ledger_refuse(l, "at %lld: out of NEM's time", (long long)d->skew);
	tx->timestamp = (uint32_t)t;
	tx->deadline = tx->timestamp + (uint32_t)d->lifetime;
}

static bool is_cosignatory(const struct ledger *l, const struct fx_account *a,
			   uint32_t name)
{
	for (size_t i = 0; i < a->n_cosignatories; i++)
		if (strcmp(l->state->accounts[a->cosignatories[i]].address.s,
			   l->names[name].address.s) == 0)
			return true;
	return false;
}

/* Who may sign, by the state after the block before. */
static void check_signers(const struct ledger *l, const struct ledger_draft *d)
{
	const struct ledger_name *acct = &l->names[d->signer];
	const struct fx_account *a = fx_state_find(l->state, acct->address.s);
	size_t n = a == NULL ? 0 : a->n_cosignatories;
	size_t need;

	if (l->allow_invalid)
		return;
	if (d->n_cosigners == 0 && n > 0)
		ledger_refuse(l,
			      "%s is a multisig account: its cosignatories must sign",
			      acct->name);
	if (d->n_cosigners == 0)
		return;
	if (n == 0)
		ledger_refuse(l, "%s is not a multisig account (in the block before)",
			      acct->name);
	for (size_t i = 0; i < d->n_cosigners; i++)
		if (!is_cosignatory(l, a, d->cosigners[i]))
			ledger_refuse(l, "%s is not a cosignatory of %s",
				      l->names[d->cosigners[i]].name, acct->name);
	need = a->min_cosignatories <= 0 ? n : (size_t)a->min_cosignatories;
	if (d->n_cosigners < need)
		ledger_refuse(l, "%zu of %zu signatures that %s needs", d->n_cosigners,
			      need, acct->name);
}

static int by_other_account(const struct ledger *l, uint32_t a, uint32_t b)
{
	return strcmp(l->names[a].address.s, l->names[b].address.s);
}

static void sort_names(const struct ledger *l, uint32_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t x = v[i];
		size_t k = i;

		for (; k > 0 && by_other_account(l, v[k - 1], x) > 0; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/* Wrap the draft's transaction into a 4100 with the cosigners' signatures. */
static void wrap(struct ledger *l, struct ledger_draft *d, struct nem_tx *out)
{
	size_t n = d->n_cosigners - 1;
	struct nem_hash hash;
	struct xt_err err;

	memset(out, 0, sizeof(*out));
	out->type = NEM_TX_MULTISIG;
	out->version = LEDGER_NETWORK_BYTE | 1;
	set_times(l, d, out);
	out->deadline = d->tx.deadline;
	out->signer = l->names[d->cosigners[0]].pub;
	out->fee = d->outer_fee;
	out->u.multisig.inner = fx_alloc(1, sizeof(d->tx));
	*out->u.multisig.inner = d->tx;
	fx_must(nem_tx_hash(&hash, out->u.multisig.inner, &err), &err);
	out->u.multisig.cosignatures = fx_alloc(n, sizeof(d->tx));
	out->u.multisig.n_cosignatures = (uint32_t)n;
	sort_names(l, d->cosigners + 1, n);
	for (size_t i = 0; i < n; i++) {
		struct nem_tx *c = &out->u.multisig.cosignatures[i];

		c->type = NEM_TX_COSIGNATURE;
		c->version = LEDGER_NETWORK_BYTE | 1;
		set_times(l, d, c);
		c->signer = l->names[d->cosigners[i + 1]].pub;
		c->fee = d->cosign_fee;
		c->u.cosignature.other_hash = hash;
		c->u.cosignature.other_account = l->names[d->signer].address;
		ledger_sign(l, c, d->cosigners[i + 1]);
	}
	ledger_sign(l, out, d->cosigners[0]);
}

/* Two lines alike in one block would be one transaction: a later deadline parts them.
 */
static void make_distinct(struct ledger *l, struct ledger_draft *d)
{
	struct nem_hash hash;
	struct xt_err err;
	uint32_t v;

	fx_must(nem_tx_hash(&hash, &d->tx, &err), &err);
	while (xt_map_get(l->hashes, &v, hash.b, sizeof(hash.b))) {
		d->tx.deadline++;
		fx_must(nem_tx_hash(&hash, &d->tx, &err), &err);
	}
	fx_must(xt_map_put(l->hashes, hash.b, sizeof(hash.b), 1, &err), &err);
}

void ledger_finish_tx(struct ledger *l, struct ledger_draft *d)
{
	struct nem_tx tx;

	if (d->height == 0)
		d->height = l->n_txs > 0 || l->height == 1 ? l->height + 1 : l->height;
	ledger_advance(l, d->height);
	check_signers(l, d);
	set_times(l, d, &d->tx);
	d->tx.signer = l->names[d->signer].pub;
	if (!d->has_fee)
		d->tx.fee = usual_fee(&d->tx);
	make_distinct(l, d);
	if (d->n_cosigners > 0) {
		wrap(l, d, &tx);
	} else {
		tx = d->tx;
		ledger_sign(l, &tx, d->signer);
	}
	if (d->bad_signature)
		tx.signature.b[0] ^= 1;
	l->txs = fx_grow(l->txs, &l->cap_txs, l->n_txs, sizeof(*l->txs));
	l->tx_lines =
	    fx_grow(l->tx_lines, &l->cap_tx_lines, l->n_txs, sizeof(*l->tx_lines));
	l->txs[l->n_txs] = tx;
	l->tx_lines[l->n_txs++] = l->line;
}
