#!/usr/bin/env python3
"""Checks a case of xemtrace without any of its code: Python's standard library alone, from
docs/evidence.md. Knows nothing of the C sources; both must come to the same result.

usage: check_case.py CASE [--answers FOLDER] [--public-key HEX]

Raw answers are stored compressed (zstd), which the standard library cannot unpack: they are
read from FOLDER (xemtrace verify --export-answers FOLDER), or unpacked with the `zstd` program
if there is one, or else only their chain is checked, and the output says so.
Exit code: 0 all holds, 3 something does not, 2 usage."""
import base64
import hashlib
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys

# ---- Keccak with the original padding ------------------------------------------------------

MASK = (1 << 64) - 1


def _constants():
    rot, x, y = [[0] * 5 for _ in range(5)], 1, 0
    for t in range(24):
        rot[x][y] = (t + 1) * (t + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    rounds, lfsr = [], 1
    for _ in range(24):
        c = 0
        for j in range(7):
            if lfsr & 1:
                c |= 1 << ((1 << j) - 1)
            lfsr = (lfsr << 1) ^ (0x171 if lfsr & 0x80 else 0)
        rounds.append(c)
    return rot, rounds


ROT, ROUNDS = _constants()
# Lane x, y of the state is a[x + 5 * y]; pi sends it to y, 2x + 3y.
MOVES = [(x + 5 * y, y + 5 * ((2 * x + 3 * y) % 5), ROT[x][y]) for x in range(5) for y in range(5)]


def _permute(a):
    for rc in ROUNDS:
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[x - 1] ^ (((c[(x + 1) % 5] << 1) | (c[(x + 1) % 5] >> 63)) & MASK) for x in range(5)]
        b = [0] * 25
        for src, dst, r in MOVES:
            v = a[src] ^ d[src % 5]
            b[dst] = ((v << r) | (v >> (64 - r))) & MASK
        a = [b[i] ^ (~b[i // 5 * 5 + (i + 1) % 5] & b[i // 5 * 5 + (i + 2) % 5]) for i in range(25)]
        a[0] ^= rc
    return a


def keccak(data, bits):
    rate = 200 - bits // 4
    data = bytearray(data) + b"\x01" + bytes(-(len(data) + 1) % rate)
    data[-1] |= 0x80
    a = [0] * 25
    for at in range(0, len(data), rate):
        for i, w in enumerate(struct.unpack_from("<%dQ" % (rate // 8), data, at)):
            a[i] ^= w
        a = _permute(a)
    return struct.pack("<25Q", *a)[: bits // 8]


# ---- RIPEMD-160 (OpenSSL 3 may not offer it) -------------------------------------------------

R1 = [list(range(16)), [7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8],
      [3, 10, 14, 4, 9, 15, 8, 1, 2, 7, 0, 6, 13, 11, 5, 12],
      [1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2],
      [4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13]]
R2 = [[5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12],
      [6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2],
      [15, 5, 1, 3, 7, 14, 6, 9, 11, 8, 12, 2, 10, 0, 4, 13],
      [8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14],
      [12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11]]
S1 = [[11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8],
      [7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12],
      [11, 13, 6, 7, 14, 9, 13, 15, 14, 8, 13, 6, 5, 12, 7, 5],
      [11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12],
      [9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6]]
S2 = [[8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6],
      [9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11],
      [9, 7, 15, 11, 8, 6, 6, 14, 12, 13, 5, 14, 13, 13, 7, 5],
      [15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8],
      [8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11]]
K1 = [0, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E]
K2 = [0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0]
M32 = 0xFFFFFFFF
F = [lambda x, y, z: x ^ y ^ z, lambda x, y, z: (x & y) | (~x & z), lambda x, y, z: (x | ~y) ^ z,
     lambda x, y, z: (x & z) | (y & ~z), lambda x, y, z: x ^ (y | ~z)]


def ripemd160(data):
    h = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
    msg = data + b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack("<Q", 8 * len(data))
    for at in range(0, len(msg), 64):
        w = struct.unpack_from("<16I", msg, at)
        lines = []
        for rs, ss, ks, order in ((R1, S1, K1, F), (R2, S2, K2, F[::-1])):
            a, b, c, d, e = h
            for j in range(5):
                for i in range(16):
                    t = (a + order[j](b, c, d) + w[rs[j][i]] + ks[j]) & M32
                    t = (((t << ss[j][i]) | (t >> (32 - ss[j][i]))) + e) & M32
                    a, e, d, c, b = e, d, ((c << 10) | (c >> 22)) & M32, b, t
            lines.append((a, b, c, d, e))
        (a, b, c, d, e), (f, g, i, j, k) = lines
        h = [(h[1] + c + j) & M32, (h[2] + d + k) & M32, (h[3] + e + f) & M32,
             (h[4] + a + g) & M32, (h[0] + b + i) & M32]
    return struct.pack("<5I", *h)


def address(key, network):
    p = bytes([network]) + ripemd160(keccak(key, 256))
    return base64.b32encode(p + keccak(p, 256)[:4]).decode()


# ---- Ed25519, with either hash -----------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _decode(b):
    y = int.from_bytes(b, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


BASE = _decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verify(signature, key, message, sha):
    a = _decode(key)
    s = int.from_bytes(signature[32:], "little")
    if a is None or s >= L:
        return False
    h = int.from_bytes(sha(signature[:32] + key + message), "little") % L
    minus = (P - a[0], a[1], 1, P - a[3])
    table = (None, BASE, minus, _add(BASE, minus))
    q = (0, 1, 1, 0)
    for i in range(252, -1, -1):
        q = _add(q, q)
        t = table[(s >> i & 1) | (h >> i & 1) << 1]
        if t:
            q = _add(q, t)
    z = pow(q[2], P - 2, P)
    x, y = q[0] * z % P, q[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def verify_nem(signature, key, message):
    return verify(signature, key, message, lambda m: keccak(m, 512))


def verify_standard(signature, key, message):
    return verify(signature, key, message, lambda m: hashlib.sha512(m).digest())


# ---- transactions: canonical signed bytes (docs/nis1.md section 5) --------------------------------

class Reader:
    def __init__(self, data):
        self.d, self.at = data, 0

    def take(self, n):
        if n < 0 or self.at + n > len(self.d):
            raise ValueError("the bytes end too early")
        self.at += n
        return self.d[self.at - n: self.at]

    def u32(self):
        return struct.unpack("<I", self.take(4))[0]

    def i32(self):
        return struct.unpack("<i", self.take(4))[0]

    def u64(self):
        return struct.unpack("<Q", self.take(8))[0]

    def part(self):
        return self.take(self.u32())

    def done(self):
        if self.at != len(self.d):
            raise ValueError("bytes after the end")


def mosaic_id(data):
    r = Reader(data)
    v = r.part().decode(), r.part().decode()
    r.done()
    return v


def decode(data, signed):
    """A transaction as a dict. `unsigned` is what is hashed and signed."""
    r = Reader(data)
    t = {"type": r.u32(), "version": r.u32(), "time": r.u32(), "signer": r.part()}
    before = r.at
    if signed:
        t["signature"] = r.part()
    after = r.at
    t["fee"], t["deadline"] = r.u64(), r.u32()
    end = None
    kind, version = t["type"], t["version"] & 0xFFFFFF
    t["network"] = t["version"] >> 24
    if kind == 0x0101:
        t["recipient"], t["amount"] = r.part().decode(), r.u64()
        n = r.u32()
        if n:
            m = Reader(r.take(n))
            t["message"] = m.u32(), m.part()
            m.done()
        t["mosaics"] = []
        for _ in range(r.u32() if version >= 2 else 0):
            m = Reader(r.part())
            t["mosaics"].append((mosaic_id(m.part()), m.u64()))
            m.done()
    elif kind == 0x0801:
        t["mode"], t["remote"] = r.u32(), r.part()
    elif kind == 0x1001:
        t["changes"] = [r.part() for _ in range(r.u32())]
        if version >= 2 and r.u32():
            t["relative"] = r.i32()
    elif kind == 0x1002:
        h = Reader(r.part())
        t["other_hash"] = h.part()
        h.done()
        t["other_account"] = r.part().decode()
    elif kind == 0x1004:
        t["inner"] = decode(r.part(), False)
        end = r.at
        if signed:
            t["cosignatures"] = [decode(r.part(), True) for _ in range(r.u32())]
    elif kind == 0x2001:
        t["sink"], t["rental"] = r.part().decode(), r.u64()
        t["new"] = r.part()
        n = r.i32()
        t["parent"] = None if n == -1 else r.take(n)
    elif kind == 0x4001:
        r.part()
        t["sink"], t["creation"] = r.part().decode(), r.u64()
    elif kind == 0x4002:
        t["id"], t["change"], t["delta"] = mosaic_id(r.part()), r.u32(), r.u64()
    else:
        raise ValueError("unknown type %d" % kind)
    r.done()
    t["unsigned"] = data[:before] + data[after: end]
    t["hash"] = keccak(t["unsigned"], 256)
    return t


def check_signatures(t):
    """What is wrong, or None."""
    if not verify_nem(t["signature"], t["signer"], t["unsigned"]):
        return "signature"
    if t["type"] != 0x1004:
        return None
    inner, seen = t["inner"], {t["signer"]}
    payer = address(inner["signer"], inner["network"])
    for c in t["cosignatures"]:
        if c["type"] != 0x1002 or c["other_hash"] != inner["hash"] or c["other_account"] != payer:
            return "a cosignature of something else"
        if c["signer"] in seen:
            return "a cosignature twice"
        seen.add(c["signer"])
        if not verify_nem(c["signature"], c["signer"], c["unsigned"]):
            return "cosignature"
    return None


NEMESIS = "NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5"
XEM = ("nem", "xem")


def movements(t, height, levy):
    """(kind, from, to, amount) in ledger order; kinds as in the table transfer."""
    core = t.get("inner", t)
    payer = address(core["signer"], core["network"])
    out = []

    def fee(x):
        if x["fee"] and address(x["signer"], x["network"]) != NEMESIS:
            out.append((3, payer, None, x["fee"]))

    for c in t.get("cosignatures", []):
        fee(c)
    if core["type"] == 0x0101:
        times = [(m, q, core["amount"] * q // 1000000) for m, q in core["mosaics"]]
        moved = sum(n for m, _, n in times if m == XEM) if times else core["amount"]
        out.append((2 if core is not t else 1, payer, core["recipient"], moved))
        for m, _, n in times:
            rule = levy(m, height)
            if rule:
                amount = rule[2] if rule[0] == 1 else n * rule[2] // 10000
                if amount:
                    out.append((6, payer, rule[1], amount))
    elif core["type"] == 0x2001:
        out.append((4, payer, core["sink"], core["rental"]))
    elif core["type"] == 0x4001:
        out.append((5, payer, core["sink"], core["creation"]))
    fee(core)
    if core is not t:
        fee(t)
    return out


# ---- the case ----------------------------------------------------------------------------------------

def blake(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def text(v):
    b = v.encode()
    return struct.pack("<Q", len(b)) + b


# Tables of a seal, in its order, with the order of their rows.
TABLES = [("answer", "id"), ("tx", "id"), ("tx_bytes", "tx"), ("transfer", "height, ord, tx, sub"),
          ("block", "height"), ("orphan", "id"), ("message", "id"), ("account", "id"), ("mosaic", "id"),
          ("mosaic_definition", "mosaic, height"), ("tx_mosaic", "mosaic, tx"), ("crawl", "account"),
          ("incident", "id"), ("session", "id"), ("session_service", "session, party"),
          ("session_mark", "session, n"), ("rest", "id"),
          ("meta", "key"),
          ("source", "id"), ("category", "name"), ("label", "id"),
          ("label_change", "id"), ("seed", "id"), ("clean", "id"),
          ("group_member", "account"), ("log", "id"), ("run", "id"), ("run_holding", "run, account, theft"),
          ("run_sink", "run, account, memo, theft"), ("run_theft", "run, theft"), ("run_edges", "run, part"),
          ("run_state", "run, part")]


class Check:
    def __init__(self, path, folder, key):
        self.db = sqlite3.connect("file:%s?mode=ro" % path.replace("?", "%3f"), uri=True)
        self.db.execute("PRAGMA query_only = ON")
        self.folder, self.key = folder, key
        self.zstd = shutil.which("zstd")
        self.found, self.n = [], {}
        self.bodies = {}
        self.party = dict(self.db.execute("SELECT id, party FROM account"))

    def bad(self, what, field, expected, got):
        self.found.append("%s: %s: expected %s, found %s" % (what, field, expected, got))

    def count(self, what, by=1):
        self.n[what] = self.n.get(what, 0) + by

    def body(self, row, packed):
        if self.folder:
            try:
                with open(os.path.join(self.folder, "%08d" % row), "rb") as f:
                    return f.read()
            except OSError as e:
                self.bad("answer %d" % row, "file", "its body", e.strerror)
                return None
        if self.zstd:
            p = subprocess.run([self.zstd, "-dcq"], input=packed, capture_output=True, check=False)
            if p.returncode:
                self.bad("answer %d" % row, "body", "zstd", "what cannot be unpacked")
                return None
            return p.stdout
        return None

    def answers(self):
        head, last = bytes(32), 0
        q = "SELECT id, time, node, node_key, url, sent, http, size, hash, chain, body FROM answer ORDER BY id"
        for row, time, node, key, url, sent, http, size, digest, chain, packed in self.db.execute(q):
            name = "answer %d" % row
            if row != last + 1:
                self.bad(name, "id", last + 1, row)
            last = row
            b = b"xemtrace answer 1\0" + head + digest + struct.pack("<QqQ", size, time, http)
            b += text(url) + text(sent) + text(node) + text(key)
            if blake(b) != chain:
                self.bad(name, "chain", blake(b).hex(), chain.hex())
            head = chain
            self.count("answers")
            raw = self.body(row, packed)
            if raw is not None:
                self.count("bodies")
                if len(raw) != size or blake(raw) != digest:
                    self.bad(name, "body", digest.hex(), blake(raw).hex())
                elif http == 200 and url.startswith(node):
                    self.tell(row, url[len(node):], raw)
        self.head, self.last = head, last

    def tell(self, row, path, raw):
        """Which transactions and balances an answer tells of."""
        kind = path.split("?")[0]
        if kind not in ("/account/get", "/account/historical/get", "/account/transfers/all", "/block/at/public",
                        "/local/chain/blocks-after"):
            return
        try:
            v = json.loads(raw)
            if kind == "/account/get":
                self.bodies[("balance", v["account"]["address"], v["account"]["balance"])] = row
            elif kind == "/account/historical/get":
                for e in v["data"]:
                    self.bodies[("history", e["address"], e["height"], e["balance"])] = row
            elif kind == "/account/transfers/all":
                for e in v["data"]:
                    self.bodies[("tx", bytes.fromhex(e["meta"]["hash"]["data"]), row,
                                 e["meta"]["height"])] = row
            elif kind == "/block/at/public":
                self.bodies[("block", row, v["height"])] = row
            else:
                for e in v["data"]:
                    self.bodies[("block", row, e["block"]["height"])] = row
        except (ValueError, KeyError, TypeError):
            pass  # an answer that was refused

    def levy(self, mosaic, height):
        q = """SELECT d.levy_kind, a.party, d.levy_fee, l.ns, l.name FROM mosaic m
               JOIN mosaic_definition d ON d.mosaic = m.id LEFT JOIN account a ON a.id = d.levy_recipient
               LEFT JOIN mosaic l ON l.id = d.levy_mosaic
               WHERE m.ns = ? AND m.name = ? AND d.height <= ? ORDER BY d.height DESC LIMIT 1"""
        r = self.db.execute(q, (*mosaic, height)).fetchone()
        return r[:3] if r and r[0] and (r[3], r[4]) == XEM else None

    def transactions(self):
        rows = {}
        for tx, sub, kind, a, b, amount, height in self.db.execute(
                "SELECT tx, sub, kind, sender, recipient, amount, height FROM transfer ORDER BY tx, sub"):
            rows.setdefault(tx, []).append((kind, self.party.get(a), self.party.get(b), amount, height))
        q = """SELECT x.id, x.hash, x.inner_hash, x.height, x.type, x.version, x.fee, x.provenance, x.answer,
               x.signer, x.ref, b.bytes FROM tx x LEFT JOIN tx_bytes b ON b.tx = x.id ORDER BY x.id"""
        for row, h, inner, height, kind, version, fee, prov, answer, signer, ref, data in self.db.execute(q):
            name = "transaction %s" % (h.hex() if h else ref)
            if data is None:
                if prov in (1, 5):
                    self.bad(name, "bytes", "the signed bytes", "none")
                self.count("unsigned rows")
                continue
            try:
                t = decode(data, True)
            except (ValueError, UnicodeDecodeError) as e:
                self.bad(name, "bytes", "a transaction", e)
                continue
            if t["hash"] != h:
                self.bad(name, "hash", t["hash"].hex(), h.hex())
            want = t["inner"]["hash"] if "inner" in t else None
            if want != inner:
                self.bad(name, "inner_hash", want, inner)
            if prov == 5 and height == 3481580:
                self.count("exempt")
            else:
                wrong = check_signatures(t)
                if wrong:
                    self.bad(name, "signature", "holds", wrong)
                self.count("signed")
                self.count("signatures", 1 + len(t.get("cosignatures", [])))
            for field, w, g in (("type", t["type"], kind), ("version", t["version"], version),
                                ("fee", t["fee"], fee),
                                ("signer", address(t["signer"], t["network"]), self.party.get(signer))):
                if w != g:
                    self.bad(name, field, w, g)
            have = rows.get(row, [])
            want = movements(t, height, self.levy)
            if [m[:4] for m in have] != want or any(m[4] != height for m in have):
                self.bad(name, "movements", want, have)
            self.count("movements", len(want))
            self.source(name, h, answer, height)

    def source(self, name, h, answer, height):
        """With bodies at hand: the answer lists the transaction, or is a block of that height."""
        if not self.n.get("bodies") or ("tx", h, answer, height) in self.bodies:
            return
        if ("block", answer, height) not in self.bodies:
            self.bad(name, "answer", "one that lists it", answer)

    def orphans(self):
        """Transactions that left the chain: genuine, and out of the ledger unless they came back."""
        left = set(self.db.execute("SELECT hash, height FROM orphan"))
        q = "SELECT hash, height, bytes, brought, again FROM orphan ORDER BY id"
        for h, height, data, brought, again in self.db.execute(q):
            name = "orphan %s" % h.hex()
            self.count("orphans")
            try:
                t = decode(data, True)
            except (ValueError, UnicodeDecodeError) as e:
                self.bad(name, "bytes", "a transaction", e)
                continue
            wrong = check_signatures(t)
            if t["hash"] != h or wrong:
                self.bad(name, "bytes", "its hash and signatures", wrong or t["hash"].hex())
            self.source(name, h, brought, height)
            now = self.db.execute("SELECT height FROM tx WHERE hash = ?", (h,)).fetchone()
            if (now is not None) if again is None else (now != (again,) and (h, again) not in left):
                self.bad(name, "again", again, now)

    def accounts(self):
        q = "SELECT id, party, key, state, balance, balance_height FROM account ORDER BY id"
        for row, party, key, state, balance, height in self.db.execute(q):
            if key and address(key, base64.b32decode(party)[0]) != party:
                self.bad("account " + party, "key", party, address(key, base64.b32decode(party)[0]))
            if balance is None or state != 2:
                continue
            # Read from a height on: what it held before stands with the crawl.
            begin, before, way = self.db.execute(
                "SELECT max(from_height), opening, opening_way FROM crawl WHERE account = ?",
                (row,)).fetchone()
            begin = begin or 0
            got, paid = (sum(r[0] for r in self.db.execute(
                "SELECT amount FROM transfer WHERE %s = ? AND height BETWEEN ? AND ?" % who,
                (row, begin, height)))
                for who in ("recipient", "sender"))
            if begin > 0 and before is None:
                self.bad("account " + party, "opening", "what it held before", before)
                continue
            if way == 2 and self.n.get("bodies") and \
                    ("history", party, begin - 1, before) not in self.bodies:
                self.bad("account " + party, "opening", "as a node's history gives it", before)
            got += before if begin > 0 else 0
            if got - paid != balance:
                self.bad("account " + party, "balance", got - paid, balance)
            if self.n.get("bodies") and ("balance", party, balance) not in self.bodies:
                self.bad("account " + party, "balance", "as an answer reports it", balance)
            self.count("reconciled")

    def blocks(self):
        last = None
        for height, h, prev, txs in self.db.execute("SELECT height, hash, prev, txs FROM block ORDER BY height"):
            self.count("blocks")
            if last and last[0] + 1 == height and last[1] != prev:
                self.bad("block %d" % height, "prev", last[1].hex(), prev.hex())
            last = height, h
            for th, idx in self.db.execute("SELECT hash, idx FROM tx WHERE height = ? AND idx IS NOT NULL"
                                           " AND hash IS NOT NULL", (height,)):
                if txs[32 * idx: 32 * idx + 32] != th:
                    self.bad("transaction " + th.hex(), "idx", "its place in the block", idx)

    def digests(self):
        parts = ""
        for table, order in TABLES:
            b = hashlib.blake2b(b"xemtrace table 1\0T" + text(table), digest_size=32)
            for row in self.db.execute("SELECT * FROM %s ORDER BY %s" % (table, order)):
                b.update(b"R")
                for v in row:
                    if v is None:
                        b.update(b"N")
                    elif isinstance(v, int):
                        b.update(b"I" + struct.pack("<q", v))
                    elif isinstance(v, bytes):
                        b.update(b"B" + struct.pack("<Q", len(v)) + v)
                    else:
                        b.update(b"T" + text(v))
            parts += "%s %s\n" % (table, b.hexdigest())
        return parts

    def seals(self):
        last = None
        q = "SELECT id, time, name, key, answers, head, parts, signature FROM seal ORDER BY id"
        for row, time, name, key, answers, head, parts, signature in self.db.execute(q):
            m = b"xemtrace seal 1\0" + struct.pack("<Q", answers) + head + struct.pack("<q", time)
            m += text(name) + blake(parts.encode())
            if not verify_standard(signature, key, m):
                self.bad("seal %d" % row, "signature", "holds", "does not")
            at = self.db.execute("SELECT chain FROM answer WHERE id = ?", (answers,)).fetchone()
            if head != (at[0] if at else bytes(32)):
                self.bad("seal %d" % row, "head", head.hex(), at[0].hex() if at else None)
            last = row, key, parts
            self.count("seals")
        if self.key and (not last or last[1] != self.key):
            self.bad("seal", "key", self.key.hex(), last[1].hex() if last else "no seal")
        if last:
            for want, have in zip(last[2].splitlines(), self.digests().splitlines()):
                if want != have:
                    self.bad("seal %d" % last[0], have.split()[0], "as it was sealed", "changed since")

    def run(self):
        for step in (self.answers, self.transactions, self.orphans, self.blocks, self.accounts, self.seals):
            step()
        for what in ("answers", "bodies", "signed", "signatures", "exempt", "unsigned rows", "orphans", "movements",
                     "blocks", "reconciled", "seals"):
            print("%-14s %d" % (what, self.n.get(what, 0)))
        if self.n.get("answers") and not self.n.get("bodies"):
            print("the bodies of the answers were not checked: no --answers, no zstd program")
        for f in self.found:
            print("FINDING %s" % f)
        print("findings       %d" % len(self.found))
        return 3 if self.found else 0


def main(argv):
    args = {"--answers": None, "--public-key": None}
    rest, i = [], 1
    while i < len(argv):
        if argv[i] in args and i + 1 < len(argv):
            args[argv[i]] = argv[i + 1]
            i += 1
        else:
            rest.append(argv[i])
        i += 1
    if len(rest) != 1 or rest[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    key = bytes.fromhex(args["--public-key"]) if args["--public-key"] else None
    return Check(rest[0], args["--answers"], key).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
