/* Makes the case file from which fixtures/store/vN.db are: run it once for each schema
 * version, before the next one begins. All synthetic.
 *
 *	make_old_case fixtures/store/v1.db */
#include <stdio.h>

#include "support.h"

static void check(enum xt_status rc, const struct xt_err *err)
{
	if (rc != XT_OK) {
		fprintf(stderr, "%s\n", err->text);
		exit(1);
	}
}

static void put_transactions(struct store *s, struct xt_err *err)
{
	struct nem_checked_tx a = transfer(1, 2, 5000000, 50000, 1000, "hello", 10);
	struct nem_checked_tx b = transfer(2, 1, 1000000, 50000, 2000, NULL, 11);
	const struct nem_address h = address_number(3);
	prove(&b, 4, 2010);
	check(store_put_tx(s, NULL, NULL, &a, 0, err), err);
	check(store_put_tx(s, NULL, NULL, &b, 0, err), err);
	check(store_put_harvest(s, &h, 11, 2010, (struct nem_amount){ 50000 }, 0, err),
	      err);
	nem_checked_tx_release(&a);
	nem_checked_tx_release(&b);
}

static void put_records(struct store *s, struct xt_err *err)
{
	uint8_t text[] = "for you";
	struct store_record r = {
		.kind = NEM_MOVE_TRANSFER,
		.sender = party_of("@alice"),
		.recipient = party_of("@shop"),
		.amount = { 12000000 },
		.fee = { 100000 },
		.has_time = true,
		.time = 1517000000,
		.time_last = 1517000000,
		.count = 1,
		.message_type = NEM_MSG_PLAIN,
		.message = { text, 7 },
		.provenance = NEM_PUBLISHED,
		.ref = "record.csv:2",
		.line = 2,
	};
	check(store_put_record(s, NULL, &r, err), err);
	r = (struct store_record){ .kind = NEM_MOVE_TRANSFER,
				   .sender = party_of("@alice"),
				   .recipient = party_of("@shop"),
				   .amount = { 30000000 },
				   .fee = { 100000 },
				   .has_height = true,
				   .height = 1500000,
				   .count = 3,
				   .provenance = NEM_AGGREGATE,
				   .ref = "record.csv:3",
				   .line = 3,
				   .note = "three payments" };
	check(store_put_record(s, NULL, &r, err), err);
	r = (struct store_record){ .kind = NEM_MOVE_OPENING,
				   .recipient = party_of("@alice"),
				   .amount = { 100000000 },
				   .count = 1,
				   .provenance = NEM_INFERRED,
				   .ref = "record.csv:4",
				   .line = 4 };
	check(store_put_record(s, NULL, &r, err), err);
}

int main(int argc, char **argv)
{
	struct xt_err err;
	struct store *s;
	struct store_label l = { .party = party_of("@shop"),
				 .label = "Shop",
				 .category = "exchange",
				 .confidence = 50,
				 .confidence_name = "forensic" };
	if (argc != 2)
		return 2;
	remove(argv[1]);
	check(store_open(&s, argv[1], STORE_CREATE, &err), &err);
	check(STORE_BEGIN(s, &err), &err);
	put_transactions(s, &err);
	put_records(s, &err);
	check(store_put_label(s, &l, 7, &err), &err);
	check(store_commit(s, &err), &err);
	store_close(s);
	return 0;
}
