#!/bin/sh
# clang-format changes nothing.
set -eu
cd "$(dirname "$0")/../.."
find src tests -name '*.[ch]' -not -path '*/golden/*' -print0 |
	xargs -0 clang-format --dry-run --Werror
shellcheck ./*.sh scripts/*.sh tests/lint/*.sh .ci/run
find tests -name '*.sh' -print0 | xargs -0 -r shellcheck -S warning
