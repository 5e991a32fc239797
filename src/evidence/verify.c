/* The check of a case: what is shared, and the order of the parts. */
#include "internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- findings ---------------------------------------------------------------- */

bool audit_find(struct audit *a, const char *what, const char *where, const char *field,
		const char *expected, const char *found)
{
	struct evidence_finding f = { .what = what };

	(void)snprintf(f.where, sizeof(f.where), "%s", where);
	(void)snprintf(f.field, sizeof(f.field), "%s", field);
	(void)snprintf(f.expected, sizeof(f.expected), "%s", expected);
	(void)snprintf(f.found, sizeof(f.found), "%s", found);
	a->counts.findings++;
	if (a->each(a->ctx, &f))
		return true;
	if (a->rc == XT_OK)
		a->rc = xt_fail(&a->err, XT_E_STOPPED, "stopped");
	return false;
}

bool audit_find_u64(struct audit *a, const char *what, const char *where,
		    const char *field, uint64_t expected, uint64_t found)
{
	char e[24], f[24];

	(void)snprintf(e, sizeof(e), "%" PRIu64, expected);
	(void)snprintf(f, sizeof(f), "%" PRIu64, found);
	return audit_find(a, what, where, field, e, f);
}

bool audit_find_hex(struct audit *a, const char *what, const char *where,
		    const char *field, const uint8_t *expected, const uint8_t *found,
		    size_t n)
{
	char e[129], f[129];

	if (n > 64)
		n = 64;
	xt_hex_encode(e, expected, n);
	xt_hex_encode(f, found, n);
	return audit_find(a, what, where, field, e, f);
}

enum xt_status audit_result(struct audit *a, enum xt_status rc, struct xt_err *err)
{
	if (a->rc == XT_OK)
		return rc;
	if (err != NULL)
		*err = a->err;
	return a->rc;
}

/* ---- what answers tell ------------------------------------------------------- */

void seen_begin(struct seen_key *k, enum seen_what what)
{
	k->b[0] = (uint8_t)what;
	k->n = 1;
}

void seen_bytes(struct seen_key *k, const void *p, size_t n)
{
	/* Longer keys than there is room for would be names longer than the limits. */
	if (n > sizeof(k->b) - k->n)
		n = sizeof(k->b) - k->n;
	if (n > 0)
		memcpy(k->b + k->n, p, n);
	k->n += n;
}

void seen_u64(struct seen_key *k, uint64_t v)
{
	seen_bytes(k, &v, sizeof(v));
}

bool seen_has(const struct audit *a, const struct seen_key *k)
{
	uint32_t v;

	return xt_map_get(a->seen, &v, k->b, k->n);
}

bool seen_put(struct audit *a, const struct seen_key *k)
{
	const enum xt_status rc = xt_map_put(a->seen, k->b, k->n, 1, &a->err);

	if (rc != XT_OK)
		a->rc = rc;
	return rc == XT_OK;
}

static void seen_text(struct seen_key *k, const struct nem_bytes *t)
{
	seen_u64(k, t->len);
	seen_bytes(k, t->data, t->len);
}

void seen_definition(struct seen_key *k, const struct nem_mosaic_definition *d,
		     uint64_t height, int64_t answer)
{
	seen_begin(k, SEEN_DEFINITION);
	seen_u64(k, height);
	seen_u64(k, (uint64_t)answer);
	seen_text(k, &d->id.ns);
	seen_text(k, &d->id.name);
	seen_bytes(k, d->creator.b, sizeof(d->creator.b));
	seen_u64(k, d->levy.kind);
	if (d->levy.kind == 0)
		return;
	seen_bytes(k, d->levy.recipient.s, sizeof(d->levy.recipient.s));
	seen_text(k, &d->levy.id.ns);
	seen_text(k, &d->levy.id.name);
	seen_u64(k, d->levy.fee);
}

/* ---- tables that others speak of by row id ----------------------------------- */

/* One more element; false when memory is out. */
static bool grow(struct audit *a, void **v, size_t n, size_t *cap, size_t size)
{
	const size_t want = *cap == 0 ? 256 : *cap * 2;
	void *p;

	if (n < *cap)
		return true;
	p = xt_reallocarray(*v, want, size);
	if (p == NULL) {
		a->rc = xt_fail(&a->err, XT_E_NOMEM, "out of memory for the check");
		return false;
	}
	*v = p;
	*cap = want;
	return true;
}

static bool add_account(void *ctx, const struct store_account *row)
{
	struct audit *a = ctx;
	void *v = a->accounts;

	if (!grow(a, &v, a->n_accounts, &a->cap_accounts, sizeof(*a->accounts))) {
		a->accounts = v;
		return false;
	}
	a->accounts = v;
	a->accounts[a->n_accounts++] = *row;
	return true;
}

static bool add_message(void *ctx, const struct store_message *m)
{
	struct audit *a = ctx;
	void *v = a->messages;
	struct nem_bytes payload = { (uint8_t *)(uintptr_t)m->payload, (uint32_t)m->n };
	struct xt_buf text;
	char where[40];
	bool ok = grow(a, &v, a->n_messages, &a->cap_messages, sizeof(*a->messages));

	a->messages = v;
	if (!ok)
		return false;
	a->messages[a->n_messages].id = m->id;
	a->messages[a->n_messages].type = m->type;
	nem_keccak256(a->messages[a->n_messages].hash, m->payload, m->n);
	a->n_messages++;
	xt_buf_init(&text, 1U << 16);
	if (nem_message_text(&text, m->type, &payload, NULL) == XT_OK &&
	    (m->text == NULL || strcmp(xt_buf_str(&text), m->text) != 0)) {
		(void)snprintf(where, sizeof(where), "message %" PRId64, m->id);
		ok = audit_find(a, "message", where, "text", xt_buf_str(&text),
				m->text == NULL ? "" : m->text);
	}
	xt_buf_release(&text);
	return ok;
}

const struct store_account *audit_account(const struct audit *a, int64_t id)
{
	size_t lo = 0, hi = a->n_accounts;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (a->accounts[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < a->n_accounts && a->accounts[lo].id == id ? &a->accounts[lo] : NULL;
}

static bool add_block(void *ctx, const struct store_block *b)
{
	struct audit *a = ctx;
	void *v = a->blocks;
	struct audit_block *row;
	const bool ok = grow(a, &v, a->n_blocks, &a->cap_blocks, sizeof(*a->blocks));

	a->blocks = v;
	if (!ok)
		return false;
	row = &a->blocks[a->n_blocks];
	*row = (struct audit_block){
		.height = b->height,
		.hash = b->hash,
		.prev = b->prev,
		.time = b->time,
		.signer = b->signer,
		.n_txs = b->n_txs,
		.answer = b->answer,
		.whole = b->whole,
	};
	if (b->whole && b->height == a->whole_chain + 1)
		a->whole_chain++;
	row->txs = xt_calloc(b->n_txs + 1, sizeof(*row->txs));
	if (row->txs == NULL) {
		a->rc = xt_fail(&a->err, XT_E_NOMEM, "out of memory for a block");
		return false;
	}
	if (b->n_txs > 0)
		memcpy(row->txs, b->txs, b->n_txs * sizeof(*row->txs));
	a->n_blocks++;
	return true;
}

struct audit_block *audit_block_at(const struct audit *a, uint64_t height)
{
	size_t lo = 0, hi = a->n_blocks;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (a->blocks[mid].height < height)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < a->n_blocks && a->blocks[lo].height == height ? &a->blocks[lo]
								  : NULL;
}

/* ---- the file and its counters ----------------------------------------------- */

static bool file_finding(void *ctx, const char *what, const char *text)
{
	return audit_find(ctx, "file", what, "", "ok", text);
}

static enum xt_status audit_file(struct audit *a, struct xt_err *err)
{
	uint64_t meta = 0, rows = 0;
	enum xt_status rc = store_check_file(a->s, file_finding, a, err);

	if (rc == XT_OK)
		rc = store_counted_movements(a->s, &meta, &rows, err);
	if (rc == XT_OK && meta != rows)
		(void)audit_find_u64(a, "file", "meta", "transfers", rows, meta);
	return audit_result(a, rc, err);
}

static enum xt_status load(struct audit *a, struct xt_err *err)
{
	static const struct {
		const char *name;
		enum nem_network net;
	} nets[] = { { "mainnet", NEM_MAINNET },
		     { "testnet", NEM_TESTNET },
		     { "mijin", NEM_MIJIN } };
	char name[32];
	enum xt_status rc = nem_crypto_init(err);

	if (rc == XT_OK)
		rc = xt_map_new(&a->seen, err);
	if (rc == XT_OK)
		rc = crawl_pool_new(&a->pool, 0, err);
	if (rc == XT_OK)
		rc = store_meta_get(a->s, name, sizeof(name), "network", err);
	for (size_t i = 0; rc == XT_OK && i < XT_ARRAY_SIZE(nets); i++) {
		if (strcmp(name, nets[i].name) != 0)
			continue;
		a->net = nets[i].net;
		a->has_net = true;
	}
	if (rc == XT_OK)
		rc = store_each_account(a->s, add_account, a, err);
	if (rc == XT_OK)
		rc = store_each_message(a->s, add_message, a, err);
	if (rc == XT_OK)
		rc = store_each_block(a->s, add_block, a, err);
	if (rc == XT_OK)
		rc = crawl_links_load(&a->links, a->s, err);
	if (rc == XT_OK)
		rc = audit_load_orphans(a, err);
	return audit_result(a, rc, err);
}

static void release(struct audit *a)
{
	for (size_t i = 0; i < a->n_blocks; i++)
		free(a->blocks[i].txs);
	free(a->blocks);
	free(a->messages);
	free(a->accounts);
	crawl_links_free(&a->links);
	xt_map_free(a->seen);
	crawl_pool_free(a->pool);
}

enum xt_status
evidence_verify(struct evidence_counts *out, struct store *s,
		const struct nem_pubkey *key,
		bool (*each)(void *ctx, const struct evidence_finding *f), void *ctx,
		const struct xt_sink *sink, struct xt_err *err)
{
	struct audit a = { .s = s, .each = each, .ctx = ctx, .sink = sink };
	enum xt_status rc = audit_file(&a, err);

	if (rc == XT_OK)
		rc = load(&a, err);
	if (rc == XT_OK)
		rc = audit_answers(&a, err);
	if (rc == XT_OK)
		rc = audit_txs(&a, err);
	if (rc == XT_OK)
		rc = audit_orphans(&a, err);
	if (rc == XT_OK)
		rc = audit_blocks(&a, err);
	if (rc == XT_OK)
		rc = audit_definitions(&a, err);
	if (rc == XT_OK)
		rc = audit_accounts(&a, err);
	if (rc == XT_OK)
		rc = audit_seals(&a, key, err);
	if (rc == XT_OK)
		*out = a.counts;
	release(&a);
	return rc;
}
