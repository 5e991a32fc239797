#!/bin/sh
# nodes: peers of fixture nodes, hostile peer lists, the file of nodes, the proxy.
# usage: nodes.sh XEMTRACE FIXTURE_NODE MKCHAIN
set -u
xemtrace=$1
node=$2
mkchain=$3
here=$(dirname "$0")
. "$(dirname "$0")/node.sh"
HOME=$dir/home
XDG_CONFIG_HOME=$dir/config
export HOME XDG_CONFIG_HOME
mkdir "$HOME" "$XDG_CONFIG_HOME"

fail()
{
	echo "nodes: $*"
	[ -s "$dir/out" ] && cat "$dir/out"
	[ -s "$dir/err" ] && cat "$dir/err"
	exit 1
}

make_chain fixtures/nis/theft-small.ledger
thief=$(addr thief)

sick() # MODE [ARG]: its port in $port
{
	rm -f "$dir/port"
	python3 "$here/sick_server.py" "$dir/port" "$@" 2>"$dir/sick" &
	listening
}
x() # ARGUMENTS: exit code in $code
{
	"$xemtrace" "$@" >"$dir/out" 2>"$dir/err"
	code=$?
}
# want JSON-PATH VALUE: of the last output, by python.
want()
{
	python3 - "$dir/out" "$1" "$2" <<'P' || fail "$1 is not $2"
import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
got = eval(sys.argv[2], {"d": d, "s": d.get("summary"), "r": d["result"],
                         "by": {x["node"].rsplit(":", 1)[1]: x for x in d["result"]}})
if str(got) != sys.argv[3]:
    sys.exit("got %r" % (got,))
P
}

# A node that names three others, of which one is of another network and one is behind.
start --features 1 --name one
one=$port
start --features 3 --name two
two=$port
start --network -104
other=$port
start --height 100
behind=$port
start --status 5
step=$port
start --loading
loading=$port
sick hang
hang=$port
start --features 0 --peer "127.0.0.1:$one" --peer "127.0.0.1:$two" --peer "127.0.0.1:$other" \
	--peer "127.0.0.1:$behind" --peer "127.0.0.1:$step" --peer "127.0.0.1:$loading" \
	--peer "127.0.0.1:$hang" --peer 127.0.0.1:25
root=$port
x nodes "http://127.0.0.1:$root" --private --time 8 --format json --save "$dir/saved"
[ $code -eq 0 ] || fail "exit code $code"
want 's["asked"], s["answered"], s["ready"], s["saved"]' '(8, 6, 3, 3)'
want 's["listed"], s["bad"], s["closed"], s["not_asked"]' '(8, 0, 1, 0)'
want 's["timed_out"]' True
want "by['$root']['state'], by['$root']['peer'], by['$root']['hash_lookup'], by['$root']['history']" \
	"('ready', False, False, False)"
want "by['$two']['history'], by['$two']['hash_lookup'], by['$two']['name'], by['$two']['height']" \
	"(True, True, 'two', 380)"
want "by['$other']['state'], by['$other']['network']" "('other network', 'testnet')"
want "by['$behind']['state'], by['$behind']['height']" "('behind', 100)"
want "by['$step']['state']" 'not in step'
want "'$loading' in by, '$hang' in by" '(False, False)'
want '[x["state"] == "ready" for x in r]' '[True, True, True, False, False, False]'
[ "$(sort "$dir/saved" | tr '\n' ' ')" = \
	"$(printf 'http://127.0.0.1:%s\n' "$root" "$one" "$two" | sort | tr '\n' ' ')" ] ||
	fail "saved: $(cat "$dir/saved")"

# What is listed can be given to --node as it stands; the file serves the crawl.
x --case "$dir/by-file" crawl "$thief" --depth 1 --rate 1000 --nodes "$dir/saved" -q
[ $code -eq 0 ] || fail "crawl --nodes: exit code $code"
[ "$(sqlite3 "$dir/by-file" 'SELECT count(DISTINCT node) FROM answer')" -eq 3 ] ||
	fail "crawl --nodes: not all three were asked"

# Without --private nobody at 127.0.0.1 is asked because a list says so.
x nodes "http://127.0.0.1:$root" --format json
want 's["asked"], s["closed"]' '(1, 8)'
# Few wanted.
x nodes "http://127.0.0.1:$root" --private --peers 2 --time 9 --format json
want 's["asked"], s["not_asked"]' '(3, 5)'
x nodes "http://127.0.0.1:$root" --peers 0 --format json
want 's["asked"], s["listed"]' '(1, 0)'

# A list made to harm: nothing of it is asked, nothing of it reaches the terminal raw.
python3 - "$dir/evil" <<'P'
import json, sys
def peer(host, port=7890, protocol="http"):
    return {"endpoint": {"protocol": protocol, "port": port, "host": host}}
evil = [peer("\x1b]0;x\x07"), peer("\u202eevil"), peer("a/../.."), peer("u:p@h"), peer("x", 7890, "file"),
        peer("x", 7890, "gopher"), peer("x", "7890"), peer("x", -1), peer("x", 65536), peer("x", 1e3),
        peer(""), peer("a" * 5000), peer(["a"]), 5, None, [], {}, peer("-x"), peer("[::1]"), peer("a b"),
        peer("x\r\nHost: y")]
private = [peer("127.0.0.1"), peer("10.0.0.1"), peer("192.168.0.1"), peer("169.254.169.254"), peer("::1"),
           peer("fe80::1"), peer("0.0.0.0"), peer("::ffff:127.0.0.1"), peer("8.8.8.8", 22), peer("8.8.8.8", 25)]
json.dump({"data": evil + private}, open(sys.argv[1], "w"))
json.dump({"data": [peer("127.0.0.1", 1)] * 30000}, open(sys.argv[1] + "-many", "w"))
json.dump({"data": [peer("localhost", p) for p in (2001, 2002)] + [peer("127.1", 2003)]}, open(sys.argv[1] + "-names", "w"))
open(sys.argv[1] + "-deep", "w").write('{"data":' + "[" * 100000)
open(sys.argv[1] + "-big", "w").write('{"data":[' + " " * (5 << 20) + "]}")
P
sick peers "$dir/evil"
evil=$port
x nodes "http://127.0.0.1:$evil" --format json
[ $code -eq 0 ] || fail "hostile list: exit code $code"
want 's["asked"], s["bad"], s["closed"], s["listed"]' '(1, 21, 10, 31)'
for f in text csv json; do
	x nodes "http://127.0.0.1:$evil" -v --format $f
	LC_ALL=C grep -q "$(printf '[\033\007]')" "$dir/out" "$dir/err" && fail "hostile list: an escape in $f"
done
# Names that lead home are closed once they are looked up.
sick peers "$dir/evil-names"
x nodes "http://127.0.0.1:$port" -v
grep -q 'localhost:2001.*leads to a private address' "$dir/err" || fail "a name that leads home"
grep -q '127.1:2003.*leads to a private address' "$dir/err" || fail "an odd spelling of home"
for k in many deep big; do
	sick peers "$dir/evil-$k"
	x nodes "http://127.0.0.1:$port" --format json
	[ $code -eq 0 ] || fail "list $k: exit code $code"
	want 's["asked"]' 1
done

# Sick nodes: it comes to an end, with one line that names each.
set --
for m in silent drip headers continue length endless garbage 'cut 60' 'redirect http://127.0.0.1:1/'; do
	# shellcheck disable=SC2086
	sick $m
	set -- "$@" "$url"
done
x nodes "$@" "http://127.0.0.1:$one" --time 8 --format json
[ $code -eq 0 ] || fail "sick nodes: exit code $code"
want 's["answered"], len(d["warnings"])' '(1, 9)'
for url in "$@"; do
	want "sum('${url#http://}' in w['text'] for w in d['warnings'])" 1
done
x nodes "http://127.0.0.1:1"
[ $code -eq 75 ] || fail "nobody answers: exit code $code"

# The user's own file; names; errors with file, line and value.
x nodes
[ $code -eq 2 ] || fail "no node at all: exit code $code"
grep -q '.config/xemtrace/nodes' "$dir/err" || fail "no word about the file"
x nodes "http://127.0.0.1:$one" --save "$XDG_CONFIG_HOME/xemtrace/nodes" --peers 0
[ $code -eq 0 ] || fail "--save: exit code $code"
printf 'http://127.0.0.1:%s mine # a remark' "$two" >>"$XDG_CONFIG_HOME/xemtrace/nodes"
x nodes --format json
want 'sorted(by)' "$(printf "['%s', '%s']" "$one" "$two" | python3 -c 'print(sorted(eval(input())))')"
x nodes "http://127.0.0.1:$root" --save "$XDG_CONFIG_HOME/xemtrace/nodes" --peers 0
[ "$(grep -c . "$XDG_CONFIG_HOME/xemtrace/nodes")" -eq 3 ] || fail "--save: not added"
grep -q "^http://127.0.0.1:$two mine # a remark$" "$XDG_CONFIG_HOME/xemtrace/nodes" ||
	fail "--save: what stood there is gone"
x --case "$dir/named" crawl "$thief" --depth 1 --rate 1000 --node mine -q
[ $code -eq 0 ] || fail "--node NAME: exit code $code"
[ "$(sqlite3 "$dir/named" 'SELECT DISTINCT node FROM answer')" = "http://127.0.0.1:$two" ] ||
	fail "--node NAME: another node was asked"
x --case "$dir/own" crawl "$thief" --depth 1 --rate 1000 -q
[ $code -eq 0 ] || fail "the user's own file: exit code $code"
printf 'http://a\n\nftp://b\n' >"$dir/bad"
x --case "$dir/bad-case" crawl "$thief" --nodes "$dir/bad"
[ $code -eq 3 ] || fail "a bad file: exit code $code"
grep -q "bad:3: \"ftp://b\": " "$dir/err" || fail "a bad file: its error"
cp "$dir/bad" "$dir/bad.copy"
x nodes "http://127.0.0.1:$one" --save "$dir/bad"
[ $code -eq 3 ] || fail "--save to a bad file: exit code $code"
cmp -s "$dir/bad" "$dir/bad.copy" || fail "--save: a bad file was touched"
x --case "$dir/none" crawl "$thief" --nodes "$dir/no-such"
[ $code -eq 1 ] || fail "no such file: exit code $code"
# An error in the user's own file is in nobody's way who names his node.
echo nonsense >"$XDG_CONFIG_HOME/xemtrace/nodes"
x nodes "http://127.0.0.1:$one" --peers 0
[ $code -eq 0 ] || fail "a bad own file beside a URL: exit code $code"

# A proxy by option alone, and all goes through it.
sick proxy "$dir/proxied"
for v in http_proxy https_proxy all_proxy HTTP_PROXY ALL_PROXY; do
	eval "$v=http://127.0.0.1:$port"
	export "${v?}"
done
x nodes "http://127.0.0.1:$one" --peers 0
[ $code -eq 0 ] && [ ! -e "$dir/proxied" ] || fail "a proxy of the environment was used"
no_proxy=127.0.0.1
export no_proxy
x nodes "http://127.0.0.1:$one" --peers 0 --proxy "http://127.0.0.1:$port"
[ $code -eq 0 ] || fail "--proxy: exit code $code"
[ "$(grep -c "^http://127.0.0.1:$one/" "$dir/proxied")" -eq 3 ] || fail "--proxy: not by it: $(cat "$dir/proxied")"
x --case "$dir/proxy-case" crawl "$thief" --depth 1 --rate 1000 --node "http://127.0.0.1:$one" -q \
	--proxy "http://127.0.0.1:$port"
[ $code -eq 0 ] || fail "crawl --proxy: exit code $code"
[ "$(grep -c . "$dir/proxied")" -ge $((3 + $(sqlite3 "$dir/proxy-case" 'SELECT count(*) FROM answer'))) ] ||
	fail "crawl --proxy: not all went by it"
for p in 127.0.0.1:3128 file:///etc/passwd http://u:secret@x y; do
	x nodes "http://127.0.0.1:$one" --proxy "$p"
	[ $code -eq 2 ] || fail "--proxy $p: exit code $code"
	grep -q secret "$dir/err" && fail "--proxy: shows the password"
done
echo "nodes: ok"
