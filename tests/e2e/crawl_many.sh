#!/bin/sh
# Many requests under way, several nodes, some of them sick; one crawl at a time; Ctrl-C.
# usage: crawl_many.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
. "$(dirname "$0")/node.sh"

# Synthetic: a root that pays 12 accounts, which pay three each.
{
	echo 'opening bank 1000000'
	echo 'bank -> root 100000 fee 1 @2'
	i=0
	while [ $i -lt 48 ]; do
		if [ $i -lt 12 ]; then
			echo "root -> a$i 5000 fee 1 @$((i + 3))"
		else
			echo "a$(((i - 12) / 3)) -> a$i 1000 fee 1 @$((i + 3))"
		fi
		i=$((i + 1))
	done
} >"$dir/chain.ledger"
make_chain "$dir/chain.ledger"
root=$(addr root)

# The same rows, whoever gave them and in whatever order the answers came.
dump()
{
	sqlite3 "$1" "
		SELECT id, party, state, depth, balance, balance_height, reason FROM account;
		SELECT id, hex(hash), height, ord FROM tx ORDER BY id;
		SELECT * FROM transfer ORDER BY height, ord, tx, sub;"
}
run()
{
	name=$1
	shift
	"$xemtrace" --case "$dir/$name" crawl "$root" --depth 9 --blocks none -q "$@" \
		>"$dir/out" 2>"$dir/err"
	code=$?
}

start --log "$dir/log"
run whole --node "$url" --connections 1 --rate 1000
[ $code -eq 0 ] || fail "one connection: exit code $code: $(cat "$dir/err")"
dump "$dir/whole" >"$dir/whole.txt"
one=$(wc -l <"$dir/log")
stop

# Sixteen at once: the same case, the same number of requests, many of them under way together.
start --log "$dir/log16" --slow 100
run many --node "$url" --connections 16 --rate 1000
[ $code -eq 0 ] || fail "sixteen connections: exit code $code: $(cat "$dir/err")"
dump "$dir/many" | cmp -s - "$dir/whole.txt" || fail "sixteen connections: another case"
[ "$(wc -l <"$dir/log16")" -eq "$one" ] || fail "sixteen connections: other requests"
most=$(cut -d' ' -f5 "$dir/log16" | sort -n | tail -1)
[ "$most" -ge 8 ] && [ "$most" -le 16 ] || fail "sixteen connections: $most requests at once"
[ "$(cut -d' ' -f5 "$dir/log" | sort -n | tail -1)" -eq 1 ] || fail "one connection: two requests at once"
stop

# A node's filter is never met. (That of 60 a second: on a busy machine requests that were
# sent in time may be read in a heap.)
start --rate 60 --log "$dir/log50"
run filter --node "$url" --rate 50
[ $code -eq 0 ] || fail "filter: exit code $code: $(cat "$dir/err")"
grep -q ' 429 ' "$dir/log50" && fail "filter: 429 was answered"
stop

# A sick node beside an honest one: the same accounts, read to the end.
sick()
{
	name=$1
	shift
	start "$@"
	bad=$url
	start --id-seed 7
	run "$name" --node "$bad" --node "$url" --rate 1000
	n=$(sqlite3 "$dir/$name" "SELECT count(*) FROM account WHERE state = 2")
	[ "$n" -eq 49 ] || fail "$name: $n accounts are complete: $(cat "$dir/err")"
	stop
}
sick loading --loading
sick redirect --redirect http://127.0.0.1:1/
sick gone --exit-after 40
sick cut --from 20 --cut 30
sick busy --from 20 --fail 503:1
sick endless --only /account/transfers --from 30 --endless
sick fork --from 20 --html

# Two crawls on one case: the second says so and leaves.
start --slow 2000
"$xemtrace" --case "$dir/lock" crawl "$root" --depth 9 --blocks none --node "$url" -q \
	>/dev/null 2>&1 &
first=$!
until [ -e "$dir/lock-crawl" ]; do
	kill -0 "$first" 2>/dev/null || fail "the first crawl ended"
	sleep 0.02
done
run lock --node "$url"
[ $code -eq 75 ] || fail "second crawl: exit code $code"
grep -q 'another crawl is at work' "$dir/err" || fail "second crawl: $(cat "$dir/err")"

# Ctrl-C: at a clean point; and another crawl goes on from there.
kill -TERM "$first"
wait "$first"
code=$?
[ $code -ne 0 ] && { [ $code -lt 128 ] || [ $code -eq 130 ]; } || fail "stopped with exit code $code"
[ ! -e "$dir/lock-crawl" ] || fail "the lock is left behind"
stop
start
run lock --node "$url" --connections 16
[ $code -eq 0 ] || fail "after a stop: exit code $code: $(cat "$dir/err")"
dump "$dir/lock" | cmp -s - "$dir/whole.txt" || fail "after a stop: another case"
stop
echo "crawl_many: ok"
