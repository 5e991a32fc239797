/* letters: messages of the case with what a private key of the user opens. */
#ifndef CLI_LETTERS_H
#define CLI_LETTERS_H

#include "session.h"

struct letters {
	struct nem_pubkey *keys; /* by account row of the case; see has_key */
	uint8_t *has_key;
	int64_t n_keys;
	struct xt_buf payloads; /* of encrypted messages */
	struct place {
		size_t at;
		uint32_t n;
	} * message; /* by message row */
	int64_t n_messages;
	int64_t *tx_message; /* by transaction row */
	int64_t n_txs;
	bool has_private;
	struct nem_privkey mine;
	struct nem_pubkey my_key;
};

/* key_file: 64 hex digits (or 66 that begin with 00, as wallets export them). */
enum xt_status letters_open(struct cli *c, struct letters *l, const char *key_file,
			    struct xt_err *err) XT_CHECKED;
/* Wipes the key. */
void letters_release(struct letters *l);
/* Opens the message of a payment if the user's key is one of its two parties' and the
 * other's is known from the case. *opened false: it stays closed. Appends text,
 * "hex:..." for what is no UTF-8. */
enum xt_status letters_read(const struct letters *l, struct xt_buf *out, bool *opened,
			    const struct graph *g, uint32_t event,
			    struct xt_err *err) XT_CHECKED;

#endif
