/* Who the nodes are: identity and network, whether they are in step with the chain, and
 * their height. Asked once, before anything else. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

#define STATUS_SYNCHRONIZED 6u
/* For each of three small answers: a node that takes longer is no help, and holds up the
 * beginning of all work. */
#define GREET_MS 10000u

enum greet_step { GREET_INFO, GREET_STATUS, GREET_HEIGHT, GREET_DONE };

struct greet_job {
	struct job base; /* first */
	enum greet_step step;
};

static const char *network_name(enum nem_network net)
{
	switch (net) {
	case NEM_MAINNET:
		return "mainnet";
	case NEM_TESTNET:
		return "testnet";
	case NEM_MIJIN:
		return "mijin";
	}
	return "unknown";
}

static enum xt_status greet_ask(struct crawl *c, struct job *j, struct nis_request *r,
				bool *more, struct xt_err *err)
{
	const struct greet_job *g = (const struct greet_job *)j;

	(void)c;
	(void)err;
	switch (g->step) {
	case GREET_INFO:
		nis_req_node_info(r);
		break;
	case GREET_STATUS:
		nis_req_status(r);
		break;
	case GREET_HEIGHT:
		nis_req_height(r);
		break;
	case GREET_DONE:
		*more = false;
		break;
	}
	r->total_ms = GREET_MS;
	return XT_OK;
}

static enum xt_status take_info(struct crawl *c, size_t node,
				const struct nis_answer *a, struct xt_err *why)
{
	struct crawl_node *n = &c->nodes[node];
	struct nis_node_info info;
	const enum xt_status rc = nis_decode_node_info(&info, a->body, a->len, why);

	if (rc != XT_OK)
		return rc;
	if (c->has_net && info.network != c->net) {
		n->wrong_network = true;
		return xt_fail(why, XT_E_VERIFY,
			       "the node is of the network %s, the case is of %s",
			       network_name(info.network), network_name(c->net));
	}
	c->net = info.network;
	c->has_net = true;
	n->history = (info.features & 2) != 0;
	if (info.has_key)
		xt_hex_encode(n->key, info.key.b, sizeof(info.key.b));
	return XT_OK;
}

static enum xt_status take_status(const struct nis_answer *a, struct xt_err *why)
{
	uint32_t code = 0;
	const enum xt_status rc = nis_decode_status(&code, a->body, a->len, why);

	if (rc == XT_OK && code != STATUS_SYNCHRONIZED)
		return xt_fail(
		    why, XT_E_NET,
		    "the node is not in step with the chain: status %u, not %u",
		    (unsigned)code, STATUS_SYNCHRONIZED);
	return rc;
}

static enum xt_status greet_take(struct crawl *c, struct job *j,
				 const struct nis_answer *a, enum nis_verdict verdict,
				 struct xt_err *err)
{
	struct greet_job *g = (struct greet_job *)j;
	struct xt_err why = { .code = XT_OK };
	char text[600];
	enum xt_status rc;

	if (verdict != NIS_USE)
		rc = xt_fail(&why, XT_E_DATA, "HTTP %d", a->http);
	else if (g->step == GREET_INFO)
		rc = take_info(c, j->node, a, &why);
	else if (g->step == GREET_STATUS)
		rc = take_status(a, &why);
	else
		rc =
		    nis_decode_height(&c->nodes[j->node].height, a->body, a->len, &why);
	if (rc == XT_OK) {
		g->step++;
		c->nodes[j->node].greeted = g->step == GREET_DONE;
		c->nodes[j->node].greeted_height = c->nodes[j->node].height;
		return crawl_keep_alone(c, j->node, a, err);
	}
	rc = crawl_keep_alone(c, j->node, a, err);
	if (rc != XT_OK)
		return rc;
	(void)snprintf(text, sizeof(text), "%.100s%s: %s", a->url,
		       strlen(a->url) > 100 ? "..." : "", why.text);
	return crawl_elsewhere(c, j, "node", text, err);
}

static enum xt_status greet_moved(struct crawl *c, struct job *j, struct xt_err *err)
{
	(void)c;
	return xt_fail(err, XT_E_BUG, "job '%s' was sent to another node",
		       j->ops->what);
}

static enum xt_status greet_give_up(struct crawl *c, struct job *j, const char *what,
				    const char *why, struct xt_err *err)
{
	(void)what;
	return crawl_drop_node(c, j->node, why, err);
}

static void greet_free(struct job *j)
{
	free(j);
}

static const struct job_ops greet_ops = {
	.what = "greeting",
	.ask = greet_ask,
	.take = greet_take,
	.moved = greet_moved,
	.give_up = greet_give_up,
	.free = greet_free,
};

static enum xt_status greet_source(struct crawl *c, void *ctx, struct job **job,
				   struct xt_err *err)
{
	size_t *next = ctx;
	struct greet_job *g;

	if (*next == c->n_nodes)
		return XT_OK;
	g = xt_calloc(1, sizeof(*g));
	if (g == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for a node");
	g->base.ops = &greet_ops;
	g->base.node = (*next)++;
	g->base.key = (int64_t)g->base.node;
	g->base.tried = UINT64_MAX; /* nobody else can say who this node is */
	*job = &g->base;
	return XT_OK;
}

static bool greet_foresee(const struct crawl *c, struct ahead *a,
			  const struct nis_answer *last, struct nis_request *out)
{
	(void)c;
	if (last != NULL)
		return false;
	a->more = a->step < GREET_HEIGHT;
	out->total_ms = GREET_MS;
	switch (a->step++) {
	case GREET_INFO:
		nis_req_node_info(out);
		return true;
	case GREET_STATUS:
		nis_req_status(out);
		return true;
	case GREET_HEIGHT:
		nis_req_height(out);
		return true;
	default:
		return false;
	}
}

static enum xt_status greet_peek(struct crawl *c, void *ctx, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (size_t i = *(size_t *)ctx; rc == XT_OK && i < c->n_nodes; i++) {
		const struct ahead plan = {
			.key = (int64_t)i,
			.node = i,
			.foresee = greet_foresee,
		};

		if (!crawl_ahead_wants(c))
			break;
		rc = crawl_ahead_add(c, &plan, err);
	}
	return rc;
}

/* The network that the case was begun on. */
static enum xt_status known_network(struct crawl *c, struct xt_err *err)
{
	static const enum nem_network all[] = { NEM_MAINNET, NEM_TESTNET, NEM_MIJIN };
	char name[32];
	const enum xt_status rc =
	    store_meta_get(c->s, name, sizeof(name), "network", err);

	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < XT_ARRAY_SIZE(all); i++) {
		if (strcmp(name, network_name(all[i])) != 0)
			continue;
		c->net = all[i];
		c->has_net = true;
	}
	for (size_t i = 0; i < c->opt->n_seeds; i++) {
		const enum nem_network net = nem_address_network(&c->opt->seeds[i]);

		if (c->has_net && net != c->net)
			return xt_fail(
			    err, XT_E_VERIFY,
			    "address %s is of the network %s, the case is of %s",
			    c->opt->seeds[i].s, network_name(net),
			    network_name(c->net));
		c->net = net;
		c->has_net = true;
	}
	return XT_OK;
}

static enum xt_status keep_network(struct crawl *c, struct xt_err *err)
{
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = store_meta_set(c->s, "network", network_name(c->net), err);
	return crawl_end(c, rc, err);
}

enum xt_status crawl_greet(struct crawl *c, struct xt_err *err)
{
	size_t next = 0;
	const struct crawl_source source = { greet_source, greet_peek, &next };
	enum xt_status rc = known_network(c, err);

	if (rc != XT_OK)
		return rc;
	rc = crawl_pump(c, &source, err);
	if (rc == XT_E_NET) {
		for (size_t i = 0; i < c->n_nodes; i++)
			if (c->nodes[i].wrong_network)
				return xt_fail(err, XT_E_VERIFY,
					       "%s: the node is not of "
					       "the network %s of the case",
					       c->nodes[i].url, network_name(c->net));
	}
	if (rc != XT_OK || c->budget_spent)
		return rc;
	return keep_network(c, err);
}
