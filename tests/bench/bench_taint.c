/* bench_taint [TRANSFERS [ACCOUNTS]]: replay per policy against a bare replay of
 * balances, on a generated power-law ledger (synthetic). Each figure is the best of
 * three runs; all are measured in this one process. Not run by ctest. docs/bench.md
 * explains the table. */
#include <xemtrace/taint.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS 3

static uint64_t prng = UINT64_C(0x9E3779B97F4A7C15);

static uint64_t next(void)
{
	prng ^= prng >> 12;
	prng ^= prng << 25;
	prng ^= prng >> 27;
	return prng * UINT64_C(2685821657736338717);
}

/* A few accounts are in most transfers: the product of two uniform numbers leans low.
 */
static uint32_t power_law(uint32_t n)
{
	const uint64_t a = next() >> 32;
	const uint64_t b = next() >> 32;
	const uint64_t c = (a * b) >> 32;
	return (uint32_t)((c * n) >> 32);
}

/* Amounts follow a power law, too: one payment in eight empties the account, of the others
 * each half as large is as frequent, down to 1/4096 of what is there. */
static uint64_t payment(uint64_t have)
{
	const uint64_t r = next() >> 32;
	return r % 8 == 0 ? have : have >> (1 + (r >> 8) % 12);
}

static double now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(enum xt_status s, const struct xt_err *err)
{
	if (s == XT_OK)
		return;
	(void)fprintf(stderr, "bench_taint: %s\n", err->text);
	exit(1);
}

/* Transfers with fees; every tenth of the hundred busiest accounts is a service. Each
 * account opens with 1000 XEM, of which `percent` of the accounts have half dirty. */
static struct graph *generate(uint32_t transfers, uint32_t accounts, uint32_t percent)
{
	struct graph *g;
	struct xt_err err = { 0 };
	uint32_t out;
	uint64_t *balance = xt_calloc(accounts, sizeof(*balance));
	prng = UINT64_C(0x9E3779B97F4A7C15);
	must(graph_new(&g, &err), &err);
	must(graph_reserve(g, accounts, transfers, 2 * transfers, false, &err), &err);
	must(graph_add_theft(g, &out, "theft", &err), &err);
	if (!balance)
		exit(1);
	for (uint32_t a = 0; a < accounts; a++) {
		struct nem_party p = { { 0 } };
		(void)snprintf(p.s, sizeof(p.s), "@a%u", a);
		const bool service = a < 100 && a % 10 == 9;
		const unsigned flags = GRAPH_COMPLETE | (service ? GRAPH_SERVICE : 0U);
		balance[a] = UINT64_C(1000000000);
		must(
		    graph_add_account(g, &out, &p, (uint8_t)flags, balance[a], 0, &err),
		    &err);
		if (!service && next() % 100 < percent) {
			const struct graph_seed s = { .kind = GRAPH_SEED_BALANCE,
						      .account = a,
						      .amount = balance[a] / 2 };
			must(graph_add_seed(g, &s, &err), &err);
		}
	}
	for (uint32_t i = 0; i < transfers; i++) {
		const struct graph_tx tx = { .height = i / 4 + 1, .count = 1 };
		const uint32_t from = power_law(accounts);
		const uint32_t to = power_law(accounts);
		const bool service = g->flags[from] & GRAPH_SERVICE;
		const uint64_t fee = 50000;
		const uint64_t have = service ? UINT64_C(1) << 40 : balance[from];
		uint32_t t;
		must(graph_add_tx(g, &t, &tx, 0, NULL, &err), &err);
		const uint64_t q = have > fee ? payment(have - fee) : 0;
		must(graph_add_event(g, t, NEM_MOVE_TRANSFER, from, to, q, &err), &err);
		if (have > fee)
			must(graph_add_event(g, t, NEM_MOVE_FEE, from, GRAPH_NONE, fee,
					     &err),
			     &err);
		if (!service && from != to)
			balance[from] -= q;
		if (!service && have > fee)
			balance[from] -= fee;
		if (from != to && !(g->flags[to] & GRAPH_SERVICE))
			balance[to] += q;
	}
	free(balance);
	return g;
}

/* The bound: nothing but balances. */
static double bare(const struct graph *g, uint64_t *sum)
{
	uint64_t *balance = xt_calloc(g->n_accounts, sizeof(*balance));
	if (!balance)
		exit(1);
	memcpy(balance, g->opening, g->n_accounts * sizeof(*balance));
	const double start = now();
	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		const uint64_t q = graph_amount(e);
		if (e->from != GRAPH_NONE)
			balance[e->from] -= q;
		if (e->to != GRAPH_NONE)
			balance[e->to] += q;
	}
	const double t = now() - start;
	for (uint32_t a = 0; a < g->n_accounts; a++)
		*sum += balance[a];
	free(balance);
	return t;
}

static void measure(const struct graph *g, uint32_t percent)
{
	double bound = 1e9;
	double total = 0;
	uint64_t sum = 0;
	for (int i = 0; i < RUNS; i++) {
		const double t = bare(g, &sum);
		bound = t < bound ? t : bound;
	}
	(void)printf(
	    "\n%u events, %u accounts, %u %% seeded; balances alone: %.3f s, %.1f M "
	    "events/s (check %llu)\n",
	    g->n_events, g->n_accounts, percent, bound, g->n_events / bound / 1e6,
	    (unsigned long long)(sum % 1000));
	(void)printf("%-12s %8s %10s %8s %12s %12s\n", "policy", "seconds",
		     "M events/s", "ratio", "peak lots", "lots/account");
	for (size_t p = 0; taint_policies[p]; p++) {
		const struct taint_options opt = { .fees = TAINT_FEE_CARRY };
		double best = 1e9;
		uint32_t lots = 0;
		for (int i = 0; i < RUNS; i++) {
			struct taint_result *r;
			struct xt_err err = { 0 };
			const double start = now();
			must(taint_run(&r, g, taint_policies[p], &opt, NULL, &err),
			     &err);
			const double t = now() - start;
			best = t < best ? t : best;
			lots = r->peak_lots;
			taint_result_free(r);
		}
		total += best;
		(void)printf("%-12s %8.3f %10.1f %8.2f %12u %12.2f\n",
			     taint_policies[p]->name, best, g->n_events / best / 1e6,
			     bound / best, lots, (double)lots / g->n_accounts);
	}
	(void)printf("all six      %8.3f\n", total);
}

/* A hub with many small deposits, dirty and clean in turn, and as many withdrawals. */
static void hub(uint32_t transfers)
{
	struct graph *g;
	struct xt_err err = { 0 };
	uint32_t a[3];
	must(graph_new(&g, &err), &err);
	must(graph_add_theft(g, &a[0], "theft", &err), &err);
	for (uint32_t i = 0; i < 3; i++) {
		struct nem_party p = { { 0 } };
		(void)snprintf(p.s, sizeof(p.s), "@h%u", i);
		must(graph_add_account(g, &a[i], &p, GRAPH_COMPLETE,
				       (uint64_t)transfers * 10, 0, &err),
		     &err);
	}
	for (uint32_t i = 0; i < transfers; i++) {
		const struct graph_tx tx = { .height = i + 1, .count = 1 };
		uint32_t t;
		must(graph_add_tx(g, &t, &tx, 0, NULL, &err), &err);
		must(graph_add_event(g, t, NEM_MOVE_TRANSFER, i % 2 ? 1 : 0,
				     1 + (i % 2), 5, &err),
		     &err);
	}
	const struct graph_seed s = { .kind = GRAPH_SEED_BALANCE,
				      .amount = GRAPH_SEED_ALL };
	must(graph_add_seed(g, &s, &err), &err);
	(void)printf("\nhub, %u deposits and withdrawals: peak lots", transfers);
	for (size_t p = 0; taint_policies[p]; p++) {
		const struct taint_options opt = { .fees = TAINT_FEE_CARRY };
		struct taint_result *r;
		if (!taint_policies[p]->lots)
			continue;
		must(taint_run(&r, g, taint_policies[p], &opt, NULL, &err), &err);
		(void)printf(" %s %u", taint_policies[p]->name, r->peak_lots);
		taint_result_free(r);
	}
	(void)printf("\n");
	graph_free(g);
}

int main(int argc, char **argv)
{
	uint64_t transfers = 1000000;
	uint64_t accounts = 0;
	struct xt_err err = { 0 };
	if (argc > 1)
		must(xt_parse_u64(&transfers, argv[1], 100000000, &err), &err);
	if (argc > 2)
		must(xt_parse_u64(&accounts, argv[2], 100000000, &err), &err);
	if (transfers < 100)
		transfers = 100;
	if (accounts < 100)
		accounts = transfers / 20 + 100;
	const uint32_t percents[] = { 1, 100 };
	for (size_t i = 0; i < XT_ARRAY_SIZE(percents); i++) {
		struct graph *g =
		    generate((uint32_t)transfers, (uint32_t)accounts, percents[i]);
		measure(g, percents[i]);
		graph_free(g);
	}
	(void)printf(
	    "\nmemory: graph %zu bytes an event + %zu a transaction + %zu an account; "
	    "replay %d an account, fifo and lifo 8 more, 16 a lot\n",
	    sizeof(struct graph_event) + sizeof(uint32_t),
	    sizeof(struct graph_tx) + sizeof(int64_t),
	    sizeof(struct nem_party) + 1 + 8 + 4 + 8, 16);
	hub((uint32_t)transfers);
	return 0;
}
