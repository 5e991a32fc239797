/* Label files: CSV and TagPack, each way to be wrong named and the rest kept. */
#include "support.h"

#include <stdio.h>

#include <xemtrace/label.h>

#define CASE in_folder(state, "case.xemtrace")
#define N1   "NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG"
#define N2   "NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5"

static char words[8192];

static void hear(void *ctx, enum xt_log_level level, const char *text)
{
	(void)ctx;
	assert_int_equal(level, XT_LOG_WARN);
	const size_t have = strlen(words);
	snprintf(words + have, sizeof(words) - have, "%s\n", text);
}

static const struct xt_sink sink = { .log = hear };

static enum xt_status run(void **state, struct label_report *rep, const char *name,
			  const char *text, struct xt_err *err)
{
	const char *path = in_folder(state, name);
	struct store *s = open_case(state, STORE_CREATE);
	if (text)
		write_file(path, text);
	words[0] = '\0';
	const enum xt_status rc = label_import(rep, s, path, &sink, err);
	store_close(s);
	return rc;
}

static void heard(const char *part)
{
	if (!strstr(words, part))
		fail_msg("\"%s\" does not hold \"%s\"", words, part);
}

static void a_csv_file(void **state)
{
	struct xt_err err;
	struct label_report rep;
	static const char text[] =
	    "source,address,label,category,confidence,actor,concepts,abuse,lastmod\n"
	    "a list," N1
	    ", Thief ,Theft,service_data,nobody,\"a, b\",theft,2018-02-01\n"
	    ",nc4c6p-suw5cl-tdt5sx-agjdqj-gznesk-fk5mcn-77og,Second,exchange,77,,,,\n"
	    ",@shop,Shop,exchange,,,,,\n"
	    ",NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OH,X,exchange,,,,,\n"
	    "," N2 ",,exchange,,,,,\n"
	    "," N2 ",X,,,,,,\n"
	    "," N2 ",X,exchange,certain,,,,\n"
	    "," N2 ",X,exchange,101,,,,\n"
	    "," N2 ",X,exchange,,,,,someday\n"
	    ",@shop,Shop,other,,,,,\n"
	    "," N2 ",\xff\xfe,exchange,,,,,\n";
	assert_ok(run(state, &rep, "l.csv", text, &err), err);
	assert_int_equal(rep.imported, 3);
	assert_int_equal(rep.refused, 8);
	heard(
	    "l.csv:5: address: address 'NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OH': checksum");
	heard("l.csv:6: label: missing");
	heard("l.csv:7: category: missing");
	heard("l.csv:8: confidence: 'certain': not of the TagPack scale");
	heard("l.csv:9: confidence: '101'");
	heard("l.csv:10: lastmod: 'someday': not a date");
	heard("l.csv:11: label: 'Shop' of @shop stands on line 4 already");
	heard("l.csv:12: label: ");
	assert_sql(
	    CASE,
	    "SELECT address, label, category, service, confidence, confidence_name, pack,"
	    " source, actor, concepts, abuse, lastmod FROM v_label",
	    "@shop|Shop|exchange|yes|5|unknown|l.csv|||||;" N1
	    "|Second|exchange|yes|77||l.csv|||||;" N1
	    "|Thief|theft|no|50|service_data|l.csv|a list|nobody|a, b|theft|2018-02-01");
	/* Again: nothing changes. A changed row is updated, not doubled. */
	assert_ok(run(state, &rep, "l.csv", text, &err), err);
	assert_true(rep.imported == 0 && rep.unchanged == 3 && rep.refused == 8);
	assert_ok(run(state, &rep, "l.csv",
		      "address,label,category\n@shop,Shop,custodian\n", &err),
		  err);
	assert_int_equal(rep.imported, 1);
	assert_sql(CASE, "SELECT category FROM v_label WHERE address = '@shop'",
		   "custodian");
}

/* A row that is not one costs that row alone. */
static void csv_rows_that_are_refused(void **state)
{
	struct xt_err err;
	struct label_report rep;
	assert_ok(run(state, &rep, "rows.csv",
		      "address,label,category,source\n" N1 ",A,exchange,s\n" /* 2 */
		      "@short,B,exchange\n"                                  /* 3 */
		      "@long,C,exchange,s,more\n"                            /* 4 */
		      "@line,\"D\nof two\",exchange,s\n"                     /* 5 */
		      " " N2 "\t, E ,exchange,s\n",                          /* 7 */
		      &err),
		  err);
	assert_int_equal(rep.imported, 3);
	assert_int_equal(rep.refused, 2);
	heard("rows.csv:3: 3 fields, the header has 4");
	heard("rows.csv:4: 5 fields, the header has 4");
	heard("rows.csv:7: address: white space around '" N2 "' left out");
	heard("rows.csv:7: label: white space around 'E' left out");
	assert_sql(CASE, "SELECT count(*), min(label) FROM v_label", "3|A");
}

/* The names of people and companies elsewhere take three bytes a letter and more. */
static void a_long_label(void **state)
{
	struct xt_err err;
	struct label_report rep;
	char text[4096] = "address,label,category\n" N1 ",";
	size_t n = strlen(text);
	for (unsigned i = 0; i < 1020; i += 3, n += 3)
		memcpy(text + n, "日", 3);
	memcpy(text + n, ",exchange\n@b,", 14);
	n += 13;
	for (unsigned i = 0; i < 1026; i += 3, n += 3)
		memcpy(text + n, "日", 3);
	memcpy(text + n, ",exchange\n", 11);
	assert_ok(run(state, &rep, "long.csv", text, &err), err);
	assert_int_equal(rep.imported, 1);
	assert_int_equal(rep.refused, 1);
	heard(
	    "long.csv:3: label: '日日日日日日日日日日日日日日日日日日日日…': longer than 1024");
	assert_sql(CASE, "SELECT length(label) FROM v_label", "340");
}

/* What a TagPack calls payment_processor is one, as category and as concept; what counts
 * is a list of the case that can be changed. */
static void services_by_word(void **state)
{
	struct xt_err err;
	struct label_report rep;
	assert_ok(run(state, &rep, "w.csv",
		      "address,label,category,concepts\n"
		      "@a,A,organization,\"hosting, Exchange\"\n"
		      "@b,B,mixing_service,\n"
		      "@c,C,user,payment_processor\n"
		      "@d,D,user,\"exchanges, my exchange\"\n",
		      &err),
		  err);
	assert_int_equal(rep.imported, 4);
	assert_sql(CASE, "SELECT address, service FROM v_label",
		   "@a|yes;@b|yes;@c|yes;@d|no");
	struct store *s = open_case(state, STORE_WRITE);
	struct nem_party p;
	bool service;
	static const char *const is[] = { "@a", "@b", "@c" };
	for (size_t i = 0; i < XT_ARRAY_SIZE(is); i++) {
		assert_ok(nem_party_parse(&p, is[i], &err), err);
		assert_ok(store_is_service(s, &service, &p, &err), err);
		assert_true(service);
	}
	assert_ok(STORE_BEGIN(s, &err), err);
	assert_ok(store_put_category(s, "exchange", false, &err), err);
	assert_ok(store_put_category(s, "mixing_service", false, &err), err);
	assert_ok(store_commit(s, &err), err);
	store_close(s);
	assert_sql(CASE, "SELECT address, service FROM v_label",
		   "@a|no;@b|no;@c|yes;@d|no");
}

static void csv_files_that_are_none(void **state)
{
	struct xt_err err;
	struct label_report rep = { .imported = 9 };
	assert_fails(run(state, &rep, "a.csv", "address,label\n", &err), XT_E_DATA, err,
		     "column \"category\" is missing");
	assert_fails(run(state, &rep, "b.csv", "address,label,category,colour\n", &err),
		     XT_E_DATA, err, "b.csv:1: unknown column \"colour\"");
	assert_fails(run(state, &rep, "c.csv", "address,label,category\n", &err),
		     XT_E_DATA, err, "no rows");
	assert_fails(run(state, &rep, "d.csv", "", &err), XT_E_DATA, err,
		     "d.csv: empty");
	assert_fails(run(state, &rep, "e.csv", NULL, &err), XT_E_NOTFOUND, err,
		     "e.csv");
	assert_fails(run(state, &rep, "e.txt", "", &err), XT_E_USAGE, err,
		     "end in .csv");
	assert_int_equal(rep.imported, 9);
	assert_sql(CASE, "SELECT count(*) FROM log", "0");
}

static void a_tagpack(void **state)
{
	struct xt_err err;
	struct label_report rep;
	assert_ok(run(state, &rep, "pack.yaml",
		      "# a comment\n"
		      "title: A pack\n"
		      "creator: somebody\n"
		      "is_public: true\n"
		      "source: \" https://example.org/list \"\n"
		      "category: Exchange\n"
		      "tags:\n"
		      "- address: " N1 "\n"
		      "  label: First\n"
		      "- {address: " N2 ", label: 'Second', confidence: web_crawl,\n"
		      "   category: fund, source: elsewhere, lastmod: 2020-01-02}\n"
		      "- address: '@pool'\n"
		      "  label: Third\n"
		      "  concepts:\n"
		      "    - exchange\n"
		      "    - hosted_wallet\n"
		      "  context: {\"a\": [1, 2]}\n"
		      "  actor: pool\n"
		      "  abuse: scam\n"
		      "confidence: forensic\n" /* a header may stand behind its tags */
		      "currency: XEM\n",
		      &err),
		  err);
	assert_string_equal(words, "");
	assert_true(rep.imported == 3 && rep.refused == 0);
	assert_sql(
	    CASE,
	    "SELECT address, label, category, confidence, confidence_name, source, actor,"
	    " abuse, concepts, lastmod FROM v_label",
	    "@pool|Third|exchange|50|forensic|https://example.org/list|pool|scam|"
	    "exchange, hosted_wallet|;" N2
	    "|Second|fund|20|web_crawl|elsewhere||||2020-01-02;" N1
	    "|First|exchange|50|forensic|https://example.org/list||||");
}

static void tags_that_are_refused(void **state)
{
	struct xt_err err;
	struct label_report rep;
	assert_ok(run(state, &rep, "p.yml",
		      "title: A pack\n"
		      "colour: red\n"
		      "tags:\n"
		      "- address: " N1 "\n" /* 4: no source anywhere */
		      "  label: A\n"
		      "- address: " N1 "\n" /* 6: good */
		      "  label: B\n"
		      "  source: s\n"
		      "- address: " N1 "\n" /* 9: the same again */
		      "  label: B \n"
		      "  source: s\n"
		      "- address: " N1 "\n" /* 12: another chain */
		      "  label: C\n"
		      "  source: s\n"
		      "  currency: BTC\n"
		      "- just a text\n"     /* 16 */
		      "- [a, list]\n"       /* 17 */
		      "- address: " N1 "\n" /* 18: a field twice */
		      "  label: D\n"
		      "  label: E\n"
		      "  source: s\n"
		      "- address: " N1 "\n" /* 22: a mapping as text */
		      "  label: {a: b}\n"
		      "  source: s\n"
		      "- lable: F\n" /* 25: misspelt */
		      "  address: " N1 "\n"
		      "  source: s\n"
		      "- address: " N1 "\n" /* 28: confidence */
		      "  label: G\n"
		      "  source: s\n"
		      "  confidence: sure\n"
		      "- address: " N2 "\n" /* 32: good, a category by concept */
		      "  label: H\n"
		      "  source: s\n"
		      "  concepts: [custodian, other]\n",
		      &err),
		  err);
	assert_int_equal(rep.imported, 2);
	assert_int_equal(rep.refused, 9);
	heard("p.yml:2: colour: no field of a TagPack, ignored");
	heard("p.yml:4: source: missing");
	heard("p.yml:9: label: 'B' of " N1 " stands on line 6 already");
	heard("p.yml:12: currency: 'BTC': not XEM");
	heard("p.yml:16: an entry of tags that is not a mapping");
	heard("p.yml:17: an entry of tags that is not a mapping");
	heard("p.yml:18: label: stands there twice");
	heard("p.yml:22: a list or mapping where a text belongs");
	heard("p.yml:25: lable: no field of a TagPack");
	heard("p.yml:25: label: missing");
	heard("p.yml:28: confidence: 'sure'");
	assert_sql(CASE, "SELECT label, category, service, confidence FROM v_label",
		   "H|custodian|yes|5;B|unknown|no|5");
}

static void packs_that_are_none(void **state)
{
	struct xt_err err;
	struct label_report rep = { .imported = 9 };
	static const struct {
		const char *text, *part;
	} v[] = {
		{ "", "not a TagPack: no tags" },
		{ "just text\n", "x.yaml:1: not a TagPack" },
		{ "- a\n- b\n", "x.yaml:1: not a TagPack" },
		{ "title: x\n", "x.yaml: not a TagPack: no tags" },
		{ "title: x\ntags:\n", "x.yaml: a TagPack without a tag" },
		{ "title: x\ntags: []\n", "x.yaml: a TagPack without a tag" },
		{ "title: x\ntags: many\n", "x.yaml:2: tags: not a list" },
		{ "title: x\ntags: {a: b}\n", "x.yaml:2: tags: not a list" },
		{ "title: [x\n", "not YAML" },
		{ "title: x\n\ttags: y\n", "x.yaml:2: not YAML" },
		{ "label: x\nlabel: y\ntags: []\n",
		  "x.yaml:2: label: stands there twice" },
		{ "a: &x b\ntags: [*x]\n", "aliases are not read" },
		{ "---\ntags: []\n---\ntags: []\n", "more than one document" },
		{ "? [a]\n: b\n", "a key that is not a text" },
		{ "a: [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n",
		  "nested too deeply" },
		{ "\xff\xff", "not YAML" },
	};
	for (size_t i = 0; i < XT_ARRAY_SIZE(v); i++) {
		assert_fails(run(state, &rep, "x.yaml", v[i].text, &err), XT_E_DATA,
			     err, v[i].part);
		assert_int_equal(rep.imported, 9);
	}
	assert_fails(run(state, &rep, "absent.yaml", NULL, &err), XT_E_NOTFOUND, err,
		     "absent.yaml");
	assert_sql(CASE,
		   "SELECT (SELECT count(*) FROM label), (SELECT count(*) FROM log)",
		   "0|0");
}

/* The files that come with the program, and that both forms say the same. */
static void the_known_addresses(void **state)
{
	struct xt_err err;
	struct label_report csv, pack;
	struct store *s = open_case(state, STORE_CREATE);
	words[0] = '\0';
	assert_ok(
	    label_import(&csv, s, "fixtures/labels/known-addresses.csv", &sink, &err),
	    err);
	assert_ok(label_import(&pack, s, "fixtures/labels/nem-known-addresses.yaml",
			       &sink, &err),
		  err);
	store_close(s);
	assert_string_equal(words, "");
	assert_int_equal(csv.imported, 253);
	assert_int_equal(pack.imported, 253);
	assert_sql(
	    CASE,
	    "SELECT count(*) FROM label a JOIN label b USING (account, label, category,"
	    " source, confidence) WHERE a.pack < b.pack",
	    "253");
	assert_sql(CASE,
		   "SELECT DISTINCT category FROM v_label WHERE service = 'yes'"
		   " ORDER BY 1",
		   "custodian;exchange;payment-processor;service;swap-service");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, folder_make, folder_remove)
	const struct CMUnitTest tests[] = {
		T(a_csv_file),
		T(csv_rows_that_are_refused),
		T(a_long_label),
		T(services_by_word),
		T(csv_files_that_are_none),
		T(a_tagpack),
		T(tags_that_are_refused),
		T(packs_that_are_none),
		T(the_known_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
