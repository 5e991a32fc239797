/* Definitions of mosaics that were moved: a levy in XEM stands in the definition alone.
 */
#include "account.h"

#include <string.h>

/* "ns:name" in out, and an id that points into it. False if it does not fit. */
static bool copy_id(char out[400], struct nem_mosaic_id *id,
		    const struct nem_mosaic_id *from)
{
	if ((size_t)from->ns.len + from->name.len + 2 > 400)
		return false;
	memcpy(out, from->ns.data, from->ns.len);
	out[from->ns.len] = ':';
	memcpy(out + from->ns.len + 1, from->name.data, from->name.len);
	out[from->ns.len + 1 + from->name.len] = '\0';
	id->ns = (struct nem_bytes){ (uint8_t *)out, from->ns.len };
	id->name =
	    (struct nem_bytes){ (uint8_t *)out + from->ns.len + 1, from->name.len };
	return true;
}

struct pick {
	struct crawl *c;
	struct account_job *a;
	bool found;
};

static size_t id_length(const struct nem_mosaic_id *id)
{
	return (size_t)id->ns.len + 1 + id->name.len;
}

static bool pick_unasked(void *ctx, const struct nem_mosaic_id *id)
{
	struct pick *p = ctx;
	uint32_t known;

	if (!copy_id(p->a->mosaic, &p->a->mosaic_id, id))
		return true;
	p->found =
	    !xt_map_get(p->c->mosaics_asked, &known, p->a->mosaic, id_length(id));
	return !p->found;
}

enum xt_status mosaics_ask(struct crawl *c, struct account_job *a,
			   struct nis_request *r, bool *more, struct xt_err *err)
{
	for (;;) {
		struct pick p = { .c = c, .a = a };
		enum xt_status rc =
		    store_each_unknown_mosaic(c->s, pick_unasked, &p, err);

		if (!p.found) {
			*more = false;
			return rc;
		}
		rc = xt_map_put(c->mosaics_asked, a->mosaic, id_length(&a->mosaic_id),
				0, err);
		if (rc != XT_OK)
			return rc;
		/* A name too long for a request is none of a real mosaic. */
		if (nis_req_mosaic_definition(r, &a->mosaic_id, NULL) == XT_OK)
			return XT_OK;
	}
}

static bool same_bytes(const struct nem_bytes *a, const struct nem_bytes *b)
{
	return a->len == b->len &&
	       (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static enum xt_status store_definition(struct crawl *c, struct account_job *a,
				       const struct nem_mosaic_definition *d,
				       const struct nis_answer *answer,
				       struct xt_err *err)
{
	int64_t id;
	enum xt_status rc = CRAWL_BEGIN(c, err);

	if (rc != XT_OK)
		return rc;
	rc = crawl_keep(c, a->base.node, answer, &id, err);
	/* The node gives the definition of today and not since when: taken as from the
	 * start, by the node's word. One that a transaction of the case defines is not
	 * asked for. */
	if (rc == XT_OK)
		rc = store_put_mosaic_definition(c->s, d, 1, NEM_REPORTED, id, err);
	/* Levies in XEM are movements. */
	crawl_reach_stale(c);
	return crawl_end(c, rc, err);
}

enum xt_status mosaics_take(struct crawl *c, struct account_job *a,
			    const struct nis_answer *answer, enum nis_verdict verdict,
			    struct xt_err *err)
{
	struct nem_mosaic_definition d = { 0 };
	struct xt_err why = { .code = XT_OK };
	enum xt_status rc;

	if (verdict != NIS_USE)
		return crawl_keep_alone(c, a->base.node, answer, err);
	rc = nis_decode_mosaic_definition(&d, answer->body, answer->len, &why);
	if (rc != XT_OK)
		return crawl_refuse(c, a->base.node, answer, "decode", NULL, why.text,
				    err);
	if (same_bytes(&d.id.ns, &a->mosaic_id.ns) &&
	    same_bytes(&d.id.name, &a->mosaic_id.name))
		rc = store_definition(c, a, &d, answer, err);
	else
		rc = xt_fail(err, XT_E_VERIFY,
			     "the definition is of another mosaic than asked for");
	if (crawl_is_conflict(rc)) {
		why = *err;
		rc = crawl_refuse(c, a->base.node, answer, "mosaic", NULL,
				  crawl_reason(c, &why), err);
	}
	nem_mosaic_definition_release(&d);
	return rc;
}

static bool count_one(void *ctx, const struct nem_mosaic_id *id)
{
	(void)id;
	++*(size_t *)ctx;
	return true;
}

enum xt_status mosaics_unknown(struct crawl *c, size_t *n, struct xt_err *err)
{
	*n = 0;
	return store_each_unknown_mosaic(c->s, count_one, n, err);
}
