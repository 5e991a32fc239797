#!/usr/bin/python3
"""What every command writes, against its schema in docs/schema: JSON, JSON lines and the
columns of CSV, on a published record, hostile text, an oracle ledger, a crawled chain and
an empty case. A command without a schema, a key that no schema has, a mode of a schema that
no run shows: each fails. Usage: schema.py XEMTRACE FIXTURE_NODE MKCHAIN"""
import csv
import glob
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import jsonschema

from servers import fixture

X, NODE, MKCHAIN = (os.path.abspath(p) for p in sys.argv[1:4])
# What these write is no document: a page, scripts.
NO_DOCUMENT = {"report", "completion"}
THIEF = "NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG"

# ---- the schemas ------------------------------------------------------------------------


def load():
    """Schemas by file name, and a validator of the whole."""
    store = {}
    files = {}
    for path in sorted(glob.glob("docs/schema/*.json")):
        s = json.load(open(path, encoding="utf-8"))
        jsonschema.Draft7Validator.check_schema(s)
        name = os.path.basename(path)
        assert s["$id"] == "https://xemtrace.invalid/schema/" + name, path
        files[name[:-5]] = store[s["$id"]] = s
    resolver = jsonschema.RefResolver.from_schema(files["output"], store=store)
    return files, jsonschema.Draft7Validator(files["output"], resolver=resolver)


FILES, CHECK = load()


def modes(command):
    return FILES[command]["anyOf"]


def row_of(mode, table):
    """The schema of a table's rows: result, summary, or a list below the one row."""
    if table == "result":
        return mode["properties"]["result"]["items"]
    if table == "summary":
        return mode["properties"]["summary"]
    return mode["properties"]["result"]["items"]["properties"][table]["items"]


def columns_of(row, name):
    """The header of CSV: the keys in their order; nested tables with each level in front."""
    levels = []
    while True:
        keys, below = [], None
        for key, v in row["properties"].items():
            if v.get("type") == "array" and "properties" in v.get("items", {}):
                below = None if key in row.get("x-lists", []) else (key, v["items"])
            else:
                keys.append(key)
        levels.append((name, keys))
        if below is None:
            break
        name, row = below
    if len(levels) == 1:
        return levels[0][1]
    return [re.sub("s$", "", name) + "_" + k for name, keys in levels for k in keys]


SEEN = set()  # (command, number of the mode)
KEYS = set()  # (command, number of the mode, path of a key)


def walk_keys(v, path, out):
    if isinstance(v, dict):
        for k, x in v.items():
            out.add(path + (k,))
            walk_keys(x, path + (k,), out)
    elif isinstance(v, list):
        for x in v:
            walk_keys(x, path, out)


def schema_keys(row, path, out):
    for k, v in row.get("properties", {}).items():
        out.add(path + (k,))
        schema_keys(v.get("items", {}), path + (k,), out)


def whole(pairs):
    keys = [k for k, _ in pairs]
    assert len(keys) == len(set(keys)), keys
    return dict(pairs)


def read(text):
    assert not any(ord(c) < 32 and c != "\n" or 0x7F <= ord(c) < 0xA0 for c in text)
    return json.loads(text, object_pairs_hook=whole)


def fitting(doc):
    """The modes of its command that a document fits."""
    out = []
    for n, mode in enumerate(modes(doc["command"])):
        v = jsonschema.Draft7Validator(
            mode, resolver=jsonschema.RefResolver(FILES[doc["command"]]["$id"], FILES[doc["command"]],
                                                  store={s["$id"]: s for s in FILES.values()}))
        if v.is_valid(doc):
            out.append(n)
    return out


def explain(doc, what):
    for n, mode in enumerate(modes(doc["command"])):
        v = jsonschema.Draft7Validator(
            mode, resolver=jsonschema.RefResolver(FILES[doc["command"]]["$id"], FILES[doc["command"]],
                                                  store={s["$id"]: s for s in FILES.values()}))
        for e in list(v.iter_errors(doc))[:3]:
            print(what, "mode", n, list(e.absolute_path), e.message[:300], file=sys.stderr)


def check_json(text, what):
    doc = read(text)
    assert list(doc) == [k for k in ("format_version", "command", "summary", "result", "warnings")
                         if k in doc], what
    if not CHECK.is_valid(doc):
        assert doc["command"] in FILES, "%s: command %s has no schema" % (what, doc["command"])
        explain(doc, what)
        e = next(CHECK.iter_errors(doc))
        raise AssertionError("%s: does not fit its schema: %s" % (what, e.message[:300]))
    fits = fitting(doc)
    assert fits, what
    if doc["result"]:
        SEEN.update((doc["command"], n) for n in fits)
        have = set()
        walk_keys({k: doc[k] for k in ("summary", "result") if k in doc}, (), have)
        KEYS.update((doc["command"], n) + k for n in fits for k in have)
    return doc, fits


def check_lines(text, doc, what):
    """The same document, put together again from its lines."""
    lines = [read(x) for x in text.splitlines()]
    first = dict(lines[0])
    assert "result" not in first, what
    again = {k: doc[k] for k in doc if k != "result"}
    assert first == again, (what, first)
    rows = []
    lists = [k for k, v in (doc["result"][0] if doc["result"] else {}).items()
             if isinstance(v, list) and all(isinstance(x, dict) for x in v)]
    mode = modes(doc["command"])[fitting(doc)[0]]
    under = mode["properties"]["result"]["items"].get("x-lists", [])
    for line in lines[1:]:
        key = next(iter(line))
        if len(line) == 1 and key in under:
            rows[-1].setdefault(key, []).append(line[key])
        else:
            rows.append(dict(line))
    for row in rows:
        for key in lists:
            row.setdefault(key, [])
    assert rows == doc["result"], what


# ---- running ----------------------------------------------------------------------------


def run(args, case=None, ok=(0,), **env):
    e = dict(os.environ, **env)
    if case:
        e["XEMTRACE_CASE"] = case
    p = subprocess.run([X, *args], capture_output=True, text=True, env=e)
    assert p.returncode in ok, (args, p.returncode, p.stderr)
    return p


def check_csv(args, case, doc, fits, what, ok):
    mode = modes(doc["command"])[fits[0]]
    props = mode["properties"]
    tables = ["result"] + props["result"]["items"].get("x-lists", [])
    if props.get("summary"):
        tables.append("summary")
    for t in tables:
        text = run([*args, "--format", "csv", "--table", t, "-q"], case, ok).stdout
        got = list(csv.reader(io.StringIO(text), strict=True))
        row = row_of(mode, t)
        want = columns_of(row, row.get("x-table", t))
        have = got[0]
        # Which of a command's modes an empty table is of, nothing tells but its header.
        if t == "result" and len(fits) > 1:
            for n in fits:
                row = row_of(modes(doc["command"])[n], t)
                if have == columns_of(row, row.get("x-table", t)):
                    want = have
        assert have == want, (what, t, have, want)
        assert all(len(r) == len(have) for r in got), (what, t)
        if t == "result" and not any("_" in k and k.startswith(row.get("x-table", "?")[:-1] + "_")
                                     for k in have):
            assert len(got) - 1 == len(doc["result"]), (what, t)


def one(args, case, what, ok=(0,), same=True):
    """All forms of one command that changes nothing. Its JSON. same: it says the same again."""
    what = "%s: %s" % (what, " ".join(args))
    text = run([*args, "--format", "json", "-q"], case, ok).stdout
    doc, fits = check_json(text, what)
    lines = run([*args, "--format", "jsonl", "-q"], case, ok).stdout
    if same:
        check_lines(lines, doc, what)
    check_csv(args, case, doc, fits, what, ok)
    return doc


def once(args, case, what, ok=(0,)):
    """JSON alone, of a command that changes the case."""
    what = "%s: %s" % (what, " ".join(args))
    return check_json(run([*args, "--format", "json", "-q"], case, ok).stdout, what)[0]


# ---- cases ------------------------------------------------------------------------------


def look(case, what, account, service, tx, taint=True):
    """Every command that shows something."""
    o = lambda *args, **more: one(args, case, what, **more)
    o("status")
    o("status", "--stops")
    o("verify")
    o("replay")
    o("seed", "list")
    o("seed", "clean")
    o("label", "list")
    o("label", "history")
    o("note", "list")
    o("note", "log")
    o("group", "list")
    o("taint", "--runs")
    o("messages")
    o("timeline")
    o("timeline", "--by", "day")
    o("timeline", "--by", "pair", "--rate", "JPY:88.549")
    once(["timeline", "--by", "matrix", "--rate", "JPY:88.549"], case, what)  # its CSV is wide
    o("patterns")
    o("exchanges", "--rule", "found")
    if account:
        o("show", account)
        o("timeline", "--by", "balance", "--account", account)
        o("trace", "--back", service)
        o("path", "--route", "shortest", account, service)
    if tx:
        o("show", tx)
    if not taint:
        return
    once(["taint"], case, what)
    o("taint")  # stored now: it says the same each time
    o("taint", "--compare")
    o("top", "-n", "0")
    o("top", "--by", "received")
    o("top", "--by", "held", "--policy", "fifo")
    o("exchanges")
    o("exchanges", "--fold", "all", "--rate", "JPY:88.549")
    o("top", "--fold", "all", "--rate", "JPY:88.549")
    o("timeline", "--by", "sender", "--fold", "all")
    o("trace", account, "--rate", "JPY:88.549")
    o("path", service)
    o("path", "--from-theft", "--policy", "fifo", "--rate", "JPY:88.549")
    o("messages", "--conversations")
    o("graph")
    o("graph", "--fold", "all", "--max-edges", "0")
    got = run(["graph", "--format", "csv", "-q"], case).stdout.splitlines()[0].split(",")
    assert got == columns_of(row_of(modes("graph")[0], "edges"), "edges"), got


def change(case, folder, what, account, tx):
    """Every command that changes something, on a copy."""
    copy = os.path.join(folder, "copy.xemtrace")
    shutil.copy(case, copy)
    o = lambda *args, **more: once(args, copy, what, **more)
    o("note", "add", account, "a note: with a colon")
    o("group", "add", "owner", account, "@another", "--reason", "both signed the letter")
    one(["top", "--fold", "all"], copy, what)
    one(["timeline", "--by", "pair", "--fold", "all"], copy, what)
    once(["timeline", "--by", "matrix", "--fold", "all"], copy, what)
    one(["graph", "--fold", "all"], copy, what)
    pack = os.path.join(folder, "pack.csv")
    with open(pack, "w") as f:
        f.write("address,label,category,source,confidence,actor,concepts,abuse,lastmod,context,network,"
                "currency\n"
                "%s,Packed,exchange,somewhere,50,someone,hosting,scam,2018-02-01,seen,XEM,XEM\n" % account)
    o("label", "import", pack)
    o("label", "add", account, "--label", "Mine", "--category", "exchange", "--actor", "someone")
    o("label", "add", "@another", "--label", "His", "--category", "mixer", "--actor", "someone")
    labels = one(["label", "list"], copy, what)["result"]
    one(["label", "history", account], copy, what)
    one(["label", "list", account], copy, what)
    o("label", "remove", str([x for x in labels if x["label"] == "Mine"][0]["id"]))
    o("label", "category", "mixer", "service")
    o("label", "category")
    o("label", "import", "fixtures/labels/nem-known-addresses.yaml")
    o("label", "onchain", "fixtures/labels/onchain.csv")
    o("seed", "add", "--theft", "second", "--tx", tx)
    o("seed", "add", "--theft", "second", "--refund", tx, ok=(0, 1, 2, 3))
    o("seed", "add", "--theft", "third", "--account", account, "--from", "2018-01-01", "--to",
      "2018-12-31")
    o("seed", "add", "--theft", "fourth", "--account", account, "--from", "1", "--to", "99")
    o("seed", "add", "--theft", "fifth", "--account", account, "--height", "0", "--amount", "0.5")
    o("seed", "clean", account, "--from", "2018-12-31", "--why", "a court said so")
    one(["seed", "list"], copy, what)
    one(["seed", "clean"], copy, what)
    one(["note", "list"], copy, what)
    one(["note", "log"], copy, what)
    one(["group", "list"], copy, what)
    o("seed", "remove", *[str(x["id"]) for x in one(["seed", "list"], copy, what)["result"]
                          if x["theft"] in ("fourth", "fifth")])
    o("taint")
    one(["taint", "--runs"], copy, what)
    o("seed", "unclean", str(one(["seed", "clean"], copy, what)["result"][0]["id"]))
    one(["top"], copy, what)
    o("group", "remove", account)
    o("seal", "--new-key", os.path.join(folder, "key"))
    o("seal", "--key", os.path.join(folder, "key"), "--name", "A. Nalyst")
    one(["status"], copy, what)
    one(["verify"], copy, what)
    o("export", "--all", os.path.join(folder, "all"))
    # A case that was changed by hand: findings.
    subprocess.run(["sqlite3", copy, "UPDATE transfer SET sender = 99999 WHERE tx % 3 = 0"],
                   check=True)
    one(["verify"], copy, what, ok=(3,))
    shutil.rmtree(os.path.join(folder, "all"))
    for f in ("copy.xemtrace", "key"):
        os.remove(os.path.join(folder, f))


def ledger(folder):
    """One of the oracle ledgers, with records that have heights and no times."""
    case = os.path.join(folder, "oracle.xemtrace")
    oracle = json.load(open("fixtures/vectors/taint-oracles.json"))[0]
    name = lambda n: "@" + n.lower()
    path = os.path.join(folder, "ledger.csv")
    with open(path, "w") as f:
        f.write("kind,height,index,sender,recipient,amount_uxem,fee_uxem\n")
        for who, amount in oracle["opening"].items():
            if amount:
                f.write("opening,,,,%s,%d,\n" % (name(who), amount))
        for e in oracle["events"]:
            f.write("transfer,%d,%d,%s,%s,%d,%d\n" % (e["h"], e["i"], name(e["src"]),
                                                      name(e["dst"]), e["q"], e["fee"]))
    once(["import", "--complete", path], case, "oracle")
    service = name(oracle["services"][0] if oracle["services"] else oracle["events"][-1]["dst"])
    run(["label", "add", service, "--label", "Service", "--category", "exchange"], case)
    for who, amount in oracle["seed"].items():
        run(["seed", "add", "--account", name(who), "--height", "0", "--amount",
             "%d.%06d" % divmod(amount, 10**6)], case)
    return case, name(list(oracle["seed"])[0]), service, "ledger.csv:%d" % (
        2 + sum(1 for v in oracle["opening"].values() if v))


def found(folder):
    """A synthetic record in which every rule finds something."""
    case = os.path.join(folder, "found.xemtrace")
    path = os.path.join(folder, "found.csv")
    with open(path, "w") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(["kind", "height", "index", "sender", "recipient", "amount_uxem", "fee_uxem",
                    "message"])
        w.writerow(["opening", "", "", "", "@robbed", "100000000000", "", ""])
        row = lambda h, a, b, xem, m="": w.writerow(
            ["transfer", h, 0, a, b, round(xem * 100) * 10000, 50000, m])
        row(10, "@robbed", "@thief", 90000)
        for i in range(25):
            row(20 + i, "@thief", "@p%d" % i, 1000)
            row(60 + i, "@p%d" % i, "@pool", 900, "%06d" % (123456 + 7 * i))
        row(100, "@thief", "@deposit", 500)
        row(110, "@deposit", "@exchange", 499.95)
        for i in range(4):
            row(120 + i, "@p%d" % i, "@s%d" % i, 50)
            row(130 + i, "@s%d" % i, "@sweeper", 49.95)
    once(["import", "--complete", path], case, "found")
    run(["label", "add", "@exchange", "--label", "Exchange", "--category", "exchange"], case)
    run(["seed", "add", "--tx", "found.csv:3"], case)
    return case, "@thief", "@exchange", "found.csv:3"


def period(folder):
    """A record of a period, two services of one owner, letters to them."""
    case = os.path.join(folder, "period.xemtrace")
    path = os.path.join(folder, "period.csv")
    with open(path, "w") as f:
        f.write("""kind,time,first,last,sender,recipient,amount_xem,message,count
opening,,,,,@robbed,1000,,
transfer,2018-01-26T00:00:00Z,,,@robbed,@thief,900,,
aggregate,2018-01-27T00:00:00Z,2018-01-27T00:00:00Z,2018-01-29T00:00:00Z,@thief,@ex,500,cust,3
transfer,2018-01-28T00:00:00Z,,,@thief,@pool,100,cust,
""")
    once(["import", "--complete", path], case, "period")
    for service in ("@ex", "@pool"):
        run(["label", "add", service, "--label", "The " + service, "--category", "exchange"], case)
    run(["group", "add", "Both", "@ex", "@pool", "--reason", "one owner"], case)
    run(["seed", "add", "--tx", "period.csv:3"], case)
    doc = once(["exchanges", "--fold", "all", "--requests", os.path.join(folder, "letters")], case,
               "period")
    assert doc["summary"]["requests"] == 2 and doc["result"][0]["wallets"] == 2
    return case, "@thief", "@ex", "period.csv:4"


class Node:
    def __init__(self, folder, chain, name, *options):
        self.p, host = fixture(NODE, folder, "--name", name, *options, chain)
        self.url = "http://" + host

    def stop(self):
        self.p.kill()
        self.p.wait()


def crawled(folder):
    """A signed synthetic chain, read over HTTP from a node that also lies once."""
    case = os.path.join(folder, "crawled.xemtrace")
    chain = os.path.join(folder, "chain.json")
    with open(os.path.join(folder, "chain.ledger"), "w") as f:
        f.write('''opening victim 1000000
opening shopkeeper 500
victim -> thief 599990 fee 0.05 @10
victim -> thief 10 fee 0.05 @11
thief -> mule 400000 fee 0.05 @20
shopkeeper -> mule 400 fee 0.05 @21
mule -> exchange 300000 "cust-77" fee 0.05 @30
mule -> exchange 50000 "cust-78" fee 0.05 @31
mule -> victim 1 "where is it" fee 0.05 @32
victim -> mule 1 "here" fee 0.05 @33
thief -> exchange 100000 encrypted "0011223344556677" fee 0.05 @34
''')
    subprocess.run([MKCHAIN, f.name, "-o", chain], check=True)
    addr = {n: subprocess.run([MKCHAIN, "--address", n], capture_output=True, text=True,
                              check=True).stdout.split()[0]
            for n in ("thief", "exchange", "mule")}
    node = Node(folder, chain, "honest")
    liar = Node(folder, chain, "liar", "--flip", "700:3@/account/transfers")
    try:
        run(["label", "add", addr["exchange"], "--label", "Big Exchange", "--category", "exchange"],
            case)
        once(["crawl", addr["thief"], "--node", liar.url, "--rate", "1000"], case, "crawled",
             ok=(0, 3, 75))
        once(["crawl", addr["thief"], "--node", node.url, "--rate", "1000"], case, "crawled",
             ok=(0, 3))
        once(["nodes", node.url, "--save", os.path.join(folder, "nodes")], None, "crawled")
        one(["nodes", node.url, liar.url], None, "crawled", ok=(0, 1, 3, 75), same=False)
    finally:
        liar.stop()
        node.stop()
    run(["seed", "add", "--theft", "demo", "--account", addr["thief"], "--from", "10", "--to", "11"],
        case)
    run(["taint", "-q"], case)
    hashes = [x["hash"] for x in json.loads(run(["timeline", "--format", "json", "-q"], case).stdout)[
        "result"]]
    return case, addr["thief"], addr["exchange"], hashes[0]


def saved_answer(folder, case):
    out = os.path.join(folder, "answers")
    run(["verify", "--export-answers", out, "-q"], case, ok=(0, 3))
    done = 0
    for path in sorted(glob.glob(out + "/**/*", recursive=True)):
        if os.path.isfile(path):
            p = run(["show", "--file", path, "--format", "json", "-q"], ok=(0, 1, 2, 3))
            if p.returncode in (0, 3) and p.stdout:
                one(["show", "--file", path], None, "answer", ok=(0, 3))
                done += 1
        if done == 4:
            break
    assert done > 0


def main(folder):
    for k, account, service, tx in (("coincheck", THIEF, "NBRT3YQTVHLTYBDUXH2HHURI5KCYDWRWJ63YWIGG",
                                     "ledger.csv:56"),
                                    ("hostile", "@thief", "@exchange", "h.csv:4")):
        case = os.path.join(folder, k + ".xemtrace")
        subprocess.run(["tests/report/make_case.sh", X, k, case], check=True)
        look(case, k, account, service, tx)
        change(case, folder, k, account, tx)
    once(["import", "fixtures/coincheck/ledger.csv"], case, "hostile")
    case, account, service, tx = ledger(folder)
    look(case, "oracle", account, service, tx)
    case, account, service, tx = found(folder)
    look(case, "found", account, service, tx)
    case, account, service, tx = period(folder)
    look(case, "period", account, service, tx)
    case, account, service, tx = crawled(folder)
    look(case, "crawled", account, service, tx)
    change(case, folder, "crawled", account, tx)
    saved_answer(folder, case)
    empty = os.path.join(folder, "empty.xemtrace")
    run(["label", "list"], empty)
    look(empty, "empty", None, None, None, taint=False)
    for args in (["taint"], ["top"], ["exchanges"], ["path", "@a"], ["show", "@a"]):
        p = run([*args, "--format", "json"], empty, ok=(1,))
        assert p.stdout == "" and p.stderr.count("\n") == 1, (args, p.stdout, p.stderr)


def finish():
    """Every command has a schema, every mode was shown, every key of a schema was seen."""
    commands = set(run(["completion", "commands"]).stdout.split())
    named = {t["if"]["properties"]["command"]["const"] for t in FILES["output"]["allOf"]}
    assert named == commands - NO_DOCUMENT, named ^ (commands - NO_DOCUMENT)
    assert set(FILES) - {"output"} == commands - NO_DOCUMENT, set(FILES) ^ commands
    missing = [(c, n, modes(c)[n].get("title")) for c in sorted(named) for n in range(len(modes(c)))
               if (c, n) not in SEEN]
    assert not missing, missing
    unseen = set()
    for c in named:
        for n, mode in enumerate(modes(c)):
            keys = set()
            for t in ("summary", "result"):
                schema_keys(row_of(mode, t) if mode["properties"].get(t) else {}, (t,), keys)
            unseen |= {(c, n) + k for k in keys} - KEYS
    # docs/output-schema.md names them all.
    doc = re.sub(r"```.*?```", "", open("docs/output-schema.md", encoding="utf-8").read(),
                 flags=re.S)
    told = set(re.findall(r"[a-z][a-z0-9_]*", " ".join(re.findall(r"`([^`]+)`", doc))))
    keys = set()
    for c in set(FILES) - {"output"}:
        for mode in modes(c):
            for t in ("summary", "result"):
                schema_keys(row_of(mode, t) if mode["properties"].get(t) else {}, (), keys)
    policies = FILES["output"]["definitions"]["policy"]["enum"]
    untold = {k[-1] for k in keys} - told - {p + "_uxem" for p in policies}
    assert not untold, "docs/output-schema.md does not name %s" % sorted(untold)
    return unseen


def refuses():
    """What a schema must not let pass."""
    good = json.loads(run(["top", "--format", "json"], os.path.join(D, "coincheck.xemtrace")).stdout)
    assert CHECK.is_valid(good)
    for spoil in (lambda d: d.pop("warnings"),
                  lambda d: d.update(extra=1),
                  lambda d: d.update(command="nothing"),
                  lambda d: d.update(command="status"),
                  lambda d: d.update(summary={}),
                  lambda d: d["result"][0].pop("rank"),
                  lambda d: d["result"][0].update(extra=1),
                  lambda d: d["result"][0].update(tainted_volume=5),
                  lambda d: d["result"][0].update(tainted_volume="5.0"),
                  lambda d: d["result"][0].update(held_uxem=1.5),
                  lambda d: d["result"][0].update(held_uxem=-1),
                  lambda d: d["result"][0].update(held_uxem=9 * 10**15),
                  lambda d: d["result"][0].update(held_uxem="5"),
                  lambda d: d["result"][0].update(label=None),
                  lambda d: d["result"][0].update(first="2018-01-26"),
                  lambda d: d["result"][0].update(address="N123")):
        d = json.loads(json.dumps(good))
        spoil(d)
        assert not CHECK.is_valid(d), "the schema lets this pass"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as D:
        main(D)
        unseen = finish()
        refuses()
    for k in sorted(unseen):
        print("never seen:", *k)
    print("schema: %d commands, %d keys, %d of them never seen" % (
        len(FILES) - 1, len(KEYS), len(unseen)))
