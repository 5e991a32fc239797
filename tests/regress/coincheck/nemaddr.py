"""NEM mainnet address check in plain Python: base32, network byte, Keccak-256 checksum.

Kept apart from the C code on purpose: two implementations must agree on the fixtures.
"""

import base64

MASK = (1 << 64) - 1


def _round_constants():
    """The 24 iota constants from their LFSR."""
    state, out = 1, []
    for _ in range(24):
        word = 0
        for j in range(7):
            if state & 1:
                word |= 1 << ((1 << j) - 1)
            state = (state << 1) ^ (0x171 if state & 0x80 else 0)
        out.append(word)
    return out


ROUND = _round_constants()


def _rotate(word, n):
    n %= 64
    return ((word << n) | (word >> (64 - n))) & MASK


def _permute(a):
    """Keccak-f[1600] on 25 lanes, lane (x, y) at x + 5 * y."""
    for constant in ROUND:
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[(x + 4) % 5] ^ _rotate(c[(x + 1) % 5], 1) for x in range(5)]
        a = [a[i] ^ d[i % 5] for i in range(25)]
        x, y, lane = 1, 0, a[1]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            i = x + 5 * y
            lane, a[i] = a[i], _rotate(lane, (t + 1) * (t + 2) // 2)
        a = [a[i] ^ (~a[i - i % 5 + (i + 1) % 5] & a[i - i % 5 + (i + 2) % 5])
             for i in range(25)]
        a[0] ^= constant
    return a


def keccak256(data):
    """Keccak-256 with the original padding 0x01 (not SHA3-256)."""
    rate = 136
    data = bytearray(data) + b"\x01"
    data += bytes(-len(data) % rate)
    data[-1] |= 0x80
    lanes = [0] * 25
    for at in range(0, len(data), rate):
        for i in range(rate // 8):
            lanes[i] ^= int.from_bytes(data[at + 8 * i:at + 8 * i + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def address_error(text):
    """None for a mainnet address whose checksum holds, else what is wrong with it."""
    if len(text) != 40:
        return "has %d characters, not 40" % len(text)
    try:
        raw = base64.b32decode(text)
    except ValueError:
        return "is not base32"
    if raw[0] != 0x68:
        return "is not of the main network"
    if keccak256(raw[:21])[:4] != raw[21:]:
        return "has a wrong checksum"
    return None


def self_test():
    """Known answers, so that a check that accepts everything is noticed."""
    assert keccak256(b"").hex() == ("c5d2460186f7233c927e7db2dcc703c0"
                                    "e500b653ca82273b7bfad8045d85a470")
    assert keccak256(b"abc").hex() == ("4e03657aea45a94fc7d47ba826c8d667"
                                       "c0d1e6e33a64a036ec44f58fa12d6c45")
    good = "NANEMOABLAGR72AZ2RV3V4ZHDCXW25XQ73O7OBT5"
    assert address_error(good) is None
    assert address_error(good[:-1] + "6") == "has a wrong checksum"
    assert address_error("T" + good[1:]) == "is not of the main network"
    assert address_error(good[:-1]) == "has 39 characters, not 40"
