#!/bin/sh
# The manual: every page is well-formed, and its options are those of --help, no more and
# no less. The completions: read by their shells, and bash's used.
# Usage: check.sh XEMTRACE
set -eu
x=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "man: $*" >&2
	exit 1
}
docs/man/make.sh "$x" "$dir/man"
for f in "$dir"/man/man*/*; do
	mandoc -Tlint -W error "$f" || fail "$(basename "$f") is not well-formed"
	mandoc -Tutf8 -O width=500 "$f" | sed 's/.\x08//g' >"$dir/$(basename "$f").txt"
	[ -s "$dir/$(basename "$f").txt" ] || fail "$(basename "$f") is empty"
done
n=0
for c in $("$x" completion commands); do
	"$x" "$c" --help >"$dir/help" || fail "$c --help"
	"$x" --help | grep -q "^  $c " || fail "--help does not list $c"
	grep -oE '^ +(-[A-Za-z0-9], )?--[a-z0-9-]+( [A-Z][A-Za-z0-9|.:_-]*)?' "$dir/help" |
		sed 's/^ *//' | sort >"$dir/want"
	grep -oE '^ +(-[A-Za-z0-9], )?--[a-z0-9-]+( [A-Z][A-Za-z0-9|.:_-]*)?$' "$dir/xemtrace-$c.1.txt" |
		sed 's/^ *//' | sort >"$dir/have"
	[ -s "$dir/want" ] || fail "$c: no options read from --help"
	diff "$dir/want" "$dir/have" >&2 || fail "$c: the manual's options are not the program's"
	n=$((n + $(wc -l <"$dir/want")))
	# The texts too, but for how they are wrapped.
	python3 - "$dir/help" "$dir/xemtrace-$c.1.txt" <<'P' || fail "$c: the manual says something else"
import re, sys
flat = lambda s: re.sub(r"[\s`]+", "", s)
want = open(sys.argv[1]).read().split("\n\n")
have = flat(open(sys.argv[2]).read())
for part in want[1:]:
    if part.startswith(("Options", "Usage")):
        continue
    assert flat(part) in have, part
P
done
[ "$n" -gt 100 ] || fail "only $n options were compared"
for p in $("$x" top --help | grep -oE '(poison|haircut|fifo|lifo|dirty_first|clean_first)' | sort -u); do
	grep -q "$p" "$dir/xemtrace-policies.7.txt" || fail "policy $p is not in the manual"
done
for s in bash zsh fish; do
	"$x" completion $s >"$dir/c.$s"
	$s -n "$dir/c.$s" || fail "$s cannot read its completion"
done
completed() { # words of a command line; the last is being written
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _xemtrace
		printf "%s\n" "${COMPREPLY[@]}"' complete "$dir/c.bash" "$@"
}
[ "$(completed xemtrace gra)" = graph ] || fail "bash: gra"
[ "$(completed xemtrace graph --per)" = --per-account ] || fail "bash: graph --per"
[ "$(completed xemtrace --quiet top --policy hair)" = haircut ] || fail "bash: --policy"
[ "$(completed xemtrace graph --format g)" = "$(printf 'graphml\ngexf')" ] || fail "bash: graph --format"
[ "$(completed xemtrace top --format j)" = "$(printf 'json\njsonl')" ] || fail "bash: top --format"
[ "$(completed xemtrace report --lang j)" = ja ] || fail "bash: --lang"
[ "$(fish -c "source $dir/c.fish; complete -C 'xemtrace graph --format '" | cut -f1 | sort | tr '\n' ' ')" = \
	"csv dot gexf graphml json jsonl neo4j pdf png svg " ] ||
	fail "fish: graph --format"
[ "$(fish -c "source $dir/c.fish; complete -C 'xemtrace top --format js'" | cut -f1 | sort | tr '\n' ' ')" = "json jsonl " ] ||
	fail "fish: top --format"
[ "$("$x" graph --help | grep -c -- '--format FORMAT')" = 1 ] || fail "graph --help: --format twice"
"$x" graph --help | grep -A2 -- '--format FORMAT' | grep -q graphml || fail "graph --help: its formats"
! completed xemtrace graph --out | grep -q -- --no-such || fail "bash: made up"
! "$x" completion tcsh 2>/dev/null || fail "an unknown shell"
! "$x" completion man nothing 2>/dev/null || fail "an unknown command"
# Both READMEs show the same commands.
grep -E '^(xemtrace --case|\./|        --)' README.md | sed 's/ *#.*//' | while IFS= read -r line; do
	sed 's/ *#.*//' README.ja.md | grep -qxF -- "$line" || fail "README.ja.md has not: $line"
done
echo "man: $n options, ok"
