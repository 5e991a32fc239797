#!/bin/sh
# show --file explains each kind of saved answer, says what holds and what does not, and
# refuses what is none; it needs no case.
# usage: evidence_show_file.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
. "$(dirname "$0")/node.sh"
failed=0

make_chain fixtures/nis/theft-small.ledger
victim=$(addr victim)
start
"$xemtrace" --case "$dir/case" crawl "$victim" --node "$url" \
	--depth 5 --rate 1000 -q >/dev/null || failed=1
"$xemtrace" --case "$dir/case" verify -q --export-answers "$dir/answers" >/dev/null || failed=1
stop
export XEMTRACE_CASE="$dir/no-such-case"

# All answers of a crawl are known, and hold.
for f in "$dir"/answers/*; do
	"$xemtrace" show --file "$f" --format json >"$dir/out" 2>"$dir/err" || {
		echo "$f: exit code $?"
		cat "$dir/err"
		failed=1
	}
done

# show NAME CODE PATTERN FILE
show()
{
	"$xemtrace" show --file "$4" --format json >"$dir/out" 2>"$dir/err"
	code=$?
	[ $code -eq "$2" ] && cat "$dir/out" "$dir/err" | grep -Eq "$3" || {
		echo "$1: exit code $code, not $2, or no '$3'"
		cat "$dir/err"
		failed=1
	}
}

page=$(grep -l '"amount":400000000' "$dir"/answers/* | head -1)
block=$(grep -l prevBlockHash "$dir"/answers/* | grep -v "$page" | head -1)
account=$(grep -l '"account":' "$dir"/answers/* | head -1)
show page 0 'a page of transactions' "$page"
show 'amount in XEM' 0 '400.000000 XEM' "$page"
show signature 0 '=> signature' "$page"
show block 0 'a block' "$block"
show account 0 'an account' "$account"
show nemesis 0 'of the block and of all its transactions' fixtures/nis/mainnet-nemesis-block.json

# One value changed: what does not hold is named.
sed 's/"amount":400000000/"amount":400000001/' "$page" >"$dir/f"
show 'another amount' 3 'NOT the one that is claimed' "$dir/f"
python3 - "$page" "$dir/f" "$dir/pair" "$dir/tx" <<'EOF'
import json, sys
v = json.load(open(sys.argv[1]))
e = v["data"][0]
json.dump(e, open(sys.argv[3], "w"))
json.dump(e["transaction"], open(sys.argv[4], "w"))
s = e["transaction"]["signature"]
e["transaction"]["signature"] = ("1" if s[0] == "0" else "0") + s[1:]
json.dump(v, open(sys.argv[2], "w"))
EOF
show 'another signature' 3 'does NOT hold' "$dir/f"
show 'one transaction with its place' 0 'a transaction with its place' "$dir/pair"
show 'one transaction' 0 'a transaction' "$dir/tx"
sed 's/"fee": 50000/"fee": 50001/; s/"fee": 100000/"fee": 100001/' "$dir/tx" >"$dir/f"
cmp -s "$dir/tx" "$dir/f" || show 'another fee' 3 'does NOT hold' "$dir/f"
sed 's/"publicKey":"../"publicKey":"00/' "$account" >"$dir/f"
show 'another key' 3 'is the key of' "$dir/f"

# No answers.
head -c 200 "$page" >"$dir/f"
show 'cut off' 3 'not JSON' "$dir/f"
(cat "$page"; echo x) >"$dir/f"
show 'something behind' 3 'not JSON' "$dir/f"
printf '[[[[' >"$dir/f"
show 'an array' 3 'not JSON' "$dir/f"
printf '{"a":1}' >"$dir/f"
show 'some other JSON' 3 'none of the answers' "$dir/f"
head -c 100000 /dev/zero | tr '\0' '[' >"$dir/f"
show 'deep' 3 'deeper' "$dir/f"
head -c 9000000 /dev/zero | tr '\0' ' ' >"$dir/f"
show 'large' 3 'larger' "$dir/f"
: >"$dir/f"
show 'empty' 3 'not JSON' "$dir/f"
show 'no file' 1 'No such file' "$dir/none"
"$xemtrace" show --file "$page" something >/dev/null 2>&1
[ $? -eq 2 ] || { echo 'an operand beside --file is taken'; failed=1; }

[ $failed -eq 0 ] && echo "explained"
exit $failed
