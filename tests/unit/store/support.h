/* What the tests of store, load, label and import share. cmocka wants its headers in
 * this order. */
#ifndef TEST_STORE_SUPPORT_H
#define TEST_STORE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <xemtrace/store.h>

/* A folder of its own for each test, gone afterwards: setup and teardown of cmocka. The
 * state is the folder's name. */
int folder_make(void **state);
int folder_remove(void **state);
/* A path in it. Good until the next but seven. */
const char *in_folder(void **state, const char *name);
void write_file(const char *path, const char *text);
void write_bytes(const char *path, const void *p, size_t n);
/* Copy a file; fails the test if it cannot. */
void copy_file(const char *from, const char *to);

/* The case "case.xemtrace" of the folder. */
struct store *open_case(void **state, enum store_mode mode);
void begin(struct store *s);
void commit(struct store *s);

/* The rows of a query on the case file, as the sqlite3 shell would give them: columns
 * joined by '|', rows by ';', "" for NULL. By SQLite's own API, not by the store. Free.
 */
char *sql(const char *path, const char *query);
/* Run a statement on the file behind the store's back. */
void sql_run(const char *path, const char *statement);
#define assert_sql(path, query, want)                                                  \
	do {                                                                           \
		char *got_ = sql(path, query);                                         \
		assert_string_equal(got_, want);                                       \
		free(got_);                                                            \
	} while (0)

/* Append to a text of 256 bytes or more; fails the test when those are full. */
void append(char *to, const char *text);

/* Accounts by number, for synthetic transactions on the main network. */
struct nem_privkey key_number(unsigned n);
struct nem_pubkey pubkey_number(unsigned n);
struct nem_address address_number(unsigned n);
struct nem_party party_of(const char *text);
/* A signed and checked transfer; release with nem_checked_tx_release(). `message` may
 * be NULL. */
struct nem_checked_tx transfer(unsigned from, unsigned to, uint64_t uxem, uint64_t fee,
			       uint32_t timestamp, const char *message,
			       uint64_t height);
/* Sign `tx` by the key of account `n` and check it; takes it. */
struct nem_checked_tx sign_take(struct nem_tx *tx, unsigned n, uint64_t height);
/* As the block of its height proves it. */
void prove(struct nem_checked_tx *c, uint32_t index, uint32_t block_time);

/* The real nemesis block, checked. */
void nemesis(struct nem_checked_block *b);

#define assert_ok(rc, err)                                                             \
	do {                                                                           \
		if ((rc) != XT_OK)                                                     \
			fail_msg("%s", (err).text);                                    \
	} while (0)
/* The status, and what the text must hold. */
#define assert_fails(rc, want, err, part)                                              \
	do {                                                                           \
		assert_int_equal(rc, want);                                            \
		if (!strstr((err).text, part))                                         \
			fail_msg("\"%s\" does not hold \"%s\"", (err).text, part);     \
	} while (0)

#endif
