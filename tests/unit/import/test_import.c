/* The import format, column by column, and every way to break it. Synthetic, but for
 * the published Coincheck ledger. */
#include "support.h"

#include <stdio.h>

#include <xemtrace/import.h>

#define CASE in_folder(state, "case.xemtrace")

static enum xt_status run(void **state, struct import_report *rep, const char *name,
			  const char *text, bool complete, struct xt_err *err)
{
	const char *path = in_folder(state, name);
	struct store *s = open_case(state, STORE_CREATE);
	const struct import_options opt = { .complete = complete };
	write_file(path, text);
	const enum xt_status rc = import_csv(rep, s, path, &opt, NULL, err);
	store_close(s);
	return rc;
}

static void every_column(void **state)
{
	struct xt_err err;
	struct import_report rep;
	assert_ok(
	    run(state, &rep, "all.csv",
		"\xef\xbb\xbf"
		"note,provenance,last,first,count,kind,hash,message,fee_uxem,amount_uxem,"
		"amount_xem,recipient,sender,time,index,height\r\n"
		"\"a \"\"note\"\", with comma\",,,,,,"
		"00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff,"
		"id 7,50000,,\"1,234.5\",@bob,@alice,2018-01-26T00:02+09:00,3,1400000\r\n"
		",inferred,,,,opening,,,,9000000,,@alice,,,,\n"
		",published,2018-02-01,2018-01-28,12,aggregate,,hex:00ff,,,7,@carol,@bob,"
		"2018-01-29,,\n"
		",inferred,2018-02-01,2018-01-30,,aggregate,,encrypted:aabb,,8,,@carol,@bob,"
		",,\n",
		false, &err),
	    err);
	assert_true(rep.rows == 4 && rep.transfers == 1 && rep.openings == 1 &&
		    rep.aggregates == 2 && rep.inferred == 2 && rep.known == 0 &&
		    rep.accounts == 3);
	assert_sql(
	    CASE,
	    "SELECT time, time_from, height, sender, recipient, amount_xem, kind,"
	    " message, hash, ref, provenance, count, time_last, position, note"
	    " FROM v_transfer",
	    "|unknown|0||@alice|9.000000|opening|||all.csv:3|inferred|1||known|;"
	    "2018-01-25T15:02:00Z|record|1400000|@alice|@bob|1234.500000|transfer|id 7|"
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff|all.csv:2|"
	    "published|1||known|a \"note\", with comma;"
	    "2018-01-25T15:02:00Z|record|1400000|@alice||0.050000|fee||"
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff|all.csv:2|"
	    "published|1||known|a \"note\", with comma;"
	    "2018-01-28T00:00:00Z|record||@bob|@carol|7.000000|transfer|hex:00ff||"
	    "all.csv:4|published|12|2018-02-01T00:00:00Z|assumed|;"
	    "2018-01-30T00:00:00Z|record||@bob|@carol|0.000008|transfer|encrypted:aabb||"
	    "all.csv:5|inferred|0|2018-02-01T00:00:00Z|assumed|");
	assert_sql(CASE, "SELECT name, rows FROM source", "all.csv|4");
	assert_sql(CASE, "SELECT what, text FROM log", "import|all.csv: 4 rows");
}

struct bad {
	const char *text, *part;
};

#define HEAD   "time,sender,recipient,amount_xem\n"
#define OK_ROW "2018-01-26,@a,@b,1\n"

static const struct bad files[] = {
	{ "", "f.csv: empty: no header" },
	{ HEAD, "f.csv: no rows" },
	{ "time,sender,reciepient,amount_xem\n" OK_ROW,
	  "f.csv:1: unknown column \"reciepient\"" },
	{ "time,sender,amount_xem\n2018-01-26,@a,1\n",
	  "f.csv:1: the column \"recipient\" is missing" },
	{ "time,sender,recipient\n2018-01-26,@a,@b\n",
	  "f.csv:1: the column \"amount_xem\" or \"amount_uxem\" is missing" },
	{ "time,time,sender,recipient,amount_xem\n",
	  "f.csv:1: column \"time\" stands there twice" },
	{ HEAD OK_ROW "2018-01-26,@a,@b\n", "f.csv:3: 3 fields, the header has 4" },
	{ HEAD OK_ROW "2018-01-26,@a,\"@b,1\n", "f.csv:3: a quote is not closed" },
	{ HEAD OK_ROW "2018-01-26,@a,@\"b,1\n", "f.csv:3: a quote inside" },
	{ HEAD "2018-01-26,@a,@b,1\r2018", "f.csv:2: carriage return" },
	{ HEAD OK_ROW "yesterday,@a,@b,1\n", "f.csv:3: time: 'yesterday'" },
	{ HEAD "1516892580,@a,@b,1\n", "f.csv:2: time: '1516892580'" },
	{ HEAD "2014-01-26,@a,@b,1\n",
	  "f.csv:2: time: '2014-01-26': not a time of this chain" },
	{ HEAD ",@a,@b,1\n", "f.csv:2: time: '': neither height nor time" },
	{ HEAD "2018-01-26,,@b,1\n", "f.csv:2: sender: '': missing" },
	{ HEAD "2018-01-26,@a,,1\n", "f.csv:2: recipient: '': missing" },
	{ HEAD "2018-01-26,@A,@b,1\n", "f.csv:2: sender: " },
	{ HEAD OK_ROW OK_ROW
	  "2018-01-26,@a,NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OH,1\n",
	  "f.csv:4: recipient: address 'NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OH': checksum does"
	  " not hold" },
	{ HEAD "2018-01-26,@a,@b,-1\n", "f.csv:2: amount_xem: '-1'" },
	{ HEAD "2018-01-26,@a,@b,1.1234567\n", "f.csv:2: amount_xem: '1.1234567'" },
	{ HEAD "2018-01-26,@a,@b,1e3\n", "f.csv:2: amount_xem: '1e3'" },
	{ HEAD "2018-01-26,@a,@b,\n", "f.csv:2: amount_xem: '': no amount" },
	{ HEAD "2018-01-26,@a,@b,10000000001\n",
	  "f.csv:2: amount_xem: '10000000001': more than" },
	{ "time,sender,recipient,amount_xem,amount_uxem\n2018-01-26,@a,@b,1,1000000\n",
	  "f.csv:2: amount_uxem: '1000000': amount_xem is filled as well" },
	{ "time,sender,recipient,amount_uxem\n2018-01-26,@a,@b,1.5\n",
	  "f.csv:2: amount_uxem: '1.5'" },
	{ "time,sender,recipient,amount_uxem,fee_uxem\n2018-01-26,@a,@b,1,x\n",
	  "f.csv:2: fee_uxem: 'x'" },
	{ "height,sender,recipient,amount_uxem\n0,@a,@b,1\n", "f.csv:2: height: '0'" },
	{ "height,sender,recipient,amount_uxem\n4294967296,@a,@b,1\n",
	  "f.csv:2: height: '4294967296'" },
	{ "index,time,sender,recipient,amount_uxem\n1,2018-01-26,@a,@b,1\n",
	  "f.csv:2: index: '1': an index without a height" },
	{ "height,sender,recipient,amount_uxem,hash\n5,@a,@b,1,00ff\n",
	  "f.csv:2: hash: '00ff': not 64 hex digits" },
	{ "height,sender,recipient,amount_uxem,message\n5,@a,@b,1,hex:0\n",
	  "f.csv:2: message: 'hex:0'" },
	{ "height,sender,recipient,amount_uxem,message\n5,@a,@b,1,\xff\n",
	  "f.csv:2: message: " },
	{ "height,sender,recipient,amount_uxem,kind\n5,@a,@b,1,gift\n",
	  "f.csv:2: kind: 'gift'" },
	{ "height,sender,recipient,amount_uxem,provenance\n5,@a,@b,1,signed\n",
	  "f.csv:2: provenance: 'signed'" },
	{ "height,sender,recipient,amount_uxem,count\n5,@a,@b,1,2\n",
	  "f.csv:2: count: '2': for rows of kind aggregate only" },
	{ "height,sender,recipient,amount_uxem,kind,count\n5,@a,@b,1,aggregate,0\n",
	  "f.csv:2: count: '0'" },
	/* More than a graph holds, or ever was. */
	{ "height,sender,recipient,amount_uxem,kind,count\n5,@a,@b,1,aggregate,16777216\n",
	  "f.csv:2: count: '16777216'" },
	{ HEAD "2083-06-01,@a,@b,1\n",
	  "f.csv:2: time: '2083-06-01': not a time of this" },
	{ HEAD "2015-03-28,@a,@b,1\n",
	  "f.csv:2: time: '2015-03-28': not a time of this" },
	{ "sender,recipient,amount_uxem,kind,first,last\n"
	  "@a,@b,1,aggregate,2018-01-02,2018-01-01\n",
	  "f.csv:2: last: '2018-01-01': before first or time" },
	{ "sender,recipient,amount_uxem,kind\n@a,@b,1,opening\n",
	  "f.csv:2: sender: '@a': an opening balance has no sender" },
	{ "time,sender,recipient,amount_uxem,kind\n2018-01-01,,@b,1,opening\n",
	  "f.csv:2: time: '2018-01-01': not for an opening balance" },
	{ "sender,recipient,amount_uxem,kind\n,@b,1,opening\n,@b,1,opening\n",
	  "f.csv:3: recipient: account @b has an opening balance" },
	{ "height,sender,recipient,amount_uxem,hash\n"
	  "5,@a,@b,1,00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
	  "5,@a,@b,2,00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
	  "f.csv:3: hash: transaction 0011" },
};

static void everything_wrong_is_refused(void **state)
{
	struct xt_err err;
	struct import_report rep = { .rows = 77 };
	for (size_t i = 0; i < XT_ARRAY_SIZE(files); i++) {
		const enum xt_status rc =
		    run(state, &rep, "f.csv", files[i].text, false, &err);
		if (rc != XT_E_DATA && rc != XT_E_VERIFY)
			fail_msg("not refused: %s", files[i].part);
		if (!strstr(err.text, files[i].part))
			fail_msg("\"%s\" does not hold \"%s\"", err.text,
				 files[i].part);
		assert_int_equal(rep.rows, 77); /* outputs are untouched on failure */
		/* All or nothing: also the rows before the bad one are gone. */
		assert_sql(
		    CASE,
		    "SELECT (SELECT count(*) FROM tx) + (SELECT count(*) FROM"
		    " transfer) + (SELECT count(*) FROM account) + (SELECT count(*)"
		    " FROM source) + (SELECT count(*) FROM log)",
		    "0");
	}
}

static void files_that_cannot_be_read(void **state)
{
	struct xt_err err;
	struct import_report rep;
	struct store *s = open_case(state, STORE_CREATE);
	assert_fails(
	    import_csv(&rep, s, in_folder(state, "absent.csv"), NULL, NULL, &err),
	    XT_E_NOTFOUND, err, "absent.csv");
	assert_fails(import_csv(&rep, s, *state, NULL, NULL, &err), XT_E_DATA, err,
		     "a folder");
	write_bytes(in_folder(state, "nul.csv"), "a,b\n1,\0\n", 8);
	assert_fails(import_csv(&rep, s, in_folder(state, "nul.csv"), NULL, NULL, &err),
		     XT_E_DATA, err, "nul.csv:2: NUL byte");
	const struct import_options opt = {
		.name =
		    "a-name-that-is-a-good-deal-longer-than-any-reference-could-ever-be"
	};
	write_file(in_folder(state, "f.csv"), HEAD OK_ROW);
	assert_fails(import_csv(&rep, s, in_folder(state, "f.csv"), &opt, NULL, &err),
		     XT_E_USAGE, err, "too long for references");
	store_close(s);
}

static void known_rows_and_files(void **state)
{
	struct xt_err err;
	struct import_report rep;
	static const char one[] =
	    "height,sender,recipient,amount_uxem,hash\n"
	    "5,@a,@b,1,00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
	static const char two[] =
	    "height,sender,recipient,amount_uxem,hash\n"
	    "5,@a,@b,1,00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
	    "6,@b,@a,1,\n";
	assert_ok(run(state, &rep, "one.csv", one, false, &err), err);
	assert_int_equal(rep.transfers, 1);
	assert_fails(run(state, &rep, "copy.csv", one, false, &err), XT_E_EXISTS, err,
		     "this very file");
	assert_ok(run(state, &rep, "two.csv", two, false, &err), err);
	assert_true(rep.transfers == 1 && rep.known == 1 && rep.rows == 2);
	/* Another file under the same name: its lines would be mistaken for the
	 * first's. */
	assert_fails(run(state, &rep, "two.csv",
			 "height,sender,recipient,amount_uxem\n1,@a,@b,9\n6,@b,@a,1\n",
			 false, &err),
		     XT_E_VERIFY, err, "reference two.csv:3 is in the case already");
	assert_sql(CASE, "SELECT count(*), sum(amount) FROM transfer", "2|2");
}

/* Heights and times in one file: what has a time alone stands where the rows that have
 * both put it, not where the mean block time would. */
static void heights_and_times_mixed(void **state)
{
	struct xt_err err;
	struct import_report rep;
	assert_ok(run(state, &rep, "mixed.csv",
		      "height,index,time,sender,recipient,amount_uxem,note\n"
		      ",,2018-01-26T00:20,@a,@b,1,fifth\n"
		      "100,,2018-01-26T00:10,@a,@b,1,third\n"
		      "100,,,@a,@b,1,fourth\n"
		      "100,7,,@a,@b,1,second\n"
		      "200,,2018-01-26T00:30,@a,@b,1,seventh\n"
		      ",,2018-01-26T00:29:59,@a,@b,1,sixth\n"
		      ",,2018-01-26T00:09,@a,@b,1,first\n"
		      ",,2018-01-27,@a,@b,1,ninth\n"
		      "201,0,,@a,@b,1,eighth\n",
		      false, &err),
		  err);
	assert_sql(CASE,
		   "SELECT group_concat(note, ' ') FROM (SELECT note FROM v_transfer)",
		   "first second third fourth fifth sixth seventh eighth ninth");
	assert_sql(CASE, "SELECT count(*) FROM v_transfer WHERE height IS NULL", "4");
}

static void times_alone_keep_their_order(void **state)
{
	struct xt_err err;
	struct import_report rep;
	assert_ok(run(state, &rep, "times.csv",
		      "time,sender,recipient,amount_uxem,note\n"
		      "2018-01-26T00:00:02,@a,@b,1,3\n"
		      "2018-01-26T00:00:01,@a,@b,1,1\n"
		      "2018-01-26T00:00:01,@b,@a,1,2\n"
		      "2019-01-26,@b,@a,1,4\n",
		      false, &err),
		  err);
	assert_sql(CASE,
		   "SELECT group_concat(note, '') FROM (SELECT note FROM v_transfer)",
		   "1234");
}

static void complete_is_replayed(void **state)
{
	struct xt_err err;
	struct import_report rep;
	static const char head[] =
	    "height,sender,recipient,amount_uxem,fee_uxem,kind\n";
	char text[512];
	snprintf(text, sizeof(text),
		 "%s,,@a,100,,opening\n2,@b,@a,49,1,\n1,@a,@b,50,50,\n", head);
	assert_ok(run(state, &rep, "good.csv", text, true, &err), err);
	assert_sql(CASE, "SELECT address, state, reason FROM v_account",
		   "@a|complete|declared complete by good.csv;"
		   "@b|complete|declared complete by good.csv");
	/* One unit more than there is: the line that spends it is named. */
	snprintf(text, sizeof(text),
		 "%s,,@c,100,,opening\n2,@d,@c,50,1,\n1,@c,@d,50,50,\n", head);
	assert_fails(run(state, &rep, "bad.csv", text, true, &err), XT_E_VERIFY, err,
		     "bad.csv:3: sender: @d spends 0.000001 XEM more than it has");
	assert_sql(CASE, "SELECT count(*) FROM account", "2");
	/* The same without the claim is fine: the account is then not complete. */
	assert_ok(run(state, &rep, "bad.csv", text, false, &err), err);
	assert_sql(CASE, "SELECT state FROM v_account WHERE address = '@d'", "seen");
}

static void the_published_case(void **state)
{
	struct xt_err err;
	struct import_report rep;
	struct store *s = open_case(state, STORE_CREATE);
	const struct import_options opt = { .complete = true };
	assert_ok(
	    import_csv(&rep, s, "fixtures/coincheck/ledger.csv", &opt, NULL, &err),
	    err);
	assert_int_equal(rep.rows, rep.transfers + rep.openings + rep.aggregates);
	store_close(s);
	/* The thefts: Coincheck's own figure. */
	assert_sql(CASE,
		   "SELECT count(*), sum(amount_uxem) FROM v_transfer WHERE recipient ="
		   " 'NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG' AND note LIKE 'theft%'",
		   "11|526300010000000");
	assert_sql(CASE, "SELECT count(*) FROM v_transfer WHERE provenance = 'signed'",
		   "0");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_remove)
	const struct CMUnitTest tests[] = {
		T(every_column),
		T(everything_wrong_is_refused),
		T(files_that_cannot_be_read),
		T(known_rows_and_files),
		T(heights_and_times_mixed),
		T(times_alone_keep_their_order),
		T(complete_is_replayed),
		T(the_published_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
