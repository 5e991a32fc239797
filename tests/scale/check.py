#!/usr/bin/env python3
"""Compare a case of the scale model with what is true of it, to the micro-XEM.

usage: check.py XEMTRACE CASE MODEL_DIR

The case must hold a whole crawl. Everything is asked of the program's own commands; the
case file is read for heights and balances alone.
"""
import collections
import json
import os
import sqlite3
import shutil
import subprocess
import sys
import tempfile

xemtrace, original, model = sys.argv[1:4]
tmp = tempfile.TemporaryDirectory()
case = shutil.copy(original, os.path.join(tmp.name, "case"))  # a run is stored in it
failed = 0


def check(ok, text):
    global failed
    if not ok:
        failed += 1
        if failed <= 30:
            print("check:", text)


def run(*args):
    out = subprocess.run([xemtrace, "--case", case, *args, "-q", "--format", "json"],
                         capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(f"{args}: exit code {out.returncode}: {out.stderr}")
    return json.loads(out.stdout)


def differ(name, want, got, limit=10):
    """Two dictionaries (or counters): every key that is not the same."""
    bad = [k for k in want.keys() | got.keys() if want.get(k) != got.get(k)]
    for k in sorted(bad, key=str)[:limit]:
        check(False, f"{name}: {k}: true {want.get(k)}, case {got.get(k)}")
    if len(bad) > limit:
        check(False, f"{name}: {len(bad) - limit} more")


truth = json.load(open(os.path.join(model, "truth.json")))
address = {w["name"]: w["address"] for w in truth["wallets"]}
name = {w["address"]: w["name"] for w in truth["wallets"]}
wallet = {w["name"]: w for w in truth["wallets"]}
followed = {w["name"] for w in truth["wallets"] if w["touched"] and not w["service"]}
# Rental fees go to the network's own sink, which no list shows and nobody expands.
followed -= {"namespace-sink", "mosaic-sink"}
db = sqlite3.connect(f"file:{case}?mode=ro", uri=True)

# ---- accounts: all that the money touched was read, and the sums hold
state = {}
for party, text, balance in db.execute("SELECT party, state, balance FROM account"):
    state[name.get(party, party)] = (text, balance)
COMPLETE = max(collections.Counter(s[0] for s in state.values() if s[1] is not None))
for n in followed:
    check(state.get(n, (None,))[0] == COMPLETE, f"{n} was not read to the end")
for n, (text, balance) in state.items():
    if text == COMPLETE and n in wallet:
        check(balance == int(wallet[n]["balance_uxem"]),
              f"{n}: balance {balance}, not {wallet[n]['balance_uxem']}")

# ---- transfers of every account that was read
complete = {n for n, s in state.items() if s[0] == COMPLETE}
want = collections.Counter()
for t in truth["transfers"]:
    if t["from"] in complete or t["to"] in complete:
        want[(t["height"], t["from"], t["to"], t["amount_uxem"], t.get("memo"))] += 1
got = collections.Counter()
height = {}
for h, sender, recipient, amount, memo, tx, kind in db.execute(
        "SELECT height, sender, recipient, amount_uxem, message, hash, kind FROM v_transfer"
        " WHERE kind IN ('transfer', 'inner transfer')"):
    height[tx] = h
    sender, recipient = name.get(sender, sender), name.get(recipient, recipient)
    if sender in complete or recipient in complete:
        if sender in wallet:  # block 1 pays what the model begins with
            got[(h, sender, recipient, str(amount), memo)] += 1
encrypted = {(t["height"], t["from"], t["to"]) for t in truth["transfers"]
             if t.get("encrypted")}


def plain(c):
    out = collections.Counter()
    for (h, a, b, amount, memo), n in c.items():
        out[(h, a, b, amount, None if (h, a, b) in encrypted else memo)] += n
    return out


differ("transfer", plain(want), plain(got))
check(sum(want.values()) > 12000, f"only {sum(want.values())} transfers")

# ---- haircut: the whole, each account, each transfer, each deposit
taint = run("taint", "--policy", "haircut")["result"][0]
for key in ("seeded_uxem", "at_services_uxem", "fees_uxem"):
    check(int(taint[key]) == int(truth["taint"][key]),
          f"{key}: {taint[key]}, not {truth['taint'][key]}")
held = sum(int(taint[k]) for k in
           ("held_complete_uxem", "held_incomplete_uxem", "held_unread_uxem"))
check(held == int(truth["taint"]["held_uxem"]), f"held: {held}")
differ("held by", {w["name"]: int(w["tainted_uxem"]) for w in truth["wallets"]
                   if int(w["tainted_uxem"])},
       {name.get(r["address"], r["address"]): int(r["held_uxem"])
        for r in run("top", "--limit", "0", "--by", "held")["result"]
        if int(r["held_uxem"]) and not r["service"]})

want = collections.Counter()
for t in truth["transfers"]:
    if int(t["tainted_uxem"]):
        want[(t["height"], t["from"], t["to"], t["amount_uxem"], t["tainted_uxem"])] += 1
got = collections.Counter()
for r in run("timeline", "--tainted")["result"]:
    if r["hash"] in height:
        got[(height[r["hash"]], name.get(r["sender"]), name.get(r["recipient"]),
             r["amount_volume"], r["tainted_volume"])] += 1
got = +collections.Counter({k: v for k, v in got.items() if k[2] not in
                            ("namespace-sink", "mosaic-sink")})
differ("tainted transfer", want, got)


def key(service, kind, text, sender):
    return (service, kind, text if kind == "plain" else sender)


want, got = {}, {}
for d in truth["deposits"]:
    want[key(d["service"], d["kind"], d.get("memo"), d.get("sender"))] = (
        int(d["tainted_uxem"]), int(d["amount_uxem"]), d["count"])
for s in run("exchanges")["result"]:
    for m in s["memos"]:
        sender = m["deposits"][0]["sender"] if m["kind"] == "encrypted" else None
        got[key(name[s["address"]], m["kind"], m.get("text"), name.get(sender))] = (
            int(m["tainted_volume"]), int(m["amount_volume"]), m["count"])
differ("deposit", want, got)
check(len(want) > 300, f"only {len(want)} deposits")

# Bounds of every account are exact, and the true figure lies in them.
compared = run("taint", "--compare", "-n", "0")["result"]
truly = {w["name"]: int(w["tainted_uxem"]) for w in truth["wallets"]}
for r in compared:
    check(r["exact"], f"{name[r['address']]}: bounds are not exact: {r}")
    if not r["service"]:
        check(r["low_uxem"] <= truly[name[r["address"]]] <= r["high_uxem"],
              f"{name[r['address']]}: {truly[name[r['address']]]} is not in {r}")
check(len(compared) > 500, f"only {len(compared)} accounts with bounds")

if failed:
    print(f"check: {failed} differences")
    sys.exit(1)
print(f"check: {len(complete)} accounts, {len(truth['transfers'])} transfers, "
      f"{len(want)} deposits: as true")
