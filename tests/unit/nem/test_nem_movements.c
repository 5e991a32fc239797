/* What transactions do to balances. */
#include "test.h"

#include <stdlib.h>

#define REAL "fixtures/vectors/nis1-real-mainnet.json"

static struct nem_movement v[NEM_MAX_MOVEMENTS];
static size_t n;

static int setup(void **state)
{
	(void)state;
	return nem_crypto_init(NULL) == XT_OK ? 0 : -1;
}

static void movements(const struct nem_tx *tx, const struct nem_levy_lookup *levies)
{
	struct xt_err err;

	n = 999;
	assert_ok(nem_tx_movements(v, &n, XT_ARRAY_SIZE(v), tx, 5000000, levies, &err),
		  err);
}

static void is(size_t i, enum nem_movement_kind kind, unsigned from,
	       const struct nem_address *to, uint64_t uxem)
{
	const struct nem_address payer = address_number(from);

	assert_true(i < n);
	assert_int_equal(v[i].kind, kind);
	assert_true(v[i].has_from);
	assert_string_equal(v[i].from.s, payer.s);
	assert_int_equal(v[i].has_to, to != NULL);
	if (to != NULL)
		assert_string_equal(v[i].to.s, to->s);
	assert_int_equal(v[i].amount.uxem, uxem);
}

/* Real transactions: XEM moved, and the sum of the fees that the inner signer pays. */
static const struct {
	uint64_t height, moved, fees;
	bool inner, message;
} real[] = {
	{ 1412114, 1001000000, 50000, false, false },
	{ 1561629, 4060230000, 100000, false, true },
	{ 1378347, 2000000000, 50000, false, false },
	{ 987691, 2000000, 2000000, false, false },
	{ 987623, 0, 1000000, false, false },
	{ 1562196, 868000000, 1100000, true, true },
	{ 528781, 100000000, 14000000, true, false },
	{ 1384326, 5123456, 350000, true, false },
	{ 1553734, 10000, 250000, true, true },
	{ 1553900, 0, 250000, true, true },
	{ 1002581, 0, 18000000, false, true },
	{ 942799, 1000000, 1000000, false, false },
};

static void test_real(void **state)
{
	json_t *all = read_json(REAL);

	(void)state;
	assert_int_equal(json_array_size(all), XT_ARRAY_SIZE(real));
	for (size_t i = 0; i < XT_ARRAY_SIZE(real); i++) {
		const json_t *pair = json_array_get(all, i);
		const struct nem_tx *core;
		struct nem_address payer;
		struct nem_amount moved;
		struct nem_tx tx;
		uint64_t fees = 0;
		size_t transfers = 0;

		assert_int_equal(
		    json_integer_value(member(member(pair, "meta"), "height")),
		    real[i].height);
		read_tx(&tx, member(pair, "transaction"));
		core = nem_tx_core(&tx);
		assert_int_equal(core != &tx, real[i].inner);
		nem_address_from_pubkey(&payer, nem_tx_network(core), &core->signer);
		assert_int_equal(nem_transfer_moves(&moved, &tx, NULL), XT_OK);
		assert_int_equal(moved.uxem, real[i].moved);
		movements(&tx, NULL);
		for (size_t k = 0; k < n; k++) {
			assert_string_equal(v[k].from.s, payer.s);
			if (v[k].kind == NEM_MOVE_FEE) {
				fees += v[k].amount.uxem;
				continue;
			}
			assert_int_equal(v[k].kind, real[i].inner ? NEM_MOVE_INNER
								  : NEM_MOVE_TRANSFER);
			assert_int_equal(v[k].amount.uxem, real[i].moved);
			assert_string_equal(v[k].to.s, core->u.transfer.recipient.s);
			assert_int_equal(v[k].carries_message, real[i].message);
			transfers++;
		}
		assert_int_equal(transfers, 1);
		assert_int_equal(fees, real[i].fees);
		nem_tx_release(&tx);
	}
	json_decref(all);
}

static struct nem_tx transfer(uint64_t amount)
{
	struct nem_tx tx = { .type = NEM_TX_TRANSFER,
			     .version = 0x68000002,
			     .fee = { 50 } };

	tx.signer = pubkey_number(1);
	tx.u.transfer.recipient = address_number(2);
	tx.u.transfer.amount.uxem = amount;
	return tx;
}

static void add_mosaic(struct nem_tx *tx, const char *ns, const char *name,
		       uint64_t quantity)
{
	struct nem_mosaic *m;

	tx->u.transfer.mosaics = realloc(tx->u.transfer.mosaics,
					 (tx->u.transfer.n_mosaics + 1) * sizeof(*m));
	assert_non_null(tx->u.transfer.mosaics);
	m = &tx->u.transfer.mosaics[tx->u.transfer.n_mosaics++];
	m->id = (struct nem_mosaic_id){ bytes(ns), bytes(name) };
	m->quantity = quantity;
}

static uint64_t moves(struct nem_tx *tx)
{
	struct nem_amount a;
	struct xt_err err;

	assert_ok(nem_transfer_moves(&a, tx, &err), err);
	nem_tx_release(tx);
	return a.uxem;
}

static void test_mosaics(void **state)
{
	struct nem_tx tx = transfer(5);
	struct nem_amount a;

	(void)state;
	assert_int_equal(moves(&tx), 5);
	/* The multiplier rounds down, exactly. */
	tx = transfer(1500000);
	add_mosaic(&tx, "nem", "xem", 3);
	assert_int_equal(moves(&tx), 4);
	tx = transfer(999999);
	add_mosaic(&tx, "nem", "xem", 1);
	assert_int_equal(moves(&tx), 0);
	/* A product of 104 bits. */
	tx = transfer(UINT64_C(3000000000000));
	add_mosaic(&tx, "nem", "xem", UINT64_C(2999999999));
	assert_int_equal(moves(&tx), UINT64_C(8999999997000000));
	/* One id twice: each entry counts. */
	tx = transfer(1500000);
	add_mosaic(&tx, "nem", "xem", 3);
	add_mosaic(&tx, "nem", "xem", 3);
	assert_int_equal(moves(&tx), 8);
	/* Both parts of the name must be exact. */
	tx = transfer(1000000);
	add_mosaic(&tx, "nem", "xem2", 7);
	add_mosaic(&tx, "nem.xem", "", 7);
	add_mosaic(&tx, "NEM", "xem", 7);
	add_mosaic(&tx, "xem", "nem", 7);
	assert_int_equal(moves(&tx), 0);
	/* More than there is. */
	tx = transfer(INT64_MAX);
	add_mosaic(&tx, "nem", "xem", INT64_MAX);
	assert_int_equal(nem_transfer_moves(&a, &tx, NULL), XT_E_DATA);
	assert_int_equal(nem_tx_movements(v, &n, 64, &tx, 1, NULL, NULL), XT_E_DATA);
	nem_tx_release(&tx);
	tx = transfer(1000000);
	add_mosaic(&tx, "nem", "xem", NEM_SUPPLY_UXEM);
	add_mosaic(&tx, "nem", "xem", 1);
	assert_int_equal(nem_transfer_moves(&a, &tx, NULL), XT_E_DATA);
	nem_tx_release(&tx);
	tx = (struct nem_tx){ .type = NEM_TX_SUPPLY, .version = 0x68000001 };
	assert_int_equal(nem_transfer_moves(&a, &tx, NULL), XT_E_USAGE);
}

static void test_plain(void **state)
{
	const struct nem_address two = address_number(2);
	const struct nem_address one = address_number(1);
	struct nem_tx tx = transfer(0);

	(void)state;
	/* Moves nothing, but its row is there. */
	movements(&tx, NULL);
	assert_int_equal(n, 2);
	is(0, NEM_MOVE_TRANSFER, 1, &two, 0);
	is(1, NEM_MOVE_FEE, 1, NULL, 50);
	/* A zero fee is no row; a transfer to oneself is one. */
	tx.fee.uxem = 0;
	tx.u.transfer.recipient = one;
	tx.u.transfer.amount.uxem = 8;
	movements(&tx, NULL);
	assert_int_equal(n, 1);
	is(0, NEM_MOVE_TRANSFER, 1, &one, 8);
	/* An empty message is none. */
	tx.u.transfer.message_type = NEM_MSG_PLAIN;
	movements(&tx, NULL);
	assert_false(v[0].carries_message);
}

static void test_fee_only(void **state)
{
	static const uint32_t types[] = { NEM_TX_IMPORTANCE, NEM_TX_AGGREGATE,
					  NEM_TX_SUPPLY };

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(types); i++) {
		struct nem_tx tx = { .type = types[i],
				     .version = 0x68000001,
				     .fee = { 3 } };

		tx.signer = pubkey_number(4);
		movements(&tx, NULL);
		assert_int_equal(n, 1);
		is(0, NEM_MOVE_FEE, 4, NULL, 3);
	}
}

static void test_rental_and_creation(void **state)
{
	const struct nem_address sink =
	    address("NAMESPACEWH4MKFMBCVFERDPOOP4FK7MTBXDPZZA");
	struct nem_tx tx = { .type = NEM_TX_NAMESPACE,
			     .version = 0x68000001,
			     .fee = { 3 } };

	(void)state;
	tx.signer = pubkey_number(4);
	tx.u.ns.sink = sink;
	tx.u.ns.rental_fee.uxem = 100;
	movements(&tx, NULL);
	assert_int_equal(n, 2);
	is(0, NEM_MOVE_RENTAL, 4, &sink, 100);
	is(1, NEM_MOVE_FEE, 4, NULL, 3);
	tx = (struct nem_tx){ .type = NEM_TX_MOSAIC, .version = 0x68000001 };
	tx.signer = pubkey_number(4);
	tx.u.mosaic.sink = sink;
	movements(&tx, NULL);
	assert_int_equal(n, 1);
	is(0, NEM_MOVE_CREATION, 4, &sink, 0);
}

/* The multisig account pays it all, in the order of the ledger. */
static void test_multisig(void **state)
{
	const struct nem_address two = address_number(2);
	struct nem_tx inner = transfer(1000);
	struct nem_tx cosigs[2] = {
		{ .type = NEM_TX_COSIGNATURE, .version = 0x68000001, .fee = { 7 } },
		{ .type = NEM_TX_COSIGNATURE, .version = 0x68000001, .fee = { 8 } }
	};
	struct nem_tx tx = { .type = NEM_TX_MULTISIG,
			     .version = 0x68000001,
			     .fee = { 9 } };

	(void)state;
	tx.signer = pubkey_number(20);
	cosigs[0].signer = pubkey_number(21);
	cosigs[1].signer = pubkey_number(22);
	tx.u.multisig.inner = &inner;
	tx.u.multisig.cosignatures = cosigs;
	tx.u.multisig.n_cosignatures = 2;
	movements(&tx, NULL);
	assert_int_equal(n, 5);
	is(0, NEM_MOVE_FEE, 1, NULL, 7);
	is(1, NEM_MOVE_FEE, 1, NULL, 8);
	is(2, NEM_MOVE_INNER, 1, &two, 1000);
	is(3, NEM_MOVE_FEE, 1, NULL, 50);
	is(4, NEM_MOVE_FEE, 1, NULL, 9);
	/* No room: nothing is written. */
	v[0].amount.uxem = 4242;
	n = 77;
	assert_int_equal(nem_tx_movements(v, &n, 4, &tx, 1, NULL, NULL), XT_E_LIMIT);
	assert_int_equal(n, 77);
	assert_int_equal(v[0].amount.uxem, 4242);
}

/* What the nemesis account signs is free, whatever its fee field says. */
static void test_nemesis_fee(void **state)
{
	struct nem_tx tx = transfer(10);

	(void)state;
	tx.signer =
	    pubkey("8d07f90fb4bbe7715fa327c926770166a11be2e494a970605f2e12557f66c9b9");
	movements(&tx, NULL);
	assert_int_equal(n, 1);
	assert_int_equal(v[0].kind, NEM_MOVE_TRANSFER);
	assert_string_equal(v[0].from.s, NEM_NEMESIS_ADDRESS);
}

static bool find_levy(void *ctx, struct nem_levy *out, const struct nem_mosaic_id *id,
		      uint64_t height)
{
	if (id->name.len != 5 || memcmp(id->name.data, "taxed", 5) != 0)
		return false;
	assert_int_equal(height, 5000000);
	*out = *(const struct nem_levy *)ctx;
	return true;
}

static void test_levy(void **state)
{
	const struct nem_address two = address_number(2);
	const struct nem_address tax = address_number(30);
	struct nem_levy levy = { .kind = 1, .recipient = tax, .fee = 11 };
	const struct nem_levy_lookup lookup = { find_levy, &levy };
	struct nem_tx tx = transfer(2000000);

	(void)state;
	levy.id = (struct nem_mosaic_id){ bytes("nem"), bytes("xem") };
	add_mosaic(&tx, "a", "free", 5);
	add_mosaic(&tx, "a", "taxed", 1234567);
	movements(&tx, NULL);
	assert_int_equal(n, 2);
	movements(&tx, &lookup);
	assert_int_equal(n, 3);
	is(0, NEM_MOVE_TRANSFER, 1, &two, 0);
	is(1, NEM_MOVE_LEVY, 1, &tax, 11);
	is(2, NEM_MOVE_FEE, 1, NULL, 50);
	assert_false(v[1].carries_message);
	/* Percentile of what is moved: floor(2469134 * 25 / 10000). */
	levy.kind = 2;
	levy.fee = 25;
	movements(&tx, &lookup);
	is(1, NEM_MOVE_LEVY, 1, &tax, 6172);
	/* None when it rounds to zero, or is paid in another mosaic. */
	levy.fee = 0;
	movements(&tx, &lookup);
	assert_int_equal(n, 2);
	levy.fee = 25;
	levy.id.name.data[0] = 'y';
	movements(&tx, &lookup);
	assert_int_equal(n, 2);
	levy.id.name.data[0] = 'x';
	levy.kind = 1;
	levy.fee = NEM_SUPPLY_UXEM + 1;
	assert_int_equal(nem_tx_movements(v, &n, 64, &tx, 5000000, &lookup, NULL),
			 XT_E_DATA);
	free(levy.id.ns.data);
	free(levy.id.name.data);
	nem_tx_release(&tx);
}

struct seen {
	size_t n;
	struct nem_address a[16];
};

static void see(void *ctx, const struct nem_address *a)
{
	struct seen *s = ctx;

	assert_true(s->n < XT_ARRAY_SIZE(s->a));
	s->a[s->n++] = *a;
}

static void test_parties(void **state)
{
	struct nem_modification mods[2] = { { .kind = 1 }, { .kind = 2 } };
	struct nem_tx inner = { .type = NEM_TX_AGGREGATE, .version = 0x68000001 };
	struct nem_tx cosig = { .type = NEM_TX_COSIGNATURE, .version = 0x68000001 };
	struct nem_tx tx = { .type = NEM_TX_MULTISIG, .version = 0x68000001 };
	struct seen s = { 0 };

	(void)state;
	tx.signer = pubkey_number(1);
	inner.signer = pubkey_number(2);
	mods[0].cosignatory = pubkey_number(3);
	mods[1].cosignatory = pubkey_number(4);
	inner.u.aggregate.mods = mods;
	inner.u.aggregate.n_mods = 2;
	cosig.signer = pubkey_number(5);
	cosig.u.cosignature.other_account = address_number(2);
	tx.u.multisig.inner = &inner;
	tx.u.multisig.cosignatures = &cosig;
	tx.u.multisig.n_cosignatures = 1;
	nem_tx_parties(&tx, see, &s);
	assert_int_equal(s.n, 6);
	for (unsigned i = 0; i < 5; i++) {
		const struct nem_address want = address_number(i + 1);

		assert_string_equal(s.a[i].s, want.s);
	}
	s.n = 0;
	tx = (struct nem_tx){ .type = NEM_TX_MOSAIC, .version = 0x68000001 };
	tx.signer = pubkey_number(1);
	tx.u.mosaic.def.creator = pubkey_number(1);
	tx.u.mosaic.sink = address_number(2);
	tx.u.mosaic.def.levy.kind = 1;
	tx.u.mosaic.def.levy.recipient = address_number(3);
	nem_tx_parties(&tx, see, &s);
	assert_int_equal(s.n, 4);
	s.n = 0;
	tx = transfer(1);
	nem_tx_parties(&tx, see, &s);
	assert_int_equal(s.n, 2);
}

static void test_names(void **state)
{
	static const char *const names[] = {
		"transfer", "inner", "fee",     "rental",
		"creation", "levy",  "harvest", "opening"
	};

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(names); i++)
		assert_string_equal(nem_movement_name((enum nem_movement_kind)(i + 1)),
				    names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_mosaics),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_fee_only),
		cmocka_unit_test(test_rental_and_creation),
		cmocka_unit_test(test_multisig),
		cmocka_unit_test(test_nemesis_fee),
		cmocka_unit_test(test_levy),
		cmocka_unit_test(test_parties),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
