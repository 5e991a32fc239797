/* exchanges: deposits of stolen XEM per service and memo. */
#include "cmd.h"
#include "session.h"

static const struct opt options[] = {
	SESSION_OPTIONS,
	{ 0 },
};

static const struct export_column head_columns[] = {
	{ "policy", "policy", EXPORT_STR },
	{ "seeded_uxem", "stolen XEM", EXPORT_UXEM },
	{ "at_services_uxem", "reached services XEM", EXPORT_UXEM },
	{ "services", "services", EXPORT_INT },
	{ "deposits", "deposits", EXPORT_INT },
};

static enum xt_status make_head(struct export_table **out, const struct session *s,
				const struct analyse_exchanges *e, struct xt_err *err)
{
	struct analyse_coverage cov;
	enum xt_status rc = analyse_coverage(&cov, s->g, s->r, err);
	if (rc != XT_OK)
		return rc;
	struct export_cell cells[] = {
		{ .v.str = s->r->policy->name }, { .v.u = cov.seeded },
		{ .v.u = cov.at_services },      { .v.u = e->n_services },
		{ .v.u = e->n_deposits },
	};
	rc = export_table_new(out, "summary", head_columns, XT_ARRAY_SIZE(head_columns),
			      err);
	if (rc == XT_OK)
		rc = export_table_row(*out, NULL, cells, err);
	return rc;
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	struct session s = { 0 };
	struct analyse_exchanges e = { 0 };
	struct export_table *t = NULL;
	struct export_table *head = NULL;
	enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc == XT_OK)
		rc = session_load(c, &s, LOAD_REFS, err);
	if (rc == XT_OK)
		rc = session_taint(c, &s, err);
	if (rc == XT_OK)
		rc = analyse_exchanges(&e, s.g, s.r, err);
	if (rc == XT_OK)
		rc = make_head(&head, &s, &e, err);
	if (rc == XT_OK)
		rc = export_exchanges(&t, s.g, &e, err);
	if (rc == XT_OK)
		rc = cli_print(c, head, t, err);
	export_table_free(t);
	export_table_free(head);
	analyse_exchanges_release(&e);
	session_release(&s);
	return rc;
}

const struct cmd cmd_exchanges = {
	.name = "exchanges",
	.synopsis = "[--policy NAME]",
	.summary =
	    "deposits per service and memo: who must be asked for which customer",
	.description =
	    "Every transfer of stolen XEM to an account labelled as a service, grouped by\n"
	    "service and by the message that tells its customers apart: amounts, counts, first\n"
	    "and last time, and each transaction's hash (or record row). An encrypted message\n"
	    "is told by its sender; a missing one is shown as none. The confidence of the\n"
	    "label is shown, because the conclusion stands on it.",
	.options = options,
	.needs = CMD_CASE_READ,
	.run = run,
};
