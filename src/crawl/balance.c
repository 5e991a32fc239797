/* The balance that the node reports, and the height that it belongs to. */
#include "account.h"

/* Tries to see the same height before and after the balance. A block comes once a
 * minute, so that one or two are enough with an honest node. */
#define MAX_PINS 5u

/* Below a node that could do the work instead? */
static bool is_behind(const struct crawl *c, size_t node, uint64_t h)
{
	for (size_t i = 0; i < c->n_nodes; i++)
		if (i != node && crawl_usable(c, i) &&
		    c->nodes[i].height > h + CRAWL_BEHIND)
			return true;
	return false;
}

static enum xt_status leave_behind(struct crawl *c, struct account_job *a,
				   const struct nis_answer *answer, uint64_t h,
				   struct xt_err *err)
{
	char text[160];
	enum xt_status rc = crawl_keep_alone(c, a->base.node, answer, err);

	(void)snprintf(text, sizeof(text),
		       "the node is at height %llu, and has fallen behind another one",
		       (unsigned long long)h);
	if (rc == XT_OK)
		rc = crawl_drop_node(c, a->base.node, text, err);
	if (rc == XT_OK)
		rc = crawl_elsewhere(c, &a->base, "node", text, err);
	return rc;
}

enum xt_status balance_take_height(struct crawl *c, struct account_job *a,
				   const struct nis_answer *answer, struct xt_err *err)
{
	struct xt_err why = { .code = XT_OK };
	uint64_t h = 0;
	enum xt_status rc = nis_decode_height(&h, answer->body, answer->len, &why);

	if (rc != XT_OK)
		return account_refuse(c, a, answer, "decode", why.text, err);
	c->nodes[a->base.node].height = h;
	if (is_behind(c, a->base.node, h))
		return leave_behind(c, a, answer, h, err);
	a->height = h;
	a->step = AT_ACCOUNT;
	return crawl_keep_alone(c, a->base.node, answer, err);
}

/* An account's answer must be about this account, with a key that fits. */
static enum xt_status check_account(const struct account_job *a,
				    struct nis_account *info, struct xt_err *why)
{
	struct nem_address of_key;

	if (!nem_address_equal(&info->address, &a->address))
		return xt_fail(
		    why, XT_E_VERIFY,
		    "account.address: %s was asked for, the answer is about %s",
		    a->address.s, info->address.s);
	if (!info->has_key)
		return XT_OK;
	nem_address_from_pubkey(&of_key, nem_address_network(&a->address), &info->key);
	if (!nem_address_equal(&of_key, &a->address))
		return xt_fail(why, XT_E_VERIFY,
			       "account.publicKey: it makes the address %s, not %s",
			       of_key.s, a->address.s);
	return XT_OK;
}

enum xt_status balance_take_account(struct crawl *c, struct account_job *a,
				    const struct nis_answer *answer, struct xt_err *err)
{
	struct xt_err why = { .code = XT_OK };
	struct nis_account info = { 0 };
	enum xt_status rc = nis_decode_account(&info, answer->body, answer->len, &why);

	if (rc != XT_OK)
		return account_refuse(c, a, answer, "decode", why.text, err);
	rc = check_account(a, &info, &why);
	if (rc != XT_OK) {
		nis_account_release(&info);
		return account_refuse(c, a, answer, "account", why.text, err);
	}
	nis_account_release(&a->info);
	a->info = info;
	if (a->step == AT_ACCOUNT_RESUMED) {
		a->step = a->state.transfers_done ? AT_HARVESTS : AT_TRANSFERS;
		if (a->state.harvests_done)
			account_after_lists(c, a);
		a->before = a->state.transfers_done ? a->state.harvests_next
						    : a->state.transfers_next;
	} else {
		a->step = AT_HEIGHT_AGAIN;
	}
	return crawl_keep_alone(c, a->base.node, answer, err);
}

static enum xt_status store_balance(struct crawl *c, struct account_job *a,
				    const struct nis_answer *answer, struct xt_err *err)
{
	int64_t id;
	enum xt_status rc = crawl_keep(c, a->base.node, answer, &id, err);

	if (rc != XT_OK)
		return rc;
	a->row.has_balance = true;
	a->row.balance_uxem = a->info.balance.uxem;
	a->row.balance_height = a->height;
	if (a->info.has_key) {
		a->row.has_key = true;
		a->row.key = a->info.key;
	}
	a->state.top_height = a->height;
	if (a->update)
		return XT_OK;
	rc = store_account_update(c->s, &a->row, err);
	if (rc == XT_OK)
		rc = store_crawl_put(c->s, &a->state, err);
	return rc;
}

enum xt_status balance_take_height_again(struct crawl *c, struct account_job *a,
					 const struct nis_answer *answer,
					 struct xt_err *err)
{
	struct xt_err why = { .code = XT_OK };
	uint64_t h = 0;
	enum xt_status rc = nis_decode_height(&h, answer->body, answer->len, &why);

	if (rc != XT_OK)
		return account_refuse(c, a, answer, "decode", why.text, err);
	c->nodes[a->base.node].height = h;
	if (h != a->height && ++a->pins < MAX_PINS) {
		a->height = h;
		a->step = AT_ACCOUNT;
		return crawl_keep_alone(c, a->base.node, answer, err);
	}
	a->unpinned = h != a->height;
	rc = CRAWL_BEGIN(c, err);
	if (rc != XT_OK)
		return rc;
	rc = store_balance(c, a, answer, err);
	rc = crawl_end(c, rc, err);
	a->step = AT_TRANSFERS;
	return rc;
}
