#include "fixture.h"

#include <stdlib.h>
#include <string.h>

json_t *fixture_load(const char *path)
{
	json_error_t e;
	json_t *v = json_load_file(path, JSON_REJECT_DUPLICATES, &e);

	if (v == NULL)
		fail_msg("%s: %s", path, e.text);
	return v;
}

json_t *fixture_at(const json_t *obj, const char *key)
{
	json_t *v = json_object_get(obj, key);

	if (v == NULL)
		fail_msg("fixture has no '%s'", key);
	return v;
}

char *fixture_dump(const json_t *v)
{
	char *s = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(s);
	return s;
}

struct nem_hash fixture_hash(const json_t *hex)
{
	struct nem_hash h;

	assert_true(json_is_string(hex));
	assert_int_equal(xt_hex_decode(h.b, sizeof(h.b), json_string_value(hex), NULL),
			 XT_OK);
	return h;
}

json_t *fixture_page(const json_t *tx)
{
	const bool multisig =
	    json_integer_value(json_object_get(tx, "type")) == NEM_TX_MULTISIG;
	const char *hash =
	    "88f91469a9676355c283b84dff9b33a58dedd4839df4fa1df7b0999ae1edd742";
	json_t *inner = multisig ? json_pack("{s:s}", "data", hash) : json_object();
	json_t *page = json_pack("{s:[{s:{s:i,s:i,s:{s:s},s:o},s:o}]}", "data", "meta",
				 "id", 7, "height", 1500000, "hash", "data", hash,
				 "innerHash", inner, "transaction", json_deep_copy(tx));

	assert_non_null(page);
	return page;
}
