/* Blocks and their links, definitions of mosaics, accounts and their sums. */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

/* ---- blocks ------------------------------------------------------------------ */

enum xt_status audit_blocks(struct audit *a, struct xt_err *err)
{
	char where[40];
	bool ok = true;

	for (size_t i = 0; ok && i < a->n_blocks; i++) {
		const struct audit_block *b = &a->blocks[i];
		const struct audit_block *below = i > 0 ? &a->blocks[i - 1] : NULL;

		(void)snprintf(where, sizeof(where), "block %" PRIu64, b->height);
		if (!b->proven)
			ok = audit_find(a, "block", where, "answer",
					"the answer that brought it", "none");
		if (ok && b->whole && b->present != b->n_txs)
			ok = audit_find_u64(a, "block", where, "whole", b->n_txs,
					    b->present);
		if (!ok || below == NULL || below->height + 1 != b->height)
			continue;
		a->counts.links++;
		if (memcmp(below->hash.b, b->prev.b, 32) != 0)
			ok = audit_find_hex(a, "block", where, "prev", below->hash.b,
					    b->prev.b, 32);
	}
	return audit_result(a, XT_OK, err);
}

/* ---- definitions ------------------------------------------------------------- */

static struct nem_bytes bytes_of(const char *text)
{
	return (struct nem_bytes){ (uint8_t *)(uintptr_t)text,
				   text == NULL ? 0 : (uint32_t)strlen(text) };
}

static bool check_definition(void *ctx, const struct store_definition *d)
{
	struct audit *a = ctx;
	struct nem_mosaic_definition def = {
		.creator = d->creator,
		.id = { bytes_of(d->ns), bytes_of(d->name) },
		.levy = { .kind = d->levy_kind,
			  .id = { bytes_of(d->levy_ns), bytes_of(d->levy_name) },
			  .fee = d->levy_fee },
	};
	struct seen_key k;
	char where[160];

	memcpy(def.levy.recipient.s, d->levy_recipient.s, sizeof(def.levy.recipient.s));
	/* Key of a zeroed recipient: the same in both forms. */
	seen_definition(&k, &def, d->height,
			d->provenance == NEM_REPORTED ? d->answer : 0);
	if (seen_has(a, &k))
		return true;
	(void)snprintf(where, sizeof(where), "%.70s:%.70s", d->ns, d->name);
	return audit_find(a, "mosaic definition", where, "levy",
			  d->provenance == NEM_REPORTED
			      ? "as the answer that brought it gives it"
			      : "as a transaction of the case defines it",
			  "another one");
}

enum xt_status audit_definitions(struct audit *a, struct xt_err *err)
{
	return audit_result(a, store_each_definition(a->s, check_definition, a, err),
			    err);
}

/* ---- accounts ---------------------------------------------------------------- */

static bool check_key(struct audit *a, const struct store_account *r)
{
	struct nem_address named, made;

	if (!r->has_key)
		return true;
	if (nem_address_parse(&named, r->party.s, NULL) != XT_OK)
		return audit_find(a, "account", r->party.s, "key", "none: no address",
				  "a key");
	nem_address_from_pubkey(&made, nem_address_network(&named), &r->key);
	if (!nem_address_equal(&named, &made))
		return audit_find(a, "account", r->party.s, "key", r->party.s, made.s);
	return true;
}

/* Computed minus reported, as the case writes it; "" if they are equal. */
static void difference_text(char out[44], const struct store_account *r,
			    uint64_t opening, const struct store_sums *sums)
{
	const xt_u128 have = sums->in + sums->harvest + opening;
	const xt_u128 want = sums->out + r->balance_uxem;
	char number[40];

	out[0] = '\0';
	if (have == want)
		return;
	xt_u128_format(number, have < want ? want - have : have - want);
	(void)snprintf(out, 44, "%s%s", have < want ? "-" : "", number);
}

/* One that was read from a height on: what it held before must be there, and stand on an
 * answer where the case says so. */
static bool check_before(struct audit *a, const struct store_account *r,
			 const struct store_crawl *s)
{
	struct seen_key k;

	if (s->from_height == 0)
		return true;
	if (r->state == STORE_COMPLETE && !s->has_opening) {
		(void)audit_find(a, "account", r->party.s, "opening",
				 "what it held before the lists begin", "nothing");
		return false;
	}
	if (s->opening_way != STORE_WAY_HISTORY)
		return true;
	seen_begin(&k, SEEN_HISTORY);
	seen_bytes(&k, r->party.s, 40);
	seen_u64(&k, s->from_height - 1);
	seen_u64(&k, s->opening_uxem);
	if (seen_has(a, &k))
		return true;
	(void)audit_find(a, "account", r->party.s, "opening",
			 "as the history of a node gives it", "no answer does");
	return false;
}

static enum xt_status check_sums(struct audit *a, const struct store_account *r,
				 struct xt_err *err)
{
	struct store_crawl s = { .from_height = 0 };
	struct store_sums sums;
	struct seen_key k;
	char difference[44];
	enum xt_status rc = store_crawl_get(a->s, &s, r->id, err);

	if (rc != XT_OK && rc != XT_E_NOTFOUND)
		return rc;
	rc = store_account_sums_from(a->s, &sums, r->id, s.from_height,
				     r->balance_height, err);
	if (rc != XT_OK)
		return rc;
	if (!check_before(a, r, &s))
		return audit_result(a, XT_OK, err);
	difference_text(difference, r,
			s.from_height > 0 ? s.opening_uxem
			: r->has_opening  ? r->opening_uxem
					  : 0,
			&sums);
	seen_begin(&k, SEEN_BALANCE);
	seen_bytes(&k, r->party.s, 40);
	seen_u64(&k, r->balance_uxem);
	if (!seen_has(a, &k))
		(void)audit_find(a, "account", r->party.s, "balance",
				 "as an answer reports it", "no answer does");
	/* A difference is stored with accounts that are not complete; one that was left
	 * before its sums were made has none. */
	else if (r->state == STORE_COMPLETE && difference[0] != '\0')
		(void)audit_find(a, "account", r->party.s, "sums minus balance", "0",
				 difference);
	else if (r->state == STORE_INCOMPLETE && r->difference[0] != '\0' &&
		 strcmp(r->difference, difference) != 0)
		(void)audit_find(a, "account", r->party.s, "difference", difference,
				 r->difference);
	else if (r->state == STORE_COMPLETE)
		a->counts.reconciled++;
	return audit_result(a, XT_OK, err);
}

/* Complete since all blocks were read: they are there, and nothing was spent that had not
 * come. */
static enum xt_status check_whole(struct audit *a, const struct store_account *r,
				  struct xt_err *err)
{
	struct store_sums sums;
	uint64_t last = 0;
	enum xt_status rc =
	    xt_parse_u64(&last, r->reason + sizeof(CRAWL_WHOLE) - 1, UINT32_MAX, NULL);

	if (rc != XT_OK || last > a->whole_chain) {
		(void)audit_find(a, "account", r->party.s, "reason",
				 "whole blocks from 1 on", r->reason);
		return XT_OK;
	}
	rc = store_account_sums(a->s, &sums, r->id, last, err);
	if (rc != XT_OK)
		return rc;
	if (sums.in + sums.harvest + (r->has_opening ? r->opening_uxem : 0) < sums.out)
		(void)audit_find(a, "account", r->party.s, "balance", "0 or more",
				 "less than nothing");
	else
		a->counts.reconciled++;
	return XT_OK;
}

enum xt_status audit_accounts(struct audit *a, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < a->n_accounts; i++) {
		const struct store_account *r = &a->accounts[i];

		if (!check_key(a, r))
			return audit_result(a, XT_OK, err);
		if (r->has_balance) {
			rc = check_sums(a, r, err);
		} else if (r->state == STORE_COMPLETE) {
			/* No crawl calls an account complete without a balance, unless
			 * the whole chain was read. */
			if (strncmp(r->reason, "declared complete", 17) == 0)
				a->counts.declared++;
			else if (strncmp(r->reason, CRAWL_WHOLE,
					 sizeof(CRAWL_WHOLE) - 1) == 0)
				rc = check_whole(a, r, err);
			else
				(void)audit_find(a, "account", r->party.s, "balance",
						 "as an answer reports it", "none");
			rc = audit_result(a, rc, err);
		}
	}
	return rc;
}
