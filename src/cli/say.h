/* say: words for people on stderr. Progress only where somebody looks. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include <xemtrace/base.h>

/* Levels above the chosen one are dropped. */
void say_init(bool quiet, bool verbose, bool debug);
void say(enum xt_log_level level, const char *fmt, ...) XT_PRINTF(2, 3);
/* The sink that the library talks to: say() and the progress line. Stop flag included.
 */
struct xt_sink say_sink(void);
/* Remove a progress line that is still on the terminal. */
void say_clear(void);

/* SIGINT and SIGTERM ask the work to stop at a clean point; a second one ends at once.
 */
void say_catch_signals(void);
extern volatile int say_stop;

#endif
