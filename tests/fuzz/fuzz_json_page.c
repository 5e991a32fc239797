/* floor: nis */
/* A page of transfers: ids fall, no more than a page, each transaction has a hash and
 * each inner hash an inner transaction. */
#include <xemtrace/nis.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nis_tx_page page = { 0 };
	struct nem_hash h;
	struct xt_err err = { 0 };

	if (nis_decode_transfers(&page, data, size, &err) != XT_OK) {
		assert(err.text[0] != '\0');
		assert(page.v == NULL && page.n == 0);
		return 0;
	}
	assert(page.n <= NIS_PAGE_SIZE);
	for (size_t i = 0; i < page.n; i++) {
		const struct nis_tx_entry *e = &page.v[i];

		assert(i == 0 || e->id < page.v[i - 1].id);
		assert(e->height > 0 && e->height <= UINT32_MAX);
		assert(e->has_inner_hash == (e->tx.type == NEM_TX_MULTISIG));
		assert(nem_tx_hash(&h, &e->tx, NULL) == XT_OK);
	}
	nis_tx_page_release(&page);
	return 0;
}
