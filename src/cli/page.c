#include "page.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_COLUMNS 10000
#define MOST_WORDS   16

/* What the terminal says of itself; zeros where standard output is none. */
static struct winsize size_of_terminal(void)
{
	struct winsize ws = { 0 };

	if (isatty(STDOUT_FILENO) != 1)
		return ws;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0)
		memset(&ws, 0, sizeof(ws));
	/* A shell that exports COLUMNS means it. */
	const char *columns = getenv("COLUMNS");
	uint64_t n = 0;
	if (columns != NULL && xt_parse_u64(&n, columns, MOST_COLUMNS, NULL) == XT_OK &&
	    n > 0)
		ws.ws_col = (unsigned short)n;
	if (ws.ws_col == 0)
		ws.ws_col = 80;
	return ws;
}

static bool wants_color(const char *when)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (when != NULL && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return isatty(STDOUT_FILENO) == 1 && (no == NULL || no[0] == '\0') &&
	       term != NULL && strcmp(term, "dumb") != 0;
}

enum xt_status page_options(struct cli *c, struct xt_err *err)
{
	const char *when = opts_str(&c->opts, "color");
	uint64_t width = 0;

	if (when != NULL && strcmp(when, "auto") != 0 && strcmp(when, "always") != 0 &&
	    strcmp(when, "never") != 0)
		return xt_fail(err, XT_E_USAGE,
			       "--color: \"%s\" is none of auto, always, never", when);
	c->color = wants_color(when);
	const enum xt_status rc = opts_u64(
	    &c->opts, "width", &width, size_of_terminal().ws_col, MOST_COLUMNS, err);
	if (rc == XT_OK)
		c->width = (unsigned)width;
	return rc;
}

static enum xt_status write_out(const char *text, size_t n, struct xt_err *err)
{
	errno = 0;
	if (n > 0 && fwrite(text, 1, n, stdout) != n)
		return xt_fail(err, XT_E_IO, "standard output: %s",
			       errno != 0 ? strerror(errno) : "short write");
	return XT_OK;
}

enum xt_status page_put(struct cli *c, const char *text, size_t n, struct xt_err *err)
{
	if (isatty(STDOUT_FILENO) != 1)
		return write_out(text, n, err);
	return xt_buf_add(&c->screen, text, n, err);
}

/* ---- the pager ---------------------------------------------------------------------- */

/* Does it need more lines than the terminal has? The prompt takes one. */
static bool is_long(const struct xt_buf *text)
{
	const struct winsize ws = size_of_terminal();
	size_t lines = 1;
	size_t column = 0;

	if (ws.ws_row == 0)
		return false;
	for (size_t i = 0; i < text->len && lines <= ws.ws_row; i++) {
		/* Bytes inside of characters are no columns. */
		column += (text->data[i] & 0xC0) != 0x80;
		if (text->data[i] == '\n' || column > ws.ws_col) {
			lines++;
			column = 0;
		}
	}
	return lines > ws.ws_row;
}

/* $PAGER in words. No shell sees it: quotes and variables mean nothing. */
static size_t split(char *words[MOST_WORDS + 1], char *text)
{
	size_t n = 0;
	char *rest = text;

	while (n < MOST_WORDS) {
		rest += strspn(rest, " \t");
		if (*rest == '\0')
			break;
		words[n++] = rest;
		rest += strcspn(rest, " \t");
		if (*rest != '\0')
			*rest++ = '\0';
	}
	words[n] = NULL;
	return n;
}

/* NULL: none is wanted. */
static const char *choose_pager(const struct cli *c)
{
	const char *pager = getenv("PAGER");
	const char *term = getenv("TERM");

	if (opts_has(&c->opts, "no-pager") || term == NULL || strcmp(term, "dumb") == 0)
		return NULL;
	if (pager == NULL)
		return "less";
	return pager[0] == '\0' || strcmp(pager, "cat") == 0 ? NULL : pager;
}

/* In the child: what `in` gives is the pager's input. Tells the errno of a failure. */
static _Noreturn void become_pager(char *const *words, int in, int tell)
{
	struct sigaction sa;
	int why;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGPIPE, &sa, NULL);
	/* Quit if it fits, keep colours, leave the text on the screen. */
	(void)setenv("LESS", "FRX", 0);
	(void)setenv("LESSCHARSET", "utf-8", 0);
	if (dup2(in, STDIN_FILENO) >= 0)
		(void)execvp(words[0], words);
	why = errno;
	while (write(tell, &why, sizeof(why)) < 0 && errno == EINTR)
		continue;
	_exit(127);
}

/* All of it, or until the pager was left. */
static void feed(int out, const struct xt_buf *text)
{
	size_t done = 0;

	while (done < text->len) {
		const ssize_t n = write(out, text->data + done, text->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

/* Both ends close by themselves in what is executed. */
static bool make_pipe(int fd[2])
{
	if (pipe(fd) != 0)
		return false;
	(void)fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	return true;
}

static void close_pipe(int fd[2])
{
	(void)close(fd[0]);
	(void)close(fd[1]);
}

/* False: there is no pager to be had, and nothing was shown. */
static bool run_pager(char *const *words, const struct xt_buf *text)
{
	int data[2];
	int told[2];
	int why = 0;
	struct sigaction ignore;
	struct sigaction old_pipe;
	struct sigaction old_int;

	if (!make_pipe(data))
		return false;
	if (!make_pipe(told)) {
		close_pipe(data);
		return false;
	}
	memset(&ignore, 0, sizeof(ignore));
	ignore.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &ignore, &old_pipe);
	(void)sigaction(SIGINT, &ignore, &old_int); /* the pager's own matter */
	const pid_t child = fork();
	if (child == 0)
		become_pager(words, data[0], told[1]);
	(void)close(data[0]);
	(void)close(told[1]);
	bool runs = false;
	if (child > 0) {
		ssize_t n = read(told[0], &why, sizeof(why));
		while (n < 0 && errno == EINTR)
			n = read(told[0], &why, sizeof(why));
		runs = n == 0;
	}
	if (runs)
		feed(data[1], text);
	(void)close(data[1]);
	(void)close(told[0]);
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	(void)sigaction(SIGPIPE, &old_pipe, NULL);
	(void)sigaction(SIGINT, &old_int, NULL);
	return runs;
}

enum xt_status page_end(struct cli *c, struct xt_err *err)
{
	char *words[MOST_WORDS + 1];
	const char *pager = NULL;
	enum xt_status rc = XT_OK;
	bool shown = false;

	/* Without text the options may not even have been read. */
	if (c->screen.len > 0)
		pager = choose_pager(c);
	if (pager != NULL && is_long(&c->screen)) {
		char *copy = xt_strdup(pager);
		shown = copy != NULL && split(words, copy) > 0 && fflush(stdout) == 0 &&
			run_pager(words, &c->screen);
		free(copy);
	}
	if (!shown)
		rc = write_out((const char *)c->screen.data, c->screen.len, err);
	xt_buf_release(&c->screen);
	return rc;
}
