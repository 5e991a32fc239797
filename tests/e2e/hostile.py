#!/usr/bin/env python3
"""Hostile text in every field of a case (messages, notes of records, labels with all their
fields, categories, thefts, reasons, groups, notes, names of files and of seals, what a node
says of itself): every command in every format stays well-formed and acts on nothing; and
what is on standard error as well. Usage: hostile.py XEMTRACE FIXTURE_NODE MKCHAIN"""
import csv
import glob
import html.parser
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

from servers import fixture

X, NODE, MKCHAIN = (os.path.abspath(p) for p in sys.argv[1:4])

EVIL = [
    b"\x1b[31mred\x1b]0;title\x07\x1b[2J",
    b"\xc2\x9b31mC1\xc2\x90dcs\xc2\x9c",
    "\u202egnp.exe\u202c\u2066x\u2069\u200f\u061c".encode(),
    "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u034fh\u115fi\u3164j\u2800k".encode(),
    b"</script><script>alert(1)</script><!--",
    b"<img src=x onerror=alert(1)><svg onload=alert(1)>",
    b"javascript:alert(1)",
    b"=HYPERLINK(\"http://x\",\"y\")",
    b"+1+cmd|' /C calc'!A0",
    b"-2+3",
    b"@SUM(A1:A9)",
    b"'=1",
    "\uff1d1+1".encode(),
    b"\t=1\r\n=2",
    b"\"];evil[label=\"\\N\\l\\\"];//",
    b"<b>&amp;&#39;&bogus;</b>]]><![CDATA[x]]>",
    b"--><?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x \"y\">]>",
    b"\xff\xfe\xc0\xaf\xed\xa0\x80\xf8broken\xe2\x82",
    b"A" * 1024,
    ("Z" + "\u0301" * 300).encode(),
    "\u0301leading".encode(),
    "\u2028line\u2029paragraph\x85next".encode(),
    b"two  blanks: amount: 1,000,000.000000  state: complete ",
    b"%s%n%x%p{{7*7}}${1}`id`$(id);id|id",
    b"\\x1b\\u202e\\\\N\\",
    "コインチェック\u3099入金\u3000\ud83d\ude00".encode("utf-8", "surrogatepass"),
    "\U000e0041\U000f0000\ue000\ufdd0".encode(),
    b"{\"a\":null}\n{\"b\":1}",
    b"../../etc/passwd",
    b"- !!python/object:os.system\n  key: &a [*a]",
]
# What acts on a terminal, an editor or an eye, wherever it stands.
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
                 "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ue000-\uf8ff\ufdd0-\ufdef"
                 "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e00ff\U000f0000-\U0010ffff]")
PILE = re.compile("[\u0300-\u036f]{9}")
SGR = re.compile("\x1b\\[[0-9;]*m")

checked = 0


def harmless(data, what, sgr=False, tabs=False):
    """UTF-8 without anything that acts. Returns the text. tabs: the form's own indents."""
    global checked
    checked += 1
    text = data.decode("utf-8")  # an error here is a failure
    plain = SGR.sub("", text) if sgr else text
    bad = RAW.search(plain.replace("\n\t", "\n").replace("\n\t", "\n") if tabs else plain)
    assert not bad, (what, repr(plain[max(0, bad.start() - 40):bad.end() + 20]))
    return plain


def run(args, case, ok=(0,), what="", **more):
    env = dict(os.environ, XEMTRACE_CASE=case, **more)
    p = subprocess.run([X, *args], capture_output=True, env=env)
    assert p.returncode in ok, (what, args, p.returncode, p.stderr[-400:])
    harmless(p.stderr, "stderr of %r" % (args,))
    return p.stdout


# ---- each form --------------------------------------------------------------------------


def check_text(args, case, ok):
    for form in ((), ("--width", "80"), ("--width", "120", "--color", "always")):
        text = harmless(run([*args, *form], case, ok), ("text", args, form), "always" in form)
        assert not PILE.search(text), args


def walk(v, seen):
    if isinstance(v, dict):
        for k, x in v.items():
            walk(x, seen)
    elif isinstance(v, list):
        for x in v:
            walk(x, seen)
    elif isinstance(v, str):
        seen.add(v)


def check_json(args, case, ok, seen):
    doc = json.loads(harmless(run([*args, "--format", "json", "-q"], case, ok), ("json", args)))
    walk(doc, seen)
    lines = harmless(run([*args, "--format", "jsonl", "-q"], case, ok), ("jsonl", args))
    assert lines.endswith("\n")
    for line in lines.split("\n")[:-1]:
        json.loads(line)
    return doc


def check_csv_text(text, what):
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    for r in rows:
        assert len(r) == len(rows[0]), (what, len(r), len(rows[0]))
        for field in r:
            assert not field or field[0] not in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", (what, field[:60])


def check_csv(args, case, ok, doc):
    tables = ["result"]
    if doc["result"]:
        tables += [k for k, v in doc["result"][0].items()
                   if isinstance(v, list) and v and isinstance(v[0], dict)
                   and k not in ("memos", "deposits", "hops", "transactions", "members")]
    for t in tables:
        check_csv_text(harmless(run([*args, "--format", "csv", "--table", t, "-q"], case, ok),
                                ("csv", args)), ("csv", args, t))


def check_xml(data, what):
    root = ET.fromstring(harmless(data, what))
    for e in root.iter():
        tag = e.tag.split("}")[-1].lower()
        assert tag not in ("script", "img", "iframe", "foreignobject"), (what, tag)
        for k, v in e.attrib.items():
            assert not k.lower().startswith("on"), (what, k)
            if k.endswith("href"):
                assert not v.strip().lower().startswith(("javascript:", "data:")), (what, v)
    return root


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = {}
        self.csp = None

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for k, v in attrs:
            assert not k.startswith("on"), (tag, k, v)
        a = dict(attrs)
        if a.get("http-equiv") == "Content-Security-Policy":
            self.csp = a["content"]


def page_of(case, what):
    p = Page()
    p.feed(harmless(run(["report", "-q"], case, what=what), what, tabs=True))
    p.close()
    assert p.csp and "default-src 'none'" in p.csp, p.csp
    return p


def check_graphs(case, folder):
    edges = None
    for args in (["graph"], ["graph", "--per-account", "1"], ["graph", "--max-edges", "3"]):
        dot = harmless(run([*args, "--format", "dot", "-q"], case), args, tabs=True)
        # Graphviz reads it, and sees as many edges as the plain list has.
        out = subprocess.run(["dot", "-Tjson0"], input=dot.encode(), capture_output=True, check=True)
        assert not out.stderr, (args, out.stderr)
        drawn = json.loads(out.stdout.decode("utf-8"))
        # No text became a statement of its own.
        for o in drawn.get("objects", []):
            assert "evil" not in o.get("name", ""), o["name"]
        check_xml(run([*args, "--format", "svg", "-q"], case), (args, "svg"))
        check_xml(run([*args, "--format", "graphml", "-q"], case), (args, "graphml"))
        check_xml(run([*args, "--format", "gexf", "-q"], case), (args, "gexf"))
        assert run([*args, "--format", "png", "-q"], case)[:4] == b"\x89PNG"
        assert run([*args, "--format", "pdf", "-q"], case)[:4] == b"%PDF"
    text = harmless(run(["graph", "--format", "csv", "-q"], case), "edges")
    check_csv_text(text, "edges")
    edges = len(list(csv.reader(io.StringIO(text, newline="")))) - 1
    g = ET.fromstring(run(["graph", "--format", "graphml", "--max-edges", "0", "-q"], case))
    assert len([e for e in g.iter() if e.tag.endswith("}edge")]) == edges
    run(["graph", "--format", "neo4j", "-o", os.path.join(folder, "neo"), "-q"], case)
    for f in glob.glob(os.path.join(folder, "neo*")):
        check_csv_text(harmless(open(f, "rb").read(), f), f)
        os.remove(f)


# ---- the case ---------------------------------------------------------------------------


def records(folder, name):
    """A published record whose messages and notes are all of them; what can be in CSV."""
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(b"kind,time,sender,recipient,amount_xem,message,note\n")
        f.write(b"opening,,,@robbed,1000000,,\n")
        f.write(b",2018-01-26T00:01:00Z,@robbed,@thief,999999,,\n")
        for i, e in enumerate(EVIL):
            q = b'"' + e.replace(b'"', b'""') + b'"'
            to = b"@exchange" if i % 2 else b"@mule%d" % i
            line = b",2018-01-26T01:%02d:00Z,@thief,%s,%d.000001,%s,%s\n" % (i, to, 100 + i, q, q)
            f.write(line)
    return path


def fill(case, folder):
    """Each text in each field that takes it; what is refused is refused in clear words."""
    def put(*args, ok=(0, 1, 2, 3)):
        p = subprocess.run([X, *args], capture_output=True, env=dict(os.environ, XEMTRACE_CASE=case))
        assert p.returncode in ok, (args, p.returncode, p.stderr)
        harmless(p.stderr, "stderr")
        harmless(p.stdout, "stdout of %r" % (args,))
        return p.returncode == 0

    # A record is refused as a whole for text that is no UTF-8: then without it.
    whole = records(folder, "records.csv")
    if not put("import", "-q", "--complete", whole):
        EVIL[:] = [e for e in EVIL if is_utf8(e)]
        whole = records(folder, "records.csv")
        put("import", "-q", "--complete", whole, ok=(0,))
    named = os.path.join(folder.encode(), b"\x1b[31m<script>=1,\xe2\x80\xae.csv")
    shutil.copy(whole, named)
    with open(named, "ab") as f:
        f.write(b",2018-01-27T00:00:00Z,@thief,@late,1,,\n")
    put("import", "-q", named)
    put("import", "-q", "--name", "\u202e<script>=1+1", whole)
    put("seed", "add", "--theft", "<i>theft</i>", "--account", "@thief", "--from", "2018-01-26", "--to",
        "2018-01-26T00:05:00Z", ok=(0,))
    put("label", "add", "@exchange", "--label", "Exchange", "--category", "exchange", ok=(0,))
    done = 0
    for i, e in enumerate(EVIL):
        e = e.replace(b"\0", b"")
        done += put("label", "add", "@mule%d" % (i - i % 2), "--label", e[:1024], "--category", e[:60],
                    "--source", e[:1000], "--actor", e[:60])
        done += put("label", "add", "@exchange", "--label", e[:1024], "--category", "exchange",
                    "--confidence", "90")
        put("label", "category", e[:60], "plain")
        done += put("note", "add", "@thief", e)
        done += put("seed", "clean", "@mule%d" % (i - i % 2), "--from", "2018-02-01", "--why", e)
        done += put("seed", "add", "--theft", e[:60], "--account", "@thief", "--from", "2018-01-26",
                    "--to", "2018-01-26T00:05:00Z", ok=(0, 1, 2, 3))
        done += put("group", "add", e[:60], "@mule%d" % (i - i % 2), "--reason", e)
        with open(os.path.join(folder, "pack.csv"), "wb") as f:
            q = b'"' + e[:1020].replace(b'"', b'""') + b'"'
            f.write(b"address,label,category,source,confidence,actor,concepts,abuse\n")
            s = b'"' + e[:60].replace(b'"', b'""') + b'"'
            f.write(b"@late,%s,%s,%s,50,%s,%s,%s\n" % (q, s, q, s, s, s))
        done += put("label", "import", os.path.join(folder, "pack.csv"))
    assert done > 60, done
    # The thefts again marked the same money many times: that is refused when it is replayed.
    for row in json.loads(run(["seed", "list", "--format", "json", "-q"], case))["result"][1:]:
        put("seed", "remove", str(row["id"]), ok=(0,))
    key = os.path.join(folder, "key")
    put("seal", "--new-key", key, ok=(0,))
    put("seal", "--key", key, "--name", "\u202e<b>\x1b[1m=1")


def is_utf8(b):
    try:
        b.decode("utf-8")
        return True
    except UnicodeDecodeError:
        return False


SHOWN = [
    ["top", "-n", "0"], ["top", "--by", "received", "-n", "0"], ["top", "--fold", "all"],
    ["exchanges"], ["exchanges", "--rule", "found"], ["status"], ["status", "--stops"], ["taint"],
    ["taint", "--compare"], ["taint", "--runs"], ["show", "@exchange"], ["show", "@thief", "-n", "0"],
    ["show", "@late"], ["path", "@exchange"], ["path", "--from-theft"],
    ["path", "--route", "shortest", "@thief", "@exchange"], ["patterns"], ["timeline"],
    ["timeline", "--by", "day-recipient"], ["timeline", "--by", "balance", "--account", "@thief"],
    ["messages"], ["messages", "--search", "<script>"], ["messages", "--search", "\x1b["],
    ["seed", "list"], ["seed", "clean"], ["label", "list"], ["label", "history"], ["note", "list"],
    ["note", "log"], ["group", "list"], ["trace", "@thief"], ["trace", "--back", "@exchange"],
]


def show_all(case, folder):
    seen = set()
    refs = {r["record"] for r in json.loads(run(["timeline", "--format", "json", "-q"], case))["result"]
            if "record" in r}
    for args in SHOWN + [["show", r] for r in sorted(refs)]:
        check_text(args, case, (0, 3))
        doc = check_json(args, case, (0, 3), seen)
        check_csv(args, case, (0, 3), doc)
    for args in (["verify"], ["replay"]):
        check_text(args, case, (0, 3))
        check_csv(args, case, (0, 3), check_json(args, case, (0, 3), seen))
    # What was put in comes out exactly, where JSON can hold it.
    missing = [e for e in EVIL if is_utf8(e) and not any(e.decode() in s for s in seen)]
    assert len(missing) <= 1, missing  # a record's reader takes the end of a line as it likes
    harmless(run(["label", "export", "--all", "-q"], case), "TagPack")
    letters = os.path.join(folder, "letters")
    run(["exchanges", "--requests", letters, "-q"], case)
    for f in glob.glob(letters + "/*"):
        harmless(open(f, "rb").read(), f)
    everything = os.path.join(folder, "all")
    run(["export", "--all", everything], case)
    for f in glob.glob(everything + "/*"):
        data = harmless(open(f, "rb").read(), f, tabs=f.endswith((".dot", ".html")))
        if f.endswith(".json"):
            json.loads(data)
        elif f.endswith(".csv"):
            check_csv_text(data, f)
        elif f.endswith((".svg", ".graphml", ".gexf")):
            check_xml(data.encode(), f)


def node_words(folder):
    """A node that says hostile things of itself."""
    chain = os.path.join(folder, "chain.json")
    ledger = os.path.join(folder, "chain.ledger")
    with open(ledger, "w") as f:
        f.write("opening victim 1000\nvictim -> thief 500 \"<script>=1\" fee 0.05 @10\n")
    subprocess.run([MKCHAIN, ledger, "-o", chain], check=True)
    thief = subprocess.run([MKCHAIN, "--address", "thief"], capture_output=True, text=True,
                           check=True).stdout.split()[0]
    case = os.path.join(folder, "crawled.xemtrace")
    url = "http://" + fixture(NODE, folder, "--name", "\u202e<script>=1", "--node-version",
                              "<b>\u200b=1", chain)[1]
    seen = set()
    check_text(["nodes", url], case, (0, 1, 3, 75))
    doc = check_json(["nodes", url], case, (0, 1, 3, 75), seen)
    check_csv(["nodes", url], case, (0, 1, 3, 75), doc)
    run(["crawl", thief, "--node", url, "--rate", "1000"], case, (0, 3, 75))
    for args in (["status"], ["timeline"], ["messages"]):
        check_text(args, case, (0,))
        check_csv(args, case, (0,), check_json(args, case, (0,), seen))


def main(folder):
    plain = os.path.join(folder, "plain.xemtrace")
    subprocess.run(["tests/report/make_case.sh", X, "coincheck", plain], check=True)
    case = os.path.join(folder, "case \u202e<b>=1.xemtrace")
    fill(case, folder)
    show_all(case, folder)
    check_graphs(case, folder)
    a, b = page_of(plain, "plain"), page_of(case, "hostile")
    assert a.tags == b.tags, "a text became markup: %s %s" % (a.tags, b.tags)
    node_words(folder)


with tempfile.TemporaryDirectory() as d:
    main(d)
print("hostile: %d outputs" % checked)
