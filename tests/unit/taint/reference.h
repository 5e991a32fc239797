/* A second implementation of the six policies, slow and obvious, for small ledgers: an
 * account under fifo and lifo is a row of single units, each with its colour; seeds and
 * marks are looked up anew at each event. Shares no code with src/taint. */
#ifndef TEST_REFERENCE_H
#define TEST_REFERENCE_H

#include <xemtrace/taint.h>

#define REF_ACCOUNTS 16
#define REF_THEFTS   4
#define REF_MEMOS    4
#define REF_UNITS    4096
#define REF_EVENTS   128

enum ref_policy { REF_POISON, REF_HAIRCUT, REF_FIFO, REF_LIFO, REF_DIRTY, REF_CLEAN };

struct ref_result {
	bool refused; /* a seed names more than was there, or lies at a service */
	uint64_t balance[REF_ACCOUNTS]; /* of those that are no services */
	uint64_t held[REF_ACCOUNTS][REF_THEFTS];
	uint64_t sink[REF_ACCOUNTS][REF_MEMOS][REF_THEFTS];
	uint32_t count[REF_ACCOUNTS][REF_MEMOS][REF_THEFTS];
	uint64_t sink_all[REF_ACCOUNTS][REF_MEMOS]; /* poison: each unit once */
	uint64_t edge[REF_EVENTS][REF_THEFTS];
	uint64_t seeded[REF_THEFTS], refunded[REF_THEFTS], fees[REF_THEFTS];
	uint64_t cleaned[REF_THEFTS];
	uint64_t fees_all;
	/* Units that touched an incomplete account; fifo and lifo only. */
	uint64_t incomplete;
};

/* The graph must be small enough for the arrays above. */
void ref_run(struct ref_result *out, const struct graph *g, enum ref_policy policy,
	     const struct taint_options *opt);

#endif
