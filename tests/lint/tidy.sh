#!/bin/sh
# clang-tidy and cppcheck over the program and the library; "tidy.sh FILE..." for some files;
# for a private header, the sources that include it.
# clang-tidy takes one file a call: it forgets .clang-tidy's header filter between files.
set -eu
cd "$(dirname "$0")/../.."
cmake --preset clang >/dev/null
if [ $# -gt 0 ]; then
	for f in "$@"; do
		case $f in
		*.h) grep -lZ "\"$(basename "$f")\"" "$(dirname "$f")"/*.c ;;
		*) printf '%s\0' "$f" ;;
		esac
	done
else
	find src -name '*.c' -print0
fi | xargs -0 -n 1 -P "$(nproc)" sh -c 'clang-tidy -p build/clang --quiet "$1" 2>/dev/null' -
# internalAstError: version 2.10 cannot read a compound literal inside "?:".
[ $# -gt 0 ] || cppcheck --quiet --enable=warning,performance,portability --std=c11 \
	--inline-suppr --error-exitcode=1 -Iinclude --suppress=missingIncludeSystem \
	--suppress=internalAstError -j "$(nproc)" src
