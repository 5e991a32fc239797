#!/bin/sh
# Every command's JSON against docs/schema/output.json, on the real record and on hostile
# text; and the schema against what it must refuse. Usage: schema.sh XEMTRACE ...
set -eu
x=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for k in coincheck hostile; do
	tests/report/make_case.sh "$x" $k "$dir/$k.case"
	export XEMTRACE_CASE="$dir/$k.case"
	j() { # NAME COMMAND...: its JSON, whatever it exits with
		name=$1
		shift
		"$x" "$@" -q --format json >"$dir/$k-$name.json" 2>"$dir/err" || {
			cat "$dir/err" >&2
			echo "schema: $* failed" >&2
			exit 1
		}
	}
	seed=@thief
	[ $k = hostile ] || seed=NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG
	j top top -n 0
	j received top --by received
	j held top --by held --policy fifo
	j exchanges exchanges
	j status status
	j taint taint
	j show show $seed
	j trace trace $seed
	j seeds seed list
	j labels label list
	j import import fixtures/coincheck/ledger.csv
done
/usr/bin/python3 - "$dir" <<'P'
import glob, json, sys
import jsonschema
def whole(pairs):
    keys = [k for k, _ in pairs]
    assert len(keys) == len(set(keys)), keys
    return dict(pairs)
schema = json.load(open("docs/schema/output.json"))
check = jsonschema.Draft7Validator(schema)
check.check_schema(schema)
files = sorted(glob.glob(sys.argv[1] + "/*.json"))
assert len(files) >= 22
commands = set()
for f in files:
    text = open(f, encoding="utf-8").read()
    D = json.loads(text, object_pairs_hook=whole)
    bad = [(list(e.absolute_path), e.message[:200]) for e in check.iter_errors(D)]
    assert not bad, (f, bad[:3])
    assert list(D) == [k for k in ("format_version", "command", "summary", "result", "warnings") if k in D]
    assert not any(ord(c) < 32 and c != "\n" for c in text), f
    commands.add(D["command"])
assert len(commands) >= 8, commands
good = json.load(open(sys.argv[1] + "/coincheck-top.json"))
assert check.is_valid(good)
for spoil in (lambda d: d.pop("warnings"),
              lambda d: d.update(extra=1),
              lambda d: d["result"][0].update(tainted_volume=5),
              lambda d: d["result"][0].update(held_uxem=1.5),
              lambda d: d["result"][0].update(held_uxem="5"),
              lambda d: d["result"][0].update(label=None),
              lambda d: d["result"][0].update(first="2018-01-26"),
              lambda d: d["result"][0].update(address="N123"),
              lambda d: d["result"][0].update(Upper=1)):
    d = json.loads(json.dumps(good))
    spoil(d)
    assert not check.is_valid(d), "the schema lets this pass"
P
echo "schema: ok"
