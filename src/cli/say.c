#include "say.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include <xemtrace/export.h>
#include <xemtrace/limits.h>

volatile int say_stop;

static enum xt_log_level max_level = XT_LOG_WARN;
static bool quiet_progress;
/* Lines of progress on the terminal, and their columns; the cursor stands in the last. */
#define MAX_SHOWN 16u
static unsigned lines_shown;
static size_t shown_columns[MAX_SHOWN];
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

static void window(size_t *width, size_t *rows)
{
	struct winsize ws = { 0 };

	*width = 80;
	*rows = 24;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) != 0 || ws.ws_col < 2)
		return;
	*width = ws.ws_col;
	*rows = ws.ws_row;
}

/* A window that became narrower has wrapped them. */
static size_t rows_shown(void)
{
	size_t width, rows, n = 0;

	window(&width, &rows);
	for (unsigned i = 0; i < lines_shown; i++)
		n += shown_columns[i] <= width ? 1 : (shown_columns[i] - 1) / width + 1;
	return n;
}

/* ---- what takes long and tells nothing ----------------------------------------------- */

static const char *busy_with;
static volatile sig_atomic_t busy_seconds, busy_shown;

/* Only what a signal handler may do. Progress that knows more goes before. */
static void on_tick(int sig)
{
	const int saved = errno;
	char line[100] = "\r\033[K";
	size_t n = strlen(line);
	char digits[12];
	size_t k = sizeof(digits);

	(void)sig;
	busy_seconds = busy_seconds + 1;
	if (lines_shown == 0) {
		for (const char *p = busy_with; *p != '\0' && n < 70; p++)
			line[n++] = *p;
		line[n++] = ':';
		line[n++] = ' ';
		for (unsigned v = (unsigned)busy_seconds; v > 0; v /= 10)
			digits[--k] = (char)('0' + v % 10);
		memcpy(line + n, digits + k, sizeof(digits) - k);
		n += sizeof(digits) - k;
		line[n++] = ' ';
		line[n++] = 's';
		busy_shown = write(STDERR_FILENO, line, n) > 0 ? 1 : 0;
	}
	errno = saved;
}

static void set_timer(long seconds)
{
	const struct itimerval t = { { seconds, 0 }, { seconds, 0 } };

	(void)setitimer(ITIMER_REAL, &t, NULL);
}

void say_busy(const char *what)
{
	struct sigaction sa;

	say_idle();
	if (quiet_progress || isatty(STDERR_FILENO) != 1 ||
	    tcgetpgrp(STDERR_FILENO) != getpgrp())
		return;
	busy_with = what;
	busy_seconds = 0;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_tick;
	sa.sa_flags = SA_RESTART;
	(void)sigaction(SIGALRM, &sa, NULL);
	set_timer(1);
}

void say_idle(void)
{
	set_timer(0);
	if (busy_shown != 0)
		(void)fputs("\r\033[K", stderr);
	busy_shown = 0;
}

/* While something else is written to the terminal. */
static void hold_ticks(int how)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGALRM);
	(void)pthread_sigmask(how, &set, NULL);
}

void say_clear(void)
{
	if (busy_shown != 0)
		(void)fputs("\r\033[K", stderr);
	busy_shown = 0;
	if (lines_shown > 0)
		(void)fputc('\r', stderr);
	for (size_t i = 1; i < rows_shown(); i++)
		(void)fputs("\033[A", stderr);
	if (lines_shown > 0)
		(void)fputs("\033[J", stderr);
	lines_shown = 0;
}

/* Text from outside may be inside: none of it acts on the terminal. */
static void put_clean(const char *text)
{
	struct xt_buf b;

	xt_buf_init(&b, (size_t)1 << 20);
	if (export_escape(&b, EXPORT_TERMINAL, text, strlen(text), NULL) == XT_OK)
		(void)fputs(xt_buf_str(&b), stderr);
	xt_buf_release(&b);
}

static void put_line(enum xt_log_level level, const char *text)
{
	if (level > max_level)
		return;
	hold_ticks(SIG_BLOCK);
	say_clear();
	(void)fputs(level == XT_LOG_ERROR  ? "xemtrace: "
		    : level == XT_LOG_WARN ? "xemtrace: warning: "
					   : "xemtrace: note: ",
		    stderr);
	put_clean(text);
	(void)fputc('\n', stderr);
	hold_ticks(SIG_UNBLOCK);
}

void say_errors_only(void)
{
	max_level = XT_LOG_ERROR;
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

/* Lines cut to the window, so that none wraps and all can be cleared again. */
static void draw(const char *text)
{
	size_t width, rows, column = 0;

	window(&width, &rows);
	say_clear();
	memset(shown_columns, 0, sizeof(shown_columns));
	lines_shown = 1;
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p == '\n') {
			if (lines_shown + 1 >= rows || lines_shown == MAX_SHOWN)
				break;
			(void)fputc('\n', stderr);
			lines_shown++;
			column = 0;
			continue;
		}
		if (column + 1 >= width)
			continue;
		shown_columns[lines_shown - 1] = ++column;
		(void)fputc(*p < 0x20 || *p >= 0x7f ? '?' : *p, stderr);
	}
	(void)fflush(stderr);
}

/* The lines as one. */
static void put_plain(const char *text)
{
	while (*text != '\0') {
		const size_t n = strcspn(text, "\n");
		char line[512];

		(void)snprintf(line, sizeof(line), "%.*s", (int)n, text);
		put_clean(line);
		text += n;
		if (*text == '\n') {
			(void)fputs(" | ", stderr);
			text++;
		}
	}
	(void)fputc('\n', stderr);
}

/* On a terminal in the foreground: redrawn at most five times a second, nothing for the
 * first half second. Elsewhere: a plain line every five seconds. */
static bool sink_progress(void *ctx, uint64_t done, uint64_t total, const char *text)
{
	const struct xt_clock *clock = xt_clock_system();
	const uint64_t now = clock->monotonic_ms(clock->ctx);
	const bool tty =
	    isatty(STDERR_FILENO) == 1 && tcgetpgrp(STDERR_FILENO) == getpgrp();
	const uint64_t every = tty ? 200 : 5000;
	char line[XT_MAX_LINE + 16];

	(void)ctx;
	if (say_stop != 0)
		return false;
	if (quiet_progress)
		return true;
	if (started_ms == 0)
		started_ms = now;
	if (now - started_ms < (tty ? 500 : 5000) ||
	    (shown_ms != 0 && now - shown_ms < every))
		return true;
	shown_ms = now;
	(void)snprintf(line, sizeof(line), "%s", text);
	if (total != 0)
		(void)snprintf(line, sizeof(line), "%s %u%%", text,
			       (unsigned)(done * 100 / total));
	hold_ticks(SIG_BLOCK);
	if (tty)
		draw(line);
	else
		put_plain(line);
	hold_ticks(SIG_UNBLOCK);
	return true;
}

struct xt_sink say_sink(void)
{
	return (
	    struct xt_sink){ .log = sink_log, .progress = sink_progress, .ctx = NULL };
}
