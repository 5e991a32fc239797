#!/usr/bin/python3
"""src/export/width_table.h from Unicode's tables, as Python of Debian 12 (Unicode 14) has
them: which characters take no column of a terminal, and which take two.
Usage: width_table.py > src/export/width_table.h"""
import sys
import unicodedata

assert unicodedata.unidata_version == "14.0.0", unicodedata.unidata_version


def zero(cp):
    # Marks that sit on another character; vowels and finals of Hangul, which join a syllable.
    return (unicodedata.category(chr(cp)) in ("Mn", "Me")
            or 0x1160 <= cp <= 0x11FF or 0xD7B0 <= cp <= 0xD7FF)


def wide(cp):
    # What is not assigned yet is wide in the ideographs' blocks (EastAsianWidth.txt).
    if unicodedata.category(chr(cp)) == "Cn":
        return (0x3400 <= cp <= 0x4DBF or 0x4E00 <= cp <= 0x9FFF or 0xF900 <= cp <= 0xFAFF
                or 0x20000 <= cp <= 0x2FFFD or 0x30000 <= cp <= 0x3FFFD)
    return unicodedata.east_asian_width(chr(cp)) in ("W", "F") and not zero(cp)


def ranges(belongs):
    out = []
    for cp in range(0x110000):
        if not belongs(cp):
            continue
        if out and out[-1][1] == cp - 1:
            out[-1][1] = cp
        else:
            out.append([cp, cp])
    return out


def table(name, belongs):
    print("static const struct ex_range %s[] = {" % name)
    line = "\t"
    for a, b in ranges(belongs):
        item = "{ 0x%04X, 0x%04X }," % (a, b)
        if len(line) + len(item) > 78:
            print(line.rstrip())
            line = "\t"
        line += item + " "
    print(line.rstrip() + "\n};")


print("/* Made by tools/width_table.py from Unicode %s. */" % unicodedata.unidata_version)
print("/* clang-format off */")
table("ex_wide", wide)
table("ex_zero", zero)
print("/* clang-format on */")
