/* Groups of wallets, each with its reasons. */
#include <xemtrace/findings.h>

#include "findings_event.h"

static const struct export_column group_columns[] = {
	{ .key = "name", .title = "group", .kind = EXPORT_WORDS },
	{ .key = "grounds", .title = "grounds", .kind = EXPORT_LIST },
	{ .key = "wallets", .title = "wallets", .kind = EXPORT_INT },
	{ .key = "confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "service", .title = "service", .kind = EXPORT_BOOL },
};

static const struct export_column member_columns[] = {
	{ .key = "address", .title = "wallet", .kind = EXPORT_STR },
	{ .key = "label", .title = "label", .kind = EXPORT_LABEL },
	{ .key = "label_confidence", .title = "conf", .kind = EXPORT_INT },
	{ .key = "ground", .title = "ground", .kind = EXPORT_STR },
	{ .key = "party", .kind = EXPORT_STR },
	{ .key = "confidence", .title = "conf of ground", .kind = EXPORT_INT },
	{ .key = "time", .title = "said", .kind = EXPORT_TIME },
	{ .key = "reason", .title = "reason", .kind = EXPORT_WORDS },
};

static enum xt_status add_member(struct export_table *t, const struct graph *g,
				 const struct analyse_tie *tie, struct xt_err *err)
{
	const struct graph_label *l = ex_label_of(g, tie->account);
	const struct export_cell c[] = {
		ex_cell_str(g->party[tie->account].s),
		ex_cell_str(l != NULL ? l->text : NULL),
		l != NULL ? ex_cell_int(l->confidence) : ex_cell_none(),
		ex_cell_str(analyse_ground_name(tie->ground)),
		ex_cell_str(tie->party),
		tie->ground == ANALYSE_ACTOR ? ex_cell_int(tie->confidence)
					     : ex_cell_none(),
		tie->ground == ANALYSE_GIVEN
		    ? (struct export_cell){ .v.time = tie->time }
		    : ex_cell_none(),
		ex_cell_str(tie->reason),
	};

	return export_table_row(t, NULL, c, err);
}

static enum xt_status add_group(struct export_table *t, const struct graph *g,
				const struct analyse_groups *s,
				const struct analyse_group *group, struct xt_err *err)
{
	const char *grounds[ANALYSE_GROUNDS];
	struct export_table *child = NULL;
	struct export_cell c[XT_ARRAY_SIZE(group_columns)];
	size_t n = 0;
	size_t row;
	enum xt_status rc;

	for (unsigned k = 0; k < ANALYSE_GROUNDS; k++)
		if ((group->grounds & 1U << k) != 0)
			grounds[n++] = analyse_ground_name((enum analyse_ground)k);
	c[0] = ex_cell_str(group->name);
	c[1] = (struct export_cell){ .v.list = { grounds, n } };
	c[2] = ex_cell_int(group->member_to - group->member_from);
	c[3] = ex_cell_group_confidence(group);
	c[4] = ex_cell_bool(group->service);
	rc = export_table_row(t, &row, c, err);
	if (rc == XT_OK)
		rc = export_table_child(t, row, &child, "members", member_columns,
					XT_ARRAY_SIZE(member_columns), err);
	for (size_t i = group->tie_from; i < group->tie_to && rc == XT_OK; i++)
		rc = add_member(child, g, &s->ties[i], err);
	return rc;
}

enum xt_status export_groups(struct export_table **out, const struct graph *g,
			     const struct analyse_groups *s, struct xt_err *err)
{
	struct export_table *t;
	enum xt_status rc = export_table_new(&t, "groups", group_columns,
					     XT_ARRAY_SIZE(group_columns), err);

	if (rc != XT_OK)
		return rc;
	rc = export_table_child_shape(t, "members", member_columns,
				      XT_ARRAY_SIZE(member_columns), err);
	for (size_t i = 0; i < s->n && rc == XT_OK; i++)
		rc = add_group(t, g, s, &s->v[i], err);
	if (rc == XT_OK)
		*out = t;
	else
		export_table_free(t);
	return rc;
}
