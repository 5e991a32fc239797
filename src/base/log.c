#include <xemtrace/base.h>

#include <stdarg.h>
#include <string.h>

#include <xemtrace/limits.h>

#include "internal.h"

void xt_log(const struct xt_sink *s, enum xt_log_level level, const char *fmt, ...)
{
	char text[XT_MAX_LINE];
	va_list ap;

	if (s == NULL || s->log == NULL)
		return;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	xt_clean_line(text);
	s->log(s->ctx, level, text);
}

bool xt_progress(const struct xt_sink *s, uint64_t done, uint64_t total,
		 const char *fmt, ...)
{
	char text[XT_MAX_LINE];
	va_list ap;

	if (s == NULL || s->progress == NULL)
		return true;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	/* Lines stay lines. */
	for (char *line = text, *end; line != NULL; line = end) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end = '\0';
		xt_clean_line(line);
		if (end != NULL)
			*end++ = '\n';
	}
	return s->progress(s->ctx, done, total, text);
}
