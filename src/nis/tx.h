/* Readers of transactions, blocks and mosaic definitions. Each fills a zeroed struct;
 * what it holds after a failure is released by the caller all the same. */
#ifndef XT_NIS_TX_H
#define XT_NIS_TX_H

#include "json.h"

js_reader nis_read_tx;                /* struct nem_tx: any type but a cosignature */
js_reader nis_read_block;             /* struct nem_block */
js_reader nis_read_mosaic_id;         /* struct nem_mosaic_id */
js_reader nis_read_mosaic_definition; /* struct nem_mosaic_definition */

/* What a type has beyond the common fields; tx->type and tx->version are set. For every
 * type that holds no other transaction, and for a cosignature. */
enum xt_status nis_read_part(struct nem_tx *tx, const json_t *v, const struct js_at *at,
			     struct xt_err *err) XT_CHECKED;
enum xt_status nis_read_cosignature_part(struct nem_tx *tx, const json_t *v,
					 const struct js_at *at,
					 struct xt_err *err) XT_CHECKED;

/* True for the version field of one of the three networks. */
bool nis_version_known(uint32_t version);
/* `a` belongs to the network of `version`, else an error at at.name. */
enum xt_status nis_same_network(const struct nem_address *a, uint32_t version,
				const char *name, const struct js_at *at,
				struct xt_err *err) XT_CHECKED;

#endif
