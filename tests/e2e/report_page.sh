#!/bin/sh
# The report page without a browser: one file, well-formed, closed to the network, its data
# the same figures as the other commands give, hostile text harmless.
# Usage: report_page.sh XEMTRACE ...
set -eu
x=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "report_page: $*" >&2
	exit 1
}
for k in coincheck hostile mixed; do
	tests/report/make_case.sh "$x" $k "$dir/$k.case"
	export XEMTRACE_CASE="$dir/$k.case"
	"$x" --tz Asia/Tokyo report -q --lang ja -o "$dir/$k.html"
	"$x" --tz Asia/Tokyo report -q --lang ja >"$dir/again.html"
	cmp "$dir/$k.html" "$dir/again.html" || fail "$k: the same command, another page"
	for p in haircut fifo poison; do
		"$x" taint -q --policy $p >/dev/null
		"$x" exchanges -q --policy $p --format json >"$dir/$k.$p.exchanges"
		"$x" top -q -n 0 --policy $p --format json >"$dir/$k.$p.top"
	done
	"$x" report -q --max-transfers 5 -o "$dir/$k.few.html"
done
python3 - "$dir" report/dist <<'P'
import base64, hashlib, html.parser, json, re, sys, time
sys.path.insert(0, "tests/report")
from page_data import expand
d, dist = sys.argv[1] + "/", sys.argv[2] + "/"
head, tail = open(dist + "head.html").read(), open(dist + "tail.html").read()

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text, self.open, self.csp = [], {}, None, None
    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.tags.append((tag, a))
        if a.get("http-equiv") == "Content-Security-Policy":
            self.csp = a["content"]
        if tag in ("script", "style"):
            self.open = (tag, a.get("type", ""))
            assert self.open not in self.text, "two of " + tag
            self.text[self.open] = ""
    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self.open = None
    def handle_data(self, data):
        if self.open:
            self.text[self.open] += data

def sha(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

def load(name):
    text = open(d + name, newline="").read()
    assert text.startswith(head) and text.endswith(tail), name
    data = text[len(head):-len(tail)]
    # Data that cannot leave its element, nor hide anything.
    assert not re.search(r"[<>&\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]", data)
    p = Page()
    p.feed(text)
    tags = [t for t, _ in p.tags]
    assert tags == [t for t, _ in _tags(head + tail)], name
    for _, a in p.tags:
        assert not {"src", "href", "action", "srcset", "style"} & set(a), a
        assert not any(k.startswith("on") for k in a), a
    js, css = p.text[("script", "")], p.text[("style", "")]
    parts = dict(x.strip().split(" ", 1) for x in p.csp.split(";"))
    assert parts == {"default-src": "'none'", "script-src": sha(js), "style-src": sha(css),
                     "base-uri": "'none'", "form-action": "'none'"}, parts
    assert "url(" not in css.replace("url(#", ""), "style asks for a file"
    assert p.text[("script", "application/json")] == data
    return json.loads(data)

def _tags(text):
    p = Page()
    p.feed(text)
    return p.tags

for k in "coincheck", "hostile", "mixed":
    D = load(k + ".html")
    assert D["lang"] == "ja" and D["tz"] == "Asia/Tokyo" and D["format_version"] == 2
    X = expand(D)
    ids, runs = X["ids"], X["runs"]
    policies = [r["policy"] for r in runs]
    assert policies[D["main"]] == "haircut" and len(set(policies)) >= 6, policies
    assert len(set(ids)) == len(ids)
    different = set()
    for i, r in enumerate(runs):
        parts = sum(r[f] for f in ("at_services", "fees", "cleaned", "held_complete",
                                   "held_incomplete", "held_unread"))
        assert not r["conserves"] or parts == r["seeded"], r["policy"]
        sums = {}
        for t in X["tx"]:
            assert 0 <= t["taint"][i] <= t["amount"]
            sums[t["to"]] = sums.get(t["to"], 0) + t["taint"][i]
        assert all(v == sums.get(a, 0) for a, v in enumerate(r["arrived"])), r["policy"]
        # No policy that conserves says less than the least or more than the most.
        for a, v in enumerate(r["held"]):
            assert not r["conserves"] or X["low"][a] <= v <= X["high"][a], (ids[a], r["policy"])
        different.add(str(r["held"]))
    assert k != "mixed" or len(different) >= 5, "policies that all agree test nothing"
    for p in "haircut", "fifo", "poison":
        r = runs[policies.index(p)]
        top = json.load(open(f"{d}{k}.{p}.top"))["result"]
        assert {t["address"]: (int(t["tainted_volume"]), t["held_uxem"]) for t in top} == \
               {ids[a]: (v, r["held"][a]) for a, v in enumerate(r["arrived"]) if v}, p
        ex = json.load(open(f"{d}{k}.{p}.exchanges"))["result"]
        basis = [b + "_volume" for b in ("signed", "published", "aggregate", "inferred", "exempt", "reported")]
        say = lambda s: (int(s["tainted_volume"]), int(s["incomplete_volume"]), int(s["amount_volume"]),
                         s.get("count"), s.get("first"), s.get("last"), [int(s[b]) for b in basis])
        utc = lambda u: None if u is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(u))
        have = lambda s: (s["tainted"], s["incomplete"], s["amount"], s["count"], utc(s["first"]), utc(s["last"]), s["basis"])
        assert [(s["address"], say(s), s["low_uxem"], s["high_uxem"], [say(m) for m in s["memos"]]) for s in ex] == \
               [(ids[s["account"]], have(s), X["low"][s["account"]], X["high"][s["account"]], [have(m) for m in s["memos"]])
                for s in r["services"]], p
    assert D["transfers"] == len(X["tx"])
    few = load(k + ".few.html")
    F = expand(few)
    assert few["transfers"] == D["transfers"] and len(F["tx"]) == 5
    assert F["runs"][0]["services"] and len(F["runs"][0]["services"]) == len(runs[0]["services"])
    biggest = lambda txs: sorted((t["taint"][D["main"]] for t in txs), reverse=True)[:5]
    assert biggest(X["tx"]) == biggest(F["tx"])
    refs = {(t["ref"], t["first"], t["taint"][D["main"]]) for t in X["tx"]}
    assert all((t["ref"], t["first"], t["taint"][D["main"]]) in refs for t in F["tx"])
memos = [m[1] for m in load("hostile.html")["memos"]]
for want in ("</script><script>alert(1)</script>", "コインチェック", "a" * 1024,
             "\\u202eecnalab\\u200b\\u2066", "\\x1b[31mred\\x1b]0;title\\x07", "@@DATA@@"):
    assert want in memos, want
P
export XEMTRACE_CASE="$dir/coincheck.case"
! "$x" report -q --lang xx >"$dir/none" 2>&1 || fail "an unknown language"
! "$x" report -q --policy nix -o "$dir/none.html" 2>/dev/null || fail "an unknown policy"
[ ! -e "$dir/none.html" ] || fail "a file was left"
"$x" import -q fixtures/coincheck/ledger.csv --case "$dir/empty.case" >/dev/null
! "$x" report -q --case "$dir/empty.case" -o "$dir/none.html" 2>/dev/null || fail "no seeds"
echo "report_page: ok"
