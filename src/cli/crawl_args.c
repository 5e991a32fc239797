#include "crawl_args.h"
#include "args.h"
#include "crawl_order.h"
#include "say.h"

#include <stdlib.h>
#include <string.h>

static enum xt_status read_limits(struct cli *c, struct crawl_options *o,
				  struct xt_err *err)
{
	struct when from;
	struct when to;
	uint64_t depth = 0;
	uint64_t rate = 0;
	uint64_t quorum = 0;
	uint64_t connections = 0;
	uint64_t fan = 0;
	enum xt_status rc =
	    opts_u64(&c->opts, "depth", &depth, o->max_depth, 1000, err);
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "rate", &rate, o->rate, 1000, err);
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "connections", &connections, o->connections, 64,
			      err);
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "quorum", &quorum, 0, 64, err);
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "max-requests", &o->max_requests, 0, INT64_MAX,
			      err);
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "fan", &fan, o->fan, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = args_amount_opt(c, &o->min_uxem, "min", 0, err);
	if (rc == XT_OK)
		rc = args_when_opt(c, &from, "from", false, err);
	if (rc == XT_OK)
		rc = args_when_opt(c, &to, "to", true, err);
	if (rc != XT_OK)
		return rc;
	if (from.is_height || to.is_height)
		return xt_fail(err, XT_E_USAGE, "--from and --to take times here");
	if (rate == 0)
		return xt_fail(err, XT_E_USAGE,
			       "--rate: 0 requests a second reach nothing");
	if (connections == 0)
		return xt_fail(err, XT_E_USAGE, "--connections: at least 1 is needed");
	if (from.given && to.given && from.time > to.time)
		return xt_fail(err, XT_E_USAGE,
			       "--from %s is after --to %s: no transfer is between",
			       opts_str(&c->opts, "from"), opts_str(&c->opts, "to"));
	if (fan > NIS_PAGE_SIZE / 2)
		return xt_fail(err, XT_E_USAGE,
			       "--fan: a page has %u rows, so that more than %u is "
			       "never reached; 0 turns it off",
			       (unsigned)NIS_PAGE_SIZE, (unsigned)NIS_PAGE_SIZE / 2);
	o->max_depth = (uint32_t)depth;
	o->fan = (uint32_t)fan;
	o->connections = (unsigned)connections;
	o->rate = (unsigned)rate;
	o->quorum = (unsigned)quorum;
	o->has_from = from.given;
	o->from = from.time;
	o->has_to = to.given;
	o->to = to.time;
	return XT_OK;
}

/* FROM..TO, or FROM.. for up to the last block. */
static enum xt_status read_window(struct crawl_options *o, const char *b,
				  const char *dots, struct xt_err *err)
{
	char from[24];
	enum xt_status rc;

	if ((size_t)(dots - b) >= sizeof(from))
		return xt_fail(err, XT_E_USAGE, "--blocks: \"%.60s\": no height", b);
	memcpy(from, b, (size_t)(dots - b));
	from[dots - b] = '\0';
	rc = xt_parse_u64(&o->scan_from, from, UINT32_MAX, err);
	if (rc == XT_OK && dots[2] != '\0')
		rc = xt_parse_u64(&o->scan_to, dots + 2, UINT32_MAX, err);
	if (rc != XT_OK) {
		const struct xt_err why = *err;

		return xt_fail(err, XT_E_USAGE, "--blocks: %s", why.text);
	}
	if (o->scan_from == 0 || (dots[2] != '\0' && o->scan_to < o->scan_from))
		return xt_fail(err, XT_E_USAGE,
			       "--blocks: \"%.60s\" is no window of heights: 1 is the "
			       "first, TO is not below FROM",
			       b);
	return XT_OK;
}

static enum xt_status read_blocks(struct cli *c, struct crawl_options *o,
				  struct xt_err *err)
{
	const char *b = opts_str(&c->opts, "blocks");
	if (b == NULL || strcmp(b, "needed") == 0)
		o->blocks = CRAWL_BLOCKS_NEEDED;
	else if (strcmp(b, "order") == 0)
		o->blocks = CRAWL_BLOCKS_ORDER;
	else if (strcmp(b, "none") == 0)
		o->blocks = CRAWL_BLOCKS_NONE;
	else if (strstr(b, "..") != NULL)
		return read_window(o, b, strstr(b, ".."), err);
	else
		return xt_fail(
		    err, XT_E_USAGE,
		    "--blocks: \"%s\" is none of needed, order, none, FROM..TO", b);
	return XT_OK;
}

static const struct export_column columns[] = {
	{ "requests", "requests", EXPORT_INT },
	{ "answer_bytes", "bytes", EXPORT_INT },
	{ "accounts_complete", "complete", EXPORT_INT },
	{ "accounts_incomplete", "incomplete", EXPORT_INT },
	{ "accounts_stopped", "stopped", EXPORT_INT },
	{ "accounts_open", "open", EXPORT_INT },
	{ "transactions_new", "new transactions", EXPORT_INT },
	{ "transactions_known", "known", EXPORT_INT },
	{ "blocks", "blocks", EXPORT_INT },
	{ "incidents", "incidents", EXPORT_INT },
	{ "differences", "differences", EXPORT_INT },
};

static enum xt_status print_report(struct cli *c, const struct crawl_report *r,
				   struct xt_err *err)
{
	struct export_table *t = NULL;
	struct export_cell cells[] = {
		{ .v.u = r->requests },
		{ .v.u = r->answers_bytes },
		{ .v.u = r->accounts_complete },
		{ .v.u = r->accounts_incomplete },
		{ .v.u = r->accounts_stopped },
		{ .v.u = r->accounts_open },
		{ .v.u = r->txs_new },
		{ .v.u = r->txs_known },
		{ .v.u = r->blocks },
		{ .v.u = r->incidents },
		{ .v.u = r->differences },
	};
	enum xt_status rc =
	    export_table_new(&t, "crawl", columns, XT_ARRAY_SIZE(columns), err);
	if (rc == XT_OK)
		rc = export_table_row(t, NULL, cells, err);
	if (rc == XT_OK)
		rc = cli_print(c, NULL, t, err);
	export_table_free(t);
	return rc;
}

/* What the crawl met decides the exit code, after all of it was stored. */
static enum xt_status judge(const struct cli *c, const struct crawl_report *r,
			    struct xt_err *err)
{
	if (r->incidents != 0 || r->differences != 0)
		return xt_fail(
		    err, XT_E_VERIFY,
		    "%llu answers were refused and %llu lists differ between nodes: "
		    "see `xemtrace --case %s status`",
		    (unsigned long long)r->incidents,
		    (unsigned long long)r->differences, c->case_path);
	if (r->node_failed && r->accounts_open != 0)
		return xt_fail(
		    err, XT_E_NET,
		    "%llu accounts are still open because a node failed: run again",
		    (unsigned long long)r->accounts_open);
	return XT_OK;
}

static enum xt_status crawl_with(struct cli *c, struct crawl_report *rep,
				 const struct crawl_options *o, bool print,
				 struct xt_err *err)
{
	struct nis_transport transport;
	struct nis_http_options http = { .connections = o->connections };
	enum xt_status rc = node_args_proxy(c, &http.proxy, err);
	if (rc == XT_OK)
		rc = nis_transport_http(&transport, &http, err);
	if (rc != XT_OK)
		return rc;
	say_catch_signals();
	rc = crawl_run(rep, c->store, &transport, o, xt_clock_system(), &c->sink, err);
	nis_transport_free(&transport);
	if (rc == XT_E_STOPPED)
		return xt_fail(
		    err, rc,
		    "stopped; the case is consistent, run the same command again "
		    "to go on");
	if (rc == XT_OK && print)
		rc = print_report(c, rep, err);
	if (rc == XT_OK)
		rc = judge(c, rep, err);
	return rc;
}

enum xt_status crawl_from_args(struct cli *c, struct crawl_report *rep, bool print,
			       struct xt_err *err)
{
	struct crawl_options o;
	enum xt_status rc = XT_OK;
	size_t n = (size_t)c->opts.n_operands;
	struct nem_address *seeds = xt_calloc(n + 1, sizeof(*seeds));
	struct node_args nodes = { 0 };

	crawl_options_init(&o);
	memset(rep, 0, sizeof(*rep));
	if (seeds == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory");
		goto out;
	}
	for (size_t i = 0; rc == XT_OK && i < n; i++)
		rc = args_address(&seeds[i], "SEED", c->opts.operands[i], err);
	if (rc == XT_OK)
		rc = node_args_read(c, &nodes, false, err);
	o.nodes = nodes.url;
	o.n_nodes = nodes.n;
	o.seeds = seeds;
	o.n_seeds = n;
	o.through_services = opts_has(&c->opts, "through-services");
	o.full_history = opts_has(&c->opts, "full-history");
	o.order = &crawl_money_first;
	o.stop = &say_stop;
	if (rc == XT_OK)
		rc = read_limits(c, &o, err);
	if (rc == XT_OK)
		rc = read_blocks(c, &o, err);
	if (rc == XT_OK && o.quorum > o.n_nodes)
		rc = xt_fail(err, XT_E_USAGE, "--quorum %u needs as many --node",
			     o.quorum);
	if (rc == XT_OK)
		rc = crawl_with(c, rep, &o, print, err);
out:
	free(seeds);
	node_args_release(&nodes);
	return rc;
}
