#!/bin/sh
# Reorganisations: the node goes over to another chain after the n-th answer, for every n of a
# crawl; the case ends as one of the new chain alone. Between two crawls; with a kill in the middle;
# with two nodes; with whole blocks. What left the chain is kept as evidence.
# usage: crawl_reorg.sh XEMTRACE FIXTURE_NODE MKCHAIN CHECKER [STEP]
set -u
xemtrace=$1
node=$2
mkchain=$3
checker=$4
step=${5:-1}
. "$(dirname "$0")/node.sh"

# Synthetic. The first chain and the one that replaces it from block 10 on (the fork): payments
# that vanish, move, stay, and come anew; one leads to an account that nothing else leads to. The
# second one ends lower (c), or higher (b).
first_part()
{
	echo 'opening seed 1000'
	echo 'opening other 50'
	echo 'seed -> one 400 fee 0.1 @2'
	echo 'one -> two 300 fee 0.1 @3'
	echo 'seed -> three 50 fee 0.1 @4'
	i=5
	while [ $i -lt 10 ]; do
		echo "three -> four 1 \"row $i\" fee 0.1 @$i"
		i=$((i + 1))
	done
	echo 'harvester two'
}
{
	first_part
	echo 'two -> lost 120 "vanishes" fee 0.1 @10'
	echo 'one -> moved 50 "moves" fee 0.1 at 0 @11'
	echo 'seed -> stays 10 "stays" fee 0.1 at 0 @12'
	echo 'three -> four 5 fee 0.1 at 0 @12'
	echo 'height 14'
} >"$dir/a.ledger"
tail_b()
{
	echo 'other -> one 1 fee 0.1 @10'
	echo 'two -> new 99 "comes anew" fee 0.1 @10'
	echo 'seed -> stays 10 "stays" fee 0.1 at 0 @12'
	echo 'one -> moved 50 "moves" fee 0.1 at -120 @13'
	echo 'new -> last 9 fee 0.1 @13'
}
{ first_part; tail_b; echo 'height 20'; } >"$dir/b.ledger"
{ first_part; tail_b; } >"$dir/c.ledger"
for x in a b c; do
	"$mkchain" "$dir/$x.ledger" -o "$dir/$x.json" || fail "no chain $x"
done
seed=$(addr seed)
lost=$(addr lost)
two=$(addr two)
moved=$("$mkchain" --hashes "$dir/b.ledger" | awk '$2 == 13 && $3 == 0 { print $5 }')

crawl()
{
	name=$1
	shift
	"$xemtrace" --case "$dir/$name" crawl "$seed" --depth 9 --rate 1000 -q "$@" \
		>"$dir/out" 2>"$dir/err"
	code=$?
}

# What the case knows, without row ids, answers and the course of the crawl.
dump()
{
	sqlite3 "$1" "
		SELECT 'tx', hex(x.hash), x.ref, x.height, x.idx, x.time, x.time_kind, x.provenance,
			t.ord, t.sub, t.kind, s.party, r.party, t.amount
			FROM transfer t JOIN tx x ON x.id = t.tx LEFT JOIN account s ON s.id = t.sender
			LEFT JOIN account r ON r.id = t.recipient
			ORDER BY t.height, t.ord, coalesce(x.hash, x.ref), t.sub;
		SELECT 'account', party, state, depth, balance, balance_height, difference, reason
			FROM account WHERE state <> 0 ORDER BY party;
		SELECT 'block', height, hex(hash), hex(txs) FROM block WHERE length(txs) > 0 ORDER BY height;
		SELECT 'crawl', a.party, c.transfers_done, c.harvests_done, c.top_height, c.known
			FROM crawl c JOIN account a ON a.id = c.account ORDER BY a.party;
		SELECT 'final', value FROM meta WHERE key = 'crawl_final' AND value <> '';"
}

sound()
{
	"$xemtrace" --case "$dir/$1" verify >"$dir/v" 2>&1 || fail "$1: verify: $(cat "$dir/v")"
	"$xemtrace" --case "$dir/$1" replay >"$dir/v" 2>&1 || fail "$1: replay: $(cat "$dir/v")"
}

checked()
{
	rm -rf "$dir/answers"
	"$xemtrace" --case "$dir/$1" verify --export-answers "$dir/answers" >/dev/null 2>&1
	python3 "$checker" "$dir/$1" --answers "$dir/answers" >"$dir/v" 2>&1 || fail "$1: $(cat "$dir/v")"
}

for x in a b c; do
	start --log "$dir/log-$x" "$dir/$x.json"
	crawl "on-$x" --node "$url"
	[ $code -eq 0 ] || fail "$x: exit code $code: $(cat "$dir/err")"
	stop
	dump "$dir/on-$x" >"$dir/$x.txt"
done
cmp -s "$dir/a.txt" "$dir/b.txt" && fail "the chains are the same"
total=$(wc -l <"$dir/log-a")
[ "$total" -ge 30 ] || fail "only $total requests"

# After every answer of a crawl.
each()
{
	n=1
	orphans=0
	while [ "$n" -lt "$total" ]; do
		start --reorg-after "$n:$dir/$1.json" "$dir/a.json"
		rm -f "$dir/case"
		crawl case --node "$url" $2
		stop
		[ $code -eq 0 ] || fail "$1, answer $n: exit code $code: $(cat "$dir/err")"
		dump "$dir/case" >"$dir/case.txt"
		cmp -s "$dir/case.txt" "$dir/$1.txt" || {
			diff "$dir/case.txt" "$dir/$1.txt" | head -20
			fail "$1, answer $n: another case than that of the new chain"
		}
		sound case
		k=$(sqlite3 "$dir/case" "SELECT count(*) FROM orphan WHERE again IS NULL")
		orphans=$((orphans + k))
		n=$((n + step))
	done
	[ $orphans -gt 0 ] || fail "$1: no transaction ever left the chain"
	checked case
}
each b '--connections 1'
each c '--connections 4'

same()
{
	dump "$dir/$1" >"$dir/case.txt"
	cmp -s "$dir/case.txt" "$dir/$2.txt" || {
		diff "$dir/case.txt" "$dir/$2.txt" | head -20
		fail "$1: another case than that of chain $2"
	}
	sound "$1"
	checked "$1"
}

# Between two crawls, and back again: what comes back is in the ledger again, once.
start "$dir/a.json"
crawl between --node "$url"
"$xemtrace" --case "$dir/between" seed add --theft t --tx \
	"$("$mkchain" --hashes "$dir/a.ledger" | awk '$2 == 2 { print $5 }')" >/dev/null || fail "seed"
"$xemtrace" --case "$dir/between" taint -q >/dev/null || fail "taint"
# A node's word about heights below 360 is final for nobody.
"$xemtrace" --case "$dir/between" trace -q "$seed" --format json | grep -q '"code": "soft"' ||
	fail "a trace does not say what may still change"
stop
start "$dir/b.json"
# All of it: what is not stolen, too.
crawl between --node "$url" --full-history
[ $code -eq 0 ] || fail "between: exit code $code: $(cat "$dir/err")"
stop
same between b
[ "$(sqlite3 "$dir/between" "SELECT height || ' ' || again FROM orphan WHERE hash = x'$moved'")" = '11 13' ] ||
	fail "between: the payment that moved is not told: $(sqlite3 "$dir/between" 'SELECT * FROM v_orphan')"
[ "$(sqlite3 "$dir/between" "SELECT count(*) FROM orphan WHERE again IS NULL")" = 2 ] ||
	fail "between: two payments are gone"
sqlite3 "$dir/between" "SELECT count(*) FROM v_orphan WHERE gone_at IS NULL OR answer IS NULL OR brought_by IS NULL" |
	grep -qx 0 || fail "between: when and by which answer is not told"
"$xemtrace" --case "$dir/between" show "$lost" --format json >"$dir/lost" 2>&1 &&
	grep -q 'vanishes' "$dir/lost" && fail "between: a payment that is gone is shown"
# The stored run is of another ledger now, and a new one is that of the new chain.
"$xemtrace" --case "$dir/between" taint --runs --format json | grep -q '"stale": true' ||
	fail "between: the stored run is not called stale"
"$xemtrace" --case "$dir/between" taint -q --format json | grep -v '"run":' >"$dir/t1" || fail "taint"
cp "$dir/on-b" "$dir/fresh"
"$xemtrace" --case "$dir/fresh" seed add --theft t --tx \
	"$("$mkchain" --hashes "$dir/a.ledger" | awk '$2 == 2 { print $5 }')" >/dev/null || fail "seed"
"$xemtrace" --case "$dir/fresh" taint -q --format json | grep -v '"run":' >"$dir/t2" || fail "taint"
cmp -s "$dir/t1" "$dir/t2" || fail "between: the taint is not that of the new chain"
# What is told of it is checked, and sealed with the rest.
cp "$dir/between" "$dir/sealed"
"$xemtrace" seal --new-key "$dir/key" >/dev/null || fail "no key"
"$xemtrace" --case "$dir/sealed" seal --key "$dir/key" --name examiner >/dev/null || fail "no seal"
sound sealed
checked sealed
tamper()
{
	cp "$dir/sealed" "$dir/tampered"
	sqlite3 "$dir/tampered" "$1" || fail "$1"
	"$xemtrace" --case "$dir/tampered" verify >"$dir/v" 2>&1
	[ $? -eq 3 ] || fail "verify did not find: $1"
	grep -q "$2" "$dir/v" || fail "verify of $1: $(cat "$dir/v")"
	python3 "$checker" "$dir/tampered" --answers "$dir/answers" >"$dir/v" 2>&1
	[ $? -eq 3 ] || fail "the checker did not find: $1"
	grep -q "FINDING $2" "$dir/v" || fail "the checker, of $1: $(cat "$dir/v")"
}
tamper "UPDATE orphan SET bytes = (SELECT bytes FROM tx_bytes LIMIT 1) WHERE again IS NULL" orphan
tamper "UPDATE orphan SET again = 12 WHERE again = 13" orphan
tamper "UPDATE orphan SET again = 13 WHERE again IS NULL" orphan
tamper "UPDATE orphan SET height = 9 WHERE height = 10" orphan
tamper "UPDATE orphan SET brought = 3 WHERE again IS NULL" orphan
tamper "DELETE FROM orphan WHERE again IS NULL" seal
start --reorg-when "$dir/flag:$dir/c.json" "$dir/a.json"
crawl between --node "$url" --full-history
same between a
# The node had block 14, and has 13: it went back.
: >"$dir/flag"
crawl between --node "$url" --full-history
[ $code -eq 0 ] || fail "shorter: exit code $code: $(cat "$dir/err")"
stop
same between c
# Another node that is merely behind takes nothing away.
start --height 12 "$dir/c.json"
crawl between --node "$url" --full-history
[ $code -eq 0 ] || fail "behind: exit code $code: $(cat "$dir/err")"
stop
same between c

# Killed after the k-th answer; the chain has changed when it goes on.
k=5
while [ "$k" -lt "$total" ]; do
	rm -f "$dir"/killed*
	start "$dir/a.json"
	killed "$k" "$xemtrace" --case "$dir/killed" crawl "$seed" --depth 9 --rate 1000 -q --node "$url"
	stop
	start --reorg-after "$((1 + k % 4)):$dir/b.json" "$dir/a.json"
	crawl killed --node "$url"
	stop
	[ $code -eq 0 ] || fail "killed after $k: exit code $code: $(cat "$dir/err")"
	dump "$dir/killed" >"$dir/killed.txt"
	cmp -s "$dir/killed.txt" "$dir/b.txt" || {
		diff "$dir/killed.txt" "$dir/b.txt" | head
		fail "killed after $k: another case"
	}
	sound killed
	k=$((k + 4 + step))
done

# Killed while the case is being set right.
start --log "$dir/log-k" --reorg-after "20:$dir/b.json" "$dir/a.json"
crawl count --node "$url"
stop
k=21
while [ "$k" -lt "$(wc -l <"$dir/log-k")" ]; do
	rm -f "$dir"/killed*
	start --reorg-after "20:$dir/b.json" "$dir/a.json"
	killed "$k" "$xemtrace" --case "$dir/killed" crawl "$seed" --depth 9 --rate 1000 -q --node "$url"
	stop
	start "$dir/b.json"
	crawl killed --node "$url"
	stop
	[ $code -eq 0 ] || fail "killed after $k of it: exit code $code: $(cat "$dir/err")"
	dump "$dir/killed" >"$dir/killed.txt"
	cmp -s "$dir/killed.txt" "$dir/b.txt" || {
		diff "$dir/killed.txt" "$dir/b.txt" | head
		fail "killed after $k of it: another case"
	}
	sound killed
	k=$((k + 3 + step))
done

# Blocks above the one that was noted came while the crawl ran: they were never confirmed, and
# the next crawl looks at them again. Chain d leaves a above block 11; short is a up to there.
{
	sed '/^seed -> stays/,$d' "$dir/a.ledger"
	echo 'height 11'
} >"$dir/short.ledger"
{
	sed '/^seed -> stays/,$d' "$dir/a.ledger"
	echo 'three -> four 7 fee 0.1 @12'
	echo 'four -> late 3 fee 0.1 @13'
	echo 'height 15'
} >"$dir/d.ledger"
for x in short d; do
	"$mkchain" "$dir/$x.ledger" -o "$dir/$x.json" || fail "no chain $x"
done
start "$dir/d.json"
crawl on-d --node "$url"
stop
# Harvests of an account with no new transfer are not looked for (docs/crawl.md).
dump "$dir/on-d" | grep -v '^account\|^crawl\|harvest:1[2-5]' >"$dir/d.txt"
sqlite3 "$dir/on-d" "SELECT party, state, depth, balance FROM account WHERE state <> 0 ORDER BY 1" >"$dir/d.acc"
n=5
while [ $n -lt "$total" ]; do
	rm -f "$dir/grown"
	start --reorg-after "$n:$dir/a.json" "$dir/short.json"
	crawl grown --node "$url"
	stop
	[ $code -eq 0 ] || fail "grown after $n: exit code $code: $(cat "$dir/err")"
	start "$dir/d.json"
	crawl grown --node "$url"
	stop
	[ $code -eq 0 ] || fail "grown after $n: exit code $code: $(cat "$dir/err")"
	dump "$dir/grown" | grep -v '^account\|^crawl\|harvest:1[2-5]' >"$dir/grown.txt"
	cmp -s "$dir/grown.txt" "$dir/d.txt" || {
		diff "$dir/grown.txt" "$dir/d.txt" | head
		fail "grown after $n: another ledger"
	}
	# An account with nothing new keeps the height of its balance; one whose only payment is gone
	# stays read.
	sqlite3 "$dir/grown" "SELECT party, state, depth, balance FROM account WHERE state <> 0 ORDER BY 1" |
		comm -13 - "$dir/d.acc" | grep -v "$two" >"$dir/missing"
	[ -s "$dir/missing" ] && fail "grown after $n: other accounts: $(cat "$dir/missing")"
	sound grown
	n=$((n + 2 + step))
done
checked grown

# Two nodes, one of them on another fork: it is named and given up, the other one goes on.
start "$dir/a.json"
url_a=$url
start --id-seed 3 "$dir/c.json"
url_b=$url
start --id-seed 5 "$dir/c.json"
crawl two --node "$url_a" --node "$url_b" --node "$url"
[ $code -eq 0 ] || fail "two: exit code $code: $(cat "$dir/err")"
[ "$(sqlite3 "$dir/two" "SELECT node FROM incident WHERE what = 'fork'")" = "$url_a" ] ||
	fail "two: $(sqlite3 "$dir/two" "SELECT * FROM incident")"
stop
dump "$dir/two" >"$dir/two.txt"
grep '^tx' "$dir/two.txt" >"$dir/two.tx"
grep '^tx' "$dir/c.txt" | cmp -s - "$dir/two.tx" || fail "two: another ledger"
sound two

# One that is far behind another is no sign of a reorganisation, at the beginning or at the end.
start --height 5 "$dir/b.json"
url_b=$url
start --id-seed 5 "$dir/b.json"
crawl behind --node "$url_b" --node "$url"
[ $code -eq 0 ] || fail "far behind: exit code $code: $(cat "$dir/err")"
stop
[ "$(sqlite3 "$dir/behind" "SELECT count(*) FROM incident WHERE what IN ('fork', 'reorganisation')")" = 0 ] ||
	fail "far behind: taken for a fork"
[ "$(sqlite3 "$dir/behind" "SELECT value FROM meta WHERE key = 'crawl_anchor'")" = 20 ] || fail "far behind: anchor"
dump "$dir/behind" | grep '^tx' >"$dir/behind.tx"
grep '^tx' "$dir/b.txt" | cmp -s - "$dir/behind.tx" || fail "far behind: another ledger"

# Whole blocks, and the chain changes after the n-th answer.
n=3
while [ $n -lt 9 ]; do
	start --reorg-after "$n:$dir/b.json" "$dir/a.json"
	rm -f "$dir/scan"
	"$xemtrace" --case "$dir/scan" crawl --blocks 1..20 --rate 1000 -q --node "$url" >"$dir/out" 2>"$dir/err"
	code=$?
	[ $code -eq 0 ] || fail "blocks, answer $n: exit code $code: $(cat "$dir/err")"
	"$xemtrace" --case "$dir/scan" crawl --blocks 1.. --rate 1000 -q --node "$url" >"$dir/out" 2>"$dir/err"
	stop
	[ "$(sqlite3 "$dir/scan" "SELECT count(*) FROM block WHERE whole = 1")" = 20 ] ||
		fail "blocks, answer $n: not all"
	sqlite3 "$dir/scan" "SELECT hex(hash) FROM tx WHERE hash IS NOT NULL ORDER BY 1" >"$dir/scan.txs"
	"$mkchain" --hashes "$dir/b.ledger" | awk '{ print toupper($5) }' | sort | cmp -s - "$dir/scan.txs" ||
		fail "blocks, answer $n: not those of the new chain"
	sqlite3 "$dir/scan" "SELECT party, state, reason FROM account WHERE state <> 0 AND id IN
		(SELECT sender FROM transfer UNION SELECT recipient FROM transfer) ORDER BY 1" >"$dir/scan-$n"
	cmp -s "$dir/scan-$n" "$dir/scan-3" || fail "blocks, answer $n: accounts"
	[ "$(grep -c 'blocks 1 to 20$' "$dir/scan-$n")" -ge 10 ] || fail "blocks, answer $n: $(cat "$dir/scan-$n")"
	sound scan
	n=$((n + 1))
done
echo "crawl_reorg: ok"
