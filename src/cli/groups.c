#include "groups.h"

#include "multisigs.h"

#include <string.h>

#define ALL_GROUNDS ((1U << ANALYSE_GROUNDS) - 1)

enum xt_status groups_parse(unsigned *grounds, const char *what, const char *text,
			    struct xt_err *err)
{
	unsigned bits = strcmp(text, "all") == 0 ? ALL_GROUNDS : 0;

	for (const char *at = text; bits != ALL_GROUNDS;) {
		const size_t len = strcspn(at, ",");
		unsigned k = 0;

		for (; k < ANALYSE_GROUNDS; k++) {
			const char *name = analyse_ground_name((enum analyse_ground)k);

			if (strlen(name) == len && memcmp(name, at, len) == 0)
				break;
		}
		if (k == ANALYSE_GROUNDS)
			return xt_fail(err, XT_E_USAGE,
				       "%s: \"%.*s\" is none of given, actor, "
				       "cosignatories, sweep, all",
				       what, (int)(len < 40 ? len : 40), at);
		bits |= 1U << k;
		if (at[len] == '\0')
			break;
		at += len + 1;
	}
	*grounds = bits;
	return XT_OK;
}

/* ---- what the case says ------------------------------------------------------------ */

/* Rows of the case file to accounts of the graph: both count up. */
struct finding {
	struct analyse_ties *ties;
	const struct graph *g;
	enum xt_status rc;
	struct xt_err *err;
};

static uint32_t account_of(const struct graph *g, int64_t row)
{
	uint32_t lo = 0;
	uint32_t hi = g->n_accounts;

	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;

		if (g->account_id[mid] < row)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->n_accounts && g->account_id[lo] == row ? lo : GRAPH_NONE;
}

static bool given(void *ctx, const struct store_member *m)
{
	struct finding *f = ctx;
	const struct analyse_tie tie = {
		.ground = ANALYSE_GIVEN,
		.account = account_of(f->g, m->row),
		.time = m->time,
		.party = m->party,
		.reason = m->reason,
	};

	if (tie.account != GRAPH_NONE)
		f->rc = analyse_tie_add(f->ties, &tie, f->err);
	return f->rc == XT_OK;
}

/* The best label comes first, so that of two actors the surer is believed. */
static bool actor(void *ctx, const struct store_label *l)
{
	struct finding *f = ctx;
	char reason[2200];
	struct analyse_tie tie = {
		.ground = ANALYSE_ACTOR,
		.account = account_of(f->g, l->account),
		.confidence = l->confidence,
		.party = l->actor,
		.reason = reason,
	};

	if (l->actor[0] == '\0' || tie.account == GRAPH_NONE)
		return true;
	(void)snprintf(
	    reason, sizeof(reason),
	    "the label \"%s\" (%sconfidence %u) names this actor; source: %s", l->label,
	    l->own ? "the analyst's own, " : "", l->confidence,
	    l->source[0] != '\0' ? l->source : "none given");
	f->rc = analyse_tie_add(f->ties, &tie, f->err);
	return f->rc == XT_OK;
}

static enum xt_status swept(const struct session *s, struct analyse_ties *t,
			    struct xt_err *err)
{
	struct analyse_findings found = { 0 };
	struct analyse_rule_options o;
	enum xt_status rc = XT_OK;

	analyse_rule_defaults(&o);
	if (s->g->in_start == NULL)
		rc = graph_index(s->g, err);
	if (rc == XT_OK)
		rc = analyse_rules(&found, s->g, NULL, &o, err);
	if (rc == XT_OK)
		rc = analyse_ties_swept(t, s->g, &found, err);
	analyse_findings_release(&found);
	return rc;
}

static enum xt_status cosigned(struct cli *c, const struct session *s,
			       const struct multisigs *known, struct analyse_ties *t,
			       struct xt_err *err)
{
	struct multisigs m = { 0 };
	enum xt_status rc;

	if (known != NULL)
		return analyse_ties_cosigned(t, known->v, known->n, err);
	rc = multisigs_find(c, s->g, &m, err);
	if (rc == XT_OK)
		rc = analyse_ties_cosigned(t, m.v, m.n, err);
	multisigs_release(&m);
	return rc;
}

static void warn_refused(struct cli *c, const struct graph *g,
			 const struct analyse_groups *s)
{
	const size_t n = s->n_ties - s->refused_from;
	const struct analyse_tie *t;

	if (n == 0)
		return;
	t = &s->ties[s->refused_from];
	cli_warn(c, "told_apart",
		 "%zu reason%s would make one party of two that were named apart, and "
		 "%s left aside; the first: %s as \"%.60s\" (%.200s)",
		 n, n == 1 ? "" : "s", n == 1 ? "was" : "were", g->party[t->account].s,
		 t->party, t->reason);
}

enum xt_status groups_find(struct cli *c, const struct session *s, unsigned grounds,
			   const struct multisigs *known, struct analyse_groups *out,
			   struct xt_err *err)
{
	struct analyse_ties ties = { 0 };
	struct finding f = { .ties = &ties, .g = s->g, .err = err };
	enum xt_status rc = XT_OK;

	if ((grounds & 1U << ANALYSE_GIVEN) != 0) {
		rc = store_each_member(c->store, given, &f, err);
		rc = rc == XT_E_STOPPED ? f.rc : rc;
	}
	if (rc == XT_OK && (grounds & 1U << ANALYSE_ACTOR) != 0) {
		rc = store_each_label(c->store, actor, &f, err);
		rc = rc == XT_E_STOPPED ? f.rc : rc;
	}
	if (rc == XT_OK && (grounds & 1U << ANALYSE_COSIGNED) != 0)
		rc = cosigned(c, s, known, &ties, err);
	if (rc == XT_OK && (grounds & 1U << ANALYSE_SWEPT) != 0)
		rc = swept(s, &ties, err);
	if (rc == XT_OK)
		rc = analyse_groups(out, s->g, &ties, err);
	if (rc == XT_OK)
		warn_refused(c, s->g, out);
	analyse_ties_release(&ties);
	return rc;
}

enum xt_status groups_from_args(struct cli *c, const struct session *s,
				struct analyse_groups *out, bool *folded,
				struct xt_err *err)
{
	const char *text = opts_str(&c->opts, "fold");
	unsigned grounds = 0;
	enum xt_status rc;

	*folded = false;
	if (text == NULL)
		return XT_OK;
	rc = groups_parse(&grounds, "--fold", text, err);
	if (rc == XT_OK)
		rc = groups_find(c, s, grounds, NULL, out, err);
	*folded = rc == XT_OK;
	return rc;
}

void groups_warn_inside(struct cli *c, const struct analyse_inside *inside)
{
	char whole[40];

	if (inside->count == 0)
		return;
	xt_u128_format(whole, inside->amount / 1000000);
	cli_warn(c, "internal",
		 "%s%llu transfers of %s.%06u XEM in all went from one wallet of a "
		 "group to another of the same and are left out",
		 inside->count_known ? "" : "at least ",
		 (unsigned long long)inside->count, whole,
		 (unsigned)(inside->amount % 1000000));
}
