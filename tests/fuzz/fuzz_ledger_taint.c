/* floor: taint */
/* A random ledger under every policy: it conserves, nobody holds more taint than
 * balance, poison encloses all, bounds enclose all that conserve. The first byte
 * chooses: an even one is followed by a text ledger, an odd one by events of 4 bytes.
 */
#include <stdlib.h>
#include <string.h>
#include <xemtrace/taint.h>

#define ACCOUNTS 6U
#define CHECK(c)                                                                       \
	do {                                                                           \
		if (!(c))                                                              \
			abort();                                                       \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes: kind and accounts, amount, more amount, what else. */
static struct graph *from_events(const uint8_t *p, size_t n)
{
	struct graph *g;
	uint32_t id;
	CHECK(graph_new(&g, NULL) == XT_OK);
	for (uint32_t a = 0; a < ACCOUNTS; a++) {
		struct nem_party party = { { '@', (char)('a' + a), 0 } };
		const uint8_t flags = a == 5   ? GRAPH_SERVICE
				      : a == 4 ? GRAPH_PROBABLE
					       : 0;
		CHECK(graph_add_account(
			  g, &id, &party, flags | (a & 1 ? GRAPH_COMPLETE : 0),
			  a & 1 ? UINT64_C(1) << 40 : 0, 0, NULL) == XT_OK);
	}
	CHECK(graph_add_theft(g, &id, "one", NULL) == XT_OK);
	CHECK(graph_add_theft(g, &id, "two", NULL) == XT_OK);
	for (uint32_t i = 0; i < 256 && n >= 4; i++, p += 4, n -= 4) {
		const struct graph_tx tx = { .height = i / 2 + 1,
					     .time = i,
					     .time_kind = GRAPH_TIME_BLOCK };
		const bool fee = p[3] & 8;
		const uint64_t q = (uint64_t)p[1] << (p[2] & 31);
		CHECK(graph_add_tx(g, &id, &tx, 0, NULL, NULL) == XT_OK);
		CHECK(
		    graph_add_event(g, id, fee ? NEM_MOVE_FEE : NEM_MOVE_TRANSFER,
				    (p[0] & 15U) % ACCOUNTS,
				    fee ? GRAPH_NONE : ((uint32_t)p[0] >> 4) % ACCOUNTS,
				    q, NULL) == XT_OK);
		const struct graph_seed s = { .theft = p[3] & 1,
					      .kind = p[3] & 2 ? GRAPH_SEED_TX
							       : GRAPH_SEED_BALANCE,
					      .tx = id,
					      .account = p[2] % ACCOUNTS,
					      .height = i,
					      .amount = GRAPH_SEED_ALL };
		if (p[3] & 4 && g->n_seeds < 8 && s.account < 5)
			CHECK(graph_add_seed(g, &s, NULL) == XT_OK);
		if ((p[3] & 0xF0) == 0xF0)
			CHECK(graph_add_clean(g, p[2] % ACCOUNTS, i, NULL) == XT_OK);
	}
	return g;
}

static void conserves(const struct taint_result *r)
{
	for (uint32_t j = 0; j < r->n_thefts; j++) {
		uint64_t sum = r->fees[j] + r->cleaned[j];
		for (size_t i = 0; i < r->n_holdings; i++)
			sum += r->holdings[i].theft == j ? r->holdings[i].uxem : 0;
		for (size_t i = 0; i < r->n_sinks; i++)
			sum += r->sinks[i].theft == j ? r->sinks[i].uxem : 0;
		CHECK(sum == r->seeded[j]);
	}
}

static void check(const struct graph *g, const struct taint_result *r,
		  const struct taint_bounds *b)
{
	for (uint32_t a = 0; a < g->n_accounts; a++) {
		const struct taint_bound *v = taint_bound_find(b, a);
		uint64_t x = taint_held(r, a);
		for (size_t i = 0; i < r->n_sink_totals; i++)
			x +=
			    r->sink_totals[i].account == a ? r->sink_totals[i].uxem : 0;
		CHECK(v || !x);
		CHECK(!v || x <= v->poison);
		CHECK(!v || !r->policy->conserves || (v->low <= x && x <= v->high));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct graph *g = NULL;
	uint32_t accounts;
	uint64_t uxem;
	if (!size)
		return 0;
	if (data[0] & 1)
		g = from_events(data + 1, size - 1);
	else if (graph_parse_ledger(&g, (const char *)data + 1, size - 1, NULL) !=
		 XT_OK)
		return 0;
	const struct taint_options opt = { .fees = data[0] & 2 ? TAINT_FEE_ABSORB
							       : TAINT_FEE_CARRY,
					   .stop_at_probable = data[0] & 4,
					   .edges = true,
					   .lineage = data[0] & 8,
					   .max_hops = 100000 };
	struct taint_bounds *b = NULL;
	if (graph_assume_openings(g, &accounts, &uxem, NULL) == XT_OK &&
	    taint_bounds_run(&b, g, &opt, NULL, NULL) == XT_OK) {
		for (size_t p = 0; taint_policies[p]; p++) {
			struct taint_result *r = NULL;
			const enum xt_status s =
			    taint_run(&r, g, taint_policies[p], &opt, NULL, NULL);
			CHECK(s == XT_OK || s == XT_E_LIMIT);
			if (s == XT_OK && r->policy->conserves)
				conserves(r);
			if (s == XT_OK)
				check(g, r, b);
			taint_result_free(r);
		}
	}
	taint_bounds_free(b);
	graph_free(g);
	return 0;
}
