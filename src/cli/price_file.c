#include "price_file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xemtrace/csv.h>

#define PRICE_MAX_E8 UINT64_C(999999999999999)

int32_t prices_day(int64_t unix_time)
{
	const time_t t = (time_t)unix_time;
	struct tm tm;
	if (localtime_r(&t, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 8099)
		return ANALYSE_NO_DAY;
	return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

/* Digits with up to eight decimals. */
bool prices_parse(uint64_t *out, const char *text)
{
	uint64_t v = 0;
	size_t digits = 0;
	int decimals = -1;
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '.' && decimals < 0 && digits > 0) {
			decimals = 0;
			continue;
		}
		if (*p < '0' || *p > '9' || decimals == 8 || v > PRICE_MAX_E8)
			return false;
		v = v * 10 + (uint64_t)(*p - '0');
		digits++;
		decimals += decimals >= 0;
	}
	if (digits == 0 || decimals == 0)
		return false;
	for (int i = decimals < 0 ? 0 : decimals; i < 8; i++) {
		if (v > PRICE_MAX_E8)
			return false;
		v *= 10;
	}
	if (v > PRICE_MAX_E8)
		return false;
	*out = v;
	return true;
}

bool prices_currency(char out[16], const char *text, size_t n)
{
	if (n == 0 || n > 15)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!((text[i] >= 'A' && text[i] <= 'Z') ||
		      (text[i] >= '0' && text[i] <= '9')))
			return false;
	memcpy(out, text, n);
	out[n] = '\0';
	return true;
}

static bool parse_day(int32_t *out, const char *text)
{
	int64_t t;
	struct tm tm;
	if (strlen(text) != 10 || nem_time_parse(&t, text, NULL) != XT_OK)
		return false;
	const time_t tt = (time_t)t;
	if (gmtime_r(&tt, &tm) == NULL)
		return false;
	*out = (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
	return true;
}

static enum xt_status read_row(struct prices *p, const struct csv *csv, size_t r,
			       const char *path, const char *only, struct xt_err *err)
{
	const char *date = csv_field(csv, r, csv_column(csv, "date"));
	const char *currency = csv_field(csv, r, csv_column(csv, "currency"));
	const char *price = csv_field(csv, r, csv_column(csv, "price"));
	const unsigned long long line = (unsigned long long)csv_line(csv, r);
	assert(p->v != NULL);
	struct price *at = &p->v[p->n];
	char name[16];
	if (!parse_day(&at->day, date))
		return xt_fail(err, XT_E_DATA, "%s:%llu: date: '%.40s' is no day", path,
			       line, date);
	if (!prices_currency(name, currency, strlen(currency)))
		return xt_fail(err, XT_E_DATA,
			       "%s:%llu: currency: '%.40s' is not capitals and digits",
			       path, line, currency);
	if (!prices_parse(&at->e8, price))
		return xt_fail(err, XT_E_DATA,
			       "%s:%llu: price: '%.40s' is no number with up to eight "
			       "decimals below 10,000,000",
			       path, line, price);
	if (only != NULL && strcmp(name, only) != 0)
		return XT_OK;
	if (p->n > 0 && strcmp(name, p->currency) != 0)
		return xt_fail(err, XT_E_DATA,
			       "%s:%llu: currency: %s, and the rows before are in %s: "
			       "--currency says which to take",
			       path, line, name, p->currency);
	memcpy(p->currency, name, sizeof(name));
	p->n++;
	return XT_OK;
}

static int by_day(const void *pa, const void *pb)
{
	const struct price *a = pa;
	const struct price *b = pb;
	return a->day < b->day ? -1 : a->day > b->day;
}

static enum xt_status read_rows(struct prices *p, const char *path, const char *only,
				struct xt_err *err)
{
	static const char *const needed[] = { "date", "currency", "price" };
	struct csv *csv = NULL;
	enum xt_status rc = csv_read_file(&csv, path, err);
	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < XT_ARRAY_SIZE(needed) && rc == XT_OK; i++)
		if (csv_column(csv, needed[i]) < 0)
			rc = xt_fail(err, XT_E_DATA, "%s:1: there is no column %s",
				     path, needed[i]);
	if (rc == XT_OK && csv_rows(csv) == 0)
		rc = xt_fail(err, XT_E_DATA, "%s: no prices below the header", path);
	p->v = xt_calloc(csv_rows(csv) + 1, sizeof(*p->v));
	if (p->v == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory");
	for (size_t r = 0; r < csv_rows(csv) && rc == XT_OK; r++)
		rc = read_row(p, csv, r, path, only, err);
	if (rc == XT_OK && p->n == 0)
		rc = xt_fail(err, XT_E_DATA, "%s: no price in %s", path,
			     only != NULL ? only : "any currency");
	if (rc == XT_OK && p->n > 0)
		qsort(p->v, p->n, sizeof(*p->v), by_day);
	for (size_t i = 1; i < p->n && rc == XT_OK; i++)
		if (p->v[i].day == p->v[i - 1].day)
			rc = xt_fail(err, XT_E_DATA, "%s: two prices for %d-%02d-%02d",
				     path, p->v[i].day / 10000, p->v[i].day / 100 % 100,
				     p->v[i].day % 100);
	csv_free(csv);
	return rc;
}

enum xt_status prices_read(struct prices *out, const char *path, const char *currency,
			   struct xt_err *err)
{
	struct prices p = { 0 };
	const enum xt_status rc = read_rows(&p, path, currency, err);
	if (rc != XT_OK)
		prices_release(&p);
	else
		*out = p;
	return rc;
}

void prices_release(struct prices *p)
{
	free(p->v);
	memset(p, 0, sizeof(*p));
}

bool prices_find(void *ctx, int32_t day, uint64_t *price_e8)
{
	const struct prices *p = ctx;
	const struct price key = { .day = day };
	if (p->fixed) {
		*price_e8 = p->rate_e8;
		return true;
	}
	if (p->n == 0 || day == ANALYSE_NO_DAY)
		return false;
	const struct price *at = bsearch(&key, p->v, p->n, sizeof(*p->v), by_day);
	if (at == NULL)
		return false;
	*price_e8 = at->e8;
	return true;
}
