#include "letters.h"

#include "key_file.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of all encrypted messages that are kept for reading. */
#define LETTERS_MAX_BYTES (UINT32_C(1) << 30)

static enum xt_status read_key(struct letters *l, const char *path, struct xt_err *err)
{
	enum xt_status rc = key_file_read(&l->mine, path, err);
	if (rc == XT_OK)
		rc = nem_crypto_init(err);
	if (rc != XT_OK)
		return rc;
	nem_pubkey_from_private(&l->my_key, &l->mine);
	l->has_private = true;
	return XT_OK;
}

struct filling {
	struct letters *l;
	enum xt_status rc;
	struct xt_err *err;
};

static bool take_key(void *ctx, const struct store_account *a)
{
	struct filling *f = ctx;
	if (a->has_key && a->id > 0 && a->id < f->l->n_keys) {
		f->l->keys[a->id] = a->key;
		f->l->has_key[a->id] = 1;
	}
	return true;
}

static bool take_message(void *ctx, const struct store_message *m)
{
	struct filling *f = ctx;
	struct letters *l = f->l;
	if (m->type != NEM_MSG_ENCRYPTED || m->id <= 0 || m->id >= l->n_messages)
		return true;
	l->message[m->id] = (struct place){ l->payloads.len, (uint32_t)m->n };
	f->rc = xt_buf_add(&l->payloads, m->payload, m->n, f->err);
	return f->rc == XT_OK;
}

static bool take_tx(void *ctx, const struct store_tx *t)
{
	struct filling *f = ctx;
	if (t->id > 0 && t->id < f->l->n_txs)
		f->l->tx_message[t->id] = t->message;
	return true;
}

enum xt_status letters_open(struct cli *c, struct letters *l, const char *key_file,
			    struct xt_err *err)
{
	struct filling f = { .l = l, .err = err };
	struct store_sizes n;
	memset(l, 0, sizeof(*l));
	xt_buf_init(&l->payloads, LETTERS_MAX_BYTES);
	if (key_file == NULL)
		return XT_OK;
	enum xt_status rc = read_key(l, key_file, err);
	if (rc == XT_OK)
		rc = store_sizes(c->store, &n, err);
	if (rc != XT_OK)
		return rc;
	l->n_keys = (int64_t)n.accounts + 1;
	l->n_messages = (int64_t)n.messages + 1;
	l->n_txs = (int64_t)n.txs + 1;
	l->keys = xt_calloc((size_t)l->n_keys, sizeof(*l->keys));
	l->has_key = xt_calloc((size_t)l->n_keys, 1);
	l->message = xt_calloc((size_t)l->n_messages, sizeof(*l->message));
	l->tx_message = xt_calloc((size_t)l->n_txs, sizeof(*l->tx_message));
	if (l->keys == NULL || l->has_key == NULL || l->message == NULL ||
	    l->tx_message == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for messages");
	rc = store_each_account(c->store, take_key, &f, err);
	if (rc == XT_OK)
		rc = store_each_message(c->store, take_message, &f, err);
	if (rc == XT_E_STOPPED && f.rc != XT_OK)
		rc = f.rc;
	if (rc == XT_OK)
		rc = store_each_tx(c->store, false, take_tx, &f, err);
	return rc;
}

void letters_release(struct letters *l)
{
	key_file_wipe(&l->mine, sizeof(l->mine));
	free(l->keys);
	free(l->has_key);
	free(l->message);
	free(l->tx_message);
	xt_buf_release(&l->payloads);
	memset(l, 0, sizeof(*l));
}

static bool is_me(const struct letters *l, const struct graph *g, uint32_t account)
{
	struct nem_address a;
	struct nem_address mine;
	if (nem_address_parse(&a, g->party[account].s, NULL) != XT_OK)
		return false;
	nem_address_from_pubkey(&mine, nem_address_network(&a), &l->my_key);
	return strcmp(mine.s, a.s) == 0;
}

enum xt_status letters_read(const struct letters *l, struct xt_buf *out, bool *opened,
			    const struct graph *g, uint32_t event, struct xt_err *err)
{
	const struct graph_event *e = &g->events[event];
	const int64_t tx = g->tx_id[g->event_tx[event]];
	struct nem_bytes m = { 0 };
	struct xt_buf clear;
	struct xt_err closed;
	*opened = false;
	if (!l->has_private || tx <= 0 || tx >= l->n_txs)
		return XT_OK;
	const bool sent = is_me(l, g, e->from);
	if (!sent && !is_me(l, g, e->to))
		return XT_OK;
	const int64_t other = g->account_id[sent ? e->to : e->from];
	const int64_t row = l->tx_message[tx];
	if (other <= 0 || other >= l->n_keys || l->has_key[other] == 0 || row <= 0 ||
	    row >= l->n_messages || l->message[row].n == 0)
		return XT_OK;
	m.data = l->payloads.data + l->message[row].at;
	m.len = l->message[row].n;
	xt_buf_init(&clear, m.len);
	enum xt_status rc =
	    nem_message_decrypt(&clear, &l->mine, &l->keys[other], &m, &closed);
	if (rc == XT_OK) {
		m.data = clear.data;
		m.len = (uint32_t)clear.len;
		rc = nem_message_text(out, NEM_MSG_PLAIN, &m, err);
		*opened = rc == XT_OK;
	} else if (rc != XT_E_NOMEM) {
		rc = XT_OK; /* it stays closed */
	}
	xt_buf_release(&clear);
	return rc;
}
