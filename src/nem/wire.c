/* The primitives of the canonical form: little-endian integers, and lengths in front of
 * everything that has one. docs/nis1.md section 5.1. */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

#define NULL_LENGTH UINT32_C(0xFFFFFFFF)

void nem_put_u32(struct nem_writer *w, uint32_t v)
{
	if (w->rc == XT_OK)
		w->rc = xt_buf_u32(w->out, v, w->err);
}

void nem_put_u64(struct nem_writer *w, uint64_t v)
{
	if (w->rc == XT_OK)
		w->rc = xt_buf_u64(w->out, v, w->err);
}

void nem_put_bytes(struct nem_writer *w, const void *p, size_t n)
{
	nem_put_u32(w, (uint32_t)n);
	if (w->rc == XT_OK)
		w->rc = xt_buf_add(w->out, p, n, w->err);
}

size_t nem_put_open(struct nem_writer *w)
{
	nem_put_u32(w, 0);
	return w->out->len;
}

void nem_put_close(struct nem_writer *w, size_t at)
{
	uint8_t *le;
	size_t n;

	if (w->rc != XT_OK)
		return;
	n = w->out->len - at;
	le = w->out->data + at - 4;
	for (unsigned i = 0; i < 4; i++)
		le[i] = (uint8_t)(n >> (8 * i));
}

void nem_reader_init(struct nem_reader *r, const uint8_t *p, size_t n,
		     struct xt_err *err)
{
	static const uint8_t nothing[1];

	if (n == 0)
		p = nothing;
	*r = (struct nem_reader){ .start = p, .p = p, .end = p + n, .err = err };
}

enum xt_status nem_get_fail(struct nem_reader *r, const char *what, const char *why)
{
	if (r->rc == XT_OK)
		r->rc = xt_fail(r->err, XT_E_DATA, "byte %zu: %s: %s",
				(size_t)(r->p - r->start), what, why);
	return r->rc;
}

/* The next n bytes, NULL if they are not there. */
static const uint8_t *take(struct nem_reader *r, size_t n, const char *what)
{
	const uint8_t *p = r->p;

	if (r->rc != XT_OK)
		return NULL;
	if ((size_t)(r->end - p) < n) {
		(void)nem_get_fail(r, what, "the bytes end here");
		return NULL;
	}
	r->p += n;
	return p;
}

uint32_t nem_get_u32(struct nem_reader *r, const char *what)
{
	const uint8_t *p = take(r, 4, what);
	uint32_t v = 0;

	for (unsigned i = 0; p != NULL && i < 4; i++)
		v |= (uint32_t)p[i] << (8 * i);
	return v;
}

uint64_t nem_get_u64(struct nem_reader *r, const char *what)
{
	const uint8_t *p = take(r, 8, what);
	uint64_t v = 0;

	for (unsigned i = 0; p != NULL && i < 8; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

void nem_get_fixed(struct nem_reader *r, void *out, uint32_t n, const char *what)
{
	const uint32_t len = nem_get_u32(r, what);
	const uint8_t *p;

	if (r->rc == XT_OK && len != n)
		(void)nem_get_fail(r, what, "wrong length");
	p = take(r, n, what);
	if (p != NULL)
		memcpy(out, p, n);
}

void nem_get_address(struct nem_reader *r, struct nem_address *out, const char *what)
{
	nem_get_fixed(r, out->s, sizeof(out->s) - 1, what);
	out->s[sizeof(out->s) - 1] = '\0';
}

bool nem_get_optional(struct nem_reader *r, struct nem_bytes *out, uint32_t max,
		      const char *what)
{
	const uint32_t len = nem_get_u32(r, what);
	const uint8_t *p;

	if (r->rc != XT_OK || len == NULL_LENGTH)
		return false;
	if (len > max) {
		(void)nem_get_fail(r, what, "longer than allowed");
		return false;
	}
	p = take(r, len, what);
	if (p == NULL || len == 0)
		return p != NULL;
	out->data = xt_calloc(len, 1);
	if (out->data == NULL) {
		r->rc = xt_fail(r->err, XT_E_NOMEM,
				"out of memory for %" PRIu32 " bytes", len);
		return false;
	}
	memcpy(out->data, p, len);
	out->len = len;
	return true;
}

void nem_get_bytes(struct nem_reader *r, struct nem_bytes *out, uint32_t max,
		   const char *what)
{
	if (!nem_get_optional(r, out, max, what))
		(void)nem_get_fail(r, what, "missing");
}

uint32_t nem_get_count(struct nem_reader *r, uint32_t max, const char *what)
{
	const uint32_t n = nem_get_u32(r, what);

	if (n <= max)
		return n;
	(void)nem_get_fail(r, what, "too many");
	return 0;
}

const uint8_t *nem_get_open(struct nem_reader *r, const char *what)
{
	const uint8_t *outer = r->end;
	const uint32_t len = nem_get_u32(r, what);

	if (r->rc == XT_OK && (size_t)(r->end - r->p) < len)
		(void)nem_get_fail(r, what, "longer than what holds it");
	if (r->rc == XT_OK)
		r->end = r->p + len;
	return outer;
}

void nem_get_close(struct nem_reader *r, const uint8_t *end, const char *what)
{
	if (r->rc == XT_OK && r->p != r->end)
		(void)nem_get_fail(r, what, "bytes are left over");
	r->end = end;
}
