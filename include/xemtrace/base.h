/* base: what every floor stands on. Status and error text, bounded buffers, strict
 * numbers, exact shares, maps, a heap, and the seams for clock, log and progress.
 *
 * Rules that hold in every public header:
 *   - a function that can fail returns enum xt_status and writes one line into `err`
 *     (which may be NULL); outputs are untouched on failure;
 *   - argument order: object, outputs, inputs, err; a length follows its array;
 *   - `thing **out` is the caller's to free; a returned `const thing *` is borrowed
 * from the first argument; `_take` in a name swallows its argument;
 *   - x_free(NULL) and x_release() of a zeroed struct are fine, always;
 *   - the library prints nothing: it calls the log and progress sinks.
 */
#ifndef XEMTRACE_BASE_H
#define XEMTRACE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define XT_CHECKED       __attribute__((warn_unused_result))
#define XT_PRINTF(f, a)  __attribute__((format(printf, f, a)))
#define XT_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* ---- status ------------------------------------------------------------------ */

/* What went wrong, in the classes a caller acts on. The text in struct xt_err says the
 * rest. Exit codes are derived from these in src/cli/exit.h alone. */
enum xt_status {
	XT_OK = 0,
	XT_E_NOMEM,    /* out of memory */
	XT_E_USAGE,    /* the caller asked for something that makes no sense */
	XT_E_DATA,     /* input could not be read as what it should be (parse, range) */
	XT_E_VERIFY,   /* input was read, and a hash, signature or sum does not hold */
	XT_E_NOTFOUND, /* what was named does not exist */
	XT_E_EXISTS,   /* it is there already */
	XT_E_LIMIT,    /* a maximum of limits.h was reached */
	XT_E_IO,       /* file or disk */
	XT_E_NET,      /* node unreachable, slow or busy: run again */
	XT_E_BUSY,     /* the case is in use by another process: run again */
	XT_E_STOPPED,  /* a progress sink or a signal asked to stop; state is consistent
			*/
	XT_E_BUG       /* an invariant of ours broke (conservation): never expected */
};

struct xt_err {
	enum xt_status code;
	char text[480];
};

/* Write the one line of an error and return `code`. Control bytes in the result are
 * replaced by '?', since parts of it come from outside. `err` may be NULL. */
enum xt_status xt_fail(struct xt_err *err, enum xt_status code, const char *fmt, ...)
    XT_PRINTF(3, 4);

/* Put *where* in front of an error that a lower floor wrote ("page 3: " + text). Never
 * replaces *what*. Returns err->code (XT_E_BUG if err is NULL). */
enum xt_status xt_where(struct xt_err *err, const char *fmt, ...) XT_PRINTF(2, 3);

/* A short name for a status, for logs ("data", "verify"). Static. */
const char *xt_status_name(enum xt_status code);

/* ---- memory ------------------------------------------------------------------ */

/* calloc/realloc of n elements with overflow check; NULL when memory is out. */
void *xt_calloc(size_t n, size_t size);
void *xt_reallocarray(void *p, size_t n, size_t size);
char *xt_strdup(const char *s);

/* A growing byte buffer that cannot be made without its maximum size. */
struct xt_buf {
	uint8_t *data;
	size_t len, cap, max;
};

/* max: largest len allowed; appending past it is XT_E_LIMIT. */
void xt_buf_init(struct xt_buf *b, size_t max);
void xt_buf_release(struct xt_buf *b);
void xt_buf_clear(struct xt_buf *b);
enum xt_status xt_buf_add(struct xt_buf *b, const void *p, size_t n,
			  struct xt_err *err) XT_CHECKED;
enum xt_status xt_buf_adds(struct xt_buf *b, const char *s,
			   struct xt_err *err) XT_CHECKED;
enum xt_status xt_buf_addf(struct xt_buf *b, struct xt_err *err, const char *fmt, ...)
    XT_PRINTF(3, 4) XT_CHECKED;
/* Little-endian integers, the wire form of NIS1. */
enum xt_status xt_buf_u32(struct xt_buf *b, uint32_t v, struct xt_err *err) XT_CHECKED;
enum xt_status xt_buf_u64(struct xt_buf *b, uint64_t v, struct xt_err *err) XT_CHECKED;
/* The content as a NUL-terminated string (the NUL is not counted in len). Borrowed
 * until the next change; "" when memory is out. */
const char *xt_buf_str(struct xt_buf *b);

/* ---- numbers and text -------------------------------------------------------- */

/* Strict decimal: digits only, no sign, no space, no trailing text, no leading zeros
 * but "0" itself, at most `max`. Returns XT_OK or XT_E_DATA. */
enum xt_status xt_parse_u64(uint64_t *out, const char *s, uint64_t max,
			    struct xt_err *err) XT_CHECKED;
/* Hex both ways. decode: exactly 2*n digits, either case; encode: lower case, writes
 * 2*n+1 bytes. */
enum xt_status xt_hex_decode(uint8_t *out, size_t n, const char *hex,
			     struct xt_err *err) XT_CHECKED;
void xt_hex_encode(char *out, const uint8_t *p, size_t n);

/* True if p[0..n) is valid UTF-8 (shortest forms, no surrogates, <= U+10FFFF). */
bool xt_utf8_valid(const uint8_t *p, size_t n);
/* One character of p[0..n), n > 0: its code point and length. What is not UTF-8 is one
 * byte long and U+FFFD. */
uint32_t xt_utf8_next(size_t *len, const uint8_t *p, size_t n);
/* Copies what fits into out[n), n > 3, between two characters; where something was left off it
 * ends in "…". */
void xt_utf8_cut(char *out, size_t n, const char *s);
/* True for what must not be shown as it is: controls, line and paragraph separators,
 * marks of direction, characters without width or shape, non-characters. */
bool xt_utf8_is_hostile(uint32_t cp);

/* ---- exact arithmetic -------------------------------------------------------- */

__extension__ typedef unsigned __int128 xt_u128;

/* floor(a * b / den), exact, with the product in 128 bits. False if den is 0 or the
 * result does not fit. */
bool xt_muldiv(uint64_t *out, uint64_t a, uint64_t b, uint64_t den);
/* out = a + b (a - b); false on overflow (underflow), out untouched. */
bool xt_add(uint64_t *out, uint64_t a, uint64_t b);
bool xt_sub(uint64_t *out, uint64_t a, uint64_t b);
/* A 128-bit number in decimal: sums of flows can pass 64 bits. Needs 40 bytes. */
void xt_u128_format(char out[40], xt_u128 v);

/* ---- containers -------------------------------------------------------------- */

/* Map from a byte string to a u32 (an index into the caller's array). Keys are copied.
 */
struct xt_map;
enum xt_status xt_map_new(struct xt_map **out, struct xt_err *err) XT_CHECKED;
void xt_map_free(struct xt_map *m);
/* Insert or replace. Amortised O(1). */
enum xt_status xt_map_put(struct xt_map *m, const void *key, size_t len, uint32_t val,
			  struct xt_err *err) XT_CHECKED;
bool xt_map_get(const struct xt_map *m, uint32_t *val, const void *key, size_t len);
size_t xt_map_count(const struct xt_map *m);

/* Binary heap of (priority, tie, id), the largest priority first, then the smallest
 * tie, then the smallest id: a total order, so that runs repeat. */
struct xt_heap_item {
	uint64_t priority;
	uint64_t tie;
	uint64_t id;
};
struct xt_heap {
	struct xt_heap_item *v;
	size_t len, cap;
};
void xt_heap_init(struct xt_heap *h);
void xt_heap_release(struct xt_heap *h);
enum xt_status xt_heap_push(struct xt_heap *h, struct xt_heap_item item,
			    struct xt_err *err) XT_CHECKED;
bool xt_heap_pop(struct xt_heap *h, struct xt_heap_item *out);

/* ---- seams ------------------------------------------------------------------- */

/* Time from outside. xt_clock_system() is the real one; tests bring their own. */
struct xt_clock {
	int64_t (*unix_time)(void *ctx); /* seconds since 1970 */
	uint64_t (*monotonic_ms)(void *ctx);
	void *ctx;
};
const struct xt_clock *xt_clock_system(void);

enum xt_log_level { XT_LOG_ERROR, XT_LOG_WARN, XT_LOG_INFO, XT_LOG_DEBUG };

/* Where the library's words go. Any member may be NULL. */
struct xt_sink {
	void (*log)(void *ctx, enum xt_log_level level, const char *text);
	/* Called now and then on long work: `text` is one short line, or several parted
	 * by '\n'. Return false to stop: the work ends at the next clean point with XT_E_STOPPED. */
	bool (*progress)(void *ctx, uint64_t done, uint64_t total, const char *text);
	void *ctx;
};
void xt_log(const struct xt_sink *s, enum xt_log_level level, const char *fmt, ...)
    XT_PRINTF(3, 4);
/* True when the work may go on. */
bool xt_progress(const struct xt_sink *s, uint64_t done, uint64_t total,
		 const char *fmt, ...) XT_PRINTF(4, 5);

/* Version of the library, "0.1.0". Static. */
const char *xt_version(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
