/* floor: nem */
/* Amounts: what parses survives both ways of writing it; any number does. */
#include <xemtrace/nem.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(struct nem_amount a)
{
	char text[32];
	struct nem_amount b;

	for (int grouped = 0; grouped < 2; grouped++) {
		assert(nem_amount_parse_xem(&b,
					    nem_amount_format(text, a, grouped != 0),
					    NULL) == XT_OK);
		assert(a.uxem == b.uxem);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[64];
	struct nem_amount a;
	const size_t n = size < sizeof(text) - 1 ? size : sizeof(text) - 1;

	if (n > 0)
		memcpy(text, data, n);
	text[n] = '\0';
	if (nem_amount_parse_xem(&a, text, NULL) == XT_OK) {
		assert(a.uxem <= INT64_MAX);
		assert(strspn(text, "0123456789,.") == strlen(text));
		round_trip(a);
	}
	if (size >= 8) {
		memcpy(&a.uxem, data, 8);
		a.uxem &= INT64_MAX;
		round_trip(a);
	}
	return 0;
}
