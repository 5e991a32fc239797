#include <xemtrace/export.h>

#include <errno.h>
#include <string.h>

#include "internal.h"

enum xt_status ex_write_all(FILE *f, const struct xt_buf *buf, struct xt_err *err)
{
	errno = 0;
	if (buf->len > 0 && fwrite(buf->data, 1, buf->len, f) != buf->len)
		return xt_fail(err, XT_E_IO, "output could not be written: %s",
			       errno != 0 ? strerror(errno) : "short write");
	return XT_OK;
}

enum xt_status export_doc_write(FILE *f, enum export_format format,
				const struct export_doc *doc, struct xt_err *err)
{
	enum xt_status rc = XT_OK;
	struct xt_buf out;

	xt_buf_init(&out, EXPORT_MAX_BYTES);
	switch (format) {
	case EXPORT_TEXT:
		rc = ex_write_text(&out, doc, err);
		break;
	case EXPORT_JSON:
		rc = ex_write_json(&out, doc, err);
		break;
	case EXPORT_JSONL:
		rc = ex_write_jsonl(f, doc, err);
		break;
	case EXPORT_CSVF:
		rc = ex_write_csv(&out, doc, err);
		break;
	}
	if (rc == XT_OK)
		rc = ex_write_all(f, &out, err);
	xt_buf_release(&out);
	return rc;
}

enum xt_status export_doc_tables(struct xt_buf *out, const struct export_doc *doc,
				 struct xt_err *err)
{
	enum xt_status rc = xt_buf_adds(out, "result", err);

	if (rc == XT_OK && doc->head != NULL)
		rc = xt_buf_adds(out, ", summary", err);
	for (size_t i = 0; doc->body != NULL && i < doc->body->n_adopted && rc == XT_OK;
	     i++)
		rc = xt_buf_addf(out, err, ", %s",
				 ex_table_shape(doc->body->adopted[i].table)->key);
	return rc;
}

/* The whole part of an amount, in groups of three. */
static enum xt_status add_grouped(struct xt_buf *out, xt_u128 v, struct xt_err *err)
{
	char digits[40];
	enum xt_status rc = XT_OK;
	size_t n;

	xt_u128_format(digits, v);
	n = strlen(digits);
	for (size_t i = 0; i < n && rc == XT_OK; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			rc = xt_buf_adds(out, ",", err);
		if (rc == XT_OK)
			rc = xt_buf_add(out, &digits[i], 1, err);
	}
	return rc;
}

enum xt_status ex_add_xem(struct xt_buf *out, xt_u128 uxem, bool trim,
			  struct xt_err *err)
{
	uint32_t rest = (uint32_t)(uxem % 1000000);
	enum xt_status rc = add_grouped(out, uxem / 1000000, err);
	int digits = 6;

	if (rc != XT_OK)
		return rc;
	while (trim && digits > 0 && rest % 10 == 0) {
		rest /= 10;
		digits--;
	}
	return digits > 0 ? xt_buf_addf(out, err, ".%0*u", digits, rest) : XT_OK;
}
