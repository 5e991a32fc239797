/* Memo pools: services that nobody labelled. */
#include <xemtrace/analyse.h>

#include <stdlib.h>
#include <string.h>

#include "finder.h"

/* Narrow to wide: of two that fit the first is told. */
static const struct {
	const char *name, *letters;
} alphabets[ANALYSE_NO_ALPHABET] = {
	[ANALYSE_DIGITS] = { "digits", "0123456789" },
	[ANALYSE_HEX_LOWER] = { "hex", "0123456789abcdef" },
	[ANALYSE_HEX_UPPER] = { "HEX", "0123456789ABCDEF" },
	[ANALYSE_LOWER] = { "lower case", "abcdefghijklmnopqrstuvwxyz" },
	[ANALYSE_UPPER] = { "upper case", "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
	[ANALYSE_DIGITS_LOWER] = { "digits and lower case",
				   "0123456789abcdefghijklmnopqrstuvwxyz" },
	[ANALYSE_DIGITS_UPPER] = { "digits and upper case",
				   "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
	[ANALYSE_ALNUM] = { "letters and digits", "0123456789abcdefghijklmnopqrstuvwxyz"
						  "ABCDEFGHIJKLMNOPQRSTUVWXYZ" },
	[ANALYSE_WORD] = { "letters, digits, - and _",
			   "0123456789abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_" },
};

const char *analyse_alphabet_name(enum analyse_alphabet a)
{
	return a < ANALYSE_NO_ALPHABET ? alphabets[a].name : "free text";
}

static bool fits(enum analyse_alphabet a, const char *text)
{
	return text[0] != '\0' && text[strspn(text, alphabets[a].letters)] == '\0';
}

enum analyse_alphabet analyse_alphabet_of(const char *text)
{
	for (unsigned a = 0; a < ANALYSE_NO_ALPHABET; a++)
		if (fits((enum analyse_alphabet)a, text))
			return (enum analyse_alphabet)a;
	return ANALYSE_NO_ALPHABET;
}

struct memo_shape {
	uint32_t length, memo;
};

static int by_length(const void *pa, const void *pb)
{
	const struct memo_shape *a = pa;
	const struct memo_shape *b = pb;

	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return a->memo < b->memo ? -1 : a->memo > b->memo;
}

struct shape {
	uint64_t memos;
	uint32_t length;
	enum analyse_alphabet alphabet;
};

/* The shape with the most distinct memos; of equal ones the shortest and narrowest. */
static struct shape best_shape(struct memo_shape *v, size_t n, const struct graph *g)
{
	struct shape best = { .alphabet = ANALYSE_NO_ALPHABET };

	qsort(v, n, sizeof(*v), by_length);
	for (size_t from = 0, to = 0; from < n; from = to) {
		uint64_t count[ANALYSE_NO_ALPHABET] = { 0 };

		for (to = from; to < n && v[to].length == v[from].length; to++)
			for (unsigned a = 0; a < ANALYSE_NO_ALPHABET; a++)
				count[a] += fits((enum analyse_alphabet)a,
						 g->memos[v[to].memo].text);
		for (unsigned a = 0; a < ANALYSE_NO_ALPHABET; a++)
			if (count[a] > best.memos)
				best = (struct shape){ count[a], v[from].length,
						       (enum analyse_alphabet)a };
	}
	return best;
}

struct pool {
	uint32_t *senders, *memos;
	struct memo_shape *shapes;
	size_t n_senders, n_memos;
	uint64_t transfers, with_message;
};

static void gather(struct pool *p, const struct graph *g, uint32_t account)
{
	for (uint32_t i = g->in_start[account]; i < g->in_start[account + 1]; i++) {
		const uint32_t event = g->in_event[i];
		const struct graph_event *e = &g->events[event];
		const struct graph_tx *t = &g->txs[g->event_tx[event]];

		if (!analyse_is_payment(e))
			continue;
		p->senders[p->n_senders++] = e->from;
		p->transfers += t->count > 0 ? t->count : 1;
		if (t->memo == 0)
			continue;
		p->with_message += t->count > 0 ? t->count : 1;
		if (g->memos[t->memo].kind == GRAPH_MEMO_PLAIN)
			p->memos[p->n_memos++] = t->memo;
	}
	p->n_senders = analyse_distinct(p->senders, p->n_senders);
	p->n_memos = analyse_distinct(p->memos, p->n_memos);
	for (size_t i = 0; i < p->n_memos; i++)
		p->shapes[i] =
		    (struct memo_shape){ (uint32_t)strlen(g->memos[p->memos[i]].text),
					 p->memos[i] };
}

/* The transfers whose memo has the shape. */
static enum xt_status evidence(struct rules *w, struct analyse_finding *f,
			       struct xt_err *err)
{
	const struct graph *g = w->g;
	enum xt_status rc = XT_OK;

	f->event_from = w->events.n;
	for (uint32_t i = g->in_start[f->account];
	     i < g->in_start[f->account + 1] && rc == XT_OK; i++) {
		const uint32_t event = g->in_event[i];
		const struct graph_memo *m = &g->memos[g->txs[g->event_tx[event]].memo];

		if (!analyse_is_payment(&g->events[event]) ||
		    m->kind != GRAPH_MEMO_PLAIN || strlen(m->text) != f->length ||
		    !fits(f->alphabet, m->text))
			continue;
		f->in += graph_amount(&g->events[event]);
		rc = analyse_push(&w->events, event, err);
	}
	f->event_to = w->events.n;
	return rc;
}

static enum xt_status judge(struct rules *w, uint32_t account, struct pool *p,
			    struct xt_err *err)
{
	const struct analyse_rule_options *o = w->opt;
	struct analyse_finding f = { .rule = ANALYSE_POOL,
				     .account = account,
				     .service = GRAPH_NONE,
				     .exact = true,
				     .grade_ppm = 1000000 };
	struct shape s;
	enum xt_status rc;

	gather(p, w->g, account);
	if (p->n_senders < o->pool_senders || p->n_memos < o->pool_memos ||
	    (xt_u128)p->with_message * 100 < (xt_u128)p->transfers * o->pool_percent)
		return XT_OK;
	s = best_shape(p->shapes, p->n_memos, w->g);
	if (s.memos == 0 || s.memos < o->pool_memos)
		return XT_OK;
	f.senders = p->n_senders;
	f.memos = s.memos;
	f.transfers = p->transfers;
	f.with_message = p->with_message;
	f.length = s.length;
	f.alphabet = s.alphabet;
	rc = evidence(w, &f, err);
	if (rc == XT_OK)
		rc = analyse_rules_add(w, &f, err);
	if (rc == XT_OK)
		w->pool[account] = 1;
	return rc;
}

enum xt_status analyse_pools(struct rules *w, struct xt_err *err)
{
	const struct graph *g = w->g;
	enum xt_status rc = XT_OK;

	for (uint32_t a = 0; a < g->n_accounts && rc == XT_OK; a++) {
		const size_t n = g->in_start[a + 1] - g->in_start[a];
		struct pool p = { 0 };

		/* Fewer transfers than it takes senders: most accounts end here. */
		if (n < w->opt->pool_senders || n < w->opt->pool_memos || n == 0 ||
		    (g->flags[a] & GRAPH_SERVICE) != 0)
			continue;
		p.senders = xt_calloc(n, sizeof(*p.senders));
		p.memos = xt_calloc(n, sizeof(*p.memos));
		p.shapes = xt_calloc(n, sizeof(*p.shapes));
		if (p.senders == NULL || p.memos == NULL || p.shapes == NULL)
			rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu transfers",
				     n);
		else
			rc = judge(w, a, &p, err);
		free(p.senders);
		free(p.memos);
		free(p.shapes);
	}
	return rc;
}
