#!/bin/sh
# Whole blocks of a window: `crawl --blocks FROM..TO`. Every account of a chain that is read from
# block 1 on is complete without being asked about; the same rows whether blocks come ten at a time
# or one by one, after a SIGKILL at any answer, and together with lists of accounts.
# usage: crawl_scan.sh XEMTRACE FIXTURE_NODE MKCHAIN CHECKER
set -u
xemtrace=$1
node=$2
mkchain=$3
checker=$4
. "$(dirname "$0")/node.sh"

# Synthetic, as theft-small says of itself; with blocks after it in which nothing moves, so that
# the lent key's blocks count, and one more payment.
{
	cat fixtures/nis/theft-small.ledger
	echo 'victim -> clean 1 fee 0.1 @500'
	echo 'height 523'
} >"$dir/ledger"
make_chain "$dir/ledger"
"$mkchain" --balances "$dir/ledger" | sort >"$dir/truth"
victim=$(addr victim)

crawl()
{
	name=$1
	shift
	"$xemtrace" --case "$dir/$name" crawl --node "$url" --rate 1000 -q "$@" \
		>"$dir/out" 2>"$dir/err"
	code=$?
}

# Rows without row ids and answers.
ledger()
{
	sqlite3 "$1" "
		SELECT hex(x.hash), x.ref, x.height, x.idx, x.time, x.time_kind, x.fee, x.provenance,
			t.ord, t.sub, t.kind, s.party, r.party, t.amount
			FROM transfer t JOIN tx x ON x.id = t.tx LEFT JOIN account s ON s.id = t.sender
			LEFT JOIN account r ON r.id = t.recipient
			WHERE x.height BETWEEN $2 AND $3
			ORDER BY t.height, t.ord, coalesce(x.hash, x.ref), t.sub;"
}
states()
{
	sqlite3 "$1" "SELECT party, hex(key), state, reason FROM account ORDER BY party;
		SELECT height, hex(hash), hex(txs), whole FROM block ORDER BY height;
		SELECT count(*), count(idx) FROM tx WHERE hash IS NOT NULL;"
}

sound()
{
	"$xemtrace" --case "$dir/$1" verify >"$dir/v" 2>&1 || fail "$1: verify: $(cat "$dir/v")"
	"$xemtrace" --case "$dir/$1" replay >"$dir/v" 2>&1 || fail "$1: replay: $(cat "$dir/v")"
	rm -rf "$dir/$1-answers"
	"$xemtrace" --case "$dir/$1" verify --export-answers "$dir/$1-answers" >/dev/null 2>&1
	python3 "$checker" "$dir/$1" --answers "$dir/$1-answers" >"$dir/v" 2>&1 ||
		fail "$1: $(cat "$dir/v")"
}

# The whole chain, ten blocks at a time.
start --log "$dir/log"
crawl whole --blocks 1..523
[ $code -eq 0 ] || fail "whole: exit code $code: $(cat "$dir/err")"
stop
total=$(wc -l <"$dir/log")
[ "$total" -le 60 ] || fail "whole: $total requests for 523 blocks"
grep -q account "$dir/log" && fail "whole: an account was asked about"
[ "$(sqlite3 "$dir/whole" "SELECT count(*) FROM block WHERE whole = 1")" = 523 ] || fail "whole: blocks"
[ "$(sqlite3 "$dir/whole" "SELECT count(*) FROM tx WHERE idx IS NULL AND hash IS NOT NULL")" = 0 ] ||
	fail "whole: an order is assumed"
# Balances as the maker of the chain has them, to the micro-XEM.
sqlite3 "$dir/whole" "SELECT party || ' ' || (
	coalesce((SELECT sum(amount) FROM transfer WHERE recipient = account.id), 0) -
	coalesce((SELECT sum(amount) FROM transfer WHERE sender = account.id), 0))
	FROM account WHERE state = 2" | sort >"$dir/have"
n=$(wc -l <"$dir/have")
[ "$n" -ge 15 ] || fail "whole: $n accounts are complete"
while read -r address uxem; do
	grep -q "^$address $uxem\b" "$dir/truth" || fail "whole: $address has $uxem: $(grep "$address" "$dir/truth")"
done <"$dir/have"
# All that the chain knows of, but the account that made the first block.
[ "$n" -ge "$(($(wc -l <"$dir/truth") - 1))" ] || fail "whole: $n of $(wc -l <"$dir/truth") accounts"
[ "$(sqlite3 "$dir/whole" "SELECT count(*) FROM account WHERE state <> 2")" = 1 ] || fail "whole: states"
sound whole
ledger "$dir/whole" 1 523 >"$dir/whole.txt"
states "$dir/whole" >"$dir/whole.states"

# One by one, from a node that keeps lists to itself.
start --no-local
crawl single --blocks 1..
[ $code -eq 0 ] || fail "one by one: exit code $code: $(cat "$dir/err")"
stop
ledger "$dir/single" 1 523 | cmp -s - "$dir/whole.txt" || fail "one by one: another ledger"
states "$dir/single" | cmp -s - "$dir/whole.states" || fail "one by one: other states"
sound single

# Asked again: nothing is to do.
start --log "$dir/log2"
crawl whole --blocks 1..523
[ $code -eq 0 ] || fail "again: exit code $code: $(cat "$dir/err")"
grep -q /local/ "$dir/log2" && fail "again: blocks were asked for twice"
states "$dir/whole" | cmp -s - "$dir/whole.states" || fail "again: other states"

# A seed of a whole chain needs no request about accounts either, and says where the money went.
crawl whole "$victim" --depth 5
[ $code -eq 0 ] || fail "seed: exit code $code: $(cat "$dir/err")"
grep -q account "$dir/log2" && fail "seed: an account was asked about"

# In pieces, the later ones first: what was unknown of the fees is known in the end.
crawl pieces --blocks 400..523
[ $code -eq 0 ] || fail "pieces: exit code $code: $(cat "$dir/err")"
[ "$(sqlite3 "$dir/pieces" "SELECT count(*) FROM account WHERE state = 2")" = 0 ] ||
	fail "pieces: a window makes nobody complete"
sqlite3 "$dir/pieces" "SELECT reason FROM account" | grep -q '^window: blocks 400 to 523 were read' ||
	fail "pieces: the window is not told"
sound pieces
crawl pieces --blocks 100..250
crawl pieces --blocks 1..523
[ $code -eq 0 ] || fail "pieces: exit code $code: $(cat "$dir/err")"
ledger "$dir/pieces" 1 523 | cmp -s - "$dir/whole.txt" || fail "pieces: another ledger"
states "$dir/pieces" | cmp -s - "$dir/whole.states" || fail "pieces: other states"
sound pieces

# Lists and blocks in one case: one row for what is met both ways, sums as before.
crawl lists "$victim" --depth 5
[ $code -eq 0 ] || fail "lists: exit code $code: $(cat "$dir/err")"
before=$(sqlite3 "$dir/lists" "SELECT count(*) FROM account WHERE state = 2 AND balance IS NOT NULL")
[ "$before" -ge 8 ] || fail "lists: $before accounts"
crawl lists --blocks 1..300
[ $code -eq 0 ] || fail "mixed: exit code $code: $(cat "$dir/err")"
crawl lists --blocks 1..
[ $code -eq 0 ] || fail "mixed: exit code $code: $(cat "$dir/err")"
ledger "$dir/lists" 1 523 | cmp -s - "$dir/whole.txt" || fail "mixed: another ledger"
[ "$(sqlite3 "$dir/lists" "SELECT count(*) FROM account WHERE state = 2 AND balance IS NOT NULL")" = "$before" ] ||
	fail "mixed: accounts that were complete are not"
sound lists
# A window first, accounts after it.
crawl window --blocks 5..12
ledger "$dir/window" 5 12 >"$dir/w1"
ledger "$dir/whole" 5 12 | cmp -s - "$dir/w1" || fail "window: other rows"
crawl window "$victim" --depth 5
[ $code -eq 0 ] || fail "window, then lists: exit code $code: $(cat "$dir/err")"
[ "$(sqlite3 "$dir/window" "SELECT count(*) FROM account WHERE state = 2 AND balance IS NOT NULL")" = "$before" ] ||
	fail "window, then lists: $before accounts were complete without the window"
sound window
# Usage.
crawl none --blocks 0..5
[ $code -eq 2 ] || fail "0..5: exit code $code"
crawl none --blocks 9..5
[ $code -eq 2 ] || fail "9..5: exit code $code"
crawl none --blocks 5..x
[ $code -eq 2 ] || fail "5..x: exit code $code"
stop

# Killed after the n-th answer, and run again.
kills() # TO STEP OPTION...
{
	to=$1
	step=$2
	shift 2
	start "$@"
	n=1
	while [ "$n" -le "$to" ]; do
		rm -f "$dir"/cut*
		killed "$n" "$xemtrace" --case "$dir/cut" crawl --node "$url" --rate 1000 -q \
			--blocks 1..523
		# After the last answers, one a connection, it may be done before the kill.
		[ $code -eq 137 ] || { [ $code -eq 0 ] && [ "$n" -gt $((to - 4)) ]; } ||
			fail "answer $n: exit code $code, not killed"
		crawl cut --blocks 1..523
		[ $code -eq 0 ] || fail "killed after $n: exit code $code: $(cat "$dir/err")"
		ledger "$dir/cut" 1 523 | cmp -s - "$dir/whole.txt" || fail "killed after $n: another ledger"
		states "$dir/cut" | cmp -s - "$dir/whole.states" || fail "killed after $n: other states"
		n=$((n + step))
	done
	stop
}
kills "$total" 3
kills 500 125 --no-local

# Lies: a block that was changed, a hash that is another's, heights left out; fees given to
# somebody else are not believed where the chain itself says whose they are. Over one connection, so
# that the n-th answer is of the same blocks each time: there are bytes that carry no meaning.
lie()
{
	what=$1
	shift
	start "$@"
	crawl "lie-$what" --connections 1 --blocks 1..523
	stop
	[ $code -eq 3 ] || fail "$what: exit code $code: $(cat "$dir/err")"
	[ "$(sqlite3 "$dir/lie-$what" "SELECT count(*) > 0 FROM incident")" = 1 ] || fail "$what: no incident"
	"$xemtrace" --case "$dir/lie-$what" verify >"$dir/v" 2>&1 || fail "$what: verify: $(cat "$dir/v")"
	start
	crawl "lie-$what" --blocks 1..523
	stop
	ledger "$dir/lie-$what" 1 523 | cmp -s - "$dir/whole.txt" || fail "$what: another ledger in the end"
}
lie amount --edit '"amount":600000000=>"amount":600000001@/local/chain/blocks-after'
lie time --edit '"timeStamp":8=>"timeStamp":9@/local/chain/blocks-after#2'
lie flip --flip '700:0@/local/chain/blocks-after#3'
someone=$(addr buyer)
harvester=$(addr harvester)
start --edit "\"beneficiary\":\"$harvester\"=>\"beneficiary\":\"$someone\"@/local"
crawl fees --blocks 1..523
stop
ledger "$dir/fees" 1 523 | cmp -s - "$dir/whole.txt" || fail "fees: a node's word was believed against the chain"
echo "crawl_scan: ok ($total requests)"
