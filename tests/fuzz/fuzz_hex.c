/* floor: base */
/* Hex: what decodes gives the same digits back in lower case; what is encoded decodes.
 */
#include <xemtrace/base.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[513];
	char again[513];
	uint8_t raw[256];
	uint8_t back[256];
	const size_t n = size < 256 ? size : 256;
	size_t len;

	xt_hex_encode(text, data, n);
	assert(xt_hex_decode(back, n, text, NULL) == XT_OK);
	assert(n == 0 || memcmp(back, data, n) == 0);
	len = size < 512 ? size : 512;
	if (len > 0)
		memcpy(text, data, len);
	text[len] = '\0';
	len = strlen(text);
	if (xt_hex_decode(raw, len / 2, text, NULL) != XT_OK)
		return 0;
	assert(len % 2 == 0);
	xt_hex_encode(again, raw, len / 2);
	for (size_t i = 0; i < len; i++) {
		const char c = text[i];

		assert(again[i] == (c >= 'A' && c <= 'F' ? (char)(c + 32) : c));
	}
	return 0;
}
