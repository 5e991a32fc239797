#include <xemtrace/nis.h>

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* ---- the requests ------------------------------------------------------------ */

/* Every caller's text is bounded far below the array (addresses, keys and numbers). */
XT_PRINTF(2, 3)
static void get(struct nis_request *r, const char *fmt, ...)
{
	va_list ap;

	r->post = false;
	r->body[0] = '\0';
	va_start(ap, fmt);
	(void)vsnprintf(r->path, sizeof(r->path), fmt, ap);
	va_end(ap);
}

static void post_height(struct nis_request *r, const char *path, uint64_t height)
{
	r->post = true;
	(void)snprintf(r->path, sizeof(r->path), "%s", path);
	(void)snprintf(r->body, sizeof(r->body), "{\"height\":%" PRIu64 "}", height);
}

void nis_req_node_info(struct nis_request *r)
{
	get(r, "/node/info");
}

void nis_req_status(struct nis_request *r)
{
	get(r, "/status");
}

void nis_req_height(struct nis_request *r)
{
	get(r, "/chain/height");
}

void nis_req_last_block(struct nis_request *r)
{
	get(r, "/chain/last-block");
}

void nis_req_peers(struct nis_request *r, enum nis_peer_kind kind)
{
	static const char *const lists[] = {
		[NIS_PEERS_REACHABLE] = "reachable",
		[NIS_PEERS_ACTIVE] = "active",
		[NIS_PEERS_ALL] = "all",
	};

	get(r, "/node/peer-list/%s", lists[kind]);
}

void nis_req_account(struct nis_request *r, const struct nem_address *a)
{
	get(r, "/account/get?address=%s", a->s);
}

void nis_req_account_forwarded(struct nis_request *r, const struct nem_pubkey *key)
{
	char hex[sizeof(key->b) * 2 + 1];

	xt_hex_encode(hex, key->b, sizeof(key->b));
	get(r, "/account/get/forwarded/from-public-key?publicKey=%s", hex);
}

/* A page of a list that goes down by id. */
static void get_page(struct nis_request *r, const char *list,
		     const struct nem_address *a, uint64_t before)
{
	if (before == 0)
		get(r, "%s?address=%s&pageSize=%d", list, a->s, NIS_PAGE_SIZE);
	else
		get(r, "%s?address=%s&pageSize=%d&id=%" PRIu64, list, a->s,
		    NIS_PAGE_SIZE, before);
}

void nis_req_transfers(struct nis_request *r, const struct nem_address *a,
		       enum nis_direction dir, uint64_t before)
{
	switch (dir) {
	case NIS_ALL:
		get_page(r, "/account/transfers/all", a, before);
		break;
	case NIS_INCOMING:
		get_page(r, "/account/transfers/incoming", a, before);
		break;
	case NIS_OUTGOING:
		get_page(r, "/account/transfers/outgoing", a, before);
		break;
	}
}

void nis_req_harvests(struct nis_request *r, const struct nem_address *a,
		      uint64_t before)
{
	get_page(r, "/account/harvests", a, before);
}

void nis_req_block(struct nis_request *r, uint64_t height)
{
	post_height(r, "/block/at/public", height);
}

void nis_req_blocks_after(struct nis_request *r, uint64_t height)
{
	post_height(r, "/local/chain/blocks-after", height);
}

static bool is_unreserved(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

static enum xt_status add_escaped(struct xt_buf *b, const struct nem_bytes *text,
				  struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	for (uint32_t i = 0; i < text->len && rc == XT_OK; i++)
		rc = is_unreserved(text->data[i])
			 ? xt_buf_add(b, &text->data[i], 1, err)
			 : xt_buf_addf(b, err, "%%%02X", text->data[i]);
	return rc;
}

enum xt_status nis_req_mosaic_definition(struct nis_request *r,
					 const struct nem_mosaic_id *id,
					 struct xt_err *err)
{
	struct xt_buf path;
	enum xt_status rc;

	xt_buf_init(&path, sizeof(r->path) - 1);
	rc = xt_buf_adds(&path, "/mosaic/definition?mosaicId=", err);
	if (rc == XT_OK)
		rc = add_escaped(&path, &id->ns, err);
	if (rc == XT_OK)
		rc = xt_buf_adds(&path, ":", err);
	if (rc == XT_OK)
		rc = add_escaped(&path, &id->name, err);
	if (rc == XT_OK)
		get(r, "%s", xt_buf_str(&path));
	else if (rc == XT_E_LIMIT)
		rc = xt_fail(err, XT_E_LIMIT,
			     "mosaic id of %" PRIu32 " and %" PRIu32
			     " bytes: too long for a request",
			     id->ns.len, id->name.len);
	xt_buf_release(&path);
	return rc;
}

void nis_req_historical(struct nis_request *r, const struct nem_address *a,
			uint64_t start, uint64_t end, uint64_t increment)
{
	get(r,
	    "/account/historical/get?address=%s&startHeight=%" PRIu64
	    "&endHeight=%" PRIu64 "&increment=%" PRIu64,
	    a->s, start, end, increment);
}
