/* Which accounts are read: those that money went to from an account that is read,
 * unless a limit of this run or a service label says stop. The reason of a stop is kept
 * with the account. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- services
 * ------------------------------------------------------------------------- */

struct services {
	struct crawl *c;
	size_t cap;
	enum xt_status rc;
	struct xt_err *err;
};

static bool add_named(struct services *v, const char *party, const char *label)
{
	struct crawl *c = v->c;
	uint32_t known;

	if (xt_map_get(c->services, &known, party, strlen(party)))
		return true;
	if (c->n_services == v->cap) {
		const size_t cap = v->cap == 0 ? 64 : v->cap * 2;
		char(*names)[CRAWL_LABEL] =
		    xt_reallocarray(c->service_names, cap, sizeof(*c->service_names));

		if (names != NULL)
			c->service_names = names;
		struct nem_party *parties =
		    xt_reallocarray(c->service_parties, cap, sizeof(*parties));

		if (parties != NULL)
			c->service_parties = parties;
		if (names == NULL || parties == NULL) {
			v->rc = xt_fail(v->err, XT_E_NOMEM, "out of memory for labels");
			return false;
		}
		v->cap = cap;
	}
	(void)snprintf(c->service_names[c->n_services], sizeof(*c->service_names), "%s",
		       label);
	(void)snprintf(c->service_parties[c->n_services].s,
		       sizeof(c->service_parties->s), "%s", party);
	v->rc = xt_map_put(c->services, party, strlen(party), (uint32_t)c->n_services++,
			   v->err);
	return v->rc == XT_OK;
}

static bool add_service(void *ctx, const struct store_label *l)
{
	return !l->service || add_named(ctx, l->party.s, l->label);
}

enum xt_status crawl_load_services(struct crawl *c, struct xt_err *err)
{
	struct services v = { .c = c, .rc = XT_OK, .err = err };
	const struct crawl_replay *r = c->opt->replay;
	enum xt_status rc = XT_OK;

	if (r == NULL)
		rc = store_each_label(c->s, add_service, &v, err);
	for (size_t i = 0; r != NULL && i < r->n_services; i++)
		if (!add_named(&v, r->services[i].party, r->services[i].label))
			break;

	return v.rc != XT_OK ? v.rc : rc;
}

enum xt_status crawl_put_services(struct crawl *c, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < c->n_services; i++)
		rc = store_session_service(c->s, c->session, c->service_parties[i].s,
					   c->service_names[i], err);
	return rc;
}

const char *crawl_service_name(const struct crawl *c, const struct nem_party *p)
{
	uint32_t i;

	if (!xt_map_get(c->services, &i, p->s, strlen(p->s)))
		return NULL;
	return c->service_names[i];
}

/* ---- the rule
 * --------------------------------------------------------------------------- */

void crawl_fan_reason(const struct crawl *c, const struct store_crawl *s, char out[160])
{
	const uint32_t limit = c->opt->fan;

	out[0] = '\0';
	if (limit != 0 && s->fan_in >= limit && s->fan_out >= limit)
		(void)snprintf(out, 160,
			       STORE_PROBABLE "%u pay it, it pays %u (newest page)",
			       (unsigned)s->fan_in, (unsigned)s->fan_out);
}

/* Where the network's fees for namespaces and mosaics go: nobody's money any more, and
 * no list of theirs is whole. */
bool crawl_is_sink(const char *address)
{
	static const char *const sinks[] = {
		"NAMESPACEWH4MKFMBCVFERDPOOP4FK7MTBXDPZZA",
		"NBMOSAICOD4F54EE5CDMR23CCBGOAM2XSIUX6TRS",
		"TAMESPACEWH4MKFMBCVFERDPOOP4FK7MTDJEYP35",
		"TBMOSAICOD4F54EE5CDMR23CCBGOAM2XSJBR5OLC",
	};

	for (size_t i = 0; i < XT_ARRAY_SIZE(sinks); i++)
		if (strcmp(address, sinks[i]) == 0)
			return true;
	return false;
}

bool crawl_follows(enum nem_movement_kind kind, const char *to)
{
	if (kind == NEM_MOVE_RENTAL || kind == NEM_MOVE_CREATION)
		return crawl_is_sink(to);
	return kind == NEM_MOVE_TRANSFER || kind == NEM_MOVE_INNER;
}

/* Why an account at `depth` is not read whatever was paid to it; "" if it may be. */
static enum xt_status stop_reason(const struct crawl *c, const struct store_account *a,
				  uint32_t depth, char out[160], struct xt_err *err)
{
	const char *service = crawl_service_name(c, &a->party);
	struct store_crawl s;
	char name[144];
	enum xt_status rc;

	out[0] = '\0';
	xt_utf8_cut(name, sizeof(name), service != NULL ? service : "");
	if (service != NULL && !c->opt->through_services)
		(void)snprintf(out, 160, "service: %s", name);
	else if (!nem_party_is_address(&a->party))
		(void)snprintf(out, 160, "name: a record's name, not an address");
	else if (crawl_is_sink(a->party.s))
		(void)snprintf(out, 160, "sink: fees for namespaces and mosaics");
	else if (depth > c->opt->max_depth)
		(void)snprintf(out, 160, "depth: more than %u hops from a seed",
			       (unsigned)c->opt->max_depth);
	if (out[0] != '\0' || (a->state != STORE_STOPPED && a->state != STORE_OPEN))
		return XT_OK;
	rc = store_crawl_get(c->s, &s, a->id, err);
	if (rc == XT_OK)
		crawl_fan_reason(c, &s, out);
	return rc == XT_E_NOTFOUND ? XT_OK : rc;
}

/* Reasons of payments: how much one says. A payment of the right time is none that was
 * large enough; what this run does not ask says nothing. 0: it is none of a payment. */
static int weight(const struct crawl *c, const char *reason)
{
	if (strncmp(reason, "amount:", 7) == 0)
		return c->opt->min_uxem > 0 ? 1 : 0;
	if (strncmp(reason, "date:", 5) == 0)
		return c->opt->has_from || c->opt->has_to ? 2 : 0;
	return 0;
}

/* The same for one payment. */
static void payment_reason(const struct crawl *c, uint64_t uxem, int64_t time,
			   char out[160])
{
	char number[32], other[32];

	if (out[0] != '\0')
		return;
	if (uxem < c->opt->min_uxem) {
		const struct nem_amount min = { c->opt->min_uxem };

		(void)snprintf(out, 160, "amount: no payment of %s XEM or more",
			       nem_amount_format(number, min, true));
	} else if (c->opt->has_from && c->opt->has_to &&
		   (time < c->opt->from || time > c->opt->to)) {
		(void)snprintf(out, 160, "date: not paid from %s to %s",
			       nem_time_format_utc(number, c->opt->from),
			       nem_time_format_utc(other, c->opt->to));
	} else if (c->opt->has_from && time < c->opt->from) {
		(void)snprintf(out, 160, "date: paid before %s",
			       nem_time_format_utc(number, c->opt->from));
	} else if (c->opt->has_to && time > c->opt->to) {
		(void)snprintf(out, 160, "date: paid after %s",
			       nem_time_format_utc(number, c->opt->to));
	}
}

enum xt_status crawl_open_account(struct crawl *c, struct store_account *a,
				  uint32_t depth, struct xt_err *err)
{
	struct store_crawl state = { .account = a->id };
	enum xt_status rc = store_crawl_get(c->s, &state, a->id, NULL);

	if (rc != XT_OK && rc != XT_E_NOTFOUND)
		return store_crawl_get(c->s, &state, a->id, err);
	if (a->state != STORE_OPEN)
		c->accounts_waiting++;
	c->look = true;
	a->state = STORE_OPEN;
	a->depth = depth;
	a->reason[0] = '\0';
	state.account = a->id;
	state.depth = depth;
	rc = store_account_update(c->s, a, err);
	if (rc == XT_OK)
		rc = store_crawl_put(c->s, &state, err);
	return rc;
}

static enum xt_status lower_depth(struct crawl *c, struct store_account *a,
				  uint32_t depth, struct xt_err *err)
{
	struct store_crawl s;
	enum xt_status rc;

	if (depth >= a->depth)
		return XT_OK;
	if (a->state != STORE_STOPPED)
		c->lowered = true;
	if (a->state == STORE_OPEN)
		return crawl_open_account(c, a, depth, err);
	a->depth = depth;
	rc = store_account_update(c->s, a, err);
	if (rc == XT_OK)
		rc = store_crawl_get(c->s, &s, a->id, err);
	if (rc != XT_OK)
		return rc == XT_E_NOTFOUND ? XT_OK : rc;
	s.depth = depth;
	return store_crawl_put(c->s, &s, err);
}

/* A further payment does not open it. What is told does not depend on the order of the
 * payments: what holds at its least depth whatever was paid, else the best payment. */
static enum xt_status stop_still(struct crawl *c, struct store_account *a,
				 uint32_t depth, const char reason[160],
				 struct xt_err *err)
{
	const uint32_t least = depth < a->depth ? depth : a->depth;
	char rule[160];
	const char *tell = rule;
	enum xt_status rc = stop_reason(c, a, least, rule, err);

	if (rc != XT_OK)
		return rc;
	if (rule[0] == '\0')
		tell = weight(c, reason) >= weight(c, a->reason) ? reason : a->reason;
	if (least == a->depth && strcmp(tell, a->reason) == 0)
		return XT_OK;
	a->depth = least;
	if (tell != a->reason)
		memcpy(a->reason, tell, sizeof(a->reason));
	return store_account_update(c->s, a, err);
}

enum xt_status crawl_follow(struct crawl *c, int64_t from, uint32_t depth,
			    const struct nem_party *to, uint64_t uxem, int64_t time,
			    struct xt_err *err)
{
	struct store_account a;
	char reason[160];
	int64_t id;
	enum xt_status rc;

	if (uxem == 0 || depth == UINT32_MAX)
		return XT_OK;
	depth++;
	rc = store_account_id(c->s, &id, to, err);
	if (rc != XT_OK || id == from)
		return rc;
	rc = store_account_get(c->s, &a, id, err);
	if (rc != XT_OK)
		return rc;
	rc = stop_reason(c, &a, depth, reason, err);
	if (rc != XT_OK)
		return rc;
	payment_reason(c, uxem, time, reason);
	if (reason[0] == '\0') {
		if (a.state == STORE_SEEN || a.state == STORE_STOPPED)
			return crawl_open_account(c, &a, depth, err);
		return lower_depth(c, &a, depth, err);
	}
	if (a.state == STORE_SEEN) {
		a.state = STORE_STOPPED;
		a.depth = depth;
		memcpy(a.reason, reason, sizeof(a.reason));
		return store_account_update(c->s, &a, err);
	}
	return a.state == STORE_STOPPED ? stop_still(c, &a, depth, reason, err) : XT_OK;
}

/* ---- what the case knows already
 * ------------------------------------------------------------ */

struct ids {
	int64_t *v;
	size_t n, cap;
	enum xt_status rc;
	struct xt_err *err;
};

static bool add_id(struct ids *l, int64_t id)
{
	if (l->n == l->cap) {
		const size_t cap = l->cap == 0 ? 256 : l->cap * 2;
		int64_t *v = xt_reallocarray(l->v, cap, sizeof(*l->v));

		if (v == NULL) {
			l->rc =
			    xt_fail(l->err, XT_E_NOMEM, "out of memory for accounts");
			return false;
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = id;
	return true;
}

static bool add_open(void *ctx, const struct store_crawl *s)
{
	return add_id(ctx, s->account);
}

static bool add_read(void *ctx, const struct store_account *a)
{
	if ((a->state != STORE_COMPLETE && a->state != STORE_INCOMPLETE) ||
	    a->depth == UINT32_MAX)
		return true;
	return add_id(ctx, a->id);
}

/* Accounts that wait, and that this run would not read. */
static enum xt_status stop_waiting(struct crawl *c, struct xt_err *err)
{
	struct ids open = { .rc = XT_OK, .err = err };
	enum xt_status rc = store_each_open(c->s, add_open, &open, err);

	if (open.rc != XT_OK)
		rc = open.rc;
	c->accounts_waiting = open.n;
	for (size_t i = 0; rc == XT_OK && i < open.n; i++) {
		struct store_account a;
		struct store_crawl s;
		char reason[160];

		rc = store_account_get(c->s, &a, open.v[i], err);
		reason[0] = '\0';
		if (rc == XT_OK && a.depth != 0)
			rc = stop_reason(c, &a, a.depth, reason, err);
		if (rc == XT_OK)
			rc = store_crawl_get(c->s, &s, a.id, err);
		/* One that was read before a reorganisation is read on. */
		if (rc == XT_OK && a.depth != 0 && reason[0] == '\0' && s.known == 0 &&
		    crawl_reach_of(c, a.id) == CRAWL_NEVER &&
		    !crawl_reach_marked(c, a.id))
			(void)snprintf(
			    reason, sizeof(reason),
			    "taint: nothing stolen is known to have reached it");
		/* The requests of an earlier run were used up: those of this one are
		 * not. */
		if (rc != XT_OK || strcmp(a.reason, reason) == 0)
			continue;
		if (reason[0] != '\0') {
			a.state = STORE_STOPPED;
			c->accounts_waiting--;
		}
		memcpy(a.reason, reason, sizeof(a.reason));
		rc = store_account_update(c->s, &a, err);
	}
	free(open.v);
	return rc;
}

enum xt_status crawl_stop_budget(struct crawl *c, struct xt_err *err)
{
	struct ids open = { .rc = XT_OK, .err = err };
	enum xt_status rc = store_each_open(c->s, add_open, &open, err);

	if (open.rc != XT_OK)
		rc = open.rc;
	for (size_t i = 0; rc == XT_OK && i < open.n; i++) {
		struct store_account a;

		rc = store_account_get(c->s, &a, open.v[i], err);
		if (rc != XT_OK)
			break;
		(void)snprintf(a.reason, sizeof(a.reason),
			       "requests: the %llu of the run were used up",
			       (unsigned long long)c->opt->max_requests);
		rc = store_account_update(c->s, &a, err);
	}
	free(open.v);
	return rc;
}

struct times {
	int64_t *v; /* by transaction row */
	size_t n;
};

static bool add_time(void *ctx, const struct store_tx *t)
{
	struct times *v = ctx;

	if (t->id >= 0 && (uint64_t)t->id < v->n)
		v->v[t->id] = t->time;
	return true;
}

static enum xt_status load_times(struct crawl *c, struct times *t, struct xt_err *err)
{
	struct store_counts n;
	enum xt_status rc;

	*t = (struct times){ 0 };
	if (!c->opt->has_from && !c->opt->has_to)
		return XT_OK;
	rc = store_counts(c->s, &n, err);
	if (rc != XT_OK)
		return rc;
	t->n = (size_t)n.max_tx + 1;
	t->v = xt_calloc(t->n, sizeof(*t->v));
	if (t->v == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for times");
	return store_each_tx(c->s, false, add_time, t, err);
}

struct payments {
	struct store_event *v;
	size_t n, cap;
	int64_t from;
	enum xt_status rc;
	struct xt_err *err;
};

static bool add_payment(void *ctx, const struct store_event *e)
{
	struct payments *p = ctx;

	if (e->from != p->from || e->to == 0 || e->amount == 0 ||
	    (e->kind != NEM_MOVE_TRANSFER && e->kind != NEM_MOVE_INNER &&
	     e->kind != NEM_MOVE_RENTAL && e->kind != NEM_MOVE_CREATION))
		return true;
	if (p->n == p->cap) {
		const size_t cap = p->cap == 0 ? 256 : p->cap * 2;
		struct store_event *v = xt_reallocarray(p->v, cap, sizeof(*p->v));

		if (v == NULL) {
			p->rc =
			    xt_fail(p->err, XT_E_NOMEM, "out of memory for transfers");
			return false;
		}
		p->v = v;
		p->cap = cap;
	}
	p->v[p->n++] = *e;
	return true;
}

static enum xt_status follow_account(struct crawl *c, int64_t id, const struct times *t,
				     struct xt_err *err)
{
	struct payments p = { .from = id, .rc = XT_OK, .err = err };
	struct store_account from, to;
	bool carries = true;
	enum xt_status rc = store_account_get(c->s, &from, id, err);

	if (rc == XT_OK)
		rc = store_account_events(c->s, id, add_payment, &p, err);
	if (p.rc != XT_OK)
		rc = p.rc;
	for (size_t i = 0; rc == XT_OK && i < p.n; i++) {
		const struct store_event *e = &p.v[i];
		const int64_t time =
		    e->tx >= 0 && (uint64_t)e->tx < t->n ? t->v[e->tx] : 0;

		rc = store_account_get(c->s, &to, e->to, err);
		if (rc == XT_OK)
			rc = crawl_reach_carries(c, &carries, id, e->tx,
						 (uint64_t)e->height, err);
		if (rc == XT_OK && carries && crawl_follows(e->kind, to.party.s))
			rc = crawl_follow(c, id, from.depth, &to.party, e->amount, time,
					  err);
	}
	free(p.v);
	return rc;
}

enum xt_status crawl_follow_known(struct crawl *c, int64_t account, struct xt_err *err)
{
	struct times t;
	enum xt_status rc = load_times(c, &t, err);

	if (rc == XT_OK)
		rc = follow_account(c, account, &t, err);
	free(t.v);
	return rc;
}

static enum xt_status follow_read(struct crawl *c, struct xt_err *err)
{
	struct ids read = { .rc = XT_OK, .err = err };
	struct times t;
	enum xt_status rc = load_times(c, &t, err);

	if (rc == XT_OK)
		rc = store_each_account(c->s, add_read, &read, err);
	if (read.rc != XT_OK)
		rc = read.rc;
	/* Depths only fall and are bounded below: this ends. */
	do {
		c->lowered = false;
		for (size_t i = 0; rc == XT_OK && i < read.n; i++)
			rc = follow_account(c, read.v[i], &t, err);
	} while (rc == XT_OK && c->lowered);
	free(t.v);
	free(read.v);
	return rc;
}

enum xt_status crawl_refollow(struct crawl *c, struct xt_err *err)
{
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = crawl_reach_fresh(c, err);
	if (rc == XT_OK)
		rc = crawl_deepen_all(c, err);
	if (rc == XT_OK)
		rc = stop_waiting(c, err);
	if (rc == XT_OK)
		rc = follow_read(c, err);
	return crawl_end(c, rc, err);
}
