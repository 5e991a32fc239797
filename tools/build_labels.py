#!/usr/bin/env python3
"""Build fixtures/labels/nem-known-addresses.yaml (a TagPack) from known-addresses.csv.

usage: build_labels.py
"""

import csv
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LABELS = os.path.join(ROOT, "fixtures", "labels")
HEADER = """\
# Made by tools/build_labels.py from known-addresses.csv: edit that file.
title: Known NEM mainnet addresses
creator: xemtrace
description: >-
  Exchanges, services, protocol accounts and the accounts of the 2018 Coincheck theft
  record, with the public source of each label.
lastmod: 2026-11-22
currency: XEM
network: XEM
is_public: true
tags:
"""


def build():
    """Text of the TagPack. Quoted texts are JSON strings, which are YAML as well."""
    out = [HEADER]
    with open(os.path.join(LABELS, "known-addresses.csv"), newline="",
              encoding="utf-8") as file:
        for row in csv.DictReader(file):
            out.append("- address: %s\n" % row["address"])
            for key in ("label", "category", "source", "confidence"):
                out.append("  %s: %s\n" % (key, json.dumps(row[key])))
    return "".join(out)


def main(argv):
    if len(argv) != 1:
        sys.stderr.write(__doc__)
        return 2
    path = os.path.join(LABELS, "nem-known-addresses.yaml")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(build())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
