"""The data of a report page in full: its short forms (as under the policy before, as much as
the whole, time since the one before) written out. A second reading of what
report/src/data.js reads."""
SAME, ALL = -1, -2


def figures(r):
    tainted = int(r[1])
    basis = [tainted if i == r[7] else 0 for i in range(6)] if isinstance(r[7], int) else [int(v) for v in r[7]]
    return {"tainted": tainted, "incomplete": int(r[2]), "amount": tainted if r[3] == ALL else int(r[3]),
            "count": r[4], "first": r[5], "last": r[6] if r[5] is None else r[5] + r[6], "basis": basis}


def expand(d):
    n = len(d["runs"])
    now = 0
    txs = []
    for t in d["tx"]:
        x = {"from": t[0], "to": t[1], "amount": int(t[2]), "count": t[5], "memo": t[6],
             "provenance": d["provenances"][t[7] // 4], "height": t[8], "ref": t[9], "taint": []}
        if t[3] is None:
            x["first"] = x["last"] = None
        else:
            now += t[3]
            x["first"], x["last"] = now, now + t[4]
        for k in range(n):
            v = t[10 + k] if 10 + k < len(t) else SAME
            x["taint"].append(x["taint"][k - 1] if v == SAME else x["amount"] if v == ALL else int(v))
        txs.append(x)
    runs = []
    for r in d["runs"]:
        x = {f: int(r[f]) for f in ("seeded", "at_services", "fees", "cleaned", "held_complete",
                                    "held_incomplete", "held_unread", "through_incomplete")}
        x["policy"], x["conserves"] = r["policy"], r["conserves"]
        for f in ("arrived", "held", "unsure"):
            assert len(r[f]) == len(d["accounts"])
            x[f] = [runs[-1][f][i] if v == SAME else int(v) for i, v in enumerate(r[f])]
        old = {s["account"]: {m["memo"]: m for m in s["memos"]} for s in runs[-1]["services"]} if runs else {}
        x["services"] = []
        for s in r["services"]:
            memos = [old[s[0]][m] if isinstance(m, int) else {"memo": m[0], **figures(m)} for m in s[8]]
            x["services"].append({"account": s[0], **figures(s), "memos": memos})
        runs.append(x)
    low = [runs[d["main"]]["held"][i] if v == SAME else int(v) for i, v in enumerate(d["low"])]
    high = [low[i] if v == SAME else int(v) for i, v in enumerate(d["high"])]
    return {"ids": [a[0] for a in d["accounts"]], "tx": txs, "runs": runs, "low": low, "high": high}
