#include "say.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile int say_stop;

static enum xt_log_level max_level = XT_LOG_WARN;
static bool quiet_progress;
static bool line_shown;
static uint64_t started_ms, shown_ms;

static void on_signal(int sig)
{
	if (say_stop != 0)
		_exit(128 + sig);
	say_stop = 1;
}

void say_catch_signals(void)
{
	struct sigaction sa;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
}

void say_init(bool quiet, bool verbose, bool debug)
{
	quiet_progress = quiet;
	max_level = quiet ? XT_LOG_ERROR : XT_LOG_WARN;
	if (verbose)
		max_level = XT_LOG_INFO;
	if (debug)
		max_level = XT_LOG_DEBUG;
}

void say_clear(void)
{
	if (line_shown)
		(void)fputs("\r\033[K", stderr);
	line_shown = false;
}

/* Text from outside may be inside: control bytes do not reach the terminal. */
static void put_clean(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
		(void)fputc(*p < 0x20 || *p == 0x7f ? '?' : *p, stderr);
}

static void put_line(enum xt_log_level level, const char *text)
{
	if (level > max_level)
		return;
	say_clear();
	(void)fputs(level == XT_LOG_ERROR  ? "xemtrace: "
		    : level == XT_LOG_WARN ? "xemtrace: warning: "
					   : "xemtrace: note: ",
		    stderr);
	put_clean(text);
	(void)fputc('\n', stderr);
}

void say(enum xt_log_level level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_line(level, text);
}

static void sink_log(void *ctx, enum xt_log_level level, const char *text)
{
	(void)ctx;
	put_line(level, text);
}

/* On a terminal in the foreground: one line redrawn at most five times a second,
 * nothing for the first half second. Elsewhere: a plain line every ten seconds. */
static bool sink_progress(void *ctx, uint64_t done, uint64_t total, const char *text)
{
	(void)ctx;
	if (say_stop != 0)
		return false;
	if (quiet_progress)
		return true;
	const struct xt_clock *clock = xt_clock_system();
	uint64_t now = clock->monotonic_ms(clock->ctx);
	if (started_ms == 0)
		started_ms = now;
	bool tty = isatty(STDERR_FILENO) == 1 && tcgetpgrp(STDERR_FILENO) == getpgrp();
	uint64_t every = tty ? 200 : 10000;
	uint64_t first = tty ? 500 : 10000;
	if (now - started_ms < first || (shown_ms != 0 && now - shown_ms < every))
		return true;
	shown_ms = now;
	if (tty)
		(void)fputs("\r\033[K", stderr);
	put_clean(text);
	if (total != 0)
		(void)fprintf(stderr, " %u%%", (unsigned)(done * 100 / total));
	if (tty)
		(void)fflush(stderr);
	else
		(void)fputc('\n', stderr);
	line_shown = tty;
	return true;
}

struct xt_sink say_sink(void)
{
	return (
	    struct xt_sink){ .log = sink_log, .progress = sink_progress, .ctx = NULL };
}
