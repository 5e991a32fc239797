/* run_ledgers DOC FILE...: runs hand-worked ledgers. A file is a text ledger
 * (docs/ledger.md), a line "---", and what must come out (docs/ledger.md,
 * "Expectations"). Files named policy-*.ledger must also stand word for word in DOC
 * (docs/policies.md), so that the manual's examples are the tested ones. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <xemtrace/taint.h>

#define MAX_WORDS 32
#define MAX_RUNS  6

struct test {
	const char *file;
	uint32_t line;
	struct graph *g;
	uint32_t assumed_accounts;
	uint64_t assumed_uxem;
	struct taint_options opt;
	const struct taint_policy *policy[MAX_RUNS];
	struct taint_result *run[MAX_RUNS];
	struct xt_err err[MAX_RUNS];
	size_t n_runs;
	size_t holds, sinks; /* that the block has named so far */
	uint32_t block;      /* line of the block's "policy" */
	char *word[MAX_WORDS];
	uint32_t n;
	int failures;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct test *t, const char *fmt,
							...)
{
	va_list ap;
	(void)printf("%s:%u: ", t->file, t->line);
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
	t->failures++;
}

static void cut(struct test *t, char *line)
{
	t->n = 0;
	while (t->n < MAX_WORDS) {
		while (*line == ' ' || *line == '\t')
			*line++ = '\0';
		if (!*line || *line == '#')
			break;
		const bool quoted = *line == '"';
		t->word[t->n++] = line++;
		while (*line && (quoted ? *line != '"' : *line != ' ' && *line != '\t'))
			line++;
		if (quoted && *line)
			line++;
	}
	if (*line)
		*line = '\0';
}

static uint64_t number(struct test *t, uint32_t i)
{
	uint64_t v = 0;
	struct xt_err err;
	if (i >= t->n || xt_parse_u64(&v, t->word[i], UINT64_MAX, &err) != XT_OK)
		wrong(t, "word %u is not a number", i + 1);
	return v;
}

static uint32_t account(struct test *t, uint32_t i)
{
	char name[48];
	(void)snprintf(name, sizeof(name), "%s%s", t->word[i][0] == '@' ? "" : "@",
		       t->word[i]);
	const uint32_t a = graph_find(t->g, name);
	if (a == GRAPH_NONE)
		wrong(t, "%s is not in the ledger", t->word[i]);
	return a;
}

/* The theft named by word i, TAINT_ALL without one. */
static uint32_t theft(struct test *t, uint32_t i)
{
	if (i >= t->n)
		return TAINT_ALL;
	for (uint32_t j = 0; j < t->g->n_thefts; j++)
		if (!strcmp(t->g->theft[j], t->word[i]))
			return j;
	wrong(t, "no theft is called %s", t->word[i]);
	return TAINT_ALL;
}

static uint32_t memo(struct test *t, uint32_t i)
{
	const char *w = t->word[i];
	const size_t n = strlen(w);
	for (uint32_t m = 0; m < t->g->n_memos; m++) {
		const struct graph_memo *k = &t->g->memos[m];
		if (k->kind == GRAPH_MEMO_NONE && !strcmp(w, "none"))
			return m;
		if (k->kind == GRAPH_MEMO_PLAIN && w[0] == '"' &&
		    strlen(k->text) == n - 2 && !strncmp(k->text, w + 1, n - 2))
			return m;
		/* encrypted:SENDER */
		if (k->kind == GRAPH_MEMO_ENCRYPTED && !strncmp(w, "encrypted:", 10) &&
		    !strcmp(t->g->party[k->sender].s + 1, w + 10))
			return m;
	}
	wrong(t, "no message is %s", w);
	return TAINT_ALL;
}

/* ---- what a run says
 * -------------------------------------------------------------------- */

static uint64_t held(const struct taint_result *r, uint32_t a, uint32_t j)
{
	uint64_t sum = 0;
	if (j == TAINT_ALL)
		return taint_held(r, a);
	for (size_t i = 0; i < r->n_holdings; i++)
		if (r->holdings[i].account == a && r->holdings[i].theft == j)
			sum += r->holdings[i].uxem;
	return sum;
}

static uint64_t sunk(const struct taint_result *r, uint32_t a, uint32_t m, uint32_t j)
{
	const struct taint_sink *v = j == TAINT_ALL ? r->sink_totals : r->sinks;
	const size_t n = j == TAINT_ALL ? r->n_sink_totals : r->n_sinks;
	for (size_t i = 0; i < n; i++)
		if (v[i].account == a && v[i].memo == m && v[i].theft == j)
			return v[i].uxem;
	return 0;
}

static uint64_t total(const uint64_t *v, uint32_t n, uint32_t j)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < n; i++)
		sum += j == TAINT_ALL || j == i ? v[i] : 0;
	return sum;
}

static uint64_t moved(const struct test *t, const struct taint_result *r, uint64_t line,
		      uint32_t j)
{
	uint64_t sum = 0;
	char ref[32];
	(void)snprintf(ref, sizeof(ref), "line %" PRIu64, line);
	for (size_t i = 0; i < r->n_edges; i++) {
		const struct taint_edge *e = &r->edges[i];
		const enum nem_movement_kind k = graph_kind(&t->g->events[e->event]);
		if ((k == NEM_MOVE_TRANSFER || k == NEM_MOVE_INNER) &&
		    (j == TAINT_ALL || j == e->theft) &&
		    !strcmp(t->g->tx_ref[t->g->event_tx[e->event]], ref))
			sum += e->uxem;
	}
	return sum;
}

/* "path AMOUNT A B C": money that went from A by B to C, where it ended. */
static bool has_path(struct test *t, const struct taint_result *r)
{
	const struct taint_path_query q = { .theft = TAINT_ALL,
					    .account = account(t, t->n - 1),
					    .memo = TAINT_ALL,
					    .via = GRAPH_NONE,
					    .max = 1000 };
	struct taint_paths *p = NULL;
	struct xt_err err = { 0 };
	bool found = false;
	const uint64_t want = number(t, 1);
	if (taint_paths_find(&p, r, t->g, &q, &err) != XT_OK) {
		wrong(t, "%s", err.text);
		return false;
	}
	for (size_t i = 0; i < p->n && !found; i++) {
		const uint32_t *e = p->events + p->v[i].first;
		found = p->v[i].uxem == want && p->v[i].n == t->n - 3;
		for (uint32_t k = 0; k < p->v[i].n && found; k++)
			found = t->g->events[e[k]].from == account(t, k + 2) &&
				t->g->events[e[k]].to == account(t, k + 3);
	}
	taint_paths_free(p);
	return found;
}

static bool bounds_are(struct test *t)
{
	struct taint_bounds *b = NULL;
	struct xt_err err = { 0 };
	if (taint_bounds_run(&b, t->g, &t->opt, NULL, &err) != XT_OK) {
		wrong(t, "%s", err.text);
		return false;
	}
	const struct taint_bound *v = taint_bound_find(b, account(t, 1));
	const uint64_t low = v ? v->low : 0;
	const uint64_t high = v ? v->high : 0;
	const bool ok = low == number(t, 2) && high == number(t, 3);
	if (!ok)
		wrong(t, "%s is between %" PRIu64 " and %" PRIu64, t->word[1], low,
		      high);
	taint_bounds_free(b);
	return ok;
}

/* ---- expectations
 * ------------------------------------------------------------------------ */

static void figure(struct test *t, const struct taint_result *r, uint64_t got,
		   uint64_t want)
{
	if (got != want)
		wrong(t, "%s: %s is %" PRIu64 ", not %" PRIu64, r->policy->name,
		      t->word[0], got, want);
}

static void check(struct test *t, const struct taint_result *r)
{
	const char *w = t->word[0];
	const uint32_t n = r->n_thefts;
	if (!strcmp(w, "holds"))
		figure(t, r, held(r, account(t, 1), theft(t, 3)), number(t, 2));
	else if (!strcmp(w, "sink"))
		figure(t, r, sunk(r, account(t, 1), memo(t, 2), theft(t, 4)),
		       number(t, 3));
	else if (!strcmp(w, "fees"))
		figure(t, r, t->n > 2 ? total(r->fees, n, theft(t, 2)) : r->fees_total,
		       number(t, 1));
	else if (!strcmp(w, "seeded"))
		figure(t, r, total(r->seeded, n, theft(t, 2)), number(t, 1));
	else if (!strcmp(w, "refunded"))
		figure(t, r, total(r->refunded, n, theft(t, 2)), number(t, 1));
	else if (!strcmp(w, "cleaned"))
		figure(t, r, total(r->cleaned, n, theft(t, 2)), number(t, 1));
	else if (!strcmp(w, "incomplete"))
		figure(t, r, r->through_incomplete, number(t, 1));
	else if (!strcmp(w, "moved"))
		figure(t, r, moved(t, r, number(t, 1), theft(t, 3)), number(t, 2));
	else if (!strcmp(w, "path")) {
		if (!has_path(t, r))
			wrong(t, "%s: no such path", r->policy->name);
	} else {
		wrong(t, "not an expectation: %s", w);
	}
}

/* A block must name every account and sink with taint. */
static void end_block(struct test *t)
{
	for (size_t i = 0; i < t->n_runs; i++) {
		const struct taint_result *r = t->run[i];
		size_t holders = 0;
		for (size_t k = 0; r && k < r->n_holdings; k++)
			holders +=
			    !k || r->holdings[k].account != r->holdings[k - 1].account;
		if (r && (holders != t->holds || r->n_sink_totals != t->sinks)) {
			t->line = t->block;
			wrong(
			    t,
			    "%s: %zu accounts and %zu sinks have taint, %zu and %zu are "
			    "expected",
			    r->policy->name, holders, r->n_sink_totals, t->holds,
			    t->sinks);
		}
		taint_result_free(t->run[i]);
		t->run[i] = NULL;
	}
	t->n_runs = 0;
	t->holds = t->sinks = 0;
}

static void add_policy(struct test *t, const struct taint_policy *p)
{
	if (t->n_runs < MAX_RUNS)
		t->policy[t->n_runs++] = p;
}

static void begin_block(struct test *t)
{
	end_block(t);
	t->block = t->line;
	t->opt = (struct taint_options){ .edges = true, .lineage = true };
	for (uint32_t i = 1; i < t->n; i++) {
		const char *w = t->word[i];
		const struct taint_policy *p = taint_policy_find(w);
		if (!strcmp(w, "absorb"))
			t->opt.fees = TAINT_FEE_ABSORB;
		else if (!strcmp(w, "stop-at-probable"))
			t->opt.stop_at_probable = true;
		else if (p)
			add_policy(t, p);
		else if (strcmp(w, "all") != 0 && strcmp(w, "conserving") != 0)
			wrong(t, "not a policy: %s", w);
		for (size_t k = 0; !p && taint_policies[k]; k++)
			if (!strcmp(w, "all") ||
			    (!strcmp(w, "conserving") && taint_policies[k]->conserves))
				add_policy(t, taint_policies[k]);
	}
	for (size_t i = 0; i < t->n_runs; i++)
		if (taint_run(&t->run[i], t->g, t->policy[i], &t->opt, NULL,
			      &t->err[i]) != XT_OK)
			t->run[i] = NULL;
}

static void refusal(struct test *t)
{
	const char *want = t->word[1] + 1;
	const size_t n = strlen(want);
	for (size_t i = 0; i < t->n_runs; i++) {
		char part[256];
		(void)snprintf(part, sizeof(part), "%.*s", n ? (int)n - 1 : 0, want);
		if (t->run[i])
			wrong(t, "%s was not refused", t->policy[i]->name);
		else if (!strstr(t->err[i].text, part))
			wrong(t, "%s was refused with: %s", t->policy[i]->name,
			      t->err[i].text);
	}
}

static void expect(struct test *t)
{
	const char *w = t->word[0];
	if (!strcmp(w, "policy")) {
		begin_block(t);
		return;
	}
	if (!strcmp(w, "assume")) {
		struct xt_err err = { 0 };
		if (graph_assume_openings(t->g, &t->assumed_accounts, &t->assumed_uxem,
					  &err) != XT_OK)
			wrong(t, "%s", err.text);
		else if (t->assumed_accounts != number(t, 1) ||
			 t->assumed_uxem != number(t, 2))
			wrong(t, "assumed are %u accounts with %" PRIu64,
			      t->assumed_accounts, t->assumed_uxem);
		return;
	}
	if (!t->n_runs) {
		wrong(t, "an expectation before the first \"policy\"");
		return;
	}
	if (!strcmp(w, "refused")) {
		refusal(t);
		return;
	}
	if (!strcmp(w, "bounds")) {
		(void)bounds_are(t);
		return;
	}
	t->holds += !strcmp(w, "holds") && t->n == 3;
	t->sinks += !strcmp(w, "sink") && t->n == 4;
	for (size_t i = 0; i < t->n_runs; i++) {
		if (t->run[i])
			check(t, t->run[i]);
		else
			wrong(t, "%s: %s", t->policy[i]->name, t->err[i].text);
	}
}

/* ---- files
 * -------------------------------------------------------------------------------- */

static char *read_file(const char *name)
{
	FILE *f = fopen(name, "rb");
	char *text = calloc(1, 1 << 20);
	if (!f || !text || fread(text, 1, (1 << 20) - 1, f) == 0) {
		free(text);
		text = NULL;
	}
	if (f)
		(void)fclose(f);
	return text;
}

static void in_manual(struct test *t, const char *doc, const char *text)
{
	const char *base = strrchr(t->file, '/');
	base = base ? base + 1 : t->file;
	if (strncmp(base, "policy-", 7) != 0)
		return;
	char *manual = read_file(doc);
	if (!manual || !strstr(manual, text))
		wrong(t, "%s does not show this file word for word", doc);
	free(manual);
}

static int run_file(const char *doc, const char *file)
{
	struct test t = { .file = file };
	struct xt_err err = { 0 };
	char *text = read_file(file);
	if (!text) {
		wrong(&t, "cannot be read");
		return 1;
	}
	in_manual(&t, doc, text);
	char *rest = strstr(text, "\n---\n");
	if (!rest ||
	    graph_parse_ledger(&t.g, text, (size_t)(rest + 1 - text), &err) != XT_OK) {
		wrong(&t, "%s", rest ? err.text : "no line \"---\"");
		free(text);
		return 1;
	}
	if (graph_index(t.g, &err) != XT_OK)
		wrong(&t, "%s", err.text);
	for (const char *p = text; p <= rest; p++)
		t.line += *p == '\n';
	char *line = rest + 5;
	uint32_t blocks = 0;
	while (line && *line) {
		char *end = strchr(line, '\n');
		if (end)
			*end = '\0';
		t.line++;
		cut(&t, line);
		if (t.n) {
			blocks += !strcmp(t.word[0], "policy");
			expect(&t);
		}
		line = end ? end + 1 : NULL;
	}
	end_block(&t);
	if (!blocks)
		wrong(&t, "no \"policy\"");
	graph_free(t.g);
	free(text);
	(void)printf("%s %s\n", t.failures ? "FAILED" : "ok    ", file);
	return t.failures;
}

int main(int argc, char **argv)
{
	int failures = argc < 3;
	for (int i = 2; i < argc; i++)
		failures += run_file(argv[1], argv[i]);
	(void)printf("%d ledgers, %d failures\n", argc - 2, failures);
	return failures ? 1 : 0;
}
