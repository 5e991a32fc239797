#include "report_put.h"

#include <string.h>

static void put(struct ex_json *j, const char *s, size_t n)
{
	if (j->rc == XT_OK)
		j->rc = xt_buf_add(j->out, s, n, j->err);
}

static void next(struct ex_json *j)
{
	if (!j->fresh)
		put(j, ",", 1);
	j->fresh = false;
}

void ex_json_open(struct ex_json *j, const char *bracket)
{
	next(j);
	put(j, bracket, 1);
	j->fresh = true;
}

void ex_json_close(struct ex_json *j, const char *bracket)
{
	put(j, bracket, 1);
	j->fresh = false;
}

void ex_json_key(struct ex_json *j, const char *name)
{
	next(j);
	put(j, "\"", 1);
	put(j, name, strlen(name));
	put(j, "\":", 2);
	j->fresh = true;
}

/* Bytes that stand in a script element and in a string of JSON as they are. */
static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c != '<' && c != '>' && c != '&' && c != '"' && c != '\\' &&
	       c != 0x7F;
}

static bool is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '@' || c == '-' || c == '.' || c == ':';
}

static void put_bytes(struct ex_json *j, const uint8_t *p, size_t n)
{
	size_t from = 0;
	char hex[8];

	for (size_t i = 0; i < n; i++) {
		if (is_plain(p[i]))
			continue;
		put(j, (const char *)p + from, i - from);
		put(j, hex, (size_t)snprintf(hex, sizeof(hex), "\\u%04x", p[i]));
		from = i + 1;
	}
	put(j, (const char *)p + from, n - from);
}

void ex_json_text(struct ex_json *j, const char *s)
{
	const size_t n = s != NULL ? strlen(s) : 0;
	struct xt_buf b;
	size_t plain = 0;

	next(j);
	put(j, "\"", 1);
	/* Most texts are addresses and hashes, which no rule changes. */
	while (plain < n && is_word((uint8_t)s[plain]))
		plain++;
	if (plain == n) {
		put(j, s != NULL ? s : "", n);
	} else if (j->rc == XT_OK) {
		xt_buf_init(&b, EXPORT_MAX_BYTES);
		j->rc = export_escape(&b, EXPORT_TERMINAL, s, n, j->err);
		put_bytes(j, b.data, b.len);
		xt_buf_release(&b);
	}
	put(j, "\"", 1);
}

static void put_digits(struct ex_json *j, uint64_t v)
{
	char s[20];
	size_t at = sizeof(s);

	do {
		s[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	put(j, s + at, sizeof(s) - at);
}

void ex_json_int(struct ex_json *j, int64_t v)
{
	next(j);
	if (v < 0)
		put(j, "-", 1);
	put_digits(j, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void ex_json_null(struct ex_json *j)
{
	next(j);
	put(j, "null", 4);
}

void ex_json_bool(struct ex_json *j, bool v)
{
	next(j);
	put(j, v ? "true" : "false", v ? 4 : 5);
}

void ex_json_count(struct ex_json *j, uint64_t n, bool known)
{
	if (!known) {
		ex_json_null(j);
		return;
	}
	next(j);
	put_digits(j, n);
}

void ex_json_amount(struct ex_json *j, xt_u128 v)
{
	char s[40];

	next(j);
	if (v < ((xt_u128)1 << 53)) {
		put_digits(j, (uint64_t)v);
		return;
	}
	xt_u128_format(s, v);
	put(j, "\"", 1);
	put(j, s, strlen(s));
	put(j, "\"", 1);
}

void ex_json_time(struct ex_json *j, const struct graph *g, uint32_t event, bool end)
{
	const struct export_cell c = ex_cell_time(g, event, end);

	if (c.absent)
		ex_json_null(j);
	else
		ex_json_int(j, c.v.time);
}
