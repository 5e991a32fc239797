#!/usr/bin/env python3
"""Recompute every published figure of the Coincheck record from the committed ledger.

Reads the ledger on its own: nothing but the comparison of bytes at the end uses
tools/build_coincheck.py. Ends with the amounts that reach each service under haircut.
Run in the project root; exit code 0 if all checks hold, 1 if not.
"""

import csv
import datetime
import fractions
import importlib.util
import re
import sys

import nemaddr

FOLDER = "fixtures/coincheck/"
RECORD = FOLDER + "record/"
XEM = 1000000

ROBBED = "NC3BI3DNMR2PGEOOMP2NKXQGSAKMS7GYRKVA5CSZ"
FIRST = "NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG"
YOBIT = "NBRT3YQTVHLTYBDUXH2HHURI5KCYDWRWJ63YWIGG"
REFILLER = "NA7SZ75KF6ZKK267TRKCJDJBWP5JKIC2HA5PXCKW"
REFILLED = "NC4KHXSB3DYQLQZLARVRLBHMS5CMIIV4ACGXKOB2"
REFUNDED = "NDUZU7FEF5XXAE3DT4UTCTYQQHYK2ZJLCRCASP4I"
NAMED_LATER = {  # receivers that the record could not name, and the labels can
    "NCYAVMNQOZ3MZETEBD34ACMAX3S57WUSWAZWY3DW": "okex",
    "ND2JRPQIWXHKAA26INVGA7SREEUMX5QAI6VU7HNR": "bittrex",
    "NBZMQO7ZPBYNBDUR7F75MAKA2S3DHDCIFG775N3D": "poloniex",
    "NCCFO5QDFV5FS3BTBPEU2QO6UHZD7PHGFNCPISDL": "indodax",
}

failures = []
checks = 0


def check(name, got, want):
    global checks
    checks += 1
    if got != want:
        failures.append("%s: got %s, want %s" % (name, got, want))


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def uxem(text):
    match = re.fullmatch(r"(0|[1-9]\d*)(?:\.(\d{1,6}))?", text)
    if not match:
        raise ValueError("not an amount: %r" % text)
    return int(match[1]) * XEM + int((match[2] or "").ljust(6, "0"))


def xem(amount):
    return "{:,}.{:06d}".format(*divmod(amount, XEM))


def moment(text):
    when = datetime.datetime.fromisoformat(text)
    if when.utcoffset() != datetime.timedelta(hours=9):
        raise ValueError("not in JST: %s" % text)
    return when


def jst(text):
    return moment(text + "+09:00")


def load():
    rows = read(FOLDER + "ledger.csv")
    for line, row in enumerate(rows, 2):
        row["line"] = line
        row["uxem"] = uxem(row["amount_xem"])
        for key in ("time", "first", "last"):
            row[key] = moment(row[key]) if row[key] else None
    return rows


def pick(rows, sender=None, recipient=None, provenance=None):
    return [r for r in rows if (sender is None or r["sender"] == sender)
            and (recipient is None or r["recipient"] == recipient)
            and (provenance is None or r["provenance"] in provenance)]


def total(rows):
    return sum(r["uxem"] for r in rows)


def count(rows):
    """Published transfers that rows stand for; None if one of them does not say."""
    counts = [r["count"] or ("" if r["kind"] == "aggregate" else "1") for r in rows]
    return None if "" in counts else sum(map(int, counts))


RECORDED = ("published", "aggregate")


def check_form(rows):
    """Marks, times and parties of each row."""
    party = re.compile(r"@[a-z0-9-]{1,39}")
    for row in rows:
        where = "ledger.csv:%d" % row["line"]
        check(where + " provenance",
              row["provenance"] in RECORDED + ("inferred",), True)
        check(where + " kind", row["kind"] in ("", "transfer", "opening", "aggregate"),
              True)
        check(where + " amount above zero", row["uxem"] > 0, True)
        if row["provenance"] == "inferred":
            check(where + " inferred row says what it follows from",
                  len(row["note"]) > 20, True)
        if row["provenance"] == "published":
            check(where + " published row is one transfer", count([row]), 1)
        if row["kind"] == "opening":
            check(where + " opening has recipient and amount alone",
                  [row[k] for k in ("time", "sender", "count", "first", "last")],
                  [None, "", "", None, None])
        else:
            check(where + " has a time", row["time"] is not None, True)
        if row["kind"] != "aggregate":
            check(where + " count, first, last only on aggregates",
                  [row[k] for k in ("count", "first", "last")], ["", None, None])
        if row["first"]:
            check(where + " stands at its first transfer", row["time"], row["first"])
        if row["last"]:
            check(where + " does not end before it starts", row["time"] <= row["last"],
                  True)
        for key in ("sender", "recipient"):
            name = row[key]
            if name and not party.fullmatch(name):
                check("%s %s %s" % (where, key, name),
                      nemaddr.address_error(name), None)


def check_order_and_balance(rows):
    """(time, line) order, and no party ever spends what it does not have."""
    balance = {}
    last = None
    for row in rows:
        if row["kind"] != "opening":
            if last and row["time"] < last:
                failures.append("ledger.csv:%d: before the row above" % row["line"])
            last = row["time"]
            balance[row["sender"]] = balance.get(row["sender"], 0) - row["uxem"]
            check("ledger.csv:%d balance of %s" % (row["line"], row["sender"]),
                  balance[row["sender"]] >= 0, True)
        balance[row["recipient"]] = balance.get(row["recipient"], 0) + row["uxem"]
    check("nothing made, nothing lost", sum(balance.values()),
          total(r for r in rows if r["kind"] == "opening"))
    passed_on = {ROBBED, "@first-hop-stock", "@largest-100-buyers",
                 "@shop-wallet-of-the-refund"}
    for name, column in (("first_hop_transfers.csv", "recipient"),
                         ("darkweb_shop_wallets.csv", "wallet"),
                         ("whales.csv", "wallet")):
        passed_on |= {r[column] for r in read(RECORD + name)}
    for party in sorted(passed_on - {REFILLED}):
        check(party + " passes on all it got", balance[party], 0)


def check_theft(rows, totals):
    record = read(RECORD + "theft_transfers.csv")
    theft = pick(rows, sender=ROBBED)
    check("theft rows", [(r["time"], r["recipient"], r["uxem"], r["provenance"])
                         for r in theft],
          [(jst(r["time_jst"]), r["recipient"], uxem(r["amount_xem"]), "published")
           for r in record])
    check("theft total", total(theft), totals["theft"][1])
    check("theft transfers", count(theft), totals["theft"][0])
    with open(FOLDER + "theft.txt", encoding="utf-8") as file:
        check("theft.txt names the theft rows", file.read(),
              "".join("ledger.csv:%d\n" % r["line"] for r in theft))
    opening = [r for r in rows if r["kind"] == "opening"]
    check("openings", [(r["recipient"], r["uxem"], r["provenance"]) for r in opening],
          [(ROBBED, totals["theft"][1], "inferred")])


def check_first_wallet(rows, totals):
    record = read(RECORD + "first_hop_transfers.csv")
    day_end = jst("2018-01-27T00:00")
    january = [r for r in pick(rows, sender=FIRST) if r["time"] < day_end]
    check("first hop rows",
          [(r["time"], r["sender"], r["recipient"], r["uxem"], r["provenance"])
           for r in january],
          [(jst(r["time_jst"]), r["sender"], r["recipient"], uxem(r["amount_xem"]),
            "published") for r in record])
    check("first hop total", total(january), totals["first_hop"][1])
    check("first hop transfers", count(january), totals["first_hop"][0])

    record = read(RECORD + "jan30_transfers.csv")
    small = [r for r in pick(rows, sender=FIRST) if r["time"] >= day_end]
    check("30 January rows",
          sorted((r["recipient"], r["uxem"], int(r["count"])) for r in small),
          sorted((r["recipient"], uxem(r["total_xem"]), int(r["transfers"]))
                 for r in record))
    check("30 January total", total(small), totals["jan30"][1])
    check("30 January transfers", count(small), totals["jan30"][0])
    for row in small:
        check("30 January period", (row["first"], row["last"]),
              (jst("2018-01-30T22:33"), jst("2018-01-30T23:02")))
        check("30 January amounts are 0 or 100",
              row["uxem"] % (100 * XEM) == 0
              and row["uxem"] <= int(row["count"]) * 100 * XEM, True)
        check("30 January mark", row["provenance"],
              "published" if row["count"] == "1" else "aggregate")


def check_shop(rows, totals):
    record = read(RECORD + "darkweb_shop_wallets.csv")
    transfers = amount = 0
    for want in record:
        wallet = want["wallet"]
        out = pick(rows, sender=wallet)
        check(wallet + " pays recorded rows only",
              {r["provenance"] for r in out} <= set(RECORDED), True)
        check(wallet + " outgoing", (count(out), total(out)),
              (int(want["outgoing_transfers"]),
               uxem(want["outgoing_total_xem_approx"])))
        check(wallet + " first", min(r["first"] or r["time"] for r in out),
              jst(want["first_jst"]))
        check(wallet + " last", max(r["last"] or r["time"] for r in out),
              jst(want["last_jst"]))
        filled = pick(rows, recipient=wallet)
        if wallet == REFILLED:
            check("refill", [(r["sender"], r["uxem"], r["provenance"], r["count"])
                             for r in filled],
                  [(REFILLER, 20000000 * XEM, "published", "1")] * 2)
            check("about 40 minutes between the refills",
                  filled[1]["time"] - filled[0]["time"], datetime.timedelta(minutes=40))
            payout = pick(out, provenance=("published",))
            check("payout after the refill", [r["uxem"] for r in payout],
                  [1000000 * XEM])
            check("payout after 02:00", payout[0]["time"] > jst("2018-02-21T02:00"),
                  True)
        else:
            check(wallet + " filling is inferred", {r["provenance"] for r in filled},
                  {"inferred"})
            check(wallet + " filled with what it paid", total(filled), total(out))
        transfers += count(out)
        amount += total(out)
    check("shop transfers", transfers, totals["shop"][0])
    check("sum of the shop rows", amount,
          sum(uxem(r["outgoing_total_xem_approx"]) for r in record))
    check("published shop total within 0.001 %",
          abs(amount - totals["shop"][1]) * 100000 < amount, True)


def check_dormant(rows):
    first_hop = {r["recipient"] for r in read(RECORD + "first_hop_transfers.csv")}
    moved = {r["sender"] for r in rows if r["sender"] in first_hop
             and r["time"] < jst("2018-02-09T00:00")}
    check("most first-hop wallets rest until 9 February",
          len(moved) * 2 < len(first_hop), True)


def check_buyers(rows):
    for want in read(RECORD + "buyers_top5.csv"):
        wallet = want["wallet"]
        end = jst("2018-02-10T23:59:59")
        got = pick(rows, sender="@shop-buyers", recipient=wallet, provenance=RECORDED)
        check(wallet + " received", total(got),
              uxem(want["received_from_shop_xem_approx"]))
        sent = pick(rows, sender=wallet, recipient=YOBIT, provenance=RECORDED)
        check(wallet + " sent to Yobit", total(sent),
              uxem(want["sent_to_yobit_xem_approx"]))
        check(wallet + " by 10 February", {r["last"] for r in got + sent}, {end})
    away, back = (pick(rows, sender=REFUNDED, recipient="@shop-wallet-of-the-refund"),
                  pick(rows, sender="@shop-wallet-of-the-refund", recipient=REFUNDED))
    check("refund", [(r["uxem"], r["provenance"]) for r in away + back],
          [(37258 * XEM, "published")] * 2)
    check("refund after 6 hours", back[0]["time"] - away[0]["time"],
          datetime.timedelta(hours=6))


def check_second_recipients(rows):
    """What the 100 largest buyers sent on; the five largest of them have own rows."""
    top5 = [r["wallet"] for r in read(RECORD + "buyers_top5.csv")]
    wallets = read(RECORD + "whales.csv")
    not_theirs = {r["wallet"] for r in wallets} | {"@one-of-the-two-whales"}
    for want in read(RECORD + "second_recipients.csv"):
        wallet = want["wallet"]
        if wallet == "(others)":
            wallet = "@other-receivers-of-the-largest-100"
        got = [r for r in pick(rows, recipient=wallet) if r["sender"] not in not_theirs]
        check(wallet + " senders", {r["sender"] for r in got} <=
              set(top5) | {"@largest-100-buyers"}, True)
        check(wallet + " received from the 100 largest", total(got),
              uxem(want["received_xem_approx"]))
        if wallet == YOBIT:
            check("Yobit: number of transfers per row is not made up", count(got), None)
            check("Yobit: the 269 are told", all("269 transfers" in r["note"]
                                                 for r in got), True)
            check("Yobit: inferred part is the remainder",
                  total(pick(got, provenance=("inferred",))),
                  uxem(want["received_xem_approx"])
                  - total(pick(got, provenance=RECORDED)))
        else:
            check(wallet + " transfers", count(got), int(want["transfers"]))
            check(wallet + " mark", {r["provenance"] for r in got}, {"aggregate"})
        check(wallet + " by 12 February",
              max(r["last"] for r in got), jst("2018-02-12T23:59:59"))


def check_whales(rows):
    first, second = (r["wallet"] for r in read(RECORD + "whales.csv"))
    for want in read(RECORD + "whales.csv"):
        got = pick(rows, recipient=want["wallet"])
        check(want["wallet"] + " received", total(got),
              uxem(want["received_xem_approx"]))
        check(want["wallet"] + " mark", {r["provenance"] for r in got}, {"aggregate"})
    for want in read(RECORD + "whale_second_hop.csv"):
        wallet = want["recipient"]
        if want["amount_b_xem"]:
            expect = [(first, uxem(want["amount_a_xem"])),
                      (second, uxem(want["amount_b_xem"]))]
        else:
            expect = [("@one-of-the-two-whales", uxem(want["amount_a_xem"]))]
        got = [r for r in pick(rows, recipient=wallet)
               if r["sender"] in (first, second, "@one-of-the-two-whales")]
        check(wallet + " from the whales", [(r["sender"], r["uxem"]) for r in got],
              expect)
        check(wallet + " mark", {r["provenance"] for r in got}, {"aggregate"})


def load_services():
    """Address to label for the categories that count as services."""
    stops = {r["category"] for r in read("fixtures/labels/categories.csv")
             if r["service"] == "1"}
    return {r["address"]: r["label"]
            for r in read("fixtures/labels/known-addresses.csv")
            if r["category"] in stops}


def haircut(rows, services):
    """Pro rata with the remainder at the sender; taint stops at services."""
    balance, taint, sink, worst = {}, {}, {}, fractions.Fraction(1)
    seeded = 0
    for row in rows:
        sender, recipient, amount = row["sender"], row["recipient"], row["uxem"]
        moved = 0
        if sender:
            held, dirty = balance.get(sender, 0), taint.get(sender, 0)
            moved = dirty if amount == held else dirty * amount // held
            balance[sender] = held - amount
            taint[sender] = dirty - moved
        if sender == ROBBED:
            seeded += amount - moved
            moved = amount
        if recipient in services:
            sink[recipient] = sink.get(recipient, 0) + moved
            worst = min(worst, fractions.Fraction(moved, amount))
        else:
            balance[recipient] = balance.get(recipient, 0) + amount
            taint[recipient] = taint.get(recipient, 0) + moved
        check("ledger.csv:%d haircut conserves" % row["line"],
              sum(taint.values()) + sum(sink.values()), seeded)
    check("all of the theft is seeded", seeded, total(pick(rows, sender=ROBBED)))
    check("the record holds no clean money: haircut is the whole amount", worst, 1)
    return taint, sink


def check_services(rows, services, sink):
    for address, name in NAMED_LATER.items():
        check(name + " appears under its name", name in services.get(address,
                                                                     "").lower(), True)
        check(name + " is reached", sink.get(address, 0) > 0, True)
    published = {r["wallet"]: uxem(r["received_xem_approx"])
                 for r in read(RECORD + "second_recipients.csv")}
    for row in read(RECORD + "whale_second_hop.csv"):
        published[row["recipient"]] = published.get(row["recipient"], 0) + sum(
            uxem(row[k]) for k in ("amount_a_xem", "amount_b_xem") if row[k])
    check("services reached", sink,
          {a: published[a] for a in services if a in published})


def check_bytes():
    spec = importlib.util.spec_from_file_location("build_coincheck",
                                                  "tools/build_coincheck.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, text in zip(("ledger.csv", "theft.txt"), module.build()):
        with open(FOLDER + name, newline="", encoding="utf-8") as file:
            check(name + " equals what tools/build_coincheck.py makes",
                  file.read() == text, True)


def report(rows, services, taint, sink):
    marks = RECORDED + ("inferred",)
    print("haircut, XEM that reached each service, by the mark of the last row:")
    for address in sorted(sink, key=lambda a: -sink[a]):
        parts = [total(pick(rows, recipient=address, provenance=(m,))) for m in marks]
        print("  %s %s  %s" % (address, xem(sink[address]).rjust(18),
                               services[address]))
        print("    " + ", ".join("%s %s" % (m, xem(p)) for m, p in zip(marks, parts)))
    print("  all services".ljust(43) + xem(sum(sink.values())).rjust(18))
    print("taint that stayed elsewhere:")
    for party in sorted(taint, key=lambda p: (-taint[p], p)):
        if taint[party]:
            print("  %s %s" % (party.ljust(40), xem(taint[party]).rjust(18)))
    print("rows by mark:")
    for mark in marks:
        print("  %s %d" % (mark.ljust(10), len(pick(rows, provenance=(mark,)))))


def main():
    nemaddr.self_test()
    rows = load()
    totals = {r["name"]: (int(r["transfers"]), uxem(r["total_xem"]))
              for r in read(RECORD + "totals.csv")}
    check_form(rows)
    check_order_and_balance(rows)
    check_theft(rows, totals)
    check_first_wallet(rows, totals)
    check_shop(rows, totals)
    check_dormant(rows)
    check_buyers(rows)
    check_second_recipients(rows)
    check_whales(rows)
    check_bytes()
    services = load_services()
    taint, sink = haircut(rows, services)
    check_services(rows, services, sink)
    report(rows, services, taint, sink)
    for failure in failures:
        print("FAILED " + failure, file=sys.stderr)
    print("%d checks, %d failed" % (checks, len(failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
