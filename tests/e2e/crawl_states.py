#!/usr/bin/env python3
"""What a case went through must not show in its results: whole blocks and lists mixed, chains that grow
and are rewritten at any answer, budgets, kills, nodes that are behind. Some histories by hand, then random
ones; the end is compared with one crawl of full histories of the last chain. All chains are synthetic.
usage: crawl_states.py XEMTRACE FIXTURE_NODE MKCHAIN [FIRST LAST]"""
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from servers import fixture

XEMTRACE, NODE, MKCHAIN = sys.argv[1:4]
FIRST, LAST = (int(sys.argv[4]), int(sys.argv[5])) if len(sys.argv) > 5 else (1, 10)
FOUR = ("at_services_uxem", "complete_uxem", "behind_stops_uxem", "incomplete_uxem")
ADDRESS = {}


def address(name):
    if name not in ADDRESS:
        out = subprocess.run([MKCHAIN, "--address", name], capture_output=True, text=True, check=True).stdout
        ADDRESS[name] = out.split()[0]
    return ADDRESS[name]


def make(folder, name, lines):
    path = "%s/%s" % (folder, name)
    with open(path + ".ledger", "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")
    subprocess.run([MKCHAIN, path + ".ledger", "-o", path + ".json"], check=True)
    return path + ".json"


def tx_hash(chain, line):
    """Of the transaction that a line of the ledger makes."""
    ledger = chain[:-5] + ".ledger"
    with open(ledger, encoding="ascii") as f:
        number = f.read().splitlines().index(line) + 1
    out = subprocess.run([MKCHAIN, "--hashes", ledger], capture_output=True, text=True, check=True).stdout
    return [row.split()[4] for row in out.splitlines() if row.split()[0] == str(number)][0]


def ports(number):
    """Two for the nodes of one history, that come back at their old address: below those that the system gives
    away by itself, and others in each process and history."""
    first = 20000 + (os.getpid() * 64 + number % 32 * 2) % 12000
    return first, first + 1


class Node:
    def __init__(self, folder, chain, *options):
        self.log = tempfile.mkdtemp(dir=folder) + "/log"
        self.p, host = fixture(NODE, folder, "--log", self.log, *map(str, options), chain)
        self.url = "http://" + host

    def end(self):
        """Kill it; how many requests came."""
        self.p.kill()
        self.p.wait()
        with open(self.log, encoding="ascii") as f:
            return len(f.readlines())


def run(case, *command, codes=(0,)):
    r = subprocess.run([XEMTRACE, "--case", case, *map(str, command)], capture_output=True, text=True, check=False)
    assert r.returncode in codes, "%s: exit code %d: %s" % (" ".join(map(str, command)), r.returncode, r.stderr)
    return r.stdout


def begin(case, *mark_thief):
    run(case, "label", "add", address("victim"), "--label", "V", "--category", "victim")
    run(case, *mark_thief)


def crawl(case, seeds, nodes, *options, codes=(0,)):
    command = ["crawl", *seeds, "--rate", "1000", "-q"]
    for key, value in (("--depth", "9"), ("--fan", "0"), ("--blocks", "none")):
        if key not in options:
            command += [key, value]
    for n in nodes:
        command += ["--node", n.url]
    return run(case, *command, *options, codes=codes)


def table(case, *command):
    return json.loads(run(case, *command, "-q", "--format", "json"))["result"]


def check_sums(case, *options):
    rows = table(case, "status", *options)[0]["coverage"]
    for r in rows:
        assert sum(r[k] for k in FOUR) == r["stolen_uxem"], (options, r)


def results(case):
    out = []
    for policy in ("haircut", "fifo", "poison"):
        out.append((policy, table(case, "status", "--policy", policy)[0]["coverage"]))
        for r in table(case, "top", "--by", "held", "-n", 1000, "--policy", policy):
            out.append((policy, r["address"], r["state"], r["tainted_volume"], r["held_uxem"]))
    return out


def same(what, case, wanted):
    have, want = results(case), results(wanted)
    assert have == want, "%s: is %s and should be %s" % (
        what, [r for r in have if r not in want][:3], [r for r in want if r not in have][:3])
    run(case, "verify", "-q")
    run(case, "replay", "-q")


# ---- by hand ------------------------------------------------------------------------


def lists_after_blocks(folder):
    """Blocks 1 to 20 were read whole; what came after them is read by the lists of those that money leads to."""
    chain = make(folder, "grows", [
        "opening victim 1000", "victim -> thief 500 fee 1 @5", "thief -> one 100 fee 1 @10",
        "thief -> two 50 fee 1 @40", "one -> three 60 fee 1 @42", "three -> four 5 fee 1 @50", "height 60"])
    mark = ["seed", "add", "--account", address("thief"), "--from", 5, "--to", 5]
    case, full = folder + "/mixed", folder + "/lists"
    n = Node(folder, chain, "--height", 20)
    run(case, "crawl", "--blocks", "1..", "--node", n.url, "--rate", 1000, "-q")
    n.end()
    n = Node(folder, chain)
    begin(full, *mark)
    run(case, *mark)
    for c in (case, full):
        crawl(c, [address("thief")], [n], *(["--full-history"] if c == full else []))
    same("lists after blocks", case, full)
    # Once they were asked about they are accounts as any other: a request each, if there is something new.
    n.end()
    n = Node(folder, chain)
    crawl(case, [address("thief")], [n])
    assert n.end() < 8, "a quiet case takes many requests"


def incomplete_goes_on(folder):
    """The node leaves a payment out: the sums of `thief` never hold. What it pays later is followed."""
    left_out = "thief -> one 100 fee 1 @10"
    chain = make(folder, "leaves", [
        "opening victim 1000", "victim -> thief 500 fee 1 @5", left_out,
        "thief -> two 50 fee 1 @40", "two -> three 20 fee 1 @42", "height 60"])
    case, seed = folder + "/gap", address("thief")
    options = ("--omit", tx_hash(chain, left_out))
    port = ports(0)[0]
    begin(case, "seed", "add", "--account", seed, "--from", 5, "--to", 5)
    n = Node(folder, chain, "--port", port, "--height", 20, *options)
    crawl(case, [seed], [n])
    n.end()
    n = Node(folder, chain, "--port", port, *options)
    crawl(case, [seed], [n])
    n.end()
    with sqlite3.connect(case) as db:
        states = dict(db.execute("SELECT party, state FROM account"))
    assert states[seed] == 3, "the sums hold"
    assert states.get(address("three")) == 2, "what the incomplete account paid later is lost"


def cut_anywhere(folder):
    """A session of two nodes that ends after any request is repeated from its answers."""
    chain = make(folder, "cut", ["opening victim 10000", "victim -> thief 5000 fee 1 @5"] + [
        "thief -> a%d %d fee 1 @%d" % (i, 10 + i * 7 % 11, 6 + i) for i in range(8)] + ["height 30"])
    seed = address("thief")
    nodes = [Node(folder, chain), Node(folder, chain, "--id-seed", 3)]
    for requests in range(12, 40):
        case = "%s/cut-%d" % (folder, requests)
        begin(case, "seed", "add", "--account", seed, "--from", 5, "--to", 5)
        crawl(case, [seed], nodes, "--connections", 1, "--max-requests", requests)
        run(case, "replay", "-q")
    for n in nodes:
        n.end()


# ---- random -------------------------------------------------------------------------


def pay(have, out, height, frm, to, amount):
    if frm != to and have[frm] >= amount + 1:
        have[frm] -= amount + 1
        have[to] += amount
        out.append("%s -> %s %d fee 1 @%d" % (frm, to, amount, height))


def two_chains(rng):
    """A chain and one that leaves it at most 300 blocks below the end. Never two payments in a block, so that no
    order is assumed. Accounts have a past of up to 150 payments, so that lists are read in part."""
    names = ["a%d" % i for i in range(rng.choice((5, 8)))] + ["thief", "end0", "end1", "shop"]
    have = dict.fromkeys(names, 0)
    base = ["opening victim 100000"]
    for n in names[:-4]:
        have[n] = rng.randrange(2000, 9000)
        base.append("opening %s %d" % (n, have[n]))
    height = 2
    for _ in range(rng.choice((30, 150, 500))):
        pay(have, base, height, *rng.sample(names[:-4], 2), rng.randrange(1, 6))
        height += 1
    plan = [(rng.choice(names[:-4] + ["thief"] * 3), rng.choice(names),
             rng.randrange(1, 200 if rng.random() < .3 else 8)) for _ in range(rng.choice((40, 150, 300)))]
    cut = rng.randrange(len(plan))
    chains = []
    for forks in (False, True):
        now, lines = dict(have), list(base)
        lines.append("victim -> thief 5000 fee 1 @%d" % height)
        now["thief"] += 5000
        for i, step in enumerate(plan):
            if not forks or i < cut or rng.random() < .6:
                pay(now, lines, height + 1 + i, *step)
            elif rng.random() < .5:
                pay(now, lines, height + 1 + i, rng.choice(names[:-3]), rng.choice(names), rng.randrange(1, 300))
        lines.append("height %d" % (height + len(plan) + 3 + (rng.choice((0, 5, 40)) if forks else 0)))
        chains.append(lines)
    return chains, height, len(plan)


def mark(rng, chain, theft):
    way = rng.choice(("heights", "tx", "time", "balance"))
    thief = ["seed", "add", "--account", address("thief")]
    if way == "heights":
        return thief + ["--from", theft, "--to", theft]
    if way == "tx":
        return ["seed", "add", "--tx", tx_hash(chain, "victim -> thief 5000 fee 1 @%d" % theft)]
    if way == "time":
        return thief + ["--from", "2018-01-26", "--to", "2018-01-28"]
    return thief + ["--height", theft]


def one_run(rng, folder, case, seeds, at, chains, now, wanted, theft, total, number):
    """One crawl under trouble; the chain that its node ends with."""
    after = now
    trouble, options = [], ["--connections", rng.choice((1, 4))]
    if rng.random() < .6:
        after = wanted if now != wanted or rng.random() < .7 else 1 - wanted
        trouble += ["--reorg-after", "%d:%s" % (rng.randrange(1, total), chains[after])]
    if rng.random() < .25:
        trouble += ["--height", rng.randrange(max(2, theft - 20), theft + 100)]
    if rng.random() < .2:
        trouble += ["--fail", "503:%d" % rng.randrange(5, 30)]
    if rng.random() < .2:
        options += ["--max-requests", rng.randrange(5, total)]
    if rng.random() < .1:
        options += ["--full-history"]
    if rng.random() < .1:
        options += ["--depth", rng.randrange(1, 4)]
    if rng.random() < .2:
        options += ["--blocks", "%d..%d" % (rng.choice((1, 1, theft - 1)), theft + 30)]
    nodes = [Node(folder, chains[now], "--port", ports(number)[0], *trouble)]
    if rng.random() < .3:
        nodes.append(Node(folder, chains[now], "--port", ports(number)[1], "--id-seed", 3))
        if rng.random() < .5:
            options += ["--quorum", 2]
    at.append((trouble, options))
    if rng.random() < .3:
        command = [XEMTRACE, "--case", case, "crawl", *seeds, "--rate", "1000", "-q", "--fan", "0"]
        for n in nodes:
            command += ["--node", n.url]
        p = subprocess.Popen(command + [str(o) for o in options], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        time.sleep(rng.random() * .3)
        p.send_signal(rng.choice((signal.SIGKILL, signal.SIGINT)))
        assert p.wait() in (-9, -2, 0, 3, 75, 130), p.returncode
    else:
        crawl(case, seeds, nodes, *options, codes=(0, 3, 75))
    for n in nodes:
        n.end()
    return after


def random_history(folder, number):
    rng = random.Random(number)
    (a, b), theft, _ = two_chains(rng)
    chains = [make(folder, "a", a), make(folder, "b", b)]
    wanted = rng.randrange(2)
    seeds, at = [address("thief")], []
    case, full = folder + "/case", folder + "/full"
    first, labelled = mark(rng, chains[0], theft), rng.random() < .5
    for c in (case, full):
        begin(c, *first)
        if labelled:
            run(c, "label", "add", address("shop"), "--label", "S", "--category", "exchange")
    n = Node(folder, chains[wanted])
    crawl(full, seeds, [n], "--full-history")
    total = n.end()
    now = rng.choice((wanted, 1 - wanted, 1 - wanted))
    try:
        for _ in range(rng.randrange(1, 5)):
            now = one_run(rng, folder, case, seeds, at, chains, now, wanted, theft, total, number)
            if "--tx" not in first:
                policy = rng.choice(("haircut", "fifo", "lifo", "clean_first", "dirty_first"))
                check_sums(case, "--policy", policy, "--fees", rng.choice(("carry", "absorb")))
        n = Node(folder, chains[wanted], "--port", ports(number)[0])
        for _ in range(2):
            crawl(case, seeds, [n], codes=(0, 3))
        crawl(case, seeds, [n])
        n.end()
        same("the random history", case, full)
    except AssertionError as e:
        raise AssertionError("history %d: %s\n%s" % (number, e, "\n".join(map(str, at)))) from e


with tempfile.TemporaryDirectory() as d:
    lists_after_blocks(d)
    incomplete_goes_on(d)
    cut_anywhere(d)
    for k in range(FIRST, LAST + 1):
        sub = "%s/%d" % (d, k)
        os.mkdir(sub)
        random_history(sub, k)
        shutil.rmtree(sub)
        print("history %d: ok" % k, flush=True)
print("crawl_states: ok")
