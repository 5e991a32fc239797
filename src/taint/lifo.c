/* lifo: last in, first out. */
#include "lots.h"

TAINT_LOTS_OPS(lifo, true);
TAINT_REPLAY(lifo);

const struct taint_policy taint_lifo = {
	.name = "lifo",
	.summary = "last in, first out: an account spends its newest money first",
	.conserves = true,
	.lots = true,
	.ops = &lifo_loop,
};
