/* Exchanges, processors and swap services, and what a customer writes to them. */
#include <string.h>

#include "model.h"

/* Shapes of memos. */
enum shape { DIGITS, HEX, UPPER, MIXED, D_HEX };

static const struct {
	const char *name, *label, *category, *models;
	enum shape shape;
	unsigned length;
	unsigned weight; /* how often a buyer chooses it, of 100 */
	bool multisig;
	unsigned opening; /* thousands of XEM of other customers */
} services[] = {
	{ "yobit", "Yobit (presumed)", "exchange",
	  "NBRT3YQTVHLTYBDUXH2HHURI5KCYDWRWJ63YWIGG", DIGITS, 8, 10, false, 9000 },
	{ "hitbtc", "HitBTC (presumed)", "exchange",
	  "NBX3QKZJV2UPO3NJ5ULTFW2V5EE4N2I5N2REX7PO", HEX, 32, 12, false, 12000 },
	{ "okex", "OKEx", "exchange", "NCYAVMNQOZ3MZETEBD34ACMAX3S57WUSWAZWY3DW",
	  DIGITS, 6, 10, false, 20000 },
	{ "bittrex", "Bittrex", "exchange", "ND2JRPQIWXHKAA26INVGA7SREEUMX5QAI6VU7HNR",
	  HEX, 20, 10, false, 30000 },
	{ "poloniex", "Poloniex", "exchange",
	  "NBZMQO7ZPBYNBDUR7F75MAKA2S3DHDCIFG775N3D", HEX, 16, 12, false, 40000 },
	{ "indodax", "Indodax", "exchange", "NCCFO5QDFV5FS3BTBPEU2QO6UHZD7PHGFNCPISDL",
	  DIGITS, 7, 4, false, 3000 },
	{ "zaif", "Zaif", "exchange", "", MIXED, 16, 22, true, 90000 },
	{ "binance", "Binance", "exchange", "", DIGITS, 9, 14, false, 60000 },
	{ "cryptopia", "Cryptopia", "exchange", "", HEX, 32, 4, false, 1000 },
	{ "appsolutely", "Appsolutely", "service", "", DIGITS, 6, 0, false, 100 },
	{ "changelly", "Changelly", "swap-service", "", MIXED, 12, 2, false, 5000 },
	{ "coinpayments", "CoinPayments", "payment-processor", "", D_HEX, 17, 0, true,
	  2000 },
};

void story_services(struct model *m)
{
	uint32_t w = wallet_new(m, "harvester", NULL, "harvester");
	uint32_t cosigners[3];

	wallet_label(m, w, "protocol", false, "Harvester of the model");
	for (size_t i = 0; i < XT_ARRAY_SIZE(services); i++) {
		w = wallet_new(m, "service", NULL, "%s", services[i].name);
		wallet_label(m, w, services[i].category, true, "%s", services[i].label);
		wallet_models(m, w, services[i].models);
		m->w[w].opening = services[i].opening * 1000 * XEM;
		if (!services[i].multisig)
			continue;
		for (unsigned k = 0; k < 3; k++)
			cosigners[k] =
			    wallet_new(m, "cosigner of a service", services[i].name,
				       "%s-key%u", services[i].name, k + 1);
		make_multisig(m, w, cosigners, 2, START + DAY + (int64_t)i * 600);
		fact(m, "cosignatories", w, NOBODY, cosigners, 3);
	}
}

static uint64_t mix(uint64_t h, const char *s)
{
	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001B3);
	return h;
}

struct memo customer_memo(const struct model *m, uint32_t service, const char *owner)
{
	static const char *const alphabets[] = {
		[DIGITS] = "0123456789",
		[HEX] = "0123456789abcdef",
		[UPPER] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		[MIXED] = "0123456789abcdefghijklmnopqrstuvwxyz",
		[D_HEX] = "0123456789ABCDEF",
	};
	enum shape shape = DIGITS;
	unsigned length = 10; /* of those that nobody labelled */
	struct memo memo = { .kind = MEMO_PLAIN };
	uint64_t h =
	    mix(mix(m->seed ^ UINT64_C(0xCBF29CE484222325), owner), m->w[service].name);

	for (size_t i = 0; i < XT_ARRAY_SIZE(services); i++)
		if (strcmp(services[i].name, m->w[service].name) == 0) {
			shape = services[i].shape;
			length = services[i].length;
		}
	for (unsigned i = 0; i < length; i++) {
		h = h * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		memo.text[i] = alphabets[shape][(h >> 33) % strlen(alphabets[shape])];
	}
	if (shape == D_HEX)
		memo.text[0] = 'D';
	return memo;
}

uint32_t some_exchange(struct model *m)
{
	uint64_t at = chance(m, 100);

	for (size_t i = 0; i < XT_ARRAY_SIZE(services); i++) {
		if (at < services[i].weight)
			return wallet_find(m, services[i].name);
		at -= services[i].weight;
	}
	return wallet_find(m, "zaif");
}
