#include "json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <xemtrace/limits.h>

/* Brackets and commas of one answer. jansson makes some 250 bytes of an empty object:
 * an answer of nothing but brackets would grow eighty times. The largest honest answer
 * (10,000 points of a balance's history) has a fifth of this. */
#define MAX_VALUES 400000U

/* ---- errors ------------------------------------------------------------------ */

/* On the stack: an error about memory must not need any. Names come from our own
 * tables, so the longest place is known to fit. */
static void put_place(char *out, size_t size, const struct js_at *at)
{
	const struct js_at *way[XT_MAX_JSON_DEPTH];
	size_t n = 0;
	size_t used = 0;

	for (; at != NULL && n < XT_ARRAY_SIZE(way); at = at->up)
		way[n++] = at;
	out[0] = '\0';
	for (size_t i = n; i > 0 && used < size; i--) {
		const struct js_at *a = way[i - 1];
		const char *dot = i == n ? "" : ".";
		const int k =
		    a->name == NULL
			? snprintf(out + used, size - used, "[%zu]", a->index)
			: snprintf(out + used, size - used, "%s%s", dot, a->name);

		used += k < 0 ? 0 : (size_t)k;
	}
}

enum xt_status js_fail(const struct js_at *at, struct xt_err *err, const char *fmt, ...)
{
	struct xt_err line;
	char place[160];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line.text, sizeof(line.text), fmt, ap);
	va_end(ap);
	put_place(place, sizeof(place), at);
	return xt_fail(err, XT_E_DATA, "%s%s%s", place, place[0] == '\0' ? "" : ": ",
		       line.text);
}

enum xt_status js_nomem(const struct js_at *at, struct xt_err *err)
{
	(void)js_fail(at, err, "out of memory");
	if (err != NULL)
		err->code = XT_E_NOMEM;
	return XT_E_NOMEM;
}

char *js_show(char out[JS_SHOWN], const json_t *v)
{
	size_t n;

	switch (json_typeof(v)) {
	case JSON_STRING:
		n = json_string_length(v);
		if (n <= JS_SHOWN - 3) {
			(void)snprintf(out, JS_SHOWN, "\"%s\"", json_string_value(v));
			break;
		}
		n = JS_SHOWN - 6;
		/* Not through the middle of a character. */
		while (n > 0 && ((uint8_t)json_string_value(v)[n] & 0xC0) == 0x80)
			n--;
		(void)snprintf(out, JS_SHOWN, "\"%.*s...\"", (int)n,
			       json_string_value(v));
		break;
	case JSON_INTEGER:
		(void)snprintf(out, JS_SHOWN, "%" JSON_INTEGER_FORMAT,
			       json_integer_value(v));
		break;
	case JSON_REAL:
		(void)snprintf(out, JS_SHOWN, "%.17g", json_real_value(v));
		break;
	case JSON_OBJECT:
		(void)snprintf(out, JS_SHOWN, "an object");
		break;
	case JSON_ARRAY:
		(void)snprintf(out, JS_SHOWN, "an array");
		break;
	case JSON_TRUE:
		(void)snprintf(out, JS_SHOWN, "true");
		break;
	case JSON_FALSE:
		(void)snprintf(out, JS_SHOWN, "false");
		break;
	case JSON_NULL:
		(void)snprintf(out, JS_SHOWN, "null");
		break;
	}
	return out;
}

static enum xt_status not_a(const char *what, const json_t *v, const struct js_at *at,
			    struct xt_err *err)
{
	char shown[JS_SHOWN];

	return js_fail(at, err, "%s is not %s", js_show(shown, v), what);
}

/* ---- the whole answer -------------------------------------------------------- */

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Before jansson, which nests by recursion and takes memory per bracket. */
static enum xt_status scan_brackets(const uint8_t *p, size_t n, struct xt_err *err)
{
	bool in_string = false;
	size_t depth = 0;
	size_t total = 0;

	for (size_t i = 0; i < n; i++) {
		if (in_string) {
			if (p[i] == '\\')
				i++;
			else if (p[i] == '"')
				in_string = false;
		} else if (p[i] == '"') {
			in_string = true;
		} else if (p[i] == ',') {
			total++;
		} else if (p[i] == '{' || p[i] == '[') {
			depth++;
			total++;
		} else if ((p[i] == '}' || p[i] == ']') && depth > 0) {
			depth--;
		}
		if (depth > XT_MAX_JSON_DEPTH)
			return xt_fail(
			    err, XT_E_DATA,
			    "not an answer of a node: nested deeper than %u at "
			    "byte %zu",
			    XT_MAX_JSON_DEPTH, i);
		if (total > MAX_VALUES)
			return xt_fail(err, XT_E_DATA,
				       "not an answer of a node: more than %u values",
				       MAX_VALUES);
	}
	return XT_OK;
}

enum xt_status js_open(json_t **out, const uint8_t *p, size_t n, struct xt_err *err)
{
	json_error_t e;
	json_t *v;
	enum xt_status rc;
	size_t first = 0;

	while (first < n && is_space(p[first]))
		first++;
	if (first == n)
		return xt_fail(err, XT_E_DATA, "the answer is empty");
	if (p[first] == '<')
		return xt_fail(err, XT_E_DATA, "HTML or XML where JSON belongs: '%.*s'",
			       n - first < 40 ? (int)(n - first) : 40,
			       (const char *)p + first);
	if (n > XT_MAX_BODY)
		return xt_fail(err, XT_E_LIMIT, "%zu bytes, the maximum is %u", n,
			       XT_MAX_BODY);
	rc = scan_brackets(p, n, err);
	if (rc != XT_OK)
		return rc;
	v = json_loadb((const char *)p, n, JSON_REJECT_DUPLICATES, &e);
	/* jansson has no words for most of its failed allocations. */
	if (v == NULL &&
	    (json_error_code(&e) == json_error_out_of_memory || e.text[0] == '\0'))
		return xt_fail(err, XT_E_NOMEM, "out of memory for an answer");
	if (v == NULL)
		return xt_fail(err, XT_E_DATA, "not JSON: %s (line %d, byte %d)",
			       e.text, e.line, e.position);
	if (!json_is_object(v)) {
		rc = not_a("an object", v, NULL, err);
		json_decref(v);
		return rc;
	}
	*out = v;
	return XT_OK;
}

/* ---- shapes ------------------------------------------------------------------ */

enum xt_status js_fields(const json_t *v, const struct js_field *f, size_t n,
			 const struct js_at *at, struct xt_err *err)
{
	if (!json_is_object(v))
		return not_a("an object", v, at, err);
	for (size_t i = 0; i < n; i++) {
		const struct js_at here = { .up = at, .name = f[i].name };
		const json_t *member = json_object_get(v, f[i].name);
		enum xt_status rc;

		if (member == NULL)
			return js_fail(&here, err, "missing");
		rc = f[i].read(f[i].out, member, &here, err);
		if (rc != XT_OK)
			return rc;
	}
	return XT_OK;
}

enum xt_status js_array(size_t *n, const json_t *v, size_t max, const struct js_at *at,
			struct xt_err *err)
{
	if (!json_is_array(v))
		return not_a("an array", v, at, err);
	if (json_array_size(v) > max)
		return js_fail(at, err, "%zu elements, at most %zu belong here",
			       json_array_size(v), max);
	*n = json_array_size(v);
	return XT_OK;
}

enum xt_status js_each(void *out, size_t size, size_t n, js_reader *read,
		       const json_t *v, const struct js_at *at, struct xt_err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct js_at here = { .up = at, .index = i };
		const enum xt_status rc =
		    read((uint8_t *)out + i * size, json_array_get(v, i), &here, err);

		if (rc != XT_OK)
			return rc;
	}
	return XT_OK;
}

enum xt_status js_given(bool *out, const json_t *v, const struct js_at *at,
			struct xt_err *err)
{
	if (!json_is_object(v))
		return not_a("an object", v, at, err);
	*out = json_object_size(v) > 0;
	return XT_OK;
}

/* ---- numbers ----------------------------------------------------------------- */

enum xt_status js_integer_in(int64_t *out, int64_t min, int64_t max, const json_t *v,
			     const struct js_at *at, struct xt_err *err)
{
	if (!json_is_integer(v))
		return not_a("an integer", v, at, err);
	if (json_integer_value(v) < min || json_integer_value(v) > max)
		return js_fail(at, err,
			       "%" JSON_INTEGER_FORMAT " is out of range, %" PRId64
			       " to %" PRId64,
			       json_integer_value(v), min, max);
	*out = json_integer_value(v);
	return XT_OK;
}

enum xt_status js_read_u32(void *out, const json_t *v, const struct js_at *at,
			   struct xt_err *err)
{
	int64_t n = 0;
	const enum xt_status rc = js_integer_in(&n, 0, INT32_MAX, v, at, err);

	if (rc == XT_OK)
		*(uint32_t *)out = (uint32_t)n;
	return rc;
}

enum xt_status js_read_i32(void *out, const json_t *v, const struct js_at *at,
			   struct xt_err *err)
{
	int64_t n = 0;
	const enum xt_status rc = js_integer_in(&n, INT32_MIN, INT32_MAX, v, at, err);

	if (rc == XT_OK)
		*(int32_t *)out = (int32_t)n;
	return rc;
}

enum xt_status js_read_version(void *out, const json_t *v, const struct js_at *at,
			       struct xt_err *err)
{
	int32_t n = 0;
	const enum xt_status rc = js_read_i32(&n, v, at, err);

	if (rc == XT_OK)
		*(uint32_t *)out = (uint32_t)n;
	return rc;
}

enum xt_status js_read_u64(void *out, const json_t *v, const struct js_at *at,
			   struct xt_err *err)
{
	int64_t n = 0;
	const enum xt_status rc = js_integer_in(&n, 0, INT64_MAX, v, at, err);

	if (rc == XT_OK)
		*(uint64_t *)out = (uint64_t)n;
	return rc;
}

enum xt_status js_read_height(void *out, const json_t *v, const struct js_at *at,
			      struct xt_err *err)
{
	int64_t n = 0;
	const enum xt_status rc = js_integer_in(&n, 1, UINT32_MAX, v, at, err);

	if (rc == XT_OK)
		*(uint64_t *)out = (uint64_t)n;
	return rc;
}

enum xt_status js_read_amount(void *out, const json_t *v, const struct js_at *at,
			      struct xt_err *err)
{
	return js_read_u64(&((struct nem_amount *)out)->uxem, v, at, err);
}

enum xt_status js_read_money(void *out, const json_t *v, const struct js_at *at,
			     struct xt_err *err)
{
	int64_t n = 0;
	const enum xt_status rc =
	    js_integer_in(&n, 0, (int64_t)NEM_SUPPLY_UXEM, v, at, err);

	if (rc == XT_OK)
		((struct nem_amount *)out)->uxem = (uint64_t)n;
	return rc;
}

/* ---- text -------------------------------------------------------------------- */

static enum xt_status text_of(const char **out, const json_t *v, const struct js_at *at,
			      struct xt_err *err)
{
	if (!json_is_string(v))
		return not_a("a string", v, at, err);
	*out = json_string_value(v);
	return XT_OK;
}

static enum xt_status too_long(size_t max, const json_t *v, const struct js_at *at,
			       struct xt_err *err)
{
	char shown[JS_SHOWN];

	return js_fail(at, err, "%s has more than %zu bytes", js_show(shown, v), max);
}

enum xt_status js_text_copy(char *out, size_t out_size, const json_t *v,
			    const struct js_at *at, struct xt_err *err)
{
	const char *s = "";
	const enum xt_status rc = text_of(&s, v, at, err);

	if (rc != XT_OK)
		return rc;
	if (json_string_length(v) >= out_size)
		return too_long(out_size - 1, v, at, err);
	memcpy(out, s, json_string_length(v) + 1);
	return XT_OK;
}

enum xt_status js_bytes(struct nem_bytes *out, size_t max, const json_t *v,
			const struct js_at *at, struct xt_err *err)
{
	const char *s = "";
	const enum xt_status rc = text_of(&s, v, at, err);
	size_t n;

	if (rc != XT_OK)
		return rc;
	n = json_string_length(v);
	if (n > max)
		return too_long(max, v, at, err);
	out->data = xt_calloc(n + 1, 1);
	if (out->data == NULL)
		return js_nomem(at, err);
	memcpy(out->data, s, n);
	out->len = (uint32_t)n;
	return XT_OK;
}

static enum xt_status read_hex(uint8_t *out, size_t n, const json_t *v,
			       const struct js_at *at, struct xt_err *err)
{
	struct xt_err why;
	char shown[JS_SHOWN];
	const char *s = "";
	const enum xt_status rc = text_of(&s, v, at, err);

	if (rc != XT_OK)
		return rc;
	if (xt_hex_decode(out, n, s, &why) != XT_OK)
		return js_fail(at, err, "%s: %s", why.text, js_show(shown, v));
	return XT_OK;
}

enum xt_status js_read_pubkey(void *out, const json_t *v, const struct js_at *at,
			      struct xt_err *err)
{
	return read_hex(((struct nem_pubkey *)out)->b, 32, v, at, err);
}

enum xt_status js_read_signature(void *out, const json_t *v, const struct js_at *at,
				 struct xt_err *err)
{
	return read_hex(((struct nem_signature *)out)->b, 64, v, at, err);
}

enum xt_status js_read_hash_hex(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	return read_hex(((struct nem_hash *)out)->b, 32, v, at, err);
}

enum xt_status js_read_hash(void *out, const json_t *v, const struct js_at *at,
			    struct xt_err *err)
{
	const struct js_field f[] = { { "data", js_read_hash_hex, out } };

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

enum xt_status js_read_address(void *out, const json_t *v, const struct js_at *at,
			       struct xt_err *err)
{
	struct nem_address a;
	struct xt_err why;
	char shown[JS_SHOWN];
	const char *s = "";
	const enum xt_status rc = text_of(&s, v, at, err);

	if (rc != XT_OK)
		return rc;
	if (nem_address_parse(&a, s, &why) != XT_OK) {
		/* It names the value first; here the place comes first. */
		const char *reason = strstr(why.text, "': ");

		return js_fail(at, err, "%s: %s",
			       reason == NULL ? why.text : reason + 3,
			       js_show(shown, v));
	}
	/* The parser is for people too; a node writes one form only. */
	if (strcmp(a.s, s) != 0)
		return js_fail(at, err, "%s is not in a node's form: %s",
			       js_show(shown, v), a.s);
	*(struct nem_address *)out = a;
	return XT_OK;
}
