#!/bin/sh
# Stored runs: rows, stale marks, reuse, going on from a checkpoint, several thefts, clean
# marks; all on a synthetic published record. Usage: taint_runs.sh XEMTRACE ...
set -eu
x=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "taint_runs: $*" >&2
	exit 1
}
has() { # FILE TEXT
	grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "no \"$2\""; }
}
export XEMTRACE_CASE="$dir/case.xemtrace"
sql() { sqlite3 "$XEMTRACE_CASE" "$1"; }
# Every row of a run but its time; the run's number does not matter.
rows() {
	sqlite3 "$1" "SELECT policy, params, height, events, hex(digest), program, summary
		FROM run ORDER BY policy, params;
	SELECT r.policy, account, theft, amount, incomplete FROM run_holding h JOIN run r
		ON r.id = h.run ORDER BY 1, 2, 3;
	SELECT r.policy, account, memo, theft, amount, count, incomplete FROM run_sink h
		JOIN run r ON r.id = h.run ORDER BY 1, 2, 3, 4;
	SELECT r.policy, tx, sub, theft, amount FROM v_run_edge h JOIN run r ON r.id = h.run
		ORDER BY 1, 2, 3, 4;
	SELECT r.policy, theft, name, seeded, refunded, fees, cleaned FROM run_theft h
		JOIN run r ON r.id = h.run ORDER BY 1, 2;
	SELECT r.policy, part, size, hex(state) FROM run_state h JOIN run r
		ON r.id = h.run ORDER BY 1, 2"
}

cat >"$dir/one.csv" <<'L'
height,time,sender,recipient,amount_uxem,fee_uxem,message,kind
,,,@victim,1000000,,,opening
,,,@other,500000,,,opening
10,2018-01-10T00:00:00Z,@victim,@thief,600000,5,,
11,2018-01-11T00:00:00Z,@other,@robber,300000,5,,
12,2018-01-12T00:00:00Z,@robber,@mule,200000,5,,
20,2018-01-20T00:00:00Z,@thief,@mule,400000,5,,
30,2018-01-30T00:00:00Z,@mule,@shop,300000,5,encrypted by @mule,
31,2018-01-31T00:00:00Z,@mule,@shop,100000,5,id 2,
L
cp "$dir/one.csv" "$dir/record.csv"
"$x" import "$dir/record.csv" --complete -q >/dev/null
"$x" label add @shop --label Shop --category exchange >/dev/null
"$x" seed add --theft heist --tx record.csv:4 >/dev/null
"$x" seed add --theft second --tx record.csv:5 >/dev/null

"$x" taint -q >"$dir/taint"
has "$dir/taint" replayed
[ "$(sql 'SELECT count(*) FROM run')" = 6 ] || fail "not six runs"
[ "$(sql "SELECT group_concat(name, ' ') FROM run_theft WHERE run = 1")" = "heist second" ] ||
	fail "no thefts"
# Sums per seed add up to the sums over all, and to what is stored row by row.
"$x" taint -q --format json >"$dir/taint.json"
python3 - "$dir/taint.json" "$XEMTRACE_CASE" <<'P'
import json, sqlite3, sys
doc = json.load(open(sys.argv[1]))
db = sqlite3.connect(sys.argv[2])
rows = doc["result"]
assert len(rows) == 18, len(rows)
for total in [r for r in rows if "theft" not in r]:
    assert total["how"] == "stands", total
    if not total["conserves"]:
        continue
    parts = [r for r in rows if r.get("theft") and r["policy"] == total["policy"]]
    assert {r["theft"] for r in parts} == {"heist", "second"}
    for key in ("seeded_uxem", "at_services_uxem", "fees_uxem", "cleaned_uxem"):
        assert sum(r[key] for r in parts) == total[key], (key, total, parts)
    for r in parts:
        assert r["seeded_uxem"] == (
            r["at_services_uxem"] + r["held_uxem"] + r["fees_uxem"] + r["cleaned_uxem"]), r
    one = lambda q: db.execute(q, (total["run"],)).fetchone()[0]
    assert one("SELECT sum(amount) FROM run_sink WHERE run = ?") == total["at_services_uxem"]
    # What reached the service is what movements to it carried.
    moved = one("""SELECT sum(e.amount) FROM v_run_edge e
        JOIN tx x ON x.id = e.tx
        JOIN transfer t ON t.height = x.ledger_height AND t.ord = x.ord AND t.tx = e.tx
            AND t.sub = e.sub
        JOIN account a ON a.id = t.recipient AND a.party = '@shop' WHERE e.run = ?""")
    assert moved == total["at_services_uxem"], (moved, total)
P
# One theft alone.
"$x" taint -q --theft second --policy haircut --format csv >"$dir/second"
[ "$(wc -l <"$dir/second")" = 2 ] || fail "--theft: not one row"
"$x" taint -q --theft none 2>"$dir/err" && fail "a theft that is none" || true
has "$dir/err" "no theft is called"

# The same case and parameters: the same rows, and nothing is replayed.
rows "$XEMTRACE_CASE" >"$dir/before"
"$x" taint -q >"$dir/again"
has "$dir/again" stands
rows "$XEMTRACE_CASE" | cmp - "$dir/before"
# Other parameters are another run; it does not push out the first.
"$x" taint -q --fees absorb --policy fifo >/dev/null
[ "$(sql "SELECT count(*) FROM run WHERE policy = 'fifo'")" = 2 ] || fail "absorb"
# A copy of the case that was never replayed stores the same.
cp "$XEMTRACE_CASE" "$dir/copy"
sqlite3 "$dir/copy" "PRAGMA foreign_keys = ON; DELETE FROM run"
XEMTRACE_CASE=$dir/copy "$x" taint -q >/dev/null
rows "$dir/copy" | cmp - "$dir/before"

# New transfers at the end: stale, then gone on from the checkpoint, the same bytes as a
# full replay.
"$x" taint --runs -q --format json >"$dir/runs"
python3 -c 'import json,sys; r = json.load(open(sys.argv[1]))["result"]
assert len(r) == 7 and not any(x["stale"] for x in r), r' "$dir/runs"
cat >"$dir/two.csv" <<'L'
height,time,sender,recipient,amount_uxem,fee_uxem,message
40,2018-02-10T00:00:00Z,@thief,@shop,100000,5,id 2
41,2018-02-11T00:00:00Z,@mule,@robber,50000,5,
L
"$x" import "$dir/two.csv" --complete -q >/dev/null
"$x" taint --runs -q --format json >"$dir/runs"
python3 -c 'import json,sys; r = json.load(open(sys.argv[1]))["result"]
assert len(r) == 7 and all(x["stale"] for x in r), r' "$dir/runs"
"$x" status -q --format json >"$dir/status"
python3 -c 'import json,sys; r = json.load(open(sys.argv[1]))["result"][0]["runs"]
assert len(r) == 7 and all(x["stale"] for x in r), r' "$dir/status"
cp "$XEMTRACE_CASE" "$dir/full"
"$x" taint -q >"$dir/taint"
[ "$(grep -c continued "$dir/taint")" = 6 ] || { cat "$dir/taint" >&2; fail "not continued"; }
sqlite3 "$dir/full" "PRAGMA foreign_keys = ON; DELETE FROM run"
XEMTRACE_CASE=$dir/full "$x" taint -q >"$dir/taint"
[ "$(grep -c replayed "$dir/taint")" = 6 ] || fail "not replayed"
sql "DELETE FROM run WHERE params LIKE '%absorb%'"
rows "$XEMTRACE_CASE" >"$dir/a"
rows "$dir/full" | cmp - "$dir/a"
# A checkpoint that was damaged is not used.
cp "$XEMTRACE_CASE" "$dir/hurt"
sqlite3 "$dir/hurt" "UPDATE run_state SET state = zeroblob(length(state));
	UPDATE run SET digest = zeroblob(32)"
XEMTRACE_CASE=$dir/hurt "$x" taint -q >"$dir/taint"
[ "$(grep -c replayed "$dir/taint")" = 6 ] || fail "a damaged state was used"
rows "$dir/hurt" | cmp - "$dir/a"

# An analyst's mark: from then on the mule's money is clean, and the sums say how much.
"$x" seed clean @mule --from 2018-01-25 2>"$dir/err" && fail "clean without why" || true
has "$dir/err" "--why"
"$x" seed clean @mule --from 2018-01-25 --why "paid in cash" >/dev/null
"$x" seed clean >"$dir/marks"
has "$dir/marks" "paid in cash"
"$x" taint -q --policy haircut --format json >"$dir/clean.json"
python3 - "$dir/clean.json" <<'P'
import json, sys
r = json.load(open(sys.argv[1]))["result"][0]
assert r["seeded_uxem"] == sum(r[k] for k in r if k in (
    "at_services_uxem", "held_complete_uxem", "held_incomplete_uxem", "held_unread_uxem",
    "fees_uxem", "cleaned_uxem")), r
# The mule holds 400,000 of one theft and 200,000 of the other then, all of it stolen.
assert r["cleaned_uxem"] == 600000 and r["how"] == "replayed", r
P
"$x" seed unclean 1 >/dev/null
"$x" taint -q >/dev/null
rows "$XEMTRACE_CASE" | cmp - "$dir/a"

# Movements fill parts of 16,384: a run that goes on takes over those that were full, and
# gives the same bytes; where one of them is not there it starts anew.
export XEMTRACE_CASE="$dir/long"
ledger() { # FROM TO
	echo "height,time,sender,recipient,amount_uxem,fee_uxem,message,kind"
	[ "$1" -gt 0 ] || echo ",,,@victim,90000000,,,opening"
	awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i < to; i++)
		printf "%d,2018-02-01T00:00:00Z,@victim,@mule%d,%d,5,,\n", 10 + i, i % 97,
			20 + i % 7 }'
}
ledger 0 18000 >"$dir/long.csv"
"$x" import "$dir/long.csv" --complete -q >/dev/null
"$x" seed add --theft heist --account @victim --height 0 >/dev/null
"$x" taint -q >/dev/null
[ "$(sql 'SELECT count(*) FROM run_edges WHERE run = 1')" = 3 ] || fail "not three parts"
ledger 18000 19000 >"$dir/more.csv"
"$x" import "$dir/more.csv" --complete -q >/dev/null
cp "$XEMTRACE_CASE" "$dir/anew"
cp "$XEMTRACE_CASE" "$dir/gap"
"$x" taint -q --policy fifo --policy fifo >"$dir/taint"
[ "$(grep -c continued "$dir/taint")" = 1 ] || fail "not continued once"
"$x" taint -q >"$dir/taint"
[ "$(grep -c continued "$dir/taint")" = 5 ] || fail "not continued"
sqlite3 "$dir/anew" "PRAGMA foreign_keys = ON; DELETE FROM run"
XEMTRACE_CASE=$dir/anew "$x" taint -q >"$dir/taint"
[ "$(grep -c replayed "$dir/taint")" = 6 ] || fail "not replayed"
rows "$XEMTRACE_CASE" >"$dir/a"
rows "$dir/anew" | cmp - "$dir/a"
sqlite3 "$dir/gap" "DELETE FROM run_edges WHERE part = 1"
XEMTRACE_CASE=$dir/gap "$x" taint -q >"$dir/taint"
[ "$(grep -c replayed "$dir/taint")" = 6 ] || fail "movements that are not there were used"
rows "$dir/gap" | cmp - "$dir/a"
[ "$(sql 'SELECT count(*) FROM run_edges WHERE run NOT IN (SELECT id FROM run)')" = 0 ] ||
	fail "parts of no run"
# A hub without a label: gone through, or stopped at, and then it is named.
export XEMTRACE_CASE="$dir/hub"
{
	echo "height,time,sender,recipient,amount_uxem,fee_uxem,message,kind"
	for i in $(seq 20); do echo ",,,@u$i,9000000,,,opening"; done
	for i in $(seq 20); do echo "$((10 + i)),2018-01-10T00:00:00Z,@u$i,@hub,5000000,,m$i,"; done
	for i in $(seq 20); do echo "$((40 + i)),2018-01-11T00:00:00Z,@hub,@w$i,4000000,,,"; done
} >"$dir/hub.csv"
"$x" import "$dir/hub.csv" --complete -q >/dev/null
"$x" seed add --account @u5 --height 0 >/dev/null
"$x" taint -q --policy fifo --format csv >"$dir/through"
has "$dir/through" "fifo,true,9000000,0,9000000,"
"$x" taint --policy fifo --stop-at-probable --format csv >"$dir/stop" 2>"$dir/err"
has "$dir/stop" "fifo,true,9000000,5000000,4000000,"
has "$dir/err" "where the run stops: @hub"
[ "$(sql "SELECT params FROM run WHERE id = 2")" = \
	'{"fees":"carry","stop_at_probable":true,"fan":20}' ] || fail "the hub rule is not stored"
echo "taint_runs: ok"
