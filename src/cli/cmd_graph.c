/* graph: the flow graph as DOT, picture or edge list. */
#include "args.h"
#include "cmd.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

static const struct opt options[] = {
	{ "output", 'o', "FILE", "write to FILE (default standard output)", false },
	{ "min", 'm', "XEM", "leave out flows below this (default 0)", false },
	{ "depth", 'd', "N",
	  "only so many hops from where the theft arrived (default: all)", false },
	{ "from", 0, "TIME", "only transfers from this time (or height) on", false },
	{ "to", 0, "TIME", "only transfers up to this time (or height)", false },
	{ "max-edges", 0, "N", "keep the largest N flows (default 300; 0: all)",
	  false },
	{ "title", 0, "TEXT", "title of the picture", false },
	SESSION_OPTIONS,
	{ 0 },
};

/* --format of this command: dot (default), svg, png, pdf, csv. */
static const char *const formats[] = { "dot", "svg", "png", "pdf", "csv" };

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
		       "--format: \"%s\" is none of dot, svg, png, pdf, csv", f);
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

static enum xt_status write_picture(FILE *f, const struct session *s,
				    const struct analyse_flow *flow,
				    const struct export_flow_info *info,
				    const char *format, struct xt_err *err)
{
	char *dot = NULL;
	size_t n = 0;
	FILE *mem = open_memstream(&dot, &n);
	if (mem == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory");
	enum xt_status rc = export_dot(mem, s->g, flow, info, err);
	if (fclose(mem) != 0 && rc == XT_OK)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory");
	if (rc == XT_OK)
		rc = export_render(f, dot, n, format, err);
	free(dot);
	return rc;
}

static enum xt_status write_flow(struct cli *c, const struct session *s,
				 const struct analyse_flow_options *o,
				 const char *format, struct xt_err *err)
{
	struct analyse_flow flow = { 0 };
	struct export_file out = { 0 };
	const char *path = opts_str(&c->opts, "output");
	const char *title = opts_str(&c->opts, "title");
	struct export_flow_info info = {
		.title = title != NULL ? title : "Flow of stolen XEM",
		.policy = s->r->policy->name,
		.height = session_height(s->g),
		.min_uxem = o->min_uxem,
		.max_depth = o->max_depth,
		.has_from = o->has_from,
		.has_to = o->has_to,
		.from = o->from,
		.to = o->to,
		.max_edges = o->max_edges,
	};
	enum xt_status rc = analyse_flow(&flow, s->g, s->r, o, err);
	if (rc == XT_OK)
		rc = export_file_open(&out, path != NULL ? path : "-", err);
	if (rc == XT_OK && strcmp(format, "dot") == 0)
		rc = export_dot(out.f, s->g, &flow, &info, err);
	else if (rc == XT_OK && strcmp(format, "csv") == 0)
		rc = export_edges_csv(out.f, s->g, &flow, err);
	else if (rc == XT_OK)
		rc = write_picture(out.f, s, &flow, &info, format, err);
	if (rc == XT_OK)
		rc = export_file_commit(&out, err);
	export_file_abort(&out);
	if (rc == XT_OK && flow.cut_edges != 0) {
		char amount[32];
		cli_warn(
		    c, "cut",
		    "%llu flows (the largest sums: %s XEM in all) are left out by the "
		    "filters",
		    (unsigned long long)flow.cut_edges,
		    nem_amount_format(amount, (struct nem_amount){ flow.cut_uxem },
				      true));
	}
	analyse_flow_release(&flow);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct analyse_flow_options o;
	const char *format = NULL;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK)
		rc = choose_format(c, &format, err);
	if (rc == XT_OK)
		rc = flow_options(c, &o, err);
	if (rc == XT_OK)
		rc = session_load(c, &s, LOAD_REFS, err);
	if (rc == XT_OK)
		rc = session_taint(c, &s, err);
	if (rc == XT_OK)
		rc = write_flow(c, &s, &o, format, err);
	session_release(&s);
	return rc;
}

const struct cmd cmd_graph = {
	.name = "graph",
	.synopsis = "[--format dot|svg|png|pdf|csv] [-o FILE] [--min XEM] [--depth N]",
	.summary = "the flow graph",
	.description =
	    "Draws how the stolen XEM flowed, left to right: amounts and dates on the edges,\n"
	    "edge width by tainted amount; exchanges, the thief's wallets and the robbed\n"
	    "account are told apart by shape and colour; dashed edges stand for aggregate and\n"
	    "dotted ones for inferred rows. DOT goes to Graphviz (`dot -Tsvg`); svg, png and\n"
	    "pdf are rendered here. A picture that is cut down says so.",
	.options = options,
	.needs = CMD_CASE_READ,
	.prints_file = true,
	.run = run,
};
