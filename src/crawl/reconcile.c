/* Does the history that was read explain the balance that the node reports? */
#include "account.h"

#include <string.h>

/* What the difference may come from, the likeliest first. `less`: the history gives
 * less than the balance. */
static enum xt_status suspect(struct crawl *c, const struct account_job *a, bool less,
			      char *out, size_t size, struct xt_err *err)
{
	struct store_sums first;
	size_t unknown;
	enum xt_status rc = mosaics_unknown(c, &unknown, err);

	if (rc == XT_OK)
		rc = store_account_sums(c->s, &first, a->row.id, 1, err);
	if (rc != XT_OK)
		return rc;
	if (a->history_known)
		(void)snprintf(out, size, "by its history it held otherwise before");
	else if (a->unpinned)
		(void)snprintf(out, size, "the chain grew while the balance was read");
	else if (a->row.has_opening && strcmp(a->address.s, NEM_NEMESIS_ADDRESS) != 0)
		(void)snprintf(out, size, "an opening balance that was imported");
	else if (less && first.out > first.in + first.harvest && !a->row.has_opening)
		(void)snprintf(out, size,
			       "it pays in block 1: the nemesis account of a chain "
			       "of its own");
	else if (crawl_is_sink(a->address.s) && less)
		(void)snprintf(out, size, "creation fees to this sink are in no list");
	else if (unknown > 0)
		(void)snprintf(out, size, "levies of %zu mosaics are unknown", unknown);
	else if (crawl_has_link(c, &a->address))
		(void)snprintf(out, size,
			       "remote harvesting: fees of blocks signed for "
			       "or by another key");
	else if (!a->resumed && a->since == 0 && a->from == 0 &&
		 a->harvests_listed != a->info.harvested_blocks)
		(void)snprintf(out, size, "%llu of %llu harvested blocks are listed",
			       (unsigned long long)a->harvests_listed,
			       (unsigned long long)a->info.harvested_blocks);
	else if (less)
		(void)snprintf(out, size,
			       "income that is in no list: a levy, or rows that "
			       "the node leaves out");
	else
		(void)snprintf(out, size,
			       "spending that is in no list: a levy, or rows "
			       "that the node leaves out");
	return XT_OK;
}

/* A list that does not go back to the beginning: what the account held before is what the
 * balance leaves, and the node's history, if it has one, must say so, too. */
static bool derive(struct account_job *a, const struct store_sums *sums)
{
	const xt_u128 come = sums->in + sums->harvest;
	const xt_u128 gone = sums->out + a->row.balance_uxem;
	const bool fits = gone >= come && gone - come <= NEM_SUPPLY_UXEM;

	a->state.has_opening = fits || a->history_known;
	a->state.opening_way = STORE_WAY_NONE;
	a->state.opening_uxem = 0;
	if (a->history_known) {
		a->state.opening_uxem = a->history_uxem;
		a->state.opening_way = STORE_WAY_HISTORY;
	} else if (fits) {
		a->state.opening_uxem = (uint64_t)(gone - come);
		a->state.opening_way = STORE_WAY_BALANCE;
	}
	/* A balance of another height proves nothing by itself. */
	return a->history_known || !a->unpinned;
}

enum xt_status reconcile(struct crawl *c, struct account_job *a, struct xt_err *err)
{
	struct store_sums sums;
	char number[40], xem[32], cause[96];
	xt_u128 have, want;
	bool less, sure = true;
	enum xt_status rc;

	rc = store_account_sums_from(c->s, &sums, a->row.id, a->from,
				     a->row.balance_height, err);
	if (rc != XT_OK)
		return rc;
	have = sums.in + sums.harvest;
	want = sums.out + a->row.balance_uxem;
	if (a->from > 0 && !a->update && !a->keeps)
		sure = derive(a, &sums);
	if (a->from > 0)
		have += a->state.opening_uxem;
	else
		have += a->row.has_opening ? a->row.opening_uxem : 0;
	a->row.difference[0] = '\0';
	a->row.reason[0] = '\0';
	a->row.state = have == want && sure ? STORE_COMPLETE : STORE_INCOMPLETE;
	if (!sure && have == want)
		(void)snprintf(a->row.reason, sizeof(a->row.reason),
			       "balance: the chain grew at each try to read it");
	if (have == want)
		return XT_OK;
	less = have < want;
	xt_u128_format(number, less ? want - have : have - want);
	(void)snprintf(a->row.difference, sizeof(a->row.difference), "%s%s",
		       less ? "-" : "", number);
	rc = suspect(c, a, less, cause, sizeof(cause), err);
	if (rc != XT_OK)
		return rc;
	if ((less ? want - have : have - want) <= INT64_MAX) {
		const struct nem_amount d = { (uint64_t)(less ? want - have
							      : have - want) };

		(void)nem_amount_format(xem, d, true);
	} else {
		(void)snprintf(xem, sizeof(xem), "many");
	}
	(void)snprintf(a->row.reason, sizeof(a->row.reason),
		       "sums: %s%s XEM against the balance: %s", less ? "-" : "+", xem,
		       cause);
	return XT_OK;
}
