#!/bin/sh
# A crawl that is killed (SIGKILL) after the n-th answer, for every n, and run again ends with
# the same case as an undisturbed one. Answers aside: some are asked twice.
# With SEEDED the case knows what was stolen, so that accounts are read by that.
# usage: crawl_kill.sh XEMTRACE FIXTURE_NODE MKCHAIN [STEP [SEEDED]]
set -u
xemtrace=$1
node=$2
mkchain=$3
step=${4:-1}
seeded=${5:-}
. "$(dirname "$0")/node.sh"

make_chain fixtures/nis/theft-small.ledger
victim=$(addr victim)
thief=$(addr thief)
shop=$(addr exchange-one)

dump()
{
	sqlite3 "$1" "
		SELECT * FROM account;
		SELECT id, hex(hash), ref, height, idx, ledger_height, ord, time, time_kind,
			type, fee, provenance, signer, message FROM tx ORDER BY id;
		SELECT * FROM transfer ORDER BY height, ord, tx, sub;
		SELECT height, hex(hash), hex(txs) FROM block;
		SELECT mosaic, height, levy_kind, levy_recipient, levy_fee, provenance
			FROM mosaic_definition;
		SELECT account, depth, transfers_done, harvests_done, top_height FROM crawl;
		SELECT id, type, text FROM message;
		SELECT what, text FROM incident;"
}

prepare()
{
	[ -n "$seeded" ] || return 0
	"$xemtrace" --case "$1" label add "$shop" --label Shop --category exchange -q >/dev/null &&
		"$xemtrace" --case "$1" seed add --theft one --account "$thief" --from 2 --to 2 \
			-q >/dev/null || exit 1
}

crawl()
{
	"$xemtrace" --case "$1" crawl "$victim" --node "$url" --depth 5 --rate 1000
}

start --log "$dir/log"
prepare "$dir/whole"
crawl "$dir/whole" >"$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
dump "$dir/whole" >"$dir/whole.txt"
total=$(wc -l <"$dir/log")
[ "$total" -gt 30 ] || { echo "only $total requests"; exit 1; }

n=1
while [ "$n" -le "$total" ]; do
	rm -f "$dir"/cut*
	prepare "$dir/cut"
	killed "$n" "$xemtrace" --case "$dir/cut" crawl "$victim" --node "$url" --depth 5 \
		--rate 1000
	# After the last answers, one a connection, it may be done before the kill comes.
	[ $code -eq 137 ] || { [ $code -eq 0 ] && [ "$n" -gt $((total - 4)) ]; } ||
		fail "answer $n: exit code $code, not killed"
	crawl "$dir/cut" >"$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
	dump "$dir/cut" >"$dir/cut.txt"
	cmp -s "$dir/whole.txt" "$dir/cut.txt" || {
		echo "killed after answer $n: the case differs"
		diff "$dir/whole.txt" "$dir/cut.txt" | head -20
		exit 1
	}
	n=$((n + step))
done
echo "killed after each of $total answers: the same case"
