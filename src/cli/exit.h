/* exit: exit codes, here alone. */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

#include <xemtrace/base.h>

enum cli_exit {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_REFUSED = 3,      /* data refused, or a verification failed */
	EXIT_TEMPORARY = 75,   /* run again */
	EXIT_INTERRUPTED = 130 /* by a signal; the case is consistent */
};

/* The exit code of a status. */
enum cli_exit cli_exit_of(enum xt_status st);

#endif
