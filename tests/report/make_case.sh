#!/bin/sh
# Cases for the tests of the report. Usage: make_case.sh XEMTRACE coincheck|hostile|mixed|one|N CASE
# coincheck: the published record. hostile: a synthetic record whose texts attack the
# page. mixed: a synthetic record where policies differ, of three thefts. N: a synthetic record of N transfers, for measuring.
set -eu
x=$1
export XEMTRACE_CASE="$3"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
case "$2" in
coincheck)
	"$x" label import fixtures/labels/nem-known-addresses.yaml >/dev/null
	"$x" import -q --complete fixtures/coincheck/ledger.csv >/dev/null
	set -- seed add --theft coincheck
	while read -r ref; do
		set -- "$@" --tx "$ref"
	done <fixtures/coincheck/theft.txt
	"$x" "$@" >/dev/null
	;;
one)
	# A theft of one XEM, and nothing after it.
	printf 'time,sender,recipient,amount_xem,kind,message\n2018-01-26T00:00:00Z,@a,@b,1,,x\n' >"$dir/one.csv"
	"$x" import -q "$dir/one.csv" >/dev/null
	"$x" seed add --theft one --account @b --from 2018-01-26T00:00:00Z --to 2018-01-26T01:00:00Z >/dev/null
	;;
mixed)
	cat >"$dir/make.py" <<'P'
import csv, sys
w = csv.writer(sys.stdout, lineterminator="\n")
w.writerow(["time", "sender", "recipient", "amount_xem", "kind", "message"])
names = ["@w%d" % i for i in range(12)]
for n in names + ["@robbed"]:
    w.writerow(["", "", n, "1000", "opening", ""])
have = dict.fromkeys(names, 1000 * 10**6)
state = 7
def rnd(k):
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % k
def row(m, a, b, v, memo=""):
    t = "2018-01-%02dT%02d:%02d:00Z" % (26 + m // 1440, m // 60 % 24, m % 60)
    w.writerow([t, a, b, "%d.%06d" % divmod(v, 10**6), "", memo])
row(0, "@robbed", "@w0", 400 * 10**6)
row(1, "@robbed", "@w1", 300 * 10**6)
row(2, "@robbed", "@w2", 200 * 10**6)
for n, v in (("@w0", 400), ("@w1", 300), ("@w2", 200)):
    have[n] += v * 10**6
for m in range(10, 400):
    a = names[rnd(len(names))]
    v = 1 + have[a] // (2 + rnd(9))
    b = "@x%d" % rnd(3) if rnd(6) == 0 else names[rnd(len(names))]
    if a == b:
        continue
    have[a] -= v
    if b in have:
        have[b] += v
    row(m, a, b, v, "customer %d" % rnd(9) if b[1] == "x" else "")
P
	python3 "$dir/make.py" >"$dir/m.csv"
	"$x" import -q --complete "$dir/m.csv" >/dev/null
	for i in 0 1 2; do
		"$x" label add "@x$i" --label "Exchange $i" --category exchange >/dev/null
		"$x" seed add --theft "theft $i" --account "@w$i" --from "2018-01-26T00:0$i:00Z" \
			--to "2018-01-26T00:0$i:59Z" >/dev/null
	done
	;;
hostile)
	cat >"$dir/make.py" <<'P'
import csv, sys
w = csv.writer(sys.stdout, lineterminator="\n")
w.writerow(["time", "sender", "recipient", "amount_xem", "kind", "message"])
w.writerow(["", "", "@robbed", "1000000", "opening", ""])
t = lambda m: "2018-01-26T%02d:%02d:00Z" % divmod(m, 60)
w.writerow([t(1), "@robbed", "@thief", "999999.999999", "", ""])
evil = ["</script><script>alert(1)</script>", "<!--<script>", "=HYPERLINK(\"http://x\")",
        "\u202eecnalab\u200b\u2066", "\x1b[31mred\x1b]0;title\x07", "\"'&<>]]>", "\\u003c/script>",
        "a" * 1024, "\u2028\u2029\ufeff", "コインチェック", "</style><img src=x onerror=alert(1)>",
        "{{7*7}}${1}`", "hex:fffe00c3", "javascript:alert(1)", "@@DATA@@", "%s%n%x"]
for i, m in enumerate(evil):
    w.writerow([t(10 + i), "@thief", "@exchange", str(100 + i) + ".000001", "", m])
# There and back again, a way through a third, and a rest.
w.writerow([t(100), "@thief", "@mule", "500000", "", ""])
w.writerow([t(110), "@mule", "@thief", "1000", "", "back"])
w.writerow([t(120), "@mule", "@exchange", "2.5", "", ""])
P
	python3 "$dir/make.py" >"$dir/h.csv"
	"$x" import -q --complete "$dir/h.csv" >/dev/null
	"$x" label add @exchange --label '</script><script>alert("label")</script>' \
		--category exchange --confidence 70 >/dev/null
	"$x" label add @mule --label "$(printf '\342\200\256=cmd|x<b onmouseover=alert(1)>\tミュール')" \
		--category mixer >/dev/null
	"$x" seed add --theft '<i>theft</i>' --account @thief --from 2018-01-26 \
		--to 2018-01-26T00:05:00Z >/dev/null
	;;
*)
	cat >"$dir/make.py" <<'P'
# A fixed course of numbers (a linear congruence), so that each run makes the same case.
import csv, sys
n = int(sys.argv[1])
w = csv.writer(sys.stdout, lineterminator="\n")
w.writerow(["time", "sender", "recipient", "amount_uxem", "kind", "message", "hash"])
w.writerow(["", "", "@robbed", str(526300010 * 10**6), "opening", "", ""])
state = 1
def rnd(k):
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % k
import hashlib
have = {"@thief": 526300010 * 10**6}
names = ["@thief"]
def row(i, a, b, v, m=""):
    d, s = divmod(i * 97, 86400)
    t = "2018-%02d-%02dT%02d:%02d:%02dZ" % (1 + d // 28 % 12, 1 + d % 28, s // 3600, s // 60 % 60, s % 60)
    w.writerow([t, a, b, str(v), "", m, hashlib.sha256(b"%d" % i).hexdigest()])
row(0, "@robbed", "@thief", 526300010 * 10**6)
for i in range(1, n):
    a = names[rnd(len(names))]
    while have[a] < 1000:
        a = names[rnd(len(names))]
    v = 1 + have[a] // (2 + rnd(40))
    if rnd(5) == 0:
        b, m = "@x%d" % rnd(8), "customer-%d" % rnd(900)
    elif rnd(3) > 0 or len(names) < 20:
        b, m = "@a%d" % len(names), ""
    else:
        b, m = names[rnd(len(names))], ""
    if b == a:
        b = "@a%d" % len(names)
    have[a] -= v
    if not b.startswith("@x"):
        if b not in have:
            have[b] = 0
            names.append(b)
        have[b] += v
    row(i, a, b, v, m)
P
	python3 "$dir/make.py" "$2" >"$dir/n.csv"
	"$x" import -q --complete "$dir/n.csv" >/dev/null
	i=0
	while [ $i -lt 8 ]; do
		"$x" label add "@x$i" --label "Exchange $i" --category exchange >/dev/null
		i=$((i + 1))
	done
	"$x" seed add --theft scale --account @thief --from 2018-01-01 \
		--to 2018-01-01T00:00:30Z >/dev/null
	;;
esac
