#include <xemtrace/nem.h>

#include <nettle/ripemd160.h>

void nem_ripemd160(uint8_t out[20], const void *p, size_t n)
{
	struct ripemd160_ctx ctx;

	ripemd160_init(&ctx);
	ripemd160_update(&ctx, n, p);
	ripemd160_digest(&ctx, RIPEMD160_DIGEST_SIZE, out);
}
