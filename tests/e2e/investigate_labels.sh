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
for text in "label add" "talk of 2018" "label remove" "Imported unsure" \
	"counts as a service" "pack.yaml: 2 imported, 2 refused"; do
	has "$dir/history" "$text"
done
XEMTRACE_CASE="$dir/empty.xemtrace" "$x" label list >/dev/null
rc=0
XEMTRACE_CASE="$dir/empty.xemtrace" "$x" label export -o "$dir/none.yaml" 2>/dev/null || rc=$?
[ $rc -ne 0 ] && [ ! -e "$dir/none.yaml" ] || fail "an empty pack was written"
echo "investigate_labels: ok"
