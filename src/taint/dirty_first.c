/* dirty-first: the worst case for whoever is paid first. */
#include "shares.h"

TAINT_SHARES_OPS(dirty_first, TAINT_SHARE_DIRTY);
TAINT_REPLAY(dirty_first);

const struct taint_policy taint_dirty_first = {
	.name = "dirty_first",
	.summary = "an account spends its dirty money first",
	.conserves = true,
	.ops = &dirty_first_loop,
};
