#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct replay {
	struct store *s;
	const uint8_t *wanted;
	size_t n;
	uint64_t *balance;
	int64_t tx; /* the first that spends too much */
	int64_t account;
	uint64_t missing;
};

static bool wants(const struct replay *p, int64_t account)
{
	return account > 0 && (size_t)account < p->n && p->wanted[account];
}

static bool replay_event(void *ctx, const struct store_event *e)
{
	struct replay *p = ctx;
	if (wants(p, e->from)) {
		if (p->balance[e->from] < e->amount) {
			p->tx = e->tx;
			p->account = e->from;
			p->missing = e->amount - p->balance[e->from];
			return false;
		}
		p->balance[e->from] -= e->amount;
	}
	/* Amounts are below 2^56 and what is spent was had: sums of a sane file fit. */
	if (wants(p, e->to) &&
	    !xt_add(&p->balance[e->to], p->balance[e->to], e->amount)) {
		p->tx = e->tx;
		p->account = e->to;
		p->missing = 0;
		return false;
	}
	return true;
}

struct find_tx {
	int64_t id;
	char ref[65];
};

static bool match_tx(void *ctx, const struct store_tx *t)
{
	struct find_tx *f = ctx;
	if (t->id != f->id)
		return true;
	if (t->ref[0])
		memcpy(f->ref, t->ref, sizeof(f->ref));
	else
		xt_hex_encode(f->ref, t->hash.b, sizeof(t->hash.b));
	return false;
}

static enum xt_status overspent(const struct replay *p, const struct import *in,
				struct xt_err *err)
{
	struct store_account a;
	struct find_tx f = { .id = p->tx };
	char xem[32];
	enum xt_status rc = store_account_get(p->s, &a, p->account, err);
	if (rc != XT_OK)
		return rc;
	rc = store_each_tx(p->s, false, match_tx, &f, err);
	if (rc != XT_OK && rc != XT_E_STOPPED)
		return rc;
	/* A row of this file is named by its path, as every other error is. */
	const size_t n = strlen(in->name);
	const bool ours = strncmp(f.ref, in->name, n) == 0 && f.ref[n] == ':';
	return xt_fail(
	    err, XT_E_VERIFY,
	    "%s:%s: sender: %s spends %s XEM more than it has: its history is not"
	    " complete",
	    ours ? in->path : in->name, ours ? f.ref + n + 1 : f.ref, a.party.s,
	    nem_amount_format(xem, (struct nem_amount){ p->missing }, false));
}

static enum xt_status mark(struct store *s, const uint8_t *wanted, size_t n,
			   const struct import *in, struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	char name[104];
	xt_utf8_cut(name, sizeof(name), in->name);
	for (size_t i = 1; rc == XT_OK && i < n; i++) {
		struct store_account a;
		if (!wanted[i])
			continue;
		rc = store_account_get(s, &a, (int64_t)i, err);
		if (rc != XT_OK)
			break;
		/* What a crawl has found out about an account stands above a file's
		 * word. */
		if (a.state == STORE_INCOMPLETE || a.state == STORE_COMPLETE)
			continue;
		a.state = STORE_COMPLETE;
		snprintf(a.reason, sizeof(a.reason), "declared complete by %s", name);
		rc = store_account_update(s, &a, err);
	}
	return rc;
}

enum xt_status import_complete(struct store *s, const uint8_t *wanted, size_t n,
			       const struct import *in, struct xt_err *err)
{
	struct replay p = { .s = s, .wanted = wanted, .n = n };
	p.balance = xt_calloc(n, sizeof(*p.balance));
	if (!p.balance)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", in->path);
	enum xt_status rc = store_each_event(s, replay_event, &p, err);
	if (rc == XT_E_STOPPED && p.tx)
		rc = overspent(&p, in, err);
	free(p.balance);
	return rc == XT_OK ? mark(s, wanted, n, in, err) : rc;
}
