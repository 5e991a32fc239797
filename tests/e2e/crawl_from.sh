#!/bin/sh
# Only what matters: accounts are read from the height on at which stolen money can first have
# reached them; what they held before is derived. Numbers worked by hand, then random chains:
# the results are those of full histories, whatever the kill point.
# usage: crawl_from.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
here=$(dirname "$0")
. "$(dirname "$0")/node.sh"

x()
{
	case=$1
	shift
	"$xemtrace" --case "$dir/$case" "$@" -q >"$dir/out" 2>"$dir/err" ||
		fail "$case: $*: $(cat "$dir/err")"
}

crawl()
{
	case=$1
	shift
	x "$case" crawl --node "$url" --rate 1000 --blocks none --depth 9 "$@"
}

# Requests for lists of an account.
asked()
{
	grep "/transfers/all" "$dir/log-part" | grep -c "$(addr "$1")"
}

same()
{
	[ "$2" = "$3" ] || fail "$1: is
$3
and should be
$2"
}

# A new case with what was stolen.
begin()
{
	x "$1" label add "$(addr victim)" --label Victim --category victim
	x "$1" seed add --theft one --account "$thief" --from "$2" --to "$2"
}

# Of an account: state, from which height, what it held before, how that is known.
from()
{
	sqlite3 -separator ' ' "$dir/$1" "SELECT state, complete_from,
		held_before_xem, held_before_way FROM v_account WHERE address = '$(addr "$2")'"
}

# What arrived and is held, by account and theft, under each policy. Totals of all that an account ever
# got are those of what was read: they differ.
results()
{
	for policy in haircut fifo lifo dirty_first clean_first poison; do
		"$xemtrace" --case "$dir/$1" status -q --format json --policy $policy \
			>"$dir/status-$policy" || fail "$1: status"
		"$xemtrace" --case "$dir/$1" top -q --by held -n 1000 --format json \
			--policy $policy >"$dir/top-$policy" || fail "$1: top"
	done
	python3 - "$dir" <<'P' || fail "$1: results"
import glob, json, sys
paths = sorted(glob.glob(sys.argv[1] + "/status-*") + glob.glob(sys.argv[1] + "/top-*"))
assert len(paths) == 12, paths
for path in paths:
    print(path.rsplit("/")[-1])
    for r in json.load(open(path))["result"]:
        if "coverage" in r:
            print(r["coverage"], r["stops"])
        else:
            print(r["address"], r["state"], r["tainted_volume"], r["held_uxem"])
P
}

# The case without answers and row numbers.
dump()
{
	sqlite3 "$dir/$1" "
		SELECT party, state, depth, balance, balance_height, difference, reason
			FROM account ORDER BY party;
		SELECT hex(hash), height, idx FROM tx ORDER BY 1, ref;
		SELECT a.party, c.from_height, c.opening, c.opening_way, c.want, c.top_height
			FROM crawl c JOIN account a ON a.id = c.account ORDER BY 1;
		SELECT f.party, t.party, e.amount, e.height, e.kind FROM transfer e
			LEFT JOIN account f ON f.id = e.sender LEFT JOIN account t ON t.id = e.recipient
			ORDER BY e.height, f.party, t.party, e.kind, e.amount;
		SELECT what, text FROM incident;"
}

check()
{
	for c in "$@"; do
		x "$c" replay
		x "$c" verify
	done
}

# ---- by hand ---------------------------------------------------------------------
# busy has 350 payments behind it (1000 - 350 x 2 = 300 left) when 500 stolen XEM come in block
# 410: of its 8 pages... five are needed for all of it, one from block 410 on. It pays 300 on.
# older got 50 from friend in block 380, paid 20 in block 385, and 40 stolen ones come from busy in
# block 440; its list of 130 rows begins with 100 payments after that.
{
	echo 'opening victim 10000'
	echo 'opening busy 1000'
	echo 'opening friend 1000'
	echo 'opening older 500'
	i=0
	while [ $i -lt 350 ]; do
		echo "busy -> friend 1 fee 1 @$((i + 3))"
		i=$((i + 1))
	done
	i=0
	while [ $i -lt 30 ]; do
		echo "older -> nobody 1 fee 1 @$((i + 354))"
		i=$((i + 1))
	done
	echo 'friend -> older 50 fee 1 @390'
	echo 'victim -> early 100 fee 1 @395'
	echo 'early -> busy 60 fee 1 @396'
	echo 'busy -> middle 10 fee 1 @397'
	echo 'victim -> thief 1000 fee 1 @400'
	echo 'thief -> busy 500 fee 1 @410'
	echo 'busy -> end 300 fee 1 @420'
	i=0
	while [ $i -lt 30 ]; do
		echo "busy -> friend 1 fee 1 @$((i + 500))"
		i=$((i + 1))
	done
	echo 'busy -> older 40 fee 1 @440'
	i=0
	while [ $i -lt 100 ]; do
		echo "older -> nobody 1 fee 1 @$((i + 541))"
		i=$((i + 1))
	done
	echo 'height 700'
} | sort -s -t@ -k2n >"$dir/sorted"
grep -v '@' "$dir/sorted" | grep -v height >"$dir/hand.ledger"
grep '@' "$dir/sorted" >>"$dir/hand.ledger"
echo 'height 700' >>"$dir/hand.ledger"
make_chain "$dir/hand.ledger"
start --log "$dir/log-full"
thief=$(addr thief)
for case in part full; do
	begin $case 400
done
crawl full "$thief" --full-history
full=$(wc -l <"$dir/log-full")
same "a full history" "complete   " "$(from full busy)"
stop
start --log "$dir/log-part"
crawl part "$thief"
part=$(wc -l <"$dir/log-part")
# The newest 100 rows of busy go back to block 288 or so; the whole block is known one higher.
same "busy" "1" "$(asked busy)"
from part busy | grep -q "^complete [0-9]* [0-9.]* balance$" || fail "busy: $(from part busy)"
# Nothing stolen reached friend before it came from busy in block 500.
[ "$part" -lt "$full" ] || fail "$part requests, $full for full histories"
results full >"$dir/full.txt"
results part >"$dir/part.txt"
cmp "$dir/full.txt" "$dir/part.txt" || fail "results differ: $(diff "$dir/full.txt" "$dir/part.txt")"
check part
# What it held before its first row that is known: by hand from the chain.
height=$(sqlite3 "$dir/part" "SELECT complete_from FROM v_account WHERE address = '$(addr busy)'")
# Each of the 350 payments, one a block from 3 on, took 2; in block 396 came 60, in 397 went 11.
paid=$((height - 3))
[ "$paid" -le 350 ] || paid=350
same "held before" "$((1000 - 2 * paid)).000000" \
	"$(sqlite3 "$dir/part" "SELECT held_before_xem FROM v_account WHERE address = '$(addr busy)'")"
"$xemtrace" --case "$dir/part" show "$(addr busy)" --format json -q | python3 -c '
import json, sys
r = json.load(sys.stdin)["result"][0]
assert r["state"] == "complete" and not r["opening_assumed"], r
assert r["complete_from"] > 1 and r["held_before_way"], r' || fail "show"
# An older theft: 100 XEM to early in block 395, of which busy got 60 in block 396. middle, whom it
# paid in block 397, was not read before.
same "middle before" "seen   " "$(from part middle)"
x part seed add --theft two --account "$(addr early)" --from 395 --to 395
x full seed add --theft two --account "$(addr early)" --from 395 --to 395
crawl part "$(addr early)"
crawl full "$(addr early)" --full-history
from part middle | grep -q "^complete" || fail "middle: $(from part middle)"
results full >"$dir/full.txt"
results part >"$dir/part.txt"
cmp "$dir/full.txt" "$dir/part.txt" || fail "two thefts: $(diff "$dir/full.txt" "$dir/part.txt")"
check part
# The whole: what was left out is read, and no more.
cp "$dir/part" "$dir/whole"
crawl whole --full-history
same "nothing is left out" "0" "$(sqlite3 "$dir/whole" "SELECT count(*) FROM crawl WHERE from_height > 0")"
check whole
# Without anything marked as stolen all of it is read.
crawl unmarked "$thief"
same "nothing is marked" "0" "$(sqlite3 "$dir/unmarked" "SELECT count(*) FROM crawl WHERE from_height > 0")"
stop

# A node that offers histories is asked; one that lies in them is caught.
start --features 2
begin history 400
crawl history "$thief"
from history busy | grep -q "^complete [0-9]* [0-9.]* history$" || fail "busy: $(from history busy)"
check history
stop
start --features 2 --edit '"balance":=>"balance":1@/account/historical/get'
begin lie 400
crawl lie "$thief"
from lie busy | grep -q "^incomplete" || fail "a lie about the past: $(from lie busy)"
x lie replay
x lie verify
stop
start --features 2 --only /account/historical --html
begin html 400
"$xemtrace" --case "$dir/html" crawl "$thief" --node "$url" --rate 1000 --blocks none --depth 9 \
	-q >"$dir/out" 2>&1
[ $? -eq 3 ] || fail "no JSON for a history: $(cat "$dir/out")"
from html busy | grep -q "^complete [0-9]* [0-9.]* balance$" || fail "html: $(from html busy)"
x html replay
stop

# An update of a case that was finished at height 430: what came since is read, and the sums must hold
# from what was held before on.
echo 430 >"$dir/height"
start --height-file "$dir/height" --log "$dir/log"
begin grown 400
crawl grown "$thief"
same "friend at 430" "seen   " "$(from grown friend)"
echo 700 >"$dir/height"
x fresh label add "$(addr victim)" --label Victim --category victim
x fresh seed add --theft one --account "$thief" --from 400 --to 400
crawl fresh "$thief" --full-history
crawl grown
from grown friend | grep -q "^complete" || fail "friend at 700: $(from grown friend)"
results fresh >"$dir/full.txt"
results grown >"$dir/part.txt"
cmp "$dir/full.txt" "$dir/part.txt" || fail "update: $(diff "$dir/full.txt" "$dir/part.txt")"
before=$(wc -l <"$dir/log")
crawl grown
n=$(($(wc -l <"$dir/log") - before))
accounts=$(sqlite3 "$dir/grown" "SELECT count(*) FROM account WHERE state = 2")
[ $n -le $((accounts + 3)) ] || fail "$n requests for nothing new of $accounts accounts"
check grown
stop

# Movements from before that do not fit: the list of busy shows that friend got something, and friend's
# own, read to shortly before its first stolen XEM, not that he spent it.
{
	echo 'opening victim 10000'
	echo 'opening busy 1000'
	echo 'opening rich 1000'
	i=3
	while [ $i -lt 353 ]; do
		echo "busy -> friend 1 fee 1 @$i"
		[ $i -ne 345 ] || echo "friend -> nobody 340 fee 1 @$i"
		i=$((i + 1))
	done
	echo 'victim -> thief 1000 fee 1 @400'
	echo 'thief -> busy 500 fee 1 @410'
	i=500
	while [ $i -lt 530 ]; do
		echo "busy -> friend 1 fee 1 @$i"
		i=$((i + 1))
	done
	i=600
	while [ $i -lt 765 ]; do
		echo "rich -> friend 1 fee 1 @$i"
		i=$((i + 1))
	done
	echo 'friend -> end 20 fee 1 @800'
} >"$dir/fit.ledger"
make_chain "$dir/fit.ledger"
start
begin unfit 400
begin fit 400
crawl unfit "$thief"
crawl fit "$thief" --full-history
[ "$(sqlite3 "$dir/unfit" "SELECT count(*) FROM crawl WHERE want > 0 AND from_height <= want")" = 1 ] ||
	fail "movements that do not fit were not looked into"
results fit >"$dir/full.txt"
results unfit >"$dir/part.txt"
cmp "$dir/full.txt" "$dir/part.txt" || fail "unfit: $(diff "$dir/full.txt" "$dir/part.txt")"
check unfit
stop

# ---- random chains ---------------------------------------------------------------
# Synthetic: 700 payments between eight accounts, then a theft among them. Killed after some
# answers and run again, with one connection and four, in full: the same results, and the first three the
# same rows.
n=1
while [ $n -le 2 ]; do
	python3 "$here/coverage.py" --long $n >"$dir/random.ledger" || fail "no random chain"
	height=$(sed -n 's/^# theft //p' "$dir/random.ledger")
	make_chain "$dir/random.ledger"
	rm -f "$dir"/r_*
	for case in full four one kill; do
		begin r_$case "$height"
		x r_$case label add "$(addr shop)" --label Shop --category exchange
	done
	start --features 2
	crawl r_full "$thief" --full-history
	crawl r_one "$thief" --connections 1
	crawl r_four "$thief"
	for after in 7 19 31; do
		killed $after "$xemtrace" --case "$dir/r_kill" crawl "$thief" --node "$url" \
			--rate 1000 --blocks none --depth 9 -q
		[ $code -eq 137 ] || fail "not killed after $after answers"
	done
	crawl r_kill "$thief"
	stop
	dump r_four >"$dir/four.txt"
	for case in one kill; do
		dump r_$case >"$dir/other.txt"
		cmp "$dir/four.txt" "$dir/other.txt" ||
			fail "chain $n, $case: $(diff "$dir/four.txt" "$dir/other.txt" | head -5)"
	done
	results r_full >"$dir/full.txt"
	results r_four >"$dir/part.txt"
	cmp "$dir/full.txt" "$dir/part.txt" ||
		fail "chain $n: $(diff "$dir/full.txt" "$dir/part.txt" | head -5)"
	check r_four r_kill
	n=$((n + 1))
done
echo "crawl_from: ok ($part requests, $full for full histories)"
