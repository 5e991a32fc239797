#!/bin/sh
# No paths of a developer's machine in the project; spelling of the prose.
set -eu
cd "$(dirname "$0")/../.."
bad=0
if git grep -nIE '/(home|root|work)/[a-z]' -- . ':!tests/lint/prose.sh' ':!fixtures' \
	2>/dev/null | grep -vE 'mktemp|TMPDIR'; then
	echo "prose: machine paths above"
	bad=1
fi
if command -v codespell >/dev/null; then
	codespell -q 3 -L xem,hashs,te,nd,ot,ue README.md docs/*.md include src 2>/dev/null || {
		echo "prose: codespell"
		bad=1
	}
fi
exit $bad
