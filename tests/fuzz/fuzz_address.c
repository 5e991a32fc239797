/* floor: nem */
/* Addresses: what parses is canonical, parses again from both its forms and is of a
 * known network; the address of any key parses to itself. */
#include <xemtrace/nem.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(const struct nem_address *a)
{
	struct nem_address b;
	char dashed[47];

	assert(nem_address_parse(&b, a->s, NULL) == XT_OK);
	assert(strcmp(a->s, b.s) == 0);
	nem_address_format_dashed(dashed, a);
	assert(strlen(dashed) == 46);
	assert(nem_address_parse(&b, dashed, NULL) == XT_OK);
	assert(nem_address_equal(a, &b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum nem_network nets[] = { NEM_MAINNET, NEM_TESTNET, NEM_MIJIN };
	char text[128];
	struct nem_address a;
	const size_t n = size < sizeof(text) - 1 ? size : sizeof(text) - 1;

	if (n > 0)
		memcpy(text, data, n);
	text[n] = '\0';
	if (nem_address_parse(&a, text, NULL) == XT_OK)
		round_trip(&a);
	if (size >= sizeof(struct nem_pubkey)) {
		struct nem_pubkey key;

		memcpy(key.b, data, sizeof(key.b));
		for (size_t i = 0; i < XT_ARRAY_SIZE(nets); i++) {
			nem_address_from_pubkey(&a, nets[i], &key);
			assert(nem_address_network(&a) == nets[i]);
			round_trip(&a);
		}
	}
	return 0;
}
