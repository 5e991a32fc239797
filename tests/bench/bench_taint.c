/* bench_taint [TRANSFERS [ACCOUNTS]]: replay per policy against a bare replay of
 * balances, on a generated power-law ledger (synthetic). Each figure is the best of
 * five runs, and the worst, with the memory they need; all are measured in this one
 * process. "ratio" is to balances alone, "checked" to balances with the checks that any
 * replay makes. Not run by ctest; docs/policies.md has a table. */
#include <xemtrace/taint.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS     5
#define POLICIES 8
#define AHEAD    64

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

/* Amounts follow a power law, too: one payment in eight empties the account, of the
 * others each half as large is as frequent, down to 1/4096 of what is there. */
static uint64_t payment(uint64_t have)
{
	const uint64_t r = next() >> 32;
	return r % 8 == 0 ? have : have >> (1 + (r >> 8) % 12);
}

/* Time on the processor: other work on the machine does not count, but for the cache
 * that it takes. */
static double now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(enum xt_status s, const struct xt_err *err)
{
	if (s == XT_OK)
		return;
	(void)fprintf(stderr, "bench_taint: %s\n", err->text);
	exit(1);
}

enum scene {
	NONE,      /* no seed */
	CONTAINED, /* each hundredth account, which deal among themselves and with
		      services */
	SPREADING, /* each hundredth account, dealing with everybody */
	ALL,       /* all accounts, with all they hold */
	HALF       /* all accounts, with half of what they hold */
};
static const char *const scenes[] = { "none seeded", "1 % seeded, among themselves",
				      "1 % seeded, spreading", "all seeded in full",
				      "all seeded by half" };

/* Transfers with fees; every tenth of the hundred busiest accounts is a service. Each
 * account opens with 1000 XEM; of those seeded half is dirty,
 * or all. */
static struct graph *generate(uint32_t transfers, uint32_t accounts, enum scene scene)
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
		if (!service && (scene >= ALL || (scene != NONE && a % 100 == 50))) {
			const struct graph_seed s = { .kind = GRAPH_SEED_BALANCE,
						      .account = a,
						      .amount = scene == ALL
								    ? balance[a]
								    : balance[a] / 2 };
			must(graph_add_seed(g, &s, &err), &err);
		}
	}
	for (uint32_t i = 0; i < transfers; i++) {
		const struct graph_tx tx = { .height = i / 4 + 1, .count = 1 };
		const uint32_t from = power_law(accounts);
		uint32_t to = power_law(accounts);
		if (scene == CONTAINED && !(g->flags[to] & GRAPH_SERVICE) &&
		    (from % 100 == 50 || to % 100 == 50))
			to = from % 100 == 50 ? to / 100 * 100 + 50 : to - 1;
		to = to < accounts ? to : from;
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
	const double start = now();
	uint64_t *balance = xt_calloc(g->n_accounts, sizeof(*balance));
	if (!balance)
		exit(1);
	memcpy(balance, g->opening, g->n_accounts * sizeof(*balance));
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

/* The same with what any replay must check: self transfers, overdrafts, overflow, and
 * that services are outside the model. */
static double checked(const struct graph *g, uint64_t *sum)
{
	const double start = now();
	uint64_t *balance = xt_calloc(g->n_accounts, sizeof(*balance));
	if (!balance)
		exit(1);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		balance[a] = g->flags[a] & GRAPH_SERVICE ? UINT64_MAX : g->opening[a];
	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		const uint64_t q = graph_amount(e);
		if (e->from == e->to)
			continue;
		if (e->from != GRAPH_NONE && balance[e->from] != UINT64_MAX) {
			if (balance[e->from] < q)
				exit(1);
			balance[e->from] -= q;
		}
		if (e->to != GRAPH_NONE && balance[e->to] != UINT64_MAX) {
			if (balance[e->to] > (uint64_t)INT64_MAX - q)
				exit(1);
			balance[e->to] += q;
		}
	}
	const double t = now() - start;
	for (uint32_t a = 0; a < g->n_accounts; a++)
		*sum += balance[a];
	free(balance);
	return t;
}

/* Balances, and one lot of eight bytes on each side, asked for ahead; no rule, no check.
 * The table has no more lots than fifo holds at most: a power of two an account. What
 * keeps that many lots cannot be faster. */
static double lot_each_side(const struct graph *g, uint32_t lots, uint64_t *sum)
{
	size_t per = 1;
	while (per * 2 <= lots / g->n_accounts)
		per *= 2;
	const size_t n = per * g->n_accounts;
	uint64_t *balance = xt_calloc(g->n_accounts, sizeof(*balance));
	uint64_t *lot = xt_calloc(n, sizeof(*lot));
	if (!balance || !lot)
		exit(1);
	memcpy(balance, g->opening, g->n_accounts * sizeof(*balance));
	for (size_t i = 0; i < n; i++)
		lot[i] = i;
	const double start = now();
	for (uint32_t i = 0; i + AHEAD < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		const struct graph_event *f = e + AHEAD;
		const size_t k = i & (per - 1);
		const size_t k_ahead = (i + AHEAD) & (per - 1);
		const uint64_t q = graph_amount(e);
		if (f->from != GRAPH_NONE)
			__builtin_prefetch(&lot[f->from * per + k_ahead], 1);
		if (f->to != GRAPH_NONE)
			__builtin_prefetch(&lot[f->to * per + k_ahead], 1);
		if (e->from != GRAPH_NONE) {
			balance[e->from] -= q;
			lot[e->from * per + k] -= q;
		}
		if (e->to != GRAPH_NONE) {
			balance[e->to] += q;
			lot[e->to * per + k] += q;
		}
	}
	const double t = now() - start;
	for (uint32_t a = 0; a < g->n_accounts; a++)
		*sum += balance[a] + lot[a];
	free(balance);
	free(lot);
	return t;
}

/* How many lots fifo takes out of queues, by a simple replay of its own: counts, no
 * time. What a service or a fee receives leaves the model. */
struct lot_count {
	uint64_t events, lots, many;
};

struct lot_queue {
	uint64_t *v; /* amount * 2 + dirty */
	uint32_t head, n, cap;
};

static void push(struct lot_queue *q, uint64_t amount, uint64_t dirty)
{
	if (q->n > q->head && (q->v[q->n - 1] & 1) == dirty) {
		q->v[q->n - 1] += amount << 1;
		return;
	}
	if (q->n == q->cap) {
		memmove(q->v, q->v + q->head, (q->n - q->head) * sizeof(*q->v));
		q->n -= q->head;
		q->head = 0;
	}
	if (q->n * 2 >= q->cap) {
		q->cap = q->cap * 2 + 4;
		q->v = xt_reallocarray(q->v, q->cap, sizeof(*q->v));
		if (!q->v)
			exit(1);
	}
	q->v[q->n++] = amount << 1 | dirty;
}

static uint32_t send(struct lot_queue *from, struct lot_queue *to, uint64_t left)
{
	uint32_t lots = 0;
	while (left) {
		uint64_t amount = left;
		uint64_t dirty = 0;
		if (from) {
			uint64_t *lot = &from->v[from->head];
			dirty = *lot & 1;
			if (*lot >> 1 > left) {
				*lot -= left << 1;
			} else {
				amount = *lot >> 1;
				from->head++;
			}
		}
		if (to)
			push(to, amount, dirty);
		left -= amount;
		lots++;
	}
	return lots;
}

static struct lot_count count_lots(const struct graph *g)
{
	struct lot_count c = { 0, 0, 0 };
	struct lot_queue *q = xt_calloc(g->n_accounts, sizeof(*q));
	if (!q)
		exit(1);
	for (uint32_t i = 0; i < g->n_seeds; i++) {
		const struct graph_seed *s = &g->seeds[i];
		push(&q[s->account], s->amount, 1);
	}
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		uint64_t dirty = q[a].n ? q[a].v[0] >> 1 : 0;
		if (g->opening[a] > dirty)
			push(&q[a], g->opening[a] - dirty, 0);
	}
	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		if (e->from == e->to || !graph_amount(e))
			continue;
		const bool in =
		    e->to != GRAPH_NONE && !(g->flags[e->to] & GRAPH_SERVICE);
		const bool out =
		    e->from != GRAPH_NONE && !(g->flags[e->from] & GRAPH_SERVICE);
		const uint32_t n = send(out ? &q[e->from] : NULL, in ? &q[e->to] : NULL,
					graph_amount(e));
		c.events++;
		c.lots += n;
		c.many += n > 1;
	}
	for (uint32_t a = 0; a < g->n_accounts; a++)
		free(q[a].v);
	free(q);
	return c;
}

struct clock {
	double best, worst;
};

static void take(struct clock *c, double t)
{
	c->best = c->worst == 0 || t < c->best ? t : c->best;
	c->worst = t > c->worst ? t : c->worst;
}

static double run(const struct graph *g, const struct taint_policy *p, uint32_t *lots)
{
	const struct taint_options opt = { .fees = TAINT_FEE_CARRY };
	struct taint_result *r;
	struct xt_err err = { 0 };
	const double start = now();
	must(taint_run(&r, g, p, &opt, NULL, &err), &err);
	const double t = now() - start;
	*lots = r->peak_lots;
	taint_result_free(r);
	return t;
}

static double tainted_senders(const struct graph *g)
{
	const struct taint_options edges = { .edges = true };
	struct taint_result *r;
	struct xt_err err = { 0 };
	must(taint_run(&r, g, taint_policy_find("poison"), &edges, NULL, &err), &err);
	const double share = 100.0 * (double)r->n_edges / g->n_events;
	taint_result_free(r);
	return share;
}

static void measure(const struct graph *g, enum scene scene)
{
	struct clock bound = { 0, 0 };
	struct clock fair = { 0, 0 };
	struct clock policy[POLICIES] = { { 0, 0 } };
	uint32_t lots[POLICIES] = { 0 };
	double total = 0;
	uint64_t sum = 0;
	/* In turn, so that a slow second of the machine strikes all alike. */
	for (int i = 0; i < RUNS; i++) {
		take(&bound, bare(g, &sum));
		take(&fair, checked(g, &sum));
		for (size_t p = 0; p < POLICIES && taint_policies[p]; p++)
			take(&policy[p], run(g, taint_policies[p], &lots[p]));
	}
	(void)printf("\n%u events, %u accounts, %s\n", g->n_events, g->n_accounts,
		     scenes[scene]);
	(void)printf("%.1f %% of the events have a poisoned sender (sum %llu)\n",
		     tainted_senders(g), (unsigned long long)(sum % 1000));
	(void)printf("balances alone: %.3f to %.3f s, %.1f M events/s; with checks: "
		     "%.3f to %.3f s\n",
		     bound.best, bound.worst, g->n_events / bound.best / 1e6, fair.best,
		     fair.worst);
	(void)printf("%-12s %8s %8s %10s %8s %8s %12s %12s\n", "policy", "seconds",
		     "worst", "M events/s", "ratio", "checked", "peak lots",
		     "lots/account");
	for (size_t p = 0; p < POLICIES && taint_policies[p]; p++) {
		const double best = policy[p].best;
		total += best;
		(void)printf("%-12s %8.3f %8.3f %10.1f %8.2f %8.2f %12u %12.2f\n",
			     taint_policies[p]->name, best, policy[p].worst,
			     g->n_events / best / 1e6, bound.best / best,
			     fair.best / best, lots[p],
			     (double)lots[p] / g->n_accounts);
	}
	(void)printf("all six      %8.3f\n", total);
	if (scene < ALL)
		return;
	uint32_t most = 0;
	struct clock touch = { 0, 0 };
	for (size_t p = 0; p < POLICIES && taint_policies[p]; p++)
		if (strcmp(taint_policies[p]->name, "fifo") == 0)
			most = lots[p];
	for (int i = 0; i < RUNS; i++)
		take(&touch, lot_each_side(g, most, &sum));
	const struct lot_count n = count_lots(g);
	(void)printf("fifo takes %.2f lots an event, more than one in %.1f %% of them; "
		     "balances and one lot\n"
		     "on each side, without any rule: %.3f to %.3f s, ratio %.2f\n",
		     (double)n.lots / (double)n.events,
		     100.0 * (double)n.many / (double)n.events, touch.best, touch.worst,
		     bound.best / touch.best);
}

/* What the arrays of the graph and of a pool's replay take, without texts, seeds and
 * results; the sizes of the replay are those of src/taint/policy.h. */
static void memory(const struct graph *g, double transfers)
{
	const size_t event = sizeof(struct graph_event) + sizeof(uint32_t);
	const size_t tx = sizeof(struct graph_tx) + sizeof(uint32_t);
	const size_t account = sizeof(struct nem_party) + 1 + 8 + 4 + 4 + 16;
	const size_t all =
	    g->n_events * event + g->n_txs * tx + g->n_accounts * account;
	(void)printf(
	    "\nmemory: %zu bytes an event + %zu a transaction + %zu an account (fifo and "
	    "lifo: 8 more, and 8 a lot in blocks of 64 << k);\n"
	    "%.1f bytes a transfer, the limit is 64 + 128 an account: %.1f\n",
	    event, tx, account, (double)all / transfers,
	    64 + 128.0 * g->n_accounts / transfers);
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
	for (unsigned scene = NONE; scene <= HALF; scene++) {
		struct graph *g = generate((uint32_t)transfers, (uint32_t)accounts,
					   (enum scene)scene);
		measure(g, (enum scene)scene);
		if (scene == HALF)
			memory(g, (double)transfers);
		graph_free(g);
	}
	hub((uint32_t)transfers);
	return 0;
}
