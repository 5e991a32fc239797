#!/bin/sh
# Many requests under way, several nodes, some of them sick; one crawl at a time; Ctrl-C.
# usage: crawl_many.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
dir=$(mktemp -d) || exit 1
pids=
trap 'for p in $pids; do kill "$p" 2>/dev/null; done; rm -rf "$dir"' EXIT INT TERM

fail()
{
	echo "crawl_many: $*"
	exit 1
}

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
"$mkchain" "$dir/chain.ledger" -o "$dir/chain.json" || exit 1
root=$("$mkchain" --address root | cut -d' ' -f1)

# start PORTFILE OPTION...: a node; its URL in $url, its pid in $pid.
start()
{
	file=$1
	shift
	rm -f "$file"
	"$node" --port-file "$file" "$@" "$dir/chain.json" >/dev/null 2>&1 &
	pid=$!
	pids="$pids $pid"
	i=0
	while [ ! -s "$file" ] && [ $i -lt 100 ]; do
		sleep 0.05
		i=$((i + 1))
	done
	url=http://127.0.0.1:$(cat "$file")
}

stop()
{
	for p in $pids; do
		kill "$p" 2>/dev/null
		wait "$p" 2>/dev/null
	done
	pids=
}


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

start "$dir/port" --log "$dir/log"
run whole --node "$url" --connections 1 --rate 1000
[ $code -eq 0 ] || fail "one connection: exit code $code: $(cat "$dir/err")"
dump "$dir/whole" >"$dir/whole.txt"
one=$(wc -l <"$dir/log")
stop

# Sixteen at once: the same case, the same number of requests, and much sooner.
start "$dir/port" --log "$dir/log16" --slow 50
begin=$(date +%s%N)
run many --node "$url" --connections 16 --rate 1000
took=$((($(date +%s%N) - begin) / 1000000))
[ $code -eq 0 ] || fail "sixteen connections: exit code $code: $(cat "$dir/err")"
dump "$dir/many" | cmp -s - "$dir/whole.txt" || fail "sixteen connections: another case"
[ "$(wc -l <"$dir/log16")" -eq "$one" ] || fail "sixteen connections: other requests"
[ $took -lt $((one * 50 / 3)) ] || fail "sixteen connections: $one requests took $took ms"
stop

# A node's filter of 50 a second is never met.
start "$dir/port" --rate 50 --log "$dir/log50"
run filter --node "$url" --rate 50
[ $code -eq 0 ] || fail "filter: exit code $code: $(cat "$dir/err")"
grep -q ' 429$' "$dir/log50" && fail "filter: 429 was answered"
stop

# A sick node beside an honest one: the same accounts, read to the end.
sick()
{
	name=$1
	shift
	start "$dir/port1" "$@"
	bad=$url
	start "$dir/port2" --id-seed 7
	begin=$(date +%s)
	run "$name" --node "$bad" --node "$url" --rate 1000
	[ $(($(date +%s) - begin)) -lt 60 ] || fail "$name: took too long"
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
start "$dir/port" --slow 100
"$xemtrace" --case "$dir/lock" crawl "$root" --depth 9 --blocks none --node "$url" -q \
	>/dev/null 2>&1 &
first=$!
i=0
while [ ! -e "$dir/lock-crawl" ] && [ $i -lt 100 ]; do
	sleep 0.05
	i=$((i + 1))
done
run lock --node "$url"
[ $code -eq 75 ] || fail "second crawl: exit code $code"
grep -q 'another crawl is at work' "$dir/err" || fail "second crawl: $(cat "$dir/err")"

# Ctrl-C: within a second, at a clean point, and it says how to go on.
begin=$(date +%s%N)
kill -TERM "$first"
wait "$first"
code=$?
took=$((($(date +%s%N) - begin) / 1000000))
[ $took -lt 1000 ] || fail "stopped after $took ms"
[ $code -ne 0 ] && { [ $code -lt 128 ] || [ $code -eq 130 ]; } || fail "stopped with exit code $code"
[ ! -e "$dir/lock-crawl" ] || fail "the lock is left behind"
run lock --node "$url" --connections 16
[ $code -eq 0 ] || fail "after a stop: exit code $code: $(cat "$dir/err")"
dump "$dir/lock" | cmp -s - "$dir/whole.txt" || fail "after a stop: another case"
stop
echo "crawl_many: ok"
