/* page: the text form's way to a terminal: its width, colours, the pager. */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include "cmd.h"

/* --width, --color and --no-pager, and what the terminal says. */
enum xt_status page_options(struct cli *c, struct xt_err *err) XT_CHECKED;
/* Text for standard output. On a terminal it is kept until page_end(), so that the case is
 * closed while somebody reads. */
enum xt_status page_put(struct cli *c, const char *text, size_t n,
			struct xt_err *err) XT_CHECKED;
/* Shows what was kept, through the pager if it is longer than the terminal. A pager that
 * is left early is no failure. */
enum xt_status page_end(struct cli *c, struct xt_err *err) XT_CHECKED;

#endif
