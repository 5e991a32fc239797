#!/bin/sh
# A chain file without its empty blocks is served byte for byte as the whole one.
# usage: sparse_chain.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
node=$2
mkchain=$3
. "$(dirname "$0")/node.sh"

cat >"$dir/ledger" <<'L'
opening a 100
a -> b 5 @5
clock 9 2018-01-26T00:08:13
b -> a 1 @9 at 0
harvester a
height 11
harvester harvester
a -> b 1 @11
height 40
L
"$mkchain" "$dir/ledger" -o "$dir/whole.json" || exit 1
"$mkchain" --sparse "$dir/ledger" -o "$dir/sparse.json" || exit 1
[ "$(wc -c <"$dir/sparse.json")" -lt "$(($(wc -c <"$dir/whole.json") / 3))" ] || exit 1

ask()
{
	curl -s -H 'Content-Type: application/json' -d "{\"height\":$2}" \
		"$url$1"
}

for kind in whole sparse; do
	start "$dir/$kind.json"
	for h in 1 11 21 31; do
		ask /local/chain/blocks-after "$h"
	done >"$dir/$kind.out"
	for h in 1 2 9 10 40 41; do
		ask /block/at/public "$h"
	done >>"$dir/$kind.out"
	curl -s "$url/chain/last-block" >>"$dir/$kind.out"
	stop
done
grep -q '"height":40' "$dir/whole.out" || fail "no answers"
# Errors carry the time of the node's last block: the same too.
cmp "$dir/whole.out" "$dir/sparse.out" || exit 1
echo "sparse_chain: ok"
