#!/bin/sh
# Messages of a signed synthetic chain: search, conversations, an encrypted one opened with
# the key of either party; notes and the log. Usage: investigate_messages.sh XEMTRACE NODE
# MKCHAIN
set -eu
x=$1 node=$2 mkchain=$3
. "$(dirname "$0")/node.sh"
has() { # FILE TEXT
	grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "no \"$2\" in $1"; }
}
lacks() { # FILE TEXT
	! grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "\"$2\" in $1"; }
}
export XEMTRACE_CASE="$dir/case.xemtrace"
# Keys of the names, by the rule of tests/node/README.md; the message was made once with
# the thief's private and the mule's public key, salt and iv of equal bytes.
thief=84990591f34e2bef809b4773a4b11545c9ae31cac24b91a50a8db24096559da1
mule=583df22e5deda92cc506a4e5759ada7a7b4ec88789d688a1b04eb13565e72695
secret=070707070707070707070707070707070707070707070707070707070707070709090909090909090909090909090909a3376fb0133038dd80e772f2e8724663e92fa98973a651e411b396e69fbdb37a
cat >"$dir/chain.ledger" <<L
opening victim 1000000
opening bystander 500
opening tagger 5000
victim -> thief 600000 fee 0.05 @10
thief -> mule 400000 encrypted "$secret" fee 1 @20
mule -> thief 1 "Got IT, thanks" fee 0.1 @21
bystander -> thief 1 "please give it back" fee 0.1 @22
mule -> exchange 300000 "cust-77" fee 0.05 @30
namespace tagger mizunashi @31
mosaic tagger mizunashi:hacker supply 1000 @32
tagger -> mule 1 mosaics mizunashi:hacker*1 @33
tagger -> mule 1 mosaics mizunashi:hacker*1 @34
tagger -> thief 1 mosaics mizunashi:hacker*1 @35
tagger -> thief 1 mosaics mizunashi:other*1 @36
L
"$mkchain" --allow-invalid "$dir/chain.ledger" -o "$dir/chain.json"
chain=$dir/chain.json
start
"$x" label add "$(addr exchange)" --label "Big Exchange" --category exchange >/dev/null
"$x" crawl "$(addr thief)" --node "$url" --rate 1000 -q >/dev/null
"$x" seed add --theft demo --account "$(addr thief)" --from 10 --to 10 >/dev/null

"$x" messages >"$dir/all"
for text in "Got IT, thanks" "please give it back" cust-77 encrypted "stay closed"; do
	has "$dir/all" "$text"
done
lacks "$dir/all" "meet at the shop"
"$x" messages --search "got it" -q --format csv >"$dir/found.csv"
[ "$(wc -l <"$dir/found.csv")" -eq 2 ] || fail "search: $(cat "$dir/found.csv")"
"$x" messages --conversations -q --format csv >"$dir/talks.csv"
[ "$(wc -l <"$dir/talks.csv")" -eq 3 ] || fail "talks: $(cat "$dir/talks.csv")"
lacks "$dir/talks.csv" "please"
for key in "$thief" "$mule" "00$mule"; do
	echo "$key" >"$dir/key"
	"$x" messages --key-file "$dir/key" -q >"$dir/open"
	has "$dir/open" "meet at the shop, 取引"
done
addr_key=0000000000000000000000000000000000000000000000000000000000000001
echo $addr_key >"$dir/key"
"$x" messages --key-file "$dir/key" >"$dir/closed"
lacks "$dir/closed" "meet at the shop"
for bad in "" "${thief}0" zz; do
	echo "$bad" >"$dir/key"
	rc=0
	"$x" messages --key-file "$dir/key" >/dev/null 2>"$dir/err" || rc=$?
	[ $rc -eq 3 ] || fail "a bad key file gave $rc"
	lacks "$dir/err" "$thief"
done
! grep -q "$thief" "$XEMTRACE_CASE" || fail "the key is in the case"

hash=$(sqlite3 "$XEMTRACE_CASE" "SELECT hash FROM v_transfer WHERE message='cust-77'")
"$x" note add "$(addr mule)" "asked the exchange: no answer yet" >/dev/null
"$x" note add "$hash" "the largest deposit" >/dev/null
"$x" note list "$hash" >"$dir/notes"
has "$dir/notes" "the largest deposit"
lacks "$dir/notes" "no answer"
! "$x" note add NOBODY "x" 2>/dev/null || fail "a note on nobody"
"$x" note log >"$dir/log"
for text in "no answer yet" "the largest deposit" "seed add" "Big Exchange"; do
	has "$dir/log" "$text"
done
# Labels hung on accounts by a mosaic: who got it, not who made it; the first transaction.
printf 'mosaic,label,category\nmizunashi:hacker,Tagged,theft-tagged\n' >"$dir/onchain.csv"
"$x" label onchain "$dir/onchain.csv" >"$dir/tags"
has "$dir/tags" "2 labels imported, 0 unchanged, 0 refused"
"$x" label onchain "$dir/onchain.csv" >"$dir/tags"
has "$dir/tags" "0 labels imported, 2 unchanged, 0 refused"
"$x" label list -q --format csv >"$dir/tags"
for name in thief mule; do
	has "$dir/tags" "$(addr $name),Tagged,theft-tagged,false,10,false,"
done
lacks "$dir/tags" "$(addr tagger),"
first=$("$mkchain" --hashes --allow-invalid "$dir/chain.ledger" | awk '$2 == 33 { print $5 }')
has "$dir/tags" "transaction $first"
printf 'mosaic,label,category\nnocolon,Tagged,x\n' >"$dir/bad.csv"
rc=0
"$x" label onchain "$dir/bad.csv" >/dev/null 2>"$dir/err" || rc=$?
[ $rc -eq 3 ] || fail "a bad list gave $rc"
has "$dir/err" "bad.csv:2: mosaic: 'nocolon'"
# A request to the exchange, with the hash and the way back.
"$x" --tz Asia/Tokyo exchanges --policy fifo --requests "$dir/req" -q >/dev/null
has "$dir/req/$(addr exchange).txt" "transaction $hash"
has "$dir/req/$(addr exchange).txt" 'message "cust-77"'
has "$dir/req/$(addr exchange).txt" "$(addr thief) -> $(addr mule) 400,000 XEM"
echo "investigate_messages: ok"
