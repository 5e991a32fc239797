/* What must be refused, and in which words: one row per way to be wrong. Each row
 * changes one value of an answer that decodes. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include <xemtrace/limits.h>

#define TESTNET_ADDRESS "TABHFGE5ORQD3LE4O6B7JUFN47ECOFBFATE53N2I"

typedef enum xt_status decoder(const uint8_t *p, size_t n, struct xt_err *err);

static enum xt_status decode_page(const uint8_t *p, size_t n, struct xt_err *err)
{
	struct nis_tx_page page = { 0 };
	const enum xt_status rc = nis_decode_transfers(&page, p, n, err);

	nis_tx_page_release(&page);
	return rc;
}

static enum xt_status decode_block(const uint8_t *p, size_t n, struct xt_err *err)
{
	struct nem_block b = { 0 };
	const enum xt_status rc = nis_decode_block(&b, p, n, err);

	nem_block_release(&b);
	return rc;
}

static enum xt_status decode_blocks(const uint8_t *p, size_t n, struct xt_err *err)
{
	struct nis_block_list l = { 0 };
	const enum xt_status rc = nis_decode_blocks_after(&l, p, n, err);

	nis_block_list_release(&l);
	return rc;
}

static enum xt_status decode_account(const uint8_t *p, size_t n, struct xt_err *err)
{
	struct nis_account a = { 0 };
	const enum xt_status rc = nis_decode_account(&a, p, n, err);

	nis_account_release(&a);
	return rc;
}

static enum xt_status decode_harvests(const uint8_t *p, size_t n, struct xt_err *err)
{
	struct nis_harvest_page page = { 0 };
	const enum xt_status rc = nis_decode_harvests(&page, p, n, err);

	nis_harvest_page_release(&page);
	return rc;
}

static enum xt_status decode_historical(const uint8_t *p, size_t n, struct xt_err *err)
{
	struct nis_historical *v = NULL;
	size_t count;
	const enum xt_status rc = nis_decode_historical(&v, &count, p, n, err);

	free(v);
	return rc;
}

static enum xt_status decode_node(const uint8_t *p, size_t n, struct xt_err *err)
{
	struct nis_node_info i;

	return nis_decode_node_info(&i, p, n, err);
}

static enum xt_status decode_height(const uint8_t *p, size_t n, struct xt_err *err)
{
	uint64_t h;

	return nis_decode_height(&h, p, n, err);
}

/* ---- changing one value
 * ---------------------------------------------------------------- */

/* The container and the last step of "data.0.meta.id". */
static json_t *walk(json_t *v, const char *path, char last[64])
{
	for (;;) {
		const size_t n = strcspn(path, ".");

		assert_true(n < 64);
		memcpy(last, path, n);
		last[n] = '\0';
		if (path[n] == '\0')
			return v;
		v = json_is_array(v) ? json_array_get(v, strtoul(last, NULL, 10))
				     : json_object_get(v, last);
		if (v == NULL)
			fail_msg("the fixture has no '%s'", path);
		path += n + 1;
	}
}

/* Set what stands at `path` to a JSON text, or remove it (NULL). */
static void change(json_t *v, const char *path, const char *text)
{
	char last[64];
	json_t *box = walk(v, path, last);
	json_t *value = text == NULL ? NULL : json_loads(text, JSON_DECODE_ANY, NULL);

	if (text == NULL) {
		assert_int_equal(json_object_del(box, last), 0);
		return;
	}
	assert_non_null(value);
	if (json_is_array(box))
		assert_int_equal(
		    json_array_set_new(box, strtoul(last, NULL, 10), value), 0);
	else
		assert_int_equal(json_object_set_new(box, last, value), 0);
}

struct row {
	const char *path;
	const char *value; /* NULL: take it away */
	const char *error; /* how the error begins; NULL: it must decode */
};

static void check_rows(decoder *decode, const json_t *good, const struct row *rows,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_t *v = json_deep_copy(good);
		struct xt_err err = { 0 };
		enum xt_status rc;
		char *text = fixture_dump(v);

		assert_int_equal(decode((uint8_t *)text, strlen(text), NULL), XT_OK);
		free(text);
		change(v, rows[i].path, rows[i].value);
		text = fixture_dump(v);
		rc = decode((uint8_t *)text, strlen(text), &err);
		if (rows[i].error == NULL) {
			if (rc != XT_OK)
				fail_msg("%s: %s", rows[i].path, err.text);
		} else if (rc != XT_E_DATA || err.code != XT_E_DATA ||
			   strncmp(err.text, rows[i].error, strlen(rows[i].error)) !=
			       0) {
			fail_msg("%s: got '%s', want '%s'", rows[i].path, err.text,
				 rows[i].error);
		}
		free(text);
		json_decref(v);
	}
}

static json_t *generated(const char *name)
{
	json_t *all = fixture_load("fixtures/vectors/nis1-generated.json");
	json_t *t = fixture_at(fixture_at(all, "transactions"), name);
	json_t *page = fixture_page(fixture_at(t, "json"));

	json_decref(all);
	return page;
}

static void check_page(const char *name, const struct row *rows, size_t n)
{
	json_t *page = generated(name);

	check_rows(decode_page, page, rows, n);
	json_decref(page);
}

#define TX "data.0.transaction."
#define AT "data[0].transaction."

/* ---- transactions
 * -------------------------------------------------------------------------- */

static void test_common_fields(void **state)
{
	static const struct row rows[] = {
		{ "data", NULL, "data: missing" },
		{ "data", "{}", "data: an object is not an array" },
		{ "data.0", "[]", "data[0]: an array is not an object" },
		{ "data.0", "null", "data[0]: null is not an object" },
		{ "data.0.meta", NULL, "data[0].meta: missing" },
		{ "data.0.meta.id", NULL, "data[0].meta.id: missing" },
		{ "data.0.meta.id", "null", "data[0].meta.id: null is not an integer" },
		{ "data.0.meta.id", "\"7\"",
		  "data[0].meta.id: \"7\" is not an integer" },
		{ "data.0.meta.id", "7.0", "data[0].meta.id: 7 is not an integer" },
		{ "data.0.meta.id", "1.5", "data[0].meta.id: 1.5 is not an integer" },
		{ "data.0.meta.id", "true", "data[0].meta.id: true is not an integer" },
		{ "data.0.meta.id", "-1", "data[0].meta.id: -1 is out of range, 0 to" },
		{ "data.0.meta.id", "0", NULL },
		{ "data.0.meta.height", "0", "data[0].meta.height: 0 is out of range" },
		{ "data.0.meta.height", "4294967296",
		  "data[0].meta.height: 4294967296 is out of range, 1 to 4294967295" },
		{ "data.0.meta.hash", "{}", "data[0].meta.hash.data: missing" },
		{ "data.0.meta.hash", "null",
		  "data[0].meta.hash: null is not an object" },
		{ "data.0.meta.hash.data", "\"zz\"",
		  "data[0].meta.hash.data: 2 hex digits" },
		{ "data.0.meta.innerHash", NULL, "data[0].meta.innerHash: missing" },
		{ "data.0.meta.innerHash", "null",
		  "data[0].meta.innerHash: null is not an object" },
		{ "data.0.meta.innerHash",
		  "{\"data\":\"88f91469a9676355c283b84dff9b33a58dedd4839df4fa1df7b0999ae1edd"
		  "742\"}",
		  "data[0].meta.innerHash: given for a transaction of type 257" },
		{ "data.0.transaction", NULL, "data[0].transaction: missing" },
		{ TX "type", "258", AT "type: 258 is not a type of transaction" },
		{ TX "type", "4098", AT "type: 4098: a cosignature stands in" },
		{ TX "type", "-1", AT "type: -1 is out of range" },
		{ TX "version", "1744830467", AT "version: 1744830467 is version 3" },
		{ TX "version", "1744830464", AT "version: 1744830464 is version 0" },
		{ TX "version", "1",
		  AT "version: 1 is of no known network (byte 0x00)" },
		{ TX "version", "2147483648",
		  AT "version: 2147483648 is out of range" },
		{ TX "version", "-1744830463",
		  AT "recipient: an address of mainnet in a transaction of testnet" },
		{ TX "timeStamp", "-1", AT "timeStamp: -1 is out of range, 0 to" },
		{ TX "timeStamp", "2147483648",
		  AT "timeStamp: 2147483648 is out of range" },
		{ TX "timeStamp", "1e3", AT "timeStamp: 1000 is not an integer" },
		{ TX "deadline", "null", AT "deadline: null is not an integer" },
		{ TX "fee", "-50000", AT "fee: -50000 is out of range" },
		{ TX "fee", "9000000240000001",
		  AT "fee: 9000000240000001 is out of range" },
		{ TX "signer", NULL, AT "signer: missing" },
		{ TX "signer", "null", AT "signer: null is not a string" },
		{ TX "signer", "7", AT "signer: 7 is not a string" },
		{ TX "signer", "\"c5f5\"",
		  AT "signer: 4 hex digits where 64 belong: \"c5f5\"" },
		{ TX "signer",
		  "\"c5f54ba980fcbb657dbaaa42700539b207873e134d2375efeab5f1ab52f8784g\"",
		  AT "signer: 'g' at place 64 is not a hex digit" },
		{ TX "signature", NULL, AT "signature: missing" },
		{ TX "signature", "\"\"",
		  AT "signature: 0 hex digits where 128 belong" },
		{ TX "unheardOf", "[[{}]]", NULL },
	};

	(void)state;
	check_page("transfer_v1_text", rows, XT_ARRAY_SIZE(rows));
}

static void test_transfer(void **state)
{
	static const struct row rows[] = {
		{ TX "recipient", NULL, AT "recipient: missing" },
		{ TX "recipient", "null", AT "recipient: null is not a string" },
		{ TX "recipient", "\"NABHFGE5ORQD3LE4O6B7JUFN47ECOFBFASC3SCAD\"",
		  AT "recipient: checksum does not hold: "
		     "\"NABHFGE5ORQD3LE4O6B7JUFN47ECOFBFASC3SCAD\"" },
		{ TX "recipient", "\"NABHFG\"", AT "recipient: 6 characters where 40" },
		{ TX "recipient", "\"" TESTNET_ADDRESS "\"",
		  AT "recipient: an address of testnet in a transaction of mainnet" },
		{ TX "recipient", "\"NABHFG-E5ORQD-3LE4O6-B7JUFN-47ECOF-BFASC3-SCAC\"",
		  AT
		  "recipient: \"NABHFG-E5ORQD-3LE4O6-B7JUFN-47ECOF-BFASC3-SCAC\" is not "
		  "in a node's form" },
		{ TX "recipient", "\"nabhfge5orqd3le4o6b7jufn47ecofbfasc3scac\"",
		  AT "recipient: \"nabhfge5" },
		{ TX "amount", "-1", AT "amount: -1 is out of range" },
		{ TX "amount", "1234567890.0",
		  AT "amount: 1234567890 is not an integer" },
		{ TX "amount", "9000000240000001",
		  AT "amount: 9000000240000001 is out of" },
		{ TX "amount", "9000000240000000", NULL },
		{ TX "amount", "0", NULL },
		{ TX "message", NULL, AT "message: missing" },
		{ TX "message", "null", AT "message: null is not an object" },
		{ TX "message", "\"hi\"", AT "message: \"hi\" is not an object" },
		{ TX "message", "{}", NULL },
		{ TX "message.type", "3",
		  AT "message.type: 3 is out of range, 1 to 2" },
		{ TX "message.type", "0", AT "message.type: 0 is out of range" },
		{ TX "message.type", NULL, AT "message.type: missing" },
		{ TX "message.payload", NULL, AT "message.payload: missing" },
		{ TX "message.payload", "null",
		  AT "message.payload: null is not a string" },
		{ TX "message.payload", "\"abc\"",
		  AT "message.payload: 3 hex digits, an odd number: \"abc\"" },
		{ TX "message.payload", "\"6869zz\"",
		  AT "message.payload: 'z' at place 5 is not a hex digit: \"6869zz\"" },
	};
	static const struct row v2[] = {
		{ TX "mosaics", NULL, AT "mosaics: missing" },
		{ TX "mosaics", "null", AT "mosaics: null is not an array" },
		{ TX "mosaics", "{}", AT "mosaics: an object is not an array" },
		{ TX "mosaics", "[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]",
		  AT "mosaics: 17 elements, at most 16 belong here" },
		{ TX "mosaics.1", "{}", AT "mosaics[1].mosaicId: missing" },
		{ TX "mosaics.1.quantity", "-3",
		  AT "mosaics[1].quantity: -3 is out of" },
		{ TX "mosaics.1.quantity", "0.5",
		  AT "mosaics[1].quantity: 0.5 is not an" },
		{ TX "mosaics.0.mosaicId.name", "null",
		  AT "mosaics[0].mosaicId.name: null is not a string" },
		{ TX "mosaics.0.mosaicId.namespaceId", NULL,
		  AT "mosaics[0].mosaicId.namespaceId: missing" },
		/* A factor of mosaics may be larger than all XEM. */
		{ TX "amount", "9223372036854775807", NULL },
	};

	(void)state;
	check_page("transfer_v1_text", rows, XT_ARRAY_SIZE(rows));
	check_page("transfer_v2_mosaics_hexmsg", v2, XT_ARRAY_SIZE(v2));
}

static void test_message_length(void **state)
{
	static const size_t sizes[] = { XT_MAX_MESSAGE, XT_MAX_MESSAGE + 1 };

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(sizes); i++) {
		json_t *page = generated("transfer_v1_text");
		char *payload = calloc(sizes[i] * 2 + 3, 1);
		struct xt_err err = { 0 };
		enum xt_status rc;
		char *text;

		assert_non_null(payload);
		memset(payload, '7', sizes[i] * 2 + 2);
		payload[0] = '"';
		payload[sizes[i] * 2 + 1] = '"';
		change(page, TX "message.payload", payload);
		text = fixture_dump(page);
		rc = decode_page((uint8_t *)text, strlen(text), &err);
		assert_int_equal(rc, i == 0 ? XT_OK : XT_E_DATA);
		if (i == 1)
			assert_string_equal(err.text,
					    AT "message.payload: 1025 bytes, a "
					       "message has at most 1024");
		free(text);
		free(payload);
		json_decref(page);
	}
}

static void test_other_types(void **state)
{
	static const struct row importance[] = {
		{ TX "mode", "0", AT "mode: 0 is out of range, 1 to 2" },
		{ TX "mode", NULL, AT "mode: missing" },
		{ TX "remoteAccount", "null",
		  AT "remoteAccount: null is not a string" },
		{ TX "version", "1744830466",
		  AT "version: 1744830466 is version 2, type 2049" },
	};
	static const struct row aggregate[] = {
		{ TX "modifications", "{}",
		  AT "modifications: an object is not an array" },
		{ TX "modifications.2.modificationType", "3",
		  AT "modifications[2].modificationType: 3 is out of range" },
		{ TX "modifications.5.cosignatoryAccount", "\"00\"",
		  AT "modifications[5].cosignatoryAccount: 2 hex digits where 64" },
		{ TX "minCosignatories", NULL, AT "minCosignatories: missing" },
		{ TX "minCosignatories", "{}", NULL },
		{ TX "minCosignatories", "-1",
		  AT "minCosignatories: -1 is not an object" },
		{ TX "minCosignatories.relativeChange", "2147483648",
		  AT "minCosignatories.relativeChange: 2147483648 is out of range" },
	};
	static const struct row ns[] = {
		{ TX "rentalFeeSink", "\"" TESTNET_ADDRESS "\"",
		  AT "rentalFeeSink: an address of testnet" },
		{ TX "rentalFee", "1.0", AT "rentalFee: 1 is not an integer" },
		{ TX "rentalFee", "9999999999999999",
		  AT "rentalFee: 9999999999999999 is" },
		{ TX "newPart", "null", AT "newPart: null is not a string" },
		{ TX "parent", "null", NULL },
		{ TX "parent", NULL, AT "parent: missing" },
		{ TX "parent", "{}", AT "parent: an object is not a string" },
	};
	static const struct row supply[] = {
		{ TX "supplyType", "9", AT "supplyType: 9 is out of range" },
		{ TX "delta", "-9", AT "delta: -9 is out of range" },
		{ TX "mosaicId", "{}", AT "mosaicId.namespaceId: missing" },
	};

	(void)state;
	check_page("importance_transfer", importance, XT_ARRAY_SIZE(importance));
	check_page("aggregate_modification_v2", aggregate, XT_ARRAY_SIZE(aggregate));
	check_page("provision_namespace_sub", ns, XT_ARRAY_SIZE(ns));
	check_page("mosaic_supply_change", supply, XT_ARRAY_SIZE(supply));
}

static void test_mosaic_definition(void **state)
{
	static const struct row rows[] = {
		{ TX "creationFeeSink", "0", AT "creationFeeSink: 0 is not a string" },
		{ TX "creationFee", "-1", AT "creationFee: -1 is out of range" },
		{ TX "mosaicDefinition", "{}", AT "mosaicDefinition.creator: missing" },
		{ TX "mosaicDefinition.description", "null",
		  AT "mosaicDefinition.description: null is not a string" },
		{ TX "mosaicDefinition.properties.3.value", "true",
		  AT "mosaicDefinition.properties[3].value: true is not a string" },
		{ TX "mosaicDefinition.properties", "null",
		  AT "mosaicDefinition.properties: null is not an array" },
		{ TX "mosaicDefinition.levy", "{}", NULL },
		{ TX "mosaicDefinition.levy", "null",
		  AT "mosaicDefinition.levy: null is not an object" },
		{ TX "mosaicDefinition.levy.type", "3",
		  AT "mosaicDefinition.levy.type: 3 is out of range" },
		{ TX "mosaicDefinition.levy.fee", "\"5\"",
		  AT "mosaicDefinition.levy.fee: \"5\" is not an integer" },
		{ TX "mosaicDefinition.levy.recipient", "\"" TESTNET_ADDRESS "\"",
		  AT "mosaicDefinition.levy.recipient: an address of testnet" },
	};

	(void)state;
	check_page("mosaic_definition_levy", rows, XT_ARRAY_SIZE(rows));
}

static void test_multisig(void **state)
{
	static const struct row rows[] = {
		{ "data.0.meta.innerHash", "{}",
		  "data[0].meta.innerHash: missing for a transaction of type 4100" },
		{ TX "otherTrans", NULL, AT "otherTrans: missing" },
		{ TX "otherTrans", "{}", AT "otherTrans.type: missing" },
		{ TX "otherTrans.type", "4100",
		  AT "otherTrans.type: 4100: a multisig" },
		{ TX "otherTrans.type", "4098",
		  AT "otherTrans.type: 4098: a cosignature" },
		{ TX "otherTrans.version", "-1744830463",
		  AT
		  "otherTrans.recipient: an address of mainnet in a transaction of" },
		{ TX "otherTrans.recipient",
		  "\"NABHFGE5ORQD3LE4O6B7JUFN47ECOFBFASC3SCAD\"",
		  AT "otherTrans.recipient: checksum does not hold" },
		{ TX "signatures", NULL, AT "signatures: missing" },
		{ TX "signatures", "[]", NULL },
		{ TX "signatures", "null", AT "signatures: null is not an array" },
		{ TX "signatures.0.type", "257",
		  AT "signatures[0].type: 257 where a cosignature (4098) belongs" },
		{ TX "signatures.0.otherHash", "\"00\"",
		  AT "signatures[0].otherHash: \"00\" is not an object" },
		{ TX "signatures.0.otherHash.data", "\"00\"",
		  AT "signatures[0].otherHash.data: 2 hex digits where 64 belong" },
		{ TX "signatures.0.otherAccount", "\"" TESTNET_ADDRESS "\"",
		  AT "signatures[0].otherAccount: an address of testnet" },
		{ TX "signatures.0.signature", NULL,
		  AT "signatures[0].signature: missing" },
	};

	(void)state;
	check_page("multisig", rows, XT_ARRAY_SIZE(rows));
}

/* ---- pages
 * -------------------------------------------------------------------------------------
 */

static json_t *long_page(size_t n)
{
	json_t *one = generated("transfer_v1_text");
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *e = json_deep_copy(json_array_get(fixture_at(one, "data"), 0));

		assert_int_equal(
		    json_object_set_new(fixture_at(e, "meta"), "id",
					json_integer((json_int_t)(1000 - i))),
		    0);
		assert_int_equal(json_array_append_new(list, e), 0);
	}
	json_decref(one);
	return json_pack("{s:o}", "data", list);
}

static void test_pages(void **state)
{
	static const struct row rows[] = {
		{ "data.99.transaction.amount", "-7",
		  "data[99].transaction.amount: -7 is out of range" },
		{ "data.50.meta.id", "951",
		  "data[50].meta.id: 951 is not below 951 of the entry before" },
		{ "data.50.meta.id", "999", "data[50].meta.id: 999 is not below 951" },
	};
	json_t *page = long_page(100);
	struct xt_err err = { 0 };
	char *text;

	(void)state;
	check_rows(decode_page, page, rows, XT_ARRAY_SIZE(rows));
	json_decref(page);
	page = long_page(101);
	text = fixture_dump(page);
	assert_int_equal(decode_page((uint8_t *)text, strlen(text), &err), XT_E_DATA);
	assert_string_equal(err.text, "data: 101 elements, at most 100 belong here");
	free(text);
	json_decref(page);
	assert_int_equal(decode_page((const uint8_t *)"{\"data\":[]}", 11, NULL),
			 XT_OK);
}

static void test_harvests(void **state)
{
	static const struct row rows[] = {
		{ "data.1.height", "90",
		  "data[1].height: 90 is not below 90 of the entry" },
		{ "data.0.totalFee", "-1", "data[0].totalFee: -1 is out of range" },
		{ "data.0.totalFee", "9000000240000001",
		  "data[0].totalFee: 90000002400" },
		{ "data.2.timeStamp", "\"x\"",
		  "data[2].timeStamp: \"x\" is not an integer" },
		{ "data.2.id", NULL, "data[2].id: missing" },
	};
	json_t *all = fixture_load("fixtures/vectors/nis-recorded/misc.json");
	json_t *page = fixture_at(fixture_at(all, "/account/harvests?address="
						  "NA2FE3JTRX5HJDV7KDEUBWLGT3P5VG2W7HQ3"
						  "MS4E"),
				  "json");

	(void)state;
	check_rows(decode_harvests, page, rows, XT_ARRAY_SIZE(rows));
	json_decref(all);
}

static void test_historical(void **state)
{
	static const struct row rows[] = {
		{ "data.1.height", "5",
		  "data[1].height: 5 is not above 5 of the entry" },
		{ "data.1.address", "\"NABHFGE5ORQD3LE4O6B7JUFN47ECOFBFASC3SCAC\"",
		  "data[1].address: NABHFGE5ORQD3LE4O6B7JUFN47ECOFBFASC3SCAC in a list of" },
		{ "data.1.balance", "0.5", "data[1].balance: 0.5 is not an integer" },
	};
	json_t *v = json_pack("{s:[{s:s,s:i,s:i},{s:s,s:i,s:i}]}", "data", "address",
			      NEM_NEMESIS_ADDRESS, "height", 5, "balance", 1, "address",
			      NEM_NEMESIS_ADDRESS, "height", 6, "balance", 2);

	(void)state;
	assert_non_null(v);
	check_rows(decode_historical, v, rows, XT_ARRAY_SIZE(rows));
	json_decref(v);
}

/* ---- blocks, accounts, nodes
 * --------------------------------------------------------------------- */

static void test_block(void **state)
{
	static const struct row rows[] = {
		{ "height", "0", "height: 0 is out of range" },
		{ "height", "1", "type: 1 at height 1" },
		{ "type", "-1", "type: -1 at height" },
		{ "type", "2", "type: 2 is neither 1 nor -1 (nemesis)" },
		{ "version", "1744830466", "version: 1744830466 is not version 1" },
		{ "version", "-1744830463", "transactions[0]: of another network" },
		{ "prevBlockHash", "{}", "prevBlockHash.data: missing" },
		{ "signature", "null", "signature: null is not a string" },
		{ "transactions", NULL, "transactions: missing" },
		{ "transactions.0.recipient", "\"\"",
		  "transactions[0].recipient: 0 characters where 40 belong" },
	};
	json_t *all = fixture_load("fixtures/vectors/mainnet-blocks.json");

	(void)state;
	check_rows(decode_block, fixture_at(json_array_get(all, 0), "block"), rows,
		   XT_ARRAY_SIZE(rows));
	json_decref(all);
}

static void test_block_list(void **state)
{
	static const struct row rows[] = {
		{ "data.1.hash", "{\"data\":\"00\"}",
		  "data[1].hash: an object is not a string" },
		{ "data.1.block", "{}", "data[1].block.height: missing" },
		{ "data.1.block.height", "7",
		  "data[1].block.height: 7 does not follow 2" },
		{ "data.2.block.signer", "\"q\"",
		  "data[2].block.signer: 1 hex digits" },
	};
	json_t *v =
	    fixture_load("fixtures/vectors/nis-recorded/local-chain-blocks-after.json");

	(void)state;
	check_rows(decode_blocks, v, rows, XT_ARRAY_SIZE(rows));
	json_decref(v);
}

static void test_account(void **state)
{
	static const struct row rows[] = {
		{ "account", NULL, "account: missing" },
		{ "account.address", "\"" TESTNET_ADDRESS "\"",
		  "account.publicKey: is the key of T" },
		{ "account.publicKey", "null", NULL },
		{ "account.publicKey",
		  "\"c5f54ba980fcbb657dbaaa42700539b207873e134d2375efeab5f1ab52f87844\"",
		  "account.publicKey: is the key of NDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5JFXJ4R4, "
		  "not of NAUJTHNNPPN4GFC3L7N7ZJ2HXUZD6PQP4RTETDGD" },
		{ "account.balance", "3.1e13",
		  "account.balance: 31000000000000 is not an" },
		{ "account.balance", "-1", "account.balance: -1 is out of range" },
		{ "account.balance", "9000000240000001",
		  "account.balance: 9000000240000001" },
		{ "account.importance", "2.9E-3", NULL },
		{ "account.multisigInfo", "null",
		  "account.multisigInfo: null is not an object" },
		{ "account.multisigInfo.minCosignatories", "0", NULL },
		{ "account.multisigInfo.minCosignatories", "4",
		  "account.multisigInfo.minCosignatories: 4 of 3 cosignatories" },
		{ "account.multisigInfo.cosignatoriesCount", NULL,
		  "account.multisigInfo.cosignatoriesCount: missing" },
		{ "meta.remoteStatus", "\"SLEEPING\"",
		  "meta.remoteStatus: \"SLEEPING\" is no status" },
		{ "meta.remoteStatus", "\"A WORD THAT IS FAR TOO LONG\"",
		  "meta.remoteStatus: \"A WORD THAT IS FAR TOO LONG\" has more than 15 bytes" },
		{ "meta.cosignatories", "{}",
		  "meta.cosignatories: an object is not an array" },
		{ "meta.cosignatories.1.address", "\"N\"",
		  "meta.cosignatories[1].address: 1 characters where 40 belong" },
		{ "meta.cosignatories.1.publicKey",
		  "\"c5f54ba980fcbb657dbaaa42700539b207873e134d2375efeab5f1ab52f87844\"",
		  "meta.cosignatories[1].publicKey: is the key of" },
	};
	json_t *all = fixture_load("fixtures/vectors/nis-recorded/accounts.json");

	(void)state;
	check_rows(decode_account, fixture_at(fixture_at(all, "msig"), "get"), rows,
		   XT_ARRAY_SIZE(rows));
	json_decref(all);
}

static void test_node(void **state)
{
	static const struct row rows[] = {
		{ "metaData.networkId", "0",
		  "metaData.networkId: 0 is no network of NIS1" },
		{ "metaData.networkId", "104.0",
		  "metaData.networkId: 104 is not an integer" },
		{ "metaData.networkId", "152",
		  "metaData.networkId: 152 is out of range" },
		{ "metaData.networkId", "-104", NULL },
		{ "endpoint.port", "65536", "endpoint.port: 65536 is out of range" },
		{ "identity.name", "null", NULL },
		{ "identity.public-key", "\"0\"", "identity.public-key: 1 hex digits" },
	};
	static const struct row height[] = {
		{ "height", "\"90\"", "height: \"90\" is not an integer" },
		{ "height", NULL, "height: missing" },
	};
	json_t *all = fixture_load("fixtures/vectors/nis-recorded/misc.json");

	(void)state;
	check_rows(decode_node, fixture_at(fixture_at(all, "/node/info"), "json"), rows,
		   XT_ARRAY_SIZE(rows));
	check_rows(decode_height, fixture_at(fixture_at(all, "/chain/height"), "json"),
		   height, XT_ARRAY_SIZE(height));
	json_decref(all);
}

/* ---- not even JSON
 * --------------------------------------------------------------------------------- */

static void check_text(const char *p, size_t n, const char *error)
{
	struct xt_err err = { 0 };
	uint8_t *copy = malloc(n == 0 ? 1 : n);

	/* Its own allocation: a sanitizer sees a read past the end. */
	assert_non_null(copy);
	memcpy(copy, p, n);
	assert_int_equal(decode_page(copy, n, &err), XT_E_DATA);
	if (strncmp(err.text, error, strlen(error)) != 0)
		fail_msg("got '%s', want '%s'", err.text, error);
	free(copy);
}

static void test_not_json(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "", "the answer is empty" },
		{ " \r\n", "the answer is empty" },
		{ "<html><body>502 Bad Gateway</body></html>",
		  "HTML or XML where JSON belongs: '<html><body>502 Bad Gateway</body></htm" },
		{ "{", "not JSON: " },
		{ "null", "not JSON: " },
		{ "[]", "an array is not an object" },
		{ "{\"data\":[]} x", "not JSON: end of file expected near 'x'" },
		{ "{\"data\":[]}{}", "not JSON: end of file expected" },
		{ "{\"data\":[],\"data\":[]}", "not JSON: duplicate object key" },
		{ "{\"data\":[{\"meta\":{\"id\":1,\"id\":2}}]}",
		  "not JSON: duplicate" },
		{ "{\"data\":[{\"meta\":{\"id\":9223372036854775808}}]}",
		  "not JSON: too big integer" },
		{ "{\"data\":[{\"meta\":{\"id\":01}}]}", "not JSON: " },
		{ "{\"data\":[{\"meta\":{\"id\":+1}}]}", "not JSON: " },
		{ "{\"data\":[{\"meta\":{\"id\":NaN}}]}", "not JSON: " },
		{ "{\"data\":\"a\\u0000b\"}", "not JSON: \\u0000 is not allowed" },
		{ "{\"data\":\"\xff\"}", "not JSON: unable to decode byte 0xff" },
		{ "{'data':[]}", "not JSON: " },
		{ "{\"data\":[],}", "not JSON: " },
		{ "\xef\xbb\xbf{\"data\":[]}", "not JSON: " },
	};

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(rows); i++)
		check_text(rows[i].text, strlen(rows[i].text), rows[i].error);
	check_text("{\"data\":[]}\0", 12, "not JSON: ");
	check_text("{\"da\0ta\":[]}", 12, "not JSON: ");
	assert_int_equal(decode_page((const uint8_t *)" {\"data\":[]}\r\n", 14, NULL),
			 XT_OK);
}

static void test_bombs(void **state)
{
	const size_t n = 1u << 20;
	char *deep = malloc(n);
	char *wide = malloc(n * 3);
	char *large = malloc(XT_MAX_BODY + 1u);
	struct xt_err err = { 0 };

	(void)state;
	assert_non_null(deep);
	assert_non_null(wide);
	assert_non_null(large);
	memset(deep, '[', n);
	check_text(deep, n,
		   "not an answer of a node: nested deeper than 32 at byte 32");
	memcpy(deep, "{\"data\":", 8);
	check_text(deep, n,
		   "not an answer of a node: nested deeper than 32 at byte 39");
	for (size_t i = 0; i < n; i++)
		memcpy(wide + i * 3, "{},", 3);
	memcpy(wide, "{\"data\":[", 9);
	check_text(wide, n * 3, "not an answer of a node: more than 400000 values");
	memset(large, ' ', XT_MAX_BODY + 1u);
	memcpy(large, "{\"data\":[]}", 11);
	assert_int_equal(decode_page((uint8_t *)large, XT_MAX_BODY, &err), XT_OK);
	assert_int_equal(decode_page((uint8_t *)large, XT_MAX_BODY + 1u, &err),
			 XT_E_LIMIT);
	free(deep);
	free(wide);
	free(large);
}

/* Cut off at each byte: only the whole answer decodes (the end of line may be missing).
 */
static void test_truncated(void **state)
{
	json_t *page = generated("multisig");
	char *text = fixture_dump(page);
	const size_t n = strlen(text);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		uint8_t *copy = malloc(i == 0 ? 1 : i);
		struct xt_err err = { 0 };

		assert_non_null(copy);
		memcpy(copy, text, i);
		assert_int_equal(decode_page(copy, i, &err), XT_E_DATA);
		assert_true(err.text[0] != '\0');
		free(copy);
	}
	assert_int_equal(decode_page((uint8_t *)text, n, NULL), XT_OK);
	free(text);
	json_decref(page);
}

/* A value from outside must not write to a terminal, whatever it holds. */
static void test_hostile_value(void **state)
{
	static const struct row rows[] = {
		{ TX "recipient", "\"\\u001b[2J\\u0007\\n\\u202eX\"",
		  AT
		  "recipient: character '?' at place 1 does not belong in an address: "
		  "\"?[2J???X\"" },
		{ TX "signer",
		  "\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"",
		  AT "signer: 70 hex digits where 64 belong: "
		     "\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9" },
	};
	json_t *page = generated("transfer_v1_text");
	char *text;
	struct xt_err err = { 0 };

	(void)state;
	check_rows(decode_page, page, rows, XT_ARRAY_SIZE(rows));
	change(page, rows[1].path, rows[1].value);
	text = fixture_dump(page);
	assert_int_equal(decode_page((uint8_t *)text, strlen(text), &err), XT_E_DATA);
	assert_true(xt_utf8_valid((const uint8_t *)err.text, strlen(err.text)));
	assert_non_null(strstr(err.text, "\xc3\xa9...\""));
	free(text);
	json_decref(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_common_fields),
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_message_length),
		cmocka_unit_test(test_other_types),
		cmocka_unit_test(test_mosaic_definition),
		cmocka_unit_test(test_multisig),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_harvests),
		cmocka_unit_test(test_historical),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_block_list),
		cmocka_unit_test(test_account),
		cmocka_unit_test(test_node),
		cmocka_unit_test(test_not_json),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_hostile_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
