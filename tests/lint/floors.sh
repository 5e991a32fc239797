#!/bin/sh
# A floor includes only its own private headers and the public headers of floors that the
# table in docs/architecture.md allows.
set -eu
cd "$(dirname "$0")/../.."

allowed() {
	case "$1" in
	base) echo "base csv limits" ;;
	nem) echo "base limits nem" ;;
	nis) echo "base limits nem nis" ;;
	store) echo "base limits nem store" ;;
	graph) echo "base limits nem graph" ;;
	crawl) echo "base limits nem nis store crawl" ;;
	evidence) echo "base limits nem nis store crawl evidence" ;;
	load) echo "base limits nem store graph load" ;;
	label) echo "base csv limits nem store label" ;;
	import) echo "base csv limits nem store import" ;;
	taint) echo "base limits nem graph taint" ;;
	analyse) echo "base limits nem graph taint analyse" ;;
	export) echo "base limits nem graph taint analyse export findings" ;;
	cli) echo "base csv limits nem nis store graph crawl evidence load label import taint analyse export findings" ;;
	esac
}

bad=0
for dir in src/*/; do
	floor=$(basename "$dir")
	ok=$(allowed "$floor")
	[ -n "$ok" ] || { echo "floors: $floor is not in the table"; bad=1; continue; }
	for f in "$dir"*.[ch]; do
		for h in $(sed -n 's|^#include <xemtrace/\([a-z]*\)\.h>.*|\1|p' "$f"); do
			case " $ok " in
			*" $h "*) ;;
			*)
				echo "floors: $f includes xemtrace/$h.h, which $floor may not"
				bad=1
				;;
			esac
		done
		if grep -nE '^#include "(\.\./|[a-z]+/)' "$f"; then
			echo "floors: $f includes a private header of another folder"
			bad=1
		fi
	done
	# The build file names the same floors.
	for f in $(sed -n 's/.*FLOORS \(.*\)/\1/p' "$dir/CMakeLists.txt" | tr -d ')'); do
		case " $ok " in
		*" $f "*) ;;
		*) [ "$f" = LIBS ] || { echo "floors: $dir/CMakeLists.txt links $f"; bad=1; } ;;
		esac
	done
done
# The public headers keep the same table.
for h in include/xemtrace/*.h; do
	floor=$(basename "$h" .h)
	case "$floor" in csv | limits) ok="base" ;; findings) ok=$(allowed export) ;; *) ok=$(allowed "$floor") ;; esac
	for i in $(sed -n 's|^#include <xemtrace/\([a-z]*\)\.h>.*|\1|p' "$h"); do
		case " $ok " in
		*" $i "*) ;;
		*) echo "floors: $h includes xemtrace/$i.h"; bad=1 ;;
		esac
	done
done
exit $bad
