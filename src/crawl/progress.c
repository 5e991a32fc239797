/* What a crawl says while it works: lines parted by '\n', the first about all of it, then
 * one a node. The sink decides how they are shown. */
#include "internal.h"

#include <stdarg.h>
#include <string.h>

#include <xemtrace/limits.h>

/* A line of progress at most so often. */
#define SHOW_EVERY_MS 200u
/* Requests a second are counted over this time. */
#define RATE_SPAN_MS 2000u
#define UXEM_PER_XEM 1000000u
/* Nodes that get a line of their own. */
#define SHOW_NODES 6u

struct text {
	char s[XT_MAX_LINE - 8];
	size_t n;
};

XT_PRINTF(2, 3)
static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->s + t->n, sizeof(t->s) - t->n, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->n += (size_t)n;
	if (t->n >= sizeof(t->s))
		t->n = sizeof(t->s) - 1;
}

static void add_count(struct text *t, uint64_t v)
{
	char digits[24];
	const int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);

	for (int i = 0; i < len; i++)
		add(t, "%s%c", i > 0 && (len - i) % 3 == 0 ? "," : "", digits[i]);
}

static void measure(struct crawl *c, uint64_t now)
{
	const uint64_t span = now - c->rate_at;

	if (span < RATE_SPAN_MS)
		return;
	c->rate_now = (c->rep.requests - c->rate_from) * 1000 / span;
	c->rate_at = now;
	c->rate_from = c->rep.requests;
	for (size_t i = 0; i < c->n_nodes; i++) {
		struct crawl_node *n = &c->nodes[i];

		n->rate_now = (n->sent - n->rate_from) * 1000 / span;
		n->rate_from = n->sent;
	}
}

/* Whole XEM, rounded down: what is located is never more than it says. */
static void add_money(const struct crawl *c, struct text *t)
{
	if (c->sum.stolen == 0)
		return;
	add(t, "located ");
	add_count(t, c->sum.located / UXEM_PER_XEM);
	add(t, " of ");
	add_count(t, c->sum.stolen / UXEM_PER_XEM);
	add(t, " XEM | ");
}

static void add_work(const struct crawl *c, struct text *t)
{
	if (c->scan_total > 0) {
		add(t, "blocks ");
		add_count(t, c->scan_done);
		add(t, " of ");
		add_count(t, c->scan_total);
	} else {
		add_money(c, t);
		add(t, "accounts ");
		add_count(t, c->accounts_done);
		add(t, " done, ");
		add_count(t, c->accounts_waiting);
		add(t, " waiting");
	}
	add(t, " | transactions ");
	add_count(t, c->rep.txs_new + c->rep.txs_known);
	add(t, " | %llu requests/s", (unsigned long long)c->rate_now);
}

static void add_node(const struct crawl *c, struct text *t, const struct crawl_node *n,
		     uint64_t now)
{
	const char *host = strstr(n->url, "://");
	const int64_t unix_now = c->clock->unix_time(c->clock->ctx);

	add(t, "\n%.80s: ", host == NULL ? n->url : host + 3);
	if (!n->live) {
		add(t, "given up");
		return;
	}
	if (n->resting && unix_now < n->rest_until) {
		add(t, "rests for %lld s", (long long)(n->rest_until - unix_now));
		return;
	}
	add(t, "%llu requests/s", (unsigned long long)n->rate_now);
	if (n->in_flight > 0)
		add(t, ", %u under way", n->in_flight);
	if (n->pause_until > now)
		add(t, ", busy");
	if (n->height > 0) {
		add(t, ", height ");
		add_count(t, n->height);
	}
}

enum xt_status crawl_show(struct crawl *c, bool last, struct xt_err *err)
{
	const uint64_t now = crawl_now_ms(c);
	struct text t = { .n = 0 };

	measure(c, now);
	if (!last && now - c->shown_at < SHOW_EVERY_MS)
		return XT_OK;
	c->shown_at = now;
	add_work(c, &t);
	for (size_t i = 0; i < c->n_nodes && i < SHOW_NODES; i++)
		add_node(c, &t, &c->nodes[i], now);
	if (c->n_nodes > SHOW_NODES)
		add(&t, "\nand %zu more nodes", c->n_nodes - SHOW_NODES);
	if (!xt_progress(c->sink, 0, 0, "%s", t.s))
		return xt_fail(err, XT_E_STOPPED,
			       "stopped; the case is consistent, run again to go on");
	return XT_OK;
}
