/* A text ledger, two policies, and who holds what: needs no case and no file.
 *
 *   cc ledger.c $(pkg-config --cflags --libs xemtrace) -o ledger && ./ledger
 */
#include <stdio.h>
#include <string.h>

#include <xemtrace/graph.h>
#include <xemtrace/taint.h>

static const char text[] = "opening bob 100\n"
			   "seed theft alice 50\n"
			   "opening alice 50\n"
			   "alice -> bob 50\n"
			   "bob -> carol 60\n";

static int show(const struct graph *g, const char *name)
{
	const struct taint_options options = { 0 };
	struct taint_result *r = NULL;
	struct xt_err err;

	if (taint_run(&r, g, taint_policy_find(name), &options, NULL, &err) != XT_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	printf("%s:", name);
	for (uint32_t a = 0; a < g->n_accounts; a++)
		printf(" %s %llu", g->party[a].s, (unsigned long long)taint_held(r, a));
	printf("\n");
	taint_result_free(r);
	return 0;
}

int main(void)
{
	struct graph *g = NULL;
	struct xt_err err;
	int bad = 0;

	if (graph_parse_ledger(&g, text, strlen(text), &err) != XT_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	bad = show(g, "haircut") + show(g, "fifo");
	graph_free(g);
	return bad;
}
