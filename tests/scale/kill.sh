#!/bin/sh
# A crawl of the scale model that is killed (SIGKILL) after random numbers of answers, again
# and again, ends with the same case as one that was not. Answers aside: some are asked twice.
# usage: kill.sh XEMTRACE FIXTURE_NODE DIR WHOLE_CASE [KILLS [SEED]]
set -u
xemtrace=$1
node=$2
model=$3
whole=$4
kills=${5:-6}
seed=${6:-1}
. "$(dirname "$0")/../e2e/node.sh"
chain=$model/chain.json
thief=$(cat "$model/thief.txt")

dump()
{
	sqlite3 "$1" "
		SELECT id, party, hex(key), state, depth, balance, balance_height, difference,
			reason FROM account;
		SELECT id, hex(hash), ref, height, idx, ledger_height, ord, time, time_kind,
			type, fee, provenance, signer, message FROM tx ORDER BY id;
		SELECT * FROM transfer ORDER BY height, ord, tx, sub;
		SELECT height, hex(hash), hex(txs) FROM block ORDER BY height;
		SELECT mosaic, height, levy_kind, levy_recipient, levy_fee, provenance
			FROM mosaic_definition;
		SELECT account, depth, transfers_done, harvests_done, top_height FROM crawl;
		SELECT id, type, hex(text) FROM message;
		SELECT what, text FROM incident;
		SELECT key, value FROM meta WHERE key NOT IN
			('crawl_anchor_node', 'crawl_confirmed') ORDER BY key;"
	"$xemtrace" --case "$1" taint --policy haircut --format csv -q
	"$xemtrace" --case "$1" exchanges --format csv -q
}

full=
"$xemtrace" crawl --help | grep -q -e --full-history && full=--full-history
# What is to be crawled, behind the words that are given.
crawl()
{
	"$@" "$xemtrace" --case "$dir/cut" crawl "$thief" --node "$url" --depth 1000 \
		--rate 1000 --connections 16 --blocks order --fan 0 -q $full
}

"$xemtrace" --case "$dir/cut" label import "$model/labels.yaml" >/dev/null || exit 1
"$xemtrace" --case "$dir/cut" seed add --theft model --account "$thief" \
	--from 2018-01-26T00:00+09:00 --to 2018-01-26T08:30+09:00 >/dev/null || exit 1
n=0
points=
start
while [ $n -lt "$kills" ]; do
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	after=$((1 + seed / 65536 % 1400))
	crawl killed "$after"
	# A crawl that is done before its number of answers is not killed any more.
	[ $code -eq 0 ] && break
	[ $code -eq 137 ] || { echo "kill: exit code $code, not killed"; exit 1; }
	points="$points $after"
	n=$((n + 1))
done
[ $n -ge 3 ] || { echo "kill: killed only $n times"; exit 1; }
crawl env >"$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
stop
cp "$whole" "$dir/whole"
dump "$dir/whole" >"$dir/whole.txt"
dump "$dir/cut" >"$dir/cut.txt"
[ "$(wc -l <"$dir/whole.txt")" -gt 50000 ] || { echo "kill: an empty case"; exit 1; }
cmp -s "$dir/whole.txt" "$dir/cut.txt" || {
	echo "kill: after$points answers the case differs"
	diff "$dir/whole.txt" "$dir/cut.txt" | head -20
	exit 1
}
echo "kill: killed after$points answers: the same case"
