#!/bin/sh
# Where the stolen amount is: at services, at complete accounts, behind stops (each with its
# reason and amount), at incomplete accounts; the four add up to it. Numbers worked by hand,
# then random chains, with each limit and each policy.
# usage: crawl_coverage.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
here=$(dirname "$0")
. "$(dirname "$0")/node.sh"

x()
{
	case=$1
	shift
	"$xemtrace" --case "$dir/$case" "$@" -q >"$dir/out" 2>"$dir/err" ||
		fail "$case: $*: $(cat "$dir/err")"
}

crawl()
{
	case=$1
	shift
	x "$case" crawl --node "$url" --rate 1000 --blocks none "$@"
}

# Coverage of a case in XEM: stolen, at services, complete, behind stops, incomplete, fees,
# refunded. All thefts must add up to the first row, the four to the whole.
coverage()
{
	case=$1
	shift
	"$xemtrace" --case "$dir/$case" status -q --format json "$@" >"$dir/status" ||
		fail "$case: status $*"
	python3 "$here/coverage.py" "$dir/status"
}

# Stops as "kind name arrived behind".
stops()
{
	"$xemtrace" --case "$dir/$1" status --stops -q --format json >"$dir/stops" ||
		fail "status --stops"
	"$mkchain" --keys "$ledger" >"$dir/keys"
	python3 - "$dir/stops" "$dir/keys" <<'P' | sort
import json, sys
names = {}
for line in open(sys.argv[2]):
    w = line.split()
    names[w[1]] = w[0]
for r in json.load(open(sys.argv[1]))["result"]:
    assert r["reason"].startswith(r["kind"] + ":"), r
    print(r["kind"].replace(" ", "_"), names[r["address"]],
          r["arrived_uxem"] / 10**6, r["behind_uxem"] / 10**6)
P
}

same()
{
	[ "$2" = "$3" ] || fail "$1: is
$3
and should be
$2"
}

# ---- by hand ---------------------------------------------------------------------
# Everything the thief holds is stolen, so that nothing is shared out: 1000 XEM. He pays 300 to a
# shop (labelled), 100 to a hub that 25 others pay and that pays 25 others, 5 (less than
# --min 10), 200 to h1, 50 after the end of --to; five fees of 1. h1 sends 150 on to h2, h2 100 to
# h3 (three hops).
ledger=$dir/hand.ledger
{
	echo 'start 2018-01-26T00:00:00Z'
	echo 'opening victim 10000'
	i=0
	while [ $i -lt 25 ]; do
		echo "opening p$i 100"
		i=$((i + 1))
	done
	echo 'victim -> thief 1000 fee 1 @2'
	echo 'thief -> shop 300 fee 1 @3'
	echo 'thief -> hub 100 fee 1 @4'
	echo 'thief -> small 5 fee 1 @5'
	echo 'thief -> h1 200 fee 1 @6'
	echo 'h1 -> h2 150 fee 1 @7'
	echo 'h2 -> h3 100 fee 1 @8'
	echo 'h3 -> h4 60 fee 1 @9'
	i=0
	while [ $i -lt 25 ]; do
		echo "p$i -> hub 2 fee 1 @$((i + 10))"
		i=$((i + 1))
	done
	i=0
	while [ $i -lt 25 ]; do
		echo "hub -> q$i 1 fee 1 @$((i + 40))"
		i=$((i + 1))
	done
	echo 'thief -> late 50 fee 1 @2000'
	echo 'shop -> thief 20 fee 1 @2010'
	echo 'height 2020'
} >"$ledger"
make_chain "$ledger"
start --log "$dir/log"
thief=$(addr thief)
x hand label add "$(addr shop)" --label Shop --category exchange
x hand seed add --theft one --account "$thief" --from 2 --to 2
crawl hand "$thief" --depth 2 --min 10 --to 2018-01-26
# thief 1000 - 300 - 100 - 5 - 200 - 50 - 5 = 340 held, 5 in fees; h1 49 and 1; h2 49 and 1.
# His 20 from the shop are clean: a service's money.
same "coverage" "- 1000.0 300.0 445.0 255.0 0.0 7.0 0.0
one 1000.0 300.0 445.0 255.0 0.0 7.0 0.0" "$(coverage hand)"
same "stops" "amount small 5.0 5.0
date late 50.0 50.0
depth h3 100.0 100.0
probable_service hub 100.0 100.0
service shop 300.0 300.0" "$(stops hand)"
"$xemtrace" --case "$dir/hand" status -q >"$dir/text" || fail "status as text"
grep -q "probable service" "$dir/text" || fail "status does not tell the probable service"
grep -q "probable service: 26 pay it, it pays 25 (newest page)" "$dir/text" || fail "status does not tell why"
"$xemtrace" --case "$dir/hand" status --stops --format csv -q | head -1 | grep -q behind_uxem ||
	fail "stops as csv"
# Where the run is told to, a probable service counts as one.
same "at probable services" "- 1000.0 400.0 445.0 155.0 0.0 7.0 0.0
one 1000.0 400.0 445.0 155.0 0.0 7.0 0.0" "$(coverage hand --stop-at-probable)"
# Nothing of the hub's customers is in the case.
[ "$(sqlite3 "$dir/hand" "SELECT count(*) FROM account WHERE party = '$(addr q0)'")" = 0 ] ||
	fail "the hub's customers are in the case"

# The same limits again ask the hub nothing.
cp "$dir/hand" "$dir/again"
crawl again --depth 2 --min 10 --to 2018-01-26
grep -c "$(addr hub)" "$dir/log" >"$dir/n"
[ "$(cat "$dir/n")" = 2 ] || fail "the hub was asked about $(cat "$dir/n") times, not 2"
# Wider limits go on from there, one by one.
crawl again --depth 2 --min 10
same "without a date" "amount small 5.0 5.0
depth h3 100.0 100.0
probable_service hub 100.0 100.0
service shop 300.0 300.0" "$(stops again)"
crawl again --depth 3 --min 10
same "one hop more" "amount small 5.0 5.0
depth h4 60.0 60.0
probable_service hub 100.0 100.0
service shop 300.0 300.0" "$(stops again)"
crawl again --depth 9
same "without an amount" "probable_service hub 100.0 100.0
service shop 300.0 300.0" "$(stops again)"
# A limit that the hub just does not reach (26), and one that it does (25).
cp "$dir/again" "$dir/reached"
crawl reached --depth 9 --fan 25
same "25 pay it and it pays 25" "probable_service hub 100.0 100.0
service shop 300.0 300.0" "$(stops reached)"
crawl again --depth 9 --fan 26
same "the hub is read" "service shop 300.0 300.0" "$(stops again)"
same "all read" "- 1000.0 300.0 700.0 0.0 0.0" "$(coverage again | sed -n 1p | cut -d' ' -f1-6)"
# What the shop sent back is located where it is now: 280 at the shop, 20 back at the thief.
refund=$("$mkchain" --hashes "$ledger" | awk '$2 == 2010 { print $5 }')
x hand seed add --theft one --refund "$refund"
same "a refund" "- 1000.0 280.0 465.0 255.0 0.0 7.0 20.0
one 1000.0 280.0 465.0 255.0 0.0 7.0 20.0" "$(coverage hand)"
# What an analyst declares clean is a stop: his.
x hand seed clean "$(addr h2)" --from 2018-01-26 --why test
same "declared clean" "- 1000.0 280.0 415.0 305.0 0.0 6.0 20.0
one 1000.0 280.0 415.0 305.0 0.0 6.0 20.0" "$(coverage hand)"
# A seed is read, however many it pays.
crawl seed "$(addr hub)" --depth 0
[ "$(sqlite3 "$dir/seed" "SELECT state FROM account WHERE party = '$(addr hub)'")" = 2 ] ||
	fail "a seed was stopped"

# A budget: those that wait say so, and the four add up; without it the rest is read.
x budget label add "$(addr shop)" --label Shop --category exchange
x budget seed add --theft one --account "$thief" --from 2 --to 2
crawl budget "$thief" --depth 9 --connections 1 --max-requests 10
same "budget" "- 1000.0 300.0 345.0 355.0 0.0 5.0 0.0" "$(coverage budget | sed -n 1p)"
stops budget | grep -q "^requests h1 200.0 200.0$" || fail "budget: $(stops budget)"
"$xemtrace" --case "$dir/budget" replay -q >"$dir/out" 2>&1 || fail "replay: $(cat "$dir/out")"
crawl budget --depth 9
same "after the budget" "probable_service hub 100.0 100.0
service shop 300.0 300.0" "$(stops budget)"
for case in again budget; do
	"$xemtrace" --case "$dir/$case" replay -q >"$dir/out" 2>&1 ||
		fail "$case: replay: $(cat "$dir/out")"
	"$xemtrace" --case "$dir/$case" verify -q >"$dir/out" 2>&1 ||
		fail "$case: verify: $(cat "$dir/out")"
done
stop

# ---- random chains ---------------------------------------------------------------
# Synthetic. Each chain is crawled under narrow limits and wider ones after them; after each
# crawl the parts add up under every policy that conserves.
n=1
while [ $n -le 3 ]; do
	ledger=$dir/random.ledger
	rm -f "$dir/random"
	python3 "$here/coverage.py" --make $n >"$ledger" || fail "no random chain"
	make_chain "$ledger"
	start
	x random label add "$(addr shop0)" --label Shop --category exchange
	x random label add "$(addr shop1)" --label Other --category exchange
	x random seed add --theft one --account "$(addr thief0)" --from 2 --to 40
	x random seed add --theft two --account "$(addr thief1)" --from 2 --to 60
	crawl random "$(addr thief0)" "$(addr thief1)" --depth 1 --min 50 --max-requests 30
	for limits in '--depth 2 --min 20 --fan 3' '--depth 3 --fan 4 --max-requests 40' \
		'--depth 9 --fan 0'; do
		crawl random $limits
		for policy in haircut fifo lifo dirty_first clean_first; do
			coverage random --policy $policy >"$dir/out" ||
				fail "chain $n, $limits, $policy: $(cat "$dir/out")"
		done
		coverage random --fees absorb >"$dir/out" || fail "chain $n, absorb"
	done
	"$xemtrace" --case "$dir/random" replay -q >"$dir/out" 2>&1 ||
		fail "chain $n: replay: $(cat "$dir/out")"
	stop
	n=$((n + 1))
done
echo "crawl_coverage: ok"
