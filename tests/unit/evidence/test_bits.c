/* Every bit counts: whatever is changed in an answer is refused, field by field for
 * every transaction type, byte by byte for a page of the real nemesis block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <xemtrace/evidence.h>
#include <xemtrace/limits.h>

static json_t *load(const char *path)
{
	json_error_t why;
	json_t *v = json_load_file(path, JSON_REJECT_DUPLICATES, &why);

	if (v == NULL)
		fail_msg("%s: %s", path, why.text);
	return v;
}

/* What an accepted page says: the bytes of its one transaction, and its height. */
struct meaning {
	uint8_t digest[32];
	uint64_t height;
	uint32_t cosignatures;
};

/* That of the case: a transaction of another one is refused. */
static enum nem_network network = NEM_MAINNET;

/* Decode and check as the crawl does. */
static enum xt_status accept(struct meaning *out, const char *text, size_t n,
			     struct xt_err *err)
{
	struct nis_tx_page page = { 0 };
	struct nem_checked_tx c = { 0 };
	struct xt_buf b;
	enum xt_status rc = nis_decode_transfers(&page, (const uint8_t *)text, n, err);

	if (rc != XT_OK)
		return rc;
	xt_buf_init(&b, XT_MAX_TX_BYTES);
	if (page.n != 1)
		rc = xt_fail(err, XT_E_DATA, "%zu rows", page.n);
	if (rc == XT_OK)
		rc = nem_check_tx_take(
		    &c, &page.v[0].tx, network, page.v[0].height, &page.v[0].hash,
		    page.v[0].has_inner_hash ? &page.v[0].inner_hash : NULL, err);
	if (rc == XT_OK)
		rc = nem_tx_encode(&b, &c.tx, NEM_FORM_SIGNED, err);
	if (rc == XT_OK) {
		nem_keccak256(out->digest, b.data, b.len);
		out->height = c.height;
		out->cosignatures =
		    c.tx.type == NEM_TX_MULTISIG ? c.tx.u.multisig.n_cosignatures : 0;
	}
	nem_checked_tx_release(&c);
	xt_buf_release(&b);
	nis_tx_page_release(&page);
	return rc;
}

static json_t *hash_object(const struct nem_hash *h)
{
	char hex[65];

	xt_hex_encode(hex, h->b, 32);
	return json_pack("{s:s}", "data", hex);
}

/* {"data":[{"meta":{...},"transaction":tx}]} with the hashes that it has. */
static json_t *page_of(json_t *tx, uint64_t height)
{
	struct nem_tx t = { 0 };
	struct nem_hash hash, inner;
	struct xt_err err;
	char *text = json_dumps(tx, JSON_COMPACT);
	const bool ok =
	    nis_decode_tx(&t, (const uint8_t *)text, strlen(text), &err) == XT_OK;
	bool multisig;
	json_t *v;

	if (!ok)
		fail_msg("%s", err.text);
	free(text);
	assert_int_equal(nem_tx_hash(&hash, &t, NULL), XT_OK);
	multisig = t.type == NEM_TX_MULTISIG;
	if (multisig)
		assert_int_equal(nem_tx_hash(&inner, t.u.multisig.inner, NULL), XT_OK);
	nem_tx_release(&t);
	v = json_pack("{s:[{s:{s:i,s:I,s:o,s:o},s:O}]}", "data", "meta", "id", 7,
		      "height", (json_int_t)height, "hash", hash_object(&hash),
		      "innerHash", multisig ? hash_object(&inner) : json_object(),
		      "transaction", tx);
	assert_non_null(v);
	return v;
}

/* ---- field by field ------------------------------------------------------------- */

struct run {
	json_t *page; /* changed in place and put back */
	struct meaning honest;
	const char *name;
	uint64_t tried, decoded, accepted, left_out;
};

static void try_it(struct run *r, const char *field)
{
	struct xt_err err = { .code = XT_OK };
	struct meaning m;
	char *text = json_dumps(r->page, JSON_COMPACT);
	const enum xt_status rc = accept(&m, text, strlen(text), &err);

	r->tried++;
	/* The hash does not cover cosignatures: one that a node leaves out is missed by
	 * the block and by the sums (its fee), not by the page. */
	if (rc == XT_OK && strcmp(field, "signatures") == 0 &&
	    m.cosignatures < r->honest.cosignatures) {
		r->left_out++;
		free(text);
		return;
	}
	if (rc == XT_OK && (memcmp(m.digest, r->honest.digest, 32) != 0 ||
			    m.height != r->honest.height))
		fail_msg("%s: a change of %s was believed:\n%s", r->name, field, text);
	r->accepted += rc == XT_OK;
	/* What the decoder refuses it refuses by the field's name. */
	if (rc == XT_E_DATA) {
		r->decoded++;
		if (strstr(err.text, "data[0]") == NULL)
			fail_msg("%s: %s: not named: %s", r->name, field, err.text);
	}
	assert_true(rc == XT_OK || err.text[0] != '\0');
	free(text);
}

static bool is_hex(const char *s)
{
	return *s != '\0' && strspn(s, "0123456789abcdef") == strlen(s) &&
	       strlen(s) % 2 == 0;
}

/* Each bit of an integer, and each bit of each hex digit or the lowest of each byte. */
static void change_leaf(struct run *r, json_t *v, const char *field)
{
	if (json_is_integer(v)) {
		const json_int_t was = json_integer_value(v);

		for (unsigned bit = 0; bit < 63; bit++) {
			json_integer_set(v, was ^ ((json_int_t)1 << bit));
			try_it(r, field);
		}
		json_integer_set(v, -was - 1);
		try_it(r, field);
		json_integer_set(v, was);
	} else if (json_is_string(v) && json_string_length(v) > 0) {
		static const char digits[] = "0123456789abcdef";
		char *was = strdup(json_string_value(v));
		char *now = strdup(was);
		const bool hex = is_hex(was);

		for (size_t i = 0; was[i] != '\0'; i++) {
			for (unsigned bit = 0; bit < (hex ? 4u : 1u); bit++) {
				if (hex)
					now[i] =
					    digits[(size_t)(strchr(digits, was[i]) -
							    digits) ^
						   (1u << bit)];
				else
					now[i] = (char)(was[i] ^ 1);
				assert_int_equal(json_string_set_nocheck(v, now), 0);
				try_it(r, field);
			}
			now[i] = was[i];
		}
		/* Cut short, and longer. */
		now[strlen(now) - 1] = '\0';
		assert_int_equal(json_string_set(v, now), 0);
		try_it(r, field);
		assert_int_equal(json_string_set(v, was), 0);
		free(was);
		free(now);
	}
}

/* Without the field, with null, with another type. Where a missing thing and an empty
 * one mean the same, the change is none. */
static void change_member(struct run *r, json_t *obj, const char *key)
{
	json_t *was = json_incref(json_object_get(obj, key));
	json_t *others[] = { NULL,
			     json_null(),
			     json_true(),
			     json_integer(5),
			     json_string("5"),
			     json_array(),
			     json_object() };

	for (size_t i = 0; i < XT_ARRAY_SIZE(others); i++) {
		if (others[i] != NULL)
			json_object_set_new(obj, key, others[i]);
		else
			json_object_del(obj, key);
		try_it(r, key);
		json_object_set(obj, key, was);
	}
	json_decref(was);
}

/* The lists of a transaction are short: entries doubled, dropped, swapped. */
static void change_list(struct run *r, json_t *list, const char *field)
{
	const size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++) {
		json_t *e = json_incref(json_array_get(list, i));

		json_array_insert(list, i, e);
		try_it(r, field);
		json_array_remove(list, i);
		json_array_remove(list, i);
		try_it(r, field);
		json_array_insert(list, i, e);
		json_decref(e);
	}
	for (size_t i = 1; i < n; i++) {
		json_t *e = json_incref(json_array_get(list, i - 1));

		json_array_remove(list, i - 1);
		json_array_insert(list, i, e);
		/* The order of cosignatures is no part of what is signed. */
		if (strcmp(field, "signatures") != 0)
			try_it(r, field);
		json_array_remove(list, i);
		json_array_insert(list, i - 1, e);
		json_decref(e);
	}
}

/* All places of the page, without recursion: a list of values that grows. */
static void change_all(struct run *r)
{
	struct {
		json_t *v;
		char field[64];
	} todo[400];
	size_t n = 0;
	json_t *entry = json_array_get(json_object_get(r->page, "data"), 0);
	json_t *meta = json_object_get(entry, "meta");
	static const char *const begin[] = { "transaction", "hash", "innerHash" };

	for (size_t i = 0; i < 3; i++) {
		json_t *from = i == 0 ? entry : meta;

		change_member(r, from, begin[i]);
		todo[n].v = json_object_get(from, begin[i]);
		(void)snprintf(todo[n++].field, sizeof(todo->field), "%s", begin[i]);
	}
	for (size_t at = 0; at < n; at++) {
		json_t *v = todo[at].v;
		const char *key;
		json_t *child;
		size_t i;

		if (json_is_object(v)) {
			/* Members in an order that stays while they are changed. */
			const char *keys[32];
			size_t n_keys = 0;

			json_object_foreach(v, key, child) keys[n_keys++] = key;
			for (i = 0; i < n_keys; i++) {
				char name[64];

				(void)snprintf(name, sizeof(name), "%s", keys[i]);
				todo[n].v = json_object_get(v, name);
				memcpy(todo[n++].field, name, sizeof(name));
			}
			for (i = n - n_keys; i < n; i++)
				change_member(r, v, todo[i].field);
		} else if (json_is_array(v)) {
			change_list(r, v, todo[at].field);
			json_array_foreach(v, i, child)
			{
				todo[n].v = child;
				memcpy(todo[n++].field, todo[at].field,
				       sizeof(todo->field));
			}
		} else {
			change_leaf(r, v, todo[at].field);
		}
		assert_true(n < XT_ARRAY_SIZE(todo) - 64);
	}
}

static void change_tx(const char *name, json_t *tx, uint64_t height, unsigned *types)
{
	struct run r = { .page = page_of(tx, height), .name = name };
	struct xt_err err = { .code = XT_OK };
	char *text = json_dumps(r.page, JSON_COMPACT);

	network = (enum nem_network)(
	    (uint64_t)json_integer_value(json_object_get(tx, "version")) >> 24 & 0xff);
	if (accept(&r.honest, text, strlen(text), &err) != XT_OK)
		fail_msg("%s: %s", name, err.text);
	free(text);
	change_all(&r);
	print_message("%-32s %6" PRIu64 " changes: %" PRIu64
		      " without meaning, the others refused, %" PRIu64
		      " of them by name of the field; %" PRIu64
		      " leave a cosignature out\n",
		      name, r.tried, r.accepted, r.decoded, r.left_out);
	assert_true(r.accepted <= 5);
	assert_true(r.tried > 500);
	switch (json_integer_value(json_object_get(tx, "type"))) {
	case NEM_TX_TRANSFER:
		*types |= 1;
		break;
	case NEM_TX_IMPORTANCE:
		*types |= 2;
		break;
	case NEM_TX_AGGREGATE:
		*types |= 4;
		break;
	case NEM_TX_MULTISIG:
		*types |= 8;
		break;
	case NEM_TX_NAMESPACE:
		*types |= 16;
		break;
	case NEM_TX_MOSAIC:
		*types |= 32;
		break;
	case NEM_TX_SUPPLY:
		*types |= 64;
		break;
	default:
		fail_msg("%s: another type", name);
	}
	json_decref(r.page);
}

/* The vectors hold the signature beside the transaction's fields, in signed_bytes. */
static void put_signature(json_t *tx, const char *signed_bytes)
{
	struct nem_tx t = { 0 };
	struct xt_err err = { .code = XT_OK };
	const size_t n = strlen(signed_bytes) / 2;
	uint8_t *b = calloc(n + 1, 1);
	char hex[129];

	assert_int_equal(xt_hex_decode(b, n, signed_bytes, NULL), XT_OK);
	if (nem_tx_decode(&t, b, n, NEM_FORM_SIGNED, &err) != XT_OK)
		fail_msg("%s", err.text);
	xt_hex_encode(hex, t.signature.b, 64);
	json_object_set_new(tx, "signature", json_string(hex));
	nem_tx_release(&t);
	free(b);
}

static void test_fields(void **state)
{
	json_t *generated = load("fixtures/vectors/nis1-generated.json");
	json_t *real = load("fixtures/vectors/nis1-real-mainnet.json");
	unsigned types = 0;
	const char *name;
	json_t *v;
	size_t i;

	(void)state;
	json_object_foreach(json_object_get(generated, "transactions"), name, v)
	{
		json_t *tx = json_object_get(v, "json");
		const char *bytes =
		    json_string_value(json_object_get(v, "signed_bytes"));

		if (json_object_get(tx, "signature") == NULL && bytes != NULL)
			put_signature(tx, bytes);
		change_tx(name, tx, 1000000, &types);
	}
	json_array_foreach(real, i, v)
	{
		char label[40];

		(void)snprintf(label, sizeof(label), "mainnet %zu", i);
		change_tx(label, json_object_get(v, "transaction"),
			  (uint64_t)json_integer_value(
			      json_object_get(json_object_get(v, "meta"), "height")),
			  &types);
	}
	json_decref(generated);
	json_decref(real);
	assert_int_equal(types, 127); /* all but 4098, which stands inside of 4100 */
}

/* ---- byte by byte -----------------------------------------------------------------
 */

struct tally {
	uint64_t tried, refused, height, none;
};

static void flip_entry(struct tally *t, char *text, size_t n, size_t from)
{
	static const unsigned char masks[] = { 0x01, 0x20, 0x80 };
	struct meaning honest, m;
	struct xt_err err = { .code = XT_OK };

	if (accept(&honest, text, n, &err) != XT_OK)
		fail_msg("%s", err.text);
	for (size_t i = from; i < n; i++) {
		for (size_t k = 0; k < sizeof(masks); k++) {
			const char was = text[i];

			text[i] = (char)((unsigned char)was ^ masks[k]);
			t->tried++;
			if (accept(&m, text, n, NULL) != XT_OK)
				t->refused++;
			else if (memcmp(m.digest, honest.digest, 32) != 0)
				fail_msg("byte %zu: a change was believed: %s", i,
					 text);
			else if (m.height != honest.height)
				t->height++;
			else
				t->none++;
			text[i] = was;
		}
	}
}

/* The newest page of the account that made the nemesis block: 100 real transactions.
 * Each byte of each row is changed in a page of that row; a page is refused as a whole.
 */
static void test_nemesis_page(void **state)
{
	json_t *block = load("fixtures/nis/mainnet-nemesis-block.json");
	const json_t *txs = json_object_get(block, "transactions");
	struct tally t = { 0 };
	uint64_t bytes = 0;

	(void)state;
	network = NEM_MAINNET;
	for (size_t i = 0; i < 100; i++) {
		json_t *page =
		    page_of(json_array_get(txs, json_array_size(txs) - 1 - i), 1);
		char *text = json_dumps(page, JSON_COMPACT);

		flip_entry(&t, text, strlen(text), 0);
		bytes += strlen(text);
		free(text);
		json_decref(page);
	}
	print_message("%" PRIu64 " bytes of 100 rows, %" PRIu64 " changes: %" PRIu64
		      " refused, %" PRIu64
		      " change the height (only the block proves it), %" PRIu64
		      " change nothing (row id, capital hex digits)\n",
		      bytes, t.tried, t.refused, t.height, t.none);
	json_decref(block);
	assert_true(bytes > 50000);
	assert_int_equal(t.refused + t.height + t.none, t.tried);
	assert_true(t.refused > t.tried * 9 / 10);
	/* At most the one digit of the height. */
	assert_true(t.height <= 100 * 3);
}

/* The whole block, at places spread over it: its own signature covers all of it. */
static void test_nemesis_block(void **state)
{
	json_t *v = load("fixtures/nis/mainnet-nemesis-block.json");
	char *text = json_dumps(v, JSON_COMPACT);
	const size_t n = strlen(text);
	struct nem_block honest = { 0 };
	struct nem_hash hash;
	uint64_t tried = 0, none = 0;

	(void)state;
	assert_int_equal(nis_decode_block(&honest, (const uint8_t *)text, n, NULL),
			 XT_OK);
	assert_int_equal(nem_block_hash(&hash, &honest, NULL), XT_OK);
	nem_block_release(&honest);
	for (size_t i = 0; i < n; i += n / 60) {
		struct nem_block b = { 0 };
		struct nem_hash h;
		const char was = text[i];
		struct xt_buf buf;

		text[i] = (char)(was ^ 1);
		tried++;
		if (nis_decode_block(&b, (const uint8_t *)text, n, NULL) == XT_OK) {
			xt_buf_init(&buf, XT_MAX_BLOCK_BYTES);
			assert_int_equal(nem_block_hash(&h, &b, NULL), XT_OK);
			assert_int_equal(
			    nem_block_encode(&buf, &b, NEM_FORM_UNSIGNED, NULL), XT_OK);
			if (memcmp(h.b, hash.b, 32) == 0)
				none++; /* a signature: checked by itself below */
			else
				assert_false(nem_signature_check(
				    &b.signature, &b.signer, buf.data, buf.len));
			xt_buf_release(&buf);
		}
		nem_block_release(&b);
		text[i] = was;
	}
	print_message("%" PRIu64 " changes of the block, %" PRIu64
		      " outside of what its hash covers\n",
		      tried, none);
	assert_true(tried >= 60);
	free(text);
	json_decref(v);
}

static int start(void **state)
{
	(void)state;
	return nem_crypto_init(NULL) == XT_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_nemesis_page),
		cmocka_unit_test(test_nemesis_block),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
