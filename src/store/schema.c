#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* Stored numbers: changing one of these changes the meaning of every case file. */
_Static_assert(NEM_SIGNED == 1 && NEM_PUBLISHED == 2 && NEM_AGGREGATE == 3 &&
		   NEM_INFERRED == 4 && NEM_EXEMPT == 5 && NEM_REPORTED == 6,
	       "stored in tx.provenance");
_Static_assert(NEM_MOVE_TRANSFER == 1 && NEM_MOVE_INNER == 2 && NEM_MOVE_FEE == 3 &&
		   NEM_MOVE_RENTAL == 4 && NEM_MOVE_CREATION == 5 &&
		   NEM_MOVE_LEVY == 6 && NEM_MOVE_HARVEST == 7 && NEM_MOVE_OPENING == 8,
	       "stored in transfer.kind");
_Static_assert(STORE_SEEN == 0 && STORE_OPEN == 1 && STORE_COMPLETE == 2 &&
		   STORE_INCOMPLETE == 3 && STORE_STOPPED == 4,
	       "stored in account.state");
_Static_assert(STORE_TIME_NONE == 0 && STORE_TIME_BLOCK == 1 &&
		   STORE_TIME_SIGNER == 2 && STORE_TIME_PUBLISHED == 3,
	       "stored in tx.time_kind");
_Static_assert(NEM_MSG_PLAIN == 1 && NEM_MSG_ENCRYPTED == 2, "stored in message.type");
_Static_assert(ORD_ASSUMED == 4611686018427387904 && ORD_HARVEST == 6917529027641081856,
	       "stored in transfer.ord, and in the texts below");
_Static_assert(STORE_MAX_UXEM == 72057594037927935, "CHECK of transfer.amount");

/* clang-format off */
#define XEM(x) \
	"CASE WHEN " x " IS NOT NULL" \
	" THEN printf('%d.%06d', " x " / 1000000, " x " % 1000000) END"
/* A sum whose parts cannot overflow 64 bits. */
#define XEM_SUM(from) \
	"(SELECT printf('%d.%06d', coalesce(sum(t.amount / 1000000), 0)" \
	" + coalesce(sum(t.amount % 1000000), 0) / 1000000," \
	" coalesce(sum(t.amount % 1000000), 0) % 1000000) FROM transfer t WHERE " from ")"
#define UTC(x) "strftime('%Y-%m-%dT%H:%M:%SZ', " x ", 'unixepoch')"

static const char *const schema_1[] = {
"CREATE TABLE meta (\n"
"  key TEXT PRIMARY KEY,\n"
"  value TEXT NOT NULL\n"
") STRICT, WITHOUT ROWID",

"CREATE TABLE log (\n"
"  id INTEGER PRIMARY KEY,\n"
"  time INTEGER NOT NULL,\n"
"  what TEXT NOT NULL,\n"
"  text TEXT NOT NULL\n"
") STRICT",

"CREATE TABLE account (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  party TEXT NOT NULL UNIQUE CHECK (length(party) BETWEEN 2 AND 40),\n"
"  key BLOB CHECK (length(key) = 32),\n"
"  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 4),\n"
"  depth INTEGER CHECK (depth >= 0),\n"
"  balance INTEGER CHECK (balance >= 0),\n"
"  balance_height INTEGER CHECK (balance_height >= 0),\n"
"  difference TEXT NOT NULL DEFAULT '',\n"
"  reason TEXT NOT NULL DEFAULT '',\n"
"  CHECK ((balance IS NULL) = (balance_height IS NULL))\n"
") STRICT",
"CREATE INDEX account_state ON account (state) WHERE state <> 0",

"CREATE TABLE answer (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  time INTEGER NOT NULL,\n"
"  node TEXT NOT NULL,\n"
"  node_key TEXT NOT NULL,\n"
"  url TEXT NOT NULL,\n"
"  sent TEXT NOT NULL,\n"
"  http INTEGER NOT NULL CHECK (http BETWEEN 0 AND 999),\n"
"  size INTEGER NOT NULL CHECK (size >= 0),\n"
"  body BLOB NOT NULL,\n"
"  hash BLOB NOT NULL CHECK (length(hash) = 32),\n"
"  chain BLOB NOT NULL CHECK (length(chain) = 32)\n"
") STRICT",

"CREATE TABLE message (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  type INTEGER NOT NULL CHECK (type BETWEEN 1 AND 4294967295),\n"
"  payload BLOB NOT NULL,\n"
"  text TEXT NOT NULL,\n"
"  UNIQUE (type, payload)\n"
") STRICT",

"CREATE TABLE tx (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  hash BLOB UNIQUE CHECK (length(hash) = 32),\n"
"  inner_hash BLOB CHECK (length(inner_hash) = 32),\n"
"  ref TEXT UNIQUE CHECK (length(ref) BETWEEN 1 AND 64),\n"
"  height INTEGER CHECK (height BETWEEN 0 AND 4294967295),\n"
"  idx INTEGER CHECK (idx BETWEEN 0 AND 4294967295),\n"
"  ledger_height INTEGER NOT NULL CHECK (ledger_height BETWEEN 0 AND 4294967295),\n"
"  ord INTEGER NOT NULL CHECK (ord >= 0),\n"
"  time INTEGER,\n"
"  time_last INTEGER CHECK (time_last >= time),\n"
"  time_kind INTEGER NOT NULL CHECK (time_kind BETWEEN 0 AND 3),\n"
"  type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 4294967295),\n"
"  version INTEGER NOT NULL CHECK (version BETWEEN 0 AND 4294967295),\n"
"  fee INTEGER NOT NULL CHECK (fee >= 0),\n"
"  count INTEGER NOT NULL CHECK (count BETWEEN 0 AND 4294967295),\n"
"  provenance INTEGER NOT NULL CHECK (provenance BETWEEN 1 AND 6),\n"
"  signer INTEGER REFERENCES account (id),\n"
"  message INTEGER REFERENCES message (id),\n"
"  answer INTEGER REFERENCES answer (id),\n"
"  note TEXT,\n"
"  CHECK (hash IS NOT NULL OR ref IS NOT NULL),\n"
"  CHECK (provenance NOT IN (1, 5) OR (hash IS NOT NULL AND height IS NOT NULL)),\n"
"  CHECK (height IS NULL OR height = ledger_height),\n"
"  CHECK (idx IS NULL OR (height IS NOT NULL AND ord = idx)),\n"
"  CHECK ((time IS NULL) = (time_kind = 0))\n"
") STRICT",
"CREATE INDEX tx_inner ON tx (inner_hash) WHERE inner_hash IS NOT NULL",
"CREATE INDEX tx_assumed ON tx (height) WHERE idx IS NULL AND provenance IN (1, 5)",
"CREATE INDEX tx_untimed ON tx (height) WHERE time_kind = 2",
"CREATE INDEX tx_unsigned ON tx (provenance) WHERE provenance <> 1",

"CREATE TABLE tx_bytes (\n"
"  tx INTEGER PRIMARY KEY REFERENCES tx (id),\n"
"  bytes BLOB NOT NULL\n"
") STRICT",

/* The ledger: clustered in ledger order and narrow, one scan reads it all. */
"CREATE TABLE transfer (\n"
"  height INTEGER NOT NULL CHECK (height BETWEEN 0 AND 4294967295),\n"
"  ord INTEGER NOT NULL CHECK (ord >= 0),\n"
"  tx INTEGER NOT NULL REFERENCES tx (id),\n"
"  sub INTEGER NOT NULL CHECK (sub BETWEEN 0 AND 255),\n"
"  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 8),\n"
"  sender INTEGER REFERENCES account (id),\n"
"  recipient INTEGER REFERENCES account (id),\n"
"  amount INTEGER NOT NULL CHECK (amount BETWEEN 0 AND 72057594037927935),\n"
"  PRIMARY KEY (height, ord, tx, sub),\n"
"  CHECK (sender IS NOT NULL OR recipient IS NOT NULL),\n"
"  CHECK ((kind = 8) = (height = 0)),\n"
"  CHECK (kind NOT IN (7, 8) OR (sender IS NULL AND recipient IS NOT NULL))\n"
") STRICT, WITHOUT ROWID",
"CREATE INDEX transfer_sender ON transfer (sender) WHERE sender IS NOT NULL",
"CREATE INDEX transfer_recipient ON transfer (recipient) WHERE recipient IS NOT NULL",

"CREATE TABLE block (\n"
"  height INTEGER PRIMARY KEY CHECK (height BETWEEN 1 AND 4294967295),\n"
"  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),\n"
"  prev BLOB NOT NULL CHECK (length(prev) = 32),\n"
"  time INTEGER NOT NULL,\n"
"  signer BLOB NOT NULL CHECK (length(signer) = 32),\n"
"  txs BLOB NOT NULL CHECK (length(txs) % 32 = 0),\n"
"  answer INTEGER REFERENCES answer (id)\n"
") STRICT",

"CREATE TABLE source (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),\n"
"  name TEXT NOT NULL,\n"
"  rows INTEGER NOT NULL CHECK (rows >= 0),\n"
"  time INTEGER NOT NULL\n"
") STRICT",

"CREATE TABLE mosaic (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  ns TEXT NOT NULL,\n"
"  name TEXT NOT NULL,\n"
"  UNIQUE (ns, name)\n"
") STRICT",
"CREATE TABLE mosaic_definition (\n"
"  mosaic INTEGER NOT NULL REFERENCES mosaic (id),\n"
"  height INTEGER NOT NULL CHECK (height BETWEEN 0 AND 4294967295),\n"
"  creator BLOB NOT NULL CHECK (length(creator) = 32),\n"
"  levy_kind INTEGER NOT NULL CHECK (levy_kind BETWEEN 0 AND 2),\n"
"  levy_recipient INTEGER REFERENCES account (id),\n"
"  levy_mosaic INTEGER REFERENCES mosaic (id),\n"
"  levy_fee INTEGER NOT NULL CHECK (levy_fee >= 0),\n"
"  provenance INTEGER NOT NULL CHECK (provenance BETWEEN 1 AND 6),\n"
"  answer INTEGER REFERENCES answer (id),\n"
"  PRIMARY KEY (mosaic, height),\n"
"  CHECK (levy_kind = 0 OR (levy_recipient IS NOT NULL AND levy_mosaic IS NOT NULL))\n"
") STRICT, WITHOUT ROWID",
"CREATE TABLE tx_mosaic (\n"
"  mosaic INTEGER NOT NULL REFERENCES mosaic (id),\n"
"  tx INTEGER NOT NULL REFERENCES tx (id),\n"
"  PRIMARY KEY (mosaic, tx)\n"
") STRICT, WITHOUT ROWID",

"CREATE TABLE category (\n"
"  name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 63),\n"
"  service INTEGER NOT NULL CHECK (service IN (0, 1))\n"
") STRICT, WITHOUT ROWID",
"CREATE TABLE label (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  account INTEGER NOT NULL REFERENCES account (id),\n"
"  label TEXT NOT NULL CHECK (length(label) > 0),\n"
"  category TEXT NOT NULL REFERENCES category (name),\n"
"  source TEXT NOT NULL,\n"
"  confidence INTEGER NOT NULL CHECK (confidence BETWEEN 0 AND 100),\n"
"  confidence_name TEXT NOT NULL,\n"
"  actor TEXT NOT NULL,\n"
"  abuse TEXT NOT NULL,\n"
"  concepts TEXT NOT NULL,\n"
"  lastmod TEXT NOT NULL,\n"
"  pack TEXT NOT NULL,\n"
"  own INTEGER NOT NULL CHECK (own IN (0, 1)),\n"
"  UNIQUE (account, label, source, pack, own)\n"
") STRICT",

"CREATE TABLE seed (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  theft TEXT NOT NULL CHECK (length(theft) BETWEEN 1 AND 63),\n"
"  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),\n"
"  tx_text TEXT,\n"
"  account INTEGER REFERENCES account (id),\n"
"  from_time INTEGER,\n"
"  to_time INTEGER,\n"
"  height INTEGER NOT NULL CHECK (height BETWEEN 0 AND 4294967295),\n"
"  whole INTEGER NOT NULL CHECK (whole IN (0, 1)),\n"
"  amount INTEGER NOT NULL CHECK (amount >= 0),\n"
"  CHECK ((kind IN (1, 4)) = (tx_text IS NOT NULL)),\n"
"  CHECK ((kind IN (2, 3)) = (account IS NOT NULL))\n"
") STRICT",
"CREATE TABLE clean (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  account INTEGER NOT NULL REFERENCES account (id),\n"
"  from_time INTEGER NOT NULL,\n"
"  why TEXT NOT NULL,\n"
"  UNIQUE (account, from_time)\n"
") STRICT",

"CREATE TABLE crawl (\n"
"  account INTEGER PRIMARY KEY REFERENCES account (id),\n"
"  depth INTEGER NOT NULL CHECK (depth >= 0),\n"
"  transfers_done INTEGER NOT NULL CHECK (transfers_done IN (0, 1)),\n"
"  harvests_done INTEGER NOT NULL CHECK (harvests_done IN (0, 1)),\n"
"  node TEXT NOT NULL,\n"
"  transfers_next INTEGER NOT NULL CHECK (transfers_next >= 0),\n"
"  harvests_next INTEGER NOT NULL CHECK (harvests_next >= 0),\n"
"  top_height INTEGER NOT NULL CHECK (top_height >= 0),\n"
"  pages INTEGER NOT NULL CHECK (pages >= 0)\n"
") STRICT",

"CREATE TABLE incident (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  time INTEGER NOT NULL,\n"
"  node TEXT NOT NULL,\n"
"  url TEXT NOT NULL,\n"
"  what TEXT NOT NULL,\n"
"  account TEXT NOT NULL,\n"
"  text TEXT NOT NULL,\n"
"  answer INTEGER REFERENCES answer (id)\n"
") STRICT",

"CREATE TABLE run (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  time INTEGER NOT NULL,\n"
"  policy TEXT NOT NULL,\n"
"  params TEXT NOT NULL,\n"
"  height INTEGER NOT NULL CHECK (height >= 0),\n"
"  events INTEGER NOT NULL CHECK (events >= 0),\n"
"  digest BLOB NOT NULL CHECK (length(digest) = 32),\n"
"  program TEXT NOT NULL,\n"
"  summary TEXT NOT NULL\n"
") STRICT",
"CREATE INDEX run_policy ON run (policy)",
"CREATE TABLE run_holding (\n"
"  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,\n"
"  account INTEGER NOT NULL REFERENCES account (id),\n"
"  theft INTEGER NOT NULL CHECK (theft >= 0),\n"
"  amount INTEGER NOT NULL CHECK (amount >= 0),\n"
"  PRIMARY KEY (run, account, theft)\n"
") STRICT, WITHOUT ROWID",
"CREATE TABLE run_sink (\n"
"  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,\n"
"  account INTEGER NOT NULL REFERENCES account (id),\n"
"  memo TEXT NOT NULL,\n"
"  theft INTEGER NOT NULL CHECK (theft >= 0),\n"
"  amount INTEGER NOT NULL CHECK (amount >= 0),\n"
"  count INTEGER NOT NULL CHECK (count >= 0),\n"
"  PRIMARY KEY (run, account, memo, theft)\n"
") STRICT, WITHOUT ROWID",
"CREATE TABLE run_edge (\n"
"  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,\n"
"  tx INTEGER NOT NULL REFERENCES tx (id),\n"
"  sub INTEGER NOT NULL CHECK (sub >= 0),\n"
"  theft INTEGER NOT NULL CHECK (theft >= 0),\n"
"  amount INTEGER NOT NULL CHECK (amount >= 0),\n"
"  PRIMARY KEY (run, tx, sub, theft)\n"
") STRICT, WITHOUT ROWID",

/* Which categories stop the taint. An analyst may change a row. */
"INSERT INTO category (name, service) VALUES ('exchange', 1), ('payment-processor', 1),"
" ('swap-service', 1), ('custodian', 1), ('service', 1), ('hosted-wallet', 1),"
" ('gambling', 1), ('mixing-service', 1)",

"CREATE VIEW v_transfer AS SELECT\n"
"  " UTC("x.time") " AS time,\n"
"  CASE x.time_kind WHEN 1 THEN 'block' WHEN 2 THEN 'signer' WHEN 3 THEN 'record'\n"
"    ELSE 'unknown' END AS time_from,\n"
"  x.height AS height,\n"
"  s.party AS sender,\n"
"  r.party AS recipient,\n"
"  " XEM("t.amount") " AS amount_xem,\n"
"  t.amount AS amount_uxem,\n"
"  CASE t.kind WHEN 1 THEN 'transfer' WHEN 2 THEN 'inner transfer' WHEN 3 THEN 'fee'\n"
"    WHEN 4 THEN 'rental fee' WHEN 5 THEN 'creation fee' WHEN 6 THEN 'levy'\n"
"    WHEN 7 THEN 'harvest' WHEN 8 THEN 'opening' END AS kind,\n"
"  CASE WHEN t.kind IN (1, 2) THEN m.text END AS message,\n"
"  lower(hex(x.hash)) AS hash,\n"
"  x.ref AS ref,\n"
"  CASE x.provenance WHEN 1 THEN 'signed' WHEN 2 THEN 'published'\n"
"    WHEN 3 THEN 'aggregate' WHEN 4 THEN 'inferred' WHEN 5 THEN 'exempt'\n"
"    WHEN 6 THEN 'reported' END AS provenance,\n"
"  x.count AS count,\n"
"  " UTC("x.time_last") " AS time_last,\n"
"  CASE WHEN x.idx IS NOT NULL OR t.kind IN (7, 8) THEN 'known' ELSE 'assumed' END\n"
"    AS position,\n"
"  x.note AS note,\n"
"  x.id AS tx\n"
"FROM transfer t\n"
"  JOIN tx x ON x.id = t.tx AND x.ledger_height = t.height AND x.ord = t.ord\n"
"  LEFT JOIN account s ON s.id = t.sender\n"
"  LEFT JOIN account r ON r.id = t.recipient\n"
"  LEFT JOIN message m ON m.id = x.message\n"
"ORDER BY t.height, t.ord, t.tx, t.sub",

"CREATE VIEW v_label AS SELECT\n"
"  a.party AS address, l.label AS label, l.category AS category,\n"
"  CASE c.service WHEN 1 THEN 'yes' ELSE 'no' END AS service,\n"
"  l.confidence AS confidence, l.confidence_name AS confidence_name,\n"
"  CASE l.own WHEN 1 THEN 'own' ELSE l.pack END AS pack, l.source AS source,\n"
"  l.actor AS actor, l.abuse AS abuse, l.concepts AS concepts, l.lastmod AS lastmod,\n"
"  l.id AS id\n"
"FROM label l JOIN account a ON a.id = l.account JOIN category c ON c.name = l.category\n"
"ORDER BY a.party, l.own DESC, l.confidence DESC, l.label, l.id",

"CREATE VIEW v_account AS SELECT\n"
"  a.party AS address,\n"
"  (SELECT l.label FROM label l WHERE l.account = a.id\n"
"    ORDER BY l.own DESC, l.confidence DESC, l.label, l.id LIMIT 1) AS label,\n"
"  (SELECT l.category FROM label l WHERE l.account = a.id\n"
"    ORDER BY l.own DESC, l.confidence DESC, l.label, l.id LIMIT 1) AS category,\n"
"  CASE a.state WHEN 0 THEN 'seen' WHEN 1 THEN 'open' WHEN 2 THEN 'complete'\n"
"    WHEN 3 THEN 'incomplete' WHEN 4 THEN 'stopped' END AS state,\n"
"  " XEM("a.balance") " AS balance_xem,\n"
"  a.balance_height AS balance_height,\n"
"  " XEM_SUM("t.recipient = a.id AND t.kind = 8") " AS opening_xem,\n"
"  " XEM_SUM("t.recipient = a.id AND t.kind NOT IN (7, 8)") " AS received_xem,\n"
"  " XEM_SUM("t.sender = a.id") " AS sent_xem,\n"
"  " XEM_SUM("t.recipient = a.id AND t.kind = 7") " AS harvested_xem,\n"
"  a.difference AS difference_uxem,\n"
"  a.reason AS reason,\n"
"  a.depth AS depth,\n"
"  lower(hex(a.key)) AS public_key,\n"
"  a.id AS id\n"
"FROM account a ORDER BY a.id",

"CREATE VIEW v_seed AS SELECT\n"
"  s.id AS id, s.theft AS theft,\n"
"  CASE s.kind WHEN 1 THEN 'transaction' WHEN 2 THEN 'window' WHEN 3 THEN 'balance'\n"
"    WHEN 4 THEN 'refund' END AS kind,\n"
"  s.tx_text AS tx, a.party AS account,\n"
"  " UTC("s.from_time") " AS from_time, " UTC("s.to_time") " AS to_time,\n"
"  CASE s.kind WHEN 3 THEN s.height END AS height,\n"
"  CASE WHEN s.kind <> 3 THEN NULL WHEN s.whole THEN 'all'\n"
"    ELSE printf('%d.%06d', s.amount / 1000000, s.amount % 1000000) END AS amount_xem\n"
"FROM seed s LEFT JOIN account a ON a.id = s.account ORDER BY s.id",

"CREATE VIEW v_run AS SELECT\n"
"  id, " UTC("time") " AS time, policy, params, height, events,\n"
"  lower(hex(digest)) AS digest, program, summary\n"
"FROM run ORDER BY id",

"CREATE VIEW v_incident AS SELECT\n"
"  id, " UTC("time") " AS time, node, url, what, account, text, answer\n"
"FROM incident ORDER BY id",
NULL
};
/* Crawls as they were asked for, so that they can be repeated from the stored answers, and
 * seals. */
static const char *const schema_2[] = {
/* Seeds by a window of heights: kind 5, whose from_time and to_time are heights. */
"DROP VIEW v_seed",
"CREATE TABLE seed_new (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  theft TEXT NOT NULL CHECK (length(theft) BETWEEN 1 AND 63),\n"
"  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),\n"
"  tx_text TEXT,\n"
"  account INTEGER REFERENCES account (id),\n"
"  from_time INTEGER,\n"
"  to_time INTEGER,\n"
"  height INTEGER NOT NULL CHECK (height BETWEEN 0 AND 4294967295),\n"
"  whole INTEGER NOT NULL CHECK (whole IN (0, 1)),\n"
"  amount INTEGER NOT NULL CHECK (amount >= 0),\n"
"  CHECK ((kind IN (1, 4)) = (tx_text IS NOT NULL)),\n"
"  CHECK ((kind IN (2, 3, 5)) = (account IS NOT NULL))\n"
") STRICT",
"INSERT INTO seed_new SELECT * FROM seed",
"DROP TABLE seed",
"ALTER TABLE seed_new RENAME TO seed",
"CREATE VIEW v_seed AS SELECT\n"
"  s.id AS id, s.theft AS theft,\n"
"  CASE s.kind WHEN 1 THEN 'transaction' WHEN 2 THEN 'window' WHEN 3 THEN 'balance'\n"
"    WHEN 4 THEN 'refund' WHEN 5 THEN 'heights' END AS kind,\n"
"  s.tx_text AS tx, a.party AS account,\n"
"  CASE s.kind WHEN 2 THEN " UTC("s.from_time") " END AS from_time,\n"
"  CASE s.kind WHEN 2 THEN " UTC("s.to_time") " END AS to_time,\n"
"  CASE s.kind WHEN 5 THEN s.from_time END AS from_height,\n"
"  CASE s.kind WHEN 5 THEN s.to_time END AS to_height,\n"
"  CASE s.kind WHEN 3 THEN s.height END AS height,\n"
"  CASE WHEN s.kind <> 3 THEN NULL WHEN s.whole THEN 'all'\n"
"    ELSE printf('%d.%06d', s.amount / 1000000, s.amount % 1000000) END AS amount_xem\n"
"FROM seed s LEFT JOIN account a ON a.id = s.account ORDER BY s.id",
/* Crawl sessions, so that a case can be rebuilt from its own answers; seals. */
"CREATE TABLE session (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  time INTEGER NOT NULL,\n"
"  program TEXT NOT NULL,\n"
"  nodes TEXT NOT NULL,\n"
"  seeds TEXT NOT NULL,\n"
"  max_depth INTEGER NOT NULL CHECK (max_depth BETWEEN 0 AND 4294967295),\n"
"  from_time INTEGER,\n"
"  to_time INTEGER,\n"
"  min_amount INTEGER NOT NULL CHECK (min_amount >= 0),\n"
"  through_services INTEGER NOT NULL CHECK (through_services IN (0, 1)),\n"
"  max_requests INTEGER NOT NULL CHECK (max_requests >= 0),\n"
"  quorum INTEGER NOT NULL CHECK (quorum BETWEEN 0 AND 4294967295),\n"
"  blocks INTEGER NOT NULL CHECK (blocks BETWEEN 0 AND 2),\n"
"  answers_before INTEGER NOT NULL CHECK (answers_before >= 0),\n"
"  answers_after INTEGER NOT NULL CHECK (answers_after >= answers_before),\n"
"  units INTEGER NOT NULL CHECK (units >= 0),\n"
"  ended TEXT NOT NULL\n"
") STRICT",
"CREATE TABLE session_service (\n"
"  session INTEGER NOT NULL REFERENCES session (id),\n"
"  party TEXT NOT NULL,\n"
"  label TEXT NOT NULL,\n"
"  PRIMARY KEY (session, party)\n"
") STRICT, WITHOUT ROWID",
"CREATE TABLE seal (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  time INTEGER NOT NULL,\n"
"  name TEXT NOT NULL,\n"
"  key BLOB NOT NULL CHECK (length(key) = 32),\n"
"  answers INTEGER NOT NULL CHECK (answers >= 0),\n"
"  head BLOB NOT NULL CHECK (length(head) = 32),\n"
"  parts TEXT NOT NULL,\n"
"  signature BLOB NOT NULL CHECK (length(signature) = 64)\n"
") STRICT",
NULL
};
/* Stored runs: sums by theft, the part that passed through incomplete accounts, the taint
 * of movements in a compact form, and the state that a later run can go on from. */
static const char *const schema_3[] = {
"ALTER TABLE run_holding ADD COLUMN incomplete INTEGER NOT NULL DEFAULT 0"
" CHECK (incomplete >= 0)",
"ALTER TABLE run_sink ADD COLUMN incomplete INTEGER NOT NULL DEFAULT 0"
" CHECK (incomplete >= 0)",
"CREATE TABLE run_theft (\n"
"  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,\n"
"  theft INTEGER NOT NULL CHECK (theft >= 0),\n"
"  name TEXT NOT NULL,\n"
"  seeded INTEGER NOT NULL CHECK (seeded >= 0),\n"
"  refunded INTEGER NOT NULL CHECK (refunded >= 0),\n"
"  fees INTEGER NOT NULL CHECK (fees >= 0),\n"
"  cleaned INTEGER NOT NULL CHECK (cleaned >= 0),\n"
"  PRIMARY KEY (run, theft)\n"
") STRICT, WITHOUT ROWID",
/* A part is a JSON list of [tx, sub, theft, amount] in ledger order: a row a movement
 * took three times the room and ten times as long. */
"CREATE TABLE run_edges (\n"
"  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,\n"
"  part INTEGER NOT NULL CHECK (part >= 0),\n"
"  edges TEXT NOT NULL,\n"
"  PRIMARY KEY (run, part)\n"
") STRICT",
"INSERT INTO run_edges (run, part, edges) SELECT run, 0,\n"
"  json_group_array(json_array(tx, sub, theft, amount))\n"
"  FROM (SELECT * FROM run_edge ORDER BY run, tx, sub, theft) GROUP BY run",
"DROP TABLE run_edge",
"CREATE VIEW v_run_edge AS SELECT\n"
"  e.run AS run, json_extract(j.value, '$[0]') AS tx,\n"
"  json_extract(j.value, '$[1]') AS sub, json_extract(j.value, '$[2]') AS theft,\n"
"  json_extract(j.value, '$[3]') AS amount\n"
"FROM run_edges e, json_each(e.edges) j",
"CREATE TABLE run_state (\n"
"  run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,\n"
"  part INTEGER NOT NULL CHECK (part >= 0),\n"
"  size INTEGER NOT NULL CHECK (size > 0),\n"
"  state BLOB NOT NULL,\n"
"  PRIMARY KEY (run, part)\n"
") STRICT",
NULL
};
static const char *const schema_4[] = {
/* The crawl: from where an account was read, and how its opening balance is known. */
"ALTER TABLE crawl ADD COLUMN fan_in INTEGER NOT NULL DEFAULT 0 CHECK (fan_in >= 0)",
"ALTER TABLE crawl ADD COLUMN fan_out INTEGER NOT NULL DEFAULT 0 CHECK (fan_out >= 0)",
"ALTER TABLE crawl ADD COLUMN from_height INTEGER NOT NULL DEFAULT 0"
" CHECK (from_height >= 0)",
"ALTER TABLE crawl ADD COLUMN opening INTEGER CHECK (opening >= 0)",
"ALTER TABLE crawl ADD COLUMN opening_way INTEGER NOT NULL DEFAULT 0"
" CHECK (opening_way BETWEEN 0 AND 2)",
"ALTER TABLE crawl ADD COLUMN want INTEGER CHECK (want >= 0)",
"ALTER TABLE session ADD COLUMN fan INTEGER NOT NULL DEFAULT 0"
" CHECK (fan BETWEEN 0 AND 4294967295)",
"ALTER TABLE session ADD COLUMN full_history INTEGER NOT NULL DEFAULT 1"
" CHECK (full_history IN (0, 1))",
"CREATE TABLE session_mark (\n"
"  session INTEGER NOT NULL REFERENCES session (id),\n"
"  n INTEGER NOT NULL CHECK (n > 0),\n"
"  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),\n"
"  tx TEXT NOT NULL,\n"
"  party TEXT NOT NULL,\n"
"  from_time INTEGER,\n"
"  to_time INTEGER,\n"
"  height INTEGER NOT NULL CHECK (height >= 0),\n"
"  PRIMARY KEY (session, n)\n"
") STRICT, WITHOUT ROWID",
"DROP VIEW v_account",
"CREATE VIEW v_account AS SELECT\n"
"  a.party AS address,\n"
"  (SELECT l.label FROM label l WHERE l.account = a.id\n"
"    ORDER BY l.own DESC, l.confidence DESC, l.label, l.id LIMIT 1) AS label,\n"
"  (SELECT l.category FROM label l WHERE l.account = a.id\n"
"    ORDER BY l.own DESC, l.confidence DESC, l.label, l.id LIMIT 1) AS category,\n"
"  CASE a.state WHEN 0 THEN 'seen' WHEN 1 THEN 'open' WHEN 2 THEN 'complete'\n"
"    WHEN 3 THEN 'incomplete' WHEN 4 THEN 'stopped' END AS state,\n"
"  CASE WHEN c.opening IS NOT NULL THEN c.from_height END AS complete_from,\n"
"  " XEM("c.opening") " AS held_before_xem,\n"
"  CASE c.opening_way WHEN 1 THEN 'balance' WHEN 2 THEN 'history' END\n"
"    AS held_before_way,\n"
"  " XEM("a.balance") " AS balance_xem,\n"
"  a.balance_height AS balance_height,\n"
"  " XEM_SUM("t.recipient = a.id AND t.kind = 8") " AS opening_xem,\n"
"  " XEM_SUM("t.recipient = a.id AND t.kind NOT IN (7, 8)") " AS received_xem,\n"
"  " XEM_SUM("t.sender = a.id") " AS sent_xem,\n"
"  " XEM_SUM("t.recipient = a.id AND t.kind = 7") " AS harvested_xem,\n"
"  a.difference AS difference_uxem,\n"
"  a.reason AS reason,\n"
"  a.depth AS depth,\n"
"  lower(hex(a.key)) AS public_key,\n"
"  a.id AS id\n"
"FROM account a LEFT JOIN crawl c ON c.account = a.id ORDER BY a.id",
/* The crawl: transactions that a reorganisation took out of the chain. */
"CREATE TABLE orphan (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  hash BLOB NOT NULL CHECK (length(hash) = 32),\n"
"  height INTEGER NOT NULL CHECK (height BETWEEN 1 AND 4294967295),\n"
"  idx INTEGER CHECK (idx BETWEEN 0 AND 4294967295),\n"
"  bytes BLOB NOT NULL,\n"
"  brought INTEGER REFERENCES answer (id),\n"
"  gone INTEGER NOT NULL REFERENCES answer (id),\n"
"  session INTEGER NOT NULL REFERENCES session (id),\n"
"  again INTEGER CHECK (again BETWEEN 1 AND 4294967295),\n"
"  ref TEXT,\n"
"  note TEXT\n"
") STRICT",
"CREATE INDEX orphan_hash ON orphan (hash)",
/* Rows up to this height are in the case, when an account is read again. */
"ALTER TABLE crawl ADD COLUMN known INTEGER NOT NULL DEFAULT 0 CHECK (known >= 0)",
"CREATE VIEW v_orphan AS SELECT\n"
"  lower(hex(o.hash)) AS hash, o.height AS height, o.idx AS idx,\n"
"  o.again AS now_at_height, " UTC("a.time") " AS gone_at, a.node AS node,\n"
"  o.gone AS answer, o.brought AS brought_by, o.id AS id\n"
"FROM orphan o JOIN answer a ON a.id = o.gone ORDER BY o.id",
/* The crawl: windows of whole blocks. */
"ALTER TABLE block ADD COLUMN whole INTEGER NOT NULL DEFAULT 0"
" CHECK (whole IN (0, 1))",
"ALTER TABLE session ADD COLUMN scan_from INTEGER CHECK (scan_from > 0)",
"ALTER TABLE session ADD COLUMN scan_to INTEGER CHECK (scan_to >= 0)",
/* Analysts: wallets of one owner as one party. */
"CREATE TABLE group_member (\n"
"  account INTEGER PRIMARY KEY REFERENCES account (id),\n"
"  party TEXT NOT NULL CHECK (length(party) BETWEEN 1 AND 63),\n"
"  reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 400),\n"
"  time INTEGER NOT NULL\n"
") STRICT",
"CREATE VIEW v_group AS SELECT\n"
"  m.party AS name, a.party AS address, m.reason AS reason,\n"
"  " UTC("m.time") " AS time\n"
"FROM group_member m JOIN account a ON a.id = m.account ORDER BY m.party, a.party",
/* The crawl: nodes that had to rest, or were given up for a session (no seconds). */
"CREATE TABLE rest (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  session INTEGER NOT NULL REFERENCES session (id),\n"
"  time INTEGER NOT NULL,\n"
"  node TEXT NOT NULL,\n"
"  seconds INTEGER CHECK (seconds > 0),\n"
"  why TEXT NOT NULL\n"
") STRICT",
/* Labels: more of what a TagPack says, and a history of changes. */
"DROP VIEW v_label",
"ALTER TABLE label ADD COLUMN context TEXT NOT NULL DEFAULT ''",
"ALTER TABLE label ADD COLUMN network TEXT NOT NULL DEFAULT ''",
"ALTER TABLE label ADD COLUMN currency TEXT NOT NULL DEFAULT ''",
"CREATE VIEW v_label AS SELECT\n"
"  a.party AS address, l.label AS label, l.category AS category,\n"
"  CASE " LABEL_SERVICE " WHEN 1 THEN 'yes' ELSE 'no' END AS service,\n"
"  l.confidence AS confidence, l.confidence_name AS confidence_name,\n"
"  CASE l.own WHEN 1 THEN 'own' ELSE l.pack END AS pack, l.source AS source,\n"
"  l.actor AS actor, l.abuse AS abuse, l.concepts AS concepts, l.lastmod AS lastmod,\n"
"  l.id AS id, l.context AS context, l.network AS network, l.currency AS currency\n"
"FROM label l JOIN account a ON a.id = l.account\n"
"ORDER BY a.party, l.own DESC, l.confidence DESC, l.label, l.id",
/* What was before and after, as JSON objects of the columns of `label`. */
"CREATE TABLE label_change (\n"
"  id INTEGER PRIMARY KEY CHECK (id > 0),\n"
"  time INTEGER NOT NULL,\n"
"  account INTEGER NOT NULL REFERENCES account (id),\n"
"  before TEXT,\n"
"  after TEXT,\n"
"  CHECK (before IS NOT NULL OR after IS NOT NULL)\n"
") STRICT",
"CREATE INDEX label_change_account ON label_change (account)",
NULL
};
/* clang-format on */

/* Append only: the index is the schema version that a step leaves behind, less one. */
static const struct migration migrations[] = {
	{ schema_1 },
	{ schema_2 },
	{ schema_3 },
	{ schema_4 },
};

unsigned store_schema_version(void)
{
	return XT_ARRAY_SIZE(migrations);
}

enum xt_status schema_migrate(struct store *s, const struct migration *m, unsigned from,
			      unsigned n, struct xt_err *err)
{
	char pragma[64];
	for (unsigned v = from; v < n; v++) {
		for (const char *const *sql = m[v].sql; *sql; sql++) {
			const enum xt_status rc = db_exec(s, *sql, err);
			if (rc != XT_OK)
				return xt_where(err, "schema %u", v + 1);
		}
	}
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %u", n);
	return db_exec(s, pragma, err);
}

enum xt_status schema_upgrade(struct store *s, unsigned from, struct xt_err *err)
{
	return schema_migrate(s, migrations, from, store_schema_version(), err);
}

static enum xt_status check_against(struct store *s, struct store *ref,
				    struct xt_err *err)
{
	struct stmt want = { 0 }, have = { 0 };
	bool row;
	enum xt_status rc =
	    db_prepare(&want, ref, "SELECT type, name, sql FROM sqlite_schema", err);
	while (rc == XT_OK) {
		rc = db_step(&want, &row, err);
		if (rc != XT_OK || !row)
			break;
		const char *type = (const char *)sqlite3_column_text(want.st, 0);
		const char *name = (const char *)sqlite3_column_text(want.st, 1);
		const char *sql = (const char *)sqlite3_column_text(want.st, 2);
		int64_t found;
		rc = db_prepare(&have, s,
				"SELECT count(*) FROM sqlite_schema WHERE type = ?1"
				" AND name = ?2 AND sql IS ?3",
				err);
		if (rc != XT_OK)
			break;
		db_text(&have, 1, type);
		db_text(&have, 2, name);
		db_text(&have, 3, sql);
		rc = db_one(&have, &found, err);
		if (rc == XT_OK && found != 1)
			rc = xt_fail(
			    err, XT_E_DATA,
			    "%s: damaged or changed case file: %s %s is not that of"
			    " schema %u",
			    s->path, type, name, store_schema_version());
	}
	db_end(&want);
	return rc;
}

enum xt_status schema_check(struct store *s, struct xt_err *err)
{
	struct store *ref = xt_calloc(1, sizeof(*ref));
	if (!ref)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", s->path);
	ref->path = s->path;
	enum xt_status rc = XT_E_NOMEM;
	if (sqlite3_open_v2(":memory:", &ref->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) != SQLITE_OK)
		rc = xt_fail(err, XT_E_NOMEM, "%s: out of memory", s->path);
	else
		rc = db_exec(ref, "BEGIN", err);
	if (rc == XT_OK)
		rc = schema_upgrade(ref, 0, err);
	if (rc == XT_OK)
		rc = check_against(s, ref, err);
	for (size_t i = 0; i < STMT_SLOTS; i++)
		sqlite3_finalize(ref->slot[i].st);
	sqlite3_close(ref->db);
	free(ref);
	return rc;
}
