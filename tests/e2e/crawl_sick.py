#!/usr/bin/env python3
"""Sick nodes and servers that are none, beside one honest node: it comes to an end, memory is bounded,
each is named, and every account is read. usage: crawl_sick.py XEMTRACE FIXTURE_NODE MKCHAIN"""
import json
import os
import subprocess
import sys
import tempfile

from servers import fixture as fixture_node, serve, stop_all

xemtrace, node, mkchain = sys.argv[1:4]
here = os.path.dirname(os.path.abspath(__file__))
ACCOUNTS = 49
with open(xemtrace, "rb") as program:
    SANITIZED = b"__asan_init" in program.read()  # it takes memory of its own


def fixture(folder, *options):
    return fixture_node(node, folder, *options, folder + "/chain.json")[1]


def server(folder, *mode):
    return serve(folder, lambda port: [sys.executable, here + "/sick_server.py", port, *mode])[1]


def crawl(case, nodes, *options):
    """Exit code, lines on stderr, peak MB."""
    command = [xemtrace, "--case", case, "crawl", root, "--depth", "9", "--blocks", "none", "--rate", "1000", *options]
    for host in nodes:
        command += ["--node", "http://" + host]
    with tempfile.TemporaryFile() as err:
        p = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err)
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        lines = err.read().decode().splitlines()
    return p.returncode, lines, used.ru_maxrss / 1024


def status(case):
    out = subprocess.run([xemtrace, "--case", case, "status", "--format", "json"], check=True,
                         capture_output=True).stdout
    s = json.loads(out)["result"][0]
    return s, {n["node"][7:]: n for n in s["nodes"]}


def named(lines, host):
    return [x for x in lines if host in x and x.startswith("xemtrace: warning: ")]


def from_the_beginning(d):
    """None of these gets past the greeting."""
    elsewhere = d + "/elsewhere.log"
    other = fixture(d, "--log", elsewhere)
    sick = {m: server(d, m) for m in ("hang", "silent", "drip", "headers", "continue", "length", "endless",
                                         "garbage")}
    sick["cut"] = server(d, "cut", "100")
    sick["redirect"] = server(d, "redirect", "http://" + other + "/node/info")
    sick["html"] = fixture(d, "--html")
    sick["network"] = fixture(d, "--network", "-104")
    sick["loading"] = fixture(d, "--loading")
    sick["step"] = fixture(d, "--status", "5")
    sick["gone"] = "127.0.0.1:1"
    honest = fixture(d)
    case = d + "/begin"
    code, lines, mb = crawl(case, [*sick.values(), honest])
    assert code == 0, (code, lines)
    assert mb < 150 or SANITIZED, mb
    for what, host in sick.items():
        assert len(named(lines, host)) == 1, (what, named(lines, host), lines)
    for what, text in (("hang", "no answer in time"), ("network", "testnet"), ("loading", "LOADING"),
                       ("step", "status 5"), ("redirect", "a redirect, which is not followed"),
                       ("endless", "larger than"), ("length", "larger than"), ("html", "HTML")):
        assert text in named(lines, sick[what])[0], (what, named(lines, sick[what]))
    with open(elsewhere, encoding="ascii") as f:
        assert not f.read(), "a redirect was followed"
    s, by = status(case)
    assert s["accounts_complete"] == ACCOUNTS and s["incidents"] == 0, s
    assert by[honest]["useful"] == by[honest]["answers"] and by[honest]["rests"] == 0, by[honest]
    assert by[honest]["accounts"] == ACCOUNTS, by[honest]
    for what, host in sick.items():
        assert by[host]["given_up"] == 1 and by[host]["last_rest_reason"], (what, by[host])
    assert by[sick["hang"]]["none"] == 1 and by[sick["loading"]]["unavailable"] == 3, by
    stop_all()


def from_then_on(d):
    """These were honest when they were greeted."""
    late = ["--from", "8"]
    sick = {
        "drip": fixture(d, *late, "--drip", "200", "--id-seed", "1"),
        "cut": fixture(d, *late, "--cut", "30", "--id-seed", "2"),
        "busy": fixture(d, *late, "--fail", "503:1", "--id-seed", "3"),
        "many": fixture(d, *late, "--fail", "429:1", "--id-seed", "4"),
        "html": fixture(d, *late, "--html", "--id-seed", "5"),
        "endless": fixture(d, *late, "--endless", "--id-seed", "6"),
        "large": fixture(d, *late, "--oversize", "104857600", "--id-seed", "7"),
        "nested": fixture(d, *late, "--nest", "100000", "--id-seed", "8"),
        "half": fixture(d, *late, "--truncate", "50", "--id-seed", "9"),
        "redirect": fixture(d, *late, "--redirect", "http://127.0.0.1:1/", "--id-seed", "10"),
        "gone": fixture(d, "--exit-after", "8", "--id-seed", "11"),
    }
    honest = fixture(d, "--id-seed", "12")
    case = d + "/then"
    code, lines, mb = crawl(case, [*sick.values(), honest])
    assert code == 3, (code, lines)
    assert mb < 250 or SANITIZED, mb
    s, by = status(case)
    assert s["accounts_complete"] == ACCOUNTS, s
    for what, host in sick.items():
        assert named(lines, host), (what, lines)
        if what in ("drip", "cut", "busy", "many", "gone"):
            assert by[host]["rests"] + by[host]["given_up"] >= 1, (what, by[host])
    assert by[honest]["rests"] == 0 and by[honest]["incidents"] == 0, by[honest]
    assert by[sick["busy"]]["unavailable"] >= 3 and by[sick["many"]]["busy"] >= 3, by
    assert by[sick["drip"]]["none"] >= 1 and by[sick["html"]]["incidents"] >= 1, by
    out = subprocess.run([xemtrace, "--case", case, "replay", "-q"], capture_output=True, check=False)
    assert out.returncode == 0, out
    stop_all()


with tempfile.TemporaryDirectory() as folder:
    with open(folder + "/chain.ledger", "w", encoding="ascii") as ledger:
        # Synthetic: a root that pays 12 accounts, which pay three each.
        ledger.write("opening bank 1000000\nbank -> root 100000 fee 1 @2\n")
        for i in range(12):
            ledger.write("root -> a%d 5000 fee 1 @%d\n" % (i, i + 3))
        for i in range(36):
            ledger.write("a%d -> b%d 1000 fee 1 @%d\n" % (i // 3, i, i + 15))
    subprocess.run([mkchain, folder + "/chain.ledger", "-o", folder + "/chain.json"], check=True)
    root = subprocess.run([mkchain, "--address", "root"], check=True, capture_output=True,
                          text=True).stdout.split()[0]
    from_the_beginning(folder)
    from_then_on(folder)
print("crawl_sick: ok")
