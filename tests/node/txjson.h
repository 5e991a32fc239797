/* Transactions and blocks between NIS1's JSON and struct nem_tx. Written apart from
 * src/nis on purpose: the client under test must not read what its own code wrote. */
#ifndef XEMTRACE_TESTS_NODE_TXJSON_H
#define XEMTRACE_TESTS_NODE_TXJSON_H

#include <jansson.h>

#include <xemtrace/nem.h>

/* New references; keys in the order in which a NIS writes them. */
json_t *fx_tx_to_json(const struct nem_tx *tx);
json_t *fx_block_to_json(const struct nem_block *b);
json_t *fx_definition_to_json(const struct nem_mosaic_definition *d);
json_t *fx_mosaic_id_to_json(const struct nem_mosaic_id *id);
/* {"data":"hex"} */
json_t *fx_hash_to_json(const struct nem_hash *h);

/* XT_E_DATA names the key. Hashes and signatures are not checked. */
enum xt_status fx_tx_from_json(struct nem_tx *out, const json_t *j, struct xt_err *err);
enum xt_status fx_block_from_json(struct nem_block *out, const json_t *j,
				  struct xt_err *err);

#endif
