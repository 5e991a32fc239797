/* Tables and their three forms: the rules of docs/output-schema.md. */
#define _XOPEN_SOURCE 700 /* wcwidth() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <xemtrace/csv.h>
#include <xemtrace/export.h>

#include <cmocka.h>
#include <ctype.h>
#include <jansson.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "../analyse/sample.h"
#include "export/internal.h"
#include "golden.h"

static bool ends_with(const char *s, const char *end)
{
	const size_t n = strlen(s);
	const size_t m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static void check_time(const char *s)
{
	static const char pattern[] = "dddd-dd-ddTdd:dd:ddZ";

	assert_int_equal(strlen(s), sizeof(pattern) - 1);
	for (size_t i = 0; s[i] != '\0'; i++)
		assert_true(pattern[i] == 'd' ? isdigit((unsigned char)s[i]) != 0
					      : s[i] == pattern[i]);
}

static void check_key(const char *key)
{
	assert_true(strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
		    strlen(key));
}

static void check_value(const char *key, const json_t *v)
{
	check_key(key);
	assert_false(json_is_null(v));
	assert_false(json_is_real(v));
	if (ends_with(key, "_uxem")) {
		assert_true(json_is_integer(v));
		assert_true(json_integer_value(v) >= 0);
		assert_true(json_integer_value(v) < INT64_C(9007199254740992));
	}
	if (ends_with(key, "_volume")) {
		const char *s = json_string_value(v);

		assert_non_null(s);
		assert_true(s[0] != '\0' && strspn(s, "0123456789") == strlen(s));
		assert_true(s[0] != '0' || s[1] == '\0');
	}
	if (strcmp(key, "hash") == 0)
		assert_true(strlen(json_string_value(v)) == 64 &&
			    strspn(json_string_value(v), "0123456789abcdef") == 64);
	if (strcmp(key, "first") == 0 || strcmp(key, "last") == 0 ||
	    strcmp(key, "time") == 0 || strcmp(key, "time_last") == 0)
		check_time(json_string_value(v));
	if (strcmp(key, "address") == 0)
		assert_true(strchr(json_string_value(v), '@') != NULL ||
			    strlen(json_string_value(v)) == 40);
}

/* Every value of the document, by a list of what is still to be looked at. */
static void check_rules(const json_t *top)
{
	const json_t *todo[4096];
	size_t n = 0;

	assert_true(json_is_object(top));
	todo[n++] = top;
	while (n > 0) {
		const json_t *at = todo[--n];
		const char *key;
		json_t *v;
		size_t i;

		json_object_foreach((json_t *)(uintptr_t)at, key, v)
		{
			check_value(key, v);
			if (json_is_object(v) || json_is_array(v)) {
				assert_true(n < XT_ARRAY_SIZE(todo));
				todo[n++] = v;
			}
		}
		json_array_foreach(at, i, v)
		{
			assert_false(json_is_null(v) || json_is_real(v));
			if (json_is_object(v)) {
				assert_true(n < XT_ARRAY_SIZE(todo));
				todo[n++] = v;
			}
		}
	}
}

static char *written(enum export_format format, const struct export_doc *doc, size_t *n)
{
	struct golden_file o;
	struct xt_err err = { 0 };

	golden_open(&o);
	if (export_doc_write(o.f, format, doc, &err) != XT_OK)
		fail_msg("%s", err.text);
	golden_close(&o);
	*n = o.n;
	return o.text;
}

static json_t *parsed(const struct export_doc *doc)
{
	json_error_t why;
	size_t n;
	char *text = written(EXPORT_JSON, doc, &n);
	json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);

	if (j == NULL)
		fail_msg("line %d: %s", why.line, why.text);
	free(text);
	return j;
}

/* ---- the findings
 * ----------------------------------------------------------------------- */

struct findings {
	struct graph *g;
	struct taint_result *r;
	struct analyse_exchanges e;
	struct export_table *t;
};

static int setup(void **state)
{
	static struct findings f;

	f.g = sample_graph();
	f.r = sample_run(f.g, "haircut");
	assert_int_equal(analyse_exchanges(&f.e, f.g, f.r, NULL), XT_OK);
	assert_int_equal(export_exchanges(&f.t, f.g, &f.e, NULL), XT_OK);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct findings *f = *state;

	export_table_free(f->t);
	analyse_exchanges_release(&f->e);
	taint_result_free(f->r);
	graph_free(f->g);
	return 0;
}

/* JSON's figures are the findings', level by level. */
static void test_json_exchanges(void **state)
{
	const struct findings *f = *state;
	const struct export_doc doc = { .command = "exchanges", .body = f->t };
	json_t *top = parsed(&doc);
	const json_t *result = json_object_get(top, "result");

	check_rules(top);
	assert_int_equal(json_integer_value(json_object_get(top, "format_version")), 1);
	assert_string_equal(json_string_value(json_object_get(top, "command")),
			    "exchanges");
	assert_true(json_is_array(json_object_get(top, "warnings")));
	assert_int_equal(json_array_size(result), f->e.n_services);
	for (size_t i = 0; i < f->e.n_services; i++) {
		const struct analyse_service_row *s = &f->e.services[i];
		const json_t *js = json_array_get(result, i);
		const json_t *memos = json_object_get(js, "memos");
		char want[40];

		xt_u128_format(want, s->tainted);
		assert_string_equal(
		    json_string_value(json_object_get(js, "tainted_volume")), want);
		assert_int_equal(json_array_size(memos), s->memo_to - s->memo_from);
		for (size_t j = s->memo_from; j < s->memo_to; j++) {
			const struct analyse_memo_row *m = &f->e.memos[j];
			const json_t *jm = json_array_get(memos, j - s->memo_from);
			const json_t *list = json_object_get(jm, "deposits");
			json_int_t sum = 0;

			assert_int_equal(json_array_size(list),
					 m->deposit_to - m->deposit_from);
			for (size_t k = 0; k < json_array_size(list); k++)
				sum += json_integer_value(json_object_get(
				    json_array_get(list, k), "tainted_uxem"));
			assert_true((uint64_t)sum == m->tainted);
			assert_int_equal(json_object_get(jm, "count") != NULL,
					 m->count_known);
		}
	}
	json_decref(top);
}

/* The hostile messages come out exactly, but for bytes that are no text. */
static void test_json_memos_exact(void **state)
{
	const struct findings *f = *state;
	const struct export_doc doc = { .command = "exchanges", .body = f->t };
	json_t *top = parsed(&doc);

	for (size_t i = 0; i < N_HOSTILE_MEMOS; i++) {
		const char *want = sample_hostile_memo(i);
		bool found = false;

		if (!xt_utf8_valid((const uint8_t *)want, strlen(want)))
			want = "bad \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
			       "\xEF\xBF\xBD\xEF\xBF\xBD utf-8";
		for (size_t s = 0; s < f->e.n_services; s++) {
			const json_t *memos = json_object_get(
			    json_array_get(json_object_get(top, "result"), s), "memos");

			for (size_t m = 0; m < json_array_size(memos); m++) {
				const char *text = json_string_value(
				    json_object_get(json_array_get(memos, m), "text"));

				found =
				    found || (text != NULL && strcmp(text, want) == 0);
			}
		}
		assert_true(found);
	}
	json_decref(top);
}

/* CSV is read back by the project's own reader: a line a deposit, sums as in the
 * parents' columns, no field that a spreadsheet would run. */
static void test_csv_exchanges(void **state)
{
	const struct findings *f = *state;
	const struct export_doc doc = { .command = "exchanges", .body = f->t };
	struct xt_err err = { 0 };
	struct csv *csv;
	size_t n;
	char *text = written(EXPORT_CSVF, &doc, &n);
	size_t at = 0;

	if (csv_parse(&csv, "exchanges.csv", (const uint8_t *)text, n, &err) != XT_OK)
		fail_msg("%s", err.text);
	assert_null(strchr(text, '\r'));
	assert_int_equal(csv_rows(csv), f->e.n_deposits);
	for (size_t i = 0; i < f->e.n_services; i++) {
		const struct analyse_service_row *s = &f->e.services[i];
		uint64_t sum = 0;

		while (at < csv_rows(csv) &&
		       strcmp(csv_field(csv, at, csv_column(csv, "service_address")),
			      f->g->party[s->account].s) == 0) {
			uint64_t v;

			assert_int_equal(
			    xt_parse_u64(&v,
					 csv_field(csv, at,
						   csv_column(csv, "deposit_tainted_"
								   "uxem")),
					 UINT64_MAX, NULL),
			    XT_OK);
			sum += v;
			at++;
		}
		assert_true(sum == s->tainted);
	}
	assert_int_equal(at, f->e.n_deposits);
	for (size_t r = 0; r < csv_rows(csv); r++)
		for (size_t c = 0; c < csv_columns(csv); c++) {
			const char *v = csv_field(csv, r, (int)c);

			assert_true(v[0] == '\0' || strchr("=+-@\t\r", v[0]) == NULL);
		}
	csv_free(csv);
	free(text);
}

/* ---- tables
 * ------------------------------------------------------------------------------- */

static const struct export_column cols[] = {
	{ .key = "name", .title = "name", .kind = EXPORT_LABEL },
	{ .key = "amount_uxem", .title = "amount", .kind = EXPORT_UXEM },
	{ .key = "sum_volume", .title = "sum", .kind = EXPORT_VOLUME },
	{ .key = "count", .title = "n", .kind = EXPORT_INT },
	{ .key = "time", .title = "time", .kind = EXPORT_TIME },
	{ .key = "good", .title = "good", .kind = EXPORT_BOOL },
	{ .key = "tags", .title = "tags", .kind = EXPORT_LIST },
	{ .title = "words", .kind = EXPORT_WORDS },
};

static struct export_table *one_row(uint64_t amount)
{
	static const char *const tags[] = { "a", "=b", "c\x1b" };
	struct export_cell cells[] = {
		{ .v.str = "\xE5\x8F\xA3, \"x\"" }, { .v.u = amount },
		{ .v.volume = ~(xt_u128)0 },        { .absent = true },
		{ .v.time = 1516892533 },           { .v.b = true },
		{ .v.list = { tags, 3 } },          { .v.str = "text only" }
	};
	struct export_table *t;

	assert_int_equal(export_table_new(&t, "rows", cols, XT_ARRAY_SIZE(cols), NULL),
			 XT_OK);
	assert_int_equal(export_table_row(t, NULL, cells, NULL), XT_OK);
	assert_int_equal(export_table_rows(t), 1);
	return t;
}

static void test_forms(void **state)
{
	struct export_table *t = one_row(1234567890);
	struct export_doc doc = { .command = "x", .body = t };
	size_t n;
	char *s;

	(void)state;
	s = written(EXPORT_CSVF, &doc, &n);
	assert_string_equal(s, "name,amount_uxem,sum_volume,count,time,good,tags\n"
			       "\"\xE5\x8F\xA3, \"\"x\"\"\",1234567890,"
			       "340282366920938463463374607431768211455,,"
			       "2018-01-25T15:02:13Z,true,a =b c\\x1b\n");
	free(s);
	s = written(EXPORT_TEXT, &doc, &n);
	/* "n" says nothing in any row: left out. */
	assert_string_equal(
	    s,
	    "name           amount                                                 sum"
	    "  time                  good  tags        words\n"
	    "\xE5\x8F\xA3, \"x\"  1,234.567890  340,282,366,920,938,463,463,374,607,"
	    "431,768.211455  2018-01-25 15:02:13Z  yes   a =b c\\x1b  text only\n");
	free(s);
	s = written(EXPORT_JSON, &doc, &n);
	assert_string_equal(s, "{\n  \"format_version\": 1,\n  \"command\": \"x\",\n"
			       "  \"result\": [\n    {\n"
			       "      \"name\": \"\xE5\x8F\xA3, \\\"x\\\"\",\n"
			       "      \"amount_uxem\": 1234567890,\n"
			       "      \"sum_volume\": "
			       "\"340282366920938463463374607431768211455\",\n"
			       "      \"time\": \"2018-01-25T15:02:13Z\",\n"
			       "      \"good\": true,\n      \"tags\": [\n"
			       "        \"a\",\n        \"=b\",\n        \"c\\u001B\"\n"
			       "      ]\n    }\n  ],\n  \"warnings\": []\n}\n");
	free(s);
	export_table_free(t);
}

static void test_time_zone(void **state)
{
	struct export_table *t = one_row(0);
	const struct export_doc doc = { .command = "x", .body = t, .tz_known = 1 };
	size_t n;
	char *s;

	(void)state;
	assert_int_equal(setenv("TZ", "JST-9", 1), 0);
	tzset();
	s = written(EXPORT_TEXT, &doc, &n);
	assert_non_null(strstr(s, "2018-01-26 00:02:13+09:00"));
	free(s);
	s = written(EXPORT_JSON, &doc, &n);
	assert_non_null(strstr(s, "2018-01-25T15:02:13Z"));
	free(s);
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
	export_table_free(t);
}

static void test_too_large_for_json(void **state)
{
	struct export_table *t = one_row((uint64_t)INT64_MAX + 1);
	const struct export_doc doc = { .command = "x", .body = t };
	struct xt_err err = { 0 };
	struct golden_file o;

	(void)state;
	golden_open(&o);
	assert_int_equal(export_doc_write(o.f, EXPORT_JSON, &doc, &err), XT_E_LIMIT);
	assert_non_null(strstr(err.text, "amount_uxem: 9223372036854775808"));
	golden_close(&o);
	assert_int_equal(o.n, 0);
	free(o.text);
	export_table_free(t);
}

static void test_full_disk(void **state)
{
	struct export_table *t = one_row(1);
	const struct export_doc doc = { .command = "x", .body = t };
	struct xt_err err = { 0 };
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	assert_int_equal(setvbuf(f, NULL, _IONBF, 0), 0);
	assert_int_equal(export_doc_write(f, EXPORT_CSVF, &doc, &err), XT_E_IO);
	assert_non_null(strstr(err.text, "No space left"));
	(void)fclose(f);
	export_table_free(t);
}

/* A label is wrapped in its column; what does not fit stands below, named. */
static void test_width(void **state)
{
	const struct export_column wide[] = {
		{ .key = "name", .title = "name", .kind = EXPORT_LABEL },
		{ .key = "hash", .title = "hash", .kind = EXPORT_STR },
		{ .key = "amount_uxem", .title = "amount", .kind = EXPORT_UXEM },
		{ .key = "text", .title = "message", .kind = EXPORT_WORDS },
	};
	const char *hash =
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	/* Nine letters of two columns, the third with a mark of none. */
	const struct export_cell cells[] = {
		{ .v.str =
		      "\xE5\x8F\x96\xE5\xBC\x95\xE6\x89\x80\xE3\x82\x99\xE5\x8F\x96"
		      "\xE5\xBC\x95\xE6\x89\x80\xE5\x8F\x96\xE5\xBC\x95\xE6\x89\x80" },
		{ .v.str = hash },
		{ .v.u = 1 },
		{ .v.str = "two  blanks, one at the end " },
	};
	struct export_doc doc = { .command = "x", .width = 80 };
	struct export_table *t;
	size_t n;
	char *s;

	(void)state;
	assert_int_equal(export_table_new(&t, "rows", wide, 4, NULL), XT_OK);
	assert_int_equal(export_table_row(t, NULL, cells, NULL), XT_OK);
	doc.body = t;
	s = written(EXPORT_TEXT, &doc, &n);
	/* 14 columns of label, a gap of two, 64 of hash. */
	assert_string_equal(
	    s, "name            hash\n\n"
	       "\xE5\x8F\x96\xE5\xBC\x95\xE6\x89\x80\xE3\x82\x99\xE5\x8F\x96"
	       "\xE5\xBC\x95\xE6\x89\x80\xE5\x8F\x96  "
	       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	       "\xE5\xBC\x95\xE6\x89\x80\n"
	       "    amount: 0.000001  message: two \\x20blanks, one at the end\\x20\n");
	free(s);
	export_table_free(t);
}

/* What a person reads: without blanks, sequences and the titles of what stands below. */
static void squeeze(char *s)
{
	char *to = s;

	while (*s != '\0') {
		if (*s == '\x1b')
			s += strcspn(s, "m");
		else if (*s != ' ' && *s != '\n')
			*to++ = *s;
		s++;
	}
	*to = '\0';
}

/* Columns of a line by the C library's own table. */
static size_t columns_of(const char *line, size_t n)
{
	size_t columns = 0;
	mbstate_t at;

	memset(&at, 0, sizeof(at));
	while (n > 0) {
		wchar_t w;
		size_t len;

		if (*line == '\x1b') {
			len = strcspn(line, "m") + 1;
		} else {
			len = mbrtowc(&w, line, n, &at);
			assert_true(len > 0 && len <= n);
			assert_true(wcwidth(w) >= 0);
			columns += (size_t)wcwidth(w);
		}
		line += len;
		n -= len;
	}
	return columns;
}

/* On every width: no line is wider (but for one that cannot be broken), every word of a
 * text that is never shortened is there, and so is every figure; colours change nothing
 * else. */
static void test_every_width(void **state)
{
	const struct findings *f = *state;
	struct export_doc doc = { .command = "exchanges", .body = f->t };

	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (unsigned width = 40; width <= 300; width += width < 130 ? 1 : 17) {
		char *plain;
		char *painted;
		size_t n;

		doc.width = width;
		doc.color = false;
		plain = written(EXPORT_TEXT, &doc, &n);
		for (const char *p = plain; *p != '\0';) {
			const size_t len = strcspn(p, "\n");

			/* A hash has 64 columns, and an indent and its title before it. */
			if (columns_of(p, len) > (width < 80 ? 80 : width))
				fail_msg("%u: %.*s", width, (int)len, p);
			p += len + (p[len] == '\n');
		}
		for (size_t i = 0; i < f->e.n_deposits; i++) {
			const struct analyse_deposit *d = &f->e.deposits[i];
			const char *ref = f->g->tx_ref[f->g->event_tx[d->event]];
			struct xt_buf amount;

			xt_buf_init(&amount, 100);
			assert_int_equal(ex_add_xem(&amount, d->tainted, false, NULL),
					 XT_OK);
			assert_non_null(strstr(plain, xt_buf_str(&amount)));
			assert_non_null(strstr(plain, ref));
			xt_buf_release(&amount);
		}
		doc.color = true;
		painted = written(EXPORT_TEXT, &doc, &n);
		assert_non_null(strchr(painted, '\x1b'));
		squeeze(plain);
		squeeze(painted);
		assert_string_equal(plain, painted);
		free(plain);
		free(painted);
	}
}

static void test_children(void **state)
{
	static const struct export_column a[] = { { .key = "x", .kind = EXPORT_INT } };
	static const struct export_column b[] = { { .key = "y", .kind = EXPORT_INT } };
	const struct export_cell cell = { .v.u = 7 };
	struct export_doc doc = { .command = "x" };
	struct export_table *t;
	struct export_table *child;
	struct export_table *deep;
	struct xt_err err = { 0 };
	size_t n;
	char *s;

	(void)state;
	assert_int_equal(export_table_new(&t, "rows", a, 1, NULL), XT_OK);
	assert_int_equal(export_table_child(t, 0, &child, "kids", b, 1, &err),
			 XT_E_USAGE);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(export_table_row(t, NULL, &cell, NULL), XT_OK);
	assert_int_equal(export_table_child(t, 17, &child, "kids", b, 1, &err), XT_OK);
	assert_int_equal(export_table_child(t, 17, &deep, "kids", b, 1, &err),
			 XT_E_USAGE);
	assert_int_equal(export_table_child(t, 3, &deep, "cats", b, 1, &err),
			 XT_E_USAGE);
	assert_int_equal(export_table_child(t, 3, &deep, "kids", a, 1, &err),
			 XT_E_USAGE);
	assert_int_equal(export_table_row(child, NULL, &cell, NULL), XT_OK);
	assert_int_equal(export_table_row(child, NULL, &cell, NULL), XT_OK);
	doc.body = t;
	s = written(EXPORT_CSVF, &doc, &n);
	/* 19 rows without children, one that stands in its children's two lines. */
	assert_int_equal(strncmp(s, "row_x,kid_y\n7,\n", 15), 0);
	assert_non_null(strstr(s, "7,\n7,7\n7,7\n7,\n7,\n"));
	assert_int_equal(n, 12 + 19 * 3 + 2 * 4);
	free(s);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(
		    export_table_child(child, 0, &deep, "deeps", a, 1, &err), XT_OK);
		child = deep;
		assert_int_equal(export_table_row(child, NULL, &cell, NULL), XT_OK);
	}
	assert_int_equal(export_table_child(child, 0, &deep, "deepest", a, 1, &err),
			 XT_E_USAGE);
	export_table_free(t);
}

static void test_adopt(void **state)
{
	const struct findings *f = *state;
	struct export_table *t = one_row(5);
	struct export_table *other = one_row(6);
	struct export_table *ex;
	struct export_doc doc = { .command = "x", .body = t };
	struct xt_err err = { 0 };
	struct golden_file o;
	json_t *top;
	const json_t *row;
	size_t n;
	char *s;

	assert_int_equal(export_exchanges(&ex, f->g, &f->e, NULL), XT_OK);
	assert_int_equal(export_table_adopt(t, 1, other, &err), XT_E_USAGE);
	assert_int_equal(export_table_adopt(t, 0, t, &err), XT_E_USAGE);
	assert_int_equal(export_table_adopt(t, 0, ex, &err), XT_OK);
	assert_int_equal(export_table_adopt(other, 0, t, &err), XT_E_USAGE);
	assert_int_equal(export_table_adopt(t, 0, other, &err), XT_OK);
	top = parsed(&doc);
	check_rules(top);
	row = json_array_get(json_object_get(top, "result"), 0);
	assert_int_equal(json_array_size(json_object_get(row, "services")),
			 f->e.n_services);
	assert_int_equal(json_array_size(json_object_get(row, "rows")), 1);
	json_decref(top);
	s = written(EXPORT_TEXT, &doc, &n);
	assert_non_null(strstr(s, "\nservices:\n"));
	assert_non_null(strstr(s, "\nrows:\nname"));
	free(s);
	/* CSV is one of them: the rows, or the one that is named. */
	s = written(EXPORT_CSVF, &doc, &n);
	assert_true(strncmp(s, "name,", 5) == 0);
	free(s);
	doc.table = "services";
	s = written(EXPORT_CSVF, &doc, &n);
	assert_true(strncmp(s, "service_name,", 13) == 0);
	free(s);
	doc.table = "nothing";
	golden_open(&o);
	assert_int_equal(export_doc_write(o.f, EXPORT_CSVF, &doc, &err), XT_E_USAGE);
	assert_non_null(strstr(err.text, "result, services, rows"));
	golden_close(&o);
	assert_int_equal(o.n, 0);
	free(o.text);
	export_table_free(t);
}

static void test_columns_limit(void **state)
{
	struct export_column many[33];
	struct export_table *t = NULL;
	struct xt_err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 33; i++)
		many[i] = (struct export_column){ .key = "x", .kind = EXPORT_INT };
	assert_int_equal(export_table_new(&t, "rows", many, 33, &err), XT_E_USAGE);
	assert_int_equal(export_table_new(&t, "rows", many, 0, &err), XT_E_USAGE);
	assert_null(t);
	export_table_free(NULL);
}

/* Nothing to show is a result of the same shape. */
static void test_no_body(void **state)
{
	const struct export_doc doc = { .command = "status" };
	json_t *top = parsed(&doc);
	size_t n;
	char *s;

	(void)state;
	check_rules(top);
	assert_int_equal(json_array_size(json_object_get(top, "result")), 0);
	assert_null(json_object_get(top, "summary"));
	json_decref(top);
	s = written(EXPORT_TEXT, &doc, &n);
	assert_int_equal(n, 0);
	free(s);
}

static void test_escape_limit(void **state)
{
	struct xt_buf b;
	struct xt_err err = { 0 };

	(void)state;
	xt_buf_init(&b, 6);
	assert_int_equal(export_escape(&b, EXPORT_TERMINAL, "ab", 2, NULL), XT_OK);
	assert_int_equal(export_escape(&b, EXPORT_TERMINAL, "c\x1b", 2, &err),
			 XT_E_LIMIT);
	assert_string_equal(xt_buf_str(&b), "ab");
	xt_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_exchanges),
		cmocka_unit_test(test_json_memos_exact),
		cmocka_unit_test(test_csv_exchanges),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_time_zone),
		cmocka_unit_test(test_too_large_for_json),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_every_width),
		cmocka_unit_test(test_children),
		cmocka_unit_test(test_adopt),
		cmocka_unit_test(test_columns_limit),
		cmocka_unit_test(test_no_body),
		cmocka_unit_test(test_escape_limit),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
