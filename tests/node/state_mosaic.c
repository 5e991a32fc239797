/* Mosaics other than XEM, and namespaces. */
#include "state_private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static char *mosaic_key(const struct nem_mosaic_id *id)
{
	char *s = fx_alloc((size_t)id->ns.len + id->name.len + 2, 1);

	if (id->ns.len > 0)
		memcpy(s, id->ns.data, id->ns.len);
	s[id->ns.len] = ':';
	if (id->name.len > 0)
		memcpy(s + id->ns.len + 1, id->name.data, id->name.len);
	return s;
}

const struct fx_mosaic *fx_state_mosaic(const struct fx_state *s, const char *id)
{
	uint32_t n;

	return xt_map_get(s->by_mosaic, &n, id, strlen(id)) ? &s->mosaics[n] : NULL;
}

const struct fx_namespace *fx_state_namespace(const struct fx_state *s, const char *fqn)
{
	uint32_t n;

	return xt_map_get(s->by_fqn, &n, fqn, strlen(fqn)) ? &s->namespaces[n] : NULL;
}

static struct fx_mosaic *mosaic_of(struct fx_state *s, const struct nem_mosaic_id *id,
				   bool make)
{
	char *key = mosaic_key(id);
	struct fx_mosaic *m = NULL;
	uint32_t n;

	if (xt_map_get(s->by_mosaic, &n, key, strlen(key))) {
		m = &s->mosaics[n];
		free(key);
		return m;
	}
	if (!make) {
		free(key);
		return NULL;
	}
	n = (uint32_t)s->n_mosaics;
	s->mosaics = fx_grow(s->mosaics, &s->cap_mosaics, n, sizeof(*s->mosaics));
	m = &s->mosaics[n];
	memset(m, 0, sizeof(*m));
	m->id = key;
	fx_must(xt_map_put(s->by_mosaic, key, strlen(key), n, NULL), NULL);
	s->n_mosaics++;
	return m;
}

static const struct nem_mosaic_definition *definition_at(const struct fx_mosaic *m,
							 uint64_t height)
{
	for (size_t i = m->n_defs; i > 0; i--)
		if (m->defs[i - 1].height <= height)
			return m->defs[i - 1].def;
	return NULL;
}

bool state_find_levy(void *ctx, struct nem_levy *out, const struct nem_mosaic_id *id,
		     uint64_t height)
{
	const struct fx_mosaic *m = mosaic_of(ctx, id, false);
	const struct nem_mosaic_definition *d =
	    m == NULL ? NULL : definition_at(m, height);

	if (d == NULL || d->levy.kind == 0)
		return false;
	*out = d->levy;
	return true;
}

static uint64_t property(const struct nem_mosaic_definition *d, const char *name,
			 uint64_t missing)
{
	for (uint32_t i = 0; i < d->n_properties; i++) {
		const struct nem_property *p = &d->properties[i];

		if (p->name.len == strlen(name) && p->value.len < 20 &&
		    memcmp(p->name.data, name, p->name.len) == 0) {
			char text[24] = "";

			memcpy(text, p->value.data, p->value.len);
			return strtoull(text, NULL, 10);
		}
	}
	return missing;
}

static struct fx_holding *holding(struct fx_state *s, uint32_t who, uint32_t mosaic)
{
	struct fx_account *a = &s->accounts[who];

	for (size_t i = 0; i < a->n_holdings; i++)
		if (a->holdings[i].mosaic == mosaic)
			return &a->holdings[i];
	a->holdings =
	    fx_grow(a->holdings, &a->cap_holdings, a->n_holdings, sizeof(*a->holdings));
	a->holdings[a->n_holdings] = (struct fx_holding){ mosaic, 0 };
	return &a->holdings[a->n_holdings++];
}

static void move_mosaic(struct fx_state *s, uint32_t from, uint32_t to, uint32_t mosaic,
			uint64_t quantity)
{
	struct fx_holding *h = holding(s, from, mosaic);

	h->quantity = h->quantity >= quantity ? h->quantity - quantity : 0;
	holding(s, to, mosaic)->quantity += quantity;
}

static bool is_xem(const struct nem_mosaic_id *id)
{
	return id->ns.len == 3 && id->name.len == 3 &&
	       memcmp(id->ns.data, "nem", 3) == 0 &&
	       memcmp(id->name.data, "xem", 3) == 0;
}

static uint64_t pow10_of(uint64_t n)
{
	uint64_t v = 1;

	while (n-- > 0)
		v *= 10;
	return v;
}

void state_apply_definition(struct fx_state *s, const struct nem_tx *tx,
			    uint64_t height)
{
	const struct nem_mosaic_definition *d = &tx->u.mosaic.def;
	struct fx_mosaic *m = mosaic_of(s, &d->id, true);
	uint32_t n = (uint32_t)(m - s->mosaics);
	uint32_t creator = state_account_of_key(s, nem_tx_network(tx), &d->creator);

	m->defs = fx_grow(m->defs, &m->cap_defs, m->n_defs, sizeof(*m->defs));
	m->defs[m->n_defs++] =
	    (struct fx_definition){ height, d, s->next_definition++ };
	m->creator = creator;
	m->supply = property(d, "initialSupply", 1000);
	for (size_t i = 0; i < s->n_accounts; i++) {
		struct fx_account *a = &s->accounts[i];

		for (size_t k = 0; k < a->n_holdings; k++)
			if (a->holdings[k].mosaic == n)
				a->holdings[k].quantity = 0;
	}
	holding(s, creator, n)->quantity =
	    m->supply * pow10_of(property(d, "divisibility", 0) % 7);
}

void state_apply_supply(struct fx_state *s, const struct nem_tx *tx)
{
	struct fx_mosaic *m = mosaic_of(s, &tx->u.supply.id, false);
	uint64_t delta = tx->u.supply.delta;
	uint64_t units;
	struct fx_holding *h;

	if (m == NULL || m->n_defs == 0)
		return;
	units = delta *
		pow10_of(property(m->defs[m->n_defs - 1].def, "divisibility", 0) % 7);
	h = holding(s, m->creator, (uint32_t)(m - s->mosaics));
	if (tx->u.supply.supply_kind == 1) {
		m->supply += delta;
		h->quantity += units;
	} else {
		m->supply = m->supply >= delta ? m->supply - delta : 0;
		h->quantity = h->quantity >= units ? h->quantity - units : 0;
	}
}

void state_apply_mosaics(struct fx_state *s, const struct nem_tx *tx, uint64_t height)
{
	uint32_t from = state_account_of_key(s, nem_tx_network(tx), &tx->signer);
	uint32_t to = state_account(s, &tx->u.transfer.recipient);

	for (uint32_t i = 0; i < tx->u.transfer.n_mosaics; i++) {
		const struct nem_mosaic *m = &tx->u.transfer.mosaics[i];
		struct nem_levy levy;
		uint64_t moved;
		uint64_t part;
		struct fx_mosaic *of;
		struct fx_mosaic *paid;

		if (is_xem(&m->id) || !xt_muldiv(&moved, tx->u.transfer.amount.uxem,
						 m->quantity, 1000000))
			continue;
		of = mosaic_of(s, &m->id, false);
		if (of == NULL)
			continue;
		move_mosaic(s, from, to, (uint32_t)(of - s->mosaics), moved);
		if (!state_find_levy(s, &levy, &m->id, height) || is_xem(&levy.id))
			continue;
		part = levy.fee;
		if (levy.kind == 2 && !xt_muldiv(&part, moved, levy.fee, 10000))
			continue;
		paid = mosaic_of(s, &levy.id, false);
		if (paid != NULL)
			move_mosaic(s, from, state_account(s, &levy.recipient),
				    (uint32_t)(paid - s->mosaics), part);
	}
}

void state_apply_namespace(struct fx_state *s, const struct nem_tx *tx, uint64_t height)
{
	size_t n = (size_t)tx->u.ns.parent.len + tx->u.ns.new_part.len + 2;
	char *fqn = fx_alloc(n, 1);
	size_t at = 0;
	uint32_t owner = state_account_of_key(s, nem_tx_network(tx), &tx->signer);

	if (tx->u.ns.has_parent && tx->u.ns.parent.len > 0) {
		memcpy(fqn, tx->u.ns.parent.data, tx->u.ns.parent.len);
		at = tx->u.ns.parent.len;
		fqn[at++] = '.';
	}
	if (tx->u.ns.new_part.len > 0)
		memcpy(fqn + at, tx->u.ns.new_part.data, tx->u.ns.new_part.len);
	s->namespaces = fx_grow(s->namespaces, &s->cap_namespaces, s->n_namespaces,
				sizeof(*s->namespaces));
	s->namespaces[s->n_namespaces] = (struct fx_namespace){ fqn, owner, height };
	fx_must(
	    xt_map_put(s->by_fqn, fqn, strlen(fqn), (uint32_t)s->n_namespaces, NULL),
	    NULL);
	s->n_namespaces++;
}
