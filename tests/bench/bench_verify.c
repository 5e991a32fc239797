/* bench_verify [SECONDS]: signature checks against the sum of the libsodium group
 * operations that each is made of, and hashing against nettle's own permutation, all in
 * this one process and interleaved, since clocks of a machine drift. One core, and then
 * all cores through the pool of the crawl. Not run by ctest.
 *
 * A check does: h * A, s * B, a subtraction, the reduction of a 64-byte hash; besides
 * these it hashes the message and compares. Transactions are synthetic, signed with a
 * key made here. */
#include <xemtrace/crawl.h>
#include <xemtrace/limits.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <nettle/sha3.h>
#include <sodium.h>

#define TXS 256u

static struct nem_tx txs[TXS];
static uint8_t bytes[TXS][256];
static size_t lengths[TXS];
static struct nem_pubkey key;
static volatile unsigned sink; /* keeps results alive */

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench_verify: %s\n", what);
	exit(1);
}

static void make_txs(void)
{
	struct nem_privkey secret;

	memset(secret.b, 7, sizeof(secret.b));
	nem_pubkey_from_private(&key, &secret);
	for (uint32_t i = 0; i < TXS; i++) {
		struct nem_tx *t = &txs[i];
		struct xt_buf b;

		*t = (struct nem_tx){ .type = NEM_TX_TRANSFER,
				      .version = (uint32_t)NEM_MAINNET << 24 | 1,
				      .timestamp = 90000000 + i,
				      .deadline = 90003600 + i,
				      .signer = key,
				      .fee = { 50000 } };
		nem_address_from_pubkey(&t->u.transfer.recipient, NEM_MAINNET, &key);
		t->u.transfer.amount.uxem = i;
		xt_buf_init(&b, sizeof(bytes[i]));
		must(nem_tx_encode(&b, t, NEM_FORM_UNSIGNED, NULL) == XT_OK, "encode");
		memcpy(bytes[i], b.data, b.len);
		lengths[i] = b.len;
		xt_buf_release(&b);
		nem_sign(&t->signature, &secret, bytes[i], lengths[i]);
		t->has_signature = true;
	}
}

static void check_signatures(void)
{
	for (uint32_t i = 0; i < TXS; i++)
		must(nem_signature_check(&txs[i].signature, &key, bytes[i], lengths[i]),
		     "a signature does not hold");
}

/* The group operations of a check, and nothing else. */
static void group_operations(void)
{
	uint8_t wide[64], h[32], a[32], b[32], c[32];

	for (uint32_t i = 0; i < TXS; i++) {
		memset(wide, (int)(i % 200) + 1, sizeof(wide));
		crypto_core_ed25519_scalar_reduce(h, wide);
		must(crypto_scalarmult_ed25519_base_noclamp(b, txs[i].signature.b +
								   32) == 0,
		     "s * B");
		must(crypto_scalarmult_ed25519_noclamp(a, h, key.b) == 0, "h * A");
		must(crypto_core_ed25519_sub(c, b, a) == 0, "subtraction");
		sink += c[0];
	}
}

/* All of it: bytes, hash, signature, as a page of an account is checked. */
static void check_txs(struct crawl_pool *pool)
{
	static struct crawl_check v[TXS];
	static struct nem_tx copies[TXS];

	for (uint32_t i = 0; i < TXS; i++) {
		copies[i] = txs[i];
		v[i] = (struct crawl_check){ .tx = &copies[i],
					     .net = NEM_MAINNET,
					     .height = 1 };
	}
	crawl_pool_run(pool, v, TXS);
	for (uint32_t i = 0; i < TXS; i++) {
		must(v[i].status == XT_OK, "a transaction does not hold");
		nem_checked_tx_release(&v[i].checked);
	}
}

#define LONG_BLOCKS 4096u /* of 136 bytes */
static uint8_t text[LONG_BLOCKS * 136];

static void hash_long(void)
{
	uint8_t out[32];

	nem_keccak256(out, text, sizeof(text) - 1); /* so many permutations */
	sink += out[0];
}

static void hash_short(void)
{
	uint8_t out[32];

	for (uint32_t i = 0; i < LONG_BLOCKS; i++) {
		nem_keccak256(out, text + i, 130); /* one permutation */
		sink += out[0];
	}
}

static void permutations(void)
{
	struct sha3_state s;

	memset(&s, 0, sizeof(s));
	for (uint32_t i = 0; i < LONG_BLOCKS; i++)
		sha3_permute(&s);
	sink += (unsigned)s.a[0];
}

static struct crawl_pool *one, *all;

static void check_one(void)
{
	check_txs(one);
}

static void check_all(void)
{
	check_txs(all);
}

static const struct {
	const char *name;
	void (*run)(void);
	double units; /* checks or permutations per run */
} benches[] = {
	{ "group operations alone", group_operations, TXS },
	{ "signature checks", check_signatures, TXS },
	{ "transactions, one core", check_one, TXS },
	{ "transactions, all cores", check_all, TXS },
	{ "permutations alone", permutations, LONG_BLOCKS },
	{ "hash of one long text", hash_long, LONG_BLOCKS },
	{ "hashes of short texts", hash_short, LONG_BLOCKS },
};

int main(int argc, char **argv)
{
	double best[XT_ARRAY_SIZE(benches)] = { 0 };
	uint64_t seconds = 10;
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	double end;

	must(argc < 2 || xt_parse_u64(&seconds, argv[1], 3600, NULL) == XT_OK,
	     "usage: bench_verify [SECONDS]");
	must(nem_crypto_init(NULL) == XT_OK, "libsodium does not start");
	must(crawl_pool_new(&one, 1, NULL) == XT_OK, "threads");
	must(crawl_pool_new(&all, 0, NULL) == XT_OK, "threads");
	make_txs();
	/* Turn by turn; the best turn of each counts. */
	end = now() + (double)seconds;
	do {
		for (size_t i = 0; i < XT_ARRAY_SIZE(benches); i++) {
			const double t = now();

			benches[i].run();
			const double rate = benches[i].units / (now() - t);

			if (rate > best[i])
				best[i] = rate;
		}
	} while (now() < end);
	for (size_t i = 0; i < XT_ARRAY_SIZE(benches); i++) {
		const size_t base = i < 4 ? 0 : 4;

		(void)printf("%-26s %12.0f /s   ratio %.3f\n", benches[i].name, best[i],
			     best[i] / best[base]);
	}
	(void)printf("%ld cores: ratio per core %.3f\n", cores,
		     best[3] / best[0] / (double)cores);
	crawl_pool_free(one);
	crawl_pool_free(all);
	return 0;
}
