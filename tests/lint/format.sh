#!/bin/sh
# clang-format changes nothing.
set -eu
cd "$(dirname "$0")/../.."
find include src tests -name '*.[ch]' -not -path '*/golden/*' -print0 |
	xargs -0 clang-format --dry-run --Werror
find . -path ./build -prune -o -name '*.sh' -print0 | xargs -0 shellcheck -S warning .ci/run
