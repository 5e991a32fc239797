#!/usr/bin/env python3
"""Precision and recall of the rules for deposits and of the patterns, on the scale model.

usage: rates.py XEMTRACE CASE MODEL_DIR [--misses] [OPTION...]

Without an option it also compares what it prints with the tables of docs/deposits.md and
docs/patterns.md, and fails if they are not true. Run from the project's folder.

True is what the model meant (`facts` in truth.json), not what a definition yields. Options
go to `exchanges --rule found` and `patterns`, if they know them. --misses lists what was found and
is not true (+), and what is true and was not found (-).
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

xemtrace, original, model = sys.argv[1:4]
misses = "--misses" in sys.argv
more = [a for a in sys.argv[4:] if a != "--misses"]
tmp = tempfile.TemporaryDirectory()
case = shutil.copy(original, os.path.join(tmp.name, "case"))
truth = json.load(open(os.path.join(model, "truth.json")))
name = {w["address"]: w["name"] for w in truth["wallets"]}
wallet = {w["name"]: w for w in truth["wallets"]}


def run(*args):
    out = subprocess.run([xemtrace, "--case", case, *args, "-q", "--format", "json"],
                         capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(f"{args}: {out.stderr}")
    return json.loads(out.stdout)["result"]


def named(address):
    return name.get(address, address)


# One thing found is an account, a member of a chain or sweep, or a pair.
MEMBERS = {"pass_through", "peel_chain", "sweep", "shared_cosignatories"}
PAIRS = {"round_trip", "refund", "conversation"}


def things(kind, who, other, members):
    if kind in MEMBERS:
        return set(members)
    if kind in PAIRS:
        return {tuple(sorted((who, other)))}
    return {who}


def collect(found, key):
    out = {}
    for f in found:
        out.setdefault(f[key], set()).update(
            things(f[key], named(f["address"]), named(f.get("other", "")),
                   [named(m) for m in f.get("members", [])]))
    return out


found = collect(run("exchanges", "--rule", "found", *more), "rule")
found.update(collect(run("patterns", *more), "pattern"))
true = {}
for f in truth["facts"]:
    true.setdefault(f["kind"], set()).update(
        things(f["kind"], f.get("who"), f.get("other"), f["members"]))
# The rule for labelled services: each (service, memo) with stolen XEM.
true["memo"] = {(d["service"], d["kind"], d.get("memo") or d.get("sender"))
                for d in truth["deposits"]}
found["memo"] = {(named(s["address"]), m["kind"],
                  m.get("text") if m["kind"] == "plain" else
                  named(m["deposits"][0]["sender"]) if m["kind"] == "encrypted" else None)
                 for s in run("exchanges") for m in s["memos"]}

RULES = ["memo", "pool", "forwarding", "sweep"]
KINDS = ["pass_through", "peel_chain", "fan_out", "fan_in", "round_trip", "refund",
         "dormant", "woken", "decoy_dust", "conversation", "shared_cosignatories"]
stale = False


def line(kind):
    t, f = true.get(kind, set()), found.get(kind, set())
    both = len(t & f)

    def percent(n, of):
        return f"{100 * n / of:.0f} %" if of else "-"

    return (f"| `{kind}` | {len(t)} | {len(f)} | {both} | {percent(both, len(f))} | "
            f"{percent(both, len(t))} |")


for page, kinds in (("docs/deposits.md", RULES), ("docs/patterns.md", KINDS)):
    text = open(page, encoding="utf-8").read()
    print("| | true | found | both | precision | recall |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for kind in kinds:
        print(line(kind))
        if not more and line(kind) not in text:
            stale = True
            print(f"  ^ not what {page} says")
        if misses:
            t, f = true.get(kind, set()), found.get(kind, set())
            for x in sorted(f - t, key=str):
                role = wallet.get(x, {}).get("role", "") if isinstance(x, str) else ""
                print(f"  + {x} {role}")
            for x in sorted(t - f, key=str):
                print(f"  - {x}")
sys.exit(1 if stale else 0)
