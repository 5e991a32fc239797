#!/bin/sh
# path and taint --compare on a synthetic published record, figures by hand.
# Usage: taint_paths.sh XEMTRACE ...
set -eu
x=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "taint_paths: $*" >&2
	exit 1
}
has() { # FILE TEXT
	grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "no \"$2\""; }
}
export XEMTRACE_CASE="$dir/case.xemtrace"
# The mule has 300 of its own first, then 400 stolen; it pays 300, then 350 to the shop.
cat >"$dir/record.csv" <<'L'
height,time,sender,recipient,amount_uxem,fee_uxem,message,kind
,,,@victim,1000000000,,,opening
,,,@mule,300000000,,,opening
10,2018-01-26T00:02:00Z,@victim,@thief,600000000,,,
20,2018-01-27T00:00:00Z,@thief,@mule,400000000,,,
30,2018-01-28T00:00:00Z,@mule,@shop,300000000,,id 1,
31,2018-01-29T00:00:00Z,@mule,@shop,350000000,,id 2,
L
"$x" import "$dir/record.csv" --complete -q >/dev/null
"$x" label add @shop --label "Big = Shop" --category exchange >/dev/null
"$x" seed add --theft heist --tx record.csv:4 >/dev/null

"$x" path @shop --policy fifo -q >"$dir/fifo"
has "$dir/fifo" '350 XEM of the theft "heist" reached Big = Shop (@shop, label of confidence 50), memo "id 2" by 3 transfers'
has "$dir/fifo" "On 2018-01-27T00:00:00Z (by the record) @thief sent 400 XEM to @mule, record record.csv:5."
grep -q 'memo "id 1"' "$dir/fifo" && fail "fifo: the first 300 were the mule's own"
"$x" path @shop --policy lifo -q --format json >"$dir/lifo.json"
"$x" path @victim @shop --policy haircut -q --format json >"$dir/haircut.json"
"$x" path --from-theft --theft heist --policy fifo -q --format json >"$dir/ends.json"
"$x" path @shop --memo "id 1" --policy dirty-first -q --format json >"$dir/memo.json"
"$x" path @mule --policy fifo -q --format json >"$dir/through.json"
"$x" path @thief @mule --policy fifo -q --format json >"$dir/held.json"
python3 - "$dir" <<'P'
import json, sys
M = 10**6
def doc(name):
    return json.load(open(f"{sys.argv[1]}/{name}.json"))
def ways(d):
    return [(p["end"], p.get("end_memo"), p["amount_uxem"], [h["record"] for h in p["hops"]])
            for p in d["result"]]
# LIFO: the stolen 400 lay on top, so 300 went first and 100 of the 350 after.
assert ways(doc("lifo")) == [
    ("@shop", "id 1", 300 * M, ["record.csv:4", "record.csv:5", "record.csv:6"]),
    ("@shop", "id 2", 100 * M, ["record.csv:4", "record.csv:5", "record.csv:7"])], doc("lifo")
# Haircut: 400/700 of 300, rounded down; then of the rest.
d = doc("haircut")
first = 400 * M * 300 // 700
rest = (400 * M - first) * 350 // 400
got = {p["end_memo"]: p["amount_uxem"] for p in d["result"]}
assert got == {"id 1": first, "id 2": rest}, (got, first, rest)
assert d["summary"]["asked_uxem"] == first + rest == d["summary"]["shown_uxem"], d["summary"]
for p in d["result"]:
    assert p["hop_count"] == 3 and p["hops"][0]["sender"] == "@victim", p
    for a, b in zip(p["hops"], p["hops"][1:]):
        assert a["recipient"] == b["sender"], p
# Every end of the theft, and they add up to it.
d = doc("ends")
assert sum(p["amount_uxem"] for p in d["result"]) == 600 * M, d
assert {(p["end"], p["held"]) for p in d["result"]} == {
    ("@shop", False), ("@thief", True), ("@mule", True)}, d
assert ways(doc("memo")) == [
    ("@shop", "id 1", 300 * M, ["record.csv:4", "record.csv:5", "record.csv:6"])], doc("memo")
assert [p["amount_uxem"] for p in doc("held")["result"]] == [50 * M], doc("held")
P
"$x" path @shop --policy fifo -q --format csv >"$dir/csv"
[ "$(wc -l <"$dir/csv")" = 4 ] || { cat "$dir/csv" >&2; fail "csv: not three hops"; }
for bad in "@nobody" "--memo nothing @shop" "@shop --policy poison" "" "a b c"; do
	# shellcheck disable=SC2086
	"$x" path $bad -q >/dev/null 2>"$dir/err" && fail "path $bad: no error"
	[ -s "$dir/err" ] || fail "path $bad: says nothing"
done

# Bounds by hand: of 650 at the shop at least 350 and at most 400 are stolen, whatever left
# the mule; the rest of 400 the mule still holds.
"$x" taint --compare -q --format json >"$dir/compare.json"
python3 - "$dir/compare.json" <<'P'
import json, sys
M = 10**6
doc = json.load(open(sys.argv[1]))
rows = {r["address"]: r for r in doc["result"]}
shop, mule, thief = rows["@shop"], rows["@mule"], rows["@thief"]
assert (shop["low_uxem"], shop["high_uxem"], shop["exact"]) == (350 * M, 400 * M, True), shop
assert shop["fifo_uxem"] == 350 * M and shop["lifo_uxem"] == 400 * M, shop
assert shop["dirty_first_uxem"] == 400 * M and shop["clean_first_uxem"] == 350 * M, shop
h = 400 * M * 300 // 700
assert shop["haircut_uxem"] == h + (400 * M - h) * 350 // 400, shop
assert shop["bounds"] == "between 350.0 and 400.0 XEM, haircut 371.4", shop["bounds"]
assert (mule["low_uxem"], mule["high_uxem"]) == (0, 50 * M), mule
assert thief["bounds"] == "exactly 200 XEM" and thief["poison_uxem"] == 200 * M, thief
for r in rows.values():
    for p in ("haircut", "fifo", "lifo", "dirty_first", "clean_first"):
        assert r["low_uxem"] <= r[p + "_uxem"] <= r["high_uxem"], (p, r)
    assert r["high_uxem"] <= r["reach_uxem"], r
assert sum(r["haircut_uxem"] for r in rows.values()) == 600 * M
# LIFO and dirty-first leave the mule nothing... so does no policy turn an order round here.
assert [w["code"] for w in doc["warnings"]] == [], doc["warnings"]
P
# A second shop that only the oldest money reaches: fifo turns the order round.
cat >"$dir/turn.csv" <<'L'
height,time,sender,recipient,amount_uxem,fee_uxem,message,kind
,,,@v,1000000000,,,opening
,,,@m,100000000,,,opening
10,2018-01-26T00:02:00Z,@v,@m,100000000,,,
30,2018-01-28T00:00:00Z,@m,@shop-a,100000000,,,
31,2018-01-29T00:00:00Z,@m,@shop-b,90000000,,,
L
XEMTRACE_CASE=$dir/turn.xemtrace
"$x" import "$dir/turn.csv" --complete -q >/dev/null
"$x" label add @shop-a --label A --category exchange >/dev/null
"$x" label add @shop-b --label B --category exchange >/dev/null
"$x" seed add --tx turn.csv:4 >/dev/null
"$x" taint --compare -q --format json >"$dir/turn.json"
python3 - "$dir/turn.json" <<'P'
import json, sys
doc = json.load(open(sys.argv[1]))
notes = [w["text"] for w in doc["warnings"] if w["code"] == "order_differs"]
assert len(notes) == 2, notes
assert any(n.startswith("note: fifo puts B (90.000000 XEM) before A (0.000000 XEM), haircut "
                        "the other way round (45.000000 and 50.000000)") for n in notes), notes
assert any("clean_first" in n for n in notes), notes
P
"$x" taint --compare -q >"$dir/turn.txt"
has "$dir/turn.txt" "note: fifo puts B"
echo "taint_paths: ok"
