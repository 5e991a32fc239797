/* The text ledger: docs/ledger.md. */
#include <xemtrace/graph.h>

#include <stdlib.h>
#include <string.h>

#define MAX_WORDS      24
#define MAX_LINE       1024
#define SECONDS_HEIGHT 60 /* time of a line that gives none: height * 60 */

struct ledger {
	struct graph *g;
	uint32_t line;
	uint32_t height; /* of the last event line */
	uint32_t index;  /* its place in the block, as given or counted */
	bool any;
	char text[MAX_LINE]; /* the line, cut into words */
	char *word[MAX_WORDS];
	bool quoted[MAX_WORDS];
	uint32_t n;
	struct xt_err *err;
};

static enum xt_status bad(const struct ledger *l, const char *what, const char *value)
{
	return xt_fail(l->err, XT_E_DATA, "ledger line %u: %s: \"%.100s\"", l->line,
		       what, value);
}

/* Take a quoted text out of the line: \" and \\ are the only escapes. */
static enum xt_status cut_quoted(struct ledger *l, char **at)
{
	char *out = *at;
	l->word[l->n] = out;
	l->quoted[l->n++] = true;
	char *in = *at + 1;
	while (*in && *in != '"') {
		if (*in == '\\' && (in[1] == '"' || in[1] == '\\'))
			in++;
		*out++ = *in++;
	}
	if (*in != '"')
		return bad(l, "text without its closing quote", l->word[l->n - 1]);
	in++;
	if (*in && *in != ' ' && *in != '\t')
		return bad(l, "a blank must follow a closing quote", in);
	*out = '\0';
	*at = in;
	return XT_OK;
}

static enum xt_status cut_words(struct ledger *l)
{
	char *at = l->text;
	l->n = 0;
	for (;;) {
		while (*at == ' ' || *at == '\t')
			at++;
		if (!*at || *at == '#')
			return XT_OK;
		if (l->n == MAX_WORDS)
			return bad(l, "too many words on a line", at);
		if (*at == '"') {
			const enum xt_status s = cut_quoted(l, &at);
			if (s != XT_OK)
				return s;
			continue;
		}
		l->quoted[l->n] = false;
		l->word[l->n++] = at;
		while (*at && *at != ' ' && *at != '\t')
			at++;
		if (*at)
			*at++ = '\0';
	}
}

static enum xt_status number(const struct ledger *l, uint64_t *out, const char *s,
			     uint64_t max, const char *what)
{
	if (xt_parse_u64(out, s, max, NULL) != XT_OK)
		return bad(l, what, s);
	return XT_OK;
}

static enum xt_status amount(const struct ledger *l, uint64_t *out, const char *s)
{
	return number(l, out, s, GRAPH_AMOUNT_MASK, "not an amount in uXEM");
}

/* "bob" and "@bob" are the party "@bob"; forty upper-case characters are an address. */
static enum xt_status name(const struct ledger *l, uint32_t *out, const char *s)
{
	struct nem_party p = { { 0 } };
	const size_t n = strlen(s);
	const bool address = n == 40 && s[0] >= 'A' && s[0] <= 'Z';
	if (address) {
		const enum xt_status st = nem_party_parse(&p, s, l->err);
		if (st != XT_OK)
			return xt_where(l->err, "ledger line %u", l->line);
	} else {
		const char *bare = s[0] == '@' ? s + 1 : s;
		const size_t m = strlen(bare);
		if (!m || m > 39 ||
		    strspn(bare, "abcdefghijklmnopqrstuvwxyz0123456789-") != m)
			return bad(l, "a name is 1 to 39 of a-z, 0-9 and -", s);
		p.s[0] = '@';
		memcpy(p.s + 1, bare, m);
	}
	*out = graph_find(l->g, p.s);
	if (*out != GRAPH_NONE)
		return XT_OK;
	const unsigned flags =
	    GRAPH_COMPLETE | GRAPH_EXPANDED | (address ? 0U : GRAPH_PARTY);
	return graph_add_account(l->g, out, &p, (uint8_t)flags, 0, 0, l->err);
}

static enum xt_status do_opening(struct ledger *l)
{
	uint32_t a;
	uint64_t q;
	enum xt_status s;
	if ((s = name(l, &a, l->word[1])) || (s = amount(l, &q, l->word[2])))
		return s;
	if (!xt_add(&q, q, l->g->opening[a]) || q > GRAPH_AMOUNT_MASK)
		return bad(l, "opening balances add up to too much", l->word[1]);
	l->g->opening[a] = q;
	return XT_OK;
}

static enum xt_status do_service(struct ledger *l)
{
	uint32_t a;
	const enum xt_status s = name(l, &a, l->word[1]);
	if (s != XT_OK)
		return s;
	const struct graph_label label = { .text = l->n > 2 ? l->word[2] : l->word[1],
					   .category = "exchange",
					   .source = "ledger",
					   .confidence = 100,
					   .service = true };
	return graph_add_label(l->g, a, &label, l->err);
}

static enum xt_status add_flags(struct ledger *l, unsigned set, unsigned unset)
{
	uint32_t a;
	const enum xt_status s = name(l, &a, l->word[1]);
	if (s == XT_OK)
		l->g->flags[a] = (uint8_t)((l->g->flags[a] | set) & ~unset);
	return s;
}

static enum xt_status do_incomplete(struct ledger *l)
{
	return add_flags(l, 0, GRAPH_COMPLETE);
}

static enum xt_status do_probable(struct ledger *l)
{
	return add_flags(l, GRAPH_PROBABLE, 0);
}

static enum xt_status theft(struct ledger *l, uint32_t *out, const char *s)
{
	if (graph_add_theft(l->g, out, s, l->err) != XT_OK)
		return xt_where(l->err, "ledger line %u", l->line);
	return XT_OK;
}

/* Adds with the line in front of the error. */
static enum xt_status add_seed(struct ledger *l, const struct graph_seed *seed)
{
	if (graph_add_seed(l->g, seed, l->err) != XT_OK)
		return xt_where(l->err, "ledger line %u", l->line);
	return XT_OK;
}

static enum xt_status amount_or_all(const struct ledger *l, uint64_t *out,
				    const char *s)
{
	if (!strcmp(s, "all")) {
		*out = GRAPH_SEED_ALL;
		return XT_OK;
	}
	return amount(l, out, s);
}

static enum xt_status do_seed(struct ledger *l)
{
	struct graph_seed seed = { .kind = GRAPH_SEED_BALANCE };
	enum xt_status s;
	if ((s = theft(l, &seed.theft, l->word[1])) ||
	    (s = name(l, &seed.account, l->word[2])) ||
	    (s = amount_or_all(l, &seed.amount, l->word[3])))
		return s;
	return add_seed(l, &seed);
}

static enum xt_status do_balance(struct ledger *l)
{
	struct graph_seed seed = { .kind = GRAPH_SEED_BALANCE };
	uint64_t height;
	enum xt_status s;
	if ((s = theft(l, &seed.theft, l->word[1])) ||
	    (s = name(l, &seed.account, l->word[2])) ||
	    (s = number(l, &height, l->word[3], UINT32_MAX, "not a height")) ||
	    (s = amount_or_all(l, &seed.amount, l->word[4])))
		return s;
	seed.height = (uint32_t)height;
	return add_seed(l, &seed);
}

static enum xt_status do_window(struct ledger *l)
{
	struct graph_seed seed = { .kind = GRAPH_SEED_WINDOW };
	uint64_t from;
	uint64_t to;
	enum xt_status s;
	if ((s = theft(l, &seed.theft, l->word[1])) ||
	    (s = name(l, &seed.account, l->word[2])) ||
	    (s = number(l, &from, l->word[3], INT64_MAX,
			"not a time in unix seconds")) ||
	    (s = number(l, &to, l->word[4], INT64_MAX, "not a time in unix seconds")))
		return s;
	seed.from = (int64_t)from;
	seed.to = (int64_t)to;
	return add_seed(l, &seed);
}

static enum xt_status do_clean(struct ledger *l)
{
	uint32_t a;
	uint64_t from;
	enum xt_status s;
	if ((s = name(l, &a, l->word[1])) ||
	    (s = number(l, &from, l->word[2], INT64_MAX, "not a time in unix seconds")))
		return s;
	return graph_add_clean(l->g, a, (int64_t)from, l->err);
}

/* ---- lines that move money --------------------------------------------------------
 */

struct move {
	enum nem_movement_kind kind;
	uint32_t from, to;
	uint64_t amount, fee;
	uint32_t levy_to;
	uint64_t levy;
	enum graph_memo_kind memo_kind;
	const char *memo;
	const char *seed;
	enum graph_seed_kind seed_kind;
	bool has_time;
	uint32_t time;
};

/* "@HEIGHT" or "@HEIGHT.INDEX": never before the line above. */
static enum xt_status place(struct ledger *l, char *s)
{
	char *dot = strchr(s, '.');
	uint64_t height;
	uint64_t index = 0;
	enum xt_status st;
	if (dot)
		*dot = '\0';
	if ((st = number(l, &height, s + 1, UINT32_MAX, "not a height")) ||
	    (dot && (st = number(l, &index, dot + 1, UINT32_MAX - 1, "not an index"))))
		return st;
	if (!dot && l->any && height == l->height)
		index = (uint64_t)l->index + 1;
	if (!height || (l->any && (height < l->height ||
				   (height == l->height && index <= l->index))))
		return bad(l, "lines stand in ledger order, from height 1 on", s);
	l->height = (uint32_t)height;
	l->index = (uint32_t)index;
	return XT_OK;
}

/* Words after the amount. */
static enum xt_status move_option(struct ledger *l, struct move *m, uint32_t *i,
				  bool *placed)
{
	char *w = l->word[*i];
	const uint32_t left = l->n - *i - 1;
	char **arg = l->word + *i + 1;
	enum xt_status s;
	if (l->quoted[*i]) {
		m->memo_kind = GRAPH_MEMO_PLAIN;
		m->memo = w;
		return XT_OK;
	}
	if (w[0] == '@') {
		*placed = true;
		return place(l, w);
	}
	if (!strcmp(w, "inner") && m->kind == NEM_MOVE_TRANSFER) {
		m->kind = NEM_MOVE_INNER;
		return XT_OK;
	}
	if (!strcmp(w, "encrypted") && !m->memo) {
		m->memo_kind = GRAPH_MEMO_ENCRYPTED;
		m->memo = "encrypted";
		return XT_OK;
	}
	if (!strcmp(w, "levy") && left >= 2) {
		*i += 2;
		s = name(l, &m->levy_to, arg[0]);
		return s != XT_OK ? s : amount(l, &m->levy, arg[1]);
	}
	if (!left)
		return bad(l, "not a word of the ledger", w);
	*i += 1;
	if (!strcmp(w, "fee"))
		return amount(l, &m->fee, arg[0]);
	if (!strcmp(w, "time")) {
		uint64_t t;
		s = number(l, &t, arg[0], GRAPH_TIME_MAX,
			   "not a time in unix seconds from 1970 to 2106");
		if (s != XT_OK)
			return s;
		m->has_time = true;
		m->time = (uint32_t)t;
		return XT_OK;
	}
	if (!strcmp(w, "seed") || !strcmp(w, "refund")) {
		m->seed = arg[0];
		m->seed_kind = w[0] == 's' ? GRAPH_SEED_TX : GRAPH_SEED_REFUND;
		return XT_OK;
	}
	return bad(l, "not a word of the ledger", w);
}

static enum xt_status add_move(struct ledger *l, const struct move *m)
{
	struct graph *g = l->g;
	/* A height beyond the calendar has no time. */
	const bool timed = m->has_time || l->height <= GRAPH_TIME_MAX / SECONDS_HEIGHT;
	const uint32_t by_height = timed ? l->height * SECONDS_HEIGHT : 0;
	struct graph_tx tx = { .height = l->height,
			       .time = m->has_time ? m->time : by_height,
			       .count = 1,
			       .time_kind = timed ? GRAPH_TIME_BLOCK : GRAPH_TIME_NONE,
			       .provenance = NEM_SIGNED,
			       .height_known = 1,
			       .order_known = 1 };
	char ref[32];
	uint32_t t = 0;
	enum xt_status s = XT_OK;
	tx.time_last = tx.time;
	(void)snprintf(ref, sizeof(ref), "line %u", l->line);
	if (m->memo)
		s = graph_add_memo(g, &tx.memo, m->memo_kind, m->from, m->memo, l->err);
	if (s == XT_OK)
		s = graph_add_tx(g, &t, &tx, 0, ref, l->err);
	if (s == XT_OK)
		s = graph_add_event(g, t, m->kind, m->from, m->to, m->amount, l->err);
	if (s == XT_OK && m->levy)
		s = graph_add_event(g, t, NEM_MOVE_LEVY, m->from, m->levy_to, m->levy,
				    l->err);
	if (s == XT_OK && m->fee)
		s = graph_add_event(g, t, NEM_MOVE_FEE, m->from, GRAPH_NONE, m->fee,
				    l->err);
	if (s != XT_OK || !m->seed)
		return s;
	struct graph_seed seed = { .kind = m->seed_kind, .tx = t };
	s = theft(l, &seed.theft, m->seed);
	return s == XT_OK ? add_seed(l, &seed) : s;
}

/* The line has a sender, a receiver and an amount; first is the number of words read.
 */
static enum xt_status do_move(struct ledger *l, struct move *m, uint32_t first)
{
	bool placed = false;
	for (uint32_t i = first; i < l->n; i++) {
		const enum xt_status s = move_option(l, m, &i, &placed);
		if (s != XT_OK)
			return s;
	}
	if (!placed) {
		if (l->height == UINT32_MAX)
			return bad(l, "no height left", l->word[0]);
		l->height++;
		l->index = 0;
	}
	l->any = true;
	return add_move(l, m);
}

static enum xt_status do_transfer(struct ledger *l)
{
	struct move m = { .kind = NEM_MOVE_TRANSFER };
	enum xt_status s;
	if ((s = name(l, &m.from, l->word[0])) || (s = name(l, &m.to, l->word[2])) ||
	    (s = amount(l, &m.amount, l->word[3])))
		return s;
	return do_move(l, &m, 4);
}

static enum xt_status do_harvest(struct ledger *l)
{
	struct move m = { .kind = NEM_MOVE_HARVEST, .from = GRAPH_NONE };
	enum xt_status s;
	if ((s = name(l, &m.to, l->word[1])) || (s = amount(l, &m.amount, l->word[2])))
		return s;
	for (uint32_t i = 3; i < l->n; i++)
		if (l->quoted[i] ||
		    (l->word[i][0] != '@' && strcmp(l->word[i], "time") != 0 &&
		     strcmp(l->word[i - 1], "time") != 0))
			return bad(l, "a harvest has a place and a time only",
				   l->word[i]);
	return do_move(l, &m, 3);
}

static const struct {
	const char *word;
	uint32_t min, max; /* words on the line */
	enum xt_status (*run)(struct ledger *l);
} statements[] = {
	{ "opening", 3, 3, do_opening },
	{ "service", 2, 3, do_service },
	{ "probable", 2, 2, do_probable },
	{ "incomplete", 2, 2, do_incomplete },
	{ "seed", 4, 4, do_seed },
	{ "balance", 5, 5, do_balance },
	{ "window", 5, 5, do_window },
	{ "clean", 3, 3, do_clean },
	{ "harvest", 3, MAX_WORDS, do_harvest },
};

static enum xt_status do_line(struct ledger *l)
{
	const enum xt_status s = cut_words(l);
	if (s != XT_OK || !l->n)
		return s;
	if (l->n >= 4 && !l->quoted[1] && !strcmp(l->word[1], "->"))
		return do_transfer(l);
	for (size_t i = 0; i < XT_ARRAY_SIZE(statements); i++) {
		if (strcmp(l->word[0], statements[i].word) != 0)
			continue;
		if (l->n < statements[i].min || l->n > statements[i].max)
			return bad(l, "wrong number of words", l->word[0]);
		return statements[i].run(l);
	}
	return bad(l, "not a statement of the ledger", l->word[0]);
}

enum xt_status graph_parse_ledger(struct graph **out, const char *text, size_t n,
				  struct xt_err *err)
{
	struct ledger *l = xt_calloc(1, sizeof(*l));
	enum xt_status s = XT_OK;
	if (!l)
		return xt_fail(err, XT_E_NOMEM, "ledger: out of memory");
	l->err = err;
	s = graph_new(&l->g, err);
	if (s == XT_OK)
		s = graph_reserve(l->g, 0, 0, 0, true, err);
	for (size_t at = 0; s == XT_OK && at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - (text + at)) : n - at;
		const size_t next = at + len + 1;
		l->line++;
		if (len && text[at + len - 1] == '\r')
			len--;
		if (len >= MAX_LINE || memchr(text + at, '\0', len))
			s = xt_fail(err, XT_E_DATA,
				    "ledger line %u: longer than %d bytes, or not text",
				    l->line, MAX_LINE - 1);
		if (s == XT_OK) {
			memcpy(l->text, text + at, len);
			l->text[len] = '\0';
			s = do_line(l);
		}
		at = next;
	}
	if (s == XT_OK)
		*out = l->g;
	else
		graph_free(l->g);
	free(l);
	return s;
}
