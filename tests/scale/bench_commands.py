#!/usr/bin/env python3
"""Bench: processor time of each command on the case of the scale model, and as a ratio to reading
the case once. Not run by ctest.

usage: bench_commands.py XEMTRACE CASE MODEL_DIR [ROUNDS]

Reading is `sqlite3` adding up every column of the ledger's tables, started like the commands; the
least of ROUNDS (7) rounds, in which all take turns.
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

xemtrace, original, model = sys.argv[1:4]
rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 7
tmp = tempfile.TemporaryDirectory()
case = shutil.copy(original, os.path.join(tmp.name, "case"))
truth = json.load(open(os.path.join(model, "truth.json")))
address = {w["name"]: w["address"] for w in truth["wallets"]}
out = os.path.join(tmp.name, "out")

READ = """SELECT total(height), total(ord), total(tx), total(sub), total(kind), total(sender), total(recipient),
 total(amount) FROM transfer;
SELECT total(id), total(length(hash)), total(height), total(idx), total(ledger_height), total(ord), total(time),
 total(time_last), total(time_kind), total(count), total(provenance), total(signer), total(message) FROM tx;
SELECT total(id), total(length(party)), total(state), total(balance) FROM account;
SELECT total(length(text)) FROM message;"""

COMMANDS = ["taint --policy haircut", "taint", "taint --compare", "status", "top",
            "top --by held --limit 0", "exchanges", "exchanges --rule found", "patterns",
            "timeline", "timeline --by pair", "timeline --by day-sender",
            f"timeline --by balance --account {address['shop14']}", "messages",
            "messages --conversations", "group list", f"show {address['shop14']}",
            f"path {address['zaif']}",
            f"path {address['thief']} {address['yobit']} --route shortest",
            f"path {address['thief']} {address['yobit']} --route widest",
            f"trace --back {address['pool1']}", "graph --format dot", "graph --format graphml",
            "graph --format svg --max-edges 300", f"report -o {out}",
            f"export --all {out}.d"]


def cost(args):
    if args[-1] == out + ".d":
        shutil.rmtree(args[-1], ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    r = subprocess.run(args, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if r.returncode != 0:
        return None, r.stderr.strip().split("\n")[0]
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ""


read = None
best = {}
for _ in range(rounds):
    t, _ = cost(["sqlite3", case, READ])
    read = t if read is None else min(read, t)
    for c in COMMANDS:
        args = c.split()
        if args[0] == "taint":  # a run that stands would not be replayed
            shutil.copy(original, case)
        t, why = cost([xemtrace, "--case", case, *args, "-q"])
        best[c] = why if t is None else t if not isinstance(best.get(c), float) else min(
            t, best[c])
size = os.path.getsize(out) / 1e6 if os.path.exists(out) else 0
name = {a: n for n, a in address.items()}
print(f"reading: {1000 * read:.1f} ms of processor time; the report has {size:.1f} MB")
print("| command | ms | times reading |")
print("| --- | ---: | ---: |")
for c, t in best.items():
    c = " ".join(name.get(w, w) for w in c.split()).replace(out, "FILE")
    print(f"| `{c}` | {1000 * t:.0f} | {t / read:.1f} |" if isinstance(t, float)
          else f"| `{c}` | {t} | |")
