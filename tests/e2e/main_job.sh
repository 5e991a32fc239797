#!/bin/sh
# The main job, end to end: a signed synthetic chain over HTTP, verified, stored, tainted,
# printed and drawn. Usage: main_job.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -eu
x=$1 node=$2 mkchain=$3
. "$(dirname "$0")/node.sh"
has() { # FILE TEXT: the file holds the text
	grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "no \"$2\""; }
}
export XEMTRACE_CASE="$dir/case.xemtrace"

cat >"$dir/chain.ledger" <<'L'
opening victim 1000000
opening shopkeeper 500
# the theft: two transfers, 600,000 XEM
victim -> thief 599990 fee 0.05 @10
victim -> thief 10 fee 0.05 @11
thief -> mule 400000 fee 0.05 @20
shopkeeper -> mule 400 fee 0.05 @21
mule -> exchange 300000 "cust-77" fee 0.05 @30
mule -> exchange 50000 "cust-78" fee 0.05 @31
thief -> exchange 100000 encrypted "0011223344556677" fee 0.05 @32
L
make_chain "$dir/chain.ledger"
start

"$x" label add "$(addr exchange)" --label "Big Exchange" --category exchange >/dev/null
"$x" crawl "$(addr thief)" --node "$url" --rate 1000 -q >"$dir/crawl"
# The two theft transfers are what arrived at the thief's wallet in blocks 10 to 11.
"$x" seed add --theft demo --account "$(addr thief)" --from 10 --to 11 >/dev/null
"$x" taint -q >"$dir/taint"
has "$dir/taint" "600,000.000000"

"$x" exchanges -q >"$dir/exchanges"
has "$dir/exchanges" "Big Exchange"
has "$dir/exchanges" "cust-77"
has "$dir/exchanges" "cust-78"
has "$dir/exchanges" "encrypted"
"$x" exchanges -q --format json >"$dir/exchanges.json"
# Haircut by hand, in uXEM. The mule holds 400,000 dirty of 400,400; B and t fall with each
# payment: 300,000 * t / B rounded down, then the fee, then 50,000.
python3 - "$dir/exchanges.json" <<'P'
import json, sys
doc = json.load(open(sys.argv[1]))
assert doc["format_version"] == 1 and doc["command"] == "exchanges", doc
B, t = 400400 * 10**6, 400000 * 10**6
def take(q):
    global B, t
    out = t if q == B else t * q // B
    B, t = B - q, t - out
    return out
d77 = take(300000 * 10**6); take(50000)
d78 = take(50000 * 10**6); take(50000)
service = doc["result"][0]
memos = {m.get("text", ""): m for m in service["memos"]}
got77 = int(memos["cust-77"]["tainted_volume"])
got78 = int(memos["cust-78"]["tainted_volume"])
assert got77 == d77, (got77, d77)
assert got78 == d78, (got78, d78)
other = [m for m in service["memos"] if m["kind"] == "encrypted"]
# The thief held nothing but stolen XEM, so all of the 100,000 is.
assert int(other[0]["tainted_volume"]) == 100000 * 10**6, other
for m in service["memos"]:
    for d in m["deposits"]:
        assert len(d["hash"]) == 64, d
P
"$x" top -q --format csv >"$dir/top.csv"
has "$dir/top.csv" "$(addr mule)"
"$x" trace -q "$(addr thief)" >"$dir/trace"
has "$dir/trace" "Big Exchange"
"$x" show -q "$(addr mule)" >"$dir/show"
has "$dir/show" "cust-77"
# What was read whole began with nothing, and that is known; of others it is assumed.
"$x" show -q "$(addr mule)" --format json | grep -q '"opening_assumed": false' ||
	fail "the opening of a complete account is called an assumption"
"$x" show -q "$(addr exchange)" --format json | grep -q '"opening_assumed": true' ||
	fail "the opening of an account that was not read is called known"
hash=$(sqlite3 "$XEMTRACE_CASE" "SELECT hash FROM v_transfer WHERE message='cust-77'")
[ ${#hash} -eq 64 ] || fail "v_transfer: hash is \"$hash\""
"$x" show -q "$hash" >"$dir/tx"
has "$dir/tx" "300,000.000000"
"$x" status -q --format json >"$dir/status"
python3 - "$dir/status" <<'P'
import json, sys
r = json.load(open(sys.argv[1]))["result"][0]
assert r["incidents"] == 0 and r["assumed_order_heights"] == 0, r
assert r["signer_time_transactions"] == 0, r
c = r["coverage"][0]
parts = sum(c[k] for k in ("at_services_uxem", "complete_uxem", "behind_stops_uxem", "incomplete_uxem"))
assert parts == c["stolen_uxem"] > 0, c
P
for format in dot svg png csv; do
	"$x" graph -q --format $format -o "$dir/flow.$format"
	[ -s "$dir/flow.$format" ] || fail "graph: no $format"
done
dot -Tsvg "$dir/flow.dot" >/dev/null || fail "Graphviz cannot read the DOT"
has "$dir/flow.svg" "Big Exchange"
# Again: the same bytes.
"$x" graph -q -o "$dir/again.dot"
cmp "$dir/flow.dot" "$dir/again.dot"
"$x" exchanges -q --format json | cmp - "$dir/exchanges.json"
# A second crawl changes nothing but asks little.
before=$(sqlite3 "$XEMTRACE_CASE" "SELECT count(*), sum(amount) FROM transfer")
"$x" crawl "$(addr thief)" --node "$url" --rate 1000 -q >/dev/null
[ "$before" = "$(sqlite3 "$XEMTRACE_CASE" "SELECT count(*), sum(amount) FROM transfer")" ] ||
	fail "a second crawl changed the ledger"
echo "main_job: ok"
