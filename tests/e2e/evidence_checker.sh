#!/bin/sh
# A checker in another language, written from docs/evidence.md alone, comes to the same result
# as `xemtrace verify`: on the case of the demo (the real nemesis block) and on a synthetic one,
# sealed, and on changed ones.
# usage: evidence_checker.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
. "$(dirname "$0")/node.sh"
failed=0
check="python3 tests/evidence/check_case.py"

# make CASE CHAIN SEED DEPTH
make()
{
	start "$2"
	"$xemtrace" --case "$1" crawl "$3" --node "$url" \
		--depth "$4" --rate 1000 -q >/dev/null || failed=1
	stop
}

number() { grep -Eo "\"$1\": *[0-9]+" "$dir/out" | head -1 | grep -Eo '[0-9]+$'; }
theirs() { sed -n "s/^$1  *//p" "$dir/theirs"; }

# agree NAME CASE: both find nothing, and count the same.
agree()
{
	rm -rf "$dir/answers"
	"$xemtrace" --case "$2" verify -q --format json --public-key "$public" \
		--export-answers "$dir/answers" >"$dir/out" || { echo "$1: verify fails"; failed=1; }
	$check "$2" --answers "$dir/answers" --public-key "$public" >"$dir/theirs" || {
		echo "$1: the checker says:"
		cat "$dir/theirs"
		failed=1
	}
	while read -r ours other; do
		[ "$(number "$ours")" = "$(theirs "$other")" ] || {
			echo "$1: $ours: $(number "$ours"), not $(theirs "$other")"
			failed=1
		}
	done <<-EOF
		answers answers
		answers bodies
		signed_transactions signed
		signatures signatures
		movements movements
		blocks blocks
		reconciled reconciled
		seals seals
		findings findings
	EOF
}

"$xemtrace" seal --new-key "$dir/key" >"$dir/out" || exit 1
public=$(grep -Eo '[0-9a-f]{64}' "$dir/out")
"$mkchain" fixtures/nis/theft-small.ledger -o "$dir/small.json" || exit 1
make "$dir/small" "$dir/small.json" "$(addr victim)" 5
make "$dir/nemesis" fixtures/nis/mainnet-nemesis-block.json \
	NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5 0
for c in small nemesis; do
	"$xemtrace" --case "$dir/$c" seal --key "$dir/key" --name "$c" >/dev/null || failed=1
	agree "$c" "$dir/$c"
done
[ "$(theirs signatures)" -gt 1300 ] || { echo 'not the nemesis block'; failed=1; }

# Both say no.
rm -rf "$dir/answers"
"$xemtrace" --case "$dir/small" verify -q --export-answers "$dir/answers" >/dev/null
while IFS='|' read -r sql; do
	cp "$dir/small" "$dir/case"
	sqlite3 "$dir/case" "$sql" || { failed=1; continue; }
	"$xemtrace" --case "$dir/case" verify -q >/dev/null 2>&1
	ours=$?
	$check "$dir/case" --answers "$dir/answers" >"$dir/theirs"
	code=$?
	[ $ours -eq 3 ] && [ $code -eq 3 ] || {
		echo "$sql: verify says $ours, the checker $code"
		failed=1
	}
done <<'EOF'
UPDATE answer SET time = time + 1 WHERE id = 7
UPDATE tx SET hash = zeroblob(32) WHERE id = 2
UPDATE tx_bytes SET bytes = CAST(substr(bytes, 1, 53) || x'0102030405' || substr(bytes, 59) AS BLOB) WHERE tx = 2
UPDATE transfer SET amount = amount + 1 WHERE tx = 2 AND sub = 0
UPDATE account SET balance = balance + 1 WHERE id = 1
UPDATE block SET prev = zeroblob(32) WHERE height = 5
UPDATE tx SET answer = 1 WHERE id = 2
UPDATE category SET service = 0
UPDATE seal SET time = time + 1
EOF
printf x >>"$dir/answers/00000007"
$check "$dir/small" --answers "$dir/answers" >/dev/null && {
	echo 'another body is taken'
	failed=1
}

[ $failed -eq 0 ] && echo "both agree"
exit $failed
