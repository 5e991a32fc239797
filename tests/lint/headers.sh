#!/bin/sh
# Each public header compiles on its own, in C11 and in C++.
set -eu
cd "$(dirname "$0")/../.."
bad=0
for h in include/xemtrace/*.h; do
	printf '#include <xemtrace/%s>\nextern int alone;\n' "$(basename "$h")" |
		${CC:-gcc} -std=c11 -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only -x c - || {
		echo "headers: $h does not stand alone"
		bad=1
	}
	# Where there is a C++ compiler.
	[ -z "$(command -v g++)" ] || printf '#include <xemtrace/%s>\nextern int alone;\n' "$(basename "$h")" |
		g++ -std=c++17 -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c++ - || {
		echo "headers: $h is not C++"
		bad=1
	}
done
exit $bad
