#include "args.h"

#include <string.h>
#include <time.h>

static bool all_digits(const char *s)
{
	return s[0] != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* Does the text end in a zone ("Z", "+09:00")? */
static bool has_zone(const char *s)
{
	const char *t = strchr(s, 'T');
	return t != NULL && strpbrk(t, "Zz+-") != NULL;
}

/* The same wall clock, read in the zone of --tz instead of UTC. */
static int64_t in_zone(int64_t utc)
{
	time_t t = (time_t)utc;
	struct tm tm;
	if (gmtime_r(&t, &tm) == NULL)
		return utc;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

enum xt_status args_when(const struct cli *c, struct when *out, const char *what,
			 const char *text, bool end, struct xt_err *err)
{
	struct when w = { .given = true };
	struct xt_err why;

	if (all_digits(text)) {
		if (xt_parse_u64(&w.height, text, UINT32_MAX, &why) != XT_OK)
			return xt_fail(err, XT_E_USAGE, "%s: %s", what, why.text);
		w.is_height = true;
		*out = w;
		return XT_OK;
	}
	if (nem_time_parse(&w.time, text, &why) != XT_OK)
		return xt_fail(err, XT_E_USAGE, "%s: %s", what, why.text);
	if (end && strlen(text) == 10)
		w.time += 86399;
	if (c->tz != NULL && !has_zone(text))
		w.time = in_zone(w.time);
	*out = w;
	return XT_OK;
}

enum xt_status args_when_opt(const struct cli *c, struct when *out, const char *name,
			     bool end, struct xt_err *err)
{
	const char *text = opts_str(&c->opts, name);
	char what[48];
	if (text == NULL) {
		memset(out, 0, sizeof(*out));
		return XT_OK;
	}
	(void)snprintf(what, sizeof(what), "--%s", name);
	return args_when(c, out, what, text, end, err);
}

enum xt_status args_address(struct nem_address *out, const char *what, const char *text,
			    struct xt_err *err)
{
	struct xt_err why;
	if (nem_address_parse(out, text, &why) != XT_OK)
		return xt_fail(err, XT_E_USAGE, "%s: %s", what, why.text);
	return XT_OK;
}

enum xt_status args_party(struct nem_party *out, const char *what, const char *text,
			  struct xt_err *err)
{
	struct xt_err why;
	if (nem_party_parse(out, text, &why) != XT_OK)
		return xt_fail(err, XT_E_USAGE, "%s: %s", what, why.text);
	return XT_OK;
}

enum xt_status args_amount_opt(const struct cli *c, uint64_t *uxem, const char *name,
			       uint64_t def, struct xt_err *err)
{
	const char *text = opts_str(&c->opts, name);
	struct nem_amount a;
	struct xt_err why;
	if (text == NULL) {
		*uxem = def;
		return XT_OK;
	}
	if (nem_amount_parse_xem(&a, text, &why) != XT_OK)
		return xt_fail(err, XT_E_USAGE, "--%s: %s", name, why.text);
	*uxem = a.uxem;
	return XT_OK;
}

char *args_time_text(char out[40], int64_t unix_time)
{
	time_t t = (time_t)unix_time;
	struct tm tm;
	if (localtime_r(&t, &tm) == NULL ||
	    strftime(out, 40, "%Y-%m-%d %H:%M:%S %z", &tm) == 0)
		(void)snprintf(out, 40, "%lld", (long long)unix_time);
	return out;
}
