#!/bin/sh
# Money first: with the same budget of requests a crawl that knows what was stolen finds it,
# and one that does not goes by depth. Both end with the same case, and both can be repeated from
# their answers.
# usage: crawl_money.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
. "$(dirname "$0")/node.sh"

# Synthetic: forty small payments at first, then nearly all of it along four hops to a shop.
{
	echo 'opening victim 1000000'
	echo 'victim -> thief 100000 fee 1 @2'
	i=0
	while [ $i -lt 40 ]; do
		echo "thief -> small$i 10 fee 1 @$((i + 3))"
		i=$((i + 1))
	done
	i=0
	while [ $i -lt 40 ]; do
		echo "small$i -> tiny$i 1 fee 1 @$((i + 50))"
		i=$((i + 1))
	done
	echo 'thief -> hop1 99000 fee 1 @100'
	echo 'hop1 -> hop2 98000 fee 1 @101'
	echo 'hop2 -> hop3 97000 fee 1 @102'
	echo 'hop3 -> hop4 96000 fee 1 @103'
	echo 'hop4 -> shop 95000 fee 1 @104'
} >"$dir/chain.ledger"
make_chain "$dir/chain.ledger"
thief=$(addr thief)
shop=$(addr shop)
start

crawl()
{
	case=$1
	shift
	"$xemtrace" --case "$dir/$case" crawl "$thief" --node "$url" --depth 9 --rate 1000 \
		--blocks none -q "$@" >"$dir/out" 2>"$dir/err" ||
		fail "$case: $(cat "$dir/err")"
}

# Share of the stolen amount at services, in percent.
located()
{
	"$xemtrace" --case "$dir/$1" status -q --format json | python3 -c '
import json, sys
c = json.load(sys.stdin)["result"][0]["coverage"][0]
parts = sum(c[k] for k in ("at_services_uxem", "complete_uxem", "behind_stops_uxem", "incomplete_uxem"))
assert parts == c["stolen_uxem"] > 0, c
print(100 * int(c["at_services_uxem"]) // c["stolen_uxem"])'
}

seed()
{
	"$xemtrace" --case "$dir/$1" seed add --theft one --account "$thief" --from 2 --to 2 -q \
		>/dev/null || fail "seed"
}

for case in money depth; do
	"$xemtrace" --case "$dir/$case" label add "$shop" --label Shop --category exchange -q \
		>/dev/null || fail "label"
done
seed money
crawl money --connections 2 --max-requests 45
crawl depth --connections 2 --max-requests 45
seed depth
money=$(located money)
depth=$(located depth)
[ "$money" -ge 90 ] || fail "money first: $money % located with 45 requests"
[ "$depth" -lt 10 ] || fail "by depth: $depth % located with 45 requests"

# To the end: the same ledger either way.
crawl money
crawl depth
ledger()
{
	sqlite3 "$dir/$1" "SELECT f.party, t.party, e.amount, e.height FROM transfer e
		LEFT JOIN account f ON f.id = e.sender LEFT JOIN account t ON t.id = e.recipient
		ORDER BY e.height, f.party, t.party, e.amount;
		SELECT party, state, balance, reason FROM account ORDER BY party"
}
ledger money >"$dir/money.txt"
ledger depth | cmp -s - "$dir/money.txt" || fail "the order changed the case"
[ "$(located money)" = "$(located depth)" ] || fail "the order changed the result"
"$xemtrace" --case "$dir/money" replay -q >"$dir/out" 2>&1 || fail "replay: $(cat "$dir/out")"
echo "crawl_money: ok ($money % against $depth % with 45 requests)"
