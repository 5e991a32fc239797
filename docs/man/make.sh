#!/bin/sh
# The manual: pages of commands from the program's own tables, the others from here.
# Usage: make.sh XEMTRACE FOLDER
set -eu
x=$1 out=$2
here=$(dirname "$0")
mkdir -p "$out/man1" "$out/man5" "$out/man7"
# The same sources make the same pages: no day of today in them.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1700000000}
export SOURCE_DATE_EPOCH
for f in "$here"/*.scd; do
	name=$(basename "$f" .scd)
	scdoc <"$f" >"$out/man${name##*.}/$name"
done
"$x" completion commands | while read -r c; do
	"$x" completion man "$c" >"$out/page.scd"
	scdoc <"$out/page.scd" >"$out/man1/xemtrace-$c.1"
done
rm -f "$out/page.scd"
