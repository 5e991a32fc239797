/* One saved answer, field by field: what stands there, what it means, and what the
 * check of its hashes and signatures gives. */
#include "explain.h"

#include <xemtrace/limits.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

void explain_line(struct explain *x, const char *path, const char *value,
		  const char *meaning, bool failed)
{
	const struct evidence_line l = { path, value, meaning, failed };

	x->failed += failed;
	if (!x->stopped && !x->each(x->ctx, &l))
		x->stopped = true;
}

/* ---- meanings ---------------------------------------------------------------- */

static const struct {
	const char *name, *text;
} meanings[] = {
	{ "id", "row id of this node; a cursor for paging, worth nothing elsewhere" },
	{ "hash", "identity: Keccak-256 of the unsigned bytes, as the node claims" },
	{ "innerHash", "hash of the inner transaction, as the node claims" },
	{ "data", "the value itself" },
	{ "height", "block height; only the block itself proves it" },
	{ "signer", "public key of the signer" },
	{ "signature", "Ed25519 over Keccak-512 of the unsigned bytes" },
	{ "recipient", "address that gets the amount" },
	{ "payload", "message in hex" },
	{ "mosaics", "what is moved, each times amount / 1,000,000" },
	{ "namespaceId", "namespace of the mosaic" },
	{ "name", "name" },
	{ "quantity", "smallest units of the mosaic" },
	{ "otherHash", "the inner hash that is cosigned" },
	{ "otherAccount", "the multisig account" },
	{ "otherTrans", "the inner transaction: its signer is the multisig account" },
	{ "signatures", "cosignatures" },
	{ "remoteAccount", "key that harvests in the owner's name" },
	{ "mode", "1 activates, 2 deactivates remote harvesting" },
	{ "modificationType", "1 adds, 2 deletes a cosignatory" },
	{ "cosignatoryAccount", "public key of the cosignatory" },
	{ "relativeChange", "change of the number of cosignatories needed" },
	{ "rentalFeeSink", "address that gets the rental fee" },
	{ "newPart", "the new part of the namespace" },
	{ "parent", "the namespace above; none: a root" },
	{ "creationFeeSink", "address that gets the creation fee" },
	{ "creator", "public key of the mosaic's creator" },
	{ "description", "description of the mosaic" },
	{ "supplyType", "1 creates, 2 deletes units" },
	{ "delta", "whole units" },
	{ "address", "address" },
	{ "publicKey", "public key; none: the account never signed" },
	{ "harvestedBlocks", "blocks that this account harvested" },
	{ "remoteStatus", "remote harvesting" },
	{ "importance", "share in the choice of who harvests" },
	{ "cosignatoryOf", "multisig accounts that this one signs for" },
	{ "cosignatories", "accounts that sign for this one" },
	{ "minCosignatories", "signatures needed; 0: all" },
	{ "prevBlockHash", "hash of the block below" },
	{ "difficulty", "difficulty of the block; nothing signs it" },
	{ "networkId", "network: 104 main, -104 test, 96 mijin" },
	{ "features", "1 hash lookup, 2 history, 4 expired mosaics" },
	{ "code", "status of the node; 6 is synchronized" },
	{ "message", "message" },
	{ "error", "the node's error" },
	{ "status", "status" },
};

static const char *type_name(int64_t type)
{
	switch (type) {
	case NEM_TX_TRANSFER:
		return "transfer";
	case NEM_TX_IMPORTANCE:
		return "importance transfer (remote harvesting)";
	case NEM_TX_AGGREGATE:
		return "multisig aggregate modification";
	case NEM_TX_COSIGNATURE:
		return "multisig cosignature";
	case NEM_TX_MULTISIG:
		return "multisig: wraps an inner transaction";
	case NEM_TX_NAMESPACE:
		return "namespace";
	case NEM_TX_MOSAIC:
		return "mosaic definition";
	case NEM_TX_SUPPLY:
		return "mosaic supply change";
	case 1:
		return "ordinary block, plain message or absolute levy";
	case -1:
		return "nemesis block";
	case 2:
		return "encrypted message or percentile levy";
	default:
		return "type";
	}
}

static bool is_money(const char *name)
{
	static const char *const all[] = { "amount",      "fee",     "rentalFee",
					   "creationFee", "balance", "vestedBalance",
					   "totalFee" };

	for (size_t i = 0; i < XT_ARRAY_SIZE(all); i++)
		if (strcmp(name, all[i]) == 0)
			return true;
	return false;
}

static void meaning_of(char out[160], const char *name, const json_t *v)
{
	char text[32];
	const int64_t n = json_is_integer(v) ? (int64_t)json_integer_value(v) : 0;

	out[0] = '\0';
	if (json_is_integer(v) && is_money(name) && n >= 0) {
		const struct nem_amount a = { (uint64_t)n };

		(void)snprintf(out, 160, "%s XEM", nem_amount_format(text, a, true));
	} else if (json_is_integer(v) && n >= 0 && n <= UINT32_MAX &&
		   (strcmp(name, "timeStamp") == 0 || strcmp(name, "deadline") == 0)) {
		(void)snprintf(
		    out, 160, "%s",
		    nem_time_format_utc(text, nem_time_to_unix((uint32_t)n)));
	} else if (json_is_integer(v) && strcmp(name, "type") == 0) {
		(void)snprintf(out, 160, "%s", type_name(n));
	} else if (json_is_integer(v) && strcmp(name, "version") == 0) {
		(void)snprintf(out, 160, "network byte 0x%02x, version %u",
			       (unsigned)((uint64_t)n >> 24 & 0xff),
			       (unsigned)((uint64_t)n & 0xffffff));
	} else {
		for (size_t i = 0; i < XT_ARRAY_SIZE(meanings); i++)
			if (strcmp(name, meanings[i].name) == 0)
				(void)snprintf(out, 160, "%s", meanings[i].text);
	}
}

/* ---- the walk over all fields ------------------------------------------------ */

struct frame {
	const json_t *v;
	void *iter;   /* object */
	size_t index; /* array */
	size_t path;  /* length of the path of `v` */
};

static void leaf(struct explain *x, const char *path, const char *name, const json_t *v)
{
	char meaning[160], number[32];

	meaning_of(meaning, name, v);
	if (json_is_string(v)) {
		explain_line(x, path, json_string_value(v), meaning, false);
	} else if (json_is_integer(v)) {
		(void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			       json_integer_value(v));
		explain_line(x, path, number, meaning, false);
	} else if (json_is_real(v)) {
		/* Importances and scores: for people, nothing is computed with them. */
		(void)snprintf(number, sizeof(number), "%.6g", json_real_value(v));
		explain_line(x, path, number, meaning, false);
	} else if (json_is_boolean(v)) {
		explain_line(x, path, json_is_true(v) ? "true" : "false", meaning,
			     false);
	} else if (json_is_null(v)) {
		explain_line(x, path, "null", meaning, false);
	} else {
		explain_line(x, path, json_is_array(v) ? "[]" : "{}", meaning, false);
	}
}

static bool is_empty(const json_t *v)
{
	return (json_is_object(v) && json_object_size(v) == 0) ||
	       (json_is_array(v) && json_array_size(v) == 0) ||
	       (!json_is_object(v) && !json_is_array(v));
}

/* The next child of a frame, with its path and name; NULL at the end. */
static const json_t *next_child(struct frame *f, char *path, const char **name)
{
	const json_t *child = NULL;

	if (json_is_array(f->v)) {
		if (f->index >= json_array_size(f->v))
			return NULL;
		(void)snprintf(path + f->path, EXPLAIN_PATH - f->path, "[%zu]",
			       f->index);
		child = json_array_get(f->v, f->index++);
		*name = "";
		return child;
	}
	f->iter = f->index++ == 0
		      ? json_object_iter((json_t *)(uintptr_t)f->v)
		      : json_object_iter_next((json_t *)(uintptr_t)f->v, f->iter);
	if (f->iter == NULL)
		return NULL;
	*name = json_object_iter_key(f->iter);
	(void)snprintf(path + f->path, EXPLAIN_PATH - f->path, "%s%.80s",
		       f->path == 0 ? "" : ".", *name);
	return json_object_iter_value(f->iter);
}

static enum xt_status walk(struct explain *x, const json_t *root, struct xt_err *err)
{
	struct frame stack[XT_MAX_JSON_DEPTH + 1];
	char path[EXPLAIN_PATH] = "";
	size_t depth = 1;

	stack[0] = (struct frame){ .v = root };
	while (depth > 0 && !x->stopped) {
		const char *name = "";
		const json_t *child = next_child(&stack[depth - 1], path, &name);

		if (child == NULL) {
			depth--;
			continue;
		}
		if (is_empty(child)) {
			leaf(x, path, name, child);
			continue;
		}
		if (depth == XT_ARRAY_SIZE(stack))
			return xt_fail(err, XT_E_DATA, "%s: deeper than %u levels",
				       path, XT_MAX_JSON_DEPTH);
		stack[depth++] = (struct frame){ .v = child, .path = strlen(path) };
	}
	return XT_OK;
}

/* ---- by shape ---------------------------------------------------------------- */

struct shape {
	const char *what;
	bool element; /* the members are those of data[0] */
	const char *members[3];
	enum xt_status (*explain)(struct explain *x, const uint8_t *p, size_t n,
				  struct xt_err *err);
};

/* The first one whose members are all there. */
static const struct shape shapes[] = {
	{ "a page of transactions", true, { "meta", "transaction" }, explain_page_of },
	{ "blocks of the chain", true, { "block", "txes" }, explain_blocks },
	{ "a page of harvested blocks",
	  true,
	  { "totalFee", "height" },
	  explain_harvests },
	{ "balances at heights", true, { "height", "balance" }, explain_historical },
	{ "a transaction with its place",
	  false,
	  { "meta", "transaction" },
	  explain_pair },
	{ "an account", false, { "meta", "account" }, explain_account },
	{ "a block", false, { "prevBlockHash", "transactions" }, explain_block },
	{ "a transaction", false, { "signer", "type", "deadline" }, explain_tx },
	{ "a node", false, { "identity", "endpoint" }, explain_node },
	{ "the definition of a mosaic",
	  false,
	  { "creator", "properties" },
	  explain_mosaic },
	{ "a node's error", false, { "error", "status" }, explain_error },
	{ "the status of a node", false, { "code", "type" }, explain_status },
	{ "the height of a chain", false, { "height" }, explain_height },
	/* A list without rows may be any list. */
	{ "an empty list", false, { "data" }, explain_page_of },
};

static const struct shape *find_shape(const json_t *root)
{
	const json_t *data = json_object_get(root, "data");
	const json_t *first = json_array_get(data, 0);

	for (size_t i = 0; i < XT_ARRAY_SIZE(shapes); i++) {
		const json_t *v = shapes[i].element ? first : root;
		bool all = json_is_object(v);

		for (size_t k = 0; k < 3 && shapes[i].members[k] != NULL; k++)
			all = all && json_object_get(v, shapes[i].members[k]) != NULL;
		if (all)
			return &shapes[i];
	}
	return NULL;
}

/* jansson recurses: refuse what is deep before it begins. Brackets in strings count too
 * little to matter for the limit of real answers, and are passed over. */
static bool too_deep(const uint8_t *p, size_t n)
{
	size_t depth = 0;
	bool text = false;

	for (size_t i = 0; i < n; i++) {
		if (text && p[i] == '\\') {
			i++;
		} else if (p[i] == '"') {
			text = !text;
		} else if (!text && (p[i] == '{' || p[i] == '[')) {
			if (++depth > XT_MAX_JSON_DEPTH)
				return true;
		} else if (!text && (p[i] == '}' || p[i] == ']') && depth > 0) {
			depth--;
		}
	}
	return false;
}

enum xt_status evidence_explain(const uint8_t *p, size_t n,
				bool (*each)(void *ctx, const struct evidence_line *l),
				void *ctx, struct xt_err *err)
{
	struct explain x = { .each = each, .ctx = ctx };
	const struct shape *shape;
	json_error_t why;
	json_t *root;
	enum xt_status rc = nem_crypto_init(err);

	if (rc != XT_OK)
		return rc;
	if (n > XT_MAX_BODY)
		return xt_fail(err, XT_E_LIMIT, "%zu bytes: no answer has more than %u",
			       n, XT_MAX_BODY);
	if (too_deep(p, n))
		return xt_fail(err, XT_E_DATA, "deeper than %u levels",
			       XT_MAX_JSON_DEPTH);
	root = json_loadb((const char *)p, n, JSON_REJECT_DUPLICATES, &why);
	if (root == NULL)
		return xt_fail(err, XT_E_DATA, "not JSON: line %d, column %d: %s",
			       why.line, why.column, why.text);
	shape = find_shape(root);
	if (shape == NULL) {
		json_decref(root);
		return xt_fail(err, XT_E_DATA,
			       "JSON, but none of the answers that a tracer uses");
	}
	explain_line(&x, "", shape->what, "by its shape", false);
	rc = walk(&x, root, err);
	json_decref(root);
	if (rc == XT_OK)
		rc = shape->explain(&x, p, n, err);
	if (rc != XT_OK)
		return xt_where(err, "%s", shape->what);
	if (x.stopped)
		return xt_fail(err, XT_E_STOPPED, "stopped");
	if (x.failed > 0)
		return xt_fail(err, XT_E_VERIFY, "%s: %u of its checks do not hold",
			       shape->what, x.failed);
	return XT_OK;
}
