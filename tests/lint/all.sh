#!/bin/sh
# Every lint, in turn. The quick ones (without a compiler) are ctests too.
set -eu
cd "$(dirname "$0")/../.."
for t in floors banned sources headers prose width; do
	tests/lint/$t.sh
done
tests/lint/format.sh
tests/lint/tidy.sh
