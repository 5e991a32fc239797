#!/usr/bin/env python3
"""Check the label files: addresses, categories, confidence, TagPack equal to the CSV.

Run in the project root; exit code 0 if all checks hold, 1 if not.
"""

import csv
import json
import re
import sys

import nemaddr

FOLDER = "fixtures/labels/"
# Of the TagPack confidence scale, those that these files may use, with their level.
LEVELS = {"service_data": 50, "forensic": 50, "web_crawl": 20}
# Columns of the case file hold this much.
MAX_BYTES = {"label": 127, "category": 63, "source": 255}


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_tagpack(path):
    """Header and tags of a TagPack as tools/build_labels.py writes it."""
    header, tags = {}, []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            tag = re.fullmatch(r"- address: ([A-Z2-7]+)", line)
            field = re.fullmatch(r"  ([a-z]+): (\".*\")", line)
            top = re.fullmatch(r"([a-z_]+): ?(.*)", line)
            if tag:
                tags.append({"address": tag[1]})
            elif field and tags:
                tags[-1][field[1]] = json.loads(field[2])
            elif top and not tags:
                header[top[1]] = top[2]
    return header, tags


def main():
    nemaddr.self_test()
    bad = []
    rows = read(FOLDER + "known-addresses.csv")
    categories = {r["category"]: r for r in read(FOLDER + "categories.csv")}
    for line, row in enumerate(rows, 2):
        where = "known-addresses.csv:%d" % line
        error = nemaddr.address_error(row["address"])
        if error:
            bad.append("%s: %s %s" % (where, row["address"], error))
        if row["category"] not in categories:
            bad.append("%s: category %s is not in categories.csv"
                       % (where, row["category"]))
        if row["confidence"] not in LEVELS:
            bad.append("%s: confidence %s" % (where, row["confidence"]))
        for key, most in MAX_BYTES.items():
            if not 0 < len(row[key].encode()) <= most:
                bad.append("%s: %s is empty or too long" % (where, key))
    if len({r["address"] for r in rows}) != len(rows):
        bad.append("known-addresses.csv: an address stands twice")
    if len(rows) != 253:
        bad.append("known-addresses.csv: %d rows, want 253" % len(rows))
    if any(r["service"] not in ("0", "1") or not r["note"] for r in
           categories.values()):
        bad.append("categories.csv: service is 0 or 1, and each has a note")
    unused = set(categories) - {r["category"] for r in rows}
    if unused:
        bad.append("categories.csv: not used: %s" % ", ".join(sorted(unused)))
    header, tags = read_tagpack(FOLDER + "nem-known-addresses.yaml")
    if tags != rows:
        bad.append("nem-known-addresses.yaml: tags differ from known-addresses.csv "
                   "(run tools/build_labels.py)")
    for key in ("title", "creator", "description", "lastmod", "currency", "network"):
        if not header.get(key):
            bad.append("nem-known-addresses.yaml: no %s" % key)
    for line in bad:
        print("FAILED " + line, file=sys.stderr)
    print("%d labels, %d categories, %d failed" % (len(rows), len(categories),
                                                    len(bad)))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
