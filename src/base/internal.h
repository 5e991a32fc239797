/* What the files of this floor share and the library does not export. */
#ifndef XT_BASE_INTERNAL_H
#define XT_BASE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#define XT_INTERNAL __attribute__((visibility("hidden")))

/* Length (1 to 4) of the UTF-8 sequence at p[0..n), 0 if it is not valid. n > 0. */
XT_INTERNAL size_t xt_utf8_step(const uint8_t *p, size_t n);

/* Make a NUL-terminated text safe to print on one line, in place: control characters,
 * bytes that are not UTF-8, line separators and marks that turn the writing direction
 * become '?'. Never longer than before. */
XT_INTERNAL void xt_clean_line(char *s);

#endif
