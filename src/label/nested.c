/* A value of a TagPack that is a mapping or a list, kept as one line of JSON. */
#include "internal.h"

#include <string.h>

#define MAX_TEXT 4096

void label_nested_begin(struct label_nested *n)
{
	*n = (struct label_nested){ 0 };
	xt_buf_init(&n->b, MAX_TEXT);
}

void label_nested_release(struct label_nested *n)
{
	xt_buf_release(&n->b);
}

/* What stands between the value before and this one. */
static enum xt_status part(struct label_nested *n, bool *key, struct xt_err *err)
{
	*key = false;
	if (n->depth == 0)
		return XT_OK;
	const size_t at = n->depth - 1;
	const size_t count = n->count[at]++;
	*key = n->is_map[at] && count % 2 == 0;
	if (n->is_map[at] && count % 2 == 1)
		return xt_buf_adds(&n->b, ": ", err);
	return count > 0 ? xt_buf_adds(&n->b, ", ", err) : XT_OK;
}

/* JSON's own words and numbers, as far as they need no second look. */
static bool is_literal(const char *s)
{
	size_t digits;
	if (strcmp(s, "true") == 0 || strcmp(s, "false") == 0 || strcmp(s, "null") == 0)
		return true;
	s += *s == '-';
	digits = strspn(s, "0123456789");
	if (digits == 0 || (s[0] == '0' && digits > 1))
		return false;
	s += digits;
	if (*s == '.') {
		digits = strspn(++s, "0123456789");
		if (digits == 0)
			return false;
		s += digits;
	}
	return *s == '\0';
}

static enum xt_status add_string(struct xt_buf *b, const char *s, struct xt_err *err)
{
	enum xt_status rc = xt_buf_adds(b, "\"", err);
	for (; *s != '\0' && rc == XT_OK; s++) {
		const unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			rc = xt_buf_addf(b, err, "\\%c", c);
		else if (c < 0x20)
			rc = xt_buf_addf(b, err, "\\u%04x", c);
		else
			rc = xt_buf_add(b, s, 1, err);
	}
	return rc == XT_OK ? xt_buf_adds(b, "\"", err) : rc;
}

enum xt_status label_nested_scalar(struct label_nested *n, const char *text, bool plain,
				   struct xt_err *err)
{
	bool key;
	const enum xt_status rc = part(n, &key, err);
	if (rc != XT_OK)
		return rc;
	if (plain && !key && text[0] == '\0')
		return xt_buf_adds(&n->b, "null", err);
	if (plain && !key && is_literal(text))
		return xt_buf_adds(&n->b, text, err);
	return add_string(&n->b, text, err);
}

enum xt_status label_nested_open(struct label_nested *n, bool map, struct xt_err *err)
{
	bool key;
	const enum xt_status rc = part(n, &key, err);
	if (rc != XT_OK)
		return rc;
	if (key || n->depth == LABEL_NESTED_DEPTH)
		return xt_fail(err, XT_E_DATA,
			       key ? "a key that is not a text" : "nested too deeply");
	n->is_map[n->depth] = map;
	n->count[n->depth++] = 0;
	return xt_buf_adds(&n->b, map ? "{" : "[", err);
}

enum xt_status label_nested_close(struct label_nested *n, bool *done,
				  struct xt_err *err)
{
	n->depth--;
	*done = n->depth == 0;
	return xt_buf_adds(&n->b, n->is_map[n->depth] ? "}" : "]", err);
}
