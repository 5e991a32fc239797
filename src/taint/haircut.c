/* haircut (pro rata): each unit of an account is as dirty as every other. */
#include "shares.h"

TAINT_SHARES_OPS(haircut, TAINT_SHARE_HAIRCUT);
TAINT_REPLAY(haircut);

const struct taint_policy taint_haircut = {
	.name = "haircut",
	.summary = "pro rata: what leaves is as dirty as the whole account",
	.conserves = true,
	.ops = &haircut_loop,
};
