#!/bin/sh
# Installs the library, builds the examples against what was installed, in both forms of
# the library, runs them.
# Usage: run.sh XEMTRACE BUILD_FOLDER CC [SANITIZERS]
set -eu
x=$1 build=$2 cc=$3 sanitize=${4:-}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "examples: $*" >&2
	exit 1
}
cmake --install "$build" --prefix "$dir/usr" >/dev/null
PKG_CONFIG_PATH=$(dirname "$(find "$dir/usr" -name xemtrace.pc)")
export PKG_CONFIG_PATH
flags="-std=c11 -Wall -Wextra -Wpedantic -Werror"
[ -z "$sanitize" ] || flags="$flags -fsanitize=$sanitize"
pc="pkg-config --define-variable=prefix=$dir/usr"
LD_LIBRARY_PATH=$($pc --variable=libdir xemtrace)
export LD_LIBRARY_PATH
tests/report/make_case.sh "$x" coincheck "$dir/case"
"$x" --case "$dir/case" exchanges -q --policy fifo --format json >"$dir/exchanges.json"
for form in shared static; do
	if [ $form = shared ]; then
		libs=$($pc --libs xemtrace)
	else
		# shellcheck disable=SC2046
		libs="-L$LD_LIBRARY_PATH -l:libxemtrace.a -pthread
			$(pkg-config --libs $($pc --print-requires-private xemtrace))"
	fi
	for e in ledger services; do
		# shellcheck disable=SC2046,SC2086
		"$cc" $flags -o "$dir/$e" examples/$e.c $($pc --cflags xemtrace) $libs ||
			fail "$e does not build ($form)"
	done
	uses=$(ldd "$dir/services" | grep -c 'libxemtrace\.so\.0 ' || true)
	[ $form:"$uses" = shared:1 ] || [ $form:"$uses" = static:0 ] || fail "$form: ldd says $uses"
	"$dir/ledger" >"$dir/ledger.out"
	printf 'haircut: @bob 30 @alice 0 @carol 20\nfifo: @bob 50 @alice 0 @carol 0\n' |
		diff - "$dir/ledger.out" || fail "ledger says something else"
	"$dir/services" "$dir/case" fifo >"$dir/services.out"
	python3 - "$dir" <<'P'
import json, sys
want = [(s["address"], s["tainted_volume"]) for s in json.load(open(sys.argv[1] + "/exchanges.json"))["result"]]
have = [tuple(l.split()) for l in open(sys.argv[1] + "/services.out")]
assert want and have == want, (have, want)
P
	! "$dir/services" "$dir/nothing" fifo 2>"$dir/err" || fail "a case that is not there"
	grep -q nothing "$dir/err" || fail "the error does not name the case"
done
echo "examples: ok"
