#include "state.h"

#include <stdlib.h>
#include <string.h>

#include "state_private.h"
#include "util.h"

#define VEST_EVERY 1440

struct fx_state *fx_state_new(void)
{
	struct fx_state *s = fx_alloc(1, sizeof(*s));
	struct xt_err err;

	fx_must(xt_map_new(&s->by_address, &err), &err);
	fx_must(xt_map_new(&s->by_key, &err), &err);
	fx_must(xt_map_new(&s->by_mosaic, &err), &err);
	fx_must(xt_map_new(&s->by_fqn, &err), &err);
	s->next_definition = 1;
	return s;
}

void fx_state_free(struct fx_state *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_accounts; i++) {
		struct fx_account *a = &s->accounts[i];

		free(a->points);
		free(a->entries);
		free(a->harvests);
		free(a->cosignatories);
		free(a->cosignatory_of);
		free(a->holdings);
	}
	for (size_t i = 0; i < s->n_mosaics; i++) {
		free(s->mosaics[i].id);
		free(s->mosaics[i].defs);
	}
	for (size_t i = 0; i < s->n_namespaces; i++)
		free(s->namespaces[i].fqn);
	free(s->accounts);
	free(s->mosaics);
	free(s->namespaces);
	free(s->fees);
	free(s->beneficiary);
	xt_map_free(s->by_address);
	xt_map_free(s->by_key);
	xt_map_free(s->by_mosaic);
	xt_map_free(s->by_fqn);
	free(s);
}

/* ---- accounts ---- */

const struct fx_account *fx_state_find(const struct fx_state *s, const char address[40])
{
	uint32_t n;

	return xt_map_get(s->by_address, &n, address, 40) ? &s->accounts[n] : NULL;
}

uint32_t fx_state_number(const struct fx_state *s, const struct fx_account *a)
{
	return (uint32_t)(a - s->accounts);
}

uint32_t state_account(struct fx_state *s, const struct nem_address *address)
{
	uint32_t n;

	if (xt_map_get(s->by_address, &n, address->s, 40))
		return n;
	n = (uint32_t)s->n_accounts;
	s->accounts = fx_grow(s->accounts, &s->cap_accounts, n, sizeof(*s->accounts));
	memset(&s->accounts[n], 0, sizeof(s->accounts[n]));
	s->accounts[n].address = *address;
	fx_must(xt_map_put(s->by_address, address->s, 40, n, NULL), NULL);
	s->n_accounts++;
	return n;
}

uint32_t state_account_of_key(struct fx_state *s, enum nem_network net,
			      const struct nem_pubkey *key)
{
	struct nem_address address;
	uint32_t n;

	if (xt_map_get(s->by_key, &n, key->b, sizeof(key->b)))
		return n;
	nem_address_from_pubkey(&address, net, key);
	n = state_account(s, &address);
	fx_must(xt_map_put(s->by_key, key->b, sizeof(key->b), n, NULL), NULL);
	s->accounts[n].key = *key;
	s->accounts[n].has_key = true;
	return n;
}

struct fx_point fx_account_at(const struct fx_account *a, uint64_t height)
{
	struct fx_point none = { height, 0, 0 };
	size_t lo = 0;
	size_t hi = a->n_points;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (a->points[mid].height <= height)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == 0 ? none : a->points[lo - 1];
}

static void note_point(struct fx_account *a, uint64_t height)
{
	if (a->n_points == 0 || a->points[a->n_points - 1].height != height) {
		a->points =
		    fx_grow(a->points, &a->cap_points, a->n_points, sizeof(*a->points));
		a->n_points++;
	}
	a->points[a->n_points - 1] = (struct fx_point){ height, a->balance, a->vested };
}

static void credit(struct fx_account *a, uint64_t amount, uint64_t height)
{
	a->balance += (int64_t)amount;
	if (height == 1)
		a->vested = a->balance;
	note_point(a, height);
}

static void debit(struct fx_account *a, uint64_t amount, uint64_t height)
{
	uint64_t part = 0;

	if (a->balance > 0 && a->vested > 0 && (uint64_t)a->balance >= amount &&
	    xt_muldiv(&part, (uint64_t)a->vested, amount, (uint64_t)a->balance))
		a->vested -= (int64_t)part;
	a->balance -= (int64_t)amount;
	if (height == 1 || a->balance < a->vested)
		a->vested = a->balance > 0 ? a->balance : 0;
	note_point(a, height);
}

static void vest(struct fx_state *s, uint64_t height)
{
	for (size_t i = 0; i < s->n_accounts; i++) {
		struct fx_account *a = &s->accounts[i];

		if (a->balance > a->vested) {
			a->vested += (a->balance - a->vested) / 10;
			note_point(a, height);
		}
	}
}

/* ---- small sets of account numbers ---- */

static void set_add(uint32_t **set, size_t *n, size_t *cap, uint32_t v)
{
	for (size_t i = 0; i < *n; i++)
		if ((*set)[i] == v)
			return;
	*set = fx_grow(*set, cap, *n, sizeof(**set));
	(*set)[(*n)++] = v;
}

static void set_remove(uint32_t *set, size_t *n, uint32_t v)
{
	for (size_t i = 0; i < *n; i++) {
		if (set[i] == v) {
			memmove(&set[i], &set[i + 1], (*n - i - 1) * sizeof(*set));
			(*n)--;
			return;
		}
	}
}

/* ---- links ---- */

static void apply_modifications(struct fx_state *s, const struct nem_tx *tx)
{
	enum nem_network net = nem_tx_network(tx);
	uint32_t m = state_account_of_key(s, net, &tx->signer);

	for (uint32_t i = 0; i < tx->u.aggregate.n_mods; i++) {
		const struct nem_modification *mod = &tx->u.aggregate.mods[i];
		uint32_t c = state_account_of_key(s, net, &mod->cosignatory);
		struct fx_account *a = &s->accounts[m];
		struct fx_account *b = &s->accounts[c];

		if (mod->kind == 1) {
			set_add(&a->cosignatories, &a->n_cosignatories,
				&a->cap_cosignatories, c);
			set_add(&b->cosignatory_of, &b->n_cosignatory_of,
				&b->cap_cosignatory_of, m);
		} else {
			set_remove(a->cosignatories, &a->n_cosignatories, c);
			set_remove(b->cosignatory_of, &b->n_cosignatory_of, m);
		}
	}
	if (tx->u.aggregate.has_relative_change)
		s->accounts[m].min_cosignatories += tx->u.aggregate.relative_change;
}

static void apply_link(struct fx_state *s, const struct nem_tx *tx, uint64_t height)
{
	enum nem_network net = nem_tx_network(tx);
	uint32_t owner = state_account_of_key(s, net, &tx->signer);
	uint32_t remote = state_account_of_key(s, net, &tx->u.importance.remote);

	for (int k = 0; k < 2; k++) {
		struct fx_account *a = &s->accounts[k == 0 ? owner : remote];

		a->has_link = true;
		a->link_is_owner = k == 0;
		a->link_other = k == 0 ? remote : owner;
		a->link_mode = tx->u.importance.mode;
		a->link_height = height;
	}
}

const struct fx_account *fx_state_beneficiary(const struct fx_state *s,
					      const struct fx_account *a,
					      uint64_t height)
{
	bool effective;

	if (!a->has_link || a->link_is_owner)
		return a;
	effective = height >= a->link_height + FX_REMOTE_DELAY;
	/* Activation counts from then on, deactivation ends the link from then on. */
	return (a->link_mode == 1) == effective ? &s->accounts[a->link_other] : a;
}

/* ---- lists ---- */

static void list(struct fx_state *s, uint32_t who, uint32_t tx, uint8_t dir)
{
	struct fx_account *a = &s->accounts[who];

	if (a->n_entries > 0 && a->entries[a->n_entries - 1].tx == tx) {
		a->entries[a->n_entries - 1].dir |= dir;
		return;
	}
	a->entries =
	    fx_grow(a->entries, &a->cap_entries, a->n_entries, sizeof(*a->entries));
	a->entries[a->n_entries++] = (struct fx_entry){ tx, dir };
}

/* Who sees the transaction as incoming. The sinks and the levy of an inner definition
 * are listed, those of a plain one are not: so does NIS. */
static void list_incoming(struct fx_state *s, const struct nem_tx *core, bool inner,
			  uint32_t tx)
{
	enum nem_network net = nem_tx_network(core);

	switch (core->type) {
	case NEM_TX_TRANSFER:
		list(s, state_account(s, &core->u.transfer.recipient), tx, FX_IN);
		break;
	case NEM_TX_IMPORTANCE:
		list(s, state_account_of_key(s, net, &core->u.importance.remote), tx,
		     FX_IN);
		break;
	case NEM_TX_AGGREGATE:
		for (uint32_t i = 0; i < core->u.aggregate.n_mods; i++)
			list(s,
			     state_account_of_key(
				 s, net, &core->u.aggregate.mods[i].cosignatory),
			     tx, FX_IN);
		break;
	case NEM_TX_NAMESPACE:
		list(s, state_account(s, &core->u.ns.sink), tx, FX_IN);
		break;
	case NEM_TX_MOSAIC:
		if (!inner)
			break;
		list(s, state_account(s, &core->u.mosaic.sink), tx, FX_IN);
		if (core->u.mosaic.def.levy.kind != 0)
			list(s, state_account(s, &core->u.mosaic.def.levy.recipient),
			     tx, FX_IN);
		break;
	default:
		break;
	}
}

static void list_tx(struct fx_state *s, const struct nem_tx *tx, uint32_t number)
{
	const struct nem_tx *core = nem_tx_core(tx);
	uint32_t payer = state_account_of_key(s, nem_tx_network(tx), &core->signer);

	list(s, payer, number, FX_OUT);
	if (tx->type == NEM_TX_MULTISIG)
		for (size_t i = 0; i < s->accounts[payer].n_cosignatories; i++)
			list(s, s->accounts[payer].cosignatories[i], number, FX_OUT);
	list_incoming(s, core, tx->type == NEM_TX_MULTISIG, number);
}

/* ---- blocks ---- */

static void note_keys(struct fx_state *s, const struct nem_tx *tx)
{
	enum nem_network net = nem_tx_network(tx);

	state_account_of_key(s, net, &tx->signer);
	if (tx->type != NEM_TX_MULTISIG)
		return;
	state_account_of_key(s, net, &tx->u.multisig.inner->signer);
	for (uint32_t i = 0; i < tx->u.multisig.n_cosignatures; i++)
		state_account_of_key(s, net, &tx->u.multisig.cosignatures[i].signer);
}

/* Money and links of one transaction. Returns false if somebody goes below zero. */
static enum xt_status apply_tx(struct fx_state *s, uint64_t *fees, bool *negative,
			       const struct nem_tx *tx, uint64_t height,
			       struct xt_err *err)
{
	const struct nem_levy_lookup levies = { state_find_levy, s };
	const struct nem_tx *core = nem_tx_core(tx);
	struct nem_movement m[NEM_MAX_MOVEMENTS];
	size_t n = 0;
	enum xt_status st;

	note_keys(s, tx);
	if (core->type == NEM_TX_MOSAIC)
		state_apply_definition(s, core, height);
	st = nem_tx_movements(m, &n, NEM_MAX_MOVEMENTS, tx, height, &levies, err);
	if (st != XT_OK)
		return st;
	for (size_t i = 0; i < n; i++) {
		if (m[i].has_from) {
			uint32_t a = state_account(s, &m[i].from);

			debit(&s->accounts[a], m[i].amount.uxem, height);
			if (s->accounts[a].balance < 0)
				*negative = true;
		}
		if (m[i].has_to) {
			uint32_t a = state_account(s, &m[i].to);

			credit(&s->accounts[a], m[i].amount.uxem, height);
		} else if (m[i].kind == NEM_MOVE_FEE) {
			*fees += m[i].amount.uxem;
		}
	}
	switch (core->type) {
	case NEM_TX_TRANSFER:
		state_apply_mosaics(s, core, height);
		break;
	case NEM_TX_IMPORTANCE:
		apply_link(s, core, height);
		break;
	case NEM_TX_AGGREGATE:
		apply_modifications(s, core);
		break;
	case NEM_TX_NAMESPACE:
		state_apply_namespace(s, core, height);
		break;
	case NEM_TX_SUPPLY:
		state_apply_supply(s, core);
		break;
	default:
		break;
	}
	return XT_OK;
}

/* The nemesis account starts with what it is going to give away in block 1. */
static void open_nemesis(struct fx_state *s, const struct nem_block *b, uint32_t signer)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < b->n_txs; i++) {
		const struct nem_tx *tx = &b->txs[i];
		struct nem_amount moved;

		if (tx->type == NEM_TX_TRANSFER &&
		    memcmp(tx->signer.b, b->signer.b, 32) == 0 &&
		    nem_transfer_moves(&moved, tx, NULL) == XT_OK)
			sum += moved.uxem;
	}
	credit(&s->accounts[signer], sum, b->height);
	s->supply = (int64_t)sum;
}

static void harvest(struct fx_state *s, const struct nem_block *b, uint32_t signer,
		    uint64_t fees)
{
	const struct fx_account *to =
	    fx_state_beneficiary(s, &s->accounts[signer], b->height);
	uint32_t owner = fx_state_number(s, to);
	uint32_t block = (uint32_t)s->n_fees;
	uint32_t who[2] = { owner, signer };

	credit(&s->accounts[owner], fees, b->height);
	s->accounts[owner].harvested++;
	for (int i = 0; i < (owner == signer ? 1 : 2); i++) {
		struct fx_account *a = &s->accounts[who[i]];

		a->harvests = fx_grow(a->harvests, &a->cap_harvests, a->n_harvests,
				      sizeof(*a->harvests));
		a->harvests[a->n_harvests++] = block;
	}
	s->fees = fx_grow(s->fees, &s->cap_fees, s->n_fees, sizeof(*s->fees));
	s->beneficiary = fx_grow(s->beneficiary, &s->cap_beneficiary, s->n_fees,
				 sizeof(*s->beneficiary));
	s->fees[s->n_fees] = fees;
	s->beneficiary[s->n_fees] = owner;
	s->n_fees++;
}

enum xt_status fx_state_apply(struct fx_state *s, uint32_t *bad_tx,
			      const struct nem_block *b, size_t chain_first,
			      const uint32_t *order, struct xt_err *err)
{
	enum xt_status st;
	enum xt_status first = XT_OK;
	uint64_t fees = 0;
	uint32_t signer =
	    state_account_of_key(s, (enum nem_network)(b->version >> 24), &b->signer);

	if (b->height == 1)
		open_nemesis(s, b, signer);
	for (uint32_t i = 0; i < b->n_txs; i++) {
		bool negative = false;

		st = apply_tx(s, &fees, &negative, &b->txs[i], b->height,
			      first == XT_OK ? err : NULL);
		if (st == XT_OK && negative)
			st = xt_fail(first == XT_OK ? err : NULL, XT_E_VERIFY,
				     "an account would go below zero");
		if (st != XT_OK && first == XT_OK) {
			first = st;
			if (bad_tx != NULL)
				*bad_tx = i;
		}
	}
	if (order != NULL)
		for (uint32_t i = 0; i < b->n_txs; i++)
			list_tx(s, &b->txs[order[i] - chain_first], order[i]);
	harvest(s, b, signer, fees);
	if (b->height % VEST_EVERY == 0)
		vest(s, b->height);
	s->height = b->height;
	return first;
}

void fx_state_seek(struct fx_state **s, const struct fx_chain *c, uint64_t height)
{
	if (*s == NULL || (*s)->height > height) {
		fx_state_free(*s);
		*s = fx_state_new();
	}
	for (;;) {
		uint64_t next = (*s)->height == 0 ? c->base : (*s)->height + 1;
		const struct fx_block *b = fx_chain_block(c, next);

		if (b == NULL || next > height)
			return;
		/* An invalid chain is served all the same: tests want it. */
		(void)fx_state_apply(*s, NULL, &b->b, b->first_tx,
				     c->by_id + b->first_tx, NULL);
	}
}
