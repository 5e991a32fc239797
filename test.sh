#!/bin/sh
# Builds everything and runs every test. Installs what is missing first.
# Usage: ./test.sh [PRESET [CTEST-OPTION...]]     (dev, clang, asan, release; default dev)
set -eu
cd "$(dirname "$0")"
preset="${1:-dev}"
[ $# -eq 0 ] || shift
scripts/deps.sh test
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"
exec ctest --preset "$preset" -j "$(nproc)" "$@"
