/* From when on an account matters: the height of the first movement that can have brought
 * it stolen money, by what the case knows. Whatever follows a tainted movement counts as
 * tainted (poison), so that no policy reaches an account earlier; movements of one height
 * count in any order. The more is known, the earlier an account is reached, never later:
 * the end does not depend on the order in which accounts are read. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* enum graph_seed_kind, which this floor does not see. */
enum {
	MARK_TX = 1,
	MARK_WINDOW = 2,
	MARK_BALANCE = 3,
	MARK_REFUND = 4,
	MARK_HEIGHTS = 5
};

/* A signer's time may be so much before that of the block. */
#define DAY 86400
/* Rows of records may have an estimated height: it may be so much too high. */
#define LOOSE 1440

struct crawl_mark {
	struct store_seed seed;
	bool of_tx, has_hash, found;
	struct nem_hash hash;
	int64_t tx, account; /* rows; 0 not known yet */
};

struct lowered {
	int64_t account;
	uint64_t before; /* what it was */
};

struct crawl_reach {
	struct crawl_mark *marks;
	size_t n_marks, cap_marks;
	size_t missing; /* transactions that are not in the case yet */
	size_t absent;  /* accounts that are not */
	uint64_t *at;   /* by account; CRAWL_NEVER */
	uint64_t *sent; /* by account: the first transaction of a mark that it sent */
	size_t n;
	uint8_t *service;
	int64_t *sources; /* seeds that no mark concerns: all they pay counts */
	size_t n_sources, cap_sources;
	struct lowered *queue;
	size_t n_queue, cap_queue;
	bool stale;
};

/* ---- marks ----------------------------------------------------------------------- */

struct load {
	struct crawl *c;
	enum xt_status rc;
	struct xt_err *err;
};

static bool add_mark(void *ctx, const struct store_seed *seed)
{
	struct load *l = ctx;
	struct crawl_reach *r = l->c->reach;
	struct crawl_mark m = { .seed = *seed };

	if (r->n_marks == r->cap_marks) {
		const size_t cap = r->cap_marks == 0 ? 16 : r->cap_marks * 2;
		struct crawl_mark *v = xt_reallocarray(r->marks, cap, sizeof(*v));

		if (v == NULL) {
			l->rc = xt_fail(l->err, XT_E_NOMEM, "out of memory for seeds");
			return false;
		}
		r->marks = v;
		r->cap_marks = cap;
	}
	m.of_tx = seed->kind == MARK_TX || seed->kind == MARK_REFUND;
	m.has_hash = m.of_tx && xt_hex_decode(m.hash.b, sizeof(m.hash.b), seed->tx_text,
					      NULL) == XT_OK;
	r->marks[r->n_marks++] = m;
	return true;
}

enum xt_status crawl_reach_load(struct crawl *c, struct xt_err *err)
{
	const struct crawl_replay *replay = c->opt->replay;
	struct load l = { .c = c, .rc = XT_OK, .err = err };
	enum xt_status rc = XT_OK;

	if (c->opt->full_history)
		return XT_OK;
	c->reach = xt_calloc(1, sizeof(*c->reach));
	if (c->reach == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for seeds");
	c->reach->stale = true;
	if (replay == NULL)
		rc = store_each_seed(c->s, add_mark, &l, err);
	for (size_t i = 0; replay != NULL && i < replay->n_marks; i++)
		if (!add_mark(&l, &replay->marks[i]))
			break;
	if (l.rc != XT_OK)
		rc = l.rc;
	/* Nothing is marked as stolen: everything matters. */
	if (rc == XT_OK && c->reach->n_marks == 0)
		crawl_reach_release(c);
	return rc;
}

enum xt_status crawl_reach_put_marks(struct crawl *c, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; c->reach != NULL && rc == XT_OK && i < c->reach->n_marks;
	     i++)
		rc = store_session_mark(c->s, c->session, (uint32_t)i + 1,
					&c->reach->marks[i].seed, err);
	return rc;
}

void crawl_reach_release(struct crawl *c)
{
	struct crawl_reach *r = c->reach;

	if (r == NULL)
		return;
	free(r->marks);
	free(r->at);
	free(r->sent);
	free(r->service);
	free(r->sources);
	free(r->queue);
	free(r);
	c->reach = NULL;
}

/* ---- arrivals -------------------------------------------------------------------- */

static enum xt_status make_room(struct crawl_reach *r, int64_t account,
				struct xt_err *err)
{
	const size_t want = (size_t)account + 1;
	size_t n = r->n == 0 ? 1024 : r->n;
	uint64_t *at, *sent;
	uint8_t *service;

	if (want <= r->n)
		return XT_OK;
	while (n < want)
		n *= 2;
	at = xt_reallocarray(r->at, n, sizeof(*at));
	if (at != NULL)
		r->at = at;
	sent = xt_reallocarray(r->sent, n, sizeof(*sent));
	if (sent != NULL)
		r->sent = sent;
	service = xt_reallocarray(r->service, n, sizeof(*service));
	if (service != NULL)
		r->service = service;
	if (at == NULL || sent == NULL || service == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for accounts");
	for (size_t i = r->n; i < n; i++) {
		r->at[i] = CRAWL_NEVER;
		r->sent[i] = CRAWL_NEVER;
		r->service[i] = 2; /* not looked up yet */
	}
	r->n = n;
	return XT_OK;
}

static enum xt_status lower(struct crawl_reach *r, int64_t account, uint64_t height,
			    struct xt_err *err)
{
	enum xt_status rc = make_room(r, account, err);

	if (rc != XT_OK || r->at[account] <= height)
		return rc;
	if (r->n_queue == r->cap_queue) {
		const size_t cap = r->cap_queue == 0 ? 256 : r->cap_queue * 2;
		struct lowered *v = xt_reallocarray(r->queue, cap, sizeof(*v));

		if (v == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory for accounts");
		r->queue = v;
		r->cap_queue = cap;
	}
	r->queue[r->n_queue++] = (struct lowered){ account, r->at[account] };
	r->at[account] = height;
	return XT_OK;
}

/* Stolen money that arrives at a service leaves the model. */
static enum xt_status is_service(struct crawl *c, bool *out, int64_t account,
				 struct xt_err *err)
{
	struct crawl_reach *r = c->reach;
	struct store_account a;
	enum xt_status rc = make_room(r, account, err);

	if (rc == XT_OK && r->service[account] == 2) {
		rc = store_account_get(c->s, &a, account, err);
		if (rc == XT_OK)
			r->service[account] = crawl_service_name(c, &a.party) != NULL &&
					      !c->opt->through_services;
	}
	if (rc == XT_OK)
		*out = r->service[account] == 1;
	return rc;
}

static bool is_source(const struct crawl_reach *r, int64_t account)
{
	for (size_t i = 0; i < r->n_sources; i++)
		if (r->sources[i] == account)
			return true;
	return false;
}

/* Can what the account sends at that height be stolen? */
static enum xt_status passes(struct crawl *c, bool *out, int64_t account,
			     uint64_t height, struct xt_err *err)
{
	const struct crawl_reach *r = c->reach;
	bool service = false;
	enum xt_status rc = XT_OK;

	*out = (uint64_t)account < r->n && r->at[account] <= height;
	if (*out && !is_source(r, account))
		rc = is_service(c, &service, account, err);
	*out = *out && !service;
	return rc;
}

/* The height at which an event counts. */
static uint64_t height_of(const struct store_event *e, bool loose)
{
	const uint64_t h = (uint64_t)e->height;

	return !loose ? h : h > LOOSE ? h - LOOSE : 1;
}

static enum xt_status relax(struct crawl *c, const struct store_event *e, bool loose,
			    struct xt_err *err)
{
	bool on = false;
	enum xt_status rc;

	if (e->from == 0 || e->to == 0 || e->from == e->to || e->amount == 0)
		return XT_OK;
	rc = passes(c, &on, e->from, (uint64_t)e->height, err);
	return rc == XT_OK && on ? lower(c->reach, e->to, height_of(e, loose), err)
				 : rc;
}

static bool in_window(const struct store_seed *s, const struct store_event *e,
		      int64_t time, bool exact)
{
	const int64_t at = s->kind == MARK_HEIGHTS ? e->height : time;
	const int64_t slack = s->kind == MARK_HEIGHTS || exact ? 0 : DAY;

	return (!s->has_from || at >= s->from - slack) && (!s->has_to || at <= s->to);
}

/* What a transaction's movement does by itself: it is marked, or falls into a window. */
static enum xt_status mark_event(struct crawl *c, const struct store_event *e,
				 int64_t time, bool exact, bool loose,
				 struct xt_err *err)
{
	struct crawl_reach *r = c->reach;
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < r->n_marks; i++) {
		const struct crawl_mark *m = &r->marks[i];

		if (m->of_tx ? m->tx != e->tx
			     : m->seed.kind == MARK_BALANCE || m->account != e->to ||
				   e->from == 0 || !in_window(&m->seed, e, time, exact))
			continue;
		if (e->to != 0)
			rc = lower(r, e->to, height_of(e, loose), err);
		if (rc != XT_OK || !m->of_tx || e->from == 0)
			continue;
		rc = make_room(r, e->from, err);
		if (rc == XT_OK && height_of(e, loose) < r->sent[e->from])
			r->sent[e->from] = height_of(e, loose);
	}
	return rc;
}

/* ---- from what comes ------------------------------------------------------------- */

struct events {
	struct store_event *v;
	size_t n, cap;
	int64_t from; /* only its own, from `height` on; 0: all */
	uint64_t height;
	enum xt_status rc;
	struct xt_err *err;
};

static bool add_event(void *ctx, const struct store_event *e)
{
	struct events *l = ctx;

	if (l->from != 0 && (e->from != l->from || (uint64_t)e->height < l->height))
		return true;
	if (l->n == l->cap) {
		const size_t cap = l->cap == 0 ? 64 : l->cap * 2;
		struct store_event *v = xt_reallocarray(l->v, cap, sizeof(*v));

		if (v == NULL) {
			l->rc =
			    xt_fail(l->err, XT_E_NOMEM, "out of memory for transfers");
			return false;
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = *e;
	return true;
}

static void find_marks(struct crawl_reach *r, const struct nem_checked_tx *tx,
		       int64_t id)
{
	for (size_t i = 0; i < r->n_marks; i++) {
		struct crawl_mark *m = &r->marks[i];

		if (m->found || !m->has_hash ||
		    (memcmp(m->hash.b, tx->hash.b, sizeof(m->hash.b)) != 0 &&
		     (tx->tx.type != NEM_TX_MULTISIG ||
		      memcmp(m->hash.b, tx->inner_hash.b, sizeof(m->hash.b)) != 0)))
			continue;
		m->found = true;
		m->tx = id;
		r->missing--;
	}
}

enum xt_status crawl_reach_tx(struct crawl *c, const struct nem_checked_tx *tx,
			      int64_t id, struct xt_err *err)
{
	struct events l = { .rc = XT_OK, .err = err };
	enum xt_status rc;

	if (c->reach == NULL)
		return XT_OK;
	find_marks(c->reach, tx, id);
	/* An account that a mark names is in the case from here on. */
	if (c->reach->absent > 0)
		c->reach->stale = true;
	rc = store_tx_events(c->s, id, add_event, &l, err);
	if (l.rc != XT_OK)
		rc = l.rc;
	for (size_t i = 0; rc == XT_OK && i < l.n; i++) {
		rc = mark_event(c, &l.v[i], nem_time_to_unix(tx->tx.timestamp), false,
				false, err);
		if (rc == XT_OK)
			rc = relax(c, &l.v[i], false, err);
	}
	free(l.v);
	return rc;
}

/* An account is reached earlier than was thought: what it paid counts from there, and if
 * its lists were not read so far down, they are read on. */
static enum xt_status reached(struct crawl *c, const struct lowered *q,
			      struct xt_err *err)
{
	struct events l = { .from = q->account,
			    .height = c->reach->at[q->account],
			    .rc = XT_OK,
			    .err = err };
	enum xt_status rc = store_account_events(c->s, q->account, add_event, &l, err);

	if (l.rc != XT_OK)
		rc = l.rc;
	for (size_t i = 0; rc == XT_OK && i < l.n; i++)
		rc = relax(c, &l.v[i], false, err);
	/* Payments that were passed over are followed now. */
	c->lowered = c->lowered || l.n > 0;
	free(l.v);
	return rc == XT_OK ? crawl_deepen_if(c, q->account, err) : rc;
}

enum xt_status crawl_reach_settle(struct crawl *c, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	while (c->reach != NULL && rc == XT_OK && c->reach->n_queue > 0) {
		const struct lowered q = c->reach->queue[--c->reach->n_queue];

		rc = reached(c, &q, err);
	}
	return rc;
}

/* ---- seeds that no mark concerns ------------------------------------------------- */

static enum xt_status add_source(struct crawl_reach *r, int64_t account,
				 struct xt_err *err)
{
	if (is_source(r, account))
		return XT_OK;
	if (r->n_sources == r->cap_sources) {
		const size_t cap = r->cap_sources == 0 ? 16 : r->cap_sources * 2;
		int64_t *v = xt_reallocarray(r->sources, cap, sizeof(*v));

		if (v == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory for seeds");
		r->sources = v;
		r->cap_sources = cap;
	}
	r->sources[r->n_sources++] = account;
	r->stale = true;
	return XT_OK;
}

struct seeds {
	int64_t v[4096];
	size_t n;
};

static bool add_seed(void *ctx, const struct store_account *a)
{
	struct seeds *s = ctx;

	if (a->depth == 0 && nem_party_is_address(&a->party) &&
	    (a->state == STORE_COMPLETE || a->state == STORE_INCOMPLETE))
		s->v[s->n++] = a->id;
	return s->n < XT_ARRAY_SIZE(s->v);
}

/* Seeds that are sources already (`known`), or whom no mark concerns. */
static enum xt_status find_sources(struct crawl *c, bool known, bool *added,
				   struct xt_err *err)
{
	struct crawl_reach *r = c->reach;
	struct seeds *s = xt_calloc(1, sizeof(*s));
	enum xt_status rc;

	if (s == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for seeds");
	rc = store_each_account(c->s, add_seed, s, err);
	if (rc == XT_E_STOPPED)
		rc = XT_OK;
	for (size_t i = 0; rc == XT_OK && i < s->n; i++) {
		struct store_crawl row;

		rc = store_crawl_get(c->s, &row, s->v[i], err);
		if (rc == XT_E_NOTFOUND) {
			rc = XT_OK;
			continue;
		}
		if (rc != XT_OK)
			break;
		if (row.has_want && row.want == 0)
			rc = add_source(r, s->v[i], err);
		if (known || (row.has_want && row.want == 0))
			continue;
		rc = make_room(r, s->v[i], err);
		if (rc != XT_OK || r->at[s->v[i]] != CRAWL_NEVER ||
		    r->sent[s->v[i]] != CRAWL_NEVER)
			continue;
		row.has_want = true;
		row.want = 0;
		*added = true;
		rc = store_crawl_put(c->s, &row, err);
		if (rc == XT_OK)
			rc = add_source(r, s->v[i], err);
	}
	free(s);
	return rc;
}

enum xt_status crawl_reach_sources(struct crawl *c, bool *added, struct xt_err *err)
{
	*added = false;
	if (c->reach == NULL)
		return XT_OK;
	return find_sources(c, false, added, err);
}

/* ---- from the whole ledger ------------------------------------------------------- */

struct pass {
	struct crawl *c;
	struct store_event *v; /* of one height */
	size_t n, cap;
	int64_t *time; /* by transaction */
	bool *exact, *loose;
	size_t n_times;
	enum xt_status rc;
	struct xt_err *err;
};

static bool is_loose(const struct pass *p, const struct store_event *e)
{
	return (uint64_t)e->tx < p->n_times && p->loose[e->tx];
}

/* Within a height in any order: again until nothing moves. */
static void end_height(struct pass *p)
{
	const struct crawl_reach *r = p->c->reach;
	size_t before;

	do {
		before = r->n_queue;
		for (size_t i = 0; p->rc == XT_OK && i < p->n; i++)
			p->rc = relax(p->c, &p->v[i], is_loose(p, &p->v[i]), p->err);
	} while (p->rc == XT_OK && r->n_queue != before);
	p->n = 0;
}

static bool pass_event(void *ctx, const struct store_event *e)
{
	struct pass *p = ctx;
	const bool timed = (uint64_t)e->tx < p->n_times;

	if (p->n > 0 && p->v[0].height != e->height)
		end_height(p);
	if (p->rc == XT_OK && p->n == p->cap) {
		const size_t cap = p->cap == 0 ? 256 : p->cap * 2;
		struct store_event *v = xt_reallocarray(p->v, cap, sizeof(*v));

		if (v == NULL) {
			p->rc =
			    xt_fail(p->err, XT_E_NOMEM, "out of memory for transfers");
			return false;
		}
		p->v = v;
		p->cap = cap;
	}
	if (p->rc != XT_OK)
		return false;
	p->v[p->n++] = *e;
	p->rc = mark_event(p->c, e, timed ? p->time[e->tx] : 0,
			   timed && p->exact[e->tx], is_loose(p, e), p->err);
	return p->rc == XT_OK;
}

static bool pass_time(void *ctx, const struct store_tx *t)
{
	struct pass *p = ctx;

	if ((uint64_t)t->id < p->n_times) {
		p->time[t->id] = t->time;
		p->exact[t->id] = t->time_kind != STORE_TIME_SIGNER;
		p->loose[t->id] = !t->height_known;
	}
	return true;
}

static enum xt_status load_times(struct pass *p, struct xt_err *err)
{
	struct store_sizes sizes;
	const enum xt_status rc = store_sizes(p->c->s, &sizes, err);

	if (rc != XT_OK)
		return rc;
	p->n_times = (size_t)sizes.txs + 1;
	p->time = xt_calloc(p->n_times, sizeof(*p->time));
	p->exact = xt_calloc(p->n_times, sizeof(*p->exact));
	p->loose = xt_calloc(p->n_times, sizeof(*p->loose));
	if (p->time == NULL || p->exact == NULL || p->loose == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for times");
	return store_each_tx_place(p->c->s, false, pass_time, p, err);
}

/* Rows of what the marks name. */
static enum xt_status look_up(struct crawl *c, struct xt_err *err)
{
	struct crawl_reach *r = c->reach;
	struct xt_err why;

	r->missing = 0;
	r->absent = 0;
	for (size_t i = 0; i < r->n_marks; i++) {
		struct crawl_mark *m = &r->marks[i];
		struct store_account a = { 0 };
		struct store_tx tx = { 0 };
		enum xt_status rc;

		if (m->of_tx)
			rc = store_tx_find(c->s, &tx, m->seed.tx_text, &why);
		else
			rc = store_account_find(c->s, &a, m->seed.account.s, &why);
		m->found = rc == XT_OK;
		m->tx = m->found && m->of_tx ? tx.id : 0;
		m->account = m->found && !m->of_tx ? a.id : 0;
		if (rc != XT_OK && rc != XT_E_NOTFOUND && rc != XT_E_DATA)
			return xt_fail(err, rc, "%s", why.text);
		r->missing += m->of_tx && !m->found;
		r->absent += !m->of_tx && !m->found;
	}
	return XT_OK;
}

/* What an account held is dirty from the block after on. */
static enum xt_status mark_balances(struct crawl_reach *r, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < r->n_marks; i++)
		if (r->marks[i].seed.kind == MARK_BALANCE && r->marks[i].account != 0)
			rc = lower(r, r->marks[i].account, r->marks[i].seed.height + 1,
				   err);
	for (size_t i = 0; rc == XT_OK && i < r->n_sources; i++)
		rc = lower(r, r->sources[i], 0, err);
	return rc;
}

static enum xt_status compute(struct crawl *c, struct xt_err *err)
{
	struct crawl_reach *r = c->reach;
	struct pass p = { .c = c, .rc = XT_OK, .err = err };
	bool added;
	enum xt_status rc = look_up(c, err);

	if (rc == XT_OK)
		rc = find_sources(c, true, &added, err);
	for (size_t i = 0; i < r->n; i++) {
		r->at[i] = CRAWL_NEVER;
		r->sent[i] = CRAWL_NEVER;
	}
	r->n_queue = 0;
	if (rc == XT_OK)
		rc = mark_balances(r, err);
	if (rc == XT_OK)
		rc = load_times(&p, err);
	if (rc == XT_OK) {
		rc = store_each_event(c->s, pass_event, &p, err);
		if (p.rc == XT_OK && rc == XT_OK)
			end_height(&p);
		if (p.rc != XT_OK)
			rc = p.rc;
	}
	free(p.v);
	free(p.time);
	free(p.exact);
	free(p.loose);
	r->n_queue = 0;
	r->stale = rc != XT_OK;
	return rc;
}

enum xt_status crawl_reach_fresh(struct crawl *c, struct xt_err *err)
{
	return c->reach != NULL && c->reach->stale ? compute(c, err) : XT_OK;
}

void crawl_reach_stale(struct crawl *c)
{
	if (c->reach != NULL) {
		c->reach->stale = true;
		c->reach->n_queue = 0;
	}
}

/* ---- questions ------------------------------------------------------------------- */

uint64_t crawl_reach_of(const struct crawl *c, int64_t account)
{
	const struct crawl_reach *r = c->reach;

	if (r == NULL)
		return 0;
	return (uint64_t)account < r->n ? r->at[account] : CRAWL_NEVER;
}

bool crawl_reach_marked(const struct crawl *c, int64_t account)
{
	const struct crawl_reach *r = c->reach;

	for (size_t i = 0; r != NULL && i < r->n_marks; i++)
		if (r->marks[i].account == account)
			return true;
	return false;
}

uint64_t crawl_reach_floor(const struct crawl *c, int64_t account, bool seed)
{
	const struct crawl_reach *r = c->reach;
	uint64_t floor;

	if (r == NULL || (seed && r->missing > 0))
		return 0;
	floor = crawl_reach_of(c, account);
	if ((uint64_t)account < r->n && r->sent[account] < floor)
		floor = r->sent[account];
	for (size_t i = 0; i < r->n_marks; i++) {
		const struct store_seed *s = &r->marks[i].seed;
		uint64_t low = 0;

		if (r->marks[i].account != account)
			continue;
		/* Where a window of times begins in its list is not known. */
		if (s->kind == MARK_BALANCE)
			low = s->height + 1;
		else if (s->kind == MARK_HEIGHTS && s->has_from && s->from > 0)
			low = (uint64_t)s->from;
		if (low < floor)
			floor = low;
	}
	/* Nothing says that it matters at all: then all of it may. */
	return floor == CRAWL_NEVER ? 0 : floor;
}

enum xt_status crawl_reach_carries(struct crawl *c, bool *out, int64_t account,
				   int64_t tx, uint64_t height, struct xt_err *err)
{
	const struct crawl_reach *r = c->reach;

	*out = true;
	for (size_t i = 0; r != NULL && i < r->n_marks; i++)
		if (r->marks[i].of_tx && r->marks[i].found && r->marks[i].tx == tx)
			return XT_OK;
	return r == NULL ? XT_OK : passes(c, out, account, height, err);
}
