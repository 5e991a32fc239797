#include <xemtrace/base.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST 64

void xt_buf_init(struct xt_buf *b, size_t max)
{
	*b = (struct xt_buf){ .max = max };
}

void xt_buf_release(struct xt_buf *b)
{
	free(b->data);
	*b = (struct xt_buf){ 0 };
}

void xt_buf_clear(struct xt_buf *b)
{
	b->len = 0;
}

/* Room for n more bytes and for the NUL of xt_buf_str(). */
static enum xt_status reserve(struct xt_buf *b, size_t n, struct xt_err *err)
{
	size_t need;
	size_t cap;
	uint8_t *p;

	if (b->len > b->max || n > b->max - b->len ||
	    __builtin_add_overflow(b->len + n, 1, &need))
		return xt_fail(err, XT_E_LIMIT,
			       "buffer: %zu bytes and %zu more pass the maximum of %zu",
			       b->len, n, b->max);
	if (need <= b->cap)
		return XT_OK;
	cap = b->cap < BUF_FIRST ? BUF_FIRST : b->cap;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	if (cap - 1 > b->max)
		cap = b->max + 1;
	p = xt_reallocarray(b->data, cap, 1);
	if (p == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu bytes", cap);
	b->data = p;
	b->cap = cap;
	return XT_OK;
}

enum xt_status xt_buf_add(struct xt_buf *b, const void *p, size_t n, struct xt_err *err)
{
	const enum xt_status rc = reserve(b, n, err);

	if (rc != XT_OK)
		return rc;
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	return XT_OK;
}

enum xt_status xt_buf_adds(struct xt_buf *b, const char *s, struct xt_err *err)
{
	return xt_buf_add(b, s, strlen(s), err);
}

enum xt_status xt_buf_addf(struct xt_buf *b, struct xt_err *err, const char *fmt, ...)
{
	enum xt_status rc;
	va_list ap;
	va_list again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		rc = xt_fail(err, XT_E_BUG, "text could not be formatted");
	} else {
		rc = reserve(b, (size_t)n, err);
		if (rc == XT_OK) {
			(void)vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt,
					again);
			b->len += (size_t)n;
		}
	}
	va_end(again);
	return rc;
}

enum xt_status xt_buf_u32(struct xt_buf *b, uint32_t v, struct xt_err *err)
{
	uint8_t le[4];

	for (size_t i = 0; i < sizeof(le); i++)
		le[i] = (uint8_t)(v >> (8 * i));
	return xt_buf_add(b, le, sizeof(le), err);
}

enum xt_status xt_buf_u64(struct xt_buf *b, uint64_t v, struct xt_err *err)
{
	uint8_t le[8];

	for (size_t i = 0; i < sizeof(le); i++)
		le[i] = (uint8_t)(v >> (8 * i));
	return xt_buf_add(b, le, sizeof(le), err);
}

const char *xt_buf_str(struct xt_buf *b)
{
	/* reserve() always leaves room for this byte. */
	if (b->data == NULL)
		return "";
	b->data[b->len] = '\0';
	return (const char *)b->data;
}
