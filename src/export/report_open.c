/* Groups and open ends of the report page. */
#include "report.h"
#include "report_put.h"

static void put_members(struct ex_json *j, const struct ex_report *x,
			const struct analyse_group *group)
{
	const struct analyse_groups *s = x->in->groups;

	ex_json_open(j, "[");
	for (size_t i = group->member_from; i < group->member_to; i++)
		ex_json_int(j, (int64_t)x->place[s->members[i]] - 1);
	ex_json_close(j, "]");
	ex_json_open(j, "[");
	for (size_t i = group->tie_from; i < group->tie_to; i++) {
		ex_json_open(j, "[");
		ex_json_int(j, (int64_t)x->place[s->ties[i].account] - 1);
		ex_json_text(j, analyse_ground_name(s->ties[i].ground));
		ex_json_text(j, s->ties[i].reason);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
}

/* Name, confidence, service, wallets, reasons: wallet, ground, words. */
void ex_report_groups(struct ex_json *j, const struct ex_report *x)
{
	const struct analyse_groups *s = x->in->groups;

	ex_json_key(j, "groups");
	ex_json_open(j, "[");
	for (size_t k = 0; s != NULL && k < s->n; k++) {
		const struct analyse_group *group = &s->v[k];

		if (x->place[s->members[group->member_from]] == 0)
			continue;
		ex_json_open(j, "[");
		ex_json_text(j, group->name);
		ex_json_count(j, group->confidence, group->has_confidence);
		ex_json_bool(j, group->service);
		put_members(j, x, group);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
}

void ex_report_stops(struct ex_json *j, const struct ex_report *x)
{
	ex_json_key(j, "stops");
	ex_json_open(j, "[");
	for (size_t i = 0; i < x->in->n_stops; i++) {
		const struct export_stop *s = &x->in->stops[i];

		if (x->place[s->account] == 0)
			continue;
		ex_json_open(j, "[");
		ex_json_int(j, (int64_t)x->place[s->account] - 1);
		ex_json_text(j, s->kind);
		ex_json_text(j, s->reason);
		ex_json_close(j, "]");
	}
	ex_json_close(j, "]");
}

void ex_report_located(struct ex_json *j, const struct ex_run *run)
{
	const struct analyse_located_part *p = &run->located.all;

	ex_json_key(j, "located");
	ex_json_open(j, "[");
	ex_json_amount(j, p->stolen);
	ex_json_amount(j, p->at_services);
	ex_json_amount(j, p->complete);
	ex_json_amount(j, p->behind_stops);
	ex_json_amount(j, p->incomplete);
	ex_json_amount(j, p->unread);
	ex_json_amount(j, p->refunded);
	ex_json_close(j, "]");
}
