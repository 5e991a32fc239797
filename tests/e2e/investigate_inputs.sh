#!/bin/sh
# Files that analysts bring: prices in several currencies and with gaps, lists of accounts to
# leave out as editors and other tools write them. On the published record of the Coincheck case.
# Usage: investigate_inputs.sh XEMTRACE
set -eu
x=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "investigate_inputs: $*" >&2
	exit 1
}
export XEMTRACE_CASE="$dir/case.xemtrace"
"$x" label import fixtures/labels/nem-known-addresses.yaml -q >/dev/null
"$x" import -q --complete fixtures/coincheck/ledger.csv >/dev/null
set -- seed add --theft coincheck
while read -r ref; do
	set -- "$@" --tx "$ref"
done <fixtures/coincheck/theft.txt
"$x" "$@" -q >/dev/null

# Prices: two currencies in one file; a day between is missing.
cat >"$dir/prices.csv" <<L
date,currency,price
2018-02-12,USD,0.54
2018-02-10,JPY,57.1
2018-02-10,USD,0.525
2018-02-12,JPY,58.00000001
L
rc=0
"$x" exchanges --price "$dir/prices.csv" >/dev/null 2>"$dir/err" || rc=$?
[ $rc -eq 3 ] && grep -qF "prices.csv:3: currency: JPY" "$dir/err" &&
	grep -qF -- "--currency" "$dir/err" || fail "two currencies: $rc $(cat "$dir/err")"
rc=0
"$x" exchanges --price "$dir/prices.csv" --currency EUR >/dev/null 2>"$dir/err" || rc=$?
[ $rc -eq 3 ] && grep -qF "no price in EUR" "$dir/err" || fail "no EUR: $rc $(cat "$dir/err")"
rc=0
"$x" exchanges --currency EUR >/dev/null 2>"$dir/err" || rc=$?
[ $rc -eq 2 ] || fail "--currency alone gave $rc"
for c in JPY USD; do
	"$x" --tz Asia/Tokyo timeline --by service-day --price "$dir/prices.csv" --currency $c \
		--format csv >"$dir/$c.csv" 2>"$dir/err"
	grep -qF "5 rows have no value" "$dir/err" || fail "$c: $(cat "$dir/err")"
done
python3 - "$dir" <<'P'
import csv, fractions, sys
F = fractions.Fraction
price = {("JPY", "2018-02-10"): F("57.1"), ("JPY", "2018-02-12"): F("58.00000001"),
         ("USD", "2018-02-10"): F("0.525"), ("USD", "2018-02-12"): F("0.54")}
seen = 0
for c in ("JPY", "USD"):
    for r in csv.DictReader(open(f"{sys.argv[1]}/{c}.csv", encoding="utf-8")):
        p = price.get((c, r["day"]))
        if p is None:
            assert r["value"] == "", r
            continue
        cents = int(F(int(r["amount_volume"]), 10**6) * p * 100)
        assert r["value"] == f"{cents // 100}.{cents % 100:02d}" and r["currency"] == c, (r, cents)
        seen += 1
assert seen == 6, seen
P
# Accounts to leave out: a byte order mark, CRLF, dashes, remarks, doubles.
thief=NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG
printf '\357\273\277%s\r\n# a remark\r\n\r\n nc4c6p-suw5cl-tdt5sx-agjdqj-gznesk-fk5mcn-77og # again\r\n@shop-buyers' \
	$thief >"$dir/out.txt"
"$x" timeline -q --exclude "$dir/out.txt" --format csv >"$dir/left.csv"
! grep -qE "$thief|@shop-buyers" "$dir/left.csv" || fail "an excluded account is there"
[ "$(wc -l <"$dir/left.csv")" -gt 10 ] || fail "hardly anything is left"
# Requests into a folder that is there: a file of another kind stays, and nothing is written
# beside it; older requests are told.
yobit=NBRT3YQTVHLTYBDUXH2HHURI5KCYDWRWJ63YWIGG
mkdir "$dir/req"
echo "my own notes" >"$dir/req/$yobit.txt"
rc=0
"$x" exchanges --requests "$dir/req" >/dev/null 2>"$dir/err" || rc=$?
[ $rc -eq 1 ] && grep -qF "$yobit.txt" "$dir/err" || fail "a file of another kind: $rc"
[ "$(cat "$dir/req/$yobit.txt")" = "my own notes" ] || fail "notes were overwritten"
[ "$(ls "$dir/req")" = "$yobit.txt" ] || fail "requests were written: $(ls "$dir/req")"
rm "$dir/req/$yobit.txt"
"$x" exchanges --requests "$dir/req" >/dev/null 2>"$dir/err"
cp "$dir/req/$yobit.txt" "$dir/req/@older.txt"
echo "no request" >"$dir/req/other.txt"
"$x" exchanges --requests "$dir/req" --format csv 2>"$dir/err" >/dev/null
grep -qF "1 requests of an earlier run" "$dir/err" && grep -qF "@older.txt" "$dir/err" ||
	fail "older requests are not told: $(cat "$dir/err")"
echo "investigate_inputs: ok"
