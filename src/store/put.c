#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Where a transaction stands, and what that is known from. */
struct place {
	uint64_t height;
	bool proven; /* index and time are the block's */
	uint32_t index;
	uint32_t nem_time; /* the block's, or the signer's */
};

/* What the case holds under a hash. */
struct known {
	int64_t id;
	bool has_height, proven, has_ref;
	uint64_t height;
	uint32_t index;
	enum nem_provenance provenance;
	char ref[65];
};

static void short_hash(char out[65], const struct nem_hash *h)
{
	xt_hex_encode(out, h->b, sizeof(h->b));
}

static uint32_t tie_of(const struct nem_hash *h)
{
	const uint32_t top = (uint32_t)h->b[0] << 24 | (uint32_t)h->b[1] << 16 |
			     (uint32_t)h->b[2] << 8 | h->b[3];
	return top >> (32 - ORD_TIE_BITS);
}

static int64_t ord_of(const struct place *p, const struct nem_checked_tx *c)
{
	return p->proven ? (int64_t)p->index
			 : ord_assumed(c->tx.timestamp, tie_of(&c->hash));
}

/* The position that a block of the case proves. A block that is here and does not hold
 * the transaction contradicts the height that was claimed for it. */
static enum xt_status find_place(struct store *s, struct place *p,
				 const struct nem_checked_tx *c, struct xt_err *err)
{
	struct stmt q;
	bool row;
	char hex[65];
	p->height = c->height;
	p->proven = c->in_block;
	p->index = c->index;
	p->nem_time = c->in_block ? c->block_time : c->tx.timestamp;
	if (c->in_block)
		return XT_OK;
	enum xt_status rc =
	    db_prepare(&q, s, "SELECT txs, time FROM block WHERE height = ?1", err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, (int64_t)c->height);
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row) {
		const uint8_t *txs = sqlite3_column_blob(q.st, 0);
		const size_t n = (size_t)sqlite3_column_bytes(q.st, 0) / 32;
		size_t i = 0;
		while (i < n && memcmp(txs + 32 * i, c->hash.b, 32) != 0)
			i++;
		p->proven = i < n;
		p->index = (uint32_t)i;
		p->nem_time = (uint32_t)db_ucol(&q, 1, UINT32_MAX);
		short_hash(hex, &c->hash);
		if (i == n)
			rc =
			    xt_fail(err, XT_E_VERIFY,
				    "%s: transaction %s: height %llu: the block of that"
				    " height does not hold it",
				    s->path, hex, (unsigned long long)c->height);
	}
	db_end(&q);
	return rc;
}

static enum xt_status find_known(struct store *s, struct known *k,
				 const struct nem_hash *h, struct xt_err *err)
{
	struct stmt q;
	bool row;
	memset(k, 0, sizeof(*k));
	enum xt_status rc = db_prepare(
	    &q, s, "SELECT id, height, idx, provenance, ref FROM tx WHERE hash = ?1",
	    err);
	if (rc != XT_OK)
		return rc;
	db_blob(&q, 1, h->b, sizeof(h->b));
	rc = db_step(&q, &row, err);
	if (rc == XT_OK && row) {
		k->id = db_col(&q, 0);
		k->has_height = !db_null(&q, 1);
		k->height = db_ucol(&q, 1, UINT32_MAX);
		k->proven = !db_null(&q, 2);
		k->index = (uint32_t)db_ucol(&q, 2, UINT32_MAX);
		k->provenance = (enum nem_provenance)db_ucol(&q, 3, NEM_REPORTED);
		k->has_ref = !db_null(&q, 4);
		db_col_text(&q, 4, k->ref, sizeof(k->ref));
		rc = db_row_ok(&q, "tx", k->id, err);
	}
	db_end(&q);
	return rc;
}

bool levy_find(void *ctx, struct nem_levy *out, const struct nem_mosaic_id *id,
	       uint64_t height)
{
	struct levy_ctx *c = ctx;
	struct stmt q;
	bool row = false;
	if (c->rc != XT_OK)
		return false;
	c->rc = db_prepare(
	    &q, c->s,
	    "SELECT d.levy_kind, a.party, l.ns, l.name, d.levy_fee FROM mosaic m"
	    " JOIN mosaic_definition d ON d.mosaic = m.id"
	    " LEFT JOIN account a ON a.id = d.levy_recipient"
	    " LEFT JOIN mosaic l ON l.id = d.levy_mosaic"
	    " WHERE m.ns = ?1 AND m.name = ?2 AND d.height <= ?3"
	    " ORDER BY d.height DESC LIMIT 1",
	    &c->err);
	if (c->rc != XT_OK)
		return false;
	db_textn(&q, 1, id->ns.data, id->ns.len);
	db_textn(&q, 2, id->name.data, id->name.len);
	db_int(&q, 3, (int64_t)height);
	c->rc = db_step(&q, &row, &c->err);
	/* Only XEM levies move XEM, and only those are this tool's business. */
	bool found = false;
	if (c->rc == XT_OK && row && db_col(&q, 0) != 0) {
		char ns[8], name[8];
		db_col_text(&q, 2, ns, sizeof(ns));
		db_col_text(&q, 3, name, sizeof(name));
		found = !q.bad && strcmp(ns, "nem") == 0 && strcmp(name, "xem") == 0;
	}
	if (found) {
		static uint8_t nem[] = "nem", xem[] = "xem";
		memset(out, 0, sizeof(*out));
		out->kind = (uint32_t)db_ucol(&q, 0, 2);
		db_col_text(&q, 1, out->recipient.s, sizeof(out->recipient.s));
		out->id.ns = (struct nem_bytes){ nem, 3 };
		out->id.name = (struct nem_bytes){ xem, 3 };
		out->fee = db_ucol(&q, 4, INT64_MAX);
	}
	db_end(&q);
	return found && c->rc == XT_OK;
}

static enum xt_status write_move(struct store *s, const struct nem_movement *v,
				 struct move_row *m, struct xt_err *err)
{
	m->kind = v->kind;
	m->amount = v->amount.uxem;
	m->from = 0;
	m->to = 0;
	if (m->amount > STORE_MAX_UXEM)
		return xt_fail(
		    err, XT_E_VERIFY, "%s: %s of %llu uXEM: more than there is",
		    s->path, nem_movement_name(v->kind), (unsigned long long)m->amount);
	enum xt_status rc = XT_OK;
	if (v->has_from)
		rc = account_of(s, &m->from, &v->from, err);
	if (rc == XT_OK && v->has_to)
		rc = account_of(s, &m->to, &v->to, err);
	return rc == XT_OK ? row_insert_move(s, m, err) : rc;
}

enum xt_status put_movements(struct store *s, int64_t id, const struct nem_tx *tx,
			     uint64_t height, int64_t ord, struct xt_err *err)
{
	struct nem_movement v[NEM_MAX_MOVEMENTS];
	size_t n = 0;
	struct levy_ctx ctx = { .s = s };
	const struct nem_levy_lookup levies = { levy_find, &ctx };
	enum xt_status rc =
	    nem_tx_movements(v, &n, XT_ARRAY_SIZE(v), tx, height, &levies, err);
	if (ctx.rc != XT_OK) {
		if (err)
			*err = ctx.err;
		return ctx.rc;
	}
	struct move_row m = { .height = height, .ord = ord, .tx = id };
	for (size_t i = 0; rc == XT_OK && i < n; i++) {
		m.sub = (uint32_t)i;
		rc = write_move(s, &v[i], &m, err);
	}
	return rc;
}

/* Every account that is named gets its row, so that nothing in the case is unknown. */
struct party_ctx {
	struct store *s;
	struct xt_err *err;
	enum xt_status rc;
};

static void each_party(void *ctx, const struct nem_address *a)
{
	struct party_ctx *p = ctx;
	int64_t id;
	if (p->rc == XT_OK)
		p->rc = account_of(p->s, &id, a, p->err);
}

static enum xt_status put_bytes(struct store *s, int64_t id, const struct nem_tx *tx,
				struct xt_err *err)
{
	struct xt_buf b;
	struct stmt q;
	xt_buf_init(&b, XT_MAX_TX_BYTES);
	enum xt_status rc = nem_tx_encode(&b, tx, NEM_FORM_SIGNED, err);
	if (rc == XT_OK)
		rc = db_prepare(&q, s,
				"INSERT INTO tx_bytes (tx, bytes) VALUES (?1, ?2)"
				" ON CONFLICT (tx) DO UPDATE SET bytes = ?2",
				err);
	if (rc == XT_OK) {
		db_int(&q, 1, id);
		db_blob(&q, 2, b.data, b.len);
		rc = db_run(&q, err);
	}
	xt_buf_release(&b);
	return rc;
}

static enum xt_status same_bytes(struct store *s, bool *same, int64_t id,
				 const struct nem_tx *tx, struct xt_err *err)
{
	struct xt_buf b;
	struct stmt q;
	int64_t n = 0;
	xt_buf_init(&b, XT_MAX_TX_BYTES);
	enum xt_status rc = nem_tx_encode(&b, tx, NEM_FORM_SIGNED, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s, "SELECT count(*) FROM tx_bytes WHERE tx = ?1 AND bytes = ?2",
		    err);
	if (rc == XT_OK) {
		db_int(&q, 1, id);
		db_blob(&q, 2, b.data, b.len);
		rc = db_one(&q, &n, err);
	}
	if (rc == XT_OK)
		*same = n == 1;
	xt_buf_release(&b);
	return rc;
}

/* What hangs on a transaction besides its own row. */
static enum xt_status put_parts(struct store *s, int64_t id,
				const struct nem_checked_tx *c, const struct place *p,
				int64_t answer, struct xt_err *err)
{
	const struct nem_tx *core = nem_tx_core(&c->tx);
	struct party_ctx ctx = { s, err, XT_OK };
	int64_t inner;
	enum xt_status rc = put_bytes(s, id, &c->tx, err);
	if (rc == XT_OK && core != &c->tx)
		rc = account_key(s, &inner, &core->signer, nem_tx_network(core), err);
	if (rc == XT_OK) {
		nem_tx_parties(&c->tx, each_party, &ctx);
		rc = ctx.rc;
	}
	if (rc == XT_OK)
		rc = put_mosaics(s, id, core, err);
	if (rc == XT_OK)
		rc = put_movements(s, id, &c->tx, p->height, ord_of(p, c), err);
	/* After its own movements: a definition's levy does not concern its own
	 * transaction. */
	if (rc == XT_OK && core->type == NEM_TX_MOSAIC)
		rc = put_definition(s, &core->u.mosaic.def, p->height, c->provenance,
				    answer, err);
	return rc;
}

static enum xt_status make_row(struct store *s, struct tx_row *r,
			       const struct nem_checked_tx *c, const struct place *p,
			       int64_t answer, struct xt_err *err)
{
	const struct nem_tx *core = nem_tx_core(&c->tx);
	*r = (struct tx_row){
		.hash = &c->hash,
		.inner_hash = c->has_inner_hash ? &c->inner_hash : NULL,
		.has_height = true,
		.height = p->height,
		.has_index = p->proven,
		.index = p->index,
		.ledger_height = p->height,
		.ord = ord_of(p, c),
		.has_time = true,
		.time = nem_time_to_unix(p->nem_time),
		.time_kind = p->proven ? STORE_TIME_BLOCK : STORE_TIME_SIGNER,
		.type = c->tx.type,
		.version = c->tx.version,
		.fee = c->tx.fee.uxem,
		.count = 1,
		.provenance = c->provenance,
		.answer = answer,
	};
	if (p->height < 1 || p->height > UINT32_MAX)
		return xt_fail(err, XT_E_DATA,
			       "%s: transaction at height %llu: out of range", s->path,
			       (unsigned long long)p->height);
	enum xt_status rc =
	    account_key(s, &r->signer, &c->tx.signer, nem_tx_network(&c->tx), err);
	if (rc == XT_OK && core->type == NEM_TX_TRANSFER)
		rc = row_message(s, &r->message, core->u.transfer.message_type,
				 &core->u.transfer.message, err);
	return rc;
}

/* Overwrite what stood at `id` by what is proven now. */
static enum xt_status rewrite(struct store *s, int64_t id,
			      const struct nem_checked_tx *c, const struct place *p,
			      int64_t answer, struct xt_err *err)
{
	struct tx_row r;
	struct stmt q;
	enum xt_status rc = row_delete_moves(s, id, err);
	if (rc == XT_OK)
		rc = make_row(s, &r, c, p, answer, err);
	if (rc == XT_OK)
		rc = db_prepare(
		    &q, s,
		    "UPDATE tx SET inner_hash = ?2, height = ?3, idx = ?4,"
		    " ledger_height = ?3, ord = ?5, time = ?6, time_last = NULL,"
		    " time_kind = ?7, type = ?8, version = ?9, fee = ?10,"
		    " count = 1, provenance = ?11, signer = ?12, message = ?13,"
		    " answer = coalesce(answer, ?14) WHERE id = ?1",
		    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, id);
	db_opt_blob(&q, 2, r.inner_hash != NULL, r.inner_hash, 32);
	db_int(&q, 3, (int64_t)r.height);
	db_opt_int(&q, 4, r.has_index, r.index);
	db_int(&q, 5, r.ord);
	db_int(&q, 6, r.time);
	db_int(&q, 7, r.time_kind);
	db_int(&q, 8, r.type);
	db_int(&q, 9, r.version);
	db_int(&q, 10, (int64_t)r.fee);
	db_int(&q, 11, r.provenance);
	db_id(&q, 12, r.signer);
	db_id(&q, 13, r.message);
	db_id(&q, 14, r.answer);
	rc = db_run(&q, err);
	return rc == XT_OK ? put_parts(s, id, c, p, answer, err) : rc;
}

/* Known and proven before: it may gain a position, never change its story. */
static enum xt_status meet_again(struct store *s, const struct known *k,
				 const struct nem_checked_tx *c, const struct place *p,
				 int64_t answer, struct xt_err *err)
{
	char hex[65];
	bool same;
	short_hash(hex, &c->hash);
	if (k->proven &&
	    (k->height != p->height || (p->proven && k->index != p->index)))
		return xt_fail(
		    err, XT_E_VERIFY,
		    "%s: transaction %s: its block in the case says height %llu"
		    " index %u, now height %llu",
		    s->path, hex, (unsigned long long)k->height, k->index,
		    (unsigned long long)p->height);
	if (!k->proven && !p->proven && k->height != p->height)
		return xt_fail(
		    err, XT_E_VERIFY,
		    "%s: transaction %s: stored at height %llu, now claimed at %llu",
		    s->path, hex, (unsigned long long)k->height,
		    (unsigned long long)p->height);
	enum xt_status rc = same_bytes(s, &same, k->id, &c->tx, err);
	if (rc != XT_OK)
		return rc;
	/* The hash does not cover the cosignatures; the block does. */
	if (!same && !(c->in_block && !k->proven))
		return xt_fail(
		    err, XT_E_VERIFY,
		    "%s: transaction %s: its signatures differ from those stored",
		    s->path, hex);
	if (p->proven && (!k->proven || !same))
		return rewrite(s, k->id, c, p, answer, err);
	return XT_OK;
}

/* The ledger's own word against a record's: a difference is kept in view. */
static enum xt_status compare_record(struct store *s, const struct known *k,
				     const struct nem_checked_tx *c, int64_t answer,
				     struct xt_err *err)
{
	struct nem_amount moved;
	struct stmt q;
	int64_t differs = 0;
	const struct nem_tx *core = nem_tx_core(&c->tx);
	struct nem_address from;
	enum xt_status rc = nem_transfer_moves(&moved, core, err);
	if (rc != XT_OK)
		return rc;
	nem_address_from_pubkey(&from, nem_tx_network(core), &core->signer);
	rc = db_prepare(
	    &q, s,
	    "SELECT count(*) FROM transfer t JOIN tx x ON x.id = t.tx"
	    " AND x.ledger_height = t.height AND x.ord = t.ord"
	    " LEFT JOIN account f ON f.id = t.sender"
	    " LEFT JOIN account r ON r.id = t.recipient"
	    " WHERE x.id = ?1 AND t.sub = 0"
	    " AND (t.amount <> ?2 OR f.party IS NOT ?3 OR r.party IS NOT ?4)",
	    err);
	if (rc != XT_OK)
		return rc;
	db_int(&q, 1, k->id);
	db_int(&q, 2, (int64_t)moved.uxem);
	db_text(&q, 3, from.s);
	db_text(&q, 4,
		core->type == NEM_TX_TRANSFER ? core->u.transfer.recipient.s : NULL);
	rc = db_one(&q, &differs, err);
	if (rc != XT_OK || !differs)
		return rc;
	struct store_incident i = { .answer = answer, .what = "record" };
	char hex[65];
	short_hash(hex, &c->hash);
	snprintf(
	    i.text, sizeof(i.text),
	    "transaction %s: the record %s tells it otherwise; the signed one replaces it",
	    hex, k->ref);
	return store_put_incident(s, &i, err);
}

enum xt_status put_checked(struct store *s, int64_t *tx_id, bool *is_new,
			   const struct nem_checked_tx *c, int64_t answer,
			   struct xt_err *err)
{
	struct place p;
	struct known k;
	struct tx_row r;
	bool fresh = false;
	enum xt_status rc = find_place(s, &p, c, err);
	if (rc == XT_OK)
		rc = find_known(s, &k, &c->hash, err);
	if (rc != XT_OK)
		return rc;
	if (k.id == 0) {
		fresh = true;
		rc = make_row(s, &r, c, &p, answer, err);
		if (rc == XT_OK)
			rc = row_insert_tx(s, &k.id, &r, err);
		if (rc == XT_OK)
			rc = put_parts(s, k.id, c, &p, answer, err);
		if (rc == XT_OK)
			rc = orphan_back(s, &c->hash, p.height, k.id, err);
	} else if (k.provenance == NEM_SIGNED || k.provenance == NEM_EXEMPT) {
		rc = meet_again(s, &k, c, &p, answer, err);
	} else {
		fresh = true;
		rc = compare_record(s, &k, c, answer, err);
		if (rc == XT_OK)
			rc = rewrite(s, k.id, c, &p, answer, err);
	}
	if (rc != XT_OK)
		return rc;
	if (tx_id)
		*tx_id = k.id;
	if (is_new)
		*is_new = fresh;
	return XT_OK;
}

enum xt_status store_put_tx(struct store *s, int64_t *tx_id, bool *is_new,
			    const struct nem_checked_tx *tx, int64_t answer_id,
			    struct xt_err *err)
{
	int64_t moves;
	enum xt_status rc = db_savepoint(s, &moves, err);
	if (rc != XT_OK)
		return rc;
	rc = put_checked(s, tx_id, is_new, tx, answer_id, err);
	return db_release(s, moves, rc, err);
}
