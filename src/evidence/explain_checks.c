/* What hashes and signatures of a saved answer come to. */
#include "explain.h"

#include <xemtrace/limits.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void bytes_line(struct explain *x, const char *path, const char *meaning,
		       const struct xt_buf *b)
{
	char *hex = xt_calloc(b->len + 1, 2);

	if (hex == NULL)
		return;
	xt_hex_encode(hex, b->data, b->len);
	explain_line(x, path, hex, meaning, false);
	free(hex);
}

static void hash_line(struct explain *x, const char *path, const char *name,
		      const struct nem_hash *computed, const struct nem_hash *claimed)
{
	char hex[65], where[EXPLAIN_PATH + 40];
	const bool same = claimed == NULL ||
			  memcmp(claimed->b, computed->b, sizeof(computed->b)) == 0;

	xt_hex_encode(hex, computed->b, sizeof(computed->b));
	(void)snprintf(where, sizeof(where), "%s => %s", path, name);
	explain_line(x, where, hex,
		     claimed == NULL ? "computed"
		     : same          ? "computed: as claimed"
				     : "computed: NOT the one that is claimed",
		     !same);
}

static void movement_lines(struct explain *x, const char *path, const struct nem_tx *tx,
			   uint64_t height)
{
	struct nem_movement v[NEM_MAX_MOVEMENTS];
	char where[EXPLAIN_PATH + 40], value[120], xem[32];
	size_t n = 0;

	if (nem_tx_movements(v, &n, XT_ARRAY_SIZE(v), tx, height, NULL, NULL) != XT_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(where, sizeof(where), "%s => %s", path,
			       nem_movement_name(v[i].kind));
		(void)snprintf(value, sizeof(value), "%s -> %s",
			       v[i].has_from ? v[i].from.s : "-",
			       v[i].has_to ? v[i].to.s : "-");
		char meaning[48];

		(void)snprintf(meaning, sizeof(meaning), "moves %s XEM",
			       nem_amount_format(xem, v[i].amount, true));
		explain_line(x, where, value, meaning, false);
	}
}

/* Swallows tx. */
static void check_tx(struct explain *x, const char *path, struct nem_tx *tx,
		     uint64_t height, const struct nem_hash *claimed,
		     const struct nem_hash *claimed_inner)
{
	struct nem_checked_tx c = { 0 };
	struct xt_err why = { .code = XT_OK };
	struct nem_hash hash;
	struct xt_buf b;
	char where[EXPLAIN_PATH + 40];

	xt_buf_init(&b, XT_MAX_TX_BYTES);
	(void)snprintf(where, sizeof(where), "%s => bytes", path);
	if (nem_tx_encode(&b, tx, NEM_FORM_UNSIGNED, NULL) == XT_OK)
		bytes_line(x, where,
			   "canonical bytes, unsigned: what is hashed and signed", &b);
	xt_buf_release(&b);
	if (nem_tx_hash(&hash, tx, NULL) == XT_OK)
		hash_line(x, path, "hash", &hash, claimed);
	if (tx->type == NEM_TX_MULTISIG &&
	    nem_tx_hash(&hash, tx->u.multisig.inner, NULL) == XT_OK)
		hash_line(x, path, "inner hash", &hash, claimed_inner);
	(void)snprintf(where, sizeof(where), "%s => signature", path);
	if (nem_check_tx_take(&c, tx, nem_tx_network(tx), height, NULL, NULL, &why) !=
	    XT_OK) {
		explain_line(x, where, "does NOT hold", why.text, true);
		return;
	}
	explain_line(
	    x, where, c.provenance == NEM_EXEMPT ? "not checked" : "holds",
	    c.provenance == NEM_EXEMPT
		? "block 3,481,580: on the network's own list of exceptions"
	    : c.tx.type == NEM_TX_MULTISIG
		? "and so do all cosignatures; that they are by cosignatories is not "
		  "known from this answer"
		: "",
	    false);
	movement_lines(x, path, &c.tx, height);
	nem_checked_tx_release(&c);
}

static enum xt_status explain_page(struct explain *x, const uint8_t *p, size_t n,
				   bool single, struct xt_err *err)
{
	struct nis_tx_page page = { 0 };
	char path[40];
	const enum xt_status rc = nis_decode_transfers(&page, p, n, err);

	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < page.n; i++) {
		struct nis_tx_entry *e = &page.v[i];

		(void)snprintf(path, sizeof(path), single ? "transaction" : "data[%zu]",
			       i);
		check_tx(x, path, &e->tx, e->height, &e->hash,
			 e->has_inner_hash ? &e->inner_hash : NULL);
	}
	nis_tx_page_release(&page);
	return XT_OK;
}

/* {"meta":..., "transaction":...}: the element of a page, by itself. */
enum xt_status explain_pair(struct explain *x, const uint8_t *p, size_t n,
			    struct xt_err *err)
{
	struct xt_buf b;
	enum xt_status rc;

	xt_buf_init(&b, XT_MAX_BODY);
	rc = xt_buf_adds(&b, "{\"data\":[", err);
	if (rc == XT_OK)
		rc = xt_buf_add(&b, p, n, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(&b, "]}", err);
	if (rc == XT_OK)
		rc = explain_page(x, b.data, b.len, true, err);
	xt_buf_release(&b);
	return rc;
}

enum xt_status explain_tx(struct explain *x, const uint8_t *p, size_t n,
			  struct xt_err *err)
{
	struct nem_tx tx = { 0 };
	const enum xt_status rc = nis_decode_tx(&tx, p, n, err);

	if (rc == XT_OK)
		check_tx(x, "transaction", &tx, 0, NULL, NULL);
	return rc;
}

/* Swallows b. */
static void check_block(struct explain *x, const char *path, struct nem_block *b,
			const struct nem_hash *claimed, const struct nem_hash *prev)
{
	struct nem_checked_block c = { 0 };
	struct xt_err why = { .code = XT_OK };
	struct nem_hash hash;
	struct xt_buf buf;
	char where[EXPLAIN_PATH + 40];

	xt_buf_init(&buf, XT_MAX_BLOCK_BYTES);
	(void)snprintf(where, sizeof(where), "%s => bytes", path);
	if (nem_block_encode(&buf, b, NEM_FORM_UNSIGNED, NULL) == XT_OK)
		bytes_line(x, where, "canonical bytes, unsigned", &buf);
	xt_buf_release(&buf);
	if (nem_block_hash(&hash, b, NULL) == XT_OK)
		hash_line(x, path, "hash", &hash, claimed);
	(void)snprintf(where, sizeof(where), "%s => signatures", path);
	if (nem_check_block_take(&c, b, (enum nem_network)(b->version >> 24), prev,
				 &why) != XT_OK) {
		explain_line(x, where, "do NOT hold", why.text, true);
		return;
	}
	explain_line(
	    x, where, "hold",
	    prev != NULL
		? "of the block and of all its transactions; it follows the one "
		  "before"
		: "of the block and of all its transactions",
	    false);
	for (uint32_t i = 0; i < c.n_txs; i++) {
		char at[EXPLAIN_PATH];

		(void)snprintf(at, sizeof(at), "%.200s.transactions[%" PRIu32 "]", path,
			       i);
		hash_line(x, at, "hash", &c.txs[i].hash, NULL);
		movement_lines(x, at, &c.txs[i].tx, c.height);
	}
	nem_checked_block_release(&c);
}

enum xt_status explain_block(struct explain *x, const uint8_t *p, size_t n,
			     struct xt_err *err)
{
	struct nem_block b = { 0 };
	const enum xt_status rc = nis_decode_block(&b, p, n, err);

	if (rc == XT_OK)
		check_block(x, "block", &b, NULL, NULL);
	return rc;
}

enum xt_status explain_blocks(struct explain *x, const uint8_t *p, size_t n,
			      struct xt_err *err)
{
	struct nis_block_list l = { 0 };
	struct nem_hash prev;
	char path[40];
	const enum xt_status rc = nis_decode_blocks_after(&l, p, n, err);

	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < l.n; i++) {
		struct nem_hash hash;
		const bool ok = nem_block_hash(&hash, &l.v[i], NULL) == XT_OK;

		(void)snprintf(path, sizeof(path), "data[%zu]", i);
		check_block(x, path, &l.v[i], &l.hashes[i], i > 0 ? &prev : NULL);
		if (ok)
			prev = hash;
	}
	nis_block_list_release(&l);
	return XT_OK;
}

enum xt_status explain_account(struct explain *x, const uint8_t *p, size_t n,
			       struct xt_err *err)
{
	struct nis_account a = { 0 };
	struct nem_address made;
	enum xt_status rc = nis_decode_account(&a, p, n, err);

	if (rc != XT_OK)
		return rc;
	if (a.has_key) {
		nem_address_from_pubkey(&made, nem_address_network(&a.address), &a.key);
		explain_line(x, "account => address of the key", made.s,
			     nem_address_equal(&made, &a.address)
				 ? "the key belongs to the address"
				 : "NOT the address of the answer",
			     !nem_address_equal(&made, &a.address));
	}
	explain_line(x, "account => balance", "a node's word",
		     "nothing signs a balance: the sums of the history prove it or not",
		     false);
	nis_account_release(&a);
	return XT_OK;
}

enum xt_status explain_harvests(struct explain *x, const uint8_t *p, size_t n,
				struct xt_err *err)
{
	struct nis_harvest_page page = { 0 };
	const enum xt_status rc = nis_decode_harvests(&page, p, n, err);

	nis_harvest_page_release(&page);
	if (rc == XT_OK)
		explain_line(x, "data => fees", "a node's word",
			     "nothing signs a list of harvests: blocks prove them",
			     false);
	return rc;
}

enum xt_status explain_historical(struct explain *x, const uint8_t *p, size_t n,
				  struct xt_err *err)
{
	struct nis_historical *v = NULL;
	size_t count;

	(void)x;
	const enum xt_status rc = nis_decode_historical(&v, &count, p, n, err);

	free(v);
	return rc;
}

enum xt_status explain_mosaic(struct explain *x, const uint8_t *p, size_t n,
			      struct xt_err *err)
{
	struct nem_mosaic_definition d = { 0 };
	const enum xt_status rc = nis_decode_mosaic_definition(&d, p, n, err);

	nem_mosaic_definition_release(&d);
	if (rc == XT_OK)
		explain_line(x, "levy", "a node's word",
			     "the transaction that defines the mosaic proves it",
			     false);
	return rc;
}

enum xt_status explain_node(struct explain *x, const uint8_t *p, size_t n,
			    struct xt_err *err)
{
	struct nis_node_info info;

	(void)x;
	return nis_decode_node_info(&info, p, n, err);
}

enum xt_status explain_status(struct explain *x, const uint8_t *p, size_t n,
			      struct xt_err *err)
{
	uint32_t code;

	(void)x;
	return nis_decode_status(&code, p, n, err);
}

enum xt_status explain_height(struct explain *x, const uint8_t *p, size_t n,
			      struct xt_err *err)
{
	uint64_t h;

	(void)x;
	return nis_decode_height(&h, p, n, err);
}

enum xt_status explain_error(struct explain *x, const uint8_t *p, size_t n,
			     struct xt_err *err)
{
	(void)x;
	(void)p;
	(void)n;
	(void)err;
	return XT_OK;
}

enum xt_status explain_page_of(struct explain *x, const uint8_t *p, size_t n,
			       struct xt_err *err)
{
	return explain_page(x, p, n, false, err);
}
