/* Random small ledgers for the property tests: a description that can be changed
 * (renamed, split, extended) and then made into a graph. */
#ifndef TEST_RANDOM_LEDGER_H
#define TEST_RANDOM_LEDGER_H

#include <xemtrace/taint.h>

#define R_ACCOUNTS 12
#define R_EVENTS   96
#define R_SEEDS    8
#define R_THEFTS   3
#define R_CLEANS   2

struct r_event {
	enum nem_movement_kind kind;
	uint32_t from, to; /* accounts as numbered here */
	uint64_t q;
	uint32_t tx, height, memo; /* memo 0..2 */
};

struct r_ledger {
	uint32_t n_accounts, n_events, n_seeds, n_thefts, n_txs, n_cleans;
	uint64_t opening[R_ACCOUNTS];
	uint8_t flags[R_ACCOUNTS];
	struct r_event e[R_EVENTS];
	struct graph_seed seed[R_SEEDS];
	struct graph_clean clean[R_CLEANS];
	enum taint_fee_rule fees;
	bool stop_at_probable;
};

/* xorshift64*: small, seeded, the same everywhere. */
static inline uint64_t r_next(uint64_t *s)
{
	*s ^= *s >> 12;
	*s ^= *s << 25;
	*s ^= *s >> 27;
	return *s * UINT64_C(2685821657736338717);
}
static inline uint32_t r_below(uint64_t *s, uint32_t n)
{
	return (uint32_t)((r_next(s) >> 33) % n);
}

void r_make(struct r_ledger *l, uint64_t *prng);
/* account i of the ledger becomes account order[i] of the graph (NULL: i). Fails the
 * test when the graph cannot be made. Openings of incomplete accounts are assumed.
 * Amounts are multiplied by `scale`. */
struct graph *r_graph(const struct r_ledger *l, const uint32_t *order, uint64_t scale);

#endif
