/* floor: nem */
/* Keccak: however the input is cut, the hash is the same. The first four bytes cut. */
#include <xemtrace/nem.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(struct nem_keccak *k, const uint8_t cuts[4], const uint8_t *p,
		 size_t n)
{
	for (size_t i = 0; n > 0; i++) {
		const size_t part = i < 64 ? cuts[i % 4] : n;
		const size_t len = part < n ? part : n;

		nem_keccak_update(k, p, len);
		p += len;
		n -= len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nem_keccak k;
	uint8_t whole[64];
	uint8_t cut[64];

	if (size < 4)
		return 0;
	nem_keccak256(whole, data + 4, size - 4);
	nem_keccak256_init(&k);
	feed(&k, data, data + 4, size - 4);
	nem_keccak_final(&k, cut);
	assert(memcmp(whole, cut, 32) == 0);
	nem_keccak512(whole, data + 4, size - 4);
	nem_keccak512_init(&k);
	feed(&k, data, data + 4, size - 4);
	nem_keccak_final(&k, cut);
	assert(memcmp(whole, cut, 64) == 0);
	return 0;
}
