#!/bin/sh
# Bad input at the command line: one clear line on stderr, the right exit code, nothing
# lost. Usage: bad_input.sh XEMTRACE
set -eu
x=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export XEMTRACE_CASE="$dir/case.xemtrace"
A=NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG

# refuse CODE TEXT ARGUMENTS...: exit code, one line (usage errors: two) that holds TEXT
refuse() {
	code=$1 text=$2
	shift 2
	got=0
	"$x" "$@" >"$dir/out" 2>"$dir/err" || got=$?
	[ $got -eq "$code" ] || { cat "$dir/err" >&2; echo "$*: exit $got, not $code" >&2; exit 1; }
	grep -qF -- "$text" "$dir/err" || { cat "$dir/err" >&2; echo "$*: no \"$text\"" >&2; exit 1; }
	[ ! -s "$dir/out" ] || { echo "$*: wrote to stdout" >&2; exit 1; }
	[ "$(wc -l <"$dir/err")" -le 2 ] || { cat "$dir/err" >&2; echo "$*: too many lines" >&2; exit 1; }
}

refuse 2 'unknown command "frobnicate"' frobnicate
refuse 1 'no such case' top
printf 'time,sender,recipient,amount_xem\n2018-01-26,@a,@b,5\n' >"$dir/ok.csv"
"$x" import "$dir/ok.csv" >/dev/null
refuse 2 'unknown option --frob' top --frob
refuse 2 'write --limit in full' top --lim 3
refuse 2 '--limit: ' top --limit 3x
refuse 2 '--limit needs a value' top --limit
refuse 2 '--format: "xml"' top --format xml
refuse 2 'Mars/Olympus' top --tz Mars/Olympus
refuse 2 'checksum' trace NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OH
refuse 2 'name a node' crawl $A
refuse 2 'must begin with http' crawl $A --node ftp://example.org
refuse 2 '--from 2018-02-02 is after --to 2018-02-01' crawl $A --node http://127.0.0.1:1 --from 2018-02-02 --to 2018-02-01
refuse 2 'more than 50 is never reached' crawl $A --node http://127.0.0.1:1 --fan 51
refuse 2 'larger than 9223372036854775807' crawl $A --node http://127.0.0.1:1 --max-requests 9223372036854775808

refuse 2 'is not UTF-8' label add @a --label "$(printf 'x\377')" --category exchange
refuse 2 'is not UTF-8' seed add --theft "$(printf '\300\257')" --account @b --height 0
refuse 2 'no name' label category "$(printf 'x\377')" service
refuse 2 '--color: "green"' top --color green
refuse 2 '--width' top --width wide
refuse 2 '--table goes with' top --table result
refuse 2 'none of result' status --format csv --table nothing

# Not cases.
echo "this is no database, but long enough to be one: ..........................." >"$dir/text"
refuse 3 "$dir/text" --case "$dir/text" top
sqlite3 "$dir/other.db" "CREATE TABLE t(x); PRAGMA application_id=7;"
refuse 3 "$dir/other.db" --case "$dir/other.db" top
refuse 3 "a folder" --case "$dir" top

cp "$XEMTRACE_CASE" "$dir/new.xemtrace"
sqlite3 "$dir/new.xemtrace" "PRAGMA user_version=9999;"
refuse 3 9999 --case "$dir/new.xemtrace" top

# Wrong lines of a file: file, line, column, value, reason; and nothing of it is kept.
rows() { sqlite3 "$XEMTRACE_CASE" "SELECT count(*) FROM tx"; }
n=$(rows)
bad() { # TEXT LINE...: a file with that second line
	text=$1
	shift
	printf 'time,sender,recipient,amount_xem,kind,count,first,last,provenance\n' >"$dir/bad.csv"
	printf '2018-01-26,@a,@b,1,,,,,\n' >>"$dir/bad.csv"
	printf '%s\n' "$@" >>"$dir/bad.csv"
	refuse 3 "$text" import "$dir/bad.csv"
	grep -qF "bad.csv:3" "$dir/err" || { cat "$dir/err" >&2; echo "no line number" >&2; exit 1; }
	[ "$(rows)" = "$n" ] || { echo "something of a bad file was kept" >&2; exit 1; }
}
bad amount '2018-01-26,@a,@b,-1,,,,,'
bad amount '2018-01-26,@a,@b,1.1234567,,,,,'
bad time '2018-13-26,@a,@b,1,,,,,'
bad recipient '2018-01-26,@a,NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OH,1,,,,,'
bad kind '2018-01-26,@a,@b,1,gift,,,,'
bad provenance '2018-01-26,@a,@b,1,,,,,signed'
bad count '2018-01-26,@a,@b,1,aggregate,x,,,'
printf 'time,sender,recipient,amount_xmr\n2018-01-26,@a,@b,5\n' >"$dir/col.csv"
refuse 3 amount_xmr import "$dir/col.csv"
refuse 1 "$dir/none.csv" import "$dir/none.csv"
printf 'time,sender,recipient,amount_xem\n2018-01-26,@a,@b,5\n2018-01-27,@b,@c,6\n' >"$dir/over.csv"
refuse 3 over.csv import --complete "$dir/over.csv"

# Seeds.
refuse 2 '--tx, --refund or --account' seed add
refuse 1 'no such transaction' seed add --tx ok.csv:77
refuse 2 'is after' seed add --account @b --from 2018-02-01 --to 2018-01-01
refuse 2 '--amount goes with --height' seed add --account @b --from 2018-01-01 --amount 5
refuse 1 'nothing was marked as stolen' taint
refuse 2 'no policy "fair"' top --policy fair
echo "bad_input: ok"
