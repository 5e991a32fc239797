#include <xemtrace/base.h>

#include <stdarg.h>
#include <string.h>

#include "internal.h"

/* Formats into a text of its own first: an argument may point into err->text. */
XT_PRINTF(2, 0)
static void put_text(struct xt_err *err, const char *fmt, va_list ap)
{
	char text[sizeof(err->text)];
	const int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n < 0)
		text[0] = '\0';
	else if ((size_t)n >= sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	xt_clean_line(text);
	memcpy(err->text, text, sizeof(text));
}

enum xt_status xt_fail(struct xt_err *err, enum xt_status code, const char *fmt, ...)
{
	if (err != NULL) {
		va_list ap;

		va_start(ap, fmt);
		put_text(err, fmt, ap);
		va_end(ap);
		err->code = code;
	}
	return code;
}

enum xt_status xt_where(struct xt_err *err, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	struct xt_err where;
	va_list ap;

	if (err == NULL)
		return XT_E_BUG;
	va_start(ap, fmt);
	put_text(&where, fmt, ap);
	va_end(ap);
	memcpy(text, err->text, sizeof(text));
	/* An error whose code says "fine" was never written. */
	return xt_fail(err, err->code == XT_OK ? XT_E_BUG : err->code, "%s: %s",
		       where.text, text);
}

const char *xt_status_name(enum xt_status code)
{
	switch (code) {
	case XT_OK:
		return "ok";
	case XT_E_NOMEM:
		return "memory";
	case XT_E_USAGE:
		return "usage";
	case XT_E_DATA:
		return "data";
	case XT_E_VERIFY:
		return "verify";
	case XT_E_NOTFOUND:
		return "not found";
	case XT_E_EXISTS:
		return "exists";
	case XT_E_LIMIT:
		return "limit";
	case XT_E_IO:
		return "io";
	case XT_E_NET:
		return "net";
	case XT_E_BUSY:
		return "busy";
	case XT_E_STOPPED:
		return "stopped";
	case XT_E_BUG:
		return "bug";
	}
	return "unknown";
}
