#!/bin/sh
# The published tables of the Coincheck case, one command each, from the bundled record:
# against the record's own figures, and byte for byte against fixtures/golden/investigate/
# (written anew if XT_GOLDEN_UPDATE is set). Usage: investigate_coincheck.sh XEMTRACE
set -eu
x=$1
golden=fixtures/golden/investigate
record=fixtures/coincheck/record
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() {
	echo "investigate_coincheck: $*" >&2
	exit 1
}
export XEMTRACE_CASE="$dir/case.xemtrace"
"$x" label import fixtures/labels/nem-known-addresses.yaml -q >/dev/null
"$x" import -q --complete fixtures/coincheck/ledger.csv >/dev/null
set -- seed add --theft coincheck
while read -r ref; do
	set -- "$@" --tx "$ref"
done <fixtures/coincheck/theft.txt
"$x" "$@" -q >/dev/null

# NAME ARGUMENTS...: the CSV of a command is the golden one.
table() {
	name=$1
	shift
	"$x" --tz Asia/Tokyo "$@" -q --format csv >"$dir/$name.csv" 2>"$dir/err" ||
		fail "$name: $(cat "$dir/err")"
	[ -z "${XT_GOLDEN_UPDATE:-}" ] || cp "$dir/$name.csv" "$golden/$name.csv"
	cmp "$dir/$name.csv" "$golden/$name.csv" || fail "$name differs"
}
robbed=NC3BI3DNMR2PGEOOMP2NKXQGSAKMS7GYRKVA5CSZ
thief=NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG
whale_a=NBLNAYJ6BXEZ5MEKLRHCPVZ6V3XG3IMOUOJMS7KJ
whale_b=NCS7SDTQPSBTQJGTTJXPXV6FRBQTBTPHHRNLNFDC
table theft timeline --sender $robbed
table first-hop timeline --sender $thief --to 2018-01-26
table jan30 timeline --by recipient --sender $thief --from 2018-01-30 --to 2018-01-30
table shop-wallets timeline --by sender --sender-category theft-shop
table buyers timeline --by pair --recipient-category theft-buyer
table whales timeline --by recipient --recipient $whale_a --recipient $whale_b
table whale-second-hop timeline --by pair --sender $whale_a --sender $whale_b \
	--sender @one-of-the-two-whales
table second-recipients timeline --by recipient --to 2018-02-12 \
	--sender-category theft-buyer --sender @largest-100-buyers
table service-days timeline --by service-day --rate JPY:88.549
table days timeline --by day --exclude $record/excluded_wallets.txt
table balance timeline --by balance --account $thief
table patterns patterns
table exchanges exchanges

python3 - "$dir" "$record" <<'P'
import csv, datetime, sys
out, record = sys.argv[1:3]
def rows(name):
    # A guard against spreadsheets stands before @.
    return [{k: v[1:] if v.startswith("'") else v for k, v in r.items()}
            for r in csv.DictReader(open(f"{out}/{name}.csv", encoding="utf-8"))]
def rec(name):
    return list(csv.DictReader(open(f"{record}/{name}.csv", encoding="utf-8")))
def uxem(text):
    whole, _, part = text.partition(".")
    return int(whole) * 10**6 + int((part + "000000")[:6])
def jst(text, form):
    t = datetime.datetime.strptime(text, form) - datetime.timedelta(hours=9)
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")
# The theft and the first hop: every transfer, its minute and its amount.
for name, table in (("theft", "theft_transfers"), ("first-hop", "first_hop_transfers")):
    got = sorted((r["first"], int(r["amount_volume"]), r["recipient"]) for r in rows(name))
    want = sorted((jst(r["time_jst"], "%Y-%m-%dT%H:%M"), uxem(r["amount_xem"]),
                   r["recipient"]) for r in rec(table))
    assert got == want, (name, got, want)
# 30 January.
got = sorted((r["recipient"], int(r["amount_volume"]), int(r["count"])) for r in rows("jan30"))
want = sorted((r["recipient"], uxem(r["total_xem"]), int(r["transfers"]))
              for r in rec("jan30_transfers"))
assert got == want, (got, want)
# The shop: number, sum, first and last of each wallet.
got = sorted((r["sender"], int(r["count"]), int(r["amount_volume"]), r["first"], r["last"])
             for r in rows("shop-wallets"))
want = sorted((r["wallet"], int(r["outgoing_transfers"]),
               uxem(r["outgoing_total_xem_approx"]),
               jst(r["first_jst"], "%Y-%m-%dT%H:%M:%S"), jst(r["last_jst"], "%Y-%m-%dT%H:%M:%S"))
              for r in rec("darkweb_shop_wallets"))
assert got == want, (got, want)
# Buyers: what the shop sold to each of the five largest.
got = {}
for r in rows("buyers"):
    if r["sender"] == "@shop-buyers":
        got[r["recipient"]] = got.get(r["recipient"], 0) + int(r["amount_volume"])
for r in rec("buyers_top5"):
    assert got[r["wallet"]] == uxem(r["received_from_shop_xem_approx"]), r
# Whales, and where the money of the largest buyers went.
got = {r["recipient"]: int(r["amount_volume"]) for r in rows("whales")}
assert got == {r["wallet"]: uxem(r["received_xem_approx"]) for r in rec("whales")}, got
got = {r["recipient"]: int(r["amount_volume"]) for r in rows("second-recipients")}
for r in rec("second_recipients"):
    if r["wallet"] == "(others)":
        continue
    assert got[r["wallet"]] == uxem(r["received_xem_approx"]), (r, got)
second = {}
for r in rows("whale-second-hop"):
    second.setdefault(r["recipient"], set()).add(int(r["amount_volume"]))
for r in rec("whale_second_hop"):
    for k in ("amount_a_xem", "amount_b_xem"):
        if r[k]:
            assert uxem(r[k]) in second[r["recipient"]], (r, second)
# Values at the rate of the compensation, rounded down to two places.
for r in rows("service-days"):
    want = int(r["amount_volume"]) * 88549 // 10**7
    assert r["value"] == f"{want // 100}.{want % 100:02d}" and r["currency"] == "JPY", r
# An excluded wallet is in no row, the balance is its sums.
left = 0
for r in rows("balance"):
    left += int(r["in_uxem"]) - int(r["out_uxem"])
    assert left == int(r["balance_uxem"]) == int(r["tainted_uxem"]), r
assert left == 2998910 * 10**6, left
# The patterns that the write-ups tell of: the refund that was asked for, the wallets that
# rested until the shop opened, the small amounts of 30 January.
kinds = {}
for r in rows("patterns"):
    kinds.setdefault(r["pattern_pattern"], {})[r["pattern_address"]] = r
assert "NDUZU7FEF5XXAE3DT4UTCTYQQHYK2ZJLCRCASP4I" in kinds["round_trip"], kinds
woken = {a for a in kinds["woken"] if not a.startswith("@")}
assert woken == {r["recipient"] for r in rec("first_hop_transfers")}, woken
decoy = kinds["decoy_dust"]["NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG"]
assert decoy["pattern_bystanders"] == "true" and len(decoy["pattern_members"].split()) == 9
P

# Requests: one file a service, each deposit in it, the same bytes again.
"$x" --tz Asia/Tokyo exchanges --requests "$dir/a" -q >/dev/null
"$x" --tz Asia/Tokyo exchanges --requests "$dir/b" -q >/dev/null
diff -r "$dir/a" "$dir/b" >/dev/null || fail "requests differ from run to run"
[ "$(ls "$dir/a" | wc -l)" -eq 6 ] || fail "not six requests: $(ls "$dir/a")"
yobit="$dir/a/NBRT3YQTVHLTYBDUXH2HHURI5KCYDWRWJ63YWIGG.txt"
for text in "9,684,317.1 XEM" "confidence 50 of 100" "row ledger.csv:56" \
	"2018-02-10T14:59:59Z = 2018-02-10 23:59:59 +0900 (Asia/Tokyo)" \
	"How it leads back to the theft" "$robbed -> $thief"; do
	grep -qF -- "$text" "$yobit" || fail "request: no \"$text\""
done
[ -z "${XT_GOLDEN_UPDATE:-}" ] || cp "$yobit" "$golden/request.txt"
cmp "$yobit" "$golden/request.txt" || fail "the request differs"
! "$x" exchanges -q --policy poison --requests "$dir/p" >/dev/null 2>&1 ||
	fail "poison led back to a theft"
# Ways by the ledger alone.
yobit=NBRT3YQTVHLTYBDUXH2HHURI5KCYDWRWJ63YWIGG
for kind in shortest widest earliest; do
	"$x" path $robbed $yobit --route $kind -q --format csv >"$dir/$kind.csv"
	[ "$(wc -l <"$dir/$kind.csv")" -eq 8 ] || fail "$kind: not 7 transfers"
done
grep -q ",3273920100000," "$dir/widest.csv" || fail "widest: $(cat "$dir/widest.csv")"
rc=0
"$x" path $yobit $robbed --route earliest -q >"$dir/none" 2>&1 || rc=$?
[ $rc -eq 1 ] || fail "a way back in time gave $rc"
table back trace --back NACPIG2TG5FS6EUFX3IEXROXQG3N6ERMLLASBV64
grep -q "^1,'@shop-buyers,.*,3358361000000,3358361000000," "$dir/back.csv" || fail "back"
grep -q ",$robbed,.*,opening$" "$dir/back.csv" || fail "the robbed wallet is no origin"
echo "investigate_coincheck: ok"
