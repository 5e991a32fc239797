#include <xemtrace/nem.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xemtrace/limits.h>

#include "internal.h"

#define BLOCK_REGULAR 1u
#define BLOCK_NEMESIS UINT32_MAX

void nem_block_release(struct nem_block *b)
{
	if (b->txs != NULL)
		for (uint32_t i = 0; i < b->n_txs; i++)
			nem_tx_release(&b->txs[i]);
	free(b->txs);
	memset(b, 0, sizeof(*b));
}

/* What holds for any block of the chain. */
static enum xt_status check_shape(const struct nem_block *b, struct xt_err *err)
{
	if (b->type != BLOCK_REGULAR && b->type != BLOCK_NEMESIS)
		return xt_fail(err, XT_E_DATA, "type: %" PRIu32 " is no type of block",
			       b->type);
	if (!nem_network_known(b->version >> 24) || (b->version & 0xFFFFFF) != 1)
		return xt_fail(err, XT_E_DATA, "version: %08" PRIx32 " does not exist",
			       b->version);
	if (b->timestamp > INT32_MAX)
		return xt_fail(err, XT_E_DATA, "timeStamp: %" PRIu32 " is out of range",
			       b->timestamp);
	if (b->height < 1 || b->height > INT64_MAX)
		return xt_fail(err, XT_E_DATA, "height: %" PRIu64 " is out of range",
			       b->height);
	if ((b->type == BLOCK_NEMESIS) != (b->height == 1))
		return xt_fail(err, XT_E_DATA,
			       "type: the block at height 1 is the nemesis block, and "
			       "no other");
	if (b->n_txs > XT_MAX_BLOCK_TXS)
		return xt_fail(err, XT_E_DATA, "transactions: %" PRIu32 ", at most %u",
			       b->n_txs, XT_MAX_BLOCK_TXS);
	return XT_OK;
}

enum xt_status nem_block_encode(struct xt_buf *out, const struct nem_block *b,
				enum nem_form form, struct xt_err *err)
{
	const size_t start = out->len;
	struct nem_writer w = { .out = out, .err = err };
	size_t at;

	w.rc = check_shape(b, err);
	if (w.rc != XT_OK)
		return w.rc;
	nem_put_u32(&w, b->type);
	nem_put_u32(&w, b->version);
	nem_put_u32(&w, b->timestamp);
	nem_put_bytes(&w, b->signer.b, sizeof(b->signer.b));
	if (form == NEM_FORM_SIGNED)
		nem_put_bytes(&w, b->signature.b, sizeof(b->signature.b));
	at = nem_put_open(&w);
	nem_put_bytes(&w, b->prev.b, sizeof(b->prev.b));
	nem_put_close(&w, at);
	nem_put_u64(&w, b->height);
	nem_put_u32(&w, b->n_txs);
	for (uint32_t i = 0; w.rc == XT_OK && i < b->n_txs; i++) {
		at = nem_put_open(&w);
		if (w.rc != XT_OK)
			break;
		w.rc = nem_tx_encode(out, &b->txs[i], NEM_FORM_SIGNED, err);
		if (w.rc != XT_OK)
			(void)xt_where(err, "transactions[%" PRIu32 "]", i);
		nem_put_close(&w, at);
	}
	if (w.rc != XT_OK)
		out->len = start;
	return w.rc;
}

static void get_txs(struct nem_reader *r, struct nem_block *b)
{
	const uint32_t n = nem_get_count(r, XT_MAX_BLOCK_TXS, "transactions");

	if (r->rc != XT_OK || n == 0)
		return;
	b->txs = xt_calloc(n, sizeof(*b->txs));
	if (b->txs == NULL) {
		r->rc = xt_fail(r->err, XT_E_NOMEM,
				"out of memory for %" PRIu32 " transactions", n);
		return;
	}
	b->n_txs = n;
	for (uint32_t i = 0; r->rc == XT_OK && i < n; i++) {
		const uint8_t *end = nem_get_open(r, "transaction");

		if (r->rc == XT_OK) {
			r->rc = nem_tx_decode(&b->txs[i], r->p, (size_t)(r->end - r->p),
					      NEM_FORM_SIGNED, r->err);
			if (r->rc != XT_OK)
				(void)xt_where(r->err, "transactions[%" PRIu32 "]", i);
			r->p = r->end;
		}
		nem_get_close(r, end, "transaction");
	}
}

enum xt_status nem_block_decode(struct nem_block *out, const uint8_t *p, size_t n,
				enum nem_form form, struct xt_err *err)
{
	struct nem_block b = { 0 };
	struct nem_reader r;
	const uint8_t *end;

	if (n > XT_MAX_BLOCK_BYTES)
		return xt_fail(err, XT_E_DATA, "a block of %zu bytes, at most %u", n,
			       XT_MAX_BLOCK_BYTES);
	nem_reader_init(&r, p, n, err);
	b.type = nem_get_u32(&r, "type");
	b.version = nem_get_u32(&r, "version");
	b.timestamp = nem_get_u32(&r, "timeStamp");
	nem_get_fixed(&r, b.signer.b, sizeof(b.signer.b), "signer");
	if (form == NEM_FORM_SIGNED)
		nem_get_fixed(&r, b.signature.b, sizeof(b.signature.b), "signature");
	end = nem_get_open(&r, "prevBlockHash");
	nem_get_fixed(&r, b.prev.b, sizeof(b.prev.b), "prevBlockHash");
	nem_get_close(&r, end, "prevBlockHash");
	b.height = nem_get_u64(&r, "height");
	get_txs(&r, &b);
	nem_get_close(&r, r.end, "block");
	if (r.rc == XT_OK)
		r.rc = check_shape(&b, err);
	if (r.rc != XT_OK) {
		nem_block_release(&b);
		return r.rc;
	}
	*out = b;
	return XT_OK;
}

enum xt_status nem_block_hash(struct nem_hash *out, const struct nem_block *b,
			      struct xt_err *err)
{
	struct xt_buf buf;
	enum xt_status rc;

	xt_buf_init(&buf, XT_MAX_BLOCK_BYTES);
	rc = nem_block_encode(&buf, b, NEM_FORM_UNSIGNED, err);
	if (rc == XT_OK)
		nem_keccak256(out->b, buf.data, buf.len);
	xt_buf_release(&buf);
	return rc;
}
