#!/bin/sh
# The report page in headless Chromium (Debian: chromium-driver, python3-selenium), each
# control used; and, where npm is there, report/dist rebuilt from its sources.
# Usage: run.sh XEMTRACE [FOLDER for screenshots]
set -eu
x=$(realpath "$1")
shots=${2:-}
cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for k in coincheck hostile one 12000 50000; do
	tests/report/make_case.sh "$x" $k "$dir/$k.case"
	"$x" --case "$dir/$k.case" --tz Asia/Tokyo report -q -o "$dir/$k.html"
done
# The scale model, where the tests of the same build have made it.
now() { date +%s%N; }
model=$(dirname "$x")/../../tests/scale/model/model.case
if [ -f "$model" ]; then
	cp "$model" "$dir/model.case"
	a=$(now)
	"$x" --case "$dir/model.case" report -q -o "$dir/model.html"
	b=$(now)
	"$x" --case "$dir/model.case" taint -q >/dev/null
	c=$(now)
	echo "scale model: report written in $(((b - a) / 1000000)) ms, taint takes $(((c - b) / 1000000)) ms"
fi
# Values, groups of the analyst and groups that were found.
tests/report/make_case.sh "$x" mixed "$dir/groups.case"
"$x" --case "$dir/groups.case" group add "The thief's wallets" @w1 @w2 @w3 --reason "one letter names them" >/dev/null
"$x" --case "$dir/groups.case" report -q --rate JPY:88.549 -o "$dir/groups.html"
/usr/bin/python3 tests/report/drive.py "$dir" "$shots"
if command -v npm >/dev/null; then
	cp -R report "$dir/report"
	rm -rf "$dir/report/node_modules"
	if (cd "$dir/report" && npm ci --silent --no-fund --no-audit --fetch-retries=1); then
		(cd "$dir/report" && node build.mjs "$dir/dist") ||
			{ echo "report: the page could not be rebuilt" >&2; exit 1; }
		diff -r report/dist "$dir/dist" || { echo "report: dist is not what the sources make" >&2; exit 1; }
		echo "report: dist is what the sources make"
	elif npm ping --fetch-retries=1 >/dev/null 2>&1; then
		echo "report: npm ci fails" >&2
		exit 1
	else
		echo "report: no registry can be reached, dist was not rebuilt"
	fi
else
	echo "report: no npm here, dist was not rebuilt"
fi
