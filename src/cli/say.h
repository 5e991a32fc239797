/* say: words for people on stderr. Progress only where somebody looks. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <xemtrace/base.h>

/* Levels above the chosen one are dropped. */
void say_init(bool quiet, bool verbose, bool debug);
/* Until the next say_init(): progress as before, and no warnings. */
void say_errors_only(void);
void say(enum xt_log_level level, const char *fmt, ...) XT_PRINTF(2, 3);
/* The sink that the library talks to: say() and the progress line. Stop flag included.
 */
struct xt_sink say_sink(void);
/* From now on, where nothing else shows progress and somebody looks: "WHAT: 3 s" on the
 * terminal, from the first second on. `what` is borrowed until say_idle(). Not where sleeps
 * must not be cut short: it works by SIGALRM. */
void say_busy(const char *what);
void say_idle(void);
/* Remove a progress line that is still on the terminal. */
void say_clear(void);

/* SIGINT and SIGTERM ask the work to stop at a clean point; a second one ends at once.
 */
void say_catch_signals(void);
extern volatile int say_stop;

#endif
