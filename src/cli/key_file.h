/* key_file: a private key that the user holds, from a file: never from an argument. */
#ifndef CLI_KEY_FILE_H
#define CLI_KEY_FILE_H

#include <xemtrace/nem.h>

/* 64 hex digits, or 66 that begin with 00, as wallets export them; white space around them
 * is fine. No error shows any of the file. */
enum xt_status key_file_read(struct nem_privkey *out, const char *path,
			     struct xt_err *err) XT_CHECKED;
/* Overwrites n bytes for good. */
void key_file_wipe(void *p, size_t n);

#endif
