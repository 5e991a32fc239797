#!/usr/bin/env python3
"""Bench: requests until nine tenths of the stolen XEM are located on the scale model, money
first against breadth first. Not run by ctest.

usage: bench_order.py XEMTRACE FIXTURE_NODE MODEL_DIR [STEP [CRAWL_OPTION...]]

Located is what is at services, and what accounts hold that were read to the end. The crawl gets a
budget of STEP requests (50) again and again, one connection, so that no request is a guess;
breadth first is the order of a case that does not know what was stolen.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

xemtrace, node, model = sys.argv[1:4]
step = sys.argv[4] if len(sys.argv) > 4 else "50"
more = sys.argv[5:]
thief = open(os.path.join(model, "thief.txt")).read().strip()
tmp = tempfile.TemporaryDirectory()
port_file = os.path.join(tmp.name, "port")
log = os.path.join(tmp.name, "log")
server = subprocess.Popen([node, "--port-file", port_file, "--log", log,
                           os.path.join(model, "chain.json")], stdout=subprocess.DEVNULL)


def run(case, *args):
    out = subprocess.run([xemtrace, "--case", case, *args, "-q", "--format", "json"],
                         capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(f"{args}: {out.stderr}")
    return json.loads(out.stdout)["result"]


def seed(case):
    run(case, "seed", "add", "--theft", "model", "--account", thief,
        "--from", "2018-01-26T00:00+09:00", "--to", "2018-01-26T08:30+09:00")


def measure(name, money):
    """{percent: requests} and the whole number of requests."""
    case = os.path.join(tmp.name, name)
    run(case, "label", "import", os.path.join(model, "labels.yaml"))
    if money:
        seed(case)
    asked, at, before = 0, {}, None
    while True:
        r = run(case, "crawl", thief, "--node", url, "--depth", "1000", "--rate", "1000",
                "--connections", "1", "--blocks", "none", "--max-requests", step, *more)
        r = r[0] if isinstance(r, list) else r
        # A run begins with a greeting of three requests, which a single run asks once.
        asked += int(r["requests"]) - (3 if asked else 0)
        look = case
        if not money:
            look = shutil.copy(case, case + "-seeded")
            seed(look)
        c = run(look, "status")[0]["coverage"][0]
        located = int(c["at_services_uxem"]) + int(c["complete_uxem"])
        percent = 100 * located // int(c["stolen_uxem"])
        for p in (50, 75, 90, 95, 99):
            if percent >= p:
                at.setdefault(p, asked)
        if int(r["accounts_open"]) == 0 and int(r["requests"]) < int(step) or r == before:
            return at, asked
        before = r


while not os.path.exists(port_file):
    time.sleep(0.05)
url = "http://127.0.0.1:" + open(port_file).read().strip()
try:
    money, whole = measure("money", True)
    breadth, _ = measure("breadth", False)
finally:
    server.terminate()
print(f"requests until so much is located, steps of {step}; the whole crawl: {whole}")
print("| located | money first | breadth first | ratio |")
print("| ---: | ---: | ---: | ---: |")
for p in sorted(money):
    b = breadth.get(p)
    print(f"| {p} % | {money[p]} | {b} | {money[p] / b:.2f} |" if b else f"| {p} % | {money[p]} | - | - |")
