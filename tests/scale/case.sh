#!/bin/sh
# A finished case of the scale model: labels, seed, and a whole crawl through the fixture
# node; probable services are followed. DIR is what make.sh filled. Further arguments go to the crawl.
# usage: case.sh XEMTRACE FIXTURE_NODE DIR CASE [ARG...]
set -eu
xemtrace=$1
node=$2
dir=$3
case=$4
shift 4
tmp=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$tmp"' EXIT INT TERM
thief=$(cat "$dir/thief.txt")
rm -f "$case" "$case"-*
"$xemtrace" --case "$case" label import "$dir/labels.yaml" >/dev/null
"$xemtrace" --case "$case" seed add --theft model --account "$thief" \
	--from 2018-01-26T00:00+09:00 --to 2018-01-26T08:30+09:00 >/dev/null
"$node" --port-file "$tmp/port" "$dir/chain.json" >/dev/null 2>&1 &
pid=$!
i=0
while [ ! -s "$tmp/port" ] && [ $i -lt 400 ]; do
	sleep 0.05
	i=$((i + 1))
done
# Whole histories, where the program would else begin at the first stolen money.
"$xemtrace" crawl --help | grep -q -e --full-history && set -- --full-history "$@"
"$xemtrace" --case "$case" crawl "$thief" --node "http://127.0.0.1:$(cat "$tmp/port")" \
	--depth 1000 --rate 1000 --connections 16 --blocks order --fan 0 -q "$@"
