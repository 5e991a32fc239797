#!/bin/sh
# The main job on the bundled data: the published record of the Coincheck theft, and the
# real nemesis block of the NEM main network, served by the fixture node.
# Installs what is missing, builds, writes its files to demo-out/.
set -eu
cd "$(dirname "$0")"
scripts/deps.sh run
cmake --preset release -DXT_TESTS=OFF -DXT_NODE=ON >/dev/null
cmake --build --preset release >/dev/null
out=demo-out
mkdir -p "$out"
x=build/release/src/cli/xemtrace

say() {
	printf '\n\033[1m%s\033[0m\n' "$*"
}
run() {
	printf '$ xemtrace'
	printf ' %s' "$@"
	printf '\n'
	"$x" "$@"
}
[ -t 1 ] || say() {
	printf '\n%s\n' "$*"
}

say "1. The Coincheck theft of 26 January 2018, from the published record"
XEMTRACE_CASE=$out/coincheck.xemtrace
export XEMTRACE_CASE
rm -f "$XEMTRACE_CASE"
run label import fixtures/labels/nem-known-addresses.yaml
run import --complete fixtures/coincheck/ledger.csv
# The seeds: the 11 theft transfers, by their rows of the record.
set -- seed add --theft coincheck
while read -r ref; do
	set -- "$@" --tx "$ref"
done <fixtures/coincheck/theft.txt
run "$@"
run --tz Asia/Tokyo trace -q NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG
run taint -q
run exchanges -q --format json >"$out/coincheck-exchanges.json"
run exchanges -q --format csv >"$out/coincheck-exchanges.csv"
run top -q -n 0 --format csv >"$out/coincheck-top.csv"
title="Coincheck theft, 26 January 2018 (published record)"
run graph -q --min 50000 --title "$title" -o "$out/coincheck.dot"
run graph -q --min 50000 --title "$title" --format svg -o "$out/coincheck.svg"

run report -q --tz Asia/Tokyo -o "$out/coincheck.html"

say "2. The real chain: the nemesis block of the NEM main network"
XEMTRACE_CASE=$out/nemesis.xemtrace
rm -f "$XEMTRACE_CASE" "$out/node.port"
build/release/tests/node/fixture_node --port 0 --port-file "$out/node.port" \
	fixtures/nis/mainnet-nemesis-block.json &
node=$!
trap 'kill $node 2>/dev/null || true' EXIT
i=0
while [ ! -s "$out/node.port" ]; do
	i=$((i + 1))
	[ $i -lt 100 ] || { echo "the fixture node did not start" >&2; exit 1; }
	sleep 0.1
done
url=http://127.0.0.1:$(cat "$out/node.port")
seed=NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5
run label import fixtures/labels/nem-known-addresses.yaml
run crawl "$seed" --node "$url" --depth 1 --rate 1000
run show "$seed" -n 3
run top --by received -n 10
run seed add --theft nemesis --account "$seed" --height 0
run trace -q "$seed" -n 10
run status -q
run verify -q
run graph -q --max-edges 25 --title "NEM nemesis block: the 25 largest stakes" \
	-o "$out/nemesis.dot"
run graph -q --max-edges 25 --title "NEM nemesis block: the 25 largest stakes" \
	--format svg -o "$out/nemesis.svg"

say "Files written"
rm -f "$out/node.port"
ls -l "$out"
