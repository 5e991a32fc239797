/* JSON of a node read by description: a table of named fields with typed readers, so
 * that each error names its place ("data[3].meta.id"), the value and the reason. */
#ifndef XT_NIS_JSON_H
#define XT_NIS_JSON_H

#include <xemtrace/nem.h>

#include <jansson.h>

/* Where a value stands: a list from the leaf up, on the stack of the readers. */
struct js_at {
	const struct js_at *up; /* NULL: the top */
	const char *name;       /* member of an object; NULL: element of an array */
	size_t index;
};

/* Reads `v` into `out`, whose type the reader knows. */
typedef enum xt_status js_reader(void *out, const json_t *v, const struct js_at *at,
				 struct xt_err *err);

struct js_field {
	const char *name;
	js_reader *read;
	void *out;
};

/* The whole of p[0..n) as one object: strict JSON, no key twice, at most
 * XT_MAX_JSON_DEPTH levels, nothing but white space after it. json_decref() the result.
 */
enum xt_status js_open(json_t **out, const uint8_t *p, size_t n,
		       struct xt_err *err) XT_CHECKED;

/* "place: " and the text. Returns XT_E_DATA. */
enum xt_status js_fail(const struct js_at *at, struct xt_err *err, const char *fmt, ...)
    XT_PRINTF(3, 4);
/* Out of memory at that place. Returns XT_E_NOMEM. */
enum xt_status js_nomem(const struct js_at *at, struct xt_err *err);

/* The value for an error text: strings quoted and shortened. Returns out. */
#define JS_SHOWN 64
char *js_show(char out[JS_SHOWN], const json_t *v);

/* Read every field of the table from the object `v`; a missing one is an error. Members
 * that are not in the table are ignored. */
enum xt_status js_fields(const json_t *v, const struct js_field *f, size_t n,
			 const struct js_at *at, struct xt_err *err) XT_CHECKED;
/* `v` is an array of at most `max`; its length. */
enum xt_status js_array(size_t *n, const json_t *v, size_t max, const struct js_at *at,
			struct xt_err *err) XT_CHECKED;
/* Read the elements of an array into out[0..n), `size` bytes each. */
enum xt_status js_each(void *out, size_t size, size_t n, js_reader *read,
		       const json_t *v, const struct js_at *at,
		       struct xt_err *err) XT_CHECKED;
/* Whether an object that may be missing ({} on a node) is there. */
enum xt_status js_given(bool *out, const json_t *v, const struct js_at *at,
			struct xt_err *err) XT_CHECKED;
enum xt_status js_integer_in(int64_t *out, int64_t min, int64_t max, const json_t *v,
			     const struct js_at *at, struct xt_err *err) XT_CHECKED;
/* A string of at most out_size - 1 bytes. */
enum xt_status js_text_copy(char *out, size_t out_size, const json_t *v,
			    const struct js_at *at, struct xt_err *err) XT_CHECKED;
/* A string of at most max bytes, copied to the heap with a NUL after it. */
enum xt_status js_bytes(struct nem_bytes *out, size_t max, const json_t *v,
			const struct js_at *at, struct xt_err *err) XT_CHECKED;

/* Readers. The type of `out` stands behind each. */
js_reader js_read_u32;       /* uint32_t, 0 to 2^31-1: Java has no more */
js_reader js_read_i32;       /* int32_t */
js_reader js_read_version;   /* uint32_t from a signed number */
js_reader js_read_u64;       /* uint64_t, 0 to 2^63-1 */
js_reader js_read_height;    /* uint64_t, 1 to 2^32-1 */
js_reader js_read_amount;    /* struct nem_amount, 0 to 2^63-1 */
js_reader js_read_money;     /* struct nem_amount, at most all XEM there is */
js_reader js_read_pubkey;    /* struct nem_pubkey */
js_reader js_read_signature; /* struct nem_signature */
js_reader js_read_hash_hex;  /* struct nem_hash from "hex" */
js_reader js_read_hash;      /* struct nem_hash from {"data": "hex"} */
js_reader js_read_address;   /* struct nem_address */

#endif
