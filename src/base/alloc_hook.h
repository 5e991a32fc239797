/* A seam for tests: decides before each allocation of the library whether it succeeds.
 * Not for production, not thread-safe, not exported. */
#ifndef XT_BASE_ALLOC_HOOK_H
#define XT_BASE_ALLOC_HOOK_H

#include <stdbool.h>

/* allow: false makes the next allocation fail; NULL (the start value) allows all. */
__attribute__((visibility("hidden"))) void xt_alloc_hook_set(bool (*allow)(void *ctx),
							     void *ctx);

#endif
