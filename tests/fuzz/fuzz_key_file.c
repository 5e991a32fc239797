/* floor: nem store */
/* A key file holds one key and nothing else, or is refused; no error shows any of it. The
 * program's own source: it is in no library. */
#include "case.h"

#include <cli/key_file.c>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nem_privkey key;
	struct xt_err err;
	char hex[65];
	size_t digits = 0;
	memset(&key, 0xa5, sizeof(key));
	const enum xt_status rc =
	    key_file_read(&key, fuzz_input("input.csv", data, size), &err);
	if (rc == XT_OK) {
		xt_hex_encode(hex, key.b, sizeof(key.b));
		for (size_t i = 0; i < size; i++)
			digits += !is_space((char)data[i]);
		assert(digits == 64 || digits == 66);
		for (size_t i = size, k = 64; i-- > 0 && k > 0;)
			if (!is_space((char)data[i]))
				assert((data[i] | 0x20) == hex[--k] ||
				       data[i] == (uint8_t)hex[k]);
		return 0;
	}
	assert(rc == XT_E_DATA);
	assert(strstr(err.text, "input.csv: not 64 hex digits of a private key"));
	for (size_t i = 0; i < sizeof(key.b); i++)
		assert(key.b[i] == 0xa5);
	return 0;
}
