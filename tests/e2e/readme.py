#!/usr/bin/env python3
"""The output that the README shows is what the program prints: each shown line is the
beginning of a printed line, in order. Usage: readme.py XEMTRACE"""
import os
import shlex
import subprocess
import sys
import tempfile

X = os.path.abspath(sys.argv[1])


def run(args, **more):
    p = subprocess.run([X, *args], capture_output=True, text=True, **more)
    assert p.returncode == 0, (args, p.stderr)
    return p.stdout.splitlines()


def shown():
    """The commands of the README's first block with "$ xemtrace" in it, with what they
    are said to print."""
    block, inside, out = [], False, []
    for line in open("README.md", encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("```"):
            if inside and any(x.startswith("$ xemtrace") for x in block):
                break
            block, inside = [], not inside
        elif inside:
            block.append(line)
    for line in block:
        if line.startswith("$ xemtrace"):
            out.append((line[2:], []))
        else:
            out[-1][1].append(line)
    return out


def main():
    commands = shown()
    assert len(commands) >= 2, commands
    with tempfile.TemporaryDirectory() as d:
        env = dict(os.environ, XEMTRACE_CASE=os.path.join(d, "case.xemtrace"))
        run(["label", "import", "fixtures/labels/nem-known-addresses.yaml"], env=env)
        run(["import", "--complete", "fixtures/coincheck/ledger.csv"], env=env)
        seeds = [a for ref in open("fixtures/coincheck/theft.txt").read().split()
                 for a in ("--tx", ref)]
        run(["seed", "add", "--theft", "coincheck", *seeds], env=env)
        for command, lines in commands:
            args = shlex.split(command)[1:]
            printed = iter(run([*args, "-q"], env=env))
            for want in lines:
                if want.strip() in ("", "..."):
                    continue
                want = want.rstrip().removesuffix(" ...").rstrip()
                assert any(got.startswith(want) for got in printed), (command, want)
    print("readme: %d commands, %d lines" % (len(commands), sum(len(c[1]) for c in commands)))


main()
