/* graph: the flow graph as DOT, picture or edge list. */
#include "args.h"
#include "cmd.h"
#include "groups.h"
#include "one_theft.h"

#include <stdlib.h>
#include <string.h>

static const struct opt options[] = {
	{ "output", 'o', "FILE",
	  "write to FILE (default standard output); neo4j: FILE-nodes.csv and "
	  "FILE-relationships.csv",
	  false },
	{ "min", 'm', "XEM", "leave out flows below this (default 0)", false },
	{ "depth", 'd', "N",
	  "only so many hops from where the theft arrived (default: all)", false },
	{ "from", 0, "TIME", "only transfers from this time (or height) on", false },
	{ "to", 0, "TIME", "only transfers up to this time (or height)", false },
	{ "max-edges", 0, "N",
	  "keep the largest N flows (default 300; 0: all); pictures show 500 at most",
	  false },
	{ "theft", 0, "NAME", "only the money of this theft", false },
	{ "to-services", 0, NULL, "only ways that end at a service", false },
	{ "per-account", 0, "N",
	  "draw the largest N flows of each account and sum the others in one node "
	  "(default: all)",
	  false },
	FOLD_OPTION,
	{ "title", 0, "TEXT", "title of the picture", false },
	{ "format", 0, "FORMAT",
	  "dot (default), svg, png, pdf, csv, json, jsonl, graphml, gexf or neo4j",
	  false },
	SESSION_OPTIONS,
	{ 0 },
};

/* --format of this command; the first is the default. */
static const char *const formats[] = { "dot",  "svg",   "png",     "pdf",  "csv",
				       "json", "jsonl", "graphml", "gexf", "neo4j" };

/* Beyond this a picture is no picture: nobody follows its lines. */
#define MOST_DRAWN 500

struct wanted {
	struct analyse_flow_options flow;
	const char *format;
	const char *theft; /* NULL: all */
	bool to_services;
	size_t per_account;
	const struct taint_bounds *bounds; /* NULL: not known */
};

static enum xt_status choose_format(const struct cli *c, const char **out,
				    struct xt_err *err)
{
	const char *f = opts_str(&c->opts, "format");
	if (f == NULL)
		f = "dot";
	for (size_t i = 0; i < XT_ARRAY_SIZE(formats); i++) {
		if (strcmp(formats[i], f) == 0) {
			*out = formats[i];
			return XT_OK;
		}
	}
	return xt_fail(err, XT_E_USAGE,
		       "--format: \"%s\" is none of dot, svg, png, pdf, csv, "
		       "json, jsonl, graphml, gexf, neo4j",
		       f);
}

static enum xt_status flow_options(const struct cli *c, struct analyse_flow_options *o,
				   struct xt_err *err)
{
	struct when from;
	struct when to;
	uint64_t depth = 0;
	uint64_t edges = 0;
	memset(o, 0, sizeof(*o));
	enum xt_status rc = args_amount_opt(c, &o->min_uxem, "min", 0, err);
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "depth", &depth, 0, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = opts_u64(&c->opts, "max-edges", &edges, 300, UINT32_MAX, err);
	if (rc == XT_OK)
		rc = args_when_opt(c, &from, "from", false, err);
	if (rc == XT_OK)
		rc = args_when_opt(c, &to, "to", true, err);
	if (rc != XT_OK)
		return rc;
	if (from.is_height || to.is_height)
		return xt_fail(err, XT_E_USAGE, "graph: --from and --to take times");
	o->max_depth = (uint32_t)depth;
	o->max_edges = (size_t)edges;
	o->has_from = from.given;
	o->from = from.time;
	o->has_to = to.given;
	o->to = to.time;
	return XT_OK;
}

static enum xt_status write_picture(FILE *f, const struct graph *g,
				    const struct analyse_flow *flow,
				    const struct export_flow_info *info,
				    const char *format, struct xt_err *err)
{
	char *dot = NULL;
	size_t n = 0;
	FILE *mem = open_memstream(&dot, &n);
	if (mem == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory");
	enum xt_status rc = export_dot(mem, g, flow, info, err);
	if (fclose(mem) != 0 && rc == XT_OK)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory");
	if (rc == XT_OK)
		rc = export_render(f, dot, n, format, err);
	free(dot);
	return rc;
}

static enum xt_status write_neo4j(const char *path, const struct graph *g,
				  const struct analyse_flow *flow,
				  const struct export_flow_info *info,
				  struct xt_err *err)
{
	struct export_file nodes = { 0 };
	struct export_file edges = { 0 };
	char name[4096];
	int n = snprintf(name, sizeof(name), "%s-nodes.csv", path);
	enum xt_status rc = XT_OK;
	if (n < 0 || (size_t)n + 16 >= sizeof(name))
		return xt_fail(err, XT_E_USAGE, "--output: the name is too long");
	rc = export_file_open(&nodes, name, err);
	(void)snprintf(name, sizeof(name), "%s-relationships.csv", path);
	if (rc == XT_OK)
		rc = export_file_open(&edges, name, err);
	if (rc == XT_OK)
		rc = export_neo4j(nodes.f, edges.f, g, flow, info, err);
	if (rc == XT_OK)
		rc = export_file_commit(&nodes, err);
	if (rc == XT_OK)
		rc = export_file_commit(&edges, err);
	export_file_abort(&nodes);
	export_file_abort(&edges);
	return rc;
}

static bool is_picture(const char *format)
{
	return strcmp(format, "svg") == 0 || strcmp(format, "png") == 0 ||
	       strcmp(format, "pdf") == 0;
}

/* CSV without --table is the edges: a graph is mostly that. */
static enum xt_status write_doc(const struct cli *c, FILE *f, const char *format,
				const struct graph *g, const struct analyse_flow *flow,
				const struct export_flow_info *info, struct xt_err *err)
{
	const char *table = opts_str(&c->opts, "table");
	const bool csv = strcmp(format, "csv") == 0;
	struct export_doc doc = {
		.command = "graph",
		.warning_codes = (const char *const *)c->warnings.codes,
		.warning_texts = (const char *const *)c->warnings.texts,
		.n_warnings = c->warnings.n,
		.table = !csv            ? NULL
			 : table != NULL ? table
					 : "edges",
	};
	struct export_table *t = NULL;
	enum xt_status rc = export_flow(&t, g, flow, info, err);

	doc.body = t;
	if (rc == XT_OK)
		rc = export_doc_write(f,
				      csv                           ? EXPORT_CSVF
				      : strcmp(format, "json") == 0 ? EXPORT_JSON
								    : EXPORT_JSONL,
				      &doc, err);
	export_table_free(t);
	return rc;
}

static bool is_table(const char *format)
{
	return strcmp(format, "csv") == 0 || strcmp(format, "json") == 0 ||
	       strcmp(format, "jsonl") == 0;
}

static enum xt_status write_file(const struct cli *c, FILE *f, const char *format,
				 const struct graph *g, const struct analyse_flow *flow,
				 const struct export_flow_info *info,
				 struct xt_err *err)
{
	if (is_table(format))
		return write_doc(c, f, format, g, flow, info, err);
	if (strcmp(format, "dot") == 0)
		return export_dot(f, g, flow, info, err);
	if (strcmp(format, "graphml") == 0)
		return export_graphml(f, g, flow, info, err);
	if (strcmp(format, "gexf") == 0)
		return export_gexf(f, g, flow, info, err);
	return write_picture(f, g, flow, info, format, err);
}

static void warn_cut(struct cli *c, const struct analyse_flow *flow)
{
	char amount[32];
	if (flow->cut_edges == 0)
		return;
	cli_warn(
	    c, "cut",
	    "%llu flows (the largest sums: %s XEM in all) are left out by the "
	    "filters",
	    (unsigned long long)flow->cut_edges,
	    nem_amount_format(amount, (struct nem_amount){ flow->cut_uxem }, true));
}

static struct export_flow_info info_of(const struct cli *c, const struct graph *g,
				       const struct taint_result *r,
				       const struct wanted *w)
{
	const char *title = opts_str(&c->opts, "title");

	return (struct export_flow_info){
		.title = title != NULL ? title : "Flow of stolen XEM",
		.policy = r->policy->name,
		.height = session_height(g),
		.min_uxem = w->flow.min_uxem,
		.max_depth = w->flow.max_depth,
		.has_from = w->flow.has_from,
		.has_to = w->flow.has_to,
		.from = w->flow.from,
		.to = w->flow.to,
		.max_edges = w->flow.max_edges,
		.theft = w->theft,
		.to_services = w->to_services,
		.per_account = w->per_account,
		.groups = w->flow.fold,
		.inside = w->flow.fold != NULL ? w->flow.inside : NULL,
		.bounds = w->bounds,
	};
}

static enum xt_status write_out(struct cli *c, const struct graph *g,
				const struct analyse_flow *flow,
				const struct export_flow_info *info,
				const struct wanted *w, struct xt_err *err)
{
	const char *path = opts_str(&c->opts, "output");
	struct export_file out = { 0 };
	enum xt_status rc;

	if (strcmp(w->format, "neo4j") == 0)
		return write_neo4j(path, g, flow, info, err);
	rc = export_file_open(&out, path != NULL ? path : "-", err);
	if (rc == XT_OK)
		rc = write_file(c, out.f, w->format, g, flow, info, err);
	if (rc == XT_OK)
		rc = export_file_commit(&out, err);
	export_file_abort(&out);
	return rc;
}

static enum xt_status write_flow(struct cli *c, const struct graph *g,
				 const struct taint_result *r, const struct wanted *w,
				 struct xt_err *err)
{
	struct analyse_flow flow = { 0 };
	struct export_rest *rest = NULL;
	struct export_flow_info info = info_of(c, g, r, w);
	enum xt_status rc = analyse_flow(&flow, g, r, &w->flow, err);

	if (rc == XT_OK)
		rc = export_narrow(&rest, &info.n_rest, &flow, g, w->to_services,
				   w->per_account, err);
	info.rest = rest;
	if (rc == XT_OK) {
		warn_cut(c, &flow);
		groups_warn_inside(c, w->flow.inside);
		rc = write_out(c, g, &flow, &info, w, err);
	}
	free(rest);
	analyse_flow_release(&flow);
	return rc;
}

static enum xt_status read_wanted(const struct cli *c, struct wanted *w,
				  struct xt_err *err)
{
	uint64_t per_account = 0;
	enum xt_status rc = choose_format(c, &w->format, err);

	if (rc == XT_OK)
		rc = flow_options(c, &w->flow, err);
	if (rc == XT_OK)
		rc =
		    opts_u64(&c->opts, "per-account", &per_account, 0, UINT32_MAX, err);
	if (rc != XT_OK)
		return rc;
	w->theft = opts_str(&c->opts, "theft");
	w->to_services = opts_has(&c->opts, "to-services");
	w->per_account = (size_t)per_account;
	if (is_picture(w->format) &&
	    (w->flow.max_edges == 0 || w->flow.max_edges > MOST_DRAWN))
		w->flow.max_edges = MOST_DRAWN;
	if (per_account > 0 && is_table(w->format))
		return xt_fail(err, XT_E_USAGE,
			       "--per-account: %s lists single edges, a sum of them "
			       "is none (use neo4j, or --max-edges)",
			       w->format);
	if (strcmp(w->format, "neo4j") == 0 && opts_str(&c->opts, "output") == NULL)
		return xt_fail(err, XT_E_USAGE,
			       "--format neo4j writes two files: name them with "
			       "--output PREFIX");
	return XT_OK;
}

/* Bounds are of all thefts together: of one of several nothing is known. */
static enum xt_status find_bounds(struct cli *c, const struct session *s,
				  const struct wanted *w, struct taint_bounds **out,
				  struct xt_err *err)
{
	if (w->theft != NULL && s->g->n_thefts > 1)
		return XT_OK;
	return session_bounds(c, s, 0, out, err);
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct one_theft one = { 0 };
	struct wanted w = { 0 };
	struct analyse_groups groups = { 0 };
	struct analyse_inside inside = { 0 };
	struct taint_bounds *bounds = NULL;
	bool folded = false;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK)
		rc = read_wanted(c, &w, err);
	if (rc == XT_OK)
		rc = session_load(c, &s, LOAD_REFS, err);
	if (rc == XT_OK)
		rc = session_taint(c, &s, err);
	if (rc == XT_OK)
		rc = groups_from_args(c, &s, &groups, &folded, err);
	if (rc == XT_OK)
		rc = find_bounds(c, &s, &w, &bounds, err);
	w.flow.fold = folded ? &groups : NULL;
	w.flow.inside = &inside;
	w.bounds = bounds;
	if (rc == XT_OK && w.theft == NULL) {
		rc = write_flow(c, s.g, s.r, &w, err);
	} else if (rc == XT_OK) {
		rc = one_theft_view(&one, s.g, s.r, w.theft, err);
		if (rc == XT_OK)
			rc = write_flow(c, &one.g, &one.r, &w, err);
		one_theft_release(&one);
	}
	taint_bounds_free(bounds);
	analyse_groups_release(&groups);
	session_release(&s);
	return rc;
}

const struct cmd cmd_graph = {
	.name = "graph",
	.synopsis =
	    "[--format dot|svg|png|pdf|csv|json|jsonl|graphml|gexf|neo4j] [-o FILE] "
	    "[--min XEM] [--depth N]",
	.summary = "the flow graph",
	.description =
	    "Draws how the stolen XEM flowed, left to right: amounts and dates on the edges,\n"
	    "edge width by tainted amount; exchanges, the thief's wallets and the robbed\n"
	    "account are told apart by shape and colour; dashed edges stand for aggregate and\n"
	    "dotted ones for inferred rows. DOT goes to Graphviz (`dot -Tsvg`); svg, png and\n"
	    "pdf are rendered here. GraphML and GEXF go to Gephi, NetworkX and igraph, neo4j\n"
	    "writes two CSV files for neo4j-admin. A picture that is cut down says so.",
	.options = options,
	.needs = CMD_CASE_READ,
	.prints_file = true,
	.run = run,
};
