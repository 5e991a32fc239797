#!/usr/bin/env python3
"""Build fixtures/coincheck/ledger.csv and theft.txt from the published record.

The ledger is in the import format (docs/import-format.md); what each group of rows
means and what it follows from is told in docs/coincheck-case.md. Amounts are integers
of micro-XEM throughout. The output depends on fixtures/coincheck/record/ alone.

usage: build_coincheck.py [--out FOLDER]     (default: fixtures/coincheck)
"""

import csv
import datetime
import io
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RECORD = os.path.join(ROOT, "fixtures", "coincheck", "record")
COLUMNS = ["time", "sender", "recipient", "amount_xem", "kind", "count", "first",
           "last", "provenance", "note"]
JST = "+09:00"
XEM = 1000000

ROBBED = "NC3BI3DNMR2PGEOOMP2NKXQGSAKMS7GYRKVA5CSZ"
FIRST = "NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG"
EARLY = "NCTWFIOOVITRZYSYIGQ3PEI3IMVB25KMED53EWFQ"
REFILLER = "NA7SZ75KF6ZKK267TRKCJDJBWP5JKIC2HA5PXCKW"
REFILLED = "NC4KHXSB3DYQLQZLARVRLBHMS5CMIIV4ACGXKOB2"
REFUNDED = "NDUZU7FEF5XXAE3DT4UTCTYQQHYK2ZJLCRCASP4I"
YOBIT = "NBRT3YQTVHLTYBDUXH2HHURI5KCYDWRWJ63YWIGG"

# Parties that the record speaks of without naming their addresses.
STOCK = "@first-hop-stock"
BUYERS = "@shop-buyers"
LARGEST = "@largest-100-buyers"
OTHERS = "@other-receivers-of-the-largest-100"
WHALES = "@one-of-the-two-whales"
REFUNDER = "@shop-wallet-of-the-refund"

BY_10_FEB = "2018-02-10T23:59:59"
BY_12_FEB = "2018-02-12T23:59:59"
BY_17_FEB = "2018-02-17T23:59:59"


def uxem(text):
    """'1832011.6' to micro-XEM, exactly; anything else is an error."""
    match = re.fullmatch(r"(\d+)(?:\.(\d{1,6}))?", text)
    if not match:
        raise ValueError("not an amount: %r" % text)
    return int(match[1]) * XEM + int((match[2] or "").ljust(6, "0"))


def xem(amount):
    """Micro-XEM to decimal text without trailing zeros."""
    whole, part = divmod(amount, XEM)
    return str(whole) + (".%06d" % part).rstrip("0") if part else str(whole)


def record(name):
    with open(os.path.join(RECORD, name), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Ledger:
    def __init__(self):
        self.rows = []

    def add(self, time, sender, recipient, amount, provenance, note="", **more):
        if amount <= 0:
            raise ValueError("row without an amount: %s -> %s" % (sender, recipient))
        row = dict.fromkeys(COLUMNS, "")
        row.update(time=time and time + JST, sender=sender, recipient=recipient,
                   amount_xem=xem(amount), provenance=provenance, note=note)
        row.update(more)
        for key in ("first", "last"):
            row[key] = row[key] and row[key] + JST
        row["count"] = str(row["count"])
        self.rows.append(row)

    def published(self, time, sender, recipient, amount, note="", **more):
        self.add(time, sender, recipient, amount, "published", note, **more)

    def aggregate(self, time, sender, recipient, amount, note="", **more):
        self.add(time, sender, recipient, amount, "aggregate", note,
                 kind="aggregate", **more)

    def inferred(self, time, sender, recipient, amount, note, **more):
        self.add(time, sender, recipient, amount, "inferred", note,
                 **dict({"kind": "aggregate"}, **more))

    def sorted(self):
        """In time order; rows of one moment stay in the order they were added."""
        def key(row):
            if row["kind"] == "opening":
                return (0, "")
            moment = datetime.datetime.fromisoformat(row["time"])
            return (1, moment.isoformat())
        return sorted(self.rows, key=key)


def theft(ledger):
    rows = record("theft_transfers.csv")
    ledger.inferred("", "", ROBBED, sum(uxem(r["amount_xem"]) for r in rows),
                    "what the robbed wallet paid out in the 11 published transfers; "
                    "what it held besides is not in the record", kind="opening")
    for row in rows:
        ledger.published(row["time_jst"], ROBBED, row["recipient"],
                         uxem(row["amount_xem"]), "theft, transfer %s of %d"
                         % (row["seq"], len(rows)))


def first_hop(ledger):
    for row in record("first_hop_transfers.csv"):
        ledger.published(row["time_jst"], row["sender"], row["recipient"],
                         uxem(row["amount_xem"]), "first hop")


def jan30(ledger):
    period = dict(first="2018-01-30T22:33", last="2018-01-30T23:02")
    for row in record("jan30_transfers.csv"):
        amount, count = uxem(row["total_xem"]), int(row["transfers"])
        if count == 1:
            ledger.published("2018-01-30T22:33", FIRST, row["recipient"], amount,
                             "one transfer; the record gives the period, not the "
                             "minute", kind="aggregate", count=1, **period)
        else:
            ledger.aggregate("2018-01-30T22:33", FIRST, row["recipient"], amount,
                             "each transfer 0 or 100 XEM", count=count, **period)


def stock(ledger, shop_start, woken):
    """First-hop wallets into the stock that the shop wallets were filled from."""
    for row in record("first_hop_transfers.csv"):
        wallet, amount = row["recipient"], uxem(row["amount_xem"])
        note = ("the shop sold more than all first-hop wallets held together, so this "
                "one's money is taken to have reached the shop; way and time are not "
                "published")
        time = woken
        if wallet == EARLY:
            time = shop_start
            note += ("; placed before 9 February because the first two shop wallets "
                     "needed money")
        elif wallet == REFILLER:
            amount -= 40000000 * XEM
            note += "; the rest is the published refill of 21 February"
        ledger.inferred(time, wallet, STOCK, amount, note)


def refill(ledger):
    ledger.published("2018-02-21T00:00", REFILLER, REFILLED, 20000000 * XEM,
                     "first refill; the record gives the day and that the payout of "
                     "1,000,000 came after it", kind="aggregate", count=1,
                     first="2018-02-21T00:00", last="2018-02-21T02:42:01")
    ledger.published("2018-02-21T00:40", REFILLER, REFILLED, 20000000 * XEM,
                     "second refill; about 40 minutes after the first",
                     kind="aggregate", count=1, first="2018-02-21T00:40",
                     last="2018-02-21T03:22:01")


def shop(ledger):
    rows = record("darkweb_shop_wallets.csv")
    fresh = sum(uxem(r["amount_xem"]) for r in record("first_hop_transfers.csv"))
    left = fresh - 40000000 * XEM
    for row in rows:
        wallet, total = row["wallet"], uxem(row["outgoing_total_xem_approx"])
        count, first, last = (int(row["outgoing_transfers"]), row["first_jst"],
                              row["last_jst"])
        note = "all outgoing transfers of this shop wallet"
        if wallet == REFILLED:
            refill(ledger)
            ledger.published(first, wallet, BUYERS, 1000000 * XEM,
                             "payout after the refill: published as soon after 02:00; "
                             "this wallet's first outgoing transfer is published as "
                             "02:42:01")
            total, count = total - 1000000 * XEM, count - 1
            note = "all outgoing transfers of this shop wallet but the payout above"
        else:
            fill = min(total, left)
            left -= fill
            ledger.inferred(first, STOCK, wallet, fill,
                            "filling of the shop wallet: its published outgoing total, "
                            "as far as first-hop money lasts")
            if fill < total:
                ledger.inferred(first, BUYERS, wallet, total - fill,
                                "moves between shop wallets: what the published "
                                "outgoing totals contain twice; the excess over all "
                                "first-hop money")
        ledger.aggregate(first, wallet, BUYERS, total, note, count=count,
                         first=first, last=last)
    if left:
        raise ValueError("first-hop money left over: %s" % xem(left))


def buyers(ledger, woken):
    to_yobit = 0
    for row in record("buyers_top5.csv"):
        ledger.aggregate(woken, BUYERS, row["wallet"],
                         uxem(row["received_from_shop_xem_approx"]),
                         "bought at the shop up to 10 February; start and number of "
                         "transfers are not published", last=BY_10_FEB)
    ledger.published("2018-02-10T00:00", REFUNDED, REFUNDER, 37258 * XEM,
                     "sent to a shop wallet by mistake; day and wallet are not "
                     "published",
                     kind="aggregate", count=1)
    ledger.published("2018-02-10T06:00", REFUNDER, REFUNDED, 37258 * XEM,
                     "sent back about 6 hours later; day and wallet are not published",
                     kind="aggregate", count=1)
    for row in record("buyers_top5.csv"):
        amount = uxem(row["sent_to_yobit_xem_approx"])
        to_yobit += amount
        if amount:
            ledger.aggregate(BY_10_FEB, row["wallet"], YOBIT, amount,
                             "up to 10 February; among the 269 transfers of the 100 "
                             "largest buyers to this wallet, their number is not "
                             "published", last=BY_10_FEB)
    return to_yobit


def second_recipients(ledger, to_yobit):
    rows = record("second_recipients.csv")
    total = sum(uxem(r["received_xem_approx"]) for r in rows)
    ledger.inferred(BY_12_FEB, BUYERS, LARGEST, total - to_yobit,
                    "what the 100 largest buyers sent on by 12 February, less what the "
                    "five largest sent to Yobit; taken to be bought at the shop")
    for row in rows:
        amount, count = uxem(row["received_xem_approx"]), int(row["transfers"])
        if row["wallet"] == YOBIT:
            ledger.inferred(BY_12_FEB, LARGEST, YOBIT, amount - to_yobit,
                            "published total of %s XEM in %d transfers, less the rows "
                            "of the five largest buyers; their split is not published"
                            % (xem(amount), count), last=BY_12_FEB)
        elif row["wallet"] == "(others)":
            ledger.aggregate(BY_12_FEB, LARGEST, OTHERS, amount,
                             "the other 40 of 45 receivers", count=count,
                             last=BY_12_FEB)
        else:
            ledger.aggregate(BY_12_FEB, LARGEST, row["wallet"], amount,
                             "from the 100 largest buyers by 12 February", count=count,
                             last=BY_12_FEB)


def whales(ledger):
    first, second = record("whales.csv")
    rows = record("whale_second_hop.csv")
    left = {}
    for whale, column in ((first, "amount_a_xem"), (second, "amount_b_xem")):
        left[whale["wallet"]] = uxem(whale["received_xem_approx"]) - sum(
            uxem(r[column]) for r in rows if r["amount_b_xem"])
        ledger.aggregate(BY_17_FEB, BUYERS, whale["wallet"],
                         uxem(whale["received_xem_approx"]),
                         "bought at the shop by 17 February; start and number of "
                         "transfers are not published", last=BY_17_FEB)
    for row in rows:
        if row["amount_b_xem"]:
            for whale, column in ((first, "amount_a_xem"), (second, "amount_b_xem")):
                ledger.aggregate(BY_17_FEB, whale["wallet"], row["recipient"],
                                 uxem(row[column]), "by 17 February; number of "
                                 "transfers is not published", last=BY_17_FEB)
    for wallet, amount in left.items():
        ledger.inferred(BY_17_FEB, wallet, WHALES, amount,
                        "all that is left of what this whale received: the record "
                        "does not say which of the two sent the eight amounts that "
                        "have one sender, nor how much both kept")
    for row in rows:
        if not row["amount_b_xem"]:
            ledger.aggregate(BY_17_FEB, WHALES, row["recipient"],
                             uxem(row["amount_a_xem"]),
                             "sent by one of the two whales by 17 February; which is "
                             "not recoverable, number of transfers is not published",
                             last=BY_17_FEB)


def build():
    """Text of ledger.csv and of theft.txt."""
    ledger = Ledger()
    wallets = record("darkweb_shop_wallets.csv")
    shop_start, woken = wallets[0]["first_jst"], wallets[2]["first_jst"]
    theft(ledger)
    first_hop(ledger)
    jan30(ledger)
    stock(ledger, shop_start, woken)
    shop(ledger)
    to_yobit = buyers(ledger, woken)
    second_recipients(ledger, to_yobit)
    whales(ledger)

    rows = ledger.sorted()
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    seeds = ["ledger.csv:%d\n" % line for line, row in enumerate(rows, 2)
             if row["sender"] == ROBBED]
    return out.getvalue(), "".join(seeds)


def main(argv):
    out = os.path.join(ROOT, "fixtures", "coincheck")
    if len(argv) == 3 and argv[1] == "--out":
        out = argv[2]
    elif len(argv) != 1:
        sys.stderr.write(__doc__)
        return 2
    for name, text in zip(("ledger.csv", "theft.txt"), build()):
        path = os.path.join(out, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
