/* Groups: wallets of one owner as one party. */
#include <xemtrace/analyse.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

const char *analyse_ground_name(enum analyse_ground k)
{
	static const char *const names[ANALYSE_GROUNDS] = {
		[ANALYSE_GIVEN] = "given",
		[ANALYSE_ACTOR] = "actor",
		[ANALYSE_COSIGNED] = "cosignatories",
		[ANALYSE_SWEPT] = "sweep",
	};

	return k < ANALYSE_GROUNDS ? names[k] : "?";
}

/* ---- ties -------------------------------------------------------------------------- */

/* Both texts in one block that `party` begins. */
static bool copy_texts(struct analyse_tie *out, const struct analyse_tie *tie)
{
	const size_t a = strlen(tie->party) + 1;
	const size_t b = strlen(tie->reason) + 1;
	char *p = xt_calloc(a + b, 1);

	if (p == NULL)
		return false;
	memcpy(p, tie->party, a);
	memcpy(p + a, tie->reason, b);
	*out = *tie;
	out->party = p;
	out->reason = p + a;
	return true;
}

static void free_ties(struct analyse_tie *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)v[i].party);
	free(v);
}

enum xt_status analyse_tie_add(struct analyse_ties *t, const struct analyse_tie *tie,
			       struct xt_err *err)
{
	if (t->n == t->cap) {
		const size_t cap = t->cap == 0 ? 64 : t->cap * 2;
		struct analyse_tie *p = xt_reallocarray(t->v, cap, sizeof(*p));

		if (p == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory for %zu ties",
				       cap);
		t->v = p;
		t->cap = cap;
	}
	if (!copy_texts(&t->v[t->n], tie))
		return xt_fail(err, XT_E_NOMEM, "out of memory for ties");
	t->n++;
	return XT_OK;
}

void analyse_ties_release(struct analyse_ties *t)
{
	free_ties(t->v, t->n);
	*t = (struct analyse_ties){ 0 };
}

static enum xt_status swept(struct analyse_ties *t, const struct graph *g,
			    const struct analyse_findings *all,
			    const struct analyse_finding *f, struct xt_err *err)
{
	const char *to = g->party[f->account].s;
	const size_t n = f->member_to - f->member_from;
	char party[80];
	char reason[160];
	struct analyse_tie tie = { .ground = ANALYSE_SWEPT, .account = f->account };
	enum xt_status rc;

	(void)snprintf(party, sizeof(party), "swept into %s", to);
	(void)snprintf(reason, sizeof(reason),
		       "%zu accounts with payers of their own were emptied into it "
		       "within %llu blocks",
		       n, (unsigned long long)f->wait);
	tie.party = party;
	tie.reason = reason;
	rc = analyse_tie_add(t, &tie, err);
	(void)snprintf(reason, sizeof(reason),
		       "emptied into %s, as %zu others were within %llu blocks", to,
		       n - 1, (unsigned long long)f->wait);
	for (size_t i = f->member_from; i < f->member_to && rc == XT_OK; i++) {
		tie.account = all->members[i];
		rc = analyse_tie_add(t, &tie, err);
	}
	return rc;
}

static bool many_customers(const struct graph *g, const struct analyse_findings *f,
			   uint32_t account)
{
	if ((g->flags[account] & (GRAPH_SERVICE | GRAPH_PROBABLE)) != 0)
		return true;
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].rule == ANALYSE_POOL && f->v[i].account == account)
			return true;
	return false;
}

enum xt_status analyse_ties_swept(struct analyse_ties *t, const struct graph *g,
				  const struct analyse_findings *f, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; i < f->n && rc == XT_OK; i++)
		if (f->v[i].rule == ANALYSE_SWEEP &&
		    !many_customers(g, f, f->v[i].account))
			rc = swept(t, g, f, &f->v[i], err);
	return rc;
}

enum xt_status analyse_ties_cosigned(struct analyse_ties *t,
				     const struct analyse_multisig *v, size_t n,
				     struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; i < n && rc == XT_OK; i++) {
		struct analyse_tie tie = { .ground = ANALYSE_COSIGNED,
					   .account = v[i].account };
		struct xt_buf party;
		char reason[160];

		xt_buf_init(&party, (size_t)1 << 20);
		rc = xt_buf_addf(&party, err, "cosigned by %s", v[i].cosignatories);
		if (v[i].answer != 0)
			(void)snprintf(reason, sizeof(reason),
				       "%zu cosignatories, as answer %llu of a node "
				       "says; nothing signs it",
				       v[i].n, (unsigned long long)v[i].answer);
		else
			(void)snprintf(reason, sizeof(reason),
				       "%zu cosignatories, by signed transactions",
				       v[i].n);
		tie.party = xt_buf_str(&party);
		tie.reason = reason;
		if (rc == XT_OK)
			rc = analyse_tie_add(t, &tie, err);
		xt_buf_release(&party);
	}
	return rc;
}

/* ---- union ------------------------------------------------------------------------- */

/* A name and an account are both nodes; each set remembers the strongest word for it. */
struct node {
	uint32_t up; /* itself: a root */
	uint32_t size;
	uint32_t word; /* the tie that names the set; GRAPH_NONE: none yet */
	uint32_t account;
};

struct work {
	const struct graph *g;
	struct analyse_tie *ties; /* in order of strength; texts are ours */
	size_t n;
	struct node *nodes;
	uint32_t n_nodes;
	uint32_t *of_account; /* per account: its node, 1 more; 0: none */
	struct xt_map *names;
	bool *refused; /* per tie */
};

static uint32_t root(struct work *w, uint32_t i)
{
	while (w->nodes[i].up != i) {
		w->nodes[i].up = w->nodes[w->nodes[i].up].up;
		i = w->nodes[i].up;
	}
	return i;
}

static uint32_t new_node(struct work *w, uint32_t account)
{
	const uint32_t i = w->n_nodes++;

	w->nodes[i] =
	    (struct node){ .up = i, .size = 1, .word = GRAPH_NONE, .account = account };
	return i;
}

static bool is_word(const struct analyse_tie *t)
{
	return t->ground == ANALYSE_GIVEN || t->ground == ANALYSE_ACTOR;
}

/* Do the words for both sets tell them apart? */
static bool told_apart(const struct work *w, uint32_t a, uint32_t b)
{
	const uint32_t x = w->nodes[a].word;
	const uint32_t y = w->nodes[b].word;

	return x != GRAPH_NONE && y != GRAPH_NONE && is_word(&w->ties[x]) &&
	       is_word(&w->ties[y]) && strcmp(w->ties[x].party, w->ties[y].party) != 0;
}

static void join(struct work *w, uint32_t a, uint32_t b)
{
	const uint32_t big = w->nodes[a].size < w->nodes[b].size ? b : a;
	const uint32_t small = big == a ? b : a;
	const uint32_t word =
	    w->nodes[a].word < w->nodes[b].word ? w->nodes[a].word : w->nodes[b].word;

	w->nodes[small].up = big;
	w->nodes[big].size += w->nodes[small].size;
	w->nodes[big].word = word;
}

static enum xt_status node_of_name(struct work *w, uint32_t *out, uint32_t tie,
				   struct xt_err *err)
{
	const char *name = w->ties[tie].party;
	const size_t len = strlen(name);

	if (xt_map_get(w->names, out, name, len))
		return XT_OK;
	*out = new_node(w, GRAPH_NONE);
	w->nodes[*out].word = tie;
	return xt_map_put(w->names, name, len, *out, err);
}

static enum xt_status unite(struct work *w, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; i < w->n && rc == XT_OK; i++) {
		uint32_t *slot = &w->of_account[w->ties[i].account];
		uint32_t name = 0;
		uint32_t a;
		uint32_t b;

		if (*slot == 0)
			*slot = new_node(w, w->ties[i].account) + 1;
		rc = node_of_name(w, &name, (uint32_t)i, err);
		a = root(w, *slot - 1);
		b = root(w, name);
		if (rc != XT_OK || a == b)
			continue;
		w->refused[i] = told_apart(w, a, b);
		if (!w->refused[i])
			join(w, a, b);
	}
	return rc;
}

static int by_strength(const void *pa, const void *pb)
{
	const struct analyse_tie *a = pa;
	const struct analyse_tie *b = pb;

	if (a->ground != b->ground)
		return a->ground < b->ground ? -1 : 1;
	/* `time` holds the place in the list here. */
	return a->time < b->time ? -1 : a->time > b->time;
}

/* Copies the ties in the order in which they are believed. */
static enum xt_status order(struct work *w, const struct analyse_ties *t,
			    struct xt_err *err)
{
	struct analyse_tie *v = xt_calloc(t->n + 1, sizeof(*v));
	enum xt_status rc = XT_OK;

	w->ties = xt_calloc(t->n + 1, sizeof(*w->ties));
	if (v == NULL || w->ties == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for %zu ties", t->n);
		goto out;
	}
	for (size_t i = 0; i < t->n; i++) {
		v[i] = t->v[i];
		v[i].time = (int64_t)i;
	}
	qsort(v, t->n, sizeof(*v), by_strength);
	for (size_t i = 0; i < t->n; i++) {
		if (v[i].account >= w->g->n_accounts) {
			rc = xt_fail(err, XT_E_BUG, "a tie of account %u of %u",
				     v[i].account, w->g->n_accounts);
			goto out;
		}
		if (!copy_texts(&w->ties[w->n], &t->v[v[i].time])) {
			rc = xt_fail(err, XT_E_NOMEM, "out of memory for ties");
			goto out;
		}
		w->n++;
	}
out:
	free(v);
	return rc;
}

static enum xt_status begin(struct work *w, const struct graph *g,
			    const struct analyse_ties *t, struct xt_err *err)
{
	enum xt_status rc;

	w->g = g;
	if (t->n >= UINT32_MAX / 2)
		return xt_fail(err, XT_E_LIMIT, "%zu ties are too many", t->n);
	rc = order(w, t, err);
	if (rc == XT_OK)
		rc = xt_map_new(&w->names, err);
	if (rc != XT_OK)
		return rc;
	w->nodes = xt_calloc(2 * t->n + 1, sizeof(*w->nodes));
	w->of_account = xt_calloc((size_t)g->n_accounts + 1, sizeof(*w->of_account));
	w->refused = xt_calloc(t->n + 1, sizeof(*w->refused));
	if (w->nodes == NULL || w->of_account == NULL || w->refused == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu ties", t->n);
	return XT_OK;
}

/* ---- the result -------------------------------------------------------------------- */

/* Where things go in the result. qsort() has no room for the rest. */
struct placed {
	const char *name, *party; /* of the group ("" none), of the account */
	uint32_t index;           /* account or tie */
	uint32_t word;            /* of the group */
	bool refused;
};

static int by_place(const void *pa, const void *pb)
{
	const struct placed *a = pa;
	const struct placed *b = pb;
	int c;

	if (a->refused != b->refused)
		return a->refused ? 1 : -1;
	c = strcmp(a->name, b->name);
	if (c == 0)
		c = strcmp(a->party, b->party);
	if (c != 0)
		return c;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* Accounts, not names, in each set; by root. */
static enum xt_status count_accounts(uint32_t **out, struct work *w, struct xt_err *err)
{
	uint32_t *n = xt_calloc((size_t)w->n_nodes + 1, sizeof(*n));

	if (n == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u parties",
			       w->n_nodes);
	for (uint32_t i = 0; i < w->n_nodes; i++)
		n[root(w, i)] += w->nodes[i].account != GRAPH_NONE;
	*out = n;
	return XT_OK;
}

/* The tie that names the group of a node; GRAPH_NONE if it is none. */
static uint32_t word_of(struct work *w, const uint32_t *accounts, uint32_t node)
{
	const uint32_t r = root(w, node);
	const uint32_t word = w->nodes[r].word;

	if (word == GRAPH_NONE ||
	    (accounts[r] < 2 && w->ties[word].ground != ANALYSE_GIVEN))
		return GRAPH_NONE;
	return word;
}

static void add_member(struct analyse_group *group, uint8_t flags, size_t at)
{
	group->member_to = at + 1;
	group->service = group->service || (flags & GRAPH_SERVICE) != 0;
	group->complete =
	    group->complete && (flags & (GRAPH_SERVICE | GRAPH_COMPLETE)) != 0;
}

static enum xt_status place_members(struct analyse_groups *s, struct work *w,
				    const uint32_t *accounts, struct xt_err *err)
{
	struct placed *v = xt_calloc((size_t)w->n_nodes + 1, sizeof(*v));
	size_t n = 0;

	s->v = xt_calloc((size_t)w->n_nodes + 1, sizeof(*s->v));
	s->members = xt_calloc((size_t)w->n_nodes + 1, sizeof(*s->members));
	if (v == NULL || s->v == NULL || s->members == NULL) {
		free(v);
		return xt_fail(err, XT_E_NOMEM, "out of memory for %u members",
			       w->n_nodes);
	}
	for (uint32_t i = 0; i < w->n_nodes; i++) {
		const uint32_t account = w->nodes[i].account;
		const uint32_t word =
		    account != GRAPH_NONE ? word_of(w, accounts, i) : GRAPH_NONE;

		if (word != GRAPH_NONE)
			v[n++] = (struct placed){ .name = w->ties[word].party,
						  .party = w->g->party[account].s,
						  .index = account,
						  .word = word };
	}
	qsort(v, n, sizeof(*v), by_place);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(v[i].name, v[i - 1].name) != 0)
			s->v[s->n++] = (struct analyse_group){
				.name = v[i].name,
				.ground = w->ties[v[i].word].ground,
				.head = v[i].index,
				.member_from = i,
				.complete = true,
			};
		add_member(&s->v[s->n - 1], w->g->flags[v[i].index], i);
		s->members[i] = v[i].index;
		s->of[v[i].index] = (uint32_t)(s->n - 1);
	}
	s->n_members = n;
	free(v);
	return XT_OK;
}

/* What the group as a whole stands on is as sure as its least sure label. */
static void weigh(struct analyse_group *group, const struct analyse_tie *tie)
{
	if (tie->ground != ANALYSE_ACTOR)
		return;
	if (!group->has_confidence || tie->confidence < group->confidence)
		group->confidence = tie->confidence;
	group->has_confidence = true;
}

/* Ties of accounts that are in no group are of no use to anybody; the others go into
 * the result with their texts. */
static enum xt_status place_ties(struct analyse_groups *s, struct work *w,
				 struct xt_err *err)
{
	struct placed *v = xt_calloc(w->n + 1, sizeof(*v));
	struct analyse_tie *ties = xt_calloc(w->n + 1, sizeof(*ties));
	size_t n = 0;

	if (v == NULL || ties == NULL) {
		free(v);
		free(ties);
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu ties", w->n);
	}
	for (size_t i = 0; i < w->n; i++) {
		const uint32_t account = w->ties[i].account;
		const bool alone = s->of[account] == GRAPH_NONE;

		v[n++] =
		    (struct placed){ .name = alone ? "" : s->v[s->of[account]].name,
				     .party = w->g->party[account].s,
				     .index = (uint32_t)i,
				     .refused = w->refused[i] };
		if (alone && !w->refused[i])
			n--;
	}
	qsort(v, n, sizeof(*v), by_place);
	s->refused_from = n;
	for (size_t i = 0; i < n; i++) {
		struct analyse_tie *tie = &w->ties[v[i].index];
		struct analyse_group *group =
		    v[i].name[0] != '\0' ? &s->v[s->of[tie->account]] : NULL;

		if (v[i].refused) {
			s->refused_from = i < s->refused_from ? i : s->refused_from;
		} else if (group != NULL) {
			if (group->grounds == 0)
				group->tie_from = i;
			group->grounds |= 1U << tie->ground;
			group->tie_to = i + 1;
			weigh(group, tie);
		}
		/* The texts move along: names of groups are among them. */
		ties[i] = *tie;
		tie->party = NULL;
	}
	free(v);
	s->ties = ties;
	s->n_ties = n;
	return XT_OK;
}

enum xt_status analyse_groups(struct analyse_groups *out, const struct graph *g,
			      const struct analyse_ties *t, struct xt_err *err)
{
	struct analyse_groups s = { .n_accounts = g->n_accounts };
	struct work w = { 0 };
	uint32_t *accounts = NULL;
	enum xt_status rc = begin(&w, g, t, err);

	if (rc == XT_OK)
		rc = unite(&w, err);
	if (rc == XT_OK)
		rc = count_accounts(&accounts, &w, err);
	if (rc == XT_OK) {
		assert(accounts != NULL);
		s.of = xt_calloc((size_t)g->n_accounts + 1, sizeof(*s.of));
		if (s.of == NULL)
			rc = xt_fail(err, XT_E_NOMEM, "out of memory for %u accounts",
				     g->n_accounts);
	}
	if (rc == XT_OK) {
		assert(s.of != NULL);
		memset(s.of, 0xff, ((size_t)g->n_accounts + 1) * sizeof(*s.of));
		rc = place_members(&s, &w, accounts, err);
	}
	if (rc == XT_OK)
		rc = place_ties(&s, &w, err);
	if (rc == XT_OK)
		*out = s;
	else
		analyse_groups_release(&s);
	free(accounts);
	free_ties(w.ties, w.n);
	free(w.nodes);
	free(w.of_account);
	free(w.refused);
	xt_map_free(w.names);
	return rc;
}

void analyse_groups_release(struct analyse_groups *s)
{
	free_ties(s->ties, s->n_ties);
	free(s->v);
	free(s->of);
	free(s->members);
	*s = (struct analyse_groups){ 0 };
}
