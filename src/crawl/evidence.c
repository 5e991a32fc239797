#include "internal.h"

#include <string.h>

enum xt_status crawl_begin(struct crawl *c, const char *where, struct xt_err *err)
{
	if (c->opt->replay != NULL && c->units == c->opt->replay->units)
		return xt_fail(err, XT_E_STOPPED, "the session ended here");
	c->rep_before = c->rep;
	c->waiting_before = c->accounts_waiting;
	return store_unit_begin(c->s, &c->mark, where, err);
}

enum xt_status crawl_flush(struct crawl *c, struct xt_err *err)
{
	c->unflushed = 0;
	c->flushed_at = crawl_now_ms(c);
	return store_unit_open(c->s) ? store_commit(c->s, err) : XT_OK;
}

enum xt_status crawl_end(struct crawl *c, enum xt_status rc, struct xt_err *err)
{
	if (rc == XT_OK)
		rc = store_session_unit(c->s, c->session, err);
	if (rc == XT_OK)
		rc = store_unit_end(c->s, c->mark, true, err);
	if (rc == XT_OK) {
		c->units++;
		c->unflushed++;
		if (c->keeping != 0)
			c->kept = c->keeping;
	}
	c->keeping = 0;
	if (rc != XT_OK) {
		struct xt_err why;

		/* What cannot be undone alone is undone with all before it. */
		if (store_unit_end(c->s, c->mark, false, &why) != XT_OK)
			store_rollback(c->s);
		c->rep = c->rep_before;
		c->accounts_waiting = c->waiting_before;
		crawl_reach_stale(c);
		return rc;
	}
	return c->unflushed < CRAWL_FLUSH ? XT_OK : crawl_flush(c, err);
}

const char *crawl_reason(const struct crawl *c, const struct xt_err *err)
{
	const char *path = store_path(c->s);
	const size_t n = strlen(path);

	if (strncmp(err->text, path, n) == 0 && strncmp(err->text + n, ": ", 2) == 0)
		return err->text + n + 2;
	return err->text;
}

bool crawl_is_conflict(enum xt_status rc)
{
	return rc == XT_E_VERIFY || rc == XT_E_DATA || rc == XT_E_EXISTS;
}

enum xt_status crawl_keep(struct crawl *c, size_t node, const struct nis_answer *a,
			  int64_t *id, struct xt_err *err)
{
	struct store_answer row = {
		.time = c->answer_time,
		.body_sent = a->body_sent,
		.http = a->http,
		.body = a->body,
		.len = a->len,
	};

	struct xt_buf text;
	enum xt_status rc = XT_OK;

	if (c->kept != 0 || c->keeping != 0) {
		*id = c->kept != 0 ? c->kept : c->keeping;
		return XT_OK;
	}
	xt_buf_init(&text, 2 * sizeof(a->err.text));
	if (a->status != XT_OK) {
		rc = crawl_failure_text(&text, a, err);
		row.http = 0;
		row.body = text.data;
		row.len = text.len;
	}
	memcpy(row.node, c->nodes[node].url, sizeof(row.node));
	memcpy(row.node_key, c->nodes[node].key, sizeof(row.node_key));
	memcpy(row.url, a->url, sizeof(row.url));
	if (rc == XT_OK)
		rc = store_put_answer(c->s, id, &row, err);
	if (rc == XT_OK) {
		c->keeping = *id;
		c->n_kept++;
	}
	xt_buf_release(&text);
	return rc;
}

enum xt_status crawl_keep_alone(struct crawl *c, size_t node,
				const struct nis_answer *a, struct xt_err *err)
{
	int64_t id;
	enum xt_status rc;

	if (c->kept != 0)
		return XT_OK;
	rc = CRAWL_BEGIN(c, err);
	if (rc != XT_OK)
		return rc;
	rc = crawl_keep(c, node, a, &id, err);
	return crawl_end(c, rc, err);
}

enum xt_status crawl_incident(struct crawl *c, size_t node, const char *url,
			      int64_t answer, const char *what,
			      const struct nem_address *account, const char *text,
			      struct xt_err *err)
{
	struct store_incident i = {
		.time = c->answer_time,
		.answer = answer,
	};
	enum xt_status rc;

	memcpy(i.node, c->nodes[node].url, sizeof(i.node));
	(void)snprintf(i.url, sizeof(i.url), "%s", url);
	(void)snprintf(i.what, sizeof(i.what), "%s", what);
	(void)snprintf(i.text, sizeof(i.text), "%s", text);
	if (account != NULL)
		memcpy(i.account.s, account->s, sizeof(i.account.s));
	rc = store_put_incident(c->s, &i, err);
	if (rc != XT_OK)
		return rc;
	c->rep.incidents++;
	xt_log(c->sink, XT_LOG_WARN, "%s: %s: %s", url, what, text);
	return XT_OK;
}

enum xt_status crawl_refuse(struct crawl *c, size_t node, const struct nis_answer *a,
			    const char *what, const struct nem_address *account,
			    const char *text, struct xt_err *err)
{
	int64_t id = 0;
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = crawl_keep(c, node, a, &id, err);
	if (rc == XT_OK)
		rc = crawl_incident(c, node, a->url, id, what, account, text, err);
	return crawl_end(c, rc, err);
}

/* ---- failures as answers ----------------------------------------------------------
 */

static const enum xt_status failures[] = { XT_E_NET, XT_E_LIMIT, XT_E_NOMEM };

enum xt_status crawl_failure_text(struct xt_buf *out, const struct nis_answer *a,
				  struct xt_err *err)
{
	return xt_buf_addf(out, err, "%s: %s", xt_status_name(a->status), a->err.text);
}

enum xt_status crawl_failure_read(struct nis_answer *a, const uint8_t *body, size_t len,
				  struct xt_err *err)
{
	for (size_t i = 0; i < XT_ARRAY_SIZE(failures); i++) {
		const char *name = xt_status_name(failures[i]);
		const size_t n = strlen(name);

		if (len < n + 2 || memcmp(body, name, n) != 0 || body[n] != ':')
			continue;
		a->status = xt_fail(&a->err, failures[i], "%.*s", (int)(len - n - 2),
				    (const char *)body + n + 2);
		return XT_OK;
	}
	return xt_fail(err, XT_E_DATA, "%s: no answer and no failure of a transport",
		       a->url);
}

/* ---- the session -------------------------------------------------------------------
 */

static enum xt_status list_nodes(const struct crawl *c, struct xt_buf *out,
				 struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < c->n_nodes; i++)
		rc = xt_buf_addf(out, err, "%s%s", i == 0 ? "" : "\n", c->nodes[i].url);
	return rc;
}

static enum xt_status list_seeds(const struct crawl *c, struct xt_buf *out,
				 struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = 0; rc == XT_OK && i < c->opt->n_seeds; i++)
		rc = xt_buf_addf(out, err, "%s%s", i == 0 ? "" : "\n",
				 c->opt->seeds[i].s);
	return rc;
}

static enum xt_status put_session(struct crawl *c, const char *nodes, const char *seeds,
				  struct xt_err *err)
{
	const struct crawl_options *o = c->opt;
	struct store_session v = {
		.time = c->clock->unix_time(c->clock->ctx),
		.nodes = nodes,
		.seeds = seeds,
		.max_depth = o->max_depth,
		.has_from = o->has_from,
		.has_to = o->has_to,
		.from = o->from,
		.to = o->to,
		.min_uxem = o->min_uxem,
		.through_services = o->through_services,
		.max_requests = o->max_requests,
		.quorum = o->quorum,
		.blocks = (uint32_t)o->blocks,
		.scan_from = o->scan_from,
		.scan_to = o->scan_to,
		.fan = o->fan,
		.full_history = o->full_history,
	};
	enum xt_status rc;

	c->now = v.time;
	(void)snprintf(v.program, sizeof(v.program), "%s", xt_version());
	rc = store_session_new(c->s, &c->session, &v, err);
	if (rc == XT_OK)
		rc = crawl_put_services(c, err);
	if (rc == XT_OK)
		rc = crawl_reach_put_marks(c, err);
	return rc;
}

enum xt_status crawl_session_begin(struct crawl *c, struct xt_err *err)
{
	struct xt_buf nodes, seeds;
	enum xt_status rc;

	xt_buf_init(&nodes, (size_t)CRAWL_MAX_NODES * 257);
	xt_buf_init(&seeds, 41 * (c->opt->n_seeds + 1));
	rc = list_nodes(c, &nodes, err);
	if (rc == XT_OK)
		rc = list_seeds(c, &seeds, err);
	if (rc == XT_OK)
		rc = CRAWL_BEGIN(c, err);
	if (rc == XT_OK) {
		rc = put_session(c, xt_buf_str(&nodes), xt_buf_str(&seeds), err);
		rc = crawl_end(c, rc, err);
	}
	xt_buf_release(&nodes);
	xt_buf_release(&seeds);
	return rc;
}

void crawl_session_end(struct crawl *c, enum xt_status rc)
{
	const struct crawl_replay *r = c->opt->replay;
	const bool budget = r != NULL ? r->budget : rc == XT_OK && c->budget_spent;
	const char *how = budget        ? STORE_ENDED_BUDGET
			  : rc == XT_OK ? "done"
					: xt_status_name(rc);

	if (crawl_flush(c, NULL) != XT_OK) {
		store_rollback(c->s);
		return;
	}
	if (c->session == 0 || STORE_BEGIN(c->s, NULL) != XT_OK)
		return;
	if ((budget && crawl_stop_budget(c, NULL) != XT_OK) ||
	    store_session_end(c->s, c->session, how, NULL) != XT_OK ||
	    store_commit(c->s, NULL) != XT_OK)
		store_rollback(c->s);
}
