/* What the only maker of checked transactions refuses, and why it says so. */
#include "test.h"

#include <nem/internal.h>

#include <stdlib.h>

#define VECTORS "fixtures/vectors/nis1-generated.json"

static json_t *vectors;

static int setup(void **state)
{
	(void)state;
	vectors = json_load_file(VECTORS, 0, NULL);
	return vectors != NULL && nem_crypto_init(NULL) == XT_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

static void load(struct nem_tx *tx, const char *name)
{
	read_tx(tx, member(member(member(vectors, "transactions"), name), "json"));
}

static void refuse_claimed(struct nem_tx *tx, uint64_t height,
			   const struct nem_hash *claimed, const struct nem_hash *inner,
			   const char *reason)
{
	struct nem_checked_tx c = { .height = 1234 };
	struct xt_err err = { XT_OK, "" };

	assert_int_equal(
	    nem_check_tx_take(&c, tx, NEM_MAINNET, height, claimed, inner, &err),
	    XT_E_VERIFY);
	assert_int_equal(err.code, XT_E_VERIFY);
	if (strstr(err.text, reason) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, reason);
	/* Output untouched, input swallowed. */
	assert_int_equal(c.height, 1234);
	assert_int_equal(tx->type, 0);
}

static void refuse(struct nem_tx *tx, const char *reason)
{
	refuse_claimed(tx, 5, NULL, NULL, reason);
}

static void test_claims(void **state)
{
	struct nem_hash hash;
	struct nem_hash inner;
	struct nem_tx tx;

	(void)state;
	load(&tx, "multisig");
	assert_int_equal(nem_tx_hash(&hash, &tx, NULL), XT_OK);
	assert_int_equal(nem_tx_hash(&inner, tx.u.multisig.inner, NULL), XT_OK);
	/* The two are not the same, in either place. */
	refuse_claimed(&tx, 5, &inner, &inner, "hash: claimed is");
	load(&tx, "multisig");
	refuse_claimed(&tx, 5, &hash, &hash, "innerHash: claimed is");
	load(&tx, "transfer_v1_text");
	assert_int_equal(nem_tx_hash(&hash, &tx, NULL), XT_OK);
	refuse_claimed(&tx, 5, &hash, &hash, "innerHash: claimed for");
	load(&tx, "transfer_v1_text");
	hash.b[31] ^= 1;
	refuse_claimed(&tx, 5, &hash, NULL, "hash: claimed is");
}

static void test_signature(void **state)
{
	struct nem_tx tx;

	(void)state;
	load(&tx, "transfer_v1_text");
	tx.has_signature = false;
	refuse(&tx, "signature: missing");
	load(&tx, "transfer_v1_text");
	tx.signature.b[0] ^= 1;
	refuse(&tx, "signature: does not hold");
	load(&tx, "transfer_v1_text");
	tx.u.transfer.amount.uxem++;
	refuse(&tx, "signature: does not hold");
	load(&tx, "multisig");
	tx.u.multisig.inner->has_signature = true;
	refuse(&tx, "otherTrans: signature");
}

static void test_network(void **state)
{
	const struct nem_privkey key = key_number(1);
	struct nem_tx tx = { .type = NEM_TX_TRANSFER, .version = 0x98000001 };

	(void)state;
	tx.signer = pubkey_number(1);
	tx.u.transfer.recipient = address("TDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5KZPFMK2");
	sign_tx(&tx, &key);
	refuse(&tx, "version: belongs to network 98");
	/* A mainnet transaction to a testnet address. */
	tx = (struct nem_tx){ .type = NEM_TX_TRANSFER, .version = 0x68000001 };
	tx.signer = pubkey_number(1);
	tx.u.transfer.recipient = address("TDD2CT6LQLIYQ56KIXI3ENTM6EK3D44P5KZPFMK2");
	sign_tx(&tx, &key);
	refuse(&tx, "recipient: belongs to network 98");
}

/* A multisig transfer by key 1 for the account of key 100, cosigned by keys 2 and 3. */
static void make_multisig(struct nem_tx *tx)
{
	const struct nem_privkey key = key_number(1);
	struct nem_tx *inner = calloc(1, sizeof(*inner));
	struct nem_tx *cosigs = calloc(2, sizeof(*cosigs));

	assert_non_null(inner);
	assert_non_null(cosigs);
	*inner = (struct nem_tx){ .type = NEM_TX_TRANSFER, .version = 0x68000001 };
	inner->signer = pubkey_number(100);
	inner->u.transfer.recipient = address_number(50);
	inner->u.transfer.amount.uxem = 5;
	*tx = (struct nem_tx){ .type = NEM_TX_MULTISIG, .version = 0x68000001 };
	tx->signer = pubkey_number(1);
	tx->u.multisig.inner = inner;
	tx->u.multisig.cosignatures = cosigs;
	tx->u.multisig.n_cosignatures = 2;
	for (unsigned i = 0; i < 2; i++) {
		struct nem_tx *c = &cosigs[i];

		c->type = NEM_TX_COSIGNATURE;
		c->version = 0x68000001;
		c->signer = pubkey_number(2 + i);
		c->u.cosignature.other_account = address_number(100);
		assert_int_equal(nem_tx_hash(&c->u.cosignature.other_hash, inner, NULL),
				 XT_OK);
	}
	sign_tx(tx, &key);
	for (unsigned i = 0; i < 2; i++) {
		const struct nem_privkey cosigner = key_number(2 + i);

		sign_tx(&cosigs[i], &cosigner);
	}
}

/* Sign cosignature i again after a change, by key n. */
static void resign(struct nem_tx *tx, unsigned i, unsigned n)
{
	const struct nem_privkey key = key_number(n);

	tx->u.multisig.cosignatures[i].signer = pubkey_number(n);
	sign_tx(&tx->u.multisig.cosignatures[i], &key);
}

static void test_cosignatures(void **state)
{
	struct nem_checked_tx c;
	struct nem_tx tx;
	struct xt_err err;

	(void)state;
	make_multisig(&tx);
	assert_ok(nem_check_tx_take(&c, &tx, NEM_MAINNET, 5, NULL, NULL, &err), err);
	nem_checked_tx_release(&c);
	make_multisig(&tx);
	tx.u.multisig.cosignatures[1].signature.b[3] ^= 4;
	refuse(&tx, "signatures[1]: signature: does not hold");
	make_multisig(&tx);
	tx.u.multisig.cosignatures[0].has_signature = false;
	refuse(&tx, "signatures[0]: signature: missing");
	make_multisig(&tx);
	tx.u.multisig.cosignatures[0].u.cosignature.other_hash.b[0] ^= 1;
	resign(&tx, 0, 2);
	refuse(&tx, "signatures[0]: otherHash");
	make_multisig(&tx);
	tx.u.multisig.cosignatures[0].u.cosignature.other_account = address_number(101);
	resign(&tx, 0, 2);
	refuse(&tx, "signatures[0]: otherAccount");
	make_multisig(&tx);
	resign(&tx, 1, 2);
	refuse(&tx, "signatures[1]: signer: cosigned already");
	make_multisig(&tx);
	resign(&tx, 1, 1);
	refuse(&tx, "signatures[1]: signer: is the transaction's signer");
	make_multisig(&tx);
	tx.u.multisig.cosignatures[1].version = 0x98000001;
	resign(&tx, 1, 3);
	refuse(&tx, "signatures[1]: version");
	/* The outer signature does not cover what a node adds. */
	make_multisig(&tx);
	tx.u.multisig.n_cosignatures = 1;
	assert_ok(nem_check_tx_take(&c, &tx, NEM_MAINNET, 5, NULL, NULL, &err), err);
	nem_checked_tx_release(&c);
}

/* nem_tx_exempt() is wrapped (CMakeLists.txt): no transaction with a listed hash is
 * published, so one hash of ours is put on the list for the time of a test. */
static const struct nem_hash *also_exempt;
bool __real_nem_tx_exempt(enum nem_network net, uint64_t height,
			  const struct nem_hash *hash);
bool __wrap_nem_tx_exempt(enum nem_network net, uint64_t height,
			  const struct nem_hash *hash);
bool __wrap_nem_tx_exempt(enum nem_network net, uint64_t height,
			  const struct nem_hash *hash)
{
	if (also_exempt != NULL && height == NEM_EXEMPT_HEIGHT &&
	    memcmp(hash->b, also_exempt->b, sizeof(hash->b)) == 0)
		return true;
	return __real_nem_tx_exempt(net, height, hash);
}

/* The list itself: two of its hashes, at that height of that network alone. */
static void test_exempt_list(void **state)
{
	static const char *const listed[] = {
		"1ebf9e2236d3b41468773f639c438891ae8be15b8cea38dba9f7ddc00aeb48d2",
		"2ac17cb342d2ec97f1faab5fdf9409c54cd2dd69d0fb28bbd80adb58a993c1df"
	};
	struct nem_hash hash;

	(void)state;
	for (size_t i = 0; i < XT_ARRAY_SIZE(listed); i++) {
		assert_int_equal(xt_hex_decode(hash.b, 32, listed[i], NULL), XT_OK);
		assert_true(nem_tx_exempt(NEM_MAINNET, NEM_EXEMPT_HEIGHT, &hash));
		assert_false(nem_tx_exempt(NEM_MAINNET, NEM_EXEMPT_HEIGHT + 1, &hash));
		assert_false(nem_tx_exempt(NEM_MAINNET, NEM_EXEMPT_HEIGHT - 1, &hash));
		assert_false(nem_tx_exempt(NEM_TESTNET, NEM_EXEMPT_HEIGHT, &hash));
		hash.b[31] ^= 1;
		assert_false(nem_tx_exempt(NEM_MAINNET, NEM_EXEMPT_HEIGHT, &hash));
	}
}

/* The one block of mainnet whose signatures the network itself does not check. */
static void test_exempt(void **state)
{
	struct nem_checked_tx c;
	struct nem_hash hash;
	struct nem_tx tx;
	struct xt_err err;

	(void)state;
	load(&tx, "transfer_v1_text");
	assert_int_equal(nem_tx_hash(&hash, &tx, NULL), XT_OK);
	tx.signature.b[0] ^= 1;
	also_exempt = &hash;
	assert_ok(nem_check_tx_take(&c, &tx, NEM_MAINNET, NEM_EXEMPT_HEIGHT, &hash,
				    NULL, &err),
		  err);
	assert_int_equal(c.provenance, NEM_EXEMPT);
	nem_checked_tx_release(&c);
	load(&tx, "transfer_v1_text");
	tx.signature.b[0] ^= 1;
	refuse_claimed(&tx, NEM_EXEMPT_HEIGHT + 1, &hash, NULL, "signature");
	/* Its hash must hold there, too. */
	load(&tx, "transfer_v1_text");
	tx.u.transfer.amount.uxem++;
	refuse_claimed(&tx, NEM_EXEMPT_HEIGHT, &hash, NULL, "hash: claimed is");
	/* A node that claims the height for a transaction off the list gains nothing.
	 */
	also_exempt = NULL;
	load(&tx, "transfer_v1_text");
	tx.signature.b[0] ^= 1;
	refuse_claimed(&tx, NEM_EXEMPT_HEIGHT, &hash, NULL, "signature");
	/* A transaction off the list whose signature holds is simply signed. */
	load(&tx, "transfer_v1_text");
	assert_ok(nem_check_tx_take(&c, &tx, NEM_MAINNET, NEM_EXEMPT_HEIGHT, &hash,
				    NULL, &err),
		  err);
	assert_int_equal(c.provenance, NEM_SIGNED);
	nem_checked_tx_release(&c);
}

/* Every bit of what a node can serve counts, whether or not a hash is claimed. */
static void flip_all(const char *name, bool claim)
{
	const json_t *v = member(member(vectors, "transactions"), name);
	struct nem_hash hash;
	struct xt_buf b;

	assert_true(read_hash(&hash, v, "hash"));
	read_hex(&b, text_of(v, "signed_bytes"));
	for (size_t bit = 0; bit < b.len * 8; bit++) {
		struct nem_checked_tx c;
		struct nem_tx tx;
		enum xt_status rc;

		b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		rc = nem_tx_decode(&tx, b.data, b.len, NEM_FORM_SIGNED, NULL);
		if (rc == XT_OK)
			rc = nem_check_tx_take(&c, &tx, NEM_MAINNET, 5,
					       claim ? &hash : NULL, NULL, NULL);
		if (rc != XT_E_DATA && rc != XT_E_VERIFY)
			fail_msg("%s: bit %zu was not noticed", name, bit);
		b.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	xt_buf_release(&b);
}

static void test_flip_bits(void **state)
{
	(void)state;
	flip_all("transfer_v1_text", true);
	flip_all("transfer_v1_text", false);
	flip_all("transfer_v2_mosaics_hexmsg", false);
	flip_all("aggregate_modification_v2", true);
	flip_all("mosaic_definition_levy", true);
	flip_all("multisig", true);
	flip_all("multisig", false);
}

static void refuse_block(struct nem_block *b, const struct nem_hash *prev,
			 enum xt_status want, const char *reason)
{
	struct nem_checked_block c = { .height = 77 };
	struct xt_err err = { XT_OK, "" };

	assert_int_equal(nem_check_block_take(&c, b, NEM_MAINNET, prev, &err), want);
	if (strstr(err.text, reason) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, reason);
	assert_int_equal(c.height, 77);
	assert_null(b->txs);
}

static void sign_block(struct nem_block *b)
{
	const struct nem_privkey key = key_number(9);
	struct xt_buf buf;

	b->signer = pubkey_number(9);
	xt_buf_init(&buf, XT_MAX_BLOCK_BYTES);
	assert_int_equal(nem_block_encode(&buf, b, NEM_FORM_UNSIGNED, NULL), XT_OK);
	nem_sign(&b->signature, &key, buf.data, buf.len);
	xt_buf_release(&buf);
}

/* Height 10 with one good transfer, signed by key 9. */
static void make_block(struct nem_block *b)
{
	*b = (struct nem_block){
		.type = 1, .version = 0x68000001, .timestamp = 600, .height = 10
	};
	b->txs = calloc(1, sizeof(*b->txs));
	assert_non_null(b->txs);
	b->n_txs = 1;
	load(&b->txs[0], "transfer_v1_text");
	sign_block(b);
}

static void test_block(void **state)
{
	struct nem_hash prev = { { 0 } };
	struct nem_checked_block c;
	struct nem_block b;
	struct xt_err err;

	(void)state;
	make_block(&b);
	assert_ok(nem_check_block_take(&c, &b, NEM_MAINNET, &prev, &err), err);
	assert_int_equal(c.n_txs, 1);
	nem_checked_block_release(&c);
	make_block(&b);
	prev.b[0] = 1;
	refuse_block(&b, &prev, XT_E_VERIFY, "block 10: prevBlockHash");
	make_block(&b);
	b.timestamp++;
	refuse_block(&b, NULL, XT_E_VERIFY, "block 10: signature");
	make_block(&b);
	b.txs[0].u.transfer.amount.uxem++;
	refuse_block(&b, NULL, XT_E_VERIFY, "block 10: signature");
	/* A harvester may not put in what its signer did not sign. */
	make_block(&b);
	b.txs[0].u.transfer.amount.uxem++;
	sign_block(&b);
	refuse_block(&b, NULL, XT_E_VERIFY, "block 10: transactions[0]: signature");
	make_block(&b);
	b.version = 0x98000001;
	sign_block(&b);
	refuse_block(&b, NULL, XT_E_VERIFY, "network 98");
	make_block(&b);
	b.height = 1;
	refuse_block(&b, NULL, XT_E_DATA, "nemesis");
	make_block(&b);
	b.type = UINT32_MAX;
	refuse_block(&b, NULL, XT_E_DATA, "nemesis");
	make_block(&b);
	b.version = 0x68000002;
	refuse_block(&b, NULL, XT_E_DATA, "version");
	make_block(&b);
	b.height = 0;
	refuse_block(&b, NULL, XT_E_DATA, "height");
	make_block(&b);
	b.txs[0].has_signature = false;
	refuse_block(&b, NULL, XT_E_DATA, "transactions[0]: signature: missing");
	/* The exempt block's own signature still counts, its transactions' do not. */
	make_block(&b);
	b.height = NEM_EXEMPT_HEIGHT;
	b.txs[0].u.transfer.amount.uxem++;
	refuse_block(&b, NULL, XT_E_VERIFY, "signature");
	make_block(&b);
	b.height = NEM_EXEMPT_HEIGHT;
	b.txs[0].u.transfer.amount.uxem++;
	sign_block(&b);
	struct nem_hash hash;
	assert_int_equal(nem_tx_hash(&hash, &b.txs[0], NULL), XT_OK);
	also_exempt = &hash;
	assert_ok(nem_check_block_take(&c, &b, NEM_MAINNET, NULL, &err), err);
	assert_int_equal(c.txs[0].provenance, NEM_EXEMPT);
	nem_checked_block_release(&c);
	also_exempt = NULL;
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(nem_provenance_name(NEM_SIGNED), "signed");
	assert_string_equal(nem_provenance_name(NEM_PUBLISHED), "published");
	assert_string_equal(nem_provenance_name(NEM_AGGREGATE), "aggregate");
	assert_string_equal(nem_provenance_name(NEM_INFERRED), "inferred");
	assert_string_equal(nem_provenance_name(NEM_EXEMPT), "exempt");
	assert_string_equal(nem_provenance_name(NEM_REPORTED), "reported");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claims),    cmocka_unit_test(test_signature),
		cmocka_unit_test(test_network),   cmocka_unit_test(test_cosignatures),
		cmocka_unit_test(test_exempt),    cmocka_unit_test(test_exempt_list),
		cmocka_unit_test(test_flip_bits), cmocka_unit_test(test_block),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
