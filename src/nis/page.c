#include <xemtrace/nis.h>

#include <inttypes.h>
#include <stdlib.h>

#include <xemtrace/limits.h>

#include "tx.h"

/* What /account/historical/get gives at most. */
#define MAX_POINTS 10001U

/* ---- /account/transfers ------------------------------------------------------ */

void nis_tx_page_release(struct nis_tx_page *p)
{
	for (size_t i = 0; i < p->n; i++)
		nem_tx_release(&p->v[i].tx);
	free(p->v);
	*p = (struct nis_tx_page){ 0 };
}

static enum xt_status read_inner_hash(void *out, const json_t *v,
				      const struct js_at *at, struct xt_err *err)
{
	struct nis_tx_entry *e = out;
	const enum xt_status rc = js_given(&e->has_inner_hash, v, at, err);

	if (rc != XT_OK || !e->has_inner_hash)
		return rc;
	return js_read_hash(&e->inner_hash, v, at, err);
}

static enum xt_status read_meta(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	struct nis_tx_entry *e = out;
	const struct js_field f[] = {
		{ "id", js_read_u64, &e->id },
		{ "height", js_read_height, &e->height },
		{ "hash", js_read_hash, &e->hash },
		{ "innerHash", read_inner_hash, e },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_entry(void *out, const json_t *v, const struct js_at *at,
				 struct xt_err *err)
{
	const struct js_at meta = { .up = at, .name = "meta" };
	const struct js_at inner = { .up = &meta, .name = "innerHash" };
	struct nis_tx_entry *e = out;
	const struct js_field f[] = {
		{ "meta", read_meta, e },
		{ "transaction", nis_read_tx, &e->tx },
	};
	const enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);

	if (rc != XT_OK)
		return rc;
	if (e->has_inner_hash != (e->tx.type == NEM_TX_MULTISIG))
		return js_fail(&inner, err, "%s a transaction of type %" PRIu32,
			       e->has_inner_hash ? "given for" : "missing for",
			       e->tx.type);
	return XT_OK;
}

static enum xt_status read_entries(void *out, const json_t *v, const struct js_at *at,
				   struct xt_err *err)
{
	struct nis_tx_page *page = out;
	size_t n;
	enum xt_status rc = js_array(&n, v, XT_MAX_PAGE, at, err);

	if (rc != XT_OK)
		return rc;
	page->v = xt_calloc(n, sizeof(*page->v));
	if (page->v == NULL)
		return js_nomem(at, err);
	page->n = n;
	rc = js_each(page->v, sizeof(*page->v), n, read_entry, v, at, err);
	for (size_t i = 1; i < n && rc == XT_OK; i++) {
		const struct js_at here = { .up = at, .index = i };
		const struct js_at id = { .up = &here, .name = "meta.id" };

		if (page->v[i].id >= page->v[i - 1].id)
			rc = js_fail(&id, err,
				     "%" PRIu64 " is not below %" PRIu64
				     " of the entry before",
				     page->v[i].id, page->v[i - 1].id);
	}
	return rc;
}

enum xt_status nis_decode_transfers(struct nis_tx_page *out, const uint8_t *p, size_t n,
				    struct xt_err *err)
{
	struct nis_tx_page page = { 0 };
	const struct js_field f[] = { { "data", read_entries, &page } };
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = js_fields(v, f, XT_ARRAY_SIZE(f), NULL, err);
	if (rc == XT_OK)
		*out = page;
	else
		nis_tx_page_release(&page);
	json_decref(v);
	return rc;
}

/* ---- /account/harvests ------------------------------------------------------- */

void nis_harvest_page_release(struct nis_harvest_page *p)
{
	free(p->v);
	*p = (struct nis_harvest_page){ 0 };
}

static enum xt_status read_harvest(void *out, const json_t *v, const struct js_at *at,
				   struct xt_err *err)
{
	struct nis_harvest *h = out;
	const struct js_field f[] = {
		{ "id", js_read_u64, &h->id },
		{ "height", js_read_height, &h->height },
		{ "timeStamp", js_read_u32, &h->timestamp },
		{ "totalFee", js_read_money, &h->fee },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_harvests(void *out, const json_t *v, const struct js_at *at,
				    struct xt_err *err)
{
	struct nis_harvest_page *page = out;
	size_t n;
	enum xt_status rc = js_array(&n, v, XT_MAX_PAGE, at, err);

	if (rc != XT_OK)
		return rc;
	page->v = xt_calloc(n, sizeof(*page->v));
	if (page->v == NULL)
		return js_nomem(at, err);
	page->n = n;
	rc = js_each(page->v, sizeof(*page->v), n, read_harvest, v, at, err);
	for (size_t i = 1; i < n && rc == XT_OK; i++) {
		const struct js_at here = { .up = at, .index = i };
		const struct js_at height = { .up = &here, .name = "height" };

		if (page->v[i].height >= page->v[i - 1].height)
			rc = js_fail(&height, err,
				     "%" PRIu64 " is not below %" PRIu64
				     " of the entry before",
				     page->v[i].height, page->v[i - 1].height);
	}
	return rc;
}

enum xt_status nis_decode_harvests(struct nis_harvest_page *out, const uint8_t *p,
				   size_t n, struct xt_err *err)
{
	struct nis_harvest_page page = { 0 };
	const struct js_field f[] = { { "data", read_harvests, &page } };
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = js_fields(v, f, XT_ARRAY_SIZE(f), NULL, err);
	if (rc == XT_OK)
		*out = page;
	else
		nis_harvest_page_release(&page);
	json_decref(v);
	return rc;
}

/* ---- /account/historical/get ------------------------------------------------- */

struct points {
	struct nis_historical *v;
	size_t n;
};

static enum xt_status read_point(void *out, const json_t *v, const struct js_at *at,
				 struct xt_err *err)
{
	struct nis_historical *h = out;
	const struct js_field f[] = {
		{ "height", js_read_height, &h->height },
		{ "address", js_read_address, &h->address },
		{ "balance", js_read_money, &h->balance },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_points(void *out, const json_t *v, const struct js_at *at,
				  struct xt_err *err)
{
	struct points *list = out;
	size_t n;
	enum xt_status rc = js_array(&n, v, MAX_POINTS, at, err);

	if (rc != XT_OK)
		return rc;
	list->v = xt_calloc(n, sizeof(*list->v));
	if (list->v == NULL)
		return js_nomem(at, err);
	list->n = n;
	rc = js_each(list->v, sizeof(*list->v), n, read_point, v, at, err);
	for (size_t i = 1; i < n && rc == XT_OK; i++) {
		const struct js_at here = { .up = at, .index = i };
		const struct js_at height = { .up = &here, .name = "height" };
		const struct js_at address = { .up = &here, .name = "address" };

		if (list->v[i].height <= list->v[i - 1].height)
			rc = js_fail(&height, err,
				     "%" PRIu64 " is not above %" PRIu64
				     " of the entry before",
				     list->v[i].height, list->v[i - 1].height);
		else if (!nem_address_equal(&list->v[i].address, &list->v[0].address))
			rc = js_fail(&address, err, "%s in a list of %s",
				     list->v[i].address.s, list->v[0].address.s);
	}
	return rc;
}

enum xt_status nis_decode_historical(struct nis_historical **out, size_t *count,
				     const uint8_t *p, size_t n, struct xt_err *err)
{
	struct points list = { 0 };
	const struct js_field f[] = { { "data", read_points, &list } };
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = js_fields(v, f, XT_ARRAY_SIZE(f), NULL, err);
	if (rc == XT_OK) {
		*out = list.v;
		*count = list.n;
	} else {
		free(list.v);
	}
	json_decref(v);
	return rc;
}
