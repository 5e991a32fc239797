#!/bin/sh
# Installs what is missing, on Debian 12. Usage: scripts/deps.sh run|test|ci
#   run   to build the program and run the demo
#   test  also to build and run the tests
#   ci    also clang, sanitizers and lints
set -eu

run="gcc libc6-dev cmake ninja-build pkg-config ca-certificates tzdata
libcurl4-openssl-dev libjansson-dev libsqlite3-dev libsodium-dev nettle-dev libyaml-dev
libzstd-dev libgraphviz-dev graphviz fonts-dejavu-core libmicrohttpd-dev"
test="libcmocka-dev curl python3 python3-networkx python3-jsonschema sqlite3 git scdoc mandoc
zsh fish"
ci="clang clang-format clang-tidy libclang-rt-14-dev cppcheck shellcheck codespell
chromium chromium-driver python3-selenium"

case "${1:-run}" in
run) want="$run" ;;
test) want="$run $test" ;;
ci) want="$run $test $ci" ;;
*)
	echo "usage: $0 run|test|ci" >&2
	exit 2
	;;
esac

missing=""
for p in $want; do
	if [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" != installed ]; then
		missing="$missing $p"
	fi
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "$0: this is no Debian; please install the equivalents of:$missing" >&2
	exit 1
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
	sudo="sudo"
	command -v sudo >/dev/null || {
		echo "$0: not root and no sudo; please install:$missing" >&2
		exit 1
	}
fi
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -q >&2
# shellcheck disable=SC2086
$sudo apt-get install -y -q --no-install-recommends $missing >&2
