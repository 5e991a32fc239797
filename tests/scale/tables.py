#!/usr/bin/env python3
"""The published tables, one command each, on the scale model: against the figures of the
record, and against fixtures/golden/scale/ (written anew if XT_GOLDEN_UPDATE is set).

usage: tables.py XEMTRACE CASE MODEL_DIR

Times are asked for in Japan. A golden file has the columns that stand for the table, not
those that say what each figure stands on. Run from the project's folder.
"""
import csv
import datetime
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

xemtrace, original, model = sys.argv[1:4]
tmp = tempfile.TemporaryDirectory()
case = shutil.copy(original, os.path.join(tmp.name, "case"))  # a run is stored in it
RECORD = "fixtures/coincheck/record"
GOLDEN = "fixtures/golden/scale"
truth = json.load(open(os.path.join(model, "truth.json")))
address = {w["name"]: w["address"] for w in truth["wallets"]}
name = {w["address"]: w["name"] for w in truth["wallets"]}
models = {w["address"]: w["models"] for w in truth["wallets"] if "models" in w}
failed = 0


def fail(text):
    global failed
    failed += 1
    print("tables:", text)


def expect(what, got, want):
    if got != want:
        fail(f"{what}: {got}, published {want}")


def rec(table):
    return list(csv.DictReader(open(f"{RECORD}/{table}.csv", encoding="utf-8")))


def command(*args, form="csv"):
    out = subprocess.run([xemtrace, "--case", case, *args, "-q", "--tz", "Asia/Tokyo",
                          "--format", form], capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(f"{args}: {out.stderr}")
    return out.stdout


def table(golden, columns, *args):
    """Rows of a command's CSV; its columns compared with the golden file, if it has one."""
    rows = list(csv.DictReader(io.StringIO(command(*args))))
    if golden is not None:
        f = io.StringIO()
        w = csv.DictWriter(f, columns.split(), extrasaction="ignore", lineterminator="\n")
        w.writeheader()
        w.writerows(rows)
        path = f"{GOLDEN}/{golden}.csv"
        if os.environ.get("XT_GOLDEN_UPDATE"):
            os.makedirs(GOLDEN, exist_ok=True)
            open(path, "w", encoding="utf-8").write(f.getvalue())
        elif open(path, encoding="utf-8").read() != f.getvalue():
            open(os.path.join(model, f"{golden}.csv"), "w").write(f.getvalue())
            fail(f"{golden}: differs from {path}, see {model}")
    return rows


def uxem(text):
    return round(float(text) * 10) * 100000  # published with one decimal at most


def jst(text, seconds=True):
    t = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    t = t.astimezone(datetime.timezone(datetime.timedelta(hours=9)))
    return t.strftime("%Y-%m-%dT%H:%M:%S" if seconds else "%Y-%m-%dT%H:%M")


def published(row, side):
    return models.get(row[side])


SUM = "count amount_volume tainted_volume first last"
thief, victim = address["thief"], address["victim"]

# The 11 thefts and the 9 first hops: minute, amount, receiver.
rows = table("theft", "recipient amount_volume tainted_volume first", "timeline",
             "--sender", victim)
expect("theft", [(jst(r["first"], False), int(r["amount_volume"]), published(r, "recipient"))
                 for r in rows],
       [(r["time_jst"], uxem(r["amount_xem"]), r["recipient"])
        for r in rec("theft_transfers")])
rows = table("first-hop", "recipient amount_volume tainted_volume first", "timeline",
             "--sender", thief, "--to", "2018-01-26")
expect("first hop", [(jst(r["first"], False), int(r["amount_volume"]),
                      published(r, "recipient")) for r in rows],
       [(r["time_jst"], uxem(r["amount_xem"]), r["recipient"])
        for r in rec("first_hop_transfers")])

# 30 January: 14 payments between 22:33 and 23:02.
rows = table("jan30", "recipient " + SUM, "timeline", "--by", "recipient", "--sender",
             thief, "--from", "2018-01-30", "--to", "2018-01-30")
expect("30 January", {published(r, "recipient"): (int(r["amount_volume"]), int(r["count"]))
                      for r in rows},
       {r["recipient"]: (uxem(r["total_xem"]), int(r["transfers"]))
        for r in rec("jan30_transfers")})
expect("30 January, period", (min(jst(r["first"], False) for r in rows),
                              max(jst(r["last"], False) for r in rows)),
       ("2018-01-30T22:33", "2018-01-30T23:02"))

# The 14 shop wallets: number, sum, first and last to the second.
rows = table("shop", "sender " + SUM, "timeline", "--by", "sender", "--sender-category",
             "theft-shop")
expect("shop", {published(r, "sender"): (int(r["count"]), int(r["amount_volume"]),
                                         jst(r["first"]), jst(r["last"])) for r in rows},
       {r["wallet"]: (int(r["outgoing_transfers"]), uxem(r["outgoing_total_xem_approx"]),
                      r["first_jst"], r["last_jst"]) for r in rec("darkweb_shop_wallets")})


def buyers(to):
    """Whom the shop paid until a day, the shop's own wallets aside."""
    rows = table(None, "", "timeline", "--by", "recipient", "--sender-category",
                 "theft-shop", "--to", to)
    return [r for r in rows if r["recipient_label"][:5] != "Shop "]


# The five largest buyers to 10 February, and what each passed on to Yobit.
top = buyers("2018-02-10")
expect("buyers", {published(r, "recipient"): int(r["amount_volume"]) for r in top[:5]},
       {r["wallet"]: uxem(r["received_from_shop_xem_approx"]) for r in rec("buyers_top5")})
rows = table("yobit", "sender " + SUM, "timeline", "--by", "sender", "--recipient",
             address["yobit"], "--to", "2018-02-10", *[a for r in top[:5]
                                                       for a in ("--sender", r["recipient"])])
expect("to Yobit", {published(r, "sender"): int(r["amount_volume"]) for r in rows},
       {r["wallet"]: uxem(r["sent_to_yobit_xem_approx"]) for r in rec("buyers_top5")
        if r["sent_to_yobit_xem_approx"] != "0"})
if len(buyers("2018-02-11")) < 150:
    fail("fewer than 150 direct buyers by 11 February")

# Where the hundred largest sent it by 12 February.
top = buyers("2018-02-12")
largest = top[:100]
rows = table("second", "recipient " + SUM, "timeline", "--by", "recipient", "--to",
             "2018-02-12", "--recipient-category", "exchange",
             *[a for r in largest for a in ("--sender", r["recipient"])])
rows = table(None, "", "timeline", "--by", "recipient", "--to", "2018-02-12",
             *[a for r in largest for a in ("--sender", r["recipient"])])
rows = [r for r in rows if r["recipient_label"][:5] != "Shop "]
second = {r["wallet"]: (uxem(r["received_xem_approx"]), int(r["transfers"]))
          for r in rec("second_recipients")}
got = {published(r, "recipient"): (int(r["amount_volume"]), int(r["count"])) for r in rows
       if published(r, "recipient")}
others = [r for r in rows if not published(r, "recipient")]
got["(others)"] = (sum(int(r["amount_volume"]) for r in others),
                   sum(int(r["count"]) for r in others))
expect("second recipients", got, second)
expect("number of them", len(rows), 45)
total = sum(int(r["amount_volume"]) for r in top)
share = sum(int(r["amount_volume"]) for r in largest) / total
if not 0.85 < share < 0.95:
    fail(f"the hundred largest have {share:.3f} of the sales, not nine tenths")

# The whales to 17 February: about six tenths of all sales, and whom they paid.
top = buyers("2018-02-17")
expect("whales", {published(r, "recipient"): int(r["amount_volume"]) for r in top[:2]},
       {r["wallet"]: uxem(r["received_xem_approx"]) for r in rec("whales")})
share = sum(int(r["amount_volume"]) for r in top[:2]) / sum(int(r["amount_volume"])
                                                            for r in top)
if not 0.5 < share < 0.7:
    fail(f"the whales have {share:.3f} of the sales, not six tenths")
rows = table("whale-hop", "sender recipient " + SUM, "timeline", "--by", "pair", "--sender",
             address["whale1"], "--sender", address["whale2"], "--from", "2018-02-14",
             "--to", "2018-02-17")
got = {}
for r in rows:
    if name[r["recipient"]] not in ("whale1", "whale2"):
        got.setdefault(published(r, "recipient"), []).append(
            (name[r["sender"]], int(r["amount_volume"])))
for r in rec("whale_second_hop"):
    amounts = [uxem(r[c]) for c in ("amount_a_xem", "amount_b_xem") if r[c]]
    expect(f"whales to {r['recipient']}",
           [a for _, a in sorted(got.pop(r["recipient"], []))], amounts)
expect("other receivers", got, {})
if sum(int(r["count"]) for r in rows if name[r["recipient"]][:5] == "whale") < 2:
    fail("the whales' talk is missing")

# The refill: 20 million twice, 40 minutes apart, a million paid in between.
rows = table("refill", "sender recipient amount_volume first", "timeline", "--account",
             address["shop12"], "--from", "2018-02-21T02:00", "--to", "2018-02-21T03:02")
expect("refill", [int(r["amount_volume"]) // 10**12 for r in rows
                  if int(r["amount_volume"]) >= 10**12], [20, 1, 20])

# Return within ten minutes; refund after six hours.
trips = {(name[p["address"]], name[p["other"]]): p for p in
         json.loads(command("patterns", form="json"))["result"]
         if p["pattern"] == "round_trip"}
p = trips.get(("hop8", "turnaround"))
if p is None or p["blocks"] != 10:
    fail("the return after ten minutes is not found")
p = trips.get(("top3", "shop3"))
if p is None or int(p["amount_volume"]) != 37258 * 10**6 or not 300 <= p["blocks"] <= 420:
    fail("the refund after six hours is not found")

# Series: sales per day and shop wallet, into services per day, the stock of a wallet, the
# public's view without the excluded wallets.
rows = table("shop-days", "day sender count amount_volume", "timeline", "--by",
             "day-sender", "--sender-category", "theft-shop")
expect("sales", (sum(int(r["count"]) for r in rows),
                 sum(int(r["amount_volume"]) for r in rows)),
       (12116, 532779218 * 10**6))
table("service-days", "day recipient count amount_volume tainted_volume value", "timeline",
      "--by", "service-day", "--to", "2018-02-12", "--rate", "JPY:88.549")
table("stock", "time in_uxem out_uxem balance_uxem tainted_uxem", "timeline", "--by",
      "balance", "--account", address["shop1"])
excluded = {line.strip() for line in open(os.path.join(model, "exclude.txt"))
            if line[0] != "#"}
rows = table(None, "", "timeline", "--exclude", os.path.join(model, "exclude.txt"))
if len(rows) < 1000 or any(r[s] in excluded for r in rows for s in ("sender", "recipient")):
    fail("--exclude does not leave out what it says")
table("top", "rank address label tainted_volume held_uxem received_volume sent_volume "
             "received_count sent_count", "top", "--limit", "40")

if failed:
    sys.exit(1)
print("tables: as published")
