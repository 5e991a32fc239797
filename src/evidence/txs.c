/* Transactions: bytes to hashes to signatures, the fields of the row, its movements,
 * and the answer that it came with. Signatures are checked in batches on all cores. */
#include "internal.h"

#include <xemtrace/limits.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 512u

struct entry {
	struct store_tx row; /* `bytes` and `note` are not to be used */
	char name[72];       /* for findings */
	struct nem_tx tx;
	struct nem_hash hash;
	uint8_t digest[32]; /* of the signed bytes */
};

struct batch {
	struct audit *a;
	struct entry *v;
	struct crawl_check *checks;
	size_t n;
	uint64_t done;
};

/* ---- fields of the row ------------------------------------------------------- */

static const struct audit_message *message_of(const struct audit *a, int64_t id)
{
	size_t lo = 0, hi = a->n_messages;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (a->messages[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < a->n_messages && a->messages[lo].id == id ? &a->messages[lo] : NULL;
}

static bool check_message(struct audit *a, const struct entry *e,
			  const struct nem_tx *tx)
{
	const struct nem_tx *core = nem_tx_core(tx);
	const struct audit_message *m = message_of(a, e->row.message);
	const bool has = core->type == NEM_TX_TRANSFER &&
			 core->u.transfer.message_type != NEM_MSG_NONE &&
			 core->u.transfer.message.len > 0;
	uint8_t hash[32];

	if (!has && m == NULL)
		return true;
	if (!has && core->type == NEM_TX_TRANSFER &&
	    core->u.transfer.message_type == NEM_MSG_ENCRYPTED)
		return true; /* an empty encrypted one may have a row */
	if (!has || m == NULL)
		return audit_find(a, "transaction", e->name, "message",
				  has ? "the one that it carries" : "none",
				  has ? "none" : "a message");
	nem_keccak256(hash, core->u.transfer.message.data,
		      core->u.transfer.message.len);
	if (m->type != core->u.transfer.message_type)
		return audit_find_u64(a, "transaction", e->name, "message type",
				      core->u.transfer.message_type, m->type);
	if (memcmp(hash, m->hash, 32) != 0)
		return audit_find(a, "transaction", e->name, "message",
				  "the one that it carries", "another one");
	return true;
}

static bool check_place(struct audit *a, const struct entry *e, const struct nem_tx *tx)
{
	const struct store_tx *r = &e->row;
	struct audit_block *b = audit_block_at(a, r->height);
	bool ok = true;

	if (!r->order_known) {
		if (r->time_kind != STORE_TIME_SIGNER)
			ok = audit_find_u64(a, "transaction", e->name, "time_kind",
					    STORE_TIME_SIGNER, r->time_kind);
		if (ok && r->time != nem_time_to_unix(tx->timestamp))
			ok = audit_find_u64(a, "transaction", e->name, "time",
					    (uint64_t)nem_time_to_unix(tx->timestamp),
					    (uint64_t)r->time);
		return ok;
	}
	if (b == NULL || r->index >= b->n_txs ||
	    memcmp(b->txs[r->index].b, e->hash.b, 32) != 0)
		return audit_find(a, "transaction", e->name, "idx",
				  "its place in a block of the case",
				  b == NULL ? "the block is not in the case"
					    : "another one stands there");
	b->present++;
	if (r->time != nem_time_to_unix(b->time) || r->time_kind != STORE_TIME_BLOCK)
		ok = audit_find_u64(a, "transaction", e->name, "time",
				    (uint64_t)nem_time_to_unix(b->time),
				    (uint64_t)r->time);
	return ok;
}

static bool check_fields(struct audit *a, const struct entry *e,
			 const struct nem_tx *tx)
{
	const struct store_tx *r = &e->row;
	const struct store_account *signer = audit_account(a, r->signer);
	struct nem_address who;
	bool ok = true;

	nem_address_from_pubkey(&who, nem_tx_network(tx), &tx->signer);
	if (r->type != tx->type)
		ok = audit_find_u64(a, "transaction", e->name, "type", tx->type,
				    r->type);
	if (ok && r->version != tx->version)
		ok = audit_find_u64(a, "transaction", e->name, "version", tx->version,
				    r->version);
	if (ok && r->fee != tx->fee.uxem)
		ok = audit_find_u64(a, "transaction", e->name, "fee", tx->fee.uxem,
				    r->fee);
	if (ok && r->count != 1)
		ok = audit_find_u64(a, "transaction", e->name, "count", 1, r->count);
	if (ok && (signer == NULL || strcmp(signer->party.s, who.s) != 0))
		ok = audit_find(a, "transaction", e->name, "signer", who.s,
				signer == NULL ? "none" : signer->party.s);
	return ok && check_message(a, e, tx) && check_place(a, e, tx);
}

static bool check_source(struct audit *a, const struct entry *e)
{
	struct seen_key k;
	char found[80];

	seen_begin(&k, SEEN_TX);
	seen_bytes(&k, e->hash.b, sizeof(e->hash.b));
	seen_u64(&k, (uint64_t)e->row.answer);
	seen_u64(&k, e->row.height);
	if (e->row.answer == 0 || !seen_has(a, &k)) {
		(void)snprintf(found, sizeof(found),
			       e->row.answer == 0
				   ? "none"
				   : "answer %" PRId64
				     " does not list it at height %" PRIu64,
			       e->row.answer, e->row.height);
		return audit_find(a, "transaction", e->name, "answer",
				  "the answer that brought it", found);
	}
	seen_begin(&k, SEEN_BYTES);
	seen_bytes(&k, e->hash.b, sizeof(e->hash.b));
	seen_bytes(&k, e->digest, sizeof(e->digest));
	if (!seen_has(a, &k))
		return audit_find(a, "transaction", e->name, "bytes",
				  "as an answer gives them", "other signatures");
	return true;
}

/* ---- movements --------------------------------------------------------------- */

struct movements {
	struct audit *a;
	const struct entry *e;
	const struct nem_movement *v;
	size_t n, next;
};

static void movement_text(char out[220], const char *kind, const char *from,
			  const char *to, uint64_t uxem)
{
	(void)snprintf(out, 220, "%s %s -> %s %" PRIu64 " uXEM", kind, from, to, uxem);
}

static bool compare_movement(void *ctx, const struct store_event *ev)
{
	struct movements *m = ctx;
	struct audit *a = m->a;
	const size_t i = m->next++;
	const struct store_account *from = audit_account(a, ev->from);
	const struct store_account *to = audit_account(a, ev->to);
	char want[220] = "none", have[220];

	a->rows_seen++;
	movement_text(have, nem_movement_name(ev->kind), from ? from->party.s : "-",
		      to ? to->party.s : "-", ev->amount);
	if (i < m->n)
		movement_text(want, nem_movement_name(m->v[i].kind),
			      m->v[i].has_from ? m->v[i].from.s : "-",
			      m->v[i].has_to ? m->v[i].to.s : "-", m->v[i].amount.uxem);
	if (strcmp(want, have) != 0 || ev->sub != i)
		return audit_find(a, "movement", m->e->name, "transfer", want, have);
	if (m->e->row.height_known && (uint64_t)ev->height != m->e->row.height)
		return audit_find_u64(a, "movement", m->e->name, "height",
				      m->e->row.height, (uint64_t)ev->height);
	a->counts.movements++;
	return true;
}

static enum xt_status check_movements(struct audit *a, const struct entry *e,
				      const struct nem_tx *tx, struct xt_err *err)
{
	struct nem_movement v[NEM_MAX_MOVEMENTS];
	struct movements m = { .a = a, .e = e, .v = v };
	char want[220];
	enum xt_status rc = store_expected_movements(a->s, v, &m.n, XT_ARRAY_SIZE(v),
						     tx, e->row.height, err);

	if (rc == XT_OK)
		rc = store_tx_events(a->s, e->row.id, compare_movement, &m, err);
	rc = audit_result(a, rc, err);
	for (; rc == XT_OK && m.next < m.n; m.next++) {
		const struct nem_movement *w = &v[m.next];

		movement_text(want, nem_movement_name(w->kind),
			      w->has_from ? w->from.s : "-", w->has_to ? w->to.s : "-",
			      w->amount.uxem);
		(void)audit_find(a, "movement", e->name, "transfer", want, "none");
		rc = audit_result(a, XT_OK, err);
	}
	return rc;
}

/* ---- a batch ----------------------------------------------------------------- */

static uint64_t count_signatures(const struct nem_tx *tx)
{
	return 1 + (tx->type == NEM_TX_MULTISIG ? tx->u.multisig.n_cosignatures : 0);
}

static enum xt_status judge(struct audit *a, struct entry *e, struct crawl_check *k,
			    struct xt_err *err)
{
	const struct nem_tx *core;
	struct seen_key key;

	if (k->status == XT_E_NOMEM || k->status == XT_E_BUG)
		return xt_fail(err, k->status, "%s", k->err.text);
	if (k->status != XT_OK) {
		(void)audit_find(a, "transaction", e->name, "signature", "holds",
				 k->err.text);
		return audit_result(a, XT_OK, err);
	}
	if (k->checked.provenance == NEM_EXEMPT)
		a->counts.exempt++;
	else
		a->counts.signatures += count_signatures(&k->checked.tx);
	a->counts.signed_txs += k->checked.provenance == NEM_SIGNED;
	if (k->checked.provenance != e->row.provenance)
		(void)audit_find(a, "transaction", e->name, "provenance",
				 nem_provenance_name(k->checked.provenance),
				 nem_provenance_name(e->row.provenance));
	if (k->checked.has_inner_hash != e->row.has_inner_hash ||
	    memcmp(k->checked.inner_hash.b, e->row.inner_hash.b, 32) != 0)
		(void)audit_find_hex(a, "transaction", e->name, "inner_hash",
				     k->checked.inner_hash.b, e->row.inner_hash.b, 32);
	core = nem_tx_core(&k->checked.tx);
	if (core->type == NEM_TX_MOSAIC) {
		seen_definition(&key, &core->u.mosaic.def, e->row.height, 0);
		(void)seen_put(a, &key);
	}
	if (a->rc == XT_OK && check_fields(a, e, &k->checked.tx))
		(void)check_source(a, e);
	if (a->rc != XT_OK)
		return audit_result(a, XT_OK, err);
	return check_movements(a, e, &k->checked.tx, err);
}

static enum xt_status flush(struct batch *b, struct xt_err *err)
{
	enum xt_status rc = XT_OK;

	crawl_pool_run(b->a->pool, b->checks, b->n);
	for (size_t i = 0; i < b->n; i++) {
		if (rc == XT_OK)
			rc = judge(b->a, &b->v[i], &b->checks[i], err);
		nem_checked_tx_release(&b->checks[i].checked);
	}
	b->done += b->n;
	b->n = 0;
	if (rc == XT_OK && !xt_progress(b->a->sink, b->done, 0, "transactions"))
		rc = xt_fail(err, XT_E_STOPPED, "stopped");
	return rc;
}

/* ---- rows -------------------------------------------------------------------- */

static bool count_event(void *ctx, const struct store_event *ev)
{
	struct audit *a = ctx;

	(void)ev;
	a->rows_seen++;
	return true;
}

struct harvest {
	struct audit *a;
	const struct store_tx *row;
	const char *name;
};

static bool check_harvest(void *ctx, const struct store_event *ev)
{
	struct harvest *h = ctx;
	struct audit *a = h->a;
	const struct store_account *to = audit_account(a, ev->to);
	struct seen_key k;

	a->rows_seen++;
	seen_begin(&k, SEEN_HARVEST);
	seen_bytes(&k, to == NULL ? "" : to->party.s, to == NULL ? 0 : 40);
	seen_u64(&k, h->row->height);
	seen_u64(&k, ev->amount);
	seen_u64(&k, (uint64_t)h->row->time);
	seen_u64(&k, (uint64_t)h->row->answer);
	if (!seen_has(a, &k))
		return audit_find(a, "harvest", h->name, "answer",
				  "an answer that lists it", "none does");
	a->counts.harvests++;
	return true;
}

/* A row that nothing signs. */
static enum xt_status unsigned_row(struct audit *a, const struct store_tx *t,
				   struct xt_err *err)
{
	struct harvest h = { .a = a, .row = t, .name = t->ref };
	enum xt_status rc;

	switch (t->provenance) {
	case NEM_PUBLISHED:
		a->counts.published++;
		break;
	case NEM_AGGREGATE:
		a->counts.aggregate++;
		break;
	case NEM_INFERRED:
		a->counts.inferred++;
		break;
	case NEM_REPORTED:
		a->counts.reported++;
		break;
	case NEM_SIGNED:
	case NEM_EXEMPT:
		break;
	}
	if (t->provenance == NEM_REPORTED && strncmp(t->ref, "harvest:", 8) == 0 &&
	    t->answer != 0)
		rc = store_tx_events(a->s, t->id, check_harvest, &h, err);
	else
		rc = store_tx_events(a->s, t->id, count_event, a, err);
	return audit_result(a, rc, err);
}

/* Decode, and compare with the row what the bytes themselves give. */
static bool decode_row(struct audit *a, struct entry *e, const struct store_tx *t)
{
	struct xt_err why = { .code = XT_OK };
	struct xt_buf again;
	bool same;

	if (nem_tx_decode(&e->tx, t->bytes, t->n_bytes, NEM_FORM_SIGNED, &why) !=
	    XT_OK) {
		(void)audit_find(a, "transaction", e->name, "bytes",
				 "a signed transaction", why.text);
		return false;
	}
	nem_keccak256(e->digest, t->bytes, t->n_bytes);
	xt_buf_init(&again, XT_MAX_TX_BYTES);
	same = nem_tx_encode(&again, &e->tx, NEM_FORM_SIGNED, NULL) == XT_OK &&
	       again.len == t->n_bytes && memcmp(again.data, t->bytes, again.len) == 0;
	xt_buf_release(&again);
	if (!same || nem_tx_hash(&e->hash, &e->tx, &why) != XT_OK) {
		(void)audit_find(a, "transaction", e->name, "bytes", "canonical bytes",
				 "others");
		nem_tx_release(&e->tx);
		return false;
	}
	if (memcmp(e->hash.b, t->hash.b, 32) != 0)
		(void)audit_find_hex(a, "transaction", e->name, "hash", e->hash.b,
				     t->hash.b, 32);
	return true;
}

static bool each_row(void *ctx, const struct store_tx *t)
{
	struct batch *b = ctx;
	struct audit *a = b->a;
	struct entry *e = &b->v[b->n];

	*e = (struct entry){ .row = *t };
	if (t->has_hash)
		xt_hex_encode(e->name, t->hash.b, 32);
	else
		(void)snprintf(e->name, sizeof(e->name), "%s", t->ref);
	if (t->bytes == NULL) {
		if (t->provenance == NEM_SIGNED || t->provenance == NEM_EXEMPT)
			(void)audit_find(a, "transaction", e->name, "bytes",
					 "the signed bytes", "none");
		if (a->rc == XT_OK)
			a->rc = unsigned_row(a, t, &a->err);
		return a->rc == XT_OK;
	}
	if (!audit_note_row(a, &t->hash, t->height) || !decode_row(a, e, t)) {
		if (a->rc == XT_OK)
			a->rc = store_tx_events(a->s, t->id, count_event, a, &a->err);
		return a->rc == XT_OK;
	}
	b->checks[b->n] = (struct crawl_check){
		.tx = &e->tx,
		.net = a->has_net ? a->net : nem_tx_network(&e->tx),
		.height = t->height,
	};
	if (++b->n == BATCH && a->rc == XT_OK)
		a->rc = flush(b, &a->err);
	return a->rc == XT_OK;
}

enum xt_status audit_txs(struct audit *a, struct xt_err *err)
{
	struct batch b = { .a = a };
	struct store_sizes sizes = { 0 };
	enum xt_status rc = XT_OK;

	b.v = xt_calloc(BATCH, sizeof(*b.v));
	b.checks = xt_calloc(BATCH, sizeof(*b.checks));
	if (b.v == NULL || b.checks == NULL)
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for the check");
	if (rc == XT_OK)
		rc = store_each_tx(a->s, true, each_row, &b, err);
	rc = audit_result(a, rc, err);
	if (rc == XT_OK)
		rc = flush(&b, err);
	else
		for (size_t i = 0; i < b.n; i++)
			nem_tx_release(&b.v[i].tx);
	if (rc == XT_OK)
		rc = store_sizes(a->s, &sizes, err);
	if (rc == XT_OK && sizes.events != a->rows_seen) {
		(void)audit_find_u64(a, "movement", "table transfer", "rows",
				     a->rows_seen, sizes.events);
		rc = audit_result(a, rc, err);
	}
	free(b.v);
	free(b.checks);
	return rc;
}
