/* What the account held at the height from which its lists were read, by the node's own
 * history: a second source beside the balance of today less all that came since. */
#include "account.h"

#include <inttypes.h>
#include <stdlib.h>

void history_ask(const struct account_job *a, struct nis_request *r)
{
	nis_req_historical(r, &a->address, a->from - 1, a->from - 1, 1);
}

static enum xt_status check(const struct account_job *a, const struct nis_historical *v,
			    size_t n, struct xt_err *why)
{
	if (n != 1)
		return xt_fail(why, XT_E_VERIFY, "data: %zu heights, one was asked for",
			       n);
	if (v[0].height != a->from - 1)
		return xt_fail(why, XT_E_VERIFY,
			       "data[0].height: %" PRIu64 ", %" PRIu64 " was asked for",
			       v[0].height, a->from - 1);
	if (!nem_address_equal(&v[0].address, &a->address))
		return xt_fail(why, XT_E_VERIFY,
			       "data[0].address: %s was asked for, the answer is about "
			       "%s",
			       a->address.s, v[0].address.s);
	return XT_OK;
}

enum xt_status history_take(struct crawl *c, struct account_job *a,
			    const struct nis_answer *answer, enum nis_verdict verdict,
			    struct xt_err *err)
{
	struct nis_historical *v = NULL;
	struct xt_err why = { .code = XT_OK };
	size_t n = 0;
	enum xt_status rc;

	a->step = AT_MOSAICS;
	if (verdict != NIS_USE)
		return crawl_keep_alone(c, a->base.node, answer, err);
	rc = nis_decode_historical(&v, &n, answer->body, answer->len, &why);
	if (rc == XT_OK)
		rc = check(a, v, n, &why);
	if (rc == XT_OK) {
		a->history_known = true;
		a->history_uxem = v[0].balance.uxem;
	}
	free(v);
	if (rc == XT_OK)
		return crawl_keep_alone(c, a->base.node, answer, err);
	/* The account does without. */
	return crawl_refuse(c, a->base.node, answer,
			    rc == XT_E_VERIFY ? "account" : "decode", &a->address,
			    why.text, err);
}
