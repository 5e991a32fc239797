/* Who can sign for multisig accounts, as far as the case knows. */
#include <xemtrace/evidence.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <xemtrace/nis.h>

/* One added or removed cosignatory. */
struct change {
	struct nem_address account, other;
	bool add;
	/* Place in the ledger; `seq` counts the changes of one transaction. */
	uint64_t height;
	bool index_known;
	uint32_t index, seq;
	int64_t time, tx;
};

/* What one answer to /account/get lists. */
struct listed {
	struct nem_address account;
	struct nem_address *v;
	size_t n;
	int64_t answer;
};

struct gather {
	struct store *s;
	struct change *changes;
	size_t n_changes, cap_changes;
	int64_t *answers; /* rows that may list cosignatories */
	size_t n_answers, cap_answers;
	struct listed *listed;
	size_t n_listed;
	enum xt_status rc;
	struct xt_err *err;
};

static int by_address(const void *a, const void *b)
{
	return strcmp(((const struct nem_address *)a)->s,
		      ((const struct nem_address *)b)->s);
}

/* ---- transactions ------------------------------------------------------------------ */

static enum xt_status add_change(struct gather *w, const struct change *c)
{
	if (w->n_changes == w->cap_changes) {
		const size_t cap = w->cap_changes == 0 ? 64 : 2 * w->cap_changes;
		struct change *v = xt_reallocarray(w->changes, cap, sizeof(*v));

		if (v == NULL)
			return xt_fail(w->err, XT_E_NOMEM,
				       "out of memory for %zu cosignatories", cap);
		w->changes = v;
		w->cap_changes = cap;
	}
	w->changes[w->n_changes++] = *c;
	return XT_OK;
}

static bool on_tx(void *ctx, const struct store_tx *t)
{
	struct gather *w = ctx;
	struct nem_tx tx;
	const struct nem_tx *core;

	if (t->bytes == NULL)
		return true;
	w->rc = nem_tx_decode(&tx, t->bytes, t->n_bytes, NEM_FORM_SIGNED, w->err);
	if (w->rc != XT_OK)
		return false;
	core = nem_tx_core(&tx);
	for (uint32_t i = 0; core->type == NEM_TX_AGGREGATE &&
			     i < core->u.aggregate.n_mods && w->rc == XT_OK;
	     i++) {
		const struct nem_modification *m = &core->u.aggregate.mods[i];
		struct change c = { .add = m->kind == 1,
				    .height = t->height,
				    .index_known = t->order_known,
				    .index = t->index,
				    .seq = i,
				    .time = t->time,
				    .tx = t->id };

		nem_address_from_pubkey(&c.account, nem_tx_network(core),
					&core->signer);
		nem_address_from_pubkey(&c.other, nem_tx_network(core),
					&m->cosignatory);
		w->rc = add_change(w, &c);
	}
	nem_tx_release(&tx);
	return w->rc == XT_OK;
}

static int by_ledger(const void *pa, const void *pb)
{
	const struct change *a = pa;
	const struct change *b = pb;
	const int c = strcmp(a->account.s, b->account.s);

	if (c != 0)
		return c;
	if (a->height != b->height)
		return a->height < b->height ? -1 : 1;
	if (a->index_known && b->index_known && a->index != b->index)
		return a->index < b->index ? -1 : 1;
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	if (a->tx != b->tx)
		return a->tx < b->tx ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* ---- answers ----------------------------------------------------------------------- */

static bool on_answer(void *ctx, const struct store_answer *a)
{
	static const char path[] = "/account/get";
	struct gather *w = ctx;
	const size_t n = strlen(a->node);

	if (a->http != 200 || strncmp(a->url, a->node, n) != 0 ||
	    strncmp(a->url + n, path, sizeof(path) - 1) != 0)
		return true;
	if (w->n_answers == w->cap_answers) {
		const size_t cap = w->cap_answers == 0 ? 64 : 2 * w->cap_answers;
		int64_t *v = xt_reallocarray(w->answers, cap, sizeof(*v));

		if (v == NULL) {
			w->rc = xt_fail(w->err, XT_E_NOMEM,
					"out of memory for %zu answers", cap);
			return false;
		}
		w->answers = v;
		w->cap_answers = cap;
	}
	w->answers[w->n_answers++] = a->id;
	return true;
}

/* Of the answers about one account the latest counts, also if it lists nobody. What is
 * no answer about an account was refused by the crawl, and is passed over here too. */
static enum xt_status list_one(struct gather *w, struct xt_map *known, int64_t id)
{
	struct store_answer a;
	struct nis_account info = { 0 };
	struct listed *at;
	uint32_t place;
	enum xt_status rc = store_answer_get(w->s, &a, id, w->err);

	if (rc != XT_OK)
		return rc;
	if (nis_decode_account(&info, a.body, a.len, NULL) != XT_OK)
		return XT_OK;
	assert(w->listed != NULL);
	if (!xt_map_get(known, &place, info.address.s, strlen(info.address.s))) {
		place = (uint32_t)w->n_listed++;
		w->listed[place].account = info.address;
		rc = xt_map_put(known, info.address.s, strlen(info.address.s), place,
				w->err);
	}
	at = &w->listed[place];
	free(at->v);
	at->v = info.cosignatories;
	at->n = info.n_cosignatories;
	at->answer = id;
	info.cosignatories = NULL;
	info.n_cosignatories = 0;
	nis_account_release(&info);
	if (at->n > 0)
		qsort(at->v, at->n, sizeof(*at->v), by_address);
	return rc;
}

static enum xt_status list_answers(struct gather *w)
{
	struct xt_map *known = NULL;
	enum xt_status rc = xt_map_new(&known, w->err);

	if (rc != XT_OK)
		return rc;
	w->listed = xt_calloc(w->n_answers + 1, sizeof(*w->listed));
	if (w->listed == NULL)
		rc = xt_fail(w->err, XT_E_NOMEM, "out of memory for %zu answers",
			     w->n_answers);
	for (size_t i = 0; i < w->n_answers && rc == XT_OK; i++)
		rc = list_one(w, known, w->answers[i]);
	xt_map_free(known);
	return rc;
}

/* ---- both -------------------------------------------------------------------------- */

static enum xt_status new_set(struct evidence_multisig *m, size_t n, size_t txs,
			      struct xt_err *err)
{
	m->cosignatories = xt_calloc(n + 1, sizeof(*m->cosignatories));
	m->txs = xt_calloc(txs + 1, sizeof(*m->txs));
	if (m->cosignatories == NULL || m->txs == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for %zu cosignatories",
			       n);
	return XT_OK;
}

static void apply(struct evidence_multisig *m, const struct change *c)
{
	size_t i = 0;

	while (i < m->n && strcmp(m->cosignatories[i].s, c->other.s) != 0)
		i++;
	if (c->add && i == m->n)
		m->cosignatories[m->n++] = c->other;
	if (!c->add && i < m->n)
		m->cosignatories[i] = m->cosignatories[--m->n];
	if (m->n_txs == 0 || m->txs[m->n_txs - 1] != c->tx)
		m->txs[m->n_txs++] = c->tx;
}

/* Changes [from, to) are those of one account. */
static enum xt_status by_transactions(struct evidence_multisig *m,
				      const struct gather *w, size_t from, size_t to)
{
	enum xt_status rc;

	assert(m != NULL);
	*m = (struct evidence_multisig){ .account = w->changes[from].account };
	rc = new_set(m, to - from, to - from, w->err);
	for (size_t i = from; i < to && rc == XT_OK; i++)
		apply(m, &w->changes[i]);
	if (rc == XT_OK && m->n > 0)
		qsort(m->cosignatories, m->n, sizeof(*m->cosignatories), by_address);
	return rc;
}

static enum xt_status by_answer(struct evidence_multisig *m, const struct listed *l,
				struct xt_err *err)
{
	enum xt_status rc;

	assert(m != NULL);
	*m = (struct evidence_multisig){ .account = l->account,
					 .reported = true,
					 .answer = l->answer };
	rc = new_set(m, l->n, 0, err);
	for (; rc == XT_OK && m->n < l->n; m->n++)
		m->cosignatories[m->n] = l->v[m->n];
	return rc;
}

/* Whose transactions are all here needs nobody's word. */
static enum xt_status is_complete(struct gather *w, bool *out,
				  const struct nem_address *account)
{
	struct store_account a;
	enum xt_status rc = store_account_find(w->s, &a, account->s, w->err);

	*out = rc == XT_OK && a.state == STORE_COMPLETE;
	return rc == XT_E_NOTFOUND ? XT_OK : rc;
}

static void release_one(struct evidence_multisig *m)
{
	free(m->cosignatories);
	free(m->txs);
}

static enum xt_status merge(struct evidence_multisigs *out, struct gather *w)
{
	struct xt_map *answered = NULL;
	enum xt_status rc = xt_map_new(&answered, w->err);

	if (rc != XT_OK)
		return rc;
	out->v = xt_calloc(w->n_changes + w->n_listed + 1, sizeof(*out->v));
	if (out->v == NULL)
		rc = xt_fail(w->err, XT_E_NOMEM, "out of memory for multisig accounts");
	for (size_t i = 0; i < w->n_listed && rc == XT_OK; i++)
		rc = xt_map_put(answered, w->listed[i].account.s,
				strlen(w->listed[i].account.s), (uint32_t)i, w->err);
	for (size_t from = 0, to = 0; from < w->n_changes && rc == XT_OK; from = to) {
		const struct nem_address *account = &w->changes[from].account;
		bool complete = false;
		uint32_t place;

		for (to = from; to < w->n_changes &&
				strcmp(w->changes[to].account.s, account->s) == 0;)
			to++;
		rc = is_complete(w, &complete, account);
		if (rc != XT_OK ||
		    (!complete &&
		     xt_map_get(answered, &place, account->s, strlen(account->s))))
			continue;
		/* Then it counts by these alone. */
		if (xt_map_get(answered, &place, account->s, strlen(account->s)))
			w->listed[place].n = 0;
		assert(out->v != NULL);
		rc = by_transactions(&out->v[out->n++], w, from, to);
	}
	for (size_t i = 0; i < w->n_listed && rc == XT_OK; i++)
		if (w->listed[i].n > 0)
			rc = by_answer(&out->v[out->n++], &w->listed[i], w->err);
	xt_map_free(answered);
	return rc;
}

static int by_account(const void *a, const void *b)
{
	return strcmp(((const struct evidence_multisig *)a)->account.s,
		      ((const struct evidence_multisig *)b)->account.s);
}

/* Accounts that are multisig no more are none. */
static void drop_empty(struct evidence_multisigs *out)
{
	size_t n = 0;

	for (size_t i = 0; i < out->n; i++) {
		if (out->v[i].n == 0)
			release_one(&out->v[i]);
		else
			out->v[n++] = out->v[i];
	}
	out->n = n;
	if (n > 0)
		qsort(out->v, n, sizeof(*out->v), by_account);
}

enum xt_status evidence_multisig_accounts(struct evidence_multisigs *out,
					  struct store *s, struct xt_err *err)
{
	static const uint32_t types[2] = { NEM_TX_AGGREGATE, NEM_TX_MULTISIG };
	struct gather w = { .s = s, .err = err };
	struct evidence_multisigs all = { 0 };
	enum xt_status rc = store_each_tx_typed(s, types, on_tx, &w, err);

	if (rc == XT_E_STOPPED)
		rc = w.rc;
	if (rc == XT_OK && w.n_changes > 0)
		qsort(w.changes, w.n_changes, sizeof(*w.changes), by_ledger);
	if (rc == XT_OK)
		rc = store_each_answer(s, false, on_answer, &w, err);
	if (rc == XT_E_STOPPED)
		rc = w.rc;
	if (rc == XT_OK)
		rc = list_answers(&w);
	if (rc == XT_OK)
		rc = merge(&all, &w);
	for (size_t i = 0; i < w.n_listed; i++)
		free(w.listed[i].v);
	free(w.listed);
	free(w.answers);
	free(w.changes);
	if (rc == XT_OK) {
		drop_empty(&all);
		*out = all;
	} else {
		evidence_multisigs_release(&all);
	}
	return rc;
}

void evidence_multisigs_release(struct evidence_multisigs *m)
{
	for (size_t i = 0; i < m->n; i++)
		release_one(&m->v[i]);
	free(m->v);
	*m = (struct evidence_multisigs){ 0 };
}
