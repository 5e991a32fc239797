#!/bin/sh
# All figures of docs/policies.md and docs/bench.md, on a machine at rest.
# Usage: measure.sh BUILD DIR [TRANSFERS ACCOUNTS]: BUILD is a release build, DIR a folder
# with room for twice the case (3.2 GB for 11 million transfers). The case is made there
# once (four minutes) and kept; what follows takes about six.
set -eu
build=$1
dir=$2
transfers=${3:-11000000}
accounts=${4:-1000000}
case=$dir/bench-$transfers-$accounts.xemtrace
if [ ! -e "$case" ]; then
	"$build/tests/bench/make_case" "$case.part" "$transfers" "$accounts" spread
	mv "$case.part" "$case"
fi
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
"$build/tests/bench/bench_taint" 10000000 500000
"$build/tests/bench/bench_load" "$build/src/cli/xemtrace" "$case"
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
