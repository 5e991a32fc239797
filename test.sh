#!/bin/sh
# Builds everything and runs every test. Installs what is missing first.
# Usage: ./test.sh [PRESET [CTEST-OPTION...]]     (dev, clang, asan, release; default dev)
set -eu
cd "$(dirname "$0")"
preset="${1:-dev}"
[ $# -eq 0 ] || shift
scripts/deps.sh test
# Debian's own Python: it has the modules that tests import.
PATH=/usr/bin:$PATH
export PATH
# The tests write many small files: into memory, where there is enough.
free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
[ -n "${TMPDIR:-}" ] || [ "${free:-0}" -lt 2000000 ] || export TMPDIR=/dev/shm
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"
# Some tests mostly wait: two more than there are processors.
exec ctest --preset "$preset" -j "$(($(nproc) + 2))" "$@"
