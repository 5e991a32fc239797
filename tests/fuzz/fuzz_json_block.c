/* floor: nis */
/* A block, alone or in a list: what decodes encodes, and comes back from its bytes the
 * same. */
#include <xemtrace/nis.h>

#include <assert.h>
#include <string.h>

#include <xemtrace/limits.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct nem_block *b)
{
	struct nem_block again = { 0 };
	struct xt_buf first;
	struct xt_buf second;

	xt_buf_init(&first, XT_MAX_BLOCK_BYTES);
	xt_buf_init(&second, XT_MAX_BLOCK_BYTES);
	assert(nem_block_encode(&first, b, NEM_FORM_SIGNED, NULL) == XT_OK);
	assert(nem_block_decode(&again, first.data, first.len, NEM_FORM_SIGNED, NULL) ==
	       XT_OK);
	assert(nem_block_encode(&second, &again, NEM_FORM_SIGNED, NULL) == XT_OK);
	assert(first.len == second.len);
	assert(memcmp(first.data, second.data, first.len) == 0);
	xt_buf_release(&second);
	xt_buf_release(&first);
	nem_block_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nem_block b = { 0 };
	struct nis_block_list l = { 0 };

	if (nis_decode_block(&b, data, size, NULL) == XT_OK) {
		check(&b);
		nem_block_release(&b);
	}
	if (nis_decode_blocks_after(&l, data, size, NULL) == XT_OK) {
		for (size_t i = 0; i < l.n; i++) {
			assert(i == 0 || l.v[i].height == l.v[i - 1].height + 1);
			check(&l.v[i]);
			/* Whom the fees went to: nobody, or an address of that chain. */
			if (l.beneficiaries[i].s[0] != '\0') {
				struct nem_address a;

				assert(nem_address_parse(&a, l.beneficiaries[i].s,
							 NULL) == XT_OK);
				assert((uint32_t)nem_address_network(&a) ==
				       l.v[i].version >> 24);
			}
		}
		nis_block_list_release(&l);
	}
	return 0;
}
