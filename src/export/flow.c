#include "flow.h"

#include <string.h>

/* Categories of the bundled labels that name the thief's own wallets. */
static bool is_thief_label(const struct graph_label *l)
{
	return l != NULL && (strcmp(l->category, "theft-thief") == 0 ||
			     strcmp(l->category, "theft-shop") == 0);
}

enum ex_look ex_look_of(const struct graph *g, const struct analyse_flow_node *n)
{
	if (n->victim)
		return LOOK_VICTIM;
	if (n->service)
		return LOOK_SERVICE;
	if (n->stop)
		return LOOK_PROBABLE;
	if (n->thief)
		return LOOK_THIEF;
	if (n->group != NULL)
		return LOOK_GROUP;
	if (is_thief_label(ex_label_of(g, n->account)))
		return LOOK_HELD;
	if ((g->flags[n->account] & GRAPH_PARTY) != 0)
		return LOOK_PARTY;
	return ex_label_of(g, n->account) != NULL ? LOOK_NAMED : LOOK_PLAIN;
}

const char *ex_look_name(enum ex_look look)
{
	static const char *const names[N_LOOKS] = {
		[LOOK_VICTIM] = "robbed",
		[LOOK_SERVICE] = "service",
		[LOOK_PROBABLE] = "probable_service",
		[LOOK_THIEF] = "theft_arrived",
		[LOOK_HELD] = "thief_label",
		[LOOK_PARTY] = "party",
		[LOOK_NAMED] = "labelled",
		[LOOK_PLAIN] = "account",
		[LOOK_GROUP] = "group",
		[LOOK_REST] = "rest",
	};

	return names[look];
}

enum ex_line ex_line_of(const struct analyse_basis *basis)
{
	if (basis->by[NEM_INFERRED] > 0)
		return LINE_DOTTED;
	return basis->by[NEM_AGGREGATE] > 0 ? LINE_DASHED : LINE_SOLID;
}

const char *ex_line_name(enum ex_line line)
{
	static const char *const names[N_LINES] = {
		[LINE_SOLID] = "single",
		[LINE_DASHED] = "aggregate",
		[LINE_DOTTED] = "inferred",
	};

	return names[line];
}

void ex_node_id(char out[EX_NODE_ID], const struct graph *g,
		const struct export_flow_info *info, uint32_t account)
{
	const bool group = analyse_group_of(info->groups, account) != NULL;

	(void)snprintf(out, EX_NODE_ID, "%s%s", group ? "group:" : "",
		       g->party[account].s);
}

bool ex_node_bounds(struct taint_bound *out, const struct export_flow_info *info,
		    const struct analyse_flow_node *n)
{
	const struct analyse_group *group = n->group;
	const struct taint_bound *b;

	*out = (struct taint_bound){ .account = n->account, .sink = n->stop };
	if (info->bounds == NULL)
		return false;
	if (group == NULL) {
		b = taint_bound_find(info->bounds, n->account);
		out->exact = true;
		if (b != NULL)
			*out = *b;
		return true;
	}
	for (size_t i = group->member_from; i < group->member_to; i++) {
		b = taint_bound_find(info->bounds, info->groups->members[i]);
		if (b == NULL)
			continue;
		/* Neither passes the supply: each is at most what was stolen. */
		out->low += b->low;
		out->high += b->high;
	}
	out->exact = out->low == out->high;
	return true;
}

enum xt_status ex_add_wallets(struct xt_buf *out, const struct graph *g,
			      const struct export_flow_info *info,
			      const struct analyse_group *group, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = group->member_from; i < group->member_to && rc == XT_OK; i++)
		rc = xt_buf_addf(out, err, "%s%s", i > group->member_from ? " " : "",
				 g->party[info->groups->members[i]].s);
	return rc;
}

enum xt_status ex_add_reasons(struct xt_buf *out, const struct graph *g,
			      const struct export_flow_info *info,
			      const struct analyse_group *group, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = group->tie_from; i < group->tie_to && rc == XT_OK; i++) {
		const struct analyse_tie *tie = &info->groups->ties[i];

		rc = xt_buf_addf(out, err, "%s%s (%s): %s",
				 i > group->tie_from ? "; " : "",
				 g->party[tie->account].s,
				 analyse_ground_name(tie->ground), tie->reason);
	}
	return rc;
}

void ex_rest_id(char out[EX_REST_ID], const struct graph *g,
		const struct export_flow_info *info, const struct export_rest *rest)
{
	char id[EX_NODE_ID];

	ex_node_id(id, g, info, rest->from);
	(void)snprintf(out, EX_REST_ID, "rest:%s", id);
}

void ex_event_time(char out[24], const struct graph *g, uint32_t event, bool end)
{
	const struct export_cell c = ex_cell_time(g, event, end);

	out[0] = '\0';
	if (!c.absent)
		nem_time_format_utc(out, c.v.time);
}

static enum xt_status add_xem(struct xt_buf *out, const char *before, xt_u128 v,
			      const char *after, struct xt_err *err)
{
	enum xt_status rc = xt_buf_adds(out, before, err);

	if (rc == XT_OK)
		rc = ex_add_xem(out, v, true, err);
	return rc == XT_OK ? xt_buf_adds(out, after, err) : rc;
}

static enum xt_status add_date(struct xt_buf *out, const char *before, int64_t t,
			       struct xt_err *err)
{
	char s[24];

	nem_time_format_utc(s, t);
	s[10] = '\0';
	return xt_buf_addf(out, err, "%s%s", before, s);
}

/* "12 transfers of 3.5 XEM within groups are no edges" */
static enum xt_status add_inside(struct xt_buf *out, const struct analyse_inside *in,
				 struct xt_err *err)
{
	enum xt_status rc = xt_buf_addf(out, err, "; %s%llu transfers of ",
					in->count_known ? "" : "at least ",
					(unsigned long long)in->count);

	if (rc == XT_OK)
		rc = add_xem(out, "", in->amount, " XEM within groups are no edges",
			     err);
	return rc;
}

enum xt_status ex_add_filter(struct xt_buf *out, const struct export_flow_info *info,
			     struct xt_err *err)
{
	enum xt_status rc = xt_buf_addf(
	    out, err, "policy %s", info->policy != NULL ? info->policy : "unknown");

	if (rc == XT_OK && info->height > 0)
		rc = xt_buf_addf(out, err, ", case up to height %llu",
				 (unsigned long long)info->height);
	if (rc == XT_OK && info->theft != NULL)
		rc = xt_buf_addf(out, err, ", theft %s only", info->theft);
	if (rc == XT_OK && info->min_uxem > 0)
		rc = add_xem(out, ", edges from ", info->min_uxem, " XEM", err);
	if (rc == XT_OK && info->max_depth > 0)
		rc = xt_buf_addf(out, err, ", %u hops from the theft", info->max_depth);
	if (rc == XT_OK && info->max_edges > 0)
		rc = xt_buf_addf(out, err, ", the largest %zu edges", info->max_edges);
	if (rc == XT_OK && info->to_services)
		rc = xt_buf_adds(out, ", ways to services only", err);
	if (rc == XT_OK && info->per_account > 0)
		rc = xt_buf_addf(out, err, ", the largest %zu edges of each account",
				 info->per_account);
	if (rc == XT_OK && info->groups != NULL)
		rc = xt_buf_addf(out, err, ", wallets of %zu group%s folded",
				 info->groups->n, info->groups->n == 1 ? "" : "s");
	if (rc == XT_OK && info->has_from)
		rc = add_date(out, ", from ", info->from, err);
	if (rc == XT_OK && info->has_to)
		rc = add_date(out, ", to ", info->to, err);
	return rc;
}

enum xt_status ex_add_size(struct xt_buf *out, const struct analyse_flow *flow,
			   const struct export_flow_info *info, struct xt_err *err)
{
	enum xt_status rc = xt_buf_addf(out, err, "%zu accounts, %zu edges",
					flow->n_nodes, flow->n_edges);
	size_t folded = 0;

	for (size_t i = 0; i < info->n_rest; i++)
		folded += info->rest[i].edges;
	if (rc == XT_OK && folded > 0)
		rc = xt_buf_addf(out, err, ", %zu smaller edges summed in %zu nodes",
				 folded, info->n_rest);
	if (rc == XT_OK && (flow->cut_edges > 0 || flow->cut_uxem > 0)) {
		rc = xt_buf_addf(out, err, "; cut by the filter: %llu edges, ",
				 (unsigned long long)flow->cut_edges);
		if (rc == XT_OK)
			rc = add_xem(out, "", flow->cut_uxem, " XEM of movements", err);
	}
	if (rc == XT_OK && info->inside != NULL && info->inside->count > 0)
		rc = add_inside(out, info->inside, err);
	return rc;
}
