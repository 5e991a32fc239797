/* What the files of this floor share and the library does not export. */
#ifndef XT_NEM_INTERNAL_H
#define XT_NEM_INTERNAL_H

#include <xemtrace/nem.h>

#define NEM_INTERNAL __attribute__((visibility("hidden")))

/* ---- writing ----------------------------------------------------------------- */

/* Appends canonical bytes; after the first failure all calls do nothing. */
struct nem_writer {
	struct xt_buf *out;
	struct xt_err *err;
	enum xt_status rc;
};

NEM_INTERNAL void nem_put_u32(struct nem_writer *w, uint32_t v);
NEM_INTERNAL void nem_put_u64(struct nem_writer *w, uint64_t v);
/* Bytes with their length in front. */
NEM_INTERNAL void nem_put_bytes(struct nem_writer *w, const void *p, size_t n);
/* An object has its length in front: open returns the place, close fills it in. */
NEM_INTERNAL size_t nem_put_open(struct nem_writer *w);
NEM_INTERNAL void nem_put_close(struct nem_writer *w, size_t at);

/* ---- reading ----------------------------------------------------------------- */

/* Takes canonical bytes; after the first failure all calls do nothing and give zeros.
 */
struct nem_reader {
	const uint8_t *start, *p, *end;
	struct xt_err *err;
	enum xt_status rc;
};

NEM_INTERNAL void nem_reader_init(struct nem_reader *r, const uint8_t *p, size_t n,
				  struct xt_err *err);
NEM_INTERNAL uint32_t nem_get_u32(struct nem_reader *r, const char *what);
NEM_INTERNAL uint64_t nem_get_u64(struct nem_reader *r, const char *what);
/* A length that must be n, and n bytes. */
NEM_INTERNAL void nem_get_fixed(struct nem_reader *r, void *out, uint32_t n,
				const char *what);
NEM_INTERNAL void nem_get_address(struct nem_reader *r, struct nem_address *out,
				  const char *what);
/* A length of at most max, and so many bytes, copied. */
NEM_INTERNAL void nem_get_bytes(struct nem_reader *r, struct nem_bytes *out,
				uint32_t max, const char *what);
/* As nem_get_bytes(); false if the length says "null". */
NEM_INTERNAL bool nem_get_optional(struct nem_reader *r, struct nem_bytes *out,
				   uint32_t max, const char *what);
/* A count of at most max elements. */
NEM_INTERNAL uint32_t nem_get_count(struct nem_reader *r, uint32_t max,
				    const char *what);
/* Narrow the reader to an object whose length is read; close() wants it used up and
 * restores the end that open() returned. */
NEM_INTERNAL const uint8_t *nem_get_open(struct nem_reader *r, const char *what);
NEM_INTERNAL void nem_get_close(struct nem_reader *r, const uint8_t *end,
				const char *what);
NEM_INTERNAL enum xt_status nem_get_fail(struct nem_reader *r, const char *what,
					 const char *why);

/* ---- shape ------------------------------------------------------------------- */

/* The rules that any transaction of the chain keeps, whoever made it: known type and
 * version, values in range, texts in UTF-8, lists within limits.h. XT_E_DATA. */
NEM_INTERNAL enum xt_status nem_tx_shape(const struct nem_tx *tx, struct xt_err *err);
NEM_INTERNAL bool nem_network_known(uint32_t byte);
NEM_INTERNAL bool nem_is_xem(const struct nem_mosaic_id *id);
NEM_INTERNAL bool nem_is_zero(const uint8_t *p, size_t n);

/* Is this one of the transactions of block 3,481,580 whose signatures the network
 * skips? Only hashes that the network itself lists are (exempt.c); any other
 * transaction that a node places there is checked like all. */
NEM_INTERNAL bool nem_tx_exempt(enum nem_network net, uint64_t height,
				const struct nem_hash *hash);

/* Keccak-512 of the reversed private key; the first half, clamped, is the scalar. The
 * caller wipes k. src/nem/sign.c. */
NEM_INTERNAL void nem_expand_key(uint8_t k[64], const struct nem_privkey *key);

#endif
