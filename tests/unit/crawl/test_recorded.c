/* The answers of a real NIS (fixtures/vectors/nis-recorded), as the crawl meets them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

#define DIR "fixtures/vectors/nis-recorded/"

struct record {
	json_t *accounts, *misc;
};

static json_t *account_of(const struct record *rec, const char *path)
{
	const char *name;
	json_t *a;

	json_object_foreach(rec->accounts, name, a)
	{
		json_t *info = json_object_get(json_object_get(a, "get"), "account");

		if (strstr(path, json_string_value(json_object_get(info, "address"))) !=
		    NULL)
			return a;
	}
	return NULL;
}

/* The record was made with pages of 25: as one page of 100. To be freed. */
static json_t *one_page(json_t *pages)
{
	json_t *all = json_array();
	json_t *page;
	size_t i;

	json_array_foreach(pages, i, page)
	    json_array_extend(all, json_object_get(page, "data"));
	return json_pack("{s:o}", "data", all);
}

static enum xt_status find(void *ctx, const struct nis_request *r, struct nis_answer *a,
			   struct xt_err *err)
{
	const struct record *rec = ctx;
	json_t *account = account_of(rec, r->path);
	json_t *body = NULL, *merged = NULL;
	char *text;

	(void)err;
	if (fake_is(r, "/account/get?", NULL))
		body = json_object_get(account, "get");
	else if (fake_is(r, "/account/transfers/all", NULL))
		body = merged = one_page(json_object_get(account, "all"));
	else
		body = json_object_get(json_object_get(rec->misc, r->path), "json");
	if (body == NULL && fake_is(r, "/account/harvests", NULL)) {
		fake_body(a, 200, "{\"data\":[]}"); /* none of the four harvested */
		return XT_OK;
	}
	if (body == NULL) {
		fake_body(
		    a, 404,
		    "{\"timeStamp\":1,\"error\":\"Not Found\",\"message\":\"not in the "
		    "record\",\"status\":404}");
		return XT_OK;
	}
	text = json_dumps(body, JSON_COMPACT);
	fake_body(a, 200, text);
	free(text);
	json_decref(merged);
	return XT_OK;
}

static void test_recorded(void **state)
{
	struct record rec = {
		.accounts = json_load_file(DIR "accounts.json", 0, NULL),
		.misc = json_load_file(DIR "misc.json", 0, NULL),
	};
	struct fake_net net;
	struct test_case k;
	const char *name;
	json_t *a;

	(void)state;
	assert_non_null(rec.accounts);
	assert_non_null(rec.misc);
	memset(&net, 0, sizeof(net));
	net.n = 1;
	(void)snprintf(net.nodes[0].url, sizeof(net.nodes[0].url),
		       "http://nis.test:7890");
	assert_int_equal(nis_transport_replay(&net.transport, find, &rec, NULL), XT_OK);
	case_open(&k, &net);
	json_object_foreach(rec.accounts, name, a)
	{
		json_t *info = json_object_get(json_object_get(a, "get"), "account");

		case_seed(&k, json_string_value(json_object_get(info, "address")));
	}
	k.opt.max_depth = 0;
	k.opt.blocks = CRAWL_BLOCKS_NONE;
	assert_int_equal(case_crawl(&k, &net), XT_OK);
	assert_int_equal(k.rep.incidents, 0);
	assert_int_equal(k.rep.accounts_open, 0);
	json_object_foreach(rec.accounts, name, a)
	{
		json_t *info = json_object_get(json_object_get(a, "get"), "account");
		const struct store_account row = case_account(
		    &k, json_string_value(json_object_get(info, "address")));

		assert_int_equal(row.balance_uxem,
				 json_integer_value(json_object_get(info, "balance")));
		/* The tagger's mosaics have levies that are not in the record. */
		if (strcmp(name, "tagger") != 0)
			assert_int_equal(row.state, STORE_COMPLETE);
	}
	case_close(&k);
	nis_transport_free(&net.transport);
	json_decref(rec.accounts);
	json_decref(rec.misc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
