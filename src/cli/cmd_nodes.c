/* nodes: who answers, of the nodes that are named and of their peers. */
#include "cmd.h"
#include "node_args.h"
#include "say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A node so far below the given ones has fallen behind: a crawl would let it rest. */
#define BEHIND          5u
#define FEATURE_LOOKUP  1u
#define FEATURE_HISTORY 2u
/* For all three: a node that takes longer is no help. */
#define ANSWER_MS 10000u

static const struct opt options[] = {
	NODE_OPTIONS,
	{ "peers", 0, "N",
	  "ask at most N of the peers that the nodes name (default 100; 0: none)",
	  false },
	{ "time", 0, "SECONDS", "end after this time (default 60)", false },
	{ "private", 0, NULL,
	  "also ask peers at private and local addresses (a net of one's own)", false },
	{ "save", 0, "FILE",
	  "add the nodes that are ready to this file of nodes, made if missing",
	  false },
	{ 0 },
};

static const struct export_column head_columns[] = {
	{ "asked", "nodes asked", EXPORT_INT },
	{ "answered", "  answered", EXPORT_INT },
	{ "ready", "  ready", EXPORT_INT },
	{ "listed", "in peer lists", EXPORT_INT },
	{ "bad", "  no URL of a node", EXPORT_INT },
	{ "closed", "  at private addresses or closed ports", EXPORT_INT },
	{ "not_asked", "  too many", EXPORT_INT },
	{ "timed_out", "time was over", EXPORT_BOOL },
	{ "saved", "new in the file", EXPORT_INT },
};

static const struct export_column columns[] = {
	{ "node", "node", EXPORT_WORDS },
	{ "state", "state", EXPORT_STR },
	{ "height", "height", EXPORT_INT },
	{ "version", "version", EXPORT_LABEL },
	{ "history", "history", EXPORT_BOOL },
	{ "hash_lookup", "hash lookup", EXPORT_BOOL },
	{ "network", "network", EXPORT_STR },
	{ "latency_ms", "ms", EXPORT_INT },
	{ "peer", "peer", EXPORT_BOOL },
	{ "name", "name", EXPORT_LABEL },
};

/* The survey, and what it is judged by: the first given node that answers says which
 * network is meant; the chain is where the highest given one of it is, or more than half
 * of all that answer. */
struct found {
	struct nis_survey s;
	size_t *row; /* those that answered, as they are shown: places in s.v */
	size_t n, ready, saved;
	enum nem_network network;
	uint64_t height;
};

static const char *network_name(enum nem_network net)
{
	switch (net) {
	case NEM_MAINNET:
		return "mainnet";
	case NEM_TESTNET:
		return "testnet";
	case NEM_MIJIN:
		return "mijin";
	}
	return "unknown";
}

static const struct nis_surveyed *nth(const struct found *f, size_t i)
{
	return &f->s.v[f->row[i]];
}

static const char *state_of(const struct found *f, const struct nis_surveyed *n)
{
	if (n->info.network != f->network)
		return "other network";
	if (n->status != 6)
		return "not in step";
	return n->height + BEHIND < f->height ? "behind" : "ready";
}

static bool is_ready(const struct found *f, const struct nis_surveyed *n)
{
	return strcmp(state_of(f, n), "ready") == 0;
}

/* Ready ones first, then the fastest. */
static const struct found *sorting;

static int by_use(const void *a, const void *b)
{
	const struct nis_surveyed *x = &sorting->s.v[*(const size_t *)a];
	const struct nis_surveyed *y = &sorting->s.v[*(const size_t *)b];
	const bool rx = is_ready(sorting, x), ry = is_ready(sorting, y);

	if (rx != ry)
		return rx ? -1 : 1;
	if (x->latency_ms != y->latency_ms)
		return x->latency_ms < y->latency_ms ? -1 : 1;
	return strcmp(x->url, y->url);
}

static int falling(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

/* What more than half of the network's nodes have. */
static enum xt_status take_median(struct found *f, struct xt_err *err)
{
	uint64_t *v = xt_calloc(f->n + 1, sizeof(*v));
	size_t n = 0;

	if (v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for nodes");
	for (size_t i = 0; i < f->n; i++)
		if (nth(f, i)->info.network == f->network)
			v[n++] = nth(f, i)->height;
	if (n > 0)
		qsort(v, n, sizeof(*v), falling);
	if (n > 0 && v[n / 2] > f->height)
		f->height = v[n / 2];
	free(v);
	return XT_OK;
}

static enum xt_status judge(struct found *f, struct xt_err *err)
{
	bool known = false;

	f->row = xt_calloc(f->s.n + 1, sizeof(*f->row));
	if (f->row == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for nodes");
	for (size_t i = 0; i < f->s.n; i++) {
		const struct nis_surveyed *n = &f->s.v[i];

		if (!n->answered)
			continue;
		f->row[f->n++] = i;
		if (!known)
			f->network = n->info.network;
		known = true;
		if (n->given && n->info.network == f->network && n->height > f->height)
			f->height = n->height;
	}
	if (take_median(f, err) != XT_OK)
		return XT_E_NOMEM;
	sorting = f;
	if (f->n > 0)
		qsort(f->row, f->n, sizeof(*f->row), by_use);
	for (size_t i = 0; i < f->n; i++)
		f->ready += is_ready(f, nth(f, i));
	return XT_OK;
}

/* ---- asking ---------------------------------------------------------------------- */

static enum xt_status ask(struct cli *c, struct found *f, const struct node_args *nodes,
			  struct xt_err *err)
{
	struct nis_survey_options opt = {
		.nodes = nodes->url,
		.n_nodes = nodes->n,
		.private_peers = opts_has(&c->opts, "private"),
		.stop = &say_stop,
	};
	struct nis_http_options http = { .connections = 2, .total_ms = ANSWER_MS };
	struct nis_transport t;
	uint64_t peers = 0, seconds = 0;
	enum xt_status rc = opts_u64(&c->opts, "peers", &peers, 100, 1000, err);

	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "time", &seconds, 60, 3600, err);
	if (rc == XT_OK)
		rc = node_args_proxy(c, &http.proxy, err);
	if (rc == XT_OK && seconds == 0)
		rc = xt_fail(err, XT_E_USAGE, "--time: at least one second is needed");
	if (rc == XT_OK)
		rc = nis_transport_http(&t, &http, err);
	if (rc != XT_OK)
		return rc;
	opt.max_peers = (size_t)peers;
	opt.total_ms = seconds * 1000;
	say_catch_signals();
	rc = nis_survey(&f->s, &t, &opt, xt_clock_system(), &c->sink, err);
	nis_transport_free(&t);
	return rc == XT_OK ? judge(f, err) : rc;
}

/* ---- the file -------------------------------------------------------------------- */

static bool is_known(const struct nis_file *file, const char *url)
{
	for (size_t i = 0; i < file->n; i++)
		if (strcmp(file->v[i].url, url) == 0)
			return true;
	return false;
}

/* What stood there, byte for byte. */
static enum xt_status copy_old(FILE *to, const char *path, struct xt_err *err)
{
	FILE *from = fopen(path, "rbe");
	int c, last = '\n';

	if (from == NULL)
		return errno == ENOENT
			   ? XT_OK
			   : xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
	while ((c = fgetc(from)) != EOF) {
		(void)fputc(c, to);
		last = c;
	}
	if (last != '\n')
		(void)fputc('\n', to);
	(void)fclose(from);
	return XT_OK;
}

/* The folder of the user's own file may be missing; those above it are there. */
static void make_folder(const char *path)
{
	char folder[512];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path || (size_t)(slash - path) >= sizeof(folder))
		return;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	(void)mkdir(folder, 0700);
}

static enum xt_status save(struct found *f, const char *path, struct xt_err *err)
{
	struct nis_file *old = xt_calloc(1, sizeof(*old));
	struct export_file out = { 0 };
	enum xt_status rc;

	if (old == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for nodes");
	rc = node_file_read(old, path, err);
	if (rc == XT_E_NOTFOUND) {
		make_folder(path);
		rc = XT_OK;
	}
	if (rc == XT_OK)
		rc = export_file_open(&out, path, err);
	if (rc != XT_OK)
		goto done;
	rc = copy_old(out.f, path, err);
	for (size_t i = 0; rc == XT_OK && i < f->n; i++) {
		if (!is_ready(f, nth(f, i)) || is_known(old, nth(f, i)->url) ||
		    old->n + f->saved == NIS_FILE_MAX_NODES)
			continue;
		(void)fprintf(out.f, "%s\n", nth(f, i)->url);
		f->saved++;
	}
	if (rc == XT_OK)
		rc = export_file_commit(&out, err);
	export_file_abort(&out);
done:
	free(old);
	return rc;
}

/* ---- showing --------------------------------------------------------------------- */

static enum xt_status add_head(struct export_table *t, const struct cli *c,
			       const struct found *f, struct xt_err *err)
{
	const struct export_cell cells[] = {
		{ .v.u = f->s.n },
		{ .v.u = f->n },
		{ .v.u = f->ready },
		{ .v.u = f->s.listed },
		{ .v.u = f->s.bad },
		{ .v.u = f->s.closed },
		{ .v.u = f->s.over },
		{ .v.b = f->s.timed_out },
		{ .absent = !opts_has(&c->opts, "save"), .v.u = f->saved },
	};

	return export_table_row(t, NULL, cells, err);
}

static enum xt_status add_rows(struct export_table *t, const struct found *f,
			       struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < f->n; i++) {
		const struct nis_surveyed *n = nth(f, i);
		const struct export_cell cells[] = {
			{ .v.str = n->url },
			{ .v.str = state_of(f, n) },
			{ .v.u = n->height },
			{ .v.str = n->info.version },
			{ .v.b = (n->info.features & FEATURE_HISTORY) != 0 },
			{ .v.b = (n->info.features & FEATURE_LOOKUP) != 0 },
			{ .v.str = network_name(n->info.network) },
			{ .v.u = n->latency_ms },
			{ .v.b = !n->given },
			{ .absent = n->info.name[0] == '\0', .v.str = n->info.name },
		};

		rc = export_table_row(t, NULL, cells, err);
	}
	return rc;
}

static enum xt_status print(struct cli *c, const struct found *f, struct xt_err *err)
{
	struct export_table *head = NULL, *t = NULL;
	enum xt_status rc = export_table_new(&head, "nodes", head_columns,
					     XT_ARRAY_SIZE(head_columns), err);

	if (rc == XT_OK)
		rc = add_head(head, c, f, err);
	if (rc == XT_OK)
		rc =
		    export_table_new(&t, "nodes", columns, XT_ARRAY_SIZE(columns), err);
	if (rc == XT_OK)
		rc = add_rows(t, f, err);
	/* Peers that are away are nothing special; a node that was named is. */
	for (size_t i = 0; rc == XT_OK && i < f->s.n; i++) {
		const struct nis_surveyed *n = &f->s.v[i];

		if (n->given && !n->answered)
			cli_warn(c, "no_answer", "%s", n->why.text);
		else if (!n->answered)
			say(XT_LOG_INFO, "%s", n->why.text);
	}
	if (rc == XT_OK)
		rc = cli_print(c, head, t, err);
	export_table_free(head);
	export_table_free(t);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	const char *path = opts_str(&c->opts, "save");
	struct node_args nodes = { 0 };
	struct found f = { 0 };
	enum xt_status rc = node_args_read(c, &nodes, true, err);

	if (rc == XT_OK)
		rc = ask(c, &f, &nodes, err);
	if (rc == XT_OK && path != NULL && f.ready > 0)
		rc = save(&f, path, err);
	if (rc == XT_OK)
		rc = print(c, &f, err);
	if (rc == XT_OK && f.n == 0)
		rc = xt_fail(err, XT_E_NET, "no node answered");
	free(f.row);
	nis_survey_release(&f.s);
	node_args_release(&nodes);
	return rc;
}

const struct cmd cmd_nodes = {
	.name = "nodes",
	.synopsis = "[URL...] [--peers N] [--save FILE]",
	.summary = "nodes and their peers that answer, ready to be given to --node",
	.description =
	    "Asks each node who it is, how high its chain is, and which peers it reaches; then\n"
	    "the peers. Lists those that answer: height, version, whether they say that they\n"
	    "give balances of the past (history) and look up transactions by hash, network,\n"
	    "and the time an answer took. `ready`: in step with the chain, of the network of\n"
	    "the first node named, and not behind the others. What a peer says is a stranger's word:\n"
	    "peers at private addresses are not asked, and number, time and size are bounded.\n"
	    "Without URL the nodes of the user's file are asked. Exit code 75: no node answered.",
	.options = options,
	.needs = CMD_NO_CASE,
	.crawls = true,
	.run = run,
};
