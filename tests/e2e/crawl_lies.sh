#!/bin/sh
# Sick and lying nodes over real HTTP: the exit code, one clear line, and nothing wrong in the case.
# usage: crawl_lies.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
. "$(dirname "$0")/node.sh"
failed=0

make_chain fixtures/nis/theft-small.ledger
thief=$(addr thief)
clean=$(addr clean)
hash=$("$mkchain" --hashes fixtures/nis/theft-small.ledger | grep -Eo '[0-9a-f]{64}' | sed -n 11p)

# check NAME CODE TEXT: of the last crawl.
check()
{
	rows=$(sqlite3 "$dir/case" "SELECT count(*) FROM tx WHERE provenance NOT IN (1, 6)")
	if [ "$code" -ne "$2" ] || [ "$rows" != 0 ] ||
		{ [ -n "$3" ] && ! grep -q "$3" "$dir/err"; }; then
		echo "$1: exit code $code, not $2, or no '$3', or $rows unproven rows:"
		cat "$dir/err"
		failed=1
	fi
	rm -f "$dir"/case*
}

crawl()
{
	"$xemtrace" --case "$dir/case" crawl "$thief" --depth 1 --rate 1000 "$@" \
		>"$dir/out" 2>"$dir/err"
	code=$?
	stop
}

# one NAME CODE TEXT OPTION...: one node with these options.
one()
{
	name=$1
	want=$2
	text=$3
	shift 3
	start "$@"
	crawl --node "$url"
	check "$name" "$want" "$text"
}

one 'honest' 0 ''
one 'HTML' 75 'HTML or XML' --html
one 'HTML for lists' 3 'HTML or XML' --only /account/transfers --html
one 'half a JSON' 3 'not JSON' --only /account/transfers --truncate 100
one 'a flipped bit' 3 'does not hold\|claimed\|not a hex digit' --flip '812:0@/account/transfers/all'
one 'another amount' 3 'hash' --edit '"amount":400000000=>"amount":4000000@/account/transfers'
one 'reversed' 3 'is not below' --reverse-page
one 'foreign page' 3 'does not concern' --foreign-page "$clean"
one 'another block' 3 'was asked for' --edit '"height":3=>"height":5@/block/at'
one 'left out' 0 'leaves out' --omit "$hash"
one 'loading' 75 'LOADING' --loading
one 'now and then busy' 0 '' --fail 503:7

# Down, then honest: the second does the work.
start
crawl --node http://127.0.0.1:1 --node "$url"
check 'one node down' 0 'given up'
crawl --node http://127.0.0.1:1
check 'all nodes down' 75 '127.0.0.1:1'

# One lies, the other does not: complete, and on record.
start --flip '812:0@/account/transfers/all'
one=$url
start --id-seed 7
crawl --node "$one" --node "$url"
[ "$(sqlite3 "$dir/case" 'SELECT count(*) FROM account WHERE state = 3')" = 0 ] || {
	echo "one liar: accounts are incomplete"
	failed=1
}
check 'one liar' 3 'does not hold\|claimed\|not a hex digit'

# One leaves a transaction out: the comparison names it and both nodes.
start --omit "$hash"
one=$url
start --id-seed 7
crawl --node "$one" --node "$url" --quorum 2
check 'quorum' 3 "$hash.*lists it.*does not"

[ $failed -eq 0 ] && echo "all as it should be"
exit $failed
