#include "random_ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#define AMOUNT 24

static void add_event(struct r_ledger *l, enum nem_movement_kind kind, uint32_t from,
		      uint32_t to, uint64_t q, uint32_t height, uint32_t memo)
{
	l->e[l->n_events++] = (struct r_event){ .kind = kind,
						.from = from,
						.to = to,
						.q = q,
						.tx = l->n_txs - 1,
						.height = height,
						.memo = memo };
}

static void make_accounts(struct r_ledger *l, uint64_t *p)
{
	l->n_accounts = 2 + r_below(p, 6);
	const bool incomplete = r_below(p, 4) == 0;
	for (uint32_t a = 0; a < l->n_accounts; a++) {
		l->opening[a] = r_below(p, 3) ? r_below(p, 2 * AMOUNT) : 0;
		l->flags[a] = GRAPH_COMPLETE;
		if (incomplete && r_below(p, 3) == 0)
			l->flags[a] = 0;
		if (r_below(p, 7) == 0)
			l->flags[a] |= GRAPH_SERVICE;
		if (r_below(p, 7) == 0)
			l->flags[a] |= GRAPH_PROBABLE;
	}
}

static void make_events(struct r_ledger *l, uint64_t *p)
{
	uint64_t balance[R_ACCOUNTS];
	uint32_t height = 1;
	const uint32_t n = 1 + r_below(p, 32);
	memcpy(balance, l->opening, sizeof(balance));
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t from = r_below(p, l->n_accounts);
		const uint32_t to = r_below(p, l->n_accounts);
		const bool service = l->flags[from] & GRAPH_SERVICE &&
				     !(l->flags[from] & GRAPH_COMPLETE);
		const bool free = !(l->flags[from] & GRAPH_COMPLETE) || service;
		height += r_below(p, 2);
		l->n_txs++;
		if (r_below(p, 12) == 0) {
			const uint64_t q = r_below(p, 6);
			add_event(l, NEM_MOVE_HARVEST, GRAPH_NONE, to, q, height, 0);
			balance[to] += q;
			continue;
		}
		const uint64_t have = free ? AMOUNT : balance[from];
		uint64_t q = have ? r_below(p, (uint32_t)have + 1) : 0;
		if (r_below(p, 5) == 0 && !free)
			q = have;
		add_event(l, r_below(p, 4) ? NEM_MOVE_TRANSFER : NEM_MOVE_INNER, from,
			  to, q, height, r_below(p, 3));
		if (from != to) {
			balance[from] -= balance[from] < q ? balance[from] : q;
			balance[to] += q;
		}
		for (uint32_t k = r_below(p, 3); k; k--) {
			const uint64_t rest = free ? 5 : balance[from];
			const uint64_t fee =
			    rest ? r_below(p, rest > 5 ? 5 : (uint32_t)rest + 1) : 0;
			const bool levy = r_below(p, 5) == 0;
			const uint32_t other = r_below(p, l->n_accounts);
			if (levy)
				add_event(l, NEM_MOVE_LEVY, from, other, fee, height,
					  0);
			else
				add_event(l, NEM_MOVE_FEE, from, GRAPH_NONE, fee,
					  height, 0);
			if (levy && other == from)
				continue;
			balance[from] -= balance[from] < fee ? balance[from] : fee;
			if (levy)
				balance[other] += fee;
		}
	}
}

static void make_seeds(struct r_ledger *l, uint64_t *p)
{
	const uint32_t top = l->e[l->n_events - 1].height;
	l->n_thefts = r_below(p, 2) ? 1 : 1 + r_below(p, R_THEFTS);
	l->n_seeds = 1 + r_below(p, 4);
	for (uint32_t i = 0; i < l->n_seeds; i++) {
		struct graph_seed *s = &l->seed[i];
		*s = (struct graph_seed){ .theft = r_below(p, l->n_thefts) };
		s->account = r_below(p, l->n_accounts);
		switch (r_below(p, 6)) {
		case 0:
			s->kind = GRAPH_SEED_WINDOW;
			s->from = (int64_t)r_below(p, top + 1) * 60;
			s->to = s->from + (int64_t)r_below(p, 5) * 60;
			break;
		case 1:
		case 2:
			s->kind = r_below(p, 4) ? GRAPH_SEED_TX : GRAPH_SEED_REFUND;
			s->tx = r_below(p, l->n_txs);
			break;
		case 3:
			s->kind = GRAPH_SEED_BALANCE;
			s->height = r_below(p, top + 2);
			s->amount = r_below(p, 3) ? GRAPH_SEED_ALL : r_below(p, AMOUNT);
			break;
		default:
			s->kind = GRAPH_SEED_BALANCE;
			s->amount =
			    l->opening[s->account]
				? r_below(p, (uint32_t)l->opening[s->account] + 1)
				: 0;
			break;
		}
	}
	l->n_cleans = r_below(p, 5) ? 0 : 1 + r_below(p, R_CLEANS);
	for (uint32_t i = 0; i < l->n_cleans; i++) {
		l->clean[i].account = r_below(p, l->n_accounts);
		l->clean[i].from = (int64_t)r_below(p, top + 2) * 60;
	}
}

void r_make(struct r_ledger *l, uint64_t *prng)
{
	memset(l, 0, sizeof(*l));
	make_accounts(l, prng);
	make_events(l, prng);
	make_seeds(l, prng);
	l->fees = r_below(prng, 3) ? TAINT_FEE_CARRY : TAINT_FEE_ABSORB;
	l->stop_at_probable = r_below(prng, 3) == 0;
}

static void must(enum xt_status s, const struct xt_err *err)
{
	if (s != XT_OK)
		fail_msg("%s", err->text);
}

static uint32_t moved(uint32_t a, const uint32_t *order)
{
	return a == GRAPH_NONE || !order ? a : order[a];
}

static void add_accounts(struct graph *g, const struct r_ledger *l,
			 const uint32_t *order, uint64_t scale)
{
	struct xt_err err = { 0 };
	for (uint32_t k = 0; k < l->n_accounts; k++) {
		uint32_t a = 0;
		uint32_t out;
		while (moved(a, order) != k)
			a++;
		struct nem_party party = { { 0 } };
		(void)snprintf(party.s, sizeof(party.s), "@a%u", a);
		must(graph_add_account(g, &out, &party, l->flags[a],
				       l->opening[a] * scale, 0, &err),
		     &err);
	}
}

static void add_seeds(struct graph *g, const struct r_ledger *l, const uint32_t *order,
		      uint64_t scale)
{
	struct xt_err err = { 0 };
	for (uint32_t j = 0; j < l->n_thefts; j++) {
		char name[16];
		uint32_t out;
		(void)snprintf(name, sizeof(name), "theft%u", j);
		must(graph_add_theft(g, &out, name, &err), &err);
	}
	for (uint32_t i = 0; i < l->n_seeds; i++) {
		struct graph_seed s = l->seed[i];
		s.account = moved(s.account, order);
		if (s.amount != GRAPH_SEED_ALL)
			s.amount *= scale;
		must(graph_add_seed(g, &s, &err), &err);
	}
	for (uint32_t i = 0; i < l->n_cleans; i++)
		must(graph_add_clean(g, moved(l->clean[i].account, order),
				     l->clean[i].from, &err),
		     &err);
}

struct graph *r_graph(const struct r_ledger *l, const uint32_t *order, uint64_t scale)
{
	struct graph *g;
	struct xt_err err = { 0 };
	uint32_t memo[3] = { 0, 0, 0 };
	must(graph_new(&g, &err), &err);
	add_accounts(g, l, order, scale);
	must(graph_add_memo(g, &memo[1], GRAPH_MEMO_PLAIN, 0, "one", &err), &err);
	must(graph_add_memo(g, &memo[2], GRAPH_MEMO_PLAIN, 0, "two", &err), &err);
	for (uint32_t i = 0; i < l->n_events; i++) {
		const struct r_event *e = &l->e[i];
		uint32_t tx = e->tx;
		if (e->tx == g->n_txs) {
			const struct graph_tx t = { .height = e->height,
						    .memo = memo[e->memo],
						    .time = e->height * 60,
						    .time_last = e->height * 60,
						    .count = 1,
						    .time_kind = GRAPH_TIME_BLOCK,
						    .provenance = NEM_SIGNED,
						    .height_known = 1,
						    .order_known = 1 };
			must(graph_add_tx(g, &tx, &t, 0, NULL, &err), &err);
		}
		must(graph_add_event(g, tx, e->kind, moved(e->from, order),
				     moved(e->to, order), e->q * scale, &err),
		     &err);
	}
	add_seeds(g, l, order, scale);
	uint32_t accounts;
	uint64_t uxem;
	must(graph_assume_openings(g, &accounts, &uxem, &err), &err);
	return g;
}
