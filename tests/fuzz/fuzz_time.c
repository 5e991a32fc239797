/* floor: nem */
/* Times: what parses is written and parsed back to the same second. */
#include <xemtrace/nem.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(int64_t unix_seconds)
{
	char text[24];
	int64_t back;

	nem_time_format_utc(text, unix_seconds);
	if (strcmp(text, "out of range") == 0)
		return;
	assert(strlen(text) == 20);
	assert(nem_time_parse(&back, text, NULL) == XT_OK);
	assert(back == unix_seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[64];
	int64_t t;
	const size_t n = size < sizeof(text) - 1 ? size : sizeof(text) - 1;

	if (n > 0)
		memcpy(text, data, n);
	text[n] = '\0';
	if (nem_time_parse(&t, text, NULL) == XT_OK)
		round_trip(t);
	if (size >= 8) {
		uint32_t s;

		memcpy(&t, data, 8);
		round_trip(t);
		(void)nem_height_estimate(t);
		if (nem_time_from_unix(&s, t))
			assert(nem_time_to_unix(s) == t);
		round_trip(t % INT64_C(300000000000));
	}
	return 0;
}
