#!/bin/sh
# Wallets of one owner: by shared cosignatories (crawled from the fixture node, a synthetic
# chain), by the analyst, by actor, by sweep; tables with and without folding.
# Usage: investigate_groups.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -eu
x=$1
node=$2
mkchain=$3
. "$(dirname "$0")/node.sh"
cat >"$dir/chain.ledger" <<'L'
start 2018-01-26T00:00
opening victim 1000
opening one 20
opening two 20
opening three 20
opening four 20
opening five 20
opening ann 10
opening bob 10
opening cat 10
opening p 1000
opening q 1000
opening r 1000
victim -> thief 900 fee 0.1 @2
# The same two keys for one and two; others share one of them, have one more, or lost one.
multisig one = ann,bob fee 0.5 @3
multisig two = bob,ann fee 0.5 @3
multisig three = ann,bob,cat fee 0.5 @3
multisig four = ann fee 0.5 @3
multisig five = ann,bob,cat min 2 fee 0.5 @3
thief -> one 300 fee 0.1 @4
thief -> three 100 fee 0.1 @4
thief -> five 100 fee 0.1 @4
ann,bob: one -> two 200 fee 0.1 outer-fee 0.15 cosign-fee 0.15 @5
# five loses cat, and has the set of one and two from then on.
ann,bob: modify five -cat v2 fee 0.5 outer-fee 0.15 cosign-fee 0.15 @6
# Three accounts with payers of their own, emptied into one.
p -> sp 100 fee 0.1 @7
q -> sq 100 fee 0.1 @7
r -> sr 100 fee 0.1 @7
sp -> pot 99.9 fee 0.1 @8
sq -> pot 99.9 fee 0.1 @8
sr -> pot 99.9 fee 0.1 @8
height 20
L
make_chain "$dir/chain.ledger"
start
victim=$(addr victim)
thief=$(addr thief)
one=$(addr one)
two=$(addr two)
three=$(addr three)
four=$(addr four)
five=$(addr five)
ann=$(addr ann)
bob=$(addr bob)
sp=$(addr sp)
sq=$(addr sq)
sr=$(addr sr)
pot=$(addr pot)
export XEMTRACE_CASE="$dir/case"
"$x" crawl -q "$victim" "$(addr p)" "$(addr q)" "$(addr r)" "$four" --node "$url" \
	--depth 9 --rate 1000 >/dev/null || fail "crawl"
"$x" seed add -q --theft t --account "$thief" --from 2018-01-26 --to 2018-01-27 >/dev/null

"$x" patterns -q --pattern shared_cosignatories --format json >"$dir/p.json"
"$x" group list -q --by cosignatories,sweep --format json >"$dir/g.json"
python3 - "$dir" "$ann" "$bob" "$one" "$two" "$three" "$four" "$five" "$pot" "$sp" "$sq" "$sr" <<'P'
import json, sys
d, ann, bob, one, two, three, four, five, pot, sp, sq, sr = sys.argv[1:]
found = json.load(open(d + "/p.json"))["result"]
assert len(found) == 1, found
p = found[0]
assert sorted(p["members"]) == sorted([one, two, five]), p["members"]
assert p["cosignatories"] == " ".join(sorted([ann, bob])), p
assert p["answers"] == 0 and "node's word" not in p["sentence"], p
# What each set rests on: the transaction that made it, for five also the one that changed it.
assert len(p["transactions"]) == 4, p["transactions"]
assert len({t["hash"] for t in p["transactions"]}) == 4
assert all(t["provenance"] == "signed" for t in p["transactions"])
assert "amount_volume" not in p
groups = {g["name"]: g for g in json.load(open(d + "/g.json"))["result"]}
assert len(groups) == 2, list(groups)
for name, g in groups.items():
    who = sorted({m["address"] for m in g["members"]})
    assert g["wallets"] == len(who)
    want = [one, two, five] if name.startswith("cosigned by") else [pot, sp, sq, sr]
    assert who == sorted(want), (name, who)
    assert all(m["reason"] and m["ground"] == g["grounds"][0] for m in g["members"])
P
# A node's word alone: a node that leaves these transactions out, and still names the keys.
set --
for h in $("$mkchain" --hashes "$dir/chain.ledger" | awk '$4 == 4097 { print $5 }'); do
	set -- "$@" --omit "$h"
done
[ $# = 10 ] || fail "$# words for five transactions"
stop
start "$@"
"$x" --case "$dir/case2" crawl -q "$one" "$two" "$three" --depth 0 --rate 1000 \
	--node "$url" >/dev/null || fail "second crawl"
"$x" --case "$dir/case2" patterns -q --all --pattern shared_cosignatories --format json >"$dir/word.json"
python3 - "$dir/word.json" "$one" "$two" <<'P'
import json, sys
found = json.load(open(sys.argv[1]))["result"]
assert len(found) == 1 and sorted(found[0]["members"]) == sorted(sys.argv[2:]), found
assert found[0]["answers"] == 2 and "of 2 accounts this is a node's word" in found[0]["sentence"], found
P

# ---- by word ----
"$x" group add -q thief "$thief" "$one" --reason "found with the same phone" >/dev/null
"$x" group add -q thief "$two" --reason "as above" >/dev/null
"$x" group add -q other "$one" --reason x 2>/dev/null && fail "one account in two groups"
"$x" group add -q nobody "$one" 2>/dev/null && fail "a group without a reason"
"$x" group add -q bad NOT-AN-ADDRESS --reason x 2>/dev/null && fail "no address"
[ "$("$x" note log -q --format csv | grep -c 'group add')" = 3 ] || fail "the log does not tell of groups"
# All or nothing: a bad address in the middle leaves no trace.
"$x" group add -q half "$three" NOT-AN-ADDRESS --reason x 2>/dev/null && fail "half a group"
"$x" group list -q half 2>/dev/null && fail "half a group stayed"
"$x" group list -q "$two" --by given --format json >"$dir/one.json"
grep -q '"wallets": 3' "$dir/one.json" || fail "group list ADDRESS"
grep -q '"name": "thief"' "$dir/one.json" || fail "group list: name"

# Folded: what the wallets paid each other (300 + 200) is left out, and said so.
"$x" top -q --by received -n 0 --format json >"$dir/flat.json"
"$x" top -q --by received -n 0 --fold given --format json >"$dir/fold.json"
"$x" timeline -q --by pair --format json >"$dir/pairs.json"
"$x" timeline -q --by pair --fold given --rate JPY:88.549 --format json >"$dir/folded.json"
python3 - "$dir" "$thief" "$one" "$two" <<'P'
import json, sys
from decimal import Decimal, ROUND_DOWN
d, thief, one, two = sys.argv[1:]
load = lambda n: json.load(open(f"{d}/{n}.json"))
inside = {thief, one, two}
pairs = load("pairs")["result"]
paid = lambda rows: sum(int(r["amount_volume"]) for r in rows)
internal = [r for r in pairs if r["sender"] in inside and r["recipient"] in inside]
assert paid(internal) == 500 * 10**6, paid(internal)
flat, fold = load("flat")["result"], load("fold")
g = [r for r in fold["result"] if r.get("group") == "thief"]
assert len(g) == 1 and g[0]["wallets"] == 3 and "address" not in g[0], g
of = lambda k: sum(int(r[k]) for r in flat if r["address"] in inside)
assert int(g[0]["received_volume"]) == of("received_volume") - paid(internal)
assert int(g[0]["sent_volume"]) == of("sent_volume") - paid(internal)
assert g[0]["held_uxem"] == sum(r["held_uxem"] for r in flat if r["address"] in inside)
assert not any(r.get("address") in inside for r in fold["result"])
w = {w["code"]: w["text"] for w in fold["warnings"]}
assert "2 transfers of 500.000000 XEM" in w["internal"], w
folded = load("folded")
assert paid(folded["result"]) == paid(pairs) - paid(internal)
for r in folded["result"]:
    assert r["value"] == str((Decimal(r["amount_volume"]) * Decimal("88.549") / 10**6)
                             .quantize(Decimal("0.01"), ROUND_DOWN)), r
    assert r["currency"] == "JPY"
P

# The matrix: wide, nested and as text it says the same, and adds up.
for fold in "" "--fold=given"; do
	# shellcheck disable=SC2086 # an option or none
	"$x" timeline -q --by matrix $fold --format csv >"$dir/m.csv"
	# shellcheck disable=SC2086
	"$x" timeline -q --by matrix $fold --format json >"$dir/m.json"
	# shellcheck disable=SC2086
	"$x" timeline -q --by pair $fold --format json >"$dir/m.pairs.json"
	# shellcheck disable=SC2086
	"$x" timeline -q --by matrix $fold --columns 2 >"$dir/m.txt"
	python3 - "$dir" <<'P'
import csv, json, sys
d = sys.argv[1]
rows = [[c.lstrip("'") for c in r] for r in csv.reader(open(d + "/m.csv"))]
head, body, last = rows[0], rows[1:-1], rows[-1]
assert head[:3] == ["sender", "sender_label", "sender_confidence"] and head[-1] == "total"
assert last[0] == "total" and all(len(r) == len(head) for r in rows)
for r in body + [last]:
    assert sum(map(int, r[3:-1])) == int(r[-1]), r
for k in range(3, len(head)):
    assert sum(int(r[k]) for r in body) == int(last[k]), head[k]
name = lambda r, side: r.get(side) or r[side + "_group"]
pairs = {(name(r, "sender"), name(r, "recipient")): int(r["amount_volume"])
         for r in json.load(open(d + "/m.pairs.json"))["result"]}
wide = {(r[0], head[k]): int(r[k]) for r in body for k in range(3, len(head) - 1) if int(r[k])}
assert wide == pairs, set(wide) ^ set(pairs)
J = json.load(open(d + "/m.json"))["result"]
nested = {(name(r, "sender"), name(c, "recipient")): int(c["amount_volume"])
          for r in J if not r["total"] for c in r["cells"]}
assert nested == pairs and J[-1]["total"] and [r["total"] for r in J].count(True) == 1
assert sum(int(c["amount_volume"]) for c in J[-1]["cells"]) == int(J[-1]["total_volume"]) == sum(pairs.values())
text = open(d + "/m.txt").read().split("\n\n")[0].splitlines()
for line in text[1:]:
    figures = [int(w.replace(",", "").replace(".", "")) for w in line.split() if "." in w]
    assert sum(figures[:-1]) == figures[-1], line
assert len(text) == len(body) + 2
P
done
# Nobody who is excluded is in it.
echo "$victim # robbed" >"$dir/excluded"
"$x" timeline -q --by matrix --exclude "$dir/excluded" --format csv | grep -q "$victim" && fail "excluded, and in the matrix"

# A name goes before a finding: three is named otherwise, and stays out.
"$x" group remove -q "$two" >/dev/null
"$x" group add -q other "$two" --reason "somebody else's" >/dev/null
"$x" group list -q --by all --format json >"$dir/apart.json"
python3 - "$dir/apart.json" "$one" "$two" "$five" <<'P'
import json, sys
D = json.load(open(sys.argv[1]))
one, two, five = sys.argv[2:]
of = {m["address"]: g["name"] for g in D["result"] for m in g["members"]}
assert of[one] == "thief" and of[two] == "other" and of[five] in ("thief", "other"), of
assert [w["code"] for w in D["warnings"]].count("told_apart") == 1, D["warnings"]
P
"$x" top -q --fold nonsense 2>"$dir/err" && fail "--fold nonsense"
grep -q 'is none of given, actor, cosignatories, sweep, all' "$dir/err" || fail "--fold: $(cat "$dir/err")"
"$x" verify -q >/dev/null || fail "verify"
echo "investigate_groups: ok"
