#!/bin/sh
# Every format of the flow graph, read back by its own readers: Graphviz, NetworkX, csv.
# All of them must tell the same edges with the same exact amounts.
# Usage: graph_formats.sh XEMTRACE ...
set -eu
x=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "graph_formats: $*" >&2
	exit 1
}
export XEMTRACE_CASE="$dir/case.xemtrace"
"$x" label import fixtures/labels/nem-known-addresses.yaml >/dev/null
"$x" import -q --complete fixtures/coincheck/ledger.csv >/dev/null
set -- seed add --theft coincheck
while read -r ref; do
	set -- "$@" --tx "$ref"
done <fixtures/coincheck/theft.txt
"$x" "$@" >/dev/null
# A label that attacks every format at once: markup, DOT, a formula, marks of direction,
# a control, a wide letter. (Colours of the picture must survive as well.)
evil=$(printf '=1+1"];<script>&alert(1)</script>]]>\\N{a|b}\342\200\256\033[31m\tコイン')
"$x" label add NDDZVF32WB3LWRNG3IVGHCOCAZWENCNRGEZJVCJI --label "$evil" --category "<b>" \
	--confidence 99 >/dev/null 2>&1 || fail "the hostile label was refused"

g() { "$x" graph -q "$@"; }
for f in dot csv graphml gexf svg png pdf; do
	g --max-edges 0 --format $f -o "$dir/all.$f"
	[ -s "$dir/all.$f" ] || fail "no $f"
done
g --max-edges 0 --format neo4j -o "$dir/all"
g --to-services --per-account 2 --format dot -o "$dir/few.dot"
g --to-services --per-account 2 --format graphml -o "$dir/few.graphml"
g --to-services --format csv -o "$dir/ways.csv"
g --theft coincheck --max-edges 0 --format csv -o "$dir/theft.csv"
cmp "$dir/theft.csv" "$dir/all.csv" || fail "the only theft is not the whole"
for f in all few; do
	dot -Tjson0 "$dir/$f.dot" >"$dir/$f.json" || fail "Graphviz cannot read $f.dot"
done
/usr/bin/python3 - "$dir" <<'P'
import csv, json, sys
import xml.dom.minidom
import networkx as nx
d = sys.argv[1] + "/"
rows = list(csv.DictReader(open(d + "all.csv", newline="")))
plain = lambda s: s[1:] if s.startswith("'") else s
want = {(plain(r["from"]), plain(r["to"])): (r["tainted_volume"], r["amount_volume"],
        r["count"], r["first"], r["last"]) for r in rows}
assert len(want) == len(rows) > 80, len(rows)
for name, read in ("graphml", nx.read_graphml), ("gexf", nx.read_gexf):
    G = read(d + "all." + name)
    got = {(a, b): (e["tainted_uxem"], e["amount_uxem"], str(e.get("count", "")),
                    e.get("first", ""), e.get("last", "")) for a, b, e in G.edges(data=True)}
    assert got == want, (name, set(got.items()) ^ set(want.items()))
    for _, _, e in G.edges(data=True):
        assert abs(e["tainted_xem"] * 10**6 - int(e["tainted_uxem"])) < 1, e
    # Labels without loss: the writer's escapes turned back give the text.
    label = G.nodes["NDDZVF32WB3LWRNG3IVGHCOCAZWENCNRGEZJVCJI"]["label"]
    assert "\\u202e" in label and "\\x1b" in label and "<script>&alert(1)</script>]]>" in label
    assert "コイン" in label and "\x1b" not in label, label
    assert G.number_of_nodes() >= 60
assert "policy haircut" in nx.read_graphml(d + "all.graphml").graph["filter"]
# Neo4j: both ends of each relationship are nodes.
nodes = {r["address:ID"] for r in csv.DictReader(open(d + "all-nodes.csv", newline=""))}
rel = list(csv.DictReader(open(d + "all-relationships.csv", newline="")))
assert {(plain(r[":START_ID"]), plain(r[":END_ID"])): r["tainted_uxem"] for r in rel} == \
       {k: v[0] for k, v in want.items()}
assert all(r[":START_ID"] in nodes and r[":END_ID"] in nodes for r in rel)
# DOT as Graphviz reads it.
J = json.load(open(d + "all.json"))
names = {o["_gvid"]: o["name"] for o in J["objects"]}
edges = {(names[e["tail"]], names[e["head"]]) for e in J["edges"]
         if not names[e["tail"]].startswith("legend")}
assert edges == set(want), edges ^ set(want)
# The SVG is XML without a script.
svg = open(d + "all.svg").read()
xml.dom.minidom.parseString(svg)
assert "<script" not in svg and "\x1b" not in svg and "\u202e" not in svg
# Ways to services: each node but services leads on to one; nothing was made up.
ways = list(csv.DictReader(open(d + "ways.csv", newline="")))
W = nx.DiGraph((plain(r["from"]), plain(r["to"])) for r in ways)
ends = {plain(r["to"]) for r in ways if r["to_service"] == "true"}
assert ends and all(n in ends or any(nx.has_path(W, n, s) for s in ends) for n in W)
assert all((a, b) in want for a, b in W.edges)
assert len(ways) < len(rows)
# Folded: at most 2 drawn (3 where the third would be alone) and one rest, and each
# account's sum stays what it was on the ways to services.
F = nx.read_graphml(d + "few.graphml")
out = {}
for r in ways:
    out[plain(r["from"])] = out.get(plain(r["from"]), 0) + int(r["tainted_volume"])
rests = [n for n in F if n.startswith("rest:")]
assert rests
for n in F:
    if F.out_degree(n) == 0:
        continue
    kept = [b for b in F.successors(n) if not b.startswith("rest:")]
    assert len(kept) <= 3, n
    total = sum(int(e["tainted_uxem"]) for _, _, e in F.out_edges(n, data=True))
    assert total == out[n], (n, total, out[n])
    for b in F.successors(n):
        if b.startswith("rest:"):
            assert b == "rest:" + n and int(F.edges[n, b]["folded_edges"]) >= 2
few = open(d + "few.dot").read()
assert "ways to services only" in few and "smaller edges summed in" in few
P
# A picture of all of thousands of edges is cut down, and says so.
"$x" graph --max-edges 10 -o "$dir/cut.dot" 2>"$dir/err"
grep -q "the largest 10 edges" "$dir/cut.dot" || fail "the cut is not in the picture"
grep -q "left out by the filters" "$dir/err" || fail "the cut is not said"
# Bounds at every node are those of the comparison, in each format.
g --max-edges 0 --format json -o "$dir/all.json1"
"$x" taint -q --compare --limit 0 --format json >"$dir/compare"
# Groups: wallets of the shop as one party, with the reason; nothing is lost or made up.
"$x" top -q -n 0 --format json >"$dir/top"
/usr/bin/python3 - "$dir" >"$dir/shop" <<'P'
import json, sys
top = json.load(open(sys.argv[1] + "/top"))["result"]
print(*[t["address"] for t in top if t.get("category") == "theft-shop"])
P
# shellcheck disable=SC2046 # one address a word
"$x" group add "The shop ];<b>&" $(cat "$dir/shop") --reason "named =1+1 <i>\"shop\"" >/dev/null
for f in graphml gexf json csv dot svg; do
	g --max-edges 0 --fold given --format $f -o "$dir/fold.$f"
done
g --max-edges 0 --fold given --format neo4j -o "$dir/fold"
dot -Tjson0 "$dir/fold.dot" >"$dir/fold.dotjson" || fail "Graphviz cannot read fold.dot"
/usr/bin/python3 - "$dir" <<'P'
import csv, json, sys
import networkx as nx
d = sys.argv[1] + "/"
want = {r["address"]: (r["low_uxem"], r["high_uxem"], r["exact"])
        for r in json.load(open(d + "compare"))["result"]}
plain = lambda s: s[1:] if s.startswith("'") else s
J = json.load(open(d + "all.json1"))["result"][0]
assert len(J["nodes"]) >= 60 and len(J["edges"]) > 80
def same(who, low, high, exact):
    assert (low, high, exact) == want.get(who, (0, 0, True)), (who, low, high, exact, want.get(who))
for n in J["nodes"]:
    same(n["address"], n["low_uxem"], n["high_uxem"], n["bounds_exact"])
for name, read in ("graphml", nx.read_graphml), ("gexf", nx.read_gexf):
    for who, n in read(d + "all." + name).nodes(data=True):
        same(who, int(n["low_uxem"]), int(n["high_uxem"]), n["bounds_exact"])
        assert abs(n["high_xem"] * 10**6 - int(n["high_uxem"])) < 1
for r in csv.DictReader(open(d + "all-nodes.csv", newline="")):
    same(plain(r["address:ID"]), int(r["low_uxem"]), int(r["high_uxem"]), r["bounds_exact:boolean"] == "true")
for r in csv.DictReader(open(d + "all.csv", newline="")):
    same(plain(r["to"]), int(r["to_low_uxem"]), int(r["to_high_uxem"]), r["to_bounds_exact"] == "true")
# Folded.
shop = set(open(d + "shop").read().split())
assert len(shop) > 10, shop
edges = {}
inside = 0
for e in J["edges"]:
    a, b = (("group" if p in shop else p) for p in (e["from"], e["to"]))
    if a == b:
        inside += int(e["amount_volume"])
        continue
    edges[a, b] = edges.get((a, b), 0) + int(e["tainted_volume"])
F = json.load(open(d + "fold.json"))["result"][0]
group = [n for n in F["nodes"] if "group" in n]
assert len(group) == 1 and set(group[0]["wallet_list"]) == shop and group[0]["wallets"] == len(shop)
ident = group[0]["id"]
assert ident == "group:" + min(shop) and "address" not in group[0] and group[0]["kind"] == "group"
assert 'named =1+1 <i>"shop"' in group[0]["group_reasons"] and group[0]["group"] == "The shop ];<b>&"
assert group[0]["held_uxem"] == sum(n["held_uxem"] for n in J["nodes"] if n["address"] in shop)
assert group[0]["low_uxem"] <= group[0]["held_uxem"] <= group[0]["high_uxem"]
assert int(F["inside_volume"]) == inside
name = lambda p: "group" if p == ident else p
assert {(name(e["from"]), name(e["to"])): int(e["tainted_volume"]) for e in F["edges"]} == edges
for f, read in ("graphml", nx.read_graphml), ("gexf", nx.read_gexf):
    G = read(d + "fold." + f)
    assert {(name(a), name(b)): int(e["tainted_uxem"]) for a, b, e in G.edges(data=True)} == edges
    n = G.nodes[ident]
    assert n["group"] == "The shop ];<b>&" and set(n["wallet_list"].split()) == shop and n["wallets"] == len(shop)
rel = csv.DictReader(open(d + "fold-relationships.csv", newline=""))
assert {(name(plain(r[":START_ID"])), name(plain(r[":END_ID"]))): int(r["tainted_uxem"]) for r in rel} == edges
kinds = {r["address:ID"]: r[":LABEL"] for r in csv.DictReader(open(d + "fold-nodes.csv", newline=""))}
assert kinds[ident] == "Group"
D = json.load(open(d + "fold.dotjson"))
node = [o for o in D["objects"] if o["name"] == ident][0]
assert node["shape"] == "folder" and "The shop ];<b>" in node["label"] and "one party because" in node["tooltip"]
assert all(w in node["tooltip"] for w in shop)
P
# Labels that are 1,024 letters, marks of direction, controls that XML cannot hold, or no
# UTF-8 at all: well-formed everywhere, and the text comes back.
n=0
while [ $n -lt 7 ]; do
	case $n in
	0) evil=$(printf '%01024d' 0 | tr 0 a) ;; # more than a label may have
	6) evil=$(printf '%0255d' 0 | tr 0 a) ;;
	1) evil=$(printf 'a\342\200\256b\342\201\246c\342\200\217d') ;;
	2) evil=$(printf 'x\001\013\014\033y\177z\357\277\276\357\277\277w') ;;
	3) evil=$(printf 'broken \377\376\300\200\355\240\200 end') ;;
	4) evil=$(printf ']]><!--\\N{a|b} "\047;<!ENTITY x> %%x; &#0; &lt;') ;;
	5) evil=$(printf '\360\237\222\260\u0301\341\204\220 e\314\201 \344\270\200') ;;
	esac
	export XEMTRACE_CASE="$dir/h$n.xemtrace"
	tests/report/make_case.sh "$x" hostile "$XEMTRACE_CASE"
	printf '%s' "$evil" >"$dir/evil.$n"
	if ! "$x" label add @mule --label "$evil" --category other --confidence 99 >"$dir/out" 2>&1; then
		[ $n -ne 0 ] && [ $n -ne 3 ] && fail "label $n was refused: $(cat "$dir/out")"
		grep -q '^xemtrace: .*label' "$dir/out" || fail "label $n: the refusal does not say why"
		n=$((n + 1))
		continue
	fi
	for f in dot graphml gexf json csv svg; do
		g --format $f -o "$dir/h.$f" || fail "label $n, $f"
	done
	g --format neo4j -o "$dir/h"
	dot -Tjson0 "$dir/h.dot" >"$dir/h.dotjson" || fail "label $n: Graphviz cannot read it"
	/usr/bin/python3 - "$dir" "$dir/evil.$n" <<'P'
import csv, json, re, sys
import xml.dom.minidom
import networkx as nx
d = sys.argv[1] + "/"
want = open(sys.argv[2], "rb").read().decode("utf-8", "replace")
def back(s):
    return re.sub(r"\\(\\|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})",
                  lambda m: "\\" if m[1] == "\\" else chr(int(m[1][1:], 16)), s)
plain = lambda s: s[1:] if s.startswith("'") else s
got = {"json": [n["label"] for n in json.load(open(d + "h.json"))["result"][0]["nodes"] if n["id"] == "@mule"][0]}
for f, read in ("graphml", nx.read_graphml), ("gexf", nx.read_gexf):
    raw = open(d + "h." + f, encoding="utf-8").read()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\u202a-\u202e\u2066-\u2069\u200b-\u200f]", raw)
    got[f] = back(read(d + "h." + f).nodes["@mule"]["label"])
row = [r for r in csv.DictReader(open(d + "h-nodes.csv", newline="")) if plain(r["address:ID"]) == "@mule"][0]
got["neo4j"] = back(plain(row["label"]))
row = [r for r in csv.DictReader(open(d + "h.csv", newline="")) if plain(r["to"]) == "@mule"][0]
got["csv"] = back(plain(row["to_label"]))
assert all(v == want for v in got.values()), (want, got)
svg = open(d + "h.svg", encoding="utf-8").read()
xml.dom.minidom.parseString(svg)
assert "\u202e" not in svg and "<!ENTITY" not in svg
node = [o for o in json.load(open(d + "h.dotjson"))["objects"] if o["name"] == "@mule"][0]
assert node["shape"] in ("box", "ellipse", "note"), node
P
	n=$((n + 1))
done
# Thousands of edges are cut down in a picture, even if all are asked for.
export XEMTRACE_CASE="$dir/big.xemtrace"
tests/report/make_case.sh "$x" 6000 "$XEMTRACE_CASE"
"$x" graph --max-edges 0 --format svg -o "$dir/big.svg" 2>"$dir/err"
grep -q "the largest 500 edges" "$dir/big.svg" || fail "5,000 edges are not cut down in words"
[ "$(grep -c '<g id="edge' "$dir/big.svg")" -lt 520 ] || fail "a picture of thousands of edges"
grep -q "left out by the filters" "$dir/err" || fail "the cut of the picture is not said"
export XEMTRACE_CASE="$dir/case.xemtrace"
# Refusals leave nothing behind.
! "$x" graph -q --theft nobody -o "$dir/none" 2>"$dir/err" || fail "an unknown theft"
[ ! -e "$dir/none" ] || fail "a file was left"
! "$x" graph -q --format neo4j 2>/dev/null || fail "neo4j without --output"
! "$x" graph -q --format csv --per-account 2 2>/dev/null || fail "csv with --per-account"
echo "graph_formats: ok"
