/* Transactions, movements, blocks, harvests, records: what goes in, in which order it
 * stands, and what is refused. Synthetic but for the nemesis block. */
#include "support.h"

#include <stdio.h>

#include <sqlite3.h>

#include <store/internal.h>

#define CASE in_folder(state, "case.xemtrace")
#define ORDER                                                                          \
	"SELECT group_concat(tx || '.' || sub, ' ') FROM (SELECT * FROM transfer"      \
	" ORDER BY height, ord, tx, sub)"

static int64_t put(struct store *s, struct nem_checked_tx *c)
{
	struct xt_err err;
	int64_t id = 0;
	bool is_new = false;
	assert_ok(store_put_tx(s, &id, &is_new, c, 0, &err), err);
	assert_true(is_new);
	nem_checked_tx_release(c);
	return id;
}

static void put_again(struct store *s, const struct nem_checked_tx *c, int64_t want)
{
	struct xt_err err;
	int64_t id = 0;
	bool is_new = true;
	assert_ok(store_put_tx(s, &id, &is_new, c, 0, &err), err);
	assert_false(is_new);
	assert_int_equal(id, want);
}

static void a_transfer_is_two_movements(void **state)
{
	struct xt_err err;
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx c =
	    transfer(1, 2, 1234567, 50000, 1000, "a \"memo\"", 20);
	struct store_tx t;
	char hex[65], query[256];
	xt_hex_encode(hex, c.hash.b, 32);
	begin(s);
	const int64_t id = put(s, &c);
	commit(s);
	assert_ok(store_tx_find(s, &t, hex, &err), err);
	assert_int_equal(t.id, id);
	assert_true(t.has_hash && t.height_known && !t.order_known);
	assert_int_equal(t.height, 20);
	assert_int_equal(t.time, NEM_EPOCH_UNIX + 1000);
	assert_int_equal(t.time_kind, STORE_TIME_SIGNER);
	assert_int_equal(t.type, NEM_TX_TRANSFER);
	assert_int_equal(t.fee, 50000);
	assert_int_equal(t.provenance, NEM_SIGNED);
	/* The canonical bytes are those that were signed. */
	struct nem_tx again;
	struct nem_hash h;
	assert_ok(nem_tx_decode(&again, t.bytes, t.n_bytes, NEM_FORM_SIGNED, &err),
		  err);
	assert_ok(nem_tx_hash(&h, &again, &err), err);
	assert_memory_equal(h.b, t.hash.b, 32);
	nem_tx_release(&again);
	store_close(s);
	snprintf(
	    query, sizeof(query),
	    "SELECT time, time_from, height, sender, recipient, amount_xem, kind, message,"
	    " provenance, position FROM v_transfer WHERE hash = '%s'",
	    hex);
	char want[512];
	const struct nem_address a = address_number(1), b = address_number(2);
	snprintf(
	    want, sizeof(want),
	    "2015-03-29T00:23:05Z|signer|20|%s|%s|1.234567|transfer|a \"memo\"|signed|"
	    "assumed;2015-03-29T00:23:05Z|signer|20|%s||0.050000|fee||signed|assumed",
	    a.s, b.s, a.s);
	assert_sql(CASE, query, want);
}

static void known_twice_is_stored_once(void **state)
{
	struct xt_err err;
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx c = transfer(1, 2, 7, 50000, 1000, NULL, 20);
	struct nem_checked_tx d = transfer(1, 2, 7, 50000, 1000, NULL, 20);
	struct nem_checked_tx e = transfer(1, 2, 7, 50000, 1000, NULL, 21);
	begin(s);
	const int64_t id = put(s, &c);
	put_again(s, &d, id);
	assert_fails(store_put_tx(s, NULL, NULL, &e, 0, &err), XT_E_VERIFY, err,
		     "stored at height 20, now claimed at 21");
	/* Its block proves where it stands, also against the node's word. */
	prove(&e, 3, 1010);
	put_again(s, &e, id);
	put_again(s, &e, id);
	/* From then on the proven place stands. */
	assert_fails(store_put_tx(s, NULL, NULL, &d, 0, &err), XT_E_VERIFY, err,
		     "its block in the case says height 21 index 3");
	commit(s);
	store_close(s);
	assert_sql(CASE, "SELECT count(*), min(height), max(ord) FROM transfer",
		   "2|21|3");
	assert_sql(CASE, "SELECT height, idx, time_kind, time FROM tx",
		   "21|3|1|1427588595");
	assert_sql(CASE, "SELECT value FROM meta WHERE key = 'transfers'", "2");
	nem_checked_tx_release(&d);
	nem_checked_tx_release(&e);
}

/* The order within a height: proven, then assumed by the signer's time, then harvests;
 * and the same whatever came first. */
static void order_does_not_depend_on_arrival(void **state)
{
	struct xt_err err;
	char *got[2];
	for (int way = 0; way < 2; way++) {
		struct store *s = open_case(state, STORE_CREATE);
		const struct nem_address h = address_number(9);
		begin(s);
		for (int i = 0; i < 6; i++) {
			const unsigned n = (unsigned)(way ? 5 - i : i);
			struct nem_checked_tx c = transfer(1 + n, 20, 100 + n, 50000,
							   5000 - 100 * n, NULL, 30);
			if (n == 5)
				prove(&c, 2, 6000);
			if (i == 3)
				assert_ok(store_put_harvest(s, &h, 30, 6000,
							    (struct nem_amount){ 9 }, 0,
							    &err),
					  err);
			put(s, &c);
		}
		commit(s);
		store_close(s);
		got[way] = sql(CASE, "SELECT amount FROM transfer WHERE kind <> 3"
				     " ORDER BY height, ord, tx, sub");
		remove(CASE);
	}
	assert_string_equal(got[0], "105;104;103;102;101;100;9");
	assert_string_equal(got[0], got[1]);
	free(got[0]);
	free(got[1]);
}

static struct nem_checked_block block_of(struct nem_checked_tx *txs, uint32_t n,
					 uint64_t height)
{
	struct nem_checked_block b = { .height = height,
				       .timestamp = 7000,
				       .signer = pubkey_number(8),
				       .n_txs = n };
	b.hash.b[0] = (uint8_t)height;
	b.txs = xt_calloc(n, sizeof(*b.txs));
	assert_non_null(b.txs);
	for (uint32_t i = 0; i < n; i++) {
		b.txs[i] = txs[i];
		prove(&b.txs[i], i, 7000);
	}
	return b;
}

static void a_block_proves_order_and_time(void **state)
{
	struct xt_err err;
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx late = transfer(1, 2, 500, 50000, 2000, NULL, 40);
	struct nem_checked_tx early = transfer(2, 1, 400, 50000, 3000, NULL, 40);
	struct nem_checked_tx other = transfer(3, 4, 300, 50000, 100, NULL, 40);
	struct nem_checked_tx in[3] = { transfer(2, 1, 400, 50000, 3000, NULL, 40),
					transfer(3, 4, 300, 50000, 100, NULL, 40),
					transfer(1, 2, 500, 50000, 2000, NULL, 40) };
	struct nem_checked_block b = block_of(in, 3, 40);
	begin(s);
	put(s, &late);
	put(s, &early);
	commit(s);
	assert_sql(CASE, ORDER, "1.0 1.1 2.0 2.1"); /* by the signers' times */
	begin(s);
	assert_ok(store_put_block(s, &b, false, NULL, 0, &err), err);
	assert_ok(store_put_block(s, &b, false, NULL, 0, &err), err);
	commit(s);
	assert_sql(CASE, ORDER, "2.0 2.1 1.0 1.1"); /* by the block */
	assert_sql(CASE, "SELECT count(*) FROM tx WHERE time_kind <> 1 OR idx IS NULL",
		   "0");
	/* One that comes later finds its place in the block that is here. */
	begin(s);
	put(s, &other);
	commit(s);
	assert_sql(CASE, ORDER, "2.0 2.1 3.0 3.1 1.0 1.1");
	assert_sql(CASE, "SELECT idx, time_kind FROM tx WHERE id = 3", "1|1");
	/* One that claims the height and is not in the block is refused. */
	struct nem_checked_tx liar = transfer(5, 6, 1, 50000, 100, NULL, 40);
	begin(s);
	assert_fails(store_put_tx(s, NULL, NULL, &liar, 0, &err), XT_E_VERIFY, err,
		     "the block of that height does not hold it");
	struct nem_checked_block fork = block_of(NULL, 0, 40);
	fork.hash.b[1] = 1;
	assert_fails(store_put_block(s, &fork, true, NULL, 0, &err), XT_E_VERIFY, err,
		     "another block of that height");
	commit(s);
	store_close(s);
	nem_checked_block_release(&b);
	nem_checked_block_release(&fork);
	nem_checked_tx_release(&liar);
}

static void a_block_without_a_stored_transaction(void **state)
{
	struct xt_err err;
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx c = transfer(1, 2, 500, 50000, 2000, NULL, 50);
	struct nem_checked_tx in[1] = { transfer(2, 1, 400, 50000, 3000, NULL, 50) };
	struct nem_checked_block b = block_of(in, 1, 50);
	begin(s);
	put(s, &c);
	assert_fails(store_put_block(s, &b, true, NULL, 0, &err), XT_E_VERIFY, err,
		     "block 50: does not hold transaction");
	commit(s);
	store_close(s);
	/* All of the verb was undone, nothing of what was there before. */
	assert_sql(CASE,
		   "SELECT (SELECT count(*) FROM block), (SELECT count(*) FROM tx),"
		   " (SELECT count(*) FROM transfer)",
		   "0|1|2");
	nem_checked_block_release(&b);
}

static void harvests(void **state)
{
	struct xt_err err;
	struct store *s = open_case(state, STORE_CREATE);
	const struct nem_address a = address_number(1), b = address_number(2);
	const struct nem_amount fee = { 150000 }, zero = { 0 };
	begin(s);
	assert_ok(store_put_harvest(s, &a, 60, 8000, fee, 0, &err), err);
	assert_ok(store_put_harvest(s, &a, 60, 8000, fee, 0, &err), err);
	assert_ok(store_put_harvest(s, &a, 61, 8060, zero, 0, &err), err);
	assert_fails(store_put_harvest(s, &a, 60, 8000, zero, 0, &err), XT_E_VERIFY,
		     err, "harvest of block 60: the case has 150000 uXEM");
	assert_fails(store_put_harvest(s, &b, 60, 8000, fee, 0, &err), XT_E_VERIFY, err,
		     a.s);
	assert_fails(store_put_harvest(s, &a, 0, 8000, fee, 0, &err), XT_E_DATA, err,
		     "out of range");
	commit(s);
	struct store_tx t;
	assert_ok(store_tx_find(s, &t, "harvest:60", &err), err);
	assert_true(t.order_known && !t.has_hash);
	assert_int_equal(t.provenance, NEM_REPORTED);
	assert_int_equal(t.time_kind, STORE_TIME_PUBLISHED);
	/* The block proves the time, and a list that says otherwise is refused. */
	struct nem_checked_block blk = block_of(NULL, 0, 60);
	begin(s);
	assert_fails(store_put_block(s, &blk, false, NULL, 0, &err), XT_E_VERIFY, err,
		     "harvest of block 60");
	blk.timestamp = 8000;
	assert_ok(store_put_block(s, &blk, false, NULL, 0, &err), err);
	commit(s);
	assert_ok(store_tx_find(s, &t, "harvest:60", &err), err);
	assert_int_equal(t.time_kind, STORE_TIME_BLOCK);
	store_close(s);
	nem_checked_block_release(&blk);
	assert_sql(CASE, "SELECT count(*) FROM transfer", "1");
}

/* 1,353 real transactions: stored wholly, everything adds up. */
static void the_nemesis_block(void **state)
{
	struct xt_err err;
	struct nem_checked_block b;
	struct nem_address a;
	struct store_account acc;
	struct store_sums sums;
	struct store_counts c;
	struct store *s = open_case(state, STORE_CREATE);
	nemesis(&b);
	assert_ok(nem_address_parse(&a, NEM_NEMESIS_ADDRESS, &err), err);
	begin(s);
	assert_ok(store_put_block(s, &b, true, &a, 0, &err), err);
	commit(s);
	begin(s);
	assert_ok(store_put_block(s, &b, true, &a, 0, &err),
		  err); /* again: nothing new */
	commit(s);
	assert_ok(store_counts(s, &c, &err), err);
	assert_int_equal(c.signed_txs, 1353);
	assert_int_equal(c.txs, 1353 + 2); /* the opening and the harvest */
	assert_int_equal(c.openings, 1);
	assert_int_equal(c.published, 0);
	assert_int_equal(c.reported, 1);
	assert_int_equal(c.assumed_order, 0);
	assert_int_equal(c.assumed_time, 0);
	assert_int_equal(c.blocks, 1);
	assert_ok(store_account_find(s, &acc, NEM_NEMESIS_ADDRESS, &err), err);
	assert_true(acc.has_opening && acc.has_key);
	assert_int_equal(acc.opening_uxem, NEM_SUPPLY_UXEM);
	assert_ok(store_account_sums(s, &sums, acc.id, UINT64_MAX, &err), err);
	assert_true(NEM_SUPPLY_UXEM + sums.in - sums.out + sums.harvest == 240000000);
	assert_true(sums.harvest == 240000000);
	struct store_sizes z;
	assert_ok(store_sizes(s, &z, &err), err);
	assert_int_equal(z.events, c.events);
	assert_int_equal(z.txs, c.txs);
	assert_int_equal(z.accounts, c.accounts);
	store_close(s);
	nem_checked_block_release(&b);
	/* Everything that anybody has, is the supply: from the tables alone. */
	assert_sql(
	    CASE,
	    "SELECT (SELECT sum(amount) FROM transfer WHERE recipient IS NOT NULL)"
	    " - (SELECT sum(amount) FROM transfer WHERE sender IS NOT NULL)",
	    "9000000240000000");
	assert_sql(
	    CASE,
	    "SELECT opening_xem, received_xem, sent_xem, harvested_xem FROM v_account"
	    " WHERE address = 'NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5'",
	    "9000000240.000000|0.000000|9000000240.000000|240.000000");
	assert_sql(CASE, "SELECT count(*) FROM v_transfer WHERE kind = 'transfer'",
		   "1347");
	assert_sql(CASE,
		   "SELECT provenance, ref FROM v_transfer WHERE kind = 'opening'",
		   "published|opening:nemesis");
}

/* A mosaic transfer by account 1 to 2, version 2, of ten units. */
static struct nem_checked_tx mosaic_transfer(uint32_t timestamp, uint64_t height)
{
	struct nem_tx tx = { .type = NEM_TX_TRANSFER,
			     .version = (uint32_t)NEM_MAINNET << 24 | 2,
			     .timestamp = timestamp,
			     .deadline = timestamp + 60,
			     .signer = pubkey_number(1),
			     .fee = { 150000 } };
	struct nem_mosaic *m = xt_calloc(1, sizeof(*m));
	assert_non_null(m);
	m->id.ns = (struct nem_bytes){ (uint8_t *)xt_strdup("shop"), 4 };
	m->id.name = (struct nem_bytes){ (uint8_t *)xt_strdup("coin"), 4 };
	m->quantity = 10;
	tx.u.transfer.recipient = address_number(2);
	tx.u.transfer.amount.uxem = 1000000;
	tx.u.transfer.mosaics = m;
	tx.u.transfer.n_mosaics = 1;
	return sign_take(&tx, 1, height);
}

static struct nem_mosaic_definition definition(uint64_t fee)
{
	static uint8_t shop[] = "shop", coin[] = "coin", nem[] = "nem", xem[] = "xem";
	struct nem_mosaic_definition d = { .creator = pubkey_number(7) };
	d.id.ns = (struct nem_bytes){ shop, 4 };
	d.id.name = (struct nem_bytes){ coin, 4 };
	d.levy.kind = 1;
	d.levy.recipient = address_number(7);
	d.levy.id.ns = (struct nem_bytes){ nem, 3 };
	d.levy.id.name = (struct nem_bytes){ xem, 3 };
	d.levy.fee = fee;
	return d;
}

static bool see_mosaic(void *ctx, const struct nem_mosaic_id *id)
{
	snprintf(ctx, 64, "%.*s:%.*s", (int)id->ns.len, (const char *)id->ns.data,
		 (int)id->name.len, (const char *)id->name.data);
	return true;
}

static void levies_come_with_their_definition(void **state)
{
	struct xt_err err;
	char name[64] = "";
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx before = mosaic_transfer(100, 5);
	struct nem_checked_tx at = mosaic_transfer(200, 6);
	struct nem_checked_tx after = mosaic_transfer(300, 7);
	struct nem_mosaic_definition d = definition(333);
	begin(s);
	put(s, &before);
	put(s, &at);
	assert_ok(store_each_unknown_mosaic(s, see_mosaic, name, &err), err);
	assert_string_equal(name, "shop:coin");
	assert_ok(store_put_mosaic_definition(s, &d, 6, NEM_REPORTED, 0, &err), err);
	assert_ok(store_put_mosaic_definition(s, &d, 6, NEM_REPORTED, 0, &err), err);
	put(s, &after);
	name[0] = '\0';
	assert_ok(store_each_unknown_mosaic(s, see_mosaic, name, &err), err);
	assert_string_equal(name, "");
	d = definition(334);
	assert_fails(store_put_mosaic_definition(s, &d, 6, NEM_REPORTED, 0, &err),
		     XT_E_VERIFY, err, "its levy differs");
	commit(s);
	assert_sql(CASE,
		   "SELECT tx, sub, amount FROM transfer WHERE kind = 6 ORDER BY 1",
		   "2|1|333;3|1|333");
	/* A signed definition stands above a node's word. */
	begin(s);
	assert_ok(store_put_mosaic_definition(s, &d, 6, NEM_SIGNED, 0, &err), err);
	commit(s);
	assert_sql(CASE,
		   "SELECT tx, sub, amount FROM transfer WHERE kind = 6 ORDER BY 1",
		   "2|1|334;3|1|334");
	assert_sql(CASE,
		   "SELECT value - (SELECT count(*) FROM transfer) FROM meta"
		   " WHERE key = 'transfers'",
		   "0");
	store_close(s);
}

static struct store_record record(const char *from, const char *to, uint64_t uxem,
				  int64_t time, uint64_t line)
{
	struct store_record r = { .kind = NEM_MOVE_TRANSFER,
				  .sender = party_of(from),
				  .recipient = party_of(to),
				  .amount = { uxem },
				  .has_time = time != 0,
				  .time = time,
				  .time_last = time,
				  .count = 1,
				  .provenance = NEM_PUBLISHED,
				  .line = line };
	snprintf(r.ref, sizeof(r.ref), "r.csv:%llu", (unsigned long long)line);
	return r;
}

static void records_and_their_proof(void **state)
{
	struct xt_err err;
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx c = transfer(1, 2, 700, 50000, 9000, "hi", 70);
	struct nem_checked_tx d = transfer(1, 2, 800, 50000, 9100, NULL, 71);
	const struct nem_address a = address_number(1), b = address_number(2);
	struct store_record r = record(a.s, b.s, 700, 1600000000, 2);
	struct store_record q = record(a.s, b.s, 801, 1600000000, 3);
	r.has_hash = q.has_hash = true;
	r.hash = c.hash;
	q.hash = d.hash;
	begin(s);
	assert_ok(store_put_record(s, NULL, &r, &err), err);
	assert_ok(store_put_record(s, NULL, &q, &err), err);
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_EXISTS, err, "already");
	r.amount.uxem = 699;
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_VERIFY, err,
		     "another amount");
	put(s, &c);
	put(s, &d);
	commit(s);
	/* The proof took the place of the record and kept its reference. */
	assert_sql(CASE,
		   "SELECT ref, provenance, height, amount_xem FROM v_transfer"
		   " WHERE kind = 'transfer'",
		   "r.csv:2|signed|70|0.000700;r.csv:3|signed|71|0.000800");
	/* The one that the record told otherwise is kept in view. */
	assert_sql(CASE, "SELECT what, instr(text, 'r.csv:3') > 0 FROM v_incident",
		   "record|1");
	/* And the same record again is known. */
	r.amount.uxem = 700;
	begin(s);
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_EXISTS, err, "already");
	r.sender = party_of("@somebody");
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_VERIFY, err,
		     "another sender");
	store_rollback(s);
	store_close(s);
}

static void records_that_are_refused(void **state)
{
	struct xt_err err;
	struct store *s = open_case(state, STORE_CREATE);
	struct store_record r = record("@a", "@b", 5, 0, 2);
	begin(s);
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_DATA, err,
		     "neither height nor time");
	r = record("@a", "@b", 5, 1000000000, 2);
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_DATA, err,
		     "2001-09-09T01:46:40Z is not a time of this chain");
	r = record("@a", "@b", STORE_MAX_RECORD_UXEM + 1, 1600000000, 2);
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_DATA, err,
		     "more than 10,000,000,000 XEM");
	r = record("@a", "@b", 5, 1600000000, 2);
	r.has_index = true;
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_DATA, err,
		     "without a height");
	r = record("@a", "@b", 5, 1600000000, 2);
	r.provenance = NEM_SIGNED;
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_USAGE, err,
		     "provenance");
	r.provenance = NEM_PUBLISHED;
	assert_ok(store_put_record(s, NULL, &r, &err), err);
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_VERIFY, err,
		     "reference r.csv:2 is in the case already");
	r.kind = NEM_MOVE_OPENING;
	snprintf(r.ref, sizeof(r.ref), "r.csv:3");
	assert_ok(store_put_record(s, NULL, &r, &err), err);
	snprintf(r.ref, sizeof(r.ref), "r.csv:4");
	assert_fails(store_put_record(s, NULL, &r, &err), XT_E_VERIFY, err,
		     "has an opening balance in the case already");
	commit(s);
	/* What was refused left nothing. */
	assert_sql(CASE,
		   "SELECT (SELECT count(*) FROM tx), (SELECT count(*) FROM transfer),"
		   " (SELECT count(*) FROM account)",
		   "2|2|2");
	const uint8_t hash[32] = { 1 };
	begin(s);
	assert_ok(store_put_source(s, "r.csv", hash, 3, 1, &err), err);
	assert_fails(store_put_source(s, "copy.csv", hash, 3, 1, &err), XT_E_EXISTS,
		     err, "copy.csv: this very file");
	store_rollback(s);
	store_close(s);
}

static void blocks_worth_fetching(void **state)
{
	struct xt_err err;
	struct store_account a;
	struct store_counts c;
	uint64_t *v;
	size_t n;
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx tx[] = {
		transfer(1, 2, 1, 50000, 100, NULL, 80), /* account 2: two at 80 */
		transfer(2, 3, 1, 50000, 200, NULL, 80),
		transfer(4, 5, 1, 50000, 300, NULL, 81), /* nobody twice at 81 */
		transfer(6, 7, 1, 50000, 400, NULL, 81),
		transfer(8, 9, 1, 50000, 500, NULL, 82), /* 9 twice, but not read */
		transfer(10, 9, 1, 50000, 600, NULL, 82),
	};
	begin(s);
	for (size_t i = 0; i < XT_ARRAY_SIZE(tx); i++)
		put(s, &tx[i]);
	for (unsigned i = 1; i <= 8; i++) {
		const struct nem_address addr = address_number(i);
		assert_ok(store_account_find(s, &a, addr.s, &err), err);
		a.state = i % 2 ? STORE_INCOMPLETE : STORE_COMPLETE;
		assert_ok(store_account_update(s, &a, &err), err);
	}
	commit(s);
	assert_ok(store_heights_wanted(s, false, &v, &n, &err), err);
	assert_int_equal(n, 1);
	assert_int_equal(v[0], 80);
	free(v);
	assert_ok(store_heights_wanted(s, true, &v, &n, &err), err);
	assert_int_equal(n, 3);
	assert_int_equal(v[0], 80);
	assert_int_equal(v[2], 82);
	free(v);
	assert_ok(store_counts(s, &c, &err), err);
	assert_int_equal(c.assumed_order, 1);
	assert_int_equal(c.assumed_time, 6);
	store_close(s);
}

static bool collect(void *ctx, const struct store_event *e)
{
	char *text = ctx;
	char one[64];
	snprintf(one, sizeof(one), "%lld.%u ", (long long)e->tx, e->sub);
	append(text, one);
	return true;
}

static bool stop_at_once(void *ctx, const struct store_event *e)
{
	(void)ctx;
	(void)e;
	return false;
}

static void events_of_an_account(void **state)
{
	struct xt_err err;
	struct store_account a;
	struct store_sums sums;
	char text[256] = "";
	struct store *s = open_case(state, STORE_CREATE);
	struct nem_checked_tx self = transfer(1, 1, 77, 50000, 100, NULL, 90);
	struct nem_checked_tx in = transfer(2, 1, 1000, 50000, 100, NULL, 91);
	struct nem_checked_tx out = transfer(1, 2, 300, 50000, 100, NULL, 92);
	const struct nem_address addr = address_number(1);
	begin(s);
	put(s, &out);
	put(s, &self);
	put(s, &in);
	commit(s);
	assert_ok(store_account_find(s, &a, addr.s, &err), err);
	assert_ok(store_account_events(s, a.id, collect, text, &err), err);
	assert_string_equal(text, "2.0 2.1 3.0 1.0 1.1 "); /* the self transfer once */
	assert_ok(store_account_sums(s, &sums, a.id, 91, &err), err);
	assert_true(sums.in == 1077 && sums.out == 50077 && sums.n_events == 3);
	assert_ok(store_account_sums(s, &sums, a.id, UINT64_MAX, &err), err);
	assert_true(sums.in == 1077 && sums.out == 100377);
	text[0] = '\0';
	assert_ok(store_tx_events(s, 1, collect, text, &err), err);
	assert_string_equal(text, "1.0 1.1 ");
	assert_int_equal(store_each_event(s, stop_at_once, NULL, &err), XT_E_STOPPED);
	struct store_tx t;
	assert_fails(store_tx_find(s, &t, "nothing", &err), XT_E_NOTFOUND, err,
		     "nothing");
	assert_fails(store_account_find(s, &a, "@nobody", &err), XT_E_NOTFOUND, err,
		     "@nobody");
	assert_fails(store_account_find(s, &a, "rubbish", &err), XT_E_DATA, err,
		     "rubbish");
	store_close(s);
}

/* A message with a NUL byte must not look like the one that ends there. */
static void messages_keep_their_bytes(void **state)
{
	struct xt_err err;
	int64_t a = 0, b = 0, c = 0, none = 1;
	uint8_t nul[] = "ab\0cd", ab[] = "ab";
	struct store *s = open_case(state, STORE_CREATE);
	const struct nem_bytes m = { nul, 5 }, p = { ab, 2 }, empty = { NULL, 0 };
	begin(s);
	assert_ok(row_message(s, &a, NEM_MSG_PLAIN, &m, &err), err);
	assert_ok(row_message(s, &b, NEM_MSG_PLAIN, &p, &err), err);
	assert_ok(row_message(s, &c, NEM_MSG_PLAIN, &p, &err), err);
	assert_int_not_equal(a, b);
	assert_int_equal(b, c);
	assert_ok(row_message(s, &none, NEM_MSG_PLAIN, &empty, &err), err);
	assert_int_equal(none, 0);
	assert_ok(row_message(s, &c, NEM_MSG_ENCRYPTED, &p, &err), err);
	assert_int_not_equal(c, b);
	assert_ok(row_message(s, &c, NEM_MSG_ENCRYPTED, &empty, &err), err);
	commit(s);
	store_close(s);
	assert_sql(CASE, "SELECT text FROM message ORDER BY id",
		   "hex:6162006364;ab;encrypted:6162;encrypted:");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_remove)
	const struct CMUnitTest tests[] = {
		T(a_transfer_is_two_movements),
		T(known_twice_is_stored_once),
		T(order_does_not_depend_on_arrival),
		T(a_block_proves_order_and_time),
		T(a_block_without_a_stored_transaction),
		T(harvests),
		T(the_nemesis_block),
		T(levies_come_with_their_definition),
		T(records_and_their_proof),
		T(records_that_are_refused),
		T(blocks_worth_fetching),
		T(events_of_an_account),
		T(messages_keep_their_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
