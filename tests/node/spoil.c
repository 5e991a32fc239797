/* What the fixture node does to the bytes of its answers when told to. */
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "util.h"

static bool starts_with(const char *s, const char *prefix)
{
	return prefix == NULL || strncmp(s, prefix, strlen(prefix)) == 0;
}

bool node_applies(const struct node *n, const char *uri, uint64_t number)
{
	return starts_with(uri, n->opt.only) && number >= n->opt.from &&
	       number <= n->opt.to;
}

/* Counts the answers that a rule could be meant for. */
static bool rule_applies(struct node_rule *rule, const char *uri)
{
	if (!starts_with(uri, rule->prefix))
		return false;
	rule->seen++;
	return rule->k == 0 || rule->seen == rule->k;
}

static void set_body(struct node_reply *r, struct xt_buf *b)
{
	free(r->body);
	r->body = fx_alloc(b->len + 1, 1);
	if (b->len > 0)
		memcpy(r->body, b->data, b->len);
	r->len = b->len;
	xt_buf_release(b);
}

static void edit(struct node_reply *r, const struct node_rule *rule)
{
	struct xt_buf b;
	size_t n = strlen(rule->find);
	const char *p = r->body;
	const char *hit;

	xt_buf_init(&b, SIZE_MAX / 2);
	while ((hit = strstr(p, rule->find)) != NULL) {
		fx_must(xt_buf_add(&b, p, (size_t)(hit - p), NULL), NULL);
		fx_must(xt_buf_adds(&b, rule->replace, NULL), NULL);
		p = hit + n;
	}
	fx_must(xt_buf_adds(&b, p, NULL), NULL);
	set_body(r, &b);
}

static void nest(struct node_reply *r, uint64_t depth)
{
	struct xt_buf b;

	xt_buf_init(&b, SIZE_MAX / 2);
	fx_must(xt_buf_adds(&b, "{\"data\":", NULL), NULL);
	for (uint64_t i = 0; i < depth; i++)
		fx_must(xt_buf_adds(&b, "[", NULL), NULL);
	for (uint64_t i = 0; i < depth; i++)
		fx_must(xt_buf_adds(&b, "]", NULL), NULL);
	fx_must(xt_buf_adds(&b, "}\r\n", NULL), NULL);
	set_body(r, &b);
}

static void html(struct node_reply *r)
{
	struct xt_buf b;

	xt_buf_init(&b, SIZE_MAX / 2);
	fx_must(xt_buf_adds(&b,
			    "<!DOCTYPE html><html><head><title>Welcome</title></head>"
			    "<body><h1>It works</h1></body></html>\n",
			    NULL),
		NULL);
	set_body(r, &b);
}

static void flip(struct node_reply *r, const struct node_rule *rule)
{
	uint8_t byte;

	memcpy(&byte, r->body + rule->offset, 1);
	byte = (uint8_t)(byte ^ (1U << rule->bit));
	memcpy(r->body + rule->offset, &byte, 1);
}

void node_spoil(struct node *n, struct node_reply *r, const char *uri, uint64_t number)
{
	const struct node_options *o = &n->opt;
	bool applies = node_applies(n, uri, number);

	for (size_t i = 0; i < o->n_edits; i++)
		if (rule_applies(&n->opt.edits[i], uri))
			edit(r, &o->edits[i]);
	for (size_t i = 0; i < o->n_flips; i++)
		if (rule_applies(&n->opt.flips[i], uri) && o->flips[i].offset < r->len)
			flip(r, &o->flips[i]);
	if (!applies)
		return;
	if (o->html)
		html(r);
	if (o->nest > 0)
		nest(r, o->nest);
	if (o->truncate > 0 && o->truncate - 1 < r->len)
		r->len = (size_t)(o->truncate - 1);
	if (o->oversize > r->len) {
		/* Spaces behind the JSON: it stays JSON. */
		r->body = xt_reallocarray(r->body, (size_t)o->oversize + 1, 1);
		if (r->body == NULL)
			fx_die("out of memory");
		memset(r->body + r->len, ' ', (size_t)o->oversize - r->len);
		r->body[o->oversize] = '\0';
		r->len = (size_t)o->oversize;
	}
}
