#!/usr/bin/env python3
"""Check the coverage of `status --format json`, or make a random chain for mkchain.

usage: coverage.py STATUS.json    prints "theft stolen services complete stops incomplete fees
                                  refunded" in XEM; fails if the parts do not add up
       coverage.py --make SEED    a synthetic ledger
       coverage.py --long SEED    one of accounts with a long past; "# theft HEIGHT" says when
"""

import json
import random
import sys

FOUR = ("at_services_uxem", "complete_uxem", "behind_stops_uxem", "incomplete_uxem")
PARTS = FOUR + ("fees_uxem", "cleaned_uxem", "unread_uxem", "refunded_uxem")


def check(path):
    with open(path, encoding="utf-8") as f:
        result = json.load(f)["result"][0]
    rows = result["coverage"]
    assert "theft" not in rows[0] and len(rows) > 1, rows
    for r in rows:
        assert sum(r[k] for k in FOUR) == r["stolen_uxem"] > 0, r
        assert r["cleaned_uxem"] <= r["behind_stops_uxem"], r
        assert r["unread_uxem"] <= r["incomplete_uxem"], r
    for k in PARTS + ("stolen_uxem",):
        assert sum(r[k] for r in rows[1:]) == rows[0][k], k
    stops = sum(s["behind_uxem"] for s in result["stops"] if s["kind"] != "service")
    probable = sum(s["behind_uxem"] for s in result["stops"] if s["kind"] == "probable service")
    want = rows[0]["behind_stops_uxem"] - rows[0]["cleaned_uxem"]
    assert want in (stops, stops - probable), (stops, rows[0])
    for r in rows:
        print(r.get("theft", "-"), *(r[k] / 10**6 for k in ("stolen_uxem",) + FOUR +
                                   ("fees_uxem", "refunded_uxem")))


def make(seed):
    rng = random.Random(seed)
    names = [f"a{i}" for i in range(14)] + ["shop0", "shop1", "thief0", "thief1"]
    have = {n: 0 for n in names}
    print("opening victim 100000")
    for n in names[:14]:
        if rng.random() < 0.6:
            have[n] = rng.randrange(10, 400)
            print(f"opening {n} {have[n]}")
    height = 2
    for n, amount in (("thief0", 3000), ("thief1", 2000)):
        print(f"victim -> {n} {amount} fee 1 @{height}")
        have[n] += amount
        height += 1
    for _ in range(150):
        frm = rng.choice([n for n in names if have[n] > 3])
        to = rng.choice(names)
        amount = rng.randrange(1, min(have[frm] - 1, rng.choice((10, 60, 900))) + 1)
        if amount + 1 > have[frm]:
            continue
        have[frm] -= amount + 1
        have[to] += amount
        print(f"{frm} -> {to} {amount} fee 1 @{height}")
        height += rng.randrange(1, 3)
    print(f"height {height + 3}")


def make_long(seed):
    """Eight accounts with a past, and a theft among them."""
    rng = random.Random(seed)
    names = [f"a{i}" for i in range(8)]
    have = {n: 0 for n in names + ["thief", "end0", "end1", "shop"]}
    height = 2
    print("opening victim 100000")
    for n in names:
        have[n] = rng.randrange(2000, 9000)
        print(f"opening {n} {have[n]}")

    def pay(frm, to, amount):
        nonlocal height
        if frm == to or have[frm] < amount + 1:
            return
        have[frm] -= amount + 1
        have[to] += amount
        print(f"{frm} -> {to} {amount} fee 1 @{height}")
        height += rng.choice((0, 1, 1, 2))

    for _ in range(700):
        pay(*rng.sample(names, 2), rng.randrange(1, 6))
    height += 1
    print(f"# theft {height}")
    print(f"victim -> thief 5000 fee 1 @{height}")
    have["thief"] = 5000
    height += 1
    for _ in range(120):
        pay(rng.choice(names + ["thief"] * 3), rng.choice(names + ["end0", "end1", "shop"]),
            rng.randrange(1, 200))
    print(f"height {height + 5}")


if __name__ == "__main__":
    if sys.argv[1] == "--long":
        make_long(int(sys.argv[2]))
    elif sys.argv[1] == "--make":
        make(int(sys.argv[2]))
    else:
        check(sys.argv[1])
