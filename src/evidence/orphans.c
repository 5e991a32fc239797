/* Transactions that left the chain: genuine, brought by an answer at the height where
 * they stood, and out of the ledger. */
#include "internal.h"

#include <xemtrace/limits.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void key(struct seen_key *k, enum seen_what what, const struct nem_hash *hash,
		uint64_t height)
{
	seen_begin(k, what);
	seen_bytes(k, hash->b, sizeof(hash->b));
	seen_u64(k, height);
}

static bool load_one(void *ctx, const struct store_orphan *o)
{
	struct audit *a = ctx;
	struct seen_key k;

	a->n_orphans++;
	key(&k, SEEN_LEFT, &o->hash, o->height);
	return seen_put(a, &k);
}

enum xt_status audit_load_orphans(struct audit *a, struct xt_err *err)
{
	return audit_result(a, store_each_orphan(a->s, load_one, a, err), err);
}

bool audit_note_row(struct audit *a, const struct nem_hash *hash, uint64_t height)
{
	struct seen_key k;

	if (a->n_orphans == 0)
		return true;
	key(&k, SEEN_ROW, hash, height);
	if (!seen_put(a, &k))
		return false;
	key(&k, SEEN_ROW, hash, 0);
	return seen_put(a, &k);
}

/* Bytes to hash to signatures. */
static bool genuine(const struct audit *a, const struct store_orphan *o,
		    struct xt_err *why)
{
	struct nem_checked_tx checked = { 0 };
	struct nem_tx tx = { 0 };
	enum xt_status rc =
	    nem_tx_decode(&tx, o->bytes, o->n_bytes, NEM_FORM_SIGNED, why);

	if (rc != XT_OK)
		return false;
	rc = nem_check_tx_take(&checked, &tx, a->has_net ? a->net : NEM_MAINNET,
			       o->height, &o->hash, NULL, why);
	if (rc == XT_OK)
		nem_checked_tx_release(&checked);
	return rc == XT_OK;
}

static bool was_brought(const struct audit *a, const struct store_orphan *o)
{
	static const enum seen_what ways[] = { SEEN_TX, SEEN_ORPHAN };
	struct seen_key k;

	for (size_t i = 0; i < XT_ARRAY_SIZE(ways); i++) {
		seen_begin(&k, ways[i]);
		seen_bytes(&k, o->hash.b, sizeof(o->hash.b));
		seen_u64(&k, (uint64_t)o->brought);
		seen_u64(&k, o->height);
		if (seen_has(a, &k))
			return true;
	}
	return false;
}

/* It is where the row says: gone, or at another height, or gone from there too. */
static bool in_place(const struct audit *a, const struct store_orphan *o)
{
	struct seen_key row, left;

	key(&row, SEEN_ROW, &o->hash, o->again);
	if (o->again == 0)
		return !seen_has(a, &row);
	key(&left, SEEN_LEFT, &o->hash, o->again);
	return seen_has(a, &row) || seen_has(a, &left);
}

static bool check_one(void *ctx, const struct store_orphan *o)
{
	struct audit *a = ctx;
	struct xt_err why = { .code = XT_OK };
	char name[65];
	bool ok = true;

	xt_hex_encode(name, o->hash.b, sizeof(o->hash.b));
	if (!genuine(a, o, &why))
		ok = audit_find(a, "orphan", name, "bytes",
				"a signed transaction with this hash", why.text);
	if (ok && !was_brought(a, o))
		ok = audit_find(a, "orphan", name, "brought",
				"an answer that has it at its height", "none");
	if (ok && !in_place(a, o))
		ok = audit_find(a, "orphan", name, "again",
				o->again == 0 ? "not in the ledger"
					      : "in the ledger at that height",
				o->again == 0 ? "there" : "not there");
	a->counts.orphans++;
	return ok;
}

enum xt_status audit_orphans(struct audit *a, struct xt_err *err)
{
	return audit_result(a, store_each_orphan(a->s, check_one, a, err), err);
}
