/* floor: nis */
/* A transaction as JSON: what decodes encodes, and comes back from its bytes the same.
 */
#include <xemtrace/nis.h>

#include <assert.h>
#include <string.h>

#include <xemtrace/limits.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nem_tx tx = { 0 };
	struct nem_tx again = { 0 };
	struct xt_buf first;
	struct xt_buf second;
	struct xt_err err = { 0 };

	if (nis_decode_tx(&tx, data, size, &err) != XT_OK) {
		assert(err.text[0] != '\0');
		assert(xt_utf8_valid((const uint8_t *)err.text, strlen(err.text)));
		return 0;
	}
	assert(tx.has_signature);
	xt_buf_init(&first, XT_MAX_TX_BYTES);
	xt_buf_init(&second, XT_MAX_TX_BYTES);
	assert(nem_tx_encode(&first, &tx, NEM_FORM_SIGNED, NULL) == XT_OK);
	assert(nem_tx_decode(&again, first.data, first.len, NEM_FORM_SIGNED, NULL) ==
	       XT_OK);
	assert(nem_tx_encode(&second, &again, NEM_FORM_SIGNED, NULL) == XT_OK);
	assert(first.len == second.len);
	assert(memcmp(first.data, second.data, first.len) == 0);
	xt_buf_release(&second);
	xt_buf_release(&first);
	nem_tx_release(&again);
	nem_tx_release(&tx);
	return 0;
}
