/* show --file */
#ifndef CLI_CMD_SHOW_FILE_H
#define CLI_CMD_SHOW_FILE_H

#include "cmd.h"

/* Explain the answer in the file `path`. XT_E_VERIFY, after it was printed, if
 * something does not hold; XT_E_DATA if it cannot be read as an answer. */
enum xt_status show_file(struct cli *c, const char *path,
			 struct xt_err *err) XT_CHECKED;

#endif
