#!/usr/bin/env python3
"""Speed and memory of a crawl, as ratios in one run. Not run by ctest.

usage: bench_crawl.py BUILD [--realtime] [--only=latency|dos_filter|parts|memory]

BUILD is a release build with its tests (build/release). --realtime (root): node and crawl
run before everything else on the machine, for a machine that has other work. All chains are
synthetic: a root pays N accounts, each of which pays a few times.

1. latency: a node that answers after 50 ms, 16 connections. Bound: ceil(requests / 16) * 50 ms.
   Least requests: greeting 3; per account height, balance, height; its pages of 100.
2. filter: nodes that answer 429 above 50 requests a second, as Jetty's DoSFilter counts.
3. processor time per row of a list and its parts (bench_parts).
4. peak memory of a crawl and of one ten times as long."""
import math
import os
import re
import subprocess
import sys
import tempfile
import time

build = sys.argv[1]
realtime = "--realtime" in sys.argv[2:]
node = build + "/tests/node/fixture_node"
mkchain = build + "/tests/node/mkchain"
xemtrace = build + "/src/cli/xemtrace"
first = ["chrt", "-r", "20"] if realtime else []


def make_chain(folder, accounts, payments):
    name = "%s/chain-%d-%d" % (folder, accounts, payments)
    with open(name + ".ledger", "w", encoding="ascii") as f:
        f.write("opening bank 900000000\nbank -> root 800000000 fee 1 @2\n")
        height = 3
        for i in range(accounts):
            f.write("root -> a%d %d fee 1 @%d\n" % (i, 1000 + i, height + i // 50))
        for _ in range(payments):
            height += accounts // 50 + 1
            for i in range(accounts):
                f.write("a%d -> sink 1 fee 0.1 @%d\n" % (i, height + i // 50))
    subprocess.run([mkchain, name + ".ledger", "-o", name + ".json"], check=True)
    return name + ".json"


class Node:
    def __init__(self, folder, chain, *options):
        self.log = "%s/log-%d" % (folder, time.monotonic_ns())
        port = self.log + ".port"
        self.p = subprocess.Popen(first + [node, "--port-file", port, "--log", self.log, *options, chain],
                                  stdout=subprocess.DEVNULL)
        while not (os.path.exists(port) and os.path.getsize(port)):
            time.sleep(0.02)
        with open(port, encoding="ascii") as f:
            self.url = "http://127.0.0.1:" + f.read().strip()

    def end(self):
        self.p.terminate()
        self.p.wait()
        with open(self.log, encoding="ascii") as f:
            return [line.split() for line in f]


def crawl(case, nodes, *options):
    """Wall time, processor time, peak kB."""
    command = first + [xemtrace, "--case", case, "crawl", root, "--depth", "1", "--blocks", "none", "-q", *options]
    for n in nodes:
        command += ["--node", n.url]
    begin = time.monotonic()
    p = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(p.pid, 0)
    wall = time.monotonic() - begin
    p.returncode = os.waitstatus_to_exitcode(status)
    assert p.returncode == 0, p.returncode
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss


def least(log):
    """By what was fetched: each page once, two heights an account, the greeting."""
    pages = {tuple(r[1:3]) for r in log if r[2].startswith("/account/")}
    accounts = sum(r[2].startswith("/account/get?") for r in log)
    return 3 + len(pages) + 2 * accounts


def latency(folder):
    for accounts in (400, 1600):
        chain = make_chain(folder, accounts, 3)
        best = None
        for k in range(2):
            n = Node(folder, chain, "--slow", "50")
            wall, _, _ = crawl("%s/latency-%d-%d" % (folder, accounts, k), [n], "--connections", "16",
                               "--rate", "1000")
            log = n.end()
            bound = math.ceil(len(log) / 16) * 0.05
            if best is None or wall / bound < best[2]:
                best = (len(log), wall, wall / bound, len(log) / least(log))
        print("latency: %d requests in %.2f s: %.3f of the bound; %.3f of the least requests" % best, flush=True)


def dos_filter(folder):
    chain = make_chain(folder, 400, 3)
    for count in (1, 2):
        nodes = [Node(folder, chain, "--rate", "50", "--slow", "20", "--id-seed", str(i)) for i in range(count)]
        wall, _, _ = crawl("%s/filter-%d" % (folder, count), nodes, "--connections", "16", "--rate", "50",
                           "--max-requests", str(1000 * count))
        logs = [r for n in nodes for r in n.end()]
        print("filter: %d node(s): %d requests in %.1f s: %.1f a second, %.3f of %d; 429: %d" %
              (count, len(logs), wall, len(logs) / wall, len(logs) / wall / 50 / count, 50 * count,
               sum(r[3] == "429" for r in logs)), flush=True)


def parts(folder):
    for accounts, payments in ((400, 3), (100, 60)):
        n = Node(folder, make_chain(folder, accounts, payments))
        case = "%s/parts-%d" % (folder, accounts)
        crawl(case, [n], "--rate", "1000", "--connections", "8")
        n.end()
        out = subprocess.run([build + "/tests/bench/bench_parts", case, case + "-again"], check=True,
                             capture_output=True, text=True).stdout
        print("processor time, %d accounts with %d payments: %s" % (accounts, payments, out.strip()), flush=True)


def memory(folder):
    peak = []
    for accounts in (400, 4000):
        n = Node(folder, make_chain(folder, accounts, 2))
        case = "%s/memory-%d" % (folder, accounts)
        _, used, kb = crawl(case, [n], "--rate", "1000", "--connections", "16")
        requests = len(n.end())
        size = os.path.getsize(case) // 1024
        peak.append(kb - size)
        print("memory: %d requests, %.1f s of processor: peak %d kB, case %d kB" % (requests, used, kb, size),
              flush=True)
    print("memory: less the case, whose pages the cache holds up to 64 MB: %d and %d kB, ratio %.2f" %
          (peak[0], peak[1], peak[1] / peak[0]))


root = subprocess.run([mkchain, "--address", "root"], check=True, capture_output=True, text=True).stdout.split()[0]
print("load average %.1f, %d processors%s" % (os.getloadavg()[0], os.cpu_count(),
                                               ", before other work" if realtime else ""))
with tempfile.TemporaryDirectory() as d:
    for what in (latency, dos_filter, parts, memory):
        if not re.match("--only=", sys.argv[-1]) or sys.argv[-1][7:] == what.__name__:
            what(d)
