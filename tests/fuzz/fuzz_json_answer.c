/* floor: nis */
/* The smaller answers of a node and its errors. The first byte picks the decoder; what
 * it lets through is within its promises. */
#include <xemtrace/nis.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_account(const uint8_t *p, size_t n)
{
	struct nis_account a = { 0 };
	struct nem_address derived;

	if (nis_decode_account(&a, p, n, NULL) != XT_OK)
		return;
	assert(nem_address_parse(&derived, a.address.s, NULL) == XT_OK);
	assert(a.balance.uxem <= NEM_SUPPLY_UXEM);
	if (a.has_key) {
		nem_address_from_pubkey(&derived, nem_address_network(&a.address),
					&a.key);
		assert(nem_address_equal(&derived, &a.address));
	}
	for (size_t i = 0; i < a.n_cosignatories; i++)
		assert(nem_address_parse(&derived, a.cosignatories[i].s, NULL) ==
		       XT_OK);
	nis_account_release(&a);
}

static void check_lists(const uint8_t *p, size_t n)
{
	struct nis_harvest_page page = { 0 };
	struct nis_historical *v = NULL;
	size_t count = 0;

	if (nis_decode_harvests(&page, p, n, NULL) == XT_OK) {
		for (size_t i = 1; i < page.n; i++)
			assert(page.v[i].height < page.v[i - 1].height);
		nis_harvest_page_release(&page);
	}
	if (nis_decode_historical(&v, &count, p, n, NULL) == XT_OK) {
		for (size_t i = 1; i < count; i++)
			assert(v[i].height > v[i - 1].height);
		free(v);
	}
}

static void check_node(const uint8_t *p, size_t n)
{
	struct nis_node_info i;
	uint64_t height;
	uint32_t code;

	if (nis_decode_node_info(&i, p, n, NULL) == XT_OK)
		assert(i.network == NEM_MAINNET || i.network == NEM_TESTNET ||
		       i.network == NEM_MIJIN);
	if (nis_decode_height(&height, p, n, NULL) == XT_OK)
		assert(height > 0);
	if (nis_decode_status(&code, p, n, NULL) == XT_OK)
		assert(code <= INT32_MAX);
}

static void check_definition(const uint8_t *p, size_t n)
{
	struct nem_mosaic_definition d = { 0 };
	struct nis_request r;

	if (nis_decode_mosaic_definition(&d, p, n, NULL) != XT_OK)
		return;
	assert(d.levy.kind <= 2);
	if (nis_req_mosaic_definition(&r, &d.id, NULL) == XT_OK)
		for (const char *c = r.path; *c != '\0'; c++)
			assert(*c > ' ' && *c <= '~' && *c != '#');
	nem_mosaic_definition_release(&d);
}

static void check_verdict(int http, const uint8_t *p, size_t n)
{
	struct nis_answer a = { .http = http, .len = n };
	struct xt_err err = { 0 };

	a.body = malloc(n + 1);
	assert(a.body != NULL);
	memcpy(a.body, p, n);
	assert(nis_answer_verdict(&a, &err) != NIS_USE);
	assert(err.text[0] != '\0');
	for (const char *c = err.text; *c != '\0'; c++)
		assert((uint8_t)*c >= ' ' && *c != 0x7F);
	nis_answer_release(&a);
}

static void check_url(const uint8_t *p, size_t n)
{
	char text[512];
	char once[256];
	char twice[256];

	if (n >= sizeof(text))
		return;
	memcpy(text, p, n);
	text[n] = '\0';
	if (nis_node_url(once, text, NULL) != XT_OK)
		return;
	assert(nis_node_url(twice, once, NULL) == XT_OK);
	assert(strcmp(once, twice) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int codes[] = { 400, 401, 404, 500, 503 };

	if (size == 0)
		return 0;
	switch (data[0] % 6) {
	case 0:
		check_account(data + 1, size - 1);
		break;
	case 1:
		check_lists(data + 1, size - 1);
		break;
	case 2:
		check_node(data + 1, size - 1);
		break;
	case 3:
		check_definition(data + 1, size - 1);
		break;
	case 4:
		check_verdict(codes[data[0] % XT_ARRAY_SIZE(codes)], data + 1,
			      size - 1);
		break;
	default:
		check_url(data + 1, size - 1);
		break;
	}
	return 0;
}
