#include <xemtrace/nem.h>

#include <assert.h>
#include <string.h>

#include <nettle/sha3.h>

_Static_assert(sizeof(struct sha3_state) == sizeof(((struct nem_keccak *)0)->state),
	       "the permutation works on 25 words");

#define RATE_256 136u
#define RATE_512 72u

/* Written out, since compilers make one load of this, and not of a loop. */
static uint64_t load64(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
	       (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static void absorb(struct nem_keccak *k, const uint8_t *block)
{
	for (uint32_t i = 0; i < k->rate / 8; i++)
		k->state[i] ^= load64(block + (size_t)8 * i);
	sha3_permute((struct sha3_state *)(void *)k->state);
}

static void init(struct nem_keccak *k, uint32_t rate)
{
	memset(k, 0, sizeof(*k));
	k->rate = rate;
}

void nem_keccak256_init(struct nem_keccak *k)
{
	init(k, RATE_256);
}

void nem_keccak512_init(struct nem_keccak *k)
{
	init(k, RATE_512);
}

void nem_keccak_update(struct nem_keccak *k, const void *p, size_t n)
{
	const uint8_t *in = p;

	if (k->pos > 0) {
		const size_t room = k->rate - k->pos;
		const size_t part = n < room ? n : room;

		if (part > 0)
			memcpy(k->block + k->pos, in, part);
		k->pos += (uint32_t)part;
		if (k->pos < k->rate)
			return;
		absorb(k, k->block);
		k->pos = 0;
		in += part;
		n -= part;
	}
	for (; n >= k->rate; in += k->rate, n -= k->rate)
		absorb(k, in);
	if (n > 0)
		memcpy(k->block, in, n);
	k->pos = (uint32_t)n;
}

void nem_keccak_final(struct nem_keccak *k, uint8_t *out)
{
	const size_t size = (200 - k->rate) / 2;

	assert(k->pos < k->rate);
	memset(k->block + k->pos, 0, k->rate - k->pos);
	/* Keccak's own padding; SHA-3 would put 0x06 here. */
	k->block[k->pos] = 0x01;
	k->block[k->rate - 1] |= 0x80;
	absorb(k, k->block);
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(k->state[i / 8] >> (8 * (i % 8)));
}

void nem_keccak256(uint8_t out[32], const void *p, size_t n)
{
	struct nem_keccak k;

	nem_keccak256_init(&k);
	nem_keccak_update(&k, p, n);
	nem_keccak_final(&k, out);
}

void nem_keccak512(uint8_t out[64], const void *p, size_t n)
{
	struct nem_keccak k;

	nem_keccak512_init(&k);
	nem_keccak_update(&k, p, n);
	nem_keccak_final(&k, out);
}
