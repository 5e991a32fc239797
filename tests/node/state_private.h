/* Shared by state.c and state_mosaic.c. */
#ifndef XEMTRACE_TESTS_NODE_STATE_PRIVATE_H
#define XEMTRACE_TESTS_NODE_STATE_PRIVATE_H

#include "state.h"

/* Number of an account, made when it is new. */
uint32_t state_account(struct fx_state *s, const struct nem_address *address);
uint32_t state_account_of_key(struct fx_state *s, enum nem_network net,
			      const struct nem_pubkey *key);

/* For struct nem_levy_lookup; ctx is the state. */
bool state_find_levy(void *ctx, struct nem_levy *out, const struct nem_mosaic_id *id,
		     uint64_t height);
/* What a transaction does to mosaics other than XEM, and to namespaces. */
void state_apply_definition(struct fx_state *s, const struct nem_tx *tx,
			    uint64_t height);
void state_apply_supply(struct fx_state *s, const struct nem_tx *tx);
void state_apply_mosaics(struct fx_state *s, const struct nem_tx *tx, uint64_t height);
void state_apply_namespace(struct fx_state *s, const struct nem_tx *tx,
			   uint64_t height);

#endif
