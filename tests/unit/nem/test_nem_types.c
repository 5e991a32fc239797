/* Every type with its optional parts null, empty and present (synthetic), both ways;
 * and what the strict decoder refuses. */
#include "test.h"

#include <stdlib.h>

#define V1 0x68000001u
#define V2 0x68000002u

static int setup(void **state)
{
	(void)state;
	return nem_crypto_init(NULL) == XT_OK ? 0 : -1;
}

static struct nem_tx start(uint32_t type, uint32_t version)
{
	struct nem_tx tx = { .type = type,
			     .version = version,
			     .timestamp = 100,
			     .deadline = 3700,
			     .fee = { 150000 } };

	tx.signer = pubkey_number(1);
	return tx;
}

static struct nem_mosaic_id id(const char *ns, const char *name)
{
	return (struct nem_mosaic_id){ bytes(ns), bytes(name) };
}

/* Sign, encode, decode, encode again, check; then release. */
static void round_trip(struct nem_tx *tx)
{
	const struct nem_privkey key = key_number(1);
	static const enum nem_form forms[] = { NEM_FORM_UNSIGNED, NEM_FORM_SIGNED };
	struct nem_checked_tx c;
	struct nem_hash hash;
	struct xt_err err;

	sign_tx(tx, &key);
	for (size_t i = 0; i < XT_ARRAY_SIZE(forms); i++) {
		struct xt_buf a;
		struct xt_buf b;
		struct nem_tx back;

		xt_buf_init(&a, XT_MAX_TX_BYTES);
		xt_buf_init(&b, XT_MAX_TX_BYTES);
		assert_ok(nem_tx_encode(&a, tx, forms[i], &err), err);
		assert_ok(nem_tx_decode(&back, a.data, a.len, forms[i], &err), err);
		assert_ok(nem_tx_encode(&b, &back, forms[i], &err), err);
		assert_same(&a, &b);
		/* Any cut and any byte more is refused. */
		for (size_t n = 0; n < a.len; n++) {
			struct nem_tx none = { .type = 1 };

			assert_int_equal(
			    nem_tx_decode(&none, a.data, n, forms[i], &err), XT_E_DATA);
			assert_int_equal(none.type, 1);
		}
		assert_ok(xt_buf_add(&a, "", 1, &err), err);
		assert_int_equal(nem_tx_decode(&back, a.data, a.len, forms[i], &err),
				 XT_E_DATA);
		nem_tx_release(&back);
		xt_buf_release(&a);
		xt_buf_release(&b);
	}
	if (tx->type == NEM_TX_COSIGNATURE) {
		nem_tx_release(tx);
		return;
	}
	assert_ok(nem_tx_hash(&hash, tx, &err), err);
	assert_ok(nem_check_tx_take(&c, tx, NEM_MAINNET, 9, &hash, NULL, &err), err);
	assert_memory_equal(c.hash.b, hash.b, sizeof(hash.b));
	nem_checked_tx_release(&c);
}

static void put_message(struct nem_tx *tx, uint32_t type, uint32_t len)
{
	tx->u.transfer.message_type = type;
	tx->u.transfer.message.len = len;
	tx->u.transfer.message.data = malloc(len + 1);
	assert_non_null(tx->u.transfer.message.data);
	memset(tx->u.transfer.message.data, 0xE4, len);
}

static void put_mosaics(struct nem_tx *tx, uint32_t n)
{
	tx->u.transfer.n_mosaics = n;
	tx->u.transfer.mosaics = calloc(n + 1, sizeof(*tx->u.transfer.mosaics));
	assert_non_null(tx->u.transfer.mosaics);
	for (uint32_t i = 0; i < n; i++) {
		tx->u.transfer.mosaics[i].id =
		    i == 3 ? id("nem", "xem")
			   : id("n\xC3\xA4m.s\xE2\x82\xAC", "\xF0\x9F\x92\xB0");
		tx->u.transfer.mosaics[i].quantity = 1000 + i;
	}
}

static void test_transfer(void **state)
{
	static const uint32_t lengths[] = { 0, 1, 31, 32, 1023, 1024 };

	(void)state;
	for (uint32_t version = V1; version <= V2; version++)
		for (size_t i = 0; i < XT_ARRAY_SIZE(lengths); i++)
			for (uint32_t type = 1; type <= 2; type++) {
				struct nem_tx tx = start(NEM_TX_TRANSFER, version);

				tx.u.transfer.recipient = address_number(2);
				tx.u.transfer.amount.uxem = NEM_SUPPLY_UXEM;
				put_message(&tx, type, lengths[i]);
				if (version == V2)
					put_mosaics(&tx, i == 5 ? 10 : (uint32_t)i);
				round_trip(&tx);
			}
}

/* A message with no payload has the bytes of no message. */
static void test_empty_message(void **state)
{
	struct nem_tx tx = start(NEM_TX_TRANSFER, V1);
	struct xt_buf a;
	struct xt_buf b;
	struct xt_err err;

	(void)state;
	tx.u.transfer.recipient = address_number(2);
	xt_buf_init(&a, XT_MAX_TX_BYTES);
	xt_buf_init(&b, XT_MAX_TX_BYTES);
	assert_ok(nem_tx_encode(&a, &tx, NEM_FORM_UNSIGNED, &err), err);
	tx.u.transfer.message_type = NEM_MSG_PLAIN;
	assert_ok(nem_tx_encode(&b, &tx, NEM_FORM_UNSIGNED, &err), err);
	assert_same(&a, &b);
	xt_buf_clear(&b);
	/* The other spelling, that some libraries make, is no transaction of the
	 * node's. */
	assert_ok(xt_buf_add(&b, a.data, a.len - 4, &err), err);
	assert_ok(xt_buf_u32(&b, 8, &err), err);
	assert_ok(xt_buf_u32(&b, 1, &err), err);
	assert_ok(xt_buf_u32(&b, 0, &err), err);
	assert_int_equal(nem_tx_decode(&tx, b.data, b.len, NEM_FORM_UNSIGNED, &err),
			 XT_E_DATA);
	assert_non_null(strstr(err.text, "message"));
	xt_buf_release(&a);
	xt_buf_release(&b);
}

static void test_importance(void **state)
{
	(void)state;
	for (uint32_t mode = 1; mode <= 2; mode++) {
		struct nem_tx tx = start(NEM_TX_IMPORTANCE, V1);

		tx.u.importance.mode = mode;
		tx.u.importance.remote = pubkey_number(7);
		round_trip(&tx);
	}
}

static void test_aggregate(void **state)
{
	static const int32_t changes[] = { 0, 1, -1, INT32_MAX, INT32_MIN };
	static const uint32_t counts[] = { 0, 1, 5, 32 };

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(counts); i++)
		for (size_t k = 0; k <= XT_ARRAY_SIZE(changes) + 1; k++) {
			struct nem_tx tx = start(NEM_TX_AGGREGATE, k == 0 ? V1 : V2);

			tx.u.aggregate.n_mods = counts[i];
			tx.u.aggregate.mods =
			    calloc(counts[i] + 1, sizeof(*tx.u.aggregate.mods));
			assert_non_null(tx.u.aggregate.mods);
			for (uint32_t m = 0; m < counts[i]; m++) {
				tx.u.aggregate.mods[m].kind = 1 + m % 2;
				tx.u.aggregate.mods[m].cosignatory.b[m % 32] = 5;
			}
			if (k >= 2) {
				tx.u.aggregate.has_relative_change = true;
				tx.u.aggregate.relative_change = changes[k - 2];
			}
			round_trip(&tx);
		}
}

static void test_cosignature(void **state)
{
	struct nem_tx tx = start(NEM_TX_COSIGNATURE, V1);
	struct nem_checked_tx c;
	struct xt_err err;

	(void)state;
	tx.u.cosignature.other_hash.b[0] = 0xAB;
	tx.u.cosignature.other_account = address_number(3);
	round_trip(&tx);
	tx = start(NEM_TX_COSIGNATURE, V1);
	tx.u.cosignature.other_account = address_number(3);
	assert_int_equal(nem_check_tx_take(&c, &tx, NEM_MAINNET, 5, NULL, NULL, &err),
			 XT_E_VERIFY);
}

static void test_namespace(void **state)
{
	static const char *const parents[] = { NULL, "", "root", "\xE6\x97\xA5.sub" };

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(parents); i++) {
		struct nem_tx tx = start(NEM_TX_NAMESPACE, V1);

		tx.u.ns.sink = address("NAMESPACEWH4MKFMBCVFERDPOOP4FK7MTBXDPZZA");
		tx.u.ns.rental_fee.uxem = 100000000;
		tx.u.ns.new_part = bytes(i == 1 ? "" : "part");
		tx.u.ns.has_parent = parents[i] != NULL;
		if (parents[i] != NULL)
			tx.u.ns.parent = bytes(parents[i]);
		round_trip(&tx);
	}
}

static void test_mosaic(void **state)
{
	static const char *const names[] = { "divisibility", "initialSupply",
					     "supplyMutable", "transferable" };

	(void)state;
	for (uint32_t kind = 0; kind <= 2; kind++)
		for (uint32_t n = 0; n <= 4; n += 4) {
			struct nem_tx tx = start(NEM_TX_MOSAIC, V1);
			struct nem_mosaic_definition *def = &tx.u.mosaic.def;

			def->creator = tx.signer;
			def->id = id("a.b", "c d");
			def->description = bytes(n == 0 ? "" : "\xC3\xBC \xE2\x82\xAC");
			def->n_properties = n;
			def->properties = calloc(n + 1, sizeof(*def->properties));
			assert_non_null(def->properties);
			for (uint32_t i = 0; i < n; i++) {
				def->properties[i].name = bytes(names[i]);
				def->properties[i].value = bytes(i == 0 ? "" : "true");
			}
			def->levy.kind = kind;
			if (kind != 0) {
				def->levy.recipient = address_number(8);
				def->levy.id = id("nem", "xem");
				def->levy.fee = INT64_MAX;
			}
			tx.u.mosaic.sink =
			    address("NBMOSAICOD4F54EE5CDMR23CCBGOAM2XSIUX6TRS");
			tx.u.mosaic.creation_fee.uxem = 10000000;
			round_trip(&tx);
		}
}

static void test_supply(void **state)
{
	(void)state;
	for (uint32_t kind = 1; kind <= 2; kind++) {
		struct nem_tx tx = start(NEM_TX_SUPPLY, V1);

		tx.u.supply.id = id("a", kind == 1 ? "" : "b");
		tx.u.supply.supply_kind = kind;
		tx.u.supply.delta = kind == 1 ? 0 : INT64_MAX;
		round_trip(&tx);
	}
}

static void test_multisig(void **state)
{
	static const uint32_t counts[] = { 0, 1, 2, 31 };

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(counts); i++) {
		struct nem_tx tx = start(NEM_TX_MULTISIG, V1);
		struct nem_tx *inner = calloc(1, sizeof(*inner));
		struct nem_hash hash;

		assert_non_null(inner);
		*inner = start(NEM_TX_TRANSFER, V2);
		inner->signer = pubkey_number(100);
		inner->u.transfer.recipient = address_number(2);
		put_message(inner, 1, 1024);
		put_mosaics(inner, 10);
		tx.u.multisig.inner = inner;
		assert_int_equal(nem_tx_hash(&hash, inner, NULL), XT_OK);
		tx.u.multisig.n_cosignatures = counts[i];
		tx.u.multisig.cosignatures =
		    calloc(counts[i] + 1, sizeof(*tx.u.multisig.cosignatures));
		assert_non_null(tx.u.multisig.cosignatures);
		for (uint32_t k = 0; k < counts[i]; k++) {
			struct nem_tx *c = &tx.u.multisig.cosignatures[k];
			const struct nem_privkey key = key_number(200 + k);

			*c = start(NEM_TX_COSIGNATURE, V1);
			c->signer = pubkey_number(200 + k);
			c->u.cosignature.other_hash = hash;
			c->u.cosignature.other_account = address_number(100);
			sign_tx(c, &key);
		}
		round_trip(&tx);
	}
}

/* One rule broken in an otherwise right struct: neither bytes nor a check come of it.
 */
static void refuse(struct nem_tx *tx, const char *reason)
{
	struct nem_checked_tx c = { .height = 3 };
	struct xt_buf b;
	struct xt_err err = { XT_OK, "" };

	xt_buf_init(&b, XT_MAX_TX_BYTES);
	assert_int_equal(nem_tx_encode(&b, tx, NEM_FORM_UNSIGNED, &err), XT_E_DATA);
	assert_int_equal(b.len, 0);
	if (strstr(err.text, reason) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, reason);
	assert_int_equal(nem_check_tx_take(&c, tx, NEM_MAINNET, 5, NULL, NULL, &err),
			 XT_E_DATA);
	assert_int_equal(c.height, 3);
	assert_int_equal(tx->type, 0);
	xt_buf_release(&b);
}

static struct nem_tx transfer(void)
{
	struct nem_tx tx = start(NEM_TX_TRANSFER, V2);

	tx.u.transfer.recipient = address_number(2);
	return tx;
}

static void test_refused_shapes(void **state)
{
	struct nem_tx tx = transfer();

	(void)state;
	tx.type = 258;
	refuse(&tx, "type");
	tx = transfer();
	tx.version = 0x68000003;
	refuse(&tx, "version");
	tx = transfer();
	tx.version = 0x68000000;
	refuse(&tx, "version");
	tx = transfer();
	tx.version = 0x69000001;
	refuse(&tx, "network byte 69");
	tx = start(NEM_TX_SUPPLY, V2);
	refuse(&tx, "version");
	tx = transfer();
	tx.fee.uxem = NEM_SUPPLY_UXEM + 1;
	refuse(&tx, "fee");
	tx = transfer();
	tx.u.transfer.amount.uxem = NEM_SUPPLY_UXEM + 1;
	refuse(&tx, "amount");
	tx = transfer();
	tx.timestamp = UINT32_C(1) << 31;
	refuse(&tx, "timeStamp");
	tx = transfer();
	tx.deadline = UINT32_MAX;
	refuse(&tx, "deadline");
	tx = transfer();
	put_message(&tx, 1, 1025);
	refuse(&tx, "message");
	tx = transfer();
	put_message(&tx, 3, 10);
	refuse(&tx, "message");
	tx = transfer();
	put_message(&tx, 0, 10);
	refuse(&tx, "message");
	tx = transfer();
	put_mosaics(&tx, XT_MAX_MOSAICS + 1);
	refuse(&tx, "mosaics");
	tx = transfer();
	put_mosaics(&tx, 1);
	tx.version = V1;
	refuse(&tx, "mosaics");
	tx = transfer();
	put_mosaics(&tx, 2);
	tx.u.transfer.mosaics[1].quantity = UINT64_C(1) << 63;
	refuse(&tx, "quantity");
	tx = transfer();
	put_mosaics(&tx, 2);
	tx.u.transfer.mosaics[1].id.ns.data[0] = 0xFF;
	refuse(&tx, "not UTF-8");
	tx = transfer();
	tx.u.transfer.recipient.s[5] ^= 1;
	refuse(&tx, "recipient");
	tx = transfer();
	tx.u.transfer.recipient.s[0] = 'n';
	refuse(&tx, "upper case");
	tx = transfer();
	memset(tx.u.transfer.recipient.s, 'A', sizeof(tx.u.transfer.recipient.s));
	refuse(&tx, "recipient");
	tx = start(NEM_TX_IMPORTANCE, V1);
	refuse(&tx, "mode");
	tx = start(NEM_TX_AGGREGATE, V1);
	tx.u.aggregate.has_relative_change = true;
	refuse(&tx, "minCosignatories");
	tx = start(NEM_TX_MULTISIG, V1);
	refuse(&tx, "otherTrans");
}

static void test_refused_nesting(void **state)
{
	static const uint32_t types[] = { NEM_TX_MULTISIG, NEM_TX_COSIGNATURE };

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(types); i++) {
		struct nem_tx tx = start(NEM_TX_MULTISIG, V1);

		tx.u.multisig.inner = calloc(1, sizeof(struct nem_tx));
		assert_non_null(tx.u.multisig.inner);
		*tx.u.multisig.inner = start(types[i], V1);
		refuse(&tx, "otherTrans");
	}
}

/* A hundred thousand levels deep: refused, and released without a deep stack. */
static void test_release_deep(void **state)
{
	struct nem_tx top = start(NEM_TX_MULTISIG, V1);
	struct nem_tx *t = &top;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		t->u.multisig.inner = calloc(1, sizeof(*t));
		assert_non_null(t->u.multisig.inner);
		t = t->u.multisig.inner;
		t->type = NEM_TX_MULTISIG;
	}
	refuse(&top, "otherTrans");
	nem_tx_release(&top);
	nem_tx_release(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_empty_message),
		cmocka_unit_test(test_importance),
		cmocka_unit_test(test_aggregate),
		cmocka_unit_test(test_cosignature),
		cmocka_unit_test(test_namespace),
		cmocka_unit_test(test_mosaic),
		cmocka_unit_test(test_supply),
		cmocka_unit_test(test_multisig),
		cmocka_unit_test(test_refused_shapes),
		cmocka_unit_test(test_refused_nesting),
		cmocka_unit_test(test_release_deep),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
