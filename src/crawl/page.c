/* One page of an account's transactions: nothing of it is stored unless all of it
 * holds. */
#include "account.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static enum xt_status fault_set(struct fault *f, const char *what, enum xt_status code,
				const char *text)
{
	(void)snprintf(f->what, sizeof(f->what), "%s", what);
	return xt_fail(&f->why, code, "%s", text);
}

void proven_page_release(struct proven_page *p)
{
	for (size_t i = 0; i < p->n; i++)
		nem_checked_tx_release(&p->v[i].checked);
	free(p->v);
	*p = (struct proven_page){ 0 };
}

/* ---- what a transaction has to do with the account
 * --------------------------------------- */

bool address_list_has(const struct address_list *l, const struct nem_address *a)
{
	for (size_t i = 0; i < l->n; i++)
		if (nem_address_equal(&l->v[i], a))
			return true;
	return false;
}

static enum xt_status address_list_add(struct address_list *l,
				       const struct nem_address *a, struct xt_err *err)
{
	if (address_list_has(l, a))
		return XT_OK;
	if (l->n == l->cap) {
		const size_t cap = l->cap == 0 ? 8 : l->cap * 2;
		struct nem_address *v = xt_reallocarray(l->v, cap, sizeof(*v));

		if (v == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory for addresses");
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = *a;
	return XT_OK;
}

struct mention {
	const struct nem_address *whom;
	bool found;
};

static void look(void *ctx, const struct nem_address *a)
{
	struct mention *m = ctx;

	m->found = m->found || nem_address_equal(m->whom, a);
}

static bool names(const struct nem_tx *tx, const struct nem_address *a)
{
	struct mention m = { .whom = a };

	nem_tx_parties(tx, look, &m);
	return m.found;
}

static struct nem_address signer_of(const struct nem_tx *tx)
{
	struct nem_address a;

	nem_address_from_pubkey(&a, nem_tx_network(tx), &tx->signer);
	return a;
}

static bool is_cosignatory(const struct account_job *a, const struct nem_tx *signed_by)
{
	const struct nem_address who = signer_of(signed_by);

	for (size_t i = 0; i < a->info.n_cosignatories; i++)
		if (nem_address_equal(&a->info.cosignatories[i], &who))
			return true;
	return address_list_has(&a->cosignatories, &who);
}

/* The inner transaction of a multisig account bears no signature of its own: it counts
 * only by those of the account's cosignatories. */
static bool signed_by_cosignatories(const struct account_job *a,
				    const struct nem_tx *tx)
{
	if (!is_cosignatory(a, tx))
		return false;
	for (uint32_t i = 0; i < tx->u.multisig.n_cosignatures; i++)
		if (!is_cosignatory(a, &tx->u.multisig.cosignatures[i]))
			return false;
	return true;
}

enum concern page_concern(const struct account_job *a, const struct nem_tx *tx)
{
	struct nem_address multisig;

	if (tx->type != NEM_TX_MULTISIG)
		return names(tx, &a->address) ? CONCERN_OWN : CONCERN_NONE;
	multisig = signer_of(nem_tx_core(tx));
	if (nem_address_equal(&multisig, &a->address))
		return signed_by_cosignatories(a, tx) ? CONCERN_OWN : CONCERN_LATER;
	if (names(tx, &a->address))
		return CONCERN_OWN;
	for (size_t i = 0; i < a->info.n_cosignatory_of; i++)
		if (nem_address_equal(&a->info.cosignatory_of[i], &multisig))
			return CONCERN_LINK;
	return address_list_has(&a->multisigs, &multisig) ? CONCERN_LINK
							  : CONCERN_LATER;
}

bool page_compares(const struct account_job *a, const struct nem_tx *tx)
{
	return names(nem_tx_core(tx), &a->address);
}

enum xt_status page_learn(struct account_job *a, const struct nem_tx *tx,
			  struct xt_err *err)
{
	const struct nem_tx *core = nem_tx_core(tx);
	struct nem_address multisig, other;
	enum xt_status rc = XT_OK;

	if (core->type != NEM_TX_AGGREGATE)
		return XT_OK;
	multisig = signer_of(core);
	for (uint32_t i = 0; rc == XT_OK && i < core->u.aggregate.n_mods; i++) {
		nem_address_from_pubkey(&other, nem_tx_network(core),
					&core->u.aggregate.mods[i].cosignatory);
		if (nem_address_equal(&multisig, &a->address))
			rc = address_list_add(&a->cosignatories, &other, err);
		else if (nem_address_equal(&other, &a->address))
			rc = address_list_add(&a->multisigs, &multisig, err);
	}
	return rc;
}

/* ---- rows of the list
 * ----------------------------------------------------------------------- */

enum xt_status list_tx(struct account_job *a, const struct nem_hash *hash,
		       uint64_t height, bool compare, size_t seen_by,
		       struct xt_err *err)
{
	if (a->n_listed == a->cap_listed) {
		const size_t cap = a->cap_listed == 0 ? 128 : a->cap_listed * 2;
		struct listed_tx *v = xt_reallocarray(a->listed, cap, sizeof(*v));

		if (v == NULL)
			return xt_fail(err, XT_E_NOMEM, "out of memory for a list");
		a->listed = v;
		a->cap_listed = cap;
	}
	a->listed[a->n_listed] = (struct listed_tx){
		.hash = *hash,
		.height = height,
		.compare = compare,
		.seen_by = seen_by,
	};
	return xt_map_put(a->by_hash, hash->b, sizeof(hash->b), (uint32_t)a->n_listed++,
			  err);
}

/* Ids fall within the page (the decoder saw to it) and go on below the page before;
 * heights never rise, and are not beyond the chain. */
static enum xt_status check_order(const struct account_job *a,
				  const struct nis_tx_page *p, struct fault *fault)
{
	uint64_t last = a->last_height;
	uint64_t top = a->state.top_height;
	char text[200];

	if (a->quorum_top > top)
		top = a->quorum_top;
	if (p->n > 0 && a->before != 0 && p->v[0].id >= a->before) {
		(void)snprintf(text, sizeof(text),
			       "data[0].meta.id: %" PRIu64 " is not below the %" PRIu64
			       " that was asked for: a repeated page",
			       p->v[0].id, a->before);
		return fault_set(fault, "order", XT_E_VERIFY, text);
	}
	for (size_t i = 0; i < p->n; i++) {
		const uint64_t h = p->v[i].height;

		if (h == 0 || h > last || h > top + CRAWL_HEIGHT_SLACK) {
			(void)snprintf(text, sizeof(text),
				       "data[%zu].meta.height: %" PRIu64 " %s", i, h,
				       h == 0     ? "is no height"
				       : h > last ? "is above that of a newer row"
						  : "is beyond the node's own height");
			return fault_set(fault, "order", XT_E_VERIFY, text);
		}
		last = h;
	}
	return XT_OK;
}

static enum xt_status repeated(struct fault *fault, size_t i,
			       const struct nem_hash *hash)
{
	char hex[65], text[160];

	xt_hex_encode(hex, hash->b, sizeof(hash->b));
	(void)snprintf(text, sizeof(text), "data[%zu].meta.hash: %s was listed before",
		       i, hex);
	return fault_set(fault, "duplicate", XT_E_VERIFY, text);
}

/* One hash twice on this page? */
static enum xt_status check_twice(const struct nis_tx_page *p, struct fault *fault)
{
	for (size_t i = 1; i < p->n; i++)
		for (size_t k = 0; k < i; k++)
			if (memcmp(&p->v[i].hash, &p->v[k].hash,
				   sizeof(p->v[i].hash)) == 0)
				return repeated(fault, i, &p->v[i].hash);
	return XT_OK;
}

/* A word for what the verification found. */
static const char *verify_word(const struct crawl_check *k)
{
	if (k->status == XT_E_VERIFY && strstr(k->err.text, "hash") != NULL)
		return "hash";
	if (k->status == XT_E_VERIFY && strstr(k->err.text, "signature") != NULL)
		return "signature";
	return "verify";
}

/* Prove the transactions of out->v; rows[i] is where v[i] stood on the page. */
static enum xt_status prove(struct crawl *c, struct account_job *a,
			    struct proven_page *out, const size_t *rows,
			    struct fault *fault, struct xt_err *err)
{
	char hex[65], text[480];

	crawl_pool_run(c->pool, out->v, out->n);
	for (size_t i = 0; i < out->n; i++) {
		const struct crawl_check *k = &out->v[i];

		if (k->status == XT_E_NOMEM || k->status == XT_E_BUG)
			return xt_fail(err, k->status, "%s", k->err.text);
		if (k->status == XT_OK)
			continue;
		(void)snprintf(text, sizeof(text), "data[%zu]: %.440s", rows[i],
			       k->err.text);
		return fault_set(fault, verify_word(k), XT_E_VERIFY, text);
	}
	for (size_t i = 0; i < out->n; i++) {
		if (page_concern(a, &out->v[i].checked.tx) != CONCERN_NONE)
			continue;
		xt_hex_encode(hex, out->v[i].checked.hash.b, 32);
		(void)snprintf(text, sizeof(text),
			       "data[%zu]: transaction %s does not concern account %s",
			       rows[i], hex, a->address.s);
		return fault_set(fault, "foreign", XT_E_VERIFY, text);
	}
	return XT_OK;
}

typedef enum xt_status (*known_row)(struct crawl *c, struct account_job *a,
				    struct listed_tx *l, const struct nis_tx_entry *e,
				    struct xt_err *err);

/* Sort the rows of a page into those to prove and those known. */
static enum xt_status gather(struct crawl *c, struct account_job *a,
			     struct proven_page *out, size_t *rows,
			     struct nis_tx_page *p, known_row each, struct fault *fault,
			     struct xt_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		struct nis_tx_entry *e = &p->v[i];
		uint32_t at;

		if (xt_map_get(a->by_hash, &at, e->hash.b, sizeof(e->hash.b))) {
			enum xt_status rc;

			if (each == NULL)
				return repeated(fault, i, &e->hash);
			rc = each(c, a, &a->listed[at], e, err);
			if (rc != XT_OK)
				return rc;
			continue;
		}
		rows[out->n] = i;
		out->v[out->n++] = (struct crawl_check){
			.tx = &e->tx,
			.net = c->net,
			.height = e->height,
			.hash = &e->hash,
			.inner_hash = e->has_inner_hash ? &e->inner_hash : NULL,
		};
	}
	return XT_OK;
}

enum xt_status page_prove(struct crawl *c, struct account_job *a,
			  struct proven_page *out, const struct nis_answer *answer,
			  known_row each, struct fault *fault, struct xt_err *err)
{
	struct nis_tx_page page = { 0 };
	size_t rows[NIS_PAGE_SIZE] = { 0 };
	enum xt_status rc;

	*out = (struct proven_page){ 0 };
	rc = nis_decode_transfers(&page, answer->body, answer->len, &fault->why);
	if (rc == XT_E_NOMEM)
		return xt_fail(err, rc, "%s", fault->why.text);
	if (rc != XT_OK) {
		(void)snprintf(fault->what, sizeof(fault->what), "decode");
		return rc;
	}
	rc = check_order(a, &page, fault);
	if (rc == XT_OK)
		rc = check_twice(&page, fault);
	if (rc != XT_OK)
		goto out;
	out->full = page.n >= NIS_PAGE_SIZE;
	out->last_id = page.n > 0 ? page.v[page.n - 1].id : 0;
	out->v = xt_calloc(page.n + 1, sizeof(*out->v));
	if (out->v == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory for a page");
		goto out;
	}
	rc = gather(c, a, out, rows, &page, each, fault, err);
	if (rc == XT_OK)
		rc = prove(c, a, out, rows, fault, err);
	if (rc == XT_OK && page.n > 0)
		a->last_height = page.v[page.n - 1].height;
out:
	nis_tx_page_release(&page);
	if (rc != XT_OK)
		proven_page_release(out);
	return rc;
}

/* ---- fan-in and fan-out -----------------------------------------------------------
 */

static void fan_add(struct nem_address *v, uint32_t *n, const struct nem_address *a)
{
	for (uint32_t i = 0; i < *n; i++)
		if (nem_address_equal(&v[i], a))
			return;
	if (*n < NIS_PAGE_SIZE)
		v[(*n)++] = *a;
}

void page_fan(struct fan *f, const struct nem_address *who, const struct nem_tx *tx,
	      uint64_t height)
{
	struct nem_movement m[NEM_MAX_MOVEMENTS];
	size_t n = 0;

	if (nem_tx_movements(m, &n, NEM_MAX_MOVEMENTS, tx, height, NULL, NULL) != XT_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		if ((m[i].kind != NEM_MOVE_TRANSFER && m[i].kind != NEM_MOVE_INNER) ||
		    !m[i].has_from || !m[i].has_to ||
		    m[i].amount.uxem < CRAWL_FAN_DUST ||
		    nem_address_equal(&m[i].from, &m[i].to))
			continue;
		if (nem_address_equal(&m[i].to, who))
			fan_add(f->in, &f->n_in, &m[i].from);
		else if (nem_address_equal(&m[i].from, who))
			fan_add(f->out, &f->n_out, &m[i].to);
	}
}

/* ---- storing
 * ------------------------------------------------------------------------------------
 */

enum xt_status page_store_tx(struct crawl *c, struct account_job *a,
			     const struct nem_checked_tx *tx, int64_t answer,
			     struct xt_err *err)
{
	struct nem_movement m[NEM_MAX_MOVEMENTS];
	const int64_t time = nem_time_to_unix(tx->tx.timestamp);
	struct nem_party to;
	bool is_new = false, carries = true;
	int64_t id;
	size_t n = 0;
	enum xt_status rc = store_put_tx(c->s, &id, &is_new, tx, answer, err);

	if (rc != XT_OK)
		return rc;
	if (is_new)
		c->rep.txs_new++;
	else
		c->rep.txs_known++;
	rc = crawl_reach_tx(c, tx, id, err);
	if (rc == XT_OK)
		rc = crawl_reach_carries(c, &carries, a->row.id, id, tx->height, err);
	if (rc == XT_OK)
		rc = crawl_links_add(&c->links, &tx->tx, tx->height, err);
	if (rc == XT_OK)
		rc = nem_tx_movements(m, &n, NEM_MAX_MOVEMENTS, &tx->tx, tx->height,
				      NULL, err);
	for (size_t i = 0; rc == XT_OK && i < n; i++) {
		if (!carries || !m[i].has_from || !m[i].has_to ||
		    !nem_address_equal(&m[i].from, &a->address) ||
		    !crawl_follows(m[i].kind, m[i].to.s))
			continue;
		memcpy(to.s, m[i].to.s, sizeof(to.s));
		rc = crawl_follow(c, a->row.id, a->row.depth, &to, m[i].amount.uxem,
				  time, err);
	}
	return rc;
}
