#include <xemtrace/nis.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xemtrace/limits.h>

#include "json.h"

/* An account is cosignatory of few accounts; this is room for the oddest. */
#define MAX_RELATED 4096U

void nis_account_release(struct nis_account *a)
{
	free(a->cosignatories);
	free(a->cosignatory_of);
	*a = (struct nis_account){ 0 };
}

struct optional_key {
	bool given;
	struct nem_pubkey key;
};

/* null until the chain has seen the key. */
static enum xt_status read_key(void *out, const json_t *v, const struct js_at *at,
			       struct xt_err *err)
{
	struct optional_key *k = out;

	k->given = !json_is_null(v);
	return k->given ? js_read_pubkey(&k->key, v, at, err) : XT_OK;
}

/* An address that its key denies would put one account's money under another's name. */
static enum xt_status check_key(const struct nem_address *a,
				const struct optional_key *k, const struct js_at *at,
				struct xt_err *err)
{
	const struct js_at key = { .up = at, .name = "publicKey" };
	struct nem_address derived;

	if (!k->given)
		return XT_OK;
	nem_address_from_pubkey(&derived, nem_address_network(a), &k->key);
	if (nem_address_equal(&derived, a))
		return XT_OK;
	return js_fail(&key, err, "is the key of %s, not of %s", derived.s, a->s);
}

/* An AccountInfo of which only the address matters. */
static enum xt_status read_related(void *out, const json_t *v, const struct js_at *at,
				   struct xt_err *err)
{
	struct nem_address *a = out;
	struct optional_key k;
	const struct js_field f[] = {
		{ "address", js_read_address, a },
		{ "publicKey", read_key, &k },
	};
	const enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);

	if (rc != XT_OK)
		return rc;
	return check_key(a, &k, at, err);
}

static enum xt_status read_addresses(struct nem_address **out, size_t *n_out,
				     const json_t *v, const struct js_at *at,
				     struct xt_err *err)
{
	size_t n;
	const enum xt_status rc = js_array(&n, v, MAX_RELATED, at, err);

	if (rc != XT_OK)
		return rc;
	*out = xt_calloc(n, sizeof(**out));
	if (*out == NULL)
		return js_nomem(at, err);
	*n_out = n;
	return js_each(*out, sizeof(**out), n, read_related, v, at, err);
}

static enum xt_status read_cosignatories(void *out, const json_t *v,
					 const struct js_at *at, struct xt_err *err)
{
	struct nis_account *a = out;

	return read_addresses(&a->cosignatories, &a->n_cosignatories, v, at, err);
}

static enum xt_status read_cosignatory_of(void *out, const json_t *v,
					  const struct js_at *at, struct xt_err *err)
{
	struct nis_account *a = out;

	return read_addresses(&a->cosignatory_of, &a->n_cosignatory_of, v, at, err);
}

static enum xt_status read_multisig_info(void *out, const json_t *v,
					 const struct js_at *at, struct xt_err *err)
{
	const struct js_at min = { .up = at, .name = "minCosignatories" };
	struct nis_account *a = out;
	uint32_t n;
	const struct js_field f[] = {
		{ "cosignatoriesCount", js_read_u32, &n },
		{ "minCosignatories", js_read_u32, &a->min_cosignatories },
	};
	enum xt_status rc = js_given(&a->is_multisig, v, at, err);

	if (rc != XT_OK || !a->is_multisig)
		return rc;
	rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
	if (rc == XT_OK && a->min_cosignatories > n)
		rc = js_fail(&min, err, "%" PRIu32 " of %" PRIu32 " cosignatories",
			     a->min_cosignatories, n);
	return rc;
}

static enum xt_status read_info(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	struct nis_account *a = out;
	struct optional_key k;
	const struct js_field f[] = {
		{ "address", js_read_address, &a->address },
		{ "publicKey", read_key, &k },
		{ "balance", js_read_money, &a->balance },
		{ "harvestedBlocks", js_read_u64, &a->harvested_blocks },
		{ "multisigInfo", read_multisig_info, a },
	};
	const enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);

	if (rc != XT_OK)
		return rc;
	a->has_key = k.given;
	if (k.given)
		a->key = k.key;
	return check_key(&a->address, &k, at, err);
}

static enum xt_status read_remote_status(void *out, const json_t *v,
					 const struct js_at *at, struct xt_err *err)
{
	static const char *const known[] = { "REMOTE", "ACTIVATING", "ACTIVE",
					     "DEACTIVATING", "INACTIVE" };
	struct nis_account *a = out;
	char shown[JS_SHOWN];
	const enum xt_status rc =
	    js_text_copy(a->remote_status, sizeof(a->remote_status), v, at, err);

	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < XT_ARRAY_SIZE(known); i++)
		if (strcmp(known[i], a->remote_status) == 0)
			return XT_OK;
	return js_fail(at, err, "%s is no status of a remote harvester",
		       js_show(shown, v));
}

static enum xt_status read_meta(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	const struct js_field f[] = {
		{ "remoteStatus", read_remote_status, out },
		{ "cosignatories", read_cosignatories, out },
		{ "cosignatoryOf", read_cosignatory_of, out },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

enum xt_status nis_decode_account(struct nis_account *out, const uint8_t *p, size_t n,
				  struct xt_err *err)
{
	struct nis_account a = { 0 };
	const struct js_field f[] = {
		{ "account", read_info, &a },
		{ "meta", read_meta, &a },
	};
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = js_fields(v, f, XT_ARRAY_SIZE(f), NULL, err);
	if (rc == XT_OK)
		*out = a;
	else
		nis_account_release(&a);
	json_decref(v);
	return rc;
}
