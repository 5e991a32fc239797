/* The endpoints about accounts. */
#include <string.h>

#include "answers.h"

void answers_on_account(struct node *n, struct answers_result *out,
			const struct node_request *r)
{
	struct nem_address a;

	if (answers_arg_address(n, &a, out, r))
		answers_json(out, node_account_pair(n, &a));
}

void answers_on_account_key(struct node *n, struct answers_result *out,
			    const struct node_request *r)
{
	struct nem_address a;

	if (answers_arg_key(n, &a, out, r))
		answers_json(out, node_account_pair(n, &a));
}

static void forwarded(struct node *n, struct answers_result *out,
		      const struct nem_address *a)
{
	const struct fx_account *who = fx_state_find(n->state, a->s);

	if (who != NULL)
		who = fx_state_beneficiary(n->state, who, n->state->height);
	answers_json(out, node_account_pair(n, who == NULL ? a : &who->address));
}

void answers_on_forwarded(struct node *n, struct answers_result *out,
			  const struct node_request *r)
{
	struct nem_address a;

	if (answers_arg_address(n, &a, out, r))
		forwarded(n, out, &a);
}

void answers_on_forwarded_key(struct node *n, struct answers_result *out,
			      const struct node_request *r)
{
	struct nem_address a;

	if (answers_arg_key(n, &a, out, r))
		forwarded(n, out, &a);
}

void answers_on_account_status(struct node *n, struct answers_result *out,
			       const struct node_request *r)
{
	struct nem_address a;

	if (answers_arg_address(n, &a, out, r))
		answers_json(out, node_account_meta(n, &a));
}

void answers_on_batch(struct node *n, struct answers_result *out,
		      const struct node_request *r)
{
	json_t *o = json_loadb(r->body, r->body_len, 0, NULL);
	json_t *a = json_array();
	const json_t *list = json_object_get(o, "data");

	if (!json_is_array(list))
		answers_refuse(out, 500, "expected value for property data");
	for (size_t i = 0; out->status == 0 && i < json_array_size(list); i++) {
		const char *s = json_string_value(
		    json_object_get(json_array_get(list, i), "account"));
		struct nem_address address;

		if (s == NULL || strlen(s) != 40 ||
		    nem_address_parse(&address, s, NULL) != XT_OK)
			answers_refuse(out, 400, "address must be valid");
		else
			json_array_append_new(a, node_account_pair(n, &address));
	}
	if (out->status == 0)
		answers_data(out, json_incref(a));
	json_decref(a);
	json_decref(o);
}

bool answers_omitted(const struct node *n, const struct nem_hash *hash)
{
	for (size_t i = 0; i < n->opt.n_omit; i++)
		if (memcmp(n->opt.omit[i].b, hash->b, 32) == 0)
			return true;
	return false;
}

/* Number of the account's entries with an id below `before`. */
static size_t entries_before(const struct node *n, const struct fx_account *a,
			     int64_t before)
{
	size_t lo = 0;
	size_t hi = a->n_entries;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if ((int64_t)n->chain->txs[a->entries[mid].tx].id < before)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static json_t *page_of(const struct node *n, const struct fx_account *a, int64_t before,
		       size_t size, unsigned dirs)
{
	json_t *page = json_array();
	size_t i = a == NULL ? 0 : entries_before(n, a, before);

	while (i > 0 && json_array_size(page) < size) {
		const struct fx_entry *e = &a->entries[--i];
		const struct fx_tx *t = &n->chain->txs[e->tx];

		if ((e->dir & dirs) == 0 || answers_omitted(n, &t->hash))
			continue;
		if (n->opt.reverse_page)
			json_array_insert_new(page, 0, node_tx_pair(t));
		else
			json_array_append_new(page, node_tx_pair(t));
	}
	return page;
}

static bool number_of_hash(struct node *n, int64_t *before, struct answers_result *out,
			   const char *hex)
{
	struct nem_hash hash;
	uint32_t i;

	if (!answers_hash_lookup(n, out))
		return false;
	if (xt_hex_decode(hash.b, 32, hex, NULL) != XT_OK) {
		answers_refuse(
		    out, 500,
		    "org.nem.core.crypto.CryptoException: hash is not valid hex");
		return false;
	}
	if (!xt_map_get(n->chain->by_hash, &i, hash.b, 32) ||
	    n->chain->txs[i].height > n->state->height) {
		answers_refuse(
		    out, 400,
		    "Neither transaction id was supplied nor hash was found in cache");
		return false;
	}
	*before = (int64_t)n->chain->txs[i].id;
	return true;
}

static void transfers(struct node *n, struct answers_result *out,
		      const struct node_request *r, unsigned dirs)
{
	struct nem_address address;
	int64_t before;
	size_t size;
	const char *hash = r->arg(r->ctx, "hash");

	if (!answers_arg_address(n, &address, out, r) ||
	    !answers_arg_number(&before, out, r, "id", INT64_MAX, INT64_MAX) ||
	    !answers_arg_page_size(&size, out, r))
		return;
	if (r->arg(r->ctx, "id") == NULL && hash != NULL &&
	    !number_of_hash(n, &before, out, hash))
		return;
	if (n->opt.foreign != NULL)
		memcpy(address.s, n->opt.foreign, 41);
	if (n->opt.duplicate_page)
		before = INT64_MAX;
	answers_data(
	    out, page_of(n, fx_state_find(n->state, address.s), before, size, dirs));
}

void answers_on_all(struct node *n, struct answers_result *out,
		    const struct node_request *r)
{
	transfers(n, out, r, FX_IN | FX_OUT);
}

void answers_on_incoming(struct node *n, struct answers_result *out,
			 const struct node_request *r)
{
	transfers(n, out, r, FX_IN);
}

void answers_on_outgoing(struct node *n, struct answers_result *out,
			 const struct node_request *r)
{
	transfers(n, out, r, FX_OUT);
}

void answers_on_unconfirmed(struct node *n, struct answers_result *out,
			    const struct node_request *r)
{
	struct nem_address a;

	if (answers_arg_address(n, &a, out, r))
		answers_data(out, json_array());
}

void answers_on_harvests(struct node *n, struct answers_result *out,
			 const struct node_request *r)
{
	struct nem_address address;
	const struct fx_account *a;
	int64_t before;
	size_t size;
	size_t i;
	uint64_t below = UINT64_MAX;
	json_t *page;

	if (!answers_arg_address(n, &address, out, r) ||
	    !answers_arg_number(&before, out, r, "id", INT64_MAX, INT64_MAX) ||
	    !answers_arg_page_size(&size, out, r))
		return;
	if (r->arg(r->ctx, "id") != NULL) {
		/* The id of a block; what is not one is an error of the node's. */
		for (i = 0; i < n->chain->n_blocks; i++)
			if ((int64_t)n->chain->blocks[i].id == before)
				below = n->chain->blocks[i].b.height;
		if (below == UINT64_MAX) {
			answers_refuse(out, 500, "block not found in the db");
			return;
		}
	}
	a = fx_state_find(n->state, address.s);
	page = json_array();
	for (i = a == NULL ? 0 : a->n_harvests; i > 0 && json_array_size(page) < size;
	     i--)
		if (n->chain->base + a->harvests[i - 1] < below)
			json_array_append_new(page,
					      node_harvest(n, a->harvests[i - 1]));
	answers_data(out, page);
}

void answers_on_historical(struct node *n, struct answers_result *out,
			   const struct node_request *r)
{
	struct nem_address address;
	int64_t start;
	int64_t end;
	int64_t step;
	json_t *a;

	if (!answers_arg_address(n, &address, out, r) ||
	    !answers_arg_number(&start, out, r, "startHeight", 0, INT64_MAX) ||
	    !answers_arg_number(&end, out, r, "endHeight", 0, INT64_MAX) ||
	    !answers_arg_number(&step, out, r, "increment", 0, INT64_MAX))
		return;
	if ((n->opt.features & 2) == 0) {
		answers_refuse(
		    out, 500,
		    "this node does not support historical account data retrieval");
		return;
	}
	if (start < 1 || end < start || step < 1) {
		answers_refuse(out, 400,
			       "start height, end height and increment must be valid");
		return;
	}
	if ((end - start) / step > 10000) {
		answers_refuse(out, 400, "only up to 10000 data points are supported");
		return;
	}
	if (end > (int64_t)n->state->height)
		end = (int64_t)n->state->height;
	a = json_array();
	for (int64_t h = start; h <= end; h += step)
		json_array_append_new(a, node_historical(n, &address, (uint64_t)h));
	answers_data(out, a);
}
