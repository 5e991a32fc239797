#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "sample.h"

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *sample_hostile_memo(size_t i)
{
	static char long_text[1025];
	static const char *const memos[N_HOSTILE_MEMOS] = {
		"\x1b[2J\x1b]0;owned\x07\r\nrm -rf\tx",
		"abc\xE2\x80\xAE"
		"fdp.exe\xE2\x81\xA6\xE2\x80\x8B\xEF\xBB\xBF",
		"<script>alert(1)</script>&amp;&#39;\"'",
		"@SUM(A1:A9)",
		"\"]; evil [label=\"\\N\\l\\",
		"bad \xFF\xC0\xAF\xED\xA0\x80 utf-8",
		"\xEF\xBC\x9D"
		"1+1 \xF3\xA0\x81\x81",
		long_text,
	};

	memset(long_text, 'A', 1024);
	return memos[i];
}

char *sample_read(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *p = NULL;
	size_t cap = 1 << 20;

	if (f == NULL)
		return NULL;
	p = malloc(cap);
	assert_non_null(p);
	*n = fread(p, 1, cap - 1, f);
	p[*n] = '\0';
	assert_true(feof(f));
	assert_int_equal(fclose(f), 0);
	return p;
}

struct graph *sample_ledger(const char *text)
{
	struct xt_err err = { 0 };
	struct graph *g = NULL;

	if (graph_parse_ledger(&g, text, strlen(text), &err) != XT_OK)
		fail_msg("%s", err.text);
	return g;
}

static uint32_t account(const struct graph *g, const char *party)
{
	const uint32_t a = graph_find(g, party);

	assert_int_not_equal(a, GRAPH_NONE);
	return a;
}

/* One more small deposit per hostile memo, from hop1 to the service with the hostile
 * label. */
static void add_hostile(struct graph *g)
{
	for (uint32_t i = 0; i < N_HOSTILE_MEMOS; i++) {
		struct graph_tx tx = { .height = 1500000 + i,
				       .time = 1520000000 + i,
				       .time_last = 1520000000 + i,
				       .count = 1,
				       .time_kind = GRAPH_TIME_SIGNER,
				       .provenance = NEM_SIGNED,
				       .height_known = 1 };
		char ref[65];
		uint32_t t;

		(void)snprintf(ref, sizeof(ref), "%064x", 0xabc0 + i);
		assert_int_equal(graph_add_memo(g, &tx.memo, GRAPH_MEMO_PLAIN,
						GRAPH_NONE, sample_hostile_memo(i),
						NULL),
				 XT_OK);
		assert_int_equal(graph_add_tx(g, &t, &tx, 0, ref, NULL), XT_OK);
		assert_int_equal(graph_add_event(g, t, NEM_MOVE_INNER, account(g, HOP1),
						 account(g, HOSTILE), 1000000, NULL),
				 XT_OK);
	}
}

static void patch_records(struct graph *g)
{
	const uint32_t shop = account(g, "@shop");
	const uint32_t buyers = account(g, "@buyers");

	for (uint32_t i = 0; i < g->n_events; i++) {
		const struct graph_event *e = &g->events[i];
		struct graph_tx *tx = &g->txs[g->event_tx[i]];

		if (e->to == shop) {
			tx->provenance = NEM_PUBLISHED;
			tx->time_kind = GRAPH_TIME_PUBLISHED;
			tx->height_known = 0;
		}
		if (e->from == shop) {
			tx->provenance = NEM_AGGREGATE;
			tx->time_kind = GRAPH_TIME_PUBLISHED;
			tx->height_known = 0;
			tx->count = 1234;
			tx->time_last = tx->time + 3000000;
		}
		if (e->from == buyers) {
			const bool memo = tx->memo != 0;

			tx->provenance = memo ? NEM_INFERRED : NEM_AGGREGATE;
			tx->time_kind = GRAPH_TIME_PUBLISHED;
			tx->height_known = 0;
			tx->order_known = 0;
			tx->count = memo ? 0 : 87;
			tx->time_last = tx->time + 500000;
		}
	}
}

struct graph *sample_graph(void)
{
	const struct graph_label thief = { .text = "first wallet of the thief",
					   .category = "theft-thief",
					   .source = "sample",
					   .confidence = 90 };
	const struct graph_label hop = { .text = "two words\x1b[31m",
					 .category = "whale",
					 .source = "sample",
					 .confidence = 20 };
	size_t n;
	char *text = sample_read("fixtures/golden/export/sample.ledger", &n);
	struct graph *g;

	assert_non_null(text);
	g = sample_ledger(text);
	free(text);
	add_hostile(g);
	patch_records(g);
	for (uint32_t t = 0; t < g->n_txs; t++)
		if (g->txs[t].provenance == NEM_SIGNED)
			(void)snprintf(g->tx_ref[t], sizeof(g->tx_ref[t]), "%064x",
				       t + 1);
	g->flags[account(g, HOP3)] &= (uint8_t) ~(GRAPH_COMPLETE | GRAPH_EXPANDED);
	assert_int_equal(graph_add_label(g, account(g, THIEF), &thief, NULL), XT_OK);
	assert_int_equal(graph_add_label(g, account(g, HOP2), &hop, NULL), XT_OK);
	assert_int_equal(graph_index(g, NULL), XT_OK);
	return g;
}

struct taint_result *sample_run(const struct graph *g, const char *policy)
{
	const struct taint_options opt = { .edges = true };
	struct xt_err err = { 0 };
	struct taint_result *r = NULL;

	if (taint_run(&r, g, taint_policy_find(policy), &opt, NULL, &err) != XT_OK)
		fail_msg("%s", err.text);
	return r;
}
