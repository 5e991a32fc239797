/* crawl: grow the case from nodes. */
#include "args.h"
#include "cmd.h"
#include "crawl_args.h"
#include "say.h"

static const struct opt options[] = {
	CRAWL_OPTIONS,
	{ 0 },
};

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct crawl_report rep;
	return crawl_from_args(c, &rep, true, err);
}

const struct cmd cmd_crawl = {
	.name = "crawl",
	.synopsis = "[SEED...] --node URL... [--depth N] [--from T] [--to T]",
	.summary = "grow the case from a node: resumable, verified, everything kept",
	.description =
	    "Reads all transfers of each SEED address from the nodes, both directions, checks\n"
	    "every hash and signature before anything is stored, keeps each raw answer, and\n"
	    "goes on to whom the money went, up to --depth. Stops at labelled services.\n"
	    "Interrupt it as you like and run it again: it goes on where it was. Without SEED\n"
	    "it goes on with what is open. Exit code 3: a node's answer was refused (see\n"
	    "`xemtrace status`); 75: no node answered, run again.",
	.options = options,
	.needs = CMD_CASE_CREATE,
	.crawls = true,
	.run = run,
};
