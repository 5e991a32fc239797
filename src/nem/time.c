#include <xemtrace/nem.h>

#include <string.h>

#define DAY        86400
#define FIRST_YEAR 1
#define LAST_YEAR  9999

int64_t nem_time_to_unix(uint32_t nem_seconds)
{
	return NEM_EPOCH_UNIX + (int64_t)nem_seconds;
}

bool nem_time_from_unix(uint32_t *out, int64_t unix_seconds)
{
	if (unix_seconds < NEM_EPOCH_UNIX || unix_seconds - NEM_EPOCH_UNIX > UINT32_MAX)
		return false;
	*out = (uint32_t)(unix_seconds - NEM_EPOCH_UNIX);
	return true;
}

static bool is_leap(int64_t y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int64_t days_in_month(int64_t y, int64_t m)
{
	static const uint8_t days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	return m == 2 && is_leap(y) ? 29 : days[m - 1];
}

/* Days from 1970-01-01 to the first of January of a year from 1 on. */
static int64_t days_before_year(int64_t y)
{
	const int64_t p = y - 1;

	return p * 365 + p / 4 - p / 100 + p / 400 - 719162;
}

char *nem_time_format_utc(char out[24], int64_t unix_seconds)
{
	int64_t day = unix_seconds / DAY;
	int64_t second = unix_seconds % DAY;
	int64_t year;
	int64_t month = 1;

	if (second < 0) {
		second += DAY;
		day--;
	}
	if (day < days_before_year(FIRST_YEAR) ||
	    day >= days_before_year(LAST_YEAR + 1)) {
		memcpy(out, "out of range", sizeof("out of range"));
		return out;
	}
	/* 366 days a year never guesses too late; at most a few steps are left. */
	year = FIRST_YEAR + (day - days_before_year(FIRST_YEAR)) / 366;
	while (day >= days_before_year(year + 1))
		year++;
	day -= days_before_year(year);
	for (; day >= days_in_month(year, month); month++)
		day -= days_in_month(year, month);
	(void)snprintf(out, 24, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		       (unsigned)year % 10000, (unsigned)month % 100,
		       (unsigned)(day + 1) % 100, (unsigned)(second / 3600) % 100,
		       (unsigned)(second / 60 % 60) % 100, (unsigned)(second % 60));
	return out;
}

/* Exactly n digits, then the character `then` (0: nothing is eaten). Advances *s. */
static bool eat(int64_t *v, const char **s, int n, char then)
{
	*v = 0;
	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*v = *v * 10 + (**s - '0');
	}
	if (then == '\0')
		return true;
	return *(*s)++ == then;
}

/* "T00:02" or "T00:02:13" after the T. */
static bool eat_clock(int64_t *seconds, const char **s)
{
	int64_t h;
	int64_t m;
	int64_t sec = 0;

	if (!eat(&h, s, 2, ':') || !eat(&m, s, 2, '\0'))
		return false;
	if (**s == ':') {
		(*s)++;
		if (!eat(&sec, s, 2, '\0'))
			return false;
	}
	*seconds = h * 3600 + m * 60 + sec;
	return h < 24 && m < 60 && sec < 60;
}

/* "Z", "+09:00", "-05:30" or nothing. No place is further than 14 hours from UTC. */
static bool eat_zone(int64_t *offset, const char **s)
{
	const char sign = **s;
	int64_t h;
	int64_t m;

	*offset = 0;
	if (sign == '\0')
		return true;
	(*s)++;
	if (sign == 'Z')
		return true;
	if ((sign != '+' && sign != '-') || !eat(&h, s, 2, ':') || !eat(&m, s, 2, '\0'))
		return false;
	*offset = h * 3600 + m * 60;
	if (sign == '-')
		*offset = -*offset;
	return m < 60 && (h < 14 || (h == 14 && m == 0));
}

enum xt_status nem_time_parse(int64_t *unix_seconds, const char *text,
			      struct xt_err *err)
{
	const char *s = text;
	int64_t y;
	int64_t m;
	int64_t d;
	int64_t clock = 0;
	int64_t offset;
	int64_t day;

	if (!eat(&y, &s, 4, '-') || !eat(&m, &s, 2, '-') || !eat(&d, &s, 2, '\0'))
		goto malformed;
	if (y < FIRST_YEAR || m < 1 || m > 12 || d < 1 || d > days_in_month(y, m))
		return xt_fail(err, XT_E_DATA, "'%.40s': there is no such day", text);
	if (*s == 'T') {
		s++;
		if (!eat_clock(&clock, &s))
			goto malformed;
	}
	if (!eat_zone(&offset, &s) || *s != '\0')
		goto malformed;
	day = days_before_year(y) + d - 1;
	for (int64_t i = 1; i < m; i++)
		day += days_in_month(y, i);
	*unix_seconds = day * DAY + clock - offset;
	return XT_OK;
malformed:
	return xt_fail(err, XT_E_DATA,
		       "'%.40s' is not a time such as 2018-01-26, 2018-01-26T00:02 or "
		       "2018-01-26T00:02:13+09:00",
		       text);
}

uint32_t nem_height_estimate(int64_t unix_seconds)
{
	uint64_t height;

	if (unix_seconds <= NEM_EPOCH_UNIX)
		return 1;
	/* 60.52 seconds a block, measured over the first 4.7 million blocks. */
	if (!xt_muldiv(&height, (uint64_t)(unix_seconds - NEM_EPOCH_UNIX), 100, 6052) ||
	    height >= UINT32_MAX)
		return UINT32_MAX;
	return (uint32_t)height + 1;
}
