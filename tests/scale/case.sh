#!/bin/sh
# A finished case of the scale model: labels, seed, and a whole crawl through the fixture
# node; probable services are followed. DIR is what make.sh filled. Further arguments go to the crawl.
# usage: case.sh XEMTRACE FIXTURE_NODE DIR CASE [ARG...]
set -eu
xemtrace=$1
node=$2
case=$4
model=$3
shift 4
. "$(dirname "$0")/../e2e/node.sh"
chain=$model/chain.json
thief=$(cat "$model/thief.txt")
rm -f "$case" "$case"-*
"$xemtrace" --case "$case" label import "$model/labels.yaml" >/dev/null
"$xemtrace" --case "$case" seed add --theft model --account "$thief" \
	--from 2018-01-26T00:00+09:00 --to 2018-01-26T08:30+09:00 >/dev/null
start
# Whole histories, where the program would else begin at the first stolen money.
"$xemtrace" crawl --help | grep -q -e --full-history && set -- --full-history "$@"
"$xemtrace" --case "$case" crawl "$thief" --node "$url" \
	--depth 1000 --rate 1000 --connections 16 --blocks order --fan 0 -q "$@"
