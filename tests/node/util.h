/* Small helpers of the fixture tools: memory that cannot fail, growing arrays, files.
 * Tests' tools stop with one line on stderr when the machine is out of memory. */
#ifndef XEMTRACE_TESTS_NODE_UTIL_H
#define XEMTRACE_TESTS_NODE_UTIL_H

#include <stddef.h>

#include <xemtrace/nem.h>

#define FX_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Name of the program in messages; set by main(). */
extern const char *fx_program;

/* One line on stderr, exit code 1. */
_Noreturn void fx_die(const char *fmt, ...) FX_PRINTF(1, 2);
void *fx_alloc(size_t n, size_t size);
char *fx_strdup(const char *s);
/* Make room for one more element of `size` bytes in an array with `len` used. */
void *fx_grow(void *array, size_t *cap, size_t len, size_t size);
/* A whole file with a NUL behind it, or NULL with errno. The caller frees. */
char *fx_read_file(const char *path, size_t *len);
/* Die unless XT_OK: for calls that can only run out of memory. */
void fx_must(enum xt_status st, const struct xt_err *err);

/* The key behind a name: Keccak-256("xemtrace test key:" + name), as NEM writes private
 * keys. Worthless by intention: anyone can make it. */
void fx_key_from_name(struct nem_privkey *priv, struct nem_pubkey *pub,
		      const char *name);

#endif
