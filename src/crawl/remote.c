/* Remote harvesting: an account lends its importance to another key, which signs blocks
 * in its name. The fees go to the owner, while a node lists the block for both. A link
 * takes effect 360 blocks after its importance transaction, and ends 360 blocks after
 * the one that undoes it. docs/nis1.md section 6. */
#include "internal.h"

#include <stdlib.h>

#define REMOTE_DELAY 360u

static enum xt_status add_link(struct crawl *c, const struct remote_link *l,
			       struct xt_err *err)
{
	for (size_t i = 0; i < c->n_links; i++)
		if (c->links[i].height == l->height && c->links[i].mode == l->mode &&
		    nem_address_equal(&c->links[i].remote, &l->remote))
			return XT_OK;
	if (c->n_links == c->cap_links) {
		const size_t cap = c->cap_links == 0 ? 16 : c->cap_links * 2;
		struct remote_link *v =
		    xt_reallocarray(c->links, cap, sizeof(*c->links));

		if (v == NULL)
			return xt_fail(err, XT_E_NOMEM,
				       "out of memory for importance transactions");
		c->links = v;
		c->cap_links = cap;
	}
	c->links[c->n_links++] = *l;
	return XT_OK;
}

enum xt_status crawl_note_link(struct crawl *c, const struct nem_tx *tx,
			       uint64_t height, struct xt_err *err)
{
	const struct nem_tx *core = nem_tx_core(tx);
	struct remote_link l = { .height = height };

	if (core->type != NEM_TX_IMPORTANCE)
		return XT_OK;
	l.mode = core->u.importance.mode;
	nem_address_from_pubkey(&l.owner, nem_tx_network(core), &core->signer);
	nem_address_from_pubkey(&l.remote, nem_tx_network(core),
				&core->u.importance.remote);
	return add_link(c, &l, err);
}

struct load {
	struct crawl *c;
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
		l->rc = crawl_note_link(l->c, &tx, t->height, l->err);
	nem_tx_release(&tx);
	return l->rc == XT_OK;
}

enum xt_status crawl_load_links(struct crawl *c, struct xt_err *err)
{
	struct load l = { .c = c, .rc = XT_OK, .err = err };
	const enum xt_status rc = store_each_tx(c->s, true, load_one, &l, err);

	return l.rc != XT_OK ? l.rc : rc;
}

bool crawl_was_remote(const struct crawl *c, const struct nem_address *a,
		      uint64_t height)
{
	const struct remote_link *last = NULL;

	for (size_t i = 0; i < c->n_links; i++) {
		const struct remote_link *l = &c->links[i];

		if (nem_address_equal(&l->remote, a) &&
		    l->height + REMOTE_DELAY <= height &&
		    (last == NULL || l->height > last->height))
			last = l;
	}
	return last != NULL && last->mode == 1;
}

bool crawl_has_link(const struct crawl *c, const struct nem_address *a)
{
	for (size_t i = 0; i < c->n_links; i++)
		if (nem_address_equal(&c->links[i].remote, a) ||
		    nem_address_equal(&c->links[i].owner, a))
			return true;
	return false;
}
