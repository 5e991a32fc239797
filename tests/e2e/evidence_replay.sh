#!/bin/sh
# A case is rebuilt from its own stored answers, equal row by row, whatever happened while it
# was made: sick and lying nodes, kills, labels in between, comparisons of nodes.
# usage: evidence_replay.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
. "$(dirname "$0")/node.sh"
failed=0

make_chain fixtures/nis/theft-small.ledger
victim=$(addr victim)
thief=$(addr thief)
hash=$("$mkchain" --hashes fixtures/nis/theft-small.ledger | grep -Eo '[0-9a-f]{64}' | sed -n 11p)

crawl()
{
	"$xemtrace" --case "$dir/case" crawl "$@" --rate 1000 -q >"$dir/out" 2>"$dir/err"
}

# same NAME SESSIONS: the case is rebuilt and is the same; and it verifies.
same()
{
	stop
	"$xemtrace" --case "$dir/case" replay -q --format json >"$dir/out" 2>"$dir/err"
	code=$?
	sessions=$(grep -Eo '"sessions": *[0-9]+' "$dir/out" | grep -Eo '[0-9]+')
	rows=$(grep -Eo '"rows": *[0-9]+' "$dir/out" | grep -Eo '[0-9]+')
	if [ $code -ne 0 ] || [ "$sessions" != "$2" ] || [ "$rows" -lt 3 ]; then
		echo "$1: replay: exit code $code, $sessions sessions, $rows rows"
		cat "$dir/err"
		failed=1
	fi
	"$xemtrace" --case "$dir/case" verify -q >"$dir/out" 2>"$dir/err" || {
		echo "$1: verify fails"
		cat "$dir/err"
		failed=1
	}
	rm -f "$dir"/case*
}

start
crawl "$victim" --node "$url" --depth 5
same 'honest' 1

start
crawl "$victim" --node "$url" --depth 1 --min 1000
crawl "$victim" --node "$url" --depth 5 --blocks order
crawl "$victim" --node "$url" --depth 5
same 'wider and wider' 3

# Labels before, between and after, one taken away again.
start
"$xemtrace" --case "$dir/case" crawl "$victim" --node "$url" --depth 0 -q >/dev/null 2>&1
"$xemtrace" --case "$dir/case" label add "$thief" --label 'Some Exchange' \
	--category exchange >/dev/null 2>"$dir/err" || { cat "$dir/err"; failed=1; }
crawl "$victim" --node "$url" --depth 5
[ "$(sqlite3 "$dir/case" 'SELECT count(*) FROM account WHERE state = 4')" -gt 0 ] ||
	{ echo 'labels: nobody was stopped'; failed=1; }
sqlite3 "$dir/case" 'DELETE FROM label'
crawl "$victim" --node "$url" --depth 5
"$xemtrace" --case "$dir/case" seed add --account "$thief" --height 0 >/dev/null 2>&1
same 'labels' 3

start --fail 503:3
crawl "$victim" --node "$url" --depth 2
same 'now and then busy' 1

start --only /account/harvests --html
crawl "$victim" --node "$url" --depth 1
same 'HTML for lists' 1

start --only /account/transfers --oversize 104857600
crawl "$victim" --node "$url" --depth 1
same '100 MB' 1

start --edit '"height":3=>"height":5@/block/at'
crawl "$victim" --node "$url" --depth 1
same 'another block' 1

# One liar and one honest node; one that is down.
start --flip '812:0@/account/transfers/all'
one=$url
start --id-seed 7
crawl "$victim" --node "$one" --node http://127.0.0.1:1 --node "$url" --depth 3
same 'one liar' 1

start --omit "$hash"
one=$url
start --id-seed 7
crawl "$thief" --node "$one" --node "$url" --quorum 2 --depth 2
same 'comparison' 1

crawl "$victim" --node http://127.0.0.1:1
same 'nobody there' 1

# Stopped by the number of requests, then on.
start
crawl "$victim" --node "$url" --depth 5 --max-requests 17
crawl "$victim" --node "$url" --depth 5
same 'in two parts' 2

# Killed after the n-th answer, then on.
for n in 2 4 9 13 16 21 30 44 55 66; do
	start
	killed "$n" "$xemtrace" --case "$dir/case" crawl "$victim" --node "$url" --depth 5 \
		--rate 1000 -q
	crawl "$victim" --node "$url" --depth 5
	same "killed after answer $n" 2
done

# What was changed by hand shows.
start
crawl "$victim" --node "$url" --depth 1
stop
cp "$dir/case" "$dir/good"
while read -r table sql; do
	cp "$dir/good" "$dir/case"
	sqlite3 "$dir/case" "$sql" || { failed=1; continue; }
	"$xemtrace" --case "$dir/case" replay -q >"$dir/out" 2>"$dir/err"
	code=$?
	[ $code -eq 3 ] && grep -q "$table" "$dir/err" || {
		echo "changed $table: exit code $code"
		cat "$dir/err"
		failed=1
	}
done <<'EOF'
transfer UPDATE transfer SET amount = amount + 1 WHERE tx = 3 AND sub = 0
tx UPDATE tx SET fee = fee + 1 WHERE id = 2
tx UPDATE tx_bytes SET bytes = zeroblob(100) WHERE tx = 2
account UPDATE account SET balance = balance + 1 WHERE id = 1
account INSERT INTO account (party, state) VALUES ('NBMOSAICOD4F54EE5CDMR23CCBGOAM2XSIUX6TRS', 2)
block UPDATE block SET time = time + 1 WHERE height = (SELECT min(height) FROM block)
incident INSERT INTO incident (time, node, url, what, account, text) VALUES (1, '', '', 'x', '', '')
answer UPDATE answer SET time = time + 1 WHERE id = 5
session UPDATE answer SET url = replace(url, 'transfers', 'transfer') WHERE url LIKE '%/account/transfers%'
EOF

[ $failed -eq 0 ] && echo "rebuilt, and the same"
exit $failed
