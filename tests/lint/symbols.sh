#!/bin/sh
# What the shared library exports is what the public headers declare, both ways.
# Usage: symbols.sh LIBRARY
set -eu
lib=$(realpath "$1")
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for h in include/xemtrace/*.h; do
	echo "#include <xemtrace/$(basename "$h")>"
done >"$dir/all.c"
# gcc lists each function it saw declared, with the file that did it.
gcc -std=c11 -Iinclude -aux-info "$dir/seen" -S -o /dev/null "$dir/all.c"
{
	sed -n 's|^/\* include/xemtrace/[a-z]*\.h:[0-9]*:N[CI] \*/ extern [^(]*[ *]\([a-z0-9_]*\) (.*|\1|p' "$dir/seen"
	sed -n 's|^extern .*[ *]\([a-z0-9_]*\)\[\{0,1\}\]\{0,1\};.*|\1|p' include/xemtrace/*.h
} | sort -u >"$dir/declared"
# Names that begin with __ are the compiler's (sanitizers).
nm -D --defined-only "$lib" | awk '$3 !~ /^__/ { print $3 }' | sed 's/@.*//' | sort -u >"$dir/exported"
n=$(wc -l <"$dir/declared")
[ "$n" -gt 250 ] || { echo "symbols: only $n declarations were read"; exit 1; }
diff "$dir/declared" "$dir/exported" >"$dir/diff" || {
	echo "symbols: < declared in a public header only, > exported only"
	grep '^[<>]' "$dir/diff"
	exit 1
}
echo "symbols: $n"
