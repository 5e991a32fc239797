/* The chain of answers, and what each answer tells. */
#include "internal.h"

#include <xemtrace/limits.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- one answer -------------------------------------------------------------- */

static bool tell_tx(struct audit *a, const struct nem_tx *tx,
		    const struct nem_hash *hash, uint64_t height, int64_t answer)
{
	struct seen_key k;
	struct xt_buf b;
	uint8_t digest[32];
	bool ok = true;

	seen_begin(&k, SEEN_TX);
	seen_bytes(&k, hash->b, sizeof(hash->b));
	seen_u64(&k, (uint64_t)answer);
	seen_u64(&k, height);
	if (!seen_put(a, &k))
		return false;
	xt_buf_init(&b, XT_MAX_TX_BYTES);
	if (nem_tx_encode(&b, tx, NEM_FORM_SIGNED, NULL) == XT_OK) {
		nem_keccak256(digest, b.data, b.len);
		seen_begin(&k, SEEN_BYTES);
		seen_bytes(&k, hash->b, sizeof(hash->b));
		seen_bytes(&k, digest, sizeof(digest));
		ok = seen_put(a, &k);
	}
	xt_buf_release(&b);
	return ok;
}

static bool tell_page(struct audit *a, const struct store_answer *r)
{
	struct nis_tx_page page = { 0 };
	bool ok = true;

	if (nis_decode_transfers(&page, r->body, r->len, NULL) != XT_OK)
		return true;
	for (size_t i = 0; ok && i < page.n; i++) {
		struct nem_hash hash;

		/* What it claims about the hash is of no interest. */
		if (nem_tx_hash(&hash, &page.v[i].tx, NULL) == XT_OK)
			ok = tell_tx(a, &page.v[i].tx, &hash, page.v[i].height, r->id);
	}
	nis_tx_page_release(&page);
	return ok;
}

/* The row of the case that stands on this answer must be this block. */
static bool compare_block(struct audit *a, const struct audit_block *row,
			  const struct nem_checked_block *b)
{
	char where[40];
	bool ok = true;

	(void)snprintf(where, sizeof(where), "block %" PRIu64, row->height);
	if (memcmp(row->hash.b, b->hash.b, 32) != 0)
		ok = audit_find_hex(a, "block", where, "hash", b->hash.b, row->hash.b,
				    32);
	if (ok && memcmp(row->prev.b, b->prev.b, 32) != 0)
		ok = audit_find_hex(a, "block", where, "prev", b->prev.b, row->prev.b,
				    32);
	if (ok && memcmp(row->signer.b, b->signer.b, 32) != 0)
		ok = audit_find_hex(a, "block", where, "signer", b->signer.b,
				    row->signer.b, 32);
	if (ok && row->time != b->timestamp)
		ok = audit_find_u64(a, "block", where, "time", b->timestamp, row->time);
	if (ok && row->n_txs != b->n_txs)
		return audit_find_u64(a, "block", where, "txs", b->n_txs, row->n_txs);
	for (size_t i = 0; ok && i < row->n_txs; i++)
		if (memcmp(row->txs[i].b, b->txs[i].hash.b, 32) != 0)
			ok = audit_find_hex(a, "block", where, "txs", b->txs[i].hash.b,
					    row->txs[i].b, 32);
	return ok;
}

/* Whom the fees of a whole block may be booked to: by a link of the case, by the word of
 * the answer, or the signer. */
static bool tell_fees(struct audit *a, const struct nem_checked_block *b,
		      const struct nem_address *claimed, int64_t answer)
{
	struct nem_movement m[NEM_MAX_MOVEMENTS];
	struct nem_address signer;
	const struct nem_address *who[3] = { &signer, claimed, NULL };
	struct seen_key k;
	uint64_t fees = 0;
	bool ok = true;

	nem_address_from_pubkey(&signer, a->has_net ? a->net : NEM_MAINNET, &b->signer);
	who[2] = crawl_links_owner(&a->links, &signer, b->height);
	/* With every link known, it is the owner or the signer, and nobody's word. */
	if (who[2] != NULL)
		who[0] = NULL;
	if (who[2] != NULL || a->whole_chain >= b->height)
		who[1] = NULL;
	for (uint32_t i = 0; i < b->n_txs; i++) {
		size_t n = 0;

		if (nem_tx_movements(m, &n, XT_ARRAY_SIZE(m), &b->txs[i].tx, b->height,
				     NULL, NULL) != XT_OK)
			return true;
		for (size_t x = 0; x < n; x++)
			if (m[x].kind == NEM_MOVE_FEE)
				fees += m[x].amount.uxem;
	}
	for (size_t i = 0; ok && i < XT_ARRAY_SIZE(who); i++) {
		if (who[i] == NULL || who[i]->s[0] == '\0')
			continue;
		seen_begin(&k, SEEN_HARVEST);
		seen_bytes(&k, who[i]->s, 40);
		seen_u64(&k, b->height);
		seen_u64(&k, fees);
		seen_u64(&k, (uint64_t)nem_time_to_unix(b->timestamp));
		seen_u64(&k, (uint64_t)answer);
		ok = seen_put(a, &k);
	}
	return ok;
}

/* Takes `raw`: a block that the case has not, for what left the chain with it. */
static bool tell_gone(struct audit *a, int64_t id, struct nem_block *raw)
{
	struct nem_hash hash;
	struct seen_key k;
	bool ok = true;

	for (uint32_t i = 0; ok && a->n_orphans > 0 && i < raw->n_txs; i++) {
		if (nem_tx_hash(&hash, &raw->txs[i], NULL) != XT_OK)
			continue;
		seen_begin(&k, SEEN_ORPHAN);
		seen_bytes(&k, hash.b, sizeof(hash.b));
		seen_u64(&k, (uint64_t)id);
		seen_u64(&k, raw->height);
		ok = seen_put(a, &k);
	}
	nem_block_release(raw);
	return ok;
}

/* Takes `raw`, a block of answer `id`. */
static bool tell_one(struct audit *a, int64_t id, struct nem_block *raw,
		     const struct nem_address *claimed)
{
	struct nem_checked_block b = { 0 };
	struct audit_block *row = audit_block_at(a, raw->height);
	struct nem_hash hash;
	char where[40];
	struct xt_err why = { .code = XT_OK };
	bool ok = true;

	/* One that was refused, or is gone. A block may have come more than once. */
	if (row == NULL || nem_block_hash(&hash, raw, NULL) != XT_OK ||
	    (row->answer != id && memcmp(hash.b, row->hash.b, sizeof(hash.b)) != 0))
		return tell_gone(a, id, raw);
	(void)snprintf(where, sizeof(where), "block %" PRIu64, row->height);
	if (nem_check_block_take(&b, raw, a->has_net ? a->net : NEM_MAINNET, NULL,
				 &why) != XT_OK)
		return audit_find(a, "block", where, "answer", "a block that holds",
				  why.text);
	if (row->answer == id) {
		ok = compare_block(a, row, &b);
		row->proven = true;
		a->counts.blocks++;
	}
	for (uint32_t i = 0; ok && i < b.n_txs; i++)
		ok = tell_tx(a, &b.txs[i].tx, &b.txs[i].hash, b.height, id);
	if (ok && row->whole)
		ok = tell_fees(a, &b, claimed, id);
	nem_checked_block_release(&b);
	return ok;
}

static bool tell_block(struct audit *a, const struct store_answer *r)
{
	struct nem_block raw = { 0 };
	const struct nem_address none = { .s = "" };

	if (nis_decode_block(&raw, r->body, r->len, NULL) != XT_OK)
		return true;
	return tell_one(a, r->id, &raw, &none);
}

static bool tell_blocks(struct audit *a, const struct store_answer *r)
{
	struct nis_block_list list = { 0 };
	bool ok = true;

	if (nis_decode_blocks_after(&list, r->body, r->len, NULL) != XT_OK)
		return true;
	for (size_t i = 0; ok && i < list.n; i++)
		ok = tell_one(a, r->id, &list.v[i], &list.beneficiaries[i]);
	nis_block_list_release(&list);
	return ok;
}

/* The address that a list was asked for. */
static bool asked_address(struct nem_address *out, const char *url)
{
	const char *p = strstr(url, "address=");
	char text[41];

	if (p == NULL || strlen(p + 8) < 40)
		return false;
	memcpy(text, p + 8, 40);
	text[40] = '\0';
	return nem_address_parse(out, text, NULL) == XT_OK;
}

static bool tell_harvests(struct audit *a, const struct store_answer *r)
{
	struct nis_harvest_page page = { 0 };
	struct nem_address who;
	struct seen_key k;
	bool ok = true;

	if (!asked_address(&who, r->url) ||
	    nis_decode_harvests(&page, r->body, r->len, NULL) != XT_OK)
		return true;
	for (size_t i = 0; ok && i < page.n; i++) {
		seen_begin(&k, SEEN_HARVEST);
		seen_bytes(&k, who.s, 40);
		seen_u64(&k, page.v[i].height);
		seen_u64(&k, page.v[i].fee.uxem);
		seen_u64(&k, (uint64_t)nem_time_to_unix(page.v[i].timestamp));
		seen_u64(&k, (uint64_t)r->id);
		ok = seen_put(a, &k);
	}
	nis_harvest_page_release(&page);
	return ok;
}

static bool tell_account(struct audit *a, const struct store_answer *r)
{
	struct nis_account info = { 0 };
	struct seen_key k;
	bool ok;

	if (nis_decode_account(&info, r->body, r->len, NULL) != XT_OK)
		return true;
	seen_begin(&k, SEEN_BALANCE);
	seen_bytes(&k, info.address.s, 40);
	seen_u64(&k, info.balance.uxem);
	ok = seen_put(a, &k);
	nis_account_release(&info);
	return ok;
}

static bool tell_history(struct audit *a, const struct store_answer *r)
{
	struct nis_historical *v = NULL;
	struct seen_key k;
	size_t n = 0;
	bool ok = true;

	if (nis_decode_historical(&v, &n, r->body, r->len, NULL) != XT_OK)
		return true;
	for (size_t i = 0; ok && i < n; i++) {
		seen_begin(&k, SEEN_HISTORY);
		seen_bytes(&k, v[i].address.s, 40);
		seen_u64(&k, v[i].height);
		seen_u64(&k, v[i].balance.uxem);
		ok = seen_put(a, &k);
	}
	free(v);
	return ok;
}

static bool tell_definition(struct audit *a, const struct store_answer *r)
{
	struct nem_mosaic_definition d = { 0 };
	struct seen_key k;
	bool ok;

	if (nis_decode_mosaic_definition(&d, r->body, r->len, NULL) != XT_OK)
		return true;
	/* By a node's word: as from the start. */
	seen_definition(&k, &d, 1, r->id);
	ok = seen_put(a, &k);
	nem_mosaic_definition_release(&d);
	return ok;
}

static bool tell(struct audit *a, const struct store_answer *r)
{
	static const struct {
		const char *path;
		bool (*tell)(struct audit *a, const struct store_answer *r);
	} kinds[] = {
		{ "/account/transfers/", tell_page },
		{ "/block/at/public", tell_block },
		{ "/local/chain/blocks-after", tell_blocks },
		{ "/account/harvests?", tell_harvests },
		{ "/account/get?", tell_account },
		{ "/account/historical/get?", tell_history },
		{ "/mosaic/definition?", tell_definition },
	};
	const size_t n = strlen(r->node);

	if (r->http != 200 || strncmp(r->url, r->node, n) != 0)
		return true;
	for (size_t i = 0; i < XT_ARRAY_SIZE(kinds); i++)
		if (strncmp(r->url + n, kinds[i].path, strlen(kinds[i].path)) == 0)
			return kinds[i].tell(a, r);
	return true;
}

/* ---- the chain --------------------------------------------------------------- */

struct chain {
	struct audit *a;
	int64_t last;
};

static bool check_link(void *ctx, const struct store_answer *r)
{
	struct chain *c = ctx;
	struct audit *a = c->a;
	char where[40];
	uint8_t link[32];
	bool ok = true;

	(void)snprintf(where, sizeof(where), "answer %" PRId64, r->id);
	if (r->id != c->last + 1)
		ok = audit_find_u64(a, "answer", where, "id", (uint64_t)(c->last + 1),
				    (uint64_t)r->id);
	store_answer_chain(link, a->head, r);
	if (ok && memcmp(link, r->chain, 32) != 0)
		ok = audit_find_hex(a, "answer", where, "chain", link, r->chain, 32);
	c->last = r->id;
	memcpy(a->head, r->chain, 32);
	a->counts.answers++;
	a->counts.answer_bytes += r->len;
	return ok;
}

static enum xt_status check_body(struct audit *a, int64_t id, struct xt_err *err)
{
	struct store_answer r;
	struct xt_err why;
	uint8_t hash[32];
	char where[40];
	enum xt_status rc = store_answer_get(a->s, &r, id, &why);

	if (rc == XT_E_NOTFOUND) /* told by the chain */
		return XT_OK;
	(void)snprintf(where, sizeof(where), "answer %" PRId64, id);
	if (rc == XT_E_VERIFY || rc == XT_E_DATA) {
		(void)audit_find(a, "answer", where, "body", "what its hash is of",
				 why.text);
		return audit_result(a, XT_OK, err);
	}
	if (rc != XT_OK)
		return xt_fail(err, rc, "%s", why.text);
	store_answer_hash(hash, r.body, r.len);
	if (memcmp(hash, r.hash, 32) != 0)
		(void)audit_find_hex(a, "answer", where, "body", r.hash, hash, 32);
	else
		(void)tell(a, &r);
	return audit_result(a, XT_OK, err);
}

enum xt_status audit_answers(struct audit *a, struct xt_err *err)
{
	struct chain c = { .a = a };
	enum xt_status rc = store_each_answer(a->s, false, check_link, &c, err);

	rc = audit_result(a, rc, err);
	for (int64_t id = 1; rc == XT_OK && id <= c.last; id++) {
		rc = check_body(a, id, err);
		if (rc == XT_OK &&
		    !xt_progress(a->sink, (uint64_t)id, (uint64_t)c.last, "answers"))
			rc = xt_fail(err, XT_E_STOPPED, "stopped");
	}
	return rc;
}

/* ---- answers as files -------------------------------------------------------- */

static enum xt_status write_new(const char *path, const uint8_t *p, size_t n,
				struct xt_err *err)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	size_t done = 0;

	if (fd < 0)
		return xt_fail(err, errno == EEXIST ? XT_E_EXISTS : XT_E_IO, "%s: %s",
			       path, strerror(errno));
	while (done < n) {
		const ssize_t w = write(fd, p + done, n - done);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			break;
		done += (size_t)w;
	}
	if (close(fd) != 0 || done < n)
		return xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
	return XT_OK;
}

struct last_id {
	int64_t id;
};

static bool note_id(void *ctx, const struct store_answer *r)
{
	((struct last_id *)ctx)->id = r->id;
	return true;
}

enum xt_status evidence_export_answers(struct store *s, const char *folder, uint64_t *n,
				       struct xt_err *err)
{
	struct last_id last = { 0 };
	char path[4096];
	enum xt_status rc;

	if (mkdir(folder, 0755) != 0 && errno != EEXIST)
		return xt_fail(err, XT_E_IO, "%s: %s", folder, strerror(errno));
	rc = store_each_answer(s, false, note_id, &last, err);
	for (int64_t id = 1; rc == XT_OK && id <= last.id; id++) {
		struct store_answer r;
		const int len =
		    snprintf(path, sizeof(path), "%s/%08" PRId64, folder, id);

		if (len < 0 || (size_t)len >= sizeof(path))
			return xt_fail(err, XT_E_IO, "%.200s: path too long", folder);
		rc = store_answer_get(s, &r, id, err);
		if (rc == XT_OK)
			rc = write_new(path, r.body, r.len, err);
	}
	if (rc == XT_OK)
		*n = (uint64_t)last.id;
	return rc;
}
