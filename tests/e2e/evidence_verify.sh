#!/bin/sh
# A case that was changed is found out, and what was changed is named: rows, stored answers,
# blocks, sums, and everything after a seal.
# usage: evidence_verify.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
. "$(dirname "$0")/node.sh"
failed=0

make_chain fixtures/nis/theft-small.ledger
victim=$(addr victim)
start
"$xemtrace" --case "$dir/good" crawl "$victim" --node "$url" \
	--depth 5 --rate 1000 -q >/dev/null || exit 1
stop

verify() { "$xemtrace" --case "$dir/case" verify "$@" -q >"$dir/out" 2>"$dir/err"; }

cp "$dir/good" "$dir/case"
verify || { echo 'an honest case does not verify'; cat "$dir/err"; failed=1; }

# WHAT must be among the findings after SQL.
n=0
while IFS='|' read -r what sql; do
	cp "$dir/good" "$dir/case"
	sqlite3 "$dir/case" "$sql" || { failed=1; continue; }
	verify
	code=$?
	n=$((n + 1))
	if [ $code -ne 3 ] || ! grep -Eq "$what" "$dir/out"; then
		echo "$sql: exit code $code, and no '$what':"
		cat "$dir/err" "$dir/out"
		failed=1
	fi
done <<'EOF'
transaction .* fee|UPDATE tx SET fee = fee + 1 WHERE id = 2
transaction .* hash|UPDATE tx SET hash = zeroblob(32) WHERE id = 2
transaction .* type|UPDATE tx SET type = 2049 WHERE id = 2
transaction .* version|UPDATE tx SET version = version + 1 WHERE id = 2
transaction .* signer|UPDATE tx SET signer = signer + 1 WHERE id = 2
transaction .* time|UPDATE tx SET time = time + 1 WHERE id = 2
transaction .* provenance|UPDATE tx SET provenance = 5 WHERE id = 2
transaction .* message|UPDATE tx SET message = NULL WHERE message IS NOT NULL
transaction .* inner_hash|UPDATE tx SET inner_hash = zeroblob(32) WHERE inner_hash IS NOT NULL
transaction .* bytes|DELETE FROM tx_bytes WHERE tx = 2
transaction .* hash|UPDATE tx_bytes SET bytes = CAST(substr(bytes, 1, 8) || x'01' || substr(bytes, 10) AS BLOB) WHERE tx = 2
transaction .* signature|UPDATE tx_bytes SET bytes = CAST(substr(bytes, 1, 51) || x'0102030405' || substr(bytes, 57) AS BLOB) WHERE tx = 2
transaction .* answer|UPDATE tx SET answer = 1 WHERE id = 2
transaction .* answer|UPDATE tx SET height = 1, ledger_height = 1, idx = NULL WHERE id = 5
transaction .* idx|UPDATE block SET txs = zeroblob(length(txs)) WHERE height = (SELECT height FROM tx WHERE id = 2)
message .* text|UPDATE message SET text = text || '!'
movement|UPDATE transfer SET amount = amount + 1 WHERE tx = 2 AND sub = 0
movement|DELETE FROM transfer WHERE tx = 2 AND sub = 0
movement|UPDATE transfer SET recipient = sender WHERE tx = 2 AND sub = 0
movement|INSERT INTO transfer SELECT height, ord, tx, 9, 1, sender, sender, 5 FROM transfer WHERE tx = 2 AND sub = 0
file .* meta|UPDATE meta SET value = '7' WHERE key = 'transfers'
file .* foreign key|PRAGMA foreign_keys = OFF; DELETE FROM message
answer 7 .* chain|UPDATE answer SET time = time + 1 WHERE id = 7
answer 7 .* chain|UPDATE answer SET url = url || 'x' WHERE id = 7
answer 7 .* chain|UPDATE answer SET node = 'http://other:7890' WHERE id = 7
answer 7 .* body|UPDATE answer SET body = (SELECT body FROM answer WHERE id = 6) WHERE id = 7
answer 7 .* body|UPDATE answer SET body = x'00' WHERE id = 7
answer 7 .* chain|UPDATE answer SET hash = zeroblob(32) WHERE id = 7
answer 8 .* id|PRAGMA foreign_keys = OFF; DELETE FROM answer WHERE id = 7
block .* prev|UPDATE block SET prev = zeroblob(32) WHERE height = 5
block .* hash|UPDATE block SET hash = zeroblob(32) WHERE height = 5
block .* time|UPDATE block SET time = time + 60 WHERE height = 5
block .* signer|UPDATE block SET signer = zeroblob(32) WHERE height = 5
block .* answer|UPDATE block SET answer = 1 WHERE height = 5
account .* balance|UPDATE account SET balance = balance + 1 WHERE id = 1
account .* sums|UPDATE account SET balance_height = 1 WHERE id = 1
account .* key|UPDATE account SET key = zeroblob(32) WHERE id = 1
account .* balance|UPDATE account SET balance = NULL, balance_height = NULL WHERE id = 1
EOF
[ $n -ge 38 ] || { echo "only $n changes were tried"; failed=1; }

# ---- seals
"$xemtrace" seal --new-key "$dir/key" >"$dir/out" || failed=1
[ "$(stat -c %a "$dir/key")" = 600 ] || { echo 'the key file is not 0600'; failed=1; }
public=$(grep -Eo '[0-9a-f]{64}' "$dir/out")
"$xemtrace" seal --new-key "$dir/key" >/dev/null 2>&1 && { echo 'a key was written over'; failed=1; }
"$xemtrace" seal --new-key "$dir/key2" >/dev/null
secret=$(sed -n 's/^secret //p' "$dir/key")
"$xemtrace" --case "$dir/good" seal --key "$dir/key" --name 'A. Investigator' >/dev/null || failed=1
grep -aq "$secret" "$dir/good" && { echo 'the private key is in the case'; failed=1; }
[ "$(sqlite3 "$dir/good" "SELECT count(*) FROM seal WHERE hex(key) = upper('$public')")" = 1 ] ||
	{ echo 'no seal with that key'; failed=1; }

sqlite3 "$dir/good" 'SELECT parts FROM seal' | sed 's/ .*//; /^$/d' | sort >"$dir/sealed"
sqlite3 "$dir/good" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'seal'" |
	sort >"$dir/tables"
cmp -s "$dir/sealed" "$dir/tables" || {
	echo 'tables that a seal does not cover:'
	diff "$dir/sealed" "$dir/tables"
	failed=1
}

cp "$dir/good" "$dir/case"
verify --public-key "$public" || { echo 'sealed: does not verify'; cat "$dir/err"; failed=1; }
verify --public-key "$(echo "$public" | tr '0-9a-f' '1-9a-f0')" &&
	{ echo 'another key is taken'; failed=1; }
grep -q 'seal 1 .* key' "$dir/out" || { echo 'another key is not named'; failed=1; }

while IFS='|' read -r what sql; do
	cp "$dir/good" "$dir/case"
	sqlite3 "$dir/case" "$sql" || { failed=1; continue; }
	verify
	code=$?
	if [ $code -ne 3 ] || ! grep -Eq "$what" "$dir/out"; then
		echo "sealed, then $sql: exit code $code, and no '$what':"
		cat "$dir/err" "$dir/out"
		failed=1
	fi
done <<'EOF'
table account .*evidence|UPDATE account SET reason = 'x' WHERE id = 1
table incident .*evidence|INSERT INTO incident (time, node, url, what, account, text) VALUES (1, '', '', 'x', '', '')
table log .*analyst|INSERT INTO log (time, what, text) VALUES (1, 'x', 'y')
table category .*analyst|UPDATE category SET service = 0
table run .*results|INSERT INTO run (time, policy, params, height, events, digest, program, summary) VALUES (1, 'x', '', 1, 1, zeroblob(32), '', '')
seal 1 .*signature|UPDATE seal SET time = time + 1
seal 1 .*signature|UPDATE seal SET name = 'B. Other'
seal 1 .*signature|UPDATE seal SET parts = parts || 'x'
seal 1 .*signature|UPDATE seal SET answers = answers - 1
seal 1 .*signature|UPDATE seal SET head = zeroblob(32)
seal 1 .*signature|UPDATE seal SET signature = zeroblob(64)
EOF

# A label after the seal is named as the analyst's part; sealed again, it holds.
cp "$dir/good" "$dir/case"
"$xemtrace" --case "$dir/case" label add "$victim" --label 'Victim' --category exchange \
	>/dev/null || failed=1
verify && { echo 'a label after the seal is not seen'; failed=1; }
grep -q 'table label.*analyst' "$dir/out" || { echo 'the label is not named'; failed=1; }
grep -q 'table answer' "$dir/out" && { echo 'answers are said to be changed'; failed=1; }
chmod 644 "$dir/key"
"$xemtrace" --case "$dir/case" seal --key "$dir/key" >/dev/null 2>"$dir/err" || failed=1
grep -q 'chmod 600' "$dir/err" || { echo 'a key that all may read: no warning'; failed=1; }
verify --public-key "$public" || { echo 'sealed again: does not verify'; cat "$dir/err"; failed=1; }

# Bad key files.
for text in '' 'xemtrace signing key 1' "xemtrace signing key 1
secret $secret
public $secret
" "xemtrace signing key 1
secret $secret
public $public
more"; do
	printf '%s' "$text" >"$dir/bad"
	"$xemtrace" --case "$dir/case" seal --key "$dir/bad" >/dev/null 2>"$dir/err"
	code=$?
	[ $code -eq 3 ] && grep -q "$dir/bad" "$dir/err" || {
		echo "bad key file: exit code $code"
		failed=1
	}
done

# Answers as files: as many as rows, never over what is there.
verify --export-answers "$dir/answers" || { cat "$dir/err"; failed=1; }
[ "$(ls "$dir/answers" | wc -l)" = "$(sqlite3 "$dir/case" 'SELECT count(*) FROM answer')" ] ||
	{ echo 'not all answers are written'; failed=1; }
verify --export-answers "$dir/answers" && { echo 'answers were written over'; failed=1; }

[ $failed -eq 0 ] && echo "each of $n changes was found out"
exit $failed
