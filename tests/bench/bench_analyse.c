/* What the findings cost, as ratios to one plain pass over the events: bench_analyse
 * [EVENTS]. The ledger is synthetic: many accounts, some hubs with memos, some chains. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <xemtrace/analyse.h>

static uint64_t state = 42;

static uint32_t pick(uint32_t n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((state >> 33) % n);
}

static double now(void)
{
	struct timespec t;

	/* Of this process: others may be at work beside it. */
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(enum xt_status rc, const struct xt_err *err)
{
	if (rc == XT_OK)
		return;
	fprintf(stderr, "bench_analyse: %s\n", err->text);
	exit(1);
}

/* Half of all payments go to one of a few hubs, with a customer's memo. */
static struct graph *make(uint32_t events)
{
	const uint32_t accounts = events / 10 + 100;
	const uint32_t hubs = 20;
	struct xt_err err = { 0 };
	struct graph *g;
	uint32_t theft;

	must(graph_new(&g, &err), &err);
	must(graph_reserve(g, accounts, events, events, false, &err), &err);
	for (uint32_t a = 0; a < accounts; a++) {
		struct nem_party p;
		uint32_t at;

		(void)snprintf(p.s, sizeof(p.s), "@a%u", a);
		must(graph_add_account(g, &at, &p, GRAPH_COMPLETE | GRAPH_EXPANDED,
				       UINT64_C(1000000000000), 0, &err),
		     &err);
	}
	for (uint32_t h = 0; h < 10; h++) {
		const struct graph_label l = { .text = "hub",
					       .category = "exchange",
					       .source = "bench",
					       .confidence = 50,
					       .service = true };

		must(graph_add_label(g, h, &l, &err), &err);
		g->flags[h] |= GRAPH_SERVICE;
	}
	must(graph_add_theft(g, &theft, "bench", &err), &err);
	for (uint32_t i = 0; i < events; i++) {
		struct graph_tx tx = { .height = i / 8 + 1,
				       .height_known = 1,
				       .count = 1,
				       .time = i * 8,
				       .time_last = i * 8,
				       .time_kind = GRAPH_TIME_BLOCK };
		const bool deposit = pick(2) == 0;
		const uint32_t from = hubs + pick(accounts - hubs);
		const uint32_t to = deposit ? pick(hubs) : hubs + pick(accounts - hubs);
		char memo[16];
		uint32_t at;

		if (deposit) {
			(void)snprintf(memo, sizeof(memo), "%08u", pick(accounts));
			must(graph_add_memo(g, &tx.memo, GRAPH_MEMO_PLAIN, GRAPH_NONE,
					    memo, &err),
			     &err);
		}
		must(graph_add_tx(g, &at, &tx, 0, NULL, &err), &err);
		must(graph_add_event(g, at, NEM_MOVE_TRANSFER, from, to,
				     1000000 + pick(1000000), &err),
		     &err);
	}
	must(graph_add_seed(g,
			    &(struct graph_seed){ .theft = theft,
						  .kind = GRAPH_SEED_BALANCE,
						  .account = hubs,
						  .amount = UINT64_C(500000000000) },
			    &err),
	     &err);
	return g;
}

static int32_t day(int64_t t)
{
	return (int32_t)(t / 86400);
}

static double one_pass(const struct graph *g)
{
	const double begin = now();
	volatile uint64_t sum = 0;
	uint64_t *in = xt_calloc(g->n_accounts, sizeof(*in));

	for (uint32_t i = 0; in != NULL && i < g->n_events; i++) {
		if (g->events[i].to != GRAPH_NONE)
			in[g->events[i].to] += graph_amount(&g->events[i]);
		sum += g->txs[g->event_tx[i]].memo;
	}
	(void)sum;
	free(in);
	return now() - begin;
}

static void tell(const char *what, double seconds, double pass)
{
	printf("%-14s %8.3f s %8.1f passes\n", what, seconds, seconds / pass);
}

int main(int argc, char **argv)
{
	const uint32_t events =
	    argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
	const struct taint_options opt = { .edges = true };
	struct xt_err err = { 0 };
	struct graph *g = make(events);
	struct taint_result *r;
	struct analyse_rule_options ro;
	struct analyse_pattern_options po;
	struct analyse_findings f;
	struct analyse_patterns p;
	double pass;
	double begin = now();

	must(graph_index(g, &err), &err);
	pass = one_pass(g);
	printf("%u events, %u accounts; one pass %.3f s\n", g->n_events, g->n_accounts,
	       pass);
	tell("index", now() - begin, pass);
	begin = now();
	must(taint_run(&r, g, taint_policy_find("haircut"), &opt, NULL, &err), &err);
	tell("haircut", now() - begin, pass);
	analyse_rule_defaults(&ro);
	begin = now();
	must(analyse_rules(&f, g, r, &ro, &err), &err);
	tell("rules", now() - begin, pass);
	analyse_findings_release(&f);
	analyse_pattern_defaults(&po);
	for (unsigned all = 0; all < 2; all++) {
		po.all = all != 0;
		begin = now();
		must(analyse_patterns(&p, g, r, &po, &err), &err);
		tell(all != 0 ? "patterns all" : "patterns", now() - begin, pass);
		analyse_patterns_release(&p);
	}
	for (unsigned by = ANALYSE_TRANSFERS; by <= ANALYSE_SERVICE_DAYS; by++) {
		struct analyse_table_row *rows;
		size_t n;

		begin = now();
		must(analyse_table(&rows, &n, g, r,
				   &(struct analyse_table_options){
				       .by = (enum analyse_by)by, .day = day },
				   &err),
		     &err);
		tell("table", now() - begin, pass);
		free(rows);
	}
	for (unsigned k = 0; k < 3; k++) {
		struct analyse_route route = { 0 };

		begin = now();
		/* In a random ledger there may be no way. */
		if (analyse_route(&route, g, 20, 0, (enum analyse_route_kind)k, false,
				  &err) != XT_E_NOTFOUND)
			must(route.events != NULL ? XT_OK : XT_E_BUG, &err);
		tell("route", now() - begin, pass);
		analyse_route_release(&route);
	}
	taint_result_free(r);
	graph_free(g);
	return 0;
}
