/* What is true of the money: balances and haircut, one transaction after the other, with
 * one balance and one taint a wallet. Shares nothing with src/taint. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* floor(t * q / b), all of it if q is b. */
static uint64_t dirty_part(const struct wallet *w, uint64_t q)
{
	if (q == w->balance)
		return w->taint;
	return (uint64_t)((xt_u128)w->taint * q / w->balance);
}

static uint64_t leave(struct model *m, const struct tx *x, uint64_t q)
{
	struct wallet *w = &m->w[x->from];
	uint64_t dirty;

	if (q > w->balance)
		fx_die("%s, %s at height %llu: pays %llu of %llu", w->name, x->role,
		       (unsigned long long)x->height, (unsigned long long)q,
		       (unsigned long long)w->balance);
	if (q == 0)
		return 0;
	dirty = dirty_part(w, q);
	w->balance -= q;
	w->taint -= dirty;
	return dirty;
}

/* What a service has is not followed: its taint stays zero. */
static void arrive(struct model *m, struct tx *x, uint64_t dirty)
{
	struct wallet *w = &m->w[x->to];

	x->tainted = dirty;
	w->balance += x->amount;
	w->touched = w->touched || dirty > 0;
	if (w->service)
		m->at_services += dirty;
	else
		w->taint += dirty;
}

static void replay_tx(struct model *m, struct tx *x)
{
	uint64_t dirty;

	for (unsigned i = 1; i < x->cosigned; i++)
		m->fee_taint += leave(m, x, x->cosign_fee);
	dirty = leave(m, x, x->amount);
	if (x->theft) {
		/* The robbed wallet was clean. */
		if (dirty != 0)
			fx_die("the robbed wallet is not clean");
		dirty = x->amount;
		m->stolen += dirty;
	}
	if (x->to != NOBODY)
		arrive(m, x, dirty);
	m->fee_taint += leave(m, x, x->fee);
	if (x->cosigned > 0)
		m->fee_taint += leave(m, x, x->outer_fee);
}

static uint64_t fees_of(const struct tx *x)
{
	return x->fee + x->outer_fee +
	       (x->cosigned > 0 ? (x->cosigned - 1) * x->cosign_fee : 0);
}

static uint32_t harvester_of(const struct model *m, uint64_t height)
{
	for (size_t i = 0; i < m->n_harvests; i++)
		if (m->harvests[i].height == height)
			return m->harvests[i].owner;
	return wallet_find(m, "harvester");
}

void model_replay(struct model *m)
{
	uint64_t fees = 0;
	uint64_t held = 0;

	for (size_t i = 0; i < m->n_w; i++)
		m->w[i].balance = m->w[i].opening;
	for (size_t i = 0; i < m->n_tx; i++) {
		replay_tx(m, &m->tx[i]);
		fees += fees_of(&m->tx[i]);
		if (i + 1 == m->n_tx || m->tx[i + 1].height != m->tx[i].height) {
			m->w[harvester_of(m, m->tx[i].height)].balance += fees;
			fees = 0;
		}
	}
	for (size_t i = 0; i < m->n_w; i++)
		held += m->w[i].taint;
	if (held + m->at_services + m->fee_taint != m->stolen)
		fx_die("stolen XEM got lost in the replay");
}
