/* fifo: first in, first out (Clayton's case, 1816). */
#include "lots.h"

TAINT_LOTS_OPS(fifo, false);
TAINT_REPLAY(fifo);

const struct taint_policy taint_fifo = {
	.name = "fifo",
	.summary = "first in, first out: an account spends its oldest money first",
	.conserves = true,
	.lots = true,
	.ops = &fifo_loop,
};
