/* What the tests of this floor share. cmocka wants its headers in this order. */
#ifndef TEST_NEM_TEST_H
#define TEST_NEM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include <jansson.h>
#include <xemtrace/limits.h>
#include <xemtrace/nem.h>

/* A minimal reader of node JSON, for tests alone: it trusts its input and fails the
 * test where something is missing. */
json_t *read_json(const char *path);
json_t *member(const json_t *obj, const char *key);
const char *text_of(const json_t *obj, const char *key);
void read_tx(struct nem_tx *tx, const json_t *j);
void read_block(struct nem_block *b, const json_t *j);
/* true and the hash, if obj.key is {"data": hex} or hex. */
bool read_hash(struct nem_hash *h, const json_t *obj, const char *key);

/* hex text to bytes; release the buffer. */
void read_hex(struct xt_buf *b, const char *hex);
struct nem_privkey privkey(const char *hex);
struct nem_pubkey pubkey(const char *hex);
struct nem_address address(const char *text);
/* A private key made from a number, for synthetic transactions. */
struct nem_privkey key_number(unsigned n);
struct nem_pubkey pubkey_number(unsigned n);
struct nem_address address_number(unsigned n);
struct nem_bytes bytes(const char *text);

/* The same bytes. */
void assert_same(const struct xt_buf *a, const struct xt_buf *b);

/* Put the signature of the key into tx, whose signer must be set. */
void sign_tx(struct nem_tx *tx, const struct nem_privkey *key);

#define assert_ok(rc, err)                                                             \
	do {                                                                           \
		if ((rc) != XT_OK)                                                     \
			fail_msg("%s", (err).text);                                    \
	} while (0)

#endif
