/* floor: nem */
/* Blocks: what decodes encodes to the same bytes. The first byte picks the form. */
#include <xemtrace/nem.h>

#include <assert.h>
#include <string.h>

#include <xemtrace/limits.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum nem_form form;
	struct nem_block block = { 0 };
	struct xt_buf out;
	struct xt_err err;

	if (size == 0)
		return 0;
	form = data[0] % 2 == 0 ? NEM_FORM_UNSIGNED : NEM_FORM_SIGNED;
	data++;
	size--;
	if (nem_block_decode(&block, data, size, form, &err) != XT_OK) {
		assert(err.code == XT_E_DATA && err.text[0] != '\0');
		return 0;
	}
	xt_buf_init(&out, XT_MAX_BLOCK_BYTES);
	assert(nem_block_encode(&out, &block, form, NULL) == XT_OK);
	assert(out.len == size && memcmp(out.data, data, size) == 0);
	xt_buf_release(&out);
	nem_block_release(&block);
	return 0;
}
