/* Opens a case, replays a policy, and prints what reached each service.
 *
 *   cc services.c $(pkg-config --cflags --libs xemtrace) -o services
 *   ./services case.xemtrace fifo
 */
#include <stdio.h>

#include <xemtrace/analyse.h>
#include <xemtrace/load.h>
#include <xemtrace/store.h>
#include <xemtrace/taint.h>

/* What must be released, whatever happened. */
struct work {
	struct store *store;
	struct graph *graph;
	struct taint_result *result;
	struct analyse_exchanges found;
};

static enum xt_status find(struct work *w, const char *path, const char *policy,
			   struct xt_err *err)
{
	const struct taint_options options = { .edges = true };
	const struct taint_policy *p = taint_policy_find(policy);
	enum xt_status rc;

	if (p == NULL)
		return xt_fail(err, XT_E_USAGE, "there is no policy \"%s\"", policy);
	rc = store_open(&w->store, path, STORE_READ, err);
	if (rc == XT_OK)
		rc = load_graph(&w->graph, w->store, 0, NULL, err);
	if (rc == XT_OK)
		rc = taint_run(&w->result, w->graph, p, &options, NULL, err);
	if (rc == XT_OK)
		rc = analyse_exchanges(&w->found, w->graph, w->result, err);
	return rc;
}

int main(int argc, char **argv)
{
	struct work w = { 0 };
	struct xt_err err = { 0 };
	enum xt_status rc;

	if (argc != 3) {
		fprintf(stderr, "usage: services CASE POLICY\n");
		return 2;
	}
	rc = find(&w, argv[1], argv[2], &err);
	if (rc != XT_OK)
		fprintf(stderr, "services: %s\n", err.text);
	for (size_t i = 0; rc == XT_OK && i < w.found.n_services; i++) {
		const struct analyse_service_row *s = &w.found.services[i];

		printf("%s %llu\n", w.graph->party[s->account].s,
		       (unsigned long long)s->tainted);
	}
	analyse_exchanges_release(&w.found);
	taint_result_free(w.result);
	graph_free(w.graph);
	store_close(w.store);
	return rc == XT_OK ? 0 : 1;
}
