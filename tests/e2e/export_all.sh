#!/bin/sh
# export --all: each file has the bytes that its command prints. Usage: export_all.sh XEMTRACE ...
set -eu
x=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "export_all: $*" >&2
	exit 1
}
for k in coincheck hostile; do
	tests/report/make_case.sh "$x" $k "$dir/$k.case"
	export XEMTRACE_CASE="$dir/$k.case"
	# One of each that a list shows: the record holds no notes, groups, marks or runs.
	some=$("$x" top -n 1 --format csv -q 2>/dev/null | grep -o "'@[a-z-]*\|N[A-Z2-7]\{39\}" | head -n 1 | tr -d "'")
	"$x" note add "$some" "a note: <b>&</b>, \"quoted\"" >/dev/null
	"$x" group add "=owner" "$some" @another --reason "both signed the letter" >/dev/null
	"$x" seed clean @another --from 2018-01-26 --why "his, by the court's word" >/dev/null
	"$x" taint -q >/dev/null 2>&1
	out="$dir/$k"
	"$x" export --all "$out" --policy fifo --stop-at-probable >"$dir/said"
	n=$(find "$out" -type f | wc -l)
	[ "$(cat "$dir/said")" = "$n files written to $out" ] || fail "said: $(cat "$dir/said")"
	same() { # FILE COMMAND...
		file=$1
		shift
		"$x" "$@" -q 2>/dev/null | cmp - "$out/$file" || fail "$k: $file is not what $1 prints"
		n=$((n - 1))
	}
	p="--policy fifo --stop-at-probable"
	for f in json csv; do
		# shellcheck disable=SC2086
		same accounts.$f top -n 0 $p --format $f
		# shellcheck disable=SC2086
		same services.$f exchanges $p --format $f
		# shellcheck disable=SC2086
		same timeline.$f timeline $p --format $f
		# shellcheck disable=SC2086
		same patterns.$f patterns $p --format $f
		# shellcheck disable=SC2086
		same messages.$f messages $p --format $f
		# shellcheck disable=SC2086
		same conversations.$f messages --conversations $p --format $f
		same groups.$f group list --format $f
		same notes.$f note list --format $f
		same log.$f note log --format $f
		# shellcheck disable=SC2086
		same status.$f status $p --format $f
		# shellcheck disable=SC2086
		same stops.$f status --stops $p --format $f
		same runs.$f taint --runs --format $f
		same seeds.$f seed list --format $f
		same clean.$f seed clean --format $f
		same labels.$f label list --format $f
		same label_history.$f label history --format $f
		same categories.$f label category --format $f
	done
	for f in json csv graphml gexf; do
		# shellcheck disable=SC2086
		same flow.$f graph $p --max-edges 0 --format $f
	done
	for f in dot svg; do
		# shellcheck disable=SC2086
		same flow.$f graph $p --format $f
	done
	# shellcheck disable=SC2086
	same report.html report $p
	[ "$n" -eq 0 ] || fail "$n files were not compared"
	for f in groups notes log clean runs label_history categories; do
		[ "$(wc -l <"$out/$f.csv")" -gt 1 ] || fail "$k: $f.csv has no row"
	done
	[ $k != hostile ] || [ "$(wc -l <"$out/messages.csv")" -gt 10 ] || fail "messages.csv lacks rows"
done
! "$x" export 2>/dev/null || fail "no folder"
: >"$dir/file"
! "$x" export --all "$dir/file" 2>/dev/null || fail "a file for a folder"
! "$x" export --all "$dir/none" --policy nix 2>/dev/null || fail "an unknown policy"
[ -z "$(find "$dir/none" -name 'services*' -o -name '*.tmp*')" ] || fail "something was left"
echo "export_all: ok"
