#!/bin/sh
# Every .c file is listed in the CMakeLists.txt beside it, so that none is dead.
set -eu
cd "$(dirname "$0")/../.."
bad=0
for f in src/*/*.c; do
	grep -q "\b$(basename "$f")\b" "$(dirname "$f")/CMakeLists.txt" || {
		echo "sources: $f is in no CMakeLists.txt"
		bad=1
	}
done
exit $bad
