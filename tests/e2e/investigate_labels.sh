#!/bin/sh
# Labels: own over imported, the surer first, out as a TagPack and back, every change told.
# Usage: investigate_labels.sh XEMTRACE
set -eu
x=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "investigate_labels: $*" >&2
	exit 1
}
has() { # FILE TEXT
	grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "no \"$2\" in $1"; }
}
export XEMTRACE_CASE="$dir/case.xemtrace"
a=NB2Z6LKVWKNWDONIK3AU7HRMKYA3LCUOJAVQQJJW
cat >"$dir/pack.yaml" <<L
title: t
creator: c
currency: XEM
category: exchange
source: https://example.org/list
tags:
- address: $a
  label: Imported sure
  confidence: ownership
- address: $a
  label: Imported unsure
  confidence: web_crawl
- address: NOTANADDRESS
  label: bad
- address: $a
  label: bad confidence
  confidence: certain
L
rc=0
"$x" label import "$dir/pack.yaml" >"$dir/out" 2>"$dir/err" || rc=$?
[ $rc -eq 3 ] || fail "a pack with bad tags gave $rc"
has "$dir/out" "2 labels imported, 0 unchanged, 2 refused"
has "$dir/err" "pack.yaml:13"
has "$dir/err" "confidence: 'certain'"
label='He said: "x" \ #1
second line'
"$x" label add $a --label "$label" --category person --confidence forensic \
	--actor "A: b" --source "talk of 2018" >/dev/null
"$x" label list $a --format csv >"$dir/list.csv"
python3 - "$dir/list.csv" <<'P'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8")))
got = [(r["rank"], r["own"], r["confidence"]) for r in rows]
assert got == [("1", "true", "50"), ("2", "false", "100"), ("3", "false", "20")], got
P
"$x" label export -o "$dir/own.yaml"
"$x" label export --all >"$dir/all.yaml"
for pack in own all; do
	XEMTRACE_CASE="$dir/$pack.xemtrace" "$x" label import "$dir/$pack.yaml" >"$dir/out"
	XEMTRACE_CASE="$dir/$pack.xemtrace" "$x" label list --format json >"$dir/$pack.json"
done
has "$dir/out" "3 labels imported, 0 unchanged, 0 refused"
"$x" label list --format json >"$dir/case.json"
python3 - "$dir" <<'P'
import json, sys
d = sys.argv[1]
def labels(name):
    keys = ("address", "label", "category", "confidence", "confidence_name", "source", "actor")
    return sorted(tuple(str(r.get(k, "")) for k in keys)
                  for r in json.load(open(f"{d}/{name}.json", encoding="utf-8"))["result"])
assert labels("all") == labels("case"), (labels("all"), labels("case"))
own = labels("own")
assert len(own) == 1 and own[0][1] == 'He said: "x" \\ #1\nsecond line', own
P
# Which categories are services is data.
"$x" label list $a --format csv | grep -q "person,false" || fail "person is a service"
"$x" label category person service >/dev/null
"$x" label list $a --format csv | grep -q "person,true" || fail "person is no service"
id=$("$x" label list $a --format csv | awk -F, 'END { print $1 }')
"$x" label remove "$id" >/dev/null
rc=0
"$x" label remove "$id" >/dev/null 2>&1 || rc=$?
[ $rc -ne 0 ] || fail "a label was removed twice"
"$x" label history >"$dir/history"
for text in "talk of 2018" "Imported unsure" "counts as a service" \
	"pack.yaml: 2 imported, 2 refused"; do
	has "$dir/history" "$text"
done
# The same pack with other particulars: what was, and what is.
sed -i 's/confidence: ownership/confidence: forensic\n  actor: somebody/' "$dir/pack.yaml"
"$x" label import "$dir/pack.yaml" >/dev/null 2>&1 || true
"$x" label history $a --format json >"$dir/history.json"
python3 - "$dir/history.json" $a <<'P'
import json, sys
D = json.load(open(sys.argv[1], encoding="utf-8"))["result"]
assert all(r["address"] == sys.argv[2] and r["time"] for r in D)
got = [(r["what"], r["label"], r["own"]) for r in D]
assert got == [("added", "Imported sure", False), ("added", "Imported unsure", False),
               ("added", 'He said: "x" \\ #1\nsecond line', True), ("removed", "Imported unsure", False),
               ("changed", "Imported sure", False), ("added", "Imported unsure", False)], got
assert D[4]["change"] == "confidence: 100 -> 50; confidence_name: ownership -> forensic; actor: - -> somebody", D[4]
assert D[3]["change"] == "category: exchange; confidence: 20; confidence_name: web_crawl; currency: XEM", D[3]
assert D[0]["pack"] == "pack.yaml" and "pack" not in D[2]
P
# What a TagPack says comes back whole, the second time as the first.
cat >"$dir/full.yaml" <<L
title: t
creator: c
network: XEM
source: s
tags:
- address: $a
  label: Full
  concepts: [exchange, hosted_wallet]
  category: exchange
  actor: zaif
  abuse: scam
  lastmod: 2020-01-02
  confidence: web_crawl
  context: {"when": [2018, "01"], "note: x": {a: null, b: "q\"", c: -1.5}}
- {address: '@pool', label: Pool, category: exchange, context: "plain text", currency: nem}
L
XEMTRACE_CASE="$dir/one.xemtrace" "$x" label import "$dir/full.yaml" >/dev/null
XEMTRACE_CASE="$dir/one.xemtrace" "$x" label export --all -o "$dir/two.yaml"
XEMTRACE_CASE="$dir/two.xemtrace" "$x" label import "$dir/two.yaml" >/dev/null
XEMTRACE_CASE="$dir/two.xemtrace" "$x" label export --all -o "$dir/three.yaml"
cmp "$dir/two.yaml" "$dir/three.yaml" || fail "a pack changed on its way"
for k in one two; do
	XEMTRACE_CASE="$dir/$k.xemtrace" "$x" label list --format json >"$dir/$k.json"
done
python3 - "$dir" <<'P'
import json, sys
one, two = ([{k: v for k, v in r.items() if k not in ("id", "pack")}
             for r in json.load(open(f"{sys.argv[1]}/{n}.json"))["result"]] for n in ("one", "two"))
assert one == two and len(one) == 2, (one, two)
full = next(r for r in one if r["label"] == "Full")
assert json.loads(full["context"]) == {"when": [2018, "01"], "note: x": {"a": None, "b": 'q"', "c": -1.5}}, full
assert full["concepts"] == "exchange, hosted_wallet" and full["network"] == "XEM" and full["actor"] == "zaif"
assert next(r for r in one if r["label"] == "Pool")["currency"] == "nem"
P
# Another network's address, and another chain's tag, are named and left out.
t=TALICE2GMA34CXHD7XLJQ536NM5UNKQHTORNNT2J
cat >"$dir/net.yaml" <<L
title: t
creator: c
source: s
category: exchange
tags:
- {address: $t, label: Test network}
- {address: $a, label: Other chain, network: BTC}
- {address: $a, label: Good}
L
rc=0
XEMTRACE_CASE="$dir/net.xemtrace" "$x" label import "$dir/net.yaml" >"$dir/out" 2>"$dir/err" || rc=$?
[ $rc -eq 3 ] || fail "tags of other networks gave $rc"
has "$dir/out" "1 labels imported, 0 unchanged, 2 refused"
has "$dir/err" "net.yaml:6: address: '$t' is of the network testnet, the case is of mainnet"
has "$dir/err" "net.yaml:7: network: 'BTC': not XEM"
XEMTRACE_CASE="$dir/empty.xemtrace" "$x" label list >/dev/null
rc=0
XEMTRACE_CASE="$dir/empty.xemtrace" "$x" label export -o "$dir/none.yaml" 2>/dev/null || rc=$?
[ $rc -ne 0 ] && [ ! -e "$dir/none.yaml" ] || fail "an empty pack was written"
echo "investigate_labels: ok"
