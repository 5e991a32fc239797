#!/bin/sh
# clang-tidy and cppcheck over the program and the library.
set -eu
cd "$(dirname "$0")/../.."
cmake --preset clang >/dev/null
find src -name '*.c' -print0 |
	xargs -0 -n 4 -P "$(nproc)" clang-tidy -p build/clang --quiet 2>/dev/null
cppcheck --quiet --enable=warning,performance,portability --std=c11 --inline-suppr \
	--error-exitcode=1 -Iinclude --suppress=missingIncludeSystem src
