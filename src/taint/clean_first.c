/* clean-first: the lowest intermediate balance rule without refill. */
#include "shares.h"

TAINT_SHARES_OPS(clean_first, TAINT_SHARE_CLEAN);
TAINT_REPLAY(clean_first);

const struct taint_policy taint_clean_first = {
	.name = "clean_first",
	.summary = "an account spends its clean money first (LIBR)",
	.conserves = true,
	.ops = &clean_first_loop,
};
