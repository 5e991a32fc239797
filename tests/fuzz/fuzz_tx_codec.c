/* floor: nem */
/* Transactions: what decodes encodes to the same bytes; what any of it does to balances
 * stays within the supply, and its parties are addresses. The first byte picks the
 * form. */
#include <xemtrace/nem.h>

#include <assert.h>
#include <string.h>

#include <xemtrace/limits.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_party(void *ctx, const struct nem_address *a)
{
	struct nem_address parsed;
	size_t *n = ctx;

	assert(nem_address_parse(&parsed, a->s, NULL) == XT_OK);
	(*n)++;
}

static void check_movements(const struct nem_tx *tx)
{
	struct nem_movement v[NEM_MAX_MOVEMENTS];
	size_t n = 0;

	if (nem_tx_movements(v, &n, XT_ARRAY_SIZE(v), tx, 1, NULL, NULL) != XT_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		assert(v[i].amount.uxem <= NEM_SUPPLY_UXEM);
		assert(v[i].has_from);
		assert(v[i].has_to == (v[i].kind != NEM_MOVE_FEE));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum nem_form form;
	struct nem_tx tx = { 0 };
	struct xt_buf out;
	struct xt_err err;
	size_t parties = 0;

	if (size == 0)
		return 0;
	form = data[0] % 2 == 0 ? NEM_FORM_UNSIGNED : NEM_FORM_SIGNED;
	data++;
	size--;
	if (nem_tx_decode(&tx, data, size, form, &err) != XT_OK) {
		assert(err.code == XT_E_DATA && err.text[0] != '\0');
		return 0;
	}
	xt_buf_init(&out, XT_MAX_TX_BYTES);
	assert(nem_tx_encode(&out, &tx, form, NULL) == XT_OK);
	assert(out.len == size && memcmp(out.data, data, size) == 0);
	check_movements(&tx);
	nem_tx_parties(&tx, check_party, &parties);
	assert(parties >= 1);
	xt_buf_release(&out);
	nem_tx_release(&tx);
	return 0;
}
