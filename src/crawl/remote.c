/* Remote harvesting: an account lends its importance to another key, which signs blocks
 * in its name. The fees go to the owner, while a node lists the block for both. A link
 * takes effect 360 blocks after its importance transaction, and ends 360 blocks after
 * the one that undoes it. docs/nis1.md section 6. */
#include "internal.h"

#include <stdlib.h>

#define REMOTE_DELAY 360u

enum xt_status crawl_links_add(struct crawl_links *l, const struct nem_tx *tx,
			       uint64_t height, struct xt_err *err)
{
	const struct nem_tx *core = nem_tx_core(tx);
	struct crawl_link k = { .height = height };

	if (core->type != NEM_TX_IMPORTANCE)
		return XT_OK;
	k.mode = core->u.importance.mode;
	nem_address_from_pubkey(&k.owner, nem_tx_network(core), &core->signer);
	nem_address_from_pubkey(&k.remote, nem_tx_network(core),
				&core->u.importance.remote);
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].height == k.height && l->v[i].mode == k.mode &&
		    nem_address_equal(&l->v[i].remote, &k.remote))
			return XT_OK;
	if (l->n == l->cap) {
		const size_t cap = l->cap == 0 ? 16 : l->cap * 2;
		struct crawl_link *v = xt_reallocarray(l->v, cap, sizeof(*l->v));

		if (v == NULL)
			return xt_fail(err, XT_E_NOMEM,
				       "out of memory for importance transactions");
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = k;
	return XT_OK;
}

void crawl_links_free(struct crawl_links *l)
{
	free(l->v);
	*l = (struct crawl_links){ 0 };
}

struct load {
	struct crawl_links *links;
	enum xt_status rc;
	struct xt_err *err;
};

static bool load_one(void *ctx, const struct store_tx *t)
{
	struct load *l = ctx;
	struct nem_tx tx = { 0 };

	/* 4100 may wrap one. */
	if ((t->type != NEM_TX_IMPORTANCE && t->type != NEM_TX_MULTISIG) ||
	    t->bytes == NULL)
		return true;
	l->rc = nem_tx_decode(&tx, t->bytes, t->n_bytes, NEM_FORM_SIGNED, l->err);
	if (l->rc == XT_OK)
		l->rc = crawl_links_add(l->links, &tx, t->height, l->err);
	nem_tx_release(&tx);
	return l->rc == XT_OK;
}

enum xt_status crawl_links_load(struct crawl_links *links, struct store *s,
				struct xt_err *err)
{
	struct load l = { .links = links, .rc = XT_OK, .err = err };
	const enum xt_status rc = store_each_tx(s, true, load_one, &l, err);

	return l.rc != XT_OK ? l.rc : rc;
}

const struct nem_address *crawl_links_owner(const struct crawl_links *l,
					    const struct nem_address *signer,
					    uint64_t height)
{
	const struct crawl_link *last = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct crawl_link *k = &l->v[i];

		if (nem_address_equal(&k->remote, signer) &&
		    k->height + REMOTE_DELAY <= height &&
		    (last == NULL || k->height > last->height))
			last = k;
	}
	return last != NULL && last->mode == 1 ? &last->owner : NULL;
}

bool crawl_was_remote(const struct crawl *c, const struct nem_address *a,
		      uint64_t height)
{
	return crawl_links_owner(&c->links, a, height) != NULL;
}

bool crawl_has_link(const struct crawl *c, const struct nem_address *a)
{
	for (size_t i = 0; i < c->links.n; i++)
		if (nem_address_equal(&c->links.v[i].remote, a) ||
		    nem_address_equal(&c->links.v[i].owner, a))
			return true;
	return false;
}
