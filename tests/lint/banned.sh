#!/bin/sh
# Calls that have no place here, and floating point near money.
set -eu
cd "$(dirname "$0")/../.."
bad=0
if grep -nE '\b(sprintf|vsprintf|strcpy|strcat|atoi|atol|atoll|gets|rand|strtok|system|popen|alloca)\(' \
	src/*/*.[ch] include/xemtrace/*.h; then
	echo "banned: the calls above"
	bad=1
fi
# Below the export floor no number is a float (importance is read by jansson and dropped).
if grep -nE '\b(double|float)\b' src/base/*.[ch] src/nem/*.[ch] src/store/*.[ch] \
	src/graph/*.[ch] src/taint/*.[ch] src/analyse/*.[ch] src/load/*.[ch] \
	src/import/*.[ch] include/xemtrace/*.h | grep -v '/\*.*\(double\|float\)'; then
	echo "banned: floating point above"
	bad=1
fi
# The library prints nothing (a "printf(" inside a string is SQL).
if find src -name '*.c' -not -path 'src/cli/*' -exec \
	grep -nE '\b(printf|puts|perror)\(|fprintf\(stderr|fputs\([^,]*, stderr' {} + |
	grep -v '"[^"]*printf('; then
	echo "banned: the library prints"
	bad=1
fi
exit $bad
