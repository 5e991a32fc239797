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
# Refusals leave nothing behind.
! "$x" graph -q --theft nobody -o "$dir/none" 2>"$dir/err" || fail "an unknown theft"
[ ! -e "$dir/none" ] || fail "a file was left"
! "$x" graph -q --format neo4j 2>/dev/null || fail "neo4j without --output"
! "$x" graph -q --format csv --per-account 2 2>/dev/null || fail "csv with --per-account"
echo "graph_formats: ok"
