# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by the tests that need fixture nodes; nothing to run. They all listen on ports
# that were free, and end with the script. Expects $node and $mkchain (and $xemtrace, for
# killed); sets $dir, the script's own folder.
dir=$(mktemp -d) || exit 1
pids=
chain=
trap 'stop; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

fail()
{
	echo "$(basename "$0" .sh): $*" >&2
	exit 1
}

# make_chain LEDGER: what the nodes serve from then on.
make_chain()
{
	chain=$dir/chain.json
	"$mkchain" "$1" -o "$chain" || fail "no chain of $1"
}

addr() # NAME
{
	"$mkchain" --address "$1" | cut -d' ' -f1
}

# listening: wait until a server that was just started tells its port; $url is its.
listening()
{
	pid=$!
	pids="$pids $pid"
	tries=0
	until [ -s "$dir/port" ]; do
		tries=$((tries + 1))
		kill -0 "$pid" 2>/dev/null && [ $tries -lt 3000 ] || fail "a server does not start"
		sleep 0.02
	done
	port=$(cat "$dir/port")
	url=http://127.0.0.1:$port
}

# start OPTION...: one more node. A chain named at the end is served instead of $chain.
start()
{
	rm -f "$dir/port"
	"$node" --port-file "$dir/port" --kill-file "$dir/kill" "$@" ${chain:+"$chain"} \
		>/dev/null 2>&1 &
	listening
}

# All nodes.
stop()
{
	for p in $pids; do
		kill "$p" 2>/dev/null || :
	done
	for p in $pids; do
		wait "$p" 2>/dev/null || :
	done
	pids=
}

# killed N COMMAND...: killed (SIGKILL) after the N-th answer of the nodes; the exit code.
# The number is certain but for the last answers, one a connection.
killed()
{
	answers=$1
	shift
	code=0
	sh -c 'echo "$$ $2" >"$1"; shift 2; exec "$@"' sh "$dir/kill" "$answers" "$@" \
		>/dev/null 2>&1 || code=$?
	rm -f "$dir/kill"
	return $code
}
